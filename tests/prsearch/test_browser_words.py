"""The browser cuts, stems and reads as Python does: theme/assets/pr-*.js beside prsearch/analysis.py and query.py."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prsearch.analysis import STOP_WORDS, name_key, normalise, pieces, stem_of, tokens
from prsearch.query import FILTERS, QueryError, parse_query

CONTENT = Path(__file__).resolve().parents[2] / "content"
# Unicode 14, which Python 3.11 knows; what a younger version adds is a letter to one side only.
TEXTS = st.text(st.one_of(st.sampled_from("aeprсшёЁйИİǅΣ09-_./:+*\"',#\n\t\xa0\x85\x1f\ufeff"),
                          st.characters(max_codepoint=0x2fff, exclude_categories=("Cs", "Cn")),
                          st.characters(exclude_categories=("Cs", "Cn")).filter(lambda c: c.isprintable())))
ENDINGS = {
    "aeiouybcdstlnrpgmfz": ("ied ies sses ss us s eed ing edly eedly ingly bb at bl iz tt anci enci ogi li abli alli fulli lessli ousli entli aliti biliti iviti "
        "tional ational alism ation ization izer ator iveness fulness ousness ogist icate ative alize iciti ical ful ness ic ance able ible ate ive ize iti al "
        "ism ion sion er ous ant ent ment ement e l ll y commun gener arsen past univers emerg inter later organ succ proc exc even out herr"),
    "аеиоуыэюябвгдклмнрстй": ("в вши вшись ив ивши ившись ыв ывшись ее ие ое ими ей ий ой ем им ого ему ых ую юю ая яя ем нн вш ющ щ ивш ывш ующ сь ся ла на ете "
        "йте ли й л н ло но нно ет ют ны ть ешь ила ена ейте уйте ите или уй ен ило ено ует уют ит ыт ены ить ишь ую ев ов иями ями ами еи ии ией иям ием ам "
        "ом ах иях ы ь ию ью ия ья ост ость ейш ейше"),
}


def words_of(folder: Path) -> set[str]:
    found: set[str] = set()
    for file in folder.rglob("*"):
        if file.is_file():
            found.update(re.findall("[a-z]+|[а-я]+", normalise(file.read_text(encoding="utf-8", errors="ignore"))))
    return found


def made_up() -> set[str]:
    """Words with many endings, and any."""
    random = Random(7)
    found = set()
    for letters, endings in ENDINGS.items():
        for number in range(30_000):
            start = "".join(random.choices(letters, k=random.randrange(7)))
            found.add(start + "".join(random.choices(endings.split(), k=random.randrange(1, 4))) if number % 4 else start)
    return found - {""}


def wrong_stems(node: Any, words: set[str]) -> list[tuple[str, str, str]]:
    ordered = sorted(words)
    stems = node.call("stems", ordered)
    return [(word, stem, expected) for word, stem in zip(ordered, stems, strict=True) if stem != (expected := stem_of(word))]


def test_stems_of_the_examples(node: Any) -> None:
    words = words_of(CONTENT)
    assert len(words) > 3_000
    assert wrong_stems(node, words) == []


def test_stems_of_real_records(node: Any, shared_data: Path) -> None:
    words = words_of(shared_data)
    assert len(words) > 20_000
    assert wrong_stems(node, words) == []


def test_stems_of_words_with_many_endings(node: Any) -> None:
    assert wrong_stems(node, made_up()) == []


def test_stop_words_and_filters(node: Any) -> None:
    assert set(node.call("stopWords")) == STOP_WORDS
    assert node.call("filters") == {name: list(values) for name, values in FILTERS.items()}


@settings(max_examples=1_000)
@given(text=TEXTS)
def test_tokens_and_pieces(node: Any, text: str) -> None:
    found = node.call("words", text)
    normalised = normalise(text)
    assert found["normalised"] == normalised
    assert found["name"] == name_key(text)[1:]
    assert found["pieces"] == pieces(normalised)
    assert found["tokens"] == [{"token": token[:64], "pieces": pieces(token)} for token in tokens(normalised)]


def test_long_tokens_are_cut_by_code_points(node: Any) -> None:
    text = "𝛂" * 70 + " " + "ж" * 65 + "-" + "a" * 64
    found = node.call("words", text)
    assert [item["token"] for item in found["tokens"]] == ["𝛂" * 64, "ж" * 64]
    assert found["pieces"] == pieces(normalise(text))


PARTS = st.lists(st.one_of(
    st.sampled_from(["pr", "PR", "1747984", "pr1747984", "-", "*", "rp*", "😀*", "m*", '"', '"core dump"', '-"core dump"', "-bgp", "error:",
                     "severity:critical,HIGH", "-status:closed", 'product:"Ex OS"', "since:2025-01-31", "since:2025-02-30", "since:0000-01-01",
                     "affects:21.4R3-S5,22.1R1", "has:Workaround", "has:x", "Kind:report", "severity:", 'severity:""', "status:,", "пор*", "http://x.example/a"]),
    TEXTS), max_size=6)


@settings(max_examples=1_500)
@given(parts=PARTS, blanks=st.lists(st.sampled_from(["", " ", "  ", "\xa0", "\x85", "\ufeff", "\x1c"]), min_size=7, max_size=7))
def test_queries(node: Any, parts: list[str], blanks: list[str]) -> None:
    text = "".join(part + blank for part, blank in zip(["", *parts], blanks, strict=False))
    found = node.call("query", text)
    try:
        query = parse_query(text)
    except QueryError as error:
        assert "reason" in found and str(error).startswith(f"{found['name']}: "), (text, found)
        assert found["value"] in str(error) and {"empty": "has no value", "date": "is not a date", "unknown": "is not known"}[found["reason"]] in str(error)
        return
    assert found.get("words") == [{"text": item.text, "phrase": item.phrase, "prefix": item.prefix, "excluded": item.excluded} for item in query.words]
    assert found["filters"] == [{"name": item.name, "values": list(item.values), "excluded": item.excluded} for item in query.filters]


@pytest.mark.parametrize(("value", "guess"), [("critcal", "critical"), ("HIHG", "high"), ("zzzzzz", ""), ("", "")])
def test_a_guess_is_the_nearest_known_word(node: Any, value: str, guess: str) -> None:
    assert node.call("nearest", value, ["critical", "high", "medium", "low", "none"]) == guess
