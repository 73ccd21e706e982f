"""The settings of a mapping: what each var of dbt_project.yml may say, and what to write where it does not.

docs/mapping.md lists them. Bounds are wide: they stop what cannot be meant, and what SQL cannot count with.
"""

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb

from runner.project import entities, project_vars
from runner.text import did_you_mean, listed, plain

FIXED_VARS = {"entities", "required_entities"}

Check = Callable[[Any], str | None]  # what a value must be; None when it is


@dataclass(frozen=True)
class Parts:
    """A setting with parts of given names. It replaces the default whole, so it must say each of them."""

    parts: "dict[str, Rule]"
    together: Check = lambda parts: None


@dataclass(frozen=True)
class Named:
    """A setting whose parts have names of one's own, or some of those that are known."""

    name: Check
    part: "Rule"
    like: str
    together: Check = lambda parts: None
    may_be_empty: bool = False


Rule = Check | Parts | Named


def problems_of_settings(variables: dict[str, Any]) -> list[str]:
    """What is wrong with the values of a mapping's vars, a sentence each."""
    return [
        problem
        for name, value in variables.items()
        if name in SETTINGS
        for problem in _problems(name, value, SETTINGS[name])
    ]


def _problems(where: str, value: object, rule: Rule) -> list[str]:
    if isinstance(rule, Parts):
        return _problems_of_parts(where, value, rule)
    if isinstance(rule, Named):
        return _problems_of_named(where, value, rule)
    return _problem(where, value, rule(value))


def _problem(where: str, value: object, wrong: str | None) -> list[str]:
    said = "empty" if value is None else f"'{plain(value, 60)}'"
    return [f"{where} is {said}; it must be {wrong}."] if wrong else []


def _problems_of_parts(where: str, value: object, rule: Parts) -> list[str]:
    if not isinstance(value, dict):
        example = ", ".join(f"{name}: ..." for name in rule.parts)
        return _problem(where, value, f"all of its parts in braces: {{{example}}}")
    has = f" It has {listed(rule.parts)}."
    problems = [
        f"{where}.{plain(name)} is unknown.{did_you_mean(str(name), rule.parts) or has}"
        for name in value
        if name not in rule.parts
    ]
    missing = [name for name in rule.parts if name not in value]
    if missing:
        problems.append(f"{where} does not say {listed(missing)}. Give all of its parts, or leave it out.")
    for name, part in rule.parts.items():
        problems += _problems(f"{where}.{name}", value[name], part) if name in value else []
    return problems or _problem(where, value, rule.together(value))


def _problems_of_named(where: str, value: object, rule: Named) -> list[str]:
    if not isinstance(value, dict) or not (value or rule.may_be_empty):
        return _problem(where, value, rule.like)
    problems = [
        f"{where} has '{plain(name, 60)}' for a name; it must be {wrong}."
        for name in value
        if (wrong := rule.name(name))
    ]
    for name, part in value.items():
        problems += _problems(f"{where}.{plain(name)}", part, rule.part)
    return problems or _problem(where, value, rule.together(value))


# -----------------------------------------------------------------------------------------------------------
# What a value may be


def is_whole(value: object) -> bool:
    """A whole number, and no truth value, which Python counts among them."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """A number that SQL can count with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e15 < value < 1e15


def matches(value: object, pattern: str) -> bool:
    """A text that is all of a pattern."""
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(value: object, allowed: tuple[str, ...]) -> str | None:
    """What a value must be that has few to choose from."""
    return None if value in allowed else f"one of {', '.join(allowed)}"


def problem_with_zone(value: object) -> str | None:
    """What a time zone must be; None when it is one."""
    zones = [str(row[0]) for row in duckdb.execute("select name from pg_timezone_names()").fetchall()]
    if isinstance(value, str) and value in zones:
        return None
    return f"a time zone like Europe/Berlin.{did_you_mean(str(value), zones)}".rstrip(".")


def problem_with_date(value: object) -> str | None:
    """What is wrong with an as-of date; None when nothing is."""
    try:
        day = dt.date.fromisoformat(str(value))
    except ValueError:
        day = None
    if day is None or day.isoformat() != str(value):
        return f"'{plain(value)}' is not a date. Write it as 2026-06-30."
    return None if 1900 <= day.year <= 2200 else f"{plain(value)} is not a year between 1900 and 2200."


def _choice(*allowed: str) -> Check:
    return lambda value: one_of(value, allowed)


def _some_of(*allowed: str, may_be_empty: bool = False) -> Check:
    def check(value: object) -> str | None:
        is_list = isinstance(value, list) and (value or may_be_empty) and all(one in allowed for one in value)
        if isinstance(value, list) and is_list:
            return None if len(set(value)) == len(value) else f"a list that says {_repeated(value)} once only"
        return f"a list of some of {', '.join(allowed)}"

    return check


def _repeated(values: list[Any]) -> str:
    return listed(dict.fromkeys(str(one) for one in values if values.count(one) > 1))


