"""OSV documents into advisories."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.ranges import compile_affected
from tests.kb.importers.documents import with_a_change

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
DOCUMENT: dict[str, Any] = {
    "schema_version": "1.3.1", "id": "GO-2024-0001", "modified": "2024-03-01T10:00:00Z", "published": "2024-02-01T10:00:00Z",
    "aliases": ["CVE-2024-0001", "GHSA-aaaa-bbbb-cccc"], "summary": "Panic in example.com/mod", "details": "A *panic*. It ends.\n",
    "severity": [{"type": "CVSS_V3", "score": V31}],
    "affected": [{"package": {"ecosystem": "Go", "name": "example.com/mod"}, "ranges": [{"type": "SEMVER", "events": [
        {"introduced": "0"}, {"fixed": "1.2.3"}, {"introduced": "1.3.0-0"}, {"fixed": "1.3.4"}]}],
        "ecosystem_specific": {"imports": [{"path": "example.com/mod/in", "symbols": ["A", "B"], "goos": ["linux"]}]}}],
    "references": [{"type": "FIX", "url": "https://example.com/fix"}, {"type": "WEB", "url": "ftp//"}],
    "credits": [{"name": "A B", "type": "FINDER"}, {"name": "C D", "contact": ["https://c.example/"]}],
    "database_specific": {"url": "https://vuln.example/GO-2024-0001", "review_status": "REVIEWED", "cwe_ids": ["CWE-400"]},
}
EXPECTED = f"""\
---
id: GO-2024-0001
title: Panic in example.com/mod
summary: A panic.
aliases: [GHSA-aaaa-bbbb-cccc]
publish_at: 2024-02-01T10:00:00Z
status: final
cves: [CVE-2024-0001]
cvss: ["{V31}"]
cwe: [CWE-400]
affected:
  - product: example-com-mod
    ranges:
      - all before 1.2.3
      - 1.3 before 1.3.4
    fixed: [1.2.3, 1.3.4]
credits: [A B (finder), "C D, https://c.example/"]
references:
  - {{url: "https://vuln.example/GO-2024-0001", type: self}}
  - {{url: "https://example.com/fix", type: fix}}
source:
  name: vuln.example
  url: https://vuln.example/GO-2024-0001
revisions:
  - {{number: 1, date: "2024-02-01T10:00:00Z", text: First publication}}
  - {{number: 2, date: "2024-03-01T10:00:00Z", text: Last change}}
---
A *panic*. It ends.

## Affected packages

- example.com/mod/in on linux: A, B
"""


def write(source: Any, name: str = "GO-2024-0001.json", **changes: Any) -> None:
    source.write(name, json.dumps({**copy.deepcopy(DOCUMENT), **changes}))


def test_a_document_becomes_an_advisory(source: Any, records: Any) -> None:
    write(source)
    report = source.run("osv")
    assert source.read("advisories/GO-2024-0001.md") == EXPECTED
    assert source.messages(report, "note") == [
        "GO-2024-0001.json: has fields that no record has a place for, so they are left out: database_specific.review_status; nothing needs to be done",
        "GO-2024-0001.json: references: 'ftp//' is not a web address, so it is left out; write https://host/path"]
    assert source.read("products/example-com-mod.yml").startswith(
        "id: example-com-mod\nname: example.com/mod\npackage:\n  ecosystem: Go\n  name: example.com/mod\nscheme: semver\n")
    assert records()["GO-2024-0001"].severity == "high"


def test_verdicts_are_those_of_the_events(source: Any, records: Any) -> None:
    write(source)
    source.run("osv")
    compiled = compile_affected(records()["GO-2024-0001"].affected, "example-com-mod", "semver")
    assert [name for name in ("0.1.0", "1.2.2", "1.2.3", "1.3.0-rc.1", "1.3.3", "1.3.4") if compiled.verdict(name).status == "affected"] == [
        "0.1.0", "1.2.2", "1.3.0-rc.1", "1.3.3"]


def test_a_withdrawn_document_is_withdrawn(source: Any, records: Any) -> None:
    write(source, withdrawn="2024-04-01T10:00:00Z")
    source.run("osv")
    record = records()["GO-2024-0001"]
    assert (record.status, [event.text for event in record.revisions]) == ("withdrawn", ["First publication", "Last change", "Withdrawn"])


def test_without_dates_a_record_gets_one_and_keeps_it(source: Any, records: Any) -> None:
    write(source, published="0001-01-01T00:00:00Z", modified="0001-01-01T00:00:00Z")
    source.run("osv", date="2024-05-01")
    source.run("osv", date="2024-06-01")
    assert records()["GO-2024-0001"].published.isoformat() == "2024-05-01T00:00:00+00:00"


def test_without_a_vector_it_is_published_as_its_source_did(source: Any, records: Any) -> None:
    write(source, severity=None)
    source.run("osv")
    assert (records()["GO-2024-0001"].status, records()["GO-2024-0001"].scores) == ("final", ())


def test_versions_that_cannot_be_read_are_told_in_words(source: Any, records: Any) -> None:
    write(source, affected=[{"package": {"ecosystem": "Debian:12", "name": "box"}, "ranges": [
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1:2.3-4+deb12u1"}]}]}])
    source.run("osv")
    entry = records()["GO-2024-0001"].affected[0]
    assert (entry.ranges, entry.versions) == ((), "ECOSYSTEM fixed 1:2.3-4+deb12u1")


@pytest.mark.parametrize(("text", "message"), [
    ("{\"id\": ", "is not valid JSON: Input data was truncated; export the record again"),
    ('{"id": 5}', "id: is no OSV document: expected `str`, got `int`; compare it with the OSV schema"),
    ('{"id": "X-1", "modified": 1' + "0" * 500 + "}", None),
    ('{"id": "../../etc/x-1", "modified": ""}', "id: '../../etc/x-1' looks like a path and is no id; ask for a document with an id such as EXSA-2026-0007"),
    ('{"id": "X-1", "modified": "", "x": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}", "is nested too deeply; check that it is a OSV document"),
])
def test_a_bad_document_gives_one_line(text: str, message: str | None, source: Any) -> None:
    source.write("bad.json", text)
    write(source)
    report = source.run("osv")
    errors = source.messages(report)
    assert len(errors) == report.rejected == 1
    assert message is None or errors[0].partition(": ")[2] == message
    assert source.read("advisories/GO-2024-0001.md") == EXPECTED


_VALUES = st.none() | st.integers() | st.text(max_size=6) | st.lists(st.text(max_size=3), max_size=2) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_document_ends_in_a_record_or_one_line(data: st.DataObject, source: Any) -> None:
    made = with_a_change(DOCUMENT, data, _VALUES)
    source.write("GO-2024-0001.json", json.dumps(made))
    report = source.run("osv", force=True)
    assert report.rejected == len({finding.path for finding in report.findings if finding.level == "error"}) <= 1
