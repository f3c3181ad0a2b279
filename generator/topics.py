"""What can be followed: the topics of feeds."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.edition import SECTION_TITLES, SEVERITY_LABELS, TYPE_LABELS, Edition, _
from generator.urls import slug
from kb.heads import Head
from kb.library import Library, newest_first
from kb.records import SECTIONS, Severity

FOLLOWED_SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

# Headings of the subscribe page, in its order.
GROUPS = {
    "kind": _("By kind"), "severity": _("By severity"), "product": _("By product"),
    "advisories": _("Security advisories by product"), "platform": _("By platform"), "train": _("By release train"),
    "component": _("By component"),
}


class Topic(msgspec.Struct, frozen=True):
    """What a feed is about. ``id`` is its file name without ending, ``group`` one of GROUPS, ``place`` the page that it belongs
    to; ``product`` is the name of the product of a topic that is known by another name within it."""

    id: str
    group: str
    title: str
    place: str
    product: str = ""

    @property
    def full_title(self) -> str:
        return f"{self.product}: {self.title}" if self.product else self.title


def topics(edition: Edition) -> Iterator[Topic]:
    """The topics of an edition, in the order of GROUPS."""
    library, say, products = edition.library, edition.say, edition.library.catalogue.products
    advisories, bulletins = SECTION_TITLES["advisory"], SECTION_TITLES["bulletin"]
    named = [(product, product.name_in(edition.language), f"products/{product.id}/") for product in products]
    yield Topic("all", "kind", say("Everything"), "new/")
    for kind, title in SECTION_TITLES.items():
        yield Topic(SECTIONS[kind], "kind", say(title), f"{SECTIONS[kind]}/")
    for name, label in TYPE_LABELS.items():
        yield Topic(f"bulletins-{name}", "kind", f"{say(bulletins)}: {say(label)}", "bulletins/")
    for severity in FOLLOWED_SEVERITIES:
        yield Topic(f"severity-{severity}", "severity", say(SEVERITY_LABELS[severity]), "new/")
    for product, title, place in named:
        yield Topic(f"product-{product.id}", "product", title, place)
    for product, title, place in named:
        yield Topic(f"advisories-{product.id}", "advisories", say(advisories), place, title)
    for product, title, place in named:
        for platform in product.platforms:
            yield Topic(platform_topic(product.id, platform.id), "platform", platform.name_in(edition.language),
                        f"{place}{platform.id}/", title)
    for product, title, place in named:
        for train in reversed(dict.fromkeys(name for name, _first, _end in product.train_stretches)):
            yield Topic(train_topic(product.id, train), "train", train, place, title)
    for name, heads in components(library).items():
        title = edition.component_name(heads[0].component, heads[0].products)
        yield Topic(f"component-{name}", "component", title, f"components/{name}/")


def platform_topic(product: str, platform: str) -> str:
    """Ids of products hold no dots, so the first one ends theirs."""
    return f"platform-{product}.{platform}"


def train_topic(product: str, train: str) -> str:
    return f"train-{product}.{train.lower()}"


def components(library: Library) -> dict[str, list[Head]]:
    """The problem reports of each component by its name in addresses, newest change first; names may differ in case."""
    found: dict[str, list[Head]] = {}
    for component, heads in library.by_component.items():
        name = slug(component)
        found[name] = newest_first([*found[name], *heads]) if name in found else heads
    return dict(sorted(found.items()))
