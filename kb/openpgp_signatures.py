"""What self-signatures say of an OpenPGP key (RFC 9580, section 5.2): until when it holds, and whether it is revoked.

They are not verified: who can change the file of a key can put another key there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

_PUBLIC, _SIGNATURE, _USER_ID, _ATTRIBUTE, _SUBKEY = 6, 2, 13, 17, 14  # tags of packets (section 5)
_CERTIFICATIONS: Final = range(0x10, 0x14)  # types of signatures (section 5.2.1)
_DIRECT, _KEY_REVOCATION, _CERTIFICATION_REVOCATION = 0x1F, 0x20, 0x30
_MADE, _LASTS, _ISSUER, _ISSUER_FINGERPRINT = 2, 9, 16, 33  # types of subpackets (section 5.2.3.7)


class Standing(NamedTuple):
    """``expires`` is None where the key has no end."""

    expires: datetime | None
    is_revoked: bool


class _Signature(NamedTuple):
    """``made`` and ``lasts`` are seconds, the latter of the key from its creation, 0 without an end."""

    type: int
    made: int
    lasts: int


def standing(packets: Iterable[tuple[int, bytes]], fingerprint: str) -> Standing:
    """Of the primary key, which is the first of the packets (tag and body); raises ValueError.

    As GnuPG has it, a signature over the key itself comes before those over user ids, of which the newest with an end counts.
    """
    created, of = 0, 0
    parts: list[list[_Signature]] = []  # those over the key itself, then those over each user id
    for tag, body in packets:
        if tag == _PUBLIC:
            created = int.from_bytes(body[1:5])
        if tag in {_PUBLIC, _USER_ID, _ATTRIBUTE, _SUBKEY}:
            of = tag
            parts.append([])
        elif tag == _SIGNATURE and of != _SUBKEY and (signature := _own(body, bytes.fromhex(fingerprint))):
            parts[-1].append(signature)
    direct, *users = parts
    lasting = _newest(one for one in direct if one.type == _DIRECT)
    if not (lasting and lasting.lasts):
        newest = (_newest(one for one in user if one.type in {*_CERTIFICATIONS, _CERTIFICATION_REVOCATION}) for user in users)
        lasting = _newest(one for one in newest if one and one.lasts and one.type in _CERTIFICATIONS)
    expires = datetime.fromtimestamp(created + lasting.lasts, UTC) if lasting and lasting.lasts else None
    return Standing(expires, any(one.type == _KEY_REVOCATION for one in direct))


def _newest(signatures: Iterable[_Signature]) -> _Signature | None:
    return max(signatures, key=lambda one: one.made, default=None)


def _own(body: bytes, fingerprint: bytes) -> _Signature | None:
    """A signature of version 4 or 6 that the key with this fingerprint has made; raises ValueError."""
    if body[:1] not in {b"\x04", b"\x06"}:
        return None
    width = 2 if body[0] == 4 else 4
    start = 4 + width
    middle = start + int.from_bytes(body[4:start])
    end = middle + width + int.from_bytes(body[middle : middle + width])
    if len(body) < end:
        raise ValueError("cut off")
    hashed = dict(_subpackets(body[start:middle]))
    issuers = {**dict(_subpackets(body[middle + width : end])), **hashed}
    key_id = fingerprint[-8:] if body[0] == 4 else fingerprint[:8]
    if issuers.get(_ISSUER_FINGERPRINT, b"")[1:] != fingerprint and issuers.get(_ISSUER) != key_id:
        return None
    return _Signature(body[1], int.from_bytes(hashed.get(_MADE, b"")), int.from_bytes(hashed.get(_LASTS, b"")[:4]))


def _subpackets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, body) of each subpacket (section 5.2.3.7); raises ValueError."""
    at = 0
    while at < len(data):
        first = data[at]
        width = 1 if first < 192 else 2 if first < 255 else 5
        number = data[at + 1 : at + 5] if width == 5 else data[at : at + width]
        length = int.from_bytes(number) - (0xC000 - 192 if width == 2 else 0)
        start, at = at + width, at + width + length
        if not length or at > len(data):
            raise ValueError("cut off")
        yield data[start] & 0x7F, data[start + 1 : at]
