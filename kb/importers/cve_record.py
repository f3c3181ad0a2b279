"""CVE records as their format (CVE Record Format 5.1) has them, as far as an import reads them."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from kb.importers.json_document import read_json, wrong_form
from kb.importers.report import Tally
from kb.importers.sources import SourceFile, clean


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
    found = read_json(file, CveRecord, "CVE record", "the CVE Record Format 5.1", tally)
    if found is None:
        return None
    try:
        found[0].items()
    except msgspec.ValidationError as error:
        tally.reject(file.place(), *wrong_form(error, "CVE record", "the CVE Record Format 5.1"))
        return None
    return found[0]
