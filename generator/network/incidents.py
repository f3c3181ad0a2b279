"""An incident: which records quote the messages of a log, and whether they affect the device that wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

import msgspec

from generator.api.affected_sets import path_of
from generator.network.matching import reason_text
from generator.network.portal_files import MEANWHILE, matcher_at
from generator.network.source import Source
from kb.library import Library
from kb.records import normal_id
from kb.verdicts import join_english
from prsearch import releases
from prsearch.documents import ELSEWHERE, Card
from prsearch.log_device import Device, read_device
from prsearch.log_match import Quoting, rank
from prsearch.logs import PLAIN, SEVERE, Log
from prsearch.published import ProductOption, PublishedIndex

Affecting = Callable[[Device], Mapping[int, str]]  # why records, by their numbers, affect a device
Standing = Literal["affected", "fixed", "not listed", ""]
LEAST_SHARE = 10  # of the best score, a record has this part at least
_SEVERITIES = ("critical", "high", "medium", "low")
_RELEASED = frozenset({"report", "advisory", "notice"})  # kinds that say which releases they affect


class Incident(msgspec.Struct, frozen=True):
    """A record that quotes messages of a log. ``standing`` is what it says of the device's release, empty where it says nothing
    or nobody knows the release; ``why`` is the reason of ``affected``."""

    quoting: Quoting
    card: Card
    standing: Standing
    why: str


class Matched(msgspec.Struct, frozen=True):
    """What a log leads to: the device, the incidents, the best first, the messages that were looked up, and the priority that a
    case about it might have: a place in the portal's list of priorities, from 1."""

    device: Device
    incidents: tuple[Incident, ...]
    asked: int
    priority: int


def match_log(index: PublishedIndex, affecting: Affecting, log: Log, given: Device, limit: int) -> Matched:
    """The records that quote messages of a log; ``given`` is what is known of the device, the rest is read off the log. Raises
    SourceError."""
    device = _device(log, given, index.options.products)
    ranking = rank(index, log.messages)
    least = ranking.found[0].score if ranking.found else 0
    found = [one for one in ranking.found[:limit] if one.score * LEAST_SHARE >= least]
    known = any(one.id == device.release for product in index.options.products if product.id == device.product
                for one in product.releases)
    reasons, fixed = (affecting(device), _fixed(index, device)) if known else ({}, frozenset[int]())
    incidents = tuple(
        Incident(one, card, _standing(one.ordinal, card, device, reasons, fixed) if known else "", reasons.get(one.ordinal, ""))
        for one in found for card in [index.card(one.ordinal)])
    return Matched(device, incidents, ranking.asked, priority_of(log, incidents))


def _device(log: Log, given: Device, products: tuple[ProductOption, ...]) -> Device:
    read = read_device(log.facts, products, given.product)
    same = not given.release and given.product in ("", read.product)
    return Device(given.product or read.product, given.release or (read.release if same else ""),
                  given.platform or (read.platform if given.product in ("", read.product) else ""), given.serial or read.serial)


def _standing(ordinal: int, card: Card, device: Device, reasons: Mapping[int, str], fixed: frozenset[int]) -> Standing:
    """What a record says of the device's release."""
    _id, kind, _severity, status, _updated, products, *_rest = card
    if device.product not in products:
        return ""
    if ordinal in reasons:
        return "affected"
    if ordinal in fixed:
        return "fixed"
    return "not listed" if kind in _RELEASED and status not in ELSEWHERE else ""


def affecting_in(source: Source, index: PublishedIndex) -> Affecting:
    """A function that reads a portal's affected sets; it raises SourceError."""
    return partial(_affecting, source, index)


def _affecting(source: Source, index: PublishedIndex, device: Device) -> Mapping[int, str]:
    train = next(one.train for product in index.options.products if product.id == device.product
                 for one in product.releases if one.id == device.release)
    path = path_of(device.product, train)
    matcher = matcher_at(source, path)
    reasons = next(iter(matcher.found.reasons.values()), ())
    try:
        return {match.card: reason_text(match, reasons, {}, str, join_english)
                for match in matcher.matches(device.release, device.platform or None)}
    except KeyError:
        raise source.wrong(path, "does not go with the other files", MEANWHILE) from None


def affecting_of(library: Library) -> Affecting:
    """A function that asks the records of a portal that is not built."""
    def affecting(device: Device) -> Mapping[int, str]:
        product = library.catalogue.find(device.product)
        hits = releases.affected(library, product, device.release, device.platform or None) if product else ()
        return {library.ordinals[normal_id(hit.record.id)]: str(hit.verdict.reason) for hit in hits}
    return affecting


def _fixed(index: PublishedIndex, device: Device) -> frozenset[int]:
    key = f"=fixed:{device.product}/{device.release.lower()}"
    return frozenset(ordinal for ordinal, _level in index.lists([key]).get(key, ()))


def priority_of(log: Log, incidents: tuple[Incident, ...]) -> int:
    """The priority to suggest: by the worst record that is known to affect the device, else by the worst message of the log."""
    worst = [_SEVERITIES.index(one.card[2]) + 1 for one in incidents if one.standing == "affected" and one.card[2] in _SEVERITIES]
    level = max((message.level for message in log.messages), default=PLAIN)
    return min(worst) if worst else {SEVERE: 2, PLAIN: 4}.get(level, 3)
