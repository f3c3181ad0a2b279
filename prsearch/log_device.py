"""What a log says of the device that wrote it: product, release, platform and serial number. theme/assets/log-device.js reads the
same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from prsearch.published import NamedOption, ProductOption

_WORD = re.compile("[A-Za-z0-9][A-Za-z0-9._:+()-]*")
_SERIAL = re.compile(
    "(?:serial(?: ?(?:number|num|no\\.?|#))?|s/n|серийный номер)[\\s:=#\"]{1,12}"
    "([A-Z0-9][A-Z0-9-]{5,29})(?![A-Za-z0-9])", re.IGNORECASE)
_SPIN = re.compile("\\.[0-9]+$")


class Device(msgspec.Struct, frozen=True):
    """Ids of product, release and platform, a serial number; empty where nothing is known."""

    product: str = ""
    release: str = ""
    platform: str = ""
    serial: str = ""


def read_device(facts: Sequence[str], products: Sequence[ProductOption], product: str = "") -> Device:
    """The device of a log: the last release that is named there (of this product, if one is given), the last platform of its
    product, the last serial number."""
    latest = [*reversed(facts)]
    known: dict[str, list[ProductOption]] = {}
    names: dict[tuple[str, str], str] = {}
    for one in products:
        if product in ("", one.id):
            for own in one.releases:
                known.setdefault(own.id.lower(), []).append(one)
                names[one.id, own.id.lower()] = own.id
    found, release = _release(latest, known)
    owner = _owner(found, facts) or next((one for one in products if one.id == product), None)
    platform = _platform(latest, owner.platforms) if owner else ""
    serial = next((match[1] for line in latest for match in _SERIAL.finditer(line) if re.search("[0-9]", match[1])), "")
    return Device(owner.id if owner else "", names.get((owner.id, release), "") if owner else "", platform, serial)


def _release(latest: Iterable[str], known: dict[str, list[ProductOption]]) -> tuple[list[ProductOption], str]:
    """The products that have the release named last, and the release in lower case. ``21.4R3-S5.4`` is a build of
    ``21.4R3-S5``."""
    for line in latest:
        for word in reversed(_WORD.findall(line)):
            written = word.lower().rstrip(".:)-(+")
            for name in (written, _SPIN.sub("", written), written.removeprefix("v")):
                if name in known:
                    return known[name], name
    return [], ""


def _owner(found: Sequence[ProductOption], facts: Sequence[str]) -> ProductOption | None:
    """Of several products the only one that the lines name, or of which they name a platform."""
    named = [one for one in found if any(_names(one, line) for line in facts)]
    on = [one for one in found if _platform(facts, one.platforms)]
    return next((one[0] for one in (found, named, on) if len(one) == 1), None)


def _platform(latest: Iterable[str], platforms: Sequence[NamedOption]) -> str:
    for line in latest:
        named = [(max(map(len, _names(one, line))), one.id) for one in platforms if _names(one, line)]
        if named:
            return max(named, key=lambda pair: pair[0])[1]
    return ""


def _names(one: NamedOption, line: str) -> list[str]:
    """Which names of something stand in a line as words."""
    text = f" {_words(line)} "
    every = {one.id, one.name, *one.names.values(), *one.aliases}
    return [name for name in every if (words := _words(name)) and f" {words} " in text]


def _words(text: str) -> str:
    return " ".join(re.findall("[^\\W_]+", text.lower()))
