"""Measures sealed tables: ``python -m tests.benchmarks.sealed [ROWS]`` prints seconds and bytes.

The cold build is not run at its real cost: keys of a sample are derived at 20,000 iterations with all workers, and the time for all rows
is computed from that. Everything else is measured on the whole table, sealed at 1,000 iterations, which changes nothing else.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from generator.build import build
from generator.building import Options
from generator.seal.master_keys import MasterKeys
from generator.unchanged import last_build
from kb.reporting import quiet
from tests.generator.support import AT, write, write_site

SAMPLE = 2_000
KEY = "secret: " + "5a" * 32 + "\n"
SETTINGS = "sealed:\n  entitlements: {source: entitlements.csv, iterations: 1000}\n"


def table(rows: int, seed: int = 8) -> list[str]:
    """Lines of a CSV file: serial numbers in no order, and dates."""
    chance = random.Random(seed)
    lines = ["serial,contract,product,platform,support_start,support_end,shipped,registered"]
    for number in chance.sample(range(10_000_000, 99_999_999), rows):
        start = date(2024, 1, 1) + timedelta(chance.randrange(1_000))
        lines.append(f"BX{number},C-{chance.randrange(10**6):06},box,bx1,{start},{start + timedelta(364)},"
                     f"{start - timedelta(30)},true")
    return lines


def save(root: Path, lines: list[str]) -> None:
    write(root, "entitlements.csv", "\n".join(lines) + "\n")
    past = time.time() - 60
    os.utime(root / "entitlements.csv", (past, past))


def seconds(options: Options) -> tuple[str, int]:
    """Time by the clock and of the processors, and the number of files written."""
    start, before = time.perf_counter(), os.times()
    summary = build(options)
    cpu = sum(os.times()[:4]) - sum(before[:4])
    return f"{time.perf_counter() - start:.1f} s ({cpu:.1f} CPU s)", summary.written


def cold_rate(jobs: int) -> tuple[float, float]:
    """Keys that are derived in a second at 20,000 iterations, and seconds of a processor for each."""
    masters = MasterKeys(None, bytes(32), "entitlements", bytes(16), 20_000)
    names = [number.to_bytes(16, "big") for number in range(SAMPLE)]
    start, before = time.perf_counter(), os.times()
    masters.derive(names, lambda at: f"waypost-seal-1\nentitlements\nserial=BX{at}", jobs, quiet)
    cpu = sum(os.times()[:2]) - sum(before[:2])
    return SAMPLE / (time.perf_counter() - start), cpu / SAMPLE


def main(rows: int) -> None:
    jobs = os.cpu_count() or 1
    rate, each = cold_rate(jobs)
    print(f"cold: {rate:.0f} keys/s at 20,000 iterations with {jobs} workers ({SAMPLE:,} measured); "
          f"{rows:,} rows would take {rows / rate / 60:.1f} min; by processor time ({1000 * each:.1f} ms a key) "
          f"{rows * each / jobs / 60:.1f} min on idle cores")
    with tempfile.TemporaryDirectory() as folder:
        root, lines = Path(folder) / "site", table(rows)
        write_site(root, {"seal.key": KEY})
        options = Options(root, Path(folder) / "out", AT, cache=Path(folder) / "cache", jobs=jobs)
        (Path(folder) / "cache").mkdir()
        bare, _ = seconds(options)
        print(f"without the table: {bare}")
        write(root, "portal.yml", (root / "portal.yml").read_text(encoding="utf-8") + SETTINGS)
        save(root, lines)
        spent, written = seconds(options)
        sealed = list((Path(folder) / "out" / "sealed").rglob("*.bin"))
        print(f"first build at 1,000 iterations: {spent}, {written:,} files written, {len(sealed):,} shards of "
              f"{sealed[0].stat().st_size:,} bytes, {sum(file.stat().st_size for file in sealed) / 1e6:.0f} MB")
        time.sleep(2.1)  # so that the table counts as settled
        spent, written = seconds(options)
        print(f"noted as settled: {spent}, {written} files written")
        spent, written = seconds(options)
        print(f"table unchanged: {spent}, {written} files written")
        start = time.perf_counter()
        found = last_build(options)
        print(f"nothing changed at all: {time.perf_counter() - start:.1f} s ({'taken over' if found else 'built'})")
        for place in range(1, 101):
            lines[place * (rows // 101)] = lines[place * (rows // 101)].replace("true", "false")
        lines[-20:] = table(20, 9)[1:]
        save(root, lines)
        spent, written = seconds(options)
        print(f"120 rows changed, 20 of them new: {spent}, {written} files written")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"peak memory: {peak[0] / 1024:.0f} MB, of a worker {peak[1] / 1024:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
