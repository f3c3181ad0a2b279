"""``/.well-known/security.txt`` (RFC 9116) and the key beside it, from the security response team of ``policy.yml``."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import UTC, datetime
from typing import Final

from generator.csaf.paths import METADATA, provided
from kb.fields import instant
from kb.library import Library

DISCLOSURE: Final = "help/disclosure/"
"""Where the vulnerability disclosure policy stands."""

KEY: Final = ".well-known/pgp-key.asc"
"""Where the key stands to which reports are encrypted, if the site has it."""


def security_txt(library: Library, pages: Container[str]) -> Iterator[tuple[str, bytes]]:
    """(path, content), nothing where no policy names a team; ``pages`` are the addresses of all pages."""
    team = library.policy.security if library.policy else None
    if team is None or not (team.email or team.phone_uri):
        return
    url = library.portal.url
    lines = [f"Contact: mailto:{team.email}"] if team.email else []
    lines += [f"Contact: {team.phone_uri}"] if team.phone_uri else []
    if provided(library):
        lines.append(f"CSAF: {url}{METADATA}")
    lines.append(f"Expires: {instant(_expiry(library.view.at))}")
    if encryption := url + KEY if team.key else team.pgp_key:
        lines.append(f"Encryption: {encryption}")
    lines += [f"Preferred-Languages: {', '.join(team.languages)}"] if team.languages else []
    if DISCLOSURE in pages:
        lines.append(f"Policy: {url}{DISCLOSURE}")
    lines.append(f"Canonical: {url}.well-known/security.txt")
    if team.key:
        yield KEY, team.key.armored
    yield ".well-known/security.txt", ("\n".join(lines) + "\n").encode()


def _expiry(at: datetime) -> datetime:
    """Between ten and eleven months ahead: under a year, as section 2.5.5 advises, and the same for a whole month."""
    months = at.year * 12 + at.month - 1 + 11
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
