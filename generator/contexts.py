"""What templates see: one frozen context for each template, nothing else.

All texts are in the page's language and plain, unless a field's name ends in ``html``; every ``href`` is a link as
``generator.urls.link`` makes it.
"""

from __future__ import annotations

import msgspec

# Stands in a row of releases for the names of the platforms that it holds for, so that many records share the row; no input can
# hold it (kb.source).
PLATFORMS = "\x01"


class Context(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """Base of all contexts. Templates remember what they have made of one by its hash."""


class Link(Context, frozen=True, kw_only=True):
    """A link; ``current`` where it leads to the page itself; ``language`` where its words are in another language."""

    title: str
    href: str
    id: str = ""
    current: bool = False
    language: str = ""


class Chip(Context, frozen=True, kw_only=True):
    """A short state: ``kind`` (severity, status, type) and ``value`` choose shape and colour, ``label`` says it."""

    kind: str
    value: str
    label: str


class ReleaseChip(Context, frozen=True, kw_only=True):
    """A release; ``href`` is empty where it has no page."""

    id: str
    href: str = ""


class ReleaseRun(Context, frozen=True, kw_only=True):
    """Releases that stand together for the same ``reason``, a sentence without capital and full stop."""

    reason: str
    releases: tuple[ReleaseChip, ...]


class Entry(Context, frozen=True, kw_only=True):
    """A record in a list. ``date`` is its last change, ``YYYY-MM-DD``. ``language`` is set where it is not the page's."""

    id: str
    href: str
    title: str
    summary: str
    kind: str
    kind_label: str
    chips: tuple[Chip, ...]
    date: str
    products: tuple[str, ...] = ()
    fixed_in: tuple[ReleaseChip, ...] = ()
    language: str = ""
    reason: str = ""


class AlikeRecord(Context, frozen=True, kw_only=True):
    """A record that is like the page's, and why. ``language`` is that of its title, set where it is not the page's."""

    id: str
    href: str
    title: str
    language: str
    kind_label: str
    reason: str


class Group(Context, frozen=True, kw_only=True):
    """Entries under a heading; ``more`` leads to all of them."""

    id: str
    title: str
    entries: tuple[Entry, ...]
    more: Link | None = None
    note: str = ""


class Fact(Context, frozen=True, kw_only=True):
    """A line of a facts panel: a term and one or more of text, links, chips, releases; ``day`` is machine-readable."""

    term: str
    text: str = ""
    day: str = ""
    links: tuple[Link, ...] = ()
    chips: tuple[Chip, ...] = ()
    releases: tuple[ReleaseChip, ...] = ()


class Part(Context, frozen=True, kw_only=True):
    """A section of a record's text; an introduction has no title."""

    id: str
    title: str
    html: str


class TrainRow(Context, frozen=True, kw_only=True):
    """The known releases of one train by verdict; ``reason`` explains the affected ones. ``PLATFORMS`` may stand in reasons."""

    train: str
    affected: tuple[ReleaseRun, ...]
    fixed: tuple[ReleaseRun, ...]
    not_affected: tuple[ReleaseRun, ...]
    unknown: tuple[ReleaseRun, ...]
    reason: str = ""


class AffectedProduct(Context, frozen=True, kw_only=True):
    """How one product is affected: what the author wrote (``ranges``), and the answer for each known release, where
    ``platform_names`` stand for ``PLATFORMS``."""

    product: Link
    platforms: tuple[Link, ...]
    ranges: tuple[str, ...]
    fixed: tuple[ReleaseChip, ...]
    rows: tuple[TrainRow, ...]
    platform_names: str


class HistoryRow(Context, frozen=True, kw_only=True):
    date: str
    html: str
    number: str = ""


class Banner(Context, frozen=True, kw_only=True):
    """A state that a reader must not miss: ``kind`` is draft, embargoed, withdrawn, superseded, retired or duplicate."""

    kind: str
    text: str
    link: Link | None = None


class MetricGroup(Context, frozen=True, kw_only=True):
    """CVSS metrics of a kind with their values in words."""

    title: str
    metrics: tuple[tuple[str, str], ...]


class ScoreView(Context, frozen=True, kw_only=True):
    """A CVSS score with each metric of its vector spelt out."""

    title: str
    score: str
    chip: Chip
    vector: str
    groups: tuple[MetricGroup, ...]


class Head(Context, frozen=True, kw_only=True):
    """What stands in a page's head. Addresses are absolute, except feeds and ``search``, which describes the search to
    browsers."""

    title: str
    description: str
    canonical: str
    alternates: tuple[tuple[str, str], ...]
    feeds: tuple[Link, ...]
    search: Link
    json_ld: str
    noindex: bool
    policy: str
    icon: str
    refresh: str


class Chrome(Context, frozen=True, kw_only=True):
    """What a frame needs besides head and body: the search form, the footer, styles and scripts."""

    search_href: str
    footer: tuple[Link, ...]
    vendor: str
    style: str
    script: str


class PageContext(Context, frozen=True, kw_only=True):
    """What every page body has."""

    crumbs: tuple[Link, ...]
    title: str


class HomePage(PageContext, frozen=True, kw_only=True):
    summary: str
    search_href: str
    examples: tuple[Link, ...]
    doors: tuple[tuple[Link, str], ...]
    groups: tuple[Group, ...]
    subscribe: Link
    intro_html: str


class FeedbackForm(Context, frozen=True, kw_only=True):
    """"Was this helpful?" of a record. ``way`` is mail, page or endpoint (kb.feedback_settings), ``action`` where the form leads,
    ``sent`` says what goes where. ``letters`` are two links for mail without scripts: helpful and not."""

    way: str
    action: str
    record: str
    sent: str
    reasons: tuple[tuple[str, str], ...]
    letters: tuple[Link, ...] = ()


class RecordPage(PageContext, frozen=True, kw_only=True):
    """One record of any kind. ``conditions`` say when a vulnerability matters, ``checker_html`` is the JSON that tells of each
    release whether it is affected (generator.pages.checker), ``machine`` are the record's files for programs, ``address`` is
    that of a bulletin with its host, for print."""

    id: str
    kind: str
    kind_label: str
    summary: str
    text_language: str
    language_note: str
    other_languages: tuple[Link, ...]
    banners: tuple[Banner, ...]
    chips: tuple[Chip, ...]
    facts: tuple[Fact, ...]
    scores: tuple[ScoreView, ...]
    affected: tuple[AffectedProduct, ...]
    affected_note: str
    affected_first: bool
    address: str
    conditions: Part | None
    checker_html: str
    introduction_html: str
    parts: tuple[Part, ...]
    keywords: tuple[str, ...]
    credits: tuple[str, ...]
    references: tuple[Link, ...]
    history_title: str
    history: tuple[HistoryRow, ...]
    machine: tuple[Link, ...]
    related: tuple[Group, ...]
    alike: tuple[AlikeRecord, ...]
    follow: Link
    feedback: FeedbackForm | None


class FacetView(Context, frozen=True, kw_only=True):
    """Values of one property with their counts, as links to lists; ``more`` leads to all of them where there are too many."""

    title: str
    options: tuple[tuple[Link, int], ...]
    more: Link | None = None


class ArchiveRow(Context, frozen=True, kw_only=True):
    """A record in an archive; ``language`` is set where its title is not in the page's."""

    id: str
    href: str
    title: str
    language: str
    chips: tuple[Chip, ...]


class ArchivePage(PageContext, frozen=True, kw_only=True):
    """Records by month of publication: the months of each year with their counts, or the records of one month."""

    years: tuple[tuple[str, tuple[tuple[Link, int], ...]], ...]
    rows: tuple[ArchiveRow, ...]
    pages: tuple[Link | None, ...]
    previous: Link | None
    next: Link | None


class ListPage(PageContext, frozen=True, kw_only=True):
    """A list of records, one of its pages. ``pages`` are (number, link) with None for a gap. Where the list goes on past its last
    page, ``note`` says so and ``more`` leads there."""

    introduction: str
    count: str
    entries: tuple[Entry, ...]
    facets: tuple[FacetView, ...]
    pages: tuple[Link | None, ...]
    previous: Link | None
    next: Link | None
    follow: Link | None
    empty: str
    note: str = ""
    more: tuple[Link, ...] = ()


class FilterOption(Context, frozen=True, kw_only=True):
    """A value that PR Search can be narrowed to; one that is ``rare`` is shown only where records have it, one that is ``chosen``
    holds until the reader says otherwise."""

    value: str
    label: str
    count: int
    rare: bool = False
    chosen: bool = False


class FilterGroup(Context, frozen=True, kw_only=True):
    """Values of one property, as check boxes; without options the browser fetches them when the group is opened."""

    name: str
    title: str
    options: tuple[FilterOption, ...]
    is_open: bool = False


class ReportsPage(PageContext, frozen=True, kw_only=True):
    """PR Search: the list of problem reports, and what can be asked. ``labels`` name severities and statuses."""

    listing: ListPage
    href: str
    filters: tuple[FilterGroup, ...]
    labels: tuple[Chip, ...]
    example: Entry | None
    example_release: str
    components: tuple[tuple[Link, int], ...]
    products: tuple[Link, ...]
    compare: Link


class ComparedProduct(Context, frozen=True, kw_only=True):
    """A product whose releases can be compared: ``target`` is the release to go to where the reader names none."""

    id: str
    link: Link
    target: str
    newest: tuple[ReleaseChip, ...]


class ComparePage(PageContext, frozen=True, kw_only=True):
    introduction: str
    href: str
    reports_href: str
    compared: tuple[ComparedProduct, ...]
    labels: tuple[Chip, ...]


class Life(Context, frozen=True, kw_only=True):
    """Days of a release or train, ``YYYY-MM-DD`` or empty. A script tells from them what holds today."""

    released: str = ""
    end_of_engineering: str = ""
    end_of_support: str = ""


class Reason(Context, frozen=True, kw_only=True):
    """Why a release is the one to run: ``basis`` says who or what chose it, ``counts`` what is open in it, ``better`` names
    another release with fewer critical problems and advisories; empty for none."""

    basis: str
    counts: str
    better: str = ""


class LifeRow(Context, frozen=True, kw_only=True):
    """A train in a table of life cycles; ``recommended`` and ``reason`` stand where one of its releases is out."""

    train: Link
    life: Life
    recommended: ReleaseChip | None
    reason: Reason | None


class LifeTable(Context, frozen=True, kw_only=True):
    """The trains of a product; ``more`` leads to all of them where some are left out, ``calendar`` to their end dates where there
    are any."""

    id: str
    product: Link
    rows: tuple[LifeRow, ...]
    more: Link | None
    calendar: Link | None


class LifecyclePage(PageContext, frozen=True, kw_only=True):
    """Life cycles of all products, or of one."""

    introduction: str
    tables: tuple[LifeTable, ...]
    calendar: Link | None
    feeds: tuple[Link, ...]
    links: tuple[Link, ...]


class Count(Context, frozen=True, kw_only=True):
    """A number of records, with a link to them where there are any."""

    number: int
    href: str = ""


class HealthRow(Context, frozen=True, kw_only=True):
    """What is open in a release: problem reports by severity, as the page's ``severities`` have them, and advisories."""

    release: ReleaseChip
    life: Life
    recommended: bool
    counts: tuple[Count, ...]
    advisories: Count


class HistoryPoint(Context, frozen=True, kw_only=True):
    """Problem reports opened and fixed in a period, and open at its end."""

    period: str
    opened: int
    fixed: int
    open: int


class TrainPage(PageContext, frozen=True, kw_only=True):
    """The life cycle and release health of a train. Charts are empty where there is nothing to draw; each of the
    ``severities`` stands with the HTML of its fill."""

    summary: str
    life: Life
    facts: tuple[Fact, ...]
    chip: ReleaseChip | None
    reason: Reason | None
    severities: tuple[tuple[Chip, str], ...]
    rows: tuple[HealthRow, ...]
    open_chart_html: str
    open_note: str
    history: tuple[HistoryPoint, ...]
    history_chart_html: str
    follow: Link
    calendar: Link | None
    compare: Link


class ReleaseRow(Context, frozen=True, kw_only=True):
    """A release in a product's table."""

    release: Link
    date: str
    end_of_engineering: str
    end_of_support: str
    recommended: bool
    open_reports: int
    fixed_reports: int


class TrainView(Context, frozen=True, kw_only=True):
    train: Link
    id: str
    life: Life
    releases: tuple[ReleaseRow, ...]


class ProductPage(PageContext, frozen=True, kw_only=True):
    summary: str
    facts: tuple[Fact, ...]
    platforms: tuple[tuple[Link, int], ...]
    components: tuple[tuple[Link, int], ...]
    trains: tuple[TrainView, ...]
    groups: tuple[Group, ...]
    follow: Link
    lifecycle: Link


class PlatformPage(PageContext, frozen=True, kw_only=True):
    summary: str
    facts: tuple[Fact, ...]
    groups: tuple[Group, ...]
    follow: Link


class ReleasePage(PageContext, frozen=True, kw_only=True):
    """A release with its generated release notes."""

    id: str
    summary: str
    life: Life
    banners: tuple[Banner, ...]
    chips: tuple[Chip, ...]
    facts: tuple[Fact, ...]
    groups: tuple[Group, ...]
    sha256: str
    follow: Link
    compare: Link | None


class ProductsPage(PageContext, frozen=True, kw_only=True):
    """All products with their newest and recommended releases."""

    introduction: str
    products: tuple[tuple[Link, str, tuple[ReleaseChip, ...], tuple[Chip, ...]], ...]
    compare: Link
    lifecycle: Link


class FeedRow(Context, frozen=True, kw_only=True):
    """A topic with its feeds: those of its updates and those of its new records, one a format. ``title`` is what it is called in
    its group, ``full_title`` elsewhere, ``id`` the name of its feeds."""

    id: str
    title: str
    full_title: str
    updates: tuple[Link, ...]
    new: tuple[Link, ...]


class FeedGroup(Context, frozen=True, kw_only=True):
    """Topics under a heading, by the product that they belong to, with an empty name for none."""

    id: str
    title: str
    parts: tuple[tuple[str, tuple[FeedRow, ...]], ...]
    is_open: bool


class FeedsPage(PageContext, frozen=True, kw_only=True):
    """The subscribe page: feeds by topic. ``opml`` is the list of all for feed readers."""

    introduction: str
    portal: str
    opml: Link
    formats: tuple[tuple[str, str], ...]
    groups: tuple[FeedGroup, ...]


class SearchPage(PageContext, frozen=True, kw_only=True):
    """``reports`` is PR Search and ``case`` the guide to opening a case, for those who find nothing; ``products`` tells names.

    ``endpoint`` is the search engine that the page asks, empty where it searches by itself; ``fields`` the languages that texts
    are kept by there.
    """

    search_href: str
    sections: tuple[Link, ...]
    reports: Link
    products: tuple[Link, ...]
    case: Link | None = None
    endpoint: str = ""
    fields: tuple[str, ...] = ()


class AskedField(Context, frozen=True, kw_only=True):
    """A field of a key that readers type; ``hint`` says how it looks."""

    name: str
    title: str
    hint: str


class EntitlementPage(PageContext, frozen=True, kw_only=True):
    """The check of serial numbers. ``facts_html`` is the JSON that the page's script reads (generator.pages.entitlement),
    ``secure_href`` the page's public address, ``columns`` are those of the results (id, title)."""

    introduction: str
    guide: Link | None
    care: tuple[Link, ...]
    secure_href: str
    fields: tuple[AskedField, ...]
    columns: tuple[tuple[str, str], ...]
    facts_html: str


class CasesPage(PageContext, frozen=True, kw_only=True):
    """The state of cases and returns. ``facts_html`` is the JSON that the page's script reads (generator.pages.cases),
    ``secure_href`` the page's public address; columns of results are (id, title)."""

    introduction: str
    guides: tuple[Link, ...]
    secure_href: str
    hint: str
    case_columns: tuple[tuple[str, str], ...]
    return_columns: tuple[tuple[str, str], ...]
    facts_html: str


class NotFoundPage(PageContext, frozen=True, kw_only=True):
    search_href: str
    sections: tuple[Link, ...]


class GuidePart(Context, frozen=True, kw_only=True):
    """A part of a guide's own HTML, and the ``block`` of the policy that follows it, if any: ``pieces`` as
    ``generator.policy_contexts`` has them, under headings of the element ``heading``."""

    html: str
    block: str = ""
    heading: str = "h3"
    pieces: tuple[Context, ...] = ()


class EditorialPage(PageContext, frozen=True, kw_only=True):
    """A guide: its own HTML with blocks of the policy, and a note where it is in another language. ``policy_html`` is JSON of
    what scripts know of the policy (generator.policy_data), empty where none needs it; ``vendor_zone`` is the portal's zone."""

    parts: tuple[GuidePart, ...]
    policy_html: str
    vendor_zone: str
    text_language: str
    language_note: str


class RedirectPage(PageContext, frozen=True, kw_only=True):
    """A page that sends the reader on."""

    target: Link


class CaseProduct(Context, frozen=True, kw_only=True):
    """A product that a case may be about; ``platforms`` are (id, name)."""

    id: str
    name: str
    platforms: tuple[tuple[str, str], ...]


class CaseLevel(Context, frozen=True, kw_only=True):
    """A priority; ``promises`` say when somebody answers, ``channels`` are the kinds that open a case of it, ``with_workaround``
    the level that it falls to."""

    id: str
    number: int
    name: str
    definition: str
    question: str
    vendor_duty: str
    customer_duty: str
    examples: tuple[str, ...]
    promises: tuple[str, ...]
    channels: tuple[str, ...]
    every_channel: bool
    with_workaround: str


class CaseItem(Context, frozen=True, kw_only=True):
    """Something to have at hand: (level, need), (product or empty, commands that collect it), its field in the form."""

    id: str
    name: str
    note: str
    needs: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, tuple[str, ...]], ...]
    field: str


