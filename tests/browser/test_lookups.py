"""Names and messages that are typed into the search box, asked of the modules in Chromium, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.support import Portal

pytestmark = pytest.mark.browser

LOADED = """() => performance.getEntriesByType('resource').filter((one) => /prsearch|search.releases/.test(one.name))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
MESSAGE = "Nov 22 09:01:02 other l2ald[77]: L2ALD_AE_CHILD_STALE: ae17.3 vlan 9: 8 entries keep child 1 (ge-4/0/44) after member removal"


def ask(page: Page, portal: Portal, module: str, function: str, query: str) -> Any:
    file = next(Path(portal.folder, "assets").glob(f"{module}.*.js")).name
    return page.evaluate("async ([file, name, query]) => (await import(file))[name](query)", [f"{portal.url}assets/{file}", function, query])


@pytest.mark.parametrize(("language", "query", "href", "kind"), [
    ("", "kb 10021", "kb/KB10021/", "article"), ("", "PR-1747984", "pr/1747984/", "report"), ("", "cve 2026 990107", "advisories/EXSA-2026-0007/", "advisory"),
    ("ru/", "exsa 2026 0007", "ru/advisories/EXSA-2026-0007/", "advisory"), ("", "21.4r3 s5", "releases/exos/21.4R3-S5/", "release"),
    ("ru/", "exos 21.4R3-S5", "ru/releases/exos/21.4R3-S5/", "release")])
def test_a_name_leads_to_a_page_that_exists(shared_page: Page, portal: Portal, language: str, query: str, href: str, kind: str) -> None:
    shared_page.goto(portal.url + language)
    jump = ask(shared_page, portal, "names", "lookUp", query)["jump"]
    assert (jump["href"], jump["kind"]) == (portal.url + href, kind)
    assert jump["title"] and jump["id"] and jump["language"] in {"en", "ru"} and isinstance(jump["products"], list) and isinstance(jump["releases"], list)
    assert (portal.folder / href / "index.html").exists()
    assert shared_page.evaluate(LOADED) < 60_000


def test_an_unknown_id_offers_the_nearest(shared_page: Page, portal: Portal) -> None:
    shared_page.goto(portal.url)
    found = ask(shared_page, portal, "names", "lookUp", " EXSA-2026-0070 ")
    assert found["jump"] is None and found["unknown"]["id"] == "EXSA-2026-0070"
    assert "EXSA-2026-0007" in [item["id"] for item in found["unknown"]["nearest"]] and len(found["unknown"]["nearest"]) <= 5
    assert ask(shared_page, portal, "names", "lookUp", "bgp flaps") == {"jump": None, "also": [], "unknown": None}


def test_a_message_finds_the_record_that_quotes_it(shared_page: Page, portal: Portal) -> None:
    for language in ("", "ru/"):
        shared_page.goto(portal.url + language)
        found = ask(shared_page, portal, "messages", "byMessage", MESSAGE)
        assert found[0]["href"] == f"{portal.url}{language}pr/1700862/"
    shared_page.goto(portal.url)
    before = shared_page.evaluate(LOADED)
    assert ask(shared_page, portal, "messages", "byMessage", "bgp session flaps") is None
    assert shared_page.evaluate(LOADED) == before


def test_a_name_and_a_release_are_offered_first_in_the_search_box(shared_page: Page, portal: Portal) -> None:
    shared_page.goto(portal.url)
    box = shared_page.locator("form.wp-search input[type=search]").first
    for query, title in (("cve 2026 990107", "EXSA-2026-0007"), ("21.4r3 s5", "21.4R3-S5")):
        box.fill(query)
        first = shared_page.locator(".wp-results [role=option]").first
        first.wait_for()
        shared_page.locator(f".wp-results [role=option]:first-child:has-text('{title}')").first.wait_for(timeout=15_000)
