"""Reads the index of PR Search that a portal has published: the documents of keys, and cards (docs/pr-index.md). Only the parts
that hold a wanted key are read."""

from __future__ import annotations

import gzip
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

import msgspec

from kb.findings import Finding, SourceError
from prsearch.documents import Card
from prsearch.encoding import file_name

FOLDER = "prsearch/"
FORMAT = 1
MOST_UNPACKED = 64_000_000  # bytes of a file
T = TypeVar("T")

Read = Callable[[str, str], bytes]  # the bytes of a file of the portal, of a generation of the index; raises SourceError


class Root(msgspec.Struct, frozen=True):
    """What is read of ``root.json``: ``t`` names the first key of each part of the table of keys."""

    format: int
    generation: str
    documents: int
    block: int
    t: tuple[str, ...]


class NamedOption(msgspec.Struct, frozen=True):
    """A platform or component."""

    id: str
    name: str
    names: dict[str, str] = {}
    aliases: tuple[str, ...] = ()


class ReleaseOption(msgspec.Struct, frozen=True):
    id: str
    train: str


class ProductOption(NamedOption, frozen=True):
    """A product with its releases from old to new."""

    releases: tuple[ReleaseOption, ...] = ()
    platforms: tuple[NamedOption, ...] = ()


class Options(msgspec.Struct, frozen=True):
    """What is read of ``options.json``."""

    products: tuple[ProductOption, ...]


class PublishedIndex:
    """The index below ``prsearch/``. Raises SourceError where it is missing or damaged; ``where`` names the portal."""

    def __init__(self, read: Read, where: str) -> None:
        self._read, self._where = read, where
        self._blocks: dict[int, list[Card]] = {}
        self._generation = ""
        self.root = self._decoded("root.json", Root)
        if self.root.format != FORMAT:
            raise self._wrong("root.json", f"has format {self.root.format}, not {FORMAT}",
                              "use the version of Waypost that built the portal")
        if self.root.block < 1 or not self.root.generation.isalnum():
            raise self._wrong("root.json", "is damaged")
        self.documents, self._generation = self.root.documents, self.root.generation

    @cached_property
    def options(self) -> Options:
        """Products with releases and platforms."""
        return self._decoded("options.json", Options)

    def part_of(self, key: str) -> int:
        """Number of the part in which a key stands, if anywhere."""
        return max(0, bisect_right(self.root.t, key) - 1)

    def lists(self, keys: Iterable[str]) -> Mapping[str, Sequence[tuple[int, int]]]:
        """(ordinal, level) of the documents of each key that there is; each part is read once and forgotten."""
        wanted: dict[int, set[str]] = {}
        for key in keys:
            wanted.setdefault(self.part_of(key), set()).add(key)
        return {key: found for part, own in sorted(wanted.items()) for key, found in self._of_part(part, own)}

    def card(self, ordinal: int) -> Card:
        """What results show of a document."""
        number, place = divmod(ordinal, self.root.block)
        if number not in self._blocks:
            self._blocks[number] = self._block(number)
        if place >= len(self._blocks[number]):
            raise self._wrong(f"c/{number}.bin", "is not what the index lists")
        return self._blocks[number][place]

    def fetch(self, ordinals: Iterable[int], connections: int) -> None:
        """Reads the files that hold the cards of documents, so many at a time."""
        numbers = sorted({ordinal // self.root.block for ordinal in ordinals} - self._blocks.keys())
        with ThreadPoolExecutor(connections) as pool:
            self._blocks.update(zip(numbers, pool.map(self._block, numbers), strict=True))

    def _block(self, number: int) -> list[Card]:
        return self._decoded(f"c/{number}.bin", list[Card])

    def _of_part(self, part: int, wanted: set[str]) -> Iterator[tuple[str, Sequence[tuple[int, int]]]]:
        if not self.root.t:
            return
        path = f"t/{file_name(self.root.t[part])}.bin"
        try:
            yield from rows_of(self._unpacked(path), {key.encode() for key in wanted})
        except (IndexError, UnicodeDecodeError):
            raise self._wrong(path, "is damaged") from None

    def _decoded(self, path: str, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(self._unpacked(path), type=kind)
        except (ValueError, msgspec.MsgspecError):
            raise self._wrong(path, "is damaged") from None

    def _unpacked(self, path: str) -> bytes:
        data = self._read(FOLDER + path, self._generation)
        if not data.startswith(b"\x1f\x8b"):
            return data
        unpacking = zlib.decompressobj(31)
        try:
            found = unpacking.decompress(data, MOST_UNPACKED)
        except (zlib.error, gzip.BadGzipFile):
            raise self._wrong(path, "is damaged") from None
        if not unpacking.eof:
            raise self._wrong(path, "is damaged")
        return found

    def _wrong(self, path: str, reason: str, remedy: str = "build and publish the portal again") -> SourceError:
        return SourceError(Finding(f"{self._where}/{FOLDER}{path}", 0, "", "", reason, remedy))


def rows_of(data: bytes, wanted: set[bytes]) -> Iterator[tuple[str, Sequence[tuple[int, int]]]]:
    """The wanted keys of a part of ``t`` with (ordinal, level) of their documents. Raises IndexError where it is cut off."""
    at, key = 0, b""
    while at < len(data):
        shared, at = _varint(data, at)
        length, at = _varint(data, at)
        key = key[:shared] + data[at : at + length]
        count, at = _varint(data, at + length)
        size, at = _varint(data, at)
        if key in wanted:
            yield key.decode(), _postings(data, at, count)
        at += size


def _postings(data: bytes, at: int, count: int) -> Sequence[tuple[int, int]]:
    found, ordinal = [], -1
    for _ in range(count):
        value, at = _varint(data, at)
        ordinal += (value >> 2) + 1
        found.append((ordinal, value & 3))
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Unsigned LEB128 and the place after it."""
    found = shift = 0
    while True:
        byte = data[at]
        at += 1
        found |= (byte & 127) << shift
        if byte < 128:
            return found, at
        shift += 7
