"""PR Search: by number, release and words; filters with counts, sorting, the address, the keyboard, files, feeds."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Download, Locator, Page, Route, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal, Watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# The header may move while the parser of a busy machine pauses in it; that is no matter of the search.
SHIFTS = """() => new Promise((done) => { let sum = 0;
    const ours = ({node}) => !(node instanceof Element && node.closest(".md-header"));
    new PerformanceObserver((list) => { for (const entry of list.getEntries())
            if (!entry.hadRecentInput && entry.sources.some(ours)) sum += entry.value; })
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(sum), 100); })"""


def box(page: Page) -> Locator:
    return page.locator("#wp-pr-q")


def status(page: Page) -> Locator:
    return page.locator("[data-wp-status]")


def ready(page: Page) -> None:
    """Waits until the page's script has taken over."""
    expect(page.locator("[data-wp-reports]")).to_have_attribute("data-wp-ready", "")


def hits(page: Page) -> Locator:
    return page.locator("[data-wp-hits] > .wp-entries > li")


def settled(page: Page, said: str | re.Pattern[str]) -> None:
    """Waits until the search is over and says so."""
    expect(status(page)).to_have_text(said)
    expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false")


def ids(page: Page) -> list[str]:
    return page.locator("[data-wp-hits] .wp-id").all_text_contents()


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def option(page: Page, group: str, value: str) -> Locator:
    return page.locator(f"[data-wp-filter={group}] li").filter(has=page.locator(f"input[value='{value}']"))


def total(page: Page) -> int:
    """The number of results, once there are any."""
    settled(page, re.compile(r"^\d+ results?$"))
    return int((status(page).text_content() or "").split()[0])


# -- numbers, words, releases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["1747984", "PR1747984", "pr 1747984", "PR-1747984"])
def test_a_number_finds_its_report(shared_page: Page, asked: str) -> None:
    shared_page.goto("pr/")
    box(shared_page).fill(asked)
    expect(shared_page).to_have_url(re.compile("1747984"))
    total(shared_page)
    assert ids(shared_page)[0] == "1747984"


def test_the_beginning_of_a_number_finds_all_that_begin_so(shared_page: Page) -> None:
    shared_page.goto("pr/?q=1747")
    count = total(shared_page)
    assert count > 1
    assert len(ids(shared_page)) == min(count, 10)
    assert ids(shared_page)[0].startswith("1747")
    assert "1747984" in ids(shared_page)


def test_an_unknown_number_says_so_and_offers_the_nearest(shared_page: Page, portal: Portal) -> None:
    shared_page.goto("pr/")
    box(shared_page).fill("1747999")
    settled(shared_page, "There is no record 1747999.")
    expect(shared_page.locator("[data-wp-hits]")).to_contain_text("The nearest numbers:")
    nearest = shared_page.locator("[data-wp-nearest] a").first
    expect(nearest).to_have_attribute("href", f"{portal.url}pr/1747984/")


def test_a_number_of_another_kind_is_shown_all_the_same(shared_page: Page, portal: Portal) -> None:
    shared_page.goto("pr/?q=EXSA-2026-0007")
    total(shared_page)
    expect(shared_page.locator("[data-wp-corrected]")).to_have_text("No problem report has this number, but these records do.")
    expect(hits(shared_page).first.get_by_role("link")).to_have_attribute("href", f"{portal.url}advisories/EXSA-2026-0007/")
    expect(hits(shared_page).first).to_contain_text("Security advisory")


