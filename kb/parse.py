"""From the fields and text of one file (or JSON line) to a record, or to findings that say why there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from kb.affected import covered, parse_affected, parse_component, parse_platforms, parse_product_list, range_parser
from kb.audiences import parse_audience
from kb.bulletins import (
    cve_parser,
    parse_cwe,
    parse_history,
    parse_references,
    parse_remediations,
    parse_source,
    parse_vector,
    parse_vulnerabilities,
)
from kb.fields import Fields, Wrong, parse_instant, parse_language, parse_line, parse_moment, parse_title, whole_number
from kb.findings import Finding
from kb.portal import Portal
from kb.products import Catalogue
from kb.ranges import Affected
from kb.records import (
    AnyRecord,
    Article,
    Bulletin,
    Kind,
    Place,
    Report,
    Section,
    SecurityBulletin,
    Text,
    normal_id,
)
from kb.source import Document, Value
from kb.text import HEADINGS, split_sections

STATUSES: dict[Kind, tuple[str, ...]] = {
    "article": ("draft", "published", "retired"),
    "report": ("draft", "open", "fixed", "closed", "duplicate"),
    "advisory": ("draft", "interim", "final", "withdrawn", "superseded"),
    "notice": ("draft", "interim", "final", "withdrawn", "superseded"),
    "bulletin": ("draft", "published", "withdrawn"),
}
_ID_FORMS: dict[Kind, tuple[str, str]] = {
    "article": (r"KB\d{5,9}", "write KB and five to nine digits: KB10042"),
    "report": (r"[1-9]\d{0,8}", "write a number of up to nine digits: 1747984"),
    "advisory": (r"(?=.*\d)[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*", "write an id such as EXSA-2026-0007"),
}
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9])(\.|$)", re.IGNORECASE)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_YEAR = 9999


class Context(msgspec.Struct, frozen=True):
    """What parsing one record needs to know of the site. ``shows_parts`` where it is read with parts that not all of its readers
    see."""

    portal: Portal
    catalogue: Catalogue
    findings: list[Finding]
    shows_parts: bool = False


def id_parser(kind: Kind) -> Callable[[str], str]:
    """A parser of ids of this kind; raises Wrong."""
    form, remedy = _ID_FORMS.get(kind, _ID_FORMS["advisory"])

    def parse(text: str) -> str:
        text = normal_id(text) if kind in {"article", "report"} else text
        if len(text) > 80 or not re.fullmatch(form, text, re.ASCII):
            raise Wrong(f"is no id of {'an' if kind[0] == 'a' else 'a'} {kind}", remedy)
        if _DEVICE.match(text):
            raise Wrong("begins with the name of a device of Windows, where no file can be called so", remedy)
        return text

    return parse


def parse_file(document: Document, kind: Kind, path: str, context: Context,
               sections: tuple[Section, ...] | None = None) -> AnyRecord | None:
    """The record in a Markdown file; with these ``sections`` in place of those of its text."""
    fields = Fields(document.fields, path, 1, context.findings)
    return _record(fields, kind, path, context, lambda: _sections_of(document) if sections is None else sections)


def _sections_of(document: Document) -> tuple[Section, ...]:
    return split_sections(document.body, document.body_line)


def parse_line_record(values: dict[str, Value], kind: Kind, path: str, line: int, context: Context) -> AnyRecord | None:
    """The record in one JSON line; its sections are fields."""
    fields = Fields(values, path, line, context.findings)
    return _record(fields, kind, path, context, lambda: section_fields(fields))


def section_fields(fields: Fields) -> tuple[Section, ...]:
    """Sections given as fields: ``body`` first, then the known ones in their usual order."""
    body = fields.block("body")
    sections = list(split_sections(body, fields.line)) if body.strip() else []
    for key, markdown in fields.blocks(tuple(HEADINGS)):
        sections.append(Section(key, HEADINGS[key]["en"], markdown.strip("\n"), fields.line_of(key)))
    return tuple(sections)


def _record(fields: Fields, kind: Kind, path: str, context: Context,
            sections: Callable[[], tuple[Section, ...]]) -> AnyRecord | None:
    before = len(context.findings)
    makers: dict[Kind, Callable[..., AnyRecord]] = {"article": _article, "report": _report, "bulletin": _bulletin}
    record = makers.get(kind, _security)(fields, kind, path, context, sections())
    fields.finish()
    return record if len(context.findings) == before else None


def _base(fields: Fields, kind: Kind, path: str, context: Context,
          sections: tuple[Section, ...]) -> dict[str, object]:
    """Arguments for the fields that all kinds share."""
    place = Place(path, fields.line)
    title = fields.one("title", parse_title, required=True) or ""
    summary = fields.one("summary", parse_line, required=kind != "report") or title
    language = fields.one("language", parse_language) or context.portal.language
    audience = fields.one("audience", parse_audience) or context.portal.public
    if context.portal.audience(audience) is None:
        known = ", ".join(audience.id for audience in context.portal.audiences)
        fields.wrong("audience", "is not an audience of this portal", f"write one of {known}, or add it to portal.yml", audience)
    text = Text(language, title, summary, fields.texts("keywords"), sections, place)
    return {
        "id": fields.one("id", id_parser(kind), required=True) or "", "kind": kind,
        "status": fields.choice("status", STATUSES[kind], required=True), "audience": audience, "place": place,
        "texts": (text,), "aliases": fields.texts("aliases"),
        "related": tuple(dict.fromkeys(normal_id(item) for item in fields.texts("related"))),
        "publish_at": fields.one("publish_at", parse_instant),
    }


def _dates(fields: Fields, base: Mapping[str, object]) -> dict[str, object]:
    """When the record was made and last changed; what comes out of an embargo is news at that moment."""
    created = fields.one("created", parse_moment, required=True)
    updated = fields.one("updated", parse_moment, required=True)
    if created and updated and updated < created:
        fields.wrong("updated", f"is before created ({created:%Y-%m-%d})", "put the dates in order",
                     f"{updated:%Y-%m-%d}")
    released = base["publish_at"] if isinstance(base["publish_at"], datetime) else _NEVER
    return {"created": created or _NEVER, "updated": max(updated or _NEVER, released)}


def _successor(fields: Fields, name: str, status: str, when: str, required: bool) -> str:
    """Id of the record that takes this one's place; only together with its status."""
    successor = normal_id(fields.one(name, parse_line, required=required and status == when) or "")
    if successor and status not in {when, ""}:
        fields.wrong(name, f"stands beside status {status}", f"write 'status: {when}' or remove it", successor)
    return successor


