"""What a command answers on standard output: lines for people, or one JSON object for programs."""

import json
import sys
from decimal import Decimal
from typing import Any


def as_facts(found: dict[str, Any]) -> dict[str, Any]:
    """The same with decimals as numbers and days as text, as JSON has them."""
    loaded: dict[str, Any] = json.loads(json.dumps(found, default=_as_json))
    return loaded


def _as_json(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


class Answer:
    """Prints lines as they come; or, with `as_json`, only the facts it collected, once, at the end."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.facts: dict[str, Any] = {}

    def line(self, text: str = "") -> None:
        """A line for people."""
        if not self.as_json:
            print(text)

    def add(self, key: str, value: Any) -> None:
        """One more entry of a list of facts."""
        self.facts.setdefault(key, []).append(value)

    def finish(self, code: int, error: str | None) -> None:
        """Print the facts, if it is for programs, with how the command ended."""
        if self.as_json:
            whole = {"ok": code == 0, "exit_code": code, "error": error, **self.facts}
            is_unicode = "utf" in (sys.stdout.encoding or "").lower()
            print(json.dumps(whole, ensure_ascii=not is_unicode, default=str))
