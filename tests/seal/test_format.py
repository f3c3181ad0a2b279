"""The format: vectors, a reader that knows the documentation alone, and what rows and decoys look like."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.seal.format import OVERHEAD, Form, decoys, derive_keys, form_for, salt_of, seal_row, shard_bytes
from kb.fields import Wrong
from kb.key_values import normal_key
from kb.seal_settings import TableSettings
from tests.seal import reader
from tests.seal.vectors import FILE, SECRET, vectors

VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
SETTINGS = TableSettings("entitlements", ("e.csv",), (("serial",),), 1_000)
FORM = Form("entitlements", salt_of(SECRET, "entitlements"), 1_000, "", (("serial",),), 3, 96, 256)
CHI_SQUARE = 377.1  # 255 degrees of freedom; random bytes exceed it once in a million times


def test_vectors_are_what_this_program_makes() -> None:
    assert json.loads(json.dumps(vectors())) == VECTORS


@pytest.mark.parametrize("number", range(len(VECTORS["tables"])))
def test_a_reader_that_knows_the_documentation_alone_opens_the_vectors(number: int) -> None:
    case = VECTORS["tables"][number]
    for values, told in case["opens"]:
        found = reader.open_row(case["table"], lambda name: base64.b64decode(case["shards"][name]), values)
        assert found == told, values


@given(st.text(max_size=40))
def test_two_readers_of_the_documentation_agree_on_what_is_typed(text: str) -> None:
    try:
        assert normal_key(text) == reader.normal(text)
    except Wrong as wrong:
        assert (wrong.reason == "is empty" and not reader.normal(text)) or wrong.reason != "is empty"


@given(st.text(max_size=40))
def test_what_is_normal_stays(text: str) -> None:
    try:
        value = normal_key(text)
    except Wrong:
        return
    assert normal_key(value) == value


def test_the_normal_forms_of_the_vectors_are_those_of_the_documentation() -> None:
    assert [reader.normal(typed) for typed, _ in VECTORS["normal"]] == [value for _, value in VECTORS["normal"]]


def chi_square(data: bytes) -> float:
    counts, expected = Counter(data), len(data) / 256
    return sum((counts[byte] - expected) ** 2 / expected for byte in range(256))


def sample(count: int) -> list[bytes]:
    return [seal_row(FORM, derive_keys(number.to_bytes(32, "big"), FORM.info), b'{"product":"box"}') for number in range(count)]


def test_rows_and_decoys_are_bytes_like_random_ones() -> None:
    rows = sample(768)
    false = [row for shard in range(FORM.shards) for row in decoys(FORM, SECRET, shard)]
    assert {len(row) for row in (*rows, *false)} == {256}
    assert chi_square(b"".join(row[1:] for row in rows)) < CHI_SQUARE
    assert chi_square(b"".join(row[1:] for row in false)) < CHI_SQUARE
    assert chi_square(b"".join(row[:1] for row in rows)) < CHI_SQUARE  # the shard's bits are spread evenly over all shards
    assert chi_square(b"".join(row[:1] for row in false)) < CHI_SQUARE
    for place in range(16, 28):  # nonces, place by place
        assert len({row[place] for row in rows}) > 200 and len({row[place] for row in false}) > 200


def test_decoys_lie_in_their_shard_and_make_room_for_rows() -> None:
    for shard in range(FORM.shards):
        false = decoys(FORM, SECRET, shard)
        assert len(set(false)) == FORM.rows == len(false)
        assert {FORM.shard_of(row[:16]) for row in false} == {shard}
        real = [row for row in sample(100) if FORM.shard_of(row[:16]) == shard]
        data = shard_bytes(FORM, SECRET, shard, real)
        rows = [data[start : start + FORM.size] for start in range(0, len(data), FORM.size)]
        assert rows == sorted(rows) and len(rows) == FORM.rows and set(real) <= set(rows)
        assert set(rows) - set(real) == set(false[len(real) :])


def test_one_more_row_takes_the_place_of_one_decoy() -> None:
    before, after = (shard_bytes(FORM, SECRET, 0, sample(count)) for count in (4, 5))
    parts = [{data[start : start + FORM.size] for start in range(0, len(data), FORM.size)} for data in (before, after)]
    assert len(parts[0] - parts[1]) == len(parts[1] - parts[0]) == 1


@pytest.mark.parametrize("changes", [{"size": 384}, {"rows": 128}, {"bits": 4}, {"epoch": "2"}, {"iterations": 2_000}])
def test_whatever_changes_all_rows_changes_all_decoys(changes: dict[str, int]) -> None:
    """Or what stays would be a decoy, and what is new a row."""
    other = Form(**{name: getattr(FORM, name) for name in FORM.__struct_fields__} | changes)  # type: ignore[arg-type]
    before = {row[:16] for shard in range(FORM.shards) for row in decoys(FORM, SECRET, shard)}
    after = {row[:16] for shard in range(other.shards) for row in decoys(other, SECRET, shard)}
    assert before.isdisjoint(after)
    if "iterations" not in changes:  # of which the master keys are others
        master = bytes(32)
        assert derive_keys(master, FORM.info).locator != derive_keys(master, other.info).locator


def test_the_same_text_has_the_same_bytes_and_another_one_another_nonce() -> None:
    keys = derive_keys(bytes(32), FORM.info)
    first, again, other = (seal_row(FORM, keys, text) for text in (b"{}", b"{}", b"[]"))
    assert first == again
    assert first[16:28] != other[16:28]


def test_a_text_that_ends_in_the_mark_of_the_padding_is_kept() -> None:
    keys = derive_keys(bytes(32), FORM.info)
    text = json.dumps("\u00c0", ensure_ascii=False).encode()[:-2] + b"\x80\"" + b"x" * 10
    row = seal_row(FORM, keys, text)
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    plain = AESGCM(keys.key).decrypt(row[16:28], row[28:], b"waypost-seal-1/entitlements" + keys.locator)
    assert plain[: plain.rindex(b"\x80")] == text


@pytest.mark.parametrize(("rows", "bits"), [(0, 0), (1, 0), (50, 0), (51, 1), (100, 1), (101, 2), (200_000, 12), (204_800, 12), (204_801, 13)])
def test_the_form_changes_in_coarse_steps(rows: int, bits: int) -> None:
    assert form_for(SETTINGS, SECRET, rows, 200).bits == bits


@pytest.mark.parametrize(("longest", "size"), [(0, 256), (256 - OVERHEAD - 1, 256), (256 - OVERHEAD, 384), (384 - OVERHEAD - 1, 384)])
def test_a_row_has_room_for_the_longest_text(longest: int, size: int) -> None:
    form = form_for(SETTINGS, SECRET, 1, longest)
    assert form.size == size
    assert len(seal_row(form, derive_keys(bytes(32), form.info), b"x" * longest)) == size


def test_a_capacity_keeps_the_form() -> None:
    settings = TableSettings("entitlements", ("e.csv",), (("serial",),), capacity=1_000)
    assert {form_for(settings, SECRET, rows, 200).bits for rows in (0, 10, 1_000)} == {5}


def test_a_form_that_is_too_narrow_becomes_wider() -> None:
    form, seen = FORM, []
    for _ in range(8):
        form = form.wider()
        seen.append((form.bits, form.rows))
    assert seen == [(3, 128), (3, 160), (3, 192), (3, 256), (3, 384), (3, 512), (4, 96), (4, 128)]


def test_the_documentation_names_the_numbers_of_the_format() -> None:
    text = (Path(__file__).parents[2] / "docs" / "sealed-tables.md").read_text(encoding="utf-8")
    for word in ("PBKDF2-HMAC-SHA-256(key string, salt, iterations, 32 bytes)", "waypost-seal-1/<table>/<bits>/<rows>/<size>/<epoch>",
                 "locator (16) ‖ nonce (12) ‖ ciphertext (size - 44) ‖ tag (16)"):
        assert re.sub(r"\s+", " ", word) in re.sub(r"\s+", " ", text)
