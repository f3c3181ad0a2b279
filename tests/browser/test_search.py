"""Search by words and by number, in the header and on the results page."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal, Watch, until

pytestmark = [pytest.mark.browser]


@pytest.mark.parametrize(("root", "query", "title", "kind"), [
    ("", "router crash after route flap multipath", "rpd restarts after a route flap on routers with BGP multipath", "Articles"),
    ("ru/", "собрать данные для обращения", "Как собрать данные для обращения в поддержку", "Статьи"),
])
def test_header_search_finds_an_article_by_its_words(new_page: Open, portal: Portal, root: str, query: str, title: str,
                                                     kind: str) -> None:
    page = new_page(f"{root}bulletins/")
    watch = Watch(page, portal.url)
    box = page.locator("#wp-q")
    box.fill(query)  # one search: no list of an unfinished query is replaced under the pointer
    option = page.get_by_role("option").filter(has_text=title)
    expect(option).to_be_visible()
    expect(page.get_by_role("group").filter(has=option)).to_contain_text(kind)
    expect(option.locator("mark").first).to_be_visible()
    option.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert watch.found == []


def test_keyboard_chooses_a_result(new_page: Open) -> None:
    page = new_page("bulletins/")
    box, options = page.locator("#wp-q"), page.get_by_role("option")
    box.fill("bgp")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    count = options.count()
    assert count > 2
    for key, chosen in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", count - 1), ("ArrowDown", 0), ("End", count - 1),
                        ("Home", 0), ("ArrowDown", 1)):
        box.press(key)
        expect(options.nth(chosen)).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", options.nth(chosen).get_attribute("id") or "")
        expect(page.locator("[aria-selected=true]")).to_have_count(1)
    target = options.nth(1).get_attribute("href")
    box.press("Enter")
    expect(page).to_have_url(str(target))


def test_escape_closes_and_enter_without_a_choice_shows_all_results(new_page: Open, portal: Portal) -> None:
    page = new_page("bulletins/")
    box = page.locator("#wp-q")
    box.fill("bgp")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Escape")
    expect(page.get_by_role("option").first).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("bgp")
    expect(box).to_be_focused()
    box.press("Enter")
    expect(page).to_have_url(f"{portal.url}search/?q=bgp")
    expect(page.locator("#wp-page-q")).to_have_value("bgp")


def test_results_close_when_the_focus_leaves(new_page: Open) -> None:
    page = new_page("bulletins/")
    page.locator("#wp-q").fill("bgp")
    expect(page.get_by_role("option").first).to_be_visible()
    page.mouse.click(40, 600)
    expect(page.get_by_role("option").first).to_be_hidden()


def test_results_page_restores_its_state(new_page: Open, portal: Portal) -> None:
    page = new_page("search/")
    expect(page.locator("#wp-page-q")).to_be_focused()
    page.locator("#wp-page-q").press_sequentially("bgp", delay=5)
    results = page.locator(".wp-found h3 a")
    expect(page).to_have_url(f"{portal.url}search/?q=bgp")
    expect(page.locator(".wp-found")).to_have_attribute("aria-busy", "false")
    expect(results.nth(5)).to_be_visible()
    titles = results.all_text_contents()
    expect(page.locator(".wp-found [role=status]")).to_have_text(re.compile(r"^\d+ results$"))
    results.nth(4).scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 300)")
    results.nth(4).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[4])
    page.go_back()
    expect(results.nth(5)).to_be_visible()
    assert results.all_text_contents() == titles
    expect(page.locator("#wp-page-q")).to_have_value("bgp")
    until(page, "scrollY > 200")
    page.reload()
    expect(results.nth(5)).to_be_visible()
    assert results.all_text_contents() == titles
    until(page, "scrollY > 200")


def test_results_page_opens_with_a_query_in_its_address(new_page: Open) -> None:
    page = new_page("ru/search/?q=multipath")
    expect(page.locator("#wp-page-q")).to_have_value("multipath")
    expect(page.locator(".wp-found h3 a").first).to_be_visible()
    expect(page.locator(".wp-found [role=status]")).to_have_text(re.compile(r"^\d+ результат(а|ов)?$"))


@pytest.mark.parametrize(("query", "place"), [
    ("1747984", "pr/1747984/"), ("PR1747984", "pr/1747984/"), ("pr 1747984", "pr/1747984/"), ("kb10001", "kb/KB10001/"),
    ("exsa-2026-0007", "advisories/EXSA-2026-0007/"), ("CVE-2026-990107", "advisories/EXSA-2026-0007/"),
    ("22.4r2", "releases/exos/22.4R2/"), ("KB9120", "kb/KB10008/"),
])
@pytest.mark.parametrize("root", ["", "ru/"])
def test_a_number_leads_to_its_record(shared_page: Page, portal: Portal, query: str, place: str, root: str) -> None:
    shared_page.goto(f"{root}search/?q={query}")
    first = shared_page.locator(".wp-found h2 a").first
    expect(first).to_have_attribute("href", f"{portal.url}{root}{place}")
    first.click()
    expect(shared_page).to_have_url(f"{portal.url}{root}{place}")
    expect(shared_page.get_by_role("heading", level=1)).to_be_visible()


def test_number_search_in_the_header(new_page: Open, portal: Portal) -> None:
    page = new_page("help/")
    page.locator("#wp-q").fill("PR1747984")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("rpd crashes when a BGP multipath route flaps")
    expect(option).to_contain_text("Problem report")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{portal.url}pr/1747984/")


@pytest.mark.parametrize(("address", "said"), [
    ("search/?q=qqzzxxy", "Nothing found for “qqzzxxy”."), ("ru/search/?q=9999999", "По запросу «9999999» ничего не найдено."),
])
def test_unknown_query_says_so(shared_page: Page, address: str, said: str) -> None:
    shared_page.goto(address)
    expect(shared_page.locator(".wp-found [role=status]")).to_contain_text(said)
    expect(shared_page.get_by_role("main").get_by_role("link").first).to_be_visible()


def test_header_says_that_nothing_was_found(new_page: Open) -> None:
    page = new_page("help/")
    page.locator("#wp-q").fill("qqzzxxy")
    expect(page.locator(".wp-search [role=status]")).to_contain_text("Nothing found for “qqzzxxy”.")
    expect(page.get_by_role("option")).to_have_count(0)


def test_failing_index_says_so(new_page: Open) -> None:
    page = new_page()
    page.route("**/pagefind/**", lambda route: route.abort())
    page.goto("search/?q=bgp")
    expect(page.locator(".wp-found [role=status]")).to_contain_text("could not be loaded")


@pytest.mark.parametrize("query", [
    "multipath", "bgp multipath crash", "multipa", "bgp qqzzxxy", "upgrade licence", "crashes route flap", "EXSA-2026-0007", "9999999",
    '"route flap"', "ru:обращение", "ru:собрать данные для обращения",
])
def test_segments_find_what_one_index_finds(shared_page: Page, portal: Portal, divided: Portal, query: str) -> None:
    """A segment that lacks a word must not answer without it."""
    root, words = ("ru/", query[3:]) if query.startswith("ru:") else ("", query)
    found = []
    for url in (portal.url, divided.url):
        shared_page.goto(f"{url}{root}search/?q={quote(words)}")
        expect(shared_page.locator(".wp-found [role=status]")).to_have_text(re.compile(r"\d+ (result|результат)|“|«"))
        links = shared_page.locator(".wp-found :is(h2, h3) a").evaluate_all("all => all.map((link) => link.href)")
        status = shared_page.locator(".wp-found [role=status]").text_content() or ""
        groups = shared_page.locator(".wp-found h2").all_text_contents()
        found.append((status, sorted(groups), sorted(link.removeprefix(url) for link in links) if status.startswith(f"{len(links)} ") else []))
    assert found[1] == found[0]


def test_query_is_text_and_never_markup(new_page: Open) -> None:
    page = new_page("search/")
    page.locator("#wp-page-q").fill('<img src=x onerror="window.hit=1">')
    expect(page.locator(".wp-found [role=status]")).not_to_be_empty()
    assert page.locator(".wp-found img").count() == 0
    assert page.evaluate("window.hit") is None


def test_enter_opens_the_named_record_before_results_have_come(new_page: Open, portal: Portal) -> None:
    """Nothing has been loaded yet when Enter is pressed; the record's page is opened all the same, and no other."""
    page = new_page("help/")
    page.route("**/*.js", lambda route: (page.wait_for_timeout(200), route.continue_())[-1])
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    page.locator("#wp-q").fill("pr 1747984")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("rpd crashes when a BGP multipath route flaps")
    assert visited == [f"{portal.url}pr/1747984/"]


