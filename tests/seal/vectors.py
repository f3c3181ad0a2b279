"""Vectors of the sealed format for readers in any language: ``python -m tests.seal.vectors`` writes tests/seal/vectors.json.

``normal`` are pairs of what is typed and what stands in a key; each of ``tables`` has the text of its table.json, shards in Base64 by
name, and ``opens``: values and what they open, null where there is nothing.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from generator.seal.format import Form, derive_keys, derive_master, salt_of, seal_row, shard_bytes, table_json
from kb.key_values import key_string, normal_key

FILE = Path(__file__).with_name("vectors.json")
SECRET = bytes(range(32))
TYPED = ["ar90-7k4q m2xw", "AR90\u20117K4Q\u00a0M2XW", "ａｒ９０－７ｋ４ｑ", "straße 12", "ﬁber-1", "İstanbul", "ΐ-1", "№ 7", "заказ\u20142026/11", "r12345-1",
         "\ufeffA\u200bB\u2060C\u00ad", "２０２６‐1102‐0007", "é", "e\u0301", "ŉ1"]
ENTITLEMENTS = [
    ({"serial": "AR90-7K4QM2XW"}, {"product": "exos", "plan": "base", "support_end": "2026-12-31", "registered": True}),
    ({"serial": "straße 12"}, {"product": "exos", "contract": "••••4711"}),
    ({"serial": "０１"}, {}),
]
CASES = [
    ({"case": "2026-1102-0007", "code": "K7QX-M29D"}, {"cases": [{"case": "2026-1102-0007", "status": "open"}], "returns": []}),
    ({"reference": "заказ 2026/11", "code": "K7QX-M29D"}, {"cases": [], "returns": [{"rma": "R12345-1", "site": "Café"}]}),
]


def table(name: str, lookups: tuple[tuple[str, ...], ...], bits: int, epoch: str, rows: list[Any],
          absent: list[Any]) -> dict[str, Any]:
    form = Form(name, salt_of(SECRET, name), 1_000, epoch, lookups, bits, 4, 256)
    shards: list[list[bytes]] = [[] for _ in range(form.shards)]
    for values, told in rows:
        key = key_string(name, tuple(values), [normal_key(value) for value in values.values()])
        keys = derive_keys(derive_master(key, form.salt, form.iterations), form.info)
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        shards[form.shard_of(keys.locator)].append(seal_row(form, keys, text))
    files = {form.shard_path(number).rpartition("/")[2]: base64.b64encode(shard_bytes(form, SECRET, number, shard)).decode()
             for number, shard in enumerate(shards)}
    return {"table": json.loads(table_json(form)), "shards": files,
            "opens": [*rows, *((values, None) for values in absent)]}


def vectors() -> dict[str, Any]:
    return {
        "normal": [[text, normal_key(text)] for text in TYPED],
        "tables": [
            table("entitlements", (("serial",),), 0, "", ENTITLEMENTS, [{"serial": "AR90-7K4QM2XX"}]),
            table("entitlements", (("serial",),), 3, "2026-11", ENTITLEMENTS, [{"serial": "AR90-7K4QM2XX"}]),
            table("cases", (("case", "code"), ("rma", "code"), ("reference", "code")), 5, "", CASES,
                  [{"case": "2026-1102-0007", "code": "K7QX-M29E"}, {"rma": "2026-1102-0007", "code": "K7QX-M29D"}]),
        ]}


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
