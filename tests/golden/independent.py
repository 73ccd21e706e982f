"""Work out golden numbers from the raw CSV files alone, with no SQL and none of the project's code.

A second opinion: every published KPI, in some cells, from `seeds/demo` and `seeds/vocabulary` and the words
of the KPI descriptions. Run it to print the numbers, `--write` to put them into golden_numbers.csv beside it.
"""

import csv
import io
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
SEEDS = HERE.parents[1] / "seeds"
GOLDEN = HERE / "golden_numbers.csv"

AS_OF = date(2025, 12, 31)
CURRENCY = "USD"
ZONE = ZoneInfo("UTC")
HIGH_POTENTIAL_SCORE = 60
OWN_DOMAINS = {"own.example"}
SEGMENTS = (("Enterprise", 1000), ("Mid-Market", 100), ("SMB", 0))
LAG_MONTHS = 1
NONE = "(none)"

Cell = str | Decimal | bool | date | datetime | None
Row = dict[str, Cell]

TYPES = {
    "leads": {
        "timestamp": ["created_at", "qualified_at", "disqualified_at", "converted_at", "loaded_at"],
        "number": ["lead_score", "estimated_value", "employee_count"],
        "boolean": ["is_test"],
    },
    "deals": {
        "timestamp": ["created_at", "closed_at", "loaded_at"],
        "date": ["expected_close_date"],
        "number": ["amount"],
        "boolean": ["is_deleted"],
    },
    "deal_changes": {
        "timestamp": ["changed_at", "recorded_at"],
        "date": ["expected_close_date"],
        "number": ["amount"],
    },
    "spend": {"timestamp": ["loaded_at"], "date": ["spend_date"], "number": ["amount"]},
    "accounts": {"number": ["employee_count"]},
    "reps": {"date": ["active_from", "active_to"]},
    "currency_rates": {"date": ["rate_date"], "number": ["rate"]},
}
REQUIRED = {
    "leads": ["lead_id", "created_at"],
    "deals": ["deal_id", "stage", "created_at"],
    "deal_changes": ["deal_id", "changed_at"],
    "spend": ["spend_date", "amount"],
    "accounts": ["account_id"],
    "reps": ["rep_id"],
    "currency_rates": ["currency", "rate_date", "rate"],
}
TRUE = {"true", "t", "yes", "y", "1"}
FALSE = {"false", "f", "no", "n", "0"}
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class UnreadableError(ValueError):
    """A cell does not say what its column asks for."""


# -----------------------------------------------------------------------------------------------------------
# Reading cells


def read_day(text: str) -> date:
    if not ISO_DAY.fullmatch(text):
        raise UnreadableError(text)
    return in_range(date.fromisoformat(text))


def in_range(day: date) -> date:
    if not 1900 <= day.year <= 2199:
        raise UnreadableError(str(day))
    return day


def read_time(text: str) -> datetime:
    """Return the moment in UTC; without an offset the text is UTC, a bare date its midnight."""
    if ISO_DAY.fullmatch(text):
        return datetime.combine(read_day(text), time(), UTC)
    if not ISO_TIME.fullmatch(text):
        raise UnreadableError(text)
    moment = datetime.fromisoformat(text)
    in_range(moment.date())
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_number(text: str) -> Decimal:
    if not NUMBER.fullmatch(text):
        raise UnreadableError(text)
    return Decimal(text)