def _texts(pattern: str, like: str, may_be_empty: bool = True) -> Check:
    """A list of texts, none of them twice, whatever its case."""

    def check(value: object) -> str | None:
        if not isinstance(value, list) or not (value or may_be_empty):
            return like
        if not all(matches(one, pattern) for one in value):
            return f"{like}; quote words that YAML takes for something else, and numbers"
        keys = [one.strip().lower() for one in value]
        return None if len(set(keys)) == len(keys) else f"a list that says {_repeated(keys)} once only"

    return check


def _whole(low: int, high: int, of: str = "") -> Check:
    words = f"a whole number{f' of {of}' if of else ''} from {low} to {high}"
    return lambda value: None if is_whole(value) and low <= value <= high else words


def _number(low: float, high: float) -> Check:
    words = f"a number from {low:g} to {high:g}"
    return lambda value: None if is_number(value) and low <= value <= high else words


def _above(low: float, high: float, words: str) -> Check:
    return lambda value: None if is_number(value) and low < value < high else words


def _days_of_week(value: object) -> str | None:
    days = value if isinstance(value, list) else []
    is_week = days and all(is_whole(day) and 1 <= day <= 7 for day in days) and len(set(days)) == len(days)
    return (
        None if is_week else "a list of days, 1 for Monday to 7 for Sunday, each once, like [1, 2, 3, 4, 5]"
    )


def _slices(value: object) -> str | None:
    return _some_of(*project_vars()["kpi_slices"], may_be_empty=True)(value)


def _target(value: Any) -> str | None:
    is_target = value is None or (is_number(value) and value > 0)
    return None if is_target else "a number above 0, or null for no target"


def _set(value: object) -> str | None:
    return None if value is None or isinstance(value, dict) else "a set of names, each with its options"


def _band_name(value: object) -> str | None:
    is_name = is_whole(value) or matches(value, _NAME)
    return None if is_name else "a text without apostrophes; quote words that YAML takes for something else"


def _bands(like: str) -> Named:
    def differ(bands: dict[str, Any]) -> str | None:
        lows = list(bands.values())
        return None if len(set(lows)) == len(lows) else f"bands that begin at different numbers, like {like}"

    return Named(
        name=_band_name,
        part=lambda value: None if is_number(value) else "a number",
        like=f"bands with their lowest number, like {like}",
        together=differ,
    )


def _one_group_each(groups: dict[str, list[str]]) -> str | None:
    words = [word.strip().lower() for group in groups.values() for word in group]
    return None if len(set(words)) == len(words) else f"groups of which only one has {_repeated(words)}"


def _hours(parts: dict[str, Any]) -> str | None:
    return (
        None
        if parts["start"] < parts["end"]
        else "a day that starts before it ends, like {start: 9, end: 17}"
    )


def _points(parts: dict[str, Any]) -> str | None:
    is_fine = parts["minimum_points"] <= parts["baseline_points"]
    return None if is_fine else "rules whose minimum_points are at most the baseline_points"


def _weights(parts: dict[str, Any]) -> str | None:
    return None if sum(parts.values()) > 0 else "weights that are not all 0"


def _lateness(parts: dict[str, Any]) -> str | None:
    return None if parts["warn"] <= parts["error"] else "limits whose warn is at most the error"


def _shares(**others: Rule) -> Parts:
    def fall(parts: dict[str, Any]) -> str | None:
        return None if parts["error"] <= parts["warn"] else "limits whose error is at most the warn"

    return Parts({"warn": _number(0, 1), "error": _number(0, 1), **others}, fall)


_DAYS = _whole(0, 3650, "days")
_WORD = r"[^\\]*[^\\\s][^\\]*"
_NAME = r"[^'\\]*[^'\\\s][^'\\]*"  # what stands between quotes in SQL as it is
_STATUSES = _texts(_WORD, "a list of words, like [trial, trialing]")
_OUTCOMES = _texts(_WORD, "a list of words, like [connected, replied]")
_QUESTIONS = _texts(_NAME, "a list of questions without apostrophes, like [brand_recall]")
_PERIODS = ("week", "month", "quarter", "year")
_CHECKS = (
    *("presence", "freshness", "volume", "completeness", "validity", "integrity", "uniqueness", "linkage"),
    *("reconciliation", "drift"),
)

