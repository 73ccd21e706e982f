"""What the numbers of a build mean, published beside them: cards, vars, targets, and the SQL that made them.

`definitions.json` lets `explain` trace a number to its records and `diff` say which definition changed,
without dbt and without the project at hand.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

from runner.errors import CannotRunError
from runner.project import project_vars

FILE = "definitions.json"
VERSION = 1
_NO_DEFINITION = (
    "entities",
    "mapping",
)  # where data lies, not what it means; run.json has the mapping's checksum
_CATALOG = {
    "cards": "select * from catalog.kpis order by all",
    "sources": "select * from catalog.kpi_sources order by all",
    "confusions": "select * from catalog.kpi_confusions",
    "targets": "select * from catalog.kpi_targets where coalesce(source_system, $1) = $1 order by all",
}

Definitions = dict[str, Any]


def definitions_of(database: Path, manifest: Path, variables: dict[str, Any]) -> Definitions:
    """The definitions behind a build: `variables` are those of its mapping, the rest are the project's."""
    parsed = json.loads(manifest.read_text(encoding="utf-8"))
    settled = {
        name: value for name, value in {**project_vars(), **variables}.items() if name not in _NO_DEFINITION
    }
    nodes = [node for node in parsed["nodes"].values() if node["resource_type"] in ("model", "seed")]
    ours = [macro for macro in parsed["macros"].values() if macro["package_name"] == "pipeline_kpis"]
    with duckdb.connect(str(database), read_only=True) as connection:
        catalog = {
            name: _rows(connection, query, [settled["source_system"]] if "$1" in query else [])
            for name, query in _CATALOG.items()
        }
    return {
        "version": VERSION,
        "vars": settled,
        **catalog,
        "models": {node["name"]: _model(node, parsed) for node in sorted(nodes, key=_name)},
        "macros": {
            macro["name"]: {
                "path": _path(macro),
                "code": macro["macro_sql"].strip(),
                "macros": _names(macro["depends_on"]["macros"], "macro.pipeline_kpis."),
            }
            for macro in sorted(ours, key=_name)
        },
    }


def _model(node: dict[str, Any], parsed: dict[str, Any]) -> dict[str, Any]:
    """A model as it is written, and of a KPI as it ran: other models that ran name the files of a mapping."""
    known = {
        "path": _path(node),
        "description": node["description"].strip(),
        "reads": sorted(
            parsed["nodes"][parent]["name"]
            for parent in node["depends_on"].get("nodes", [])
            if parent in parsed["nodes"]
        ),
        "macros": _names(node["depends_on"]["macros"], "macro.pipeline_kpis."),
    }
    if node["resource_type"] == "seed":
        return {**known, "checksum": node["checksum"]["checksum"]}
    known["code"] = node["raw_code"].strip()
    if events := (node["config"].get("meta") or {}).get("events"):
        known |= {"events": events, "sql": node["compiled_code"]}
    return known


def _name(node: dict[str, Any]) -> str:
    return str(node["name"])


def _path(node: dict[str, Any]) -> str:
    return str(node["original_file_path"]).replace("\\", "/")


def _names(unique_ids: list[str], prefix: str) -> list[str]:
    return sorted(name.removeprefix(prefix) for name in unique_ids if name.startswith(prefix))


def _rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> list[dict[str, Any]]:
    found = connection.execute(query, parameters)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def write_definitions(folder: Path, definitions: Definitions) -> Path:
    """Write definitions.json into a folder that is to be published."""
    path = folder / FILE
    path.write_text(
        json.dumps(definitions, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8"
    )
    return path


def read_definitions(folder: Path) -> Definitions | None:
    """The definitions of a published folder; None where it has none, or those of another version.

    Raises CannotRunError when the file is there and cannot be read.
    """
    path = folder / FILE
    try:
        loaded: Definitions = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CannotRunError(f"{path} cannot be read. Publish again: kpis.py run") from error
    return loaded if isinstance(loaded, dict) and loaded.get("version") == VERSION else None
