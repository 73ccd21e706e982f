"""A tiny company in files, and the command line to build it with."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from building import shared_folder
from filelock import FileLock
from kpis import app
from typer.testing import CliRunner

LEADS = """lead_id,created_at,email,company_name,source,channel,campaign,owner_id,lead_score,status,is_test
L1,2024-01-03 09:00:00,ann@buyer.example,Buyer,web,paid_search,spring,R1,80,new,false
L2,2024-01-10 09:00:00,bob@shop.example,Shop,web,=cmd|'/c calc'!A1,spring,R1,70,new,false
L3,2024-02-05 09:00:00,cid@firm.example,Firm,web,paid_search,,R2,20,new,false
L4,2024-02-06 09:00:00,ANN@buyer.example,Buyer,web,paid_search,spring,R1,80,new,false
L5,2024-02-07 09:00:00,dee@own.example,Own,web,paid_search,spring,R1,10,new,true
L6,someday,eve@late.example,=HYPERLINK("x"),web,paid_search,spring,R1,-5,new,false
"""
DEALS = """deal_id,stage,created_at,lead_id,owner_id,amount,closed_at
D1,Closed Won,2024-01-20 10:00:00,L1,R1,1200.50,2024-02-10 10:00:00
D2,Closed Lost,2024-01-25 10:00:00,L2,R1,800,2024-03-01 10:00:00
D3,Proposal,2024-02-20 10:00:00,L3,R2,500,
D3,Negotiation,2024-02-20 10:00:00,L3,R2,600,
"""
SPEND = """spend_date,amount,channel,campaign
2024-01-01,300,paid_search,spring
2024-02-01,150.25,paid_search,spring
"""


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def last_line(self) -> str:
        return self.stderr.strip().splitlines()[-1]


@dataclass(frozen=True)
class Company:
    """The files of a company, its mapping, and where its KPIs are published."""

    folder: Path

    @property
    def mapping(self) -> Path:
        return self.folder / "mapping.yml"

    @property
    def out(self) -> Path:
        return self.folder / "exports"

    @property
    def current(self) -> Path:
        return self.out / "current"

    def run_json(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.current / "run.json").read_text(encoding="utf-8"))
        return loaded

    def rows_of(self, entity: str) -> dict[str, int]:
        accounts = {account["entity"]: account for account in self.run_json()["row_accounting"]}
        return {part: accounts[entity][f"{part}_rows"] for part in ("raw", "staged", "rejected", "merged")}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.current / "pipeline_kpis.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def write_mapping(self, **changes: Any) -> None:
        """Write the mapping: the three files, with other options for some entities or other vars."""
        mapping: dict[str, Any] = {
            entity: {"path": str(self.folder / f"{entity}.csv")} for entity in ("leads", "deals", "spend")
        }
        variables: dict[str, Any] = {"source_system": "files", "as_of": "2024-03-31"}
        for name, value in changes.items():
            if name in ("as_of", "vocabulary", "reporting_currency"):
                variables[name] = value
            else:
                mapping[name] = {**mapping.get(name, {}), **value} if value is not None else None
        self.mapping.write_text(yaml.safe_dump({**variables, "mapping": mapping}), encoding="utf-8")


MakeCompany = Callable[[Path], Company]


def make_company(folder: Path, leads: str = LEADS, deals: str = DEALS, spend: str = SPEND) -> Company:
    """Write a company's three files and its mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("leads", leads), ("deals", deals), ("spend", spend)):
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    company = Company(folder)
    company.write_mapping()
    return company


def kpis(*arguments: object) -> Outcome:
    """Run the command line in this process."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return Outcome(result.exit_code, result.stdout, result.stderr)


def run(company: Company, *arguments: object) -> Outcome:
    """Build and publish a company; the report only if asked for."""
    return kpis("run", "--mapping", company.mapping, "--out", company.out, "--no-report", *arguments)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return make_company(tmp_path / "company")


@dataclass(frozen=True)
class Published:
    """A company that was published once, what the command said, and where the rejected rows went."""

    company: Company
    outcome: Outcome
    rejects: Path


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Built once for all test processes, so nobody may change it or run into it: copy it first."""
    folder = shared_folder(tmp_path_factory) / "published"
    rejects, said = folder / "rejects", folder / "outcome.json"
    with FileLock(folder.with_suffix(".lock")):
        if not said.exists():
            company = make_company(folder / "company")
            outcome = run(company, "--report", "--keep-rejects", rejects)
            assert outcome.code == 0, outcome.stderr
            said.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
    return Published(Company(folder / "company"), Outcome(**json.loads(said.read_text("utf-8"))), rejects)


@pytest.fixture(autouse=True)
def _same_environment() -> Iterator[None]:
    """A command leaves the environment and the working directory as it found them."""
    before = dict(os.environ), Path.cwd()
    yield
    changed = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("KPI_") and before[0].get(name) != value
    }
    assert not changed
    assert Path.cwd() == before[1]
