"""Links between records: found in fields and texts, checked, and turned into relations in both directions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import unquote

import msgspec

from kb.attachments import leads_elsewhere
from kb.findings import Finding, nearest, shorten
from kb.library import Reason, Relation, sort_key
from kb.lines import Lines
from kb.records import SECTIONS, SUCCESSORS, AnyRecord, Report, SecurityBulletin, Text, normal_id, successor_of
from kb.text import Link, links

RECORD_PATH = re.compile(rf"/(?:{'|'.join(SECTIONS.values())})/([A-Za-z0-9._-]+)/?")
_GUESSES = 20  # dangling links that get a suggestion: each is compared with all ids
Records = Mapping[str, AnyRecord]
Targets = Callable[[str], str | None]


class CrossLink(msgspec.Struct, frozen=True):
    """A link of a record to another: the other's key (empty: nobody has it), its target as written, why it is there, and where:
    text, field and, in a section, the line of the file."""

    key: str
    target: str
    reason: Reason
    text: Text
    field: str
    line: int = 0

    def finding(self, lines: Lines, reason: str, remedy: str) -> Finding:
        line = self.line or lines.of(self.text.place, self.field, self.target)
        return Finding(self.text.place.path, line, self.field, shorten(self.target), reason, remedy)


def cross_links(record: AnyRecord, in_texts: Iterable[tuple[Text, int, Link]], targets: Targets) -> Iterator[CrossLink]:
    """The links of a record to others, in its fields and texts; ``targets`` gives the key of a known one."""
    original = record.text
    for target in record.related:
        yield CrossLink(targets(target) or "", target, "related", original, "related")
    if successor := successor_of(record):
        yield CrossLink(targets(successor) or "", successor, "successor", original, SUCCESSORS[record.kind][0])
    for text, line, link in in_texts:
        key = targets(link.target)
        if key or link.wiki or RECORD_PATH.fullmatch(link.target.split("#")[0]):
            yield CrossLink(key or "", unquote(link.target), "refers", text, "link", line)
    for field, markdown in _event_texts(record):
        for link in links(markdown):  # there are no attachments here: what leads nowhere else must be a record
            key = targets(link.target)
            if key or link.wiki or RECORD_PATH.fullmatch(link.target.split("#")[0]) or not leads_elsewhere(link.target):
                yield CrossLink(key or "", unquote(link.target), "refers", original, field)


def _event_texts(record: AnyRecord) -> Iterator[tuple[str, str]]:
    """Yields (field, Markdown) for each line of a history."""
    if isinstance(record, Report):
        yield from (("history", event.text) for event in record.history)
    if isinstance(record, SecurityBulletin):
        yield from (("revisions", event.text) for event in record.revisions)


def named(target: str) -> str:
    """The key that a link's target would have: of an id, an other name, or a path from the root."""
    name = target.split("#")[0]
    path = RECORD_PATH.fullmatch(name)
    return normal_id(path[1] if path else name)


def check_links(records: Records, visible: Records, links_of: Mapping[str, list[CrossLink]], broken: frozenset[str],
                lines: Lines) -> Iterator[Finding]:
    """Findings for links that lead nowhere or to the record itself; notes for those that this build leaves out. ``broken`` are
    ids whose files have findings, so that 'unknown id' would only repeat them."""
    guesses = _GUESSES
    for source, found in links_of.items():
        for link in found:
            if not link.key and named(link.target) not in broken:
                guess = nearest(named(link.target), records) if guesses else ""
                guesses -= guesses > 0
                yield link.finding(lines, "is not a known id",
                                   f"did you mean {guess}?" if guess else "write the id of a record of this site")
            elif link.key == source and link.reason != "refers":
                yield link.finding(lines, "is the record itself", "remove it")
            elif link.key and source in visible and link.key not in visible:
                note = link.finding(lines, "is not shown in this build (draft, embargoed or for another audience)",
                                    "the link is left out")
                yield msgspec.structs.replace(note, level="note")


def check_successors(records: Records, links_of: Mapping[str, list[CrossLink]], lines: Lines) -> Iterator[Finding]:
    """Findings for successors of a kind that cannot take the record's place, and for records that succeed each other."""
    successors = {source: link for source, found in links_of.items() for link in found
                  if link.reason == "successor" and link.key and link.key != source}
    for source, link in successors.items():
        kinds = SUCCESSORS[records[source].kind][1]
        if records[link.key].kind not in kinds:
            yield link.finding(lines, f"is the id of {_a(records[link.key].kind)}", f"write the id of {_a(kinds[0])}")
    for source in _in_circles({source: link.key for source, link in successors.items()}):
        yield successors[source].finding(lines, "leads back to this record", "name the record that stays")


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] == "a" else f"a {kind}"


def _in_circles(steps: Mapping[str, str]) -> Iterator[str]:
    """The keys from which the steps lead back to the same key, each once, in linear time."""
    done: set[str] = set()
    for start in steps:
        path: dict[str, None] = {}
        key = start
        while key in steps and key not in done and key not in path:
            path[key] = None
            key = steps[key]
        if key in path:
            walked = list(path)
            yield from walked[walked.index(key):]
        done.update(path)


_BACK: Mapping[Reason, Reason] = {"related": "related", "refers": "referred", "successor": "predecessor"}
_ORDER: tuple[Reason, ...] = ("successor", "predecessor", "related", "refers", "referred")


def relations(visible: Records, links_of: Mapping[str, list[CrossLink]]) -> dict[str, tuple[Relation, ...]]:
    """Links in both directions between visible records; the strongest reason for each pair, in a stable order."""
    pairs: defaultdict[str, dict[str, Reason]] = defaultdict(dict)

    def add(source: str, target: str, reason: Reason) -> None:
        present = pairs[source].get(target)
        if present is None or _ORDER.index(reason) < _ORDER.index(present):
            pairs[source][target] = reason

    for source, found in links_of.items():
        for link in found:
            if link.key and link.key != source and source in visible and link.key in visible:
                add(source, link.key, link.reason)
                add(link.key, source, _BACK[link.reason])
    return {source: tuple(Relation(key, reason) for key, reason in
                          sorted(targets.items(), key=lambda item: (_ORDER.index(item[1]), sort_key(item[0]))))
            for source, targets in pairs.items()}
