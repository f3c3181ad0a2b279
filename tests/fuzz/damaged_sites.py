"""Builds of randomly damaged sites: ``python -m tests.fuzz.damaged_sites --sites 2000``.

Each site is named by its number, so that one that fails can be made again with ``--first``. All are built by the command's own code
in this process, every twentieth by a process of its own with the real theme.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import NamedTuple
from unittest.mock import patch

from click.testing import CliRunner

from generator.cli import main
from tests.fuzz.damage import damage
from tests.generator.support import plain_shell
from tests.sites.full import write_full_site

APART = 20
AT = "2026-11-22T12:00:00Z"


class Outcome(NamedTuple):
    """``fault`` is empty where all is as it should be."""

    seed: int
    code: int
    done: list[str]
    fault: str


class Workshop:
    """A sound site, and a portal that was built of it once."""

    def __init__(self, folder: Path) -> None:
        self._sound, self._site, self._out, self._cache = folder / "sound", folder / "site", folder / "out", folder / "cache"
        write_full_site(self._sound)
        shutil.copytree(self._sound, self._site)
        code, said = self._build(False)
        assert code == 0, said

    def _arguments(self) -> list[str]:
        return ["build", "--site", str(self._site), "--out", str(self._out), "--at", AT, "--cache", str(self._cache), "--jobs", "1",
                "--quiet", "--allow-rewrite", "all"]

    def _build(self, apart: bool) -> tuple[int, str]:
        if apart:
            command = [sys.executable, "-c", "from generator.cli import main; main()", *self._arguments()]
            ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
            return ended.returncode, ended.stdout + ended.stderr
        with patch("generator.build.make_shell", plain_shell), patch.dict(os.environ, {"WAYPOST_DEBUG": "1"}):
            result = CliRunner().invoke(main, self._arguments())
        if result.exception and not isinstance(result.exception, SystemExit):
            import traceback

            return 70, "".join(traceback.format_exception(result.exception))
        return result.exit_code, result.output

    def _state(self) -> dict[str, tuple[int, int, int]]:
        return {str(path): (found.st_mtime_ns, found.st_size, found.st_ino) for path in sorted(self._out.rglob("*"))
                for found in [path.lstat()]}

    def outcome(self, seed: int) -> Outcome:
        """Damages the site, builds it, and looks at what came of that."""
        shutil.rmtree(self._site)
        shutil.copytree(self._sound, self._site)
        done = damage(Random(seed), self._site)
        before = self._state()
        code, said = self._build(seed % APART == 0)
        fault = ""
        if code not in {0, 1} and "holds no portal.yml" not in said:
            fault = f"ended with {code}: {said}"
        elif "Traceback" in said or "internal error" in said:
            fault = said
        elif code == 1 and self._state() != before:
            fault = "was refused, and the portal is another one"
        elif code == 1 and not said.strip():
            fault = "was refused without a word"
        elif any((ord(character) < 32 and character not in "\n\t") or 0x7f <= ord(character) < 0xa0 for character in said):
            fault = f"writes control characters: {said!r}"
        return Outcome(seed, code, done, fault)


def main_(sites: int, first: int) -> int:
    """Tells how it went; the number of faults."""
    began, counts, faults = time.monotonic(), Counter[int](), 0
    with tempfile.TemporaryDirectory() as name, nullcontext():
        workshop = Workshop(Path(name))
        for seed in range(first, first + sites):
            found = workshop.outcome(seed)
            counts[found.code] += 1
            if found.fault:
                faults += 1
                print(f"--first {seed} --sites 1 ({', '.join(found.done)}): {found.fault}", flush=True)
    print(f"{sites:,} damaged sites, from number {first}: {counts[0]:,} built, {counts[1]:,} refused, {faults} faults, "
          f"{time.monotonic() - began:.0f} s")
    return faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    given = parser.parse_args()
    sys.exit(bool(main_(given.sites, given.first)))
