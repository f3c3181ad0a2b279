"""A public OpenPGP key in a file of the site (RFC 9580): that it is one, without a private key, its fingerprint and end."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from kb.findings import Finding, SourceError
from kb.openpgp_signatures import standing
from kb.source import read_text

_BEGIN: Final = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_END: Final = "-----END PGP PUBLIC KEY BLOCK-----"
_PUBLIC, _SECRETS = 6, {5, 7}  # tags of packets: a public key; a secret key and a secret subkey (section 5)
_EXPORT = "write there what 'gpg --armor --export FINGERPRINT' prints"
_REPLACE = f"{_EXPORT}; if others could read the file, revoke the key and make another"


class PublicKey(msgspec.Struct, frozen=True):
    """``armored`` is the key as it is published, ``fingerprint`` that of its primary key, in upper case without spaces; it cannot
    be used from ``expires`` on, or at all where it ``is_revoked``."""

    armored: bytes
    fingerprint: str
    expires: datetime | None = None
    is_revoked: bool = False


def read_public_key(root: Path, path: str) -> PublicKey:
    """The key in an armored file; raises SourceError, whose finding repeats nothing of the file."""
    lines = [line.rstrip() for line in read_text(root, path).split("\n")]
    for number, line in enumerate(lines, 1):
        if re.match("-----BEGIN PGP (PRIVATE|SECRET) KEY", line):
            raise _fail(path, number, "holds a private key, which must not be published", _REPLACE)
    if lines.count(_BEGIN) != 1 or lines.count(_END) != 1 or lines.index(_END) < lines.index(_BEGIN):
        raise _fail(path, 1, "does not hold one armored public key", _EXPORT)
    start, end = lines.index(_BEGIN), lines.index(_END)
    try:
        packets = list(_packets(_unarmored(lines[start + 1 : end])))
    except ValueError:
        raise _fail(path, start + 1, "holds a public key that cannot be read", _EXPORT) from None
    if _SECRETS & {tag for tag, _ in packets}:
        raise _fail(path, start + 1, "holds a private key, which must not be published", _REPLACE)
    keys = [body for tag, body in packets if tag == _PUBLIC]
    fingerprint = _fingerprint(keys[0]) if len(keys) == 1 and packets[0][0] == _PUBLIC else ""
    if not fingerprint:
        raise _fail(path, start + 1, "does not hold one public key of version 4 or 6", _EXPORT)
    try:
        told = standing(packets, fingerprint)
    except ValueError:
        raise _fail(path, start + 1, "holds a public key that cannot be read", _EXPORT) from None
    return PublicKey("\n".join([*lines[start : end + 1], ""]).encode(), fingerprint, told.expires, told.is_revoked)


def _fail(path: str, line: int, reason: str, remedy: str) -> SourceError:
    return SourceError(Finding(path, line, "", "", reason, remedy))


def _unarmored(lines: list[str]) -> bytes:
    """The bytes between the lines of an armor (section 6.2), whose headers and checksum are passed over; raises ValueError."""
    if "" not in lines:
        raise ValueError("no blank line after the headers")
    data = "".join(line for line in lines[lines.index("") + 1 :] if not line.startswith("="))
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, body) of each packet (section 4.2); raises ValueError, also for lengths that keys do not have."""
    at = 0
    while at < len(data):
        head = data[at]
        if not head & 0x80:
            raise ValueError("no packet")
        if head & 0x40:
            tag, first = head & 0x3F, data[at + 1] if at + 1 < len(data) else 0
            width = 1 if first < 192 else 2 if first < 224 else 5
            if 224 <= first < 255:
                raise ValueError("a length in parts")
            number = data[at + 2 : at + 6] if width == 5 else data[at + 1 : at + 1 + width]
            length = int.from_bytes(number) - (0xC000 - 192 if width == 2 else 0)
        else:
            tag, width = head >> 2 & 0x0F, 1 << (head & 3)
            if width == 8:
                raise ValueError("no length")
            length = int.from_bytes(data[at + 1 : at + 1 + width])
        start = at + 1 + width
        at = start + length
        if at > len(data):
            raise ValueError("cut off")
        yield tag, data[start:at]


def _fingerprint(body: bytes) -> str:
    """Of a public-key packet (section 5.5.4); empty for versions that have no sound one."""
    if body[:1] == b"\x04":
        return hashlib.sha1(b"\x99" + len(body).to_bytes(2) + body, usedforsecurity=False).hexdigest().upper()
    if body[:1] == b"\x06":
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4) + body).hexdigest().upper()
    return ""
