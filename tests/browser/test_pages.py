"""Every kind of page: loads clean, fits a phone, holds its security policy, reads without JavaScript, prints."""

from __future__ import annotations

from html import unescape
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import KINDS, LANGUAGES, Portal, Watch

pytestmark = [pytest.mark.browser]

EVERY_PAGE = [pytest.param(root + place, language, id=f"{kind}-{language}")
              for kind, place in KINDS.items() for language, root in LANGUAGES.items()]
SHIFTS = """() => new Promise((done) => new PerformanceObserver((list) =>
    done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({type: "layout-shift", buffered: true})
    || setTimeout(() => done(0), 50))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("address", "language"), EVERY_PAGE)
def test_loads_clean_and_fits_a_phone(shared_page: Page, portal: Portal, address: str, language: str) -> None:
    page = shared_page.context.new_page()
    watch = Watch(page, portal.url)
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    assert page.evaluate(SHIFTS) < 0.001, "something moved while the page loaded"
    page.set_viewport_size(NARROW)
    assert page.evaluate(OVERFLOW) <= 0, "the page scrolls sideways"
    assert watch.found == []
    page.close()


def test_phone_shows_pages_at_their_size(shared_phone: Page) -> None:
    for address in ("", "kb/KB10016/", "kb/KB10030/", "advisories/EXSA-2026-0007/"):
        shared_phone.goto(address)
        assert shared_phone.evaluate("visualViewport.scale") == 1, f"{address} was laid out wider than the phone"


@pytest.mark.parametrize("width", [320, 768, 960, 1100, 1219])
def test_fits_other_widths(shared_page: Page, width: int) -> None:
    page = shared_page.context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("ru/", "ru/advisories/EXSA-2026-0007/", "ru/products/exos/", "ru/help/service-levels/"):
        page.goto(address)
        assert page.evaluate(OVERFLOW) <= 0, address
        title = page.locator(".md-header__topic").first
        assert title.evaluate("topic => topic.scrollWidth <= topic.parentElement.clientWidth"), address
    page.close()


def test_wide_tables_scroll_in_their_box_and_keep_their_first_column(shared_phone: Page) -> None:
    shared_phone.goto("kb/KB10016/")
    box = shared_phone.locator(".wp-scroll").first
    cell = box.locator("tbody tr").first.locator(":scope > :first-child")
    before = cell.bounding_box()
    assert box.evaluate("box => { box.scrollLeft = 200; return box.scrollLeft; }") == 200
    assert cell.bounding_box() == before


@pytest.mark.parametrize("kind", ["home", "article", "guide", "search", "not found"])
def test_security_policy_is_strict(portal: Portal, kind: str) -> None:
    path = KINDS[kind] if KINDS[kind].endswith(".html") else f"{KINDS[kind]}index.html"
    html = (portal.folder / path).read_text(encoding="utf-8")
    policy = unescape(html.split('http-equiv="Content-Security-Policy" content="', 1)[1].split('"', 1)[0])
    directives = {name: sources.split() for name, _space, sources in (part.strip().partition(" ") for part in policy.split(";"))}
    assert directives["default-src"] == ["'none'"]
    assert directives["base-uri"] == ["'none'"]
    scripts = directives["script-src"]
    assert "'self'" in scripts
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "data:"} & set(scripts)


def test_injected_scripts_do_not_run(new_page: Open) -> None:
    def inject(route: Route) -> None:
        answer = route.fetch()
        added = '<script>window.inline = 1</script><img src="x" onerror="window.handler = 1">'
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{added}</main>"))

    page = new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None)
    page.route("**/kb/KB10001/", inject)
    page.goto("kb/KB10001/", wait_until="load")
    late = "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.late = 1'}))"
    assert page.evaluate(f"(() => {{ try {{ {late} }} catch (error) {{ return error.name }} }})()") == "TypeError"  # Trusted Types
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=window.late=1>')")
    assert page.locator("img[onerror]").count() == 1, "the default policy makes text of markup"  # the one that came with the page
    assert page.evaluate("[window.inline, window.handler, window.late]") == [None, None, None]
    assert len(refused) >= 3
    assert page.evaluate("fetch('https://example.org/').then(() => 'sent', () => 'refused')") == "refused"


def test_reads_without_javascript(new_page: Open) -> None:
    page = new_page("kb/KB10016/", java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_have_text("IPsec between FW60 and other vendors' gateways: tested settings")
    expect(page.get_by_text("Each tunnel carried traffic for 48 hours")).to_be_visible()
    expect(page.get_by_role("cell", name="strongSwan 6.0")).to_be_visible()
    expect(page.get_by_role("button", name="Copy number")).to_be_hidden()
    page.get_by_role("navigation", name="Tabs").get_by_role("link", name="Problem reports").click()
    expect(page.get_by_role("link", name="rpd crashes when a BGP multipath route flaps")).to_be_visible()
    page.get_by_role("complementary", name="Narrow down").get_by_role("link", name="Critical").click()
    expect(page).to_have_url(page.url.split("/pr/")[0] + "/pr/severity/critical/")
    page.get_by_role("searchbox", name="Search the portal").fill("bgp")
    page.keyboard.press("Enter")
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Knowledge base")).to_be_visible()


def test_drawer_opens_without_javascript(new_page: Open) -> None:
    page = new_page("kb/", java_script_enabled=False, viewport={"width": 375, "height": 700})
    link = page.locator(".wp-nav").get_by_role("link", name="Problem reports")
    expect(link).not_to_be_visible()
    page.locator(".md-header label[for=__drawer]").click()
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Problem reports")


def test_prints_without_navigation(shared_page: Page) -> None:
    shared_page.goto("advisories/EXSA-2026-0007/")
    shared_page.emulate_media(media="print")
    try:
        for selector in (".md-header", ".md-tabs", ".md-sidebar--primary", ".md-footer", ".wp-crumbs", ".wp-panel__actions",
                         ".wp-copy", ".wp-related"):
            expect(shared_page.locator(selector).first, selector).to_be_hidden()
        for selector in ("h1", ".wp-facts", "#affected table", ".wp-record__text pre"):
            expect(shared_page.locator(selector).first, selector).to_be_visible()
    finally:
        shared_page.emulate_media(media="screen")


@pytest.mark.parametrize("place", ["", "pr/1747984/", "help/priorities/"])
def test_language_switch_leads_to_the_same_page(shared_page: Page, portal: Portal, place: str) -> None:
    shared_page.goto(place)
    shared_page.get_by_role("navigation", name="Language").get_by_role("link").click()
    expect(shared_page).to_have_url(f"{portal.url}ru/{place}")
    expect(shared_page.locator("html")).to_have_attribute("lang", "ru")
    shared_page.get_by_role("navigation", name="Язык").get_by_role("link").click()
    expect(shared_page).to_have_url(f"{portal.url}{place}")


def test_every_page_has_its_twin_in_the_language_switch(portal: Portal) -> None:
    for address in KINDS.values():
        path = address if address.endswith(".html") else f"{address}index.html"
        html = (portal.folder / path).read_text(encoding="utf-8")
        href = html.split('<nav class="wp-languages"', 1)[1].split('<a href="', 1)[1].split('"', 1)[0]
        assert urljoin(portal.url + address, href) == f"{portal.url}ru/{address}"
