"""Runs work in a process of its own and measures it: seconds, processor seconds, highest memory of the process and its children."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple


class Measured(NamedTuple):
    """``memory`` in bytes: the highest sum of proportional set sizes (shared pages count once) of all processes."""

    result: Any
    seconds: float
    cpu: float
    memory: int


def measured(work: Callable[..., Any], *arguments: Any) -> Measured:
    """What ``work`` gives, and what it took. Memory that the arguments take counts too."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_run, args=(sender, work, arguments))
    process.start()
    sender.close()
    stop, highest = Event(), [0]

    def watch() -> None:
        while not stop.wait(2):  # counting pages takes time of its own
            highest[0] = max(highest[0], sum(map(_memory, _tree(process.pid or 0))))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        result, seconds, cpu = receiver.recv()
    finally:
        process.join()
        stop.set()
        watcher.join()
    return Measured(result, seconds, cpu, highest[0])


def _run(sender: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    start = time.perf_counter()
    result = work(*arguments)
    seconds = time.perf_counter() - start
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    sender.send((result, seconds, sum(item.ru_utime + item.ru_stime for item in usage)))


def _tree(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _memory(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{os.cpu_count()} cores, {memory / 2**30:.0f} GB"
