"""Work out the golden numbers of response, outreach, meetings and activity from the raw CSV files alone.

It reads and cleans with `independent.py` and follows the words of the KPI descriptions. Run it to print the
numbers, `--write` to put them into golden_contacts_numbers.csv beside it.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil, floor
from zoneinfo import ZoneInfo

import independent as ind
from independent import Cell, Deal, Fact, Person, Result, Row, cents, text_of, time_of

GOLDEN = ind.HERE / "golden_contacts_numbers.csv"

CONTACT_TYPES = {
    "call": {"call", "phone", "phone call"},
    "email": {"email", "e-mail", "mail"},
    "sms": {"sms", "text", "text message", "whatsapp"},
    "social": {"social", "linkedin", "social message"},
    "chat": {"chat", "live chat"},
    "form": {"form", "web form"},
}
UNDELIVERED = {"bounced", "failed", "undelivered", "wrong number", "invalid number", "rejected"}
TWO_WAY = {"connected", "replied", "answered"}
AUTOMATIC = {"auto reply", "auto-reply", "out of office"}
WORKING_DAYS = {1, 2, 3, 4, 5}
OPENS, CLOSES = time(9), time(17)
SLA_MINUTES = 60
TOUCH_LIMIT = 6
EXPIRY = timedelta(days=7)
NOW = datetime.combine(ind.AS_OF + timedelta(days=1), time(), UTC)

ACTIVITY_KINDS = {"occurred_at": "timestamp", "duration_seconds": "number", "is_automated": "boolean"}
MEETING_KINDS = {"requested_at": "timestamp", "scheduled_for": "timestamp", "responded_at": "timestamp"}


# -----------------------------------------------------------------------------------------------------------
# Facts


@dataclass(kw_only=True)
class Activity(Fact):
    activity_id: str
    person_id: str | None
    rep_id: str | None
    at: datetime
    day: date
    kind: str
    direction: str | None
    outcome: str
    is_automated: bool
    seconds: Decimal | None

    @property
    def is_contact(self) -> bool:
        return self.kind in CONTACT_TYPES

    @property
    def is_inbound_contact(self) -> bool:
        return self.is_contact and self.direction == "inbound" and not self.is_automated

    @property
    def is_touch(self) -> bool:
        is_ours = self.is_contact and self.kind != "form" and self.direction == "outbound"
        return is_ours and self.outcome not in UNDELIVERED

    @property
    def is_two_way(self) -> bool:
        return self.is_contact and self.outcome in TWO_WAY and not self.is_automated

    @property
    def talk_minutes(self) -> Decimal | None:
        if self.kind != "call" or self.seconds is None:
            return None
        return cents(self.seconds / 60)


@dataclass(kw_only=True)
class Meeting(Fact):
    """An invitation with all that replaced it: the first answer, the last ending."""

    meeting_id: str
    person_id: str | None
    requested_at: datetime
    requested: date
    response: str
    responded_at: datetime
    scheduled: date | None
    final_status: str
    is_first_accepted: bool = False
    is_first_declined: bool = False
    became_customer: bool = False
    led_to_deal: bool = False

    @property
    def is_accepted(self) -> bool:
        return self.response == "accepted"

    @property
    def is_replied(self) -> bool:
        return self.response in {"accepted", "declined"}

    @property
    def is_decided(self) -> bool:
        return self.is_replied or self.response == "expired"

    @property
    def is_due(self) -> bool:
        has_ended = self.final_status not in {"", "scheduled"}
        has_come = self.scheduled is not None and self.scheduled <= ind.AS_OF
        return self.is_accepted and (has_ended or has_come)

    @property
    def is_held(self) -> bool:
        return self.is_accepted and self.final_status == "held"


@dataclass(kw_only=True)
class Wait(Fact):
    """A qualified lead contacted us and waits for a person's answer."""

    response_id: str
    inbound_at: datetime
    inbound: date
    responded_at: datetime | None
    captured_at: datetime | None
    business_minutes: Decimal | None

    @property
    def minutes(self) -> Decimal | None:
        return minutes_between(self.inbound_at, self.responded_at)

    @property
    def captured_hours(self) -> Decimal | None:
        if self.captured_at is None:
            return None
        return cents(seconds_between(self.inbound_at, self.captured_at) / 3600)

    @property
    def is_pending(self) -> bool:
        return self.is_within(SLA_MINUTES) is None and self.responded_at is None

    def is_within(self, limit: int) -> bool | None:
        """Say whether the answer came in time; None while it still can."""
        if self.minutes is not None:
            return self.minutes <= limit
        return None if NOW - self.inbound_at < timedelta(minutes=limit) else False


