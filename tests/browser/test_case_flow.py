"""The whole way of a case for both policies in both languages: by mouse, by keyboard alone, and with axe-core on every step.

What leaves the page is watched throughout: nothing but GET requests for the portal's own scripts and index files, and no word of what
was typed in any address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import jsonschema
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.support import Portal, Watch
from tests.browser.test_checkers import LEVELS, MODULES, RUN

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TYPED = "Since the change of Monday; the console says hunter-22x"
DATA = "set snmp community s3cret-one authorization read-only\npeer 10.1.2.3 via 2001:db8::7, again 10.1.2.3\n"
REPLACED = "set snmp community <removed> authorization read-only\npeer <address-1> via <address-2>, again <address-1>\n"
CONTACT = {"name": "Alex Example", "email": "alex@example.org", "phone": "+44 20 7946 0999"}
OWN_FILES = re.compile(r"(assets|prsearch|pagefind)/.+|(ru/|en/)?search/(releases|synonyms)\.json|sealed/entitlements/(table\.json|\w+\.bin)")


class Policy(NamedTuple):
    """What differs: ids are those of the site's own files."""

    site: str
    places: dict[str, str]  # language -> address of the page
    product: str
    release: str
    known: tuple[str, ...]  # ids of records that affect the release, of those shown first
    title: str
    answer: str  # id of the record that the title should find
    urgent: str  # level of the first question
    serial: str
    region: str
    numbers: tuple[str, ...]  # to call
    mail: str  # address that takes urgent cases, if any
    calm: str  # level of ordinary cases


NETWORKS = Policy(
    "networks", {"en": "help/case/", "ru": "ru/help/case/"}, "exos", "22.4R2", ("1747984", "EXSA-2026-0007"),
    "Logins are refused after the RADIUS server requires Message-Authenticator", "1779386", "critical", "AR90-4VTN6KVC", "russia",
    ("tel:+74950000010",), "", "medium")
SOFTWARE = Policy(
    "software", {"en": "en/help/case/", "ru": "help/case/"}, "", "3.1.2", ("4188",), "invalid_grant", "4127", "outage", "", "east",
    ("tel:+74950000040", "tel:+78000000040"), "support@example.org", "other")
EVERY = [pytest.param(policy, language, id=f"{policy.site}-{language}") for policy in (NETWORKS, SOFTWARE) for language in ("en", "ru")]
FOREIGN = [pytest.param(NETWORKS, "en", id="networks"), pytest.param(SOFTWARE, "ru", id="software")]


class Visit:
    """The page of cases in a browser of its own, and what it asks of servers."""

    def __init__(self, browser: Browser, portal: Portal, address: str, **options: Any) -> None:
        self.portal = portal
        settings = {"viewport": WIDE, "base_url": portal.url, "timezone_id": "Europe/Berlin", "locale": "en-GB"}
        self.context = browser.new_context(**settings | options)
        self.page = self.context.new_page()
        self.watch = Watch(self.page, portal.url)
        self.page.goto(address)
        expect(self.page.locator("[data-wp-need]").first).not_to_be_empty()  # the script has begun
        self.asked: list[Request] = []
        self.sockets: list[str] = []
        self.context.on("request", lambda request: self.asked.append(request))
        self.page.on("websocket", lambda socket: self.sockets.append(socket.url))

    def field(self, name: str) -> Any:
        return self.page.locator(f"#wp-case [name={name}]")

    def next(self) -> None:
        self.page.locator("[data-wp-next]").click()

    def go(self, step: str) -> None:
        self.page.locator(f"[data-wp-go={step}]").click()
        expect(self.page.locator(f"[data-wp-step={step}] h2")).to_be_focused()

    def saved(self) -> dict[str, Any]:
        with self.page.expect_download() as download:
            self.page.locator("[data-wp-save]").click()
        case: dict[str, Any] = json.loads(Path(download.value.path()).read_text("utf-8"))
        jsonschema.validate(case, json.loads((self.portal.folder / "api/v1/case.schema.json").read_bytes()))
        return case

    def left(self) -> list[str]:
        """Requests for something else than the portal's own files, or with something that was typed."""
        words = ("hunter", "s3cret", "10.1.2.3", "Example", "Message-Auth", "4VTN6KVC", "attached.tgz", "7946")
        return [f"{request.method} {request.url}" for request in self.asked if request.method != "GET" or request.post_data
                or not request.url.startswith(self.portal.url)
                or not OWN_FILES.fullmatch(urlsplit(request.url.removeprefix(self.portal.url)).path)
                or any(word in unquote(request.url) for word in words)]


