"""The comparison of two releases: three lists, the address, the pickers, wrong values, files."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from generator.build import Options, prepare
from kb.library import Library
from kb.records import severity_of
from prsearch.releases import compare
from tests.browser.conftest import NARROW, Open
from tests.browser.support import CONTENT, Portal, Watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ADDRESS = "compare/?product=exos&from=21.4R3-S5&to=22.4R3"
LISTS = ("fixed", "introduced", "remaining")
SEVERITIES = ["critical", "high", "medium", "low", "none", "unrated"]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return prepare(Options(CONTENT, tmp_path_factory.mktemp("compare") / "site", datetime(2026, 11, 22, 12, tzinfo=UTC))).library


def settled(page: Page, said: str | re.Pattern[str]) -> None:
    expect(page.locator("[data-wp-status]")).to_have_text(said)
    expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false")


def column(page: Page, name: str) -> Locator:
    return page.locator(f"[data-wp-list={name}]")


def all_ids(page: Page, name: str) -> list[str]:
    """The ids of a list, after all of it has been shown."""
    entries = column(page, name).locator(".wp-entry")
    more = column(page, name).locator(".wp-more button")
    while more.count():
        before = entries.count()
        more.click()
        expect(entries.nth(before)).to_be_visible()
        expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false")
    return column(page, name).locator(".wp-id").all_text_contents()


@pytest.mark.parametrize(("product", "start", "end", "platform"), [
    ("exos", "21.4R3-S5", "22.4R3", ""), ("exos", "21.2R1", "25.2R2", ""), ("exos", "21.2R1", "23.4R2-S4", "sx40"),
    ("exos", "23.4R2", "21.4R1", "fw60"), ("insight", "5.9.4", "6.0.1", ""),
])
def test_shows_what_python_finds(shared_page: Page, library: Library, product: str, start: str, end: str, platform: str) -> None:
    found = library.catalogue.find(product)
    assert found
    expected = compare(library, found, start, end, platform or None)
    shared_page.goto(f"compare/?product={product}&platform={platform}&from={start}&to={end}")
    settled(shared_page, re.compile(f"^Going from {re.escape(start)} to {re.escape(end)} fixes"))
    for name in LISTS:
        records = getattr(expected, name)
        expect(column(shared_page, name).locator("h2 .wp-count")).to_have_text(str(len(records)))
        shown = all_ids(shared_page, name)
        assert sorted(shown) == sorted(record.id for record in records), name
        ranks = {record.id: SEVERITIES.index(severity_of(record) or "unrated") for record in records}
        assert [ranks[one] for one in shown] == sorted(ranks.values()), f"{name}: the most severe first"


def test_sums_up_and_says_the_direction(new_page: Open, portal: Portal) -> None:
    page = new_page(ADDRESS)
    watch = Watch(page, portal.url)
    settled(page, "Going from 21.4R3-S5 to 22.4R3 fixes 6 known problems; introduces 8, 1 of them critical; leaves 4 open. "
                  "This is a step up to a newer release.")
    expect(column(page, "introduced").locator(".wp-tally")).to_contain_text("Critical: 1")
    expect(column(page, "introduced")).to_contain_text("Security advisory")
    expect(column(page, "introduced").locator(".wp-entry .wp-chip--severity").first).to_have_text("Critical")
    page.get_by_role("button", name="Swap the releases").click()
    settled(page, re.compile(r"^Going from 22\.4R3 to 21\.4R3-S5 fixes 8 known problems, 1 of them critical; introduces 6; leaves 4 open\. "
                             "This is a step back to an older release.$"))
    expect(page).to_have_url(f"{portal.url}compare/?product=exos&from=22.4R3&to=21.4R3-S5")
    page.go_back()
    settled(page, re.compile("^Going from 21.4R3-S5 to 22.4R3"))
    expect(page.get_by_label("From release")).to_have_value("21.4R3-S5")
    assert watch.found == []


def test_in_russian(shared_page: Page) -> None:
    shared_page.goto(f"ru/{ADDRESS}")
    settled(shared_page, "Переход с 21.4R3-S5 на 22.4R3 исправляет 6 известных проблем; добавляет новых: 8, из них критических: 1; "
                         "оставляет открытых: 4. Это переход на более новый выпуск.")
    expect(column(shared_page, "fixed").get_by_role("heading", level=2)).to_contain_text("Исправлено по пути")
    expect(shared_page.get_by_label("Платформа").locator("option")).to_have_count(5)
    expect(shared_page.get_by_label("Платформа")).to_contain_text("Коммутаторы доступа SX40")


def test_pickers(new_page: Open, portal: Portal) -> None:
    page = new_page("compare/")
    settled(page, "Choose the release that you run and the one that you want to go to.")
    expect(page.get_by_label("Product")).to_have_value("exos")
    expect(page.get_by_label("To release")).to_have_value("23.4R2-S4")  # the newest recommended one
    expect(page.get_by_role("heading", name="Pages of single releases")).to_be_visible()
    expect(page.locator(".wp-compare__columns")).to_be_hidden()
    page.get_by_label("From release").select_option("21.4R3-S5")
    settled(page, re.compile("^Going from 21.4R3-S5 to 23.4R2-S4 fixes"))
    expect(page).to_have_url(f"{portal.url}compare/?product=exos&from=21.4R3-S5&to=23.4R2-S4")
    expect(page.get_by_role("heading", name="Pages of single releases")).to_be_hidden()
    every = int(column(page, "fixed").locator("h2 .wp-count").text_content() or "")
    page.get_by_label("Platform").select_option("sx40")
    expect(page).to_have_url(re.compile("platform=sx40"))
    expect(column(page, "fixed").locator("h2 .wp-count")).not_to_have_text(str(every))
    page.get_by_label("Product").select_option("insight")
    settled(page, "Choose the release that you run and the one that you want to go to.")
    expect(page.get_by_label("To release").locator("option", has_text="5.12.1")).to_have_count(1)
    page.get_by_label("From release").select_option("5.9.4")
    settled(page, re.compile("^Going from 5.9.4 to"))
    page.go_back()
    page.go_back()
    settled(page, re.compile("^Going from 21.4R3-S5 to 23.4R2-S4 fixes"))
    expect(page.get_by_label("Platform")).to_have_value("sx40")


@pytest.mark.parametrize(("address", "said", "then"), [
    ("compare/?product=exos&from=21.4R3-S55&to=22.4R3", "ExOS has no release “21.4R3-S55” here. Did you mean 21.4R3-S5?", "from=21.4R3-S5"),
    ("compare/?product=exos&from=21.4R3-S5&to=22.4R33", "ExOS has no release “22.4R33” here. Did you mean 22.4R3?", "to=22.4R3"),
    ("compare/?product=exso&from=21.4R3-S5&to=22.4R3", "There is no product “exso” here. Did you mean exos?", "product=exos"),
    ("compare/?product=exos&platform=sx41&from=21.4R3-S5&to=22.4R3", "ExOS has no platform “sx41” here. Did you mean sx40?", "platform=sx40"),
])
def test_wrong_values_are_named_with_the_nearest(new_page: Open, address: str, said: str, then: str) -> None:
    page = new_page(address)
    settled(page, said)
    expect(page.locator(".wp-compare__columns")).to_be_hidden()
    page.locator("[data-wp-instead]").click()
    expect(page).to_have_url(re.compile(re.escape(then) + "(&|$)"))
    settled(page, re.compile("^Going from 21.4R3-S5 to 22.4R3 fixes"))


def test_names_are_taken_in_any_case(shared_page: Page) -> None:
    shared_page.goto("compare/?product=EXOS&from=21.4r3-s5&to=22.4r3&platform=SX40")
    settled(shared_page, re.compile("^Going from 21.4R3-S5 to 22.4R3 fixes"))
    expect(shared_page.get_by_label("Platform")).to_have_value("sx40")


def test_one_release_twice_is_no_comparison(shared_page: Page) -> None:
    shared_page.goto("compare/?product=exos&from=22.4R3&to=22.4R3")
    settled(shared_page, "Both releases are the same. Choose two different ones.")


@pytest.mark.parametrize("name", LISTS)
def test_each_list_as_a_table(shared_page: Page, tmp_path: Path, name: str) -> None:
    shared_page.goto(ADDRESS)
    settled(shared_page, re.compile("^Going"))
    with shared_page.expect_download() as waiting:
        column(shared_page, name).get_by_role("button", name="Download CSV").click()
    assert waiting.value.suggested_filename == f"exos-21.4R3-S5-22.4R3-{name}.csv"
    waiting.value.save_as(tmp_path / "list.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_bytes().decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "Number"
    assert [row[0] for row in rows[1:]] == all_ids(shared_page, name)


@pytest.mark.parametrize("name", LISTS)
def test_each_list_can_be_searched_further(shared_page: Page, name: str) -> None:
    shared_page.goto(ADDRESS)
    settled(shared_page, re.compile("^Going"))
    count = column(shared_page, name).locator("h2 .wp-count").text_content()
    column(shared_page, name).get_by_role("link", name="Search and filter these").click()
    settled(shared_page, f"{count} results")


def test_long_lists_are_shown_bit_by_bit(new_page: Open) -> None:
    page = new_page("compare/?product=exos&from=21.2R1&to=25.2R2")
    settled(page, re.compile("^Going"))
    fixed = column(page, "fixed")
    assert int(fixed.locator("h2 .wp-count").text_content() or "") > 10
    expect(fixed.locator(".wp-entry")).to_have_count(10)
    fixed.locator(".wp-more button").click()
    expect(fixed.locator(".wp-entry").nth(10).get_by_role("link")).to_be_focused()


def test_pages_lead_here(new_page: Open, portal: Portal) -> None:
    page = new_page("releases/exos/22.4R2/")
    page.get_by_role("link", name="Compare with another release").click()
    settled(page, re.compile("^Going from 22.4R2 to 23.4R2-S4 fixes"))
    for address in ("releases/", "", "pr/", "kb/KB10001/"):
        page.goto(address)
        page.get_by_role("link", name=re.compile("^Compare two releases")).first.click()
        expect(page).to_have_url(f"{portal.url}compare/")


def test_a_failing_index_says_so_and_can_be_tried_again(new_page: Open) -> None:
    page = new_page()
    page.route("**/prsearch/**", lambda route: route.abort())
    page.goto(ADDRESS)
    settled(page, re.compile("could not be loaded"))
    page.unroute("**/prsearch/**")
    page.get_by_role("button", name="Try again").click()
    settled(page, re.compile("^Going from 21.4R3-S5"))


def test_on_a_phone(new_page: Open) -> None:
    page = new_page(ADDRESS, viewport=NARROW)
    settled(page, re.compile("^Going"))
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    tops = [box["y"] for name in LISTS if (box := column(page, name).bounding_box())]
    assert tops == sorted(tops)
    assert len(set(tops)) == 3


def test_without_javascript_release_pages_are_listed(new_page: Open, portal: Portal) -> None:
    page = new_page("compare/", java_script_enabled=False)
    expect(page.locator("noscript .wp-note")).to_contain_text("Comparing needs JavaScript.")
    expect(page.locator("#wp-compare")).to_be_hidden()
    page.get_by_role("link", name="23.4R2-S4", exact=True).click()
    expect(page).to_have_url(f"{portal.url}releases/exos/23.4R2-S4/")
    page.goto("compare/")
    page.get_by_role("main").get_by_role("link", name="ExOS", exact=True).click()
    expect(page).to_have_url(f"{portal.url}products/exos/")
