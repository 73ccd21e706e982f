"""A number is explained by records that give it again, to the last digit, whatever its kind."""

import csv
import datetime as dt
import json
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from building import ROOT
from catalog import CONFUSIONS, read_cards
from conftest import Published, kpis
from runner import publish
from runner.definitions import Definitions, definitions_of, write_definitions
from runner.errors import CannotRunError
from runner.periods import period_words, read_period
from runner.records import Cell, Figures, find_records, open_published

KPIS = sorted(card["kpi"] for card in read_cards())
MILLIONTH = Decimal("0.000001")
UNKNOWN = Decimal("NaN")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
Row = dict[str, Any]
Sums = dict[str, Decimal]


@pytest.fixture(scope="module")
def demo(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's published folder, as a run leaves it."""
    folder = tmp_path_factory.mktemp("demo") / "current"
    manifest = demo_database.parent / "target" / "manifest.json"
    publish.write_folder(demo_database, manifest, folder, "USD")
    write_definitions(folder, definitions_of(demo_database, manifest, {}))
    return folder


@pytest.fixture(scope="module")
def definitions(demo: Path) -> Definitions:
    loaded: Definitions = json.loads((demo / "definitions.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def connection(demo: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(demo / "pipeline_kpis.duckdb") as opened:
        yield opened


def share(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The project's division: to six places, unknown where there is nothing to divide by."""
    if not denominator:
        return UNKNOWN
    quotient = numerator / denominator
    return quotient if quotient.is_nan() else quotient.quantize(MILLIONTH, ROUND_HALF_UP)


def arpa(m: Sums) -> Decimal:
    return share(m["mrr"], m["customers"])


def lifetime_value(m: Sums, first: Decimal = Decimal(1), lost: Decimal = Decimal(0)) -> Decimal:
    if not m["churned"]:
        return UNKNOWN
    return share(m["mrr"] * m["at_risk"] * first, m["customers"] * (m["churned"] + m["at_risk"] * lost))


def discounted(m: Sums, first: Decimal) -> Decimal:
    return lifetime_value(m, Decimal("0.8") * first, Decimal("0.008"))


def required(m: Sums, cell: Cell) -> Decimal:
    months = {"month": 1, "quarter": 3, "year": 12}[cell.grain]
    return share(Decimal(1_000_000) * months, lifetime_value(m))


def days_so_far(cell: Cell) -> int:
    return (min(cell.end, cell.as_of + dt.timedelta(days=1)) - cell.start).days


def velocity(m: Sums, _: Cell) -> Decimal:
    won, size = share(m["won_deals"], m["valid_deals"]), share(m["won_amount"], m["deals_of_known_amount"])
    return share(m["open_deals"] * won * size, share(m["days_to_win"], m["deals_of_known_days"]))


def per_meeting(m: Sums, _: Cell) -> Decimal:
    won = share(m["won_deals"], m["valid_deals"])
    return share(m["meetings_with_deal"] * won * deal_size(m), m["meetings"])


def deal_size(m: Sums) -> Decimal:
    return share(m["won_amount"], m["deals_of_known_amount"])


# The formulas of the derived KPIs, written again by hand over the sums of their measures.
DERIVED: dict[str, Callable[[Sums, Cell], Decimal]] = {
    "acquisition_adequacy": lambda m, cell: share(m["new_customers"], required(m, cell)),
    "required_new_customers": required,
    "cac_to_deal_size": lambda m, _: share(share(m["spend_amount"], m["won_deals"]), deal_size(m)),
    "pipeline_coverage": lambda m, _: share(m["open_amount"], max(m["target_left"], Decimal(0))),
    "sales_velocity": velocity,
    "stale_share": lambda m, _: share(m["stale_amount"], m["open_amount"]),
    "value_per_meeting": per_meeting,
    "arpa": lambda m, _: arpa(m),
    "customer_equity": lambda m, _: m["closing_customers"] * lifetime_value(m),
    "customer_equity_predicted": lambda m, _: m["predicted_value"],
    "customer_lifetime_value": lambda m, _: lifetime_value(m),
    "customer_lifetime_value_margin": lambda m, _: lifetime_value(m, Decimal("0.8")),
    "customer_lifetime_value_discounted": lambda m, _: discounted(m, 1 - m["churned"] / (m["at_risk"] or 1)),
    "customer_lifetime_value_discounted_in_advance": lambda m, _: discounted(m, Decimal("1.008")),
    "predicted_customer_value": lambda m, _: share(m["predicted_value"], m["customers"]),
    "predicted_purchases": lambda m, _: share(m["expected_purchases"], m["repeat_buyers"]),
    "predicted_purchase_value": lambda m, _: m["expected_value"],
    "survey_effective_sample_size": lambda m, _: share(m["weight"] ** 2, m["squared_weight"]),
}


def percentile(rows: list[Row], part: float) -> Decimal:
    """The percentile of the numerators between two neighbours; what never happened is longer than any."""
    values = sorted(1e15 if row["numerator"] is None else float(row["numerator"]) for row in rows)
    place = part * (len(values) - 1)
    low, high = values[int(place)], values[min(int(place) + 1, len(values) - 1)]
    found = low + (high - low) * (place - int(place))
    return Decimal(repr(found)) if found < 1e12 else UNKNOWN


def added(rows: list[Row], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows if row[column] is not None), Decimal(0))


def known(rows: list[Row], column: str) -> int:
    return sum(row[column] is not None for row in rows)


def by_hand(kind: str, rows: list[Row], cell: Cell) -> tuple[Decimal, int | None]:
    """The value of a cell and its n, from nothing but the listed records; no n where the formula names it."""
    n: int | None = len(rows)
    match kind:
        case "count" | "sum" | "stock":
            value, n = added(rows, "numerator"), known(rows, "numerator")
        case "per_day":
            value, n = added(rows, "numerator") / days_so_far(cell), known(rows, "numerator")
        case "balance":
            value, n = added(rows, "numerator"), int(added(rows, "records"))
        case "distinct":
            value = Decimal(len({row["numerator_key"] for row in rows}))
        case "rate" | "ratio":
            value = share(added(rows, "numerator"), added(rows, "denominator"))
            n = known(rows, "denominator")
        case "distinct_ratio":
            keys = {row["denominator_key"] for row in rows} - {None}
            value, n = share(added(rows, "numerator"), Decimal(len(keys))), known(rows, "denominator_key")
        case "median" | "p90":
            value = percentile(rows, 0.5 if kind == "median" else 0.9)
        case _:
            numbers = {name for row in rows for name in row if isinstance(row[name], int | Decimal)}
            value, n = DERIVED[cell.kpi]({name: added(rows, name) for name in numbers}, cell), None
    return value, n


def cells_of(connection: duckdb.DuckDBPyConnection, kpi: str) -> list[tuple[Cell, str, Figures]]:
    """The newest and the fullest year, quarter and month, of the whole and of a slice."""
    found = connection.execute(
        """
        select kpi, period_grain, period_start, period_end, slice, slice_value, as_of_date, kind,
            numerator, denominator, value, n
        from published.scorecard.kpi_values
        where kpi = ? and n > 0
        qualify row_number() over (
            partition by slice = 'all', period_grain order by period_start desc, n desc, slice, slice_value
        ) = 1
        or row_number() over (
            partition by slice = 'all', period_grain order by n desc, period_start, slice, slice_value
        ) = 1
        """,
        [kpi],
    ).fetchall()
    return [(Cell(*row[:7]), row[7], Figures(*row[8:])) for row in found]


@pytest.mark.parametrize("kpi", KPIS)
def test_the_records_give_the_published_value(
    kpi: str, connection: duckdb.DuckDBPyConnection, definitions: Definitions
) -> None:
    model = definitions["models"][next(card["model"] for card in definitions["cards"] if card["kpi"] == kpi)]
    cells = cells_of(connection, kpi)
    assert cells
    for cell, kind, published in cells:
        records = find_records(connection, model, cell)
        assert records.figures == published, cell
        found = connection.execute(records.query)
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        assert len(rows) == records.total
        assert all(row["record_id"] is not None for row in rows)
        value, n = by_hand(kind.removeprefix("period_"), rows, cell)
        assert n in (None, published.n), cell
        if published.value is None:
            assert value.is_nan(), cell
        elif kind in ("count", "sum", "distinct", "stock", "balance"):
            assert value == published.value, cell
        else:
            assert abs(value - published.value) <= max(MILLIONTH, abs(value) * MILLIONTH), cell


def test_every_kind_of_kpi_is_among_them(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute("select distinct kind from published.scorecard.kpi_values").fetchall()
    kinds = {kind for (kind,) in found}
    assert {"count", "sum", "distinct", "rate", "ratio", "distinct_ratio", "stock", "balance"} <= kinds
    assert {"median", "p90", "derived", "period_rate", "period_ratio", "period_derived"} <= kinds
    assert "period_per_day" in kinds


def test_cells_without_records_are_explained_too(
    connection: duckdb.DuckDBPyConnection, definitions: Definitions
) -> None:
    """One cell per KPI that the published table only fills in: no record, and the value that nothing has."""
    found = connection.execute(
        """
        select kpi, period_grain, period_start, period_end, slice, slice_value, as_of_date,
            numerator, denominator, value, n
        from published.scorecard.kpi_values
        where n = 0
        qualify row_number() over (partition by kpi order by period_start desc, slice, slice_value) = 1
        """
    ).fetchall()
    assert len(found) > 50
    models = {card["kpi"]: definitions["models"][card["model"]] for card in definitions["cards"]}
    wrong = [
        row[:6]
        for row in found
        if find_records(connection, models[row[0]], Cell(*row[:7])).figures != Figures(*row[7:])
    ]
    assert not wrong


def test_an_explanation_says_what_how_and_how_sure(demo: Path) -> None:
    outcome = kpis("explain", "deal_win_rate", "2025-Q4", "--from", demo, "--limit", 2)
    assert (outcome.code, outcome.stderr) == (0, "")
    shown = outcome.stdout
    assert "quarter 2025-10-01 to 2025-12-31, the whole company, as of 2025-12-31" in shown
    assert "53.5% (0.534884)\n  = won deals / won and lost deals\n  = 23 / 43\n  n = 43, 95 % int" in shown
    assert "models/marts/kpis/conversion/kpi_deal_win_rate.sql" in shown
    assert re.search(r"Status: \w+, undecided: 38.9 % to 67.5 % holds the target of 60.0 %", shown)
    assert "Sources: deals" in shown
    assert "Also called win rate: which one is meant?" in shown
    assert re.search(r"^  lead_win_rate +4\.9% +5 / 103 +103 ", shown, re.MULTILINE)
    assert re.search(r"^> deal_win_rate +53\.5% +23 / 43 +43 ", shown, re.MULTILINE)
    assert re.search(r"^  Qualified lead share ", shown, re.MULTILINE)
    assert "43 records of core.fct_deals; together they give the value above" in shown
    assert "and 41 more: --limit 43 lists them" in shown
    assert not CONTROL.search(shown)


def test_the_same_for_machines(demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    outcome = kpis(
        *("explain", "won_revenue", "2025", "rep=Robin Vale", "--from", demo, "--json"),
        *("--limit", 3, "--csv", file),
    )
    assert outcome.code == 0
    told = json.loads(outcome.stdout)
    assert told["period"] == {"grain": "year", "first_day": "2025-01-01", "last_day": "2025-12-31"}
    assert (told["slice"], told["slice_value"]) == ("rep", "Robin Vale")
    assert len(told["records"]["listed"]) == 3
    assert {"lead_win_rate"} & {row["kpi"] for row in told["confused_with"]} == set()
    assert {row["word"] for row in told["confused_with"]} == {"revenue"}
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == told["records"]["total"]
    assert sum(Decimal(row["numerator"] or 0) for row in rows) == Decimal(str(told["value"]))
    assert {row["rep"] for row in rows} == {"Robin Vale"}


def test_what_moved_a_number_is_told_where_the_build_knows(demo: Path) -> None:
    shown = kpis("explain", "won_revenue", "2025-Q4", "--from", demo).stdout
    assert "\nWhy it moved by -289,909.53 from 595,337.23, previous period; each explanation is " in shown
    assert re.search(r"^  deal drivers +closed deals +34 +43 +\+108,983\.74 +\+18\.3$", shown, re.MULTILINE)
    told = json.loads(kpis("explain", "won_revenue", "2025-Q4", "--from", demo, "--json").stdout)
    views: dict[tuple[str, ...], list[Row]] = {}
    for row in told["drivers"]:
        views.setdefault((row["comparison"], row["explanation"], row["cut_by"]), []).append(row)
    assert len(views) > 10
    for rows in views.values():
        assert sum(row["effect"] for row in rows) == pytest.approx(rows[0]["change"], abs=0.00001)
        assert rows[0]["base_value"] + rows[0]["change"] == pytest.approx(told["value"])
    members = kpis("explain", "leads_created", "2025", "--from", demo).stdout
    assert re.search(r"^  slice +\w+ .* \+[\d.]+$", members, re.MULTILINE)
    assert members.count("Why it moved") == 1  # a year has one base, not two
    assert "Why it moved" not in kpis("explain", "deal_win_rate", "2025", "--from", demo).stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["deal_winrate", "2025"], "There is no KPI 'deal_winrate'. Did you mean deal_win_rate or "),
        (["Won revenue", "2025"], "There is no KPI 'Won revenue'. Did you mean won_revenue"),
        (["won_deals", "25-Q4"], "'25-Q4' is no period. Write a year as 2025, a quarter as 2025-Q4"),
        (["won_deals", "2025-13"], "'2025-13' is no period."),
        (["won_deals", "2025-W07"], "This build has no weeks of won_deals, only month, quarter, year."),
        (["mrr_new", "2025-W07"], "mrr_new has no weeks: it goes by whole months."),
        (
            ["won_deals", "2031"],
            "There is no year from 2031-01-01 of won_deals: they begin from 2023-",
        ),
        (
            ["won_deals", "2025", "Robin Vale"],
            "'Robin Vale' is no slice and value. Write it as campaign=NAME.",
        ),
        (["won_deals", "2025", "reps=Robin Vale"], "won_deals has no slice 'reps'. It is cut by campaign,"),
        (["won_deals", "2025", "rep=Robin Vail"], "Did you mean 'Robin Vale'?"),
        (["acquisition_adequacy", "2025", "rep=X"], "has no slice 'rep'. It is not sliced."),
        (["cac", "2025", "rep=Robin Vale"], "cac has no slice 'rep'. It is cut by campaign, channel."),
    ],
)
def test_what_cannot_be_explained_is_one_line(demo: Path, arguments: list[str], sentence: str) -> None:
    outcome = kpis("explain", *arguments, "--from", demo)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert sentence in outcome.stderr


def test_nothing_published_says_what_to_do(tmp_path: Path, demo: Path) -> None:
    outcome = kpis("explain", "won_deals", "2025", "--from", tmp_path)
    assert outcome.code == 2
    assert "There is no published database" in outcome.stderr
    assert "kpis.py run" in outcome.stderr
    shutil.copy(demo / "pipeline_kpis.duckdb", tmp_path)
    outcome = kpis("explain", "won_deals", "2025", "--from", tmp_path)
    assert outcome.code == 2
    assert "has no definitions.json that this version reads" in outcome.stderr
    (tmp_path / "definitions.json").write_text('{"version": 99}')
    assert "that this version reads" in kpis("explain", "won_deals", "2025", "--from", tmp_path).stderr
    (tmp_path / "definitions.json").write_text("{")
    assert "cannot be read. Publish again" in kpis("explain", "won_deals", "2025", "--from", tmp_path).stderr


@pytest.fixture
def copied(published: Published, tmp_path: Path) -> Path:
    folder = tmp_path / "copied"
    shutil.copytree(published.company.current, folder)
    return folder


def change(folder: Path, statement: str) -> None:
    with duckdb.connect(str(folder / "pipeline_kpis.duckdb")) as connection:
        connection.execute(statement)


def test_a_run_publishes_what_explains_it(published: Published) -> None:
    outcome = kpis("explain", "won_revenue", "2024-02", "--from", published.company.current)
    assert outcome.code == 0
    assert "1,200.50\n  = sum of won amounts\n  n = 1\n" in outcome.stdout
    assert re.search(r"^  D1 +2024-02-10 +1,200\.5 ", outcome.stdout, re.MULTILINE)
    text = (published.company.current / "definitions.json").read_text(encoding="utf-8")
    assert str(published.company.folder) not in text
    assert "definitions.json" in {file["name"] for file in published.company.run_json()["files"]}


@pytest.mark.parametrize(
    "statement",
    [
        "update scorecard.kpi_values set value = value + 0.000001 where kpi = 'won_revenue'",
        "update scorecard.kpi_values set n = n + 1 where kpi = 'won_revenue'",
        "update core.fct_deals set won_amount = 1200.51 where deal_id = 'D1'",
        "delete from core.fct_deals where deal_id = 'D1'",
    ],
)
def test_a_number_that_its_records_do_not_give_is_told(copied: Path, statement: str) -> None:
    change(copied, statement)
    outcome = kpis("explain", "won_revenue", "2024-02", "--from", copied)
    assert (outcome.code, outcome.stdout) == (1, "")
    assert "the database was changed since. Publish again: kpis.py run" in outcome.stderr


def test_text_of_the_data_is_shown_as_text_and_never_run(copied: Path, tmp_path: Path) -> None:
    change(copied, "update core.fct_deals set campaign = '=1+1' || chr(27) || '[31m[bold]' || chr(10) || 'x'")
    file = tmp_path / "deals.csv"
    outcome = kpis("explain", "won_revenue", "2024-02", "--from", copied, "--csv", file)
    assert outcome.code == 0
    assert not CONTROL.search(outcome.stdout)
    assert "=1+1 [31m[bold] x" in outcome.stdout
    with file.open(encoding="utf-8", newline="") as opened:
        assert next(csv.DictReader(opened))["campaign"].startswith("'=1+1")


@pytest.mark.parametrize(
    ("text", "month", "week_start", "expected"),
    [
        ("2025", 1, "monday", ("year", "2025-01-01")),
        ("2025-Q4", 1, "monday", ("quarter", "2025-10-01")),
        ("2025-q1", 1, "monday", ("quarter", "2025-01-01")),
        ("2025-11", 1, "monday", ("month", "2025-11-01")),
        ("2025-W07", 1, "monday", ("week", "2025-02-10")),
        ("2025-W07", 1, "sunday", ("week", "2025-02-09")),
        ("2025-W01", 1, "monday", ("week", "2024-12-30")),
        ("2026", 7, "monday", ("year", "2025-07-01")),
        ("2026-Q1", 7, "monday", ("quarter", "2025-07-01")),
        ("2026-Q4", 7, "monday", ("quarter", "2026-04-01")),
        ("2026-Q4", 2, "monday", ("quarter", "2025-11-01")),
        ("2026-11", 7, "monday", ("month", "2026-11-01")),
    ],
)
def test_periods_are_read(text: str, month: int, week_start: str, expected: tuple[str, str]) -> None:
    grain, start = read_period(text, month, week_start)
    assert (grain, start.isoformat()) == expected


@pytest.mark.parametrize("text", ["", "25", "2025-Q5", "2025-13", "2025-00", "2025-W54", "2025-Q", "1-1"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(CannotRunError, match="is no period"):
        read_period(text, 1, "monday")


def test_a_period_is_shown_by_its_first_and_last_day() -> None:
    assert period_words("month", dt.date(2024, 2, 1), dt.date(2024, 3, 1)) == "month 2024-02-01 to 2024-02-29"


def test_a_word_that_is_confusing_has_several_kpis() -> None:
    words: dict[str, list[str]] = {}
    for row in read_cards(CONFUSIONS):
        words.setdefault(row["word"], []).append(row["told_apart_by"])
    assert not [word for word, told in words.items() if len(set(told)) < 2 or len(set(told)) < len(told)]
    assert {row["kpi"] for row in read_cards(CONFUSIONS)} <= set(KPIS)


def test_every_kpi_model_ends_in_the_one_macro() -> None:
    """Explaining stands on it: the events of a model are what kpi_from() counts."""
    wrong = [
        path.name
        for path in (ROOT / "models" / "marts" / "kpis").rglob("*.sql")
        if not re.search(r"\{\{ kpi_from\(.*\) \}\}\s*$", path.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert not wrong
