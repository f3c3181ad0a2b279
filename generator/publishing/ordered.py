"""Targets without versions: files are sent one by one, in the order of their roles, and what nothing refers to goes last.

What is about to be sent is written down before the first file is (``next.json``), and what is there when the last one is
(``manifest.json``). So after a kill the next run knows what readers may have seen, and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from generator.publishing.failure import PublishError
from generator.publishing.manifest import Effects, Manifest, decoded, effects, encoded
from generator.publishing.roles import Role, role_of, stages
from generator.publishing.run import ANEW, Order, Outcome, plan
from generator.publishing.source import Source, opened
from generator.publishing.state_store import StateFolder, Store
from generator.publishing.versions import next_version
from kb.reporting import Report

_NOW, _NEXT = "manifest.json", "next.json"


class Target(Protocol):
    """Where files are; all methods raise PublishError and OSError."""

    where: str

    def locked(self, owner: str, break_lock: bool) -> AbstractContextManager[None]: ...
    def is_empty(self) -> bool: ...
    def missing(self, source: Source, roles: Mapping[str, Role]) -> list[str]:
        """Paths that are not there yet as they must be."""
    def send(self, source: Source, paths: Sequence[str], roles: Mapping[str, Role], report: Report) -> None:
        """Sends files of one role; all of them are there, compared by checksum, when it returns."""
    def delete(self, paths: Sequence[str]) -> None:
        """Removes files; some may be gone already."""


def publish_files(target: Target, store: Store, local: StateFolder, order: Order, report: Report) -> Outcome:
    """Publishes to a target without versions; raises PublishError, Refused and OSError. Where sending has begun, readers may see
    new files beside old ones until the next run has ended."""
    if order.dry_run:
        with opened(order.out, report) as source:
            before, reached = _before(target, store, order)
            return _planned(source, before, reached, order)[1]
    with local.locked(target.where, order.owner), target.locked(order.owner, order.break_lock), \
            opened(order.out, report) as source:
        before, reached = _before(target, store, order)
        manifest, outcome = _planned(source, before, reached, order)
        roles = _roles(source)
        missing = target.missing(source, roles)
        if not missing and before and not reached and before.digest == source.digest and not outcome.forced:
            _leave(target, store, before, before.leaving, order)
            return msgspec.structs.replace(outcome, version=before.version, changed=False)
        seen = {*_paths(before), *_paths(reached), *(before.leaving if before else ())}
        store.write(_NEXT, encoded(manifest))
        for _role, paths in stages(missing, roles.__getitem__):
            target.send(source, paths, roles, report)
        if lacking := target.missing(source, roles):
            raise PublishError(f"{target.where}: {lacking[0]} is not what was sent; publish again")
        _leave(target, store, manifest, _leaving(seen - source.files.keys(), before, manifest.published), order)
        store.remove(_NEXT)
        return outcome


def _paths(manifest: Manifest | None) -> Iterable[str]:
    return manifest.files if manifest else ()


def _before(target: Target, store: Store, order: Order) -> tuple[Manifest | None, Manifest | None]:
    """What is published, and what a publisher that did not come to its end was sending."""
    if ANEW in order.forced:
        return None, None
    now, following = store.read(_NOW), store.read(_NEXT)
    if now is None and following is None and not target.is_empty():
        raise PublishError(f"{target.where} holds files, and {store.where} no manifest of them; name the place that has it with "
                           "--state, or publish with --force manifest --reason TEXT, which compares with nothing and removes "
                           "nothing")
    return (decoded(now, f"{store.where}/{_NOW}") if now else None,
            decoded(following, f"{store.where}/{_NEXT}") if following else None)


def _planned(source: Source, before: Manifest | None, reached: Manifest | None, order: Order) -> tuple[Manifest, Outcome]:
    if list(source.portals) != [""]:
        raise PublishError(f"{source.folder} holds portals for several audiences; publish each to its own target, with --out")
    known = reached or before  # what was being sent has been compared with what was there
    version = next_version([known.version] if known else [], [], source.digest)
    planned = plan(source, known, version, order)
    found = effects({**(before.files if before else {}), **(reached.files if reached else {})}, source.files)
    changed = Effects(found.new, found.changed, found.gone)
    return planned.manifest, Outcome(version, True, changed, len(source.files), source.size, planned.forced, planned.notes)


def _roles(source: Source) -> dict[str, Role]:
    role = role_of(source.portals[""])
    return {path: role(path) for path in source.files}


def _leaving(gone: Iterable[str], before: Manifest | None, now: datetime) -> dict[str, datetime]:
    known = before.leaving if before else {}
    return {path: known.get(path, now) for path in sorted(gone)}


def _leave(target: Target, store: Store, manifest: Manifest, leaving: Mapping[str, datetime], order: Order) -> None:
    """Writes the manifest down, then removes what nothing refers to: pages and documents at once, files that pages of an earlier
    version still load after the grace."""
    store.write(_NOW, encoded(msgspec.structs.replace(manifest, leaving=dict(leaving))))
    role = role_of(manifest.portals[""])
    oldest = max(order.now, manifest.published) - timedelta(seconds=order.grace)
    due = [path for path, since in leaving.items() if role(path) != Role.asset or since <= oldest]
    if due:
        for _role, paths in reversed(stages(due, role)):
            target.delete(paths)
        stay = {path: since for path, since in leaving.items() if path not in {*due}}
        store.write(_NOW, encoded(msgspec.structs.replace(manifest, leaving=stay)))
