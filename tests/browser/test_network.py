"""My network: what affects an inventory, kept in the browser alone; by keyboard, in both languages, without a trace on the network."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from generator.api.affected_sets import AffectedSet
from generator.api.packed_sets import columns_of
from generator.network.matching import Matcher
from tests.browser.conftest import NARROW, Open
from tests.browser.support import Portal, Watch

pytestmark = [pytest.mark.browser]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRETS = ("hush-core-1", "hush-edge-2", "Whisperton", "=quiet()", "AR90-4VTN6KVC")
LIST = """name,product,platform,release,serial,site,tags
hush-core-1,exos,ar900,21.4R3,AR90-4VTN6KVC,Whisperton,=quiet()
hush-edge-2,exos,sx40,23.2R1,,,
hush-insight,insight,,5.11.1,,Whisperton,
hush-old,exos,ar200,21.4R9,,Whisperton,
"""
DATABASES = "indexedDB.databases().then((found) => found.map(({name}) => name))"


@pytest.fixture
def open_page(new_page: Open) -> Open:
    """Opens the page on a day of the example's."""
    def opened(root: str = "", at: datetime = NOON, **options: Any) -> Page:
        page = new_page(timezone_id="UTC", **options)
        page.clock.set_fixed_time(at)
        page.goto(f"{root}network/")
        return page
    return opened


def read(page: Page, text: str = LIST) -> None:
    """Brings a list in."""
    page.locator("#wp-net-list").fill(text)
    page.locator("[data-wp-inventory] form button").first.click()
    expect(page.locator("[data-wp-devices] tbody tr").first).to_be_visible()


def rows(page: Page, table: str) -> Locator:
    return page.locator(f"[data-wp-{table}] tbody tr")


def affecting(portal: Portal, path: str, release: str, platform: str | None) -> set[str]:
    """What the command says of a device."""
    data = (portal.folder / "api/v1/affected" / path).read_bytes()
    return {match.id for match in Matcher(msgspec.json.decode(data, type=AffectedSet)).matches(release, platform)}


def test_shows_what_affects_each_device_and_all(open_page: Open, portal: Portal) -> None:
    page = open_page()
    watch = Watch(page, portal.url)
    read(page)
    core, edge = affecting(portal, "exos/21.4.json", "21.4R3", "ar900"), affecting(portal, "exos/23.2.json", "23.2R1", "sx40")
    every = core | edge | affecting(portal, "insight/5.11.json", "5.11.1", None)
    expect(page.locator("[data-wp-findings] li")).to_contain_text(["21.4R9"])
    expect(page.locator("[data-wp-summary=devices]")).to_have_text("4 devices on 4 releases at 1 site.")
    expect(page.locator("[data-wp-summary=records]")).to_contain_text(f"Open: {len(every)} records.")
    expect(page.locator("[data-wp-summary=ends] li")).to_have_text([
        "Support has ended: 1 device.", "Support ends within half a year: 2 devices.",
        "Not checked, because the portal does not know the release: 1 device."])
    assert {text.strip() for text in page.locator("[data-wp-records] tbody th").all_inner_texts()} <= every
    page.locator("[data-wp-filter] [name=find]").fill("HUSH-CORE")
    expect(rows(page, "devices")).to_have_count(1)
    expect(page.locator("[data-wp-records] [data-wp-count]")).to_have_text(f"{len(core)} records of {len(core)}")
    assert {text.strip() for text in page.locator("[data-wp-records] tbody th").all_inner_texts()} == core
    expect(rows(page, "records").first.locator("a")).not_to_have_text("Show the record")  # but its title, from the card
    page.locator("[data-wp-devices] tbody button").click()
    expect(page.locator(".wp-net__details h3").first).to_have_text("From 21.4R3 to 23.4R2-S4")
    after = affecting(portal, "exos/23.4.json", "23.4R2-S4", "ar900")
    words = {count: "record" if count == 1 else "records" for count in range(100)}
    fixed, new, left = len(core - after), len(after - core), len(core & after)
    expect(page.locator(".wp-net__details [role=status]")).to_have_text(
        f"Fixed: {fixed} {words[fixed]}; introduced: {new} {words[new]}; still there: {left} {words[left]}.")
    expect(rows(page, "devices").first).to_contain_text(f"fixes {fixed}, introduces {new}")
    assert watch.found == []


