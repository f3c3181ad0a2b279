"""Tables of affected, fixed and not affected releases."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from generator.contexts.pieces import PLATFORMS, ReleaseRun
from generator.contexts.records import AffectedProduct, TrainRow
from generator.edition import Edition
from kb.products import Product
from kb.ranges import Affected, VersionRange, compile_affected, verdict_stretches
from kb.records import AnyRecord, affected_of
from kb.releases import Key
from kb.train_verdicts import Run, Said, runs_of_train, said_by_train
from kb.verdicts import ON_PLATFORMS

_Join = Callable[[Sequence[str]], str]


def affected_products(edition: Edition, record: AnyRecord) -> tuple[AffectedProduct, ...]:
    """One part for each entry of a record's affected products; the answers stand with a product's first entry."""
    entries, seen, found = affected_of(record), set[str](), []
    for entry in entries:
        product = edition.library.catalogue.find(entry.product)
        if product is None:
            continue
        rows, names = ((), "") if product.id in seen else _rows(edition, product, entries)
        seen.add(product.id)
        found.append(AffectedProduct(
            product=edition.product_link(product), platforms=edition.platform_links([product.id], entry.platforms),
            ranges=_ranges(edition, entry), fixed=tuple(edition.release_chip(product, name) for name in entry.fixed), rows=rows,
            platform_names=names))
    return tuple(found)


def _ranges(edition: Edition, entry: Affected) -> tuple[str, ...]:
    """The ranges in words; exceptions last."""
    affected = [item for item in entry.ranges if item.status == "affected"]
    excepted = [item for item in entry.ranges if item.status != "affected"] + list(entry.unaffected)
    return (*(_range(edition, item) for item in affected),
            *(edition.say("not {range}", range=_range(edition, item)) for item in excepted))


def _range(edition: Edition, item: VersionRange) -> str:
    return edition.ranges.get(item) or edition.ranges.keep(item, _range_in_words(edition, item))


def _range_in_words(edition: Edition, item: VersionRange) -> str:
    say, start = edition.say, item.start or edition.say("all releases")
    words = start
    if item.before:
        words = say("{start} before {fixes}", start=start, fixes=", ".join(item.before))
    elif item.through:
        words = say("{start} through {end}", start=start, end=item.through)
    for at, status in item.changes:
        words += "; " + (
            say("from {release} on affected", release=at) if status == "affected" else
            say("from {release} on not affected", release=at))
    return words


def _rows(edition: Edition, product: Product, entries: Sequence[Affected]) -> tuple[tuple[TrainRow, ...], str]:
    """A row for each train with an affected or fixed release, newest train first, and the names that stand in them for
    ``PLATFORMS``."""

    def join(names: Sequence[str]) -> str:
        return edition.joined(product, tuple(names))

    own = [entry for entry in entries if entry.product == product.id]
    said = said_by_train(own, product.scheme) if product.trains_are_apart else None
    if said is None:
        found = [_row(edition, product, train, runs, join) for train, runs in train_runs(product, own).items()]
        return tuple(reversed(found)), ""
    names = join(own[0].platforms)
    rows = [_row_of(edition, product, train, said[train], join, bool(names)) for train in sorted(said, reverse=True)]
    return tuple(row for row in rows if row), names


def train_runs(product: Product, entries: Sequence[Affected]) -> dict[str, list[Run]]:
    """The verdicts on all releases of the trains that have an affected or fixed one, oldest train first."""
    compiled = compile_affected(entries, product.id, product.scheme)
    runs = [Run(*found) for found in verdict_stretches(compiled, product.release_order)]
    starts = [first for _train, first, _end in product.train_stretches]
    wanted = {product.train_stretches[at][0] for run in runs if _matters(run)
              for at in range(bisect_right(starts, run.first) - 1, bisect_right(starts, run.end - 1))}
    found: dict[str, list[Run]] = {}
    for train, first, end in product.train_stretches:
        if train in wanted:
            found.setdefault(train, []).extend(_between(runs, first, end))
    return found


def _matters(run: Run) -> bool:
    return run.verdict.status in {"affected", "fixed"}


def _between(runs: Iterable[Run], first: int, end: int) -> Iterator[Run]:
    """What lies of the runs between two places."""
    for run in runs:
        if run.first < end and first < run.end:
            yield Run(max(first, run.first), min(end, run.end), run.verdict)


def _row_of(edition: Edition, product: Product, train: Key, said: Said, join: _Join, on_platforms: bool) -> TrainRow | None:
    """The row of a train, which is the same for all records that say the same of the train: of any platforms, which it does not
    name, or of none."""
    key = (product.id, train, said, on_platforms)
    if key not in edition.rows:
        runs = runs_of_train(train, said, product.release_order, product.scheme)
        name = product.release_order.releases[runs[0].first].train if runs else ""
        about = edition.say(ON_PLATFORMS) if on_platforms else "{reason}"
        row = _row(edition, product, name, runs, join, about) if any(map(_matters, runs)) else None
        edition.rows.keep(key, row)
    return edition.rows[key]


def _row(
    edition: Edition, product: Product, train: str, runs: Iterable[Run], join: _Join, about: str = "{reason}",
) -> TrainRow:
    """The row of a train; ``about`` is what its reasons become. Where nothing is affected, there is no need to name platforms."""
    found: dict[str, list[ReleaseRun]] = {"affected": [], "fixed": [], "not_affected": [], "unknown": []}
    for run in runs:
        same, reason = found[run.verdict.status], run.verdict.reason.render(edition.say, join)
        if run.verdict.status != "not_affected":
            reason = about.format(platforms=PLATFORMS, reason=reason)
        releases = edition.release_chips(product, run.first, run.end)
        if same and same[-1].reason == reason:
            same[-1] = ReleaseRun(reason=reason, releases=same[-1].releases + releases)
        else:
            same.append(ReleaseRun(reason=reason, releases=releases))
    return TrainRow(train=train, affected=tuple(found["affected"]), fixed=tuple(found["fixed"]),
                    not_affected=tuple(found["not_affected"]), unknown=tuple(found["unknown"]),
                    reason=found["affected"][0].reason if found["affected"] else "")
