"""Invariant 4: the live tree is the old portal or the new one, whatever fails when."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from generator import output, output_folder
from generator.build import BuildFailed
from generator.output import MARKER, Tree
from generator.output_folder import OutputError, locked
from generator.plan import Draft
from generator.prose import ProseIndex, ProseIndexError
from generator.spare import Spare
from generator.work import Outcome, Workshop
from tests.generator.support import build_site, edit, tree, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")


class Live:
    """A site with its portal; the site has changed since."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.out, self.cache = folder, write_site(folder / "site"), folder / "out", folder / "cache"
        build_site(self.root, self.out, self.cache)
        self.before, self.inode = tree(self.out), self.out.stat().st_ino
        edit(self.root, "articles/KB10002.md", "Use a brush.", "Use a soft brush.")

    def build(self) -> None:
        build_site(self.root, self.out, self.cache)

    def forget(self) -> None:
        """Somebody deletes the cache."""
        shutil.rmtree(self.cache)

    def is_untouched(self) -> bool:
        return tree(self.out) == self.before and self.out.stat().st_ino == self.inode

    def litter(self) -> list[str]:
        """What lies beside the portal but for the spare tree, which is kept from build to build."""
        return sorted(path.name for path in self.folder.iterdir() if path.name not in {"site", "out", "cache", ".out.spare"})


@pytest.fixture
def live(tmp_path: Path) -> Live:
    return Live(tmp_path)


