"""What the page My network and ``waypost inventory`` load and how long they take: ``python -m tests.benchmarks.network PORTAL
[--devices N] [--many N] [--releases N]``.

PORTAL is a built portal. The inventory is made of its releases, spread over as many trains as there are releases. With --many devices,
the page is also sorted and narrowed down.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import urlsplit

from click.testing import CliRunner
from playwright.sync_api import Page, expect, sync_playwright

from generator.cli import main as waypost
from tests.benchmarks.tables import table
from tests.browser.support import Portal, chromium, served
from tests.generator.network.support import serving

PARTS = {"api/v1/affected/": "affected sets", "api/": "releases", "prsearch/": "cards", "assets/": "scripts and styles", "": "page"}


def inventory(portal: Path, devices: int, releases: int) -> str:
    """CSV of devices of the product with the most releases."""
    index = json.loads((portal / "api/v1/releases.json").read_bytes())["products"]
    product = max((one for one in index if one.get("path")), key=lambda one: (portal / one["path"]).stat().st_size)
    known, random = json.loads((portal / product["path"]).read_bytes())["releases"], Random(11)
    random.shuffle(known)
    chosen = list({release["train"]: release["id"] for release in known}.values())[:releases]
    platforms = [platform["id"] for platform in product.get("platforms", ())] or [""]
    return "name,product,platform,release,site\n" + "".join(
        f"device-{number},{product['id']},{random.choice(platforms)},{chosen[number % len(chosen)]},site-{number % 12}\n"
        for number in range(devices))


class Loaded(NamedTuple):
    """Bytes of each part, as they lie there and in gzip, and seconds."""

    raw: Counter[str]
    packed: Counter[str]
    seconds: float


def sizes(portal: Path, asked: Iterable[str], seconds: float) -> Loaded:
    """What files of a portal weigh, by their paths in requests."""
    found = Loaded(Counter(), Counter(), seconds)
    for path in {urlsplit(one).path.lstrip("/") for one in asked}:
        data = (portal / (f"{path}index.html" if path.endswith("/") or not path else path)).read_bytes()
        part = next(name for beginning, name in PARTS.items() if path.startswith(beginning))
        found.raw[part] += len(data)
        found.packed[part] += min(len(data), len(gzip.compress(data, 6)))
    return found


def loaded(page: Page, portal: Portal, text: str) -> Loaded:
    """What the page loads; the seconds run from reading the list until titles are shown."""
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{portal.url}network/")
    page.locator("[data-wp-inventory] form button:not([disabled])").first.wait_for()
    page.evaluate("text => { document.querySelector('#wp-net-list').value = text; }", text)
    start = time.perf_counter()
    page.locator("[data-wp-inventory] form button").first.click()
    expect(page.locator("[data-wp-records] tbody tr a").last).not_to_have_text("Show the record", timeout=120_000)
    took = time.perf_counter() - start
    page.wait_for_load_state("networkidle")
    return sizes(portal.folder, asked, took)


def work(page: Page) -> Iterator[tuple[str, float]]:
    """Milliseconds until the page has answered to what people do with a list that it shows, the next picture included."""
    for name, does in (("sort by exposure", "document.querySelector('[data-wp-devices] thead button[value=open]').click()"),
                       ("next page", "document.querySelector('[data-wp-devices] [data-wp-pages] button:last-of-type').click()"),
                       ("one site alone", """{ const field = document.querySelector('[data-wp-filter] [name=site]'); field.value = 'site-7';
                        field.dispatchEvent(new Event('input', {bubbles: true})); }""")):
        yield name, page.evaluate(f"""async () => {{
            const count = document.querySelector("[data-wp-devices] [data-wp-count]");
            const start = performance.now();
            {does};
            if ({json.dumps(name == "one site alone")}) await new Promise((done) => new MutationObserver(done).observe(count, {{childList: true}}));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            return performance.now() - start;
        }}""")


def asked_by_command(portal: Path, text: str, *options: str) -> Loaded:
    """What the command fetches from a server."""
    with serving(portal) as (url, asked):
        start = time.perf_counter()
        answer = CliRunner().invoke(waypost, ["inventory", "-", "--portal", url, *options], input=text, catch_exceptions=False)
        took = time.perf_counter() - start
    if answer.exit_code:
        raise RuntimeError(answer.output)
    return sizes(portal, asked, took)


def tables(portal: Path, devices: int, many: int, releases: int) -> Iterator[str]:
    """Markdown tables of all that is measured."""
    text, long = inventory(portal, devices, releases), inventory(portal, many, releases)
    with served(portal) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        found = loaded(browser.new_page(), server, text)
        page = browser.new_page()
        longer = loaded(page, server, long)
        steps = list(work(page))
        browser.close()
    rows = [[name, f"{found.raw[name]:,}", f"{found.packed[name]:,}"] for name in dict.fromkeys(PARTS.values())]
    yield table(["the page loads", "bytes", "in gzip"], [*rows, ["all", f"{found.raw.total():,}", f"{found.packed.total():,}"]])
    commands = [(" ".join(["waypost inventory", *options]), asked_by_command(portal, text, *options)) for options in ([], ["--json"])]
    yield table([f"{devices:,} devices on {releases} releases", "seconds", "bytes", "in gzip"], [
        [name, f"{one.seconds:.1f}", f"{one.raw.total():,}", f"{one.packed.total():,}"] for name, one in (("the page shows them", found), *commands)])
    yield table([f"{many:,} devices on the page", "ms"], [["shown", f"{1_000 * longer.seconds:,.0f}"], *([name, f"{took:,.0f}"] for name, took in steps)])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portal", type=Path)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--releases", type=int, default=20)
    given = parser.parse_args(arguments)
    for found in tables(given.portal, given.devices, given.many, given.releases):
        print(f"{found}\n", flush=True)


if __name__ == "__main__":
    main()
