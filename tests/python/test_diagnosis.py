"""Which step is weak and what there is to do in the demo company, worked out again from the raw files."""

from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from building import rows
from golden_contacts import ACTIVITY_KINDS, AUTOMATIC, MEETING_KINDS, NOW, UNDELIVERED, Contacts, read_rows
from golden_journey import Journey
from independent import AS_OF, WHOLE, Period, Person, months_before, past_day, text_of

MEMBERS = [WHOLE, ("team", "Europe"), ("rep", "Kim Arden"), ("rep", "Toni Frey"), ("segment", "SMB")]
QUARTERS = [date(year, month, 1) for year in (2024, 2025) for month in (1, 4, 7, 10)]

contacts = cache(Contacts)


@cache
def reached() -> tuple[set[str], set[str]]:
    """Return whom a person of ours contacted or asked for a meeting, and who accepted one."""
    known = contacts()
    touched = {
        person
        for person, activities in known.by_person.items()
        if any(activity.is_touch and not activity.is_automated for activity in activities)
    }
    asked = {meeting.person_id for meeting in known.meetings if meeting.person_id}
    people = {
        activity.activity_id: activity.person_id for all_ in known.by_person.values() for activity in all_
    }
    answered = {people[wait.response_id] for wait in known.waits if wait.responded_at}
    accepted = {meeting.person_id for meeting in known.meetings if meeting.is_first_accepted}
    return {p for p in touched | asked | answered if p}, {p for p in accepted if p}


def steps(period: Period, cut: tuple[str, str]) -> dict[str, int]:
    """Count the leads of a period at each step; whoever got further was at the steps before."""
    contacted, accepted = reached()
    people = [person for person in contacts().data.people.values() if person.is_in(*cut)]
    created = [person for person in people if period.has(person.created)]
    qualified = [person for person in people if period.has(person.qualified)]

    def further(person: Person) -> bool:
        return bool(person.deals) or person.person_id in accepted

    return {
        "leads": len(created),
        "of_leads": sum(person.qualified is not None for person in created),
        "qualified": len(qualified),
        "responded": sum(further(person) or person.person_id in contacted for person in qualified),
        "contacted": sum(person.person_id in contacted for person in qualified),
        "accepted": sum(person.person_id in accepted for person in qualified),
        "deals": sum(bool(person.deals) for person in qualified),
        "customers": sum(person.customer_since is not None for person in qualified),
    }


def quarter(start: date) -> Period:
    return Period("quarter", start, months_before(start, -3))


@pytest.mark.parametrize("cut", MEMBERS, ids=str)
def test_every_step_is_as_counted_from_the_files(demo_database: Path, cut: tuple[str, str]) -> None:
    """In the demo company the meeting is recorded too rarely to be a step, so that deals follow responses."""
    for start in QUARTERS:
        counted = steps(quarter(start), cut)
        published = rows(
            demo_database,
            "select step, entered, passed, recorded from explain.conversion_diagnosis "
            "where period_grain = 'quarter' and period_start = ? and slice = ? and slice_value = ? "
            "order by step_order",
            start,
            *cut,
        )
        assert published == [
            ("qualified", counted["leads"], counted["of_leads"], counted["of_leads"]),
            ("responded", counted["qualified"], counted["responded"], counted["contacted"]),
            ("meeting accepted", None, None, counted["accepted"]),
            ("deal", counted["responded"], counted["deals"], counted["deals"]),
            ("won", counted["deals"], counted["customers"], counted["customers"]),
        ]


@pytest.mark.parametrize("cut", MEMBERS, ids=str)
def test_what_is_usual_is_the_year_before(demo_database: Path, cut: tuple[str, str]) -> None:
    [(entered, passed)] = rows(
        demo_database,
        "select baseline_entered, baseline_passed from explain.conversion_diagnosis where step = 'qualified' "
        "and period_grain = 'quarter' and period_start = '2025-01-01' and slice = ? and slice_value = ?",
        *cut,
    )
    year = [steps(quarter(start), cut) for start in QUARTERS[:4]]
    assert (entered, passed) == (sum(q["leads"] for q in year), sum(q["of_leads"] for q in year))


def test_the_gap_of_a_rep_is_mix_and_its_own(demo_database: Path) -> None:
    """Kim Arden, 2023: what the same leads would have brought at the company's rates of their segments."""
    year = Period("year", date(2023, 1, 1), date(2024, 1, 1))
    cells: dict[tuple[str, str | None], list[bool]] = defaultdict(list)
    for person in contacts().data.people.values():
        if year.has(person.qualified):
            for who in {"all", person.rep}:
                cells[who or "(none)", person.segment].append(person.customer_since is not None)
    own = {segment: won for (who, segment), won in cells.items() if who == "Kim Arden"}
    everybody = [one for (who, _), won in cells.items() if who == "all" for one in won]
    leads = sum(map(len, own.values()))
    expected = sum(
        len(won) * sum(cells["all", segment]) / len(cells["all", segment]) for segment, won in own.items()
    )
    [(published_leads, customers, mix, rest)] = rows(
        demo_database,
        "select leads, customers, mix_effect, own_effect from explain.conversion_effects "
        "where period_grain = 'year' and period_start = '2023-01-01' and slice_value = 'Kim Arden' "
        "and reference = 'the company'",
    )
    assert (published_leads, customers) == (leads, sum(sum(won) for won in own.values()))
    assert float(mix) == pytest.approx(expected / leads - sum(everybody) / len(everybody), abs=2e-6)
    assert float(rest) == pytest.approx((customers - expected) / leads, abs=2e-6)


