"""The files that a mapping names, checked before dbt reads them: what would fail a build is one sentence."""

import csv
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

import duckdb

from runner.errors import CannotRunError
from runner.mapping import file_format
from runner.project import PROJECT, entities
from runner.sql import literal, quoted
from runner.text import counted, did_you_mean, listed, nearest, one_line, plain

_OWN_COLUMNS = ("source_file", "scan_position", "file_row_number", "source_row")


@dataclass
class EntityCheck:
    """What the files of one entity hold, and how the mapping reads them."""

    entity: str
    files: list[str] = field(default_factory=list)
    rows: int = 0
    columns: list[str] = field(default_factory=list)
    mapped: dict[str, str] = field(default_factory=dict)
    unmapped: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def check_entity(entity: str, options: dict[str, Any], shown: dict[str, Any] | None = None) -> EntityCheck:
    """Look for everything about an entity's files that would make the build fail.

    `shown` are the options as the company wrote them; a workbook's sheet is read as Parquet.
    Relative paths start at the working directory, as they do for dbt.
    """
    check = EntityCheck(entity)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            _check_files(connection, check, options, shown or options)
        except CannotRunError as error:
            check.problems.append(str(error))
    return check


def _check_files(
    connection: duckdb.DuckDBPyConnection, check: EntityCheck, options: dict[str, Any], shown: dict[str, Any]
) -> None:
    entity = check.entity
    where = f"mapping.{entity}"
    check.files = source_files(connection, where, options)
    check.columns = source_columns(connection, where, options, check.files)
    if shown is not options:
        check.files = [str(shown["path"])] if isinstance(shown["path"], str) else list(shown["path"])
    check.rows = _counted_rows(connection, where, options, check.files)
    if shown is not options:
        is_filled = " or ".join(f"{quoted(column)} is not null" for column in check.columns)
        check.rows = _count(connection, f"({scan_sql(options)}) where {is_filled}")
    _describe_mapping(check, options)
    _make_sample(connection, entity, check.columns)
    joins = ""
    for name, lookup in (options.get("lookups") or {}).items():
        here = f"{where}.lookups.{name}"
        files = source_files(connection, here, lookup)
        source_columns(connection, here, lookup, files)
        _counted_rows(connection, here, lookup, files)
        connection.execute(f"create temp table {name} as select * from ({scan_sql(lookup)}) limit 0")
        joins += f" left join {name} on {lookup['on']}"
        _bind(connection, f'{here}."on"', f"select 1 from {entity}{joins}", [*check.columns])
    _check_expressions(connection, check, options, joins)
    if not check.problems and joins:
        _check_lookups_match_once(connection, check, options)


def source_files(connection: duckdb.DuckDBPyConnection, where: str, options: dict[str, Any]) -> list[str]:
    """The files that a path, a list or a pattern stands for.

    Raises CannotRunError for one that is missing, empty (0 bytes), a folder, or not ours to read.
    """
    given = [options["path"]] if isinstance(options["path"], str) else list(options["path"])
    found: list[str] = []
    for path in given:
        if "://" in path:
            found.append(path)
            continue
        if re.search(r"[*?\[]", path):
            matches = connection.execute("select file from glob(?) order by 1", [path]).fetchall()
            if not matches:
                raise CannotRunError(
                    f"{where}.path: no file matches {plain(path)} (paths start at {PROJECT})."
                )
            names = [str(match[0]) for match in matches]
        else:
            names = [path]
        for name in names:
            _check_file(where, name)
        found += names
    return found


def _check_file(where: str, name: str) -> None:
    path = Path(name).expanduser()
    if path.is_dir():
        raise CannotRunError(f"{where}.path: {plain(name)} is a folder. Name its files: {plain(name)}/*.csv")
    if not path.exists():
        siblings = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        close = nearest(path.name, siblings)
        hint = f" Did you mean {plain(path.parent / close)}?" if close else f" Paths start at {PROJECT}."
        raise CannotRunError(f"{where}.path: there is no file {plain(name)}.{hint}")
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise CannotRunError(
                    f"{where}.path: {plain(name)} is empty (0 bytes). Export it again; a file without rows "
                    "still needs its header."
                )
    except OSError as error:
        raise CannotRunError(f"{where}.path: {plain(name)} cannot be read: {error.strerror}.") from error


