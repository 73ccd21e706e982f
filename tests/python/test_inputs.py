"""Whatever a file holds: a correct build with every row accounted for, or exit 2 with one clear sentence."""

import csv
import datetime as dt
import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml
from building import write_csv
from conftest import DEALS, LEADS, SPEND, Company, Outcome, Published, make_company, run
from runner.errors import CannotRunError
from runner.mapping import load_mapping, problems_of, read_mapping
from runner.project import PROJECT, project_vars
from runner.settings import FIXED_VARS, SETTINGS, problems_of_settings
from runner.sources import check_entity
from runner.workbooks import cell_text, made_readable


def refused(company: Company) -> str:
    """The one line with which a run refuses a company's files."""
    outcome = run(company)
    assert outcome.code == 2, outcome
    assert outcome.stdout == ""
    assert not company.current.exists()
    messages = [line for line in outcome.stderr.splitlines() if not line.endswith(" ...")]
    assert len(messages) == 1, messages
    assert messages[0].startswith("Error: ")
    return messages[0].removeprefix("Error: ")


def header_of(text: str) -> str:
    return text.splitlines()[0] + "\n"


# -----------------------------------------------------------------------------------------------------------
# Files that build


def test_files_with_a_header_only_build_an_empty_company(tmp_path: Path) -> None:
    company = make_company(tmp_path / "empty", header_of(LEADS), header_of(DEALS), header_of(SPEND))
    company.write_mapping(as_of=None)
    outcome = run(company)
    assert outcome.code == 0, outcome.stderr
    assert "No rows: every file is empty." in outcome.stdout
    assert company.run_json()["as_of"] is None
    assert company.rows_of("leads") == {"raw": 0, "staged": 0, "rejected": 0, "merged": 0}
    assert company.query("select count(*) from scorecard.kpi_values") == [(0,)]


def test_files_with_one_row_build(tmp_path: Path) -> None:
    def first_row(text: str) -> str:
        return "".join(text.splitlines(keepends=True)[:2])

    company = make_company(tmp_path / "one", first_row(LEADS), first_row(DEALS), first_row(SPEND))
    outcome = run(company)
    assert outcome.code == 0, outcome.stderr
    for entity in ("leads", "deals", "spend"):
        assert company.rows_of(entity) == {"raw": 1, "staged": 1, "rejected": 0, "merged": 0}
    won = "select value from scorecard.kpi_values where kpi = 'won_deals' and slice = 'all'"
    assert company.query(f"{won} and period_grain = 'quarter'") == [(1,)]


