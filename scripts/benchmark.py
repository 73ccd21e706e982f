"""The benchmark: the whole tested build beside a bare SQL script, MetricFlow and pandas.

All make the same numbers of one generated company. The script fails when a cell differs. docs/benchmark.md
says what is measured. Standard output is the figures, everything else goes to standard error.
"""

import csv
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
import yaml
from rich.console import Console
from rich.table import Table
from runner import engine_v2
from runner.build import Engine

PROJECT = Path(__file__).resolve().parents[1]
DATA_SQL = PROJECT / "scripts" / "benchmark" / "data.sql"
BARE_SQL = PROJECT / "scripts" / "benchmark" / "bare.sql"
WITH_METRICFLOW = PROJECT / "scripts" / "benchmark" / "with_metricflow.py"
WITH_PANDAS = PROJECT / "scripts" / "benchmark" / "with_pandas.py"
DATABASE = "pipeline_kpis.duckdb"  # never another name: views carry the file's stem as their catalog
AS_OF = "2025-12-31"
ENTITIES = ["leads", "deals", "spend", "deal_changes", "accounts", "reps", "campaigns", "currency_rates"]
ENTITIES += ["activities"]
SLOWEST = 15

# A process of its own for each script: its time and its memory are nobody else's.
RUN_SQL = """
import sys
import duckdb

script, database, settings = sys.argv[1:]
with duckdb.connect(database) as connection, open(script, encoding="utf-8") as file:
    connection.execute(settings)
    connection.execute(file.read())
"""

# The cells of both sides under one another's names; a cell that only one side has differs too. KPIs that the
# bare script does not make at all are counted apart.
DIFFERENCES = """
    with
    build as (
        select *, true as is_there from build.scorecard.kpi_values
        where kpi in (select kpi from bare.kpi_values)
    ),
    bare as (select *, true as is_there from bare.kpi_values)
    select kpi, count(*) as cells, count(bare.is_there) as bare_cells
    from build
    full outer join bare using (kpi, period_grain, period_start, slice, slice_value)
    where
        build.is_there is null
        or bare.is_there is null
        or build.numerator is distinct from bare.numerator
        or build.denominator is distinct from bare.denominator
        or build.n is distinct from bare.n
        or (build.value is null) != (bare.value is null)
        or abs(build.value - bare.value) > 0.000001
    group by kpi
    order by kpi
"""

out = Console(width=110)
err = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Usage:
    """What one process took."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class BuildRun:
    """One dbt build: what the process took, and what dbt says of its nodes."""

    usage: Usage
    nodes_wall_seconds: float  # from the first node's start to the last one's end
    nodes: dict[str, tuple[str, float]]  # name to layer and seconds

    @property
    def layers(self) -> dict[str, float]:
        """The seconds of each layer's nodes; they overlap, so they add up to more than the wall's."""
        seconds: defaultdict[str, float] = defaultdict(float)
        for layer, took in self.nodes.values():
            seconds[layer] += took
        return dict(seconds)


@dataclass
class Size:
    """All runs on one number of leads."""

    leads: int
    folder: Path
    activities_per_lead: int = 5
    builds: list[BuildRun] = field(default_factory=list)
    parts: list[BuildRun] = field(default_factory=list)
    bares: list[Usage] = field(default_factory=list)
    metricflows: list[Usage] = field(default_factory=list)
    pandas: list[Usage] = field(default_factory=list)

    def ways(self) -> dict[str, list[Usage]]:
        """What was measured, by what it is called in the tables."""
        named = {
            "dbt build": [build.usage for build in self.builds],
            "dbt build, those KPIs": [build.usage for build in self.parts],
            "bare script": self.bares,
            "MetricFlow, 4 KPIs": self.metricflows,
            "pandas, 3 KPIs": self.pandas,
        }
        return {name: usages for name, usages in named.items() if usages}


class BenchmarkError(Exception):
    """A run did not end well; the message says which, and why."""


def measured(command: list[str], log: Path, environment: dict[str, str] | None = None) -> Usage:
    """Run a command to its end and say what it took; its output goes to the log.

    Raises BenchmarkError with the log's last lines when it fails.
    """
    started = time.perf_counter()
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, cwd=PROJECT, stdout=file, stderr=file, env={**os.environ, **(environment or {})}
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode:
        last_lines = "\n".join(log.read_text(encoding="utf-8").splitlines()[-25:])
        raise BenchmarkError(f"{command[0]} ended with {process.returncode}:\n{last_lines}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def run_sql(
    script: Path, database: str, variables: dict[str, str], log: Path, memory_limit: str | None
) -> Usage:
    """Run an SQL script in a DuckDB of its own."""
    settings = ["set TimeZone = 'UTC'"]
    if memory_limit:
        settings.append(f"set memory_limit = '{memory_limit}'")
    settings += [f"set variable {name} = {value}" for name, value in variables.items()]
    return measured([sys.executable, "-c", RUN_SQL, str(script), database, "; ".join(settings)], log)


def quoted(path: Path) -> str:
    """A path as SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def generate(size: Size) -> None:
    """Write the company's records and the mapping that names them, unless an earlier run did."""
    raw = size.folder / "raw"
    mapping = size.folder / "mapping.yml"
    if mapping.exists():
        return
    raw.mkdir(parents=True, exist_ok=True)
    run_sql(
        DATA_SQL,
        ":memory:",
        {
            "leads": str(size.leads),
            "activities_per_lead": str(size.activities_per_lead),
            "folder": quoted(raw),
        },
        size.folder / "data.log",
        None,
    )
    variables = {
        "source_system": "files",
        "as_of": AS_OF,
        "mapping": {entity: {"path": str(raw / f"{entity}.parquet")} for entity in ENTITIES},
    }
    mapping.write_text(yaml.safe_dump(variables, sort_keys=False), encoding="utf-8")


