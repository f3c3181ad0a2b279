"""Files for machines: sitemaps, robots.txt, the table of names for the search box, redirect maps for web servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import msgspec

from generator.buckets import buckets
from generator.edition import Edition, release_place, shown_redirects
from generator.urls import ROOT, link
from generator.work import Made
from kb.library import Library
from kb.portal import Portal

SITEMAP_LIMIT = 50_000  # addresses a file (sitemaps.org)
_MOST_CHARACTERS = 12_000_000  # a file: at most 50 MB in UTF-8 (sitemaps.org)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemaps(portal: Portal, pages: Iterable[Made]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of ``sitemap.xml`` and, past 50,000 addresses, of the files that it then lists.

    Addresses are shared out by their hashes, so that a new page changes one file and the list.
    """
    listed = {page.path: page.updated for page in pages if page.listed}
    dates = {date: f"<lastmod>{date:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if date else "" for date in {None, *listed.values()}}
    root = escape(portal.url)
    entries = {path: f"<url><loc>{_address(root, path)}</loc>{dates[date]}</url>" for path, date in listed.items()}

    def fits(paths: Sequence[str]) -> bool:
        return len(paths) <= SITEMAP_LIMIT and sum(len(entries[path]) for path in paths) < _MOST_CHARACTERS

    shares = buckets(entries, fits)
    if len(shares) == 1:
        yield "sitemap.xml", _document("urlset", (entries[path] for path in shares[""]))
        return
    parts = []
    for bits, paths in shares.items():
        name = f"sitemap-{bits}.xml"
        yield name, _document("urlset", (entries[path] for path in paths))
        newest = max((date for path in paths if (date := listed[path])), default=None)
        parts.append(f"<sitemap><loc>{_address(root, name)}</loc>{dates[newest]}</sitemap>")
    yield "sitemap.xml", _document("sitemapindex", parts)


def _address(root: str, path: str) -> str:
    """An address as XML; a link has neither < nor >."""
    return root + link(path).removeprefix(ROOT).replace("&", "&amp;")


def _document(element: str, entries: Iterable[str]) -> bytes:
    return f"<?xml version='1.0' encoding='utf-8'?>\n<{element} xmlns=\"{_NAMESPACE}\">{''.join(entries)}</{element}>".encode()


def robots(portal: Portal) -> bytes:
    return f"User-agent: *\nAllow: /\n\nSitemap: {portal.url}sitemap.xml\n".encode()


def names(edition: Edition) -> bytes:
    """JSON ``{name: [address below the language's root, title]}`` of what is opened by name: all records but problem reports and
    articles, whose addresses follow from their ids; aliases and CVE ids of all; releases."""
    library = edition.library
    found: dict[str, list[str]] = {}
    for product in library.catalogue.products:
        for release in product.releases:
            found.setdefault(release.id.upper(), [release_place(product, release), f"{product.name} {release.id}"])
    for key, head in library.heads.items():
        if head.kind in {"advisory", "notice", "bulletin"}:
            found[key] = [head.path, edition.text_of(library.records[key]).title]
    for name, ids in library.names.items():
        record = library.records[ids[0]]
        found.setdefault(name, [record.path, edition.text_of(record).title])
    return msgspec.json.encode(dict(sorted(found.items())))


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
