"""Invariant 4 under kill -9: the live tree is one whole version at any time, and the next run makes good what was left.

``WAYPOST_KILLS=200`` kills so often (``make kills``); a seed is printed, and WAYPOST_SEED chooses another one.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.build import Options, build_all
from generator.publishing.versions import VERSIONS
from kb.audiences import ALL
from tests.generator.publishing_support import (
    is_whole,
    killed_after,
    killed_at_step,
    killed_at_switch,
    manifest_of,
    publish,
    seed_of,
    step_to_die_at,
    steps_of,
)
from tests.generator.support import AT, article, build_site, edit, plain_shell, tree, write_site

pytestmark = pytest.mark.slow
AUDIENCES = ("public", "partner", "internal")
KILLS = int(os.environ.get("WAYPOST_KILLS", "20"))


def test_a_killed_publisher_leaves_one_whole_version(versions: tuple[Path, Path], tmp_path: Path) -> None:
    target, numbers = tmp_path / "portal", seed_of("publish")
    begun = time.perf_counter()
    publish(versions[0], target)
    seconds = time.perf_counter() - begun
    trial = shutil.copytree(target, tmp_path / "trial", symlinks=True)
    steps = steps_of(lambda: publish(versions[1], trial, keep=2))
    killed = 0
    for number in range(KILLS):
        out = versions[(number + 1) % 2]
        before = manifest_of(target)

        def work(out: Path = out) -> None:
            publish(out, target, keep=2)

        if number % 2:
            killed += killed_at_step(work, step_to_die_at(steps, numbers))
        else:
            killed += killed_after(work, numbers.uniform(0, seconds))
        assert is_whole(target), number
        assert manifest_of(target).digest in {before.digest, (out / ".waypost").read_text().strip()}
        if number % 4 == 3:  # the next run makes good, and nothing is left over
            publish(out, target, keep=2)
            assert is_whole(target)
            assert manifest_of(target).digest == (out / ".waypost").read_text().strip()
            names = {path.name for path in (target / VERSIONS).iterdir()}
            assert len(names) <= 2 and not [name for name in names if name.startswith(".")]
            assert {path.stem for path in (target / ".waypost").glob("0*.json")} == names
    print(f"{killed} of {KILLS} were killed before their end, {len(steps)} steps or {seconds:.2f} s")
    assert killed > KILLS / 3


def test_a_killed_first_publisher_leaves_nothing_live_or_everything(versions: tuple[Path, Path], tmp_path: Path) -> None:
    numbers = seed_of("first")
    steps = steps_of(lambda: publish(versions[0], tmp_path / "trial"))
    for number in range(max(4, KILLS // 10)):
        target = tmp_path / f"portal{number}"
        killed_at_step(lambda target=target: publish(versions[0], target), step_to_die_at(steps, numbers))  # type: ignore[misc]
        assert not (target / "current").exists() or is_whole(target)
        publish(versions[1], target)
        assert is_whole(target)


@pytest.mark.usefixtures("quick_shell")
def test_a_killed_build_leaves_one_whole_tree(tmp_path: Path) -> None:
    """Real kills at any step of a build and at any time of it, its workers included."""
    numbers = seed_of("build")
    root, out, cache = write_site(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    texts = ("Use a brush.", "Use a soft brush.")
    whole = []
    for name, text in zip(("one", "two"), texts, strict=True):
        if name == "two":
            edit(root, "articles/KB10002.md", texts[0], text)
        build_site(root, tmp_path / name, None)
        whole.append(tree(tmp_path / name))
    begun = time.perf_counter()
    build_site(root, out, cache)
    seconds = time.perf_counter() - begun
    now = 1
    work: Callable[[], object] = lambda: build_site(root, out, cache)  # noqa: E731
    edit(root, "articles/KB10002.md", texts[1], texts[0])
    steps = steps_of(lambda: build_site(root, out, cache))
    edit(root, "articles/KB10002.md", texts[0], texts[1])
    build_site(root, out, cache)
    killed = 0
    for number in range(KILLS):
        edit(root, "articles/KB10002.md", texts[now], texts[1 - now])
        now = 1 - now
        killed += killed_at_step(work, step_to_die_at(steps, numbers)) if number % 2 \
            else killed_after(work, numbers.uniform(0, seconds))
        assert tree(out) in whole, number
        if number % 4 == 3:
            work()
            assert tree(out) == whole[now], number
    print(f"{killed} of {KILLS} were killed before their end, {len(steps)} steps or {seconds:.2f} s")
    assert killed > KILLS / 3


def audience_site(root: Path) -> Path:
    """A site of which each audience sees another part."""
    return write_site(root, {f"articles/KB1010{number}.md": article(f"KB1010{number}", audience=name) for number, name in enumerate(AUDIENCES)})


def trees_of(out: Path) -> dict[str, dict[str, bytes]]:
    return {name: tree(out / name) for name in AUDIENCES}


@pytest.mark.usefixtures("quick_shell")
def test_a_killed_build_of_all_audiences_leaves_whole_trees(tmp_path: Path) -> None:
    """Killed between the switches of two trees, and at any other step, it leaves each tree in one of its versions; the next run
    makes them agree."""
    numbers = seed_of("audiences")
    root, out, cache = audience_site(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    texts, now = ("Use a brush.", "Use a soft brush."), 0

    def work(into: Path = out, kept: Path | None = cache) -> None:
        build_all(Options(root, into, AT, ALL, False, kept, 1, rewrites=("all",)))

    def turn() -> None:
        nonlocal now
        edit(root, "articles/KB10002.md", texts[now], texts[1 - now])
        now = 1 - now

    whole = []
    for name in ("one", "two"):
        work(tmp_path / name, None)
        whole.append(trees_of(tmp_path / name))
        turn()
    assert len({len(found) for found in whole[0].values()}) == len(AUDIENCES)
    assert all(whole[0][name] != whole[1][name] for name in AUDIENCES)
    work()
    turn()
    steps = steps_of(work)
    torn = killed = 0
    for number in range(1, len(AUDIENCES) + 2 + max(2, KILLS // 10)):
        was_torn = trees_of(out) not in whole
        turn()
        if number <= len(AUDIENCES):
            assert killed_at_switch(work, number)
            killed += 1
        else:
            killed += killed_at_step(work, step_to_die_at(steps, numbers))
        found = trees_of(out)
        assert all(found[name] in (whole[0][name], whole[1][name]) for name in AUDIENCES), number
        torn += found not in whole and not was_torn
        if number <= len(AUDIENCES) or number % 2:
            work()
            assert trees_of(out) == whole[now], number
    print(f"{killed} were killed before their end, {torn} of them between two switches")
    assert torn >= len(AUDIENCES) - 1


def test_a_killed_publisher_of_all_audiences_leaves_them_together(tmp_path: Path) -> None:
    numbers, root, target = seed_of("together"), audience_site(tmp_path / "site"), tmp_path / "portal"
    digests = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("generator.build.make_shell", plain_shell)
        for name in ("one", "two"):
            build_all(Options(root, tmp_path / name, AT, ALL, False, tmp_path / "cache", 1, rewrites=("all",)))
            publish(tmp_path / name, tmp_path / f"portal-{name}")
            digests.append(manifest_of(tmp_path / f"portal-{name}").digest)
            edit(root, "articles/KB10002.md", "brush.", "brush. And wait.")
    publish(tmp_path / "one", target)
    steps = steps_of(lambda: publish(tmp_path / "two", shutil.copytree(target, tmp_path / "trial", symlinks=True), keep=2))
    killed = 0
    for number in range(max(4, KILLS // 10)):
        out = tmp_path / ("two", "one")[number % 2]
        killed += killed_at_step(lambda out=out: publish(out, target, keep=2), step_to_die_at(steps, numbers))  # type: ignore[misc]
        assert is_whole(target), number
        assert manifest_of(target).digest in digests
        assert {path.name for path in (target / "current").iterdir()} == set(AUDIENCES)
        if number % 2:
            publish(out, target, keep=2)
            assert is_whole(target)
            assert manifest_of(target).digest == digests[1 - number % 2]
    print(f"{killed} were killed before their end, {len(steps)} steps")
    assert killed
