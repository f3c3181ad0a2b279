"""A temporary file for what is read of private tables, so that memory does not grow with them: encrypted under a key that only
this process has, and without a name, so that it vanishes with it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BUFFER = 1 << 18  # bytes that are written at once
_BLOCK = 16  # bytes of a block of AES


class Spool:
    """Bytes that are appended, then read in any order, in forked processes too."""

    def __init__(self, folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder if folder and folder.is_dir() else None, buffering=0)  # noqa: SIM115  it lives as long as this object
        self._key = algorithms.AES(os.urandom(32))
        self._encryptor = Cipher(self._key, modes.CTR(bytes(_BLOCK))).encryptor()
        self._waiting: list[bytes] = []
        self._size = self._written = 0

    def append(self, data: bytes) -> int:
        """Where the data can be read."""
        start = self._size
        self._waiting.append(data)
        self._size += len(data)
        if self._size - self._written > _BUFFER:
            self.flush()
        return start

    def flush(self) -> None:
        """Makes all readable that was appended."""
        data = self._encryptor.update(b"".join(self._waiting))
        self._waiting.clear()
        while data:
            data = data[self._file.write(data) or 0 :]
        self._written = self._size

    def read(self, start: int, length: int) -> bytes:
        """Some bytes, which must have been flushed."""
        first, before = divmod(start, _BLOCK)
        data = os.pread(self._file.fileno(), before + length, start - before)
        counter = modes.CTR(first.to_bytes(_BLOCK, "big"))
        return Cipher(self._key, counter).decryptor().update(data)[before:]

    def close(self) -> None:
        self._file.close()
