"""What lies in a built tree, and what a build has written anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

Files = dict[str, tuple[int, int, int]]


class Amount(NamedTuple):
    """Number of files and the sum of their sizes in bytes."""

    files: int
    bytes: int


def files(folder: Path) -> Files:
    """Inode, time of the last change (ns) and size by path of all files in a folder that may be missing."""
    found: Files = {}
    for entry in _walk(folder) if folder.exists() else ():
        status = entry.stat(follow_symlinks=False)
        found[os.path.relpath(entry.path, folder)] = (status.st_ino, status.st_mtime_ns, status.st_size)
    return found


def written(before: Files, after: Files) -> Amount:
    """What is new: a file that was hard-linked or left in place is the same file as before, one that was written is not."""
    sizes = [entry[2] for path, entry in after.items() if before.get(path) != entry]
    return Amount(len(sizes), sum(sizes))


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    yield entry
