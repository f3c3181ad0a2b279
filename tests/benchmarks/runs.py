"""One measured run of a generator, and the runs of Waypost over a generated site."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.edits import LAST_DAY, edit, ids, some
from tests.benchmarks.measure import Measured, measured_command
from tests.benchmarks.trees import Amount, files, written

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


class Repeats(NamedTuple):
    """How often clean builds and builds after a change are measured; the median counts."""

    clean: int = 1
    changes: int = 3


class Waypost:
    """Builds of one site by the command line, in a folder of their own."""

    def __init__(self, site: Path, folder: Path, lines: bool, repeats: Repeats) -> None:
        """``lines``: the reports are JSON Lines."""
        self._site, self._source, self._repeats, self._builds = site, "JSON Lines" if lines else "Markdown", repeats, 0
        self._share = 0.5 if lines else 0.75
        self._reports = ids(site, "reports")
        self.out, self.cache = folder / "out", folder / "cache"

    def clean(self) -> Run:
        took = []
        for _ in range(self._repeats.clean):
            for folder in (self.out, self.cache):
                shutil.rmtree(folder, ignore_errors=True)
            took.append(self.build())
        return row("Waypost", f"clean, {self._source}", len(self._reports), took, written({}, files(self.out)), share=self._share)

    def steps(self) -> Iterator[Run]:
        """Nothing changed, one record of each kind, many reports."""
        yield self._step("nothing changed", "reports", 0, 1.5)
        yield self._step("one report changed", "reports", 1, 3)
        yield self._step("one report with a new date", "reports", 1, 3, LAST_DAY)
        yield self._step("one article changed", "articles", 1, 3)
        yield self._step("one advisory changed", "advisories", 1, 3)
        many = min(MANY, len(self._reports))
        yield self._step(f"{many:,} reports changed", "reports", many, 15)

    def build(self) -> Measured:
        """One build; each is a minute later than the one before, as real ones are."""
        moment = f"{_FIRST + timedelta(minutes=self._builds):%Y-%m-%dT%H:%M:%SZ}"
        self._builds += 1
        return measured_command([
            sys.executable, "-c", "from generator.cli import main; main()", "build", "--json", "--quiet", "--site", str(self._site),
            "--out", str(self.out), "--cache", str(self.cache), "--at", moment])

    def _step(self, name: str, folder: str, count: int, limit: float, day: str = "") -> Run:
        took, found = [], ids(self._site, folder)
        for turn in range(self._repeats.changes):
            if count:
                edit(self._site, folder, some(found, count, turn), day)
            before = files(self.out)
            took.append(self.build())
        return row("Waypost", f"{name}, {self._source}", len(self._reports), took, written(before, files(self.out)), limit=limit)
