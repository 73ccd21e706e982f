"""Rules of the house: layers, names, one contract for all KPIs, portable SQL, no personal data."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from building import ROOT, rows
from dbt.cli.main import dbtRunner

Node = dict[str, Any]

# What a layer may read. The clock is the one thing that all read.
READS = {
    "base": set(),
    "staging": {"base", "staging"},
    "intermediate": {"staging", "intermediate"},
    "core": {"staging", "intermediate", "core"},
    "kpis": {"core"},
    "scorecard": {"intermediate", "kpis", "core", "scorecard"},
    "explain": {"core", "kpis", "scorecard", "explain"},
    "audit": {"base", "staging", "audit"},
}
PREFIXES = {
    "base": "base_",
    "staging": "stg_",
    "intermediate": "int_",
    "core": "(fct|dim)_",
    "kpis": "kpi_",
}
ENGINE_ONLY = re.compile(
    r"::|\bqualify\b|filter \(where|group by all|\bilike\b|\busing\s*\(|target\.type"
    r"|current_date|current_timestamp|now\(\)"
)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Node]]:
    target = tmp_path_factory.mktemp("parse")
    arguments = [
        "parse",
        "--quiet",
        "--project-dir",
        str(ROOT),
        "--profiles-dir",
        str(ROOT),
        "--target-path",
        str(target),
    ]
    assert dbtRunner().invoke([*arguments, "--log-path", str(target)]).success
    found: dict[str, dict[str, Node]] = json.loads((target / "manifest.json").read_text())
    return found


@pytest.fixture(scope="module")
def nodes(manifest: dict[str, dict[str, Node]]) -> dict[str, Node]:
    return manifest["nodes"] | manifest["unit_tests"] | manifest["exposures"]


@pytest.fixture(scope="module")
def sources(manifest: dict[str, dict[str, Node]]) -> dict[str, Node]:
    return manifest["sources"]


def models(nodes: dict[str, Node]) -> dict[str, Node]:
    return {key: node for key, node in nodes.items() if node["resource_type"] == "model"}


def layer(node: Node) -> str:
    folders: list[str] = node["fqn"]
    return folders[2] if folders[1] == "marts" else folders[1]


def test_a_layer_reads_only_the_layers_above_it(nodes: dict[str, Node]) -> None:
    found = models(nodes)
    wrong = [
        f"{node['name']} reads {found[parent]['name']}"
        for node in found.values()
        for parent in node["depends_on"]["nodes"]
        if parent in found and found[parent]["name"] != "int_clock"
        if layer(found[parent]) not in READS[layer(node)]
    ]
    assert not wrong


def test_models_are_named_for_their_layer(nodes: dict[str, Node]) -> None:
    wrong = [
        node["name"]
        for node in models(nodes).values()
        if layer(node) in PREFIXES and not re.match(PREFIXES[layer(node)], node["name"])
    ]
    assert not wrong


def test_every_model_says_what_a_row_is(nodes: dict[str, Node]) -> None:
    without = [node["name"] for node in models(nodes).values() if not node["description"].strip()]
    assert not without
    grainless = [
        node["name"]
        for node in models(nodes).values()
        if layer(node) != "kpis" and not node["description"].startswith("One row")
    ]
    assert not grainless


def test_the_columns_described_are_those_that_exist(nodes: dict[str, Node], demo_database: Path) -> None:
    """Dbt says nothing of a described column that is not there, and a contract nothing of a description."""
    built = {
        (schema, table): set(columns)
        for schema, table, columns in rows(
            demo_database,
            "select schema_name, table_name, list(lower(column_name)) from duckdb_columns() group by 1, 2",
        )
    }
    described = {
        (node["schema"], node["alias"]): {
            name.lower() for name, column in node["columns"].items() if column["description"].strip()
        }
        for node in nodes.values()
        if node["resource_type"] in ("model", "seed")
    }
    assert len(described) > 200
    wrong = [
        f"{table}.{column} {'is not described' if column in built[schema, table] else 'does not exist'}"
        for (schema, table), columns in described.items()
        for column in columns ^ built[schema, table]
    ]
    assert not wrong


def test_what_holds_of_the_rows_of_a_table_is_one_test(nodes: dict[str, Node]) -> None:
    tests = [node for node in nodes.values() if node.get("test_metadata")]
    names = {node["attached_node"].split(".")[2]: node["name"] for node in tests if _is_of_rules(node)}
    assert len(names) > 100
    assert names == {table: f"rules_of_{table}" for table in names}
    alone = [node["name"] for node in tests if not _is_of_rules(node)]
    assert not [name for name in alone if not name.startswith("relationships_")]


def _is_of_rules(node: Node) -> bool:
    kind: str = node["test_metadata"]["name"]
    return kind == "rules"


def test_a_source_has_the_columns_of_its_entity(sources: dict[str, Node]) -> None:
    registry = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]["entities"]
    listed = {source["name"]: list(source["columns"]) for source in sources.values()}
    assert listed == {
        entity: [column.split()[0] for column in columns] for entity, columns in registry.items()
    }


def test_public_tables_have_a_contract_and_bi_pages_read_no_others(nodes: dict[str, Node]) -> None:
    found = models(nodes)
    public = {key for key, node in found.items() if node["access"] == "public"}
    assert {"core", "scorecard", "explain", "audit"} == {layer(found[key]) for key in public}
    loose = [found[key]["name"] for key in public if not found[key]["config"]["contract"]["enforced"]]
    assert not loose
    pages = [node for node in nodes.values() if node["resource_type"] == "exposure"]
    assert len(pages) >= 5
    wrong = [
        f"{page['name']} reads {key}"
        for page in pages
        for key in page["depends_on"]["nodes"]
        if key not in public
    ]
    assert not wrong


def test_every_kpi_is_in_the_union_and_has_a_unit_test(nodes: dict[str, Node]) -> None:
    found = models(nodes)
    kpis = {key for key, node in found.items() if layer(node) == "kpis"}
    union = set(found["model.pipeline_kpis.kpi_cells"]["depends_on"]["nodes"])
    tested = {node["model"] for node in nodes.values() if node["resource_type"] == "unit_test"}
    assert kpis
    assert kpis == {key for key in union if key in kpis}
    assert not [found[key]["name"] for key in kpis if found[key]["name"] not in tested]


def test_every_kpi_model_has_the_columns_of_kpi_values(demo_database: Path) -> None:
    columns = rows(
        demo_database,
        "select table_name, list((column_name, data_type) order by column_name) from duckdb_columns() "
        "where schema_name = 'kpis' or table_name = 'kpi_values' group by 1",
    )
    contracts = dict(columns)
    assert len(contracts) > 20
    assert not [table for table, contract in contracts.items() if contract != contracts["kpi_values"]]


def test_models_are_portable_and_have_no_clock_of_their_own() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in (ROOT / "models").rglob("*.sql")
        for match in ENGINE_ONLY.finditer(re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL))
    ]
    assert not wrong


def test_no_model_and_no_test_asks_which_engine_it_is_on() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for folder in ("models", "tests", "macros")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".sql", ".yml")
        for match in re.finditer(r"\btarget\.(type|name)\b|\badapter\.type\(", path.read_text())
    ]
    assert not wrong


def test_every_macro_that_engines_have_versions_of_has_cases_with_answers() -> None:
    dispatched = {
        name
        for path in (ROOT / "macros").rglob("*.sql")
        for name in re.findall(r"adapter\.dispatch\('(\w+)', 'pipeline_kpis'\)", path.read_text())
    }
    assert len(dispatched) >= 9
    cases = {
        name
        for path in (ROOT / "tests" / "portable").glob("assert_*.sql")
        for name in [path.stem.removeprefix("assert_")]
        if f"{name}(" in path.read_text()
    }
    assert not dispatched - cases


def test_marts_hold_no_address_and_no_number_to_call(demo_database: Path) -> None:
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, list(column_name) from duckdb_columns() "
            "where data_type = 'VARCHAR' "
            "and schema_name in ('core', 'kpis', 'scorecard', 'explain', 'audit') group by 1, 2"
        ).fetchall()
        assert tables
        leaks = [
            (schema, table)
            for schema, table, columns in tables
            if connection.execute(
                f'select 1 from "{schema}"."{table}" where '
                + " or ".join(f"contains(\"{column}\", '@')" for column in columns)
                + " limit 1"
            ).fetchall()
        ]
    assert not leaks
