"""Reading what is imported: other people's files, of which nothing is certain. Whatever is wrong becomes a finding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kb.findings import Finding, SourceError
from kb.importers.report import Tally
from kb.records import Place
from kb.source import MAX_LINE_BYTES, Value, decode, parse_yaml, read_bytes
from kb.walk import walk

# What kb.source refuses, and what YAML refuses or takes for a line end.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_PAIR = re.compile(r"([A-Za-z][\w.-]*):(?:[ \t]+(.*))?")


class SourceFile(msgspec.Struct, frozen=True, order=True):
    """A file to import: ``path`` below ``root``, and ``shown``, its path as findings print it."""

    path: str
    root: Path
    shown: str

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def stem(self) -> str:
        return Path(self.path).stem

    @property
    def folder(self) -> Path:
        return (self.root / self.path).parent

    def place(self, line: int = 0) -> Place:
        return Place(self.shown, line)


class Article(msgspec.Struct, frozen=True):
    """A Markdown file with front matter: texts by field, each with its line; the text after it, and where that begins."""

    fields: dict[str, str]
    lines: dict[str, int]
    body: str
    body_line: int


def clean(text: str) -> str:
    """The text without characters that a record must not hold, its lines ending in ``\\n``."""
    if text.isprintable():  # the usual short text; a line end is not printable
        return text
    return _UNWANTED.sub("", text if text.isascii() and "\r" not in text else _LINE_ENDS.sub("\n", text))


def source_files(source: Path, endings: tuple[str, ...], tally: Tally) -> list[SourceFile]:
    """The files with one of these name endings in a folder and below it, or the one file; a finding where there is none."""
    if not source.is_dir():
        fault = "does not exist" if not source.exists() else "" if source.is_file() else "is no plain file"
        if fault:
            tally.note(Place(str(source), 0), fault, "name a file or folder", level="error")
        return [] if fault else [SourceFile(source.name, source.parent, str(source))]
    root = source.resolve()
    refused: list[Finding] = []
    paths = [path.partition("/")[2] for path in walk(root.parent, root.name, refused)]
    for finding in refused:
        inner = finding.path.partition("/")[2]
        tally.findings.append(msgspec.structs.replace(finding, path=str(source / inner)))
    found = [SourceFile(path, root, str(source / path)) for path in paths if path.lower().endswith(endings)]
    if not found:
        tally.note(Place(str(source), 0), f"holds no {' or '.join(endings)} file", "name another folder or format",
                   level="error")
    return sorted(found)


def read_text(file: SourceFile) -> str:
    """Cleaned text of a file; raises SourceError with the path as findings print it."""
    try:
        data = read_bytes(file.root, file.path)
        try:
            return clean(data.decode("utf-8"))
        except UnicodeDecodeError:
            return decode(data, file.path)  # raises, and names the line
    except SourceError as error:
        raise SourceError(msgspec.structs.replace(error.finding, path=file.shown)) from None


def text_of(file: SourceFile, tally: Tally) -> str | None:
    """The text of a file, or None with a finding."""
    try:
        return read_text(file)
    except SourceError as error:
        tally.rejected += 1
        tally.findings.append(error.finding)
        return None


def read_article(file: SourceFile, tally: Tally) -> Article | None:
    """A Markdown file with front matter, or None with a finding. Front matter that is no YAML is read line by line."""
    text = text_of(file, tally)
    if text is None:
        return None
    match = re.match(r"\s*---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match:
        tally.reject(file.place(1), "has no front matter", "begin the file with a line '---', fields, and another '---'")
        return None
    fields, lines = _front_matter(match[1] or "", file, tally)
    return Article(fields, lines, text[match.end():], text.count("\n", 0, match.end()) + 1)


def _front_matter(text: str, file: SourceFile, tally: Tally) -> tuple[dict[str, str], dict[str, int]]:
    try:
        value = parse_yaml(text, file.shown, first_line=2)
    except SourceError as error:
        tally.note(file.place(error.finding.line), f"{error.finding.reason}, so it is read line by line",
                   "compare the imported record with it", error.finding.field, error.finding.value)
        return _pairs(text)
    if not isinstance(value.data, dict):
        return {}, {}
    return ({name: _flat(item) for name, item in value.data.items()},
            {name: item.line for name, item in value.data.items()})


def _flat(value: Value) -> str:
    """A value as one text; a list joined with commas."""
    if isinstance(value.data, list):
        return ",".join(_flat(item) for item in value.data)
    return value.data if isinstance(value.data, str) else ""


def _pairs(text: str) -> tuple[dict[str, str], dict[str, int]]:
    """Fields of ``name: text`` lines, the first of each name; an indented line continues the one before."""
    fields: dict[str, str] = {}
    lines: dict[str, int] = {}
    name = ""
    for number, line in enumerate(text.split("\n"), 2):
        if match := _PAIR.fullmatch(line.rstrip()):
            name = match[1] if match[1] not in fields else ""
            fields.setdefault(match[1], _unquoted(match[2] or ""))
            lines.setdefault(match[1], number)
        elif name and line.startswith((" ", "\t")):
            fields[name] = f"{fields[name]} {line.strip()}".strip()
    return {key: "" if text in {"null", "~"} else text for key, text in fields.items()}, lines


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1].replace('\\"', '"')
    return text


def json_lines(file: SourceFile, tally: Tally) -> Iterator[tuple[int, dict[str, object]]]:
    """Yields (line number, object) for each good line, numbers in it as texts; a bad line is rejected with a finding."""
    try:
        if (file.root / file.path).is_symlink():
            read_bytes(file.root, file.path)  # raises
        with (file.root / file.path).open("rb") as lines:
            for number, raw in _bounded(lines.readline):
                if len(raw) > MAX_LINE_BYTES:
                    tally.reject(file.place(number), f"is longer than {MAX_LINE_BYTES:,} bytes", "split the record")
                elif raw.strip(b" \t\r\n\x00\xef\xbb\xbf"):
                    found = _json_object(raw, file, number, tally)
                    if found is not None:
                        yield number, found
    except SourceError as error:
        tally.findings.append(msgspec.structs.replace(error.finding, path=file.shown))
    except OSError as error:
        tally.reject(file.place(), f"cannot be read ({error.strerror})", "check its permissions")


def _bounded(readline: object) -> Iterator[tuple[int, bytes]]:
    """Yields (line number, line); of a line that is too long, one byte more than is allowed."""
    assert callable(readline)
    number = 0
    while raw := readline(MAX_LINE_BYTES + 1):
        number += 1
        rest = raw
        while len(raw) > MAX_LINE_BYTES and rest and not rest.endswith(b"\n"):
            rest = readline(MAX_LINE_BYTES)
        yield number, raw


def _json_object(raw: bytes, file: SourceFile, number: int, tally: Tally) -> dict[str, object] | None:
    try:
        text = raw.decode("utf-8-sig")
        value = json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except UnicodeDecodeError as error:
        tally.reject(file.place(number), "is not UTF-8", "save the file in UTF-8", value=f"byte 0x{raw[error.start]:02x}")
        return None
    except RecursionError:
        tally.reject(file.place(number), "is nested too deeply", "write one flat JSON object a line")
        return None
    except ValueError as error:
        tally.reject(file.place(number), f"is not valid JSON: {error}", "write one JSON object a line")
        return None
    if isinstance(value, dict):
        return value
    tally.reject(file.place(number), "is no JSON object", 'write {"id": ..., "title": ...} on one line')
    return None
