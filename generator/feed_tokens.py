"""Personal feed tokens: what lets a feed reader that cannot log in fetch the feeds of an audience.

A token is ``base64(id ":" secret)``, the credentials of HTTP Basic (RFC 7617), so that a web server can check it with what it
has on board. The files hold bcrypt hashes of the secrets. Letters and digits never become ``+`` or ``/`` in base64, nor ``=``
when their number can be divided by three, so that a token can stand in an address.
"""

from __future__ import annotations

import base64
import fcntl
import os
import re
import secrets
import string
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import bcrypt
import msgspec

from kb.atomic import atomic_file

Format = Literal["nginx", "caddy"]

_LETTERS = string.ascii_letters + string.digits
_SECRET = 43  # letters: 256 bits
_ID = 16  # letters; with the colon and the secret 60 bytes, which are 80 letters of base64
_ROUNDS = 4  # the least that bcrypt has: nobody guesses 256 bits, and servers hash at each request
_NOBODY = "nobody"  # in Caddy's files, which may not be empty; its hash is that of a secret that was thrown away
_LINE = re.compile(r"(?P<id>[A-Za-z0-9]+)[: ](?P<hash>\$2b\$[./A-Za-z0-9$]+)(?::| # )created (?P<created>[\d-]{10}), "
                   r"(?:expires (?P<expires>[\d-]{10})|does not expire), for (?P<holder>.*)")
_HOLDER = re.compile(r"[\w.@+ -]{1,80}")


class BadTokens(Exception):
    """The file cannot be used; the message says why and what to do."""


class FeedToken(msgspec.Struct, frozen=True):
    """What a file keeps of a token. It opens until the day before ``expires``; None is for ever."""

    id: str
    hash: str
    holder: str
    created: date
    expires: date | None = None

    def has_expired(self, today: date) -> bool:
        return self.expires is not None and self.expires <= today


def issue(holder: str, today: date, days: int | None) -> tuple[FeedToken, str]:
    """A new token and its text, which is not kept anywhere. Raises BadTokens where a file cannot hold the holder's name."""
    if not _HOLDER.fullmatch(holder):
        raise BadTokens(f"--for: '{holder[:80]}' has other characters than letters, digits, spaces and . @ + -, or more than 80; "
                        "write a name or an address")
    name, secret = _letters(_ID), _letters(_SECRET)
    hashed = bcrypt.hashpw(secret.encode(), bcrypt.gensalt(_ROUNDS)).decode()
    expires = today + timedelta(days=days) if days else None
    return FeedToken(name, hashed, holder.strip(), today, expires), base64.b64encode(f"{name}:{secret}".encode()).decode()


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def format_of(file: Path) -> Format:
    """The format that a file's name asks for: Caddy's with the suffix ``.caddy``, else htpasswd, which nginx reads."""
    return "caddy" if file.suffix == ".caddy" else "nginx"


def read_tokens(file: Path) -> list[FeedToken]:
    """The tokens in the order of the file; none where it is missing. Raises BadTokens and OSError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [token for number, line in enumerate(lines, 1) if line.strip() for token in _read(file, number, line)]


def _read(file: Path, number: int, line: str) -> Iterator[FeedToken]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadTokens(f"{file}:{number}: is no line that 'waypost feed-token' writes; move it elsewhere")
    if found["id"] != _NOBODY:
        expires = date.fromisoformat(found["expires"]) if found["expires"] else None
        yield FeedToken(found["id"], found["hash"], found["holder"], date.fromisoformat(found["created"]), expires)


@contextmanager
def changing(file: Path) -> Iterator[list[FeedToken]]:
    """The tokens of a file, which is written with what the caller makes of them; one change at a time.

    The file is replaced in one step and keeps its owner, group and mode; a new one is for its owner and group alone.
    """
    with os.fdopen(os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tokens = read_tokens(file)
        before = list(tokens)
        yield tokens
        if tokens != before or not file.exists():
            _write(file, tokens)


def _write(file: Path, tokens: Sequence[FeedToken]) -> None:
    text = "".join(_line(token, format_of(file)) for token in tokens)
    if not text and format_of(file) == "caddy":
        nobody, _text = issue("nobody", date.min, None)
        text = _line(msgspec.structs.replace(nobody, id=_NOBODY), "caddy")
    with atomic_file(file, 0o640, durable=True) as handle:
        handle.write(text.encode())
        before = file.stat() if file.exists() else file.parent.stat()
        os.fchmod(handle.fileno(), before.st_mode & 0o777 if file.exists() else 0o640)
        if os.geteuid() == 0:
            os.fchown(handle.fileno(), before.st_uid, before.st_gid)


def _line(token: FeedToken, format: Format) -> str:
    end = f"expires {token.expires}" if token.expires else "does not expire"
    told = f"created {token.created}, {end}, for {token.holder}"
    return f"{token.id} {token.hash} # {told}\n" if format == "caddy" else f"{token.id}:{token.hash}:{told}\n"
