"""Invariants 2 and 3: whatever was edited since, however builds ended and with how many workers, the next one gives what a clean
one gives. ``WAYPOST_EDITS=2000`` makes so many random sequences of edits, and some on a site of some thousand records (``make edits``:
300); a failure names its seed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.benchmarks.sites import Size
from tests.benchmarks.sites import write_site as write_large_site
from tests.generator.bench import Bench, killed_build
from tests.generator.edits import EDITS, change_body
from tests.generator.mishaps import MISHAPS
from tests.generator.stand_ins import Program
from tests.generator.support import build_site, tree

TOGETHER = 10  # sequences that are made one after the other with the same portal and cache
ASKED = int(os.environ.get("WAYPOST_EDITS", "0"))
MANY, USUAL = (ASKED or 40) // TOGETHER, 4
REPORTS = 3_000  # of the large site
STEPS = EDITS + MISHAPS


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with pytest.MonkeyPatch.context() as patch:
        found = Program(tmp_path_factory.mktemp("program"), patch)
        yield found
        found.reset()
    found.restart()


@pytest.fixture
def program(installed: Program) -> Program:
    installed.reset()
    return installed


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, installed: Program) -> Bench:
    """A bench for edits that are tried one by one."""
    return Bench(tmp_path_factory.mktemp("shared"), 7, installed)


def play(bench: Bench, steps: int, turn: str) -> None:
    """Makes random edits, each with a build, and compares with a clean build at the end and sometimes on the way."""
    done: list[str] = []
    try:
        for number in range(steps):
            step = bench.random.choice(STEPS)
            done.append(step.__name__)
            if not bench.apply(step):
                done[-1] += " (taken back)"
            if number == steps - 1 or bench.random.random() < 0.05:
                bench.compare()
    except BaseException as error:
        error.add_note(f"{turn}: {', '.join(done)}")
        raise


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= USUAL)) for seed in range(MANY)])
def test_incremental_equals_clean_after_random_edits(tmp_path: Path, program: Program, seed: int) -> None:
    bench = Bench(tmp_path, seed, program)
    bench.build()
    for turn in range(TOGETHER):
        bench.reset()
        play(bench, bench.random.randrange(3, 7), f"seed {seed}, sequence {turn}")


@pytest.mark.slow
@pytest.mark.skipif(not ASKED, reason="takes minutes; ask for it with WAYPOST_EDITS=2000")
@pytest.mark.parametrize("lines", [False, True], ids=["files", "lines"])
def test_incremental_equals_clean_after_random_edits_of_a_large_site(tmp_path: Path, program: Program, lines: bool) -> None:
    write_large_site(tmp_path / "large", Size.of(REPORTS), lines)
    bench = Bench(tmp_path, f"large {lines}", program, tmp_path / "large")
    bench.build()
    for turn in range(max(1, ASKED // 200)):
        play(bench, 6, f"large site, sequence {turn}")


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_incremental_equals_clean_after_each_edit(shared: Bench, program: Program, step: Callable[[Bench], None]) -> None:
    shared.reset()
    shared.build()
    assert shared.apply(step)
    shared.compare()


def test_nothing_is_written_where_nothing_changed(quick_shell: None, tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    bench.build()
    before = bench.out.stat().st_ino
    summary = build_site(bench.root, bench.out, bench.cache)
    assert (summary.changed, summary.written, summary.rendered) == (False, 0, 0)
    assert bench.out.stat().st_ino == before


def test_a_killed_build_leaves_no_litter_behind_the_next(quick_shell: None, tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    bench.build()
    before = tree(bench.out)
    change_body(bench)
    killed_build(bench, "staging", 5)
    assert tree(bench.out) == before
    assert (tmp_path / ".out.spare.log").read_bytes().count(b"\0") == 4
    bench.build()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.spare", "cache", "out", "site"]
