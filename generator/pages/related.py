"""What a record's page says of others: those that it is linked with and those that are like it, each with the reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator.contexts.pieces import Group
from generator.contexts.records import AlikeRecord
from generator.edition import KIND_LABELS, SECTION_TITLES, Edition, _
from generator.signatures import LINK, MESSAGE, PAIR, TOPIC, VULNERABILITY, WORD
from generator.similar import Alike, Similar
from kb.heads import Head
from kb.library import Library, Reason
from kb.records import AnyRecord, Kind, normal_id

REASONS: dict[Reason, str] = {
    "successor": _("takes its place"), "predecessor": _("replaced by this one"), "related": _("related"),
    "refers": _("mentioned here"), "referred": _("mentions this one"),
}
_GROUP_ORDER: tuple[Kind, ...] = ("advisory", "notice", "report", "article", "bulletin")
_SYMPTOMS = {("report", "report"), ("report", "article"), ("article", "report")}  # what both tell of is a symptom
_WORDS = {  # (component, product) in common
    "symptom": (_("same component and symptom"), _("same product and symptom"), _("similar symptom")),
    "subject": (_("same component and subject"), _("same product and subject"), _("similar subject")),
}


class Suggestion(NamedTuple):
    """A record that is like another, and why; ``id`` is of the record that both are linked with, where that is the reason."""

    key: str
    reason: str
    id: str = ""


def linked(edition: Edition, record: AnyRecord) -> tuple[Group, ...]:
    """The records that a record is linked with, by kind."""
    related = edition.library.related(record)
    groups = []
    for kind in _GROUP_ORDER:
        entries = tuple(edition.entry(other, edition.say(REASONS[reason]), kind=False)
                        for other, reason in related if other.kind == kind)
        if entries:
            groups.append(Group(id=f"related-{kind}", title=edition.say(SECTION_TITLES[kind]), entries=entries))
    return tuple(groups)


def alike(edition: Edition, record: AnyRecord) -> Iterator[AlikeRecord]:
    """The records that are like a record, best first."""
    for key, reason, other in suggestions(edition.library, edition.similar, normal_id(record.id)):
        head, (title, language) = edition.library.heads[key], edition.similar.title(key, edition.language)
        yield AlikeRecord(
            id=head.id, href=edition.href(head.path), title=title, language=language if language != edition.language else "",
            kind_label=edition.say(KIND_LABELS[head.kind]), reason=edition.say(reason, id=other))


def suggestions(library: Library, similar: Similar, key: str) -> list[Suggestion]:
    """The records that are like one, with reasons that hold for what the library shows."""
    own = library.heads[key]
    return [_suggestion(library, own, library.heads[one.key], one) for one in similar.to(key)]


def _suggestion(library: Library, own: Head, other: Head, one: Alike) -> Suggestion:
    if one.by(VULNERABILITY):
        return Suggestion(other.key, _("same vulnerability"))
    if one.by(LINK) and (common := _common(library, own.key, other.key)):
        return Suggestion(other.key, _("also linked with {id}"), library.heads[common].id)
    if one.by(MESSAGE):
        return Suggestion(other.key, _("quotes the same message"))
    same_component = own.component != "" and own.component.casefold() == other.component.casefold()
    same_product = bool(set(own.products) & set(other.products))
    if not any(map(one.by, (WORD, PAIR, TOPIC))):
        return Suggestion(other.key, _("same component"))
    words = _WORDS["symptom" if (own.kind, other.kind) in _SYMPTOMS else "subject"]
    return Suggestion(other.key, words[0] if same_component else words[1] if same_product else words[2])


def _common(library: Library, key: str, other: str) -> str:
    """The first record that both are linked with."""
    return next(iter(_of(library, key, {relation.id for relation in library.relations.get(other, ())})), "")


def _of(library: Library, key: str, among: set[str]) -> Iterable[str]:
    return (relation.id for relation in library.relations.get(key, ()) if relation.id in among)
