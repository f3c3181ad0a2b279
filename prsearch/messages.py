"""Signatures of log lines and error messages: what stays the same when addresses, numbers, times, paths and names differ.

docs/messages.md says what a signature is; theme/assets/messages.js makes the same ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, pairwise

from prsearch.analysis import normalise
from prsearch.encoding import fnv1a

MARK = "!"  # with which the keys of signatures begin
MOST_LINE = 600  # characters of a line that are read
MOST_QUERY, MOST_LINES, MOST_ASKED = 20_000, 8, 48  # characters of a query; lines and signatures that it asks for
LEAST_SHARE = 3  # of the worth of a line's keys, a document must have a third
LEAST_KEYS, FEW_KEYS = 2, 3  # and two keys, where more than three are asked for
FEW_WORDS = 5  # a line of fewer words is also known by each of them
ALL_KEYS, WINDOW = 6, 3  # keys of a line that are all kept; neighbours of which the least is kept where there are more
WORD_ALONE = 4  # letters of such a word

_BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
_LETTER = "a-z\\xdf-\\xf6\\xf8-\\u024f\\u0400-\\u052f"
LINES = re.compile("[\\n\\r\\x0b\\x0c\\x1c-\\x1e\\x85\\u2028\\u2029]+")
HEADER = re.compile(
    "^(?:<[0-9]{1,3}>[0-9]{0,2} ?)?(?:[a-z]{3} {1,2}[0-9]{1,2} [0-9:.]{5,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9:.,+z-]{5,24}) "
    "[a-z0-9_.-]{1,64} (?=[a-z0-9_./-]{1,64}(?:\\[[0-9]{1,10}\\])?:)")
_QUOTED = re.compile(
    '"([^"]{0,200})"|“([^”]{0,200})”|«([^»]{0,200})»|`([^`]{0,200})`'
    f"|(?<![{_LETTER}0-9])'([^']{{0,200}})'(?![{_LETTER}0-9])")
_ATOM = re.compile(f"[^{_BLANK}()\\[\\]{{}}<>=\"'`“”«»,;|!?*#&$^]+")
_EDGE = re.compile("^[.:%@+-]+|[.:+-]+$")
_PLACE = re.compile("://|@|^[/\\\\~]|^[a-z]:[/\\\\]|[/\\\\].*[/\\\\]|\\.(?:com|net|org|local|lan|internal|example|io)$")
_PORT = re.compile("[0-9].*/|/.*[0-9]|^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}$")
_CODE = re.compile("[a-z]{1,10}[-_]?[0-9]{2,8}")
_PIECE = re.compile(f"[{_LETTER}0-9]+")
_MIXED = re.compile(f"[{_LETTER}][{_LETTER}0-9]+[{_LETTER}]")
_HEX = re.compile("[0-9a-f]+")
_DIGIT = re.compile("[0-9]")
_TIMES = frozenset((
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat",
    "sun", "utc", "gmt", "cet", "cest", "msk", "est", "edt", "pst", "pdt", "am", "pm", "янв", "фев", "мар", "апр", "мая", "июн",
    "июл", "авг", "сен", "окт", "ноя", "дек", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "мск",
))

_STRONG = re.compile(
    f":[{_BLANK}]|[=\\[\\]{{}}%\\\\_<>|]|0x[0-9a-f]|[0-9][.:/-][0-9]+[.:/-][0-9]|/[a-z0-9_.-]+/|[a-z][.:]+[a-z]+[.:]+[a-z]")
_LOG = re.compile("[a-z0-9]\\[[0-9]{1,10}\\]:|[0-9]{1,2}:[0-9]{2}:[0-9]{2}|^[%*]?[a-z0-9.]{1,40}[_-][a-z0-9_.-]{1,60}:"
                  "|^(?:error|fatal|panic|warning|ошибка)[^.]{0,20}:")
_MARKS = re.compile("[0-9/\"#$*+@]")
_TROUBLE = frozenset((
    "error", "errors", "failed", "failure", "fails", "cannot", "could", "denied", "exception", "panic", "fatal", "warning",
    "refused", "timeout", "unable", "invalid", "aborted", "terminated", "unexpected", "missing", "ошибка", "ошибки", "сбой",
    "отказано", "невозможно", "удалось", "предупреждение", "исключение",
))
_TROUBLE_WORDS, _SOME_WORDS = 4, 3
_MOST_PROSE = 300  # characters
_LONG = 25  # characters


def words_of(line: str) -> tuple[list[list[str]], list[str]]:
    """The words of a normalised line in sequences, what is quoted apart from what is around it; codes such as ``ora-01555``."""
    line = HEADER.sub("", line[:MOST_LINE])
    quoted = [next((part for part in match.groups() if part), "") for match in _QUOTED.finditer(line)]
    sequences: list[list[str]] = []
    codes: list[str] = []
    for part in (_QUOTED.sub(" ", line) if quoted else line, *quoted):
        own: list[str] = []
        for atom in _ATOM.findall(part):
            words, code = _read(atom)
            own += words
            codes += code
        sequences.append(own)
    return sequences, codes


@lru_cache(maxsize=1 << 16)
def _read(atom: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words and code of a run of characters without blanks; nothing stays of addresses, paths, ports and numbers."""
    atom = _EDGE.sub("", atom)
    if _PLACE.search(atom) or _PORT.search(atom):
        return (), ()
    if _CODE.fullmatch(atom):
        return (), (atom,)
    return tuple(piece for piece in _PIECE.findall(atom) if (
        _MIXED.fullmatch(piece) and not _HEX.fullmatch(piece) if _DIGIT.search(piece)
        else len(piece) > 1 and piece not in _TIMES)), ()


