"""What feeds tell of a record: one entry for it in feeds of topics, one for each change in the feed of its own."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

import msgspec
from markupsafe import Markup

from generator.edition import KIND_LABELS, SEVERITY_LABELS, Edition, _
from generator.i18n import day_of
from generator.urls import ROOT, slug
from kb.records import AnyRecord, Event, Report, SecurityBulletin, severity_of

_FRAGMENT = re.compile(r'\bhref="#')


class Entry(msgspec.Struct, frozen=True):
    """An entry of a feed, whatever the format. ``html`` is its summary, with absolute links; ``language`` is given where it is
    not that of the feed; ``categories`` are (term, label)."""

    id: str
    title: str
    url: str
    published: datetime
    updated: datetime
    summary: str
    html: str
    categories: tuple[tuple[str, str], ...]
    language: str = ""


def record_entry(edition: Edition, record: AnyRecord) -> Entry:
    """The entry of a record, whose id never changes."""
    text = edition.text_of(record)
    lines = [escape(text.summary or text.title)]
    if events := _events(record):
        lines.append(_line(edition, _("Latest change"), _told(edition, record, events[-1])))
    lines += _fixed(edition, record)
    return Entry(tag(edition, record), title_of(edition, record), address(edition, record.path), record.published, record.updated,
                 text.summary or text.title, _paragraphs(lines), categories(edition, record), edition.lang_attribute(text))


def change_entries(edition: Edition, record: AnyRecord) -> list[Entry]:
    """The changes of a record, newest first; its publication where nothing tells of changes. Their ids hold the number of a
    revision or the day of an event, since texts are corrected and lists grow."""
    events, own = _events(record), tag(edition, record)
    whole = record_entry(edition, record)
    found: dict[str, Entry] = {}
    for event in events:
        name = event.number or f"{event.date:%Y-%m-%d}"
        label = edition.say(_("Revision {number}"), number=event.number) if event.number else f"{event.date:%Y-%m-%d}"
        while f"{own}/{name}" in found:
            name += "+"
        told, at = _told(edition, record, event), max(event.date, record.published)
        lines = [told, *(_state(edition, record) if event is events[-1] else [])]
        found[f"{own}/{name}"] = Entry(f"{own}/{name}", f"{title_of(edition, record)} ({label})", whole.url, at, at,
                                       Markup(told).striptags(), _paragraphs(lines), whole.categories,
                                       edition.lang_attribute(record.text))
    if not events or day_of(record.updated) > day_of(events[-1].date):
        name = f"{own}/changed-{record.updated:%Y-%m-%d}" if events else f"{own}/published"
        found[name] = msgspec.structs.replace(whole, id=name)
    latest_first = list(found.values())[::-1]
    return sorted(latest_first, key=lambda entry: entry.updated, reverse=True)


def _state(edition: Edition, record: AnyRecord) -> list[str]:
    """What has become of a record."""
    status = escape(edition.status_chip(record.status).label)
    return [_line(edition, _("Status"), status), *_fixed(edition, record)]


def title_of(edition: Edition, record: AnyRecord) -> str:
    """Id, severity where there is one, and title."""
    severity = severity_of(record)
    rated = f" ({edition.say(SEVERITY_LABELS[severity])})" if severity and severity != "none" else ""
    return f"{record.id}{rated}: {edition.text_of(record).title}"


def categories(edition: Edition, record: AnyRecord) -> tuple[tuple[str, str], ...]:
    """(term, label): kind, severity, type and state, products, component."""
    found = [(f"kind:{record.kind}", edition.say(KIND_LABELS[record.kind]))]
    found += [(f"{chip.kind}:{chip.value}", chip.label) for chip in edition.chips(record)]
    for name in dict.fromkeys(record.products):
        if product := edition.library.catalogue.find(name):
            found.append((f"product:{product.id}", product.name_in(edition.language)))
    if isinstance(record, Report) and record.component:
        found.append((f"component:{slug(record.component)}", edition.component_name(record.component, record.products)))
    return tuple(found)


def tag(edition: Edition, record: AnyRecord) -> str:
    """A tag URI (RFC 4151) that never changes: host, a fixed year, language, kind and id."""
    return tag_of(edition.portal.url, edition.language, record.kind, record.id)


def tag_of(url: str, language: str, kind: str, record_id: str) -> str:
    return f"tag:{urlsplit(url).hostname},2026:{language}/{kind}/{record_id}"


def address(edition: Edition, place: str) -> str:
    """The absolute address of a place in the edition's tree."""
    return edition.href(place).replace(ROOT, edition.portal.url)


def _events(record: AnyRecord) -> tuple[Event, ...]:
    if isinstance(record, Report):
        return record.history
    return record.revisions if isinstance(record, SecurityBulletin) else ()


def _told(edition: Edition, record: AnyRecord, event: Event) -> str:
    """What an event says, as HTML with absolute links."""
    html = edition.inline_html(record.text, event.text).replace(ROOT, edition.portal.url)
    html = _FRAGMENT.sub(f'href="{address(edition, record.path)}#', html)
    number = edition.say(_("Revision {number}"), number=event.number) + ", " if event.number else ""
    return f"{escape(number)}{event.date:%Y-%m-%d}: {html}"


def _fixed(edition: Edition, record: AnyRecord) -> list[str]:
    fixed = edition.fixed_in(record)
    return [_line(edition, _("Fixed in"), escape(", ".join([chip.id for chip in fixed])))] if fixed else []


def _line(edition: Edition, term: str, html: str) -> str:
    return f"<b>{escape(edition.say(term))}:</b> {html}"


def _paragraphs(lines: list[str]) -> str:
    return "".join([f"<p>{line}</p>" for line in lines])
