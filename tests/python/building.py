"""Builds of the project for the tests: in this process, into a database of their own."""

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli import main
from runner.build import few_collections

ROOT = Path(__file__).parents[2]
SHARED_DATA = ROOT.parent / "shared" / "data"


def read_mapping(name: str) -> dict[str, Any]:
    """The dbt vars of a worked mapping in tests/mappings."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "tests" / "mappings" / f"{name}.yml").read_text())
    return loaded


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder of this test session, which all its processes see."""
    folder = factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


PARTS = ("+kpi_values", "+row_accounting")


def build(
    folder: Path, dbt_vars: dict[str, Any], *, whole: bool = True, parts: tuple[str, ...] = PARTS
) -> Path:
    """Build the project and return the database. Fails with what dbt said.

    If not the whole, then without tests, and only the parts: what kpi_values and row_accounting need.
    """
    database = folder / "pipeline_kpis.duckdb"
    os.environ["KPI_DATABASE"] = str(database)
    arguments = [
        "build",
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--exclude-resource-type",
        "unit_test",
    ]
    arguments += [
        "--project-dir",
        str(ROOT),
        "--profiles-dir",
        str(ROOT),
        "--target-path",
        str(folder / "target"),
    ]
    arguments += ["--log-path", str(folder / "logs"), "--vars", yaml.safe_dump(dbt_vars)]
    if not whole:
        arguments += ["--exclude-resource-type", "test", "--select", *parts]
    try:
        with few_collections() as set_aside:
            outcome = main.dbtRunner(callbacks=[set_aside]).invoke(arguments)
    finally:
        DuckDBConnectionManager.close_all_connections()
        del os.environ["KPI_DATABASE"]
    failed = [
        r.message for r in getattr(outcome.result, "results", []) if r.status not in ("success", "pass")
    ]
    assert outcome.success, failed or outcome.exception
    return database


def rows(database: Path, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What a query on a built database returns."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query, parameters).fetchall()


def write_csv(path: Path, header: str, *lines: str) -> str:
    """Write a small CSV file and return its path as text."""
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return str(path)
