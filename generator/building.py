"""What a build is asked for and what it tells: light, so that a build that finds nothing changed loads nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from generator.changes import Changes
from generator.progress import Report
from kb.findings import Finding, errors

STAGES = ("load", "resolve", "shell", "releases", "keys", "pages", "derive", "index", "publish")


class Options(msgspec.Struct, frozen=True):
    """``site`` holds portal.yml; ``cache`` may be deleted at any time, None keeps nothing; ``jobs`` workers."""

    site: Path
    out: Path
    at: datetime
    audience: str = ""
    drafts: bool = False
    cache: Path | None = None
    jobs: int = 1


class Summary(msgspec.Struct, frozen=True):
    """What a build did. ``seconds`` by stage; ``changed`` whether the live tree is another than before, ``changes`` in what, None
    where a tree was there and nothing is known of it."""

    records: int
    pages: int
    rendered: int
    files: int
    written: int
    bytes: int
    changed: bool
    seconds: dict[str, float]
    notes: tuple[Finding, ...]
    changes: Changes | None = None


class BuildFailed(Exception):
    """The input is wrong; nothing was written."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = sorted(set(findings))
        super().__init__(f"{len(errors(self.findings))} error(s)")


class Clock:
    """Seconds by stage; tells ``report`` as each begins."""

    def __init__(self, report: Report = lambda stage, done, total: None) -> None:
        self.seconds: dict[str, float] = {}
        self._report, self._last = report, time.perf_counter()
        report(STAGES[0], 0, 0)

    def stage(self, name: str) -> None:
        """Ends one of STAGES; the next begins."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now
        if name != STAGES[-1]:
            self._report(STAGES[STAGES.index(name) + 1], 0, 0)
