"""Where answers to "Was this helpful?" go: ``feedback`` in ``portal.yml``."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from kb.endpoints import parse_endpoint
from kb.fields import Fields
from kb.policy_values import parse_email

Way = Literal["", "mail", "page", "endpoint"]
WAYS: Final[tuple[Way, ...]] = ("mail", "page", "endpoint")


class FeedbackSettings(msgspec.Struct, frozen=True):
    """``address`` is one for mail (``mail``), or ``https://host/path`` or ``/path``, which is opened with the answer as
    parameters (``page``) or gets it by POST (``endpoint``). Nothing is asked where ``way`` is empty."""

    way: Way = ""
    address: str = ""


def parse_feedback(fields: Fields) -> FeedbackSettings:
    """The settings, with findings for what is wrong."""
    given = [way for way in WAYS if way in fields]
    mail = fields.one("mail", parse_email) or ""
    secret = "remove it: a receiver of answers takes them from anybody"
    found = {"mail": mail} | {way: parse_endpoint(fields, way, ("https://host/path", "/path"), secret) for way in WAYS[1:]}
    fields.finish()
    if not given:
        fields.wrong("mail", "is missing, and so are page and endpoint", "tell one of them where answers go, or remove feedback")
    for way in given[1:]:
        fields.wrong(way, f"stands beside {given[0]}", "keep one: answers go to one place")
    return FeedbackSettings(given[0], found[given[0]]) if given else FeedbackSettings()
