"""The two sides of a diff: a published build, a database file, or a git revision, built on the spot."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from runner.definitions import FILE, Definitions, read_definitions
from runner.errors import CannotRunError
from runner.mapping import read_mapping
from runner.progress import say
from runner.project import DATABASE, PROJECT
from runner.publish import sha256_of
from runner.settings import problem_with_date
from runner.text import did_you_mean, listed, one_line, plain

REVISION = "git:"


@dataclass(frozen=True)
class Side:
    """One side of a diff: what it was called, its database, what its numbers mean, and its run.json."""

    name: str
    database: Path
    definitions: Definitions | None
    facts: dict[str, Any]


def read_side(name: str, out: Path) -> Side:
    """A side that is there: a published folder, a build under `out` by its id, or a database file.

    Raises CannotRunError when there is none of that name, or the folder holds no database.
    """
    builds = out / "builds"
    places = [Path(os.path.expanduser(name)), builds / name, out / name]  # noqa: PTH111 - no error for ~nobody
    found = next((place for place in places if name and place.exists()), None)
    if found is None:
        ids = sorted(path.name for path in builds.iterdir()) if builds.is_dir() else []
        known = f" Builds in {builds}: {listed(ids)}.{did_you_mean(name, ids)}" if ids else ""
        raise CannotRunError(
            f"There is no build, folder or database '{plain(name, 200)}'.{known} Or name git:REVISION."
        )
    database = found / DATABASE if found.is_dir() else found
    if not database.is_file():
        raise CannotRunError(f"{found} holds no {DATABASE}. Publish one: kpis.py run")
    return Side(name, database.resolve(), read_definitions(database.parent), _facts(database.parent))


def _facts(folder: Path) -> dict[str, Any]:
    try:
        loaded = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


@contextlib.contextmanager
def sides_of(
    one: str, other: str, out: Path, mapping: Path | None, as_of: str | None
) -> Iterator[tuple[Side, Side]]:
    """Both sides, for as long as they are compared. Revisions are built for it, and thrown away.

    A revision gets the mapping and the as-of date that it is given, else those of the other side.
    """
    if as_of and (wrong := problem_with_date(as_of)):
        raise CannotRunError(f"--as-of: {wrong}")
    names = (one, other)
    there = {name: read_side(name, out) for name in names if not name.startswith(REVISION)}
    example = next(iter(there.values()), None)
    if example:
        mapping, as_of = mapping or _mapping_of(example), as_of or example.facts.get("as_of")
    with tempfile.TemporaryDirectory(prefix="kpis-diff-") as folder:
        for number, name in enumerate(name for name in names if name not in there):
            there[name] = build_revision(name, Path(folder) / str(number), mapping, as_of)
        yield there[one], there[other]


def _mapping_of(side: Side) -> Path | None:
    """The mapping that a build was made with; None for the demo company.

    Raises CannotRunError when it is no longer there.
    """
    known = side.facts.get("mapping")
    if not known:
        return None
    path = PROJECT / str(known["path"])
    if not path.is_file():
        raise CannotRunError(f"{side.name} was built with {path}, which is gone. Name it: --mapping FILE")
    if sha256_of(path) != known["sha256"]:
        say(f"{path} was changed since {side.name} was built; the revision is built with what it says now.")
    return path


def build_revision(name: str, folder: Path, mapping: Path | None, as_of: str | None) -> Side:
    """Build what a git revision makes of the data of a mapping, with the runner of that revision.

    Takes as long as a run. Raises CannotRunError when git does not know the revision, or it cannot be built.
    """
    commit = _commit(name.removeprefix(REVISION))
    folder.mkdir()
    out = folder / "exports"
    with _worktree(commit, folder / "project") as tree:
        command = [sys.executable, str(tree / "scripts" / "kpis.py"), "run", "--out", str(out)]
        if mapping:
            command += ["--mapping", str(anchored(mapping, folder / "mapping.yml"))]
        if as_of:
            command += ["--as-of", as_of]
        say(
            f"Building {plain(name)} ({commit[:10]}) in a folder of its own, with its tests: "
            "this takes as long as a run."
        )
        if not (tree / "scripts" / "kpis.py").is_file():
            raise CannotRunError(
                f"{plain(name)} has no scripts/kpis.py, so it cannot publish. Name a later one."
            )
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False, cwd=tree)
    if done.returncode:
        raise CannotRunError(f"{plain(name)} cannot be built: see above why. Nothing was compared.")
    side = read_side(str(out / "current"), out)
    facts = {**side.facts, "mapping": {"sha256": sha256_of(mapping)} if mapping else None}
    return Side(f"{name} ({commit[:10]})", side.database, side.definitions, facts)


def _commit(revision: str) -> str:
    done = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode:
        raise CannotRunError(
            f"git knows no revision '{plain(revision, 100)}' of {PROJECT}. "
            "Is it spelt right, and fetched (a shallow clone has few)?"
        )
    return done.stdout.strip()


@contextlib.contextmanager
def _worktree(commit: str, folder: Path) -> Iterator[Path]:
    """The project as a commit has it, for as long as it is needed."""
    made = _git("worktree", "add", "--detach", "--force", str(folder), commit)
    if made.returncode:
        raise CannotRunError(f"git cannot check out {commit[:10]}: {one_line(made.stderr)}")
    try:
        yield folder
    finally:
        _git("worktree", "remove", "--force", str(folder))


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["git", "-C", str(PROJECT), *arguments], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise CannotRunError(f"git cannot be run: {error.strerror}. Or name two builds.") from error


def anchored(mapping: Path, target: Path) -> Path:
    """A copy of a mapping whose relative paths still start at this project."""
    variables = read_mapping(mapping).variables
    for options in (variables.get("mapping") or {}).values():
        for reader in [options, *((options or {}).get("lookups") or {}).values()]:
            if reader and "path" in reader:
                paths = reader["path"]
                reader["path"] = _whole(paths) if isinstance(paths, str) else [_whole(path) for path in paths]
    target.write_text(yaml.safe_dump(variables, allow_unicode=True), encoding="utf-8")
    return target


def _whole(path: str) -> str:
    return path if path.startswith("~") or "://" in path else str(PROJECT / path)


def words_of(side: Side, as_of: object) -> str:
    """A side for people: its name, its build, its commit and its as-of date."""
    git = side.facts.get("git") or {}
    commit = f", commit {str(git['commit'])[:10]}{' with changes' if git.get('dirty') else ''}" if git else ""
    build = f", build {side.facts['build']}" if "build" in side.facts else ""
    without = "" if side.definitions else f", without {FILE}"
    return plain(f"{side.name}{build}{commit}, as of {as_of}{without}")
