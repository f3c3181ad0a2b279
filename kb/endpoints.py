"""Addresses of settings that browsers send to: hosts that a page's security policy has to name."""

from __future__ import annotations

import re

from kb.fields import Fields

_ENDPOINT = re.compile(r"(https://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?/(?!/)[A-Za-z0-9._~+,=:%/-]*")  # a policy can hold it as it is


def parse_endpoint(fields: Fields, name: str, examples: tuple[str, str], secret: str) -> str:
    """``https://host/path`` or ``/path`` of the portal's own host; empty, with a finding, for all else. ``examples`` are one
    of each, ``secret`` is the remedy where the address holds a password."""
    address = fields.one(name, str) or ""
    if "@" in address:  # a message that repeats it would put a password into logs
        fields.wrong(name, "holds a name or password, which every reader could see", secret)
        return ""
    if address and not _ENDPOINT.fullmatch(address):
        fields.wrong(name, "is neither an https address nor a path of this host", f"write {' or '.join(examples)}", address)
        return ""
    return address
