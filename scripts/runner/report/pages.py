"""The pages: what each shows, filled into its template, written into a folder of its own."""

import datetime as dt
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from runner.catalogue import PAGE
from runner.errors import CannotRunError
from runner.report import charts, formats, queries, sections
from runner.report.answers import HEADLINE, answers
from runner.report.formats import Row, clean, date_text, period_text, signal_of, status_of, value_text
from runner.report.queries import Published, grain_of, latest_of, opened
from runner.report.sections import Section, Table

TEMPLATES = Path(__file__).parent / "templates"
NAVIGATION = (
    ("index.html", "Overview"),
    ("funnel.html", "Funnel & pipeline"),
    ("revenue.html", "Revenue"),
    ("reps.html", "Reps & teams"),
    ("work.html", "What to do"),
    ("overlaps.html", "Overlaps"),
    ("kpis.html", "All KPIs"),
)
STYLE = "report.css"
_FOCUS = 12
_MEMBERS = 50  # of a slice, on the page of a KPI
_REP_ACTIONS = 10
_SPARK = 24  # periods in a sparkline
_SLICES = ("rep", "team", "segment", "channel", "campaign", "region")  # in this order, others after them
_REPORT_CARDS = {"rep": "scorecard.rep_report_card", "team": "scorecard.team_report_card"}
_MATRIX_KPIS = (
    "won_revenue",
    "qualified_leads",
    "median_response_time",
    "touches_per_qualified_lead",
    "meetings_scheduled",
    "meeting_held_rate",
)
_REVENUE_KPIS = ("won_revenue", "average_deal_size", "mrr", "nrr", "grr", "customer_retention_rate")
_FUNNEL_KPIS = ("pipeline_value", "weighted_pipeline", "pipeline_coverage", "stale_share", "lead_win_rate")


@dataclass(frozen=True)
class Card:
    """A card as it is shown: texts, statuses and a sparkline."""

    kpi: str
    label: str
    href: str
    period: str
    value: str
    n: str
    target: str
    interval: str
    on_last_year: str
    reason: str
    status: formats.Status
    signal: formats.Status | None
    spark: Markup | None


