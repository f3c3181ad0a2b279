"""What has been published of security bulletins stays true: a change takes a new revision, nothing vanishes, no date moves.

Each tree lists its bulletins in ``api/v1/bulletins.json`` (docs/bulletins.md). A build compares its own list with that of the
tree that it replaces. It only refuses: what it writes does not depend on what was there (invariant 2).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from kb.bulletins import revision_key
from kb.fields import instant
from kb.findings import Finding
from kb.library import Library
from kb.lines import Lines
from kb.records import Event, Remediation, Score, Section, SecurityBulletin, normal_id
from kb.store import Row

PATH = "api/v1/bulletins.json"
FORMAT = 1  # of digests: another one where the same bulletin has another digest
ALL = "all"
# Told apart (id, kind, dates), derived from other fields, or changed by what other records do.
_NOT_TOLD = frozenset({"id", "kind", "audience", "place", "line", "gaps", "related", "publish_at", "created", "updated",
                       "superseded_by"})


class Published(msgspec.Struct, frozen=True):
    """A bulletin that the public can read; times in UTC, ``digest`` the SHA-256 of what its source says."""

    id: str
    kind: str
    status: str
    published: datetime
    updated: datetime
    revision: str
    digest: str


class History(msgspec.Struct, frozen=True):
    """The bulletins of a tree in the order of their ids."""

    format: int
    bulletins: tuple[Published, ...]


class Terms(msgspec.Struct, frozen=True):
    """On what terms a build may replace another: ``at`` is its time, ``now`` that of the clock (None: of no importance);
    ``allowed`` are ids of bulletins whose history it may rewrite, or ``ALL``."""

    at: datetime
    now: datetime | None = None
    allowed: Collection[str] = ()

    def allows(self, record_id: str) -> bool:
        return ALL in self.allowed or normal_id(record_id) in map(normal_id, self.allowed)


def history_of(library: Library) -> History:
    """The bulletins that the library shows."""
    shown = (library.records[head.key] for head in library.heads.values() if head.tlp)
    return History(FORMAT, tuple(_published(record) for record in shown if isinstance(record, SecurityBulletin)))


def _published(record: SecurityBulletin) -> Published:
    return Published(record.id, record.kind, record.status, record.published, record.updated,
                     record.revisions[-1].number if record.revisions else "", digest_of(record))


def digest_of(record: SecurityBulletin) -> str:
    """SHA-256 in hex of what the files of a bulletin tell readers, as JSON with sorted names.

    Fields with their default value are left out, so that a field which a later version adds changes no digest. Links to other
    records and files of the site count by their words alone: what they lead to comes and goes with other records.
    """
    return hashlib.sha256(msgspec.json.encode(_plain(record), order="sorted")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Score):
        return value.vector
    if isinstance(value, msgspec.Struct):
        found = {name: _plain(item) for name, default in _told(type(value)) if (item := getattr(value, name)) != default}
        for name in ("markdown", "text") if isinstance(value, Section | Event | Remediation) else ():
            if name in found:
                found[name] = without_targets(found[name])
        return found
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@cache
def _told(kind: type[msgspec.Struct]) -> tuple[tuple[str, object], ...]:
    """(name, default) of the fields that count."""
    return tuple((field.name, field.default) for field in msgspec.structs.fields(kind) if field.name not in _NOT_TOLD)


_WIKI = re.compile(r"\[\[[^\]|]*(?:\|([^\]]*))?\]\]")
_LINK = re.compile(r"""(?<!!)\[([^\[\]]*)\]\((?![a-z]+:)[^()\s]*(?:[ \t]+"[^"]*")?\)""")
_TARGET = re.compile(
    r"""(\]\(|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*|\b(?:href|src)[ \t]*=[ \t]*["']?)(?![a-z]+:)[^\s)"'>]*""", re.MULTILINE)


def without_targets(markdown: str) -> str:
    """Markdown with the words of links that lead into the site, without what they lead to."""
    return _TARGET.sub(r"\1", _LINK.sub(r"\1", _WIKI.sub(lambda match: match[1] or "", markdown)))


def history_bytes(history: History) -> bytes:
    """JSON with a line for each bulletin."""
    lines = ",\n  ".join(msgspec.json.encode(bulletin).decode() for bulletin in history.bulletins)
    return f'{{"format": {history.format}, "bulletins": [{f"{chr(10)}  {lines}{chr(10)}" if lines else ""}]}}\n'.encode()


def read_history(file: Path, required: bool = False) -> History | Finding | None:
    """The list of a tree; None where there is none, a finding where it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=History)
    except FileNotFoundError:
        reason = "does not exist"
        return Finding(str(file), 0, "", "", reason, "name the bulletins.json of the published portal") if required else None
    except (OSError, ValueError, msgspec.MsgspecError):
        return Finding(str(file), 0, "", "", "is no list of published bulletins",
                       "fetch it anew from the published portal; changes cannot be checked without it")


def rewritten(before: History, after: History, rows: Mapping[str, Row], root: Path, terms: Terms) -> Iterator[Finding]:
    """Findings for what ``after`` says otherwise than ``before`` and may not. ``rows`` are all bulletins of the site by key,
    those that the build does not show too."""
    shown, lines = {bulletin.id: bulletin for bulletin in after.bulletins}, Lines(root)
    for old in before.bulletins:
        if terms.allows(old.id) or (terms.now and old.published > terms.now):  # a preview of the future has shown it, to nobody
            continue
        new = shown.get(old.id)
        row = rows.get(normal_id(old.id))
        way_out = f", or build with --allow-rewrite {old.id}"
        found = _changed(old, new, before.format == after.format, terms) if new else _vanished(old, row, terms)
        for field, value, reason, remedy in found:
            path, line = (row.path, lines.of(row.place, field)) if row else (PATH, 0)
            yield Finding(path, line, field, value, reason, remedy + way_out)


_Found = Sequence[tuple[str, str, str, str]]  # field, value, reason, remedy


def _changed(old: Published, new: Published, comparable: bool, terms: Terms) -> _Found:
    found = []
    if new.kind != old.kind:
        found.append(("id", new.id, f"has been published as {old.kind}", "give this one another id and supersede the old one"))
    if new.published != old.published:
        found.append(("publish_at", instant(new.published), "is not when it was first published",
                      f"write {instant(old.published)}"))
    if old.revision and revision_key(new.revision or "0") < revision_key(old.revision):
        found.append(("revisions", new.revision, f"goes back: revision {old.revision} has been published",
                      "restore its entry and add one"))
    elif new.revision == old.revision and comparable and new.digest != old.digest:
        found.append(("revisions", new.revision, "is published already, and the bulletin has changed since",
                      "add an entry that says what changed"))
    elif new.revision != old.revision and new.updated <= old.updated:
        later = max(terms.at, old.updated + timedelta(minutes=1))
        found.append(("revisions", new.revision,
                      f"is not later than the state that is published ({instant(old.updated)}), so programs that ask for changes "
                      "would miss it", f"give its date a time, such as {instant(later)}"))
    return found


def _vanished(old: Published, row: Row | None, terms: Terms) -> _Found:
    if old.published > terms.at:
        return [("publish_at", old.id, f"is public since {instant(old.published)}, after the time of this build",
                 "write a preview of an earlier time into another --out")]
    field = "id"
    if row:
        hidden = {"status": row.head.status == "draft", "publish_at": row.head.publish_at and row.head.publish_at > terms.at}
        field = next((name for name, applies in hidden.items() if applies), "audience")
    return [(field, old.id, "has been published and may not vanish", "write 'status: withdrawn', which keeps its page")]
