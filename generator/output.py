"""Output: the next version is made in a spare tree beside the live one and takes its place in one step (invariant 4).

The former live tree is then the spare one (``generator.spare``), so a build costs what changed and not what is there.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from pathlib import Path

import msgspec

from generator.look import Look, look
from generator.output_folder import OutputError
from generator.spare import Log, Spare, beside, changed_folders, exchange, folders_of
from generator.tree_state import (
    MARKER,
    FileState,
    TreeState,
    load_state,
    read_marker,
    save_state,
    tree_digest,
    write_marker,
)

__all__ = ["MARKER", "FileState", "Tree", "Writer", "publish_all"]

_MANY = 5_000  # changed files whose links are made at once; fewer wait for the next build


class Writer(msgspec.Struct, frozen=True):
    """Writes files of the next version, in forked workers too; the calling process must then accept them."""

    spare: Spare
    live: Mapping[str, FileState]

    def write(self, path: str, data: bytes, key: str = "", digest: str = "") -> tuple[FileState, bool]:
        """The file's state, and whether it had to be written because the live tree has no such bytes.

        ``digest`` is the SHA-256 of the data in hex where it is known already. Raises OutputError and OSError.
        """
        _check_path(path)
        state = FileState(key, digest or hashlib.sha256(data).hexdigest(), len(data))
        before = self.live.get(path)
        if before and before.digest == state.digest and before.size == state.size:
            return state, False
        self.spare.write(path, data)
        return state, True


class Tree:
    """The next version of an output folder while it is being made. The folder's lock must be held.

    What was made from the same key for one of its ``siblings``, which are made in the same build, is taken over from there.
    """

    def __init__(self, out: Path, state_file: Path | None, seen: Look | None = None, siblings: Sequence[Tree] = ()) -> None:
        self.out, self._state_file, self._siblings = out, state_file, tuple(siblings)
        self._marker = read_marker(out)
        self._state = load_state(state_file, self._marker)
        self._seen = seen if seen and seen.live == self._marker else look(out, state_file)
        self._live = self._seen.present(self._state) if self._state else {}
        self._files: dict[str, FileState] = {}
        self._written: set[str] = set()
        self._folded: set[str] = set()
        self._spare_folder = beside(out, "spare")
        self._is_closed = self._is_switched = False
        try:
            self._open_spare()
        except OSError as error:
            raise OutputError(f"cannot write beside {out}: {error.strerror}; choose another --out") from None
        self.writer = Writer(self._spare, self._live)

    def _open_spare(self) -> None:
        folder = self._spare_folder
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            folder.unlink()
        self._is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        self._log = Log(beside(self.out, "spare.log"))
        self._spare = Spare(folder, self.out, self._log)
        self._is_known = self._seen.spare != "" and self._seen.spare == read_marker(folder)

    def keep(self, path: str, key: str) -> bool:
        """Takes the file over from the live tree, or from a sibling, where it was made from the same key."""
        if self._is_live(path, key):
            self._claim(path, self._live[path])
            return True
        sibling = self._holder(path, key)
        if sibling:
            self._borrow({path: sibling})
        return sibling is not None

    def keep_all(self, keys: Mapping[str, str]) -> None:
        """Takes files over, by path and key, that the live tree or a sibling holds; raises OutputError as ``put``."""
        borrowed = {path: sibling for path, key in keys.items()
                    if not self._is_live(path, key) and (sibling := self._holder(path, key))} if self._siblings else {}
        paths = [path for path in keys if path not in borrowed] if borrowed else keys
        folded = set(map(str.casefold, paths))
        if len(folded) < len(paths) or not self._folded.isdisjoint(folded):
            for path in paths:  # says which
                self._claim(path, self._live[path])
        self._folded |= folded
        self._files.update((path, self._live[path]) for path in paths)
        self._borrow(borrowed)

    def holds(self, path: str, key: str) -> bool:
        """Whether the live tree or a sibling has a file that was made from this key."""
        return self._is_live(path, key) or self._holder(path, key) is not None

    def _is_live(self, path: str, key: str) -> bool:
        before = self._live.get(path)
        return key != "" and before is not None and before.key == key

    def _holder(self, path: str, key: str) -> Tree | None:
        for sibling in self._siblings if key else ():
            found = sibling.paths.get(path)
            if found and found.key == key:
                return sibling
        return None

    def _borrow(self, holders: Mapping[str, Tree]) -> None:
        """Takes files over from siblings; they are linked, as no file of a tree is ever written to."""
        links = {}
        for path, sibling in holders.items():
            state, before = sibling.paths[path], self._live.get(path)
            self._claim(path, state)
            if not before or (before.digest, before.size) != (state.digest, state.size):
                links[path] = str(sibling.staged(path))
                self._written.add(path)
        self._spare.take(links)

    def put(self, path: str, data: bytes, key: str = "", digest: str = "") -> None:
        """Adds a file; raises OutputError where another file has the path, in whatever case."""
        if self.has(path):
            raise _claimed(path)
        self.accept(path, *self.writer.write(path, data, key, digest))

    def accept(self, path: str, state: FileState, written: bool) -> None:
        """Adds a file that a writer has seen to; raises OutputError as ``put``."""
        _check_path(path)
        self._claim(path, state)
        if written:
            self._written.add(path)

    def copy(self, path: str, source: Path) -> None:
        """Adds a file of the site as it is."""
        self.put(path, source.read_bytes())

    def has(self, path: str) -> bool:
        """Whether a file has the path already, in whatever case."""
        return path.casefold() in self._folded

    def digest_of(self, path: str) -> str:
        return self._files[path].digest

    def staged(self, path: str) -> Path:
        """Where the bytes of a file of the next version can be read until it is published."""
        return (self._spare_folder if path in self._written else self.out) / path

    @property
    def paths(self) -> Mapping[str, FileState]:
        """The files of the next version so far."""
        return self._files

    @property
    def live(self) -> Mapping[str, FileState]:
        """The files that are known to be in the live tree."""
        return self._live

    @property
    def held(self) -> list[Mapping[str, FileState]]:
        """The files from which ``keep`` can choose: those of the live tree, and of each sibling."""
        return [self._live, *(sibling.paths for sibling in self._siblings)]

    @property
    def size(self) -> int:
        return sum(state.size for state in self._files.values())

    @property
    def written(self) -> int:
        return len(self._written)

    @property
    def written_paths(self) -> Set[str]:
        return self._written

    def _claim(self, path: str, state: FileState) -> None:
        folded = path.casefold()
        if folded in self._folded:
            raise _claimed(path)
        self._folded.add(folded)
        self._files[path] = state

    def publish(self) -> bool:
        """Makes the next version the live one; False where nothing had changed, and then no file is touched."""
        return publish_all([self]) == [True]

    @property
    def is_changed(self) -> bool:
        """Whether the next version is another than the live one."""
        before = self._state
        return (before is None or bool(self._written) or self._files.keys() != before.files.keys()
                or len(self._live) < len(before.files))

    def discard(self) -> None:
        """Undoes what was written, unless it has been published; the live tree stays as it was."""
        if self._is_closed:
            return
        self._is_closed = True
        with suppress(OSError):  # then the log stays, and the next build sees to it
            if not self._undo():
                (self._spare_folder / MARKER).unlink(missing_ok=True)  # the next build looks at every file of the spare tree
            self._log.remove()
        self._log.close()

    def _undo(self) -> bool:
        """Takes back what was done to the spare tree; whether that was possible."""
        noted = self._log.paths()
        try:
            if self._is_new:
                shutil.rmtree(self._spare_folder)
            elif self._is_known and noted is not None:
                self._spare.settle(noted, self._live, ())
            return self._is_new or (self._is_known and noted is not None)
        except OSError:
            return False

    def complete(self) -> None:
        """Completes the next version in the spare tree with what is not written: it comes from the live tree, or goes."""
        noted, before = self._log.paths(), self._state
        if self._is_new and noted is not None:
            self._spare.settle({*noted, *self._files}, self._files, self._written)
        elif before and self._is_known and noted is not None:
            gone, new = before.files.keys() - self._files.keys(), self._files.keys() - before.files.keys()
            self._spare.settle({*noted, *before.changes, *gone}, self._files, self._written)
            self._sweep(self._seen.changed | folders_of(new))
        else:
            self._sweep(folders_of(self._files))

    def _sweep(self, folders: Set[str]) -> None:
        self._spare.link(self._spare.sweep(self._files, folders) - self._written)

    def mark(self) -> None:
        """Says in the spare tree and in the state which version it is: from now on it may take the live one's place."""
        before, name = self._state, tree_digest(self._files)
        write_marker(self._spare_folder, name)
        self._next = TreeState(name, self._files)
        if before:
            changed = self._written | (before.files.keys() - self._files.keys())
            self._next = TreeState(name, self._files, before.digest, {path: before.files.get(path) for path in changed})
        if self._state_file:
            save_state(self._state_file, self._next)

    def switch(self) -> None:
        """Puts the spare tree in the live one's place. Killed at any point, state and markers say which tree is which."""
        exchange(self._spare_folder, self.out)
        self._is_closed = self._is_switched = True

    def switch_back(self) -> None:
        """Puts the former live tree back into its place, where it has been switched."""
        if not self._is_switched:
            return
        if self._spare_folder.exists():
            exchange(self._spare_folder, self.out)
        else:
            self.out.rename(self._spare_folder)  # there was none
        self._is_switched = False
        self._log.close()  # it stays, and the next build sees to the spare tree

    def tidy(self) -> None:
        """Ends a switch: brings the spare tree up to the live one where that has changed much."""
        if not self._state_file:
            shutil.rmtree(self._spare_folder, ignore_errors=True)
        elif not self._state or len(self._next.changes) > _MANY:
            self._mirror(self._state_file, self._next)
        self._log.remove()

    def stay(self) -> None:
        """Leaves the live tree as it is, which is the same as the next version."""
        before = self._state
        if before and self._state_file and self._files != before.files:  # the same bytes, made from other keys
            save_state(self._state_file, TreeState(before.digest, self._files, before.other, before.changes))
        self.discard()

    def _mirror(self, state_file: Path, state: TreeState) -> None:
        """Brings the spare tree up to the live one, which has just changed much, so that the next build need not."""
        folder, spare = self._spare_folder, Spare(self._spare_folder, self.out, self._log)
        try:
            if not folder.exists():
                folder.mkdir()
                spare.link(state.files)
            else:
                folders = folders_of(state.files)
                since = (folder / MARKER).stat().st_mtime_ns if state.other else 0
                spare.settle(state.changes, state.files, ())
                spare.link(spare.sweep(state.files, changed_folders(folder, folders, since)))
            write_marker(folder, state.digest)
            save_state(state_file, TreeState(state.digest, state.files, state.digest))
        except OSError:  # such as a full disk: the portal is live, and the next build will do without
            shutil.rmtree(folder, ignore_errors=True)


def publish_all(trees: Sequence[Tree]) -> list[bool]:
    """Makes the next versions of all trees the live ones; says of each whether it has changed.

    All of them are complete before the first takes its place, and where one cannot, those before it go back.
    """
    changed = [tree for tree in trees if tree.is_changed]
    for tree in changed:
        tree.complete()
    for tree in changed:
        tree.mark()
    try:
        for tree in changed:
            tree.switch()
    except OSError:
        for tree in changed:
            tree.switch_back()
        raise
    for tree in trees:
        if tree in changed:
            tree.tidy()
        else:
            tree.stay()
    return [tree in changed for tree in trees]


def _check_path(path: str) -> None:
    if path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise OutputError(f"refused to write outside the output folder: {path!r}")
    if path.casefold() == MARKER:
        raise _claimed(path)


def _claimed(path: str) -> OutputError:
    return OutputError(f"two files claim the address {path!r}; rename one of their sources")
