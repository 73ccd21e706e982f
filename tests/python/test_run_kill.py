"""A run that is killed, at whatever stage, leaves the last good build; the next run works."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Company, Published, run
from runner.project import PROJECT
from runner.publish import sha256_of


def _private(company: Company) -> list[Path]:
    building = company.out / ".building"
    return list(building.iterdir()) if building.is_dir() else []


def _has_begun(company: Company) -> bool:
    return bool(_private(company))


def _is_testing(company: Company) -> bool:
    databases = [folder / "pipeline_kpis.duckdb" for folder in _private(company)]
    return any(path.exists() and path.stat().st_size > 1_000_000 for path in databases)


def _is_publishing(company: Company) -> bool:
    return any((folder / "published").exists() for folder in _private(company))


STAGES = [_has_begun, _is_testing, _is_publishing]


@pytest.fixture(scope="module")
def victim(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company with one published build."""
    folder = tmp_path_factory.mktemp("victim") / "company"
    shutil.copytree(published.company.folder, folder, symlinks=True)
    company = Company(folder)
    company.write_mapping()
    return company


def _content(folder: Path) -> dict[str, str]:
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir())}


def _command(company: Company) -> list[str]:
    files = ["--mapping", str(company.mapping), "--out", str(company.out)]
    return [sys.executable, "scripts/kpis.py", "run", *files]


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
        deadline = time.monotonic() + 120
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


def test_the_next_run_works_and_gives_the_same_bytes(victim: Company, published: Published) -> None:
    before = victim.current.readlink()
    outcome = run(victim)
    assert outcome.code == 0, outcome.stderr
    assert victim.current.readlink() != before
    assert not _private(victim)

    def checksums(company: Company) -> dict[str, str]:
        return {file["name"]: file["sha256"] for file in company.run_json()["files"] if "sha256" in file}

    assert checksums(victim) == checksums(published.company)
    assert len(list((victim.out / "builds").iterdir())) == 2


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