@pytest.mark.parametrize(("root", "covered", "wiped"), [("", "Covered", "Everything is wiped."), ("ru/", "Действует", "Все стерто.")])
def test_nothing_of_the_inventory_leaves_the_browser(open_page: Open, portal: Portal, root: str, covered: str, wiped: str) -> None:
    page = open_page(root)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url} {request.post_data or ''}"))
    page.on("dialog", lambda dialog: dialog.accept())
    read(page)
    assert not [line for line in asked if "/sealed/" in line]
    for _number, button in enumerate(page.locator("[data-wp-devices] tbody button[aria-expanded]").all()):
        button.click()
    page.locator("[data-wp-load]").click()
    expect(page.locator("[data-wp-ranked]")).to_be_visible()
    page.locator("[data-wp-records] tbody button").first.click()
    page.locator("[data-wp-records] textarea").fill("hush: nothing to see")
    page.locator("[data-wp-records] .wp-net__noting button").first.click()
    page.locator("[data-wp-cover]").click()
    expect(rows(page, "devices").filter(has_text="hush-core-1").locator("td").last).to_contain_text(",", timeout=30_000)
    for line in asked:
        method, url, body = line.split(" ", 2)
        assert (method, body) == ("GET", "") and url.startswith(portal.url), line
        place, _mark, query = url.removeprefix(portal.url).partition("?")
        assert (portal.folder / place).is_file(), "a file of the portal"
        assert not query or query.startswith("v="), "but for the generation of the index nothing is asked"
        assert not [word for word in (*SECRETS, "hush", "21.4R3", "23.2R1") if word.lower() in line.lower()], line
    assert page.evaluate(DATABASES)
    assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage)).filter((name) => name.includes('network'))") == []
    page.locator("[data-wp-wipe]").click()
    expect(page.locator("[data-wp-read]")).to_have_text(wiped)
    expect(page.locator("[data-wp-filled]")).to_be_hidden()
    kept = """indexedDB.databases().then((all) => Promise.all(all.map(({name}) => new Promise((done) => {
        const asking = indexedDB.open(name);
        asking.onsuccess = () => asking.result.transaction("kept").objectStore("kept").getAll().onsuccess = (event) => done(event.target.result);
    })))).then((found) => found.flat())"""
    assert page.evaluate(kept) == []
    page.reload()
    expect(page.locator("#wp-net-list")).to_be_visible()


def test_the_inventory_is_there_at_the_next_visit_and_can_be_changed(open_page: Open) -> None:
    page = open_page()
    read(page)
    page.reload()
    expect(rows(page, "devices")).to_have_count(4)
    page.locator("[data-wp-devices] tbody button[aria-expanded]").filter(has_text="hush-edge-2").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("dialog").get_by_label("Release").fill("99.9")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("ExOS has no release “99.9” here.")
    page.get_by_role("dialog").get_by_label("Release").fill("23.4r2-s4")
    page.get_by_role("dialog").get_by_label("Site").fill("Uppertown")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(rows(page, "devices").filter(has_text="hush-edge-2")).to_contain_text("23.4R2-S4")
    page.locator("[data-wp-filter] [name=site]").select_option("Uppertown")
    expect(rows(page, "devices")).to_have_count(1)
    page.locator("[data-wp-devices] tbody button[aria-expanded]").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(rows(page, "devices")).to_have_count(3)
    expect(page.locator(".wp-net [data-wp-status]")).to_have_text("hush-edge-2 is removed.")
    with page.expect_download() as loading:
        page.get_by_role("button", name="Export as a file").click()
    devices = json.loads(Path(loading.value.path()).read_text(encoding="utf-8"))["devices"]
    assert [(device["name"], device["release"], device["tags"]) for device in devices] == [
        ("hush-core-1", "21.4R3", ["=quiet()"]), ("hush-insight", "5.11.1", []), ("hush-old", "21.4R9", [])]


