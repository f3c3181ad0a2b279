"""Record pages: one context for any kind of record."""

from __future__ import annotations

import json
from collections.abc import Iterator

from generator.contexts.pieces import Banner, Fact, Link
from generator.contexts.records import HistoryRow, Part, RecordPage
from generator.edition import KIND_LABELS, TYPE_LABELS, Edition, _
from generator.feeds import has_own_feed, own_feed
from generator.i18n import day_of, own_name
from generator.markdown import unique_id
from generator.pages.affected import affected_products
from generator.pages.checker import checker_data
from generator.pages.feedback import feedback_form
from generator.pages.machine_links import machine_links
from generator.pages.one_by_one import field_parts
from generator.pages.related import alike, linked
from generator.pages.scores import score_views
from generator.plan import Page
from generator.urls import link, slug
from kb.cwe import weakness
from kb.records import (
    SECTIONS,
    AnyRecord,
    Article,
    Bulletin,
    Kind,
    Report,
    SecurityBulletin,
    Text,
    normal_id,
    successor_of,
)
from kb.text import HEADINGS

_JSON = json.JSONEncoder(ensure_ascii=False)
_TABS: dict[Kind, str] = {"notice": "advisories/"}


def record_page(edition: Edition, record: AnyRecord) -> Page:
    """The page of a record in the edition's language."""
    text = edition.text_of(record)
    introduction, parts = _parts(edition, text)
    is_security = isinstance(record, SecurityBulletin)
    conditions = next((part for part in parts if part.id == "configuration"), None) if is_security else None
    section, follow = edition.section(record.kind), follow_record(edition, record)
    context = RecordPage(
        crumbs=(edition.home, section), title=text.title, id=record.id, kind=record.kind,
        kind_label=edition.say(KIND_LABELS[record.kind]), summary=text.summary if text.summary != text.title else "",
        text_language=edition.lang_attribute(text), language_note=language_note(edition, text.language),
        other_languages=_other_languages(edition, record, text), banners=tuple(_banners(edition, record)),
        chips=edition.chips(record), facts=tuple(_facts(edition, record)), scores=score_views(edition, record),
        affected=affected_products(edition, record), affected_note=_affected_note(edition, record),
        affected_first=is_security, conditions=conditions, checker_html=checker_data(edition, record),
        address=f"{edition.portal.url}{edition.root}{record.path}" if is_security else "", introduction_html=introduction,
        parts=(*(part for part in parts if part is not conditions), *field_parts(edition, record)),
        keywords=text.keywords,
        credits=record.credits if isinstance(record, SecurityBulletin) else (),
        references=_references(record), history_title=_history_title(edition, record),
        history=_history(edition, record), machine=machine_links(edition, record), related=linked(edition, record),
        alike=tuple(alike(edition, record)), follow=follow, feedback=feedback_form(edition, record))
    languages = edition.portal.languages
    extra = tuple(other.language for other in record.texts if other.language not in languages)
    return Page(
        path=edition.root + record.path, place=record.path, language=edition.language, template="record.html",
        context=context, description=text.summary, tab=_TABS.get(record.kind, f"{SECTIONS[record.kind]}/"),
        updated=record.updated, published=record.published, feeds=tuple(dict.fromkeys((follow, *_wider_feeds(edition, record)))),
        alternates=extra, schema="TechArticle", prose=record.kind != "report" and text.language == edition.language,
        listed=record.status not in {"withdrawn", "retired"}, source=text.place.path,
        authored=(introduction, *(part.html for part in parts)))


def language_note(edition: Edition, language: str) -> str:
    """A note where a text is not in the page's language, else empty."""
    if language == edition.language:
        return ""
    name = edition.speaker.language_name(language)
    return edition.say("This text has not been translated. It is shown in its original language: {language}.", language=name)


def _other_languages(edition: Edition, record: AnyRecord, shown: Text) -> tuple[Link, ...]:
    """Texts in languages that have no tree of their own."""
    return tuple(Link(title=own_name(text.language), language=text.language,
                      href=link(f"{text.language}/{record.path}"))
                 for text in record.texts
                 if text.language not in edition.portal.languages and text.language != shown.language)


