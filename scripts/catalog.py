"""Write what follows from the KPI cards: lists in the models of all KPIs, docs/kpis.md, docs/requirements.md.

seeds/catalog/kpis.csv holds a card per KPI. The card names the requirements that its KPI answers; other
models and tests name theirs themselves (config.meta.requirements); tests/requirements.yml says what each
requirement asks for, and where it is met if it is not a number.
"""

import csv
import json
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).parents[1]
CARDS = PROJECT / "seeds" / "catalog" / "kpis.csv"
CONFUSIONS = PROJECT / "seeds" / "catalog" / "kpi_confusions.csv"
REQUIREMENTS = PROJECT / "tests" / "requirements.yml"
CELLS = PROJECT / "models" / "marts" / "scorecard" / "kpi_cells.sql"
WIDE = PROJECT / "models" / "marts" / "scorecard" / "kpi_values_wide.sql"
WIDE_COLUMNS = WIDE.with_suffix(".yml")
GLOSSARY = PROJECT / "docs" / "kpis.md"
TABLE = PROJECT / "docs" / "requirements.md"
IDS = [f"A{number:03}" for number in range(1, 45)] + [f"B{number:03}" for number in range(1, 66)]
COMMAND = "make catalog"
BETTER = {"higher": "higher is better", "lower": "lower is better", "context": "for context"}

