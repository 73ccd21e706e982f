"""What all tests share: the demo company, built and tested once."""

import os
from pathlib import Path

import pytest
from building import build
from filelock import FileLock


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database that a build of the demo company leaves behind: read only, all test processes share it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "demo"
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "built").exists():
            folder.mkdir()
            build(folder, {})
            (folder / "built").touch()
    return folder / "pipeline_kpis.duckdb"
