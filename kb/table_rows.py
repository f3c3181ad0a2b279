"""Rows of private tables: CSV (RFC 4180, with a header; comma, semicolon or tab) and JSON Lines, a row at a time.

Findings name line and field and never repeat what stands there: it may be a key.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import msgspec

from kb.findings import Finding, Level, SourceError, nearest
from kb.source import MAX_LINE_BYTES, all_lines, json_object
from kb.values import Value

if TYPE_CHECKING:
    from _csv import Reader

Cells = Sequence[str]

_MOST = 100  # bad rows that are named one by one


class Faults:
    """What is wrong with the rows of tables: at most a hundred of each file are named, all are counted.

    With ``skip`` a bad row is left out and a note; without, it is an error. What is wrong with a file as a whole is an error.
    """

    def __init__(self, skip: bool = False) -> None:
        self._skip = skip
        self._findings: list[Finding] = []
        self._rows: dict[str, set[int]] = {}
        self._more: dict[str, int] = {}

    def file(self, path: str, line: int, reason: str, remedy: str, field: str = "") -> None:
        self._findings.append(Finding(path, line, field, "", reason, remedy))

    def row(self, path: str, line: int, field: str, reason: str, remedy: str) -> None:
        """A fault of a row; a row may have several."""
        named = self._rows.setdefault(path, set())
        if line in named or len(named) < _MOST:
            named.add(line)
            self._findings.append(Finding(path, line, field, "", self._said(reason), remedy, self._level))
        else:
            self._more[path] = self._more.get(path, 0) + 1

    def _said(self, reason: str) -> str:
        return f"{reason}, so the row is left out" if self._skip else reason

    @property
    def _level(self) -> Level:
        return "note" if self._skip else "error"

    @property
    def findings(self) -> list[Finding]:
        more = [Finding(path, 0, "", "", f"has {count:,} more faults in its rows", "mend the first hundred rows and check again",
                        self._level) for path, count in self._more.items()]
        return [*self._findings, *more]


def table_rows(root: Path, path: str, columns: Mapping[str, bool], faults: Faults) -> Iterator[tuple[int, Cells]]:
    """Yields (line number, cells in the order of ``columns``) for each row that is whole; a cell that is not there is empty.

    ``columns`` says which of them a file must have. Line numbers are those on which rows begin.
    """
    if any((root / folder).is_symlink() for folder in Path(path).parents if folder.name):
        faults.file(path, 0, "stands in a folder that is a symbolic link", "put the folder itself here")
        return
    try:
        yield from (_json_rows if path.endswith(".jsonl") else _csv_rows)(root, path, columns, faults)
    except SourceError as error:
        faults.file(path, error.finding.line, error.finding.reason, error.finding.remedy)
    except OSError as error:
        faults.file(path, 0, f"cannot be read ({error.strerror})", "check that it exists and its permissions")


def _csv_rows(root: Path, path: str, columns: Mapping[str, bool], faults: Faults) -> Iterator[tuple[int, Cells]]:
    file = root / path
    if file.is_symlink() or (os.path.lexists(file) and not file.is_file()):
        faults.file(path, 0, "is no plain file", "name the file itself")
        return
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        lines = _bounded(text)
        header = next(lines, "")
        delimiter = max(",;\t", key=header.count)
        names = _names(header, delimiter, path, columns, faults)
        if names:
            yield from _rows(csv.reader(lines, delimiter=delimiter, strict=True), names, path, columns, faults)


def _bounded(text: TextIO) -> Iterator[str]:
    """The lines; of one without an end only so much that the next parser refuses it."""
    while line := text.readline(MAX_LINE_BYTES):
        yield line


def _names(header: str, delimiter: str, path: str, columns: Mapping[str, bool], faults: Faults) -> list[str]:
    """The names of the columns; none where they are wrong."""
    known = f"known columns: {', '.join(columns)}"
    try:
        names = [name.strip().casefold() for name in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error:
        names = []
    unknown = [number for number, name in enumerate(names, 1) if name not in columns]
    missing = [name for name, needed in columns.items() if needed and name not in names]
    if not names or len(unknown) == len(names):
        faults.file(path, 1, "is no header", f"begin with a line of column names; {known}")
    elif unknown:
        guess = nearest(names[unknown[0] - 1], columns)
        faults.file(path, 1, f"has an unknown name for column {unknown[0]}", f"did you mean {guess}?" if guess else known)
    elif len(set(names)) != len(names):
        faults.file(path, 1, "names a column twice", "keep one")
    elif missing:
        faults.file(path, 1, f"has no column {missing[0]}", "add it to the export")
    else:
        return names
    return []


def _rows(reader: Reader, names: list[str], path: str, columns: Mapping[str, bool],
          faults: Faults) -> Iterator[tuple[int, Cells]]:
    width = len(names)
    places = [names.index(name) if name in names else width for name in columns]
    pick = itemgetter(*places)
    while True:
        line = reader.line_num + 2  # it has not counted the header
        try:
            row = next(reader, None)
        except csv.Error:
            faults.row(path, line, "", "is a broken row or longer than a row may be", "check its quotes")
            continue
        if row is None:
            return
        if not row or (len(row) == 1 and not row[0].strip()):
            continue
        if len(row) != width:
            faults.row(path, line, "", f"has {len(row)} cells where the header has {width}",
                       "put cells that hold the delimiter in quotes")
        elif not "".join(row).isprintable() and (bad := _unprintable(row, names)):
            faults.row(path, line, *bad)
        else:
            row.append("")
            yield line, pick(row)


def _unprintable(row: Cells, names: Sequence[str]) -> tuple[str, str, str] | None:
    """Field, reason and remedy of the first cell that no record may hold; spaces of all kinds are let through."""
    for name, cell in zip(names, row, strict=True):
        if any("\ud800" <= character <= "\udfff" for character in cell):
            return name, "is not UTF-8", "save the file in UTF-8"
        if not "".join(cell.split(" ")).isprintable() and any(ord(character) < 32 or character == "\x7f" for character in cell):
            return name, "holds a line break or a control character", "remove it"
    return None


def _json_rows(root: Path, path: str, columns: Mapping[str, bool], faults: Faults) -> Iterator[tuple[int, Cells]]:
    for line, _start, raw in all_lines(root, path):
        if not raw.strip():
            continue
        found = json_object(raw, path, line)
        if isinstance(found, Finding):
            faults.row(path, line, "", found.reason, found.remedy)
        elif fault := _wrong_field(found, columns):
            faults.row(path, line, *fault)
        else:
            yield line, [str(found[name].data or "") if name in found else "" for name in columns]


def _wrong_field(row: Mapping[str, Value], columns: Mapping[str, bool]) -> tuple[str, str, str] | None:
    for name, value in row.items():
        if name not in columns:
            guess = nearest(name, columns)
            return "", "has an unknown field", f"did you mean {guess}?" if guess else f"known fields: {', '.join(columns)}"
        if value.data is not None and not isinstance(value.data, str):
            return name, "is a list or a mapping, not one value", "write one value"
        if value.data and "\n" in value.data:
            return name, "holds a line break or a control character", "remove it"
    return None


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """What the file system says of a source, by which builds know that it has not changed."""

    modified: int
    changed: int
    size: int
    node: int


def stamp_of(file: Path) -> Stamp | None:
    """None where there is no such file."""
    try:
        found = file.lstat()
    except OSError:
        return None
    return Stamp(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