def run_build(size: Size, memory_limit: str | None, engine: Engine, select: tuple[str, ...] = ()) -> BuildRun:
    """Build and test everything with dbt, from nothing; with `select` only those nodes and their tests."""
    name = "part" if select else "build"
    database = size.folder / name / DATABASE
    database.parent.mkdir(exist_ok=True)
    database.unlink(missing_ok=True)
    target = size.folder / ("target-part" if select else "target")
    environment = {"KPI_DATABASE": str(database), "KPI_TEMP_DIRECTORY": str(size.folder / "spilled")}
    if memory_limit:
        environment["KPI_MEMORY_LIMIT"] = memory_limit
    arguments = [
        "build",
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(target), "--log-path", str(size.folder / "logs"), "--no-partial-parse"),
        *("--exclude-resource-type", "unit_test", "--exclude", "path:seeds/demo"),
    ]
    if select:
        # Without the tests that read models of other KPIs too.
        arguments += ["--indirect-selection", "buildable", "--select", *select]
    variables = (size.folder / "mapping.yml").read_text(encoding="utf-8")
    if engine is Engine.v2:
        command = engine_v2.command(arguments, yaml.safe_load(variables))
        environment |= engine_v2.environment()
    else:
        command = [str(Path(sys.executable).with_name("dbt")), *arguments, "--vars", variables]
    usage = measured(command, size.folder / f"{name}.log", environment)
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    nodes = {}
    for result in results["results"]:
        node = manifest.get(result["unique_id"])
        if node is None:  # a saved query: nothing is built
            continue
        nodes[node["name"]] = (layer_of(node), float(result["execution_time"]))
    times = [
        datetime.fromisoformat(timing[which])
        for result in results["results"]
        for timing in result["timing"]
        for which in ("started_at", "completed_at")
        if timing.get(which)
    ]
    return BuildRun(usage, (max(times) - min(times)).total_seconds(), nodes)


def layer_of(node: dict[str, Any]) -> str:
    """The folder of models that a node is in, or what kind of node it is."""
    if node["resource_type"] != "model":
        return f"{node['resource_type']}s"
    parts = Path(node["original_file_path"]).parts
    return parts[2] if parts[1] == "marts" else parts[1]


def run_bare(size: Size, memory_limit: str | None) -> Usage:
    """Make the same cells with the bare script."""
    database = size.folder / "bare.duckdb"
    database.unlink(missing_ok=True)
    variables = {
        "folder": quoted(size.folder / "raw"),
        "vocabulary": quoted(PROJECT / "seeds" / "vocabulary"),
        "as_of": f"date '{AS_OF}'",
    }
    return run_sql(BARE_SQL, str(database), variables, size.folder / "bare.log", memory_limit)


