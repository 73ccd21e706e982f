"""A BI tool, as SQLAlchemy sees one: it lists schemas, tables and columns and queries, over and over.

Run as: bi_client.py DATABASE STOP_FILE. Prints a JSON object per look, until the file STOP_FILE is there.
"""

import json
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

TABLES = ("kpi_values", "kpi_values_wide", "kpi_scorecard", "executive_summary")


def look(database: str) -> dict[str, object]:
    """What one look at the published database finds."""
    engine = create_engine(f"duckdb:///{database}?access_mode=READ_ONLY", poolclass=NullPool)
    inspector = inspect(engine)
    schemas = [name.rsplit(".", maxsplit=1)[-1] for name in inspector.get_schema_names()]
    tables = inspector.get_table_names(schema="scorecard")
    columns = [column["name"] for column in inspector.get_columns("kpi_values", schema="scorecard")]
    union = " union all ".join(
        f"select '{name}' as name, count(*) as rows, min(as_of_date), max(as_of_date) from scorecard.{name}"
        for name in TABLES
    )
    with engine.connect() as connection:
        found = connection.execute(text(union)).fetchall()
    engine.dispose()
    return {
        "has_schemas": {"core", "scorecard", "explain", "audit"} <= set(schemas),
        "has_tables": set(TABLES) <= set(tables),
        "columns": len(columns),
        "rows": {row[0]: row[1] for row in found},
        "as_of": sorted({str(day) for row in found for day in row[2:] if day is not None}),
    }


if __name__ == "__main__":
    while not Path(sys.argv[2]).exists():
        print(json.dumps(look(sys.argv[1])), flush=True)
        time.sleep(0.2)
