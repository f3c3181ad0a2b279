"""The browser decodes what prsearch/encoding.py writes, and joins and meets lists as sets do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prsearch.encoding import file_name, table, varint
from prsearch.memory import one_edit
from prsearch.messages import rarity

KEYS = st.lists(st.one_of(st.text("ab#=\uffff😀", max_size=6), st.text(st.characters(codec="utf-8"), max_size=70)), unique=True, max_size=40)
ORDINALS = st.dictionaries(st.integers(0, 300), st.integers(0, 3), max_size=30)
MATCHES = st.dictionaries(st.integers(0, 60), st.integers(0, 9), max_size=40)


def list_of(levels: dict[int, int]) -> bytes:
    found, before = b"", -1
    for ordinal in sorted(levels):
        found += varint((ordinal - before - 1) << 2 | levels[ordinal])
        before = ordinal
    return varint(len(levels)) + varint(len(found)) + found


@settings(max_examples=300)
@given(keys=KEYS, data=st.data())
def test_keys_and_beginnings_are_found_in_their_parts(node: Any, keys: list[str], data: st.DataObject) -> None:
    keys.sort()
    lists = {key: data.draw(ORDINALS) for key in keys}
    cuts = sorted(data.draw(st.sets(st.integers(1, len(keys) - 1), max_size=4))) if len(keys) > 1 else []
    parts = [["" if not start else keys[start], table((key.encode(), list_of(lists[key])) for key in keys[start:end]).hex()]
             for start, end in zip([0, *cuts], [*cuts, len(keys)], strict=True)]
    asked = data.draw(st.one_of(st.text("ab#=\uffff😀", max_size=6), st.sampled_from(keys or [""]).map(lambda key: key[:3]), st.sampled_from(keys or [""])))
    found = node.call("table", "t", parts, asked)
    coded = {key: [ordinal * 4 + level for ordinal, level in sorted(levels.items())] for key, levels in lists.items()}
    assert found["found"] == coded.get(asked)
    assert found["range"] == [[key, coded[key]] for key in keys if key.startswith(asked)]


def test_numbers_of_five_bytes(node: Any) -> None:
    levels = {5: 1, (1 << 29) + 3: 3, (1 << 30) - 1: 2}
    part = table([(b"key", list_of(levels))]).hex()
    assert node.call("table", "t", [["", part]], "key")["found"] == [ordinal * 4 + level for ordinal, level in levels.items()]


def test_entries_of_vocabularies_are_one_byte(node: Any) -> None:
    part = table([(b"core", b"\x05"), (b"cored", b"\x01"), (b"dump", b"\x02")]).hex()
    assert node.call("table", "v", [["", part]], "core") == {"found": [5], "range": [["core", [5]], ["cored", [1]]]}


@given(key=st.text(st.characters(codec="utf-8"), max_size=80))
def test_names_of_parts(node: Any, key: str) -> None:
    assert node.call("partName", key) == file_name(key)


@pytest.mark.parametrize("packed", [True, False])
def test_what_was_unpacked_on_its_way_is_taken_as_it_is(node: Any, packed: bool) -> None:
    assert node.call("unpack", "ядро core", packed) == "ядро core"


@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=5)))
def test_order_is_that_of_code_points(node: Any, texts: list[str]) -> None:
    assert node.call("sorted", texts) == sorted(texts, key=str.encode)


@given(word=st.text("abж", max_size=6), other=st.text("abж", max_size=6))
def test_one_edit(node: Any, word: str, other: str) -> None:
    assert node.call("oneEdit", word, other) == one_edit(word, other)


@given(documents=st.integers(1, 10**6), share=st.floats(0, 1))
def test_rarity(node: Any, documents: int, share: float) -> None:
    holders = int(documents * share)
    assert node.call("rarity", documents, holders) == rarity(documents, holders)


def pairs(found: dict[int, int]) -> list[list[int]]:
    return [[ordinal, found[ordinal]] for ordinal in sorted(found)]


@given(a=MATCHES, b=MATCHES, c=MATCHES)
def test_lists_are_joined_and_met(node: Any, a: dict[int, int], b: dict[int, int], c: dict[int, int]) -> None:
    one, two, three = pairs(a), pairs(b), pairs(c)
    assert node.call("meet", [one, two, three]) == pairs({key: a[key] + b[key] + c[key] for key in a.keys() & b.keys() & c.keys()})
    assert node.call("join", one, two) == pairs({key: a.get(key, 0) + b.get(key, 0) for key in a.keys() | b.keys()})
    assert node.call("without", one, two) == pairs({key: a[key] for key in a.keys() - b.keys()})


@given(lists=st.lists(ORDINALS, max_size=4))
def test_a_union_has_the_highest_levels(node: Any, lists: list[dict[int, int]]) -> None:
    highest: dict[int, int] = {}
    for levels in lists:
        for ordinal, level in levels.items():
            highest[ordinal] = max(highest.get(ordinal, 0), level)
    coded = [[ordinal * 4 + levels[ordinal] for ordinal in sorted(levels)] for levels in lists]
    assert node.call("union", coded, 301) == [ordinal * 4 + highest[ordinal] for ordinal in sorted(highest)]


@given(found=MATCHES)
def test_the_best_come_first_and_of_equals_the_later(node: Any, found: dict[int, int]) -> None:
    expected = sorted(found, key=lambda ordinal: (found[ordinal], ordinal), reverse=True)
    ordinals = sorted(found)
    assert [ordinals[place] for place in node.call("ordered", ordinals, [found[key] for key in ordinals])] == expected
