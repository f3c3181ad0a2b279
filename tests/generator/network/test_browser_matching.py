"""The browser's affected sets give the answers of ``generator.network.matching``, and what the page makes of them is right."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from generator.api.affected_sets import AffectedSet, Affecting
from generator.api.packed_sets import columns_of
from generator.edition import Edition
from generator.network.matching import ON, Matcher, reason_text
from tests.browser_modules import Node, answering
from tests.generator.api.test_affected_sets import CONTENT, editions_of, sets_of

TODAY = "2026-11-22"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with answering(Path(__file__).with_name("node_network.mjs")) as started:
        yield started


@pytest.fixture(scope="module")
def editions() -> list[Edition]:
    """The example portal's."""
    return editions_of(CONTENT)


def test_the_browser_answers_like_python_over_the_example_portal(node: Node, editions: list[Edition]) -> None:
    """Each release of each train, on each platform, on none and on one that nobody knows, in both languages."""
    asked = 0
    for product in editions[0].library.catalogue.products:
        platforms = [None, *(item.id for item in product.platforms), "zx1"]
        for found in sets_of(editions, product).values():
            matcher, questions = Matcher(found), [(release, platform) for release in found.releases for platform in platforms]
            for edition in editions:
                names = {item.id: item.name_in(edition.language) for item in product.platforms}
                words = {"on": edition.say(ON), "and": edition.say("{first} and {last}"), "names": names}
                answers = node.call("reasons", msgspec.to_builtins(found), edition.language, words, questions)
                for (release, platform), answer in zip(questions, answers, strict=True):
                    asked += len(answer)
                    assert answer == [
                        [match.id, match.kind, match.severity, match.card,
                         reason_text(match, found.reasons[edition.language], names, edition.say,
                                     lambda some: edition.speaker.both(tuple(some)))]  # noqa: B023
                        for match in matcher.matches(release, platform)], (release, platform)
    assert asked > 3_000


def unpacked(node: Node, found: AffectedSet) -> Any:
    return node.call("unpacked", base64.b64encode(columns_of(found)).decode())


def test_the_browser_unpacks_affected_sets(node: Node, editions: list[Edition]) -> None:
    """Those of the example portal, and one with ids and platforms of all kinds."""
    all_of_example = [found for product in editions[0].library.catalogue.products for found in sets_of(editions, product).values()]
    ids = "100009 99 EXSA-2026-0007 KB10 x 100011 EXSA-2025-999999999 7a 123456789012 00 100010 999999999 1 EXSA-2026-0006 EXSA-2026-10000"
    count = len(ids.split())
    odd = AffectedSet(1, "box", "1.0", ("1.0.0",), (("report", ""),) * 300, ("a", "b"), (None, (1,), (), (1, 0), (0,)), {"ru": ("до",)},
                      (((0, 1, 0, 1), (0, 1, 0, 0)), ((0, 1, 0),)),
                      Affecting(ids, tuple(range(280, 280 + count)), (0,) * count, (2, 3, 0, 4, 1, *(2,) * (count - 5)), (5, *(1,) * (count - 2), 70_000)))
    empty = AffectedSet(1, "box", "1.0", (), (), (), (), {}, (), Affecting("", (), (), (), ()))
    for found in (*all_of_example, odd, empty):
        assert unpacked(node, found) == json.loads(msgspec.json.encode(found))


def test_other_releases_are_refused(node: Node) -> None:
    empty = {"releases": [], "kinds": [], "platforms": [], "sets": [], "reasons": {}, "cases": [], "records": {"ids": "", "kinds": [], "cases": [], "sets": [], "cards": []}}
    assert node.call("unknown", empty) == "RangeError"


@pytest.mark.parametrize(("release", "expected"), [
    ({}, ["open", "", 0]),
    ({"date": "2026-11-23"}, ["planned", "2026-11-23", 1]),
    ({"end_of_support": "2026-11-22"}, ["ending", "2026-11-22", 0]),  # the last day counts
    ({"end_of_support": "2026-11-21"}, ["ended", "2026-11-21", -1]),
    ({"end_of_support": "2027-05-21"}, ["ending", "2027-05-21", 180]),
    ({"end_of_support": "2027-05-22"}, ["supported", "2027-05-22", 181]),
    ({"end_of_support": "2028-01-01", "end_of_engineering": "2026-11-21"}, ["limited", "2026-11-21", -1]),
    ({"end_of_support": "2028-01-01", "end_of_engineering": "2026-11-22"}, ["supported", "2028-01-01", 405]),
])
def test_how_long_a_release_is_cared_for(node: Node, release: dict[str, str], expected: list[Any]) -> None:
    assert list(node.call("standing", release, TODAY).values()) == expected


