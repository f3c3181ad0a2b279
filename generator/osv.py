"""OSV documents of the security advisories (Open Source Vulnerability format 1.7, ossf.github.io/osv-schema)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from generator.edition import Edition
from generator.keys import Keys, record_key
from generator.plan import Derived
from generator.portable import credit, portable_text
from kb.fields import instant
from kb.heads import Head
from kb.library import Library
from kb.product_status import ProductStatus, ReleaseStatuses, product_statuses, range_text
from kb.products import Product
from kb.ranges import VersionRange
from kb.records import Record, SecurityBulletin
from kb.releases import parse_bound, parse_release

FOLDER = "osv/"
LISTING = f"{FOLDER}all.json"
SCHEMA_VERSION = "1.7.3"
Json = dict[str, Any]


def osv_path(record: Record | Head) -> str:
    """Path of a record's OSV document below the root; empty for what is no vulnerability."""
    return f"{FOLDER}{record.id}.json" if record.kind == "advisory" else ""


def osv_files(edition: Edition, keys: Keys) -> Iterator[Derived]:
    """A document for each advisory, and the list of them all."""
    heads = edition.library.of_kind("advisory")
    for head in heads:
        yield Derived(osv_path(head), record_key(edition, keys, head, "osv"), partial(_document, edition, head.key))
    yield Derived(LISTING, "", partial(_listing, heads))


def _listing(heads: Sequence[Head]) -> bytes:
    return _json([{"id": head.id, "modified": instant(head.updated)} for head in heads])


def _document(edition: Edition, key: str) -> bytes:
    record = edition.library.records[key]
    assert isinstance(record, SecurityBulletin)
    return _json(osv_document(edition, record))


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def osv_document(edition: Edition, record: SecurityBulletin) -> Json:
    """The document of an advisory: another name of its CVE, or related to several."""
    library, text = edition.library, edition.text_of(record)
    single = len(record.cves) < 2
    others = [other.id for other in library.named(record) if other.kind == "advisory"]
    found: Json = {
        "schema_version": SCHEMA_VERSION, "id": record.id, "modified": instant(record.updated),
        "published": instant(record.published),
        "withdrawn": instant(record.updated) if record.status == "withdrawn" else "",
        "aliases": [*(record.cves if single else ()), *(name for name in record.aliases if name not in record.cves)],
        "related": [*(() if single else record.cves), *others],
        "summary": text.title, "details": portable_text(edition, record), "severity": _severity(record),
        "affected": [_affected(status, record) for status in product_statuses(record, library.catalogue)],
        "references": _references(edition, record), "credits": [_credit(line) for line in record.credits],
        "database_specific": _specific(library, record),
    }
    return {name: value for name, value in found.items() if value}


def _severity(record: SecurityBulletin) -> list[Json]:
    return [{"type": f"CVSS_V{score.version[0]}", "score": score.vector} for score in record.scores]


def _affected(status: ProductStatus, record: SecurityBulletin) -> Json:
    """The affected releases of a product, one by one; ranges too where they say the same of every release that there is."""
    product = status.product
    found: Json = {
        "package": {"ecosystem": product.package.ecosystem, "name": product.package.name} if product.package else None,
        "ranges": _ranges(status), "versions": list(status.releases.affected), "database_specific": _product(status, record),
    }
    return {name: value for name, value in found.items() if value}


def _product(status: ProductStatus, record: SecurityBulletin) -> Json:
    """What OSV has no field for: the product, its fixed releases, the ranges as the record has them, and its platforms."""
    product = status.product
    parts = [{
        "platforms": [_platform(product, name) for name in part.platforms],
        "ranges": [range_text(item, product.scheme) for item in part.ranges],
        "first_fixed": list(part.first_fixed), **(_releases(part.releases) if len(status.parts) > 1 else {}),
    } for part in status.parts]
    own = [entry for entry in record.affected if entry.product == product.id]
    found: Json = {
        "product": {"id": product.id, "name": product.name, **({"vendor": product.vendor} if product.vendor else {})},
        **{name: names for name, names in _releases(status.releases).items() if name != "versions"},
        "parts": [{name: value for name, value in part.items() if value} for part in parts],
        "said": list(dict.fromkeys(entry.name or entry.versions for entry in own if entry.name or entry.versions)),
        "models": list(dict.fromkeys(model for entry in own for model in entry.models)),
    }
    return {name: value for name, value in found.items() if value}


