"""Four KPIs by month and channel, asked of MetricFlow: with_metricflow.py MANIFEST OUT.

MANIFEST is dbt's semantic_manifest.json; the database is that of profiles.yml; OUT is a CSV file.
"""

import csv
import sys
from pathlib import Path

from dbt.adapters.factory import get_adapter_by_type
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from dbt_metricflow.cli.dbt_connectors.adapter_backed_client import AdapterBackedSqlClient
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

PROJECT = Path(__file__).resolve().parents[2]
METRICS = ["leads_created", "won_revenue", "deal_win_rate", "pipeline_value"]


def main(manifest: str, out: str) -> None:
    """Ask for the metrics, each in a query of its own as a tool would, and write the cells."""
    CLIConfiguration().setup(
        dbt_profiles_path=PROJECT, dbt_project_path=PROJECT, configure_file_logging=False
    )
    semantics = parse_manifest_from_dbt_generated_manifest(Path(manifest).read_text(encoding="utf-8"))
    client = AdapterBackedSqlClient(get_adapter_by_type("duckdb"))
    engine = MetricFlowEngine(SemanticManifestLookup(semantics), client)
    with Path(out).open("w", encoding="utf-8", newline="") as file:
        written = csv.writer(file)
        written.writerow(["kpi", "period_start", "slice_value", "value"])
        for metric in METRICS:
            request = MetricFlowQueryRequest.create(
                metric_names=[metric], group_by_names=["metric_time__month", "channel"]
            )
            table = engine.query(request).result_df
            names = list(table.column_names)
            for row in table.rows:
                cell = dict(zip(names, row, strict=True))
                month, value = cell["metric_time__month"], cell[metric]
                if month is not None and value is not None:
                    written.writerow([metric, month.date(), cell["channel"] or "(none)", value])


if __name__ == "__main__":
    main(*sys.argv[1:])
