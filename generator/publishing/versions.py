"""Versions beside each other, one of which a link named ``current`` makes the live one: what folders and ssh hosts share.

A target holds ``current``, ``versions/NUMBER-DIGEST/`` and ``.waypost/`` with a manifest for each version. One is made
under a hidden name, compared by checksum, named, and only then linked to. Whatever is found beside this was left by a publisher
that was killed, and goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Protocol

import msgspec

from generator.publishing.failure import PublishError
from generator.publishing.manifest import FileFact, Manifest, decoded, encoded
from generator.publishing.source import Source
from kb.reporting import Report

CURRENT, VERSIONS, OWN = "current", "versions", ".waypost"
STATE = f"{OWN}/state.json"
_NAME = re.compile(r"(\d{6,})-[0-9a-f]{10}")
_PARTIAL, _GONE = ".partial-", ".gone-"


class State(msgspec.Struct, frozen=True):
    """``published`` are the versions that readers have seen, oldest first, those that are not kept any more included."""

    published: tuple[str, ...] = ()


class Place(Protocol):
    """Where versions are. Paths are relative to the target; all methods raise PublishError and OSError."""

    where: str

    def locked(self, owner: str, break_lock: bool) -> AbstractContextManager[None]: ...
    def read(self, path: str) -> bytes | None: ...
    def write(self, path: str, data: bytes) -> None:
        """In one step, on the disk when it returns."""
    def names(self, folder: str) -> list[str]: ...
    def current(self) -> str:
        """The name of the version that is live, "" for none; raises PublishError where ``current`` leads elsewhere."""
    def fill(self, folder: str, source: Source, before: str, same: Mapping[str, FileFact], report: Report) -> None:
        """Makes a folder hold the source; files that are the ``same`` in the version before become links to those."""
    def wrong(self, folder: str, files: Mapping[str, FileFact], report: Report) -> list[str]:
        """Paths that are not as they must be in a folder, missing or too many."""
    def put(self, folder: str, source: Source, paths: Sequence[str]) -> None:
        """Writes files anew, or removes those that the source does not have."""
    def move(self, old: str, new: str) -> None: ...
    def remove(self, path: str) -> None:
        """A file or a folder with all that is in it, where there is one."""
    def settle(self) -> None:
        """Returns when everything is on the disk."""
    def switch(self, version: str) -> None:
        """Makes a version the live one, in one step."""


def next_version(published: Sequence[str], names: Sequence[str], digest: str) -> str:
    """A name above all that were used; the clock has no part in it."""
    numbers = [int(match[1]) for name in (*published, *names) if (match := _NAME.fullmatch(name))]
    return f"{max(numbers, default=0) + 1:06}-{digest[:10]}"


def is_version(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


class Versions:
    """The versions at a place, whose lock must be held unless it is only read. What an earlier publisher has brought of the
    version with the ``digest`` stays."""

    def __init__(self, place: Place, report: Report, read_only: bool = False, digest: str = "") -> None:
        self._place, self._report, self._digest = place, report, digest
        self.live = place.current()
        self.state = self._state()
        if self.live and self.live not in self.state.published:  # the publisher was killed just after the switch
            self.state = State((*self.state.published, self.live))
            if not read_only:
                self._save()
        if not read_only:
            self._clear()

    def _state(self) -> State:
        data = self._place.read(STATE)
        if data is None:  # no publisher has come to its end yet
            return State(tuple(sorted(name for name in self._kept() if name <= self.live)))
        try:
            return msgspec.json.decode(data, type=State)
        except (ValueError, msgspec.MsgspecError):
            return State(tuple(sorted(self._kept())))

    def _save(self) -> None:
        self._place.write(STATE, msgspec.json.encode(self.state) + b"\n")

    def _kept(self) -> list[str]:
        """Versions that are there with their manifest."""
        manifests = set(self._place.names(OWN))
        return [name for name in self._place.names(VERSIONS) if is_version(name) and f"{name}.json" in manifests]

    def _clear(self) -> None:
        """Removes what killed publishers left: folders under hidden names, and versions that never went live."""
        published = {*self.state.published}
        begun = f"-{self._digest[:10]}"
        stray = [name for name in self._place.names(VERSIONS)
                 if (name.startswith((_PARTIAL, _GONE)) and not (self._digest and name.endswith(begun)))
                 or name.startswith(_GONE) or (is_version(name) and name not in published)]
        for name in stray:
            self._place.remove(f"{VERSIONS}/{name}")
        there = {*self._place.names(VERSIONS)}
        for name in self._place.names(OWN):
            version = name.removesuffix(".json")
            if name.endswith(".new") or (is_version(version) and version not in there and version != self.newest):
                self._place.remove(f"{OWN}/{name}")

    @property
    def newest(self) -> str:
        """The last version that was published; another one is live after a rollback."""
        return max(self.state.published, default="")

    @property
    def kept(self) -> list[str]:
        """Versions that can go live, newest first."""
        return sorted({*self._kept()} & {*self.state.published}, reverse=True)

    def manifest(self, version: str) -> Manifest:
        path = f"{OWN}/{version}.json"
        data = self._place.read(path)
        if data is None:
            raise PublishError(f"{self._place.where}/{path}: the manifest of what is published is missing; restore it from a "
                               "backup, or publish with --force manifest --reason TEXT, which compares with nothing")
        return decoded(data, f"{self._place.where}/{path}")

    def name_for(self, digest: str) -> str:
        return next_version(self.state.published, self._place.names(VERSIONS), digest)

    def is_whole(self, version: str, manifest: Manifest) -> bool:
        """Whether a version is as it was published."""
        return not self._place.wrong(f"{VERSIONS}/{version}", manifest.files, self._report)

    def add(self, source: Source, manifest: Manifest, before: Manifest | None) -> None:
        """Makes a version and lets it go live; ``before`` is one that is there to take files from."""
        place, partial, version = self._place, f"{VERSIONS}/{_PARTIAL}{manifest.version}", manifest.version
        try:
            self._make(partial, source, manifest, before)
        except (OSError, PublishError):
            with suppress(OSError, PublishError):  # then the next publisher does it
                place.remove(partial)
            raise
        place.write(f"{OWN}/{version}.json", encoded(manifest))
        place.move(partial, f"{VERSIONS}/{version}")
        place.settle()
        self._go_live(version)

    def _make(self, partial: str, source: Source, manifest: Manifest, before: Manifest | None) -> None:
        """Fills a folder and compares it by checksum."""
        place = self._place
        same = {path: fact for path, fact in manifest.files.items() if before and before.files.get(path) == fact}
        place.fill(partial, source, before.version if before else "", same, self._report)
        if wrong := place.wrong(partial, manifest.files, self._report):  # such as a file of the version before that was damaged
            place.put(partial, source, wrong)
            if wrong := place.wrong(partial, manifest.files, self._report):
                raise PublishError(f"{place.where}: {wrong[0]} is not what was written"
                                   f"{f', nor are {len(wrong) - 1} more' if wrong[1:] else ''}; look at the disk")

    def _go_live(self, version: str) -> None:
        self._place.switch(version)
        self.live = version
        if version not in self.state.published:
            self.state = State((*self.state.published, version))
            self._save()

    def roll_back(self, version: str = "") -> Manifest:
        """Lets an earlier version go live again: the named one, else the one before. Raises PublishError."""
        chosen = version or next((name for name in self.kept if name < self.live), "")
        if chosen not in self.kept:
            there = ", ".join(self.kept) or "none"
            raise PublishError(f"{self._place.where} holds no version {version or 'before the live one'}; kept are {there}")
        manifest = self.manifest(chosen)
        if chosen != self.live:
            if not self.is_whole(chosen, manifest):
                raise PublishError(f"{self._place.where}: version {chosen} is damaged; choose another one, see --list")
            self._go_live(chosen)
        return manifest

    def prune(self, keep: int) -> None:
        """Removes all but the newest versions and the live one."""
        for version in self._surplus(keep):
            self._place.move(f"{VERSIONS}/{version}", f"{VERSIONS}/{_GONE}{version}")
            self._place.remove(f"{VERSIONS}/{_GONE}{version}")
            if version != self.newest:
                self._place.remove(f"{OWN}/{version}.json")

    def _surplus(self, keep: int) -> Iterator[str]:
        others = [name for name in self.kept if name != self.live]
        yield from others[max(keep - 1, 0):]
