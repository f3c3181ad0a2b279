"""Dates as others write them, in the forms of our records."""

from __future__ import annotations

import re
from datetime import date, datetime

from kb.fields import Wrong, parse_moment

_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,]+\d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?)?", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:[ T].*)?")


def moment(text: str) -> datetime | None:
    """A moment in UTC, or None; one without a zone counts as UTC, a date as 00:00."""
    text = text.strip()
    for candidate in (text, f"{text}Z"):
        try:
            return parse_moment(candidate)
        except Wrong:
            continue
    return None


def day(text: str) -> str:
    """``2026-11-22``, or an empty string where the text is no date. ``6/11/2024`` is the eleventh of June."""
    if found := moment(text):
        return found.date().isoformat()
    try:
        if match := _AMERICAN.fullmatch(text.strip()):
            return date(int(match[3]), int(match[1]), int(match[2])).isoformat()
        if match := _SLASHED.fullmatch(text.strip()):
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        pass
    return ""
