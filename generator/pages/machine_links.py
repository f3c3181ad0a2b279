"""Links from a record's page to its files for programs."""

from __future__ import annotations

from generator.contexts import Link
from generator.edition import Edition
from kb.records import AnyRecord


def machine_links(edition: Edition, record: AnyRecord) -> tuple[Link, ...]:
    """Those of the record's files that this portal has."""
    return ()
