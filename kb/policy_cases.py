"""Cases: what is asked for, how their numbers look, and how they are escalated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from kb.fields import Fields, Wrong, parse_line
from kb.policy_values import Entry, Phrase, Texts, known, parse_entries, read, with_ids

Need = Literal["required", "recommended", "if-needed", "optional"]
PartKind = Literal["text", "year", "month", "day", "digits", "number", "characters"]

FIELDS: Final = ("serial", "contract", "description", "level", "release", "data", "attachments", "contact")
"""What the form of a case asks for itself."""
NEEDS: Final[tuple[Need, ...]] = ("required", "recommended", "if-needed", "optional")

_PARTS = re.compile(
    r"'(?P<text>[^']+)'|(?P<year>YYYY)|(?P<month>MM)|(?P<day>DD)|(?P<digits>N+)|(?P<number>n)|(?P<characters>\?+)|(?P<other>[^'])")
_EXPRESSIONS: Final[Mapping[str, str]] = MappingProxyType({
    "year": "(?P<year>[0-9]{4})", "month": "(?P<month>[0-9]{2})", "day": "(?P<day>[0-9]{2})", "number": "[1-9][0-9]*",
})


class Commands(msgspec.Struct, frozen=True):
    """What to run on a product, by its id, to collect something; no product: on all."""

    product: str
    run: tuple[str, ...]


class ChecklistItem(msgspec.Struct, frozen=True):
    """Something to have at hand when a case is opened; ``levels`` has what differs by level, ``collect`` how it is collected,
    ``field`` which field of the form of a case is meant, if any (FIELDS)."""

    id: str
    name: Phrase
    note: Phrase
    need: Need
    levels: tuple[tuple[str, Need], ...] = ()
    collect: tuple[Commands, ...] = ()
    field: str = ""

    def need_for(self, level: str) -> Need:
        return dict(self.levels).get(level, self.need)


class Part(msgspec.Struct, frozen=True):
    """A part of a number: literal ``text``, a date's piece, exactly as many ``digits`` or ``characters`` (letters or digits) as
    ``text`` has, or a ``number`` of any length from 1."""

    kind: PartKind
    text: str


class Keypad(msgspec.Struct, frozen=True):
    """How a number is typed on a telephone: without the characters ``omit``, then ``end``."""

    omit: str
    end: str


class NumberFormat(msgspec.Struct, frozen=True):
    """The form of case, RMA or serial numbers. ``pattern`` is for readers, ``parts`` say the same to programs; ``never`` are
    letters and digits that are no ``characters``, since they look like others."""

    id: str
    name: Phrase
    pattern: str
    parts: tuple[Part, ...]
    meaning: Phrase
    examples: tuple[str, ...]
    keypad: Keypad | None = None
    never: str = ""

    def matches(self, text: str) -> bool:
        """Whether a text is a number of this form; letters in either case, dates must exist."""
        expression = "".join(_expression(part, self.never) for part in self.parts)
        match = re.fullmatch(expression, text, re.ASCII | re.IGNORECASE)
        return match is not None and _is_date(match.groupdict())

    def typed(self, text: str) -> str:
        """The keys to press on a telephone for a number; the number itself where there is no rule."""
        if self.keypad is None:
            return text
        return "".join(character for character in text if character not in self.keypad.omit) + self.keypad.end


class Escalation(msgspec.Struct, frozen=True):
    """Who acts on an escalated case, when they work, for which reasons, and how it is done by phone."""

    actor: Phrase
    calendar: str
    reasons: tuple[Entry, ...]
    explanation: bool
    by_phone: tuple[Phrase, ...]
    have_ready: tuple[Phrase, ...]


def parse_checklist(fields: Fields, levels: tuple[str, ...], parse_product: Callable[[str], str]) -> tuple[ChecklistItem, ...]:
    return tuple(
        ChecklistItem(item_id, texts.line("name", required=True), texts.line("note"),
                      item.one("need", known("need", NEEDS), required=True) or "optional", _needs(item, levels),
                      tuple(_commands(item, parse_product)), item.choice("field", FIELDS))
        for item_id, item, texts in read(with_ids(fields, "checklist")))


def _needs(item: Fields, levels: tuple[str, ...]) -> tuple[tuple[str, Need], ...]:
    inner = item.mapping("levels")
    if inner is None:
        return ()
    found = [(level, need) for level in levels if (need := inner.one(level, known("need", NEEDS)))]
    inner.finish()
    return tuple(found)


def _commands(item: Fields, parse_product: Callable[[str], str]) -> Iterator[Commands]:
    for inner in item.mappings("collect"):
        yield Commands(inner.one("product", parse_product) or "", inner.many("run", parse_line, required=True))
        inner.finish()


def parse_numbers(fields: Fields) -> tuple[NumberFormat, ...]:
    found = []
    for item_id, item, texts in read(with_ids(fields, "numbers")):
        name, meaning = texts.line("name", required=True), texts.line("meaning")
        parts = item.one("pattern", parse_pattern, required=True) or ()
        shown = "".join(part.text for part in parts)
        never = item.one("never", parse_never) or ""
        form = NumberFormat(item_id, name, shown, parts, meaning, (), _keypad(item, parts), never)
        examples = item.many("examples", _example_of(form), required=True)
        found.append(msgspec.structs.replace(form, examples=examples))
    return tuple(found)


def parse_pattern(text: str) -> tuple[Part, ...]:
    """The parts of ``YYYY-MMDD-NNNN`` or ``'RMA'NNNNN-n``; raises Wrong.

    YYYY, MM and DD are those of a date, each N is a digit, n a number, each ? a letter or a digit. Everything else, and what is
    quoted, is itself.
    """
    found: list[Part] = []
    end = 0
    while match := _PARTS.match(text, end):
        kind = match.lastgroup or "other"
        part = _part(kind, match[kind])
        if part.kind == "text" and found and found[-1].kind == "text":
            part = Part("text", found.pop().text + part.text)
        found.append(part)
        end = match.end()
    if end < len(text):
        raise Wrong("has a quote without its twin", "write letters that stand for themselves as 'INC'NNNN")
    kinds = [part.kind for part in found]
    if not {"digits", "number", "characters"} & set(kinds):
        raise Wrong("holds no number", "write N for each digit, such as RNNNNN")
    if any(kinds.count(kind) > 1 for kind in ("year", "month", "day")):
        raise Wrong("holds a part of a date twice", "write letters that stand for themselves as 'DD'NNNN")
    return tuple(found)


def _part(kind: str, text: str) -> Part:
    kinds: tuple[PartKind, ...] = ("year", "month", "day", "digits", "number", "characters")
    return Part(next((known_kind for known_kind in kinds if known_kind == kind), "text"), text)


def parse_never(text: str) -> str:
    """Letters and digits that do not occur; raises Wrong."""
    if re.fullmatch("[0-9A-Z]*", text):
        return text
    raise Wrong("holds more than capital letters and digits", "write them without spaces, such as 01IO")


def _expression(part: Part, never: str) -> str:
    if part.kind == "characters":
        return f"(?:(?![{never}])[0-9A-Z]){{{len(part.text)}}}" if never else f"[0-9A-Z]{{{len(part.text)}}}"
    if part.kind == "digits":
        return f"[0-9]{{{len(part.text)}}}"
    return _EXPRESSIONS.get(part.kind) or re.escape(part.text)


def _is_date(parts: Mapping[str, str]) -> bool:
    try:
        date(int(parts.get("year", 2000)), int(parts.get("month", 1)), int(parts.get("day", 1)))
    except ValueError:
        return False
    return True


def _example_of(form: NumberFormat) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if form.parts and not form.matches(text):
            raise Wrong(f"does not have the form {form.pattern}", "write a number that could be a real one")
        return text

    return parse


def _keypad(item: Fields, parts: tuple[Part, ...]) -> Keypad | None:
    inner = item.mapping("keypad")
    if inner is None:
        return None
    omit, end = inner.text("omit"), inner.text("end")
    inner.finish()
    literal = "".join(part.text for part in parts if part.kind == "text")
    if kept := "".join(dict.fromkeys(character for character in literal if character not in omit + "0123456789*#")):
        inner.wrong("omit", f"leaves {kept}, which no keypad has", "add it to omit", omit)
    return Keypad(omit, end)


def parse_escalation(fields: Fields, calendars: tuple[str, ...]) -> Escalation | None:
    item = fields.mapping("escalation")
    if item is None:
        return None
    texts = Texts(item)
    escalation = Escalation(
        texts.line("actor", required=True), item.one("calendar", known("calendar", calendars), required=True) or "",
        parse_entries(item, "reasons", required=True), item.flag("explanation"), texts.lines("by_phone"),
        texts.lines("have_ready"))
    texts.finish()
    return escalation
