"""What is made of the library besides pages, CSAF documents and indexes: feeds, OSV documents, sitemaps, lists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from generator.api import feeds, openapi
from generator.api.affected_sets import FOLDER as AFFECTED
from generator.api.affected_sets import affected_files
from generator.api.packed_sets import packed_set, with_packed
from generator.api.releases import FOLDER as RELEASES
from generator.api.releases import release_files
from generator.case_schema import case_schema
from generator.csaf.listing import style_hashes
from generator.edition import Edition
from generator.end_dates import end_date_files
from generator.feed_windows import Windows
from generator.feeds import feed_files
from generator.headers import header_files
from generator.keys import Keys
from generator.machine import redirect_maps, releases, robots, sitemaps
from generator.osv import osv_files
from generator.output import FileState, Tree, Writer
from generator.plan import Derived
from generator.record_lists import record_files
from generator.search_description import search_description
from generator.security_txt import security_txt
from generator.work import Made
from kb.library import Library
from kb.workers import done

SYNONYMS = "search/synonyms.json"  # as theme/assets/search-words.js reads it
_CHUNK, _PARALLEL_FROM = 24, 16  # files handed to a worker at once; chunks, fewer of which are made faster than workers start


def derived_files(editions: Sequence[Edition], keys: Mapping[str, Keys], pages: Collection[Made],
                  digest_of: Callable[[str], str], icon: str, scripts: Collection[str]) -> Iterator[Derived]:
    """The files with their keys; they are made only where a key is new or empty. ``digest_of`` tells the SHA-256 of those that
    were given before; ``icon`` is the path of the portal's icon, ``scripts`` are the hashes of what the theme has inline."""
    library = editions[0].library
    windows = Windows(library)
    for edition in editions:
        yield from feed_files(edition, keys[edition.language], windows)
        yield Derived(f"{edition.root}search/releases.json", "", partial(releases, edition))
        yield from end_date_files(edition, keys[edition.language])
        yield search_description(edition, keys[edition.language], icon)
    yield from record_files(editions[0], keys[editions[0].language], digest_of)
    yield from with_packed(affected_files(editions, keys[editions[0].language], digest_of), AFFECTED, packed_set)
    yield from with_packed(release_files(editions), RELEASES)
    yield from osv_files(editions[0], keys[editions[0].language])
    yield from sitemaps(library.portal, pages, keys[library.portal.language].of)
    addresses = {page.path for page in pages}
    small = (*security_txt(library, addresses), *redirect_maps(library), *case_schema(library),
             *header_files(library.portal, scripts, style_hashes()))
    own = ((feeds.INDEX, feeds.feed_index(editions)), (openapi.PATH, openapi.openapi(library.portal)))
    for path, data in (("robots.txt", robots(library.portal)), (SYNONYMS, msgspec.json.encode(library.synonyms)), *own, *small):
        yield Derived(path, "", partial(bytes, data))


def put_derived(tree: Tree, files: Iterable[Derived], jobs: int) -> None:
    """Adds what the live tree does not hold: files with keys by workers, then those that are made anew each time. Raises
    OutputError and WorkerLost."""
    missing = [file for file in files if not (file.key and tree.keep(file.path, file.key))]
    keyed = [file for file in missing if file.key]
    chunks = [partial(_written, tree.writer, keyed[start : start + _CHUNK]) for start in range(0, len(keyed), _CHUNK)]
    for found in done(chunks, jobs, _PARALLEL_FROM, 1):
        for path, state, written in found:
            tree.accept(path, state, written)
    for file in missing:
        if not file.key:
            tree.put(file.path, file.make())


def _written(writer: Writer, files: Iterable[Derived]) -> list[tuple[str, FileState, bool]]:
    return [(file.path, *writer.write(file.path, file.make(), file.key)) for file in files]


def used_attachments(library: Library, pages: Iterable[Made]) -> list[tuple[str, str]]:
    """(path in the site, name) of the attachments that pages of this build link to."""
    by_name = {attachment.name: attachment.path for attachment in library.attachments.values()}
    used = {target.removeprefix("attachments/") for page in pages for target in page.targets if target.startswith("attachments/")}
    return [(by_name[name], name) for name in sorted(used) if name in by_name]
