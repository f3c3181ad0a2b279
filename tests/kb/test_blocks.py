"""Blocks of JSON Lines files: whatever is done to a file, what is read of it anew and what was kept make the whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import blocks
from kb.blocks import Block, Cutter, changed_middle
from kb.source import all_lines

LINES = st.lists(st.sampled_from([b"", b"{}", b"one", b"another one", b"x" * 40]), max_size=12)


def content(lines: list[bytes], ends: bool) -> bytes:
    return b"\n".join(lines) + (b"\n" if ends and lines else b"")


def read(folder: Path, before: list[Block], known: list[bytes]) -> tuple[list[Block], list[bytes], int]:
    """The blocks and lines of the file as a build would put them together, and how many lines it had to read."""
    middle = changed_middle(folder / "all.jsonl", before)
    front, back = before[: middle.front], before[len(before) - middle.back :]
    own = [raw for _number, _start, raw in all_lines(folder, "all.jsonl", middle.start, middle.end, middle.number)]
    cutter = Cutter()
    for raw in own:
        cutter.add(raw, bool(raw.strip()))
    cutter.close()
    first, last = sum(block.lines for block in front), len(known) - sum(block.lines for block in back)
    return [*front, *cutter.blocks, *back], [*known[:first], *own, *known[last:]], len(own)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(LINES, st.booleans()), min_size=2, max_size=4))
def test_any_two_versions(tmp_path_factory: pytest.TempPathFactory, versions: list[tuple[list[bytes], bool]]) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    known: list[bytes] = []
    before: list[Block] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_LEAST", 8)
        for lines, ends in versions:
            data = content(lines, ends)
            (folder / "all.jsonl").write_bytes(data)
            before, known, _read = read(folder, before, known)
            assert b"".join(known) == data
            assert sum(block.size for block in before) == len(data)
            assert sum(block.pieces for block in before) == sum(bool(line.strip()) for line in known)


def test_one_changed_line_is_read_with_its_block_only(tmp_path: Path) -> None:
    lines = [b'{"id": "%d"}\n' % number for number in range(100_000)]
    (tmp_path / "all.jsonl").write_bytes(b"".join(lines))
    before, known, count = read(tmp_path, [], [])
    assert count == len(lines) and len(before) > 4
    lines[50_000] = b'{"id": "another"}\n'
    (tmp_path / "all.jsonl").write_bytes(b"".join(lines))
    _blocks, known, count = read(tmp_path, before, known)
    assert known == lines and 0 < count <= max(block.lines for block in before)


def test_a_last_line_that_goes_on_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_bytes(b"one\ntwo")
    before, known, _count = read(tmp_path, [], [])
    (tmp_path / "all.jsonl").write_bytes(b"one\ntwo and a half\n")
    assert read(tmp_path, before, known)[1] == [b"one\n", b"two and a half\n"]
