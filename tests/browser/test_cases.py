"""The state of cases and returns: each way to search, both languages, zones, sorting, and what it says when there is nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CODE = "k7qx m29d-tt4w"


@pytest.fixture
def page(new_page: Open, portal: Portal) -> Page:
    return new_page(f"{portal.url}cases/", timezone_id="Europe/Moscow")


def search(page: Page, number: str, code: str = CODE) -> None:
    page.locator("#wp-number").fill(number)
    page.locator("#wp-code").fill(code)
    page.locator("[data-wp-cases] form").get_by_role("button").last.click()
    expect(page.locator("[data-wp-status]")).not_to_be_empty(timeout=30_000)
    expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false", timeout=30_000)


def column(page: Page, table: str, number: int) -> list[str]:
    return page.locator(f"[data-wp-table={table}] tbody tr td:nth-child({number})").all_inner_texts()


@pytest.mark.parametrize(("number", "cases", "returns"), [
    ("2026-1102-0007", ["2026-1102-0007"], ["R48211-2", "R48211-1"]), ("202611020007", ["2026-1102-0007"], ["R48211-2", "R48211-1"]),
    ("R48211", [], ["R48211-2", "R48211-1"]), ("r48211-1", [], ["R48211-1"]),
    ("net 4460", ["2026-1102-0007", "2026-0914-0112"], ["R48211-2", "R48211-1", "R47102-1"])])
def test_each_number_finds_what_belongs_to_it(page: Page, number: str, cases: list[str], returns: list[str]) -> None:
    search(page, number)
    assert column(page, "cases", 2) == cases
    assert column(page, "returns", 2) == returns


def test_a_case_is_told_with_times_in_both_zones(page: Page) -> None:
    search(page, "2026-1102-0007")
    cells = page.locator("[data-wp-table=cases] tbody td").all_inner_texts()
    assert [" ".join(cell.split()) for cell in cells] == [
        "Open", "2026-1102-0007", "Harbour warehouse S-1043", "Network desk",
        "2026-11-20 11:15 GMT+3 2026-11-20 08:15 UTC", "SX40 access switches", "2 High"]
    expect(page.locator("[data-wp-status]")).to_have_text(
        "Found: 1 case, 2 lines of returns. Times are in your zone (Europe/Moscow), below them in that of the support centre (UTC).")


def test_columns_sort_up_and_down(page: Page) -> None:
    search(page, "net 4460")
    head = page.locator("[data-wp-table=cases] thead")
    head.get_by_role("button", name="Case").click()
    expect(head.locator("[aria-sort=ascending]")).to_have_text("Case")
    assert column(page, "cases", 2) == ["2026-0914-0112", "2026-1102-0007"]
    head.get_by_role("button", name="Case").press("Enter")
    expect(head.locator("[aria-sort=descending]")).to_have_text("Case")
    assert column(page, "cases", 2) == ["2026-1102-0007", "2026-0914-0112"]
    head.get_by_role("button", name="Priority").click()
    assert [text[:1] for text in column(page, "cases", 7)] == ["2", "3"]


def test_a_number_leads_to_what_it_names(page: Page) -> None:
    search(page, "R48211-1")
    page.locator("[data-wp-table=returns]").get_by_role("button", name="2026-1102-0007").click()
    expect(page.locator("[data-wp-table=cases] tbody tr")).to_have_count(1)
    expect(page.locator("#wp-number")).to_have_value("2026-1102-0007")


@pytest.mark.parametrize(("number", "code"), [("2026-1102-0007", "K7QX-M29D-TT4X"), ("2026-1102-0008", CODE), ("nothing", CODE)])
def test_without_the_right_number_and_code_there_is_nothing(page: Page, number: str, code: str) -> None:
    search(page, number, code)
    expect(page.locator("[data-wp-status]")).to_contain_text(f"Nothing is known of {number} with this code.")
    expect(page.locator("[data-wp-table=cases]")).to_be_hidden()


@pytest.mark.parametrize(("typed", "said"), [
    ("", "For example 2008-0101-0123, 200801010123, R12345, R12345-1. Case, spaces and hyphens do not matter."),
    ("20261102 0007", "Read as a case number: 2026-1102-0007."), ("r48211", "Read as a return number: R48211."),
    ("R48211-1", "Read as a return number: R48211-1."), ("UNI/2026", "Read as your own reference."),
    ("2026-11", "Read as your own reference. If it is a number of ours, something is missing at the end: 2008-0101-0123."),
    ("2026-1332-0007", "Read as your own reference. Our numbers are written like 2008-0101-0123.")])
def test_what_is_typed_is_said_to_be_read_as(page: Page, typed: str, said: str) -> None:
    page.locator("#wp-number").fill("x")
    page.locator("#wp-number").fill(typed)
    expect(page.locator("#wp-note-number")).to_have_text(said)


def test_a_letter_that_looks_like_a_digit_is_put_right(page: Page) -> None:
    page.locator("#wp-number").fill("2O26-11O2-OOO7")
    page.get_by_role("button", name="Did you mean 2026-1102-0007?").click()
    expect(page.locator("#wp-number")).to_have_value("2026-1102-0007")
    expect(page.locator("#wp-number")).to_be_focused()


def test_missing_answers_are_asked_for(page: Page) -> None:
    page.locator("#wp-number").press("Enter")
    expect(page.locator("[data-wp-status]")).to_have_text("Type a number or your reference first.")
    page.locator("#wp-number").fill("R48211")
    page.locator("#wp-number").press("Enter")
    expect(page.locator("[data-wp-status]")).to_have_text("Type the access code too.")
    expect(page.locator("#wp-code")).to_be_focused()


def test_the_page_in_russian_on_a_phone(new_page: Open, portal: Portal) -> None:
    page = new_page(f"{portal.url}ru/cases/", viewport=NARROW, timezone_id="UTC")
    search(page, "MAPS 17", "W3HN8RZC5VPA")
    expect(page.locator("[data-wp-status]")).to_have_text("Найдено: 1 обращение, 1 строка возвратов. Время указано в часовом поясе UTC.")
    assert column(page, "cases", 1) == ["Открыто"]
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def test_nothing_that_was_typed_leaves_the_browser(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    search(page, "2026-1102-0007")
    assert asked and {url.rpartition("/")[2].partition("?")[0] for url in asked if "/sealed/" in url} <= {"table.json", "0.bin"}
    assert not [url for url in asked if "1102" in url or "m29d" in url.casefold()]


def test_a_table_that_cannot_be_reached(page: Page) -> None:
    page.route("**/sealed/**", lambda route: route.abort())
    search(page, "2026-1102-0007")
    expect(page.locator("[data-wp-status]")).to_have_text("The table cannot be reached. Check the connection and try again.")
