"""An OpenID Connect provider: discovery, authorization code flow with PKCE (RFC 7636), RS256 tokens (OpenID Connect Core 1.0).

Who is logged in at it is told by a cookie ``user``; its people and their groups are given. For tests on loopback.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.deploy.loopback import Loopback, send

CLIENT, SECRET = "waypost", "client-secret"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Provider(Loopback):
    """``people`` has the groups of each user."""

    def __init__(self, people: Mapping[str, tuple[str, ...]]) -> None:
        self.people = people
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, dict[str, str]] = {}
        super().__init__(_Handler)

    def token(self, granted: Mapping[str, str]) -> str:
        """A signed ID token for a user (``sub``) with the client's nonce."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": granted["user"], "email": f"{granted['user']}@example.com",
                  "groups": list(self.people[granted["user"]]), "nonce": granted.get("nonce", ""), "iat": now, "exp": now + 600}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "1", "typ": "JWT"}, claims))
        return f"{signed}.{encoded(self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def keys(self) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        return {"keys": [{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "n": encoded(numbers.n.to_bytes(size, "big")),
                          "e": encoded(numbers.e.to_bytes(3, "big"))}]}


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        provider: Provider = self.server.owner
        parts = urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            send(self, HTTPStatus.OK, {"issuer": provider.url, "authorization_endpoint": f"{provider.url}/authorize",
                                       "token_endpoint": f"{provider.url}/token", "jwks_uri": f"{provider.url}/keys"})
        elif parts.path == "/keys":
            send(self, HTTPStatus.OK, provider.keys())
        elif parts.path == "/authorize":
            self._authorize(provider, dict(parse_qsl(parts.query)))
        else:
            send(self, HTTPStatus.NOT_FOUND, {})

    def _authorize(self, provider: Provider, asked: dict[str, str]) -> None:
        user = SimpleCookie(self.headers.get("Cookie", "")).get("user")
        if not user or user.value not in provider.people or asked.get("client_id") != CLIENT or asked.get("response_type") != "code":
            send(self, HTTPStatus.FORBIDDEN, {"error": "access_denied"})
            return
        code = secrets.token_urlsafe()
        provider.codes[code] = asked | {"user": user.value}
        send(self, HTTPStatus.FOUND, {}, {"Location": f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"})

    def do_POST(self) -> None:
        provider: Provider = self.server.owner
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        granted = provider.codes.pop(form.get("code", ""), None)
        proof = encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (granted is None or form.get("client_secret") != SECRET or form.get("redirect_uri") != granted["redirect_uri"]
                or proof != granted["code_challenge"]):
            send(self, HTTPStatus.BAD_REQUEST, {"error": "invalid_grant"})
            return
        send(self, HTTPStatus.OK, {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 600,
                                   "id_token": provider.token(granted)})