@pytest.mark.parametrize(("root", "asked", "word"), [("", "route crash", "crashes"), ("ru/", "сбой фиксации", "фиксаци")])
def test_words_find_reports_and_are_marked(shared_page: Page, root: str, asked: str, word: str) -> None:
    shared_page.goto(f"{root}pr/")
    box(shared_page).fill(asked)
    settled(shared_page, re.compile(r"^\d+ (results?|результат(а|ов)?)$"))
    marks = shared_page.locator("[data-wp-hits] mark").all_text_contents()
    assert any(word in mark for mark in marks), marks
    first = hits(shared_page).first
    expect(first.locator("h2 a")).to_be_visible()
    expect(first.locator(".wp-id")).to_have_text(re.compile(r"^\d{7}$"))
    expect(first.locator(".wp-chip--severity")).to_be_visible()
    expect(first.locator(".wp-chip--status")).to_be_visible()
    expect(first.locator("time")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d$"))
    expect(first.locator(".wp-entry__summary")).to_be_visible()


def test_a_result_shows_the_releases_that_fix_it(shared_page: Page) -> None:
    shared_page.goto("pr/?q=1747984")
    total(shared_page)
    expect(hits(shared_page).first.locator(".wp-entry__more")).to_contain_text("Fixed in")
    expect(hits(shared_page).first.locator(".wp-release").filter(has_text="21.4R3-S5")).to_be_visible()


def test_an_identifier_is_marked_as_a_whole(shared_page: Page) -> None:
    shared_page.goto("pr/?q=add-path")
    assert total(shared_page) >= 1
    assert "add-path" in shared_page.locator("[data-wp-hits] mark").all_text_contents()


def test_a_release_leads_to_its_problems(shared_page: Page) -> None:
    shared_page.goto("pr/")
    box(shared_page).fill("21.4r3-s5")
    link = shared_page.get_by_role("link", name="Problems that 21.4R3-S5 has")
    count = re.sub(r"\D*\((\d+)\)$", r"\1", (link.text_content() or "").removeprefix("Problems that 21.4R3-S5 has"))
    link.click()
    settled(shared_page, re.compile(rf"^{count} results?$"))
    assert query(shared_page) == {"affects": "21.4R3-S5"}


def test_a_word_is_found_while_it_is_typed(shared_page: Page) -> None:
    shared_page.goto("pr/")
    box(shared_page).fill("multip")
    assert total(shared_page) >= 2
    expect(shared_page.locator("[data-wp-hits] mark").first).to_be_visible()


def test_a_typing_error_is_corrected_and_said(shared_page: Page) -> None:
    shared_page.goto("pr/?q=multipahh")
    assert total(shared_page) >= 1
    expect(shared_page.locator("[data-wp-corrected]")).to_have_text("Nothing holds “multipahh”; “multipath” was searched.")
    box(shared_page).fill("multipath")
    expect(shared_page.locator("[data-wp-corrected]")).to_be_empty()


def test_query_language_phrases_exclusions_filters(shared_page: Page) -> None:
    shared_page.goto("pr/?q=bgp")
    every = total(shared_page)
    shared_page.goto("pr/?q=bgp+-crash")
    fewer = total(shared_page)
    assert 0 < fewer < every
    shared_page.goto("pr/?q=bgp+severity:critical")
    assert 0 < total(shared_page) < every
    shared_page.goto("pr/?q=%22route+flaps%22")
    assert "1747984" in ids(shared_page) or total(shared_page) >= 1
    shared_page.goto("pr/?q=kind:advisory+ssh")
    total(shared_page)
    expect(hits(shared_page).first).to_contain_text("Security advisory")


def test_query_is_text_and_never_markup(new_page: Open) -> None:
    page = new_page("pr/")
    box(page).fill('<img src=x onerror="window.hit=1"> multipahh<b>')
    settled(page, re.compile("."))
    expect(page).to_have_url(re.compile("img"))
    assert page.locator("[data-wp-hits] img, [data-wp-corrected] b, [data-wp-hits] b").count() == 0
    assert page.evaluate("window.hit") is None


# -- filters -----------------------------------------------------------------------------------------------------------


def test_filters_apply_at_once_and_have_counts(new_page: Open, portal: Portal) -> None:
    page = new_page("pr/")
    ready(page)
    watch = Watch(page, portal.url)
    critical = option(page, "severity", "critical")
    count = critical.locator(".wp-count").text_content() or ""
    critical.get_by_role("checkbox").check()
    settled(page, f"{count} results")
    assert query(page) == {"severity": "critical"}
    expect(page.locator("[data-wp-hits] .wp-chip--critical")).to_have_count(min(int(count), 10))
    fixed = option(page, "status", "fixed")
    expect(fixed.locator(".wp-count")).not_to_have_text("74")  # now of those that are critical
    both = fixed.locator(".wp-count").text_content() or ""
    fixed.get_by_role("checkbox").check()
    settled(page, re.compile(rf"^{both} results?$"))
    expect(critical.locator(".wp-count")).to_have_text(both)
    option(page, "severity", "high").get_by_role("checkbox").check()
    expect(page).to_have_url(re.compile("severity=critical,high"))
    settled(page, re.compile(r"^\d+ results$"))
    assert int((status(page).text_content() or "0").split()[0]) > int(both)
    assert watch.found == []


def test_values_without_results_stay_visible_and_muted(shared_page: Page) -> None:
    shared_page.goto("pr/?q=%22rpd+crashes+when+a+BGP+multipath%22")
    settled(shared_page, "1 result")
    low = option(shared_page, "severity", "low")
    expect(low.locator(".wp-count")).to_have_text("0")
    expect(low).to_be_visible()
    expect(low).to_have_class(re.compile("wp-zero"))
    expect(option(shared_page, "severity", "critical").locator(".wp-count")).to_have_text("1")
    expect(option(shared_page, "kind", "report").locator(".wp-count")).to_have_text("1")


@pytest.mark.parametrize(("group", "value", "name"), [("component", "bgp", "BGP"), ("platform", "sx40", "SX40 access switches"),
                                                      ("product", "exos", "ExOS")])
def test_groups_fetch_their_counts_when_they_are_opened(shared_page: Page, group: str, value: str, name: str) -> None:
    shared_page.goto("pr/?q=crash")
    total(shared_page)
    summary = shared_page.locator(f"[data-wp-filter={group}] summary")
    summary.click()
    chosen = option(shared_page, group, value)
    expect(chosen).to_contain_text(name)
    expect(chosen.locator(".wp-count")).to_have_text(re.compile(r"^[1-9]\d*$"))
    if group == "product":
        expect(chosen.locator(".wp-count")).not_to_have_text("119")
    chosen.get_by_role("checkbox").check()
    total(shared_page)
    assert query(shared_page)[group] == value
    expect(chosen.locator(".wp-count")).to_have_text((status(shared_page).text_content() or "").split()[0])
    expect(shared_page.locator(".wp-active")).to_contain_text(f"{group.capitalize()}: {name}")


def test_a_group_can_be_opened_before_anything_is_asked(shared_page: Page) -> None:
    shared_page.goto("pr/")
    shared_page.locator("[data-wp-filter=component] summary").click()
    expect(option(shared_page, "component", "bgp").locator(".wp-count")).to_have_text("10")
    expect(option(shared_page, "component", "bgp")).to_contain_text("BGP")


def test_release_filters_suggest_releases(new_page: Open) -> None:
    page = new_page("pr/?product=exos")
    total(page)
    affects = page.get_by_label("Affects release")
    affects.focus()
    expect(page.locator("#wp-releases option[value='21.4R3-S5']")).to_have_count(1)
    expect(page.locator("#wp-releases option[value='5.11.1']")).to_have_count(0)
    affects.fill("21.4R3-S5")
    affects.press("Enter")
    expect(page).to_have_url(re.compile("affects=21.4R3-S5"))
    expect(page.locator(".wp-active")).to_contain_text("Affects release: 21.4R3-S5")
    affected = total(page)
    page.get_by_label("Fixed in release").fill("22.4R3")
    page.get_by_label("Fixed in release").press("Enter")
    expect(page).to_have_url(re.compile("fixed=22.4R3"))
    expect(status(page)).not_to_have_text(f"{affected} results")
    assert 0 < total(page) < affected


def test_updated_since_and_workaround(new_page: Open) -> None:
    page = new_page("pr/")
    ready(page)
    page.get_by_label("Updated since").fill("2026-06-01")
    expect(page).to_have_url(re.compile("since=2026-06-01"))
    assert total(page) > 0
    assert all(day >= "2026-06-01" for day in page.locator("[data-wp-hits] time").all_text_contents())
    option(page, "has", "workaround").get_by_role("checkbox").check()
    expect(page).to_have_url(re.compile("has=workaround"))
    assert total(page) > 0


def test_chips_take_filters_away(new_page: Open) -> None:
    page = new_page("pr/?q=bgp&severity=critical,high&status=fixed")
    total(page)
    chips = page.locator(".wp-active")
    page.get_by_role("button", name="Remove filter: Severity: High").click()
    expect(page).to_have_url(re.compile(r"severity=critical&"))
    expect(option(page, "severity", "high").get_by_role("checkbox")).not_to_be_checked()
    total(page)
    chips.get_by_role("button", name="Clear all filters").click()
    expect(page).to_have_url(re.compile(r"/pr/\?q=bgp$"))
    expect(chips).to_be_hidden()
    expect(option(page, "severity", "critical").get_by_role("checkbox")).not_to_be_checked()


def test_only_reports_are_searched_until_all_kinds_are_wanted(new_page: Open) -> None:
    page = new_page("pr/?q=bgp")
    reports = total(page)
    expect(option(page, "kind", "report").get_by_role("checkbox")).to_be_checked()
    expect(option(page, "kind", "article").locator(".wp-count")).to_have_text(re.compile("^[1-9]"))
    page.get_by_role("button", name="Search all kinds").click()
    expect(page).to_have_url(re.compile("kind=all"))
    expect(status(page)).not_to_have_text(f"{reports} results")
    assert total(page) > reports
    expect(option(page, "kind", "report").get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("button", name="Only problem reports").click()
    settled(page, f"{reports} results")
    page.goto("pr/?q=bgp&kind=advisory")
    total(page)
    expect(hits(page).first).to_contain_text("Security advisory")


@pytest.mark.parametrize(("address", "said", "guess", "then"), [
    ("pr/?q=severity:criticle", "Severity: “criticle” is not known. Did you mean critical?", "Use critical", "severity:critical"),
    ("pr/?q=bgp+affects:21.4R3-S55", "Affects release: “21.4R3-S55” is not known. Did you mean 21.4R3-S5?", "Use 21.4R3-S5",
     "bgp affects:21.4R3-S5"),
])
def test_a_wrong_filter_is_named_with_what_may_be_meant(new_page: Open, address: str, said: str, guess: str, then: str) -> None:
    page = new_page(address)
    settled(page, said)
    page.get_by_role("button", name=guess).click()
    expect(box(page)).to_have_value(then)
    assert total(page) > 0


def test_a_wrong_filter_of_the_address_is_mended_there(new_page: Open) -> None:
    page = new_page("pr/?fixed=22.4R33&severity=hihg")
    settled(page, re.compile("is not known. Did you mean"))
    page.locator("[data-wp-guess]").click()
    settled(page, re.compile("is not known. Did you mean|result"))
    if page.locator("[data-wp-guess]").count():
        page.locator("[data-wp-guess]").click()
    total(page)
    assert query(page) == {"fixed": "22.4R3", "severity": "high"}


@pytest.mark.parametrize(("asked", "said"), [
    ("since:yesterday", "Updated since: “yesterday” is no day. Write it like 2026-01-31."), ("status:,", "Status: a value is missing."),
])
def test_filters_without_a_sensible_value(shared_page: Page, asked: str, said: str) -> None:
    shared_page.goto("pr/")
    box(shared_page).fill(asked)
    settled(shared_page, said)


def test_nothing_found_says_what_to_do_next(new_page: Open, portal: Portal) -> None:
    page = new_page("pr/?q=ssh+zebra")
    settled(page, "Nothing found.")
    expect(page.locator("[data-wp-hits]")).to_contain_text("Check the spelling, or write fewer words.")
    expect(page.get_by_role("link", name="Search the whole portal for “ssh zebra”")).to_have_attribute(
        "href", f"{portal.url}search/?q=ssh%20zebra")
    page.goto("pr/?q=1747984&severity=low")
    settled(page, "Nothing found.")
    page.get_by_role("link", name=re.compile(r"^Leave out Severity: Low \(\d\)$")).click()
    total(page)
    assert query(page) == {"q": "1747984"}


# -- order, more, the address ------------------------------------------------------------------------------------------


def test_sorting(new_page: Open) -> None:
    page = new_page("pr/?q=bgp")
    count = total(page)
    sort = page.get_by_label("Sort by")
    order = ["critical", "high", "medium", "low", "unrated"]
    sort.select_option("severity")
    expect(page).to_have_url(re.compile("sort=severity"))
    settled(page, f"{count} results")
    chips = page.locator("[data-wp-hits] .wp-chip--severity").evaluate_all("chips => chips.map((chip) => chip.classList[2].slice(9))")
    assert chips == sorted(chips, key=order.index)
    sort.select_option("number")
    expect(page).to_have_url(re.compile("sort=number"))
    settled(page, f"{count} results")
    assert ids(page) == sorted(ids(page), key=int, reverse=True)
    sort.select_option("updated")
    expect(page).to_have_url(re.compile("sort=updated"))
    settled(page, f"{count} results")
    days = page.locator("[data-wp-hits] time").all_text_contents()
    assert days == sorted(days, reverse=True)


def test_ten_results_first_and_twenty_more(new_page: Open) -> None:
    page = new_page("pr/?severity=high")
    count = total(page)
    assert count > 30
    expect(hits(page)).to_have_count(10)
    page.get_by_role("button", name="Show 20 more").click()
    expect(hits(page)).to_have_count(30)
    expect(hits(page).nth(10).locator("h2 a")).to_be_focused()
    assert query(page)["show"] == "30"
    numbers = ids(page)
    assert len(set(numbers)) == 30
    page.reload()
    settled(page, f"{count} results")
    expect(hits(page)).to_have_count(30)
    assert ids(page) == numbers
    page.get_by_role("button", name=f"Show {count - 30} more").click()
    expect(hits(page)).to_have_count(count)
    expect(page.locator("[data-wp-more]")).to_have_count(0)


def test_typing_replaces_and_steps_can_be_taken_back(new_page: Open, portal: Portal) -> None:
    page = new_page("pr/")
    length = page.evaluate("history.length")
    for asked in ("b", "bg", "bgp"):
        box(page).fill(asked)
        expect(page).to_have_url(f"{portal.url}pr/?q={asked}")
    bgp = total(page)
    assert page.evaluate("history.length") == length
    box(page).press("Enter")
    settled(page, f"{bgp} results")
    assert page.evaluate("history.length") == length + 1
    option(page, "severity", "high").get_by_role("checkbox").check()
    expect(page).to_have_url(f"{portal.url}pr/?q=bgp&severity=high")
    high = total(page)
    assert high < bgp
    page.go_back()
    expect(page).to_have_url(f"{portal.url}pr/?q=bgp")
    settled(page, f"{bgp} results")
    expect(option(page, "severity", "high").get_by_role("checkbox")).not_to_be_checked()
    page.go_back()
    expect(page).to_have_url(f"{portal.url}pr/")
    settled(page, "119 records")
    expect(box(page)).to_have_value("")
    expect(page.locator("[data-wp-listing]")).to_be_visible()
    page.go_forward()
    settled(page, f"{bgp} results")
    expect(box(page)).to_have_value("bgp")
    page.go_forward()
    settled(page, re.compile(rf"^{high} results?$"))
    expect(option(page, "severity", "high").get_by_role("checkbox")).to_be_checked()


def test_the_place_on_the_page_comes_back(new_page: Open) -> None:
    page = new_page("pr/?severity=high&show=30")
    count = total(page)
    expect(hits(page)).to_have_count(30)
    hits(page).nth(25).scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 2000)")
    page.wait_for_function("() => scrollY === 2000")
    title = hits(page).nth(20).locator("h2 a")
    text = title.text_content() or ""
    title.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text)
    page.go_back()
    settled(page, f"{count} results")
    expect(hits(page)).to_have_count(30)
    page.wait_for_function("() => scrollY > 1900")
    option(page, "status", "open").get_by_role("checkbox").check()
    expect(page).to_have_url(re.compile("status=open"))
    total(page)
    page.go_back()
    settled(page, f"{count} results")
    page.wait_for_function("() => scrollY > 1900")


