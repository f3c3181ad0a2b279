"""Fuzzes with Atheris: ``python -m tests.fuzz.run TARGET --seconds 60``, or without a target each for its share of the time.

A kept input that fails is replayed by ``test_fuzz.py``. New inputs that reach new code go into a folder outside the repository.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def fuzz(target: str, seconds: int) -> None:
    """Runs one target in this process until the time is over; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["kb", "prsearch"]):
        from tests.fuzz.targets import TARGETS, seeds
    folder = Path(tempfile.gettempdir()) / "waypost-fuzz" / target
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(target)):
        (folder / f"seed-{number}").write_bytes(data)
    arguments = [sys.argv[0], str(folder), f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=2048",
                 f"-artifact_prefix={folder}-crash-", "-print_final_stats=1", "-verbosity=0"]
    atheris.Setup(arguments, TARGETS[target])
    atheris.Fuzz()


def all_targets(seconds: int) -> int:
    """Each target in a process of its own; the number of those that failed."""
    from tests.fuzz.targets import TARGETS

    failed = 0
    for target in TARGETS:
        share = max(1, seconds // len(TARGETS))
        done = subprocess.run([sys.executable, "-m", "tests.fuzz.run", target, "--seconds", str(share)], capture_output=True, text=True,
                              check=False, env=os.environ)
        runs = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
        print(f"{target}: {runs[0] if runs else '?'} inputs in {share} s" + ("" if done.returncode == 0 else f", FAILED\n{done.stdout[-3000:]}{done.stderr[-2000:]}"),
              flush=True)
        failed += done.returncode != 0
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?")
    parser.add_argument("--seconds", type=int, default=600)
    given = parser.parse_args()
    if given.target:
        fuzz(given.target, given.seconds)
    else:
        sys.exit(bool(all_targets(given.seconds)))
