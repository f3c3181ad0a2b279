"""What templates see of the pages that ask for numbers, and of the preparation of a case."""

from __future__ import annotations

from generator.contexts.pieces import Chip, Context, Link, PageContext


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


class NetworkPage(PageContext, frozen=True, kw_only=True):
    """What affects an inventory. ``products`` are those with releases, ``kinds`` (kind, name); ``on`` is the text of
    generator.network.matching, ``facts_html`` the JSON that the page's scripts read (generator.pages.network), ``legend_html``
    the fills of the charts and ``patterns_html`` what they refer to; ``labels`` name severities and states, ``case`` leads to the
    preparation of a case."""

    introduction: str
    products: tuple[Link, ...]
    command: str
    severities: tuple[Chip, ...]
    kinds: tuple[tuple[str, str], ...]
    on: str
    facts_html: str
    legend_html: str
    patterns_html: str
    labels: tuple[Chip, ...]
    case: Link | None
