"""Restricted parts of Markdown: what stands between ``<!-- audience: customer -->`` and ``<!-- /audience -->``, each on a line of
its own, is for that audience alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from kb.attachments import attachment_path
from kb.findings import nearest
from kb.portal import Portal
from kb.text import lines_outside_code, links, to_html

_MARK = re.compile(r"[ \t]*<!--[ \t]*(?:audience[ \t]*:[ \t]*(?P<audience>[^\s<>]*?)|(?P<end>/audience))[ \t]*-->[ \t]*",
                   re.IGNORECASE)
_LIKE = re.compile(r"<!--\s*/?\s*audience\b", re.IGNORECASE)
_LINK = re.compile(
    r"""(!?)\[((?:[^\[\]\\]|\\.)*)\]\([ \t]*(?:<([^<>\n]*)>|([^()\s<>]*))(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'))?[ \t]*\)""")

Wrong = Callable[[int, str, str, str], None]  # told of what is wrong: line from 0, value, reason, remedy


class Cut(NamedTuple):
    """A restricted part: the lines, from 0, of its two marks."""

    audience: str
    first: int
    last: int


def may_hold_marks(text: str) -> bool:
    """Whether there is anything in a text that is like a mark."""
    return "<!--" in text and _LIKE.search(text) is not None


def find_cuts(markdown: str, portal: Portal, wrong: Wrong) -> list[Cut]:
    """The restricted parts of a text in their order; what looks like a mark in code is text."""
    found: list[Cut] = []
    if not may_hold_marks(markdown):
        return found
    begun: tuple[str, int] | None = None
    for number, line, plain in lines_outside_code(markdown):
        mark = _MARK.fullmatch(line) if plain and "<!--" in line else None
        if mark is None:
            continue
        name = mark["audience"]
        if mark["end"]:
            if begun is None:
                wrong(number, "/audience", "ends no restricted part", "remove it, or begin the part with <!-- audience: NAME -->")
            else:
                found.append(Cut(begun[0], begun[1], number))
            begun = None
        elif begun:
            wrong(number, name, f"stands inside the restricted part of line {begun[1] + 1} of this text",
                  "end that one first with <!-- /audience -->")
        else:
            if problem := audience_problem(name, portal):
                wrong(number, name, *problem)
            begun = name, number
    if begun:
        wrong(begun[1], begun[0], "begins a restricted part without an end", "end it with a line <!-- /audience -->")
    return found


def audience_problem(name: str, portal: Portal) -> tuple[str, str] | None:
    """(reason, remedy) where a part cannot be restricted to an audience of this name."""
    others = [audience.id for audience in portal.audiences[1:]]
    if name == portal.public:
        return "is everybody", f"write one of {', '.join(others)}" if others else "add another audience to portal.yml"
    if name in others:
        return None
    guess = nearest(name, others)
    listed = f"write one of {', '.join(others)}, or add it to portal.yml" if others else "add it to portal.yml"
    return "is not an audience of this portal", f"did you mean {guess}?" if guess else listed


def shown_lines(markdown: str, cuts: Sequence[Cut], hides: Collection[str]) -> tuple[list[str], list[int]]:
    """The lines that stay where the parts for some audiences are left out, and their numbers, from 0; marks never stay."""
    lines = markdown.split("\n")
    gone: set[int] = set()
    for cut in cuts:
        gone.update(range(cut.first, cut.last + 1) if cut.audience in hides else (cut.first, cut.last))
    numbers = [number for number in range(len(lines)) if number not in gone]
    return [lines[number] for number in numbers], numbers


def stray_mark(markdown: str) -> bool:
    """Whether a page would hold a mark as a comment that restricts nothing: beside other text on its line, or where another
    reading of Markdown sees no code."""
    return may_hold_marks(markdown) and _LIKE.search(to_html(markdown)) is not None


def line_of_mark(markdown: str) -> int:
    """The line, from 0, of the first thing that is like a mark."""
    match = _LIKE.search(markdown)
    return markdown.count("\n", 0, match.start()) if match else 0


def without_links(markdown: str, file: str, paths: Collection[str]) -> str:
    """Markdown of a file without links to some attachments: the words of a link stay, a picture goes."""

    def replace(match: re.Match[str]) -> str:
        if attachment_path(file, match[3] or match[4] or "") not in paths:
            return match[0]
        return "" if match[1] else match[2]

    return _LINK.sub(replace, markdown) if paths else markdown


def attachments_in(markdown: str, file: str) -> Iterator[tuple[int, str]]:
    """(line from 0, path) of the files that a text links."""
    for link in links(markdown):
        if not link.wiki and (path := attachment_path(file, link.target)):
            yield link.line, path
