"""Write the raw data of a small invented company to seeds/demo, one CSV for each raw entity.

Every cell is text, as a CRM would export it, and many are dirty on purpose: docs/demo.md lists the dirt, and
tests/python/test_make_demo.py counts it. The same code writes the same bytes: chance comes from seeded
streams, one for each entity, and "now" is the constant LOADED_AT.
"""

import csv
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import typer
import yaml

Row = dict[str, str]
T = TypeVar("T")

PROJECT = Path(__file__).resolve().parent.parent
DESCRIBED = PROJECT / "models" / "_raw_entities.yml"
SEED = "pipeline-kpis demo 1"
FIRST_DAY = date(2023, 1, 1)
LAST_DAY = date(2025, 12, 31)
END = datetime(2025, 12, 31, 22, 0)
LOADED_AT = "2025-12-31T23:30:00Z"
EARLIER_LOAD = "2025-12-30T23:30:00Z"
YEARS = range(FIRST_DAY.year, LAST_DAY.year + 1)

FIRST_YEAR_LEADS = 430
YEARLY_GROWTH = 1.25
SEASON = [1.0, 1.0, 1.05, 1.0, 1.0, 0.95, 0.9, 0.6, 1.05, 1.2, 1.2, 1.05]

OPEN_STAGES = ["Discovery", "Proposal", "Negotiation"]
WON, LOST, INVALID = "Closed Won", "Closed Lost", "Closed Invalid"

USD_RATES = {"USD": 1.0, "EUR": 1.08, "GBP": 1.27, "JPY": 0.0068}

# Each channel's usual spelling first, then the others that people type. The weight is its share of the leads,
# the bonus what it adds to their quality.
CHANNELS: dict[str, list[str]] = {
    "paid_search": ["Paid Search", "paid_search", "PAID_SEARCH", "google ads", "PPC", " paid search "],
    "paid_social": ["Paid Social", "paid_social", "PAID SOCIAL"],
    "organic_search": ["Organic Search", "organic_search", "SEO"],
    "referral": ["Referral", "referral", "REFERRAL "],
    "outbound": ["Outbound", "outbound"],
    "events": ["Events", "event", "EVENTS"],
    "email": ["Email", "e-mail", "E-Mail"],
    "partner": ["Partner", "partner", " partner"],
}
CHANNEL_WEIGHTS = [24, 14, 22, 12, 10, 8, 5, 5]
CHANNEL_BONUS = {"referral": 0.12, "partner": 0.10, "events": 0.04, "paid_social": -0.08, "email": -0.05}
INBOUND_CHANNELS = {"paid_search", "paid_social", "organic_search", "referral", "events", "partner"}
SOURCES = {
    "paid_search": ["web form", "search ad", "demo request"],
    "paid_social": ["social ad", "web form"],
    "organic_search": ["web form", "blog", "demo request"],
    "referral": ["customer referral", "friend of the house"],
    "outbound": ["prospecting software", "Prospecting Software", "cold list"],
    "events": ["badge scan", "booth talk"],
    "email": ["newsletter"],
    "partner": ["partner portal"],
}


class Country(NamedTuple):
    """A country: how people spell it, where it belongs, and its share of the leads in percent."""

    spellings: list[str]
    region: str
    team: str
    currency: str
    share: int


COUNTRIES: dict[str, Country] = {
    "United States": Country(["United States", "USA", "US"], "North America", "Americas", "USD", 30),
    "Canada": Country(["Canada", "CANADA"], "North America", "Americas", "USD", 8),
    "Brazil": Country(["Brazil", " brazil"], "Latin America", "Americas", "USD", 6),
    "Germany": Country(["Germany", "Deutschland", "germany"], "Europe", "Europe", "EUR", 13),
    "France": Country(["France", "FRANCE "], "Europe", "Europe", "EUR", 9),
    "United Kingdom": Country(["United Kingdom", "UK", "united kingdom"], "Europe", "Europe", "GBP", 12),
    "Japan": Country(["Japan", "JAPAN"], "Asia Pacific", "Pacific", "JPY", 7),
    "Australia": Country(["Australia", "australia"], "Asia Pacific", "Pacific", "USD", 6),
    "India": Country(["India"], "Asia Pacific", "Pacific", "USD", 5),
    "Singapore": Country(["Singapore", "SINGAPORE"], "Asia Pacific", "Pacific", "USD", 4),
}
INDUSTRIES = ["Software", "Retail", "Logistics", "Health", "Finance", "Energy", "Education", "Media"]
ONE_OFF_PRICES = {"setup": (800, 5000, 1500), "training": (300, 2400, 800)}  # least, most, usual; dollars
LOST_REASONS = ["competitor", "price", "no_decision", "timing", "missing_feature", ""]
LOST_REASON_WEIGHTS = [26, 20, 20, 12, 13, 9]
DISQUALIFIED_REASONS = ["not a fit", "no budget", "student", "no reply", "competitor"]

FIRST_WORDS = [
    "Amber", "Ashen", "Blue", "Bright", "Calm", "Cedar", "Clear", "Copper", "Coral", "Crisp", "Dune",
    "Ember", "Fern", "Frost", "Golden", "Green", "Hazel", "Indigo", "Ivory", "Jade", "Linden", "Lunar",
    "Maple", "Meadow", "Misty", "Nimbus", "Olive", "Onyx", "Pearl", "Pine", "Quartz", "Rapid", "River",
    "Rowan", "Saffron", "Silver",
]  # fmt: skip
SECOND_WORDS = [
    "Anchor", "Arch", "Barn", "Basin", "Bay", "Bridge", "Brook", "Canyon", "Cliff", "Cove", "Creek", "Dale",
    "Field", "Forge", "Gate", "Glen", "Grove", "Harbour", "Hill", "Island", "Lake", "Lane", "Mill", "Moor",
    "Orchard", "Peak", "Point", "Quarry", "Ridge", "Shore", "Spring", "Summit", "Terrace", "Valley",
    "Wharf",
]  # fmt: skip
LEGAL_FORMS = {"Germany": "GmbH", "France": "SA", "Japan": "KK", "Brazil": "Ltda", "United Kingdom": "Ltd"}
ROLES = ["ops", "it", "finance", "buyer", "office", "data", "team", "sales", "hr", "lead"]
HOSTILE_NAMES = [
    "<script>alert('company')</script>",
    "=1+1 Holdings",
    "\u05e9\u05dc\u05d5\u05dd \u05d5\u05d1\u05e0\u05d9\u05d5",
    "\N{ROCKET} Rocket Yard",
    ("Endless Name " * 16)[:200],
    'Oak, "Elm" & Ash',
    "Two\nLines Ltd",
]


class Campaign(NamedTuple):
    """A campaign; its lift is the number of leads that come on top in the six weeks from its launch."""

    launched_on: date
    ended_on: date | None
    channel: str
    lift: int


CAMPAIGNS: dict[str, Campaign] = {
    "Always-on Search": Campaign(date(2023, 1, 2), None, "paid_search", 0),
    "Social Stories": Campaign(date(2023, 2, 1), None, "paid_social", 0),
    "Monthly Letter": Campaign(date(2023, 1, 10), None, "email", 0),
    "Partner Days 2023": Campaign(date(2023, 10, 2), date(2023, 10, 20), "events", 8),
    "Spring Launch 2024": Campaign(date(2024, 4, 8), date(2024, 5, 31), "paid_search", 45),
    "Autumn Launch 2025": Campaign(date(2025, 9, 15), date(2025, 10, 31), "paid_social", 60),
}
USUAL_CAMPAIGN = {
    "paid_search": "Always-on Search",
    "paid_social": "Social Stories",
    "email": "Monthly Letter",
}


@dataclass(frozen=True)
class Rep:
    """A sales rep, with habits: share of the team's leads, luck, hours to answer, touches for each lead."""

    rep_id: str
    name: str
    team: str
    manager_id: str
    time_zone: str
    utc_offset: int
    active_from: date
    active_to: date | None
    share: float
    win_factor: float
    answer_hours: tuple[float, float, float]
    touches: tuple[int, int]


STEADY_ANSWER = (0.1, 26.0, 1.0)
NEVER_LOSES, LEAVER, COLLEAGUE = "R5", "R3", "R1"
REPS = [
    Rep("R1", "Robin Vale", "Americas", "", "America/New_York", -5,
        date(2022, 3, 1), None, 30, 1.15, STEADY_ANSWER, (0, 3)),
    Rep("R2", "Kim Arden", "Americas", "R1", "America/Chicago", -6,
        date(2022, 5, 16), None, 52, 0.5, (0.05, 8.0, 0.3), (0, 2)),
    Rep("R3", "Sasha Holt", "Americas", "R1", "America/New_York", -5,
        date(2022, 9, 1), date(2024, 6, 30), 24, 1.0, STEADY_ANSWER, (0, 3)),
    Rep("R4", "Noor Linden", "Europe", "", "Europe/Berlin", 1,
        date(2022, 3, 1), None, 48, 1.2, STEADY_ANSWER, (0, 3)),
    Rep("R5", "Alex Moor", "Europe", "R4", "Europe/London", 0,
        date(2023, 1, 1), None, 10, 1.0, (0.5, 20.0, 4.0), (1, 3)),
    Rep("R6", "Toni Frey", "Europe", "R4", "Europe/Paris", 1,
        date(2022, 11, 1), None, 42, 0.95, (30.0, 190.0, 70.0), (0, 2)),
    Rep("R7", "Jun Asano", "Pacific", "", "Asia/Tokyo", 9,
        date(2022, 3, 1), None, 60, 1.0, STEADY_ANSWER, (4, 8)),
    Rep("R8", "Sam Birch", "Pacific", "R7", "Asia/Singapore", 8,
        date(2025, 9, 15), None, 40, 1.1, STEADY_ANSWER, (0, 3)),
]  # fmt: skip
REP_BY_ID = {rep.rep_id: rep for rep in REPS}


