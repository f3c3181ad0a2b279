"""Documents of others, imported and written again: valid, and with the same ids, titles, dates, scores, products, remedies, references."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.build import make_editions
from generator.csaf.document import document, document_bytes, edition_for
from kb.importers import run_import
from kb.library import Library
from kb.records import SecurityBulletin
from tests.kb.checking import library_of

pytestmark = pytest.mark.slow
Json = dict[str, Any]
COUNT = 238

# What differs, and why: products with a score and no status count as affected; the same product under two names of its vendor is one.
SCORED_ONLY = "ICSA-20-105-06"
OTHER_VENDOR = {"ICSA-22-300-04": {"Trihedral"}}


@pytest.fixture(scope="module")
def imported(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("cisa")
    (root / "portal.yml").write_text("name: T\nvendor: T\nurl: https://support.example.com/\n", encoding="utf-8")
    report = run_import("csaf", shared_data / "csaf-cisa", root)
    assert (report.rejected, report.kept) == (0, 0)
    assert {finding.level for finding in report.findings} == {"note"}
    assert len([finding for finding in report.findings if "no record has a place for" not in finding.reason]) == 1
    assert run_import("csaf", shared_data / "csaf-cisa", root).written == 0
    return library_of(root)


@pytest.fixture(scope="module")
def pairs(imported: Library, shared_data: Path) -> list[tuple[Json, Json]]:
    """(theirs, ours) of each document."""
    editions = make_editions(imported)
    found = []
    for file in sorted((shared_data / "csaf-cisa").glob("*.json")):
        theirs = json.loads(file.read_bytes())
        record = imported.find(theirs["document"]["tracking"]["id"])
        assert isinstance(record, SecurityBulletin), file.name
        found.append((theirs, document(edition_for(editions, record.text.language), record)))
    assert len(found) == COUNT
    return found


def line(text: str) -> str:
    return " ".join(text.split())


def words(text: str) -> str:
    """A text without what its form makes of it: spaces, marks of lists, brackets around addresses."""
    return re.sub(r"\W+", "", text)


def second(text: str) -> str:
    """A time to the second; theirs have zeros after it."""
    return text[:19]


def products(found: Json) -> dict[str, tuple[str, str, str, str]]:
    """(whole name, vendor, product, version) by product id."""

    def below(branches: Iterable[Json], vendor: str, product: str) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
        for branch in branches:
            here = (line(branch["name"]) if branch["category"] == "vendor" else vendor,
                    line(branch["name"]) if branch["category"] == "product_name" else product)
            if "product" in branch:
                yield branch["product"]["product_id"], (line(branch["product"]["name"]), *here, line(branch["name"]))
            yield from below(branch.get("branches", ()), *here)

    return dict(below(found["product_tree"]["branches"], "", ""))


def each(pairs: list[tuple[Json, Json]]) -> Iterator[tuple[str, Json, Json, Callable[[Iterable[str]], set[str]], Callable[[Iterable[str]], set[str]]]]:
    """(where, theirs, ours) of each vulnerability, with functions from product ids to whole names."""
    for theirs, ours in pairs:
        named, also = products(theirs), products(ours)
        own = {item["cve"]: item for item in ours["vulnerabilities"]}
        for item in theirs["vulnerabilities"]:
            yield (f"{theirs['document']['tracking']['id']} {item['cve']}", item, own[item["cve"]],
                   lambda ids, named=named: {named[name][0] for name in ids}, lambda ids, also=also: {also[name][0] for name in ids})  # type: ignore[misc]


def test_all_are_valid(imported: Library, tmp_path: Path, validate: Callable[[list[Path]], dict[str, dict[str, list[str]]]]) -> None:
    editions, files = make_editions(imported), []
    for head in imported.of_kind("advisory"):
        record = imported.records[head.key]
        assert isinstance(record, SecurityBulletin)
        files.append(tmp_path / f"{head.id.lower()}.json")
        files[-1].write_bytes(document_bytes(edition_for(editions, record.text.language), record))
    found = validate(files)
    assert len(found) == COUNT
    assert {name: result["errors"] for name, result in found.items() if result["errors"]} == {}


def test_documents_keep_what_they_say_as_a_whole(pairs: list[tuple[Json, Json]]) -> None:
    for theirs, ours in pairs:
        one, other = theirs["document"], ours["document"]
        name = one["tracking"]["id"]
        assert other["tracking"]["id"] == name
        assert (other["title"], other["tracking"]["status"], other["category"]) == (line(one["title"]), one["tracking"]["status"], one["category"])
        assert other["distribution"]["tlp"]["label"] == one["distribution"]["tlp"]["label"]
        assert other["distribution"]["text"] == one["distribution"]["text"]
        for moment in ("initial_release_date", "current_release_date"):
            assert second(other["tracking"][moment]) == second(one["tracking"][moment]), name
        assert [(item["number"], second(item["date"]), item["summary"]) for item in other["tracking"]["revision_history"]] == [
            (item["number"], second(item["date"]), line(item["summary"])) for item in one["tracking"]["revision_history"]], name
        titles: dict[str, set[str]] = {}
        for reference in one["references"]:
            titles.setdefault(reference["url"], set()).add(line(reference["summary"]))
        kept = {reference["url"]: reference["summary"] for reference in other["references"]}
        assert {url for url in titles if kept.get(url) not in titles[url]} == set(), name
        notes = words(" ".join(note["text"] for note in other["notes"]))
        assert [note["title"] for note in one["notes"] if words(note["text"]) not in notes] == [], name
        thanks = words(" ".join(item["summary"] for item in other.get("acknowledgments", ())))
        assert all(words(text) in thanks for item in one.get("acknowledgments", ()) for text in (*item.get("names", ()), item.get("organization", ""), item["summary"])), name


def test_documents_keep_their_products(pairs: list[tuple[Json, Json]]) -> None:
    for theirs, ours in pairs:
        name, one, other = theirs["document"]["tracking"]["id"], products(theirs).values(), products(ours).values()
        assert {item[0] for item in one} <= {item[0] for item in other}, name
        assert {item[1] for item in one} - {item[1] for item in other} == OTHER_VENDOR.get(name, set()), name
        assert {item[2].casefold() for item in one} <= {item[2].casefold() for item in other}, name
        assert {(item[0], item[3]) for item in one} <= {(item[0], item[3]) for item in other}, name


def test_vulnerabilities_keep_what_is_said_of_each(pairs: list[tuple[Json, Json]]) -> None:
    assert all([item["cve"] for item in theirs["vulnerabilities"]] == [item["cve"] for item in ours["vulnerabilities"]] for theirs, ours in pairs)
    for where, one, other, _named, _also in each(pairs):
        assert other.get("title", "") == line(one.get("title", "")), where
        assert other["cwe"]["id"] == one["cwe"]["id"], where
        assert {(item["url"], line(item["summary"])) for item in one.get("references", ())} <= {
            (item["url"], item["summary"]) for item in other.get("references", ())}, where
        assert all(words(note["text"]) in words(" ".join(item["text"] for item in other["notes"])) for note in one["notes"]), where


def test_vulnerabilities_keep_their_scores_and_products(pairs: list[tuple[Json, Json]]) -> None:
    for where, one, other, named, also in each(pairs):
        everything = named(one["product_status"]["known_affected"])
        told = also(other["product_status"]["known_affected"])
        assert everything <= told, where

        def scored(item: Json, names: Callable[[Iterable[str]], set[str]]) -> set[tuple[str, str, float, str]]:
            return {(score["cvss_v3"]["version"], score["cvss_v3"]["vectorString"], score["cvss_v3"]["baseScore"], name)
                    for score in item.get("scores", ()) for name in names(score["products"])}

        assert scored(one, named) <= scored(other, also), where


def test_no_product_of_another_vulnerability_counts_as_affected(pairs: list[tuple[Json, Json]]) -> None:
    every = {theirs["document"]["tracking"]["id"]: {item[0] for item in products(theirs).values()} for theirs, _ours in pairs}
    for where, one, other, named, also in each(pairs):
        document_id = where.split()[0]
        more = (also(other["product_status"]["known_affected"]) & every[document_id]) - named(one["product_status"]["known_affected"])
        assert bool(more) == (document_id == SCORED_ONLY), where


def test_vulnerabilities_keep_their_remediations(pairs: list[tuple[Json, Json]]) -> None:
    for where, one, other, named, also in each(pairs):
        texts = [{(item["category"], words(item["details"]), item.get("url", "")) for item in found["remediations"]} for found in (one, other)]
        assert texts[0] == texts[1], where
        covered = {(words(item["details"]), name) for item in one["remediations"] for name in named(item["product_ids"])}
        assert covered <= {(words(item["details"]), name) for item in other["remediations"] for name in also(item["product_ids"])}, where
