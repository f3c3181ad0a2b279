"""Progress of long work: a live bar on a terminal, elsewhere now and then a line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from kb.reporting import Report
from kb.reporting import quiet as quiet_report

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Task

EVERY = 10.0  # seconds between two lines; shorter work says nothing


@contextmanager
def progress(quiet: bool) -> Iterator[Report]:
    """Shows on standard error what the function that it gives is told."""
    if quiet:
        yield quiet_report
    elif sys.stderr.isatty():
        from rich.console import Console

        with bar(Console(stderr=True)) as report:
            yield report
    else:
        yield lines(sys.stderr)


def lines(stream: IO[str], now: Callable[[], float] = time.monotonic) -> Report:
    """Writes a line where ten seconds have passed since the last one: seconds since the start, stage, count, rate."""
    start = last = begun = now()

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last, begun
        moment = now()
        if not total:
            begun = moment
        if moment - last < EVERY:
            return
        last = moment
        counted = f", {done:,} of {total:,}{_rate(done / (moment - begun) if moment > begun else 0)}" if total else ""
        stream.write(f"{moment - start:.0f} s: {stage}{counted}\n")
        stream.flush()

    return report


@contextmanager
def bar(console: Console) -> Iterator[Report]:
    """Shows the stage at work with its time and, where it can be counted, how far it is and how fast."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Count(MofNCompleteColumn):
        """Nothing as long as there is nothing to count."""

        def render(self, task: Task) -> Text:
            return super().render(task) if task.total else Text()

    class Rate(TextColumn):
        def __init__(self) -> None:
            super().__init__("")

        def render(self, task: Task) -> Text:
            return Text(_rate(task.speed or 0).lstrip(", ") if task.total else "")

    with Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), Count(), Rate(), TimeElapsedColumn(),
                  console=console, transient=True) as shown:
        task = shown.add_task("", total=None)

        def report(stage: str, done: int, total: int) -> None:
            nonlocal task
            if total:
                shown.update(task, description=stage, completed=done, total=total)
            else:  # a task of its own, as one that has a total cannot lose it
                shown.remove_task(task)
                task = shown.add_task(stage, total=None)

        yield report


def _rate(speed: float) -> str:
    return f", {speed:,.{0 if speed >= 10 else 1}f}/s" if speed else ""
