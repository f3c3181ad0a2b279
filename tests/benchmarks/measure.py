"""Measures a function or a command: seconds, processor seconds, highest memory of its process and all that descend from it."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

EVERY = 0.5
_SHARE = 20  # of the time at most one part in this many goes into counting memory, which holds up who maps memory meanwhile


class Failed(Exception):
    """A command ended with an error; the text holds the last lines that it wrote."""


class Measured(NamedTuple):
    """What came back (of a command: its standard output), wall and processor seconds; ``memory`` in bytes: the highest sum of
    proportional set sizes (shared pages count once) of all processes at one time, looked at every half second."""

    result: Any
    seconds: float
    cpu: float
    memory: int


def measured(work: Callable[..., Any], *arguments: Any) -> Measured:
    """What ``work`` gives in a forked process, and what it took. Memory that the arguments take counts too."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_run, args=(sender, work, arguments))
    process.start()
    sender.close()
    with _watched(process.pid or 0) as highest:
        try:
            result, seconds, cpu = receiver.recv()
        finally:
            process.join()
    return Measured(result, seconds, cpu, highest[0])


def measured_command(command: Sequence[str], env: Mapping[str, str] | None = None) -> Measured:
    """What a command takes from its start to its end, its own start-up included; raises ``Failed`` where it ends with an error.

    A command that is over before its memory was looked at often counts with at least the memory of its largest process.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        os.sync()  # what others have written must not be written to disk in this command's time
        start = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        with _watched(process.pid) as highest:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
        if process.returncode:
            err.seek(0)
            said = "\n".join((text + err.read()).splitlines()[-10:])
            raise Failed(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Measured(text, seconds, usage.ru_utime + usage.ru_stime, max(highest[0], _largest(usage)))


def _largest(usage: resource.struct_rusage) -> int:
    """Bytes of the largest of the processes, 0 where it is not known: what this process held when it started them counts as theirs."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage.ru_maxrss * 1024 if usage.ru_maxrss > own else 0


@contextmanager
def _watched(root: int) -> Iterator[list[int]]:
    """The highest memory of a process and its descendants so far, in bytes, in a list of one."""
    stop, highest = Event(), [0]

    def watch() -> None:
        pause = EVERY / 5  # the first look comes early: a short command has a peak too
        while not stop.wait(pause):
            start = time.perf_counter()
            highest[0] = max(highest[0], sum(map(_memory, tree(root))))
            pause = max(EVERY, _SHARE * (time.perf_counter() - start))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield highest
    finally:
        stop.set()
        watcher.join()


def _run(sender: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    start = time.perf_counter()
    result = work(*arguments)
    seconds = time.perf_counter() - start
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    sender.send((result, seconds, sum(item.ru_utime + item.ru_stime for item in usage)))


def tree(root: int) -> list[int]:
    """A process and all that descend from it; children stand with the thread that started them (proc(5))."""
    found = [root]
    for pid in found:
        try:
            found += [int(child) for thread in Path(f"/proc/{pid}/task").iterdir()
                      for child in (thread / "children").read_text().split()]
        except OSError:
            continue  # over meanwhile
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
    """Cores, memory and processor of this machine in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return ", ".join([f"{os.cpu_count()} cores", f"{memory / 2**30:.0f} GB", *names[:1]])
