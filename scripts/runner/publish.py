"""Copy the marts of a tested build into a fresh folder, and let `current` point to it in one step."""

import contextlib
import csv
import hashlib
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from runner import exports
from runner.build import published_models
from runner.errors import CannotRunError, CheckFailedError
from runner.project import DATABASE, entities, open_database
from runner.sql import literal, quoted
from runner.text import did_you_mean, listed

KEPT_BUILDS = 5
_ADDRESS = r"[\pL\pN_][\pL\pM\pN._%+-]*@[\pL\pM\pN.-]*[\pL\pM\pN]"  # an e-mail address, wherever it stands
_PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*([eE][+-]?\d+)?")


# What a column that holds addresses must not publish: the personal values, and texts around one of them.
_TEXTS_WITH_ADDRESSES = f"""
(
    with

    addressed as (select distinct {{text}} as text from {{table}} where contains({{text}}, '@')),

    addresses as (select text, unnest(regexp_extract_all(text, '{_ADDRESS}')) as address from addressed)

    select value from personal
    union all
    select addresses.text from addresses semi join personal on addresses.address = personal.value
)
"""


@dataclass(frozen=True)
class PublishedFile:
    """One file of a published folder. The database has no checksum: its bytes are not reproducible."""

    name: str
    table: str | None = None
    rows: int | None = None
    sha256: str | None = None


def write_folder(database: Path, manifest: Path, folder: Path, currency: str) -> list[PublishedFile]:
    """Write the published database and its exports: every mart, sorted, as a table, as Parquet and as CSV.

    The scorecard is also a workbook (money in `currency`) and JSON with its schema. Raises CheckFailedError
    when a mart holds a lead's e-mail address or telephone number.
    """
    models = published_models(manifest)
    files = []
    folder.mkdir()
    with _connected(database, folder) as connection:
        connection.execute("begin")  # thousands of comments: each on its own would wait for the disk
        for model in models:
            connection.execute(f"create schema if not exists published.{quoted(model['schema'])}")
            connection.execute(
                f"create table {_table(model)} as select * from "
                f"pipeline_kpis.{quoted(model['schema'])}.{quoted(model['alias'])} order by all"
            )
            _comment(connection, model)
        connection.execute("commit")
        refuse_personal_data(connection, models)
        connection.execute("set threads = 1")  # one writer: the same rows give the same bytes
        for model in models:
            for kind in ("parquet", "csv"):
                path = folder / f"{model['alias']}.{kind}"
                files.append(_published(path, model, write_table(connection, _table(model), path, kind)))
            if model["alias"] == exports.SCORECARD:
                files += _write_scorecard(connection, model, folder, currency)
    return [PublishedFile(DATABASE), *sorted(files, key=lambda file: file.name)]


def _write_scorecard(
    connection: duckdb.DuckDBPyConnection, model: dict[str, Any], folder: Path, currency: str
) -> list[PublishedFile]:
    """The scorecard for people, as a workbook, and for programs, as JSON with its schema."""
    table = _table(model)
    workbook, cards, schema = (
        folder / name for name in (f"{exports.SCORECARD}.xlsx", f"{exports.SCORECARD}.json", exports.SCHEMA)
    )
    schemas = f"published.{quoted(model['schema'])}"
    rows = exports.write_scorecard_workbook(connection, schemas, workbook, currency)
    values = exports.write_cards_json(connection, table, cards)
    described = {name: " ".join(column["description"].split()) for name, column in model["columns"].items()}
    exports.write_json(schema, exports.cards_schema(exports.columns_of(connection, table), described))
    return [
        _published(workbook, model, rows),
        _published(cards, model, values),
        PublishedFile(schema.name, sha256=sha256_of(schema)),
    ]


