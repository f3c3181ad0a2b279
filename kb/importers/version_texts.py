"""Versions in the words of others, as ranges where the words leave no doubt."""

from __future__ import annotations

import re

from kb.ranges import parse_range
from kb.releases import ReleaseError

_ALL = frozenset({"*", "all", "all version", "all versions", "all/*"})
_PREFIX = re.compile(r"vers:[a-z]+/|all versions\s+(?=[<>])", re.IGNORECASE)
_CONSTRAINT = re.compile(r"\s*+(?:(?:\||,|and\b)\s*+)?(<=|>=|<|=|)\s*+v?(\d+(?:\.\d+)+)(?=\s*(?:$|[|,<>=]|and\b))", re.IGNORECASE)
_PADDED = re.compile(r"(?:^|\.)0\d")


def ranges_in(text: str, scheme: str) -> tuple[str, ...]:
    """Ranges (docs/records.md) that say just what a text of versions says; none where something is left to guess.

    To guess would be whether ``<= 8.1`` and ``8.1`` mean 8.1.3 too, how 2.011 and 2.02 are ordered, and all words but
    "all versions".
    """
    plain = " ".join(text.split())
    words = _PREFIX.sub("", plain, count=1)
    if words.casefold() in _ALL:
        return ("all",)
    constraints = _constraints(words)
    found = _paired(constraints)
    if len(found) > 1 and not plain.lower().startswith("vers:"):
        return ()
    try:
        for item in found:
            parse_range(item, scheme)
    except ReleaseError:
        return ()
    return tuple(found)


def _constraints(text: str) -> list[tuple[str, str]]:
    """(comparator, version) pairs; none where the text holds anything else."""
    found, at = [], 0
    while at < len(text):
        match = _CONSTRAINT.match(text, at)
        if not match or _PADDED.search(match[2]):
            return []
        found.append((match[1].strip("="), match[2]) if match[1] == "=" else (match[1], match[2]))
        at = match.end()
    return found


def _paired(constraints: list[tuple[str, str]]) -> list[str]:
    """Each lower bound with the upper one that follows; none where they do not pair."""
    found: list[str] = []
    start = ""
    for place, (sign, version) in enumerate(constraints):
        short = version.count(".") < 2
        if (sign == ">=" and start) or (short and sign in {"", "<="}) or (sign == "" and start):
            return []
        if sign == ">=":
            start = version
        elif sign == "":
            found.append(version)
        elif not start and place:
            return []
        else:
            found.append(f"{start or 'all'} {'before' if sign == '<' else 'through'} {version}")
            start = ""
    return [*found, f"{start} through *"] if start else found
