"""What all tests share: the demo company, built once, and the project, parsed once for a kind of company."""

import hashlib
import json
import os
import pickle
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from building import ROOT, build, shared_folder
from dbt.cli import main
from filelock import FileLock

# The files that take longest: begun last, they would run alone at the end, one core idle.
_LONGEST = (
    "test_run_kill.py",
    "test_inputs.py",
    "test_run.py",
    "test_worked_examples.py",
    "test_real_data.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first; the order of the tests of a file stays."""
    place = {name: number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(scope="session", autouse=True)
def _parsed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Builds in the tests' own processes take a project that is parsed already, a third of their time.

    Builds in processes of their own, and what the doctor does, parse it as ever.
    """
    folder = shared_folder(tmp_path_factory) / "parsed"
    folder.mkdir(exist_ok=True)

    class ParsedOnce(main.dbtRunner):  # type: ignore[misc] # dbt is not typed
        def invoke(self, args: list[str], **kwargs: Any) -> Any:
            if args[0] == "build":
                self.manifest = parsed(folder, args, kwargs)
            return super().invoke(args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "dbtRunner", ParsedOnce)
        yield


def parsed(folder: Path, args: list[str], kwargs: dict[str, Any]) -> Any:
    """The manifest of the project with these vars; None where it does not parse: the build says why."""
    options = {name: args[args.index(name) + 1] for name in _PARSED_WITH if name in args}
    variables = kwargs.get("vars") or yaml.safe_load(options.get("--vars", "{}"))
    file = folder / f"{_kind_of(options, variables)}.pickle"
    with FileLock(file.with_suffix(".lock")):
        if not file.exists():
            quiet = ["--log-level", "none", "--log-level-file", "none", "--no-partial-parse"]
            whole = ["parse", *quiet, *(word for option in options.items() for word in option)]
            outcome = _PLAIN().invoke(whole, **kwargs)
            if not outcome.success:
                return None
            file.write_bytes(pickle.dumps(outcome.result))
        return pickle.loads(file.read_bytes())


_PLAIN = main.dbtRunner
_PARSED_WITH = ("--project-dir", "--profiles-dir", "--target", "--target-path", "--log-path", "--vars")


def _kind_of(options: dict[str, str], variables: dict[str, Any]) -> str:
    """Companies of one kind parse alike: dbt reads files, clocks and the words of a vocabulary later."""
    told = {**variables, "as_of": variables.get("as_of") is not None, "reporting_time_zone": "any"}
    told["vocabulary"] = sorted(variables.get("vocabulary") or {})
    if variables.get("source_system") == "files":
        del told["mapping"]
    place = {name: options.get(name) for name in ("--project-dir", "--profiles-dir", "--target")}
    words = json.dumps([told, place, os.environ.get("KPI_TARGET")], sort_keys=True, default=str)
    return hashlib.sha256(re.sub(r'"/[^"]*/', '"', words).encode()).hexdigest()[:16]


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database that a build of the demo company leaves behind: read only, all test processes share it."""
    folder = shared_folder(tmp_path_factory) / "demo"
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "built").exists():
            folder.mkdir()
            # `make test` has built and tested the demo company just before, and says so.
            if os.environ.get("DEMO_IS_BUILT"):
                shutil.copy(ROOT / "pipeline_kpis.duckdb", folder)
                shutil.copytree(ROOT / "target", folder / "target", ignore=shutil.ignore_patterns("run"))
            else:
                build(folder, {})
            (folder / "built").touch()
    return folder / "pipeline_kpis.duckdb"
