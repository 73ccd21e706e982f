"""Every line of the two requirement documents is answered, or says why not."""

import pytest
from requirements_table import (
    COMMAND,
    IDS,
    TABLE,
    Requirement,
    find_problems,
    parse_project,
    read_claims,
    read_requirements,
    write_table,
)


@pytest.fixture(scope="module")
def claims() -> dict[str, list[str]]:
    return read_claims(parse_project())


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
        "Nothing answers A002: name it in the meta of a model, or say why not."
    ]
    planned = requirements | {"A002": Requirement(asks="a number", planned="soon")}
    assert not find_problems(planned, without)
    assert find_problems(planned, claims) == [
        "A002 is planned and answered: take planned out, or say still_to_come."
    ]
    assert find_problems(requirements, claims | {"B066": ["kpi_x"]}) == ["B066 is no requirement."]
    del requirements["B065"]
    assert find_problems(requirements, claims) == ["B065 is not in requirements.yml."]
