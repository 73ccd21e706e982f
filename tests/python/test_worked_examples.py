"""Worked examples, raw file to KPI. W02 builds what is published, the others what they ask for."""

import csv
from pathlib import Path
from typing import Any

import pytest
from building import ROOT, build, rows, write_csv

W01 = (
    "lead_id,email,created_at,score,qualified_at,disqualified_at,converted_at,is_test",
    "L1,a@x.com,2024-03-01T09:00Z,80,2024-03-02T09:00Z,,,false",
    "L2, A@X.com ,2024-03-03T09:00Z,75,2024-03-04T09:00Z,,,false",
    "L3,b@x.com,2024-03-05T09:00Z,40,,,,false",
    "L4,c@x.com,2024-03-10T09:00Z,65,2024-03-20T09:00Z,,,false",
    "L5,qa@own.co,2024-03-11T09:00Z,99,2024-03-11T10:00Z,,,true",
    "L6,d@x.com,2024-03-31T23:30Z,90,2024-04-01T00:30Z,,,false",
    "L7,e@x.com,2024-03-15T09:00Z,30,,,2024-03-18T09:00Z,false",
    "L8,f@x.com,2024-03-20T09:00Z,55,2024-03-21T09:00Z,2024-03-25T09:00Z,,false",
)

W02 = (
    "lead_id,qualified_at,deal_id,deal_created,status,closed_at,lost_reason,amount",
    "L1,2024-01-05,D1,2024-01-06,won,2024-01-20,,10000",
    "L2,2024-01-10,D2,2024-01-12,won,2024-02-15,,30000",
    "L3,2024-01-11,D3,2024-01-13,lost,2024-02-20,competitor,20000",
    "L4,2024-01-15,D4,2024-01-16,lost,2024-01-30,duplicate,5000",
    "L5,2024-01-20,D5,2024-01-22,open,,,40000",
    "L6,2024-01-25,,,,,,",
    "L7,,D7,2024-01-18,won,2024-01-31,,6000",
    ",,D8,2023-12-01,lost,2024-01-15,no_decision,15000",
)

STAGES = {
    "open": {"outcome": "open", "probability": 0.4},
    "won": {"outcome": "won", "probability": 1},
    "lost": {"outcome": "lost", "probability": 0},
}


def files(as_of: str, mapping: dict[str, Any], **more: Any) -> dict[str, Any]:
    absent = {"leads": None, "deals": None, "spend": None}
    return {
        "source_system": "files",
        "as_of": as_of,
        "vocabulary": {"stages": STAGES},
        "mapping": absent | mapping,
    } | more


with (ROOT / "seeds" / "catalog" / "kpis.csv").open(encoding="utf-8", newline="") as cards:
    MODELS = {card["kpi"]: card["model"] for card in csv.DictReader(cards)}


def that_make(*kpis: str) -> tuple[str, ...]:
    """The parts of the project that these KPIs need."""
    return tuple(dict.fromkeys(f"+{MODELS[kpi]}" for kpi in kpis))


def cell(database: Path, kpi: str, start: str, grain: str = "month") -> tuple[Any, ...]:
    """Numerator, denominator and value of the whole company, where kpi_values has them from."""
    [found] = rows(
        database,
        f"select numerator, denominator, value from kpis.{MODELS[kpi]} "
        "where kpi = ? and period_start = ? and period_grain = ? and slice = 'all'",
        kpi,
        start,
        grain,
    )
    return found


@pytest.mark.parametrize(
    ("zone", "created", "qualified", "strictly_qualified", "share", "strict_share"),
    [
        ("UTC", 6, 4, 3, (5, 6), (4, 6)),
        ("America/New_York", 6, 5, 4, (5, 6), (4, 6)),
        ("Asia/Shanghai", 5, 4, 3, (4, 5), (3, 5)),
    ],
)
def test_w01_one_lead_moves_the_counts_of_march(
    tmp_path: Path,
    zone: str,
    created: int,
    qualified: int,
    strictly_qualified: int,
    share: tuple[int, int],
    strict_share: tuple[int, int],
) -> None:
    leads = {"path": write_csv(tmp_path / "leads.csv", *W01), "columns": {"lead_score": "score"}}
    told = that_make(
        *("leads_created", "qualified_leads", "qualified_leads_strict"),
        *("qualified_lead_share", "qualified_lead_share_strict"),
    )
    database = build(
        tmp_path,
        files("2024-05-31", {"leads": leads}, reporting_time_zone=zone),
        whole=False,
        parts=(*told, "+row_accounting"),
    )
    assert cell(database, "leads_created", "2024-03-01")[2] == created
    assert cell(database, "qualified_leads", "2024-03-01")[2] == qualified
    assert cell(database, "qualified_leads_strict", "2024-03-01")[2] == strictly_qualified
    assert cell(database, "qualified_lead_share", "2024-03-01")[:2] == share
    assert cell(database, "qualified_lead_share_strict", "2024-03-01")[:2] == strict_share
    assert rows(database, "select count(*) from core.fct_leads where is_high_potential") == [(3,)]
    assert rows(
        database,
        "select raw_rows, staged_rows, rejected_rows, merged_rows from audit.row_accounting "
        "where entity = 'leads'",
    ) == [(8, 6, 1, 1)]


