"""What templates see of products, releases and their life cycles."""

from __future__ import annotations

from generator.contexts.pieces import Banner, Chip, Context, Fact, Group, Link, PageContext, ReleaseChip


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
