"""Inventories: the devices that somebody runs, matched with the products, platforms and releases of a portal (docs/network.md).

``theme/assets/inventory.js`` reads the same files alike; tests/network/inventory_vectors.json holds both to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from kb.findings import Finding, Level, nearest, shorten
from kb.inventory_rows import MOST_BYTES, Fault, Row, rows_of
from kb.releases import Release, ReleaseError, family_length, parse_release
from kb.show_version import Printed, Template, template_of

FAULTS: Final[Mapping[str, tuple[Level, str, str]]] = {
    "encoding": ("error", "is not UTF-8", "save the file in UTF-8"),
    "too-large": ("error", "has more than {guess} bytes", "share it out over several files"),
    "too-many": ("error", "has more than {guess} devices; the rest is left out", "share it out over several files"),
    "nothing": ("error", "is no inventory: neither a table with a header, nor JSON, nor what devices of this portal print",
                "begin with a line of column names such as name,product,platform,release,serial,site,tags"),
    "bad-json": ("error", "is no JSON", "check its commas, quotes and brackets"),
    "bad-format": ("error", "is not a known format", "write {guess}"),
    "no-devices": ("error", "is missing", "write a list of devices"),
    "not-a-device": ("error", "is no mapping, so the device is left out", "write name, product, platform and release by name"),
    "not-text": ("error", "is no text", "put the value in quotes"),
    "column": ("note", "is no known column and is not read", "did you mean {guess}?"),
    "cells": ("error", "cells stand where the header has {guess}, so the device is left out",
              "put cells that hold the delimiter in quotes"),
    "quotes": ("error", "is a broken row, so the device is left out", "check its quotes"),
    "no-name": ("note", "is missing, so the device is called {guess}", "add its name"),
    "same-name": ("note", "is the name of an earlier device too", "give each device its own name"),
    "no-product": ("error", "is missing and does not follow from platform and release", "add the product"),
    "unknown-product": ("error", "is no product of this portal", "write its id, such as {about}"),
    "unknown-platform": ("error", "is no platform of {about}", "write the id of a platform, or nothing"),
    "no-release": ("error", "is missing", "add the release that the device runs"),
    "unknown-release": ("error", "is no known release of {about}", "write one that the portal lists"),
    "respin": ("note", "is a respin of {guess} and counts as that", ""),
}
"""Level, reason and remedy by code. Where a fault has a guess that its texts do not tell, the remedy asks about it."""


class Device(msgspec.Struct, frozen=True):
    """A device. ``product``, ``platform`` and ``release`` are ids of the portal where it is ``checked``, else as they are
    written; ``written`` is the release as it is written, ``line`` 0 where the form has no lines."""

    name: str
    product: str
    platform: str
    release: str
    serial: str
    site: str
    tags: tuple[str, ...]
    written: str = ""
    checked: bool = False
    line: int = 0


class KnownProduct:
    """A product of a portal: its names, the ids and names of its platforms, the templates of what its devices print.
    ``releases`` gives the ids of its releases and is called when they are first asked for."""

    def __init__(self, id_: str, names: Sequence[str], scheme: str, platforms: Sequence[tuple[str, Sequence[str]]],
                 templates: Sequence[str], releases: Callable[[], Iterable[str]]) -> None:
        self.id, self.names, self.scheme = id_, (id_, *names), scheme
        self.templates: tuple[Template, ...] = tuple(map(template_of, templates))
        self.platforms: dict[str, str] = _by_name((platform, (platform, *others)) for platform, others in platforms)
        self._load = releases

    def platform(self, name: str) -> str:
        """The id of a platform, empty for an unknown one."""
        return self.platforms.get(name.lower(), "")

    @cached_property
    def releases(self) -> tuple[str, ...]:
        return tuple(self._load())

    @cached_property
    def _by_id(self) -> dict[str, str]:
        return {name.lower(): name for name in self.releases}

    @cached_property
    def _by_key(self) -> dict[tuple[int, ...], str]:
        return {found.key: name for name in self.releases if (found := _release(name, self.scheme))}

    def suits(self, release: str) -> bool:
        """Whether a listed release is meant, and says so itself where it is one of the EVO kind."""
        return bool(found := self.release(release)) and found.lower().endswith(_EVO) == release.lower().endswith(_EVO)

    def release(self, name: str) -> str:
        """The id of the listed release that a name means: itself, the same one written otherwise, or of a respin the one that
        holds it; empty for an unknown one."""
        if own := self._by_id.get(name.lower()):
            return own
        found = _release(name, self.scheme)
        if found is None:
            return ""
        return self._by_key.get(found.key, "") or (self._by_key.get((*found.key[:-1], 0), "") if self.scheme == "junos" else "")

    def is_respin(self, name: str, of: str) -> bool:
        found, listed = _release(name, self.scheme), _release(of, self.scheme)
        return bool(found and listed and found.key != listed.key)

    def nearest_release(self, name: str) -> str:
        """The newest listed release of its train before it, the first after it, or the one that is spelt most like it."""
        found = _release(name, self.scheme)
        if found is None:
            return nearest(name, self.releases)
        length = family_length(self.scheme)
        train = sorted((key, listed) for key, listed in self._by_key.items() if key[:length] == found.key[:length])
        before = [listed for key, listed in train if key < found.key]
        return before[-1] if before else train[0][1] if train else nearest(name, self.releases)


class Known:
    """The products of a portal."""

    def __init__(self, products: Sequence[KnownProduct]) -> None:
        self.products = tuple(products)
        self._by_name = _by_name((product, product.names) for product in products)

    def product(self, name: str) -> KnownProduct | None:
        return self._by_name.get(name.lower())

    @property
    def templates(self) -> dict[str, tuple[Template, ...]]:
        return {product.id: product.templates for product in self.products}


def read_inventory(text: str | bytes, filename: str, known: Known) -> tuple[list[Device], list[Finding]]:
    """The devices of an inventory, and what is wrong with it."""
    devices, faults = devices_of(text, known)
    return devices, [finding_of(fault, filename) for fault in faults]


def devices_of(text: str | bytes, known: Known) -> tuple[list[Device], list[Fault]]:
    """The devices of an inventory, and its faults in the order in which they are met."""
    if len(text) > MOST_BYTES:
        return [], [Fault("too-large", guess=str(MOST_BYTES))]
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError:
        return [], [Fault("encoding")]
    faults: list[Fault] = []
    rows = rows_of(decoded, known.templates, faults)
    reading = _Reading(known, faults)
    return [reading.device(row, place) for place, row in enumerate(rows)], faults


def finding_of(fault: Fault, path: str) -> Finding:
    level, reason, remedy = FAULTS[fault.code]
    if fault.guess and "{guess}" not in reason + remedy:
        remedy = "did you mean {guess}?"
    told = {"guess": shorten(fault.guess), "about": shorten(fault.about)}
    field = fault.field
    if field and not fault.line and fault.device >= 0:
        field = f"devices[{fault.device}].{field}"
    return Finding(path, fault.line, shorten(field), shorten(fault.value), reason.format(**told), remedy.format(**told), level)


class _Reading:
    """Makes devices of rows. Values that many devices share are looked up once."""

    def __init__(self, known: Known, faults: list[Fault]) -> None:
        self._known, self._faults = known, faults
        self._seen: set[str] = set()
        self._guesses: dict[tuple[str, str], str] = {}

    def device(self, row: Row, place: int) -> Device:
        before = len(self._faults)
        values, product = self._told(row)
        name = values.get("name") or values.get("serial") or f"#{place + 1}"
        if not values.get("name"):
            self._add("no-name", row, "name", guess=name)
        elif name.lower() in self._seen:
            self._add("same-name", row, "name", name)
        self._seen.add(name.lower())
        product = product or self._product(row, values)
        platform, release = values.get("platform", ""), values.get("release", "")
        if product:
            platform, release = self._platform(row, product, platform), self._release(row, product, release)
        own = self._faults[before:]
        self._faults[before:] = [msgspec.structs.replace(fault, device=place) for fault in own]
        checked = product is not None and not any(FAULTS[fault.code][0] == "error" for fault in own)
        return Device(name, product.id if product else values.get("product", ""), platform, release, values.get("serial", ""),
                      values.get("site", ""), row.tags, values.get("release", ""), checked, row.line)

    def _add(self, code: str, row: Row, field: str, value: str = "", guess: str = "", about: str = "") -> None:
        self._faults.append(Fault(code, row.line, field, value, guess, about))

    def _told(self, row: Row) -> tuple[dict[str, str], KnownProduct | None]:
        """The values of a device, and of one that printed them the product whose templates suit best."""
        if not row.printed or not row.printed.values:
            return row.values, None
        product = max(self._known.products, key=lambda one: self._fit(row.printed, one))
        own = row.printed.values.get(product.id, {})
        return {"name": row.values.get("name", ""), **own}, product

    def _fit(self, printed: Printed | None, product: KnownProduct) -> tuple[int, bool, bool]:
        own = printed.values.get(product.id, {}) if printed else {}
        if not own:
            return -1, False, False
        return (len(own), "platform" in own and bool(product.platform(own["platform"])),
                "release" in own and bool(product.release(own["release"])))

    def _product(self, row: Row, values: Mapping[str, str]) -> KnownProduct | None:
        products = self._known.products
        if written := values.get("product"):
            if found := self._known.product(written):
                return found
            ids = {name: product.id for product in products for name in product.names}
            example = products[0].id if products else ""
            self._add("unknown-product", row, "product", written, self._guess("", written, ids), example)
            return None
        platform, release = values.get("platform", ""), values.get("release", "")
        fitting = [product for product in products if platform and product.platform(platform)]
        if len(fitting) != 1:
            some = fitting or products
            fitting = ([product for product in some if product.suits(release)]
                       or [product for product in some if product.release(release)])
        if len(fitting) == 1:
            return fitting[0]
        if platform and not any(product.platform(platform) for product in products):
            ids = {name: id_ for product in products for name, id_ in product.platforms.items()}
            self._add("unknown-platform", row, "platform", platform, self._guess("*", platform, ids),
                      ", ".join(product.id for product in products[:5]))
        else:
            self._add("no-product", row, "product")
        return None

    def _platform(self, row: Row, product: KnownProduct, written: str) -> str:
        found = product.platform(written)
        if written and not found:
            self._add("unknown-platform", row, "platform", written,
                      self._guess(f"p {product.id}", written, product.platforms), product.id)
        return found or written

    def _release(self, row: Row, product: KnownProduct, written: str) -> str:
        found = product.release(written) if written else ""
        if not written:
            self._add("no-release", row, "release")
        elif not found:
            key = f"r {product.id}", written
            if key not in self._guesses:
                self._guesses[key] = product.nearest_release(written)
            self._add("unknown-release", row, "release", written, self._guesses[key], product.id)
        elif found.lower() != written.lower() and product.is_respin(written, found):
            self._add("respin", row, "release", written, found)
        return found or written

    def _guess(self, where: str, written: str, ids: Mapping[str, str]) -> str:
        """The id with the name nearest to one."""
        key = where, written
        if key not in self._guesses:
            self._guesses[key] = ids.get(nearest(written, ids), "") if len(self._guesses) < _MOST_GUESSES else ""
        return self._guesses[key]


_EVO = "-evo"  # what records and inventories may leave out, but not where it alone tells products apart
_MOST_GUESSES = 500  # different unknown values for which the nearest is looked for


def _by_name(items: Iterable[tuple[object, Iterable[str]]]) -> dict:  # type: ignore[type-arg]
    found: dict[str, object] = {}
    for item, names in items:
        for name in names:
            found.setdefault(name.lower(), item)
    return found


def _release(text: str, scheme: str) -> Release | None:
    try:
        return parse_release(text, scheme)
    except ReleaseError:
        return None
