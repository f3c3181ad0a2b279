"""CSAF documents on their way into records: ids, and what can be told before products are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kb.affected import parse_ref
from kb.bulletins import parse_vulnerability_id
from kb.fields import Wrong
from kb.importers.bulletin_fields import bulletin_id
from kb.importers.csaf_document import CsafDocument, Item, Vulnerability, items
from kb.importers.job import Job
from kb.importers.words import one_line
from kb.records import Place


class Source(msgspec.Struct, frozen=True):
    """A document on its way: ``names`` are its vulnerabilities' ids in the record, ``refs`` its affected products' refs by id."""

    found: CsafDocument
    place: Place
    id: str
    aliases: list[str]
    items: Mapping[str, Item]
    names: tuple[str, ...]
    refs: Mapping[str, str]
    groups: Mapping[str, Sequence[str]]

    @property
    def each(self) -> list[tuple[str, Vulnerability]]:
        return list(zip(self.names, self.found.vulnerabilities, strict=True))

    def affects(self, products: Iterable[str], groups: Iterable[str] = ()) -> list[str]:
        """The refs of product ids; empty where they are all that there are."""
        wanted = {*products, *(product for group in groups for product in self.groups.get(group, ()))}
        found = [ref for product, ref in self.refs.items() if product in wanted]
        return [] if len(found) == len(self.refs) else found


def tlp_label(found: CsafDocument) -> str:
    """The label as records have it; CLEAR of TLP 2.0 is WHITE."""
    return found.document.distribution.tlp.label.strip().upper().replace("CLEAR", "WHITE")


def may_enter(found: CsafDocument, place: Place, job: Job) -> bool:
    """Whether the portal can hold a document: RED never, AMBER where there is an audience beside the public."""
    label = tlp_label(found)
    if label == "RED" or (label == "AMBER" and len(job.site.portal.audiences) < 2):
        job.tally.reject(place, "is not for everybody who may read the portal", "publish it elsewhere" if label == "RED" else
                         "add an audience to portal.yml that may read it", "document.distribution.tlp.label", label)
        return False
    return True


def make_source(found: CsafDocument, place: Place, job: Job) -> Source | None:
    tracking = found.document.tracking
    given = bulletin_id(tracking.id, place, job.tally)
    if given is None:
        return None
    record_id, aliases = given
    products = items(found.product_tree)
    affected = dict.fromkeys(product for vulnerability in found.vulnerabilities for product in
                             vulnerability.affected if product in products)
    refs = {product: _ref(product, number) for number, product in enumerate(affected, 1)}
    if len(set(refs.values())) < len(refs):
        refs = {product: f"a{number}" for number, product in enumerate(affected, 1)}
    groups = {group.group_id: group.product_ids for group in found.product_tree.product_groups}
    others = [line for alias in tracking.aliases if (line := one_line(alias)) and line != record_id]
    return Source(found, place, record_id, [*aliases, *others], products, _names(found.vulnerabilities), refs, groups)


def _ref(product: str, number: int) -> str:
    try:
        return parse_ref(product)
    except Wrong:
        return f"a{number}"


def _names(vulnerabilities: Sequence[Vulnerability]) -> tuple[str, ...]:
    """Ids of vulnerabilities: that of the CVE, else the first that another system gave, else a number."""
    found: dict[str, None] = {}
    for number, vulnerability in enumerate(vulnerabilities, 1):
        choices = [vulnerability.cve.strip(), *(item.text.strip() for item in vulnerability.ids), f"vulnerability-{number}",
                   f"vulnerability-{number}-{len(vulnerabilities)}"]
        found[next(name for name in choices if name not in found and _is_id(name))] = None
    return tuple(found)


def _is_id(name: str) -> bool:
    try:
        return bool(parse_vulnerability_id(name))
    except Wrong:
        return False


def check_name(name: str, source: Source, job: Job) -> None:
    """The name of a document follows from its id (CSAF 2.0, section 5.1)."""
    wanted = re.sub(r"[^+\-a-z0-9]+", "_", source.found.document.tracking.id.lower()) + ".json"
    if name != wanted:
        job.tally.note(source.place, f"is not the file name that belongs to this id, {wanted}", "check that the file is complete",
                       "document.tracking.id", source.id)


def tell_unsaid(source: Source, job: Job) -> None:
    """A note about products of which a document with vulnerabilities says nothing; parts of other products are no such."""
    tree = source.found.product_tree
    told = {product for item in source.found.vulnerabilities for product in item.told}
    told |= {name for item in tree.relationships for name in (item.product_reference, item.relates_to_product_reference)}
    unsaid = [item.name for product, item in source.items.items() if product not in told]
    if source.found.vulnerabilities and unsaid:
        job.tally.note(source.place, "names products of which it says nothing, so they are left out",
                       "compare the record with the publisher's page", "product_tree", ", ".join(unsaid[:6]))
