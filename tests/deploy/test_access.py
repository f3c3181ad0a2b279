"""Who gets what from nginx and Caddy as deploy/ configures them: nobody a restricted byte, everybody the bytes that are theirs."""

from __future__ import annotations

import pytest

from tests.deploy.conftest import World
from tests.deploy.servers import HOSTS
from tests.deploy.site import SECRETS, addresses_of

CLOSED = tuple(SECRETS)


def test_the_public_tree_is_open_and_served_byte_for_byte(world: World) -> None:
    addresses = addresses_of(world.trees["public"])
    assert len(addresses) > 200
    with world.client.walk(HOSTS["public"]) as walk:
        for address, file in addresses.items():
            answer = walk.ask(address)
            assert (answer.status, answer.body) == (200, file.read_bytes()), address
            assert answer.headers["cache-control"].startswith("public, "), address


@pytest.mark.parametrize("audience", CLOSED)
def test_nobody_who_is_not_logged_in_gets_any_file_of_a_closed_tree(world: World, audience: str) -> None:
    secret = SECRETS[audience].encode()
    with world.client.walk(HOSTS[audience]) as walk:
        for address in addresses_of(world.trees[audience]):
            answer = walk.ask(address)
            assert answer.status == 401, address
            assert secret not in answer.body, address


@pytest.mark.parametrize("audience", CLOSED)
def test_a_browser_is_sent_to_log_in_from_every_page(world: World, audience: str) -> None:
    pages = [address for address in addresses_of(world.trees[audience]) if address.endswith("/")]
    assert len(pages) > 30
    with world.client.walk(HOSTS[audience]) as walk:
        for address in pages:
            answer = walk.ask(address, {"Accept": "text/html,*/*;q=0.8"})
            if address.startswith("/.well-known/"):
                assert answer.status == 401, address
            else:
                assert (answer.status, answer.headers["location"].split("?")[0]) == (302, f"{world.proxy.provider.url}/authorize"), address
            assert SECRETS[audience].encode() not in answer.body, address


@pytest.mark.parametrize("audience", CLOSED)
def test_what_is_there_and_what_is_not_look_alike_to_who_is_not_logged_in(world: World, audience: str) -> None:
    answers = [world.client.ask(HOSTS[audience], target)
               for target in ("/kb/KB20001/", "/kb/KB20001", "/kb/KB99999/", f"/old/{SECRETS['customer']}.html", "/nothing")]
    told = {(answer.status, answer.body, frozenset(answer.headers) - {"date", "content-type"}) for answer in answers}
    assert [status for status, _body, _names in told] == [401]


@pytest.mark.parametrize(("user", "audience"), [("carla", "customer"), ("paul", "customer"), ("paul", "partner")])
def test_who_is_of_an_allowed_group_gets_every_file(world: World, user: str, audience: str) -> None:
    session = world.session(user, audience)
    with world.client.walk(HOSTS[audience]) as walk:
        for address, file in addresses_of(world.trees[audience]).items():
            answer = walk.ask(address, session)
            assert (answer.status, answer.body) == (200, file.read_bytes()), address
            assert answer.headers["cache-control"].startswith("private, "), address
            assert "access-control-allow-origin" not in answer.headers, address


@pytest.mark.parametrize(("user", "audience"), [("carla", "partner"), ("eve", "customer"), ("eve", "partner"), ("nemo", "customer")])
def test_who_is_of_another_group_gets_nothing(world: World, user: str, audience: str) -> None:
    session = world.session(user, audience)
    with world.client.walk(HOSTS[audience]) as walk:
        for address in addresses_of(world.trees[audience]):
            answer = walk.ask(address, {**session, "Accept": "text/html"})
            assert answer.status == 403, address
            assert SECRETS[audience].encode() not in answer.body, address


def test_a_login_leads_back_to_the_page_that_was_asked_for(world: World) -> None:
    _cookie, answer = world.log_in("carla", "customer", "/kb/KB20001/?from=mail&x=1")
    assert (answer.status, answer.headers["location"]) == (302, "/kb/KB20001/?from=mail&x=1")


@pytest.mark.parametrize("target", ["//evil.example/", "/\\evil.example/", "/%5cevil.example", "/?rd=https://evil.example/", "https://evil.example/x"])
def test_a_login_leads_nowhere_else(world: World, target: str) -> None:
    begin = world.client.ask(HOSTS["customer"], target, {"Accept": "text/html", "X-Auth-Request-Redirect": "https://evil.example/"})
    if begin.status in (0, 400, 404, 421):
        return
    assert begin.status == 302, begin
    assert begin.headers["location"].startswith(f"{world.proxy.provider.url}/authorize?")
    newest = list(world.proxy.begun.values())[-1]["back"]
    assert newest.startswith("/")
    assert not newest.startswith(("//", "/\\"))
    assert world.client.ask(HOSTS["customer"], "/oauth2/start", {"X-Auth-Request-Redirect": "https://evil.example/"}).status == 302
    assert list(world.proxy.begun.values())[-1]["back"] == "/"


def test_a_session_ends_with_its_sign_out(world: World) -> None:
    cookie, _answer = world.log_in("carla", "customer")
    session = {"Cookie": cookie}
    assert world.client.ask(HOSTS["customer"], "/kb/KB20001/", session).status == 200
    assert world.client.ask(HOSTS["customer"], "/oauth2/sign_out", session).status == 302
    assert world.client.ask(HOSTS["customer"], "/kb/KB20001/", session).status == 401


def test_oauth2_proxy_hears_of_the_cookies_alone(world: World) -> None:
    world.proxy.seen.clear()
    forged = {"X-Auth-Request-User": "paul", "X-Auth-Request-Groups": "waypost-partner", "X-Forwarded-Groups": "waypost-partner",
              "X-Forwarded-Host": "evil.example", "Authorization": "Bearer x", "X-Original-URL": "/", "X-Forwarded-Uri": "/oauth2/auth"}
    assert world.client.ask(HOSTS["customer"], "/kb/KB20001/?allowed_groups=staff", {**world.session("eve", "customer"), **forged}).status == 403
    [heard] = world.proxy.seen
    assert {name.lower() for name in heard} & {"authorization", "x-auth-request-user", "x-auth-request-groups", "x-forwarded-groups",
                                               "x-original-url"} == set()
    assert "evil" not in str(heard)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "NONSENSE"])
def test_only_reading_is_answered(world: World, method: str) -> None:
    for audience, headers in (("public", {}), ("customer", world.session("carla", "customer")), ("customer", {})):
        answer = world.client.ask(HOSTS[audience], "/kb/KB10001/", {**headers, "Content-Length": "0"}, method)
        assert answer.status in (401, 405), (audience, answer)
        assert b"Restart" not in answer.body


def test_a_closed_tree_stays_closed_while_oauth2_proxy_is_away(world: World) -> None:
    """A request that cannot be judged is refused."""
    session = world.session("carla", "customer")
    world.proxy.pause()
    try:
        for target in ("/", "/kb/KB20001/", "/feeds/all.atom"):
            answer = world.client.ask(HOSTS["customer"], target, session)
            assert answer.status in (401, 500, 502, 503, 504), answer
            assert SECRETS["customer"].encode() not in answer.body
    finally:
        world.proxy.resume()