@dataclass(eq=False)
class Company:
    """A company that may become an account."""

    name: str
    domain: str
    country: str
    industry: str
    employees: int
    contacts: int = 0
    account_id: str = ""

    @property
    def currency(self) -> str:
        """The currency that the company pays in."""
        return COUNTRIES[self.country].currency


@dataclass(eq=False)
class Lead:
    """A lead as it really went; `cells` are the cells that were written down otherwise."""

    created_at: datetime
    company: Company
    email: str
    channel: str
    campaign: str
    quality: float
    owner_id: str
    lead_id: str = ""
    qualified_at: datetime | None = None
    disqualified_at: datetime | None = None
    converted_at: datetime | None = None
    first_lead: "Lead | None" = None
    is_test: bool = False
    cells: Row = field(default_factory=dict)


@dataclass(eq=False)
class Change:
    """One line of a deal's history: what changed, and nothing else."""

    at: datetime
    stage: str = ""
    amount: int | None = None
    expected_close: date | None = None
    owner_id: str = ""
    recorded_after: timedelta = timedelta(0)


@dataclass(eq=False)
class Deal:
    """A deal as it stands in the end, and how it got there; `cells` are what was written down otherwise."""

    created_at: datetime
    company: Company
    lead: Lead | None
    owner_id: str
    amount: int | None
    expected_close: date
    stage: str = OPEN_STAGES[0]
    closed_at: datetime | None = None
    pipeline: str = "New Business"
    deal_id: str = ""
    history: list[Change] = field(default_factory=list)
    cells: Row = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether the deal is still open."""
        return self.stage in OPEN_STAGES


@dataclass(eq=False)
class Subscription:
    """A subscription at its price per month."""

    company: Company
    started_on: date
    ended_on: date | None
    monthly: int
    billing_period: str
    status: str = "active"
    subscription_id: str = ""

    @property
    def amount(self) -> int:
        """The price of one billing period; a year costs ten months."""
        return self.monthly * 10 if self.billing_period == "year" else self.monthly


class Payment(NamedTuple):
    """A payment of a company, in its currency; a refund is negative."""

    at: datetime
    company: Company
    amount: int


# -----------------------------------------------------------------------------------------------------------
# Chance and text


def stream(name: str) -> random.Random:
    """A source of chance of its own for one entity, so that a change in one leaves the others alone."""
    return random.Random(f"{SEED} {name}")


def take(rng: random.Random, pool: list[T], count: int, wanted: Callable[[T], bool]) -> list[T]:
    """Take so many out of the pool, at random: what is taken gets one kind of dirt, and no second one."""
    taken = rng.sample([one for one in pool if wanted(one)], count)
    for one in taken:
        pool.remove(one)
    return taken


def days(rng: random.Random, low: float, high: float, mode: float) -> timedelta:
    """Some days, most likely about `mode`; whole seconds."""
    return timedelta(seconds=int(rng.triangular(low, high, mode) * 86400))


def at_work(rng: random.Random, day: date, utc_offset: int = 0) -> datetime:
    """A moment in the working hours of that day, in UTC."""
    local = datetime.combine(day, time(8)) + timedelta(seconds=rng.randrange(10 * 3600))
    return max(local - timedelta(hours=utc_offset), datetime.combine(FIRST_DAY, time(6)))


def stamp(rng: random.Random, at: datetime | None, day_is_enough: bool = False) -> str:
    """A UTC time in one of the forms that exports mix."""
    if at is None:
        return ""
    form = rng.random()
    if day_is_enough and form < 0.05:
        return at.date().isoformat()
    if form < 0.15:
        return f"{at + timedelta(hours=1):%Y-%m-%d %H:%M:%S}+01:00"
    if form < 0.40:
        return f"{at:%Y-%m-%d %H:%M:%S}"
    return utc(at)


def utc(at: datetime) -> str:
    """A UTC time in its usual form."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def iso(day: date | None) -> str:
    """A day, or nothing."""
    return day.isoformat() if day else ""


def number(amount: int | None) -> str:
    """A number, or nothing."""
    return "" if amount is None else str(amount)


def spelled(rng: random.Random, spellings: Sequence[str]) -> str:
    """A word as people type it: mostly in its usual spelling, which comes first."""
    return spellings[0] if rng.random() < 0.7 else rng.choice(spellings)


def sometimes_blank(rng: random.Random, text: str, share: float) -> str:
    """The text, or nothing in that share of the cases."""
    return "" if rng.random() < share else text


def truth(rng: random.Random, value: bool) -> str:
    """A boolean as exports write it."""
    usual, *others = ("true", "TRUE", "yes", "1") if value else ("false", "False", "no", "0", "")
    return usual if rng.random() < 0.85 else rng.choice(others)


def in_currency(dollars: float, currency: str) -> int:
    """About so many dollars as a round sum of that currency."""
    step = 10_000 if currency == "JPY" else 50
    return max(step, int(dollars / USD_RATES[currency] / step) * step)


def month_starts(first: date, last: date) -> list[date]:
    """The first day of every month from one day to another."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def add_months(day: date, count: int) -> date:
    """The same day so many months on, at most the 28th."""
    month = day.year * 12 + day.month - 1 + count
    return date(month // 12, month % 12 + 1, min(day.day, 28))


def with_ids(rows: Sequence[T], prefix: str, attribute: str, width: int = 4) -> None:
    """Number the rows in their order."""
    for position, row in enumerate(rows, start=1):
        setattr(row, attribute, f"{prefix}{position:0{width}}")


def scattered(rng: random.Random, rows: list[Row], others: Iterable[Row]) -> list[Row]:
    """The rows with the others somewhere among them."""
    for other in others:
        rows.insert(rng.randrange(len(rows) + 1), other)
    return rows


# -----------------------------------------------------------------------------------------------------------
# Companies and leads


def new_company(rng: random.Random, position: int) -> Company:
    """An invented company; its domain is in the reserved .example."""
    country = rng.choices(list(COUNTRIES), [facts.share for facts in COUNTRIES.values()])[0]
    first, second = rng.choice(FIRST_WORDS), rng.choice(SECOND_WORDS)
    low, high = rng.choices([(1, 99), (100, 999), (1000, 5000)], [60, 30, 10])[0]
    return Company(
        name=f"{first} {second} {LEGAL_FORMS.get(country, 'Inc')}",
        domain=f"{first}-{position}.example".lower(),
        country=country,
        industry=rng.choice(INDUSTRIES),
        employees=rng.randint(low, high),
    )


def next_email(company: Company) -> str:
    """The e-mail address of the company's next contact."""
    company.contacts += 1
    role = ROLES[(company.contacts - 1) % len(ROLES)]
    return f"{role}{company.contacts}@{company.domain}"


def owner_of(rng: random.Random, country: str, day: date) -> str:
    """A rep of the country's team who works on that day."""
    team = COUNTRIES[country].team
    active = [
        rep
        for rep in REPS
        if rep.team == team and rep.active_from <= day and (rep.active_to is None or day <= rep.active_to)
    ]
    return rng.choices(active, [rep.share for rep in active])[0].rep_id


def rep_at(owner_id: str, at: datetime) -> str:
    """Who works on what belongs to the owner: a colleague, once the owner has left."""
    left_on = REP_BY_ID[owner_id].active_to
    return COLLEAGUE if left_on and at.date() > left_on else owner_id


def working_day(rng: random.Random, first: date, count: int) -> date:
    """One of so many days, seldom on a weekend."""
    day = first + timedelta(days=rng.randrange(count))
    if day.weekday() >= 5 and rng.random() < 0.7:
        day = first + timedelta(days=rng.randrange(count))
    return day


def arrivals(rng: random.Random) -> list[tuple[date, str, str]]:
    """The day, channel and campaign of every lead: growth, seasons, and the campaigns' lift."""
    found = []
    for month in month_starts(FIRST_DAY, LAST_DAY):
        expected = FIRST_YEAR_LEADS * YEARLY_GROWTH ** (month.year - FIRST_DAY.year)
        length = (add_months(month, 1) - month).days
        for _ in range(round(expected * SEASON[month.month - 1] / sum(SEASON))):
            channel = rng.choices(list(CHANNELS), CHANNEL_WEIGHTS)[0]
            day = working_day(rng, month, length)
            campaign = USUAL_CAMPAIGN.get(channel, "")
            is_launched = campaign and CAMPAIGNS[campaign].launched_on <= day
            found.append((day, channel, campaign if is_launched and rng.random() < 0.8 else ""))
    for campaign, (launch, _, channel, lift) in CAMPAIGNS.items():
        for _ in range(lift):
            found.append((launch + timedelta(days=int(rng.triangular(0, 42, 6))), channel, campaign))
    return found


def new_lead(rng: random.Random, company: Company, day: date, channel: str, campaign: str) -> Lead:
    """A lead whose quality says how far it gets."""
    quality = rng.triangular(0, 1, 0.45) + CHANNEL_BONUS.get(channel, 0.0)
    team = COUNTRIES[company.country].team
    created_at = at_work(rng, day, next(rep.utc_offset for rep in REPS if rep.team == team))
    return Lead(
        created_at=min(created_at, END - timedelta(hours=1)),
        company=company,
        email=next_email(company),
        channel=channel,
        campaign=campaign,
        quality=min(max(quality, 0.0), 1.0),
        owner_id=owner_of(rng, company.country, day),
    )


def qualify(rng: random.Random, lead: Lead) -> None:
    """Let the lead qualify, convert, be turned away or wait."""
    if rng.random() < 0.10 + 0.75 * lead.quality:
        qualified_at = lead.created_at + days(rng, 0.01, 21, 1.5)
        if qualified_at < END:
            lead.qualified_at = qualified_at
        converted_at = qualified_at + days(rng, 0.1, 25, 4)
        if converted_at < END and rng.random() < 0.69:
            lead.converted_at = converted_at
    elif rng.random() < 0.4:
        disqualified_at = lead.created_at + days(rng, 0.1, 30, 5)
        if disqualified_at < END:
            lead.disqualified_at = disqualified_at


