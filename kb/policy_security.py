"""Security response, as ``policy.yml`` tells it: who takes reports of vulnerabilities, with which key, and what is promised."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from kb.fields import Fields, Wrong, instant, parse_language, parse_url, pattern
from kb.findings import Finding, SourceError
from kb.openpgp_key import PublicKey, read_public_key
from kb.policy_values import Duration, Phrase, Texts, parse_duration, parse_email, parse_phone, phone_uri

SOON: Final = timedelta(days=30)
"""How long before its end a key is spoken of."""


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """How reports of vulnerabilities are handled. A person confirms each within ``acknowledge``; it is published at most
    ``publish`` after its arrival."""

    scope: tuple[Phrase, ...]
    excluded: tuple[Phrase, ...]
    asks: tuple[Phrase, ...]
    acknowledge: Duration | None
    publish: Duration | None
    safe_harbour: Phrase


class Security(msgspec.Struct, frozen=True):
    """Who takes reports of vulnerabilities, and what is promised; ``pgp_key`` is the address of the public key, ``fingerprint``
    its fingerprint in groups of four digits. ``key_file`` is a file of the site with the key, named in line ``key_line``; ``key``
    is what it holds."""

    name: Phrase
    email: str
    pgp_key: str
    phone: str
    languages: tuple[str, ...]
    promises: tuple[Phrase, ...]
    note: Phrase
    fingerprint: str = ""
    disclosure: Disclosure | None = None
    key_file: str = ""
    key_line: int = 0
    key: PublicKey | None = None

    @property
    def phone_uri(self) -> str:
        return phone_uri(self.phone) if self.phone else ""


def parse_security(fields: Fields) -> Security | None:
    item = fields.mapping("security")
    if item is None:
        return None
    texts = Texts(item)
    security = Security(
        texts.line("name", required=True), item.one("email", parse_email, required=True) or "",
        item.one("pgp_key", parse_url) or "", item.one("phone", parse_phone) or "",
        item.many("languages", parse_language), texts.lines("promises"), texts.line("note"),
        item.one("fingerprint", _parse_fingerprint) or "", _disclosure(item),
        item.one("pgp_key_file", _parse_file_name) or "", item.line_of("pgp_key_file"))
    if security.pgp_key and security.key_file:
        item.wrong("pgp_key_file", "is given beside pgp_key", "keep pgp_key_file, which is published, or the address of the key")
    texts.finish()
    return security


def with_public_key(security: Security, root: Path, path: str, findings: list[Finding]) -> Security:
    """The same with the key out of its file, where one is named; ``path`` is that of the policy."""
    if not security.key_file:
        return security
    try:
        key = read_public_key(root, security.key_file)
    except SourceError as error:
        findings.append(error.finding)
        return security
    fingerprint = _parse_fingerprint(key.fingerprint)
    if security.fingerprint not in {"", fingerprint}:
        findings.append(Finding(path, security.key_line, "security.fingerprint", security.fingerprint,
                                f"is not that of the key in {security.key_file}, {fingerprint}",
                                "remove it: the key tells its own"))
    return msgspec.structs.replace(security, key=key, fingerprint=fingerprint)


def key_findings(security: Security | None, at: datetime) -> list[Finding]:
    """That the key cannot be used at a time, or soon will not be."""
    key = security.key if security else None
    if not security or not key:
        return []
    renew = f"prolong it with 'gpg --quick-set-expire {key.fingerprint} 1y', then export it to this file again"
    if key.is_revoked:
        return [Finding(security.key_file, 1, "", "", "holds a key that has been revoked",
                        "export the key to this file that is used now")]
    if key.expires and key.expires <= at:
        return [Finding(security.key_file, 1, "", "", f"holds a key that expired at {instant(key.expires)}", renew)]
    if key.expires and key.expires - SOON <= at:
        return [Finding(security.key_file, 1, "", "", f"holds a key that expires at {instant(key.expires)}", renew, "note")]
    return []


def key_turns(security: Security | None) -> tuple[datetime, ...]:
    """When ``key_findings`` changes."""
    expires = security.key.expires if security and security.key else None
    return (expires - SOON, expires) if expires else ()


_parse_file_name = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", "name of a file here",
                           "write the name of a file beside policy.yml: security-team.asc")


def _parse_fingerprint(text: str) -> str:
    """A fingerprint of an OpenPGP key, version 4 or 6 (RFC 9580, section 5.5.4), in groups of four; raises Wrong."""
    digits = re.sub(r"\s", "", text).upper()
    if len(digits) in {40, 64} and re.fullmatch("[0-9A-F]+", digits):
        return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
    raise Wrong("is no fingerprint of a key", "write its 40 or 64 hexadecimal digits, as gpg --fingerprint shows them")


def _disclosure(fields: Fields) -> Disclosure | None:
    item = fields.mapping("disclosure")
    if item is None:
        return None
    texts = Texts(item)
    disclosure = Disclosure(
        scope=texts.lines("scope"), excluded=texts.lines("excluded"), asks=texts.lines("asks"),
        acknowledge=item.one("acknowledge", parse_duration), publish=item.one("publish", parse_duration),
        safe_harbour=texts.line("safe_harbour"))
    texts.finish()
    return disclosure