def read_boolean(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise UnreadableError(text)
    return text.lower() in TRUE


READERS: dict[str, Callable[[str], Cell]] = {
    "timestamp": read_time,
    "date": read_day,
    "number": read_number,
    "boolean": read_boolean,
}


# -----------------------------------------------------------------------------------------------------------
# Reading files


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_entity(entity: str) -> list[Row]:
    """Return the usable rows of a raw file: trimmed, typed, and none with a bad or missing cell."""
    kinds = {column: kind for kind, columns in TYPES[entity].items() for column in columns}
    read = (typed(raw, kinds) for raw in read_csv(SEEDS / "demo" / f"raw_{entity}.csv"))
    return [row for row in read if row and all(row[column] is not None for column in REQUIRED[entity])]


def typed(raw: Mapping[str, str], kinds: Mapping[str, str]) -> Row | None:
    row: Row = {}
    for column, text in raw.items():
        cell = text.strip()
        try:
            row[column] = (READERS[kinds[column]](cell) if column in kinds else cell) if cell else None
        except (ValueError, InvalidOperation):
            return None
    return row


def newest(rows: Iterable[Row], key: str) -> list[Row]:
    """Return one row per id, the one loaded last."""
    kept: dict[str, Row] = {}
    for row in rows:
        name = text_of(row[key])
        if name not in kept or loaded(row) > loaded(kept[name]):
            kept[name] = row
    return list(kept.values())


def loaded(row: Row) -> datetime:
    return time_of(row["loaded_at"]) or datetime.min.replace(tzinfo=UTC)


def words(name: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key].strip().lower(): row for row in read_csv(SEEDS / "vocabulary" / f"{name}.csv")}


def text_of(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def time_of(cell: Cell) -> datetime | None:
    return cell if isinstance(cell, datetime) else None


def day_of(cell: Cell) -> date | None:
    """Return the reporting day of a moment, or the day itself."""
    if isinstance(cell, datetime):
        return cell.astimezone(ZONE).date()
    return cell if isinstance(cell, date) else None


def past_day(cell: Cell) -> date | None:
    """Return the day, if it was reached by the as-of date."""
    day = day_of(cell)
    return day if day and day <= AS_OF else None


def number_of(cell: Cell) -> Decimal | None:
    return cell if isinstance(cell, Decimal) else None


def first(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day), default=None)


def cents(amount: Decimal) -> Decimal:
    """Return the amount at six decimals, as every amount of money is kept."""
    return amount.quantize(Decimal("0.000001"), ROUND_HALF_UP)


# -----------------------------------------------------------------------------------------------------------
# Vocabulary and money

CHANNELS = words("channels", "channel_name")
COUNTRIES = words("countries", "country_name")
STAGES = words("stages", "stage")
LOST_REASONS = words("lost_reasons", "lost_reason")
PAID = {row["channel"] for row in CHANNELS.values() if row["is_paid"] == "true"}


def channel_of(cell: Cell) -> str | None:
    word = text_of(cell).lower()
    return CHANNELS[word]["channel"] if word in CHANNELS else word or None


def region_of(country: Cell) -> str | None:
    known = COUNTRIES.get(text_of(country).lower())
    return known["region"] if known else None


def segment_of(employees: Cell) -> str | None:
    number = number_of(employees)
    return next((name for name, least in SEGMENTS if number is not None and number >= least), None)


def outcome_of(stage: str) -> str:
    return STAGES[stage.lower()]["outcome"]


class Rates:
    """What one unit of a currency is worth in the reporting currency, day by day."""

    def __init__(self) -> None:
        self.of: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for row in read_entity("currency_rates"):
            day, rate = day_of(row["rate_date"]), number_of(row["rate"])
            if day and rate is not None:
                self.of[text_of(row["currency"]).upper()].append((day, rate))

    def convert(self, amount: Decimal | None, currency: Cell, day: date) -> Decimal | None:
        code = text_of(currency).upper() or CURRENCY
        if amount is None or code == CURRENCY:
            return amount if amount is None else cents(amount)
        known = [(since, rate) for since, rate in self.of[code] if since <= day]
        return cents(amount * max(known)[1]) if known else None


# -----------------------------------------------------------------------------------------------------------
# Facts


@dataclass(kw_only=True)
class Fact:
    """Something that can be sliced; an unknown dimension is None."""

    rep: str | None = None
    team: str | None = None
    channel: str | None = None
    campaign: str | None = None
    segment: str | None = None
    region: str | None = None

    def is_in(self, dimension: str, member: str) -> bool:
        return dimension == "all" or (getattr(self, dimension) or NONE) == member


