"""The doctor: whether the project can run here, and what a build would make of a mapping's files."""

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from runner.answer import Answer
from runner.build import build, dbt_sentence, invoke_dbt
from runner.errors import CannotRunError
from runner.mapping import Mapping, problems_of, read_mapping
from runner.progress import Reporter
from runner.project import PROJECT, entities, versions
from runner.run import lock_state
from runner.sources import EntityCheck, check_entity
from runner.text import counted, listed, one_line, plain
from runner.workbooks import made_readable

_LEAST_FREE_BYTES = 1_000_000_000
_EXAMPLES = 3
_ROW_NUMBER = "try_cast(regexp_extract(source_row, '(\\d+)$', 1) as bigint)"


def examine_project(out: Path, answer: Answer) -> bool:
    """Answer with the state of the installation and of the exports. Returns whether all is well."""
    fine = True

    def check(name: str, state: str, is_fine: bool = True) -> None:
        nonlocal fine
        fine = fine and is_fine
        answer.line(f"{name:<12} {state}")
        answer.add("checks", {"name": name, "state": state, "ok": is_fine})

    for name, installed in versions().items():
        check(name, installed, installed != "not installed")
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        check("python", "is not 3.11, 3.12 or 3.13: install one of them, then run make install", False)
    with Reporter() as reporter, tempfile.TemporaryDirectory(prefix="kpis-doctor-") as folder:
        result = invoke_dbt(["parse"], Path(folder), {}, reporter)
    check("project", "parses" if result.success else dbt_sentence(result.exception), bool(result.success))
    existing = next(path for path in [out, *out.parents] if path.exists())
    free = shutil.disk_usage(existing).free
    check("disk", f"{free / 1e9:,.1f} GB free at {existing}")
    if free < _LEAST_FREE_BYTES:
        check("disk", "less than 1 GB: make room, or choose another --out", False)
    check("exports", _state_of_exports(out))
    failed = out / "failed"
    count = len(list(failed.iterdir())) if failed.is_dir() else 0
    if count:
        check("failed", f"{counted(count, 'build')} kept in {failed}")
    check("lock", lock_state(out))
    return fine


def _state_of_exports(out: Path) -> str:
    try:
        facts = json.loads((out / "current" / "run.json").read_text(encoding="utf-8"))
        return f"{out / 'current'}, published {facts['finished']}, as of {facts['as_of']}"
    except (OSError, ValueError, KeyError):
        return f"nothing is published at {out} yet: kpis.py run"


@dataclass(frozen=True)
class Finding:
    """Something about the rows of a mapping's files; a note is no reason not to run."""

    entity: str
    about: str
    rows: int
    text: str
    examples: list[str] = field(default_factory=list)
    is_note: bool = False


def examine_mapping(path: Path, answer: Answer) -> bool:
    """Answer with what a build would make of a mapping. Returns False when it would reject rows or fail.

    Raises CannotRunError when a build could not even start, after answering why.
    """
    mapping = read_mapping(path)
    problems = problems_of(mapping)
    for problem in problems:
        answer.line(f"problem: {problem}")
        answer.add("problems", problem)
    if problems:
        raise CannotRunError(f"{path} has {counted(len(problems), 'problem')}; nothing can be built from it.")
    if mapping.source_system != "files":
        answer.line(
            f"{path} is well formed. source_system is {mapping.source_system}, so there are no files to read."
        )
        return True
    with tempfile.TemporaryDirectory(prefix="kpis-doctor-") as folder, Reporter() as reporter:
        reporter.stage("Checking the files")
        ready = _checked_files(mapping, Path(folder), answer)
        vocabularies = ("+stg_brands", "+stg_channels", "+stg_countries", "+stg_lost_reasons")
        needed = tuple(f"+stg_{entity}__checked" for entity in entities())
        made = build(Path(folder), ready.variables, reporter, select=(*needed, *vocabularies))
        for failure in made.failures:
            raise CannotRunError(f"{failure.name} cannot be built: {failure.message}")
        with duckdb.connect(str(made.database), read_only=True) as connection:
            findings = list(_findings(connection, mapping))
    for finding in findings:
        answer.line(finding.text)
        for example in finding.examples:
            answer.line(f"  {example}")
    answer.facts["findings"] = [asdict(finding) for finding in findings]
    fine = all(finding.is_note for finding in findings)
    if fine:
        answer.line("Every row can be used: run it with")
        answer.line(f"  kpis.py run --mapping {path}")
    return fine


