"""CVE JSON 5 records into security advisories and the problem reports behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from kb.cve_ranges import affected_from_cve
from kb.fields import Wrong
from kb.importers.affected import fixes_in_text, merged, with_fixes, without_contradictions
from kb.importers.cve_drafts import Vulnerability, advisory, problem_report
from kb.importers.cve_record import CveRecord, names_in, read_record, said
from kb.importers.drafts import Draft, store
from kb.importers.job import Job, Numbers, is_number
from kb.importers.sources import source_files
from kb.parse import id_parser
from kb.ranges import Affected
from kb.records import Place, normal_id
from kb.releases import ReleaseError

_BOUNDS = re.compile(r"(?:>=?\s*v?(?P<start>[\w.+-]+))?\s*,?\s*(?:<(?P<closed>=?)\s*v?(?P<end>[\w.+-]+))?")


def import_cve(job: Job) -> None:
    """Each advisory of the vendor becomes one record, with all CVE records that name it; each defect a problem report."""
    records = _records(job)
    for record, place in records:
        _name_products(record, job, place)
    job.book.settle()
    found = [_vulnerability(record, place, job) for record, place in records]
    reports = _reports(found, job)
    drafts = [*_advisories(found, reports, job), *_report_drafts(found, reports, job)]
    for vulnerability in found:
        for entry in vulnerability.affected:
            job.book.add_releases(entry.product, _releases(entry))
    if drafts:
        store(drafts, job.site, job.book.write(job.place))


def _records(job: Job) -> list[tuple[CveRecord, Place]]:
    """The published records, by id."""
    found: dict[str, tuple[CveRecord, Place]] = {}
    for file in source_files(job.source, (".json",), job.tally):
        record = read_record(file, job.tally)
        if record is None:
            continue
        if record.cve_metadata.state.upper() != "PUBLISHED":
            job.tally.note(file.place(), f"has the state {record.cve_metadata.state}, so it is passed over",
                           "nothing needs to be done", "cveMetadata.state")
        elif record.id in found:
            job.tally.reject(file.place(), f"is also in {found[record.id][1].path}", "keep one", "cveMetadata.cveId", record.id)
        else:
            found[record.id] = record, file.place()
    return [found[key] for key in sorted(found, key=lambda text: (len(text), text))]


def _name_products(record: CveRecord, job: Job, place: Place) -> None:
    for item, _ in record.items():
        product = job.book.product(item.name)
        texts = (text for version in item.versions for text in (version.version, version.less_than,
                                                                version.less_than_or_equal))
        words = (word.strip("*-.<>=v") for text in texts for word in text.replace(",", " ").split())
        job.book.add_versions(product, (word for word in words if word[:1].isdigit() and word != "0"))


def _vulnerability(record: CveRecord, place: Place, job: Job) -> Vulnerability:
    products: dict[str, list[Affected]] = {}
    names: dict[str, str] = {}
    for item, raw in record.items():
        product = job.book.product(item.name)
        names[item.name] = names[job.book.name(product)] = product
        products.setdefault(product, []).append(_entry(product, raw, place, job))
    listed = _listed(said(record.cna.solutions), names, products)
    affected = [entry for product, entries in products.items()
                for entry in _fixed(entries, listed.get(product, []), place, job)]
    ids = names_in(record.cna.source.advisory)
    good = tuple(name for name in ids if _is_advisory_id(name))
    for name in ids:
        if name not in good:
            job.tally.note(place, "is no id of an advisory, so the CVE id stands in", "rename the advisory", "source.advisory",
                           name)
    defects = (number if is_number(number := normal_id(name)) else name for name in names_in(record.cna.source.defect))
    return Vulnerability(record, place, good or (record.id,), tuple(dict.fromkeys(defects)), tuple(affected))


def _is_advisory_id(name: str) -> bool:
    try:
        id_parser("advisory")(name)
    except Wrong:
        return False
    return True


def _entry(product: str, raw: Mapping[str, Any], place: Place, job: Job) -> Affected:
    """The entry of one affected product, its platforms as ids; versions that cannot be read are left out with a finding."""
    scheme = job.book.scheme(product)
    versions = (_spelled_out(version) for version in raw.get("versions", []))
    readable = [version for version in versions if _is_readable(version, product, scheme, place, job)]
    entry = affected_from_cve({**raw, "versions": readable}, product, scheme)
    if not readable and raw.get("versions"):
        entry = msgspec.structs.replace(entry, unaffected=())
    ids = [job.book.platform(product, name) for name in entry.platforms]
    if "" in ids:  # narrower than it was said would be wrong: then it is about all platforms
        ids = []
    return msgspec.structs.replace(entry, platforms=tuple(dict.fromkeys(ids)))


def _spelled_out(version: Mapping[str, Any]) -> dict[str, Any]:
    """A version with its bounds in their fields: some records write ``>= 1.2, < 1.4`` or ``v1.2`` for them."""
    fields = {name: text.strip().removeprefix("v") if isinstance(text, str) and name != "status" else text
              for name, text in version.items()}
    match = _BOUNDS.fullmatch(str(fields.get("version", "")))
    if not match or "lessThan" in fields or "lessThanOrEqual" in fields:
        return fields
    if match["end"]:
        return {**fields, "version": match["start"] or "0", "lessThanOrEqual" if match["closed"] else "lessThan": match["end"]}
    return {**fields, "version": match["start"], "lessThan": "*"} if match["start"] else fields


def _is_readable(version: Mapping[str, Any], product: str, scheme: str, place: Place, job: Job) -> bool:
    try:
        affected_from_cve({"versions": [version]}, product, scheme)
    except ReleaseError as error:
        job.tally.note(place, f"{error}, so this range is left out", error.remedy, "affected.versions",
                       str(version.get("version", "")), "error")
        return False
    return True


def _listed(text: str, names: Mapping[str, str], products: Mapping[str, Sequence[Affected]]) -> dict[str, list[str]]:
    """Fixed releases that the solutions list, by product."""
    found = fixes_in_text(text, names)
    for release in found.pop("", []):
        for product in _owners(release, products):
            found.setdefault(product, []).append(release)
    return found


def _owners(release: str, products: Mapping[str, Sequence[Affected]]) -> Iterable[str]:
    """The products that a release without a product's name can be of: with -EVO those whose ranges have it too."""
    if len(products) == 1:
        return products
    wanted = release.upper().endswith("-EVO")
    return [product for product, entries in products.items()
            if any("-EVO" in text for entry in entries for item in entry.ranges for text in (item.start, *item.before)) == wanted]


