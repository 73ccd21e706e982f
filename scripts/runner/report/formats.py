"""How the report words a number, a period, a status: each in one place."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from runner.text import plain

Row = dict[str, Any]
Number = Decimal | float | int

NONE = "–"
LONGEST_NAME = 80
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GRAINS = {"weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}
_GRAIN_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Status:
    """A verdict that needs no colour: a shape and a word, and the style that colours them."""

    style: str
    shape: str
    word: str


ON_TARGET = Status("good", "●", "On target")
CLOSE = Status("warn", "▲", "Close")
UNDECIDED = Status("warn", "◆", "Undecided")
MISSED = Status("bad", "■", "Missed")
NO_VERDICT = Status("none", "○", "No verdict")

FIT = Status("good", "●", "Fit")
WARNINGS = Status("warn", "▲", "Warnings")
UNFIT = Status("bad", "■", "Unfit")
ABSENT = Status("none", "○", "Not there")

BETTER = Status("good", "↗", "Better than usual")
WORSE = Status("bad", "↘", "Worse than usual")
UNUSUAL = Status("warn", "↕", "Unusual")


def status_of(card: Row) -> Status:
    """The verdict of a card: what its colour says, an undecided rate told from one that just misses."""
    if card.get("status") == "amber":
        return UNDECIDED if (card.get("status_reason") or "").startswith("undecided") else CLOSE
    return {"green": ON_TARGET, "red": MISSED}.get(card.get("status") or "", NO_VERDICT)


def source_status(colour: str | None) -> Status:
    """The verdict on a source."""
    return {"green": FIT, "amber": WARNINGS, "red": UNFIT}.get(colour or "", ABSENT)


def signal_of(verdict: str | None) -> Status | None:
    """What a signal says; None without one."""
    return {"improvement": BETTER, "concern": WORSE, "change": UNUSUAL}.get(verdict or "")


def clean(text: object, width: int = LONGEST_NAME) -> str:
    """A name from data: one line, without control and direction characters, no longer than `width`."""
    return plain(text, width)


def value_text(value: Number | None, unit: str, currency: str = "") -> str:  # noqa: PLR0911 - one per unit
    """A value with its unit: rates (0 to 1) in percent, minutes in hours or days where that reads better."""
    if value is None:
        return NONE
    number = float(value)
    if unit == "rate":
        return f"{number:.1%}"
    if unit in ("money", "money per day"):
        return f"{_money(number)} {currency}".strip() + ("/day" if unit == "money per day" else "")
    if unit == "minutes":
        return _minutes(number)
    if unit in ("hours", "days"):
        return f"{_figure(number)} {'h' if unit == 'hours' else 'days'}"
    if unit == "count":
        return f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"
    return f"{_figure(number)} {unit}" if unit.startswith("per ") else _figure(number)


def _money(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 or number == 0 else f"{number:,.2f}"


def _minutes(number: float) -> str:
    if abs(number) < 120:
        return f"{_figure(number)} min"
    hours = number / 60
    return f"{hours:,.1f} h" if abs(hours) < 72 else f"{hours / 24:,.1f} days"


def _figure(number: float) -> str:
    size = abs(number)
    if number == round(number) or size >= 1000:
        return f"{number:,.0f}"
    return f"{number:,.1f}" if size >= 10 else f"{number:,.2f}" if size >= 1 else f"{number:.3f}"


def interval_text(low: Number | None, high: Number | None, unit: str, currency: str = "") -> str:
    """`38.8% to 83.7%`; nothing without an interval."""
    if low is None or high is None:
        return ""
    return f"{value_text(low, unit, currency)} to {value_text(high, unit, currency)}"


def short_money(number: Number, signed: bool = False) -> str:
    """Money for a chart: `115.7k`, `6.31m`, with its sign if asked."""
    value = float(number)
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""
    size = abs(value)
    for least, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if size >= least * 0.99995:
            return f"{sign}{_figure(size / least).removesuffix('.00').removesuffix('.0')}{letter}"
    return f"{sign}{size:,.0f}"


def percent(share: Number | None, signed: bool = False) -> str:
    """A share in whole percent, `83%`; more than tenfold as a factor."""
    if share is None:
        return NONE
    value = float(share)
    text = f"{value:+.0%}" if signed else f"{value:.0%}"
    return text.replace("-", "−") if abs(value) < 10 else f"{value:,.0f} times"


def beside_target(card: Row, currency: str = "") -> str:
    """`83% of target 140,000 USD`; where lower is better, how far above or below it."""
    target, value = card["target"], card["value"]
    if target is None:
        return "no target"
    shown = value_text(target, card["unit"], currency)
    if value is None or not target:
        return f"target {shown}"
    if card["direction"] == "higher" and card["attainment"] is not None:
        return f"{percent(card['attainment'])} of target {shown}"
    apart = (float(value) - float(target)) / abs(float(target))
    if not round(apart, 2):
        return f"at target {shown}"
    return f"{percent(abs(apart))} {'above' if apart > 0 else 'below'} target {shown}"


def date_text(day: dt.date | None) -> str:
    """`31 Dec 2025`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if day else "no date"


def period_text(grain: str, start: dt.date) -> str:
    """`Dec 2025`, `Oct-Dec 2025`, `2025`, `week of 29 Dec 2025`; a fiscal year as its months."""
    if grain == "week":
        return f"week of {date_text(start)}"
    if grain == "year" and start.month == 1:
        return str(start.year)
    months = _GRAIN_MONTHS.get(grain, 1)
    if months == 1:
        return f"{_MONTHS[start.month - 1]} {start.year}"
    last = start.month + months - 2
    end_year = start.year + last // 12
    first = _MONTHS[start.month - 1] + (f" {start.year}" if end_year != start.year else "")
    return f"{first}–{_MONTHS[last % 12]} {end_year}"


def list_text(names: list[str], limit: int = 4) -> str:
    """`a, b and c`; after `limit` of them, how many more."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "none"
