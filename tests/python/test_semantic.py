"""The semantic layer defines the KPIs a second time: MetricFlow says what kpi_values says, cell by cell."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from building import ROOT, rows
from catalog import read_cards
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import get_adapter_by_type
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from dbt_metricflow.cli.dbt_connectors.adapter_backed_client import AdapterBackedSqlClient
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.validation.data_warehouse_model_validator import DataWarehouseModelValidator
from metricflow_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

PAGE = ROOT / "docs" / "semantic.md"
SAVED_QUERIES = ROOT / "models" / "semantic" / "saved_queries.yml"

# Where the two differ by design. docs/semantic.md has the reason of each, in a table under the same name.
BALANCES = {
    "high_potential_leads": ("high_potential_leads_entered", "high_potential_leads_left"),
    "pipeline_value_leads": ("potential_amount_entered", "potential_amount_left"),
}
WHOLE_COMPANY_ONLY = {"new_customers_per_day"}
MONTH_ONLY = {
    "acquisition_adequacy",
    "cac_lagged",
    "customer_acquisition_rate",
    "customer_retention_rate",
    "customer_retention_rate_textbook",
    "grr",
    "gross_mrr_churn_rate",
    "logo_churn_rate",
    "net_mrr_churn_rate",
    "nrr",
    "pipeline_coverage",
    "required_new_customers",
}
NULL_FOR_NOTHING = {"cac_lagged", "pipeline_coverage"}
DAYS_UNTIL_RIPE = {f"won_within_{days}_days": days for days in (30, 60, 90, 180)}
FIRST_PERIOD_DIFFERS = {"new_customers_per_qualified_lead"}
# A KPI rounds the rates and means inside its formula to six places, MetricFlow nothing. Relative.
ROUNDED_INSIDE = {
    "sales_velocity": 1e-5,
    "value_per_meeting": 1e-5,
}
TABLES = {
    "Balances": set(BALANCES),
    "Whole company only": WHOLE_COMPANY_ONLY,
    "Month only": MONTH_ONLY,
    "Null for nothing": NULL_FOR_NOTHING,
    "No clock": set(DAYS_UNTIL_RIPE),
    "First period": FIRST_PERIOD_DIFFERS,
    "Rounded inside": set(ROUNDED_INSIDE),
}

GRAINS = ("month", "quarter", "year")
SLICES = ("all", "rep", "channel", "segment")
METRICS_IN_A_QUERY = 15

Place = tuple[str, str, str, date]  # grain, slice, slice value, start of the period
Values = dict[tuple[str, Place], float | None]


@dataclass(frozen=True)
class Cell:
    """A cell of kpi_values."""

    kpi: str
    grain: str
    slice: str
    slice_value: str
    period_start: date
    period_end: date
    as_of: date
    value: float | None
    numerator: float | None
    denominator: float | None

    @property
    def place(self) -> Place:
        return self.grain, self.slice, self.slice_value, self.period_start

    @property
    def tolerance(self) -> float:
        """What rounding to six places can do to the value, and to the two sides it is made of."""
        if self.value is None or self.denominator is None:
            return 1e-6
        sides = (abs(side) for side in (self.numerator, self.denominator) if side)
        relative = sum(1e-6 / side for side in sides) + ROUNDED_INSIDE.get(self.kpi, 0)
        return 1e-6 + abs(self.value) * relative

    @property
    def is_the_same_in_metricflow(self) -> bool:
        if self.kpi in MONTH_ONLY and self.grain != "month":
            return False
        if self.kpi in WHOLE_COMPANY_ONLY and self.slice != "all":
            return False
        ripe = self.as_of - timedelta(days=DAYS_UNTIL_RIPE.get(self.kpi, 0))
        return self.kpi not in DAYS_UNTIL_RIPE or self.period_end <= ripe + timedelta(days=1)


def difference(cell: Cell, answer: float | None) -> str | None:
    """How MetricFlow differs from a cell. A count or sum of nothing is a missing row there, here 0."""
    is_nothing = cell.denominator is None or cell.kpi in NULL_FOR_NOTHING
    expected = None if answer is None and is_nothing and cell.value == 0 else cell.value
    if expected is None or answer is None:
        same = expected is answer
    else:
        same = abs(expected - answer) <= cell.tolerance
    return None if same else f"{cell.kpi} {cell.place}: kpi_values {cell.value}, MetricFlow {answer}"


@dataclass(frozen=True)
class MetricFlow:
    """MetricFlow, and what it stands on."""

    engine: MetricFlowEngine
    client: AdapterBackedSqlClient
    semantics: Any


@contextmanager
def metricflow(database: Path, manifest: Path) -> Iterator[MetricFlow]:
    """MetricFlow on a database that nobody else has open, with what dbt has written about the metrics."""
    os.environ["KPI_DATABASE"] = str(database)
    try:
        CLIConfiguration().setup(dbt_profiles_path=ROOT, dbt_project_path=ROOT, configure_file_logging=False)
        semantics = parse_manifest_from_dbt_generated_manifest(manifest.read_text(encoding="utf-8"))
        client = AdapterBackedSqlClient(get_adapter_by_type("duckdb"))
        yield MetricFlow(MetricFlowEngine(SemanticManifestLookup(semantics), client), client, semantics)
    finally:
        DuckDBConnectionManager.close_all_connections()
        del os.environ["KPI_DATABASE"]


def ask(engine: MetricFlowEngine, metrics: list[str], grain: str, slice_name: str) -> Values:
    """The metrics by period, for the whole or by a slice. A row without a date belongs to no period."""
    found: Values = {}
    sliced = slice_name != "all"
    group_by = [f"metric_time__{grain}", *([slice_name] if sliced else [])]
    for start in range(0, len(metrics), METRICS_IN_A_QUERY):
        names = metrics[start : start + METRICS_IN_A_QUERY]
        request = MetricFlowQueryRequest.create(metric_names=names, group_by_names=group_by)
        table = engine.query(request).result_df
        assert table is not None
        columns = list(table.column_names)
        for row in table.rows:
            answer = dict(zip(columns, row, strict=True))
            period = answer[f"metric_time__{grain}"]
            member = "all" if not sliced else "(none)" if answer[slice_name] is None else answer[slice_name]
            place = (grain, slice_name, str(member), period.date() if period else date.min)
            for name in names:
                value = answer[name]
                found[name, place] = None if value is None else float(value)
    return found


def summed_up(answers: Values, cells: list[Cell]) -> Values:
    """The balances: what entered less what left, from the first period to each."""
    signs = {name: sign for pair in BALANCES.values() for name, sign in zip(pair, (1, -1), strict=True)}
    moves = [
        (name, place, signs[name] * (value or 0)) for (name, place), value in answers.items() if name in signs
    ]
    return {
        (cell.kpi, cell.place): sum(
            moved
            for name, place, moved in moves
            if name in BALANCES[cell.kpi]
            if place[:3] == cell.place[:3] and date.min < place[3] <= cell.period_start
        )
        for cell in cells
    }


@dataclass(frozen=True)
class Both:
    """The cells of kpi_values, what MetricFlow says to them, and what it says of its own configuration."""

    cells: list[Cell]
    answers: Values
    issues: list[str]


def read_cells(database: Path) -> list[Cell]:
    found = rows(
        database,
        "select kpi, period_grain, slice, slice_value, period_start, period_end, as_of_date, "
        "cast(value as double), cast(numerator as double), cast(denominator as double) "
        "from scorecard.kpi_values where (period_grain = 'month' and slice in ('all', 'rep', 'channel')) "
        "or (period_grain = 'month' and slice = 'segment' and kpi in "
        "(select kpi from scorecard.kpi_values group by 1 having not bool_or(slice in ('rep', 'channel')))) "
        "or (period_grain in ('quarter', 'year') and slice = 'all')",
    )
    return [Cell(*row) for row in found]


def problems(flow: MetricFlow) -> list[str]:
    """What `mf validate-configs` would say. Metrics are asked for, so saved queries need a plan only."""
    checks = DataWarehouseModelValidator(flow.client)
    results = [
        SemanticManifestValidator[Any]().validate_semantic_manifest(flow.semantics),
        checks.validate_semantic_models(flow.semantics),
        checks.validate_entities(flow.semantics),
        checks.validate_dimensions(flow.semantics),
    ]
    for query in flow.semantics.saved_queries:
        flow.engine.explain(MetricFlowQueryRequest.create(saved_query_name=query.name))
    return [issue.message for result in results for issue in result.all_issues]


@pytest.fixture(scope="module")
def both(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Both:
    copy = Path(shutil.copy(demo_database, tmp_path_factory.mktemp("metricflow")))
    cells = read_cells(copy)
    answers: Values = {}
    defined = json.loads((demo_database.parent / "target" / "semantic_manifest.json").read_text())["metrics"]
    wanted = {metric for card in read_cards() for metric in BALANCES.get(card["kpi"], (card["kpi"],))}
    lacking = sorted(wanted - {metric["name"] for metric in defined})
    assert not lacking, f"No metric is called {', '.join(lacking)}: CONTRIBUTING.md says where it is written"
    with metricflow(copy, demo_database.parent / "target" / "semantic_manifest.json") as flow:
        issues = problems(flow)
        for grain in GRAINS:
            for slice_name in SLICES:
                asked = sorted(
                    {cell.kpi for cell in cells if (cell.grain, cell.slice) == (grain, slice_name)}
                    - (WHOLE_COMPANY_ONLY if slice_name != "all" else set())
                )
                metrics = [metric for kpi in asked for metric in BALANCES.get(kpi, (kpi,))]
                answers |= ask(flow.engine, metrics, grain, slice_name)
    answers |= summed_up(answers, [cell for cell in cells if cell.kpi in BALANCES])
    return Both(cells, answers, issues)


def test_metricflow_finds_nothing_wrong_with_the_metrics_and_their_tables(both: Both) -> None:
    assert not both.issues


def test_every_kpi_is_asked_for_by_month_and_by_two_slices_where_it_has_them(both: Both) -> None:
    compared = {cell.kpi for cell in both.cells if cell.is_the_same_in_metricflow and cell.grain == "month"}
    assert compared == {card["kpi"] for card in read_cards()}
    assert len([cell for cell in both.cells if cell.is_the_same_in_metricflow]) > 50_000


@pytest.mark.parametrize("kpi", sorted(card["kpi"] for card in read_cards()))
def test_metricflow_says_the_same(kpi: str, both: Both) -> None:
    cells = [cell for cell in both.cells if cell.kpi == kpi and cell.is_the_same_in_metricflow]
    if kpi in FIRST_PERIOD_DIFFERS:
        first = {cell.grain: cell.place for cell in reversed(by_date(cells)) if cell.value is not None}
        cells = [cell for cell in cells if cell.grain == "month" or cell.place != first[cell.grain]]
    assert cells
    wrong = [difference(cell, both.answers.get((kpi, cell.place))) for cell in cells]
    assert not [found for found in wrong if found]


def by_date(cells: list[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: cell.period_start)


def test_metricflow_has_nothing_that_kpi_values_has_not(both: Both) -> None:
    """A cell that only MetricFlow has is 0 or null: before a member's first record, or without a date."""
    known = {(cell.kpi, cell.place) for cell in both.cells}
    covered = {(cell.kpi, *cell.place[:2]) for cell in both.cells if cell.is_the_same_in_metricflow}
    more = {
        key: value
        for key, value in both.answers.items()
        if key not in known and (key[0], *key[1][:2]) in covered and value
    }
    assert not more


