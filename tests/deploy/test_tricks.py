"""Requests that try to talk their way past the login or out of the tree, byte for byte as an attacker would send them."""

from __future__ import annotations

import pytest

from tests.deploy.conftest import World
from tests.deploy.servers import HOSTS
from tests.deploy.site import SECRETS

PUBLIC, CUSTOMER, PARTNER = (HOSTS[name] for name in ("public", "customer", "partner"))
OUTSIDE = b"qzoutside"  # stands in a file beside the trees, and in hidden files of theirs

# Targets on a closed host, and on the open one: they may be refused or understood as anything that is open.
_PAGE = b"/kb/KB20001/"
TARGETS = (
    b"/kb/../kb/KB20001/", b"/./kb/KB20001/", b"//kb//KB20001//", b"///kb/KB20001/index.html", b"/kb/KB20001/.", b"/kb/KB20001/..;/KB20001/",
    b"/kb/KB20001/;a=b", b"/;/kb/KB20001/", b"/kb;x/KB20001/", b"/kb/KB20001/index.html;.css", b"/kb/KB20001/index.html/", b"/kb/KB20001/index.html/x.css",
    b"/%6b%62/%4b%42%32%30%30%30%31/", b"/kb%2fKB20001%2f", b"/kb%2FKB20001%2Findex.html", b"/kb/%2e%2e/kb/KB20001/", b"/kb/%2e%2e%2fkb/KB20001/",
    b"/%252e%252e/kb/KB20001/", b"/kb%252fKB20001/", b"/kb\\KB20001\\", b"\\kb\\KB20001\\index.html", b"/kb/..\\kb\\KB20001/", b"/kb%5cKB20001%5c",
    b"/KB/kb20001/", b"/Kb/KB20001/INDEX.HTML", b"/kb/KB20001./", b"/kb/KB20001/index.html.", b"/kb/KB20001/index.html%20", b"/kb/KB20001/index.html::$DATA",
    b"/kb/KB20001/index.html%00", b"/kb/KB20001/index.html%00.css", b"/kb/KB20001/index.html\x00.css", b"/\x00/kb/KB20001/", b"/kb/KB20001/\xc0\xae\xc0\xae/",
    b"/%c0%ae%c0%ae/kb/KB20001/", b"/kb%c0%afKB20001/", b"/%e0%80%afkb/KB20001/", b"/kb/KB20001/%ef%bc%8e%ef%bc%8e/", b"/kb/KB20001/?/../../public/",
    b"/kb/KB20001/#/oauth2/callback", b"/oauth2/callback/../../kb/KB20001/", b"/oauth2/start/../kb/KB20001/", b"/oauth2/callback%2f..%2f..%2fkb/KB20001/",
    b"/oauth2/sign_out/..%2f../kb/KB20001/", b"/.well-known/../kb/KB20001/", b"/.well-known/acme-challenge/../../kb/KB20001/", b"/.well-known/csaf/amber/index.txt",
    b"/t/../kb/KB20001/", b"/t/x/kb/KB20001/", b"/t/" + b"A" * 80 + b"/feeds/../kb/KB20001/", b"/t/" + b"A" * 80 + b"/feeds/all.atom", b"/t/" + b"A" * 80 + b"/kb/KB20001/index.html",
    b"/t//feeds/all.atom", b"/t/" + b"A" * 80 + b"/feeds/%2e%2e/kb/KB20001/x.json", b"/_waypost_login", b"/_waypost_feed_token", b"/404.html/../kb/KB20001/",
    b"/assets/../kb/KB20001/", b"/assets/..%2fkb/KB20001/index.html", b"/redirects/nginx.map", b"/ru/../kb/KB20001/", b"/kb/KB20001/index.html?x=.css",
    b"http://customer.support.example.com/kb/KB20001/", b"http://support.example.com/kb/KB20001/", b"https://x@customer.support.example.com/kb/KB20001/",
    b"http://customer.support.example.com:80/kb/KB20001/", b"ftp://customer.support.example.com/kb/KB20001/", b"kb/KB20001/", b"*", b"/kb/KB20001/ HTTP/0.9", b"",
)
OUT = (
    b"/../outside.txt", b"/..%2foutside.txt", b"/%2e%2e/outside.txt", b"/%2e%2e%2f%2e%2e%2foutside.txt", b"/..%2f..%2f..%2foutside.txt", b"/..;/outside.txt",
    b"/%252e%252e%252foutside.txt", b"/kb/../../outside.txt", b"/kb/../../../outside.txt", b"/assets/../../../outside.txt", b"/assets/..%2f..%2f..%2foutside.txt",
    b"/assets..%2f..%2foutside.txt", b"/assets../outside.txt", b"/feeds../../outside.txt", b"/feeds/..%2f..%2f..%2foutside.json", b"/.well-known/../../../outside.txt",
    b"/.well-known..%2foutside.txt", b"/.well-known/csaf/..%2f..%2f..%2f..%2foutside.txt", b"/\xc0\xae\xc0\xae/outside.txt", b"/%c0%ae%c0%ae/%c0%ae%c0%ae/outside.txt",
    b"/..\\outside.txt", b"/..%5c..%5coutside.txt", b"/link.txt", b"/kb/link/outside.txt", b"/.hidden", b"/%2ehidden", b"/kb/.hidden", b"/.well-known/.hidden",
    b"/.git/config", b"/.hidden/", b"//.hidden", b"/./.hidden", b"/kb/%2e%68idden", b"/.HIDDEN", b"/../customer/kb/KB20001/index.html",
    b"/..%2fcustomer%2fkb%2fKB20001%2findex.html", b"/../../current/customer/kb/KB20001/", b"/../customer/kb/KB20001/", b"/../../../srv/current/customer/attachments/",
)
SECRET = SECRETS["customer"].encode()


