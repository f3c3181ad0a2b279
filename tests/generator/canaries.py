"""Searches all bytes of trees for words that may not be there, whatever form they have taken."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tests.generator.support import tree


def canaries_in(folder: Path, words: Iterable[str]) -> dict[str, set[str]]:
    """The words that names or contents of files hold, each with the files."""
    forms = {form: word for word in words for form in _forms(word)}
    pattern = re.compile(b"|".join(sorted(map(re.escape, forms), key=len, reverse=True)))
    found: dict[str, set[str]] = {}
    for path, data in tree(folder).items():
        for text in (path.encode(), *_unpacked(data)):
            for form in _readings(text):
                for match in pattern.finditer(form):
                    found.setdefault(forms[match[0]], set()).add(path)
    return found


def _forms(word: str) -> Iterator[bytes]:
    """A word, in small letters, as bytes may hold it. The tables of PR Search leave out with what a key begins as the one before
    it: two letters at most, as no other word begins with xqj."""
    data = word.lower().encode()
    yield data
    yield data[2:] if word.startswith("xqj") else data
    yield data.hex().encode()
    yield quote_from_bytes(data, safe=b"").encode()
    yield word.lower().encode("utf-16-le")
    for case in (word.encode(), data):
        for shift in range(3):
            packed = base64.b64encode(bytes(shift) + case)
            yield packed[(0, 2, 3)[shift] + (shift > 0) : len(packed) - 4]  # what neighbours do not change


def _readings(text: bytes) -> Iterator[bytes]:
    yield text
    yield text.lower()
    if b"%" in text or b"&#" in text or b"\\u" in text:
        plain = unescape(unquote_to_bytes(text).decode("utf-8", "replace"))
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), plain).lower().encode("utf-8", "replace")


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes, and what they are when unpacked: gzip and deflate, with or without the head of zlib."""
    yield data
    if data[:2] == b"\x1f\x8b":
        yield from _unpacked(gzip.decompress(data))
    elif data[:1] == b"\x78":
        try:
            yield zlib.decompress(data)
        except zlib.error:
            return
