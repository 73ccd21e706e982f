"""What dbt knows of a build as one page: every model, column, test and metric, and what is made of what.

What `dbt docs generate --static` writes, from the manifest and the database that are there already: dbt would
read the project once more, cannot for v2, and puts times and the code of every test into the page.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from runner.errors import CannotRunError

PAGE = Path("docs") / "index.html"
PACKAGE = "pipeline_kpis"
_ICON = """<link rel="shortcut icon" href="${require('./assets/favicons/favicon.ico')}"/>"""
# A description is there to be read: dbt cuts it to what fits beside the other columns.
_HEAD = (
    "<title>Pipeline KPIs: models</title><style>column-details td[style*='ellipsis']"
    "{white-space:normal!important;max-width:none!important;min-width:18em}</style>"
)
_EAGER, _LATE = 'xlink:href="{{', 'ng-attr-xlink:href="{{'
_MARKS = ('"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"', _ICON, "<title>dbt Docs</title>")
_COMMON = {
    *("name", "resource_type", "package_name", "path", "original_file_path", "unique_id", "fqn", "alias"),
    *("database", "schema", "description", "tags", "label", "depends_on", "refs", "language", "access"),
}
_KEPT = {
    "model": _COMMON | {"raw_code", "version"},
    "seed": _COMMON,
    "source": _COMMON | {"source_name", "source_description", "identifier", "loader"},
    "test": _COMMON | {"test_metadata", "column_name"},
    "unit_test": _COMMON | {"model"},
    "exposure": _COMMON | {"type", "maturity", "url", "owner"},
    "metric": _COMMON | {"type", "type_params", "filter", "metrics", "time_granularity"},
    "semantic_model": _COMMON | {"model", "entities", "measures", "dimensions", "defaults", "node_relation"},
    "saved_query": _COMMON | {"query_params", "exports"},
}
_PARTS = ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests")
Node = dict[str, Any]


def write_page(database: Path, manifest: Path, folder: Path) -> Path:
    """Write the page of a build into a folder that is to be published. Returns its path.

    The same build gives the same bytes: no times, and of code what is written, not what was compiled, because
    that names the files of a mapping. Raises CannotRunError when dbt's page is not what it was.
    """
    # A template in dbt, not an interface of it: the lock pins the version, and this checks what it relies on.
    from dbt.task.docs import DOCS_INDEX_FILE_PATH  # noqa: PLC0415 - only a run needs it

    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    if missing := [mark for mark in _MARKS if page.count(mark) != 1]:
        raise CannotRunError(
            f"This dbt has another page for its docs, without {missing[0]}. Take --no-report."
        )
    parsed = json.loads(manifest.read_text(encoding="utf-8"))
    filled = (as_script(_shown(parsed)), as_script(_catalog(parsed, database)))
    for mark, text in zip(_MARKS, (*filled, '<link rel="icon" href="data:,"/>', _HEAD), strict=True):
        page = page.replace(mark, text)
    page = page.replace(
        _EAGER, _LATE
    )  # a browser would look for a file of that name before the page has filled it in
    path = folder / PAGE
    path.parent.mkdir()
    path.write_text(page, encoding="utf-8")
    return path


def as_script(content: object) -> str:
    """JSON that may stand in a script of a page: no text in it can end the script."""
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")


def _shown(parsed: dict[str, Any]) -> dict[str, Any]:
    """Of dbt's manifest, what the page shows of this project."""
    shown: dict[str, Any] = {
        part: {
            key: shown
            for whole, node in _sorted(parsed.get(part) or {})
            if node["resource_type"] in _KEPT
            for key, shown in _by_column(whole, _node(node))
        }
        for part in _PARTS
    }
    known = {key for part in _PARTS for key in shown[part]}
    macros = {
        key: {
            name: macro.get(name)
            for name in ("name", "package_name", "path", "original_file_path", "unique_id")
        }
        | {"resource_type": "macro", "description": macro["description"], "arguments": [], "tags": []}
        | {"macro_sql": macro["macro_sql"], "depends_on": {"macros": _ours(macro["depends_on"]["macros"])}}
        for key, macro in _sorted(parsed["macros"])
        if macro["package_name"] == PACKAGE
    }
    return {
        # The adapter's name tells the page how names are quoted. Without consent it reports to nobody.
        "metadata": {
            "project_name": PACKAGE,
            "adapter_type": parsed["metadata"]["adapter_type"],
            "send_anonymous_usage_stats": False,
        },
        **shown,
        "macros": macros,
        "functions": {},
        "docs": {key: doc for key, doc in _sorted(parsed["docs"]) if doc["name"] == "__overview__"},
        "parent_map": {
            key: sorted(known.intersection(parents))
            for key, parents in _sorted(parsed["parent_map"])
            if key in known
        },
    }


