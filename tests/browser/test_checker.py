"""Is my release affected? The question on a bulletin's page, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal, Watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ADDRESS = "advisories/EXSA-2026-0007/"
TWO_PLATFORMS = "advisories/EXSA-2026-0010/"



def says(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator("form[data-wp-checker] [role=status]")).to_have_text(words)


def test_answers_with_the_reason(new_page: Open, portal: Portal) -> None:
    page = new_page()
    watch = Watch(page, portal.url)
    page.goto(ADDRESS)
    release = page.get_by_label("Your release")
    expect(release).to_be_visible()
    says(page, "")
    release.fill("22.4R2-S1")  # which the portal does not know
    release.press("Enter")
    says(page, "22.4R2-S1 is affected: in train 22.4, before 22.4R2-S2 and 22.4R3.")
    expect(page).to_have_url(re.compile(r"\?release=22\.4R2-S1&product=exos$"))
    release.fill("22.4r3")
    page.get_by_role("button", name="Check").click()
    says(page, "22.4R3 is not affected: fixed in 22.4R3.")
    expect(page.locator(".wp-release--asked")).to_have_text("22.4R3")
    release.fill("next week")
    release.press("Enter")
    says(page, re.compile("^“next week” is no release of ExOS. Write it like 25.2R2.$"))
    expect(release).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Product").select_option("exos-evolved")
    release.fill("22.2R3-EVO")
    release.press("Enter")
    says(page, "22.2R3-EVO is affected: in train 22.2-EVO, before 22.2R3-S4-EVO.")
    assert watch.found == []


def test_platforms(new_page: Open) -> None:
    page = new_page(f"{TWO_PLATFORMS}?product=exos&release=25.2R1")
    says(page, re.compile("^25.2R1 is affected: on AR900 edge routers"))
    page.get_by_label("Platform").select_option("fw60")
    says(page, re.compile("^25.2R1 is not affected: listed only for AR900 edge routers"))
    expect(page).to_have_url(re.compile("platform=fw60"))
    page.reload()
    says(page, re.compile("^25.2R1 is not affected"))
    expect(page.get_by_label("Platform")).to_have_value("fw60")


def test_in_russian(new_page: Open) -> None:
    page = new_page(f"ru/{ADDRESS}?release=22.4R2")
    says(page, re.compile("^22.4R2 затронут: в ветке 22.4, до 22.4R2-S2 и 22.4R3.$"))
    expect(page.get_by_label("Ваш выпуск")).to_have_value("22.4R2")


def test_by_keyboard(new_page: Open) -> None:
    page = new_page("advisories/EXSA-2026-0001/")
    release = page.get_by_label("Your release")
    expect(release).to_be_visible()
    expect(page.get_by_label("Product")).to_be_hidden()  # there is but one
    release.focus()
    page.keyboard.type("5.11.2")
    page.keyboard.press("Tab")
    says(page, re.compile("^5.11.2 is affected"))
    expect(page.get_by_label("Platform")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check")).to_be_focused()


def test_known_releases_are_offered_newest_first(new_page: Open) -> None:
    page = new_page(ADDRESS)
    expect(page.get_by_label("Your release")).to_be_visible()
    offered = page.locator("#wp-known-releases option").evaluate_all("all => all.map((one) => one.value)")
    assert offered[0] == "23.2R2-S2"
    assert len(offered) == len(set(offered)) > 5


def test_without_javascript_the_table_says_all(new_page: Open) -> None:
    page = new_page(ADDRESS, java_script_enabled=False)
    expect(page.locator("form[data-wp-checker]")).to_be_hidden()
    expect(page.locator(".wp-affected table").first).to_contain_text("22.4R3")


def test_on_a_phone(new_page: Open) -> None:
    page = new_page(f"{ADDRESS}?release=22.4R2", viewport=NARROW)
    says(page, re.compile("^22.4R2 is affected"))
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("address", ["advisories/EXSA-2026-0008/", "advisories/EXSA-2025-0002/", "notices/EXSN-2026-0002/", "pr/1747984/"])
def test_no_question_where_there_is_no_answer(new_page: Open, address: str) -> None:
    """Withdrawn, superseded, nothing affected, no bulletin."""
    assert new_page(address).locator("form[data-wp-checker]").count() == 0


def test_links_to_files_for_programs_lead_somewhere(new_page: Open, portal: Portal) -> None:
    page = new_page(ADDRESS)
    links = page.locator(".wp-machine a")
    assert links.all_text_contents()[0] == "CSAF"
    for address in links.evaluate_all("all => all.map((one) => one.href)"):
        assert (portal.folder / address.removeprefix(portal.url)).is_file(), address


def test_print_is_one_document(new_page: Open) -> None:
    page = new_page(f"{ADDRESS}?release=22.4R2")
    says(page, re.compile("^22.4R2"))
    page.emulate_media(media="print")
    for hidden in (".md-header", ".md-tabs", ".md-footer", ".wp-crumbs", "form[data-wp-checker]", ".wp-panel__actions", ".wp-related"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".wp-printed")).to_have_text("https://support.example.com/advisories/EXSA-2026-0007/")
    expect(page.get_by_role("heading", name="Revision history")).to_be_visible()
    after = page.locator("#references + ul a").first.evaluate("one => getComputedStyle(one, '::after').content")
    assert "https://" in after
