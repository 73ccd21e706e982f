"""The parts of the pages that explain: each is left out where its tables are not there or say nothing."""

from dataclasses import dataclass, field
from typing import Any

from runner.report import charts
from runner.report.answers import Growth, growth_sentence
from runner.report.charts import Chart
from runner.report.formats import (
    Row,
    clean,
    date_text,
    interval_text,
    list_text,
    percent,
    period_text,
    short_money,
    value_text,
)
from runner.report.queries import Published, optional

_MOVEMENTS = {
    "mrr_new": ("new", 1),
    "mrr_expansion": ("expansion", 1),
    "mrr_reactivation": ("reactivation", 1),
    "mrr_contraction": ("contraction", -1),
    "mrr_churn": ("churn", -1),
}
_SETS = ("lead drivers", "deal drivers", "movements")
_LISTED_REPS = 25


@dataclass(frozen=True)
class Table:
    """A table of texts; columns in `right` are figures."""

    columns: list[str]
    rows: list[list[Any]]
    right: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A heading, sentences, charts and tables."""

    title: str
    text: str = ""
    charts: list[Chart] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def growths(published: Published, labels: dict[str, str]) -> list[Growth]:
    """How won revenue and MRR grew in the last whole quarter, on a year before if there is one, and why."""
    table = "explain.growth_drivers"
    found = optional(
        published,
        table,
        f"""
        select * from {table}
        where slice = 'all' and is_complete_period and period_grain in ('quarter', 'month')
            and explanation in ('lead drivers', 'deal drivers', 'movements')
        order by
            kpi desc,
            case period_grain when 'quarter' then 1 else 2 end,
            case comparison when 'same period last year' then 1 else 2 end,
            case explanation when 'lead drivers' then 1 when 'deal drivers' then 2 else 3 end,
            period_start desc,
            abs(effect) desc, driver
        """,
    )
    made: dict[str, Growth] = {}
    keys: dict[str, tuple[Any, ...]] = {}
    for row in found:
        key = (row["period_grain"], row["comparison"], row["explanation"], row["period_start"])
        kpi = row["kpi"]
        if kpi not in made:
            label = labels.get(kpi, kpi.replace("_", " "))
            made[kpi] = Growth(label, row["period_grain"], row["comparison"], {**row, "unit": "money"}, [])
            keys[kpi] = key
        if keys[kpi] == key:
            made[kpi].effects.append((row["driver"], float(row["effect"])))
    return list(made.values())


def growth_section(growth: Growth, currency: str) -> Section:
    """The drivers of a growth as bars."""
    text = growth_sentence(growth, currency)
    effects = [(name, effect) for name, effect in growth.effects if round(effect)]
    drawn = (
        [charts.effect_bars(f"What moved {growth.label.lower()}", effects, text, currency)] if effects else []
    )
    return Section(f"What moved {growth.label.lower()}, and why", text, drawn)


def weakest_step(published: Published) -> str | None:
    """The finding on the weakest step of the whole company, in the last quarter whose outcomes are in."""
    table = "explain.conversion_diagnosis"
    found = optional(
        published,
        table,
        f"select * from {table} where slice = 'all' and period_grain = 'quarter' and is_weakest "
        "and is_mature and finding is not null order by period_start desc limit 1",
    )
    if not found:
        return None
    row = found[0]
    return f"{clean(row['finding'], 300)} (Leads of {period_text('quarter', row['period_start'])}.)"


def journey(published: Published, currency: str) -> Section | None:
    """Where everybody stands now."""
    table = "explain.buyer_journey"
    found = optional(published, table, f"select * from {table} order by stage_order")
    found = [row for row in found if row["people"]]
    if not found:
        return None
    bars = [(row["journey_stage"], float(row["people"]), f"{row['people']:,}") for row in found]
    words = "People by how far they got: " + list_text([f"{name} {text}" for name, _, text in bars], 9) + "."
    rows = [
        [
            clean(row["journey_stage"]),
            f"{row['people']:,}",
            percent(row["people_rate"]),
            value_text(row["potential_amount"], "money", currency),
        ]
        for row in found
    ]
    table_of = Table(["Stage", "People", "Share", "Potential"], rows, frozenset({1, 2, 3}))
    chart = charts.share_bars("People by stage", bars, words, ["Stage", "People"])
    return Section(
        "Where everybody stands", f"As of {date_text(found[0]['as_of_date'])}.", [chart], [table_of]
    )


def conversion(published: Published) -> Section | None:
    """From lead to customer, step by step, against the usual."""
    table = "explain.conversion_diagnosis"
    found = optional(
        published,
        table,
        f"""
        select * from {table}
        where slice = 'all' and period_grain = 'quarter' and rate is not null
            and period_start = (
                select max(period_start) from {table}
                where slice = 'all' and period_grain = 'quarter' and is_mature and rate is not null
            )
        order by step_order
        """,
    )
    if not found:
        return None
    bars = [
        (f"{row['from_step']} → {row['step']}", float(row["rate"]), f"{float(row['rate']):.1%}")
        for row in found
    ]
    where = period_text("quarter", found[0]["period_start"])
    weakest = weakest_step(published) or ""
    words = f"Share that went on to the next step, leads of {where}: " + list_text(
        [f"{name} {text}" for name, _, text in bars], 9
    )
    rows = [
        [
            clean(f"{row['from_step']} → {row['step']}"),
            f"{row['passed']:,} of {row['entered']:,}",
            f"{float(row['rate']):.1%}",
            interval_text(row["ci_low"], row["ci_high"], "rate"),
            value_text(row["baseline_rate"], "rate"),
            clean(row["verdict"] or "") + (" · weakest" if row["is_weakest"] else ""),
        ]
        for row in found
    ]
    columns = ["Step", "Leads", "Rate", "95% interval", "Usual", "Verdict"]
    chart = charts.share_bars("Conversion by step", bars, f"{words}.", ["Step", "Rate"])
    return Section("From lead to customer", weakest, [chart], [Table(columns, rows, frozenset({1, 2, 3, 4}))])


def waterfall(published: Published, currency: str) -> list[Section]:
    """How the pipeline came from its opening to its closing, and what it is made of."""
    table = "explain.pipeline_waterfall"
    found = optional(
        published,
        table,
        f"""
        select * from {table}
        where scope = 'pipeline' and slice in ('all', 'stage') and period_grain = 'quarter'
            and period_start = (
                select max(period_start) from {table}
                where is_complete_period and period_grain = 'quarter' and scope = 'pipeline'
            )
        order by closing desc
        """,
    )
    whole = next((row for row in found if row["slice"] == "all"), None)
    if whole is None:
        return []
    where = period_text("quarter", whole["period_start"])
    signs = {
        "created": 1, "reopened": 1, "revalued": 1, "exchange": 1, "won": -1, "lost": -1, "deleted": -1,
    }  # fmt: skip
    steps = [("opening", float(whole["opening"]), True)]
    steps += [
        (name, sign * float(whole[name]), False)
        for name, sign in signs.items()
        if whole[name] is not None and round(whole[name])
    ]
    steps.append(("closing", float(whole["closing"]), True))
    opening, closing, created, won, lost = (
        value_text(whole[name], "money", currency)
        for name in ("opening", "closing", "created", "won", "lost")
    )
    text = f"Pipeline in {where}: from {opening} to {closing}; {created} created, {won} won, {lost} lost."
    made = [Section("How the pipeline moved", text, [charts.waterfall("Pipeline", steps, text, currency)])]
    stages = [row for row in found if row["slice"] == "stage" and row["closing"]]
    if stages:
        bars = [(row["slice_value"], float(row["closing"]), short_money(row["closing"])) for row in stages]
        words = f"Pipeline by stage at the end of {where}: " + list_text(
            [f"{name} {text}" for name, _, text in bars], 9
        )
        chart = charts.share_bars(
            "Pipeline by stage", bars, f"{words}.", ["Stage", f"In {currency or 'money'}"]
        )
        made.append(
            Section("What the pipeline is made of", f"Open deals by stage at the end of {where}.", [chart])
        )
    return made


def outlook(published: Published, currency: str) -> Section | None:
    """What the open pipeline is to bring, stage by stage, by the win rates that stages have had."""
    table = "explain.pipeline_outlook"
    found = optional(
        published,
        table,
        f"select * from {table} where is_latest and slice in ('all', 'stage') "
        "order by slice, pipeline_amount desc, slice_value",
    )
    whole = next((row for row in found if row["slice"] == "all"), None)
    if whole is None:
        return None

    def money(row: Row, name: str) -> str:
        return value_text(row[name], "money", currency)

    worth = (
        f"{whole['open_deals']:,} open deals, worth {money(whole, 'pipeline_amount')} "
        f"as of {date_text(whole['origin_date'])}."
    )
    if whole["weighted_amount"] is None:
        worth += " No deal has been won or lost yet, so nothing says what they are to bring."
    else:
        worth += (
            f" At the win rates of their stages they bring {money(whole, 'weighted_amount')}, give or take "
            f"{money(whole, 'weighted_sd')} (one standard deviation, if deals are won independently of one "
            f"another). The vocabulary's own probabilities say {money(whole, 'vocabulary_weighted_amount')}."
        )
    if whole["weighted_in_time_amount"] is not None:
        worth += (
            f" If those that have been in their stage for too long are lost, "
            f"{money(whole, 'weighted_in_time_amount')}."
        )
    worth += " When they close is not said here: this is no forecast of a period."
    stages = [row for row in found if row["slice"] == "stage"]
    amounts = (
        "pipeline_amount", "weighted_amount", "weighted_in_time_amount", "vocabulary_weighted_amount",
    )  # fmt: skip
    rows = [
        [
            clean(row["slice_value"]),
            f"{row['open_deals']:,}",
            *(money(row, name) for name in amounts),
        ]
        for row in stages
    ]
    columns = ["Stage", "Open deals", "Pipeline", "By win rates", "Of them in time", "By the vocabulary"]
    return Section(
        "What the open pipeline is to bring", worth, tables=[Table(columns, rows, frozenset(range(1, 6)))]
    )


def mrr_movements(series: dict[str, list[Row]], currency: str) -> Section | None:
    """What added to and took from monthly recurring revenue, over the last two years at most."""
    rows = [
        {"period_start": row["period_start"], "name": name, "value": sign * abs(float(row["value"]))}
        for kpi, (name, sign) in _MOVEMENTS.items()
        for row in series.get(kpi, [])
        if row["is_complete_period"] and row["value"] is not None
    ]
    days = sorted({row["period_start"] for row in rows})[-24:]
    rows = [row for row in rows if row["period_start"] in days]
    if len(days) < 2 or not any(row["value"] for row in rows):
        return None
    last = {row["name"]: row["value"] for row in rows if row["period_start"] == days[-1]}
    parts = [f"{name} {short_money(value, signed=True)}" for name, value in last.items() if round(value)]
    text = f"In {period_text('month', days[-1])}: {list_text(parts, 5)}."
    return Section("MRR movements", text, [charts.movements("MRR movements by month", rows, text, currency)])


def forecasts(published: Published, series: dict[str, list[Row]], currency: str) -> list[Section]:
    """What is expected of won revenue and MRR, how surely, by which method."""
    table = "explain.forecasts"
    found = optional(
        published,
        table,
        f"select * from {table} where period_grain = 'month' order by forecast, period_start",
    )
    made = []
    for name in dict.fromkeys(row["forecast"] for row in found):
        ahead = [row for row in found if row["forecast"] == name and row["value"] is not None]
        if not ahead:
            continue
        past = [row for row in series.get(name, []) if row["is_complete_period"] and row["value"] is not None]
        first = ahead[0]
        label = "MRR" if name == "mrr" else name.replace("_", " ")
        text = (
            f"{period_text('month', first['period_start'])}: {value_text(first['value'], 'money', currency)}"
        )
        if first["low"] is not None:
            low, high = (value_text(first[name], "money", currency) for name in ("low", "high"))
            text += f", between {low} and {high}"
        text += (
            f". Method: {clean(first['method_used'])}; {clean(first['note'] or 'no note', 300).rstrip('.')}."
        )
        if first["coverage"] is not None:
            text += f" Tried out on the past, its interval held {percent(first['coverage'])} of what came."
        chart = charts.forecast(f"Forecast of {label}", past[-18:], ahead[:12], text, currency)
        made.append(Section(f"What to expect of {label}", text, [chart]))
    return made


def running(pacing: list[Row], labels: dict[str, Row], currency: str) -> Section | None:
    """Where periods that are not over stand."""
    rows = []
    for row in pacing:
        card = labels.get(row["kpi"])
        if card is None:
            continue
        texts = [
            value_text(row[name], card["unit"], currency)
            for name in ("value", "expected_to_date", "target", "projected", "required_per_day")
        ]
        period = period_text(row["period_grain"], row["period_start"])
        rows.append([clean(card["label"]), period, *texts[:2], percent(row["pace"]), *texts[2:]])
    if not rows:
        return None
    columns = ["KPI", "Period", "So far", "Should be", "Pace", "Target", "Ends at", "Needed a day"]
    table = Table(columns, rows, frozenset(range(2, 8)))
    return Section("Running periods", "Not over yet: provisional, judged by pace.", tables=[table])


def rep_rates(published: Published, company: dict[str, Row]) -> list[Section]:
    """Reps by their rates with intervals, ranked by the lower bound: little evidence ranks low, not high."""
    if not published.has("scorecard.kpi_values"):
        return []
    made = []
    for kpi in ("deal_win_rate", "lead_win_rate", "meeting_acceptance_rate"):
        card = company.get(kpi)
        if card is None:
            continue
        found = published.rows(
            """
            select slice, slice_value, value, n, ci_low, ci_high, period_grain, period_start
            from scorecard.kpi_values
            where kpi = $1 and slice in ('rep', 'all') and is_complete_period and is_mature
                and (period_grain, period_start) = (
                    select (period_grain, max(period_start))
                    from scorecard.kpi_values
                    where kpi = $1 and slice = 'rep' and is_complete_period and is_mature
                        and period_grain in ('quarter', 'year') and value is not null
                    group by period_grain
                    order by case period_grain when 'year' then 1 else 2 end
                    limit 1
                )
            order by ci_low desc nulls last, n desc, slice_value
            """,
            [kpi],
        )
        reps = [row for row in found if row["slice"] == "rep" and row["value"] is not None]
        if not reps or any(row["ci_low"] is None for row in reps):
            continue
        whole = next((float(row["value"]) for row in found if row["slice"] == "all" and row["value"]), None)
        where = period_text(reps[0]["period_grain"], reps[0]["period_start"])
        best = reps[0]
        text = (
            f"{where}, ranked by the lower end of the interval. First is {clean(best['slice_value'])}, "
            f"{interval_text(best['ci_low'], best['ci_high'], 'rate')} from {best['n']:,} records. "
            "Where intervals overlap, the order may be chance."
        )
        if len(reps) > _LISTED_REPS:
            text += f" The first {_LISTED_REPS} of {len(reps)}."
        chart = charts.intervals(f"{card['label']} by rep", reps[:_LISTED_REPS], whole, text)
        made.append(Section(f"{card['label']} by rep", text, [chart]))
    return made


def worklist(published: Published, currency: str, rep: str | None = None, limit: int = 40) -> Section | None:
    """What to do next, the most urgent first: of everybody, or of one rep."""
    table = "explain.worklist"
    found = optional(
        published,
        table,
        f"""
        select *, count(*) over () as actions, count(*) filter (is_overdue) over () as overdue
        from {table}
        where $1 is null or rep = $1
        order by
            case action_type when 'answer' then 1 when 'follow_up' then 2 when 'revive' then 3 else 4 end,
            priority, value desc nulls last, action_id
        limit $2
        """,
        [rep, limit],
    )
    if not found:
        return None
    rows = [
        ([] if rep else [clean(row["rep"])])
        + [
            f"{clean(row['action'], 120)}: {clean(row['entity_id'])}",
            clean(row["reason"], 160),
            value_text(row["value"], "money", currency),
            date_text(row["due_date"]) if row["due_date"] else "",
            "overdue" if row["is_overdue"] else "",
        ]
        for row in found
    ]
    text = f"{found[0]['actions']:,} things to do, {found[0]['overdue']:,} of them overdue."
    if found[0]["actions"] > len(rows):
        text += f" The first {len(rows)}; all are in the table worklist."
    columns = ["What to do", "Why", "At stake", "By", ""]
    columns = columns if rep else ["Rep", *columns]
    return Section("What to do next", text, tables=[Table(columns, rows, frozenset({len(columns) - 3}))])


def overlaps(published: Published, labels: dict[str, str]) -> Section | None:
    """What KPIs have to do with each other: what does not hold first, what holds counted."""
    table = "explain.kpi_overlaps"
    found = optional(
        published,
        table,
        f"""
        select *
        from {table}
        where status not in ('asserted by tests', 'not testable', 'no second source')
        order by
            case
                when status in ('broken', 'disagrees', 'does not hold', 'against expectation') then 1
                when status = 'none found' then 3
                else 2
            end,
            kind, overlap
        """,
    )
    if not found:
        return None
    holding = sum(1 for row in found if row["status"] == "holds")
    rows = [
        [
            " · ".join(labels.get(name, clean(name)) for name in _kpis_of(row)),
            clean(row["expectation"] or "", 200),
            clean(row["sentence"], 300),
            clean(row["status"]),
            f"{row['n'] or 0:,}",
        ]
        for row in found
        if row["status"] != "holds"
    ]
    text = f"{holding} equations between KPIs hold in every cell. Correlations are associations, not causes."
    tables = [Table(["KPIs", "Expected", "Finding", "Result", "n"], rows, frozenset({4}))] if rows else []
    return Section("What overlaps", text, tables=tables)


def _kpis_of(row: Row) -> list[str]:
    """The KPIs that a row of the register names; a class of KPIs in brackets is one name."""
    sides = [side for side in (row["kpi_a"], row["kpi_b"]) if side]
    return [name for side in sides for name in ([side] if side.startswith("(") else side.split())]


def associations(published: Published) -> list[Section]:
    """Outcomes by band: response time, touches, answers, engagement."""
    table = "explain.associations"
    found = optional(
        published, table, f"select * from {table} where rate is not null order by association, band_number"
    )
    made = []
    for name in dict.fromkeys(row["association"] for row in found):
        bands = [row for row in found if row["association"] == name]
        rows = [
            [
                clean(row["band"]),
                f"{row['outcomes']:,} of {row['n']:,}",
                f"{float(row['rate']):.1%}",
                interval_text(row["ci_low"], row["ci_high"], "rate"),
                clean(row["reading"] or ""),
            ]
            for row in bands
        ]
        columns = ["Band", clean(bands[0]["outcome"]), "Rate", "95% interval", "Reading"]
        title = clean(name)
        title = title[:1].upper() + title[1:]
        made.append(Section(title, tables=[Table(columns, rows, frozenset({1, 2, 3}))]))
    return made