def test_a_full_address_restores_everything(new_page: Open) -> None:
    address = ("pr/?q=crash&severity=critical,high&status=fixed&has=workaround&kind=report,advisory&product=exos&platform=ar900,sx40"
               "&component=bgp&affects=21.4R1&fixed=&since=2020-01-01&sort=updated")
    page = new_page(address)
    settled(page, re.compile("result|Nothing found"))
    expect(box(page)).to_have_value("crash")
    for group, values in {"severity": ["critical", "high"], "status": ["fixed"], "has": ["workaround"], "kind": ["report", "advisory"],
                          "product": ["exos"], "platform": ["ar900", "sx40"], "component": ["bgp"]}.items():
        checked = page.locator(f"[data-wp-filter={group}] input:checked").evaluate_all("boxes => boxes.map((box) => box.value)")
        assert sorted(checked) == sorted(values), group
    expect(page.locator("[name=affects]")).to_have_value("21.4R1")
    expect(page.locator("[name=since]")).to_have_value("2020-01-01")
    expect(page.get_by_label("Sort by")).to_have_value("updated")
    expect(page.locator(".wp-active")).to_contain_text("Platform: AR900 edge routers")
    expect(page.locator(".wp-active")).to_contain_text("Component: BGP")


def test_nothing_asked_shows_the_static_list(new_page: Open) -> None:
    page = new_page("pr/?q=bgp")
    total(page)
    expect(page.locator("[data-wp-listing]")).to_be_hidden()
    box(page).fill("")
    settled(page, "119 records")
    expect(page.locator("[data-wp-listing]")).to_be_visible()
    expect(hits(page)).to_have_count(0)
    expect(option(page, "severity", "critical").locator(".wp-count")).to_have_text("17")
    assert query(page) == {}


