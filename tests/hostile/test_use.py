"""Texts of attackers where readers use a page: typed, pasted, dropped, looked up, imported, downloaded. All of it stays text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.support import until
from tests.hostile.guard import Guard, formulas
from tests.hostile.payloads import PAYLOADS, RUN

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

IMAGE = f"<img src=x onerror={RUN}>"
SCRIPT = f"</script><script>{RUN}</script>"
SHEET = "=HYPERLINK(\"https://canary.invalid/x\")"
MENACES = (IMAGE, SCRIPT, SHEET, f"\"><svg onload={RUN}>", f"javascript:{RUN}", "constructor", "__proto__")


def saved(page: Page, button: Locator) -> str:
    """The text of the file that a button hands out."""
    with page.expect_download() as download:
        button.click()
    assert not set(download.value.suggested_filename) & set("<>\"'/\\=")
    return Path(download.value.path()).read_text(encoding="utf-8")


def spreadsheet(page: Page, button: Locator) -> str:
    text = saved(page, button)
    assert formulas(text) == []
    return text


def file(name: str, text: str, kind: str = "text/plain") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": text.encode()}


def test_entitlements_show_text(page: Page, guard: Guard) -> None:
    page.goto("entitlement/")
    page.locator("#wp-serial").fill("BX-7K4Q-00010")
    page.locator("#wp-serial").press("Enter")
    card = page.locator("[data-wp-card]")
    expect(card.locator(".wp-facts a").first).to_have_text("'><img src=x onerror='window.__canary=1'>")  # the product's name
    expect(card).to_contain_text("{{constructor.constructor('window.__canary=1')()}}")
    guard.look(page)
    for text in MENACES:
        page.locator("#wp-serial").fill(text)
        page.locator("#wp-serial").press("Enter")
        expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false")
    guard.look(page)
    page.locator(".wp-ask__many summary").click()
    page.locator("#wp-list").fill("\n".join([f"BX-7K4Q-000{number}" for number in range(10, 18)] + list(MENACES)))
    expect(page.locator("[data-wp-counted]")).to_contain_text("15 numbers. Not in the known form: 15")
    page.get_by_role("button", name="Check all").click()
    rows = page.locator("[data-wp-tabled] tbody tr")
    expect(rows).to_have_count(8 + len(MENACES))
    page.locator(".wp-columns summary").click()
    page.locator("[data-wp-columns] [value=contract]").check()
    rows.locator("button").first.click()
    expect(page.locator(".wp-covered__row")).to_contain_text("'><img src=x onerror='window.__canary=1'>")
    assert "<img src=x onerror='window.__canary=1'>" in spreadsheet(page, page.locator("[data-wp-csv]"))
    page.locator("#wp-file").set_input_files(file(IMAGE + ".csv", "\n".join([IMAGE, SCRIPT])))
    expect(page.locator("[data-wp-counted]")).to_contain_text(IMAGE)
    guard.look(page)


def test_cases_show_text(page: Page, guard: Guard) -> None:
    page.goto("cases/")
    for number in (1, 7, 10, 16, 28, 39):
        for asked in (f"R{48300 + number}-1", f"2026-1103-{number:04}", f"NET 44{number}"):
            page.locator("#wp-number").fill(asked)
            page.locator("#wp-code").fill(f"K7QX-M29D{number}")
            page.locator("#wp-code").press("Enter")
            expect(page.locator("[data-wp-status]")).to_contain_text("Found: ")
        shown = page.locator("[data-wp-table=cases] tbody tr")
        expect(shown).to_have_count(1)
        expect(shown).to_contain_text(PAYLOADS[number])
    for text in MENACES:
        page.locator("#wp-number").fill(text)
        page.locator("#wp-code").fill(text)
        page.locator("#wp-code").press("Enter")
        expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false")
    expect(page.locator("[data-wp-status]")).to_contain_text("Nothing is known of __proto__")
    guard.look(page)


def test_comparisons_show_text(page: Page, guard: Guard) -> None:
    page.goto("compare/?product=exos&from=21.4R1&to=21.4R3")
    fixed = page.locator("[data-wp-list=fixed]")
    expect(fixed.locator(".wp-entry").first).to_be_visible()
    titles = fixed.locator(".wp-entry__title").all_inner_texts()
    assert [title for title in titles if "<" in title]
    assert "<" in spreadsheet(page, fixed.locator("[data-wp-csv]"))
    page.locator("[data-wp-swap]").click()
    for text in MENACES:
        for name in ("product", "platform", "from", "to"):
            address = {"product": "exos", "from": "21.4R1", "to": "21.4R3", name: text}
            page.evaluate("asked => { history.pushState(null, '', '?' + new URLSearchParams(asked)); dispatchEvent(new PopStateEvent('popstate')); }", address)
            expect(page.locator("[data-wp-results]")).to_have_attribute("aria-busy", "false")
            expect(page.locator("[data-wp-status]")).to_contain_text(text)
    guard.look(page)


def test_the_check_of_a_release_shows_text(page: Page, guard: Guard) -> None:
    page.goto("advisories/HA-2026-0000/")
    form = page.locator("[data-wp-checker]")
    for text in MENACES:
        form.locator("[name=release]").fill(text)
        form.locator("[name=release]").press("Enter")
        expect(form.locator("[role=status]")).to_contain_text(text)
    form.locator("[name=release]").fill("21.4R1")
    form.locator("[name=release]").press("Enter")
    expect(form.locator("[role=status]")).to_have_attribute("data-status", "a")
    guard.look(page)


def test_feedback_is_one_letter(page: Page, guard: Guard) -> None:
    page.goto("kb/KB30000/")
    feedback = page.locator("[data-wp-feedback]")
    feedback.locator("[name=helpful]").first.check()
    feedback.locator("textarea").fill("\r\nBcc: all@canary.invalid\r\n" + "&bcc=all@canary.invalid&".join(MENACES))
    with page.expect_event("request", lambda request: request.url.startswith("mailto:")) as asked:
        feedback.get_by_role("button", name="Send").click()
    letter = urlsplit(asked.value.url)
    assert letter.path == "feedback@support.example.com"
    fields = parse_qs(letter.query, keep_blank_values=True)
    assert set(fields) == {"subject", "body"}
    assert "\n" not in fields["subject"][0] and "Bcc: all" in fields["body"][0]
    guard.found.remove(f"asks {asked.value.url}")
    guard.look(page)


def test_the_subscribe_page_shows_text(page: Page, guard: Guard) -> None:
    page.goto("feeds/")
    for text in MENACES:
        page.locator("[name=find]").fill(text)
    page.locator("[name=find]").fill("")
    boxes = page.locator("[data-wp-topic] input")
    assert boxes.evaluate_all("boxes => boxes.map((box) => { box.checked = true; box.dispatchEvent(new Event('change', {bubbles: true})); }).length") > 10
    assert "<" in page.locator("[data-wp-chosen]").inner_text()
    document = etree.fromstring(saved(page, page.locator("[data-wp-opml]")).encode(), etree.XMLParser(resolve_entities=False))
    texts = [outline.get("text") for outline in document.iter("outline")]
    assert [text for text in texts if text and "<script>" in text]
    assert {element.tag for element in document.iter()} == {"opml", "head", "title", "body", "outline"}
    guard.look(page)


def inventory() -> dict[str, Any]:
    """An inventory as somebody may send it, with a hostile text in each field."""
    fields = ("name", "site", "serial", "tags", "platform", "release", "product")
    devices = [{"name": f"box {number}", "product": "exos", "platform": "ar900", "release": "21.4R1", "serial": "BX-7K4Q-00010",
                "site": text, "tags": [text]} for number, text in enumerate(MENACES)]
    devices += [devices[0] | {"name": f"{field} {text}", field: [text] if field == "tags" else text} for field in fields for text in MENACES]
    notes = {name: {"state": "done", "until": text, "note": text, "day": text} for name, text in zip(
        ("300000", "300001", "HA-2026-0000", "100001", "HA-2026-0001", "constructor", "__proto__"), MENACES, strict=True)}
    return {"format": 1, "devices": devices, "notes": notes, "polluted": {"__proto__": {"polluted": 1}}}


def test_my_network_shows_text(page: Page, guard: Guard) -> None:
    page.goto("network/")
    page.locator("#wp-net-file").set_input_files(file(IMAGE + ".json", json.dumps(inventory()), "application/json"))
    expect(page.locator("[data-wp-devices] tbody tr").first).to_be_visible()
    expect(page.locator("[data-wp-findings]")).to_contain_text(IMAGE)
    expect(page.locator("[data-wp-chart=site]")).to_contain_text(IMAGE)
    page.locator("[data-wp-records] [name=state]").select_option("all")
    expect(page.locator("[data-wp-records] tbody")).to_contain_text(IMAGE)  # somebody's note
    for name in ("records", "devices"):
        for button in page.locator(f"[data-wp-{name}] tbody button[aria-expanded=false]").all()[:4]:
            button.click()
    spreadsheet(page, page.locator("[data-wp-records] [data-wp-csv]"))
    assert IMAGE in spreadsheet(page, page.locator("[data-wp-devices] [data-wp-csv]"))
    page.locator("[data-wp-cover]").click()
    page.locator("[data-wp-load]").click()
    expect(page.locator("[data-wp-ranked]")).to_be_visible()
    spreadsheet(page, page.locator("[data-wp-target] [data-wp-csv]"))
    for text in MENACES:
        page.locator("[data-wp-filter] [name=find]").fill(text)
        page.locator("[data-wp-records] [name=number]").fill(text)
    kept = json.loads(saved(page, page.locator("[data-wp-export]")))
    assert kept["notes"]["300000"]["note"] == MENACES[0]
    assert page.evaluate("[({}).polluted, ({}).state]") == [None, None]
    page.reload()
    expect(page.locator("[data-wp-devices] tbody tr").first).to_be_visible()
    guard.look(page)


def test_what_devices_print_is_text(page: Page, guard: Guard) -> None:
    page.goto("network/")
    printed = "\n".join(f"user@{text}> show version\nHostname: {text}\nModel: ar900\nExOS: 21.4R1\n{text} 21.4R1\nSerial number: {text}" for text in MENACES)
    page.locator("#wp-net-list").fill(printed)
    page.get_by_role("button", name="Read the list").click()
    expect(page.locator("[data-wp-devices] tbody")).to_contain_text("<img")
    page.evaluate("""([name, text]) => { const data = new DataTransfer(); data.items.add(new File([text], name));
        document.querySelector("[data-wp-inventory] form").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})); }""",
                  [IMAGE, "\n".join(["name,site,release,product,tags", *(f'"{text}","{text}",21.4R1,exos,"{text}"' for text in MENACES if '"' not in text)])])
    expect(page.locator("[data-wp-devices] tbody")).to_contain_text(IMAGE)
    page.locator("[data-wp-filter] [name=site]").select_option(IMAGE)
    expect(page.locator("[data-wp-devices] tbody tr")).to_have_count(1)
    page.locator("[data-wp-devices] tbody button[aria-expanded]").first.click()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("h2")).to_contain_text(IMAGE)
    dialog.locator("[name=release]").fill(SCRIPT)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("[role=status]")).to_contain_text(SCRIPT)
    guard.look(page)


def test_logs_are_text(page: Page, guard: Guard) -> None:
    page.goto("network/")
    part = page.locator("[data-wp-match]")
    lines = [f"Nov 22 09:01:02 {text} box[1]: restarted {text} version 21.4R1 serial number: {text}" for text in (*PAYLOADS, *MENACES)]
    part.locator("[name=file]").set_input_files(file(IMAGE + ".log", "\n".join(["ExOS: 21.4R1", *lines])))
    expect(part.locator("[data-wp-chosen]")).to_contain_text(IMAGE)
    part.locator("[name=release]").fill("21.4R1")
    part.get_by_role("button", name="Find").click()
    expect(part.locator("[data-wp-incidents] > li").first).to_be_visible(timeout=30_000)
    guard.look(page)
    part.locator("[data-wp-prepare]").click()
    expect(page.locator("#wp-case [name=data]")).not_to_have_value("")
    guard.look(page)


def test_a_prepared_case_is_text(page: Page, guard: Guard) -> None:
    page.goto("help/case/")
    form = page.locator("#wp-case")
    names = form.locator("input:not([type=radio]):not([type=checkbox]):not([type=file]), textarea").evaluate_all("all => all.map((one) => one.name)")
    values = {name: MENACES[number % len(MENACES)] for number, name in enumerate(names)} | {"release": IMAGE, "title": SCRIPT}
    given = json.dumps({"waypost": "case", "format": 1, "version": 1, **values, "item": list(MENACES), "level": IMAGE, "product": IMAGE, "kind": SCRIPT})
    page.locator("[data-wp-file]").set_input_files(file(IMAGE + ".json", given, "application/json"))
    page.evaluate("""values => { for (const [name, value] of Object.entries(values)) {
        const field = document.querySelector("#wp-case").elements[name]; field.value = value;
        for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, {bubbles: true})); } }""", values)
    form.locator("[name=product]").evaluate("field => { field.value = 'exos'; field.dispatchEvent(new Event('change', {bubbles: true})); }")
    for name in page.locator("[data-wp-go]").evaluate_all("all => all.map((one) => one.dataset.wpGo)"):
        page.locator(f"[data-wp-go={name}]").click()
        page.wait_for_timeout(50)
        guard.look(page)
    expect(page.locator("[data-wp-text]")).to_contain_text(SCRIPT)
    links: set[str] = set()
    for level in range(form.locator("[name=level]").count()):
        form.locator("[name=level]").nth(level).evaluate("one => { one.checked = true; one.dispatchEvent(new Event('change', {bubbles: true})); }")
        page.locator("[data-wp-go=contact]").click()
        page.locator("[data-wp-go=send]").click()
        links |= set(page.locator("[data-wp-ways] a").evaluate_all("all => all.map((one) => one.href)"))
    assert {"https", "tel"} <= {link.partition(":")[0] for link in links} <= {"https", "mailto", "tel"}, links
    assert all("\n" not in link and "\r" not in link for link in links)
    prepared = json.loads(saved(page, page.locator("[data-wp-save]")))
    assert SCRIPT in json.dumps(prepared)
    page.locator("[data-wp-file]").set_input_files(file("again.json", json.dumps(prepared), "application/json"))
    page.reload()
    guard.look(page)


def test_suggestions_are_text(page: Page, guard: Guard) -> None:
    page.goto("ru/")
    box = page.locator("input[data-wp-search]").last
    for text in (*MENACES, "21.4R1", "CVE-2026-1000", "PR 300001", "по-русски"):
        box.fill(text)
        page.wait_for_timeout(120)
    box.fill("100001")
    expect(page.locator(".wp-results a").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    guard.look(page)
    page.goto("pr/?q=" + "+".join(["affects:21.4R1"]))
    until(page, "document.querySelectorAll('main .wp-entry').length > 0")
    for button in page.locator("main [data-wp-csv]").all():
        assert "<" in spreadsheet(page, button)
    for name in ("affects", "fixed", "component", "severity", "kind", "product"):
        for text in (IMAGE, "constructor", "(a+)+$", "\\"):
            page.goto(f"pr/?q={name}:%22" + text.replace("<", "%3C").replace("+", "%2B") + "%22")
            guard.look(page)


def test_cells_that_begin_formulas_are_known() -> None:
    assert formulas('a,b\r\n"=1",b\r\n')
    assert formulas('a,"b;=1"\r\n')
    assert not formulas("a,b-c\r\n")
