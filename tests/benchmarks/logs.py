"""How often a log leads to the record that quotes one of its lines: ``python -m tests.benchmarks.logs [FOLDER WITH KCS ARTICLES]``.

A line of code of a record, with other numbers, times, paths and addresses and after the header of another host, stands among lines
of daily work; then up to eight lines of one record, with three of another. Prints a table for the README.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from kb.library import Library
from prsearch import static
from prsearch.log_match import rank
from prsearch.logs import read_log
from prsearch.published import PublishedIndex
from tests.benchmarks.messages import FIRST, Recall, bare, holders_of, libraries, lines_of, with_header

NOISE = 300  # lines
_OF_RECORD, _OF_OTHER = 8, 3  # lines
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


def main() -> None:
    print("| logs | number | recall@1 | recall@5 |\n| --- | --- | --- | --- |")
    for title, library in libraries(__doc__):
        index = published(library)
        for way, found in (("one line in a log of 300", recall_in_logs(library, index)),
                           ("lines of a record and of another in a log of 300", recall_of_records(library, index))):
            print(f"| {title}, {way} | {found.lines:,} | {found.first:.3f} | {found.among:.3f} |", flush=True)


if __name__ == "__main__":
    main()
