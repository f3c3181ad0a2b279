"""OSV documents: schema-valid, in step with the pages, and without a trace of what is hidden."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator.build import make_editions
from generator.osv import LISTING, osv_document, osv_path
from generator.portable import portable
from kb.library import Library
from kb.records import SecurityBulletin
from prsearch.releases import affected
from tests.generator.support import build_site, edit, tree, write_site
from tests.kb.checking import library_of

CONTENT = Path(__file__).resolve().parents[2] / "content"
PACKAGE = "osv==0.1.3"  # the last with the schema, 1.7
Json = dict[str, Any]


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """The schema out of a package that is for a later Python, so it is unpacked only; this portal's ids are added to the registry of
    databases, as the schema asks every database to do."""
    folder = tmp_path_factory.mktemp("osv")
    done = subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--ignore-requires-python", "--target", str(folder),
                           PACKAGE], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs the package {PACKAGE} from PyPI: {done.stderr.strip()[-200:]}")
    found: Json = json.loads((folder / "osv/osv-schema/validation/schema.json").read_bytes())
    prefix = found["$defs"]["prefix"]
    prefix["pattern"] = prefix["pattern"].replace("^(", "^(EXSA|SA|", 1)
    return found


@pytest.fixture(scope="module")
def example() -> Library:
    return library_of(CONTENT)


def documents(library: Library) -> dict[str, Json]:
    edition = make_editions(library)[0]
    records = (library.records[head.key] for head in library.of_kind("advisory"))
    return {record.id: osv_document(edition, record) for record in records if isinstance(record, SecurityBulletin)}


ADVISORY = """\
---
id: SA-2026-0005
status: final
title: The box and the library open
summary: Two faults.
publish_at: 2026-02-11T16:00:00Z
aliases: [GHSA-aaaa-bbbb-cccc]
vulnerabilities:
  - id: CVE-2026-990001
    title: The box opens
    cvss: ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"]
    cwe: [CWE-287]
    affects: [box]
  - id: CVE-2026-990002
    cvss: ["CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L"]
affected:
  - {product: box, ref: box, ranges: [1.0 before 1.0.1], fixed: [1.0.1]}
  - product: boxlib
    ranges:
      - 1.1.0 before 1.1.2
      - all before 1.0.3
remediations:
  - {category: vendor_fix, text: Update, url: "https://example.com/update"}
credits: [A. Tester (reporter), Somebody]
references:
  - {title: Source, url: "https://example.org/a", type: report}
revisions:
  - {number: "1", date: 2026-02-11, text: First publication.}
