"""The charts of the report: Vega-Lite specifications, drawn as SVG that takes its colours from the page.

Colours are CSS variables, so one drawing serves light, dark and paper. Every chart says in words what it
shows, and but for sparklines, whose page has it, its data stand below it as a table.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import vl_convert
from markupsafe import Markup

from runner.report.formats import Row, clean, date_text, percent, period_text, short_money, value_text

Spec = dict[str, Any]

WIDTH = 480
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_UTC = {"type": "utc"}
_CONFIG: Spec = {
    "aria": False,  # the page words the chart; Vega's labels of every mark would double its size
    "view": {"stroke": None},
    "font": "system-ui, sans-serif",
    "axis": {
        "labelColor": "var(--mute)",
        "labelFontSize": 13,
        "gridColor": "var(--line)",
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "title": None,
    },
    "legend": {"labelColor": "var(--ink)", "labelFontSize": 13, "title": None, "orient": "top"},
    "text": {"fontSize": 13, "color": "var(--ink)"},
}
_LABEL = 24  # characters of a name beside a bar
_ROOM = {
    "left": 26,
    "right": 26,
    "top": 4,
    "bottom": 4,
}  # the reader's font may be wider than the one drawn with
_NOISE = re.compile(
    r' (?:xmlns(?::xlink)?|version|role|aria-[a-z]+|pointer-events)="[^"]*"| opacity="1"'
    r'|<path class="(?:back|fore)ground"[^>]*/>|<text [^>]*opacity="0"[^>]*>[^<]*</text>'
)


@dataclass(frozen=True)
class Chart:
    """A drawn chart with its words: a title, what it shows, and its data as a table."""

    title: str
    summary: str
    svg: Markup
    columns: list[str] = field(default_factory=list)
    data: list[list[str]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)  # style of a sample line, what it stands for


def draw(spec: Spec, label: str) -> Markup:
    """Draw a specification. Nothing is fetched: all data are in it."""
    whole = {"$schema": _SCHEMA, "background": None, "config": _CONFIG, **spec}
    drawn = _NOISE.sub("", vl_convert.vegalite_to_svg(whole, allowed_base_urls=[]))
    sized = re.sub(r'<svg class="marks" width="[\d.]+" height="[\d.]+"', "<svg", drawn, count=1)
    return Markup(
        sized.replace("<svg", Markup('<svg role="img" aria-label="{}"').format(clean(label, 1000)), 1)
    )


def sparkline(label: str, periods: list[Row], grain: str, unit: str, currency: str) -> Markup | None:
    """A small line of what happened; None where there are not two values to join."""
    known = [row for row in periods if row["value"] is not None]
    if len(known) < 2:
        return None
    points = [_point(row, last=row is known[-1]) for row in known]
    x = {"field": "day", "type": "temporal", "scale": _UTC, "axis": None}
    y = {"field": "value", "type": "quantitative", "axis": None, "scale": {"zero": False}}
    spec = {
        "width": 160,
        "height": 32,
        "padding": 4,
        "data": {"values": points},
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "line", "color": "var(--accent)", "strokeWidth": 2}},
            {
                "transform": [{"filter": "datum.last"}],
                "mark": {"type": "circle", "color": "var(--accent)", "size": 45, "opacity": 1},
            },
        ],
    }
    values = [row["value"] for row in known]
    words = (
        f"{label}, {period_text(grain, known[0]['period_start'])} to "
        f"{period_text(grain, known[-1]['period_start'])}: lowest {value_text(min(values), unit, currency)}, "
        f"highest {value_text(max(values), unit, currency)}, last {value_text(values[-1], unit, currency)}"
    )
    return draw(spec, words)


def _point(row: Row, **more: object) -> Row:
    return {"day": row["period_start"].isoformat(), "value": float(row["value"]), **more}


def process_chart(card: Row, periods: list[Row], grain: str, currency: str) -> Chart | None:
    """A KPI over time with its limits, signals and target; None where fewer than two periods are known."""
    ready = [row for row in periods if row["is_complete_period"] and row["is_mature"]]
    known = [row for row in ready if row["value"] is not None]
    if len(known) < 2:
        return None
    unit = card["unit"]
    points = [
        {
            "day": row["period_start"].isoformat(),
            **{
                name: float(row[name])
                for name in ("value", "lower_limit", "upper_limit", "center", "target")
                if row.get(name) is not None
            },
            "verdict": row.get("verdict"),
        }
        for row in ready
    ]
    x = {
        "field": "day",
        "type": "temporal",
        "scale": _UTC,
        "axis": {"grid": False, "format": "%b %Y", "labelOverlap": True, "tickCount": 6},
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": {"format": ".0%" if unit == "rate" else "~s", "tickCount": 5},
    }
    layers: list[Spec] = []
    keys = [("line", "value")]
    if any("lower_limit" in point for point in points):
        band = {"type": "area", "color": "var(--band)", "interpolate": "step-after", "opacity": 1}
        low, high = {"field": "lower_limit"}, {**y, "field": "upper_limit"}
        layers.append({"mark": band, "encoding": {"x": x, "y": high, "y2": low}})
        layers.append(_rule(x, y, "center", "var(--mute)", [2, 3]))
        keys += [("band", "usual variation"), ("dots", "its middle")]
    if any("target" in point for point in points):
        layers.append(_rule(x, y, "target", "var(--target)", [7, 4]))
        keys.append(("dashes", "target"))
    layers.append(
        {
            "mark": {"type": "line", "color": "var(--accent)", "strokeWidth": 2, "point": False},
            "encoding": {"x": x, "y": y},
        }
    )
    layers.append(
        {
            "mark": {"type": "circle", "color": "var(--accent)", "size": 28, "opacity": 1},
            "encoding": {"x": x, "y": y},
        }
    )
    for verdict, shape, colour, words in (
        ("improvement", "triangle-up", "var(--good)", "▲ signal for the better"),
        ("concern", "triangle-down", "var(--bad)", "▼ signal for the worse"),
        ("change", "diamond", "var(--warn)", "◆ unusual"),
    ):
        if any(point["verdict"] == verdict and "value" in point for point in points):
            mark = {"type": "point", "shape": shape, "size": 130, "fill": colour, "stroke": "var(--surface)"}
            layers.append(
                {
                    "transform": [{"filter": f"datum.verdict === '{verdict}'"}],
                    "mark": {**mark, "opacity": 1, "strokeWidth": 1.5},
                    "encoding": {"x": x, "y": y},
                }
            )
            keys.append((verdict, words))
    last = known[-1]
    signals = sum(1 for row in known if row.get("verdict"))
    summary = (
        f"{card['label']}, {len(known)} periods from {period_text(grain, known[0]['period_start'])} to "
        f"{period_text(grain, last['period_start'])}; last {value_text(last['value'], unit, currency)}; "
        + (f"{signals} with a signal." if signals else "none with a signal.")
    )
    spec = {"width": WIDTH, "height": 210, "data": {"values": points}, "layer": layers}
    return Chart(f"{card['label']} over time", summary, draw(spec, summary), keys=keys)


def _rule(x: Spec, y: Spec, name: str, colour: str, dash: list[int]) -> Spec:
    return {
        "transform": [{"filter": f"isValid(datum.{name})"}],
        "mark": {"type": "line", "interpolate": "step-after", "color": colour, "strokeDash": dash},
        "encoding": {"x": x, "y": {**y, "field": name}},
    }


def effect_bars(title: str, effects: list[tuple[str, float]], words: str, currency: str) -> Chart:
    """What each driver added or took, largest first: bars to the right add, to the left take."""
    bars = [
        {
            "driver": clean(name, _LABEL),
            "order": number,
            "effect": effect,
            "zero": 0,
            "text": short_money(effect, signed=True),
            "colour": "var(--good)" if effect >= 0 else "var(--bad)",
            "anchor": max(effect, 0),
        }
        for number, (name, effect) in enumerate(effects)
    ]
    spec = _horizontal(bars, "driver", "zero", "effect", "anchor")
    data = [[clean(name), short_money(effect, signed=True)] for name, effect in effects]
    return Chart(title, words, draw(spec, words), ["Driver", f"Effect in {currency or 'money'}"], data)


def waterfall(title: str, steps: list[tuple[str, float, bool]], words: str, currency: str) -> Chart:
    """From an opening to a closing, step by step: (name, amount, whether it is a level and no change)."""
    spec = _horizontal(waterfall_bars(steps), "step", "from", "to", "anchor")
    data = [[name, short_money(amount, signed=not is_level)] for name, amount, is_level in steps]
    return Chart(title, words, draw(spec, words), ["Step", f"In {currency or 'money'}"], data)


def waterfall_bars(steps: list[tuple[str, float, bool]]) -> list[Row]:
    """Where each bar of a waterfall begins and ends: a change where the last one ended, a level at 0."""
    bars: list[Row] = []
    level = 0.0
    for number, (name, amount, is_level) in enumerate(steps):
        start = 0.0 if is_level else level
        level = amount if is_level else level + amount
        colour = "var(--accent)" if is_level else "var(--good)" if amount >= 0 else "var(--bad)"
        text = short_money(amount, signed=not is_level)
        bar = {"step": clean(name, _LABEL), "order": number, "from": start, "to": level, "text": text}
        bars.append({**bar, "colour": colour, "anchor": max(start, level)})
    return bars


def _horizontal(bars: list[Row], name: str, start: str, end: str, anchor: str) -> Spec:
    """Bars from `start` to `end`, one under the other, each with its figure to the right of it."""
    y = {"field": name, "type": "nominal", "sort": {"field": "order"}, "axis": {"labelLimit": 170}}
    x = {"field": start, "type": "quantitative", "axis": None}
    return {
        "width": WIDTH - 230,
        "height": {"step": 30},
        "padding": _ROOM,
        "data": {"values": bars},
        "layer": [
            {
                "mark": {"type": "bar", "height": 18, "cornerRadius": 2},
                "encoding": {
                    "y": y,
                    "x": x,
                    "x2": {"field": end},
                    "color": {"field": "colour", "type": "nominal", "scale": None},
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {
                    "y": y,
                    "x": {"field": anchor, "type": "quantitative"},
                    "text": {"field": "text"},
                },
            },
        ],
    }


def share_bars(title: str, bars: list[tuple[str, float, str]], words: str, columns: list[str]) -> Chart:
    """Bars of one colour with a figure each: (name, length, figure)."""
    rows = [
        {
            "name": clean(name, _LABEL),
            "order": number,
            "zero": 0,
            "size": size,
            "text": text,
            "colour": "var(--accent)",
        }
        for number, (name, size, text) in enumerate(bars)
    ]
    data = [[clean(name), text] for name, _, text in bars]
    return Chart(title, words, draw(_horizontal(rows, "name", "zero", "size", "size"), words), columns, data)


def intervals(title: str, rows: list[Row], company: float | None, words: str) -> Chart:
    """Rates of members with their 95 % intervals, in the order given; the company's rate as a line."""
    points = [
        {
            "name": clean(row["slice_value"], _LABEL),
            "order": number,
            **{name: float(row[name]) for name in ("value", "ci_low", "ci_high")},
        }
        for number, row in enumerate(rows)
    ]
    y = {"field": "name", "type": "nominal", "sort": {"field": "order"}, "axis": {"labelLimit": 170}}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 5, "labelFlush": False},
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "color": "var(--mute)", "strokeWidth": 2},
            "encoding": {"y": y, "x": {**x, "field": "ci_low"}, "x2": {"field": "ci_high"}},
        },
        {
            "mark": {"type": "circle", "color": "var(--accent)", "size": 80, "opacity": 1},
            "encoding": {"y": y, "x": x},
        },
    ]
    keys = [("dot", "rate"), ("whisker", "95% interval")]
    if company is not None:
        mark = {"type": "rule", "color": "var(--target)", "strokeDash": [7, 4]}
        layers.insert(0, {"mark": mark, "encoding": {"x": {"datum": company, "type": "quantitative"}}})
        keys.append(("dashes", f"company, {percent(company)}"))
    spec = {
        "width": WIDTH - 190,
        "height": {"step": 28},
        "padding": _ROOM,
        "data": {"values": points},
        "layer": layers,
    }
    data = [
        [clean(row["slice_value"])] + [f"{float(row[name]):.1%}" for name in ("value", "ci_low", "ci_high")]
        for row in rows
    ]
    return Chart(title, words, draw(spec, words), ["Rep", "Rate", "From", "To"], data, keys)


