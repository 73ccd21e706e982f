"""The waterfall and the stage probabilities of the demo company, walked from the raw files, day by day.

No SQL and none of the models: the readers of tests/golden/independent.py, and the words of the descriptions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from independent import (
    AS_OF,
    Cell,
    Data,
    Deal,
    Row,
    day_of,
    months_before,
    number_of,
    outcome_of,
    text_of,
    time_of,
)

FLOWS = ("created", "reopened", "pulled_in", "pushed_out", "revalued", "exchange", "won", "lost", "deleted")
MEASURES = ("opening", *FLOWS, "closing")
CENT = Decimal("0.01")  # rates are applied day by day here, and once a change there
Flows = dict[str, Decimal]
ORIGINS = (date(2024, 6, 30), date(2025, 3, 31), AS_OF)


@dataclass(frozen=True)
class State:
    """What a deal is from a moment on."""

    since: datetime
    outcome: str
    stage: str
    amount: Decimal | None
    expected: date | None


def moment(cell: Cell) -> datetime:
    found = time_of(cell)
    assert found
    return found


def raw_state(deal: Deal, since: datetime, *, is_open: bool) -> State:
    return State(
        since=since,
        outcome="open" if is_open else deal.outcome,
        stage=deal.stage,
        amount=number_of(deal.raw["amount"]),
        expected=day_of(deal.raw["expected_close_date"]),
    )


def first_of(changes: list[Row], column: str, otherwise: Row) -> Row:
    return next((change for change in changes if change[column] is not None), otherwise)


def states(deal: Deal, changes: list[Row]) -> list[State]:
    """Return the history of a deal: its creation, the changes, and today's record as the last word."""
    created = min(moment(deal.raw["created_at"]), deal.closed_at or datetime.max.replace(tzinfo=UTC))
    is_closed = deal.outcome != "open"
    if is_closed:
        changes = [change for change in changes if moment(change["changed_at"]) < moment(deal.closed_at)]
    if not changes:
        found = [raw_state(deal, created, is_open=True)]
        return [*found, raw_state(deal, moment(deal.closed_at), is_open=False)] if is_closed else found
    amount = number_of(first_of(changes, "amount", deal.raw)["amount"])
    expected = day_of(first_of(changes, "expected_close_date", deal.raw)["expected_close_date"])
    found = [State(created, "open", "", amount, expected)]
    for change in changes:
        last, stage = found[-1], text_of(change["stage"]).lower()
        found.append(
            State(
                since=moment(change["changed_at"]),
                outcome=outcome_of(stage) if stage else last.outcome,
                stage=stage or last.stage,
                amount=last.amount if change["amount"] is None else number_of(change["amount"]),
                expected=day_of(change["expected_close_date"]) or last.expected,
            )
        )
    if is_closed:
        return [*found, raw_state(deal, moment(deal.closed_at), is_open=False)]
    return [*found[:-1], raw_state(deal, found[-1].since, is_open=True)]


def at_the_end_of(history: list[State], day: date) -> State | None:
    past = [state for state in history if state.since.date() <= day]
    return past[-1] if past and past[-1].outcome == "open" else None


