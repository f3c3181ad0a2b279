"""The feed of ``waypost inventory --feed``: each match once, none lost, the same bytes where nothing has changed."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import feedparser
import msgspec
import pytest
from lxml import etree

from generator.network import own_feed
from generator.network.own_feed import Change, update_feed
from generator.network.portal_files import PortalFiles
from generator.network.report import Report, report_on, updated_since
from generator.network.source import Source
from kb.fields import parse_date
from kb.findings import SourceError
from kb.inventory import Device, read_inventory
from tests.generator.network.support import boxes, report


@pytest.fixture(scope="module")
def portals(tmp_path_factory: pytest.TempPathFactory) -> list[PortalFiles]:
    """The same portal at three times."""
    all_of = [report(f"10000{at}", updated=f"2026-05-0{at + 1}", ranges=("1.0 before 1.0.2", "1.1.0", "1.0.0")[at % 3]) for at in range(6)]
    newer = report("100001", updated="2026-09-01", ranges="1.1.0", title="It fails & burns <b>")
    stages = [all_of[:3], all_of[:5], [all_of[0], newer, *all_of[3:]]]
    return [PortalFiles(Source(str(boxes(tmp_path_factory.mktemp("stage"), *stage)))) for stage in stages]


def asked(portal: PortalFiles, text: str) -> Report:
    devices, findings = read_inventory("name,product,release,serial\n" + text, "net.csv", portal.known)
    assert not [finding for finding in findings if finding.level == "error"]
    return report_on(devices, portal, "en")


def matches(found: Report) -> set[tuple[str, str]]:
    return {(device.name, line.id) for _key, device, line in found.hits()}


def in_feed(file: Path) -> list[tuple[str, str]]:
    feed = feedparser.parse(str(file))
    assert not feed.bozo
    ids = [entry.id for entry in feed.entries]
    assert len(set(ids)) == len(ids)
    assert [entry.updated for entry in feed.entries] == sorted((entry.updated for entry in feed.entries), reverse=True)
    return [(entry.title.split(" affects ")[1].split(":")[0], entry.title.split(" ")[0]) for entry in feed.entries]


@pytest.mark.parametrize("seed", range(5))
def test_none_is_lost_and_none_comes_twice(seed: int, portals: list[PortalFiles], tmp_path: Path) -> None:
    random, file = Random(seed), tmp_path / "own.atom"
    ever: set[tuple[str, str]] = set()
    ids: dict[tuple[str, str], str] = {}
    for _ in range(15):
        devices = random.sample(range(6), random.randint(0, 6))
        found = asked(random.choice(portals), "".join(f"r{at},box,{random.choice(['1.0.0', '1.0.1', '1.1.0'])},\n" for at in devices))
        now = matches(found)
        change = update_feed(file, found, found)
        assert change.new == len(now - ever)
        ever |= now
        assert sorted(in_feed(file)) == sorted(ever)
        assert change.gone == len(ever - now)
        for entry, match in zip(feedparser.parse(str(file)).entries, in_feed(file), strict=True):
            assert ids.setdefault(match, entry.id) == entry.id
        before, stamp = file.read_bytes(), file.stat().st_mtime_ns
        assert update_feed(file, found, found) == Change(0, change.gone)
        assert (file.read_bytes(), file.stat().st_mtime_ns) == (before, stamp)


def test_an_entry_changes_with_its_record(portals: list[PortalFiles], tmp_path: Path) -> None:
    file = tmp_path / "own.atom"
    for portal in (portals[0], portals[2]):
        found = asked(portal, "r1,box,1.1.0,\n")
        update_feed(file, found, found)
    entry = next(entry for entry in feedparser.parse(str(file)).entries if "100001" in entry.title)
    assert (entry.title, entry.published, entry.updated) == ("100001 affects r1: It fails & burns <b>", "2026-05-02T00:00:00Z", "2026-09-01T00:00:00Z")
    assert entry.link == "https://support.example.com/pr/100001/"


def test_since_holds_back_old_matches_alone(portals: list[PortalFiles], tmp_path: Path) -> None:
    file = tmp_path / "own.atom"
    found = asked(portals[1], "r1,box,1.0.0,\n")
    update_feed(file, found, updated_since(found, parse_date("2026-05-03")))
    told = in_feed(file)
    assert sorted(told) == [("r1", "100002"), ("r1", "100003")]
    later = update_feed(file, found, updated_since(found, parse_date("2026-05-04")))
    assert (later, in_feed(file)) == (Change(0, 0), told)  # what has been told stays, and is not history
    assert update_feed(file, found, found).new == 1


def test_history_has_a_bound(portals: list[PortalFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_feed, "GONE", 2)
    file = tmp_path / "own.atom"
    found = asked(portals[1], "r1,box,1.0.0,\nr2,box,1.0.0,\n")
    assert update_feed(file, found, found).new == 6
    nothing = asked(portals[1], "r1,box,1.0.2,\n")
    assert update_feed(file, nothing, nothing) == Change(0, 2)
    assert {record for _device, record in in_feed(file)} == {"100003"}
    again = asked(portals[1], "r1,box,1.0.0,\n")
    assert update_feed(file, again, again).new == 2


def test_devices_of_one_name(portals: list[PortalFiles], tmp_path: Path) -> None:
    file = tmp_path / "own.atom"
    found = asked(portals[0], "r1,box,1.1.0,S1\nR1,box,1.1.0,S2\nr2,box,1.1.0,S3\n")
    assert update_feed(file, found, found).new == 3
    assert b"S1" not in file.read_bytes()  # serial numbers stay where they are


def test_too_many(portals: list[PortalFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_feed, "MOST", 3)
    found = asked(portals[1], "r1,box,1.0.0,\nr2,box,1.0.0,\n")
    with pytest.raises(SourceError, match=r"own\.atom: would have more than 3 entries; tell of less with --since"):
        update_feed(tmp_path / "own.atom", found, found)


@pytest.mark.parametrize("text", ["", "notes of mine\n", "<feed/>", "<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id></feed>",
                                  "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><feed xmlns='http://www.w3.org/2005/Atom'><id>&e;</id></feed>"])
def test_no_other_file_is_overwritten(text: str, portals: list[PortalFiles], tmp_path: Path) -> None:
    file = tmp_path / "own.atom"
    file.write_text(text)
    found = asked(portals[0], "r1,box,1.1.0,\n")
    with pytest.raises(SourceError, match="is not the feed that this command has written for this portal; name another file for --feed"):
        update_feed(file, found, found)
    assert file.read_text() == text


def test_a_damaged_entry_is_no_crash(portals: list[PortalFiles], tmp_path: Path) -> None:
    file = tmp_path / "own.atom"
    found = asked(portals[0], "r1,box,1.1.0,\n")
    update_feed(file, found, found)
    file.write_bytes(file.read_bytes().replace(b"<updated>2026-05-02", b"<updated>x"))
    with pytest.raises(SourceError):
        update_feed(file, found, found)


def test_a_write_that_fails_leaves_the_old_file(portals: list[PortalFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.atom"
    found = asked(portals[0], "r1,box,1.1.0,\n")
    update_feed(file, found, found)
    before = file.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    more = asked(portals[1], "r1,box,1.1.0,\nr2,box,1.0.0,\n")
    with pytest.raises(OSError):
        update_feed(file, more, more)
    assert (file.read_bytes(), [item.name for item in tmp_path.iterdir()]) == (before, ["own.atom"])


def test_what_xml_refuses(portals: list[PortalFiles], tmp_path: Path) -> None:
    file = tmp_path / "own.atom"
    found = report_on([Device("r\x1b[2J\x00<b>", "box", "", "1.1.0", "", "", (), "1.1.0", True)], portals[0], "en")
    assert update_feed(file, found, found).new == 1
    assert update_feed(file, found, found) == Change(0, 0)
    assert etree.parse(str(file)).findtext(".//{*}entry/{*}title") == "100001 affects r\ufffd[2J\ufffd<b>: It fails"
    assert msgspec.json.encode(found)