def product(*trains: tuple[str, str, str, bool]) -> dict[str, Any]:
    """Trains (name, end of support, recommended release, chosen by the vendor) with releases .1 to .3 each."""
    return {"product": "box", "trains": [{"id": name, "end_of_support": end, "recommended": choice, "by_vendor": by_vendor}
                                         for name, end, choice, by_vendor in trains],
            "releases": [{"id": f"{name}.{number}", "train": name, "end_of_support": end, "recommended": by_vendor and f"{name}.{number}" == choice}
                         for name, end, choice, by_vendor in trains for number in (1, 2, 3)]}


def test_what_a_device_should_run(node: Node) -> None:
    """The release of its own train unless that ends soon, else of the latest train, the vendor's choice first."""
    box = product(("1", "2026-01-01", "1.3", True), ("2", "2027-01-01", "2.2", True), ("3", "2028-01-01", "3.2", True),
                  ("4", "2029-01-01", "4.3", False))
    assert node.call("recommended", box, ["1.1", "1.3", "2.1", "2.3", "3.1", "3.2", "3.3", "4.1", "9.9"], TODAY) == [
        "3.2", "3.2", "3.2", "3.2", "3.2", "", "", "4.3", ""]
    ending = product(("1", "2026-01-01", "1.3", True), ("2", "2027-01-01", "2.2", True))
    assert node.call("recommended", ending, ["1.1", "2.1", "2.3"], TODAY) == ["", "2.2", ""], "nothing lasts longer"
    assert node.call("recommended", product(("1", "2026-01-01", "1.3", True)), ["1.1"], TODAY) == [""], "there is none"


def test_what_an_upgrade_changes(node: Node) -> None:
    assert node.call("difference", ["a", "b", "c"], ["c", "d"]) == {"fixed": ["a", "b"], "introduced": ["d"], "remaining": ["c"]}


def test_the_best_target_has_the_least_weighted_exposure(node: Node) -> None:
    box = product(("1", "2026-01-01", "1.3", True), ("2", "2027-01-01", "2.2", True))
    devices = [{"name": str(number), "product": "box", "release": release, "platform": platform}
               for number, (release, platform) in enumerate([("1.1", "p"), ("1.1", "p"), ("2.3", "q")])]
    open_ = {"2.1/p": ["critical"], "2.1/q": [], "2.2": ["low", "low"], "2.3/p": ["low"], "2.3/q": ["low", "", "none"]}
    found = node.call("ranking", box, devices, {"critical": 100, "low": 1, "unrated": 2}, TODAY, open_)
    assert [row[:3] for row in found] == [["2.3", 5, 0], ["2.2", 6, 1], ["2.1", 200, 1]], "1.x is out of support"
    assert found[0][3] == {"critical": 0, "high": 0, "medium": 0, "low": 3, "none": 1, "unrated": 1}
    assert [row[0] for row in node.call("ranking", box, devices, {}, TODAY, open_)] == ["2.2", "2.3", "2.1"], "alike: recommended, then latest"


def test_what_is_new_since_the_last_visit(node: Node) -> None:
    devices = [{"name": "a", "product": "box", "release": "1.1"}, {"name": "b", "product": "box", "release": "1.2", "platform": "p"}]
    before = {"box/1.1/": ["r1", "r2"]}
    assert node.call("news", None, devices, before) is None, "the first visit"
    kept = node.call("remembered", devices, before)
    assert kept == {"box/1.1/": "r1 r2", "box/1.2/p": ""}
    assert node.call("news", kept, devices, before) == []
    assert node.call("news", kept, devices, {"box/1.1/": ["r2", "r3"], "box/1.2/p": ["r2"]}) == ["box/1.1/ r3", "box/1.2/p r2"]
