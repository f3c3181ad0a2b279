"""A folder of this machine as a place for versions: unchanged files are links to those of the version before."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.publishing.failure import PublishError
from generator.publishing.manifest import FileFact
from generator.publishing.source import Source, hashed, list_files
from generator.publishing.versions import CURRENT, OWN, VERSIONS, is_version
from kb.atomic import sync_folder, write_atomically
from kb.reporting import Report

_CLONE = 0x40049409  # FICLONE, ioctl_ficlonerange(2)
_NEW = f".{CURRENT}.new"


class Folder:
    """Implements ``versions.Place``."""

    def __init__(self, root: Path) -> None:
        self.root, self.where = root, str(root)

    @contextmanager
    def locked(self, owner: str, break_lock: bool) -> Iterator[None]:
        """Holds the target's lock, which ends with the process; so there is nothing to break."""
        if self.root.is_symlink() or (self.root.exists() and not self.root.is_dir()):
            raise PublishError(f"{self.root} is no folder; choose another target")
        if (self.root / OWN).is_file():
            raise PublishError(f"{self.root} is what a build wrote; publish into another folder")
        (self.root / OWN).mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.root / VERSIONS).mkdir(exist_ok=True)
        handle = os.open(self.root / OWN / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(handle, 200, 0).decode(errors="replace").strip()
                raise PublishError(f"{self.root} is being published to by {holder or 'somebody else'}; wait for it to "
                                   "end") from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{owner}\n".encode(), 0)
            yield
        finally:
            os.close(handle)

    def read(self, path: str) -> bytes | None:
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, path: str, data: bytes) -> None:
        write_atomically(self.root / path, data, 0o600, durable=True)

    def names(self, folder: str) -> list[str]:
        with suppress(FileNotFoundError, NotADirectoryError):
            return sorted(entry.name for entry in (self.root / folder).iterdir())
        return []

    def current(self) -> str:
        link = self.root / CURRENT
        if not link.is_symlink():
            if link.exists():
                raise PublishError(f"{link} is no link to a version; move it away or choose another target")
            return ""
        leads = link.readlink()
        if leads.parent != Path(VERSIONS) or not is_version(leads.name):
            raise PublishError(f"{link} leads to {leads}, which is no version of this target; remove it or choose another "
                               "target")
        return leads.name

    def fill(self, folder: str, source: Source, before: str, same: Mapping[str, FileFact], report: Report) -> None:
        root, old = self.root / folder, self.root / VERSIONS / before
        self.remove(folder)  # a file that a killed publisher was writing may be cut short
        made: set[str] = set()
        for number, path in enumerate(source.files, 1):
            parent = path.rpartition("/")[0]
            if parent not in made:
                (root / parent).mkdir(parents=True, exist_ok=True)
                made.add(parent)
            if path not in same or not _linked(old / path, root / path):
                _copy(source, path, root / path)
            if number % 100 == 0:
                report("copy", number, len(source.files))

    def wrong(self, folder: str, files: Mapping[str, FileFact], report: Report) -> list[str]:
        root = self.root / folder
        try:
            found = hashed(root, list_files(root), report, "verify")
        except (FileNotFoundError, NotADirectoryError):
            found = {}
        return sorted(path for path in files.keys() | found.keys() if files.get(path) != found.get(path))

    def put(self, folder: str, source: Source, paths: Sequence[str]) -> None:
        for path in paths:
            file = self.root / folder / path
            file.unlink(missing_ok=True)
            if path in source.files:
                file.parent.mkdir(parents=True, exist_ok=True)
                _copy(source, path, file)

    def move(self, old: str, new: str) -> None:
        (self.root / old).rename(self.root / new)

    def remove(self, path: str) -> None:
        place = self.root / path
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)

    def settle(self) -> None:
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
            if syncfs is None:
                os.sync()
            elif syncfs(handle):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(self.root))
        finally:
            os.close(handle)

    def switch(self, version: str) -> None:
        new = self.root / _NEW
        new.unlink(missing_ok=True)
        new.symlink_to(f"{VERSIONS}/{version}")
        new.replace(self.root / CURRENT)
        sync_folder(self.root)


def _linked(old: Path, new: Path) -> bool:
    """Whether the file could be made of that of the version before: as a link, or as a copy that shares its blocks."""
    try:
        if not stat.S_ISREG(old.lstat().st_mode):
            return False
        os.link(old, new, follow_symlinks=False)
    except FileNotFoundError:
        return False
    except OSError:  # no links here, or too many to this file
        return _cloned(old, new)
    return True


def _cloned(old: Path, new: Path) -> bool:
    try:
        with old.open("rb") as source, new.open("xb") as target:
            fcntl.ioctl(target.fileno(), _CLONE, source.fileno())
    except OSError:
        new.unlink(missing_ok=True)
        return False
    return True


def _copy(source: Source, path: str, target: Path) -> None:
    with target.open("xb") as handle:
        handle.write(source.read(path))