def make_leads() -> list[Lead]:
    """All leads: the usual ones, people who came twice, and our own tests."""
    rng = stream("leads")
    companies: list[Company] = []
    leads = []
    for day, channel, campaign in arrivals(rng):
        if companies and rng.random() < 0.12:
            company = rng.choice(companies)
        else:
            company = new_company(rng, len(companies) + 1)
            companies.append(company)
        leads.append(new_lead(rng, company, day, channel, campaign))
        qualify(rng, leads[-1])
    for company, name in zip(rng.sample(companies, len(HOSTILE_NAMES)), HOSTILE_NAMES, strict=True):
        company.name = name
    for company, employees in zip(rng.sample(companies, 6), [1, 99, 100, 999, 1000, 5000], strict=True):
        company.employees = employees
    leads += second_leads(rng, leads) + own_tests(rng)
    leads.sort(key=lambda lead: lead.created_at)
    with_ids(leads, "L", "lead_id")
    soil_leads(rng, leads)
    return leads


def second_leads(rng: random.Random, leads: list[Lead]) -> list[Lead]:
    """People who came again under the same e-mail address, typed otherwise; some of them become deals."""
    seconds = []
    for position, first in enumerate(rng.sample([lead for lead in leads if lead.created_at.year < 2025], 44)):
        channel = rng.choice(list(CHANNELS))
        second = new_lead(rng, first.company, first.created_at.date(), channel, "")
        second.created_at = first.created_at + (days(rng, 1, 200, 30) if position >= 2 else timedelta(0))
        second.owner_id = owner_of(rng, first.company.country, second.created_at.date())
        second.first_lead = first
        typed = [first.email.upper(), f" {first.email} ", first.email.title(), first.email]
        second.email = typed[position % len(typed)]
        if position % 3 == 0:
            second.qualified_at = second.created_at + days(rng, 0.1, 12, 2)
            second.converted_at = second.qualified_at + days(rng, 0.1, 12, 3)
        seconds.append(second)
    return seconds


def own_tests(rng: random.Random) -> list[Lead]:
    """Leads that our own people typed in: flagged as tests, or known by their e-mail address."""
    own = Company("Our Co", "own.example", "United States", "Software", 60)
    tests = []
    for position in range(10):
        lead = new_lead(rng, own, working_day(rng, FIRST_DAY, 1090), "organic_search", "")
        lead.is_test = position < 6
        lead.qualified_at = lead.created_at + timedelta(minutes=20)
        if position < 3:
            lead.email = f"test{position}@try-out.example"
        tests.append(lead)
    return tests


MONTH_EDGES = [
    "2023-01-31T23:59:59Z",
    "2023-07-01 00:00:00",
    "2024-02-29T23:30:00Z",
    "2024-03-31T23:30:00Z",
    "2024-04-01 00:30:00+01:00",
    "2024-04-01",
    "2024-06-30 23:45:00",
    "2024-12-31T23:59:59Z",
    "2025-01-01T00:00:00Z",
    "2025-03-31 23:30:00",
    "2025-10-01 00:15:00+01:00",
    "2025-11-30T23:59:00Z",
]


def soil_leads(rng: random.Random, leads: list[Lead]) -> None:
    """Make some leads' stories odd, each lead's in one way."""
    firsts = {id(lead.first_lead) for lead in leads}
    pool = [lead for lead in leads if lead.first_lead is None and id(lead) not in firsts and not lead.is_test]
    pool = [lead for lead in pool if not lead.email.endswith("@own.example")]

    for lead in take(rng, pool, 38, lambda lead: True):
        lead.email = ""
    for lead in take(rng, pool, 14, lambda lead: lead.converted_at is not None):
        lead.qualified_at = None
    for lead in take(rng, pool, 3, lambda lead: is_before(lead.converted_at, datetime(2025, 11, 1))):
        assert lead.converted_at
        lead.qualified_at = lead.converted_at + days(rng, 3, 12, 5)
    waiting = take(
        rng,
        pool,
        34,
        lambda lead: is_before(lead.qualified_at, datetime(2025, 6, 1)) and lead.converted_at is None,
    )
    for lead in waiting[:18]:
        lead.qualified_at = lead.created_at + days(rng, 75, 160, 90)
    for lead in waiting[18:]:
        assert lead.qualified_at
        lead.disqualified_at = lead.qualified_at + days(rng, 2, 60, 10)
    for text in MONTH_EDGES:
        edge = datetime.fromisoformat(text[:10])
        take(rng, pool, 1, near_edge(edge))[0].cells["created_at"] = text


def at_stage(*stages: str) -> Callable[[Deal], bool]:
    """A test for deals that stand at one of these stages."""
    return lambda deal: deal.stage in stages


def is_before(at: datetime | None, limit: datetime) -> bool:
    """Whether it happened, before the limit."""
    return at is not None and at < limit


def near_edge(edge: datetime) -> Callable[[Lead], bool]:
    """A test for leads that came close to that day, and may be moved there without upsetting later dates."""

    def is_near(lead: Lead) -> bool:
        later = [at for at in (lead.qualified_at, lead.disqualified_at) if at]
        is_movable = not lead.campaign and all(at > edge + timedelta(days=2) for at in later)
        return is_movable and abs((lead.created_at - edge).days) < 25

    return is_near


def lead_status(lead: Lead) -> str:
    """What the CRM says of the lead."""
    if lead.converted_at:
        return "converted"
    if lead.disqualified_at:
        return "disqualified"
    return "qualified" if lead.qualified_at else "new"


def lead_row(rng: random.Random, lead: Lead) -> Row:
    """The lead as the CRM exports it."""
    company = lead.company
    score = round(100 * (0.75 * lead.quality + 0.25 * rng.random() - 0.12) / 0.76)
    potential = in_currency(dollars_of(rng, company), company.currency)
    row = {
        "lead_id": lead.lead_id,
        "created_at": stamp(rng, lead.created_at),
        "email": lead.email,
        "company_name": company.name,
        "source": sometimes_blank(rng, spelled(rng, SOURCES[lead.channel]), 0.02),
        "channel": sometimes_blank(rng, spelled(rng, CHANNELS[lead.channel]), 0.03),
        "campaign": lead.campaign,
        "owner_id": sometimes_blank(rng, lead.owner_id, 0.02),
        "lead_score": sometimes_blank(rng, str(min(max(score, 0), 100)), 0.06),
        "status": lead_status(lead),
        "qualified_at": stamp(rng, lead.qualified_at),
        "disqualified_at": stamp(rng, lead.disqualified_at),
        "disqualified_reason": rng.choice(DISQUALIFIED_REASONS) if lead.disqualified_at else "",
        "converted_at": stamp(rng, lead.converted_at),
        "estimated_value": sometimes_blank(rng, str(potential), 0.3),
        "currency": company.currency,
        "country": sometimes_blank(rng, spelled(rng, COUNTRIES[company.country].spellings), 0.02),
        "industry": sometimes_blank(rng, company.industry, 0.04),
        "employee_count": sometimes_blank(rng, str(company.employees), 0.08),
        "is_test": "true" if lead.is_test else truth(rng, False),
        "loaded_at": LOADED_AT,
    }
    return row | lead.cells


def lead_rows(leads: list[Lead]) -> list[Row]:
    """All leads, with the records that no one can use among them."""
    rng = stream("lead rows")
    rows = [lead_row(rng, lead) for lead in leads]
    usable = [row for row in rows if row["is_test"] != "true" and row["email"]]
    broken = [
        {"lead_id": "L8001", "created_at": "not yet"},
        {"lead_id": "L8002", "created_at": "2024-13-45"},
        {"lead_id": "L8003", "qualified_at": "soon"},
        {"lead_id": "L8004", "lead_score": "high"},
        {"lead_id": "L8005", "employee_count": "51-200"},
        {"lead_id": "L8006", "is_test": "maybe"},
        {"lead_id": "L8007", "created_at": ""},
        {"lead_id": "L8008", "created_at": ""},
        {"lead_id": "L8009", "created_at": " "},
        {"lead_id": ""},
        {"lead_id": ""},
    ]
    spoiled = [
        row | {"email": f"lost{position}@nobody-{position}.example"} | cells
        for position, (row, cells) in enumerate(zip(rng.sample(usable, len(broken)), broken, strict=True))
    ]
    copies = rng.sample([row for row in usable if row["qualified_at"] and not row["converted_at"]], 5)
    later = ["qualified_at", "disqualified_at", "disqualified_reason", "converted_at"]
    old = dict.fromkeys(later, "") | {"status": "new"}
    earlier = [row | old | {"loaded_at": EARLIER_LOAD} for row in copies[1:]]
    return scattered(rng, rows, [*spoiled, dict(copies[0]), *earlier])


# -----------------------------------------------------------------------------------------------------------
# Deals


def dollars_of(rng: random.Random, company: Company) -> float:
    """What such a company would pay in a year, in dollars."""
    if company.employees >= 1000:
        return rng.triangular(40_000, 220_000, 70_000)
    if company.employees >= 100:
        return rng.triangular(12_000, 60_000, 20_000)
    return rng.triangular(2_000, 16_000, 6_000)


def outcome_of(rng: random.Random, rep_id: str, quality: float) -> str:
    """How a deal ends, if it does: an open stage is a deal that nobody ever closes."""
    rep = REP_BY_ID[rep_id]
    if rep_id == NEVER_LOSES:
        return WON if rng.random() < 0.4 else OPEN_STAGES[2]
    if rng.random() < 0.31:
        return rng.choice(OPEN_STAGES)
    if rng.random() < 0.05:
        return INVALID
    return WON if rng.random() < 0.57 * rep.win_factor * (0.45 + 0.9 * quality) else LOST


