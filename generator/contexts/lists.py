"""What templates see of lists, of pages that search and choose, and of guides."""

from __future__ import annotations

from generator.contexts.pieces import Chip, Context, Entry, FacetView, Group, Link, PageContext


class HomePage(PageContext, frozen=True, kw_only=True):
    summary: str
    search_href: str
    examples: tuple[Link, ...]
    doors: tuple[tuple[Link, str], ...]
    groups: tuple[Group, ...]
    subscribe: Link
    intro_html: str
    audience: str


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


class NotFoundPage(PageContext, frozen=True, kw_only=True):
    search_href: str
    sections: tuple[Link, ...]


class GuidePart(Context, frozen=True, kw_only=True):
    """A part of a guide's own HTML, and the ``block`` of the policy that follows it, if any: ``pieces`` as
    ``generator.contexts.policy`` has them, under headings of the element ``heading``."""

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
