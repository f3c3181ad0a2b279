"""What records say of one train, platform by platform: all answers of ``Compiled.verdict`` that are "affected", as runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from kb.products import Product
from kb.range_syntax import Affected
from kb.ranges import Compiled, compile_affected, verdict_stretches
from kb.releases import family_length
from kb.train_verdicts import Said, runs_of_train, said_by_train
from kb.verdicts import Reason

Platforms: TypeAlias = tuple[str, ...] | None
"""Ids of platforms. Empty: all. None: nobody says which platform it is (see ``Stretch``)."""


class Stretch(msgspec.Struct, frozen=True):
    """Releases of a train, by place in it from ``first`` up to ``end``, that are affected on some platforms, and why.
    ``platforms`` are those of the answer where they are empty."""

    first: int
    end: int
    reason: Reason
    platforms: Platforms = ()


class Answer(msgspec.Struct, frozen=True):
    """What a record says of a train; ``platforms`` are those of all its stretches that name none of their own.

    Where none of the stretches is for ``None``, a device of which nobody says the platform is affected where any platform is;
    else by those for None alone, of which one may be empty.
    """

    stretches: tuple[Stretch, ...] = ()
    platforms: tuple[str, ...] = ()


def trains_of(product: Product) -> dict[str, list[tuple[int, int]]]:
    """Where the releases of each train stand in the product's order, in runs (first, end)."""
    found: dict[str, list[tuple[int, int]]] = {}
    for train, first, end in product.train_stretches:
        found.setdefault(train, []).append((first, end))
    return found


class TrainQuestion:
    """Asks one record after the other which known releases of a train it affects."""

    def __init__(self, product: Product, train: str) -> None:
        self._product, self._runs = product, trains_of(product)[train]
        order = product.release_order
        self.releases = tuple(name for first, end in self._runs for name in order.names[first:end])
        self._key = order.releases[self._runs[0][0]].key[: family_length(product.scheme)]
        self._answers: dict[Said, tuple[Stretch, ...]] = {}  # many records say the same of a train

    def answer(self, entries: Sequence[Affected]) -> Answer:
        """What a record's entries say."""
        product = self._product
        own = [entry for entry in entries if entry.product == product.id]
        said = said_by_train(own, product.scheme) if own and product.trains_are_apart else None
        if said is None:
            return Answer(tuple(self._general(own)))
        words = said.get(self._key)
        if words is None:
            return Answer()
        if words not in self._answers:
            runs = runs_of_train(self._key, words, product.release_order, product.scheme)
            self._answers[words] = tuple(self._placed((run.first, run.end, run.verdict.reason) for run in runs
                                                      if run.verdict.status == "affected"))
        return Answer(self._answers[words], own[0].platforms)

    def _general(self, own: Sequence[Affected]) -> Iterator[Stretch]:
        """The way that any entries can go."""
        compiled = compile_affected(own, self._product.id, self._product.scheme)
        named = {name for group in compiled.groups for name in group.platforms}
        if not named:
            yield from self._placed(self._affected(compiled, None))
            return
        others = tuple(platform.id for platform in self._product.platforms if platform.id not in named)
        found = [stretch for platforms in (*(group.platforms for group in compiled.groups), others) if platforms
                 for stretch in self._placed(self._affected(compiled, platforms[0]), platforms)]
        anywhere = [*self._placed(self._affected(compiled, None), None)]
        yield from (*found, *anywhere)
        if found and not anywhere:
            yield Stretch(0, 0, found[0].reason, None)

    def _affected(self, compiled: Compiled, platform: str | None) -> Iterator[tuple[int, int, Reason]]:
        for first, end, verdict in verdict_stretches(compiled, self._product.release_order, platform):
            if verdict.status == "affected":
                yield first, end, verdict.reason

    def _placed(self, runs: Iterable[tuple[int, int, Reason]], platforms: Platforms = ()) -> Iterator[Stretch]:
        """What lies of these runs in the train, by place in it."""
        for start, end, reason in runs:
            before = 0
            for first, after in self._runs:
                if start < after and first < end:
                    yield Stretch(before + max(start, first) - first, before + min(end, after) - first, reason, platforms)
                before += after - first
