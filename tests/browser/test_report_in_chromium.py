"""The report in a browser: it opens, draws, obeys the keyboard, fits a telephone, is readable in the dark.
And the page of the models: it opens without a network, too.

Skipped where no Chromium is installed; `make test-report` installs one on Debian and Ubuntu.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from building import ROOT
from dbt.cli.main import dbtRunner
from report_company import HOSTILE, write_published
from runner.catalogue import write_page
from runner.report import write_report

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = (
    "index.html",
    "kpis.html",
    "reps.html",
    "kpi/deal_win_rate.html",
    "kpi/kpi_001.html",
    "rep/1.html",
    "team/1.html",
    "funnel.html",
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium here: make test-report installs it, CHROMIUM=... names one"
)

# The contrast of every text with the colour behind it; below 4.5 it is hard to read.
CONTRAST = """
() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const linear = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [x, y, z] = [r, g, b].map(linear);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const colour = element.closest('svg') ? style.fill : style.color;
    const [one, other] = [light(channels(colour)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) weak.push(`${walker.currentNode.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return weak;
}
"""
# How many charts there are, and how many of them nobody sees: no size, or no mark with a colour.
UNSEEN = """
() => {
  const charts = [...document.querySelectorAll('svg')];
  const isSeen = (svg) => svg.getBoundingClientRect().width > 40 && svg.getBoundingClientRect().height > 10
    && [...svg.querySelectorAll('path, rect, circle, line')].some((mark) => {
      const { fill, stroke } = getComputedStyle(mark);
      const box = mark.getBoundingClientRect();
      return box.width + box.height > 1 && [fill, stroke].some((colour) => colour.startsWith('rgb(') );
    });
  return [charts.length, charts.filter((svg) => !isSeen(svg)).length];
}
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    source = write_published(folder / "published", reps=len(HOSTILE), kpis=8, names=HOSTILE)
    write_report(source, folder / "report")
    return folder / "report"


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the project's models, with a database that holds one of them."""
    folder = tmp_path_factory.mktemp("docs")
    where = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--target-path", str(folder)]
    assert dbtRunner().invoke(["parse", "--quiet", *where, "--log-path", str(folder)]).success
    with duckdb.connect(str(folder / "built.duckdb")) as connection:
        connection.execute("create schema kpis")
        connection.execute('create table kpis.kpi_cac (kpi text, "value" decimal(28, 6))')
    return write_page(folder / "built.duckdb", folder / "manifest.json", folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield found
        found.close()


@pytest.fixture
def opened(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of a fresh profile, without a network; the test fails if its console complains."""
    options: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "offline": True}
    context = browser.new_context(**options | getattr(request, "param", {}))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda wanted: complaints.append(wanted.url))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    yield page
    context.close()
    assert not complaints


def address(report: Path, page: str) -> str:
    return (report / page).as_uri()


PHONE = {"viewport": {"width": 375, "height": 812}}
DARK = {"color_scheme": "dark"}


@pytest.mark.parametrize("opened", [{}, DARK], indirect=True, ids=["light", "dark"])
def test_charts_are_seen_and_texts_have_contrast(opened: Any, report: Path) -> None:
    drawn = 0
    for page in PAGES:
        opened.goto(address(report, page))
        charts, unseen = opened.evaluate(UNSEEN)
        drawn += charts
        assert unseen == 0, page
        assert opened.evaluate(CONTRAST) == [], page
    assert drawn > 8


def test_dark_is_dark(browser: Any, report: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(address(report, "index.html"))
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert grounds == ["rgb(246, 247, 249)", "rgb(17, 22, 29)"]


@pytest.mark.parametrize("opened", [PHONE], indirect=True, ids=["phone"])
def test_a_telephone_scrolls_in_one_direction(opened: Any, report: Path) -> None:
    for page in report.rglob("*.html"):
        opened.goto(page.as_uri())
        wide = opened.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], page


def test_the_keyboard_reaches_the_links_and_enter_follows_them(opened: Any, report: Path) -> None:
    opened.goto(address(report, "index.html"))
    reached = []
    for _ in range(30):
        opened.keyboard.press("Tab")
        reached.append(opened.evaluate("document.activeElement.textContent.trim()"))
    assert reached[0] == "Skip to content"
    assert {"Pipeline KPIs", "Overview", "Reps & teams", "All KPIs", "KPI 000"} <= set(reached)
    ring = opened.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    opened.get_by_role("link", name="Reps & teams", exact=True).focus()
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/reps.html")
    assert opened.get_by_role("heading", level=1).inner_text() == "Reps & teams"


def test_hostile_names_are_seen_as_text(opened: Any, report: Path) -> None:
    opened.goto(address(report, "reps.html"))
    text = opened.locator("main").inner_text()
    assert "<script>alert(1)</script>" in text
    assert "</svg><img src=x onerror=alert(1)>" in text
    assert opened.locator("img, script").count() == 0


def test_it_prints_without_what_only_a_screen_needs(opened: Any, report: Path) -> None:
    opened.goto(address(report, "index.html"))
    opened.emulate_media(media="print", color_scheme="dark")
    assert not opened.locator("nav").is_visible()
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.evaluate(CONTRAST) == []
    assert len(opened.pdf(format="A4")) > 10_000


def test_the_models_open_from_disk_without_a_network(opened: Any, docs: Path) -> None:
    wanted: list[str] = []
    opened.on("request", lambda request: wanted.append(request.url))
    opened.goto(docs.as_uri())
    opened.get_by_role("heading", name="Pipeline KPIs").wait_for()
    for page, heading, text in (
        ("model/model.pipeline_kpis.kpi_cac", "kpi_cac", "DECIMAL(28,6)"),
        ("model/model.pipeline_kpis.kpi_cac", "kpi_cac", "null where there is nothing to divide by"),
        ("source/source.pipeline_kpis.warehouse.leads", "warehouse.leads", "Null: not recorded"),
        ("metric/metric.pipeline_kpis.deal_win_rate", "Deal win rate", "won"),
        ("macro/macro.pipeline_kpis.kpi_from", "kpi_from", "cell_grain"),
    ):
        opened.goto(f"{docs.as_uri()}#!/{page}")
        opened.locator("h1", has_text=heading).first.wait_for()
        assert text in opened.locator("body").inner_text(), page
    opened.goto(f"{docs.as_uri()}#!/model/model.pipeline_kpis.kpi_cac")
    opened.get_by_title("View Lineage Graph").click()
    opened.locator("canvas").first.wait_for()
    assert {address.partition("#")[0] for address in wanted} == {docs.as_uri()}