# Family: the KPIs that leads, deals and spend alone tell. Whatever needs another entity is unknown, not zero.
# No lead here has a recorded qualification, so lead_win_rate_strict divides by nothing; none is 90 days old.
TOLD_BY_THREE_ENTITIES: dict[str, set[str]] = {
    "acquisition": set(),
    "activity": set(),
    "conversion": {
        *("close_rate", "close_rate_resolved", "lead_win_rate", "sql_to_customer_rate", "win_loss_ratio"),
        *("deal_win_rate", "deal_win_rate_broad", "deal_win_rate_narrow", "deal_win_rate_value"),
        *("qualified_per_lead", "deals_per_qualified_lead", "wins_per_deal"),
        *("won_within_30_days", "won_within_60_days"),
    },
    "cost": {
        *("cac", "cac_cohort", "cac_fully_loaded", "cac_lagged", "cac_paid", "cac_per_customer"),
        *("cac_to_deal_size", "cost_per_lead", "cost_per_qualified_lead", "cost_per_deal", "sales_roi"),
    },
    "engagement": set(),
    "meetings": set(),
    "outreach": set(),
    "pipeline": {
        *("deals_created", "pipeline_created", "pipeline_value", "pipeline_value_stale", "stale_share"),
        *("weighted_pipeline", "pipeline_value_leads", "sales_velocity"),
        *("cycle_length", "median_cycle_length"),
    },
    "quality": {"qualified_lead_share"},
    "retention": set(),
    "speed": set(),
    "value": {"average_deal_size", "average_deal_size_per_account"},
    "voice": set(),
    "volume": {
        *("leads_created", "qualified_leads", "qualified_leads_strict", "high_potential_leads"),
        *("won_deals", "won_revenue", "won_revenue_from_leads", "new_customers"),
    },
}
KPI_FAMILIES = sorted(path for path in (PROJECT / "models" / "marts" / "kpis").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", KPI_FAMILIES, ids=lambda folder: str(folder.name))
def test_leads_deals_and_spend_alone_tell_nothing_of_what_is_absent(
    folder: Path, published: Published
) -> None:
    """`published` has these three files and no other entity, and passed all data tests."""
    given = yaml.safe_load(published.company.mapping.read_text(encoding="utf-8"))["mapping"]
    assert set(given) == {"leads", "deals", "spend"}
    cells = " union ".join(f"select kpi from kpis.{path.stem}" for path in sorted(folder.glob("*.sql")))
    told = published.company.query(
        f"select distinct kpi from scorecard.kpi_values where value is not null and kpi in ({cells})"
    )
    assert {kpi for (kpi,) in told} == TOLD_BY_THREE_ENTITIES[folder.name]


def test_a_file_with_a_fifth_of_its_cells_broken_builds_from_the_rest(tmp_path: Path) -> None:
    """100 deals; every fifth row has a broken amount or date, or none, and one id comes twice."""
    lines = ["deal_id,stage,created_at,amount"]
    for number in range(100):
        broken = {0: ("2024-01-05", "much"), 5: ("the 5th", "10"), 10: ("", "10"), 15: ("2024-01-05", "1O")}
        created, amount = broken.get(number % 20, ("2024-01-05", "10"))
        lines.append(f"D{number},Proposal,{created},{amount}")
    lines.append("D1,Proposal,2024-01-05,11")
    company = make_company(tmp_path / "broken", deals="\n".join(lines) + "\n")
    outcome = run(company)
    assert outcome.code == 0, outcome.stderr
    assert company.rows_of("deals") == {"raw": 101, "staged": 80, "rejected": 21, "merged": 0}
    codes = company.query(
        "select rejection_code, count(*) from audit.rejected_rows "
        "where entity = 'deals' group by 1 order by 1"
    )
    assert codes == [
        ("duplicate_id", 1),
        ("missing_value", 5),
        ("unreadable_number", 10),
        ("unreadable_timestamp", 5),
    ]
    assert company.query("select count(*) from core.fct_deals where amount is null") == [(0,)]


def test_money_without_a_rate_fails_the_run_and_is_never_taken_at_one(tmp_path: Path) -> None:
    deals = (
        "deal_id,stage,created_at,amount,currency,closed_at\n"
        "D1,Closed Won,2024-01-20,1000,EUR,2024-02-10\n"
        "D2,Closed Won,2024-01-20,500,USD,2024-02-10\n"
    )
    company = make_company(tmp_path / "euros", deals=deals)
    outcome = run(company)
    assert outcome.code == 1
    assert "Failed test: assert_every_amount_has_a_currency_rate, 1 row" in outcome.stderr
    assert not company.current.exists()
    failed = Path(outcome.last_line.rsplit(" ", maxsplit=1)[-1]) / "pipeline_kpis.duckdb"
    with duckdb.connect(str(failed), read_only=True) as connection:
        amounts = connection.execute("select deal_id, won_amount from core.fct_deals order by 1").fetchall()
    assert amounts == [("D1", None), ("D2", 500)]


def test_a_workbook_and_parquet_files_give_the_same_numbers_as_csv(
    tmp_path: Path, published: Published
) -> None:
    company = make_company(tmp_path / "workbook")
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "About"
    book.active["A1"] = "Sheets of a tiny company"
    for name, text in (("Leads", LEADS), ("Spend", SPEND)):
        sheet = book.create_sheet(name)
        for number, row in enumerate(csv.reader(text.splitlines())):
            sheet.append([typed(cell) for cell in row] if number else row)
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    cell.data_type = "s"
    book["Leads"].insert_rows(1, amount=2)
    book["Leads"].insert_rows(6)
    path = tmp_path / "crm.xlsx"
    book.save(path)
    for number, rows in enumerate(("limit 1", "offset 1")):
        file = company.folder / f"deals{number}.parquet"
        duckdb.sql(f"from '{company.folder}/deals.csv' {rows}").write_parquet(str(file))
    company.write_mapping(
        **{name: {"path": str(path), "sheet": name.title()} for name in ("leads", "spend")},
        deals={"path": str(company.folder / "deals*.parquet")},
    )
    for entity in ("leads", "deals", "spend"):
        (company.folder / f"{entity}.csv").unlink()
    outcome = run(company)
    assert outcome.code == 0, outcome.stderr
    assert company.rows_of("leads") == published.company.rows_of("leads")
    checksums = [
        {file["name"]: file["sha256"] for file in facts["files"] if file["name"].startswith(("kpi_", "fct_"))}
        for facts in (company.run_json(), published.company.run_json())
    ]
    assert checksums[0] == checksums[1]
    late = "select source_row from audit.rejected_rows where rejection_code = 'unreadable_timestamp'"
    assert company.query(late) == [("crm.xlsx.parquet row 10",)]
    copies = "select source_row from audit.rejected_rows where rejection_code = 'duplicate_id'"
    assert company.query(copies) == [("deals1.parquet row 3",)]


def typed(cell: str) -> Any:
    """A cell of a CSV file as a person would have it in a sheet."""
    if cell in ("true", "false"):
        return cell == "true"
    try:
        return dt.datetime.fromisoformat(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError:
        return cell or None


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3.0, "3"),
        (0.1, "0.1"),
        (12345678901.0, "12345678901"),
        (True, "true"),
        (False, "false"),
        (dt.datetime(2024, 1, 2, 3, 4, 5), "2024-01-02 03:04:05"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.timedelta(minutes=1, seconds=30), "90"),
        ("", None),
        ("  ", None),
        (" text ", " text "),
    ],
)
def test_cells_of_a_sheet_are_text(cell: object, text: str | None) -> None:
    assert cell_text(cell) == text


