"""Small portals that differ, targets to publish them to, and ways to kill who does it."""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator import output
from generator.publishing.folder import Folder
from generator.publishing.manifest import Manifest, decoded
from generator.publishing.run import Order, Outcome, publish_version
from generator.publishing.source import digest_of, fact_of, list_files
from generator.publishing.versions import OWN
from generator.tree_state import write_marker
from kb.reporting import quiet
from tests.generator.support import build_site, edit, plain_shell, write_site

_KEPT = re.compile(r"(kb|advisories)/.*|index\.html|sitemap\.xml|redirects/.*|api/.*|\.well-known/.*|attachments/.*|feeds/all\..*|prsearch/root\.json"
                   r"|prsearch/p/.*|assets/(waypost|find|dom).*")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# Audit events (docs.python.org/3/library/audit_events) that come just before something changes on the disk.
_STEPS = frozenset({"open", "os.rename", "os.link", "os.symlink", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod",
                    "shutil.rmtree", "shutil.copyfile", "fcntl.flock", "fcntl.ioctl"})


def order(out: Path, **changes: object) -> Order:
    return Order(out, **{"now": NOW, "owner": "a test", **changes})  # type: ignore[arg-type]


def publish(out: Path, target: Path, **changes: object) -> Outcome:
    return publish_version(Folder(target), order(out, **changes), quiet)


def manifest_of(target: Path, version: str = "") -> Manifest:
    """The manifest of a version, of the live one where none is named."""
    name = version or (target / "current").readlink().name
    return decoded((target / OWN / f"{name}.json").read_bytes(), name)


def is_whole(target: Path) -> bool:
    """Whether all files of the live tree are as its manifest says, and there are no others."""
    live = (target / "current").resolve()
    return {path: fact_of(live / path) for path in list_files(live)} == manifest_of(target).files


def killed_at_step(work: Callable[[], object], step: int) -> bool:
    """Runs something in another process that is killed just before its ``step``th change of the disk, counted from its first
    rename where the number is negative; whether it came to that."""
    return _killed(work, lambda: sys.addaudithook(_Countdown(step)), None)


def killed_after(work: Callable[[], object], seconds: float) -> bool:
    """The same, after a time."""
    return _killed(work, lambda: None, seconds)


def killed_at_switch(work: Callable[[], object], number: int) -> bool:
    """Runs a build in another process that is killed just before it switches its ``number``th tree, or behind its end where it has
    fewer to switch."""

    def doomed() -> None:
        real, left = output.exchange, number

        def exchange(spare: Path, live: Path) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            real(spare, live)

        output.exchange = exchange  # in that process alone
        work()

    return _killed(doomed, lambda: None, None)


class _Countdown:
    def __init__(self, step: int) -> None:
        self.left, self.counts = abs(step), step > 0

    def __call__(self, event: str, arguments: object) -> None:
        self.counts = self.counts or event == "os.rename"
        if self.counts and event in _STEPS:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _killed(work: Callable[[], object], begin: Callable[[], object], seconds: float | None) -> bool:
    child = os.fork()
    if child == 0:
        try:
            os.setpgid(0, 0)  # with its workers
            begin()
            work()
        finally:
            os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        with_workers = os.getpgid(child) == child
        (os.killpg if with_workers else os.kill)(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert status == 0, f"the process ended in another way: {status}"
    return False


def steps_of(work: Callable[[], object]) -> list[str]:
    """The changes of the disk that something makes, by their audit events, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        steps: list[str] = []
        sys.addaudithook(lambda event, _arguments: steps.append(event) if event in _STEPS else None)
        try:
            work()
        finally:
            told = "\n".join(steps).encode()
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(told)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        found = pipe.read().splitlines()
    os.waitpid(child, 0)
    return found


def step_to_die_at(steps: list[str], numbers: random.Random) -> int:
    """Any step (from 1), or as often one of those from the first rename on (from -1 down), which are few and decide."""
    return -numbers.randrange(1, 16) if numbers.random() < 0.5 else numbers.randrange(1, len(steps) + 1)


def seed_of(name: str) -> random.Random:
    """Numbers that a failure can be repeated with: WAYPOST_SEED chooses others."""
    seed = f"{name}-{os.environ.get('WAYPOST_SEED', '1')}"
    print(f"seed {seed}")
    return random.Random(seed)


def two_versions(folder: Path) -> tuple[Path, Path]:
    """A portal, and the same with two articles changed, one of which no longer shows its picture."""
    root = write_site(folder / "site")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("generator.build.make_shell", plain_shell)
        build_site(root, folder / "one", folder / "cache")
        edit(root, "articles/KB10002.md", "Use a brush.", "Use a soft brush.")
        edit(root, "articles/KB10001.md", "![The button](box.png)", "The button is red.")
        build_site(root, folder / "two", folder / "cache")
    return folder / "one", folder / "two"


def reduced(out: Path, target: Path) -> Path:
    """A tree with a file or two of each sort, as a build that knows no others would leave it."""
    kept = [path for path in list_files(out) if _KEPT.fullmatch(path)]
    for path in kept:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes((out / path).read_bytes())
    write_marker(target, digest_of({path: fact_of(target / path) for path in kept}))
    return target
