"""Which pages stand as they are, in the live tree or in parts, and which are to be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from generator.building import Options
from generator.edition import Edition
from generator.keys import Keys
from generator.known import Known
from generator.output import Tree
from generator.plan import Draft
from generator.shards import Parts
from generator.shell import Shell
from generator.urls import file_of
from generator.work import Made, general_drafts, record_drafts


def standing_pages(tree: Tree, editions: Sequence[Edition], shell: Shell, keys: Mapping[str, Keys], known: Known, now: Known,
                   options: Options) -> tuple[list[Made], list[Draft]]:
    """The pages that stay as they are in the live tree or come from parts, and the drafts of all others: those of records that
    were not touched are not even asked. Raises OutputError."""
    touched = set(now.records) if options.shard or options.parts else known.touched(
        now, editions[0].library, editions[0].similar)
    others: list[Draft] = []
    parts = Parts(options.parts) if options.parts else None
    made = {page.path: page for page in known.pages}
    pages = _untouched(tree, editions, known.pages, touched)
    drafts = chain(general_drafts(editions, keys, shell), record_drafts(editions, keys, touched))
    for draft in drafts:
        if options.shard and not options.shard.has(draft.path):
            continue
        before = made.get(draft.path) if draft.key else None
        path = file_of(draft.path)
        if before and before.key == draft.key and not tree.has(path) and tree.keep(path, draft.key):
            pages.append(before)
        elif parts and (found := parts.put(tree, draft)):
            pages.append(found)
        else:
            others.append(draft)
    return pages, others


def _untouched(tree: Tree, editions: Sequence[Edition], known: Sequence[Made], touched: set[str]) -> list[Made]:
    """The pages of records that stay; records of which one does not are from now on touched."""
    untouched = editions[0].library.heads.keys() - touched
    found = {page.path + "index.html": page for page in known if page.record in untouched}
    untouched -= {page.record for path, page in found.items() if not tree.holds(path, page.key)}
    found = {path: page for path, page in found.items() if page.record in untouched}
    if len(found) != len(editions) * len(untouched):
        found, untouched = {}, set()
    touched |= editions[0].library.heads.keys() - untouched
    tree.keep_all({path: page.key for path, page in found.items()})
    return [*found.values()]
