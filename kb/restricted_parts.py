"""Restricted parts of records: fields, sections and attachments that ``restricted`` names, and what stands between marks.

A record with such parts is read once for each set of audiences that some reader is not in. What those readers get is what they
would get had the author left the parts out, so nothing that is made of it needs to know.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from kb.attachments import attachment_path
from kb.fields import Fields
from kb.findings import Finding, nearest, shorten
from kb.portal import Portal
from kb.records import Section
from kb.restricted_text import (
    attachments_in,
    audience_problem,
    find_cuts,
    line_of_mark,
    may_hold_marks,
    shown_lines,
    stray_mark,
    without_links,
)
from kb.source import Document, Value
from kb.text import HEADINGS, split_sections

FIELD = "restricted"
_TEXTS = frozenset({"body", *HEADINGS})  # fields of JSON Lines that are Markdown
# What decides who sees a record, or what it is.
_FIXED = frozenset({"id", "status", "audience", "publish_at", "language", "tlp", FIELD})

Restrictions = tuple[tuple[str, tuple[str, ...]], ...]  # (audience, names) as an original restricts them


class Left(NamedTuple):
    """What is left of a file or line for those who are in none of the audiences ``hides``; ``sections`` are those of a Markdown
    file. ``digest`` tells it from other contents, wherever its lines stand."""

    hides: tuple[str, ...]
    fields: dict[str, Value]
    sections: tuple[Section, ...] | None
    digest: bytes


class Parts:
    """The restricted parts of a Markdown file (``document``) or of a JSON line; what is wrong goes into ``findings``."""

    def __init__(self, fields: Mapping[str, Value], document: Document | None, path: str, line: int, portal: Portal,
                 findings: list[Finding], inherited: Restrictions | None = None) -> None:
        self._fields = {name: value for name, value in fields.items() if name != FIELD or inherited is not None}
        self._document, self._path, self._line, self._portal, self._findings = document, path, line, portal, findings
        self._restricted = fields.get(FIELD)
        self._cuts = {name: find_cuts(text, portal, partial(self._wrong_mark, name)) for name, text in self._texts()}
        self.restrictions = self._named() if inherited is None else inherited
        self._refuse_strays()

    @property
    def line(self) -> int:
        """Where the first of them is written."""
        value = self._restricted
        first = min((self._line_of(name, cut.first) for name, cuts in self._cuts.items() for cut in cuts), default=self._line)
        return value.line if value else first

    @property
    def audiences(self) -> tuple[str, ...]:
        """Those that have a part of their own."""
        return tuple(sorted({cut.audience for cuts in self._cuts.values() for cut in cuts}
                            | {audience for audience, names in self.restrictions if names}))

    def hidden_sets(self) -> list[tuple[str, ...]]:
        """What different readers do not see: first those who see all."""
        own = self.audiences
        found = {tuple(name for name in own if name not in reader.sees) for reader in self._portal.audiences}
        return [(), *sorted(found - {()})]

    def left(self, hides: tuple[str, ...]) -> Left:
        """What those get who are in none of some audiences."""
        names = {name for audience, named in self.restrictions if audience in hides for name in named}
        paths = {path for name in names if "." in name and (path := attachment_path(self._path, name))}
        fields = {name: self._shown(name, value, hides, paths) for name, value in self._fields.items() if name not in names}
        sections = self._sections(hides, names, paths) if self._document else None
        told = [(section.key, section.title, section.markdown) for section in sections or ()]
        digest = hashlib.blake2b(msgspec.msgpack.encode(({name: _plain(value) for name, value in fields.items()}, told)),
                                 digest_size=16)
        return Left(hides, fields, sections, digest.digest())

    def _texts(self) -> Iterator[tuple[str, str]]:
        """(name of the field or empty, Markdown) of the texts that marks may stand in."""
        if self._document:
            yield "", self._document.body
            return
        for name, value in self._fields.items():
            if name in _TEXTS and isinstance(value.data, str):
                yield name, value.data

    def _line_of(self, name: str, offset: int) -> int:
        return self._fields[name].line if name else (self._document.body_line if self._document else self._line) + offset

    def _wrong_mark(self, name: str, offset: int, value: str, reason: str, remedy: str) -> None:
        self._wrong(self._line_of(name, offset), value, reason, remedy)

    def _wrong(self, line: int, value: str, reason: str, remedy: str, field: str = "audience") -> None:
        self._findings.append(Finding(self._path, line, field, shorten(value), reason, remedy))

    def _shown(self, name: str, value: Value, hides: Collection[str], paths: Collection[str]) -> Value:
        """A field as those see it; only texts of JSON lines hold parts."""
        if self._document or name not in _TEXTS or not isinstance(value.data, str):
            return value
        lines, _numbers = shown_lines(value.data, self._cuts[name], hides)
        text = without_links("\n".join(lines), self._path, paths)
        self._refuse_named(text, [value.line] * len(lines), paths)
        return Value(value.line, text)

    def _sections(self, hides: Collection[str], names: Collection[str], paths: Collection[str]) -> tuple[Section, ...]:
        assert self._document
        lines, numbers = shown_lines(self._document.body, self._cuts[""], hides)
        found = []
        for section in split_sections("\n".join(lines), 0):
            if (section.key or ("" if section.title else "body")) in names:
                continue
            markdown = without_links(section.markdown, self._path, paths)
            placed = _placed(section, markdown, [self._document.body_line + number for number in numbers])
            self._refuse_named(markdown, [placed.line + placed.shift(at) + at for at in range(markdown.count("\n") + 1)], paths)
            found.append(placed)
        return tuple(found)

    def _refuse_named(self, markdown: str, lines: Sequence[int], paths: Collection[str]) -> None:
        """Findings for files that a text still names or links after its links to them are gone."""
        for path in sorted(paths):
            name = posixpath.basename(path)
            at = next((line for line, found in attachments_in(markdown, self._path) if found == path), None)
            if at is None and name in markdown:
                at = markdown.count("\n", 0, markdown.index(name))
            if at is not None:
                self._wrong(lines[min(at, len(lines) - 1)], name, "names a file that is restricted",
                            "link it as [words](file), or restrict this text too", FIELD)

    def _refuse_strays(self) -> None:
        texts = dict(self._texts())
        for name, text in texts.items():
            lines, numbers = shown_lines(text, self._cuts[name], ())
            left = "\n".join(lines)
            if stray_mark(left):
                self._wrong(self._line_of(name, numbers[line_of_mark(left)]), "audience", "restricts nothing here",
                            "write <!-- audience: NAME --> and <!-- /audience --> on lines of their own")
        for name, value in self._fields.items():
            for line, text in (*_strings(value), (value.line, name)) if name not in texts else ():
                if may_hold_marks(text):
                    self._wrong(line, "audience", "cannot be restricted by marks here",
                                f"name the field in '{FIELD}', or move the words into the text", name)

    def _named(self) -> Restrictions:
        """What ``restricted`` names, by audience."""
        found: dict[str, tuple[str, ...]] = {}
        value = self._restricted
        if value is None or value.data is None:
            return ()
        if not isinstance(value.data, dict):
            self._wrong(value.line, "", "is not a mapping", "write {AUDIENCE: [FIELD, ...]}", FIELD)
            return ()
        inner = Fields(value.data, self._path, value.line, self._findings, f"{FIELD}.")
        whole = self._sections((), (), ()) if self._document else ()
        known = {name for name in self._fields if name not in _FIXED}
        known |= {section.key or ("" if section.title else "body") for section in whole} - {""}
        markdown = [section.markdown for section in whole] or [text for _name, text in self._texts()]
        files = {path for text in markdown for _line, path in attachments_in(text, self._path)}
        for audience in value.data:
            if problem := audience_problem(audience, self._portal):
                self._wrong(value.data[audience].line, audience, *problem, FIELD)
            names = inner.texts(audience)
            for name in names:
                if name in _FIXED:
                    inner.wrong(audience, "decides who sees the record, or what it is",
                                "restrict the record as a whole with 'audience: ...', or leave it visible", name)
                elif name not in known and attachment_path(self._path, name) not in files:
                    guess = nearest(name, known)
                    inner.wrong(audience, "is no field, section or linked file of this record",
                                f"did you mean {guess}?" if guess else "write a name that stands in this file", name)
            found[audience] = names
        return tuple(sorted(found.items()))


def has_parts(fields: Mapping[str, Value], text: str) -> bool:
    """Whether a source may hold restricted parts: quick, for most do not."""
    return FIELD in fields or may_hold_marks(text)


def _placed(section: Section, markdown: str, lines: Sequence[int]) -> Section:
    """A section of the lines that are left, told by where they stand in the file."""
    at = min(section.line, len(lines) - 1)
    first, gaps, missing = lines[at] if lines else 0, [], 0
    for offset, line in enumerate(lines[at : at + markdown.count("\n") + 1]):
        if line - first - offset != missing:
            missing = line - first - offset
            gaps.append((offset, missing))
    return Section(section.key, section.title, markdown, first, tuple(gaps))


def _strings(value: Value) -> Iterator[tuple[int, str]]:
    if isinstance(value.data, str):
        yield value.line, value.data
    elif value.data is not None:
        for item in value.data.values() if isinstance(value.data, dict) else value.data:
            yield from _strings(item)


def _plain(value: Value) -> Any:
    if isinstance(value.data, dict):
        return {name: _plain(item) for name, item in value.data.items()}
    return [_plain(item) for item in value.data] if isinstance(value.data, list) else value.data