---
See [[SA-2026-0001]], [[KB10001|this]], [[KB70001]], [words](KB70001), [the log](https://example.org/x).

## Solution

Update, as `[[KB10001]]` says.
"""
LIBRARY = """\
id: boxlib
name: Box library
package: {ecosystem: PyPI, name: boxlib}
scheme: semver
releases: [{id: 1.0.2}, {id: 1.0.3}, {id: 1.1.0}, {id: 1.1.1}, {id: 1.1.2}]
"""
HIDDEN = "---\nid: KB70001\nstatus: draft\ntitle: Hidden\nsummary: Hidden.\nproducts: [box]\ncreated: 2026-01-01\nupdated: 2026-01-01\n---\nNothing.\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", {
        "advisories/SA-2026-0005.md": ADVISORY, "products/boxlib.yml": LIBRARY, "articles/KB70001.md": HIDDEN})


def test_documents_of_the_example_portal_are_valid(example: Library, schema: Json) -> None:
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    found = documents(example)
    assert len(found) > 10
    assert {name: [error.message for error in validator.iter_errors(document)] for name, document in found.items()} == {key: [] for key in found}


def test_a_document_says_all(small: Path, schema: Json) -> None:
    document = documents(library_of(small))["SA-2026-0005"]
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document == {
        "schema_version": "1.7.3", "id": "SA-2026-0005", "modified": "2026-02-11T16:00:00Z", "published": "2026-02-11T16:00:00Z",
        "aliases": ["GHSA-aaaa-bbbb-cccc"], "related": ["CVE-2026-990001", "CVE-2026-990002", "SA-2026-0001"],
        "summary": "The box and the library open",
        "details": "Two faults.\n\nSee [SA-2026-0001: The box opens to everybody](https://support.example.com/advisories/SA-2026-0001/), "
                   "[this](https://support.example.com/kb/KB10001/), , words, [the log](https://example.org/x).\n\n"
                   "## Solution\n\nUpdate, as `[[KB10001]]` says.",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
                     {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L"}],
        "affected": [
            {"versions": ["1.0.0"], "database_specific": {
                "product": {"id": "box", "name": "BoxOS"}, "fixed": ["1.0.1"],
                "parts": [{"ranges": ["vers:generic/>=1.0|<1.0.1"], "first_fixed": ["1.0.1"]}]}},
            {"package": {"ecosystem": "PyPI", "name": "boxlib"},
             "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.1.0"}, {"fixed": "1.1.2"}]},
                        {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.3"}]}],
             "versions": ["1.0.2", "1.1.0", "1.1.1"], "database_specific": {
                 "product": {"id": "boxlib", "name": "Box library"}, "fixed": ["1.0.3", "1.1.2"],
                 "parts": [{"ranges": ["vers:semver/>=1.1.0|<1.1.2", "vers:semver/<1.0.3"], "first_fixed": ["1.0.3", "1.1.2"]}]}}],
        "references": [{"type": "ADVISORY", "url": "https://support.example.com/advisories/SA-2026-0005/"},
                       {"type": "REPORT", "url": "https://example.org/a"}, {"type": "FIX", "url": "https://example.com/update"}],
        "credits": [{"name": "A. Tester", "type": "REPORTER"}, {"name": "Somebody"}],
        "database_specific": {
            "url": "https://support.example.com/advisories/SA-2026-0005/", "status": "final", "severity": "CRITICAL", "cwe_ids": ["CWE-287"],
            "vulnerabilities": [
                {"id": "CVE-2026-990001", "title": "The box opens", "cvss": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"], "cwe_ids": ["CWE-287"]},
                {"id": "CVE-2026-990002", "cvss": ["CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L"]}]}}


@pytest.mark.parametrize("written", ['<a href="KB70001">raw</a>', "[ref][x]\n\n[x]: KB70001", "![p](<KB70001>)", "[a\\]b](KB70001 'KB70001')",
                                     "[[KB70001|one]] and [[KB70001]]", "| a |\n| - |\n| [x](KB70001) |", "> - [x](KB70001)"])
def test_no_form_of_a_link_names_a_hidden_record(written: str, small: Path) -> None:
    library = library_of(small)
    edition = make_editions(library)[0]
    assert "KB70001" not in portable(edition, library.records["SA-2026-0005"].text, f"Before\n\n{written}\n\nafter")


def test_what_is_withdrawn_says_so(small: Path) -> None:
    edit(small, "advisories/SA-2026-0005.md", "status: final", "status: withdrawn")
    assert documents(library_of(small))["SA-2026-0005"]["withdrawn"] == "2026-02-11T16:00:00Z"


@pytest.mark.usefixtures("quick_shell")
def test_a_build_has_each_document_and_lists_them_newest_first(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_site(small, out)
    files = {path: json.loads(data) for path, data in tree(out).items() if path.startswith("osv/")}
    listing = files.pop(LISTING)
    assert [entry["id"] for entry in listing] == sorted((document["id"] for document in files.values()), key=lambda name: (
        [-ord(sign) for sign in files[f"osv/{name}.json"]["modified"]], name))
    assert {path: document["id"] for path, document in files.items()} == {f"osv/{entry['id']}.json": entry["id"] for entry in listing}
    assert all(files[f"osv/{entry['id']}.json"]["modified"] == entry["modified"] for entry in listing)
    assert not re.search(r"KB70001|\x7f", json.dumps(files))


@pytest.mark.usefixtures("quick_shell")
def test_an_unchanged_document_is_not_made_again(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    build_site(small, out, cache=cache)
    before = tree(out)
    edit(small, "advisories/SA-2026-0005.md", "Update, as", "Change, as")
    made: list[str] = []
    monkeypatch.setattr("generator.osv._document", lambda edition, key: made.append(key) or b"{}\n")
    build_site(small, out, cache=cache)
    assert made == ["SA-2026-0005"]
    assert {path for path, data in tree(out).items() if path.startswith("osv/") and before.get(path) != data} == {"osv/SA-2026-0005.json"}


def test_only_advisories_have_a_document(example: Library) -> None:
    for head in example.heads.values():
        assert bool(osv_path(head)) == (head.kind == "advisory")


def test_affected_releases_are_those_of_the_affected_command(example: Library) -> None:
    """For each advisory of the example portal and each known release."""
    found = {name: {item["database_specific"]["product"]["id"]: set(item.get("versions", ())) for item in document.get("affected", ())}
             for name, document in documents(example).items()}
    for product in example.catalogue.products:
        for release in product.releases:
            hits = {hit.record.id for hit in affected(example, product, release.id)}
            told = {name for name, products in found.items() if release.id in products.get(product.id, ())
                    and example.records[name].status not in {"withdrawn", "superseded"}}
            assert told == {name for name in hits if name in found}, (product.id, release.id)


def test_who_names_an_advisory_later_does_not_change_its_document(small: Path) -> None:
    """``modified`` stays, so nobody would fetch it again."""
    found = documents(library_of(small))
    assert "SA-2026-0001" in found["SA-2026-0005"]["related"] and "related" not in found["SA-2026-0001"]