def _checked_files(mapping: Mapping, folder: Path, answer: Answer) -> Mapping:
    with contextlib.chdir(PROJECT):
        ready = made_readable(mapping, folder / "readable")
        checks = [
            check_entity(entity, options, mapping.entities[entity])
            for entity, options in ready.entities.items()
        ]
    for check in checks:
        _show_check(check, answer)
    absent = [entity for entity in entities() if entity not in mapping.entities]
    answer.line(f"not mapped: {', '.join(absent) or 'nothing'}\n")
    answer.facts["not_mapped"] = absent
    problems = [problem for check in checks for problem in check.problems]
    if problems:
        raise CannotRunError(f"{counted(len(problems), 'problem')} to mend before a build: {problems[0]}")
    return ready


def _show_check(check: EntityCheck, answer: Answer) -> None:
    answer.add("entities", asdict(check))
    answer.line(f"{check.entity}: {listed(check.files, 3) or 'no files'}, {counted(check.rows, 'row')}")
    if check.mapped:
        renamed = [name if source == name else f"{name} <- {source}" for name, source in check.mapped.items()]
        answer.line(f"  mapped:     {', '.join(plain(one) for one in renamed)}")
        answer.line(f"  not mapped: {', '.join(check.unmapped) or 'nothing'}")
        answer.line(f"  not used:   {listed(check.unused, 40) or 'nothing'}")
    for problem in check.problems:
        answer.line(f"  problem:    {problem}")


