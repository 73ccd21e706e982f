"""Periods as people write them: 2025, 2025-Q4, 2025-11, 2025-W07."""

import datetime as dt
import re

from runner.errors import CannotRunError
from runner.text import plain

_WAYS = "Write a year as 2025, a quarter as 2025-Q4, a month as 2025-11, a week as 2025-W07."
_WRITTEN = re.compile(
    r"(\d{4})(?:-(?:Q(?P<quarter>[1-4])|W(?P<week>\d{1,2})|(?P<month>\d{1,2})))?", re.IGNORECASE
)


def read_period(text: str, fiscal_year_start_month: int, week_starts_on: str) -> tuple[str, dt.date]:
    """The kind of period and its first day. A fiscal year has the number of the calendar year it ends in.

    Raises CannotRunError when it is no period.
    """
    found = _WRITTEN.fullmatch(text.strip())
    try:
        if not found:
            raise ValueError
        year = int(found[1])
        if found["week"]:
            monday = dt.date.fromisocalendar(year, int(found["week"]), 1)
            return "week", monday - dt.timedelta(days=1 if week_starts_on == "sunday" else 0)
        if found["month"]:
            return "month", dt.date(year, int(found["month"]), 1)
        quarters = int(found["quarter"] or 1) - 1
        months = fiscal_year_start_month - 1 + 3 * quarters
        first_year = year - 1 if fiscal_year_start_month > 1 else year
        start = dt.date(first_year + months // 12, months % 12 + 1, 1)
        return ("quarter" if found["quarter"] else "year"), start
    except ValueError as error:
        raise CannotRunError(f"'{plain(text, 60)}' is no period. {_WAYS}") from error


def period_words(grain: str, start: dt.date, end: dt.date) -> str:
    """A period for people, with its first and last day; `end` is the day after."""
    return f"{grain} {start} to {end - dt.timedelta(days=1)}"
