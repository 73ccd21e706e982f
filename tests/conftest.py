"""What all tests share: the demo company, built and tested once."""

from pathlib import Path

import pytest
from building import build


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database that a build of the demo company leaves behind."""
    return build(tmp_path_factory.mktemp("demo"), {})
