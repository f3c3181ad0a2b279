"""What a search knows of a record: the keys that find it, its words in order, and what a list of results shows of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import unescape
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from kb.library import Library
from kb.products import Product
from kb.ranges import Affected, affected_stretches, compile_affected, fixed_releases
from kb.records import AnyRecord, Report, Text, affected_of, severity_of
from kb.releases import ReleaseOrder
from kb.resolve import record_target
from kb.text import to_html
from prsearch.analysis import normalise, word_keys, word_stems, words

TITLE, SUMMARY, OFTEN, ONCE = 3, 2, 1, 0  # levels
OFTEN_FROM = 3  # occurrences in the sections
UNRATED = "unrated"
ROUND = 64  # each part begins at a multiple of so many places, so that a word more in one moves nothing in the next
ELSEWHERE = frozenset({"draft", "duplicate", "withdrawn", "superseded"})  # told by the record that takes their place, or by none

_EXCERPT = 120  # characters
_FIXED = 4  # fixes that a card names
_OLD_NAME = 64  # characters of the end of an old address that may be an id
_SOURCE = 600  # characters of Markdown that are read for them
_INLINE = re.compile(r"</?(?:a|abbr|b|cite|code|del|em|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|var)\b[^>]*>",
                     re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_WIKI_LINK = re.compile(r'<a href="([^"]*)" data-wikilink="true">(.*?)</a>', re.DOTALL)
_BARE = re.compile(r"[^\W\d_][^\\`*_\[\]<&~|\r\n\0]*(?:\n+[^\W\d_][^\\`*_\[\]<&~|\r\n\0]*)*")  # lines that Markdown leaves alone
_SPECIAL = re.compile(r"[\[<&\\]")  # Markdown without these holds no link, no HTML and no entity

Shown = Callable[[str], bool]  # whether the portal shows the record of this name
Card = tuple[str, str, str, str, str, tuple[str, ...], tuple[str, ...], dict[str, tuple[str, str]]]


def parts(record: AnyRecord, shown: Shown) -> Iterator[tuple[int, str]]:
    """The parts of a record's texts with the level of their words, ONCE for sections."""
    for text in record.texts:
        yield TITLE, text.title
        yield SUMMARY, f"{text.summary} {' '.join(text.keywords)}"
        for section in text.sections:
            yield ONCE, plain(section.markdown, shown) if _SPECIAL.search(section.markdown) else section.markdown


def read(record: AnyRecord, shown: Shown) -> tuple[dict[str, int], list[str | None]]:
    """The keys of a record's texts with their levels; its stems in order, None for stop words and between two parts."""
    found: dict[str, int] = {}
    counts: Counter[str] = Counter()
    places: list[str | None] = []
    for level, part in parts(record, shown):
        written = words(part)
        for word in written:
            places += word_stems(word)
        places += [None] * (ROUND - len(places) % ROUND)
        if level == ONCE:
            counts.update(written)
        else:
            found.update((key, max(found.get(key, 0), level)) for word in written for key in word_keys(word))
    occurrences: dict[str, int] = {}
    for word, count in counts.items():
        for key in word_keys(word):
            occurrences[key] = occurrences.get(key, 0) + count
    for key, count in occurrences.items():
        if key not in found:
            found[key] = OFTEN if count >= OFTEN_FROM else ONCE
    return found, places


def other_names(library: Library) -> dict[str, list[str]]:
    """What else the records are called, by their keys: aliases, CVE ids, and ids at which old addresses that lead to them end."""
    found: dict[str, list[str]] = {}
    for name, holders in library.names.items():
        for key in holders:
            found.setdefault(key, []).append(name)
    for redirect in library.redirects:
        held = record_target(redirect.new, library.records, library.names)
        name = PurePosixPath(unquote(redirect.old)).name.removesuffix(".html").removesuffix(".htm")
        if held and 0 < len(name) <= _OLD_NAME and any(letter.isdecimal() for letter in name):
            found.setdefault(held, []).append(name)
    return found


class Facets(NamedTuple):
    """The facet keys of a record: those with level 0, and the releases for which its platforms do not say enough (level 1)."""

    plain: list[str]
    depending: list[str]


