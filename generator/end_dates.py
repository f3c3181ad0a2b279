"""End dates of release trains for calendars and feed readers.

``lifecycle/end-dates.ics`` has all of them, ``lifecycle/<product>/end-dates.ics`` those of a product (RFC 5545); the feed
``feeds/end-dates.<format>`` tells of those that were announced or changed. What is told depends on ``products.yml`` alone, not on
the time of the build; UIDs and ids of entries stay for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from html import escape
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from generator.edition import Edition, _
from generator.feed_entries import Entry, address
from generator.feed_formats import FORMATS, Feed, atom, atom_entry, json, json_item, rss, rss_item
from generator.keys import Keys
from generator.plan import Derived
from kb.products import Product, Train

CALENDAR, FEED, LIFECYCLE = "end-dates.ics", "feeds/end-dates", "lifecycle/"
MOST = 250  # entries of the feed
LABELS = {"end-of-engineering": _("End of engineering"), "end-of-support": _("End of support")}
_UNDATED = date(2000, 1, 1)  # of what is told without a day on which it was made known

End = Literal["end-of-engineering", "end-of-support"]


class EndDate(NamedTuple):
    """The day on which something ends for a train, or for a release (``is_release``) that has an end of its own. ``known`` is
    when this was made known: the day of ``announced``, else of the release."""

    product: Product
    name: str
    is_release: bool
    end: End
    day: date
    known: date

    @property
    def place(self) -> str:
        """The page that tells of it."""
        return f"releases/{self.product.id}/{self.name}/" if self.is_release else train_place(self.product, self.name)


def train_place(product: Product, train: str) -> str:
    """The address of a train's life-cycle page."""
    return f"{LIFECYCLE}{product.id}/{train}/"


def end_dates(product: Product) -> list[EndDate]:
    """The end dates of a product's trains, then those of its releases that differ from their trains'."""
    found: list[EndDate] = []
    trains = {train.id: train for train in product.trains}
    for train in product.trains:
        found += _of(product, train.id, False, train.end_of_engineering, train.end_of_support, known_since(train))
    for release in product.releases:
        own = trains.get(release.train, Train(release.train))
        engineering = release.end_of_engineering if release.end_of_engineering != own.end_of_engineering else None
        support = release.end_of_support if release.end_of_support != own.end_of_support else None
        found += _of(product, release.id, True, engineering, support, release.date or known_since(own))
    return found


def known_since(train: Train) -> date:
    """The day on which a train's end dates were made known."""
    return train.announced or train.released or _UNDATED


def _of(product: Product, name: str, is_release: bool, engineering: date | None, support: date | None,
        known: date) -> Iterator[EndDate]:
    if engineering:
        yield EndDate(product, name, is_release, "end-of-engineering", engineering, known)
    if support:
        yield EndDate(product, name, is_release, "end-of-support", support, known)


def end_date_files(edition: Edition, keys: Keys) -> Iterator[Derived]:
    """Calendars and feeds of an edition; they depend on what all keys depend on."""
    products = [product for product in edition.library.catalogue.products if end_dates(product)]  # no calendar may be empty
    calendars = [(LIFECYCLE, products)] if products else []
    for place, chosen in (*calendars, *((f"{LIFECYCLE}{product.id}/", [product]) for product in products)):
        path = f"{edition.root}{place}{CALENDAR}"
        yield Derived(path, keys.of(path), partial(calendar, edition, chosen))
    for name in FORMATS:
        path = f"{edition.root}{FEED}.{name}"
        yield Derived(path, keys.of(path), partial(_feed, edition, path, name))


# -- calendars ---------------------------------------------------------------------------------------


def calendar(edition: Edition, products: Sequence[Product]) -> bytes:
    """The end dates of products as events of a day each."""
    from icalendar import Calendar  # takes long to load, and only where a calendar is new

    name = products[0].name_in(edition.language) if len(products) == 1 else edition.portal.text_in(edition.language).name
    made = Calendar()
    made.add("prodid", f"-//Waypost//{_host(edition)}//{edition.language.upper()}")
    made.add("version", "2.0")
    made.add("name", edition.say("{name}: end dates", name=name))
    made.add("x-wr-calname", edition.say("{name}: end dates", name=name))  # what programs know that do not know NAME
    for item in (found for product in products for found in end_dates(product)):
        made.add_component(_event(edition, item))
    return bytes(made.to_ical())


def _event(edition: Edition, item: EndDate):  # type: ignore[no-untyped-def]
    from icalendar import Event

    event, stamp = Event(), datetime.combine(item.known, time(), UTC)
    kind = "release" if item.is_release else "train"
    event.add("uid", f"{item.end}.{kind}.{item.name.lower()}.{item.product.id}@{_host(edition)}")
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("dtstart", item.day)
    event.add("dtend", item.day + timedelta(days=1))
    event.add("summary", f"{_name(edition, item.product, item.name)}: {edition.say(LABELS[item.end])}")
    event.add("url", address(edition, item.place))
    event.add("transp", "TRANSPARENT")  # nobody is busy for it
    return event


def _host(edition: Edition) -> str:
    return urlsplit(edition.portal.url).hostname or ""


def _name(edition: Edition, product: Product, name: str) -> str:
    return f"{product.name_in(edition.language)} {name}"


# -- the feed ----------------------------------------------------------------------------------------


def _feed(edition: Edition, path: str, name: str) -> bytes:
    entries = newest_entries(edition)
    author, text = edition.portal.vendor, edition.portal.text_in(edition.language).name
    url = edition.portal.url + path
    feed = Feed(id=url, url=url, home=address(edition, LIFECYCLE), title=f"{text}: {edition.say(_('End dates'))}",
                description=edition.say("End dates of releases that were announced or changed."), language=edition.language,
                author=author, style="feed.css", hub=edition.portal.feeds.hub)
    updated = max((entry.updated for entry in entries), default=None)
    if name == "rss":
        return rss(feed, updated, [rss_item(entry, author, by_publication=False) for entry in entries])
    if name == "atom":
        return atom(feed, updated, [atom_entry(entry, author) for entry in entries])
    return json(feed, updated, [json_item(entry, author) for entry in entries])


def newest_entries(edition: Edition) -> list[Entry]:
    """An entry for each train or release with end dates, the last announced first."""
    ends: dict[tuple[str, bool, str], list[EndDate]] = {}
    for product in edition.library.catalogue.products:
        for item in end_dates(product):
            ends.setdefault((product.id, item.is_release, item.name), []).append(item)
    entries = [_entry(edition, found) for found in ends.values()]
    return sorted(sorted(entries, key=lambda entry: entry.id), key=lambda entry: entry.updated, reverse=True)[:MOST]


def _entry(edition: Edition, items: Sequence[EndDate]) -> Entry:
    first, at = items[0], datetime.combine(items[0].known, time(), UTC)
    title = f"{_name(edition, first.product, first.name)}: {_days(edition, items)}"
    lines = "".join(f"<p><b>{escape(edition.say(LABELS[item.end]))}:</b> {escape(edition.speaker.day(item.day))}</p>"
                    for item in items)
    kind = "release" if first.is_release else "train"
    own = f"tag:{_host(edition)},2026:{edition.language}/end-dates/{first.product.id}/{kind}/{first.name.lower()}"
    return Entry(own, title, address(edition, first.place), at, at, title, lines,
                 ((f"product:{first.product.id}", first.product.name_in(edition.language)),))


def _days(edition: Edition, items: Iterable[EndDate]) -> str:
    return ", ".join(f"{edition.say(LABELS[item.end]).lower()} {item.day.isoformat()}" for item in items)
