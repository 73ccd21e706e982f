"""A parse is kept for the next run, and only where nothing has changed that it follows from."""

import gc
import json
import shutil
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from runner.build import FIRST_NODE, few_collections
from runner.project import PROJECT

# In a process of its own, as `kpis.py run` is one. Each step may change a file first; it tells what the
# model holds, whether dbt took the kept parse as it was, and the name of what is kept.
STEPS = """
import json, sys
from pathlib import Path
import dbt.cli.main
import duckdb
from runner.build import build
from runner.errors import CannotRunError
from runner.progress import Reporter
from runner.project import PROJECT

events = []
class Telling(dbt.cli.main.dbtRunner):
    def __init__(self, callbacks):
        super().__init__(callbacks=[*callbacks, lambda event: events.append(event.info.name)])
dbt.cli.main.dbtRunner = Telling

work = Path(sys.argv[1])
for step in json.loads(sys.argv[2]):
    events.clear()
    for name, content in step.get("files", {}).items():
        (PROJECT / name).write_text(content)
    for name in step.get("broken", []):
        [file] = (work / name).iterdir()
        file.write_bytes(b"nothing that dbt can read")
    folder = work / step.get("folder", "build")
    try:
        with Reporter() as reporter:
            made = build(folder, step["vars"], reporter, select=("told",), kept=work / ".parsed")
    except CannotRunError as error:
        print(json.dumps({"error": str(error)}))
        continue
    with duckdb.connect(str(made.database), read_only=True) as connection:
        told = connection.execute("select * from main.told").fetchone()
    taken = "PartialParsingSkipParsing" in events
    kept = [path.name for path in (work / ".parsed").iterdir()]
    print(json.dumps({"told": told, "taken": taken, "kept": kept}))
    made.database.unlink()
"""
MODEL = "select '{{ var('word') }}' as word, one as number from {{ ref('given') }}"
FILES = {
    "dbt_project.yml": "name: toy\nprofile: toy\nversion: 0.1.0\nvars: {word: hello, source_system: demo}\n",
    "profiles.yml": "toy: {target: duckdb, outputs: {duckdb: {type: duckdb, schema: main, "
    "path: \"{{ env_var('KPI_DATABASE') }}\"}}}\n",
    "models/told.sql": MODEL,
    "models/given.sql": "{{ config(materialized='ephemeral') }} select {{ one() }} as one",
    "macros/one.sql": "{% macro one() %} 1 {% endmacro %}",
    "models/models.yml": "models: [{name: told}]\n",
}
HI = {"word": "hi"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each step told, of a project that is as small as can be, with the runner of this one."""
    folder = tmp_path_factory.mktemp("toy")
    project, work = folder / "project", folder / "work"
    work.mkdir()
    shutil.copytree(PROJECT / "scripts" / "runner", project / "scripts" / "runner")
    for name, content in FILES.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    model = {"models/told.sql": MODEL.replace("one as", "10 * one as")}
    steps = [
        {"vars": {}},
        {"vars": {}},
        {"vars": {}, "files": model},
        {"vars": {}, "files": {"macros/one.sql": FILES["macros/one.sql"].replace("1", "2")}},
        {"vars": HI},
        {"vars": HI},
        {
            "vars": HI,
            "files": {"dbt_project.yml": FILES["dbt_project.yml"] + "models: {toy: {+enabled: true}}\n"},
        },
        {"vars": HI, "files": {"models/models.yml": "models: [{name: told, description: What is told.}]\n"}},
        {"vars": HI, "broken": [".parsed"]},
        {"vars": HI, "folder": "elsewhere"},
        {"vars": {}, "files": {"models/told.sql": "select * from {{ ref('nowhere') }}"}},
        {"vars": {}, "files": model},
    ]
    done = subprocess.run(
        [sys.executable, "-c", STEPS, str(work), json.dumps(steps)],
        env={"PATH": "", "PYTHONPATH": str(project / "scripts")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_nothing_has_changed_and_the_kept_parse_is_taken(told: list[dict[str, Any]]) -> None:
    assert [told[step]["taken"] for step in (0, 1, 4, 5)] == [False, True, False, True]
    assert told[0]["told"] == told[1]["told"] == ["hello", 1]
    assert told[4]["told"] == told[5]["told"] == ["hi", 20]
    assert told[0]["kept"] == told[1]["kept"] != told[4]["kept"] == told[5]["kept"]


def test_what_has_changed_is_seen(told: list[dict[str, Any]]) -> None:
    assert [told[step]["taken"] for step in (2, 3, 6, 7)] == [False] * 4
    assert told[2]["told"] == ["hello", 10]
    assert told[3]["told"] == ["hello", 20]


def test_what_dbt_cannot_read_or_knows_to_be_of_another_place_is_parsed_anew(
    told: list[dict[str, Any]],
) -> None:
    assert [told[step]["taken"] for step in (8, 9)] == [False, False]
    assert told[8]["told"] == told[9]["told"] == ["hi", 20]


def test_a_project_that_does_not_parse_is_none_to_keep(told: list[dict[str, Any]]) -> None:
    assert "nowhere" in told[10]["error"]
    assert (told[11]["told"], told[11]["taken"]) == (["hello", 20], False)


def test_one_parse_is_kept(told: list[dict[str, Any]]) -> None:
    assert [len(step["kept"]) for step in told if "kept" in step] == [1] * 11


def test_the_garbage_collector_is_back_at_work_after_a_build_and_after_one_that_breaks_off() -> None:
    before = gc.get_freeze_count()

    def build(*names: str) -> None:
        with few_collections() as set_aside:
            assert not gc.isenabled()
            for name in names:
                set_aside(SimpleNamespace(info=SimpleNamespace(name=name)))
            assert gc.isenabled() == (FIRST_NODE in names)
            assert (gc.get_freeze_count() > before) == (FIRST_NODE in names)
            raise OSError

    for names in (["MainReportVersion", FIRST_NODE], ["MainReportVersion"]):
        with pytest.raises(OSError):
            build(*names)
        assert gc.isenabled()
        assert gc.get_freeze_count() <= before
