"""Exposure: which known releases each record affects or is fixed in, and the reverse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from kb.library import Library
from kb.products import Product, ReleaseInfo
from kb.ranges import Verdict, in_range, parse_range, verdicts
from kb.records import AnyRecord, Article, affected_of, normal_id

Verdicts = Mapping[str, Mapping[str, Verdict]]  # product id -> release id -> verdict


class ReleaseRecords(msgspec.Struct):
    """Keys of the records that affect a release, and of those that were fixed with it."""

    affecting: list[str]
    fixed: list[str]


class Exposure:
    """Verdicts of all records for all known releases of their products, computed once."""

    def __init__(self, library: Library) -> None:
        self._verdicts: dict[str, Verdicts] = {}
        self._releases: defaultdict[tuple[str, str], ReleaseRecords] = defaultdict(lambda: ReleaseRecords([], []))
        self._articles: defaultdict[tuple[str, str], list[Article]] = defaultdict(list)
        for key, record in library.records.items():
            if isinstance(record, Article):
                self._article(library, record)
            if affected_of(record):
                self._verdicts[key] = self._record(library, key, record)

    def _record(self, library: Library, key: str, record: AnyRecord) -> Verdicts:
        entries = affected_of(record)
        found: dict[str, Mapping[str, Verdict]] = {}
        for product_id in record.products:
            product = library.catalogue.find(product_id)
            if product is None or not any(entry.product == product_id for entry in entries):
                continue
            by_release = verdicts(entries, product.id, [release.id for release in product.releases], product.scheme)
            found[product_id] = by_release
            fixed = {release for entry in entries if entry.product == product_id for release in entry.fixed}
            if record.status in {"duplicate", "withdrawn", "superseded"}:
                continue  # counted through the record that takes its place
            for release, verdict in by_release.items():
                if verdict.status == "affected":
                    self._releases[product_id, release].affecting.append(key)
                elif release in fixed:
                    self._releases[product_id, release].fixed.append(key)
        return found

    def of_record(self, record: AnyRecord) -> Verdicts:
        """Verdicts of one record; empty where it names no affected products."""
        return self._verdicts.get(normal_id(record.id), {})

    def of_release(self, product: str, release: str) -> ReleaseRecords:
        """The records of one release."""
        return self._releases.get((product, release), ReleaseRecords([], []))

    def _article(self, library: Library, article: Article) -> None:
        product = library.catalogue.find(article.products[0])
        ranges = [item for text in article.releases for item in parse_range(text, product.scheme)] if product else []
        for release in product.releases if product and ranges else ():
            if any(in_range(release.id, item, product.scheme) for item in ranges):  # type: ignore[union-attr]
                self._articles[article.products[0], release.id].append(article)

    def articles_for(self, product: Product, release: ReleaseInfo) -> list[Article]:
        """Articles that name this release, in the order of their ids."""
        return self._articles.get((product.id, release.id), [])
