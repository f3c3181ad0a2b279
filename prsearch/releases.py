"""Questions about releases: which records affect one, and what changes between two."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kb.library import Library, sort_key
from kb.products import Product
from kb.ranges import Compiled, Verdict, compile_affected
from kb.records import AnyRecord, affected_of
from prsearch.documents import ELSEWHERE


class Hit(msgspec.Struct, frozen=True):
    """A record that affects a release, and why."""

    record: AnyRecord
    verdict: Verdict


class Comparison(msgspec.Struct, frozen=True):
    """Records by what an upgrade does to them; each in the order of ids."""

    fixed: tuple[AnyRecord, ...]
    introduced: tuple[AnyRecord, ...]
    remaining: tuple[AnyRecord, ...]


def affected(library: Library, product: Product, release: str, platform: str | None = None) -> list[Hit]:
    """Records that affect a release, known or not, on one platform or any. Raises ReleaseError for what is no release."""
    hits = ((record, compiled.verdict(release, platform)) for record, compiled in _candidates(library, product))
    return [Hit(record, verdict) for record, verdict in hits if verdict.status == "affected"]


def compare(library: Library, product: Product, start: str, end: str, platform: str | None = None) -> Comparison:
    """What an upgrade from one release to another fixes, introduces and leaves open. Raises ReleaseError."""
    fixed: list[AnyRecord] = []
    introduced: list[AnyRecord] = []
    remaining: list[AnyRecord] = []
    for record, compiled in _candidates(library, product):
        before, after = (compiled.verdict(release, platform).status == "affected" for release in (start, end))
        if before and not after:
            fixed.append(record)
        elif after:
            (remaining if before else introduced).append(record)
    return Comparison(tuple(fixed), tuple(introduced), tuple(remaining))


def _candidates(library: Library, product: Product) -> Iterator[tuple[AnyRecord, Compiled]]:
    for record in sorted(library.records.values(), key=lambda item: sort_key(item.id)):
        entries = affected_of(record)
        if product.id in record.products and entries and record.status not in ELSEWHERE:
            yield record, compile_affected(entries, product.id, product.scheme)
