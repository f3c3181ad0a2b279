"""An edition: the library in one language, with the words and links that all page contexts share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from html import escape

from generator.contexts.pieces import Chip, Entry, Fact, Link, ReleaseChip
from generator.contexts.records import TrainRow
from generator.exposure import Exposure
from generator.i18n import Speaker, day_of
from generator.markdown import Target, Words, to_html
from generator.memory import Memory
from generator.similar import Similar
from generator.urls import language_root, link, localise, slug
from kb.attachments import attachment_path
from kb.library import Library
from kb.portal import Redirect
from kb.products import Product, ReleaseInfo
from kb.range_syntax import VersionRange
from kb.records import SECTIONS, AnyRecord, Kind, Report, Severity, Text, affected_of, severity_of
from kb.releases import Key
from kb.resolve import is_record_address, record_target
from kb.train_verdicts import Said


def _(message: str) -> str:
    """Marks a text for the catalogues."""
    return message


KIND_LABELS: dict[Kind, str] = {
    "article": _("Article"), "report": _("Problem report"), "advisory": _("Security advisory"),
    "notice": _("Security notice"), "bulletin": _("Technical bulletin"),
}
SECTION_TITLES: dict[Kind, str] = {
    "article": _("Knowledge base"), "report": _("Problem reports"), "advisory": _("Security advisories"),
    "notice": _("Security notices"), "bulletin": _("Technical bulletins"),
}
SEVERITY_LABELS: dict[Severity, str] = {
    "critical": _("Critical"), "high": _("High"), "medium": _("Medium"), "low": _("Low"), "none": _("None"), "": _("Not rated"),
}
STATUS_LABELS = {
    "draft": _("Draft"), "published": _("Published"), "retired": _("Retired"), "open": _("Open"), "fixed": _("Fixed"),
    "closed": _("Closed without a fix"), "duplicate": _("Duplicate"), "interim": _("Interim"), "final": _("Final"),
    "withdrawn": _("Withdrawn"), "superseded": _("Superseded"), "embargoed": _("Embargoed"),
}
TYPE_LABELS = {"hardware": _("Hardware"), "software": _("Software")}


class Edition:
    """The library as readers of one language see it."""

    def __init__(self, library: Library, language: str, exposure: Exposure, similar: Similar | None = None) -> None:
        self.library, self.language, self.exposure, self.similar = library, language, exposure, similar or Similar(library)
        self.portal = library.portal
        self.speaker = Speaker(language, library.portal.timezone)
        self.say = self.speaker.text
        self.root = language_root(language, library.portal.language)
        self._entries: Memory[tuple[Kind, str, str, bool], Entry] = Memory()
        self._chips: Memory[tuple[str, str], ReleaseChip] = Memory()
        self._runs: Memory[tuple[str, int, int], tuple[ReleaseChip, ...]] = Memory()
        self._states: Memory[tuple[str, str], Chip] = Memory()
        self._links: Memory[tuple[str, ...], Link] = Memory()
        self._platforms: Memory[tuple[tuple[str, ...], tuple[str, ...]], tuple[Link, ...]] = Memory()
        self._facts: Memory[tuple[object, ...], Fact] = Memory()
        self._joined: Memory[tuple[str, tuple[str, ...]], str] = Memory()
        self._lines: Memory[str, str] = Memory(2_000)
        self.ranges: Memory[VersionRange, str] = Memory(10_000)  # of pages.affected
        self.rows: Memory[tuple[str, Key, Said, bool], TrainRow | None] = Memory(10_000)  # of pages.affected

    @cached_property
    def words(self) -> Words:
        return Words(table=self.say("Table"))

    def audience_name(self, name: str) -> str:
        """What readers call an audience."""
        found = self.portal.audience(name)
        own = found.name_in(self.language) if found else ""
        return own or (self.say("Everybody") if name == self.portal.public else name)

    @cached_property
    def today(self) -> date:
        return day_of(self.library.view.at)

    def href(self, place: str) -> str:
        """A link to a place in this language's tree."""
        return link(localise(place, self.language, self.portal.language))

    def to(self, title: str, place: str) -> Link:
        return Link(title=title, href=self.href(place))

    @cached_property
    def home(self) -> Link:
        return self.to(self.say("Home"), "")

    def section(self, kind: Kind) -> Link:
        key = ("section", kind)
        return self._links.get(key) or self._links.keep(key, self.to(self.say(SECTION_TITLES[kind]), f"{SECTIONS[kind]}/"))

    # -- records ----------------------------------------------------------------------------------

    def text_of(self, record: AnyRecord) -> Text:
        return record.text_in(self.language)

    def lang_attribute(self, text: Text) -> str:
        """The language of a text where it is not that of the page."""
        return text.language if text.language != self.language else ""

    def entry(self, record: AnyRecord, reason: str = "", kind: bool = True) -> Entry:
        """A record of the library in a list; ``kind`` says whether the entry tells its kind."""
        key = (record.kind, record.id, reason, kind)
        return self._entries.get(key) or self._entries.keep(key, self._entry(record, reason, kind))

    def _entry(self, record: AnyRecord, reason: str, kind: bool) -> Entry:
        text = self.text_of(record)
        products = (self.library.catalogue.find(name) for name in record.products)
        return Entry(
            id=record.id, href=self.href(record.path), title=text.title,
            summary=text.summary if text.summary != text.title else "", kind=record.kind,
            kind_label=self.say(KIND_LABELS[record.kind]) if kind else "", chips=self.chips(record),
            date=day_of(record.updated).isoformat(),
            products=tuple(product.name_in(self.language) for product in products if product),
            fixed_in=self.fixed_in(record)[:4] if isinstance(record, Report) else (),
            language=self.lang_attribute(text), reason=reason)

    def chips(self, record: AnyRecord) -> tuple[Chip, ...]:
        """Severity and every state worth a look."""
        found = []
        severity = severity_of(record)
        if severity or isinstance(record, Report):
            found.append(self.severity_chip(severity))
        if kind := getattr(record, "type", ""):
            found.append(self._state("type", kind, TYPE_LABELS[kind]))
        status = "embargoed" if self.library.is_embargoed(record) else record.status
        if status not in {"published", "final"}:
            found.append(self.status_chip(status))
        return tuple(found)

    def severity_chip(self, severity: Severity) -> Chip:
        return self._state("severity", severity or "unrated", SEVERITY_LABELS[severity])

    def status_chip(self, status: str) -> Chip:
        return self._state("status", status, STATUS_LABELS[status])

    def _state(self, kind: str, value: str, label: str) -> Chip:
        return self._states.get((kind, value)) or self._states.keep(
            (kind, value), Chip(kind=kind, value=value, label=self.say(label)))

    def fixed_in(self, record: AnyRecord) -> tuple[ReleaseChip, ...]:
        """The fixed releases of a record, newest last, each once."""
        chips: dict[str, ReleaseChip] = {}
        for entry in affected_of(record):
            product = self.library.catalogue.find(entry.product)
            for release in entry.fixed if product else ():
                assert product
                chips.setdefault(release, self.release_chip(product, release))
        return tuple(chips.values())

    def html(self, text: Text, markdown: str, used_ids: set[str]) -> str:
        """HTML of a part of a record's text."""
        return to_html(markdown, lambda address: self.target(text, address), self.words, used_ids)

    def inline_html(self, text: Text, markdown: str) -> str:
        """HTML of one line of a record, without a paragraph around it. Most are said again and again: Opened, Fixed."""
        known = self._lines.get(markdown)
        if known is not None:
            return known
        asked: list[str] = []

        def resolve(address: str) -> Target | None:
            asked.append(address)
            return self.target(text, address)

        html = to_html(markdown, resolve, self.words, set()).strip().removeprefix("<p>").removesuffix("</p>")
        return html if asked else self._lines.keep(markdown, html)  # where a link leads depends on the text around it

    def target(self, text: Text, address: str) -> Target | None:
        """Where an address in a text leads; None where it leads out of the site as it stands."""
        library = self.library
        key = record_target(address, library.records, library.names)
        if key:
            record = library.records[key]
            fragment = "#" + address.split("#", 1)[1] if "#" in address else ""
            label = f'<span class="wp-id">{escape(record.id)}</span> {escape(self.text_of(record).title)}'
            return Target(self.href(record.path) + fragment, label)
        if address.startswith("#") or ":" in address.split("/")[0] or address.startswith("//"):
            return None
        if address.startswith("/"):
            return Target(self.href(address.lstrip("/"))) if address.split("/")[1] not in SECTIONS.values() or (
                address.strip("/") in SECTIONS.values()) else Target("")
        path = attachment_path(text.place.path, address)
        attachment = library.attachments.get(path) if path else None
        if attachment is None:
            return Target("")  # a record that this view does not show: resolve() has refused all else
        return Target(link(f"attachments/{attachment.name}"), "", attachment.width, attachment.height,
                      download=not attachment.width)

    # -- products and releases ----------------------------------------------------------------------

    def product_link(self, product: Product) -> Link:
        key = ("product", product.id)
        return self._links.get(key) or self._links.keep(key, self.to(product.name_in(self.language), f"products/{product.id}/"))

    def product_links(self, ids: Iterable[str]) -> tuple[Link, ...]:
        return tuple(self.product_link(product) for name in ids if (product := self.library.catalogue.find(name)))

    def platform_links(self, product_ids: Iterable[str], platform_ids: Iterable[str]) -> tuple[Link, ...]:
        key = (tuple(product_ids), tuple(platform_ids))
        found = self._platforms.get(key)
        return self._platforms.keep(key, self._platform_links(*key)) if found is None else found

    def _platform_links(self, product_ids: Iterable[str], platform_ids: Iterable[str]) -> tuple[Link, ...]:
        products = [product for name in product_ids if (product := self.library.catalogue.find(name))]
        found = {}
        for name in platform_ids:
            for product in products:
                if (platform := product.platform(name)) and platform.id not in found:
                    found[platform.id] = self.to(platform.name_in(self.language), f"products/{product.id}/{platform.id}/")
        return tuple(found.values())

    def component_name(self, component: str, product_ids: Iterable[str]) -> str:
        """A component's name in the edition's language, as one of the products gives it."""
        for name in product_ids:
            product = self.library.catalogue.find(name)
            if product and (known := product.component(component)):
                return known.name_in(self.language)
        return component

    def component_link(self, component: str, product_ids: tuple[str, ...]) -> Link:
        key = ("component", component, *product_ids)
        return self._links.get(key) or self._links.keep(
            key, self.to(self.component_name(component, product_ids), f"components/{slug(component)}/"))

    def release_chip(self, product: Product, release: str) -> ReleaseChip:
        """A release, with a link where it is known."""
        key = (product.id, release)
        if key not in self._chips:
            known = product.release(release)
            self._chips.keep(key, ReleaseChip(id=release, href=self.href(release_place(product, known)) if known else ""))
        return self._chips[key]

    def release_chips(self, product: Product, first: int, end: int) -> tuple[ReleaseChip, ...]:
        """The releases from one place in the product's order up to another."""
        key = (product.id, first, end)
        return self._runs.get(key) or self._runs.keep(
            key, tuple(self.release_chip(product, name) for name in product.release_order.names[first:end]))

    def joined(self, product: Product, names: tuple[str, ...]) -> str:
        """Ids of platforms or releases of a product as one text: ``A, B and C``."""
        key = (product.id, names)
        if key not in self._joined:
            known = {platform.id: platform.name_in(self.language) for platform in product.platforms}
            self._joined.keep(key, self.speaker.both(tuple(known.get(name, name) for name in names)))
        return self._joined[key]

    def fact(self, term: str, text: str = "", links: tuple[Link, ...] = (), chips: tuple[Chip, ...] = ()) -> Fact:
        """A fact that many records share; ``term`` as in the source language."""
        key = (term, text, links, chips)
        return self._facts.get(key) or self._facts.keep(key, Fact(term=self.say(term), text=text, links=links, chips=chips))

    def day_fact(self, term: str, value: date | None) -> tuple[Fact, ...]:
        if value is None:
            return ()
        key = (term, value)
        return (self._facts.get(key) or self._facts.keep(
            key, Fact(term=self.say(term), text=self.speaker.day(value), day=value.isoformat())),)

    def follow(self, feed: str, topic: str) -> Link:
        """The feed of a topic as a button."""
        key = ("follow", feed, topic)
        return self._links.get(key) or self._links.keep(
            key, self.to(self.say("Follow: {topic}", topic=topic), f"feeds/{feed}.atom"))

    def follow_component(self, component: str, product_ids: tuple[str, ...]) -> Link:
        key = ("follow component", component, *product_ids)
        return self._links.get(key) or self._links.keep(
            key, self.follow(f"component-{slug(component)}", self.component_name(component, product_ids)))

    def follow_kind(self, kind: Kind) -> Link:
        return self.follow(SECTIONS[kind], self.say(SECTION_TITLES[kind]))

    def follow_advisories(self, product: Product) -> Link:
        title = SECTION_TITLES["advisory"]
        return self.follow(f"advisories-{product.id}", f"{product.name_in(self.language)}: {self.say(title)}")

    def follow_product(self, product: Product) -> Link:
        return self.follow(f"product-{product.id}", product.name_in(self.language))


def release_place(product: Product, release: ReleaseInfo) -> str:
    return f"releases/{product.id}/{release.id}/"


def shown_redirects(library: Library) -> Iterator[tuple[Redirect, AnyRecord | None]]:
    """Redirects, each with the record that it leads to; without those to records that this view does not show."""
    for redirect in library.redirects:
        key = record_target(redirect.new, library.records, library.names)
        if key:
            yield redirect, library.records[key]
        elif redirect.new.startswith("/") and not is_record_address(redirect.new):
            yield redirect, None
