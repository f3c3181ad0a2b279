"""Pages of texts in languages that the portal's interface does not have: one page each, in the default language's frame."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec

from generator.edition import Edition
from generator.keys import Keys, record_key
from generator.pages.records import record_page
from generator.plan import Draft, Page


def content_language_pages(edition: Edition, keys: Keys) -> Iterator[Draft]:
    """A page at ``/es/pr/540257/`` for each text in a language without a tree of its own."""
    for head in edition.library.heads.values():
        for language in head.languages:
            if language not in edition.portal.languages:
                yield Draft(f"{language}/{head.path}", edition.language, record_key(edition, keys, head, language),
                            partial(_page, edition, head.key, language))


def _page(edition: Edition, key: str, language: str) -> Page:
    record = edition.library.records[key]
    only = next(text for text in record.texts if text.language == language)
    page = record_page(edition, msgspec.structs.replace(record, texts=(only,)))
    return msgspec.structs.replace(page, path=f"{language}/{record.path}")