# -----------------------------------------------------------------------------------------------------------
# Files that cannot be read: each refused before anything is built


def test_a_missing_file_is_named_with_the_nearest(company: Company) -> None:
    company.write_mapping(deals={"path": str(company.folder / "deal.csv")})
    assert refused(company) == (
        f"mapping.deals.path: there is no file {company.folder}/deal.csv. "
        f"Did you mean {company.folder}/deals.csv?"
    )


def test_a_pattern_that_matches_nothing(company: Company) -> None:
    company.write_mapping(deals={"path": str(company.folder / "d*.parquet")})
    assert "no file matches" in refused(company)


def test_a_file_of_0_bytes(company: Company) -> None:
    (company.folder / "leads.csv").write_bytes(b"")
    assert "leads.csv is empty (0 bytes)" in refused(company)


def test_a_folder_in_place_of_a_file(company: Company) -> None:
    company.write_mapping(deals={"path": str(company.folder)})
    assert f"is a folder. Name its files: {company.folder}/*.csv" in refused(company)


def test_a_wrong_encoding(company: Company) -> None:
    (company.folder / "leads.csv").write_bytes(LEADS.replace("Buyer", "Käufer").encode("latin-1"))
    sentence = refused(company)
    assert "line 2 of" in sentence
    assert "leads.csv is not utf-8. Add `encoding: windows-1252`" in sentence


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_named_encoding_is_read(company: Company, encoding: str) -> None:
    path = company.folder / "leads.csv"
    path.write_bytes(LEADS.replace("Buyer", "Käufer").encode(encoding))
    assert not check_entity("leads", {"path": str(path), "encoding": encoding}).problems


def test_a_windows_file_is_read_through_a_copy_with_its_own_name(company: Company, tmp_path: Path) -> None:
    path = company.folder / "leads.csv"
    path.write_bytes(LEADS.replace("Buyer", "Käufer – „neu“ €").encode("cp1252"))
    company.write_mapping(leads={"encoding": "windows-1252"})
    options = made_readable(load_mapping(company.mapping), tmp_path / "readable").entities["leads"]
    assert Path(options["path"]).name == "leads.csv"
    assert "Käufer – „neu“ €" in Path(options["path"]).read_text(encoding="utf-8")
    assert not check_entity("leads", options).problems
    path.write_bytes(b"lead_id,created_at\n\x81,2024-01-01\n")
    assert "leads.csv is not windows-1252" in refused(company)


