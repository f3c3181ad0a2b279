"""Why a portal is not published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.publishing.guard import Objection


class PublishError(Exception):
    """Something is in the way; the message says what, and what to do. What readers see is as it was unless it says otherwise."""


class Refused(PublishError):
    """Publishing would break what has been published; nothing has changed."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        self.objections = objections
        super().__init__(f"{len(objections)} finding(s)")
