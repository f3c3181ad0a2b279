"""Holds a build to what is published of security bulletins, and puts their list into the tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from generator.building import Options
from generator.bulletin_history import (
    PATH,
    History,
    bulletins_of,
    history_bytes,
    history_of,
    read_history,
    records_of,
    rewritten,
)
from generator.history_rules import Terms
from generator.keys import Keys
from generator.output import Tree
from kb.findings import Finding
from kb.library import Library
from kb.lines import Lines
from kb.store import Row

_FARTHEST_EAST = timedelta(hours=14)  # where a day begins first


def put_history(tree: Tree, library: Library, bulletins: Mapping[str, Row], keys: Keys, options: Options) -> list[Finding]:
    """Adds the list of bulletins; gives findings where it says otherwise than what is published. ``bulletins`` are all of the
    site by key, those that the library does not show too."""
    shown = [head.key for head in library.heads.values() if head.tlp]
    key = keys.of((PATH, [library.digest_of(name) for name in shown]), shown)
    is_kept = tree.keep(PATH, key)
    if is_kept and not options.published:
        return []
    history = history_of(library)
    if not is_kept:
        tree.put(PATH, history_bytes(history), key)
    return [*rewriting(history, bulletins, options, options.out)]


def checked(library: Library, rows: Sequence[Row], options: Options) -> Iterator[Finding]:
    """What a build would say otherwise than is known to be published, of all records where a manifest knows them."""
    before = read_history(options.published, required=True) if options.published else None
    if isinstance(before, Finding):
        yield before
    elif before:
        terms = Terms(options.at, options.now, options.rewrites)
        yield from rewritten(before, records_of(library), {row.head.key: row for row in rows}, options.site, terms)


def dated_ahead(library: Library, bulletins: Mapping[str, Row], options: Options) -> Iterator[Finding]:
    """Bulletins that readers see with a revision of a day that has begun nowhere: nothing could ever be published before it."""
    if options.now is None or options.drafts:
        return
    latest, lines = max(options.at, options.now) + _FARTHEST_EAST, Lines(options.site)
    for head in library.of_kind("advisory", "notice"):
        if head.updated > latest:
            row = bulletins[head.key]
            yield Finding(row.path, lines.of(row.place, "revisions"), "revisions", f"{head.updated:%Y-%m-%d}", "is a day to come",
                          "write the day on which the revision is published")


def rewriting(history: History, bulletins: Mapping[str, Row], options: Options, live: Path | None = None) -> Iterator[Finding]:
    """What a history says otherwise than that of the tree at ``live`` and than what else is known to be published."""
    terms = Terms(options.at, options.now, options.rewrites)
    given = read_history(options.published, required=True) if options.published else None
    known: list[History | Finding | None] = [bulletins_of(given) if isinstance(given, History) else given]
    if live and not options.drafts:
        known.append(read_history(live / PATH))
    for before in known:
        if isinstance(before, Finding):
            yield before
        elif before:
            yield from rewritten(before, history, bulletins, options.site, terms)