SETTINGS: dict[str, Rule] = {
    "source_system": _choice("demo", "files", "warehouse"),
    "mapping": _set,
    "vocabulary": _set,
    "warehouse_schema": lambda value: None if matches(value, r"\w+") else "the name of a schema",
    "as_of": lambda value: (
        "a date like 2026-06-30" if value is not None and problem_with_date(value) else None
    ),
    "reporting_time_zone": problem_with_zone,
    "reporting_currency": lambda value: (
        None if matches(value, r"[A-Z]{3}") else "a currency code of three capitals, like EUR"
    ),
    "fiscal_year_start_month": lambda value: (
        None if is_whole(value) and 1 <= value <= 12 else "a month from 1 to 12"
    ),
    "week_starts_on": _choice("monday", "sunday"),
    "kpi_periods": _some_of(*_PERIODS),
    "kpi_slices": _slices,
    "qualified_by": _choice("event", "score", "either"),
    "high_potential_score": lambda value: None if is_number(value) else "a number",
    "own_email_domains": _texts(r"[^\s'@]+", "a list of domains, like [example.com]"),
    "score_bands": _bands("{A: 80, B: 60}"),
    "segment_bands": _bands("{Enterprise: 1000, SMB: 0}"),
    "cac_lag_months": _whole(0, 120, "months"),
    "contact_types": Named(
        name=lambda name: None if matches(name, r"[a-z]\w*") else "one word in lower case, like call",
        part=_texts(_WORD, "a list of the CRM's words, like [call, phone]"),
        like="kinds of contact with the CRM's words for each, like {call: [call, phone], email: [email]}",
        together=_one_group_each,
    ),
    "undelivered_outcomes": _OUTCOMES,
    "two_way_outcomes": _OUTCOMES,
    "automatic_outcomes": _OUTCOMES,
    "working_days": _days_of_week,
    "working_hours": Parts({"start": _number(0, 24), "end": _number(0, 24)}, _hours),
    "response_sla_minutes": _whole(1, 525_600, "minutes"),
    "touch_limit": _whole(1, 1000, "touches"),
    "meeting_expiry_days": _DAYS,
    "billing_period_months": Named(
        name=lambda name: (
            None
            if matches(name, _NAME) and name == name.strip().lower()
            else "a billing period in lower case, like monthly"
        ),
        part=_whole(1, 120, "months"),
        like="billing periods with their months, like {monthly: 1, yearly: 12}",
    ),
    "trial_statuses": _STATUSES,
    "ended_statuses": _STATUSES,
    "gross_margin": _number(0, 1),
    "monthly_discount_rate": _number(0, 1),
    "survival_months_ahead": _whole(0, 600, "months"),
    "purchase_weeks_ahead": _whole(1, 520, "weeks"),
    "monthly_lifetime_value_target": _target,
    "refresh_seconds": _whole(0, 86_400, "seconds"),
    "prompt_follow_up_minutes": _whole(0, 525_600, "minutes"),
    "follow_up_days": _DAYS,
    "meeting_after_view_days": _DAYS,
    "brand_questions": _QUESTIONS,
    "experience_questions": _QUESTIONS,
    "shrinkage_weight": _number(0, 1_000_000),
    "campaign_weeks": _whole(1, 104, "weeks"),
    "loyal_after_months": _whole(1, 120, "months"),
    "false_discovery_rate": _number(0, 1),
    "meeting_types": _texts(_WORD, "a list of activity types, like [meeting]"),
    "stage_win_days": _whole(1, 3650, "days"),
    "growth_driver_sets": _some_of("leads", "deals"),
    "diagnosis": Parts(
        {
            "baseline_cohorts": Parts({period: _whole(1, 1000, "cohorts") for period in _PERIODS}),
            "min_n": _whole(1, 1_000_000, "records"),
            "recorded_share": _number(0, 1),
        }
    ),
    "worklists": Parts({"occasion_days": _DAYS, "quiet_deal_days": _DAYS}),
    "signal_rules": Parts(
        {
            "baseline_points": _whole(2, 1000, "points"),
            "minimum_points": _whole(2, 1000, "points"),
            "run_length": _whole(2, 1000, "points"),
            "regimes": _whole(1, 20, "regimes"),
        },
        _points,
    ),
    "forecast_months": _whole(1, 36, "months"),
    "forecast_window": _whole(1, 120, "months"),
    "forecast_origins": _whole(0, 600, "months"),
    "forecast_minimum_origins": _whole(1, 600, "trials"),
    "forecast_scenarios": Named(
        name=lambda name: (
            None
            if matches(name, r"[a-z][a-z0-9_]*") and name != "trailing"
            else "one word in lower case, and not trailing"
        ),
        part=_number(0, 1),
        like="scenarios with the quantile that each takes, like {low: 0.1, base: 0.5, high: 0.9}",
        may_be_empty=True,
    ),
    "forecast_stale_deals": _choice("exclude", "current"),
    "forecast_reach": _above(0, math.inf, "a number above 0"),
    "forecast_interval": _above(0, 1, "a number between 0 and 1"),
    "evidence_min_n": _whole(1, 1_000_000, "answers"),
    "pacing_by": _choice("history", "working_days", "calendar_days"),
    "source_health": Parts(
        {
            "freshness": Parts({"warn": _number(0, 87_600), "error": _number(0, 87_600)}, _lateness),
            "volume": Named(
                name=lambda name: one_of(name, tuple(entities())),
                part=_choice("day", "week", "month"),
                like="entities with the period that their rows are counted by, like {leads: week}",
            ),
            **{name: _shares() for name in ("completeness", "validity", "integrity", "uniqueness", "people")},
            "linkage": Parts({"recent_days": _whole(1, 3650, "days")}),
            "reconciliation": _shares(grace_days=_DAYS),
            "drift": _shares(),
            "weights": Named(
                name=lambda name: one_of(name, _CHECKS),
                part=_number(0, 1_000_000),
                like="checks with what each weighs, like {freshness: 0.25, drift: 0.1}",
                together=_weights,
            ),
        }
    ),
}