def season_of_wins(rng: random.Random, created_at: datetime, closed_at: datetime) -> datetime:
    """Few deals are won in August, and what can be won before the year ends is."""
    if closed_at.month == 8 and rng.random() < 0.6:
        return closed_at + timedelta(days=31)
    earlier = closed_at - timedelta(days=31)
    if closed_at.month == 1 and rng.random() < 0.6 and earlier > created_at + timedelta(days=10):
        return earlier
    return closed_at


def new_deal(
    rng: random.Random, company: Company, created_at: datetime, owner_id: str, quality: float
) -> Deal:
    """A deal, from its first stage to its end or to the last day."""
    size = 0.7 if company.employees < 100 else 1.0 if company.employees < 1000 else 1.4
    closed_at = created_at + days(rng, 10, 150, 45) * size
    outcome = outcome_of(rng, owner_id, quality)
    if outcome == WON:
        closed_at = season_of_wins(rng, created_at, closed_at)
    deal = Deal(
        created_at=created_at,
        company=company,
        lead=None,
        owner_id=owner_id,
        amount=in_currency(dollars_of(rng, company), company.currency),
        expected_close=created_at.date() + timedelta(days=rng.randint(40, 120)),
    )
    deal.history.append(Change(created_at, deal.stage, deal.amount, deal.expected_close, owner_id))
    walk_stages(rng, deal, outcome, closed_at)
    revise(rng, deal, min(closed_at, END))
    hand_over(deal)
    deal.history.sort(key=lambda change: change.at)
    return deal


def walk_stages(rng: random.Random, deal: Deal, outcome: str, closed_at: datetime) -> None:
    """Move the deal through its stages, as far as it gets before the last day."""
    way = [*OPEN_STAGES, WON]
    if outcome in OPEN_STAGES:
        way = OPEN_STAGES[: OPEN_STAGES.index(outcome) + 1]
    elif outcome != WON:
        way = [*OPEN_STAGES[: rng.randint(1, 3) if outcome == LOST else 1], outcome]
    steps = len(way) - 1 if outcome not in OPEN_STAGES else len(way)
    for position, stage in enumerate(way[1:], start=1):
        is_close = stage not in OPEN_STAGES
        at = closed_at if is_close else deal.created_at + (closed_at - deal.created_at) * (position / steps)
        if not is_close:
            at = (at - (closed_at - deal.created_at) * (0.3 * rng.random() / steps)).replace(microsecond=0)
        if at >= END:
            return
        deal.stage = stage
        deal.history.append(Change(at.replace(microsecond=0), stage))
        if is_close:
            deal.closed_at = at.replace(microsecond=0)


def revise(rng: random.Random, deal: Deal, until: datetime) -> None:
    """Change the amount of some deals and push the close date of others; old open deals are pushed most."""
    span = until - deal.created_at
    if span < timedelta(days=8):
        return
    if rng.random() < 0.28 and deal.amount:
        step = 10_000 if deal.company.currency == "JPY" else 50
        deal.amount = max(step, int(deal.amount * rng.triangular(0.7, 1.35, 1.05) / step) * step)
        deal.history.append(Change(within(rng, deal.created_at, span), amount=deal.amount))
    for _ in range(2):
        if rng.random() < 0.3:
            at = within(rng, deal.created_at, span)
            deal.expected_close += timedelta(days=rng.randint(25, 75))
            deal.history.append(Change(at, expected_close=deal.expected_close))
    if deal.is_open and deal.expected_close < LAST_DAY and rng.random() < 0.6:
        deal.expected_close = LAST_DAY + timedelta(days=rng.randint(5, 120))
        deal.history.append(Change(END - days(rng, 1, 40, 15), expected_close=deal.expected_close))
    deal.history.sort(key=lambda change: change.at)
    deal.expected_close = [change.expected_close for change in deal.history if change.expected_close][-1]


def within(rng: random.Random, start: datetime, span: timedelta) -> datetime:
    """A moment well inside the span."""
    return (start + span * rng.uniform(0.1, 0.9)).replace(microsecond=0)


def hand_over(deal: Deal) -> None:
    """What the rep who left had open went to a colleague."""
    left_on = REP_BY_ID[LEAVER].active_to
    assert left_on
    handed_over_at = datetime.combine(left_on, time(15)) - timedelta(days=2)
    is_closed_before = deal.closed_at is not None and deal.closed_at < handed_over_at
    if deal.owner_id == LEAVER and not is_closed_before:
        deal.owner_id = COLLEAGUE
        if deal.created_at < handed_over_at:
            deal.history.append(Change(handed_over_at, owner_id=COLLEAGUE))
        else:
            deal.history[0].owner_id = COLLEAGUE


def make_deals(leads: list[Lead]) -> list[Deal]:
    """All deals: those of converted leads, those that nobody recorded a lead for, and more from customers."""
    rng = stream("deals")
    deals = []
    for lead in leads:
        if lead.converted_at and not lead.is_test:
            deal = new_deal(rng, lead.company, lead.converted_at, lead.owner_id, lead.quality)
            deal.lead = lead
            deals.append(deal)
    won = [deal for deal in deals if deal.stage == WON]
    customers = [deal for deal in won if is_before(deal.closed_at, datetime(2025, 8, 1))]
    for customer in rng.sample(customers, 34):
        assert customer.closed_at
        created_at = customer.closed_at + days(rng, 60, 400, 150)
        if created_at < END:
            owner_id = owner_of(rng, customer.company.country, created_at.date())
            deals.append(new_deal(rng, customer.company, created_at, owner_id, 0.95))
            deals[-1].pipeline = "Expansion"
    for position in range(24):
        company = new_company(rng, 5000 + position)
        day = working_day(rng, FIRST_DAY, 1090)
        owner_id = owner_of(rng, company.country, day)
        deals.append(new_deal(rng, company, at_work(rng, day), owner_id, 0.5))
    deals.sort(key=lambda deal: deal.created_at)
    with_ids(deals, "D", "deal_id")
    name_accounts(deals)
    soil_deals(rng, deals)
    return deals


def name_accounts(deals: list[Deal]) -> None:
    """A company with a deal is an account."""
    companies = list(dict.fromkeys(deal.company for deal in deals))
    with_ids(companies, "A", "account_id")


def soil_deals(rng: random.Random, deals: list[Deal]) -> None:
    """Make some deals odd, each in one way."""
    pool = [deal for deal in deals if deal.owner_id != NEVER_LOSES and deal.lead is not None]
    soil_references(rng, pool)
    soil_amounts(rng, pool)
    soil_dates(rng, pool)
    soil_history(rng, pool)
    for stage, spellings in {
        WON: [" closed won ", "CLOSED WON", "closed won"],
        LOST: ["closed lost", " Closed Lost"],
        "Discovery": ["DISCOVERY", "discovery ", " Discovery"],
        "Negotiation": ["negotiation", "Negotiation "],
    }.items():
        for deal, text in zip(take(rng, pool, len(spellings), at_stage(stage)), spellings, strict=True):
            deal.cells["stage"] = text
    for deal in take(rng, pool, 8, at_stage(LOST)):
        deal.cells["lost_reason"] = rng.choice(["duplicate", "spam", "Duplicate"])
    for deal in take(rng, pool, 6, lambda deal: deal.company.currency == "EUR"):
        deal.cells["currency"] = rng.choice(["eur", " EUR", "Eur"])
    for deal in take(rng, pool, 6, lambda deal: deal.company.currency == "USD"):
        deal.cells["currency"] = ""


def soil_references(rng: random.Random, pool: list[Deal]) -> None:
    """Deals that point nowhere, and deleted ones."""
    for position, deal in enumerate(take(rng, pool, 5, lambda deal: True)):
        deal.cells["lead_id"] = f"L99{position:02}"
    for position, deal in enumerate(take(rng, pool, 4, at_stage(WON))):
        deal.cells["account_id"] = f"A99{position:02}"
    for deal in take(rng, pool, 5, at_stage(*OPEN_STAGES)):
        deal.cells["account_id"] = ""
    for deal in take(rng, pool, 6, lambda deal: True):
        deal.cells["owner_id"] = ""
    for deal in take(rng, pool, 3, lambda deal: True):
        deal.cells["owner_id"] = "R99"
    for stage, count in {"Proposal": 4, WON: 2, LOST: 2}.items():
        for deal in take(rng, pool, count, at_stage(stage)):
            deal.cells["is_deleted"] = "true"


def soil_amounts(rng: random.Random, pool: list[Deal]) -> None:
    """Deals whose amount nobody knows, and free pilots."""
    won, still_open = at_stage(WON), at_stage(*OPEN_STAGES)
    for wanted, count, amount in [(won, 9, None), (still_open, 14, None), (won, 4, 0), (still_open, 2, 0)]:
        for deal in take(rng, pool, count, wanted):
            deal.amount = amount
            deal.history = [change for change in deal.history if change.stage or change.amount is None]
            for change in deal.history:
                change.amount = None
            deal.history[0].amount = amount


def soil_dates(rng: random.Random, pool: list[Deal]) -> None:
    """Imported deals that closed before they were created, wins in the future, closes on a month's edge."""
    later = [deal for deal in pool if deal.created_at.year > FIRST_DAY.year]
    for stage, count in {WON: 4, LOST: 2}.items():
        for deal in take(rng, later, count, at_stage(stage)):
            pool.remove(deal)
            deal.closed_at = deal.created_at - days(rng, 3, 40, 10)
            deal.history = []
    for deal in take(rng, pool, 3, lambda deal: deal.stage == "Negotiation" and deal.created_at.year == 2025):
        deal.stage = WON
        deal.closed_at = END + days(rng, 3, 45, 15)
        deal.expected_close = deal.closed_at.date()
        deal.history = []
    for deal in take(rng, pool, 6, lambda deal: deal.stage == WON and can_close_at_edge(deal)):
        deal.closed_at = month_edge_of(deal)
        deal.history[-1].at = deal.closed_at
        deal.history = [change for change in deal.history if change.at <= deal.closed_at]
        deal.cells["closed_at"] = rng.choice(
            [utc(deal.closed_at), f"{deal.closed_at + timedelta(hours=1):%Y-%m-%d %H:%M:%S}+01:00"]
        )


