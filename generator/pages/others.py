"""Home, search, feeds, guides, the page for unknown addresses, and pages that send the reader on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from urllib.parse import quote_plus

import msgspec

from generator.contexts.lists import (
    EditorialPage,
    FeedGroup,
    FeedRow,
    FeedsPage,
    GuidePart,
    HomePage,
    NotFoundPage,
    RedirectPage,
    SearchPage,
)
from generator.contexts.pieces import Group, Link, PageContext
from generator.edition import SECTION_TITLES, Edition, _, shown_redirects
from generator.end_dates import FEED as END_DATES
from generator.feed_formats import FORMATS, NAMES
from generator.feed_windows import EVERYTHING
from generator.feeds import OPML
from generator.markdown import scrollable
from generator.opensearch import text_fields
from generator.pages.case import PLACE as CASE
from generator.pages.case import opens_cases
from generator.pages.cases import PLACE as CASES
from generator.pages.cases import has_cases
from generator.pages.entitlement import PLACE as ENTITLEMENT
from generator.pages.entitlement import is_asked
from generator.pages.network import PLACE as NETWORK
from generator.pages.network import has_network
from generator.pages.policy_blocks import pieces_of
from generator.pages.records import language_note
from generator.plan import Page
from generator.policy_data import policy_json
from generator.policy_pages import cut_at_markers, shows
from generator.shell import Guide
from generator.topics import GROUPS, Topic, topics
from generator.urls import link
from kb.heads import Head
from kb.records import AnyRecord

LATEST = 5
_HEADING = re.compile(r"<h1.*?</h1>", re.DOTALL)
OPEN_GROUPS = ("kind", "severity", "product")  # of the subscribe page
NO_TAB = "new/"  # no header tab leads there, so none is marked as the current one


def _page(edition: Edition, place: str, template: str, context: PageContext, description: str, tab: str = NO_TAB,
          listed: bool = True) -> Page:
    return Page(path=edition.root + place, place=place, language=edition.language, template=template, context=context,
                description=description, tab=tab, listed=listed)


def home_page(edition: Edition, guides: dict[str, Guide]) -> Page:
    """The home page; the text of ``pages/index.md`` stands at its end."""
    say, text = edition.say, edition.portal.text_in(edition.language)
    doors = [
        (edition.to(say("Find a known problem"), "pr/"), say("By number, release or component")),
        (edition.to(say("Check my release"), "releases/"), say("Known and resolved problems, end dates")),
        (edition.to(say("Compare two releases"), "compare/"), say("What an upgrade fixes, and what it brings")),
        (edition.to(say("Security bulletins"), "advisories/"), say("Advisories and notices with fixed releases")),
    ]
    if has_network(edition):
        doors.append((edition.to(say("My network"), NETWORK), say("What affects the devices that you run")))
    if is_asked(edition):
        doors.append((edition.to(say("Check entitlement"), ENTITLEMENT), say("What your serial number entitles you to")))
    if has_cases(edition):
        doors.append((edition.to(say("Case and return status"), CASES), say("By case number, return number or your reference")))
    index = guides.get("")
    context = HomePage(
        crumbs=(), title=text.name, summary=text.summary, search_href=edition.href("search/"),
        examples=tuple(Link(title=example, href=edition.href("search/") + f"?q={quote_plus(example)}")
                       for example in text.examples),
        doors=tuple(doors), groups=tuple(_home_groups(edition)),
        subscribe=edition.to(say("Subscribe to changes"), "feeds/"), audience=_audience(edition),
        intro_html=_HEADING.sub("", index.body, count=1).strip() if index else "")
    page = _page(edition, "", "home.html", context, text.summary or text.name, tab="")
    return msgspec.structs.replace(page, source=index.source, authored=(index.body,)) if index else page


def _audience(edition: Edition) -> str:
    """For whom this portal is; empty where it is for everybody."""
    name = edition.library.view.audience
    return edition.say("For: {audience}", audience=edition.audience_name(name)) if name not in {"", edition.portal.public} else ""


def _home_groups(edition: Edition) -> Iterator[Group]:
    say, library = edition.say, edition.library
    advisories = library.of_kind("advisory")
    live = [head for head in advisories if head.status in {"final", "interim"}]
    urgent = [head for head in live if head.severity in {"critical", "high"}] or live
    popular = [record for name in edition.portal.popular if (record := library.find(name))]
    groups: tuple[tuple[str, str, list[AnyRecord], Link], ...] = (
        ("bulletins", _("Latest critical bulletins"), _first(edition, urgent),
         edition.to(say("All security advisories"), "advisories/")),
        ("updated", _("Recently updated problem reports"), _first(edition, library.of_kind("report")),
         edition.to(say("All problem reports"), "pr/")),
        ("popular", _("Popular articles"), popular[:LATEST] or _first(edition, library.of_kind("article")),
         edition.to(say("All articles"), "kb/")),
    )
    for name, title, records, more in groups:
        if records:
            yield Group(id=name, title=say(title), more=more,
                        entries=tuple(edition.entry(record, kind=False) for record in records))


def _first(edition: Edition, heads: Sequence[Head]) -> list[AnyRecord]:
    return [edition.library.records[head.key] for head in heads[:LATEST]]


def guide_page(edition: Edition, guide: Guide, places: Mapping[str, str]) -> Page:
    """An editorial page, in its own frame; ``places`` are the addresses of those that show blocks of the policy, by block."""
    cut = list(cut_at_markers(guide.body))
    level = "h3" if "<h2" in cut[0][0] else "h2"  # of headings in the first block
    parts = tuple(_guide_part(edition, html, block, places, "h3" if number else level)
                  for number, (html, block) in enumerate(cut))
    policy = edition.library.policy
    context = EditorialPage(crumbs=(edition.home,), title=guide.title, parts=parts,
                            policy_html=policy_json(policy, edition.speaker, {part.block for part in parts}) if policy else "",
                            vendor_zone=edition.portal.timezone,
                            text_language=guide.text_language if guide.text_language != edition.language else "",
                            language_note=language_note(edition, guide.text_language))
    return Page(path=edition.root + guide.place, place=guide.place, language=edition.language, template="guide.html",
                context=context, description=guide.description or guide.title, frame=guide.key, prose=True,
                source=guide.source, authored=(guide.body,))


def _guide_part(edition: Edition, html: str, block: str, places: Mapping[str, str], heading: str) -> GuidePart:
    known = block if shows(edition.library.policy, block) else ""
    return GuidePart(html=scrollable(html, edition.words.table), block=known, heading=heading,
                     pieces=pieces_of(edition, known, places) if known else ())


def search_page(edition: Edition) -> Page:
    context = SearchPage(crumbs=(edition.home,), title=edition.say("Search"), search_href=edition.href("search/"),
                         sections=sections(edition), reports=edition.section("report"),
                         products=tuple(msgspec.structs.replace(edition.product_link(product), id=product.id)
                                        for product in edition.library.catalogue.products),
                         case=edition.to(edition.say("Prepare a case"), CASE) if opens_cases(edition) else None,
                         endpoint=edition.portal.opensearch,
                         fields=text_fields(edition.portal) if edition.portal.opensearch else ())
    return _page(edition, "search/", "search.html", context, edition.say("Search the whole portal."))


def sections(edition: Edition) -> tuple[Link, ...]:
    found = [edition.section(kind) for kind in SECTION_TITLES]
    return (*found, edition.to(edition.say("Releases"), "releases/"), edition.to(edition.say("What is new"), "new/"))


def feeds_page(edition: Edition) -> Page:
    """The subscribe page: all feeds, which a script lets readers choose from."""
    say = edition.say
    introduction = say("Add one of these addresses to a feed reader, and it tells you when something is published or changed.")
    groups = tuple(
        FeedGroup(id=group, title=say(GROUPS[group]), is_open=group in OPEN_GROUPS, parts=tuple(
            (product, tuple(_feed_row(edition, topic) for topic in found))
            for product, found in groupby(topics_of, key=lambda topic: topic.product if group != "advisories" else "")))
        for group, topics_of in groupby(topics(edition), key=lambda topic: topic.group))
    groups += (_end_dates(edition),)
    context = FeedsPage(crumbs=(edition.home,), title=say("Subscribe"), introduction=introduction,
                        portal=edition.portal.text_in(edition.language).name, opml=edition.to(say("All feeds as OPML"), OPML),
                        formats=tuple((name, NAMES[name]) for name in FORMATS), groups=groups)
    page = _page(edition, "feeds/", "feeds.html", context, introduction)
    return msgspec.structs.replace(page, feeds=(edition.follow(EVERYTHING, say("Everything")),))


def _end_dates(edition: Edition) -> FeedGroup:
    """The feed of end dates, which has one view."""
    title = edition.say("End dates")
    links = tuple(Link(id=name, title=NAMES[name], href=edition.href(f"{END_DATES}.{name}")) for name in FORMATS)
    row = FeedRow(id="end-dates", title=title, full_title=title, updates=links, new=links)
    return FeedGroup(id="lifecycle", title=edition.say("Life cycle"), is_open=True, parts=(("", (row,)),))


def _feed_row(edition: Edition, topic: Topic) -> FeedRow:
    return FeedRow(
        id=topic.id, title=topic.product if topic.group == "advisories" else topic.title, full_title=topic.full_title,
        updates=tuple(Link(id=name, title=NAMES[name], href=edition.href(f"feeds/{topic.id}.{name}")) for name in FORMATS),
        new=tuple(Link(id=name, title=NAMES[name], href=edition.href(f"feeds/new/{topic.id}.{name}")) for name in FORMATS))


def not_found_page(edition: Edition) -> Page:
    """The page for unknown addresses; ``404.html``, which hosts serve at any depth."""
    context = NotFoundPage(crumbs=(edition.home,), title=edition.say("Page not found"), search_href=edition.href("search/"),
                           sections=sections(edition))
    return _page(edition, "404.html", "not_found.html", context, edition.say("This address leads nowhere."), listed=False)


def redirect_pages(edition: Edition) -> Iterator[Page]:
    """A page at each old address, in the default language's tree."""
    for redirect, record in shown_redirects(edition.library):
        target = edition.to(edition.text_of(record).title, record.path) if record else Link(
            title=redirect.new, href=link(redirect.new.lstrip("/")))
        path = redirect.old.lstrip("/")
        if "." not in path.rsplit("/", 1)[-1] and not path.endswith("/"):
            path += "/"
        context = RedirectPage(crumbs=(), title=edition.say("This page has moved"), target=target)
        yield Page(path=path, place=path, language=edition.language, template="redirect.html", context=context,
                   description=edition.say("This page has moved"), listed=False, source=redirect.place.path,
                   authored=(f'href="{target.href}"',))