def _node(node: Node) -> Node:
    """What the page shows of a node: no times, no machine's paths, no code of tests."""
    config = node.get("config") or {}
    shown = {key: node[key] for key in sorted(_KEPT[node["resource_type"]]) if node.get(key) is not None}
    for path in ("path", "original_file_path"):
        shown[path] = str(node[path]).replace("\\", "/")
    depends = node.get("depends_on") or {}
    shown["depends_on"] = {"nodes": depends.get("nodes", []), "macros": _ours(depends.get("macros", []))}
    shown["config"] = {
        key: config[key] for key in ("enabled", "materialized", "severity") if config.get(key) is not None
    }
    shown["meta"] = (
        {"requirements": found} if (found := (config.get("meta") or {}).get("requirements")) else {}
    )
    shown["docs"] = {"show": True, "node_color": None}
    shown["columns"] = {
        name: {"name": name, "description": column["description"].strip(), "tags": [], "meta": {}}
        | {"data_type": column.get("data_type")}
        for name, column in (node.get("columns") or {}).items()
    }
    return shown


def _by_column(key: str, node: Node) -> list[tuple[str, Node]]:
    """A node, and of a test of a table's rules one test for each column: the page marks columns by them."""
    tested = node.get("test_metadata") or {}
    if tested.get("name") != "rules":
        return [(key, node)]
    given = tested["kwargs"]
    rules: list[tuple[str, str, dict[str, Any]]] = [
        *(("not_null", column, {}) for column in given.get("not_null", [])),
        *(("unique", column, {}) for column in given.get("unique", []) if isinstance(column, str)),
        *(
            ("accepted_values", column, {"values": values})
            for column, values in given.get("accepted_values", {}).items()
        ),
    ]
    columns = [
        (
            f"{key}.{name}.{column}",
            {**node, "test_metadata": {"name": name, "kwargs": kwargs}, "column_name": column},
        )
        for name, column, kwargs in rules
    ]
    return [(key, node), *columns]


def _catalog(parsed: dict[str, Any], database: Path) -> dict[str, Any]:
    """The tables, views and columns of the built database, as dbt's catalogue has them."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            """
            select schema_name, table_name, column_name, data_type, column_index, view_name is not null
            from duckdb_columns()
            left join (select schema_name, view_name as table_name, view_name from duckdb_views())
                using (schema_name, table_name)
            where not internal
            order by schema_name, table_name, column_index
            """
        ).fetchall()
    tables: dict[tuple[str, str], Node] = {}
    for schema, table, column, kind, index, is_view in found:
        new = {"type": "VIEW" if is_view else "TABLE", "database": PACKAGE, "schema": schema, "name": table}
        made = tables.setdefault((schema, table), {**new, "owner": None, "columns": {}})
        made["columns"][column] = {"name": column, "type": kind, "index": index}
    nodes = {
        key: {
            "unique_id": key,
            "metadata": {name: made[name] for name in ("type", "database", "schema", "name", "owner")},
            "columns": made["columns"],
            "stats": {"has_stats": {"id": "has_stats", "label": "", "value": False, "include": False}},
        }
        for key, node in _sorted(parsed["nodes"])
        if node["resource_type"] in ("model", "seed")
        if (made := tables.get((node["schema"], node["alias"]), {}))
    }
    return {"metadata": {}, "nodes": nodes, "sources": {}, "errors": None}


def _ours(macros: Iterable[str]) -> list[str]:
    return sorted(name for name in macros if name.startswith(f"macro.{PACKAGE}."))


def _sorted(named: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(named.items())