def test_who_waits_for_an_answer(demo_database: Path) -> None:
    known = contacts()
    people = {
        activity.activity_id: activity.person_id for all_ in known.by_person.values() for activity in all_
    }
    waiting = {}
    for wait in known.waits:
        person = known.data.people[people[wait.response_id] or ""]
        if not wait.responded_at and not wait.captured_at and person.left_open is None:
            rep_id = known.owners.get(person.person_id) or ""
            waiting[wait.response_id] = (
                person.person_id,
                known.working_minutes(rep_id, wait.inbound_at, NOW),
            )
    published = rows(
        demo_database, "select response_id, lead_id, business_waited_minutes from explain.leads_waiting"
    )
    assert waiting
    assert {response: (lead, minutes) for response, lead, minutes in published} == waiting


def test_whose_view_nobody_has_followed_up(demo_database: Path) -> None:
    journey = Journey()
    touched, asked = journey.contacts(), journey.requests()
    views: dict[str, list[date]] = defaultdict(list)
    for view in journey.views:
        person = journey.data.people.get(view.person_id or "")
        if not view.is_view or person is None or (AS_OF - view.day).days >= 30:
            continue
        is_out = person.left_open is not None and person.customer_since is None
        if not is_out and not any(at > view.at for at in touched[person.person_id] + asked[person.person_id]):
            views[person.person_id].append(view.day)
    published = rows(
        demo_database,
        "select lead_id, views, viewed_date, due_date, is_overdue from explain.views_to_follow_up",
    )
    week = timedelta(days=7)
    assert views
    assert {lead: rest for lead, *rest in published} == {
        lead: [len(days), min(days), min(days) + week, min(days) + week <= AS_OF]
        for lead, days in views.items()
    }


def test_which_deals_show_no_sign_of_life(demo_database: Path) -> None:
    known = contacts()
    deals = {deal.deal_id for deal in known.data.deals}
    signs: dict[str | None, list[date]] = defaultdict(list)
    for row in read_rows("activities", ACTIVITY_KINDS, ["activity_id", "occurred_at", "activity_type"]):
        outcome, day = text_of(row["outcome"]).lower(), past_day(row["occurred_at"])
        if day and row["is_automated"] is not True and outcome not in AUTOMATIC | UNDELIVERED:
            deal = text_of(row["deal_id"])
            signs[deal if deal in deals else known.person_of(row)].append(day)
    raw = {text_of(row["meeting_id"]): row for row in read_rows("meetings", MEETING_KINDS, ["meeting_id"])}
    for meeting in known.meetings:
        deal = text_of(raw[meeting.meeting_id]["deal_id"])
        takes_place = meeting.is_accepted and meeting.final_status not in {"canceled", "declined"}
        days = [meeting.requested, *([meeting.scheduled] if takes_place and meeting.scheduled else [])]
        signs[deal if deal in deals else meeting.person_id].append(max(days))
    quiet = {}
    for one in known.data.deals:
        if one.outcome == "open":
            of_lead = signs[one.person_id] if one.person_id else []
            last = max([one.created, *signs[one.deal_id], *of_lead])
            if (AS_OF - last).days >= 30:
                quiet[one.deal_id] = (last, one.amount)
    published = rows(
        demo_database,
        "select deal_id, last_event_date, amount_at_risk from explain.stale_deals where is_quiet",
    )
    assert {deal: (last, amount) for deal, last, amount in published} == quiet


def test_the_page_says_what_is_published(demo_database: Path) -> None:
    """The figures of docs/worklists.md."""
    page = (Path(__file__).parents[2] / "docs" / "worklists.md").read_text(encoding="utf-8")
    found = rows(
        demo_database,
        "select action_type, count(*), coalesce(sum(value), 0) from explain.worklist group by 1 order by 1",
    )
    assert found
    for action, number, value in found:
        [line] = [line for line in page.splitlines() if line.startswith(f"| `{action}` | ")]
        assert f" {number}" in line
        assert f"{value:,.0f}" in line
    findings = rows(
        demo_database,
        "select finding from explain.conversion_diagnosis where is_weakest and period_grain = 'quarter' "
        "and period_start = '2025-01-01' and slice in ('all', 'team', 'rep') "
        "and slice_value in ('all', 'Europe', 'Toni Frey')",
    )
    assert len(findings) == 3
    assert not [finding for (finding,) in findings if finding not in page]
