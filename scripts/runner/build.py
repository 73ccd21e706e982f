"""Build and test with dbt, in this process, into a private folder."""

import contextlib
import gc
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb

from runner import engine_v2, parsed
from runner.errors import CannotRunError
from runner.progress import Reporter
from runner.project import DATABASE, PROJECT
from runner.text import one_line

FIRST_NODE = "ConcurrencyLine"  # dbt's event before the first node runs


class Engine(StrEnum):
    """Which dbt builds: dbt-core, or the one in Rust."""

    core = "core"
    v2 = "v2"


@dataclass(frozen=True)
class Failure:
    """A node that did not end well: a test that found rows, or a node that could not be run."""

    name: str
    kind: str  # 'test' found rows; 'error' could not run
    path: str
    message: str
    rows: int = 0
    relation: str | None = None
    is_of_rules: bool = False  # the generic test `rules`, which keeps the broken rules instead of the rows

    @property
    def is_about_input(self) -> bool:
        """Whether it failed where the company's files are read, so that the mapping or a file is to blame."""
        return self.kind == "error" and self.path.startswith(("models/base/", "models/staging/", "seeds/"))


@dataclass(frozen=True)
class Build:
    """What dbt made: the private database, how many tests passed, and what failed."""

    database: Path
    manifest: Path
    tests_passed: int = 0
    failures: list[Failure] = field(default_factory=list)


def build(
    folder: Path,
    variables: dict[str, Any],
    reporter: Reporter,
    target: str | None = None,
    select: tuple[str, ...] = (),
    engine: Engine = Engine.core,
    kept: Path | None = None,
) -> Build:
    """Build and test the project in `folder`, with dbt-core's programmatic runner or with dbt v2.

    With `select`, only those nodes and without tests. What dbt-core parses is kept in the folder `kept` for
    builds in the same `folder`: to dbt, a parse follows from the place of the database, too. Raises
    CannotRunError when dbt cannot start: the project does not parse, or the mapping says something that dbt
    refuses.
    """
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if select:
        arguments += ["--exclude-resource-type", "test", "--select", *select]
    if variables.get("source_system", "demo") != "demo":
        arguments += ["--exclude", "path:seeds/demo"]
    work = "Reading every row" if select else "Building and testing"
    if engine is Engine.v2:
        arguments += ["--target", target] if target else []
        with _settings(folder):
            outcomes = engine_v2.results_of(arguments, folder, variables, reporter, work)
    else:
        kind = parsed.kind_of(variables, target) if kept else ""
        is_parsed = kept is not None and parsed.put_back(kept, kind, folder / "target")
        result = invoke_dbt(arguments, folder, variables, reporter, target, work, is_parsed)
        if kept and not is_parsed and result.result is not None:
            parsed.keep(kept, kind, folder / "target")
        if result.result is None:
            raise CannotRunError(dbt_sentence(result.exception))
        outcomes = [
            {**one.to_dict(omit_none=False), "node": one.node.to_dict()} for one in result.result.results
        ]
    return Build(
        database=folder / DATABASE,
        manifest=folder / "target" / "manifest.json",
        tests_passed=sum(one["status"] == "pass" for one in outcomes),
        failures=[failure_of(one) for one in outcomes if one["status"] in ("fail", "error")],
    )


