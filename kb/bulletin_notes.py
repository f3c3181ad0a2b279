"""What is worth a second look in security bulletins, and no mistake for certain: notes, not errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from kb.cwe import weakness
from kb.findings import Finding, nearest, shorten
from kb.lines import Lines
from kb.products import Catalogue, Product
from kb.range_syntax import Affected, VersionRange, parse_span
from kb.records import SecurityBulletin
from kb.releases import Bound, parse_bound, parse_release
from kb.store import Records, Row

NAMED = 20  # unknown releases of a bulletin that are named one by one
_LIVE = frozenset({"interim", "final"})


def bulletin_notes(records: Records, rows: Iterable[Row], catalogue: Catalogue, lines: Lines) -> Iterator[Finding]:
    """Weaknesses that say little, releases that products do not list, CVE ids that two bulletins in force have."""
    holders: dict[str, Row] = {}
    for row in rows:
        if not row.head.tlp:
            continue
        bulletin = records.decoded(row)
        assert isinstance(bulletin, SecurityBulletin)
        for name in bulletin.cwe:
            if (known := weakness(name)) and known.doubt:
                yield _note(row, lines, "cwe", name, f"({known.name}) {known.doubt}", "name a weakness that fits more exactly")
        unknown = [*_unknown_releases(bulletin.affected, catalogue)]
        for product, name, field in unknown[:NAMED]:
            guess = nearest(name, [release.id for release in product.releases])
            yield _note(row, lines, "affected", name, f"stands in {field} and is no known release of {product.id}",
                        "add it to products.yml" + (f", or did you mean {guess}?" if guess else ""))
        if len(unknown) > NAMED:
            yield _note(row, lines, "affected", "", f"names {len(unknown) - NAMED} more that are no known releases",
                        "add them to products.yml")
        for name in bulletin.cves if bulletin.status in _LIVE else ():
            first = holders.setdefault(name, row)
            if first is not row:
                yield _note(row, lines, "cves", name, f"is also told by {first.head.id} ({first.path})",
                            "supersede one of them, or leave it as it is")


def _note(row: Row, lines: Lines, field: str, value: str, reason: str, remedy: str) -> Finding:
    return Finding(row.path, lines.of(row.place, field, value), field, shorten(value), reason, remedy, "note")


def _unknown_releases(entries: Iterable[Affected], catalogue: Catalogue) -> Iterator[tuple[Product, str, str]]:
    """(product, release or train, field) of what the entries name and the product, which lists releases, does not."""
    for entry in entries:
        product = catalogue.find(entry.product)
        if product is None or not product.releases:
            continue
        named = [(name, "fixed") for text in entry.fixed for name in _ends(text, product.scheme)]
        named += [(entry.introduced, "introduced")] if entry.introduced else []
        named += [(name, field) for field, items in (("ranges", entry.ranges), ("unaffected", entry.unaffected))
                  for item in items for name in _bounds(item)]
        for name, field in dict.fromkeys(named):
            if not _is_known(product, parse_bound(name, product.scheme)):
                yield product, name, field


@lru_cache(maxsize=1 << 14)
def _ends(text: str, scheme: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(release.text for release in parse_span(text, scheme)))


def _bounds(item: VersionRange) -> tuple[str, ...]:
    return tuple(name for name in (item.start, *item.before, item.through, *(at for at, _status in item.changes)) if name)


def _is_known(product: Product, bound: Bound) -> bool:
    """Whether the product lists the release, or a release or the end dates of the train; wildcards claim nothing."""
    if bound.kind == "wildcard":
        return True
    if bound.kind == "train":
        return bound.prefix in product.known_keys
    return parse_release(bound.text, product.scheme).key in product.known_keys
