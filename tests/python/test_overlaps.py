"""The overlaps of KPIs: statistics worked out a second time, and identities that a test asserts."""

import math
import re
from collections import defaultdict
from collections.abc import Callable
from csv import DictReader
from decimal import Decimal
from pathlib import Path
from statistics import fmean
from typing import Any

import duckdb
import pytest
from building import ROOT, rows
from catalog import IDS, parse_project
from jinja2 import Environment, FileSystemLoader

REGISTER = ROOT / "seeds" / "catalog" / "kpi_overlap_register.csv"
Series = dict[int, Decimal]


def register() -> list[dict[str, str]]:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return list(DictReader(file))


def macro(name: str) -> Callable[..., str]:
    """A macro of statistics.sql, which needs nothing of dbt."""
    loaded = Environment(loader=FileSystemLoader(ROOT / "macros" / "kpi")).get_template("statistics.sql")
    found: Callable[..., str] = getattr(loaded.module, name)
    return found


def plain_correlation(a: list[float], b: list[float]) -> float | None:
    if len(set(a)) < 2 or len(set(b)) < 2:
        return None
    above_a, above_b = [x - fmean(a) for x in a], [x - fmean(b) for x in b]
    spread = math.sqrt(sum(x * x for x in above_a) * sum(x * x for x in above_b))
    return sum(x * y for x, y in zip(above_a, above_b, strict=True)) / spread


def places(values: list[Decimal]) -> list[float]:
    # Of exact numbers: 0.8 - 0.6 is not 0.6 - 0.4 where they are floats, and a tie would be none.
    return [sum(x < value for x in values) + (values.count(value) + 1) / 2 for value in values]


def test_p_is_right_to_two_parts_in_ten_million() -> None:
    sql = f"select distance, {macro('two_sided_p')('distance')} from (select n / 1000.0::double as distance "
    worst = max(
        abs(p / math.erfc(distance / math.sqrt(2)) - 1)
        for distance, p in duckdb.sql(sql + "from range(0, 8001) as steps (n))").fetchall()
    )
    assert worst < 2e-7
    assert duckdb.sql(f"select {macro('two_sided_p')('null::double')}").fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2, 3, 4, 5], [2, 4, 5, 4, 5]),
        ([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.1]),
        ([7], [8]),
        ([-0.5, 0.25, 0.125, 0.125], [3e6, -1e6, -1e6, -1e6]),
    ],
)
def test_the_correlation_of_a_group_is_pearsons(a: list[float], b: list[float]) -> None:
    pairs = ", ".join(f"({x}::double, {y}::double)" for x, y in zip(a, b, strict=True))
    [(found,)] = duckdb.sql(
        f"select {macro('correlation')('a', 'b')} from (values {pairs}) as pairs (a, b)"
    ).fetchall()
    expected = plain_correlation(a, b)
    assert found == (expected and pytest.approx(expected, abs=1e-12))


def test_bounds_are_fishers_and_unknown_where_there_is_nothing_to_say() -> None:
    low, high = macro("correlation_low"), macro("correlation_high")
    for r, n, spread in ((0.774597, 12, 1.0), (-0.31, 29.5, 1.06), (0.0, 40, 1.0)):
        given = (f"{r}::double", f"{n}::double", f"{spread}::double")
        [bounds] = duckdb.sql(f"select {low(*given)}, {high(*given)}").fetchall()
        reach = 1.959964 * math.sqrt(spread / (n - 3))
        assert bounds == pytest.approx((math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)))
    for exact, n, expected in (("1", 12, 1.0), ("-1", 12, -1.0), ("null", 12, None), ("0.5", 3, None)):
        given = (f"{exact}::double", f"{n}::double", "1::double")
        assert duckdb.sql(f"select {low(*given)}, {high(*given)}").fetchall() == [(expected, expected)]
        if expected is None:
            assert duckdb.sql(f"select {macro('correlation_distance')(*given)}").fetchall() == [(None,)]


def test_every_identity_is_asserted_by_tests_that_exist_or_shown() -> None:
    tests = {node["name"] for node in parse_project()["nodes"].values() if node["resource_type"] == "test"}
    shown = set(re.findall(r"'(I\d\d)'", (ROOT / "models/marts/explain/kpi_identities.sql").read_text()))
    identities = {row["overlap"]: row for row in register() if row["kind"] == "identity"}
    assert len(identities) >= 22
    for overlap, row in identities.items():
        named = row["asserted_by"].split()
        assert set(named) <= tests, overlap
        assert named or overlap == "I24", overlap
        assert named or overlap in shown, overlap
    assert shown <= set(identities)


def test_every_requirement_of_an_overlap_is_one() -> None:
    assert not [row["overlap"] for row in register() if not set(row["requirements"].split()) <= set(IDS)]


def amounts(values: list[Decimal]) -> list[float]:
    return [float(value) for value in values]


def changes_of_months(database: Path) -> dict[str, Series]:
    """What each KPI changed by against the month before, by month."""
    values: dict[str, Series] = defaultdict(dict)
    for kpi, month, value in rows(
        database,
        "select kpi, year(period_start) * 12 + month(period_start), value from scorecard.kpi_values "
        "where slice = 'all' and period_grain = 'month' and is_complete_period and is_mature "
        "and value is not null",
    ):
        values[kpi][month] = value
    return {
        kpi: {month: value - series[month - 1] for month, value in series.items() if month - 1 in series}
        for kpi, series in values.items()
    }


def paired(a: Series, b: Series, lag: int) -> tuple[list[Decimal], list[Decimal]]:
    months = [month for month in a if month + lag in b]
    return [a[month] for month in months], [b[month + lag] for month in months]


def test_the_correlations_of_the_demo_are_those_of_plain_python(demo_database: Path) -> None:
    changes = changes_of_months(demo_database)
    expected: dict[tuple[str, str, int], list[Any]] = {}
    for row in register():
        if row["compared"] != "months":
            continue
        a, b = changes[row["kpi_a"]], changes[row["kpi_b"]]
        for method, spread in (("pearson", 1.0), ("spearman", 1.06)):
            ordered = places if method == "spearman" else amounts
            own = []
            for series in (a, b):
                month, next_month = paired(series, series, 1)
                own.append(plain_correlation(ordered(month), ordered(next_month)) or 0)
            for lag in range(int(row["first_lag"]), int(row["last_lag"]) + 1):
                first, second = paired(a, b, lag)
                r = plain_correlation(ordered(first), ordered(second))
                assert r is not None
                worth = len(first) / (1 + 2 * max(0, own[0] * own[1]))
                z, error = math.atanh(r), math.sqrt(spread / (worth - 3))
                bounds = [math.tanh(z - 1.959964 * error), math.tanh(z + 1.959964 * error)]
                p = math.erfc(abs(z) / error / math.sqrt(2))
                expected[row["overlap"], method, lag] = [len(first), r, *bounds, p]
    found = {
        (overlap, method, lag): [float(value) for value in values]
        for overlap, method, lag, *values in rows(
            demo_database,
            "select overlap, method, lag, n, correlation, ci_low, ci_high, p_value, adjusted_p_value "
            "from explain.kpi_correlations where compared = 'months'",
        )
    }
    assert len(expected) > 100
    assert set(found) == set(expected)
    least = 1.0
    for number, (key, values) in reversed(
        list(enumerate(sorted(expected.items(), key=lambda item: item[1][-1]), start=1))
    ):
        least = min(least, values[-1] * len(expected) / number)
        assert found[key] == pytest.approx([*values, least], abs=2e-6), key