@dataclass(kw_only=True)
class Touch(Fact):
    activity: Activity
    number: int


@dataclass(kw_only=True)
class Pursuit(Fact):
    """A qualified lead, and what was done until its outcome."""

    lead_id: str
    qualified: date
    touches: list[Activity]
    weeks: Decimal
    has_wanted_outcome: bool
    became_customer: bool
    is_lost: bool

    @property
    def is_over_touched(self) -> bool:
        return len(self.touches) > TOUCH_LIMIT


def seconds_between(since: datetime, until: datetime) -> Decimal:
    return Decimal(str((until - since).total_seconds()))


def minutes_between(since: datetime, until: datetime | None) -> Decimal | None:
    return None if until is None else cents(seconds_between(since, until) / 60)


def kind_of(cell: Cell) -> str:
    word = text_of(cell).lower()
    return next((kind for kind, spellings in CONTACT_TYPES.items() if word in spellings), word)


def direction_of(kind: str, cell: Cell) -> str | None:
    return text_of(cell).lower() or ("inbound" if kind == "form" else None)


def read_rows(entity: str, kinds: dict[str, str], required: list[str]) -> list[Row]:
    """Return the usable rows of a file that `independent` does not know."""
    raws = ind.read_csv(ind.SEEDS / "demo" / f"raw_{entity}.csv")
    rows = (ind.typed(raw, kinds) for raw in raws)
    return [row for row in rows if row and all(row[column] is not None for column in required)]


