"""Hypothesis strategies for every kind of record and every file: mostly sound, with some fields changed, left out or of another type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.sites.full import KINDS, LINE, TEXT, Data, full_data, written

_ODD = ("", " ", "~", "null", "true", "-1", "0", "9" * 60, "1e999999", "2026-02-30", "9999-12-31T23:59:59Z", "0001-01-01", "KB10001", "exos",
        "21.4R3", "21.4 before 21.4R3", "all", "*", "1-9999999999", "ſ", "İ", "\u202e", "\u2028", "<b>", "[[KB10001]]", "'", '"', "{", "- a", "a: b",
        "../x", "https://[", "CVSS:3.1/AV:N", "mailto:@", "\U0010fffd", "+1 555", "99:99", "P1Y", "en-x-y")
_words = st.one_of(st.sampled_from(_ODD), st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30))
_values: st.SearchStrategy[Any] = st.recursive(_words, lambda inner: st.lists(inner, max_size=3)
                                               | st.dictionaries(st.sampled_from(["id", "product", "ranges", "date", "text", "from", "x"]), inner, max_size=3), max_leaves=6)


def _of(sound: Any) -> st.SearchStrategy[Any]:
    """Values like a sound one: now and then anything else."""
    if isinstance(sound, dict):
        fixed = st.fixed_dictionaries({}, optional={name: _of(item) for name, item in sound.items() if name != ""})
        inner: st.SearchStrategy[Any] = fixed
    elif isinstance(sound, list):
        inner = st.lists(st.one_of(*[_of(item) for item in sound[:3]]), max_size=3) if sound else st.just([])
    else:
        inner = st.just(sound)
    return st.integers(0, 9).flatmap(lambda number: _values if number == 0 else inner)


def _record(fields: Data) -> st.SearchStrategy[Data]:
    """A record of which one or two fields are changed, left out or added."""
    names = sorted(fields)
    changes = st.dictionaries(st.sampled_from([*names, "unknown"]), st.one_of(_values, st.none()), max_size=2)
    nested = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), _of(fields[name])))

    def changed(parts: tuple[dict[str, Any], tuple[str, Any]]) -> Data:
        new = fields | {parts[1][0]: parts[1][1]} | parts[0]
        return {name: value for name, value in new.items() if value is not None}

    return st.tuples(changes, nested).map(changed)


_full = full_data()
RECORDS: Mapping[str, st.SearchStrategy[Data]] = {
    "article": _record(KINDS["article"][1]), "advisory": _record(KINDS["advisory"][1]), "records": _record(LINE),
    "report": _record(KINDS["report"][1]), "notice": _record(KINDS["notice"][1]), "bulletin": _record(KINDS["bulletin"][1]),
    "policy": _record(_full["policy.yml"]), "products": _record(_full["products.yml"]), "portal": _record(_full["portal.yml"]),
}
"""By target: records as front matter or JSON Lines, files as YAML."""


def as_bytes(target: str, data: Data) -> bytes:
    """The file that holds a record."""
    if target == "records":
        return (json.dumps(data) + "\n").encode()
    text = "" if target in {"policy", "products", "portal"} else TEXT.format(other="KB10002", first="Problem", second="Solution")
    return written(data | ({"": text} if text else {})).encode()