_REQUIREMENTS_HEAD = f"""# Requirements

What the glossary (A) and the article (B) ask for, and what answers it. Written by `{COMMAND}` from the cards
(seeds/catalog/kpis.csv), the YAML of the other models and tests/requirements.yml: change those, not this.

| id | asks for | answered by |
|---|---|---|
"""
_GLOSSARY_HEAD = f"""# KPIs

Every KPI that `scorecard.kpi_values` holds, by month, quarter and year (week too, if `kpi_periods` says so),
for the whole and by the slices that every side of it has. What goes by whole months has no weeks: the
movements of MRR, average sale price, customer lifetime value and equity (not the predicted ones), required
new customers, acquisition adequacy, lagged CAC. The SQL stands in `models/marts/kpis/<family>/`,
the exact definition (dates, units, when it is null) in the YAML beside it. Written by `{COMMAND}` from the
cards in seeds/catalog/kpis.csv: change those, not this. Without the KPIs under "not without" one misleads.
What tells apart those that are [easily confused](#easily-confused) stands at the end. Under "answers" stand
the [requirements](requirements.md).
"""
_GLOSSARY_COLUMNS = (
    "| KPI | what it is | formula | unit | | not without | not to be confused with | answers |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
_CONFUSIONS_HEAD = """
## Easily confused

One word, several KPIs: name the one you mean. `kpis.py explain` puts their values side by side. From
seeds/catalog/kpi_confusions.csv.

| word | KPI | told apart by |
|---|---|---|
"""


@dataclass(frozen=True)
class Requirement:
    """A line of one of the documents."""

    asks: str
    met_by: str | None = None
    still_to_come: str | None = None
    planned: str | None = None


def read_cards(path: Path = CARDS) -> list[dict[str, str]]:
    """The rows of a file of the catalogue, the KPI cards unless another is named, every cell text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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


def read_claims(manifest: dict[str, Any], cards: list[dict[str, str]]) -> dict[str, list[str]]:
    """The names of the models and tests that answer a requirement, by requirement."""
    claims: dict[str, set[str]] = {}
    for card in cards:
        for requirement in card["requirements"].split():
            claims.setdefault(requirement, set()).add(card["model"])
    for node in [*manifest["nodes"].values(), *manifest["unit_tests"].values()]:
        for requirement in (node["config"].get("meta") or {}).get("requirements", []):
            claims.setdefault(requirement, set()).add(node["name"])
    return {requirement: sorted(names) for requirement, names in claims.items()}


def find_problems(requirements: dict[str, Requirement], claims: dict[str, list[str]]) -> list[str]:
    """What is not covered, or said of a requirement that is not there: a sentence each."""
    problems = [f"{key} is not in {REQUIREMENTS.name}." for key in IDS if key not in requirements]
    problems += [f"{key} is no requirement." for key in [*requirements, *claims] if key not in IDS]
    for key, requirement in requirements.items():
        answered = key in claims or requirement.met_by
        if not answered and not requirement.planned:
            problems.append(
                f"Nothing answers {key}: name it on a card or in the meta of a model, or say why not."
            )
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
    return _REQUIREMENTS_HEAD + "\n".join(lines) + "\n"


def write_glossary(cards: list[dict[str, str]], confusions: list[dict[str, str]]) -> str:
    """The text of docs/kpis.md: the cards, a table per family, and what is easily confused."""
    text = _GLOSSARY_HEAD
    others = _confused_with(confusions)
    families = list(dict.fromkeys(card["family"] for card in cards))
    for family, members in groupby(
        sorted(cards, key=lambda card: families.index(card["family"])), _family_of
    ):
        text += f"\n## {family.capitalize()}\n\n{_GLOSSARY_COLUMNS}"
        for card in members:
            cells = [f"`{card['kpi']}`", f"{card['label']}: {card['measure']}", card["formula"], card["unit"]]
            cells += [BETTER[card["direction"]], _listed(card["companions"].split())]
            cells += [_listed(others.get(card["kpi"], [])), card["requirements"].replace(" ", ", ")]
            text += f"| {' | '.join(cells)} |\n"
    return (
        text
        + _CONFUSIONS_HEAD
        + "".join(f"| {row['word']} | `{row['kpi']}` | {row['told_apart_by']} |\n" for row in confusions)
    )


def _confused_with(confusions: list[dict[str, str]]) -> dict[str, list[str]]:
    """The KPIs that go by a word of this one, by KPI."""
    words: dict[str, list[str]] = {}
    for row in confusions:
        words.setdefault(row["word"], []).append(row["kpi"])
    others: dict[str, list[str]] = {}
    for members in words.values():
        for kpi in members:
            others.setdefault(kpi, []).extend(other for other in members if other != kpi)
    return {kpi: list(dict.fromkeys(names)) for kpi, names in others.items()}


def _listed(kpis: list[str]) -> str:
    return ", ".join(f"`{kpi}`" for kpi in kpis)


def write_cells(sql: str, cards: list[dict[str, str]]) -> str:
    """The text of kpi_cells.sql with the models of the cards, each once, in the order of the cards."""
    return _with_list(sql, CELLS, "kpi_models", dict.fromkeys(card["model"] for card in cards))


def write_wide(sql: str, cards: list[dict[str, str]]) -> str:
    """The text of kpi_values_wide.sql with the KPIs of the cards, in their order."""
    return _with_list(sql, WIDE, "kpis", [card["kpi"] for card in cards])


def write_wide_columns(text: str, cards: list[dict[str, str]]) -> str:
    """The text of kpi_values_wide.yml with a column per card, between the two comments that say so."""
    columns = "".join(
        f"      - name: {card['kpi']}\n"
        "        data_type: numeric(28, 6)\n"
        f"        description: {json.dumps(_described(card), ensure_ascii=False)}\n"
        for card in cards
    )
    first, last = "      # One column per KPI.\n", "      # As the cards say.\n"
    if text.count(first) != 1 or text.count(last) != 1:
        raise ValueError(f"{WIDE_COLUMNS} lacks `{first.strip()}` or `{last.strip()}`; put them back.")
    return text.split(first, maxsplit=1)[0] + first + columns + last + text.split(last, maxsplit=1)[1]


def _described(card: dict[str, str]) -> str:
    measure = card["measure"].rstrip(".")
    return f"{card['label']} ({card['unit']}): {measure}."


def _with_list(sql: str, path: Path, name: str, members: Iterable[str]) -> str:
    """The SQL of a model, with these members in its `set <name> = [...]`."""
    listed = f"{{% set {name} = [\n" + "".join(f"    '{member}',\n" for member in members) + "] %}"
    changed, found = re.subn(rf"\{{% set {name} = \[.*?\] %\}}", listed, sql, count=1, flags=re.DOTALL)
    if not found:
        raise ValueError(f"{path} has no list `set {name} = [...]`; put it back.")
    return changed


WRITERS = {CELLS: write_cells, WIDE: write_wide, WIDE_COLUMNS: write_wide_columns}


def _family_of(card: dict[str, str]) -> str:
    return card["family"]


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the files are up to date.")
    ] = False,
) -> None:
    """Write the files; exit with 1 if a requirement is not covered, or with --check if a file is old."""
    cards = read_cards()
    texts = {path: write(path.read_text(encoding="utf-8"), cards) for path, write in WRITERS.items()}
    texts[GLOSSARY] = write_glossary(cards, read_cards(CONFUSIONS))
    if not check:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    requirements, claims = read_requirements(), read_claims(parse_project(), cards)
    problems = find_problems(requirements, claims)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    texts[TABLE] = write_table(requirements, claims)
    if not check:
        TABLE.write_text(texts[TABLE], encoding="utf-8")
    old = [
        path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in old:
        typer.echo(f"{path.relative_to(PROJECT)} is old: run {COMMAND}", err=True)
    if old:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