def _article(fields: Fields, kind: Kind, path: str, context: Context, sections: tuple[Section, ...]) -> Article:
    base = _base(fields, kind, path, context, sections)
    products = parse_product_list(fields, context.catalogue, required=True)
    releases = fields.many("releases", range_parser(products[0]) if products else parse_line)
    return Article(
        **base, **_dates(fields, base), products=tuple(product.id for product in products),  # type: ignore[arg-type]
        platforms=parse_platforms(fields, products), releases=releases, applies_to=fields.texts("applies_to"),
        version=fields.one("version", whole_number(1, 999_999)),
        replaced_by=_successor(fields, "replaced_by", str(base["status"]), "retired", required=False))


def _report(fields: Fields, kind: Kind, path: str, context: Context, sections: tuple[Section, ...]) -> Report:
    base = _base(fields, kind, path, context, sections)
    affected = parse_affected(fields, context.catalogue, required=True)
    component = parse_component(fields, context.catalogue, affected)
    return Report(
        **base, **_dates(fields, base), **covered(affected), affected=affected, component=component,  # type: ignore[arg-type]
        severity=fields.choice("severity", ("critical", "high", "medium", "low")),  # type: ignore[arg-type]
        duplicate_of=_successor(fields, "duplicate_of", str(base["status"]), "duplicate", required=True),
        history=parse_history(fields, "history", numbered=False))


