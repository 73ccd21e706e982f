"""The command line: run, export, explain, diff, doctor.

Standard output is data, everything else goes to standard error. Exit codes: 0 fine; 1 a test or a check
failed and nothing was published; 2 could not run, with one line that says why; 141 whoever read the answer
left before its end.
"""

import contextlib
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from runner import help
from runner.answer import Answer
from runner.build import Engine
from runner.errors import CannotRunError, CheckFailedError
from runner.progress import say
from runner.project import PROJECT
from runner.text import one_line

EXPORTS = PROJECT / "exports"

app = typer.Typer(
    help=help.APP,
    epilog=help.APP_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """The kinds of files that `export` writes."""

    parquet = "parquet"
    csv = "csv"
    xlsx = "xlsx"
    json = "json"


MappingOption = Annotated[
    Path | None,
    typer.Option("--mapping", help="A mapping file (docs/mapping.md); without it, the demo company."),
]
FromOption = Annotated[
    Path,
    typer.Option("--from", help="A published folder, or its database.", show_default="exports/current"),
]
OutOption = Annotated[
    Path,
    typer.Option("--out", help="The folder that holds current, builds and failed.", show_default="exports"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON object, for programs.")]


@app.command("run", help=help.RUN, epilog=help.EPILOG)
def run_command(
    mapping: MappingOption = None,
    as_of: Annotated[str | None, typer.Option(help="The last day that counts, like 2026-06-30.")] = None,
    target: Annotated[str | None, typer.Option(help="A DuckDB target of profiles.yml.")] = None,
    out: OutOption = EXPORTS,
    keep_rejects: Annotated[
        Path | None, typer.Option(help="Write the rejected rows there, unmasked, for the owner only.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="core, or v2: a few times as fast, once make v2 has installed it.")
    ] = Engine.core,
    as_json: JsonOption = False,
    report: Annotated[
        bool, typer.Option(help="Write the pages, too: report and docs in exports/current.")
    ] = True,
) -> None:
    """Build, test and publish to exports/current."""
    answer = Answer(as_json)

    def work() -> int:
        from runner.run import RunOptions, run  # noqa: PLC0415 - what a command needs, when it is asked for
        from runner.summary import show_summary  # noqa: PLC0415

        options = RunOptions(
            out=out.resolve(),
            mapping=mapping,
            as_of=as_of,
            target=target,
            keep_rejects=keep_rejects.resolve() if keep_rejects else None,
            engine=engine,
            report=report,
        )
        show_summary(run(options), options.out / "current", answer)
        return 0

    raise typer.Exit(exit_code_of(work, answer))


@app.command("export", help=help.EXPORT, epilog=help.EPILOG)
def export_command(
    source: FromOption = EXPORTS / "current",
    out: Annotated[Path, typer.Option(help="Where the files go.", show_default="exports/tables")] = EXPORTS
    / "tables",
    kind: Annotated[Format, typer.Option("--format", help="The kind of files.")] = Format.parquet,
    table: Annotated[list[str] | None, typer.Option(help="A table; repeat for more. All without it.")] = None,
) -> None:
    """Write tables of a published build as files of their own."""

    def work() -> int:
        from runner.publish import export_tables  # noqa: PLC0415

        for path in export_tables(source.resolve(), out.resolve(), kind.value, table or []):
            print(path)
        return 0

    raise typer.Exit(exit_code_of(work))


@app.command("explain", help=help.EXPLAIN, epilog=help.EPILOG)
def explain_command(
    kpi: Annotated[str, typer.Argument(help="A KPI of docs/kpis.md, like deal_win_rate.")],
    period: Annotated[
        str, typer.Argument(help="2025, 2025-Q4, 2025-11 or 2025-W07; fiscal years by their end.")
    ],
    member: Annotated[
        str | None,
        typer.Argument(metavar="[SLICE=VALUE]", help="Of whom, like rep='Robin Vale'; all without it."),
    ] = None,
    source: FromOption = EXPORTS / "current",
    limit: Annotated[int, typer.Option(min=0, help="How many records to list.")] = 20,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write all the records to this file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain one number: its formula filled in, the records behind it, how sure it is."""
    answer = Answer(as_json)

    def work() -> int:
        from runner.explain import Question, explain  # noqa: PLC0415
        from runner.explained import show_explanation  # noqa: PLC0415

        asked = Question(source.resolve(), kpi, period, member, limit, csv.resolve() if csv else None)
        show_explanation(explain(asked), answer)
        return 0

    raise typer.Exit(exit_code_of(work, answer))


@app.command("diff", help=help.DIFF, epilog=help.EPILOG)
def diff_command(
    one: Annotated[str, typer.Argument(metavar="A", help="What was.")],
    other: Annotated[str, typer.Argument(metavar="[B]", help="What is.")] = "current",
    mapping: MappingOption = None,
    as_of: Annotated[str | None, typer.Option(help="As-of date of the revisions that are built.")] = None,
    out: OutOption = EXPORTS,
    kpi: Annotated[str | None, typer.Option(help="Only this KPI, cell by cell.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many KPIs, cells and definitions to show.")] = 20,
    as_json: JsonOption = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The same for a pull request.")] = False,
    fail_on_change: Annotated[
        bool, typer.Option("--fail-on-change", help="Exit code 1 if a number moved.")
    ] = False,
) -> None:
    """Compare two builds: which numbers moved, by how much, and which definitions changed."""
    answer = Answer(as_json)

    def work() -> int:
        from runner.diff import compare  # noqa: PLC0415
        from runner.differences import show_markdown, show_text  # noqa: PLC0415
        from runner.sides import sides_of  # noqa: PLC0415

        with sides_of(one, other, out.resolve(), mapping, as_of) as sides:
            found = compare(*sides, limit, kpi)
        if as_markdown and not as_json:
            show_markdown(found, limit)
        else:
            show_text(found, limit, answer, cells=kpi is not None)
        return 1 if fail_on_change and found.moved else 0

    raise typer.Exit(exit_code_of(work, answer))


@app.command("report", help=help.REPORT, epilog=help.EPILOG)
def report_command(
    source: FromOption = EXPORTS / "current",
    out: Annotated[
        Path, typer.Option(help="The folder to write, anew.", show_default="exports/report")
    ] = EXPORTS / "report",
) -> None:
    """Write the report of a published build: pages for people that open from disk, index.html first."""

    def work() -> int:
        from runner.report import replace_report  # noqa: PLC0415

        print(replace_report(source.resolve(), out.resolve()))
        return 0

    raise typer.Exit(exit_code_of(work))


@app.command("doctor", help=help.DOCTOR, epilog=help.EPILOG)
def doctor_command(
    mapping: MappingOption = None, out: OutOption = EXPORTS, as_json: JsonOption = False
) -> None:
    """Examine the installation, or with --mapping the files that a mapping names."""
    answer = Answer(as_json)

    def work() -> int:
        from runner.doctor import examine_mapping, examine_project  # noqa: PLC0415
        from runner.publish import check_out  # noqa: PLC0415

        if mapping:
            return 0 if examine_mapping(mapping, answer) else 1
        check_out(out.resolve())
        return 0 if examine_project(out.resolve(), answer) else 1

    raise typer.Exit(exit_code_of(work, answer))


def exit_code_of(work: Callable[[], int], answer: Answer | None = None) -> int:
    """Do the work and finish the answer.

    Whatever goes wrong becomes one line on standard error and an exit code.
    """
    try:
        code, problem = _outcome_of(work)
        if problem:
            say(problem)
        if answer:
            answer.finish(code, problem)
        sys.stdout.flush()
    except BrokenPipeError:  # as of `| head -1`
        with contextlib.suppress(OSError):  # so that Python does not flush into the pipe once more
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # what a shell says of any program whose reader left
    return code


def _outcome_of(work: Callable[[], int]) -> tuple[int, str | None]:
    """The exit code, and what went wrong if something did."""
    try:
        return work(), None
    except CheckFailedError as error:
        return 1, f"Failed: {error}"
    except CannotRunError as error:
        problem = f"Error: {error}"
    except KeyboardInterrupt:
        problem = "Interrupted. Nothing was published."
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        problem = f"Error: {error.strerror or error}{where}."
    except duckdb.Error as error:
        problem = f"Error: {one_line(error)}"
    except Exception as error:
        with tempfile.NamedTemporaryFile("w", prefix="kpis-", suffix=".log", delete=False) as log:
            traceback.print_exc(file=log)
        problem = f"Error: {type(error).__name__}: {one_line(error)} The details are in {log.name}"
    return 2, problem


def mend_streams() -> None:
    """Have a closed stream swallow what it is told, and escape what a stream has no characters for."""
    for name in ("stdin", "stdout", "stderr"):  # in the order of the numbers that opened files get
        stream = getattr(sys, name)
        if stream is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - open to the end
        elif name != "stdin":
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    mend_streams()
    sys.exit(app())
