"""A log is matched in the browser: found as the command finds it, nothing leaves the page, and a case begins with it."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Request, expect

from generator.api.affected_sets import AffectedSet
from generator.network.incidents import affecting_in, match_log
from generator.network.matching import Matcher
from generator.network.source import Source
from prsearch.log_device import Device
from prsearch.logs import read_log
from prsearch.published import PublishedIndex
from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal, Watch
from tests.browser.test_checkers import LEVELS, RUN, axe  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SECRET = "hunter2-unheard-of"
LOG = f"""Nov 22 09:01:00 sw1 mgd[1]: ExOS: 21.4R3-S5
Model: ar900
Serial number: XB3220900017
Nov 22 09:01:02 sw1 l2ald[77]: L2ALD_AE_CHILD_STALE: ae17.3 vlan 9: 8 entries keep child 1 (ge-4/0/44) after member removal
Nov 22 09:01:03 sw1 rpd[12]: peer 10.2.3.4 password {SECRET} failed
Nov 22 09:01:04 sw1 kernel: panic: <img src=x onerror=alert(1)> \x1b[31mred\x1b[0m
""" + "Nov 22 09:02:00 sw1 cron[9]: (root) CMD run-parts /etc/cron.hourly\n" * 300


@pytest.mark.parametrize(("root", "nothing"), [("", "Choose a log file or paste some lines first."), ("ru/", "Сначала выберите файл журнала или вставьте строки.")])
def test_by_keyboard_as_the_command_finds_it(new_page: Open, portal: Portal, root: str, nothing: str) -> None:
    page = new_page(locale="ru-RU" if root else "en-GB")
    watch, sent = Watch(page, portal.url), list[Request]()
    page.on("request", lambda request: sent.append(request))
    page.goto(f"{root}network/")
    part = page.locator("[data-wp-match]")
    part.locator("[name=file]").focus()
    part.locator("button").first.press("Enter")
    expect(part.locator("[data-wp-status]")).to_have_text(nothing)
    part.locator("[name=file]").press("Tab")
    expect(part.locator("[name=text]")).to_be_focused()
    part.locator("[name=text]").fill(LOG)
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(part.locator("button").first).to_be_focused()
    page.keyboard.press("Enter")
    found = part.locator("[data-wp-incidents] > li")
    expect(found.first).to_contain_text("1700862")
    source = Source(str(portal.folder))
    index = PublishedIndex(source.read, source.where)
    expected = match_log(index, affecting_in(source, index), read_log([LOG.encode()]), Device(), 20)
    assert found.locator(".wp-id").all_inner_texts() == [one.card[0] for one in expected.incidents]
    standings = [found.nth(at).locator(".wp-match__standing") for at in range(found.count())]
    assert [one.get_attribute("data-standing") if one.count() else "" for one in standings] == [one.standing for one in expected.incidents]
    lines = found.first.locator(".wp-match__lines li").all_inner_texts()
    assert len(lines) == len(expected.incidents[0].quoting.messages) and expected.incidents[0].quoting.messages[0].text in lines[0]
    assert {request.method for request in sent} == {"GET"} and not any(SECRET in request.url or request.post_data for request in sent)
    assert not watch.found


def test_a_packed_file_and_the_case_that_begins_with_it(new_page: Open, portal: Portal, tmp_path: Path) -> None:
    page = new_page("network/", viewport=NARROW)
    watch, sent = Watch(page, portal.url), list[str]()
    page.on("request", lambda request: sent.append(request.url))
    file = tmp_path / "messages.log.gz"
    file.write_bytes(gzip.compress(LOG.encode()))
    part = page.locator("[data-wp-match]")
    part.locator("[name=file]").set_input_files(file)
    expect(part.locator("[data-wp-chosen]")).to_contain_text("messages.log.gz")
    part.get_by_role("button", name="Find").click()
    expect(part.locator("[data-wp-device]")).to_have_text("Read as: ExOS, 21.4R3-S5, AR900 edge routers, serial number XB3220900017.")
    assert part.evaluate("part => part.scrollWidth <= innerWidth")
    part.get_by_role("link", name="Prepare a case").click()
    page.wait_for_url("**/help/case/")
    form = page.locator("#wp-case")
    expect(form.locator("[name=release]")).to_have_value("21.4R3-S5")
    values = {name: form.locator(f"[name={name}]").input_value() for name in ("product", "platform", "serial", "title", "description", "data")}
    assert values["product"] == "exos" and values["platform"] == "AR900 edge routers" and values["serial"] == "XB3220900017"
    assert values["title"].startswith("l2ald[77]: L2ALD_AE_CHILD_STALE") and "1700862" in values["description"]
    assert "peer <address-1> password <removed> failed" in values["data"] and SECRET not in values["data"]
    expect(page.locator("[data-wp-verdict]")).to_contain_text("suggested by what the log says")
    page.reload()
    expect(form.locator("[name=release]")).to_have_value("21.4R3-S5")  # the page keeps it, as what is typed
    assert not any(SECRET in url or "21.4R3" in url for url in sent), sent
    assert not [one for one in watch.found if not one.startswith("failed:")]  # what a page leaves behind is cut off


def test_a_release_that_nobody_knows_and_one_that_is_given(new_page: Open) -> None:
    page = new_page("network/")
    part = page.locator("[data-wp-match]")
    part.locator("[name=text]").fill(LOG)
    part.locator("[name=release]").fill("99.9R9")
    part.get_by_role("button", name="Find").click()
    expect(part.locator("[data-wp-unknown]")).to_contain_text("“99.9R9” is no known release")
    expect(part.locator("[name=release]")).to_be_focused()
    part.locator("[name=release]").fill("21.4r1")
    part.get_by_role("button", name="Find").click()
    expect(part.locator(".wp-match__standing").first).to_have_text("Fixed in 21.4R1")


@pytest.mark.parametrize(("root", "language", "said"), [("", "en", "21.2R1 is affected: on "), ("ru/", "ru", "21.2R1 затронут: на ")])
def test_the_reason_is_that_of_the_affected_set(new_page: Open, portal: Portal, root: str, language: str, said: str) -> None:
    found = msgspec.json.decode((portal.folder / "api/v1/affected/exos/21.2.json").read_bytes(), type=AffectedSet)
    match = next(match for match in Matcher(found).matches("21.2R1") if match.id == "1700862")
    page = new_page(f"{root}network/")
    part = page.locator("[data-wp-match]")
    part.locator("[name=text]").fill(LOG.replace("Model: ar900\n", ""))
    part.locator("[name=release]").fill("21.2R1")
    part.locator("button").first.click()
    standing = part.locator("[data-wp-incidents] > li").filter(has_text=match.id).locator(".wp-match__standing")
    expect(standing).to_contain_text(said)
    expect(standing).to_contain_text(found.reasons[language][match.reason])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(new_page: Open, axe: str, scheme: str) -> None:  # noqa: F811
    page = new_page(color_scheme=scheme, reduced_motion="reduce")
    page.context.add_init_script(axe)
    page.goto("network/")
    part = page.locator("[data-wp-match]")
    part.locator("[name=text]").fill(LOG)
    part.get_by_role("button", name="Find").click()
    expect(part.locator("[data-wp-incidents] > li").first).to_be_visible()
    assert page.evaluate(RUN, LEVELS) == []


def test_a_large_log_can_be_stopped(new_page: Open, tmp_path: Path) -> None:
    page = new_page("network/")
    file = tmp_path / "large.log"
    file.write_bytes(LOG.encode() * 2_000)
    part = page.locator("[data-wp-match]")
    part.locator("[name=file]").set_input_files(file)
    part.get_by_role("button", name="Find").click()
    part.get_by_role("button", name="Stop").click()
    expect(part.locator("[data-wp-status]")).to_have_text("Stopped.")
    expect(part.locator("[data-wp-progress]")).to_be_hidden()
