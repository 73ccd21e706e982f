"""Work out golden numbers of the buyer's journey: funnel, content, survey, pipeline pace. No SQL either.

As `independent.py`, whose reading and cleaning it uses, from the raw CSV files and the words of the KPI
descriptions alone. Run it to print the numbers, `--write` to put them into golden_journey_numbers.csv.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path

import independent
from independent import (
    AS_OF,
    COLUMNS,
    QUARTER,
    WHOLE,
    YEAR,
    Deal,
    Fact,
    Period,
    Person,
    Row,
    Scope,
    cents,
    number_of,
    past_day,
    text_of,
    time_of,
)

GOLDEN = Path(__file__).resolve().parent / "golden_journey_numbers.csv"

CONTACT_TYPES = {
    **dict.fromkeys(["call", "phone", "phone call"], "call"),
    **dict.fromkeys(["email", "e-mail", "mail"], "email"),
    **dict.fromkeys(["sms", "text", "text message", "whatsapp"], "sms"),
    **dict.fromkeys(["social", "linkedin", "social message"], "social"),
    **dict.fromkeys(["chat", "live chat"], "chat"),
    **dict.fromkeys(["form", "web form"], "form"),
}
UNDELIVERED = {"bounced", "failed", "undelivered", "wrong number", "invalid number", "rejected"}
BRAND_QUESTIONS = {"brand_recall"}
REFRESH = timedelta(seconds=30)
PROMPT = timedelta(minutes=15)
FOLLOW_UP_DAYS = 7
MEETING_DAYS = 30
HALF_YEAR = re.compile(r"(\d{4})-H([12])")
REP = ("rep", "Noor Linden")

# What the cells of a raw file are, and without which a row is worthless.
TYPES: dict[str, dict[str, str]] = {
    "activities": {"occurred_at": "timestamp", "is_automated": "boolean", "duration_seconds": "number"},
    "meetings": {"requested_at": "timestamp", "scheduled_for": "timestamp", "responded_at": "timestamp"},
    "content_views": {
        "viewed_at": "timestamp",
        "sent_at": "timestamp",
        "length_seconds": "number",
        "watched_seconds": "number",
        "is_bot": "boolean",
    },
    "survey_responses": {"weight": "number", "rank": "number", "score": "number"},
    "web_visits": {"visit_date": "date", "visits": "number"},
}
REQUIRED = {
    "activities": ["activity_id", "occurred_at", "activity_type"],
    "meetings": ["meeting_id", "requested_at"],
    "content_views": ["view_id", "viewed_at"],
    "survey_responses": ["response_id", "survey_wave", "respondent_id", "question"],
    "web_visits": ["visit_date", "visits"],
}


def read_entity(entity: str) -> list[Row]:
    """Return the usable rows of a raw file, cleaned as independent.py cleans."""
    path = independent.SEEDS / "demo" / f"raw_{entity}.csv"
    read = (independent.typed(raw, TYPES[entity]) for raw in independent.read_csv(path))
    return [row for row in read if row and all(row[column] is not None for column in REQUIRED[entity])]


# -----------------------------------------------------------------------------------------------------------
# Facts


@dataclass(kw_only=True)
class View(Fact):
    """A recorded view of a page or a video; without a person nobody knows who viewed it."""

    person_id: str | None
    content: str
    content_type: str
    at: datetime
    length: Decimal | None
    watched: Decimal | None
    is_bot: bool
    is_refresh: bool = False
    followed_up_at: datetime | None = None
    meeting_at: datetime | None = None

    @property
    def day(self) -> date:
        return self.at.astimezone(independent.ZONE).date()

    @property
    def is_opened(self) -> bool:
        return not self.is_bot and not self.is_refresh

    @property
    def is_video(self) -> bool:
        return self.content_type == "video"

    @property
    def is_view(self) -> bool:
        """Say whether a person opened it anew and, if it is a video, did not leave it unwatched."""
        return self.is_opened and not (self.is_video and self.watched == 0)

    @property
    def delay(self) -> timedelta | None:
        return self.followed_up_at - self.at if self.followed_up_at else None


@dataclass(kw_only=True)
class Visits(Fact):
    day: date
    visits: Decimal


@dataclass
class Respondent:
    """Who was asked in a wave which brands come to mind: the weight, and the first rank of each brand."""

    wave_end: date
    weight: Decimal
    ranks: dict[str, Decimal | None]

    @property
    def names_us(self) -> bool:
        return any(is_us(brand) for brand in self.ranks)

    @property
    def is_us_first(self) -> bool | None:
        """Say whether nothing was named before us; None where brands were named without ranks."""
        if not self.ranks:
            return False
        known = [rank for rank in self.ranks.values() if rank is not None]
        if not known:
            return None
        return any(is_us(brand) and rank == min(known) for brand, rank in self.ranks.items())


BRANDS = independent.words("brands", "brand_name")


def brand_of(row: Row) -> str | None:
    word = text_of(row["brand"]).lower()
    return (BRANDS[word]["brand"] if word in BRANDS else word) if word and word != "none" else None


def is_us(brand: str) -> bool:
    return any(row["brand"] == brand and row["is_us"] == "true" for row in BRANDS.values())


def wave_end(wave: str) -> date:
    """Return the last day of a wave: these waves are half years."""
    found = HALF_YEAR.fullmatch(wave)
    if not found:
        raise ValueError(wave)
    return date(int(found[1]), 6, 30) if found[2] == "1" else date(int(found[1]), 12, 31)


class Journey:
    """The facts of independent.py, and beside them the visits, views, contacts, meetings and answers."""

    def __init__(self) -> None:
        self.data = independent.Data()
        self.lead_of_deal = {deal.deal_id: deal.person_id for deal in self.data.deals}
        self.test_leads = {
            text_of(row["lead_id"]) for row in independent.read_entity("leads") if independent.is_test(row)
        }
        self.visits = list(self.read_visits())
        self.views = self.read_views()
        self.respondents = read_respondents()

    def person_of(self, row: Row) -> str | None:
        """Return the person a record is about, by its lead or else by its deal."""
        person = self.data.person_of.get(text_of(row["lead_id"]))
        return person or self.lead_of_deal.get(text_of(row.get("deal_id")))

    def read_visits(self) -> Iterable[Visits]:
        for row in read_entity("web_visits"):
            day, visits = past_day(row["visit_date"]), number_of(row["visits"])
            if day and visits is not None:
                channel = independent.channel_of(row["channel"])
                yield Visits(
                    day=day, visits=visits, channel=channel, campaign=text_of(row["campaign"]) or None
                )

    def contacts(self) -> dict[str, list[datetime]]:
        """Return when a person of ours reached each person, by no machine."""
        found: dict[str, list[datetime]] = defaultdict(list)
        for row in read_entity("activities"):
            person, at, outcome = (
                self.person_of(row),
                time_of(row["occurred_at"]),
                text_of(row["outcome"]).lower(),
            )
            is_ours = text_of(row["direction"]).lower() == "outbound"
            is_contact = text_of(row["activity_type"]).lower() in CONTACT_TYPES
            is_touch = is_ours and is_contact and outcome not in UNDELIVERED
            if person and at and past_day(at) and is_touch and row["is_automated"] is not True:
                found[person].append(at)
        return found

    def requests(self) -> dict[str, list[datetime]]:
        """Return when meetings with each person were asked for; a new date is no new meeting."""
        rows = read_entity("meetings")
        ids = {row["meeting_id"] for row in rows}
        found: dict[str, list[datetime]] = defaultdict(list)
        for row in rows:
            person, at = self.person_of(row), time_of(row["requested_at"])
            if person and at and past_day(at) and row["rescheduled_from_id"] not in ids:
                found[person].append(at)
        return found

    def read_views(self) -> list[View]:
        rows = [row for row in read_entity("content_views") if text_of(row["lead_id"]) not in self.test_leads]
        views = [self.view(row) for row in rows if past_day(row["viewed_at"])]
        views.sort(key=lambda view: view.at)
        mark_refreshes(views)
        contacts, requests = self.contacts(), self.requests()
        for view in views:
            if view.person_id:
                view.followed_up_at = first_after(contacts[view.person_id], view.at, FOLLOW_UP_DAYS)
                view.meeting_at = first_after(requests[view.person_id], view.at, MEETING_DAYS)
        return views

    def view(self, row: Row) -> View:
        person = self.data.people.get(self.person_of(row) or "")
        rep, team = self.data.rep_slices(row["rep_id"])
        return View(
            person_id=person.person_id if person else None,
            rep=rep or (person.rep if person else None),
            team=team or (person.team if person and not rep else None),
            channel=person.channel if person else None,
            campaign=person.campaign if person else None,
            segment=person.segment if person else None,
            region=person.region if person else None,
            content=text_of(row["content_id"]),
            content_type=text_of(row["content_type"]).lower(),
            at=time_of(row["viewed_at"]) or datetime.min.replace(tzinfo=UTC),
            length=number_of(row["length_seconds"]),
            watched=number_of(row["watched_seconds"]),
            is_bot=row["is_bot"] is True,
        )


def first_after(moments: Iterable[datetime], start: datetime, days: int) -> datetime | None:
    return min((at for at in moments if start <= at <= start + timedelta(days=days)), default=None)


def mark_refreshes(views: list[View]) -> None:
    """Mark views that repeat the same viewer's last of the same content, and give their watching to it."""
    last: dict[tuple[str, str, str], View] = {}
    opened: dict[tuple[str, str, str], View] = {}
    for view in views:
        if view.person_id is None or view.is_bot:
            continue
        key = (view.person_id, view.content_type, view.content)
        view.is_refresh = key in last and view.at - last[key].at <= REFRESH
        last[key] = view
        if view.is_refresh:
            seconds = [known for known in (opened[key].watched, view.watched) if known is not None]
            opened[key].watched = max(seconds, default=None)
        else:
            opened[key] = view
    for view in views:
        if view.watched is not None and view.length is not None:
            view.watched = min(view.watched, view.length)


