"""How mail and pings leave: TLS, logins, settings; hubs."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword
from click.testing import CliRunner

from generator.cli import main
from generator.notify.smtp import MailServer, SettingsError
from tests.generator.notify_support import NOW, Mailbox, Receiver, listed, publish, run, serving, subscribed
from tests.generator.test_notify import ALL, begin

SETTINGS = {"WAYPOST_SMTP_HOST": "mail.example.org", "WAYPOST_SMTP_FROM": "support@example.com"}


@pytest.mark.parametrize(("change", "message"), [
    ({"WAYPOST_SMTP_HOST": ""}, "WAYPOST_SMTP_HOST is not set; mail cannot be sent without it"),
    ({"WAYPOST_SMTP_FROM": " "}, "WAYPOST_SMTP_FROM is not set; mail cannot be sent without it"),
    ({"WAYPOST_SMTP_SECURITY": "ssl"}, "WAYPOST_SMTP_SECURITY is none of tls, starttls, none"),
    ({"WAYPOST_SMTP_SECURITY": "none", "WAYPOST_SMTP_USER": "u"}, "WAYPOST_SMTP_SECURITY is none, which would send the password in the clear; set tls or starttls"),
    ({"WAYPOST_SMTP_PORT": "x"}, "WAYPOST_SMTP_PORT or WAYPOST_SMTP_FROM "), ({"WAYPOST_SMTP_FROM": "A <b>"}, "WAYPOST_SMTP_PORT or WAYPOST_SMTP_FROM "),
    ({"WAYPOST_SMTP_FROM": "A <a@example.org>\r\nBcc: b@example.org"}, "WAYPOST_SMTP_PORT or WAYPOST_SMTP_FROM "),
])
def test_wrong_settings_are_named(change: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        MailServer.of(SETTINGS | change)
    assert str(caught.value).startswith(message)


def test_settings_have_safe_defaults() -> None:
    server = MailServer.of(SETTINGS | {"WAYPOST_SMTP_FROM": "Поддержка <support@example.com>"})
    assert (server.port, server.security, str(server.author.addr_spec), server.author.display_name) == (
        587, "starttls", "support@example.com", "Поддержка")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def changed(folder: Path) -> None:
    begin(folder, ALL)
    publish(folder / "portal", [listed("1001", NOW), listed("1002")])


@pytest.mark.parametrize(("security", "trusted"), [("tls", True), ("starttls", True), ("starttls", False)])
def test_mail_goes_out_by_tls_to_a_server_that_can_be_trusted(tmp_path: Path, authority: trustme.CA, security: str, trusted: bool,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    logins = []

    def login(server: object, session: object, envelope: object, mechanism: str, data: LoginPassword) -> AuthResult:
        logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    options = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    changed(tmp_path)
    with serving(box := Mailbox(), authenticator=login, auth_require_tls=security != "tls", auth_required=True, **options) as own:
        own |= {"WAYPOST_SMTP_SECURITY": security, "WAYPOST_SMTP_USER": "u", "WAYPOST_SMTP_PASSWORD": "wrong"}
        refused = run(tmp_path, own)
        assert [trouble.state for trouble in refused.delivered.troubles] == ["waiting"]
        assert "wrong" not in refused.delivered.troubles[0].reason
        assert run(tmp_path, own | {"WAYPOST_SMTP_PASSWORD": "right"}).delivered.sent == trusted
    assert len(box.taken) == trusted
    assert bool(logins) == trusted, "a password goes to no server that cannot be trusted"


@pytest.mark.parametrize("named", ["by an option", "by the portal"])
def test_hubs_are_told_of_changed_feeds(tmp_path: Path, named: str) -> None:
    asked: list[str] = []
    receiver = Receiver(lambda path, number: 500 if number == 2 else 204)
    with receiver.serving() as address:
        by_portal = named == "by the portal"
        publish(tmp_path / "portal", [listed("1001")], f"{address}/hub" if by_portal else "")
        subscribed(tmp_path / "subscribers.yml")
        for name in ("feeds/all.atom", "feeds/kb.atom", "ru/feeds/all.json", "feeds/index.html"):
            (tmp_path / "portal" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "portal" / name).write_text("1")
        hub = () if by_portal else (f"{address}/hub",)
        assert run(tmp_path, hubs=hub).pings.told == 0, "the first run only looks"
        for name in ("feeds/all.atom", "ru/feeds/all.json", "feeds/index.html", "feeds/new.atom"):
            (tmp_path / "portal" / name).write_text("22")
        second = run(tmp_path, hubs=hub, connections=1).pings
        assert (second.told, len(second.troubles)) == (2, 1)
        assert second.troubles[0].endswith(": the hub answered 500")
        assert run(tmp_path, hubs=hub).pings.told == 1
        assert run(tmp_path, hubs=hub).pings.told == 0
    asked = [parse_qs(body.decode())["hub.url"][0] for _path, _key, body in receiver.taken]
    assert sorted(asked) == [f"https://support.example.com/{name}" for name in ("feeds/all.atom", "feeds/new.atom", "ru/feeds/all.json")]
    assert all(parse_qs(body.decode())["hub.mode"] == ["publish"] for _path, _key, body in receiver.taken)


@pytest.mark.parametrize(("options", "message"), [
    (["--portal", "https://example.org", "--hub", "https://hub.example.org/"], "--hub needs the folder of the portal"),
    (["--portal", "http://example.org"], "--portal is no address for a hook"), (["--hub", "x"], "--hub is not a web address"),
    (["--unsubscribe", "http://x"], "--unsubscribe is neither an https nor a mailto address"), (["--dry-run", "."], "is not empty"),
    (["--unsubscribe", "https://example.org/{token}"], "WAYPOST_UNSUBSCRIBE_KEY is not set"),
])
def test_wrong_usage_ends_with_2(tmp_path: Path, options: list[str], message: str) -> None:
    changed(tmp_path)
    found = CliRunner().invoke(main, ["notify", "--portal", str(tmp_path / "portal"), "--subscribers", str(tmp_path / "subscribers.yml"),
                                      "--state", str(tmp_path / "state"), *options])
    assert (found.exit_code, message in " ".join(found.output.split())) == (2, True), found.output


def test_a_portal_is_read_over_http(tmp_path: Path) -> None:
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    changed(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "portal")))
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        with serving(box := Mailbox()) as variables:
            assert run(tmp_path, variables, portal=f"http://127.0.0.1:{server.server_port}").delivered.sent == 1
    finally:
        server.shutdown()
        server.server_close()
    assert len(box.taken) == 1