def scan_sql(options: dict[str, Any]) -> str:
    """The SQL that reads an entity's or a lookup's files: what the macro file_scan writes."""
    paths = [options["path"]] if isinstance(options["path"], str) else list(options["path"])
    files = "[" + ", ".join(literal(path) for path in paths) + "]"
    if file_format(paths[0]) == "parquet":
        return f"select * from read_parquet({files}, union_by_name = true)"
    arguments = [
        files,
        "all_varchar = true",
        "header = true",
        "union_by_name = true",
        "quote = '\"'",
        "escape = '\"'",
        # Said, because DuckDB guesses what is not: that rows which begin with # are comments, that a file
        # begins further down. Rows would be lost and nobody told.
        "comment = ''",
        f"skip = {options.get('skip_lines') or 0}",
    ]
    if options.get("delimiter"):
        arguments.append(f"delim = '{options['delimiter']}'")
    if options.get("encoding"):
        arguments.append(f"encoding = '{options['encoding']}'")
    if options.get("null_values"):
        arguments.append(f"nullstr = {['', *options['null_values']]}")
    return f"select * from read_csv({', '.join(arguments)})"


def source_columns(
    connection: duckdb.DuckDBPyConnection, where: str, options: dict[str, Any], files: list[str]
) -> list[str]:
    """The column names of the files. Raises CannotRunError when they cannot be made out.

    Each CSV file is looked at by itself: among others, one that is not split into columns would only add a
    column of its own, and have rows without any of the others.
    """
    is_csv = file_format(files[0]) == "csv"
    for file in files if is_csv else []:
        _check_csv(connection, where, {**options, "path": file}, file)
    try:
        described = connection.execute(f"describe {scan_sql(options)}").fetchall()
    except duckdb.Error as error:
        raise CannotRunError(read_sentence(where, options, files, error)) from error
    columns = [str(row[0]) for row in described]
    taken = [column for column in columns if column.lower() in _OWN_COLUMNS]
    if taken:
        raise CannotRunError(
            f"{where}: the project needs the column name '{taken[0]}' for itself. Rename it."
        )
    return columns


def _check_csv(connection: duckdb.DuckDBPyConnection, where: str, options: dict[str, Any], file: str) -> None:
    """Raises CannotRunError for a file that does not begin with its header, or is not split into columns."""
    is_here = "://" not in file
    if is_here and (odd := _odd_beginning(file, options)):
        raise CannotRunError(f"{where}: {odd}")
    try:
        described = connection.execute(f"describe {scan_sql(options)}").fetchall()
    except duckdb.Error as error:
        raise CannotRunError(
            (is_here and "sniffing" in str(error) and _broken_row(where, file, options))
            or read_sentence(where, options, [file], error)
        ) from error
    if is_here and len(described) == 1 and (broken := _broken_row(where, file, options)):
        raise CannotRunError(broken)


def opened_text(path: Path, encoding: str, errors: str = "strict") -> TextIO:
    """A text file, compressed or not, with the line ends that it has."""
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding=encoding, errors=errors, newline=""))
    return path.open(encoding=encoding, errors=errors, newline="")


@contextmanager
def _opened(file: str, options: dict[str, Any]) -> Iterator[TextIO]:
    """A text file from its header on."""
    with opened_text(Path(file).expanduser(), str(options.get("encoding") or "utf-8-sig"), "replace") as text:
        for _ in range(options.get("skip_lines") or 0):
            text.readline()
        yield text


def _odd_beginning(file: str, options: dict[str, Any]) -> str | None:
    """What stands where the header should, when that is nothing or what Excel writes for itself."""
    with _opened(file, options) as text:
        first = text.readline(1000)
    skip = (options.get("skip_lines") or 0) + 1
    if first and not first.strip():
        return f"{plain(file)} begins with an empty line. Set skip_lines: {skip}, or more if there are more."
    if told := re.match(r"sep=(.)\s*$", first, re.IGNORECASE):
        return (
            f"{plain(file)} begins with '{first.strip()}'. Set skip_lines: {skip} and delimiter: '{told[1]}'."
        )
    return None


