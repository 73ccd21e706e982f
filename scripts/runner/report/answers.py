"""The five answers at the top of the report: on target? worse? real? why? to be trusted?"""

from dataclasses import dataclass

from runner.report.formats import (
    MISSED,
    NO_VERDICT,
    ON_TARGET,
    UNDECIDED,
    Row,
    list_text,
    percent,
    period_text,
    short_money,
    status_of,
    value_text,
)

HEADLINE = "won_revenue"


@dataclass(frozen=True)
class Answer:
    """A question that whoever opens the report has, a verdict in a few words, and the sentences behind it."""

    question: str
    verdict: str
    text: str


@dataclass(frozen=True)
class Growth:
    """How a KPI grew, and what each driver did to it, the strongest first."""

    label: str
    grain: str
    comparison: str
    row: Row
    effects: list[tuple[str, float]]


def answers(
    cards: list[Row],
    growths: list[Growth],
    weakest: str | None,
    sources: list[Row],
    rows: Row | None,
    currency: str,
) -> list[Answer]:
    """The five answers, from the cards of the whole company."""
    return [
        on_target(cards, currency),
        got_worse(cards, currency),
        is_real(cards),
        why(growths, weakest, currency),
        trusted(sources, rows),
    ]


def on_target(cards: list[Row], currency: str) -> Answer:
    """How many KPIs are on target, and where the headline stands."""
    question = "Are we on target?"
    verdicts = [status_of(card) for card in cards]
    good, missed = verdicts.count(ON_TARGET), verdicts.count(MISSED)
    none = verdicts.count(NO_VERDICT)
    if len(cards) == none:
        return Answer(question, "Cannot tell.", "No KPI has a value and a target to judge it by yet.")
    verdict = "Yes." if good and not missed else "No." if missed and not good else "In part."
    counts = [_are(good, "on target"), f"{missed} miss{'es' if missed == 1 else ''} it"]
    counts += [_are(len(cards) - good - missed - none, "close or undecided")]
    counts += [f"{none} {'has' if none == 1 else 'have'} no verdict"] if none else []
    text = f"Of {len(cards)} KPIs {list_text(counts)}."
    headline = next(
        (card for card in cards if card["kpi"] == HEADLINE and card["attainment"] is not None), None
    )
    if headline:
        where = period_text(headline["period_grain"], headline["period_start"])
        value = value_text(headline["value"], headline["unit"], currency)
        text += (
            f" {headline['label']} of {where} is {value}, {percent(headline['attainment'])} of its target."
        )
    return Answer(question, verdict, text)


def _are(count: int, what: str) -> str:
    return f"{count} {'is' if count == 1 else 'are'} {what}"


def got_worse(cards: list[Row], currency: str) -> Answer:
    """What signals trouble, and what is furthest behind its target."""
    worse = [card for card in cards if card["signal_verdict"] == "concern"]
    behind = sorted(
        (card for card in cards if status_of(card) is MISSED and card["attainment"] is not None),
        key=lambda card: card["attainment"],
    )
    verdict = f"{len(worse)} of {len(cards)} KPIs." if worse else "Nothing beyond the usual."
    text = (
        f"Worse than their usual variation: {list_text([card['label'] for card in worse])}." if worse else ""
    )
    if behind:
        furthest = [
            f"{card['label']} ({value_text(card['value'], card['unit'], currency)} against "
            f"{value_text(card['target'], card['unit'], currency)})"
            for card in behind
        ]
        text += f" Furthest behind target: {list_text(furthest[:3])}."
    return Answer("What got worse?", verdict, text.strip() or "No KPI misses its target either.")


