"""Pages of products, platforms and releases, the latter with generated release notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from urllib.parse import urlencode

from generator.contexts.pieces import Banner, Chip, Entry, Fact, Group, Link, ReleaseChip
from generator.contexts.releases import (
    Life,
    PlatformPage,
    ProductPage,
    ProductsPage,
    ReleasePage,
    ReleaseRow,
    TrainView,
)
from generator.edition import SECTION_TITLES, Edition, _, release_place
from generator.end_dates import LIFECYCLE, train_place
from generator.exposure import Effect
from generator.keys import Keys
from generator.plan import Draft, Page, planned
from generator.topics import platform_topic, train_topic
from generator.urls import slug
from kb.heads import Head
from kb.products import Named, Product, ReleaseInfo, Train
from kb.records import SECTIONS, Kind

LATEST = 8  # records of a kind on a product's page
LISTED = 100  # records of a group on a release's page
EFFECTS: tuple[Effect, ...] = ("affected", "fixed")
GROUPED: tuple[Kind, ...] = ("advisory", "report")


def product_pages(edition: Edition, keys: Keys) -> Iterator[Draft]:
    """The list of products, and for each product its page, its platforms' and its releases' pages."""
    products = edition.library.catalogue.products
    yield planned(_products_page(edition, products))
    for product in products:
        named = edition.library.by_product.get(product.id, [])
        yield Draft(f"{edition.root}products/{product.id}/", edition.language, "",
                    partial(_product_page, edition, product, named))
        by_platform = _by_platform(named)
        for platform in product.platforms:
            groups = _latest_of(by_platform.get(platform.id, []), LISTED)
            place = f"products/{product.id}/{platform.id}/"
            key = keys.of(place, (head.key for _kind, heads in groups for head in heads))
            yield Draft(edition.root + place, edition.language, key, partial(_platform_page, edition, product, platform, groups))
        for release in product.releases:
            place = release_place(product, release)
            yield Draft(edition.root + place, edition.language, _release_key(edition, keys, product, release),
                        partial(_release_page, edition, product, release))


def _by_platform(heads: Iterable[Head]) -> dict[str, list[Head]]:
    found: dict[str, list[Head]] = {}
    for head in heads:
        for platform in head.platforms:
            found.setdefault(platform, []).append(head)
    return found


def _release_key(edition: Edition, keys: Keys, product: Product, release: ReleaseInfo) -> str:
    exposure = edition.exposure
    told = [exposure.told(product, release.id, effect, kind, LISTED) for effect in EFFECTS for kind in GROUPED]
    articles = [head.key for head in exposure.articles_for(product, release)]
    return keys.of((product.id, release.id, told, _supported(edition, release.end_of_support)), articles)


def _page(edition: Edition, place: str, template: str, context: ProductPage | PlatformPage | ReleasePage | ProductsPage,
          description: str, feeds: tuple[Link, ...] = ()) -> Page:
    return Page(path=edition.root + place, place=place, language=edition.language, template=template, context=context,
                description=description, tab="releases/", feeds=feeds)


def _products_page(edition: Edition, products: Sequence[Product]) -> Page:
    say = edition.say
    rows = []
    for product in products:
        recommended = tuple(edition.release_chip(product, release.id) for release in reversed(product.releases)
                            if release.recommended)
        newest = tuple(edition.release_chip(product, release.id) for release in product.releases[-1:])
        chips = (Chip(kind="status", value="recommended", label=say("Recommended")),) if recommended else ()
        rows.append((edition.product_link(product), product.summary_in(edition.language), recommended or newest, chips))
    introduction = say("Products with their release trains, end dates and recommended releases.")
    context = ProductsPage(crumbs=(edition.home,), title=say("Releases"), introduction=introduction, products=tuple(rows),
                           compare=edition.to(say("Compare two releases"), "compare/"),
                           lifecycle=edition.to(say("Life cycle and release health"), LIFECYCLE))
    return _page(edition, "releases/", "products.html", context, introduction)


def _latest_of(heads: Iterable[Head], most: int) -> list[tuple[Kind, list[Head]]]:
    """The first records of each kind."""
    found: dict[Kind, list[Head]] = {kind: [] for kind in ("advisory", "report", "article", "bulletin", "notice")}
    for head in heads:
        if len(found[head.kind]) < most:
            found[head.kind].append(head)
    return [(kind, chosen) for kind, chosen in found.items() if chosen]


def _group_of(edition: Edition, kind: Kind, heads: Iterable[Head], more: Link | None = None) -> Group:
    return Group(id=kind, title=edition.say(SECTION_TITLES[kind]), more=more, entries=_entries(edition, heads))


def _entries(edition: Edition, heads: Iterable[Head]) -> tuple[Entry, ...]:
    return tuple(edition.entry(edition.library.records[head.key], kind=False) for head in heads)


def _latest(edition: Edition, product: Product, named: Sequence[Head]) -> Iterator[Group]:
    counts = Counter(head.kind for head in named)
    for kind, heads in _latest_of(named, LATEST):
        title = edition.speaker.plural("All {count} record", "All {count} records", counts[kind])
        place = f"{SECTIONS[kind]}/product/{slug(product.id)}/"
        yield _group_of(edition, kind, heads, edition.to(title, place) if counts[kind] > LATEST else None)


def _product_page(edition: Edition, product: Product, named: Sequence[Head]) -> Page:
    say = edition.say
    reports = [head for head in named if head.kind == "report"]
    on_platform = Counter(platform for head in reports for platform in head.platforms)
    platforms = tuple((edition.to(platform.name_in(edition.language), f"products/{product.id}/{platform.id}/"),
                       on_platform[platform.id]) for platform in product.platforms)
    counts = Counter(head.component for head in reports if head.component)
    components = tuple(
        (edition.to(edition.component_name(name, (product.id,)), f"components/{slug(name)}/"), count)
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    facts = [Fact(term=say("Recommended"), releases=tuple(
        edition.release_chip(product, release.id) for release in reversed(product.releases) if release.recommended))]
    if product.releases:
        facts.append(Fact(term=say("Newest"), releases=(edition.release_chip(product, product.releases[-1].id),)))
    if product.aliases:
        facts.append(Fact(term=say("Also known as"), text=", ".join(product.aliases)))
    follow, advisories = edition.follow_product(product), edition.follow_advisories(product)
    title, summary = product.name_in(edition.language), product.summary_in(edition.language)
    context = ProductPage(
        crumbs=(edition.home, edition.to(say("Releases"), "releases/")), title=title, summary=summary,
        facts=tuple(fact for fact in facts if fact.text or fact.releases), platforms=platforms, components=components,
        trains=tuple(_trains(edition, product)), groups=tuple(_latest(edition, product, named)), follow=follow,
        lifecycle=edition.to(say("Life cycle and release health"), f"{LIFECYCLE}{product.id}/"))
    return _page(edition, f"products/{product.id}/", "product.html", context, summary or title, (follow, advisories))


def _trains(edition: Edition, product: Product) -> Iterator[TrainView]:
    """Newest train first, newest release first."""
    known = {train.id: train for train in product.trains}
    names = list(dict.fromkeys(release.train for release in reversed(product.releases)))
    names += [train.id for train in reversed(product.trains) if train.id not in names]
    for name in names:
        train = known.get(name, Train(name))
        rows = tuple(_release_row(edition, product, release) for release in reversed(product.releases)
                     if release.train == name)
        yield TrainView(train=edition.to(name, train_place(product, name)), id="train-" + slug(name),
                        life=life(train.released, train), releases=rows)


def life(released: date | None, ends: Train | ReleaseInfo) -> Life:
    """The days of a release or train."""
    return Life(released=_iso(released), end_of_engineering=_iso(ends.end_of_engineering),
                end_of_support=_iso(ends.end_of_support))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _supported(edition: Edition, end: date | None) -> bool:
    return end is None or end >= edition.today


def _release_row(edition: Edition, product: Product, release: ReleaseInfo) -> ReleaseRow:
    counts = {effect: edition.exposure.count(product, release.id, effect, "report") for effect in EFFECTS}
    return ReleaseRow(
        release=edition.to(release.id, release_place(product, release)), date=_iso(release.date),
        end_of_engineering=_iso(release.end_of_engineering), end_of_support=_iso(release.end_of_support),
        recommended=release.recommended, open_reports=counts["affected"], fixed_reports=counts["fixed"])


def _platform_page(edition: Edition, product: Product, platform: Named, latest: Sequence[tuple[Kind, list[Head]]]) -> Page:
    title = platform.name_in(edition.language)
    summary = edition.say("Records that name {platform} of {product}.", platform=title, product=product.name_in(edition.language))
    follow = edition.follow(platform_topic(product.id, platform.id), title)
    facts = [Fact(term=edition.say("Product"), links=(edition.product_link(product),))]
    if platform.aliases:
        facts.append(Fact(term=edition.say("Also known as"), text=", ".join(platform.aliases)))
    context = PlatformPage(crumbs=(edition.home, edition.to(edition.say("Releases"), "releases/"), edition.product_link(product)),
                           title=title, summary=summary, facts=tuple(facts), follow=follow,
                           groups=tuple(_group_of(edition, kind, heads) for kind, heads in latest))
    return _page(edition, f"products/{product.id}/{platform.id}/", "platform.html", context, summary,
                 (follow, edition.follow_product(product)))


def _release_page(edition: Edition, product: Product, release: ReleaseInfo) -> Page:
    say = edition.say
    found = {(effect, kind): edition.exposure.records(product, release.id, effect, kind)
             for effect in EFFECTS for kind in GROUPED}
    name = product.name_in(edition.language)
    chips = [Chip(kind="status", value="recommended", label=say("Recommended"))] if release.recommended else []
    banners: list[Banner] = []
    if not _supported(edition, release.end_of_support) and release.end_of_support:
        banners.append(Banner(kind="retired", text=say("Support ended on {day}. Move to a supported release.",
                                                       day=edition.speaker.day(release.end_of_support))))
    affects, fixed_in = ({"product": product.id, name: release.id} for name in ("affects", "fixed"))
    groups = tuple(group for group in (
        _group(edition, "advisories", _("Security advisories that affect this release"), found["affected", "advisory"],
               "advisory", affects),
        _group(edition, "fixed-advisories", _("Security advisories fixed in this release"), found["fixed", "advisory"],
               "advisory", fixed_in),
        _group(edition, "known", _("Known problems"), found["affected", "report"], "report", affects),
        _group(edition, "fixed", _("Resolved problems"), found["fixed", "report"], "report", fixed_in),
        *_articles(edition, product, release)) if group)
    known, fixed = len(found["affected", "report"]), len(found["fixed", "report"])
    summary = say("{product} {release}: {known}, {fixed}.", product=name, release=release.id,
                  known=edition.speaker.plural("{count} known problem", "{count} known problems", known),
                  fixed=edition.speaker.plural("{count} problem resolved", "{count} problems resolved", fixed))
    follow = edition.follow(train_topic(product.id, release.train), f"{name} {release.train}")
    context = ReleasePage(
        crumbs=(edition.home, edition.to(say("Releases"), "releases/"), edition.product_link(product)),
        title=f"{name} {release.id}", id=release.id, summary=summary, life=life(release.date, release), banners=tuple(banners),
        chips=tuple(chips),
        facts=tuple(_release_facts(edition, product, release)), groups=groups, sha256=release.sha256, follow=follow,
        compare=_compare(edition, product, release))
    return _page(edition, release_place(product, release), "release.html", context, summary,
                 (follow, edition.follow_product(product)))


def _compare(edition: Edition, product: Product, release: ReleaseInfo) -> Link | None:
    """The comparison with the recommended (else the newest) release; of that one, with the release before it."""
    order = [other.id for other in product.releases]
    target = target_release(product)
    place = order.index(release.id)
    other = order.index(target) if target != release.id else place - 1
    if other < 0:
        return None
    start, end = sorted((place, other))
    query = urlencode({"product": product.id, "from": order[start], "to": order[end]})
    return Link(title=edition.say("Compare with another release"), href=edition.href("compare/") + f"?{query}")


def target_release(product: Product) -> str:
    """The release that most readers want to go to: the newest recommended one, else the newest."""
    recommended = [release.id for release in product.releases if release.recommended]
    return [product.releases[-1].id, *recommended][-1]


def _group(edition: Edition, name: str, title: str, records: Sequence[Head], kind: Kind, filters: dict[str, str]) -> Group | None:
    """Records of a release, the first of them on its page, all of them in PR Search."""
    if not records:
        return None
    query = urlencode(({"kind": kind} if kind != "report" else {}) | filters)
    words = edition.speaker.plural("All {count} record", "All {count} records", len(records)) if len(
        records) > LISTED else edition.say("Search and filter these")
    return Group(id=name, title=f"{edition.say(title)} ({edition.speaker.number(len(records))})",
                 more=Link(title=words, href=edition.href("pr/") + f"?{query}"),
                 entries=_entries(edition, records[:LISTED]),
                 note=edition.say("The first {count} are shown.", count=LISTED) if len(records) > LISTED else "")


def _articles(edition: Edition, product: Product, release: ReleaseInfo) -> tuple[Group, ...]:
    entries = _entries(edition, edition.exposure.articles_for(product, release))
    return (Group(id="articles", title=edition.say("Articles for this release"), entries=entries),) if entries else ()


def _release_facts(edition: Edition, product: Product, release: ReleaseInfo) -> Iterator[Fact]:
    say = edition.say
    yield Fact(term=say("Product"), links=(edition.product_link(product),))
    train = edition.to(release.train, train_place(product, release.train))
    yield Fact(term=say("Release train"), links=(train,))
    yield from edition.day_fact(_("Released"), release.date)
    yield from edition.day_fact(_("End of engineering"), release.end_of_engineering)
    yield from edition.day_fact(_("End of support"), release.end_of_support)
    neighbours = _neighbours(edition, product, release)
    if neighbours:
        yield Fact(term=say("Same train"), releases=neighbours)
    if release.download:
        yield Fact(term=say("Software"), links=(Link(title=say("Download"), href=release.download),))


def _neighbours(edition: Edition, product: Product, release: ReleaseInfo) -> tuple[ReleaseChip, ...]:
    return tuple(edition.release_chip(product, other.id) for other in reversed(product.releases)
                 if other.train == release.train and other.id != release.id)[:8]
