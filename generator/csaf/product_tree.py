"""The products of a CSAF document and what it says of each: ``product_tree`` and ``product_status`` (CSAF 2.0, sections 3.2.2 and
3.2.3.9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from generator.urls import ROOT, link
from kb.portal import Portal
from kb.product_status import ALL_VERSIONS, PlatformStatus, ProductStatus, range_text
from kb.products import Product
from kb.range_syntax import VersionRange
from kb.releases import parse_bound

Json = dict[str, Any]

GROUPS: Final = ("known_affected", "under_investigation", "first_fixed", "fixed", "known_not_affected", "recommended")


class Stated(msgspec.Struct, frozen=True):
    """What a document says of one product line: product ids by group of ``product_status``, and fixed releases in words."""

    product: Product
    groups: dict[str, tuple[str, ...]]
    fixes: tuple[str, ...]

    def open(self) -> list[str]:
        """What needs a remedy: affected or perhaps affected."""
        return [*self.groups.get("known_affected", ()), *self.groups.get("under_investigation", ())]


class _Version(msgspec.Struct, frozen=True):
    """A release or a range of releases, in the words of a branch and in those of an author."""

    name: str
    words: str
    is_range: bool = False


_ALL = _Version(ALL_VERSIONS, "all releases", is_range=True)


class ProductTree:
    """Collects products while statuses are stated, so that each stands once in the tree and none in vain."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._products: dict[str, Product] = {}
        self._versions: dict[str, dict[str, _Version]] = {}
        self._platforms: dict[str, Json] = {}
        self._related: dict[str, Json] = {}

    def state(self, status: ProductStatus) -> Stated:
        """Adds a product line with all that is known of it."""
        groups: dict[str, dict[str, None]] = {name: {} for name in GROUPS}
        fixes: dict[str, None] = {}
        named = {name for part in status.parts for name in part.platforms}
        for part in status.parts:
            others = [platform.id for platform in status.product.platforms if platform.id not in named] if named else []
            platforms = part.platforms or tuple(others)
            for group, version in _versions(status.product, part):
                groups[group].update(dict.fromkeys(self._ids(status.product, version, platforms)))
            fixes.update(dict.fromkeys(part.first_fixed))
        if not any(groups.values()):
            groups["under_investigation"][self._id(status.product, _ALL)] = None
        return Stated(status.product, _without_contradictions(groups), tuple(fixes))

    def add(self, product: Product) -> None:
        """A product line of which nothing is said but its name."""
        self._id(product, _ALL)

    def _ids(self, product: Product, version: _Version, platforms: Sequence[str]) -> Iterator[str]:
        base = self._id(product, version)
        if not platforms:
            yield base
        for name in platforms:
            yield self._on_platform(product, version, base, name)

    def _id(self, product: Product, version: _Version) -> str:
        self._products[product.id] = product
        self._versions.setdefault(product.id, {})[version.name] = version
        return f"{product.id}:{version.name}"

    def _on_platform(self, product: Product, version: _Version, base: str, name: str) -> str:
        platform = product.platform(name)
        title = platform.name if platform else name
        place = f"products/{product.id}/{platform.id}/" if platform else f"products/{product.id}/"
        whole, own = f"{base}@{name}", f"{product.id}@{name}"
        self._platforms[own] = {"category": "product_name", "name": title, "product": {
            "name": f"{self._portal.vendor} {title}", "product_id": own, **self._helper([place])}}
        self._related[whole] = {
            "category": "installed_on", "product_reference": base, "relates_to_product_reference": own,
            "full_product_name": {"name": f"{self._full_name(product, version)} installed on {title}", "product_id": whole,
                                  **self._helper([_place(product, version), place])}}
        return whole

    def _full_name(self, product: Product, version: _Version) -> str:
        return f"{self._portal.vendor} {product.name} {version.words}"

    def _helper(self, places: Iterable[str], hashes: Sequence[Json] = ()) -> Json:
        """What identifies a product besides its name: its pages in this portal, and the digest of what is downloaded."""
        uris = [{"namespace": self._portal.url, "uri": link(place).replace(ROOT, self._portal.url)}
                for place in dict.fromkeys(places)]
        return {"product_identification_helper": {**({"hashes": list(hashes)} if hashes else {}), "x_generic_uris": uris}}

    def as_json(self) -> Json:
        """The product tree, empty where no product has been added."""
        if not self._products:
            return {}
        lines = [{"category": "product_name", "name": product.name, "branches": [
            self._branch(product, version) for version in self._sorted(product)]} for product in self._products.values()]
        vendor = {"category": "vendor", "name": self._portal.vendor, "branches": [*lines, *self._platforms.values()]}
        return {"branches": [vendor], **({"relationships": list(self._related.values())} if self._related else {})}

    def _sorted(self, product: Product) -> list[_Version]:
        """Ranges as they were stated, then releases from old to new."""
        versions = self._versions[product.id].values()
        return [*(item for item in versions if item.is_range),
                *sorted((item for item in versions if not item.is_range),
                        key=lambda item: parse_bound(item.name, product.scheme).prefix)]

    def _branch(self, product: Product, version: _Version) -> Json:
        category = "product_version_range" if version.is_range else "product_version"
        return {"category": category, "name": version.name, "product": {
            "name": self._full_name(product, version), "product_id": f"{product.id}:{version.name}",
            **self._helper([_place(product, version)], _hashes(product, version))}}


