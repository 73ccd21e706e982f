"""What the exports make of a scorecard, the worst names included: nothing runs, nothing is lost."""

import csv
import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import openpyxl
import pytest
import yaml
from building import ROOT
from openpyxl.utils.escape import unescape
from runner import exports

HOSTILE = [
    "<script>alert(1)</script>",
    "=1+1",
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://evil.example")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",  # noqa: RUF001
    "http://evil.example/?a=1&b=2",
    "{=1+1}",
    "\u202eesrever",
    "عميل مهم",
    "👩‍💻 🚀",
    "x" * 200,
    "two\nlines",
    "windows\r\nlines",
    'a "quoted", listed; name',
    "O'Brien & Söhne",
    "_x0041_",
    "bell\x07",
    "007",
    "1e5",
    "2024-01-01",
    "NULL",
    "true",
]
AS_OF = dt.date(2024, 3, 31)


def contract(model: str) -> dict[str, str]:
    """The columns of a model of the scorecard and their types, as DuckDB names them."""
    path = ROOT / "models" / "marts" / "scorecard" / f"{model}.yml"
    [found] = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    return {column["name"]: column["data_type"].replace("string", "varchar") for column in found["columns"]}


def make_table(connection: duckdb.DuckDBPyConnection, model: str, rows: list[dict[str, Any]]) -> None:
    """A table of the model's contract, with these rows."""
    columns = contract(model)
    connection.execute(
        f"create or replace table {model} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
    )
    for row in rows:
        assert set(row) <= set(columns)
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into {model} ({', '.join(row)}) values ({marks})", list(row.values()))


def cell(member: str, **more: Any) -> dict[str, Any]:
    """A row of the scorecard: the won deals of a channel in March 2024."""
    row = {
        "as_of_date": AS_OF,
        "kpi": "won_deals",
        "label": "Won deals",
        "family": "volume",
        "unit": "count",
        "direction": "higher",
        "frequency": "monthly",
        "owner": "sales",
        "period_grain": "month",
        "period_start": dt.date(2024, 3, 1),
        "period_end": dt.date(2024, 4, 1),
        "slice": "channel",
        "slice_value": member,
        "value": Decimal("12.000000"),
        "n": 12,
        "is_complete_period": True,
        "is_mature": True,
        "is_latest": True,
        "priority": 0,
        "status": "grey",
        "status_reason": "no target",
    }
    return {**row, **more}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        rows = [cell(name) for name in HOSTILE]
        rows.append(cell("all", slice="all", target=Decimal(24), attainment=Decimal("0.5"), status="red"))
        rows.append(
            cell("all", slice="all", period_grain="year", period_start=dt.date(2024, 1, 1), value=None)
        )
        rate = {"kpi": "win_rate", "label": "Win rate", "family": "conversion", "unit": "rate"}
        rows.append(cell("all", slice="all", **rate, value=Decimal("0.25"), ci_low=Decimal("0.1")))
        money = {"kpi": "cac", "label": "=Cost", "family": "cost/[paid]", "unit": "money"}
        rows.append(cell("all", slice="all", **money, value=Decimal("1234567.891234")))
        make_table(made, "kpi_scorecard", rows)
        overview = contract("executive_summary")
        shown = [
            {name: value for name, value in row.items() if name in overview}
            for row in rows
            if row["slice"] == "all"
        ]
        make_table(made, "executive_summary", [{**row, "position": at} for at, row in enumerate(shown)])
        yield made


def as_rows(sheet: Any, header_row: int = 1) -> list[dict[str, Any]]:
    header, *rows = sheet.iter_rows(min_row=header_row)
    return [dict(zip((one.value for one in header), row, strict=True)) for row in rows]


def scorecard_workbook(connection: duckdb.DuckDBPyConnection, folder: Path, **options: Any) -> Any:
    path = folder / "kpi_scorecard.xlsx"
    exports.write_scorecard_workbook(connection, "main", path, "EUR", **options)
    return openpyxl.load_workbook(path)


