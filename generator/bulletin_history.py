"""What has been published of security bulletins stays true: a change takes a new revision, nothing vanishes, no date moves.

Each tree lists its bulletins in ``api/v1/bulletins.json`` (docs/bulletins.md). A build compares its own list with that of the
tree that it replaces. It only refuses: what it writes does not depend on what was there (invariant 2).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from generator.feed_entries import tag_of
from generator.history_rules import Known, Published, Terms, aliases_of, changed, vanished
from generator.publishing.failure import PublishError
from generator.publishing.manifest import decoded
from kb.findings import Finding
from kb.library import Library
from kb.lines import Lines
from kb.records import Event, Remediation, Score, Section, SecurityBulletin, normal_id
from kb.store import Row

PATH = "api/v1/bulletins.json"
FORMAT = 1  # of digests: another one where the same bulletin has another digest
# Told apart (id, kind, dates), derived from other fields, or changed by what other records do.
_NOT_TOLD = frozenset({"id", "kind", "audience", "place", "line", "gaps", "related", "publish_at", "created", "updated",
                       "superseded_by"})


class History(msgspec.Struct, frozen=True):
    """The bulletins of a tree in the order of their ids."""

    format: int
    bulletins: tuple[Published, ...]


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
    """The list of a tree, or the records of a manifest with one portal; None where there is none, a finding where it cannot be
    read."""
    try:
        data = file.read_bytes()
        return _of_manifest(data) or msgspec.json.decode(data, type=History)
    except FileNotFoundError:
        reason = "does not exist"
        return Finding(str(file), 0, "", "", reason, "name the bulletins.json of the published portal") if required else None
    except (OSError, ValueError, msgspec.MsgspecError, PublishError):
        return Finding(str(file), 0, "", "", "is no list of published bulletins",
                       "fetch it anew from the published portal; changes cannot be checked without it")


def _of_manifest(data: bytes) -> History | None:
    """All records that a manifest names (generator.publishing.manifest); None where it is none."""
    if b'"portals"' not in data:
        return None
    portals = [*decoded(data, PATH).portals.values()]
    if len(portals) != 1:
        raise ValueError("portals for several audiences")
    return History(portals[0].format, portals[0].records)


def bulletins_of(history: History) -> History:
    """Without records that may change at any time."""
    return History(history.format, tuple(record for record in history.bulletins if record.digest))


def records_of(library: Library) -> History:
    """All records that the library shows, with what a manifest knows of them but for versions of CSAF documents."""
    guarded = {bulletin.id: bulletin for bulletin in history_of(library).bulletins}
    return History(FORMAT, tuple(_known(library, name, guarded) for name in library.heads))


def _known(library: Library, name: str, bulletins: Mapping[str, Published]) -> Known:
    portal, record = library.portal, library.records[name]
    guarded = bulletins.get(record.id)
    entries = {"" if language == portal.language else language: tag_of(portal.url, language, record.kind, record.id)
               for language in portal.languages}
    revision, digest = (guarded.revision, guarded.digest) if guarded else ("", "")
    return Known(record.id, record.kind, record.status, record.published, record.updated, revision, digest, record.path,
                 tuple(text.title for text in record.texts), record.products, library.heads[name].names, entries)


def rewritten(before: History, after: History, rows: Mapping[str, Row], root: Path, terms: Terms) -> Iterator[Finding]:
    """Findings for what ``after`` says otherwise than ``before`` and may not. ``rows`` are the records of the site by key, those
    that the build does not show too."""
    shown, lines = {bulletin.id: bulletin for bulletin in after.bulletins}, Lines(root)
    merged = aliases_of(after.bulletins)
    for old in before.bulletins:
        new = shown.get(old.id)
        if not terms.concerns(old) or (new is None and normal_id(old.id) in merged):
            continue
        row = rows.get(normal_id(old.id))
        way_out = f", or build with --allow-rewrite {old.id}"
        found = changed(old, new, before.format == after.format, terms) if new else vanished(old, hiding(row, terms), terms)
        for field, value, reason, remedy in found:
            path, line = (row.path, lines.of(row.place, field)) if row else (PATH, 0)
            yield Finding(path, line, field, value, reason, remedy + way_out)


def hiding(row: Row | None, terms: Terms) -> str:
    """The field of a record's file that keeps readers from seeing it."""
    if row is None:
        return "id"
    hidden = {"status": row.head.status == "draft", "publish_at": row.head.publish_at and row.head.publish_at > terms.at}
    return next((name for name, applies in hidden.items() if applies), "audience")
