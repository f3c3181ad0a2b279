"""Every setting and column stands in docs/sealed-tables.md."""

from __future__ import annotations

import re
from pathlib import Path

from kb.private_tables import Cases, Entitlements
from kb.products import Catalogue
from kb.seal_settings import TABLES, TableSettings

DOCS = Path(__file__).resolve().parents[2] / "docs" / "sealed-tables.md"


def documented(kind: str) -> set[str]:
    """Names in the first column of the table whose head begins with ``kind``."""
    rows = re.search(rf"^\| {kind} \|.*\n\|.*\n((?:\|.*\n)+)", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows
    return {name for row in rows[1].splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_columns_are_documented() -> None:
    settings = TableSettings("cases", ("c.csv",), (("case", "code"), ("rma", "code"), ("reference", "code")))
    assert documented("`cases`") == set(Cases(settings, Catalogue(()), None).columns)
    settings = TableSettings("entitlements", ("e.csv",), (("serial",),))
    assert documented("`entitlements`") == set(Entitlements(settings, Catalogue(()), None).columns)


def test_settings_are_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    settings = re.findall(r"^\| `(\w+)` \| (?:yes|no) \|", text[text.index("## Settings") : text.index("## Sources")], re.MULTILINE)
    assert set(settings) == {"source", "keys", "iterations", "epoch", "capacity"}
    assert all(f"      {name}:" in text for name in TABLES)
