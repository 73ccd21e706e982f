"""The published KPIs are what an independent computation from the raw files says."""

import csv
import importlib
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TOLERANCE = Decimal("0.000001")
# These stand on a fitted distribution. Its likelihood is a long flat ridge: the grid search in SQL and the
# roots in Python end 0.003 % apart in beta, which moves the values by 0.0003 %. A search that missed the
# summit was 1 % off.
RELATIVE_TOLERANCES = {
    "predicted_customer_value": Decimal("0.0001"),
    "customer_equity_predicted": Decimal("0.0001"),
    # How often buyers come back, as well: the two searches end 0.0001 % apart in the values. The Python fit
    # is rounded to five digits, so that every machine writes the same file; that moves them by 0.001 %.
    "predicted_purchases": Decimal("0.0001"),
    "predicted_purchase_value": Decimal("0.0001"),
}
KEY = ("kpi", "period_grain", "period_start", "slice", "slice_value")
FIGURES = ("numerator", "denominator", "value")

Key = tuple[str, ...]
Figures = dict[str, Decimal | None]


# Each computation beside the file of its numbers.
FILES = {"independent": "golden_numbers.csv"} | {
    path.stem: f"{path.stem}_numbers.csv" for path in GOLDEN.glob("golden_*.py")
}


@cache
def golden() -> dict[Key, Figures]:
    rows = []
    for name in FILES.values():
        with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return {tuple(row[name] for name in KEY): figures(row) for row in rows}


def figures(row: dict[str, str]) -> Figures:
    return {name: Decimal(row[name]) if row[name] else None for name in (*FIGURES, "n")}


@pytest.fixture(scope="module")
def published(demo_database: Path) -> dict[Key, Figures]:
    columns = [f"cast({name} as varchar)" for name in (*KEY, *FIGURES, "n")]
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        rows = connection.execute(f"select {', '.join(columns)} from scorecard.kpi_values").fetchall()
    names = (*FIGURES, "n")
    return {
        tuple(row[: len(KEY)]): figures(
            {name: cell or "" for name, cell in zip(names, row[len(KEY) :], strict=True)}
        )
        for row in rows
    }


def differences(expected: Figures, actual: Figures | None, relative: Decimal = Decimal()) -> list[str]:
    if actual is None:
        return ["is not published"]
    return [
        f"{name}: golden {figure}, published {actual[name]}"
        for name, figure in expected.items()
        if not agree(figure, actual[name], tolerance_of(name, figure, relative))
    ]


def tolerance_of(name: str, figure: Decimal | None, relative: Decimal) -> Decimal:
    return Decimal() if name == "n" else max(TOLERANCE, relative * abs(figure or Decimal()))


def agree(one: Decimal | None, other: Decimal | None, tolerance: Decimal) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= tolerance


@pytest.mark.parametrize("computation", sorted(FILES))
def test_the_file_is_what_the_computation_says(computation: str) -> None:
    computed: str = importlib.import_module(computation).golden_text()
    assert computed == (GOLDEN / FILES[computation]).read_text(encoding="utf-8")


def test_every_published_kpi_has_golden_numbers(published: dict[Key, Figures]) -> None:
    assert {key[0] for key in published} == {key[0] for key in golden()}


@pytest.mark.parametrize("kpi", sorted({key[0] for key in golden()}))
def test_the_published_numbers_are_the_golden_ones(kpi: str, published: dict[Key, Figures]) -> None:
    wrong = [
        f"{' '.join(key)}: {', '.join(found)}"
        for key, expected in golden().items()
        if key[0] == kpi
        and (found := differences(expected, published.get(key), RELATIVE_TOLERANCES.get(kpi, Decimal())))
    ]
    assert not wrong, "\n".join(wrong)


def test_a_difference_is_seen() -> None:
    """The comparison itself: a shift beyond the tolerance, another n, a null and a missing cell."""
    figures: Figures = {"value": Decimal(1), "n": Decimal(3)}
    assert not differences(figures, {"value": Decimal("1.000001"), "n": Decimal(3)})
    assert differences(figures, {"value": Decimal("1.000002"), "n": Decimal(3)})
    assert differences(figures, {"value": Decimal(1), "n": Decimal(2)})
    assert differences(figures, {"value": None, "n": Decimal(3)})
    assert differences(figures, None)
    fitted: Figures = {"value": Decimal(1000), "n": Decimal(30000)}
    assert not differences(fitted, {"value": Decimal("1000.1"), "n": Decimal(30000)}, Decimal("0.0001"))
    assert differences(fitted, {"value": Decimal("1000.11"), "n": Decimal(30000)}, Decimal("0.0001"))
    assert differences(fitted, {"value": Decimal(1000), "n": Decimal(30001)}, Decimal("0.0001"))
