"""The records of a portal: typed, frozen, free of everything that only one page needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from kb.ranges import Affected

Kind = Literal["article", "report", "advisory", "notice", "bulletin"]
Severity = Literal["critical", "high", "medium", "low", "none", ""]

FOLDERS: Mapping[str, Kind] = {
    "articles": "article", "reports": "report", "advisories": "advisory", "notices": "notice", "bulletins": "bulletin",
}
SECTIONS: Mapping[Kind, str] = {
    "article": "kb", "report": "pr", "advisory": "advisories", "notice": "notices", "bulletin": "bulletins",
}
# Kind -> the field that names a successor, and the kinds that it may be of.
SUCCESSORS: Mapping[Kind, tuple[str, tuple[Kind, ...]]] = {
    "article": ("replaced_by", ("article",)), "report": ("duplicate_of", ("report",)),
    "advisory": ("superseded_by", ("advisory", "notice", "bulletin")),
    "notice": ("superseded_by", ("advisory", "notice", "bulletin")),
}
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "none", "")


class Place(msgspec.Struct, frozen=True, order=True, array_like=True):
    """Where something was written: path relative to the site, line from 1."""

    path: str
    line: int


class Section(msgspec.Struct, frozen=True, array_like=True):
    """A part of a text: ``key`` of a known section, else empty with the author's ``title``; Markdown; first line. ``gaps`` are
    (offset, lines of the file before it that this part lacks) where restricted lines are left out."""

    key: str
    title: str
    markdown: str
    line: int = 0
    gaps: tuple[tuple[int, int], ...] = ()

    def shift(self, offset: int) -> int:
        """Lines of the file that are left out between the first line of this part and the one at an offset."""
        return max((missing for at, missing in self.gaps if at <= offset), default=0)


class Text(msgspec.Struct, frozen=True, array_like=True):
    """What a record says in one language."""

    language: str
    title: str
    summary: str
    keywords: tuple[str, ...]
    sections: tuple[Section, ...]
    place: Place

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)

    def line_in(self, section: Section, offset: int) -> int:
        """Line of the file where the line ``offset`` (from 0) of a section stands; a JSON record is all on one."""
        return self.place.line if self.place.path.endswith(".jsonl") else section.line + offset + section.shift(offset)


class Event(msgspec.Struct, frozen=True, array_like=True):
    """A dated line of a history; ``number`` only in revision histories."""

    date: datetime
    text: str
    number: str = ""


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """``type`` is one of ``kb.bulletins.REFERENCE_TYPES``, or empty."""

    title: str
    url: str
    type: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What all kinds share. Times are UTC. ``texts`` begins with the original language."""

    id: str
    kind: Kind
    status: str
    audience: str
    place: Place
    texts: tuple[Text, ...]
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    publish_at: datetime | None = None
    created: datetime
    updated: datetime

    @property
    def path(self) -> str:
        """Address below a language's root, such as ``kb/KB10042/``."""
        return f"{SECTIONS[self.kind]}/{self.id}/"

    @property
    def text(self) -> Text:
        return self.texts[0]

    @property
    def published(self) -> datetime:
        """When the public could first read it."""
        return max(self.publish_at, self.created) if self.publish_at else self.created

    def text_in(self, language: str) -> Text:
        """The text in a language, else the original."""
        return next((text for text in self.texts if text.language == language), self.texts[0])


class Article(Record, frozen=True, kw_only=True):
    releases: tuple[str, ...] = ()
    applies_to: tuple[str, ...] = ()
    version: int | None = None
    replaced_by: str = ""


class Report(Record, frozen=True, kw_only=True):
    """A problem report: a known fault."""

    severity: Severity = ""
    component: str = ""
    affected: tuple[Affected, ...] = ()
    duplicate_of: str = ""
    history: tuple[Event, ...] = ()


class Score(msgspec.Struct, frozen=True, array_like=True):
    """A CVSS vector with what the standard computes from it."""

    vector: str
    version: str
    score: float
    severity: Severity


class VulnerabilityScore(msgspec.Struct, frozen=True, array_like=True):
    """A score of one vulnerability; ``affects`` as there."""

    score: Score
    affects: tuple[str, ...] = ()


class Vulnerability(msgspec.Struct, frozen=True, array_like=True):
    """One of several vulnerabilities of a bulletin, for those that differ. ``id`` is its CVE id or another name. ``affects``
    names entries of ``affected`` by their ``ref``; none named: all."""

    id: str
    title: str = ""
    scores: tuple[VulnerabilityScore, ...] = ()
    cwe: tuple[str, ...] = ()
    affects: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def cve(self) -> str:
        """Its CVE id, or an empty string."""
        return self.id if self.id.startswith("CVE-") else ""


class Remediation(msgspec.Struct, frozen=True, array_like=True):
    """What can be done, in a category of CSAF 2.0 (section 3.2.3.12.1); ``text`` is Markdown. ``affects`` names entries of
    ``affected``, ``vulnerabilities`` those by their ids; none named: all."""

    category: str
    text: str
    url: str = ""
    date: datetime | None = None
    affects: tuple[str, ...] = ()
    vulnerabilities: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, array_like=True):
    """Who published first what a bulletin says. ``category`` is that of a CSAF publisher, ``terms`` what it may be
    used for."""

    name: str
    url: str = ""
    category: str = ""
    contact: str = ""
    terms: str = ""


class SecurityBulletin(Record, frozen=True, kw_only=True):
    """An advisory or a notice. ``cves``, ``scores`` and ``cwe`` include those of ``vulnerabilities``."""

    tlp: str = "WHITE"
    cves: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    cwe: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    credits: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    revisions: tuple[Event, ...] = ()
    superseded_by: str = ""
    vulnerabilities: tuple[Vulnerability, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    source: Source | None = None

    @property
    def severity(self) -> Severity:
        """The worst of its scores."""
        return min((score.severity for score in self.scores), key=SEVERITIES.index, default="")


class Bulletin(Record, frozen=True, kw_only=True):
    """A technical bulletin."""

    type: str = ""


AnyRecord = Article | Report | SecurityBulletin | Bulletin


_PR = re.compile(r"PR[-#]?(?=[0-9]+\Z)")


def normal_id(text: str) -> str:
    """The form in which ids are compared: upper case, without the ``PR`` before a number."""
    folded = "".join(text.split()).upper()
    return _PR.sub("", folded) if folded.startswith("PR") else folded


def affected_of(record: Record) -> tuple[Affected, ...]:
    """Affected products of the kinds that have them."""
    return record.affected if isinstance(record, Report | SecurityBulletin) else ()


def severity_of(record: Record) -> Severity:
    return record.severity if isinstance(record, Report | SecurityBulletin) else ""


def successor_of(record: Record) -> str:
    """Id of the record that takes this one's place, else an empty string."""
    if isinstance(record, Article):
        return record.replaced_by
    if isinstance(record, Report):
        return record.duplicate_of
    return record.superseded_by if isinstance(record, SecurityBulletin) else ""
