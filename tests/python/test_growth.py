"""Why the demo company grew, worked out a second time: from the raw files, in every order."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest
from building import rows
from independent import WHOLE, Data, Period, Scope, months_before, scope_of, total

MONTHS = {"month": 1, "quarter": 3, "year": 12}
PERIODS = [
    *(("year", date(year, 1, 1)) for year in (2024, 2025)),
    *(("quarter", date(2025, month, 1)) for month in (1, 4, 7, 10)),
    *(("month", date(2025, month, 1)) for month in (2, 5, 8)),
]
CUTS = [WHOLE, ("rep", "Noor Linden"), ("rep", "Robin Vale"), ("segment", "SMB"), ("channel", "paid_search")]
SEGMENTS = ("SMB", "Mid-Market", "Enterprise", "(none)")
COMPARISONS = ["previous period", "same period last year"]

data = cache(Data)


@dataclass(frozen=True)
class Revenue:
    """Won revenue of a period and a slice, with what it is made of. A factor that cannot be told is None."""

    volume: float
    won: int
    money: float
    outside: float

    @property
    def factors(self) -> tuple[float, float | None, float | None]:
        rate = self.won / self.volume if self.volume else None
        return self.volume, rate, self.money / self.won if self.won else None


@cache
def scope(grain: str, start: date, cut: tuple[str, str]) -> Scope:
    return scope_of(data(), Period(grain, start, months_before(start, -MONTHS[grain])), cut)


def by_leads(scope: Scope) -> Revenue:
    with_lead = [deal for deal in scope.won() if deal.person_id and deal.amount is not None]
    money = total(with_lead)
    return Revenue(len(scope.qualified()), len(with_lead), float(money), float(total(scope.won()) - money))


def by_deals(scope: Scope) -> Revenue:
    known = [deal for deal in scope.won() if deal.amount is not None]
    return Revenue(len(scope.closed("won", "lost")), len(known), float(total(known)), 0.0)


def in_every_order(base: tuple[float, ...], now: tuple[float, ...]) -> list[float]:
    """Change one factor after the other, in every order; the mean of what each did."""
    effects = [0.0] * len(base)
    orders = list(permutations(range(len(base))))
    for order in orders:
        state = list(base)
        for place in order:
            before = math.prod(state)
            state[place] = now[place]
            effects[place] += (math.prod(state) - before) / len(orders)
    return effects


def by_logarithms(base: tuple[float, ...], now: tuple[float, ...]) -> list[float]:
    one, other = math.prod(now), math.prod(base)
    mean = one if math.isclose(one, other, rel_tol=1e-12) else (one - other) / math.log(one / other)
    return [mean * math.log(new / old) for old, new in zip(base, now, strict=True)]


def both(old: float | None, new: float | None) -> tuple[float, float]:
    """What is unknown has not moved."""
    known = [value for value in (old, new) if value is not None]
    return (known[0], known[-1]) if known else (0.0, 0.0)


def filled(base: Revenue, now: Revenue) -> tuple[tuple[float, ...], tuple[float, ...]]:
    pairs = [both(old, new) for old, new in zip(base.factors, now.factors, strict=True)]
    return tuple(old for old, _ in pairs), tuple(new for _, new in pairs)


def base_of(grain: str, start: date, comparison: str) -> date:
    return months_before(start, MONTHS[grain] if comparison == "previous period" else 12)


def published(
    database: Path, explanation: str, comparison: str, grain: str, start: date, cut: tuple[str, str], by: str
) -> dict[str, float]:
    found = rows(
        database,
        "select driver, effect from explain.growth_drivers where kpi = 'won_revenue' and explanation = ? "
        "and comparison = ? and period_grain = ? and period_start = ? and slice = ? and slice_value = ? "
        "and cut_by = ?",
        *(explanation, comparison, grain, start, *cut, by),
    )
    return {driver: float(effect) for driver, effect in found}


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize("cut", CUTS, ids="-".join)
def test_drivers_are_the_mean_over_every_order(
    demo_database: Path, comparison: str, cut: tuple[str, str]
) -> None:
    for grain, start in PERIODS:
        old = scope(grain, base_of(grain, start, comparison), cut)
        new = scope(grain, start, cut)
        base, now = by_leads(old), by_leads(new)
        expected = {"deals without a lead": now.outside - base.outside}
        if any(side.won and not side.volume for side in (base, now)):
            effects = [0.0] * 3
            expected["carry over"] = now.money - base.money
        else:
            effects = in_every_order(*filled(base, now))
        expected |= zip(("qualified leads", "yield", "deal size"), effects, strict=True)
        where = (comparison, grain, start, cut, "all")
        found = published(demo_database, "lead drivers", *where)
        assert found == pytest.approx(expected, abs=2e-6), where
        assert sum(found.values()) == pytest.approx(float(total(new.won()) - total(old.won())), abs=0.005)
        deals = filled(by_deals(old), by_deals(new))
        expected = dict(zip(("closed deals", "win rate", "deal size"), in_every_order(*deals), strict=True))
        assert published(demo_database, "deal drivers", *where) == pytest.approx(expected, abs=2e-6), where


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_the_mix_is_that_of_the_segments(demo_database: Path, comparison: str) -> None:
    with_logarithms = without = 0
    for grain, start in PERIODS:
        then = base_of(grain, start, comparison)
        wholes = by_deals(scope(grain, then, WHOLE)).volume, by_deals(scope(grain, start, WHOLE)).volume
        sums = [0.0] * 4
        change = Decimal()
        for segment in SEGMENTS:
            cells = [scope(grain, day, ("segment", segment)) for day in (then, start)]
            change += total(cells[1].won()) - total(cells[0].won())
            base, now = filled(by_deals(cells[0]), by_deals(cells[1]))
            members = [
                (whole, side[0] / whole, *side[1:]) for whole, side in zip(wholes, (base, now), strict=True)
            ]
            if min(*members[0], *members[1]) > 0:
                with_logarithms += 1
                effects = by_logarithms(*members)
            else:
                without += 1
                effects = in_every_order(*members)
            sums = [one + other for one, other in zip(sums, effects, strict=True)]
        found = published(demo_database, "deal mix", comparison, grain, start, WHOLE, "segment")
        names = ("closed deals", "mix", "win rate", "deal size")
        assert found == pytest.approx(dict(zip(names, sums, strict=True)), abs=5e-6), (grain, start)
        assert sum(found.values()) == pytest.approx(float(change), abs=0.005)
    assert with_logarithms and without


def test_mrr_moves_by_what_its_customers_did(demo_database: Path) -> None:
    """Year on year from the customers' months, not from the KPIs of the movements."""
    expected = rows(
        demo_database,
        "select movement, sum(movement_amount) from core.fct_customer_months where movement != 'none' "
        "and month_start between '2024-04-01' and '2025-03-01' group by 1 order by 1",
    )
    found = rows(
        demo_database,
        "select driver, effect from explain.growth_drivers where explanation = 'movements' and slice = 'all' "
        "and comparison = 'same period last year' and period_grain = 'month' "
        "and period_start = '2025-03-01' order by 1",
    )
    assert len(found) == 5
    assert found == expected
