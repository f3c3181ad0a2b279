"""CSAF documents as their standard (CSAF 2.0) has them, as far as an import reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kb.importers.json_document import read_json
from kb.importers.report import Tally
from kb.importers.sources import SourceFile, clean

_ROOM = frozenset({"vendor", "product_family", "product_name", "product_version", "product_version_range"})


class Acknowledgment(msgspec.Struct, frozen=True):
    names: list[str] = []
    organization: str = ""
    summary: str = ""
    urls: list[str] = []


class Note(msgspec.Struct, frozen=True):
    text: str
    category: str = ""
    title: str = ""


class Reference(msgspec.Struct, frozen=True):
    url: str
    summary: str = ""
    category: str = ""


class Tlp(msgspec.Struct, frozen=True):
    label: str = "WHITE"
    url: str | None = None


class Distribution(msgspec.Struct, frozen=True):
    text: str = ""
    tlp: Tlp = Tlp()


class Publisher(msgspec.Struct, frozen=True):
    name: str = ""
    namespace: str = ""
    category: str = ""
    contact_details: str = ""


class Revision(msgspec.Struct, frozen=True):
    date: str
    number: str
    summary: str = ""


class Tracking(msgspec.Struct, frozen=True):
    id: str
    initial_release_date: str
    current_release_date: str
    revision_history: list[Revision]
    status: str
    version: str = ""
    aliases: list[str] = []


class Document(msgspec.Struct, frozen=True):
    title: str
    tracking: Tracking
    category: str
    csaf_version: str
    publisher: Publisher = Publisher()
    distribution: Distribution = Distribution()
    notes: list[Note] = []
    references: list[Reference] = []
    acknowledgments: list[Acknowledgment] = []
    lang: str = ""


class Helper(msgspec.Struct, frozen=True):
    model_numbers: list[str] = []


class FullName(msgspec.Struct, frozen=True):
    name: str
    product_id: str
    product_identification_helper: Helper = Helper()


class Branch(msgspec.Struct, frozen=True):
    category: str
    name: str
    branches: list[Branch] = []
    product: FullName | None = None


class Relationship(msgspec.Struct, frozen=True):
    full_product_name: FullName
    product_reference: str
    category: str = ""
    relates_to_product_reference: str = ""


class Group(msgspec.Struct, frozen=True):
    group_id: str
    product_ids: list[str]


class ProductTree(msgspec.Struct, frozen=True):
    branches: list[Branch] = []
    full_product_names: list[FullName] = []
    relationships: list[Relationship] = []
    product_groups: list[Group] = []


class Weakness(msgspec.Struct, frozen=True):
    id: str
    name: str = ""


class Identifier(msgspec.Struct, frozen=True):
    text: str
    system_name: str = ""


class Status(msgspec.Struct, frozen=True):
    """Product ids by what is said of them."""

    first_affected: list[str] = []
    first_fixed: list[str] = []
    fixed: list[str] = []
    known_affected: list[str] = []
    known_not_affected: list[str] = []
    last_affected: list[str] = []
    recommended: list[str] = []
    under_investigation: list[str] = []

    @property
    def affected(self) -> list[str]:
        return list(dict.fromkeys([*self.known_affected, *self.first_affected, *self.last_affected]))


class Remediation(msgspec.Struct, frozen=True):
    category: str
    details: str
    product_ids: list[str] = []
    group_ids: list[str] = []
    url: str = ""
    date: str = ""


class Threat(msgspec.Struct, frozen=True):
    category: str
    details: str


class Score(msgspec.Struct, frozen=True):
    """The vectors say all that the other fields of a score do."""

    products: list[str] = []
    cvss_v2: dict[str, Any] = {}
    cvss_v3: dict[str, Any] = {}


class Vulnerability(msgspec.Struct, frozen=True):
    cve: str = ""
    ids: list[Identifier] = []
    title: str = ""
    cwe: Weakness | None = None
    notes: list[Note] = []
    product_status: Status = Status()
    references: list[Reference] = []
    remediations: list[Remediation] = []
    scores: list[Score] = []
    threats: list[Threat] = []
    acknowledgments: list[Acknowledgment] = []


    @property
    def _stated(self) -> list[str]:
        return [product for name in Status.__struct_fields__ for product in getattr(self.product_status, name)]

    @property
    def told(self) -> list[str]:
        """Product ids of which something is said."""
        return [*self._stated, *self.affected]

    @property
    def affected(self) -> list[str]:
        """Product ids that are said to be affected; what has a score and no status counts as affected too."""
        stated = {*self._stated}
        scored = (product for score in self.scores for product in score.products if product not in stated)
        return list(dict.fromkeys([*self.product_status.affected, *scored]))


class CsafDocument(msgspec.Struct, frozen=True):
    document: Document
    product_tree: ProductTree = ProductTree()
    vulnerabilities: list[Vulnerability] = []


class Item(msgspec.Struct, frozen=True):
    """A product of the tree: what it is called as a whole, and the parts of its name. ``exact`` where its versions are all that
    limits it."""

    name: str
    vendor: str
    product: str
    versions: str
    models: tuple[str, ...]
    exact: bool


def items(tree: ProductTree) -> Mapping[str, Item]:
    """The products of a tree by their ids; of an id that stands twice, the first."""
    found: dict[str, Item] = {}
    for branch in tree.branches:
        for item_id, item in _below(branch, ()):
            found.setdefault(item_id, item)
    for full in tree.full_product_names:
        found.setdefault(full.product_id, Item(_line(full.name), "", _line(full.name), "", _models(full), False))
    for relationship in tree.relationships:
        full, base = relationship.full_product_name, found.get(relationship.product_reference)
        product, vendor = (base.product, base.vendor) if base else (_line(full.name), "")
        found.setdefault(full.product_id, Item(_line(full.name), vendor, product, base.versions if base else "", _models(full),
                                               False))
    return found


def _below(branch: Branch, path: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, Item]]:
    path = (*path, (branch.category, _line(branch.name)))
    if branch.product:
        full = branch.product
        names = dict(path)
        product = names.get("product_name") or names.get("product_family") or _line(full.name)
        versions = " ".join(name for category, name in path if category not in {"vendor", "product_family", "product_name"})
        exact = names.keys() <= _ROOM and len(names) == len(path)
        yield full.product_id, Item(_line(full.name), names.get("vendor", ""), product, versions, _models(full), exact)
    for inner in branch.branches:
        yield from _below(inner, path)


def _models(full: FullName) -> tuple[str, ...]:
    lines = (_line(text) for text in full.product_identification_helper.model_numbers)
    return tuple(dict.fromkeys(line for line in lines if line))


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def read_csaf(file: SourceFile, tally: Tally) -> tuple[CsafDocument, tuple[str, ...]] | None:
    """The CSAF 2.0 document in a file with the fields that are not read, or None with a finding."""
    found = read_json(file, CsafDocument, "CSAF document", "CSAF 2.0", tally)
    if found is None:
        return None
    version = found[0].document.csaf_version
    if version != "2.0":
        tally.reject(file.place(), "is not the version of CSAF that can be read", "export the document as CSAF 2.0",
                     "document.csaf_version", version)
        return None
    return found
