"""Words for people: nearest names, one-line messages, text from data made safe to print."""

import difflib
import re
from collections.abc import Iterable

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: object, width: int = 0) -> str:
    """A text on one line, without control characters, cut to `width` characters if that is not 0."""
    line = _CONTROL.sub(" ", str(text))
    return line if not width or len(line) <= width else line[: width - 3] + "..."


def one_line(text: object, width: int = 300) -> str:
    """A message of several lines as one, blanks squeezed."""
    return plain(" ".join(str(text).split()), width)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`, whatever its case; None when none comes close."""
    by_key = {_key(candidate): candidate for candidate in known}
    found = difflib.get_close_matches(_key(name), by_key, n=1, cutoff=0.6)
    if found:
        return by_key[found[0]]
    inside = [
        key for key in by_key if len(key) > 3 and (key in _key(name) or _key(name) in key) and _key(name)
    ]
    return by_key[inside[0]] if inside else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question to add to a message, or nothing: ` Did you mean 'deals'?`"""
    found = nearest(name, known)
    return f" Did you mean '{plain(found)}'?" if found else ""


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Names with commas in between; after `limit` of them, how many more there are."""
    given = [plain(name) for name in names]
    more = f" and {len(given) - limit} more" if len(given) > limit else ""
    return ", ".join(given[:limit]) + more


def counted(number: int, noun: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """A time to wait, as exact as it is worth: `under 5 s`, `40 s`, `3 min`."""
    if seconds < 5:
        return "under 5 s"
    return f"{round(seconds / 5) * 5} s" if seconds < 90 else f"{round(seconds / 60)} min"


def _key(name: str) -> str:
    return re.sub(r"[\s\-.]+", "_", name.strip().lower())
