"""What a build is asked for and what it tells: light, so that a build that finds nothing changed loads nothing else."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec

from generator.changes import Changes
from kb.findings import Finding, errors
from kb.reporting import Report, quiet

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")
STAGES = ("load", "resolve", "shell", "releases", "keys", "pages", "derive", "index", "publish")


class Shard(msgspec.Struct, frozen=True, array_like=True):
    """A share of the pages: ``number`` counts from 1 to ``of``."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The shard in a text such as ``2/4``; None where it is none."""
        match = _SHARD.fullmatch(text)
        found = cls(int(match[1]), int(match[2])) if match else None
        return found if found and found.number <= found.of else None

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def has(self, path: str) -> bool:
        """Whether the page at an address belongs to this share."""
        return zlib.crc32(path.encode()) % self.of == self.number - 1


class Options(msgspec.Struct, frozen=True):
    """``site`` holds portal.yml; ``cache`` may be deleted at any time, None keeps nothing; ``jobs`` workers. With a ``shard``
    only its share of the pages is made; ``parts`` are folders of such shares to take pages from. ``published`` is a list of
    bulletins that are public besides those of ``out``, ``rewrites`` their ids that may change all the same, ``now`` the time of
    the clock (generator.bulletin_history). ``skip_bad_rows`` leaves out rows of private tables
    that are wrong."""

    site: Path
    out: Path
    at: datetime
    audience: str = ""
    drafts: bool = False
    cache: Path | None = None
    jobs: int = 1
    shard: Shard | None = None
    parts: tuple[Path, ...] = ()
    published: Path | None = None
    rewrites: tuple[str, ...] = ()
    now: datetime | None = None
    skip_bad_rows: bool = False


class Provider(msgspec.Struct, frozen=True):
    """The CSAF provider that a portal is (CSAF 2.0, section 7.2): its documents and role."""

    documents: int
    role: str


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
    csaf: Provider | None = None


class BuildFailed(Exception):
    """The input is wrong; nothing was written."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = sorted(set(findings))
        super().__init__(f"{len(errors(self.findings))} error(s)")


def refuse(findings: Sequence[Finding]) -> None:
    """Raises BuildFailed with all findings where one of them is an error."""
    if errors(findings):
        raise BuildFailed(findings)


class Clock:
    """Seconds by stage; tells ``report`` as each begins."""

    def __init__(self, report: Report = quiet) -> None:
        self.seconds: dict[str, float] = {}
        self.report, self._last = report, time.perf_counter()
        report(STAGES[0], 0, 0)

    def resume(self) -> None:
        """What has passed since the last stage ended belongs to others."""
        self._last = time.perf_counter()

    def stage(self, name: str) -> None:
        """Ends one of STAGES; the next begins."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now
        if name != STAGES[-1]:
            self.report(STAGES[STAGES.index(name) + 1], 0, 0)
