"""What differs between two builds is found, named and ranked; what is the same is said to be the same."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
from building import ROOT
from conftest import Published, kpis
from runner import sides
from runner.definitions import FILE

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@pytest.fixture
def before(published: Published) -> Path:
    return published.company.current


@pytest.fixture
def after(published: Published, tmp_path: Path) -> Path:
    """A copy of the published folder, to be changed."""
    folder = tmp_path / "after"
    shutil.copytree(published.company.current, folder)
    return folder


def change(folder: Path, *statements: str) -> None:
    with duckdb.connect(str(folder / "pipeline_kpis.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def redefine(folder: Path, **parts: Any) -> None:
    """Change parts of definitions.json, each by a function of it."""
    path = folder / FILE
    definitions = json.loads(path.read_text(encoding="utf-8"))
    for part, altered in parts.items():
        definitions[part] = altered(definitions[part])
    path.write_text(json.dumps(definitions), encoding="utf-8")


def diff(*arguments: object) -> dict[str, Any]:
    outcome = kpis("diff", *arguments, "--json")
    assert (outcome.code, outcome.stderr) == (0, "")
    loaded: dict[str, Any] = json.loads(outcome.stdout)
    return loaded


def test_the_same_build_is_the_same(before: Path, after: Path) -> None:
    for other in (before, after, after / "pipeline_kpis.duckdb"):
        outcome = kpis("diff", before, other, "--fail-on-change")
        assert (outcome.code, outcome.stderr) == (0, "")
        assert "No value moved: " in outcome.stdout
        assert "Definitions" not in outcome.stdout


def test_a_build_is_named_by_its_id_and_compared_with_the_current_one(published: Published) -> None:
    out = published.company.out
    build_id = published.company.current.readlink().name
    outcome = kpis("diff", build_id, "--out", out)
    assert outcome.code == 0
    assert f"A  {build_id}, build {build_id}" in outcome.stdout
    assert f"B  current, build {build_id}" in outcome.stdout
    wrong = kpis("diff", f"{build_id}x", "--out", out)
    assert (wrong.code, wrong.stdout) == (2, "")
    assert f"There is no build, folder or database '{build_id}x'. Builds in " in wrong.stderr
    assert f"Did you mean '{build_id}'?" in wrong.stderr


def test_what_moved_is_named_with_its_size_period_and_slice(before: Path, after: Path) -> None:
    change(
        after,
        "update scorecard.kpi_values set value = value / 2, numerator = numerator / 2 "
        "where kpi = 'won_revenue' and period_grain <> 'month' and slice in ('all', 'rep') and value > 0",
    )
    shown = kpis("diff", before, after)
    assert shown.code == 0
    assert re.search(
        r"^1 KPI moved, in 4 of [\d,]+ cells; 0 definitions differ\.$", shown.stdout, re.MULTILINE
    )
    row = (
        r"^Won revenue +year from 2024-01-01 +1,200\.50 +600\.25 +-50\.0% +year 2, quarter 2; all, rep +its d"
    )
    assert re.search(row, shown.stdout, re.MULTILINE)
    assert kpis("diff", before, after, "--fail-on-change").code == 1
    found = diff(before, after)
    assert (found["moved"], found["moved_cells"]) == (True, 4)
    (kpi,) = found["kpis"]
    assert (kpi["grains"], kpi["slices"]) == ({"year": 2, "quarter": 2}, {"all": 2, "rep": 2})
    assert [(cell["period_grain"], cell["slice"]) for cell in kpi["largest"]] == [
        ("year", "all"),
        ("quarter", "all"),
        ("year", "rep"),
        ("quarter", "rep"),
    ]
    one = kpis("diff", before, after, "--kpi", "won_revenue", "--limit", 3).stdout
    assert "Won revenue, cell by cell" in one
    assert "and 1 cell more" in one
    assert "No value moved" in kpis("diff", before, after, "--kpi", "won_deals").stdout


def test_the_whole_comes_first_then_the_larger_move(before: Path, after: Path) -> None:
    change(
        after,
        *(
            f"update scorecard.kpi_values set value = value * {factor} "
            f"where kpi = '{kpi}' and slice = '{cut}' and period_grain = 'year' and value > 0"
            for kpi, cut, factor in (
                ("won_revenue", "all", 1.1),
                ("leads_created", "all", 2),
                ("won_deals", "rep", 9),
            )
        ),
    )
    assert [kpi["kpi"] for kpi in diff(before, after)["kpis"]] == [
        "leads_created",
        "won_revenue",
        "won_deals",
    ]


def test_a_value_that_comes_or_goes_and_a_side_that_moves_alone(before: Path, after: Path) -> None:
    change(
        after,
        "update scorecard.kpi_values set value = null where kpi = 'deal_win_rate' and slice = 'all'",
        "update scorecard.kpi_values set n = n + 1 where kpi = 'won_deals' and slice = 'all'",
        "delete from scorecard.kpi_values "
        "where kpi = 'close_rate' and slice = 'all' and period_grain = 'year'",
        "insert into scorecard.kpi_values by name (select * replace ('new' as slice_value) "
        "from scorecard.kpi_values where kpi = 'leads_created' and slice = 'rep')",
    )
    shown = kpis("diff", before, after).stdout
    assert re.search(r"^Deal win rate .* - +unknown now ", shown, re.MULTILINE)
    assert re.search(r"^Won deals .* n 1 +n 2 +value the same ", shown, re.MULTILINE)
    assert re.search(r"^Close rate .* no cell +gone ", shown, re.MULTILINE)
    assert re.search(r"^Leads created .* rep new +no cell .* new ", shown, re.MULTILINE)


def test_kpis_that_are_new_or_gone_are_named(before: Path, after: Path) -> None:
    change(
        after,
        "delete from scorecard.kpi_values where kpi = 'won_revenue'",
        "update scorecard.kpi_values set kpi = 'won_deals_2' where kpi = 'won_deals'",
    )
    shown = kpis("diff", before, after, "--fail-on-change")
    assert shown.code == 1
    assert "KPIs new: won_deals_2; gone: won_deals, won_revenue." in shown.stdout
    found = diff(before, after)
    assert (found["added"], found["removed"]) == (["won_deals_2"], ["won_deals", "won_revenue"])


def test_definitions_that_changed_are_named_with_the_kpis_they_reach(before: Path, after: Path) -> None:
    def models(known: dict[str, Any]) -> dict[str, Any]:
        known["kpi_won_revenue"]["code"] = known["kpi_won_revenue"]["code"].replace(
            "is_won", "is_won and 1 = 1"
        )
        known["kpi_won_deals"]["code"] += "\n{# only a comment #}"
        known["stages"]["checksum"] = "another"
        return known

    def macros(known: dict[str, Any]) -> dict[str, Any]:
        known["wilson_bound"]["code"] = known["wilson_bound"]["code"].replace("1.959964e0", "1.6e0")
        return known

    def cards(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**card, "owner": "nobody"} if card["kpi"] == "won_revenue" else card for card in known]

    target = {
        **dict.fromkeys(("last_period", "baseline", "source_system")),
        **{"kpi": "won_revenue", "period_grain": "month", "slice": "all", "slice_value": "all"},
        **{"first_period": "2024-01-01", "target": 1000, "set_on": "2023-12-01"},
    }
    earlier = after.parent / "earlier"
    shutil.copytree(before, earlier)
    redefine(earlier, targets=lambda known: [*known, target])
    redefine(
        after,
        models=models,
        macros=macros,
        cards=cards,
        vars=lambda known: {**known, "response_sla_minutes": 30, "as_of": "2030-01-01"},
        targets=lambda known: [*known, {**target, "target": 1200}],
    )
    change(after, "update scorecard.kpi_values set value = value + 1 where kpi = 'won_revenue'")
    found = {(one["kind"], one["name"]): one for one in diff(earlier, after)["meanings"]}
    assert set(found) == {
        ("model", "kpi_won_revenue"),
        ("seed", "stages"),
        ("macro", "wilson_bound"),
        ("card", "won_revenue"),
        ("var", "response_sla_minutes"),
        ("target", "won_revenue month from 2024-01-01, set on 2023-12-01"),
    }
    assert found["model", "kpi_won_revenue"]["kpis"] == ["won_revenue"]
    assert "+    where is_won and 1 = 1" in found["model", "kpi_won_revenue"]["lines"]
    assert {"deal_win_rate", "lead_win_rate", "won_revenue"} <= set(found["seed", "stages"]["kpis"])
    assert "deal_win_rate" in found["macro", "wilson_bound"]["kpis"]
    assert "response_within_sla" in found["var", "response_sla_minutes"]["kpis"]
    assert "won_revenue" not in found["var", "response_sla_minutes"]["kpis"]
    assert found["var", "response_sla_minutes"]["lines"] == ["-60", "+30"]
    assert found["card", "won_revenue"]["lines"] == ["-owner: sales", "+owner: nobody"]
    wanted = found["target", "won_revenue month from 2024-01-01, set on 2023-12-01"]
    assert wanted["lines"] == ["-target: 1000", "+target: 1200"]
    assert set(wanted["kpis"]) == {"won_revenue", "pipeline_coverage"}
    shown = kpis("diff", earlier, after).stdout
    assert re.search(r"^Won revenue .*target won_revenue month from", shown, re.MULTILINE)
    assert "model kpi_won_revenue changed (models/marts/kpis/volume/kpi_won_revenue.sql)" in shown


def test_another_as_of_date_is_told(before: Path, after: Path) -> None:
    change(
        after,
        "update scorecard.kpi_values set as_of_date = date '2024-02-29'",
        "delete from scorecard.kpi_values where period_start > date '2024-02-29'",
    )
    shown = kpis("diff", before, after, "--limit", 200).stdout
    assert "Note: The as-of dates differ, 2024-03-31 and 2024-02-29" in shown
    assert re.search(
        r"^Won revenue +month from 2024-03-01 .* no cell +gone .* another as-of date$", shown, re.MULTILINE
    )


def test_builds_of_other_versions_are_compared_as_far_as_they_go(before: Path, after: Path) -> None:
    change(after, "alter table scorecard.kpi_values drop column n")
    (after / FILE).write_text('{"version": 99}', encoding="utf-8")
    shown = kpis("diff", before, after)
    assert shown.code == 0
    assert "Note: One of them has no n: only numerator, denominator, value are compared." in shown.stdout
    assert "definitions.json that this version reads: which definitions changed is unknown" in shown.stdout
    assert "No value moved" in shown.stdout
    change(after, "alter table scorecard.kpi_values rename slice to cut")
    outcome = kpis("diff", before, after)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "has a scorecard.kpi_values without slice: it is of another version" in outcome.stderr
    change(after, "drop table scorecard.kpi_values")
    assert "has no table scorecard.kpi_values" in kpis("diff", before, after).last_line


def test_what_is_not_there_is_said_in_one_line(before: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.duckdb").write_text("no database")
    for name, sentence in (
        (tmp_path / "empty", f"{tmp_path / 'empty'} holds no pipeline_kpis.duckdb."),
        (tmp_path / "text.duckdb", "cannot be opened as a DuckDB database"),
        (tmp_path / "nowhere", "There is no build, folder or database"),
        ("git:no-such-revision", "git knows no revision 'no-such-revision'"),
        ("git:--help", "git knows no revision '--help'"),
    ):
        outcome = kpis("diff", name, before)
        assert (outcome.code, outcome.stdout) == (2, ""), name
        assert len(outcome.stderr.strip().splitlines()) == 1
        assert sentence in outcome.stderr
    misspelt = kpis("diff", before, before, "--kpi", "won_revenues")
    assert misspelt.code == 2
    assert "Neither build has a KPI 'won_revenues'. Did you mean 'won_revenue'?" in misspelt.stderr
    assert "is not a date" in kpis("diff", before, before, "--as-of", "someday").last_line


def test_text_of_the_data_is_no_markup(before: Path, after: Path) -> None:
    change(
        after,
        "insert into scorecard.kpi_values by name select * replace "
        "('[x](http://x.example)|<b>`*_' || chr(27) || '[31m' || chr(10) || '# y' as slice_value) "
        "from scorecard.kpi_values where kpi = 'won_revenue' and slice = 'rep' and slice_value = 'R1'",
    )
    shown = kpis("diff", before, after, "--markdown").stdout
    assert not CONTROL.search(shown)
    (row,) = (line for line in shown.splitlines() if line.startswith("| Won revenue"))
    assert r"\[x\](http://x.example)\|\<b\>\`\*\_ \[31m # y" in row
    assert len(re.findall(r"(?<!\\)\|", row)) == 8
    text = kpis("diff", before, after).stdout
    assert not CONTROL.search(text)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as a repository of its own, which the command takes for its own."""
    folder = tmp_path / "repository"
    left_out = shutil.ignore_patterns(
        ".git", ".venv*", "target", "target-v2", "logs", "exports", "*.duckdb*", ".*_cache", "__pycache__"
    )
    shutil.copytree(ROOT, folder, ignore=left_out)
    git(folder, "init", "--quiet")
    commit(folder, "as it is")
    monkeypatch.setattr(sides, "PROJECT", folder)
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Test", "-c", "user.email=test@own.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)