def month_edge_of(deal: Deal) -> datetime:
    """Half an hour before the month ends in which the deal closed."""
    assert deal.closed_at
    return datetime.combine(add_months(deal.closed_at.date().replace(day=1), 1), time(0)) - timedelta(
        minutes=30
    )


def can_close_at_edge(deal: Deal) -> bool:
    """Whether the deal closed in a month that ended, and its close is the last thing in its history."""
    return (
        deal.closed_at is not None and deal.closed_at < datetime(2025, 12, 1) and bool(deal.history[-1].stage)
    )


def soil_history(rng: random.Random, pool: list[Deal]) -> None:
    """Deals that were lost and came back, deals without a history, and histories that say something else."""
    for deal in take(rng, pool, 8, lambda deal: deal.stage == WON and lasted(deal, 40)):
        assert deal.closed_at
        reopen(deal, deal.closed_at, WON)
    for deal in take(rng, pool, 6, lambda deal: deal.is_open and lasted(deal, 80)):
        reopen(deal, END, "")
        deal.stage = "Negotiation"
    for deal in take(rng, pool, 40, lambda deal: bool(deal.history)):
        deal.history = []
    for deal in take(rng, pool, 2, lambda deal: deal.stage == WON and bool(deal.history[-1].stage)):
        deal.history.pop()
    for deal in take(rng, pool, 1, at_stage("Negotiation")):
        deal.stage = "Proposal"
    for deal in take(rng, pool, 60, lambda deal: is_before(deal.history[-1].at, datetime(2025, 12, 1))):
        rng.choice(deal.history).recorded_after = days(rng, 2, 25, 4)


def lasted(deal: Deal, count: int) -> bool:
    """Whether the deal was open for so many days."""
    return (deal.closed_at or END) - deal.created_at > timedelta(days=count)


def reopen(deal: Deal, until: datetime, last_stage: str) -> None:
    """Give the deal a history in which it was lost, came back, and went on from there."""
    span = until - deal.created_at
    story = [(0.2, "Proposal"), (0.5, LOST), (0.7, "Negotiation")]
    moments = [((deal.created_at + span * share).replace(microsecond=0), stage) for share, stage in story]
    if last_stage:
        moments.append((until, last_stage))
    first = deal.history[0]
    first.amount, first.expected_close = deal.amount, deal.expected_close
    owners = [change for change in deal.history[1:] if change.owner_id]
    deal.history = [first, *owners, *(Change(at, stage) for at, stage in moments)]
    deal.history.sort(key=lambda change: change.at)


def deal_row(rng: random.Random, deal: Deal) -> Row:
    """The deal as the CRM exports it."""
    lead = deal.lead
    reason = ""
    if deal.stage == LOST:
        reason = rng.choices(LOST_REASONS, LOST_REASON_WEIGHTS)[0]
        reason = reason.replace("_", " ").title().replace(" ", "_") if rng.random() < 0.1 else reason
    elif deal.stage == INVALID:
        reason = rng.choice(["duplicate", "duplicate", "spam", ""])
    decimals = ".00" if deal.amount and deal.company.currency != "JPY" and rng.random() < 0.15 else ""
    day_is_enough = deal.closed_at is not None and deal.closed_at - deal.created_at > timedelta(days=2)
    row = {
        "deal_id": deal.deal_id,
        "stage": deal.stage,
        "created_at": stamp(rng, deal.created_at),
        "lead_id": lead.lead_id if lead else "",
        "account_id": deal.company.account_id,
        "owner_id": deal.owner_id,
        "amount": number(deal.amount) + decimals,
        "currency": deal.company.currency,
        "expected_close_date": iso(deal.expected_close),
        "closed_at": stamp(rng, deal.closed_at, day_is_enough),
        "lost_reason": reason,
        "channel": sometimes_blank(rng, spelled(rng, CHANNELS[lead.channel]), 0.03) if lead else "",
        "campaign": lead.campaign if lead else "",
        "pipeline": deal.pipeline,
        "is_deleted": truth(rng, False),
        "loaded_at": LOADED_AT,
    }
    return row | deal.cells


def deal_rows(deals: list[Deal]) -> list[Row]:
    """All deals, with the records that no one can use among them."""
    rng = stream("deal rows")
    rows = [deal_row(rng, deal) for deal in deals]
    broken = [
        {"deal_id": "D8001", "closed_at": "31/31/2024"},
        {"deal_id": "D8002", "amount": "12,500"},
        {"deal_id": "D8003", "amount": "ask Kim"},
        {"deal_id": "D8004", "is_deleted": "unsure"},
        {"deal_id": "D8005", "created_at": ""},
        {"deal_id": "D8006", "created_at": ""},
        {"deal_id": ""},
        {"deal_id": " "},
    ]
    plain = [row for row, deal in zip(rows, deals, strict=True) if not deal.cells and deal.amount]
    spoiled = [row | cells for row, cells in zip(rng.sample(plain, len(broken)), broken, strict=True)]
    won = rng.sample([row for row in plain if row["stage"] == WON and row["deal_id"]], 3)
    old = {"stage": "Negotiation", "closed_at": "", "loaded_at": EARLIER_LOAD}
    return scattered(rng, rows, [*spoiled, *(row | old for row in won)])


def deal_change_rows(deals: list[Deal]) -> list[Row]:
    """The deals' histories. A change is recorded when it happens, or some days later."""
    rng = stream("deal_changes")
    rows = []
    for deal in deals:
        for change in deal.history:
            seldom = rng.random() < 0.01
            rows.append(
                {
                    "deal_id": deal.deal_id,
                    "changed_at": stamp(rng, change.at),
                    "stage": change.stage.upper() if seldom else change.stage,
                    "amount": number(change.amount),
                    "expected_close_date": iso(change.expected_close),
                    "owner_id": change.owner_id,
                    "recorded_at": utc(change.at + change.recorded_after),
                }
            )
    return rows


# -----------------------------------------------------------------------------------------------------------
# Accounts, reps, campaigns, money


def segment_of(employees: int) -> str:
    """The company's size as the business names it."""
    return "Enterprise" if employees >= 1000 else "Mid-Market" if employees >= 100 else "SMB"


def account_rows(companies: list[Company]) -> list[Row]:
    """The companies that have deals."""
    rng = stream("accounts")
    return [
        {
            "account_id": company.account_id,
            "account_name": company.name,
            "segment": sometimes_blank(rng, segment_of(company.employees), 0.1),
            "industry": sometimes_blank(rng, company.industry, 0.05),
            "employee_count": sometimes_blank(rng, str(company.employees), 0.05),
            "country": sometimes_blank(rng, spelled(rng, COUNTRIES[company.country].spellings), 0.03),
            "region": sometimes_blank(rng, COUNTRIES[company.country].region, 0.08),
        }
        for company in companies
    ]


def rep_rows() -> list[Row]:
    """The reps."""
    return [
        {
            "rep_id": rep.rep_id,
            "rep_name": rep.name,
            "team": rep.team,
            "manager_id": rep.manager_id,
            "time_zone": rep.time_zone,
            "active_from": iso(rep.active_from),
            "active_to": iso(rep.active_to),
        }
        for rep in REPS
    ]


def campaign_rows() -> list[Row]:
    """The campaigns."""
    return [
        {"campaign": name, "launched_on": iso(launch), "ended_on": iso(end), "channel": CHANNELS[channel][0]}
        for name, (launch, end, channel, _) in CAMPAIGNS.items()
    ]


def currency_rate_rows() -> list[Row]:
    """What one unit of each currency is worth in dollars, from the first of each month, without a gap."""
    rng = stream("currency_rates")
    rows = []
    for currency in ("EUR", "GBP", "JPY"):
        rate = USD_RATES[currency]
        for month in month_starts(date(2022, 12, 1), date(2026, 1, 1)):
            rate += (USD_RATES[currency] - rate) * 0.1 + USD_RATES[currency] * rng.uniform(-0.02, 0.02)
            rows.append({"currency": currency, "rate_date": iso(month), "rate": f"{rate:.6f}"})
    return rows


def spend_line(
    day: date,
    amount: str,
    channel: str,
    campaign: str,
    *,
    cost_type: str = "lead_generation",
    currency: str = "USD",
) -> Row:
    """One line of spend."""
    return {
        "spend_date": iso(day),
        "amount": amount,
        "channel": channel,
        "campaign": campaign,
        "cost_type": cost_type,
        "currency": currency,
        "loaded_at": LOADED_AT,
    }


def monthly_spend(rng: random.Random, month: date) -> list[Row]:
    """What a usual month costs; Asia gets a budget of its own in the second year."""
    growth = 1.15 ** (month.year - FIRST_DAY.year) * SEASON[month.month - 1]

    def about(dollars: float) -> str:
        return f"{dollars * growth * rng.uniform(0.85, 1.15):.2f}"

    day = month + timedelta(days=rng.randrange(28))
    lines = [
        spend_line(day, about(6500), spelled(rng, CHANNELS["paid_search"]), "Always-on Search"),
        spend_line(day, about(2800), spelled(rng, CHANNELS["paid_social"]), "Social Stories", currency="EUR"),
        spend_line(month, about(350), spelled(rng, CHANNELS["email"]), "Monthly Letter"),
        spend_line(month, f"{24000 * 1.08 ** (month.year - 2023):.2f}", "", "", cost_type="sales"),
        spend_line(
            month, f"{15500 * 1.06 ** (month.year - 2023):.2f}", "", "", cost_type="sales", currency="EUR"
        ),
    ]
    if month.month % 3 == 2:
        lines.append(spend_line(day, about(4200), spelled(rng, CHANNELS["events"]), "", currency="GBP"))
        lines.append(spend_line(day, about(900), "", "", cost_type="other"))
    if month.year >= 2024 and month.month % 2 == 0:
        yen = about(140_000).split(".")[0]
        lines.append(spend_line(day, yen, "Paid Search", "Always-on Search", currency="jpy"))
    return lines


