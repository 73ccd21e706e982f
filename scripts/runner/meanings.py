"""Which definitions differ between two builds, and which KPIs each of them reaches."""

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from runner.definitions import Definitions

_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
_TARGET = ("kpi", "period_grain", "slice", "slice_value", "first_period", "set_on", "source_system")


@dataclass(frozen=True)
class Meaning:
    """A definition that differs: a model, a macro, a seed, a var, a card, a source or a target."""

    kind: str
    name: str
    change: str  # changed, added or removed
    where: str = ""
    lines: list[str] = field(default_factory=list)
    kpis: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What differs, in a few words: `model fct_deals`."""
        return f"{self.kind} {self.name}"


def differing_meanings(one: Definitions, other: Definitions) -> list[Meaning]:
    """What differs between the definitions of two builds, what reaches the fewest KPIs first."""
    reached = _reaches(one, other)
    found = _of_code(one, other, reached)
    found += _of_vars(one, other, reached)
    found += _of_cards(one, other)
    found += _of_rows("source", one["sources"], other["sources"], ("kpi", "entity"))
    for target in _of_rows("target", one["targets"], other["targets"], _TARGET):
        reading = {kpi for kpi, names in reached.items() if "kpi_targets" in names}
        found.append(replace(target, kpis=sorted({*target.kpis, *reading})))
    return sorted(found, key=lambda meaning: (not meaning.kpis, len(meaning.kpis)))


def _of_code(one: Definitions, other: Definitions, reached: dict[str, set[str]]) -> list[Meaning]:
    found = []
    for kind in ("models", "macros"):
        for name in sorted({*one[kind], *other[kind]}):
            before, after = one[kind].get(name), other[kind].get(name)
            if before and after and _essence(before) == _essence(after):
                continue
            known = after or before
            is_seed = "code" not in known
            found.append(
                Meaning(
                    "seed" if is_seed else kind.removesuffix("s"),
                    name,
                    _change(before, after),
                    known["path"],
                    [] if is_seed or not (before and after) else _text_diff(_text(before), _text(after)),
                    sorted(kpi for kpi, names in reached.items() if name in names),
                )
            )
    return [meaning for meaning in found if not meaning.where.startswith("seeds/catalog/")]


def _essence(known: dict[str, Any]) -> str:
    """What a definition says: its code without comments and layout, or the checksum of its rows."""
    code = " ".join(_COMMENT.sub(" ", known.get("code", "")).split())
    return code + str(known.get("checksum", "")) + " ".join(known.get("description", "").split())


def _text(known: dict[str, Any]) -> list[str]:
    return [*str(known.get("description", "")).splitlines(), *known["code"].splitlines()]


def _text_diff(before: Iterable[str], after: Iterable[str]) -> list[str]:
    lines = difflib.unified_diff(list(before), list(after), n=1, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _of_vars(one: Definitions, other: Definitions, reached: dict[str, set[str]]) -> list[Meaning]:
    found = []
    for name in sorted({*one["vars"], *other["vars"]}):
        before, after = one["vars"].get(name), other["vars"].get(name)
        if before == after or name == "as_of":
            continue
        asked = re.compile(rf"""var\(\s*['"]{re.escape(name)}['"]""")
        users = {
            user
            for side in (one, other)
            for kind in ("models", "macros")
            for user, known in side[kind].items()
            if asked.search(known.get("code", ""))
        }
        kpis = sorted(kpi for kpi, names in reached.items() if names & users)
        found.append(Meaning("var", name, "changed", "", _text_diff(_lines(before), _lines(after)), kpis))
    return found


def _lines(value: Any) -> list[str]:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str).splitlines()


def _of_cards(one: Definitions, other: Definitions) -> list[Meaning]:
    before_by, after_by = ({card["kpi"]: card for card in side["cards"]} for side in (one, other))
    found = []
    for kpi in dict.fromkeys([*after_by, *before_by]):
        before, after = before_by.get(kpi), after_by.get(kpi)
        if before != after:
            lines = _field_diff(before, after) if before and after else []
            found.append(Meaning("card", kpi, _change(before, after), "seeds/catalog/kpis.csv", lines, [kpi]))
    return found


def _of_rows(
    kind: str, before: list[dict[str, Any]], after: list[dict[str, Any]], key: tuple[str, ...]
) -> list[Meaning]:
    before_by, after_by = (
        {tuple(str(row[column]) for column in key): row for row in rows} for rows in (before, after)
    )
    found = []
    for name in sorted({*before_by, *after_by}):
        one, other = before_by.get(name), after_by.get(name)
        if one == other:
            continue
        words = _words(kind, before_by.get(name) or after_by[name])
        row = other or one or {}
        rest = " ".join(f"{column} {row[column]}" for column in row if column not in key and row[column])
        lines = _field_diff(one, other) if one and other else [f"{'+' if other else '-'}{rest}"]
        found.append(
            Meaning(kind, words, _change(one, other), f"seeds/catalog/kpi_{kind}s.csv", lines, [name[0]])
        )
    return found


def _words(kind: str, row: dict[str, Any]) -> str:
    """Which row of the catalogue: `won_revenue month from 2025-01-01, set on 2024-12-16`."""
    if kind == "source":
        return f"{row['kpi']} {row['entity']}"
    member = "" if row["slice"] == "all" else f" {row['slice']} {row['slice_value']}"
    grain = f" {row['period_grain']}" if row["period_grain"] else ""
    return f"{row['kpi']}{grain}{member} from {row['first_period']}, set on {row['set_on']}"


def _field_diff(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [f"{sign}{name}: {row.get(name)}" for name in names for sign, row in (("-", before), ("+", after))]


def _change(before: Any, after: Any) -> str:
    return "changed" if before and after else "added" if after else "removed"


def _reaches(one: Definitions, other: Definitions) -> dict[str, set[str]]:
    """The models, seeds and macros that each KPI is made of, on either side."""
    found: dict[str, set[str]] = {}
    for side in (one, other):
        made_of: dict[str, set[str]] = {}
        for card in side["cards"]:
            found.setdefault(card["kpi"], set()).update(_made_of(side, card["model"], made_of))
    return found


def _made_of(side: Definitions, name: str, known: dict[str, set[str]]) -> set[str]:
    if name not in known:
        known[name] = {name}
        model = side["models"].get(name, {})
        macro = side["macros"].get(name, {})
        for part in [*model.get("reads", []), *model.get("macros", []), *macro.get("macros", [])]:
            known[name] = known[name] | _made_of(side, part, known)
    return known[name]
