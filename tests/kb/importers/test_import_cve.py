"""CVE records into advisories and problem reports."""

import copy
import json
from typing import Any

import pytest

from kb.importers.affected import fixes_in_text, merged
from kb.ranges import Affected, compile_affected, parse_range
from kb.records import Report, SecurityBulletin, affected_of

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L"
RECORD: dict[str, Any] = {
    "dataType": "CVE_RECORD",
    "cveMetadata": {"cveId": "CVE-2024-990001", "state": "PUBLISHED", "datePublished": "2024-07-10T23:07:59.646Z",
                    "dateUpdated": "2024-07-12T16:42:36.399Z"},
    "containers": {"cna": {
        "title": "OtherOS: rpd crashes", "datePublic": "2024-07-10T16:00:00.000Z",
        "affected": [{"vendor": "Other", "product": "OtherOS", "platforms": ["AX Series, BX 10"], "defaultStatus": "unaffected",
                      "versions": [{"status": "affected", "version": "21.4", "lessThan": "21.4R3-S5", "versionType": "semver"},
                                   {"status": "affected", "version": "22.2", "lessThan": "22.2R2-S2, 22.2R3"}]}],
        "descriptions": [{"lang": "en", "value": "A flaw in rpd causes a crash. It affects all."}],
        "configurations": [{"lang": "en", "value": "Needed:\n\n[ protocols bgp ]"}],
        "exploits": [{"lang": "en", "value": "None known."}], "workarounds": [{"lang": "en", "value": "Disable BGP."}],
        "solutions": [{"lang": "en", "value": "Resolved in: 21.4R3-S5, 22.2R2-S2, 22.2R3, 23.2R1, and all subsequent releases."}],
        "credits": [{"lang": "en", "value": "The network team of a university"}],
        "metrics": [{"cvssV3_1": {"vectorString": V31}}, {"cvssV4_0": {"vectorString": V40}}],
        "problemTypes": [{"descriptions": [{"cweId": "CWE-122", "description": "CWE-122 Overflow"}]},
                         {"descriptions": [{"description": "Denial of Service (DoS)"}]}],
        "references": [{"url": "https://example.com/OSA1"}], "timeline": [],
        "source": {"advisory": "OSA1", "defect": ["1700001"]}}},
}


def record(**changes: Any) -> dict[str, Any]:
    """The record with other fields of its cna part; ``id`` changes the CVE id."""
    made = copy.deepcopy(RECORD)
    made["cveMetadata"]["cveId"] = changes.pop("id", "CVE-2024-990001")
    made["containers"]["cna"] |= changes
    return made


def write(source: Any, *made: dict[str, Any]) -> None:
    for item in made:
        source.write(f"{item['cveMetadata']['cveId']}.json", json.dumps(item))


def test_a_record_becomes_an_advisory_and_a_report(source: Any, records: Any) -> None:
    write(source, record())
    assert source.run("cve").findings == ()
    assert source.read("advisories/OSA1.md") == f"""\
---
id: OSA1
title: "OtherOS: rpd crashes"
summary: A flaw in rpd causes a crash.
keywords: [Denial of Service (DoS)]
related: [1700001]
publish_at: 2024-07-10T16:00:00Z
status: final
cves: [CVE-2024-990001]
cvss:
  - {V31}
  - {V40}
cwe: [CWE-122]
affected:
  - product: otheros
    platforms: [ax-series, bx-10]
    ranges:
      - 21.4 before 21.4R3-S5
      - 22.2 before 22.2R2-S2, 22.2R3
    fixed: [21.4R3-S5, 22.2R2-S2, 22.2R3, 23.2R1]
credits: [The network team of a university]
references:
  - {{url: "https://example.com/OSA1"}}
revisions:
  - {{number: 1, date: 2024-07-10, text: Initial publication}}
---
## Problem

A flaw in rpd causes a crash. It affects all.

## Required configuration

Needed:

```
[ protocols bgp ]
```

## Exploitation

None known.

## Workaround

Disable BGP.

## Solution

Resolved in: 21.4R3-S5, 22.2R2-S2, 22.2R3, 23.2R1, and all subsequent releases.
"""
    report = records()["1700001"]
    assert isinstance(report, Report)
    assert (report.related, report.status, report.severity) == (("OSA1",), "fixed", "high")
    assert f"{report.created:%Y-%m-%d} {report.updated:%Y-%m-%d}" == "2024-07-10 2024-07-12"
    assert report.text.section("exploitation") is None