BAD_INPUT: dict[str, tuple[str, str]] = {
    "portal": ("portal.yml", "name: [\n"),
    "products": ("products.yml", "products: []\n"),
    "record": ("articles/KB10009.md", "---\nid: KB10009\n---\n"),
    "link": ("articles/KB10009.md", "---\nid: KB10009\nstatus: published\ntitle: T\nsummary: S\nproducts: [box]\n"
                                    "created: 2026-01-01\nupdated: 2026-01-01\n---\n\n[[KB77777]]\n"),
    "dead address": ("articles/KB10009.md", "---\nid: KB10009\nstatus: published\ntitle: T\nsummary: S\nproducts: [box]\n"
                                            "created: 2026-01-01\nupdated: 2026-01-01\n---\n\n[x](/nowhere/)\n"),
    "redirect over a page": ("redirects.yml", "/kb/KB10001: /pr/\n"),
    "redirect to nowhere": ("redirects.yml", "/old/here: /nowhere/\n"),
    "page front matter": ("pages/index.md", "---\ntitle: [\n---\n"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_wrong_input_leaves_the_portal_as_it_was(live: Live, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if case == "page front matter":
        monkeypatch.undo()
    path, text = BAD_INPUT[case]
    write(live.root, path, text)
    with pytest.raises(BuildFailed) as failed:
        live.build()
    assert path in {finding.path for finding in failed.value.findings if finding.level == "error"}
    assert live.is_untouched()
    assert live.litter() == []


def test_a_failure_of_pagefind_leaves_the_portal_as_it_was(live: Live, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "site" / "pagefind"
    broken.write_text("#!/bin/sh\necho no space >&2\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr("generator.prose.get_executable", lambda: str(broken))
    with pytest.raises(BuildFailed) as failed:
        live.build()
    assert str(failed.value.findings[0]) == ": pagefind: failed: no space; report it with this message"
    assert live.is_untouched()
    assert live.litter() == []
    monkeypatch.undo()


def test_an_index_that_fails_is_not_cached(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: Path, target: Path) -> None:
        (target / "index").mkdir(parents=True)
        (target / "pagefind.js").write_text("half", encoding="utf-8")
        raise ProseIndexError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("generator.prose._run", fail)
        with pytest.raises(BuildFailed):
            live.build()
    live.build()
    assert b"half" not in tree(live.out)["pagefind/pagefind.js"]


def full_disk(*_arguments: object, **_named: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def after(count: int, real: Callable[..., object]) -> Callable[..., object]:
    """The function until its ``count``th call, which fails as on a full disk."""
    left = [count]

    def function(*arguments: object, **named: object) -> object:
        left[0] -= 1
        if left[0] <= 0:
            full_disk()
        return real(*arguments, **named)

    return function


DISK_ERRORS: dict[str, tuple[object, str, int]] = {
    "log": (output, "Log", 1),
    "first file": (Tree, "put", 1),
    "some page": (Spare, "write", 3),
    "a late file": (Spare, "write", 6),
    "opening a file": (Spare, "_create", 2),
    "attachment": (Tree, "copy", 1),
    "what is left to do": (Spare, "settle", 1),
    "foreign files": (Spare, "sweep", 1),
    "marker": (output, "write_marker", 1),
    "state": (output, "save_state", 1),
    "exchange": (output, "exchange", 1),
    "index": (ProseIndex, "put_into", 1),
}


@pytest.mark.parametrize("case", DISK_ERRORS)
def test_a_disk_error_leaves_the_portal_as_it_was(live: Live, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    holder, name, count = DISK_ERRORS[case]
    with monkeypatch.context() as patch:
        patch.setattr(holder, name, after(count, getattr(holder, name)))
        with pytest.raises((OSError, OutputError)):
            live.build()
    assert live.is_untouched()
    assert live.litter() == []
    live.build()
    assert b"soft brush" in tree(live.out)["kb/KB10002/index.html"]


def test_an_error_after_the_exchange_leaves_the_new_portal_whole(live: Live, monkeypatch: pytest.MonkeyPatch,
                                                                 tmp_path: Path) -> None:
    """Such as a disk that is full when the spare tree is to be brought up to the live one."""
    live.forget()
    with monkeypatch.context() as patch:
        patch.setattr(Spare, "link", after(2, Spare.link))
        live.build()
    build_site(live.root, tmp_path / "clean", None)
    assert tree(live.out) == tree(tmp_path / "clean")
    assert not (tmp_path / ".out.spare").exists()
    edit(live.root, "articles/KB10002.md", "soft brush", "hard brush")
    edit(live.root, "articles/KB10001.md", "Press the button", "Press it")
    live.build()
    build_site(live.root, tmp_path / "clean", None)
    assert tree(live.out) == tree(tmp_path / "clean")


LOSE_A_WORKER = """\
import os, signal, sys
import generator.work
from generator.cli import main
parent, real = os.getpid(), generator.work.Workshop.make
def make(self, drafts):
    if os.getpid() != parent and any("KB10002" in draft.path for draft in drafts):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, drafts)
generator.work.Workshop.make, generator.work.PARALLEL_FROM, generator.work.CHUNK = make, 0, 2
main(sys.argv[1:])
"""


def test_a_killed_worker_ends_the_build(live: Live) -> None:
    """As when memory runs out; it must not wait for ever."""
    arguments = ["build", "--site", str(live.root), "--out", str(live.out), "--jobs", "2"]
    done = subprocess.run([sys.executable, "-c", LOSE_A_WORKER, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (
        1, "a worker was killed, perhaps because memory ran out; build with --jobs 1\n")
    assert live.is_untouched()
    assert live.litter() == []


def test_an_error_in_a_worker_ends_the_build(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Workshop, drafts: Sequence[Draft]) -> list[Outcome]:
        raise ValueError(drafts[0].path)

    monkeypatch.setattr("generator.work.PARALLEL_FROM", 0)
    monkeypatch.setattr(Workshop, "make", fail)
    with pytest.raises(ValueError):
        build_site(live.root, live.out, live.cache, jobs=2)
    assert live.is_untouched()
    assert live.litter() == []


def test_readers_never_see_less_than_a_whole_portal(live: Live) -> None:
    """While builds replace the tree, every file is there at all times, whole, and no file is older than one read before."""
    stop, seen, wrong = threading.Event(), set(), []

    def read() -> None:
        newest = 0
        while not stop.is_set() and not wrong:
            for path in ("kb/KB10002/index.html", "ru/kb/KB10002/index.html"):
                try:
                    html = (live.out / path).read_text(encoding="utf-8")
                    version = int(html[html.index("Use version ") + 12 : html.index(" of a brush")])
                except (OSError, ValueError) as error:
                    wrong.append(f"{path}: {error!r}")
                    continue
                if version < newest or not html.endswith("</html>"):
                    wrong.append(f"{path}: version {version} after {newest}")
                newest = version
                seen.add(version)

    set_version(live, 0)
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(1, 5):
            set_version(live, number)
    finally:
        stop.set()
        reader.join()
    assert wrong == []
    assert len(seen) > 1


def set_version(live: Live, number: int) -> None:
    text = (live.root / "articles/KB10002.md").read_text(encoding="utf-8")
    start = text.index("Use ")
    write(live.root, "articles/KB10002.md", f"{text[:start]}Use version {number} of a brush.\n")
    live.build()


def test_a_folder_that_no_build_made_is_refused(live: Live, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    write(precious, "thesis.txt", "years of work")
    with pytest.raises(OutputError) as refused:
        build_site(live.root, precious, live.cache)
    assert str(refused.value) == f"{precious} holds files that no build made; empty it or choose another --out"
    assert tree(precious) == {"thesis.txt": b"years of work"}


def test_a_portal_without_its_marker_is_refused(live: Live) -> None:
    (live.out / MARKER).unlink()
    with pytest.raises(OutputError, match="holds files that no build made"):
        live.build()


def test_an_empty_folder_is_used(live: Live, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    build_site(live.root, tmp_path / "empty", None)
    assert (tmp_path / "empty" / "index.html").is_file()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_refused(live: Live, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    if kind == "file":
        target.write_text("mine", encoding="utf-8")
    else:
        target.symlink_to(live.out)
    with pytest.raises(OutputError) as refused:
        build_site(live.root, target, None)
    assert str(refused.value) == f"{target} is no folder; choose another --out"
    assert live.is_untouched()


def test_a_file_where_a_folder_must_be_is_refused(live: Live, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError) as refused:
        build_site(live.root, tmp_path / "file" / "out", None)
    assert "cannot write beside" in str(refused.value)


def test_of_two_builds_at_once_the_second_is_refused(live: Live) -> None:
    with locked(live.out):
        with pytest.raises(OutputError) as refused:
            live.build()
        assert str(refused.value) == f"another build is writing {live.out}; wait for it to end"
        assert live.is_untouched()
    live.build()
    assert live.litter() == []


def test_a_lock_file_that_was_just_removed_locks_nothing(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking the file, the build that had it removed it, and a third one may have made it anew."""
    real = output_folder.fcntl.flock

    def flock(handle: object, operation: int) -> None:
        real(handle, operation)  # type: ignore[arg-type]
        (live.folder / ".out.lock").unlink()

    monkeypatch.setattr("generator.output_folder.fcntl.flock", flock)
    with pytest.raises(OutputError, match="another build is writing"):
        live.build()


def test_what_killed_builds_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    root, out = write_site(tmp_path / "site"), tmp_path / "out[1]"
    write(tmp_path, ".out[1].staging-99/x", "")
    write(tmp_path, ".out1.staging-99/x", "")
    build_site(root, out, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out1.staging-99", "out[1]", "site"]


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a\0b"])
def test_nothing_is_written_outside_the_tree(tmp_path: Path, path: str) -> None:
    staged = Tree(tmp_path / "out", None)
    with pytest.raises(OutputError) as refused:
        staged.put(path, b"")
    assert str(refused.value) == f"refused to write outside the output folder: {path!r}"
    staged.discard()


@pytest.mark.parametrize(("first", "second"), [("a/b", "a/b"), ("a/b", "A/B"), ("x", ".waypost")])
def test_no_two_files_have_one_address(tmp_path: Path, first: str, second: str) -> None:
    staged = Tree(tmp_path / "out", None)
    staged.put(first, b"")
    with pytest.raises(OutputError) as refused:
        staged.put(second, b"")
    assert str(refused.value) == f"two files claim the address {second!r}; rename one of their sources"
    staged.discard()


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system that cannot exchange two folders in one step."""
    monkeypatch.setattr("generator.spare.ctypes.CDLL", lambda *arguments, **named: object())
    yield


def test_systems_without_an_exchange_replace_in_two_steps(live: Live, no_exchange: None) -> None:
    live.build()
    assert b"soft brush" in tree(live.out)["kb/KB10002/index.html"]
    assert live.litter() == []


def test_a_failing_second_step_brings_the_old_tree_back(live: Live, no_exchange: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if ".spare" in self.name:
            full_disk()
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="No space"):
        live.build()
    assert live.is_untouched()
    assert live.litter() == []


def test_a_build_that_was_killed_between_the_two_steps_is_made_good(live: Live) -> None:
    live.out.rename(live.folder / ".out.old-99")
    with locked(live.out):
        assert live.is_untouched()
    assert live.litter() == []


def test_links_in_the_live_tree_are_not_followed(live: Live, tmp_path: Path) -> None:
    """Somebody replaced a file of the live tree by a link: the next build has the file again, and what it led to is as it was."""
    target = tmp_path / "site" / "target.html"
    page = live.out / "kb/KB10001/index.html"
    shutil.copyfile(page, target)
    content = page.read_bytes()
    page.unlink()
    page.symlink_to(target)
    live.build()
    assert not page.is_symlink()
    assert page.read_bytes() == content == target.read_bytes()
