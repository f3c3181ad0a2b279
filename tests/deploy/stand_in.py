"""A stand-in for oauth2-proxy, which no package registry has: the part of its contract that the web servers rely on.

Source: oauth2-proxy 7, "Endpoints" and "Integration" of its documentation. ``/oauth2/start`` begins the code flow and remembers
``X-Auth-Request-Redirect`` (or ``rd``), ``/oauth2/callback`` ends it with a session cookie, ``/oauth2/auth?allowed_groups=a,b``
answers 202, 401 (no session) or 403 (no allowed group), ``/oauth2/sign_out`` clears the session. Addresses are made from
``X-Forwarded-Host`` and ``X-Forwarded-Proto``, as with ``reverse_proxy = true``; the cookie is bound to its host by its name.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.deploy.loopback import Loopback, send
from tests.deploy.provider import CLIENT, SECRET, Provider, decoded, encoded

COOKIE = "__Host-waypost"


class Proxy(Loopback):
    """Sessions are kept here; the real one keeps them encrypted in the cookie."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.sessions: dict[str, dict[str, Any]] = {}
        self.begun: dict[str, dict[str, str]] = {}
        self.seen: list[dict[str, str]] = []  # headers of the requests to /oauth2/auth
        super().__init__(_Handler)

    def claims(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token; raises ValueError or InvalidSignature where it is not good (OpenID Connect Core 3.1.3.7)."""
        with urlopen(f"{self.provider.url}/keys") as answer:
            key = json.load(answer)["keys"][0]
        number = rsa.RSAPublicNumbers(int.from_bytes(decoded(key["e"]), "big"), int.from_bytes(decoded(key["n"]), "big"))
        signed, _dot, signature = token.rpartition(".")
        number.public_key().verify(decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        claims: dict[str, Any] = json.loads(decoded(signed.split(".")[1]))
        if claims["iss"] != self.provider.url or claims["aud"] != CLIENT or claims["nonce"] != nonce or claims["exp"] < time.time():
            raise ValueError(claims)
        return claims


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        proxy: Proxy = self.server.owner
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        step = {"/oauth2/auth": self._auth, "/oauth2/start": self._start, "/oauth2/callback": self._callback,
                "/oauth2/sign_out": self._sign_out}.get(parts.path)
        if step:
            step(proxy, asked)
        else:
            send(self, HTTPStatus.NOT_FOUND, {})

    do_HEAD = do_GET

    def _cookie(self, name: str) -> str:
        found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        return found.value if found else ""

    def _auth(self, proxy: Proxy, asked: dict[str, str]) -> None:
        proxy.seen.append(dict(self.headers.items()))
        session = proxy.sessions.get(self._cookie(COOKIE))
        allowed = {group for group in asked.get("allowed_groups", "").split(",") if group}
        if session is None:
            send(self, HTTPStatus.UNAUTHORIZED, {})
        elif allowed and allowed.isdisjoint(session["groups"]):
            send(self, HTTPStatus.FORBIDDEN, {})
        else:
            send(self, HTTPStatus.ACCEPTED, {})

    def _start(self, proxy: Proxy, asked: dict[str, str]) -> None:
        back = asked.get("rd") or self.headers.get("X-Auth-Request-Redirect") or "/"
        if not back.startswith("/") or back.startswith(("//", "/\\")):
            back = "/"
        state, nonce, verifier = (secrets.token_urlsafe() for _ in range(3))
        callback = f"{self.headers['X-Forwarded-Proto']}://{self.headers['X-Forwarded-Host']}/oauth2/callback"
        proxy.begun[state] = {"back": back, "nonce": nonce, "verifier": verifier, "callback": callback}
        query = {"client_id": CLIENT, "response_type": "code", "scope": "openid email groups", "redirect_uri": callback,
                 "state": state, "nonce": nonce, "code_challenge_method": "S256",
                 "code_challenge": encoded(hashlib.sha256(verifier.encode()).digest())}
        send(self, HTTPStatus.FOUND, {}, {"Location": f"{proxy.provider.url}/authorize?{urlencode(query)}",
                                          "Set-Cookie": f"{COOKIE}_csrf={state}; Path=/; Secure; HttpOnly; SameSite=Lax"})

    def _callback(self, proxy: Proxy, asked: dict[str, str]) -> None:
        begun = proxy.begun.pop(asked.get("state", ""), None)
        if begun is None or self._cookie(f"{COOKIE}_csrf") != asked["state"]:
            send(self, HTTPStatus.FORBIDDEN, {"error": "csrf failed"})
            return
        form = {"grant_type": "authorization_code", "client_id": CLIENT, "client_secret": SECRET, "code": asked["code"],
                "redirect_uri": begun["callback"], "code_verifier": begun["verifier"]}
        with urlopen(f"{proxy.provider.url}/token", urlencode(form).encode()) as answer:
            claims = proxy.claims(json.load(answer)["id_token"], begun["nonce"])
        session = secrets.token_urlsafe()
        proxy.sessions[session] = claims
        send(self, HTTPStatus.FOUND, {}, {"Location": begun["back"],
                                          "Set-Cookie": f"{COOKIE}={session}; Path=/; Secure; HttpOnly; SameSite=Lax"})

    def _sign_out(self, proxy: Proxy, asked: dict[str, str]) -> None:
        proxy.sessions.pop(self._cookie(COOKIE), None)
        send(self, HTTPStatus.FOUND, {}, {"Location": "/", "Set-Cookie": f"{COOKIE}=; Path=/; Max-Age=0; Secure"})
