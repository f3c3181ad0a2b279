"""Publishes a portal: read, compare with what is published, write. What a target is like, its own module knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from generator.publishing.failure import PublishError, Refused
from generator.publishing.guard import Objection, objections
from generator.publishing.manifest import FORMAT, Effects, Forced, Manifest, effects
from generator.publishing.source import Source, opened
from generator.publishing.versions import Place, Versions
from kb.fields import instant
from kb.records import normal_id
from kb.reporting import Report

ANEW = "manifest"  # item that lets a publisher go on where nothing is known of what is published


class Order(msgspec.Struct, frozen=True):
    """What to publish and on what terms: ``forced`` are reasons by item, ``by`` is who gives them; ``now`` is the time of the
    clock; ``owner`` is what others are told while they wait. ``keep`` versions stay; what only pages of earlier versions use
    stays ``grace`` seconds where there are no versions."""

    out: Path
    now: datetime
    owner: str
    forced: Mapping[str, str] = {}
    by: str = ""
    keep: int = 5
    break_lock: bool = False
    dry_run: bool = False
    grace: int = 3600


class Outcome(msgspec.Struct, frozen=True):
    """What is published now, or would be. ``changed`` whether readers see another version than before."""

    version: str
    changed: bool
    effects: Effects
    files: int
    bytes: int
    forced: tuple[Forced, ...] = ()
    notes: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """The next manifest, what was forced for it, and what the publisher should know."""

    manifest: Manifest
    forced: tuple[Forced, ...]
    notes: tuple[str, ...]


def plan(source: Source, before: Manifest | None, version: str, order: Order) -> Plan:
    """The manifest of a version; raises Refused where it breaks what is published and that is not forced."""
    notes, now = [], order.now
    if before and now < before.published:
        notes.append(f"the clock says {instant(now)}, before the last publication ({instant(before.published)}); set it right")
        now = before.published
    found = objections(before, source.portals, source.files, now) if before else []
    reasons = {_normal(item): reason for item, reason in order.forced.items()}
    refused = [objection for objection in found if _normal(objection.item) not in reasons]
    if refused:
        raise Refused(refused)
    used = dict.fromkeys(objection.item for objection in found)
    if before is None and ANEW in order.forced:
        used[ANEW] = None
    notes += [f"--force {item}: nothing was in its way" for item in order.forced if _normal(item) not in map(_normal, used)]
    forced = tuple(Forced(item, reasons[_normal(item)], order.by, now, version) for item in used)
    manifest = Manifest(FORMAT, version, source.digest, now, source.built, source.portals, source.files,
                        (*(before.forced if before else ()), *forced))
    return Plan(manifest, forced, tuple(notes))


def _normal(item: str) -> str:
    return item if "/" in item or ":" in item else normal_id(item)


def publish_version(place: Place, order: Order, report: Report) -> Outcome:
    """Publishes to a target with versions; raises PublishError, Refused and OSError, and then the live version is the same."""
    if order.dry_run:
        with opened(order.out, report) as source:
            return _planned(Versions(place, report, read_only=True), source, order)[1]
    with place.locked(order.owner, order.break_lock), opened(order.out, report) as source:
        versions = Versions(place, report, digest=source.digest)
        planned, outcome = _planned(versions, source, order)
        live = _live(versions)
        if live and live.digest == source.digest and not planned.forced and versions.live == versions.newest \
                and versions.is_whole(live.version, live):
            versions.prune(order.keep)
            return msgspec.structs.replace(outcome, version=live.version, changed=False)
        versions.add(source, planned.manifest, live)
        versions.prune(order.keep)
        return outcome


def _planned(versions: Versions, source: Source, order: Order) -> tuple[Plan, Outcome]:
    before = versions.manifest(versions.newest) if versions.newest and ANEW not in order.forced else None
    planned = plan(source, before, versions.name_for(source.digest), order)
    live = _live(versions)
    found = effects(live.files if live else {}, source.files)
    return planned, Outcome(planned.manifest.version, True, found, len(source.files), source.size, planned.forced, planned.notes)


def _live(versions: Versions) -> Manifest | None:
    """That of the live version where it can be read: to be compared with and linked to."""
    try:
        return versions.manifest(versions.live) if versions.live else None
    except PublishError:
        return None


class Listed(msgspec.Struct, frozen=True):
    """A version that can go live."""

    version: str
    published: datetime
    files: int
    bytes: int
    live: bool


def listed(place: Place, report: Report) -> list[Listed]:
    """Versions that are kept, newest first."""
    versions = Versions(place, report, read_only=True)
    found = [versions.manifest(name) for name in versions.kept]
    return [Listed(manifest.version, manifest.published, len(manifest.files), manifest.size, manifest.version == versions.live)
            for manifest in found]


def roll_back(place: Place, version: str, order: Order, report: Report) -> tuple[Listed, Sequence[Objection]]:
    """Lets an earlier version go live again; gives it with what readers knew and do not find any more. Nothing is refused: the
    next version is held to the newest one that was ever published."""
    with place.locked(order.owner, order.break_lock):
        versions = Versions(place, report)
        before = versions.manifest(versions.newest) if versions.newest else None
        manifest = versions.roll_back(version)
        lost = objections(before, manifest.portals, manifest.files, max(order.now, before.published)) if before else []
    return Listed(manifest.version, manifest.published, len(manifest.files), manifest.size, True), lost
