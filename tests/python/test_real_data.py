"""Two public data sets, read through a mapping alone, give the figures that were known before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from building import SHARED_DATA, build, read_mapping, rows

pytestmark = pytest.mark.skipif(
    not SHARED_DATA.is_dir(),
    reason=f"the public data sets are not beside the project ({SHARED_DATA.name}/ is absent)",
)

WHOLE = "from scorecard.kpi_values where slice = 'all' and period_grain = 'quarter'"


@pytest.fixture(scope="module")
def opportunities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield build(tmp_path_factory.mktemp("opportunities"), read_mapping("crm_sales_opportunities"))


@pytest.fixture(scope="module")
def funnel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield build(tmp_path_factory.mktemp("funnel"), read_mapping("olist_marketing_funnel"))


def test_opportunities_by_stage(opportunities: Path) -> None:
    by_stage = dict(rows(opportunities, "select stage, count(*) from core.fct_deals group by 1"))
    assert by_stage == {"Engaging": 1589, "Lost": 2473, "Prospecting": 500, "Won": 4238}


def test_every_row_of_the_opportunities_is_accounted_for(opportunities: Path) -> None:
    accounting = rows(
        opportunities,
        "select entity, raw_rows, staged_rows, rejected_rows, merged_rows from audit.row_accounting "
        "where raw_rows > 0 order by 1",
    )
    assert accounting == [
        ("accounts", 85, 85, 0, 0),
        ("deal_changes", 8300, 8300, 0, 0),
        ("deals", 8800, 8800, 0, 0),
        ("reps", 35, 35, 0, 0),
    ]


@pytest.mark.parametrize(
    ("kpi", "expected"),
    [
        ("deal_win_rate", 0.631501),
        ("close_rate", 0.481591),
        ("win_loss_ratio", 1.713708),
        ("average_deal_size", 2360.909391),
    ],
)
def test_quotients_of_the_whole_history(opportunities: Path, kpi: str, expected: float) -> None:
    """Sums of both sides over all quarters, divided last."""
    [(value,)] = rows(opportunities, f"select sum(numerator) / sum(denominator) {WHOLE} and kpi = ?", kpi)
    assert value == pytest.approx(expected, abs=5e-7)


def test_won_revenue_of_the_whole_history(opportunities: Path) -> None:
    [(revenue, deals)] = rows(opportunities, f"select sum(value), sum(n) {WHOLE} and kpi = 'won_revenue'")
    assert (revenue, deals) == (10_005_534, 4238)


def test_mean_days_to_win(opportunities: Path) -> None:
    [(days,)] = rows(opportunities, "select avg(days_to_win) from core.fct_deals where is_won")
    assert days == pytest.approx(51.781973, abs=5e-7)


@pytest.mark.parametrize(
    ("quarter", "closed", "won", "revenue", "average"),
    [
        ("2017-01-01", 647, 531, 1_134_672, 2136.8588),
        ("2017-04-01", 2032, 1254, 3_086_111, 2461.0136),
        ("2017-07-01", 2047, 1257, 2_982_255, 2372.5179),
        ("2017-10-01", 1985, 1196, 2_802_496, 2343.2241),
    ],
)
def test_quarters_by_close_date(
    opportunities: Path, quarter: str, closed: int, won: int, revenue: int, average: float
) -> None:
    cells = rows(opportunities, f"select kpi, value, n {WHOLE} and period_start = ?", quarter)
    values = {kpi: (value, n) for kpi, value, n in cells}
    assert values["deal_win_rate"][1] == closed
    assert values["won_deals"][0] == won
    assert values["won_revenue"][0] == revenue
    assert float(values["average_deal_size"][0]) == pytest.approx(average, abs=5e-5)


def test_the_growth_of_the_second_quarter_by_its_drivers(opportunities: Path) -> None:
    """The mapping chooses the drivers: a company without leads is explained by its deals."""
    assert read_mapping("crm_sales_opportunities")["growth_driver_sets"] == ["deals"]
    found = rows(
        opportunities,
        "select driver, effect, change from explain.growth_drivers where kpi = 'won_revenue' "
        "and explanation like '%drivers' and comparison = 'previous period' and slice = 'all' "
        "and period_grain = 'quarter' and period_start = '2017-04-01'",
    )
    assert {change for _, _, change in found} == {1_951_439}
    assert {driver: round(float(effect), 2) for driver, effect, _ in found} == {
        "closed deals": 2_281_438.85,
        "win rate": -634_541.40,
        "deal size": 304_541.55,
    }
    assert sum(effect for _, effect, _ in found) == pytest.approx(1_951_439, abs=0.005)


def test_top_rep_by_won_revenue(opportunities: Path) -> None:
    [(rep, deals, revenue)] = rows(
        opportunities,
        "select slice_value, sum(n), sum(value) from scorecard.kpi_values where kpi = 'won_revenue' "
        "and slice = 'rep' and period_grain = 'year' group by 1 order by 3 desc limit 1",
    )
    assert (rep, deals, revenue) == ("Darcel Schlecht", 349, 1_153_214)
    assert float(revenue / deals) == pytest.approx(3304.3381, abs=5e-5)


@pytest.mark.parametrize(
    ("quarter", "deals", "value"), [("2017-01-01", 1330, 3_280_185), ("2017-10-01", 1589, 3_892_229)]
)
def test_open_pipeline_is_rebuilt_as_of_any_date(
    opportunities: Path, quarter: str, deals: int, value: int
) -> None:
    [found] = rows(
        opportunities, f"select n, value {WHOLE} and kpi = 'pipeline_value' and period_start = ?", quarter
    )
    assert found == (deals, value)


def test_companies_show_the_reps_without_deals_too(opportunities: Path) -> None:
    [(reps,)] = rows(opportunities, "select count(*) from core.dim_reps where not is_inferred")
    assert reps == 35


def test_cost_is_unknown_not_zero_without_spend(opportunities: Path) -> None:
    assert rows(opportunities, "select count(value) from scorecard.kpi_values where kpi like 'cac%'") == [
        (0,)
    ]
    assert rows(opportunities, "select count(value) from scorecard.kpi_values where kpi = 'sales_roi'") == [
        (0,)
    ]


def test_funnel_win_rate_of_the_whole_history(funnel: Path) -> None:
    [(won, qualified)] = rows(
        funnel, f"select sum(numerator), sum(denominator) {WHOLE} and kpi = 'lead_win_rate'"
    )
    assert (qualified, won) == (8000, 842)
    assert float(won / qualified) == pytest.approx(0.10525)


@pytest.mark.parametrize(
    ("origin", "qualified", "won", "rate"),
    [
        ("organic_search", 2296, 271, 0.118031),
        ("paid_search", 1586, 195, 0.122951),
        ("social", 1350, 75, 0.055556),
        ("unknown", 1099, 179, 0.162875),
    ],
)
def test_funnel_win_rate_by_origin(funnel: Path, origin: str, qualified: int, won: int, rate: float) -> None:
    [(numerator, denominator)] = rows(
        funnel,
        "select sum(numerator), sum(denominator) from scorecard.kpi_values where kpi = 'lead_win_rate' "
        "and slice = 'channel' and period_grain = 'month' and slice_value = ?",
        origin,
    )
    assert (denominator, numerator) == (qualified, won)
    assert float(numerator / denominator) == pytest.approx(rate, abs=5e-7)


def test_blank_origins_are_a_slice_of_their_own(funnel: Path) -> None:
    [(blank,)] = rows(
        funnel,
        "select sum(value) from scorecard.kpi_values where kpi = 'leads_created' and slice = 'channel' "
        "and period_grain = 'year' and slice_value = '(none)'",
    )
    assert blank == 60


def test_funnel_cohort_of_january_2018(funnel: Path) -> None:
    [(leads, won)] = rows(
        funnel,
        "select denominator, numerator from scorecard.kpi_values where kpi = 'lead_win_rate' "
        "and slice = 'all' and period_grain = 'month' and period_start = '2018-01-01'",
    )
    assert (leads, won) == (1141, 152)
    [(within_30_days,)] = rows(
        funnel,
        "select count(*) from core.fct_leads where days_to_customer <= 30 "
        "and qualified_date >= '2018-01-01' and qualified_date < '2018-02-01'",
    )
    assert within_30_days == 96


def test_days_from_first_contact_to_win(funnel: Path) -> None:
    [(mean, median)] = rows(
        funnel, "select avg(days_to_customer), median(days_to_customer) from core.fct_leads"
    )
    assert mean == pytest.approx(48.4406, abs=5e-5)
    assert median == 14


def test_nothing_in_the_project_knows_these_data_sets() -> None:
    root = Path(__file__).parents[2]
    folders = ("models", "macros", "scripts", "seeds")
    texts = [path for folder in folders for path in (root / folder).rglob("*") if path.is_file()]
    known = ("olist", "gtx", "darcel", "mql_id", "engage_date", "opportunity_id")
    assert not [
        p for p in texts if p.suffix != ".pyc" and any(word in p.read_text().lower() for word in known)
    ]
