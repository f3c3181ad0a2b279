"""What the page of a case says by itself: redaction, text, addresses. The modules run in Node.js as they do in browsers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser_modules import Node, answering


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with answering(Path(__file__).with_name("node_case.mjs")) as started:
        yield started


@pytest.mark.parametrize(("text", "expected"), [
    ("set snmp community s3cret authorization read-only", "set snmp community <removed> authorization read-only"),
    ("snmp-server community public RO", "snmp-server community <removed> RO"),
    ("username admin password 7 0822455D0A16", "username admin password 7 <removed>"),
    ('encrypted-password "$6$abc$def/ghi"; # SECRET', "encrypted-password <removed>; # SECRET"),
    ("key-string 0 swordfish", "key-string 0 <removed>"),
    ('pre-shared-key ascii-text "$9$abc"', "pre-shared-key ascii-text <removed>"),
    ('"client_secret": "s p a c e", "api_key": "x-1"', '"client_secret": <removed>, "api_key": <removed>'),
    ("Authorization: Bearer abcdef123456789", "Authorization: Bearer <removed>"),
    ("пароль: секретный-1", "пароль: <removed>"),
    ("$2b$12$abcdefghijklmnop", "<removed>"),
    ("a\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nb", "a\n<key>\nb"),
    ("-----BEGIN PRIVATE KEY-----\ncut off", "<key>"),
    ("10.1.2.3/24 to 10.1.2.4 and 10.1.2.3", "<address-1>/24 to <address-2> and <address-1>"),
    ("2001:db8::1 fe80::a1%ge-0/0/0 2001:0db8:0:0:0:0:0:1", "<address-1> <address-2>%ge-0/0/0 <address-3>"),
    ("00:11:22:aa:bb:cc 0011.22aa.bbcc 00-11-22-AA-BB-CC", "<hardware-1> <hardware-2> <hardware-3>"),
    ("mail jane.doe@example.com, почта админ@пример.рф", "mail <mail-1>, почта <mail-2>"),
    ("<address-1> and 10.9.9.9", "<address-1> and <address-2>"),
])
def test_what_is_confidential_is_replaced(node: Node, text: str, expected: str) -> None:
    assert node.call("redact", text) == expected
    assert node.call("redact", expected) == expected, "what was replaced stays as it is"


@pytest.mark.parametrize("text", [
    "21.4R3-S5 at 12:34:56 on ge-0/0/0, 2026-11-22T10:20:30.123Z", "mask 255.255.255.0, wildcard 0.0.0.255, 127.0.0.1, ::1, 0.0.0.0",
    "The password is wrong, the password expired", "version 1.2.3, 300.1.2.3, 1.2.3.4.5", "token required; secret missing",
    "rpd[1234]: BGP peer down (code 6)", "std::vector", "see https://example.com/a@b",
])
def test_what_is_not_stays(node: Node, text: str) -> None:
    assert node.call("redact", text) == text


def test_only_the_kinds_that_are_chosen(node: Node) -> None:
    assert node.call("redact", "password x1 on 10.1.2.3", ["password"]) == "password <removed> on 10.1.2.3"


def test_hostile_texts_take_no_longer_than_others(node: Node) -> None:
    """Moments for 200,000 characters each: a pattern that goes back over the text would take minutes."""
    texts = ["a-" * 100_000, ":" * 200_000, "1." * 100_000, "a." * 100_000 + "@", "-----BEGIN PRIVATE KEY-----" * 7_000, "a_" * 100_000 + "password",
             "x@" + "a." * 100_000, "password" * 25_000, "f" * 200_000, "\"" * 200_000]
    assert all(isinstance(node.call("redact", text), str) for text in texts)  # a call is given up after a minute


CASE = {"format": 1, "portal": "https://support.example.com/", "language": "en", "prepared": "2026-11-22T12:00:00.000Z",
        "product": {"id": "exos", "name": "ExOS"}, "release": "21.4R3-S5", "title": "Крах rpd & more", "description": "Line\n" * 2_000 + "😀",
        "level": {"id": "high", "number": 2, "name": "High"}, "checklist": [{"id": "a", "name": "Logs", "need": "required", "done": True}]}


def test_the_text_names_what_was_given_and_nothing_else(node: Node) -> None:
    text = node.call("text", {**CASE, "description": "Line"})
    assert text == ("fieldTitle: Крах rpd & more\nfieldProduct: ExOS\nfieldRelease: 21.4R3-S5\nfieldLevel: 2 – High\n\n"
                    "fieldDescription:\nLine\n\nfieldChecklist:\n[x] Logs\n")


@pytest.mark.parametrize("template", [
    "https://cases.example.com/new?p={product}&r={release}&t={title}&d={description}", "https://cases.example.com/new?all={text}&p={platform}"])
def test_addresses_hold_what_has_room(node: Node, template: str) -> None:
    brief = {**CASE, "description": "short"}
    long, short = (node.call("prefilled", template, case, case["description"]) for case in (CASE, brief))
    mail = node.call("mailed", "a+b@example.com", CASE, CASE["description"])
    small = node.call("mailed", "a@example.com", CASE, "short")
    assert long["cut"] and mail["cut"] and not short["cut"] and not small["cut"]
    assert all(len(made["href"]) <= 1_950 for made in (long, mail, short, small))
    assert "{" not in long["href"] and mail["href"].startswith("mailto:a%2Bb@example.com?subject=%D0%9A")
    assert small["href"].endswith("&body=short")
