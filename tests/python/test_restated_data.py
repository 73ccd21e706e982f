"""Restated and late records: made-up histories of a CRM, loaded row by row or all at once.

A tool that loads what changed only ever appends: a deal that is reopened, a lead that is merged, comes once
more with a later loaded_at. The KPIs of such a feed must be those of a fresh extract, whatever order its rows
are in, and those that the records as they are now come to by hand.
"""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from building import build
from hypothesis import example, given, seed, settings
from hypothesis import strategies as st

AS_OF = date(2025, 6, 30)
FIRST_DAY = datetime(2024, 1, 1, 9)
CHANNELS = ["paid_search", "referral", ""]
MODELS = [
    "kpi_leads_created", "kpi_qualified_leads", "kpi_qualified_lead_share", "kpi_lead_win_rate",
    "kpi_funnel_yields", "kpi_new_customers", "kpi_won_deals", "kpi_won_revenue", "kpi_deal_win_rate",
    "kpi_average_deal_size", "kpi_median_cycle_length", "kpi_pipeline_value", "kpi_cac", "kpi_sales_roi",
]  # fmt: skip
COLUMNS = {
    "leads": ["lead_id", "created_at", "email", "channel", "qualified_at", "is_test", "loaded_at"],
    "deals": ["deal_id", "stage", "created_at", "lead_id", "amount", "closed_at", "is_deleted", "loaded_at"],
    "spend": ["spend_date", "amount", "channel", "loaded_at"],
}
CELL = ["as_of_date", "kpi", "kind", "period_grain", "period_start", "period_end", "slice", "slice_value"]
CELL += ["numerator", "denominator", "value", "n", "ci_low", "ci_high", "is_complete_period", "is_mature"]
LAST_PLACE = 10**6

Record = dict[str, Any]


@dataclass
class History:
    """What was loaded, in the order of loading, and how the feed's rows lie in its files."""

    loads: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    shuffle: int = 0
    files: int = 1

    def load(self, entity: str, record: Record) -> None:
        """Append a record as it is now; each load is an hour after the one before."""
        loaded_at = datetime(2025, 7, 1) + timedelta(hours=sum(map(len, self.loads.values())))
        self.loads[entity].append({**record, "loaded_at": loaded_at})

    def newest(self, entity: str) -> list[Record]:
        """The records as they were loaded last; a line of spend is never loaded again."""
        if entity == "spend":
            return self.loads["spend"]
        return list({record[COLUMNS[entity][0]]: record for record in self.loads[entity]}.values())


KINDS = ["lead", "qualify", "merge", "test", "deal", "deal", "win", "win", "lose", "reopen", "revalue"]
KINDS += ["delete", "spend", "credit"]

Step = tuple[str, int, int, int, Decimal]

steps = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 5),  # which lead or deal
        st.integers(0, 5),  # which other one
        st.integers(0, 520),  # on which day: loads are late, and out of order
        st.decimals(1, 5000, places=2),
    ),
    min_size=1,
    max_size=30,
)


def lived(taken: list[Step], shuffle: int = 0, files: int = 1) -> History:
    """The history that comes of the steps; one that has nothing to be done to is left out."""
    history = History(shuffle=shuffle, files=files)
    leads: list[Record] = []
    deals: list[Record] = []
    for kind, which, other, day, amount in taken:
        when = FIRST_DAY + timedelta(days=day)
        channel = CHANNELS[other % len(CHANNELS)]
        if kind == "lead":
            number = len(leads)
            leads.append(
                {
                    "lead_id": f"L{number}",
                    "created_at": when,
                    "email": f"person{number}@buyer.example",
                    "channel": channel,
                }
            )
            history.load("leads", leads[-1])
        elif kind == "deal":
            lead = leads[which % len(leads)] if leads and which else None
            deals.append(
                {
                    "deal_id": f"D{len(deals)}",
                    "stage": "Proposal",
                    "created_at": when,
                    "lead_id": lead["lead_id"] if lead else None,
                    "amount": amount,
                }
            )
            history.load("deals", deals[-1])
        elif kind in ("spend", "credit"):
            sign = 1 if kind == "spend" else -1
            history.load("spend", {"spend_date": when.date(), "amount": sign * amount, "channel": channel})
        elif kind in _TO_LEADS and leads:
            lead = leads[which % len(leads)]
            lead.update(_TO_LEADS[kind](lead, when, leads[other % len(leads)]))
            history.load("leads", lead)
        elif kind in _TO_DEALS and deals:
            deal = deals[which % len(deals)]
            deal.update(_TO_DEALS[kind](deal, when, amount))
            history.load("deals", deal)
    return history


_TO_LEADS: dict[str, Callable[[Record, datetime, Record], Record]] = {
    "qualify": lambda lead, when, _: {"qualified_at": max(when, lead["created_at"])},
    "merge": lambda _, __, into: {"email": into["email"]},
    "test": lambda _, __, ___: {"is_test": True},
}
_TO_DEALS: dict[str, Callable[[Record, datetime, Decimal], Record]] = {
    "win": lambda deal, when, _: {"stage": "Closed Won", "closed_at": max(when, deal["created_at"])},
    "lose": lambda deal, when, _: {"stage": "Closed Lost", "closed_at": max(when, deal["created_at"])},
    "reopen": lambda _, __, ___: {"stage": "Negotiation", "closed_at": None},
    "revalue": lambda _, __, amount: {"amount": amount},
    "delete": lambda _, __, ___: {"is_deleted": True},
}


