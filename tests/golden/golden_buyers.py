"""The golden numbers of what buyers without a subscription will buy, worked from the raw payments.

    python tests/golden/golden_buyers.py            # print
    python tests/golden/golden_buyers.py --write    # write golden_buyers_numbers.csv

The BG/NBD model of Fader, Hardie and Lee (2005): its likelihood, maximised by the method of Nelder and Mead
over the logarithms of its four parameters, and its expectation in closed form, with Gauss's series.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import exp, inf, lgamma, log
from pathlib import Path

import independent as base
from golden_customers import Customer, customer, read_rows
from independent import AS_OF, COLUMNS, WHOLE, Data

GOLDEN = Path(__file__).resolve().parent / "golden_buyers_numbers.csv"
WEEKS_AHEAD = 52.0
PERIODS = [("month", "2025-12-01"), ("quarter", "2025-10-01"), ("year", "2025-01-01")]
CUTS = [("region", "Europe"), ("segment", "SMB"), ("rep", base.NONE)]
MODEL_DIGITS = 5  # on which every machine agrees: the summit is flat
DIGITS = 6  # of the figures, which stand on the rounded model

Point = list[float]


@dataclass(frozen=True)
class Buyer:
    """Who paid and never subscribed: purchases after the first, weeks from it to the last and to today."""

    account: Customer
    repeats: int
    recency: float
    age: float
    average: Decimal | None


@dataclass(frozen=True)
class Model:
    """Rates of purchases are gamma (r, alpha) over buyers, risks that one was the last are beta (a, b)."""

    r: float
    alpha: float
    a: float
    b: float


# -----------------------------------------------------------------------------------------------------------
# Buyers


def read_buyers(data: Data) -> list[Buyer]:
    """Return the accounts that paid and never subscribed, with what they bought by day."""
    subscribed = {
        base.text_of(row["account_id"])
        for row in read_rows("subscriptions")
        if base.past_day(row["started_on"])
    }
    bought: dict[str, dict[date, list[Decimal | None]]] = defaultdict(lambda: defaultdict(list))
    for row in read_rows("payments"):
        name, day, amount = base.text_of(row["account_id"]), base.past_day(row["paid_at"]), row["amount"]
        if name not in subscribed and day and isinstance(amount, Decimal) and amount > 0:
            bought[name][day].append(data.rates.convert(amount, row["currency"], day))
    wins = {deal.customer_id: deal for deal in data.deals if deal.is_first_win}
    return [
        buyer(customer(data, name, wins.get(f"account {name}")), days)
        for name, days in sorted(bought.items())
    ]


def buyer(account: Customer, days: dict[date, list[Decimal | None]]) -> Buyer:
    """Payments of one day are one purchase; what one brings is unknown where a rate is."""
    amounts = [amount for amounts in days.values() for amount in amounts]
    known = [amount for amount in amounts if amount is not None]
    return Buyer(
        account=account,
        repeats=len(days) - 1,
        recency=(max(days) - min(days)).days / 7,
        age=(AS_OF - min(days)).days / 7,
        average=sum(known, Decimal()) / len(days) if len(known) == len(amounts) else None,
    )


# -----------------------------------------------------------------------------------------------------------
# The fit


def log_beta(one: float, other: float) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)


def log_likelihood(model: Model, one: Buyer) -> float:
    """Return how likely the history is: all purchases, and either still a buyer or gone since the last."""
    r, alpha, a, b, x = model.r, model.alpha, model.a, model.b, one.repeats
    purchases = lgamma(r + x) - lgamma(r) + r * log(alpha)
    stayed = log_beta(a, b + x) - log_beta(a, b) - (r + x) * log(alpha + one.age)
    if not x:
        return purchases + stayed
    left = log_beta(a + 1, b + x - 1) - log_beta(a, b) - (r + x) * log(alpha + one.recency)
    more, less = max(stayed, left), min(stayed, left)
    return purchases + more + log(1 + exp(less - more))


def fit_of(buyers: Iterable[Buyer]) -> Model:
    """Return the likeliest model, rounded."""
    histories = list(buyers)

    def badness(point: Point) -> float:
        if max(map(abs, point)) > 15:
            return inf
        model = Model(*map(exp, point))
        return -sum(log_likelihood(model, one) for one in histories)

    point = [0.0, 2.0, 0.0, 1.0]
    for _ in range(4):
        point = lowest(badness, point)
    return Model(*(float(f"{exp(x):.{MODEL_DIGITS}g}") for x in point))


def lowest(height: Callable[[Point], float], start: Point) -> Point:
    """Return where a function is lowest, by letting a simplex creep downhill (Nelder and Mead, 1965)."""
    corners = [start] + [
        [x + 0.5 * (axis == moved) for axis, x in enumerate(start)] for moved in range(len(start))
    ]
    simplex = sorted((height(corner), corner) for corner in corners)
    for _ in range(600):
        *kept, (worst, farthest) = simplex
        centre = [sum(axis) / len(kept) for axis in zip(*(corner for _, corner in kept), strict=True)]

        def along(step: float, start: Point = centre, end: Point = farthest) -> tuple[float, Point]:
            point = [x + step * (y - x) for x, y in zip(start, end, strict=True)]
            return height(point), point

        found = along(-1.0)
        if found < simplex[0]:
            found = min(found, along(-2.0))
        elif found >= kept[-1]:
            found = min(along(-0.5), along(0.5))
        if found[0] < worst:
            simplex = sorted([*kept, found])
        else:
            best = simplex[0][1]
            halves = [[(x + y) / 2 for x, y in zip(best, corner, strict=True)] for _, corner in simplex]
            simplex = sorted((height(corner), corner) for corner in halves)
    return simplex[0][1]


# -----------------------------------------------------------------------------------------------------------
# What they will buy


def gauss(one: float, two: float, three: float, z: float) -> float:
    """Return the hypergeometric function 2F1 as its series, for z from 0 to 1."""
    total, term, k = 1.0, 1.0, 0
    while abs(term) > 1e-16 * abs(total):
        term *= (one + k) * (two + k) / (three + k) / (k + 1) * z
        total += term
        k += 1
    return total


def expected(model: Model, one: Buyer) -> Decimal:
    """Return the purchases expected in the weeks ahead, given the history."""
    r, alpha, a, b, x = model.r, model.alpha, model.a, model.b, one.repeats
    until = alpha + one.age + WEEKS_AHEAD
    series = gauss(r + x, b + x, a + b + x - 1, WEEKS_AHEAD / until)
    rest = 1 - ((alpha + one.age) / until) ** (r + x) * series
    gone = a / (b + x - 1) * ((alpha + one.age) / (alpha + one.recency)) ** (r + x) if x else 0.0
    return Decimal(str((a + b + x - 1) / (a - 1) * rest / (1 + gone)))


def golden_rows(model: Model, buyers: list[Buyer]) -> dict[str, list[str]]:
    """Return numerator, denominator, value and n of the two KPIs."""
    repeated = [expected(model, one) for one in buyers if one.repeats]
    worth = [expected(model, one) * one.average for one in buyers if one.average is not None]
    purchases, value = sum(repeated, Decimal()), sum(worth, Decimal())
    return {
        "predicted_purchases": [
            rounded(purchases),
            f"{len(repeated)}",
            rounded(purchases / len(repeated)),
            f"{len(repeated)}",
        ],
        "predicted_purchase_value": [rounded(value), "", rounded(value), f"{len(worth)}"],
    }


def rounded(figure: Decimal) -> str:
    """Return the figure with no more digits than are worth comparing."""
    return f"{round(figure, DIGITS - 1 - figure.adjusted()):f}"


def golden_text() -> str:
    """Return the golden numbers as the text of a CSV file."""
    data = Data()
    buyers = read_buyers(data)
    model = fit_of(buyers)
    cells = [(*period, *WHOLE) for period in PERIODS] + [(*PERIODS[1], *cut) for cut in CUTS]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for kpi in ("predicted_purchases", "predicted_purchase_value"):
        for cell in cells:
            members = [one for one in buyers if one.account.is_in(*cell[2:])]
            writer.writerow([kpi, *cell, *golden_rows(model, members)[kpi]])
    return out.getvalue()


if __name__ == "__main__":
    base.print_or_write(golden_text(), GOLDEN)
