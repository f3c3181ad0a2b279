"""Output folders: which a build may write, its lock on one, and where it keeps what its next one is to know."""

from __future__ import annotations

import fcntl
import glob
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.tree_state import read_marker


class OutputError(Exception):
    """The output folder cannot be used; the message says why and what to do."""


def state_file(cache: Path | None, out: Path, name: str = "tree") -> Path | None:
    """Where the state of an output folder is kept, or something else that a build of it keeps for its next."""
    folder = kept_folder(cache, out, name)
    return folder.with_suffix(".msgpack") if folder else None


def kept_folder(cache: Path | None, out: Path, name: str) -> Path | None:
    """A folder for what a build of an output folder keeps for its next."""
    return cache / f"{name}-{hashlib.sha256(str(out).encode()).hexdigest()[:16]}" if cache else None


def check_target(out: Path) -> None:
    """Raises OutputError where ``out`` is something that a build must not replace."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise OutputError(f"{out} is no folder; choose another --out")
    if out.is_dir() and not read_marker(out) and any(out.iterdir()):
        raise OutputError(f"{out} holds files that no build made; empty it or choose another --out")


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Holds the lock of an output folder; raises OutputError where another build has it."""
    path = out.parent / f".{out.name}.lock"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("w")
    except OSError as error:
        raise OutputError(f"cannot write beside {out}: {error.strerror}; choose another --out") from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(handle.fileno()), path.stat()):
                raise BlockingIOError  # the build that had the lock has just removed the file; a third one may hold a new one
        except OSError:
            raise OutputError(f"another build is writing {out}; wait for it to end") from None
        try:
            _clear(out)
            yield
        finally:
            path.unlink(missing_ok=True)


def _clear(out: Path) -> None:
    """Removes what killed builds left; a tree that one of them had moved away without a new one in its place comes back."""
    name = glob.escape(out.name)
    for old in out.parent.glob(f".{name}.old-*"):
        if not out.exists():
            old.rename(out)
    for stale in (*out.parent.glob(f".{name}.staging-*"), *out.parent.glob(f".{name}.old-*")):
        shutil.rmtree(stale, ignore_errors=True)
