"""Verdicts as a step function over all releases, known or not: what a program needs that has the releases' order and no rules.

A release's key (``kb.releases``) is compared with the places where the verdict can change; the last one that is not after it
tells the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable

from kb.ranges import Compiled
from kb.releases import TOP, Key, Release
from kb.verdicts import Verdict

_LENGTH = 6  # numbers of a key at least, with which every rule can be asked


def verdict_steps(compiled: Compiled, platform: str | None = None) -> list[tuple[Key, Verdict]]:
    """(first key, verdict) of each stretch of releases with one verdict, from the oldest on; the first key is empty. For one
    platform, or over all."""
    found: list[tuple[Key, Verdict]] = []
    for edge in _places(compiled.edges()):
        verdict = compiled.verdict(_at(edge, compiled.scheme), platform)
        if not found or found[-1][1] != verdict:
            found.append((edge, verdict))
    return found


def _places(edges: Iterable[Key]) -> list[Key]:
    """The edges in order as keys of numbers that releases can have: after all of 21.4 is where 21.5 would begin."""
    return sorted({(), *((*edge[:-2], edge[-2] + 1) if edge[-1] == TOP else edge for edge in edges if edge and edge != (TOP,))})


def _at(edge: Key, scheme: str) -> Release:
    """The first of the releases that an edge lets in, whether there is such a one or not."""
    key = edge + (0,) * (_LENGTH - len(edge))
    train = f"{key[0]}.{key[1]}" + (f"X{key[2]}" if scheme == "junos" and key[2] else "")
    return Release(scheme, key, train, train)
