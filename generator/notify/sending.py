"""What can become of a message on its way, as a sender of any kind tells it."""

from __future__ import annotations

import re
from collections.abc import Callable

from kb.findings import shorten

Hand = Callable[[], None]
"""Is called just before the last byte of a message leaves: until then nobody can have taken it."""

_ADDRESS = re.compile(r"<?[^\s<>@,;:\"']+@[^\s<>,;:\"']+>?|https?://\S+")


class Refused(Exception):
    """It has not been taken. ``permanent``: the other side says that trying again is of no use."""

    def __init__(self, reason: str, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.permanent = without_addresses(reason), permanent


class Doubtful(Exception):
    """It left, and no answer came: it may have been taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = without_addresses(reason)


class Unreachable(Exception):
    """The server takes no message at all now."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = without_addresses(reason)


def without_addresses(text: str) -> str:
    """What another program said, on one line, without whom it named."""
    return shorten(_ADDRESS.sub("…", text), 200)