def _parts(edition: Edition, text: Text) -> tuple[str, tuple[Part, ...]]:
    """(introduction, sections) of a text as HTML."""
    used = {"content", "affected", "history", "related", "references", "credits", "summary", "each-vulnerability", "remediations",
            "worded", "source", "cvss", "affected-title", "record-id", "wp-answer", "wp-known-releases",
            "helpful"}
    introduction, parts = "", []
    for section in text.sections:
        if not section.key and not section.title:
            introduction += edition.html(text, section.markdown, used)
            continue
        title = section_title(section.key, section.title, edition, text)
        name = section.key if section.key and section.key not in used else slug(title)
        identifier = unique_id(name, used)
        parts.append(Part(id=identifier, title=title, html=edition.html(text, section.markdown, used)))
    return introduction, tuple(parts)


def section_title(key: str, title: str, edition: Edition, text: Text) -> str:
    """A known section is headed in the language of the text, where that is one of ours."""
    if not key:
        return title
    return HEADINGS[key].get(text.language, title or HEADINGS[key]["en"])


def _banners(edition: Edition, record: AnyRecord) -> Iterator[Banner]:
    say, successor = edition.say, edition.library.find(successor_of(record)) if successor_of(record) else None
    replacement = None
    if successor:
        replacement = Link(title=edition.text_of(successor).title, id=successor.id, href=edition.href(successor.path))
    if record.status == "draft":
        yield Banner(kind="draft", text=say("Draft. Only previews show this page."))
    elif record.publish_at and record.publish_at > edition.library.view.at:
        yield Banner(kind="embargoed", text=say("Embargoed until {time}. Only previews show this page.",
                                                 time=edition.speaker.moment(record.publish_at)))
    if parts_for := edition.library.parts_for(normal_id(record.id)):
        names = ", ".join(map(edition.audience_name, parts_for))
        text = _("Parts of this page are only for: {audiences}. Do not pass them on.")
        yield Banner(kind="restricted", text=say(text, audiences=names))
    texts = {
        "withdrawn": _("Withdrawn. This record is kept for reference; do not act on it."),
        "superseded": _("Superseded. Read this instead:"), "retired": _("Retired. This article is no longer maintained."),
        "duplicate": _("Duplicate. The problem is followed here:"),
        "interim": _("Interim. The investigation goes on and this page will change."),
    }
    if record.status in texts:
        message = texts[record.status]
        if record.status == "retired" and replacement:
            message = _("Retired. Read this instead:")
        yield Banner(kind=record.status, text=say(message), link=replacement)


def _facts(edition: Edition, record: AnyRecord) -> Iterator[Fact]:
    say = edition.say
    status = edition.chips(record)
    severity = tuple(chip for chip in status if chip.kind == "severity")
    if severity:
        yield edition.fact(_("Severity"), chips=severity)
    yield edition.fact(_("Status"), chips=(edition.status_chip(record.status),))
    if isinstance(record, Bulletin):
        yield Fact(term=say("Type"), text=say(TYPE_LABELS[record.type]))
    if products := edition.product_links(record.products):
        yield edition.fact(_("Product") if len(products) == 1 else _("Products"), links=products)
    if platforms := edition.platform_links(record.products, record.platforms):
        yield edition.fact(_("Platforms"), links=platforms)
    if isinstance(record, Report) and record.component:
        yield edition.fact(_("Component"), links=(component_link(edition, record),))
    if isinstance(record, Article):
        yield from _article_facts(edition, record)
    if fixed := edition.fixed_in(record):
        yield Fact(term=say("Fixed in"), releases=fixed)
    elif isinstance(record, Report) and record.status in {"open", "fixed"}:
        yield Fact(term=say("Fixed in"), text=say("No release yet") if record.status == "open" else say("Not stated"))
    if isinstance(record, SecurityBulletin):
        yield from _security_facts(edition, record)
    yield from _dates(edition, record)
    if record.aliases:
        yield Fact(term=say("Also known as"), text=", ".join(record.aliases))
    if record.audience != edition.portal.public:
        yield Fact(term=say("For"), text=edition.audience_name(record.audience))


