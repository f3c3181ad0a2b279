"""What a query that is a name leads to: in memory on the example portal, and the browser's module asked the same questions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.library import Library
from kb.portal import Redirect
from kb.records import Place
from prsearch import static
from prsearch.memory import MemoryIndex
from prsearch.names import LookedUp, edits, is_id_like, nearness

MOST_BYTES = 60_000  # that looking up a name may load
OLD = (Redirect("/techdocs/OLD-4711.html", "KB10001", Place("redirects.yml", 1)), Redirect("/kb/KB00007/", "/pr/1747984/", Place("redirects.yml", 2)),
       Redirect("/kb/KB00008/", "/help/", Place("redirects.yml", 3)))


@pytest.fixture(scope="module")
def library(library: Library) -> Library:
    """The example portal's with addresses of before."""
    return msgspec.structs.replace(library, redirects=OLD)


@pytest.fixture(scope="module")
def index(library: Library) -> MemoryIndex:
    return MemoryIndex(library)


@pytest.fixture(scope="module")
def files(library: Library) -> Mapping[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("prsearch.tables._TEXTS_PART", 2_000)
        patch.setattr("prsearch.tables._NAMES_PART", 300)
        return static.index_files(library)


@pytest.fixture(scope="module")
def folder(files: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("index")
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return str(folder)


def told(index: MemoryIndex, found: LookedUp) -> tuple[list[str], list[str]]:
    names = [[target.release or index.record(target.ordinal).id for target in targets] for targets in (found.found, found.near)]
    return names[0], names[1]


def first(index: MemoryIndex, query: str) -> str:
    found, _near = told(index, index.look_up(query))
    return found[0] if found else ""


@pytest.mark.parametrize(("query", "wanted"), [
    ("KB10042", ""), ("KB10021", "KB10021"), ("kb 10021", "KB10021"), ("kb-10021", "KB10021"), ("1747984", "1747984"), ("PR1747984", "1747984"),
    ("pr-1747984", "1747984"), ("PR #1747984", "1747984"), ("CVE-2026-990107", "EXSA-2026-0007"), ("cve 2026 990107", "EXSA-2026-0007"),
    ("EXSA-2026-0007", "EXSA-2026-0007"), ("exsa 2026 0007", "EXSA-2026-0007"), ("exsa20260007", "EXSA-2026-0007"), ("21.4R3-S5", "21.4R3-S5"),
    ("21.4r3 s5", "21.4R3-S5"), ("exos 21.4R3-S5", "21.4R3-S5"), ("OLD-4711", "KB10001"), ("old 4711", "KB10001"), ("kb00007", "1747984"), ("kb00008", ""),
    ("", ""), ("bgp", ""), ("  ", ""), ("#", "")])
def test_a_name_leads_to_its_record(index: MemoryIndex, query: str, wanted: str) -> None:
    assert first(index, query) == wanted


def test_every_name_leads_to_its_record_however_it_is_written(library: Library, index: MemoryIndex) -> None:
    for record in library.records.values():
        for written in (record.id, record.id.lower(), record.id.replace("-", " "), record.id.replace("-", ""), f" {record.id} "):
            assert first(index, written) == record.id
        for alias in (*record.aliases, *getattr(record, "cves", ())):
            found, _near = told(index, index.look_up(alias.lower().replace("-", " ")))
            assert record.id in found


def test_names_that_differ_by_hyphens_alone_lose_no_record(library: Library) -> None:
    one, other = library.records["KB10001"], library.records["KB10002"]
    both = {"AB-12-3": msgspec.structs.replace(one, id="AB-12-3"), "AB-1-23": msgspec.structs.replace(other, id="AB-1-23", aliases=("AB 123",))}
    index = MemoryIndex(msgspec.structs.replace(library, records=both, names={"AB123": ("AB-1-23",)}, relations={}, redirects=()))
    for query in ("ab-12-3", "ab-1-23", "AB123"):
        assert sorted(told(index, index.look_up(query))[0]) == ["AB-1-23", "AB-12-3"]


@pytest.mark.parametrize(("query", "nearest"), [
    ("1747985", "1747984"), ("PR 1749784", "1747984"), ("174798", ""), ("17479844", "1747984"), ("EXSA-2026-0070", "EXSA-2026-0007"),
    ("exsa 2026 0006", "EXSA-2026-0005"), ("KB10201", "KB10021"), ("CVE-2026-990170", "EXSA-2026-0007"), ("21.4R3-S99", "21.4R3-S9")])
def test_an_unknown_id_offers_the_nearest(index: MemoryIndex, query: str, nearest: str) -> None:
    looked = index.look_up(query)
    found, near = told(index, looked)
    assert found == [] and len(near) <= 5 and looked.unknown == bool(nearest)
    assert nearest in near if nearest else not near


@pytest.mark.parametrize("query", ["bgp 4", "802.1x", "ipv6", "vlan 4094", "mx 10003", "port 8080", "evpn type 5", "5G", "crash after 2 hours of 100 percent load",
                                   "error 1042", "a" * 300 + "123", "10.0.0.1"])
def test_words_are_no_unknown_ids(index: MemoryIndex, query: str) -> None:
    assert not index.look_up(query).unknown


def test_a_number_that_says_what_it_is_is_unknown_though_nothing_is_near(index: MemoryIndex) -> None:
    assert index.look_up("CVE-1999-0001").unknown and index.look_up("PR 3").unknown is False and index.look_up("pr 999").unknown


def products_of(library: Library) -> list[tuple[str, str, list[str]]]:
    return [(product.id, product.name, [release.id for release in product.releases]) for product in library.catalogue.products if product.releases]


def queries(library: Library) -> list[str]:
    """Names, names with typing errors, what looks like a name."""
    random, found = Random(7), []
    releases = [release.id for product in library.catalogue.products for release in product.releases]
    names = [*(record.id for record in library.records.values()), *library.names, *random.sample(releases, 20), "OLD-4711", "KB00008"]
    for name in random.sample(names, min(len(names), 150)):
        at, letter = random.randrange(len(name)), random.choice("0123456789abr-")
        found += [name, name.lower().replace("-", " "), name[:at] + name[at + 1 :], name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :],
                  name[:at] + name[at : at + 2][::-1] + name[at + 2 :], name[: at + 1], "PR" + name]
    return [*found, "", "#", "pr", "3", "0000000", "9999999", "a1", "zzz999", "!a1b2c3", "CVE-1999-0001", "é123", "😀12345", "١٢٣٤", "1" * 70, "cve2026" + "9" * 50,
            "exos 21.4R3-S5", "EXOS 21.4", "21.4", "99.9R9"]


def test_the_browser_looks_up_alike(node: Any, library: Library, index: MemoryIndex, folder: str) -> None:
    order = list(library.ordinals)
    assert [index.record(at).id for at in range(3)] == [library.records[key].id for key in order[:3]]
    products, unknown, found = products_of(library), 0, 0
    for query in queries(library):
        expected = index.look_up(query)
        got = node.call("lookUp", folder, products, query)
        assert got["unknown"] == expected.unknown, query
        assert [tuple(item) for item in got["found"]] == expected.found, query
        assert [tuple(item) for item in got["near"]] == list(expected.near), query
        unknown, found = unknown + expected.unknown, found + bool(expected.found)
    assert unknown > 200 and found > 200


def test_looking_up_loads_little(node: Any, library: Library, files: Mapping[str, bytes], folder: str) -> None:
    products = products_of(library)
    root = len(files["root.json"]) + len(json.dumps(products))
    for query in ("1747984", "cve 2026 990107", "1749784", "EXSA-2026-0099"):
        loaded = node.call("lookUp", folder, products, query)["loaded"]
        assert root + sum(len(files[path]) for path in loaded) < MOST_BYTES


NAMES = st.text(st.sampled_from("ab01259.-é😀"), max_size=9)


@settings(max_examples=400)
@given(one=NAMES, other=NAMES)
def test_edits_and_nearness_are_those_of_the_browser(node: Any, one: str, other: str) -> None:
    assert node.call("nearness", one, other) == (list(found) if (found := nearness(one, other)) else None)
    assert node.call("isIdLike", one) == is_id_like(one)
    assert edits(one, other) == edits(other, one) and (edits(one, other) == 0) == (one == other)