def _without_contradictions(groups: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """The groups that have products. A range that is both listed and excepted counts as affected, as a release would not: its
    releases are named one by one."""
    doubtful = set(groups["known_affected"])
    found = {"known_affected": tuple(groups["known_affected"])}
    for name in GROUPS[1:]:
        found[name] = tuple(item for item in groups[name] if item not in doubtful)
        if name == "under_investigation":
            doubtful.update(found[name])
    return {name: items for name, items in found.items() if items}


def _place(product: Product, version: _Version) -> str:
    known = product.release(version.name)
    return f"releases/{product.id}/{known.id}/" if known else f"products/{product.id}/"


def _hashes(product: Product, version: _Version) -> list[Json]:
    known = product.release(version.name)
    if known is None or not known.sha256:
        return []
    name = unquote(urlsplit(known.download).path).rstrip("/").rpartition("/")[2]
    return [{"file_hashes": [{"algorithm": "sha256", "value": known.sha256}], "filename": name or f"{product.id}-{known.id}"}]


def _versions(product: Product, part: PlatformStatus) -> Iterator[tuple[str, _Version]]:
    """(group, version) of all that a part states. Releases that are not affected are named where the record tells of their train,
    as on its page; a portal may know a thousand others."""
    for item in part.ranges:
        yield from _range("known_affected", item, product)
    for item in part.exceptions:
        if not item.changes:
            yield from _range("known_not_affected", item, product)
    for item in part.unclear:
        yield from _range("under_investigation", item, product)
    if part.otherwise in {"affected", "unknown"}:
        yield ("known_affected" if part.otherwise == "affected" else "under_investigation"), _ALL
    releases = part.releases
    told = {*releases.affected, *releases.fixed, *releases.named, *_of_trains(product, releases.trains)}
    for group, names in (("known_affected", releases.affected), ("first_fixed", part.first_fixed), ("fixed", releases.fixed),
                         ("known_not_affected", releases.not_affected), ("under_investigation", releases.unknown)):
        yield from ((group, _Version(name, name)) for name in names if name in told)
    if releases.affected:
        good = {*releases.fixed, *releases.not_affected}
        yield from (("recommended", _Version(item.id, item.id)) for item in product.releases if item.recommended
                    and item.id in good and (item.id in told or _is_newer(product, item.id, releases.affected[0])))


def _range(group: str, item: VersionRange, product: Product) -> Iterator[tuple[str, _Version]]:
    single = item.start and not (item.before or item.through or item.changes)
    if not single or parse_bound(item.start, product.scheme).kind != "release":  # a release is named as such
        name = range_text(item, product.scheme)
        yield group, _ALL if name == ALL_VERSIONS else _Version(name, item.text or name, is_range=True)


def _of_trains(product: Product, trains: Sequence[str]) -> Iterator[str]:
    wanted = set(trains)
    for train, first, end in product.train_stretches:
        if train in wanted:
            yield from product.release_order.names[first:end]


def _is_newer(product: Product, release: str, other: str) -> bool:
    return parse_bound(release, product.scheme).prefix > parse_bound(other, product.scheme).prefix