def test_w02_one_data_set_has_eight_win_rates(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "funnel.csv", *W02)
    leads = {
        "path": path,
        "where": "lead_id is not null",
        # L7 became a lead in January too; W02 does not say when.
        "columns": {"created_at": {"sql": "coalesce(qualified_at, '2024-01-15')"}},
    }
    deals = {
        "path": path,
        "where": "deal_id is not null",
        "columns": {"created_at": "deal_created", "stage": "status"},
    }
    database = build(tmp_path, files("2024-03-31", {"leads": leads, "deals": deals}), whole=False)
    january = "2024-01-01"
    assert cell(database, "lead_win_rate_strict", january)[:2] == (2, 6)
    assert cell(database, "lead_win_rate", january)[:2] == (3, 7)
    assert cell(database, "deal_win_rate_broad", january)[:2] == (2, 4)
    assert cell(database, "deal_win_rate", january)[:2] == (2, 3)
    assert cell(database, "deal_win_rate_narrow", january)[:2] == (2, 2)
    assert cell(database, "deal_win_rate_value", january)[:2] == (16_000, 31_000)
    assert cell(database, "close_rate", january)[:2] == (3, 5)
    assert cell(database, "close_rate_resolved", january)[:2] == (3, 4)
    assert cell(database, "win_loss_ratio", january)[2] == 2
    published = rows(
        database,
        "select value from scorecard.kpi_values "
        "where kpi = 'win_loss_ratio' and period_grain = 'month' and slice = 'all' order by period_start",
    )
    assert published == [(2,), (1,), (None,)]


def test_w04_the_pipeline_of_the_end_of_march(tmp_path: Path) -> None:
    stages = {
        name: {"outcome": "open", "probability": probability}
        for name, probability in {"p20": 0.2, "p40": 0.4, "p60": 0.6, "p80": 0.8}.items()
    }
    deals = write_csv(
        tmp_path / "deals.csv",
        "deal_id,created_at,stage,closed_at,amount,expected_close_date",
        "P1,2024-03-01,p20,,10000,2024-04-15",
        "P2,2024-02-01,p60,,50000,2024-05-10",
        "P3,2024-03-10,p40,,,2024-04-20",
        "P4,2024-01-05,p80,,8000,2024-02-28",
        "P5,2024-01-05,won,2024-03-20,12000,2024-03-20",
        "P6,2024-04-02,p20,,7000,2024-05-30",
        "P7,2024-01-15,p40,,20000,2024-06-30",
    )
    changes = write_csv(
        tmp_path / "changes.csv",
        "deal_id,changed_at,stage",
        "P7,2024-01-15,p40",
        "P7,2024-03-15,lost",
        "P7,2024-03-25,p40",
    )
    mapping = {"deals": {"path": deals}, "deal_changes": {"path": changes}}
    told = that_make("pipeline_value", "weighted_pipeline", "pipeline_value_stale")
    vocabulary = {"stages": stages | STAGES}
    database = build(tmp_path, files("2024-03-31", mapping, vocabulary=vocabulary), whole=False, parts=told)
    open_deals = rows(database, "select count(*), count(amount) from core.fct_deals where is_open")
    assert open_deals == [(5, 4)]
    assert cell(database, "pipeline_value", "2024-03-01")[2] == 88_000
    assert cell(database, "weighted_pipeline", "2024-03-01")[2] == 46_400
    assert cell(database, "pipeline_value_stale", "2024-03-01")[2] == 8_000
    # P7 was lost on the 15th: on the 20th it is not there.
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    database = build(earlier, files("2024-03-20", mapping, vocabulary=vocabulary), whole=False, parts=told)
    assert cell(database, "pipeline_value", "2024-03-01")[2] == 68_000
    assert rows(database, "select outcome from core.fct_deals where deal_id = 'P7'") == [("lost",)]


