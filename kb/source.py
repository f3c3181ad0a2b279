"""Reading files: bytes of the site to trees of values that remember their line.

Scalars stay the text that was written, so that a release ``21.10`` is no number and ``no`` is no flag. What can blow up or hide
something (anchors, aliases, tags, duplicate keys, deep nesting) is refused.
"""

from __future__ import annotations

import json
import re
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from kb.findings import Finding, SourceError, shorten
from kb.plain_yaml import read_plain
from kb.values import Value as Value  # which others know from here

MAX_FILE_BYTES = 5_000_000
MAX_LINE_BYTES = 1_000_000
MAX_DEPTH = 12

# Control characters, noncharacters and lone surrogates: never meant, and used internally as separators.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_ESCAPED = ("\\u", "\\b", "\\f")  # as which JSON may hold them


class Document(msgspec.Struct, frozen=True):
    """A record file: its front matter, the Markdown after it, and the line where that begins."""

    fields: dict[str, Value]
    body: str
    body_line: int


def _forbidden(text: str) -> re.Match[str] | None:
    """The first forbidden character, none of which is printable; looking for them takes ten times as long."""
    return None if text.replace("\n", " ").isprintable() else _FORBIDDEN.search(text)


def _fail(path: str, line: int, reason: str, remedy: str, value: str = "", field: str = "") -> SourceError:
    return SourceError(Finding(path, line, field, shorten(value), reason, remedy))


def read_bytes(root: Path, path: str) -> bytes:
    """Bytes of the file ``path`` below ``root``; raises SourceError for links, large and unreadable files."""
    try:
        file = root / path
        size = _plain_size(file, path)
        if size > MAX_FILE_BYTES:
            raise _fail(path, 0, f"has {size:,} bytes", f"split it: a text file has at most {MAX_FILE_BYTES:,} bytes")
        with file.open("rb", buffering=0) as data:
            return data.readall()
    except OSError as error:
        raise _unreadable(path, error) from None


def _plain_size(file: Path, path: str) -> int:
    """Bytes of a plain file; raises SourceError for links and for what would never end, such as a pipe."""
    found = file.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise _fail(path, 0, "is a symbolic link", "put the file itself here")
    if not stat.S_ISREG(found.st_mode):
        raise _fail(path, 0, "is no plain file", "put a file here")
    return found.st_size


def _unreadable(path: str, error: OSError) -> SourceError:
    return _fail(path, 0, f"cannot be read ({error.strerror})", "check that it exists and its permissions")


def read_text(root: Path, path: str) -> str:
    """Text of a UTF-8 file with line ends as ``\\n``; raises SourceError where it is none or holds control characters."""
    return decode(read_bytes(root, path), path)


