"""OSV documents as their schema (ossf.github.io/osv-schema) has them, as far as an import reads them."""

from __future__ import annotations

import msgspec

from kb.importers.json_document import read_json
from kb.importers.report import Tally
from kb.importers.sources import SourceFile


class Package(msgspec.Struct, frozen=True):
    ecosystem: str = ""
    name: str = ""
    purl: str = ""


class Event(msgspec.Struct, frozen=True):
    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""
    limit: str = ""


class Range(msgspec.Struct, frozen=True):
    type: str
    events: list[Event]
    repo: str = ""


class Import(msgspec.Struct, frozen=True):
    """A package within a module, and what of it is affected."""

    path: str = ""
    symbols: list[str] = []
    goos: list[str] = []
    goarch: list[str] = []


class Specific(msgspec.Struct, frozen=True):
    """What the Go database adds; of other ecosystems nothing is read."""

    imports: list[Import] = []
    custom_ranges: list[Range] = []


class Severity(msgspec.Struct, frozen=True):
    type: str
    score: str


class Affected(msgspec.Struct, frozen=True):
    package: Package = Package()
    ranges: list[Range] = []
    versions: list[str] = []
    severity: list[Severity] | None = None
    ecosystem_specific: Specific = Specific()


class Reference(msgspec.Struct, frozen=True):
    url: str
    type: str = ""


class Credit(msgspec.Struct, frozen=True):
    name: str
    type: str = ""
    contact: list[str] | None = None


class Database(msgspec.Struct, frozen=True):
    url: str = ""
    cwe_ids: list[str] | None = None


class OsvDocument(msgspec.Struct, frozen=True):
    id: str
    modified: str
    schema_version: str = ""
    published: str = ""
    withdrawn: str = ""
    aliases: list[str] | None = None
    related: list[str] | None = None
    upstream: list[str] | None = None
    summary: str = ""
    details: str = ""
    severity: list[Severity] | None = None
    affected: list[Affected] | None = None
    references: list[Reference] | None = None
    credits: list[Credit] | None = None
    database_specific: Database = Database()


def read_osv(file: SourceFile, tally: Tally) -> tuple[OsvDocument, tuple[str, ...]] | None:
    """The OSV document in a file with the fields that are not read, or None with a finding."""
    return read_json(file, OsvDocument, "OSV document", "the OSV schema", tally)
