"""The products of a portal as ``api/v1/releases.json`` tells them, for reading an inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from generator.api.releases import ProductEntry, ReleaseIndex
from generator.record_lists import Name
from kb.inventory import Known, KnownProduct


def known_of(index: ReleaseIndex, releases: Callable[[ProductEntry], Iterable[str]]) -> Known:
    """The products of an index; ``releases`` gives the ids of a product's releases and is called for those in use alone."""
    return Known([
        KnownProduct(product.id, _names(product), product.scheme, [(one.id, _names(one)) for one in product.platforms],
                     product.show_version, partial(releases, product) if product.path else tuple)
        for product in index.products])


def _names(item: Name) -> tuple[str, ...]:
    return *item.names.values(), *item.aliases