@pytest.fixture
def visit(browser: Browser, sites: dict[str, Portal]) -> Iterator[Callable[..., Visit]]:
    opened: list[Visit] = []

    def open_page(policy: Policy, language: str, **options: Any) -> Visit:
        opened.append(Visit(browser, sites[policy.site], policy.places[language], **options))
        return opened[-1]

    yield open_page
    for one in opened:
        one.context.close()


def fill(visit: Visit, policy: Policy, step: Callable[[str], None] = lambda name: None) -> None:
    """Everything up to the last step; ``step`` is called on each, as it stands when all of it is filled in."""
    page = visit.page
    visit.field("product").select_option(policy.product or page.locator("[name=product] option").nth(1).get_attribute("value"))
    visit.field("kind").select_option(index=1)
    visit.field("release").fill(policy.release)
    for name in policy.known:
        expect(page.locator(f"[data-wp-known] a[href*='/{name}/']").first).to_be_visible()
    step("product")
    visit.next()
    visit.field("title").fill(policy.title)
    expect(page.locator(f"[data-wp-answers] a[href*='/{policy.answer}/']").first).to_be_visible()
    visit.field("description").fill(f"{TYPED} on 10.1.2.3")
    visit.field("data").fill(DATA)
    expect(page.locator("[data-wp-preview] mark")).to_have_text(["10.1.2.3", "s3cret-one", "10.1.2.3", "2001:db8::7", "10.1.2.3"])
    step("problem")
    page.locator("[data-wp-redact]").click()
    assert visit.field("data").input_value() == REPLACED
    assert visit.field("description").input_value() == f"{TYPED} on <address-1>"
    visit.next()
    step("priority")
    page.locator("[data-wp-answer=yes]").click()
    page.locator("[data-wp-answer=no]").click()  # no workaround
    expect(page.locator(f"[name=level][value={policy.urgent}]")).to_be_checked()
    expect(page.locator("[data-wp-verdict]")).to_contain_text(page.locator(f"[name=level][value={policy.urgent}]").get_attribute("data-definition") or "")
    expect(page.locator("[data-wp-next]")).to_be_focused()
    visit.next()
    if policy.serial:
        visit.field("serial").fill(policy.serial)
        expect(page.locator("[data-wp-coverage] .wp-chip--active")).to_be_visible()
        assert page.locator("[data-wp-coverage] .wp-steps a[href$='help/case/']").count() == 0, "it leads to where one is"
        step("serial")
        visit.next()
    told = page.locator(".wp-case__items li[data-told] input")
    assert told.count() and all(box.is_checked() for box in told.all()), "what the form has been told is ticked"
    while (unticked := page.locator(".wp-case__items input:not(:checked)")).count():
        unticked.first.check()
    visit.field("attachments").fill("attached.tgz\n\n second.log ")
    step("checklist")
    visit.next()
    for name, value in CONTACT.items():
        visit.field(name).fill(value)
    visit.field("region").select_option(policy.region)
    step("contact")
    visit.next()
    expect(page.locator("[data-wp-due]")).not_to_be_empty()
    step("send")


