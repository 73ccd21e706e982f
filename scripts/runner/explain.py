"""One number, explained: what it is, how it came about, the records behind it, and how far to trust it."""

import datetime as dt
import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from runner import publish
from runner.definitions import FILE, Definitions, read_definitions
from runner.errors import CannotRunError, CheckFailedError
from runner.periods import period_words, read_period
from runner.project import DATABASE
from runner.records import Cell, Figures, Records, find_records, open_published
from runner.text import counted, did_you_mean, listed, plain

_FIGURES = ("numerator", "denominator", "value", "n", "ci_low", "ci_high", "is_complete_period", "is_mature")


@dataclass(frozen=True)
class Question:
    """What `kpis.py explain` was asked."""

    source: Path
    kpi: str
    period: str
    member: str | None = None
    limit: int = 20
    csv: Path | None = None


Explanation = dict[str, Any]


def explain(question: Question) -> Explanation:
    """Explain one cell of a published build; with a CSV file named, write all its records there.

    Raises CannotRunError when nothing is published, or the build has no such KPI, period or slice member; and
    CheckFailedError when the records do not give the published value.
    """
    database, definitions = _published(question.source)
    with open_published(database) as connection:
        cards = {card["kpi"]: card for card in definitions["cards"]}
        card = _card(connection, cards, question.kpi)
        model = definitions["models"][card["model"]]
        cell, published = _cell(connection, definitions["vars"], model, question)
        records = find_records(connection, model, cell)
        expected = Figures(
            published["numerator"], published["denominator"], published["value"], published["n"]
        )
        if records.figures != expected:
            raise CheckFailedError(
                f"The {counted(records.total, 'record')} of {cell.kpi} give {records.figures.value}, "
                f"published is {expected.value}: the database was changed since. Publish again: kpis.py run"
            )
        columns, rows = _listing(connection, records, question)
        return {
            "kpi": cell.kpi,
            "label": card["label"],
            "as_of": cell.as_of,
            "period": {
                "grain": cell.grain,
                "first_day": cell.start,
                "last_day": cell.end - dt.timedelta(days=1),
            },
            "slice": cell.slice,
            "slice_value": cell.slice_value,
            "kind": published["kind"],
            **{name: published[name] for name in _FIGURES},
            "measures": records.measures,
            "definition": {
                **{
                    name: card[name]
                    for name in ("measure", "formula", "unit", "direction", "owner", "frequency")
                },
                "description": " ".join(model["description"].split()),
                "sql": model["path"],
            },
            "card": _status(connection, cell),
            "sources": _sources(connection, cell.kpi),
            "confused_with": [
                {
                    "word": row["word"],
                    "told_apart_by": row["told_apart_by"],
                    **_beside(connection, cards, cell, row["kpi"]),
                }
                for row in _confusions(definitions, cell.kpi)
            ],
            "companions": [
                _beside(connection, cards, cell, other)
                for other in (card["companions"] or "").split()
                if other in cards
            ],
            "drivers": _drivers(connection, cell),
            "records": {
                "tables": _tables(connection, model["reads"]),
                "total": records.total,
                "listed": [dict(zip(columns, row, strict=True)) for row in rows],
                "columns": columns,
                "csv": question.csv,
            },
        }


def _published(source: Path) -> tuple[Path, Definitions]:
    folder = source if source.is_dir() else source.parent
    database = source / DATABASE if source.is_dir() else source
    if not database.is_file():
        raise CannotRunError(f"There is no published database at {database}. Publish one first: kpis.py run")
    definitions = read_definitions(folder)
    if definitions is None:
        raise CannotRunError(
            f"{folder} has no {FILE} that this version reads, so nobody knows what its numbers mean. "
            "Publish again: kpis.py run"
        )
    return database, definitions


def _card(connection: duckdb.DuckDBPyConnection, cards: dict[str, Any], kpi: str) -> dict[str, Any]:
    if kpi not in cards:
        raise CannotRunError(
            f"There is no KPI '{plain(kpi, 60)}'.{_nearest_kpis(kpi, cards)} docs/kpis.md lists them all."
        )
    known = _one(connection, "select count(*) from published.scorecard.kpi_values where kpi = ?", [kpi])
    if not known or not known[0]:
        raise CannotRunError(
            f"{kpi} has no values in this build: its sources have no rows, or make no period of this build. "
            f"It reads what {cards[kpi]['model']} reads; see scorecard.source_health."
        )
    found: dict[str, Any] = cards[kpi]
    return found


