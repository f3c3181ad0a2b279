"""Findings: what is wrong with the input, where, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Literal

import msgspec

from kb.printable import printable

Level = Literal["error", "note"]

_SHOWN = 80  # characters of an offending value that a message repeats


class Finding(msgspec.Struct, frozen=True, order=True):
    """One thing wrong with the input. An ``error`` stops a build, a ``note`` does not.

    ``path`` is relative to the site, ``line`` counts from 1 (0: the file as a whole).
    """

    path: str
    line: int
    field: str
    value: str
    reason: str
    remedy: str
    level: Level = "error"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        subject = f"{self.field}: " if self.field else ""
        value = f"'{self.value}' " if self.value else ""
        return f"{place}: {subject}{value}{self.reason}" + (f"; {self.remedy}" if self.remedy else "")


class SourceError(Exception):
    """A file that cannot be read at all; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


def shorten(value: str, most: int = _SHOWN) -> str:
    """The value on one line, cut to what a message can show; what a terminal could obey becomes U+FFFD."""
    line = " ".join(value.split())
    return printable(line if len(line) <= most else line[: most - 1] + "…")


def nearest(value: str, known: Iterable[str]) -> str:
    """The known word most like the value, else an empty string."""
    if len(value) > _SHOWN:  # no slip of the pen, and slow to compare
        return ""
    choices = {word.casefold(): word for word in known}
    close = difflib.get_close_matches(value.casefold(), choices, n=1)
    return choices[close[0]] if close else ""


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Only the findings that stop a build, ordered by place."""
    return sorted({finding for finding in findings if finding.level == "error"})
