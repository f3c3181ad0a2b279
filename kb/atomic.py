"""Files that are replaced in one step: readers see the old file or the new one, and no writer leaves half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_file(file: Path, mode: int = 0o666, durable: bool = False) -> Iterator[BinaryIO]:
    """A handle for what is to be in the file when the block has ended. Where it raises, the old file is as it was.

    ``mode`` is that of the new file, less the umask; ``durable`` has it on disk before the block ends. Raises OSError. What a
    killed process leaves has a hidden name that ends in ``.new``.
    """
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
            yield handle
            handle.flush()
            if durable:
                os.fsync(handle.fileno())
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(file.parent)


def write_atomically(file: Path, data: bytes, mode: int = 0o666, durable: bool = False) -> None:
    """Puts the data in place of a file, as ``atomic_file``."""
    with atomic_file(file, mode, durable) as handle:
        handle.write(data)


def sync_folder(folder: Path) -> None:
    """Has the names of a folder on disk when it returns; raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
