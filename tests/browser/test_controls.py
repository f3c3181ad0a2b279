"""Keyboard, drawer, colour scheme, copy buttons."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal, until

pytestmark = [pytest.mark.browser]

# What has the focus: its name, whether it (or the label that stands for it) is outlined, and whether it is in sight.
FOCUSED = """() => {
  const focused = document.activeElement;
  const shown = focused.matches(".md-option, #__drawer")
    ? document.querySelector(focused.id === "__drawer" ? ".md-header [for=__drawer]" : `#${focused.id} + label`) : focused;
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  return {
    name: focused.id || focused.className || focused.getAttribute("href") || focused.tagName,
    place: ["header", "main", "footer", ".md-tabs"].find((selector) => focused.closest(selector)) ?? "",
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
    inSight: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
  };
}"""


def tab_stops(page: Page, count: int) -> list[dict[str, object]]:
    stops = []
    for _number in range(count):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    return stops


def test_tab_reaches_everything_in_order_and_shows_where_it_is(new_page: Open) -> None:
    page = new_page("pr/1747984/", reduced_motion="reduce")
    stops = tab_stops(page, 30)
    assert all(stop["outlined"] and stop["inSight"] for stop in stops), [
        stop for stop in stops if not (stop["outlined"] and stop["inSight"])]
    assert str(stops[0]["name"]).startswith("md-skip")
    names, places = [str(stop["name"]) for stop in stops], [stop["place"] for stop in stops]
    assert names.index("wp-q") < places.index(".md-tabs") < places.index("main")
    assert places.count(".md-tabs") == 8
    assert any("wp-copy" in name for name in names)


def test_skip_link_leads_past_the_navigation(new_page: Open) -> None:
    page = new_page("pr/1747984/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_skip_link_of_a_guide(new_page: Open) -> None:
    page = new_page("help/priorities/")
    page.keyboard.press("Tab")
    expect(page.locator(".md-skip")).to_be_focused()
    expect(page.locator(".md-skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.md-content') !== null")


def test_drawer_holds_the_whole_navigation(new_page: Open) -> None:
    page = new_page("ru/kb/KB10001/", viewport=NARROW, reduced_motion="reduce")
    drawer = page.locator(".wp-nav")
    expect(drawer).not_to_be_visible()
    page.locator(".md-header label[for=__drawer]").click()
    tabs = page.locator(".md-tabs a").evaluate_all("links => links.map((link) => link.href)")
    offered = drawer.locator("a").evaluate_all("links => links.map((link) => link.href)")
    assert len(tabs) == 8
    assert set(tabs) <= set(offered)
    last = drawer.get_by_role("link").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    assert last.bounding_box()["height"] >= 24  # type: ignore[index]
    drawer.get_by_role("link", name="Отчеты о проблемах").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Отчеты о проблемах")
    expect(page.locator(".wp-nav")).not_to_be_visible()


def test_drawer_works_with_the_keyboard(new_page: Open) -> None:
    page = new_page("kb/", viewport=NARROW, reduced_motion="reduce")
    stops = tab_stops(page, 12)
    assert stops[0]["name"] == "__drawer"
    assert all(stop["outlined"] and stop["inSight"] for stop in stops), stops
    page.locator("#__drawer").focus()
    page.keyboard.press("Space")
    expect(page.locator(".wp-nav a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#__drawer")).to_be_focused()
    expect(page.locator(".wp-nav")).not_to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator(".wp-nav a").first).to_be_focused()
    page.locator(".wp-nav a").last.focus()
    page.keyboard.press("Tab")
    expect(page.locator(".wp-nav")).not_to_be_visible()


def test_dark_mode_is_chosen_and_kept(new_page: Open) -> None:
    page = new_page("kb/KB10001/", color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_title("Switch to dark mode").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    assert page.evaluate(background) != light
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.goto("ru/pr/")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.get_by_title("Включить светлую тему").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "default")


def test_first_visit_follows_the_system_before_anything_is_painted(new_page: Open) -> None:
    page = new_page(color_scheme="dark")
    page.route("**/assets/javascripts/**", lambda route: route.abort())  # Material's own choice comes with its bundle
    page.goto("kb/")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def test_copy_buttons(new_page: Open, portal: Portal) -> None:
    page = new_page("pr/1747984/", permissions=["clipboard-read", "clipboard-write"])
    clipboard = "navigator.clipboard.readText()"
    button = page.get_by_role("button", name="Copy number")
    button.click()
    expect(page.locator(".wp-copy[data-wp-copy]")).to_have_text("Copied")
    assert page.evaluate(clipboard) == "1747984"
    expect(button).to_be_visible()
    page.get_by_role("button", name="Copy link").click()
    until(page, "navigator.clipboard.readText().then((text) => text !== '1747984')")
    assert page.evaluate(clipboard) == "https://support.example.com/pr/1747984/"
    code = page.locator(".highlight").filter(has_text="set protocols bgp group transit damping")
    code.hover()
    code.get_by_role("button").click()
    until(page, "navigator.clipboard.readText().then((text) => text.startsWith('set '))")
    assert page.evaluate(clipboard).strip() == "set protocols bgp group transit damping"


def test_score_opens_to_its_metrics(shared_page: Page) -> None:
    shared_page.goto("advisories/EXSA-2026-0007/")
    score = shared_page.locator(".wp-score").first
    expect(score.locator("dl")).to_be_hidden()
    score.locator("summary").focus()
    shared_page.keyboard.press("Enter")
    expect(score.locator("dl")).to_be_visible()