def test_files_are_read_and_added(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    (tmp_path / "one.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "two.json").write_text(json.dumps({"format": 1, "devices": [
        {"name": "hush-edge-2", "product": "exos", "release": "24.2R1"}, {"name": "other", "product": "exos", "release": "24.2R1"}],
        "notes": {"1750211": {"state": "done", "note": "not here"}}}), encoding="utf-8")
    page.locator("#wp-net-file").set_input_files(tmp_path / "one.csv")
    expect(rows(page, "devices")).to_have_count(4)
    page.locator("#wp-net-file").set_input_files(tmp_path / "two.json")
    expect(rows(page, "devices")).to_have_count(5)
    expect(rows(page, "devices").filter(has_text="hush-edge-2")).to_contain_text("24.2R1")
    page.locator("[data-wp-records] [name=state]").select_option("done")
    assert set(page.locator("[data-wp-records] tbody th").all_inner_texts()) <= {"1750211"}
    page.locator("[data-wp-inventory] summary").click()
    page.locator("#wp-net-list").fill("this is nothing")
    page.get_by_role("button", name="Read the list").click()
    expect(page.locator("[data-wp-read]")).to_contain_text("No device could be read.")
    expect(rows(page, "devices")).to_have_count(5)


def test_what_is_new_at_the_next_visit_is_marked(open_page: Open, portal: Portal) -> None:
    page = open_page()
    data = json.loads((portal.folder / "api/v1/affected/exos/21.4.json").read_bytes())
    matcher = Matcher(msgspec.convert(data, AffectedSet))
    newest = [match.id for match in matcher.matches("21.4R3", "ar900")][-1]

    def before(route: Route) -> None:
        """The file as it was before the newest report."""
        place = data["records"]["ids"].split(" ").index(newest)
        records = {name: (values[:place] if isinstance(values, list) else " ".join(values.split(" ")[:place]))
                   for name, values in data["records"].items()}
        route.fulfill(body=columns_of(msgspec.convert(data | {"records": records}, AffectedSet)))

    page.route("**/affected/exos/21.4.bin", before)
    read(page)
    expect(page.locator("[data-wp-summary=news]")).to_have_text("At your next visit, this page tells what is new.")
    page.clock.set_fixed_time(datetime(2026, 11, 22, 12, 30, tzinfo=UTC))  # still the same visit
    page.reload()
    expect(page.locator("[data-wp-summary=news]")).to_have_text("At your next visit, this page tells what is new.")
    page.unroute_all()
    page.clock.set_fixed_time(datetime(2026, 11, 23, 9, tzinfo=UTC))
    for _reload in range(2):  # coming back at once is the same visit
        page.reload()
        expect(page.locator("[data-wp-summary=news]")).to_contain_text("New since 2026-11-22: ")
        page.locator("[data-wp-records] [name=state]").select_option("new")
        assert newest in page.locator("[data-wp-records] tbody th").all_inner_texts()
        expect(rows(page, "records").first.locator(".wp-chip--new")).to_be_visible()
    page.locator("[data-wp-seen]").click()
    expect(page.locator("[data-wp-summary=news]")).to_have_text("Nothing is new since 2026-11-23.")


def test_records_are_acknowledged_and_snoozed_with_a_note(open_page: Open) -> None:
    page = open_page()
    read(page)
    first, second = page.locator("[data-wp-records] tbody th").all_inner_texts()[:2]
    page.locator(f"[data-wp-records] button[value='{first}']").click()
    page.get_by_label("Note").fill("line cards replaced")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".wp-net [data-wp-status]")).to_have_text(f"{first} is acknowledged.")
    page.locator(f"[data-wp-records] button[value='{second}']").click()
    page.get_by_label("Until").fill("2026-12-01")
    page.get_by_role("button", name="Snooze", exact=True).click()
    expect(page.locator(".wp-net [data-wp-status]")).to_have_text(f"{second} is snoozed until 2026-12-01.")
    ids = page.locator("[data-wp-records] tbody th")
    assert not {first, second} & set(ids.all_inner_texts())
    page.reload()
    state = page.locator("[data-wp-records] [name=state]")
    expect(rows(page, "records").first).to_be_visible()
    state.select_option("done")
    expect(rows(page, "records")).to_have_count(1)
    expect(rows(page, "records")).to_contain_text("line cards replaced")
    state.select_option("snoozed")
    assert ids.all_inner_texts() == [second]
    page.clock.set_fixed_time(datetime(2026, 12, 1, 12, tzinfo=UTC))
    page.reload()
    expect(rows(page, "records").first).to_be_visible()
    state.select_option("open")
    assert second in ids.all_inner_texts() and first not in ids.all_inner_texts()


