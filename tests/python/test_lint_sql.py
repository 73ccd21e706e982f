"""The linter of SQL finds what sqlfluff finds, only sooner."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from runner.project import PROJECT

# Faults of each of the rules that look at the whole of a file, and of others, in files of different length.
FAULTS = {
    "one.sql": "select a,b  ,c from t where a=1 and b= 2\n",
    "two.sql": (
        "with x as (\nselect a\n      , b from t\n  )\n"
        "select * from x where a in (select b\nfrom y) order  by 1\n"
    ),
    "three.sql": "select " + ", ".join(f"a_long_name_of_a_column as b{n}" for n in range(9)) + " from t\n",
    "four.sql": (
        "{% set columns = ['a', 'b'] %}\nselect\n{% for column in columns %}\n  {{column}} ,\n{% endfor %}\n"
        "1 as c\nFROM t\n"
    ),
    "five.sql": (
        "select\n    case when a>1 then 'x' else'y' end as kind,\n        sum(b)  as b\n"
        "from t group by 1 having sum(b)>2\n"
    ),
    "sound.sql": "select a\n\nfrom t\n",
}


def findings(command: list[str], folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    options = ["--config", ".sqlfluff", "--templater", "jinja", "--format", "json", "--processes", "2"]
    done = subprocess.run(
        [*command, "lint", *options, str(folder)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return {
        Path(file["filepath"]).name: sorted(
            tuple(sorted(found.items(), key=str)) for found in file["violations"]
        )
        for file in json.loads(done.stdout)
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql")
    for name, content in FAULTS.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_it_finds_what_sqlfluff_finds(folder: Path) -> None:
    plain = findings([str(Path(sys.executable).parent / "sqlfluff")], folder)
    ours = findings([sys.executable, "scripts/lint_sql.py"], folder)
    assert plain.keys() == FAULTS.keys()
    codes = {dict(found)["code"] for file in plain.values() for found in file}
    assert {"LT01", "LT02", "LT05", "LT14"} <= codes
    assert ours == plain
