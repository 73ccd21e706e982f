"""The doctor says before a build what a build would find."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import DEALS, Company, Published, kpis, make_company
from runner.project import PROJECT, entities, project_vars
from runner.run import lock_state, locked


def test_the_doctor_of_the_project(published: Published) -> None:
    outcome = kpis("doctor", "--out", published.company.out)
    assert outcome.code == 0, outcome.stdout
    for word in ("python ", "dbt-core ", "dbt-duckdb ", "duckdb "):
        assert re.search(rf"^{word} *\d+\.\d+", outcome.stdout, re.MULTILINE)
    assert re.search(r"^project +parses$", outcome.stdout, re.MULTILINE)
    assert re.search(r"^disk +[\d.,]+ GB free", outcome.stdout, re.MULTILINE)
    assert re.search(r"^exports +.*current, published 20.*, as of 2024-03-31$", outcome.stdout, re.MULTILINE)
    assert re.search(r"^lock +free$", outcome.stdout, re.MULTILINE)


def test_the_doctor_sees_a_full_disk(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr("runner.doctor.invoke_dbt", lambda *_: type("Result", (), {"success": True})())
    outcome = kpis("doctor", "--out", tmp_path / "none")
    assert outcome.code == 1
    assert "less than 1 GB" in outcome.stdout
    assert f"nothing is published at {tmp_path / 'none'} yet" in outcome.stdout


def test_the_doctor_sees_a_run_at_work(tmp_path: Path) -> None:
    assert lock_state(tmp_path) == "free"
    with locked(tmp_path):
        assert lock_state(tmp_path).startswith("held by a run (process ")
    assert lock_state(tmp_path) == "free"


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the doctor says of a company whose files have something of everything."""
    deals = (
        "deal_id,stage,created_at,lead_id,value,closed_at,currency,lost_reason,note\n"
        "D1,Closed Won,2024-01-20,L1,100,2024-02-10,EUR,,a\n"
        "D2,Halfway,2024-01-20,L1,100,,,,b\n"
        "D3,Halfway,2024-01-20,L1,100,,,,c\n"
        "D4,Halfway,someday,L1,100,,,,d\n"
        "D5,Paused,2024-01-20,L1,100,,,,e\n"
        "D6,Proposal,20.01.2024,L1,100,,,,f\n"
        "D7,Proposal,21.01.2024,L1,100,,,,g\n"
        "D8,Proposal,22.01.2024,L1,100,,,,h\n"
        "D9,Proposal,2024-01-20,L1,100,soon,,,i\n"
        "D10,Proposal,2024-01-20,L1,1.000,,,,j\n"
        "D11,Proposal,2024-01-20,L1,about 5,,,,k\n"
        "D12,Closed Lost,2024-01-20,L1,100,2024-02-10,,went silent,l\n"
        "D12,Closed Lost,2024-01-20,L1,100,2024-02-10,,price,m\n"
        "D13,Closed Won,2024-01-20,L1,100,9999-12-31,,,n\n"
    )
    company = make_company(tmp_path_factory.mktemp("doctor") / "company", deals=deals)
    company.write_mapping(deals={"columns": {"amount": "value"}})
    outcome = kpis("doctor", "--mapping", company.mapping)
    assert outcome.code == 1, outcome
    return outcome.stdout


@pytest.mark.parametrize(
    "line",
    [
        r"deals: .*deals\.csv, 14 rows",
        r"  mapped: +deal_id, stage, created_at, lead_id, amount <- value, currency, closed_at, lost_reason",
        r"  not mapped: +account_id, owner_id, .*",
        r"  not used: +note",
        r"deals: 4 rows rejected, created_at is not a timestamp from 1900 to 2199",
        r"  deals\.csv row 7: 20\.01\.2024",
        r"  deals\.csv row 10: soon",
        r"deals: 2 rows rejected, closed_at is not a timestamp from 1900 to 2199",
        r"  deals\.csv row 15: 9999-12-31",
        r"deals: 1 row rejected, amount is not a number",
        r"  deals\.csv row 12: about 5",
        r"deals: 1 row rejected, duplicate_id",
        r"deals: stage 'Halfway' is not in vocabulary\.stages: 3 rows, for example deals\.csv row 3",
        r"deals: stage 'Paused' is not in vocabulary\.stages: 1 row, for example deals\.csv row 6",
        r"deals: 1 amount in EUR, which has no rate to USD\. Map the entity currency_rates\.",
        r"leads: 1 test record left out, as they should be",
    ],
)
def test_the_doctor_finds(findings: str, line: str) -> None:
    assert re.search(rf"^{line}$", findings, re.MULTILINE), findings


def test_the_doctor_shows_three_examples_at_most(findings: str) -> None:
    rows = re.findall(r"deals\.csv row (\d+): (?:someday|2\d\.01\.2024)$", findings, re.MULTILINE)
    assert rows == ["5", "7", "8"]


