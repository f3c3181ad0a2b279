"""Personal feed tokens: they open the feeds of their audience, nothing else, and stop at once when they are taken out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.feed_tokens import BadTokens, changing, issue, read_tokens
from tests.deploy.conftest import World
from tests.deploy.servers import HOSTS
from tests.deploy.site import SECRETS, addresses_of
from tests.generator.support import AT

CUSTOMER, PARTNER, PUBLIC = HOSTS["customer"], HOSTS["partner"], HOSTS["public"]
TODAY = AT.date()


def run(file: Path, action: str, *options: str, status: int = 0) -> Any:
    done = CliRunner().invoke(main, ["feed-token", action, "--file", str(file), "--at", AT.isoformat(), "--json", *options])
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


@pytest.fixture
def token(world: World) -> dict[str, Any]:
    """A new token for customers, known to the server."""
    made: dict[str, Any] = run(world.server.place.tokens("customer", world.server.suffix), "new", "--for", "carla@example.com")
    world.server.reload()
    return made


def test_a_token_opens_feeds_and_calendars_and_nothing_else(world: World, token: dict[str, Any]) -> None:
    opened = 0
    with world.client.walk(CUSTOMER) as walk:
        for address, file in addresses_of(world.trees["customer"]).items():
            answer = walk.ask(f"/t/{token['token']}{address}")
            is_feed = address.endswith((".atom", ".rss", ".ics")) or ("/feeds/" in address and address.endswith(".json"))
            assert answer.status == (200 if is_feed else 403), address
            if is_feed:
                opened += 1
                assert answer.body == file.read_bytes()
                assert answer.headers["cache-control"] == "private, no-cache"
            else:
                assert SECRETS["customer"].encode() not in answer.body
    assert opened > 50
    assert world.client.ask(CUSTOMER, f"/t/{token['token']}/feeds/all.atom").headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert world.client.ask(CUSTOMER, f"/t/{token['token']}/feeds/all.json").headers["content-type"] == "application/feed+json"


def test_a_token_is_of_no_use_elsewhere(world: World, token: dict[str, Any]) -> None:
    assert world.client.ask(PARTNER, f"/t/{token['token']}/feeds/all.atom").status == 403
    assert world.client.ask(PUBLIC, f"/t/{token['token']}/feeds/all.atom").status in (403, 404)
    for headers in ({"Authorization": f"Basic {token['token']}"}, {"Cookie": f"__Host-waypost={token['token']}"}):
        assert world.client.ask(CUSTOMER, "/kb/KB20001/", headers).status == 401
        assert world.client.ask(CUSTOMER, "/feeds/all.atom", headers).status == 401
    assert world.client.ask(CUSTOMER, "/feeds/all.atom?token=" + token["token"]).status == 401


@pytest.mark.parametrize("rest", ["/feeds/../api/v1/records.json", "/feeds/%2e%2e/api/v1/records.json", "/feeds/..%2fapi%2fv1%2frecords.json",
                                  "/feeds/../kb/KB20001/index.html", "/feeds//../api/v1/records.json", "/lifecycle/../osv/all.json",
                                  "/feeds/..%2f..%2fpartner%2ffeeds%2fall.atom", "/feeds/../../partner/feeds/all.atom",
                                  "/feeds/all.atom%00", "/feeds/all.atom/../../../kb/KB20001/index.html", "/feeds/.hidden.json", "/feeds/x;.json"])
def test_a_token_leads_nowhere_else(world: World, token: dict[str, Any], rest: str) -> None:
    received = world.client.raw(CUSTOMER, f"GET /t/{token['token']}{rest} HTTP/1.1\r\nHost: {CUSTOMER}\r\nConnection: close\r\n\r\n".encode())
    assert received.split(b"\r\n")[0].split(b" ")[1] in (b"400", b"401", b"403", b"404"), received[:500]
    assert not any(word.encode() in received for word in SECRETS.values())


@pytest.mark.parametrize("change", [lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"), lambda text: text[:40] + "A" * 40, str.swapcase,
                                    lambda text: text + "A", lambda text: text[:-4], lambda text: "A" * 80, lambda text: ""])
def test_a_changed_token_opens_nothing(world: World, token: dict[str, Any], change: Any) -> None:
    assert world.client.ask(CUSTOMER, f"/t/{change(token['token'])}/feeds/all.atom").status == 403


def test_a_revoked_token_stops_working(world: World, token: dict[str, Any]) -> None:
    file = world.server.place.tokens("customer", world.server.suffix)
    other = run(file, "new", "--for", "paul@example.com")
    world.server.reload()
    for made in (token, other):
        assert world.client.ask(CUSTOMER, f"/t/{made['token']}/feeds/all.atom").status == 200
    assert run(file, "revoke", token["id"]) == {"removed": [token["id"]], "unknown": []}
    world.server.reload()
    assert world.client.ask(CUSTOMER, f"/t/{token['token']}/feeds/all.atom").status == 403
    assert world.client.ask(CUSTOMER, f"/t/{other['token']}/feeds/all.atom").status == 200


def test_tokens_stand_neither_in_logs_nor_in_files(world: World, token: dict[str, Any]) -> None:
    for target in (f"/t/{token['token']}/feeds/all.atom", f"/t/{token['token']}/feeds/nothing.atom", f"/t/{token['token']}/kb/", f"/t/{token['token']}",
                   f"/%74/{token['token']}/feeds/all.atom", f"//t//{token['token']}/feeds/all.atom", f"/./t/{token['token']}/feeds/all.atom",
                   f"/T/{token['token']}/feeds/all.atom", f"/kb/../t/{token['token']}/feeds/all.atom", f"/kb/%2e%2e/t/{token['token']}/feeds/all.atom"):
        world.client.ask(CUSTOMER, target)
    world.client.ask(CUSTOMER, "/oauth2/callback?code=qzcode&state=qzstate")
    world.wait()
    written = world.server.log.read_text() + world.server.errors.read_text()
    assert "/feeds/all.atom" in written
    assert token["token"] not in written
    assert "qzcode" not in written
    kept = world.server.place.tokens("customer", world.server.suffix).read_text()
    assert token["id"] in kept
    assert token["token"] not in kept


@pytest.mark.parametrize("suffix", ["", ".caddy"])
class TestFiles:
    """What the command makes of a file."""

    def test_tokens_are_listed_and_expire(self, tmp_path: Path, suffix: str) -> None:
        file = tmp_path / f"customer{suffix}"
        short, long = run(file, "new", "--for", "a@example.com", "--days", "1"), run(file, "new", "--for", "b@example.com")
        assert [(token["id"], token["for"], token["expired"]) for token in run(file, "list")] == [
            (short["id"], "a@example.com", False), (long["id"], "b@example.com", False)]
        later = ("--at", (AT + timedelta(days=1)).isoformat())
        assert run(file, "expire", *later)["removed"] == [short["id"]]
        assert [token["id"] for token in run(file, "list")] == [long["id"]]

    def test_all_tokens_of_a_holder_go_at_once(self, tmp_path: Path, suffix: str) -> None:
        file = tmp_path / f"customer{suffix}"
        mine = [run(file, "new", "--for", "a@example.com")["id"] for _ in range(2)]
        other = run(file, "new", "--for", "b@example.com")["id"]
        assert run(file, "revoke", "--for", "a@example.com")["removed"] == mine
        assert [token["id"] for token in run(file, "list")] == [other]

    def test_the_file_is_for_its_owner_and_group_and_keeps_its_mode(self, tmp_path: Path, suffix: str) -> None:
        file = tmp_path / f"customer{suffix}"
        run(file, "new", "--for", "a@example.com")
        assert file.stat().st_mode & 0o777 == 0o640
        file.chmod(0o600)
        run(file, "new", "--for", "a@example.com")
        assert file.stat().st_mode & 0o777 == 0o600

    def test_a_file_of_something_else_is_left_alone(self, tmp_path: Path, suffix: str) -> None:
        file = tmp_path / f"customer{suffix}"
        file.write_text("root:x:0:0\n")
        done = CliRunner().invoke(main, ["feed-token", "new", "--file", str(file), "--for", "a@example.com"])
        assert (done.exit_code, done.output) == (1, f"{file}:1: is no line that 'waypost feed-token' writes; move it elsewhere\n")
        assert file.read_text() == "root:x:0:0\n"


def test_unknown_tokens_are_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["feed-token", "revoke", "abc", "--file", str(tmp_path / "customer")])
    assert (done.exit_code, done.output) == (1, f"0 tokens taken out\nabc: no such token in {tmp_path / 'customer'}\n")


@pytest.mark.parametrize("holder", ["a:b", "a\nb", "{$HOME}", "a" * 81, "", "a # b"])
def test_a_holder_that_a_file_cannot_hold_is_refused(holder: str) -> None:
    with pytest.raises(BadTokens):
        issue(holder, TODAY, 1)


def test_tokens_can_stand_in_an_address(tmp_path: Path) -> None:
    for _ in range(50):
        token, text = issue("a", TODAY, 1)
        assert len(text) == 80
        assert text.isalnum()
        with changing(tmp_path / "customer") as tokens:
            tokens.append(token)
    assert len(read_tokens(tmp_path / "customer")) == 50