def test_w05_what_a_customer_costs(tmp_path: Path) -> None:
    spend = write_csv(
        tmp_path / "spend.csv",
        "spend_date,channel,amount",
        "2024-01-05,ads,6000",
        "2024-01-20,events,4000",
        "2024-02-05,ads,5000",
        "2024-02-25,ads,-1000",
        "2024-03-05,ads,3000",
    )
    deals = write_csv(
        tmp_path / "deals.csv",
        "deal_id,account_id,created_at,closed_at,stage,amount",
        "D1,A1,2024-01-01,2024-01-10,won,6000",
        "D2,A2,2024-01-01,2024-01-20,won,6000",
        "D3,A3,2024-01-01,2024-02-10,won,6000",
        "D4,A4,2024-01-01,2024-02-11,won,6000",
        "D5,A5,2024-01-01,2024-02-12,won,6000",
        "D6,A1,2024-01-01,2024-02-13,won,6000",
    )
    mapping = {"deals": {"path": deals}, "spend": {"path": spend}}
    told = that_make("cac", "cac_per_customer", "cac_lagged", "sales_roi", "cac_to_deal_size")
    database = build(tmp_path, files("2024-03-31", mapping), whole=False, parts=told)
    months = ("2024-01-01", "2024-02-01", "2024-03-01")
    assert [cell(database, "cac", start)[2] for start in months] == [5000, 1000, None]
    per_customer = [cell(database, "cac_per_customer", start)[2] for start in months]
    assert [value and round(float(value), 2) for value in per_customer] == [5000, 1333.33, None]
    assert cell(database, "cac_lagged", "2024-02-01")[2] == 2500
    quarter = {
        kpi: float(cell(database, kpi, "2024-01-01", "quarter")[2])
        for kpi in ("cac", "cac_per_customer", "sales_roi", "cac_to_deal_size")
    }
    assert quarter["cac"] == pytest.approx(2833.333333)
    assert quarter["cac_per_customer"] == 3400
    assert quarter["sales_roi"] == pytest.approx(1.117647)
    assert quarter["cac_to_deal_size"] == pytest.approx(2833.333333 / 6000, abs=1e-6)


def test_w15_the_waterfall_of_the_first_quarter(tmp_path: Path) -> None:
    """P6 was lost before the quarter and comes back in it; what the files do not say, W15 does not ask."""
    deals = write_csv(
        tmp_path / "deals.csv",
        "deal_id,created_at,stage,closed_at,amount",
        "P1,2023-11-01,open,,50000",
        "P2,2023-11-01,won,2024-03-01,35000",
        "P3,2023-11-01,lost,2024-03-01,30000",
        "P4,2024-01-10,open,,25000",
        "P5,2024-01-10,won,2024-02-01,15000",
        "P6,2023-10-01,open,,10000",
    )
    changes = write_csv(
        tmp_path / "changes.csv",
        "deal_id,changed_at,stage,amount",
        "P1,2023-11-01,open,40000",
        "P1,2024-02-01,,50000",
        "P2,2023-11-01,open,30000",
        "P2,2024-03-01,won,35000",
        "P3,2023-11-01,open,30000",
        "P3,2024-03-01,lost,",
        "P4,2024-01-10,open,20000",
        "P4,2024-02-01,,25000",
        "P6,2023-10-01,open,9000",
        "P6,2023-12-01,lost,",
        "P6,2024-02-01,open,12000",
        "P6,2024-03-01,,10000",
    )
    mapping = {"deals": {"path": deals}, "deal_changes": {"path": changes}}
    database = build(
        tmp_path,
        files("2024-03-31", mapping),
        whole=False,
        parts=("+pipeline_waterfall", "+pipeline_waterfall_deals"),
    )
    columns = "opening, created, reopened, won, lost, closing, revalued, exchange"
    quarter = "period_grain = 'quarter' and period_start = '2024-01-01' and scope = 'pipeline'"
    assert rows(
        database,
        f"select deal_id, {columns} from explain.pipeline_waterfall_deals where {quarter} order by deal_id",
    ) == [
        ("P1", 40_000, 0, 0, 0, 0, 50_000, 10_000, 0),
        ("P2", 30_000, 0, 0, 35_000, 0, 0, 5_000, 0),
        ("P3", 30_000, 0, 0, 0, 30_000, 0, 0, 0),
        ("P4", 0, 20_000, 0, 0, 0, 25_000, 5_000, 0),
        ("P5", 0, 15_000, 0, 15_000, 0, 0, 0, 0),
        ("P6", 0, 0, 12_000, 0, 0, 10_000, -2_000, 0),
    ]
    assert rows(
        database, f"select {columns} from explain.pipeline_waterfall where {quarter} and slice = 'all'"
    ) == [(100_000, 35_000, 12_000, 50_000, 30_000, 85_000, 18_000, 0)]
