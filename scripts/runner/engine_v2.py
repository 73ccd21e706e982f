"""dbt v2, the engine in Rust, where `make v2` has put it: the same project and numbers, much faster."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from runner.errors import CannotRunError
from runner.progress import Reporter
from runner.project import PROJECT, project_vars
from runner.text import one_line

HOME = PROJECT / ".venv-v2"
DBT = HOME / "bin" / "dbt"
_NODE_ENDED = re.compile(
    r"^\s*(?:Succeeded|Passed|Failed|Errored|Warned|Skipped|Reused)\s+\[[^]]*\]\s+\w+\s+(\S+)"
)


def command(arguments: list[str], variables: dict[str, Any]) -> list[str]:
    """The command line of dbt v2, with all vars of the project on it: its unit tests see no others.

    Raises CannotRunError when it is not installed.
    """
    if not DBT.is_file():
        raise CannotRunError("dbt v2 is not installed. Install it with make v2, or leave out --engine v2.")
    return [str(DBT), *arguments, "--vars", json.dumps({**project_vars(), **variables}, default=str)]


def environment() -> dict[str, str]:
    """The environment of dbt v2: where its DuckDB library and the profiles are."""
    library_path = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    return {
        **os.environ,
        library_path: os.pathsep.join(filter(None, [str(HOME / "duckdb"), os.environ.get(library_path)])),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # It would have a service check the metrics; dbt-core and the tests do.
        "DBT_ENGINE_NO_WARN_SEMANTIC_MANIFEST_VALIDATION": "true",
    }


def results_of(
    arguments: list[str], folder: Path, variables: dict[str, Any], reporter: Reporter, work: str
) -> list[dict[str, Any]]:
    """Run dbt v2; its files go under `folder`. Returns the results of its nodes, each with its node.

    Raises CannotRunError when it is not installed, or ends before its first node.
    """
    folder.mkdir(parents=True, exist_ok=True)
    results, manifest = folder / "target" / "run_results.json", folder / "target" / "manifest.json"
    whole = [
        *command(arguments, variables),
        *("--project-dir", str(PROJECT), "--target-path", str(folder / "target")),
        *("--log-path", str(folder / "logs")),
    ]
    reporter.stage(work)
    said = []
    with subprocess.Popen(
        whole, cwd=PROJECT, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            if ended := _NODE_ENDED.match(line):
                reporter.node_finished(ended[1])
    if not results.is_file():
        errors = [line for line in said if line.startswith("[error]")] or said[-1:] or ["it said nothing"]
        raise CannotRunError(f"dbt v2 stopped: {one_line(errors[0], 400)}")
    written = json.loads(manifest.read_text(encoding="utf-8"))
    nodes = {**written["nodes"], **written["unit_tests"]}
    return [
        {**result, "node": nodes[result["unique_id"]]}
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]
    ]
