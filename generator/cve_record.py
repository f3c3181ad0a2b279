"""CVE records: the CNA container (CVE Record Format 5.1) of each CVE id of an advisory, for submission by the vendor's CNA."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from generator.csaf.plain_text import to_plain_text
from generator.edition import Edition
from generator.portable import credit
from kb.cwe import weakness
from kb.fields import instant
from kb.product_status import ProductStatus, product_statuses
from kb.records import Reference, Score, SecurityBulletin, Text, Vulnerability

Json = dict[str, Any]

_MAX_TITLE, _MAX_TEXT, _MAX_URL = 256, 4096, 2048  # characters (schema 5.1.1)
_TEXTS = {"configurations": "configuration", "exploits": "exploitation", "workarounds": "workaround", "solutions": "solution"}
_OPEN = frozenset({"affected", "unknown"})
_METRICS = {"3.0": "cvssV3_0", "3.1": "cvssV3_1", "4.0": "cvssV4_0"}


def cve_containers(edition: Edition, record: SecurityBulletin) -> dict[str, Json]:
    """The body of a submission by CVE id: ``{"cnaContainer": ...}``. The CNA's client adds ``providerMetadata``."""
    each = {item.cve: item for item in record.vulnerabilities if item.cve}
    return {cve: {"cnaContainer": _container(edition, record, each.get(cve))} for cve in record.cves}


def _container(edition: Edition, record: SecurityBulletin, own: Vulnerability | None) -> Json:
    text = record.text
    entries = tuple(entry for entry in record.affected if own is None or not own.affects or entry.ref in own.affects)
    limited = msgspec.structs.replace(record, affected=entries)
    scores = [item.score for item in own.scores] if own else list(record.scores)
    found: Json = {
        "title": ((own.title if own else "") or text.title)[:_MAX_TITLE], "datePublic": instant(record.published),
        "descriptions": _said(text, [_problem(edition, text)]),
        "affected": [item for status in product_statuses(limited, edition.library.catalogue)
                     for item in _affected(edition, status)],
        "metrics": [*_metrics(scores)], "problemTypes": _problems(own.cwe if own and own.cwe else record.cwe),
        "references": _references(edition, record, own),
        **{name: _said(text, [_section(edition, text, key)]) for name, key in _TEXTS.items()},
        "credits": [_credit(text, line) for line in record.credits],
        "timeline": [{"time": instant(event.date), "lang": text.language,
                      "value": _plain(edition, text, event.text)} for event in record.revisions],
        "source": {"advisory": record.id},
    }
    return {name: value for name, value in found.items() if value}


def _plain(edition: Edition, text: Text, markdown: str) -> str:
    return to_plain_text(edition.html(text, markdown, set()), edition.portal.url)[:_MAX_TEXT].strip()


def _section(edition: Edition, text: Text, key: str) -> str:
    section = text.section(key)
    return _plain(edition, text, section.markdown) if section else ""


def _problem(edition: Edition, text: Text) -> str:
    return f"{text.summary}\n\n{_section(edition, text, 'problem')}"[:_MAX_TEXT].strip()


def _said(text: Text, words: Iterable[str]) -> list[Json]:
    return [{"lang": text.language, "value": value} for value in words if value]


def _affected(edition: Edition, status: ProductStatus) -> Iterator[Json]:
    """One for each set of platforms with the same answer: each release by name, as the affected command says."""
    product = status.product
    for part in status.parts:
        others = part.releases.not_affected if part.otherwise in _OPEN else ()
        versions = [{"version": name, "status": state} for state, names in (
            ("affected", part.releases.affected), ("unaffected", (*part.releases.fixed, *others)),
            ("unknown", part.releases.unknown)) for name in names]
        platforms = [platform.name for name in part.platforms if (platform := product.platform(name))]
        found: Json = {"vendor": product.vendor or edition.portal.vendor, "product": product.name, "versions": versions,
                       "platforms": platforms, "defaultStatus": part.otherwise if part.otherwise in _OPEN else "unaffected"}
        yield {name: value for name, value in found.items() if value}


def _metrics(scores: Iterable[Score]) -> Iterator[Json]:
    for score in scores:
        name = _METRICS[score.version]
        yield {"format": "CVSS", "scenarios": [{"lang": "en", "value": "GENERAL"}], name: {
            "version": score.version, "vectorString": score.vector, "baseScore": score.score,
            "baseSeverity": score.severity.upper()}}


def _problems(cwe: Iterable[str]) -> list[Json]:
    return [{"descriptions": [{"lang": "en", "type": "CWE", "cweId": name,
                               "description": f"{name} {known.name}" if (known := weakness(name)) else name}]} for name in cwe]


def _references(edition: Edition, record: SecurityBulletin, own: Vulnerability | None) -> list[Json]:
    """The advisory's page first, then its references, each address once."""
    page = Reference(record.text.title, edition.portal.url + record.path, "self")
    found: dict[str, Json] = {}
    for item in (page, *record.references, *(own.references if own else ())):
        if urlsplit(item.url).scheme in {"http", "https", "ftp"} and len(item.url) <= _MAX_URL:
            tags = ["vendor-advisory"] if item is page else ["patch"] if item.type == "fix" else []
            found.setdefault(item.url, {"url": item.url, "name": item.title[:512], **({"tags": tags} if tags else {})})
    return list(found.values())


def _credit(text: Text, line: str) -> Json:
    found = credit(line)
    return {"lang": text.language, "value": re.sub(r"\s+", " ", found.name), **({"type": found.role} if found.role else {})}