class Walk:
    """One deal through one quarter; `due` follows it only while it is expected to close in the quarter."""

    def __init__(self, data: Data, deal: Deal, start: date, *, due: bool) -> None:
        self.data, self.deal, self.start, self.due = data, deal, start, due
        self.end = months_before(start, -3)
        self.history = states(deal, data.changes.get(deal.deal_id, []))

    def worth(self, state: State, day: date) -> Decimal:
        return self.data.rates.convert(state.amount, self.deal.raw["currency"], day) or Decimal()

    def sees(self, state: State | None) -> bool:
        if state is None or state.outcome != "open":
            return False
        return not self.due or (state.expected is not None and self.start <= state.expected < self.end)

    def flows(self) -> Flows:
        found = dict.fromkeys(MEASURES, Decimal())
        before, last_day = self.start - timedelta(days=1), min(self.end - timedelta(days=1), AS_OF)
        for name, day in (("opening", before), ("closing", last_day)):
            state = at_the_end_of(self.history, day)
            if state and self.sees(state):
                found[name] = self.worth(state, day)
        day = self.start
        while day <= last_day:
            yesterday = day - timedelta(days=1)
            self.move_with_the_rates(found, at_the_end_of(self.history, yesterday), yesterday, day)
            for old, new in self.steps_of(day):
                self.step(found, old, new, day)
            day += timedelta(days=1)
        return found

    def move_with_the_rates(self, found: Flows, state: State | None, yesterday: date, day: date) -> None:
        if state and self.sees(state):
            found["exchange"] += self.worth(state, day) - self.worth(state, yesterday)

    def steps_of(self, day: date) -> Iterator[tuple[State | None, State]]:
        """Yield what the deal was and became; what lasted for no time and was followed by more never was."""
        old: State | None = None
        for state, following in zip(self.history, [*self.history[1:], None], strict=True):
            is_instant = following is not None and following.since == state.since
            if state.outcome == "open" and is_instant and following and following.outcome == "open":
                continue
            if state.since.date() == day:
                yield old, state
            old = state

    def step(self, found: Flows, old: State | None, new: State, day: date) -> None:
        was_open = old is not None and old.outcome == "open"
        is_lost = old is not None and new.outcome in ("lost", "invalid") and old.amount is not None
        worth = self.worth(old if is_lost and old else new, day)
        amounts: dict[str, Decimal] = {}
        if not was_open and self.sees(new):
            amounts["created" if old is None else "reopened"] = worth
        elif was_open and old is not None:
            is_in = self.sees(new) or new.outcome != "open"
            if self.sees(old) and is_in:
                amounts["revalued"] = worth - self.worth(old, day)
            elif self.sees(old):
                amounts["pushed_out"] = self.worth(old, day)
            elif is_in:
                amounts["pulled_in"] = worth
            if new.outcome != "open":
                amounts["deleted" if new.outcome == "invalid" else new.outcome] = worth
        for name, amount in amounts.items():
            found[name] += amount


@pytest.fixture(scope="module")
def data() -> Data:
    return Data()


@pytest.mark.parametrize("due", [False, True])
@pytest.mark.parametrize("start", [date(2024, 4, 1), date(2025, 10, 1)])
def test_the_waterfall_is_what_a_walk_through_the_quarter_finds(
    data: Data, demo_database: Path, start: date, due: bool
) -> None:
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        published = {
            row[0]: dict(zip(MEASURES, row[1:], strict=True))
            for row in connection.execute(
                f"select deal_id, {', '.join(MEASURES)} from explain.pipeline_waterfall_deals "
                "where period_grain = 'quarter' and period_start = ? and scope = ?",
                [start, "due" if due else "pipeline"],
            ).fetchall()
        }
    assert len(published) > 50
    walked = {deal.deal_id: Walk(data, deal, start, due=due).flows() for deal in data.deals}
    wrong = [
        f"{deal_id} {measure}: walked {flows[measure]}, published {published.get(deal_id, {}).get(measure)}"
        for deal_id, flows in walked.items()
        for measure in MEASURES
        if abs(flows[measure] - published.get(deal_id, {}).get(measure, Decimal())) > CENT
    ]
    assert not wrong, "\n".join(wrong)
    assert set(published) <= set(walked)


def known_changes(data: Data, deal: Deal, origin: date) -> list[Row]:
    return [
        change
        for change in data.changes.get(deal.deal_id, [])
        if max(moment(change["changed_at"]), moment(change["recorded_at"] or change["changed_at"])).date()
        <= origin
    ]


def known_outcome(data: Data, deal: Deal, origin: date) -> str:
    """Return what was known of the deal at the end of the day."""
    if deal.closed:
        recorded = [
            day_of(change["recorded_at"] or change["changed_at"])
            for change in data.changes.get(deal.deal_id, [])
            if change["stage"] and outcome_of(text_of(change["stage"])) == outcome_of(deal.stage)
        ]
        known_on = max(day for day in [deal.closed, deal.created, *recorded[-1:]] if day)
        if known_on <= origin:
            return deal.outcome
    staged = [change for change in known_changes(data, deal, origin) if change["stage"]]
    return outcome_of(text_of(staged[-1]["stage"])) if staged else "open"


