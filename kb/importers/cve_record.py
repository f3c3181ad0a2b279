"""CVE records as their format (CVE Record Format 5.1) has them, as far as an import reads them."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from kb.findings import SourceError
from kb.importers.report import Tally
from kb.importers.sources import SourceFile, clean, read_text


class Said(msgspec.Struct, frozen=True):
    """A text in one language."""

    value: str = ""
    lang: str = ""


class Vector(msgspec.Struct, frozen=True, rename="camel"):
    vector_string: str = ""


class Metric(msgspec.Struct, frozen=True):
    v4_0: Vector | None = msgspec.field(default=None, name="cvssV4_0")
    v3_1: Vector | None = msgspec.field(default=None, name="cvssV3_1")
    v3_0: Vector | None = msgspec.field(default=None, name="cvssV3_0")
    v2_0: Vector | None = msgspec.field(default=None, name="cvssV2_0")

    @property
    def vectors(self) -> tuple[str, ...]:
        found = (self.v4_0, self.v3_1, self.v3_0, self.v2_0)
        return tuple(vector.vector_string.strip() for vector in found if vector and vector.vector_string.strip())


class Problem(msgspec.Struct, frozen=True, rename="camel"):
    description: str = ""
    cwe_id: str = ""


class ProblemType(msgspec.Struct, frozen=True):
    descriptions: list[Problem] = []


class Reference(msgspec.Struct, frozen=True):
    url: str = ""
    name: str = ""


class Moment(msgspec.Struct, frozen=True):
    """A line of the record's timeline."""

    time: str = ""
    value: str = ""


class Source(msgspec.Struct, frozen=True):
    """Where the vendor knows it from; outside the standard, so taken as it comes."""

    advisory: str | int | list[str | int] | None = None
    defect: str | int | list[str | int] | None = None


class Version(msgspec.Struct, frozen=True, rename="camel"):
    version: str = ""
    less_than: str = ""
    less_than_or_equal: str = ""
    status: str = "affected"


class Item(msgspec.Struct, frozen=True, rename="camel"):
    """An affected product, as far as names go; ``kb.cve_ranges`` reads the rest."""

    product: str = ""
    package_name: str = ""
    versions: list[Version] = []

    @property
    def name(self) -> str:
        return " ".join((self.product or self.package_name).split())


class Cna(msgspec.Struct, frozen=True, rename="camel"):
    title: str = ""
    descriptions: list[Said] = []
    configurations: list[Said] = []
    exploits: list[Said] = []
    workarounds: list[Said] = []
    solutions: list[Said] = []
    credits: list[Said] = []
    affected: list[dict[str, Any]] = []
    metrics: list[Metric] = []
    problem_types: list[ProblemType] = []
    references: list[Reference] = []
    timeline: list[Moment] = []
    source: Source = Source()
    date_public: str = ""


class Containers(msgspec.Struct, frozen=True):
    cna: Cna


class Meta(msgspec.Struct, frozen=True, rename="camel"):
    cve_id: str
    state: str = "PUBLISHED"
    date_published: str = ""
    date_updated: str = ""


class CveRecord(msgspec.Struct, frozen=True, rename="camel"):
    cve_metadata: Meta
    containers: Containers

    @property
    def id(self) -> str:
        return self.cve_metadata.cve_id.strip().upper()

    @property
    def cna(self) -> Cna:
        return self.containers.cna

    def items(self) -> list[tuple[Item, dict[str, Any]]]:
        """Affected products with their name: typed, and as they are."""
        pairs = ((msgspec.convert(item, Item), item) for item in self.cna.affected)
        return [(typed, item) for typed, item in pairs if typed.name]


def names_in(given: str | int | list[str | int] | None) -> tuple[str, ...]:
    """Ids out of a text or a list of texts, each of which may join several with commas or spaces."""
    items = given if isinstance(given, list) else [] if given is None else [given]
    words = (word for item in items for word in re.split(r"[\s,;]+", clean(str(item))))
    return tuple(dict.fromkeys(word for word in words if word))


def said(texts: list[Said]) -> str:
    """The English texts (else those of the first language), with a blank line between."""
    chosen = [text for text in texts if text.lang.lower().startswith("en")]
    chosen = chosen or [text for text in texts if texts and text.lang == texts[0].lang]
    return "\n\n".join(dict.fromkeys(clean(text.value).strip("\n") for text in chosen if text.value.strip()))


def read_record(file: SourceFile, tally: Tally) -> CveRecord | None:
    """The CVE record in a file, or None with a finding."""
    try:
        text = read_text(file)
    except SourceError as error:
        tally.rejected += 1
        tally.findings.append(error.finding)
        return None
    try:
        record = msgspec.json.decode(text, type=CveRecord)
        record.items()
    except RecursionError:
        tally.reject(file.place(), "is nested too deeply", "check that it is a CVE record")
        return None
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        tally.reject(file.place(), f"is no CVE record: {reason[:1].lower()}{reason[1:]}",
                     "compare it with the CVE Record Format 5.1", where.strip("`.").removeprefix("."))
        return None
    except msgspec.DecodeError as error:
        tally.reject(file.place(_line_of(error, text)), f"is not valid JSON: {error}", "export the record again")
        return None
    return record


def _line_of(error: msgspec.DecodeError, text: str) -> int:
    match = re.search(r"\(byte (\d+)\)", str(error))
    at = int(match[1]) if match else len(text.encode())
    return 1 + text.encode()[:at].count(b"\n")
