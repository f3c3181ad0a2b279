"""Opens sealed tables by the words of docs/sealed-tables.md and nothing of this program."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

WHITE = [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
SILENT = {*map(chr, WHITE), "-", "\u00ad", *map(chr, range(0x2010, 0x2016)), "\u2212", "\u200b", "\u200c", "\u200d", "\u2060",
          "\ufeff"}


def normal(text: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    return "".join(character for character in text if character not in SILENT)


def keys(about: Mapping[str, Any], lookup: list[str], values: Mapping[str, str]) -> bytes:
    string = "\n".join(["waypost-seal-1", about["table"], *(f"{field}={normal(values[field])}" for field in lookup)])
    master = PBKDF2HMAC(hashes.SHA256(), 32, bytes.fromhex(about["salt"]), about["iterations"]).derive(string.encode())
    info = "waypost-seal-1/{table}/{bits}/{rows}/{size}/{epoch}".format(**about)
    return HKDF(hashes.SHA256(), 80, b"", info.encode()).derive(master)


def open_row(about: Mapping[str, Any], shard: Callable[[str], bytes], values: Mapping[str, str]) -> Any:
    """What a table tells; None where it has no such row."""
    lookup = next(lookup for lookup in about["lookups"] if set(lookup) == set(values))
    found = keys(about, lookup, values)
    locator, key = found[:16], found[16:48]
    bits, size = about["bits"], about["size"]
    number = int.from_bytes(locator, "big") >> (128 - bits)
    data = shard(format(number, "x").zfill(max(1, -(-bits // 4))) + ".bin")
    assert len(data) == about["rows"] * size
    for start in range(0, len(data), size):
        row = data[start : start + size]
        if row[:16] == locator:
            plain = AESGCM(key).decrypt(row[16:28], row[28:], f"waypost-seal-1/{about['table']}".encode() + locator)
            text, mark, _zeros = plain.rpartition(b"\x80")
            assert mark == b"\x80"
            return json.loads(text)
    return None


def open_in(out: Path, table: str, **values: str) -> Any:
    """What a table of a built portal tells."""
    folder = out / "sealed" / table
    about = json.loads((folder / "table.json").read_text(encoding="utf-8"))
    return open_row(about, lambda name: (folder / name).read_bytes(), values)