HEADER = "deal_id,stage,created_at,amount\n"
WON = "D1,Closed Won,2024-01-20,100\n"


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([HEADER + "#1,Won,2024-01-20,1\n#2,Lost,2024-01-20,2,x\n"], r"row 3 of .*0\.csv has 5 cells"),
        ([HEADER + WON + "#2,Lost\n" + WON], r"row 3 of .*0\.csv has 2 cells"),
        ([HEADER + WON, HEADER + WON + "D9,Won\n"], r"row 3 of .*1\.csv has 2 cells"),
        ([HEADER + WON, HEADER + WON + WON + "D9,Won,2024-01-01,1,000\n"], r"row 4 of .*1\.csv has 5 cells"),
        (["\n" + HEADER + WON], r"0\.csv begins with an empty line"),
        (["sep=;\n" + HEADER.replace(",", ";") + WON.replace(",", ";")], "skip_lines: 1 and delimiter: ';'"),
        ([HEADER.replace("\n", "\r\n") + WON], r"some lines of .*0\.csv end as on Windows"),
    ],
)
def test_no_row_of_a_file_is_lost_in_silence(tmp_path: Path, texts: list[str], sentence: str) -> None:
    paths = [tmp_path / f"{number}.csv" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8", newline="")
    [problem] = check_entity("deals", {"path": [str(path) for path in paths]}).problems
    assert re.search(sentence, problem)


def test_a_row_that_begins_with_a_hash_is_a_row(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "deals.csv", HEADER.strip(), "#1,Won,2024-01-20,1", "#2,Won,2024-01-20,2")
    assert check_entity("deals", {"path": path}).rows == 2


def test_a_row_is_numbered_from_the_top_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("Deals of May\n" + HEADER + WON * 3 + "D9,Won\n" + WON)
    [problem] = check_entity("deals", {"path": str(path), "skip_lines": 1}).problems
    assert "row 6 of" in problem


def test_a_quote_in_a_column_name(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "deals.csv", HEADER.strip() + ',"Size ""in"', "D1,Won,2024-01-20,1,4")
    check = check_entity("deals", {"path": path, "columns": {"amount": {"sql": '"Size ""in"'}}})
    assert not check.problems


def test_a_row_with_too_few_cells(company: Company) -> None:
    (company.folder / "deals.csv").write_text(DEALS + "D4,Proposal\n", encoding="utf-8")
    assert "row 6 of" in refused(company)
    assert "has 2 cells where the header has 7" in refused(company)


def test_a_row_with_too_many_cells_far_down(company: Company) -> None:
    rows = "".join(f"D{number},Proposal,2024-01-01,,,1,\n" for number in range(30_000))
    (company.folder / "deals.csv").write_text(
        DEALS + rows + "X,Proposal,2024-01-01,,,1,,x,y\n", encoding="utf-8"
    )
    sentence = refused(company)
    assert "line 30006 of" in sentence
    assert "has more cells where the header has 7" in sentence


def test_a_quote_that_is_never_closed(company: Company) -> None:
    (company.folder / "deals.csv").write_text(DEALS + 'D4,"Proposal,2024-01-01,,,1,\n', encoding="utf-8")
    assert "deals.csv" in refused(company)


def test_a_file_that_is_no_text(company: Company) -> None:
    (company.folder / "deals.csv").write_bytes(bytes(range(256)) * 20)
    assert "does not read as utf-8 CSV" in refused(company)


def test_a_parquet_file_that_is_none(company: Company) -> None:
    (company.folder / "deals.parquet").write_bytes(b"not parquet")
    company.write_mapping(deals={"path": str(company.folder / "deals.parquet")})
    assert "cannot be read as Parquet" in refused(company)


def test_an_unknown_column_is_named_with_the_nearest(company: Company) -> None:
    company.write_mapping(deals={"columns": {"closed_at": "close_at"}})
    assert refused(company) == (
        "mapping.deals.columns.closed_at: deals.csv has no column 'close_at'. Did you mean 'closed_at'?"
    )


def test_a_required_column_that_nobody_mapped(company: Company) -> None:
    path = company.folder / "deals.csv"
    path.write_text(DEALS.replace("stage", "deal stage", 1), encoding="utf-8")
    assert refused(company) == (
        "mapping.deals.columns does not say where stage is, and deals.csv has no column of that name. "
        "Did you mean 'deal stage'?"
    )


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("amout * 2", "mapping.deals.columns.amount: there is no column 'amout'. Did you mean 'amount'?"),
        ("amount +", "mapping.deals.columns.amount is not an SQL expression that DuckDB understands"),
        ("nothing(amount)", "mapping.deals.columns.amount is not an SQL expression that DuckDB understands"),
    ],
)
def test_a_wrong_expression(company: Company, expression: str, sentence: str) -> None:
    company.write_mapping(deals={"columns": {"amount": {"sql": expression}}})
    assert refused(company).startswith(sentence)


