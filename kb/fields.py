"""Fields: reads the fields of one mapping into typed values and collects a finding for each that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from kb.findings import Finding, nearest, shorten
from kb.source import Value

T = TypeVar("T")

_SPACES = re.compile(r"[ \t\n]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6}\d*)?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MAX_TITLE = 250
_MAX_REASON = 300


class Wrong(ValueError):
    """A value that cannot be read: ``reason`` follows the value in a message, ``remedy`` says what to write."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


def parse_date(text: str) -> date:
    """A calendar day, ``2026-11-22``; raises Wrong."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Wrong("is not a date", "write YYYY-MM-DD, such as 2026-11-22")


def parse_instant(text: str) -> datetime:
    """A moment with a zone, in UTC to the second (RFC 3339); raises Wrong."""
    match = _INSTANT.fullmatch(text)
    moment = _utc(text) if match else None
    if match is None or moment is None:
        raise Wrong("is not a time", "write it as 2026-11-22T16:00:00Z or with an offset such as +03:00")
    if not match[3]:
        raise Wrong("has no zone", f"add Z for UTC or an offset: {text}Z")
    return moment


def _utc(text: str) -> datetime | None:
    """A moment, without a zone taken for UTC; None where the calendar knows none such."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\.\d+", "", text.upper().replace(" ", "T")))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=1 << 13)  # days come again and again
def parse_moment(text: str) -> datetime:
    """A day (00:00 UTC) or a moment with a zone; raises Wrong."""
    if _DATE.fullmatch(text):
        return datetime.combine(parse_date(text), datetime.min.time(), UTC)
    return parse_instant(text)