def _findings(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> Iterator[Finding]:
    """What would be rejected, and why, and money without a rate; then what is worth a note."""
    for entity in mapping.entities:
        yield from _unreadable_cells(connection, entity)
        if entity in ("deals", "deal_changes"):
            yield from _unmapped_stages(connection, entity)
        yield from _other_rejections(connection, entity)
    yield from _missing_rates(connection, mapping)
    yield from _unknown_words(connection)
    yield from _absence_of_our_brand(connection)


def _unreadable_cells(connection: duckdb.DuckDBPyConnection, entity: str) -> Iterator[Finding]:
    """Cells that hold something that is not what the column says: a year of 9999 is a placeholder."""
    for column, kind in entities()[entity].items():
        type_name = kind.split()[0]
        if type_name == "text":
            continue
        is_unreadable, said = f"{column} is null", type_name
        if type_name in ("date", "timestamp"):
            is_unreadable += f" or {column} < '1900-01-01' or {column} >= '2200-01-01'"
            said += " from 1900 to 2199"
        found = connection.execute(
            f"""
            with

            unreadable as (

                select
                    source_row,
                    json_extract_string(masked_record, '$.{column}') as cell
                from staging.stg_{entity}__checked
                where rejection_code is not null and ({is_unreadable}) and json_valid(masked_record)

            )

            select source_row, cell, count(*) over () as cells
            from unreadable
            where cell is not null
            order by {_ROW_NUMBER}, source_row
            limit {_EXAMPLES}
            """
        ).fetchall()
        if found:
            rows = found[0][2]
            text = f"{entity}: {counted(rows, 'row')} rejected, {column} is not a {said}"
            examples = [f"{plain(row)}: {plain(cell, 80)}" for row, cell, _ in found]
            yield Finding(entity, f"unreadable_{column}", rows, text, examples)


def _unmapped_stages(connection: duckdb.DuckDBPyConnection, entity: str) -> Iterator[Finding]:
    """Stages without a meaning, whatever else is wrong with their rows. A run fails until they have one."""
    found = connection.execute(
        f"""
        select stage, count(*), arg_min(source_row, coalesce({_ROW_NUMBER}, 0))
        from staging.stg_{entity}__checked
        where stage is not null and outcome is null
        group by 1
        order by 2 desc, 1
        """
    ).fetchall()
    for stage, count, row in found:
        text = (
            f"{entity}: stage '{plain(stage, 60)}' is not in vocabulary.stages: {counted(count, 'row')}, "
            f"for example {plain(row)}"
        )
        yield Finding(entity, "unmapped_stage", count, text)


def _other_rejections(connection: duckdb.DuckDBPyConnection, entity: str) -> Iterator[Finding]:
    found = connection.execute(
        f"""
        select
            rejection_code,
            count(*),
            list(source_row order by {_ROW_NUMBER}, source_row)[:{_EXAMPLES}],
            list(rejection_reason order by {_ROW_NUMBER}, source_row)[:{_EXAMPLES}]

        from staging.stg_{entity}__checked

        where
            rejection_code is not null
            and rejection_code != 'unmapped_stage'
            and not starts_with(rejection_code, 'unreadable_')

        group by
            rejection_code,
            case when rejection_code = 'missing_value' then rejection_reason end

        order by 2 desc, 1, 4
        """
    ).fetchall()
    for code, count, rows, reasons in found:
        if code == "test_record":
            text = f"{entity}: {counted(count, 'test record')} left out, as they should be"
            yield Finding(entity, code, count, text, is_note=True)
            continue
        examples = [f"{plain(row)}: {plain(reason, 160)}" for row, reason in zip(rows, reasons, strict=True)]
        yield Finding(entity, code, count, f"{entity}: {counted(count, 'row')} rejected, {code}", examples)


def _missing_rates(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> Iterator[Finding]:
    """Amounts in a currency that has no rate are left out of every sum."""
    reporting = mapping.reporting_currency
    for entity, amount in (("leads", "estimated_value"), ("deals", "amount"), ("spend", "amount")):
        found = connection.execute(
            f"""
            select upper(currency), count(*)
            from staging.stg_{entity}__checked
            where
                rejection_code is null
                and {amount} is not null
                and upper(currency) != ?
                and upper(currency) not in (
                    select upper(currency)
                    from staging.stg_currency_rates__checked
                    where rejection_code is null
                )
            group by 1
            order by 2 desc, 1
            """,
            [reporting],
        ).fetchall()
        for currency, count in found:
            text = (
                f"{entity}: {counted(count, 'amount')} in {plain(currency, 20)}, which has no rate to "
                f"{reporting}. Map the entity currency_rates."
            )
            yield Finding(entity, "missing_rate", count, text)


def _unknown_words(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Words that the vocabulary does not know but that reject nothing: a note, because they stay as is."""
    for entity, column, vocabulary, key in (
        ("leads", "channel", "channels", "channel_key"),
        ("deals", "channel", "channels", "channel_key"),
        ("spend", "channel", "channels", "channel_key"),
        ("deals", "lost_reason", "lost_reasons", "reason_key"),
        ("leads", "country", "countries", "country_key"),
        ("accounts", "country", "countries", "country_key"),
        ("survey_responses", "brand", "brands", "brand_key"),
    ):
        found = connection.execute(
            f"""
            select {column}, count(*)
            from staging.stg_{entity}__checked
            where
                rejection_code is null
                and {column} is not null
                and lower({column}) not in (select {key} from staging.stg_{vocabulary})
            group by 1
            order by 2 desc, 1
            """
        ).fetchall()
        if found:
            words = listed((f"{one_line(word, 40)} ({count:,})" for word, count in found), 10)
            text = f"note: {entity}.{column} has words that vocabulary.{vocabulary} does not know: {words}"
            rows = sum(count for _, count in found)
            yield Finding(entity, f"unknown_{column}", rows, text, is_note=True)


def _absence_of_our_brand(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """A survey that names only others: nobody knows us, or the vocabulary does not say who we are."""
    [(brands, ours)] = connection.execute(
        """
        select count(*), count(case when brands.is_us then 1 end)
        from staging.stg_survey_responses__checked as responses
        left join staging.stg_brands as brands on lower(responses.brand) = brands.brand_key
        where responses.rejection_code is null and responses.brand is not null
        """
    ).fetchall()
    if brands and not ours:
        text = (
            f"note: none of {counted(brands, 'answer')} in survey_responses.brand is ours, "
            "so share of voice is 0. Say in vocabulary.brands which brand is_us."
        )
        yield Finding("survey_responses", "no_brand_of_ours", brands, text, is_note=True)