def spend_rows() -> list[Row]:
    """All spend: the usual months, launches, credits, lines without a channel, lines that no one can use."""
    rng = stream("spend")
    rows = [line for month in month_starts(FIRST_DAY, LAST_DAY) for line in monthly_spend(rng, month)]
    rows += [
        spend_line(date(2023, 10, 5), "5200.00", "Events", "Partner Days 2023"),
        spend_line(date(2024, 4, 8), "9000.00", "Paid Search", "Spring Launch 2024"),
        spend_line(date(2024, 5, 6), "4500.00", "google ads", "Spring Launch 2024"),
        spend_line(date(2025, 9, 15), "8000.00", "Paid Social", "Autumn Launch 2025", currency="EUR"),
        spend_line(date(2025, 10, 13), "5000.00", "paid_social", "Autumn Launch 2025", currency="EUR"),
        # Credits: the first leaves its month positive, the second takes e-mail in July 2024 below zero.
        spend_line(date(2023, 6, 20), "-1250.00", "Paid Search", "Always-on Search"),
        spend_line(date(2024, 7, 18), "-900.00", "Email", "Monthly Letter"),
        # Agencies that do not say what they did.
        spend_line(date(2023, 9, 12), "1500.00", "", ""),
        spend_line(date(2024, 2, 29), "1500.00", "", ""),
        spend_line(date(2024, 11, 30), "1800.00", " ", ""),
        spend_line(date(2025, 6, 30), "1800.00", "", ""),
        # Not usable.
        spend_line(date(2024, 8, 1), "", "Paid Search", "Always-on Search") | {"spend_date": "Q3 2024"},
        spend_line(date(2024, 8, 2), "n/a", "Paid Search", "Always-on Search"),
        spend_line(date(2025, 2, 3), "", "Events", ""),
        spend_line(date(2025, 2, 3), "640.00", "Events", "") | {"spend_date": ""},
    ]
    return rows


def web_visit_rows() -> list[Row]:
    """Visits of the web site, month by month."""
    rng = stream("web_visits")
    rows = []
    usual = {"paid_search": 2600, "paid_social": 1500, "organic_search": 4200, "referral": 500, "email": 350}
    for month in month_starts(FIRST_DAY, LAST_DAY):
        growth = 1.2 ** (month.year - FIRST_DAY.year) * SEASON[month.month - 1]
        for channel, visits in usual.items():
            count = str(int(visits * growth * rng.uniform(0.9, 1.1)))
            name = spelled(rng, CHANNELS[channel])
            rows.append({"visit_date": iso(month), "visits": count, "channel": name, "campaign": ""})
    for campaign, (launch, _, channel, lift) in CAMPAIGNS.items():
        if lift:
            for week in range(6):
                day = iso(launch + timedelta(days=7 * week))
                count = str(lift * (40 - 5 * week))
                rows.append({"visit_date": day, "visits": count, "channel": channel, "campaign": campaign})
    return sorted(rows, key=lambda row: row["visit_date"])


# -----------------------------------------------------------------------------------------------------------
# Customers: subscriptions and payments


def make_subscriptions(deals: list[Deal]) -> list[Subscription]:
    """What the customers subscribed to, from about the day they were won."""
    rng = stream("subscriptions")
    won = [deal for deal in deals if deal.stage == WON and is_before(deal.closed_at, END)]
    won = [deal for deal in won if not {"account_id", "is_deleted"} & set(deal.cells)]
    won.sort(key=lambda deal: (deal.closed_at or END, deal.deal_id))
    subscriptions: list[Subscription] = []
    seen: set[Company] = set()
    for deal in won:
        first = first_subscription(rng, deal)
        if deal.amount == 0:
            first.ended_on, first.status = first.started_on + timedelta(days=30), "trial"
            subscriptions.append(first)
        elif deal.company in seen:
            subscriptions.append(first)
        else:
            subscriptions += customer_story(rng, first)
        seen.add(deal.company)
    subscriptions = [one for one in subscriptions if one.started_on <= END.date()]
    for one in subscriptions:
        if one.ended_on and one.ended_on > LAST_DAY:
            one.ended_on, one.status = None, "active"
    soil_subscriptions(rng, subscriptions)
    subscriptions.sort(key=lambda one: (one.started_on, one.company.account_id))
    with_ids(subscriptions, "S", "subscription_id")
    return subscriptions


def first_subscription(rng: random.Random, deal: Deal) -> Subscription:
    """The subscription that a won deal stands for."""
    assert deal.closed_at
    started_on = deal.closed_at.date() + timedelta(days=rng.randint(0, 14))
    if rng.random() < 0.4:
        started_on = add_months(started_on.replace(day=1), 1)
    yearly = in_currency(9_000, deal.company.currency) if deal.amount is None else deal.amount
    billing_period = "year" if rng.random() < 0.35 else "month"
    return Subscription(deal.company, started_on, None, round(yearly / 12), billing_period)


