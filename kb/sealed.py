"""Files that builds keep for each other: written in one step, and read only where they are as they were written."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

from kb.atomic import atomic_file

_SEAL = 4  # bytes at the end


def write_sealed(file: Path, data: bytes) -> None:
    """Writes a file in one step; raises OSError."""
    with atomic_file(file) as handle:
        handle.write(data)
        handle.write(_seal(data))


def read_sealed(file: Path) -> memoryview:
    """What was written; raises OSError, and ValueError where the file is damaged."""
    data = memoryview(file.read_bytes())
    if data[-_SEAL:] != _seal(data[:-_SEAL]):
        raise ValueError(f"{file} is damaged")
    return data[:-_SEAL]


def _seal(data: bytes | memoryview) -> bytes:
    return crc32(data).to_bytes(_SEAL, "big")
