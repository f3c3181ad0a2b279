"""The messages that a record quotes: lines of code, code within lines, what stands in quotation marks, lines of symptoms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from itertools import chain, islice

from kb.records import AnyRecord, Section, Text
from prsearch.documents import html_of
from prsearch.messages import LINES, found_in, is_log_line, keys_of

MOST_LINES = 600  # of a text
MOST_KEYS = 3_000  # of a record
_FIRST = ("symptoms", "problem")  # sections whose messages come first, and whose lines are messages if they look so

_BLOCK = re.compile(r"<(/?)(pre|code|p|li|br|h[1-6]|t[drh]|div|[uod]l|d[td]|table|blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_QUOTE = re.compile("[\"'`“«]")
_MARKED = re.compile(r"[`~<\t\"“«'&\[\\]|    ")

Shown = Callable[[str], bool]


def message_keys(record: AnyRecord, shown: Shown) -> list[str]:
    """The keys of the signatures of a record, those of its first languages and of its symptoms first."""
    lines = chain.from_iterable(islice(quoted(text, shown), MOST_LINES) for text in record.texts)
    return keys_of(lines, MOST_KEYS)


def quoted(text: Text, shown: Shown) -> Iterator[str]:
    """The messages of a text, line by line."""
    for line in (text.title, text.summary):
        yield from _in_prose(line, True)
    for section in sorted(text.sections, key=lambda section: section.key not in _FIRST):
        yield from _in_section(section, shown)


def _in_section(section: Section, shown: Shown) -> Iterator[str]:
    whole = section.key in _FIRST
    if not _MARKED.search(section.markdown):
        for line in section.markdown.split("\n") if whole and ":" in section.markdown else ():
            yield from _in_prose(line, True)
        return
    for code, part in _parts(html_of(section.markdown, shown)):
        for line in LINES.split(part) if code == "pre" else [part]:
            if code:
                yield line
            else:
                yield from _in_prose(line, whole)


def _in_prose(line: str, whole: bool) -> Iterator[str]:
    found = [part for part in found_in(line) if " " in part.strip()] if _QUOTE.search(line) else []
    yield from found
    if whole and not found and ":" in line and is_log_line(line):
        yield line


def _parts(html: str) -> Iterator[tuple[str, str]]:
    """The texts of HTML in order: blocks of code (``pre``), code within lines (``code``), lines of prose."""
    inside, prose, start = "", "", 0
    held = ""
    for tag in _BLOCK.finditer(html):
        part = _plain(html[start : tag.start()])
        start, closing, name = tag.end(), bool(tag[1]), tag[2].lower()
        if inside:
            held += part
            if closing and name == inside:
                yield inside, held
                inside, held = "", ""
            elif name == "br":
                held += "\n"
            continue
        prose += part
        if name in {"pre", "code"}:
            inside = "" if closing else name
        else:
            if prose.strip():
                yield "", prose
            prose = ""
    held += _plain(html[start:]) if inside else ""
    if held:
        yield inside, held
    elif prose.strip():
        yield "", prose


def _plain(html: str) -> str:
    return unescape(_TAG.sub("", html))