class Contacts:
    """All contacts, meetings and waits of the demo company as of the as-of date."""

    def __init__(self) -> None:
        self.data = ind.Data()
        self.deal_people = {deal.deal_id: deal.person_id for deal in self.data.deals}
        self.owners = {text_of(row["lead_id"]): text_of(row["owner_id"]) for row in self.lead_rows()}
        self.qualified_at = dict(self.qualifications())
        self.activities = sorted(self.read_activities(), key=lambda a: (a.at, a.activity_id))
        self.meetings = self.read_meetings()
        mark_first_meetings(self.meetings, self.data.people)
        self.holidays = read_holidays()
        self.by_person: dict[str, list[Activity]] = defaultdict(list)
        for activity in self.activities:
            if activity.person_id:
                self.by_person[activity.person_id].append(activity)
        self.waits = [wait for person in self.data.people for wait in self.waits_of(person)]
        self.pursuits = [self.pursuit(p) for p in self.data.people.values() if p.qualified]
        self.touches = list(self.counted_touches())

    def lead_rows(self) -> list[Row]:
        rows = ind.newest((row for row in ind.read_entity("leads") if not ind.is_test(row)), "lead_id")
        return [row for row in rows if ind.past_day(row["created_at"])]

    def qualifications(self) -> Iterator[tuple[str, datetime]]:
        """Yield the moment each person qualified: recorded, else the first of conversion and deal."""
        recorded: dict[str, list[datetime]] = defaultdict(list)
        implied: dict[str, list[datetime]] = defaultdict(list)
        for row in self.lead_rows():
            person = self.data.person_of[text_of(row["lead_id"])]
            recorded[person] += past_moments(row["qualified_at"])
            implied[person] += past_moments(row["converted_at"])
        for deal in self.data.deals:
            if deal.person_id:
                implied[deal.person_id] += past_moments(deal.raw["created_at"])
        for person in self.data.people:
            moments = recorded[person] or implied[person]
            if moments:
                yield person, min(moments)

    def person_of(self, row: Row) -> str | None:
        """Return the person of a lead, else that of the deal."""
        person = self.data.person_of.get(text_of(row["lead_id"]))
        return person or self.deal_people.get(text_of(row["deal_id"]))

    def slices(self, rep_id: Cell) -> Fact:
        rep, team = self.data.rep_slices(rep_id)
        return Fact(rep=rep, team=team)

    def read_activities(self) -> Iterator[Activity]:
        required = ["activity_id", "occurred_at", "activity_type"]
        for row in read_rows("activities", ACTIVITY_KINDS, required):
            at, day = time_of(row["occurred_at"]), ind.past_day(row["occurred_at"])
            if at is None or day is None:
                continue
            cut = self.slices(row["rep_id"])
            outcome = text_of(row["outcome"]).lower()
            direction = direction_of(kind_of(row["activity_type"]), row["direction"])
            is_notice = outcome in AUTOMATIC and direction != "outbound"
            yield Activity(
                rep=cut.rep,
                team=cut.team,
                activity_id=text_of(row["activity_id"]),
                person_id=self.person_of(row),
                rep_id=text_of(row["rep_id"]) or None,
                at=at,
                day=day,
                kind=kind_of(row["activity_type"]),
                direction=direction,
                outcome=outcome,
                is_automated=row["is_automated"] is True or is_notice,
                seconds=ind.number_of(row["duration_seconds"]),
            )

    def read_meetings(self) -> list[Meeting]:
        rows = read_rows("meetings", MEETING_KINDS, ["meeting_id", "requested_at"])
        rows = [row for row in rows if ind.past_day(row["requested_at"])]
        rows.sort(key=lambda row: (time_of(row["requested_at"]), text_of(row["meeting_id"])))
        known = {text_of(row["meeting_id"]) for row in rows}
        following: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            following[text_of(row["rescheduled_from_id"])].append(row)
        firsts = [row for row in rows if text_of(row["rescheduled_from_id"]) not in known]
        return [self.meeting([row, *replacements(row, following)]) for row in firsts]

    def meeting(self, chain: list[Row]) -> Meeting:
        root, last = chain[0], chain[-1]
        requested_at = time_of(root["requested_at"]) or NOW
        answers = [row for row in chain if text_of(row["response"]).lower() in {"accepted", "declined"}]
        answers = [row for row in answers if (time_of(row["responded_at"]) or requested_at) < NOW]
        response, responded_at = silence(last, requested_at), requested_at
        if answers:
            response = text_of(answers[0]["response"]).lower()
            responded_at = time_of(answers[0]["responded_at"]) or requested_at
        is_late_no = len(chain) > 1 and text_of(last["response"]).lower() == "declined"
        status = text_of(last["final_status"]).lower() or ("declined" if is_late_no else "")
        cut = self.slices(root["rep_id"])
        return Meeting(
            rep=cut.rep,
            team=cut.team,
            meeting_id=text_of(root["meeting_id"]),
            person_id=self.person_of(root),
            requested_at=requested_at,
            requested=ind.day_of(root["requested_at"]) or ind.AS_OF,
            response=response,
            responded_at=responded_at,
            scheduled=ind.day_of(last["scheduled_for"]),
            final_status=status,
        )

    def waits_of(self, person: str) -> Iterator[Wait]:
        """Yield one wait for all the contacts of a qualified lead before one and the same answer."""
        since = self.qualified_at.get(person)
        answered: set[datetime | None] = set()
        for inbound in self.by_person[person]:
            if since is None or not inbound.is_inbound_contact or inbound.at < since:
                continue
            answer = self.answer(person, inbound.at)
            if answer not in answered:
                answered.add(answer)
                yield self.wait(person, inbound, answer)

    def answer(self, person: str, since: datetime) -> datetime | None:
        own = self.by_person[person]
        return min((a.at for a in own if a.is_touch and not a.is_automated and a.at >= since), default=None)

    def capture(self, person: str, since: datetime) -> datetime | None:
        reached = [a.at for a in self.by_person[person] if a.is_two_way]
        reached += [m.responded_at for m in self.meetings if m.person_id == person and m.is_accepted]
        return min((at for at in reached if at >= since), default=None)

    def wait(self, person: str, inbound: Activity, answer: datetime | None) -> Wait:
        rep_id = inbound.rep_id or self.owners.get(person) or ""
        cut = self.slices(rep_id)
        return Wait(
            rep=cut.rep,
            team=cut.team,
            response_id=inbound.activity_id,
            inbound_at=inbound.at,
            inbound=inbound.day,
            responded_at=answer,
            captured_at=self.capture(person, inbound.at),
            business_minutes=None if answer is None else self.working_minutes(rep_id, inbound.at, answer),
        )

    def working_minutes(self, rep_id: str, since: datetime, until: datetime) -> Decimal:
        """Return the minutes between two moments that lie in the working hours of the rep."""
        rep = self.data.reps.get(rep_id, {})
        zone = ZoneInfo(text_of(rep.get("time_zone")) or "UTC")
        day, seconds = since.astimezone(zone).date(), Decimal()
        while day <= until.astimezone(zone).date():
            is_free = (day, "all") in self.holidays or (day, text_of(rep.get("team"))) in self.holidays
            if day.isoweekday() in WORKING_DAYS and not is_free:
                opens = datetime.combine(day, OPENS, zone).astimezone(UTC)
                closes = datetime.combine(day, CLOSES, zone).astimezone(UTC)
                seconds += max(Decimal(), seconds_between(max(opens, since), min(closes, until)))
            day += timedelta(days=1)
        return cents(seconds / 60)

    def pursuit(self, person: Person) -> Pursuit:
        """Return the lead with its touches from its qualification to the day of its outcome.

        Both days count; a lead whose outcome came before its qualification has the day it qualified.
        """
        since = self.qualified_at[person.person_id]
        qualified = ind.day_of(since) or ind.AS_OF
        meetings = [m for m in self.meetings if m.person_id == person.person_id and m.is_accepted]
        yes = ind.first(ind.day_of(m.responded_at) for m in meetings if m.responded_at >= since)
        outcome = ind.first([yes, person.left_open])
        until = outcome or ind.AS_OF
        own = [a for a in self.by_person[person.person_id] if a.is_touch]
        days = max((until - qualified).days, 0) + 1
        return Pursuit(
            rep=person.rep,
            team=person.team,
            lead_id=person.person_id,
            qualified=qualified,
            touches=[a for a in own if a.at >= since and a.day <= until],
            weeks=cents(Decimal(days) / 7),
            has_wanted_outcome=outcome is not None and outcome in {yes, person.customer_since},
            became_customer=person.customer_since is not None,
            is_lost=person.left_open is not None and person.customer_since is None,
        )

    def counted_touches(self) -> Iterator[Touch]:
        for pursuit in self.pursuits:
            for number, activity in enumerate(pursuit.touches, start=1):
                yield Touch(rep=activity.rep, team=activity.team, activity=activity, number=number)


