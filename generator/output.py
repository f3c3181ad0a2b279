"""Output: a complete new tree is staged beside the live one and takes its place in one step (invariant 4).

Files that did not change are hard links to those of the live tree, so only changed bytes are written.
"""

from __future__ import annotations

import ctypes
import fcntl
import glob
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

MARKER = ".waypost"  # names the tree's digest; a folder without it is never replaced
_RENAME_EXCHANGE = 2  # renameat2(2)
_AT_FDCWD = -100


class OutputError(Exception):
    """The output folder cannot be used; the message says why and what to do."""


class FileState(msgspec.Struct, frozen=True):
    """A file of a tree: the key that it was made from (empty: made anew each time), SHA-256, bytes."""

    key: str
    digest: str
    size: int


class TreeState(msgspec.Struct, frozen=True):
    digest: str
    files: dict[str, FileState]


class Tree:
    """The next version of an output folder while it is being staged."""

    def __init__(self, out: Path, state_file: Path | None) -> None:
        self.out, self._state_file = out, state_file
        self.staging = out.parent / f".{out.name}.staging-{os.getpid()}"
        self._previous = _previous(out, state_file)
        self._files: dict[str, FileState] = {}
        self._folded = {MARKER: MARKER}
        self.written: list[str] = []
        try:
            if self.staging.exists():
                shutil.rmtree(self.staging)
            self.staging.mkdir(parents=True)
        except OSError as error:
            raise OutputError(f"cannot write beside {out}: {error.strerror}; choose another --out") from None

    def keep(self, path: str, key: str) -> bool:
        """Takes the file over from the live tree where it was made from the same key."""
        before = self._previous.get(path)
        if not key or before is None or before.key != key or not self._link(path, before.size):
            return False
        self._claim(path, before)
        return True

    def put(self, path: str, data: bytes, key: str = "") -> None:
        """Adds a file; raises OutputError where another file has the path, in whatever case."""
        state = FileState(key, hashlib.sha256(data).hexdigest(), len(data))
        self._claim(path, state)
        before = self._previous.get(path)
        if before and before.digest == state.digest and self._link(path, before.size):
            return
        self._target(path).write_bytes(data)
        self.written.append(path)

    def copy(self, path: str, source: Path) -> None:
        """Adds a file of the site as it is."""
        self.put(path, source.read_bytes())

    def has(self, path: str) -> bool:
        """Whether a file has the path already, in whatever case."""
        return path.casefold() in self._folded

    def digest_of(self, path: str) -> str:
        return self._files[path].digest

    @property
    def paths(self) -> Mapping[str, FileState]:
        """The files staged so far."""
        return self._files

    @property
    def live(self) -> Mapping[str, FileState]:
        """The files of the live tree, as far as they are known."""
        return self._previous

    @property
    def size(self) -> int:
        return sum(state.size for state in self._files.values())

    def _claim(self, path: str, state: FileState) -> None:
        if path.startswith("/") or ".." in path.split("/") or "\0" in path:
            raise OutputError(f"refused to write outside the output folder: {path!r}")
        if self.has(path):
            raise OutputError(f"two files claim the address {path!r}; rename one of their sources")
        self._folded[path.casefold()] = path
        self._files[path] = state

    def _target(self, path: str) -> Path:
        target = self.staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _link(self, path: str, size: int) -> bool:
        try:
            source = self.out / path
            if source.stat().st_size != size or source.is_symlink():
                return False
            os.link(source, self._target(path))
        except OSError:
            return False
        return True

    def publish(self) -> bool:
        """Puts the staged tree in the live tree's place; False where nothing had changed."""
        digest = hashlib.sha256()
        for path in sorted(self._files):
            digest.update(f"{path}\0{self._files[path].digest}\n".encode())
        name = digest.hexdigest()
        (self.staging / MARKER).write_text(f"{name}\n", encoding="ascii")
        changed = bool(self.written) or _marker(self.out) != name or set(self._files) != set(self._previous)
        if changed:
            _replace(self.staging, self.out)
        shutil.rmtree(self.staging, ignore_errors=True)
        if self._state_file:
            self._state_file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._state_file.with_suffix(f".{os.getpid()}")
            temporary.write_bytes(msgspec.msgpack.encode(TreeState(name, self._files)))
            temporary.replace(self._state_file)
        return changed

    def discard(self) -> None:
        """Removes what was staged; the live tree stays as it was."""
        shutil.rmtree(self.staging, ignore_errors=True)


def state_file(cache: Path | None, out: Path) -> Path | None:
    """Where the state of an output folder is kept."""
    name = hashlib.sha256(str(out).encode()).hexdigest()[:16]
    return cache / f"tree-{name}.msgpack" if cache else None


def kept_folder(cache: Path | None, out: Path, name: str) -> Path | None:
    """A folder for what a build of an output folder keeps for its next."""
    file = state_file(cache, out)
    return file.with_name(file.stem.replace("tree", name)) if file else None


def check_target(out: Path) -> None:
    """Raises OutputError where ``out`` is something that a build must not replace."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise OutputError(f"{out} is no folder; choose another --out")
    if out.is_dir() and not _marker(out) and any(out.iterdir()):
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


def _marker(out: Path) -> str:
    try:
        return (out / MARKER).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _previous(out: Path, state_path: Path | None) -> dict[str, FileState]:
    """The files of the live tree, as far as its state is known and belongs to it."""
    try:
        state = msgspec.msgpack.decode(state_path.read_bytes(), type=TreeState) if state_path else None
    except (OSError, msgspec.DecodeError):
        return {}
    return state.files if state and state.digest == _marker(out) else {}


def _replace(staging: Path, out: Path) -> None:
    """Exchanges two folders in one step where the system can, else in two."""
    if not out.exists():
        staging.rename(out)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    exchange = getattr(libc, "renameat2", None)
    if exchange and exchange(_AT_FDCWD, os.fsencode(staging), _AT_FDCWD, os.fsencode(out), _RENAME_EXCHANGE) == 0:
        return
    old = out.parent / f".{out.name}.old-{os.getpid()}"
    out.rename(old)
    try:
        staging.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
