"""What a record says of each product, for machines: which releases are affected, fixed and not affected, and the ranges in words.

Pages, CSAF and OSV rest on this one computation, and it on the verdicts that ``waypost affected`` gives.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from kb.products import Catalogue, Product
from kb.range_groups import Group
from kb.range_syntax import Affected, VersionRange, parse_span
from kb.ranges import Compiled, compile_affected, verdict_stretches
from kb.records import AnyRecord, affected_of
from kb.releases import Bound, Key, Release, ReleaseError, ReleaseOrder, family_length, parse_bound, parse_release

Outcome = Literal["affected", "fixed", "not_affected", "unknown"]

ALL_VERSIONS = "vers:all/*"
_SCHEMES = {"semver": "semver"}  # schemes of the vers specification; it calls all others generic


class ReleaseStatuses(msgspec.Struct, frozen=True):
    """Releases by the verdict on them, each list from old to new: all that the catalogue knows and all that the record names.

    ``trains`` have an affected or fixed release, ``named`` are those that ``products.yml`` does not have.
    """

    affected: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    not_affected: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    trains: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class PlatformStatus(msgspec.Struct, frozen=True):
    """What holds on some platforms (ids; none: on all that no other part names).

    ``releases`` are as ``waypost affected --platform`` says. ``ranges`` are affected, ``exceptions`` not, ``unclear`` unknown;
    ``first_fixed`` are the releases that the record names as fixed; ``otherwise`` holds for a release that no range names.
    """

    platforms: tuple[str, ...]
    releases: ReleaseStatuses
    ranges: tuple[VersionRange, ...]
    exceptions: tuple[VersionRange, ...]
    unclear: tuple[VersionRange, ...]
    first_fixed: tuple[str, ...]
    otherwise: Outcome


class ProductStatus(msgspec.Struct, frozen=True):
    """What a record says of a product. ``releases`` are as ``waypost affected`` says without a platform: the worst of any."""

    product: Product
    releases: ReleaseStatuses
    parts: tuple[PlatformStatus, ...]


def product_statuses(record: AnyRecord, catalogue: Catalogue) -> tuple[ProductStatus, ...]:
    """One for each affected product that the catalogue has, in the order in which the record names them."""
    entries = affected_of(record)
    products = (catalogue.find(name) for name in dict.fromkeys(entry.product for entry in entries))
    return tuple(_product_status(product, entries) for product in products if product)


def _product_status(product: Product, entries: Sequence[Affected]) -> ProductStatus:
    own = [entry for entry in entries if entry.product == product.id]
    compiled = compile_affected(own, product.id, product.scheme)
    order, named = _order(product, own)
    groups = [*compiled.groups, *([compiled.rest] if compiled.rest else [])]
    return ProductStatus(product, _statuses(compiled, order, named),
                         tuple(_part(product, own, group, order, named) for group in groups))


def _part(product: Product, own: Sequence[Affected], group: Group, order: ReleaseOrder,
          named: tuple[str, ...]) -> PlatformStatus:
    mine = [entry for entry in own if not entry.platforms or (group.platforms and group.platforms[0] in entry.platforms)]
    releases = _statuses(Compiled(product.scheme, (), group, None, group.fallback), order, named)
    fixed, first = set(releases.fixed), dict[str, None]()
    for release in _sorted(fix for entry in mine for fix in _fixes(entry, product.scheme)):
        if (name := order.names[bisect_right(order.keys, release.key) - 1]) in fixed:
            first[name] = None
    ranges = [item for entry in mine for item in entry.ranges]
    exceptions = [item for item in ranges if item.status == "unaffected"]
    return PlatformStatus(
        group.platforms, releases, tuple(item for item in ranges if item.status == "affected"),
        (*exceptions, *(item for entry in mine for item in entry.unaffected)),
        tuple(item for item in ranges if item.status == "unknown"), tuple(first),
        group.fallback.status)


def _order(product: Product, entries: Iterable[Affected]) -> tuple[ReleaseOrder, tuple[str, ...]]:
    """The known releases with those that entries name besides, and the latter."""
    known = product.release_order
    keys = set(known.keys)
    more: dict[Key, Release] = {}
    for release in (release for entry in entries for release in _named(entry, product.scheme)):
        if release.key not in keys:
            more.setdefault(release.key, release)
    if not more:
        return known, ()
    added = _sorted(more.values())
    releases = tuple(_sorted([*known.releases, *added]))
    names = {release.key: name for name, release in zip(known.names, known.releases, strict=True)}
    order = ReleaseOrder(tuple(names.get(release.key, release.text) for release in releases), releases,
                         tuple(release.key for release in releases))
    return order, tuple(release.text for release in added)


def _sorted(releases: Iterable[Release]) -> list[Release]:
    return sorted(releases, key=lambda release: release.key)


def _named(entry: Affected, scheme: str) -> Iterator[Release]:
    """The releases that an entry names as such, not as trains."""
    yield from _fixes(entry, scheme)
    for item in (*entry.ranges, *entry.unaffected):
        for text in (item.start, item.through, *(at for at, _status in item.changes)):
            if text and parse_bound(text, scheme).kind == "release":
                yield parse_release(text, scheme)


def _fixes(entry: Affected, scheme: str) -> Iterator[Release]:
    """The releases that end ranges, and those that are listed as fixed: of spans both ends."""
    for text in entry.fixed:
        yield from parse_span(text, scheme)
    for text in (fix for item in entry.ranges if item.status == "affected" for fix in item.before):
        try:
            yield parse_release(text, scheme)
        except ReleaseError:  # before a train
            continue


def _statuses(compiled: Compiled, order: ReleaseOrder, named: tuple[str, ...]) -> ReleaseStatuses:
    found: dict[str, list[str]] = {"affected": [], "fixed": [], "not_affected": [], "unknown": []}
    trains: dict[str, None] = {}
    for first, end, verdict in verdict_stretches(compiled, order):
        found[verdict.status] += order.names[first:end]
        if verdict.status in {"affected", "fixed"}:
            trains.update(dict.fromkeys(release.train for release in order.releases[first:end]))
    return ReleaseStatuses(tuple(found["affected"]), tuple(found["fixed"]), tuple(found["not_affected"]),
                           tuple(found["unknown"]), tuple(trains), named)


def range_text(item: VersionRange, scheme: str) -> str:
    """A range as CSAF has it (2.0, section 3.1.2.3.2): as ``vers:`` where that says the same, else as authors write it.

    The vers specification orders releases but knows no trains: a range that says something of one train and something else of
    another has no place in it.
    """
    if not (item.start or item.before or item.through) or (not item.start and item.through == "*"):
        return ALL_VERSIONS if not item.changes else item.text or "all"
    text = "" if item.changes else _vers(item, scheme)
    if text:
        return f"vers:{_SCHEMES.get(scheme, 'generic')}/{text}"
    changes = "".join(f"; from {at} on {status}" for at, status in item.changes)
    return _written(item, scheme) + changes


def _vers(item: VersionRange, scheme: str) -> str:
    """The constraints of a range, empty where they would not say the same."""
    start = parse_bound(item.start, scheme) if item.start else None
    if start and not start.family:
        return ""
    if item.before:
        fixes = [parse_bound(fix, scheme) for fix in item.before]
        empty = start is not None and start.prefix >= min(fix.prefix for fix in fixes)
        end = "" if empty else _before(fixes, scheme)
    elif item.through == "*":
        return f">={_oldest(start, scheme)}" if start else ""
    else:
        last = parse_bound(item.through, scheme) if item.through else start
        if start and start == last and start.kind == "release":
            return start.text
        end = _through(last, scheme) if last else ""
    return "|".join(filter(None, [f">={_oldest(start, scheme)}" if start else "", end])) if end else ""


def _oldest(start: Bound, scheme: str) -> str:
    """A release or what all releases of a train follow."""
    if start.kind == "release":
        return start.text
    return f"{start.train}.0-0" if scheme == "semver" else start.train


def _through(last: Bound, scheme: str) -> str:
    """Up to a release, or before what follows a train; empty for the end of several trains."""
    if last.kind == "release":
        return f"<={last.text}"
    if last.prefix != last.family:
        return ""
    *stem, number = last.family
    if scheme == "junos":
        suffix = "-EVO" if last.train.endswith("-EVO") else ""
        return f"<{stem[0]}.{stem[1]}X{number + 1}{suffix}"
    return f"<{stem[0]}.{number + 1}" + (".0-0" if scheme == "semver" else "")


def _before(fixes: Sequence[Bound], scheme: str) -> str:
    """Before the first of several fixes in a train, and from the number after each up to the next: with 22.2R2-S2 and 22.2R3-S1,
    22.2R3 lacks a fix. Empty where they are of several trains."""
    family = family_length(scheme)
    first, *others = sorted(fixes, key=lambda fix: fix.prefix)
    if any(fix.family != first.family or len(fix.prefix) <= family for fix in fixes) and others:
        return ""
    text, number = f"<{_oldest(first, scheme)}", first.prefix[family] if others else 0
    for fix in others:
        if fix.prefix[family] > number + 1 or (fix.prefix[family] > number and any(fix.prefix[family + 1:])):
            text += f"|>={_first_of_number(first.train, number + 1, scheme)}|<{fix.text}"
        number = fix.prefix[family]
    return text


def _first_of_number(train: str, number: int, scheme: str) -> str:
    """The oldest release of a train that has this number after the train's name."""
    if scheme != "junos":
        return f"{train}.{number}" + ("-0" if scheme == "semver" else "")
    stem = train.removesuffix("-EVO")
    return f"{stem}{'-D' if 'X' in stem else 'R'}{number}{train[len(stem):]}"


def _written(item: VersionRange, scheme: str) -> str:
    """The range as an author writes it; ``21.4*`` for a whole train, which as a version would look like one release."""
    if item.before:
        return f"{item.start or 'all'} before {', '.join(item.before)}"
    if item.through:
        return f"{item.start or 'all'} through {item.through}"
    return item.start if parse_bound(item.start, scheme).kind != "train" else f"{item.start}*"
