"""Mentions: texts of visible records that speak of a hidden one by name, which would give it away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from html import unescape
from urllib.parse import unquote

import msgspec

from kb.findings import Finding, shorten
from kb.lines import Lines
from kb.records import AnyRecord, Article, Report, Section, SecurityBulletin, Text, normal_id
from kb.store import Records, Row
from kb.text import to_html

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")  # EXSA-2026-0007 is one word, and _KB10042_ holds one
_GOES_ON = re.compile(r"[^\W_]|-[^\W_]")
_PR = re.compile(r"\bPR[ #-]?\Z", re.IGNORECASE)
_TAG = re.compile(r"(<[^<>]*>)")
_POSITION = re.compile(r'\bdata-sourcepos="([0-9]{1,9}):')
_LINK = re.compile(r'<a\b[^<>]*\bhref="([^"]*)"[^<>]*>')
_FENCED = re.compile(r"[^`~]*(?:```|~~~)")
_MANY = 100  # words that are looked for one by one
_NEAR = 50  # lines that are searched for a name whose place is known roughly


class _Name(msgspec.Struct, frozen=True):
    """A hidden name, in upper case; how far from the word by which it is found it begins; whether PR must stand before it."""

    upper: str
    shift: int = 0
    after_pr: bool = False


class Names:
    """Hidden names by their first word, so that the time to search a text does not depend on how many there are."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_word: defaultdict[str, list[_Name]] = defaultdict(list)
        for name in names:
            key = normal_id(name)
            if key.isdigit():  # a long number is a report's id with or without PR, a short one only with it
                for prefix in ("", "PR", "PR-"):
                    self._by_word[prefix + key].append(_Name(key, len(prefix), after_pr=len(key) < 6))
            elif first := _WORD.search(name):
                self._by_word[first[0].upper()].append(_Name(name.upper(), -first.start()))
        words = self._by_word if len(self._by_word) <= _MANY and all(map(str.isascii, self._by_word)) else ()
        self._ascii = [word.encode() for word in words]
        beginnings = sorted({re.escape(word[:2]) for word in self._by_word})
        self._likely = re.compile(rf"(?:{'|'.join(beginnings)})[^\W_]*(?:-[^\W_]+)*")

    def may_be_in(self, packed: Iterable[bytes]) -> bool:
        """Whether packed texts may hold one: quicker still, for most texts hold none."""
        if not self._ascii:
            return True
        data = b"".join(packed).replace(b"\\", b"").upper()
        return any(word in data for word in self._ascii)

    def are_in(self, text: str) -> bool:
        """Whether a text may hold one: quick, and never no when it should be yes."""
        return not self._by_word.keys().isdisjoint(self._likely.findall(text.upper()))

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Yields (position, name as written)."""
        for word in _WORD.finditer(text):
            for name in self._by_word.get(word[0].upper(), ()):
                start = word.start() + name.shift
                end = start + len(name.upper)
                if start >= 0 and text[start:end].upper() == name.upper and not _GOES_ON.match(text, end) and (
                        not name.after_pr or _PR.search(text, max(0, start - 3), start)):
                    yield start, text[start:end]


def mentions(source: Records, hidden_rows: Collection[Row], visible: Mapping[str, Row], vanishes: Callable[[str], bool],
             lines: Lines) -> Iterator[Finding]:
    """A finding for each name of a hidden record, or in a hidden part of one, that a visible one shows. ``vanishes`` says which
    targets of links are records: such a link goes when its record does not show, so it is no mention."""
    if not hidden_rows:
        return
    shown = {normal_id(name) for row in visible.values() for name in (row.head.id, *row.head.names)}
    hidden = dict.fromkeys(name for row in hidden_rows for name in (row.head.id, *row.head.names) if normal_id(name) not in shown)
    if not hidden:
        return
    names = Names(hidden)
    for row in visible.values():
        if names.may_be_in(source.packed(row)):
            yield from _in_record(source.decoded(row), names, vanishes, lines)


def _in_record(record: AnyRecord, names: Names, vanishes: Callable[[str], bool], lines: Lines) -> Iterator[Finding]:
    parts = [*_parts(record)]
    if not names.are_in("\n".join(words for *_, words, _ in parts).replace("\\", "")):
        return
    for text, field, section, words, is_markdown in parts:
        found = _in_markdown(words, names, vanishes) if is_markdown else ((0, name) for _, name in names.find(words))
        for offset, name in dict.fromkeys(found):
            at = text.line_in(section, offset) if section else lines.of(text.place, field, name)
            yield Finding(text.place.path, at, field, shorten(name),
                          "names a record that this build does not show",
                          f"link it as [[{name}]], which vanishes with it, or leave it out" if is_markdown else
                          "leave it out")


def _parts(record: AnyRecord) -> Iterator[tuple[Text, str, Section | None, str, bool]]:
    """Yields (text, field, section or None, words, whether they are Markdown) for all that a page prints as it was written."""
    for text in record.texts:
        yield from ((text, "text", section, section.markdown, True) for section in text.sections)
        yield text, "title", None, text.title, False
        yield text, "summary", None, text.summary, False
        yield from ((text, "keywords", None, word, False) for word in text.keywords)
    original = record.text
    yield from ((original, "aliases", None, alias, False) for alias in record.aliases)
    if isinstance(record, Article):
        yield from ((original, "applies_to", None, name, False) for name in record.applies_to)
    if isinstance(record, Report):
        yield from ((original, "history", None, event.text, True) for event in record.history)
    if isinstance(record, SecurityBulletin):
        yield from ((original, "revisions", None, event.text, True) for event in record.revisions)
        yield from ((original, "cves", None, name, False) for name in record.cves)
        yield from ((original, "credits", None, line, False) for line in record.credits)
        yield from ((original, "references", None, f"{item.title} {item.url}", False) for item in record.references)
        yield from ((original, field, None, words, markdown) for field, words, markdown in _one_by_one(record) if words)


def _one_by_one(record: SecurityBulletin) -> Iterator[tuple[str, str, bool]]:
    """(field, words, whether they are Markdown) of what a bulletin tells of each vulnerability, product and remedy."""
    for item in record.remediations:
        yield "remediations", item.text, True
        yield "remediations", item.url, False
    for vulnerability in record.vulnerabilities:
        yield "vulnerabilities", f"{vulnerability.id} {vulnerability.title}", False
        yield from (("vulnerabilities", f"{item.title} {item.url}", False) for item in vulnerability.references)
    for entry in record.affected:
        yield "affected", " ".join((entry.name, entry.versions, *entry.models)), False
    if record.source:
        yield "source", f"{record.source.name} {record.source.url} {record.source.contact} {record.source.terms}", False


def _in_markdown(markdown: str, names: Names, vanishes: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """Yields (line from 0, name) for the names that stay on the page when links to hidden records have vanished."""
    if not names.are_in(markdown.replace("\\", "")):
        return
    source = markdown.split("\n")
    for line, words in _pieces(to_html(markdown, positions=True), source, vanishes):
        for position, name in names.find(words):
            at = min(line + words.count("\n", None, position), len(source) - 1)
            near = (number for number in range(at, min(at + _NEAR, len(source))) if name in source[number])
            yield next(near, at), name


def _pieces(html: str, source: list[str], vanishes: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """Yields (line from 0, words) of the texts in HTML, and of its tags except the addresses of links that vanish."""
    line, vanished = 0, ""
    for piece in _TAG.split(html):
        words = unescape(piece)
        if not piece.startswith("<"):
            if words != vanished:
                yield line, words
            line, vanished = line + piece.count("\n"), ""
            continue
        if position := _POSITION.search(piece):
            line = min(int(position[1]), len(source)) - 1
            line += piece.startswith("<pre") and bool(_FENCED.match(source[line]))
        link = _LINK.fullmatch(piece)
        if link and vanishes(unescape(link[1])):
            vanished = unquote(unescape(link[1])) if 'data-wikilink="true"' in piece else ""
        else:
            yield line, unquote(words)