@pytest.mark.parametrize("origin", ORIGINS)
def test_stage_probabilities_count_what_was_known_at_the_origin(
    data: Data, demo_database: Path, origin: date
) -> None:
    resolved: dict[str, Counter[str]] = defaultdict(Counter)
    for deal in data.deals:
        outcome = known_outcome(data, deal, origin)
        if outcome in ("won", "lost"):
            entered = {
                text_of(change["stage"]).lower()
                for change in known_changes(data, deal, origin)
                if change["stage"] and outcome_of(text_of(change["stage"])) == "open"
            }
            for stage in entered | {"(none)"}:
                resolved[stage][outcome] += 1
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        published = {
            stage.lower(): (int(won), int(lost))
            for stage, won, lost in connection.execute(
                "select stage, won_deals, resolved_deals - won_deals from core.dim_stage_probabilities "
                "where origin_date = ?",
                [origin],
            ).fetchall()
        }
    assert published == {stage: (count["won"], count["lost"]) for stage, count in resolved.items()}
    assert len(published) == 4


def published_rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def quarter_of(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def test_close_timing_counts_the_quarters_from_creation_to_win(data: Data, demo_database: Path) -> None:
    deals = [deal for deal in data.deals if deal.outcome != "invalid"]
    deals = [deal for deal in deals if not (deal.closed and deal.closed < deal.created)]
    last = quarter_of(AS_OF)  # the as-of date ends its quarter
    walked = {
        age: (
            sum(quarter_of(deal.created) + age <= last for deal in deals),
            sum(
                quarter_of(deal.closed) == age + quarter_of(deal.created)
                for deal in deals
                if deal.outcome == "won" and deal.closed
            ),
        )
        for age in range(12)
    }
    published = published_rows(
        demo_database,
        "select age, created_deals, won_deals from explain.close_timing where period_grain = 'quarter'",
    )
    assert {age: (created, won) for age, created, won in published} == walked


def test_the_outlook_is_each_open_deal_at_the_rate_of_its_stage(data: Data, demo_database: Path) -> None:
    rates = {
        stage.lower(): (won + 5 * overall) / (resolved + 5)
        for stage, won, resolved, overall in published_rows(
            demo_database,
            "select stage, won_deals, resolved_deals, overall_win_rate from core.dim_stage_probabilities "
            "where is_latest",
        )
    }
    expected = variance = Decimal()
    for snapshot in data.snapshots(AS_OF):
        deal = next(deal for deal in data.deals if deal.deal_id == snapshot.deal_id)
        rate = rates[deal.stage if outcome_of(deal.stage) == "open" else "(none)"]
        amount = snapshot.amount or Decimal()
        expected += amount * rate
        variance += amount * amount * rate * (1 - rate)
    ((weighted, spread),) = published_rows(
        demo_database,
        "select weighted_amount, weighted_sd from explain.pipeline_outlook where is_latest and slice = 'all'",
    )
    assert abs(weighted - expected) < 10  # six digits of a rate, times the pipeline
    assert abs(spread - variance.sqrt()) < 1


def test_calibration_counts_each_deal_once_for_each_stage(data: Data, demo_database: Path) -> None:
    """The first month end that knew a deal to be open in a stage, and what became of the deal."""
    months = [months_before(date(2026, 1, 1), back) - timedelta(days=1) for back in range(1, 36)]
    seen: set[tuple[str, str]] = set()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for origin in sorted(months):
        if not any(known_outcome(data, deal, origin) in ("won", "lost") for deal in data.deals):
            continue
        for deal in data.deals:
            if deal.created > origin or known_outcome(data, deal, origin) != "open":
                continue
            staged = [change for change in known_changes(data, deal, origin) if change["stage"]]
            stage = text_of(staged[-1]["stage"]).lower() if staged else "(none)"
            if (deal.deal_id, stage) not in seen:
                seen.add((deal.deal_id, stage))
                counts[stage][deal.outcome] += 1
    published = {
        stage.lower(): (resolved, won, still_open)
        for stage, resolved, won, still_open in published_rows(
            demo_database,
            "select member, resolved_deals, won_deals, open_deals from explain.stage_calibration "
            "where calibrated_by = 'stage'",
        )
    }
    assert published == {
        stage: (count["won"] + count["lost"], count["won"], count["open"]) for stage, count in counts.items()
    }