@pytest.fixture(scope="module")
def baited(world: World) -> World:
    """The trees with files that nobody may get: hidden ones, and links that lead out."""
    (world.server.place.folder / "srv" / "outside.txt").write_bytes(OUTSIDE)
    (world.server.place.folder / "srv" / "outside.json").write_bytes(OUTSIDE)
    for tree in world.trees.values():
        for place in (".hidden", "kb/.hidden", ".well-known/.hidden", ".git/config"):
            (tree / place).parent.mkdir(exist_ok=True)
            (tree / place).write_bytes(OUTSIDE)
        (tree / "link.txt").symlink_to("../../../outside.txt")
        (tree / "kb" / "link").symlink_to("../../../..")
    return world


def request(target: bytes, *headers: bytes, version: bytes = b"HTTP/1.1", method: bytes = b"GET") -> bytes:
    return b"\r\n".join([b" ".join(filter(None, [method, target, version])), *headers, b"Connection: close", b"", b""])


@pytest.mark.parametrize("target", TARGETS)
def test_no_target_gets_past_the_login(baited: World, target: bytes) -> None:
    for version in (b"HTTP/1.1", b"HTTP/1.0"):
        received = baited.client.raw(CUSTOMER, request(target, b"Host: " + CUSTOMER.encode(), version=version))
        assert SECRET not in received
        assert b" 200 " not in received.split(b"\r\n", 1)[0], received[:300]


@pytest.mark.parametrize("target", OUT)
def test_no_target_leads_out_of_the_tree(baited: World, target: bytes) -> None:
    if baited.server.name == "caddy" and b"link" in target:
        pytest.skip("Caddy follows symbolic links; a build makes none")
    session = baited.session("paul", "partner")["Cookie"].encode()
    for host, headers in ((PUBLIC, ()), (PARTNER, (b"Cookie: " + session,))):
        received = baited.client.raw(host, request(target, b"Host: " + host.encode(), *headers))
        assert OUTSIDE not in received
        assert host == PARTNER or SECRET not in received
        assert b" 200 " not in received.split(b"\r\n", 1)[0], received[:300]


