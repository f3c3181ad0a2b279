"""The subscribe page: topics are ticked, addresses and an OPML file are handed out; without JavaScript there is the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_ticked_topics_come_as_addresses_and_as_opml(shared_page: Page, portal: Portal) -> None:
    shared_page.goto(portal.url + "feeds/")
    status, chosen = shared_page.locator("[data-wp-status]"), shared_page.locator("[data-wp-chosen] a")
    expect(status).to_have_text("Tick the topics that you want to follow.")
    shared_page.get_by_label("Security advisories", exact=True).first.check()
    shared_page.get_by_label("Find a topic").fill("ar900")
    expect(shared_page.locator("[data-wp-topic]:visible")).to_have_count(2)  # of two products
    shared_page.get_by_label("AR900 edge routers").first.check()
    shared_page.get_by_label("Records").select_option("Only new")
    shared_page.get_by_label("Format").select_option("RSS")
    expect(status).to_have_text("Feeds chosen: 2")
    addresses = [f"{portal.url}feeds/new/advisories.rss", f"{portal.url}feeds/new/platform-exos.ar900.rss"]
    assert chosen.all_text_contents() == addresses
    assert all((portal.folder / address.removeprefix(portal.url)).is_file() for address in addresses)
    with shared_page.expect_download() as download:
        shared_page.get_by_role("button", name="Download OPML").click()
    assert download.value.suggested_filename == "feeds.opml"
    file = etree.fromstring(Path(download.value.path()).read_bytes())
    assert [outline.get("xmlUrl") for outline in file.iter("outline")] == addresses
    shared_page.get_by_role("button", name="Clear").click()
    expect(status).to_have_text("Tick the topics that you want to follow.")
    expect(shared_page.locator("[data-wp-topic] input:checked")).to_have_count(0)


def test_words_that_no_topic_has(shared_page: Page, portal: Portal) -> None:
    shared_page.goto(portal.url + "ru/feeds/")
    shared_page.get_by_label("Найти тему").fill("нечто иное")
    expect(shared_page.locator("[data-wp-status]")).to_have_text("Тем с такими словами нет.")
    shared_page.get_by_label("Найти тему").fill("")
    expect(shared_page.locator("[data-wp-topic]:visible").first).to_be_visible()


def test_the_list_needs_no_script_and_fits_a_phone(new_page: Open) -> None:
    page = new_page("feeds/", java_script_enabled=False, viewport=NARROW)
    expect(page.locator("form.wp-subscribe")).to_be_hidden()
    expect(page.get_by_role("link", name="Everything: New and changed, JSON Feed")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("[data-wp-topic] input:visible").count() == 0


def test_a_feed_in_a_browser_says_what_it_is(shared_page: Page, portal: Portal) -> None:
    file = portal.folder / "ru/feeds/new/all.atom"
    shared_page.route("**/all.atom", lambda route: route.fulfill(path=file, content_type="application/xml"))
    shared_page.goto(portal.url + "ru/feeds/new/all.atom")
    said = shared_page.evaluate("getComputedStyle(document.documentElement, '::before').content")
    assert "Это лента для программ чтения лент" in said
