"""How long a digest takes to reach all subscribers: ``python -m tests.benchmarks.notify --subscribers 10000``.

The mail server (aiosmtpd) is a process of its own on this machine and takes its share of the processors.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from tests.benchmarks.measure import machine, measured
from tests.generator.notify_support import NOW, Mailbox, listed, publish, run, serving, subscribed

CHANGES = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=4)
    arguments = parser.parse_args()
    print(f"{arguments.subscribers:,} subscribers, {CHANGES} changes each, {arguments.connections} connections; {machine()}\n")
    with tempfile.TemporaryDirectory(prefix="waypost-bench-") as name, _server() as (variables, taken):
        folder = Path(name)
        subscribed(folder / "subscribers.yml", *({"mail": f"reader{number}@example.net", "language": ("en", "ru")[number % 2],
                                                  "topics": "all"} for number in range(arguments.subscribers)))
        publish(folder / "portal", [listed(str(number)) for number in range(CHANGES)])
        run(folder, variables, connections=arguments.connections)
        publish(folder / "portal", [listed(str(number), NOW) for number in range(CHANGES)])
        later = NOW + timedelta(minutes=1)
        found = measured(lambda: run(folder, variables, later, connections=arguments.connections).delivered.sent)
        assert found.result == taken() == arguments.subscribers
        print(f"{found.result:,} mails taken: {found.seconds:.0f} s, {found.cpu:.0f} CPU s, "
              f"{found.memory / 1e6:.0f} MB without the server")


@contextmanager
def _server() -> Iterator[tuple[Mapping[str, str], Callable[[], int]]]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(there,), daemon=True)
    process.start()

    def taken() -> int:
        here.send(None)
        return int(here.recv())

    try:
        yield here.recv(), taken
    finally:
        process.kill()


def _serve(channel: Connection) -> None:
    box = Mailbox()
    with serving(box) as variables:
        channel.send(variables)
        while True:
            channel.recv()
            channel.send(len(box.taken))


if __name__ == "__main__":
    main()
