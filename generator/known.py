"""What the last build of an output folder knew of its pages, and which pages of records stay without being asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from generator.keys import Keys
from generator.work import Made
from kb.library import Library, Relation
from kb.sealed import read_sealed, write_sealed


class Known(msgspec.Struct, frozen=True, array_like=True):
    """The pages of a build with what those of records were made from.

    ``bases`` are what all keys of each language depend on, ``targets`` stands for everything that links can lead to,
    ``sources`` for what the files of each record say and where they are.
    """

    bases: dict[str, str] = {}
    targets: bytes = b""
    sources: dict[str, bytes] = {}
    relations: dict[str, tuple[Relation, ...]] = {}
    pages: tuple[Made, ...] = ()

    @classmethod
    def of(cls, library: Library, keys: Mapping[str, Keys], pages: Sequence[Made] = ()) -> Known:
        """The same of a build that has these pages."""
        return cls({language: own.base for language, own in keys.items()}, _targets(library), library.sources,
                   dict(library.relations), tuple(pages))

    def touched(self, now: Known, library: Library) -> set[str]:
        """Keys of the records whose pages may be others than before; see ``generator.keys.record_key``."""
        if self.bases != now.bases or library.view.drafts:
            return set(now.sources)
        found = _differing(self.sources, now.sources) | _differing(self.relations, now.relations)
        found |= {relation.id for key in tuple(found) for relation in now.relations.get(key, ())}
        if self.targets != now.targets:
            found |= {key for key, head in library.heads.items() if head.links}
        return found & now.sources.keys()


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
