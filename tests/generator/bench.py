"""A site under edits, its portal, and the clean build to compare with."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import shutil
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from generator import output
from generator.build import BuildFailed
from generator.spare import Spare
from generator.tree_state import read_marker
from tests.generator.stand_ins import Program
from tests.generator.support import AT, SITE, build_site, differences, write, write_site

MORE: dict[str, str | None] = {
    "portal.yml": SITE["portal.yml"] + "popular: [KB10001]\n",
    "reports/many.jsonl": "".join(
        f'{{"id": "{number}", "title": "Report {number}", "status": "open", "component": "web", "severity": "low", '
        f'"affected": [{{"product": "box", "ranges": ["1.0"]}}], "created": "2026-03-01", "updated": "2026-03-{day:02}", '
        f'"problem": "It fails."}}\n' for day, number in enumerate((700001, 700002, 700003, 700004, 700005), 2)),
}


class Bench:
    """``at``, ``audience``, ``drafts`` and ``jobs`` are those of the next build; ``program`` is there where it can be updated,
    ``more`` is a site whose records are there too."""

    def __init__(self, folder: Path, seed: object, program: Program | None = None, more: Path | None = None) -> None:
        self.root, self.out, self.cache = folder / "site", folder / "out", folder / "cache"
        self._clean, self._saved, self.elsewhere = folder / "clean", folder / "saved", folder / "elsewhere"
        self.random, self.program, self._more, self._number = random.Random(str(seed)), program, more, 0
        self.reset()

    def reset(self) -> None:
        """The site as it was at the beginning; the portal stays as it is."""
        shutil.rmtree(self.root, ignore_errors=True)
        write_site(self.root, MORE)
        if self._more:
            self._add_records(self._more)
        self.at: datetime = AT
        self.audience, self.drafts, self.jobs = "", False, 1

    def _add_records(self, site: Path) -> None:
        """Puts the records of another site of one product beside its own."""
        for folder in ("articles", "advisories", "reports"):
            shutil.copytree(site / folder, self.root / folder / "large")
        for article in (self.root / "articles/large").glob("KB1000?.md"):  # ids of the small site
            article.unlink()
        product = (site / "products.yml").read_text(encoding="utf-8").removeprefix("products:\n  - ")
        self.write("products/large.yml", product.replace("\n    ", "\n"))

    def number(self) -> int:
        self._number += 1
        return self._number

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.root.glob(pattern))

    def pick(self, pattern: str) -> Path:
        return self.random.choice(self.files(pattern))

    def write(self, path: str, text: str) -> None:
        write(self.root, path, text)

    def build(self) -> None:
        """Builds on top of what is there; where the content is wrong, the portal must stay as it was. One build at most may refuse
        damaged records."""
        before = self._live()
        try:
            self._build()
        except BuildFailed:
            assert self._live() == before
            raise
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            assert self._live() == before
            self._build()

    def _build(self) -> None:
        build_site(self.root, self.out, self.cache, self.at, self.audience, self.drafts, self.jobs)

    def _live(self) -> object:
        """Another one after the portal has changed: a version is a folder."""
        return (self.out.stat().st_ino, read_marker(self.out)) if self.out.exists() else None

    def build_elsewhere(self) -> None:
        """What is public, in another folder with the same cache."""
        build_site(self.root, self.elsewhere, self.cache, AT)

    def compare(self) -> None:
        shutil.rmtree(self._clean, ignore_errors=True)
        build_site(self.root, self._clean, None, self.at, self.audience, self.drafts)
        found = differences(self.out, self._clean)
        assert found == [], found

    def apply(self, step: Callable[[Bench], None]) -> bool:
        """One edit and a build; gives False where the edit broke the content and was taken back."""
        shutil.rmtree(self._saved, ignore_errors=True)
        shutil.copytree(self.root, self._saved)
        before = self.audience
        step(self)
        try:
            self.build()
        except BuildFailed:
            shutil.rmtree(self.root)
            self._saved.rename(self.root)
            self.audience = before
            self.build()
            return False
        return True


def killed_build(bench: Bench, when: str, count: int) -> None:
    """Builds in another process that is killed: at the ``count``th file, or before or after the trees change places."""
    process = multiprocessing.get_context("fork").Process(target=_die, args=(bench, when, count))
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}, "the build ended in another way"


def _die(bench: Bench, when: str, count: int) -> None:
    left = [count]
    real_write, real_exchange = Spare.write, output.exchange

    def write(self: Spare, path: str, data: bytes) -> None:
        left[0] -= 1
        if left[0] == 0 and when == "staging":
            os.kill(os.getpid(), signal.SIGKILL)
        real_write(self, path, data)

    def exchange(spare: Path, out: Path) -> None:
        if when == "after":
            real_exchange(spare, out)
        os.kill(os.getpid(), signal.SIGKILL)

    Spare.write = write  # type: ignore[method-assign]
    if when != "staging":
        output.exchange = exchange
    try:
        bench.build()
    except BuildFailed:
        pass
    finally:
        os._exit(0)