def _broken_row(where: str, file: str, options: dict[str, Any]) -> str | None:
    """Where a file stops having as many cells as its header. None where it has one column only."""
    with _opened(file, options) as text:
        beginning = text.read(1_000_000)
    header = beginning.partition("\n")[0]
    delimiter = str(options.get("delimiter") or max(",;\t|", key=header.count))
    width = header.count(delimiter) + 1
    if width == 1 or "\0" in beginning:  # one column, or no text
        return None
    if "\r\n" in beginning and re.search(r"(?<!\r)\n", beginning):
        return (
            f"{where}: some lines of {plain(file)} end as on Windows, others do not. "
            "Save it with one kind of line end."
        )
    with _opened(file, options) as text:
        rows = islice(csv.reader(text, delimiter=delimiter), 200_000)
        try:
            for number, row in enumerate(rows, start=1 + (options.get("skip_lines") or 0)):
                if row and len(row) != width:
                    return (
                        f"{where}: row {number} of {plain(file)} has {counted(len(row), 'cell')} where "
                        f"the header has {width}. Put quotes around cells that hold the delimiter, "
                        "or mend the row."
                    )
        except csv.Error:
            pass
    return f"{where}: {plain(file)} cannot be split into columns. Set delimiter, and look for an open quote."


def _counted_rows(
    connection: duckdb.DuckDBPyConnection, where: str, options: dict[str, Any], files: list[str]
) -> int:
    """Read every cell once, so that a broken row near the end is found now. Returns the number of rows."""
    try:
        row = connection.execute(f"select count(*), count(columns(*)) from ({scan_sql(options)})").fetchone()
    except duckdb.Error as error:
        raise CannotRunError(read_sentence(where, options, files, error)) from error
    return int(row[0]) if row else 0


def read_sentence(where: str, options: dict[str, Any], files: list[str], error: duckdb.Error) -> str:
    """DuckDB's complaint about a file as one sentence that says what, where and what to do."""
    text = str(error)
    named = re.search(r"^[ \t]*file[ \t]*=[ \t]*(\S.*?)[ \t]*$", text, re.MULTILINE)
    file = plain(named.group(1) if named else files[0])
    line = re.search(r"CSV Error on Line: (\d+)", text)
    at = f"line {line.group(1)} of {file}" if line else file
    cells = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    encoding = options.get("encoding") or "utf-8"
    if "unicode" in text or "encoded" in text:
        return (
            f"{where}: {at} is not {encoding}. Add `encoding: windows-1252` or `encoding: utf-16` to "
            f"{where}, or save the file as UTF-8."
        )
    if cells:
        width, found = int(cells.group(1)), int(cells.group(2))
        has = (
            counted(found, "cell") if found < width else "more cells"
        )  # it stops counting at the first too many
        return (
            f"{where}: {at} has {has} where the header has {width}. "
            "Put quotes around cells that hold the delimiter, or mend the row."
        )
    if "sniffing" in text:
        return f"{where}: {file} does not read as {encoding} CSV. Set delimiter, encoding or skip_lines."
    if "quote" in text.split("Possible", maxsplit=1)[0].lower():
        return f"{where}: {at} has a quote that is not closed, or text after one. Mend the row."
    if "parquet" in text.lower():
        return f"{where}: {file} cannot be read as Parquet ({one_line(error, 120)})."
    return f"{where}: {at} cannot be read ({one_line(error, 160)})."


def _describe_mapping(check: EntityCheck, options: dict[str, Any]) -> None:
    """Fill in what is mapped, what is not, and which source columns nobody uses; complain of unknown ones."""
    available = {column.lower(): column for column in check.columns}
    used: set[str] = set()
    given = options.get("columns") or {}
    for column, kind in entities()[check.entity].items():
        source = given.get(column, column)
        if isinstance(source, dict):
            check.mapped[column] = one_line(source["sql"], 80)
        elif column in given and source is None:
            check.unmapped.append(column)
        elif str(source).lower() in available:
            check.mapped[column] = available[str(source).lower()]
            used.add(str(source).lower())
        elif column in given:
            check.problems.append(
                f"mapping.{check.entity}.columns.{column}: {_file_words(check)} has no column "
                f"'{plain(source)}'.{_nearest_columns(str(source), check.columns)}"
            )
        else:
            check.unmapped.append(column)
            if "required" in kind.split():
                check.problems.append(
                    f"mapping.{check.entity}.columns does not say where {column} is, and "
                    f"{_file_words(check)} has no column of that name."
                    f"{_nearest_columns(column, check.columns)}"
                )
    expressions = [source["sql"] for source in given.values() if isinstance(source, dict)]
    expressions += [str(options.get("where") or "")]
    expressions += [str(lookup["on"]) for lookup in (options.get("lookups") or {}).values()]
    words = set(re.findall(r"\w+", " ".join(expressions).lower()))
    quoted = {name.lower() for name in re.findall(r'"([^"]+)"', " ".join(expressions))}
    check.unused = [
        column
        for column in check.columns
        if column.lower() not in used and column.lower() not in words | quoted
    ]


