"""Life cycles: trains with their dates, the release to run and why, and the health of each train's releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import urlencode

import msgspec

from generator.charts import lines, patterns, stacked_bars, svg, swatch
from generator.contexts.pieces import Fact, Link, ReleaseChip
from generator.contexts.releases import (
    Count,
    HealthRow,
    HistoryPoint,
    Life,
    LifecyclePage,
    LifeRow,
    LifeTable,
    Reason,
    TrainPage,
)
from generator.edition import Edition, _
from generator.end_dates import CALENDAR, FEED, LIFECYCLE, end_dates, train_place
from generator.feed_formats import FORMATS, NAMES
from generator.keys import Keys
from generator.pages.products import life, target_release
from generator.plan import Draft, Page
from generator.release_health import Choice, Standing, TrainHealth, chosen
from generator.topics import train_topic
from kb.products import Product, Train
from kb.records import SEVERITIES

NEWEST = 8  # trains of a product beside other products
CHARTED = 16  # releases in a chart, the newest
_ALWAYS = 4  # severities that are told even where no problem has them

Choices = Mapping[str, Choice | None]


def lifecycle_pages(edition: Edition, keys: Keys) -> Iterator[Draft]:
    """The page of all products, and for each product its own and those of its trains."""
    products = [product for product in edition.library.catalogue.products if product.releases or product.trains]
    health = {product.id: {item.train: item for item in edition.exposure.health[product.id]} for product in products}
    choices = {product.id: _choices(edition, product, health[product.id]) for product in products}
    yield Draft(edition.root + LIFECYCLE, edition.language, keys.of((LIFECYCLE, _newest(choices))),
                partial(_overview, edition, products, choices))
    for product in products:
        own, place = choices[product.id], f"{LIFECYCLE}{product.id}/"
        yield Draft(edition.root + place, edition.language, keys.of((place, own)), partial(_product_page, edition, product, own))
        for name in own:
            place, known = train_place(product, name), health[product.id].get(name, TrainHealth(name, (), ()))
            yield Draft(edition.root + place, edition.language, keys.of((place, known, own[name])),
                        partial(_train_page, edition, product, known, own[name]))


def _choices(edition: Edition, product: Product, health: Mapping[str, TrainHealth]) -> Choices:
    """The release to run of each train, the newest train first."""
    names = list(dict.fromkeys(release.train for release in reversed(product.releases)))
    names += [train.id for train in reversed(product.trains) if train.id not in names]
    return {name: chosen(health[name], product.releases, edition.today) if name in health else None for name in names}


def _newest(choices: Mapping[str, Choices]) -> dict[str, dict[str, Choice | None]]:
    return {product: dict(list(own.items())[:NEWEST]) for product, own in choices.items()}


# -- all products, one product -------------------------------------------------------------------------


def _overview(edition: Edition, products: Sequence[Product], choices: Mapping[str, Choices]) -> Page:
    introduction = edition.say("Until when each release is fixed and supported, which one to run, and why.")
    tables = tuple(_table(edition, product, own, len(choices[product.id]) - len(own))
                   for product, own in zip(products, _newest(choices).values(), strict=True))
    return _page(edition, LIFECYCLE, LifecyclePage(
        crumbs=(edition.home, edition.to(edition.say("Releases"), "releases/")), title=edition.say("Life cycle"),
        introduction=introduction, tables=tables, feeds=_feeds(edition), calendar=_calendar(edition, products, LIFECYCLE),
        links=(edition.to(edition.say("Compare two releases"), "compare/"),)))


def _product_page(edition: Edition, product: Product, choices: Choices) -> Page:
    say, place = edition.say, f"{LIFECYCLE}{product.id}/"
    name = product.name_in(edition.language)
    return _page(edition, place, LifecyclePage(
        crumbs=(edition.home, edition.to(say("Releases"), "releases/"), edition.to(say("Life cycle"), LIFECYCLE)),
        title=say("{product}: life cycle", product=name),
        introduction=say("Until when each release train of {product} is fixed and supported, which release to run, and why.",
                         product=name),
        tables=(_table(edition, product, choices, 0),), feeds=_feeds(edition), calendar=_calendar(edition, (product,), place),
        links=(edition.product_link(product), edition.to(say("Compare two releases"), "compare/"))))


def _page(edition: Edition, place: str, context: LifecyclePage) -> Page:
    feed = Link(title=edition.say("End dates"), href=edition.href(f"{FEED}.atom"))
    return Page(path=edition.root + place, place=place, language=edition.language, template="lifecycle.html", context=context,
                description=context.introduction, tab="releases/", feeds=(feed,))


def _feeds(edition: Edition) -> tuple[Link, ...]:
    return tuple(Link(title=NAMES[name], href=edition.href(f"{FEED}.{name}")) for name in FORMATS)


def _calendar(edition: Edition, products: Sequence[Product], place: str) -> Link | None:
    if not any(end_dates(product) for product in products):
        return None
    return edition.to(edition.say("End dates as a calendar"), f"{place}{CALENDAR}")


def _table(edition: Edition, product: Product, choices: Choices, left_out: int) -> LifeTable:
    name, place = product.name_in(edition.language), f"{LIFECYCLE}{product.id}/"
    words = edition.speaker.plural("All {count} release trains", "All {count} release trains", left_out + len(choices))
    rows = (LifeRow(train=edition.to(train, train_place(product, train)), life=_life(product, train),
                    recommended=_chip(edition, product, choice), reason=_reason(edition, choice))
            for train, choice in choices.items())
    return LifeTable(id=product.id, product=edition.to(name, place), rows=tuple(rows),
                     more=edition.to(words, place) if left_out else None, calendar=_calendar(edition, (product,), place))


def _train(product: Product, name: str) -> Train:
    """A train with the day of its first release, where products.yml has no other."""
    train = next((train for train in product.trains if train.id == name), Train(name))
    out = next((release.date for release in product.releases if release.train == name and release.date), None)
    return train if train.released else msgspec.structs.replace(train, released=out)


def _life(product: Product, name: str) -> Life:
    train = _train(product, name)
    return life(train.released, train)


def _chip(edition: Edition, product: Product, choice: Choice | None) -> ReleaseChip | None:
    return edition.release_chip(product, choice.standing.release) if choice else None


def _reason(edition: Edition, choice: Choice | None) -> Reason | None:
    """Why a release is the one to run."""
    if choice is None:
        return None
    say, plural, standing = edition.say, edition.speaker.plural, choice.standing
    basis = (say("Recommended by {vendor}.", vendor=edition.portal.vendor) if choice.by_vendor
             else say("Fewest critical problems and advisories of its train."))
    counts = say("Open in it: {critical}, {advisories}, {all}.",
                 critical=plural("{count} critical problem", "{count} critical problems", standing.critical),
                 advisories=plural("{count} security advisory", "{count} security advisories", standing.advisories),
                 all=plural("{count} problem in all", "{count} problems in all", sum(standing.reports)))
    better = say("Fewer critical problems and advisories are open in {release}.", release=choice.better) if choice.better else ""
    return Reason(basis=basis, counts=counts, better=better)


# -- one train -----------------------------------------------------------------------------------------


def _train_page(edition: Edition, product: Product, health: TrainHealth, choice: Choice | None) -> Page:
    say, place = edition.say, train_place(product, health.train)
    name = f"{product.name_in(edition.language)} {health.train}"
    summary = say("Dates of {train}, the release to run, and the problems that are open in each release.", train=name)
    shown = [at for at in range(len(SEVERITIES)) if at < _ALWAYS or any(item.reports[at] for item in health.releases)]
    follow = edition.follow(train_topic(product.id, health.train), name) if health.releases else edition.follow_product(product)
    context = TrainPage(
        crumbs=(edition.home, edition.to(say("Releases"), "releases/"), edition.to(say("Life cycle"), LIFECYCLE),
                edition.to(product.name_in(edition.language), f"{LIFECYCLE}{product.id}/")),
        title=say("{train}: life cycle and release health", train=name), summary=summary, life=_life(product, health.train),
        facts=tuple(_facts(edition, product, _train(product, health.train))),
        chip=_chip(edition, product, choice), reason=_reason(edition, choice),
        severities=tuple((edition.severity_chip(SEVERITIES[at]), swatch(at)) for at in shown),
        rows=tuple(_row(edition, product, item, shown, choice) for item in reversed(health.releases)),
        open_chart_html=_open_chart(edition, name, health, shown),
        open_note=say("The chart shows the newest {count} releases.", count=CHARTED) if len(health.releases) > CHARTED else "",
        history=tuple(HistoryPoint(period=_period(item.first, item.last), opened=item.opened, fixed=item.fixed, open=item.open)
                      for item in health.periods),
        history_chart_html=_history_chart(edition, name, health), follow=follow,
        calendar=_calendar(edition, (product,), f"{LIFECYCLE}{product.id}/"), compare=_compare(edition, product, choice))
    return Page(path=edition.root + place, place=place, language=edition.language, template="train.html", context=context,
                description=summary, tab="releases/", feeds=(follow,))


def _facts(edition: Edition, product: Product, train: Train) -> Iterator[Fact]:
    yield Fact(term=edition.say("Product"), links=(edition.product_link(product),))
    yield from edition.day_fact(_("Released"), train.released)
    yield from edition.day_fact(_("End of engineering"), train.end_of_engineering)
    yield from edition.day_fact(_("End of support"), train.end_of_support)
    yield from edition.day_fact(_("End dates announced"), train.announced)


def _compare(edition: Edition, product: Product, choice: Choice | None) -> Link:
    """The comparison of the release to run with the one that most readers want to go to."""
    target = target_release(product) if product.releases else ""
    start = choice.standing.release if choice else ""
    query = {"product": product.id} | ({"from": start, "to": target} if start and start != target else {})
    return Link(title=edition.say("Compare two releases"), href=edition.href("compare/") + f"?{urlencode(query)}")


def _row(edition: Edition, product: Product, standing: Standing, shown: Sequence[int], choice: Choice | None) -> HealthRow:
    release = product.release(standing.release)
    assert release

    def counted(number: int, **filters: str) -> Count:
        query = urlencode(filters | {"product": product.id, "affects": release.id})
        return Count(number=number, href=edition.href("pr/") + f"?{query}" if number else "")

    return HealthRow(
        release=edition.release_chip(product, release.id), life=life(release.date, release),
        recommended=choice is not None and choice.standing.release == release.id,
        counts=tuple(counted(standing.reports[at], severity=SEVERITIES[at] or "unrated") for at in shown),
        advisories=counted(standing.advisories, kind="advisory"))


def _open_chart(edition: Edition, name: str, health: TrainHealth, shown: Sequence[int]) -> str:
    newest = health.releases[: -CHARTED - 1 : -1]
    if not any(sum(item.reports) for item in newest):
        return ""
    drawing = stacked_bars(tuple(item.release for item in newest), tuple(
        (f"wp-fill wp-fill--{at}", tuple(item.reports[at] for item in newest)) for at in shown))
    first, title = newest[0], edition.say("Open problems by severity in each release of {train}", train=name)
    text = edition.say("Open in {release}, the newest: {problems}; critical: {critical}. The table has all numbers.",
                       release=first.release, critical=edition.speaker.number(first.critical),
                       problems=edition.speaker.plural("{count} problem", "{count} problems", sum(first.reports)))
    return patterns() + svg("open-chart", drawing, title, text)


def _history_chart(edition: Edition, name: str, health: TrainHealth) -> str:
    if not health.periods:
        return ""
    opened = fixed = 0
    totals = [((opened := opened + item.opened), (fixed := fixed + item.fixed)) for item in health.periods]
    drawing = lines(tuple(item.first for item in health.periods), (
        ("wp-line wp-line--opened", tuple(total for total, _fixed in totals)),
        ("wp-line wp-line--fixed", tuple(total for _opened, total in totals))))
    say, number, last = edition.say, edition.speaker.number, health.periods[-1]
    text = say("Opened up to {month}: {opened}. Fixed: {fixed}. Still open: {open}. The table has all numbers.",
               month=edition.speaker.month(last.last), opened=number(opened), fixed=number(fixed), open=number(last.open))
    return svg("history-chart", drawing, say("Problems opened and fixed in {train} over time, in all", train=name), text)


def _period(first: str, last: str) -> str:
    return first if first == last else f"{first} – {last}"
