"""A security bulletin as a CSAF 2.0 document (OASIS Standard, 18 November 2022).

There is one document a bulletin, in the language in which it was written: a translation would be a document with an id of its
own. Advisories have the profile security advisory (section 4.4), notices informational advisory (section 4.3), which may name
no vulnerabilities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from generator.csaf.paths import as_uri, csaf_path
from generator.csaf.plain_text import to_plain_text
from generator.csaf.product_tree import ProductTree, Stated
from generator.csaf.revisions import tracking
from generator.csaf.vulnerabilities import each_vulnerability, vulnerabilities
from generator.edition import KIND_LABELS, SEVERITY_LABELS, Edition, _
from generator.pages.records import section_title
from generator.urls import ROOT
from kb.library import Library
from kb.product_status import product_statuses
from kb.records import AnyRecord, SecurityBulletin, Text, successor_of

CSAF_VERSION: Final = "2.0"
CSAF_SCHEMA: Final = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"

Json = dict[str, Any]

# Sections of an advisory that stand with its vulnerabilities; all others stand in the notes of the document.
VULNERABILITY_SECTIONS = frozenset({
    "problem", "configuration", "trigger", "cause", "impact", "exploitation", "workaround", "mitigation", "solution", "upgrade"})


class Part(msgspec.Struct, frozen=True):
    """A section in plain text; ``key`` is empty for sections that only this text has."""

    key: str
    title: str
    text: str


def document_bytes(edition: Edition, record: SecurityBulletin) -> bytes:
    """The document as it is served: UTF-8, keys in alphabetic order (optional test 6.2.13)."""
    return msgspec.json.format(msgspec.json.encode(document(edition, record), order="deterministic"), indent=2) + b"\n"


def edition_for(editions: Sequence[Edition], language: str) -> Edition:
    """The edition in whose words a document is completed: that of its text, else the first."""
    return next((edition for edition in editions if edition.language == language), editions[0])


def document(edition: Edition, record: SecurityBulletin) -> Json:
    """The document of a bulletin that the edition's library shows."""
    text = record.text
    parts = tuple(_parts(edition, text))
    tree = ProductTree(edition.portal)
    stated = [tree.state(status, record.affected) for status in product_statuses(record, edition.library.catalogue)]
    found: Json = {"document": _document(edition, record, parts)}
    if record.kind == "advisory":
        found["vulnerabilities"] = (each_vulnerability(edition, record, tree) if record.vulnerabilities
                                    else vulnerabilities(edition, record, _by_key(parts), stated))
    else:
        found["document"]["notes"] += _affected_notes(edition, record, stated)
        for product in filter(None, map(edition.library.catalogue.find, record.products)):
            if product.id not in {entry.product for entry in record.affected}:
                tree.add(product)
    if products := tree.as_json():
        found["product_tree"] = products
    return found


def _by_key(parts: Iterable[Part]) -> dict[str, str]:
    """The texts of known sections; what stands under the same heading twice is one text."""
    found: dict[str, str] = {}
    for part in parts:
        if part.key:
            found[part.key] = f"{found[part.key]}\n\n{part.text}" if part.key in found else part.text
    return found


def _affected_notes(edition: Edition, record: SecurityBulletin, stated: Iterable[Stated]) -> Iterator[Json]:
    """What a notice says of vulnerabilities and releases, for which its profile has no other place."""
    if record.cves:
        yield {"category": "other", "title": "CVE", "text": "\n".join(record.cves)}
    for status in stated:
        affected, fixed = (", ".join(name.partition(":")[2] for name in status.groups.get(group, ()))
                           for group in ("known_affected", "fixed"))
        lines = [f"{edition.say(title)}: {names}" for title, names in ((_("Affected"), affected), (_("Fixed"), fixed)) if names]
        if lines:
            yield {"category": "details", "title": status.product.name, "text": "\n".join(lines)}


def _parts(edition: Edition, text: Text) -> Iterator[Part]:
    """The sections of a text that say something; links lead where those of pages do, and to nothing that is not shown."""
    for section in text.sections:
        words = to_plain_text(edition.html(text, section.markdown, set()), edition.portal.url)
        title = section_title(section.key, section.title, edition, text) if section.key or section.title else ""
        if words:
            yield Part(section.key, title, words)


