"""The secret of a site's sealed tables: ``seal.key``."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import msgspec

from kb.atomic import write_atomically
from kb.fields import Fields
from kb.findings import Finding, SourceError
from kb.source import read_yaml

_REMEDY = "make the file with 'waypost seal', or bring it back from where it is kept"
_TEXT = """\
# The secret of this portal's sealed tables. Who has it can tell real rows from decoys, and with the build's cache read them all:
# keep it out of public places, keep a copy, and give every build of the portal the same one. See docs/sealed-tables.md.
secret: {secret}
"""


class SealKey(msgspec.Struct, frozen=True):
    """``secret`` has 32 bytes; ``example`` marks one that everybody knows."""

    secret: bytes
    example: bool = False


def read_seal_key(root: Path, path: str) -> SealKey:
    """The secret in a file; raises SourceError, whose finding never repeats it."""
    try:
        value = read_yaml(root, path)
    except SourceError as error:
        if not os.path.lexists(root / path):
            raise SourceError(Finding(path, 0, "", "", "is missing, and sealed tables need its secret", _REMEDY)) from None
        raise SourceError(msgspec.structs.replace(error.finding, value="", remedy=_REMEDY)) from None
    findings: list[Finding] = []
    if not isinstance(value.data, dict):
        raise SourceError(Finding(path, value.line, "", "", "holds no secret", _REMEDY))
    fields = Fields(value.data, path, value.line, findings)
    secret, example = fields.one("secret", str, required=True), fields.flag("example")
    fields.finish()
    if secret is not None and not re.fullmatch(r"[0-9a-f]{64}", secret):
        fields.wrong("secret", "does not have 64 hexadecimal digits", _REMEDY)
    if findings or secret is None:
        raise SourceError(findings[0])
    return SealKey(bytes.fromhex(secret), example)


def write_seal_key(file: Path, replace: bool = False) -> None:
    """Writes a new secret, for its owner's eyes only. Raises FileExistsError where there is one that is not to be replaced, and
    OSError."""
    text = _TEXT.format(secret=secrets.token_hex(32)).encode()
    if replace:
        write_atomically(file, text, 0o600)
    else:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(text)
