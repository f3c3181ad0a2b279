"""Files are sent after what they refer to, and served as what they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from selectolax.lexbor import LexborHTMLParser

from generator.publishing.facts import read_facts
from generator.publishing.roles import Headers, Role, headers_of, role_of, stages
from generator.publishing.source import list_files


@pytest.fixture(scope="module")
def roles(built: tuple[Path, Path]) -> dict[str, Role]:
    """Roles of the small site's files by path."""
    paths = [path for path in list_files(built[1]) if path != ".waypost"]
    role = role_of(read_facts(built[1], paths))
    return {path: role(path) for path in paths}


def loads(out: Path, path: str) -> Iterator[str]:
    """What a page loads: paths of the tree."""
    for node in LexborHTMLParser((out / path).read_text(encoding="utf-8")).css("script[src], link[rel=stylesheet], img[src]"):
        address = node.attributes.get("src") or node.attributes.get("href") or ""
        found = (out / path).parent.joinpath(urldefrag(address)[0]).resolve()
        if found.is_relative_to(out.resolve()):
            yield found.relative_to(out.resolve()).as_posix()


def test_what_a_page_loads_comes_before_it(built: tuple[Path, Path], roles: dict[str, Role]) -> None:
    pairs = [(path, other) for path in roles if path.endswith(".html") for other in loads(built[1], path)]
    assert len(pairs) > 100
    assert [pair for pair in pairs if roles[pair[1]] >= roles[pair[0]]] == []


def test_lists_and_feeds_come_after_what_they_lead_to(built: tuple[Path, Path], roles: dict[str, Role]) -> None:
    url, out, found = re.compile(rb"https://support\.example\.com/([^\"<>\s]*)"), built[1], 0
    for path, role in roles.items():
        if re.search(r"\.(atom|rss|xml|opml)$|provider-metadata\.json$|service\.json$|records\.json$", path):
            for target in url.findall((out / path).read_bytes()):
                other = urldefrag(target.decode())[0]
                other = f"{other}index.html" if other.endswith("/") or not other else other
                if other in roles and other != path and roles[other] not in {Role.entry} and not other.endswith((".atom", ".rss", ".json")):
                    assert roles[other] < role, (path, other)
                    found += 1
    assert found > 50
    for file in json.loads((out / "api/v1/records.json").read_bytes())["files"]:
        assert roles[file["path"]] < roles["api/v1/records.json"]


@pytest.mark.parametrize(("path", "role"), [
    ("assets/waypost.64b39a4d6c.js", Role.asset), ("assets/waypost.64b39a4d6c.js.gz", Role.asset), ("attachments/box.123456789abc.log", Role.asset),
    ("kb/KB10001/index.html", Role.record), ("ru/kb/KB10001/index.html", Role.record), ("kb/index.html", Role.page),
    ("index.html", Role.entry), ("ru/index.html", Role.entry), ("404.html", Role.entry), ("sitemap.xml", Role.entry), ("feeds/all.atom", Role.index),
    (".well-known/csaf/provider-metadata.json", Role.entry), (".well-known/csaf/white/2026/sa-2026-0001.json", Role.document),
    (".well-known/csaf/white/2026/sa-2026-0001.json.sha256", Role.document), (".well-known/csaf/white/index.txt", Role.index),
    ("prsearch/root.json", Role.index), ("prsearch/w/_.bin", Role.asset), ("osv/SA-2026-0001.json", Role.document), ("osv/all.json", Role.index)])
def test_roles(built: tuple[Path, Path], path: str, role: Role) -> None:
    assert role_of(read_facts(built[1], list_files(built[1])))(path) == role


def test_stages_go_from_assets_to_entry_points(roles: dict[str, Role]) -> None:
    found = stages(roles, roles.__getitem__)
    assert [role for role, _paths in found] == list(Role)
    assert sorted(path for _role, paths in found for path in paths) == sorted(roles)


IMMUTABLE, SHORT = "public, max-age=31536000, immutable", "public, max-age=60"


@pytest.mark.parametrize(("path", "role", "expected"), [
    ("assets/waypost.64b39a4d6c.js", Role.asset, Headers("text/javascript; charset=utf-8", IMMUTABLE)),
    ("assets/waypost.64b39a4d6c.js.gz", Role.asset, Headers("text/javascript; charset=utf-8", IMMUTABLE, "gzip")),
    ("assets/images/favicon.png", Role.asset, Headers("image/png", "public, max-age=300")),
    ("pagefind/en-guide/index/en-x-guide_17ebe3d.pf_index", Role.asset, Headers("application/octet-stream", IMMUTABLE)),
    ("kb/KB10001/index.html", Role.record, Headers("text/html; charset=utf-8", "public, max-age=300")),
    ("index.html", Role.entry, Headers("text/html; charset=utf-8", SHORT)),
    (".well-known/csaf/provider-metadata.json", Role.entry, Headers("application/json", SHORT)),
    ("feeds/all.atom", Role.index, Headers("application/atom+xml; charset=utf-8", SHORT)),
    ("feeds/all.rss", Role.index, Headers("application/rss+xml; charset=utf-8", SHORT)),
    ("ru/feeds/all.json", Role.index, Headers("application/feed+json", SHORT)),
    ("opensearch.xml", Role.index, Headers("application/opensearchdescription+xml", SHORT)),
])
def test_headers(path: str, role: Role, expected: Headers) -> None:
    assert headers_of(path, role, private=False) == expected
    assert headers_of(path, role, private=True).cache_control == expected.cache_control.replace("public", "private")
