"""Master keys of rows, which cost some milliseconds each: derived once, then kept in the private cache of builds.

A file of the cache holds blocks that are appended as keys are derived, so that a build that is interrupted loses seconds of work.
A block is ``length (4) ‖ nonce (12) ‖ AES-256-GCM of pairs of name (16) and master key (32)``, under a key of the site's secret;
the name is a keyed hash of the key string.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from generator.seal.format import MASTER, derive_master
from kb.atomic import write_atomically
from kb.reporting import Report

NAME = 16  # bytes of the name of a key
STAGE = "row keys"
_NONCE = 12
_WAVE = 2.0  # seconds of work, about, after which keys are written
_ITERATIONS = 1_800_000  # that a processor core computes in a second, about


class MasterKeys:
    """The master keys of a table by name. ``cache`` is the folder where they are kept, None keeps nothing."""

    def __init__(self, cache: Path | None, secret: bytes, table: str, salt: bytes, iterations: int) -> None:
        label = f"waypost-seal-1/cache/{table}/{salt.hex()}/{iterations}".encode()
        self._salt, self._iterations = salt, iterations
        self._cipher = AESGCM(hmac.digest(secret, label, "sha256"))
        self._naming = hmac.digest(secret, label + b"/names", "sha256")
        self._label = label
        self._file = cache / f"seal-{table}-{hmac.digest(secret, label + b'/file', 'sha256')[:8].hex()}.keys" if cache else None
        self._older = f"seal-{table}-*.keys"
        self._known: dict[bytes, bytes] = {}

    def name_of(self, key: str) -> bytes:
        """What stands for a key string here and tells nothing of it."""
        return hashlib.blake2b(key.encode(), digest_size=NAME, key=self._naming).digest()

    def load(self) -> None:
        """Reads what is kept, up to the first block that is damaged, which goes."""
        self._known = {}
        if self._file is None:
            return
        try:
            data = self._file.read_bytes()
        except OSError:
            return
        end = 0
        with suppress(InvalidTag, ValueError):
            while end < len(data):
                length = int.from_bytes(data[end : end + 4], "big")
                block = data[end + 4 : end + 4 + length]
                if length < _NONCE or len(block) < length:
                    raise ValueError
                pairs = self._cipher.decrypt(block[:_NONCE], block[_NONCE:], self._label)
                step = NAME + MASTER
                self._known.update({pairs[at : at + NAME]: pairs[at + NAME : at + step] for at in range(0, len(pairs), step)})
                end += 4 + length
        if end < len(data):
            with suppress(OSError):
                os.truncate(self._file, end)

    def missing(self, names: Iterable[bytes]) -> list[int]:
        """Places of the names that no key is known for."""
        known = self._known
        return [at for at, name in enumerate(names) if name not in known]

    def derive(self, names: Sequence[bytes], key_of: Callable[[int], str], jobs: int, report: Report) -> None:
        """Derives the keys of some names on ``jobs`` threads; ``key_of`` gives the key string at a place."""
        wave = max(jobs, int(_WAVE * jobs * _ITERATIONS / self._iterations))
        total = len(names)
        with ThreadPoolExecutor(max(1, jobs)) as pool:
            for start in range(0, total, wave):
                places = range(start, min(total, start + wave))
                found = pool.map(self._derived, [key_of(at) for at in places], chunksize=1)
                self._add(dict(zip((names[at] for at in places), found, strict=True)))
                report(STAGE, places[-1] + 1, total)

    def _derived(self, key: str) -> bytes:
        return derive_master(key, self._salt, self._iterations)

    def _add(self, found: Mapping[bytes, bytes]) -> None:
        self._known.update(found)
        if self._file:
            _append(self._file, self._block(found))

    def _block(self, pairs: Mapping[bytes, bytes]) -> bytes:
        nonce = os.urandom(_NONCE)
        block = nonce + self._cipher.encrypt(nonce, b"".join(name + key for name, key in pairs.items()), self._label)
        return len(block).to_bytes(4, "big") + block

    def __getitem__(self, name: bytes) -> bytes:
        return self._known[name]

    def forget_others(self, names: Sequence[bytes]) -> None:
        """Drops the keys of rows that are gone once they are a quarter of all, and files of other secrets or costs."""
        if self._file is None:
            return
        if len(self._known) * 3 > len(names) * 4:
            self._known = {name: self._known[name] for name in names}
            write_atomically(self._file, self._block(self._known), 0o600)
        for file in self._file.parent.glob(self._older):
            if file != self._file:
                file.unlink(missing_ok=True)


def _append(file: Path, data: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0) as handle:
        handle.write(data)
