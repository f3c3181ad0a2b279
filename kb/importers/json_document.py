"""Reading a JSON document of a known form: what is read is typed, and what is not read can be told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from kb.findings import shorten
from kb.importers.report import Tally
from kb.importers.sources import SourceFile, text_of

T = TypeVar("T")


def read_json(file: SourceFile, form: type[T], what: str, standard: str, tally: Tally) -> tuple[T, tuple[str, ...]] | None:
    """The document in a file, and the paths of fields in it that ``form`` does not have; None with a finding."""
    text = text_of(file, tally)
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text, type=form)
        return found, tuple(dict.fromkeys(_left_out(msgspec.json.decode(text), inspect.type_info(form))))
    except RecursionError:
        tally.reject(file.place(), "is nested too deeply", f"check that it is a {what}")
    except msgspec.ValidationError as error:
        tally.reject(file.place(), *wrong_form(error, what, standard))
    except msgspec.DecodeError as error:
        tally.reject(file.place(_line_of(error, text)), f"is not valid JSON: {error}", "export the record again")
    return None


def wrong_form(error: msgspec.ValidationError, what: str, standard: str) -> tuple[str, str, str]:
    """Reason, remedy and field of a finding about a document that is not of its form."""
    reason, _, where = str(error).partition(" - at `$")
    return (f"is no {what}: {reason[:1].lower()}{reason[1:]}", f"compare it with {standard}",
            where.strip("`.").removeprefix("."))


def _left_out(data: Any, form: inspect.Type, path: str = "") -> Iterator[str]:
    if isinstance(form, inspect.UnionType):
        form = next(item for item in form.types if not isinstance(item, inspect.NoneType))
    if isinstance(form, inspect.ListType):
        for item in data or ():
            yield from _left_out(item, form.item_type, path)
    elif isinstance(form, inspect.StructType):
        fields = {field.encode_name: field.type for field in form.fields}
        for name, value in (data or {}).items():
            inner = f"{path}.{name}" if path else name
            if name in fields:
                yield from _left_out(value, fields[name], inner)
            else:
                yield shorten(inner)


def _line_of(error: msgspec.DecodeError, text: str) -> int:
    match = re.search(r"\(byte (\d+)\)", str(error))
    at = int(match[1]) if match else len(text.encode())
    return 1 + text.encode()[:at].count(b"\n")
