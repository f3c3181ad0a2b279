"""Each kind of record: an example with every field, the same in JSON, and one change for each rule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kb.ranges import Affected, VersionRange
from kb.records import (
    Article,
    Bulletin,
    Event,
    Place,
    Reference,
    Report,
    Score,
    Section,
    SecurityBulletin,
    Text,
    affected_of,
    normal_id,
    severity_of,
    successor_of,
)
from tests.kb.checking import load_messages, loaded, only_record
from tests.sites.make import ADVISORY, REPORT, changed, make_site

ARTICLE_FILE, REPORT_FILE, ADVISORY_FILE = "articles/KB10001.md", "reports/1700001.md", "advisories/EXSA-2026-0001.md"
NOTICE_FILE, BULLETIN_FILE = "notices/EXSN-2026-0001.md", "bulletins/EXTB-2026-0001.md"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


# -- every field -----------------------------------------------------------------------------------


def test_an_article(tmp_path: Path) -> None:
    make_site(tmp_path, {"articles/routers/KB10042.md": """\
---
id: KB10042
title: Collect a core
summary: How to collect a core.
language: en
audience: partners
aliases: [TN 12, S:KB7]
keywords: [core, rpd]
related: [1700001, pr1700001, exsa-2026-0001]
publish_at: 2026-05-01T10:00:00+02:00
status: retired
replaced_by: kb10001
products: [Ex OS, exlinux]
platforms: [AR900, lx10]
releases: [21.4 before 21.4R3-S5, "22.2"]
applies_to: [All optics]
created: 2026-01-10
updated: 2026-02-10T12:30:00Z
version: 3
---

Introduction.

## Solution

Run it.
"""})
    place = Place("articles/routers/KB10042.md", 1)
    assert only_record(tmp_path, "KB10042") == Article(
        id="KB10042", kind="article", status="retired", audience="partners", place=place,
        texts=(Text("en", "Collect a core", "How to collect a core.", ("core", "rpd"),
                    (Section("", "", "Introduction.", 22), Section("solution", "Solution", "Run it.", 26)), place),),
        aliases=("TN 12", "S:KB7"), related=("1700001", "EXSA-2026-0001"), products=("exos", "exlinux"),
        platforms=("ar900", "lx10"), publish_at=utc(2026, 5, 1, 8), created=utc(2026, 1, 10), updated=utc(2026, 5, 1, 8),
        releases=("21.4 before 21.4R3-S5", "22.2"), applies_to=("All optics",), version=3, replaced_by="KB10001")


REPORT_FIELDS: dict[str, Any] = {
    "id": "PR1747984", "title": "The process cores", "summary": "It cores.", "status": "duplicate", "duplicate_of": "PR 1700001",
    "severity": "critical", "component": "Chassis and power",
    "affected": [
        {"product": "ExOS", "platforms": ["AR900"], "ranges": ["21.4 before 21.4R3-S5", {"from": "22.2", "through": "22.2R2"}],
         "fixed": ["21.4R3-S5, 22.2R3"], "unaffected": ["20.4"], "introduced": "21.4r1"},
        {"product": "exlinux", "platforms": ["lx10"], "default_status": "affected"}],
    "created": "2026-01-11", "updated": "2026-02-11", "keywords": ["core"],
    "history": [{"date": "2026-01-11", "text": "Reported."}, {"date": "2026-02-11T08:00:00Z", "text": "Confirmed."}],
}


def expected_report(place: Place, sections: tuple[Section, ...]) -> Report:
    return Report(
        id="1747984", kind="report", status="duplicate", audience="public", place=place,
        texts=(Text("en", "The process cores", "It cores.", ("core",), sections, place),),
        products=("exos", "exlinux"), platforms=("ar900", "lx10"), created=utc(2026, 1, 11), updated=utc(2026, 2, 11),
        severity="critical", component="chassis", duplicate_of="1700001",
        affected=(
            Affected("exos", ("ar900",), (VersionRange("21.4", ("21.4R3-S5",), text="21.4 before 21.4R3-S5"),
                                          VersionRange("22.2", (), "22.2R2", text="22.2 through 22.2R2")),
                     ("21.4R3-S5", "22.2R3"), (VersionRange("20.4", text="20.4"),), "21.4R1"),
            Affected("exlinux", ("lx10",), default_status="affected")),
        history=(Event(utc(2026, 1, 11), "Reported."), Event(utc(2026, 2, 11, 8), "Confirmed.")))


def test_a_report(tmp_path: Path) -> None:
    front = json.dumps(REPORT_FIELDS, indent=1)  # JSON is YAML too
    make_site(tmp_path, {"reports/2026/1747984.md": f"---\n{front}\n---\n## Trigger\nA flap.\n"})
    last = front.count("\n") + 4
    assert only_record(tmp_path, "1747984") == expected_report(
        Place("reports/2026/1747984.md", 1), (Section("trigger", "Trigger", "A flap.", last + 1),))


def test_a_report_in_a_line(tmp_path: Path) -> None:
    line = json.dumps(REPORT_FIELDS | {"id": 1747984, "problem": "It cores.\n\nOften.", "trigger": "A flap.",
                                       "body": "Intro.\n\n## Solution\n\nNone."})
    make_site(tmp_path, {"reports/all.jsonl": f"\n\n{line}\n"})
    record = only_record(tmp_path, "1747984")
    assert record == expected_report(Place("reports/all.jsonl", 3), record.text.sections)
    assert [(section.key, section.title, section.markdown) for section in record.text.sections] == [
        ("", "", "Intro."), ("solution", "Solution", "None."), ("problem", "Problem", "It cores.\n\nOften."),
        ("trigger", "Trigger", "A flap.")]


def test_an_advisory(tmp_path: Path) -> None:
    make_site(tmp_path, {"advisories/EXSA-2026-0042.md": """\