def past_moments(cell: Cell) -> list[datetime]:
    moment = time_of(cell)
    return [moment] if moment and ind.past_day(moment) else []


def read_holidays() -> set[tuple[date, str]]:
    rows = ind.read_csv(ind.SEEDS / "vocabulary" / "holidays.csv")
    return {(ind.read_day(row["holiday_date"].strip()), row["team"].strip()) for row in rows}


def replacements(row: Row, following: dict[str, list[Row]]) -> Iterator[Row]:
    for later in following[text_of(row["meeting_id"])][:1]:
        yield later
        yield from replacements(later, following)


def silence(row: Row, requested_at: datetime) -> str:
    """Return what a meeting is that nobody answered: withdrawn, expired or pending."""
    response = text_of(row["response"]).lower()
    if response in {"withdrawn", "expired"}:
        return response
    return "expired" if NOW - requested_at >= EXPIRY else "pending"


def mark_first_meetings(meetings: list[Meeting], people: dict[str, Person]) -> None:
    """Mark the first yes and the first no of each lead that was not a customer when it was asked."""
    said_yes: set[str] = set()
    said_no: set[str] = set()
    for meeting in sorted(meetings, key=lambda m: (m.requested_at, m.meeting_id)):
        if meeting.person_id is None:
            continue
        created = [deal.created for deal in people[meeting.person_id].deals]
        meeting.led_to_deal = any(day >= meeting.requested for day in created)
        since = people[meeting.person_id].customer_since
        meeting.became_customer = since is not None
        if since is not None and since < meeting.requested:
            continue
        if meeting.is_accepted and meeting.person_id not in said_yes:
            said_yes.add(meeting.person_id)
            meeting.is_first_accepted = True
        if meeting.response == "declined" and meeting.person_id not in said_no:
            said_no.add(meeting.person_id)
            meeting.is_first_declined = True


# -----------------------------------------------------------------------------------------------------------
# The KPIs


@dataclass
class Scope:
    """The facts of one period and slice member."""

    waits: list[Wait]
    pursuits: list[Pursuit]
    touches: list[Touch]
    meetings: list[Meeting]
    activities: list[Activity]
    won: list[Deal]
    lost: list[Deal]


