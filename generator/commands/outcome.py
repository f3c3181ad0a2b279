"""What a build tells when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from generator.commands.options import count

if TYPE_CHECKING:
    from generator.building import Summary
    from generator.changes import Tally


_ROLES = {
    "csaf_trusted_provider": "signed: a trusted provider",
    "csaf_provider": "not signed: a provider, not a trusted one; name csaf.signing_key in portal.yml",
}


def as_lines(summary: Summary) -> Iterator[str]:
    """For people: what the portal holds, what is different, where the time went."""
    yield (f"{count(summary.records, 'record')}, {count(summary.pages, 'page')} ({summary.rendered:,} rendered), "
           f"{count(summary.files, 'file')}, {summary.bytes / 1e6:.1f} MB")
    if summary.changes and summary.changed:
        parts = {"records": summary.changes.records, "pages": summary.changes.pages, "files": summary.changes.files}
        yield "; ".join(f"{name} {_tally(tally)}" for name, tally in parts.items())
    elif summary.changed:
        yield f"{count(summary.written, 'file')} written; nothing is known of the tree before"
    if summary.csaf:
        yield f"CSAF: {count(summary.csaf.documents, 'document')}, {_ROLES[summary.csaf.role]}"
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in summary.seconds.items())
    yield f"{sum(summary.seconds.values()):.1f} s: {stages}"


def _tally(tally: Tally) -> str:
    return f"{tally.new:,} new, {tally.changed:,} changed, {tally.removed:,} removed"


def for_programs(summary: Summary) -> dict[str, Any]:
    """The same as JSON has it; ``changes`` is null where nothing is known of the tree before."""
    return {
        "records": summary.records, "pages": summary.pages, "rendered": summary.rendered, "files": summary.files,
        "written": summary.written, "bytes": summary.bytes, "changed": summary.changed,
        "changes": msgspec.to_builtins(summary.changes), "csaf": msgspec.to_builtins(summary.csaf),
        "seconds": {name: round(value, 3) for name, value in summary.seconds.items()},
    }
