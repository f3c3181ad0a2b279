"""The file of one product, ``products/<id>.yml``."""

from __future__ import annotations

from datetime import date

from kb.importers.emit import Yaml, emit_fields
from kb.products import Named, Product, ReleaseInfo, Train

_ORDER = ("id", "name", "aliases", "vendor", "package", "scheme", "summary", "translations", "platforms", "components", "trains",
          "releases")


def product_yaml(product: Product) -> str:
    """The file of one product."""
    trains = {train.id: train for train in product.trains}
    translations = {language: _translation(name, summary) for language, name, summary in product.translations}
    return emit_fields({
        "id": product.id, "name": product.name, "aliases": product.aliases, "vendor": product.vendor, "scheme": product.scheme,
        "package": {"ecosystem": product.package.ecosystem, "name": product.package.name} if product.package else {},
        "summary": product.summary, "translations": translations,
        "platforms": [_named_yaml(item) for item in product.platforms],
        "components": [_named_yaml(item) for item in product.components],
        "trains": [_train_yaml(train) for train in product.trains],
        "releases": [_release_yaml(release, trains.get(release.train)) for release in product.releases],
    }, _ORDER)


def _translation(name: str, summary: str) -> dict[str, Yaml]:
    return {key: text for key, text in (("name", name), ("summary", summary)) if text}


def _named_yaml(item: Named) -> dict[str, Yaml]:
    fields: dict[str, Yaml] = {"id": item.id, "name": item.name}
    if item.aliases:
        fields["aliases"] = item.aliases
    if item.names:
        fields["translations"] = {language: {"name": name} for language, name in item.names}
    return fields


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _train_yaml(train: Train) -> dict[str, Yaml]:
    days = {"released": train.released, "end_of_engineering": train.end_of_engineering,
            "end_of_support": train.end_of_support}
    return {"id": train.id, **{name: _day(day) for name, day in days.items() if day}}


def _release_yaml(release: ReleaseInfo, train: Train | None) -> dict[str, Yaml]:
    fields = {"id": release.id, "date": _day(release.date)}
    for name, day, general in (
            ("end_of_engineering", release.end_of_engineering, train and train.end_of_engineering),
            ("end_of_support", release.end_of_support, train and train.end_of_support)):
        fields[name] = _day(day) if day != general else ""
    fields["recommended"] = "true" if release.recommended else ""
    fields |= {"download": release.download, "sha256": release.sha256}
    return {name: text for name, text in fields.items() if text}
