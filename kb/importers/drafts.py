"""Drafts: records in the making, checked with the parser that will read them, their links settled, then written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from kb.findings import Finding, SourceError
from kb.importers.emit import Yaml, emit_document, emit_fields
from kb.importers.links import neutralise
from kb.importers.site import Site
from kb.importers.sources import clean
from kb.parse import Context, parse_file, parse_translation
from kb.products import Catalogue
from kb.records import FOLDERS, Kind, Place, normal_id
from kb.source import Document, parse_yaml
from kb.text import HEADINGS

_FOLDER_OF: Mapping[Kind, str] = {kind: folder for folder, kind in FOLDERS.items()}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A record before it is written; a translation where ``language`` is given.

    ``sources`` are the ids of the source records, ``files`` pictures by name, to stand beside the record.
    """

    kind: Kind
    id: str
    fields: Mapping[str, Yaml]
    body: str
    origin: Place
    sources: tuple[str, ...]
    language: str = ""
    files: Mapping[str, bytes] = {}

    @property
    def path(self) -> str:
        return f"{_FOLDER_OF[self.kind]}/{self.id}{'.' if self.language else ''}{self.language}.md"


def body_of(sections: Sequence[tuple[str, str]]) -> str:
    """Markdown of (key or heading, text) pairs; the texts of one key are joined, empty ones left out."""
    texts: dict[str, list[str]] = {}
    for name, text in sections:
        if text.strip():
            texts.setdefault(name, []).append(text.strip("\n"))
    parts = []
    for name, found in texts.items():
        heading = HEADINGS[name]["en"] if name in HEADINGS else name
        parts.append((f"## {heading}\n\n" if name else "") + "\n\n".join(found) + "\n")
    return "\n".join(parts)


def store(drafts: Sequence[Draft], site: Site, catalogue: Catalogue) -> None:
    """Checks and writes the drafts. One that would not load is rejected with the findings that say why."""
    accepted = _accepted(drafts, site, catalogue)
    ids = frozenset(normal_id(draft.id) for draft in accepted) | site.ids.keys()
    names = _names(accepted) | ids
    for draft in accepted:
        pictures = {name: site.put(f"{Path(draft.path).parent}/{name}", data, (), draft.origin)
                    for name, data in draft.files.items()}
        document = render(settled(draft, names, ids, site, pictures))
        site.put(draft.path, document.encode("utf-8", "ignore"), draft.sources, draft.origin)


def render(draft: Draft) -> str:
    return clean(emit_document(draft.fields, draft.body))


def _accepted(drafts: Sequence[Draft], site: Site, catalogue: Catalogue) -> list[Draft]:
    """The drafts that load, without translations of those that do not."""
    accepted: list[Draft] = []
    first: dict[str, Draft] = {}
    for draft in drafts:
        own = normal_id(draft.id) + draft.language
        if own in first:
            site.tally.reject(draft.origin, f"has the id of {first[own].origin.path}", "give one of them another id",
                              "id", draft.id)
        elif draft.language and normal_id(draft.id) not in first:
            site.tally.reject(draft.origin, "translates a record that is left out", "see the finding about it", "id", draft.id)
        elif _is_free(draft, site) and _loads(draft, site, catalogue):
            first[own] = draft
            accepted.append(draft)
    return accepted


def _is_free(draft: Draft, site: Site) -> bool:
    """Whether no other record of the site has the id."""
    place = site.ids.get(normal_id(draft.id), draft.path)
    if draft.language or place == draft.path:
        return True
    site.tally.reject(draft.origin, f"is already the id of {place}", "rename or remove one of them", "id", draft.id)
    return False


def _loads(draft: Draft, site: Site, catalogue: Catalogue) -> bool:
    findings: list[Finding] = []
    context = Context(site.portal, catalogue, findings)
    try:
        value = parse_yaml(clean(emit_fields(draft.fields)), draft.origin.path)
        fields = value.data if isinstance(value.data, dict) else {}
        document = Document(fields, clean(draft.body), 0)
        if draft.language:
            parse_translation(document, draft.language, draft.path, draft.id, context)
        else:
            parse_file(document, draft.kind, draft.path, context)
    except SourceError as error:
        findings.append(error.finding)
    reject(findings, draft.origin, site)
    return not findings


def reject(findings: Sequence[Finding], origin: Place, site: Site) -> None:
    """Counts a rejected record; its findings name the source in place of the record."""
    site.tally.rejected += bool(findings)
    site.tally.findings += [msgspec.structs.replace(finding, path=origin.path, line=origin.line) for finding in findings]


def _names(accepted: Sequence[Draft]) -> frozenset[str]:
    """Other names (normal form) under which the records are known."""
    return frozenset(normal_id(name) for draft in accepted
                     for name in (*_texts(draft.fields, "aliases"), *_texts(draft.fields, "cves"),
                                  *_vulnerabilities(draft.fields)))


def _vulnerabilities(fields: Mapping[str, Yaml]) -> list[str]:
    items = fields.get("vulnerabilities", ())
    return [name for item in items if isinstance(item, Mapping) and isinstance(name := item["id"], str)]


def _texts(fields: Mapping[str, Yaml], name: str) -> list[str]:
    value = fields.get(name, ())
    items = [value] if isinstance(value, str) else value
    return [item for item in items if isinstance(item, str)]


def settled(draft: Draft, names: frozenset[str], ids: frozenset[str], site: Site, files: Mapping[str, bool]) -> Draft:
    """The draft without related ids and links that lead nowhere, and without aliases that are another record's id."""
    own = normal_id(draft.id)
    fields = dict(draft.fields)
    related = [item for item in _texts(fields, "related") if normal_id(item) in names and normal_id(item) != own]
    for lost in [item for item in _texts(fields, "related") if normal_id(item) not in names]:
        site.tally.note(draft.origin, "is not a record of this site, so it is left out", "import it too, then this again",
                        "related", lost)
    aliases = [alias for alias in _texts(fields, "aliases") if normal_id(alias) not in ids]
    fields |= {"related": related, "aliases": aliases}
    return msgspec.structs.replace(draft, fields=fields, body=neutralise(draft.body, keeper(names, files, site, draft.path)))


def keeper(names: frozenset[str], files: Mapping[str, bool], site: Site, path: str) -> Callable[[str], bool]:
    """A test whether a link target is a record's name or a file beside the record."""
    folder = site.root / Path(path).parent

    def keep(target: str) -> bool:
        name = target.split("#")[0]
        if normal_id(name) in names or name in files:
            return bool(name)
        if not name or ":" in name or name.startswith(("/", ".")) or "\\" in name or len(name) > 200:
            return False
        file = folder / name
        return ".." not in Path(name).parts and file.is_file() and not file.is_symlink()

    return keep
