"""The golden numbers of pipeline coverage, worked from the raw files and the targets of the catalogue.

    python tests/golden/golden_coverage.py            # print
    python tests/golden/golden_coverage.py --write    # write golden_coverage_numbers.csv

The deals open at the end of the day before the period, as their history tells, expected to close in it; over
the target of won revenue of the period. The target of a month is the one set last by the as-of date; a
quarter has the sum of its three months, a year of its twelve.
"""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from independent import (
    AS_OF,
    COLUMNS,
    MONTH,
    QUARTER,
    TO_DATE,
    YEAR,
    Data,
    Period,
    cents,
    months_before,
    print_or_write,
)

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "golden_coverage_numbers.csv"
TARGETS = HERE.parents[1] / "seeds" / "catalog" / "kpi_targets.csv"


def month_target(month: date) -> Decimal:
    """The target of won revenue that held last for a month."""
    with TARGETS.open(encoding="utf-8", newline="") as file:
        lines = [
            line for line in csv.DictReader(file) if line["kpi"] == "won_revenue" and line["slice"] == "all"
        ]
    holding = [
        line
        for line in lines
        if date.fromisoformat(line["first_period"]) <= month <= date.fromisoformat(line["last_period"])
        and date.fromisoformat(line["set_on"]) <= AS_OF
    ]
    return Decimal(max(holding, key=lambda line: line["set_on"])["target"])


def target_of(period: Period) -> Decimal:
    months = {"month": 1, "quarter": 3, "year": 12}[period.grain]
    return sum((month_target(months_before(period.start, -ahead)) for ahead in range(months)), Decimal())


def golden_row(data: Data, period: Period) -> list[str]:
    opening = data.snapshots(period.start - timedelta(days=1))
    expected = [snapshot for snapshot in opening if period.has(snapshot.expected)]
    covered = sum((snapshot.amount or Decimal() for snapshot in expected), Decimal())
    target = target_of(period)
    figures = [f"{cents(figure):f}" for figure in (covered, target, covered / target)]
    return ["pipeline_coverage", period.grain, str(period.start), "all", "all", *figures, str(len(expected))]


def golden_text() -> str:
    """Return the golden numbers as the text of a CSV file."""
    data, out = Data(), io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(golden_row(data, period) for period in (QUARTER, MONTH, YEAR, TO_DATE))
    return out.getvalue()


if __name__ == "__main__":
    print_or_write(golden_text(), GOLDEN)
