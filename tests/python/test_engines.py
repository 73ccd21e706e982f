"""Other engines: the comparison of what they built finds what differs, and v2 says when it is not there."""

import importlib.util
from pathlib import Path

import duckdb
import pytest
from conftest import Company, run
from runner import engine_v2

ROOT = Path(__file__).parents[2]

spec = importlib.util.spec_from_file_location("compare", ROOT / "tests" / "engines" / "compare.py")
assert spec and spec.loader
compare = importlib.util.module_from_spec(spec)
spec.loader.exec_module(compare)


def built(path: Path, value: str = "0.5", estimate: str = "0.1") -> str:
    """A database with one mart of one row."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema scorecard")
        connection.execute(
            "create table scorecard.kpi_values as "
            f"select 'win_rate' as kpi, cast({value} as numeric(28, 6)) as value, "
            f"cast({estimate} as double) as estimate"
        )
    return str(path)


def test_equal_builds_are_equal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = built(tmp_path / "one.duckdb")
    nearly = built(tmp_path / "two.duckdb", estimate="0.1 + 1e-12")
    assert compare.main(one, nearly) == 0
    assert "1 of 1 tables are the same" in capsys.readouterr().out


@pytest.mark.parametrize("change", [{"value": "0.500001"}, {"estimate": "0.1 + 1e-8"}])
def test_a_cell_that_differs_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, str]
) -> None:
    one, other = built(tmp_path / "one.duckdb"), built(tmp_path / "two.duckdb", **change)
    assert compare.main(one, other) == 1
    assert "scorecard.kpi_values: 1 rows only in expected" in capsys.readouterr().out


def test_a_table_that_is_missing_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = built(tmp_path / "one.duckdb")
    duckdb.connect(str(tmp_path / "two.duckdb")).close()
    assert compare.main(one, str(tmp_path / "two.duckdb")) == 1
    assert "is on one side only" in capsys.readouterr().out


def test_a_folder_of_parquet_files_is_a_side(tmp_path: Path) -> None:
    one = built(tmp_path / "one.duckdb")
    with duckdb.connect(one) as connection:
        connection.execute(f"copy scorecard.kpi_values to '{tmp_path}/scorecard.kpi_values.parquet'")
    assert compare.main(one, str(tmp_path)) == 0


def test_v2_that_is_not_installed_says_how_to_install_it(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine_v2, "DBT", tmp_path / "dbt")
    outcome = run(company, "--engine", "v2")
    assert outcome.code == 2
    assert "dbt v2 is not installed. Install it with make v2" in outcome.last_line
    assert not company.current.exists()


@pytest.mark.skipif(not engine_v2.DBT.is_file(), reason="dbt v2 is not installed (make v2)")
def test_v2_publishes_the_same_and_keeps_what_fails(company: Company) -> None:
    assert run(company, "--engine", "v2").code == 0
    assert company.run_json()["engine"] == "v2"
    assert company.rows_of("leads") == {"raw": 6, "staged": 3, "rejected": 2, "merged": 1}
    company.write_mapping(deals={"columns": {"amount": "no_such_column"}})
    assert run(company, "--engine", "v2").code == 2
    assert company.run_json()["engine"] == "v2"