def _nearest_kpis(name: str, cards: dict[str, Any]) -> str:
    """The three KPIs whose names or labels look most like a name, or contain it."""
    said = {kpi: kpi for kpi in cards} | {
        str(card["label"]).lower().replace(" ", "_"): kpi for kpi, card in cards.items()
    }
    wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
    close = difflib.get_close_matches(wanted, said, n=6, cutoff=0.6)
    close += [key for key in said if wanted and wanted in key]
    found = list(dict.fromkeys(said[key] for key in close))[:3]
    return f" Did you mean {' or '.join(found)}?" if found else ""


def _cell(
    connection: duckdb.DuckDBPyConnection,
    variables: dict[str, Any],
    model: dict[str, Any],
    question: Question,
) -> tuple[Cell, dict[str, Any]]:
    """The cell that was asked for, and what is published of it."""
    kpi = question.kpi
    grain, start = read_period(
        question.period, variables["fiscal_year_start_month"], variables["week_starts_on"]
    )
    if grain == "week" and model["events"].get("whole_months"):
        raise CannotRunError(f"{kpi} has no weeks: it goes by whole months.")
    slice_name, member = _member(connection, kpi, question.member)
    found = connection.execute(
        "select * from published.scorecard.kpi_values "
        "where kpi = ? and period_grain = ? and period_start = ? and slice = ? and slice_value = ?",
        [kpi, grain, start, slice_name, member],
    )
    names = [column[0] for column in found.description or []]
    row = found.fetchone()
    if row is None:
        raise CannotRunError(_why_there_is_none(connection, kpi, grain, start, slice_name, member))
    published = dict(zip(names, row, strict=True))
    cell = Cell(kpi, grain, start, published["period_end"], slice_name, member, published["as_of_date"])
    return cell, published


def _member(connection: duckdb.DuckDBPyConnection, kpi: str, asked: str | None) -> tuple[str, str]:
    if asked is None:
        return "all", "all"
    slice_name, separator, member = asked.partition("=")
    slices = _names(
        connection, "select distinct slice from published.scorecard.kpi_values where kpi = ?", [kpi]
    )
    cuts = [name for name in slices if name != "all"]
    if not separator:
        example = f"{cuts[0]}=NAME" if cuts else "without one: it is not sliced"
        raise CannotRunError(f"'{plain(asked, 60)}' is no slice and value. Write it as {example}.")
    if slice_name not in slices:
        has = f"It is cut by {listed(cuts)}." if cuts else "It is not sliced."
        raise CannotRunError(
            f"{kpi} has no slice '{plain(slice_name, 60)}'. {has}{did_you_mean(slice_name, cuts)}"
        )
    members = _names(
        connection,
        "select distinct slice_value from published.scorecard.kpi_values where kpi = ? and slice = ?",
        [kpi, slice_name],
    )
    if member not in members:
        raise CannotRunError(
            f"{kpi} has no {slice_name} '{plain(member, 60)}'. There are: {listed(members)}."
            f"{did_you_mean(member, members)}"
        )
    return slice_name, member


def _why_there_is_none(
    connection: duckdb.DuckDBPyConnection, kpi: str, grain: str, start: dt.date, slice_name: str, member: str
) -> str:
    grains = _names(
        connection, "select distinct period_grain from published.scorecard.kpi_values where kpi = ?", [kpi]
    )
    if grain not in grains:
        return (
            f"This build has no {grain}s of {kpi}, only {listed(grains)}. Add {grain} to the var kpi_periods."
        )
    of = "" if slice_name == "all" else f" for {slice_name} {plain(member)}"
    bounds = _one(
        connection,
        "select min(period_start), max(period_start) from published.scorecard.kpi_values "
        "where kpi = ? and period_grain = ? and slice = ? and slice_value = ?",
        [kpi, grain, slice_name, member],
    )
    return f"There is no {grain} from {start} of {kpi}{of}: they begin from {bounds[0]} to {bounds[1]}."