def facets(library: Library, record: AnyRecord) -> Facets:
    """The facet keys of a record."""
    found = Facets([f"=kind:{record.kind}", f"=severity:{severity_of(record) or UNRATED}", f"=status:{record.status}",
                    f"=updated:{record.updated.date().isoformat()}"], [])
    found.plain.extend(f"=product:{product}" for product in record.products)
    found.plain.extend(f"=platform:{platform}" for platform in record.platforms or ("",))
    if isinstance(record, Report) and record.component:
        found.plain.append(f"=component:{normalise(record.component)}")
    if any(text.section("workaround") for text in record.texts):
        found.plain.append("=has:workaround")
    if record.status not in ELSEWHERE:
        for product_id in record.products:
            product = library.catalogue.find(product_id)
            if product and product.releases:
                _add_releases(found, record, product)
    return found


def _add_releases(found: Facets, record: AnyRecord, product: Product) -> None:
    entries = [entry for entry in affected_of(record) if entry.product == product.id]
    if not entries:
        return
    own = {name for entry in entries for name in entry.platforms}
    if own == set(record.platforms):  # the record's platforms say enough, if the entries speak of all of them alike
        outcomes = product.known_trains.outcomes(entries)
        if outcomes is not None:
            affects, fixed = _release_keys(product.id, product.release_order)
            for outcome in outcomes:
                for first, end in outcome.affected:
                    found.plain.extend(affects[first:end])
                found.plain.extend([fixed[at] for at in outcome.fixed])
            return
    _add_releases_by_platform(found, record, product, entries, own)


def _add_releases_by_platform(found: Facets, record: AnyRecord, product: Product, entries: Sequence[Affected],
                              own: set[str]) -> None:
    """The general way, which any entries can go."""
    compiled = compile_affected(entries, product.id, product.scheme)
    named = [platform.id for platform in product.platforms if not record.platforms or platform.id in record.platforms]
    alike = compiled.only is not None and own == set(record.platforms)
    order = product.release_order
    affects, fixed = (dict(zip(order.names, keys, strict=True)) for keys in _release_keys(product.id, order))
    affected: set[str] = set()
    for releases, first in affected_stretches(compiled, order):
        affected.update(releases)
        keys = [affects[release] for release in releases]
        on = named if alike else [platform.id for platform in product.platforms
                                  if compiled.verdict(first, platform.id).status == "affected"]
        if on == named:
            found.plain.extend(keys)
        else:
            found.depending.extend(keys)
            found.plain.extend(f"{key}@{platform}" for key in keys for platform in on)
    found.plain.extend(fixed[release] for release in fixed_releases(entries, product.id, order, product.scheme)
                       if release not in affected)


@lru_cache(maxsize=64)
def _release_keys(product_id: str, order: ReleaseOrder) -> tuple[list[str], list[str]]:
    """The facet keys of affected and of fixed releases, in the order of releases."""
    return ([f"=affects:{product_id}/{release.lower()}" for release in order.names],
            [f"=fixed:{product_id}/{release.lower()}" for release in order.names])


def card(record: AnyRecord, shown: Shown) -> Card:
    """What results show of a record: id, kind, severity, status, day of its last change, products, the first releases that fix
    it, and in each language title and excerpt."""
    fixed = tuple(dict.fromkeys(release for entry in affected_of(record) for release in entry.fixed))[:_FIXED]
    return (record.id, record.kind, severity_of(record) or UNRATED, record.status, record.updated.date().isoformat(),
            record.products, fixed, {text.language: (text.title, excerpt(text, shown)) for text in record.texts})


def excerpt(text: Text, shown: Shown) -> str:
    """The summary and the beginning of the text as plain words."""
    found = text.summary if text.summary != text.title else ""
    for section in text.sections:
        if len(found) < _EXCERPT * 2 // 3:
            found = f"{found} {plain(section.markdown[:_SOURCE], shown)}".strip()
    return found if len(found) <= _EXCERPT else found[:_EXCERPT].rsplit(" ", 1)[0] + " …"


def plain(markdown: str, shown: Shown) -> str:
    """The words that a page shows of a text: without addresses, and without links to what this portal does not show."""
    if _BARE.fullmatch(markdown):
        return " ".join(markdown.split())
    return " ".join(unescape(_TAG.sub(" ", _INLINE.sub("", html_of(markdown, shown)))).split())


def html_of(markdown: str, shown: Shown) -> str:
    """HTML of a text without links to what this portal does not show, not yet safe to show."""
    return _WIKI_LINK.sub(lambda link: link[2] if shown(unquote(unescape(link[1]))) else "", to_html(markdown))
