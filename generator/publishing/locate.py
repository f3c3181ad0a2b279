"""Where in the site stands what an objection is about, for people who have the site at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from generator.bulletin_history import hiding
from generator.history_rules import Terms
from generator.i18n import ui_languages
from generator.publishing.guard import Objection
from kb.findings import Finding
from kb.lines import Lines
from kb.load import load
from kb.records import normal_id


def located(objections: Sequence[Objection], site: Path | None, cache: Path | None, terms: Terms) -> list[Finding]:
    """The findings of objections, with file and line of the record where the site has it."""
    if site is None:
        return [objection.finding for objection in objections]
    rows = {row.head.key: row for row in load(site, ui_languages(), cache).records.rows}
    lines, found = Lines(site), []
    for objection in objections:
        finding, row = objection.finding, rows.get(normal_id(objection.record))
        if row and objection.record:
            field = hiding(row, terms) if finding.field == "id" and finding.reason.endswith("vanish") else finding.field
            finding = msgspec.structs.replace(finding, path=row.path, line=lines.of(row.place, field), field=field)
        found.append(finding)
    return found