def movements(title: str, rows: list[Row], words: str, currency: str) -> Chart:
    """What added to and took from a balance, period by period: rows of period_start, name, value (signed)."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    colours = [f"var(--c{number + 1})" for number in range(len(names))]
    points = [_point(row, name=row["name"]) for row in rows]
    spec = {
        "width": WIDTH,
        "height": 220,
        "data": {"values": points},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonth",
                "axis": {"grid": False, "format": "%b %Y", "labelOverlap": True, "tickCount": 6},
            },
            "y": {"field": "value", "type": "quantitative", "axis": {"format": "~s", "tickCount": 5}},
            "color": {
                "field": "name",
                "type": "nominal",
                "scale": {"domain": names, "range": colours},
                "legend": {"symbolType": "square", "columns": 3, "columnPadding": 24},
            },
        },
    }
    days = sorted({row["period_start"] for row in rows})
    cell = {(row["period_start"], row["name"]): row["value"] for row in rows}
    data = [
        [date_text(day), *(short_money(cell.get((day, name), 0), signed=True) for name in names)]
        for day in days
    ]
    return Chart(title, words, draw(spec, words), ["From", *(f"{name}, {currency}" for name in names)], data)


def forecast(title: str, past: list[Row], ahead: list[Row], words: str, currency: str) -> Chart:
    """What was, and what is expected: rows of period_start and value, those ahead with low and high."""
    points = [_point(row) for row in past]
    band = [
        {"day": row["period_start"].isoformat()}
        | {name: float(row[name]) for name in ("value", "low", "high") if row[name] is not None}
        for row in ahead
    ]
    x = {
        "field": "day",
        "type": "temporal",
        "scale": _UTC,
        "axis": {"grid": False, "format": "%b %Y", "labelOverlap": True, "tickCount": 6},
    }
    y = {"field": "value", "type": "quantitative", "axis": {"format": "~s", "tickCount": 5}}
    line = {"type": "line", "color": "var(--accent)", "strokeWidth": 2}
    whisker = {"type": "rule", "color": "var(--mute)", "strokeWidth": 6, "opacity": 0.5}
    dot = {"type": "point", "stroke": "var(--accent)", "fill": "var(--surface)", "size": 60, "opacity": 1}
    spec = {
        "width": WIDTH,
        "height": 220,
        "layer": [
            {"data": {"values": points}, "mark": line, "encoding": {"x": x, "y": y}},
            {
                "data": {"values": band},
                "mark": whisker,
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {"data": {"values": band}, "mark": dot, "encoding": {"x": x, "y": y}},
        ],
    }
    data = [
        [date_text(row["period_start"])]
        + [
            short_money(row[name]) if row[name] is not None else "unknown"
            for name in ("value", "low", "high")
        ]
        for row in ahead
    ]
    keys = [("line", "so far"), ("ring", "expected"), ("whisker", "its interval")]
    columns = ["Period from", f"Expected, {currency}", "At least", "At most"]
    return Chart(title, words, draw(spec, words), columns, data, keys)
