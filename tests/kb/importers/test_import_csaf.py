"""CSAF documents into advisories and notices."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.importers.version_texts import ranges_in
from kb.ranges import compile_affected
from kb.records import SecurityBulletin
from tests.kb.checking import messages
from tests.kb.importers.documents import with_a_change

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
V30 = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"
DOCUMENT: dict[str, Any] = {
    "document": {
        "category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Vendor  Box", "lang": "en-US",
        "distribution": {"text": "Pass it on", "tlp": {"label": "WHITE"}},
        "publisher": {"category": "coordinator", "name": "Centre", "namespace": "https://centre.example/", "contact_details": "a@b.example"},
        "notes": [{"category": "summary", "title": "Risk", "text": "All is <b>lost</b>. Really."},
                  {"category": "legal_disclaimer", "title": "Legal Notice", "text": "As is."}],
        "references": [{"category": "self", "summary": "Page", "url": "https://centre.example/1"},
                       {"category": "external", "summary": "Mail", "url": "mailto:a@b.example"}],
        "acknowledgments": [{"names": ["A B", "C D"], "organization": "Org", "summary": "reporting it"}],
        "tracking": {
            "id": "CSA-24-001", "status": "final", "version": "2", "initial_release_date": "2024-02-01T10:00:00.000Z",
            "current_release_date": "2024-03-01T10:00:00Z", "generator": {"engine": {"name": "x"}}, "aliases": ["VU1"],
            "revision_history": [{"date": "2024-03-01T10:00:00Z", "number": "2", "summary": "More"},
                                 {"date": "2024-02-01T10:00:00.000Z", "number": "1", "summary": "First", "legacy_version": "A"}]}},
    "product_tree": {"branches": [{"category": "vendor", "name": "Vendor", "branches": [
        {"category": "product_name", "name": "Box (EU)", "branches": [
            {"category": "product_version_range", "name": "vers:all/<V2.9.7",
             "product": {"name": "Vendor Box (EU) before 2.9.7", "product_id": "P1",
                         "product_identification_helper": {"model_numbers": ["6ES7"]}}},
            {"category": "product_version", "name": "V2.9.7", "product": {"name": "Box 2.9.7", "product_id": "P2"}}]},
        {"category": "product_name", "name": "Lid", "branches": [
            {"category": "product_version_range", "name": "All with U-Boot < V3", "product": {"name": "Lid: old", "product_id": "P3"}}]},
    ]}]},
    "vulnerabilities": [
        {"cve": "CVE-2024-0001", "title": "Overflow", "cwe": {"id": "CWE-787", "name": "x"},
         "notes": [{"category": "summary", "title": "Summary", "text": "It flows over."}],
         "product_status": {"known_affected": ["P1", "P3"], "fixed": ["P2"]},
         "references": [{"category": "external", "summary": "nvd", "url": "https://nvd.example/1"}],
         "scores": [{"products": ["P1", "P3"], "cvss_v3": {"vectorString": V31, "baseScore": 7.5}}],
         "remediations": [{"category": "vendor_fix", "details": "Update", "product_ids": ["P1"], "url": "https://vendor.example/2.9.7"},
                          {"category": "mitigation", "details": "Use *fences*", "product_ids": ["P1", "P3"]}]},
        {"cve": "CVE-2024-0002", "product_status": {"known_affected": ["P3"], "under_investigation": ["P1"]},
         "scores": [{"products": ["P3"], "cvss_v3": {"vectorString": V30, "baseScore": 1.0}}],
         "threats": [{"category": "exploit_status", "details": "None known"}],
         "remediations": [{"category": "mitigation", "details": "Use *fences*", "product_ids": ["P3"]}]}],
}
EXPECTED = f"""\
---
id: CSA-24-001
title: Vendor Box
summary: All is <b>lost</b>.
aliases: [VU1]
publish_at: 2024-02-01T10:00:00Z
status: final
vulnerabilities:
  - id: CVE-2024-0001
    title: Overflow
    cvss: ["{V31}"]
    cwe: [CWE-787]
    references:
      - {{title: nvd, url: "https://nvd.example/1"}}
  - {{id: CVE-2024-0002, cvss: ["{V30}"], affects: [P3]}}
