"""Verdicts: whether a release is affected, and the sentence that says why, in any language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

IN_TRAIN_BEFORE: Final = "in train {train}, before {fixes}"
BEFORE: Final = "before {fixes}"
FROM_BEFORE: Final = "from {start} on, before {fixes}"
FROM_THROUGH: Final = "from {start} through {end}"
THROUGH: Final = "not later than {end}"
FROM: Final = "from {start} on"
WHOLE_TRAIN: Final = "every release of {train} is listed as affected"
LISTED: Final = "{release} is listed as affected"
ALL: Final = "every release is listed as affected"
BY_DEFAULT: Final = "every release counts as affected unless it is listed otherwise"
FIXED_IN: Final = "fixed in {fix}"
HOLDS_FIX: Final = "holds the fix of {fix}"
FIXED_SPAN: Final = "fixed in {start} through {end}"
EXCEPTED: Final = "listed as not affected"
TOO_EARLY: Final = "earlier than {start}, the first affected release of its train"
TOO_LATE: Final = "later than {end}, the last affected release of its train"
NO_RANGE: Final = "in none of the affected ranges"
NOT_STATED: Final = "the record does not say which releases are affected"
OTHER_PRODUCT: Final = "the record does not list this product"
OTHER_PLATFORM: Final = "listed only for {platforms}"
ON_PLATFORMS: Final = "on {platforms}: {reason}"
EXCEPT_ON_PLATFORMS: Final = "except on {platforms}: {reason}"

REASONS: Final[tuple[str, ...]] = (
    IN_TRAIN_BEFORE, BEFORE, FROM_BEFORE, FROM_THROUGH, THROUGH, FROM, WHOLE_TRAIN, LISTED, ALL, BY_DEFAULT,
    FIXED_IN, HOLDS_FIX, FIXED_SPAN, EXCEPTED, TOO_EARLY, TOO_LATE, NO_RANGE, NOT_STATED, OTHER_PRODUCT, OTHER_PLATFORM,
    ON_PLATFORMS, EXCEPT_ON_PLATFORMS)
"""Every message a reason can have. ``train``, ``start``, ``end``, ``fix`` and ``release`` are names of releases and
trains; ``fixes`` and ``platforms`` are tuples of names, joined in the reader's language; ``reason`` is another reason.
"""

_WORST_LAST: Final = ("not_affected", "fixed", "unknown", "affected")

Param: TypeAlias = "str | tuple[str, ...] | Reason"


class Reason(msgspec.Struct, frozen=True):
    """Why a verdict is what it is: a message out of ``REASONS`` and what stands in its places."""

    msgid: str
    params: Mapping[str, Param] = {}

    def render(self, translate: Callable[[str], str], join: Callable[[Sequence[str]], str]) -> str:
        """The reason in a language, whose catalogue and way of joining a list the caller passes."""
        words = {name: value.render(translate, join) if isinstance(value, Reason)
                 else join(value) if isinstance(value, tuple) else value for name, value in self.params.items()}
        return translate(self.msgid).format(**words)

    def __str__(self) -> str:
        return self.render(str, join_english)


class Verdict(msgspec.Struct, frozen=True):
    """What a record says of one release of a product."""

    status: Literal["affected", "fixed", "not_affected", "unknown"]
    reason: Reason

    @property
    def badness(self) -> int:
        """Greater for the verdict that should win where two contradict each other; the safe side is to warn."""
        return _WORST_LAST.index(self.status)


def join_english(names: Sequence[str]) -> str:
    """A, B and C."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