def test_records_with_one_advisory_become_one(source: Any, records: Any) -> None:
    other = record(id="CVE-2024-990002", source={"advisory": "OSA1", "defect": "PR1700002"},
                   metrics=[{"cvssV3_1": {"vectorString": V31.replace("A:H", "A:L")}}],
                   descriptions=[{"lang": "en", "value": "Another flaw. More."}],
                   timeline=[{"time": "2024-07-11T10:00:00.000Z", "value": "Added a release"}],
                   affected=[{"product": "OtherOS", "versions": [
                       {"status": "affected", "version": "22.2", "lessThan": "22.2R3"}]}],
                   solutions=[{"lang": "en", "value": "Resolved in: 22.2R3."}])
    write(source, record(timeline=[{"time": "2024-07-10T16:00:00.000Z", "value": "Initial"}]), other)
    source.run("cve")
    found = records()
    advisory = found["OSA1"]
    assert isinstance(advisory, SecurityBulletin)
    assert advisory.cves == ("CVE-2024-990001", "CVE-2024-990002")
    assert advisory.related == ("1700001", "1700002")
    assert [score.vector for score in advisory.scores] == [V31, V40, V31.replace("A:H", "A:L")]
    assert [(event.number, event.text) for event in advisory.revisions] == [("1", "Initial"), ("2", "Added a release")]
    assert [entry.fixed for entry in advisory.affected] == [("21.4R3-S5", "22.2R3", "23.2R1"), ("22.2R3",)]
    problem = advisory.text.section("problem")
    assert problem and problem.markdown == ("### CVE-2024-990001\n\nA flaw in rpd causes a crash. It affects all.\n\n"
                                            "### CVE-2024-990002\n\nAnother flaw. More.")
    workaround = advisory.text.section("workaround")
    assert workaround and workaround.markdown == "Disable BGP."
    assert found["1700002"].related == ("OSA1",)


def test_part_of_a_merged_advisory_does_not_replace_it(source: Any, tree: Any) -> None:
    write(source, record(), record(id="CVE-2024-990002"))
    source.run("cve")
    before = tree()
    (source.root / "CVE-2024-990001.json").unlink()
    report = source.run("cve")
    assert tree() == before
    assert source.messages(report)[0] == (
        "CVE-2024-990002.json: 'advisories/OSA1.md' was made from CVE-2024-990001 too, which this import lacks, "
        "and stays as it is; import all of them together")


def test_merging_calls_a_release_affected_when_one_vulnerability_does() -> None:
    def entry(ranges: list[str], fixed: tuple[str, ...]) -> Affected:
        return Affected("x", ranges=tuple(item for text in ranges for item in parse_range(text, "junos")), fixed=fixed)

    first = [entry(["all before 21.2R3-S8", "21.4 before 21.4R3-S7", "22.3 before 22.3R2"],
                   ("21.2R3-S8", "21.4R3-S7", "22.3R2", "22.4R1"))]
    second = [entry(["22.3 before 22.3R3", "22.4 before 22.4R1-S1, 22.4R2"], ("22.3R3", "22.4R1-S1", "22.4R2", "23.2R1"))]
    both = compile_affected(merged([first, second], lambda _: "junos"), "x", "junos")
    each = [compile_affected(group, "x", "junos") for group in (first, second)]
    for release in [f"{train}R{number}{service}" for train in ("21.1", "21.2", "21.4", "22.3", "22.4", "23.2")
                    for number in range(1, 4) for service in ("", "-S1", "-S7", "-S8", "-S9")]:
        one = any(compiled.verdict(release).status == "affected" for compiled in each)
        assert (both.verdict(release).status == "affected") == one, release


@pytest.mark.parametrize(("change", "level", "message"), [
    ({"metrics": [{"cvssV3_1": {"vectorString": "CVSS:3.1/AV:X"}}, {"cvssV4_0": {"vectorString": V40}}]}, "note",
     "CVE-2024-990001.json: metrics: 'CVSS:3.1/AV:X' is no valid CVSS vector (Unknown value \"X\" in field \"AV:X\"), so it "
     "is left out; compute it anew with a CVSS calculator"),
    ({"references": [{"url": "see our site"}]}, "note",
     "CVE-2024-990001.json: references: 'see our site' is not a web address, so it is left out; write https://host/path"),
    ({"solutions": [{"lang": "en", "value": "Resolved in: 21.4R2."}]}, "note",
     "CVE-2024-990001.json: solutions: '21.4R2' is listed as fixed, yet within an affected range, so it is not taken for fixed; "
     "ask the vendor which of them holds"),
    ({"affected": [{"product": "OtherOS", "versions": [{"version": "21.4", "lessThan": "some day"},
                                                       {"version": "22.2", "lessThan": "22.2R3"}]}]}, "error",
     "CVE-2024-990001.json: affected.versions: '21.4' holds 'some', which is neither a release nor a train, so this range is "
     "left out; write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240, or a train: 21.4, 21.4-EVO or 15.1X49"),
    ({"metrics": []}, "note",
     "CVE-2024-990001.json: 'OSA1' has no CVSS vector that holds, so it is written as a draft; "
     "complete the advisory, then set its status to final"),
    ({"source": {"advisory": "2024", "defect": []}}, "note",
     "CVE-2024-990001.json: source.advisory: '2024' is no id of an advisory, so the CVE id stands in; rename the advisory"),
])
def test_a_part_that_does_not_hold_is_left_out(change: dict[str, Any], level: str, message: str, source: Any,
                                               records: Any) -> None:
    write(source, record(**change))
    report = source.run("cve")
    assert source.messages(report, level) == [message]
    assert "OSA1" in records() or "CVE-2024-990001" in records()


