"""The static index: its tables say what the index in memory says, and a changed index is the one that a clean build makes."""

from __future__ import annotations

import gzip
import json
import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.library import Library, View
from kb.load import load
from kb.records import AnyRecord
from kb.resolve import resolve
from prsearch import documents, exchange, reading, tables
from prsearch.documents import plain, read
from prsearch.encoding import file_name, packed, varint, varint_lengths, varints
from prsearch.kept import Kept
from prsearch.layout import lay_out
from prsearch.memory import MemoryIndex
from prsearch.static import index_files, make_index
from tests.benchmarks.reports import library as generated

CONTENT = Path(__file__).resolve().parents[2] / "content"


@pytest.fixture(scope="module")
def library() -> Library:
    found, findings = resolve(load(CONTENT, ("en", "ru")), View(datetime(2026, 11, 22, tzinfo=UTC)))
    assert found is not None, findings
    return found


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts so small that little content fills many."""
    for name in ("_TEXTS_PART", "_PLACES_PART", "_WORDS_PART", "_NAMES_PART"):
        monkeypatch.setattr(tables, name, 300)
    monkeypatch.setattr(reading, "BLOCK", 4)


class Cursor:
    """Reads a part byte by byte."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def varint(self) -> int:
        found = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            found |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return found

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]

    def key(self, before: bytes) -> bytes:
        shared = self.varint()
        return before[:shared] + self.take(self.varint())


def parts(files: Mapping[str, bytes], table: str) -> Iterator[tuple[str, Cursor]]:
    for name in json.loads(files["root.json"])[table]:
        yield name, Cursor(gzip.decompress(files[f"{table}/{file_name(name)}.bin"]))


def listed(data: bytes, levels: bool = True) -> dict[int, int]:
    cursor, ordinal, found = Cursor(data), -1, {}
    while cursor.at < len(data):
        number = cursor.varint()
        ordinal += (number >> 2) + 1
        found[ordinal] = number & 3
    return found


def texts(files: Mapping[str, bytes]) -> dict[str, dict[int, int]]:
    """All keys with their documents and levels, out of the files alone."""
    found: dict[str, dict[int, int]] = {}
    names = json.loads(files["root.json"])["t"]
    for name, cursor in parts(files, "t"):
        key = b""
        while cursor.at < len(cursor.data):
            key = cursor.key(key)
            count = cursor.varint()
            held = listed(cursor.take(cursor.varint()))
            assert len(held) == count and names[bisect_right(names, key.decode()) - 1] == name
            found[key.decode()] = held
    assert list(found) == sorted(found, key=str.encode)
    return found


def places(files: Mapping[str, bytes]) -> dict[tuple[str, int], list[int]]:
    found = {}
    for _name, cursor in parts(files, "p"):
        key = b""
        while cursor.at < len(cursor.data):
            key, ordinal = cursor.key(key), -1
            end = cursor.varint() + cursor.at
            while cursor.at < end:
                ordinal += cursor.varint() + 1
                steps = [cursor.varint() for _ in range(cursor.varint())]
                found[key.decode(), ordinal] = np.cumsum(steps).tolist()
    return found


def words(files: Mapping[str, bytes], table: str) -> dict[str, int]:
    found = {}
    for _name, cursor in parts(files, table):
        key = b""
        while cursor.at < len(cursor.data):
            key = cursor.key(key)
            found[key.decode()] = cursor.take(1)[0]
    return found