@dataclass(kw_only=True)
class Deal(Fact):
    deal_id: str
    person_id: str | None
    customer_id: str
    outcome: str
    stage: str
    amount: Decimal | None
    raw: Row
    created: date
    closed: date | None
    closed_at: datetime | None
    is_no_decision: bool
    is_first_win: bool = False

    @property
    def is_valid(self) -> bool:
        return self.outcome != "invalid"


@dataclass(kw_only=True)
class Person(Fact):
    person_id: str
    score: Decimal | None
    estimate: Decimal | None
    created: date
    recorded: date | None
    disqualified: date | None
    converted: date | None
    deals: list[Deal] = field(default_factory=list)

    @property
    def qualified(self) -> date | None:
        return self.recorded or first([self.converted, *(deal.created for deal in self.deals)])

    @property
    def customer_since(self) -> date | None:
        return first(deal.closed for deal in self.deals if deal.outcome == "won")

    @property
    def left_open(self) -> date | None:
        """Return the day it was decided: won; never with an open deal; disqualified; its last deal lost."""
        if self.customer_since:
            return self.customer_since
        if any(deal.outcome == "open" for deal in self.deals):
            return None
        if self.disqualified:
            return self.disqualified
        closed = [deal.closed for deal in self.deals if deal.closed]
        return max(closed) if closed and len(closed) == len(self.deals) else None

    @property
    def potential(self) -> Decimal | None:
        """Return the estimate, else what its open deals are worth, once decided all its deals."""
        if self.estimate is not None:
            return self.estimate
        counted = [deal for deal in self.deals if self.left_open or deal.outcome == "open"]
        known = [deal.amount for deal in counted if deal.amount is not None]
        return sum(known, Decimal()) if known else None

    def is_open_on(self, day: date) -> bool:
        return self.created <= day and (self.left_open is None or self.left_open > day)


@dataclass(kw_only=True)
class Spend(Fact):
    day: date
    cost_type: str
    amount: Decimal


@dataclass(kw_only=True)
class Snapshot(Fact):
    deal_id: str
    amount: Decimal | None
    probability: Decimal | None
    expected: date | None
    is_stale: bool

    @property
    def weighted(self) -> Decimal | None:
        if self.amount is None or self.probability is None:
            return None
        return cents(self.amount * self.probability)