# -- several searches, failures, speed ---------------------------------------------------------------------------------


def test_an_older_search_never_overwrites_a_newer_one(new_page: Open) -> None:
    page = new_page("pr/")
    ready(page)
    held: list[Route] = []
    page.route(re.compile(r"/prsearch/c/"), lambda route: held.append(route))
    box(page).fill("1715507")
    expect(page).to_have_url(re.compile("q=1715507"))
    expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "true")
    expect(status(page)).to_have_text("Searching…")
    box(page).fill("qqzzxxy")
    settled(page, "Nothing found.")
    for route in held:
        route.continue_()
    page.wait_for_timeout(300)
    settled(page, "Nothing found.")
    expect(hits(page)).to_have_count(0)


def test_busy_is_said_together_with_the_address(new_page: Open) -> None:
    page = new_page("pr/?q=bgp")
    total(page)
    page.evaluate("""() => { window.seen = []; const replace = history.replaceState;
        history.replaceState = function (...all) { replace.apply(this, all);
            queueMicrotask(() => window.seen.push(document.querySelector("[data-wp-results]").getAttribute("aria-busy"))); }; }""")
    box(page).fill("multipath")
    expect(page).to_have_url(re.compile("multipath"))
    total(page)
    assert page.evaluate("window.seen[0]") == "true"


