"""Which entries stand where: nothing is lost or told twice, order and ids hold, and what says the same as before is the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from generator import feed_windows
from generator.edition import Edition
from generator.exposure import Exposure
from generator.feed_windows import Windows
from generator.feeds import feed_files
from generator.keys import Keys
from kb.feed_settings import FeedSettings
from kb.library import Library, View
from kb.portal import Portal, PortalText
from kb.products import Catalogue, Named, Product, ReleaseInfo
from kb.ranges import Affected
from kb.records import Place, Report, Severity, Text

START = datetime(2020, 1, 1, tzinfo=UTC)
HOST = "https://support.example.com/"
ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}archive"
PLACE = Place("reports/x.md", 1)
PRODUCT = Product("box", "BoxOS", "dotted", PLACE, platforms=(Named("bx1", "Box 1"),), releases=(
    ReleaseInfo("1.0.0", "1.0"), ReleaseInfo("1.0.1", "1.0"), ReleaseInfo("1.1.0", "1.1"), ReleaseInfo("2.0.0", "2.0")))
SMALL = {"WINDOW": 4, "DAYS": 10, "MOST": 9, "RUN": 3, "LONGEST": 7}


class PlainKeys(Keys):
    """Keys of an edition without a theme."""

    def __init__(self, edition: Edition) -> None:
        self._base = feed_windows.blake2b(edition.language.encode(), digest_size=16)
        self._library = edition.library


def made(number: int, published: int, updated: int, title: str = "", severity: Severity = "high", **fields: object) -> Report:
    day = START + timedelta(days=published)
    known = {"affected": (Affected("box", (), (), ("1.0.1",)),), "products": ("box",), "component": "web"} | fields
    return Report(id=str(100000 + number), kind="report", status="open", audience="public", place=PLACE, severity=severity,
                  texts=(Text("en", title or f"Report {number}", "", (), (), PLACE),), created=day,
                  updated=START + timedelta(days=max(published, updated)), **known)  # type: ignore[arg-type]


def library(reports: dict[int, Report], feeds: FeedSettings | None = None) -> Library:
    portal = Portal("Box", HOST, ("en",), (PortalText("Box Support", "", ()),), feeds=feeds or FeedSettings())
    return Library(portal, Catalogue((PRODUCT,)), None, (), {report.id: report for report in reports.values()}, {}, {}, {},
                   View(START + timedelta(days=10_000)))


class File(NamedTuple):
    key: str
    data: bytes


def files(known: Library, *of: str) -> dict[str, File]:
    """The feeds of a portal, or those whose paths have one of these words."""
    edition = Edition(known, "en", Exposure(known))
    found = feed_files(edition, PlainKeys(edition), Windows(known))
    return {file.path: File(file.key, file.make()) for file in found
            if not of or any(word in file.path for word in of)}


def read(data: bytes) -> list[tuple[str, str, str]]:
    """(id, published, updated) of each entry."""
    return [tuple(str(entry.findtext(ATOM + name)) for name in ("id", "published", "updated"))  # type: ignore[misc]
            for entry in etree.fromstring(data).findall(f"{ATOM}entry")]


def documents(found: dict[str, File], topic: str) -> dict[str, list[tuple[str, str, str]]]:
    """The new view of a topic and all its archives, as a reader finds them."""
    path, read_so_far = f"feeds/new/{topic}.atom", {}
    while path:
        root = etree.fromstring(found[path].data)
        links = {node.get("rel"): str(node.get("href")) for node in root.findall(f"{ATOM}link")}
        assert links["self"] == HOST + path and path not in read_so_far
        assert (root.find(HISTORY) is not None) == (len(read_so_far) > 0)
        if read_so_far:
            assert links["current"] == f"{HOST}feeds/new/{topic}.atom"
            assert links.get("next-archive", "") == (HOST + [*read_so_far][-1] if len(read_so_far) > 1 else "")
        read_so_far[path] = read(found[path].data)
        path = links.get("prev-archive", "").removeprefix(HOST)
    return read_so_far


def check(found: dict[str, File], reports: dict[int, Report], topic: str = "all") -> None:
    by_document = documents(found, topic)
    entries = [entry for each in by_document.values() for entry in each]
    tags = {f"tag:support.example.com,2026:en/report/{report.id}" for report in reports.values()}
    assert len(entries) == len(tags) and {name for name, _, _ in entries} == tags  # none lost, none repeated
    assert [published for _, published, _ in entries] == sorted((published for _, published, _ in entries), reverse=True)
    updates = read(found[f"feeds/{topic}.atom"].data)
    assert [updated for _, _, updated in updates] == sorted((updated for _, _, updated in updates), reverse=True)
    newest = sorted((report.updated for report in reports.values()), reverse=True)
    wanted = [at for at in newest if at >= newest[0] - timedelta(days=SMALL["DAYS"])]
    least = min(len(reports), SMALL["MOST"], max(len(wanted), SMALL["WINDOW"]))
    assert len(updates) >= least
    assert [updated for _, _, updated in updates[:least]] == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in newest[:least]]
    archived = {name for path, each in by_document.items() if "/archive/" in path for name, _, _ in each}
    assert {name for name, _, _ in updates} | archived == tags
    for path, each in by_document.items():
        most = SMALL["MOST"] + SMALL["LONGEST"] if "/new/" in path else SMALL["LONGEST"]
        assert len(each) <= most, path


STEPS = st.lists(st.tuples(st.sampled_from(["publish", "publish", "revise", "backdate", "retitle", "nothing"]),
                           st.integers(0, 6), st.integers(0, 60)), min_size=1, max_size=15)


@given(st.integers(0, 30), STEPS)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_edited_nothing_is_lost_or_told_twice(count: int, steps: list[tuple[str, int, int]]) -> None:
    with patch.multiple(feed_windows, **SMALL):
        reports = {number: made(number, number * 3, number * 3) for number in range(count)}
        today, before = count * 3, files(library(reports), "all")
        for step, days, which in steps:
            today += days
            target = which % len(reports) if reports else 0
            if step == "publish" or not reports:
                reports[len(reports)] = made(len(reports), today, today)
            elif step == "backdate":
                reports[len(reports)] = made(len(reports), which, today)
            elif step == "revise":
                reports[target] = msgspec.structs.replace(reports[target], updated=START + timedelta(days=today))
            elif step == "retitle":
                text = msgspec.structs.replace(reports[target].text, title=f"Title {today}")
                reports[target] = msgspec.structs.replace(reports[target], texts=(text,))
            after = files(library(reports), "all")
            check(after, reports)
            for path, file in after.items():
                if path in before and before[path].key == file.key:
                    assert before[path].data == file.data, f"{path} is stale"
            if step == "nothing":
                assert after == before
            if step == "publish":  # the newest: finished archives keep their entries
                for path in before:
                    if "/archive/" in path:
                        assert read(after[path].data) == read(before[path].data)
            before = after


def test_a_new_record_leaves_old_archives_as_they_are() -> None:
    reports = {number: made(number, number * 3, number * 3) for number in range(1500)}
    before = files(library(reports), "archive/all/")
    archives = [path for path in before if path.startswith("feeds/archive/all/")]
    assert len(archives) > 10
    reports[1500] = made(1500, 4600, 4600)
    after = files(library(reports), "archive/all/")
    changed = {path for path in archives if before[path].key != after[path].key}
    assert len(changed) <= 1  # at most the newest, which then has a next one
    reports[1501] = made(1501, 700, 4601)  # backdated: the document of that time, or the one that is now two
    later = files(library(reports), "archive/all/")
    assert len({path for path in archives if after[path].key != later[path].key}) <= 3


def test_days_count_from_the_newest_entry_and_not_from_the_clock() -> None:
    reports = {number: made(number, 0 if number < 10 else 300, 0) for number in range(80)}
    early, late = library(reports), msgspec.structs.replace(library(reports), view=View(START + timedelta(days=20_000)))
    assert files(early) == files(late)
    windows = Windows(early)
    assert len(windows.views("product-box").updates.places) >= 70


@pytest.mark.parametrize(("count", "most"), [(1_200, feed_windows.MOST), (feed_windows.ALL_ARCHIVED + 1, feed_windows.FEWER)])
def test_a_busy_topic_has_a_limit(count: int, most: int) -> None:
    reports = {number: made(number, 300, 300) for number in range(count)}
    windows = Windows(library(reports, FeedSettings(archives="none")))
    assert len(windows.views("all").updates.places) == len(windows.views("all").new.places) == most


def test_topics_hold_what_they_name() -> None:
    other = (Affected("box", ("bx1",), (), ("1.1.0",)),)
    reports = {0: made(0, 1, 1), 1: made(1, 2, 2, severity="low", component="cli", affected=other, platforms=("bx1",))}
    windows = Windows(library(reports))

    def ids(topic: str) -> list[str]:
        return [head.id for head in windows.heads(windows.views(topic).updates)]

    assert ids("all") == ids("pr") == ids("product-box") == ["100001", "100000"]
    assert (ids("severity-high"), ids("severity-low"), ids("severity-medium")) == (["100000"], ["100001"], [])
    assert (ids("component-web"), ids("component-cli"), ids("platform-box.bx1")) == (["100000"], ["100001"], ["100001"])
    assert (ids("train-box.1.0"), ids("train-box.1.1"), ids("train-box.2.0")) == (["100000"], ["100001"], [])


def test_a_large_portal_archives_everything_once() -> None:
    reports = {number: made(number, number, number) for number in range(300)}
    with patch.object(feed_windows, "ALL_ARCHIVED", 299):
        found = files(library(reports))
    assert {path.split("/")[2] for path in found if path.startswith("feeds/archive/")} == {"all"}
    assert {path.split("/")[2] for path in files(library(reports)) if path.startswith("feeds/archive/")} > {"all", "pr"}
    assert not any("/archive/" in path for path in files(library(reports, FeedSettings(archives="none"))))


def test_which_reports_have_feeds_of_their_own() -> None:
    reports = {0: made(0, 0, 0), 1: made(1, 0, 0), 2: made(2, 0, 500)}
    reports[1] = msgspec.structs.replace(reports[1], status="fixed")
    reports[2] = msgspec.structs.replace(reports[2], status="fixed")

    def own(wanted: str) -> set[str]:
        return {path for path in files(library(reports, FeedSettings(records=wanted))) if path.startswith("feeds/pr/")}

    assert own("open") == {"feeds/pr/100000.atom", "feeds/pr/100002.atom"}  # fixed lately: this is what followers wait for
    assert len(own("all")) == 3 and not own("none")