def _listing(
    connection: duckdb.DuckDBPyConnection, records: Records, question: Question
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The first records; all of them as CSV, where that was asked for."""
    if question.csv:
        connection.execute(f"create temp table records as {records.query}")
        publish.write_table(connection, "records", question.csv, "csv")
    found = connection.execute(f"{records.query} limit {max(question.limit, 0)}")
    return [column[0] for column in found.description or []], found.fetchall()


def _tables(connection: duckdb.DuckDBPyConnection, reads: list[str]) -> list[str]:
    """The facts that a model reads, with their schema."""
    return _names(
        connection,
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'published' "
        "and list_contains(?, table_name) and table_name like 'fct_%'",
        [reads],
    )


def _beside(
    connection: duckdb.DuckDBPyConnection, cards: dict[str, Any], cell: Cell, other: str
) -> dict[str, Any]:
    """Another KPI in the same period and slice member."""
    found = _one(
        connection,
        "select kind, numerator, denominator, value, n from published.scorecard.kpi_values "
        "where kpi = ? and period_grain = ? and period_start = ? and slice = ? and slice_value = ?",
        [other, cell.grain, cell.start, cell.slice, cell.slice_value],
    ) or (None, None, None, None, None)
    names = ("kind", "numerator", "denominator", "value", "n")
    card = cards[other]
    return {
        "kpi": other,
        "label": card["label"],
        "formula": card["formula"],
        **dict(zip(names, found, strict=True)),
    }


def _confusions(definitions: Definitions, kpi: str) -> list[dict[str, str]]:
    """The rows of every word that people use for this KPI and for others; this KPI among them."""
    words = [row["word"] for row in definitions["confusions"] if row["kpi"] == kpi]
    return [row for row in definitions["confusions"] if row["word"] in words]


def _status(connection: duckdb.DuckDBPyConnection, cell: Cell) -> dict[str, Any] | None:
    """The verdict of the scorecard; None where the KPI is not on it."""
    if not _has(connection, "kpi_scorecard"):
        return None
    names = (
        "status",
        "status_reason",
        "target",
        "signal",
        "signal_verdict",
        "previous",
        "same_period_last_year",
    )
    found = _one(
        connection,
        f"select {', '.join(names)} from published.scorecard.kpi_scorecard "
        "where kpi = ? and period_grain = ? and period_start = ? and slice = ? and slice_value = ?",
        [cell.kpi, cell.grain, cell.start, cell.slice, cell.slice_value],
    )
    return dict(zip(names, found, strict=True)) if found else None


def _drivers(connection: duckdb.DuckDBPyConnection, cell: Cell) -> list[dict[str, Any]]:
    """What moved the number, by every explanation that growth_drivers has: the largest effects first."""
    if not _has(connection, "growth_drivers"):
        return []
    names = (
        "comparison",
        "explanation",
        "cut_by",
        "driver",
        "driver_base",
        "driver_value",
        "effect",
        "contribution",
    )
    found = connection.execute(
        f"select {', '.join(names)}, base_value, change from published.explain.growth_drivers "
        "where kpi = ? and period_grain = ? and period_start = ? and slice = ? and slice_value = ? "
        "order by comparison, explanation, cut_by, abs(effect) desc, driver",
        [cell.kpi, cell.grain, cell.start, cell.slice, cell.slice_value],
    ).fetchall()
    return [dict(zip((*names, "base_value", "change"), row, strict=True)) for row in found]


def _sources(connection: duckdb.DuckDBPyConnection, kpi: str) -> dict[str, Any] | None:
    if not _has(connection, "kpi_source_status"):
        return None
    names = ("source_status", "source_score", "worst_entity", "worst_check", "reason", "sources_text")
    found = _one(
        connection,
        f"select {', '.join(names)} from published.scorecard.kpi_source_status where kpi = ?",
        [kpi],
    )
    return dict(zip(names, found, strict=True)) if found else None


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(
        _names(
            connection,
            "select table_name from duckdb_tables() where database_name = 'published' and table_name = ?",
            [table],
        )
    )


def _names(connection: duckdb.DuckDBPyConnection, query: str, parameters: Iterable[Any]) -> list[str]:
    return sorted(str(row[0]) for row in connection.execute(query, list(parameters)).fetchall())


def _one(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> tuple[Any, ...]:
    found = connection.execute(query, parameters).fetchone()
    return tuple(found) if found else ()


def period_of(explanation: Explanation) -> str:
    """The period of an explanation in words."""
    period = explanation["period"]
    return period_words(period["grain"], period["first_day"], period["last_day"] + dt.timedelta(days=1))


def number(value: Any) -> str:
    """A number to the last digit that it has, with thousands; `-` for none."""
    if value is None:
        return "-"
    if not isinstance(value, Decimal):
        return f"{value:,}"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
