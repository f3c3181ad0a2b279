"""Blocks of a JSON Lines file: runs of whole lines with a digest. Those at its two ends that are as before stay unread."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

_LEAST = 1 << 18  # bytes of a block, but for the last one of a run


class Block(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """``size`` in bytes, ``lines`` with empty ones, ``pieces`` without."""

    size: int
    digest: bytes
    lines: int
    pieces: int


class Middle(NamedTuple):
    """What of a file has to be read: between ``front`` blocks at its beginning and ``back`` blocks at its end that are as before,
    from byte ``start`` up to ``end``; ``number`` lines stand before it."""

    front: int = 0
    back: int = 0
    start: int = 0
    end: int | None = None
    number: int = 0


def changed_middle(path: Path, before: Sequence[Block]) -> Middle:
    """What a file holds that it did not hold when it had these blocks."""
    if not before:
        return Middle()
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            front = _same(file, before, 0, size)
            start = sum(block.size for block in before[:front])
            rest = before[front:]
            back = _same_at_end(file, rest, start, size)
            end = size - sum(block.size for block in rest[len(rest) - back :])
    except OSError:
        return Middle()  # reading it says why
    return Middle(front, back, start, end, sum(block.lines for block in before[:front]))


def _same(file: BinaryIO, blocks: Iterable[Block], start: int, size: int) -> int:
    """How many blocks stand where they would follow each other."""
    count = 0
    for block in blocks:
        data = _read(file, start, start + block.size)
        start += block.size
        if not (data.endswith(b"\n") or start == size) or _hash(data).digest() != block.digest:
            break
        count += 1
    return count


def _same_at_end(file: BinaryIO, blocks: Sequence[Block], least: int, size: int) -> int:
    count, end = 0, size
    for block in reversed(blocks):
        start = end - block.size
        if start < least or (start and _read(file, start - 1, start) != b"\n"):
            break
        if _hash(_read(file, start, end)).digest() != block.digest:
            break
        count, end = count + 1, start
    return count


class Cutter:
    """Makes blocks of lines that follow each other."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._start()

    def _start(self) -> None:
        self._hash, self._size, self._lines, self._pieces = _hash(), 0, 0, 0

    def add(self, raw: bytes, is_piece: bool) -> None:
        """Adds a line with its end."""
        if self._size >= _LEAST:
            self.close()
        self._hash.update(raw)
        self._size += len(raw)
        self._lines += 1
        self._pieces += is_piece

    def close(self) -> None:
        """Ends the last block."""
        if self._size:
            self.blocks.append(Block(self._size, self._hash.digest(), self._lines, self._pieces))
            self._start()


def _read(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    data = file.read(end - start)
    while len(data) < end - start and (more := file.read(end - start - len(data))):
        data += more
    return data


def _hash(data: bytes = b"") -> hashlib._Hash:
    return hashlib.sha256(data, usedforsecurity=False)  # processors have instructions for it: a third of the time of BLAKE2
