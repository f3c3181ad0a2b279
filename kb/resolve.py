"""Resolves what files say into a library: ids unique, links known, audience and time applied. Nothing after this checks again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from kb.attachments import leads_elsewhere, load_attachments
from kb.bulletin_notes import bulletin_notes
from kb.crosslinks import Rows, Targets, check_links, check_successors, cross_links, named, relations
from kb.findings import Finding, errors, shorten
from kb.library import Library, View, in_id_order
from kb.lines import Lines
from kb.load import Content
from kb.mentions import mentions
from kb.portal import Portal
from kb.records import SECTIONS, normal_id
from kb.store import Row, Shown

Names = Mapping[str, tuple[str, ...]]


def resolve(content: Content, view: View) -> tuple[Library | None, list[Finding]]:
    """The library for a view with the findings of loading and resolving; None where one of them is an error."""
    findings = list(content.findings)
    portal = content.portal
    if portal is None:
        return None, findings
    if portal.audience(view.audience) is None:
        known = ", ".join(audience.id for audience in portal.audiences)
        findings.append(Finding(portal.place.path, 0, "audiences", view.audience, "is not an audience of this portal",
                                f"build for one of {known}"))
        return None, findings
    lines, source = Lines(content.root), content.records.seen_by(view.audience or portal.public)
    records = _by_id(source.rows, portal, lines, findings)
    visible = {key: row for key, row in records.items() if is_visible(row, portal, view)}
    names = _names(records, visible, lines, findings)
    whole = [row for row in content.records.rows if row.others and row.head.key in visible]
    unseen = _unseen(whole, records, names)

    def targets(target: str) -> str | None:
        return record_target(target, records, names)

    crossing = {key: found for key, row in records.items() if row.head.links and (found := [*cross_links(row, targets)])}
    broken = _broken(content.findings)
    findings += check_links(records, visible, crossing, broken, lines, unseen)
    findings += check_successors(records, crossing, lines)
    findings += _check_portal(content, portal, targets, broken, lines)
    findings += bulletin_notes(source, records.values(), content.catalogue, lines)
    hidden = [*(row for row in content.records.rows if row.head.key not in visible), *whole]
    findings += mentions(source, hidden, visible, lambda target: targets(target) is not None or named(target) in unseen, lines)
    attachments = load_attachments(content.root, _attached(records.values(), targets), findings)
    findings = [finding for finding in findings if not _explained(finding, broken)]
    if errors(findings):
        return None, findings
    shown_names = {name: kept for name, ids in names.items() if (kept := tuple(key for key in ids if key in visible))}
    return Library(portal.seen_by(view.audience), content.catalogue, content.policy, content.redirects, Shown(source, visible),
                   shown_names, relations(visible, crossing), attachments, view, content.synonyms), findings


def _attached(rows: Iterable[Row], targets: Targets) -> Iterator[tuple[str, int, str]]:
    """(file, line, target) of the links in texts that lead neither to a record nor out of the site."""
    for row in rows:
        for link in row.head.links:
            if link.field == "link" and not link.wiki and not leads_elsewhere(link.target) and not targets(link.target):
                yield link.path or row.path, link.line or row.line, link.target


def _unseen(whole: Iterable[Row], records: Rows, names: Names) -> frozenset[str]:
    """Other names of visible records that are in parts which this view does not show."""
    found = {normal_id(name) for row in whole for name in row.head.names}
    return frozenset(name for name in found if name not in names and name not in records)


def is_visible(row: Row, portal: Portal, view: View) -> bool:
    """Whether a view shows a record: not a draft, its time has come, its audience is included."""
    record = row.head
    if record.audience != portal.public and not portal.may_see(view.audience or portal.public, record.audience):
        return False
    if is_restricted(row, portal):
        return False  # an error of its own; never shown meanwhile
    if view.drafts:
        return True
    return record.status != "draft" and (record.publish_at is None or record.publish_at <= view.at)


def is_restricted(row: Row, portal: Portal) -> bool:
    """Whether more people would see it than its TLP label lets (FIRST TLP 1.0): RED is for the people in the room, AMBER for
    organisations that need to know."""
    record = row.head
    return record.tlp == "RED" or (record.tlp == "AMBER" and record.audience == portal.public and not row.shows_parts)


def _by_id(rows: Sequence[Row], portal: Portal, lines: Lines, findings: list[Finding]) -> dict[str, Row]:
    found = {row.head.key: row for row in reversed(rows)}
    for row in rows if len(found) < len(rows) else ():
        first = found[row.head.key]
        if first is not row:
            findings.append(Finding(row.path, lines.of(row.place, "id"), "id", row.head.id,
                                    f"is already the id of {first.path}:{lines.of(first.place, 'id')}",
                                    "give it another id"))
    for row in found.values():
        if row.head.tlp in {"AMBER", "RED"} and is_restricted(row, portal):
            place = "a portal" if row.head.tlp == "RED" else "a public portal"
            remedy = "publish it elsewhere" if row.head.tlp == "RED" else "give it another audience"
            findings.append(Finding(row.path, lines.of(row.place, "tlp"), "tlp", row.head.tlp, f"must not enter {place}",
                                    f"{remedy}, or lower the TLP label"))
    return {key: found[key] for key in in_id_order(found)}


def _names(records: Rows, visible: Rows, lines: Lines, findings: list[Finding]) -> Names:
    """Ids by other names, aliases and CVE ids; where records share a name, those that show come first."""
    names: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for key, row in records.items():
        for alias in row.head.names:
            name = normal_id(alias)
            if name in records and name != key:
                field = "cves" if row.head.tlp and alias.startswith("CVE-") else "aliases"
                other = records[name].place
                findings.append(Finding(row.path, lines.of(row.place, field, alias), field, shorten(alias),
                                        f"is the id of {other.path}:{lines.of(other, 'id')}",
                                        "remove it, or give that record another id"))
            names[name][key] = None
    return {name: tuple(sorted(ids, key=lambda key: key not in visible)) for name, ids in names.items()}


def record_target(target: str, records: Container[str], names: Names) -> str | None:
    """Key of the record that a link target names, by id, other name or path from the root; None where it names none."""
    if target in records:  # most are written like that
        return target
    key = named(unquote(target))
    if key in records:
        return key
    return names[key][0] if key in names else None


def is_record_address(path: str) -> bool:
    """Whether a path stands where the pages of records stand, ``/kb/NAME/``, whoever has that name."""
    section, _slash, name = path.strip("/").partition("/")
    return path.startswith("/") and section in SECTIONS.values() and name != "" and "/" not in name


def _broken(findings: Iterable[Finding]) -> frozenset[str]:
    """Ids of the record files with errors of their own."""
    return frozenset(normal_id(PurePosixPath(finding.path).stem) for finding in findings
                     if finding.level == "error" and finding.path.endswith(".md"))


def _explained(finding: Finding, broken: frozenset[str]) -> bool:
    """Whether a link leads nowhere only because its target's file is broken."""
    return (finding.field == "link" and finding.reason.startswith("is neither a record")
            and named(finding.value) in broken)


def _check_portal(content: Content, portal: Portal, targets: Targets, broken: frozenset[str],
                  lines: Lines) -> Iterator[Finding]:
    for name in portal.popular:
        if not targets(name):
            yield Finding(portal.place.path, lines.of(portal.place, "popular", name), "popular", shorten(name),
                          "is not a known id", "write the id of an article")
    for redirect in content.redirects:
        if targets(redirect.new) or named(unquote(redirect.new)) in broken:
            continue
        if not redirect.new.startswith("/"):
            yield Finding(redirect.place.path, redirect.place.line, redirect.old, shorten(redirect.new),
                          "is neither a path nor a known id", "write /path/ or the id of a record")
        elif is_record_address(redirect.new):
            yield Finding(redirect.place.path, redirect.place.line, redirect.old, shorten(redirect.new),
                          "is the address of no record", "write the id of a record or the address of another page")
