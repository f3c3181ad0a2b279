"""The archive of a large section: all of its records by the month in which they were published. Unlike a list by last change, its
pages stay as they are when another record changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter

from generator.contexts.lists import ArchivePage, ArchiveRow
from generator.contexts.pieces import Link
from generator.edition import SECTION_TITLES, Edition
from generator.keys import Keys
from generator.plan import Draft, Page
from kb.heads import Head
from kb.records import SECTIONS, Kind

PER_PAGE = 200


def archive_link(edition: Edition, kind: Kind) -> Link:
    return edition.to(edition.say("All by month of publication"), f"{SECTIONS[kind]}/archive/")


def archive_pages(edition: Edition, keys: Keys, kind: Kind) -> Iterator[Draft]:
    """The months with their numbers of records, and the records of each month in the order of publication."""
    dated = sorted([(head.published, head) for head in edition.library.heads.values() if head.kind == kind], key=itemgetter(0))
    months: dict[str, list[Head]] = {}
    for published, head in dated:
        months.setdefault(f"{published.year:04}-{published.month:02}", []).append(head)
    counts = tuple((month, len(found)) for month, found in reversed(months.items()))
    place = f"{SECTIONS[kind]}/archive/"
    yield Draft(edition.root + place, edition.language, keys.of((place, counts)),
                partial(_index_page, edition, kind, place, counts))
    for month, found in months.items():
        total = -(-len(found) // PER_PAGE)
        for number in range(1, total + 1):
            chosen = found[(number - 1) * PER_PAGE : number * PER_PAGE]
            here = _place(place, month, number)
            yield Draft(edition.root + here, edition.language, keys.of((here, total), (head.key for head in chosen)),
                        partial(_month_page, edition, kind, month, number, total, chosen))


def _place(place: str, month: str, number: int) -> str:
    return f"{place}{month}/" if number == 1 else f"{place}{month}/{number}/"


def _index_page(edition: Edition, kind: Kind, place: str, counts: Sequence[tuple[str, int]]) -> Page:
    def link(month: str) -> Link:
        return edition.to(edition.speaker.month(month, with_year=False), f"{place}{month}/")

    years = tuple((year, tuple((link(month), count) for month, count in items))
                  for year, items in groupby(counts, key=lambda item: item[0][:4]))
    title = edition.say("{section} by month of publication", section=edition.say(SECTION_TITLES[kind]))
    context = ArchivePage(crumbs=(edition.home, edition.section(kind)), title=title, years=years, rows=(), pages=(),
                          previous=None, next=None)
    return _page(edition, kind, place, context)


def _month_page(edition: Edition, kind: Kind, month: str, number: int, total: int, chosen: Sequence[Head]) -> Page:
    place = f"{SECTIONS[kind]}/archive/"

    def link(other: int, title: str) -> Link | None:
        if not 0 < other <= total:
            return None
        return Link(title=title, href=edition.href(_place(place, month, other)), current=other == number)

    title = edition.say("{section}, published: {month}", section=edition.say(SECTION_TITLES[kind]),
                        month=edition.speaker.month(month))
    if number > 1:
        title = edition.say("{title}, page {number}", title=title, number=number)
    context = ArchivePage(
        crumbs=(edition.home, edition.section(kind), archive_link(edition, kind)), title=title, years=(),
        rows=tuple(_row(edition, head) for head in chosen),
        pages=tuple(link(other, str(other)) for other in range(1, total + 1)) if total > 1 else (),
        previous=link(number - 1, edition.say("Previous")), next=link(number + 1, edition.say("Next")))
    return _page(edition, kind, _place(place, month, number), context)


def _row(edition: Edition, head: Head) -> ArchiveRow:
    record = edition.library.records[head.key]
    text = edition.text_of(record)
    return ArchiveRow(id=head.id, href=edition.href(head.path), title=text.title, language=edition.lang_attribute(text),
                      chips=edition.chips(record))


def _page(edition: Edition, kind: Kind, place: str, context: ArchivePage) -> Page:
    tab = "advisories/" if kind == "notice" else f"{SECTIONS[kind]}/"
    return Page(path=edition.root + place, place=place, language=edition.language, template="archive.html", context=context,
                description=context.title, tab=tab)