def test_a_wrong_condition(company: Company) -> None:
    company.write_mapping(deals={"where": "stag = 'x'"})
    assert refused(company).startswith(
        "mapping.deals.where: there is no column 'stag'. Did you mean 'stage'?"
    )


def write_prices(company: Company, text: str) -> dict[str, Any]:
    path = company.folder / "prices.csv"
    path.write_text(text, encoding="utf-8")
    return {"prices": {"path": str(path), "on": "deals.stage = prices.stage"}}


def test_a_lookup_that_is_missing(company: Company) -> None:
    lookups = write_prices(company, "stage,price\n")
    (company.folder / "prices.csv").unlink()
    company.write_mapping(deals={"lookups": lookups})
    assert refused(company).startswith("mapping.deals.lookups.prices.path: there is no file")


def test_a_lookup_with_an_unknown_column(company: Company) -> None:
    company.write_mapping(deals={"lookups": write_prices(company, "step,price\nProposal,1\n")})
    assert refused(company).startswith("mapping.deals.lookups.prices.\"on\": there is no column 'stage'")


def test_a_lookup_that_would_count_rows_twice(company: Company) -> None:
    company.write_mapping(deals={"lookups": write_prices(company, "stage,price\nProposal,1\nProposal,2\n")})
    assert "finds more than one match for some rows: 4 rows would become 5" in refused(company)


def test_a_column_name_that_the_project_needs(company: Company) -> None:
    (company.folder / "deals.csv").write_text(DEALS.replace("amount", "source_row"), encoding="utf-8")
    assert "needs the column name 'source_row' for itself" in refused(company)


def test_a_parquet_column_that_would_hide_the_number_of_a_row(tmp_path: Path) -> None:
    path = str(tmp_path / "deals.parquet")
    duckdb.sql("select 'D1' as deal_id, 7 as file_row_number").write_parquet(path)
    [problem] = check_entity("deals", {"path": path}).problems
    assert "needs the column name 'file_row_number' for itself" in problem


@pytest.mark.parametrize(
    ("write", "sheet", "sentence"),
    [
        (lambda path: openpyxl.Workbook().save(path), "Deal", "has no sheet 'Deal', it has Sheet."),
        (lambda path: openpyxl.Workbook().save(path), None, "is empty; it needs at least a header row"),
        (lambda path: path.write_bytes(b"PK no workbook"), None, "cannot be read as a workbook"),
        (lambda path: path.write_bytes(b""), None, "is empty (0 bytes)"),
        (lambda path: None, None, "there is no file"),
    ],
)
def test_a_workbook_that_cannot_be_used(
    company: Company, write: Callable[[Path], Any], sheet: str | None, sentence: str
) -> None:
    path = company.folder / "crm.xlsx"
    write(path)
    company.write_mapping(deals={"path": str(path), **({"sheet": sheet} if sheet else {})})
    assert sentence in refused(company)


# -----------------------------------------------------------------------------------------------------------
# Mapping files that say something wrong

