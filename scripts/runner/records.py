"""The records behind a cell of a KPI, by the very SQL that made the number.

The SQL of a KPI model ends its events in the CTE `counted_events` and makes its cells from there, by way of
`placed_events` (macros/kpi/kpi_from.sql). The first half, cut to one cell, lists the records; the second,
run over that list, must give the published value again.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from runner.errors import CannotRunError, no_database
from runner.sql import literal, quoted

_CUT = "\nplaced_events as (\n"
_LISTED = "with counted_events as (select * from listed),\n"


@dataclass(frozen=True)
class Cell:
    """One number of scorecard.kpi_values: which KPI, when, of whom; `end` is the first day after."""

    kpi: str
    grain: str
    start: dt.date
    end: dt.date
    slice: str
    slice_value: str
    as_of: dt.date


@dataclass(frozen=True)
class Figures:
    """What is known of a cell: both sides of its quotient, its value, and the records behind it."""

    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    n: int


@dataclass(frozen=True)
class Records:
    """The records of a cell, in the temporary table `listed`: its query, and what they come to."""

    query: str
    total: int
    measures: dict[str, Decimal]
    figures: Figures


def open_published(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection with a published database attached as `published`, read only.

    Raises CannotRunError when it is not there, or holds no KPI values.
    """
    if not database.is_file():
        raise CannotRunError(f"There is no published database at {database}. Publish one first: kpis.py run")
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    try:
        connection.execute(f"attach {literal(str(database))} as published (read_only)")
    except duckdb.Error as error:
        raise no_database(database) from error
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'published'"
    ).fetchall()
    if ("scorecard", "kpi_values") not in tables:
        connection.close()
        raise CannotRunError(
            f"{database} has no table scorecard.kpi_values. Name a build that run published."
        )
    return connection


def _as_it_was_built(connection: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> None:
    """The catalog that the SQL of a model names, over the published tables that it reads; and the clock."""
    connection.execute("attach if not exists ':memory:' as pipeline_kpis")
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = 'published' and list_contains(?, table_name) and table_name <> 'int_clock'",
        [model["reads"]],
    ).fetchall()
    for schema, table in tables:
        relation = f"{quoted(schema)}.{quoted(table)}"
        connection.execute(f"create schema if not exists pipeline_kpis.{quoted(schema)}")
        connection.execute(
            f"create or replace view pipeline_kpis.{relation} as select * from published.{relation}"
        )
    connection.execute("create schema if not exists pipeline_kpis.intermediate")
    connection.execute(
        "create or replace view pipeline_kpis.intermediate.int_clock as "
        "select max(as_of_date) as as_of_date from published.scorecard.kpi_values"
    )


def find_records(connection: duckdb.DuckDBPyConnection, model: dict[str, Any], cell: Cell) -> Records:
    """List the records of a cell in the temporary table `listed`, and make its figures of them again."""
    _as_it_was_built(connection, model)
    before, after = _halves(model)
    events = model["events"]
    columns = events["columns"][cell.kpi]
    kept, parameters = _of_the_cell(events, cell)
    counts = _that_count(events, columns, cell)
    if events["kind"] not in ("balance", "derived"):
        kept += f" and ({counts})"
    known = connection.execute(f"describe {before} select * from counted_events").fetchall()
    names = [str(row[0]) for row in known]
    listed = "select *"
    grouped = ""
    if events["kind"] == "balance":
        others = [name for name in names if name not in ("period_date", *columns.values())]
        sums = [f"sum({quoted(column)}) as {quoted(column)}" for column in columns.values()]
        listed = "select " + ", ".join([*map(quoted, others), "min(period_date) as period_date", *sums])
        grouped = f" group by {', '.join(map(quoted, others))} having " + " or ".join(
            f"sum({quoted(column)}) <> 0" for column in columns.values()
        )
    connection.execute(
        f"create or replace temp table listed as {before} {listed} from counted_events where {kept}{grouped}",
        parameters,
    )
    shown = [
        f"case when {_on_last_day(cell)} then {quoted(column)} end as {quoted(part)}"
        if events["kind"] == "derived" and column in events["stocks"]
        else f"{quoted(column)} as {quoted(part)}"
        for part, column in columns.items()
    ]
    others = [name for name in names if name not in ("record_id", "period_date", "period_grain")]
    used = {column for of_kpi in events["columns"].values() for column in of_kpi.values()}
    slices = [quoted(name) for name in others if name not in used]
    selected = ["record_id", "period_date as date", *shown, *slices]
    longest = "nulls first" if events["kind"] in ("median", "p90") else "nulls last"
    rest = ", ".join(str(place) for place in range(4, len(selected) + 1))
    query = (
        f"select {', '.join(selected)} from listed where {counts} "
        f"order by 3 desc {longest}, 2, 1{', ' + rest if rest else ''}"
    )
    return Records(
        query=query,
        total=int(_one(connection, f"select count(*) from listed where {counts}")[0]),
        measures=_measures(connection, events, columns, cell) if events["kind"] == "derived" else {},
        figures=_figures(connection, after, events, cell),
    )