def test_what_differs_by_design_is_what_the_page_lists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = {
        name.strip(): set(re.findall(r"`(\w+)`", kpis))
        for name, kpis in re.findall(r"^\| ([A-Z][\w ]+?) \| (`[^|]+) \|", text, flags=re.MULTILINE)
    }
    assert listed == TABLES


def test_a_metric_is_called_what_its_card_says(demo_database: Path) -> None:
    manifest = json.loads((demo_database.parent / "target" / "semantic_manifest.json").read_text())
    labels = {metric["name"]: metric["label"] for metric in manifest["metrics"]}
    cards = {card["kpi"]: card["label"] for card in read_cards()}
    assert {name: label for name, label in labels.items() if name in cards} == {
        name: label for name, label in cards.items() if name not in BALANCES
    }
    described = {metric["name"] for metric in manifest["metrics"] if metric["description"]}
    assert not set(labels) - set(cards) - described


def test_no_metric_reads_a_kpi(demo_database: Path) -> None:
    manifest = json.loads((demo_database.parent / "target" / "semantic_manifest.json").read_text())
    tables = {model["node_relation"]["schema_name"] for model in manifest["semantic_models"]}
    assert tables == {"core"}


def test_the_saved_queries_hold_the_scorecard(both: Both) -> None:
    on_scorecard = [card["kpi"] for card in read_cards() if card["on_scorecard"] == "true"]
    has = {(cell.kpi, cell.slice) for cell in both.cells}
    saved = {
        query["name"]: query["query_params"]["metrics"]
        for query in yaml.safe_load(SAVED_QUERIES.read_text(encoding="utf-8"))["saved_queries"]
    }
    expected = {
        f"scorecard_by_month{suffix}": [
            kpi
            for kpi in on_scorecard
            if (kpi, slice_name) in has
            and kpi not in BALANCES
            and (slice_name == "all" or kpi not in WHOLE_COMPANY_ONLY)
        ]
        for slice_name, suffix in (("all", ""), ("rep", "_and_rep"), ("channel", "_and_channel"))
    }
    assert saved == expected


def test_a_difference_is_seen() -> None:
    """The comparison itself: a shift beyond the tolerance, a null, and a 0 that is not of nothing."""
    sum_of_nothing = Cell(
        "won_revenue",
        "month",
        "all",
        "all",
        date(2024, 1, 1),
        date(2024, 2, 1),
        date(2024, 3, 1),
        0.0,
        0.0,
        None,
    )
    rate = replace(sum_of_nothing, kpi="deal_win_rate", value=0.5, numerator=2.0, denominator=4.0)
    assert not difference(sum_of_nothing, None)
    assert difference(sum_of_nothing, 0.00001)
    assert not difference(rate, 0.500001)
    assert difference(rate, 0.500003)
    assert difference(rate, None)
    assert difference(replace(rate, value=0.0, numerator=0.0), None)
    assert difference(replace(rate, value=None), 0.0)
