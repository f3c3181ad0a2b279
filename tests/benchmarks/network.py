"""What the page My network loads and how long it takes: ``python -m tests.benchmarks.network PORTAL [--devices N] [--releases N]``.

PORTAL is a built portal. The inventory is made of its releases, spread over as many trains as there are releases.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.support import Portal, chromium, served

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


def loaded(page: Page, portal: Portal, text: str) -> tuple[Counter[str], Counter[str], float]:
    """Bytes of each part, as they lie there and in gzip, and the seconds until titles are shown, from reading the list on."""
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).path.lstrip("/")))
    page.goto(f"{portal.url}network/")
    expect(page.locator("#wp-net-list")).to_be_visible()
    page.evaluate("text => { document.querySelector('#wp-net-list').value = text; }", text)
    start = time.perf_counter()
    page.locator("[data-wp-inventory] form button").first.click()
    expect(page.locator("[data-wp-records] tbody tr a").last).not_to_have_text("Show the record", timeout=120_000)
    took = time.perf_counter() - start
    page.wait_for_load_state("networkidle")
    raw, packed = Counter[str](), Counter[str]()
    for path in asked:
        file = portal.folder / (f"{path}index.html" if path.endswith("/") or not path else path)
        data = file.read_bytes()
        part = next(name for start_of, name in PARTS.items() if path.startswith(start_of))
        raw[part] += len(data)
        packed[part] += min(len(data), len(gzip.compress(data, 6)))
    return raw, packed, took


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portal", type=Path)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--releases", type=int, default=20)
    given = parser.parse_args(arguments)
    text = inventory(given.portal, given.devices, given.releases)
    with served(given.portal) as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        raw, packed, took = loaded(browser.new_page(), portal, text)
        browser.close()
    print("| part | bytes | in gzip |\n| --- | ---: | ---: |")
    for name in [*dict.fromkeys(PARTS.values())]:
        print(f"| {name} | {raw[name]:,} | {packed[name]:,} |")
    print(f"| all | {raw.total():,} | {packed.total():,} |\n\n{given.devices} devices on {given.releases} releases: shown after {took:.1f} s")


if __name__ == "__main__":
    main()