def read_respondents() -> list[Respondent]:
    found: dict[tuple[date, str], Respondent] = {}
    for row in read_entity("survey_responses"):
        if text_of(row["question"]).lower() not in BRAND_QUESTIONS:
            continue
        end = wave_end(text_of(row["survey_wave"]))
        if end > AS_OF:
            continue
        weight = number_of(row["weight"])
        newcomer = Respondent(end, Decimal(1) if weight is None else weight, {})
        respondent = found.setdefault((end, text_of(row["respondent_id"])), newcomer)
        brand, rank = brand_of(row), number_of(row["rank"])
        if brand:
            ranks = [known for known in (respondent.ranks.get(brand), rank) if known is not None]
            respondent.ranks[brand] = min(ranks, default=None)
    return list(found.values())


# -----------------------------------------------------------------------------------------------------------
# The KPIs


@dataclass(frozen=True)
class Answer:
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    n: int


@dataclass
class Cell:
    """The facts of one slice member in one period."""

    journey: Journey
    period: Period
    cut: tuple[str, str]

    @cached_property
    def scope(self) -> Scope:
        return independent.scope_of(self.journey.data, self.period, self.cut)

    @cached_property
    def visits(self) -> list[Visits]:
        return [v for v in self.journey.visits if self.period.has(v.day) and v.is_in(*self.cut)]

    @cached_property
    def recorded_views(self) -> list[View]:
        return [v for v in self.journey.views if self.period.has(v.day) and v.is_in(*self.cut)]

    @cached_property
    def views(self) -> list[View]:
        return [view for view in self.recorded_views if view.is_view]

    @cached_property
    def lead_views(self) -> list[View]:
        return [view for view in self.views if view.person_id]

    @cached_property
    def respondents(self) -> list[Respondent]:
        return [r for r in self.journey.respondents if self.period.has(r.wave_end)]

    @cached_property
    def deals_created(self) -> list[Deal]:
        return [deal for deal in self.scope.deals if self.period.has(deal.created)]

    @cached_property
    def cycles(self) -> list[int]:
        """Return the days to win of the deals won; those closed before they were created have none."""
        spans = [(deal.closed - deal.created).days for deal in self.scope.won() if deal.closed]
        return [days for days in spans if days >= 0]