@pytest.mark.parametrize(("address", "box", "place"), [
    ("ru/", "#wp-home-q", "ru/releases/exos/22.4R2/"), ("search/", "#wp-page-q", "releases/exos/22.4R2/"),
])
def test_enter_opens_the_named_record(new_page: Open, portal: Portal, address: str, box: str, place: str) -> None:
    page = new_page(address)
    page.locator(box).press_sequentially("22.4r2", delay=5)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{portal.url}{place}")


def test_nothing_is_loaded_before_the_box_is_used(new_page: Open) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address, box in (("", "#wp-home-q"), ("bulletins/", "#wp-q"), ("search/", "#wp-page-q"), ("ru/search/", "#wp-page-q")):
        page.goto(address, wait_until="networkidle")
        early = [url for url in asked if re.search(r"search|found|find|prose|names|pagefind|prsearch", url.removesuffix(address))]
        assert early == [], address
        page.locator(box).press_sequentially("bgp")
        expect(page.locator(".wp-results a, .wp-found h3 a").first).to_be_visible()
        assert any("/pagefind/" in url for url in asked), address
        asked.clear()


def test_the_slash_leads_to_the_box(new_page: Open) -> None:
    page = new_page()
    for address, box in (("", "#wp-home-q"), ("kb/", "#wp-q"), ("search/", "#wp-page-q"), ("404.html", "#wp-page-q")):
        page.goto(address)
        page.locator(".md-logo").first.focus()
        page.keyboard.press("/")
        expect(page.locator(box)).to_be_focused()
        expect(page.locator(box)).to_have_value("")


