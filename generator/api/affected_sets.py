"""Affected sets: which records affect the releases of a train, on which platforms, and why (docs/api.md).

``api/v1/affected/<product>/<train>.json`` holds what ``waypost affected`` answers for each known release of the train; it is made
of the records that name the train alone, so that a changed record changes the files of its trains. ``api/v1/affected.json``
lists the files.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from typing import Annotated, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from generator.edition import Edition
from generator.keys import Keys
from generator.plan import Derived
from kb.heads import Head
from kb.library import Library
from kb.products import Product
from kb.train_questions import Platforms, Stretch, TrainQuestion, trains_of
from kb.verdicts import Reason
from prsearch.documents import ELSEWHERE

INDEX, FOLDER = "api/v1/affected.json", "api/v1/affected/"
FORMAT = 1

T = TypeVar("T", bound=Hashable)
Row = Annotated[tuple[int, ...], msgspec.Meta(min_length=3, max_length=4)]


class Affecting(msgspec.Struct, frozen=True):
    """The records that affect releases of a train, in the order of the search index. ``ids`` are joined by blanks; the others
    have a number for each: places in the lists of the file, and by how much its number in the search index is greater than that
    of the record before (docs/pr-index.md)."""

    ids: str
    kinds: tuple[int, ...]
    cases: tuple[int, ...]
    sets: tuple[int, ...]
    cards: tuple[int, ...]


class TrainCases(msgspec.Struct, frozen=True):
    """What is said of a train besides its records; ``AffectedSet`` tells what the fields are."""

    format: int
    product: str
    train: str
    releases: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    platforms: tuple[str, ...]
    sets: tuple[tuple[int, ...] | None, ...]
    reasons: dict[str, tuple[str, ...]]
    cases: tuple[tuple[Row, ...], ...]


class AffectedSet(TrainCases, frozen=True):
    """A train. ``releases`` are ordered from old to new; ``kinds`` are pairs of kind and severity; ``sets`` are sets of
    ``platforms`` by their places, an empty one for all, null for devices of which nobody says the platform. ``cases`` are lists
    of rows: the first affected release and the one after the last, by place in ``releases``, place in ``reasons``, and a place
    in ``sets`` where the row is not for the set of the record. ``reasons`` are by language."""

    records: Affecting


class AffectedFile(msgspec.Struct, frozen=True):
    """A file that the index lists: its path below the root, SHA-256 in hex, number of records."""

    product: str
    train: str
    path: str
    sha256: str
    records: int


class AffectedIndex(msgspec.Struct, frozen=True):
    """All affected sets, by product and from the oldest train to the newest."""

    format: int
    files: tuple[AffectedFile, ...]


def affected_files(editions: Sequence[Edition], keys: Keys, digest_of_file: Callable[[str], str]) -> Iterator[Derived]:
    """The affected set of each train that has releases, then the index."""
    library, exposure = editions[0].library, editions[0].exposure
    ordinals, sources, hidden = _facts(library, exposure.ranked)
    found: list[tuple[str, str, str, int]] = []
    for product in library.catalogue.products:
        for train, stretches in trains_of(product).items():
            ranks = exposure.affecting(product, stretches)
            ranks = ranks[~hidden[ranks]]
            ranks = ranks[np.argsort(ordinals[ranks])]
            path = path_of(product.id, train)
            facts = ("affected", product.id, train, ordinals[ranks].tobytes(), sources[ranks].tobytes())
            found.append((product.id, train, path, len(ranks)))
            yield Derived(path, keys.of(facts), partial(_file, editions, product, train, ranks))
    yield Derived(INDEX, "", partial(_index, found, digest_of_file))


def path_of(product: str, train: str) -> str:
    return f"{FOLDER}{product}/{train.lower()}.json"


class _Facts(NamedTuple):
    """Of each record in the order of ``Exposure.ranked``: its number in the search index, what stands for all that it says, and
    whether it is told elsewhere."""

    ordinals: NDArray[np.uint32]
    sources: NDArray[np.void]
    hidden: NDArray[np.bool_]


def _facts(library: Library, ranked: Sequence[Head]) -> _Facts:
    keys = [head.key for head in ranked]
    sources = dict(zip(library.heads, library.sources, strict=True))
    return _Facts(np.fromiter(map(library.ordinals.__getitem__, keys), np.uint32, len(keys)),
                  np.frombuffer(b"".join([sources[key][0] for key in keys]), "V16"),
                  np.fromiter((head.status in ELSEWHERE for head in ranked), bool, len(keys)))


def _index(found: Sequence[tuple[str, str, str, int]], digest_of_file: Callable[[str], str]) -> bytes:
    files = tuple(AffectedFile(product, train, path, digest_of_file(path), count) for product, train, path, count in found)
    return msgspec.json.format(msgspec.json.encode(AffectedIndex(FORMAT, files)), indent=1) + b"\n"


def _file(editions: Sequence[Edition], product: Product, train: str, ranks: NDArray[np.uint32]) -> bytes:
    ranked = editions[0].exposure.ranked
    return msgspec.json.encode(affected_set(editions, product, train, [ranked[rank] for rank in ranks.tolist()])) + b"\n"


def affected_set(editions: Sequence[Edition], product: Product, train: str, own: Sequence[Head]) -> AffectedSet:
    """The affected set of a train; ``own`` are the records that affect a release of it, in the order of the search index."""
    library, ask = editions[0].library, TrainQuestion(product, train)
    reasons, texts, platforms = dict[str, Reason](), _Places[str](), _Places[str]()
    sets, kinds, cases = _Places[tuple[int, ...] | None](), _Places[tuple[str, str]](), _Places[tuple[Row, ...]]()
    known: dict[int, int] = {}  # cases of stretches by the id of what TrainQuestion holds

    def set_of(names: Platforms) -> int:
        return sets.of(names if names is None else tuple(map(platforms.of, names)))

    def row(stretch: Stretch) -> Row:
        text = str(stretch.reason)
        reasons.setdefault(text, stretch.reason)
        start = stretch.first, stretch.end, texts.of(text)
        return start if stretch.platforms == () else (*start, set_of(stretch.platforms))

    answers = [ask.answer(library.affected_of(head.key)) for head in own]
    for answer in answers:
        if id(answer.stretches) not in known:
            known[id(answer.stretches)] = cases.of(tuple(map(row, answer.stretches)))
    records = Affecting(
        " ".join(head.id for head in own), tuple(kinds.of((head.kind, head.severity)) for head in own),
        tuple(known[id(answer.stretches)] for answer in answers), tuple(set_of(answer.platforms) for answer in answers),
        tuple(np.diff(np.array([library.ordinals[head.key] for head in own], np.int64), prepend=0).tolist()))
    told = {edition.language: tuple(reason.render(edition.say, _joiner(edition, product)) for reason in reasons.values())
            for edition in editions}
    return AffectedSet(FORMAT, product.id, train, ask.releases, tuple(kinds), tuple(platforms), tuple(sets), told, tuple(cases),
                       records)


def _joiner(edition: Edition, product: Product) -> Callable[[Sequence[str]], str]:
    return lambda names: edition.joined(product, tuple(names))


class _Places(dict[T, int]):
    """Numbers different things in the order in which they come."""

    def of(self, thing: T) -> int:
        return self.setdefault(thing, len(self))
