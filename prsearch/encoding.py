"""The bytes of the static index: varints, tables whose keys share their beginnings, compressed files. See docs/pr-index.md."""

from __future__ import annotations

from collections.abc import Iterable

import deflate
import numpy as np
from numpy.typing import NDArray

_LEVEL = 6  # of libdeflate, which the package brings with it: the same bytes on every machine
_LONGEST_NAME = 48  # bytes of a key that become a file name as they are
_SHORT = [bytes((number,)) for number in range(128)]
Numbers = NDArray[np.uint32] | NDArray[np.uint64]


def varint(number: int) -> bytes:
    """Unsigned LEB128."""
    if number < 128:
        return _SHORT[number]
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def varint_lengths(numbers: Numbers) -> NDArray[np.uint8]:
    """The bytes of each number as a varint."""
    lengths = np.ones(len(numbers), np.uint8)
    highest, limit = int(numbers.max(initial=0)), 1 << 7
    while limit <= highest:
        lengths += numbers >= limit
        limit <<= 7
    return lengths


def varints(numbers: Numbers) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Many numbers as varints, one after the other, and where each begins, with the end of the last."""
    lengths, kind = varint_lengths(numbers), numbers.dtype.type
    starts = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    found = np.empty(int(starts[-1]), np.uint8)
    found[starts[:-1]] = (numbers & kind(127)).astype(np.uint8) | (lengths > 1).view(np.uint8) << 7
    longer, place = np.flatnonzero(lengths > 1), 1
    while len(longer):  # few numbers have more bytes
        more = lengths[longer] > place + 1
        rest = (numbers[longer] >> kind(7 * place) & kind(127)).astype(np.uint8)
        found[starts[longer] + place] = rest | more.view(np.uint8) << 7
        longer, place = longer[more], place + 1
    return found, starts


def table(rows: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Sorted keys, each with the bytes that follow it."""
    found: list[bytes] = []
    before = b""
    for key, rest in rows:
        length = min(len(key), len(before))
        differing = int.from_bytes(key[:length]) ^ int.from_bytes(before[:length])
        shared = length - (differing.bit_length() + 7 >> 3)
        tail = key[shared:]
        found += (varint(shared), varint(len(tail)), tail, rest)
        before = key
    return b"".join(found)


def packed(data: bytes) -> bytes:
    """A gzip stream (RFC 1952) without time and name."""
    return bytes(deflate.gzip_compress(data, _LEVEL))


def file_name(key: str) -> str:
    """The file name of the part of a table that begins with a key."""
    data = key.encode()
    if not data:
        return "_"
    return data.hex() if len(data) <= _LONGEST_NAME else f"{data[:32].hex()}-{fnv1a(data):08x}"


def fnv1a(data: bytes) -> int:
    """FNV-1a, 32 bits (draft-eastlake-fnv)."""
    found = 0x811C9DC5
    for byte in data:
        found = (found ^ byte) * 0x01000193 & 0xFFFFFFFF
    return found