NOTHING = "\nmapping: {leads: null, deals: null, spend: null}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty or not a set of vars"),
        ("- a\n- b", "is empty or not a set of vars"),
        ("mapping: {leads: [", "is not valid YAML: line 1"),
        ("as_of: 2024-01-01\nas_of: 2024-01-02", "is not valid YAML: line 2, column 1: 'as_of' stands twice"),
        ("source_systm: files", "there is no var 'source_systm'. Did you mean 'source_system'?"),
        ("source_system: file", "source_system is 'file'; it must be one of demo, files, warehouse."),
        ("entities: {}", "entities is the project's own"),
        ("mapping: {leads: {path: x.csv}}", "Add the line `source_system: files`"),
        ("source_system: files\nmapping: {leads: null, deals: null}", "mapping does not name spend."),
        (
            f"source_system: files\nas_of: 2024-13-01{NOTHING}",
            "a date in it is none (month must be in 1..12)",
        ),
        (f"source_system: files\nas_of: yesterday{NOTHING}", "as_of is 'yesterday'; it must be a date"),
        (f"source_system: files\nreporting_currency: euro{NOTHING}", "it must be a currency code"),
        (
            f"source_system: files\nreporting_time_zone: Europe/Berlim{NOTHING}",
            "it must be a time zone like Europe/Berlin. Did you mean 'Europe/Berlin'?",
        ),
        (
            f"source_system: files\nkpi_periods: [decade]{NOTHING}",
            "a list of some of week, month, quarter, year",
        ),
        (
            f"source_system: files\nvocabulary: {{stages: {{Won: {{outcome: wn}}}}}}{NOTHING}",
            "vocabulary.stages.Won.outcome is 'wn'; it must be one of open, won, lost, invalid.",
        ),
        (
            f"source_system: files\nvocabulary: {{stages: {{Yes: {{outcome: won}}}}}}{NOTHING}",
            "put it in quotes",
        ),
        (
            f"source_system: files\nvocabulary: {{stages: {{Won: {{}}, 'won ': {{outcome: won}}}}}}{NOTHING}",
            "vocabulary.stages.Won must say its outcome.",
        ),
        (f"source_system: files\nvocabulary: {{stage: {{}}}}{NOTHING}", "Did you mean 'stages'?"),
        (
            "source_system: files\nmapping: {leads: {}, deals: null, spend: null}",
            "mapping.leads must have a path",
        ),
        ("as_of: '2024-W26-7'", "as_of is '2024-W26-7'; it must be a date like 2026-06-30."),
        ("as_of: 20240630", "as_of is '20240630'; it must be a date like 2026-06-30."),
    ],
)
def test_a_wrong_mapping_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CannotRunError) as raised:
        load_mapping(path)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_every_setting_is_checked_and_its_default_passes() -> None:
    defaults = {name: value for name, value in project_vars().items() if name not in FIXED_VARS}
    assert set(SETTINGS) == set(defaults)
    assert problems_of_settings(defaults) == []


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("gross_margin: 80%", "gross_margin is '80%'; it must be a number from 0 to 1."),
        ("gross_margin: null", "gross_margin is empty; it must be a number from 0 to 1."),
        (f"high_potential_score: {'9' * 400}", "it must be a number."),
        ("high_potential_score: .inf", "high_potential_score is 'inf'; it must be a number."),
        ("score_bands: {A: .nan}", "score_bands.A is 'nan'; it must be a number."),
        (
            "score_bands: {A: 5, B: 5}",
            "it must be bands that begin at different numbers, like {A: 80",
        ),
        (
            "score_bands: {Yes: 5}",
            "score_bands has 'True' for a name; it must be a text without",
        ),
        ("segment_bands: []", "segment_bands is '[]'; it must be bands with their lowest number, like {"),
        (
            "cac_lag_months: 100000000",
            "cac_lag_months is '100000000'; it must be a whole number of months from 0 to 120.",
        ),
        ("touch_limit: true", "touch_limit is 'True'; it must be a whole number of touches from 1 to 1000."),
        ("monthly_lifetime_value_target: abc", "it must be a number above 0, or null for no target."),
        ("forecast_reach: 0", "forecast_reach is '0'; it must be a number above 0."),
        ("forecast_interval: 1", "forecast_interval is '1'; it must be a number between 0 and 1."),
        ("pacing_by: moon", "it must be one of history, working_days, calendar_days."),
        ("forecast_stale_deals: whatever", "it must be one of exclude, current."),
        ("kpi_periods: [month, month]", "it must be a list that says month once only."),
        ("kpi_slices: [rep, team, rep]", "it must be a list that says rep once only."),
        ("growth_driver_sets: [[leads]]", "it must be a list of some of leads, deals."),
        ("working_days: [Mon, Tue]", "it must be a list of days, 1 for Monday to 7 for Sunday, each once"),
        ("working_days: [1, 1]", "it must be a list of days, 1 for Monday to 7 for Sunday, each once"),
        ("working_hours: 9-17", "it must be all of its parts in braces: {start: ..., end: ...}."),
        ("working_hours: {start: 17, end: 9}", "it must be a day that starts before it ends, like {start: 9"),
        (
            "working_hours: {start: 9}",
            "working_hours does not say end. Give all of its parts, or leave",
        ),
        ("contact_types: [call]", "it must be kinds of contact with the CRM's words for each, like {call: ["),
        (
            "contact_types: {call: phone}",
            "contact_types.call is 'phone'; it must be a list of the CRM's",
        ),
        ("contact_types: {call: [Phone], chat: [phone]}", "it must be groups of which only one has phone."),
        ("contact_types: {'it''s': []}", "for a name; it must be one word in lower case, like call."),
        ("two_way_outcomes: [yes]", "quote words that YAML takes for something else, and numbers."),
        ("meeting_types: [Demo, demo]", "it must be a list that says demo once only."),
        ('brand_questions: ["what\'s it?"]', "it must be a list of questions without apostrophes"),
        ("billing_period_months: {Monthly: 1}", "it must be a billing period in lower case, like monthly."),
        ("signal_rules: 5", "it must be all of its parts in braces: {baseline_points: ..., minimum_points:"),
        (
            "signal_rules: {baseline_points: 5, minimum_points: 6, run_length: 8, regimes: 8}",
            "it must be rules whose minimum_points are at most the baseline_points.",
        ),
        ("worklists: {occasion_day: 3, quiet_deal_days: 3}", "Did you mean 'occasion_days'?"),
        ("diagnosis: {baseline_cohorts: {month: 0}, min_n: 1}", "diagnosis does not say recorded_share."),
        ("forecast_scenarios: {trailing: 0.5}", "it must be one word in lower case, and not trailing."),
        ("forecast_scenarios: {low: 10}", "forecast_scenarios.low is '10'; it must be a number from 0 to 1."),
        ("source_health: {drift: {warn: 1, error: 0.9}}", "source_health does not say freshness, volume,"),
    ],
)
def test_a_wrong_setting_is_one_sentence(setting: str, sentence: str) -> None:
    problems = problems_of_settings(yaml.safe_load(setting))
    assert sentence in problems[0]
    assert "\n" not in problems[0]