def decode(data: bytes, path: str, first_line: int = 1) -> str:
    """Bytes as text, without a byte order mark; raises SourceError with the line of the first bad byte."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = first_line + data.count(b"\n", 0, error.start)
        raise _fail(path, line, "is not UTF-8", "save the file in UTF-8", f"byte 0x{data[error.start]:02x}") from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if bad := _forbidden(text):
        raise _control_character(path, first_line + text.count("\n", 0, bad.start()), bad[0])
    return text


def _control_character(path: str, line: int, character: str) -> SourceError:
    return _fail(path, line, "is a control character", "delete it", f"U+{ord(character):04X}")


def line_with(root: Path, path: str, words: str) -> int:
    """The first line of a text file that holds these words, 0 where none does or the file cannot be read."""
    try:
        lines = read_text(root, path).split("\n")
    except SourceError:
        return 0
    return next((number for number, line in enumerate(lines, 1) if words in line), 0)


def read_document(root: Path, path: str) -> Document:
    """A Markdown file with front matter."""
    return parse_document(read_text(root, path), path)


def parse_document(text: str, path: str) -> Document:
    """The text of a Markdown file with front matter; raises SourceError."""
    if not text.startswith("---\n"):
        raise _fail(path, 1, "has no front matter", "begin the file with a line '---', the fields, and another '---'")
    end = text.find("\n---", 3)
    while end >= 0 and text[end + 4 : end + 5] not in {"", "\n"}:
        end = text.find("\n---", end + 1)
    if end < 0:
        raise _fail(path, 1, "has front matter without an end", "close it with a line '---'")
    root_value = parse_yaml(text[4 : end + 1], path, first_line=2)
    if not isinstance(root_value.data, dict):
        raise _fail(path, 2, "has front matter that is no mapping", "write one 'field: value' a line")
    body = text[end + 4 :].removeprefix("\n")
    return Document(root_value.data, body, text.count("\n", 0, end + 4) + 2)


def read_yaml(root: Path, path: str) -> Value:
    """A YAML file as one value; an empty file is an empty mapping."""
    value = parse_yaml(read_text(root, path), path)
    return Value(1, {}) if value.data is None else value


def parse_yaml(text: str, path: str, first_line: int = 1) -> Value:
    """YAML text as one value; raises SourceError where it is broken or uses what is refused."""
    plain = read_plain(text, first_line)
    return parse_full_yaml(text, path, first_line) if plain is None else plain


def parse_full_yaml(text: str, path: str, first_line: int = 1) -> Value:
    """The same without the quick way for plain texts."""
    with _yaml_errors(text, path, first_line):
        events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return _YamlBuilder(path, first_line).document(iter(events))


def check_syntax(text: str, path: str) -> None:
    """Raises SourceError where YAML text is broken; for files that others read, who allow more than we do."""
    with _yaml_errors(text, path, 1):
        for _event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass


@contextmanager
def _yaml_errors(text: str, path: str, first_line: int) -> Iterator[None]:
    """Turns the errors of the YAML parser into SourceError."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark and mark and mark.line > text.rstrip("\n").count("\n"):  # what has no end? say where it begins
            mark = error.context_mark
        line = first_line + (int(mark.line) if mark is not None else 0)
        raise _fail(path, line, f"is not valid YAML: {error.problem or error.context}",
                    "check indentation, quotes and colons on this line and the one before") from None
    except yaml.YAMLError as error:
        raise _fail(path, first_line, f"is not valid YAML: {shorten(str(error))}", "check quotes and colons") from None


class _YamlBuilder:
    """Turns parser events into values; needs no recursion in the parser, so that depth can be bounded here."""

    def __init__(self, path: str, first_line: int) -> None:
        self._path, self._first = path, first_line

    def document(self, events: Iterator[yaml.Event]) -> Value:
        root = Value(self._first, None)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                root = self._node(next(events), events, 0)
                break
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise self._refuse(event, "begins a second document", "keep one document a file")
        return root

    def _refuse(self, event: yaml.Event, reason: str, remedy: str, value: str = "") -> SourceError:
        return _fail(self._path, self._line(event), reason, remedy, value)

    def _line(self, event: yaml.Event) -> int:
        return self._first + (int(event.start_mark.line) if event.start_mark is not None else 0)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Value:
        kind = type(event)
        if kind is yaml.AliasEvent or event.anchor:
            raise self._refuse(event, "is an anchor or alias", "write the value out", str(event.anchor))
        if event.tag:
            raise self._refuse(event, "is a tag", "write the value without it", str(event.tag))
        if depth > MAX_DEPTH:
            raise self._refuse(event, "is nested too deeply", f"use at most {MAX_DEPTH} levels")
        line = self._line(event)
        if kind is yaml.ScalarEvent:
            text = event.value
            if bad := _forbidden(text):  # as an escape, "\\0"
                raise _control_character(self._path, line, bad[0])
            return Value(line, None if not event.style and text in {"", "~", "null"} else text)
        return Value(line, self._sequence(events, depth) if kind is yaml.SequenceStartEvent else self._mapping(events, depth))

    def _sequence(self, events: Iterator[Any], depth: int) -> list[Value]:
        items = []
        while type(event := next(events)) is not yaml.SequenceEndEvent:
            items.append(self._node(event, events, depth + 1))
        return items

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Value]:
        fields: dict[str, Value] = {}
        while type(event := next(events)) is not yaml.MappingEndEvent:
            key = self._node(event, events, depth + 1)
            if not isinstance(key.data, str):
                raise self._refuse(event, "is no field name", "write 'field: value'")
            if key.data in fields:
                raise self._refuse(event, "is given twice", f"keep one (the first is on line {fields[key.data].line})",
                                   key.data)
            fields[key.data] = Value(key.line, self._node(next(events), events, depth + 1).data)
        return fields


