"""Texts of attackers in Chromium: every page is opened and used, under the headers for hosts. Nothing runs, nobody else is asked."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from generator.build import Options, build
from tests.browser.conftest import WIDE
from tests.browser.support import CONTENT, KINDS, Portal, served, until
from tests.generator.support import AT
from tests.hostile.guard import FORMULAS, Guard, formulas
from tests.hostile.payloads import PAYLOADS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

ASSETS = Path(__file__).resolve().parents[2] / "theme" / "assets"
TABS = 4
USED = ("search/", "pr/", "compare/", "entitlement/", "cases/", "help/case/", "feeds/", "lifecycle/", "help/priorities/", "")


def test_every_page_only_shows_them(context: BrowserContext, guard: Guard, portal: Portal) -> None:
    paths = sorted(file.relative_to(portal.folder).as_posix().removesuffix("index.html") for file in portal.folder.rglob("*.html")
                   if 'http-equiv="refresh"' not in file.read_text(encoding="utf-8"))  # those lead on to another one at once
    assert len(paths) > 100
    tabs = [context.new_page() for _ in range(TABS)]
    for start in range(0, len(paths), TABS):
        used = list(zip(tabs, paths[start : start + TABS], strict=False))
        for tab, path in used:
            tab.goto(path, wait_until="commit")
        for tab, _path in used:
            tab.wait_for_load_state("load")
            tab.evaluate("for (const opened of document.querySelectorAll('details')) opened.open = true; scrollTo(0, 1e6)")
            guard.look(tab)


def names_of_parameters() -> list[str]:
    """All names that scripts read from addresses."""
    texts = "".join(file.read_text(encoding="utf-8") for file in ASSETS.glob("*.js"))
    found = set(re.findall(r"\.(?:get|getAll|has)\(\"([a-z_]+)\"\)", texts)) | {"q", "product", "release", "platform", "serial", "data", "title",
        "description", "affects", "fixed", "severity", "component", "status", "kind", "from", "to", "sort", "page", "level", "region", "next", "url"}
    return sorted(found)


@pytest.mark.parametrize("path", USED)
def test_parameters_and_fragments_are_text(page: Page, guard: Guard, portal: Portal, path: str) -> None:
    names = names_of_parameters()
    for number in range(0, len(PAYLOADS), 9):
        texts = [quote(PAYLOADS[(number + place) % len(PAYLOADS)], safe="") for place in range(9)]
        asked = "&".join(f"{name}={texts[place % 9]}" for place, name in enumerate(names))
        page.goto(f"{path}?{asked}#{texts[0]}")
        assert page.url.startswith(portal.url)
        guard.look(page)
    page.goto(f"{path}?q={quote('//canary.invalid/')}&next=//canary.invalid/&url=https://canary.invalid/#//canary.invalid/")
    page.wait_for_timeout(300)
    assert page.url.startswith(portal.url)
    guard.look(page)


def test_what_is_found_is_text(page: Page, guard: Guard) -> None:
    page.goto("search/")
    box = page.locator("#wp-page-q")
    for text in ("box", "script", "window canary", *PAYLOADS[:60:7]):
        box.fill(text)
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)
        guard.look(page)
    box.fill("restart")
    until(page, "document.querySelectorAll('[data-wp-results] mark').length > 0")
    page.goto("")
    box = page.locator("input[data-wp-search]").last
    box.fill("canary")
    until(page, "document.querySelectorAll('.wp-results a').length > 0")
    guard.look(page)
    page.goto("pr/?q=canary")
    until(page, "document.querySelectorAll('main .wp-entry').length > 0")
    for opened in page.locator("main details summary").all():
        if opened.is_visible():
            opened.click()
    guard.look(page)


def test_files_for_spreadsheets_hold_no_formulas(page: Page, guard: Guard) -> None:
    page.goto("")
    text = (ASSETS / "csv.js").read_text(encoding="utf-8").replace("export ", "")
    plain = [*PAYLOADS, "-", "=1", "＝1+1", "plain, with a comma"]
    cells = [*plain, "\t=1+1", "\r=1+1", "\n=1+1", "\tx", "a;=1+1", "a\t@b", "a\n=1+1", 'a;"=1+1"', 'a; ""+1', "a\r\n-1", "a;＠SUM(1)", "a;b - c"]
    made = str(page.evaluate(f"(rows) => {{ {text}; return csv(rows); }}", [[text, text] for text in cells]))
    assert formulas(made) == []
    read = [row[0] for row in csv.reader(io.StringIO(made.removeprefix("\ufeff"), newline=""))]
    assert [cell.removeprefix("'") if cell[1:2] in FORMULAS else cell for cell in read[: len(plain)]] == plain
    assert read[-1] == "a;b - c"
    guard.look(page)


def test_what_a_browser_remembers_is_text(context: BrowserContext, guard: Guard, portal: Portal) -> None:
    page = context.new_page()
    page.goto("help/case/")
    texts = json.dumps([json.dumps({"product": text, "release": text, "title": text, "description": text, "serial": text, "color": {
        "media": text, "scheme": text, "primary": text}, "index": 0, text: text}) for text in PAYLOADS[:60:12]] + ["[[[[", "null", "7", '"x"', "<img src=x onerror=window.__canary=1>"])
    for path in ("help/case/", "pr/", "entitlement/", "search/", "kb/KB10001/"):
        for place in range(0, 10, 3):
            page.goto(path)
            page.evaluate(f"""(place) => {{ const texts = {texts}; const names = [...Object.keys(localStorage), "/.__palette", "waypost", "wp-case", "wp-columns"];
                for (const name of names) {{ localStorage.setItem(name, texts[place % texts.length]); sessionStorage.setItem(name, texts[place % texts.length]); }} }}""", place)
            page.reload()
            assert page.evaluate("window.__canary") is None
            assert not [text for text in guard.found if not text.startswith("exception")], path
            page.evaluate("localStorage.clear(); sessionStorage.clear()")


def test_the_example_portal_reports_no_violation(browser: Browser, tmp_path: Path) -> None:
    """Pages of the example portal work under their own policy and the headers for hosts together."""
    build(Options(CONTENT, tmp_path / "site", AT, rewrites=("all",)))
    with served(tmp_path / "site") as portal:
        context = browser.new_context(viewport=WIDE, base_url=portal.url)
        guard = Guard(context, portal.url)
        page = context.new_page()
        for path in KINDS.values():
            page.goto(path)
            guard.look(page)
        page.goto("search/?q=bgp")
        until(page, "document.querySelectorAll('main .wp-entry mark').length > 0")
        guard.look(page)
        context.close()