@pytest.mark.parametrize(
    ("part", "value", "sentence"),
    [
        ("freshness", {"warn": 48, "error": 24}, "it must be limits whose warn is at most the error."),
        ("validity", {"warn": 0.9, "error": 0.99}, "it must be limits whose error is at most the warn."),
        ("volume", {"lead": "week"}, "source_health.volume has 'lead' for a name; it must be one of leads,"),
        (
            "volume",
            {"leads": "year"},
            "source_health.volume.leads is 'year'; it must be one of day, week",
        ),
        (
            "weights",
            {"drift": 0},
            "source_health.weights is '{'drift': 0}'; it must be weights that",
        ),
    ],
)
def test_a_part_of_a_setting_is_named(part: str, value: dict[str, Any], sentence: str) -> None:
    health = {**project_vars()["source_health"], part: value}
    [problem] = problems_of_settings({"source_health": health})
    assert sentence in problem


@pytest.mark.parametrize(
    "setting",
    [
        "as_of: null",
        "kpi_slices: []",
        "monthly_lifetime_value_target: null",
        "segment_bands: {1: 100, 2: 0.5}",
        "forecast_scenarios: {}",
        "trial_statuses: []",
        'contact_types: {call: ["l\'appel"], postcard: []}',
        "working_hours: {start: 8.5, end: 24}",
    ],
)
def test_a_setting_that_means_something_passes(setting: str) -> None:
    assert problems_of_settings(yaml.safe_load(setting)) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"deal": {"path": "x.csv"}}, "mapping.deal is not an entity. Did you mean 'deals'?"),
        ({"deals": "x.csv"}, "mapping.deals must be a set of options"),
        (
            {"deals": {"path": "x.csv", "column": {}}},
            "mapping.deals.column is not an option. Did you mean 'columns'?",
        ),
        ({"deals": {"columns": {}}}, "mapping.deals must have a path"),
        ({"deals": {"path": ["a.csv", "b.parquet"]}}, "mapping.deals.path mixes kinds of files"),
        (
            {"deals": {"path": "~nobody-here/a.csv"}},
            "mapping.deals.path: ~nobody-here/a.csv is in nobody's home. Write the whole path, without ~.",
        ),
        ({"deals": {"path": "a.csv", "sheet": "A"}}, "mapping.deals.sheet is for workbooks"),
        (
            {"deals": {"path": "a.csv", "columns": {"deal": "id"}}},
            "mapping.deals.columns.deal is not a column of deals. Did you mean 'deal_id'?",
        ),
        (
            {"deals": {"path": "a.csv", "columns": {"amount": 5}}},
            "mapping.deals.columns.amount must be a column's name",
        ),
        (
            {"deals": {"path": "a.csv", "columns": {"amount": {"sq": "1"}}}},
            "mapping.deals.columns.amount must be a column's name",
        ),
        ({"deals": {"path": "a.csv", "encoding": "cp1252"}}, "windows-1252 is what Excel on Windows writes"),
        ({"deals": {"path": "a.csv", "delimiter": "'"}}, "mapping.deals.delimiter must be"),
        ({"deals": {"path": "a.csv", "skip_lines": -1}}, "mapping.deals.skip_lines must be"),
        ({"deals": {"path": "a.csv", "null_values": "N/A"}}, "mapping.deals.null_values must be a list"),
        ({"deals": {"path": "a.csv", "date_formats": "%d"}}, "mapping.deals.date_formats must be a list"),
        ({"deals": {"path": "a.csv", "date_formats": ["%Q"]}}, "which is no format"),
        ({"deals": {"path": "a.csv", "time_zone": "Mars"}}, "mapping.deals.time_zone is 'Mars'"),
        (
            {"deals": {"path": "a.csv", "lookups": {"prices": {"path": "p.csv"}}}},
            'mapping.deals.lookups.prices must say `"on"`',
        ),
        (
            {"deals": {"path": "a.csv", "lookups": {"deals": {"path": "p.csv", "on": "true"}}}},
            "a lookup's name must be one word, and not deals",
        ),
    ],
)
def test_a_wrong_option_is_one_sentence(tmp_path: Path, options: dict[str, Any], sentence: str) -> None:
    path = tmp_path / "mapping.yml"
    mapping = {"leads": None, "deals": None, "spend": None, **options}
    path.write_text(yaml.safe_dump({"source_system": "files", "mapping": mapping}), encoding="utf-8")
    problems = problems_of(read_mapping(path))
    assert len(problems) == 1
    assert sentence in problems[0]


