"""Bulletins that tell of each vulnerability, product and remedy: what is read, and one change for each rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.records import Reference, Remediation, SecurityBulletin, Source
from tests.kb.checking import load_messages, messages, only_record
from tests.sites.make import make_site

FILE = "advisories/EXSA-2026-0005.md"
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
V30 = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
TEXT = f"""\
---
id: EXSA-2026-0005
title: Two faults
summary: Two faults.
status: final
publish_at: 2026-02-10T16:00:00Z
vulnerabilities:
  - id: CVE-2026-10007
    title: First
    cvss: ["{V31}", {{vector: "{V30}", affects: [old]}}]
    cwe: [CWE-121]
    affects: [old, new]
    references: [{{title: Note, url: "https://example.com/n", type: article}}]
  - id: fault-2
affected:
  - {{product: exos, ref: old, ranges: [21.4]}}
  - {{product: exos, ref: new, name: ExOS for labs, versions: all but one, models: [LX-1]}}
remediations:
  - category: vendor_fix
    text: Install it.
    url: mailto:help@example.com
    date: 2026-02-11
    affects: [old]
    vulnerabilities: [fault-2]
source: {{name: Centre, url: "https://centre.example/", category: coordinator, contact: a@b.example, terms: None}}
revisions:
  - {{number: 1, date: 2026-02-10, text: First publication.}}
---
Text.
"""


def test_all_fields_are_read(tmp_path: Path) -> None:
    record = only_record(make_site(tmp_path, {FILE: TEXT}), "EXSA-2026-0005")
    assert isinstance(record, SecurityBulletin)
    first, second = record.vulnerabilities
    assert (record.cves, [score.vector for score in record.scores], record.cwe, record.severity) == (
        ("CVE-2026-10007",), [V31, V30], ("CWE-121",), "critical")
    assert (first.id, first.cve, first.title, first.affects, first.references) == (
        "CVE-2026-10007", "CVE-2026-10007", "First", ("old", "new"), (Reference("Note", "https://example.com/n", "article"),))
    assert [(item.score.vector, item.affects) for item in first.scores] == [(V31, ()), (V30, ("old",))]
    assert (second.id, second.cve, second.scores) == ("fault-2", "", ())
    assert [(entry.ref, entry.name, entry.versions, entry.models) for entry in record.affected] == [
        ("old", "", "", ()), ("new", "ExOS for labs", "all but one", ("LX-1",))]
    (remedy,) = record.remediations
    assert (remedy.category, remedy.text, remedy.url, remedy.affects, remedy.vulnerabilities) == (
        "vendor_fix", "Install it.", "mailto:help@example.com", ("old",), ("fault-2",))
    assert isinstance(remedy, Remediation) and remedy.date and remedy.date.isoformat() == "2026-02-11T00:00:00+00:00"
    assert record.source == Source("Centre", "https://centre.example/", "coordinator", "a@b.example", "None")


@pytest.mark.parametrize(("old", "new", "message"), [
    ("id: fault-2", "id: CVE-2026-10007", "14: vulnerabilities[2].id: 'CVE-2026-10007' is given twice; keep one"),
    ("id: fault-2", "id: a fault", "14: vulnerabilities[2].id: 'a fault' is no id of a vulnerability; write its CVE id, or a name without spaces"),
    ("affects: [old, new]", "affects: [odd]", "12: vulnerabilities[1].affects: 'odd' names nothing in this record; write one of old, new"),
    ('{vector: "' + V30, '{vector: "x' + V30, f"10: vulnerabilities[1].cvss.vector: 'x{V30}' is no CVSS 3.0, 3.1 or 4.0 vector; write {V31}"),
    ("ref: new", "ref: old", "17: affected[2].ref: 'old' is given twice; give each entry another one"),
    ("ref: new", "ref: a b", "17: affected[2].ref: 'a b' is no name of an entry; write a word such as a1"),
    ("category: vendor_fix", "category: fix", "19: remediations[1].category: 'fix' is not allowed here; write one of vendor_fix, workaround, mitigation, no_fix_planned, none_available"),
    ("[fault-2]", "[fault-3]", "24: remediations[1].vulnerabilities: 'fault-3' names nothing in this record; write one of CVE-2026-10007, fault-2"),
    ("mailto:help@example.com", "mailto:help", "21: remediations[1].url: 'mailto:help' is not a web address; write https://host/path"),
    ("mailto:help@example.com", "javascript:x@y", "21: remediations[1].url: 'javascript:x@y' is not a web address; write https://host/path"),
    ("category: coordinator", "category: desk", "25: source.category: 'desk' is not allowed here; write one of coordinator, discoverer, other, translator, user, vendor"),
    ("type: article", "type: essay", "13: vulnerabilities[1].references[1].type: 'essay' is not allowed here; write one of self, advisory, article, detection, discussion, report, fix, introduced, git, package, evidence, web"),
])
def test_each_rule(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert TEXT.count(old) == 1, old
    found = load_messages(make_site(tmp_path, {FILE: TEXT.replace(old, new)}))
    assert f"{FILE}:{message}" in found, found


def test_a_link_in_a_remedy_leads_somewhere(tmp_path: Path) -> None:
    found = messages(make_site(tmp_path, {FILE: TEXT.replace("Install it.", "See [[KB77777]].")}))
    assert found == [f"{FILE}:20: remediations: 'KB77777' is not a known id; write the id of a record of this site"]


@pytest.mark.parametrize(("old", "field"), [
    ("ExOS for labs", "affected"), ("all but one", "affected"), ("LX-1", "affected"), ("title: First", "vulnerabilities"), ("Install it.", "remediations"),
    ("terms: None", "source")])
def test_no_field_names_a_hidden_record(old: str, field: str, tmp_path: Path) -> None:
    hidden = TEXT.replace("EXSA-2026-0005", "EXSA-2026-0009").replace("status: final", "status: draft").replace("CVE-2026-10007", "CVE-2026-10009")
    new = f"{old.partition(': ')[0]}: EXSA-2026-0009" if ": " in old else "EXSA-2026-0009"
    found = messages(make_site(tmp_path, {FILE: TEXT.replace(old, new), "advisories/EXSA-2026-0009.md": hidden}))
    assert [line for line in found if f" {field}: 'EXSA-2026-0009' names a record that this build does not show" in line], found


def test_without_a_vector_only_what_others_published(tmp_path: Path) -> None:
    bare = TEXT.replace(f'["{V31}", {{vector: "{V30}", affects: [old]}}]', "[]")
    assert load_messages(make_site(tmp_path / "one", {FILE: bare})) == []
    own = "".join(line for line in bare.splitlines(keepends=True) if not line.startswith("source:"))
    assert load_messages(make_site(tmp_path / "two", {FILE: own})) == [f"{FILE}:1: cvss: is missing; add a line 'cvss: ...'"]