def _nearest_columns(name: str, columns: list[str]) -> str:
    return did_you_mean(name, columns) or f" The file has {listed(columns, 30)}."


def _file_words(check: EntityCheck) -> str:
    more = f" (and {len(check.files) - 1} more)" if len(check.files) > 1 else ""
    return plain(Path(check.files[0]).name) + more


def _make_sample(connection: duckdb.DuckDBPyConnection, entity: str, columns: list[str]) -> None:
    """An empty table with the columns that an expression may name: the canonical ones and the source's."""
    names = {name.lower(): name for name in [*entities()[entity], *columns, "source_row"]}
    listed_columns = ", ".join(f"{quoted(name)} varchar" for name in names.values())
    connection.execute(f"create temp table {entity} ({listed_columns})")


def _check_expressions(
    connection: duckdb.DuckDBPyConnection, check: EntityCheck, options: dict[str, Any], joins: str
) -> None:
    where = f"mapping.{check.entity}"
    selected = []
    for column, source in (options.get("columns") or {}).items():
        if isinstance(source, dict):
            selected.append(f"cast({source['sql']} as varchar)")
            query = f"select {selected[-1]} from {check.entity}{joins}"
            _bind_or_note(connection, check, f"{where}.columns.{column}", query)
    condition = f" where {options['where']}" if options.get("where") else ""
    if condition:
        query = f"select 1 from {check.entity}{joins}{condition}"
        _bind_or_note(connection, check, f"{where}.where", query)
    if selected and not check.problems:
        query = (
            f"select {check.entity}.source_row, {', '.join(selected)} from {check.entity}{joins}{condition}"
        )
        _bind_or_note(connection, check, f"{where}.columns", query)


def _bind_or_note(connection: duckdb.DuckDBPyConnection, check: EntityCheck, where: str, query: str) -> None:
    try:
        _bind(connection, where, query, check.columns)
    except CannotRunError as error:
        check.problems.append(str(error))


def _bind(connection: duckdb.DuckDBPyConnection, where: str, query: str, columns: list[str]) -> None:
    """Let DuckDB understand an expression on a table without rows. Raises CannotRunError when it cannot."""
    try:
        connection.execute(query)
    except duckdb.Error as error:
        unknown = re.search(r'[Cc]olumn(?: named)? "([^"]+)"', str(error))
        if (unknown and "not found" in str(error)) or (unknown and "does not have a column" in str(error)):
            name = unknown.group(1)
            hint = _nearest_columns(name, columns)
            raise CannotRunError(f"{where}: there is no column '{plain(name)}'.{hint}") from error
        first = one_line(str(error).split("LINE ")[0], 200)
        raise CannotRunError(f"{where} is not an SQL expression that DuckDB understands: {first}") from error


def _check_lookups_match_once(
    connection: duckdb.DuckDBPyConnection, check: EntityCheck, options: dict[str, Any]
) -> None:
    """A lookup that matches twice would count a row twice."""
    known = f"(from {check.entity} select * exclude (source_row) union all by name {scan_sql(options)})"
    before = _count(connection, f"{known} as {check.entity}")
    for name, lookup in (options.get("lookups") or {}).items():
        joined = f"{known} as {check.entity} left join ({scan_sql(lookup)}) as {name} on {lookup['on']}"
        after = _count(connection, joined)
        if after > before:
            check.problems.append(
                f"mapping.{check.entity}.lookups.{name} finds more than one match for some rows: "
                f'{before:,} rows would become {after:,}. Have "on" find one row, or remove repeated rows.'
            )


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0
