"""The page that tells what affects an inventory, which it keeps in the reader's browser (docs/network.md).

Its scripts load the portal's API (docs/api.md) and read this JSON from the page:

    {"example": [devices], "compare": address of the comparison, "case": address of the preparation of a case or empty,
     "entitlement": what generator.pages.entitlement writes, null where serial numbers cannot be looked up}
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from html import escape
from itertools import cycle

from generator.charts import patterns, swatch
from generator.contexts.cases import NetworkPage
from generator.contexts.pieces import Chip
from generator.edition import Edition, _
from generator.network.matching import ON
from generator.pages.case import PLACE as CASE
from generator.pages.case import opens_cases
from generator.pages.entitlement import TABLE, entitlement_facts
from generator.pages.reports import index_labels
from generator.plan import Page
from kb.products import Product
from kb.records import SEVERITIES

PLACE = "network/"
COMMAND = "waypost inventory FILE --portal {url}"
_KINDS = {"report": _("Problem report"), "advisory": _("Security advisory"), "notice": _("Security notice")}
_SITES = (_("Head office"), _("Branch"), _("Data center"))
_TAGS = (_("core"), _("edge"))
_TRAINS, _OF_TRAIN = 3, 3  # of each product in the example, and devices of each
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def has_network(edition: Edition) -> bool:
    """Whether the portal has the page: where it has releases."""
    return any(product.releases for product in edition.library.catalogue.products)


def network_page(edition: Edition, guides: Collection[str]) -> Iterator[Page]:
    """The page, where the portal has it; ``guides`` are the places of the language's guides."""
    if not has_network(edition):
        return
    say = edition.say
    introduction = say("Bring in the list of your devices and see what affects them, how long their releases are supported, and "
                       "where to upgrade to.")
    severities = tuple(Chip(kind="severity", value=severity or "unrated", label=edition.severity_chip(severity).label)
                       for severity in SEVERITIES)
    context = NetworkPage(
        crumbs=(edition.home,), title=say("My network"), introduction=introduction,
        products=tuple(edition.product_link(product) for product in edition.library.catalogue.products if product.releases),
        command=COMMAND.format(url=edition.portal.url), severities=severities,
        kinds=tuple((kind, say(title)) for kind, title in _KINDS.items()), on=say(ON), patterns_html=patterns(),
        legend_html=" ".join(f'<span data-severity="{item.value}">{swatch(place)} {escape(item.label)}</span>'
                             for place, item in enumerate(severities)),
        facts_html=_facts(edition, guides), labels=tuple(index_labels(edition)),
        case=edition.to(say("Prepare a case"), CASE) if opens_cases(edition) else None)
    yield Page(path=edition.root + PLACE, place=PLACE, language=edition.language, template="network.html", context=context,
               description=introduction, tab="help/")


def _facts(edition: Edition, guides: Collection[str]) -> str:
    """The JSON for the scripts, safe inside a script element."""
    table = edition.portal.sealed.table(TABLE)
    by_serial = table is not None and ("serial",) in table.lookups
    facts = {"example": [*_example(edition)], "compare": edition.href("compare/"),
             "case": edition.href(CASE) if opens_cases(edition) else "",
             "entitlement": json.loads(entitlement_facts(edition, ("serial",), guides)) if by_serial else None}
    return _ENCODER.encode(facts).replace("<", "\\u003c")


def _example(edition: Edition) -> Iterator[dict[str, object]]:
    """An inventory to try the page with: devices on releases of each product's latest trains, the older ones first."""
    sites, tags, serials = cycle(map(edition.say, _SITES)), cycle(map(edition.say, _TAGS)), _serials(edition)
    for product in edition.library.catalogue.products:
        platforms = cycle([platform.id for platform in product.platforms] or [""])
        for number, release in enumerate(_example_releases(product), 1):
            yield {"name": f"{product.id}-{number}", "product": product.id, "platform": next(platforms), "release": release,
                   "serial": next(serials, ""), "site": next(sites), "tags": [next(tags)]}


def _example_releases(product: Product) -> Iterator[str]:
    trains: dict[str, list[str]] = {}
    for release in product.releases:
        trains.setdefault(release.train, []).append(release.id)
    for releases in list(trains.values())[-_TRAINS - 1:-1] or trains.values():
        yield from releases[:_OF_TRAIN]


def _serials(edition: Edition) -> Iterator[str]:
    """The examples of serial numbers that the policy has."""
    for form in edition.library.policy.numbers if edition.library.policy else ():
        if form.id == "serial" or form.id.startswith("serial-"):
            yield from form.examples