def test_a_failing_index_says_so_and_can_be_tried_again(new_page: Open) -> None:
    page = new_page()
    page.route("**/prsearch/**", lambda route: route.abort())
    page.goto("pr/?q=bgp")
    settled(page, re.compile("could not be loaded"))
    page.unroute("**/prsearch/**")
    page.locator("[data-wp-retry]").click()
    assert total(page) > 0


def test_what_is_typed_early_is_searched(new_page: Open) -> None:
    page = new_page()
    waiting: list[Callable[[], None]] = []
    page.route(re.compile(r"assets/pr-page\."), lambda route: waiting.append(route.continue_))
    page.goto("pr/")
    box(page).fill("1747984")
    page.wait_for_timeout(100)
    for go_on in waiting:
        go_on()
    total(page)
    assert ids(page)[0] == "1747984"


def test_filters_chosen_early_hold(new_page: Open) -> None:
    page = new_page()
    waiting: list[Callable[[], None]] = []
    page.route(re.compile(r"assets/pr-page\."), lambda route: waiting.append(route.continue_))
    page.goto("pr/")
    option(page, "severity", "critical").get_by_role("checkbox").check()
    page.wait_for_timeout(100)
    for go_on in waiting:
        go_on()
    settled(page, "17 results")
    assert query(page) == {"severity": "critical"}


