"""Affected sets in few bytes, as the page My network loads them: ``theme/assets/packed-sets.js`` reads them (docs/api.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import numpy as np

from generator.api.affected_sets import AffectedSet, TrainCases
from generator.plan import Derived
from prsearch.encoding import packed, varint, varints

_ID = re.compile("(.*?)([0-9]{1,9})", re.DOTALL)


class Numbering(msgspec.Struct, frozen=True, array_like=True):
    """How ids are written: what stands ``before`` a number, the digits that it has at least (0: there is no number), and by how
    much it grows with each place in the search index, about."""

    before: str
    digits: int
    rate: int


class PackedHead(TrainCases, frozen=True):
    """What stands before the columns: an affected set, ``records`` being their number and ``sets`` only those that cases name."""

    records: int
    numberings: tuple[Numbering, ...]


def with_packed(files: Iterable[Derived], folder: str, pack: Callable[[bytes], bytes] = packed) -> Iterator[Derived]:
    """The files; after each one of a folder, the same as ``pack`` makes it, which ends in .bin."""
    for file in files:
        if not file.path.startswith(folder):
            yield file
            continue
        made = _Made(file.make, pack)
        yield file._replace(make=made.plain)
        yield Derived(file.path.removesuffix(".json") + ".bin", file.key, made.packed)


class _Made:
    """A file that is made once where its packed form follows."""

    def __init__(self, make: Callable[[], bytes], pack: Callable[[bytes], bytes]) -> None:
        self._make, self._pack = make, pack
        self._data: bytes | None = None

    def plain(self) -> bytes:
        self._data = self._make()
        return self._data

    def packed(self) -> bytes:
        data, self._data = self._data, None
        return self._pack(self._make() if data is None else data)


def packed_set(data: bytes) -> bytes:
    """The file of an affected set, packed."""
    return columns_of(msgspec.json.decode(data, type=AffectedSet))


def columns_of(found: AffectedSet) -> bytes:
    """A gzip stream: the length of the head, the head, then the columns, all numbers as varints."""
    records = found.records
    named = 1 + max((row[3] for case in found.cases for row in case if len(row) == 4), default=-1)
    ids = records.ids.split(" ") if records.ids else []
    numberings, places, numbers = _numbered(ids, np.cumsum(np.array(records.cards, np.int64)).tolist())
    own = [found.sets[place] for place in records.sets]
    sizes = [0 if names is None else len(names) + 1 for names in own]
    head = PackedHead(found.format, found.product, found.train, found.releases, found.kinds, found.platforms, found.sets[:named],
                      found.reasons, found.cases, len(ids), numberings)
    columns = (records.kinds, records.cases, records.cards, places, numbers, sizes,
               [place for names in own for place in names or ()])
    text = msgspec.json.encode(head)
    return packed(b"".join([varint(len(text)), text, *map(_column, columns)]))


def _column(numbers: Sequence[int]) -> bytes:
    return varints(np.array(numbers, np.uint32))[0].tobytes()


def _numbered(ids: Sequence[str], ordinals: Sequence[int]) -> tuple[tuple[Numbering, ...], list[int], list[int]]:
    """How ids are numbered; the numbering of each, and by how much its number is another one than is foreseen, in zigzag form."""
    read = [_read(record_id) for record_id in ids]
    ends: dict[tuple[str, int], list[tuple[int, int]]] = {}  # the first and the last place and number
    for (kind, number), ordinal in zip(read, ordinals, strict=True):
        ends.setdefault(kind, [(ordinal, number)])[1:] = [(ordinal, number)]
    numberings = {kind: Numbering(*kind, _rate(*own[0], *own[-1])) for kind, own in ends.items()}
    places = {kind: place for place, kind in enumerate(numberings)}
    before = {kind: (own[0][0], 0) for kind, own in ends.items()}
    differences = []
    for (kind, number), ordinal in zip(read, ordinals, strict=True):
        last, past = before[kind]
        difference = number - past - numberings[kind].rate * (ordinal - last)
        differences.append(2 * difference if difference >= 0 else -2 * difference - 1)
        before[kind] = ordinal, number
    return tuple(numberings.values()), [places[kind] for kind, _number in read], differences


def _read(record_id: str) -> tuple[tuple[str, int], int]:
    """((what stands before the number, digits), number)."""
    if not (match := _ID.fullmatch(record_id)):
        return (record_id, 0), 0
    before, digits = match.groups()
    return (before, len(digits) if digits.startswith("0") else 1), int(digits)


def _rate(first: int, number: int, last: int, reached: int) -> int:
    return round((reached - number) / (last - first)) if last > first else 0