def test_the_files_say_what_the_index_in_memory_says(library: Library, small_parts: None) -> None:
    files, memory = index_files(library), MemoryIndex(library)
    table = texts(files)
    messages = {key: dict.fromkeys(holders, 0) for key, holders in memory._messages._holders.items()}
    expected = dict(memory._texts) | dict(memory._names) | dict(memory._facets) | messages
    assert table == expected and len(json.loads(files["root.json"])["t"]) > 50

    sequences = [read(record, memory._shown)[1] for record in memory._records]
    assert places(files) == {
        (stem, ordinal): [at for at, other in enumerate(sequence) if other == stem]
        for ordinal, sequence in enumerate(sequences) for stem in set(sequence) if stem is not None}

    alphabetic = {key: len(held).bit_length() for key, held in memory._texts.items() if 3 <= len(key) <= 32 and key.isalpha()}
    assert words(files, "v") == alphabetic == {key[::-1]: magnitude for key, magnitude in words(files, "w").items()}

    order = [record.id for record in memory._records]
    cards = [found for number in range(-(-len(order) // 4)) for found in json.loads(gzip.decompress(files[f"c/{number}.bin"]))]
    assert [found[0] for found in cards] == order


def test_a_beginning_is_in_few_parts_or_has_a_list(library: Library, small_parts: None) -> None:
    files, memory = index_files(library), MemoryIndex(library)
    root = json.loads(files["root.json"])
    beginnings = {key[:length] for key in memory._texts for length in range(3, len(key) + 1)}
    lists_found, ordered = 0, sorted(memory._texts)
    for beginning in beginnings:
        keys = ordered[bisect_left(ordered, beginning) : bisect_left(ordered, beginning + "\U0010ffff")]
        held = {bisect_right(root["t"], key) for key in keys}
        lists = sorted((name for name in root["x"] if name.startswith(beginning)), key=len)
        if lists:
            cursor = Cursor(gzip.decompress(files[f"x/{file_name(lists[0])}.bin"]))
            count = cursor.varint()
            assert listed(cursor.data[cursor.at :]) == memory._of(keys) and count == len(memory._of(keys))
            lists_found += 1
        else:
            assert len(held) <= 8, beginning
    assert lists_found > 5


@pytest.mark.parametrize(("seed", "beside"), [(0, 200), (1, 200), (2, 200), (3, 2)])
def test_after_edits_the_index_is_that_of_a_clean_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_parts: None,
                                                        seed: int, beside: int) -> None:
    """With more changed documents than may stand beside a base, a new base is made."""
    monkeypatch.setattr(exchange, "MOST_BESIDE", beside)
    choose = random.Random(seed)
    library = generated(60, seed)
    kept = make_index(library).kept
    updates = 0
    for _ in range(6):
        library = edited(library, choose)
        kept.save(tmp_path)
        kept = Kept.load(tmp_path)
        assert kept is not None
        before, index, clean = kept.digests, make_index(library, kept=kept), make_index(library)
        assert index.digests == clean.digests
        assert all(clean.data[path] == data for path, data in index.data.items())
        if len(index.data) < len(clean.data):  # not made anew, as it is when a record has gone
            assert {path for path, digest in index.digests.items() if before.get(path) != digest} == set(index.data)
            updates += 1
        kept = index.kept
    assert updates > 1


def edited(library: Library, choose: random.Random) -> Library:
    """One or two records with another status, text or title, a new one at the end, or one less."""
    records = dict(library.records)
    for _ in range(choose.choice((1, 1, 2))):
        key = choose.choice(list(records))
        record = records[key]
        kind = choose.choice(("status", "word", "texts", "add", "add", "remove"))
        if kind == "remove":
            del records[key]
        elif kind == "add":
            newest = max(item.created for item in records.values())
            number = str(max(int(name) for name in records) + choose.randrange(1, 9))
            records[number] = msgspec.structs.replace(record, id=number, created=newest + timedelta(days=1), updated=newest)
        elif kind == "status":
            records[key] = msgspec.structs.replace(record, status=choose.choice(("open", "closed")), updated=record.created)
        elif kind == "texts":
            records[key] = msgspec.structs.replace(record, texts=records[choose.choice(list(records))].texts)
        else:
            records[key] = with_word(record, choose.choice(("Нечто", "frobnicates", "zzz", "ge-9/9/9")))
    return msgspec.structs.replace(library, records=records)


def with_word(record: AnyRecord, word: str) -> AnyRecord:
    text = record.texts[0]
    first = msgspec.structs.replace(text.sections[0], markdown=f"{word} {text.sections[0].markdown}")
    return msgspec.structs.replace(record, texts=(msgspec.structs.replace(text, sections=(first, *text.sections[1:])),))


def test_what_changes_leaves_the_base_as_it_is(tmp_path: Path) -> None:
    library = generated(60)
    make_index(library).kept.save(tmp_path)
    base = {file.name: file.stat().st_mtime_ns for file in tmp_path.glob("*.npy")}
    kept = Kept.load(tmp_path)
    key = list(library.records)[30]
    changed = msgspec.structs.replace(library, records=dict(library.records) | {key: with_word(library.records[key], "zzz")})
    index = make_index(changed, kept=kept)
    index.kept.save(tmp_path)
    assert len(base) == 4 and {file.name: file.stat().st_mtime_ns for file in tmp_path.glob("*.npy")} == base
    again = Kept.load(tmp_path)
    assert again is not None and make_index(changed, kept=again).data == {}
    back = make_index(library, kept=again)
    assert back.digests == make_index(library).digests


def test_many_changes_are_the_same_as_a_clean_build(tmp_path: Path, small_parts: None) -> None:
    library = generated(300)
    kept = make_index(library).kept
    changed = {key: with_word(record, f"zzz{number % 7}") for number, (key, record) in enumerate(library.records.items()) if number % 5}
    other = msgspec.structs.replace(library, records=dict(library.records) | changed)
    assert make_index(other, kept=kept).digests == make_index(other).digests


_PIECES = ("a", "B1", " ", "  ", "\n", "\n\n", ".", ":", "-", "1.", "(", "#", "=", "---", "http://x.y/z", "www.a.bc", '"', "$", "@b.cd", "ж",
           "\t", "\xa0", "\u2028", "\x0b", "{", ">", "e\u0301", "*", "_", "`", "&amp;", "|", "<b>", "[x](y)", "~~")


@settings(max_examples=300)
@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_plain_words_need_no_markdown(text: str) -> None:
    """What is taken as it stands is what Markdown makes of it."""
    found = plain(text, lambda _: True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "_BARE", re.compile("(?!)"))
        assert plain(text, lambda _: True) == found


def test_a_link_that_appears_changes_its_reader(small_parts: None) -> None:
    library = generated(20)
    keys = list(library.records)
    linking = with_word(library.records[keys[3]], f"[[{keys[7]}|hereafter]]")
    whole = msgspec.structs.replace(library, records=dict(library.records) | {keys[3]: linking})
    hidden = msgspec.structs.replace(whole, records={key: record for key, record in whole.records.items() if key != keys[19]})
    shown = make_index(whole, kept=make_index(hidden).kept)
    assert shown.digests == make_index(whole).digests
    without = msgspec.structs.replace(whole, records={key: record for key, record in whole.records.items() if key != keys[7]})
    assert "hereaft" in texts(make_index(whole).data) and "hereaft" not in texts(make_index(without).data)


def test_workers_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    library = generated(300)
    monkeypatch.setattr(reading, "CHUNK", 48)
    assert index_files(library, 2) == index_files(library, 1)


def test_what_was_kept_and_is_damaged_is_not_used(tmp_path: Path, library: Library) -> None:
    kept = make_index(library).kept
    for name in ("postings.npy", "place-starts.npy", "kept.msgpack"):
        kept.save(tmp_path)
        file = next(tmp_path.glob(f"*{name}"))
        data = file.read_bytes()
        file.write_bytes(data[: len(data) // 2])
        assert Kept.load(tmp_path) is None
        file.unlink()
        assert Kept.load(tmp_path) is None
    kept.save(tmp_path)
    assert Kept.load(tmp_path) is not None


def test_an_empty_portal_has_an_index() -> None:
    files = index_files(generated(0))
    assert json.loads(files["root.json"])["documents"] == 0


@given(st.lists(st.integers(0, 2**63), max_size=50))
def test_varints(numbers: list[int]) -> None:
    array = np.array(numbers, np.uint64)
    data, starts = varints(array)
    assert data.tobytes() == b"".join(map(varint, numbers))
    assert np.diff(starts).tolist() == varint_lengths(array).tolist() == [len(varint(number)) for number in numbers]
    cursor = Cursor(data.tobytes())
    assert [cursor.varint() for _ in numbers] == numbers


@settings(max_examples=200)
@given(st.dictionaries(st.text("ab\U0010ffff", max_size=6), st.integers(1, 60), max_size=80), st.integers(10, 100))
def test_parts_cover_everything_and_are_small(table: dict[str, int], limit: int) -> None:
    keys = sorted(table)
    layout = lay_out(keys, np.array([table[key] for key in keys], np.int64), limit)
    assert [at for part in layout.parts for at in range(part.start, part.end)] == list(range(len(keys)))
    for part in layout.parts:
        assert part.end - part.start == 1 or sum(table[key] for key in keys[part.start : part.end]) <= limit
        assert part.name <= keys[part.start] and (part.start == 0 or keys[part.start - 1] < part.name)
    names = [part.name for part in layout.parts]
    assert names == sorted(set(names)) and names[:1] == [""][: len(names)]


def test_names_of_files() -> None:
    assert file_name("") == "_" and file_name("bgp") == "626770" and file_name("ж") == "d0b6"
    long = "x" * 60
    assert len(file_name(long)) == 73 and file_name(long) != file_name(long + "y")
    assert packed(b"abc")[:8] == bytes.fromhex("1f8b080000000000")  # no name, no time