def test_nothing_is_fetched_before_somebody_asks(new_page: Open) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/prsearch/" in request.url else None)
    page.goto("pr/", wait_until="networkidle")
    assert asked == []
    page.goto("kb/", wait_until="networkidle")
    assert asked == []
    page.goto("pr/?q=multipath")
    total(page)
    root, *others = asked
    assert root.endswith("/prsearch/root.json")
    assert all(re.search(r"\?v=\w+$", address) for address in others)


def test_nothing_jumps_when_results_arrive(new_page: Open) -> None:
    for address in ("pr/?q=multipath", "pr/?q=zebra", "pr/?q=bgp&severity=high", "pr/"):
        page = new_page(address)
        settled(page, re.compile("result|Nothing|records"))
        page.wait_for_timeout(300)
        assert page.evaluate(SHIFTS) < 0.001, address


# -- keyboard, phone, without scripts ----------------------------------------------------------------------------------


def test_keyboard(new_page: Open) -> None:
    page = new_page("pr/")
    ready(page)
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")
    box(page).fill("and/or")
    box(page).press("End")
    box(page).press("/")
    expect(box(page)).to_have_value("and/or/")
    box(page).press("Escape")
    expect(box(page)).to_have_value("")
    settled(page, "119 records")
    box(page).fill("multipath")
    total(page)
    box(page).press("Tab")
    expect(page.get_by_role("button", name="Search", exact=True).nth(1)).to_be_focused()
    page.locator("[data-wp-filter=severity] summary").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(option(page, "severity", "critical").get_by_role("checkbox")).to_be_checked()
    expect(page).to_have_url(re.compile("severity=critical"))
    total(page)
    expect(option(page, "severity", "critical").get_by_role("checkbox")).to_be_focused()
    hits(page).first.locator("h2 a").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/pr/\d+/$"))


