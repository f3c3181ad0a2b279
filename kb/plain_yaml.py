"""Plain YAML, read line by line: most front matter is written so, and a full parser takes eight times as long.

Plain are mappings and lists in block style, with a key or an item a line and each scalar on one line, without anything that could
mean more: no comments, blank lines, escapes, tags, tabs. All else, and all that may be wrong, is left to the full parser.
"""

from __future__ import annotations

import re

from kb.values import Value

_CHARACTERS = re.compile("[\n -~\u0400-\u04ff]+")
_LINES = re.compile(r"^( *)(- )?(?:([A-Za-z_][A-Za-z0-9_-]{0,60}):(?: |$))?(.*)$", re.MULTILINE)
_NO_LINE = ("", "", "", "")  # neither item nor key: taken by nobody
_DEEPEST = 5  # levels, fewer than are allowed


class _NotPlain(Exception):
    """There is something that the full parser has to look at."""


def read_plain(text: str, first_line: int) -> Value | None:
    """The mapping that a text is, exactly as the full parser reads it; None where the text is not plain."""
    if not _CHARACTERS.fullmatch(text):
        return None
    try:
        return Value(first_line, _Reader(text, first_line).whole())
    except _NotPlain:
        return None


def _scalar(text: str) -> str | None:
    first = text[:1]
    if first.isalnum():
        if ": " in text or " #" in text or text[-1] in ": ":
            raise _NotPlain
        return None if text == "null" else text
    inner = text[1:-1]
    if first == "'" and text.endswith("'", 1) and "'" not in inner.replace("''", ""):
        return inner.replace("''", "'")
    if first == '"' and text.endswith('"', 1) and '"' not in inner and "\\" not in inner:
        return inner
    raise _NotPlain


class _Reader:
    """Reads from a current line on. What a mapping or list cannot take stays for those around it, and in the end for nobody."""

    def __init__(self, text: str, first_line: int) -> None:
        # The spaces before it, the dash of an item, key and scalar; spaces compare as their number does.
        self._lines: list[tuple[str, str, str, str]] = [*_LINES.findall(text.removesuffix("\n")), _NO_LINE]
        self._first, self._at = first_line, 0

    def whole(self) -> dict[str, Value]:
        fields = self._mapping("", 1)
        if self._at != len(self._lines) - 1:
            raise _NotPlain
        return fields

    def _mapping(self, indent: str, depth: int) -> dict[str, Value]:
        fields: dict[str, Value] = {}
        while True:
            before, dash, key, scalar = self._lines[self._at]
            if before != indent or dash or not key:
                return fields
            if key in fields or key == "null":
                raise _NotPlain
            line = self._first + self._at
            self._at += 1
            fields[key] = Value(line, _scalar(scalar) if scalar else self._below(indent, depth))

    def _below(self, indent: str, depth: int) -> dict[str, Value] | list[Value] | None:
        """What the lines below a key hold; the dashes of a list may stand right under it."""
        before, dash, _key, _scalar = self._lines[self._at]
        if before < indent or (before == indent and not dash):
            return None
        if depth == _DEEPEST:
            raise _NotPlain
        return self._list(before, depth + 1) if dash else self._mapping(before, depth + 1)

    def _list(self, indent: str, depth: int) -> list[Value]:
        items: list[Value] = []
        while True:
            before, dash, key, scalar = self._lines[self._at]
            if before != indent or not dash:
                return items
            line = self._first + self._at
            if key:  # the first of a mapping
                inner = indent + "  "
                self._lines[self._at] = inner, "", key, scalar
                items.append(Value(line, self._mapping(inner, depth + 1)))
            else:
                self._at += 1
                items.append(Value(line, _scalar(scalar)))
