"""Rules of ours for dbt-score: what is said of a model, a seed or a source is worth reading."""

import re

from dbt_score import Exposure, Model, RuleViolation, Seed, Source, rule
from dbt_score.models import Column

_SMALL_WORDS = frozenset(re.findall(r"\w+", "a an and as by for in is it its of on or that the to"))
_SHORT = 60
_WITHOUT_KEY = {"rejected_rows"}  # a source may well hold a record twice, to the letter


def _words(text: str) -> set[str]:
    """The words of a text or a name that mean something, plurals as singulars."""
    return {word.rstrip("s") for word in re.findall(r"[a-z0-9]+", text.lower())} - _SMALL_WORDS


def _empty(columns: list[Column]) -> RuleViolation | None:
    """What is wrong with the descriptions of columns: none, or one that only repeats the name."""
    if not columns:
        return RuleViolation("No columns are listed.")
    silent = [column.name for column in columns if not _words(column.description) - _words(column.name)]
    if not silent:
        return None
    return RuleViolation(f"Descriptions say no more than the name: {', '.join(silent)[:_SHORT]}")


@rule
def model_columns_are_explained(model: Model) -> RuleViolation | None:
    """The columns of a model are listed, and their descriptions say more than their names."""
    return _empty(model.columns)


@rule
def seed_columns_are_explained(seed: Seed) -> RuleViolation | None:
    """The columns of a seed are listed, and their descriptions say more than their names."""
    return _empty(seed.columns)


@rule
def source_columns_are_explained(source: Source) -> RuleViolation | None:
    """The columns of a source are listed, and their descriptions say more than their names."""
    return _empty(source.columns)


@rule
def source_has_description(source: Source) -> RuleViolation | None:
    """A source says what a row is."""
    return None if source.description.strip() else RuleViolation("Source lacks a description.")


@rule
def exposure_has_description(exposure: Exposure) -> RuleViolation | None:
    """An exposure says who reads what in it."""
    return None if (exposure.description or "").strip() else RuleViolation("Exposure lacks a description.")


@rule
def has_key_test(model: Model) -> RuleViolation | None:
    """A mart of more than one row is tested to have each of its rows once.

    KPI models are tested where they are one table, in kpi_values.
    """
    path = model.original_file_path
    is_keyed = path.startswith("models/marts/") and not path.startswith("models/marts/kpis/")
    is_keyed &= model.config.get("materialized") == "table" and model.name not in _WITHOUT_KEY
    if not is_keyed or re.match(r"One row[:,]", model.description):
        return None
    is_tested = any(test.type == "rules" and test.kwargs.get("unique") for test in model.tests)
    return None if is_tested else RuleViolation("No test says what the key is.")
