"""Files that people and programs read without a database: CSV, the scorecard as a workbook and as JSON."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from runner.sql import literal, quoted
from runner.text import counted, plain

# What a spreadsheet may run: the four signs, full-width or after blanks too, a leading tab or line break.
FORMULA = r"^([\t\r\n＝＋－＠]|\s*[=+\-@])"  # noqa: RUF001 - full-width signs on purpose
_FORMULA = re.compile(FORMULA)

SHEET_ROWS = 1_048_576  # of a sheet in Excel, the header included
CELL_CHARACTERS = 32_767  # of a cell in Excel
_WIDEST = 60
_MEASURED_ROWS = 200  # how many rows tell how wide a column must be

SCORECARD = "kpi_scorecard"
SCHEMA = f"{SCORECARD}.schema.json"

# What the card of a KPI says once, whatever the period: the rest of kpi_scorecard is its values.
CARD = (
    *(
        "as_of_date",
        "kpi",
        "label",
        "family",
        "requirements",
        "measure_text",
        "formula_text",
        "unit",
        "direction",
    ),
    *("additivity", "frequency", "owner", "source_list", "companions", "tolerance", "min_n"),
)
_CHOICES = {
    "direction": ["higher", "lower", "context"],
    "period_grain": ["week", "month", "quarter", "year"],
    "status": ["green", "amber", "red", "grey"],
}
_NEVER_NULL = {"as_of_date", "kpi", "period_grain", "period_start", "slice", "slice_value", "status"}

# The columns of the sheets, in the order in which people read a card.
_FAMILY_COLUMNS = (
    *("label", "period_grain", "period_start", "slice", "slice_value", "value", "unit", "n", "target"),
    *("attainment", "status", "status_reason", "previous", "same_period_last_year", "change_on_last_year"),
    *("year_to_date", "ci_low", "ci_high", "projected", "signal_verdict", "source_status", "due_state"),
    "companion_values",
)
_OVERVIEW_COLUMNS = (
    *(
        "position",
        "label",
        "family",
        "period_start",
        "period_end",
        "value",
        "unit",
        "n",
        "target",
        "attainment",
    ),
    *(
        "status",
        "status_reason",
        "signal_verdict",
        "previous",
        "same_period_last_year",
        "change_on_last_year",
    ),
    *("source_status", "due_state", "companion_values", "frequency", "owner", "measure_text", "kpi"),
)
_SHARES = {
    *("attainment", "attainment_from_baseline", "change_on_last_year", "tolerance", "elapsed_share", "pace"),
    "source_score",
}
_IN_UNIT = {
    *("value", "target", "original_target", "baseline", "gap", "previous", "same_period_last_year"),
    *("year_to_date", "ci_low", "ci_high", "expected_to_date", "projected", "required_per_day"),
    *("center", "lower_limit", "upper_limit"),
}
_FILLS = {"green": "#C6E7C8", "amber": "#FFE3A3", "red": "#F6BDB8", "grey": "#E4E4E4"}


def write_csv(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    """Write a table as CSV in the order of its rows. Returns the number of rows.

    UTF-8, dates as ISO, an unknown as nothing. A text that a spreadsheet would run as a formula gets an
    apostrophe in front; numbers do not.
    """
    columns = ", ".join(
        f"case when regexp_matches({name}, '{FORMULA}') then '''' || {name} else {name} end as {name}"
        if kind == "VARCHAR"
        else name
        for name, kind in ((quoted(column), kind) for column, kind in columns_of(connection, table))
    )
    return copied(connection, f"select {columns} from {table}", path, "format csv, header true")


def copied(connection: duckdb.DuckDBPyConnection, query: str, path: Path, options: str) -> int:
    """Write what a query returns to a file. Returns the number of rows."""
    written = connection.execute(f"copy ({query}) to {literal(path)} ({options})").fetchone()
    return int(written[0]) if written else 0


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """The names and types of a table's columns."""
    return [(str(row[0]), str(row[1])) for row in connection.execute(f"describe {table}").fetchall()]


def write_cards_json(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    """Write the scorecard as JSON: a list of cards, each with its values. Returns the number of values."""
    columns = [name for name, _ in columns_of(connection, table)]
    members = ", ".join(f"{literal(name)}: {quoted(name)}" for name in columns if name not in CARD)
    card = ", ".join(quoted(name) for name in columns if name in CARD)
    order = "period_grain, period_start, slice, slice_value"
    copied(
        connection,
        f"select {card}, list({{{members}}} order by {order}) as cells from {table} "
        "group by all order by kpi",
        path,
        "format json, array true",
    )
    [(rows,)] = connection.execute(f"select count(*) from {table}").fetchall()
    return int(rows)


def cards_schema(columns: list[tuple[str, str]], descriptions: dict[str, str]) -> dict[str, Any]:
    """The JSON Schema of what write_cards_json writes, from the table's columns and their descriptions."""

    def is_card(name: str) -> bool:
        return name in CARD

    def of(names: list[tuple[str, str]]) -> dict[str, Any]:
        properties = {name: _property(name, kind, descriptions.get(name, "")) for name, kind in names}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    card = of([column for column in columns if is_card(column[0])])
    card["properties"]["cells"] = {
        "type": "array",
        "description": "The values: one for each period, slice and slice value.",
        "minItems": 1,
        "items": of([column for column in columns if not is_card(column[0])]),
    }
    card["required"].append("cells")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "KPI scorecard",
        "description": "One card per KPI on the scorecard, filled in: what scorecard.kpi_scorecard holds.",
        "type": "array",
        "items": card,
    }


