"""The two ways a command can end badly, each with one sentence that says what to do next."""

from pathlib import Path


class CannotRunError(Exception):
    """The command could not run: bad input, a lock, a wrong setting. Exit code 2."""


def no_database(path: Path) -> CannotRunError:
    """What to raise where DuckDB cannot open a file."""
    return CannotRunError(f"{path} cannot be opened as a DuckDB database, or another process writes to it.")


class CheckFailedError(Exception):
    """A test or a check failed, so nothing was published. Exit code 1."""
