"""What is kept of an index so that the next one needs only the documents that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from prsearch.rows import Rows
from prsearch.tables import Before


class Kept(NamedTuple):
    """``scheme`` stands for everything that all documents depend on; ``order`` are the keys of the documents, ``digests`` the
    SHA-256 of each file by path."""

    scheme: str
    order: list[str]
    fingerprints: list[bytes]
    rows: Rows
    tables: dict[str, Before]
    beginnings: list[str]
    digests: Mapping[str, str]

    def changed(self, fingerprints: Sequence[bytes]) -> list[int]:
        """Ordinals of the documents that are new or other than before."""
        known = len(self.order)
        return [at for at, found in enumerate(fingerprints) if at >= known or found != self.fingerprints[at]]

    def save(self, folder: Path) -> None:
        """Writes everything into a folder; what a reader finds there is whole or nothing."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kept.msgpack").unlink(missing_ok=True)
        arrays = self.rows._asdict() | {
            f"sizes-{name}": table.sizes for name, table in self.tables.items()}
        del arrays["vocabulary"]
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array)
        facts = _Facts(self.scheme, self.order, b"".join(self.fingerprints), self.rows.vocabulary,
                       {name: table.parts for name, table in self.tables.items()},
                       {name: table.words for name, table in self.tables.items()}, self.beginnings, dict(self.digests),
                       {name: len(array) for name, array in arrays.items()})
        temporary = folder / "kept.new"
        temporary.write_bytes(msgspec.msgpack.encode(facts))
        temporary.replace(folder / "kept.msgpack")

    @classmethod
    def load(cls, folder: Path) -> Kept | None:
        """What a folder holds; None where that is nothing or damaged."""
        try:
            facts = msgspec.msgpack.decode((folder / "kept.msgpack").read_bytes(), type=_Facts)
            arrays = {name: _array(folder / f"{name}.npy", length) for name, length in facts.lengths.items()}
            tables = {name: Before(arrays.pop(f"sizes-{name}"), parts, facts.words[name]) for name, parts in facts.parts.items()}
            rows = Rows(facts.vocabulary, **arrays)
        except (OSError, TypeError, ValueError, KeyError, msgspec.DecodeError):
            return None
        size = len(facts.fingerprints) // max(1, len(facts.order))
        prints = [facts.fingerprints[at * size : (at + 1) * size] for at in range(len(facts.order))]
        return cls(facts.scheme, facts.order, prints, rows, tables, facts.beginnings, facts.digests)


class _Facts(msgspec.Struct, frozen=True):
    scheme: str
    order: list[str]
    fingerprints: bytes
    vocabulary: list[str]
    parts: dict[str, list[str]]
    words: dict[str, list[str]]
    beginnings: list[str]
    digests: dict[str, str]
    lengths: dict[str, int]


def _array(path: Path, length: int) -> NDArray[Any]:
    found: NDArray[Any] = np.load(path, allow_pickle=False)
    if len(found) != length:
        raise ValueError(f"{path.name} is cut short")
    return found
