"""Values of key fields: serial numbers, case numbers and codes as people type them, in the one form that opens a row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from kb.fields import Wrong

MOST_CHARACTERS: Final = 100

# White space (property White_Space of Unicode), hyphens and dashes, and what cannot be seen: nobody reads them out.
_SILENT = re.compile("[\t-\r \x85\xa0\xad\u1680\u2000-\u200d\u2010-\u2015\u2028\u2029\u202f\u205f\u2060\u2212\u3000\ufeff-]+")


def normal_key(text: str) -> str:
    """The value without white space, hyphens and case (docs/sealed-tables.md); raises Wrong."""
    if text.isascii():
        value = text.upper().replace("-", "").replace(" ", "")
    else:
        value = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    if not value.isalnum():
        value = _SILENT.sub("", value)
        if not value:
            raise Wrong("is empty", "give every row its key")
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
            raise Wrong("holds a control character", "remove it")
    if len(value) > MOST_CHARACTERS:
        raise Wrong("is too long for a key", f"shorten it to {MOST_CHARACTERS} characters")
    return value


def key_string(table: str, fields: Iterable[str], values: Iterable[str]) -> str:
    """What the key of a row is derived from; the values are normal."""
    lines = (f"{field}={value}" for field, value in zip(fields, values, strict=True))
    return "\n".join(("waypost-seal-1", table, *lines))