def total_of(value: Decimal | int, n: int) -> Answer:
    """Return a count or a sum."""
    return Answer(Decimal(value), None, Decimal(value), n)


def quotient(numerator: Decimal | int, denominator: Decimal | int, n: int) -> Answer:
    above, below = Decimal(numerator), Decimal(denominator)
    return Answer(above, below, above / below if below else None, n)


def share(part: int, whole: int) -> Answer:
    return quotient(part, whole, whole)


def median(values: list[Decimal], events: int) -> Answer:
    """Return the middle value; beside it how many events have a value, and how many there are."""
    if not events:
        return Answer(Decimal(), Decimal(), None, 0)
    ordered, half = sorted(values), len(values) // 2
    middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return Answer(Decimal(len(values)), Decimal(events), middle, len(values))


def visits_of(cell: Cell) -> Decimal:
    return sum((line.visits for line in cell.visits), Decimal())


def website_visits(cell: Cell) -> Answer:
    """Return the visits of the period; n counts the lines of the source."""
    return total_of(visits_of(cell), len(cell.visits))


def leads_per_visit(cell: Cell) -> Answer:
    """Return leads created over visits, each by its own date."""
    return quotient(len(cell.scope.created()), visits_of(cell), len(cell.visits))


def qualified_per_lead(cell: Cell) -> Answer:
    """Return people qualified over leads created, each by its own date."""
    return share(len(cell.scope.qualified()), len(cell.scope.created()))


