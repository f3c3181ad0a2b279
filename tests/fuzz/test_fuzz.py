"""Kept inputs of the fuzzer, hostile ones that were thought of, and random damage: nothing is raised but findings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.damaged_sites import Workshop
from tests.fuzz.strategies import RECORDS, as_bytes
from tests.fuzz.targets import TARGETS, seeds

DEEP = 100_000
BOMBS: dict[str, bytes] = {
    "nothing": b"", "zeros": b"\0" * 100, "not UTF-8": b"\xff\xfe\x00", "a lone surrogate": b'{"id": "\\ud800"}',
    "deep JSON lists": b"[" * DEEP, "deep JSON objects": b'{"a":' * DEEP, "deep YAML flow": b"a: " + b"[" * DEEP,
    "deep YAML blocks": b"".join(b" " * depth + b"a:\n" for depth in range(400)), "deep front matter": b"---\na: " + b"{" * DEEP + b"\n---\n",
    "YAML aliases": b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    "YAML tags": b"a: !!python/object/apply:os.system [id]\n", "YAML merges": b"a: &a {b: c}\nd: {<<: *a}\n",
    "a huge integer": b'{"id": ' + b"9" * 200_000 + b"}", "a huge exponent": b'{"id": 1e999999, "version": -1e-999999, "x": NaN}',
    "a huge integer in YAML": b"id: " + b"9" * 200_000 + b"\n", "a long line": b"x" * 2_000_000,
    "a huge range": b"1-9999999999", "a huge range in a list": b", ".join([b"1.0-9999999999.9999999999"] * 200),
    "many ranges": b", ".join(b"%d.1 before %d.1R2" % (number, number) for number in range(2_000)),
    "XML entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
    "escape sequences": b"---\ntitle: \x1b[2J\x1b]0;owned\x07\n---\n", "escaped escape sequences": b'{"id": "1", "title": "\\u001b[2J", "\\u009b1m": 1}',
    "right to left": "---\nid: \u202eKB10001\n---\n".encode(), "many quotes": b'"' * 50_000, "many brackets": b"(" * 50_000,
    "markup": b"---\nid: KB10001\n---\n" + b"[" * 50_000, "quotations": b"---\nid: KB10001\n---\n" + b">" * 50_000,
    "emphasis": b"---\nid: KB10001\n---\n" + b"*a_ " * 20_000, "fences": b"---\nid: KB10001\n---\n" + b"\t" * 50_000 + b"```x",
    "many columns": b",".join([b"a"] * 50_000) + b"\n", "an open quote": b'id,title\n1,"' + b"x\n" * 50_000,
}


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_kept_inputs_are_borne(target: str) -> None:
    for data in seeds(target):
        TARGETS[target](data)


@pytest.mark.parametrize("bomb", sorted(BOMBS))
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_bombs_are_borne(target: str, bomb: str) -> None:
    TARGETS[target](BOMBS[bomb])


@pytest.mark.parametrize("target", sorted(RECORDS))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_record_is_read_or_refused(target: str, data: st.DataObject) -> None:
    TARGETS[target](as_bytes(target, data.draw(RECORDS[target])))


@pytest.mark.slow
def test_damaged_sites_are_built_or_refused(tmp_path: Path) -> None:
    """``WAYPOST_DAMAGED=2000`` builds more of them; ``python -m tests.fuzz.damaged_sites`` does the same without pytest."""
    workshop, first = Workshop(tmp_path), 1
    found = [workshop.outcome(seed) for seed in range(first, first + int(os.environ.get("WAYPOST_DAMAGED", "40")))]
    assert [f"--first {one.seed} --sites 1: {one.fault}" for one in found if one.fault] == []
    assert {one.code for one in found} >= {0, 1}