class Data:
    """All facts of the demo company as of the as-of date."""

    def __init__(self) -> None:
        self.rates = Rates()
        self.reps = {text_of(row["rep_id"]): row for row in read_entity("reps")}
        self.accounts = {text_of(row["account_id"]): row for row in read_entity("accounts")}
        self.changes = read_changes()
        self.person_of: dict[str, str] = {}
        self.people = {person.person_id: person for person in self.read_people()}
        self.deals = list(self.read_deals())
        self.spend = list(self.read_spend())
        mark_first_wins(self.deals)
        for deal in self.deals:
            if deal.person_id:
                self.people[deal.person_id].deals.append(deal)

    def rep_slices(self, owner: Cell) -> tuple[str | None, str | None]:
        """Return the name and the team of a rep; a rep nobody lists is known by the id."""
        rep = self.reps.get(text_of(owner), {})
        return text_of(rep.get("rep_name")) or text_of(owner) or None, text_of(rep.get("team")) or None

    def read_people(self) -> Iterator[Person]:
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in newest((row for row in read_entity("leads") if not is_test(row)), "lead_id"):
            if past_day(row["created_at"]):
                groups[text_of(row["email"]).lower() or f"lead {row['lead_id']}"].append(row)
        for group in groups.values():
            group.sort(key=lambda row: (time_of(row["created_at"]), text_of(row["lead_id"])))
            self.person_of.update({text_of(row["lead_id"]): text_of(group[0]["lead_id"]) for row in group})
            yield self.person(group)

    def person(self, group: list[Row]) -> Person:
        lead = group[0]
        rep, team = self.rep_slices(lead["owner_id"])
        given_up = [day for row in group if (day := past_day(row["disqualified_at"]))]
        return Person(
            person_id=text_of(lead["lead_id"]),
            rep=rep,
            team=team,
            channel=channel_of(lead["channel"]),
            campaign=text_of(lead["campaign"]) or None,
            segment=segment_of(lead["employee_count"]),
            region=region_of(lead["country"]),
            score=number_of(lead["lead_score"]),
            estimate=self.rates.convert(number_of(lead["estimated_value"]), lead["currency"], AS_OF),
            created=day_of(lead["created_at"]) or AS_OF,
            recorded=first(past_day(row["qualified_at"]) for row in group),
            disqualified=max(given_up) if len(given_up) == len(group) else None,
            converted=first(past_day(row["converted_at"]) for row in group),
        )

    def read_deals(self) -> Iterator[Deal]:
        for row in newest(read_entity("deals"), "deal_id"):
            is_known = past_day(row["created_at"]) or past_day(row["closed_at"])
            if is_known and row["is_deleted"] is not True:
                yield self.deal(row)

    def deal(self, row: Row) -> Deal:
        person = self.people.get(self.person_of.get(text_of(row["lead_id"]), ""))
        account = self.accounts.get(text_of(row["account_id"]), {})
        rep, team = self.rep_slices(row["owner_id"])
        outcome, loss = outcome_today(row)
        closed = past_day(row["closed_at"]) if outcome != "open" else None
        return Deal(
            deal_id=text_of(row["deal_id"]),
            person_id=person.person_id if person else None,
            customer_id=customer_of(row, person),
            rep=rep,
            team=team,
            channel=channel_of(row["channel"]) or (person.channel if person else None),
            campaign=text_of(row["campaign"]) or (person.campaign if person else None),
            segment=account_segment(account) or (person.segment if person else None),
            region=account_region(account) or (person.region if person else None),
            outcome=outcome,
            stage=text_of(row["stage"]).lower(),
            amount=self.rates.convert(number_of(row["amount"]), row["currency"], closed or AS_OF),
            raw=row,
            created=day_of(row["created_at"]) or AS_OF,
            closed=closed,
            closed_at=time_of(row["closed_at"]),
            is_no_decision=outcome == "lost" and loss == "no_decision",
        )

    def read_spend(self) -> Iterator[Spend]:
        for row in read_entity("spend"):
            day = past_day(row["spend_date"])
            amount = self.rates.convert(number_of(row["amount"]), row["currency"], day or AS_OF)
            if day and amount is not None:
                yield Spend(
                    day=day,
                    cost_type=text_of(row["cost_type"]).lower() or "lead_generation",
                    channel=channel_of(row["channel"]) or "unallocated",
                    campaign=text_of(row["campaign"]) or None,
                    amount=amount,
                )

    def snapshots(self, day: date) -> list[Snapshot]:
        found = (self.snapshot(deal, day) for deal in self.deals)
        return [snapshot for snapshot in found if snapshot]

    def snapshot(self, deal: Deal, day: date) -> Snapshot | None:
        """Return the deal as it was at the end of the day; None where it was not open."""
        changes = self.changes.get(deal.deal_id, [])
        is_over = deal.closed is not None and deal.closed <= day
        if deal.created > day or is_over or was_closed_for_a_while(changes, day):
            return None
        stage = stage_on(deal, changes, day)
        amount = value_on("amount", deal, changes, day)
        expected = day_of(value_on("expected_close_date", deal, changes, day))
        rep, team = self.rep_slices(value_on("owner_id", deal, changes, day))
        return Snapshot(
            deal_id=deal.deal_id,
            rep=rep,
            team=team,
            channel=deal.channel,
            campaign=deal.campaign,
            segment=deal.segment,
            region=deal.region,
            amount=self.rates.convert(number_of(amount), deal.raw["currency"], day),
            probability=Decimal(STAGES[stage]["probability"]) if stage else None,
            expected=expected,
            is_stale=expected is not None and expected < day,
        )