def instant(moment: datetime) -> str:
    """A moment as machines read it (RFC 3339), in UTC: ``2026-11-22T16:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)


def parse_flag(text: str) -> bool:
    """``true`` or ``false``; raises Wrong."""
    if text in {"true", "false"}:
        return text == "true"
    raise Wrong("is neither true nor false", "write true or false")


def parse_line(text: str) -> str:
    """One line of text, not empty; raises Wrong."""
    spaced = "  " in text or "\n" in text or "\t" in text
    line = (_SPACES.sub(" ", text) if spaced else text).strip(" ")  # a no-break space is meant
    if not line or line.isspace():
        raise Wrong("is empty", "write a text or leave the field out")
    return line


def parse_title(text: str) -> str:
    """One line of at most 250 characters; raises Wrong."""
    line = parse_line(text)
    if len(line) > MAX_TITLE:
        raise Wrong(f"has {len(line)} characters", f"shorten it to {MAX_TITLE}; details belong in the text")
    return line


def parse_url(text: str) -> str:
    """An absolute http or https address; raises Wrong."""
    try:
        parts = urlsplit(text)
        if parts.scheme in {"http", "https"} and parts.hostname and not re.search(r"[\s<>\"\\^`{|}]", text):
            return text
    except ValueError:
        pass
    raise Wrong("is not a web address", "write https://host/path")


def parse_url_root(text: str) -> str:
    """The address below which a portal stands, with a slash at its end; raises Wrong."""
    address = parse_url(text)
    parts = urlsplit(address)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise Wrong("holds more than host and path", "write https://host/ or https://host/path/")
    return address if address.endswith("/") else address + "/"


def parse_zone(text: str) -> str:
    """Name of a time zone of the IANA database; raises Wrong."""
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, LookupError):
        raise Wrong("is no time zone", "write a name such as UTC or Europe/Berlin") from None


def parse_language(text: str) -> str:
    """A language tag (BCP 47), such as ``en`` or ``pt-BR``; raises Wrong."""
    if _LANGUAGE.fullmatch(text):
        return text
    raise Wrong("is no language tag", "write a tag such as en or ru")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers from ``least`` to ``most``."""

    def parse(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        raise Wrong("is not a whole number in range", f"write a number from {least} to {most}")

    return parse


def pattern(expression: str, what: str, remedy: str) -> Callable[[str], str]:
    """A parser of texts that match ``expression`` as a whole."""
    compiled = re.compile(expression, re.ASCII)

    def parse(text: str) -> str:
        if compiled.fullmatch(text):
            return text
        raise Wrong(f"is no {what}", remedy)

    return parse


class Fields:
    """The fields of one mapping. Each reading method takes a field's name and gives its value, or the default with a
    finding where the value is wrong; ``finish`` reports the fields that nobody read."""

    def __init__(self, fields: Mapping[str, Value], path: str, line: int, findings: list[Finding],
                 prefix: str = "") -> None:
        self._fields, self._path, self._line, self._findings, self._prefix = fields, path, line, findings, prefix
        self._known: list[str] = []

    @property
    def line(self) -> int:
        return self._line

    def __contains__(self, name: str) -> bool:
        return name in self._fields and self._fields[name].data is not None

    def line_of(self, name: str) -> int:
        """The line of a field, or of the mapping where it is absent."""
        return self._fields[name].line if name in self._fields else self._line

    def wrong(self, name: str, reason: str, remedy: str, value: str = "", line: int = 0) -> None:
        """Adds a finding about a field."""
        self._findings.append(Finding(self._path, line or self.line_of(name), shorten(self._prefix + name), shorten(value),
                                      shorten(reason, _MAX_REASON), remedy))

    def _take(self, name: str, required: bool) -> Value | None:
        self._known.append(name)
        value = self._fields.get(name)
        if value is not None and value.data is not None:
            return value
        if required:
            self.wrong(name, "is missing", f"add a line '{name}: ...'")
        return None

    def parse(self, name: str, value: Value, parser: Callable[[str], T], around: str | None = None) -> T | None:
        """The value without what stands ``around`` it (None: white space)."""
        if type(value.data) is not str:
            kind = "a list" if isinstance(value.data, list) else "a mapping" if value.data is not None else "empty"
            self.wrong(name, f"is {kind}, not one value", "write one value", line=value.line)
            return None
        try:
            return parser(value.data.strip(around))
        except Wrong as wrong:
            self.wrong(name, wrong.reason, wrong.remedy, value.data, value.line)
            return None

    def one(self, name: str, parser: Callable[[str], T], required: bool = False) -> T | None:
        """One value, or None where it is absent or wrong."""
        value = self._take(name, required)
        return None if value is None else self.parse(name, value, parser)

    def text(self, name: str, required: bool = False) -> str:
        """One line of text, or an empty string."""
        return self.one(name, parse_line, required) or ""

    def block(self, name: str, required: bool = False) -> str:
        """Text of any number of lines with their indentation, or an empty string."""
        value = self._take(name, required)
        return "" if value is None else self._block(name, value)

    def blocks(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Those of some blocks that are there and not empty: (name, text)."""
        self._known += names
        texts = [(name, self._block(name, self._fields[name])) for name in names if name in self]
        return [(name, text) for name, text in texts if text]

    def _block(self, name: str, value: Value) -> str:
        text = self.parse(name, value, str, "\r\n")
        return text if text and not text.isspace() else ""

    def flag(self, name: str) -> bool:
        return self.one(name, parse_flag) or False

    def choice(self, name: str, choices: Iterable[str], required: bool = False) -> str:
        """One of some words, or an empty string."""
        words = tuple(choices)
        value = self._take(name, required)
        if value is None:
            return ""
        if isinstance(value.data, str) and value.data in words:
            return value.data

        def parse(text: str) -> str:
            if text in words:
                return text
            guess = nearest(text, words)
            raise Wrong("is not allowed here", f"write {guess}?" if guess else f"write one of {', '.join(words)}")

        return self.parse(name, value, parse) or ""

    def many(self, name: str, parser: Callable[[str], T], required: bool = False) -> tuple[T, ...]:
        """A list of values; a single value counts as a list of one."""
        value = self._take(name, required)
        if value is None:
            return ()
        items = value.data if isinstance(value.data, list) else [value]
        if required and not items:
            self.wrong(name, "is an empty list", "name at least one")
        return tuple([parsed for item in items if (parsed := self.parse(name, item, parser)) is not None])

    def texts(self, name: str, required: bool = False) -> tuple[str, ...]:
        return self.many(name, parse_line, required)

    def values(self, name: str, required: bool = False) -> list[Value]:
        """The items of a list as they are, for what is either a text or a mapping."""
        value = self._take(name, required)
        if value is None:
            return []
        return value.data if isinstance(value.data, list) else [value]

    def mapping(self, name: str, required: bool = False) -> Fields | None:
        """A nested mapping, or None."""
        value = self._take(name, required)
        return None if value is None else self._nested(name, value, f"{name}.")

    def mappings(self, name: str, required: bool = False) -> list[Fields]:
        """A list of nested mappings."""
        value = self._take(name, required)
        if value is None:
            return []
        if not isinstance(value.data, list):
            self.wrong(name, "is not a list", f"write '{name}:' and below it items that begin with '-'")
            return []
        if required and not value.data:
            self.wrong(name, "is an empty list", "name at least one")
        nested = (self._nested(name, item, f"{name}[{number}].") for number, item in enumerate(value.data, 1))
        return [item for item in nested if item is not None]

    def named(self, name: str, required: bool = False) -> list[tuple[str, Fields]]:
        """A mapping of names to mappings, in file order."""
        value = self._take(name, required)
        if value is None:
            return []
        if not isinstance(value.data, dict):
            self.wrong(name, "is not a mapping", f"write '{name}:' and below it 'name:' with indented fields")
            return []
        nested = ((key, self._nested(name, item, f"{name}.{key}.")) for key, item in value.data.items())
        return [(key, item) for key, item in nested if item is not None]

    def _nested(self, name: str, value: Value, prefix: str) -> Fields | None:
        if isinstance(value.data, dict):
            return Fields(value.data, self._path, value.line, self._findings, self._prefix + prefix)
        self.wrong(name, "is not a mapping", "write 'field: value' pairs", line=value.line)
        return None

    def inner(self, name: str, value: Value) -> Fields:
        """The fields of a mapping among the ``values`` of a field."""
        assert isinstance(value.data, dict)
        return Fields(value.data, self._path, value.line, self._findings, f"{self._prefix}{name}.")

    def finish(self) -> None:
        """Reports unknown fields."""
        if self._fields.keys() <= set(self._known):
            return
        for name, value in self._fields.items():
            if name not in self._known:
                guess = nearest(name, self._known)
                remedy = f"did you mean {guess}?" if guess else f"known fields: {', '.join(self._known)}"
                self.wrong(name, "is not a known field", remedy, line=value.line)
