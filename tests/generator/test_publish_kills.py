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

from generator.publishing.versions import VERSIONS
from tests.generator.publishing_support import (
    is_whole,
    killed_after,
    killed_at_step,
    manifest_of,
    publish,
    seed_of,
    step_to_die_at,
    steps_of,
)
from tests.generator.support import build_site, edit, tree, write_site

pytestmark = pytest.mark.slow
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
