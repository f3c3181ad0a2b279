"""Which records match: Whoosh, which shares nothing with our index but the cutting of words, must say the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from whoosh.analysis import RegexTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.query import And, Every, Not, Phrase, Prefix, Term
from whoosh.query import Query as WhooshQuery

from kb.library import Library, View
from kb.load import load
from kb.resolve import resolve
from prsearch.analysis import pieces
from prsearch.memory import MemoryIndex
from prsearch.query import Query, Words

CONTENT = Path(__file__).resolve().parents[2] / "content"
QUERIES = 400


@pytest.fixture(scope="module")
def library() -> Library:
    found, findings = resolve(load(CONTENT, ("en", "ru")), View(datetime(2026, 11, 22, tzinfo=UTC)))
    assert found is not None, findings
    return found


@pytest.fixture(scope="module")
def texts(library: Library) -> dict[str, list[str]]:
    """The words of each part of each record, cut as the index cuts them."""
    found = {}
    for key, record in library.records.items():
        parts = [part for text in record.texts for part in (
            text.title, f"{text.summary} {' '.join(text.keywords)}", *(section.markdown for section in text.sections))]
        found[key] = [" ".join(pieces(part)) for part in parts]
    return found


def queries(texts: dict[str, list[str]]) -> list[tuple[Words, ...]]:
    """Random queries out of the texts: words, phrases, beginnings, exclusions."""
    choose = random.Random(11)
    keys = sorted(texts)
    found = []
    while len(found) < QUERIES:
        words = choose.choice([part for part in texts[choose.choice(keys)] if part]).split()
        at = choose.randrange(len(words))
        first = Words(words[at]) if choose.random() < 0.5 else Words(" ".join(words[at : at + 3]), phrase=True)
        other = choose.choice(choose.choice(texts[choose.choice(keys)]).split() or ["rpd"])
        second = choose.choice([Words(other), Words(other, excluded=True), Words(other[:3], prefix=True)])
        if choose.random() < 0.3:
            found.append((first,))
        elif not any((len(item.text) < 3 and item.prefix) or item.text.isdigit() for item in (first, second)):
            found.append((first, second))
    return [query for query in found if not any(item.text.isdigit() for item in query)]


def asked_of_whoosh(words: Words) -> WhooshQuery:
    terms = words.text.split()
    if words.prefix:
        return Prefix("text", terms[0])
    return Phrase("text", terms) if words.phrase and len(terms) > 1 else Term("text", terms[0])


def test_the_same_records_match(library: Library, texts: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    schema = Schema(key=ID(stored=True), text=TEXT(analyzer=RegexTokenizer(r"\S+"), phrase=True))
    oracle = RamStorage().create_index(schema)
    writer = oracle.writer()
    for key, parts in texts.items():
        writer.add_document(key=key, text=" | | | | | | | | ".join(parts))  # no phrase reaches from one part into the next
    writer.commit()
    index = MemoryIndex(library)
    monkeypatch.setattr(MemoryIndex, "_alike", lambda self, term: [])  # Whoosh forgives nothing
    monkeypatch.setattr(MemoryIndex, "_named", lambda self, text: {})
    monkeypatch.setattr("prsearch.memory.terms", pieces)
    monkeypatch.setattr("prsearch.analysis.term_of", lambda word: word)  # the queries are stems already
    compared = 0
    with oracle.searcher() as searcher:
        for query in queries(texts):
            wanted = [Every()] + [Not(asked_of_whoosh(item)) if item.excluded else asked_of_whoosh(item) for item in query]
            expected = {hit["key"] for hit in searcher.search(And(wanted), limit=None)}
            found = {hit.record.id.upper() for hit in index.search(Query(query, ())).hits}
            assert found == expected, query
            compared += bool(expected)
    assert compared > QUERIES / 3
