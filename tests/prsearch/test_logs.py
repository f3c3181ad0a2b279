"""Logs: their messages as a stream of bounded memory, the records that quote them, and that the browser finds the same."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.library import Library
from prsearch.log_device import Device, read_device
from prsearch.log_match import MOST_PARTS, rank
from prsearch.logs import (
    _LOOSE_NUMBER,
    MOST_BYTES,
    MOST_FACTS,
    MOST_MESSAGES,
    MOST_SHOWN,
    SEVERE,
    TROUBLED,
    Log,
    bare,
    decoded,
    lines_of,
    read_log,
)
from prsearch.messages import signatures
from prsearch.published import PublishedIndex
from tests.benchmarks.logs import log_of, recall_in_logs
from tests.benchmarks.messages import code_lines

LINE = b"Aug  9 21:40:12 acc-sw3 l2ald[2284]: L2ALD_AE_CHILD_STALE: ae3.0 vlan 110: 412 entries keep child 3 (xe-0/1/2) after member removal"
OTHER = b"Nov 22 01:02:03 x l2ald[7]: L2ALD_AE_CHILD_STALE: ae17.1 vlan 9: 1 entries keep child 8 (et-1/1/1) after member removal"


def as_json(log: Log) -> Any:
    return msgspec.to_builtins(log)


def test_lines_that_differ_by_numbers_are_one_message() -> None:
    log = read_log([LINE + b"\n" + OTHER + b"\n\n" + LINE])
    assert (log.lines, len(log.messages), log.messages[0].count, log.messages[0].line) == (4, 1, 3, 1)
    assert log.messages[0].keys == tuple(signatures(OTHER.decode()))


@settings(max_examples=300)
@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_lines_do_not_depend_on_the_pieces(data: bytes, cuts: list[int]) -> None:
    borders = [0, *sorted(cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(borders)]
    assert list(lines_of(pieces)) == data.removesuffix(b"\n").split(b"\n") if data else not list(lines_of(pieces))


def test_a_line_without_end_takes_bounded_memory() -> None:
    found = list(lines_of(b"x" * 100_000 for _ in range(100)))
    assert found == [b"x" * MOST_BYTES]


HEADERS = ("", "Aug  9 21:40:12 h ", "Nov 19 01:40:12 other.example.net ", "2026-11-22T10:11:12Z k ", "<34>1 2026-11-22T10:11:12Z h ", "Aug  9 21:40:12 h h2 ")
NUMBERED = st.lists(st.sampled_from(["10.0.0.1", "ora-01555", "l2ald", "x12", "0x7f", "12ab", "a-7", "a_7", "[1500]:", "Aug  9 21:40:12 h ", "7", ":", " ", "-9", "2a2b",
                                     "2026-11-22T10:11:12Z ", "é5", "«9»", "word", "ge-0/0/0"]), max_size=10).map("".join)


@settings(max_examples=500)
@given(line=NUMBERED, seed=st.integers(0, 9))
def test_what_is_read_once_is_what_it_is_with_other_numbers(line: str, seed: int) -> None:
    """The reader takes lines for one another that differ by numbers of as many digits only where no key depends on them."""
    other = _LOOSE_NUMBER.sub(lambda match: re.sub("[0-9]", str(seed), match[0]), line)
    assert bare(line) == bare(other) and signatures(line) == signatures(other)


@settings(max_examples=500)
@given(one=NUMBERED, other=NUMBERED, first=st.sampled_from(HEADERS), second=st.sampled_from(HEADERS))
def test_lines_that_are_taken_for_one_another_have_the_same_keys(one: str, other: str, first: str, second: str) -> None:
    for line, same in ((first + one, second + one), (first + one, second + other)):
        assert bare(line) != bare(same) or signatures(line) == signatures(same)


@pytest.mark.parametrize(("data", "text"), [
    ("Ошибка чтения".encode(), "Ошибка чтения"), ("Ошибка чтения".encode("cp1251"), "Ошибка чтения"), ("Gerät fehlt".encode("latin-1"), "Gerät fehlt"),
    (b"\xef\xbb\xbferror", "error"), ("error: link".encode("utf-16-le"), "error: link"), (b"\x1b[31merror\x1b[0m: x", "error: x"),
    ("я".encode() * MOST_BYTES, "я" * (MOST_BYTES // 2))])
def test_encodings(node: Any, data: bytes, text: str) -> None:
    assert decoded(data[:MOST_BYTES]) == text == node.call("decoded", data[:MOST_BYTES].hex())


def test_what_is_shown_steers_no_terminal() -> None:
    message = read_log([b"error: \x1b]0;owned\x07 disk failed \xe2\x80\xae now " + b"y" * 900]).messages[0]
    assert message.text.isprintable() and len(message.text) <= MOST_SHOWN and message.text.startswith("error:  ]0;owned  disk failed   now yyy")


def test_levels_and_what_is_kept() -> None:
    log = read_log([b"kernel panic in task\nlink went up again\nread failed on disk\n"])
    assert [message.level for message in log.messages] == [SEVERE, 0, TROUBLED]
    letters = "abcdefghij"
    words = ("".join(letters[int(digit)] for digit in str(number)) for number in range(MOST_MESSAGES + 50))
    full = read_log(f"alpha{word} beta gamma\n".encode() for word in words)
    assert len(full.messages) == MOST_MESSAGES and full.full and not log.full
    facts = read_log(f"software version {number}.1\n".encode() for number in range(MOST_FACTS + 5)).facts
    assert len(facts) == MOST_FACTS and facts[-1].endswith(f"{MOST_FACTS + 4}.1")


PIECES = st.lists(st.one_of(st.sampled_from([b"\n", b"\r\n", LINE, OTHER, b"error: ", b"panic ", b"\xff\xfe", b"\0", b"\x1b[1m", "ошибка".encode("cp1251"), "сбой".encode(),
                                             b"Software version 21.4R3-S5.4", b"Model: ar900", b"Serial number: AB12345678", b"failed to open file "]), st.binary(max_size=12)), max_size=12)


@settings(max_examples=400)
@given(pieces=PIECES)
def test_the_browser_reads_the_same(node: Any, pieces: list[bytes]) -> None:
    expected = as_json(read_log(pieces))
    for message in expected["messages"]:
        message["keys"] = list(message["keys"])
    assert node.call("log", [piece.hex() for piece in pieces]) == expected


@pytest.fixture(scope="module")
def published(index_folder: Path) -> tuple[Path, PublishedIndex]:
    return index_folder, PublishedIndex(lambda path, _generation: (index_folder / path.removeprefix("prsearch/")).read_bytes(), "portal")


def test_the_reader_of_the_index_finds_what_was_written(published: tuple[Path, PublishedIndex], library: Library) -> None:
    index = published[1]
    key = signatures(LINE.decode())[0]
    found = index.lists([key, "!0000000000000f"])
    assert [index.card(ordinal)[0] for ordinal, _level in found[key]] == ["1700862"] and len(found) == 1
    assert [product.id for product in index.options.products] == [product.id for product in library.catalogue.products]


def test_the_browser_ranks_the_same(node: Any, published: tuple[Path, PublishedIndex], library: Library) -> None:
    folder, index = published
    random, found_some = Random(5), 0
    lines = sorted({line for record in library.records.values() for line in code_lines(record)})
    for _ in range(25):
        data = log_of(random.sample(lines, 12), random, 60)
        ranking = rank(index, read_log([data]).messages)
        got = node.call("ranked", str(folder), data.hex())
        assert got["found"] == [[one.ordinal, one.score, [message.line for message in one.messages]] for one in ranking.found]
        assert got["asked"] == ranking.asked
        found_some += bool(ranking.found)
    assert found_some == 25


def test_only_so_many_parts_are_read(published: tuple[Path, PublishedIndex], node: Any, library: Library) -> None:
    folder, index = published
    lines = sorted({line for record in library.records.values() for line in code_lines(record)})
    data = "\n".join(lines).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("prsearch.log_match.MOST_PARTS", 9)
        few = rank(index, read_log([data]).messages)
    every = rank(index, read_log([data]).messages)
    assert 0 < few.asked < every.asked and len(index.root.t) < MOST_PARTS
    loaded = node.call("ranked", str(folder), LINE.hex())["loaded"]
    assert len(loaded) <= 12


@pytest.mark.parametrize(("facts", "given", "expected"), [
    (["Software version 21.4R3-S5.4", "Model: ar900", "Serial number: XB3220900017"], "", Device("exos", "21.4R3-S5", "ar900", "XB3220900017")),
    (["ExOS: 21.4R3-S5", "ExOS: 22.4R2"], "", Device("exos", "22.4R2")),
    (["Software version 21.4R3-S5-EVO"], "", Device("exos-evolved", "21.4R3-S5-EVO")),
    (["Software version 99.9R9"], "exos", Device("exos")), (["s/n: none-given"], "", Device()), ([], "", Device())])
def test_devices(node: Any, published: tuple[Path, PublishedIndex], facts: list[str], given: str, expected: Device) -> None:
    products = published[1].options.products
    assert read_device(facts, products, given) == expected
    assert node.call("device", facts, msgspec.to_builtins(products), given) == msgspec.to_builtins(expected)


def test_a_log_finds_the_record_that_quotes_it_among_noise(published: tuple[Path, PublishedIndex], library: Library) -> None:
    found = recall_in_logs(library, published[1], 120, 150)
    assert found.lines == 120 and found.among >= 0.9
