"""Settings of a CSAF provider: ``csaf`` in ``portal.yml``."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from kb.fields import Fields, Wrong, parse_line, parse_url

CATEGORIES: Final = ("vendor", "coordinator", "discoverer", "user", "other")
"""Kinds of publishers (CSAF 2.0, section 3.2.1.8.1) but translators, who publish what others have written."""

_FINGERPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")


class CsafSettings(msgspec.Struct, frozen=True):
    """``signing_key`` is the fingerprint of an OpenPGP key in upper case, empty where nothing is signed; an empty ``namespace``
    stands for the portal's address, empty ``contact_details`` for the security team of the policy. ``line`` is where the
    signing key is named."""

    signing_key: str = ""
    category: str = "vendor"
    namespace: str = ""
    contact_details: str = ""
    issuing_authority: str = ""
    list_on_aggregators: bool = True
    mirror_on_aggregators: bool = True
    disclaimer: str = ""
    line: int = 0


def parse_fingerprint(text: str) -> str:
    """Fingerprint of an OpenPGP key, in upper case without spaces; raises Wrong."""
    found = "".join(text.split()).upper().removeprefix("0X")
    if _FINGERPRINT.fullmatch(found):
        return found
    raise Wrong("is no fingerprint of an OpenPGP key",
                "write the 40 hexadecimal digits that 'gpg --list-secret-keys --with-fingerprint' prints")


def parse_csaf(fields: Fields) -> CsafSettings:
    """The settings, with findings for what is wrong."""
    settings = CsafSettings(
        signing_key=fields.one("signing_key", parse_fingerprint) or "",
        category=fields.choice("category", CATEGORIES) or "vendor",
        namespace=fields.one("namespace", parse_url) or "", contact_details=fields.one("contact_details", parse_line) or "",
        issuing_authority=fields.one("issuing_authority", parse_line) or "",
        list_on_aggregators=_flag(fields, "list_on_aggregators"), mirror_on_aggregators=_flag(fields, "mirror_on_aggregators"),
        disclaimer=fields.block("disclaimer").strip(), line=fields.line_of("signing_key"))
    fields.finish()
    return settings


def _flag(fields: Fields, name: str) -> bool:
    """A flag that is set unless it is denied."""
    given = name in fields
    return fields.flag(name) or not given