@contextlib.contextmanager
def _connected(database: Path, folder: Path) -> Any:
    """The private build under its own name, read only, and the new database as `published`."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set temp_directory = {literal(database.parent / 'tmp')}")
        connection.execute(f"attach {literal(database)} as pipeline_kpis (read_only)")
        connection.execute(f"attach {literal(folder / DATABASE)} as published")
        yield connection
        connection.execute("detach published")


def _comment(connection: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> None:
    if model["description"]:
        connection.execute(f"comment on table {_table(model)} is {literal(model['description'].strip())}")
    made = connection.execute(f"describe {_table(model)}").fetchall()
    described = {name.lower(): column["description"] for name, column in model["columns"].items()}
    for column in (str(row[0]) for row in made):
        if description := described.get(column.lower()):
            connection.execute(
                f"comment on column {_table(model)}.{quoted(column)} is {literal(description.strip())}"
            )


def refuse_personal_data(connection: duckdb.DuckDBPyConnection, models: list[dict[str, Any]]) -> None:
    """Compare the published texts with the e-mail addresses and telephone numbers of `pipeline_kpis`.

    Raises CheckFailedError when a cell is one, or holds an address inside another text.
    """
    personal = [
        f"select lower({column}) as value from pipeline_kpis.staging.stg_{entity}__checked "
        "where rejection_code is distinct from 'test_record'"
        for entity, columns in entities().items()
        for column, kind in columns.items()
        if "personal" in kind.split()
    ]
    connection.execute(
        rf"""
        create temp table personal as
        with cells as materialized ({" union all ".join(personal)})
        select value from cells
        where value like '%_@_%' or regexp_full_match(value, '[+(0][\d ()/.\-]{{7,}}')
        union
        select unnest(regexp_extract_all(value, '{_ADDRESS}')) from cells where contains(value, '@')
        """
    )
    for model in models:
        table = _table(model)
        texts = [name for name, kind in exports.columns_of(connection, table) if kind == "VARCHAR"]
        with_addresses = _columns_with_addresses(connection, table, texts)
        for column in texts:
            text = f"lower({quoted(column)})"
            secret = _TEXTS_WITH_ADDRESSES if column in with_addresses else "personal"
            found = connection.execute(
                f"select count(*) from {table} "
                f"semi join {secret.format(table=table, text=text)} as secret on {text} = secret.value"
            ).fetchone()
            if found and found[0]:
                raise CheckFailedError(
                    f"{model['schema']}.{model['alias']}.{column} would publish {found[0]:,} e-mail "
                    "addresses or telephone numbers. Map another column there, or hide them, as in "
                    '{sql: "md5(lower(email))"}.'
                )


def _columns_with_addresses(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]
) -> set[str]:
    """The columns that hold an @ anywhere: in one look at the table, because hardly any does."""
    looks = ", ".join(f"bool_or(contains({quoted(column)}, '@'))" for column in columns)
    found = connection.execute(f"select {looks} from {table}").fetchone() if columns else None
    return {column for column, has in zip(columns, found or [], strict=False) if has}


def write_table(connection: duckdb.DuckDBPyConnection, table: str, path: Path, kind: str) -> int:
    """Write a table as Parquet, CSV, JSON or a workbook, in its order. Returns the number of rows."""
    if kind == "csv":
        return exports.write_csv(connection, table, path)
    if kind == "xlsx":
        return exports.write_table_workbook(connection, table, path)
    options = "format json, array true" if kind == "json" else "format parquet, compression zstd"
    return exports.copied(connection, f"select * from {table}", path, options)


def _published(path: Path, model: dict[str, Any], rows: int) -> PublishedFile:
    return PublishedFile(path.name, f"{model['schema']}.{model['alias']}", rows, sha256_of(path))


def sha256_of(path: Path) -> str:
    """The checksum of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_run_json(folder: Path, facts: dict[str, Any], files: list[PublishedFile]) -> None:
    """Write run.json: where a published folder comes from, and what is in it."""
    listing = [{key: value for key, value in asdict(file).items() if value is not None} for file in files]
    text = json.dumps({**facts, "files": listing}, indent=2, ensure_ascii=False, default=str)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")


def make_current(out: Path, folder: Path, build_id: str) -> Path:
    """Move a finished folder to builds/<id> and let `current` point to it: readers see the old or the new.

    Raises CannotRunError when `current` is not a link, so something else made it.
    """
    check_current(out)
    for path in [*folder.rglob("*"), folder]:
        _flush(path)
    builds = out / "builds"
    builds.mkdir(exist_ok=True)
    folder.rename(builds / build_id)
    link = out / f".current.{build_id}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("builds") / build_id)
    link.replace(out / "current")
    _flush(builds)
    _flush(out)
    return builds / build_id


def check_out(out: Path) -> None:
    """Raise CannotRunError when nothing can be built or published there."""
    if sign := next((sign for sign in "#?" if sign in str(out)), None):
        raise CannotRunError(
            f"{out} has a {sign} in it, where dbt takes the path of a database to end. "
            "Choose a folder without one: --out"
        )
    file = next((path for path in (out, *out.parents) if path.exists() and not path.is_dir()), None)
    if file:
        raise CannotRunError(f"--out {out}: {file} is a file. Choose a folder.")
    check_current(out)


def check_current(out: Path) -> None:
    """Raise CannotRunError when `current` exists and is not a link of ours."""
    current = out / "current"
    if current.exists() and not current.is_symlink():
        raise CannotRunError(
            f"{current} is not a link that this command made. Move it away, or choose --out."
        )


