"""The committed demo data is what the script writes, and holds the dirt that docs/demo.md counts."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

import make_demo
import pytest
from runner.project import entities

Row = dict[str, str]

PROJECT = Path(__file__).resolve().parents[2]
SEEDS = PROJECT / "seeds" / "demo"
ENTITIES = make_demo.read_registry()
STAGES = {"discovery", "proposal", "negotiation", "closed won", "closed lost", "closed invalid"}
OPEN = {"discovery", "proposal", "negotiation"}
DAY = timedelta(days=1)


# -----------------------------------------------------------------------------------------------------------
# Reading the files


@cache
def rows(entity: str) -> list[Row]:
    with (SEEDS / f"raw_{entity}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def moment(text: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed


def known(text: str) -> datetime:
    parsed = moment(text)
    assert parsed, text
    return parsed


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def is_readable(text: str, kind: str) -> bool:
    if kind in ("timestamp", "date"):
        return moment(text) is not None
    if kind == "number":
        return number(text) is not None
    return kind != "boolean" or text.strip().lower() in ("true", "yes", "1", "false", "no", "0")


@cache
def types(entity: str) -> dict[str, list[str]]:
    return {column: kind.split() for column, kind in entities()[entity].items()}


def unreadable(entity: str, *kinds: str) -> int:
    return sum(
        row[column].strip() != "" and not is_readable(row[column], words[0])
        for row in rows(entity)
        for column, words in types(entity).items()
        if words[0] in kinds
    )


def missing(entity: str, column: str) -> int:
    return sum(not row[column].strip() for row in rows(entity))


@cache
def usable(entity: str) -> list[Row]:
    """Rows that can be read; of those that share an id, the one loaded last."""
    found: dict[str, Row] = {}
    for position, row in enumerate(rows(entity)):
        cells = [(row[column].strip(), words) for column, words in types(entity).items()]
        if all(is_readable(text, words[0]) if text else "required" not in words for text, words in cells):
            ids = [row[column] for column, words in types(entity).items() if "id" in words]
            key = ids[0] if ids else str(position)
            if key not in found or row.get("loaded_at", "") >= found[key].get("loaded_at", ""):
                found[key] = row
    return list(found.values())


def stage_of(row: Row) -> str:
    return row["stage"].strip().lower()


def count(entity: str, wanted: Callable[[Row], object]) -> int:
    return sum(bool(wanted(row)) for row in usable(entity))


def ids(entity: str, column: str) -> set[str]:
    return {row[column] for row in usable(entity)}


def repeated(entity: str, column: str) -> int:
    found = Counter(row[column] for row in rows(entity) if row[column].strip())
    return sum(times - 1 for times in found.values())


def is_closed_name(row: Row) -> bool:
    return row["stage"] in ("Closed Won", "Closed Lost", "Closed Invalid")


# -----------------------------------------------------------------------------------------------------------
# What the rows say together


@cache
def came_back() -> dict[str, Row]:
    """The leads of people who had come before, by lead_id, each with the first lead."""
    firsts: dict[str, Row] = {}
    found = {}
    for row in sorted(usable("leads"), key=lambda row: (known(row["created_at"]), row["lead_id"])):
        email = row["email"].strip().lower()
        if email and row["is_test"] != "true":
            first = firsts.setdefault(email, row)
            if first is not row:
                found[row["lead_id"]] = first
    return found


@cache
def leads() -> dict[str, Row]:
    return {row["lead_id"]: row for row in usable("leads")}


@cache
def histories() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(usable("deal_changes"), key=lambda row: known(row["changed_at"])):
        found[row["deal_id"]].append(row)
    return found


@cache
def stages_passed(deal_id: str) -> list[str]:
    return [stage_of(row) for row in histories().get(deal_id, []) if row["stage"]]


def was_reopened(deal: Row) -> bool:
    steps = pairwise(stages_passed(deal["deal_id"]))
    return any(before == "closed lost" and after in OPEN for before, after in steps)


def pushed_close_dates() -> int:
    pushes = 0
    for history in histories().values():
        closes = [row["expected_close_date"] for row in history if row["expected_close_date"]]
        pushes += sum(before < after for before, after in pairwise(closes))
    return pushes


def answered(inbound: Row) -> bool:
    return any(
        row["direction"] == "outbound"
        and row["is_automated"] != "true"
        and row["lead_id"] == inbound["lead_id"]
        and known(row["occurred_at"]) >= known(inbound["occurred_at"])
        for row in usable("activities")
    )


@cache
def spells() -> dict[str, list[Row]]:
    """The paid subscriptions of each account, in order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(usable("subscriptions"), key=lambda row: row["started_on"]):
        if row["amount"] != "0":
            found[row["account_id"]].append(row)
    return found


