"""Types, caching and security headers of every file, folders without their slash, redirects, errors."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.deploy.conftest import World
from tests.deploy.servers import HOSTS
from tests.deploy.site import SECRETS, addresses_of

PUBLIC, CUSTOMER = HOSTS["public"], HOSTS["customer"]
TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".json": "application/json",
    ".atom": "application/atom+xml; charset=utf-8", ".rss": "application/rss+xml; charset=utf-8", ".opml": "text/x-opml; charset=utf-8",
    ".xml": "application/xml; charset=utf-8", ".ics": "text/calendar; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".txt": "text/plain; charset=utf-8",
    ".log": "text/plain; charset=utf-8", ".sha256": "text/plain; charset=utf-8",
    ".sha512": "text/plain; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".pagefind": "application/wasm",
    ".bin": "application/octet-stream", ".pf_index": "application/octet-stream", ".pf_meta": "application/octet-stream",
    ".pf_fragment": "application/octet-stream",
}
HEADERS = {"strict-transport-security": r"max-age=\d{8,}", "x-content-type-options": "nosniff",
           "content-security-policy": r"default-src 'none'.*frame-ancestors 'none'(?s:.*)"}


def told(tree: Path) -> dict[str, str]:
    """The headers that a build wants, from the file for hosts that read ``_headers``."""
    lines = (tree / "_headers").read_text(encoding="utf-8").splitlines()[1:]
    return {name.strip().lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}


def type_of(address: str) -> str:
    if re.fullmatch(r"(/ru)?/feeds/.*\.json", address):
        return "application/feed+json"
    if address.endswith("opensearch.xml"):
        return "application/opensearchdescription+xml"
    return TYPES[re.search(r"\.[a-z0-9_]+$", address)[0] if not address.endswith("/") else ".html"]  # type: ignore[index]


@pytest.mark.parametrize("audience", ["public", "customer"])
def test_every_file_has_its_type_and_all_headers(world: World, audience: str) -> None:
    session = world.session("carla", "customer") if audience == "customer" else {}
    wanted = told(world.trees[audience])
    assert len(wanted) > 5
    with world.client.walk(HOSTS[audience]) as walk:
        for address in addresses_of(world.trees[audience]):
            answer = walk.ask(address, session, "HEAD")
            assert (answer.status, answer.headers["content-type"]) == (200, type_of(address)), address
            assert answer.body == b""
            for name, pattern in HEADERS.items():
                assert re.fullmatch(pattern, answer.headers[name]), (address, name)
            for name, value in wanted.items():
                assert answer.headers[name].split("\n")[0] == value, (address, name)
            immutable = re.fullmatch(r"/(assets|attachments)/.*\.[0-9a-f]{8,}\..*", address)
            assert answer.headers["cache-control"].endswith("max-age=31536000, immutable" if immutable else "no-cache"), address
            assert re.fullmatch(r'(W/)?"[^"]+"', answer.headers["etag"]), address


def test_csaf_documents_are_json_without_a_charset_and_open_to_programs(world: World) -> None:
    tree = world.trees["public"]
    documents = sorted((tree / ".well-known" / "csaf").rglob("*.json"))
    assert len(documents) > 3
    for file in documents:
        answer = world.client.ask(PUBLIC, f"/{file.relative_to(tree).as_posix()}", {"Accept-Encoding": "gzip"})
        assert (answer.status, answer.headers["content-type"], answer.headers["access-control-allow-origin"]) == (200, "application/json", "*")
        body = gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
        assert body == file.read_bytes()
        json.loads(body)


def test_an_unchanged_file_is_not_sent_again(world: World) -> None:
    first = world.client.ask(PUBLIC, "/kb/")
    assert world.client.ask(PUBLIC, "/kb/", {"If-None-Match": first.headers["etag"]}).status == 304


def test_text_is_compressed_for_who_takes_it(world: World) -> None:
    for target in ("/kb/", "/feeds/all.atom", "/api/v1/records.json"):
        answer = world.client.ask(PUBLIC, target, {"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body) == world.client.ask(PUBLIC, target).body
        assert "accept-encoding" in answer.headers["vary"].lower()


def test_folders_get_their_slash(world: World) -> None:
    answer = world.client.ask(PUBLIC, "/kb/KB10001?x=1")
    assert answer.status in (301, 308)
    assert answer.headers["location"] == {"nginx": "/kb/KB10001/?x=1", "caddy": "/kb/KB10001/"}[world.server.name]


def test_nothing_below_well_known_is_redirected(world: World) -> None:
    for target in ("/.well-known", "/.well-known/csaf", "/.well-known/csaf/white", "/.well-known/csaf/white/2026", "/.well-known/nothing",
                   "/.well-known/csaf/provider-metadata.json/", "//.well-known/csaf/provider-metadata.json"):
        answer = world.client.ask(PUBLIC, target)
        assert answer.status in (200, 404), (target, answer)
        assert "location" not in answer.headers
    assert world.client.ask(PUBLIC, "/.well-known/csaf").status == 404


def test_old_addresses_lead_to_the_new_ones_in_their_own_tree(world: World) -> None:
    answer = world.client.ask(PUBLIC, "/old/first.html")
    assert (answer.status, answer.headers["location"]) == (301, "/kb/KB10001/")
    closed = f"/old/{SECRETS['customer']}.html"
    assert world.client.ask(PUBLIC, closed).status == 404
    answer = world.client.ask(CUSTOMER, closed, world.session("carla", "customer"))
    assert (answer.status, answer.headers["location"]) == (301, "/kb/KB20001/")


@pytest.mark.parametrize(("target", "language"), [("/nothing", "en"), ("/kb/KB99999/", "en"), ("/ru/nothing/", "ru"), ("/assets/", "en"),
                                                  ("/feeds/nothing.json", "en"), ("/.waypost", ""), ("/headers/nginx.conf", ""), ("/redirects/nginx.map", ""), ("/_headers", "")])
def test_what_is_not_there_is_told_with_the_portals_page(world: World, target: str, language: str) -> None:
    answer = world.client.ask(PUBLIC, target)
    assert answer.status == 404
    assert re.fullmatch(HEADERS["content-security-policy"], answer.headers["content-security-policy"])
    if language:
        assert f'<html lang="{language}"'.encode() in answer.body


def test_attachments_cannot_run_as_pages(world: World) -> None:
    [log] = [address for address in addresses_of(world.trees["public"]) if address.endswith(".log")]
    assert "sandbox" in world.client.ask(PUBLIC, log).headers["content-security-policy"]


