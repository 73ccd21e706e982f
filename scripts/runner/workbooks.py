"""What DuckDB cannot read as it can: Excel sheets as all-text Parquet, Windows-1252 as UTF-8."""

import csv
import datetime as dt
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from runner.errors import CannotRunError
from runner.mapping import Mapping, file_format
from runner.sources import opened_text, source_files
from runner.sql import literal, quoted
from runner.text import did_you_mean, listed, one_line, plain


def made_readable(mapping: Mapping, folder: Path) -> Mapping:
    """The same mapping, with workbooks' sheets and Windows-1252 files written under `folder` and read there.

    Raises CannotRunError when a file cannot be opened, or a workbook has no such sheet or no header.
    """
    replaced: dict[str, dict[str, Any]] = {}
    for entity, options in mapping.entities.items():
        changed = dict(options)
        if _is_workbook(options):
            changed = _converted(f"mapping.{entity}", options, folder / entity)
            changed["where"] = _without_blank_rows(entity, changed)
        elif _is_of_windows(options):
            changed = _recoded(f"mapping.{entity}", options, folder / entity)
        lookups = {}
        for name, lookup in (options.get("lookups") or {}).items():
            where = f"mapping.{entity}.lookups.{name}"
            place = folder / entity / name
            if _is_workbook(lookup):
                lookups[name] = _converted(where, lookup, place)
            else:
                lookups[name] = _recoded(where, lookup, place) if _is_of_windows(lookup) else lookup
        if lookups:
            changed["lookups"] = lookups
        if changed != options:
            replaced[entity] = changed
    return mapping.replaced(replaced) if replaced else mapping


def _is_workbook(options: dict[str, Any]) -> bool:
    path = options["path"]
    return file_format(path if isinstance(path, str) else path[0]) == "workbook"


def _is_of_windows(options: dict[str, Any]) -> bool:
    return str(options.get("encoding")).lower() == "windows-1252"


def _recoded(where: str, options: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The options of copies in UTF-8 that are called as the files are: rows are named by them."""
    with duckdb.connect() as connection:
        files = [Path(name).expanduser() for name in source_files(connection, where, options)]
    paths = []
    for number, file in enumerate(files):
        target = folder / str(number) / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with opened_text(file, "cp1252") as text, target.open("w", encoding="utf-8", newline="") as copy:
                shutil.copyfileobj(text, copy)
        except UnicodeDecodeError as error:
            raise CannotRunError(
                f"{where}: {file.name} is not windows-1252. Name its encoding, or save the file as UTF-8."
            ) from error
        paths.append(str(target))
    kept = {key: value for key, value in options.items() if key != "encoding"}
    return {**kept, "path": paths[0] if len(paths) == 1 else paths}


def _converted(where: str, options: dict[str, Any], folder: Path) -> dict[str, Any]:
    with duckdb.connect() as connection:
        workbooks = [Path(name).expanduser() for name in source_files(connection, where, options)]
    paths = []
    for number, workbook in enumerate(workbooks):
        target = folder / str(number) / (re.sub(r"[^\w.\- ]", "_", workbook.name) + ".parquet")
        target.parent.mkdir(parents=True, exist_ok=True)
        sheet_to_parquet(workbook, target, options.get("sheet"), int(options.get("skip_lines") or 0), where)
        paths.append(str(target))
    kept = {key: value for key, value in options.items() if key not in ("sheet", "skip_lines")}
    return {**kept, "path": paths[0] if len(paths) == 1 else paths}


def _without_blank_rows(entity: str, options: dict[str, Any]) -> str:
    """The mapping's condition, and that the row is not blank: rows keep the sheet's row numbers."""
    paths = [options["path"]] if isinstance(options["path"], str) else options["path"]
    columns = duckdb.read_parquet(paths, union_by_name=True).columns
    is_filled = "(" + " or ".join(f"{entity}.{quoted(column)} is not null" for column in columns) + ")"
    return f"({options['where']}) and {is_filled}" if options.get("where") else is_filled


def sheet_to_parquet(workbook: Path, target: Path, sheet: str | None, skip_lines: int, where: str) -> None:
    """Write one sheet as Parquet of text columns; row n + 1 of the sheet is row n of the file, blank or not.

    The header is the first row that is not blank after `skip_lines` rows. Raises CannotRunError when the
    workbook cannot be read, has no sheet of that name, or the sheet has no header.
    """
    rows = _rows(workbook, sheet, where)
    header_row = next((n for n, row in enumerate(rows) if n >= skip_lines and any(row)), None)
    if header_row is None:
        raise CannotRunError(
            f"{where}: the sheet of {workbook.name} is empty; it needs at least a header row."
        )
    header = _header(rows[header_row])
    while rows and not any(rows[-1]):
        rows.pop()
    blank: list[str | None] = [None] * len(header)
    body = [blank] * header_row + [row + blank[len(row) :] for row in rows[header_row + 1 :]]
    loose = target.with_suffix(".csv")
    with loose.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(body)
    types = "{" + ", ".join(f"{literal(name)}: 'varchar'" for name in header) + "}"
    columns = ", ".join(f"nullif({quoted(name)}, '') as {quoted(name)}" for name in header)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {columns} from read_csv({literal(str(loose))}, columns = {types}, "
            "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            "max_line_size = 16777216)) "
            f"to {literal(str(target))} (format parquet)"
        )
    loose.unlink()


def _rows(workbook: Path, sheet: str | None, where: str) -> list[list[str | None]]:
    try:
        with CalamineWorkbook.from_path(str(workbook)) as book:
            if sheet is not None and sheet not in book.sheet_names:
                raise CannotRunError(
                    f"{where}.sheet: {workbook.name} has no sheet '{plain(sheet)}', it has "
                    f"{listed(book.sheet_names)}.{did_you_mean(sheet, book.sheet_names)}"
                )
            found = book.get_sheet_by_name(sheet if sheet is not None else book.sheet_names[0])
            cells = found.to_python(skip_empty_area=False)
    except PasswordError as error:
        raise CannotRunError(
            f"{where}: {workbook.name} is protected by a password. Save it without one."
        ) from error
    except (CalamineError, OSError, IndexError) as error:
        raise CannotRunError(
            f"{where}: {workbook.name} cannot be read as a workbook ({one_line(error, 120)}). "
            "Save it again as .xlsx."
        ) from error
    return [[cell_text(cell) for cell in row] for row in cells]


def cell_text(cell: object) -> str | None:
    """A cell as text: dates as ISO, whole numbers without .0, a duration in seconds, nothing as None."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.timedelta):
        return cell_text(cell.total_seconds())
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    text = str(cell).replace("\x00", "")
    return text if text.strip() else None


def _header(cells: list[str | None]) -> list[str]:
    """The column names: blanks squeezed; an empty one is named for its place, a repeated one numbered."""
    header: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        name = " ".join((cell or f"column{number}").split()).replace('"', "'")
        free, copy = name, 0
        while free.lower() in taken:
            copy += 1
            free = f"{name}_{copy}"
        taken.add(free.lower())
        header.append(free)
    return header