def _fixed(entries: Sequence[Affected], listed: Sequence[str], place: Place, job: Job) -> list[Affected]:
    scheme = job.book.scheme(entries[0].product)
    found = []
    for entry in with_fixes(entries, scheme, listed):
        good, wrong = without_contradictions(entry, scheme)
        for release in wrong:
            job.tally.note(place, "is listed as fixed, yet within an affected range, so it is not taken for fixed",
                           "ask the vendor which of them holds", "solutions", release)
        found.append(good)
    return found


def _releases(entry: Affected) -> Iterable[str]:
    """Every release that an entry names."""
    for item in (*entry.ranges, *entry.unaffected):
        yield from (item.start, item.through, *item.before, *(at for at, _ in item.changes))
    yield from entry.fixed


def _reports(found: Iterable[Vulnerability], job: Job) -> dict[str, str]:
    """Numbers of the problem reports by the defect they are about."""
    numbers = Numbers(job.site)
    defects = sorted({defect for vulnerability in found for defect in vulnerability.defects})
    return {defect: defect if is_number(defect) else numbers.give("", f"defect:{defect}", defect) for defect in defects}


def _advisories(found: Sequence[Vulnerability], reports: Mapping[str, str], job: Job) -> list[Draft]:
    groups: dict[str, list[Vulnerability]] = {}
    for vulnerability in found:
        groups.setdefault(vulnerability.advisories[0], []).append(vulnerability)
    return [advisory(name, group, merged([item.affected for item in group], job.book.scheme), reports, groups, job)
            for name, group in groups.items()]


def _report_drafts(found: Sequence[Vulnerability], reports: Mapping[str, str], job: Job) -> list[Draft]:
    groups: dict[str, list[Vulnerability]] = {}
    for vulnerability in found:
        for defect in vulnerability.defects:
            groups.setdefault(defect, []).append(vulnerability)
    return [problem_report(reports[defect], defect, group, merged([item.affected for item in group], job.book.scheme), job)
            for defect, group in groups.items()]

