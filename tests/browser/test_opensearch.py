"""The search page beside a search engine: recorded answers of OpenSearch, shown by the page's own scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from generator.build import Options, build
from tests.browser.support import Portal, Watch, served
from tests.generator.support import AT, SITE, write_site

pytestmark = [pytest.mark.browser]
ANSWERS = Path(__file__).resolve().parents[1] / "opensearch"
ENGINE = "https://search.example.com:9243/support/_search"
AWAY = "The search engine does not answer. These results are from the portal itself, which finds less."
Answer = Callable[[Route], None]


@pytest.fixture(scope="module")
def engine_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The small site with a search engine on another host."""
    folder = tmp_path_factory.mktemp("opensearch")
    root = write_site(folder / "source", {"portal.yml": SITE["portal.yml"] + f"search: {{opensearch: '{ENGINE}'}}\n"})
    build(Options(root, folder / "site", AT))
    with served(folder / "site") as portal:
        yield portal


@pytest.fixture
def page(browser: Browser, engine_portal: Portal) -> Iterator[Page]:
    context = browser.new_context(base_url=engine_portal.url, locale="en-GB")
    yield context.new_page()
    context.close()


def recorded(name: str, status: int = 200) -> Answer:
    body = (ANSWERS / f"{name}.json").read_text(encoding="utf-8")

    def answer(route: Route) -> None:
        route.fulfill(status=status, body=body, content_type="application/json", headers={"Access-Control-Allow-Origin": "*"})

    return answer


def engine(page: Page, answer: Answer) -> list[Request]:
    """Answers in the engine's place; gives the list of requests that it gets."""
    asked: list[Request] = []

    def handle(route: Route) -> None:
        asked.append(route.request)
        answer(route)

    page.route(re.compile("^https://"), handle)
    return asked


def status_of(page: Page) -> Any:
    return page.locator(".wp-found [role=status]")


def test_an_answer_becomes_results(page: Page, engine_portal: Portal) -> None:
    problems = Watch(page, engine_portal.url)
    asked = engine(page, recorded("found"))
    page.goto("search/?q=restart%20box")
    expect(status_of(page)).to_have_text("1,204 results")
    links = page.locator(".wp-found h3 a")
    assert links.all_text_contents() == ["Restart a box", "Limpiar una caja", "The box hums"]
    assert [link.get_attribute("href") for link in links.all()] == [
        f"{engine_portal.url}{path}/" for path in ("kb/KB10001", "kb/KB10002", "pr/100001")]
    assert page.locator(".wp-found h2").all_text_contents() == ["Articles 304", "Problem reports 900"]
    assert page.locator(".wp-found .wp-id").all_text_contents() == ["KB10001", "KB10002", "100001"]
    assert links.nth(1).get_attribute("lang") == "es"
    assert page.locator(".wp-found mark").all_text_contents() == ["button"]
    assert page.locator(".wp-found .wp-entry__summary").all_text_contents() == [
        "Press the button, then read the log & wait <5 s>.", "Use < 2 cepillos & agua."]
    assert [(request.method, request.url, request.headers["content-type"]) for request in asked] == [("POST", ENGINE, "application/json")]
    sent = asked[0].post_data_json
    assert set(sent) == set(json.loads((ANSWERS / "request.json").read_text(encoding="utf-8")))
    assert sent["size"] == 30
    assert "cookie" not in asked[0].headers and "authorization" not in asked[0].headers
    assert [note for note in problems.found if not note.startswith(f"leaves: {ENGINE}")] == []
    links.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Restart a box")


def test_results_in_russian(page: Page, engine_portal: Portal) -> None:
    engine(page, recorded("found"))
    page.goto("ru/search/?q=box")
    expect(status_of(page)).to_have_text("1 204 результата")
    first = page.locator(".wp-found h3 a").first
    expect(first).to_have_text("Перезапуск")
    expect(first).to_have_attribute("href", f"{engine_portal.url}ru/kb/KB10001/")