def customer_story(rng: random.Random, first: Subscription) -> list[Subscription]:
    """What became of a customer: most stay, some grow, shrink, leave, or leave and return."""
    story = rng.choices(
        ["stays", "grows", "shrinks", "leaves", "returns", "adds", "tries"], [40, 15, 8, 18, 7, 6, 6]
    )[0]
    turn = add_months(first.started_on, rng.randint(3, 18))
    turn = turn.replace(day=1) if rng.random() < 0.5 else turn
    if story == "tries":
        tried_on = first.started_on - timedelta(days=30)
        return [Subscription(first.company, tried_on, first.started_on, 0, "month", "trial"), first]
    if story == "stays" or turn > LAST_DAY:
        return [first]
    if story == "adds":
        extra = Subscription(first.company, turn, None, max(1, first.monthly // 3), "month")
        if rng.random() < 0.4:
            extra.ended_on, extra.status = add_months(turn, 5), "cancelled"
        return [first, extra]
    first.ended_on = turn
    first.status = "ended" if story in ("grows", "shrinks") else "cancelled"
    if story == "leaves":
        return [first]
    if story == "returns":
        turn = add_months(turn, rng.randint(2, 6))
    monthly = round(first.monthly * {"grows": 1.4, "shrinks": 0.6, "returns": 1.0}[story])
    return [first, Subscription(first.company, turn, None, monthly, first.billing_period)]


def soil_subscriptions(rng: random.Random, subscriptions: list[Subscription]) -> None:
    """Ends that only mean that the data ends there, and customers who came and went inside a month."""
    counts: dict[Company, int] = {}
    for one in subscriptions:
        counts[one.company] = counts.get(one.company, 0) + 1
    active = [one for one in subscriptions if one.status == "active" and one.monthly > 0]
    pool = [one for one in active if counts[one.company] == 1]
    for one in take(rng, pool, 6, lambda one: one.started_on.year < 2025):
        one.ended_on = LAST_DAY
    for one in take(rng, pool, 3, lambda one: True):
        one.started_on = one.started_on.replace(day=5)
        one.ended_on, one.status, one.billing_period = one.started_on.replace(day=25), "cancelled", "month"


def plan_of(one: Subscription) -> str:
    """The plan's name."""
    if one.monthly == 0:
        return "Trial"
    dollars = one.monthly * USD_RATES[one.company.currency]
    return "Starter" if dollars < 800 else "Growth" if dollars < 3000 else "Scale"


def subscription_rows(subscriptions: list[Subscription]) -> list[Row]:
    """The subscriptions as the billing system exports them."""
    return [
        {
            "subscription_id": one.subscription_id,
            "account_id": one.company.account_id,
            "started_on": iso(one.started_on),
            "ended_on": iso(one.ended_on),
            "plan": plan_of(one),
            "billing_period": one.billing_period,
            "amount": str(one.amount),
            "currency": one.company.currency,
            "status": one.status,
        }
        for one in subscriptions
    ]


def subscription_payments(rng: random.Random, subscriptions: list[Subscription]) -> list[Payment]:
    """Years in advance, months by the quarter, and some money back."""
    paid: list[Payment] = []
    for one in subscriptions:
        step, times = (12, 1) if one.billing_period == "year" else (3, 3)
        for position in range(0, 37, step):
            day = add_months(one.started_on, position)
            if day >= min(one.ended_on or LAST_DAY, LAST_DAY) or not one.amount:
                break
            at = at_work(rng, day + timedelta(days=rng.randrange(3)))
            paid.append(Payment(at, one.company, one.amount * times))
    return with_refunds(rng, paid, 9)


def one_off_payments(
    rng: random.Random, deals: list[Deal], subscriptions: list[Subscription]
) -> list[Payment]:
    """What accounts that never subscribed buy all the same: setup and training, until they buy no more."""
    customers = {one.company for one in subscriptions} | {deal.company for deal in deals if deal.stage == WON}
    first_deals: dict[Company, datetime] = {}
    for deal in deals:
        if deal.company not in customers:
            first_deals.setdefault(deal.company, deal.created_at)
    known = [company for company, at in first_deals.items() if at < datetime(2025, 7, 1)]
    paid: list[Payment] = []
    for company in rng.sample(known, 60):
        start = first_deals[company] + days(rng, 5, 120, 30)
        story = rng.choices(["once", "for a while", "regularly"], [45, 40, 15])[0]
        times = {"once": 0, "for a while": rng.randint(1, 2), "regularly": rng.randint(5, 7)}[story]
        span = END - start if story == "regularly" else min(END - start, timedelta(days=120))
        first = rng.choices([["setup"], ["training"], ["setup", "training"]], [45, 45, 10])[0]
        for position, at in enumerate([start, *(within(rng, start, span) for _ in range(times))]):
            moment = at_work(rng, at.date())
            for bought in ["training"] if position else first:
                dollars = rng.triangular(*ONE_OFF_PRICES[bought])
                paid.append(Payment(moment, company, in_currency(dollars, company.currency)))
    return with_refunds(rng, paid, 3)


def with_refunds(rng: random.Random, paid: list[Payment], count: int) -> list[Payment]:
    """The payments by day, with so many refunds, in whole or in part, up to the end of the data."""
    early = [payment for payment in paid if payment.at < datetime(2025, 11, 1)]
    for at, company, amount in rng.sample(early, count):
        paid.append(Payment(at + days(rng, 2, 30, 7), company, -(amount // rng.choice([1, 2, 3]))))
    return sorted((payment for payment in paid if payment.at < END), key=lambda payment: payment.at)


def payment_row(rng: random.Random, payment: Payment) -> Row:
    """One payment as the billing system exports it; its id is given later."""
    return {
        "payment_id": "",
        "account_id": payment.company.account_id,
        "paid_at": stamp(rng, payment.at),
        "amount": str(payment.amount),
        "currency": payment.company.currency,
    }


def payment_rows(subscriptions: list[Subscription], deals: list[Deal]) -> list[Row]:
    """The payments of subscribers, and after them those of accounts that buy without a subscription."""
    rng = stream("payments")
    rows = [payment_row(rng, payment) for payment in subscription_payments(rng, subscriptions)]
    rng = stream("one-off payments")
    rows += [payment_row(rng, payment) for payment in one_off_payments(rng, deals, subscriptions)]
    for position, row in enumerate(rows, start=1):
        row["payment_id"] = f"P{position:04}"
    return rows


# -----------------------------------------------------------------------------------------------------------
# Activities, meetings, content, surveys


@dataclass(eq=False)
class Touch:
    """One contact with a lead, either way."""

    at: datetime
    kind: str
    direction: str
    lead: Lead
    outcome: str
    is_automated: bool = False
    deal: Deal | None = None


def inbound_and_answer(rng: random.Random, lead: Lead) -> list[Touch]:
    """A lead contacts us: perhaps an automatic reply at once, perhaps the rep's answer, early or late."""
    start = lead.qualified_at or lead.created_at
    at = start + days(rng, 0, 4, 0.3) if rng.random() < 0.8 else lead.created_at
    kind = rng.choices(["email", "call", "chat"], [60, 25, 15])[0]
    touches = [Touch(at, kind, "inbound", lead, "received")]
    if rng.random() < 0.35:
        auto_at = at + timedelta(seconds=rng.randint(2, 20))
        touches.append(Touch(auto_at, "email", "outbound", lead, "sent", is_automated=True))
    if rng.random() < 0.87:
        hours = rng.triangular(*REP_BY_ID[lead.owner_id].answer_hours)
        answer_at = at + timedelta(seconds=int(hours * 3600))
        kind = "call" if rng.random() < 0.4 else "email"
        touches.append(Touch(answer_at, kind, "outbound", lead, "connected"))
    return touches


OUTCOMES = {"connected": 35, "no_answer": 35, "replied": 22, "bounced": 5, "failed": 3}


def outbound_touches(rng: random.Random, lead: Lead, deal: Deal | None) -> list[Touch]:
    """The rep contacts the lead, as often as the rep's habit is, until the deal ends."""
    rep = REP_BY_ID[lead.owner_id]
    start = lead.qualified_at or lead.created_at
    until = start + timedelta(days=60)
    if deal and deal.closed_at and deal.closed_at > start:
        until = deal.closed_at
    touches = []
    for _ in range(rng.randint(*rep.touches)):
        at = within(rng, start, until - start)
        kind = rng.choices(["email", "call", "sms", "social"], [50, 32, 8, 10])[0]
        outcome = rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
        known = deal if deal and deal.created_at <= at else None
        touches.append(Touch(at, kind, "outbound", lead, outcome, rng.random() < 0.08, known))
    return touches


def make_touches(leads: list[Lead], deals: list[Deal]) -> list[Touch]:
    """All contacts with leads."""
    rng = stream("activities")
    deal_of = {deal.lead: deal for deal in deals if deal.lead}
    touches: list[Touch] = []
    for lead in leads:
        is_wanted = lead.qualified_at or lead.converted_at or rng.random() < 0.05 or lead.first_lead
        if lead.is_test or not is_wanted:
            continue
        if lead.channel in INBOUND_CHANNELS and rng.random() < 0.31:
            touches += inbound_and_answer(rng, lead)
        if rng.random() < (0.9 if lead.first_lead else 0.4):
            touches += outbound_touches(rng, lead, deal_of.get(lead))
    for lead in rng.sample([lead for lead in leads if lead.qualified_at and lead.created_at.year > 2023], 14):
        at = lead.created_at - days(rng, 0.01, 6, 1)
        touches.append(Touch(at, "email", "outbound", lead, "no_answer"))
    return [touch for touch in touches if datetime.combine(FIRST_DAY, time(6)) < touch.at < END]


def touch_row(rng: random.Random, touch: Touch) -> Row:
    """One contact as the CRM exports it."""
    has_talk = touch.kind == "call" and touch.outcome in ("connected", "received")
    has_deal_only = touch.deal is not None and rng.random() < 0.15
    return {
        "activity_id": "",
        "occurred_at": stamp(rng, touch.at),
        "activity_type": touch.kind,
        "direction": touch.direction,
        "lead_id": "" if has_deal_only else touch.lead.lead_id,
        "deal_id": touch.deal.deal_id if touch.deal else "",
        "rep_id": sometimes_blank(rng, rep_at(touch.lead.owner_id, touch.at), 0.01),
        "channel": spelled(rng, CHANNELS[touch.lead.channel]) if touch.direction == "inbound" else "",
        "is_automated": "true" if touch.is_automated else sometimes_blank(rng, "false", 0.3),
        "duration_seconds": str(int(rng.triangular(20, 2400, 240))) if has_talk else "",
        "outcome": touch.outcome,
    }


def activity_rows(touches: list[Touch]) -> list[Row]:
    """All contacts, with the records that no one can use among them."""
    rng = stream("activity rows")
    touches = sorted(touches, key=lambda touch: (touch.at, touch.lead.lead_id, touch.kind))
    rows = [touch_row(rng, touch) for touch in touches]
    for position, row in enumerate(rows, start=1):
        row["activity_id"] = f"T{position:04}"
    for row in rng.sample([row for row in rows if row["lead_id"] and not row["deal_id"]], 3):
        row["lead_id"] = "L9999"
    broken = [
        {"activity_id": "T8001", "occurred_at": "yesterday"},
        {"activity_id": "T8002", "duration_seconds": "5 min"},
        {"activity_id": "T8003", "is_automated": "perhaps"},
        {"activity_id": "T8004", "occurred_at": ""},
        {"activity_id": "T8005", "occurred_at": ""},
        {"activity_id": ""},
        {"activity_id": ""},
    ]
    spoiled = [row | cells for row, cells in zip(rng.sample(rows, len(broken)), broken, strict=True)]
    return scattered(rng, rows, spoiled)


def meeting_row(
    rng: random.Random,
    lead: Lead,
    requested_at: datetime,
    response: str,
    final_status: str,
    *,
    since: str = "",
) -> Row:
    """One invitation; its id is given later."""
    answered_at = requested_at + days(rng, 0.02, 4, 0.4)
    is_answered = response in ("accepted", "declined") and answered_at < END
    meeting_day = (requested_at + days(rng, 3, 14, 5)).date()
    scheduled_for = at_work(rng, meeting_day, REP_BY_ID[lead.owner_id].utc_offset)
    return {
        "meeting_id": "",
        "requested_at": utc(requested_at),
        "rescheduled_from_id": since,
        "lead_id": lead.lead_id,
        "deal_id": "",
        "rep_id": rep_at(lead.owner_id, requested_at),
        "scheduled_for": stamp(rng, scheduled_for),
        "response": response,
        "responded_at": stamp(rng, answered_at) if is_answered else "",
        "final_status": final_status,
    }


def meeting_chain(rng: random.Random, lead: Lead) -> list[Row]:
    """An invitation and the ones that replaced it. A row that replaces another says so with '+'."""
    assert lead.qualified_at
    at = lead.qualified_at + days(rng, 0.1, 10, 2)
    if at > END - timedelta(days=5):
        return [meeting_row(rng, lead, min(at, END), "pending", "")]
    response = rng.choices(["accepted", "declined", "expired", "pending", "withdrawn"], [60, 16, 13, 4, 7])[0]
    if response != "accepted":
        return [meeting_row(rng, lead, at, response, "canceled" if response == "withdrawn" else "")]
    moves = rng.choices([0, 1, 2, 3], [80, 14, 4, 2])[0]
    chain = [
        meeting_row(rng, lead, at, "accepted", "rescheduled", since="+" if move else "")
        for move in range(moves)
    ]
    for move, row in enumerate(chain):
        row["requested_at"] = utc(at + timedelta(days=2 * move))
    last_at = at + timedelta(days=2 * moves)
    last_response = "declined" if moves and rng.random() < 0.15 else "accepted"
    ended = last_at < END - timedelta(days=15)
    status = rng.choices(["held", "no_show", "canceled"], [78, 15, 7])[0] if ended else "scheduled"
    status = status if last_response == "accepted" else ""
    return [*chain, meeting_row(rng, lead, last_at, last_response, status, since="+" if moves else "")]


def meeting_rows(leads: list[Lead], deals: list[Deal]) -> list[Row]:
    """All invitations, chain by chain."""
    rng = stream("meetings")
    deal_of = {deal.lead: deal for deal in deals if deal.lead}
    rows: list[Row] = []
    for lead in leads:
        if lead.qualified_at and not lead.is_test and rng.random() < 0.3:
            deal = deal_of.get(lead)
            for row in meeting_chain(rng, lead):
                if deal and utc(deal.created_at) <= row["requested_at"]:
                    row["deal_id"] = deal.deal_id
                row["rescheduled_from_id"] = rows[-1]["meeting_id"] if row["rescheduled_from_id"] else ""
                row["meeting_id"] = f"M{len(rows) + 1:04}"
                rows.append(row)
    return [row for row in rows if row["requested_at"] <= utc(END)]


def make_views(leads: list[Lead], touches: list[Touch]) -> list[Row]:
    """Views of what reps sent, refreshes and robots among them; some get a follow-up, which is a touch."""
    rng = stream("content_views")
    rows: list[Row] = []
    for lead in leads:
        if not lead.qualified_at or lead.is_test or rng.random() > 0.3:
            continue
        sent_at = lead.qualified_at + days(rng, 0.05, 12, 1)
        viewed_at = sent_at + days(rng, 0.001, 6, 0.2)
        if viewed_at > END - timedelta(days=1):
            continue
        row = view_row(rng, lead, sent_at, viewed_at)
        rows.append(row)
        if rng.random() < 0.09:
            rows.append(row | {"viewed_at": utc(viewed_at + timedelta(seconds=rng.randint(3, 29)))})
        if rng.random() < 0.09:
            robot_at = utc(sent_at + timedelta(seconds=rng.randint(1, 6)))
            rows.append(row | {"viewed_at": robot_at, "watched_seconds": "", "is_bot": "true"})
        if rng.random() < 0.45:
            follow_up_at = viewed_at + timedelta(seconds=int(rng.triangular(90, 30_000, 400)))
            touches.append(Touch(follow_up_at, "call", "outbound", lead, "connected"))
    for position, row in enumerate(rows, start=1):
        row["view_id"] = f"V{position:04}"
    return rows


def view_row(rng: random.Random, lead: Lead, sent_at: datetime, viewed_at: datetime) -> Row:
    """One view of a page or of a video."""
    is_video = rng.random() < 0.45
    shown = ["demo-video", "customer-story"] if is_video else ["pricing", "proposal", "security"]
    length = rng.choice([120, 300, 600]) if is_video else 0
    watched = int(length * rng.triangular(0, 1, 0.7)) if rng.random() > 0.06 else 0
    return {
        "view_id": "",
        "viewed_at": utc(viewed_at),
        "content_type": "video" if is_video else "page",
        "content_id": rng.choice(shown),
        "lead_id": sometimes_blank(rng, lead.lead_id, 0.03),
        "rep_id": rep_at(lead.owner_id, sent_at),
        "sent_at": utc(sent_at),
        "length_seconds": str(length) if is_video else "",
        "watched_seconds": str(watched) if is_video else "",
        "is_bot": "false",
    }


WAVES = [f"{year}-H{half}" for year in YEARS for half in (1, 2)]
BRANDS = ["us", "Alder Suite", "Birkdesk", "Cedarly"]
OWN_ALIASES = ["us", "US ", "Our Co", "our co"]


def survey_line(wave: str, respondent: str, question: str, **cells: str) -> Row:
    """One answer; what was not asked stays empty."""
    empty = dict.fromkeys(["weight", "brand", "rank", "score", "account_id", "deal_id", "method"], "")
    known = {"response_id": "", "survey_wave": wave, "respondent_id": respondent, "question": question}
    return known | empty | cells


def brand_answers(rng: random.Random, wave: str, respondent: str) -> list[Row]:
    """The brands that one person names, in order: none, some, or one of them twice under another name."""
    position = WAVES.index(wave)
    weight = rng.choice(["1", "1", "1", "0.5", "2", "1.25"])
    about = {"weight": weight, "method": rng.choice(["online", "online", "phone"])}
    if rng.random() < 0.12:
        return [survey_line(wave, respondent, "brand_recall", brand="", **about)]
    wanted = rng.randint(1, 3)
    named: list[str] = []
    while len(named) < wanted:
        brand = rng.choices(BRANDS, [20 + 4 * position, 40, 30, 15])[0]
        if brand not in named:
            named.append(brand)
    if "us" in named and rng.random() < 0.15:
        named.append("us")
    answers = [rng.choice(OWN_ALIASES) if brand == "us" else brand for brand in named]
    return [
        survey_line(wave, respondent, "brand_recall", brand=brand, rank=str(rank), **about)
        for rank, brand in enumerate(answers, start=1)
    ]


def survey_rows(deals: list[Deal]) -> list[Row]:
    """Six waves of two questions: which brands people know, and how buying from us was."""
    rng = stream("survey_responses")
    rows: list[Row] = []
    for position, wave in enumerate(WAVES):
        for person in range(26):
            rows += brand_answers(rng, wave, f"P{position + 1}{person:02}")
        half = datetime(2023 + position // 2, 1 + 6 * (position % 2), 1)
        ended = [deal for deal in deals if deal.stage in (WON, LOST) and deal.closed_at]
        asked = [deal for deal in ended if half <= (deal.closed_at or END) < half + timedelta(days=180)]
        for deal in rng.sample(asked, min(len(asked), 14)):
            score = rng.randint(6, 10) if deal.stage == WON else rng.randint(2, 8)
            email = deal.lead.email.strip().lower() if deal.lead else ""
            rows.append(
                survey_line(
                    wave,
                    email or f"C{deal.deal_id}",
                    "purchase_experience",
                    weight="1",
                    score=str(score),
                    account_id=deal.company.account_id,
                    deal_id=deal.deal_id,
                    method="e-mail",
                )
            )
    for count, row in enumerate(rows, start=1):
        row["response_id"] = f"Q{count:04}"
    return rows


# -----------------------------------------------------------------------------------------------------------
# Files


def make_entities() -> dict[str, list[Row]]:
    """The raw rows of every entity."""
    leads = make_leads()
    deals = make_deals(leads)
    subscriptions = make_subscriptions(deals)
    touches = make_touches(leads, deals)
    views = make_views(leads, touches)
    return {
        "leads": lead_rows(leads),
        "deals": deal_rows(deals),
        "spend": spend_rows(),
        "deal_changes": deal_change_rows(deals),
        "accounts": account_rows(list(dict.fromkeys(deal.company for deal in deals))),
        "reps": rep_rows(),
        "activities": activity_rows(touches),
        "meetings": meeting_rows(leads, deals),
        "subscriptions": subscription_rows(subscriptions),
        "payments": payment_rows(subscriptions, deals),
        "content_views": views,
        "survey_responses": survey_rows(deals),
        "web_visits": web_visit_rows(),
        "campaigns": campaign_rows(),
        "currency_rates": currency_rate_rows(),
    }


def read_registry(project_file: Path = PROJECT / "dbt_project.yml") -> dict[str, list[str]]:
    """The columns of every raw entity, as dbt_project.yml names them."""
    project: dict[str, Any] = yaml.safe_load(project_file.read_text(encoding="utf-8"))
    registry = project["vars"]["entities"]
    return {entity: [column.split()[0] for column in columns] for entity, columns in registry.items()}


def check_columns(entities: dict[str, list[Row]], registry: dict[str, list[str]]) -> None:
    """Raise a ValueError unless the rows have the registry's entities and columns, in its order."""
    if set(entities) != set(registry):
        unlike = ", ".join(sorted(set(entities) ^ set(registry)))
        raise ValueError(f"The demo and the registry in dbt_project.yml differ in these entities: {unlike}.")
    for entity, rows in entities.items():
        for row in rows:
            if list(row) != registry[entity]:
                raise ValueError(
                    f"{entity}: the registry in dbt_project.yml has the columns "
                    f"{', '.join(registry[entity])}; the demo makes {', '.join(row)}."
                )


def write_entities(entities: dict[str, list[Row]], registry: dict[str, list[str]], out: Path) -> None:
    """Write one CSV for each entity."""
    check_columns(entities, registry)
    out.mkdir(parents=True, exist_ok=True)
    for entity, columns in registry.items():
        with (out / f"raw_{entity}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(entities[entity])
    (out / "_demo__seeds.yml").write_text(seed_properties(registry), encoding="utf-8")


def seed_properties(registry: dict[str, list[str]], described: Path = DESCRIBED) -> str:
    """What dbt needs to know of the files: raw is text, so 007 stays 007 and a bad cell stays what it was.

    The descriptions are those of the same tables in a warehouse.
    """
    [source] = yaml.safe_load(described.read_text(encoding="utf-8"))["sources"]
    tables = {table["name"]: table for table in source["tables"]}
    text = (
        "# Written by `make demo`, with the descriptions of models/_raw_entities.yml. Raw is text: 007\n"
        "# stays 007, and a bad cell stays what it was.\nseeds:\n"
    )
    for entity, columns in registry.items():
        row, told = tables[entity]["description"].strip(), tables[entity]["columns"]
        descriptions = {column["name"]: " ".join(column["description"].split()) for column in told}
        seed = {
            "name": f"raw_{entity}",
            "description": f"{row} Of the demo company, as its systems export it.",
            "config": {"column_types": dict.fromkeys(columns, "text")},
            "columns": [{"name": column, "description": descriptions[column]} for column in columns],
        }
        text += yaml.safe_dump([seed], sort_keys=False, width=118, default_flow_style=None)
    return text


def main(
    out: Annotated[Path, typer.Option(help="Where to write the CSV files.")] = PROJECT / "seeds" / "demo",
) -> None:
    """Write the demo company's raw data."""
    entities = make_entities()
    try:
        write_entities(entities, read_registry(), out)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for entity, rows in entities.items():
        typer.echo(f"{entity}: {len(rows):,} rows", err=True)


if __name__ == "__main__":
    typer.run(main)
