"""What is happening, on standard error: a bar in a terminal, an occasional plain line anywhere else."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from runner.text import duration, plain

_SECONDS_BETWEEN_LINES = 5.0
_STEPS_OF_A_PACE = 20
_SECONDS_OF_A_PACE = 2.0


def say(message: str) -> None:
    """One line for people, on standard error."""
    print(plain(message), file=sys.stderr, flush=True)


class Reporter:
    """Shows the stage of a run and how many of dbt's nodes are done."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._total = 0
        self._done = 0
        self._began = 0.0
        self._last_line = 0.0

    def __enter__(self) -> "Reporter":
        if sys.stderr.isatty():
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=30),
                TextColumn("{task.fields[count]}", markup=False),
                TimeElapsedColumn(),
                TextColumn("{task.fields[left]}", markup=False),
                TextColumn("{task.fields[node]}", markup=False),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("Starting", total=None, count="", left="", node="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def stage(self, text: str) -> None:
        """A new stage begins: `Checking the files`."""
        if self._bar is not None and self._task is not None:
            self._bar.reset(self._task, description=text, total=None, count="", left="", node="")
        else:
            say(f"{text} ...")

    def nodes(self, text: str, total: int) -> None:
        """A new stage begins in which dbt goes through so many nodes."""
        self.stage(text)
        self._total, self._done = total, 0
        self._began = self._last_line = time.monotonic()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=total, completed=0, count=f"0/{total}")

    def node_started(self, name: str) -> None:
        """Dbt works on this node now."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, node=plain(name, 40))

    def node_finished(self, name: str) -> None:
        """Dbt is done with this node, well or not."""
        self._done += 1
        now = time.monotonic()
        left = time_left(self._done, self._total, now - self._began)
        if self._bar is not None and self._task is not None:
            count = f"{self._done}/{self._total}"
            self._bar.update(self._task, completed=self._done, count=count, left=left)
        elif now - self._last_line > _SECONDS_BETWEEN_LINES:
            self._last_line = now
            say(f"  {self._done} of {self._total}{', ' if left else ''}{left} ({name})")


def time_left(done: int, total: int, elapsed: float) -> str:
    """How long the rest takes at the pace so far: `about 40 s left`; nothing before a pace can be seen."""
    if done < _STEPS_OF_A_PACE or elapsed < _SECONDS_OF_A_PACE or done >= total:
        return ""
    return f"about {duration(elapsed / done * (total - done))} left".replace("about under", "under")
