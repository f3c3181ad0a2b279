"""The preparation of a case: what is known is offered, the priority follows from answers, what is confidential is marked, and
nothing leaves the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CONFIGURATION = """set snmp community s3cret-one authorization read-only
set system root-authentication encrypted-password "$6$abc$defghi"
peer 10.1.2.3 via 2001:db8::7 at 12:34:56, mask 255.255.255.0, again 10.1.2.3
interface 00:11:22:aa:bb:cc, noc@example.net, release 21.4R3-S5
"""


def test_the_whole_way(new_page: Open, portal: Portal) -> None:
    page = new_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.goto("help/case/")
    page.locator("[name=product]").select_option("exos")
    page.locator("[name=release]").fill("21.4r3-s5")
    known = page.locator("[data-wp-known]")
    expect(known.locator(".wp-entry").first).to_be_visible()
    assert "affects=21.4R3-S5" in (known.locator("[data-wp-all]").get_attribute("href") or "")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="What happens?")).to_be_focused()
    page.get_by_label("In one sentence").fill("Logins are refused after the RADIUS server requires Message-Authenticator")
    expect(page.locator("[data-wp-answers] .wp-entry").filter(has_text="1779386")).to_be_visible()
    page.locator("[name=data]").fill(CONFIGURATION)
    expect(page.locator("[data-wp-preview] mark").first).to_have_text("s3cret-one")
    page.get_by_role("button", name="Replace them").click()
    assert page.locator("[name=data]").input_value() == (
        "set snmp community <removed> authorization read-only\nset system root-authentication encrypted-password <removed>\n"
        "peer <address-1> via <address-2> at 12:34:56, mask 255.255.255.0, again <address-1>\n"
        "interface <hardware-1>, <mail-1>, release 21.4R3-S5\n")
    expect(page.locator("[data-wp-secrets]")).to_be_hidden()
    page.get_by_role("button", name="3 Priority").click()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="Yes").click()
    page.get_by_role("button", name="Yes").click()  # there is a workaround
    expect(page.get_by_role("radio", name="3 – Medium")).to_be_checked()
    expect(page.locator("[data-wp-verdict]")).to_contain_text("A workaround is in place.")
    page.get_by_role("button", name="6 Contact").click()
    page.locator("[name=region]").select_option("Asia-Pacific")
    page.get_by_role("button", name="7 Sending").click()
    ways = page.locator("[data-wp-ways]")
    address = ways.get_by_role("link", name="Open Case Manager with your answers filled in").get_attribute("href") or ""
    assert address.startswith("https://cases.example.com/new?product=exos&release=21.4r3-s5&serial=&priority=medium&title=Logins%20are")
    assert len(address) <= 2_000
    expect(ways.get_by_role("link")).to_have_text([re.compile("Case Manager"), "+44 20 7946 0100"])
    expect(page.locator("[data-wp-missing] a")).to_have_text(["Serial number", "Detailed description of the problem"])
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as file (JSON)").click()
    case = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert (case["format"], case["product"], case["level"]["id"]) == (1, {"id": "exos", "name": "ExOS"}, "medium")
    jsonschema.validate(case, json.loads((portal.folder / "api/v1/case.schema.json").read_bytes()))
    assert {request.method for request in asked} == {"GET"}
    assert all(request.url.startswith((portal.url, "blob:")) and "s3cret" not in request.url for request in asked)


def test_the_most_urgent_cases_go_by_phone_only(new_page: Open) -> None:
    page = new_page("ru/help/case/#priority")
    page.get_by_role("button", name="Да", exact=True).click()
    page.get_by_role("button", name="Нет", exact=True).click()
    page.get_by_role("button", name="7 Отправка").click()
    assert page.locator("[data-wp-ways] a").evaluate_all("links => links.every((link) => link.protocol === 'tel:')")
    assert page.locator("a[href^='mailto:']:visible").count() == 0
    expect(page.locator("[data-wp-ways]")).to_contain_text("«Хочу открыть обращение с приоритетом 1, Критический»")


def test_what_is_typed_stays_until_it_is_deleted(new_page: Open) -> None:
    page = new_page("help/case/#problem")
    page.get_by_label("Description", exact=True).fill("Since Monday")
    page.get_by_label("Description", exact=True).blur()
    page.wait_for_timeout(500)
    page.reload()
    expect(page.get_by_label("Description", exact=True)).to_have_value("Since Monday")
    page.goto("ru/help/case/#problem")
    expect(page.get_by_label("Описание", exact=True)).to_have_value("Since Monday")
    page.get_by_role("button", name="Удалить все").click()
    expect(page.get_by_role("heading", name="О чем обращение?")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="2 Проблема").click()
    expect(page.get_by_label("Описание", exact=True)).to_have_value("")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('waypost-case'))") == []


def test_a_file_is_read_again_and_hostile_files_are_not(new_page: Open, tmp_path: Path) -> None:
    page = new_page("help/case/")
    file = tmp_path / "case.json"
    text = "<img src=x onerror=window.hit=1>"
    file.write_text(json.dumps({
        "format": 1, "title": text, "product": {"id": "exos"}, "release": text, "level": {"id": "high"}, "description": text,
        "checklist": [{"id": "topology", "done": True}], "contact": {"name": text, "region": {"id": "emea"}}, "attachments": [text]}))
    expect(page.locator("[data-wp-need]").first).to_have_text("required")  # the script has begun
    page.locator("[data-wp-file]").set_input_files(file)
    expect(page.locator("[data-wp-kept]")).to_have_text("The file has been read.")
    page.get_by_role("button", name="7 Sending").click()
    expect(page.locator("[data-wp-text]")).to_contain_text(f"Title: {text}")
    expect(page.locator("[data-wp-text]")).to_contain_text("[x] Network topology")
    assert page.evaluate("window.hit") is None
    for content in ("[]", "{", '{"format": 2}', "null"):
        file.write_text(content)
        page.locator("[data-wp-file]").set_input_files(file)
        expect(page.locator("[data-wp-kept]")).to_have_text("This is no file of a prepared case.")


def test_by_keyboard(new_page: Open) -> None:
    page = new_page("help/case/#priority")
    expect(page.locator("[data-wp-answer=no]")).to_be_visible()
    page.locator("[data-wp-answer=no]").focus()
    for _ in range(3):
        page.keyboard.press("Tab") if page.evaluate("document.activeElement.dataset.wpAnswer") == "yes" else None
        page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="4 – Low")).to_be_checked()
    expect(page.get_by_role("button", name="Next")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Which unit?")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("AB12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What to have at hand")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("textbox", name="Serial number")).to_have_value("AB12")


def test_without_scripts_and_on_a_phone(new_page: Open) -> None:
    page = new_page("help/case/", java_script_enabled=False, viewport=NARROW)
    expect(page.get_by_text("Users have lost service, or a mission-critical function")).to_be_visible()
    expect(page.get_by_role("link", name="Case Manager")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
