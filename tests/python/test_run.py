"""What a run publishes, what it refuses to publish, and that it does so in one step."""

import contextlib
import csv
import datetime as dt
import json
import os
import re
import shutil
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import openpyxl
import pytest
import yaml
from conftest import DEALS, LEADS, Company, Published, kpis, make_company, run
from filelock import FileLock
from report_pages import check_links, facts_of_page, pages_of
from runner import catalogue, publish
from runner.errors import CannotRunError, CheckFailedError
from runner.project import PROJECT
from runner.run import _private_folder, locked
from runner.sources import scan_sql
from runner.summary import shown_value

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def test_a_run_publishes_the_marts_in_every_form(published: Published) -> None:
    current = published.company.current
    assert current.is_symlink()
    assert current.readlink().parent == Path("builds")
    names = {path.name for path in current.iterdir()}
    tables = published.company.query("select schema_name, table_name from duckdb_tables()")
    scorecard = {"kpi_scorecard.xlsx", "kpi_scorecard.json", "kpi_scorecard.schema.json"}
    assert names == {"pipeline_kpis.duckdb", "run.json", "definitions.json", "docs", "report"} | scorecard | {
        f"{table}.{kind}" for _, table in tables for kind in ("parquet", "csv")
    }
    assert {"kpi_values", "kpi_values_wide", "kpi_scorecard"} <= {table for _, table in tables}
    assert {schema for schema, _ in tables} <= {"core", "kpis", "scorecard", "explain", "audit"}
    assert published.company.query("select count(*) from duckdb_views() where not internal") == [(0,)]
    assert stat.S_IMODE((current / "run.json").stat().st_mode) & 0o044


def test_the_report_is_published_with_the_numbers(published: Published) -> None:
    report = published.company.current / "report"
    check_links(report)
    texts = {path.relative_to(report).as_posix(): page.text for path, page in pages_of(report).items()}
    assert "as of 31 Mar 2024" in texts["index.html"]
    assert "Pipeline in Jan–Mar 2024: from" in texts["funnel.html"]
    assert "=cmd|'/c calc'!a1" in texts["kpi/deal_win_rate.html"]
    assert "report/index.html: the report, for a browser" in published.outcome.stdout


def test_the_models_are_described_beside_the_report(published: Published) -> None:
    current = published.company.current
    page = (current / "docs" / "index.html").read_text(encoding="utf-8")
    assert "docs/index.html: every model and column behind it" in published.outcome.stdout
    assert 'href="../docs/index.html"' in (current / "report" / "index.html").read_text(encoding="utf-8")
    assert 'href="../../docs/index.html"' in (current / "report" / "kpi" / "cac.html").read_text(
        encoding="utf-8"
    )
    manifest, catalog = facts_of_page(page)
    [column] = (
        column
        for column in manifest["nodes"]["model.pipeline_kpis.kpi_cac"]["columns"].values()
        if column["name"] == "value"
    )
    assert "Null" in column["description"] or "null" in column["description"]
    marks = {
        (node["test_metadata"]["name"], node["column_name"])
        for node in manifest["nodes"].values()
        if node.get("test_metadata") and "model.pipeline_kpis.fct_deals" in node["depends_on"]["nodes"]
        if node["original_file_path"].endswith("/fct_deals.yml") and node.get("column_name")
    }
    assert {("unique", "deal_id"), ("not_null", "deal_id"), ("accepted_values", "outcome")} <= marks
    assert ("relationships", "lead_id") in marks
    built = dict(
        published.company.query(
            "select table_name, count(*) from duckdb_columns() where not internal group by 1"
        )
    )
    shown = {node["metadata"]["name"]: len(node["columns"]) for node in catalog["nodes"].values()}
    assert built.items() <= shown.items()


