"""The mapping file: one YAML file of dbt vars that says where a company's data is and what its words mean.

docs/mapping.md explains the format. Everything is checked before dbt starts, because dbt ignores a var it
does not know: a misspelt option would be silence, not an error.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from runner.errors import CannotRunError
from runner.project import entities, project_vars
from runner.settings import (
    FIXED_VARS,
    is_number,
    is_whole,
    matches,
    one_of,
    problem_with_zone,
    problems_of_settings,
)
from runner.text import did_you_mean, listed, one_line, plain

WORKBOOK_SUFFIXES = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
ENCODINGS = ("utf-8", "utf-16", "latin-1", "windows-1252")  # DuckDB reads the first three by itself

_READER_OPTIONS = {"path", "sheet", "delimiter", "encoding", "skip_lines", "null_values"}
_FILE_OPTIONS = _READER_OPTIONS | {"lookups", "where", "columns", "date_formats", "time_zone"}
_LOOKUP_OPTIONS = _READER_OPTIONS | {"on"}
_WAREHOUSE_OPTIONS = {"table", "columns", "date_formats", "time_zone"}
_VOCABULARY: dict[str, dict[str, Callable[[Any], str | None]]] = {
    "stages": {
        "outcome": lambda fact: one_of(fact, ("open", "won", "lost", "invalid")),
        "stage_order": lambda fact: None if is_whole(fact) else "a whole number",
        "probability": lambda fact: None if is_number(fact) and 0 <= fact <= 1 else "a number from 0 to 1",
    },
    "lost_reasons": {"loss_kind": lambda fact: one_of(fact, ("competitive", "no_decision", "invalid"))},
    "brands": {
        "brand": lambda fact: None,
        "is_us": lambda fact: None if isinstance(fact, bool) else "true or false",
    },
    "channels": {
        "channel": lambda fact: None,
        "is_paid": lambda fact: None if isinstance(fact, bool) else "true or false",
        "is_inbound": lambda fact: None if isinstance(fact, bool) else "true or false",
    },
    "countries": {"country": lambda fact: None, "region": lambda fact: None},
}
_NEEDED_FACTS = {
    "stages": ["outcome"],
    "lost_reasons": ["loss_kind"],
    "channels": [],
    "countries": [],
    "brands": ["brand"],
}


@dataclass(frozen=True)
class Mapping:
    """What a mapping file says: its vars, ready for dbt, and which file it was."""

    variables: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None
    sha256: str | None = None

    @property
    def source_system(self) -> str:
        """Where the data comes from: demo, files or warehouse."""
        return str(self.variables.get("source_system", project_vars()["source_system"]))

    @property
    def reporting_currency(self) -> str:
        """The currency that all money is in."""
        return str(self.variables.get("reporting_currency", project_vars()["reporting_currency"]))

    @property
    def entities(self) -> dict[str, dict[str, Any]]:
        """The entities that the company has, each with its options."""
        return {name: options for name, options in (self.variables.get("mapping") or {}).items() if options}

    def replaced(self, entity_options: dict[str, dict[str, Any]]) -> "Mapping":
        """The same mapping with other options for some entities."""
        mapping = {**(self.variables.get("mapping") or {}), **entity_options}
        return Mapping({**self.variables, "mapping": mapping}, self.path, self.sha256)


def load_mapping(path: Path | None) -> Mapping:
    """Read and check a mapping file; without one, the demo company.

    Raises CannotRunError with the first thing that is wrong; `problems_of` finds them all.
    """
    mapping = read_mapping(path)
    problems = problems_of(mapping)
    if problems:
        more = f" ({len(problems) - 1} more: kpis.py doctor --mapping {path})" if len(problems) > 1 else ""
        raise CannotRunError(f"{path}: {problems[0]}{more}")
    return mapping


def read_mapping(path: Path | None) -> Mapping:
    """Read a mapping file without looking at what it says.

    Raises CannotRunError when it is missing, is not YAML, or is not a set of vars.
    """
    if path is None:
        return Mapping()
    if not path.is_file():
        kind = "is a pipe or a device; save it as a file and name that" if path.exists() else "does not exist"
        kind = "is a folder; name the YAML file" if path.is_dir() else kind
        raise CannotRunError(f"The mapping file {path} {kind}. docs/mapping.md shows how to write one.")
    try:
        content = path.read_bytes()
        loaded = yaml.load(content.decode("utf-8"), Loader=_StrictLoader)
    except OSError as error:
        raise CannotRunError(f"The mapping file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CannotRunError(f"The mapping file {path} is not UTF-8. Save it as UTF-8.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise CannotRunError(f"The mapping file {path} is not valid YAML: {_yaml_sentence(error)}") from error
    if not isinstance(loaded, dict) or not loaded:
        raise CannotRunError(f"The mapping file {path} is empty or not a set of vars. See docs/mapping.md.")
    return Mapping(_normalised(loaded), path, hashlib.sha256(content).hexdigest())


class _StrictLoader(yaml.SafeLoader):
    """YAML as dbt reads it, except that a key written twice is an error and not the last one wins."""


def _unique_keys(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | bool | int | float | dt.date | type(None)):
            raise yaml.constructor.ConstructorError(None, None, "a key is not a word", key_node.start_mark)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"'{key}' stands twice", key_node.start_mark)
        seen.add(key)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _unique_keys)


def _yaml_sentence(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = one_line(getattr(error, "problem", None) or error)
    if isinstance(error, ValueError):
        return f"a date in it is none ({problem})."
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{problem}. Quote texts that begin with % @ * & ! or hold a colon."


def _normalised(loaded: dict[Any, Any]) -> dict[str, Any]:
    """The vars as dbt takes them: dates as text; `on`, which YAML 1.1 reads as true, as the word it is."""
    variables = {str(key): value for key, value in loaded.items()}
    if isinstance(variables.get("as_of"), dt.date) and not isinstance(variables["as_of"], dt.datetime):
        variables["as_of"] = variables["as_of"].isoformat()
    mapping = variables.get("mapping")
    if isinstance(mapping, dict):
        for options in mapping.values():
            lookups = options.get("lookups") if isinstance(options, dict) else None
            for lookup in lookups.values() if isinstance(lookups, dict) else []:
                if isinstance(lookup, dict) and True in lookup and "on" not in lookup:
                    lookup["on"] = lookup.pop(True)
    return variables


def problems_of(mapping: Mapping) -> list[str]:
    """Everything that is wrong with a mapping, a sentence each, without opening the files that it names."""
    if mapping.path is None:
        return []
    variables = mapping.variables
    known = [name for name in project_vars() if name not in FIXED_VARS]
    problems = [
        f"{name} is the project's own and cannot be set in a mapping."
        if name in FIXED_VARS
        else f"there is no var '{plain(name)}'.{did_you_mean(name, known)}"
        for name in variables
        if name not in known
    ]
    problems += problems_of_settings(variables)
    problems += _problems_of_vocabulary(variables.get("vocabulary"))
    problems += _problems_of_entities(mapping)
    return problems


def _problems_of_vocabulary(vocabulary: object) -> list[str]:
    if not isinstance(vocabulary, dict):
        return []
    problems = []
    for name, words in vocabulary.items():
        where = f"vocabulary.{plain(name)}"
        if name not in _VOCABULARY:
            problems.append(f"{where} is unknown.{did_you_mean(str(name), _VOCABULARY)}")
            continue
        if words is None:
            continue
        if not isinstance(words, dict):
            problems.append(f"{where} must be a set of words, each with its facts in braces.")
            continue
        keys = [str(word).strip().lower() for word in words]
        for word, facts in words.items():
            problems += _problems_of_word(f"{where}.{plain(word)}", str(name), word, facts)
            if name in ("stages", "lost_reasons", "countries") and keys.count(str(word).strip().lower()) > 1:
                problems.append(f"{where}.{plain(word)} stands twice; case and outer blanks do not count.")
    return problems


def _problems_of_word(where: str, name: str, word: object, facts: object) -> list[str]:
    checks = _VOCABULARY[name]
    if isinstance(word, bool) or word is None:
        return [f"{where}: YAML takes this word for a truth value or for nothing; put it in quotes."]
    if not isinstance(facts, dict):
        return [f"{where} must have facts in braces: {{{', '.join(f'{fact}: ...' for fact in checks)}}}."]
    problems = [f"{where} must say its {fact}." for fact in _NEEDED_FACTS[name] if facts.get(fact) is None]
    for fact, value in facts.items():
        if fact not in checks:
            problems.append(f"{where}.{plain(fact)} is unknown.{did_you_mean(str(fact), checks)}")
        elif value is not None and (wrong := checks[fact](value)):
            problems.append(f"{where}.{fact} is '{plain(value, 60)}'; it must be {wrong}.")
    return problems


def _problems_of_entities(mapping: Mapping) -> list[str]:
    given = mapping.variables.get("mapping") or {}
    if not isinstance(given, dict):
        return []
    system = mapping.source_system
    if given and system == "demo":
        return ["it maps entities, but source_system is demo. Add the line `source_system: files`."]
    problems = []
    for entity, options in given.items():
        where = f"mapping.{plain(entity)}"
        if entity not in entities():
            known = did_you_mean(str(entity), entities()) or f" Known are {listed(entities(), 20)}."
            problems.append(f"{where} is not an entity.{known}")
        elif options is not None and not isinstance(options, dict):
            problems.append(f"{where} must be a set of options (path, columns, ...) or null.")
        elif options or (system == "files" and options is not None):
            problems += _problems_of_options(where, str(entity), options, system)
    if system != "demo":
        problems += [
            f"mapping does not name {entity}. Say where it is ({'path' if system == 'files' else 'table'}), "
            f"or write `{entity}: null` to say that there is none."
            for entity in project_vars()["required_entities"]
            if entity not in given
        ]
    return problems


def _problems_of_options(where: str, entity: str, options: dict[Any, Any], system: str) -> list[str]:
    known = _FILE_OPTIONS if system == "files" else _WAREHOUSE_OPTIONS
    problems = [
        f"{where}.{plain(option)} is not an option.{did_you_mean(str(option), known)}"
        for option in options
        if option not in known
    ]
    if system == "files":
        problems += _problems_of_reader(where, options)
    elif "table" in options and not matches(options["table"], r"\w+"):
        problems.append(f"{where}.table must be the name of a table.")
    problems += _problems_of_columns(where, entity, options.get("columns"))
    if not (options.get("where") is None or isinstance(options["where"], str)):
        problems.append(f"{where}.where must be an SQL condition.")
    if options.get("time_zone") is not None and (wrong := problem_with_zone(options["time_zone"])):
        problems.append(f"{where}.time_zone is '{plain(options['time_zone'], 60)}'; it must be {wrong}.")
    if options.get("date_formats") is not None and (wrong := _problem_with_formats(options["date_formats"])):
        problems.append(f"{where}.date_formats {wrong}")
    lookups = options.get("lookups")
    if lookups is not None and not isinstance(lookups, dict):
        problems.append(f"{where}.lookups must be a set of names, each with path and on.")
    elif lookups:
        for name, lookup in lookups.items():
            problems += _problems_of_lookup(f"{where}.lookups.{plain(name)}", entity, str(name), lookup)
    return problems


def _problems_of_columns(where: str, entity: str, columns: object) -> list[str]:
    if columns is None:
        return []
    if not isinstance(columns, dict):
        return [f"{where}.columns must say, for each canonical column, where its value is."]
    known = entities()[entity]
    problems = []
    for column, source in columns.items():
        here = f"{where}.columns.{plain(column)}"
        if column not in known:
            fix = did_you_mean(str(column), known) or f" {entity} has {listed(known, 25)}."
            problems.append(f"{here} is not a column of {entity}.{fix}")
        elif isinstance(source, dict):
            if set(source) != {"sql"} or not isinstance(source["sql"], str) or not source["sql"].strip():
                problems.append(f'{here} must be a column\'s name, {{sql: "an expression"}} or null.')
        elif source is not None and (not isinstance(source, str) or not source.strip() or '"' in source):
            problems.append(
                f'{here} must be a column\'s name, {{sql: "an expression"}} or null, not {plain(source, 40)}.'
            )
    return problems


def _problems_of_lookup(where: str, entity: str, name: str, lookup: object) -> list[str]:
    if not isinstance(lookup, dict):
        return [f"{where} must have path and on."]
    problems = [
        f"{where}.{plain(option)} is not an option.{did_you_mean(str(option), _LOOKUP_OPTIONS)}"
        for option in lookup
        if option not in _LOOKUP_OPTIONS
    ]
    if not matches(name, r"[A-Za-z_]\w*") or name.lower() == entity:
        problems.append(
            f"{where}: a lookup's name must be one word, and not {entity}; SQL calls it by that name."
        )
    if not isinstance(lookup.get("on"), str):
        problems.append(f'{where} must say `"on"`: the SQL condition that joins it to {entity}.')
    return problems + _problems_of_reader(where, lookup)


def _problems_of_reader(where: str, options: dict[Any, Any]) -> list[str]:
    problems = []
    path = options.get("path")
    paths = [path] if isinstance(path, str) else path
    if not (isinstance(paths, list) and paths and all(isinstance(one, str) and one.strip() for one in paths)):
        problems.append(
            f"{where} must have a path: a file, a list of files, or a pattern like exports/*.csv."
        )
    else:
        if len({file_format(one) for one in paths}) > 1:
            problems.append(
                f"{where}.path mixes kinds of files; give CSV, Parquet or workbooks, not several."
            )
        problems += [
            f"{where}.path: {plain(one)} is in nobody's home. Write the whole path, without ~."
            for one in paths
            if not _has_home(one)
        ]
        if options.get("sheet") is not None and file_format(paths[0]) != "workbook":
            problems.append(f"{where}.sheet is for workbooks, and {plain(paths[0])} is none.")
    if options.get("sheet") is not None and not isinstance(options["sheet"], str):
        problems.append(f"{where}.sheet must be the name of a sheet, in quotes if it is a number.")
    if options.get("delimiter") is not None and not matches(options["delimiter"], r"[^'\n\r\"]{1,4}|\t"):
        problems.append(f'{where}.delimiter must be what stands between two cells, like ";" or "\\t".')
    encoding = options.get("encoding")
    if encoding is not None and str(encoding).lower() not in ENCODINGS:
        problems.append(
            f"{where}.encoding is '{plain(encoding, 60)}'; it must be one of {', '.join(ENCODINGS)} "
            "(windows-1252 is what Excel on Windows writes). Save the file as UTF-8 if it is none of these."
        )
    skip = options.get("skip_lines")
    if skip is not None and not (is_whole(skip) and skip >= 0):
        problems.append(f"{where}.skip_lines must be the number of lines above the header.")
    nulls = options.get("null_values")
    if nulls is not None and not (
        isinstance(nulls, list) and all(matches(word, r"[^'\\]*") for word in nulls)
    ):
        problems.append(f'{where}.null_values must be a list of quoted texts, like ["N/A", "-"].')
    return problems


def _has_home(path: str) -> bool:
    """Whether a path begins somewhere: `~name` does not, where there is no such user."""
    try:
        Path(path).expanduser()
    except RuntimeError:
        return False
    return True


def file_format(path: str) -> str:
    """csv, parquet or workbook, by the ending of the file's name; what is neither of the others is CSV."""
    lowered = path.lower()
    if lowered.endswith(".parquet"):
        return "parquet"
    return "workbook" if lowered.endswith(WORKBOOK_SUFFIXES) else "csv"


def _problem_with_formats(value: object) -> str | None:
    if not isinstance(value, list) or not all(matches(one, r"[^'\\]+") for one in value):
        return 'must be a list of quoted formats, like ["%d.%m.%Y"].'
    for one in value:
        try:
            duckdb.execute("select try_strptime('x', ?)", [one])
        except duckdb.Error:
            return (
                f"has '{plain(one, 60)}', which is no format. Use the signs of strptime, like %d.%m.%Y %H:%M."
            )
    return None
