"""What loading and resolving a site finds, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kb.findings import Finding
from kb.library import Library, View
from kb.load import Content, load
from kb.records import AnyRecord
from kb.resolve import resolve

LANGUAGES = ("en", "ru")
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def loaded(root: Path) -> Content:
    return load(root, LANGUAGES)


def said(finding: Finding) -> str:
    """A finding as ``waypost check`` prints it; a note says that it is one."""
    return str(finding) if finding.level == "error" else f"note: {finding}"


def load_messages(root: Path) -> list[str]:
    """What loading finds, ordered by place."""
    return [said(finding) for finding in sorted(set(loaded(root).findings))]


def messages(root: Path, at: datetime = AT, audience: str = "", drafts: bool = False) -> list[str]:
    """What loading and resolving find, ordered by place."""
    _, findings = resolve(loaded(root), View(at, audience, drafts))
    return [said(finding) for finding in sorted(set(findings))]


def library_of(root: Path, at: datetime = AT, audience: str = "", drafts: bool = False) -> Library:
    """The library of a site without errors."""
    library, findings = resolve(loaded(root), View(at, audience, drafts))
    assert library is not None, [said(finding) for finding in findings]
    return library


def only_record(root: Path, record_id: str) -> AnyRecord:
    """The record with this id of a site without findings."""
    content = loaded(root)
    assert content.findings == ()
    (record,) = (record for record in content.records if record.id == record_id)
    return record
