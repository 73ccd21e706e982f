"""Where the project stands, what it declares, and which version of everything is at work."""

import os
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import duckdb
import yaml

from runner.errors import CannotRunError, no_database

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "pipeline_kpis.duckdb"  # never another name: views carry the file's stem as their catalog


@cache
def _project_file() -> dict[str, Any]:
    path = PROJECT / "dbt_project.yml"
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise CannotRunError(f"{path} cannot be read: {error}. Restore it from git.") from error
    return dict(loaded)


def project_vars() -> dict[str, Any]:
    """The vars of dbt_project.yml."""
    return dict(_project_file()["vars"])


def entities() -> dict[str, dict[str, str]]:
    """The canonical raw entities: each name to its columns, each column to its type and marks."""
    registry: dict[str, list[str]] = _project_file()["vars"]["entities"]
    return {
        entity: dict(column.split(maxsplit=1) for column in columns) for entity, columns in registry.items()
    }


def open_database(database: Path) -> duckdb.DuckDBPyConnection:
    """Open a published database, to read it. Raises CannotRunError when it is none."""
    try:
        return duckdb.connect(str(database), read_only=True)
    except duckdb.Error as error:
        raise no_database(database) from error


def versions() -> dict[str, str]:
    """The versions that made a build: the project's and those of what it runs on."""
    return {
        "project": str(_project_file()["version"]),
        "python": platform.python_version(),
        "dbt-core": _installed("dbt-core"),
        "dbt-duckdb": _installed("dbt-duckdb"),
        "duckdb": _installed("duckdb"),
    }


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def git_state() -> dict[str, Any] | None:
    """The commit that the project stands on and whether files differ from it; None outside git."""
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return None
    changes = _git("status", "--porcelain")
    return {"commit": commit, "dirty": bool(changes)}


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(PROJECT), *arguments], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def check_target(target: str | None) -> None:
    """Check that the target, given or of KPI_TARGET, is DuckDB: the only engine that `run` publishes from.

    Raises CannotRunError when profiles.yml has no such target, or it is another engine.
    """
    target = target or os.environ.get("KPI_TARGET")
    if target is None:
        return
    profiles = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    outputs = profiles[_project_file()["profile"]]["outputs"]
    if target not in outputs:
        raise CannotRunError(f"profiles.yml has no target '{target}'. It has: {', '.join(outputs)}.")
    if outputs[target]["type"] != "duckdb":
        raise CannotRunError(
            f"Target '{target}' is {outputs[target]['type']}; run publishes DuckDB builds only. "
            f"Build it with: dbt build --target {target}"
        )