def signatures(line: str) -> list[str]:
    """The keys of a line of a message in order: of neighbouring words, of codes, and of single words where there are few."""
    sequences, codes = words_of(normalise(line))
    found = dict.fromkeys(f"{MARK}{_hash(one)}{_hash(other)[:6]}" for words in sequences for one, other in pairwise(words))
    if sum(map(len, sequences)) < FEW_WORDS:
        found |= dict.fromkeys(MARK + _hash(word) for words in sequences for word in words if len(word) >= WORD_ALONE)
    return _winnowed([*found, *(f"{MARK}{_hash(code)}-" for code in dict.fromkeys(codes))])


def _winnowed(keys: list[str]) -> list[str]:
    """The least of each few neighbours, so that lines that share a stretch share a key of it, at half of the keys (winnowing:
    Schleimer, Wilkerson, Aiken, 2003). Few keys are all kept."""
    if len(keys) <= ALL_KEYS:
        return keys
    return list(dict.fromkeys(min(keys[at : at + WINDOW]) for at in range(len(keys) - WINDOW + 1)))


@lru_cache(maxsize=1 << 16)
def _hash(word: str) -> str:
    return f"{fnv1a(word.encode()):08x}"


def asked(query: str) -> list[list[str]]:
    """The keys that a query asks for, line by line, equal lines once: of many lines those with words of trouble first, of many
    keys some that are spread over the line."""
    lines: dict[tuple[str, ...], bool] = {}
    for line in LINES.split(query[:MOST_QUERY]):
        if keys := tuple(signatures(line)):
            lines.setdefault(keys, is_troubled(words_of(normalise(line))[0]))
    chosen = sorted(lines, key=lambda keys: not lines[keys])[:MOST_LINES]
    most = MOST_ASKED // max(1, len(chosen))
    return [spread(keys, most) for keys in chosen]


def spread(keys: Sequence[str], most: int) -> list[str]:
    count = len(keys)
    return list(keys) if count <= most else [keys[at * count // most] for at in range(most)]


def is_troubled(sequences: Iterable[Iterable[str]]) -> bool:
    return any(word in _TROUBLE for words in sequences for word in words)


def is_message(query: str) -> bool:
    """Whether a query may be a message and not a question: several lines, marks that prose seldom has, words of trouble."""
    text = normalise(query[:MOST_QUERY])
    lines = [words for line in LINES.split(text) if (words := [word for part in words_of(line)[0] for word in part])]
    count = sum(map(len, lines))
    if count < 2:
        return False
    if len(lines) > 1:
        return True
    trouble = is_troubled(lines)
    if trouble and count >= _TROUBLE_WORDS:
        return True
    marked = _STRONG.search(text) is not None or (len(text) >= _LONG and _MARKS.search(text) is not None)
    return marked and count > 2 - trouble


def is_log_line(line: str) -> bool:
    """Whether a line among prose is a message: it is short, begins like one or tells a time, and has some words."""
    text = normalise(line.strip()) if len(line) <= _MOST_PROSE else ""
    return _LOG.search(text) is not None and sum(map(len, words_of(text)[0])) >= _SOME_WORDS


class MessageIndex:
    """Which documents, by ordinal, quote what; ``holders`` are those of each key."""

    def __init__(self, holders: Mapping[str, Sequence[int]], documents: int) -> None:
        self._holders, self._documents = holders, documents

    def match(self, message: str) -> list[tuple[int, int]] | None:
        """(score, ordinal) of the documents that quote a message, the best first; None where the query is no message."""
        return self.best(asked(message)) if is_message(message) else None

    def best(self, keys: Iterable[Sequence[str]]) -> list[tuple[int, int]]:
        """The same of the documents that have enough of the keys of a line."""
        scores = Counter[int]()
        for line in keys:
            for ordinal, score in self._of_line(line):
                scores[ordinal] += score
        return sorted(((score, ordinal) for ordinal, score in scores.items()), reverse=True)

    def _of_line(self, keys: Sequence[str]) -> Iterator[tuple[int, int]]:
        """(ordinal, score) of the documents that have enough of a line's keys."""
        total, scores, counts = 0, Counter[int](), Counter[int]()
        for key in keys:
            holders = self._holders.get(key, ())
            worth = rarity(self._documents, max(1, len(holders)))
            total += worth
            for ordinal in holders:
                scores[ordinal] += worth
                counts[ordinal] += 1
        least = LEAST_KEYS if len(keys) > FEW_KEYS else 1
        yield from ((ordinal, score) for ordinal, score in scores.items()
                    if score * LEAST_SHARE >= total and counts[ordinal] >= least)


def rarity(documents: int, holders: int) -> int:
    """Larger for rarer words: about four times the binary logarithm of their share, in whole numbers."""
    share = (documents + holders) ** 4 // max(1, holders) ** 4
    return max(1, share.bit_length())


def keys_of(lines: Iterable[str], most: int) -> list[str]:
    """The keys of lines, the first so many."""
    return list(islice(dict.fromkeys(key for line in lines for key in signatures(line)), most))


def found_in(text: str) -> Iterator[str]:
    """What stands in quotation marks in a text."""
    for match in _QUOTED.finditer(text):
        yield next((part for part in match.groups() if part), "")
