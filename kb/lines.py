"""Lines of fields: where in a file a value stands. Only findings ask, so that records need not carry it for all their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kb.findings import SourceError
from kb.records import Place, normal_id
from kb.source import Value, read_document, read_yaml


class Lines:
    """Reads each file at most once, when its first line is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, Mapping[str, Value]] = {}

    def of(self, place: Place, field: str, text: str = "") -> int:
        """Line of the first value of a field that is or holds the text, else of the field, else that of the place."""
        if place.path.endswith(".jsonl"):
            return place.line
        if place.path not in self._files:
            self._files[place.path] = self._read(place.path)
        value = self._files[place.path].get(field)
        if value is None:
            return place.line
        wanted = normal_id(text)
        found = [(item, normal_id(item.data)) for item in _texts(value) if isinstance(item.data, str)]
        equal = (item.line for item, data in found if data == wanted)
        holding = (item.line for item, data in found if wanted in data)
        return next(equal, next(holding, value.line)) if text else value.line

    def _read(self, path: str) -> Mapping[str, Value]:
        try:
            if path.endswith(".md"):
                return read_document(self._root, path).fields
            data = read_yaml(self._root, path).data
        except SourceError:  # it has changed since it was loaded
            return {}
        return data if isinstance(data, dict) else {}


def _texts(value: Value) -> Iterator[Value]:
    """The texts in a value, in file order."""
    if isinstance(value.data, str):
        yield value
    elif value.data is not None:
        for item in value.data.values() if isinstance(value.data, dict) else value.data:
            yield from _texts(item)
