"""The check of serial numbers: one and many, in both languages, by keyboard, on a phone, printed, and where it cannot be done."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from generator.build import Options, build
from tests.browser.conftest import NARROW, WIDE, Open
from tests.browser.support import CONTENT, Portal, Watch, served
from tests.entitlement.sealing import Row, seal
from tests.generator.support import AT, SITE, write_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ADDRESS = "entitlement/"
TODAY = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
SERIALS = [line.split(",")[0] for line in (CONTENT / "entitlements.csv").read_text(encoding="utf-8").splitlines()[1:]]
ASKED = ["AR90-4VTN6KVC", "FW60-25YJTEWH", "AR90-9D6YTHHS", "IA50-64MGDGKF", "AR90-22222222"]


@pytest.fixture
def open_at(new_page: Open) -> Open:
    """Opens pages on a day of our own."""

    def open_page(address: str, moment: datetime = TODAY, **options: Any) -> Page:
        page = new_page(None, **options)
        page.clock.set_fixed_time(moment)
        page.goto(address)
        return page

    return open_page


def check(page: Page, serial: str, button: str = "Check") -> Locator:
    """Asks for one number and gives the answer."""
    page.locator("#wp-serial").fill(serial)
    page.get_by_role("button", name=button, exact=True).click()
    answer = page.locator("[data-wp-card]")
    expect(answer.locator("h2")).to_be_visible()
    return answer


def ask_many(page: Page, text: str) -> None:
    page.locator(".wp-ask__many summary").click()
    page.locator("#wp-list").fill(text)


def paste(page: Page, field: str, text: str) -> None:
    page.locator(field).evaluate("""(field, text) => { const data = new DataTransfer(); data.setData("text", text);
        field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }""", text)


def done(page: Page) -> None:
    expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false", timeout=60_000)
    expect(page.locator("[data-wp-progress]")).to_be_hidden()


def unknown(number: int) -> str:
    """A serial number that nobody has."""
    return "AR90-" + f"{number:08}".translate(str.maketrans("01", "AB"))


def seconds_a_key() -> float:
    """What one key takes Python at this moment."""
    start = time.monotonic()
    for number in range(10):
        hashlib.pbkdf2_hmac("sha256", bytes([number]), bytes(16), 20_000)
    return (time.monotonic() - start) / 10


def column(page: Page, number: int) -> list[str]:
    return page.locator(f".wp-sortable tbody tr > :nth-child({number})").all_text_contents()


def test_a_number_with_a_contract(open_at: Open, portal: Portal) -> None:
    page = open_at(ADDRESS)
    watch = Watch(page, portal.url)
    answer = check(page, " ar90 4vtn6kvc ")
    expect(answer.locator("h2")).to_have_text("AR90-4VTN6KVC")
    expect(answer.locator(".wp-covered__answer")).to_have_text("Covered Covered by a contract until 23 April 2028.")
    expect(answer.get_by_role("link", name="AR900 edge routers")).to_be_visible()
    facts = dict(zip(answer.locator("dt").all_text_contents(), answer.locator("dd").all_text_contents(), strict=True))
    assert facts["Contract"] == "••••G4HA"
    assert facts["Support"] == "25 April 2026 to 23 April 2028"
    assert facts["Service level"] == "Base plan"
    assert facts["Hardware replacement"] == "Core Plus: 24x7 support, software releases, online tools; Return to factory"
    assert facts["Warranty"] == "24 March 2026 to 24 March 2027 It began with shipment from manufacture."
    assert facts["End of software support"].startswith("23.2: 2026-12-26")
    assert answer.locator(".wp-covered__list").first.locator("li").all_text_contents() == [
        "24x7 access", "Software releases", "Hardware replacement", "Online portal", "Automated incident service", "E-learning"]
    links = answer.locator(".wp-steps a")
    assert links.all_text_contents() == ["Open a case", "Ask for a return"]
    for address in links.evaluate_all("all => all.map((one) => one.href)"):
        assert (portal.folder / address.removeprefix(portal.url) / "index.html").is_file(), address
    expect(page.locator("[data-wp-status]")).to_have_text("As of 22 November 2026 (time zone: UTC).")
    assert watch.found == []


@pytest.mark.parametrize(("serial", "said"), [
    ("SX90-9CFYYNC9", "Covered Under warranty until 27 December 2026."),
    ("FW60-25YJTEWH", "No coverage The warranty runs until 13 September 2027, but the product must be registered first."),
    ("AR90-9D6YTHHS", "Expired The contract ended on 5 June 2026."),
    ("IA50-64MGDGKF", "No coverage The product is known, but neither a contract nor a warranty is."),
    ("AR90-22222222", "Not found Nothing is known of AR90-22222222."),
])
def test_other_answers_lead_on(open_at: Open, serial: str, said: str) -> None:
    page = open_at(f"{ADDRESS}#{serial}")
    answer = page.locator("[data-wp-card]")
    expect(answer.locator(".wp-covered__answer")).to_have_text(said)
    assert answer.locator(".wp-steps a").count() >= 1


def test_the_last_day_is_one_in_the_vendors_zone(open_at: Open) -> None:
    """Whatever the zone of the visitor."""
    for moment, state in ((datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), "Covered"), (datetime(2026, 11, 23, tzinfo=UTC), "Expired")):
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            page = open_at(f"{ADDRESS}#AR90WREAHSHT", moment, timezone_id=zone)
            expect(page.locator("[data-wp-card] .wp-chip")).to_have_text(state)


def test_in_russian(open_at: Open) -> None:
    page = open_at(f"ru/{ADDRESS}")
    answer = check(page, "sx90-9cfyync9", "Проверить")
    expect(answer.locator(".wp-covered__answer")).to_have_text(re.compile("^Действует До 27 декабря 2026.г. действует гарантия.$"))
    expect(answer).to_contain_text("Ремонт или замена за 20 рабочих дней")
    expect(answer.get_by_role("link", name="Запросить возврат")).to_be_visible()
    ask_many(page, "\n".join([*ASKED, ASKED[0]]))
    expect(page.locator("[data-wp-counted]")).to_have_text("5 номеров. Пропущены повторы: 1.")
    page.get_by_role("button", name="Проверить все").click()
    done(page)
    expect(page.locator("[data-wp-status]")).to_contain_text("Проверено: 5. Действует: 1; закончилось: 1; нет обслуживания: 2; не найдено: 1.")
    assert column(page, 3) == ["Действует", "Нет обслуживания", "Закончилось", "Нет обслуживания", "Не найдено"]


def test_what_does_not_fit_is_said_while_typing(open_at: Open) -> None:
    page = open_at(ADDRESS)
    field, note = page.locator("#wp-serial"), page.locator("#wp-note-serial")
    expect(note).to_have_text("For example AR20-JAMPSHZH. Case, spaces and hyphens do not matter.")
    field.press_sequentially("sx40-ada")
    expect(field).to_have_attribute("aria-invalid", "false")
    field.press_sequentially("O")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(note).to_have_text("“O” cannot stand at place 8: write it like SX40-ADAGDG8Y.")
    field.fill("5X40-ADAGDG8Y")
    note.get_by_role("button", name="Did you mean SX40-ADAGDG8Y?").click()
    expect(page.locator("[data-wp-card] h2")).to_have_text("SX40-ADAGDG8Y")
    expect(field).to_have_attribute("aria-invalid", "false")
    field.fill("AR90-4VT")
    field.blur()
    expect(note).to_have_text("Something is missing at the end: write it like AR90-4VTN6KVC.")
    field.fill("")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("[data-wp-status]")).to_have_text("Type a serial number first.")
    expect(field).to_be_focused()


def test_many_are_sorted_chosen_opened_and_saved(open_at: Open, portal: Portal) -> None:
    page = open_at(ADDRESS)
    watch = Watch(page, portal.url)
    ask_many(page, "\n".join([*ASKED, ASKED[0], "---"]))
    expect(page.locator("[data-wp-counted]")).to_have_text(
        "5 numbers. Left out because they stand there twice: 1. Left out because no number can be read: 1, such as “---”.")
    page.get_by_role("button", name="Check all").click()
    done(page)
    expect(page.locator("[data-wp-status]")).to_have_text(
        "Checked: 5. Covered: 1; expired: 1; no coverage: 2; not found: 1. As of 22 November 2026 (time zone: UTC).")
    assert column(page, 1) == ASKED
    page.get_by_role("button", name="Coverage").click()
    assert column(page, 3) == ["Covered", "Expired", "No coverage", "No coverage", "Not found"]
    expect(page.get_by_role("columnheader", name="Coverage")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("button", name="Coverage")).to_be_focused()
    page.keyboard.press("Enter")
    assert column(page, 3) == ["Not found", "No coverage", "No coverage", "Expired", "Covered"]
    expect(page.get_by_role("columnheader", name="Coverage")).to_have_attribute("aria-sort", "descending")
    row = page.get_by_role("button", name="AR90-4VTN6KVC")
    row.click()
    expect(row).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".wp-covered__row")).to_contain_text("Covered by a contract until 23 April 2028.")
    row.click()
    expect(page.locator(".wp-covered__row")).to_have_count(0)
    page.locator(".wp-columns summary").click()
    page.get_by_label("Contract", exact=True).check()
    page.get_by_label("What to do next").uncheck()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "entitlement-2026-11-22.csv"
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["Serial number", "Product", "Coverage", "Covered until", "Service level", "Replacement", "Contract"]
    assert rows[-1] == ["AR90-4VTN6KVC", "AR900 edge routers", "Covered", "2028-04-23", "Base plan", "Core Plus", "••••G4HA"]
    page.reload()
    ask_many(page, ASKED[0])
    page.get_by_role("button", name="Check all").click()
    done(page)
    assert page.locator(".wp-sortable thead th").all_text_contents() == rows[0], "the columns are remembered"
    assert watch.found == []


def test_where_nothing_can_be_kept_the_columns_hold_until_the_page_is_left(open_at: Open, new_page: Open) -> None:
    page = new_page(None)
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('denied', 'SecurityError'); }})")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)) if "entitlement" in str(error.stack) else None)
    page.goto(ADDRESS)
    ask_many(page, ASKED[0])
    page.get_by_role("button", name="Check all").click()
    done(page)
    page.locator(".wp-columns summary").click()
    page.get_by_label("Warranty until").check()
    expect(page.get_by_role("columnheader", name="Warranty until")).to_be_visible()
    assert errors == []


@pytest.mark.slow
def test_a_thousand_numbers_in_one_go(open_at: Open, portal: Portal, tmp_path: Path) -> None:
    """From a file, at the usual cost of a key; the page answers meanwhile, and the shards are fetched once."""
    page = open_at(ADDRESS)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/sealed/" in request.url else None)
    numbers = SERIALS + [unknown(number) for number in range(1_000 - len(SERIALS))]
    file = tmp_path / "numbers.csv"
    file.write_text("serial,place\n" + "".join(f'"{number}",hall\n' for number in numbers), encoding="utf-8")
    page.locator(".wp-ask__many summary").click()
    page.locator("#wp-file").set_input_files(file)
    expect(page.locator("[data-wp-counted]")).to_have_text("1,000 numbers.")
    page.clock.resume()
    start = time.monotonic()
    page.get_by_role("button", name="Check all").click()
    expect(page.locator("[data-wp-done]")).to_have_text(re.compile(r"^[1-9]\d* of 1,000 checked$"))
    answered = page.evaluate("new Promise((done) => { const start = performance.now(); setTimeout(() => done(performance.now() - start), 0); })")
    assert answered < 1_000, "the page stands still"
    expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false", timeout=60_000)
    took = time.monotonic() - start
    print(f"1,000 numbers: {took:.1f} s")
    assert took < max(30, 4_000 * seconds_a_key()), "longer than is promised, even for a machine that is busy"
    expect(page.locator("[data-wp-status]")).to_contain_text(f"not found: {1_000 - len(SERIALS)}.")
    assert page.locator(".wp-sortable tbody tr").count() == 1_000
    assert len(fetched) == len(set(fetched))


def test_too_many_and_stopping(open_at: Open) -> None:
    page = open_at(ADDRESS)
    numbers = [unknown(number) for number in range(1_001)]
    page.locator(".wp-ask__many summary").click()
    paste(page, "#wp-list", "\n".join(numbers))
    expect(page.locator("[data-wp-counted]")).to_have_text("1,001 numbers. That is too many: check at most 1,000 at a time.")
    expect(page.get_by_role("button", name="Check all")).to_be_disabled()
    page.locator("#wp-list").fill("")
    paste(page, "#wp-list", "\n".join([*SERIALS, *numbers[:900]]))
    page.clock.resume()
    page.get_by_role("button", name="Check all").click()
    expect(page.locator("[data-wp-done]")).to_have_text(re.compile(r"^[1-9]"))
    page.get_by_role("button", name="Stop").click()
    done(page)
    expect(page.locator("[data-wp-status]")).to_have_text(re.compile(r"^Stopped after \d+ of 936\. Checked: \d+\."))
    assert 0 < page.locator(".wp-sortable tbody tr").count() < 936


def test_several_lines_that_are_pasted_go_to_the_list(open_at: Open) -> None:
    page = open_at(ADDRESS)
    paste(page, "#wp-serial", "A1\nB2\n")
    expect(page.locator("#wp-list")).to_have_value("A1\nB2\n")
    expect(page.locator("#wp-list")).to_be_focused()


def test_by_keyboard(open_at: Open) -> None:
    page = open_at(ADDRESS)
    page.locator("#wp-serial").focus()
    page.keyboard.type(ASKED[0])
    page.keyboard.press("Enter")
    expect(page.locator("[data-wp-card] h2")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # opens the list
    page.keyboard.press("Tab")
    page.keyboard.type(f"{ASKED[0]}\n{ASKED[1]}")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check all")).to_be_focused()
    page.keyboard.press("Enter")
    done(page)
    for name in ("Download CSV", "Print"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=name)).to_be_focused()


def test_on_a_phone(open_at: Open) -> None:
    page = open_at(ADDRESS, viewport=NARROW)
    ask_many(page, "\n".join(ASKED))
    page.get_by_role("button", name="Check all").click()
    done(page)
    page.get_by_role("button", name=ASKED[0]).click()
    card = page.locator(".wp-covered__row .wp-covered").bounding_box()
    assert card and card["x"] + card["width"] <= NARROW["width"]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_print_shows_the_results_alone(open_at: Open) -> None:
    page = open_at(ADDRESS)
    ask_many(page, "\n".join(ASKED))
    page.get_by_role("button", name="Check all").click()
    done(page)
    page.emulate_media(media="print")
    for hidden in (".md-header", "form[data-wp-one]", ".wp-ask__many", ".wp-results__tools"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".wp-sortable")).to_be_visible()
    expect(page.locator("[data-wp-status]")).to_contain_text("As of 22 November 2026")


def test_without_encryption_the_page_says_so(new_page: Open, portal: Portal) -> None:
    """At an address that is neither https nor this machine's, browsers have no WebCrypto."""
    page = new_page(None)
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})")
    page.goto(ADDRESS)
    note = page.locator("[data-wp-insecure]")
    expect(note).to_contain_text("browsers decrypt only on pages that were opened with https")
    expect(note.get_by_role("link", name="Open the page with https")).to_have_attribute("href", "https://support.example.com/entitlement/")
    expect(note.get_by_role("link", name="Ask customer care")).to_be_visible()
    expect(page.locator("[data-wp-asking]")).to_be_hidden()