@pytest.mark.parametrize(("policy", "language"), EVERY)
def test_the_whole_way(visit: Callable[..., Visit], tmp_path: Path, policy: Policy, language: str) -> None:
    one = visit(policy, language, permissions=["clipboard-read", "clipboard-write"])
    page = one.page
    fill(one, policy)
    expect(page.locator("[data-wp-missing]")).to_be_empty()
    ways = page.locator("[data-wp-ways]")
    addresses = ways.locator("a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert tuple(address for address in addresses if address.startswith("tel:")) == policy.numbers
    mails = [address for address in addresses if address.startswith("mailto:")]
    assert len(addresses) == len(policy.numbers) + len(mails), "urgent cases go by telephone, and by mail where the policy says so"
    assert [address.partition("?")[0] for address in mails] == ([f"mailto:{policy.mail}"] if policy.mail else [])
    assert page.locator("a[href^='mailto:']:visible").count() == (2 if policy.mail else 0)
    if policy.mail:
        asked = parse_qs(mails[0].partition("?")[2])
        assert asked["subject"] == [policy.title] and asked["body"][0].splitlines()[0].endswith(policy.title)
        expect(ways.locator("ol > li")).to_have_count(2)  # do both
    said = ways.locator(".wp-case__said").all_inner_texts()
    assert [policy.serial in said[1], policy.title in said[-1]] == [True, True]

    text = page.locator("[data-wp-text]").inner_text()
    assert all(word in text for word in (policy.title, TYPED, "<address-1>", "attached.tgz", *CONTACT.values(), policy.serial))
    assert "s3cret" not in text and "[ ]" not in text
    page.locator("[data-wp-copy-text]").click()
    expect(page.locator("[data-wp-kept]")).to_have_text({"en": "Copied", "ru": "Скопировано"}[language])
    assert page.evaluate("navigator.clipboard.readText()").strip() == text.strip()
    case = one.saved()
    level = page.locator(f"[name=level][value={policy.urgent}]").get_attribute("data-name")
    assert (case["language"], case["level"], case["release"]) == (language, {"id": policy.urgent, "number": 1, "name": level}, policy.release)
    assert case["contact"] == CONTACT | {"region": case["contact"]["region"]} and case["contact"]["region"]["id"] == policy.region
    assert case["attachments"] == ["attached.tgz", "second.log"] and case["data"].strip() == REPLACED.strip()
    assert all(item["done"] for item in case["checklist"])

    assert len(one.asked) > 10 and one.left() == [], "nothing is asked for but scripts and the index"
    page.reload()
    expect(page.locator("[data-wp-text]")).to_have_text(text.strip())
    one.asked.clear()  # a page that is opened again asks for itself
    one.go("priority")
    page.locator(f"[name=level][value={policy.calm}]").check()
    one.go("send")
    (link, *_others) = [way for way in ways.locator("a").evaluate_all("links => links.map((link) => link.href)") if not way.startswith("tel:")]
    if policy.mail:
        assert link.startswith(f"mailto:{policy.mail}?") and ways.locator("a[href^='tel:']").count() == 0
    else:
        sent = parse_qs(urlsplit(link).query)
        expected = {"product": policy.product, "release": policy.release, "serial": policy.serial, "priority": policy.calm, "title": policy.title}
        assert {name: sent[name][0] for name in expected} == expected and link.startswith("https://cases.example.com/new?")
        assert sent["description"][0].startswith(text.splitlines()[0]) and len(link) <= 2_000

    assert one.left() == []

    file = tmp_path / "case.json"
    file.write_text(json.dumps(case), encoding="utf-8")
    other = visit(policy, language)
    other.page.locator("[data-wp-file]").set_input_files(file)
    other.go("send")
    expect(other.page.locator("[data-wp-text]")).to_have_text(text.strip())
    assert {**other.saved(), "prepared": ""} == {**case, "prepared": ""}
    other.page.locator("[data-wp-wipe]").click()
    expect(other.page.locator("[data-wp-step=product] h2")).to_be_focused()
    other.page.reload()
    assert all(not other.field(name).input_value() for name in ("product", "title", "description", "data", "email", "attachments"))
    assert page.evaluate("localStorage.length") > 0 == other.page.evaluate("Object.keys(localStorage).filter((name) => name.includes('case')).length")
    wrong = [line for line in (*one.watch.found, *other.watch.found) if not line.startswith("failed: ")]  # a reload ends what is under way
    assert wrong == one.sockets == other.sockets == []


@pytest.mark.parametrize(("policy", "language"), EVERY)
def test_an_answer_that_solves_it_ends_the_case(visit: Callable[..., Visit], policy: Policy, language: str) -> None:
    one = visit(policy, language)
    page = one.page
    one.go("problem")
    one.field("title").fill(policy.title)
    one.field("title").press("Enter")
    expect(page.locator("#case-answers")).to_be_focused()  # Enter shows the answers and does not pass them by
    answer = page.locator("[data-wp-answers] li").filter(has=page.locator(f"a[href*='/{policy.answer}/']"))
    assert answer.locator("a").get_attribute("target") == "_blank", "what was typed stays open"
    answer.locator("[data-wp-solved]").click()
    expect(page.locator("[data-wp-step=product] h2")).to_be_focused()
    expect(page.locator("[data-wp-kept]")).to_have_text(
        {"en": "Good. What you typed here has been deleted.", "ru": "Отлично. Введенное здесь удалено."}[language])
    one.go("problem")
    expect(one.field("title")).to_have_value("")
    assert one.watch.found == []


class Keys:
    """A visitor without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, selector: str) -> None:
        """Presses Tab until the element has the focus, and sees that it can be seen."""
        for _ in range(120):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                assert self.page.evaluate("(() => { const box = document.activeElement.getBoundingClientRect();"
                                          " return box.bottom > 0 && box.top < innerHeight && document.activeElement.matches(':focus-visible'); })()")
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"never reached: {selector}")

    def type(self, name: str, text: str) -> None:
        self.to(f"#wp-case [name={name}]")
        self.page.keyboard.insert_text(text)

    def press(self, selector: str) -> None:
        self.to(selector)
        self.page.keyboard.press("Enter")


@pytest.mark.parametrize(("policy", "language"), FOREIGN)
def test_by_keyboard_alone(visit: Callable[..., Visit], policy: Policy, language: str) -> None:
    one = visit(policy, language)
    page, keys = one.page, Keys(one.page)
    keys.to("[name=product]")
    page.keyboard.press("ArrowDown")
    while policy.product and one.field("product").input_value() != policy.product:
        page.keyboard.press("ArrowDown")
    keys.type("release", policy.release)
    page.keyboard.press("Enter")  # shows what is known first
    expect(page.locator("#case-known")).to_be_focused()
    keys.press("[data-wp-next]")
    expect(page.locator("[data-wp-step=problem] h2")).to_be_focused()
    keys.type("title", policy.title)
    page.keyboard.press("Enter")
    expect(page.locator("#case-answers")).to_be_focused()
    keys.to(f"[data-wp-answers] a[href*='/{policy.answer}/']")
    keys.type("description", TYPED)
    keys.type("data", DATA)
    expect(page.locator("[data-wp-redact]")).to_be_visible()
    keys.press("[data-wp-redact]")
    expect(one.field("data")).to_have_value(REPLACED)
    expect(one.field("data")).to_be_focused()
    keys.press("[data-wp-next]")
    keys.press("[data-wp-answer=yes]")
    keys.press("[data-wp-answer=no]")
    expect(page.locator(f"[name=level][value={policy.urgent}]")).to_be_checked()
    expect(page.locator("[data-wp-next]")).to_be_focused()
    page.keyboard.press("Enter")
    if policy.serial:
        keys.type("serial", policy.serial)
        expect(page.locator("[data-wp-coverage] .wp-chip--active")).to_be_visible()
        page.keyboard.press("Enter")
    while page.locator(".wp-case__items input:not(:checked)").count():
        keys.to(".wp-case__items input:not(:checked)")
        page.keyboard.press("Space")
    keys.type("attachments", "attached.tgz")
    keys.press("[data-wp-next]")
    for name, value in CONTACT.items():
        keys.type(name, value)
    keys.to("[name=region]")
    while one.field("region").input_value() != policy.region:
        page.keyboard.press("ArrowDown")
    keys.press("[data-wp-next]")
    expect(page.locator("[data-wp-step=send] h2")).to_be_focused()
    expect(page.locator("[data-wp-missing]")).to_be_empty()
    keys.to(f"[data-wp-ways] a[href='{policy.numbers[0]}']")
    keys.to("[data-wp-text]")
    keys.to("[data-wp-copy-text]")
    keys.to("[data-wp-save]")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert json.loads(Path(download.value.path()).read_text("utf-8"))["contact"]["region"]["id"] == policy.region
    keys.to("[data-wp-load]")
    with page.expect_file_chooser():
        page.keyboard.press("Enter")
    keys.press("[data-wp-wipe]")
    expect(page.locator("[data-wp-step=product] h2")).to_be_focused()
    assert one.watch.found == [] and one.left() == []


@pytest.mark.parametrize(("policy", "language"), EVERY)
def test_axe_finds_no_violation_on_any_step(visit: Callable[..., Visit], policy: Policy, language: str) -> None:
    path = MODULES / "axe-core" / "axe.min.js"
    if not path.is_file():
        pytest.skip("needs axe-core: npm install --prefix tests")
    one = visit(policy, language, reduced_motion="reduce", color_scheme="light", viewport=WIDE if language == "en" else NARROW)
    one.page.evaluate(path.read_text(encoding="utf-8"))
    found = {}
    seen = []

    def check(step: str) -> None:
        seen.append(step)
        for scheme in ("default", "slate"):
            one.page.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
            if violations := one.page.evaluate(RUN, LEVELS):
                found[f"{step} {scheme}"] = violations
        assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), step

    fill(one, policy, check)
    assert found == {}
    assert len(seen) == one.page.locator("[data-wp-go]").count()