def test_pasted_lines_become_one(new_page: Open) -> None:
    page = new_page("help/", permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('rpd crash\\r\\n  multipath\\nflap\\n')")
    page.locator("#wp-q").focus()
    expect(page.locator("#wp-q")).to_have_attribute("role", "combobox")
    page.keyboard.press("Control+V")
    expect(page.locator("#wp-q")).to_have_value("rpd crash multipath flap")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Control+Z")
    expect(page.locator("#wp-q")).to_have_value("")


def test_results_stand_in_groups_that_add_up(new_page: Open, portal: Portal) -> None:
    page = new_page("search/?q=bgp")
    kinds = page.get_by_role("complementary", name="Filters").get_by_role("list")
    expect(kinds).to_be_visible()
    rows = [row.rsplit(" ", 1) for row in kinds.get_by_role("listitem").all_text_contents()]
    assert [title for title, _count in rows] == ["All kinds", "Articles", "Problem reports", "Security advisories", "Security notices",
                                                 "Technical bulletins", "Guides", "Releases"]
    counts = {title: int(count) for title, count in rows}
    assert counts.pop("All kinds") == sum(counts.values())
    headings = [heading.rsplit(" ", 1) for heading in page.locator(".wp-found h2").all_text_contents()]
    assert {title: int(count) for title, count in headings} == {title: count for title, count in counts.items() if count}
    expect(page.locator(".wp-found .wp-group").first.locator("h3")).to_have_count(5)
    page.locator(".wp-found .wp-group").filter(has_text="Articles").get_by_role("link", name="Show all").click()
    expect(page).to_have_url(f"{portal.url}search/?q=bgp&kind=article")
    expect(page.locator(".wp-found h3")).to_have_count(counts["Articles"])
    expect(kinds.locator("[aria-current]")).to_have_text("Articles")
    page.go_back()
    expect(page.locator(".wp-found h2")).to_have_count(len(headings))
    page.go_forward()
    expect(page.locator(".wp-found h2")).to_have_count(1)
    page.reload()
    expect(page.locator(".wp-found h2")).to_have_count(1)
    kinds.get_by_role("link", name="All kinds").click()
    expect(page).to_have_url(f"{portal.url}search/?q=bgp")
    expect(kinds.locator("[aria-current]")).to_be_focused()


def test_search_is_one_tap_away_on_a_phone(new_page: Open) -> None:
    page = new_page("kb/KB10001/", viewport=NARROW)
    page.locator(".md-header").get_by_role("link", name="Search").click()
    expect(page.locator("#wp-page-q")).to_be_focused()


@pytest.mark.parametrize(("root", "said", "lists"), [
    ("", "a record is at the address that ends with its number: …/pr/1747984/", "Knowledge base"),
    ("ru/", "запись можно открыть по адресу, который кончается ее номером: …/pr/1747984/", "База знаний"),
])
def test_without_javascript_the_page_says_what_works(new_page: Open, root: str, said: str, lists: str) -> None:
    page = new_page(f"{root}search/?q=bgp", java_script_enabled=False)
    expect(page.locator("noscript p")).to_contain_text(said)
    expect(page.get_by_role("main").get_by_role("link", name=lists)).to_be_visible()
    expect(page.locator(".wp-narrow, .wp-steps")).to_be_hidden()
