"""Notes on security bulletins: worth a second look, no mistake for certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.bulletin_notes import NAMED
from kb.cwe import weakness
from tests.kb.checking import messages
from tests.sites.make import changed, make_site, with_id

FILE = "advisories/EXSA-2026-0001.md"
RANGE = "    ranges: [21.4 before 21.4R3-S5]\n"


@pytest.mark.parametrize(("old", "new", "found"), [
    ("status: final\n", "status: final\ncwe: [CWE-79]\n", []),
    ("status: final\n", "status: final\ncwe: [CWE-79, CWE-310]\n",
     ["6: cwe: 'CWE-310' (Cryptographic Issues) is a category, not a weakness"]),
    ("status: final\n", "status: final\ncwe: CWE-1000\n", ["6: cwe: 'CWE-1000' (Research Concepts) is a view, not a weakness"]),
    ("status: final\n", "status: final\ncwe: [CWE-365]\n",
     ["6: cwe: 'CWE-365' (DEPRECATED: Race Condition in Switch) is deprecated"]),
    ("status: final\n", "status: final\ncwe: [CWE-682]\n", []),
    (RANGE, "    ranges: [21.4 before 21.4R3-S6]\n",
     ["11: affected: '21.4R3-S6' stands in ranges and is no known release of exos; add it to products.yml, or did you mean 21.4R3-S5?"]),
    (RANGE, f"{RANGE}    fixed: [21.4R3-S5, 99.1R1]\n",
     ["12: affected: '99.1R1' stands in fixed and is no known release of exos; add it to products.yml"]),
    (RANGE, f"{RANGE}    unaffected: [98.2, 21.4R3-S5, 97.1*]\n",
     ["12: affected: '98.2' stands in unaffected and is no known release of exos; add it to products.yml"]),
    (RANGE, f"{RANGE}    introduced: 21.4R77\n",
     ["12: affected: '21.4R77' stands in introduced and is no known release of exos; add it to products.yml, or did you mean 21.4R1?"]),
])
def test_what_is_told(tmp_path: Path, old: str, new: str, found: list[str]) -> None:
    make_site(tmp_path, changed(FILE, old, new))
    told = [message.partition("; name a weakness")[0] for message in messages(tmp_path)]
    assert told == [f"note: {FILE}:{words}" for words in found]


def test_many_unknown_releases_are_counted(tmp_path: Path) -> None:
    """A hostile file may name thousands, each of which would be looked for among all."""
    make_site(tmp_path, changed(FILE, RANGE, f"    ranges: [{', '.join(f'77.{number}' for number in range(1, NAMED + 4))}]\n"))
    found = messages(tmp_path)
    assert len(found) == NAMED + 1
    assert f"note: {FILE}:9: affected: names 3 more that are no known releases; add them to products.yml" in found


def test_a_cve_id_in_two_bulletins(tmp_path: Path) -> None:
    make_site(tmp_path, {**with_id(FILE, "EXSA-2026-0002"), **with_id(FILE, "EXSA-2026-0003", status="withdrawn")})
    assert messages(tmp_path) == [
        "note: advisories/EXSA-2026-0002.md:7: cves: 'CVE-2026-10001' is also told by EXSA-2026-0001 (advisories/EXSA-2026-0001.md); "
        "supersede one of them, or leave it as it is"]


def test_the_catalogue_of_weaknesses() -> None:
    found = weakness("CWE-787")
    assert found
    assert (found.name, found.use, found.is_weakness) == ("Out-of-bounds Write", "allowed", True)
    assert weakness("CWE-0") is None
