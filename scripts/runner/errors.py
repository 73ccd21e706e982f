"""The two ways a command can end badly, each with one sentence that says what to do next."""


class CannotRunError(Exception):
    """The command could not run: bad input, a lock, a wrong setting. Exit code 2."""


class CheckFailedError(Exception):
    """A test or a check failed, so nothing was published. Exit code 1."""
