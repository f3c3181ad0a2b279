"""Revision histories in CSAF: numbers that follow each other, times that do not precede the publication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kb.fields import instant
from kb.records import SecurityBulletin

_PARTS = 3


def tracking(record: SecurityBulletin, plain: Callable[[str], str]) -> dict[str, Any]:
    """``document.tracking`` of a bulletin (CSAF 2.0, section 3.2.1.12); ``plain`` makes text of a line of Markdown.

    A bulletin that is withdrawn or superseded is final. The program is named without its version, since another version that
    says the same makes the same document.
    """
    history = _history(record, plain)
    return {
        "id": record.id, "version": history[-1]["number"], "status": "interim" if record.status == "interim" else "final",
        "initial_release_date": instant(record.published), "current_release_date": history[-1]["date"],
        "revision_history": history, "generator": {"engine": {"name": "Waypost"}},
        **({"aliases": list(dict.fromkeys(record.aliases))} if record.aliases else {})}


def _history(record: SecurityBulletin, plain: Callable[[str], str]) -> list[dict[str, Any]]:
    """Oldest first. A day counts from its beginning, but not from before the publication. Where the author's numbers are not
    those of a document that has been published, entries are counted and keep them as ``legacy_version``."""
    written = [event.number for event in record.revisions]
    numbers = version_numbers(written) or [str(number) for number in range(1, len(written) + 1)]
    if not written:
        return [{"date": instant(record.published), "number": "1", "summary": record.text.title}]
    found = []
    for event, number in zip(record.revisions, numbers, strict=True):
        entry = {"date": instant(max(event.date, record.published)), "number": number,
                 "summary": plain(event.text) or event.number}
        found.append(entry if number == event.number else {**entry, "legacy_version": event.number})
    return found


def version_numbers(written: Sequence[str]) -> list[str]:
    """Numbers as CSAF takes them: whole ones, or semantic versions as soon as one has a dot. Empty where the first is not the
    first published one, or one is left out (mandatory tests 6.1.18 and 6.1.21)."""
    parts = [tuple(int(part) for part in number.split(".")) for number in written]
    majors = sorted({part[0] for part in parts})
    if not parts or majors != list(range(1, len(majors) + 1)):
        return []
    if all(len(part) == 1 for part in parts):
        return [str(major) for (major,) in parts]
    return [".".join(map(str, part + (0,) * (_PARTS - len(part)))) for part in parts]
