"""The forecasts, worked out a second time in Python; and an origin knows what a build of that day knows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from building import build, rows

WINDOW, MONTHS, LEAST = 6, 12, 8
Trials = dict[int, dict[int, tuple[float, float]]]


@dataclass(frozen=True)
class Month:
    """A month of the book: what it opened and closed with, and the movements."""

    start: date
    opening: float
    closing: float
    moves: dict[str, float]


def quantile(values: Iterable[float], share: float) -> float:
    """The quantile of some numbers, with linear interpolation."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def read_months(database: Path) -> list[Month]:
    """The months of the book, customer by customer from the published mart."""
    found: dict[date, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows(
        database,
        "select month_start, opening_mrr, mrr, movement, movement_amount from core.fct_customer_months "
        "where is_complete_month",
    ):
        found[row[0]].append(row)
    months = []
    for start, customers in sorted(found.items()):
        moves: dict[str, float] = defaultdict(float)
        for _, _, _, movement, amount in customers:
            moves[movement] += float(amount)
        opening = sum(float(row[1]) for row in customers)
        months.append(Month(start, opening, sum(float(row[2]) for row in customers), moves))
    return months


def roll(history: list[Month]) -> list[float]:
    """MRR of the months ahead, a month at a time, from the last months of a history."""
    last = history[-WINDOW:]
    opening = sum(month.opening for month in last)
    lost, grown = (
        sum(month.moves[name] for month in last for name in names) / opening
        for names in (("churn", "contraction"), ("expansion",))
    )
    coming = sum(month.moves["new"] + month.moves["reactivation"] for month in last) / len(last)
    path = [history[-1].closing]
    for _ in range(MONTHS):
        path.append(path[-1] + path[-1] * (lost + grown) + coming)
    return path[1:]


def try_out(months: list[Month]) -> Trials:
    """Forecasts and what came, by months ahead and origin (the number of the last month known)."""
    trials: Trials = defaultdict(dict)
    for origin in range(WINDOW - 1, len(months)):
        if sum(month.opening for month in months[origin - WINDOW + 1 : origin + 1]) == 0:
            continue
        for ahead, value in enumerate(roll(months[: origin + 1]), 1):
            if origin + ahead < len(months):
                trials[ahead][origin] = value, months[origin + ahead].closing
    return trials


def bounds(
    trials: dict[int, tuple[float, float]], ahead: int, origin: int, value: float
) -> tuple[float, float] | None:
    """The interval of a forecast from the errors of the trials that were over at its origin."""
    errors = [(actual - said) / said for at, (said, actual) in trials.items() if at + ahead <= origin]
    if len(errors) < LEAST:
        return None
    return value * (1 + min(0, quantile(errors, 0.1))), value * (1 + max(0, quantile(errors, 0.9)))


def test_mrr_is_rolled_forward_as_by_hand(demo_database: Path) -> None:
    months = read_months(demo_database)
    found = {
        (row[0], row[1]): float(row[2])
        for row in rows(
            demo_database,
            "select origin_date, horizon, mrr from explain.mrr_forecast where scenario = 'trailing'",
        )
    }
    expected = {}
    for origin in range(WINDOW - 1, len(months)):
        if any(month.opening for month in months[origin - WINDOW + 1 : origin + 1]):
            last_day = (months[origin].start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            for ahead, value in enumerate(roll(months[: origin + 1]), 1):
                expected[last_day, ahead] = value
    assert len(expected) > 20 * MONTHS
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, abs=0.001)


def test_the_back_test_of_mrr_is_as_by_hand(demo_database: Path) -> None:
    months = read_months(demo_database)
    for ahead, trials in try_out(months).items():
        actuals = [actual for _, actual in trials.values()]
        errors = [value - actual for value, actual in trials.values()]
        naive = [months[origin].closing - actual for origin, (_, actual) in trials.items()]
        intervals = {origin: bounds(trials, ahead, origin, value) for origin, (value, _) in trials.items()}
        held = [
            interval[0] <= trials[origin][1] <= interval[1]
            for origin, interval in intervals.items()
            if interval
        ]
        size = mean(abs(error) for error in errors)
        changes = [abs(later - earlier) for earlier, later in pairwise(actuals)]
        [found] = rows(
            demo_database,
            "select origins, mean_absolute_error, wape, bias, mase, skill, intervals, coalesce(coverage, -1) "
            "from explain.forecast_backtest where forecast = 'mrr' and method = 'trailing rates' "
            "and horizon = ?",
            ahead,
        )
        assert [float(value) for value in found] == pytest.approx(
            [
                len(trials),
                size,
                sum(map(abs, errors)) / sum(actuals),
                sum(errors) / sum(actuals),
                size / mean(changes),
                1 - size / mean(map(abs, naive)),
                len(held),
                mean(held) if held else -1,
            ],
            abs=2e-6 * max(1, size),
        )


def test_the_published_mrr_is_the_forecast_with_the_interval_of_its_errors(demo_database: Path) -> None:
    months = read_months(demo_database)
    trials = try_out(months)
    found = rows(
        demo_database,
        "select horizon, method_used, value, low, high from explain.forecasts where forecast = 'mrr' "
        "order by horizon",
    )
    assert [row[:2] for row in found] == [(ahead, "trailing rates") for ahead in range(1, MONTHS + 1)]
    for (ahead, _, *numbers), value in zip(found, roll(months), strict=True):
        interval = bounds(trials[ahead], ahead, len(months) - 1, value)
        assert interval
        expected = [value, *interval]
        assert [float(number) for number in numbers] == pytest.approx(expected, abs=1)


def test_an_origin_knows_what_a_build_of_that_day_knows(demo_database: Path, tmp_path: Path) -> None:
    """The leak test: nothing after the origin moves its forecasts, nor a win of March typed in in April."""
    origin = date(2024, 3, 31)
    late = "select count(*) from core.fct_deal_wins where won_date <= ? and known_from_date > ?"
    assert rows(demo_database, late, origin, origin) == [(1,)]
    that_day = build(tmp_path, {"as_of": str(origin)}, whole=False, parts=("+forecast_trials",))
    for table, columns in (
        ("mrr_forecast", "scenario, horizon, month_start, mrr, churn_rate, new_mrr, ceiling_mrr"),
        ("revenue_forecast", "method, horizon, month_start, revenue, growth_ratio, months_of_history"),
        ("pipeline_forecast", "method, horizon, month_start, due_deals, from_open, created_and_won, revenue"),
        ("forecast_trials", "forecast, method, horizon, month_start, value"),
    ):
        query = f"select {columns} from explain.{table} where origin_date = ? order by all"
        then = rows(that_day, query, origin)
        assert len(then) > MONTHS
        assert then == rows(demo_database, query, origin), table
