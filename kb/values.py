"""Values of YAML and JSON that remember their line."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True):
    """A node of YAML or JSON: ``data`` is a text, ``None``, a list of values or a mapping; ``line`` counts from 1."""

    line: int
    data: str | list[Value] | dict[str, Value] | None
