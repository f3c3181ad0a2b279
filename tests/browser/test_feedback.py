""""Was this helpful?" in a browser: mail, page and endpoint, with the keyboard alone, without JavaScript, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from generator.build import Options, build
from tests.browser.conftest import Open
from tests.browser.support import Portal, served
from tests.generator.support import AT, SITE, write_site

pytestmark = [pytest.mark.browser]
HOST = "https://answers.example.com:8443"
MEMORY = "localStorage.getItem('waypost feedback KB10001')"


def portal_with(folder_of: pytest.TempPathFactory, feedback: str) -> Iterator[Portal]:
    folder = folder_of.mktemp("feedback")
    root = write_site(folder / "source", {"portal.yml": SITE["portal.yml"] + f"feedback: {feedback}\n"})
    build(Options(root, folder / "site", AT))
    with served(folder / "site") as portal:
        yield portal


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    yield from portal_with(tmp_path_factory, f"{{endpoint: '{HOST}/portal'}}")


@pytest.fixture(scope="module")
def page_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    yield from portal_with(tmp_path_factory, f"{{page: '{HOST}/form'}}")


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


def receiver(page: Page, status: int = 204) -> list[Request]:
    """Answers in the receiver's place, not at all with status 0; gives the list of requests that leave for another host."""
    asked: list[Request] = []

    def handle(route: Route) -> None:
        asked.append(route.request)
        if status:
            route.fulfill(status=status, body="<title>Received</title>" if status == 200 else "", content_type="text/html",
                          headers={"Access-Control-Allow-Origin": "*"})
        else:
            route.abort()

    page.route(re.compile("^https://"), handle)
    return asked


def fields(text: str | None) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text or "", keep_blank_values=True).items()}


def test_an_answer_arrives_by_keyboard_alone(tab: Page, endpoint: Portal) -> None:
    asked = receiver(tab)
    tab.goto(f"{endpoint.url}kb/KB10001/")
    form = tab.locator(".wp-feedback form")
    assert form.locator("textarea").is_hidden(), "one question first"
    tab.locator("input[name=helpful]").first.focus()
    tab.keyboard.press("Space")
    tab.keyboard.press("ArrowRight")  # to No
    expect(form.locator("textarea")).to_be_visible()
    expect(form).to_contain_text("Goes to answers.example.com:8443: your answer, the reason, the comment")
    tab.keyboard.press("Tab")
    tab.keyboard.type("Something is w")
    tab.keyboard.press("Tab")
    tab.keyboard.type("Step 2 & 3 <swap>")
    tab.keyboard.press("Tab")
    assert asked == []
    tab.keyboard.press("Enter")
    expect(form.locator("[role=status]")).to_have_text("Thank you, your answer has arrived.")
    assert [(request.method, request.url) for request in asked] == [("POST", f"{HOST}/portal")]
    assert fields(asked[0].post_data) == {
        "record": "KB10001", "language": "en", "helpful": "no", "reason": "wrong", "comment": "Step 2 & 3 <swap>"}
    headers = asked[0].all_headers()
    assert headers["content-type"].startswith("application/x-www-form-urlencoded") and not {"cookie", "referer"} & set(headers)


def test_the_browser_remembers_and_forgets(tab: Page, endpoint: Portal) -> None:
    receiver(tab)
    tab.goto(f"{endpoint.url}ru/kb/KB10001/")
    form, status = tab.locator(".wp-feedback form"), tab.locator(".wp-feedback [role=status]")
    form.get_by_label("Да").check()
    form.get_by_role("button", name="Отправить").click()
    expect(status).to_have_text("Спасибо, ответ получен.")
    tab.reload()
    expect(status).to_have_text("Вы ответили, что страница помогла. Это помнит только этот браузер.")
    tab.goto(f"{endpoint.url}kb/KB10002/")
    expect(tab.locator("[data-wp-forget]")).to_be_hidden()
    tab.goto(f"{endpoint.url}kb/KB10001/")
    tab.get_by_role("button", name="Forget my answer").click()
    expect(status).to_have_text("")
    assert tab.evaluate(MEMORY) is None