def _document(edition: Edition, record: SecurityBulletin, parts: Sequence[Part]) -> Json:
    text = record.text

    def plain(markdown: str) -> str:
        return to_plain_text(edition.inline_html(text, markdown), edition.portal.url)

    found: Json = {
        "category": "csaf_security_advisory" if record.kind == "advisory" else "csaf_informational_advisory",
        "csaf_version": CSAF_VERSION, "title": text.title, "lang": text.language,
        "publisher": publisher(edition.library),
        "distribution": _distribution(record),
        "notes": [*_notes(edition, record, parts)], "references": [*_references(edition, record)],
        "tracking": tracking(record, plain)}
    if record.credits:
        found["acknowledgments"] = [{"summary": line} for line in record.credits]
    if record.severity:
        found["aggregate_severity"] = {"text": edition.say(SEVERITY_LABELS[record.severity])}
    return found


def _distribution(record: SecurityBulletin) -> Json:
    terms = {"text": record.source.terms} if record.source and record.source.terms else {}
    return {"tlp": {"label": record.tlp, "url": "https://www.first.org/tlp/"}, **terms}


def publisher(library: Library) -> Json:
    """Who publishes, as documents and provider metadata say."""
    settings, team = library.portal.csaf, library.policy.security if library.policy else None
    contact = settings.contact_details or (", ".join(filter(None, (team.email, team.phone))) if team else "")
    return {"category": settings.category, "name": library.portal.vendor, "namespace": settings.namespace or library.portal.url,
            **({"contact_details": contact} if contact else {}),
            **({"issuing_authority": settings.issuing_authority} if settings.issuing_authority else {})}


def _notes(edition: Edition, record: SecurityBulletin, parts: Sequence[Part]) -> Iterator[Json]:
    say, text = edition.say, record.text
    if record.status in {"withdrawn", "superseded"}:
        yield {"category": "general", "title": say(_("Status")), "text": _state(edition, record)}
    yield {"category": "summary", "title": say(_("Summary")), "text": text.summary or text.title}
    apart = VULNERABILITY_SECTIONS if record.kind == "advisory" else frozenset[str]()
    for part in parts:
        if not part.title:
            yield {"category": "description", "title": say(_("Description")), "text": part.text}
        elif part.key not in apart:
            yield {"category": "details", "title": part.title, "text": part.text}
    if record.source:
        told = ", ".join(filter(None, (record.source.name, record.source.url, record.source.contact)))
        yield {"category": "other", "title": say(_("Source")), "text": told}
    if edition.portal.csaf.disclaimer:
        yield {"category": "legal_disclaimer", "title": say(_("Terms of use")), "text": edition.portal.csaf.disclaimer}


def _state(edition: Edition, record: SecurityBulletin) -> str:
    """What has become of a bulletin that no longer holds."""
    if record.status == "withdrawn":
        return edition.say(_("Withdrawn. This record is kept for reference; do not act on it."))
    successor = edition.library.find(record.superseded_by)
    words = edition.say(_("Superseded. Read this instead:"))
    return f"{words} {_name(edition, successor)}" if successor else words.rstrip(":") + "."


def _references(edition: Edition, record: SecurityBulletin) -> Iterator[Json]:
    """Itself as a document and as a page; then its successor, what it refers to, and the records of the portal that it names."""
    portal, say = edition.portal, edition.say
    yield {"category": "self", "summary": say(_("This document, CSAF")), "url": portal.url + csaf_path(record)}
    yield {"category": "self", "summary": say(_("This document, web page")), "url": _address(edition, record)}
    found: dict[str, str] = {}
    successor = edition.library.find(successor_of(record)) if successor_of(record) else None
    if successor:
        title = say(_("Superseded by {title}"), title=_name(edition, successor))
        found[_address(edition, successor)] = title
    for reference in record.references:
        found.setdefault(as_uri(reference.url), reference.title)
    for other in edition.library.named(record):
        found.setdefault(_address(edition, other), f"{say(KIND_LABELS[other.kind])} {_name(edition, other)}")
    if not found and record.kind == "notice":  # the profile demands a reference to something else
        section = edition.section(record.kind)
        found[section.href.replace(ROOT, portal.url)] = section.title
    for url, title in found.items():
        yield {"category": "external", "summary": title, "url": url}


def _name(edition: Edition, record: AnyRecord) -> str:
    return f"{record.id}: {edition.text_of(record).title}"


def _address(edition: Edition, record: AnyRecord) -> str:
    return edition.href(record.path).replace(ROOT, edition.portal.url)
