"""The portal as it would be, built beside the cache and compared with the one that is live, which stays as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from generator.build import build_told
from generator.building import Options
from generator.bulletin_history import PATH, bulletins_of, read_history, rewritten
from generator.differences import Differences, Held, differences, digests
from generator.history_rules import Terms
from generator.output_folder import kept_folder, state_file
from generator.tree_state import load_state, present, read_marker
from kb.findings import Finding
from kb.reporting import Report, quiet
from kb.store import Row


def preview(options: Options, report: Report = quiet) -> tuple[Differences, list[Finding]]:
    """What a build with these options would change in its tree, and why it would be refused. The preview stays in the cache for
    the next one. Raises BuildFailed, OutputError and WorkerLost."""
    with ExitStack() as stack:
        folder = kept_folder(options.cache, options.out, "preview")
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "site"
        _summary, prepared = build_told(msgspec.structs.replace(options, out=folder, published=None, rewrites=("all",)), report)
        rows = prepared.rows
        found = differences(options.out, _digests(options.out, options.cache), folder, _digests(folder, options.cache),
                            _held(rows, options))
        return found, [*_refused(folder, rows, options)]


def _digests(folder: Path, cache: Path | None) -> dict[str, str]:
    """By the state that the cache has of a tree where it has one, else by reading the files."""
    state = load_state(state_file(cache, folder), read_marker(folder))
    if state and len(present(folder, state.files)) == len(state.files):
        return {path: file.digest for path, file in state.files.items()}
    return digests(folder)


def _held(rows: Sequence[Row], options: Options) -> list[Held]:
    found = [Held(row.head.id, row.head.publish_at) for row in rows
             if row.head.status != "draft" and row.head.publish_at and row.head.publish_at > options.at]
    return sorted(found, key=lambda held: (held.until, held.id))


def _refused(folder: Path, rows: Sequence[Row], options: Options) -> list[Finding]:
    after = read_history(folder / PATH)
    terms = Terms(options.at, options.now, options.rewrites)
    bulletins = {row.head.key: row for row in rows if row.head.tlp}
    found: list[Finding] = []
    files = [options.out / PATH, *([options.published] if options.published else [])]
    for before in (read_history(file, required=file is options.published) for file in files):
        if isinstance(before, Finding):
            found.append(before)
        elif before and after and not isinstance(after, Finding):
            found += rewritten(bulletins_of(before), after, bulletins, options.site, terms)
    return found
