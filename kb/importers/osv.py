"""OSV documents into security advisories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from kb.bulletins import REFERENCE_TYPES, parse_cve, parse_cwe
from kb.fields import Wrong, instant, parse_url
from kb.importers.affected import affected_yaml, is_release, with_fixes, without_contradictions
from kb.importers.bulletin_fields import (
    Told,
    bulletin_id,
    day_of,
    references_field,
    revisions_field,
    tell_left_out,
    title_field,
    vector,
)
from kb.importers.dates import moment
from kb.importers.drafts import Draft, body_of, store
from kb.importers.emit import Yaml
from kb.importers.job import Job
from kb.importers.osv_document import Affected as Given
from kb.importers.osv_document import Credit, Import, OsvDocument, Range, read_osv
from kb.importers.plain import escape
from kb.importers.sources import clean, source_files
from kb.importers.words import first_sentence, one_line, plain_text, shortened
from kb.products import Package, parse_ecosystem
from kb.ranges import Affected, VersionRange, parse_range, range_from_mapping
from kb.records import Place
from kb.releases import ReleaseError

# Ecosystems whose packages have semantic versions, beside those whose ranges say so.
_SEMVER = frozenset({"npm", "Go", "crates.io", "Hex", "Pub", "SwiftURL"})


_TRAIN_START = re.compile(r"[0-9]+\.[0-9]+\.0-0")
_UNSET = "0001-01-01"  # what the Go database writes before it publishes


class _Source(msgspec.Struct, frozen=True):
    found: OsvDocument
    place: Place
    id: str
    aliases: list[str]
    file_day: datetime


def import_osv(job: Job) -> None:
    """Each document becomes an advisory, each package a product."""
    sources = []
    for file in source_files(job.source, (".json",), job.tally):
        read = read_osv(file, job.tally)
        given = bulletin_id(read[0].id, file.place(), job.tally) if read else None
        if read and given:
            changed = datetime.fromtimestamp((file.root / file.path).stat().st_mtime, UTC)
            sources.append(_Source(read[0], file.place(), *given, changed.replace(hour=0, minute=0, second=0, microsecond=0)))
            tell_left_out(read[1], file.place(), job.tally)
            if file.stem != read[0].id:
                job.tally.note(file.place(), "is not the file name that belongs to this id", "check that the file is complete",
                               "id", read[0].id)
    entries = [_entries(source, job) for source in sources]
    job.book.settle()
    drafts = [_draft(source, found, job) for source, found in zip(sources, entries, strict=True)]
    if drafts:
        store(drafts, job.site, job.book.write(job.place))


def _entries(source: _Source, job: Job) -> list[Affected]:
    found = []
    for given in source.found.affected or ():
        name = one_line(given.package.name)
        if not name:
            job.tally.note(source.place, "has an affected package without a name, which is left out", "name it by hand",
                           "affected")
            continue
        semver = given.package.ecosystem in _SEMVER or any(item.type == "SEMVER" for item in given.ranges)
        product = job.book.named(name, "semver" if semver else "dotted", "", _package(given, source, job))
        found.append(_entry(product, given, source, job))
    return list(dict.fromkeys(found))


def _package(given: Given, source: _Source, job: Job) -> Package | None:
    try:
        return Package(parse_ecosystem(given.package.ecosystem.strip()), one_line(given.package.name))
    except Wrong as wrong:
        job.tally.note(source.place, f"{wrong.reason}, so it is left out", wrong.remedy, "affected.package.ecosystem",
                       given.package.ecosystem)
        return None


def _entry(product: str, given: Given, source: _Source, job: Job) -> Affected:
    """The entry of a package; ranges that cannot be said here stand as words, and then no range is claimed."""
    scheme = job.book.scheme(product)
    words = [_words(item) for item in (*(item for item in given.ranges if item.type == "GIT"),
                                       *given.ecosystem_specific.custom_ranges)]
    ranges: tuple[VersionRange, ...] = ()
    try:
        ranges = tuple(found for item in given.ranges if item.type != "GIT" for found in _ranges(item, scheme))
        if not ranges:
            ranges = tuple(found for text in given.versions for found in _exactly(text, scheme))
    except ReleaseError as error:
        job.tally.note(source.place, f"{error}, so the versions are told in words", error.remedy, "affected.ranges", error.value)
        words = [*(_words(item) for item in given.ranges if item.type != "GIT"), *words, *given.versions]
    entry = Affected(product, ranges=ranges, versions=shortened("; ".join(words), 2000) if words else "")
    entry = without_contradictions(with_fixes([entry], scheme, ())[0], scheme)[0]
    named = [text for item in ranges for text in (item.start, item.through, *item.before)]
    job.book.add_releases(product, named)
    return entry


def _ranges(given: Range, scheme: str) -> Iterator[VersionRange]:
    """The stretches between the events of a range; they may come in any order (OSV schema, evaluation)."""
    start: str | None = None
    for event in given.events:
        end = event.fixed or event.limit
        if event.introduced:
            if start is not None:
                yield _stretch(start, "", "*", scheme)
            start = event.introduced
        elif start is not None:
            yield _stretch(start, end, event.last_affected if not end else "", scheme)
            start = None
    if start is not None:
        yield _stretch(start, "", "*", scheme)


def _stretch(start: str, before: str, through: str, scheme: str) -> VersionRange:
    if start == "0" and through == "*":
        return parse_range("all", scheme)[0]
    if scheme == "semver":  # 1.22.0-0 is below every 1.22.0, so it is where the train begins
        start = start.removesuffix(".0-0") if _TRAIN_START.fullmatch(start) else start
    fields = {"from": start, "before": before, "through": through}
    return range_from_mapping({name: text for name, text in fields.items() if text}, scheme)


def _exactly(text: str, scheme: str) -> tuple[VersionRange, ...]:
    if not is_release(text, scheme):
        raise ReleaseError("is not a release", "write the versions by hand", text)
    return parse_range(text, scheme)


def _words(given: Range) -> str:
    """A range as its document tells it."""
    events = ", ".join(f"{name.replace('_', ' ')} {text}" for event in given.events
                       for name, text in msgspec.structs.asdict(event).items() if text and text != "0")
    return " ".join(part for part in (given.type, given.repo, events or "all versions") if part)


def _draft(source: _Source, affected: Sequence[Affected], job: Job) -> Draft:
    found, tally, place = source.found, job.tally, source.place
    told = _told(source, job)
    aliases = [line for alias in found.aliases or () if (line := one_line(alias))]
    cves = [alias for alias in aliases if _is_cve(alias)]
    if not affected:
        tally.note(place, "has no affected package, so it is written as a draft",
                   "complete the record, then set its status to final", value=source.id)
    title = found.summary or first_sentence(plain_text(clean(found.details)), 120)
    summary = first_sentence(plain_text(clean(found.details)))
    fields: dict[str, Yaml] = {
        "id": source.id, "title": title_field(title, source.id, place, tally),
        "summary": shortened(summary or title, 600) or source.id, "language": job.language_field(),
        "aliases": [*source.aliases, *(alias for alias in aliases if alias not in cves)],
        "related": [line for name in (*(found.related or ()), *(found.upstream or ())) if (line := one_line(name))],
        "status": "draft" if not affected else "withdrawn" if found.withdrawn else "final",
        "publish_at": instant(told[0].when), "cves": cves,
        "cvss": _vectors(source, job), "cwe": _weaknesses(source, job), "affected": affected_yaml(affected, job.book.scheme),
        "credits": list(dict.fromkeys(_credit(item) for item in found.credits or () if item.name.strip())),
        "references": references_field(_references(found), place, tally), "source": _publisher(source),
        "revisions": revisions_field(told, told[0].when, place, tally),
    }
    details = clean(found.details).strip("\n")
    body = body_of([("", details), ("Affected packages", _imports(found))])
    return Draft(kind="advisory", id=source.id, fields=fields, body=body, origin=place, sources=(found.id,))


def _told(source: _Source, job: Job) -> list[Told]:
    """Its publication, last change and withdrawal, each where it is given; without any, the date of the record that there is,
    else that of the options, else the day of the file."""
    found = source.found
    moments: dict[datetime, str] = {}
    for name, text in (("published", "First publication"), ("modified", "Last change"), ("withdrawn", "Withdrawn")):
        given = getattr(found, name)
        if given and not given.startswith(_UNSET) and (when := day_of(given, name, source.place, job.tally)):
            moments[when] = text if name == "withdrawn" or when not in moments else moments[when]
    if not moments:
        when = _before(source, job) or moment(job.options.date) or source.file_day
        job.tally.note(source.place, f"has no date, so it gets {when:%Y-%m-%d}", "give a date to use instead", "published")
        moments[when] = "First publication"
    return [Told(str(number), when, moments[when]) for number, when in enumerate(sorted(moments), 1)]


def _before(source: _Source, job: Job) -> datetime | None:
    """When the record that an earlier import wrote was published."""
    document = job.site.document(f"advisories/{source.id}.md")
    value = document.fields.get("publish_at") if document else None
    return moment(value.data) if value and isinstance(value.data, str) else None


def _is_cve(name: str) -> bool:
    try:
        return bool(parse_cve(name))
    except Wrong:
        return False


def _vectors(source: _Source, job: Job) -> list[str]:
    given = [*(source.found.severity or ()), *(item for entry in source.found.affected or () for item in entry.severity or ())]
    scores = (vector(item.score, source.place, job.tally) for item in given)
    return list(dict.fromkeys(score.vector for score in scores if score))


def _weaknesses(source: _Source, job: Job) -> list[str]:
    found = []
    for name in source.found.database_specific.cwe_ids or ():
        try:
            found.append(parse_cwe(name.strip().upper()))
        except Wrong as wrong:
            job.tally.note(source.place, f"{wrong.reason}, so it is left out", wrong.remedy, "database_specific.cwe_ids", name)
    return list(dict.fromkeys(found))


def _credit(given: Credit) -> str:
    """A name with its addresses and role: ``Jo Doe, https://example.com (finder)``."""
    role = f" ({given.type.lower().replace('_', ' ')})" if given.type and given.type != "OTHER" else ""
    return ", ".join(one_line(text) for text in (given.name, *(given.contact or ())) if text.strip()) + role


def _references(found: OsvDocument) -> Iterator[tuple[str, str, str]]:
    if found.database_specific.url:
        yield "", found.database_specific.url, "self"
    for item in found.references or ():
        kind = item.type.lower()
        yield "", item.url, kind if kind in REFERENCE_TYPES and kind != "self" else ""


def _publisher(source: _Source) -> dict[str, Yaml]:
    """The database that the id belongs to."""
    url = source.found.database_specific.url.strip()
    try:
        host = urlsplit(parse_url(url)).hostname or ""
    except (Wrong, ValueError):
        url = host = ""
    return {"name": host or f"OSV database {source.id.partition('-')[0]}", "url": url}


def _imports(found: OsvDocument) -> str:
    """The packages within modules that are affected, as a list."""
    lines = [_import_line(item) for entry in found.affected or () for item in entry.ecosystem_specific.imports]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _import_line(item: Import) -> str:
    path = escape(one_line(item.path))
    symbols = ", ".join(escape(one_line(name)) for name in item.symbols)
    places = ", ".join(escape(one_line(name)) for name in (*item.goos, *item.goarch))
    return f"- {path}" + (f" on {places}" if places else "") + (f": {symbols}" if symbols else "") if path else ""
