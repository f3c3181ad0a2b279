"""Tables of releases: the same answers as asking for each release, however the record is worded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.contexts.pieces import PLATFORMS, ReleaseRun
from generator.contexts.records import AffectedProduct
from generator.edition import Edition
from generator.exposure import Exposure
from generator.pages.affected import affected_products
from kb.library import Library, View
from kb.portal import Portal, PortalText
from kb.products import Catalogue, Named, Product, ReleaseInfo
from kb.range_rules import compile_rule
from kb.ranges import Affected, parse_range, verdicts
from kb.records import Place, Report, Section, Text
from kb.releases import parse_release
from kb.train_verdicts import said_by_train
from tests.kb.test_ranges import KNOWN, entries

PLACE = Place("reports/1.md", 1)
DAY = datetime(2026, 11, 22, tzinfo=UTC)
Shown = list[tuple[str, dict[str, list[tuple[str, str]]]]]  # train, status -> (release, reason)


def product_of(names: Sequence[str]) -> Product:
    releases = sorted((parse_release(name, "junos") for name in names), key=lambda release: release.key)
    return Product("exos", "ExOS", "junos", PLACE, platforms=(Named("ar900", "AR900 routers"), Named("fw60", "FW60")),
                   releases=tuple(ReleaseInfo(release.text, release.train) for release in releases))


def edition_of(product: Product) -> Edition:
    portal = Portal("Example", "https://support.example.com/", ("en",), (PortalText("Example", "", ()),))
    library = Library(portal, Catalogue((product,)), None, (), {}, {}, {}, {}, View(DAY))
    return Edition(library, "en", Exposure(library))


def report(listed: Sequence[Affected]) -> Report:
    text = Text("en", "A fault", "", (), (Section("problem", "Problem", "It stops."),), PLACE)
    return Report(id="1", kind="report", status="open", audience="", place=PLACE, texts=(text,), products=("exos",),
                  created=DAY, updated=DAY, affected=tuple(listed))


def expected(edition: Edition, product: Product, listed: Sequence[Affected]) -> Shown:
    """Each known release asked for by itself, by train."""
    trains: Shown = []
    by_train: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for name, verdict in verdicts(listed, "exos", [release.id for release in product.releases], "junos").items():
        reason = verdict.reason.render(edition.say, lambda names: edition.joined(product, tuple(names)))
        row = by_train.setdefault(parse_release(name, "junos").train, {})
        row.setdefault(verdict.status, []).append((name, reason))
    trains += [(train, row) for train, row in reversed(by_train.items()) if "affected" in row or "fixed" in row]
    return trains


def shown(part: AffectedProduct) -> Shown:
    def each(runs: Sequence[ReleaseRun]) -> list[tuple[str, str]]:
        assert all(one.reason != other.reason for one, other in pairwise(runs))
        return [(release.id, run.reason.replace(PLATFORMS, part.platform_names)) for run in runs for release in run.releases]

    found = []
    for row in part.rows:
        runs = {"affected": row.affected, "fixed": row.fixed, "not_affected": row.not_affected, "unknown": row.unknown}
        assert row.reason == (row.affected[0].reason if row.affected else "")
        found.append((row.train, {status: each(some) for status, some in runs.items() if some}))
    return found


@pytest.fixture(scope="module")
def edition() -> Edition:
    return edition_of(product_of(KNOWN))


@given(st.lists(entries(), min_size=1, max_size=3))
def test_tables_hold_the_verdict_on_each_release(edition: Edition, listed: list[Affected]) -> None:
    product = edition.library.catalogue.products[0]
    first, *more = affected_products(edition, report(listed))
    assert shown(first) == expected(edition, product, listed)
    assert not any(part.rows for part in more)


@st.composite
def apart(draw: st.DrawFn) -> list[Affected]:
    """Entries that speak of trains one by one, and of all platforms alike."""
    platforms = draw(st.sampled_from(((), ("ar900",), ("ar900", "fw60"))))
    found = []
    for entry in draw(st.lists(entries(), min_size=1, max_size=2)):
        ranges, exceptions = (tuple(item for item in items if compile_rule(item, item.status, "junos").single)
                              for items in (entry.ranges, entry.unaffected))
        found.append(msgspec.structs.replace(
            entry, platforms=platforms, ranges=ranges or parse_range("21.4 before 21.4R2", "junos"), unaffected=exceptions,
            fixed=tuple(name for name in entry.fixed if "-S" in name or "-" not in name), default_status="unaffected"))
    return found


@given(apart())
def test_trains_that_are_spoken_of_apart_are_answered_apart(edition: Edition, listed: list[Affected]) -> None:
    product = edition.library.catalogue.products[0]
    assert shown(affected_products(edition, report(listed))[0]) == expected(edition, product, listed)


@pytest.mark.parametrize(("listed", "alone"), [
    ([Affected("exos", (), parse_range("21.4 before 21.4R2", "junos"))], True),
    ([Affected("exos", ("ar900",), parse_range("21.4 before 21.4R2", "junos"), ("21.2R3",))], True),
    ([Affected("exos", (), parse_range("all before 21.4R2", "junos"))], False),
    ([Affected("exos", (), parse_range("20.4 through 21.2", "junos"))], False),
    ([Affected("exos", (), parse_range("21.4", "junos"), ("20.4R2-21.2R1",))], False),
    ([Affected("exos", (), (), ("21.2R3",))], False),
    ([Affected("exos", (), parse_range("21.4", "junos"), default_status="affected")], False),
    ([Affected("exos", (), parse_range("21.4", "junos"), default_status="unknown")], False),
    ([Affected("exos", ("ar900",), parse_range("21.4", "junos")), Affected("exos", ("fw60",), parse_range("21.2", "junos"))], False),
    ([Affected("exos", (), parse_range("21.4R1", "junos")), Affected("exos", (), parse_range("21.4R3", "junos"))], False),
])
def test_only_what_lies_within_trains_is_asked_train_by_train(listed: list[Affected], alone: bool) -> None:
    assert (said_by_train(listed, "junos") is not None) == alone


def test_trains_that_stand_among_each_other_keep_rows_of_their_own() -> None:
    product = product_of(["21.4R1", "21.4R2-EVO", "21.4R3", "22.1R1"])
    assert not product.trains_are_apart
    edition, listed = edition_of(product), [Affected("exos", (), parse_range("21.4 before 21.4R3", "junos"))]
    part = affected_products(edition, report(listed))[0]
    assert shown(part) == expected(edition, product, listed)
    assert [row.train for row in part.rows] == ["21.4-EVO", "21.4"]
