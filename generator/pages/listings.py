"""Lists of records: section indexes with static facets and pagination, components, what is new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import nlargest
from itertools import chain
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import urlencode

from generator.contexts.lists import ListPage
from generator.contexts.pieces import FacetView, Link
from generator.edition import (
    SEVERITY_LABELS,
    STATUS_LABELS,
    TYPE_LABELS,
    Edition,
    _,
)
from generator.keys import Keys
from generator.pages.archive import archive_link, archive_pages
from generator.pages.reports import UNRATED, reports_page
from generator.plan import Draft, Page, planned
from generator.topics import components
from generator.urls import slug
from kb.heads import Head
from kb.records import SECTIONS, SEVERITIES, Kind

PER_PAGE = 50
LISTED = 500  # records of a list; past that the archive and PR Search have all of them
OFFERED = 30  # values of a facet beside a list; more of them, on the list of each, would grow with their square
NEWS = 100

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
    values: Callable[[Head], Iterable[str]]
    label: Callable[[Edition, str], str]
    order: Sequence[str] = ()


def _product_name(edition: Edition, value: str) -> str:
    product = edition.library.catalogue.find(value)
    return product.name_in(edition.language) if product else value


def _severity_name(edition: Edition, value: str) -> str:
    severity = "" if value == UNRATED else value
    return edition.say(SEVERITY_LABELS[severity])  # type: ignore[index]


PRODUCT = Facet("product", _("Product"), attrgetter("products"), _product_name)
SEVERITY = Facet("severity", _("Severity"), lambda head: (head.severity or UNRATED,), _severity_name,
                 (*SEVERITIES[:-1], UNRATED))
STATUS = Facet("status", _("Status"), lambda head: (head.status,),
               lambda edition, value: edition.say(STATUS_LABELS[value]), tuple(STATUS_LABELS))
TYPE = Facet("type", _("Type"), lambda head: (head.type,), lambda edition, value: edition.say(TYPE_LABELS[value]))
FACETS: dict[Kind, tuple[Facet, ...]] = {
    "article": (PRODUCT,), "report": (SEVERITY, STATUS, PRODUCT), "advisory": (SEVERITY, PRODUCT), "notice": (PRODUCT,),
    "bulletin": (TYPE, PRODUCT),
}


class ListSpec(NamedTuple):
    """One list: where it is, what it says of itself, what is in it. A list of more than ``LISTED`` records shows the first of
    them; ``more`` then leads to the others."""

    place: str
    title: str
    introduction: str
    crumbs: tuple[Link, ...]
    heads: Sequence[Head]
    facets: tuple[FacetView, ...]
    tab: str
    follow: Link
    kinds: bool = False
    more: tuple[Link, ...] = ()


def section_pages(edition: Edition, keys: Keys) -> Iterator[Draft]:
    """The index of each section and one list for each value of its facets."""
    for kind, section in SECTIONS.items():
        heads = edition.library.of_kind(kind)
        values = {facet.id: _by_value(facet, heads) for facet in FACETS[kind]}
        tab = "advisories/" if kind == "notice" else f"{section}/"
        home, link = edition.home, edition.section(kind)
        introduction = edition.say(INTRODUCTIONS[kind])
        archive = (archive_link(edition, kind),) if len(heads) > LISTED else ()
        drafts = list_pages(edition, keys, ListSpec(
            f"{section}/", link.title, introduction, (home,), heads, _facet_views(edition, kind, values, ("", "")), tab,
            edition.follow_kind(kind), more=archive))
        if kind == "report":
            first = next(drafts)
            yield planned(reports_page(edition, first.plan()))
        yield from drafts
        if archive:
            yield from archive_pages(edition, keys, kind)
        for facet in FACETS[kind]:
            for value, chosen in values[facet.id].items():
                label = facet.label(edition, value)
                yield from list_pages(edition, keys, ListSpec(
                    f"{section}/{facet.id}/{slug(value)}/", f"{link.title}: {label}", introduction, (home, link), chosen,
                    _facet_views(edition, kind, values, (facet.id, value)), tab, edition.follow_kind(kind),
                    more=(*_searched(edition, kind, facet.id, value), *archive)))


def _searched(edition: Edition, kind: Kind, facet: str, value: str) -> tuple[Link, ...]:
    """PR Search for all records of a list."""
    if facet == TYPE.id:
        return ()
    query = urlencode(({"kind": kind} if kind != "report" else {}) | {facet: value})
    return (Link(title=edition.say("Search and filter these"), href=edition.href("pr/") + f"?{query}"),)


def _by_value(facet: Facet, heads: Sequence[Head]) -> dict[str, list[Head]]:
    found: defaultdict[str, list[Head]] = defaultdict(list)
    for head, values in zip(heads, map(facet.values, heads), strict=True):
        for value in values:
            found[value].append(head)
    order = list(facet.order)
    return dict(sorted(found.items(), key=lambda item: (order.index(item[0]) if item[0] in order else len(order), item[0])))


def _facet_views(edition: Edition, kind: Kind, values: dict[str, dict[str, list[Head]]],
                 current: tuple[str, str]) -> tuple[FacetView, ...]:
    views = []
    for facet in FACETS[kind]:
        counts = {value: len(heads) for value, heads in values[facet.id].items()}
        chosen = _most_frequent(counts, current[1] if facet.id == current[0] else "")
        options = tuple(
            (Link(title=facet.label(edition, value), href=edition.href(f"{SECTIONS[kind]}/{facet.id}/{slug(value)}/"),
                  current=(facet.id, value) == current), counts[value])
            for value in chosen)
        if len(options) > 1 or any(link.current for link, _count in options):
            more = edition.to(edition.say("All products"), "releases/") if len(chosen) < len(counts) else None
            views.append(FacetView(title=edition.say(facet.title), options=options, more=more))
    return tuple(views)


def _most_frequent(counts: Mapping[str, int], current: str) -> Collection[str]:
    """The values that a list offers, in their order: those of most records, and its own."""
    if len(counts) <= OFFERED:
        return counts
    most = {current, *nlargest(OFFERED, counts, key=counts.__getitem__)}
    return [value for value in counts if value in most]


def list_pages(edition: Edition, keys: Keys, spec: ListSpec) -> Iterator[Draft]:
    """The pages of a list, fifty records each; counts that change with every record stand on the first one only."""
    shown = spec.heads[:LISTED]
    total = max(1, -(-len(shown) // PER_PAGE))
    for number in range(1, total + 1):
        chosen = shown[(number - 1) * PER_PAGE : number * PER_PAGE]
        place = spec.place if number == 1 else f"{spec.place}page/{number}/"
        facts = (place, spec.title, len(spec.heads) if number == 1 else 0, spec.facets if number == 1 else (), total,
                 spec.more if len(spec.heads) > LISTED else None)
        yield Draft(edition.root + place, edition.language, keys.of(facts, (head.key for head in chosen)),
                    partial(_list_page, edition, spec, place, number, total, chosen))


def _list_page(edition: Edition, spec: ListSpec, place: str, number: int, total: int, chosen: Sequence[Head]) -> Page:
    first = number == 1
    title = spec.title if first else edition.say("{title}, page {number}", title=spec.title, number=number)
    cut = len(spec.heads) > LISTED
    context = ListPage(
        crumbs=spec.crumbs, title=title, introduction=spec.introduction if first else "",
        count=edition.speaker.plural("{count} record", "{count} records", len(spec.heads)) if first else "",
        entries=tuple(edition.entry(edition.library.records[head.key], kind=spec.kinds) for head in chosen),
        facets=spec.facets if first else (), pages=_page_links(edition, spec.place, number, total),
        previous=_page_link(edition, spec.place, number - 1, total, edition.say("Previous")),
        next=_page_link(edition, spec.place, number + 1, total, edition.say("Next")), follow=spec.follow,
        empty=edition.say("Nothing has been published here yet."), more=spec.more if cut else (),
        note=edition.say("The {count} latest changes are listed.", count=edition.speaker.number(LISTED)) if cut else "")
    return Page(path=edition.root + place, place=place, language=edition.language, template="list.html", context=context,
                description=spec.introduction or title, tab=spec.tab, feeds=(spec.follow,),
                updated=max((head.updated for head in chosen), default=None))


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


def component_pages(edition: Edition, keys: Keys) -> Iterator[Draft]:
    """One list of problem reports for each component."""
    for name, heads in components(edition.library).items():
        title = edition.component_name(heads[0].component, heads[0].products)
        counts = Counter(chain.from_iterable(map(attrgetter("products"), heads)))
        view = FacetView(title=edition.say("Product"), options=tuple(
            (edition.product_link(product), counts[product.id]) for product in edition.library.catalogue.products
            if counts[product.id]))
        more = (*_searched(edition, "report", "component", heads[0].component), archive_link(edition, "report"))
        yield from list_pages(edition, keys, ListSpec(
            f"components/{name}/", edition.say("Component: {name}", name=title),
            edition.say("Problem reports of this functional area."), (edition.home, edition.section("report")), heads,
            (view,), "pr/", edition.follow(f"component-{name}", title), more=more))


def news_pages(edition: Edition, keys: Keys) -> Iterator[Draft]:
    """The latest changes of all kinds."""
    yield from list_pages(edition, keys, ListSpec(
        "new/", edition.say("What is new"), edition.say("The latest published and changed records of all kinds."),
        (edition.home,), edition.library.newest_first[:NEWS], (), "new/", edition.follow("all", edition.say("Everything")),
        kinds=True))