def _releases(releases: ReleaseStatuses) -> Json:
    return {"versions": list(releases.affected), "fixed": list(releases.fixed), "unknown": list(releases.unknown)}


def _platform(product: Product, name: str) -> str:
    platform = product.platform(name)
    return platform.name if platform else name


def _ranges(status: ProductStatus) -> list[Json]:
    """The ranges of semantic versions, or of packages in the order of their ecosystem."""
    product = status.product
    kind = "SEMVER" if product.scheme == "semver" else "ECOSYSTEM" if product.package else ""
    if not kind or len(status.parts) != 1 or status.parts[0].exceptions:
        return []
    stretches = [_stretch(item, product.scheme) for item in status.parts[0].ranges]
    if not all(stretches) or not _agree(stretches, status):
        return []
    return [{"type": kind, "events": [{name: text} for name, text in stretch.items()]} for stretch in stretches]


def _stretch(item: VersionRange, scheme: str) -> Mapping[str, str]:
    """Events by name; none where the range begins or ends with anything but a release."""
    start = item.start
    if start and scheme == "semver" and parse_bound(start, scheme).kind == "train" and (item.before or item.through):
        start += ".0-0"  # below every release of the train
    ends = [text for text in (start, *item.before, item.through) if text not in {"", "*"}]
    if item.changes or len(item.before) > 1 or any(parse_bound(text, scheme).kind != "release" for text in ends):
        return {}
    if start and not item.before and not item.through:
        return {"introduced": start, "last_affected": start}
    found = {"introduced": start or "0", "fixed": "".join(item.before), "last_affected": item.through.strip("*")}
    return {name: text for name, text in found.items() if text}


def _agree(stretches: Sequence[Mapping[str, str]], status: ProductStatus) -> bool:
    """Whether stretches hold just the affected ones of all releases that are known or named."""
    releases, scheme = status.releases, status.product.scheme
    affected = set(releases.affected)
    every = (*releases.affected, *releases.fixed, *releases.not_affected, *releases.unknown)
    return all(any(_holds(stretch, release, scheme) for stretch in stretches) == (release in affected) for release in every)


def _holds(stretch: Mapping[str, str], release: str, scheme: str) -> bool:
    """Evaluation as the OSV schema has it, for one pair of events."""
    key = parse_release(release, scheme).key
    start = stretch["introduced"]
    return ((start == "0" or parse_release(start, scheme).key <= key)
            and ("fixed" not in stretch or key < parse_release(stretch["fixed"], scheme).key)
            and ("last_affected" not in stretch or key <= parse_release(stretch["last_affected"], scheme).key))


def _references(edition: Edition, record: SecurityBulletin) -> list[Json]:
    """The page of the advisory, then its references, each address once."""
    url = edition.portal.url + record.path
    given = (*record.references, *(item for vulnerability in record.vulnerabilities for item in vulnerability.references))
    found = {url: "ADVISORY"}
    for item in given:
        found.setdefault(item.url, {"self": "ADVISORY", "": "WEB"}.get(item.type, item.type.upper()))
    for remediation in record.remediations:
        if remediation.url:
            found.setdefault(remediation.url, "FIX" if remediation.category == "vendor_fix" else "WEB")
    return [{"type": kind, "url": address} for address, kind in found.items()]


def _credit(line: str) -> Json:
    found = credit(line)
    return {"name": found.name, **({"type": found.role.upper().replace(" ", "_")} if found.role else {})}


def _specific(library: Library, record: SecurityBulletin) -> Json:
    each = [{name: value for name, value in {
        "id": item.id, "title": item.title, "cvss": [score.score.vector for score in item.scores], "cwe_ids": list(item.cwe),
    }.items() if value} for item in record.vulnerabilities]
    found: Json = {
        "url": library.portal.url + record.path, "status": record.status, "severity": record.severity.upper(),
        "cwe_ids": list(record.cwe), "vulnerabilities": each,
        "superseded_by": record.superseded_by if library.shows(record.superseded_by) else "",
        "source": {"name": record.source.name, "url": record.source.url} if record.source else None,
    }
    return {name: value for name, value in found.items() if value}