class Report:
    """The pages of one published build. Everything is read once, at the beginning."""

    def __init__(self, published: Published, folder: Path) -> None:
        self.published = published
        self.folder = folder
        self.currency = clean(published.currency, 10)
        self.as_of: dt.date | None = queries.as_of(published)
        self.kpis = {str(card["kpi"]): _named(card) for card in queries.kpis(published)}
        self.files = {kpi: f"kpi/{_file_name(kpi)}.html" for kpi in self.kpis}
        self.cards = [_named(card) for card in queries.cards(published)]
        self.on_scorecard = {str(card["kpi"]): card for card in self.cards}
        grains = {kpi: grain_of(card) for kpi, card in self.kpis.items()}
        self.series = queries.series(published, grains)
        self.sparks = {
            kpi: charts.sparkline(
                card["label"], self._ready(kpi)[-_SPARK:], grain_of(card), card["unit"], self.currency
            )
            for kpi, card in self.on_scorecard.items()
        }
        self.labels = {kpi: card["label"] for kpi, card in self.kpis.items()}
        self.growths = sections.growths(published, self.labels)
        self.members = {kind: self._members(kind) for kind in _REPORT_CARDS}
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals |= {
            "navigation": NAVIGATION,
            "style": STYLE,
            "as_of": date_text(self.as_of),
            "docs": self._docs(),
        }

    def _docs(self) -> str | None:
        """Where the models' own page is, seen from the report, if that is published beside it."""
        page = self.folder.parent / PAGE
        return f"../{PAGE.as_posix()}" if page.is_file() else None

    def _ready(self, kpi: str) -> list[Row]:
        return [row for row in self.series.get(kpi, []) if row["is_complete_period"] and row["is_mature"]]

    def _members(self, kind: str) -> dict[str, str]:
        """The page of each rep, or team: by number, because a name may be anything."""
        table = _REPORT_CARDS[kind]
        found = queries.optional(self.published, table, f"select distinct {kind} from {table} order by 1")
        return {row[kind]: f"{kind}/{number}.html" for number, row in enumerate(found, start=1)}

    def write(self) -> None:
        """Write all pages."""
        for part in ("kpi", *_REPORT_CARDS):
            (self.folder / part).mkdir(parents=True)
        style = (TEMPLATES / STYLE).read_text(encoding="utf-8")
        (self.folder / STYLE).write_text(style, encoding="utf-8")
        self._write_overview()
        self._write_sections("funnel.html", "Funnel & pipeline", _FUNNEL_KPIS, self._funnel())
        self._write_sections("revenue.html", "Revenue", _REVENUE_KPIS, self._revenue())
        self._write_reps()
        work = sections.worklist(self.published, self.currency)
        self._write_sections("work.html", "What to do", (), [work])
        linked = [sections.overlaps(self.published, self.labels), *sections.associations(self.published)]
        self._write_sections("overlaps.html", "How KPIs hang together", (), linked)
        self._write_kpis()

    def _render(self, path: str, template: str, title: str, **context: Any) -> None:
        root = "../" * path.count("/")
        page = self.environment.get_template(template).render(path=path, root=root, title=title, **context)
        (self.folder / path).write_text(page, encoding="utf-8")

    def _write_overview(self) -> None:
        shown = [self._card(card) for card in self.cards]
        statuses = (formats.MISSED, formats.UNDECIDED, formats.CLOSE, formats.ON_TARGET, formats.NO_VERDICT)
        groups = [(status, [card for card in shown if card.status is status]) for status in statuses]
        sources = queries.sources(self.published)
        rows = queries.row_counts(self.published)
        weakest = sections.weakest_step(self.published)
        self._render(
            "index.html",
            "index.html.j2",
            "Overview",
            answers=answers(
                self.cards,
                self._headline_first(),
                weakest,
                sources,
                rows,
                self.currency,
            ),
            periods=self._periods(),
            groups=[(status, cards) for status, cards in groups if cards],
            growths=[sections.growth_section(growth, self.currency) for growth in self._headline_first()[:2]],
            focus=[self._focus(row) for row in queries.focus(self.published, _FOCUS)],
            sources=[self._source(source) for source in sources],
            running=sections.running(queries.pacing(self.published), self.kpis, self.currency),
        )

    def _headline_first(self) -> list[Any]:
        label = self.kpis[HEADLINE]["label"] if HEADLINE in self.kpis else ""
        return sorted(self.growths, key=lambda growth: growth.label != label)

    def _periods(self) -> list[str]:
        """`monthly KPIs: Dec 2025`, the newest period of each frequency."""
        newest: dict[str, Row] = {}
        for card in self.cards:
            kept = newest.get(card["frequency"])
            if kept is None or card["period_start"] > kept["period_start"]:
                newest[card["frequency"]] = card
        return [
            f"{frequency} KPIs: {period_text(card['period_grain'], card['period_start'])}"
            for frequency, card in sorted(newest.items())
        ]

    def _card(self, card: Row) -> Card:
        kpi, unit = str(card["kpi"]), card["unit"]
        change = card["change_on_last_year"]
        return Card(
            kpi=kpi,
            label=card["label"],
            href=self.files[kpi],
            period=period_text(card["period_grain"], card["period_start"]),
            value=value_text(card["value"], unit, self.currency),
            n=f"{card['n']:,}" if card["n"] is not None else formats.NONE,
            target=formats.beside_target(card, self.currency),
            interval=formats.interval_text(card["ci_low"], card["ci_high"], unit, self.currency),
            on_last_year="" if change is None else formats.percent(change, signed=True),
            reason=clean(card["status_reason"] or "", 200),
            status=status_of(card),
            signal=signal_of(card["signal_verdict"]),
            spark=self.sparks.get(kpi),
        )

    def _focus(self, row: Row) -> Row:
        kpi = str(row["kpi"])
        unit = self.kpis[kpi]["unit"] if kpi in self.kpis else "ratio"
        where = "whole company" if row["slice"] == "all" else f"{row['slice']} {clean(row['slice_value'])}"
        return {
            "label": clean(row["label"]),
            "href": self.files.get(kpi, "kpis.html"),
            "where": where,
            "value": value_text(row["value"], unit, self.currency),
            "target": value_text(row["target"], unit, self.currency),
            "status": status_of(row),
            "signal": signal_of(row["signal_verdict"]),
        }

    def _source(self, source: Row) -> Row:
        findings = [clean(finding, 200) for finding in source["findings"] or []]
        return {
            **source,
            "entity": clean(source["entity"]),
            "status": formats.source_status(source["status"]),
            "findings": findings,
        }

    def _funnel(self) -> list[Section | None]:
        return [
            *sections.waterfall(self.published, self.currency),
            sections.outlook(self.published, self.currency),
            sections.conversion(self.published),
            sections.journey(self.published, self.currency),
        ]

    def _revenue(self) -> list[Section | None]:
        return [
            *(sections.growth_section(growth, self.currency) for growth in self._headline_first()),
            sections.mrr_movements(self.series, self.currency),
            *sections.forecasts(self.published, self.series, self.currency),
        ]

    def _write_sections(
        self, path: str, title: str, kpis: tuple[str, ...], parts: list[Section | None]
    ) -> None:
        cards = [self._card(self.on_scorecard[kpi]) for kpi in kpis if kpi in self.on_scorecard]
        self._render(path, "sections.html.j2", title, cards=cards, sections=[part for part in parts if part])

    def _write_reps(self) -> None:
        cards = {kind: self._report_cards(kind) for kind in _REPORT_CARDS}
        self._render(
            "reps.html",
            "reps.html.j2",
            "Reps & teams",
            rates=sections.rep_rates(self.published, self.kpis),
            matrices=[
                (title, kind, matrix)
                for kind, title in (("rep", "Rep"), ("team", "Team"))
                if (matrix := self._matrix(title, cards[kind], self.members[kind]))
            ],
        )
        for kind, pages in self.members.items():
            for member, path in pages.items():
                rows = [self._report_line(row) for row in cards[kind][member]]
                work = None
                if kind == "rep":
                    work = sections.worklist(self.published, self.currency, member, _REP_ACTIONS)
                self._render(path, "member.html.j2", clean(member), kind=kind, rows=rows, work=work)

    def _report_cards(self, kind: str) -> dict[str, list[Row]]:
        """Each rep's, or team's, KPIs in their last periods; those with a target come first."""
        table = _REPORT_CARDS[kind]
        found = queries.optional(
            self.published,
            table,
            f"select * from {table} where is_latest and value is not null "
            f"order by {kind}, target is null, family, label",
        )
        by_member: dict[str, list[Row]] = {member: [] for member in self.members[kind]}
        for row in found:
            by_member[row[kind]].append(row)
        return by_member

    def _matrix(self, title: str, cards: dict[str, list[Row]], pages: dict[str, str]) -> Table | None:
        """Members by a handful of KPIs, each in its last period; those who won most come first."""
        cells = {(member, row["kpi"]): row for member, rows in cards.items() for row in rows}
        shown = [kpi for kpi in _MATRIX_KPIS if any((member, kpi) in cells for member in cards)]
        if not cards:
            return None
        columns = [title]
        for kpi in shown:
            row = next(cells[member, kpi] for member in cards if (member, kpi) in cells)
            columns.append(f"{clean(row['label'])}, {period_text(row['period_grain'], row['period_start'])}")
        worth = {member: cells.get((member, HEADLINE), {}).get("value") for member in cards}
        order = sorted(cards, key=lambda member: (worth[member] is None, -(worth[member] or 0), member))
        rows = []
        for member in order:
            line: list[Any] = [{"text": clean(member), "href": pages[member]}]
            for kpi in shown:
                row = cells.get((member, kpi), {})
                line.append(
                    value_text(row["value"], row["unit"], self.currency)
                    if row.get("value") is not None
                    else formats.NONE
                )
            rows.append(line)
        return Table(columns, rows, frozenset(range(1, len(columns))))

    def _report_line(self, row: Row) -> Row:
        unit = row["unit"]
        rank = f"{row['standing_rank']} of {row['ranked_members']}" if row["standing_rank"] else formats.NONE
        return {
            "label": clean(row["label"]),
            "href": self.files.get(row["kpi"], "kpis.html"),
            "period": period_text(row["period_grain"], row["period_start"]),
            "value": value_text(row["value"], unit, self.currency),
            "interval": formats.interval_text(row["ci_low"], row["ci_high"], unit, self.currency),
            "n": f"{row['n']:,}" if row["n"] is not None else formats.NONE,
            "company": value_text(row["company_value"], unit, self.currency),
            "rank": rank,
            "target": value_text(row["target"], unit, self.currency),
            "has_target": row["target"] is not None,
            "status": status_of(row),
            "signal": signal_of(row["signal_verdict"]),
        }

    def _write_kpis(self) -> None:
        latest = {
            kpi: found for kpi, card in self.kpis.items() if (found := self._latest(kpi, card)) is not None
        }
        members = queries.members(self.published, latest)
        families: dict[str, list[Row]] = {}
        for kpi, card in self.kpis.items():
            row = latest.get(kpi)
            families.setdefault(clean(card["family"]), []).append(
                {
                    "label": card["label"],
                    "href": self.files[kpi],
                    "measure": clean(card.get("measure") or "", 300),
                    "value": value_text(row["value"], card["unit"], self.currency) if row else formats.NONE,
                    "period": period_text(row["period_grain"], row["period_start"]) if row else "",
                    "status": status_of(self.on_scorecard[kpi]) if kpi in self.on_scorecard else None,
                }
            )
        self._render("kpis.html", "kpis.html.j2", "All KPIs", families=families)
        for kpi, card in self.kpis.items():
            self._write_kpi(kpi, card, latest.get(kpi), members.get(kpi, []))

    def _latest(self, kpi: str, card: Row) -> Row | None:
        periods = self.series.get(kpi, [])
        if kpi in self.on_scorecard:
            start = self.on_scorecard[kpi]["period_start"]
            return next((row for row in periods if row["period_start"] == start), None)
        return latest_of(periods)

    def _write_kpi(self, kpi: str, card: Row, latest: Row | None, members: list[Row]) -> None:
        grain, unit = grain_of(card), card["unit"]
        periods = self.series.get(kpi, [])
        self._render(
            self.files[kpi],
            "kpi.html.j2",
            card["label"],
            card=self._card(self.on_scorecard[kpi]) if kpi in self.on_scorecard else None,
            value=value_text(latest["value"], unit, self.currency) if latest else formats.NONE,
            period=period_text(grain, latest["period_start"]) if latest else "no period is complete yet",
            chart=charts.process_chart(card, periods, grain, self.currency),
            facts=self._facts(kpi, card),
            companions=self._companions(card),
            confusions=self._confusions(kpi),
            has_interval=any(row["ci_low"] is not None for row in periods),
            history=[self._history_line(row, grain, unit) for row in reversed(periods)],
            slices=self._slices(members, unit),
        )

    def _facts(self, kpi: str, card: Row) -> list[tuple[str, str]]:
        better = {"higher": "higher is better", "lower": "lower is better"}
        direction = better.get(card.get("direction") or "", "for context: neither way is better")
        sources = queries.optional(
            self.published,
            "scorecard.kpi_source_status",
            "select sources_text, source_status, reason from scorecard.kpi_source_status where kpi = $1",
            [kpi],
        )
        facts = [
            ("Measures", card.get("measure") or ""),
            ("Formula", card.get("formula") or ""),
            ("Better", direction),
            ("Looked at", card.get("frequency") or ""),
            ("Owner", card.get("owner") or ""),
        ]
        for source in sources:
            facts.append(("Sources", source["sources_text"] or ""))
            status = formats.source_status(source["source_status"])
            facts.append(("Their health", f"{status.shape} {status.word}: {source['reason'] or ''}"))
        if str(card.get("is_activity_volume")).lower() == "true":
            facts.append(
                ("Beware", "Volume of activity says nothing about capability: barred from the scorecard.")
            )
        return [(name, clean(text, 400)) for name, text in facts if text]

    def _companions(self, card: Row) -> list[tuple[str, str]]:
        names = re.split(r"[\s,]+", str(card.get("companions") or ""))
        return [(self.kpis[name]["label"], self.files[name]) for name in names if name in self.kpis]

    def _confusions(self, kpi: str) -> list[Row]:
        """What people may mean by the same word, this KPI among them."""
        found = self.published.definitions.get("confusions", [])
        words = [row["word"] for row in found if row["kpi"] == kpi]
        return [
            {
                "word": clean(row["word"]),
                "label": self.kpis[row["kpi"]]["label"],
                "href": self.files[row["kpi"]],
                "told_apart_by": clean(row["told_apart_by"], 300),
                "is_this": row["kpi"] == kpi,
            }
            for row in found
            if row["word"] in words and row["kpi"] in self.kpis
        ]

    def _history_line(self, row: Row, grain: str, unit: str) -> Row:
        note = "" if row["is_mature"] else "outcomes still coming in"
        signal = signal_of(row.get("verdict"))
        return {
            "period": period_text(grain, row["period_start"]),
            "value": value_text(row["value"], unit, self.currency),
            "interval": formats.interval_text(row["ci_low"], row["ci_high"], unit, self.currency),
            "n": f"{row['n']:,}" if row["n"] is not None else formats.NONE,
            "target": value_text(row.get("target"), unit, self.currency),
            "note": (signal.word if signal else "")
            if row["is_complete_period"] and not note
            else note or "so far",
        }

    def _slices(self, members: list[Row], unit: str) -> list[Row]:
        made = []
        names = dict.fromkeys(row["slice"] for row in members)
        for name in sorted(names, key=lambda name: (_SLICES.index(name) if name in _SLICES else 99, name)):
            rows = [row for row in members if row["slice"] == name]
            made.append(
                {
                    "name": clean(name),
                    "more": max(len(rows) - _MEMBERS, 0),
                    "has_interval": any(row["ci_low"] is not None for row in rows),
                    "has_status": any(
                        row.get("target") is not None or row.get("signal_verdict") for row in rows
                    ),
                    "rows": [
                        {
                            "member": clean(row["slice_value"]),
                            "href": self.members.get(name, {}).get(row["slice_value"]),
                            "value": value_text(row["value"], unit, self.currency),
                            "interval": formats.interval_text(
                                row["ci_low"], row["ci_high"], unit, self.currency
                            ),
                            "n": f"{row['n']:,}" if row["n"] is not None else formats.NONE,
                            "status": status_of(row) if row.get("target") is not None else None,
                            "signal": signal_of(row.get("signal_verdict")),
                        }
                        for row in rows[:_MEMBERS]
                    ],
                }
            )
        return made


def _named(card: Row) -> Row:
    """A card whose label can be shown as it is."""
    return {**card, "label": clean(card["label"])}


def _file_name(kpi: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", kpi.lower()) or "kpi"


def replace_report(source: Path, folder: Path) -> Path:
    """Write the report into a folder, in place of an older report there. Returns its first page.

    Raises CannotRunError when nothing is published at `source`, or the folder holds something else.
    """
    if folder.exists() and not (folder / STYLE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotRunError(f"{folder} is there and is no report. Choose another --out.")
    fresh = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        write_report(source, fresh)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder / "index.html"


def write_report(source: Path, folder: Path) -> int:
    """Write the report of a published folder, or its database, into a new folder. Returns how many pages.

    Raises CannotRunError when nothing is published there.
    """
    with opened(source) as published:
        Report(published, folder).write()
    return sum(1 for _ in folder.rglob("*.html"))
