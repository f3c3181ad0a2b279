"""The format of sealed tables, version 1 (docs/sealed-tables.md): keys, rows, decoys, shards. Pure functions."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kb.seal_settings import TableSettings

MASTER: Final = 32  # bytes that PBKDF2 gives: one block of its hash
LOCATOR: Final = 16
_KEY, _NONCE, _TAG = 32, 12, 16
OVERHEAD: Final = LOCATOR + _NONCE + _TAG
_MEAN, _ROWS = 50, (96, 128, 160, 192, 256, 384, 512)  # real rows in a shard on the average at most; rows that it may hold
_SIZE_STEP: Final = 128
_MOST_BITS: Final = 24


class Form(msgspec.Struct, frozen=True):
    """All that is public of a table. ``bits`` of a locator name its shard, which has ``rows`` rows of ``size`` bytes."""

    table: str
    salt: bytes
    iterations: int
    epoch: str
    lookups: tuple[tuple[str, ...], ...]
    bits: int
    rows: int
    size: int

    @property
    def info(self) -> bytes:
        return f"waypost-seal-1/{self.table}/{self.bits}/{self.rows}/{self.size}/{self.epoch}".encode()

    @property
    def shards(self) -> int:
        return 1 << self.bits

    def shard_of(self, locator: bytes) -> int:
        return int.from_bytes(locator[:4], "big") >> (32 - self.bits)

    def shard_path(self, shard: int) -> str:
        return f"sealed/{self.table}/{shard:0{max(1, -(-self.bits // 4))}x}.bin"

    def wider(self) -> Form:
        """The form whose shards hold the next larger number of rows, or are twice as many."""
        larger = next((rows for rows in _ROWS if rows > self.rows), None)
        if larger:
            return msgspec.structs.replace(self, rows=larger)
        return msgspec.structs.replace(self, bits=self.bits + 1, rows=_ROWS[0])


class Keys(NamedTuple):
    """What is derived for a row: where it is found, what opens it, and what its nonce is made with."""

    locator: bytes
    key: bytes
    nonce_key: bytes


def salt_of(secret: bytes, table: str) -> bytes:
    """The public salt of a table, which changes with the secret, for decoys must not stay while real rows change."""
    return hmac.digest(secret, f"waypost-seal-1/salt/{table}".encode(), "sha256")[:16]


def form_for(settings: TableSettings, secret: bytes, rows: int, longest: int) -> Form:
    """The form of a table with so many keys and so long a longest text, in bytes. It changes in coarse steps."""
    count = max(rows, settings.capacity, 1)
    bits = min(_MOST_BITS, max(0, (-(-count // _MEAN) - 1).bit_length()))
    size = -(-(longest + 1 + OVERHEAD) // _SIZE_STEP) * _SIZE_STEP
    return Form(settings.name, salt_of(secret, settings.name), settings.iterations, settings.epoch, settings.lookups, bits,
                _ROWS[0], max(2 * _SIZE_STEP, size))


def table_json(form: Form) -> bytes:
    """``table.json``, as readers find it."""
    told = {"version": 1, "table": form.table, "salt": form.salt.hex(), "iterations": form.iterations, "epoch": form.epoch,
            "lookups": form.lookups, "bits": form.bits, "rows": form.rows, "size": form.size}
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def derive_master(key: str, salt: bytes, iterations: int) -> bytes:
    """What a key string costs an attacker and us: one block of PBKDF2-HMAC-SHA-256 (RFC 8018). Releases the GIL."""
    return hashlib.pbkdf2_hmac("sha256", key.encode(), salt, iterations, MASTER)


def derive_keys(master: bytes, info: bytes) -> Keys:
    """HKDF-SHA-256 (RFC 5869) without salt; takes some microseconds."""
    found = HKDF(hashes.SHA256(), LOCATOR + 2 * _KEY, None, info).derive(master)
    return Keys(found[:LOCATOR], found[LOCATOR : LOCATOR + _KEY], found[LOCATOR + _KEY :])


def seal_row(form: Form, keys: Keys, told: bytes) -> bytes:
    """A row of ``form.size`` bytes. The same text gives the same bytes, another one another nonce (as in RFC 8452)."""
    length = form.size - OVERHEAD
    padded = (told + b"\x80").ljust(length, b"\0")
    if len(padded) > length:
        raise ValueError("a text is longer than a row of its table")
    nonce = hmac.digest(keys.nonce_key, padded, "sha256")[:_NONCE]
    name = f"waypost-seal-1/{form.table}".encode()
    return keys.locator + nonce + AESGCM(keys.key).encrypt(nonce, padded, name + keys.locator)


def shard_bytes(form: Form, secret: bytes, shard: int, rows: Iterable[bytes]) -> bytes:
    """A shard: its real rows among as many decoys as there is room for, in the order of locators."""
    real = list(rows)
    return b"".join(sorted([*real, *decoys(form, secret, shard)[len(real) :]]))


def decoys(form: Form, secret: bytes, shard: int) -> list[bytes]:
    """As many decoys as a shard has rows: bytes of a cipher under the site's secret, so that each build makes the same ones. All
    are others where anything changes that changes all real rows."""
    name = f"waypost-seal-1/decoys/{form.salt.hex()}/{form.iterations}/{shard}/".encode() + form.info
    key = hmac.digest(secret, name, "sha256")
    stream = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor().update(bytes(form.rows * form.size))
    free = 32 - form.bits
    found = []
    for start in range(0, len(stream), form.size):
        first = int.from_bytes(stream[start : start + 4], "big") & ((1 << free) - 1) | shard << free
        found.append(first.to_bytes(4, "big") + stream[start + 4 : start + form.size])
    return found