def is_test(row: Row) -> bool:
    return row["is_test"] is True or text_of(row["email"]).lower().rpartition("@")[2] in OWN_DOMAINS


def outcome_today(row: Row) -> tuple[str, str | None]:
    """Return the outcome and the kind of loss; what closes after the as-of date is still open."""
    outcome = outcome_of(text_of(row["stage"]))
    closed = day_of(row["closed_at"])
    if outcome == "open" or (closed and closed > AS_OF):
        return "open", None
    reason = LOST_REASONS.get(text_of(row["lost_reason"]).lower())
    loss = reason["loss_kind"] if reason and outcome == "lost" else None
    return ("invalid" if loss == "invalid" else outcome), loss


def customer_of(row: Row, person: Person | None) -> str:
    if row["account_id"]:
        return f"account {row['account_id']}"
    return f"person {person.person_id}" if person else f"deal {row['deal_id']}"


def account_segment(account: Row) -> str | None:
    return text_of(account.get("segment")) or segment_of(account.get("employee_count"))


def account_region(account: Row) -> str | None:
    return text_of(account.get("region")) or region_of(account.get("country"))


def mark_first_wins(deals: list[Deal]) -> None:
    known: set[str] = set()
    for deal in sorted(deals, key=lambda deal: (str(deal.closed_at), deal.deal_id)):
        if deal.outcome == "won":
            deal.is_first_win = deal.customer_id not in known
            known.add(deal.customer_id)


# -----------------------------------------------------------------------------------------------------------
# The history of deals


def read_changes() -> dict[str, list[Row]]:
    """Return the changes of each deal in order, as far as they were recorded by the as-of date."""
    changes: dict[str, list[Row]] = defaultdict(list)
    for row in read_entity("deal_changes"):
        if past_day(row["changed_at"]) and past_day(row["recorded_at"] or row["changed_at"]):
            changes[text_of(row["deal_id"])].append(row)
    for rows in changes.values():
        rows.sort(key=lambda row: str(row["changed_at"]))
    return changes


def is_by(change: Row, day: date) -> bool:
    changed = day_of(change["changed_at"])
    return changed is not None and changed <= day


def value_on(column: str, deal: Deal, changes: list[Row], day: date) -> Cell:
    """Return the newest value by the end of the day; before the first, the first; with none, the deal's own.

    On the as-of date itself the deals file says what is true.
    """
    if day >= AS_OF:
        return deal.raw[column]
    values = [change for change in changes if change[column] is not None]
    past = [change for change in values if is_by(change, day)]
    if not values:
        return deal.raw[column]
    return (past[-1] if past else values[0])[column]


def was_closed_for_a_while(changes: list[Row], day: date) -> bool:
    """Say whether the deal was closed on the day and opened again later."""
    staged = [change for change in changes if change["stage"]]
    past = [change for change in staged if is_by(change, day)]
    later = staged[len(past) :]
    is_closed = bool(past) and outcome_of(text_of(past[-1]["stage"])) != "open"
    return is_closed and any(outcome_of(text_of(change["stage"])) == "open" for change in later)


def stage_on(deal: Deal, changes: list[Row], day: date) -> str | None:
    """Return the open stage on the day, None where nothing tells it."""
    stages = [change for change in changes if outcome_of(text_of(change["stage"]) or "closed won") == "open"]
    now = deal.stage if outcome_of(deal.stage) == "open" else None
    if not stages or (day >= AS_OF and now):
        return now
    past = [change for change in stages if is_by(change, day)]
    return text_of((past[-1] if past else stages[0])["stage"]).lower()


# -----------------------------------------------------------------------------------------------------------
# The KPIs


@dataclass(frozen=True)
class Period:
    grain: str
    start: date
    end: date

    def has(self, day: date | None) -> bool:
        return day is not None and self.start <= day < self.end

    @property
    def last_day(self) -> date:
        return min(self.end - timedelta(days=1), AS_OF)

    def earlier(self, months: int) -> "Period":
        return Period(self.grain, months_before(self.start, months), months_before(self.end, months))