def overview_header(book: Any) -> int:
    return next(int(row[0].row) for row in book["Overview"].iter_rows() if row[0].value == "position")


def test_the_worst_names_come_back_from_csv_as_text(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "scorecard.csv"
    assert exports.write_csv(connection, "kpi_scorecard", path) == len(HOSTILE) + 4
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    members = [row["slice_value"] for row in rows if row["slice"] == "channel"]
    neutral = [name for name in members if name.startswith("'")]
    assert [name.removeprefix("'") for name in members] == HOSTILE
    assert {name[1:] for name in neutral} == set(HOSTILE[1:12])
    assert not [one for row in rows for one in row.values() if one and one.lstrip()[0] in "=+-@"]
    assert {row["period_start"] for row in rows} == {"2024-03-01", "2024-01-01"}
    again = duckdb.sql(
        f"select slice_value from read_csv('{path}', all_varchar = true) where slice = 'channel'"
    ).fetchall()
    assert [name for (name,) in again] == members


def test_a_negative_number_stays_a_number_in_csv(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table t as select -1.5 as gap, '-1.5' as said, null as nothing, '' as empty"
        )
        exports.write_csv(connection, "t", tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == 'gap,said,nothing,empty\n-1.5,\'-1.5,,""\n'


def test_the_worst_names_come_back_from_excel_as_text(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = as_rows(scorecard_workbook(connection, tmp_path)["Volume"])
    members = [row["slice_value"] for row in rows if row["slice"].value == "channel"]
    assert sorted(unescape(one.value) for one in members) == sorted(HOSTILE)
    assert {one.data_type for one in members} <= {"s", "inlineStr"}
    assert not [one for one in members if one.hyperlink]
    stays_text = {unescape(one.value) for one in members if one.quotePrefix}
    assert stays_text == set(HOSTILE[1:12])


def test_the_cells_of_a_workbook_have_types_and_formats(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    book = scorecard_workbook(connection, tmp_path)
    assert book.sheetnames == ["Overview", "Conversion", "Cost  paid", "Volume"]
    [rate] = as_rows(book["Conversion"])
    assert (rate["value"].value, rate["value"].number_format) == (0.25, "0.0%")
    assert (rate["ci_low"].value, rate["ci_low"].number_format) == (0.1, "0.0%")
    assert rate["period_start"].value == dt.datetime(2024, 3, 1)
    assert rate["period_start"].is_date
    [cost] = as_rows(book["Cost  paid"])
    assert (cost["value"].value, cost["value"].number_format) == (1234567.891234, "#,##0.00")
    assert (cost["label"].value, cost["label"].data_type) == ("=Cost", "s")
    whole = next(
        row
        for row in as_rows(book["Volume"])
        if (row["slice"].value, row["period_grain"].value) == ("all", "month")
    )
    assert (whole["value"].value, whole["value"].number_format) == (12, "#,##0")
    assert (whole["attainment"].value, whole["attainment"].number_format) == (0.5, "0.0%")
    assert whole["status"].fill.fgColor.rgb == "FFF6BDB8"
    year = next(row for row in as_rows(book["Volume"]) if row["period_grain"].value == "year")
    assert year["value"].value is None


def test_a_workbook_can_be_read_and_filtered_at_once(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    book = scorecard_workbook(connection, tmp_path)
    for sheet in book:
        header = overview_header(book) if sheet.title == "Overview" else 1
        assert sheet.freeze_panes == f"B{header + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{header}:")
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        widths = [size.width for size in sheet.column_dimensions.values()]
        assert all(8 <= width <= 61 for width in widths)
    notes = [row[0].value for row in book["Overview"].iter_rows(max_row=overview_header(book) - 1)]
    assert notes[0] == "KPI scorecard, as of 2024-03-31"
    assert "Money is in EUR." in notes[2]
    assert len(as_rows(book["Overview"], overview_header(book))) == 4


def test_rows_that_a_sheet_cannot_hold_are_named(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    book = scorecard_workbook(connection, tmp_path, sheet_rows=11)
    assert book["Volume"].max_row == 11
    assert {row["period_start"].value for row in as_rows(book["Volume"])} == {dt.datetime(2024, 3, 1)}
    notes = [str(row[0].value) for row in book["Overview"].iter_rows(max_row=8)]
    assert (
        f"Sheet Volume: the newest 10 of {len(HOSTILE) + 2} rows, which is all that a sheet holds. "
        "The others are in kpi_scorecard.csv." in notes
    )
    assert len(as_rows(book["Conversion"])) == 1


def test_a_text_that_a_cell_cannot_hold_is_cut_and_named(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        make_table(connection, "kpi_scorecard", [cell("x" * 40_000)])
        make_table(connection, "executive_summary", [])
        book = scorecard_workbook(connection, tmp_path)
    assert book["Volume"]["E2"].value == "x" * 32_767
    notes = [str(row[0].value) for row in book["Overview"].iter_rows(max_row=5)]
    assert any("1 text cut to 32,767 characters" in note for note in notes)


def test_members_are_shown_in_the_period_of_the_cards_frequency(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        grains = ("month", "quarter", "year")
        rows = [
            cell(name, slice=by, period_grain=grain)
            for grain in grains
            for by, name in (("all", "all"), ("rep", "A"))
        ]
        make_table(connection, "kpi_scorecard", rows)
        make_table(connection, "executive_summary", [])
        shown = as_rows(scorecard_workbook(connection, tmp_path)["Volume"])
    assert [(row["slice"].value, row["period_grain"].value) for row in shown] == [
        ("all", "month"),
        ("rep", "month"),
        ("all", "quarter"),
        ("all", "year"),
    ]


def test_the_cards_as_json_are_what_the_table_holds(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "kpi_scorecard.json"
    assert exports.write_cards_json(connection, "kpi_scorecard", path) == len(HOSTILE) + 4
    cards = json.loads(path.read_text(encoding="utf-8"))
    assert [card["kpi"] for card in cards] == ["cac", "win_rate", "won_deals"]
    members = [one["slice_value"] for one in cards[2]["cells"] if one["slice"] == "channel"]
    assert sorted(members) == sorted(HOSTILE)
    [cost] = cards[0]["cells"]
    assert (cost["value"], cost["period_start"], cost["target"]) == (1234567.891234, "2024-03-01", None)
    columns = exports.columns_of(connection, "kpi_scorecard")
    schema = exports.cards_schema(columns, {"value": "The KPI."})
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(cards)
    assert schema["items"]["properties"]["cells"]["items"]["properties"]["value"] == {
        "type": ["number", "null"],
        "description": "The KPI.",
    }
    cards[0]["cells"][0]["status"] = "purple"
    cards[1]["cells"][0]["value"] = "a quarter"
    del cards[2]["kpi"]
    assert len(list(validator.iter_errors(cards))) == 3


def test_no_rows_are_an_empty_list_and_an_empty_workbook(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        for model in ("kpi_scorecard", "executive_summary"):
            make_table(connection, model, [])
        book = scorecard_workbook(connection, tmp_path)
        exports.write_cards_json(connection, "kpi_scorecard", tmp_path / "cards.json")
    assert book.sheetnames == ["Overview"]
    assert book["Overview"]["A1"].value == "KPI scorecard: there are no rows"
    assert json.loads((tmp_path / "cards.json").read_text()) == []


def test_every_export_has_the_same_bytes_again(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        scorecard_workbook(connection, folder)
        exports.write_cards_json(connection, "kpi_scorecard", folder / "kpi_scorecard.json")
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    assert openpyxl.load_workbook(first / "kpi_scorecard.xlsx").properties.created == dt.datetime(2024, 3, 31)


def test_families_become_names_of_sheets_that_excel_takes() -> None:
    names = exports._sheet_names(["voice", "Voice", "a/b:c", "x" * 40, "x" * 41, "history", "''", "overview"])
    assert len({name.lower() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
    assert names[:3] == ["Voice", "Voice 2", "A b c"]
    assert not {"overview", "history"} & {name.lower() for name in names}
