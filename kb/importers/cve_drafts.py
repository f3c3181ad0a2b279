"""Advisories and problem reports out of CVE records: their fields and texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from kb.bulletins import parse_cwe, parse_vector
from kb.fields import Wrong, instant, parse_url
from kb.importers.affected import affected_yaml
from kb.importers.cve_record import Cna, CveRecord, said
from kb.importers.dates import moment
from kb.importers.drafts import Draft, body_of
from kb.importers.emit import Yaml
from kb.importers.job import Job
from kb.importers.plain import markdown_from_plain
from kb.importers.words import first_sentence, one_line, shortened, title
from kb.ranges import Affected
from kb.records import SEVERITIES, Place, Score

_NO_VALUE = ("n/a", "none", "unknown")


class Vulnerability(msgspec.Struct, frozen=True):
    """A CVE record as an import understands it; ``advisories`` begins with the id of its advisory."""

    record: CveRecord
    place: Place
    advisories: tuple[str, ...]
    defects: tuple[str, ...]
    affected: tuple[Affected, ...]

    @property
    def cna(self) -> Cna:
        return self.record.cna

    @property
    def title(self) -> str:
        return title(self.cna.title or first_sentence(said(self.cna.descriptions), 120) or self.record.id)

    @property
    def published(self) -> datetime | None:
        return moment(self.cna.date_public) or moment(self.record.cve_metadata.date_published)


def advisory(name: str, group: Sequence[Vulnerability], affected: Sequence[Affected], reports: Mapping[str, str],
             all_names: Collection[str], job: Job) -> Draft:
    """The advisory of all vulnerabilities that name it; a draft where it lacks what a published one needs."""
    scores = _scores(group, job)
    published = min((item.published for item in group if item.published), default=None)
    lacking = [what for what, there in (("CVSS vector", scores), ("affected product", affected),
                                        ("publication date", published)) if not there]
    if lacking:
        job.tally.note(group[0].place, f"has no {' and no '.join(lacking)} that holds, so it is written as a draft",
                       "complete the advisory, then set its status to final", value=name)
    others = [other for other in _union(item.advisories[1:] for item in group) if other != name]
    titles = tuple(dict.fromkeys(item.title for item in group))
    fields: dict[str, Yaml] = {
        "id": name, "title": title(" / ".join(titles)), "summary": _summary(group), "language": job.language_field(),
        "aliases": [other for other in others if other not in all_names],
        "keywords": _weakness_names(group), "status": "draft" if lacking else "final",
        "related": [*(reports[defect] for defect in sorted(_union(item.defects for item in group))),
                    *(other for other in others if other in all_names)],
        "publish_at": instant(published) if published else "",
        "cves": [item.record.id for item in group if item.record.id.startswith("CVE-")],
        "cvss": [score.vector for score in scores], "cwe": _weaknesses(group),
        "affected": affected_yaml(affected, job.book.scheme), "credits": _credits(group),
        "references": _references(group, job), "revisions": _revisions(group, published),
    }
    body = _body(group, ("descriptions", "configurations", "exploits", "workarounds", "solutions"))
    return Draft(kind="advisory", id=name, fields=fields, body=body, origin=group[0].place,
                 sources=tuple(item.record.id for item in group))


def problem_report(number: str, defect: str, group: Sequence[Vulnerability], affected: Sequence[Affected], job: Job) -> Draft:
    """The problem report of a defect, with what its vulnerabilities say of it."""
    published = min((item.published for item in group if item.published), default=None)
    created = f"{published:%Y-%m-%d}" if published else job.options.date
    changed = max((found for item in group if (found := moment(item.record.cve_metadata.date_updated))), default=None)
    worst = min((score.severity for score in _scores(group, job, quiet=True)), key=SEVERITIES.index, default="")
    fields: dict[str, Yaml] = {
        "id": number, "title": title(" / ".join(dict.fromkeys(item.title for item in group))), "summary": _summary(group),
        "language": job.language_field(), "aliases": [] if number == defect else [defect],
        "related": sorted(_union(item.advisories[:1] for item in group)),
        "status": "fixed" if any(entry.fixed for entry in affected) else "open",
        "severity": worst if worst != "none" else "", "affected": affected_yaml(affected, job.book.scheme),
        "created": created, "updated": max(created, f"{changed:%Y-%m-%d}" if changed else ""),
    }
    body = _body(group, ("descriptions", "configurations", "workarounds", "solutions"))
    return Draft(kind="report", id=number, fields=fields, body=body, origin=group[0].place,
                 sources=(*(item.record.id for item in group), f"defect:{defect}"))


_SECTIONS = {"descriptions": "problem", "configurations": "configuration", "exploits": "exploitation",
             "workarounds": "workaround", "solutions": "solution"}


def _body(group: Sequence[Vulnerability], names: Iterable[str]) -> str:
    return body_of([(_SECTIONS[name], _section(group, name)) for name in names])


def _section(group: Sequence[Vulnerability], name: str) -> str:
    """One text for all where they say the same, else one under a heading for each vulnerability."""
    texts = {item.record.id: markdown_from_plain(said(getattr(item.cna, name))) for item in group}
    texts = {record: text for record, text in texts.items() if text.strip().strip(".").casefold() not in _NO_VALUE}
    if len(set(texts.values())) < 2 and len(texts) in {0, len(group)}:
        return next(iter(texts.values()), "")
    return "\n\n".join(f"### {record}\n\n{text}" for record, text in texts.items() if text)


def _summary(group: Sequence[Vulnerability]) -> str:
    sentences = dict.fromkeys(first_sentence(said(item.cna.descriptions)) for item in group)
    return shortened(" ".join(sentence for sentence in sentences if sentence), 600) or group[0].title


def _union(items: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(text for item in items for text in item))


def _scores(group: Sequence[Vulnerability], job: Job, quiet: bool = False) -> list[Score]:
    """The vectors that hold, each once; the others give a finding."""
    found: dict[str, Score] = {}
    for item in group:
        for vector in (vector for metric in item.cna.metrics for vector in metric.vectors):
            try:
                found.setdefault(vector, parse_vector(vector))
            except Wrong as wrong:
                if not quiet:
                    job.tally.note(item.place, f"{wrong.reason}, so it is left out", wrong.remedy, "metrics", vector)
    return list(found.values())


def _problems(group: Sequence[Vulnerability]) -> Iterable[tuple[str, str]]:
    """(CWE id or '', description) of each problem type."""
    for item in group:
        for problem in (problem for kind in item.cna.problem_types for problem in kind.descriptions):
            words = one_line(problem.description)
            match = re.match(r"CWE[- ]?(\d+)\b", words, re.IGNORECASE)
            cwe = problem.cwe_id.strip().upper() or (f"CWE-{match[1]}" if match else "")
            try:
                yield parse_cwe(cwe), words
            except Wrong:
                yield "", words


def _weaknesses(group: Sequence[Vulnerability]) -> list[str]:
    return list(dict.fromkeys(cwe for cwe, _ in _problems(group) if cwe))


def _weakness_names(group: Sequence[Vulnerability]) -> list[str]:
    """Problem types that have no number serve as search words."""
    names = (words.rstrip(".") for cwe, words in _problems(group) if not cwe)
    return list(dict.fromkeys(name for name in names if name and name.casefold() not in _NO_VALUE))


def _credits(group: Sequence[Vulnerability]) -> list[str]:
    lines = dict.fromkeys(one_line(text.value) for item in group for text in item.cna.credits)
    return [line for line in lines if line]


def _references(group: Sequence[Vulnerability], job: Job) -> list[Yaml]:
    found: dict[str, Yaml] = {}
    for item in group:
        for reference in item.cna.references:
            url, name = reference.url.strip(), one_line(reference.name)
            try:
                parse_url(url)
            except Wrong as wrong:
                job.tally.note(item.place, f"{wrong.reason}, so it is left out", wrong.remedy, "references", url)
                continue
            found.setdefault(url, {"title": name, "url": url} if name and name != url else {"url": url})
    return list(found.values())


def _revisions(group: Sequence[Vulnerability], published: datetime | None) -> list[Yaml]:
    """The timelines in one, numbered; one revision at the publication where there is none."""
    events = {(found, one_line(entry.value)) for item in group for entry in item.cna.timeline
              if (found := moment(entry.time)) and entry.value.strip()}
    if not events and published:
        events = {(published, "Initial publication")}
    return [{"number": str(number), "date": f"{when:%Y-%m-%d}", "text": text}
            for number, (when, text) in enumerate(sorted(events), 1)]
