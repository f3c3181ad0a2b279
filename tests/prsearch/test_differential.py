"""The browser's search in the static index and the search in memory give the same answers, in the same order, with the same scores."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from generator.scaffold import init_site
from kb.importers import run_import
from kb.library import Library, View
from kb.load import load
from kb.records import AnyRecord, severity_of
from kb.resolve import resolve
from prsearch import static
from prsearch.documents import card, parts
from prsearch.memory import ORDERS, MemoryIndex
from prsearch.query import FILTERS, QueryError, parse_query
from prsearch.releases import compare

CONTENT = Path(__file__).resolve().parents[2] / "content"
QUERIES = 1_000
SOURCES = (("cve", "juniper-cve"), ("kcs", "kcs-articles"), ("known-issues", "vtex-known-issues"), ("known-issues", "cumulus-issues/issues.jsonl"))
HOSTILE = ('"', "-", "*", "**", "--", '-"', "\0", "\ud7ff", "\ufffd", "😀", "%00", "<script>", "../..", "#1747984", "=kind:report", "=", "#", "a" * 500, "ж" * 80 + "*",
           "__proto__", "constructor*", "toString", "\u202e", "İstanbul", "straße", "ﬁle", "ǅ", "é", "e\u0301", "\xa0", "\ufeff", "ё", "Ёлка", "pr", "PR 1", "pr-17*",
           "a-b-c", "-the", "the", "для", "the*", '"the"', '"of the"', '""', "x:y", "affects:", "severity:,", "9" * 40, "http://example.com/a?b=c", "٣٤٥", "Ⅷ", "x²")


class Portal(NamedTuple):
    library: Library
    memory: MemoryIndex
    folder: Path
    ids: list[str]  # by ordinal


def library_at(site: Path) -> Library:
    found, findings = resolve(load(site, ("en", "ru")), View(datetime(2026, 11, 22, tzinfo=UTC)))
    assert found is not None, findings
    return found


def shown_in(library: Library) -> Callable[[str], bool]:
    return lambda name: library.find(name) is not None


def portal_of(library: Library, folder: Path) -> Portal:
    for path, data in static.index_files(library).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return Portal(library, MemoryIndex(library), folder, [library.records[key].id for key in library.ordinals])


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """The example portal, in parts so small that everything is cut."""
    with pytest.MonkeyPatch.context() as patch:
        for name, size in (("tables._TEXTS_PART", 500), ("tables._PLACES_PART", 700), ("tables._WORDS_PART", 250), ("reading.BLOCK", 4)):
            patch.setattr(f"prsearch.{name}", size)
        return portal_of(library_at(CONTENT), tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """Real records of four sources."""
    site = tmp_path_factory.mktemp("site")
    init_site(site)
    for form, source in SOURCES:
        run_import(form, shared_data / source, site)
    return portal_of(library_at(site), tmp_path_factory.mktemp("real"))


class Asker:
    """Makes up queries about a library."""

    def __init__(self, library: Library, seed: int) -> None:
        self._random = Random(seed)
        self._texts = [part for record in library.records.values() for _level, part in parts(record, shown_in(library)) if part.strip()]
        self._names = [name for key, record in library.records.items() for name in (record.id, key)] + list(library.names)
        records = list(library.records.values())
        self._values: dict[str, list[str]] = {
            name: [value for value in values if any(value == getattr(record, name, "") for record in records) or name in {"has", "severity"}]
            for name, values in FILTERS.items()}
        products = library.catalogue.products
        self._values |= {
            "product": [name for product in products for name in (product.id, product.name, *product.aliases)],
            "platform": [name for product in products for platform in product.platforms for name in (platform.id, platform.name, *platform.aliases)],
            "affects": [release for product in products for release in product.release_order.names] or ["1.0"],
            "component": [component for record in records if (component := getattr(record, "component", ""))],
            "since": [record.updated.date().isoformat() for record in records]}
        self._values["fixed"] = list(self._values["affects"])
        self._makers: list[tuple[Callable[[], str], int]] = [
            (self._word, 10), (self._words, 12), (self._beginning, 8), (self._typo, 10), (self._identifier, 8), (self._name, 6), (self._number, 5),
            (self._phrase, 10), (self._exclusion, 8), (self._filter, 12), (self._mixed, 14), (self._hostile, 5)]

    def query(self) -> str:
        makers, weights = zip(*self._makers, strict=True)
        made: str = self._random.choices(makers, weights)[0]()
        return made + self._random.choice(["", "", " "])

    def _some(self, pattern: str) -> str:
        for _ in range(50):
            if found := re.findall(pattern, self._random.choice(self._texts)):
                return str(self._random.choice(found))
        return "crash"

    def _cased(self, text: str) -> str:
        return self._random.choice([text, text, text.lower(), text.upper()])

    def _word(self) -> str:
        return self._cased(self._some(self._random.choice([r"\w+", r"[а-яё]{3,}", r"[a-z]{4,}"])))

    def _words(self) -> str:
        cut = self._random.choice(self._texts).split()
        return " ".join(self._random.choice(cut).strip('"') for _ in range(self._random.randint(2, 4)))

    def _beginning(self) -> str:
        word = self._some(r"\w{3,}")
        return word[: self._random.randint(2, len(word))] + self._random.choice(["*", "*", ""])

    def _typo(self) -> str:
        word = self._some(r"[^\W\d_]{4,}")
        at = self._random.randrange(len(word) - 1)
        letter = self._random.choice("aeinrstxабвно")
        return self._random.choice([
            word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word + letter, letter + word])

    def _identifier(self) -> str:
        found = self._cased(self._some(r"\w+(?:[-_./:+]\w+)+"))
        return self._random.choice([found, found, found[: self._random.randint(2, len(found))], found + "*", re.sub(r"\W", " ", found)])

    def _name(self) -> str:
        name = self._cased(self._random.choice(self._names))
        return self._random.choice([name, name, f"PR{name}", f"pr {name}", f"PR-{name}", f"-{name}", f'"{name}"'])

    def _number(self) -> str:
        name = self._random.choice(self._names)
        return self._random.choice(["", "PR", "pr "]) + name[: self._random.randint(1, len(name))]

    def _phrase(self) -> str:
        cut = self._random.choice(self._texts).replace('"', " ").split()
        start, length = self._random.randrange(len(cut)), self._random.randint(1, 5)
        words = cut[start : start + length]
        if self._random.random() < 0.15:
            self._random.shuffle(words)
        return '"' + " ".join(words) + self._random.choice(['"', '"', '"', ""])

    def _exclusion(self) -> str:
        return f"{self._word()} -{self._random.choice([self._word, self._phrase, self._beginning, self._typo])()}"

    def _filter(self) -> str:
        name = self._random.choice(list(FILTERS))
        if not (known := self._values[name]):
            return self._word()
        values = [self._cased(self._random.choice(known)) for _ in range(self._random.choice([1, 1, 2, 3]))]
        text = ",".join(values)
        minus = "-" if self._random.random() < 0.2 else ""
        wrong = "x" if self._random.random() < 0.05 else ""
        return f'{minus}{name}:"{text}{wrong}"' if " " in text or self._random.random() < 0.2 else f"{minus}{name}:{text}{wrong}"

    def _mixed(self) -> str:
        makers = [self._word, self._filter, self._filter, self._phrase, self._exclusion, self._beginning, self._typo, self._identifier]
        return " ".join(self._random.choice(makers)() for _ in range(self._random.randint(2, 4)))

    def _hostile(self) -> str:
        return " ".join(self._random.choice([lambda: self._random.choice(HOSTILE), self._word])() for _ in range(self._random.randint(1, 3)))


def asked_of_memory(portal: Portal, query: str, order: str) -> dict[str, Any]:
    try:
        found = portal.memory.search(parse_query(query), order)
    except QueryError as error:
        return {"wrong": str(error)}
    return {"hits": [(hit.record.id, hit.score) for hit in found.hits], "corrections": [list(pair) for pair in found.corrections]}


def asked_of_node(node: Any, portal: Portal, query: str, order: str) -> dict[str, Any]:
    found = node.call("search", str(portal.folder), query, [], order)
    if "wrong" in found:
        name, value, reason, _guess = found["wrong"]
        said = {"empty": "has no value", "date": "is not a date", "unknown": "is not known"}[reason]
        return {"wrong": f"{name}: '{value}' {said}" if value else f"{name}: {said}"}
    hits = [(portal.ids[ordinal], score) for ordinal, score in zip(found["ordinals"], found["scores"], strict=True)]
    return {"hits": hits, "corrections": found["corrections"]}


def differences(node: Any, portal: Portal, queries: list[tuple[str, str]]) -> list[tuple[str, str, object, object]]:
    found: list[tuple[str, str, object, object]] = []
    for query, order in queries:
        expected, got = asked_of_memory(portal, query, order), asked_of_node(node, portal, query, order)
        if "wrong" in expected and "wrong" in got and expected["wrong"].startswith(got["wrong"]):
            continue
        if expected != got:
            found.append((query, order, expected, got))
    return found


def queries_about(portal: Portal, seed: int) -> list[tuple[str, str]]:
    asker, random = Asker(portal.library, seed), Random(seed)
    made = [(asker.query(), random.choice(ORDERS) if random.random() < 0.2 else "relevance") for _ in range(QUERIES)]
    return made + [(text, "relevance") for text in HOSTILE]


@pytest.mark.parametrize("name", ["examples", pytest.param("real", marks=[pytest.mark.slow, pytest.mark.xdist_group("real-data")])])
def test_both_give_the_same_answers(node: Any, request: pytest.FixtureRequest, name: str) -> None:
    portal: Portal = request.getfixturevalue(name)
    queries = queries_about(portal, 20261122)
    assert differences(node, portal, queries) == []
    loaded = node.call("loaded", str(portal.folder))
    assert len(loaded) == len(set(loaded)), "a part was asked for twice"


def test_the_queries_find_something(examples: Portal) -> None:
    answers = [asked_of_memory(examples, query, order) for query, order in queries_about(examples, 20261122)]
    assert sum(bool(answer.get("hits")) for answer in answers) > QUERIES // 2
    assert sum(bool(answer.get("corrections")) for answer in answers) > QUERIES // 50
    assert 5 < sum("wrong" in answer for answer in answers) < QUERIES // 10


def test_cards_are_what_the_records_say(node: Any, examples: Portal) -> None:
    cards = node.call("cards", str(examples.folder), list(range(len(examples.ids))))
    assert [card_["id"] for card_ in cards] == examples.ids
    for found in cards:
        record = examples.library.find(found["id"])
        assert record is not None
        expected = card(record, shown_in(examples.library))
        assert [found[name] for name in ("id", "kind", "severity", "status", "updated")] == list(expected[:5])
        assert found["products"] == list(expected[5]) and found["fixed"] == list(expected[6])
        assert found["texts"] == {language: list(text) for language, text in expected[7].items()}


def test_counts_of_facets(node: Any, examples: Portal) -> None:
    hits = node.call("search", str(examples.folder), "bgp ", [], "relevance")["ordinals"]
    records = [examples.library.records[key] for key in examples.library.ordinals]
    asked: dict[str, Callable[[AnyRecord], str]] = {
        "kind": lambda record: record.kind, "severity": lambda record: severity_of(record) or "unrated",
        "status": lambda record: record.status}
    for facet, value in asked.items():
        expected = Counter(value(records[ordinal]) for ordinal in hits)
        assert len(expected) > 1
        assert node.call("counts", str(examples.folder), hits, facet) == [
            [name, count] for name, count in sorted(expected.items(), key=lambda item: (-item[1], item[0]))]


def test_releases_are_compared(node: Any, examples: Portal) -> None:
    compared = 0
    for product in examples.library.catalogue.products:
        releases = product.release_order.names
        for before, after in zip(releases[::7], releases[5::7], strict=False):
            for platform in ("", *(item.id for item in product.platforms[:2])):
                expected = compare(examples.library, product, before, after, platform or None)
                found = node.call("compare", str(examples.folder), product.id, before, after, platform)
                named = {name: [examples.ids[ordinal] for ordinal in ordinals] for name, ordinals in found.items()}
                assert named == {name: [record.id for record in getattr(expected, name)] for name in ("fixed", "introduced", "remaining")}
                compared += any(named.values())
    assert compared > 3


def test_numbers_nearby(node: Any, examples: Portal) -> None:
    numbers = [record_id for record_id in examples.ids if record_id.isdigit()]
    random = Random(5)
    for number in [*random.sample(numbers, 10), *(str(random.randrange(10**6, 10**7)) for _ in range(20)), "1", "0000000", "9999999"]:
        found = node.call("nearestNames", str(examples.folder), number)
        expected = [record.id for record in examples.memory.nearest(number)]
        assert [examples.ids[item["ordinal"]] for item in found] == list(dict.fromkeys(expected)), number


def test_filters_of_a_form_join_those_of_the_text(node: Any, examples: Portal) -> None:
    folder = str(examples.folder)
    typed = node.call("search", folder, "bgp kind:report,article severity:HIGH", [], "relevance")
    chosen = node.call("search", folder, "bgp severity:high", [{"name": "kind", "values": ["report", "Article"], "excluded": False}], "relevance")
    assert typed["ordinals"] == chosen["ordinals"] and typed["ordinals"]
    wrong = node.call("search", folder, "", [{"name": "severity", "values": ["hihg"], "excluded": False}], "relevance")
    assert wrong == {"wrong": ["severity", "hihg", "unknown", "high"]}
