"""What the search box and the results page make of answers, also of rare ones: the engine is a stub that says what it was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal, until

pytestmark = [pytest.mark.browser]

HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=2</script>'
NOTHING: dict[str, Any] = {
    "jump": None, "unknown": None, "groups": [], "total": 0, "facets": {"kind": [], "product": [], "release": []},
    "understood": {"corrected": [], "synonyms": [], "ignored": [], "relaxed": False, "message": False},
}
STUB = """
const answers = ANSWERS;
globalThis.asked = [];
export const warmUp = () => {};
export async function find(query, { signal, ...options }) {
  globalThis.asked.push([query, options]);
  await new Promise((done) => { setTimeout(done, DELAY); });
  const answer = answers[query] ?? NOTHING;
  const known = options.kinds?.length ? answer.groups.filter((group) => options.kinds.includes(group.kind)) : answer.groups;
  return { ...answer, groups: known.map((group) => ({ ...group, results: group.results.slice(0, options.limit) })) };
}
"""
Stubbed = Callable[..., Page]


def result(number: int, kind: str = "report", **fields: Any) -> dict[str, Any]:
    return {"href": f"/pr/{number}/", "title": f"Fault {number}", "kind": kind, "id": str(number), "language": "en", "excerpt": "",
            "products": [], "releases": []} | fields


def found(*groups: tuple[str, int, list[dict[str, Any]]], understood: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    made = [{"kind": kind, "total": total, "results": results} for kind, total, results in groups]
    facets = NOTHING["facets"] | {"kind": [[kind, total] for kind, total, _results in groups]}
    return NOTHING | {"groups": made, "total": sum(total for _kind, total, _results in groups), "facets": facets,
                      "understood": NOTHING["understood"] | (understood or {})} | fields


SOME = found(("report", 42, [result(number) for number in range(1, 43)]), ("article", 1, [result(77, "article")]))


@pytest.fixture
def stubbed(new_page: Open) -> Stubbed:
    """Opens a page on which the engine gives these answers, by query."""

    def open_stubbed(address: str, answers: dict[str, Any], delay: int = 0, **options: Any) -> Page:
        source = STUB.replace("ANSWERS", json.dumps(answers)).replace("NOTHING", json.dumps(NOTHING)).replace("DELAY", str(delay))

        def answer(route: Route) -> None:
            route.fulfill(body=source, content_type="text/javascript")

        page = new_page(**options)
        page.route(re.compile(r"/assets/find\.\w+\.js$"), answer)
        page.goto(address)
        return page

    return open_stubbed


def asked(page: Page) -> list[Any]:
    return page.evaluate("asked")  # type: ignore[no-any-return]


def test_unknown_number_offers_the_nearest(stubbed: Stubbed) -> None:
    answers = {"1747999": NOTHING | {"unknown": {"id": "1747999", "nearest": [
        result(1747984, products=["exos-evolved"], releases=["22.4R3"]), result(1748316)]}}}
    page = stubbed("search/?q=1747999", answers)
    expect(page.locator(".wp-found [role=status]")).to_have_text("Nothing found for “1747999”.")
    expect(page.get_by_role("region", name="The nearest numbers").get_by_role("heading", level=3)).to_have_text(
        ["Fault 1747984", "Fault 1748316"])
    expect(page.locator(".wp-found .wp-entry__more")).to_have_text("ExOS Evolved · Fixed in 22.4R3")
    page.locator("#wp-q").fill("1747999")
    expect(page.get_by_role("group", name="The nearest numbers").get_by_role("option")).to_have_count(2)
    expect(page.locator(".wp-search [role=status]")).to_have_text("Nothing found for “1747999”.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/pr/1747984/$"))


def test_what_was_searched_otherwise_is_said_and_can_be_refused(stubbed: Stubbed) -> None:
    corrected = found(("report", 1, [result(5)]), understood={"corrected": [["mutlipath", "multipath"]]})
    page = stubbed("search/?q=bgp+Mutlipath,+flap", {"bgp Mutlipath, flap": corrected})
    notes = page.locator(".wp-notes")
    expect(notes).to_contain_text("Nothing holds “mutlipath”; “multipath” was searched.")
    notes.get_by_role("link", name="Search for “mutlipath” as written").click()
    expect(page.locator("#wp-page-q")).to_have_value('bgp "Mutlipath", flap')
    expect(page.locator(".wp-found [role=status]")).to_contain_text("Nothing found")
    assert asked(page)[1][0] == 'bgp "Mutlipath", flap'
    page.go_back()
    expect(page.locator("#wp-page-q")).to_have_value("bgp Mutlipath, flap")
    expect(notes).to_contain_text("“multipath” was searched")


def test_how_a_query_was_understood_is_said(stubbed: Stubbed) -> None:
    understood = {"relaxed": True, "message": True, "synonyms": [["box", "router"]], "ignored": ["the", "of"]}
    answers = {"коробка": found(("report", 1, [result(5)]), understood=understood)}
    page = stubbed("search/?q=коробка", answers)
    expect(page.locator(".wp-notes p")).to_have_text([
        "Read as a message: addresses, times and numbers in it do not count.", "Nothing has all of these words; these have some of them.",
        "“router” was searched beside “box”.", "Left out, as they say little: the, of."])
    page.locator("#wp-q").fill("коробка")
    expect(page.locator(".wp-search [role=status]")).to_contain_text("Nothing has all of these words")


def test_enter_waits_for_what_the_query_names(stubbed: Stubbed) -> None:
    page = stubbed("kb/", {"pr 9": found(("article", 1, [result(77, "article")]), jump=result(9))}, delay=900)
    page.locator("#wp-q").fill("pr 9")
    page.keyboard.press("Enter")
    expect(page.locator(".wp-search [role=status]")).to_have_text("Searching…")
    assert page.url.endswith("/kb/")
    expect(page).to_have_url(re.compile("/pr/9/$"))


def test_the_named_record_comes_first_and_once(stubbed: Stubbed) -> None:
    answers = {"9": found(("report", 3, [result(9), result(8), result(7)]), jump=result(9))}
    page = stubbed("search/?q=9", answers)
    expect(page.locator(".wp-found :is(h2, h3)")).to_have_text(["Fault 9", "Problem reports 2", "Fault 8", "Fault 7"])
    expect(page.locator(".wp-jump")).to_contain_text("Enter opens it")
    page.locator("#wp-q").fill("9")
    expect(page.locator("[role=option] strong")).to_have_text(["Fault 9", "Fault 8", "Fault 7"])
    expect(page.locator(".wp-search [role=status]")).to_have_text(
        "3 results. Enter opens it: 9 · Problem report, Fault 9. Problem reports: 2")
    page.locator("#wp-page-q").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/pr/9/$"))


def test_a_named_record_in_no_group_is_a_result(stubbed: Stubbed) -> None:
    page = stubbed("search/?q=22.4R2", {"22.4R2": NOTHING | {"jump": result(9, "release", id="22.4R2")}})
    expect(page.locator(".wp-found [role=status]")).to_have_text("1 result")
    expect(page.locator(".wp-steps")).to_have_count(0)


def test_enter_follows_what_was_typed_last(stubbed: Stubbed, portal: Portal) -> None:
    page = stubbed("kb/", {"9": found(jump=result(9))}, delay=2000)
    page.locator("#wp-q").fill("9")
    page.keyboard.press("Enter")
    page.keyboard.type("9 lives")
    page.wait_for_timeout(2500)
    assert page.url == f"{portal.url}kb/"
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{portal.url}search/?q=99+lives")


def test_filters_stand_in_the_address(stubbed: Stubbed, portal: Portal) -> None:
    facets = {"kind": [["report", 42], ["article", 1]], "product": [["exos", "ExOS", 40], ["insight", "Insight", 3]],
              "release": [["22.4R2", 7], ["21.4R3-S5", 2]]}
    page = stubbed("search/?q=bgp", {"bgp": SOME | {"facets": facets}})
    panel = page.get_by_role("complementary", name="Filters")
    expect(panel.get_by_label("Product").locator("option")).to_have_text(["All products", "ExOS (40)", "Exemplar Insight (3)"])
    panel.get_by_label("Product").select_option("exos")
    panel.get_by_label("Release").select_option("22.4R2")
    panel.get_by_role("link", name="Problem reports").click()
    expect(page).to_have_url(f"{portal.url}search/?q=bgp&kind=report&product=exos&release=22.4R2")
    expect(page.locator(".wp-found h3")).to_have_count(20)
    assert asked(page)[-1] == ["bgp", {"limit": 20, "kinds": ["report"], "product": "exos", "release": "22.4R2"}]
    page.go_back()
    page.go_back()
    expect(panel.get_by_label("Release")).to_have_value("")
    expect(panel.get_by_label("Product")).to_have_value("exos")
    page.go_forward()
    expect(panel.get_by_label("Release")).to_have_value("22.4R2")
    page.reload()
    expect(panel.get_by_label("Release")).to_have_value("22.4R2")
    assert [options for _query, options in asked(page)] == [{"limit": 5, "kinds": [], "product": "exos", "release": "22.4R2"}]


def test_more_of_a_kind_comes_by_twenties(stubbed: Stubbed, portal: Portal) -> None:
    page = stubbed("search/?q=bgp&kind=report", {"bgp": SOME})
    results = page.locator(".wp-found h3 a")
    expect(results).to_have_count(20)
    page.get_by_role("button", name="Show 20 more").click()
    expect(results).to_have_count(40)
    expect(results.nth(20)).to_be_focused()
    page.get_by_role("button", name="Show 2 more").click()
    expect(results).to_have_count(42)
    expect(page.get_by_role("button", name="Show")).to_have_count(0)
    expect(page).to_have_url(f"{portal.url}search/?q=bgp&kind=report&show=60")
    page.evaluate("scrollTo(0, 1500)")
    page.wait_for_timeout(300)
    page.reload()
    expect(results).to_have_count(42)
    until(page, "scrollY === 1500")


def test_other_languages_are_marked(stubbed: Stubbed) -> None:
    one = result(5, language="en", excerpt="a <mark>crash</mark>")
    page = stubbed("ru/search/?q=bgp", {"bgp": found(("report", 2, [one, result(6, language="ru")]))})
    first, second = (page.locator(".wp-found .wp-entry").nth(number) for number in range(2))
    expect(first.get_by_role("link")).to_have_attribute("lang", "en")
    expect(first.locator(".wp-entry__summary")).to_have_attribute("lang", "en")
    expect(first.locator(".wp-tag")).to_have_text("ENанглийский")
    expect(second.locator("[lang], .wp-tag")).to_have_count(0)
    page.locator("#wp-q").fill("bgp")
    expect(page.get_by_role("option", name="Fault 5").locator("strong")).to_have_attribute("lang", "en")


def test_who_finds_nothing_is_told_what_can_be_done(stubbed: Stubbed, portal: Portal) -> None:
    relaxed = NOTHING | {"understood": NOTHING["understood"] | {"relaxed": True}}
    page = stubbed('search/?q="qq+zz"&kind=report', {"qq zz": SOME, '"qq zz"': relaxed})
    expect(page.locator(".wp-notes")).to_be_empty()
    steps = page.locator(".wp-steps")
    expect(steps.get_by_role("link", name="Search problem reports for")).to_have_attribute("href", "../pr/?q=%22qq+zz%22")
    expect(steps.get_by_role("link", name="Prepare a case")).to_have_attribute("href", "../help/case/")
    steps.get_by_role("link", name="Search without quotation marks (43)").click()
    expect(page).to_have_url(f"{portal.url}search/?q=qq+zz&kind=report")
    expect(page.locator(".wp-found h3")).to_have_count(20)


def test_filters_that_leave_nothing_can_be_dropped(stubbed: Stubbed) -> None:
    page = stubbed("search/?q=bgp&kind=notice&product=exos", {})
    expect(page.locator(".wp-found [role=status]")).to_contain_text("Nothing found")
    expect(page.locator(".wp-steps").get_by_role("link", name="Search without the filters")).to_have_count(0)  # finds nothing either
    panel = page.get_by_role("complementary", name="Filters")
    expect(panel.locator("[aria-current]")).to_have_text("Security notices")
    expect(panel.get_by_label("Product")).to_have_value("exos")


@pytest.mark.parametrize("place", ["kind", "texts"])
def test_nothing_of_an_answer_becomes_markup(stubbed: Stubbed, place: str) -> None:
    bad = result(5, HOSTILE if place == "kind" else "report", title=HOSTILE, id=HOSTILE, excerpt=f"{HOSTILE}<mark onclick=x>a</mark>",
                 language='"><b>', why=HOSTILE, products=[HOSTILE], releases=[HOSTILE])
    understood = {"corrected": [[HOSTILE, HOSTILE]], "synonyms": [[HOSTILE, HOSTILE]], "ignored": [HOSTILE]}
    facets = {"kind": [[HOSTILE, 1]], "product": [[HOSTILE, HOSTILE, 1]], "release": [[HOSTILE, 1]]}
    answer = found((bad["kind"], 2, [bad]), understood=understood, jump=bad | {"href": "/pr/6/"}, facets=facets,
                   unknown={"id": HOSTILE, "nearest": [bad]})
    page = stubbed("search/?q=%3Cimg%20src%3Dx%20onerror%3D%22window.hit%3D3%22%3E", {'<img src=x onerror="window.hit=3">': answer})
    expect(page.locator(".wp-found .wp-jump h2")).to_have_text(HOSTILE)
    page.locator("#wp-q").fill('<img src=x onerror="window.hit=3">')
    expect(page.get_by_role("option").first).to_contain_text(HOSTILE)
    assert page.locator(".wp-searchpage, form").locator("img, script, [onerror], [onclick], b").count() == 0
    assert page.evaluate("window.hit") is None


def test_long_texts_are_cut_and_said_to_be(stubbed: Stubbed) -> None:
    page = stubbed("search/", {})
    page.locator("#wp-page-q").fill("крах \U0001f4a5 " * 900)
    expect(page.locator(".wp-found [role=status]")).to_contain_text("Nothing found")
    query = asked(page)[0][0]
    assert 990 < len(query) <= 1000
    assert len(page.url) < 8000
    expect(page.locator(".wp-notes")).to_have_text("The first 1,000 characters were searched.")


def test_waiting_shows_after_200_ms_and_nothing_jumps(stubbed: Stubbed) -> None:
    page = stubbed("search/", {"bgp": SOME, "bgp multipath": found(("article", 1, [result(77, "article")]))}, delay=700)
    page.evaluate("""() => { window.shifts = 0; new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts += entry.value; }).observe({type: "layout-shift", buffered: true}); }""")
    page.locator("#wp-page-q").fill("bgp")
    expect(page.locator(".wp-skeleton").first).to_be_visible()
    expect(page.locator(".wp-found [role=status]")).to_have_text("Searching…")
    expect(page.locator(".wp-found h3")).to_have_count(6)
    page.locator("#wp-page-q").fill("bgp multipath")
    expect(page.locator(".wp-stale")).to_be_visible()
    expect(page.locator(".wp-found h3")).to_have_count(1)
    expect(page.locator(".wp-stale")).to_have_count(0)
    page.wait_for_timeout(200)
    assert page.evaluate("window.shifts") < 0.001


def test_fits_a_phone(stubbed: Stubbed) -> None:
    wide = result(5, title="x" * 200, id="y" * 60, excerpt="z" * 300, products=["p" * 90], releases=["r" * 20] * 9)
    facets = {"kind": [["report", 1]], "product": [["exos", "P" * 90, 1]], "release": [["22.4R2", 1]]}
    page = stubbed("search/?q=bgp", {"bgp": found(("report", 1, [wide]), jump=wide | {"href": "/x/"}, facets=facets)}, viewport=NARROW)
    expect(page.locator(".wp-found h3")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.goto("")
    page.locator("#wp-home-q").fill("bgp")
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
