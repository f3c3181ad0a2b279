"""Links from a bulletin's page to its files for programs."""

from __future__ import annotations

from generator.contexts.pieces import Link
from generator.csaf.paths import csaf_path
from generator.edition import Edition
from generator.osv import osv_path
from generator.urls import link
from kb.records import AnyRecord, SecurityBulletin


def machine_links(edition: Edition, record: AnyRecord) -> tuple[Link, ...]:
    """Those of its files that the portal has: drafts, which previews show, have no CSAF document, and previews sign nothing."""
    if not isinstance(record, SecurityBulletin):
        return ()
    found = {}
    if record.status != "draft":
        found["CSAF"] = csaf_path(record)
        if edition.portal.csaf.signing_key and not edition.library.view.drafts:
            found[edition.say("CSAF signature")] = f"{csaf_path(record)}.asc"
    if path := osv_path(record):
        found["OSV"] = path
    return tuple(Link(title=title, href=link(path)) for title, path in found.items())
