"""Which releases of a product a record affects: the verdict on one release, and on all known releases at once.

``kb.range_syntax`` knows how ranges are written, ``kb.range_rules`` and ``kb.range_groups`` how they decide,
``kb.cve_ranges`` the form of CVE records. This module puts them together and offers their names.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, repeat

import msgspec

from kb.cve_ranges import affected_from_cve
from kb.range_groups import OUTSIDE, Group, called_affected, compile_group
from kb.range_rules import in_range, is_fixed_by
from kb.range_syntax import Affected, Status, VersionRange, parse_fixed, parse_range, parse_span, range_from_mapping
from kb.releases import Key, Release, ReleaseOrder, parse_release, release_order
from kb.train_verdicts import is_contradiction, said_by
from kb.verdicts import (
    EXCEPT_ON_PLATFORMS,
    ON_PLATFORMS,
    OTHER_PLATFORM,
    OTHER_PRODUCT,
    REASONS,
    Reason,
    Verdict,
)

__all__ = [
    "REASONS", "Affected", "Compiled", "Reason", "Status", "Verdict", "VersionRange", "affected_from_cve",
    "affected_releases", "affected_stretches", "compile_affected", "contradictions", "fixed_releases", "in_range",
    "is_fixed_by", "parse_fixed", "parse_range", "range_from_mapping", "verdict", "verdict_stretches", "verdicts",
]


class Compiled(msgspec.Struct, frozen=True):
    """A record's entries for one product, parsed.

    ``groups`` are sets of platforms with the same ranges, ``rest`` holds for every other platform (None: not listed;
    ``elsewhere`` is the verdict then). ``special`` joins all ranges: it speaks for X trains, which exist on some
    platforms only, when no platform is asked for.
    """

    scheme: str
    groups: tuple[Group, ...]
    rest: Group | None
    special: Group | None
    elsewhere: Verdict

    def verdict(self, release: Release | str, platform: str | None = None) -> Verdict:
        """The verdict on a release: for one platform, or over all (affected as soon as one platform is).

        A product without an entry is ``not_affected``. ``ReleaseError`` when the release cannot be read.
        """
        asked = parse_release(release, self.scheme) if isinstance(release, str) else release
        if platform is not None:
            return self._on_platform(asked, platform)
        if self.special is not None and "X" in asked.train and self.special.names(asked):
            return self.special.verdict(asked)
        if len(self.groups) == 1 and self.rest is None:  # the usual case, and the general way takes twice as long
            return _on(self.groups[0].verdict(asked), self.groups[0].platforms)
        return self._worst(asked) if self.groups else self._elsewhere(asked)

    @property
    def only(self) -> Group | None:
        """The only group, if the platform makes no difference but between listed and not."""
        if self.special is not None:
            return None
        return self.groups[0] if self.groups else self.rest

    def edges(self) -> set[Key]:
        """The places in the order of releases where the verdict can change."""
        return {edge for group in (*self.groups, self.rest) if group for edge in group.edges}

    def _on_platform(self, release: Release, platform: str) -> Verdict:
        wanted = _plain(platform)
        for group in self.groups:
            if any(_plain(name) == wanted for name in group.platforms):
                return group.verdict(release)
        return self._elsewhere(release)

    def _elsewhere(self, release: Release) -> Verdict:
        """The verdict for platforms that no group names."""
        return self.rest.verdict(release) if self.rest else self.elsewhere

    def _worst(self, release: Release) -> Verdict:
        found = [(group.platforms, group.verdict(release)) for group in self.groups]
        other = self._elsewhere(release)
        worst = max([verdict for _, verdict in found] + ([other] if self.rest else []), key=_badness)
        same = tuple(name for names, verdict in found if verdict.status == worst.status for name in names)
        different = tuple(name for names, verdict in found if verdict.status != worst.status for name in names)
        if other.status != worst.status:
            return _on(worst, same)
        if different:
            return Verdict(worst.status, Reason(EXCEPT_ON_PLATFORMS, {"reason": worst.reason, "platforms": different}))
        return worst


def compile_affected(entries: Sequence[Affected], product: str, scheme: str) -> Compiled:
    """The product's entries ready for questions; ``ReleaseError`` for anything in them that cannot be read."""
    own = [entry for entry in entries if entry.product == product]
    for entry in own:
        if entry.introduced:
            parse_release(entry.introduced, scheme)
    names = dict.fromkeys(name for entry in own for name in entry.platforms)
    sets: dict[tuple[int, ...], list[str]] = {}
    for name in names:
        holding = tuple(at for at, entry in enumerate(own) if not entry.platforms or name in entry.platforms)
        sets.setdefault(holding, []).append(name)
    groups = tuple(compile_group(tuple(found), [own[at] for at in holding], scheme) for holding, found in sets.items())
    everywhere = [entry for entry in own if not entry.platforms]
    rest = compile_group((), everywhere, scheme) if everywhere else None
    special = compile_group((), own, scheme) if len(groups) + bool(rest) > 1 else None
    elsewhere = Reason(OTHER_PLATFORM, {"platforms": tuple(names)}) if names else Reason(OTHER_PRODUCT)
    return Compiled(scheme, groups, rest, special, Verdict("not_affected", elsewhere))


