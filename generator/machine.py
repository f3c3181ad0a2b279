"""Files for machines: sitemaps, robots.txt, the releases that the search box knows, redirect maps for web servers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import msgspec

from generator.buckets import buckets
from generator.edition import Edition, shown_redirects
from generator.plan import Derived
from generator.urls import ROOT, link
from generator.work import Made
from kb.fields import instant
from kb.library import Library
from kb.portal import Portal

SITEMAP_LIMIT = 50_000  # addresses a file (sitemaps.org)
_MOST_BYTES = 50_000_000  # a file (sitemaps.org)
_LONGEST, _AROUND = 12, 70  # bytes of a character that is quoted, and those around an address
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemaps(portal: Portal, pages: Iterable[Made], key_of: Callable[[object], str]) -> Iterator[Derived]:
    """``sitemap.xml`` and, past 50,000 addresses, the files that it then lists.

    Addresses are shared out by their hashes, so that a new page changes one file and the list.
    """
    listed = {page.path: page.updated for page in pages if page.listed}
    dates = {date: f"<lastmod>{instant(date)}</lastmod>" if date else "" for date in {None, *listed.values()}}
    root = escape(portal.url)

    def fits(paths: Sequence[str]) -> bool:
        return len(paths) <= SITEMAP_LIMIT and sum(map(len, paths)) * _LONGEST + len(paths) * (len(root) + _AROUND) < _MOST_BYTES

    def urls(paths: Sequence[str]) -> bytes:
        return _document("urlset", (f"<url><loc>{_address(root, path)}</loc>{dates[listed[path]]}</url>" for path in paths))

    shares = buckets(listed, fits)
    names = {bits: f"sitemap-{bits}.xml" if len(shares) > 1 else "sitemap.xml" for bits in shares}
    for bits, paths in shares.items():
        facts = "\n".join([root, *paths, *(dates[listed[path]] for path in paths)])
        yield Derived(names[bits], key_of(("sitemap", facts)), partial(urls, paths))
    if len(shares) > 1:
        parts = [f"<sitemap><loc>{_address(root, names[bits])}</loc>{dates[_newest(listed[path] for path in paths)]}</sitemap>"
                 for bits, paths in shares.items()]
        yield Derived("sitemap.xml", "", partial(_document, "sitemapindex", parts))


def _newest(dates: Iterable[datetime | None]) -> datetime | None:
    return max((date for date in dates if date), default=None)


def _address(root: str, path: str) -> str:
    """An address as XML; a link has neither < nor >."""
    return root + link(path).removeprefix(ROOT).replace("&", "&amp;")


def _document(element: str, entries: Iterable[str]) -> bytes:
    return f"<?xml version='1.0' encoding='utf-8'?>\n<{element} xmlns=\"{_NAMESPACE}\">{''.join(entries)}</{element}>".encode()


def robots(portal: Portal) -> bytes:
    return f"User-agent: *\nAllow: /\n\nSitemap: {portal.url}sitemap.xml\n".encode()


def releases(edition: Edition) -> bytes:
    """JSON ``[[id of a product, name, [id of a release, ...]], ...]``, for what is opened by name; records are found by theirs in
    the index of PR Search."""
    return msgspec.json.encode([(product.id, product.name_in(edition.language), [release.id for release in product.releases])
                                for product in edition.library.catalogue.products if product.releases])


def redirect_maps(library: Library) -> Iterator[tuple[str, bytes]]:
    """Redirects as a map for nginx and as directives for Caddy."""
    targets = _targets(library)
    if not targets:
        return
    nginx = "".join(f'"{old}" "{new}";\n' for old, new in targets.items())
    yield "redirects/nginx.map", f"# map $uri $waypost_redirect {{ include redirects/nginx.map; }}\n{nginx}".encode()
    yield "redirects/caddy.conf", "".join(f"redir {old} {new} permanent\n" for old, new in targets.items()).encode()


def _targets(library: Library) -> Mapping[str, str]:
    base = urlsplit(library.portal.url).path.rstrip("/")
    return {base + redirect.old: base + (f"/{record.path}" if record else redirect.new)
            for redirect, record in shown_redirects(library)}
