"""Where a portal is published: ``publish`` in ``portal.yml`` gives targets names. They hold no secrets (docs/publishing.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from kb.fields import Fields, Wrong, parse_line, parse_url, pattern, whole_number
from kb.findings import Finding, SourceError
from kb.source import read_yaml

KEPT: Final = 5
parse_target_name = pattern(r"[a-z][a-z0-9-]{0,30}", "name of a target", "use lower case letters, digits and hyphens")
_SECRET = re.compile(r"[a-z0-9+.-]+://[^/@]*:[^/@]*@|[?&](?:key|token|secret|password)", re.IGNORECASE)


class TargetSettings(msgspec.Struct, frozen=True):
    """``to`` is a folder, ``host:/path``, ``rsync://host/module`` or ``s3://bucket/prefix``; ``endpoint`` is that of a storage
    other than Amazon's; ``state`` is where the manifest is kept, ``keep`` how many versions are. ``private``: no shared cache may
    keep a file."""

    name: str
    to: str
    out: str = ""
    endpoint: str = ""
    state: str = ""
    keep: int = KEPT
    private: bool = False


def parse_place(text: str) -> str:
    """A target as settings and the command line name it; raises Wrong."""
    if not text or not text.isprintable():
        raise Wrong("is no target", "write a folder, host:/path, rsync://host/module or s3://bucket/prefix")
    if _SECRET.match(text):
        raise Wrong("holds a password", "take it out: passwords come from the environment, keys from the ssh agent")
    return text


def parse_publish(named: Iterable[tuple[str, Fields]]) -> dict[str, TargetSettings]:
    """Targets by name, with findings for what is wrong."""
    found: dict[str, TargetSettings] = {}
    for name, fields in named:
        try:
            parse_target_name(name)
        except Wrong as wrong:
            fields.wrong("to", wrong.reason, wrong.remedy, name)
        to = fields.one("to", parse_place, required=True) or ""
        out, state = fields.one("out", parse_line) or "", fields.one("state", parse_place) or ""
        endpoint = fields.one("endpoint", parse_url) or ""
        keep = fields.one("keep", whole_number(1, 1000))
        private = fields.flag("private")
        fields.finish()
        found[name] = TargetSettings(name, to, out, endpoint, state, KEPT if keep is None else keep, private)
    return found


def load_publish(root: Path) -> tuple[dict[str, TargetSettings], list[Finding]]:
    """The targets that ``portal.yml`` of a site names, without reading anything else of it."""
    findings: list[Finding] = []
    try:
        data = read_yaml(root, "portal.yml").data
    except SourceError as error:
        return {}, [error.finding]
    value = data.get("publish") if isinstance(data, dict) else None
    fields = Fields({"publish": value} if value else {}, "portal.yml", 1, findings)
    return parse_publish(fields.named("publish")), findings
