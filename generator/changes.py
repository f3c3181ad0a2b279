"""What a build changed: records, pages and files beside those of the tree before."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import msgspec

from generator.output import FileState
from kb.records import SECTIONS

_RECORD = re.compile(rf"(?:[a-z]{{2,3}}(?:-\w+)?/)?((?:{'|'.join(SECTIONS.values())})/[^/]*[0-9][^/]*/index\.html)")


class Tally(msgspec.Struct, frozen=True):
    """How many are new, are other than before, and are gone."""

    new: int = 0
    changed: int = 0
    removed: int = 0


class Changes(msgspec.Struct, frozen=True):
    """``records`` counts each record once of which a page changed in at least one language, be it only a link back."""

    records: Tally
    pages: Tally
    files: Tally


def changes(before: Mapping[str, FileState], after: Mapping[str, FileState], written: Iterable[str]) -> Changes:
    """What is different between two trees, given by path; ``written`` are the files of the second that it did not take over.

    Takes time for what changed, not for all that there is.
    """
    new, changed = [], []
    for path in written:
        old = before.get(path)
        if old is None:
            new.append(path)
        elif old.digest != after[path].digest:
            changed.append(path)
    all_there = len(after) == len(before) + len(new)
    removed = set() if all_there else before.keys() - after.keys()
    return Changes(_records(before, after, [*new, *changed, *removed]),
                   Tally(_pages(new), _pages(changed), _pages(removed)), Tally(len(new), len(changed), len(removed)))


def _pages(paths: Iterable[str]) -> int:
    """Pages for readers; listings of folders for programs are none."""
    return sum(path.endswith(".html") and not path.startswith(".well-known/") for path in paths)


def _records(before: Collection[str], after: Collection[str], touched: Iterable[str]) -> Tally:
    """Records by their pages in the default language, which each of them has."""
    found = {match[1] for path in touched if (match := _RECORD.fullmatch(path))}
    new = sum(path not in before for path in found)
    removed = sum(path not in after for path in found)
    return Tally(new, len(found) - new - removed, removed)