class CaseChannel(Context, frozen=True, kw_only=True):
    """A way to the vendor; ``prefill`` is the address of a form with names in braces."""

    kind: str
    name: str
    note: str
    url: str
    prefill: str
    opens: bool


class CaseContact(Context, frozen=True, kw_only=True):
    """Who takes cases of some regions and levels, all where none are named; the ``id`` of a telephone link is its label."""

    name: str
    note: str
    hours: str
    regions: tuple[str, ...]
    levels: tuple[str, ...]
    email: str
    phones: tuple[Link, ...]


class CasePage(PageContext, frozen=True, kw_only=True):
    """The preparation of a case. ``kinds`` are (id, name, note), ``regions`` (id, name), ``steps`` (id, title), ``by_serial``
    whether one asks for a unit; ``policy_html`` is JSON for deadlines, ``facts_html`` for entitlements, empty where the portal
    tells nothing of them."""

    introduction: str
    portal: str
    vendor: str
    reports_href: str
    products: tuple[CaseProduct, ...]
    kinds: tuple[tuple[str, str, str], ...]
    levels: tuple[CaseLevel, ...]
    items: tuple[CaseItem, ...]
    channels: tuple[CaseChannel, ...]
    regions: tuple[tuple[str, str], ...]
    contacts: tuple[CaseContact, ...]
    labels: tuple[Chip, ...]
    steps: tuple[tuple[str, str], ...]
    by_serial: bool
    entitlement: Link | None
    policy_html: str
    facts_html: str
