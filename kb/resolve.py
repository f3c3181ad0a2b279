"""Resolves what files say into a library: ids unique, links known, audience and time applied. Nothing after this checks again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from kb.attachments import load_attachments
from kb.findings import Finding, errors, nearest, shorten
from kb.library import Library, Reason, Relation, View, sort_key
from kb.load import Content
from kb.portal import Portal
from kb.records import SECTIONS, AnyRecord, Record, SecurityBulletin, Text, normal_id, successor_of
from kb.text import links

_RECORD_PATH = re.compile(rf"/(?:{'|'.join(SECTIONS.values())})/([A-Za-z0-9._-]+)/?")
Records = Mapping[str, AnyRecord]


def resolve(content: Content, view: View) -> tuple[Library | None, list[Finding]]:
    """The library for a view with the findings of loading and resolving; None where one of them is an error."""
    findings = list(content.findings)
    portal = content.portal
    if portal is None:
        return None, findings
    if view.audience and view.audience not in portal.audiences:
        findings.append(Finding(portal.place.path, 0, "audiences", view.audience, "is not an audience of this portal",
                                f"build for one of {', '.join(portal.audiences)}"))
        return None, findings
    everything = _by_id(content.records, findings)
    names = _names(everything, findings)
    broken = frozenset(finding.path for finding in content.findings if finding.level == "error")
    visible = {key: record for key, record in everything.items() if is_visible(record, portal, view)}
    links_of = {key: list(_links(record, everything, names)) for key, record in everything.items()}
    _check_links(everything, names, visible, links_of, broken, findings)
    _check_portal(content, everything, findings)
    findings += _mentions(everything, visible)
    attachments = load_attachments(content.root, everything.values(),
                                   lambda target: record_target(target, everything, names) is not None, findings)
    findings = [finding for finding in findings if not _explained(finding, broken)]
    if errors(findings):
        return None, findings
    shown_names = {name: kept for name, ids in names.items() if (kept := tuple(key for key in ids if key in visible))}
    return Library(portal, content.catalogue, content.policy, content.redirects, visible, shown_names,
                   _relations(visible, links_of), attachments, view), findings


def is_visible(record: Record, portal: Portal, view: View) -> bool:
    """Whether a view shows a record: not a draft, its time has come, its audience is included."""
    if not portal.may_see(view.audience or portal.audiences[0], record.audience):
        return False
    if isinstance(record, SecurityBulletin) and record.tlp in {"AMBER", "RED"} and record.audience == portal.audiences[0]:
        return False  # an error of its own; never shown meanwhile
    if view.drafts:
        return True
    return record.status != "draft" and (record.publish_at is None or record.publish_at <= view.at)


def _by_id(records: Iterable[AnyRecord], findings: list[Finding]) -> dict[str, AnyRecord]:
    found: dict[str, AnyRecord] = {}
    for record in records:
        first = found.setdefault(normal_id(record.id), record)
        if first is not record:
            findings.append(Finding(record.place.path, record.place.line, "id", record.id,
                                    f"is already the id of {first.place.path}:{first.place.line}", "give it another id"))
        if isinstance(record, SecurityBulletin) and record.tlp in {"AMBER", "RED"}:
            findings.append(Finding(record.place.path, record.place.line, "tlp", record.tlp,
                                    "must not enter a portal", "publish it elsewhere, or lower the TLP label"))
    return dict(sorted(found.items(), key=lambda item: sort_key(item[0])))


def _names(records: Records, findings: list[Finding]) -> dict[str, tuple[str, ...]]:
    """Ids by other names: aliases and CVE ids."""
    names: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for key, record in records.items():
        for alias in (*record.aliases, *(record.cves if isinstance(record, SecurityBulletin) else ())):
            name = normal_id(alias)
            if name in records and name != key:
                findings.append(Finding(record.place.path, record.place.line, "aliases", alias,
                                        f"is the id of {records[name].place.path}", "remove the alias"))
            names[name][key] = None
    return {name: tuple(ids) for name, ids in names.items()}


def record_target(target: str, records: Records, names: Mapping[str, tuple[str, ...]]) -> str | None:
    """Key of the record that a link target names, by id, other name or path from the root; None where it names none."""
    if match := _RECORD_PATH.fullmatch(target.split("#")[0]):
        target = match[1]
    key = normal_id(target.split("#")[0])
    if key in records:
        return key
    return names[key][0] if key in names else None


def _links(record: AnyRecord, records: Records,
           names: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, Reason, Text, int]]:
    """Yields (key or '', target as written, reason, text, line) for each link of a record to another."""
    for target in record.related:
        yield record_target(target, records, names) or "", target, "related", record.text, record.place.line
    if successor := successor_of(record):
        yield (record_target(successor, records, names) or "", successor, "successor", record.text, record.place.line)
    for text in record.texts:
        for section in text.sections:
            for link in links(section.markdown):
                key = record_target(link.target, records, names)
                if key or link.wiki or _RECORD_PATH.fullmatch(link.target.split("#")[0]):
                    yield key or "", link.target, "refers", text, section.line + link.line


def _check_links(records: Records, names: Mapping[str, tuple[str, ...]], visible: Records,
                 links_of: Mapping[str, list[tuple[str, str, Reason, Text, int]]], broken: frozenset[str],
                 findings: list[Finding]) -> None:
    fields: dict[Reason, str] = {"related": "related", "successor": "successor", "refers": "link"}
    for source, found in links_of.items():
        for key, target, reason, text, line in found:
            if not key and not _is_broken(target, broken):
                guess = nearest(normal_id(target), records)
                findings.append(Finding(text.place.path, line, fields[reason], shorten(target), "is not a known id",
                                        f"did you mean {guess}?" if guess else "write the id of a record of this site"))
            elif key == source and reason != "refers":
                findings.append(Finding(text.place.path, line, fields[reason], target, "is the record itself", "remove it"))
            elif key and source in visible and key not in visible:
                findings.append(Finding(text.place.path, line, fields[reason], target,
                                        "is not shown in this build (draft, embargoed or for another audience)",
                                        "the link is left out", "note"))


def _is_broken(target: str, broken: frozenset[str]) -> bool:
    """Whether the target's own file has findings, so that 'unknown id' would only repeat them."""
    name = f"/{normal_id(target.split('#')[0])}.MD"
    return any(f"/{path.upper()}".endswith(name) for path in broken)


