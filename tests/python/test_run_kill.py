"""A run that is killed, at whatever stage, leaves the last good build; the next run works."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from conftest import Company, Outcome, Published, run
from runner.project import PROJECT
from runner.publish import sha256_of


def _private(company: Company) -> list[Path]:
    """What is being built; a run that begins takes the folder away and makes it anew."""
    try:
        return list((company.out / ".building").iterdir())
    except FileNotFoundError:
        return []


def _has_begun(company: Company) -> bool:
    return bool(_private(company))


def _is_testing(company: Company) -> bool:
    databases = [folder / "pipeline_kpis.duckdb" for folder in _private(company)]
    return any(path.exists() and path.stat().st_size > 1_000_000 for path in databases)


def _is_publishing(company: Company) -> bool:
    return any((folder / "published").exists() for folder in _private(company))


# The last stage first: the run that gets there keeps its parse for the others.
STAGES = [_is_publishing, _is_testing, _has_begun]


@pytest.fixture(scope="module")
def victim(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company with one published build."""
    folder = tmp_path_factory.mktemp("victim") / "company"
    shutil.copytree(published.company.folder, folder, symlinks=True)
    company = Company(folder)
    company.write_mapping()
    return company


def _content(folder: Path) -> dict[str, str]:
    return {str(path): sha256_of(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def _command(company: Company) -> list[str]:
    files = ["--mapping", str(company.mapping), "--out", str(company.out)]
    return [sys.executable, "scripts/kpis.py", "run", "--no-report", *files]


def _kill_at(company: Company, stage: Callable[[Company], bool]) -> int:
    """Start a run and kill it and its children once the stage is reached. Returns the exit code."""
    process = subprocess.Popen(
        _command(company),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 300
        while process.poll() is None and not stage(company):
            assert time.monotonic() < deadline, f"{stage.__name__} was never seen"
            time.sleep(0.005)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_run_leaves_the_last_build(victim: Company, stage: Callable[[Company], bool]) -> None:
    link, content = victim.current.readlink(), _content(victim.current)
    assert _kill_at(victim, stage) == -signal.SIGKILL
    assert victim.current.readlink() == link
    assert _content(victim.current) == content


@dataclass(frozen=True)
class Republished:
    """How two runs after the killed ones ended, and what a BI tool saw meanwhile."""

    earlier: Outcome
    later: Outcome
    seen: list[dict[str, Any]]
    complaints: str


@pytest.fixture(scope="module")
def republished(victim: Company, tmp_path_factory: pytest.TempPathFactory) -> Republished:
    """Two runs, the first as of a month earlier, while a BI tool looks at what is published."""
    stop = tmp_path_factory.mktemp("bi") / "stop"
    client = subprocess.Popen(
        [
            sys.executable,
            "tests/python/bi_client.py",
            str(victim.current / "pipeline_kpis.duckdb"),
            str(stop),
        ],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    assert client.stdout is not None
    reader = threading.Thread(target=lines.extend, args=(client.stdout,))
    reader.start()
    try:
        earlier = run(victim, "--as-of", "2024-02-29", "--json")
        later = run(victim, "--report")
        looks = len(lines)
        deadline = time.monotonic() + 60
        while len(lines) < looks + 2 and client.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        stop.touch()
        reader.join()
        assert client.stderr is not None
        complaints = client.stderr.read()
        client.wait()
    return Republished(earlier, later, [json.loads(line) for line in lines], complaints)


def test_the_next_run_works_and_gives_the_same_bytes(
    victim: Company, published: Published, republished: Republished
) -> None:
    assert republished.earlier.code == 0, republished.earlier.stderr
    assert republished.later.code == 0, republished.later.stderr
    assert not _private(victim)

    def checksums(company: Company) -> dict[str, str]:
        return {file["name"]: file["sha256"] for file in company.run_json()["files"] if "sha256" in file}

    assert checksums(victim) == checksums(published.company)
    assert len(list((victim.out / "builds").iterdir())) == 3


def test_a_bi_tool_sees_whole_versions_while_runs_publish(victim: Company, republished: Republished) -> None:
    assert republished.complaints == ""
    builds = [json.loads(path.read_text()) for path in sorted((victim.out / "builds").glob("*/run.json"))]
    assert [facts["as_of"] for facts in builds] == ["2024-03-31", "2024-02-29", "2024-03-31"]
    rows = {
        facts["as_of"]: {
            file["table"].removeprefix("scorecard."): file["rows"]
            for file in facts["files"]
            if file["name"].endswith(".parquet")
        }
        for facts in builds
    }
    for look in republished.seen:
        assert look["has_schemas"]
        assert look["has_tables"]
        assert look["columns"] == 16
        [as_of] = look["as_of"]
        assert look["rows"] == {name: rows[as_of][name] for name in look["rows"]}
    days = [look["as_of"][0] for look in republished.seen]
    assert {"2024-02-29", "2024-03-31"} == set(days)
    assert [day for day, _ in groupby(days)] == ["2024-03-31", "2024-02-29", "2024-03-31"]


def test_a_run_tells_programs_and_people_what_changed(victim: Company, republished: Republished) -> None:
    said = json.loads(republished.earlier.stdout)
    assert (said["ok"], said["as_of"], said["published"]) == (True, "2024-02-29", str(victim.current))
    assert said["changes"]["since"] == said["previous_build"]
    assert said["changes"]["gone"] > 0
    assert re.search(
        r"^Changed +[\d,]+ of [\d,]+ KPI values since build ", republished.later.stdout, re.MULTILINE
    )


def test_two_processes_at_once_are_one_run_and_one_refusal(victim: Company) -> None:
    command = _command(victim)
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as first:
        while not _has_begun(victim):
            assert first.poll() is None
            time.sleep(0.01)
        second = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        os.killpg(first.pid, signal.SIGKILL)
    assert second.returncode == 2
    assert second.stdout == ""
    assert second.stderr.count("\n") == 1
    assert f"Another run is at work on {victim.out} (process {first.pid}" in second.stderr
