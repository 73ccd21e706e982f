"""Warehouses that are not run here: the SQL of every model is SQL of each one's dialect.

A floor, not a proof: SQLGlot knows the grammars and many functions, not what a warehouse makes of them.
"""

from collections import Counter
from pathlib import Path

import pytest
import sqlglot
from building import ROOT
from sqlglot import Dialect, ErrorLevel, exp, transforms

DIALECTS = ("snowflake", "bigquery", "databricks", "trino", "redshift", "postgres", "spark")

# What DuckDB's versions of the macros in macros/portable call; another engine has a version of its own.
DISPATCHED = {"timezone", "pg_timezone_names"}

# Functions of a dialect that SQLGlot writes and then reads as names that it does not know.
OWN = {
    "postgres": {"age"},  # in the number of months between two dates
    "trino": {"at_timezone"},
}

# The functions that models call. Before you add one, look it up in the manuals of all dialects.
# fmt: off
FUNCTIONS = {
    "Abs", "And", "Array", "Avg", "Case", "Cast", "Chr", "Coalesce", "Count", "DateDiff", "DateTrunc",
    "DenseRank", "Exp", "Extract", "FirstValue", "Floor", "GenerateSeries", "Greatest", "GroupConcat",
    "Grouping", "If", "Lag", "Lead", "Least", "Length", "Ln", "Lower", "Max", "Min", "Nullif", "Or",
    "PercentileCont", "PercentileDisc", "Pow", "Rank", "RegexpReplace", "Replace", "Round", "RowNumber",
    "Sqrt", "Substring", "Sum", "TimestampTrunc", "Trim", "TryCast", "Upper",
}
# fmt: on

# What is neither lost nor made up on the way.
COUNTED = (exp.Join, exp.Union, exp.Group, exp.Where, exp.Having, exp.Window)


def shape(tree: exp.Expr) -> dict[str, object]:
    """What a query reads, names and does, whatever the dialect."""
    return {
        "reads": Counter(table.name for table in tree.find_all(exp.Table) if table.name),
        "steps": Counter(step.alias for step in tree.find_all(exp.CTE)),
        "columns": tree.named_selects if isinstance(tree, exp.Query) else None,
        "does": Counter(type(node).__name__ for node in tree.find_all(*COUNTED)),
    }


def unknown_functions(tree: exp.Expr) -> set[str]:
    """Functions of which SQLGlot knows only the name."""
    return {function.name.lower() for function in tree.find_all(exp.Anonymous)}


def parsed(sql: str) -> exp.Expr:
    """A model as DuckDB reads it. Named windows are written out: SQLGlot cannot write them for BigQuery."""
    tree = sqlglot.parse_one(sql, read="duckdb", error_level=ErrorLevel.RAISE)
    for select in tree.find_all(exp.Select):
        transforms.eliminate_window_clause(select)
    return tree


def faults(tree: exp.Expr, dialect: str) -> list[str]:
    """What is wrong with a model in a dialect; nothing when it is fine."""
    # Where nulls are sorted is said where it matters, in words that all dialects have: SQLGlot adds none.
    order = Dialect.get_or_raise(dialect).NULL_ORDERING
    for by in tree.find_all(exp.Ordered):
        by.set("nulls_first", order == ("nulls_are_large" if by.args.get("desc") else "nulls_are_small"))
    try:
        sql = tree.sql(dialect, unsupported_level=ErrorLevel.RAISE)
        there = sqlglot.parse_one(sql, read=dialect, error_level=ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as error:
        return [str(error)]
    before, after = shape(tree), shape(there)
    return [
        *(f"{what}: {before[what]} became {after[what]}" for what in before if before[what] != after[what]),
        *(
            f"there is no {name}()"
            for name in unknown_functions(there) - DISPATCHED - OWN.get(dialect, set())
        ),
    ]


@pytest.fixture(scope="module")
def models(demo_database: Path) -> dict[str, exp.Expr]:
    folder = demo_database.parent / "target" / "compiled" / "pipeline_kpis" / "models"
    # What stands under a YAML file are its tests.
    files = [
        path for path in folder.rglob("*.sql") if not any(part.suffix == ".yml" for part in path.parents)
    ]
    return {path.stem: parsed(path.read_text()) for path in files}


@pytest.fixture(scope="module")
def rules(demo_database: Path) -> dict[str, exp.Expr]:
    """The tests of what holds of the rows of each table."""
    folder = demo_database.parent / "target" / "compiled" / "pipeline_kpis"
    return {path.stem: parsed(path.read_text()) for path in folder.rglob("rules_of_*.sql")}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_rules_of_every_table_are_sql_of_the_dialect(rules: dict[str, exp.Expr], dialect: str) -> None:
    assert len(rules) > 100
    assert not {name: told for name, tree in rules.items() if (told := faults(tree, dialect))}


def test_every_model_is_looked_at(models: dict[str, exp.Expr]) -> None:
    assert set(models) == {path.stem for path in (ROOT / "models").rglob("*.sql")}


def test_models_call_functions_that_were_looked_up_and_no_others(models: dict[str, exp.Expr]) -> None:
    called = {
        (type(function).__name__, name)
        for name, tree in models.items()
        for function in tree.find_all(exp.Func)
        if not isinstance(function, exp.Anonymous)
    }
    assert not {(function, name) for function, name in called if function not in FUNCTIONS}


def test_only_macros_of_their_own_engine_call_what_others_lack(models: dict[str, exp.Expr]) -> None:
    assert set().union(*map(unknown_functions, models.values())) == DISPATCHED
    macros = "".join(path.read_text() for path in (ROOT / "macros" / "portable").glob("*.sql"))
    assert not [name for name in DISPATCHED if f"{name}(" not in macros]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_model_is_sql_of_the_dialect(models: dict[str, exp.Expr], dialect: str) -> None:
    wrong = {name: told for name, tree in models.items() if (told := faults(tree, dialect))}
    assert not wrong


@pytest.mark.parametrize(
    ("sql", "dialect", "fault"),
    [
        ("select only_in_duckdb(a) as x from t", "trino", "there is no only_in_duckdb()"),
        ("select a from t qualify row_number() over (order by a) = 1", "postgres", "'Where': 1"),
        ("select count(*) filter (where a > 1) as n from t", "bigquery", "became Counter()"),
        ("select unnest([1, 2]) as a", "trino", "'Join': 1"),
        ("pivot t on a using sum(b)", "trino", "PIVOT"),
    ],
)
def test_what_a_dialect_lacks_is_found(sql: str, dialect: str, fault: str) -> None:
    assert fault in " ".join(faults(parsed(sql), dialect))