def _explained(finding: Finding, broken: frozenset[str]) -> bool:
    return finding.field == "link" and finding.reason.startswith("is neither") and _is_broken(finding.value, broken)


def _check_portal(content: Content, records: Records, findings: list[Finding]) -> None:
    assert content.portal
    for name in content.portal.popular:
        if normal_id(name) not in records:
            findings.append(Finding(content.portal.place.path, content.portal.place.line, "popular", name,
                                    "is not a known id", "write the id of an article"))
    for redirect in content.redirects:
        if not redirect.new.startswith("/") and normal_id(redirect.new) not in records:
            findings.append(Finding(redirect.place.path, redirect.place.line, redirect.old, redirect.new,
                                    "is neither a path nor a known id", "write /path/ or the id of a record"))


def _mentions(records: Records, visible: Records) -> Iterator[Finding]:
    """Findings for texts of visible records that speak of a hidden one by name."""
    hidden: dict[str, None] = {}
    shown = {normal_id(name) for record in visible.values() for name in _own_names(record)}
    for key, record in records.items():
        if key not in visible:
            for name in _own_names(record):
                if normal_id(name) not in shown and (not name.isdigit() or len(name) >= 6):
                    hidden[name] = None
    if not hidden:
        return
    words = "|".join(re.escape(name) for name in sorted(hidden, key=len, reverse=True))
    pattern = re.compile(rf"(?<![A-Za-z0-9-])(?:{words})(?![A-Za-z0-9-])", re.IGNORECASE)
    for record in visible.values():
        for place, line, words_of in _visible_words(record):
            if match := pattern.search(words_of):
                yield Finding(place, line + words_of.count("\n", 0, match.start()), "text", match[0],
                              "names a record that this build does not show",
                              f"link it as [[{match[0]}]], which vanishes with it, or leave it out")


def _own_names(record: AnyRecord) -> tuple[str, ...]:
    return (record.id, *record.aliases, *(record.cves if isinstance(record, SecurityBulletin) else ()))


_LINK_TARGET = re.compile(r"\[\[[^\[\]\n]*\]\]|(?<=\])\([^()\n]*\)")


def _visible_words(record: AnyRecord) -> Iterator[tuple[str, int, str]]:
    """Yields (path, line, text) of all that a page prints as it was written."""
    for text in record.texts:
        yield text.place.path, text.place.line, " ".join((text.title, text.summary, *text.keywords))
        for section in text.sections:
            yield text.place.path, section.line, _LINK_TARGET.sub("", section.markdown)
    events: Callable[[AnyRecord], Iterable[str]] = lambda item: (  # noqa: E731
        event.text for event in getattr(item, "history", ()) + getattr(item, "revisions", ()))
    more = [*events(record), *record.aliases]
    if isinstance(record, SecurityBulletin):
        more += [*record.credits, *(f"{item.title} {item.url}" for item in record.references), *record.cves]
    yield record.place.path, record.place.line, " ; ".join(more)


_BACK: Mapping[Reason, Reason] = {"related": "related", "refers": "referred", "successor": "predecessor"}
_ORDER: tuple[Reason, ...] = ("successor", "predecessor", "related", "refers", "referred")


def _relations(visible: Records, links_of: Mapping[str, list[tuple[str, str, Reason, Text, int]]]
               ) -> dict[str, tuple[Relation, ...]]:
    """Links in both directions between visible records; the strongest reason for each pair, in a stable order."""
    pairs: defaultdict[str, dict[str, Reason]] = defaultdict(dict)

    def add(source: str, target: str, reason: Reason) -> None:
        present = pairs[source].get(target)
        if present is None or _ORDER.index(reason) < _ORDER.index(present):
            pairs[source][target] = reason

    for source, found in links_of.items():
        for key, _, reason, _, _ in found:
            if key and key != source and source in visible and key in visible:
                add(source, key, reason)
                add(key, source, _BACK[reason])
    return {source: tuple(Relation(key, reason) for key, reason in
                          sorted(targets.items(), key=lambda item: (_ORDER.index(item[1]), sort_key(item[0]))))
            for source, targets in pairs.items()}
