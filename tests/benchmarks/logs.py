"""How often a log leads to the record that quotes one of its lines, and what a large one takes: ``python -m tests.benchmarks.logs
[FOLDER WITH KCS ARTICLES] [--portal PORTAL] [--megabytes N]``.

A line of code of a record, with other numbers, times, paths and addresses and after the header of another host, stands among lines
of daily work; then up to eight lines of one record, with three of another. Prints a table for the README.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from kb.library import Library
from prsearch import static
from prsearch.log_match import rank
from prsearch.logs import read_log
from prsearch.published import PublishedIndex
from tests.benchmarks.measure import measured_command
from tests.benchmarks.messages import FIRST, SHARED, Recall, bare, holders_of, libraries, lines_of, with_header
from tests.benchmarks.tables import size as in_units
from tests.benchmarks.tables import table

NOISE = 300  # lines
_OF_RECORD, _OF_OTHER = 8, 3  # lines
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_DAILY = (
    "cron[{}]: (root) CMD run-parts /etc/cron.hourly job {}", "sshd[{}]: Accepted publickey for admin from 10.0.0.{} port {} ssh2",
    "sshd[{}]: Failed password for invalid user test from 10.1.1.{} port {}", "kernel: eth{}: link up, 1000 Mbps full duplex",
    "systemd[1]: Started Session {} of user root.", "ntpd[{}]: kernel time sync status change 2001",
    "snmpd[{}]: Connection from UDP 10.2.3.{}", "mgd[{}]: UI_LOGIN_EVENT: User 'admin' login, class 'super-user'",
    "dhcpd[{}]: DHCPACK on 10.3.3.{} to 00:11:22:33:44:55 via vlan{}", "rpd[{}]: task scheduler slip of {} ms",
    "systemd[1]: Starting Cleanup of Temporary Directories...", "nginx[{}]: 10.0.0.{} GET /index.html HTTP/1.1 200")


def log_of(lines: Iterable[str], random: Random, noise: int = NOISE) -> bytes:
    """A log in which lines, altered, stand among those of daily work."""
    found = []
    for _ in range(noise):
        template = random.choice(_DAILY)
        numbers = [random.randrange(9_999) for _ in range(template.count("{}"))]
        found.append(f"Nov {random.randrange(1, 29):2} 10:{random.randrange(60):02}:12 host1 {template.format(*numbers)}")
    for line in lines:
        found.insert(random.randrange(len(found) + 1), with_header(line, random))
    return "\n".join(found).encode()


def published(library: Library) -> PublishedIndex:
    """The index of a library as its portal has it."""
    files = static.index_files(library)
    return PublishedIndex(lambda path, _generation: files[path.removeprefix("prsearch/")], "portal")


def _found(index: PublishedIndex, log: bytes) -> list[str]:
    return [index.card(one.ordinal)[0] for one in rank(index, read_log([log]).messages).found[:FIRST]]


def recall_in_logs(library: Library, index: PublishedIndex, most: int = 0, noise: int = NOISE, seed: int = 1) -> Recall:
    """How single lines of a library's records fare, of so many at random; a line that several records quote may find any of them."""
    random, lines = Random(seed), lines_of(library)
    holders = holders_of(lines)
    first = among = 0
    chosen = random.sample(lines, min(most, len(lines))) if most else lines
    for line in chosen:
        wanted, found = holders[bare(line.text)], _found(index, log_of([line.text], random, noise))
        first += bool(wanted & set(found[:1]))
        among += bool(wanted & set(found))
    count = max(1, len(chosen))
    return Recall(len(chosen), first / count, among / count, 1.0)


def recall_of_records(library: Library, index: PublishedIndex, seed: int = 1) -> Recall:
    """How the records fare by logs that hold up to eight of their lines and three of another record."""
    random, own = Random(seed), dict[str, list[str]]()
    for line in lines_of(library):
        own.setdefault(line.record, []).append(line.text)
    names, first, among = [*own], 0, 0
    for record, lines in own.items():
        found = _found(index, log_of(_some(lines, own[random.choice(names)]), random))
        first += record in found[:1]
        among += record in found
    count = max(1, len(own))
    return Recall(len(own), first / count, among / count, 1.0)


def _some(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    return [*lines[:_OF_RECORD], *others[:_OF_OTHER]]


def large_log(file: Path, megabytes: int) -> None:
    """A log whose lines all differ, in words too, so that whatever is remembered of messages is full."""
    random, size = Random(1), 0
    with file.open("wb") as out:
        while size < megabytes * 1_000_000:
            words = " ".join(f"{random.getrandbits(32):x}".translate(_LETTERS) for _ in range(6))
            size += out.write(f"Nov 22 10:01:02 host1 {random.choice(_DAILY).format(*[size % 9_999] * 3)} {words} failed\n".encode())


def matched(portal: Path, megabytes: int) -> str:
    """What ``waypost match`` takes for a large log, as a table."""
    with tempfile.TemporaryDirectory(prefix="waypost-bench-") as name:
        log = Path(name) / "large.log"
        large_log(log, megabytes)
        found = measured_command([sys.executable, "-c", "from generator.cli import main; main()", "match", str(log), "--portal", str(portal)])
    return table(["waypost match", "seconds", "CPU seconds", "peak memory"], [
        [f"a log of {megabytes} MB", f"{found.seconds:.0f}", f"{found.cpu:.0f}", in_units(found.memory)]])


def recalls(source: Path) -> str:
    """How often the record is found, as a table."""
    rows = []
    for title, library in libraries(source):
        index = published(library)
        for way, found in (("one line in a log of 300", recall_in_logs(library, index)),
                           ("lines of a record and of another in a log of 300", recall_of_records(library, index))):
            rows.append([f"{title}, {way}", f"{found.lines:,}", f"{found.first:.3f}", f"{found.among:.3f}"])
    return table(["logs", "number", "recall@1", "recall@5"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path, nargs="?", default=SHARED)
    parser.add_argument("--portal", type=Path, help="a built portal, to match a large log with")
    parser.add_argument("--megabytes", type=int, default=50)
    given = parser.parse_args()
    if given.portal:
        print(f"{matched(given.portal, given.megabytes)}\n", flush=True)
    print(recalls(given.articles))


if __name__ == "__main__":
    main()
