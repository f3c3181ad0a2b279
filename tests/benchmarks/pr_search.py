"""The index of PR Search beside Pagefind on the same generated reports: ``python -m tests.benchmarks.pr_search --reports 100000``.

Prints a table for the README: time and memory of the making, files, a change, and what queries transfer and take in Chromium.
"""

from __future__ import annotations

import argparse
import gzip
import html
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from pagefind_bin import get_executable
from playwright.sync_api import Browser, Page, Response, sync_playwright

from generator.build import Options, build
from kb.library import Library
from kb.records import Report
from prsearch.documents import facets
from prsearch.kept import Kept
from prsearch.static import make_index
from tests.benchmarks.measure import Measured, machine, measured
from tests.benchmarks.reports import library as generated
from tests.browser.support import chromium, served
from tests.sites.make import make_site

QUERIES = 60
MEGA = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--without-pagefind", action="store_true", help="leave the comparison out, which takes long")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="waypost-bench-") as name:
        folder = Path(name)
        library = generated(arguments.reports)
        print(f"{arguments.reports:,} reports, {len(library.catalogue.products[0].releases):,} releases; {machine()}\n", flush=True)
        rows = [_own(library, folder, arguments.jobs)]
        if not arguments.without_pagefind:
            rows.append(_pagefind(library, folder))
        _print(["", "seconds", "CPU seconds", "peak memory", "files", "bytes"], rows)
        if len(rows) == 2:
            print(f"\nshare of Pagefind: {rows[0][1] / rows[1][1]:.3f} of its time, {rows[0][3] / rows[1][3]:.3f} of its memory")
        print("\nOne report changed:")
        _print(["", "seconds", "of these finding it", "files"], list(_changes(library, folder)))
        _serve(library, folder)


def _print(head: list[str], rows: list[list[Any]]) -> None:
    def written(value: Any) -> str:
        if isinstance(value, float):
            return f"{value:,.2f}"
        return f"{value / MEGA:,.0f} MB" if isinstance(value, int) and value > MEGA else f"{value:,}" if isinstance(value, int) else value

    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(map(written, row)) + " |", flush=True)


def _row(name: str, made: Measured) -> list[Any]:
    files, size = made.result
    return [name, made.seconds, made.cpu, made.memory, files, size]


def _own(library: Library, folder: Path, jobs: int) -> list[Any]:
    def work() -> tuple[int, int]:
        index = make_index(library, jobs)
        for path, data in index.data.items():
            file = folder / "index" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        index.kept.save(folder / "kept")
        return len(index.data), sum(map(len, index.data.values()))

    return _row("Waypost", measured(work))


def _pagefind(library: Library, folder: Path) -> list[Any]:
    pages, found = folder / "pages", folder / "found"
    for record in library.records.values():
        assert isinstance(record, Report)
        file = pages / "pr" / record.id / "index.html"
        file.parent.mkdir(parents=True)
        affects = [key.removeprefix("=affects:exos/") for key in facets(library, record).plain if key.startswith("=affects:")]
        file.write_text(_page(record, affects), encoding="utf-8")

    def work() -> tuple[int, int]:
        subprocess.run([str(get_executable()), "--site", str(pages), "--output-path", str(found), "--silent"], check=True)
        files = [file for file in found.rglob("*") if file.is_file()]
        return len(files), sum(file.stat().st_size for file in files)

    row = _row("Pagefind", measured(work))
    shutil.rmtree(pages)
    shutil.rmtree(found)
    return row


def _page(record: Report, affects: list[str]) -> str:
    """A page with what our index knows of a report: its words, and filters for the rest."""
    filters = {"severity": [record.severity], "status": [record.status], "component": [record.component],
               "platform": record.platforms, "affects": affects, "fixed": [fix for entry in record.affected for fix in entry.fixed]}
    marks = "".join(f'<span data-pagefind-filter="{name}">{html.escape(value)}</span>'
                    for name, values in filters.items() for value in values)
    text = "".join(f"<p>{html.escape(section.markdown)}</p>" for section in record.text.sections)
    title = html.escape(record.text.title)
    return (f'<!doctype html><html lang="en"><head><title>{title}</title></head><body><main data-pagefind-body>'
            f"<h1>{title}</h1><p>{record.id}</p>{text}{marks}</main></body></html>")


