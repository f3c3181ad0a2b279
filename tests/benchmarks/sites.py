"""Writes generated sites for benchmarks: problem reports as Markdown files or JSON Lines, articles, advisories, one product."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from kb.products import Product
from kb.records import Report
from kb.text import HEADINGS
from tests.benchmarks.reports import library

_MESSAGES = ("rpd[{0}]: task_reconfigure reinitializing after {1} ms", "kernel: ifd {2} down, reason code {0}", "fpc{1} CMERROR: {0}")


class Size(NamedTuple):
    """Numbers of records; a vendor of 100,000 reports has 5,000 articles and 1,000 advisories."""

    reports: int
    articles: int
    advisories: int

    @classmethod
    def of(cls, reports: int) -> Size:
        return cls(reports, max(1, reports // 20), max(1, reports // 100))


class Written(NamedTuple):
    """A record as its fields and the Markdown of its sections by key (``body`` is what comes first)."""

    folder: str
    fields: Mapping[str, Any]
    sections: Mapping[str, str]


def write_site(folder: Path, size: Size, lines: bool, languages: Sequence[str] = ("en",)) -> None:
    """Writes a site; reports as single Markdown files or, with ``lines``, as one JSON Lines file."""
    found = library(size.reports)
    folder.mkdir(parents=True)
    (folder / "portal.yml").write_text(
        "name: Example Support\nvendor: Example\nurl: https://support.example.com/\n"
        f"languages: [{', '.join(languages)}]\nsummary: Answers for ExOS.\n", encoding="utf-8")
    (folder / "pages").mkdir()
    (folder / "pages" / "index.md").write_text("# Support\n\nAnswers for ExOS.\n", encoding="utf-8")
    (folder / "products.yml").write_text(_products(found.catalogue.products[0]), encoding="utf-8")
    reports = [record for record in found.records.values() if isinstance(record, Report)]
    written = list(_reports(reports, random.Random(2)))
    if lines:
        (folder / "reports").mkdir()
        with (folder / "reports" / "all.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({**record.fields, **record.sections}, ensure_ascii=False) + "\n" for record in written)
    else:
        _write_all(folder, written)
    _write_all(folder, _articles(reports, size.articles, random.Random(3)))
    _write_all(folder, _advisories(reports, size.advisories, random.Random(4)))


def _products(product: Product) -> str:
    trains = "".join(f"      - {{id: \"{train}\", released: {1990 + int(train[:2])}-0{2 * int(train[3:])}-15}}\n"
                     for train in dict.fromkeys(release.train for release in product.releases))
    releases = "".join(f"      - {{id: {release.id}}}\n" for release in product.releases)
    platforms = "".join(f"      - {{id: {item.id}, name: {item.name}}}\n" for item in product.platforms)
    components = "".join(f"      - {{id: {item.id}, name: {item.name}}}\n" for item in product.components)
    return (f"products:\n  - id: {product.id}\n    name: {product.name}\n    scheme: {product.scheme}\n    summary: An operating system.\n"
            f"    platforms:\n{platforms}    components:\n{components}    trains:\n{trains}    releases:\n{releases}")


def _reports(reports: Sequence[Report], choose: random.Random) -> Iterator[Written]:
    """The reports with what a real one has beside its text: a log excerpt, a list, history, relations to others."""
    for at, report in enumerate(reports):
        fields = {
            "id": report.id, "title": report.text.title, "status": report.status, "severity": report.severity,
            "component": report.component, "affected": _affected(report), "created": f"{report.created:%Y-%m-%d}",
            "updated": f"{report.updated:%Y-%m-%d}",
            "history": [{"date": f"{report.created:%Y-%m-%d}", "text": "Opened."}, {"date": f"{report.updated:%Y-%m-%d}", "text": "Updated."}]}
        if at > 10 and choose.random() < 0.3:
            fields["related"] = [reports[at - choose.randrange(1, 10)].id]
        words = report.text.sections[0].markdown.split()
        half = len(words) // 2
        log = "\n".join(choose.choice(_MESSAGES).format(choose.randrange(9999), choose.randrange(99), f"ge-{choose.randrange(9)}/0/0")
                        for _ in range(3))
        sections = {"problem": f"{' '.join(words[:half])}:\n\n```text\n{log}\n```\n\n{' '.join(words[half:])}",
                    "trigger": f"- `commit` after {' '.join(words[:6])}\n- traffic on **two** links"}
        if len(report.text.sections) > 1:
            sections["workaround"] = report.text.sections[1].markdown
        yield Written("reports", fields, sections)


def _affected(report: Report) -> list[dict[str, Any]]:
    return [{"product": entry.product, "platforms": list(entry.platforms),
             "ranges": [f"{item.start} before {', '.join(item.before)}" for item in entry.ranges], "fixed": list(entry.fixed)}
            for entry in report.affected]


def _articles(reports: Sequence[Report], count: int, choose: random.Random) -> Iterator[Written]:
    for number in range(10_000, 10_000 + count):
        about = choose.choice(reports)
        day = f"{about.created:%Y-%m-%d}"
        text = "\n\n".join(section.markdown for section in about.text.sections)
        yield Written("articles", {
            "id": f"KB{number}", "title": f"How to {about.text.title.lower()}", "summary": f"What to do: {about.text.title}.",
            "status": "published", "products": list(about.products), "created": day, "updated": day,
            "keywords": about.text.title.split()[:3]},
            {"body": text, "symptoms": f"As in [[{about.id}]].\n\n" + text, "solution": f"1. `show log`\n2. {text}\n\n### Check\n\n{text}"})


def _advisories(reports: Sequence[Report], count: int, choose: random.Random) -> Iterator[Written]:
    for number in range(count):
        about = choose.choice(reports)
        day = f"{about.updated + timedelta(days=1):%Y-%m-%d}"
        yield Written("advisories", {
            "id": f"EXSA-{day[:4]}-{number:04d}", "title": f"Vulnerability: {about.text.title}", "summary": about.text.title,
            "status": "final", "publish_at": f"{day}T16:00:00Z", "cves": [f"CVE-{day[:4]}-{20_000 + number}"],
            "cvss": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"], "cwe": ["CWE-754"], "affected": _affected(about),
            "related": [about.id], "revisions": [{"number": "1", "date": day, "text": "First publication."}]},
            {"problem": about.text.sections[0].markdown, "solution": "Install a fixed release."})


def _write_all(folder: Path, records: Iterator[Written] | Sequence[Written]) -> None:
    for record in records:
        target = folder / record.folder / f"{record.fields['id']}.md"
        target.parent.mkdir(exist_ok=True)
        body = "".join(f"## {HEADINGS[key]['en']}\n\n{markdown}\n\n" if key != "body" else f"{markdown}\n\n"
                       for key, markdown in record.sections.items())
        target.write_text(f"---\n{_yaml(record.fields)}---\n{body}", encoding="utf-8")


def _yaml(fields: Mapping[str, Any]) -> str:
    return yaml.dump(dict(fields), Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False, allow_unicode=True, width=1000)
