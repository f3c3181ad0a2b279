"""What a target is: the words of the command line or of ``portal.yml`` taken apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

import msgspec

from kb.fields import Wrong
from kb.publish_settings import parse_place

Kind = Literal["folder", "ssh", "rsync", "s3"]
GUARANTEES: Final[dict[Kind, str]] = {
    "folder": "readers see one whole version; the switch is one step",
    "ssh": "readers see one whole version; the switch is one step",
    "rsync": "files change one by one, what is referred to before what refers to it; no version to go back to",
    "s3": "objects change one by one, what is referred to before what refers to it; no version to go back to",
}
_HOST = r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])"
_SSH = re.compile(rf"(?P<host>{_HOST}):(?!:)(?P<path>[^:].*)")
_MODULE = re.compile(rf"rsync://{_HOST}(?::\d+)?/[^/]+(?:/.*)?|{_HOST}::[^/]+(?:/.*)?")
_S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")
_SAFE = re.compile(r"[\w./~@%+,=:-]+")


class Target(msgspec.Struct, frozen=True):
    """``where`` is the whole of it, ``host`` that of ssh or the name of a bucket, ``path`` a folder, a module's address or a
    prefix without slashes around it."""

    kind: Kind
    where: str
    path: str
    host: str = ""


def parse_target(text: str, base: Path) -> Target:
    """The target in a text; a folder is taken from ``base``. Raises Wrong."""
    text = parse_place(text)
    if "://" in text or "::" in text:
        return _addressed(text)
    if match := _SSH.fullmatch(text):
        path = match["path"].rstrip("/")
        if not _SAFE.fullmatch(path) or path.startswith("-") or not path:
            raise Wrong("names no folder of that host", "write host:/srv/portal")
        return Target("ssh", text, path, match["host"])
    if ":" in text.partition("/")[0]:
        raise Wrong("is no target", "write a folder, host:/path, rsync://host/module or s3://bucket/prefix")
    if "/" not in text and not (base / text).is_dir():
        raise Wrong("is neither a target of portal.yml nor a folder", f"write ./{text} for a new folder, or its whole path")
    return Target("folder", str((base / text).absolute()), str((base / text).absolute()))


def _addressed(text: str) -> Target:
    if match := _S3.fullmatch(text):
        prefix = (match["prefix"] or "").strip("/")
        if prefix and (not _SAFE.fullmatch(prefix) or {"", ".", ".."} & {*prefix.split("/")}):
            raise Wrong("has a prefix that is no path", "write s3://bucket/prefix")
        return Target("s3", text, prefix, match["bucket"])
    if _MODULE.fullmatch(text) and _SAFE.fullmatch(text):
        return Target("rsync", text, text.rstrip("/"))
    raise Wrong("is no target", "write a folder, host:/path, rsync://host/module or s3://bucket/prefix")