@dataclass(frozen=True)
class Quantile(Result):
    """A percentile: events with a value over all events, and the value itself."""

    point: Decimal | None = None

    @property
    def value(self) -> Decimal | None:
        return self.point


def count(records: int) -> Result:
    return Result(Decimal(records), None, records, is_quotient=False)


def rate(facts: Iterable[bool]) -> Result:
    said = list(facts)
    return ind.rate(sum(said), len(said))


def mean(values: Iterable[Decimal | None]) -> Result:
    known = [value for value in values if value is not None]
    return Result(sum(known, Decimal()), Decimal(len(known)), len(known))


def ratio(part: int, whole: int) -> Result:
    return Result(Decimal(part), Decimal(whole), whole)


def percentile(share: Decimal, values: Iterable[Decimal | None]) -> Quantile:
    """Return the percentile between neighbours; a missing value is longer than any."""
    everything = list(values)
    known = sorted(value for value in everything if value is not None)
    place = share * (len(everything) - 1)
    below, above = floor(place), ceil(place)
    point = None
    if everything and above < len(known):
        point = known[below] + (known[above] - known[below]) * (place - below)
    return Quantile(Decimal(len(known)), Decimal(len(everything)), len(everything), point=point)


HALF, NINE_IN_TEN = Decimal("0.5"), Decimal("0.9")


def settled(scope: Scope) -> list[Wait]:
    return [wait for wait in scope.waits if not wait.is_pending]


def within(scope: Scope, limit: int) -> Result:
    said = (wait.is_within(limit) for wait in scope.waits)
    return rate(fact for fact in said if fact is not None)


def average_response_time(scope: Scope) -> Result:
    """Average the minutes by the clock of those answered."""
    return mean(wait.minutes for wait in scope.waits)


def business_response_time(scope: Scope) -> Result:
    """Average the minutes in working hours of those answered."""
    return mean(wait.business_minutes for wait in scope.waits)


def business_response_time_median(scope: Scope) -> Result:
    """Return the median of the minutes in working hours, never answered being longer than any."""
    return percentile(HALF, (wait.business_minutes for wait in settled(scope)))


def median_response_time(scope: Scope) -> Result:
    """Return the median of the minutes, never answered being longer than any."""
    return percentile(HALF, (wait.minutes for wait in settled(scope)))


def median_response_time_of_responded(scope: Scope) -> Result:
    """Return the median of the minutes of those answered."""
    return percentile(HALF, (wait.minutes for wait in scope.waits if wait.minutes is not None))


def p90_response_time(scope: Scope) -> Result:
    """Return the 90th percentile of the minutes, never answered being longer than any."""
    return percentile(NINE_IN_TEN, (wait.minutes for wait in settled(scope)))


def response_rate(scope: Scope) -> Result:
    """Share the answered among all that are not pending."""
    return rate(wait.responded_at is not None for wait in settled(scope))


def response_within_sla(scope: Scope) -> Result:
    """Share those answered within the SLA."""
    return within(scope, SLA_MINUTES)


def response_within_5_minutes(scope: Scope) -> Result:
    """Share those answered within five minutes."""
    return within(scope, 5)


def response_within_1_hour(scope: Scope) -> Result:
    """Share those answered within an hour."""
    return within(scope, 60)


def response_within_24_hours(scope: Scope) -> Result:
    """Share those answered within a day."""
    return within(scope, 24 * 60)


def time_to_capture(scope: Scope) -> Result:
    """Average the hours until the lead was reached, of those reached."""
    return mean(wait.captured_hours for wait in scope.waits)


def follow_up_rate(scope: Scope) -> Result:
    """Share those touched more than once among the touched."""
    return rate(len(pursuit.touches) > 1 for pursuit in scope.pursuits if pursuit.touches)


def follow_ups(scope: Scope) -> Result:
    """Count the counted touches after the first of a lead."""
    return count(sum(touch.number > 1 for touch in scope.touches))


def loss_rate_over_touched(scope: Scope) -> Result:
    """Share the lost among the leads touched too often."""
    return rate(pursuit.is_lost for pursuit in scope.pursuits if pursuit.is_over_touched)


