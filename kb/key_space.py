"""How many values a key field may have, as far as those in a table tell: what an attacker has to try."""

from __future__ import annotations

import math
from typing import Final

GUESSES_PER_SECOND: Final = 1_860_000
"""Iterations of PBKDF2-HMAC-SHA-256 that one processor core with SHA instructions computes (20,000 in 10.75 ms, measured)."""

_DIGITS = "0123456789"
_HEADS = 2_000  # different beginnings that are looked at
_CLASSES = ((frozenset(_DIGITS), 10), (frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), 26))
_OFTEN = 8  # times as many beginnings as characters of a place: then no others occur there


class KeySpace:
    """Sees the normal values of a field one by one. Each is a beginning and the number at its end: where most beginnings have
    several numbers, as models have, those of each may be anything between the smallest and the largest; elsewhere, as in codes,
    each character of a beginning may be any of those that occur there or any of its kind, and the number any of its length."""

    def __init__(self) -> None:
        self._count = 0
        self._ranges: dict[str, tuple[int, int]] = {}
        self._digits: dict[int, int] = {}  # length of a beginning: longest number after it

    def add(self, value: str) -> None:
        head = value.rstrip(_DIGITS)
        tail = value[len(head) : len(head) + 18]
        number = int(tail or 0)
        self._count += 1
        known = self._ranges.get(head)
        if known is None:
            if len(self._ranges) < _HEADS:
                self._ranges[head] = number, number
                self._digits[len(head)] = max(len(tail), self._digits.get(len(head), 0))
        elif not known[0] <= number <= known[1]:
            self._ranges[head] = min(known[0], number), max(known[1], number)

    @property
    def values(self) -> float:
        """About how many values there may be; 0 where none were seen."""
        spread = [last - first for first, last in self._ranges.values()]
        if sum(map(bool, spread)) * 2 > len(spread):
            return float(sum(spread) + len(spread))
        return sum(self._of_length(length) * 10.0**digits for length, digits in self._digits.items())

    def _of_length(self, length: int) -> float:
        heads = [head for head in self._ranges if len(head) == length]
        return math.prod(_choices(set(place), len(heads)) for place in zip(*heads, strict=True))


def _choices(characters: set[str], heads: int) -> float:
    if len(characters) == 1 or heads >= _OFTEN * len(characters):
        return float(len(characters))
    return float(max(len(characters), sum(size for kind, size in _CLASSES if kind & characters)))


def guesses_per_hour(iterations: int) -> float:
    """How many keys one processor core can test in an hour."""
    return GUESSES_PER_SECOND * 3600 / iterations


def rounded(number: float) -> str:
    """A number as people say it: two digits, then zeros, with thousands separated; large ones as a power of ten."""
    if number >= 1e12:
        return f"10^{math.floor(math.log10(number))}"
    if number < 10:
        return f"{number:.1f}".removesuffix(".0")
    step = 10 ** (math.floor(math.log10(number)) - 1)
    return f"{round(number / step) * step:,}"
