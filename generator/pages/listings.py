"""Lists of records: section indexes with static facets and pagination, components, what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from generator.contexts import FacetView, Link, ListPage
from generator.edition import (
    SECTION_TITLES,
    SEVERITY_LABELS,
    STATUS_LABELS,
    TYPE_LABELS,
    Edition,
    _,
)
from generator.pages.reports import UNRATED, reports_page
from generator.plan import Page
from generator.urls import slug
from kb.records import SECTIONS, SEVERITIES, AnyRecord, Kind, Report, severity_of

PER_PAGE = 50

INTRODUCTIONS: dict[Kind, str] = {
    "article": _("How to configure, operate, upgrade and repair; known problems and their solutions."),
    "report": _("Known faults: what they do, which releases they affect, where they are fixed and how to work around them."),
    "advisory": _("Vulnerabilities in our products, with affected and fixed releases."),
    "notice": _("Security matters that are no vulnerability of ours but deserve your attention."),
    "bulletin": _("Changes to hardware and software that you should know before they reach you."),
}


class Facet(NamedTuple):
    """A property by which a section can be narrowed: ``values`` of a record, ``label`` of a value, ``order`` of values."""

    id: str
    title: str
    values: Callable[[AnyRecord], Iterable[str]]
    label: Callable[[Edition, str], str]
    order: Sequence[str] = ()


def _product_name(edition: Edition, value: str) -> str:
    product = edition.library.catalogue.find(value)
    return product.name_in(edition.language) if product else value


def _severity_name(edition: Edition, value: str) -> str:
    severity = "" if value == UNRATED else value
    return edition.say(SEVERITY_LABELS[severity])  # type: ignore[index]


PRODUCT = Facet("product", _("Product"), lambda record: record.products, _product_name)
SEVERITY = Facet("severity", _("Severity"), lambda record: (severity_of(record) or UNRATED,), _severity_name,
                 (*SEVERITIES[:-1], UNRATED))
STATUS = Facet("status", _("Status"), lambda record: (record.status,),
               lambda edition, value: edition.say(STATUS_LABELS[value]), tuple(STATUS_LABELS))
TYPE = Facet("type", _("Type"), lambda record: (getattr(record, "type", ""),),
             lambda edition, value: edition.say(TYPE_LABELS[value]))
FACETS: dict[Kind, tuple[Facet, ...]] = {
    "article": (PRODUCT,), "report": (SEVERITY, STATUS, PRODUCT), "advisory": (SEVERITY, PRODUCT), "notice": (PRODUCT,),
    "bulletin": (TYPE, PRODUCT),
}


class ListSpec(NamedTuple):
    """One list: where it is, what it says of itself, what is in it."""

    place: str
    title: str
    introduction: str
    crumbs: tuple[Link, ...]
    records: Sequence[AnyRecord]
    facets: tuple[FacetView, ...]
    tab: str
    follow: Link
    kinds: bool = False


def section_pages(edition: Edition) -> Iterator[Page]:
    """The index of each section and one list for each value of its facets."""
    for kind, section in SECTIONS.items():
        records = edition.library.of_kind(kind)
        values = {facet.id: _by_value(facet, records) for facet in FACETS[kind]}
        tab = "advisories/" if kind == "notice" else f"{section}/"
        home, link = edition.home, edition.section(kind)
        introduction = edition.say(INTRODUCTIONS[kind])
        pages = list_pages(edition, ListSpec(
            f"{section}/", link.title, introduction, (home,), records, _facet_views(edition, kind, values, ("", "")), tab,
            edition.follow_kind(kind)))
        if kind == "report":
            yield reports_page(edition, next(pages))
        yield from pages
        for facet in FACETS[kind]:
            for value, chosen in values[facet.id].items():
                label = facet.label(edition, value)
                yield from list_pages(edition, ListSpec(
                    f"{section}/{facet.id}/{slug(value)}/", f"{link.title}: {label}", introduction, (home, link), chosen,
                    _facet_views(edition, kind, values, (facet.id, value)), tab,
                    edition.follow_kind(kind)))


def _by_value(facet: Facet, records: Sequence[AnyRecord]) -> dict[str, list[AnyRecord]]:
    found: dict[str, list[AnyRecord]] = {}
    for record in records:
        for value in facet.values(record):
            found.setdefault(value, []).append(record)
    order = list(facet.order)
    return dict(sorted(found.items(), key=lambda item: (order.index(item[0]) if item[0] in order else len(order), item[0])))


def _facet_views(edition: Edition, kind: Kind, values: dict[str, dict[str, list[AnyRecord]]],
                 current: tuple[str, str]) -> tuple[FacetView, ...]:
    views = []
    for facet in FACETS[kind]:
        options = tuple(
            (Link(title=facet.label(edition, value), href=edition.href(f"{SECTIONS[kind]}/{facet.id}/{slug(value)}/"),
                  current=(facet.id, value) == current), len(records))
            for value, records in values[facet.id].items())
        if len(options) > 1 or any(link.current for link, _count in options):
            views.append(FacetView(title=edition.say(facet.title), options=options))
    return tuple(views)


def list_pages(edition: Edition, spec: ListSpec) -> Iterator[Page]:
    """The pages of a list, fifty records each."""
    total = max(1, -(-len(spec.records) // PER_PAGE))
    for number in range(1, total + 1):
        chosen = spec.records[(number - 1) * PER_PAGE : number * PER_PAGE]
        place = spec.place if number == 1 else f"{spec.place}page/{number}/"
        title = spec.title if number == 1 else edition.say("{title}, page {number}", title=spec.title, number=number)
        context = ListPage(
            crumbs=spec.crumbs, title=title, introduction=spec.introduction if number == 1 else "",
            count=edition.speaker.plural("{count} record", "{count} records", len(spec.records)),
            entries=tuple(edition.entry(record, kind=spec.kinds) for record in chosen), facets=spec.facets,
            pages=_page_links(edition, spec.place, number, total),
            previous=_page_link(edition, spec.place, number - 1, total, edition.say("Previous")),
            next=_page_link(edition, spec.place, number + 1, total, edition.say("Next")), follow=spec.follow,
            empty=edition.say("Nothing has been published here yet."))
        yield Page(path=edition.root + place, place=place, language=edition.language, template="list.html", context=context,
                   description=spec.introduction or title, tab=spec.tab, feeds=(spec.follow,),
                   updated=max((record.updated for record in chosen), default=None))


def _page_link(edition: Edition, place: str, number: int, total: int, title: str, current: int = 0) -> Link | None:
    if not 1 <= number <= total:
        return None
    return Link(title=title, href=edition.href(place if number == 1 else f"{place}page/{number}/"), current=number == current)


def _page_links(edition: Edition, place: str, number: int, total: int) -> tuple[Link | None, ...]:
    """First, last and neighbouring pages with None for each gap; empty for a single page."""
    if total == 1:
        return ()
    shown = sorted({1, total, *range(max(1, number - 2), min(total, number + 2) + 1)})
    found: list[Link | None] = []
    for position, page in enumerate(shown):
        if position and page > shown[position - 1] + 1:
            found.append(None)
        found.append(_page_link(edition, place, page, total, str(page), number))
    return tuple(found)


def component_pages(edition: Edition) -> Iterator[Page]:
    """One list of problem reports for each component."""
    by_component: dict[str, list[Report]] = {}
    for record in edition.library.of_kind("report"):
        if isinstance(record, Report) and record.component:
            by_component.setdefault(slug(record.component), []).append(record)
    for name in sorted(by_component):
        records = by_component[name]
        title = edition.component_name(records[0].component, records[0].products)
        products = [product for product in edition.library.catalogue.products
                    if any(product.id in record.products for record in records)]
        view = FacetView(title=edition.say("Product"), options=tuple(
            (edition.product_link(product), Counter(item for record in records for item in record.products)[product.id])
            for product in products))
        yield from list_pages(edition, ListSpec(
            f"components/{name}/", edition.say("Component: {name}", name=title),
            edition.say("Problem reports of this functional area."), (edition.home, edition.section("report")), records,
            (view,), "pr/", edition.follow(f"component-{name}", title)))


def news_pages(edition: Edition) -> Iterator[Page]:
    """The latest changes of all kinds."""
    records = edition.library.of_kind(*SECTION_TITLES)[:100]
    yield from list_pages(edition, ListSpec(
        "new/", edition.say("What is new"), edition.say("The latest published and changed records of all kinds."),
        (edition.home,), records, (), "new/", edition.follow("all", edition.say("Everything")), kinds=True))
