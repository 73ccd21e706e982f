"""What the report reads: the published database, and the definitions beside it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from runner.definitions import read_definitions
from runner.errors import CannotRunError
from runner.project import DATABASE, open_database
from runner.report.formats import GRAINS, Row

_CARD = "kpi, label, family, unit, direction, frequency, owner"


@dataclass(frozen=True)
class Published:
    """A published build, open for reading."""

    connection: duckdb.DuckDBPyConnection
    tables: frozenset[str]
    definitions: dict[str, Any]

    def has(self, *tables: str) -> bool:
        """Whether all these tables, named with their schema, were published."""
        return self.tables.issuperset(tables)

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[Row]:
        """The rows of a query, as dicts."""
        found = self.connection.execute(sql, parameters or [])
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    @property
    def currency(self) -> str:
        """The reporting currency; nothing where no definitions were published."""
        return str(self.definitions.get("vars", {}).get("reporting_currency") or "")


@contextmanager
def opened(source: Path) -> Iterator[Published]:
    """Open a published folder or its database. Raises CannotRunError when there is none."""
    database = source / DATABASE if source.is_dir() else source
    if not database.is_file():
        raise CannotRunError(f"There is no published database at {database}. Publish one first: kpis.py run")
    definitions = read_definitions(database.parent) or {}
    with open_database(database) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        tables = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        yield Published(connection, frozenset(str(row[0]) for row in tables), definitions)


def as_of(published: Published) -> dt.date | None:
    """The last day that counts; None for a company without rows."""
    for table in ("scorecard.kpi_values", "scorecard.kpi_scorecard", "scorecard.source_health"):
        if published.has(table):
            found = published.rows(f"select max(as_of_date) as day from {table}")
            if found[0]["day"]:
                day: dt.date = found[0]["day"]
                return day
    return None


def cards(published: Published) -> list[Row]:
    """The latest cards of the whole company, the most urgent first."""
    if not published.has("scorecard.kpi_scorecard"):
        return []
    order = "scorecard.executive_summary"
    position = f"(select min(position) from {order} as page where page.kpi = card.kpi)"
    return published.rows(
        f"select card.*, {position if published.has(order) else '1'} as position "
        "from scorecard.kpi_scorecard as card where is_latest and slice = 'all' order by position, label"
    )


def kpis(published: Published) -> list[Row]:
    """Every KPI that has a card or a value, by family and label, with what its card says."""
    known: dict[str, Row] = {}
    if published.has("scorecard.kpi_values"):
        for row in published.rows("select distinct kpi from scorecard.kpi_values"):
            known[row["kpi"]] = {
                **dict.fromkeys(("measure", "formula", "owner", "companions"), ""),
                "kpi": row["kpi"],
                "label": row["kpi"].replace("_", " "),
                "family": "other",
                "unit": "ratio",
                "direction": "context",
                "frequency": "monthly",
            }
    if published.has("scorecard.kpi_scorecard"):
        on_scorecard = published.rows(
            f"select distinct {_CARD}, measure_text as measure, formula_text as formula, companions "
            "from scorecard.kpi_scorecard"
        )
        known |= {row["kpi"]: {**known.get(row["kpi"], {}), **row} for row in on_scorecard}
    known |= {
        card["kpi"]: {**known.get(card["kpi"], {}), **card} for card in published.definitions.get("cards", [])
    }
    return sorted(known.values(), key=lambda card: (card["family"], card["label"]))


def series(published: Published, grains: dict[str, str]) -> dict[str, list[Row]]:
    """Each KPI of the whole company over time, in its grain, with its limits, signals and targets."""
    if not published.has("scorecard.kpi_values"):
        return {}
    columns, joins = "", ""
    keys = "kpi, period_grain, period_start, slice, slice_value"
    if published.has("scorecard.kpi_signals"):
        columns += ", process.center, process.lower_limit, process.upper_limit, process.verdict"
        joins += f" left join scorecard.kpi_signals as process using ({keys})"
    if published.has("scorecard.kpi_scorecard"):
        columns += ", card.target"
        joins += f" left join scorecard.kpi_scorecard as card using ({keys})"
    found = published.rows(
        "select kpi, period_grain, period_start, cell.value, cell.n, cell.ci_low, cell.ci_high, "
        f"cell.is_complete_period, cell.is_mature{columns} from scorecard.kpi_values as cell{joins} "
        "where slice = 'all' order by kpi, period_start"
    )
    by_kpi: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        if row["period_grain"] == grains.get(row["kpi"]):
            by_kpi[row["kpi"]].append(row)
    return dict(by_kpi)


def grain_of(card: Row) -> str:
    """The kind of period in which a KPI is looked at."""
    return GRAINS.get(card.get("frequency") or "", "month")


def latest_of(periods: list[Row]) -> Row | None:
    """The last period that is over and whose outcomes are in; None without one."""
    ready = [row for row in periods if row["is_complete_period"] and row["is_mature"]]
    return ready[-1] if ready else None


def members(published: Published, periods: dict[str, Row]) -> dict[str, list[Row]]:
    """Each KPI by the members of its slices, in the period given for it."""
    if not periods or not published.has("scorecard.kpi_values"):
        return {}
    columns, joins = "", ""
    if published.has("scorecard.kpi_scorecard"):
        columns = ", card.target, card.attainment, card.status, card.status_reason, card.signal_verdict"
        joins = (
            " left join scorecard.kpi_scorecard as card "
            "using (kpi, period_grain, period_start, slice, slice_value)"
        )
    found = published.rows(
        "with wanted as (select unnest($1) as kpi, unnest($2) as period_grain, unnest($3) as period_start) "
        f"select kpi, slice, slice_value, cell.value, cell.n, cell.ci_low, cell.ci_high{columns} "
        f"from scorecard.kpi_values as cell join wanted using (kpi, period_grain, period_start){joins} "
        "where slice != 'all' order by kpi, slice, cell.value desc nulls last, slice_value",
        [
            list(periods),
            [row["period_grain"] for row in periods.values()],
            [row["period_start"] for row in periods.values()],
        ],
    )
    by_kpi: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        by_kpi[row["kpi"]].append(row)
    return dict(by_kpi)


def optional(published: Published, table: str, sql: str, parameters: list[Any] | None = None) -> list[Row]:
    """The rows of a query of one table; none where the table was not published."""
    return published.rows(sql, parameters) if published.has(table) else []


def focus(published: Published, limit: int) -> list[Row]:
    """Where to look first."""
    table = "scorecard.focus_list"
    return optional(published, table, f"select * from {table} order by position limit $1", [limit])


def sources(published: Published) -> list[Row]:
    """One row per source: its worst check, and how many of its checks are fine."""
    return optional(
        published,
        "scorecard.source_health",
        """
        select
            entity,
            case
                when bool_or(status = 'red') then 'red'
                when bool_or(status = 'amber') then 'amber'
                when bool_or(status = 'green') then 'green'
                else 'grey'
            end as status,
            max(row_count) as row_count,
            count(*) filter (status != 'grey') as judged,
            count(*) filter (status = 'green') as fine,
            list(check_name || case column_name when '(rows)' then '' else ' of ' || column_name end || ': '
                || reason order by status desc, score) filter (status in ('red', 'amber')) as findings
        from scorecard.source_health
        group by entity
        order by
            bool_or(status = 'red') desc, bool_or(status = 'amber') desc, bool_or(status = 'green') desc,
            entity
        """,
    )


def row_counts(published: Published) -> Row | None:
    """How many rows were read, and how many of them could not be used."""
    table = "audit.row_accounting"
    sql = f"select sum(raw_rows) as raw_rows, sum(rejected_rows) as rejected_rows from {table}"
    found = optional(published, table, sql)
    return found[0] if found and found[0]["raw_rows"] else None


def pacing(published: Published) -> list[Row]:
    """The periods that are not over yet."""
    return optional(
        published,
        "scorecard.kpi_pacing",
        "select * from scorecard.kpi_pacing where slice = 'all' and target is not null "
        "order by pace nulls last, kpi, period_grain",
    )
