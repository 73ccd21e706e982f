"""Which numbers differ between two builds, by how much, and which definitions changed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from runner.definitions import FILE
from runner.errors import CannotRunError, no_database
from runner.meanings import Meaning, differing_meanings
from runner.sides import Side, words_of
from runner.sql import literal
from runner.text import did_you_mean, listed, plain

_KEY = ("kpi", "period_grain", "period_start", "slice", "slice_value")
_FIGURES = ("numerator", "denominator", "value", "n")

# The distance is the move over the larger of the two values: from 0 to 1 is as far as from 1 to 0. Cells that
# only one side has are no move: another as-of date brings them.
_DIFFERENCES = """
create temp table differences as
select
    *,
    case
        when change <> 'moved' or value_before is not distinct from value_after then 0
        when value_before is null or value_after is null then 1
        else abs(value_after - value_before) / greatest(abs(value_before), abs(value_after))
    end as distance,
    list_position(['year', 'quarter', 'month', 'week'], period_grain) as grain_order
from (
    select
        coalesce(a.kpi, b.kpi) as kpi,
        coalesce(b.kind, a.kind) as kind,
        coalesce(a.period_grain, b.period_grain) as period_grain,
        coalesce(a.period_start, b.period_start) as period_start,
        coalesce(a.slice, b.slice) as slice,
        coalesce(a.slice_value, b.slice_value) as slice_value,
        case when a.kpi is null then 'added' when b.kpi is null then 'removed' else 'moved' end as change,
        {sides}
    from {one}.scorecard.kpi_values as a
    full join {other}.scorecard.kpi_values as b
        on {key}
    where a.kpi is null or b.kpi is null or {differ}
)
"""
_NEAREST_FIRST = (
    "slice <> 'all', change <> 'moved', grain_order, distance desc, period_start desc, slice, slice_value"
)


@dataclass(frozen=True)
class MovedKpi:
    """A KPI that differs: how many of its cells, of which periods and slices, where most, and why."""

    kpi: str
    label: str
    kind: str
    changed: dict[str, int]
    grains: dict[str, int]
    slices: dict[str, int]
    first_period: Any
    last_period: Any
    distance: float
    in_the_whole: bool
    largest: list[dict[str, Any]]
    because: list[str]


@dataclass(frozen=True)
class Diff:
    """All that differs between two builds; `notes` say what could not be compared, or compares badly."""

    one: str
    other: str
    notes: list[str]
    kpis: list[MovedKpi]
    added: list[str]
    removed: list[str]
    compared: int
    meanings: list[Meaning] = field(default_factory=list)

    @property
    def moved_cells(self) -> int:
        """How many cells of KPIs that both builds have differ."""
        return sum(sum(kpi.changed.values()) for kpi in self.kpis)

    @property
    def moved(self) -> bool:
        """Whether any number differs; definitions alone move nothing."""
        return bool(self.kpis or self.added or self.removed)


def compare(one: Side, other: Side, limit: int, kpi: str | None = None) -> Diff:
    """Compare two builds; of each KPI the `limit` largest differences are kept.

    Raises CannotRunError when one of them holds no KPI values, or lacks a column that both need.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = _attached(connection, one.database, other.database)
        figures = _compared_figures(connection, dict(zip(names, (one, other), strict=True)), names)
        as_of = [_as_of(connection, name) for name in names]
        connection.execute(
            _DIFFERENCES.format(
                sides=", ".join(f"a.{name} as {name}_before, b.{name} as {name}_after" for name in figures),
                one=names[0],
                other=names[1],
                key=" and ".join(f"a.{name} = b.{name}" for name in _KEY),
                differ=" or ".join(f"a.{name} is distinct from b.{name}" for name in figures),
            )
        )
        kpis = [_kpis(connection, name) for name in names]
        meanings = (
            differing_meanings(one.definitions, other.definitions)
            if one.definitions and other.definitions
            else []
        )
        if kpi and kpi not in kpis[0] | kpis[1]:
            raise CannotRunError(
                f"Neither build has a KPI '{plain(kpi, 60)}'.{did_you_mean(kpi, kpis[0] | kpis[1])}"
            )
        kpis = [names & {kpi} if kpi else names for names in kpis]
        both = kpis[0] & kpis[1]
        why = _Why(meanings, bool(one.definitions and other.definitions), as_of[0] == as_of[1])
        moved = _moved(connection, both, _labels(one, other), limit, why)
        compared = max(_count(connection, name) for name in names)
    return Diff(
        words_of(one, as_of[0]),
        words_of(other, as_of[1]),
        _notes(one, other, as_of, figures),
        moved,
        sorted(kpis[1] - kpis[0]),
        sorted(kpis[0] - kpis[1]),
        compared,
        [meaning for meaning in meanings if kpi is None or kpi in meaning.kpis],
    )


def _attached(connection: duckdb.DuckDBPyConnection, one: Path, other: Path) -> tuple[str, str]:
    """Both databases, read only. One that is both sides is opened once."""
    names = ("one", "one" if one.samefile(other) else "other")
    for name, path in dict(zip(names, (one, other), strict=True)).items():
        try:
            connection.execute(f"attach {literal(str(path))} as {name} (read_only)")
        except duckdb.Error as error:
            raise no_database(path) from error
    return names


