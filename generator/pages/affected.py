"""Tables of affected, fixed and not affected releases."""

from __future__ import annotations

from collections.abc import Mapping

from generator.contexts import AffectedProduct, ReleaseChip, TrainRow
from generator.edition import Edition
from kb.products import Product
from kb.ranges import Affected
from kb.records import AnyRecord, affected_of
from kb.verdicts import Verdict


def affected_products(edition: Edition, record: AnyRecord) -> tuple[AffectedProduct, ...]:
    """One part for each entry of a record's affected products; the answers stand with a product's first entry."""
    by_product = edition.exposure.of_record(record)
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
    """The ranges as the author wrote them."""
    written = [item.text for item in entry.ranges]
    written += [edition.say("not {range}", range=item.text) for item in entry.unaffected]
    return tuple(written)


def _rows(edition: Edition, product: Product, verdicts: Mapping[str, Verdict]) -> tuple[TrainRow, ...]:
    """A row for each train with an affected or fixed release, newest train first."""
    trains: dict[str, dict[str, list[ReleaseChip]]] = {}
    reasons: dict[str, str] = {}
    for release in product.releases:
        verdict = verdicts.get(release.id)
        if verdict is None:
            continue
        reason = verdict.reason.render(edition.say, lambda names: edition.speaker.both(tuple(names)))
        chips = trains.setdefault(release.train, {"affected": [], "fixed": [], "not_affected": [], "unknown": []})
        chips[verdict.status].append(edition.release_chip(product, release.id, reason))
        if verdict.status == "affected":
            reasons.setdefault(release.train, reason)
    return tuple(
        TrainRow(train=train, affected=tuple(chips["affected"]), fixed=tuple(chips["fixed"]),
                 not_affected=tuple(chips["not_affected"]), unknown=tuple(chips["unknown"]), reason=reasons.get(train, ""))
        for train, chips in reversed(trains.items()) if chips["affected"] or chips["fixed"])
