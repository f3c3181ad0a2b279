"""Answers out of affected sets: which records affect a device, and why. ``theme/assets/affected-sets.js`` gives the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate

import msgspec

from generator.api.affected_sets import AffectedSet

ON: str = "on {platforms}: {reason}"  # kb.verdicts.ON_PLATFORMS


class Match(msgspec.Struct, frozen=True):
    """A record that affects a release on a platform: its id, kind, severity, number in the search index, and why: the place of
    the reason in ``AffectedSet.reasons``, and the platforms that it is true of where nobody said which it is."""

    id: str
    kind: str
    severity: str
    card: int
    reason: int
    platforms: tuple[str, ...] = ()


class Matcher:
    """An affected set, ready for questions."""

    def __init__(self, found: AffectedSet) -> None:
        records = found.records
        self.found = found
        self._places = {release: place for place, release in enumerate(found.releases)}
        self._sets = [None if places is None else tuple(found.platforms[place] for place in places) for places in found.sets]
        kinds = [found.kinds[kind] for kind in records.kinds]
        said = [*zip(records.cases, records.sets, strict=True)]
        self._records = [*zip(records.ids.split(" ") if records.ids else (), kinds, said, accumulate(records.cards), strict=True)]
        self._said = set(said)

    def matches(self, release: str, platform: str | None = None) -> Iterator[Match]:
        """The records that affect a release of this train, in the order of the search index. Raises KeyError for others."""
        place = self._places[release]
        answers = {said: answer for said in self._said if (answer := self._answer(*said, place, platform))}
        for record_id, (kind, severity), said, card in self._records:
            if answer := answers.get(said):
                yield Match(record_id, kind, severity, card, *answer)

    def _answer(self, case: int, own: int, place: int, platform: str | None) -> tuple[int, tuple[str, ...]] | None:
        """(reason, platforms to name) of what a case says of a release; None where it is not affected."""
        rows = [(first, end, reason, self._sets[on[0] if on else own]) for first, end, reason, *on in self.found.cases[case]]
        told = [row for row in rows if row[3] is None]
        for first, end, reason, names in told or rows if platform is None else rows:
            if first <= place < end and (platform is None or (names is not None and (not names or platform in names))):
                return reason, (names or ()) if platform is None else ()
        return None


def reason_text(match: Match, reasons: Sequence[str], names: Mapping[str, str], say: Callable[[str], str],
                join: Callable[[Sequence[str]], str]) -> str:
    """Why a record affects a device, in the language of ``reasons``, ``say`` and ``join``; ``names`` are those of platforms."""
    text = reasons[match.reason]
    if not match.platforms:
        return text
    return say(ON).format(platforms=join([names.get(name, name) for name in match.platforms]), reason=text)