def _security(fields: Fields, kind: Kind, path: str, context: Context, sections: tuple[Section, ...]) -> SecurityBulletin:
    base = _base(fields, kind, path, context, sections)
    status = str(base["status"])
    live = status not in {"draft", ""}
    if live and base["publish_at"] is None and "publish_at" not in fields:
        fields.wrong("publish_at", "is missing", "add 'publish_at: 2026-11-22T16:00:00Z'")
    publish_at = base["publish_at"] if isinstance(base["publish_at"], datetime) else None
    revisions = parse_history(fields, "revisions", numbered=True, required=live, since=publish_at)
    affected = parse_affected(fields, context.catalogue, required=kind == "advisory" and live)
    products = parse_product_list(fields, context.catalogue, required=False)
    published = publish_at or _NEVER
    updated = max(published, revisions[-1].date) if revisions else published
    concerned = covered(affected)
    concerned["products"] = tuple(dict.fromkeys((*concerned["products"], *(product.id for product in products))))
    return SecurityBulletin(
        **base, **concerned, created=published, updated=updated, affected=affected,  # type: ignore[arg-type]
        tlp=fields.choice("tlp", ("WHITE", "GREEN", "AMBER", "RED")) or _label(base, context),
        credits=fields.texts("credits"), references=parse_references(fields), revisions=revisions,
        **_vulnerabilities(fields, affected, updated, scored=kind == "advisory" and live and status != "withdrawn"),  # type: ignore[arg-type]
        superseded_by=_successor(fields, "superseded_by", status, "superseded", required=True))


def _label(base: Mapping[str, object], context: Context) -> str:
    """The TLP label of a bulletin that gives none: what not everybody may read must not say that everybody may share it."""
    return "WHITE" if base["audience"] == context.portal.public and not context.shows_parts else "AMBER"


def _vulnerabilities(fields: Fields, affected: Sequence[Affected], updated: datetime, scored: bool) -> dict[str, object]:
    """Arguments for what is told of vulnerabilities, together and one by one; ``scored`` where there must be a vector of ours."""
    refs = dict.fromkeys(entry.ref for entry in affected if entry.ref)
    each, source = parse_vulnerabilities(fields, refs), parse_source(fields)
    scores = [item.score for vulnerability in each for item in vulnerability.scores]
    given = fields.many("cvss", parse_vector, required=scored and not scores and source is None)
    parse_cve = cve_parser(updated.year + 1 if updated > _NEVER else _LAST_YEAR)
    return {
        "vulnerabilities": each, "source": source, "scores": tuple(dict.fromkeys([*given, *scores])),
        "remediations": parse_remediations(fields, refs, dict.fromkeys(item.id for item in each)),
        "cves": tuple(dict.fromkeys([*fields.many("cves", parse_cve), *(item.cve for item in each if item.cve)])),
        "cwe": tuple(dict.fromkeys([*fields.many("cwe", parse_cwe), *(cwe for item in each for cwe in item.cwe)])),
    }


def _bulletin(fields: Fields, kind: Kind, path: str, context: Context, sections: tuple[Section, ...]) -> Bulletin:
    base = _base(fields, kind, path, context, sections)
    products = parse_product_list(fields, context.catalogue, required=True)
    return Bulletin(
        **base, **_dates(fields, base), products=tuple(product.id for product in products),  # type: ignore[arg-type]
        platforms=parse_platforms(fields, products), type=fields.choice("type", ("hardware", "software"), required=True))


def parse_translation(document: Document, language: str, path: str, original_id: str,
                      context: Context, sections: tuple[Section, ...] | None = None) -> Text | None:
    """The text of a translation file; with these ``sections`` in place of those of its text."""
    before = len(context.findings)
    fields = Fields(document.fields, path, 1, context.findings)
    title = fields.one("title", parse_title, required=True) or ""
    summary = fields.text("summary") or title
    keywords = fields.texts("keywords")
    if (given := fields.text("id")) and normal_id(given) != normal_id(original_id):
        fields.wrong("id", f"differs from the original's {original_id}", "remove it: a translation has its original's id",
                     given)
    fields.finish()
    found = _sections_of(document) if sections is None else sections
    text = Text(language, title, summary, keywords, found, Place(path, 1))
    return text if len(context.findings) == before else None


def check_file_name(record: AnyRecord, stem: str, line: int, findings: list[Finding]) -> None:
    """A record file is named for its id, which stands on ``line``."""
    if normal_id(stem) != normal_id(record.id):
        findings.append(Finding(record.place.path, line, "id", record.id, f"does not match the file name {stem}.md",
                                f"rename the file to {record.id}.md"))

