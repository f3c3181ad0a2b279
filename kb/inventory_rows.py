"""The forms of an inventory: CSV (RFC 4180, with a header), JSON, and what devices print; each read into rows of texts.

``theme/assets/inventory-text.js`` reads alike; tests/network/inventory_vectors.json holds both to it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from kb.findings import nearest
from kb.show_version import BLANK, BLANKS, LINES, Printed, Template, printed

FORMAT = 1
MOST_BYTES = 32_000_000
MOST_DEVICES = 100_000

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "hostname", "host name", "host", "device", "device name", "node", "system name", "sysname",
             "имя", "устройство", "узел"),
    "product": ("product", "os", "software", "operating system", "product line", "продукт", "ос", "по"),
    "platform": ("platform", "model", "hardware", "chassis", "device type", "type", "платформа", "модель"),
    "release": ("release", "version", "software version", "os version", "sw version", "running version", "firmware",
                "firmware version", "выпуск", "версия", "версия по"),
    "serial": ("serial", "serial number", "serial no", "serial no.", "s/n", "sn", "chassis serial",
               "серийный номер", "заводской номер"),
    "site": ("site", "location", "place", "region", "площадка", "место", "сайт", "расположение"),
    "tags": ("tags", "tag", "labels", "label", "groups", "group", "role", "метки", "метка", "группа"),
}
"""What a column or field may be called, in any case, with blanks, hyphens or underscores."""

_BETWEEN_WORDS = re.compile(f"[{BLANK}_-]+")
_BETWEEN_TAGS = re.compile(f"[{BLANK},;|]+")
_MOST_WHOLE = 2**53


class Fault(msgspec.Struct, frozen=True):
    """Something wrong with an inventory: ``code`` stands in kb.inventory.FAULTS, ``guess`` and ``about`` are told along.
    ``device`` is the place of its device in the list, -1 for none."""

    code: str
    line: int = 0
    field: str = ""
    value: str = ""
    guess: str = ""
    about: str = ""
    device: int = -1


class Row(msgspec.Struct, frozen=True):
    """A device as it is written; ``line`` is 0 in JSON. ``printed`` are the values by product of what it printed."""

    line: int
    values: dict[str, str]
    tags: tuple[str, ...] = ()
    printed: Printed | None = None


def tidy(text: str) -> str:
    """A value on one line with single blanks, without control characters."""
    return BLANKS.sub(" ", text).strip(" ")


def rows_of(text: str, templates: Mapping[str, Sequence[Template]], faults: list[Fault]) -> list[Row]:
    """The devices of an inventory in any form; what is wrong goes into ``faults``."""
    text = text.removeprefix("\ufeff")
    start = text.lstrip(" \t\r\n")[:1]
    table = None if start in ("{", "[") else _table(text)
    if table:
        return _bounded(_csv_rows(*table, faults), faults)
    try:
        if start in ("{", "["):
            return _bounded(_json_rows(msgspec.json.decode(text), faults), faults)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        pass
    rows = _bounded((Row(one.line, {"name": one.name}, (), one) for one in printed(LINES.split(text), templates)), faults)
    if not rows:
        faults.append(Fault("bad-json" if start in ("{", "[") else "nothing"))
    return rows


def _bounded(rows: Iterator[Row], faults: list[Fault]) -> list[Row]:
    found = [*islice(rows, MOST_DEVICES)]
    if next(rows, None):
        faults.append(Fault("too-many", guess=str(MOST_DEVICES)))
    return found


def _field(name: str) -> str:
    """The field that a column or key means, else an empty string."""
    wanted = _BETWEEN_WORDS.sub(" ", name).strip(" ").lower()
    return next((field for field, names in COLUMNS.items() if wanted in names), "")


# -- CSV ---------------------------------------------------------------------------------------------


def _table(text: str) -> tuple[str, int, str, list[str]] | None:
    """The text from the header on, its line, delimiter and names; None where the text is no table."""
    blank = len(text) - len(text.lstrip(" \t\r\n"))
    start = max(text.rfind("\n", 0, blank), text.rfind("\r", 0, blank)) + 1
    body = text[start:]
    header = LINES.split(body[:10_000], 1)[0]
    delimiter = max(",;\t", key=header.count)
    try:
        names = next(csv.reader([header], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except csv.Error:
        return None
    if len(names) < 2 or not any(map(_field, names)):
        return None
    return body, len(LINES.split(text[:start])), delimiter, names


def _csv_rows(body: str, first: int, delimiter: str, names: list[str], faults: list[Fault]) -> Iterator[Row]:
    fields = [_field(name) for name in names]
    known = [name for own in COLUMNS.values() for name in own]
    for name, field in zip(names, fields, strict=True):
        guess = "" if field or not tidy(name) else nearest(tidy(name), known)
        if guess and _field(guess) not in fields:
            faults.append(Fault("column", first, value=tidy(name), guess=guess))
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    next(reader, None)
    while True:
        line = first + reader.line_num
        try:
            row = next(reader, None)
        except csv.Error:
            faults.append(Fault("quotes", line))
            continue
        if row is None:
            return
        cells = [tidy(cell) for cell in row]
        if not any(cells):
            continue
        if any(cells[len(names):]):
            faults.append(Fault("cells", line, value=str(len(cells)), guess=str(len(names))))
            continue
        values: dict[str, str] = {}
        for field, cell in zip(fields, cells, strict=False):
            if field and cell:
                values.setdefault(field, cell)
        yield Row(line, values, _tags(values.pop("tags", "")))


def _tags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, _BETWEEN_TAGS.split(text))))


# -- JSON --------------------------------------------------------------------------------------------


def _json_rows(data: object, faults: list[Fault]) -> Iterator[Row]:
    if isinstance(data, dict):
        if data.get("format") != FORMAT or isinstance(data.get("format"), bool):
            faults.append(Fault("bad-format", field="format", value=_shown(data.get("format")), guess=str(FORMAT)))
            return
        data = data.get("devices")
    if not isinstance(data, list):
        faults.append(Fault("no-devices", field="devices"))
        return
    for place, item in enumerate(data):
        if not isinstance(item, dict):
            faults.append(Fault("not-a-device", field=f"devices[{place}]"))
            continue
        values: dict[str, str] = {}
        tags: tuple[str, ...] = ()
        for name, value in item.items():
            field = _field(name)
            if field == "tags" and isinstance(value, list):
                tags = tuple(dict.fromkeys(tidy(tag) for tag in value if isinstance(tag, str) and tidy(tag)))
            elif field and not _is_text(value):
                faults.append(Fault("not-text", field=f"devices[{place}].{tidy(name)}"))
            elif field and tidy(_shown(value)):
                values.setdefault(field, tidy(_shown(value)))
        yield Row(0, values, tags or _tags(values.pop("tags", "")))


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str) or (type(value) is int and abs(value) < _MOST_WHOLE)


def _shown(value: object) -> str:
    return str(value) if isinstance(value, str) or type(value) is int else ""
