"""The run: lock, check, build in private, test, publish in one step."""

import contextlib
import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from runner import catalogue, publish
from runner.build import Build, Engine, Failure, broken_rules, build, failing_rows
from runner.definitions import definitions_of, write_definitions
from runner.errors import CannotRunError, CheckFailedError
from runner.mapping import Mapping, load_mapping
from runner.progress import Reporter, say
from runner.project import DATABASE, PROJECT, check_target, git_state, versions
from runner.publish import PublishedFile
from runner.settings import problem_with_date
from runner.sources import check_entity
from runner.text import counted, listed, plain
from runner.workbooks import made_readable


@dataclass(frozen=True)
class RunOptions:
    """What `kpis.py run` was asked for."""

    out: Path
    mapping: Path | None = None
    as_of: str | None = None
    target: str | None = None
    keep_rejects: Path | None = None
    engine: Engine = Engine.core
    report: bool = True


def run(options: RunOptions) -> Path:
    """Build, test and publish. Returns the published folder.

    Raises CannotRunError (nothing was built, or the files were to blame) or CheckFailedError (a test failed);
    in both cases `current` stays as it was.
    """
    started = _now()
    mapping = _mapping(options)
    check_target(options.target)
    publish.check_out(options.out)
    if options.keep_rejects:
        publish.check_rejects_folder(options.keep_rejects, options.out)
    options.out.mkdir(parents=True, exist_ok=True)
    with locked(options.out):
        folder, build_id = _private_folder(options.out, started, options.engine)
        try:
            with Reporter() as reporter:
                ready = _checked_inputs(mapping, folder, reporter)
                kept = options.out / ".parsed"
                made = build(
                    folder, ready.variables, reporter, options.target, engine=options.engine, kept=kept
                )
                if not made.database.exists():
                    raise CannotRunError(
                        f"Target '{options.target}' does not write the file that KPI_DATABASE names: there "
                        "is nothing to publish. Give it that path in profiles.yml."
                    )
                if options.keep_rejects:
                    _keep_rejects(made, options.keep_rejects)
                if not made.failures:
                    reporter.stage("Publishing")
                    return _published(options, mapping, made, started, build_id)
            _give_up(made, options.out, build_id)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    raise AssertionError("a build either fails or is published")


