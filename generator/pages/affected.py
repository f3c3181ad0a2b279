"""Tables of affected, fixed and not affected releases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from generator.contexts import AffectedProduct, ReleaseChip, TrainRow
from generator.edition import Edition
from kb.products import Product
from kb.ranges import Affected, VersionRange
from kb.ranges import verdicts as verdicts_of
from kb.records import AnyRecord, affected_of
from kb.verdicts import Verdict


def affected_products(edition: Edition, record: AnyRecord) -> tuple[AffectedProduct, ...]:
    """One part for each entry of a record's affected products; the answers stand with a product's first entry."""
    entries = affected_of(record)
    by_product = {product.id: verdicts_of(entries, product.id, [release.id for release in product.releases], product.scheme)
                  for name in record.products if (product := edition.library.catalogue.find(name))}
    seen: set[str] = set()
    found = []
    for entry in affected_of(record):
        product = edition.library.catalogue.find(entry.product)
        if product is None:
            continue
        verdicts = by_product.get(product.id, {}) if product.id not in seen else {}
        seen.add(product.id)
        found.append(AffectedProduct(
            product=edition.product_link(product), platforms=edition.platform_links([product.id], entry.platforms),
            ranges=_ranges(edition, entry), fixed=tuple(edition.release_chip(product, name) for name in entry.fixed),
            rows=_rows(edition, product, verdicts)))
    return tuple(found)


def _ranges(edition: Edition, entry: Affected) -> tuple[str, ...]:
    """The ranges in words; exceptions last."""
    affected = [item for item in entry.ranges if item.status == "affected"]
    excepted = [item for item in entry.ranges if item.status != "affected"] + list(entry.unaffected)
    return (*(_range(edition, item) for item in affected),
            *(edition.say("not {range}", range=_range(edition, item)) for item in excepted))


def _range(edition: Edition, item: VersionRange) -> str:
    say, start = edition.say, item.start or edition.say("all releases")
    words = start
    if item.before:
        words = say("{start} before {fixes}", start=start, fixes=", ".join(item.before))
    elif item.through:
        words = say("{start} through {end}", start=start, end=item.through)
    for at, status in item.changes:
        words += "; " + (
            say("from {release} on affected", release=at) if status == "affected" else
            say("from {release} on not affected", release=at))
    return words


def _rows(edition: Edition, product: Product, verdicts: Mapping[str, Verdict]) -> tuple[TrainRow, ...]:
    """A row for each train with an affected or fixed release, newest train first."""
    trains: dict[str, list[tuple[str, Verdict]]] = {}
    for release in product.releases:
        if verdict := verdicts.get(release.id):
            trains.setdefault(release.train, []).append((release.id, verdict))
    platforms = {platform.id: platform.name_in(edition.language) for platform in product.platforms}

    def join(names: Sequence[str]) -> str:
        """Names of platforms or releases as one text."""
        return edition.speaker.both(tuple(platforms.get(name, name) for name in names))

    return tuple(_row(edition, product, train, found, join) for train, found in reversed(trains.items())
                 if any(verdict.status in {"affected", "fixed"} for _release, verdict in found))


def _row(edition: Edition, product: Product, train: str, verdicts: list[tuple[str, Verdict]],
         join: Callable[[Sequence[str]], str]) -> TrainRow:
    chips: dict[str, list[ReleaseChip]] = {"affected": [], "fixed": [], "not_affected": [], "unknown": []}
    why = ""
    for release, verdict in verdicts:
        reason = verdict.reason.render(edition.say, join)
        chips[verdict.status].append(edition.release_chip(product, release, reason))
        if verdict.status == "affected":
            why = why or reason
    return TrainRow(train=train, affected=tuple(chips["affected"]), fixed=tuple(chips["fixed"]),
                    not_affected=tuple(chips["not_affected"]), unknown=tuple(chips["unknown"]), reason=why)
