"""Work that forked processes share: they have what the calling process had, so only results travel."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar, cast

_Result = TypeVar("_Result")
_FEW = 8  # pieces of work at once for each process


def done(work: Sequence[Callable[[], _Result]], jobs: int, least: int = 200) -> Iterator[_Result]:
    """The results of all pieces of work in their order; with less than ``least`` of them, or one job, without other processes."""
    if jobs < 2 or len(work) < least:
        yield from (piece() for piece in work)
        return
    size = max(1, len(work) // (jobs * _FEW))
    gc.freeze()  # what is there now is never garbage; looking at it again and again would take a tenth of the time
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _enter, (work,)) as pool:
            yield from cast(Iterator[_Result], pool.map(_piece, range(len(work)), chunksize=size))
    finally:
        gc.unfreeze()


_inherited: Sequence[Callable[[], object]]  # in a worker only: what it had when it was forked


def _enter(work: Sequence[Callable[[], object]]) -> None:
    global _inherited
    _inherited = work
    gc.disable()


def _piece(number: int) -> object:
    return _inherited[number]()
