"""End dates in calendars (RFC 5545) and in the feed: read back by other programs' eyes, stable ids, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import feedparser
import msgspec
import pytest
from icalendar import Calendar

from tests.generator.support import build_site, differences, edit, page, write_site
from tests.generator.test_lifecycle import PRODUCTS

pytestmark = pytest.mark.usefixtures("quick_shell")
FEEDS = ("feeds/end-dates.atom", "feeds/end-dates.rss", "feeds/end-dates.json")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", {"products.yml": PRODUCTS})


def events(out: Path, path: str = "lifecycle/box/end-dates.ics") -> dict[str, tuple[str, date, date]]:
    """(title, day, stamp) by UID."""
    calendar = Calendar.from_ical((out / path).read_bytes())
    assert (calendar["version"], calendar.errors) == ("2.0", [])
    return {str(event["uid"]): (str(event["summary"]), event.decoded("dtstart"), event.decoded("dtstamp").date())
            for event in calendar.walk("VEVENT")}


def test_events(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "out")
    assert events(tmp_path / "out") == events(tmp_path / "out", "lifecycle/end-dates.ics") == {
        "end-of-engineering.train.1.0.box@support.example.com": ("BoxOS 1.0: End of engineering", date(2026, 8, 1), date(2026, 1, 10)),
        "end-of-support.train.1.0.box@support.example.com": ("BoxOS 1.0: End of support", date(2027, 1, 1), date(2026, 1, 10)),
        "end-of-support.train.2.0.box@support.example.com": ("BoxOS 2.0: End of support", date(2028, 1, 1), date(2026, 6, 15)),
        "end-of-support.release.2.0.1.box@support.example.com": ("BoxOS 2.0.1: End of support", date(2027, 6, 1), date(2026, 9, 1)),
    }
    assert set(events(tmp_path / "out", "ru/lifecycle/end-dates.ics")) == set(events(tmp_path / "out")), "a language moves no event"


def test_the_lines_of_a_calendar(site: Path, tmp_path: Path) -> None:
    edit(site, "products.yml", "name: BoxOS", f"name: '{'Очень длинное название, ' * 8}; \\x'")
    build_site(site, tmp_path / "out")
    data = (tmp_path / "out" / "lifecycle" / "end-dates.ics").read_bytes()
    assert data.endswith(b"\r\n") and data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 75, "octets of a line (section 3.1)"
    assert next(iter(events(tmp_path / "out").values()))[0].startswith("Очень длинное название, Очень")
    assert b"DTEND;VALUE=DATE:20260802" in data, "the day after (section 3.6.1)"


def test_the_feed(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "out")
    feed = feedparser.parse((tmp_path / "out" / FEEDS[0]).read_bytes())
    assert not feed.bozo
    assert [(entry.title, entry.updated) for entry in feed.entries] == [
        ("BoxOS 2.0.1: end of support 2027-06-01", "2026-09-01T00:00:00Z"), ("BoxOS 2.0: end of support 2028-01-01", "2026-06-15T00:00:00Z"),
        ("BoxOS 1.0: end of engineering 2026-08-01, end of support 2027-01-01", "2026-01-10T00:00:00Z")]
    assert feed.feed.updated == "2026-09-01T00:00:00Z"
    assert feed.entries[1].id == "tag:support.example.com,2026:en/end-dates/box/train/2.0"
    assert feed.entries[1].link == "https://support.example.com/lifecycle/box/2.0/"
    assert not feedparser.parse((tmp_path / "out" / FEEDS[1]).read_bytes()).bozo
    items = msgspec.json.decode((tmp_path / "out" / FEEDS[2]).read_bytes())["items"]
    assert [item["id"] for item in items] == [entry.id for entry in feed.entries]
    for entry in feed.entries:
        assert (tmp_path / "out" / entry.link.removeprefix("https://support.example.com/") / "index.html").is_file()


def test_a_moved_date_comes_to_the_top_under_its_old_id(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "before")
    edit(site, "products.yml", "end_of_support: 2027-01-01}", "end_of_support: 2027-07-01, announced: 2026-10-05}")
    build_site(site, tmp_path / "after")
    ids = {name: [entry.id for entry in feedparser.parse((tmp_path / name / FEEDS[0]).read_bytes()).entries]
           for name in ("before", "after")}
    assert ids["after"][0] == ids["before"][-1] and sorted(ids["after"]) == sorted(ids["before"])
    uid = "end-of-support.train.1.0.box@support.example.com"
    assert events(tmp_path / "after")[uid][1:] == (date(2027, 7, 1), date(2026, 10, 5))
    assert "5 October 2026" in page(tmp_path / "after", "lifecycle/box/1.0/").css_first(".wp-facts").text()


def test_no_clock_and_the_same_with_a_cache(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "one", tmp_path / "cache", at=datetime(2026, 11, 1, tzinfo=UTC))
    build_site(site, tmp_path / "two", at=datetime(2030, 1, 1, tzinfo=UTC))
    assert [path for path in differences(tmp_path / "one", tmp_path / "two") if "end-dates" in path] == []