affected:
  - product: box-eu
    ref: P1
    name: Vendor Box (EU) before 2.9.7
    versions: vers:all/<V2.9.7
    models: [6ES7]
    ranges:
      - all before 2.9.7
    fixed: [2.9.7]
  - product: lid
    ref: P3
    name: "Lid: old"
    versions: All with U-Boot < V3
remediations:
  - category: vendor_fix
    text: Update
    url: https://vendor.example/2.9.7
    affects: [P1]
    vulnerabilities: [CVE-2024-0001]
  - {{category: mitigation, text: "Use \\\\*fences\\\\*"}}
credits: ["A B, C D (Org): reporting it"]
references:
  - {{title: Page, url: "https://centre.example/1", type: self}}
  - {{title: Mail, url: "mailto:a@b.example"}}
source:
  name: Centre
  url: https://centre.example/
  category: coordinator
  contact: a@b.example
  terms: Pass it on
revisions:
  - {{number: 1, date: "2024-02-01T10:00:00Z", text: First}}
  - {{number: 2, date: "2024-03-01T10:00:00Z", text: More}}
---
## Problem

It flows over.

## Exploitation

None known

## Risk

All is \\<b\\>lost\\</b\\>. Really.

## Legal Notice

As is.

## Further products

- Fixed: Box 2.9.7 (CVE-2024-0001)
- Under investigation: Vendor Box (EU) before 2.9.7 (CVE-2024-0002)
"""


def changed(**changes: Any) -> dict[str, Any]:
    """The document with other fields, named by their path: ``document__title``."""
    made = copy.deepcopy(DOCUMENT)
    for path, value in changes.items():
        target: Any = made
        *way, last = path.split("__")
        for step in way:
            target = target[int(step) if step.isdigit() else step]
        target[int(last) if last.isdigit() else last] = value
    return made


def write(source: Any, made: dict[str, Any], name: str = "csa-24-001.json") -> None:
    source.write(name, json.dumps(made))


def test_a_document_becomes_an_advisory(source: Any, records: Any, site: Any) -> None:
    write(source, DOCUMENT)
    report = source.run("csaf")
    assert source.read("advisories/CSA-24-001.md") == EXPECTED
    assert source.messages(report, "note") == [
        "csa-24-001.json: has fields that no record has a place for, so they are left out: document.tracking.generator, "
        "document.tracking.revision_history.legacy_version; nothing needs to be done",
        f"csa-24-001.json: scores: '{V30}' has the base score 1.0, yet its vector gives 5.3; ask the publisher which of them holds"]
    record = records()["CSA-24-001"]
    assert isinstance(record, SecurityBulletin)
    assert (record.cves, [score.vector for score in record.scores]) == (("CVE-2024-0001", "CVE-2024-0002"), [V31, V30])
    assert record.vulnerabilities[1].affects == ("P3",)
    assert "vendor: Vendor\n" in source.read("products/box-eu.yml")


def test_verdicts_come_only_from_words_that_leave_no_doubt(source: Any, records: Any) -> None:
    write(source, DOCUMENT)
    source.run("csaf")
    entries = records()["CSA-24-001"].affected
    box, lid = (compile_affected(entries, name, "dotted") for name in ("box-eu", "lid"))
    assert [box.verdict(name).status for name in ("2.9.6", "2.9.7")] == ["affected", "fixed"]
    assert lid.verdict("1.0.0").status == "unknown"


def test_twice_is_as_good_as_once(source: Any, tree: Any) -> None:
    write(source, DOCUMENT)
    source.run("csaf")
    before = tree()
    report = source.run("csaf")
    assert (report.written, tree()) == (0, before)


def test_an_informational_document_becomes_a_notice(source: Any, records: Any) -> None:
    made = changed(document__category="csaf_informational_advisory")
    del made["vulnerabilities"]
    write(source, made)
    source.run("csaf")
    record = records()["CSA-24-001"]
    assert (record.kind, record.products) == ("notice", ("box-eu", "lid"))


def test_what_is_not_for_the_public_is_a_draft_for_others(source: Any, records: Any, site: Path) -> None:
    (site / "portal.yml").write_text("name: T\nvendor: T\nurl: https://support.example.com/\naudiences: [public, partner]\n", encoding="utf-8")
    write(source, changed(document__distribution={"tlp": {"label": "AMBER"}}))
    report = source.run("csaf")
    assert (records()["CSA-24-001"].status, records()["CSA-24-001"].audience) == ("draft", "partner")
    assert messages(site) == []
    assert "csa-24-001.json: 'CSA-24-001' is TLP:AMBER and not for the public, so it is written as a draft; check that its audience may read it, then set its status to final" in source.messages(report, "note")


@pytest.mark.parametrize(("label", "remedy"), [("AMBER", "add an audience to portal.yml that may read it"), ("RED", "publish it elsewhere")])
def test_what_no_reader_may_see_stays_out(label: str, remedy: str, source: Any, site: Path) -> None:
    write(source, changed(document__distribution={"tlp": {"label": label}}))
    report = source.run("csaf")
    assert source.messages(report) == [f"csa-24-001.json: document.distribution.tlp.label: '{label}' is not for everybody who may read the portal; {remedy}"]
    assert not (site / "advisories").exists() and not (site / "products").exists()


@pytest.mark.parametrize(("text", "ranges"), [
    ("vers:all/*", ("all",)), ("All versions", ("all",)), ("< V3.10", ("all before 3.10",)), (">= 8.0.0 | <= 8.5.1", ("8.0.0 through 8.5.1",)),
    ("All versions >= V2.5 and < V20.8", ("2.5 before 20.8",)), ("vers:all/>=V5.4", ("5.4 through *",)), ("11.5.0.2", ("11.5.0.2",)),
    ("vers:semver/>=1.0.0|<1.2.0|>=2.0.0|<2.0.3", ("1.0.0 before 1.2.0", "2.0.0 before 2.0.3")), ("vers:generic/1.2.3|1.2.4", ("1.2.3", "1.2.4")),
    ("<= 8.1", ()), ("8.1", ()), ("<= 33", ()), ("<= 2.011", ()), ("> 6.1 | < 6.1.4", ()), (">= 3.x | <= 3.2.2", ()), ("1.2.3 | 1.2.4", ()),
    ("3.5.2 Build 7", ()), ("R130.2 | R140", ()), ("<=November 11, 2017", ()), ("< 3.0 < 4.0", ()), ("", ()), ("All with U-Boot < V3.1", ()),
])
def test_versions_in_words(text: str, ranges: tuple[str, ...]) -> None:
    assert ranges_in(text, "dotted") == ranges


@pytest.mark.parametrize(("release", "affected"), [("2.4.9", False), ("2.5.0", True), ("10.0.1", True), ("20.8.0", False)])
def test_a_range_over_trains_holds_those_between(release: str, affected: bool) -> None:
    from kb.ranges import Affected, parse_range

    entry = Affected("x", ranges=parse_range("2.5 before 20.8", "dotted"))
    assert (compile_affected([entry], "x", "dotted").verdict(release).status == "affected") is affected


BAD = [
    ("{", "is not valid JSON: Input data was truncated; export the record again"),
    ("", "is not valid JSON: Input data was truncated; export the record again"),
    ('{"x": ' + "[" * 100_000, "is nested too deeply; check that it is a CSAF document"),
    ("[]", "is no CSAF document: expected `object`, got `array`; compare it with CSAF 2.0"),
    ("{}", "is no CSAF document: object missing required field `document`; compare it with CSAF 2.0"),
    (json.dumps(changed(document__title=1)), "document.title: is no CSAF document: expected `str`, got `int`; compare it with CSAF 2.0"),
    (json.dumps(changed(document__csaf_version="2.1")), "document.csaf_version: '2.1' is not the version of CSAF that can be read; export the document as CSAF 2.0"),
    (json.dumps(changed(document__tracking__id="../../x1")), "id: '../../x1' looks like a path and is no id; ask for a document with an id such as EXSA-2026-0007"),
    (json.dumps(changed(document__tracking__id="no digits")), "id: 'no digits' is no id of an advisory; write an id such as EXSA-2026-0007"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_document_gives_one_line_and_the_others_arrive(text: str, message: str, source: Any) -> None:
    source.write("bad.json", text)
    write(source, DOCUMENT)
    report = source.run("csaf")
    errors = source.messages(report)
    assert len(errors) == 1, errors
    assert errors[0].partition(": ")[2] == message and errors[0].startswith("bad.json")
    assert report.rejected == 1 and source.read("advisories/CSA-24-001.md") == EXPECTED


@pytest.mark.parametrize(("number", "level"), [("9" * 400, "note"), ("9" * 4400, "error"), ("1e999", "error")])
def test_huge_numbers_give_one_line(number: str, level: str, source: Any) -> None:
    source.write("csa-24-001.json", json.dumps(DOCUMENT).replace('"baseScore": 1.0', f'"baseScore": {number}'))
    report = source.run("csaf")
    assert report.rejected == (level == "error")
    assert all(len(line) < 400 for line in source.messages(report, level))
    assert len(source.messages(report)) == report.rejected


def test_two_documents_of_one_id(source: Any) -> None:
    write(source, DOCUMENT)
    write(source, changed(document__title="Other"), "second.json")
    report = source.run("csaf")
    assert source.messages(report) == ["second.json: id: 'CSA-24-001' has the id of csa-24-001.json; give one of them another id"]
    assert any("is not the file name that belongs to this id, csa-24-001.json" in line for line in source.messages(report, "note"))


def test_ids_of_others_become_ours(source: Any, records: Any) -> None:
    write(source, changed(document__tracking__id="RHSA-2024:0001"), "rhsa-2024_0001.json")
    source.run("csaf")
    assert records()["RHSA-2024-0001"].aliases == ("RHSA-2024:0001", "VU1")


def test_revisions_before_the_release_count_from_it(source: Any, records: Any) -> None:
    write(source, changed(document__tracking__initial_release_date="2024-02-15T10:00:00Z"))
    report = source.run("csaf")
    assert [f"{event.date:%m-%d}" for event in records()["CSA-24-001"].revisions] == ["02-15", "03-01"]
    assert "csa-24-001.json: revision_history: has revisions from before its first release, which count from there; nothing needs to be done" in source.messages(report, "note")


@pytest.mark.parametrize(("numbers", "expected"), [(("1.0.0", "1.1.0"), ["1.0.0", "1.1.0"]), (("1.0.0-rc.1", "2"), ["1", "2"]), (("2", "2"), ["1", "2"])])
def test_numbers_of_revisions(numbers: tuple[str, str], expected: list[str], source: Any, records: Any) -> None:
    write(source, changed(document__tracking__revision_history__1__number=numbers[0], document__tracking__revision_history__0__number=numbers[1]))
    source.run("csaf")
    assert [event.number for event in records()["CSA-24-001"].revisions] == expected


HOSTILE = ["<script>alert(1)</script>", "[[CSA-99-1]] [x](javascript:alert(1))", "---\nid: x\n---", "## Solution\n\n```", "\x00\x1b[31m", "![x](//evil.example/p.png)",
           "]]>", "{{ 1 }} {% x %}", "'\"\\", "a\u2028b", "x" * 5000]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_arrive_as_texts(text: str, source: Any, records: Any) -> None:
    made = changed(
        document__title=f"T {text}", document__notes=[{"category": "general", "title": text, "text": text}], vulnerabilities__0__title=text,
        vulnerabilities__0__notes=[{"category": "summary", "text": text}], document__acknowledgments=[{"summary": text}],
        vulnerabilities__0__remediations=[{"category": "vendor_fix", "details": text, "product_ids": ["P1"], "url": text}],
        document__references=[{"summary": text, "url": "https://example.com/" + "a"}, {"summary": "x", "url": text}])
    made["product_tree"]["branches"][0]["branches"][0]["name"] = text
    made["product_tree"]["branches"][0]["branches"][0]["branches"][0]["product"]["name"] = text
    write(source, made)
    report = source.run("csaf")
    assert source.messages(report) == []
    record = records()["CSA-24-001"]
    assert not any("alert(1)" in link for link in _targets(record))


def _targets(record: Any) -> list[str]:
    from kb.text import links

    texts = [section.markdown for section in record.text.sections] + [item.text for item in record.remediations]
    return [link.target for text in texts for link in links(text)]


_VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
    st.sampled_from(["name", "category", "product", "text", "x"]), inner, max_size=2), max_leaves=4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_document_ends_in_a_record_or_one_line(data: st.DataObject, source: Any) -> None:
    made = with_a_change(DOCUMENT, data, _VALUES)
    write(source, made)
    report = source.run("csaf", force=True)
    assert report.rejected == len({finding.path for finding in report.findings if finding.level == "error"}) <= 1
