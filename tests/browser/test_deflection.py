"""Whether a known issue shows up before a case about it goes on: a portal of real known issues, asked as its customers would.

Asked is what the page of a case asks, by its own module in Node.js: an issue's title in other words, the sentence that tells its
symptom, and that sentence where the record does not hold it. Counted is how often the issue is among the five that the page offers.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, expect

from generator.build import Options, build
from kb.importers import run_import
from kb.library import Library
from tests.benchmarks.search_quality import AT, PORTAL, cut_issue, library_of, misspelt
from tests.browser.support import SOFTWARE, Portal, Watch, served
from tests.browser_modules import answering

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST = 200  # characters that the page takes as a title
LEAST = {"title in other words": 0.97, "symptom": 0.97, "symptom left out": 0.88}  # measured: 1.000, 1.000, 0.934


class Query(NamedTuple):
    """What is asked, and the alias of the record that should be shown."""

    kind: str
    text: str
    wanted: str


class Site(NamedTuple):
    """A built portal of known issues, its records, and what is asked of it."""

    folder: Path
    library: Library
    queries: list[Query]


@pytest.fixture(scope="module")
def site(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("issues")
    source, given = folder / "source", folder / "given"
    (given / "en").mkdir(parents=True)
    source.mkdir()
    (source / "portal.yml").write_text(PORTAL, encoding="utf-8")
    shutil.copy(SOFTWARE / "policy.yml", source)
    queries = []
    for number, file in enumerate(sorted((shared_data / "vtex-known-issues" / "en").glob("*.md"))[::2]):
        text = file.read_text(encoding="utf-8")
        cut, sentences = cut_issue(file.stem, text)
        (given / "en" / file.name).write_text(cut if number % 2 else text, encoding="utf-8")
        queries += [Query("symptom left out" if number % 2 else "symptom", sentence.text, file.stem) for sentence in sentences]
        if match := re.search(r"^title: ['\"]?(.+?)['\"]?$", text, re.MULTILINE):
            queries.append(Query("title in other words", reworded(match[1]), file.stem))
    issues = shared_data / "cumulus-issues" / "issues.jsonl"
    for line in issues.read_text(encoding="utf-8").splitlines():
        issue = json.loads(line)
        symptom = re.split(r"(?<=\.)\s", re.sub(r"<[^>]+>|[{}]+", " ", issue["description"]))[0]
        queries.append(Query("symptom", " ".join(symptom.split()), issue["id"]))
    run_import("known-issues", given, source)
    run_import("known-issues", issues, source)
    build(Options(source, folder / "out", AT, cache=folder / "cache"))
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")  # so that Node.js takes the scripts for modules
    library = library_of(source)
    return Site(folder / "out", library, [query._replace(text=query.text[:MOST], wanted=record.id)
                                          for query in queries if (record := library.find(query.wanted))])


def reworded(title: str) -> str:
    """A title as somebody remembers it: a third of its words forgotten, the others in another order, one with a typing error."""
    choose = random.Random(zlib.crc32(title.encode()))
    words = re.findall(r"[\w'-]+", title)
    kept = choose.sample(words, max(min(len(words), 3), len(words) * 2 // 3))
    return misspelt(" ".join(kept), zlib.crc32(title.encode()))


def test_known_issues_are_shown_before_the_case_goes_on(site: Site) -> None:
    hits: dict[str, list[bool]] = {kind: [] for kind in LEAST}
    with answering(Path(__file__).with_name("node_answers.mjs")) as node:
        for kind, text, wanted in site.queries:
            hits[kind].append(wanted in node.call("likely", str(site.folder), text, ""))
    shares = {kind: sum(own) / len(own) for kind, own in hits.items()}
    for kind, share in shares.items():
        print(f"{kind}: {share:.3f} of {len(hits[kind])} among the first five")
    assert len(site.library.records) > 200
    assert all(len(own) >= 80 for own in hits.values())
    assert {kind: share for kind, share in shares.items() if share < LEAST[kind]} == {}


@pytest.fixture(scope="module")
def issues(site: Site) -> Iterator[Portal]:
    with served(site.folder) as portal:
        yield portal


def test_the_page_shows_them(browser: Browser, issues: Portal, site: Site) -> None:
    """The same in Chromium: typed, then Enter at once. The page stays until what it found has been seen."""
    page = browser.new_page(base_url=issues.url)
    watch = Watch(page, issues.url)
    page.goto("help/case/#problem")
    expect(page.locator("[data-wp-need]").first).not_to_be_empty()  # the script has begun
    for kind, text, wanted in [query for query in site.queries if query.kind == "symptom"][::25]:
        page.locator("[name=title]").fill(text)
        page.locator("[name=title]").press("Enter")
        expect(page.locator(f"[data-wp-answers] a[href*='/pr/{wanted}/']"), f"{kind}: {text}").to_be_visible()
        expect(page.locator("#case-answers")).to_be_focused()
    assert watch.found == []
    page.close()
