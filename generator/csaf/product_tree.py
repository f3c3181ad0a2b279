"""The products of a CSAF document and what it says of each: ``product_tree`` and ``product_status`` (CSAF 2.0, sections 3.2.2 and
3.2.3.9)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from generator.urls import ROOT, link
from kb.portal import Portal
from kb.product_status import ALL_VERSIONS, PlatformStatus, ProductStatus, range_text
from kb.products import Product
from kb.range_syntax import Affected, VersionRange
from kb.releases import parse_bound

Json = dict[str, Any]

# What a single version must not hold (mandatory test 6.1.31), or what only ranges do.
_RANGE = re.compile(r"[<>=*|]|\b(?:after|all|before|earlier|later|prior|versions?)\b", re.IGNORECASE)
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


class _Worded(msgspec.Struct, frozen=True):
    """A product as an entry of ``affected`` words it: its whole name, the name of its versions."""

    name: str
    versions: str
    models: tuple[str, ...]


def is_worded(entry: Affected) -> bool:
    """Whether an entry has words of its own for what is affected, beside its ranges or without any."""
    return bool(entry.name or entry.versions) and not entry.platforms


class ProductTree:
    """Collects products while statuses are stated, so that each stands once in the tree and none in vain."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._products: dict[str, Product] = {}
        self._versions: dict[str, dict[str, _Version]] = {}
        self._worded: dict[str, dict[str, _Worded]] = {}
        self._platforms: dict[str, Json] = {}
        self._related: dict[str, Json] = {}

    def state(self, status: ProductStatus, entries: Sequence[Affected] = ()) -> Stated:
        """Adds a product line with all that is known of it. What ``entries`` say in words of their own stands in these words."""
        groups: dict[str, dict[str, None]] = {name: {} for name in GROUPS}
        fixes: dict[str, None] = {}
        named = {name for part in status.parts for name in part.platforms}
        worded = [entry for entry in entries if entry.product == status.product.id and is_worded(entry)]
        for part in status.parts:
            others = [platform.id for platform in status.product.platforms if platform.id not in named] if named else []
            platforms = part.platforms or tuple(others)
            for group, version in _versions(status.product, part, [item for entry in worded for item in entry.ranges],
                                            any(not entry.ranges for entry in worded)):
                groups[group].update(dict.fromkeys(self._ids(status.product, version, platforms)))
            fixes.update(dict.fromkeys(part.first_fixed))
        for entry in worded:
            groups["known_affected"][self._word(status.product, entry)] = None
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

    def _word(self, product: Product, entry: Affected) -> str:
        """The id of the product that an entry words."""
        self._products[product.id] = product
        ranges = "; ".join(range_text(item, product.scheme) for item in entry.ranges if item.status == "affected")
        versions = entry.versions or ranges
        name = entry.name or f"{self._vendor(product)} {product.name} {versions}"
        own = f"{product.id}#{entry.ref or f'{name}|{versions}'}"
        self._worded.setdefault(product.id, {})[own] = _Worded(name, versions, entry.models)
        return own

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
        return f"{self._vendor(product)} {product.name} {version.words}"

    def _helper(self, places: Iterable[str], hashes: Sequence[Json] = ()) -> Json:
        """What identifies a product besides its name: its pages in this portal, and the digest of what is downloaded."""
        uris = [{"namespace": self._portal.url, "uri": link(place).replace(ROOT, self._portal.url)}
                for place in dict.fromkeys(places)]
        return {"product_identification_helper": {**({"hashes": list(hashes)} if hashes else {}), "x_generic_uris": uris}}

    def as_json(self) -> Json:
        """The product tree, empty where no product has been added."""
        if not self._products:
            return {}
        vendors: dict[str, list[Json]] = {}
        for product in self._products.values():
            vendors.setdefault(self._vendor(product), []).extend(self._lines(product))
        if self._platforms:
            vendors.setdefault(self._portal.vendor, []).extend(self._platforms.values())
        branches = [{"category": "vendor", "name": name, "branches": lines} for name, lines in vendors.items()]
        return {"branches": branches, **({"relationships": list(self._related.values())} if self._related else {})}

    def _lines(self, product: Product) -> Iterator[Json]:
        """The branches of a product: its versions, and what goes by words that name none."""
        worded = self._worded.get(product.id, {})
        versions = [self._worded_branch(product, own, item) for own, item in worded.items() if item.versions]
        versions += [self._branch(product, version) for version in self._sorted(product)]
        if versions:
            yield {"category": "product_name", "name": product.name, "branches": versions}
        for own, item in worded.items():
            if not item.versions:
                yield {"category": "product_name", "name": product.name, "product": self._worded_product(product, own, item)}

    def _worded_branch(self, product: Product, own: str, item: _Worded) -> Json:
        category = "product_version_range" if _RANGE.search(item.versions) else "product_version"
        return {"category": category, "name": item.versions, "product": self._worded_product(product, own, item)}

    def _worded_product(self, product: Product, own: str, item: _Worded) -> Json:
        helper = self._helper([f"products/{product.id}/"])
        if item.models:
            helper["product_identification_helper"]["model_numbers"] = list(item.models)
        return {"name": item.name, "product_id": own, **helper}

    def _vendor(self, product: Product) -> str:
        return product.vendor or self._portal.vendor

    def _sorted(self, product: Product) -> list[_Version]:
        """Ranges as they were stated, then releases from old to new."""
        versions = self._versions.get(product.id, {}).values()
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


def _versions(product: Product, part: PlatformStatus, worded: Collection[VersionRange],
              silent: bool) -> Iterator[tuple[str, _Version]]:
    """(group, version) of all that a part states, but for ranges that are ``worded`` and, where words stand for them,
    ``silent``. Releases that are not affected are named where the record tells of their train, as on its page; a portal may
    know a thousand others."""
    for item in part.ranges if not worded else [item for item in part.ranges if item not in worded]:
        yield from _range("known_affected", item, product)
    for item in part.exceptions:
        if not item.changes:
            yield from _range("known_not_affected", item, product)
    for item in part.unclear:
        yield from _range("under_investigation", item, product)
    if part.otherwise == "affected" or (part.otherwise == "unknown" and not silent):
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
