"""Shards: the pages of a portal made by several machines, and merged into one tree.

Every machine reads the whole site and makes its share of the pages, cut by the CRC-32 of their addresses. What is merged is a
build like any other that takes finished pages from the parts where their keys agree, so its result is that of a single build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from generator.building import Shard
from generator.output import FileState, Tree
from generator.output_folder import OutputError
from generator.plan import Draft
from generator.urls import file_of
from generator.work import Made

PART = "part.msgpack"


class _Part(msgspec.Struct, frozen=True):
    """What a part's folder holds: its pages, and the states of their files by path."""

    shard: Shard
    pages: list[Made]
    files: dict[str, FileState]


def part_file(shard: Shard, pages: Sequence[Made], files: Mapping[str, FileState]) -> bytes:
    """The content of ``part.msgpack``."""
    own = {path: files[path] for path in sorted(file_of(page.path) for page in pages)}
    return msgspec.msgpack.encode(_Part(shard, sorted(pages, key=lambda page: page.path), own))


class Parts:
    """The finished pages of all shards. Raises OutputError where one is missing or a folder is no part."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._pages: dict[str, tuple[Made, FileState, Path]] = {}
        shards: dict[Shard, Path] = {}
        for folder in folders:
            part = _read(folder)
            if part.shard in shards:
                raise OutputError(f"{folder} is part {part.shard}, and so is {shards[part.shard]}; name each part once")
            shards[part.shard] = folder
            for page in part.pages:
                if state := part.files.get(file_of(page.path)):
                    self._pages[page.path] = (page, state, folder)
        sizes = {shard.of for shard in shards}
        if len(sizes) > 1:
            names = ", ".join(sorted(map(str, shards)))
            raise OutputError(f"the parts are of different cuts: {names}; build all with the same n")
        if missing := [Shard(number, of) for of in sizes for number in range(1, of + 1) if Shard(number, of) not in shards]:
            raise OutputError(f"part {missing[0]} is missing; build it with --shard {missing[0]}")

    def put(self, tree: Tree, draft: Draft) -> Made | None:
        """Adds a draft's finished page to the tree; None where there is none, or another one than this site makes."""
        page, state, folder = self._pages.get(draft.path, (None, None, None))
        path = file_of(draft.path)
        if not draft.key or page is None or state is None or folder is None or page.key != draft.key or tree.has(path):
            return None
        try:
            data = (folder / path).read_bytes()
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() != state.digest:  # it was damaged on its way
            return None
        tree.put(path, data, draft.key, state.digest)
        return page


def _read(folder: Path) -> _Part:
    try:
        return msgspec.msgpack.decode((folder / PART).read_bytes(), type=_Part)
    except (OSError, msgspec.DecodeError):
        raise OutputError(f"{folder} is no part; make it with 'waypost build --shard i/n --out {folder}'") from None