@pytest.mark.parametrize("headers", [
    (b"X-Auth-Request-User: paul", b"X-Auth-Request-Email: paul@example.com", b"X-Auth-Request-Groups: waypost-partner"),
    (b"X-Forwarded-User: paul", b"X-Forwarded-Groups: waypost-partner", b"X-Forwarded-For: 127.0.0.1", b"X-Real-IP: 127.0.0.1"),
    (b"X-Original-URL: /404.html", b"X-Rewrite-URL: /404.html", b"X-Original-URI: /404.html", b"X-Forwarded-Uri: /oauth2/callback"),
    (b"X-Original-Method: OPTIONS", b"X-HTTP-Method-Override: HEAD", b"X-Accel-Redirect: /kb/KB20001/"),
    (b"X-Forwarded-Host: support.example.com", b"Forwarded: host=support.example.com;proto=https"),
    (b"Authorization: Basic cGF1bDpwYXVs", b"Proxy-Authorization: Basic cGF1bDpwYXVs"),
    (b"Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJwYXVsIn0.",),
    (b"Cookie: __Host-waypost=", b"Cookie: __Host-waypost=x; __Host-waypost_csrf=x"), (b"Cookie: _oauth2_proxy=x; __Host-waypost=../../x",),
    (b"Range: bytes=0-10000",), (b"If-None-Match: *",), (b"If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT",), (b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"),
    (b"Accept: text/html", b"Accept-Encoding: gzip, br"), (b"Expect: 100-continue",), (b"Purpose: prefetch",), (b"Service-Worker: script",),
])
def test_no_header_gets_past_the_login(baited: World, headers: tuple[bytes, ...]) -> None:
    for method in (b"GET", b"HEAD"):
        received = baited.client.raw(CUSTOMER, request(_PAGE, b"Host: " + CUSTOMER.encode(), *headers, method=method))
        assert SECRET not in received
        assert received.split(b"\r\n", 1)[0].split(b" ")[1] in (b"401", b"302"), received[:300]


@pytest.mark.parametrize(("greeted", "host"), [
    (PUBLIC, CUSTOMER), (CUSTOMER, PUBLIC), (PUBLIC, "CUSTOMER.SUPPORT.EXAMPLE.COM"), (PUBLIC, f"{CUSTOMER}:443"), (PUBLIC, f"{CUSTOMER}."), (CUSTOMER, "localhost"),
    (CUSTOMER, "127.0.0.1"), (CUSTOMER, ""), (CUSTOMER, f"{PUBLIC}@{CUSTOMER}"), (CUSTOMER, f"{PUBLIC}/../customer"), (CUSTOMER, f"{PUBLIC}:{CUSTOMER}"), (CUSTOMER, "_"),
])
def test_no_host_name_gets_past_the_login(baited: World, greeted: str, host: str) -> None:
    for target in (_PAGE, b"/attachments/", b"/.well-known/csaf/amber/index.txt", b"https://" + CUSTOMER.encode() + _PAGE):
        received = baited.client.raw(greeted, request(target, b"Host: " + host.encode()))
        assert SECRET not in received
        assert host == PUBLIC or b" 200 " not in received.split(b"\r\n", 1)[0], received[:300]


def test_a_request_without_a_host_or_with_two_gets_nothing_closed(baited: World) -> None:
    for headers in ((), (b"Host: " + PUBLIC.encode(), b"Host: " + CUSTOMER.encode()), (b"Host: " + CUSTOMER.encode(), b"Host: " + PUBLIC.encode())):
        for version in (b"HTTP/1.0", b"HTTP/1.1", b"HTTP/0.9", b"HTTP/1.9", b"HTTP/3.0", b""):
            assert SECRET not in baited.client.raw(CUSTOMER, request(_PAGE, *headers, version=version))


_HIDDEN = b"GET /kb/KB20001/ HTTP/1.1\r\nHost: customer.support.example.com\r\n\r\n"


@pytest.mark.parametrize("head", [
    b"Content-Length: 6\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nContent-Length: 6", b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Transfer-Encoding:\tchunked", b"X: y\nTransfer-Encoding: chunked", b"Content-Length: 0\r\nContent-Length: 71",
    b"Content-Length: +0", b"Content-Length: 0, 71", b"Content-Length : 71", b" Content-Length: 71",
])
def test_no_smuggled_request_is_taken_for_that_of_somebody_else(baited: World, head: bytes) -> None:
    """The connection of a customer is no help to a request that hides in the body of one without a session, nor the reverse."""
    cookie = baited.session("carla", "customer")["Cookie"].encode()
    sent = b"GET / HTTP/1.1\r\nHost: customer.support.example.com\r\nCookie: " + cookie + b"\r\n" + head + b"\r\n\r\n0\r\n\r\n" + _HIDDEN
    received = baited.client.raw(CUSTOMER, sent, patience=1)
    answers = received.split(b"HTTP/1.1 ")[1:]
    assert all(not answer.startswith(b"200") for answer in answers[1:]), received[:2000]
    received = baited.client.raw(PUBLIC, sent.replace(b"customer.support", b"support", 1).replace(cookie, b"x=y"), patience=1)
    assert SECRET not in received


def test_a_second_request_on_a_connection_is_judged_by_itself(baited: World) -> None:
    session = baited.session("carla", "customer")
    with baited.client.walk(CUSTOMER) as walk:
        statuses = [walk.ask("/kb/KB20001/", headers).status for headers in (session, {}, session, {"Cookie": "x=y"})]
    assert statuses == [200, 401, 200, 401]


def test_the_plain_port_redirects_and_shows_nothing(baited: World) -> None:
    import socket

    for host in (CUSTOMER, PUBLIC):
        with socket.create_connection(("127.0.0.1", baited.server.plain_port), timeout=5) as plain:
            plain.sendall(request(_PAGE, b"Host: " + host.encode()))
            received = b"".join(iter(lambda: plain.recv(65536), b""))
        assert received.split(b" ")[1] in (b"301", b"308"), received
        assert f"location: https://{host}/kb/KB20001/".encode() in received.lower().replace(b"kb20001", b"KB20001")


def test_servers_do_not_tell_their_version(baited: World) -> None:
    for target in (b"/", b"/nothing", b"/%zz", b"\x00"):
        received = baited.client.raw(PUBLIC, request(target, b"Host: " + PUBLIC.encode()))
        assert b"nginx/" not in received
        assert b"2.6" not in received.split(b"\r\n\r\n")[0]
