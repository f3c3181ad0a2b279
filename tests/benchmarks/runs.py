"""One measured run of a generator, and the runs of Waypost over a generated site."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.edits import LAST_DAY, edit, ids, some
from tests.benchmarks.measure import Measured, measured_command
from tests.benchmarks.trees import Amount, files, written

REPEATS = 3  # of the short runs; the median counts
MANY = 1000
_FIRST = datetime(2027, 1, 1, tzinfo=UTC)  # all records are published


class Run(NamedTuple):
    """What a run took; ``limit`` is what the project wants at 100,000 reports: seconds, or ``share`` of the seconds of Hugo."""

    tool: str
    name: str
    reports: int
    seconds: float
    cpu: float
    memory: int
    amount: Amount
    limit: float | None = None
    share: float | None = None


def row(tool: str, name: str, reports: int, took: Sequence[Measured], amount: Amount, **limits: float) -> Run:
    """The median run by seconds; the memory is the highest of all."""
    middle = sorted(took, key=lambda one: one.seconds)[(len(took) - 1) // 2]
    return Run(tool, name, reports, middle.seconds, middle.cpu, max(one.memory for one in took), amount, **limits)


class Waypost:
    """Builds of one site by the command line, in a folder of their own."""

    def __init__(self, site: Path, folder: Path, lines: bool, repeat: int) -> None:
        """``lines``: the reports are JSON Lines; ``repeat`` clean builds, of which the median counts."""
        self._site, self._source, self._repeat, self._builds = site, "JSON Lines" if lines else "Markdown", repeat, 0
        self._share = 0.5 if lines else 0.75
        self._reports = ids(site, "reports")
        self.out, self.cache = folder / "out", folder / "cache"

    def clean(self) -> Run:
        took = []
        for _ in range(self._repeat):
            for folder in (self.out, self.cache):
                shutil.rmtree(folder, ignore_errors=True)
            took.append(self.build())
        return row("Waypost", f"clean, {self._source}", len(self._reports), took, written({}, files(self.out)), share=self._share)

    def steps(self) -> Iterator[Run]:
        """Nothing changed, one record of each kind, many reports."""
        yield self._step("nothing changed", lambda turn: None, 1.5)
        for name, folder, day in (("one report changed", "reports", ""), ("one report with a new date", "reports", LAST_DAY),
                                  ("one article changed", "articles", ""), ("one advisory changed", "advisories", "")):
            yield self._step(name, lambda turn, folder=folder, day=day: self._edit(folder, 1, turn + bool(day) * REPEATS, day), 3)
        many = min(MANY, len(self._reports))
        yield self._step(f"{many:,} reports changed", lambda turn: self._edit("reports", many, turn, ""), 15, 1)

    def build(self) -> Measured:
        """One build; each is a minute later than the one before, as real ones are."""
        moment = f"{_FIRST + timedelta(minutes=self._builds):%Y-%m-%dT%H:%M:%SZ}"
        self._builds += 1
        return measured_command([
            sys.executable, "-c", "from generator.cli import main; main()", "build", "--json", "--quiet", "--site", str(self._site),
            "--out", str(self.out), "--cache", str(self.cache), "--at", moment])

    def _edit(self, folder: str, count: int, turn: int, day: str) -> None:
        edit(self._site, folder, some(ids(self._site, folder), count, turn), day)

    def _step(self, name: str, change: Callable[[int], None], limit: float, repeats: int = REPEATS) -> Run:
        took = []
        for turn in range(repeats):
            change(turn)
            before = files(self.out)
            took.append(self.build())
        return row("Waypost", f"{name}, {self._source}", len(self._reports), took, written(before, files(self.out)), limit=limit)