def _changes(library: Library, folder: Path) -> Iterator[list[Any]]:
    keys = list(library.records)
    key = keys[len(keys) // 2]
    record = library.records[key]
    text = record.text
    longer = msgspec.structs.replace(text.sections[0], markdown=f"{text.sections[0].markdown} The frobnicator then stops at once.")
    edits = {
        "another status and severity": {"status": "closed", "severity": "critical"},
        "a sentence more": {"texts": (msgspec.structs.replace(text, sections=(longer, *text.sections[1:])),)},
        "another text altogether": {"texts": library.records[keys[len(keys) // 3]].texts},
    }
    for name, fields in edits.items():
        changed = msgspec.structs.replace(library, records=dict(library.records) | {key: msgspec.structs.replace(record, **fields)})
        took, finding = [], []
        for _ in range(3):
            kept = Kept.load(folder / "kept")
            assert kept is not None
            start = time.perf_counter()
            index = make_index(changed, kept=kept)
            took.append(time.perf_counter() - start)
            start = time.perf_counter()
            make_index(library, kept=kept)  # nothing has changed
            finding.append(time.perf_counter() - start)
        yield [name, statistics.median(took), statistics.median(finding), len(index.data)]


def _serve(library: Library, folder: Path) -> None:
    """What a reader's browser transfers and how long it takes, on the pages of a portal with this index."""
    make_site(folder / "source")
    build(Options(folder / "source", folder / "site", datetime(2026, 11, 22, tzinfo=UTC)))
    shutil.rmtree(folder / "site" / "prsearch")
    (folder / "index").rename(folder / "site" / "prsearch")
    with served(folder / "site") as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        queries = _queries(library)
        sizes: list[int] = []
        page = _open(browser, portal.url, "pr/", sizes)
        at_rest = sum(sizes)
        transfers = []
        for query in queries:
            sizes.clear()
            _ask(page, query)
            page.wait_for_load_state("networkidle")
            transfers.append(sum(sizes))
        keys = [key for query in queries for key in _typed(page, query)]
        releases = [release.id for release in library.catalogue.products[0].releases]
        pairs = list(zip(releases[100::60], releases[160::60], strict=False))[:12]
        filtered = [_index_bytes(browser, portal.url, f"pr/?affects={start}") for start, _ in pairs]
        compared = [_index_bytes(browser, portal.url, f"compare/?product=exos&from={start}&to={end}") for start, end in pairs]
        print(f"\nThe page with its scripts, before any query: {at_rest / 1000:.0f} KB packed. Packed sizes of what follows:")
        _print(["", "median KB", "95 of 100 KB", "most KB"], [
            ["first query", *[transfers[0] / 1000] * 3], _spread("further queries", transfers[1:]),
            _spread("release filter", filtered), _spread("comparison of two releases", compared)])
        print("\nFrom a key to its results on the page, files loaded before:")
        _print(["", "median ms", "95 of 100 ms", "most ms"], [_spread("keys", keys, 1)])
        browser.close()


def _open(browser: Browser, root: str, address: str, sizes: list[int]) -> Page:
    """A page of a reader who has been nowhere else; the packed size of each file that it loads is added to ``sizes``."""
    page = browser.new_context(base_url=root).new_page()
    page.on("response", lambda response: sizes.append(_packed(response)))
    page.goto(address)
    page.wait_for_selector("[data-wp-ready]")
    page.wait_for_load_state("networkidle")
    return page


def _index_bytes(browser: Browser, root: str, address: str) -> int:
    """Packed bytes of the index that the answer to a question in an address takes."""
    sizes: list[int] = []
    page = browser.new_context(base_url=root).new_page()
    page.on("response", lambda response: sizes.append(_packed(response)) if "/prsearch/" in response.url else None)
    page.goto(address, wait_until="networkidle")
    page.wait_for_selector("[data-wp-results][aria-busy=false]")
    page.context.close()
    assert sizes
    return sum(sizes)


def _spread(name: str, found: Sequence[float], unit: int = 1000) -> list[Any]:
    values = sorted(found)
    return [name, statistics.median(values) / unit, values[min(len(values) - 1, len(values) * 95 // 100)] / unit, values[-1] / unit]


def _packed(response: Response) -> int:
    """Bytes of a response as a server that packs sends it."""
    body = response.body()
    return len(body) if body[:2] == b"\x1f\x8b" else len(gzip.compress(body, 6))


def _queries(library: Library) -> list[str]:
    """Two or three words out of a report's text each, as a reader remembers them."""
    choose = random.Random(5)
    records = list(library.records.values())
    found = []
    for _ in range(QUERIES):
        text = choose.choice(records).text
        words = f"{text.title} {text.sections[0].markdown}".lower().replace(".", "").split()
        found.append(" ".join(choose.sample([word for word in words if len(word) > 3], choose.choice((2, 2, 3)))))
    return found


_ASK = """async (query) => {
  const [box, region] = [document.querySelector('#wp-pr-q'), document.querySelector('[data-wp-results]')];
  const start = performance.now();
  box.value = query;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  const settled = () => new URLSearchParams(location.search).get('q') === query && region.ariaBusy === 'false';
  while (!settled()) await new Promise((go) => setTimeout(go, 1));
  await new Promise((go) => requestAnimationFrame(go));
  return performance.now() - start;
}"""


def _ask(page: Page, query: str) -> float:
    """Milliseconds from an input to its results."""
    return float(page.evaluate(_ASK, query))


def _typed(page: Page, query: str) -> list[float]:
    """Milliseconds for each key of a query, once its files are there."""
    beginnings = [query[:length] for length in range(1, len(query) + 1) if query[length - 1] != " "]
    for beginning in beginnings:
        _ask(page, beginning)
    return [_ask(page, beginning) for beginning in beginnings]


if __name__ == "__main__":
    main()