SURVEY = """response_id,survey_wave,respondent_id,question,brand,rank
A1,2024-Q1,P1,brand_recall,Rival,1
A2,2024-Q1,P1,brand_recall,Rivall,2
A3,2024-Q1,P2,brand_recall,rivall,1
A4,2024-Q1,P3,brand_recall,Our Thing,1
A5,2024-Q1,P4,brand_recall,,
A6,,P5,brand_recall,Nobody,1
"""


def doctor_of_a_survey(folder: Path, brands: dict[str, Any] | None) -> str:
    company = make_company(folder / "company")
    path = company.folder / "survey.csv"
    path.write_text(SURVEY, encoding="utf-8")
    vocabulary = {"brands": brands} if brands else {}
    company.write_mapping(vocabulary=vocabulary, survey_responses={"path": str(path)})
    return kpis("doctor", "--mapping", company.mapping).stdout


def test_the_doctor_counts_the_brands_that_the_vocabulary_does_not_know(tmp_path: Path) -> None:
    brands = {"Rival": {"brand": "Rival"}, "our thing": {"brand": "Our Thing", "is_us": True}}
    said = doctor_of_a_survey(tmp_path, brands)
    note = "note: survey_responses.brand has words that vocabulary.brands does not know: "
    assert re.search(rf"^{re.escape(note)}Rivall \(1\), rivall \(1\)$", said, re.MULTILINE), said
    assert "is ours" not in said
    assert "survey_responses: 1 row rejected, missing_value" in said


def test_the_doctor_says_when_no_brand_is_ours(tmp_path: Path) -> None:
    said = doctor_of_a_survey(tmp_path, None)
    assert "does not know: Our Thing (1), Rival (1), Rivall (1), rivall (1)\n" in said, said
    assert "note: none of 4 answers in survey_responses.brand is ours, so share of voice is 0." in said


def test_the_doctor_names_all_that_a_build_would_stop_at(company: Company) -> None:
    (company.folder / "deals.csv").write_text(DEALS, encoding="utf-8")
    company.write_mapping(
        deals={"columns": {"closed_at": "close_date", "amount": {"sql": "amout"}}},
        spend={"path": str(company.folder / "spent.csv")},
    )
    outcome = kpis("doctor", "--mapping", company.mapping)
    assert outcome.code == 2
    assert "has no column 'close_date'" in outcome.stdout
    assert "there is no column 'amout'. Did you mean 'amount'?" in outcome.stdout
    assert "there is no file" in outcome.stdout
    assert outcome.last_line.startswith("Error: 3 problems to mend before a build: ")


def test_the_doctor_lists_everything_wrong_with_a_mapping(company: Company) -> None:
    company.mapping.write_text(
        "source_system: files\nas_off: 2024-01-01\nmapping: {lead: null}\n", encoding="utf-8"
    )
    outcome = kpis("doctor", "--mapping", company.mapping)
    assert outcome.code == 2
    assert outcome.stdout.count("problem: ") == 5


DOCUMENT = PROJECT / "docs" / "mapping.md"


def test_the_walk_through_of_the_documentation_works(tmp_path: Path) -> None:
    blocks = re.findall(r"```(csv|yaml)\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    files = [text for kind, text in blocks if kind == "csv"]
    (tmp_path / "contacts.csv").write_text(files[0], encoding="utf-8")
    (tmp_path / "opportunities.csv").write_text(files[1], encoding="utf-8")
    mapping = tmp_path / "mapping.yml"
    text = next(text for kind, text in blocks if kind == "yaml")
    mapping.write_text(text.replace("../crm/", f"{tmp_path}/"), encoding="utf-8")
    outcome = kpis("doctor", "--mapping", mapping)
    assert outcome.code == 0, outcome
    assert "Every row can be used" in outcome.stdout
    assert f"kpis.py run --mapping {mapping}" in outcome.stdout
    assert "rejected" not in outcome.stdout


def test_the_documentation_names_everything_that_a_mapping_may_say() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    names = {name for name in project_vars() if name not in ("entities", "required_entities")}
    names |= {"path", "columns", "where", "lookups", "date_formats", "time_zone", "delimiter", "encoding"}
    names |= {"skip_lines", "null_values", "sheet", "table"}
    for name in names:
        assert f"`{name}`" in document, name
    for entity, columns in entities().items():
        section = re.search(
            rf"^(### {entity}:.*?(?=^### )|\| `{entity}`:.*?$)", document, re.DOTALL | re.MULTILINE
        )
        assert section, entity
        for column, kind in columns.items():
            assert re.search(rf"\b{column}\b", section.group()), f"{entity}.{column}"
            if "required" in kind.split():
                assert re.search(rf"\*\*{column}\*\*", section.group()), f"{entity}.{column}"
