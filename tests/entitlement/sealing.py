"""Seals tables with nothing but ``cryptography``, after docs/sealed-tables.md: what browsers open must be what this seals."""

from __future__ import annotations

import hmac
import json
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

_DROPPED = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212\u200b-\u200d\u2060\ufeff]")

Row = tuple[Mapping[str, str], Mapping[str, Any]]


def normal(text: str) -> str:
    upper = unicodedata.normalize("NFKC", text).upper()
    return _DROPPED.sub("", unicodedata.normalize("NFKC", upper))


def derived(settings: Mapping[str, Any], fields: Sequence[str], values: Mapping[str, str]) -> tuple[bytes, bytes, bytes]:
    """Locator, key and nonce key of a row."""
    text = "\n".join(["waypost-seal-1", settings["table"], *(f"{field}={normal(values[field])}" for field in fields)])
    slow = PBKDF2HMAC(SHA256(), 32, bytes.fromhex(settings["salt"]), settings["iterations"])
    info = "waypost-seal-1/{table}/{bits}/{rows}/{size}/{epoch}".format(**settings)
    keys = HKDF(SHA256(), 80, b"", info.encode()).derive(slow.derive(text.encode()))
    return keys[:16], keys[16:48], keys[48:]


def sealed(settings: Mapping[str, Any], fields: Sequence[str], row: Row) -> bytes:
    """A row of a shard."""
    locator, key, nonce_key = derived(settings, fields, row[0])
    plain = json.dumps(row[1], ensure_ascii=False).encode() + b"\x80"
    padded = plain.ljust(settings["size"] - 44, b"\0")
    assert len(padded) == settings["size"] - 44, "the row is too long"
    nonce = hmac.digest(nonce_key, padded, "sha256")[:12]
    return locator + nonce + AESGCM(key).encrypt(nonce, padded, f"waypost-seal-1/{settings['table']}".encode() + locator)


def seal(folder: Path, rows: Iterable[Row], **changes: Any) -> dict[str, Any]:
    """Writes ``table.json`` and the shards of a table into a folder; gives the settings."""
    settings = {"version": 1, "table": "entitlements", "salt": "00112233445566778899aabbccddeeff", "iterations": 1_000,
                "epoch": "", "lookups": [["serial"]], "bits": 5, "rows": 0, "size": 512} | changes
    rows = list(rows)
    settings["rows"] = settings["rows"] or len(rows) * len(settings["lookups"]) + 3
    shards: list[list[bytes]] = [[] for _ in range(1 << settings["bits"])]
    for fields in settings["lookups"]:
        for row in rows:
            made = sealed(settings, fields, row)
            shards[int.from_bytes(made[:4], "big") >> (32 - settings["bits"])].append(made)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.json").write_text(json.dumps(settings), encoding="utf-8")
    for number, shard in enumerate(shards):
        while len(shard) < settings["rows"]:  # a decoy
            lead = (number << (32 - settings["bits"])) | (secrets.randbits(32) >> settings["bits"])
            shard.append(lead.to_bytes(4, "big") + secrets.token_bytes(settings["size"] - 4))
        name = f"{number:0{max(1, -(-settings['bits'] // 4))}x}.bin"
        (folder / name).write_bytes(b"".join(sorted(shard)))
    return settings