def _flush(path: Path) -> None:
    """Have the disk hold what was written, so that a power cut cannot empty a published file."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def prune(folder: Path, keep: int = KEPT_BUILDS, protected: Path | None = None) -> None:
    """Remove all but the newest builds of a folder, never the protected one."""
    if not folder.is_dir():
        return
    found = sorted(
        (path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.name, reverse=True
    )
    ours = protected.resolve() if protected else None
    others = [path for path in found if path.resolve() != ours]
    for path in others[keep - (1 if len(others) < len(found) else 0) :]:
        shutil.rmtree(path, ignore_errors=True)


def check_rejects_folder(folder: Path, out: Path) -> None:
    """Raise CannotRunError when unmasked rejected rows must not be written there."""
    if folder.resolve().is_relative_to(out.resolve()):
        raise CannotRunError(
            f"--keep-rejects {folder} is inside {out}, which is published. Choose another folder."
        )
    if folder.exists() and not folder.is_dir():
        raise CannotRunError(f"--keep-rejects {folder} is a file. Choose a folder.")
    if folder.is_dir():
        ours = {f"{entity}.csv" for entity in entities()}
        strangers = sorted(path.name for path in folder.iterdir() if path.name not in ours)
        if strangers:
            raise CannotRunError(
                f"--keep-rejects {folder} holds other files ({listed(strangers, 3)}). Choose an empty folder."
            )


def write_rejects(database: Path, folder: Path) -> dict[str, int]:
    """Write the rejected rows of each entity, unmasked, for repair: <entity>.csv, readable by the owner only.

    Returns the number of rows by entity; entities without rejected rows have no file.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    counts = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        built = {
            str(row[0])
            for row in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'staging'"
            ).fetchall()
        }
        for entity, columns in entities().items():
            path = folder / f"{entity}.csv"
            path.unlink(missing_ok=True)
            if f"stg_{entity}__checked" not in built:
                continue
            found = connection.execute(
                "select source_row, rejection_code, rejection_reason, raw_record "
                f"from staging.stg_{entity}__checked where rejection_code is not null order by all"
            )
            rows = found.fetchmany(1000)
            if not rows:
                continue
            counts[entity] = 0
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "w", newline="", encoding="utf-8") as file:  # noqa: PTH123 - a file that is born private
                writer = csv.writer(file)
                writer.writerow(["source_row", "rejection_code", "rejection_reason", *columns])
                while rows:
                    for *known, record in rows:
                        cells = json.loads(record, strict=False)
                        raw = [without_formula(cells.get(name), kind) for name, kind in columns.items()]
                        writer.writerow([*(without_formula(cell, "text") for cell in known), *raw])
                    counts[entity] += len(rows)
                    rows = found.fetchmany(1000)
    return counts


def without_formula(cell: str | None, kind: str) -> str:
    """A raw cell that no spreadsheet runs: an apostrophe leads what looks like a formula and is no number."""
    if cell is None:
        return ""
    is_number = kind.split(maxsplit=1)[0] == "number" and _PLAIN_NUMBER.fullmatch(cell.strip())
    return f"'{cell}" if re.match(exports.FORMULA, cell) and not is_number else cell


def export_tables(source: Path, folder: Path, kind: str, wanted: list[str]) -> list[Path]:
    """Write tables of a published database as files of their own. Returns the paths.

    Raises CannotRunError when there is nothing published, or no table of a wanted name.
    """
    database = source / DATABASE if source.is_dir() else source
    if not database.is_file():
        raise CannotRunError(f"There is no published database at {database}. Publish one first: kpis.py run")
    with open_database(database) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set threads = 1")
        tables = {
            str(name): f"{quoted(schema)}.{quoted(name)}"
            for schema, name in connection.execute(
                "select schema_name, table_name from duckdb_tables() order by 2"
            ).fetchall()
        }
        names = [name.rsplit(".", maxsplit=1)[-1] for name in wanted] or list(tables)
        for name in names:
            if name not in tables:
                raise CannotRunError(f"There is no published table '{name}'.{did_you_mean(name, tables)}")
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for name in names:
            path = folder / f"{name}.{kind}"
            half = folder / f".{name}.part.{kind}"
            try:
                write_table(connection, tables[name], half, kind)
            except ValueError as error:
                raise CannotRunError(f"{name} has {error}: choose csv or parquet.") from error
            half.replace(path)
            paths.append(path)
    return paths


def _table(model: dict[str, Any]) -> str:
    return f"published.{quoted(model['schema'])}.{quoted(model['alias'])}"
