"""The output folder and its spare tree: whatever happened to both, the next version is what was put, and only changes are written."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from generator.output import MARKER, Tree
from generator.output_folder import OutputError, locked
from generator.tree_state import TreeState, load_state, read_marker
from tests.generator.support import tree

Files = dict[str, bytes]
FIRST: Files = {"index.html": b"home", "pr/1/index.html": b"one", "pr/2/index.html": b"two", "assets/a.css": b"css", "empty": b""}


class Place:
    """An output folder with its cache."""

    def __init__(self, folder: Path, keeps: bool = True) -> None:
        self.folder, self.out, self.spare, self.log = folder, folder / "out", folder / ".out.spare", folder / ".out.spare.log"
        self.state = folder / "cache" / "tree.msgpack" if keeps else None

    def publish(self, files: Mapping[str, bytes]) -> Tree:
        """Builds these files; each is kept where it was made from the same content."""
        with locked(self.out):
            staged = Tree(self.out, self.state)
            try:
                stage(staged, files)
                staged.publish()
            finally:
                staged.discard()
        return staged

    def reject(self, files: Mapping[str, bytes]) -> None:
        """A build that fails when all its files are there."""
        with locked(self.out):
            staged = Tree(self.out, self.state)
            stage(staged, files)
            staged.discard()

    def content(self) -> Files:
        return {path: data for path, data in tree(self.out).items() if path != MARKER}

    def known(self) -> TreeState:
        state = load_state(self.state, read_marker(self.out))
        assert state is not None
        return state

    def verify(self, files: Mapping[str, bytes], spoilt: bool = False) -> None:
        """The live tree holds these files and no empty folders; what is said of the spare tree is true, unless that was spoilt."""
        assert self.content() == files
        assert folders(self.out) == {parent.as_posix() for path in files for parent in Path(path).parents}
        state = self.known()
        assert {path: found.size for path, found in state.files.items()} == {path: len(data) for path, data in files.items()}
        if not spoilt and state.other and state.other == read_marker(self.spare):
            other = {path: data for path, data in tree(self.spare).items() if path != MARKER}
            assert {path for path in other.keys() | files.keys() if other.get(path) != files.get(path)} <= state.changes.keys()
        assert sorted(path.name for path in self.folder.iterdir()) == [".out.spare", "cache", "out"]


def stage(staged: Tree, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        if not staged.keep(path, data.hex()):
            staged.put(path, data, data.hex())


def folders(folder: Path) -> set[str]:
    return {"."} | {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_dir()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.publish(FIRST)
    made.verify(FIRST)
    return made


def test_a_first_build_leaves_a_spare_tree_of_links(place: Place) -> None:
    assert tree(place.spare) == tree(place.out)
    assert (place.spare / "pr/1/index.html").samefile(place.out / "pr/1/index.html")


def test_only_changes_are_written_and_brought_over(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    second = FIRST | {"pr/1/index.html": b"1"}
    assert place.publish(second).written == 1
    linked: list[str] = []
    real = os.link
    monkeypatch.setattr(os, "link", lambda source, target: (linked.append(source), real(source, target))[1])
    third = {**second, "pr/2/index.html": b"2"}
    assert place.publish(third).written == 1
    assert set(linked) <= {str(place.out / path) for path in ("pr/1/index.html", "index.html", "empty")}, "or what lies beside it"
    place.verify(third)


def test_nothing_is_touched_where_nothing_changed(place: Place) -> None:
    before = [(path, path.stat(follow_symlinks=False)) for folder in (place.out, place.spare) for path in folder.rglob("*")]
    assert place.publish(FIRST).written == 0
    assert [(path, path.stat(follow_symlinks=False)) for path, _ in before] == before


def test_another_key_for_the_same_bytes_is_remembered(place: Place) -> None:
    with locked(place.out):
        staged = Tree(place.out, place.state)
        for path, data in FIRST.items():
            staged.put(path, data, "another key")
        assert (staged.publish(), staged.written) == (False, 0)
    assert {state.key for state in place.known().files.values()} == {"another key"}
    assert place.known().other


def test_readers_of_the_old_version_keep_their_bytes(place: Place) -> None:
    """A file that somebody has open is that of the old version, also when later versions pass through its folder."""
    with (place.out / "pr/1/index.html").open("rb") as first:
        for number in range(4):
            place.publish(FIRST | {"pr/1/index.html": b"%03d" % number})
        assert first.read() == b"one"


def test_a_changed_file_shares_nothing_with_the_old_one(place: Place) -> None:
    place.publish(FIRST | {"pr/1/index.html": b"new"})
    assert (place.spare / "pr/1/index.html").read_bytes() == b"one"
    assert (place.spare / "pr/2/index.html").samefile(place.out / "pr/2/index.html")


def test_files_take_the_place_of_folders_and_folders_of_files(place: Place) -> None:
    for files in (FIRST | {"x": b"file"}, FIRST | {"x/y/z": b"deep", "x/w": b"w"}, FIRST | {"x/y": b"file"}, FIRST | {"x": b"file"}, FIRST):
        place.publish(files)
        place.verify(files)


def test_a_rejected_build_leaves_no_trace(place: Place) -> None:
    place.publish(FIRST | {"pr/3/index.html": b"three"})
    before = place.known()
    place.reject({"index.html": b"bad", "bad": b"bad", "pr/1/bad": b"bad"})
    assert place.known() == before
    assert b"bad" not in tree(place.spare).values()
    assert not place.log.exists()
    place.publish(FIRST)
    place.verify(FIRST)


def test_after_a_rejected_build_that_replaced_a_folder_all_files_are_looked_at(place: Place) -> None:
    place.reject({"index.html": b"bad", "pr": b"bad"})
    assert read_marker(place.spare) == ""
    place.publish(FIRST | {"assets/a.css": b"new"})
    place.verify(FIRST | {"assets/a.css": b"new"})
    assert b"bad" not in tree(place.spare).values()


def test_a_first_build_that_is_rejected_leaves_nothing(tmp_path: Path) -> None:
    Place(tmp_path).reject(FIRST)
    assert list(tmp_path.iterdir()) == []


def in_worker(work: Callable[[], object]) -> int:
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def test_workers_write_pages(place: Place) -> None:
    with locked(place.out):
        staged = Tree(place.out, place.state)
        with multiprocessing.get_context("fork").Pool(2, _enter, (staged,)) as pool:
            for path, (state, written) in pool.imap(_write, [("pr/1/index.html", b"one"), ("pr/9/index.html", b"nine")]):
                staged.accept(path, state, written)
        assert staged.written == 1
        assert [staged.staged(path).read_bytes() for path in staged.paths] == [b"one", b"nine"]
        staged.publish()
    place.verify({"pr/1/index.html": b"one", "pr/9/index.html": b"nine"})


_tree: Tree  # in a worker only


def _enter(staged: Tree) -> None:
    global _tree
    _tree = staged


def _write(item: tuple[str, bytes]) -> tuple[str, object]:
    return item[0], _tree.writer.write(*item)


@pytest.mark.parametrize("ends", ["discard", "publish"])
def test_what_workers_wrote_and_nobody_accepted_is_undone(place: Place, ends: str) -> None:
    with locked(place.out):
        staged = Tree(place.out, place.state)
        assert in_worker(lambda: [staged.writer.write(path, b"bad") for path in ("pr/1/index.html", "pr/7/index.html")]) == 0
        if ends == "publish":
            stage(staged, FIRST | {"index.html": b"new"})
            assert staged.publish()
        else:
            staged.discard()
    place.verify(FIRST | {"index.html": b"new"} if ends == "publish" else FIRST)
    assert b"bad" not in tree(place.spare).values()


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a\0b", MARKER, ".WAYPOST"])
def test_writers_refuse_what_a_tree_refuses(place: Place, path: str) -> None:
    with locked(place.out):
        staged = Tree(place.out, place.state)
        with pytest.raises(OutputError):
            staged.writer.write(path, b"x")
        staged.discard()
    place.verify(FIRST)


def foreign_file(folder: Path) -> None:
    (folder / "pr/1/foreign.txt").write_bytes(b"foreign")


def foreign_folder(folder: Path) -> None:
    (folder / "foreign/deep").mkdir(parents=True)
    (folder / "foreign/deep/file").write_bytes(b"foreign")


def replaced_file(folder: Path) -> None:
    (folder / "pr/2/index.html").unlink()
    (folder / "pr/2/index.html").write_bytes(b"TWO")


def missing_file(folder: Path) -> None:
    (folder / "pr/2/index.html").unlink()


def missing_folder(folder: Path) -> None:
    shutil.rmtree(folder / "pr")


def folder_elsewhere(folder: Path) -> None:
    (folder / "pr").rename(folder.parent / "elsewhere")
    (folder / "pr").symlink_to(folder.parent / "elsewhere")


def no_marker(folder: Path) -> None:
    (folder / MARKER).unlink()


def other_marker(folder: Path) -> None:
    (folder / MARKER).write_text("0" * 64, encoding="ascii")


def file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"")


def link_in_its_place(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to(folder.parent / "elsewhere")


@pytest.mark.parametrize("spoil", [foreign_file, foreign_folder, replaced_file, missing_file, missing_folder, folder_elsewhere,
                                   no_marker, other_marker, shutil.rmtree, file_in_its_place, link_in_its_place])
def test_a_spoilt_spare_tree_spoils_nothing(place: Place, spoil: Callable[[Path], None]) -> None:
    spoil(place.spare)
    elsewhere = place.folder / "elsewhere"
    before = tree(elsewhere)
    second = {"pr/1/index.html": b"1", "pr/2/index.html": b"two", "index.html": b"home"}
    place.publish(second)
    assert tree(elsewhere) == before
    shutil.rmtree(elsewhere, ignore_errors=True)
    place.verify(second)
    place.publish(FIRST)
    place.verify(FIRST)


@pytest.mark.parametrize("spoil", [foreign_file, foreign_folder])
def test_foreign_files_in_the_live_tree_never_come_back(place: Place, spoil: Callable[[Path], None]) -> None:
    spoil(place.out)
    for number in range(3):
        files = FIRST | {"index.html": b"%d" % number}
        place.publish(files)
        place.verify(files, spoilt=number == 0)


@pytest.mark.parametrize("spoil", [missing_file, missing_folder, lambda folder: os.truncate(folder / "pr/2/index.html", 1)])
def test_live_files_that_are_gone_are_made_again(place: Place, spoil: Callable[[Path], None]) -> None:
    spoil(place.out)
    with locked(place.out):
        staged = Tree(place.out, place.state)
        assert not staged.keep("pr/2/index.html", b"two".hex())
        assert "pr/2/index.html" not in staged.live
        staged.discard()
    place.publish(FIRST)
    place.verify(FIRST)


def test_without_a_state_everything_is_made_anew(place: Place) -> None:
    assert place.state is not None
    place.state.unlink()
    place.publish({"pr/1/index.html": b"one", "b": b"b"})
    place.verify({"pr/1/index.html": b"one", "b": b"b"})
    assert tree(place.spare) == tree(place.out)


def test_without_a_cache_nothing_is_kept(tmp_path: Path) -> None:
    place = Place(tmp_path, keeps=False)
    for files in (FIRST, {"a": b"a"}):
        place.publish(files)
        assert place.content() == files
        assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_file_systems_without_hard_links_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(source: str, target: str) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)
    place = Place(tmp_path)
    for files in (FIRST, FIRST | {"a": b"a"}, FIRST | {"b/c": b"c"}, FIRST):
        place.publish(files)
        place.verify(files)


def test_files_are_readable_by_a_web_server(place: Place) -> None:
    old = os.umask(0o022)
    try:
        place.publish(FIRST | {"new/file": b"x"})
    finally:
        os.umask(old)
    assert (place.out / "new/file").stat().st_mode & 0o777 == 0o644
    assert (place.out / "new").stat().st_mode & 0o777 == 0o755


def some_files(chance: random.Random, before: Files) -> Files:
    """A few files changed, added and removed."""
    files = {path: data for path, data in before.items() if chance.random() > 0.15}
    for _ in range(chance.randrange(5)):
        path = "/".join(chance.choice("abc") for _ in range(chance.randrange(3))) + chance.choice(["x", "/index.html", "y/z"])
        path = path.lstrip("/")
        if not any(path.startswith(f"{other}/") or other.startswith(f"{path}/") for other in files):
            files[path] = b"%d" % chance.randrange(30)
    return files


def spoil_at_random(place: Place, chance: random.Random) -> None:
    """What people and machines do between builds."""
    folder = chance.choice([place.out, place.spare])
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != MARKER] if folder.exists() else []
    if found and chance.random() < 0.7:
        chance.choice(found).unlink()
    elif found:
        chance.choice(found).with_name("foreign").write_bytes(b"foreign")
    elif folder.exists():
        shutil.rmtree(folder)


@pytest.mark.parametrize("seed", range(25))
def test_random_edits_give_what_a_fresh_tree_is(tmp_path: Path, seed: int) -> None:
    place, chance, files = Place(tmp_path), random.Random(seed), dict(FIRST)
    for _ in range(12):
        files = some_files(chance, files)
        place.publish(files)
        if spoilt := chance.random() < 0.25:
            spoil_at_random(place, chance)
            files = some_files(chance, files) | {"always": b"%d" % chance.randrange(9999)}
            place.publish(files)
        place.verify(files, spoilt)
        if chance.random() < 0.3:
            place.reject(some_files(chance, files))
            place.verify(files, spoilt)


SYSTEM_CALLS = ["open", "write", "mkdir", "link", "unlink", "rmdir", "rename", "replace", "scandir", "stat"]


def die_after(count: int) -> None:
    """Kills this process at its ``count``th system call that has to do with files."""
    left = [count]

    def dying(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)
        return call

    for name in SYSTEM_CALLS:
        setattr(os, name, dying(getattr(os, name)))


@pytest.mark.parametrize("seed", range(60))
def test_builds_that_are_killed_anywhere_are_made_good(tmp_path: Path, seed: int) -> None:
    """The live tree is one of both versions, whole; the next build gives what was put."""
    place, chance, files = Place(tmp_path), random.Random(seed), dict(FIRST)
    place.publish(files)
    for _ in range(4):
        after = some_files(chance, files) | {"always": b"%d" % chance.randrange(9999)}
        if chance.random() < 0.2 and place.state:
            place.state.unlink(missing_ok=True)

        def build(count: int = chance.randrange(1, 150), after: Files = after) -> None:
            die_after(count)
            place.publish(after)
            os._exit(0)

        assert in_worker(build) in {0, -signal.SIGKILL}
        assert place.content() in (files, after)
        files = chance.choice([after, some_files(chance, after)])
        place.publish(files)
        place.verify(files)


def test_a_build_that_was_killed_before_or_after_the_exchange_lost_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was known of both trees still is, so the next build has nothing to write."""
    second = FIRST | {"pr/1/index.html": b"new"}

    def kill(when: str) -> None:
        from generator import output
        real = output.exchange

        def exchange(spare: Path, out: Path) -> None:
            if when == "after":
                real(spare, out)
            os.kill(os.getpid(), signal.SIGKILL)

        output.exchange = exchange
        place.publish(second)

    assert in_worker(lambda: kill("before")) == -signal.SIGKILL
    assert place.content() == FIRST
    assert place.publish(FIRST).written == 0
    assert in_worker(lambda: kill("after")) == -signal.SIGKILL
    assert place.content() == second
    assert place.publish(second).written == 0
    place.verify(second)


def test_a_foreign_file_in_a_folder_that_goes_is_removed(place: Place) -> None:
    """Also from the version before, in a folder above which nothing else changes."""
    stays = {"a/index.html": b"1", "index.html": b"2"}
    place.publish(stays | {"a/b/index.html": b"3"})
    place.publish(stays | {"a/b/index.html": b"4"})
    (place.out / "a/b/mine.txt").write_bytes(b"mine")
    place.publish(stays | {"a/b/index.html": b"4", "more.html": b"5"})
    place.publish(stays)
    assert tree(place.out).keys() == {*stays, MARKER}