def test_the_best_target_follows_the_weights(open_page: Open) -> None:
    page = open_page()
    asked: list[str] = []
    read(page)
    page.on("request", lambda request: asked.append(request.url))
    load = page.locator("[data-wp-load]")
    expect(load).to_contain_text("(loads about")
    assert not [url for url in asked if "/affected/" in url]
    load.click()
    best = page.locator("[data-wp-best] strong")
    expect(best).to_have_text("Best: 23.4R2-S4.")
    assert any("/affected/" in url for url in asked)
    exposures = [int(text.replace(",", "")) for text in page.locator("[data-wp-target] tbody td:nth-child(3)").all_inner_texts()]
    assert exposures == sorted(exposures) and len(exposures) == 10
    for name in ("critical", "high", "medium"):
        page.locator(f"[data-wp-weights] [name={name}]").fill("0")
    page.locator("[data-wp-weights] [name=low]").fill("1")
    changed = [int(text.replace(",", "")) for text in page.locator("[data-wp-target] tbody td:nth-child(3)").all_inner_texts()]
    assert changed == sorted(changed) and changed != exposures
    page.reload()
    expect(page.locator("[data-wp-weights] [name=critical]")).to_have_value("0")  # kept
    page.get_by_role("button", name="As they were").click()
    expect(page.locator("[data-wp-weights] [name=critical]")).to_have_value("100")


def test_tables_sort_and_are_handed_out_safely(open_page: Open) -> None:
    page = open_page()
    read(page)
    table = page.locator("[data-wp-devices]")
    head = table.locator("thead button[value=device]")
    head.click()
    names = table.locator("tbody th")
    assert names.all_inner_texts() == ["hush-core-1", "hush-edge-2", "hush-insight", "hush-old"]
    head.press("Enter")
    assert names.all_inner_texts()[0] == "hush-old"
    with page.expect_download() as loading:
        table.get_by_role("button", name="Download CSV").click()
    head, *lines = csv.reader(io.StringIO(Path(loading.value.path()).read_text(encoding="utf-8-sig")))
    assert head[:4] == ["Device", "Release", "Site", "Tags"]
    assert lines[-1][:4] == ["hush-core-1", "21.4R3", "Whisperton", "'=quiet()"], "no formula"
    with page.expect_download() as loading:
        page.locator("[data-wp-records]").get_by_role("button", name="Download CSV").click()
    head, *lines = csv.reader(io.StringIO(Path(loading.value.path()).read_text(encoding="utf-8-sig")))
    assert head == ["Number", "Title", "Kind", "Severity", "Devices", "Reason", "State"]
    assert len(lines) > 20 and all(line[1] for line in lines)


def test_charts_say_their_numbers(open_page: Open) -> None:
    page = open_page()
    read(page)
    chart = page.locator("[data-wp-chart=severity]")
    spoken = chart.locator("svg desc").text_content()
    chart.locator("summary").click()
    told = chart.locator("tbody tr").all_inner_texts()
    assert spoken == ", ".join(": ".join(line.split("\t")) for line in told)
    fills = chart.locator("rect").evaluate_all("bars => bars.map((bar) => bar.getAttribute('fill'))")
    assert len(set(fills)) == len(fills), "each severity has its own pattern"
    assert page.locator("[data-wp-chart=site] svg text").all_text_contents()[0::2] == ["Whisperton", "No site"]


def test_a_case_gets_the_device_without_an_address_that_tells_it(open_page: Open, portal: Portal) -> None:
    page = open_page()
    read(page)
    page.locator("[data-wp-devices] tbody button[aria-expanded]").filter(has_text="hush-core-1").click()
    page.get_by_role("link", name="Prepare a case").last.click()
    expect(page).to_have_url(f"{portal.url}help/case/")
    form = page.locator(".wp-case form")  # its script comes after the address
    for name, value in {"product": "exos", "platform": "AR900 edge routers", "release": "21.4R3", "serial": "AR90-4VTN6KVC"}.items():
        expect(form.locator(f"[name={name}]")).to_have_value(value)


