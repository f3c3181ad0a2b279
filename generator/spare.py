"""The spare tree: the folder beside the live one in which the next version is made.

Between builds it holds the version before the live one, its unchanged files as hard links to the live ones. So a build writes
what it changes, brings over from the live tree what the build before had changed, and nothing else.

No file is ever written through a link: what changes gets a new inode, so that the live tree stays as it is. Every path is noted
in a log before anything happens to it; a build that finds a log knows which files of the spare tree a killed one had in hand.
"""

# ruff: noqa: PTH102, PTH106, PTH108 - a hundred thousand Path objects would take a second

from __future__ import annotations

import ctypes
import os
import shutil
import stat
from bisect import bisect_left
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

_ALL = ""  # in the log: more was changed than single files
_RENAME_EXCHANGE = 2  # renameat2(2)
_AT_FDCWD = -100
_FEW = 100  # links that are made sooner than threads start
_THREADS = 2  # making folders and links is the system's work, which threads share


class Log:
    """Paths that are being changed, in a file that survives the process. Forked processes write to it too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)

    def note(self, path: str) -> None:
        os.write(self._handle, path.encode() + b"\0")

    def note_all(self) -> None:
        """Any file may have changed."""
        self.note(_ALL)

    def paths(self) -> set[str] | None:
        """What was noted; None where any file may have changed."""
        data = os.pread(self._handle, os.fstat(self._handle).st_size, 0)
        found = data.split(b"\0")
        if found.pop() or _ALL.encode() in found:  # the last note is torn, or says so
            return None
        return {path.decode() for path in found}

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def remove(self) -> None:
        """Closes and forgets everything."""
        self.close()
        self._path.unlink(missing_ok=True)


class Spare:
    """Changes files of the spare tree; paths are relative to both trees and were checked. All methods raise OSError."""

    def __init__(self, folder: Path, live: Path, log: Log) -> None:
        self.folder, self.log = folder, log
        self._root, self._live = f"{folder}/", f"{live}/"
        self._entered: set[str] = set()
        self._strayed: set[str] = set()

    def write(self, path: str, data: bytes) -> None:
        """Writes a file anew, making its folder where it is missing."""
        self.log.note(path)
        self._enter(_folder(path))
        try:
            handle = self._create(path)
        except FileExistsError:
            self._clear(path)
            handle = self._create(path)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest):]
        finally:
            os.close(handle)

    def settle(self, paths: Iterable[str], wanted: Container[str], written: Container[str]) -> None:
        """Makes the paths what they must be: removed where not wanted, else as in the live tree but for those just written."""
        links = []
        for path in paths:
            if path not in wanted:
                self._remove(path)
            elif path not in written:
                links.append(path)
        self.link(links)

    def link(self, paths: Collection[str]) -> None:
        """Makes the files those of the live tree. About 0.1 ms for a file in a folder of its own."""
        ordered = sorted(paths)
        half = len(ordered) // _THREADS + 1
        parts = [ordered[start : start + half] for start in range(0, len(ordered), half)]
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(self._link_part, parts):
                pass

    def take(self, sources: Mapping[str, str]) -> None:
        """Makes files those that stand at some places outside of both trees."""
        ordered = sorted(sources)
        for path in ordered:
            self.log.note(path)
        if len(ordered) < _FEW:
            self._take_part(sources, ordered)
            return
        half = len(ordered) // _THREADS + 1
        with ThreadPoolExecutor(_THREADS) as pool:
            parts = [ordered[start : start + half] for start in range(0, len(ordered), half)]
            for _ in pool.map(partial(self._take_part, sources), parts):
                pass

    def _take_part(self, sources: Mapping[str, str], paths: Iterable[str]) -> None:
        for path in paths:
            self._link_from(sources[path], path)

    def _link_part(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._link(path)

    def sweep(self, wanted: Iterable[str], changed: Collection[str]) -> set[str]:
        """Removes what is no wanted file from some folders, whoever put it there; gives the wanted files that should be there."""
        folders, found = sorted({*changed, *self._strayed}), set[str]()
        ordered = sorted(wanted) if folders else []
        for folder in folders:
            start = f"{folder}/" if folder else ""
            first = bisect_left(ordered, start)
            end = bisect_left(ordered, f"{folder}0") if folder else len(ordered)  # 0 comes after /
            if first == end and folder:
                continue  # it goes with the folder above
            names = [path[len(start):].partition("/") for path in ordered[first:end]]
            files = {name for name, slash, _rest in names if not slash}
            self._sweep_folder(folder, files, {name for name, slash, _rest in names if slash})
            found.update(start + name for name in files)
        return found

    def _sweep_folder(self, folder: str, files: Container[str], folders: Container[str]) -> None:
        if not self._is_folder(folder):
            return
        with os.scandir(self._root + folder) as entries:
            stray = [entry for entry in entries
                     if not (entry.name in files and entry.is_file(follow_symlinks=False))
                     and not (entry.name in folders and entry.is_dir(follow_symlinks=False))]
        for entry in stray:
            _destroy(entry.path)

    def _create(self, path: str) -> int:
        return os.open(self._root + path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)

    def _enter(self, folder: str) -> None:
        """Makes a folder where it is missing; what stands in its way, a link to somewhere else included, goes."""
        if folder in self._entered:
            return
        if folder:
            self._enter(_folder(folder))
        place = self._root + folder
        try:
            os.mkdir(place)
        except FileExistsError:
            if not _is_directory(place):
                self.log.note(folder)
                _destroy(place)
                with suppress(FileExistsError):  # another worker was quicker
                    os.mkdir(place)
        self._entered.add(folder)

    def _is_folder(self, folder: str) -> bool:
        """Whether it is there, without a link on the way."""
        if folder in self._entered:
            return True
        if (folder and not self._is_folder(_folder(folder))) or not _is_directory(self._root + folder):
            return False
        self._entered.add(folder)
        return True

    def _clear(self, path: str) -> None:
        """Makes room for a file where something else is."""
        if _is_directory(self._root + path):
            self.log.note_all()
            self._entered.clear()
        _destroy(self._root + path)

    def _link(self, path: str) -> None:
        self._link_from(self._live + path, path)

    def _link_from(self, source: str, path: str) -> None:
        self._enter(_folder(path))
        target = self._root + path
        try:
            _link_or_copy(source, target)
        except FileExistsError:
            if not _same(source, target):
                self._clear(path)
                _link_or_copy(source, target)

    def _remove(self, path: str) -> None:
        self.log.note(path)
        folder = _folder(path)
        if not self._is_folder(folder) or _is_directory(self._root + path):  # now a folder of other files
            return
        _destroy(self._root + path)
        while folder:
            try:
                os.rmdir(self._root + folder)
            except OSError:  # not empty: if only of foreign files, it is in the folders above that ``sweep`` must look
                self._strayed.update(_above(folder))
                return
            self._entered.discard(folder)
            folder = _folder(folder)


def beside(out: Path, what: str) -> Path:
    """A hidden place beside an output folder."""
    return out.parent / f".{out.name}.{what}"


def exchange(spare: Path, out: Path) -> None:
    """Lets two folders change places in one step where the system can, else in two."""
    if not out.exists():
        spare.rename(out)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    exchange = getattr(libc, "renameat2", None)
    if exchange and exchange(_AT_FDCWD, os.fsencode(spare), _AT_FDCWD, os.fsencode(out), _RENAME_EXCHANGE) == 0:
        return
    old = beside(out, f"old-{os.getpid()}")
    out.rename(old)
    try:
        spare.rename(out)
    except OSError:
        old.rename(out)
        raise
    old.rename(spare)


def _above(folder: str) -> Iterator[str]:
    """The folders in which a folder is, "" last."""
    while folder:
        folder = _folder(folder)
        yield folder


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def folders_of(paths: Iterable[str]) -> set[str]:
    """All folders that files are in, "" for the tree itself."""
    found, new = {""}, {path.rpartition("/")[0] for path in paths}
    while new := new - found:
        found |= new
        new = {folder.rpartition("/")[0] for folder in new}
    return found


def changed_folders(tree: Path, folders: Collection[str], since: int) -> set[str]:
    """Those that are no folders any more, with all below them, or changed at the time ``since`` (ns) or later, whoever did it.
    About 2 us a folder."""
    root, stat_of = os.open(tree, os.O_RDONLY | os.O_DIRECTORY), os.stat
    changed, lost = set(), set()
    try:
        for folder in folders:
            try:
                found = stat_of(folder or ".", dir_fd=root, follow_symlinks=False)
            except (FileNotFoundError, NotADirectoryError):
                lost.add(folder)
                continue
            if not stat.S_ISDIR(found.st_mode):
                lost.add(folder)
            elif found.st_ctime_ns >= since:
                changed.add(folder)
    finally:
        os.close(root)
    below = tuple(f"{folder}/" for folder in lost)
    return changed | lost | ({folder for folder in folders if folder.startswith(below)} if lost else set())


def _is_directory(place: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(place).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _same(one: str, other: str) -> bool:
    return os.path.samestat(os.lstat(one), os.lstat(other))


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # such as a file system without hard links
        _destroy(target)
        shutil.copyfile(source, target, follow_symlinks=False)


def _destroy(place: str) -> None:
    """Removes a file, a link or a folder with all that is in it, where there is one."""
    try:
        os.unlink(place)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (IsADirectoryError, PermissionError):
        if not _is_directory(place):
            raise
        shutil.rmtree(place)