def is_real(cards: list[Row]) -> Answer:
    """How much of it is more than the usual wiggle, and more than chance."""
    question = "Is it real?"
    judged = [card for card in cards if card["signal"] is not None]
    moved = [card for card in judged if card["signal_verdict"]]
    if not judged:
        return Answer(
            question, "Too early to tell.", "No KPI has enough periods to know its usual variation."
        )
    worse = sum(1 for card in moved if card["signal_verdict"] == "concern")
    better = sum(1 for card in moved if card["signal_verdict"] == "improvement")
    rest = len(judged) - len(moved)
    text = (
        f"{len(moved)} of {len(judged)} KPIs with enough history left their usual range, {worse} for worse "
        f"and {better} for better; the ups and downs of the other {rest} need no explanation."
    )
    missed = [card for card in cards if status_of(card) is MISSED]
    usual = sum(1 for card in missed if _usually_misses(card))
    if usual:
        text += f" {usual} of the {len(missed)} that miss usually do: only another way of working mends that."
    undecided = sum(1 for card in cards if status_of(card) is UNDECIDED)
    if undecided:
        text += f" {undecided} {'rate has' if undecided == 1 else 'rates have'} too few records to decide."
    verdict = "Some of it." if moved and rest else "Yes." if moved else "Mostly usual variation."
    return Answer(question, verdict, text)


def _usually_misses(card: Row) -> bool:
    """Whether the middle of the usual range is on the wrong side of the target too."""
    if card["center"] is None or card["target"] is None or card["direction"] == "context":
        return False
    return bool(
        card["center"] < card["target"] if card["direction"] == "higher" else card["center"] > card["target"]
    )


def why(growths: list[Growth], weakest: str | None, currency: str) -> Answer:
    """How the growth of the headline came about, and the weakest step to a customer."""
    texts = [growth_sentence(growth, currency) for growth in growths[:1]]
    texts += [weakest] if weakest else []
    if not texts:
        text = "There is no earlier period to compare with yet."
        return Answer("Why?", "Cannot tell yet.", text)
    verdict = "See what moved it." if not growths else _strongest(growths[0])
    return Answer("Why?", verdict, " ".join(texts))


def _strongest(growth: Growth) -> str:
    effects = [(name, effect) for name, effect in growth.effects if effect]
    if not effects:
        return "Nothing moved."
    change = float(growth.row["change"])
    helping = [pair for pair in effects if (pair[1] > 0) == (change > 0)] or effects
    name, effect = max(helping, key=lambda pair: abs(pair[1]))
    return f"Mostly {name}, {'up' if effect > 0 else 'down'}."


def growth_sentence(growth: Growth, currency: str) -> str:
    """`Won revenue of Oct-Dec 2025 is 305,428 USD, 12% less than a year before: deal size -60k, ...`."""
    row = growth.row
    unit = row.get("unit") or "money"
    change = float(row["change"])
    before = "a year before" if growth.comparison == "same period last year" else "the period before"
    size = value_text(abs(change), unit, currency)
    if row["growth_rate"] is not None:
        size = percent(abs(float(row["growth_rate"])))
    moved = f"{size} {'more' if change > 0 else 'less'} than {before}" if change else f"the same as {before}"
    parts = [f"{name} {short_money(effect, signed=True)}" for name, effect in growth.effects if round(effect)]
    text = f"{growth.label} of {period_text(growth.grain, row['period_start'])} is "
    text += f"{value_text(row['value'], unit, currency)}, {moved}"
    return f"{text}: {list_text(parts)}." if parts else f"{text}."


def trusted(sources: list[Row], rows: Row | None) -> Answer:
    """Whether the sources are healthy, and how many rows could be used."""
    question = "Can I trust it?"
    present = [source for source in sources if source["status"] != "grey"]
    if not present:
        return Answer(question, "Cannot tell.", "No source has been examined.")
    unfit = [source["entity"] for source in present if source["status"] == "red"]
    warned = [source["entity"] for source in present if source["status"] == "amber"]
    if unfit:
        verdict = "Not all of it."
        text = f"Unfit for use: {list_text(unfit)}; the KPIs that read them have no verdict."
    elif warned:
        verdict = "Yes, with reservations."
        text = f"No source is unfit; {len(warned)} of {len(present)} have warnings ({list_text(warned, 6)})."
    else:
        verdict, text = "Yes.", f"All checks of all {len(present)} sources are fine."
    if rows and rows["raw_rows"]:
        rejected = int(rows["rejected_rows"])
        share = rejected / int(rows["raw_rows"])
        text += f" {rejected:,} of {int(rows['raw_rows']):,} rows ({share:.1%}) could not be used."
    return Answer(question, verdict, text)
