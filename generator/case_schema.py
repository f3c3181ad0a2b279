"""The form of a prepared case as the page ``/help/case/`` saves it: a JSON Schema (draft 2020-12) in the tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from kb.library import Library
from kb.policy_cases import NEEDS

PLACE: Final = "api/v1/case.schema.json"


def case_schema(library: Library) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of the schema, where the portal has a policy."""
    if library.policy:
        yield PLACE, msgspec.json.format(msgspec.json.encode(_schema(library)), indent=1) + b"\n"


def _schema(library: Library) -> dict[str, Any]:
    text = {"type": "string"}
    named = _object(("id", "name"), id=text, name=text)
    level = _object(("id", "number", "name"), id=text, number={"type": "integer", "minimum": 1}, name=text)
    item = _object(("id", "name", "need", "done"), id=text, name=text, need={"enum": list(NEEDS)}, done={"type": "boolean"})
    contact = _object((), name=text, email=text, phone=text, region=named)
    case = _object(
        ("format", "portal", "language", "prepared", "checklist"), format={"const": 1}, portal=text, language=text,
        prepared={"type": "string", "format": "date-time"}, product=named, platform=text, release=text, kind=named, title=text,
        description=text, data=text, level=level, reason=text, serial=text, contract=text,
        checklist={"type": "array", "items": item}, attachments={"type": "array", "items": text}, contact=contact, reference=text)
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": library.portal.url + PLACE}
    return {**about, "title": "Prepared case", **case}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