def verdict(entries: Sequence[Affected], product: str, release_text: str, scheme: str,
            platform: str | None = None) -> Verdict:
    """What the entries say of one release of the product; see ``Compiled.verdict``."""
    return compile_affected(entries, product, scheme).verdict(release_text, platform)


def verdicts(entries: Sequence[Affected], product: str, known_releases: Iterable[str], scheme: str,
             platform: str | None = None) -> dict[str, Verdict]:
    """The verdict on each known release, from the oldest release to the newest.

    Releases between two places where the answer can change share one verdict, so the cost grows with the ranges of the
    record and hardly with the number of releases.
    """
    compiled = compile_affected(entries, product, scheme)
    order, outside = _ordered(tuple(known_releases), scheme)
    found = dict(outside)  # a copy costs a twentieth of building the dictionary, and most releases stay as they are
    for first, end in _stretches(compiled, order):
        one = compiled.verdict(order.releases[first], platform)
        if one is not OUTSIDE:
            found.update(zip(order.names[first:end], repeat(one)))
    return found


def affected_stretches(compiled: Compiled, order: ReleaseOrder) -> Iterator[tuple[tuple[str, ...], Release]]:
    """Runs of known releases that are affected (on one platform at least) and on which the verdict is the same for each
    platform; each with its first release."""
    only = compiled.only
    ask = only.verdict if only else compiled.verdict
    for first, end in _stretches(compiled, order):
        release = order.releases[first]
        if ask(release).status == "affected":
            yield order.names[first:end], release


def verdict_stretches(compiled: Compiled, order: ReleaseOrder, platform: str | None = None) -> Iterator[tuple[int, int, Verdict]]:
    """Runs of known releases with one verdict, on a platform or over all: first and end in the order, and the verdict."""
    for first, end in _stretches(compiled, order):
        yield first, end, compiled.verdict(order.releases[first], platform)


def _stretches(compiled: Compiled, order: ReleaseOrder) -> Iterator[tuple[int, int]]:
    return pairwise(sorted({bisect_left(order.keys, edge) for edge in compiled.edges()} | {0, len(order.keys)}))


def fixed_releases(entries: Sequence[Affected], product: str, order: ReleaseOrder, scheme: str) -> list[str]:
    """The known releases that the entries list as fixed, one by one or in spans."""
    found: dict[str, None] = {}
    for text in dict.fromkeys(text for entry in entries if entry.product == product for text in entry.fixed):
        low, high = _span_keys(text, scheme)
        found.update(dict.fromkeys(order.names[bisect_left(order.keys, low) : bisect_right(order.keys, high)]))
    return list(found)


@lru_cache(maxsize=1 << 14)
def _span_keys(text: str, scheme: str) -> tuple[Key, Key]:
    low, high = parse_span(text, scheme)
    return low.key, high.key


def affected_releases(entries: Sequence[Affected], product: str, known_releases: Iterable[str], scheme: str,
                      platform: str | None = None) -> list[str]:
    """The known releases that are affected, from the oldest to the newest."""
    found = verdicts(entries, product, known_releases, scheme, platform)
    return [release for release, verdict in found.items() if verdict.status == "affected"]


def contradictions(entry: Affected, scheme: str) -> list[str]:
    """The fixed releases that the entry's ranges call affected."""
    said = said_by(entry, scheme)
    if said is not None and not any(is_contradiction(words, scheme) for words in said.values()):
        return []
    releases = dict.fromkeys(release for text in entry.fixed for release in parse_span(text, scheme))
    affected = called_affected(entry, (release.key for release in releases), scheme)
    return [release.text for release in releases if release.key in affected]


@lru_cache(maxsize=64)
def _ordered(names: tuple[str, ...], scheme: str) -> tuple[ReleaseOrder, Mapping[str, Verdict]]:
    """Known releases in order, and the verdict ``OUTSIDE`` for each."""
    order = release_order(names, scheme)
    return order, dict.fromkeys(order.names, OUTSIDE)


def _on(found: Verdict, platforms: tuple[str, ...]) -> Verdict:
    """The verdict as one on these platforms; where nothing is affected, there is no need to name them."""
    if found.status == "not_affected":
        return found
    return Verdict(found.status, Reason(ON_PLATFORMS, {"reason": found.reason, "platforms": platforms}))


def _badness(verdict: Verdict) -> int:
    return verdict.badness


def _plain(name: str) -> str:
    """A platform's name without case and spaces: SRX 5000 Series is also written SRX5000 series."""
    return "".join(name.casefold().split())