def deals_per_qualified_lead(cell: Cell) -> Answer:
    """Return deals created, whatever became of them, over people qualified."""
    return share(len(cell.deals_created), len(cell.scope.qualified()))


def wins_per_deal(cell: Cell) -> Answer:
    """Return deals won over deals created."""
    return share(len(cell.scope.won()), len(cell.deals_created))


def wins_per_visit(cell: Cell) -> Answer:
    """Return deals won over visits: the product of the four yields."""
    return quotient(len(cell.scope.won()), visits_of(cell), len(cell.visits))


def spend_of(cell: Cell) -> Decimal:
    return independent.total(cell.scope.generating())


def cost_per_visit(cell: Cell) -> Answer:
    """Return lead-generation spend over visits."""
    return quotient(spend_of(cell), visits_of(cell), len(cell.visits))


def cost_per_lead(cell: Cell) -> Answer:
    """Return lead-generation spend over leads created."""
    return quotient(spend_of(cell), len(cell.scope.created()), len(cell.scope.created()))


def cost_per_qualified_lead(cell: Cell) -> Answer:
    """Return lead-generation spend over people qualified."""
    return quotient(spend_of(cell), len(cell.scope.qualified()), len(cell.scope.qualified()))


def cost_per_deal(cell: Cell) -> Answer:
    """Return lead-generation spend over deals created."""
    return quotient(spend_of(cell), len(cell.deals_created), len(cell.deals_created))


def won_within(days: int, cell: Cell) -> Answer:
    """Return the share of the people qualified so many days ago or more who were customers in that time."""
    old = [person for person in cell.scope.qualified() if days_to(person, AS_OF) >= days]
    won = [
        person for person in old if person.customer_since and days_to(person, person.customer_since) <= days
    ]
    return share(len(won), len(old))


def days_to(person: Person, day: date) -> int:
    return (day - (person.qualified or day)).days


def page_views(cell: Cell) -> Answer:
    """Return the pages people opened, without robots and refreshes."""
    pages = sum(view.content_type == "page" for view in cell.views)
    return total_of(pages, pages)


def video_views(cell: Cell) -> Answer:
    """Return the videos people watched at least in part."""
    videos = sum(view.is_video for view in cell.views)
    return total_of(videos, videos)


def content_viewers(cell: Cell) -> Answer:
    """Return the different people who viewed something; n counts their views."""
    return total_of(len({view.person_id for view in cell.lead_views}), len(cell.lead_views))