def test_the_page_of_models_tells_nothing_of_the_machine_and_of_leads(published: Published) -> None:
    page = (published.company.current / "docs" / "index.html").read_text(encoding="utf-8")
    manifest, catalog = (json.dumps(facts) for facts in facts_of_page(page))
    folder = published.company.folder
    for secret in (
        str(folder),
        folder.name + "/",
        str(Path.home()),
        str(PROJECT),
        "ann@buyer.example",
        "@own.example",
    ):
        assert secret not in manifest + catalog, secret
    times_and_paths = ("compiled_code", "generated_at", "invocation_id", "root_path", "user_id", "patch_path")
    assert not [key for key in times_and_paths if f'"{key}"' in manifest + catalog]
    assert json.loads(manifest)["metadata"]["send_anonymous_usage_stats"] is False


def test_no_text_ends_the_script_that_holds_it() -> None:
    assert catalogue.as_script({"text": "</script><!--"}) == '{"text":"\\u003c/script>\\u003c!--"}'


def test_another_page_of_dbt_stops_the_run_before_anything_is_published(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<html></html>", encoding="utf-8")
    monkeypatch.setattr("dbt.task.docs.DOCS_INDEX_FILE_PATH", str(tmp_path / "page.html"))
    with pytest.raises(CannotRunError, match="This dbt has another page for its docs"):
        catalogue.write_page(tmp_path / "no.duckdb", tmp_path / "manifest.json", company.out)
    assert not company.current.exists()


def test_run_json_says_where_a_build_comes_from(published: Published) -> None:
    facts = published.company.run_json()
    assert facts["as_of"] == "2024-03-31"
    assert facts["source_system"] == "files"
    assert facts["mapping"]["sha256"] == publish.sha256_of(published.company.mapping)
    assert facts["tests_passed"] > 0
    assert set(facts["versions"]) == {"project", "python", "dbt-core", "dbt-duckdb", "duckdb"}
    assert facts["git"] is None or len(facts["git"]["commit"]) == 40
    listed = {file["name"]: file for file in facts["files"]}
    assert set(listed) | {"run.json"} == {
        path.relative_to(published.company.current).as_posix()
        for path in published.company.current.rglob("*")
        if path.is_file()
    }
    assert {"report/index.html", "docs/index.html"} <= set(listed)
    with duckdb.connect(
        str(published.company.current / "pipeline_kpis.duckdb"), read_only=True
    ) as connection:
        for name, file in listed.items():
            path = published.company.current / name
            if "sha256" in file:
                assert publish.sha256_of(path) == file["sha256"], name
            if path.suffix == ".csv":
                with path.open(encoding="utf-8", newline="") as text:
                    assert sum(1 for _ in csv.reader(text)) == file["rows"] + 1, name
            if path.suffix == ".parquet":
                counts = f"select count(*) from '{path}' union all select count(*) from {file['table']}"
                assert connection.execute(counts).fetchall() == [(file["rows"],)] * 2, name
    assert listed["kpi_scorecard.json"]["rows"] == listed["kpi_scorecard.csv"]["rows"] > 0
    assert 0 < listed["kpi_scorecard.xlsx"]["rows"] <= listed["kpi_scorecard.csv"]["rows"]
    assert [file["name"] for file in facts["files"] if "sha256" not in file] == ["pipeline_kpis.duckdb"]


def test_the_published_cards_keep_to_their_schema(published: Published) -> None:
    def loaded(name: str) -> Any:
        return json.loads((published.company.current / name).read_text(encoding="utf-8"))

    cards, schema = loaded("kpi_scorecard.json"), loaded("kpi_scorecard.schema.json")
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.check_schema(schema)
    validator.validate(cards)
    cells = [one for card in cards for one in card["cells"]]
    told = published.company.query("select count(*), sum(value) from scorecard.kpi_scorecard")
    assert (len(cells), Decimal(str(round(sum(one["value"] or 0 for one in cells), 3)))) == (
        told[0][0],
        round(told[0][1], 3),
    )
    described = schema["items"]["properties"]["cells"]["items"]["properties"]
    assert all(described[name]["description"] for name in described)


def test_the_published_workbook_has_the_scorecard(published: Published) -> None:
    book = openpyxl.load_workbook(published.company.current / "kpi_scorecard.xlsx", read_only=True)
    families = published.company.query("select distinct family from scorecard.kpi_scorecard order by 1")
    assert book.sheetnames == ["Overview", *(family.capitalize() for (family,) in families)]
    channels = {row[4] for row in book["Volume"].iter_rows(values_only=True) if row[3] == "channel"}
    assert "=cmd|'/c calc'!a1" in channels


def test_every_row_is_accounted_for(published: Published) -> None:
    assert published.company.rows_of("leads") == {"raw": 6, "staged": 3, "rejected": 2, "merged": 1}
    assert published.company.rows_of("deals") == {"raw": 4, "staged": 3, "rejected": 1, "merged": 0}
    assert published.company.rows_of("spend") == {"raw": 2, "staged": 2, "rejected": 0, "merged": 0}


def test_standard_output_is_the_summary_and_nothing_else(published: Published) -> None:
    shown, told = published.outcome.stdout, published.outcome.stderr
    assert "As of 2024-03-31" in shown
    assert re.search(r"^Won revenue +1,200\.50 ", shown, re.MULTILINE)
    assert re.search(r"^leads +6 +3 +2 +1$", shown, re.MULTILINE)
    assert str(published.company.current) in shown
    assert "Building and testing" in told
    assert "Building" not in shown
    assert not CONTROL.search(shown + told)


def test_published_tables_are_described(published: Published) -> None:
    comments = published.company.query("select comment from duckdb_tables() where table_name = 'kpi_values'")
    assert comments[0][0].startswith("One row per")
    described = published.company.query(
        "select count(*) from duckdb_columns() where table_name = 'kpi_values' and comment is not null"
    )
    assert described[0][0] > 5


def test_no_e_mail_address_is_published(published: Published) -> None:
    addresses = re.findall(r"\w+@\w+\.example", LEADS, re.IGNORECASE)
    assert addresses
    pattern = "|".join(addresses).lower()
    text_columns = published.company.query(
        "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() "
        "where data_type = 'VARCHAR' group by 1"
    )
    assert len(text_columns) > 10
    for table, columns in text_columns:
        whole = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
        query = f"select count(*) from {table} where regexp_matches(lower({whole}), '{pattern}')"
        assert published.company.query(query) == [(0,)], table
    for path in published.company.current.rglob("*"):
        if path.suffix in (".csv", ".json", ".html"):
            assert "@buyer.example" not in path.read_text(encoding="utf-8").lower()
    records = published.company.query("select raw_record from audit.rejected_rows where entity = 'leads'")
    assert all('"email": "***"' in record for (record,) in records)


def test_a_formula_from_the_data_is_text_in_csv(published: Published) -> None:
    with (published.company.current / "kpi_values.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    members = {row["slice_value"] for row in rows if row["slice"] == "channel"}
    assert "'=cmd|'/c calc'!a1" in members
    assert not any(cell and cell[0] in "=+@\t\r" for row in rows for cell in row.values())
    untouched = published.company.query(
        "select count(*) from scorecard.kpi_values where slice_value like '=cmd%'"
    )
    assert untouched[0][0] > 0


def test_rejected_rows_are_kept_unmasked_for_the_owner_only(published: Published) -> None:
    assert stat.S_IMODE(published.rejects.stat().st_mode) == 0o700
    files = sorted(published.rejects.iterdir())
    assert [path.name for path in files] == ["deals.csv", "leads.csv"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    with (published.rejects / "leads.csv").open(encoding="utf-8", newline="") as file:
        late = next(row for row in csv.DictReader(file) if row["lead_id"] == "L6")
    assert late["email"] == "eve@late.example"
    assert late["source_row"] == "leads.csv row 7"
    assert late["rejection_code"] == "unreadable_timestamp"
    assert late["company_name"] == '\'=HYPERLINK("x")'
    assert late["lead_score"] == "-5"


def test_rejected_rows_are_not_kept_where_others_look(company: Company) -> None:
    inside = run(company, "--keep-rejects", company.out / "rejects")
    assert (inside.code, "which is published" in inside.last_line) == (2, True)
    others = run(company, "--keep-rejects", company.folder)
    assert (others.code, "holds other files" in others.last_line) == (2, True)


def test_a_failed_test_publishes_nothing_and_says_which_rows(published: Published, tmp_path: Path) -> None:
    shutil.copytree(published.company.folder, tmp_path / "company", symlinks=True)
    company = Company(tmp_path / "company")
    before = company.current.readlink()
    broken = make_company(tmp_path / "broken", deals=DEALS.replace("Proposal", "Halfway"))
    outcome = kpis("run", "--mapping", broken.mapping, "--out", company.out)
    assert outcome.code == 1
    assert outcome.stdout == ""
    assert "Failed test: assert_every_word_is_in_the_vocabulary, 1 row" in outcome.stderr
    assert "Halfway" in outcome.stderr
    assert "deals.csv row 4" in outcome.stderr
    assert company.current.readlink() == before
    kept = Path(outcome.last_line.rsplit(" ", maxsplit=1)[-1])
    assert kept.parent == company.out / "failed"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert (kept / "pipeline_kpis.duckdb").is_file()
    assert not list((company.out / ".building").iterdir())
    _assert_the_checks_read_files_as_the_models_do(kept, broken)


def _assert_the_checks_read_files_as_the_models_do(kept: Path, company: Company) -> None:
    compiled = (kept / "target/compiled/pipeline_kpis/models/base/base_deals.sql").read_text(encoding="utf-8")
    options = yaml.safe_load(company.mapping.read_text(encoding="utf-8"))["mapping"]["deals"]

    def squeezed(text: str) -> str:
        return re.sub(r"\s+", "", text)

    assert squeezed(scan_sql(options))[:-1] in squeezed(compiled).replace(",filename='source_file'", "")


def test_an_e_mail_address_in_a_mart_is_not_published(company: Company) -> None:
    company.write_mapping(leads={"columns": {"lead_id": "email"}}, deals={"columns": {"lead_id": None}})
    outcome = run(company)
    assert outcome.code == 1
    assert "lead_id would publish" in outcome.last_line
    assert "md5(lower(email))" in outcome.last_line
    assert not company.current.exists()


@pytest.mark.parametrize(
    ("cell", "is_refused"),
    [
        ("cid@firm.example", True),
        ("c/o Cid@Firm.example", True),
        ("bob@shop.example; R1", True),
        ("cid@firm.example #1", True),
        ("it was <cid@firm.example>.", True),
        ("mailto:jürgen@käufer.example", True),
        ("R7: eve@late.example", True),
        ("+44 20 7946 0000", True),
        ("placid@firm.example", False),
        ("cid@firm.example.org", False),
        ("ours@own.example", False),
        ("@firm.example", False),
        ("cid at firm.example", False),
        (None, False),
    ],
)
def test_a_lead_s_address_inside_another_text_is_not_published(cell: str | None, is_refused: bool) -> None:
    """`ours` is a test record; `eve` stands in a cell that is more than an address."""
    leads = [
        *[(lead, None) for lead in ("CID@firm.example", "bob@shop.example", "Jürgen@Käufer.example")],
        *[("Eve <eve@late.example>", "missing_value"), ("ours@own.example", "test_record")],
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "attach ':memory:' as pipeline_kpis; create schema pipeline_kpis.staging; "
            "create table pipeline_kpis.staging.stg_leads__checked (email text, rejection_code text); "
            "create table pipeline_kpis.staging.stg_survey_responses__checked as "
            "select '+44 20 7946 0000' as respondent_id, cast(null as text) as rejection_code; "
            "attach ':memory:' as published; create schema published.core; "
            "create table published.core.fct_deals (deal_id text, note text, amount integer)"
        )
        connection.executemany("insert into pipeline_kpis.staging.stg_leads__checked values (?, ?)", leads)
        connection.execute(
            "insert into published.core.fct_deals values ('D1', ?, 5), ('D2', 'x@y', 6)", [cell]
        )
        refusal = (
            pytest.raises(CheckFailedError, match=r"core.fct_deals.note would publish 1 ")
            if is_refused
            else contextlib.nullcontext()
        )
        with refusal:
            publish.refuse_personal_data(connection, [{"schema": "core", "alias": "fct_deals"}])


def test_a_second_run_is_refused(company: Company) -> None:
    company.out.mkdir()
    with locked(company.out):
        outcome = run(company)
    assert outcome.code == 2
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert f"Another run is at work on {company.out} (process {os.getpid()}" in outcome.stderr


def test_a_lock_without_a_known_holder_is_respected(company: Company) -> None:
    company.out.mkdir()
    with FileLock(company.out / ".lock"):
        outcome = run(company)
    assert outcome.code == 2
    assert "Another run is at work" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--as-of", "31.12.2024"], "--as-of: '31.12.2024' is not a date. Write it as 2026-06-30."),
        (["--as-of", "20240331"], "--as-of: '20240331' is not a date. Write it as 2026-06-30."),
        (["--as-of", "0024-01-01"], "--as-of: 0024-01-01 is not a year between 1900 and 2200."),
        (["--target", "nowhere"], "profiles.yml has no target 'nowhere'."),
    ],
)
def test_a_wrong_option_is_one_line(company: Company, arguments: list[str], sentence: str) -> None:
    outcome = run(company, *arguments)
    assert outcome.code == 2
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert sentence in outcome.stderr


@pytest.mark.parametrize("name", ["C#", "what?/kpis"])
def test_a_folder_that_dbt_cannot_name_a_database_in_is_refused(company: Company, name: str) -> None:
    out = company.folder / name
    for command in (["run", "--mapping", company.mapping], ["doctor"]):
        outcome = kpis(*command, "--out", out)
        assert outcome.code == 2
        assert outcome.stderr.startswith(
            f"Error: {out} has a {'#' if '#' in name else '?'} in it, where dbt "
        )
        assert len(outcome.stderr.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize("name", ["leads.csv", "leads.csv/kpis"])
def test_a_file_in_place_of_a_folder_is_refused(company: Company, name: str) -> None:
    for command in (["run", "--mapping", company.mapping], ["doctor"]):
        outcome = kpis(*command, "--out", company.folder / name)
        assert outcome.code == 2
        assert outcome.last_line == (
            f"Error: --out {company.folder / name}: {company.folder}/leads.csv is a file. Choose a folder."
        )


def test_another_engine_is_built_by_dbt(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_TARGET", "nowhere")
    outcome = run(company)
    assert outcome.code == 2
    assert "profiles.yml has no target 'nowhere'." in outcome.stderr


def test_what_others_put_at_current_is_left_alone(company: Company) -> None:
    company.current.mkdir(parents=True)
    outcome = run(company)
    assert outcome.code == 2
    assert "is not a link that this command made" in outcome.stderr
    assert company.current.is_dir()


def test_a_crash_between_the_two_steps_of_a_swap_leaves_the_last_build(tmp_path: Path) -> None:
    def folder_of(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "run.json").write_text(name)
        return folder

    publish.make_current(tmp_path, folder_of("first"), "1")
    folder_of("second").rename(tmp_path / "builds" / "2")
    (tmp_path / ".current.2").symlink_to("builds/2")
    assert (tmp_path / "current" / "run.json").read_text() == "first"
    private, build_id = _private_folder(tmp_path, dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    assert build_id == "20240101T000000Z"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert not list(tmp_path.glob(".current.*"))
    publish.make_current(tmp_path, folder_of("third"), "3")
    assert (tmp_path / "current" / "run.json").read_text() == "third"


def test_the_last_five_builds_are_kept_and_always_the_current_one(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"2024010{number}").mkdir()
    publish.prune(tmp_path, protected=tmp_path / "20240100")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "20240100",
        "20240104",
        "20240105",
        "20240106",
        "20240107",
    ]


@pytest.mark.parametrize(
    ("cell", "kind", "safe"),
    [
        ("=1+1", "text", "'=1+1"),
        ("+1", "text", "'+1"),
        ("-1", "text", "'-1"),
        ("@SUM(A1)", "text", "'@SUM(A1)"),
        ("\tx", "text", "'\tx"),
        ("\rx", "text", "'\rx"),
        ("-1.5", "number", "-1.5"),
        ("-1+cmd()", "number required", "'-1+cmd()"),
        ("plain", "text", "plain"),
        (None, "text", ""),
    ],
)
def test_formulas_are_neutralised(cell: str | None, kind: str, safe: str) -> None:
    assert publish.without_formula(cell, kind) == safe


def test_values_are_shown_for_people() -> None:
    assert shown_value(None, "rate") == "-"
    assert shown_value(Decimal("0.125000"), "rate") == "12.5%"
    assert shown_value(Decimal("1234.000000"), "count") == "1,234"
    assert shown_value(Decimal("1234.500000"), "sum") == "1,234.50"


def test_export_writes_tables_as_files(published: Published, tmp_path: Path) -> None:
    outcome = kpis(
        *("export", "--from", published.company.current, "--out", tmp_path, "--format", "csv"),
        *("--table", "kpi_values", "--table", "core.fct_deals"),
    )
    assert outcome.code == 0
    assert outcome.stdout.split() == [str(tmp_path / "kpi_values.csv"), str(tmp_path / "fct_deals.csv")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fct_deals.csv", "kpi_values.csv"]
    exported = (tmp_path / "kpi_values.csv").read_bytes()
    assert exported == (published.company.current / "kpi_values.csv").read_bytes()


def test_export_writes_workbooks_and_json_too(published: Published, tmp_path: Path) -> None:
    source = ("export", "--from", published.company.current, "--out", tmp_path, "--table", "focus_list")
    assert kpis(*source, "--format", "xlsx", "--table", "kpi_values").code == 0
    assert kpis(*source, "--format", "json").code == 0
    [(values,)] = published.company.query("select count(*) from scorecard.kpi_values")
    sheet = openpyxl.load_workbook(tmp_path / "kpi_values.xlsx", read_only=True).active
    assert sheet.max_row == values + 1
    [(focus,)] = published.company.query("select count(*) from scorecard.focus_list")
    assert len(json.loads((tmp_path / "focus_list.json").read_text(encoding="utf-8"))) == focus


def test_export_of_all_is_every_table_as_parquet(published: Published, tmp_path: Path) -> None:
    outcome = kpis("export", "--from", published.company.current, "--out", tmp_path)
    assert outcome.code == 0
    tables = published.company.query("select table_name from duckdb_tables()")
    assert {path.name for path in tmp_path.iterdir()} == {f"{table}.parquet" for (table,) in tables}
    same = (tmp_path / "kpi_values.parquet").read_bytes()
    assert same == (published.company.current / "kpi_values.parquet").read_bytes()


def test_export_says_what_it_cannot_do(published: Published, tmp_path: Path) -> None:
    misspelt = kpis("export", "--from", published.company.current, "--out", tmp_path, "--table", "kpi_value")
    assert misspelt.code == 2
    assert "There is no published table 'kpi_value'. Did you mean 'kpi_values'?" in misspelt.stderr
    nothing = kpis("export", "--from", tmp_path, "--out", tmp_path)
    assert nothing.code == 2
    assert "There is no published database" in nothing.stderr
