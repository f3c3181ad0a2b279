"""Parts of a bulletin's page that its fields make: each vulnerability, remediations, products in the words of their source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.contexts.records import Part
from generator.edition import Edition, _
from kb.importers.plain import escape
from kb.ranges import Affected
from kb.records import AnyRecord, Remediation, SecurityBulletin, Source, Vulnerability

REMEDIATION_LABELS: Mapping[str, str] = {
    "vendor_fix": _("Fix"), "workaround": _("Workaround"), "mitigation": _("Mitigation"),
    "no_fix_planned": _("No fix is planned"), "none_available": _("No remedy is available"),
}


def field_parts(edition: Edition, record: AnyRecord) -> Iterator[Part]:
    """What a bulletin says in fields and not in its text, each part written in Markdown first."""
    if not isinstance(record, SecurityBulletin):
        return
    say = edition.say
    names = {entry.ref: _entry_name(edition, entry) for entry in record.affected if entry.ref}
    worded = [entry for entry in record.affected if entry.name or entry.versions or entry.models]
    for identifier, title, markdown in (
            ("each-vulnerability", say(_("Vulnerabilities")), _vulnerabilities(edition, record.vulnerabilities, names)),
            ("remediations", say(_("Remedies")), _remediations(edition, record.remediations, names)),
            ("worded", say(_("Products as the source names them")), "\n".join(_worded(edition, entry) for entry in worded)),
            ("source", say(_("Source")), _source(record.source) if record.source else "")):
        if markdown:
            yield Part(id=identifier, title=title, html=edition.html(edition.text_of(record), markdown, set()))


def _entry_name(edition: Edition, entry: Affected) -> str:
    product = edition.library.catalogue.find(entry.product)
    name = product.name_in(edition.language) if product else entry.product
    return entry.name or f"{name} {entry.versions}".strip()


def _line(text: str) -> str:
    return escape(" ".join(text.split()))


def _vulnerabilities(edition: Edition, found: Sequence[Vulnerability], names: Mapping[str, str]) -> str:
    lines = []
    for item in found:
        scores = [f"{score.score.score:.1f} `{score.score.vector}`" + _for(names, score.affects) for score in item.scores]
        words = ", ".join([*scores, *item.cwe])
        lines.append(f"- **{_line(item.id)}**" + (f" {_line(item.title)}" if item.title else "") + (f": {words}" if words else "")
                     + _for(names, item.affects))
        lines += [f"  - [{_line(item.title)}](<{item.url}>)" for item in item.references]
    return "\n".join(lines)


def _remediations(edition: Edition, found: Sequence[Remediation], names: Mapping[str, str]) -> str:
    parts = []
    for item in found:
        label = edition.say(REMEDIATION_LABELS[item.category])
        about = _for(names, item.affects) + (f" ({', '.join(map(_line, item.vulnerabilities))})" if item.vulnerabilities else "")
        link = f"\n\n<{item.url}>" if item.url and item.url not in item.text else ""
        day = f" {item.date:%Y-%m-%d}" if item.date else ""
        parts.append(f"**{label}**{day}{about}\n\n{item.text}{link}")
    return "\n\n".join(parts)


def _for(names: Mapping[str, str], refs: Iterable[str]) -> str:
    """`` (these products)``, nothing where it is all of them."""
    said = "; ".join(_line(names[ref]) for ref in refs)
    return f" ({said})" if said else ""


def _worded(edition: Edition, entry: Affected) -> str:
    parts = [_entry_name(edition, entry), entry.versions if entry.name and entry.versions not in entry.name else "",
             ", ".join(entry.models)]
    return "- " + "; ".join(_line(part) for part in parts if part)


def _source(source: Source) -> str:
    lines = [_line(source.name) + (f", <{source.url}>" if source.url else ""), _line(source.contact), _line(source.terms)]
    return "\n\n".join(line for line in lines if line)