@pytest.mark.parametrize("status", [500, 0])
def test_what_does_not_arrive_is_not_lost(tab: Page, endpoint: Portal, status: int) -> None:
    receiver(tab, status)
    tab.goto(f"{endpoint.url}pr/100001/")
    form = tab.locator(".wp-feedback form")
    form.get_by_label("Yes").check()
    form.get_by_label("Comment").fill("Thanks")
    form.get_by_role("button", name="Send").click()
    expect(form.locator("[role=status]")).to_have_text("Your answer did not arrive. Nothing is lost: send it again later.")
    expect(form.get_by_label("Comment")).to_have_value("Thanks")
    expect(form.get_by_role("button", name="Send")).to_be_enabled()
    assert tab.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_a_page_gets_the_answer_as_parameters(browser: Browser, page_way: Portal, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    tab = context.new_page()
    asked = receiver(tab, 200)
    tab.goto(f"{page_way.url}ru/kb/KB10001/")
    form = tab.locator(".wp-feedback form")
    form.get_by_label("Нет").check()
    form.get_by_label("Комментарий").fill("а & б")
    form.get_by_role("button", name="Отправить").click()
    expect(tab).to_have_title("Received")
    assert fields(urlsplit(asked[0].url).query) == {"record": "KB10001", "language": "ru", "helpful": "no", "reason": "", "comment": "а & б"}
    assert asked[0].all_headers().get("referer", page_way.url) == page_way.url, "no more than where the portal is"
    context.close()


def test_a_form_reaches_an_endpoint_without_javascript(browser: Browser, endpoint: Portal) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    asked = receiver(tab, 200)
    tab.goto(f"{endpoint.url}kb/KB10001/")
    tab.get_by_label("Yes").check()
    tab.get_by_role("button", name="Send").click()
    expect(tab).to_have_title("Received")
    assert fields(asked[0].post_data) == {"record": "KB10001", "language": "en", "helpful": "yes", "reason": "", "comment": ""}
    context.close()


def test_mail_is_a_letter_that_the_reader_sends(new_page: Open) -> None:
    page = new_page("kb/KB10001/")
    form = page.locator(".wp-feedback form")
    assert page.locator(".wp-feedback .wp-scriptless").is_hidden()
    form.get_by_label("No", exact=True).check()
    form.get_by_label("Reason").select_option("missing")
    form.get_by_label("Comment").fill("Where is the log?")
    expect(form).to_contain_text("Your mail program opens with a letter to portal-feedback@example.com.")
    devtools = page.context.new_cdp_session(page)  # Playwright tells of no navigation that ends in another program
    devtools.send("Page.enable")
    letters: list[str] = []
    devtools.on("Page.frameRequestedNavigation", lambda asked: letters.append(asked["url"]))
    form.get_by_role("button", name="Send").click()
    for _ in range(50):
        page.wait_for_timeout(100 if not letters else 0)
    address = urlsplit(letters[0])
    assert address.path == "portal-feedback@example.com"
    assert fields(address.query) == {"subject": "KB10001 was helpful: no", "body": "Something is missing\r\n\r\nWhere is the log?\r\n\r\nhttps://support.example.com/kb/KB10001/"}
    assert page.evaluate(MEMORY) == "no"


def test_mail_without_javascript(new_page: Open) -> None:
    page = new_page("ru/kb/KB10001/", java_script_enabled=False)
    assert page.locator(".wp-feedback form").is_hidden()
    letters = [link.get_attribute("href") for link in page.locator(".wp-feedback a").all()]
    assert [unquote(letter or "") for letter in letters] == [
        f"mailto:portal-feedback@example.com?subject=KB10001, помогла ли страница: {answer}" for answer in ("да", "нет")]


def test_only_articles_and_reports_ask(tab: Page, endpoint: Portal) -> None:
    for address, asks in (("kb/KB10002/", True), ("pr/100001/", True), ("advisories/SA-2026-0001/", False), ("", False)):
        tab.goto(endpoint.url + address)
        assert tab.locator(".wp-feedback").count() == asks
        policy = tab.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
        assert (f"connect-src 'self' {HOST};" in policy, f"form-action 'self' {HOST};" in policy) == (asks, asks)
        assert policy.count(HOST) == 2 * asks


def test_off_unless_it_is_asked_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("off")
    build(Options(write_site(folder / "source"), folder / "site", AT))
    assert "wp-feedback" not in (folder / "site" / "kb" / "KB10001" / "index.html").read_text(encoding="utf-8")
