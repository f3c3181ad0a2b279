"""Values that only a policy has: texts in several languages, durations, telephone numbers, references by id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Literal, TypeVar, get_args

import msgspec

from kb.fields import Fields, Wrong, parse_language, pattern
from kb.findings import nearest
from kb.products import parse_id

Word = TypeVar("Word", bound=str)

Unit = Literal["minute", "hour", "day", "week", "month"]

_DURATION = re.compile(r"([1-9][0-9]{0,3}) +(?:(business|calendar) +)?(minute|hour|day|week|month)s?")
_PHONE = re.compile(r"\+[1-9][0-9 -]*(?:\([0-9][0-9 -]*\)[0-9 -]*)?[0-9]")

parse_email = pattern(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "e-mail address", "write name@host")


class Phrase(msgspec.Struct, frozen=True):
    """A text in the portal's first language and its ``translations`` (language, text); false where there is no text."""

    text: str = ""
    translations: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    def text_in(self, language: str) -> str:
        return dict(self.translations).get(language, self.text)


class Duration(msgspec.Struct, frozen=True):
    """A length of time. With ``business`` only the working time of a calendar counts: its hours, or its days."""

    count: int
    unit: Unit
    business: bool = False

    def __str__(self) -> str:
        kind = "business " if self.business else ""
        return f"{self.count} {kind}{self.unit}{'' if self.count == 1 else 's'}"


UNREAD: Final = Duration(0, "minute")
"""Stands in for a needed duration that could not be read; never in a policy, for a finding says why."""


def parse_duration(text: str) -> Duration:
    """``4 hours``, ``3 business days``, ``30 calendar days``; raises Wrong."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise Wrong("is no duration", "write a number and a unit, such as 30 minutes, 3 business days or 1 week")
    unit = next(unit for unit in get_args(Unit) if unit == match[3])
    if match[2] == "business" and unit in {"week", "month"}:
        raise Wrong("counts business time in a unit that has none", "write business minutes, hours or days")
    if match[2] == "calendar" and unit in {"minute", "hour"}:
        raise Wrong("counts calendar time in a unit shorter than a day", "leave out 'calendar'")
    return Duration(int(match[1]), unit, match[2] == "business")


def parse_days(text: str) -> Duration:
    """A duration of calendar days, weeks or months, by which a day follows from another; raises Wrong."""
    duration = parse_duration(text)
    if duration.business or duration.unit in {"minute", "hour"}:
        raise Wrong("is not counted in days of the calendar", "write days, weeks or months, such as 90 days")
    return duration


def parse_phone(text: str) -> str:
    """A telephone number as it is shown, with country code and at most 15 digits (ITU-T E.164); raises Wrong."""
    if len(text) <= 40 and _PHONE.fullmatch(text) and 7 <= len(re.sub(r"\D", "", text)) <= 15:
        return text
    raise Wrong("is no telephone number", "write + and the country code, then digits, spaces, - or (): +1 555 0100")


def phone_uri(number: str) -> str:
    """The link that dials a number (RFC 3966)."""
    return "tel:+" + re.sub(r"\D", "", number)


def known(what: str, words: Iterable[Word]) -> Callable[[str], Word]:
    """A parser of references: each must be one of ``words``."""
    choices = tuple(words)

    def parse(text: str) -> Word:
        for word in choices:
            if word == text:
                return word
        guess = nearest(text, choices)
        listed = f"write one of {', '.join(choices)}" if choices else f"define a {what} first"
        raise Wrong(f"is no known {what}", f"did you mean {guess}?" if guess else listed)

    return parse


def with_ids(fields: Fields, name: str, required: bool = False) -> list[tuple[str, Fields]]:
    """The items of a list with their ids. A wrong id is reported and empty; what else its item holds is still read."""
    found: list[tuple[str, Fields]] = []
    for item in fields.mappings(name, required):
        item_id = item.one("id", parse_id, required=True) or ""
        if first := next((other for other_id, other in found if item_id and other_id == item_id), None):
            item.wrong("id", "is given twice", f"keep one (the first is on line {first.line_of('id')})", item_id)
            item_id = ""
        found.append((item_id, item))
    return found


def ids_of(items: Iterable[tuple[str, object]]) -> tuple[str, ...]:
    """The ids that can be referred to."""
    return tuple(dict.fromkeys(item_id for item_id, _ in items if item_id))


def check_circles(links: Mapping[str, str], items: Mapping[str, Fields], name: str) -> bool:
    """Whether no reference in the field ``name`` leads back to where it began; reports each circle once."""
    reported: set[str] = set()
    for start in links:
        chain = [start]
        while (following := links.get(chain[-1])) and following not in chain:
            chain.append(following)
        if following == start and start not in reported:
            reported.update(chain)
            items[start].wrong(name, f"leads back to itself ({' > '.join([*chain, start])})", "take one of them out",
                               links[start])
    return not reported


class Texts:
    """Reads the texts of a mapping together with the translations beside them (``translations: {ru: {name: ...}}``)."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._translations = fields.named("translations")
        for language, _ in self._translations:
            try:
                parse_language(language)
            except Wrong as wrong:
                fields.wrong("translations", wrong.reason, wrong.remedy, language)

    def line(self, name: str, required: bool = False) -> Phrase:
        """One line of text in all its languages."""
        text = self._fields.text(name, required)
        self._expect_original(name)
        found = ((language, inner.text(name)) for language, inner in self._translations)
        return Phrase(text, tuple((language, translated) for language, translated in found if translated))

    def lines(self, name: str, required: bool = False) -> tuple[Phrase, ...]:
        """A list of texts in all their languages."""
        texts = self._fields.texts(name, required)
        self._expect_original(name)
        found: list[list[tuple[str, str]]] = [[] for _ in texts]
        for language, inner in self._translations:
            translated = inner.texts(name)
            if texts and translated and len(translated) != len(texts):
                inner.wrong(name, f"has {len(translated)} where the original has {len(texts)}",
                            "translate each, in the same order")
            for place, text in zip(found, translated, strict=False):
                place.append((language, text))
        return tuple(Phrase(text, tuple(place)) for text, place in zip(texts, found, strict=True))

    def _expect_original(self, name: str) -> None:
        for _, inner in self._translations:
            if name in inner and name not in self._fields:
                inner.wrong(name, "translates a text that is not there", f"add '{name}' above, or remove this")

    def finish(self) -> None:
        """Reports unknown fields of the mapping and of its translations."""
        for _, inner in self._translations:
            inner.finish()
        self._fields.finish()


def read(items: Iterable[tuple[str, Fields]]) -> Iterator[tuple[str, Fields, Texts]]:
    """Each item with its texts; once the caller has read it, unknown fields are reported."""
    for item_id, item in items:
        texts = Texts(item)
        yield item_id, item, texts
        texts.finish()


class Entry(msgspec.Struct, frozen=True):
    """Something to choose or to look up: a kind of case, a reason, a tool."""

    id: str
    name: Phrase
    note: Phrase


def parse_entries(fields: Fields, name: str, required: bool = False) -> tuple[Entry, ...]:
    """The entries of a list."""
    return tuple(Entry(item_id, texts.line("name", required=True), texts.line("note"))
                 for item_id, _, texts in read(with_ids(fields, name, required)))
