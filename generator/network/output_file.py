"""Writes a file in one step."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def write_file(file: Path, parts: Iterable[bytes]) -> None:
    """Readers see the old file or the new one. Raises OSError; then the old one is as it was."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with part.open("xb") as handle:
            for data in parts:
                handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