def monthly(row: Row) -> float:
    return float(row["amount"]) / (12 if row["billing_period"] == "year" else 1)


def successions(wanted: Callable[[Row, Row], object]) -> int:
    return sum(
        bool(wanted(before, after)) for spell in spells().values() for before, after in pairwise(spell)
    )


def overlaps(before: Row, after: Row) -> bool:
    return not before["ended_on"] or after["started_on"] < before["ended_on"]


@cache
def purchase_days() -> dict[str, set[str]]:
    """The days on which each account bought something that never subscribed."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in usable("payments"):
        if float(row["amount"]) > 0 and row["account_id"] not in ids("subscriptions", "account_id"):
            found[row["account_id"]].add(str(known(row["paid_at"]).date()))
    return found


def customers_who_left() -> int:
    horizon = str(make_demo.LAST_DAY)
    return sum(
        all(row["ended_on"] and row["ended_on"] < horizon for row in spell) for spell in spells().values()
    )


@cache
def channel_of(spelling: str) -> str:
    return next(
        (
            channel
            for channel, spellings in make_demo.CHANNELS.items()
            if spelling.strip().lower() in {text.strip().lower() for text in spellings}
        ),
        "",
    )


@cache
def lead_spend() -> dict[tuple[str, str], float]:
    """Spend to generate leads by channel and month, about in dollars."""
    found: dict[tuple[str, str], float] = defaultdict(float)
    for row in usable("spend"):
        if row["cost_type"] == "lead_generation" and row["channel"].strip():
            rate = make_demo.USD_RATES[row["currency"].upper()]
            found[channel_of(row["channel"]), row["spend_date"][:7]] += float(row["amount"]) * rate
    return found


def spend_without_wins() -> int:
    wins = {
        (channel_of(row["channel"]), str(known(row["closed_at"]))[:7])
        for row in usable("deals")
        if stage_of(row) == "closed won"
    }
    return sum(amount > 0 and key not in wins for key, amount in lead_spend().items())


def refreshes() -> int:
    seen = defaultdict(list)
    for row in usable("content_views"):
        if row["is_bot"] != "true":
            seen[row["lead_id"], row["content_id"], row["sent_at"]].append(known(row["viewed_at"]))
    return sum(
        after - before < timedelta(seconds=30)
        for times in seen.values()
        for before, after in pairwise(sorted(times))
    )


def twice_named() -> int:
    own = {alias.strip().lower() for alias in make_demo.OWN_ALIASES}
    named = Counter(
        row["respondent_id"] for row in usable("survey_responses") if row["brand"].strip().lower() in own
    )
    return sum(times > 1 for times in named.values())


def meetings(column: str, value: str) -> int:
    return count("meetings", lambda row: row[column] == value)


def near_month_edge(at: datetime) -> bool:
    return (at + timedelta(hours=1)).month != (at - timedelta(hours=1)).month


# -----------------------------------------------------------------------------------------------------------
# The dirt, in the words of docs/demo.md

LAST = "2025-12-31"

PLANTED: dict[str, Callable[[], int]] = {
    # People and leads
    "leads of people who had come before (same e-mail, other case or padding)": lambda: len(came_back()),
    "of these, created in the same second as the first": lambda: sum(
        known(leads()[second]["created_at"]) == known(first["created_at"])
        for second, first in came_back().items()
    ),
    "deals of such second leads": lambda: count("deals", lambda row: row["lead_id"] in came_back()),
    "touches of such second leads": lambda: count("activities", lambda row: row["lead_id"] in came_back()),
    "leads without an e-mail": lambda: count("leads", lambda row: not row["email"]),
    "test leads by flag": lambda: count("leads", lambda row: row["is_test"] == "true"),
    "test leads by our own domain only": lambda: count(
        "leads", lambda row: row["is_test"] != "true" and row["email"].endswith("@own.example")
    ),
    "leads converted without being qualified": lambda: count(
        "leads", lambda row: row["converted_at"] and not row["qualified_at"]
    ),
    "leads disqualified after being qualified": lambda: count(
        "leads",
        lambda row: (
            row["qualified_at"]
            and row["disqualified_at"]
            and known(row["disqualified_at"]) > known(row["qualified_at"])
        ),
    ),
    "leads qualified 60 days or more after they came": lambda: count(
        "leads",
        lambda row: row["qualified_at"] and known(row["qualified_at"]) - known(row["created_at"]) >= 60 * DAY,
    ),
    "leads qualified only after they converted": lambda: count(
        "leads",
        lambda row: (
            row["qualified_at"]
            and row["converted_at"]
            and known(row["qualified_at"]) > known(row["converted_at"])
        ),
    ),
    "leads within an hour of a month's edge": lambda: count(
        "leads", lambda row: near_month_edge(known(row["created_at"]))
    ),
    "leads without a channel": lambda: count("leads", lambda row: not row["channel"]),
    "leads without a country": lambda: count("leads", lambda row: not row["country"]),
    "leads without a score": lambda: count("leads", lambda row: not row["lead_score"]),
    "leads without a number of employees": lambda: count("leads", lambda row: not row["employee_count"]),
    "accounts without a segment": lambda: count("accounts", lambda row: not row["segment"]),
    "accounts without a region": lambda: count("accounts", lambda row: not row["region"]),
    # Records that cannot be used
    "lead records too many (same lead_id, four older and one an exact copy)": lambda: repeated(
        "leads", "lead_id"
    ),
    "deal records too many (same deal_id, older)": lambda: repeated("deals", "deal_id"),
    "leads with an unreadable date": lambda: unreadable("leads", "date", "timestamp"),
    "leads with an unreadable number": lambda: unreadable("leads", "number"),
    "leads with an unreadable boolean": lambda: unreadable("leads", "boolean"),
    "leads without lead_id": lambda: missing("leads", "lead_id"),
    "leads without created_at": lambda: missing("leads", "created_at"),
    "deals with an unreadable date": lambda: unreadable("deals", "date", "timestamp"),
    "deals with an unreadable number": lambda: unreadable("deals", "number"),
    "deals with an unreadable boolean": lambda: unreadable("deals", "boolean"),
    "deals without deal_id": lambda: missing("deals", "deal_id"),
    "deals without created_at": lambda: missing("deals", "created_at"),
    "spend lines with an unreadable date": lambda: unreadable("spend", "date"),
    "spend lines with an unreadable number": lambda: unreadable("spend", "number"),
    "spend lines without a date": lambda: missing("spend", "spend_date"),
    "spend lines without an amount": lambda: missing("spend", "amount"),
    "activities with an unreadable date": lambda: unreadable("activities", "timestamp"),
    "activities with an unreadable number": lambda: unreadable("activities", "number"),
    "activities with an unreadable boolean": lambda: unreadable("activities", "boolean"),
    "activities without activity_id": lambda: missing("activities", "activity_id"),
    "activities without occurred_at": lambda: missing("activities", "occurred_at"),
    # Deals
    "deals closed before they were created": lambda: count(
        "deals", lambda row: row["closed_at"] and known(row["closed_at"]) < known(row["created_at"])
    ),
    "deals won in the future": lambda: count(
        "deals", lambda row: stage_of(row) == "closed won" and known(row["closed_at"]) > make_demo.END
    ),
    "open deals whose expected close date has passed": lambda: count(
        "deals", lambda row: stage_of(row) in OPEN and row["expected_close_date"] <= LAST
    ),
    "won deals without an amount": lambda: count(
        "deals", lambda row: stage_of(row) == "closed won" and not row["amount"]
    ),
    "open deals without an amount": lambda: count(
        "deals", lambda row: stage_of(row) in OPEN and not row["amount"]
    ),
    "deals with amount 0": lambda: count("deals", lambda row: row["amount"] == "0"),
    "deals without a lead": lambda: count("deals", lambda row: not row["lead_id"]),
    "deals whose lead does not exist": lambda: count(
        "deals", lambda row: row["lead_id"] and row["lead_id"] not in leads()
    ),
    "deals without an account": lambda: count("deals", lambda row: not row["account_id"]),
    "deals whose account does not exist": lambda: count(
        "deals", lambda row: row["account_id"] and row["account_id"] not in ids("accounts", "account_id")
    ),
    "deals without an owner": lambda: count("deals", lambda row: not row["owner_id"]),
    "deals whose owner does not exist": lambda: count(
        "deals", lambda row: row["owner_id"] and row["owner_id"] not in ids("reps", "rep_id")
    ),
    "deleted deals": lambda: count("deals", lambda row: row["is_deleted"] == "true"),
    "stages in another case or padding": lambda: count(
        "deals",
        lambda row: row["stage"] not in ("Discovery", "Proposal", "Negotiation") and not is_closed_name(row),
    ),
    "lost deals without a reason": lambda: count(
        "deals", lambda row: stage_of(row) == "closed lost" and not row["lost_reason"]
    ),
    "lost deals whose reason says that they were invalid": lambda: count(
        "deals",
        lambda row: stage_of(row) == "closed lost" and row["lost_reason"].lower() in ("duplicate", "spam"),
    ),
    "deals without a currency": lambda: count("deals", lambda row: not row["currency"]),
    "deals closed within an hour of a month's edge": lambda: count(
        "deals", lambda row: len(row["closed_at"]) > 10 and near_month_edge(known(row["closed_at"]))
    ),
    # Histories of deals
    "deals lost, reopened and won": lambda: count(
        "deals", lambda row: was_reopened(row) and stage_of(row) == "closed won"
    ),
    "deals lost, reopened and still open": lambda: count(
        "deals", lambda row: was_reopened(row) and stage_of(row) in OPEN
    ),
    "deals without a history": lambda: count("deals", lambda row: row["deal_id"] not in histories()),
    "deals whose history ends at another stage": lambda: count(
        "deals",
        lambda row: stages_passed(row["deal_id"]) and stages_passed(row["deal_id"])[-1] != stage_of(row),
    ),
    "changed amounts": lambda: count("deal_changes", lambda row: row["amount"] and not row["stage"]),
    "pushed close dates": pushed_close_dates,
    "deals handed to another owner": lambda: count(
        "deal_changes", lambda row: row["owner_id"] and not row["stage"]
    ),
    "changes recorded a day or more late": lambda: count(
        "deal_changes", lambda row: known(row["recorded_at"]) - known(row["changed_at"]) > DAY
    ),
    # Spend
    "credits": lambda: count("spend", lambda row: float(row["amount"]) < 0),
    "channel months below zero": lambda: sum(amount < 0 for amount in lead_spend().values()),
    "channel months with spend and no win": spend_without_wins,
    "lead generation lines without a channel": lambda: count(
        "spend", lambda row: row["cost_type"] == "lead_generation" and not row["channel"].strip()
    ),
    "sales cost lines, all without a channel": lambda: count(
        "spend", lambda row: row["cost_type"] == "sales" and not row["channel"]
    ),
    # Activities, meetings, content
    "automatic contacts": lambda: count("activities", lambda row: row["is_automated"] == "true"),
    "bounced contacts": lambda: count("activities", lambda row: row["outcome"] == "bounced"),
    "contacts before the lead existed": lambda: count(
        "activities",
        lambda row: (
            row["lead_id"] in leads()
            and known(row["occurred_at"])
            < known(leads()[row["lead_id"]]["created_at"]) - timedelta(minutes=1)
        ),
    ),
    "contacts of leads that do not exist": lambda: count(
        "activities", lambda row: row["lead_id"] and row["lead_id"] not in leads()
    ),
    "inbound contacts that no person answered": lambda: count(
        "activities", lambda row: row["direction"] == "inbound" and not answered(row)
    ),
    "meetings that replace another": lambda: count("meetings", lambda row: row["rescheduled_from_id"]),
    "of these, replaced again": lambda: count(
        "meetings", lambda row: row["rescheduled_from_id"] and row["final_status"] == "rescheduled"
    ),
    "meetings accepted at first and declined on the new date": lambda: count(
        "meetings", lambda row: row["rescheduled_from_id"] and row["response"] == "declined"
    ),
    "meetings declined": lambda: meetings("response", "declined"),
    "meetings expired": lambda: meetings("response", "expired"),
    "meetings pending": lambda: meetings("response", "pending"),
    "meetings withdrawn": lambda: meetings("response", "withdrawn"),
    "meetings held": lambda: meetings("final_status", "held"),
    "meetings with a no-show": lambda: meetings("final_status", "no_show"),
    "views by robots": lambda: count("content_views", lambda row: row["is_bot"] == "true"),
    "views that are a refresh within 30 seconds": refreshes,
    "videos watched, at least in part": lambda: count(
        "content_views", lambda row: row["watched_seconds"] not in ("", "0")
    ),
    # Customers
    "subscriptions by the month": lambda: count(
        "subscriptions", lambda row: row["billing_period"] == "month"
    ),
    "subscriptions by the year": lambda: count("subscriptions", lambda row: row["billing_period"] == "year"),
    "free trials": lambda: count("subscriptions", lambda row: row["amount"] == "0"),
    "subscriptions that overlap the one before": lambda: successions(overlaps),
    "subscriptions that follow at a higher price": lambda: successions(
        lambda before, after: before["ended_on"] == after["started_on"] and monthly(after) > monthly(before)
    ),
    "subscriptions that follow at a lower price": lambda: successions(
        lambda before, after: before["ended_on"] == after["started_on"] and monthly(after) < monthly(before)
    ),
    "customers who left and returned": lambda: successions(
        lambda before, after: before["ended_on"] and before["ended_on"] < after["started_on"]
    ),
    "customers who left for good": customers_who_left,
    "subscriptions that end on the last day of the data": lambda: count(
        "subscriptions", lambda row: row["ended_on"] == LAST
    ),
    "subscriptions that begin and end inside one month": lambda: count(
        "subscriptions", lambda row: row["amount"] != "0" and row["ended_on"][:7] == row["started_on"][:7]
    ),
    "subscriptions that end on the first of a month": lambda: count(
        "subscriptions", lambda row: row["ended_on"].endswith("-01")
    ),
    "refunds": lambda: count("payments", lambda row: float(row["amount"]) < 0),
    "accounts that pay and never subscribe": lambda: len(purchase_days()),
    "of these, with purchases on two days or more": lambda: sum(
        len(days) > 1 for days in purchase_days().values()
    ),
    "of these, silent for a year": lambda: sum(max(days) < "2025" for days in purchase_days().values()),
    # Surveys
    "survey answers that name no brand": lambda: count(
        "survey_responses", lambda row: row["question"] == "brand_recall" and not row["brand"]
    ),
    "survey answers that name us by another word": lambda: count(
        "survey_responses", lambda row: row["brand"] in ("US ", "Our Co", "our co")
    ),
    "respondents who name us twice": twice_named,
    "survey answers with a weight other than 1": lambda: count(
        "survey_responses", lambda row: row["weight"] not in ("", "1")
    ),
    "respondents known by their e-mail": lambda: count(
        "survey_responses", lambda row: "@" in row["respondent_id"]
    ),
}


def documented() -> dict[str, int]:
    table = re.findall(
        r"^\| (.+?) \| ([\d,]+) \|$", (PROJECT / "docs" / "demo.md").read_text("utf-8"), re.MULTILINE
    )
    return {words: int(times.replace(",", "")) for words, times in table}


# -----------------------------------------------------------------------------------------------------------
# The files


def test_the_script_writes_the_committed_files(tmp_path: Path) -> None:
    make_demo.main(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in SEEDS.iterdir()}
    expected = {f"raw_{entity}.csv" for entity in ENTITIES} | {"_demo__seeds.yml"}
    assert written.keys() == committed.keys() == expected
    assert [name for name in written if written[name] != committed[name]] == []


def test_the_files_are_small() -> None:
    assert sum(path.stat().st_size for path in SEEDS.glob("*.csv")) < 950_000


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_header_is_the_registry(entity: str) -> None:
    assert list(rows(entity)[0]) == ENTITIES[entity]


def test_other_columns_than_the_registry_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"reps: the registry in dbt_project\.yml has the columns rep_id, shoe_size"
    ):
        make_demo.check_columns({"reps": make_demo.rep_rows()}, {"reps": ["rep_id", "shoe_size"]})
    with pytest.raises(ValueError, match="differ in these entities: shoes"):
        make_demo.check_columns({}, {"shoes": ["size"]})


@pytest.mark.parametrize("words", PLANTED)
def test_the_dirt_is_there_and_counted_in_the_docs(words: str) -> None:
    found = PLANTED[words]()
    assert found > 0
    assert documented().get(words) == found


def test_the_docs_list_nothing_else() -> None:
    assert documented().keys() - PLANTED.keys() == {f"`{entity}`" for entity in ENTITIES}
    assert all(documented()[f"`{entity}`"] == len(rows(entity)) for entity in ENTITIES)


# -----------------------------------------------------------------------------------------------------------
# Hostile and mixed text


@pytest.mark.parametrize("name", make_demo.HOSTILE_NAMES, ids=lambda name: ascii(name)[:20])
def test_hostile_company_names_come_through_whole(name: str) -> None:
    assert count("leads", lambda row: row["company_name"] == name)


def test_some_hostile_names_are_accounts() -> None:
    assert count("accounts", lambda row: row["account_name"] in make_demo.HOSTILE_NAMES) >= 2


def test_the_long_name_has_200_characters() -> None:
    assert max(len(row["company_name"]) for row in rows("leads")) == 200


@pytest.mark.parametrize(
    "form",
    [
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+01:00",
        r"\d{4}-\d\d-\d\d",
    ],
)
def test_timestamps_come_in_every_form(form: str) -> None:
    assert count("leads", lambda row: re.fullmatch(form, row["created_at"]))
    assert count("deals", lambda row: re.fullmatch(form, row["closed_at"]))


@pytest.mark.parametrize("channel", make_demo.CHANNELS)
def test_every_spelling_of_a_channel_is_used(channel: str) -> None:
    used = {row["channel"] for row in rows("leads")} | {row["channel"] for row in rows("deals")}
    assert set(make_demo.CHANNELS[channel]) <= used


def test_every_spelling_of_a_country_is_used() -> None:
    used = {row["country"] for row in rows("leads")}
    assert {spelling for country in make_demo.COUNTRIES.values() for spelling in country.spellings} <= used


def test_all_e_mail_addresses_are_at_reserved_domains() -> None:
    for path in SEEDS.glob("*.csv"):
        hosts = re.findall(r"@([\w.-]+)", path.read_text(encoding="utf-8"))
        assert all(host.lower().endswith(".example") for host in hosts), path.name


# -----------------------------------------------------------------------------------------------------------
# What must not be dirty


def test_all_stages_are_known() -> None:
    assert {stage_of(row) for row in rows("deals")} == STAGES
    assert {stage_of(row) for row in rows("deal_changes") if row["stage"]} <= STAGES


def test_no_currency_rate_is_missing() -> None:
    months = [str(month) for month in make_demo.month_starts(date(2022, 12, 1), date(2026, 1, 1))]
    for currency in ("EUR", "GBP", "JPY"):
        assert [row["rate_date"] for row in rows("currency_rates") if row["currency"] == currency] == months
    used = {
        row["currency"].strip().upper()
        for entity in ("leads", "deals", "spend", "subscriptions", "payments")
        for row in rows(entity)
    }
    assert used - {""} == {"USD", "EUR", "GBP", "JPY"}


def test_the_data_ends_on_its_last_day() -> None:
    loads = [row["loaded_at"] for entity in ("leads", "deals", "spend") for row in rows(entity)]
    assert max(loads) == "2025-12-31T23:30:00Z"
    newest = datetime(2026, 1, 1)
    for entity, column in [
        ("leads", "created_at"),
        ("deals", "created_at"),
        ("deal_changes", "changed_at"),
        ("deal_changes", "recorded_at"),
        ("spend", "spend_date"),
        ("activities", "occurred_at"),
        ("meetings", "requested_at"),
        ("subscriptions", "started_on"),
        ("payments", "paid_at"),
        ("content_views", "viewed_at"),
        ("web_visits", "visit_date"),
    ]:
        days = [known(row[column]) for row in usable(entity)]
        assert datetime(2023, 1, 1) <= min(days) < datetime(2023, 4, 1), (entity, column)
        assert datetime(2025, 11, 1) < max(days) < newest, (entity, column)


# -----------------------------------------------------------------------------------------------------------
# What the company is like


def leads_of(start: str, end: str, *without: str) -> int:
    return count(
        "leads",
        lambda row: start <= str(known(row["created_at"])) < end and row["campaign"] not in without,
    )


def deals_of(owner: str, *stages: str) -> int:
    return count("deals", lambda row: row["owner_id"] == owner and (not stages or stage_of(row) in stages))


def test_leads_grow_by_about_a_quarter_each_year() -> None:
    years = [leads_of(str(year), str(year + 1)) for year in make_demo.YEARS]
    assert all(1.15 < after / before < 1.40 for before, after in pairwise(years))


LAUNCHES = ["Spring Launch 2024", "Autumn Launch 2025"]


@pytest.mark.parametrize("year", make_demo.YEARS)
def test_august_is_the_weakest_month_and_the_last_quarter_the_strongest(year: int) -> None:
    edges = [f"{year}-{month:02}" for month in range(1, 13)] + [str(year + 1)]
    months = [leads_of(start, end, *LAUNCHES) for start, end in pairwise(edges)]
    quarters = [sum(months[start : start + 3]) for start in range(0, 12, 3)]
    assert min(months) == months[7]
    assert max(quarters) == quarters[3]


@pytest.mark.parametrize("campaign", LAUNCHES)
def test_a_launch_lifts_the_leads(campaign: str) -> None:
    launch = make_demo.CAMPAIGNS[campaign].launched_on
    before = leads_of(str(launch - 28 * DAY), str(launch))
    after = leads_of(str(launch), str(launch + 28 * DAY))
    assert after > 1.4 * before


def test_about_three_deals_in_five_are_closed() -> None:
    closed = count("deals", lambda row: stage_of(row) not in OPEN)
    assert 0.55 < closed / len(usable("deals")) < 0.65


def test_a_fifth_to_a_quarter_of_the_qualified_people_become_customers() -> None:
    def person(lead: Row) -> str:
        return lead["email"].strip().lower() or lead["lead_id"]

    qualified = {person(row) for row in usable("leads") if row["qualified_at"] and row["is_test"] != "true"}
    won = {leads()[row["lead_id"]]["lead_id"] for row in usable("deals") if is_won_with_lead(row)}
    customers = {person(leads()[lead_id]) for lead_id in won}
    assert 0.20 < len(qualified & customers) / len(qualified) < 0.25


def is_won_with_lead(deal: Row) -> bool:
    return stage_of(deal) == "closed won" and deal["lead_id"] in leads()


def test_higher_scores_win_more() -> None:
    won = {row["lead_id"] for row in usable("deals") if stage_of(row) == "closed won"}
    rates = []
    for low, high in [(0, 40), (40, 60), (60, 101)]:
        band = [row for row in usable("leads") if row["lead_score"] and low <= int(row["lead_score"]) < high]
        rates.append(sum(row["lead_id"] in won for row in band) / len(band))
    assert rates == sorted(rates)


def test_one_rep_never_loses_but_closes_few() -> None:
    lost = {"closed lost", "closed invalid"}
    assert deals_of("R5", *lost) == 0
    assert 5 < deals_of("R5", "closed won") < 15
    mine = [row["deal_id"] for row in usable("deals") if row["owner_id"] == "R5"]
    assert not any(lost & set(stages_passed(deal_id)) for deal_id in mine)


def test_one_rep_has_many_deals_and_wins_few() -> None:
    rates = {
        rep: deals_of(rep, "closed won") / deals_of(rep, "closed won", "closed lost")
        for rep in ("R1", "R2", "R4", "R6", "R7")
    }
    assert min(rates, key=lambda rep: rates[rep]) == "R2"
    assert deals_of("R2") > 100


def test_one_rep_touches_leads_far_more_often() -> None:
    touches = Counter(row["rep_id"] for row in usable("activities") if row["direction"] == "outbound")
    touched = {
        rep: len({row["lead_id"] for row in usable("activities") if row["rep_id"] == rep}) for rep in touches
    }
    per_lead = {rep: touches[rep] / touched[rep] for rep in touches if rep}
    assert per_lead["R7"] > 2 * max(rate for rep, rate in per_lead.items() if rep != "R7")


def test_one_rep_answers_slowly() -> None:
    hours = defaultdict(list)
    for inbound in usable("activities"):
        if inbound["direction"] == "inbound":
            answers = [
                known(row["occurred_at"])
                for row in usable("activities")
                if row["lead_id"] == inbound["lead_id"]
                and row["outcome"] == "connected"
                and known(row["occurred_at"]) > known(inbound["occurred_at"])
            ]
            if answers:
                wait = min(answers) - known(inbound["occurred_at"])
                hours[inbound["rep_id"]].append(wait.total_seconds() / 3600)
    assert median(hours["R6"]) > 48
    assert all(median(hours[rep]) < 24 for rep in ("R1", "R2", "R4", "R7"))


def test_one_rep_left_and_one_came_late() -> None:
    for entity, column in [("leads", "created_at"), ("deals", "created_at"), ("activities", "occurred_at")]:
        owner = "rep_id" if entity == "activities" else "owner_id"
        left = [known(row[column]) for row in usable(entity) if row[owner] == "R3"]
        came = [known(row[column]) for row in usable(entity) if row[owner] == "R8"]
        assert max(left) < datetime(2024, 7, 2)
        assert min(came) > datetime(2025, 9, 13)
        assert len(came) > 3


def test_customers_start_near_the_win() -> None:
    wins = defaultdict(list)
    for row in usable("deals"):
        if stage_of(row) == "closed won":
            wins[row["account_id"]].append(known(row["closed_at"]))
    starts = {account: known(spell[0]["started_on"]) for account, spell in spells().items()}
    gaps = [min(abs(start - win) / DAY for win in wins[account]) for account, start in starts.items()]
    assert median(gaps) < 15
    assert max(gaps) < 50


def test_some_accounts_won_several_times() -> None:
    wins = Counter(
        row["account_id"] for row in usable("deals") if stage_of(row) == "closed won" and row["account_id"]
    )
    assert sum(times > 1 for times in wins.values()) >= 10


def test_six_survey_waves_ask_two_questions() -> None:
    asked = {(row["survey_wave"], row["question"]) for row in usable("survey_responses")}
    assert len(asked) == 12
