"""What pages, CSAF, OSV, CVE records and ``waypost affected`` say of affected and fixed releases is the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.csaf.document import document
from generator.cve_record import cve_containers
from generator.edition import Edition
from generator.exposure import Exposure
from generator.osv import osv_document
from generator.pages.affected import affected_products
from kb.library import Library
from kb.product_status import product_statuses
from kb.products import Catalogue, Product, ReleaseInfo
from kb.ranges import Affected, parse_range, verdict
from kb.records import Place, Score, SecurityBulletin, Text
from kb.releases import parse_release
from tests.generator.support import write_site
from tests.kb.checking import library_of

CONTENT = Path(__file__).resolve().parents[2] / "content"
PLACE = Place("advisories/X-1.md", 1)
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
RELEASES = tuple(f"{major}.{minor}.{patch}" for major in (1, 2) for minor in (0, 1) for patch in range(4))


class Said(NamedTuple):
    affected: frozenset[str]
    fixed: frozenset[str]


def of_page(edition: Edition, record: SecurityBulletin, product: Product) -> Said:
    rows = [row for item in affected_products(edition, record) if item.product.title == product.name_in(edition.language)
            for row in item.rows]
    return Said(frozenset(name for row in rows for name in _names(row.affected)), frozenset(name for row in rows for name in _names(row.fixed)))


def _names(runs: tuple) -> list[str]:  # type: ignore[type-arg]
    return [chip.id for run in runs for chip in run.releases]


def of_csaf(edition: Edition, record: SecurityBulletin, product: Product) -> Said:
    """The known releases of a product that the document names; on platforms, one on a platform at least."""
    status = document(edition, record)["vulnerabilities"][0]["product_status"]
    found = {group: {name.partition("@")[0].partition(":")[2] for name in status.get(group, ()) if name.startswith(f"{product.id}:")}
             for group in ("known_affected", "fixed")}
    known = {release.id for release in product.releases}
    return Said(frozenset(found["known_affected"] & known), frozenset((found["fixed"] - found["known_affected"]) & known))


def of_osv(edition: Edition, record: SecurityBulletin, product: Product) -> Said:
    item = next(item for item in osv_document(edition, record)["affected"] if item["database_specific"]["product"]["id"] == product.id)
    known = {release.id for release in product.releases}
    return Said(frozenset(item.get("versions", ())) & known, frozenset(item["database_specific"].get("fixed", ())) & known)


def of_cve(edition: Edition, record: SecurityBulletin, product: Product) -> frozenset[str]:
    container = next(iter(cve_containers(edition, record).values()))["cnaContainer"]
    return frozenset(version["version"] for item in container["affected"] if item["product"] == product.name
                     for version in item.get("versions", ()) if version["status"] == "affected")


def of_verdicts(record: SecurityBulletin, product: Product) -> Said:
    found = {release.id: verdict(record.affected, product.id, release.id, product.scheme).status for release in product.releases}
    return Said(*(frozenset(name for name, status in found.items() if status == wanted) for wanted in ("affected", "fixed")))


@pytest.fixture(scope="module")
def example() -> Library:
    return library_of(CONTENT)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return library_of(write_site(tmp_path_factory.mktemp("site")))


def edition_of(library: Library) -> Edition:
    return Edition(library, library.portal.language, Exposure(library))


def test_they_agree_on_every_advisory_of_the_example_portal(example: Library) -> None:
    edition, compared = edition_of(example), 0
    for head in example.of_kind("advisory"):
        record = example.records[head.key]
        assert isinstance(record, SecurityBulletin)
        for status in product_statuses(record, example.catalogue):
            said = of_verdicts(record, status.product)
            assert {"page": of_page(edition, record, status.product), "csaf": of_csaf(edition, record, status.product),
                    "osv": of_osv(edition, record, status.product)} == dict.fromkeys(("page", "csaf", "osv"), said), (record.id, status.product.id)
            if record.cves:
                assert of_cve(edition, record, status.product) == said.affected, record.id
            compared += len(said.affected)
    assert compared > 20


_RELEASE = st.sampled_from((*RELEASES, "1.0.9", "2.1.9", "0.9.0"))
_WRITTEN = st.one_of(
    _RELEASE, st.just("all"), st.sampled_from(["1.0", "1.1", "2.0"]), st.builds("all before {}".format, _RELEASE), st.builds("{} through *".format, _RELEASE),
    st.tuples(_RELEASE, _RELEASE, st.sampled_from(["before", "through"])).filter(lambda two: two[0] != two[1]).map(
        lambda two: f" {two[2]} ".join(sorted(two[:2], key=lambda name: parse_release(name, "dotted").key))))


def _ranges(written: list[str], scheme: str) -> tuple:  # type: ignore[type-arg]
    return tuple(item for text in written for item in parse_range(text, scheme))


@given(scheme=st.sampled_from(["dotted", "semver"]), written=st.lists(_WRITTEN, max_size=3), fixed=st.lists(_RELEASE, max_size=2, unique=True),
       unaffected=st.lists(_WRITTEN, max_size=1), default=st.sampled_from(["unaffected", "unaffected", "affected"]))
def test_they_agree_on_any_ranges(scheme: str, written: list[str], fixed: list[str], unaffected: list[str], default: str, small: Library) -> None:
    product = Product("box", "Box", scheme, PLACE, releases=tuple(ReleaseInfo(name, parse_release(name, scheme).train) for name in RELEASES))
    entry = Affected("box", (), _ranges(written, scheme), tuple(fixed), _ranges(unaffected, scheme), "", default)  # type: ignore[arg-type]
    record = SecurityBulletin(
        id="X-1", kind="advisory", status="final", audience="public", place=PLACE, texts=(Text("en", "T", "S", (), (), PLACE),), products=("box",),
        publish_at=WHEN, created=WHEN, updated=WHEN, cves=("CVE-2026-0001",), affected=(entry,),
        scores=(Score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "3.1", 7.5, "high"),))
    library = Library(small.portal, Catalogue((product,)), None, (), {"X-1": record}, {}, {}, {}, small.view)
    edition = edition_of(library)
    said = of_verdicts(record, product)
    page, csaf, osv = (of(edition, record, product) for of in (of_page, of_csaf, of_osv))
    assert (csaf, osv, of_cve(edition, record, product) & set(RELEASES)) == (said, said, said.affected)
    assert page == said


@given(written=st.lists(_WRITTEN, min_size=1, max_size=3))
def test_osv_events_say_what_the_versions_say(written: list[str], small: Library) -> None:
    """Evaluated as the OSV schema tells, over all known releases."""
    product = Product("box", "Box", "semver", PLACE, releases=tuple(ReleaseInfo(name, parse_release(name, "semver").train) for name in RELEASES))
    record = SecurityBulletin(
        id="X-1", kind="advisory", status="final", audience="public", place=PLACE, texts=(Text("en", "T", "S", (), (), PLACE),), products=("box",),
        publish_at=WHEN, created=WHEN, updated=WHEN, affected=(Affected("box", (), _ranges(written, "semver")),))
    library = Library(small.portal, Catalogue((product,)), None, (), {"X-1": record}, {}, {}, {}, small.view)
    item = osv_document(edition_of(library), record)["affected"][0]
    if "ranges" in item:
        inside = {name for name in RELEASES if any(_inside(name, part["events"]) for part in item["ranges"])}
        assert inside == set(item.get("versions", ())) & set(RELEASES)


def _inside(release: str, events: list[dict[str, str]]) -> bool:
    key, inside = parse_release(release, "semver").key, False
    for event in events:
        (kind, text), = event.items()
        at = parse_release(text, "semver").key if text != "0" else ()
        if kind == "introduced" and key >= at:
            inside = True
        elif (kind == "fixed" and key >= at) or (kind == "last_affected" and key > at):
            inside = False
    return inside
