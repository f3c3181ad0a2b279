"""An incident: which records quote the messages of a log, and whether they affect the device that wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from generator.api.affected_sets import AffectedSet, path_of
from generator.network.matching import Matcher, reason_text
from generator.network.source import Source
from kb.findings import Finding, SourceError
from prsearch.documents import ELSEWHERE, Card
from prsearch.log_device import Device, read_device
from prsearch.log_match import Quoting, rank
from prsearch.logs import PLAIN, SEVERE, Log
from prsearch.published import ProductOption, PublishedIndex

Standing = Literal["affected", "fixed", "not listed", ""]
LEAST_SHARE = 20  # of the best score, a record has this part at least
_SEVERITIES = ("critical", "high", "medium", "low")
_RELEASED = frozenset({"report", "advisory", "notice"})  # kinds that say which releases they affect


class Incident(msgspec.Struct, frozen=True):
    """A record that quotes messages of a log. ``standing`` is what it says of the device's release, empty where it says nothing or
    nobody knows the release; ``why`` is the reason of ``affected``."""

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


def match_log(source: Source, log: Log, given: Device, limit: int, language: str = "") -> Matched:
    """The records of a portal that quote messages of a log; ``given`` is what is known of the device, the rest is read off the log.
    Raises SourceError."""
    index = PublishedIndex(source.read, source.where)
    device = _device(log, given, index.options.products)
    ranking = rank(index, log.messages)
    least = ranking.found[0].score if ranking.found else 0
    found = [one for one in ranking.found[:limit] if one.score * LEAST_SHARE >= least]
    affecting, fixed = _affecting(source, index, device, language), _fixed(index, device)
    incidents = tuple(Incident(one, card, standing_of(one.ordinal, card, device, affecting, fixed), affecting.get(one.ordinal, ""))
                      for one in found for card in [index.card(one.ordinal)])
    return Matched(device, incidents, ranking.asked, priority_of(log, incidents))


def _device(log: Log, given: Device, products: tuple[ProductOption, ...]) -> Device:
    read = read_device(log.facts, products, given.product)
    same = not given.release and given.product in ("", read.product)
    return Device(given.product or read.product, given.release or (read.release if same else ""),
                  given.platform or (read.platform if given.product in ("", read.product) else ""), given.serial or read.serial)


def standing_of(ordinal: int, card: Card, device: Device, affecting: Mapping[int, str], fixed: frozenset[int]) -> Standing:
    """What a record says of the device's release."""
    _id, kind, _severity, status, _updated, products, *_rest = card
    if not device.release or device.product not in products:
        return ""
    if ordinal in affecting:
        return "affected"
    if ordinal in fixed:
        return "fixed"
    return "not listed" if kind in _RELEASED and status not in ELSEWHERE else ""


def _affecting(source: Source, index: PublishedIndex, device: Device, language: str) -> Mapping[int, str]:
    """The records that affect the device, by their numbers, and why."""
    product = next((one for one in index.options.products if one.id == device.product), None)
    train = next((one.train for one in product.releases if one.id == device.release), None) if product else None
    if product is None or train is None:
        return {}
    path = path_of(product.id, train)
    data = source.read(path)
    if data is None:
        return {}
    try:
        found = msgspec.json.decode(data, type=AffectedSet)
        reasons = found.reasons.get(language) or next(iter(found.reasons.values()), ())
        names = {one.id: one.names.get(language, one.name) for one in product.platforms}
        return {match.card: reason_text(match, reasons, names, str, " / ".join)
                for match in Matcher(found).matches(device.release, device.platform or None)}
    except (ValueError, LookupError, msgspec.MsgspecError):
        raise SourceError(Finding(f"{source.where}/{path}", 0, "", "", "is damaged", "build and publish the portal again")) from None


def _fixed(index: PublishedIndex, device: Device) -> frozenset[int]:
    key = f"=fixed:{device.product}/{device.release.lower()}"
    return frozenset(ordinal for ordinal, _level in index.lists([key]).get(key, ())) if device.release else frozenset()


def priority_of(log: Log, incidents: tuple[Incident, ...]) -> int:
    """The priority to suggest: by the worst record that is known to affect the device, else by the worst message of the log."""
    worst = [_SEVERITIES.index(one.card[2]) + 1 for one in incidents if one.standing == "affected" and one.card[2] in _SEVERITIES]
    level = max((message.level for message in log.messages), default=PLAIN)
    return min(worst) if worst else {SEVERE: 2, PLAIN: 4}.get(level, 3)