def test_on_may_stand_without_quotes(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(
        "source_system: files\nmapping:\n  leads: null\n  spend: null\n  deals:\n    path: a.csv\n"
        "    lookups:\n      prices:\n        path: b.csv\n        on: deals.x = prices.x\n",
        encoding="utf-8",
    )
    mapping = load_mapping(path)
    assert mapping.entities["deals"]["lookups"]["prices"]["on"] == "deals.x = prices.x"


def test_a_mapping_that_is_missing_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="does not exist"):
        read_mapping(tmp_path / "mapping.yml")
    with pytest.raises(CannotRunError, match="is a folder"):
        read_mapping(tmp_path)
    with pytest.raises(CannotRunError, match="/dev/null is a pipe or a device; save it as a file"):
        read_mapping(Path("/dev/null"))
    (tmp_path / "mapping.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CannotRunError, match="is not UTF-8"):
        read_mapping(tmp_path / "mapping.yml")


def test_a_warehouse_is_built_by_dbt(company: Company) -> None:
    company.mapping.write_text(
        "source_system: warehouse\nmapping: {leads: {table: lead}, deals: {table: deal}, spend: null}\n",
        encoding="utf-8",
    )
    outcome: Outcome = run(company)
    assert outcome.code == 2
    assert 'Run: dbt build --vars "$(cat MAPPING.yml)"' in outcome.last_line
