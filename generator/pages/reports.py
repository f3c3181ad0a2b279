"""PR Search and the comparison of releases: pages whose scripts ask the index, and what they offer without scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import attrgetter

import msgspec

from generator.contexts.lists import FilterGroup, FilterOption, ListPage, ReportsPage
from generator.contexts.pieces import Chip, Link
from generator.contexts.releases import ComparedProduct, ComparePage
from generator.edition import SECTION_TITLES, SEVERITY_LABELS, STATUS_LABELS, Edition
from generator.pages.products import target_release
from generator.plan import Page
from generator.topics import components
from kb.heads import Head
from kb.records import SEVERITIES

UNRATED = "unrated"
OF_REPORTS = ("open", "fixed", "closed", "duplicate")
NEWEST = 8  # releases of a product


def reports_page(edition: Edition, page: Page) -> Page:
    """The first page of the list of problem reports, as PR Search."""
    listing = page.context
    assert isinstance(listing, ListPage)
    reports = edition.library.of_kind("report")
    products = [product for product in edition.library.catalogue.products if product.releases]
    context = ReportsPage(
        crumbs=listing.crumbs, title=listing.title, listing=listing, href=edition.href("pr/"),
        filters=tuple(_filters(edition, reports)), labels=tuple(index_labels(edition)),
        example=listing.entries[0] if listing.entries else None,
        example_release=target_release(products[0]) if products else "",
        components=tuple(_components(edition)), products=tuple(map(edition.product_link, products)),
        compare=edition.to(edition.say("Compare two releases"), "compare/"))
    return msgspec.structs.replace(page, context=context, template="reports.html")


def compare_page(edition: Edition) -> Page:
    """The page that compares two releases."""
    introduction = edition.say("What a step from one release to another fixes, what it brings and what stays open.")
    compared = tuple(
        ComparedProduct(id=product.id, link=edition.product_link(product), target=target_release(product), newest=tuple(
            edition.release_chip(product, release.id) for release in product.releases[: -NEWEST - 1 : -1]))
        for product in edition.library.catalogue.products if product.releases)
    context = ComparePage(
        crumbs=(edition.home, edition.to(edition.say("Releases"), "releases/")), title=edition.say("Compare two releases"),
        introduction=introduction, href=edition.href("compare/"), reports_href=edition.href("pr/"), compared=compared,
        labels=tuple(index_labels(edition)))
    return Page(path=edition.root + "compare/", place="compare/", language=edition.language, template="compare.html",
                context=context, description=introduction, tab="releases/")


def index_labels(edition: Edition) -> Iterator[Chip]:
    """What severities and states are called, for scripts that show entries of the index."""
    for severity in SEVERITIES:
        yield edition.severity_chip(severity)
    for status, label in STATUS_LABELS.items():
        yield Chip(kind="status", value=status, label=edition.say(label))


def _filters(edition: Edition, reports: Sequence[Head]) -> Iterator[FilterGroup]:
    """What a search can be narrowed to, with the numbers of problem reports, which are searched where nothing else is asked."""
    say, library = edition.say, edition.library
    severities = Counter(map(attrgetter("severity"), reports))
    every_severity = set(map(attrgetter("severity"), library.heads.values()))
    yield FilterGroup(name="severity", title=say("Severity"), is_open=True, options=tuple(
        FilterOption(value=severity or UNRATED, label=say(SEVERITY_LABELS[severity]), count=severities[severity],
                     rare=severity in {"none", ""} and not severities[severity])
        for severity in SEVERITIES if severity in every_severity or severity not in {"none", ""}))
    statuses = Counter(map(attrgetter("status"), reports))
    every_status = set(map(attrgetter("status"), library.heads.values()))
    yield FilterGroup(name="status", title=say("Status"), is_open=True, options=tuple(
        FilterOption(value=status, label=say(label), count=statuses[status], rare=status not in OF_REPORTS)
        for status, label in STATUS_LABELS.items() if status in OF_REPORTS or status in every_status))
    yield FilterGroup(name="has", title=say("Workaround"), is_open=True, options=(FilterOption(
        value="workaround", label=say("With a workaround"),
        count=sum(map(attrgetter("workaround"), reports))),))
    kinds = Counter(map(attrgetter("kind"), library.heads.values()))
    yield FilterGroup(name="kind", title=say("Kind"), is_open=True, options=tuple(
        FilterOption(value=kind, label=say(SECTION_TITLES[kind]), count=kinds[kind], chosen=kind == "report")
        for kind in ("report", "advisory", "notice", "bulletin", "article")))
    products = Counter(chain.from_iterable(map(attrgetter("products"), reports)))
    yield FilterGroup(name="product", title=say("Product"), options=tuple(
        FilterOption(value=product.id, label=product.name_in(edition.language), count=products[product.id])
        for product in library.catalogue.products))
    yield FilterGroup(name="platform", title=say("Platform"), options=())
    yield FilterGroup(name="component", title=say("Component"), options=())


def _components(edition: Edition) -> Iterator[tuple[Link, int]]:
    """Components with their numbers of problem reports, by name."""
    found = components(edition.library)
    links = [(edition.to(edition.component_name(heads[0].component, heads[0].products), f"components/{name}/"), len(heads))
             for name, heads in found.items()]
    return iter(sorted(links, key=lambda item: item[0].title.casefold()))
