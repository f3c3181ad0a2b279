"""Checkers of others over one page of each kind: the Nu HTML checker and axe-core (WCAG 2.0 to 2.2, levels A and AA)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from generator.urls import file_of
from tests.browser.conftest import NARROW, WIDE
from tests.browser.support import KINDS, LANGUAGES, Portal

pytestmark = [pytest.mark.checkers]

MODULES = Path(__file__).resolve().parents[1] / "node_modules"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# Each kind of page is seen in all four views, two in each language.
VIEWS = {"en": ((WIDE, "default"), (NARROW, "slate")), "ru": ((WIDE, "slate"), (NARROW, "default"))}
# Scripts have a moment to see that a view has become narrow.
RUN = """(tags) => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))).then(() => axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})).then((found) =>
    found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target.join(" ")).join("; ")}`))"""


@pytest.fixture(scope="module")
def axe() -> str:
    path = MODULES / "axe-core" / "axe.min.js"
    if not path.is_file():
        pytest.skip("needs axe-core: npm install --prefix tests")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def still_page(browser: Browser, portal: Portal, axe: str) -> Page:
    """A page without motion that has axe-core on board; the policy of the pages does not concern it."""
    context = browser.new_context(viewport=WIDE, base_url=portal.url, reduced_motion="reduce", color_scheme="light")
    context.add_init_script(axe)
    return context.new_page()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_no_violation(still_page: Page, kind: str, language: str) -> None:
    still_page.goto(LANGUAGES[language] + KINDS[kind])
    found = {}
    for size, scheme in VIEWS[language]:
        still_page.set_viewport_size(size)
        still_page.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
        if violations := still_page.evaluate(RUN, LEVELS):
            found[f"{scheme} {size['width']}px"] = violations
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_in_answers(still_page: Page, language: str) -> None:
    """What scripts show of entitlements: an answer, a mistake, the table with an opened row and its columns."""
    page = still_page
    found = {}
    for size, scheme in VIEWS[language]:
        page.set_viewport_size(size)
        page.goto(f"{LANGUAGES[language]}entitlement/#AR90-4VTN6KVC")
        page.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
        expect(page.locator("[data-wp-card] h2")).to_be_visible()
        page.locator("#wp-serial").fill("AX")
        found[f"{scheme} answer"] = page.evaluate(RUN, LEVELS)
        page.locator(".wp-ask__many summary").click()
        page.locator("#wp-list").fill("AR90-4VTN6KVC\nAR90-9D6YTHHS\nX\nIA50-64MGDGKF")
        page.locator("[data-wp-many] button").click()
        page.locator(".wp-sortable tbody button").first.click()
        page.locator(".wp-columns summary").click()
        found[f"{scheme} table"] = page.evaluate(RUN, LEVELS)
        page.goto("about:blank")  # else the next address differs by nothing but what stands behind #
    assert {view: violations for view, violations in found.items() if violations} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_in_a_network(still_page: Page, language: str) -> None:
    """The example inventory with opened rows, the ranking of targets and the form of a device."""
    page = still_page
    page.goto(f"{LANGUAGES[language]}network/")
    expect(page.locator("[data-wp-example]")).to_be_enabled()
    page.locator("[data-wp-inventory] details").evaluate("part => { part.open = true; }")  # the other language's visit has closed it
    page.locator("[data-wp-example]").click()
    page.locator("[data-wp-records] tbody button").first.click()
    page.locator("[data-wp-devices] tbody button").first.click()
    page.locator("[data-wp-load]").click()
    expect(page.locator("[data-wp-ranked]")).to_be_visible()
    for summary in page.locator(".wp-net__charts summary").all():
        summary.click()
    found = {}
    for size, scheme in VIEWS[language]:
        page.set_viewport_size(size)
        page.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
        found[f"{scheme} {size['width']}px"] = page.evaluate(RUN, LEVELS)
    page.locator("[data-wp-add]").click()
    found["dialog"] = page.evaluate(RUN, LEVELS)
    page.keyboard.press("Escape")
    assert {view: violations for view, violations in found.items() if violations} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("place", "query"), [("search/?q=bgp", ""), ("search/?q=1747984&kind=report", ""), ("search/?q=qqzzxxy", ""),
                                              ("", "bgp"), ("help/", "pr 1747984")])
def test_axe_finds_no_violation_in_search_results(still_page: Page, place: str, query: str, language: str) -> None:
    still_page.set_viewport_size(WIDE)
    still_page.goto(LANGUAGES[language] + place)
    found = {}
    box = still_page.locator("#wp-home-q" if not place else "#wp-q")
    if query:
        box.fill(query)
        expect(still_page.get_by_role("option").first).to_be_visible()
        box.press("ArrowDown")
    else:
        expect(still_page.locator("[data-wp-results] [role=status]")).to_have_text(re.compile(r"\d|qqzz"))
    for size, scheme in VIEWS[language]:
        if query and place and size == NARROW:
            continue  # narrow headers have a link in the box's place
        still_page.set_viewport_size(size)
        still_page.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
        if violations := still_page.evaluate(RUN, LEVELS):
            found[f"{scheme} {size['width']}px"] = violations
    assert found == {}


def test_nu_html_checker_finds_no_error(portal: Portal) -> None:
    jar, java = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar", shutil.which("java")
    if java is None:
        pytest.skip("needs java: apt-get install default-jre-headless")
    if not jar.is_file():
        pytest.skip("needs the Nu HTML checker: npm install --prefix tests")
    pages = [portal.folder / file_of(root + place) for place in KINDS.values() for root in LANGUAGES.values()]
    done = subprocess.run([java, "-jar", str(jar), "--errors-only", "--format", "json", *map(str, pages)],
                          capture_output=True, text=True, check=False)
    messages = json.loads(done.stderr)["messages"]
    assert [f"{message['url']}:{message.get('lastLine')}: {message['message']}" for message in messages] == []
    assert done.returncode == 0
