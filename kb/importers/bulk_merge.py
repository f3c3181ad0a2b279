"""Merging records into a ``.jsonl`` file of the site: sorted by id, lines that were edited by hand kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

import msgspec

from kb.importers.ledger import digest
from kb.importers.site import Site, id_in_line
from kb.library import sort_key
from kb.records import Place

_SHOWN = 5  # ids that a note names


class _Old(msgspec.Struct, frozen=True, gc=False):
    """A line of the file as it is."""

    offset: int
    length: int


class _Outcome(msgspec.Struct):
    """What became of the lines."""

    written: int = 0
    unchanged: int = 0
    edited: list[str] = []
    deleted: list[str] = []
    digests: dict[str, str] = {}


def merge(path: str, lines: Iterable[tuple[str, bytes, Place]], site: Site, origin: Place) -> None:
    """Puts the lines, which come in the order of their ids, into the file; it is replaced only where something changed."""
    if reason := site.refusal(path):
        site.tally.reject(origin, *reason, value=path)
        return
    file = site.root / path
    part = file.with_name(f".{file.name}.part")
    outcome = _Outcome(edited=[], deleted=[], digests={})
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        with file.open("rb") as present, part.open("wb") as target:
            old, odd = _lines_of(present)
            for data in _merged(path, lines, old, present, site, outcome):
                target.write(data)
            target.writelines(odd)
        if outcome.written:
            part.replace(file)
            site.tally.paths.append(path)
        elif not file.stat().st_size:
            file.unlink()
    except OSError as error:
        site.tally.reject(origin, f"cannot be written ({error.strerror})", "check permissions and space", value=path)
        return
    finally:
        part.unlink(missing_ok=True)
    _count(path, outcome, site, origin)


def _lines_of(present: IO[bytes]) -> tuple[dict[str, _Old], list[bytes]]:
    """Where each record of the file lies, and the lines that are none (or repeat an id)."""
    found: dict[str, _Old] = {}
    odd: list[bytes] = []
    offset = 0
    for line in present:
        record_id = id_in_line(line)
        if record_id and record_id not in found:
            found[record_id] = _Old(offset, len(line))
        elif line.strip():
            odd.append(line if line.endswith(b"\n") else line + b"\n")
        offset += len(line)
    return found, odd


def _merged(path: str, lines: Iterable[tuple[str, bytes, Place]], old: dict[str, _Old], present: IO[bytes], site: Site,
            outcome: _Outcome) -> Iterator[bytes]:
    """Yields all lines in the order of their ids."""
    waiting = sorted(old, key=sort_key)
    at = 0
    for record_id, new, _ in lines:
        while at < len(waiting) and sort_key(waiting[at]) < sort_key(record_id):
            yield _read(present, old[waiting[at]])
            at += 1
        before = b""
        if at < len(waiting) and waiting[at] == record_id:
            before = _read(present, old[record_id])
            at += 1
        yield _chosen(f"{path}#{record_id}", record_id, before, new, site, outcome)
    for record_id in waiting[at:]:
        yield _read(present, old[record_id])


def _read(present: IO[bytes], old: _Old) -> bytes:
    present.seek(old.offset)
    line = present.read(old.length)
    return line if line.endswith(b"\n") else line + b"\n"


def _chosen(key: str, record_id: str, before: bytes, new: bytes, site: Site, outcome: _Outcome) -> bytes:
    """The new line, unless the one before was edited, or the record deleted, by hand."""
    if before == new:
        outcome.unchanged += 1
    elif not site.force and before and not site.ledger.wrote(key, before):
        outcome.edited.append(record_id)
        return before
    elif not site.force and not before and site.ledger.get(key):
        outcome.deleted.append(record_id)
        return b""
    else:
        outcome.written += 1
    if not site.ledger.wrote(key, new):
        outcome.digests[key] = digest(new)
    return new


def _count(path: str, outcome: _Outcome, site: Site, origin: Place) -> None:
    site.tally.written += outcome.written
    site.tally.unchanged += outcome.unchanged
    site.tally.kept += len(outcome.edited) + len(outcome.deleted)
    for key, sha256 in outcome.digests.items():
        site.ledger.record(key, sha256, ())
    for ids, what, remedy in ((outcome.edited, "edited by hand and stay as they are", "overwrite them"),
                              (outcome.deleted, "deleted by hand and stay so", "have them back")):
        if ids:
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            site.tally.note(origin, f"were {what} ({', '.join(ids[:_SHOWN])}{more})", f"import with force to {remedy}",
                            value=path)
