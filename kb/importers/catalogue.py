"""Products that imported records speak of: known ones are used, missing ones become files under ``products/``."""

from __future__ import annotations

from collections.abc import Container, Iterable
from itertools import count

import msgspec

from kb.importers.names import key, slug, without_abbreviation
from kb.importers.product_file import product_yaml
from kb.importers.site import Site, product_files
from kb.products import Catalogue, Named, Package, Product, ReleaseInfo, Train, parse_products
from kb.records import Place
from kb.releases import SCHEMES, ReleaseError, parse_bound, parse_release, parse_train


class _Item(msgspec.Struct):
    """A platform or component in the making."""

    id: str
    name: str
    aliases: set[str]
    names: tuple[tuple[str, str], ...] = ()


class _Entry:
    """A product in the making: what the site says of it, and what the import adds."""

    def __init__(self, product: Product, editable: bool, is_new: bool) -> None:
        self.product, self.editable, self.is_new = product, editable, is_new
        self.aliases = set(product.aliases)
        self.versions: set[str] = set()
        self.releases: dict[tuple[int, ...], str] = {}
        self.missing: dict[str, set[str]] = {"platforms": set(), "components": set(), "releases": set()}
        self.platforms, self.components = _items(product.platforms), _items(product.components)


class ProductBook:
    """Finds and collects products. First name all products and their versions, then ``settle``, then all platforms,
    components and releases, then ``write``."""

    def __init__(self, site: Site) -> None:
        self._site, self._catalogue = site, site.catalogue()
        self._entries: dict[str, _Entry] = {}
        self._names: dict[str, str] = {}

    def product(self, name: str, scheme: str = "") -> str:
        """Id of the product with this id, name or alias; a new one where the site has none."""
        plain = " ".join(name.split())
        if found := self._names.get(plain.casefold()):
            return found
        full, short = without_abbreviation(plain)
        names = [plain, full, short, slug(full)] if short else [plain, slug(plain)]
        known = next((product for item in names if (product := self._catalogue.find(item))), None)
        entry = self._entries.get(known.id if known else slug(full))
        if entry is None:
            entry = self._entry(known) if known else _Entry(_new_product(full, plain, short, scheme), True, True)
            self._entries[entry.product.id] = entry
        elif entry.is_new and plain not in {entry.product.name, entry.product.id}:
            entry.aliases.add(plain)
        self._names[plain.casefold()] = entry.product.id
        return entry.product.id

    def named(self, name: str, scheme: str, vendor: str = "", package: Package | None = None) -> str:
        """Id of the product of exactly this name (in whatever case); others of similar names stay apart from it."""
        plain = " ".join(name.split())
        if found := self._names.get(plain.casefold()):
            return found
        if known := self._catalogue.find(plain):
            entry = self._entries.setdefault(known.id, self._entry(known))
        else:
            taken = {*self._entries, *(product.id for product in self._catalogue.products), *self._names}
            product_id = _free(slug(plain), taken)
            place = Place(f"products/{product_id}.yml", 1)
            entry = self._entries[product_id] = _Entry(
                Product(product_id, plain, scheme, place, vendor=" ".join(vendor.split()), package=package), True, True)
            self._names[product_id] = product_id
        self._names[plain.casefold()] = entry.product.id
        return entry.product.id

    def _entry(self, product: Product) -> _Entry:
        path = product.place.path
        unit = self._site.ledger.get(path)
        data = (self._site.root / path).read_bytes()
        if unit is None:  # without a ledger, a file is ours when it is just as we write it
            return _Entry(product, "/" in path and data == product_yaml(product).encode(), False)
        return _Entry(product, self._site.force or self._site.ledger.wrote(path, data), False)

    def name(self, product_id: str) -> str:
        return self._entries[product_id].product.name

    def add_versions(self, product_id: str, versions: Iterable[str]) -> None:
        """Tells how versions of a product look, before ``settle``."""
        self._entries[product_id].versions.update(version.strip() for version in versions if version.strip())

    def settle(self) -> None:
        """Chooses the scheme of each new product: the one that reads most of its versions."""
        for entry in self._entries.values():
            if entry.is_new and not entry.product.scheme:
                entry.product = msgspec.structs.replace(entry.product, scheme=_scheme_of(entry.versions))

    def scheme(self, product_id: str) -> str:
        return self._entries[product_id].product.scheme

    def platform(self, product_id: str, name: str) -> str:
        """Id of a platform of the product, or an empty string where it has none and may not be changed."""
        entry = self._entries[product_id]
        known = entry.product.platform(name)
        return known.id if known else self._item(entry, "platforms", entry.platforms, name)

    def component(self, product_id: str, name: str) -> str:
        """Id of a component of the product; the name itself where the product lists none."""
        entry = self._entries[product_id]
        known = entry.product.component(name)
        if not known and not entry.editable and not entry.product.components:
            return name
        return known.id if known else self._item(entry, "components", entry.components, name)

    def _item(self, entry: _Entry, kind: str, items: dict[str, _Item], name: str) -> str:
        item = items.get(key(name))
        if item is None and not entry.editable:
            entry.missing[kind].add(name)
            return ""
        if item is None:
            taken = {other.id for other in items.values()}
            item_id = next(text for number in range(1, len(taken) + 2)
                           if (text := slug(name) + (f"-{number}" if number > 1 else "")) not in taken)
            item = items.setdefault(key(name), _Item(item_id, name, set()))
        if name not in {item.id, item.name}:
            item.aliases.add(name)
        return item.id

    def add_releases(self, product_id: str, texts: Iterable[str]) -> None:
        """Notes releases that a record names; trains, wildcards and what cannot be read is passed over."""
        entry = self._entries[product_id]
        for text in texts:
            try:
                release = parse_release(text, entry.product.scheme)
            except ReleaseError:
                continue
            if len(release.text) > len(entry.releases.get(release.key, "")):  # 21.4R3-EVO rather than 21.4R3
                entry.releases[release.key] = release.text

    def add_versions_as_releases(self) -> None:
        """Notes as releases the versions that ``settle`` was told of."""
        for product_id, entry in self._entries.items():
            self.add_releases(product_id, sorted(entry.versions))

    def write(self, origin: Place) -> Catalogue:
        """Writes new and completed products; gives the catalogue as it will be read."""
        for product_id in sorted(self._entries):
            entry = self._entries[product_id]
            _complete(entry)
            path = f"products/{product_id}.yml" if entry.is_new else entry.product.place.path
            if entry.editable:
                self._site.put(path, product_yaml(entry.product).encode(), (), origin)
            else:
                self._report_missing(entry, origin)
        return parse_products(product_files(self._site.root), self._site.tally.findings)

    def _report_missing(self, entry: _Entry, origin: Place) -> None:
        for kind, names in entry.missing.items():
            if names:
                shown = ", ".join(sorted(names)[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
                self._site.tally.note(origin, f"are no {kind} of product {entry.product.id} ({shown})",
                                      f"add them to {entry.product.place.path}, then import again", kind)


def _free(name: str, taken: Container[str]) -> str:
    """The name, with a number where it is taken."""
    return next(text for number in count(1) if (text := name if number == 1 else f"{name}-{number}") not in taken)


def _new_product(name: str, written: str, short: str, scheme: str) -> Product:
    aliases = tuple(alias for alias in (short, written) if alias and alias != name)
    return Product(slug(name), name, scheme, Place(f"products/{slug(name)}.yml", 1), aliases)


def _items(named: Iterable[Named]) -> dict[str, _Item]:
    found: dict[str, _Item] = {}
    for item in named:
        made = _Item(item.id, item.name, set(item.aliases), item.names)
        for name in (item.id, item.name, *item.aliases):
            found.setdefault(key(name), made)
    return found


def _complete(entry: _Entry) -> None:
    """Puts what was collected into the product, or lists what it lacks."""
    product = entry.product
    known = {parse_release(release.id, product.scheme).key for release in product.releases}
    missing = {release: text for release, text in entry.releases.items() if release not in known}
    if not entry.editable:
        entry.missing["releases"] = set(missing.values()) if product.releases else set()
        return
    releases = (*product.releases, *(ReleaseInfo(text, parse_release(text, product.scheme).train)
                                     for text in missing.values()))
    ordered = tuple(sorted(releases, key=lambda release: parse_release(release.id, product.scheme)))
    entry.product = msgspec.structs.replace(
        product, aliases=tuple(sorted(entry.aliases)), platforms=_named(entry.platforms), releases=ordered,
        components=_named(entry.components), trains=_trains(product, ordered))


def _named(items: dict[str, _Item]) -> tuple[Named, ...]:
    unique = {item.id: item for item in items.values()}
    return tuple(Named(item.id, item.name, tuple(sorted(item.aliases)), item.names)
                 for _, item in sorted(unique.items()))


def _trains(product: Product, releases: Iterable[ReleaseInfo]) -> tuple[Train, ...]:
    """The product's trains and those of its releases, from old to new."""
    families = {_family(train.id, product.scheme): train for train in product.trains}
    for release in releases:
        families.setdefault(_family(release.train, product.scheme), Train(release.train))
    return tuple(families[family] for family in sorted(families))


def _family(train: str, scheme: str) -> tuple[int, ...]:
    return parse_bound(train, scheme).prefix


def _scheme_of(versions: set[str]) -> str:
    """The scheme that reads most versions, then the one that reads most as releases; ``dotted`` where there are none."""
    if not versions:
        return "dotted"
    return max(SCHEMES, key=lambda scheme: (_readable(versions, scheme, trains=True),
                                            _readable(versions, scheme, trains=False), -SCHEMES.index(scheme)))


def _readable(versions: set[str], scheme: str, trains: bool) -> int:
    count = 0
    for version in versions:
        for read in (parse_release, parse_train) if trains else (parse_release,):
            try:
                read(version, scheme)
            except ReleaseError:
                continue
            count += 1
            break
    return count
