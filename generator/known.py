"""What the last build of an output folder knew of its pages, and which pages of records stay without being asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from generator.keys import Keys
from generator.similar import Likeness, Similar
from generator.work import Made
from kb.library import Library, Relation
from kb.sealed import read_sealed, write_sealed


class Known(msgspec.Struct, frozen=True, array_like=True):
    """The pages of a build with what those of records were made from.

    ``bases`` are what all keys of each language depend on, ``targets`` stands for everything that links can lead to; ``records``
    are keys, and ``sources`` stand for what the files of each record say and where they are. ``likeness`` tells which records are
    like others.
    """

    bases: dict[str, str] = {}
    targets: bytes = b""
    records: list[str] = []
    sources: list[tuple[bytes, str]] = []
    relations: dict[str, tuple[Relation, ...]] = {}
    pages: list[Made] = []
    likeness: Likeness = Likeness()

    @classmethod
    def of(cls, library: Library, keys: Mapping[str, Keys]) -> Known:
        """The same of a build that has no pages yet."""
        return cls({language: own.base for language, own in keys.items()}, _targets(library), list(library.heads),
                   library.sources, dict(library.relations))

    def touched(self, now: Known, library: Library, similar: Similar) -> set[str]:
        """Keys of the records whose pages may be others than before; see ``generator.keys.record_key``. ``similar`` takes over
        what still holds of the records that are like others."""
        if self.bases != now.bases:
            return set(now.records)
        if self.records == now.records:
            found = {key for key, one, other in zip(now.records, self.sources, now.sources, strict=True) if one != other}
        else:
            before, after = (dict(zip(known.records, known.sources, strict=True)) for known in (self, now))
            found = _differing(before, after)
        if self.relations != now.relations:
            found |= _differing(self.relations, now.relations)
        alike = similar.update(self.likeness, self.records, found)
        if alike is None or library.view.drafts:
            return set(now.records)
        found |= {relation.id for key in found for relation in now.relations.get(key, ())}
        found |= alike
        if self.targets != now.targets:
            found |= {key for key, head in library.heads.items() if head.links}
        return found & library.heads.keys()


def _differing(before: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
    return {key for key, value in now.items() if before.get(key) != value} | (before.keys() - now.keys())


def _targets(library: Library) -> bytes:
    digest = hashlib.blake2b("\0".join(library.heads).encode(), digest_size=16)
    digest.update(msgspec.msgpack.encode((sorted(library.names.items()), sorted(
        (path, item.name) for path, item in library.attachments.items()))))
    return digest.digest()


def load_known(file: Path | None) -> Known:
    """What was kept; its pages are of use as long as the live tree has files with their keys."""
    try:
        return msgspec.msgpack.decode(read_sealed(file), type=Known) if file else Known()
    except (OSError, ValueError, msgspec.DecodeError):
        return Known()


def save_known(file: Path | None, known: Known) -> None:
    """Keeps it for the next build."""
    if file:
        write_sealed(file, msgspec.msgpack.encode(known))