---
id: EXSA-2026-0042
title: A crafted packet
summary: A crafted packet stops it.
status: superseded
superseded_by: EXSA-2026-0001
publish_at: 2026-03-01T16:00:00Z
tlp: GREEN
cves: [CVE-2026-10042, CVE-2026-1000042]
cvss:
  - CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H
  - CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N
cwe: [CWE-787]
affected: [{product: exos, ranges: [all before 21.4R3-S5]}]
products: [exlinux]
credits: [A security researcher]
references:
  - {title: Background, url: "https://www.example.com/background"}
  - {url: "https://www.example.com/more"}
revisions:
  - {number: "1.0", date: 2026-03-01, text: First.}
  - {number: "1.1", date: 2026-04-01T09:00:00Z, text: Fix in 21.4R3-S5.}
---
"""})
    place = Place("advisories/EXSA-2026-0042.md", 1)
    record = only_record(tmp_path, "EXSA-2026-0042")
    assert record == SecurityBulletin(
        id="EXSA-2026-0042", kind="advisory", status="superseded", audience="public", place=place,
        texts=(Text("en", "A crafted packet", "A crafted packet stops it.", (), (), place),),
        products=("exos", "exlinux"), publish_at=utc(2026, 3, 1, 16), created=utc(2026, 3, 1, 16), updated=utc(2026, 4, 1, 9),
        tlp="GREEN", cves=("CVE-2026-10042", "CVE-2026-1000042"),
        scores=(Score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "3.1", 7.5, "high"),
                Score("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", "4.0", 8.7, "high")),
        cwe=("CWE-787",), affected=(Affected("exos", (), (VersionRange("", ("21.4R3-S5",), text="all before 21.4R3-S5"),)),),
        credits=("A security researcher",),
        references=(Reference("Background", "https://www.example.com/background"),
                    Reference("https://www.example.com/more", "https://www.example.com/more")),
        revisions=(Event(utc(2026, 3, 1), "First.", "1.0"), Event(utc(2026, 4, 1, 9), "Fix in 21.4R3-S5.", "1.1")),
        superseded_by="EXSA-2026-0001")


def test_a_notice(tmp_path: Path) -> None:
    make_site(tmp_path)
    place = Place(NOTICE_FILE, 1)
    assert only_record(tmp_path, "EXSN-2026-0001") == SecurityBulletin(
        id="EXSN-2026-0001", kind="notice", status="interim", audience="public", place=place,
        texts=(Text("en", "Counterfeit optics on the market", "How to tell genuine optics from counterfeit ones.", (),
                    (Section("", "", "Look at the label.", 11),), place),),
        products=("exos",), publish_at=utc(2026, 3, 2, 16), created=utc(2026, 3, 2, 16), updated=utc(2026, 3, 2, 16),
        revisions=(Event(utc(2026, 3, 2, 16), "First publication.", "1"),))


def test_a_bulletin(tmp_path: Path) -> None:
    make_site(tmp_path, changed(BULLETIN_FILE, "products: [exos]", "products: [exos, exlinux]\nplatforms: [FW60 Firewalls]"))
    place = Place(BULLETIN_FILE, 1)
    assert only_record(tmp_path, "EXTB-2026-0001") == Bulletin(
        id="EXTB-2026-0001", kind="bulletin", status="published", audience="public", place=place,
        texts=(Text("en", "New power supplies", "From April on routers have other power supplies.", (),
                    (Section("", "", "Nothing needs to be done.", 12),), place),),
        products=("exos", "exlinux"), platforms=("fw60",), created=utc(2026, 1, 12), updated=utc(2026, 2, 12), type="hardware")


def test_what_may_be_left_out(tmp_path: Path) -> None:
    make_site(tmp_path, {
        "reports/5.md": "---\nid: 5\ntitle: T\nstatus: open\naffected: [{product: exos}]\ncreated: 2026-01-01\n"
                        "updated: 2026-01-01\n---\n",
        "advisories/D1.md": "---\nid: D1\ntitle: T\nsummary: S\nstatus: draft\n---\n",
        "notices/N-1.md": "---\nid: N-1\ntitle: T\nsummary: S\nstatus: draft\n---\n",
        "advisories/W1.md": "---\nid: W1\ntitle: T\nsummary: S\nstatus: withdrawn\npublish_at: 2026-01-01T00:00:00Z\n"
                            "affected: [{product: exos}]\nrevisions: [{number: 1, date: 2026-01-01, text: x}]\n---\n"})
    report, draft = only_record(tmp_path, "5"), only_record(tmp_path, "D1")
    assert (report.text.summary, report.text.sections, severity_of(report)) == ("T", (), "")
    assert (draft.created, draft.updated) == (utc(1970, 1, 1), utc(1970, 1, 1))


# -- one change, one finding -----------------------------------------------------------------------

NOT_A_DATE = "is not a date; write YYYY-MM-DD, such as 2026-11-22"
NOT_A_TIME = "is not a time; write it as 2026-11-22T16:00:00Z or with an offset such as +03:00"
ONE_ENTRY = "revisions:\n  - {number: \"1\", date: 2026-03-01T16:00:00Z, text: First publication.}\n"
RANGE = "    ranges: [21.4 before 21.4R3-S5]\n"
RELEASES = "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240"
VECTOR = '"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"'

ANY_KIND = [
    (ARTICLE_FILE, "id: KB10001\n", "", "1: id: is missing; add a line 'id: ...'"),
    (ARTICLE_FILE, "id: KB10001\n", "id:\n", "2: id: is missing; add a line 'id: ...'"),
    (ARTICLE_FILE, "title: Collect logs of a router\n", "", "1: title: is missing; add a line 'title: ...'"),
    (ARTICLE_FILE, "Collect logs of a router", "x" * 251,
     f"3: title: '{'x' * 79}…' has 251 characters; shorten it to 250; details belong in the text"),
    (ARTICLE_FILE, "title: Collect logs of a router", "title: [a]", "3: title: is a list, not one value; write one value"),
    (ARTICLE_FILE, "title: Collect logs of a router", "title: a: b",
     "3: is not valid YAML: mapping values are not allowed in this context; "
     "check indentation, quotes and colons on this line and the one before"),
    (ARTICLE_FILE, "summary: What to collect before you open a case.\n", "", "1: summary: is missing; add a line 'summary: ...'"),
    (ARTICLE_FILE, "status: published\n", "", "1: status: is missing; add a line 'status: ...'"),
    (ARTICLE_FILE, "status: published", "status: publishd", "5: status: 'publishd' is not allowed here; write published?"),
    (ARTICLE_FILE, "status: published", "status: open",
     "5: status: 'open' is not allowed here; write one of draft, published, retired"),
    (ARTICLE_FILE, "status: published", "status: published\nlanguage: English",
     "6: language: 'English' is no language tag; write a tag such as en or ru"),
    (ARTICLE_FILE, "status: published", "status: published\naudience: partner",
     "6: audience: 'partner' is not an audience of this portal; write one of public, partners, or add it to portal.yml"),
    (ARTICLE_FILE, "status: published", "status: published\naudience: All Staff",
     "6: audience: 'All Staff' is no audience name; use lower case letters, digits and hyphens"),
    (ARTICLE_FILE, "status: published", "status: published\nkeywords: {a: b}",
     "6: keywords: is a mapping, not one value; write one value"),
    (ARTICLE_FILE, "status: published", "status: published\nrelated:\n  - id: KB10002",
     "7: related: is a mapping, not one value; write one value"),
    (ARTICLE_FILE, "status: published", "status: published\nrelated: KB10002, {a: b}",
     "6: is not valid YAML: mapping values are not allowed in this context; "
     "check indentation, quotes and colons on this line and the one before"),
    (ARTICLE_FILE, "status: published", "status: published\npublish_at: 2026-05-01T10:00:00",
     "6: publish_at: '2026-05-01T10:00:00' has no zone; add Z for UTC or an offset: 2026-05-01T10:00:00Z"),
    (ARTICLE_FILE, "status: published", "status: published\npublish_at: 2026-05-01",
     f"6: publish_at: '2026-05-01' {NOT_A_TIME}"),
    (ARTICLE_FILE, "status: published", "status: published\npublish_at: 2026-13-01T10:00:00Z",
     f"6: publish_at: '2026-13-01T10:00:00Z' {NOT_A_TIME}"),
    (ARTICLE_FILE, "status: published", "status: published\nseverity: high",
     "6: severity: is not a known field; known fields: title, summary, language, audience, keywords, id, status, aliases, "
     "related, publish_at, products, releases, created, updated, platforms, applies_to, version, replaced_by"),
    (ARTICLE_FILE, "status: published", "status: published\nkeyword: core",
     "6: keyword: is not a known field; did you mean keywords?"),
    (ARTICLE_FILE, "status: published", "status: published\nstatus: draft",
     "6: 'status' is given twice; keep one (the first is on line 5)"),
    (ARTICLE_FILE, "status: published", "status: &s published", "5: 's' is an anchor or alias; write the value out"),
    (ARTICLE_FILE, "status: published", "status: !!str published",
     "5: 'tag:yaml.org,2002:str' is a tag; write the value without it"),
    (ARTICLE_FILE, "status: published", 'status: "publ\\x07ished"', "5: 'U+0007' is a control character; delete it"),
    (ARTICLE_FILE, "Run the command.", "Run the \x1bcommand.", "14: 'U+001B' is a control character; delete it"),
    (ARTICLE_FILE, "created: 2026-01-10\n", "", "1: created: is missing; add a line 'created: ...'"),
    (ARTICLE_FILE, "updated: 2026-02-10\n", "", "1: updated: is missing; add a line 'updated: ...'"),
    (ARTICLE_FILE, "created: 2026-01-10", "created: 2026-01-32", f"7: created: '2026-01-32' {NOT_A_DATE}"),
    (ARTICLE_FILE, "created: 2026-01-10", "created: 10.01.2026", f"7: created: '10.01.2026' {NOT_A_TIME}"),
    (ARTICLE_FILE, "created: 2026-01-10", "created: 2026-01-10T10:00",
     "7: created: '2026-01-10T10:00' has no zone; add Z for UTC or an offset: 2026-01-10T10:00Z"),
    (ARTICLE_FILE, "updated: 2026-02-10", "updated: 2026-01-09",
     "8: updated: '2026-01-09' is before created (2026-01-10); put the dates in order"),
    (ARTICLE_FILE, "products: [exos]\n", "", "1: products: is missing; add a line 'products: ...'"),
    (ARTICLE_FILE, "products: [exos]", "products: []", "6: products: is an empty list; name at least one"),
    (ARTICLE_FILE, "products: [exos]", "products: [exso]", "6: products: 'exso' is not a known product; did you mean exos?"),
    (ARTICLE_FILE, "products: [exos]", "products:\n  - exos\n  - quux",
     "8: products: 'quux' is not a known product; add it to products.yml"),
    (ARTICLE_FILE, "products: [exos]", "products: [exos]\nplatforms: [ar90]",
     "7: platforms: 'ar90' is not a platform of these products; did you mean AR900?"),
    (ARTICLE_FILE, "products: [exos]", "products: [exos]\nplatforms: [lx10]",
     "7: platforms: 'lx10' is not a platform of these products; add it to products.yml"),
    (ARTICLE_FILE, "---\nCollect", "--\nCollect", "1: has front matter without an end; close it with a line '---'"),
    (ARTICLE_FILE, "---\nid", "id",
     "1: has no front matter; begin the file with a line '---', the fields, and another '---'"),
]

ARTICLES = [
    (ARTICLE_FILE, "id: KB10001", "id: KB1001", "2: id: 'KB1001' is no id of an article; "
     "write KB and five to nine digits: KB10042"),
    (ARTICLE_FILE, "id: KB10001", "id: ../../x", "2: id: '../../x' is no id of an article; "
     "write KB and five to nine digits: KB10042"),
    (ARTICLE_FILE, "id: KB10001", "id: KB١٠٠٠١", "2: id: 'KB١٠٠٠١' is no id of an article; "
     "write KB and five to nine digits: KB10042"),
    (ARTICLE_FILE, "id: KB10001", "id: KB10002", "2: id: 'KB10002' does not match the file name KB10001.md; "
     "rename the file to KB10002.md"),
    (ARTICLE_FILE, "products: [exos]", "products: [exos]\nreleases: [21.4 untl 21.4R3]",
     "7: releases: '21.4 untl 21.4R3' holds '21.4 untl 21.4R3', which is not a range; "
     "write it like '21.4', '21.4 before 21.4R3-S5', '21.4R1 through 21.4R3' or 'all'"),
    (ARTICLE_FILE, "products: [exos]", "products: [exlinux]\nreleases:\n  - 5.1\n  - 21.4R1",
     "9: releases: '21.4R1' holds '21.4R1', which is neither a release nor a train; "
     "write it like 5.11.1 or 3.7.14.2, or a train: 5.11"),
    (ARTICLE_FILE, "status: published", "status: published\nversion: 0",
     "6: version: '0' is not a whole number in range; write a number from 1 to 999999"),
    (ARTICLE_FILE, "status: published", "status: published\nreplaced_by: KB10002",
     "6: replaced_by: 'KB10002' stands beside status published; write 'status: retired' or remove it"),
    (ARTICLE_FILE, "status: published", "status: gone\nreplaced_by: KB10002",
     "5: status: 'gone' is not allowed here; write one of draft, published, retired"),
]

REPORTS = [
    (REPORT_FILE, "id: 1700001", "id: 0170001", "2: id: '0170001' is no id of a report; "
     "write a number of up to nine digits: 1747984"),
    (REPORT_FILE, "id: 1700001", "id: 1234567890", "2: id: '1234567890' is no id of a report; "
     "write a number of up to nine digits: 1747984"),
    (REPORT_FILE, "id: 1700001", "id: KB10001", "2: id: 'KB10001' is no id of a report; "
     "write a number of up to nine digits: 1747984"),
    (REPORT_FILE, "id: 1700001", "id: 1700002", "2: id: '1700002' does not match the file name 1700001.md; "
     "rename the file to 1700002.md"),
    (REPORT_FILE, "status: open", "status: retired",
     "4: status: 'retired' is not allowed here; write one of draft, open, fixed, closed, duplicate"),
    (REPORT_FILE, "status: open", "status: duplicate", "1: duplicate_of: is missing; add a line 'duplicate_of: ...'"),
    (REPORT_FILE, "status: open", "status: closed\nduplicate_of: PR1700002",
     "5: duplicate_of: '1700002' stands beside status closed; write 'status: duplicate' or remove it"),
    (REPORT_FILE, "severity: high", "severity: major",
     "5: severity: 'major' is not allowed here; write one of critical, high, medium, low"),
    (REPORT_FILE, "component: bgp", "component: bpg", "6: component: 'bpg' is not a component of exos; did you mean bgp?"),
    (REPORT_FILE, "component: bgp", "component: ospf", "6: component: 'ospf' is not a component of exos; "
     "write one of bgp, chassis"),
    (REPORT_FILE, f"affected:\n  - product: exos\n{RANGE}    fixed: [21.4R3-S5]\n", "",
     "1: affected: is missing; add a line 'affected: ...'"),
    (REPORT_FILE, f"  - product: exos\n{RANGE}    fixed: [21.4R3-S5]\n", "  []\n",
     "7: affected: is an empty list; name at least one"),
    (REPORT_FILE, f"  - product: exos\n{RANGE}    fixed: [21.4R3-S5]\n", "  product: exos\n",
     "7: affected: is not a list; write 'affected:' and below it items that begin with '-'"),
    (REPORT_FILE, "  - product: exos\n", "  - produkt: exos\n", "8: affected[1].product: is missing; add a line 'product: ...'"),
    (REPORT_FILE, "  - product: exos\n", "  - product: exsos\n",
     "8: affected[1].product: 'exsos' is not a known product; did you mean exos?"),
    (REPORT_FILE, "  - product: exos\n", "  - product: exos\n    platforms: [lx10]\n",
     "9: affected[1].platforms: 'lx10' is not a platform of these products; add it to products.yml"),
    (REPORT_FILE, "  - product: exos\n", "  - product: exos\n    platfroms: [ar900]\n",
     "9: affected[1].platfroms: is not a known field; did you mean platforms?"),
    (REPORT_FILE, "  - product: exos\n", "  - product: exos\n    default_status: unknown\n",
     "9: affected[1].default_status: 'unknown' is not allowed here; write one of affected, unaffected"),
    (REPORT_FILE, "  - product: exos\n", "  - product: exos\n    introduced: 21.4\n",
     f"9: affected[1].introduced: '21.4' is a train, not a release; {RELEASES}"),
    (REPORT_FILE, RANGE, "    ranges:\n      - 20.4\n      - 21.4R3 before 21.4R1\n",
     "11: affected[1].ranges: '21.4R3 before 21.4R1' ends with 21.4R1, which does not come after its start 21.4R3; "
     "put the earlier release first"),
    (REPORT_FILE, RANGE, "    ranges:\n      - [20.4]\n",
     "10: affected[1].ranges: is neither a text nor a mapping; write '21.4 before 21.4R3'"),
    (REPORT_FILE, RANGE, "    ranges:\n      - {from: 20.4, til: 20.4R2}\n",
     "10: affected[1].ranges: holds 'til', which is no field of a range; use from, before, through, status and changes"),
    (REPORT_FILE, RANGE, "    ranges: [20.4R9Z]\n",
     "9: affected[1].ranges: '20.4R9Z' holds '20.4R9Z', which is neither a release nor a train; "
     f"{RELEASES}, or a train: 21.4, 21.4-EVO or 15.1X49"),
    (REPORT_FILE, RANGE, f"{RANGE}    unaffected: [x]\n",
     "10: affected[1].unaffected: 'x' holds 'x', which is neither a release nor a train; "
     f"{RELEASES}, or a train: 21.4, 21.4-EVO or 15.1X49"),
    (REPORT_FILE, "    fixed: [21.4R3-S5]", "    fixed: [21.4R3-S5, 22.2]",
     f"10: affected[1].fixed: '22.2' is a train, not a release; {RELEASES}"),
    (REPORT_FILE, "    fixed: [21.4R3-S5]", "    fixed: [21.4R3-S4]",
     "10: affected[1].fixed: '21.4R3-S4' is fixed, yet the ranges call it affected; "
     "end the range before it, such as '21.4 before 21.4R3-S4'"),
    (REPORT_FILE, "---\n##", "history: [{date: 2026-01-11}]\n---\n##", "13: history[1].text: is missing; add a line 'text: ...'"),
    (REPORT_FILE, "---\n##", "history: [{text: x}]\n---\n##", "13: history[1].date: is missing; add a line 'date: ...'"),
    (REPORT_FILE, "---\n##", "history: [x]\n---\n##", "13: history: is not a mapping; write 'field: value' pairs"),
    (REPORT_FILE, "---\n##", "history:\n  - {date: 2026-02-01, text: x}\n  - {date: 2026-01-31, text: x}\n---\n##",
     "15: history[2].date: '2026-01-31' is before the entry above (2026-02-01); order entries from old to new"),
    (REPORT_FILE, "---\n##", "history: [{date: 2026-02-01, text: x, number: 1}]\n---\n##",
     "13: history[1].number: is not a known field; known fields: date, text"),
]

BULLETINS = [
    (ADVISORY_FILE, "id: EXSA-2026-0001", "id: EXSA", "2: id: 'EXSA' is no id of an advisory; "
     "write an id such as EXSA-2026-0007"),
    (ADVISORY_FILE, "id: EXSA-2026-0001", "id: 2026-0001", "2: id: '2026-0001' is no id of an advisory; "
     "write an id such as EXSA-2026-0007"),
    (ADVISORY_FILE, "id: EXSA-2026-0001", "id: a/../b1", "2: id: 'a/../b1' is no id of an advisory; "
     "write an id such as EXSA-2026-0007"),
    (ADVISORY_FILE, "id: EXSA-2026-0001", "id: A..1", "2: id: 'A..1' is no id of an advisory; "
     "write an id such as EXSA-2026-0007"),
    (ADVISORY_FILE, "id: EXSA-2026-0001", "id: NUL.1", "2: id: 'NUL.1' begins with the name of a device of Windows, where no file "
     "can be called so; write an id such as EXSA-2026-0007"),
    (ADVISORY_FILE, "id: EXSA-2026-0001", "id: А1", "2: id: 'А1' is no id of an advisory; write an id such as EXSA-2026-0007"),
    (ADVISORY_FILE, "id: EXSA-2026-0001", f"id: {'A1' * 41}", f"2: id: '{'A1' * 39}A…' is no id of an advisory; "
     "write an id such as EXSA-2026-0007"),
    (ADVISORY_FILE, "id: EXSA-2026-0001", "id: EXSA-2026-0002",
     "2: id: 'EXSA-2026-0002' does not match the file name EXSA-2026-0001.md; rename the file to EXSA-2026-0002.md"),
    (ADVISORY_FILE, "publish_at: 2026-03-01T16:00:00Z\n", "",
     "1: publish_at: is missing; add 'publish_at: 2026-11-22T16:00:00Z'"),
    (ADVISORY_FILE, "publish_at: 2026-03-01T16:00:00Z", "publish_at: 2026-03-01", f"6: publish_at: '2026-03-01' {NOT_A_TIME}"),
    (ADVISORY_FILE, "status: final", "status: final\ntlp: YELLOW",
     "6: tlp: 'YELLOW' is not allowed here; write one of WHITE, GREEN, AMBER, RED"),
    (ADVISORY_FILE, "status: final", "status: superseded", "1: superseded_by: is missing; add a line 'superseded_by: ...'"),
    (ADVISORY_FILE, "status: final", "status: final\nsuperseded_by: EXSA-2026-0002",
     "6: superseded_by: 'EXSA-2026-0002' stands beside status final; write 'status: superseded' or remove it"),
    (ADVISORY_FILE, "CVE-2026-10001", "CVE-26-10001", "7: cves: 'CVE-26-10001' is no CVE id; write CVE-2026-12345"),
    (ADVISORY_FILE, "CVE-2026-10001", "CVE-٢٠٢٦-10001", "7: cves: 'CVE-٢٠٢٦-10001' is no CVE id; write CVE-2026-12345"),
    (ADVISORY_FILE, "CVE-2026-10001", "CVE-2026-0001; x", "7: cves: 'CVE-2026-0001; x' is no CVE id; write CVE-2026-12345"),
    (ADVISORY_FILE, "status: final", "status: final\ncwe: [787]", "6: cwe: '787' is no CWE id; write CWE-787"),
    (ADVISORY_FILE, "CVE-2026-10001", "CVE-2028-10001",
     "7: cves: 'CVE-2028-10001' is later than this bulletin, which ends in 2026; correct the year, or the dates of the bulletin"),
    (ADVISORY_FILE, "CVE-2026-10001", "CVE-1998-10001",
     "7: cves: 'CVE-1998-10001' is from before 1999, when CVE ids began; correct the year"),
    (ADVISORY_FILE, "status: final", "status: final\ncwe: [CWE-79, CWE-7877]",
     "6: cwe: 'CWE-7877' is not in the CWE catalogue; did you mean CWE-787 (Out-of-bounds Write)?"),
    (ADVISORY_FILE, "publish_at: 2026-03-01T16:00:00Z", "publish_at: 2026-03-01T16:00:00",
     "6: publish_at: '2026-03-01T16:00:00' has no zone; add Z for UTC or an offset: 2026-03-01T16:00:00Z"),
    (ADVISORY_FILE, "publish_at: 2026-03-01T16:00:00Z", "publish_at: 2026-03-03T16:00:00Z",
     "13: revisions[1].date: '2026-03-01' is before the first publication (2026-03-03); write the day of publication, or correct publish_at"),
    (ADVISORY_FILE, RANGE, "    ranges: [21.4 before 21.4R3-S5]\n    fixed: [21.4R3-S4]\n",
     "12: affected[1].fixed: '21.4R3-S4' is fixed, yet the ranges call it affected; "
     "end the range before it, such as '21.4 before 21.4R3-S4'"),
    (ADVISORY_FILE, RANGE, "    ranges: [21.4R3 before 21.4R1]\n",
     "11: affected[1].ranges: '21.4R3 before 21.4R1' ends with 21.4R1, which does not come after its start 21.4R3; "
     "put the earlier release first"),
    (ADVISORY_FILE, f"cvss: [{VECTOR}]\n", "", "1: cvss: is missing; add a line 'cvss: ...'"),
    (ADVISORY_FILE, VECTOR, "", "8: cvss: is an empty list; name at least one"),
    (ADVISORY_FILE, VECTOR, "7.5",
     "8: cvss: '7.5' is no CVSS 3.0, 3.1 or 4.0 vector; write CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"),
    (ADVISORY_FILE, VECTOR, "AV:N/AC:L/Au:N/C:N/I:N/A:C",
     "8: cvss: 'AV:N/AC:L/Au:N/C:N/I:N/A:C' is no CVSS 3.0, 3.1 or 4.0 vector; "
     "write CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"),
    (ADVISORY_FILE, VECTOR, "CVSS:3.1/AV:N/AC:L",
     "8: cvss: 'CVSS:3.1/AV:N/AC:L' is no valid CVSS vector (Missing mandatory metrics \"PR, UI, S, C, I, A\"); "
     "compute it anew with a CVSS calculator"),
    (ADVISORY_FILE, "A:H", "A:X", "8: cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:X' is no valid CVSS vector "
     "(Unknown value \"X\" in field \"A:X\"); compute it anew with a CVSS calculator"),
    (ADVISORY_FILE, "CVSS:3.1", "CVSS:4.0", "8: cvss: 'CVSS:4.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' is no valid CVSS vector "
     "(Invalid metric value in CVSS4 vector \"S:U\"); compute it anew with a CVSS calculator"),
    (ADVISORY_FILE, f"affected:\n  - product: exos\n{RANGE}", "", "1: affected: is missing; add a line 'affected: ...'"),
    (ADVISORY_FILE, "status: final", "status: final\nreferences: [{title: x}]",
     "6: references[1].url: is missing; add a line 'url: ...'"),
    (ADVISORY_FILE, "status: final", "status: final\nreferences: [{url: www.example.com}]",
     "6: references[1].url: 'www.example.com' is not a web address; write https://host/path"),
    (ADVISORY_FILE, ONE_ENTRY, "", "1: revisions: is missing; add a line 'revisions: ...'"),
    (ADVISORY_FILE, ONE_ENTRY, "revisions: []\n", "12: revisions: is an empty list; name at least one"),
    (ADVISORY_FILE, 'number: "1", ', "", "13: revisions[1].number: is missing; add a line 'number: ...'"),
    (ADVISORY_FILE, 'number: "1"', "number: one",
     "13: revisions[1].number: 'one' is no revision number; write 1, 2 or 1.0, 1.1"),
    (ADVISORY_FILE, ONE_ENTRY, f'{ONE_ENTRY}  - {{number: "1.0", date: 2026-04-01, text: x}}\n',
     "14: revisions[2].number: '1.0' does not follow 1; numbers only grow"),
    (ADVISORY_FILE, ONE_ENTRY, f'{ONE_ENTRY}  - {{number: "1.10", date: 2026-04-01, text: x}}\n'
                               '  - {number: "1.9", date: 2026-05-01, text: x}\n',
     "15: revisions[3].number: '1.9' does not follow 1.10; numbers only grow"),
    (ADVISORY_FILE, ONE_ENTRY, f'{ONE_ENTRY}  - {{number: "2", date: 2026-02-28, text: x}}\n',
     "14: revisions[2].date: '2026-02-28' is before the entry above (2026-03-01); order entries from old to new"),
    (NOTICE_FILE, "products: [exos]", "products: [exoss]", "7: products: 'exoss' is not a known product; did you mean exos?"),
    (NOTICE_FILE, "id: EXSN-2026-0001", "id: N", "2: id: 'N' is no id of a notice; write an id such as EXSA-2026-0007"),
    (NOTICE_FILE, "status: interim", "status: published", "5: status: 'published' is not allowed here; "
     "write one of draft, interim, final, withdrawn, superseded"),
    (BULLETIN_FILE, "type: hardware\n", "", "1: type: is missing; add a line 'type: ...'"),
    (BULLETIN_FILE, "type: hardware", "type: hardwere", "6: type: 'hardwere' is not allowed here; write hardware?"),
    (BULLETIN_FILE, "products: [exos]\n", "", "1: products: is missing; add a line 'products: ...'"),
    (BULLETIN_FILE, "id: EXTB-2026-0001", "id: B", "2: id: 'B' is no id of a bulletin; write an id such as EXSA-2026-0007"),
    (BULLETIN_FILE, "status: published", "status: superseded",
     "5: status: 'superseded' is not allowed here; write one of draft, published, withdrawn"),
]


@pytest.mark.parametrize(("path", "old", "new", "message"), [*ANY_KIND, *ARTICLES, *REPORTS, *BULLETINS])
def test_one_change_makes_one_finding(tmp_path: Path, path: str, old: str, new: str, message: str) -> None:
    make_site(tmp_path, changed(path, old, new))
    assert load_messages(tmp_path) == [f"{path}:{message}"]


def test_the_site_without_a_change_has_no_finding(tmp_path: Path) -> None:
    assert load_messages(make_site(tmp_path)) == []


def test_all_that_is_wrong_in_a_record_is_found_at_once(tmp_path: Path) -> None:
    make_site(tmp_path, {ADVISORY_FILE: ADVISORY.replace("final", "finale").replace("CVE-2026-10001", "CVE-1").replace(
        "product: exos", "product: exox").replace('number: "1", date: 2026-03-01T16', "date: 2026-03-32T16")})
    assert [message.split(": ")[0:2] for message in load_messages(tmp_path)] == [
        [f"{ADVISORY_FILE}:{line}", field] for line, field in (
            (5, "status"), (7, "cves"), (10, "affected[1].product"), (13, "revisions[1].date"), (13, "revisions[1].number"))]


def test_both_faults_of_a_revision_are_found(tmp_path: Path) -> None:
    make_site(tmp_path, changed(ADVISORY_FILE, ONE_ENTRY, f'{ONE_ENTRY}  - {{number: "1", date: 2026-02-01, text: x}}\n'))
    assert load_messages(tmp_path) == [
        f"{ADVISORY_FILE}:14: revisions[2].date: '2026-02-01' is before the entry above (2026-03-01); "
        "order entries from old to new",
        f"{ADVISORY_FILE}:14: revisions[2].number: '1' does not follow 1; numbers only grow"]


def test_a_line_has_the_rules_of_a_file(tmp_path: Path) -> None:
    good = {"id": 5, "title": "T", "status": "open", "affected": [{"product": "exos"}], "created": "2026-01-01",
            "updated": "2026-01-01"}
    lines = [good, good | {"id": 6, "status": "opn"}, good | {"id": 7, "foo": 1}, good | {"id": 8, "problem": ["x"]},
             good | {"id": "../../x"}, good | {"id": 9, "title": None}, {}]
    make_site(tmp_path, {"reports/a.jsonl": "\n".join(json.dumps(line) for line in lines)})
    assert [message.removeprefix("reports/a.jsonl:") for message in load_messages(tmp_path)] == [
        "2: status: 'opn' is not allowed here; write open?",
        "3: foo: is not a known field; known fields: body, problem, symptoms, environment, configuration, trigger, impact, "
        "exploitation, cause, workaround, mitigation, restoration, solution, action, upgrade, verification, notes, title, "
        "summary, language, audience, keywords, id, status, aliases, related, publish_at, affected, component, created, "
        "updated, severity, duplicate_of, history",
        "4: problem: is a list, not one value; write one value",
        "5: id: '../../x' is no id of a report; write a number of up to nine digits: 1747984",
        "6: title: is missing; add a line 'title: ...'",
        *(f"7: {name}: is missing; add a line '{name}: ...'" for name in
          ("affected", "created", "id", "status", "title", "updated"))]
    assert [record.id for record in loaded(tmp_path).records if record.kind == "report"] == ["1700001", "5"]


def test_a_component_where_products_list_none_stays_as_written(tmp_path: Path) -> None:
    make_site(tmp_path, {"reports/5.md": REPORT.replace("1700001", "5").replace("component: bgp", "component: Ansible modules")
                         .replace("product: exos", "product: exlinux").replace("21.4 before 21.4R3-S5", "5.1")
                         .replace("21.4R3-S5", "5.2.0")})
    record = only_record(tmp_path, "5")
    assert isinstance(record, Report) and record.component == "Ansible modules"


# -- scores ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vector", "score", "severity"), [
    ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "critical"),
    ("CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1, "low"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0, "critical"),
    ("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 6.5, "medium"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, "none"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H/E:U/RL:O/RC:U", 7.5, "high"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, "critical"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0, "critical"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N/E:U", 6.6, "medium"),
    ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3, "high"),
    ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7, "high"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N", 5.3, "medium"),
    ("CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 1.0, "low"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0, "none"),
])
def test_scores_are_computed(tmp_path: Path, vector: str, score: float, severity: str) -> None:
    make_site(tmp_path, changed(ADVISORY_FILE, VECTOR, f'"{vector}"'))
    record = only_record(tmp_path, "EXSA-2026-0001")
    assert isinstance(record, SecurityBulletin)
    assert record.scores == (Score(vector, vector[5:8], score, severity),)  # type: ignore[arg-type]
    assert record.severity == severity_of(record) == severity


def test_the_severity_is_that_of_the_worst_score(tmp_path: Path) -> None:
    vectors = [f"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:{letter}/I:{letter}/A:{letter}" for letter in "LHN"]
    make_site(tmp_path, changed(ADVISORY_FILE, f"[{VECTOR}]", json.dumps(vectors)))
    record = only_record(tmp_path, "EXSA-2026-0001")
    assert isinstance(record, SecurityBulletin)
    assert [score.severity for score in record.scores] == ["high", "critical", "none"]
    assert record.severity == "critical"


# -- properties of records -------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), [
    ("kb10042", "KB10042"), ("PR1747984", "1747984"), ("pr 1747984", "1747984"), ("PR-1747984", "1747984"),
    ("pr#1747984", "1747984"), (" EXSA-2026-0007 ", "EXSA-2026-0007"), ("PRX1", "PRX1"), ("PR", "PR"), ("PR1a", "PR1A"),
    ("PR١", "PR١"), ("Leaky Bucket", "LEAKYBUCKET")])
def test_ids_are_compared_without_case_space_and_pr(text: str, expected: str) -> None:
    assert normal_id(text) == expected


def test_what_a_record_says_of_itself(tmp_path: Path) -> None:
    make_site(tmp_path, {
        "articles/KB10001.ru.md": "---\ntitle: Журналы\n---\n\n## Решение\n\nКоманда.\n",
        **changed(REPORT_FILE, "status: open", "status: duplicate\nduplicate_of: 1700002\npublish_at: 2026-01-20T00:00:00Z")})
    article, report = only_record(tmp_path, "KB10001"), only_record(tmp_path, "1700001")
    advisory, notice = only_record(tmp_path, "EXSA-2026-0001"), only_record(tmp_path, "EXSN-2026-0001")
    bulletin = only_record(tmp_path, "EXTB-2026-0001")
    assert [record.path for record in (article, report, advisory, notice, bulletin)] == [
        "kb/KB10001/", "pr/1700001/", "advisories/EXSA-2026-0001/", "notices/EXSN-2026-0001/", "bulletins/EXTB-2026-0001/"]
    assert (article.published, report.published) == (utc(2026, 1, 10), utc(2026, 1, 20))
    assert (article.text_in("ru").title, article.text_in("en").title, article.text_in("de").title) == (
        "Журналы", "Collect logs of a router", "Collect logs of a router")
    solution = article.text_in("ru").section("solution")
    assert solution and (solution.title, solution.line, article.text_in("ru").section("cause")) == ("Решение", 7, None)
    assert [successor_of(record) for record in (article, report, advisory, bulletin)] == ["", "1700002", "", ""]
    assert [bool(affected_of(record)) for record in (article, report, advisory, notice)] == [False, True, True, False]