def test_filters_fold_on_a_phone(new_page: Open) -> None:
    page = new_page("pr/?q=bgp", viewport=NARROW)
    total(page)
    severity = option(page, "severity", "high")
    expect(severity).to_be_hidden()
    button = page.locator(".wp-filters__switch")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    severity.get_by_role("checkbox").check()
    total(page)
    expect(button).to_have_text(re.compile(r"Filters \(1\)"))
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_without_javascript_numbers_components_and_releases_lead_on(new_page: Open, portal: Portal) -> None:
    page = new_page("pr/", java_script_enabled=False)
    told = page.locator("noscript .wp-note")
    expect(told).to_contain_text("Searching needs JavaScript.")
    expect(told.locator("code")).to_have_text(re.compile(r"^/pr/\d+/$"))
    expect(page.locator("#wp-pr")).to_be_hidden()
    expect(page.locator("[data-wp-filters]")).to_be_hidden()
    expect(page.get_by_role("complementary", name="Narrow down").get_by_role("link", name="Critical")).to_be_visible()
    told.locator("a", has_text="ExOS").first.click()
    expect(page).to_have_url(f"{portal.url}products/exos/")
    page.goto("ru/pr/")
    told.locator("a", has_text="BGP").click()
    expect(page).to_have_url(f"{portal.url}ru/components/bgp/")


def test_with_javascript_the_filters_take_the_place_of_static_lists(shared_page: Page) -> None:
    shared_page.goto("pr/")
    expect(shared_page.get_by_role("complementary", name="Narrow down")).to_be_hidden()
    expect(shared_page.get_by_role("complementary", name="Filters")).to_be_visible()


