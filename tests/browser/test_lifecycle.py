"""Life-cycle pages in a browser: what holds today, what is hidden on demand, charts in both colour schemes, without JavaScript."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal, Watch

pytestmark = [pytest.mark.browser]
STATES = """() => [...document.querySelectorAll("#exos ~ .wp-scroll tbody tr")].map((row) =>
    [row.querySelector("th").textContent.trim(), row.querySelector(".wp-state").textContent.trim()])"""


@pytest.mark.parametrize(("day", "expected"), [
    ("2026-12-19", ["Supported", "Supported", "Supported", "Support only, no fixes", "Support ended"]),  # the last day counts
    ("2026-12-20", ["Supported", "Supported", "Support only, no fixes", "Support only, no fixes", "Support ended"]),
    ("2026-12-27", ["Supported", "Supported", "Support only, no fixes", "Support ended", "Support ended"]),
    ("2025-06-23", ["Not released yet", "Supported", "Supported", "Supported", "Supported"]),
])
def test_the_page_says_what_holds_on_the_readers_day(new_page: Open, portal: Portal, day: str, expected: list[str]) -> None:
    page = new_page()
    watch = Watch(page, portal.url)
    page.clock.set_fixed_time(datetime.fromisoformat(f"{day}T23:30:00").replace(tzinfo=UTC))
    page.goto("lifecycle/")
    expect(page.locator("#exos ~ .wp-scroll .wp-chip").first).to_be_visible()
    states = page.evaluate(STATES)
    assert [name for name, _state in states][:5] == ["25.2", "24.2", "23.4", "23.2", "22.4"]
    assert [state for _name, state in states][:5] == expected
    assert watch.found == []


@pytest.mark.parametrize(("address", "words"), [("lifecycle/", "Supported today: "), ("ru/lifecycle/", "Поддерживается сегодня: ")])
def test_the_keyboard_hides_what_is_not_supported(new_page: Open, address: str, words: str) -> None:
    page = new_page()
    page.clock.set_fixed_time(datetime(2026, 11, 22, tzinfo=UTC))
    page.goto(address)
    expect(page.locator(".wp-lifecycle__bar [role=status]")).to_contain_text(words + "11")
    rows = page.locator(".wp-trains tbody tr:visible")
    assert rows.count() == 20
    page.locator("input[name=supported]").focus()
    page.keyboard.press("Space")
    expect(rows).to_have_count(11)
    page.keyboard.press("Space")
    expect(rows).to_have_count(20)


def test_without_javascript_the_dates_speak(new_page: Open) -> None:
    page = new_page("lifecycle/exos/", java_script_enabled=False)
    assert page.get_by_text("2026-12-26").is_visible()
    assert page.locator("th", has_text="Today").is_hidden() and page.locator(".wp-lifecycle__bar").is_hidden()
    page.goto("lifecycle/exos/22.4/")
    assert page.locator("svg.wp-chart").count() == 2
    page.locator("summary", has_text="The numbers as a table").click()
    assert page.get_by_role("columnheader", name="Open at the end").is_visible()


def test_every_number_of_a_chart_stands_in_its_table(new_page: Open) -> None:
    page = new_page("lifecycle/exos/22.4/")
    rows = page.locator("#open ~ .wp-scroll tbody tr")
    totals = [sum(map(int, row.locator("td.wp-right").all_text_contents()[:4])) for row in rows.all()]
    widths = page.evaluate("""() => Object.values(Object.groupBy(document.querySelectorAll("svg[aria-labelledby=open-chart-t] rect"),
        (bar) => bar.getAttribute("y"))).map((bars) => [Number(bars[0].getAttribute("y")), bars.reduce((sum, bar) => sum + Number(bar.getAttribute("width")), 0)])""")
    lengths = [length for _y, length in sorted(widths)]
    assert [round(length * totals[0] / lengths[0]) for length in lengths] == totals
    assert page.get_by_role("img", name="Open problems by severity in each release of ExOS 22.4").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_have_contrast(new_page: Open, scheme: str) -> None:
    page = new_page("ru/lifecycle/exos/22.4/", color_scheme=scheme, viewport=NARROW)
    found = page.evaluate("""() => {
      const luminance = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = luminance(getComputedStyle(document.body).backgroundColor);
      const ratio = (colour) => (Math.max(luminance(colour), ground) + 0.05) / (Math.min(luminance(colour), ground) + 0.05);
      return [...document.querySelectorAll(".wp-chart text, .wp-chart rect, .wp-chart .wp-line")].map((item) =>
        ratio(getComputedStyle(item)[item.tagName === "text" ? "fill" : "stroke"]));
    }""")
    assert len(found) > 20 and min(found) > 4.5
    assert page.evaluate("Math.min(...[...document.querySelectorAll('.wp-chart text')].map((text) => text.getBoundingClientRect().height))") > 10


def test_life_cycle_pages_are_light(portal: Portal) -> None:
    sizes = {file: len(gzip.compress(file.read_bytes(), 9)) for root in ("", "ru/") for file in (portal.folder / root / "lifecycle").rglob("*.html")}
    assert len(sizes) == 2 * (1 + 3 + 20) and max(sizes.values()) < 9_500, "gzip bytes of a page"


def test_a_release_says_what_holds_today(new_page: Open) -> None:
    page: Page = new_page()
    page.clock.set_fixed_time(datetime(2027, 12, 26, tzinfo=UTC))
    page.goto("releases/exos/24.2R2/")
    expect(page.locator(".wp-record__head .wp-state")).to_have_text("Support ended")
    page.goto("products/exos/")
    expect(page.locator("#train-24-2 .wp-state")).to_have_text("Support ended")
    page.locator("#train-24-2 a").first.click()
    expect(page.locator("h1")).to_have_text("ExOS 24.2: life cycle and release health")