def view_rate(cell: Cell) -> Answer:
    """Return the share of the opened videos that were watched at least in part."""
    opened = [v for v in cell.recorded_views if v.is_video and v.is_opened and v.watched is not None]
    return share(sum(view.is_view for view in opened), len(opened))


def engagement_rate(cell: Cell) -> Answer:
    """Return the seconds watched over the length of the videos started."""
    known = [v for v in cell.views if v.is_video and v.watched is not None and v.length is not None]
    watched = sum((view.watched or Decimal() for view in known), Decimal())
    return quotient(watched, sum((view.length or Decimal() for view in known), Decimal()), len(known))


def had(days: int, cell: Cell) -> list[View]:
    """Return the views of our leads that were so many days ago."""
    return [view for view in cell.lead_views if view.day + timedelta(days=days) <= AS_OF]


def follow_up_after_view(cell: Cell) -> Answer:
    """Return the share of our leads' views that a person of ours followed up within days."""
    views = had(FOLLOW_UP_DAYS, cell)
    return share(sum(view.delay is not None for view in views), len(views))


def prompt_follow_up_after_view(cell: Cell) -> Answer:
    """Return the share of our leads' views that a person of ours followed up within minutes."""
    prompt = sum(view.delay is not None and view.delay <= PROMPT for view in cell.lead_views)
    return share(prompt, len(cell.lead_views))


