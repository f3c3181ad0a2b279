"""Signatures of messages: what is left out of them, what finds a record that quotes one, and that the browser does the same."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.library import Library
from prsearch.analysis import normalise
from prsearch.memory import MemoryIndex
from prsearch.messages import MOST_ASKED, MOST_LINES, asked, is_message, signatures, words_of
from prsearch.quoted import MOST_KEYS, message_keys, quoted
from tests.benchmarks.messages import WAYS, altered, articles, code_lines, recall

VECTORS = json.loads(Path(__file__).with_name("message_vectors.json").read_text(encoding="utf-8"))
LINE = "Aug  9 21:40:12 acc-sw3 l2ald[2284]: L2ALD_AE_CHILD_STALE: ae3.0 vlan 110: 412 entries keep child 3 (xe-0/1/2) after member removal"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["line"][:30])
def test_words_of_messages(node: Any, vector: Mapping[str, Any]) -> None:
    line, expected = vector["line"], (vector["sequences"], vector["codes"])
    assert words_of(normalise(line)) == expected and is_message(line) == vector["message"]
    found = node.call("message", line)
    assert (found["sequences"], found["codes"]) == expected and found["isMessage"] == vector["message"]


PARTS = st.lists(st.one_of(
    st.sampled_from([" ", "  ", "\n", "\t", ": ", "'", '"', "`", "“", "”", "«", "»", "[1500]", "(", ")", "=", "/", "\\", "ge-0/0/0", "10.0.0.1", "fe80::1", "ora-01555",
                     "Aug  9 21:40:12 ", "2026-11-22T10:11:12Z ", "host1 ", "rpd[1]:", "error", "ошибка", "Сбой", "l2ald", "native2pdf", "deadbeef", "%KERN-3-ERR", "a.b.c",
                     "x@example.com", "/var/log/x", "C:\\x\\y", "https://example.com/a", "может", "jan", "UTC", "\xa0", "\u2028", "\x85", "\x1c", "İ", "ǅ", "😀", "ё"]),
    st.text(max_size=8)), max_size=12)


@settings(max_examples=800)
@given(parts=PARTS)
def test_the_browser_makes_the_same_signatures(node: Any, parts: list[str]) -> None:
    text = "".join(parts)
    found = node.call("message", text)
    assert (found["sequences"], found["codes"]) == words_of(normalise(text))
    assert found["asked"] == asked(text) and found["isMessage"] == is_message(text)


def test_long_messages_ask_for_few_lines_those_with_trouble_first(node: Any) -> None:
    lines = [f"{'😀' * 40}: alpha{chr(97 + at % 26)} beta{chr(97 + at // 26)} gamma {'failed' if at % 50 == 49 else 'went'} by" for at in range(200)]
    text = "\n".join(lines)
    found = asked(text)
    assert found == node.call("message", text)["asked"] and len(found) == MOST_LINES
    assert [signatures(lines[at]) for at in (49, 99, 149, 199, 0, 1, 2, 3)] == found
    random = Random(3)
    long = " ".join("".join(random.choices("bcdfghklmnprst", k=3)) for _ in range(160))
    assert len(asked(long)[0]) == MOST_ASKED
    assert node.call("message", long)["asked"] == asked(long)
    assert node.call("message", "x" * 30_000 + " error: a b c")["asked"] == asked("x" * 30_000 + " error: a b c")


@pytest.mark.parametrize("line", [
    "Nov 22 09:01:02 other-host l2ald[77]: L2ALD_AE_CHILD_STALE: ae17.3 vlan 9: 8 entries keep child 1 (ge-4/0/44) after member removal",
    "l2ald[1]: L2ALD_AE_CHILD_STALE: vlan 2: 3 entries keep child",
    "2026-11-22T09:01:02Z sw l2ald: L2ALD_AE_CHILD_STALE: et-0/0/1:2.0 entries keep child after removal of 192.0.2.1",
    "L2ALD_AE_CHILD_STALE: entries keep child after member removal", "\n".join(f"Nov 22 10:00:{at:02} sw cron[{at}]: (root) CMD ran job number {at} of many others" for at in range(30)) + f"\n{LINE}\nand one after it"])
def test_a_message_finds_the_record_that_quotes_it(index: MemoryIndex, line: str) -> None:
    found = index.match(line)
    assert found and found[0].record.id == "1700862"


def test_numbers_addresses_times_and_paths_make_no_difference() -> None:
    one = "Jan  2 03:04:05 a1 rpd[7]: peer 10.0.0.1 (fe80::1) on ge-0/0/0.100 closed, log in /var/log/rpd.log, id 0x7f, mac 00:1a:2b:3c:4d:5e"
    other = "Dec 31 23:59:59 zz.example.net rpd[123456]: peer 192.0.2.77 (2001:db8::7:1) on xe-11/2/33 closed, log in /tmp/a/b/c, id 0xdeadbeef, mac 99:88:77:66:55:44"
    assert signatures(one) == signatures(other) != []


def test_a_question_is_no_message(index: MemoryIndex) -> None:
    for query in ("how do I reset the password", "bgp session flaps after upgrade", "KB10021", "severity:critical product:exos", "", "нет связи после обновления"):
        assert index.match(query) is None, query
    assert index.match("zzqx: qwertyuiop[1]: asdfgh jklzxc vbnm") == []


def test_hostile_lines_take_little_time() -> None:
    hostile = ["'" * 20_000, '"' * 20_000, "<" * 20_000, "a:" * 10_000, "0/" * 10_000, "/a" * 10_000, "a.b" * 7_000, "[" * 20_000, "-a" * 10_000, "1:" * 10_000,
               "aa 1 " * 4_000, "`'\"" * 7_000, "2026-01-01t" + "0" * 20_000]
    start = time.process_time()
    for line in hostile:
        is_message(line)
        asked(line)
    assert time.process_time() - start < 5


def test_a_record_gives_no_more_than_so_many_keys(library: Library) -> None:
    record = library.records["1700862"]
    assert 0 < len(message_keys(record, library.shows)) < MOST_KEYS
    lines = list(quoted(record.texts[0], library.shows))
    assert any("L2ALD_AE_CHILD_STALE" in line for line in lines) and "disable" in lines
    assert not any(line.startswith("When a member link") for line in lines)


@pytest.mark.parametrize(("way", "least"), [("altered", 0.95), ("with a header", 0.95), ("without a word", 0.85)])
def test_lines_of_the_examples_find_their_records(library: Library, index: MemoryIndex, way: str, least: float) -> None:
    found = recall(library, index, WAYS[way])
    assert found.lines > 500 and found.among >= least


@pytest.mark.slow
@pytest.mark.xdist_group("real-data")
def test_lines_of_real_articles_find_them(shared_data: Path, tmp_path: Path) -> None:
    library = articles(shared_data / "kcs-articles", tmp_path / "site")
    found = recall(library, MemoryIndex(library), altered)
    assert found.lines > 500 and found.among >= 0.9


def portal_queries(library: Library) -> list[str]:
    random = Random(11)
    lines = random.sample(sorted({line for record in library.records.values() for line in code_lines(record)}), 120)
    return [altered(line, random) for line in lines] + [f"{lines[at]}\n{lines[at + 1]}" for at in range(0, 60, 2)] + ["error: x y", "no such: thing at all"]


def test_the_browser_finds_the_same_records_and_loads_little(node: Any, library: Library, index: MemoryIndex, index_folder: Path) -> None:
    found_some = 0
    for query in portal_queries(library):
        expected = [list(pair) for pair in index.quoting(asked(query))]
        got = node.call("quoting", str(index_folder), query)
        assert got["found"] == expected, query
        found_some += bool(expected)
    assert found_some > 100


def test_nothing_of_a_hidden_link_is_in_a_signature(library: Library) -> None:
    text = library.records["1700862"].texts[0]
    section = text.sections[0]
    marked = 'It says "see [[EXSA-9999-0001|secret canary words]] now" and `a plain code line`.'
    changed = msgspec.structs.replace(text, sections=(msgspec.structs.replace(section, markdown=marked),))
    assert not [line for line in quoted(changed, lambda _name: False) if "canary" in line]
    assert [line for line in quoted(changed, lambda _name: True) if "canary" in line]
    assert not re.search("canary", " ".join(quoted(changed, lambda _name: False)))
