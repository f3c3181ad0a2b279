"""What hits the devices of an inventory, and what could be done: the report of ``waypost inventory`` (docs/network.md)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from generator.api.releases import TrainEntry
from generator.i18n import Speaker
from generator.network.matching import Match, reason_text
from generator.network.portal_files import MEANWHILE, Card, PortalFiles, name_in
from generator.urls import language_root
from kb.inventory import Device
from kb.library import sort_key
from kb.records import SECTIONS, SEVERITIES

FORMAT = 1
KINDS = ("advisory", "notice", "report")
Counts = dict[str, dict[str, int]]
"""Numbers of records by kind and severity; an empty severity is called "unrated"."""


class Line(msgspec.Struct, frozen=True):
    """A record that affects a release on a platform, and why."""

    id: str
    why: str


class Upgrade(msgspec.Struct, frozen=True):
    """What the release to run of the same train fixes, introduces and leaves open: numbers of records. ``by_vendor`` says whether
    the vendor recommends it."""

    to: str
    by_vendor: bool
    fixed: int
    introduced: int
    remaining: int


class Answer(msgspec.Struct, frozen=True):
    """What is said of a release on a platform, or without one on any. ``upgrade`` is null on the release to run and after it."""

    product: str
    release: str
    platform: str
    url: str
    end_of_engineering: dt.date | None
    end_of_support: dt.date | None
    upgrade: Upgrade | None
    affected: Counts
    records: tuple[Line, ...]


class Told(msgspec.Struct, frozen=True):
    """A record that affects devices; ``devices`` is their number."""

    kind: str
    severity: str
    status: str
    updated: dt.date
    title: str
    url: str
    fixed: tuple[str, ...]
    devices: int


class Reported(Device, frozen=True, kw_only=True):
    """A device; ``answer`` is the place of what is said of it in ``Report.answers``, null where it is not checked."""

    answer: int | None


def device_keys(devices: Sequence[Device]) -> list[str]:
    """What each device is known by from run to run: its name, with the serial number where several have the name."""
    names = Counter(device.name.lower() for device in devices)
    return [device.name.lower() if names[device.name.lower()] == 1 else f"{device.name.lower()}\t{device.serial.lower()}"
            for device in devices]


class Totals(msgspec.Struct, frozen=True):
    """Numbers of devices, and of different records that affect any of them."""

    devices: int
    checked: int
    affected: int
    records: Counts


class Report(msgspec.Struct, frozen=True):
    """``records`` are by id, the worst first, as are those of ``answers``; with ``since`` only what was updated on that day or
    later. Where not all were asked for, ``totals`` and ``answers`` count the others too."""

    format: int
    portal: str
    language: str
    since: dt.date | None
    totals: Totals
    devices: tuple[Reported, ...]
    answers: tuple[Answer, ...]
    records: dict[str, Told]

    def hits(self) -> Iterator[tuple[str, Reported, Line]]:
        """Each record that affects a device, by the key of the device."""
        for key, device in zip(device_keys(self.devices), self.devices, strict=True):
            if device.answer is not None:
                for line in self.answers[device.answer].records:
                    yield key, device, line


def report_on(devices: Sequence[Device], portal: PortalFiles, language: str, most: int | None = None) -> Report:
    """What the portal says of devices, in one of its languages; where ``most`` is given, of so many records, the worst, so that
    the cards of others are not read. Raises SourceError."""
    asking = _Asking(portal, language)
    places: dict[tuple[str, str, str], int] = {}
    for device in devices:
        if device.checked:
            places.setdefault((device.product, device.release, device.platform), len(places))
    answers = tuple(asking.answer(*question) for question in places)
    reported = tuple(
        Reported(**msgspec.structs.asdict(device),
                 answer=places[device.product, device.release, device.platform] if device.checked else None)
        for device in devices)
    found = asking.worst_of(numbers := _devices_of(reported, answers))
    totals = _totals(reported, answers, ((match.kind, match.severity) for match in found))
    return Report(FORMAT, asking.url, language, None, totals, reported, answers, asking.told(found[:most], numbers))


def updated_since(report: Report, since: dt.date) -> Report:
    """The report without what was updated before a day. Upgrades are told as before."""
    recent = {record_id: told for record_id, told in report.records.items() if told.updated >= since}
    answers = []
    for answer in report.answers:
        lines = tuple(line for line in answer.records if line.id in recent)
        affected = counted((recent[line.id].kind, recent[line.id].severity) for line in lines)
        answers.append(msgspec.structs.replace(answer, records=lines, affected=affected))
    totals = _totals(report.devices, answers, ((told.kind, told.severity) for told in recent.values()))
    return msgspec.structs.replace(report, since=since, answers=tuple(answers), records=recent, totals=totals)


def _devices_of(devices: Sequence[Reported], answers: Sequence[Answer]) -> Counter[str]:
    """How many devices each record affects."""
    found: Counter[str] = Counter()
    for place, number in Counter(device.answer for device in devices if device.answer is not None).items():
        found.update({line.id: number for line in answers[place].records})
    return found


def _totals(devices: Sequence[Reported], answers: Sequence[Answer], kinds: Iterable[tuple[str, str]]) -> Totals:
    affected = sum(device.answer is not None and bool(answers[device.answer].records) for device in devices)
    return Totals(len(devices), sum(device.checked for device in devices), affected, counted(kinds))


def counted(kinds: Iterable[tuple[str, str]]) -> Counts:
    """Numbers by kind and severity, in the order of KINDS and SEVERITIES; what is zero is left out."""
    numbers = Counter(kinds)
    found: Counts = {kind: {severity or "unrated": numbers[kind, severity] for severity in SEVERITIES if numbers[kind, severity]}
                     for kind in KINDS}
    return {kind: by_severity for kind, by_severity in found.items() if by_severity}


def rank(severity: str) -> int:
    """The place of a severity, the worst first."""
    return next((place for place, known in enumerate(SEVERITIES) if known == severity), len(SEVERITIES))


class _Asking:
    """Asks a portal about releases. What it says of records is kept."""

    def __init__(self, portal: PortalFiles, language: str) -> None:
        self._portal, self._language = portal, language
        self._speaker = Speaker(language)
        self._root = language_root(language, portal.languages[0])
        self.url = portal.url()
        self._matches: dict[str, Match] = {}

    def answer(self, product: str, release: str, platform: str) -> Answer:
        entry, train = self._portal.release(product, release)
        found = self._found(train, release, platform)
        self._matches |= found
        why = self._why(train, product)
        return Answer(product, release, platform, f"{self.url}{self._root}{entry.path}", entry.end_of_engineering,
                      entry.end_of_support, self._upgrade(product, train, release, platform, found.keys()),
                      counted((match.kind, match.severity) for match in found.values()),
                      tuple(Line(match.id, why(match)) for match in sorted(found.values(), key=_worst)))

    def worst_of(self, ids: Iterable[str]) -> list[Match]:
        """The matches of these records, the worst first."""
        return sorted((self._matches[record_id] for record_id in ids), key=_worst)

    def told(self, matches: Sequence[Match], devices: Mapping[str, int]) -> dict[str, Told]:
        """What cards say of records, each with its number of devices."""
        cards = self._portal.cards(matches)
        return {match.id: self._told(match, cards[match.id], devices[match.id]) for match in matches}

    def _told(self, match: Match, card: Card, devices: int) -> Told:
        title, _excerpt = card.texts.get(self._language) or next(iter(card.texts.values()), (match.id, ""))
        url = f"{self.url}{self._root}{SECTIONS[card.kind]}/{card.id}/"  # type: ignore[index]
        return Told(match.kind, match.severity, card.status, card.updated, title, url, card.fixed, devices)

    def _found(self, train: TrainEntry, release: str, platform: str) -> dict[str, Match]:
        try:
            return {match.id: match for match in self._portal.matcher(train).matches(release, platform or None)}
        except KeyError:
            raise self._portal.source.wrong(train.affected, "does not go with the other files", MEANWHILE) from None

    def _upgrade(self, product: str, train: TrainEntry, release: str, platform: str, now: Iterable[str]) -> Upgrade | None:
        places = {one.id: place for place, one in enumerate(self._portal.releases(product).releases)}
        if places.get(train.recommended, -1) <= places[release]:
            return None
        before, after = set(now), self._found(train, train.recommended, platform).keys()
        return Upgrade(train.recommended, train.by_vendor, len(before - after), len(after - before), len(before & after))

    def _why(self, train: TrainEntry, product: str) -> Callable[[Match], str]:
        """Tells why a record of a train affects a device."""
        by_language = self._portal.matcher(train).found.reasons
        reasons = by_language.get(self._language) or next(iter(by_language.values()), ())
        names = {item.id: name_in(item, self._language) for item in self._portal.product(product).platforms}
        return lambda match: reason_text(match, reasons, names, self._speaker.text, lambda some: self._speaker.both(tuple(some)))


def _worst(match: Match) -> tuple[object, ...]:
    return rank(match.severity), match.kind, sort_key(match.id)
