"""OSV documents of the security advisories (Open Source Vulnerability format, ossf.github.io/osv-schema)."""

from __future__ import annotations

from kb.records import Record

FOLDER = "osv/"


def osv_path(record: Record) -> str:
    """Path of a record's OSV document below the root; empty for what is no vulnerability."""
    return f"{FOLDER}{record.id}.json" if record.kind == "advisory" else ""
