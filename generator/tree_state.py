"""What is known of an output folder between two builds: the files of the live tree, and where the spare one differs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kb.atomic import write_atomically
from kb.sealed import read_sealed, write_sealed

MARKER = ".waypost"  # names the tree's digest; a folder without it is never replaced


class FileState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file of a tree: the key that it was made from (empty: made anew each time), SHA-256 in hex, bytes."""

    key: str
    digest: str
    size: int


class TreeState(msgspec.Struct, frozen=True, array_like=True):
    """Two versions of a tree: the one that was to go live, by path, and what the other has in place of some of its files.

    A path that ``changes`` does not name has the same content in both. ``other`` is "" where only one version is known.
    """

    digest: str
    files: dict[str, FileState]
    other: str = ""
    changes: dict[str, FileState | None] = {}

    def swapped(self) -> TreeState:
        """The same, told from the other version."""
        files = self.files | {path: state for path, state in self.changes.items() if state}
        for path, state in self.changes.items():
            if state is None:
                files.pop(path, None)
        return TreeState(self.other, files, self.digest, {path: self.files.get(path) for path in self.changes})


def load_state(path: Path | None, live: str) -> TreeState | None:
    """The state told from the version with the digest ``live``; None where nothing is known of that one."""
    try:
        state = msgspec.msgpack.decode(read_sealed(path), type=TreeState) if path and live else None
    except (OSError, ValueError, msgspec.DecodeError):
        return None
    if state and state.digest == live:
        return state
    return state.swapped() if state and state.other == live else None


def save_state(path: Path, state: TreeState) -> None:
    """Writes the state in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sealed(path, msgspec.msgpack.encode(state))


def tree_digest(files: Mapping[str, FileState]) -> str:
    """SHA-256 of all paths and contents, in hex."""
    text = "".join([f"{path}\0{files[path].digest}\n" for path in sorted(files)])
    return hashlib.sha256(text.encode()).hexdigest()


def read_marker(folder: Path) -> str:
    """The digest of the tree in a folder; "" where no build has finished it."""
    try:
        return (folder / MARKER).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def write_marker(folder: Path, digest: str) -> None:
    """Says that the folder holds the whole tree with this digest."""
    write_atomically(folder / MARKER, f"{digest}\n".encode("ascii"))


def present(folder: Path, files: Mapping[str, FileState]) -> dict[str, FileState]:
    """Those files that the folder really has, with their size. About 2 us a file."""
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return {}
    found, stat = {}, os.stat
    try:
        for path, state in files.items():
            try:
                seen = stat(path, dir_fd=root, follow_symlinks=False)
            except OSError:
                continue
            if seen.st_size == state.size and seen.st_mode & 0o170000 == 0o100000:  # a regular file
                found[path] = state
    finally:
        os.close(root)
    return found
