"""The site that an import writes to: its settings, the ids that it knows, and the one way in which units get into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec

from kb.atomic import write_atomically
from kb.findings import Finding, SourceError, errors
from kb.importers.ledger import Ledger, digest
from kb.importers.report import Tally
from kb.portal import Portal, parse_portal
from kb.products import Catalogue, parse_products
from kb.records import FOLDERS, Place, normal_id
from kb.source import MAX_FILE_BYTES, Document, Value, read_document, read_yaml
from kb.walk import walk

_TRANSLATION = re.compile(r".+\.[a-z]{2,3}(-[A-Z]{2})?")


class _HasId(msgspec.Struct):
    id: str | int = ""


class Site:
    """A folder with ``portal.yml``. Everything written to it goes through ``put``, which spares what was edited by hand."""

    def __init__(self, root: Path, portal: Portal, tally: Tally, force: bool) -> None:
        self.root, self.portal, self.tally, self.force = root, portal, tally, force
        self.ledger = Ledger(root)
        if self.ledger.damaged:
            tally.note(Place(".waypost/imports.json", 0), "cannot be read, so every existing file counts as edited by hand",
                       "restore it, or import with force")

    @cached_property
    def ids(self) -> dict[str, str]:
        """Path by id (normal form) of every record there is; a file is named for its id."""
        found: dict[str, str] = {}
        ignored: list[Finding] = []
        for folder in FOLDERS:
            for path in walk(self.root, folder, ignored):
                stem = path.rpartition("/")[2].removesuffix(".md")
                if path.endswith(".jsonl"):
                    for record_id in line_ids(self.root / path):
                        found.setdefault(record_id, path)
                elif path.endswith(".md") and not (folder in {"articles", "reports"} and _TRANSLATION.fullmatch(stem)):
                    found.setdefault(normal_id(stem), path)
        return found

    @cached_property
    def aliases(self) -> frozenset[str]:
        """Other names (normal form) of the records that have a file of their own. Reads them all: ask only when needed."""
        found: set[str] = set()
        for path in self.ids.values():
            document = self.document(path) if path.endswith(".md") else None
            for name in ("aliases", "cves") if document else ():
                value = document.fields[name].data if document and name in document.fields else None
                items = value if isinstance(value, list) else []
                found.update(normal_id(item.data) for item in items if isinstance(item.data, str))
        return frozenset(found)

    @cached_property
    def held(self) -> dict[str, str]:
        """Path by source record, as the ledger tells."""
        return {source: key for key, unit in self.ledger.units.items() for source in unit.sources}

    def catalogue(self) -> Catalogue:
        """The products as the files say now."""
        return parse_products(product_files(self.root), [])

    def document(self, path: str) -> Document | None:
        try:
            return read_document(self.root, path) if (self.root / path).is_file() else None
        except SourceError:
            return None

    def put(self, path: str, data: bytes, sources: tuple[str, ...], origin: Place) -> bool:
        """Writes a file, unless it is there already or was changed or deleted by hand. Tells whether it is now as given."""
        if reason := self.refusal(path, len(data)):
            self.tally.reject(origin, *reason, value=path)
            return False
        file, unit = self.root / path, self.ledger.get(path)
        try:
            present = file.read_bytes() if file.exists() else None
            if present == data:
                self.tally.unchanged += 1
            elif self.force or self._is_ours(path, present, sources, origin):
                file.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(file, data)
                self.tally.written += 1
                self.tally.paths.append(path)
            else:
                self.tally.kept += 1
                return False
        except OSError as error:
            self.tally.reject(origin, f"cannot be written ({error.strerror})", "check permissions and space", value=path)
            return False
        merged = set(sources) | (set(unit.sources) if unit and not self.force else set())
        self.ledger.record(path, digest(data), tuple(merged))
        return True

    def _is_ours(self, path: str, present: bytes | None, sources: tuple[str, ...], origin: Place) -> bool:
        """Whether an import may write this file; else a note says why not."""
        unit = self.ledger.get(path)
        if present is None:
            if unit is not None:
                self.tally.note(origin, "was deleted from the site by hand and stays so", "import with force to have it back",
                                value=path)
            return unit is None
        if unit is None or unit.sha256 != digest(present):
            how = "was edited by hand" if unit else "was not written by an import"
            self.tally.note(origin, f"{how} and stays as it is", "import with force to overwrite it", value=path)
            return False
        missing = sorted(set(unit.sources) - set(sources))
        if missing:
            self.tally.note(origin, f"was made from {', '.join(missing)} too, which this import lacks, and stays as it is",
                            "import all of them together", value=path, level="error")
        return not missing

    def refusal(self, path: str, size: int = 0) -> tuple[str, str] | None:
        """(reason, remedy) where a path must not be written to."""
        file = self.root / path
        below = [file, *file.parents][: len(Path(path).parts)]
        if any(part.is_symlink() for part in below) or not file.resolve().is_relative_to(self.root):
            return "lies behind a symbolic link", "put a folder or file in its place"
        if file.is_dir():
            return "is a folder", "move it away"
        if size > MAX_FILE_BYTES and path.endswith((".md", ".yml")):
            return f"would have {size:,} bytes", f"shorten it: a text file has at most {MAX_FILE_BYTES:,} bytes"
        return None


def open_site(root: Path, tally: Tally, force: bool) -> Site | None:
    """The site in a folder, or None with findings."""
    try:
        value = read_yaml(root, "portal.yml")
    except SourceError as error:
        tally.findings.append(error.finding)
        return None
    findings: list[Finding] = []
    portal = parse_portal(value, "portal.yml", _languages(value), findings)
    parse_products(product_files(root, findings), findings)
    tally.findings += errors(findings)
    return None if errors(findings) or portal is None else Site(root.resolve(), portal, tally, force)


def _languages(value: Value) -> tuple[str, ...]:
    """The portal's languages: which of them have interface texts is no matter here."""
    fields = value.data if isinstance(value.data, dict) else {}
    given = fields.get("languages", Value(0, "en")).data
    items = given if isinstance(given, list) else [Value(0, given)]
    return tuple(item.data for item in items if isinstance(item.data, str))


def product_files(root: Path, findings: list[Finding] | None = None) -> Iterator[tuple[str, Value]]:
    """Yields (path, content) of each product file."""
    refused: list[Finding] = [] if findings is None else findings
    paths = [path for path in walk(root, "products", refused) if path.endswith((".yml", ".yaml"))]
    for path in (["products.yml"] if (root / "products.yml").exists() else []) + paths:
        try:
            yield path, read_yaml(root, path)
        except SourceError as error:
            refused.append(error.finding)


def line_ids(file: Path) -> Iterator[str]:
    """Yields the id (normal form) in each line of a ``.jsonl`` file that has one."""
    try:
        with file.open("rb") as lines:
            yield from (record_id for line in lines if (record_id := id_in_line(line)))
    except OSError:
        return


def id_in_line(line: bytes) -> str:
    """The id (normal form) in a JSON line, else an empty string."""
    try:
        return normal_id(str(msgspec.json.decode(line, type=_HasId, strict=False).id))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
