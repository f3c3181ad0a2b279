"""CSAF documents: valid by the standard's tests, and saying what pages and ``waypost affected`` say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from generator.build import make_editions
from generator.csaf.document import document, document_bytes, edition_for
from generator.csaf.paths import as_uri, csaf_path, file_name, provided
from generator.csaf.plain_text import to_plain_text
from generator.csaf.product_tree import ProductTree
from generator.csaf.revisions import version_numbers
from generator.markdown import Target, Words, to_html
from kb.library import Library
from kb.portal import Portal
from kb.product_status import product_statuses
from kb.ranges import Affected, compile_affected
from prsearch.releases import affected
from tests.generator.csaf.sites import BULLETINS
from tests.generator.support import SITE, write_site
from tests.kb.any_ranges import ENTRIES, EXOS, KNOWN, PLATFORMS, library, report
from tests.kb.checking import library_of

CONTENT = Path(__file__).resolve().parents[3] / "content"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def example() -> Library:
    return library_of(CONTENT)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return library_of(write_site(tmp_path_factory.mktemp("site"), BULLETINS))


def written(library: Library, folder: Path) -> list[Path]:
    editions, files = make_editions(library), []
    for head in provided(library):
        record = library.records[head.key]
        file = folder / csaf_path(head).rpartition("/")[2]
        file.write_bytes(document_bytes(edition_for(editions, record.text.language), record))  # type: ignore[arg-type]
        files.append(file)
    return files


def of(library: Library, record_id: str) -> Json:
    record = library.records[record_id]
    return document(edition_for(make_editions(library), record.text.language), record)  # type: ignore[arg-type]


@pytest.mark.slow
def test_documents_of_the_example_portal_are_valid(
        example: Library, tmp_path: Path, validate: Callable[[list[Path]], dict[str, dict[str, list[str]]]]) -> None:
    """By the mandatory tests and the optional ones too."""
    files = written(example, tmp_path)
    assert len(files) > 15
    found = validate(files)
    assert {name: said["errors"] for name, said in found.items() if said["errors"]} == {}
    # CSAF 2.0 has no place for CVSS 4.0, so an advisory that has no other score has none there.
    only_4 = {file_name(head.id) for head in provided(example) if (scores := example.records[head.key].scores)  # type: ignore[union-attr]
              and all(score.version == "4.0" for score in scores)}
    assert {file.name: said["warnings"] for file in files if (said := found[(name := file.name)])
            and said["warnings"] and not (name in only_4 and all(line.startswith("6.2.3 ") for line in said["warnings"]))} == {}


def test_bytes_are_utf_8_with_sorted_keys(example: Library, tmp_path: Path) -> None:
    for file in written(example, tmp_path):
        text = file.read_bytes().decode("utf-8")

        def check(pairs: list[tuple[str, object]]) -> dict[str, object]:
            names = [name for name, _value in pairs]
            assert names == sorted(names)
            return dict(pairs)

        json.loads(text, object_pairs_hook=check)
        assert text.endswith("}\n")


def branches(items: list[Json], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    for item in items:
        if "product" in item:
            yield (*above, item["name"]), item
        yield from branches(item.get("branches", []), (*above, item["name"]))


def test_releases_have_the_status_that_the_command_tells(example: Library) -> None:
    """Known releases are affected in a document where ``waypost affected`` says so, and nowhere else."""
    seen = 0
    for head in (head for head in provided(example) if head.kind == "advisory"):
        record, found = example.records[head.key], of(example, head.key)
        entries = record.affected  # type: ignore[union-attr]
        bases = {item["product"]["product_id"]: path for path, item in branches(found["product_tree"]["branches"])}
        where = {name: (path, "") for name, path in bases.items()}
        for relation in found["product_tree"].get("relationships", []):
            where[relation["full_product_name"]["product_id"]] = (
                bases[relation["product_reference"]], relation["relates_to_product_reference"].partition("@")[2])
        for vulnerability in found["vulnerabilities"]:
            said: dict[tuple[str, str, str], str] = {}
            for group, ids in vulnerability["product_status"].items():
                if group != "recommended":
                    for name in ids:
                        path, platform = where[name]
                        said.setdefault((path[1], path[2], platform), group.removeprefix("known_").removeprefix("first_"))
            for product in example.catalogue.products:
                compiled = compile_affected(entries, product.id, product.scheme)
                platforms = {platform for name, _release, platform in said if name == product.name}
                for release in product.release_order.names:
                    for platform in platforms:
                        verdict = compiled.verdict(release, platform or None).status
                        told = said.get((product.name, release, platform))
                        assert told in ({verdict} if verdict in {"affected", "fixed"} else {None, "not_affected", "under_investigation"}), (head.id, release)
                        seen += told is not None
                if not platforms:
                    assert not any(compiled.verdict(name).status == "affected" for name in product.release_order.names)
    assert seen > 100


def test_an_advisory_says_all_that_it_has(small: Library) -> None:
    found = of(small, "SA-2025-0002")
    own, (first, second) = found["document"], found["vulnerabilities"]
    assert (own["category"], own["lang"], own["distribution"]["tlp"]["label"]) == ("csaf_security_advisory", "en", "GREEN")
    assert own["publisher"] == {"category": "vendor", "name": "Box Networks", "namespace": "https://support.example.com/"}
    assert own["acknowledgments"] == [{"summary": "Somebody who asked to stay unnamed"}]
    assert (own["tracking"]["status"], own["tracking"]["version"], own["tracking"]["aliases"]) == ("interim", "2", ["Leaky Box"])
    assert own["tracking"]["initial_release_date"] == own["tracking"]["revision_history"][0]["date"] == "2025-12-31T23:30:00Z"
    assert own["tracking"]["revision_history"][1]["legacy_version"] == "4"
    assert {note["title"] for note in own["notes"]} == {"Summary", "Description", "Own words"}
    assert "https://example.org/%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80?a=b" in {item["url"] for item in own["references"]}
    assert [item["cve"] for item in (first, second)] == ["CVE-2025-990001", "CVE-2025-990002"]
    assert first["cwe"] == {"id": "CWE-416", "name": "Use After Free"}
    assert {note["title"]: note["text"] for note in first["notes"]} == {
        "Problem": "Water.", "CVSS 3.0": "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N\n7.5 High",
        "CVSS 4.0": "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L\n8.2 High",
        "Further weaknesses": "CWE-617 Reachable Assertion"}
    (score,) = first["scores"]
    assert (score["cvss_v3"]["version"], score["cvss_v3"]["baseScore"], score["cvss_v3"]["temporalScore"]) == ("3.1", 9.1, 8.6)
    assert first["threats"] == [{"category": "exploit_status", "details": "None is known."}, {"category": "impact", "details": "Wet feet."}]
    assert [(item["category"], item["details"]) for item in first["remediations"]] == [
        ("vendor_fix", "Fixed releases of BoxOS: 1.0.1"), ("workaround", "Use a bucket:\n\n    bucket --below box")]
    assert first["product_status"] == {
        "first_fixed": ["box:1.0.1@bx1"], "fixed": ["box:1.0.1@bx1"], "recommended": ["box:1.0.1@bx1"],
        "known_affected": ["box:vers:generic/>=1.0|<1.0.1@bx1", "box:1.0.0@bx1"]}
    assert score["products"] == first["product_status"]["known_affected"]


def test_what_is_hidden_leaves_no_trace(small: Library) -> None:
    text = json.dumps(of(small, "SA-2025-0002"))
    assert "KB99999" not in text
    assert "Secret" not in text
    assert "SA-2026-0001 The box opens to everybody (https://support.example.com/advisories/SA-2026-0001/)" in text


def test_without_ranges_products_are_under_investigation(small: Library) -> None:
    (only,) = of(small, "SA-2026-0003")["vulnerabilities"]
    assert only["product_status"] == {"under_investigation": ["box:vers:all/*"]}
    assert only["remediations"] == [
        {"category": "none_available", "details": "No fixed release is known.", "product_ids": ["box:vers:all/*"]}]
    assert only["ids"] == [{"system_name": "Advisories of Box Networks", "text": "SA-2026-0003"}]
    assert "scores" not in only


def test_a_superseded_document_leads_to_its_successor(small: Library) -> None:
    own = of(small, "SA-2026-0003")["document"]
    assert own["notes"][0]["text"] == "Superseded. Read this instead: SA-2026-0001: The box opens to everybody"
    assert own["tracking"]["status"] == "final"
    assert [entry["number"] for entry in own["tracking"]["revision_history"]] == ["1.0.0", "1.1.0"]
    assert {"category": "external", "summary": "Superseded by SA-2026-0001: The box opens to everybody",
            "url": "https://support.example.com/advisories/SA-2026-0001/"} in own["references"]


def test_a_withdrawn_document_says_so(example: Library) -> None:
    (withdrawn,) = (head for head in provided(example) if head.status == "withdrawn")
    assert of(example, withdrawn.key)["document"]["notes"][0] == {
        "category": "general", "title": "Status", "text": "Withdrawn. This record is kept for reference; do not act on it."}


def test_a_notice_informs(small: Library) -> None:
    found = of(small, "SN-2026-0001")
    assert found["document"]["category"] == "csaf_informational_advisory"
    assert "vulnerabilities" not in found
    assert {"category": "external", "summary": "Security notices", "url": "https://support.example.com/notices/"} in found["document"]["references"]


def test_a_document_is_in_the_language_of_its_author(tmp_path: Path) -> None:
    russian = SITE["advisories/SA-2026-0001.md"].replace("status: final", "status: final\nlanguage: ru").replace("## Problem", "## Проблема")
    library = library_of(write_site(tmp_path, {"advisories/SA-2026-0001.md": russian}))
    found = of(library, "SA-2026-0001")
    assert found["document"]["lang"] == "ru"
    assert found["vulnerabilities"][0]["notes"][0]["title"] == "Проблема"
    assert found["document"]["references"][1]["url"] == "https://support.example.com/ru/advisories/SA-2026-0001/"


PORTAL = Portal("Box Networks", "https://box.example/", ("en",), ())


@given(ENTRIES)
def test_any_ranges_have_the_status_that_the_command_tells(entries: list[Affected]) -> None:
    found = library(entries)
    (status,) = product_statuses(report(entries), found.catalogue)
    groups = ProductTree(PORTAL).state(status).groups
    for platform in PLATFORMS if any(part.platforms for part in status.parts) else [None]:
        for release in (*KNOWN, *status.releases.named):
            told = f"exos:{release}" + (f"@{platform}" if platform else "") in groups.get("known_affected", ())
            assert told == bool(affected(found, EXOS, release, platform)), (release, platform)
    named = [name for group in ("known_affected", "fixed", "known_not_affected", "under_investigation") for name in groups.get(group, ())]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("numbers", "expected"), [
    ("1 2 3", "1 2 3"), ("1", "1"), ("1.0 1.1 2.0", "1.0.0 1.1.0 2.0.0"), ("1 1.1 2", "1.0.0 1.1.0 2.0.0"),
    ("1 3", ""), ("2", ""), ("0.9 1.0", ""), ("0 1", ""),
])
def test_numbers_of_revisions(numbers: str, expected: str) -> None:
    assert version_numbers(numbers.split()) == expected.split()


@pytest.mark.parametrize(("markdown", "text"), [
    ("One *two*\n`three`.", "One two three."),
    ("One  \ntwo", "One\ntwo"),
    ("[a page](/kb/)", "a page (https://box.example/kb/)"),
    ("[out](https://example.org/)", "out (https://example.org/)"),
    ("<https://example.org/>", "https://example.org/"),
    ("[gone](hidden)", "gone"),
    ("[[hidden]]", ""),
    ("1. a\n2. b\n   - c\n   - d", "1. a\n2. b\n   - c\n   - d"),
    ("7. a", "7. a"),
    ("- a\n\n      x\n       y", "- a\n      x\n       y"),
    ("> a\n\n> b", "> a\n\n> b"),
    ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2"),
    ("# Head\n\ntext", "Head\n\ntext"),
    ("a<script>alert(1)</script>b", "ab"),
    ("a[^1]\n\n[^1]: b", "a1\n\n1. b"),
    ("&lt;b&gt; &amp;", "<b> &"),
])
def test_plain_text(markdown: str, text: str) -> None:
    def resolve(address: str) -> Target | None:
        return Target("") if address == "hidden" else Target("\x7fkb/") if address == "/kb/" else None

    assert to_plain_text(to_html(markdown, resolve, Words(table="Table"), set()), "https://box.example/") == text


def test_deep_nesting_is_no_trouble() -> None:
    for mark in (">", "- "):
        html = to_html(mark * 3000 + "x", lambda address: None, Words(table="Table"), set())
        assert len(to_plain_text(html, "https://box.example/")) < 2_000_000
    assert "x" in to_plain_text("<em>" * 240 + "x", "https://box.example/")


@pytest.mark.parametrize(("record_id", "name"), [
    ("EXSA-2026-0007", "exsa-2026-0007.json"), ("A.B_1", "a_b_1.json"), ("x+1..2", "x+1_2.json")])
def test_file_names(record_id: str, name: str) -> None:
    assert file_name(record_id) == name


def test_addresses_become_uris() -> None:
    assert as_uri("https://пример.рф/путь?q=й#я") == "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C?q=%D0%B9#%D1%8F"
    assert as_uri("https://example.org/%20?a=b&c") == "https://example.org/%20?a=b&c"
