"""What importers of security bulletins share: ids, revisions, references, vectors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from kb.bulletins import parse_link, parse_revision, parse_vector
from kb.fields import MAX_TITLE, Wrong, instant, parse_language
from kb.importers.dates import moment
from kb.importers.emit import Yaml
from kb.importers.job import Job
from kb.importers.plain import escape
from kb.importers.report import Tally
from kb.importers.words import one_line, shortened
from kb.parse import id_parser
from kb.records import Place, Score


class Told(msgspec.Struct, frozen=True):
    """A line of a revision history before it is checked."""

    number: str
    when: datetime
    text: str


def bulletin_id(given: str, place: Place, tally: Tally) -> tuple[str, list[str]] | None:
    """The id of the record for a document's id, and the aliases that follow; None with a finding.

    Signs that our ids do not have become hyphens, and the document's id an alias: RHSA-2024:0001 is RHSA-2024-0001.
    """
    line = one_line(given)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", line).strip("-._")
    try:
        if re.search(r"[/\\]|\.\.", line):
            raise Wrong("looks like a path and is no id", "ask for a document with an id such as EXSA-2026-0007")
        record_id = id_parser("advisory")(plain)
    except Wrong as wrong:
        tally.reject(place, wrong.reason, wrong.remedy, "id", line)
        return None
    if record_id == line:
        return record_id, []
    tally.note(place, f"has signs that no id here has, so it is {record_id} and this an alias", "nothing needs to be done", "id",
               line)
    return record_id, [line]


def title_field(text: str, fallback: str, place: Place, tally: Tally) -> str:
    line = one_line(text) or fallback
    if len(line) > MAX_TITLE:
        tally.note(place, f"has {len(line)} characters and is shortened to {MAX_TITLE}", "shorten it by hand", "title", line)
    return shortened(line, MAX_TITLE)


def language_of(tag: str, job: Job) -> str:
    """The ``language`` of a record for a language tag such as ``en-US``."""
    name = tag.partition("-")[0].lower()
    try:
        return job.language_field(parse_language(name)) if name else job.language_field()
    except Wrong:
        return job.language_field()


def day_of(text: str, name: str, place: Place, tally: Tally) -> datetime | None:
    """A moment that can be meant; those before 1990, such as the first day of the year 1, stand for none."""
    found = moment(text)
    if found is None or found.year < 1990:
        tally.note(place, "is no date that can be meant, so it is left out", "complete the record", name, text)
        return None
    return found


def revisions_field(told: Sequence[Told], published: datetime | None, place: Place, tally: Tally) -> list[Yaml]:
    """The history from old to new. Numbers that cannot stand here are counted anew; what precedes the release counts from it."""
    if published and any(item.when < published for item in told):
        tally.note(place, "has revisions from before its first release, which count from there", "nothing needs to be done",
                   "revision_history")
        told = [msgspec.structs.replace(item, when=max(item.when, published)) for item in told]
    ordered = sorted(told, key=lambda item: (item.when, _order(item.number)))
    numbers = [_order(item.number) for item in ordered]
    good = all(numbers) and all(before < after for before, after in pairwise(numbers))
    if not good:
        tally.note(place, "has revision numbers that cannot stand here, so they are counted anew", "nothing needs to be done",
                   "revision_history", ", ".join(item.number for item in ordered))
    return [{"number": item.number if good else str(number), "date": instant(item.when),
             "text": escape(one_line(item.text)) or f"Revision {item.number}"} for number, item in enumerate(ordered, 1)]


def _order(number: str) -> tuple[int, ...]:
    try:
        parts = [int(part) for part in parse_revision(number).split(".")]
    except Wrong:
        return ()
    return tuple(parts + [0] * (3 - len(parts)))


def references_field(found: Iterable[tuple[str, str, str]], place: Place, tally: Tally) -> list[Yaml]:
    """References of (title, address, type); those that lead nowhere are left out with a note."""
    fields: list[Yaml] = []
    for name, address, kind in dict.fromkeys(found):
        url, title = address.strip(), one_line(name)
        try:
            parse_link(url)
        except Wrong as wrong:
            tally.note(place, f"{wrong.reason}, so it is left out", wrong.remedy, "references", address)
            continue
        item = {"title": title if title != url else "", "url": url, "type": kind}
        fields.append({key: text for key, text in item.items() if text})
    return fields


def vector(text: str, place: Place, tally: Tally) -> Score | None:
    """The score of a vector, or None with a note."""
    try:
        return parse_vector(text.strip())
    except Wrong as wrong:
        tally.note(place, f"{wrong.reason}, so it is left out", wrong.remedy, "cvss", text)
        return None


def tell_left_out(names: Sequence[str], place: Place, tally: Tally) -> None:
    """One note about the fields of a document for which a record has no place."""
    if names:
        shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
        tally.note(place, f"has fields that no record has a place for, so they are left out: {shown}", "nothing needs to be done")