def _article_facts(edition: Edition, record: Article) -> Iterator[Fact]:
    if record.releases:
        product = edition.library.catalogue.find(record.products[0])
        assert product
        yield Fact(term=edition.say("Releases"), releases=tuple(edition.release_chip(product, name) for name in record.releases))
    if record.applies_to:
        yield Fact(term=edition.say("Applies to"), text=", ".join(record.applies_to))
    if record.version is not None:
        yield Fact(term=edition.say("Version"), text=str(record.version))


def _security_facts(edition: Edition, record: SecurityBulletin) -> Iterator[Fact]:
    if record.cves:
        yield Fact(term="CVE", links=tuple(
            Link(title=name, href=f"https://www.cve.org/CVERecord?id={name}") for name in record.cves))
    if record.cwe:
        yield edition.fact(_("Weakness") if len(record.cwe) == 1 else _("Weaknesses"), links=tuple(
            Link(title=_weakness(name), href=f"https://cwe.mitre.org/data/definitions/{name[4:]}.html",
                 language="en" if edition.language != "en" else "") for name in record.cwe))
    if record.revisions:
        yield Fact(term=edition.say("Version"), text=record.revisions[-1].number)
    yield Fact(term="TLP", text=record.tlp)


def _weakness(name: str) -> str:
    """Id and name, which the catalogue has in English only."""
    known = weakness(name)
    return f"{name}: {known.name}" if known else name


def _dates(edition: Edition, record: AnyRecord) -> Iterator[Fact]:
    is_security = isinstance(record, SecurityBulletin)
    yield from edition.day_fact(_("First published") if is_security else _("Published"), day_of(record.published))
    if is_security or day_of(record.updated) != day_of(record.published):
        yield from edition.day_fact(_("Last updated") if is_security else _("Updated"), day_of(record.updated))


def follow_record(edition: Edition, record: AnyRecord) -> Link:
    """The narrowest feed that a record's changes appear in."""
    return edition.follow(own_feed(record), record.id) if has_own_feed(edition, record) else next(_wider_feeds(edition, record))


def _wider_feeds(edition: Edition, record: AnyRecord) -> Iterator[Link]:
    """Feeds that a record's changes appear in beside those of others."""
    if isinstance(record, Report) and record.component:
        yield edition.follow_component(record.component, record.products)
    yield edition.follow_kind(record.kind)
    for name in record.products:
        if product := edition.library.catalogue.find(name):
            yield edition.follow_product(product)


def component_link(edition: Edition, record: Report) -> Link:
    return edition.component_link(record.component, record.products)


def _affected_note(edition: Edition, record: AnyRecord) -> str:
    if isinstance(record, Report | SecurityBulletin) and record.affected and not any(
            entry.ranges or entry.default_status == "affected" for entry in record.affected):
        return edition.say("This record does not say which releases are affected.")
    return ""


def _references(record: AnyRecord) -> tuple[Link, ...]:
    return tuple(Link(title=item.title, href=item.url) for item in record.references) if isinstance(
        record, SecurityBulletin) else ()


def _history_title(edition: Edition, record: AnyRecord) -> str:
    return edition.say("Revision history") if isinstance(record, SecurityBulletin) else edition.say("History")


def _history(edition: Edition, record: AnyRecord) -> tuple[HistoryRow, ...]:
    """Newest first."""
    events = record.revisions if isinstance(record, SecurityBulletin) else getattr(record, "history", ())
    return tuple(HistoryRow(date=day_of(event.date).isoformat(), number=event.number,
                            html=edition.inline_html(record.text, event.text))
                 for event in reversed(events))


def structured_data(page: Page, canonical: str, vendor: str) -> str:
    """JSON-LD of a record's page (schema.org TechArticle); safe inside a script element."""
    context = page.context
    assert isinstance(context, RecordPage)
    data = {
        "@context": "https://schema.org", "@type": page.schema, "headline": context.title[:110], "description": page.description,
        "identifier": context.id, "inLanguage": context.text_language or page.language, "url": canonical,
        "datePublished": page.published.isoformat() if page.published else None,
        "dateModified": page.updated.isoformat() if page.updated else None,
        "publisher": {"@type": "Organization", "name": vendor},
    }
    text = _JSON.encode({name: value for name, value in data.items() if value})
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

