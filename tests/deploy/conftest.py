"""Three trees, a provider, a stand-in for oauth2-proxy, and the web servers before them."""

from __future__ import annotations

import shutil
import ssl
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.feed_tokens import changing
from tests.deploy.client import Answer, Client
from tests.deploy.provider import Provider
from tests.deploy.servers import HOSTS, Caddy, Nginx, Place, Server, is_there, write_certificates
from tests.deploy.site import AUDIENCES, publish, write_audiences
from tests.deploy.stand_in import Proxy

PEOPLE = {"carla": ("waypost-customer",), "paul": ("waypost-partner",), "eve": ("staff",), "nemo": ()}


class World(NamedTuple):
    """A server before the trees, a client of it, and who can log in."""

    server: Server
    client: Client
    proxy: Proxy
    sessions: dict[tuple[str, str], str]

    @property
    def trees(self) -> dict[str, Path]:
        return {audience: self.server.place.folder / "srv" / "current" / audience for audience in AUDIENCES}

    @staticmethod
    def wait() -> None:
        """Until a log is written, or a limit of requests has passed."""
        time.sleep(0.5)

    def log_in(self, user: str, audience: str, target: str = "/") -> tuple[str, Answer]:
        """Goes the whole way of a login; returns the session's cookie and the answer that led back."""
        host = HOSTS[audience]
        begin = self.client.ask(host, target, {"Accept": "text/html"})
        assert begin.status == 302, begin
        where = begin.headers["location"].removeprefix(self.proxy.provider.url)
        agreed = _plain(self.proxy.provider.port, where, f"user={user}")
        back = agreed["location"].removeprefix(f"https://{host}")
        assert back.startswith("/oauth2/callback?"), agreed
        done = self.client.ask(host, back, {"Cookie": begin.headers["set-cookie"].split(";")[0]})
        return done.headers.get("set-cookie", "").split(";")[0], done

    def session(self, user: str, audience: str) -> dict[str, str]:
        """Headers of somebody who is logged in at the host of an audience."""
        if (user, audience) not in self.sessions:
            self.sessions[user, audience] = self.log_in(user, audience)[0]
        return {"Cookie": self.sessions[user, audience]}


def _plain(port: int, target: str, cookie: str) -> dict[str, str]:
    """Headers of the answer of a plain server on loopback, in lower case."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", target, headers={"Cookie": cookie})
    response = connection.getresponse()
    response.read()
    connection.close()
    return {name.lower(): value for name, value in response.getheaders()}


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trees")
    publish(write_audiences(folder / "site"), folder / "srv")
    return folder / "srv"


@pytest.fixture(scope="session", params=[Nginx, Caddy], ids=lambda kind: kind.name)
def world(request: pytest.FixtureRequest, trees: Path) -> Iterator[World]:
    kind: type[Server] = request.param
    if not is_there(kind):
        pytest.skip(f"{kind.name} is not installed; 'tests/system-packages tests' installs it")
    folder = Path(tempfile.mkdtemp(prefix="waypost-"))  # short: the path of a socket has 108 bytes at most
    provider = Provider(PEOPLE)
    proxy = Proxy(provider)
    try:
        shutil.copytree(trees, folder / "srv", symlinks=True)
        authority = write_certificates(folder)
        place = Place(folder, proxy.port)
        (folder / "tokens").mkdir()
        for audience in ("customer", "partner"):
            with changing(place.tokens(audience, kind.suffix)):
                """An empty file, as the command leaves it."""
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        server = kind(place)
        try:
            yield World(server, Client(server.port, trust), proxy, {})
        finally:
            server.close()
    finally:
        proxy.close()
        provider.close()
        shutil.rmtree(folder)

