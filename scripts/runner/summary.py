"""What a run prints on standard output: the last whole periods' KPIs, where rows went, where things are."""

import json
import sys
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.answer import Answer
from runner.catalogue import PAGE
from runner.changes import changes_since
from runner.project import DATABASE
from runner.text import plain

_PERIODS = ("quarter", "year", "month", "week")


def show_summary(folder: Path, shown_as: Path, answer: Answer) -> None:
    """Answer with the summary of a published folder; `shown_as` is the path that readers know it by."""
    facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    previous = facts["previous_build"]
    changes = changes_since(folder.parent / previous, folder) if previous else None
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        if answer.as_json:
            answer.facts |= {"published": str(shown_as), "folder": str(folder), **facts}
            answer.facts["changes"] = asdict(changes) if changes else None
            answer.facts["look_first_at"] = _focus(connection)
            return
        _show_kpis(connection, facts)
        _show_focus(connection)
        _show_rows(connection, facts)
    tables = {file["table"] for file in facts["files"] if "table" in file}
    print(f"\nPublished    {shown_as}")
    print(f"             {DATABASE}, kpi_scorecard.xlsx and .json, run.json")
    if (folder / "report").is_dir():
        print("             report/index.html: the report, for a browser")
    if (folder / PAGE).is_file():
        print(f"             {PAGE.as_posix()}: every model and column behind it")
    tested = f"{facts['tests_passed']} tests passed"
    print(f"             {len(tables)} tables, each also as Parquet and CSV; {tested}")
    if changes:
        print(f"Changed      {changes.words}")
    print("Read it      docs/bi.md: Superset, Metabase, Power BI, Tableau, Excel, DuckDB")


def print_table(headings: list[str], rows: list[list[str]], right: set[int]) -> None:
    """Print a table without markup, as wide as it needs to be where nobody watches."""
    width = None if sys.stdout.isatty() else 200
    console = Console(file=sys.stdout, markup=False, highlight=False, width=width, color_system=None)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for number, heading in enumerate(headings):
        table.add_column(Text(heading), justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    with console.capture() as shown:
        console.print(table)
    for line in shown.get().splitlines():
        print(line.rstrip())


def _show_kpis(connection: duckdb.DuckDBPyConnection, facts: dict[str, Any]) -> None:
    print(f"As of {facts['as_of'] or 'no date: there are no rows'}\n")
    found = connection.execute(
        """
        select period_grain, max(period_start)
        from scorecard.kpi_values
        where slice = 'all' and is_complete_period
        group by 1
        """
    ).fetchall()
    periods = sorted(found, key=lambda period: _PERIODS.index(period[0]))[:2]
    if not periods:
        print("No period is complete yet, so there are no KPI values to show.\n")
        return
    cards = dict(
        connection.execute(
            """
            select kpi, any_value(label)
            from scorecard.kpi_scorecard
            group by kpi
            order by any_value(family), kpi
            """
        ).fetchall()
    )
    kpis: dict[str, dict[str, str]] = {}
    for grain, start in periods:
        values = connection.execute(
            """
            select kpi, kind, value, is_mature
            from scorecard.kpi_values
            where slice = 'all' and period_grain = ? and period_start = ?
            """,
            [grain, start],
        ).fetchall()
        for kpi, kind, value, is_mature in values:
            if kpi not in cards:
                continue
            provisional = value is not None and not is_mature
            kpis.setdefault(kpi, {})[grain] = shown_value(value, kind) + (" *" if provisional else "  ")
    rows = [
        [label, *(kpis[kpi].get(grain, "-") for grain, _ in periods)]
        for kpi, label in cards.items()
        if kpi in kpis
    ]
    headings = ["KPI", *(f"{grain} from {start}" for grain, start in periods)]
    print_table(headings, rows, right={1, 2})
    if any(cell.endswith("*") for row in rows for cell in row):
        print("* too young: outcomes are still coming in")


def _focus(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The most urgent lines of the focus list, where there are targets to miss or signals to see."""
    found = connection.execute(
        """
        select
            kpi, label, slice, slice_value, period_start, cast(value as double) as value,
            cast(target as double) as target, status, status_reason, signal_verdict
        from scorecard.focus_list
        order by position
        limit 8
        """
    )
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _show_focus(connection: duckdb.DuckDBPyConnection) -> None:
    found = _focus(connection)
    if not found:
        return
    print()
    rows = []
    for line in found:
        whole, signal = line["slice"] == "all", line["signal_verdict"]
        where = "" if whole else f", {line['slice']} {line['slice_value']}"
        why = line["status_reason"] if signal is None else f"{line['status_reason']}; signal: {signal}"
        rows.append([line["label"] + where, str(line["period_start"]), line["status"], why])
    print_table(["Look first at", "period from", "status", "why"], rows, right=set())


def shown_value(value: Decimal | None, kind: str) -> str:
    """A KPI's value for people: a share in percent, a whole number without decimals, `-` for none."""
    if value is None:
        return "-"
    if kind in ("rate", "period_rate"):
        return f"{float(value):.1%}"
    is_whole = kind in ("count", "stock", "balance") and value == value.to_integral_value()
    return f"{value:,.0f}" if is_whole else f"{value:,.2f}"


def _show_rows(connection: duckdb.DuckDBPyConnection, facts: dict[str, Any]) -> None:
    accounts = [account for account in facts["row_accounting"] if account["raw_rows"]]
    print()
    if not accounts:
        print("No rows: every file is empty.")
        return
    print_table(
        ["Rows", "read", "used", "rejected", "merged"],
        [
            [account["entity"], *(f"{account[part]:,}" for part in ("raw_rows", "staged_rows"))]
            + [f"{account[part]:,}" for part in ("rejected_rows", "merged_rows")]
            for account in accounts
        ],
        right={1, 2, 3, 4},
    )
    reasons = connection.execute(
        """
        select entity, rejection_code, count(*), min(source_row)
        from audit.rejected_rows
        group by 1, 2
        order by 3 desc, 1, 2
        limit 10
        """
    ).fetchall()
    if reasons:
        print()
        print_table(
            ["Rejected", "why", "rows", "for example"],
            [[entity, code, f"{count:,}", row] for entity, code, count, row in reasons],
            right={2},
        )