def invoke_dbt(
    arguments: list[str],
    folder: Path,
    variables: dict[str, Any],
    reporter: Reporter,
    target: str | None = None,
    work: str = "Working",
    is_parsed: bool = False,
) -> Any:
    """Run one dbt command silently: its files go under `folder`, its progress to the reporter as `work`.

    `is_parsed`: a parse of the project lies in `folder`, which dbt may use.
    The working directory is the project's, where relative paths of a mapping start. Returns dbt's own result.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - two seconds that other commands need not wait

    def report(event: Any) -> None:
        if event.info.name == FIRST_NODE:
            reporter.nodes(work, event.data.node_count)
        elif event.info.name == "NodeStart":
            reporter.node_started(event.data.node_info.node_name)
        elif event.info.name == "NodeFinished":
            reporter.node_finished(event.data.node_info.node_name)

    arguments = [
        *arguments,
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        # A log of thirty lines a node, each searched for secrets, is a tenth of the time of a small build.
        *("--log-level", "none", "--log-level-file", "none"),
        *("--no-use-colors", "--no-print", "--partial-parse" if is_parsed else "--no-partial-parse"),
        "--no-send-anonymous-usage-stats",
    ]
    if target:
        arguments += ["--target", target]
    reporter.stage("Reading the project")
    with _settings(folder), contextlib.chdir(PROJECT):
        try:
            with few_collections() as set_aside:
                result = dbtRunner(callbacks=[report, set_aside]).invoke(arguments, vars=variables)
        finally:
            _release_database()
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    return result


@contextlib.contextmanager
def few_collections() -> Iterator[Callable[[Any], None]]:
    """Let Python's garbage collector leave the project alone that dbt reads: a twelfth of a small build.

    Next to nothing of a parse is garbage, and its hundreds of thousands of objects live to the end, so they
    are set aside before the first node runs. Yields what does so: a callback for dbt's events.
    """

    def set_aside(event: Any) -> None:
        if event.info.name == FIRST_NODE:
            gc.freeze()
            gc.enable()

    gc.disable()
    try:
        yield set_aside
    finally:
        gc.enable()
        gc.unfreeze()


@contextlib.contextmanager
def _settings(folder: Path) -> Iterator[None]:
    """The environment that profiles.yml reads, for as long as dbt runs."""
    ours = {"KPI_DATABASE": str(folder / DATABASE), "KPI_TEMP_DIRECTORY": str(folder / "tmp")}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _release_database() -> None:
    """Dbt keeps the DuckDB file open, and locked, after it is done."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415

    DuckDBConnectionManager.close_all_connections()
    gc.collect()


def failure_of(result: dict[str, Any]) -> Failure:
    """What dbt's result of a node that did not end well tells."""
    node, found_rows = result["node"], result["status"] == "fail"
    return Failure(
        name=node["name"],
        kind="test" if found_rows else "error",
        path=node["original_file_path"].replace("\\", "/"),
        message=dbt_sentence(result["message"]),
        rows=int(result["failures"] or 0),
        relation=node["relation_name"] if found_rows else None,
        is_of_rules=found_rows and (node.get("test_metadata") or {}).get("name") == "rules",
    )


def dbt_sentence(error: object) -> str:
    """What dbt or DuckDB complains of, without the headings and positions that they wrap it in."""
    text = re.split(
        r"\n\s*(?:> in |compiled code at|LINE \d+:|Candidate |Possible |\* )", str(error).strip()
    )[0]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    headed = re.compile(r"^(Encountered an error|(Runtime|Compilation|Database|Parsing) Error\b.*)$")
    told = [line for line in lines if not headed.match(line)] or lines or ["dbt stopped without saying why"]
    return one_line(" ".join(told), 400)


def failing_rows(database: Path, failure: Failure, limit: int = 3) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and the first rows that a failed test kept; nothing when it kept none."""
    if failure.relation is None:
        return [], []
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.execute(f"select * from {failure.relation} order by all limit {limit}")
            return [column[0] for column in found.description or []], found.fetchall()
    except duckdb.Error:
        return [], []


def broken_rules(database: Path, failure: Failure) -> list[tuple[str, int, str | None]]:
    """Of a failed test of a table's rules: each rule that is broken, by how many rows, and one of them."""
    _, found = failing_rows(database, failure, limit=1000)
    return [(rule, int(count), example) for rule, count, example in found]


def published_models(manifest: Path) -> list[dict[str, Any]]:
    """The manifest's mart tables, by name: the only ones that are published."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    marts = [
        node
        for node in nodes
        if node["resource_type"] == "model"
        and node["original_file_path"].replace("\\", "/").startswith("models/marts/")
        and node["config"]["materialized"] not in ("ephemeral", "view")
    ]
    return sorted(marts, key=lambda node: str(node["name"]))