def _compared_figures(
    connection: duckdb.DuckDBPyConnection, sides: dict[str, Side], names: tuple[str, str]
) -> list[str]:
    """The figures that both sides have. Raises CannotRunError when a side lacks the key or the value."""
    found = []
    for name in names:
        columns = {
            str(row[0])
            for row in connection.execute(
                "select column_name from duckdb_columns() where database_name = ? "
                "and schema_name = 'scorecard' and table_name = 'kpi_values'",
                [name],
            ).fetchall()
        }
        if not columns:
            raise CannotRunError(
                f"{sides[name].database} has no table scorecard.kpi_values. Name a build that run published."
            )
        missing = [column for column in (*_KEY, "as_of_date", "kind", "value") if column not in columns]
        if missing:
            raise CannotRunError(
                f"{sides[name].database} has a scorecard.kpi_values without {listed(missing)}: it is "
                "of another version. Build that version again: kpis.py diff git:REVISION"
            )
        found.append(columns)
    return [name for name in _FIGURES if all(name in columns for columns in found)]


def _as_of(connection: duckdb.DuckDBPyConnection, name: str) -> Any:
    found = connection.execute(f"select max(as_of_date) from {name}.scorecard.kpi_values").fetchone()
    return found[0] if found else None


def _kpis(connection: duckdb.DuckDBPyConnection, name: str) -> set[str]:
    found = connection.execute(f"select distinct kpi from {name}.scorecard.kpi_values").fetchall()
    return {str(row[0]) for row in found}


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    found = connection.execute(f"select count(*) from {name}.scorecard.kpi_values").fetchone()
    return int(found[0]) if found else 0


def _labels(one: Side, other: Side) -> dict[str, str]:
    return {
        card["kpi"]: str(card["label"])
        for side in (one, other)
        for card in (side.definitions or {}).get("cards", [])
    }


def _moved(
    connection: duckdb.DuckDBPyConnection, kpis: set[str], labels: dict[str, str], limit: int, why: "_Why"
) -> list[MovedKpi]:
    """The KPIs that differ, those that moved in the whole first, the largest move first."""
    found = []
    differing = connection.execute(
        "select kpi, any_value(kind), min(period_start), max(period_start) from differences group by 1"
    ).fetchall()
    for kpi, kind, first_period, last_period in differing:
        if kpi not in kpis:
            continue
        largest = _largest(connection, kpi, max(limit, 1))
        found.append(
            MovedKpi(
                kpi=kpi,
                label=labels.get(kpi, kpi),
                kind=kind,
                changed=_tally(connection, "change", kpi),
                grains=_tally(connection, "period_grain", kpi),
                slices=_tally(connection, "slice", kpi),
                first_period=first_period,
                last_period=last_period,
                distance=float(largest[0]["distance"]),
                in_the_whole=(largest[0]["slice"], largest[0]["change"]) == ("all", "moved"),
                largest=largest[:limit],
                because=why.of(kpi),
            )
        )
    return sorted(found, key=lambda moved: (not moved.in_the_whole, -moved.distance, moved.kpi))


def _tally(connection: duckdb.DuckDBPyConnection, column: str, kpi: str) -> dict[str, int]:
    """How many cells of a KPI differ, by a column; the whole before the slices, long periods before short."""
    found = connection.execute(
        f"select {column}, count(*) from differences where kpi = ? "
        f"group by 1 order by min(slice <> 'all'), min(grain_order), 1",
        [kpi],
    ).fetchall()
    return {str(name): int(count) for name, count in found}


def _largest(connection: duckdb.DuckDBPyConnection, kpi: str, limit: int) -> list[dict[str, Any]]:
    found = connection.execute(
        f"select * exclude (kpi, kind, grain_order) from differences where kpi = ? "
        f"order by {_NEAREST_FIRST} limit {limit}",
        [kpi],
    )
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@dataclass(frozen=True)
class _Why:
    """What may have moved a KPI."""

    meanings: list[Meaning]
    are_known: bool
    same_day: bool

    def of(self, kpi: str) -> list[str]:
        """The definitions that reach a KPI and differ; where none does, the data or the day."""
        found = [
            meaning.title
            for meaning in self.meanings
            if kpi in meaning.kpis and meaning.kind not in ("card", "source")
        ]
        if found:
            return found
        if not self.same_day:
            return ["another as-of date"]
        return ["its data"] if self.are_known else ["unknown"]


def _notes(one: Side, other: Side, as_of: list[Any], figures: list[str]) -> list[str]:
    """What to know before the numbers are compared."""
    notes = []
    if as_of[0] != as_of[1]:
        notes.append(f"The as-of dates differ, {as_of[0]} and {as_of[1]}: later data moves numbers too.")
    for side in (one, other):
        if side.definitions is None:
            notes.append(
                f"{side.name} has no {FILE} that this version reads: which definitions changed is unknown."
            )
    missing = [name for name in _FIGURES if name not in figures]
    if missing:
        notes.append(f"One of them has no {listed(missing)}: only {listed(figures)} are compared.")
    sums = [(side.facts.get("mapping") or {}).get("sha256") for side in (one, other)]
    if one.facts and other.facts and sums[0] != sums[1]:
        notes.append("The mappings differ, so they may have read different files.")
    return notes