@dataclass(frozen=True)
class Result:
    """What a KPI is made of; n counts the records behind it, of a quotient those of the denominator."""

    numerator: Decimal | None
    denominator: Decimal | None
    n: int
    is_quotient: bool = True

    @property
    def value(self) -> Decimal | None:
        """Return the numerator of a count or a sum, else the quotient: None with nothing to divide by."""
        if not self.is_quotient:
            return self.numerator
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None


def months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


@dataclass
class Scope:
    """The facts of one slice member, and the period that is asked for."""

    people: list[Person]
    deals: list[Deal]
    spend: list[Spend]
    snapshots: list[Snapshot]
    period: Period

    def created(self) -> list[Person]:
        return [person for person in self.people if self.period.has(person.created)]

    def qualified(self) -> list[Person]:
        return [person for person in self.people if self.period.has(person.qualified)]

    def recorded(self) -> list[Person]:
        return [person for person in self.people if self.period.has(person.recorded)]

    def open_people(self) -> list[Person]:
        return [person for person in self.people if person.is_open_on(self.period.last_day)]

    def closed(self, *outcomes: str) -> list[Deal]:
        return [d for d in self.deals if d.outcome in outcomes and self.period.has(d.closed)]

    def won(self) -> list[Deal]:
        return self.closed("won")

    def first_wins(self) -> list[Deal]:
        return [deal for deal in self.won() if deal.is_first_win]

    def opened(self) -> list[Deal]:
        return [deal for deal in self.deals if deal.is_valid and self.period.has(deal.created)]

    def spent(self, *cost_types: str, lag: int = 0) -> list[Spend]:
        when = self.period.earlier(lag)
        return [line for line in self.spend if line.cost_type in cost_types and when.has(line.day)]

    def generating(self) -> list[Spend]:
        return self.spent("lead_generation")


def amounts(facts: Iterable[Deal | Spend | Snapshot]) -> list[Decimal]:
    return [fact.amount for fact in facts if fact.amount is not None]


def total(facts: Iterable[Deal | Spend | Snapshot]) -> Decimal:
    return sum(amounts(facts), Decimal())


def known(deals: Iterable[Deal]) -> list[Deal]:
    return [deal for deal in deals if deal.amount is not None]


def count(facts: list[Person] | list[Deal]) -> Result:
    return Result(Decimal(len(facts)), None, len(facts), is_quotient=False)


def rate(part: int, whole: int) -> Result:
    return Result(Decimal(part), Decimal(whole), whole)


def cost(spend: list[Spend], customers: list[Person] | list[Deal]) -> Result:
    return Result(total(spend), Decimal(len(customers)), len(customers))


def stock(values: list[Decimal]) -> Result:
    return Result(sum(values, Decimal()), None, len(values), is_quotient=False)


def high_potential_leads(scope: Scope) -> Result:
    return count([p for p in scope.open_people() if p.score is not None and p.score >= HIGH_POTENTIAL_SCORE])


def pipeline_value_leads(scope: Scope) -> Result:
    potentials = (person.potential for person in scope.open_people())
    return stock([potential for potential in potentials if potential is not None])


def weighted_pipeline(scope: Scope) -> Result:
    return stock([s.weighted for s in scope.snapshots if s.weighted is not None])


def qualified_lead_share(scope: Scope) -> Result:
    return rate(sum(p.qualified is not None for p in scope.created()), len(scope.created()))


def qualified_lead_share_strict(scope: Scope) -> Result:
    return rate(sum(p.recorded is not None for p in scope.created()), len(scope.created()))


def lead_win_rate(scope: Scope) -> Result:
    return rate(len(customers_of(scope.qualified())), len(scope.qualified()))


def lead_win_rate_strict(scope: Scope) -> Result:
    return rate(len(customers_of(scope.recorded())), len(scope.recorded()))


