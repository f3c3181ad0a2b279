"""The ledger: which units of text an import wrote and what they were, so that work by hand is recognised and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kb.atomic import write_atomically

LEDGER_PATH = ".waypost/imports.json"


class Unit(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A unit as it was written: SHA-256 of its bytes in hexadecimal, and the source records that it was made from."""

    sha256: str
    sources: tuple[str, ...] = ()


class _File(msgspec.Struct):
    version: int
    units: dict[str, Unit]


class Ledger:
    """Units by key: the path in the site, with ``#`` and the record's id for a line of a ``.jsonl`` file."""

    def __init__(self, root: Path) -> None:
        self._path = root / LEDGER_PATH
        self.damaged = False
        self._units = self._read()
        self._changed = False

    def _read(self) -> dict[str, Unit]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File).units
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.damaged = True
            return {}

    @property
    def units(self) -> Mapping[str, Unit]:
        return self._units

    def get(self, key: str) -> Unit | None:
        return self._units.get(key)

    def record(self, key: str, sha256: str, sources: tuple[str, ...]) -> None:
        unit = Unit(sha256, tuple(sorted(sources)))
        if self._units.get(key) != unit:
            self._units[key] = unit
            self._changed = True

    def wrote(self, key: str, data: bytes) -> bool:
        """Whether this is what the last import wrote."""
        unit = self._units.get(key)
        return unit is not None and unit.sha256 == digest(data)

    def save(self) -> None:
        """Writes the ledger where it changed; raises OSError."""
        if not self._changed:
            return
        units = dict(sorted(self._units.items()))
        data = msgspec.json.format(msgspec.json.encode(_File(1, units)), indent=1) + b"\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, data)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
