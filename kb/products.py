"""Products: platforms, components, release trains and releases, as ``products.yml`` and ``products/*.yml`` tell them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import pairwise

import msgspec

from kb.fields import Fields, Wrong, parse_date, parse_line, parse_url, pattern
from kb.findings import Finding, nearest
from kb.range_trains import Trains
from kb.records import Place
from kb.releases import (
    SCHEMES,
    Key,
    Release,
    ReleaseError,
    ReleaseOrder,
    family_length,
    parse_bound,
    parse_release,
    parse_train,
    release_order,
)
from kb.show_version import parse_template
from kb.source import Value

parse_id = pattern(r"[a-z0-9]+(-[a-z0-9]+)*", "id", "use lower case letters, digits and single hyphens")
parse_ecosystem = pattern(
    r"(AlmaLinux|Alpaquita|Alpine|Android|Bioconductor|Bitnami|Chainguard|ConanCenter|CRAN|crates\.io|Debian|GHC|GitHub Actions|"
    r"Go|Hackage|Hex|Linux|Mageia|Maven|MinimOS|npm|NuGet|openEuler|openSUSE|OSS-Fuzz|Packagist|Photon OS|Pub|PyPI|Red Hat|"
    r"Rocky Linux|RubyGems|SUSE|SwiftURL|Ubuntu|Wolfi|GIT)(:.+)?", "ecosystem of OSV",
    "write PyPI, npm, Go, Maven or another of https://ossf.github.io/osv-schema/#defined-ecosystems")
parse_sha256 = pattern(r"[0-9a-f]{64}", "SHA-256 digest", "write 64 hexadecimal digits in lower case")


class Named(msgspec.Struct, frozen=True):
    """Something with an id and a name; ``names`` holds translations of the name by language."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    def name_in(self, language: str) -> str:
        return dict(self.names).get(language, self.name) if self.names else self.name


class Train(msgspec.Struct, frozen=True):
    """A release train, such as 21.4, with the days its support ends; ``announced`` is when these were last made known."""

    id: str
    released: dt.date | None = None
    end_of_engineering: dt.date | None = None
    end_of_support: dt.date | None = None
    announced: dt.date | None = None


class ReleaseInfo(msgspec.Struct, frozen=True):
    """A release that exists. End dates are its own or its train's."""

    id: str
    train: str
    date: dt.date | None = None
    end_of_engineering: dt.date | None = None
    end_of_support: dt.date | None = None
    recommended: bool = False
    download: str = ""
    sha256: str = ""


class Package(msgspec.Struct, frozen=True):
    """What a product is called where packages of its kind come from: ``PyPI`` (an ecosystem of OSV) and ``requests``."""

    ecosystem: str
    name: str


