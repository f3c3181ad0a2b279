"""Texts of CSAF documents: the body of the record, its summary, its credits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kb.importers.csaf_document import Acknowledgment, CsafDocument, Item, Note, Vulnerability
from kb.importers.drafts import body_of
from kb.importers.plain import escape, markdown_from_plain
from kb.importers.words import first_sentence, one_line, shortened
from kb.text import HEADINGS

# Notes without a title, by their category (CSAF 2.0, section 3.1.5.1).
_TITLES: Mapping[str, str] = {"description": "", "summary": "", "details": "Details", "faq": "Questions and answers",
                              "general": "General information", "legal_disclaimer": "Legal notice",
                              "other": "Further information"}
_THREATS: Mapping[str, str] = {"exploit_status": "exploitation", "impact": "impact"}
_STATUSES: Mapping[str, str] = {"known_not_affected": "Not affected", "under_investigation": "Under investigation",
                                "first_fixed": "Fixed", "fixed": "Fixed", "recommended": "Recommended"}
_KNOWN = {title.casefold(): name for name, titles in HEADINGS.items() for title in titles.values()}


def summary(found: CsafDocument) -> str:
    """The first sentence of the summary, or of what comes next to it."""
    notes = [*found.document.notes, *(note for item in found.vulnerabilities for note in item.notes)]
    for category in ("summary", "description", "details"):
        for note in notes:
            if note.category == category and (line := first_sentence(one_line(note.text))):
                return shortened(line, 600)
    return shortened(one_line(found.document.title), 600) or one_line(found.document.tracking.id)


def body(found: CsafDocument, each: Sequence[tuple[str, Vulnerability]], items: Mapping[str, Item]) -> str:
    """The notes under their titles, then what is told of each vulnerability."""
    sections = [(_heading(note), markdown_from_plain(note.text)) for note in found.document.notes]
    untitled = [section for section in sections if not section[0]]
    titled = [section for section in sections if section[0]]
    problems = [(f"{name}: {title}" if (title := one_line(item.title)) else name, _notes(item.notes)) for name, item in each]
    threats: dict[str, list[tuple[str, str]]] = {}
    for name, item in each:
        for threat in item.threats:
            threats.setdefault(_THREATS.get(threat.category, "Targets"), []).append((name, markdown_from_plain(threat.details)))
    return body_of([*untitled, ("problem", _by_vulnerability(problems)),
                    *((section, _by_vulnerability(texts)) for section, texts in threats.items()),
                    *titled, ("Further products", _others(each, items))])


def _heading(note: Note) -> str:
    title = one_line(note.title)
    if not title:
        return _TITLES.get(note.category, "Further information")
    return _KNOWN.get(title.casefold()) or escape(title)


def _notes(notes: Iterable[Note]) -> str:
    texts = []
    for note in notes:
        title, text = one_line(note.title), markdown_from_plain(note.text)
        usual = note.category in {"summary", "description"} and title.casefold() in {"", "summary", "vulnerability summary"}
        texts.append(text if usual or not title else f"**{escape(title)}**\n\n{text}")
    return "\n\n".join(text for text in texts if text.strip())


def _by_vulnerability(texts: Sequence[tuple[str, str]]) -> str:
    """Each text under a heading of its vulnerability; one that is alone stands without."""
    texts = [(name, text) for name, text in texts if text.strip()]
    if len(texts) == 1:
        return texts[0][1]
    return "\n\n".join(f"### {escape(name)}\n\n{text}" for name, text in texts)


def _others(each: Sequence[tuple[str, Vulnerability]], items: Mapping[str, Item]) -> str:
    """What is told of products that are not affected, as a list."""
    lines: dict[str, list[str]] = {}
    for name, item in each:
        for status, words in _STATUSES.items():
            for product in getattr(item.product_status, status):
                if product in items:
                    lines.setdefault(f"{words}: {escape(items[product].name)}", []).append(name)
    return "\n".join(f"- {line}" + (f" ({', '.join(dict.fromkeys(names))})" if len(set(names)) < len(each) else "")
                     for line, names in sorted(lines.items()))


def credit_lines(found: CsafDocument) -> list[str]:
    """``Names (organisation): what for``, each once."""
    given = [*found.document.acknowledgments, *(credit for item in found.vulnerabilities for credit in item.acknowledgments)]
    return list(dict.fromkeys(line for item in given if (line := _credit(item))))


def _credit(item: Acknowledgment) -> str:
    who = ", ".join(name for text in item.names if (name := one_line(text)))
    organization, what = one_line(item.organization), one_line(item.summary)
    if organization:
        who = f"{who} ({organization})" if who else organization
    line = ": ".join(part for part in (who, what) if part)
    return " ".join([line, *(one_line(url) for url in item.urls if url.strip())]).strip()
