"""The different messages of a log, read as a stream: a log of any size takes a bounded memory.

docs/network.md says what is read; theme/assets/log-lines.js reads the same.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

import msgspec

from prsearch.analysis import normalise
from prsearch.messages import HEADER, MOST_LINE, is_troubled, signatures, words_of

MOST_BYTES = 2_400  # of a line that are read: 600 characters
MOST_MESSAGES = 10_000  # different messages that are kept, of those with a word of trouble and of others
MOST_FACTS = 200  # different lines that may name a release, a platform or a serial number, the last ones
MOST_KEYS = 12  # keys of a message that are asked for
MOST_SHOWN = 300  # characters
_MOST_KNOWN = 30_000  # lines whose numbers do not matter and whose message is known

SEVERE, TROUBLED, PLAIN = 2, 1, 0  # levels
_SEVERE = frozenset((
    "panic", "fatal", "emergency", "emerg", "crash", "crashed", "segfault", "oops", "паника", "авария", "аварийно"))
_FACT = re.compile(
    "(?:version|release|software|firmware|os|верси[а-я]{0,3}|прошивк[а-я]{0,3})[^0-9]{0,40}[0-9]+\\.[0-9]"
    "|(?:model|platform|chassis|hardware|serial(?: ?(?:number|num|no\\.?))?|s/n|модель|серийный номер) ?[:=#]", re.IGNORECASE)
_COLOUR = re.compile("\x1b\\[[0-9;?]{0,30}[A-Za-z]")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+")
_LOOSE_NUMBER = re.compile("(?<![A-Za-z0-9_\x80-\uffff-])[0-9]+")  # which no key of a line depends on
_CYRILLIC = re.compile(rb"[\xc0-\xff\xa8\xb8]{3}")


class Message(msgspec.Struct):
    """A message of a log: its keys, how severe its words are, number and text of the first line that has it, how many do."""

    keys: tuple[str, ...]
    level: int
    line: int
    text: str
    count: int = 1


class Log(msgspec.Struct):
    """What is known of a log: its messages by their first lines; lines that may say what device it is; ``full`` says that it has
    more messages than are kept."""

    lines: int
    messages: list[Message]
    facts: list[str]
    full: bool


def read_log(chunks: Iterable[bytes]) -> Log:
    """The messages of a log that comes in pieces."""
    found = _Reader()
    for line in lines_of(chunks):
        found.add(line)
    return Log(found.lines, list(found.messages.values()), list(found.facts), found.full)


class _Reader:
    def __init__(self) -> None:
        self.lines, self.full = 0, False
        self.messages: dict[tuple[str, ...], Message] = {}
        self.facts: dict[str, None] = {}
        self._known: dict[str, Message | None] = {}
        self._room = [MOST_MESSAGES, MOST_MESSAGES]

    def add(self, data: bytes) -> None:
        self.lines += 1
        line = decoded(data)
        if _FACT.search(line):
            self._fact(shown(line))
        known = bare(line)
        if known in self._known:
            message = self._known[known]
            if message:
                message.count += 1
            return
        message = self._new(line)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[known] = message

    def _new(self, line: str) -> Message | None:
        keys = tuple(signatures(line))
        if not keys:
            return None
        if message := self.messages.get(keys):
            message.count += 1
            return message
        level = level_of(line)
        kind = int(level > PLAIN)
        if not self._room[kind]:
            self.full = True
            return None
        self._room[kind] -= 1
        message = self.messages[keys] = Message(keys, level, self.lines, shown(line))
        return message

    def _fact(self, line: str) -> None:
        self.facts.pop(line, None)
        self.facts[line] = None
        if len(self.facts) > MOST_FACTS:
            del self.facts[next(iter(self.facts))]


def bare(line: str) -> str:
    """What the keys of a line depend on: without the digits of numbers that no key has, and without a header."""
    known = _LOOSE_NUMBER.sub(_zeros, line)
    if len(line) > MOST_LINE:
        return known  # of which the header decides where it is cut
    header = HEADER.match(known.lower())
    return "\n" + known[header.end() :] if header else known


def _zeros(number: re.Match[str]) -> str:
    return "0" * len(number[0])


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream, each cut to MOST_BYTES."""
    held, begun = b"", False
    for chunk in chunks:
        if not chunk:
            continue
        first, *others = chunk.split(b"\n")
        held += first[: MOST_BYTES - len(held)]
        begun = True
        if others:
            yield held
            *whole, last = others
            yield from (line[:MOST_BYTES] for line in whole)
            held, begun = last[:MOST_BYTES], bool(last)
    if begun:
        yield held


def decoded(data: bytes) -> str:
    """The text of a line: UTF-8, else Windows-1251 where three of its letters follow each other, else Latin-1. Without NUL, which
    leaves of UTF-16 what is ASCII, and without colours."""
    final = len(data) < MOST_BYTES
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")
    try:
        text = codecs.utf_8_decode(data, "strict", final)[0]
    except UnicodeDecodeError:
        text = data.decode("cp1251", "replace").replace("\ufffd", "\x98") if _CYRILLIC.search(data) else data.decode("latin-1")
    return _COLOUR.sub("", text) if "\x1b" in text else text


def shown(line: str) -> str:
    """A line as it may be shown: one line, without what steers terminals or the direction of text."""
    return _UNSEEN.sub(" ", line).strip()[:MOST_SHOWN]


def level_of(line: str) -> int:
    """How severe the words of a line are."""
    sequences, _codes = words_of(normalise(line))
    if any(word in _SEVERE for words in sequences for word in words):
        return SEVERE
    return TROUBLED if is_troubled(sequences) else PLAIN


def in_turn(messages: Iterable[Message]) -> list[Message]:
    """Messages in the order in which they are asked for: the most severe, then the rarest in the log, then the latest."""
    return sorted(messages, key=lambda message: (-message.level, message.count, -message.line))