def kpi_models(size: Size) -> tuple[str, ...]:
    """The KPI models that the bare script has a counterpart of, each with all that it is made from."""
    with duckdb.connect(str(size.folder / "bare.duckdb"), read_only=True) as connection:
        made = {kpi for (kpi,) in connection.execute("select distinct kpi from kpi_values").fetchall()}
    with (PROJECT / "seeds" / "catalog" / "kpis.csv").open(encoding="utf-8", newline="") as file:
        return tuple(sorted({f"+{card['model']}" for card in csv.DictReader(file) if card["kpi"] in made}))


def run_metricflow(size: Size) -> Usage:
    """Ask MetricFlow on what was built."""
    found = size.folder / "metricflow.csv"
    manifest = size.folder / "target" / "semantic_manifest.json"
    environment = {"KPI_DATABASE": str(size.folder / "build" / DATABASE)}
    command = [sys.executable, str(WITH_METRICFLOW), str(manifest), str(found)]
    return measured(command, size.folder / "metricflow.log", environment)


def run_pandas(size: Size, python: str) -> Usage:
    """Make three KPIs of the raw files with pandas."""
    command = [python, str(WITH_PANDAS), str(size.folder / "raw"), AS_OF, str(size.folder / "pandas.csv")]
    return measured(command, size.folder / "pandas.log")


def differing_cells(size: Size, name: str, slice_name: str) -> tuple[int, list[str]]:
    """The number of cells of MetricFlow or pandas, and a sentence for each KPI that differs."""
    file = size.folder / f"{name}.csv"
    member = "true" if slice_name == "all" else "found.slice_value = cells.slice_value"
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(size.folder / 'build' / DATABASE)} as build (read_only)")
        connection.execute(
            f"create view found as from read_csv({quoted(file)}, types = {{'value': 'double'}})"
        )
        counted = connection.execute("select count(*) from found").fetchone()
        # A period or member without events is filled with 0 or null by the build and absent elsewhere.
        wrong = connection.execute(
            f"""
            select coalesce(found.kpi, cells.kpi) as kpi, count(*)
            from found
            full join (
                from build.scorecard.kpi_values
                where
                    period_grain = 'month' and slice = '{slice_name}'
                    and kpi in (select kpi from found) and n > 0 and value is not null
            ) as cells
                on found.kpi = cells.kpi and found.period_start = cells.period_start and {member}
            where abs(found.value - cells.value) > 0.00001 or cells.value is null
                or (found.value is null and cells.value != 0)
            group by 1 order by 1
            """
        ).fetchall()
    return (counted[0] if counted else 0), [
        f"{name}: {cells:,} cells of {kpi} differ" for kpi, cells in wrong
    ]