class Product(msgspec.Struct, frozen=True, dict=True):
    """A product line; ``releases`` are ordered from old to new."""

    id: str
    name: str
    scheme: str
    place: Place
    aliases: tuple[str, ...] = ()
    vendor: str = ""  # empty: the portal's
    package: Package | None = None
    summary: str = ""
    translations: tuple[tuple[str, str, str], ...] = ()  # language, name, summary
    platforms: tuple[Named, ...] = ()
    components: tuple[Named, ...] = ()
    trains: tuple[Train, ...] = ()
    releases: tuple[ReleaseInfo, ...] = ()
    show_version: tuple[str, ...] = ()  # templates of the lines that its devices print (kb.show_version)

    def name_in(self, language: str) -> str:
        return next((name for lang, name, _ in self.translations if lang == language and name), self.name)

    def summary_in(self, language: str) -> str:
        return next((summary for lang, _, summary in self.translations if lang == language and summary), self.summary)

    @cached_property
    def _platforms(self) -> dict[str, Named]:
        return _by_name(self.platforms)

    @cached_property
    def _components(self) -> dict[str, Named]:
        return _by_name(self.components)

    @cached_property
    def _releases(self) -> dict[str, ReleaseInfo]:
        return {release.id: release for release in self.releases}

    @cached_property
    def release_order(self) -> ReleaseOrder:
        return release_order((release.id for release in self.releases), self.scheme)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each release in ``release_order``."""
        return {name: place for place, name in enumerate(self.release_order.names)}

    @cached_property
    def known_keys(self) -> frozenset[Key]:
        """Keys of the releases and of all trains that they belong to or ``trains`` lists."""
        length, keys = family_length(self.scheme), self.release_order.keys
        listed = (parse_bound(train.id, self.scheme).prefix for train in self.trains)
        return frozenset((*keys, *(key[:length] for key in keys), *listed))

    @cached_property
    def train_stretches(self) -> tuple[tuple[str, int, int], ...]:
        """Where the releases of a train stand together in ``release_order``: (train, first, end)."""
        trains = [release.train for release in self.release_order.releases]
        starts = [at for at, train in enumerate(trains) if at == 0 or train != trains[at - 1]]
        return tuple((trains[first], first, end) for first, end in pairwise([*starts, len(trains)]))

    @cached_property
    def trains_are_apart(self) -> bool:
        """Whether no release stands among those of another train, as 21.4R1-EVO would among those of 21.4."""
        families = {release.key[:family_length(self.scheme)] for release in self.release_order.releases}
        return len(families) == len(self.train_stretches)

    @cached_property
    def known_trains(self) -> Trains:
        """What ranges say of the known releases, train by train."""
        return Trains(self.release_order, self.scheme)

    def platform(self, name: str) -> Named | None:
        """The platform with this id, name or alias."""
        return self._platforms.get(name.casefold())

    def component(self, name: str) -> Named | None:
        return self._components.get(name.casefold())

    def release(self, name: str) -> ReleaseInfo | None:
        """The release with exactly this id."""
        return self._releases.get(name)


class Catalogue(msgspec.Struct, frozen=True, dict=True):
    """All products, found by id, name or alias in any case."""

    products: tuple[Product, ...]

    @cached_property
    def _by_name(self) -> dict[str, Product]:
        return _by_name(self.products)

    def find(self, name: str) -> Product | None:
        return self._by_name.get(name.casefold())

    def parse(self, name: str) -> str:
        """Id of the product of this id, name or alias; raises Wrong."""
        if product := self.find(name):
            return product.id
        guess = nearest(name, self._by_name)
        raise Wrong("is not a known product", f"did you mean {guess}?" if guess else "add it to products.yml")

    def parse_any(self, name: str) -> str:
        """Id of the product or, where there is none, of the platform of this id, name or alias; raises Wrong."""
        platforms = (platform.id for product in self.products if (platform := product.platform(name)))
        found = None if self.find(name) else next(platforms, None)
        return found or self.parse(name)


def _by_name(items: Iterable[Named | Product]) -> dict:  # type: ignore[type-arg]
    found: dict[str, Named | Product] = {}
    for item in items:
        for name in (item.id, item.name, *item.aliases):
            found.setdefault(name.casefold(), item)
    return found


def parse_products(files: Iterable[tuple[str, Value]], findings: list[Finding]) -> Catalogue:
    """The catalogue of all product files, each (path, content); what is wrong goes into ``findings``."""
    products: dict[str, Product] = {}
    names: dict[str, Product] = {}
    for path, value in files:
        for fields in _product_mappings(path, value, findings):
            product = _product(fields, path, findings)
            if product is None:
                continue
            if first := products.get(product.id):
                fields.wrong("id", f"is also defined in {first.place.path}:{first.place.line}", "keep one", product.id)
                continue
            for field, name in (("id", product.id), ("name", product.name), *(("aliases", name) for name in product.aliases)):
                other = names.setdefault(name.casefold(), product)
                if other is not product:
                    fields.wrong(field, f"also names {other.id} ({other.place.path}:{other.place.line})",
                                 "a name leads to one product", name)
            products[product.id] = product
    return Catalogue(tuple(products.values()))


def _product_mappings(path: str, value: Value, findings: list[Finding]) -> list[Fields]:
    if not isinstance(value.data, dict):
        findings.append(Finding(path, value.line, "", "", "is no mapping", "write 'products:' with a list below it"))
        return []
    if "/" in path:  # products/exos.yml holds one product
        return [Fields(value.data, path, value.line, findings)]
    outer = Fields(value.data, path, value.line, findings)
    inner = outer.mappings("products", required=True)
    outer.finish()
    return inner


def _product(fields: Fields, path: str, findings: list[Finding]) -> Product | None:
    product_id = fields.one("id", parse_id, required=True)
    name = fields.one("name", parse_line, required=True)
    scheme = fields.choice("scheme", SCHEMES, required=True)
    aliases, summary = fields.texts("aliases"), fields.text("summary")
    show_version = fields.many("show_version", parse_template)
    vendor, package = fields.text("vendor"), _package(fields)
    translations = _translations(fields, summary=True)
    platforms, components = _named(fields, "platforms"), _named(fields, "components")
    trains = _trains(fields, scheme) if scheme else ()
    releases = _releases(fields, scheme, {train.id: train for train in trains}) if scheme else ()
    for skipped in () if scheme else ("trains", "releases"):
        fields.values(skipped)
    fields.finish()
    if not (product_id and name and scheme):
        return None
    return Product(product_id, name, scheme, Place(path, fields.line), aliases, vendor, package, summary, translations, platforms,
                   components, trains, releases, show_version)


def _package(fields: Fields) -> Package | None:
    item = fields.mapping("package")
    if item is None:
        return None
    ecosystem, name = item.one("ecosystem", parse_ecosystem, required=True), item.text("name", required=True)
    item.finish()
    return Package(ecosystem, name) if ecosystem and name else None


def _translations(fields: Fields, summary: bool = False) -> tuple[tuple[str, str, str], ...]:
    found = []
    for language, inner in fields.named("translations"):
        found.append((language, inner.text("name"), inner.text("summary") if summary else ""))
        inner.finish()
    return tuple(found)


def _named(fields: Fields, name: str) -> tuple[Named, ...]:
    found: dict[str, Named] = {}
    for item in fields.mappings(name):
        item_id = item.one("id", parse_id, required=True)
        title = item.one("name", parse_line, required=True)
        aliases = item.texts("aliases")
        names = tuple((language, text) for language, text, _ in _translations(item) if text)
        item.finish()
        if item_id and item_id in found:
            item.wrong("id", "is given twice", "keep one", item_id)
        elif item_id and title:
            found[item_id] = Named(item_id, title, aliases, names)
    return tuple(found.values())


def _release_parser(read: Callable[[str, str], object], scheme: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            read(text, scheme)
        except ReleaseError as error:
            raise Wrong(str(error), error.remedy) from None
        return text

    return parse


def _trains(fields: Fields, scheme: str) -> tuple[Train, ...]:
    found: dict[str, Train] = {}
    for item in fields.mappings("trains"):
        train = item.one("id", _release_parser(parse_train, scheme), required=True)
        released, engineering, support = _dates(item, "released")
        announced = item.one("announced", parse_date)
        if announced and not ("end_of_engineering" in item or "end_of_support" in item):
            item.wrong("announced", "stands without an end date", "add end_of_engineering or end_of_support, or remove it",
                       str(announced))
        item.finish()
        if train and train in found:
            item.wrong("id", "is given twice", "keep one", train)
        elif train:
            found[train] = Train(train, released, engineering, support, announced)
    return tuple(found.values())


def _dates(item: Fields, start_name: str) -> tuple[dt.date | None, dt.date | None, dt.date | None]:
    start = item.one(start_name, parse_date)
    engineering, support = item.one("end_of_engineering", parse_date), item.one("end_of_support", parse_date)
    for name, end in (("end_of_engineering", engineering), ("end_of_support", support)):
        if start and end and end < start:
            item.wrong(name, f"is before {start_name} {start}", "put the dates in order", str(end))
    if engineering and support and support < engineering:
        item.wrong("end_of_support", f"is before end_of_engineering {engineering}", "put the dates in order",
                   str(support))
    return start, engineering, support


def _releases(fields: Fields, scheme: str, trains: Mapping[str, Train]) -> tuple[ReleaseInfo, ...]:
    found: dict[Release, ReleaseInfo] = {}
    for item in fields.mappings("releases"):
        text = item.one("id", _release_parser(parse_release, scheme), required=True)
        day, engineering, support = _dates(item, "date")
        recommended = item.flag("recommended")
        download, digest = item.one("download", parse_url) or "", item.one("sha256", parse_sha256) or ""
        item.finish()
        if not text:
            continue
        release = parse_release(text, scheme)
        if release in found:
            item.wrong("id", f"is the same release as {found[release].id}", "keep one", text)
            continue
        train = trains.get(release.train, Train(release.train))
        found[release] = ReleaseInfo(text, release.train, day, engineering or train.end_of_engineering,
                                     support or train.end_of_support, recommended, download, digest)
    return tuple(found[release] for release in sorted(found))
