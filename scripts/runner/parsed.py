"""The project as dbt has parsed it, kept from one run for the next, which would parse the same again.

It is taken only where nothing has changed that it follows from: no file of the project, no var, no version.
dbt asks the same of the profile, and parses anew where it cannot read what was kept.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from runner.project import PROJECT, versions

_FILE = "partial_parse.msgpack"  # dbt's name for it, in its target folder
_FOLDERS = ("models", "macros", "seeds", "tests")
_KINDS = frozenset({".sql", ".yml", ".yaml", ".csv", ".md"})


def kind_of(variables: dict[str, Any], target: str | None) -> str:
    """A checksum of all that the parse follows from: it is the same for the same project and vars."""
    told = json.dumps([variables, target, versions()], sort_keys=True, default=str)
    checksum = hashlib.sha256(told.encode())
    files = [PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"]
    for folder in _FOLDERS:
        files += sorted(path for path in (PROJECT / folder).rglob("*") if path.suffix in _KINDS)
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        checksum.update(f"\n{path.relative_to(PROJECT).as_posix()} {content}".encode())
    return checksum.hexdigest()[:32]


def put_back(kept: Path, kind: str, target: Path) -> bool:
    """Put a parse of this kind where dbt looks for it. Returns whether there is one."""
    file = kept / f"{kind}.msgpack"
    if not file.is_file():
        return False
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target / _FILE)
    return True


def keep(kept: Path, kind: str, target: Path) -> None:
    """Keep what dbt has parsed, in one step, and no older parse. For the owner only: vars name files."""
    parsed = target / _FILE
    if not parsed.is_file():
        return
    kept.mkdir(mode=0o700, exist_ok=True)
    for older in kept.iterdir():
        older.unlink()
    new = kept / "new"
    shutil.copyfile(parsed, new)
    new.replace(kept / f"{kind}.msgpack")