def compare(size: Size) -> tuple[int, list[str]]:
    """The number of cells that the build published, and a sentence for each KPI that differs."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(size.folder / 'build' / DATABASE)} as build (read_only)")
        connection.execute(f"attach {quoted(size.folder / 'bare.duckdb')} as bare (read_only)")
        found = connection.execute(
            "select count(*) from build.scorecard.kpi_values where kpi in (select kpi from bare.kpi_values)"
        ).fetchone()
        sentences = [
            f"{kpi}: {cells:,} cells differ" for kpi, cells, _ in connection.execute(DIFFERENCES).fetchall()
        ]
    return (found[0] if found else 0), sentences


def spread(values: list[float]) -> str:
    """The median, and how far the runs are apart."""
    middle = f"{statistics.median(values):,.1f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.1f} to {max(values):,.1f})"


def show_totals(sizes: list[Size]) -> None:
    """The build beside the bare script."""
    table = Table(title="Medians of the runs (lowest to highest)", title_justify="left")
    for column in ("leads", "", "wall s", "CPU s", "peak memory GB"):
        table.add_column(column, justify="left" if column in ("",) else "right")
    measures: list[Callable[[Usage], float]] = [
        lambda used: used.wall_seconds,
        lambda used: used.cpu_seconds,
        lambda used: used.peak_bytes / 1e9,
    ]
    for size in sizes:
        ways = size.ways()
        for place, (way, usages) in enumerate(ways.items()):
            cells = [spread([of(used) for used in usages]) for of in measures]
            table.add_row("" if place else f"{size.leads:,}", way, *cells)
        for way in ("dbt build", "dbt build, those KPIs"):
            if way in ways:
                ratios = [
                    statistics.median(map(of, ways[way])) / statistics.median(map(of, size.bares))
                    for of in measures
                ]
                table.add_row("", f"{way} / bare script", *(f"{ratio:.1f}" for ratio in ratios))
        table.add_section()
    out.print(table)


def show_layers(size: Size) -> None:
    """Where the build's time went."""
    seconds = {
        layer: statistics.median(build.layers.get(layer, 0.0) for build in size.builds)
        for layer in {name for build in size.builds for name in build.layers}
    }
    busy = sum(seconds.values())
    table = Table(title=f"Layers of the build, {size.leads:,} leads", title_justify="left")
    for column in ("layer", "seconds of its nodes", "share"):
        table.add_column(column, justify="left" if column == "layer" else "right")
    for layer, took in sorted(seconds.items(), key=lambda item: -item[1]):
        table.add_row(layer, f"{took:,.1f}", f"{took / busy:.0%}")
    out.print(table)

    slowest = Table(title=f"The {SLOWEST} slowest nodes", title_justify="left")
    for column in ("node", "layer", "seconds"):
        slowest.add_column(column, justify="right" if column == "seconds" else "left")
    nodes = {
        name: (layer, statistics.median(build.nodes[name][1] for build in size.builds))
        for name, (layer, _) in size.builds[0].nodes.items()
    }
    for name, (layer, took) in sorted(nodes.items(), key=lambda item: -item[1][1])[:SLOWEST]:
        slowest.add_row(name, layer, f"{took:,.1f}")
    out.print(slowest)

    before = statistics.median(build.usage.wall_seconds - build.nodes_wall_seconds for build in size.builds)
    walls = statistics.median(build.nodes_wall_seconds for build in size.builds)
    out.print(
        f"dbt itself: {before:.1f} s to start, parse and end; then {walls:.1f} s for {len(nodes)} nodes, "
        f"which were at work for {busy:.1f} s, {busy / walls:.1f} at a time."
    )


def show_growth(sizes: list[Size]) -> None:
    """How time grows with the number of leads: 1 is in step with it."""
    for way in sizes[0].ways():
        seconds = [statistics.median(used.cpu_seconds for used in size.ways()[way]) for size in sizes]
        slope = statistics.linear_regression(
            [math.log(size.leads) for size in sizes], [math.log(took) for took in seconds]
        ).slope
        last = math.log(seconds[-1] / seconds[-2]) / math.log(sizes[-1].leads / sizes[-2].leads)
        out.print(
            f"Growth of the {way}: CPU time is leads to the power of {slope:.2f}, "
            f"of {last:.2f} between the last two sizes."
        )


def draw(sizes: list[Size], file: Path) -> None:
    """CPU seconds and memory by leads, both on logarithmic scales, as SVG."""
    import vl_convert  # noqa: PLC0415 - only where something is drawn

    points = [
        {
            "leads": size.leads,
            "way": way,
            "CPU seconds": statistics.median(used.cpu_seconds for used in usages),
            "peak memory, GB": statistics.median(used.peak_bytes for used in usages) / 1e9,
        }
        for size in sizes
        for way, usages in size.ways().items()
    ]

    def panel(measure: str) -> dict[str, Any]:
        return {
            "width": 320,
            "height": 260,
            "mark": {"type": "line", "point": True},
            "encoding": {
                "x": {
                    "field": "leads",
                    "type": "quantitative",
                    "scale": {"type": "log"},
                    "axis": {"format": "~s"},
                },
                "y": {"field": measure, "type": "quantitative", "scale": {"type": "log"}},
                "color": {"field": "way", "type": "nominal", "title": None, "sort": None},
            },
        }

    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "data": {"values": points},
        "hconcat": [panel("CPU seconds"), panel("peak memory, GB")],
    }
    file.write_text(vl_convert.vegalite_to_svg(chart), encoding="utf-8")


