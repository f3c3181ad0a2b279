"""Rows of a CSV file (RFC 4180, with a header; comma, semicolon or tab) as records, a row at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager

from kb.importers.report import Tally
from kb.importers.sources import SourceFile, clean
from kb.source import MAX_LINE_BYTES


class _Lines:
    """The lines of a file as texts; ``number`` of the last one, ``bad`` numbers of those that are not UTF-8."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self.number, self.bad = lines, 0, {0: ""}

    def __iter__(self) -> Iterator[str]:
        for raw in self._lines:
            self.number += 1
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                self.bad[self.number] = f"byte 0x{raw[error.start]:02x}"
                text = raw.decode("utf-8", "replace")
            yield clean(text)


@contextmanager
def _field_limit() -> Iterator[None]:
    """Lets a field be as long as a line of a record may be."""
    before = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def csv_records(file: SourceFile, tally: Tally) -> Iterator[tuple[int, dict[str, object]]]:
    """Yields (line number, cells by column name) for each row; a broken row is rejected with a finding."""
    try:
        if (file.root / file.path).is_symlink():
            tally.reject(file.place(), "is a symbolic link", "name the file itself")
            return
        with (file.root / file.path).open("rb") as source:
            lines = _Lines(iter(source))
            header = next(iter(lines), "")
            delimiter = max(",;\t", key=header.count)
            with _field_limit():
                names = _names(header, delimiter)
                yield from _rows(names, delimiter, lines, file, tally)
    except OSError as error:
        tally.reject(file.place(), f"cannot be read ({error.strerror})", "check its permissions")


def _names(header: str, delimiter: str) -> list[str]:
    """Column names; a header over several lines is none."""
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _rows(names: list[str], delimiter: str, lines: _Lines, file: SourceFile,
          tally: Tally) -> Iterator[tuple[int, dict[str, object]]]:
    if len(names) < 2 or len(set(names)) != len(names):
        tally.reject(file.place(1), "is no header", "begin with a line of different column names", value=delimiter.join(names))
        return
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    while True:
        first = lines.number + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            tally.reject(file.place(first), f"is a broken row, up to line {lines.number}: {error}", "check its quotes")
            continue
        if row is None:
            return
        if fault := next((lines.bad[number] for number in range(first, lines.number + 1) if number in lines.bad), ""):
            tally.reject(file.place(first), "is not UTF-8", "save the file in UTF-8", value=fault)
        elif len(row) > len(names):
            tally.reject(file.place(first), f"has {len(row)} cells, the header {len(names)}", "put cells with commas in quotes")
        elif any(cell.strip() for cell in row):
            yield first, dict(zip(names, row, strict=False))
