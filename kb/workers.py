"""Work that forked processes share: they have what the calling process had, so only results travel."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import TypeVar, cast

_Result = TypeVar("_Result")
_SET_PDEATHSIG = 1  # prctl(2)
_SELDOM = (100_000, 50, 1000)
_FEW = 8  # times that each process is handed work


class WorkerLost(Exception):
    """A process ended before its work did."""


def collect_seldom() -> None:
    """For processes that make millions of objects, hardly any in circles: looking for garbage takes a tenth of the time."""
    gc.set_threshold(*_SELDOM)


def done(work: Sequence[Callable[[], _Result]], jobs: int, least: int = 200, chunk: int = 0) -> Iterator[_Result]:
    """The results of all pieces of work in their order; with less than ``least`` of them, or one job, without other processes.

    ``chunk`` pieces are handed over at once; 0 leaves it to their number. Raises WorkerLost.
    """
    if jobs < 2 or len(work) < least:
        yield from (piece() for piece in work)
        return
    size = chunk or max(1, len(work) // (jobs * _FEW))
    gc.freeze()  # what is there now is never garbage; looking at it again and again would take a tenth of the time
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _enter, (work,)) as pool:
            yield from cast(Iterator[_Result], pool.map(_piece, range(len(work)), chunksize=size))
    except BrokenProcessPool:
        raise WorkerLost("a worker was killed, perhaps because memory ran out; build with --jobs 1") from None
    finally:
        gc.unfreeze()


@contextmanager
def beside(work: Callable[[], _Result]) -> Iterator[Callable[[], _Result]]:
    """Work in another process, which ends with the context; the function waits for its result. Raises WorkerLost then."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_send, args=(sender, work), daemon=True)
    process.start()
    sender.close()

    pool = ThreadPoolExecutor(1)
    received = pool.submit(receiver.recv)  # at once, or the process would live until it is asked

    def result() -> _Result:
        try:
            found = cast("_Result | Exception", received.result())
        except (EOFError, OSError):
            raise WorkerLost("a worker was killed, perhaps because memory ran out") from None
        if isinstance(found, Exception):
            raise found
        return found

    try:
        yield result
    finally:
        process.terminate()
        process.join()
        pool.shutdown()
        receiver.close()


def _send(sender: Connection, work: Callable[[], object]) -> None:
    try:
        sender.send(work())
    except Exception as error:
        sender.send(error)


_inherited: Sequence[Callable[[], object]]  # in a worker only: what it had when it was forked


def _enter(work: Sequence[Callable[[], object]]) -> None:
    """Prepares a worker. It ends with the calling process even where that is killed, so that it writes nothing later."""
    global _inherited
    with suppress(AttributeError):  # Linux alone has it
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)
    collect_seldom()
    _inherited = work


def _piece(number: int) -> object:
    return _inherited[number]()