def test_a_revision_is_built_with_the_same_data_and_its_planted_change_is_named(
    before: Path, repository: Path, published: Published
) -> None:
    sql = repository / "models/marts/kpis/pipeline/kpi_pipeline_created.sql"
    sql.write_text(sql.read_text(encoding="utf-8").replace("amount as numerator", "2 * amount as numerator"))
    commit(repository, "a planted change")
    outcome = kpis("diff", before, "git:HEAD", "--json", "--fail-on-change")
    assert outcome.code == 1, outcome.stderr
    assert "this takes as long as a run" in outcome.stderr
    found = json.loads(outcome.stdout)
    assert [kpi["kpi"] for kpi in found["kpis"]] == ["pipeline_created"]
    assert found["kpis"][0]["because"] == ["model kpi_pipeline_created"]
    (cell,) = found["kpis"][0]["largest"][:1]
    assert cell["value_after"] == 2 * cell["value_before"]
    assert [(one["kind"], one["name"], one["kpis"]) for one in found["meanings"]] == [
        ("model", "kpi_pipeline_created", ["pipeline_created"])
    ]
    assert "+        2 * amount as numerator" in found["meanings"][0]["lines"]
    assert found["other"].startswith("git:HEAD (")
    assert found["notes"] == []
    listed = subprocess.run(
        ["git", "-C", str(repository), "worktree", "list"], check=True, capture_output=True, text=True
    )
    assert len(listed.stdout.splitlines()) == 1
    assert published.company.current.exists()


def test_a_revision_that_does_not_build_is_told(before: Path, repository: Path) -> None:
    (repository / "scripts" / "kpis.py").write_text("raise SystemExit('it is broken')")
    commit(repository, "broken")
    outcome = kpis("diff", "git:HEAD", before)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "git:HEAD cannot be built: see above why. Nothing was compared." in outcome.last_line
    (repository / "scripts" / "kpis.py").unlink()
    commit(repository, "without a runner")
    assert "has no scripts/kpis.py" in kpis("diff", "git:HEAD", before).last_line


def test_relative_paths_of_a_mapping_still_start_at_the_project(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(
        "source_system: files\n"
        "mapping:\n"
        "  leads: null\n"
        "  deals: {path: [data/a.csv, /b.csv], lookups: {x: {path: data/x.csv, on: y}}}\n"
        "  spend: {path: 's3://bucket/s.parquet'}\n"
    )
    written = sides.anchored(mapping, tmp_path / "anchored.yml").read_text(encoding="utf-8")
    assert f"- {ROOT}/data/a.csv\n" in written
    assert "- /b.csv\n" in written
    assert f"path: {ROOT}/data/x.csv\n" in written
    assert "path: s3://bucket/s.parquet\n" in written
