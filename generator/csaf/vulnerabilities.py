"""The vulnerabilities of an advisory (CSAF 2.0, section 3.2.3): what is said of it holds for each of its CVE ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from generator.csaf.one_by_one import Told, product_status, references, remediations, scores, sections_apart, told
from generator.csaf.product_tree import ProductTree, Stated
from generator.csaf.scores import placed, score_json
from generator.edition import SEVERITY_LABELS, Edition, _
from kb.cwe import weakness
from kb.records import Score, SecurityBulletin
from kb.text import HEADINGS

Json = dict[str, Any]

_NOTES = ("configuration", "trigger", "cause")


def each_vulnerability(edition: Edition, record: SecurityBulletin, tree: ProductTree) -> list[Json]:
    """Those of an advisory that tells of them one by one; what it says of none in particular holds for all."""
    texts = sections_apart(edition, record)
    return [_one(edition, record, item, {**texts[""], **texts[item.vulnerability.id]}) for item in told(edition, record, tree)]


def _one(edition: Edition, record: SecurityBulletin, item: Told, sections: Mapping[str, str]) -> Json:
    vulnerability = item.vulnerability
    placed_scores, others = scores(item)
    found: Json = {
        "notes": [*_notes(edition, record, sections, others, vulnerability.cwe)], "product_status": product_status(item.stated),
        "scores": placed_scores, "threats": [*_threats(sections)], "references": references(vulnerability.references),
        "remediations": [*(remediations(edition, record, item) if record.remediations
                           else _remediations(edition, sections, item.stated))],
        "title": vulnerability.title, "cve": vulnerability.cve, "cwe": _weakness(vulnerability.cwe),
        "ids": [] if vulnerability.cve else [{"system_name": _system(edition, record), "text": vulnerability.id}]}
    return {name: value for name, value in found.items() if value}


def _system(edition: Edition, record: SecurityBulletin) -> str:
    """Who gave the ids that are none of CVE."""
    return edition.say(_("Advisories of {vendor}"), vendor=record.source.name if record.source else edition.portal.vendor)


def vulnerabilities(edition: Edition, record: SecurityBulletin, sections: Mapping[str, str],
                    stated: Sequence[Stated]) -> list[Json]:
    """One for each CVE id, or one that goes by the advisory's own id. ``sections`` are texts by key."""
    affected = [item for status in stated for item in status.open()]
    main, others = placed(record.scores)
    shared: Json = {
        "notes": [*_notes(edition, record, sections, others, record.cwe)],
        "product_status": product_status(stated), "cwe": _weakness(record.cwe)}
    if affected and main:
        shared["scores"] = [{"cvss_v3": score_json(main), "products": affected}]
    elif main:
        shared["notes"].append(_score_note(edition, main))
    if remedies := [*_remediations(edition, sections, stated)]:
        shared["remediations"] = remedies
    if threats := [*_threats(sections)]:
        shared["threats"] = threats
    shared = {name: value for name, value in shared.items() if value}
    if not record.cves:
        return [{**shared, "title": record.text.title, "ids": [{"system_name": _system(edition, record), "text": record.id}]}]
    title = {"title": record.text.title} if len(record.cves) == 1 else {}
    return [{**shared, **title, "cve": cve} for cve in dict.fromkeys(record.cves)]


def _weakness(cwe: Sequence[str]) -> Json:
    """The first CWE id with its name; nothing where it is that of a category or view (test 6.1.11)."""
    known = weakness(cwe[0]) if cwe else None
    return {"id": known.id, "name": known.name} if known and known.is_weakness else {}


def _notes(edition: Edition, record: SecurityBulletin, sections: Mapping[str, str], scores: Iterable[Score],
           cwe: Sequence[str]) -> Iterator[Json]:
    text = record.text
    yield {"category": "description", "title": _heading("problem", text.language),
           "text": sections.get("problem") or text.summary or text.title}
    for key in _NOTES:
        if key in sections:
            yield {"category": "details", "title": _heading(key, text.language), "text": sections[key]}
    for score in scores:
        yield _score_note(edition, score)
    first = weakness(cwe[0]) if cwe else None
    more = cwe[1:] if first and first.is_weakness else cwe
    if more:
        named = (f"{name} {known.name}" if (known := weakness(name)) else name for name in more)
        yield {"category": "other", "title": edition.say(_("Further weaknesses")), "text": "\n".join(named)}


def _score_note(edition: Edition, score: Score) -> Json:
    label = edition.say(SEVERITY_LABELS[score.severity])
    return {"category": "other", "title": f"CVSS {score.version}", "text": f"{score.vector}\n{score.score:.1f} {label}"}


def _heading(key: str, language: str) -> str:
    return HEADINGS[key].get(language, HEADINGS[key]["en"])


def _threats(sections: Mapping[str, str]) -> Iterator[Json]:
    for key, category in (("exploitation", "exploit_status"), ("impact", "impact")):
        if key in sections:
            yield {"category": category, "details": sections[key]}


def _remediations(edition: Edition, sections: Mapping[str, str], stated: Iterable[Stated]) -> Iterator[Json]:
    """A fix or the lack of one for each product line, then what helps without."""
    open_ids: list[str] = []
    for status in stated:
        if ids := status.open():
            open_ids += ids
            yield _fix(edition, sections, status, ids)
    for key in ("workaround", "mitigation"):
        if key in sections and open_ids:
            yield {"category": key, "details": sections[key], "product_ids": open_ids}


def _fix(edition: Edition, sections: Mapping[str, str], status: Stated, ids: Sequence[str]) -> Json:
    advice = [sections[key] for key in ("solution", "upgrade") if key in sections]
    if not status.groups.get("fixed"):
        details = advice or [edition.say(_("No fixed release is known."))]
        return {"category": "none_available", "details": "\n\n".join(details), "product_ids": ids}
    if status.fixes:
        releases = ", ".join(status.fixes)
        advice.append(edition.say(_("Fixed releases of {product}: {releases}"), product=status.product.name, releases=releases))
    return {"category": "vendor_fix", "details": "\n\n".join(advice) or edition.say(_("Install a fixed release.")),
            "product_ids": ids}
