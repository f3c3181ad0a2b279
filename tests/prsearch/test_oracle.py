"""Which records match: Whoosh, which shares nothing with our index but the cutting of words, must say the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from whoosh.analysis import RegexTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.query import And, Every, Not, Or, Phrase, Prefix, Term
from whoosh.query import Query as WhooshQuery

from kb.library import Library, View
from kb.load import load
from kb.records import AnyRecord
from kb.resolve import resolve
from prsearch.analysis import STOP_WORDS, keys, normalise, pieces, stems, tokens
from prsearch.documents import parts
from prsearch.memory import MemoryIndex
from prsearch.query import Query, Words

CONTENT = Path(__file__).resolve().parents[2] / "content"
QUERIES = 400


@pytest.fixture(scope="module")
def library() -> Library:
    found, findings = resolve(load(CONTENT, ("en", "ru")), View(datetime(2026, 11, 22, tzinfo=UTC)))
    assert found is not None, findings
    return found


def written(record: AnyRecord) -> list[str]:
    """The parts of a record's texts."""
    return [part for text in record.texts for part in (
        text.title, f"{text.summary} {' '.join(text.keywords)}", *(section.markdown for section in text.sections))]


def words_of(part: str) -> list[str]:
    return [piece for token in tokens(normalise(part)) for piece in pieces(token)]


def queries(records: Sequence[AnyRecord]) -> list[tuple[Words, ...]]:
    """Random queries out of the texts: words, phrases, beginnings, exclusions."""
    choose = random.Random(11)
    found = []
    while len(found) < QUERIES:
        part = words_of(choose.choice(written(choose.choice(records))))
        others = words_of(choose.choice(written(choose.choice(records))))
        if not part or not others:
            continue
        at, other = choose.randrange(len(part)), choose.choice(others)
        run = part[at : at + 3]
        first = Words(part[at]) if choose.random() < 0.5 or STOP_WORDS & set(run) else Words(" ".join(run), phrase=True)
        second = choose.choice([Words(other), Words(other, excluded=True), Words(other[: choose.randrange(3, 9)], prefix=True)])
        query = (first,) if choose.random() < 0.3 else (first, second)
        if all(len(item.text) > 2 and item.text not in STOP_WORDS for item in query):
            found.append(query)
    return found


def asked_of_whoosh(words: Words) -> WhooshQuery:
    wanted = [str(stem) for stem in stems(words.text)]
    if words.prefix:
        return Or([Term("stems", wanted[0]), Prefix("keys", normalise(words.text))])
    return Phrase("stems", wanted) if words.phrase and len(wanted) > 1 else Term("stems", wanted[0])


def test_the_same_records_match(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = RegexTokenizer(r"\S+")
    oracle = RamStorage().create_index(Schema(key=ID(stored=True), stems=TEXT(analyzer=cut, phrase=True), keys=TEXT(analyzer=cut)))
    writer = oracle.writer()
    plain_texts = {key: [part for _level, part in parts(record, lambda name: library.find(name) is not None)]
                   for key, record in library.records.items()}
    for key, found in plain_texts.items():
        writer.add_document(key=key, keys=" ".join(word for part in found for word in keys(part)), stems=" | | | | ".join(
            " ".join(stem or "·" for stem in stems(part)) for part in found))  # no phrase reaches from one part into the next
    writer.commit()
    index = MemoryIndex(library)
    monkeypatch.setattr(MemoryIndex, "_alike", lambda self, piece: [])  # Whoosh forgives nothing
    monkeypatch.setattr(MemoryIndex, "_named", lambda self, text: ())
    compared = 0
    with oracle.searcher() as searcher:
        for query in queries(list(library.records.values())):
            wanted = [Every()] + [Not(asked_of_whoosh(item)) if item.excluded else asked_of_whoosh(item) for item in query]
            expected = {hit["key"] for hit in searcher.search(And(wanted), limit=None)}
            found_ids = {hit.record.id.upper() for hit in index.search(Query(query, ())).hits}
            assert found_ids == expected, query
            compared += bool(expected)
    assert compared > QUERIES / 3