def customers_of(people: list[Person]) -> list[Person]:
    return [person for person in people if person.customer_since]


def deal_win_rate(scope: Scope) -> Result:
    return rate(len(scope.won()), len(scope.closed("won", "lost")))


def deal_win_rate_narrow(scope: Scope) -> Result:
    decided = [deal for deal in scope.closed("won", "lost") if not deal.is_no_decision]
    return rate(len(scope.won()), len(decided))


def deal_win_rate_broad(scope: Scope) -> Result:
    return rate(len(scope.won()), len(scope.closed("won", "lost", "invalid")))


def deal_win_rate_value(scope: Scope) -> Result:
    decided = scope.closed("won", "lost")
    return Result(total(scope.won()), total(decided), len(known(decided)))


def close_rate(scope: Scope) -> Result:
    return rate(sum(deal.outcome == "won" for deal in scope.opened()), len(scope.opened()))


def close_rate_resolved(scope: Scope) -> Result:
    resolved = [deal for deal in scope.opened() if deal.outcome != "open"]
    return rate(sum(deal.outcome == "won" for deal in resolved), len(resolved))


def win_loss_ratio(scope: Scope) -> Result:
    return rate(len(scope.won()), len(scope.closed("lost")))


def average_deal_size(scope: Scope) -> Result:
    deals = known(scope.won())
    return Result(total(deals), Decimal(len(deals)), len(deals))


def average_deal_size_per_account(scope: Scope) -> Result:
    deals = known(scope.won())
    accounts = len({deal.customer_id for deal in deals})
    return Result(total(deals), Decimal(accounts), len(deals))


def cac(scope: Scope) -> Result:
    return cost(scope.generating(), scope.won())


def cac_paid(scope: Scope) -> Result:
    spend = [line for line in scope.generating() if line.channel in PAID]
    return cost(spend, [deal for deal in scope.first_wins() if deal.channel in PAID])


def cac_to_deal_size(scope: Scope) -> Result:
    """Return CAC over average deal size; the deals behind it are those of the deal size."""
    size = average_deal_size(scope)
    return Result(cac(scope).value, size.value, size.n)


def sales_roi(scope: Scope) -> Result:
    spend = total(scope.generating())
    return Result(total(scope.won()) - spend, spend, len(scope.generating()))


KPIS: dict[str, Callable[[Scope], Result]] = {
    "leads_created": lambda scope: count(scope.created()),
    "qualified_leads": lambda scope: count(scope.qualified()),
    "qualified_leads_strict": lambda scope: count(scope.recorded()),
    "high_potential_leads": high_potential_leads,
    "won_deals": lambda scope: count(scope.won()),
    "won_revenue": lambda scope: stock(amounts(scope.won())),
    "won_revenue_from_leads": lambda scope: stock(amounts(deal for deal in scope.won() if deal.person_id)),
    "new_customers": lambda scope: count(scope.first_wins()),
    "qualified_lead_share": qualified_lead_share,
    "qualified_lead_share_strict": qualified_lead_share_strict,
    "lead_win_rate": lead_win_rate,
    "sql_to_customer_rate": lead_win_rate,
    "lead_win_rate_strict": lead_win_rate_strict,
    "deal_win_rate": deal_win_rate,
    "deal_win_rate_narrow": deal_win_rate_narrow,
    "deal_win_rate_broad": deal_win_rate_broad,
    "deal_win_rate_value": deal_win_rate_value,
    "close_rate": close_rate,
    "close_rate_resolved": close_rate_resolved,
    "win_loss_ratio": win_loss_ratio,
    "average_deal_size": average_deal_size,
    "average_deal_size_per_account": average_deal_size_per_account,
    "pipeline_value": lambda scope: stock(amounts(scope.snapshots)),
    "pipeline_value_stale": lambda scope: stock(amounts(s for s in scope.snapshots if s.is_stale)),
    "weighted_pipeline": weighted_pipeline,
    "pipeline_value_leads": pipeline_value_leads,
    "cac": cac,
    "cac_per_customer": lambda scope: cost(scope.generating(), scope.first_wins()),
    "cac_fully_loaded": lambda scope: cost(scope.spent("lead_generation", "sales"), scope.first_wins()),
    "cac_paid": cac_paid,
    "cac_lagged": lambda scope: cost(scope.spent("lead_generation", lag=LAG_MONTHS), scope.won()),
    "cac_cohort": lambda scope: cost(scope.generating(), customers_of(scope.created())),
    "cac_to_deal_size": cac_to_deal_size,
    "sales_roi": sales_roi,
}
# Spend knows neither rep nor segment nor region.
COST_KPIS = {kpi for kpi in KPIS if kpi.startswith("cac")} | {"sales_roi"}


