"""The static index of PR Search: files that a browser queries without a server. docs/pr-index.md says what is in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib.metadata import version
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

import msgspec
import numpy as np

from kb.library import Library
from kb.products import Named
from kb.workers import done
from prsearch.documents import UNRATED
from prsearch.encoding import file_name, packed, varints
from prsearch.exchange import Exchange, exchanged
from prsearch.gathering import Gathered
from prsearch.kept import Kept
from prsearch.query import STATUSES
from prsearch.reading import Read, Reader, read_all
from prsearch.rows import Rows, merged
from prsearch.tables import (
    Before,
    beginning_file,
    beginnings,
    is_name,
    is_word,
    names_table,
    places_table,
    same_words,
    texts_table,
    words_tables,
)

FORMAT = 1
MOST_CHANGED, SHARE_CHANGED = 500, 10  # documents; where more than these and more than a tenth have changed, all is made anew

Work = Callable[[], tuple[str, bytes]]  # makes a file: its path and bytes


class Index(NamedTuple):
    """The SHA-256 of each file of an index by path below ``prsearch/``; ``data`` of those that were made now."""

    digests: Mapping[str, str]
    data: Mapping[str, bytes]
    kept: Kept


class _Change(NamedTuple):
    kept: Kept
    exchange: Exchange


def index_files(library: Library, jobs: int = 1) -> Mapping[str, bytes]:
    """All files of the index of a library by path below ``prsearch/``."""
    return make_index(library, jobs).data


def make_index(library: Library, jobs: int = 1, kept: Kept | None = None) -> Index:
    """The index of a library. With what was kept of an earlier one, only files that differ from it are made."""
    index = updated_index(library, kept, jobs) if kept else None
    if index:
        return index
    reader = Reader(library)
    cards: dict[str, bytes] = {}
    rows = merged(_rows(read_all(reader, jobs), cards))
    return _finish(reader, _scheme(library), rows, (), jobs, None, cards)


def updated_index(library: Library, kept: Kept, jobs: int = 1, most: int | None = None) -> Index | None:
    """The index with only the files that differ from the one kept; None where more than ``most`` documents have changed, or so
    many that a new index takes less time."""
    reader = Reader(library)
    scheme = _scheme(library)
    if kept.scheme != scheme or kept.order != reader.order[: len(kept.order)]:
        return None
    changed = kept.changed(reader.fingerprints)
    if not changed:
        return Index(kept.digests, {}, kept)
    if len(changed) > (max(MOST_CHANGED, len(reader.order) // SHARE_CHANGED) if most is None else most):
        return None
    exchange = exchanged(kept.rows, reader.rows(changed), changed)
    blocks = reader.blocks(changed if kept.block == reader.block else range(len(reader.order)))
    work = [partial(reader.cards, block) for block in blocks]
    return _finish(reader, scheme, exchange.rows, work, jobs, _Change(kept, exchange))


def _rows(found: Iterable[Read], cards: dict[str, bytes]) -> Iterator[Gathered]:
    """The rows of what is read, one after the other; its cards are put aside."""
    for read in found:
        cards.update(read.cards)
        yield read.rows


def _finish(reader: Reader, scheme: str, rows: Rows, cards: Iterable[Work], jobs: int, change: _Change | None,
            made: Mapping[str, bytes] = MappingProxyType({})) -> Index:
    """Makes the cards that are still to be made and all else: of a changed index, what differs from the one kept."""
    kept, exchange = change if change else (None, None)
    before = dict(kept.tables) if kept else {}
    tables = [texts_table(rows, before.get("t"), exchange), places_table(rows, before.get("p"), exchange)]
    prefixes, lists = beginnings(tables[0], kept.beginnings if kept else (), exchange.postings if exchange else None)
    if not (kept and exchange and same_words(kept.rows, rows, exchange.postings, is_word)):
        tables += words_tables(rows, before, exchange)
    if not (kept and exchange and same_words(kept.rows, rows, exchange.postings, is_name)):
        tables.append(names_table(rows, before, exchange))
    before |= {table.name: table.before for table in tables}
    work: list[Work] = [*cards, *(partial(table.file, part) for table in tables for part in table.dirty),
                        *(partial(beginning_file, rows, len(reader.order), branch) for branch in lists)]
    data = {**made, **dict(done(work, jobs)), "options.json": _json(options(reader.library))}
    if kept is None or kept.order != reader.order:
        data["rank.bin"] = packed(_ranks(reader))
    digests = _digests(reader, before, prefixes, data, kept.digests if kept else {})
    root = {"format": FORMAT, "documents": len(reader.order), "block": reader.block, "x": prefixes,
            **{name: before[name].parts for name in ("t", "p", "v", "w", "m")}}
    root["generation"] = hashlib.sha256(_json([root, digests])).hexdigest()[:16]
    data["root.json"] = _json(root)
    digests["root.json"] = hashlib.sha256(data["root.json"]).hexdigest()
    if kept:
        data = {path: made for path, made in data.items() if kept.digests.get(path) != digests[path]}
    same_base = kept and kept.rows.base_postings is rows.base_postings
    base = kept.base if kept and same_base else digests["root.json"][:16]
    return Index(digests, data, Kept(scheme, reader.block, reader.order, reader.fingerprints, rows, before, prefixes, digests,
                                     base))


def _digests(reader: Reader, tables: Mapping[str, Before], prefixes: Iterable[str], made: Mapping[str, bytes],
             kept: Mapping[str, str]) -> dict[str, str]:
    """The SHA-256 of each file but ``root.json`` by path: of those made now, else as it was."""
    paths = {f"c/{number}.bin" for number in reader.blocks(range(len(reader.order)))} | {"options.json", "rank.bin"}
    paths |= {f"{name}/{file_name(part)}.bin" for name, table in tables.items() for part in table.parts}
    paths |= {f"x/{file_name(prefix)}.bin" for prefix in prefixes}
    return {path: hashlib.sha256(made[path]).hexdigest() if path in made else kept[path] for path in sorted(paths)}


def options(library: Library) -> dict[str, object]:
    """What forms offer and filters may name."""
    heads = library.heads.values()
    components = {head.component for head in heads if head.component}
    severities = {head.severity or UNRATED for head in heads}
    return {"products": [{
        "id": product.id, "name": product.name, "scheme": product.scheme, "aliases": product.aliases,
        "names": {language: name for language, name, _ in product.translations if name},
        "releases": [{"id": release.id, "train": release.train} for release in product.releases],
        "platforms": [_named(item) for item in product.platforms],
        "components": [_named(item) for item in product.components if item.id in components],
    } for product in library.catalogue.products], "statuses": STATUSES,
        "facets": {"component": sorted(components), "severity": sorted(severities)}}


def _named(item: Named) -> dict[str, object]:
    return {"id": item.id, "name": item.name, "aliases": item.aliases, "names": dict(item.names)}


def _ranks(reader: Reader) -> bytes:
    """For each ordinal the place of its id in the order of ids."""
    ordinals = {key: ordinal for ordinal, key in enumerate(reader.order)}
    ranks = np.empty(len(ordinals), np.int64)
    ranks[[ordinals[key] for key in reader.library.heads]] = np.arange(len(ordinals))
    steps = np.diff(ranks, prepend=np.int64(0))
    return varints(((steps << 1) ^ (steps >> 63)).astype(np.uint64))[0].tobytes()


def _scheme(library: Library) -> str:
    """Identifies what all documents depend on: products, this program and its libraries for words."""
    catalogue = msgspec.msgpack.encode(library.catalogue)
    versions = [f"{name} {version(name)}" for name in ("comrak", "deflate", "pystemmer")]
    digest = hashlib.sha256("\0".join([_program(), *versions]).encode())
    digest.update(catalogue)
    return digest.hexdigest()


@cache
def _program() -> str:
    digest = hashlib.sha256()
    for package in ("kb", "prsearch"):
        for file in sorted(files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
