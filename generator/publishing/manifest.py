"""The manifest: what is published at a target. It is kept where readers do not get it (docs/publishing.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from generator.history_rules import Known
from generator.publishing.failure import PublishError

FORMAT = 1


class FileFact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file: its SHA-256 in hex and its size in bytes."""

    sha256: str
    size: int


class PortalFacts(msgspec.Struct, frozen=True):
    """What a portal has told readers: its address, its records by id, its redirects from path to path. ``format`` is that of the
    digests of its bulletins (generator.bulletin_history)."""

    url: str
    records: tuple[Known, ...]
    redirects: dict[str, str]
    format: int


class Forced(msgspec.Struct, frozen=True):
    """Something that was published against the rules, why, and by whom; ``by`` is what that person calls themselves."""

    item: str
    reason: str
    by: str
    at: datetime
    version: str


class Manifest(msgspec.Struct, frozen=True):
    """``version`` is the name of what is published, ``digest`` the SHA-256 of all its paths and contents, ``built`` when its
    build ended. ``portals`` are by the folder in which each is, "" where there is one; ``files`` by path. ``leaving`` are files
    of earlier versions that a target still holds, with the time since when none refers to them."""

    format: int
    version: str
    digest: str
    published: datetime
    built: datetime | None
    portals: dict[str, PortalFacts]
    files: dict[str, FileFact]
    forced: tuple[Forced, ...] = ()
    leaving: dict[str, datetime] = {}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())


def encoded(manifest: Manifest) -> bytes:
    return msgspec.json.encode(manifest) + b"\n"


def decoded(data: bytes, where: str) -> Manifest:
    """Raises PublishError where this is no manifest that this program can read."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (ValueError, msgspec.MsgspecError):
        raise PublishError(f"{where}: the manifest of what is published is damaged; restore it from a backup, or publish with "
                           "--force manifest --reason TEXT, which compares with nothing") from None
    if manifest.format != FORMAT:
        raise PublishError(f"{where}: the manifest has format {manifest.format}, not {FORMAT}; use the version of Waypost that "
                           "published last")
    return manifest


class Effects(msgspec.Struct, frozen=True):
    """Paths that are new, changed and gone, each in order."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def effects(before: Mapping[str, FileFact], after: Mapping[str, FileFact]) -> Effects:
    return Effects(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(path for path in after.keys() & before.keys() if after[path] != before[path])),
        tuple(sorted(before.keys() - after.keys())))
