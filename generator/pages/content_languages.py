"""Pages of texts in languages that the portal's interface does not have: one page each, in the default language's frame."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.edition import Edition
from generator.pages.records import record_page
from generator.plan import Page


def content_language_pages(edition: Edition) -> Iterator[Page]:
    """A page at ``/es/pr/540257/`` for each text in a language without a tree of its own."""
    languages = edition.portal.languages
    for record in edition.library.records.values():
        for text in record.texts:
            if text.language not in languages:
                only = msgspec.structs.replace(record, texts=(text,))
                page = record_page(edition, only)
                yield msgspec.structs.replace(page, path=f"{text.language}/{record.path}", listed=page.listed)