@pytest.mark.parametrize(("root", "said"), [("", "The check needs JavaScript"), ("ru/", "Для проверки нужен JavaScript")])
def test_without_javascript_the_page_says_so(new_page: Open, root: str, said: str) -> None:
    page = new_page(root + ADDRESS, java_script_enabled=False)
    expect(page.locator("noscript p")).to_contain_text(said)
    expect(page.locator("noscript a")).to_have_attribute("href", re.compile("help/accounts/$"))
    expect(page.locator("form[data-wp-one]")).to_be_hidden()


def test_a_table_that_cannot_be_reached(open_at: Open) -> None:
    page = open_at(ADDRESS)
    page.route("**/sealed/**", lambda route: route.abort())
    page.locator("#wp-serial").fill(ASKED[0])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("[data-wp-status]")).to_have_text("The table cannot be reached. Check the connection and try again.")
    page.unroute("**/sealed/**")
    expect(check(page, ASKED[0])).to_contain_text("Covered by a contract")


def test_home_leads_here(new_page: Open) -> None:
    page = new_page("")
    page.locator(".wp-doors").get_by_role("link", name="Check entitlement").click()
    expect(page).to_have_url(re.compile("/entitlement/$"))
    expect(page.locator(".md-tabs__item--active")).to_have_text(re.compile("Entitlement"))


