"""Settings of sealed tables: ``sealed`` in ``portal.yml`` (docs/sealed-tables.md)."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from kb.fields import Fields, parse_line, pattern, whole_number

TableName = Literal["entitlements", "cases"]

TABLES: Final[tuple[TableName, ...]] = ("entitlements", "cases")
ITERATIONS: Final = 20_000
KEY_FIELDS: Final = ("serial", "contract", "order")
_CASE_LOOKUPS = (("case", "code"), ("rma", "code"), ("reference", "code"))

parse_epoch = pattern(r"[A-Za-z0-9._-]{0,40}", "epoch", "write at most 40 letters, digits, points and hyphens, such as 2026-11")


class TableSettings(msgspec.Struct, frozen=True):
    """A table to seal. ``sources`` are files, relative to the site; ``lookups`` are lists of key fields, each of which together
    open a row. A ``capacity`` above the number of rows keeps the table's form while it grows; ``line`` is where it is written."""

    name: TableName
    sources: tuple[str, ...]
    lookups: tuple[tuple[str, ...], ...]
    iterations: int = ITERATIONS
    epoch: str = ""
    capacity: int = 0
    line: int = 0


class SealSettings(msgspec.Struct, frozen=True):
    """``key`` is the file with the secret of the site, relative to the site; ``tables`` in the order of TABLES."""

    key: str = "seal.key"
    tables: tuple[TableSettings, ...] = ()

    def table(self, name: TableName) -> TableSettings | None:
        return next((table for table in self.tables if table.name == name), None)


def parse_sealed(fields: Fields) -> SealSettings:
    """The settings, with findings for what is wrong."""
    key = fields.one("key", parse_line) or "seal.key"
    inner = [(name, fields.mapping(name)) for name in TABLES]
    tables = tuple(_table(name, item) for name, item in inner if item is not None)
    fields.finish()
    return SealSettings(key, tables)


def _table(name: TableName, fields: Fields) -> TableSettings:
    sources = fields.texts("source", required=True)
    for source in sources:
        if not source.endswith((".csv", ".jsonl")):
            fields.wrong("source", "is neither a .csv nor a .jsonl file", "export the table as CSV or as JSON Lines", source)
    lookups = (_keys(fields),) if name == "entitlements" else _CASE_LOOKUPS
    table = TableSettings(
        name, sources, lookups, fields.one("iterations", whole_number(1_000, 10_000_000)) or ITERATIONS,
        fields.one("epoch", parse_epoch) or "", fields.one("capacity", whole_number(1, 500_000_000)) or 0, fields.line)
    fields.finish()
    return table


def _keys(fields: Fields) -> tuple[str, ...]:
    """The key fields of entitlements: the serial number, alone or with another one."""
    keys = fields.texts("keys") or ("serial",)
    if keys[0] != "serial" or len(keys) > 2 or not set(keys[1:]) <= set(KEY_FIELDS[1:]):
        fields.wrong("keys", "are no keys of entitlements", "write [serial], [serial, contract] or [serial, order]",
                     ", ".join(keys))
        return ("serial",)
    return keys