def _property(name: str, kind: str, description: str) -> dict[str, Any]:
    if kind == "BOOLEAN":
        said: dict[str, Any] = {"type": "boolean"}
    elif kind in ("BIGINT", "INTEGER"):
        said = {"type": "integer"}
    elif kind.startswith("DECIMAL") or kind == "DOUBLE":
        said = {"type": "number"}
    elif kind == "DATE":
        said = {"type": "string", "format": "date"}
    else:
        said = {"type": "string"}
    if name not in _NEVER_NULL:
        said["type"] = [said["type"], "null"]
    if choices := _CHOICES.get(name):
        said["enum"] = choices if name in _NEVER_NULL else [*choices, None]
    return {**said, "description": description} if description else said


def write_json(path: Path, content: object) -> None:
    """Write a small JSON file for people to read too."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[Any, Format] = {}

    def of(self, num_format: str, **properties: Any) -> Format:
        key = (num_format, *properties.items()) if properties else num_format
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._workbook.add_format({"num_format": num_format, **properties})
        return found


def _new_workbook(path: Path, as_of: dt.date | None) -> tuple[Workbook, _Styles]:
    """A workbook in which text stays text, and that has the same bytes whenever it is written."""
    workbook = Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": str(path.parent),
        },
    )
    day = as_of or dt.date(2000, 1, 1)
    workbook.set_properties({"title": "KPI scorecard", "created": dt.datetime(day.year, day.month, day.day)})
    return workbook, _Styles(workbook)


def write_table_workbook(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    """Write a table as a workbook of one sheet. Returns the number of rows.

    Raises ValueError, and writes nothing, when the table has more rows than a sheet.
    """
    [(rows,)] = connection.execute(f"select count(*) from {table}").fetchall()
    if rows >= SHEET_ROWS:
        raise ValueError(f"{counted(rows, 'row')}; a sheet of Excel has {SHEET_ROWS:,}")
    columns = [name for name, _ in columns_of(connection, table)]
    found = connection.execute(f"select * from {table}")
    workbook, styles = _new_workbook(path, None)
    with workbook:
        _fill(workbook.add_worksheet("table"), styles, columns, _fetched(found))
    return int(rows)


def write_scorecard_workbook(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    path: Path,
    currency: str,
    sheet_rows: int = SHEET_ROWS,
) -> int:
    """Write the scorecard as a workbook: an overview, then a sheet per family. Returns the rows of these.

    `schema` is where executive_summary and kpi_scorecard are. The sheets have the whole in every kind of
    period, its members in that of the card's frequency. A family with more rows than a sheet loses its oldest
    ones. The overview says so.
    """
    shown = f"{schema}.{SCORECARD} where (slice = 'all' or period_grain = replace(frequency, 'ly', ''))"
    families = connection.execute(
        f"select family, count(*), max(as_of_date) from {shown} group by family order by family"
    ).fetchall()
    workbook, styles = _new_workbook(path, families[0][2] if families else None)
    notes = [
        "The worst first: each KPI as of its last complete period. Then a sheet per family: the company in "
        "every kind of period, reps, channels and the other slices in that of the KPI's frequency.",
        f"Money is in {plain(currency, 20)}. An empty cell is unknown, never zero. {SCORECARD}.csv has all "
        "rows and columns.",
    ]
    names = _sheet_names([str(family) for family, _, _ in families])
    written = 0
    with workbook:
        overview = workbook.add_worksheet("Overview")
        for (family, rows, _), name in zip(families, names, strict=True):
            kept = min(rows, sheet_rows - 1)
            if kept < rows:
                notes.append(
                    f"Sheet {name}: the newest {kept:,} of {rows:,} rows, which is all that a sheet holds. "
                    f"The others are in {SCORECARD}.csv."
                )
            found = connection.execute(
                f"""
                select {", ".join(_FAMILY_COLUMNS)}
                from {shown} and family = ?
                order by
                    period_start desc, label, period_grain,
                    case when slice = 'all' then 0 else 1 end, slice, slice_value, kpi
                limit {kept}
                """,
                [family],
            )
            cut = _fill(workbook.add_worksheet(name), styles, list(_FAMILY_COLUMNS), _fetched(found))
            if cut:
                notes.append(
                    f"Sheet {name}: {counted(cut, 'text')} cut to {CELL_CHARACTERS:,} characters, which is "
                    f"all that a cell holds. {SCORECARD}.csv has them whole."
                )
            written += kept
        found = connection.execute(
            f"select {', '.join(_OVERVIEW_COLUMNS)} from {schema}.executive_summary order by position"
        )
        as_of = f", as of {families[0][2]}" if families else ": there are no rows"
        overview.write_string(0, 0, f"KPI scorecard{as_of}", styles.of("General", bold=True, font_size=14))
        for number, note in enumerate(notes):
            overview.write_string(number + 1, 0, note, styles.of("General", italic=True))
        _fill(overview, styles, list(_OVERVIEW_COLUMNS), _fetched(found), header_row=len(notes) + 2)
    return written


def _sheet_names(families: list[str]) -> list[str]:
    """A name for each sheet that Excel takes: 31 characters, some signs not, none twice."""
    taken = {"overview", "history"}
    names = []
    for family in families:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", family).strip().strip("'")[:28].capitalize() or "Family"
        name, number = base, 1
        while name.lower() in taken:
            number += 1
            name = f"{base[:25]} {number}"
        taken.add(name.lower())
        names.append(name)
    return names


def _fetched(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := found.fetchmany(10_000):
        yield from rows


def _fill(
    sheet: Worksheet,
    styles: _Styles,
    columns: list[str],
    rows: Iterable[tuple[Any, ...]],
    header_row: int = 0,
) -> int:
    """Write a header that stays in view and can be filtered by, and typed rows. Returns the texts cut."""
    unit_at = columns.index("unit") if "unit" in columns else None
    waiting = iter(rows)
    first = [row for _, row in zip(range(_MEASURED_ROWS), waiting, strict=False)]
    for number, column in enumerate(columns):
        sheet.set_column(number, number, _width(column, [row[number] for row in first]))
    sheet.freeze_panes(header_row + 1, 1)
    header = styles.of("General", bold=True, bg_color="#E8ECF1", bottom=1, valign="top", text_wrap=True)
    for number, column in enumerate(columns):
        sheet.write_string(header_row, number, column, header)
    at, cut = header_row, 0
    for row in (one for part in (first, waiting) for one in part):
        at += 1
        unit = row[unit_at] if unit_at is not None else None
        for number, cell in enumerate(row):
            if cell is None:
                continue
            if isinstance(cell, str):
                cut += _write_text(sheet, styles, at, number, columns[number], cell)
            elif isinstance(cell, bool):
                sheet.write_boolean(at, number, cell)
            elif isinstance(cell, dt.date):
                _write_date(sheet, styles, at, number, cell)
            else:
                style = styles.of(number_format(columns[number], cell, unit))
                sheet.write_number(at, number, cell, style)
    sheet.autofilter(header_row, 0, max(at, header_row + 1), len(columns) - 1)
    return cut


def _write_text(sheet: Worksheet, styles: _Styles, row: int, number: int, column: str, text: str) -> bool:
    """Write a text that stays one, even when someone edits the cell. Returns whether it had to be cut."""
    style = None
    if column == "status" and text in _FILLS:
        style = styles.of("General", bg_color=_FILLS[text])
    elif _FORMULA.match(text):
        style = styles.of("General", quote_prefix=True)
    sheet.write_string(row, number, text[:CELL_CHARACTERS], style)
    return len(text) > CELL_CHARACTERS


def _write_date(sheet: Worksheet, styles: _Styles, row: int, number: int, day: dt.date) -> None:
    """Write a date or a time as one; Excel knows none before 1900, so those are texts."""
    if day.year < 1900:
        sheet.write_string(row, number, str(day))
    elif isinstance(day, dt.datetime):
        sheet.write_datetime(row, number, day, styles.of("yyyy-mm-dd hh:mm:ss"))
    else:
        sheet.write_datetime(row, number, day, styles.of("yyyy-mm-dd"))


def number_format(column: str, value: int | float | Decimal, unit: str | None) -> str:
    """How Excel shows a number: by the unit of its KPI; a share in percent, a whole number as one."""
    if column in _SHARES or (column in _IN_UNIT and unit == "rate"):
        return "0.0%"
    if column in _IN_UNIT and unit in ("money", "money per day", "ratio"):
        return "#,##0.00"
    return "#,##0" if value == int(value) else "#,##0.00"


def _width(column: str, cells: list[Any]) -> float:
    """As wide as what stands in a column, within reason."""
    if not cells:
        return float(max(10, len(column) + 3))
    longest = max(_shown_length(cell) for cell in cells)
    return float(min(_WIDEST, max(8, longest + 2, min(len(column) + 4, 16))))


def _shown_length(cell: Any) -> int:
    if cell is None:
        return 0
    if isinstance(cell, Decimal | float):
        return len(f"{cell:,.2f}")
    return len(str(cell))
