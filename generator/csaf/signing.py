"""Detached OpenPGP signatures by the admin's own GnuPG: the agent holds the key and asks for its passphrase, this program never.

A signature is dated with the document and not with the clock, so that the same document signed by the same key has the same
signature on each machine (with keys of a kind that signs without chance: Ed25519, RSA).
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kb.findings import Finding, shorten
from kb.portal import Portal

_GPG = ("gpg", "--batch", "--no-tty", "--yes", "--with-colons", "--no-auto-check-trustdb", "--no-greeting")
_TIMEOUT = 300  # seconds, in which somebody types a passphrase


class SigningError(Exception):
    """GnuPG cannot sign: ``reason`` continues the key's fingerprint in a message, ``remedy`` says what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


class SigningKey(msgspec.Struct, frozen=True):
    """A secret key that can sign now. ``fingerprint`` is that of the primary key, ``signer`` that of the part that signs, made
    at ``created``."""

    fingerprint: str
    signer: str
    created: datetime


class _Part(msgspec.Struct, frozen=True):
    """A line of ``--with-colons`` on a primary key or subkey (GnuPG, doc/DETAILS)."""

    fingerprint: str
    validity: str
    created: int
    expires: int
    uses: str
    at_hand: bool

    def doubt(self, at: datetime) -> str:
        if self.validity in {"r", "d"}:
            return "has been revoked" if self.validity == "r" else "is disabled"
        if self.validity == "e" or (self.expires and self.expires <= at.timestamp()):
            return f"expired on {datetime.fromtimestamp(self.expires, UTC):%Y-%m-%d}"
        return ""


def find_key(fingerprint: str, at: datetime) -> SigningKey:
    """The secret key with this fingerprint; raises SigningError where it cannot sign at this time."""
    primary, *others = _parts(fingerprint)
    again = "extend it with 'gpg --quick-set-expire' or name another key"
    if doubt := primary.doubt(at):
        raise SigningError(f"is a key that {doubt}", again if doubt.startswith("expired") else "name another key")
    able = [part for part in (primary, *others) if "s" in part.uses]
    usable = [part for part in able if part.at_hand and not part.doubt(at)]
    if not usable:
        reasons = [doubt for part in able if (doubt := part.doubt(at))]
        raise SigningError(f"has no part that signs{f', one {reasons[-1]}' if reasons else ''}", again)
    part = max(usable, key=lambda part: (part.created, part.fingerprint))
    return SigningKey(primary.fingerprint, part.fingerprint, datetime.fromtimestamp(part.created, UTC))


def _parts(fingerprint: str) -> list[_Part]:
    """The primary key and its subkeys; raises SigningError."""
    done = _run(["--list-secret-keys", f"0x{fingerprint}"])
    rows = [line.split(":") for line in done.stdout.decode("utf-8", "replace").splitlines()]
    found: list[_Part] = []
    for number, row in enumerate(rows):
        if row[0] in {"sec", "ssb"}:
            name = next((other[9] for other in rows[number:] if other[0] == "fpr"), "")
            found.append(_Part(name, row[1], int(row[5] or 0), int(row[6] or 0), "".join(c for c in row[11] if c.islower()),
                               row[14:15] != ["#"]))
    if done.returncode or not found:
        raise SigningError("is no secret key of this keyring", "import it with 'gpg --import', or set GNUPGHOME to its folder")
    if fingerprint not in {part.fingerprint for part in found}:
        raise SigningError("is not the fingerprint of the key that GnuPG found", "write the whole fingerprint")
    if found[0].fingerprint != fingerprint:
        raise SigningError("is the fingerprint of a subkey", f"write that of its key, {found[0].fingerprint}")
    return found


def signing_key(portal: Portal, at: datetime) -> tuple[SigningKey | None, list[Finding]]:
    """The key that a portal names, or what is wrong with it; neither where it names none."""
    if not portal.csaf.signing_key:
        return None, []
    try:
        return find_key(portal.csaf.signing_key, at), []
    except SigningError as error:
        return None, [key_finding(portal, error)]


def key_finding(portal: Portal, error: SigningError) -> Finding:
    return Finding(portal.place.path, portal.csaf.line, "csaf.signing_key", portal.csaf.signing_key, error.reason, error.remedy)


def sign(key: SigningKey, data: bytes, moment: datetime) -> bytes:
    """An armored detached signature, dated with a moment but not before there was a key; raises SigningError."""
    dated = ["--faked-system-time", f"{max(moment, key.created):%Y%m%dT%H%M%S}!"]
    command = ["--local-user", f"{key.signer}!", "--digest-algo", "SHA512", "--no-emit-version", "--no-comments", "--armor",
               "--detach-sign"]
    done = _run([*dated, *command], data)
    if done.returncode:  # such as a key that has lost the self-signatures of that time
        done = _run(command, data)
    if done.returncode or b"BEGIN PGP SIGNATURE" not in done.stdout:
        raise SigningError(f"cannot sign: {_complaint(done.stderr)}", "see that its agent runs and knows the passphrase")
    return done.stdout


def verifies(key: SigningKey, signature: Path, data: bytes) -> bool:
    """Whether a file holds a good signature of this key on the data."""
    try:
        done = _run(["--status-fd", "1", "--verify", "--", str(signature), "-"], data)
    except SigningError:
        return False
    lines = [line.split() for line in done.stdout.decode("utf-8", "replace").splitlines()]
    return done.returncode == 0 and [line[-1] for line in lines if line[:2] == ["[GNUPG:]", "VALIDSIG"]] == [key.fingerprint]


def public_key(key: SigningKey) -> bytes:
    """The armored public key with its newest self-signatures only; raises SigningError."""
    done = _run(["--no-emit-version", "--no-comments", "--armor", "--export-options", "export-minimal", "--export",
                 f"0x{key.fingerprint}"])
    if done.returncode or b"BEGIN PGP PUBLIC KEY BLOCK" not in done.stdout:
        raise SigningError(f"cannot be exported: {_complaint(done.stderr)}", "see what 'gpg --export' says")
    return done.stdout


def _run(arguments: Sequence[str], data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([*_GPG, *arguments], input=data, capture_output=True, timeout=_TIMEOUT, check=False)
    except FileNotFoundError:
        raise SigningError("needs GnuPG, and there is no gpg", "install GnuPG, or remove the key from portal.yml") from None
    except subprocess.TimeoutExpired:
        raise SigningError("cannot sign: GnuPG waits for something", "start the agent and enter the passphrase before") from None


def _complaint(stderr: bytes) -> str:
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return shorten(lines[-1].removeprefix("gpg: ")) if lines else "GnuPG says nothing"
