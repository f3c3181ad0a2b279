"""Markdown of records for readers outside the portal: CommonMark with absolute links, without links to what is not shown."""

from __future__ import annotations

import re
from urllib.parse import unquote

import comrak
import msgspec

from generator.edition import Edition
from generator.markdown import plain_text
from generator.urls import ROOT
from kb.importers.links import Target, link, plain_label, rewrite_links
from kb.importers.plain import escape
from kb.records import AnyRecord, Text
from kb.text import extensions, links

_WIKI = re.compile(r"(?<!\\)\[\[([^\[\]|\n]+)\|([^\[\]\n]*)\]\]")
_ELSEWHERE = re.compile(r"(?:https?|mailto|tel):|#", re.IGNORECASE)


def portable_text(edition: Edition, record: AnyRecord) -> str:
    """A record's summary and text in the edition's language, as Markdown with its sections under second-level headings."""
    text = edition.text_of(record)
    parts = [text.summary]
    for section in text.sections:
        parts += [f"## {portable(edition, text, section.title)}"] if section.title else []
        parts.append(portable(edition, text, section.markdown))
    return "\n\n".join(part for part in parts if part.strip())


def portable(edition: Edition, text: Text, markdown: str) -> str:
    """A part of a text. Where links remain that lead nowhere, its words are left."""
    if not markdown.strip():
        return ""
    found = str(comrak.render_commonmark(markdown, extension_options=extensions("[[" in markdown))).strip("\n")
    if not any(True for _ in links(found)):
        return found
    absolute = rewrite_links(_spelled_out(found), lambda target: _absolute(edition, text, target))
    if all(_ELSEWHERE.match(left.target) for left in links(absolute)):
        return absolute
    return escape(plain_text(edition.html(text, markdown, set())))


def _spelled_out(markdown: str) -> str:
    """``[[id|words]]`` as an inline link; as code it stays what it is, for only links are rewritten."""
    return _WIKI.sub(lambda match: f"[{match[2]}](<{match[1]}>)", markdown) if "[[" in markdown else markdown


def _absolute(edition: Edition, text: Text, target: Target) -> str:
    if _ELSEWHERE.match(target.address):
        return link(target.label, target.address, target.picture)
    address = unquote(target.address)
    found = edition.target(text, address)
    bare = target.label.strip() in {address, target.address}
    if found is None or not found.href:
        return "" if bare else plain_label(target)
    record = edition.library.find(address.split("#")[0]) if bare else None
    label = f"{record.id}: {edition.text_of(record).title}" if record else target.label
    return link(label, found.href.replace(ROOT, edition.portal.url), target.picture)


class Credit(msgspec.Struct, frozen=True):
    """A line of ``credits``: who, and the role in brackets at its end, if that is one of CVE and OSV."""

    name: str
    role: str = ""


_ROLE = re.compile(r"(.*\S)\s*\((finder|reporter|analyst|coordinator|remediation developer|remediation reviewer|"
                   r"remediation verifier|tool|sponsor|other)\)", re.IGNORECASE)


def credit(line: str) -> Credit:
    match = _ROLE.fullmatch(line)
    return Credit(match[1], match[2].lower()) if match else Credit(line)