def median_follow_up_minutes(cell: Cell) -> Answer:
    """Return the median minutes from a view to its follow-up, of the views followed up."""
    delays = [view.delay for view in cell.lead_views if view.delay is not None]
    minutes = [Decimal(delay // timedelta(microseconds=1)) / 60_000_000 for delay in delays]
    return median(minutes, len(minutes))


def view_to_meeting_rate(cell: Cell) -> Answer:
    """Return the share of our leads' views after which a meeting was asked for."""
    views = had(MEETING_DAYS, cell)
    return share(sum(view.meeting_at is not None for view in views), len(views))


def awareness(cell: Cell) -> Answer:
    """Return the share of the respondents who name us."""
    return share(sum(person.names_us for person in cell.respondents), len(cell.respondents))


def top_of_mind(cell: Cell) -> Answer:
    """Return the share of the respondents who name us first; without ranks nobody can say."""
    known = [person for person in cell.respondents if person.is_us_first is not None]
    return share(sum(person.is_us_first is True for person in known), len(known))


def mentions(cell: Cell) -> list[tuple[str, Decimal]]:
    """Return the brands named, once per respondent, with the respondent's weight."""
    return [(brand, person.weight) for person in cell.respondents for brand in person.ranks]


def share_of_voice(cell: Cell) -> Answer:
    """Return our weighted share of all mentions."""
    all_of_them = mentions(cell)
    ours = sum((weight for brand, weight in all_of_them if is_us(brand)), Decimal())
    return quotient(ours, sum((weight for _, weight in all_of_them), Decimal()), len(all_of_them))


def share_of_voice_unweighted(cell: Cell) -> Answer:
    """Return our share of all mentions, each counted as one."""
    all_of_them = mentions(cell)
    return share(sum(is_us(brand) for brand, _ in all_of_them), len(all_of_them))


def survey_effective_sample_size(cell: Cell) -> Answer:
    """Return the squared sum of the weights over the sum of the squared weights."""
    weights = [person.weight for person in cell.respondents]
    squares = sum((weight * weight for weight in weights), Decimal())
    return quotient(sum(weights, Decimal()) ** 2, squares, len(weights))


def cycle_length(cell: Cell) -> Answer:
    """Return the mean days from creation to win of the deals won."""
    return quotient(sum(cell.cycles), len(cell.cycles), len(cell.cycles))


def median_cycle_length(cell: Cell) -> Answer:
    """Return the median days from creation to win of the deals won."""
    return median([Decimal(days) for days in cell.cycles], len(cell.cycles))


def deals_created(cell: Cell) -> Answer:
    """Return the deals created, whatever became of them."""
    return total_of(len(cell.deals_created), len(cell.deals_created))


def pipeline_created(cell: Cell) -> Answer:
    """Return the amounts, as they are today, of the deals created."""
    return total_of(independent.total(cell.deals_created), len(independent.known(cell.deals_created)))


def sales_velocity(cell: Cell) -> Answer:
    """Return open deals x win rate x deal size over cycle length, as these are published: money a day."""
    closed = len(cell.scope.closed("won", "lost"))
    win_rate, size = (
        independent.deal_win_rate(cell.scope).value,
        independent.average_deal_size(cell.scope).value,
    )
    days = cycle_length(cell).value
    if win_rate is None or size is None:
        return Answer(None, days, None, closed)
    gain = len(cell.scope.snapshots) * cents(win_rate) * cents(size)
    return Answer(gain, days, gain / cents(days) if days else None, closed)


def stale_share(cell: Cell) -> Answer:
    """Return the share of the open deals' value whose expected close date had passed."""
    held = [snapshot for snapshot in cell.scope.snapshots if snapshot.amount is not None]
    stale = independent.total(snapshot for snapshot in held if snapshot.is_stale)
    return quotient(stale, independent.total(held), len(held))


WITH_REP: dict[str, Callable[[Cell], Answer]] = {
    **{f"won_within_{days}_days": partial(won_within, days) for days in (30, 60, 90, 180)},
    "page_views": page_views,
    "video_views": video_views,
    "content_viewers": content_viewers,
    "view_rate": view_rate,
    "engagement_rate": engagement_rate,
    "follow_up_after_view": follow_up_after_view,
    "prompt_follow_up_after_view": prompt_follow_up_after_view,
    "median_follow_up_minutes": median_follow_up_minutes,
    "view_to_meeting_rate": view_to_meeting_rate,
    "cycle_length": cycle_length,
    "median_cycle_length": median_cycle_length,
    "deals_created": deals_created,
    "pipeline_created": pipeline_created,
    "sales_velocity": sales_velocity,
    "stale_share": stale_share,
}
# Visits and spend know neither rep nor company; respondents have no rep.
WITHOUT_REP: dict[str, Callable[[Cell], Answer]] = {
    "website_visits": website_visits,
    "leads_per_visit": leads_per_visit,
    "qualified_per_lead": qualified_per_lead,
    "deals_per_qualified_lead": deals_per_qualified_lead,
    "wins_per_deal": wins_per_deal,
    "wins_per_visit": wins_per_visit,
    "cost_per_visit": cost_per_visit,
    "cost_per_lead": cost_per_lead,
    "cost_per_qualified_lead": cost_per_qualified_lead,
    "cost_per_deal": cost_per_deal,
    "awareness": awareness,
    "top_of_mind": top_of_mind,
    "share_of_voice": share_of_voice,
    "share_of_voice_unweighted": share_of_voice_unweighted,
    "survey_effective_sample_size": survey_effective_sample_size,
}
KPIS = WITH_REP | WITHOUT_REP


def cells(kpi: str) -> list[tuple[Period, tuple[str, str]]]:
    """Return the cells worked out for a KPI: period and slice."""
    whole = [(QUARTER, WHOLE), (YEAR, WHOLE)]
    return [*whole, (QUARTER, REP)] if kpi in WITH_REP else whole


def golden_row(kpi: str, cell: Cell) -> list[str]:
    answer = KPIS[kpi](cell)
    figures = [answer.numerator, answer.denominator, answer.value]
    shown = ("" if figure is None else f"{cents(figure):f}" for figure in figures)
    return [kpi, cell.period.grain, str(cell.period.start), *cell.cut, *shown, str(answer.n)]


def golden_text() -> str:
    """Return the golden numbers as the text of a CSV file."""
    journey = Journey()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for kpi in KPIS:
        writer.writerows(golden_row(kpi, Cell(journey, period, cut)) for period, cut in cells(kpi))
    return out.getvalue()


if __name__ == "__main__":
    independent.print_or_write(golden_text(), GOLDEN)
