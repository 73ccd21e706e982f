"""How a diff is shown: text for people, Markdown for a pull request, JSON for machines."""

import re
from dataclasses import asdict
from decimal import Decimal
from html import escape
from typing import Any

from runner.answer import Answer, as_facts
from runner.diff import Diff, MovedKpi
from runner.explain import number
from runner.meanings import Meaning
from runner.summary import print_table, shown_value
from runner.text import counted, listed, plain

_LINES = 16  # of a definition that changed, where people read
_MARKDOWN = re.compile(r"([\\`*_\[\]<>!|~&])")
_HEADINGS = ["KPI", "where it moved most", "A", "B", "change", "cells that moved", "why"]


def show_text(diff: Diff, limit: int, answer: Answer, *, cells: bool) -> None:
    """Answer with a diff; for people at most `limit` KPIs and definitions, with `cells` those of each KPI."""
    if answer.as_json:
        answer.facts |= as_facts({**asdict(diff), "moved_cells": diff.moved_cells, "moved": diff.moved})
        return
    print(f"A  {diff.one}\nB  {diff.other}\n")
    for note in diff.notes:
        print(f"Note: {plain(note)}")
    print(_sentence(diff))
    if diff.kpis:
        print()
        print_table(_HEADINGS, [_row(kpi) for kpi in diff.kpis[:limit]], right={2, 3, 4})
        _more(len(diff.kpis) - limit, "KPI")
    for kpi in diff.kpis[:limit] if cells else []:
        print(f"\n{plain(kpi.label)}, cell by cell")
        print_table(
            ["cell", "A", "B", "change"], [_cells(kpi.kind, cell) for cell in kpi.largest], right={1, 2, 3}
        )
        _more(sum(kpi.changed.values()) - len(kpi.largest), "cell")
    if diff.meanings:
        print("\nDefinitions that differ")
    for meaning in diff.meanings[:limit]:
        print(f"\n{plain(_heading(meaning))}")
        for line in meaning.lines[:_LINES]:
            print(f"    {plain(line, 160)}")
        _more(len(meaning.lines) - _LINES, "line", "    ")
    _more(len(diff.meanings) - limit, "definition")


def _more(number_left: int, noun: str, indent: str = "") -> None:
    if number_left > 0:
        print(f"{indent}and {counted(number_left, noun)} more: --limit, or --json for all")


def _sentence(diff: Diff) -> str:
    news = [f"new: {listed(diff.added, 20)}"] if diff.added else []
    news += [f"gone: {listed(diff.removed, 20)}"] if diff.removed else []
    rest = f" KPIs {'; '.join(news)}." if news else ""
    if not diff.kpis:
        return f"No value moved: {diff.compared:,} cells are the same in both.{rest}"
    return (
        f"{counted(len(diff.kpis), 'KPI')} moved, in {diff.moved_cells:,} of {diff.compared:,} cells; "
        f"{counted(len(diff.meanings), 'definition')} differ.{rest}"
    )


def _row(kpi: MovedKpi) -> list[str]:
    top = kpi.largest[0] if kpi.largest else {}
    where, before, after, change = _cells(kpi.kind, top) if top else ["", "", "", ""]
    grains = ", ".join(f"{grain} {count:,}" for grain, count in kpi.grains.items())
    return [
        kpi.label,
        where,
        before,
        after,
        change,
        f"{grains}; {listed(kpi.slices)}",
        listed(kpi.because, 4),
    ]


def _cells(kind: str, cell: dict[str, Any]) -> list[str]:
    """A cell that differs: which, its value before and after, and the change."""
    member = "" if cell["slice"] == "all" else f", {cell['slice']} {cell['slice_value']}"
    where = f"{cell['period_grain']} from {cell['period_start']}{member}"
    before, after = cell["value_before"], cell["value_after"]
    shown = [shown_value(before, kind), shown_value(after, kind)]
    if cell["change"] == "added":
        return [where, "no cell", shown[1], "new"]
    if cell["change"] == "removed":
        return [where, shown[0], "no cell", "gone"]
    if before == after:
        return [where, *(f"n {number(cell.get(side))}" for side in ("n_before", "n_after")), "value the same"]
    if shown[0] == shown[1]:
        shown = [number(before), number(after)]
    return [where, *shown, _change(kind, before, after)]


def _change(kind: str, before: Decimal | None, after: Decimal | None) -> str:
    if before is None or after is None:
        return "known now" if before is None else "unknown now"
    if kind in ("rate", "period_rate"):
        return f"{100 * float(after - before):+,.1f} points"
    return f"{float((after - before) / abs(before)):+,.1%}" if before else f"{float(after - before):+,.2f}"


def _heading(meaning: Meaning) -> str:
    where = f" ({meaning.where})" if meaning.where else ""
    reach = (
        f", reaches {counted(len(meaning.kpis), 'KPI')}: {listed(meaning.kpis, 5)}" if meaning.kpis else ""
    )
    return f"{meaning.title} {meaning.change}{where}{'' if meaning.kpis == [meaning.name] else reach}"


def show_markdown(diff: Diff, limit: int) -> None:
    """Print a diff as Markdown; whatever comes from the data is text there and no markup."""
    print("## What this changes in the numbers\n")
    print(f"- A: {_text(diff.one)}\n- B: {_text(diff.other)}\n")
    for note in diff.notes:
        print(f"> {_text(note)}\n")
    print(f"**{_text(_sentence(diff))}**\n")
    if diff.kpis:
        print(f"| {' | '.join(_HEADINGS)} |\n|---|---|--:|--:|--:|---|---|")
        for kpi in diff.kpis[:limit]:
            print(f"| {' | '.join(_text(cell) for cell in _row(kpi))} |")
        print()
        _more(len(diff.kpis) - limit, "KPI")
    if diff.meanings:
        print("\n### Definitions that differ\n")
    for meaning in diff.meanings[:limit]:
        print(f"<details><summary>{escape(plain(_heading(meaning)))}</summary>\n")
        text = "\n".join(plain(line) for line in meaning.lines)
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
        print(f"{fence}diff\n{text}\n{fence}\n\n</details>\n")
    _more(len(diff.meanings) - limit, "definition")


def _text(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", plain(text))