# -----------------------------------------------------------------------------------------------------------
# The golden cells

QUARTER = Period("quarter", date(2025, 4, 1), date(2025, 7, 1))
MONTH = Period("month", date(2024, 11, 1), date(2024, 12, 1))
YEAR = Period("year", date(2024, 1, 1), date(2025, 1, 1))
WHOLE = ("all", "all")
COST_SLICES = [("channel", "paid_search"), ("campaign", NONE)]
SLICES = [("rep", "Noor Linden"), *COST_SLICES, ("segment", "SMB"), ("region", "Europe")]
UNALLOCATED = ("channel", "unallocated")
# The as-of date itself, with wins yet to come; and a month on whose last day a later lead was decided.
STOCKS = ["pipeline_value", "pipeline_value_stale", "weighted_pipeline"]
BALANCES = ["high_potential_leads", "pipeline_value_leads"]
TO_DATE = Period("year", date(2025, 1, 1), date(2026, 1, 1))
APRIL = Period("month", date(2024, 4, 1), date(2024, 5, 1))
EXTRA = {kpi: [TO_DATE] for kpi in STOCKS} | {kpi: [TO_DATE, APRIL] for kpi in BALANCES}

COLUMNS = [
    "kpi", "period_grain", "period_start", "slice", "slice_value", "numerator", "denominator", "value", "n",
]  # fmt: skip


def cells(kpi: str) -> list[tuple[Period, tuple[str, str]]]:
    """Return the cells worked out for a KPI: period and slice."""
    members = COST_SLICES if kpi in COST_KPIS else SLICES
    if kpi in COST_KPIS - {"cac_paid"}:
        members = [*members, UNALLOCATED]
    periods = [QUARTER, MONTH, YEAR, *EXTRA.get(kpi, [])]
    return [*((period, WHOLE) for period in periods), *((QUARTER, cut) for cut in members)]


def scope_of(data: Data, period: Period, cut: tuple[str, str]) -> Scope:
    return Scope(
        people=[person for person in data.people.values() if person.is_in(*cut)],
        deals=[deal for deal in data.deals if deal.is_in(*cut)],
        spend=[line for line in data.spend if line.is_in(*cut)],
        snapshots=[snapshot for snapshot in data.snapshots(period.last_day) if snapshot.is_in(*cut)],
        period=period,
    )


def golden_row(kpi: str, scope: Scope, cut: tuple[str, str]) -> list[str]:
    result = KPIS[kpi](scope)
    figures = [result.numerator, result.denominator, result.value]
    where = [scope.period.grain, str(scope.period.start), *cut]
    return [
        kpi,
        *where,
        *("" if figure is None else f"{cents(figure):f}" for figure in figures),
        str(result.n),
    ]


def golden_text() -> str:
    """Return the golden numbers as the text of a CSV file."""
    data = Data()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for kpi in KPIS:
        writer.writerows(golden_row(kpi, scope_of(data, period, cut), cut) for period, cut in cells(kpi))
    return out.getvalue()


def print_or_write(text: str, path: Path) -> None:
    """What every golden module does when it is run: print its numbers, or with --write keep them."""
    if "--write" in sys.argv[1:]:
        path.write_text(text, encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    print_or_write(golden_text(), GOLDEN)
