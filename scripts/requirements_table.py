"""Write docs/requirements.md: every requirement, and what answers it.

Models and tests name the requirements that they answer (config.meta.requirements); tests/requirements.yml
says what each requirement asks for, and where it is met if it is not a number.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).parents[1]
REQUIREMENTS = PROJECT / "tests" / "requirements.yml"
TABLE = PROJECT / "docs" / "requirements.md"
IDS = [f"A{number:03}" for number in range(1, 45)] + [f"B{number:03}" for number in range(1, 66)]
COMMAND = "python scripts/requirements_table.py"

_HEAD = f"""# Requirements

What the glossary (A) and the article (B) ask for, and what answers it. Written by `{COMMAND}` from
the YAML of the models and tests/requirements.yml: change those, not this.

| id | asks for | answered by |
|---|---|---|
"""


@dataclass(frozen=True)
class Requirement:
    """A line of one of the documents."""

    asks: str
    met_by: str | None = None
    still_to_come: str | None = None
    planned: str | None = None


def read_requirements(path: Path = REQUIREMENTS) -> dict[str, Requirement]:
    """The requirements by id. Raises TypeError on a key that a requirement does not have."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {key: Requirement(**fields) for key, fields in loaded.items()}


def parse_project() -> dict[str, Any]:
    """The manifest of the project as it stands. Raises RuntimeError if dbt cannot parse it."""
    with tempfile.TemporaryDirectory() as folder:
        where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        where += ["--target-path", folder, "--log-path", folder]
        outcome = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *where])
        if not outcome.success:
            raise RuntimeError(f"dbt cannot parse the project; run `dbt parse`: {outcome.exception}")
        manifest: dict[str, Any] = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def read_claims(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """The names of the models and tests that say they answer a requirement, by requirement."""
    claims: dict[str, list[str]] = {}
    for node in [*manifest["nodes"].values(), *manifest["unit_tests"].values()]:
        for requirement in (node["config"].get("meta") or {}).get("requirements", []):
            claims.setdefault(requirement, []).append(node["name"])
    return {requirement: sorted(names) for requirement, names in claims.items()}


def find_problems(requirements: dict[str, Requirement], claims: dict[str, list[str]]) -> list[str]:
    """What is not covered, or said of a requirement that is not there: a sentence each."""
    problems = [f"{key} is not in {REQUIREMENTS.name}." for key in IDS if key not in requirements]
    problems += [f"{key} is no requirement." for key in [*requirements, *claims] if key not in IDS]
    for key, requirement in requirements.items():
        answered = key in claims or requirement.met_by
        if not answered and not requirement.planned:
            problems.append(f"Nothing answers {key}: name it in the meta of a model, or say why not.")
        if answered and requirement.planned:
            problems.append(f"{key} is planned and answered: take planned out, or say still_to_come.")
    return problems


def write_table(requirements: dict[str, Requirement], claims: dict[str, list[str]]) -> str:
    """The text of docs/requirements.md."""
    lines = []
    for key in IDS:
        requirement = requirements[key]
        answers = [", ".join(f"`{name}`" for name in claims[key])] if key in claims else []
        answers += [requirement.met_by] if requirement.met_by else []
        answers += [f"still to come: {requirement.still_to_come}"] if requirement.still_to_come else []
        answers += [f"planned: {requirement.planned}"] if requirement.planned else []
        lines.append(f"| {key} | {requirement.asks} | {'; '.join(answers)} |")
    return _HEAD + "\n".join(lines) + "\n"


def main(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is up to date.")] = False,
) -> None:
    """Write docs/requirements.md; exit with 1 if something is not covered, or with --check if it is old."""
    requirements, claims = read_requirements(), read_claims(parse_project())
    problems = find_problems(requirements, claims)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    text = write_table(requirements, claims)
    if check and TABLE.read_text(encoding="utf-8") != text:
        typer.echo(f"docs/requirements.md is old: run {COMMAND}", err=True)
        raise typer.Exit(1)
    TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