def test_a_choice_is_asked_of_the_engine(page: Page) -> None:
    asked = engine(page, recorded("found"))
    page.goto("search/?q=box")
    kinds = page.get_by_role("complementary", name="Filters")
    kinds.get_by_role("link", name="Problem reports").click()
    expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false")
    kinds.get_by_label("Product").select_option("boxos (1,100)")
    expect(page).to_have_url(re.compile(r"\?q=box&kind=report&product=boxos$"))
    expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false")
    assert [request.post_data_json.get("post_filter") for request in asked] == [None, {"bool": {"filter": [{"terms": {"kind": ["report"]}}]}}, {
        "bool": {"filter": [{"terms": {"kind": ["report"]}}, {"term": {"products": "boxos"}}]}}]


def test_nothing_found(page: Page) -> None:
    engine(page, recorded("nothing"))
    page.goto("search/?q=restart")
    expect(status_of(page)).to_have_text(
        "Nothing found for “restart”. Try fewer or other words, a record number or a release.")


def test_a_hostile_answer_is_text(page: Page, engine_portal: Portal) -> None:
    asked = engine(page, recorded("hostile"))
    page.goto("search/?q=box")
    links = page.locator(".wp-found h3 a")
    expect(links).to_have_count(3)
    assert links.first.text_content() == '<img src=x onerror="window.hit=1"><script>window.hit=2</script>'
    assert page.locator(".wp-found .wp-entry__summary").first.text_content() == '<img src=x onerror="window.hit=3">'
    assert all((link.get_attribute("href") or "").startswith(engine_portal.url) for link in links.all())
    assert page.locator(".wp-found").locator("img, script, [onclick], [onerror]").count() == 0
    page.wait_for_timeout(200)
    assert page.evaluate("window.hit") is None
    assert {request.url for request in asked} == {ENGINE}


def broken(route: Route) -> None:
    route.fulfill(status=200, body="<html>Bad gateway</html>", content_type="text/html", headers={"Access-Control-Allow-Origin": "*"})


def without_permission(route: Route) -> None:
    """The engine's host does not allow this origin (CORS)."""
    route.fulfill(status=200, body="{}", content_type="application/json")


def moved(route: Route) -> None:
    route.fulfill(status=302, headers={"Location": "https://elsewhere.example/", "Access-Control-Allow-Origin": "*"})


FAILURES: dict[str, Answer] = {
    "an error": recorded("error", 404), "overload": recorded("error", 503), "no connection": lambda route: route.abort(),
    "no JSON": broken, "some shards failed": recorded("partial"), "timed out inside": recorded("late"),
    "not allowed": without_permission, "moved": moved, "no answer": lambda route: None,
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_engine_is_told_and_the_portal_searches_itself(page: Page, engine_portal: Portal, name: str) -> None:
    asked = engine(page, FAILURES[name])
    page.goto("search/?q=hums")
    expect(status_of(page)).to_have_text(f"1 result. {AWAY}")
    expect(page.locator(".wp-found h3 a")).to_have_attribute("href", f"{engine_portal.url}pr/100001/")
    assert {request.url for request in asked} == {ENGINE}
    before = len(asked)
    page.locator("#wp-page-q").fill("brush")
    expect(page.locator(".wp-found h3 a")).to_have_text("Clean a box")
    assert len(asked) == before, "it is left alone for a while"


def test_only_the_latest_question_counts(page: Page) -> None:
    """A slow answer to an earlier question neither shows nor counts as a failure."""
    waiting: list[Route] = []
    asked = engine(page, lambda route: waiting.append(route) if not waiting else recorded("found")(route))
    page.goto("search/?q=nothing")
    expect(status_of(page)).to_have_text("Searching…")
    page.locator("#wp-page-q").fill("box")
    expect(status_of(page)).to_have_text("1,204 results")
    assert len(asked) == 2


def test_only_the_search_page_may_ask_it(page: Page, engine_portal: Portal) -> None:
    asked = engine(page, recorded("found"))
    ask = f"fetch('{ENGINE}', {{method: 'POST', body: '{{}}'}}).then(() => 'answered', () => 'refused')"
    other = "fetch('https://search.example.com/', {method: 'POST'}).then(() => 'answered', () => 'refused')"
    page.goto("kb/KB10001/")
    assert page.evaluate(ask) == "refused"
    page.locator("#wp-q").fill("hums")
    expect(page.get_by_role("option").first).to_contain_text("The box hums")
    page.goto("search/")
    assert page.evaluate(other) == "refused", "another port is another origin"
    assert asked == []
    assert page.evaluate(ask) == "answered"
