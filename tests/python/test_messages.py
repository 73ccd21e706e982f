"""What the command line says: help that teaches, JSON for programs, no colours where nobody watches."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer
from conftest import Published, kpis
from kpis import app
from runner.answer import Answer
from runner.build import failure_of
from runner.changes import changes_since
from runner.progress import time_left
from runner.project import PROJECT
from runner.run import failure_lines
from runner.summary import show_summary
from runner.text import duration

ESCAPE = "\x1b"


def commands() -> list[tuple[str, Any]]:
    group: Any = typer.main.get_command(app)
    return list(group.commands.items())


@pytest.mark.parametrize(("name", "command"), commands())
def test_help_teaches(name: str, command: Any) -> None:
    shown = kpis(name, "--help").stdout
    for option in (one for parameter in command.params for one in parameter.opts if one.startswith("--")):
        assert option in shown, option
    assert ESCAPE not in shown
    assert str(PROJECT) not in shown


@pytest.mark.parametrize("name", ["run", "export", "explain", "diff", "doctor"])
def test_help_has_examples_and_exit_codes(name: str) -> None:
    shown = kpis(name, "--help").stdout
    assert "Examples:" in shown
    assert f"kpis.py {name}" in shown
    for code in (0, 1, 2):
        assert re.search(rf"^ *{code}  \w", shown, re.MULTILINE)


def test_help_of_all_says_where_to_begin() -> None:
    shown = kpis("--help").stdout
    assert "The first time:" in shown
    assert "docs/mapping.md" in shown
    assert all(name in shown for name, _ in commands())


def test_a_run_that_cannot_start_is_one_object_for_programs(tmp_path: Path) -> None:
    outcome = kpis("run", "--json", "--as-of", "tomorrow", "--out", tmp_path)
    assert outcome.code == 2
    said = json.loads(outcome.stdout)
    assert (said["ok"], said["exit_code"]) == (False, 2)
    assert said["error"] == outcome.last_line
    assert "'tomorrow' is not a date" in said["error"]


@pytest.mark.parametrize("command", ["export", "report", "diff"])
def test_a_file_that_is_no_database_is_one_line(tmp_path: Path, command: str) -> None:
    file = tmp_path / "some.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    names = [file, file] if command == "diff" else ["--from", file]
    outcome = kpis(command, *names, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert outcome.stderr == (
        f"Error: {file} cannot be opened as a DuckDB database, or another process writes to it.\n"
    )


def test_a_side_in_nobodys_home_is_one_line() -> None:
    assert "There is no build, folder or database '~nobody-here/x'" in kpis("diff", "~nobody-here/x").stderr


def _as_a_program(
    line: str, *arguments: object, stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command as a shell starts it, with what `line` says of its streams."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {line}', "sh", sys.executable, "scripts/kpis.py", *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_whoever_stops_reading_is_told_nothing_more() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    doctor = ("doctor", "--json", "--mapping", "nowhere.yml")
    left = _as_a_program("", *doctor, stdout=writing)
    os.close(writing)
    assert left.returncode == 141
    assert left.stderr.startswith("Error: The mapping file nowhere.yml does not exist.")
    assert len(left.stderr.splitlines()) == 1


def test_a_closed_stream_swallows_what_it_is_told(published: Published) -> None:
    asked = ("explain", "won_deals", "2024-02", "--from", published.company.current)
    closed = _as_a_program(">&-", *asked)
    assert (closed.returncode, closed.stderr) == (0, "")


def test_characters_that_a_stream_does_not_have_are_escaped() -> None:
    told = _as_a_program("", "doctor", "--json", "--mapping", "käse.yml", PYTHONIOENCODING="ascii")
    assert told.returncode == 2
    assert "The mapping file k\\xe4se.yml does not exist." in told.stderr
    assert "käse.yml" in json.loads(told.stdout)["error"]


def test_the_summary_is_one_object_for_programs(
    published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = Answer(as_json=True)
    show_summary(published.company.current.resolve(), published.company.current, answer)
    answer.finish(0, None)
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["exit_code"], said["error"]) == (True, 0, None)
    assert said["published"] == str(published.company.current)
    assert said["as_of"] == "2024-03-31"
    assert said["build"] == published.company.current.readlink().name
    assert said["changes"] is None
    focus = published.company.query("select kpi, status from scorecard.focus_list order by position limit 8")
    assert [(line["kpi"], line["status"]) for line in said["look_first_at"]] == focus
    assert {account["entity"] for account in said["row_accounting"]} >= {"leads", "deals", "spend"}


def test_the_doctor_answers_programs_too(published: Published) -> None:
    outcome = kpis("doctor", "--json", "--out", published.company.out)
    said = json.loads(outcome.stdout)
    assert (outcome.code, said["ok"]) == (0, True)
    states = {check["name"]: check["state"] for check in said["checks"]}
    assert states["project"] == "parses"
    assert "as of 2024-03-31" in states["exports"]


def test_the_doctor_tells_programs_what_is_wrong_with_a_mapping(published: Published, tmp_path: Path) -> None:
    outcome = kpis("doctor", "--json", "--mapping", published.company.mapping)
    said = json.loads(outcome.stdout)
    assert (outcome.code, said["ok"], said["error"]) == (1, False, None)
    assert {entity["entity"]: entity["rows"] for entity in said["entities"]} == {
        "leads": 6,
        "deals": 4,
        "spend": 2,
    }
    found = {(finding["entity"], finding["about"]): finding for finding in said["findings"]}
    assert found["leads", "unreadable_created_at"]["rows"] == 1
    assert found["leads", "test_record"]["is_note"]
    broken = tmp_path / "broken.yml"
    broken.write_text("source_system: files\nmapping: {leeds: {path: x.csv}}\n")
    outcome = kpis("doctor", "--json", "--mapping", broken)
    said = json.loads(outcome.stdout)
    assert (outcome.code, said["exit_code"]) == (2, 2)
    assert any("leeds" in problem for problem in said["problems"])


def test_what_changed_since_the_last_build_is_counted(published: Published, tmp_path: Path) -> None:
    now = published.company.current.resolve()
    before = tmp_path / "20240101T000000Z"
    before.mkdir()
    shutil.copy(now / "pipeline_kpis.duckdb", before)
    same = changes_since(before, now)
    assert same is not None
    assert same.words.startswith("nothing since build 20240101T000000Z: the same ")
    table = "scorecard.kpi_values"
    whole = "slice = 'all' and period_grain = 'month' and period_start = '2024-02-01'"
    with duckdb.connect(str(before / "pipeline_kpis.duckdb")) as connection:
        connection.execute(f"update {table} set value = value + 1 where kpi = 'won_deals' and {whole}")
        connection.execute(f"update {table} set value = 7 where kpi = 'deal_win_rate' and {whole}")
        connection.execute(f"delete from {table} where kpi = 'won_revenue' and {whole}")
        connection.execute(
            f"insert into {table} select * replace ('all of it' as slice_value) from {table} "
            f"where kpi in ('leads_created', 'won_deals', 'cac') and {whole}"
        )
    changes = changes_since(before, now)
    assert changes is not None
    assert (changes.changed, changes.added, changes.gone) == (2, 1, 3)
    assert changes.values == same.values
    assert f"2 of {same.values:,} KPI values since build" in changes.words
    assert changes_since(tmp_path / "pruned", now) is None


def test_a_failed_test_of_rules_says_which_rule_by_how_many_rows_and_one_of_them(tmp_path: Path) -> None:
    database = tmp_path / "built.duckdb"
    kept = [
        ("outcome is one of open, won", 2, "outcome=maybe, deal_id=D7"),
        ("email is unique", 1200, "email=ann@buyer.example"),
        *((f"column_{number} is never null", 1, None) for number in range(1, 5)),
    ]
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table rules_of_x (rule text, failing_rows bigint, example text)")
        connection.executemany("insert into rules_of_x values (?, ?, ?)", kept)
    told = {"status": "fail", "message": "Got 1206 results", "failures": 1206}
    node = {"name": "rules_of_x", "original_file_path": "models/x.yml", "relation_name": "rules_of_x"}
    failure = failure_of({**told, "node": {**node, "test_metadata": {"name": "rules"}}})
    assert failure_lines(database, failure) == [
        "Failed test: rules_of_x, 1,206 rows (rules_of_x)",
        *(f"    column_{number} is never null: 1 row" for number in range(1, 5)),
        "    email is unique: 1,200 rows, for example ***",
        "    outcome is one of open, won: 2 rows, for example outcome=maybe, deal_id=D7",
    ]
    other = failure_of({**told, "node": {**node, "test_metadata": {"name": "relationships"}}})
    assert failure_lines(database, other)[1] == "    rule=column_1 is never null, failing_rows=1"


@pytest.mark.parametrize(
    ("done", "total", "elapsed", "words"),
    [
        (3, 400, 60.0, ""),
        (100, 400, 0.5, ""),
        (100, 400, 20.0, "about 60 s left"),
        (100, 1000, 60.0, "about 9 min left"),
        (399, 400, 40.0, "under 5 s left"),
        (400, 400, 40.0, ""),
    ],
)
def test_the_time_left_is_told_once_there_is_a_pace(
    done: int, total: int, elapsed: float, words: str
) -> None:
    assert time_left(done, total, elapsed) == words


def test_a_time_to_wait_is_as_exact_as_it_is_worth() -> None:
    assert [duration(seconds) for seconds in (0, 7, 42, 89, 100, 3600)] == [
        "under 5 s",
        "5 s",
        "40 s",
        "90 s",
        "2 min",
        "60 min",
    ]


SHOWN = """
from runner.progress import Reporter
with Reporter() as reporter:
    reporter.nodes("Building", 2)
    reporter.node_finished("kpi_x")
"""


def _on_a_terminal(**environment: str) -> str:
    """What the progress looks like to someone who watches."""
    mine, theirs = pty.openpty()
    settings = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    settings |= {"TERM": "xterm-256color", "PYTHONPATH": str(PROJECT / "scripts"), **environment}
    with subprocess.Popen([sys.executable, "-c", SHOWN], stderr=theirs, env=settings):
        pass
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(mine, 4096):
            shown += part
    except OSError:  # a terminal whose other side is closed
        pass
    os.close(mine)
    return shown.decode()


def test_there_are_no_colours_where_nobody_watches_or_wants_them() -> None:
    colour = re.compile(r"\x1b\[[0-9;]*[1-9][0-9;]*m")
    assert colour.search(_on_a_terminal())
    assert not re.search(r"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|38|9[0-7])[0-9;]*m", _on_a_terminal(NO_COLOR="1"))
    piped = subprocess.run(
        [sys.executable, "-c", SHOWN],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Building ..." in piped.stderr
    assert ESCAPE not in piped.stdout + piped.stderr
