"""What an import did: counts, paths and findings."""

from __future__ import annotations

import msgspec

from kb.findings import Finding, Level, shorten
from kb.records import Place


class ImportReport(msgspec.Struct, frozen=True):
    """The result of an import.

    A *unit* is a file, or a line of a ``.jsonl`` file. ``written`` units are new or changed, ``unchanged`` ones were already
    there as the import makes them, ``kept`` ones differ by hand (or were deleted by hand) and were left alone; ``rejected``
    counts input records that did not become a unit. ``paths`` are the written files, relative to the site. A finding's
    ``path`` is that of the *source* file.
    """

    written: int = 0
    unchanged: int = 0
    kept: int = 0
    rejected: int = 0
    paths: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


class Tally:
    """Collects what an import does."""

    def __init__(self) -> None:
        self.written, self.unchanged, self.kept, self.rejected = 0, 0, 0, 0
        self.paths: list[str] = []
        self.findings: list[Finding] = []

    def note(self, place: Place, reason: str, remedy: str, field: str = "", value: str = "",
             level: Level = "note") -> None:
        """Adds a finding; a note unless told."""
        self.findings.append(Finding(place.path, place.line, field, shorten(value), reason, remedy, level))

    def reject(self, place: Place, reason: str, remedy: str, field: str = "", value: str = "") -> None:
        """Counts an input record that is left out, with the finding that says why."""
        self.rejected += 1
        self.note(place, reason, remedy, field, value, "error")

    def report(self) -> ImportReport:
        return ImportReport(self.written, self.unchanged, self.kept, self.rejected, tuple(sorted(set(self.paths))),
                            tuple(dict.fromkeys(self.findings)))
