"""Ids made from other people's names and numbers: always the same ones for the same input."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# How others call the states of an issue, and what they are here.
STATUSES: Final[Mapping[str, str]] = MappingProxyType({
    "open": "open", "backlog": "open", "scheduled": "open", "in progress": "open", "new": "open", "fixed": "fixed",
    "resolved": "fixed", "no fix": "closed", "won't fix": "closed", "closed": "closed",
})

_LEAST, _COUNT = 100_000_000, 900_000_000
_ABBREVIATION = re.compile(r"(.*\S)\s*\(([A-Z][A-Za-z0-9-]{1,11})\)")


def slug(name: str) -> str:
    """The name in lower case letters, digits and single hyphens; a name without any gives ``x`` and eight digits."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[a-z0-9]+", ascii_name.lower()))
    return words[:80].rstrip("-") or f"x{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def key(name: str) -> str:
    """The form in which names are compared: without case, spaces and hyphens (SRX 5000 Series, SRX5000 series)."""
    return re.sub(r"[\s_-]+", "", name.casefold())


def without_abbreviation(name: str) -> tuple[str, str]:
    """``Cloud Native Router (CNR)`` as the name and its abbreviation; the latter is empty without one."""
    match = _ABBREVIATION.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


def derived_number(source: str, attempt: int = 0) -> str:
    """A nine-digit number for a record whose own number cannot serve.

    It is the first eight bytes of the SHA-256 of the source id (with ``#1``, ``#2`` ... when the number before is taken) as a
    big-endian integer, modulo 900,000,000, plus 100,000,000.
    """
    text = f"{source}#{attempt}" if attempt else source
    return str(int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big") % _COUNT + _LEAST)
