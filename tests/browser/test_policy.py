"""What is lively in guides that show the policy, for both example sites in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.support import Portal, Watch
from tests.browser.test_checkers import LEVELS, MODULES, RUN

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Pages with blocks of the policy, below a language's root.
NETWORKS_PAGES = [f"help/{name}/" for name in ("priorities", "contacts", "open-a-case", "escalation", "service-levels", "returns", "warranty",
                                               "accounts", "report-a-vulnerability", "disclosure")] + ["help/"]
SOFTWARE_PAGES = [f"help/{name}/" for name in ("before-you-write", "priorities", "contacts", "open-a-case", "service-levels")]
EVERY = [("networks", root + page) for root in ("", "ru/") for page in NETWORKS_PAGES] + [
    ("software", root + page) for root in ("", "en/") for page in SOFTWARE_PAGES]


@pytest.fixture
def open_at(browser: Browser, sites: dict[str, Portal]) -> Iterator[Any]:
    """Opens a page of a site as a visitor in Berlin sees it, at NOW unless told otherwise."""
    contexts = []

    def open_page(site: str, address: str, now: datetime = NOW, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": WIDE, "base_url": sites[site].url, "timezone_id": "Europe/Berlin"} | options)
        contexts.append(context)
        page = context.new_page()
        page.clock.set_fixed_time(now)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def still(browser: Browser) -> Iterator[Page]:
    path = MODULES / "axe-core" / "axe.min.js"
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce", color_scheme="light")
    if path.is_file():
        context.add_init_script(path.read_text(encoding="utf-8"))
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("site", "address"), EVERY)
def test_every_page_loads_clean_fits_a_phone_and_has_no_violation(still: Page, sites: dict[str, Portal], site: str, address: str) -> None:
    watch = Watch(still, sites[site].url)
    found = {}
    for size, scheme in ((WIDE, "default"), (NARROW, "slate")):
        still.set_viewport_size(size)
        still.goto(sites[site].url + address, wait_until="networkidle")
        still.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
        for one in still.locator(".wp-policy details").all():
            one.evaluate("details => { details.open = true; }")
        assert still.evaluate(OVERFLOW) <= 0
        if still.evaluate("typeof axe") != "undefined" and (violations := still.evaluate(RUN, LEVELS)):
            found[scheme] = violations
    assert found == {}
    assert watch.found == []


def rows(page: Page) -> dict[str, list[str]]:
    """Times in both zones by what is due."""
    found = {}
    for row in page.locator("form[data-wp-deadlines] tbody tr:has(th)").all():
        found[row.locator("th").inner_text()] = row.locator("td").all_inner_texts()
    return found


def test_first_answer_and_next_update_in_both_zones(open_at: Any) -> None:
    page = open_at("networks", "help/priorities/?level=high&region=emea&opened=2026-12-24T16:30Z")
    expect(page.get_by_text("Times are worked out below.")).to_be_visible()
    assert page.locator("[data-wp-yours]").inner_text() == "Your time, Europe/Berlin"
    assert page.locator("[data-wp-theirs]").inner_text() == "Time of the support centre, UTC"
    assert rows(page) == {"First answer": ["Thu, 24 Dec 2026, 18:30", "Thu, 24 Dec 2026, 17:30"],
                          "Updates": ["Tue, 29 Dec 2026, 18:30", "Tue, 29 Dec 2026, 17:30"]}
    why = page.locator(".wp-calculator__why").last
    assert why.locator("li").all_inner_texts() == [
        "Counted from the first answer, at the latest Thu, 24 Dec 2026, 18:30.", "Promised: 1 business day.",
        "Holiday (Fri, 25 December 2026): Christmas Day.", "Holiday (Mon, 28 December 2026): Boxing Day (substitute day).",
        "Business hours: Business hours, Europe, Middle East and Africa, Europe/London."]


def test_by_keyboard_alone_and_shareable(open_at: Any) -> None:
    page = open_at("networks", "help/priorities/")
    expect(page.get_by_text("Times are worked out below.")).to_be_visible()
    level = page.get_by_role("combobox", name="Level")
    assert level.input_value() == "critical"
    assert page.get_by_role("combobox", name="Region").input_value() == "emea", "the region nearest to Berlin's clocks"
    assert page.get_by_label("Opened").input_value() == "2026-11-23T13:00"
    level.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(level).to_have_value("medium")
    expect(page).to_have_url(re.compile("level=medium&region=emea&opened=2026-11-23T12%3A00Z"))
    page.get_by_text("What happened since").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_label("Last news from support").fill("2026-11-23T15:00")
    assert rows(page)["Updates"][0] == "Thu, 26 Nov 2026, 15:00"
    again = open_at("networks", page.url)
    expect(again.get_by_text("Times are worked out below.")).to_be_visible()
    assert rows(again) == rows(page)
    again.get_by_role("button", name="Start again").click()
    expect(again.get_by_role("combobox", name="Level")).to_have_value("critical")
    assert "?" not in again.url


def test_the_other_policy_registration_waiting_and_plans(open_at: Any) -> None:
    page = open_at("software", "help/priorities/")
    page.get_by_role("combobox", name="Уровень").select_option("other")
    page.get_by_label("Открыто").fill("2026-12-30T09:00")
    registered = page.get_by_label("Зарегистрировано поддержкой")
    expect(registered).to_be_hidden()
    page.get_by_role("combobox", name="Способ").select_option("other")
    expect(page.get_by_text("Для этого способа укажите, когда поддержка зарегистрировала обращение.")).to_be_visible()
    expect(page.get_by_role("button", name="Скачать файл календаря")).to_be_disabled()
    registered.fill("2026-12-30T10:10")
    assert rows(page) == {"Первый ответ": ["пн, 11 янв. 2027 г., 09:10", "пн, 11 янв. 2027 г., 11:10"],
                          "Начало работ": ["вт, 12 янв. 2027 г., 10:10", "вт, 12 янв. 2027 г., 12:10"],
                          "Постоянное решение": ["вт, 6 апр. 2027 г., 11:10", "вт, 6 апр. 2027 г., 12:10"]}
    page.get_by_text("Что произошло с тех пор").click()
    page.get_by_role("button", name="Добавить ожидание").click()
    page.get_by_label("Ожидание с").fill("2027-01-11T09:00")
    page.get_by_label("Ожидание до").fill("2027-01-11T08:00")
    expect(page.get_by_text("Одно из ожиданий кончается раньше, чем начинается.")).to_be_visible()
    page.get_by_label("Ожидание до").fill("2027-01-11T11:30")
    assert rows(page)["Первый ответ"][0] == "пн, 11 янв. 2027 г., 09:10", "waiting puts off solutions only"
    assert rows(page)["Постоянное решение"][0] == "вт, 6 апр. 2027 г., 13:40"
    expect(page.get_by_text("Ожидание, которое не считается: 2 ч 30 мин").first).to_be_visible()
    page.get_by_role("button", name="Убрать").press("Enter")
    assert rows(page)["Постоянное решение"][0] == "вт, 6 апр. 2027 г., 11:10"
    expect(page.get_by_role("button", name="Добавить ожидание")).to_be_focused()
    page.get_by_role("combobox", name="Уровень").select_option("outage")
    page.get_by_role("combobox", name="Способ").select_option("email")
    assert rows(page)["Временное решение"][0] == "ср, 30 дек. 2026 г., 17:00"
    page.get_by_role("combobox", name="План").select_option("extended")
    assert rows(page)["Временное решение"][0] == "ср, 30 дек. 2026 г., 13:00"


def test_the_calendar_file(open_at: Any, tmp_path: Path) -> None:
    address = "ru/help/priorities/?level=high&region=russia&opened=2026-12-30T08:00Z"
    files = []
    for number in range(2):
        page = open_at("networks", address)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Скачать файл календаря").click()
        assert waiting.value.suggested_filename == "deadlines.ics"
        waiting.value.save_as(tmp_path / str(number))
        files.append((tmp_path / str(number)).read_bytes())
    lines = files[0].split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert any(line.startswith(b" ") for line in lines), "long lines are folded"
    calendar = Calendar.from_ical(files[0])
    first, update = calendar.walk("VEVENT")
    assert first["SUMMARY"] == "Первый ответ (Уровень 2 Высокий)"
    assert first.decoded("DTSTART") == datetime(2026, 12, 30, 9, tzinfo=UTC)
    assert update.decoded("DTSTART") == datetime(2027, 1, 11, 9, tzinfo=UTC)
    assert first.decoded("DTSTAMP") == NOW
    assert "Новогодние каникулы" in update["DESCRIPTION"]
    uids = [[str(event["UID"]) for event in Calendar.from_ical(data).walk("VEVENT")] for data in files]
    assert uids[0] == uids[1] and len(set(uids[0])) == 2


@pytest.mark.parametrize(("site", "address", "now", "words"), [
    ("networks", "help/contacts/", NOW, "Open now"),
    ("software", "en/help/contacts/", NOW, "Open now, until Mon, 23 Nov 2026, 16:00"),
    ("software", "help/contacts/", datetime(2026, 11, 28, 12, tzinfo=UTC), "Закрыто, откроется пн, 30 нояб. 2026 г., 07:00"),
    ("software", "help/contacts/", datetime(2026, 12, 31, 12, tzinfo=UTC), "Закрыто, откроется пн, 11 янв. 2027 г., 07:00"),
])
def test_open_now(open_at: Any, site: str, address: str, now: datetime, words: str) -> None:
    page = open_at(site, address, now)
    expect(page.locator("#policy-contacts [data-wp-open]").first).to_have_text(words)


def test_dates_of_a_return(open_at: Any, tmp_path: Path) -> None:
    page = open_at("networks", "help/returns/")
    form = page.locator("form[data-wp-return-dates]")
    expect(form.get_by_text("Enter a day.")).to_be_visible()
    form.get_by_role("combobox", name="Region").select_option("americas")
    form.get_by_label("Day from which the return counts").fill("2026-11-20")
    expect(form.locator("tbody tr")).to_have_count(1)
    expect(form.locator("tbody tr td").first).to_have_text("Mon, 7 December 2026")  # ten business days without Thanksgiving
    expect(form.get_by_text("Holiday (Thu, 26 November 2026): Thanksgiving Day.")).to_be_visible()
    form.get_by_label("Day on which the part arrived with us").fill("2026-12-01")
    due = [row.locator("td").first.inner_text() for row in form.locator("tbody tr").all()]
    assert due == ["Mon, 7 December 2026", "Thu, 31 December 2026", "Wed, 16 December 2026", "Wed, 30 December 2026"]
    with page.expect_download() as waiting:
        form.get_by_role("button", name="Download").click()
    waiting.value.save_as(tmp_path / "return.ics")
    events = Calendar.from_ical((tmp_path / "return.ics").read_bytes()).walk("VEVENT")
    assert [str(event.decoded("DTSTART")) for event in events] == ["2026-12-07", "2026-12-31", "2026-12-16", "2026-12-30"]


def test_choosing_a_service_level(open_at: Any) -> None:
    page = open_at("networks", "help/service-levels/")
    replacement = page.locator("#policy-replacement")
    expect(replacement.get_by_role("status")).to_have_text("Tick a row to compare.")
    replacement.get_by_label("Technician on site").press("Space")
    expect(replacement.get_by_role("status")).to_have_text("Fits: Next-Day Onsite, Same-Day Onsite.")
    replacement.get_by_label("Part delivered same day").check()
    expect(replacement.get_by_role("status")).to_have_text("Fits: Same-Day Onsite.")
    replacement.get_by_label("Return to factory").check()
    expect(replacement.get_by_role("status")).to_have_text("None has all of these.")
    plans = page.locator("#policy-plans")
    plans.get_by_label("Resident engineer").check()
    expect(plans.get_by_role("status")).to_have_text("Fits at extra cost: Base plan, Plus plan.")
    plans.get_by_label("Insight service").check()
    expect(plans.get_by_role("status")).to_have_text("Fits at extra cost: Plus plan.")


@pytest.mark.parametrize(("site", "address", "words"), [
    ("networks", "help/priorities/", ["8 hours", "Mon–Fri 09:00–18:00"]),
    ("software", "help/priorities/", ["8 рабочих часов", "пн–пт 09:00–18:00"]),
    ("networks", "ru/help/contacts/", ["круглосуточно, без выходных", "+7 495 000-00-10"]),
])
def test_reads_without_javascript(open_at: Any, site: str, address: str, words: list[str]) -> None:
    page = open_at(site, address, java_script_enabled=False)
    for text in words:
        expect(page.get_by_text(text).first).to_be_visible()
    expect(page.locator("noscript p")).to_have_count(page.locator("form.wp-calculator").count())
    for note in page.locator("noscript p").all():
        expect(note).to_be_visible()
    for form in page.locator("form.wp-calculator").all():
        expect(form).to_be_hidden()


def test_what_a_policy_does_not_tell_has_no_page(sites: dict[str, Portal]) -> None:
    help_pages = sorted(path.name for path in (sites["software"].folder / "help").iterdir())
    assert help_pages == ["before-you-write", "case", "contacts", "open-a-case", "priorities", "service-levels"]
    linked = {match for page in (sites["software"].folder / "help").rglob("*.html")
              for match in re.findall(r'href="[./]*help/([\w-]+)/', page.read_text(encoding="utf-8"))}
    assert linked <= set(help_pages)
    assert not (sites["software"].folder / ".well-known" / "security.txt").exists()