def json_lines(root: Path, path: str) -> Iterator[tuple[int, int, bytes]]:
    """Yields (line number, first byte, bytes) for each line that is not empty; a line that is too long is cut there.
    Raises SourceError."""
    return (line for line in all_lines(root, path) if line[2].strip())


def all_lines(root: Path, path: str, start: int = 0, end: int | None = None, number: int = 0) -> Iterator[tuple[int, int, bytes]]:
    """As ``json_lines``, with the empty ones. ``start`` and ``end`` are bytes with which lines begin, ``number`` counts the lines
    before."""
    try:
        _plain_size(root / path, path)
        with (root / path).open("rb") as lines:
            lines.seek(start)
            while (end is None or start < end) and (raw := lines.readline(MAX_LINE_BYTES + 1)):
                number += 1
                size, piece = len(raw), raw
                while size > MAX_LINE_BYTES and not piece.endswith(b"\n") and (piece := lines.readline(MAX_LINE_BYTES)):
                    size += len(piece)
                yield number, start, raw
                start += size
    except OSError as error:
        raise _unreadable(path, error) from None


def json_object(raw: bytes, path: str, number: int) -> dict[str, Value] | Finding:
    """The object on a line, or the finding that says why there is none."""
    if len(raw) > MAX_LINE_BYTES:
        return Finding(path, number, "", "", f"is longer than {MAX_LINE_BYTES:,} bytes",
                       "split the record or move text into attachments")
    try:
        value = from_json(decode(raw, path, number), path, number)
    except SourceError as error:
        return error.finding
    if not isinstance(value.data, dict):
        return Finding(path, number, "", "", "is no JSON object", 'write {"id": ..., "title": ...} on one line')
    return value.data


class _DuplicateKey(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        counts = Counter[str]()
        for name, _value in pairs:
            counts[name] += 1
            if counts[name] > 1:
                raise _DuplicateKey(name)
    return fields


@cache
def _json_decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_unique)


def from_json(text: str, path: str, line: int) -> Value:
    """JSON text as a value, all of it on ``line``; numbers stay as written. Raises SourceError."""
    try:
        plain = json.loads(text) if text.startswith("\ufeff") else _json_decoder().decode(text)  # the former refuses it
        value = _from_plain(plain, path, line, 0)
    except _DuplicateKey as error:
        _refuse_controls(str(error), path, line)
        raise _fail(path, line, "is given twice", "keep one", str(error)) from None
    except RecursionError:
        raise _fail(path, line, "is nested too deeply", f"use at most {MAX_DEPTH} levels") from None
    except json.JSONDecodeError as error:
        raise _fail(path, line, f"is not valid JSON: {error.msg} at character {error.pos + 1}", "write one JSON object") from None
    if any(escape in text for escape in _ESCAPED) or _forbidden(text):
        _refuse_controls_in(value, path)
    return value


def _from_plain(plain: object, path: str, line: int, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise _fail(path, line, "is nested too deeply", f"use at most {MAX_DEPTH} levels")
    inner = depth + 1
    if isinstance(plain, list):
        return Value(line, [Value(line, item) if type(item) is str and inner <= MAX_DEPTH  # most are, and a call takes longer
                            else _from_plain(item, path, line, inner) for item in plain])
    if isinstance(plain, dict):
        return Value(line, {name: Value(line, item) if type(item) is str and inner <= MAX_DEPTH
                            else _from_plain(item, path, line, inner) for name, item in plain.items()})
    if isinstance(plain, bool):
        return Value(line, "true" if plain else "false")
    return Value(line, plain if isinstance(plain, str) else None)


def _refuse_controls_in(value: Value, path: str) -> None:
    if isinstance(value.data, str):
        _refuse_controls(value.data, path, value.line)
    elif isinstance(value.data, dict):
        for name, item in value.data.items():
            _refuse_controls(name, path, value.line)
            _refuse_controls_in(item, path)
    elif value.data is not None:
        for item in value.data:
            _refuse_controls_in(item, path)


def _refuse_controls(text: str, path: str, line: int) -> None:
    if bad := _forbidden(text):
        raise _control_character(path, line, bad[0])