# -- feeds and files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "feed", "words"), [
    ("pr/?q=bgp", "feeds/pr.atom", "Follow: Problem reports"), ("pr/?q=x&kind=all", "feeds/all.atom", "Follow: Everything"),
    ("pr/?kind=advisory", "feeds/advisories.atom", "Follow: Security advisories"), ("pr/?product=exos", "feeds/product-exos.atom", "Follow: ExOS"),
    ("pr/?product=exos&component=bgp", "feeds/component-bgp.atom", "Follow: BGP"),
    ("ru/pr/?component=forwarding", "ru/feeds/component-forwarding.atom", "Подписаться: Пересылка пакетов"),
])
def test_the_feed_that_fits_best(shared_page: Page, portal: Portal, address: str, feed: str, words: str) -> None:
    shared_page.goto(address)
    follow = shared_page.locator("[data-wp-follow]")
    expect(follow).to_have_text(words)
    expect(follow).to_have_attribute("href", portal.url + feed)
    assert (portal.folder / feed).is_file()


def rows_of(file: Download, folder: Path) -> tuple[bytes, list[list[str]]]:
    file.save_as(folder / "results.csv")
    data = (folder / "results.csv").read_bytes()
    return data, list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_results_as_a_table(new_page: Open, portal: Portal, tmp_path: Path) -> None:
    page = new_page("pr/?q=bgp&sort=number")
    count = total(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    data, rows = rows_of(waiting.value, tmp_path)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == count + 1
    assert rows[0] == ["Number", "Kind", "Title", "Severity", "Status", "Products", "Fixed in", "Updated", "Address"]
    assert len(rows) == count + 1
    assert [row[0] for row in rows[1:11]] == ids(page)
    report = next(row for row in rows if row[0] == "1747984")
    assert report[1:6] == ["Problem report", "rpd crashes when a BGP multipath route flaps", "Critical", "Fixed", "ExOS"]
    assert report[6].startswith("21.4R3-S5, ")
    assert report[8] == f"{portal.url}pr/1747984/"


def test_tables_hold_no_formulas_and_quote_what_has_to_be(new_page: Open) -> None:
    page = new_page("pr/")
    ready(page)
    module = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name).find((name) => name.includes('/csv.'))")
    text = page.evaluate("(address) => import(address).then(({csv}) => csv([['=1+1', '+a', '-b', '@c', 'd-e'], ['a,b', 'say \"x\"', 'two\\nlines', '', '=a,b']]))",
                         module)
    assert text == "\ufeff'=1+1,'+a,'-b,'@c,d-e\r\n\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",,\"'=a,b\"\r\n"


# -- release pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("group", "name"), [("known", "affects"), ("fixed", "fixed"), ("advisories", "affects")])
def test_a_release_page_leads_to_the_same_records(shared_page: Page, group: str, name: str) -> None:
    shared_page.goto("releases/exos/22.4R2/")
    section = shared_page.locator(f"section[aria-labelledby={group}]")
    heading = section.get_by_role("heading", level=2).text_content() or ""
    count = int(re.sub(r".*\((\d+)\)$", r"\1", heading))
    expected = sorted(section.locator(".wp-id").all_text_contents())
    section.get_by_role("link", name="Search and filter these").click()
    assert query(shared_page)[name] == "22.4R2"
    settled(shared_page, re.compile(rf"^{count} results?$"))
    while shared_page.locator("[data-wp-more]").count():
        before = hits(shared_page).count()
        shared_page.locator("[data-wp-more]").click()
        expect(hits(shared_page).nth(before)).to_be_visible()
    assert sorted(ids(shared_page)) == expected


def test_prints_results_without_controls(new_page: Open) -> None:
    page = new_page("pr/?q=bgp")
    total(page)
    page.emulate_media(media="print")
    for selector in ("#wp-pr", "[data-wp-filters]", ".wp-list__tools", ".wp-help"):
        expect(page.locator(selector), selector).to_be_hidden()
    expect(hits(page).first).to_be_visible()
