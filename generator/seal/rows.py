"""The rows of a private table as they are sealed: read once, as a stream, into a spool; what stays in memory is small."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from generator.seal.master_keys import NAME
from generator.seal.spool import Spool
from kb.key_space import KeySpace
from kb.key_values import normal_key
from kb.private_tables import RowReader, read_table
from kb.seal_settings import TableSettings
from kb.table_rows import Faults

MOST_TOLD: Final = 2_000  # bytes that one key opens at most
_DIGEST = 16
_SAMPLED, _SAMPLE = 20_000, 16  # rows whose keys are looked at, all at first and then each of so many
_EMPTY_CASES = len(b'{"cases":[],"returns":[]}')

Merge = Callable[[Sequence[bytes]], bytes]
Numbers = npt.NDArray[np.int64]


class Rows:
    """What a table's sources say, by key. A key that opens several rows stands for all of them."""

    def __init__(self, settings: TableSettings, spool: Spool, name_of: Callable[[str], bytes]) -> None:
        self._settings, self._spool, self._name_of = settings, spool, name_of
        self._identities, self._names, self._digests = bytearray(), bytearray(), bytearray()
        self._lines, self._paths = array("Q"), array("B")
        self._row_of, self._starts, self._key_sizes, self._sizes = array("Q"), array("Q"), array("H"), array("H")
        self._order: Numbers = np.empty(0, np.int64)
        self._firsts: Numbers = np.empty(0, np.int64)

    def read(self, root: Path, reader: RowReader, faults: Faults, spaces: Mapping[str, KeySpace]) -> None:
        """Reads all sources; rows with a key of another row are faults."""
        sources = {path: number for number, path in enumerate(self._settings.sources)}
        for path, line, row in read_table(root, self._settings, reader, faults):
            count = len(self._lines)
            if count < _SAMPLED or not count % _SAMPLE:
                for name, space in spaces.items():
                    if name in row:
                        space.add(normal_key(str(row[name])))
            found = reader.sealed(row)
            if len(found.told) > MOST_TOLD - _EMPTY_CASES:
                faults.row(path, line, "", "is too long to be sealed", "shorten its texts")
                continue
            identity = self._name_of(found.identity)
            digest = hashlib.blake2b(found.told, digest_size=_DIGEST).digest()
            for _lookup, key in found.keys:
                text = key.encode()
                self._row_of.append(count)
                self._names += identity if key == found.identity else self._name_of(key)
                self._digests += digest
                self._starts.append(self._spool.append(text + found.told))
                self._key_sizes.append(len(text))
                self._sizes.append(len(found.told))
            self._identities += identity
            self._lines.append(line)
            self._paths.append(sources[path])
        self._spool.flush()
        self._sort(self._without_repeated(faults))

    def _without_repeated(self, faults: Faults) -> npt.NDArray[np.bool_]:
        """Which rows stay; of several with one key only the first does."""
        stays = np.ones(len(self._lines), np.bool_)
        identities = _fixed(self._identities)
        order = np.argsort(identities, kind="stable")
        ordered = identities[order]
        places = np.arange(len(ordered))
        new = _begins(ordered)
        first = np.maximum.accumulate(np.where(new, places, 0)) if len(places) else places
        what = "key" if self._settings.name == "entitlements" else "number"
        repeated = np.flatnonzero(~new)
        for row, original in sorted(zip(order[repeated].tolist(), order[first[repeated]].tolist(), strict=True)):
            stays[row] = False
            here, there = (self._settings.sources[self._paths[one]] for one in (row, original))
            of = f"line {self._lines[original]}" if there == here else f"{there}:{self._lines[original]}"
            faults.row(here, self._lines[row], "", f"has the {what} of {of}", "keep one of the rows")
        return stays

    def _sort(self, stays: npt.NDArray[np.bool_]) -> None:
        entries = np.flatnonzero(stays[np.array(self._row_of, np.int64)])
        names = _fixed(self._names)[entries]
        order = np.argsort(names, kind="stable")
        self._order = entries[order]
        self._firsts = np.append(np.flatnonzero(_begins(names[order])), len(order))

    def __len__(self) -> int:
        """The number of keys."""
        return len(self._firsts) - 1

    def _entries(self, number: int) -> list[int]:
        found: list[int] = self._order[self._firsts[number] : self._firsts[number + 1]].tolist()
        return found

    def names(self) -> list[bytes]:
        """The name of each key, in the order in which keys are numbered."""
        data = bytes(self._names)
        return [data[entry * NAME : entry * NAME + NAME] for entry in self._order[self._firsts[:-1]].tolist()]

    def digests(self) -> list[bytes]:
        """What stands for all that each key opens."""
        data = bytes(self._digests)
        return [b"".join(data[entry * _DIGEST : entry * _DIGEST + _DIGEST] for entry in self._entries(number))
                for number in range(len(self))]

    def key(self, number: int) -> str:
        """The key string of a key."""
        entry = self._entries(number)[0]
        return self._spool.read(self._starts[entry], self._key_sizes[entry]).decode()

    def told(self, number: int) -> bytes:
        """What a key opens."""
        found = [self._spool.read(self._starts[entry] + self._key_sizes[entry], self._sizes[entry])
                 for entry in self._entries(number)]
        return merged(found) if self._settings.name == "cases" else found[0]

    def longest(self) -> int:
        """Bytes of the longest of all that keys open."""
        alone = max(self._sizes, default=0)
        if self._settings.name != "cases":
            return alone
        shared = np.flatnonzero(np.diff(self._firsts) > 1).tolist()
        return max([alone - 1 + _EMPTY_CASES, *(len(self.told(number)) for number in shared)])


def _fixed(data: bytearray) -> npt.NDArray[np.bytes_]:
    return np.frombuffer(bytes(data), f"S{NAME}")


def _begins(ordered: npt.NDArray[np.bytes_]) -> npt.NDArray[np.bool_]:
    """Where another value begins than the one before."""
    found = np.ones(len(ordered), np.bool_)
    found[1:] = ordered[1:] != ordered[:-1]
    return found


def merged(parts: Iterable[bytes]) -> bytes:
    """Cases and lines of returns, each a letter and JSON, as one object: the newest first, as many as there is room for."""
    ordered = sorted(set(parts), key=_newest, reverse=True)
    size, taken = _EMPTY_CASES + len(b',"more":000000'), list[bytes]()
    for part in ordered:
        size += len(part)
        if size > MOST_TOLD:
            break
        taken.append(part)
    lists = (b",".join(_of(taken, letter)) for letter in (b"c", b"r"))
    more = len(ordered) - len(taken)
    end = b',"more":%d}' % more if more else b"}"
    return b'{"cases":[%s],"returns":[%s]' % tuple(lists) + end


def _of(parts: Sequence[bytes], letter: bytes) -> Iterator[bytes]:
    return (part[1:] for part in parts if part.startswith(letter))


def _newest(part: bytes) -> tuple[str, bytes]:
    """Sorts cases and returns by the time when they changed or were issued."""
    told = msgspec.json.decode(part[1:], type=dict[str, str])
    return told.get("modified", told.get("issued", "")), part
