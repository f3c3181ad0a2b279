"""What is kept of an index so that the next one needs only the documents that changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kb.sealed import read_sealed, write_sealed
from prsearch.gathering import LEVEL_BITS, PLACE_BITS
from prsearch.rows import Changed, Column, Rows
from prsearch.tables import Before

_KEPT, _STAGED = "kept.msgpack", "staged.msgpack"
_BASE: Mapping[str, type[np.generic]] = {
    "postings": np.uint32, "posting-starts": np.int64, "places": np.uint64, "place-starts": np.int64}
_BESIDE: Mapping[str, type[np.generic]] = {
    "source": np.int32, "touched": np.bool_, "posting_counts": np.int32, "place_counts": np.int32}


class Kept(NamedTuple):
    """``scheme`` stands for everything that all documents depend on; ``order`` are the keys of the documents, ``fingerprints``
    stand one after the other, ``digests`` are the SHA-256 of each file by path. ``base`` names the base of the rows."""

    scheme: str
    block: int
    order: list[str]
    fingerprints: bytes
    rows: Rows
    tables: dict[str, Before]
    beginnings: list[str]
    digests: Mapping[str, str]
    base: str

    def changed(self, fingerprints: bytes) -> list[int]:
        """Ordinals of the documents that are new or other than before."""
        if fingerprints == self.fingerprints:
            return []
        known = len(self.order)
        before, now = (np.frombuffer(data, np.uint64).reshape(-1, 2) for data in (self.fingerprints, fingerprints))
        differing: list[int] = np.flatnonzero((before != now[:known]).any(axis=1)).tolist()
        return [*differing, *range(known, len(now))]

    def save(self, folder: Path) -> None:
        """Writes into a folder what it does not hold yet; what a reader finds there is whole or nothing."""
        self.stage(folder)
        adopt(folder)

    def stage(self, folder: Path) -> None:
        """As ``save``, but what was there before stays until ``adopt``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _STAGED).unlink(missing_ok=True)
        postings, places = self.rows.base_postings, self.rows.base_places
        for name, array in zip(_BASE, (postings.rows, postings.starts, places.rows, places.starts), strict=True):
            file = folder / f"{self.base}-{name}.npy"
            if not _whole(file, array):
                np.save(file.with_suffix(".new.npy"), array)
                file.with_suffix(".new.npy").replace(file)
        write_sealed(folder / _STAGED, msgspec.msgpack.encode(self._facts()))

    def _facts(self) -> _Facts:
        rows = self.rows
        return _Facts(
            self.scheme, self.block, self.base, self.order, self.fingerprints, rows.vocabulary,
            {name: getattr(rows, name).tobytes() for name in _BESIDE}, sorted(rows.changed.ordinals), rows.changed.postings,
            rows.changed.places, {name: table.parts for name, table in self.tables.items()},
            {name: table.sizes.tobytes() for name, table in self.tables.items()},
            {name: table.words for name, table in self.tables.items()}, self.beginnings, dict(self.digests))

    @classmethod
    def load(cls, folder: Path) -> Kept | None:
        """What a folder holds; None where that is nothing or damaged. The base is read when it is asked."""
        try:
            facts = msgspec.msgpack.decode(read_sealed(folder / _KEPT), type=_Facts)
            base = {name: _array(folder / f"{facts.base}-{name}.npy", kind) for name, kind in _BASE.items()}
            beside: dict[str, NDArray[Any]] = {
                name: np.frombuffer(facts.beside[name], kind).copy() for name, kind in _BESIDE.items()}
            tables = {name: Before(np.frombuffer(facts.sizes[name], np.int32), parts, facts.words[name])
                      for name, parts in facts.parts.items()}
        except (OSError, EOFError, TypeError, ValueError, KeyError, msgspec.DecodeError):
            return None
        if any(len(array) != len(facts.vocabulary) for array in beside.values()) or any(
                base[f"{name}-starts"][-1] != len(base[f"{name}s"]) for name in ("posting", "place")):
            return None
        rows = Rows(facts.vocabulary, Column(base["postings"], base["posting-starts"], LEVEL_BITS),
                    Column(base["places"], base["place-starts"], PLACE_BITS),
                    Changed(set(facts.ordinals), facts.postings, facts.places), **beside)
        return cls(facts.scheme, facts.block, facts.order, facts.fingerprints, rows, tables, facts.beginnings, facts.digests,
                   facts.base)


def adopt(folder: Path) -> None:
    """Puts what was staged, if anything, in the place of what was kept before."""
    try:
        base = msgspec.msgpack.decode(read_sealed(folder / _STAGED), type=_Base).base
    except (OSError, ValueError, msgspec.DecodeError):
        return
    (folder / _STAGED).replace(folder / _KEPT)
    for file in folder.glob("*.npy"):
        if not file.name.startswith(base):
            file.unlink()


class _Base(msgspec.Struct, frozen=True):
    base: str


class _Facts(msgspec.Struct, frozen=True):
    scheme: str
    block: int
    base: str
    order: list[str]
    fingerprints: bytes
    vocabulary: list[str]
    beside: dict[str, bytes]
    ordinals: list[int]
    postings: dict[str, list[int]]
    places: dict[str, list[int]]
    parts: dict[str, list[str]]
    sizes: dict[str, bytes]
    words: dict[str, list[str]]
    beginnings: list[str]
    digests: dict[str, str]


def _array(path: Path, kind: type[np.generic]) -> NDArray[Any]:
    """An array on disk, which is read where it is asked; an empty one is none that could be mapped."""
    found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    if found.dtype != kind or found.ndim != 1:
        raise ValueError(f"{path.name} is not as it was")
    return found.view(np.ndarray)


def _whole(file: Path, array: NDArray[Any]) -> bool:
    try:
        return bool(np.load(file, mmap_mode="r", allow_pickle=False).shape == array.shape)
    except (OSError, EOFError, ValueError):
        return False