def benchmark(
    sizes: list[Size], runs: int, memory_limit: str | None, engine: Engine, python: str | None
) -> int:
    """Measure, compare, and show; the number of KPIs that differ."""
    for size in sizes:
        err.print(f"{size.leads:,} leads: writing the company's records ...")
        generate(size)
        for run in range(1, runs + 1):
            # In turn, so that whatever else the machine does falls on both.
            err.print(f"{size.leads:,} leads, run {run} of {runs}: dbt build ...")
            size.builds.append(run_build(size, memory_limit, engine))
            took = size.builds[-1].usage
            err.print(f"  {took.wall_seconds:.1f} s, {took.peak_bytes / 1e9:.2f} GB; bare script ...")
            size.bares.append(run_bare(size, memory_limit))
            took = size.bares[-1]
            err.print(f"  {took.wall_seconds:.1f} s, {took.peak_bytes / 1e9:.2f} GB; the same KPIs alone ...")
            size.parts.append(run_build(size, memory_limit, engine, kpi_models(size)))
            took = size.parts[-1].usage
            err.print(f"  {took.wall_seconds:.1f} s, {took.peak_bytes / 1e9:.2f} GB")
            size.metricflows.append(run_metricflow(size))
            if python:
                size.pandas.append(run_pandas(size, python))
    show_totals(sizes)
    show_layers(sizes[-1])
    if len(sizes) > 1:
        show_growth(sizes)
    # Last: a child's peak memory is never less than what its parent once had.
    differing = 0
    for size in sizes:
        cells, sentences = compare(size)
        differing += len(sentences)
        with duckdb.connect(str(size.folder / "build" / DATABASE), read_only=True) as connection:
            told = connection.execute(
                "select count(*), count(distinct kpi) from scorecard.kpi_values"
            ).fetchone()
        with duckdb.connect(str(size.folder / "bare.duckdb"), read_only=True) as connection:
            made = connection.execute("select count(distinct kpi) from kpi_values").fetchone()
        assert told and made
        out.print(
            f"{size.leads:,} leads: the bare script makes {made[0]} of {told[1]} KPIs, "
            f"{cells:,} of {told[0]:,} cells; {len(sentences) or 'no'} KPIs differ."
        )
        for name, slice_name in (("metricflow", "channel"), ("pandas", "all")):
            if (size.folder / f"{name}.csv").exists():
                found, wrong = differing_cells(size, name, slice_name)
                out.print(
                    f"{size.leads:,} leads: {found:,} cells of {name}, {len(wrong) or 'no'} KPIs differ."
                )
                differing += len(wrong)
                sentences += wrong
        for sentence in sentences:
            err.print(f"  {sentence}")
    return differing


def main(
    leads: Annotated[list[int] | None, typer.Option(help="How many leads; repeat for more sizes.")] = None,
    activities_per_lead: Annotated[int, typer.Option(min=1, help="How many activities for each lead.")] = 5,
    runs: Annotated[int, typer.Option(min=1, help="How often each is run.")] = 3,
    keep: Annotated[
        Path | None, typer.Option(help="Keep data and databases there, and use them again.")
    ] = None,
    memory_limit: Annotated[
        str | None, typer.Option(help="DuckDB's memory_limit, like 2GB; else what profiles.yml says.")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="core, or v2, once make v2 has installed it.")] = Engine.core,
    with_pandas: Annotated[
        str | None, typer.Option(help="A Python that has pandas and pyarrow; else this one, if it has.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the growth to this SVG file.")] = None,
) -> None:
    """Measure the tested build beside one bare SQL script that makes the same cells."""
    with tempfile.TemporaryDirectory(prefix="kpi-benchmark-") as scratch:
        root = keep.resolve() if keep else Path(scratch)
        numbers = sorted(set(leads or [2_000_000]))
        sizes = [
            Size(number, root / f"{number}-leads-{activities_per_lead}-activities", activities_per_lead)
            for number in numbers
        ]
        try:
            here = sys.executable if importlib.util.find_spec("pandas") else None
            differing = benchmark(sizes, runs, memory_limit, engine, with_pandas or here)
            if plot and len(sizes) > 1:
                draw(sizes, plot)
        except BenchmarkError as error:
            err.print(str(error), markup=False)
            raise typer.Exit(1) from error
    raise typer.Exit(1 if differing else 0)


if __name__ == "__main__":
    typer.run(main)