ROWS: list[Row] = [({"serial": "BX-0001", "contract": "C-77"}, {"product": "box", "contract": "••••", "support_end": "2030-01-01"})]


@pytest.fixture(scope="module")
def two_fields(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The small site, whose rows open with two numbers; they are sealed by ``cryptography`` alone."""
    folder = tmp_path_factory.mktemp("two")
    sealed = "sealed: {entitlements: {source: entitlements.csv, keys: [serial, contract]}}\n"
    root = write_site(folder / "source", {
        "portal.yml": SITE["portal.yml"] + sealed, "entitlements.csv": "serial,contract,product\nBX-0001,C-77,box\n",
        "seal.key": f"secret: {'ab' * 32}\n"})
    build(Options(root, folder / "site", AT))
    seal(folder / "site" / "sealed" / "entitlements", ROWS, lookups=[["serial", "contract"]])
    with served(folder / "site") as portal:
        yield portal


def test_two_numbers_where_the_table_asks_for_them(browser: Browser, two_fields: Portal) -> None:
    page = browser.new_context(viewport=WIDE, base_url=two_fields.url, locale="en-GB").new_page()
    page.goto(ADDRESS)
    page.locator("#wp-serial").fill("bx0001")
    page.keyboard.press("Enter")
    expect(page.locator("[data-wp-status]")).to_have_text("Type the second number too.")
    page.get_by_label("Contract number").fill("c-78")
    page.keyboard.press("Enter")
    expect(page.locator("[data-wp-card] .wp-chip")).to_have_text("Not found")
    page.get_by_label("Contract number").fill("c77")
    page.keyboard.press("Enter")
    expect(page.locator("[data-wp-card] .wp-covered__answer")).to_have_text("Covered Covered by a contract until 1 January 2030.")
    assert "#" not in page.url
    ask_many(page, "serial,contract\nBX0001,C77\nBX0001,C78\nBX0001")
    expect(page.locator("[data-wp-counted]")).to_have_text("2 numbers. Left out because no number can be read: 1, such as “BX0001”.")
    page.get_by_role("button", name="Check all").click()
    done(page)
    assert column(page, 3) == ["Covered", "Not found"]
    page.context.close()
