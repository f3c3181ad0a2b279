"""What a record concerns: products, platforms, a component, and the releases that it affects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from kb.fields import Fields, Wrong, parse_line, pattern
from kb.findings import nearest
from kb.products import Catalogue, Product
from kb.ranges import Affected, VersionRange, contradictions, parse_fixed, parse_range, range_from_mapping
from kb.releases import ReleaseError, parse_release
from kb.source import Value

T = TypeVar("T")
parse_ref = pattern(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}", "name of an entry", "write a word such as a1")


def parse_product_list(fields: Fields, catalogue: Catalogue, required: bool) -> tuple[Product, ...]:
    """The products of a record that says no more of them."""
    ids = fields.many("products", catalogue.parse, required=required)
    return tuple(product for item in dict.fromkeys(ids) if (product := catalogue.find(item)))


def parse_platforms(fields: Fields, products: Sequence[Product]) -> tuple[str, ...]:
    """Ids of the platforms, each one of these products'."""
    def parse(text: str) -> str:
        for product in products:
            if platform := product.platform(text):
                return platform.id
        known = [name for product in products for platform in product.platforms
                 for name in (platform.id, platform.name, *platform.aliases)]
        guess = nearest(text, known)
        raise Wrong("is not a platform of these products", f"did you mean {guess}?" if guess else "add it to products.yml")

    return tuple(dict.fromkeys(fields.many("platforms", parse)))


def parse_component(fields: Fields, catalogue: Catalogue, affected: tuple[Affected, ...]) -> str:
    """Component id where the products list theirs, else the name as written."""
    text = fields.text("component")
    found = [catalogue.find(entry.product) for entry in affected]
    listing = [product for product in found if product and product.components]
    if not text or not listing:
        return text
    for product in listing:
        if component := product.component(text):
            return component.id
    known = {item.id for product in listing for item in product.components}
    guess = nearest(text, known)
    fields.wrong("component", f"is not a component of {listing[0].id}",
                 f"did you mean {guess}?" if guess else f"write one of {', '.join(sorted(known))}", text)
    return text


def covered(affected: tuple[Affected, ...]) -> dict[str, tuple[str, ...]]:
    """Arguments for a record: the products and platforms of its entries."""
    return {"products": tuple(dict.fromkeys(entry.product for entry in affected)),
            "platforms": tuple(dict.fromkeys(name for entry in affected for name in entry.platforms))}


def parse_affected(fields: Fields, catalogue: Catalogue, required: bool) -> tuple[Affected, ...]:
    """The entries, whose refs are unique."""
    found: list[Affected] = []
    refs: set[str] = set()
    for item in fields.mappings("affected", required):
        entry = _affected_entry(item, catalogue)
        if entry and entry.ref and entry.ref in refs:
            item.wrong("ref", "is given twice", "give each entry another one", entry.ref)
        elif entry:
            found.append(entry)
            refs.add(entry.ref)
    return tuple(found)


def _affected_entry(item: Fields, catalogue: Catalogue) -> Affected | None:
    product_id = item.one("product", catalogue.parse, required=True)
    product = catalogue.find(product_id) if product_id else None
    if product is None:
        return None
    entry = Affected(
        product=product.id, platforms=parse_platforms(item, [product]), ranges=_ranges(item, "ranges", product),
        unaffected=_ranges(item, "unaffected", product), fixed=_fixed(item, product),
        introduced=_introduced(item, product),
        default_status=item.choice("default_status", ("affected", "unaffected")) or "unaffected",  # type: ignore[arg-type]
        ref=item.one("ref", parse_ref) or "", name=item.text("name"), versions=item.text("versions"), models=item.texts("models"))
    item.finish()
    for release in contradictions(entry, product.scheme):
        item.wrong("fixed", "is fixed, yet the ranges call it affected",
                   f"end the range before it, such as '{parse_release(release, product.scheme).train} before {release}'",
                   release)
    return entry


def range_parser(product: Product) -> Callable[[str], str]:
    """A parser of texts that say which releases; they stay as they are written."""
    def parse(text: str) -> str:
        line = parse_line(text)
        parse_range(line, product.scheme)
        return line

    return _refusing(parse)


def _refusing(parse: Callable[[str], T]) -> Callable[[str], T]:
    """The parser, with Wrong in place of ReleaseError."""
    def parse_or_refuse(text: str) -> T:
        try:
            return parse(text)
        except ReleaseError as error:
            raise Wrong(str(error), error.remedy) from None

    return parse_or_refuse


def _introduced(item: Fields, product: Product) -> str:
    return item.one("introduced", _refusing(lambda text: parse_release(text, product.scheme).text)) or ""


def _fixed(item: Fields, product: Product) -> tuple[str, ...]:
    parts = item.many("fixed", _refusing(lambda text: parse_fixed(text, product.scheme)))
    return tuple(dict.fromkeys(release for part in parts for release in part))


def _ranges(item: Fields, name: str, product: Product) -> tuple[VersionRange, ...]:
    found: list[VersionRange] = []
    for value in item.values(name):
        try:
            if isinstance(value.data, str):
                found.extend(parse_range(value.data, product.scheme))
            elif isinstance(value.data, dict):
                found.append(range_from_mapping(_plain(value), product.scheme))
            else:
                item.wrong(name, "is neither a text nor a mapping", "write '21.4 before 21.4R3'", line=value.line)
        except ReleaseError as error:
            item.wrong(name, str(error), error.remedy, value.data if isinstance(value.data, str) else "", value.line)
    return tuple(found)


def _plain(value: Value) -> object:
    """A value as plain texts, lists and mappings."""
    if isinstance(value.data, dict):
        return {name: _plain(item) for name, item in value.data.items()}
    return [_plain(item) for item in value.data] if isinstance(value.data, list) else value.data
