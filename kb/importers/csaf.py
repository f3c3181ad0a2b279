"""CSAF 2.0 documents into security advisories and notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kb.bulletins import PUBLISHER_CATEGORIES, REMEDIATION_CATEGORIES, parse_cwe, parse_link
from kb.fields import Wrong, instant, parse_line
from kb.findings import shorten
from kb.importers.affected import affected_yaml, is_release, with_fixes, without_contradictions
from kb.importers.bulletin_fields import (
    Told,
    day_of,
    language_of,
    references_field,
    revisions_field,
    tell_left_out,
    title_field,
    vector,
)
from kb.importers.csaf_document import Publisher, Reference, Vulnerability, read_csaf
from kb.importers.csaf_source import Source, check_name, make_source, may_enter, tell_unsaid, tlp_label
from kb.importers.csaf_texts import body, credit_lines, summary
from kb.importers.dates import moment
from kb.importers.drafts import Draft, store
from kb.importers.emit import Yaml
from kb.importers.job import Job
from kb.importers.plain import markdown_from_plain
from kb.importers.sources import clean, source_files
from kb.importers.version_texts import ranges_in
from kb.importers.words import one_line
from kb.ranges import Affected, parse_range
from kb.records import Kind, Score

_NOTICES = frozenset({"csaf_informational_advisory", "csaf_security_incident_response"})
_SCHEME = "dotted"


def import_csaf(job: Job) -> None:
    """Each document becomes an advisory, or a notice where it is informational."""
    sources = []
    for file in source_files(job.source, (".json",), job.tally):
        read = read_csaf(file, job.tally)
        source = make_source(read[0], file.place(), job) if read and may_enter(read[0], file.place(), job) else None
        if read and source:
            sources.append(source)
            tell_left_out(read[1], source.place, job.tally)
            check_name(file.name, source, job)
            tell_unsaid(source, job)
    entries = [_entries(source, job) for source in sources]
    job.book.settle()
    drafts = [_draft(source, found, job) for source, found in zip(sources, entries, strict=True)]
    if drafts:
        store(drafts, job.site, job.book.write(job.place))


def _entries(source: Source, job: Job) -> list[Affected]:
    """One entry for each affected product of the document, in its order."""
    fixed: dict[str, list[str]] = {}
    for vulnerability in source.found.vulnerabilities:
        status = vulnerability.product_status
        for product in (*status.fixed, *status.first_fixed):
            if product in source.items:
                item = source.items[product]
                fixed.setdefault(item.product, []).append(item.versions.lower().removeprefix("v").strip())
    found = []
    for product, ref in source.refs.items():
        item = source.items[product]
        name = job.book.named(item.product or item.name, _SCHEME, item.vendor)
        scheme = job.book.scheme(name)
        texts = ranges_in(item.versions, scheme) if item.exact else ()
        ranges = tuple(part for text in texts for part in parse_range(text, scheme))
        entry = Affected(name, ref=ref, name=item.name, versions=item.versions, models=item.models, ranges=ranges)
        listed = [release for release in dict.fromkeys(fixed.get(item.product, ())) if is_release(release, scheme)]
        entry = without_contradictions(with_fixes([entry], scheme, listed if ranges else ())[0], scheme)[0]
        job.book.add_releases(name, [*entry.fixed, *(text for part in ranges for text in (part.start, part.through))])
        found.append(entry)
    return found


def _draft(source: Source, affected: Sequence[Affected], job: Job) -> Draft:
    document, tally, place = source.found.document, job.tally, source.place
    tracking = document.tracking
    kind: Kind = "notice" if document.category.strip().lower() in _NOTICES else "advisory"
    published = day_of(tracking.initial_release_date, "initial_release_date", place, tally)
    told = [Told(one_line(item.number), when, item.summary) for item in tracking.revision_history
            if (when := day_of(item.date, "revision_history", place, tally))]
    tlp = tlp_label(source.found)
    fields: dict[str, Yaml] = {
        "id": source.id, "title": title_field(document.title, source.id, place, tally), "summary": summary(source.found),
        "language": language_of(document.lang, job), "aliases": source.aliases,
        "audience": job.site.portal.audiences[-1].id if tlp == "AMBER" else "",
        "publish_at": instant(published) if published else "", "tlp": "" if tlp == "WHITE" else tlp,
        "vulnerabilities": [_vulnerability(name, item, source, job) for name, item in source.each],
        "remediations": _remediations(source, job), "credits": credit_lines(source.found),
        "references": _references(document.references, source, job), "source": _publisher(document.publisher, source, job),
        "revisions": revisions_field(told, published, place, tally),
    }
    lacking = [what for what, there in (("affected product", affected or kind == "notice"), ("date of release", published),
                                        ("revision", told)) if not there]
    fields["status"] = _status(tracking.status.strip().lower(), tlp, lacking, source, job)
    used = _used(fields)
    fields["affected"] = affected_yaml(
        [entry if entry.ref in used else msgspec.structs.replace(entry, ref="") for entry in affected], job.book.scheme)
    if kind == "notice" and not affected:
        fields["products"] = _mentioned(source, job)
    return Draft(kind=kind, id=source.id, fields=fields, body=body(source.found, source.each, source.items), origin=place,
                 sources=(tracking.id,))


def _mentioned(source: Source, job: Job) -> list[str]:
    found = (job.book.named(item.product, _SCHEME, item.vendor) for item in source.items.values())
    return list(dict.fromkeys(found))


def _status(given: str, tlp: str, lacking: Sequence[str], source: Source, job: Job) -> str:
    if lacking:
        job.tally.note(source.place, f"has no {' and no '.join(lacking)}, so it is written as a draft",
                       "complete the record, then set its status to final", value=source.id)
    elif tlp == "AMBER":
        job.tally.note(source.place, "is TLP:AMBER and not for the public, so it is written as a draft",
                       "check that its audience may read it, then set its status to final", value=source.id)
    elif given in {"draft", "interim", "final"}:
        return given
    else:
        job.tally.note(source.place, "is no status of a CSAF document, so the record is written as a draft",
                       "set its status to interim or final", "document.tracking.status", given)
    return "draft"


def _used(value: Yaml) -> set[str]:
    """Every name in an ``affects`` below the value."""
    if isinstance(value, str):
        return set()
    if isinstance(value, Mapping):
        own = {name for name in value.get("affects", ()) if isinstance(name, str)}
        return own.union(*(_used(item) for item in value.values()))
    return set().union(*(_used(item) for item in value))


def _vulnerability(name: str, vulnerability: Vulnerability, source: Source, job: Job) -> dict[str, Yaml]:
    own = vulnerability.affected
    if len(own) > len(vulnerability.product_status.affected):
        job.tally.note(source.place, "has a score for products without a status, so they count as affected",
                       "compare the record with the publisher's page", "vulnerabilities.product_status", name)
    scores: list[Yaml] = []
    for given in vulnerability.scores:
        affects = source.affects(given.products) if set(given.products) != set(own) else []
        for score in _vectors(given.cvss_v2, given.cvss_v3, source, job):
            scores.append({"vector": score.vector, "affects": affects} if affects else score.vector)
    fields: dict[str, Yaml] = {
        "id": name, "title": one_line(vulnerability.title), "cvss": scores, "cwe": _weakness(vulnerability, source, job),
        "affects": source.affects(own), "references": _references(vulnerability.references, source, job),
    }
    return {key: value for key, value in fields.items() if value}


def _vectors(v2: Mapping[str, object], v3: Mapping[str, object], source: Source, job: Job) -> list[Score]:
    found = []
    for given in (v2, v3):
        text = given.get("vectorString")
        score = vector(text if isinstance(text, str) else "", source.place, job.tally) if given else None
        if score:
            found.append(score)
            if given.get("baseScore") not in (score.score, None):
                said = shorten(str(given["baseScore"]))
                job.tally.note(source.place, f"has the base score {said}, yet its vector gives {score.score}",
                               "ask the publisher which of them holds", "scores", score.vector)
    return found


def _weakness(vulnerability: Vulnerability, source: Source, job: Job) -> list[str]:
    if vulnerability.cwe is None:
        return []
    try:
        return [parse_cwe(vulnerability.cwe.id.strip().upper())]
    except Wrong as wrong:
        job.tally.note(source.place, f"{wrong.reason}, so it is left out", wrong.remedy, "vulnerabilities.cwe",
                       vulnerability.cwe.id)
        return []


def _remediations(source: Source, job: Job) -> list[Yaml]:
    """The remediations of all vulnerabilities, each once, with those that it is for."""
    found: dict[tuple[str, str, str, str, tuple[str, ...]], list[str]] = {}
    for name, vulnerability in source.each:
        own = source.affects(vulnerability.affected)
        for item in vulnerability.remediations:
            affects = source.affects(item.product_ids, item.group_ids)
            key = (item.category, clean(item.details), item.url.strip(), item.date, () if affects == own else tuple(affects))
            found.setdefault(key, []).append(name)
    fields: list[Yaml] = []
    for (category, details, url, date, limited), names in found.items():
        when = moment(date) if date else None
        remediation: dict[str, Yaml] = {
            "category": _choice(category, REMEDIATION_CATEGORIES, "mitigation", "remediations.category", source, job),
            "text": markdown_from_plain(details) or url or "See the references.", "url": _address(url, source, job),
            "date": instant(when) if when else "", "affects": limited,
            "vulnerabilities": [] if len(set(names)) == len(source.names) else list(dict.fromkeys(names)),
        }
        fields.append({key: value for key, value in remediation.items() if value})
    return fields


def _choice(given: str, choices: Sequence[str], default: str, field: str, source: Source, job: Job) -> str:
    if given in choices:
        return given
    job.tally.note(source.place, f"is not known here, so it becomes {default}" if default else "is not known here",
                   f"known are {', '.join(choices)}", field, given)
    return default


def _address(url: str, source: Source, job: Job) -> str:
    try:
        return parse_link(url) if url else ""
    except Wrong as wrong:
        job.tally.note(source.place, f"{wrong.reason}, so it is left out", wrong.remedy, "url", url)
        return ""


def _references(references: Iterable[Reference], source: Source, job: Job) -> list[Yaml]:
    found = ((item.summary, item.url, "self" if item.category == "self" else "") for item in references)
    return references_field(found, source.place, job.tally)


def _publisher(publisher: Publisher, source: Source, job: Job) -> Yaml:
    try:
        name = parse_line(clean(publisher.name))
    except Wrong:
        return {}
    given = publisher.category and _choice(publisher.category, PUBLISHER_CATEGORIES, "other", "publisher.category", source, job)
    fields = {"name": name, "url": _address(publisher.namespace.strip(), source, job), "category": given,
              "contact": one_line(publisher.contact_details), "terms": one_line(source.found.document.distribution.text)}
    return {key: text for key, text in fields.items() if text}
