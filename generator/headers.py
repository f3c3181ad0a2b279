"""What browsers are told to refuse: the Content-Security-Policy in each page, and the response headers that a host adds.

Both hold at once, so a page may do what its own policy and that of the host allow. The policy in a page allows what this page
needs; that of the host what any page needs, for all files of the tree, attachments included. Inline scripts are allowed by their
hashes (CSP level 3, section 2.3.1), nothing else is inline. Strings become markup or the address of a script only through the
policy of ``theme/templates/_trusted_types.js`` (Trusted Types, section 4): markup as text, addresses of this host. WebAssembly
runs in Pagefind's worker alone, which is under the policy of the host, not under that of a page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from kb.portal import Portal

_SOURCES: Final = {
    "default-src": "'none'", "base-uri": "'none'", "connect-src": "'self'", "font-src": "'self'", "form-action": "'self'",
    "img-src": "'self' data:", "script-src": "'self'", "style-src": "'self'", "worker-src": "'self'",
    "require-trusted-types-for": "'script'", "trusted-types": "default",
}
_PLAIN: Final = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "script-src": "'none'", "style-src": ""}
_FEATURES: Final = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid",
    "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking")


def source_hash(code: str) -> str:
    """The source expression that allows an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode('ascii')}'"


@cache
def own_script() -> str:
    """The inline script at the head of each page, as the template writes it."""
    return files("theme").joinpath("templates", "_trusted_types.js").read_text(encoding="utf-8").removesuffix("\n")


def page_policy(scripts: Iterable[str], asks: str = "", answers: str = "", sends: bool = False) -> str:
    """The policy of a page; ``scripts`` are the hashes of what its frame has inline. ``asks`` is the search engine that the page
    asks, ``answers`` where its answers go, which ``sends`` itself; both may be paths of this host."""
    return _written(_SOURCES, {"script-src": [source_hash(own_script()), *scripts],
                               "connect-src": _hosts(asks, answers if sends else ""), "form-action": _hosts(answers)})


def plain_policy(styles: Iterable[str]) -> str:
    """The policy of a page that loads nothing and runs nothing."""
    return _written(_PLAIN, {"style-src": styles})


def response_headers(portal: Portal, scripts: Iterable[str], styles: Iterable[str]) -> dict[str, str]:
    """The headers for every file of the tree, by name; ``scripts`` and ``styles`` are the hashes of what stands inline."""
    answers = portal.feedback.address if portal.feedback.way in {"page", "endpoint"} else ""
    policy = _written(_SOURCES | {"frame-ancestors": "'none'"}, {
        "script-src": ["'wasm-unsafe-eval'", source_hash(own_script()), *scripts], "style-src": styles,
        "connect-src": _hosts(portal.opensearch, answers if portal.feedback.way == "endpoint" else ""),
        "form-action": _hosts(answers)})
    return {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",  # `waypost search-report` reads addresses of this host's own pages
            "Permissions-Policy": ", ".join(f"{name}=()" for name in _FEATURES),
            "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}


def _written(sources: Mapping[str, str], added: Mapping[str, Iterable[str]]) -> str:
    """A policy: directives with their sources and, in one order, those that are added."""
    return "; ".join(" ".join([name, *fixed.split(), *sorted(set(added.get(name, ())))]) for name, fixed in sources.items())


def _hosts(*addresses: str) -> list[str]:
    """The origins of those addresses that lead to other hosts."""
    parts = [urlsplit(address) for address in addresses if address.startswith("https:")]
    return [f"{part.scheme}://{part.netloc}" for part in parts]


def header_files(portal: Portal, scripts: Iterable[str], styles: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The headers in the tree: lines to include in a ``server`` or ``location`` of nginx (one with an ``add_header`` of its own
    needs them again), a directive to import in a site of Caddy, and the file that Netlify, Cloudflare Pages and others read."""
    headers = response_headers(portal, scripts, styles).items()
    nginx = [f'add_header {name} "{value}" always;' for name, value in headers]
    caddy = ["header {", *(f'\t{name} "{value}"' for name, value in headers), "}"]
    others = ["/*", *(f"  {name}: {value}" for name, value in headers)]
    for path, lines in (("headers/nginx.conf", nginx), ("headers/caddy.conf", caddy), ("_headers", others)):
        yield path, ("\n".join(lines) + "\n").encode()
