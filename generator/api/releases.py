"""Products and their releases for programs: ``api/v1/releases.json`` and a file for each product (docs/api.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from generator.api.affected_sets import path_of
from generator.edition import Edition, release_place
from generator.plan import Derived
from generator.record_lists import Name, named, names_of
from generator.release_health import chosen
from kb.products import Product, Train
from kb.records import SEVERITIES, Kind
from kb.train_questions import trains_of

INDEX, FOLDER = "api/v1/releases.json", "api/v1/releases/"
FORMAT = 1
KINDS: tuple[Kind, ...] = ("report", "advisory", "notice")


class ProductEntry(Name, frozen=True, omit_defaults=True):
    """A product. ``scheme`` says how its releases are named (docs/records.md), ``path`` is its file below the root,
    ``show_version`` are templates of the lines that its devices print."""

    scheme: str = ""
    path: str = ""
    platforms: tuple[Name, ...] = ()
    show_version: tuple[str, ...] = ()


class ReleaseIndex(msgspec.Struct, frozen=True):
    """All products."""

    format: int
    products: tuple[ProductEntry, ...]


class TrainEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A train that has releases. ``affected`` is the path of its affected set, ``recommended`` the release of it to run: the one
    that the vendor recommends (``by_vendor``), else that in which least is open of those that are out."""

    id: str
    affected: str
    released: dt.date | None = None
    end_of_engineering: dt.date | None = None
    end_of_support: dt.date | None = None
    recommended: str = ""
    by_vendor: bool = False


class ReleaseEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A release. ``affected`` counts the records that affect it, by kind and in the order of ``severities``; end dates are its
    own or those of its train."""

    id: str
    train: str
    path: str
    date: dt.date | None = None
    end_of_engineering: dt.date | None = None
    end_of_support: dt.date | None = None
    recommended: bool = False
    affected: dict[str, tuple[int, ...]] = {}


class ProductReleases(msgspec.Struct, frozen=True):
    """The trains and releases of a product, from old to new. ``severities`` are those of the counts; the last, an empty one,
    stands for records that say none."""

    format: int
    product: str
    severities: tuple[str, ...]
    trains: tuple[TrainEntry, ...]
    releases: tuple[ReleaseEntry, ...]


def release_files(editions: Sequence[Edition]) -> Iterator[Derived]:
    """The file of each product that has releases, and the index. They count what affects a release and tell what is recommended
    today, so they are made each time."""
    catalogue = editions[0].library.catalogue
    for product in catalogue.products:
        if product.releases:
            yield Derived(f"{FOLDER}{product.id}.json", "", partial(_product, editions[0], product))
    yield Derived(INDEX, "", partial(_index, editions))


def _index(editions: Sequence[Edition]) -> bytes:
    languages = [edition.language for edition in editions]
    products = tuple(
        ProductEntry(product.id, names_of(product, languages), product.aliases, product.scheme,
                     f"{FOLDER}{product.id}.json" if product.releases else "", named(product.platforms, languages),
                     product.show_version)
        for product in editions[0].library.catalogue.products)
    return msgspec.json.format(msgspec.json.encode(ReleaseIndex(FORMAT, products)), indent=1) + b"\n"


def _product(edition: Edition, product: Product) -> bytes:
    trains, releases = tuple(_trains(edition, product)), tuple(_releases(edition, product))
    return msgspec.json.encode(ProductReleases(FORMAT, product.id, SEVERITIES, trains, releases)) + b"\n"


def _trains(edition: Edition, product: Product) -> Iterator[TrainEntry]:
    known = {train.id: train for train in product.trains}
    healths = {health.train: health for health in edition.exposure.health[product.id]}
    for name in trains_of(product):
        train = known.get(name, Train(name))
        own = [release for release in product.releases if release.train == name]
        choice = chosen(healths[name], own, edition.today) if name in healths else None
        yield TrainEntry(
            name, path_of(product.id, name), train.released, train.end_of_engineering, train.end_of_support,
            choice.standing.release if choice else "", bool(choice and choice.by_vendor))


def _releases(edition: Edition, product: Product) -> Iterator[ReleaseEntry]:
    for release in product.releases:
        counts = {kind: edition.exposure.by_severity(product, release.id, kind) for kind in KINDS}
        yield ReleaseEntry(
            release.id, release.train, release_place(product, release), release.date, release.end_of_engineering,
            release.end_of_support, release.recommended, {kind: found for kind, found in counts.items() if any(found)})