def _halves(model: dict[str, Any]) -> tuple[str, str]:
    """The SQL of a model up to its events, and from there to its cells."""
    before, cut, after = str(model["sql"]).partition(_CUT)
    if not cut or _CUT in after:
        raise CannotRunError(
            f"The SQL of {model['path']} has no single CTE 'placed_events': end it in kpi_from()."
        )
    return before.rstrip().removesuffix(","), _LISTED + cut.lstrip() + after


def _of_the_cell(events: dict[str, Any], cell: Cell) -> tuple[str, list[Any]]:
    """Which events belong to a cell: a condition and its parameters."""
    conditions = ["period_date < ?"]
    parameters: list[Any] = [cell.end]
    if events["kind"] != "balance":
        conditions.append("period_date >= ?")
        parameters.append(cell.start)
    if events["per_grain"]:
        conditions.append("period_grain = ?")
        parameters.append(cell.grain)
    if events["kind"] == "stock":
        conditions.append(_on_last_day(cell))
    if cell.slice != "all":
        conditions.append(f"coalesce(cast({quoted(cell.slice)} as varchar), '(none)') = ?")
        parameters.append(cell.slice_value)
    return " and ".join(conditions), parameters


def _that_count(events: dict[str, Any], columns: dict[str, str], cell: Cell) -> str:
    """Which events of a cell count: a measure of 0 adds nothing, a denominator of 0 is a record."""
    kind = events["kind"]
    if kind in ("median", "p90"):
        return "true"
    counts = []
    for part, column in columns.items():
        if part.endswith("_key") or part == "denominator" or kind in ("count", "sum", "per_day", "stock"):
            counts.append(f"{quoted(column)} is not null")
        elif column in events["stocks"]:
            counts.append(f"({quoted(column)} <> 0 and {_on_last_day(cell)})")
        else:
            counts.append(f"{quoted(column)} <> 0")
    return " or ".join(counts)


def _on_last_day(cell: Cell) -> str:
    last = min(cell.end - dt.timedelta(days=1), cell.as_of)
    return f"period_date = date '{last}'"


def _measures(
    connection: duckdb.DuckDBPyConnection, events: dict[str, Any], columns: dict[str, str], cell: Cell
) -> dict[str, Decimal]:
    """What each measure of a derived KPI adds up to."""
    sums = [
        f"sum(case when {_on_last_day(cell)} then {quoted(column)} end)"
        if column in events["stocks"]
        else f"sum({quoted(column)})"
        for column in columns.values()
    ]
    found = _one(connection, f"select {', '.join(sums)} from listed")
    return dict(zip(columns, (Decimal(cell or 0) for cell in found), strict=True))


def _figures(
    connection: duckdb.DuckDBPyConnection, cells: str, events: dict[str, Any], cell: Cell
) -> Figures:
    """The cell, made of the listed records as the build made it; without any, as kpi_values fills it."""
    found = connection.execute(
        f"select numerator, denominator, value, n from ({cells}) "
        "where kpi = ? and period_grain = ? and slice = ? and slice_value = ? and period_start <= ? "
        "order by period_start desc limit 1",
        [cell.kpi, cell.grain, cell.slice, cell.slice_value, cell.start],
    ).fetchone()
    if found:
        return Figures(found[0], found[1], found[2], int(found[3] or 0))
    if events["kind"] == "per_day":
        days = (min(cell.end, cell.as_of + dt.timedelta(days=1)) - cell.start).days
        return Figures(Decimal(0), Decimal(days), Decimal(0), 0)
    adds = events["kind"] in ("count", "sum", "distinct", "stock", "balance")
    zero = Decimal(0) if events["kind"] != "derived" else None
    quotient = events["kind"] in ("rate", "ratio", "distinct_ratio", "median", "p90")
    return Figures(zero, zero if quotient else None, zero if adds else None, 0)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    found = connection.execute(query).fetchone()
    return tuple(found) if found else ()
