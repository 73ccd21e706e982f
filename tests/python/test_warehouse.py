"""The demo company's raw tables, read as a warehouse's, give the rows and the KPIs of the demo."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from building import ROOT, build, rows

# Pipeline coverage is measured by targets, and those of the demo company are its own.
CELLS = """
    select * from scorecard.kpi_values
    where kpi != 'pipeline_coverage' and period_grain != 'week'
    order by all
"""
KPIS = "select distinct kpi from scorecard.kpi_values where period_grain = ?"
# docs/kpis.md names them at its top.
OF_WHOLE_MONTHS = {
    *("mrr_new", "mrr_expansion", "mrr_contraction", "mrr_churn", "mrr_reactivation", "average_sale_price"),
    *("customer_lifetime_value", "customer_lifetime_value_margin", "customer_lifetime_value_discounted"),
    *("customer_lifetime_value_discounted_in_advance", "customer_equity"),
    *("required_new_customers", "acquisition_adequacy", "cac_lagged"),
}
# The build with weeks is whole: all data tests hold of weeks, too.
BY_WEEK = {"kpi_periods": ["week", "month", "quarter", "year"], "week_starts_on": "sunday"}
STAGED = "from information_schema.tables select table_name where table_schema = 'staging' order by all"


def load_raw_tables(database: Path, schema: str, typed: bool) -> None:
    """Copy the demo seeds into a schema: as text, or as a loader would type them where it can."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create schema {schema}")
        for path in sorted((ROOT / "seeds" / "demo").glob("raw_*.csv")):
            entity = path.stem.removeprefix("raw_")
            reading = f"read_csv('{path}', header = true, all_varchar = {not typed})"
            connection.execute(f"create table {schema}.{entity} as from {reading}")


@pytest.mark.parametrize(
    ("typed", "periods"), [(False, {}), (True, BY_WEEK)], ids=["text_columns", "typed_columns_by_week"]
)
def test_a_warehouse_gives_the_same_rows_and_kpis_as_the_demo(
    tmp_path: Path, demo_database: Path, typed: bool, periods: dict[str, Any]
) -> None:
    load_raw_tables(tmp_path / "pipeline_kpis.duckdb", "crm", typed)
    required: dict[str, Any] = {"leads": {}, "deals": {}, "spend": {}}
    database = build(
        tmp_path,
        {"source_system": "warehouse", "warehouse_schema": "crm", "mapping": required, **periods},
        whole=bool(periods),
        parts=("+kpi_values", "+path:models/staging"),
    )
    assert rows(database, CELLS) == rows(demo_database, CELLS)
    if periods:
        without_weeks = set(rows(database, KPIS, "month")) - set(rows(database, KPIS, "week"))
        assert {kpi for (kpi,) in without_weeks} == OF_WHOLE_MONTHS
    assert rows(database, STAGED) == rows(demo_database, STAGED)
    # Rejected rows are kept as the source wrote them; a loader that types its columns writes them anew.
    accepted = [name for (name,) in rows(database, STAGED) if not name.endswith("__checked")]
    for name in accepted:
        same = f"select * from staging.{name} order by all"
        assert rows(database, same) == rows(demo_database, same), name
    rejected = "select rejection_code, count(*) from staging.stg_{}__checked group by all order by all"
    for path in sorted((ROOT / "seeds" / "demo").glob("raw_*.csv")):
        counted = rejected.format(path.stem.removeprefix("raw_"))
        assert rows(database, counted) == rows(demo_database, counted), path.stem


def test_renamed_tables_and_columns_and_absent_ones_are_mapped(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "pipeline_kpis.duckdb")) as connection:
        connection.execute("create schema crm")
        connection.execute(
            "create table crm.opportunity as select 'D1' as id, 'Closed Won' as \"Stage Name\", "
            "timestamp '2024-01-01 09:00:00' as created, timestamp '2024-01-20 09:00:00' as closed, "
            "1200.50 as amount"
        )
    columns = {"deal_id": "id", "stage": "Stage Name", "created_at": "created", "closed_at": "closed"}
    mapping = {"leads": None, "spend": None, "deals": {"table": "opportunity", "columns": columns}}
    database = build(
        tmp_path,
        {"source_system": "warehouse", "warehouse_schema": "crm", "mapping": mapping},
        whole=False,
        parts=("+fct_deals",),
    )
    assert rows(
        database, "select deal_id, outcome, won_amount, days_to_win, channel from core.fct_deals"
    ) == [("D1", "won", pytest.approx(1200.5), 19, None)]
