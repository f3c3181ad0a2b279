"""Links between records: found in fields and texts, checked, and turned into relations in both directions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import cast
from urllib.parse import unquote

import msgspec

from kb.attachments import leads_elsewhere
from kb.findings import Finding, nearest, shorten
from kb.heads import TextLink
from kb.library import Reason, Relation, sort_key
from kb.lines import Lines
from kb.records import SECTIONS, SUCCESSORS, normal_id
from kb.store import Row

RECORD_PATH = re.compile(rf"/(?:{'|'.join(SECTIONS.values())})/([A-Za-z0-9._-]+)/?")
_GUESSES = 20  # dangling links that get a suggestion: each is compared with all ids
Rows = Mapping[str, Row]
Targets = Callable[[str], str | None]


class CrossLink(msgspec.Struct, frozen=True):
    """A link of a record to another: the other's key (empty: nobody has it), its target as written, and how and where it is
    written."""

    key: str
    target: str
    link: TextLink
    row: Row

    @property
    def reason(self) -> Reason:
        return cast(Reason, self.link.reason)

    def finding(self, lines: Lines, reason: str, remedy: str) -> Finding:
        line = self.link.line or lines.of(self.row.place, self.link.field, self.target)
        return Finding(self.link.path or self.row.path, line, self.link.field, shorten(self.target), reason, remedy)


def cross_links(row: Row, targets: Targets) -> Iterator[CrossLink]:
    """The links of a record to others, in its fields and texts; ``targets`` gives the key of a known one."""
    for link in row.head.links:
        key = targets(link.target)
        if link.reason != "refers":
            yield CrossLink(key or "", link.target, link, row)
        elif key or link.wiki or RECORD_PATH.fullmatch(link.target.split("#")[0]) or (
                link.field != "link" and not leads_elsewhere(link.target)):
            # There are no attachments in a history: what leads nowhere else must be a record.
            yield CrossLink(key or "", unquote(link.target), link, row)


def named(target: str) -> str:
    """The key that a link's target would have: of an id, an other name, or a path from the root."""
    name = target.split("#")[0]
    path = RECORD_PATH.fullmatch(name)
    return normal_id(path[1] if path else name)


def check_links(records: Rows, visible: Rows, links_of: Mapping[str, list[CrossLink]], broken: frozenset[str],
                lines: Lines, unseen: Container[str] = ()) -> Iterator[Finding]:
    """Findings for links that lead nowhere or to the record itself; notes for those that this build leaves out. ``broken`` are
    ids whose files have findings, so that 'unknown id' would only repeat them; ``unseen`` are names in restricted parts."""
    guesses = _GUESSES
    for source, found in links_of.items():
        for link in found:
            if not link.key and named(link.target) in unseen:
                yield _left_out(link, lines)
            elif not link.key and named(link.target) not in broken:
                guess = nearest(named(link.target), records) if guesses else ""
                guesses -= guesses > 0
                yield link.finding(lines, "is not a known id",
                                   f"did you mean {guess}?" if guess else "write the id of a record of this site")
            elif link.key == source and link.reason != "refers":
                yield link.finding(lines, "is the record itself", "remove it")
            elif link.key and source in visible and link.key not in visible:
                yield _left_out(link, lines)


def _left_out(link: CrossLink, lines: Lines) -> Finding:
    note = link.finding(lines, "is not shown in this build (draft, embargoed or for another audience)", "the link is left out")
    return msgspec.structs.replace(note, level="note")


def check_successors(records: Rows, links_of: Mapping[str, list[CrossLink]], lines: Lines) -> Iterator[Finding]:
    """Findings for successors of a kind that cannot take the record's place, and for records that succeed each other."""
    successors = {source: link for source, found in links_of.items() for link in found
                  if link.reason == "successor" and link.key and link.key != source}
    for source, link in successors.items():
        kinds = SUCCESSORS[records[source].head.kind][1]
        if records[link.key].head.kind not in kinds:
            yield link.finding(lines, f"is the id of {_a(records[link.key].head.kind)}", f"write the id of {_a(kinds[0])}")
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


def relations(visible: Rows, links_of: Mapping[str, list[CrossLink]]) -> dict[str, tuple[Relation, ...]]:
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
    return {source: tuple(Relation(key, reason) for key, reason in _in_order(targets)) for source, targets in pairs.items()}


def _in_order(targets: Mapping[str, Reason]) -> Iterable[tuple[str, Reason]]:
    if len(targets) == 1:
        return targets.items()
    return sorted(targets.items(), key=lambda item: (_ORDER.index(item[1]), sort_key(item[0])))