@pytest.mark.parametrize(("text", "message"), [
    ('{"a": \n[1,}', "x.json:2: is not valid JSON: JSON is malformed: invalid character (byte 10); export the record again"),
    ("[1]", "x.json: is no CVE record: expected `object`, got `array`; compare it with the CVE Record Format 5.1"),
    ('{"cveMetadata": {"cveId": 5}, "containers": {"cna": {}}}',
     "x.json: cveMetadata.cveId: is no CVE record: expected `str`, got `int`; compare it with the CVE Record Format 5.1"),
    ('{"x": ' + "[" * 100_000, "x.json: is nested too deeply; check that it is a CVE record"),
    ("", "x.json:1: is not valid JSON: Input data was truncated; export the record again"),
])
def test_what_is_no_record_is_rejected(text: str, message: str, source: Any) -> None:
    source.write("x.json", text)
    write(source, record())
    report = source.run("cve")
    assert source.messages(report) == [message]
    assert report.rejected == 1 and "advisories/OSA1.md" in report.paths


def test_a_record_without_an_advisory_has_its_cve_id(source: Any, records: Any) -> None:
    write(source, record(source={"defect": ["ABC-17", "1700001, 1700002"]}))
    source.run("cve")
    found = records()
    advisory = found["CVE-2024-990001"]
    assert len(advisory.related) == 3 and {"1700001", "1700002"} < set(advisory.related)
    derived = next(number for number in advisory.related if len(number) == 9)
    assert found[derived].aliases == ("ABC-17",)


def test_several_advisories_in_one_record(source: Any, records: Any) -> None:
    write(source, record(source={"advisory": "OSA1 OSA2 OSA3"}), record(id="CVE-2024-990002", source={"advisory": "OSA2"}))
    source.run("cve")
    assert (records()["OSA1"].aliases, records()["OSA1"].related) == (("OSA3",), ("OSA2",))


def test_a_rejected_record_is_passed_over(source: Any) -> None:
    made = record()
    made["cveMetadata"]["state"] = "REJECTED"
    made["containers"]["cna"] = {"rejectedReasons": []}
    write(source, made)
    assert source.messages(source.run("cve"), "note") == [
        "CVE-2024-990001.json: cveMetadata.state: has the state REJECTED, so it is passed over; nothing needs to be done"]


def test_bounds_written_as_comparisons(source: Any, records: Any) -> None:
    write(source, record(affected=[{"product": "Tool", "versions": [
        {"version": ">= 1.2.0, < 1.4.1", "status": "affected"}, {"version": "<= v0.9.0", "status": "affected"},
        {"version": "v1.5.0", "status": "affected"}, {"version": ">= 2.0.0", "status": "affected"}]}]))
    assert source.run("cve").findings == ()
    assert [item.text for item in affected_of(records()["OSA1"])[0].ranges] == [
        "1.2.0 before 1.4.1", "all through 0.9.0", "1.5.0", "2.0.0 through *"]


def test_fixes_in_text() -> None:
    products = {"Junos OS": "junos", "Junos OS Evolved": "evo"}
    text = ("Resolved: Junos OS Evolved: 21.4R3-S8-EVO, 22.3R3-EVO*  22.4R1-EVO and 24.2R1-EVO, and all subsequent releases;\n"
            "Junos OS 21.4R3, 22.2R2.\nNote: all products using Junos OS prior to 17.3R3 are affected. SRX300: 23.4R2")
    assert fixes_in_text(text, products) == {"evo": ["21.4R3-S8-EVO", "22.3R3-EVO", "22.4R1-EVO", "24.2R1-EVO"],
                                             "junos": ["21.4R3", "22.2R2"]}
    assert fixes_in_text("updated in: 21.4R3, and all later.", products) == {"": ["21.4R3"]}