def loss_rate_within_touch_limit(scope: Scope) -> Result:
    """Share the lost among the leads not touched too often."""
    return rate(pursuit.is_lost for pursuit in scope.pursuits if not pursuit.is_over_touched)


def over_touched_share(scope: Scope) -> Result:
    """Share the leads touched too often."""
    return rate(pursuit.is_over_touched for pursuit in scope.pursuits)


def all_touches(pursuits: Iterable[Pursuit]) -> list[Activity]:
    return [activity for pursuit in pursuits for activity in pursuit.touches]


def touch_accuracy(scope: Scope) -> Result:
    """Set the wanted outcomes against the touches; behind it are the qualified leads."""
    wanted = sum(pursuit.has_wanted_outcome for pursuit in scope.pursuits)
    return replace(ratio(wanted, len(all_touches(scope.pursuits))), n=len(scope.pursuits))


def touches_per_lead_week(scope: Scope) -> Result:
    """Set the touches against the weeks of the pursuits."""
    weeks = sum((pursuit.weeks for pursuit in scope.pursuits), Decimal())
    return Result(Decimal(len(all_touches(scope.pursuits))), weeks, len(scope.pursuits))


def automated_touches_per_qualified_lead(scope: Scope) -> Result:
    """Set the touches of a machine against the qualified leads."""
    touches = [activity for activity in all_touches(scope.pursuits) if activity.is_automated]
    return ratio(len(touches), len(scope.pursuits))


def human_touches_per_qualified_lead(scope: Scope) -> Result:
    """Set the touches of a person against the qualified leads."""
    touches = [activity for activity in all_touches(scope.pursuits) if not activity.is_automated]
    return ratio(len(touches), len(scope.pursuits))


def touches_per_qualified_lead(scope: Scope) -> Result:
    """Set the touches against the qualified leads."""
    return ratio(len(all_touches(scope.pursuits)), len(scope.pursuits))


def touches_per_touched_lead(scope: Scope) -> Result:
    """Set the touches against the touched leads."""
    return ratio(len(all_touches(scope.pursuits)), sum(bool(pursuit.touches) for pursuit in scope.pursuits))


def touches_per_win(scope: Scope) -> Result:
    """Set all touches against the leads that became customers."""
    return ratio(len(all_touches(scope.pursuits)), sum(pursuit.became_customer for pursuit in scope.pursuits))


def touches_per_won_lead(scope: Scope) -> Result:
    """Set the touches of the leads that became customers against those leads."""
    won = [pursuit for pursuit in scope.pursuits if pursuit.became_customer]
    return ratio(len(all_touches(won)), len(won))


def meeting_acceptance_rate(scope: Scope) -> Result:
    """Share the accepted among the decided."""
    return rate(meeting.is_accepted for meeting in scope.meetings if meeting.is_decided)


def meeting_acceptance_rate_of_replied(scope: Scope) -> Result:
    """Share the accepted among the answered."""
    return rate(meeting.is_accepted for meeting in scope.meetings if meeting.is_replied)


def meeting_acceptance_rate_of_sent(scope: Scope) -> Result:
    """Share the accepted among all that were not withdrawn."""
    return rate(meeting.is_accepted for meeting in scope.meetings if meeting.response != "withdrawn")


def meeting_held_rate(scope: Scope) -> Result:
    """Share those that took place among the accepted that do not lie ahead."""
    return rate(meeting.is_held for meeting in scope.meetings if meeting.is_due)


def accepted_meeting_win_rate(scope: Scope) -> Result:
    """Share the customers among the leads by their first accepted meeting."""
    return rate(meeting.became_customer for meeting in scope.meetings if meeting.is_first_accepted)


def declined_meeting_win_rate(scope: Scope) -> Result:
    """Share the customers among the leads by their first declined meeting."""
    return rate(meeting.became_customer for meeting in scope.meetings if meeting.is_first_declined)


def value_per_meeting(scope: Scope) -> Result:
    """Return deal size x win rate, both as published, x leads with a deal over leads with a meeting."""
    firsts = [meeting for meeting in scope.meetings if meeting.is_first_accepted]
    amounts = ind.amounts(scope.won)
    if not scope.won + scope.lost or not amounts:
        return Result(None, Decimal(len(firsts)), len(firsts))
    size = ind.cents(sum(amounts, Decimal()) / len(amounts))
    win_rate = ind.cents(Decimal(len(scope.won)) / len(scope.won + scope.lost))
    deals = sum(meeting.led_to_deal for meeting in firsts)
    return Result(deals * win_rate * size, Decimal(len(firsts)), len(firsts))