def test_the_keyboard_does_it_all(open_page: Open) -> None:
    page = open_page("ru/")
    expect(page.locator("[data-wp-example]")).to_be_enabled()
    page.locator("#wp-net-list").focus()
    for _step in range(3):
        page.keyboard.press("Tab")
    expect(page.locator("[data-wp-example]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows(page, "devices")).to_have_count(24)
    page.locator("[data-wp-records] thead button").last.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-wp-records] textarea")).to_be_visible()
    page.keyboard.press("Tab")  # the title
    page.keyboard.press("Tab")
    page.keyboard.type("подождет")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".wp-net [data-wp-status]")).to_contain_text("Принято к сведению: ")
    assert page.evaluate("document.activeElement.closest('[data-wp-records]') !== null"), "the focus is not lost"


def test_a_portal_out_of_reach_is_said_and_tried_again(open_page: Open) -> None:
    page = open_page()
    page.route("**/api/v1/**", lambda route: route.abort())
    page.locator("[data-wp-example]").click()
    expect(page.locator("[data-wp-read]")).to_have_text("The portal cannot be reached. Check the connection and try again.")
    page.unroute_all()
    page.locator("[data-wp-example]").click()
    expect(rows(page, "devices")).to_have_count(24)
    page.route("**/api/v1/**", lambda route: route.abort())
    page.reload()
    expect(page.locator(".wp-net [data-wp-status]")).to_contain_text("The portal cannot be reached.")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(rows(page, "devices")).to_have_count(24)


def test_ten_thousand_devices(open_page: Open, tmp_path: Path) -> None:
    """Filters answer at once."""
    releases = ["21.4R1", "21.4R3", "22.4R2", "23.2R1", "23.4R1", "24.2R1"]
    platforms = ["ar200", "ar900", "sx40", "fw60"]
    page = open_page()
    (tmp_path / "many.csv").write_text("name,product,platform,release,site\n" + "".join(
        f"device-{number},exos,{platforms[number % 4]},{releases[number % 6]},site-{number % 50}\n" for number in range(10_000)), "utf-8")
    page.locator("#wp-net-file").set_input_files(tmp_path / "many.csv")
    expect(page.locator("[data-wp-summary=devices]")).to_have_text("10,000 devices on 6 releases at 50 sites.")
    took = page.evaluate("""() => { const start = performance.now(); const select = document.querySelector("[data-wp-filter] [name=site]");
        select.value = "site-7"; select.dispatchEvent(new Event("input", {bubbles: true}));
        return new Promise((done) => { const look = () => document.querySelector("[data-wp-devices] [data-wp-count]").textContent.startsWith("200 ")
            ? done(performance.now() - start) : setTimeout(look, 20); look(); }); }""")
    assert took < 3_000, "on a busy machine"
    expect(rows(page, "devices")).to_have_count(50)
    page.locator("[data-wp-devices] [data-wp-pages] button").last.click()
    expect(page.locator("[data-wp-devices] [data-wp-pages]")).to_contain_text("Page 2 of 4")


def test_without_javascript_it_says_what_it_needs(new_page: Open) -> None:
    page = new_page("network/", java_script_enabled=False)
    said = page.locator(".wp-net noscript p")
    expect(said).to_be_visible()
    expect(said).to_contain_text("waypost inventory FILE --portal https://support.example.com/")
    assert said.locator("a").evaluate_all("links => links.map((link) => link.textContent)") == ["ExOS", "ExOS Evolved", "Exemplar Insight"]
    expect(page.locator("#wp-net-list")).to_be_hidden()


def test_it_fits_a_phone_and_prints(open_page: Open) -> None:
    page = open_page("ru/", viewport=NARROW)
    page.locator("[data-wp-example]").click()
    expect(rows(page, "devices")).to_have_count(24)
    page.locator("[data-wp-records] tbody button").first.click()
    page.locator("[data-wp-devices] tbody button").first.click()
    page.locator("[data-wp-load]").click()
    expect(page.locator("[data-wp-ranked]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    page.emulate_media(media="print")
    for selector in ("[data-wp-inventory]", "form[data-wp-filter]", "[data-wp-wipe]", ".wp-net__noting"):
        expect(page.locator(selector).first).to_be_hidden()
    for selector in ("[data-wp-records] table", "[data-wp-devices] table", "[data-wp-chart=site] svg.wp-chart"):
        expect(page.locator(selector)).to_be_visible()
