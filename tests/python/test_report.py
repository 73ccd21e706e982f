"""The report: pages that hold together, show text from data as text, and leave out what is not there."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import kpis
from report_company import HOSTILE, write_published
from report_pages import Page, check_links, pages_of
from runner.errors import CannotRunError
from runner.report import answers, charts, formats, replace_report, sections, write_report
from runner.report.answers import Growth

STATUS_WORDS = {"On target", "Close", "Undecided", "Missed", "No verdict"}
MARKS = re.compile(r"<(?:path|rect|circle|line) ")
SIZE = 10_000_000  # bytes of a report for 200 reps, 60 months and 90 KPIs


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(write_published(folder / "published"), folder / "report")
    return folder / "report"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    published = write_published(
        folder / "published",
        reps=len(HOSTILE),
        kpis=4,
        names=HOSTILE,
        label="<script>alert(2)</script>\u202e ",
    )
    write_report(published, folder / "report")
    return folder / "report"


def test_every_link_leads_to_a_page_of_the_report(report: Path) -> None:
    check_links(report)


def test_nothing_is_fetched_and_nothing_runs(report: Path, hostile: Path) -> None:
    for folder in (report, hostile):
        style = (folder / "report.css").read_text(encoding="utf-8")
        assert "url(" not in style
        assert "@import" not in style
        for path, page in pages_of(folder).items():
            assert "script" not in page.tags, path
            assert not {"img", "iframe", "object", "embed", "form"} & set(page.tags), path
            assert not [name for name in page.attributes if name.startswith("on")], path


def test_hostile_names_are_text(hostile: Path) -> None:
    check_links(hostile)
    pages = pages_of(hostile)
    text = "".join(page.text for page in pages.values())
    for name in HOSTILE:
        assert formats.clean(name) in text, name
    assert "{{ 7 * 7 }}" in text
    raw = "".join(path.read_text(encoding="utf-8") for path in pages)
    assert "<script" not in raw
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", raw)
    assert "x" * 81 not in raw


def test_each_card_has_its_status_in_words(report: Path) -> None:
    html = (report / "index.html").read_text(encoding="utf-8")
    found = re.findall(r'<article class="card.*?</article>', html, re.DOTALL)
    assert len(found) == 6
    for card in found:
        assert any(word in card for word in STATUS_WORDS), card


def test_every_chart_has_marks_a_label_and_data(report: Path) -> None:
    drawn = 0
    for path in report.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
            drawn += 1
            assert MARKS.search(svg), path
            assert re.match(r'<svg role="img" aria-label="[^"]{20,}"', svg), svg[:200]
        for figure in re.findall(r"<figure>.*?</figure>", html, re.DOTALL):
            assert "<svg" in figure
            assert "<table" in figure or "Period by period" in html, path
    assert drawn == 6 + 6 + 1  # a sparkline a card, a series a KPI, the reps by win rate


def test_the_open_pipeline_says_what_it_is_to_bring(report: Path) -> None:
    html = (report / "funnel.html").read_text(encoding="utf-8")
    text = " ".join(Page(html).text.split())
    assert "3 open deals, worth 100,000 EUR as of 31 Dec 2025." in text
    assert "At the win rates of their stages they bring 40,000 EUR, give or take 34,641 EUR" in text
    assert "The vocabulary's own probabilities say 80,000 EUR." in text
    assert "for too long are lost, 32,000 EUR." in text
    stages = re.findall(r"<tr><th scope=.row.>.*?</tr>", html)
    assert [Page(line.replace("<td", " <td")).text for line in stages] == [
        "(none) 1 60,000 EUR 30,000 EUR 24,000 EUR 60,000 EUR",
        "KPI Proposal 2 40,000 EUR 10,000 EUR 8,000 EUR 20,000 EUR",
    ]


def test_an_outlook_without_a_closed_deal_says_that_it_is_unknown(tmp_path: Path) -> None:
    source = write_published(tmp_path / "published", kpis=1, months=1)
    with duckdb.connect(str(source / "pipeline_kpis.duckdb")) as connection:
        connection.execute(
            "update explain.pipeline_outlook set weighted_amount = null, weighted_in_time_amount = null"
        )
    write_report(source, tmp_path / "report")
    text = " ".join(Page((tmp_path / "report" / "funnel.html").read_text(encoding="utf-8")).text.split())
    assert "No deal has been won or lost yet, so nothing says what they are to bring." in text
    assert "give or take" not in text


def test_a_team_has_a_report_card_as_a_rep_has(report: Path) -> None:
    overview = (report / "reps.html").read_text(encoding="utf-8")
    assert '<a href="team/1.html"><bdi>Team of Rep 1</bdi></a>' in overview
    team = (report / "team" / "1.html").read_text(encoding="utf-8")
    assert "<h1><bdi>Team of Rep 1</bdi></h1>" in team
    assert "Ranks are among teams with enough records" in team
    assert team.count('<th scope="row">') == 6  # a line a KPI, as the rep's
    assert not (report / "team" / "2.html").exists()


def test_the_five_questions_are_answered(report: Path) -> None:
    text = " ".join(Page((report / "index.html").read_text(encoding="utf-8")).text.split())
    for question in (
        "Are we on target?",
        "What got worse?",
        "Is it real?",
        "Why?",
        "Can I trust it?",
    ):
        assert question in text
    assert "as of 31 Dec 2025" in text
    assert "monthly KPIs: Dec 2025" in text
    assert "3 of 100 rows (3.0%) could not be used" in text


def test_tables_that_are_not_there_leave_out_their_sections(tmp_path: Path) -> None:
    """Whatever is missing, there is a report; without any table it says that there is nothing."""
    source = write_published(tmp_path / "published", kpis=2, months=3)
    with duckdb.connect(str(source / "pipeline_kpis.duckdb")) as connection:
        tables = [
            str(row[0])
            for row in connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables() order by 1"
            ).fetchall()
        ]
    for number, table in enumerate(tables):
        with duckdb.connect(str(source / "pipeline_kpis.duckdb")) as connection:
            connection.execute(f"drop table {table}")
        write_report(source, tmp_path / f"report{number}")
        check_links(tmp_path / f"report{number}")
    (source / "definitions.json").unlink()
    write_report(source, tmp_path / "nothing")
    check_links(tmp_path / "nothing")
    assert "There is nothing to show here yet." in (tmp_path / "nothing" / "kpis.html").read_text()


@pytest.mark.parametrize("months", [0, 1])
def test_an_empty_company_and_one_row_have_a_report(tmp_path: Path, months: int) -> None:
    source = write_published(tmp_path / "published", kpis=1 if months else 0, reps=0, months=months)
    write_report(source, tmp_path / "report")
    check_links(tmp_path / "report")
    html = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert ("No KPI has a value" in html) == (not months)
    assert "<svg" not in html


def test_the_report_of_a_large_company_is_small(tmp_path: Path) -> None:
    source = write_published(tmp_path / "published", reps=200, months=60, kpis=90)
    pages = write_report(source, tmp_path / "report")
    assert pages == len(("index", "funnel", "revenue", "reps", "work", "overlaps", "kpis")) + 90 + 200 + 1
    assert sum(path.stat().st_size for path in (tmp_path / "report").rglob("*") if path.is_file()) < SIZE


def test_the_same_build_gives_the_same_pages(report: Path, tmp_path: Path) -> None:
    write_report(report.parent / "published", tmp_path / "again")
    for path in report.rglob("*.html"):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(report)).read_bytes(), path


def test_a_report_replaces_a_report_and_nothing_else(report: Path, tmp_path: Path) -> None:
    source = report.parent / "published"
    assert kpis("report", "--from", source, "--out", tmp_path / "new").code == 0
    assert replace_report(source, tmp_path / "new") == tmp_path / "new" / "index.html"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(CannotRunError, match="is no report"):
        replace_report(source, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
    assert kpis("report", "--from", tmp_path, "--out", tmp_path / "none").code == 2


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("0.0576", "rate", "5.8%"),
        ("115734.342", "money", "115,734 EUR"),
        ("0.5", "money", "0.50 EUR"),
        ("37805.85", "money per day", "37,806 EUR/day"),
        ("119", "minutes", "119 min"),
        ("1489.02", "minutes", "24.8 h"),
        ("4320", "minutes", "3.0 days"),
        ("50.826", "days", "50.8 days"),
        ("1.2105", "per lead", "1.21 per lead"),
        ("0.0573", "ratio", "0.057"),
        ("8", "count", "8"),
        (None, "rate", formats.NONE),
    ],
)
def test_a_value_reads_in_its_unit(value: str | None, unit: str, expected: str) -> None:
    assert formats.value_text(Decimal(value) if value else None, unit, "EUR") == expected


@pytest.mark.parametrize(
    ("grain", "start", "expected"),
    [
        ("month", "2025-12-01", "Dec 2025"),
        ("quarter", "2025-10-01", "Oct–Dec 2025"),
        ("quarter", "2025-11-01", "Nov 2025–Jan 2026"),
        ("year", "2025-01-01", "2025"),
        ("year", "2024-07-01", "Jul 2024–Jun 2025"),
        ("week", "2025-12-29", "week of 29 Dec 2025"),
    ],
)
def test_a_period_reads_as_its_months(grain: str, start: str, expected: str) -> None:
    assert formats.period_text(grain, dt.date.fromisoformat(start)) == expected


def card(**changes: Any) -> dict[str, Any]:
    base = {
        "kpi": "won_revenue",
        "label": "Won revenue",
        "unit": "money",
        "direction": "higher",
        "period_grain": "month",
        "period_start": dt.date(2025, 12, 1),
        "value": 80,
        "target": 100,
        "attainment": 0.8,
        "status": "red",
        "status_reason": "80 % of the target",
        "signal": "none",
        "signal_verdict": None,
        "center": 90,
    }
    return base | changes


def test_the_answers_count_what_the_cards_say() -> None:
    cards = [
        card(),
        card(kpi="a", label="A", status="green", signal="outside", signal_verdict="improvement", center=120),
        card(kpi="b", label="B", status="amber", status_reason="undecided: 0 to 1", signal=None),
        card(kpi="c", label="C", signal="run", signal_verdict="concern", attainment=0.5, value=50, center=95),
        card(kpi="d", label="D", status="grey"),
    ]
    target = answers.on_target(cards, "EUR")
    assert target.verdict == "In part."
    assert target.text == (
        "Of 5 KPIs 1 is on target, 2 miss it, 1 is close or undecided and 1 has no verdict. "
        "Won revenue of Dec 2025 is 80.00 EUR, 80% of its target."
    )
    worse = answers.got_worse(cards, "EUR")
    assert worse.verdict == "1 of 5 KPIs."
    assert worse.text.startswith("Worse than their usual variation: C. Furthest behind target: C (50.00 EUR")
    real = answers.is_real(cards)
    assert real.text == (
        "2 of 4 KPIs with enough history left their usual range, 1 for worse and 1 for better; the ups and "
        "downs of the other 2 need no explanation. 2 of the 2 that miss usually do: only another way of "
        "working mends that. 1 rate has too few records to decide."
    )


@pytest.mark.parametrize(("direction", "center"), [("higher", 99), ("lower", 101)])
def test_a_miss_is_usual_if_the_middle_of_the_range_misses_too(direction: str, center: int) -> None:
    usual = answers.is_real([card(direction=direction, center=center)])
    assert "1 of the 1 that miss usually do" in usual.text
    unusual = answers.is_real([card(direction=direction, center=200 - center)])
    assert "usually do" not in unusual.text


def test_growth_is_told_with_its_drivers() -> None:
    row = {
        "value": 305428,
        "change": -453_000,
        "growth_rate": -0.6,
        "period_start": dt.date(2025, 10, 1),
    }
    effects = [("deal size", -429_700.0), ("qualified leads", 158_200.0), ("exchange", 0.0)]
    growth = Growth("Won revenue", "quarter", "same period last year", row, effects)
    assert answers.growth_sentence(growth, "USD") == (
        "Won revenue of Oct–Dec 2025 is 305,428 USD, 60% less than a year before: "
        "deal size −429.7k and qualified leads +158.2k."
    )
    assert answers.why([growth], None, "USD").verdict == "Mostly deal size, down."
    assert answers.why([], None, "USD").verdict == "Cannot tell yet."


def test_a_running_period_is_judged_by_its_pace() -> None:
    row = {
        "kpi": "won_revenue",
        "period_grain": "month",
        "period_start": dt.date(2024, 3, 1),
        "value": 350,
        "expected_to_date": Decimal("387.1"),
        "pace": Decimal("0.9042"),
        "target": 1000,
        "projected": Decimal("904.17"),
        "required_per_day": Decimal("34.21"),
    }
    section = sections.running([row, {**row, "kpi": "unknown"}], {"won_revenue": card()}, "EUR")
    assert section is not None
    assert section.tables[0].rows == [
        ["Won revenue", "Mar 2024", "350 EUR", "387 EUR", "90%", "1,000 EUR", "904 EUR", "34.21 EUR"]
    ]
    assert sections.running([], {}, "EUR") is None


def test_an_unfit_source_is_named() -> None:
    sources = [{"entity": "deals", "status": "red"}, {"entity": "leads", "status": "green"}]
    answer = answers.trusted(sources, None)
    assert answer.verdict == "Not all of it."
    assert "deals" in answer.text
    assert answers.trusted([{"entity": "spend", "status": "grey"}], None).verdict == "Cannot tell."


def test_a_waterfall_ends_where_its_steps_lead() -> None:
    steps = [
        ("opening", 100.0, True),
        ("created", 50.0, False),
        ("won", -30.0, False),
        ("closing", 120.0, True),
    ]
    chart = charts.waterfall("Pipeline", steps, "From 100 to 120 by created and won.", "EUR")
    assert len(re.findall(r'<path [^>]*fill="var\(--(?:accent|good|bad)\)"', chart.svg)) == 4
    ends = [(bar["from"], bar["to"]) for bar in charts.waterfall_bars(steps)]
    assert ends == [(0, 100), (100, 150), (150, 120), (0, 120)]
    assert chart.data == [["opening", "100"], ["created", "+50"], ["won", "−30"], ["closing", "120"]]