def meetings_held(scope: Scope) -> Result:
    """Count those that took place."""
    return count(sum(meeting.is_held for meeting in scope.meetings))


def meetings_requested(scope: Scope) -> Result:
    """Count all that were asked for."""
    return count(len(scope.meetings))


def meetings_scheduled(scope: Scope) -> Result:
    """Count those accepted."""
    return count(sum(meeting.is_accepted for meeting in scope.meetings))


def activities_logged(scope: Scope) -> Result:
    """Count all activities."""
    return count(len(scope.activities))


def talk_time(scope: Scope) -> Result:
    """Add up the minutes of the calls whose length is known."""
    minutes = [activity.talk_minutes for activity in scope.activities]
    return ind.stock([length for length in minutes if length is not None])


def wins_per_100_activities(scope: Scope) -> Result:
    """Set a hundred times the won deals against the activities."""
    return ratio(100 * len(scope.won), len(scope.activities))


KPIS: tuple[Callable[[Scope], Result], ...] = (
    average_response_time,
    business_response_time,
    business_response_time_median,
    median_response_time,
    median_response_time_of_responded,
    p90_response_time,
    response_rate,
    response_within_sla,
    response_within_5_minutes,
    response_within_1_hour,
    response_within_24_hours,
    time_to_capture,
    follow_up_rate,
    follow_ups,
    loss_rate_over_touched,
    loss_rate_within_touch_limit,
    over_touched_share,
    touch_accuracy,
    touches_per_lead_week,
    automated_touches_per_qualified_lead,
    human_touches_per_qualified_lead,
    touches_per_qualified_lead,
    touches_per_touched_lead,
    touches_per_win,
    touches_per_won_lead,
    meeting_acceptance_rate,
    meeting_acceptance_rate_of_replied,
    meeting_acceptance_rate_of_sent,
    meeting_held_rate,
    accepted_meeting_win_rate,
    declined_meeting_win_rate,
    value_per_meeting,
    meetings_held,
    meetings_requested,
    meetings_scheduled,
    activities_logged,
    talk_time,
    wins_per_100_activities,
)


# -----------------------------------------------------------------------------------------------------------
# The golden cells

REP = ("rep", "Noor Linden")
CELLS = ((ind.QUARTER, ind.WHOLE), (ind.YEAR, ind.WHOLE), (ind.QUARTER, REP))


def scope_of(contacts: Contacts, period: ind.Period, cut: tuple[str, str]) -> Scope:
    closed = [deal for deal in contacts.data.deals if deal.is_in(*cut) and period.has(deal.closed)]
    return Scope(
        waits=[w for w in contacts.waits if w.is_in(*cut) and period.has(w.inbound)],
        pursuits=[p for p in contacts.pursuits if p.is_in(*cut) and period.has(p.qualified)],
        touches=[t for t in contacts.touches if t.is_in(*cut) and period.has(t.activity.day)],
        meetings=[m for m in contacts.meetings if m.is_in(*cut) and period.has(m.requested)],
        activities=[a for a in contacts.activities if a.is_in(*cut) and period.has(a.day)],
        won=[deal for deal in closed if deal.outcome == "won"],
        lost=[deal for deal in closed if deal.outcome == "lost"],
    )


def golden_row(
    kpi: Callable[[Scope], Result], scope: Scope, period: ind.Period, cut: tuple[str, str]
) -> list[str]:
    result = kpi(scope)
    figures = [result.numerator, result.denominator, result.value]
    return [
        kpi.__name__,
        period.grain,
        str(period.start),
        *cut,
        *("" if figure is None else f"{cents(figure):f}" for figure in figures),
        str(result.n),
    ]


def golden_text() -> str:
    """Return the golden numbers as the text of a CSV file."""
    contacts = Contacts()
    scopes = [(scope_of(contacts, period, cut), period, cut) for period, cut in CELLS]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(ind.COLUMNS)
    for kpi in KPIS:
        writer.writerows(golden_row(kpi, *place) for place in scopes)
    return out.getvalue()


if __name__ == "__main__":
    ind.print_or_write(golden_text(), GOLDEN)
