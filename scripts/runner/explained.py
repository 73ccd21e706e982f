"""How an explanation is shown: text for people, JSON for machines."""

import textwrap
from decimal import Decimal
from typing import Any

from runner.answer import Answer, as_facts
from runner.explain import Explanation, number, period_of
from runner.summary import print_table, shown_value
from runner.text import counted, listed, plain

_WIDTH = 100
_MEMBERS = 6
_BETTER = {"higher": "higher is better", "lower": "lower is better", "context": "for context only"}


def show_explanation(explanation: Explanation, answer: Answer) -> None:
    """Answer with an explanation; for programs, money and rates are numbers."""
    if answer.as_json:
        answer.facts |= as_facts(explanation)
        return
    whose = (
        "the whole company"
        if explanation["slice"] == "all"
        else f"{explanation['slice']} {plain(explanation['slice_value'])}"
    )
    print(f"{plain(explanation['label'])} ({explanation['kpi']})")
    print(f"{period_of(explanation)}, {whose}, as of {explanation['as_of']}\n")
    _show_value(explanation)
    _show_definition(explanation)
    _show_trust(explanation)
    _show_drivers(explanation)
    _show_confusions(explanation)
    _show_companions(explanation)
    _show_records(explanation)


def _show_value(explanation: Explanation) -> None:
    kind = explanation["kind"].removeprefix("period_")
    value = explanation["value"]
    exact = f" ({number(value)})" if kind == "rate" and value is not None else ""
    print(f"  {shown_value(value, explanation['kind'])}{exact}")
    print(f"  = {plain(explanation['definition']['formula'])}")
    sides = f"{number(explanation['numerator'])} / {number(explanation['denominator'])}"
    if kind in ("median", "p90"):
        which = "the middle one" if kind == "median" else "the one that nine in ten do not exceed"
        print(f"  = {which} of {counted(int(explanation['denominator']), 'record')}", end="")
        print(f", {number(explanation['numerator'])} of which have a value")
    elif explanation["denominator"] is not None:
        print(f"  = {sides}" + ("" if value is not None else ": nothing to divide by"))
    for name, measure in explanation["measures"].items():
        print(f"      {name.replace('_', ' ')} {number(measure)}")
    print(f"  n = {explanation['n']:,}", end="")
    if explanation["ci_low"] is not None:
        low, high = float(explanation["ci_low"]), float(explanation["ci_high"])
        print(f", 95 % interval {low:.1%} to {high:.1%}", end="")
    print()
    if not explanation["is_complete_period"]:
        print("  The period is not over: so far.")
    elif not explanation["is_mature"]:
        print("  Too young: outcomes are still coming in.")


def _show_definition(explanation: Explanation) -> None:
    definition = explanation["definition"]
    print("\nWhat it is")
    _paragraph(f"{definition['measure']}.")
    _paragraph(definition["description"])
    _paragraph(
        f"{definition['sql']}; unit: {definition['unit']}; {_BETTER[definition['direction']]}; "
        f"{definition['owner']} answers for it"
    )


def _paragraph(text: str) -> None:
    for line in textwrap.wrap(plain(text), _WIDTH - 2):
        print(f"  {line}")


def _show_trust(explanation: Explanation) -> None:
    card, sources = explanation["card"], explanation["sources"]
    print("\nHow good, how sure")
    if card:
        _paragraph(f"Status: {card['status']}, {card['status_reason']}")
        kind = explanation["kind"]
        _paragraph(
            f"Before: {shown_value(card['previous'], kind)} in the period before, "
            f"{shown_value(card['same_period_last_year'], kind)} a year before; "
            f"signal: {card['signal_verdict'] or 'none'}"
        )
    else:
        _paragraph("Status: none, it is not on the scorecard")
    if sources:
        score = "unknown" if sources["source_score"] is None else f"{float(sources['source_score']):.2f}"
        _paragraph(
            f"Sources: {sources['sources_text']}: {sources['source_status']}, score {score}; "
            f"{sources['reason']}"
        )


def _show_drivers(explanation: Explanation) -> None:
    """The drivers of the change; of a KPI that has none, the members that moved most. All of them in JSON."""
    comparisons = list(dict.fromkeys(row["comparison"] for row in explanation["drivers"]))
    for comparison in comparisons[:1] if explanation["period"]["grain"] == "year" else comparisons:
        rows = [row for row in explanation["drivers"] if row["comparison"] == comparison and row["effect"]]
        shown = [row for row in rows if row["cut_by"] == "all"]
        if not shown:
            shown = sorted(rows, key=lambda row: -abs(row["effect"]))[:_MEMBERS]
        if not shown:
            continue
        base, change = rows[0]["base_value"], rows[0]["change"]
        views = (
            "; each explanation is the whole change" if len({row["explanation"] for row in shown}) > 1 else ""
        )
        print(f"\nWhy it moved by {change:+,.2f} from {base:,.2f}, {comparison}{views}")
        print_table(
            ["  by", "driver", "from", "to", "effect", "points"],
            [
                [
                    f"  {row['explanation']}",
                    row["driver"] if row["cut_by"] == "all" else f"{row['cut_by']} {row['driver']}",
                    number(row["driver_base"]),
                    number(row["driver_value"]),
                    f"{row['effect']:+,.2f}",
                    "-" if row["contribution"] is None else f"{100 * row['contribution']:+,.1f}",
                ]
                for row in shown
            ],
            right={2, 3, 4, 5},
        )


def _show_confusions(explanation: Explanation) -> None:
    others = explanation["confused_with"]
    if not others:
        return
    for word in dict.fromkeys(row["word"] for row in others):
        print(f"\nAlso called {plain(word)}: which one is meant?")
        print_table(
            ["KPI", "value", "over", "n", "it is"],
            [
                [
                    ("> " if row["kpi"] == explanation["kpi"] else "  ") + row["kpi"],
                    shown_value(row["value"], row["kind"] or ""),
                    ""
                    if row["denominator"] is None
                    else f"{number(row['numerator'])} / {number(row['denominator'])}",
                    number(row["n"]),
                    row["told_apart_by"],
                ]
                for row in others
                if row["word"] == word
            ],
            right={1, 2, 3},
        )


def _show_companions(explanation: Explanation) -> None:
    if explanation["companions"]:
        print("\nNever without")
        print_table(
            ["KPI", "value", "n"],
            [
                [f"  {row['label']}", shown_value(row["value"], row["kind"] or ""), number(row["n"])]
                for row in explanation["companions"]
            ],
            right={1, 2},
        )


def _show_records(explanation: Explanation) -> None:
    records = explanation["records"]
    rows, total = records["listed"], records["total"]
    print(f"\n{counted(total, 'record')} of {listed(records['tables'])}; together they give the value above")
    if rows:
        columns, measures = records["columns"], explanation["measures"]
        print_table(
            [f"  {columns[0]}", *(name.replace("_", " ") for name in columns[1:])],
            [
                [f"  {_cell(row[columns[0]])}"]
                + ["" if name in measures and not row[name] else _cell(row[name]) for name in columns[1:]]
                for row in rows
            ],
            right={place for place, name in enumerate(columns) if isinstance(rows[0][name], Decimal | int)},
        )
    if total > len(rows):
        more = total - len(rows)
        print(f"  and {more:,} more: --limit {total} lists them, --csv FILE writes them")
    if records["csv"]:
        print(f"  all written to {records['csv']}")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, Decimal | int) else plain(value, 40)
