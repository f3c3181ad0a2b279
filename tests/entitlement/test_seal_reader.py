"""The browser opens what ``cryptography`` seals after docs/sealed-tables.md, and nothing else; it reads values as Python does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.fields import Wrong
from kb.key_values import normal_key
from tests.browser_modules import Node
from tests.entitlement.sealing import derived, normal, seal

SETTINGS = {"version": 1, "table": "entitlements", "salt": "f0" * 16, "iterations": 1_000, "epoch": "2026-11", "lookups": [["serial"]],
            "bits": 12, "rows": 96, "size": 384}


def test_a_published_vector(node: Node) -> None:
    """Figures of another implementation: Python's hashlib and hmac alone (RFC 8018, RFC 5869)."""
    import hashlib
    import hmac

    master = hashlib.pbkdf2_hmac("sha256", b"waypost-seal-1\nentitlements\nserial=AR9A04170032", bytes.fromhex("f0" * 16), 1_000, 32)
    secret = hmac.digest(bytes(32), master, "sha256")
    info, block, blocks = b"waypost-seal-1/entitlements/12/96/384/2026-11", b"", b""
    for number in (1, 2):
        block = hmac.digest(secret, block + info + bytes([number]), "sha256")
        blocks += block
    assert node.call("derive", SETTINGS, ["serial"], {"serial": " ar9a-0417\u20110032\u200b"}) == [
        blocks[:16].hex(), blocks[16:48].hex(), f"{blocks[:2].hex()[:3]}.bin"]


@settings(max_examples=60, deadline=None)
@given(serial=st.text("AR90-ßéıﬁ\u00a0\u2212", min_size=1, max_size=12).filter(lambda text: bool(normal(text))),
       epoch=st.text("abc.-", max_size=5), bits=st.integers(0, 24), second=st.booleans())
def test_keys_are_those_of_python(node: Node, serial: str, epoch: str, bits: int, second: bool) -> None:
    fields = ["serial", "contract"] if second else ["serial"]
    values = {"serial": serial, "contract": "C-1"}
    changed = SETTINGS | {"epoch": epoch, "bits": bits, "iterations": 1}
    locator, key, _nonce = derived(changed, fields, values)
    number = int.from_bytes(locator[:4], "big") >> (32 - bits)
    assert node.call("derive", changed, fields, values) == [locator.hex(), key.hex(), f"{number:0{max(1, -(-bits // 4))}x}.bin"]


ROWS = [({"serial": f"AR9A{number:08}", "contract": f"C{number}"}, {"product": "exos", "contract": f"••••{number}"}) for number in range(40)]


@pytest.mark.parametrize("bits", [0, 1, 5])
@pytest.mark.parametrize("fields", [["serial"], ["serial", "contract"]])
def test_every_row_opens_and_nothing_else(node: Node, tmp_path: Path, bits: int, fields: list[str]) -> None:
    seal(tmp_path, ROWS, lookups=[fields], bits=bits, epoch="2", iterations=2)
    for values, row in ROWS:
        assert node.call("open", str(tmp_path), fields, values) == row
    for serial in ("AR9A00000040", "AR9A0000000", ""):
        assert node.call("open", str(tmp_path), fields, {"serial": serial, "contract": "C1"}) is None
    if len(fields) > 1:
        assert node.call("open", str(tmp_path), fields, {"serial": "AR9A00000001", "contract": "C2"}) is None


@pytest.mark.parametrize("change", ["flip", "table", "epoch"])
def test_a_row_that_was_tampered_with_is_none(node: Node, tmp_path: Path, change: str) -> None:
    made = seal(tmp_path, ROWS[:1], bits=0, iterations=2)
    if change == "flip":
        shard = tmp_path / "0.bin"
        locator, _key, _nonce = derived(made, ["serial"], ROWS[0][0])
        data = bytearray(shard.read_bytes())
        data[data.index(locator) + 40] ^= 1
        shard.write_bytes(data)
    else:
        (tmp_path / "table.json").write_text(json.dumps(made | {change: "other"}), encoding="utf-8")
    assert node.call("open", str(tmp_path), ["serial"], ROWS[0][0]) is None


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=20) | st.text("AO0 \t-\u00ad\u2010\u2015\u2212\u3000\ufeff\u200d\x1c\x85ßŉΐﬃ", max_size=110))
@example("A" * 100)
@example("A" * 101)
@example("\U0001d7d8" * 100)
def test_values_are_normal_alike(node: Node, text: str) -> None:
    try:
        expected: Any = normal_key(text)
    except Wrong:
        expected = None
    assert node.call("normal", text) == expected
