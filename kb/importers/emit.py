"""Writing front matter: the YAML that ``kb.source`` reads back as the same texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Yaml: TypeAlias = "str | Sequence[Yaml] | Mapping[str, Yaml]"

# The order of docs/records.md: what all kinds share, then articles, reports, advisories, products.
ORDER = (
    "id", "title", "name", "summary", "language", "audience", "aliases", "keywords", "related", "publish_at",
    "status", "replaced_by", "duplicate_of", "superseded_by", "severity", "component", "tlp", "cves", "cvss", "cwe",
    "vulnerabilities", "affected", "products", "platforms", "releases", "applies_to", "remediations", "credits", "references",
    "source", "created", "updated", "version", "history", "revisions",
)
_WIDTH = 110

# A letter or digit first, then no sign that YAML could read as its own; within a flow list still fewer.
_UNPRINTED = "\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff"
_PLAIN = re.compile(rf"[^\W_](?:[^\s:{_UNPRINTED}]| (?![ #])|:(?=[^\s:]))*")
_FLOW = re.compile(rf"[^\W_](?:[^\s:?&*!|>%@`,\[\]{{}}\"'\\{_UNPRINTED}]| (?![ #])|'(?=\w))*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPED = re.compile(f'["\\\\{_UNPRINTED}]')


def emit_fields(fields: Mapping[str, Yaml], order: Sequence[str] = ORDER) -> str:
    """YAML of the fields in a fixed order; fields without a value are left out."""
    rank = {name: number for number, name in enumerate(order)}
    names = sorted((name for name, value in fields.items() if value), key=lambda name: (rank.get(name, len(rank)), name))
    return "".join(_field(name, fields[name], "") for name in names)


def emit_document(fields: Mapping[str, Yaml], body: str) -> str:
    """A record file."""
    return f"---\n{emit_fields(fields)}---\n{body}"


def _field(name: str, value: Yaml, indent: str) -> str:
    if isinstance(value, str):
        return f"{indent}{name}: {scalar(value)}\n"
    flow = _flow(value)
    if flow is not None and len(indent) + len(name) + len(flow) <= _WIDTH:
        return f"{indent}{name}: {flow}\n"
    if isinstance(value, Mapping):
        return f"{indent}{name}:\n" + "".join(_field(key, item, indent + "  ") for key, item in value.items() if item)
    return f"{indent}{name}:\n" + "".join(_item(item, indent + "  ") for item in value)


def _item(value: Yaml, indent: str) -> str:
    if isinstance(value, str):
        return f"{indent}- {scalar(value)}\n"
    if isinstance(value, Mapping) and (flow := _flow_mapping(value)) is None:
        fields = "".join(_field(key, item, indent + "  ") for key, item in value.items() if item)
        return f"{indent}- {fields[len(indent) + 2:]}"
    return f"{indent}- {flow if isinstance(value, Mapping) else _flow(value)}\n"


def _flow(value: Yaml) -> str | None:
    """A list of texts on one line; None for what is better written over several."""
    if isinstance(value, (str, Mapping)):
        return None
    items = [item for item in value if isinstance(item, str)]
    if len(items) != len(value) or any(" before " in item for item in items):
        return None
    return f"[{', '.join(scalar(item, flow=True) for item in items)}]"


def _flow_mapping(value: Mapping[str, Yaml]) -> str | None:
    """A small mapping on one line, else None."""
    parts = []
    for name, item in value.items():
        if isinstance(item, str):
            parts.append(f"{name}: {scalar(item, flow=True)}")
        elif not isinstance(item, Mapping) and item and all(isinstance(inner, Mapping) for inner in item):
            flows = [_flow_mapping(inner) for inner in item if isinstance(inner, Mapping)]
            if None in flows:
                return None
            parts.append(f"{name}: [{', '.join(flow for flow in flows if flow)}]")
        elif (flow := _flow(item)) is not None:
            parts.append(f"{name}: {flow}")
        else:
            return None
    text = "{" + ", ".join(parts) + "}"
    return text if len(text) <= _WIDTH - 4 and not {"product", "ranges"} & set(value) else None


def scalar(text: str, flow: bool = False) -> str:
    """The text as a YAML scalar: plain where it reads the same, else in double quotes."""
    plain = (_FLOW if flow else _PLAIN).fullmatch(text)
    if plain and not text.endswith(" ") and text != "null":
        return text
    return '"' + _ESCAPED.sub(lambda match: _ESCAPES.get(match[0], f"\\u{ord(match[0]):04x}"), text) + '"'
