"""Verdicts on real CVE records. What is expected was written by hand from each record's description and solution."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from kb.cve_ranges import affected_from_cve
from kb.ranges import REASONS, Affected, compile_affected, verdict, verdicts
from kb.releases import ReleaseError, parse_release

SCHEMES = {"Junos OS": "junos", "Junos OS Evolved": "junos", "cRPD": "junos", "Junos Space": "junos",
           "Paragon Active Assurance": "dotted", "Juniper Cloud Native Router (JCNR)": "dotted"}
EXPECTED = json.loads(Path(__file__).with_name("juniper_expectations.json").read_text(encoding="utf-8"))
RELEASE = re.compile(r"\b[0-9]+\.[0-9]+(?:R[0-9]+|X[0-9]+-D[0-9]+)(?:-S[0-9]+)?(?:-EVO)?\b")

# Releases that the solution names although the record's own ranges call them affected: the vendor's texts differ there.
DIFFERENT = {
    ("CVE-2023-36840", "19.3R3-S7"), ("CVE-2023-44175", "22.3R2-S1"), ("CVE-2023-44175", "22.4R2"),
    ("CVE-2023-44177", "21.2R3-S5"), ("CVE-2024-30406", "23.2R2-EVO"), ("CVE-2024-30406", "23.2R1"),
    ("CVE-2024-39518", "22.2R3-S3"), ("CVE-2024-39532", "22.3R1-S1"), ("CVE-2024-39552", "21.3R3-S5"),
    ("CVE-2024-39552", "21.4R3-S5"), ("CVE-2024-39556", "21.2R3-S8"), ("CVE-2024-39556", "21.2R3-S8-EVO"),
    ("CVE-2024-39563", "24.1R1"),
}


@lru_cache(maxsize=1)
def _records(folder: Path) -> dict[str, dict[str, object]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))["containers"]["cna"]
            for path in sorted((folder / "juniper-cve").glob("*.json"))}


def _entries(record: dict[str, object]) -> list[Affected]:
    items = record["affected"]
    assert isinstance(items, list)
    return [affected_from_cve(item, item["product"], SCHEMES[item["product"]]) for item in items]


def _solution(record: dict[str, object]) -> str:
    texts = record.get("solutions", [])
    assert isinstance(texts, list)
    # What follows that sentence names platforms for which some of the releases are no solution.
    return " ".join(text["value"].split("this issue is not fixed")[0] for text in texts)


def test_there_are_expectations_for_many_records() -> None:
    assert len(EXPECTED) >= 25


@pytest.mark.parametrize("record_id", EXPECTED)
def test_record(record_id: str, shared_data: Path) -> None:
    entries = _entries(_records(shared_data)[record_id])
    wrong = []
    for case in EXPECTED[record_id]:
        product, platform = case["product"], case.get("platform")
        for status in ("affected", "fixed", "not_affected"):
            for release in case.get(status, ()):
                found = verdict(entries, product, release, SCHEMES[product], platform)
                if found.status != status:
                    wrong.append(f"{product} {release} on {platform}: {found.status} ({found.reason}), not {status}")
    assert wrong == []


def test_every_record_gives_verdicts(shared_data: Path) -> None:
    records = _records(shared_data)
    assert len(records) == 82
    known = {"junos": [f"{year}.{quarter}R{number}{service}" for year in range(15, 26) for quarter in range(1, 5)
                       for number in range(1, 4) for service in ("", "-S2", "-S5.3", "-S9")] + ["15.1X49-D240"],
             "dotted": [f"{major}.{minor}.0" for major in range(3, 25) for minor in range(5)]}
    for record_id, record in records.items():
        entries = _entries(record)
        for product in {entry.product for entry in entries}:
            scheme = SCHEMES[product]
            compiled = compile_affected(entries, product, scheme)
            found = verdicts(entries, product, known[scheme], scheme)
            assert {release: compiled.verdict(release) for release in known[scheme]} == found
            assert {verdict.status for verdict in found.values()} <= {"affected", "fixed", "not_affected"}, record_id
            assert "affected" in {verdict.status for verdict in found.values()}, record_id
            assert all(verdict.reason.msgid in REASONS and str(verdict.reason) for verdict in found.values())


def _solved(record: dict[str, object], products: set[str]) -> Iterator[tuple[str, str]]:
    for release in RELEASE.findall(_solution(record)):
        evolved = release.endswith("-EVO")
        for product in products:
            if evolved == ("Evolved" in product) or products == {product}:
                yield product, release


def test_releases_named_as_a_solution_are_not_affected(shared_data: Path) -> None:
    affected, asked = set(), 0
    for record_id, record in _records(shared_data).items():
        entries = _entries(record)
        for product, release in _solved(record, {entry.product for entry in entries}):
            if SCHEMES[product] == "junos":
                asked += 1
                if verdict(entries, product, release, "junos").status == "affected":
                    affected.add((record_id, release))
    assert affected == DIFFERENT
    assert asked > 800


def test_reasons_name_the_fixes_and_the_platforms(shared_data: Path) -> None:
    entries = _entries(_records(shared_data)["CVE-2024-21591"])

    def why(release: str, platform: str | None = None) -> str:
        return str(verdict(entries, "Junos OS", release, "junos", platform).reason)

    assert why("22.4R2-S1", "SRX Series") == "in train 22.4, before 22.4R2-S2 and 22.4R3"
    assert why("22.4R2-S3", "SRX Series") == "holds the fix of 22.4R2-S2"
    assert why("15.1X49-D240", "SRX Series") == "before 20.4R3-S9"
    assert why("22.4R1") == "on SRX Series and EX Series: in train 22.4, before 22.4R2-S2 and 22.4R3"
    assert why("22.4R1", "MX Series") == "listed only for SRX Series and EX Series"
    assert why("23.4R1") == "in none of the affected ranges"


def test_a_range_whose_end_lies_in_an_older_train_is_read_as_of_that_train(shared_data: Path) -> None:
    ranges = _entries(_records(shared_data)["CVE-2023-36850"])[0].ranges
    assert [(item.start, item.before) for item in ranges if "21.1R3-S5" in item.before] == [("21.1", ("21.1R3-S5",))]
    assert "21.2 before 21.1R3-S5" in [item.text for item in ranges]


def test_an_unparsable_version_is_an_error_that_names_it() -> None:
    item = {"versions": [{"version": "21.4", "lessThan": "21.4R3-SX", "status": "affected"}]}
    with pytest.raises(ReleaseError) as caught:
        affected_from_cve(item, "Junos OS", "junos")
    assert str(caught.value) == "holds '21.4R3-SX', which is neither a release nor a train"
    assert parse_release("21.4R3-S1", "junos").text in caught.value.remedy.replace("S5", "S1")