def _mapping(options: RunOptions) -> Mapping:
    mapping = load_mapping(options.mapping)
    if options.as_of is not None:
        if wrong := problem_with_date(options.as_of):
            raise CannotRunError(f"--as-of: {wrong}")
        mapping = Mapping({**mapping.variables, "as_of": options.as_of}, mapping.path, mapping.sha256)
    if mapping.source_system == "warehouse":
        raise CannotRunError(
            "source_system is warehouse: its tables are in that database, where dbt builds the KPIs too. "
            'Run: dbt build --vars "$(cat MAPPING.yml)"'
        )
    return mapping


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the only right to publish under `out`. Raises CannotRunError when another run holds it."""
    holder = out / ".lock.json"
    lock = FileLock(out / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CannotRunError(
            f"Another run is at work on {out}{_holder_words(holder)}. Wait for it, or choose another --out."
        ) from error
    try:
        holder.write_text(json.dumps({"pid": os.getpid(), "since": _now().isoformat(timespec="seconds")}))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _holder_words(holder: Path) -> str:
    try:
        known = json.loads(holder.read_text())
        return f" (process {int(known['pid'])}, since {plain(known['since'])})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def lock_state(out: Path) -> str:
    """Whether a run is at work on `out` now, in words."""
    if not (out / ".lock").exists():
        return "free"
    try:
        with FileLock(out / ".lock", timeout=0):
            return "free"
    except Timeout:
        return f"held by a run{_holder_words(out / '.lock.json')}"


def _private_folder(out: Path, started: dt.datetime, engine: Engine = Engine.core) -> tuple[Path, str]:
    """A new folder that only we may read; what killed runs left behind is removed.

    dbt-core's has the same name each time, so that its parse can be kept. dbt v2 is a process of its own: it
    may outlive a killed run, and must not meet the next.
    """
    building = out / ".building"
    shutil.rmtree(building, ignore_errors=True)
    for link in out.glob(".current.*"):
        link.unlink()
    stamp = started.strftime("%Y%m%dT%H%M%SZ")
    build_id, number = stamp, 1
    while (out / "builds" / build_id).exists() or (out / "failed" / build_id).exists():
        number += 1
        build_id = f"{stamp}-{number}"
    building.mkdir(mode=0o700, exist_ok=True)
    folder = building / "build"
    if engine is Engine.v2 or folder.exists():
        folder = building / build_id
    folder.mkdir(mode=0o700)
    return folder, build_id


def _checked_inputs(mapping: Mapping, folder: Path, reporter: Reporter) -> Mapping:
    """The mapping, ready for dbt. Raises CannotRunError with the first thing that is wrong with a file."""
    if mapping.source_system != "files":
        return mapping
    reporter.stage("Checking the files")
    with contextlib.chdir(PROJECT):
        ready = made_readable(mapping, folder / "readable")
        for entity, options in ready.entities.items():
            check = check_entity(entity, options, mapping.entities[entity])
            if check.problems:
                more = len(check.problems) - 1
                hint = f" ({more} more: kpis.py doctor --mapping {mapping.path})" if more else ""
                raise CannotRunError(check.problems[0] + hint)
    return ready


def _keep_rejects(made: Build, folder: Path) -> None:
    counts = publish.write_rejects(made.database, folder)
    kept = listed((f"{entity} {count:,}" for entity, count in counts.items()), 20)
    say(f"Rejected rows kept unmasked in {folder}: {kept or 'none'}")


def _published(
    options: RunOptions, mapping: Mapping, made: Build, started: dt.datetime, build_id: str
) -> Path:
    folder = made.database.parent / "published"
    files = publish.write_folder(made.database, made.manifest, folder, mapping.reporting_currency)
    definitions = definitions_of(made.database, made.manifest, mapping.variables)
    meaning = write_definitions(folder, definitions)
    files.append(PublishedFile(meaning.name, sha256=publish.sha256_of(meaning)))
    if options.report:
        page = catalogue.write_page(made.database, made.manifest, folder)
        files.append(PublishedFile(page.relative_to(folder).as_posix(), sha256=publish.sha256_of(page)))
        files += _write_report(folder)
    as_of, accounting = _facts_of(made.database)
    facts = {
        "build": build_id,
        "previous_build": _current_build(options.out),
        "as_of": as_of,
        "started": started.isoformat(timespec="seconds"),
        "finished": _now().isoformat(timespec="seconds"),
        "source_system": mapping.source_system,
        "mapping": {"path": _shown_path(mapping.path), "sha256": mapping.sha256} if mapping.path else None,
        "engine": options.engine.value,
        "tests_passed": made.tests_passed,
        "row_accounting": accounting,
        "versions": versions(),
        "git": git_state(),
    }
    publish.write_run_json(folder, facts, files)
    published = publish.make_current(options.out, folder, build_id)
    publish.prune(options.out / "builds", protected=published)
    return published


def _current_build(out: Path) -> str | None:
    """The id of the build that is published now, if one is."""
    current = out / "current"
    return current.readlink().name if current.is_symlink() and current.exists() else None


def _write_report(folder: Path) -> list[PublishedFile]:
    """The report of a folder that is to be published, into it."""
    from runner.report import write_report  # noqa: PLC0415 - takes a second to load

    write_report(folder, folder / "report")
    written = sorted(path for path in (folder / "report").rglob("*") if path.is_file())
    return [
        PublishedFile(path.relative_to(folder).as_posix(), sha256=publish.sha256_of(path)) for path in written
    ]


def _shown_path(path: Path) -> str:
    """A path as it is the same on every machine, where it is inside the project."""
    whole = path.resolve()
    return whole.relative_to(PROJECT).as_posix() if whole.is_relative_to(PROJECT) else str(whole)


def _facts_of(database: Path) -> tuple[str | None, list[dict[str, Any]]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        as_of = connection.execute("select as_of_date from intermediate.int_clock").fetchone()
        found = connection.execute("select * from audit.row_accounting order by all")
        names = [column[0] for column in found.description or []]
        accounting = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return (str(as_of[0]) if as_of and as_of[0] else None), accounting


def _give_up(made: Build, out: Path, build_id: str) -> None:
    """Keep the failed build aside and say what failed, with the first failing rows."""
    failures = made.failures
    messages = [line for failure in failures[:10] for line in failure_lines(made.database, failure)]
    if len(failures) > 10:
        messages.append(f"... and {len(failures) - 10} more")
    kept = out / "failed" / build_id
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    kept.parent.chmod(0o700)
    made.database.parent.rename(kept)
    publish.prune(kept.parent, protected=kept)
    for message in messages:
        say(message)
    if any(failure.relation for failure in failures):
        say(f"All rows that failed are in the tables named above, in {kept / DATABASE}")
    about_input = [failure for failure in failures if failure.is_about_input]
    if about_input:
        raise CannotRunError(
            f"{about_input[0].name} cannot be built: {about_input[0].message.rstrip('.')}. "
            f"Mend the file or the mapping. Nothing was published; the build is kept in {kept}"
        )
    tests = [failure for failure in failures if failure.kind == "test"]
    broken = [failure for failure in failures if failure.kind != "test"]
    counts = [counted(len(tests), "test") + " failed"] if tests else []
    counts += [counted(len(broken), "node") + " could not be built"] if broken else []
    raise CheckFailedError(f"{' and '.join(counts)}. Nothing was published; the build is kept in {kept}")


def failure_lines(database: Path, failure: Failure) -> list[str]:
    """What failed, where all of it is kept, and the first rows; of a table's rules, each broken one."""
    if failure.kind != "test":
        return [f"Failed: {failure.name} ({failure.path}): {failure.message}"]
    lines = [f"Failed test: {failure.name}, {counted(failure.rows, 'row')} ({failure.relation})"]
    if failure.is_of_rules:
        for rule, count, example in broken_rules(database, failure):
            one = f", for example {_shown(example)}" if example else ""
            lines.append(f"    {plain(rule, 200)}: {counted(count, 'row')}{one}")
        return lines
    columns, rows = failing_rows(database, failure)
    for row in rows:
        cells = (
            f"{column}={_shown(cell)}" for column, cell in zip(columns, row, strict=True) if cell is not None
        )
        lines.append("    " + ", ".join(cells))
    return lines


def _shown(cell: object) -> str:
    """A cell of a row that failed, unless it may be an e-mail address."""
    return "***" if "@" in str(cell) else plain(cell, 120)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
