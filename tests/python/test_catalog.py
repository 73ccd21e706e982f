"""The catalogue: every KPI has a card, every card its KPI, and every requirement an answer."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from building import ROOT, rows
from catalog import (
    COMMAND,
    CONFUSIONS,
    GLOSSARY,
    IDS,
    TABLE,
    WRITERS,
    Requirement,
    find_problems,
    parse_project,
    read_cards,
    read_claims,
    read_requirements,
    write_glossary,
    write_table,
)
from duckdb import read_csv
from runner.project import entities

CATALOG = ROOT / "seeds" / "catalog"
Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return parse_project()


@pytest.fixture(scope="module")
def claims(manifest: dict[str, Any]) -> dict[str, list[str]]:
    return read_claims(manifest, read_cards())


@cache
def sources() -> dict[str, dict[str, list[str]]]:
    """The columns that each KPI reads, by entity."""
    found: dict[str, dict[str, list[str]]] = {}
    for kpi, entity, columns in read_csv(str(CATALOG / "kpi_sources.csv"), header=True).fetchall():
        found.setdefault(kpi, {})[entity] = columns.split()
    return found


def test_every_kpi_of_the_demo_has_a_card_and_every_card_a_kpi(demo_database: Path) -> None:
    published = {kpi for (kpi,) in rows(demo_database, "select distinct kpi from scorecard.kpi_values")}
    assert published == {card["kpi"] for card in read_cards()}


def test_every_kpi_of_the_demo_has_a_value(demo_database: Path) -> None:
    empty = rows(demo_database, "select kpi from scorecard.kpi_values group by kpi having count(value) = 0")
    assert not empty


def test_the_wide_table_is_the_long_one_cell_by_cell(demo_database: Path) -> None:
    keys = "period_grain, period_start, period_end, is_complete_period, slice, slice_value"
    wide = rows(
        demo_database,
        f"select {keys}, kpi, value from (unpivot scorecard.kpi_values_wide "
        f"on columns(* exclude (as_of_date, {keys})) into name kpi value value) order by all",
    )
    long = rows(
        demo_database,
        f"select {keys}, kpi, value from scorecard.kpi_values where value is not null order by all",
    )
    assert len(long) > 100_000
    assert wide == long
    [(periods_and_members,)] = rows(
        demo_database, f"select count(distinct ({keys})) from scorecard.kpi_values"
    )
    assert rows(demo_database, "select count(*) from scorecard.kpi_values_wide") == [(periods_and_members,)]


def test_a_kpi_can_be_the_name_of_a_column_on_any_engine() -> None:
    odd = [card["kpi"] for card in read_cards() if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", card["kpi"])]
    assert not odd


def test_every_card_names_its_model_and_every_model_has_a_card() -> None:
    families = {path.stem: path.parent.name for path in (ROOT / "models/marts/kpis").rglob("*.sql")}
    assert {card["model"] for card in read_cards()} == set(families)
    wrong = [card["kpi"] for card in read_cards() if families[card["model"]] != card["family"]]
    assert not wrong


def test_the_readme_shows_a_model_as_it_is() -> None:
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("## How a KPI is added")[2]
    sql = re.search(r"```sql\n(.*?)```", shown, re.DOTALL)
    model = ROOT / "models/marts/kpis/conversion/kpi_win_loss_ratio.sql"
    assert sql
    assert sql[1] == model.read_text(encoding="utf-8")


def test_every_requirement_on_a_card_is_one() -> None:
    assert not [card["kpi"] for card in read_cards() if not set(card["requirements"].split()) <= set(IDS)]


def test_measure_target_source_and_frequency_are_never_empty() -> None:
    targets = {
        kpi for (kpi,) in read_csv(str(CATALOG / "kpi_targets.csv"), header=True).project("kpi").fetchall()
    }
    for card in read_cards():
        assert card["measure"], card["kpi"]
        assert card["formula"], card["kpi"]
        assert card["frequency"], card["kpi"]
        assert card["kpi"] in sources(), f"kpi_sources.csv does not say what {card['kpi']} reads"
        if card["on_scorecard"] == "true":
            assert card["kpi"] in targets, card["kpi"]


def test_a_win_rate_has_volume_quality_and_size_as_companions() -> None:
    wanted = {"qualified_leads", "qualified_lead_share", "average_deal_size"}
    rates = [card for card in read_cards() if re.search(r"win_rate|won_within|sql_to_customer", card["kpi"])]
    assert len(rates) > 8
    without = [
        card["kpi"]
        for card in rates
        if "meeting" not in card["kpi"] and not wanted <= set(card["companions"].split())
    ]
    assert not without


def test_sources_are_entities_with_those_columns() -> None:
    wrong = [
        (kpi, entity, column)
        for kpi, reads in sources().items()
        for entity, columns in reads.items()
        for column in columns
        if column not in entities()[entity]
    ]
    assert not wrong


def test_sources_agree_with_the_lineage(manifest: dict[str, Any]) -> None:
    """A KPI names the entities whose rows its facts are, and none that its model does not come from."""
    nodes: dict[str, Node] = manifest["nodes"]

    def parents(key: str) -> list[str]:
        return [parent for parent in nodes[key]["depends_on"].get("nodes", []) if parent in nodes]

    def ancestors(key: str) -> set[str]:
        found: set[str] = set()
        waiting = [key]
        while waiting:
            for parent in parents(waiting.pop()):
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found

    models = {node["name"]: key for key, node in nodes.items() if node["resource_type"] == "model"}
    wrong = []
    for card in read_cards():
        key = models[card["model"]]
        said = set(sources()[card["kpi"]])
        rows_of = {
            entity
            for parent in parents(key)
            for entity in (nodes[parent]["config"].get("meta") or {}).get("entities", [])
        }
        reached = {
            nodes[ancestor]["name"].removeprefix("base_")
            for ancestor in ancestors(key)
            if nodes[ancestor]["name"].startswith("base_")
        }
        if not (rows_of <= said <= reached):
            wrong.append((card["kpi"], rows_of - said, said - reached))
    assert not wrong


def test_a_cohort_waits_for_what_its_model_waits_for(manifest: dict[str, Any]) -> None:
    matures = {
        node["name"]: node["config"]["meta"]["events"]["matures"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and "events" in (node["config"].get("meta") or {})
    }
    cohorts = {row["kpi"]: row["waits_for"] for row in read_cards(CATALOG / "kpi_cohorts.csv")}
    waiting = {card["kpi"]: matures[card["model"]] for card in read_cards()}
    assert cohorts == {kpi: process for kpi, process in waiting.items() if process}


def test_what_follows_from_the_cards_is_up_to_date() -> None:
    cards = read_cards()
    for path, write in WRITERS.items():
        text = path.read_text(encoding="utf-8")
        assert text == write(text, cards), f"run {COMMAND}"
    glossary = write_glossary(cards, read_cards(CONFUSIONS))
    assert GLOSSARY.read_text(encoding="utf-8") == glossary, f"run {COMMAND}"


def test_every_requirement_is_answered_or_says_why_not(claims: dict[str, list[str]]) -> None:
    assert len(IDS) == 109
    assert not find_problems(read_requirements(), claims)


def test_the_table_is_what_the_models_say(claims: dict[str, list[str]]) -> None:
    assert TABLE.read_text(encoding="utf-8") == write_table(read_requirements(), claims), f"run {COMMAND}"


def test_what_is_not_covered_is_named() -> None:
    requirements = {key: Requirement(asks="a number") for key in IDS}
    claims = {key: ["kpi_x"] for key in IDS}
    assert not find_problems(requirements, claims)
    without = {key: names for key, names in claims.items() if key != "A002"}
    assert find_problems(requirements, without) == [
        "Nothing answers A002: name it on a card or in the meta of a model, or say why not."
    ]
    planned = requirements | {"A002": Requirement(asks="a number", planned="soon")}
    assert not find_problems(planned, without)
    assert find_problems(planned, claims) == [
        "A002 is planned and answered: take planned out, or say still_to_come."
    ]
    assert find_problems(requirements, claims | {"B066": ["kpi_x"]}) == ["B066 is no requirement."]
    del requirements["B065"]
    assert find_problems(requirements, claims) == ["B065 is not in requirements.yml."]