@dataclass(frozen=True)
class Project:
    """The SQL of some KPI models and of what they read, as dbt compiled it for a company in files."""

    folder: Path
    connection: duckdb.DuckDBPyConnection
    models: list[tuple[str, str, str]] = field(
        repr=False
    )  # schema, name and SQL, each after those that it reads

    def cells(self, rows: dict[str, list[Record]], shuffle: int = 0, files: int = 1) -> list[tuple[Any, ...]]:
        """The cells of the KPIs from these rows, which lie in so many files of each entity, in any order."""
        for old in self.folder.glob("*-*.csv"):
            old.unlink()
        luck = random.Random(shuffle)
        for entity, columns in COLUMNS.items():
            mixed = luck.sample(rows[entity], len(rows[entity])) if shuffle else rows[entity]
            for number in range(files):
                with (self.folder / f"{entity}-{number}.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, columns)
                    writer.writeheader()
                    writer.writerows(mixed[number::files])
        for schema, name, sql in self.models:
            self.connection.execute(f"create or replace table pipeline_kpis.{schema}.{name} as {sql}")
        union = " union all ".join(f"select * from pipeline_kpis.kpis.{model}" for model in MODELS)
        return self.connection.execute(f"from ({union}) order by all").fetchall()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("restated")
    empty = folder / "company"
    empty.mkdir()
    for entity, columns in COLUMNS.items():
        (empty / f"{entity}-0.csv").write_text(",".join(columns) + "\n", encoding="utf-8")
    mapping = {entity: {"path": f"{empty}/{entity}-*.csv"} for entity in COLUMNS}
    variables = {"source_system": "files", "as_of": AS_OF.isoformat(), "mapping": mapping}
    parts = tuple(f"+{model}" for model in MODELS)
    database = build(folder, variables, whole=False, parts=parts)
    manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{database}' as built (read_only)")
    connection.execute("attach ':memory:' as pipeline_kpis")
    models = []
    for result in results:  # in the order in which they were built
        node = manifest["nodes"][result["unique_id"]]
        schema, name = node["schema"], node["alias"]
        connection.execute(f"create schema if not exists pipeline_kpis.{schema}")
        if node["resource_type"] == "seed":
            connection.execute(f"create table pipeline_kpis.{schema}.{name} as from built.{schema}.{name}")
        else:
            models.append((schema, name, result["compiled_code"]))
    return Project(empty, connection, models)


def fresh(history: History) -> dict[str, list[Record]]:
    return {entity: history.newest(entity) for entity in COLUMNS}


histories = st.builds(lived, steps, st.integers(1, LAST_PLACE), st.integers(1, 3))
A_YEAR_LATER = lived(
    [
        ("lead", 0, 0, 0, Decimal(1)),
        ("deal", 1, 0, 5, Decimal("100.10")),
        ("win", 0, 0, 40, Decimal(1)),
        ("spend", 0, 0, 3, Decimal(50)),
        ("reopen", 0, 0, 410, Decimal(1)),
        ("credit", 0, 0, 3, Decimal(20)),
    ],
    shuffle=7,
)
A_TEST_AFTER_ALL = lived([("lead", 0, 0, 9, Decimal(1)), ("test", 0, 0, 9, Decimal(1))], shuffle=1)


def by_hand(history: History) -> dict[tuple[str, date], Decimal]:
    """The company's won deals, won revenue and spend of each month, of the records as they are now."""
    sums: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for deal in history.newest("deals"):
        if deal["stage"] == "Closed Won" and not deal.get("is_deleted"):
            month = deal["closed_at"].date().replace(day=1)
            sums["won_deals", month] += 1
            sums["won_revenue", month] += deal["amount"]
    for line in history.newest("spend"):
        sums["cac", line["spend_date"].replace(day=1)] += line["amount"]
    return sums


@seed(20260101)
@settings(max_examples=15, deadline=None, database=None)
@given(history=histories)
@example(history=A_YEAR_LATER)
@example(history=A_TEST_AFTER_ALL)
def test_a_feed_of_all_that_was_ever_loaded_has_the_kpis_of_a_fresh_extract(
    project: Project, history: History
) -> None:
    feed = project.cells(history.loads, history.shuffle, history.files)
    assert feed == project.cells(fresh(history))
    months = {
        (cell["kpi"], cell["period_start"]): cell["numerator"]
        for cell in (dict(zip(CELL, values, strict=True)) for values in feed)
        if cell["kpi"] in ("won_deals", "won_revenue", "cac")
        and (cell["period_grain"], cell["slice"]) == ("month", "all")
        and (cell["kpi"] != "cac" or cell["numerator"])
    }
    assert months == {key: total for key, total in by_hand(history).items() if total or key[0] != "cac"}
