"""The demo company's raw tables, read as a warehouse's, give the same KPIs as the demo."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from building import ROOT, build, rows

# Pipeline coverage is measured by targets, and those of the demo company are its own.
CELLS = "select * from scorecard.kpi_values where kpi != 'pipeline_coverage' order by all"


def load_raw_tables(database: Path, schema: str, typed: bool) -> None:
    """Copy the demo seeds into a schema: as text, or as a loader would type them where it can."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create schema {schema}")
        for path in sorted((ROOT / "seeds" / "demo").glob("raw_*.csv")):
            entity = path.stem.removeprefix("raw_")
            reading = f"read_csv('{path}', header = true, all_varchar = {not typed})"
            connection.execute(f"create table {schema}.{entity} as from {reading}")


@pytest.mark.parametrize("typed", [False, True], ids=["text_columns", "typed_columns"])
def test_a_warehouse_gives_the_same_kpis_as_the_demo(
    tmp_path: Path, demo_database: Path, typed: bool
) -> None:
    load_raw_tables(tmp_path / "pipeline_kpis.duckdb", "crm", typed)
    required: dict[str, Any] = {"leads": {}, "deals": {}, "spend": {}}
    database = build(
        tmp_path,
        {"source_system": "warehouse", "warehouse_schema": "crm", "mapping": required},
        whole=False,
    )
    assert rows(database, CELLS) == rows(demo_database, CELLS)


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
    )
    assert rows(
        database, "select deal_id, outcome, won_amount, days_to_win, channel from core.fct_deals"
    ) == [("D1", "won", pytest.approx(1200.5), 19, None)]
