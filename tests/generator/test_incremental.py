"""Invariants 2 and 3: whatever was edited since, however builds ended and with how many workers, the next one gives what a clean
one gives. ``WAYPOST_EDITS=2000`` makes so many random sequences of edits; a failure names its seed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.generator.bench import Bench
from tests.generator.edits import EDITS
from tests.generator.mishaps import MISHAPS
from tests.generator.stand_ins import Program

TOGETHER = 10  # sequences that are made one after the other with the same portal and cache
MANY = int(os.environ.get("WAYPOST_EDITS", "300")) // TOGETHER
USUAL = 8
STEPS = EDITS + MISHAPS


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    found = Program(tmp_path / "program", monkeypatch)
    yield found
    found.restart()


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= USUAL)) for seed in range(MANY)])
def test_incremental_equals_clean_after_random_edits(tmp_path: Path, program: Program, seed: int) -> None:
    bench = Bench(tmp_path, seed, program)
    bench.build()
    for turn in range(TOGETHER):
        bench.reset()
        done = []
        for _ in range(bench.random.randrange(3, 7)):
            step = bench.random.choice(STEPS)
            done.append(step.__name__)
            try:
                if not bench.apply(step):
                    done[-1] += " (taken back)"
                if bench.random.random() < 0.1:
                    bench.compare()
            except BaseException as error:
                error.add_note(f"seed {seed}, sequence {turn}: {', '.join(done)}")
                raise
        try:
            bench.compare()
        except AssertionError as error:
            error.add_note(f"seed {seed}, sequence {turn}: {', '.join(done)}")
            raise


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_incremental_equals_clean_after_each_edit(tmp_path: Path, program: Program, step: Callable[[Bench], None]) -> None:
    bench = Bench(tmp_path, 7, program)
    bench.build()
    assert bench.apply(step)
    bench.compare()
