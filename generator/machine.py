"""Files for machines: sitemaps, robots.txt, the table of names for the search box, redirect maps for web servers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from lxml import etree

from generator.edition import Edition, release_place, shown_redirects
from generator.urls import ROOT, link
from generator.work import Made
from kb.library import Library
from kb.portal import Portal

SITEMAP_LIMIT = 50_000  # addresses a file (sitemaps.org)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemaps(portal: Portal, pages: Iterable[Made]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of ``sitemap.xml`` and, past 50,000 addresses, of the files that it then lists."""
    listed = sorted((page for page in pages if page.listed), key=lambda page: page.path)
    chunks = [listed[start : start + SITEMAP_LIMIT] for start in range(0, len(listed), SITEMAP_LIMIT)] or [[]]
    if len(chunks) == 1:
        yield "sitemap.xml", _urlset(portal, chunks[0])
        return
    index = etree.Element(f"{{{_NAMESPACE}}}sitemapindex", nsmap=_namespaces(_NAMESPACE))
    for number, chunk in enumerate(chunks, 1):
        path = f"sitemap-{number}.xml"
        yield path, _urlset(portal, chunk)
        entry = etree.SubElement(index, f"{{{_NAMESPACE}}}sitemap")
        etree.SubElement(entry, f"{{{_NAMESPACE}}}loc").text = portal.url + path
    yield "sitemap.xml", _bytes(index)


def _urlset(portal: Portal, pages: Iterable[Made]) -> bytes:
    root = etree.Element(f"{{{_NAMESPACE}}}urlset", nsmap=_namespaces(_NAMESPACE))
    for page in pages:
        entry = etree.SubElement(root, f"{{{_NAMESPACE}}}url")
        etree.SubElement(entry, f"{{{_NAMESPACE}}}loc").text = link(page.path).replace(ROOT, portal.url)
        if page.updated:
            etree.SubElement(entry, f"{{{_NAMESPACE}}}lastmod").text = page.updated.strftime("%Y-%m-%dT%H:%M:%SZ")
    return _bytes(root)


def _namespaces(default: str) -> dict[str, str]:
    """A namespace map in which lxml takes None for the default; its type stubs do not say so."""
    return {None: default}  # type: ignore[dict-item]


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


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
    return json.dumps(dict(sorted(found.items())), ensure_ascii=False, separators=(",", ":")).encode()


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
