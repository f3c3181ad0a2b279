"""Frames: a built page cut at markers, so that any content can be poured into the same header, navigation and footer.

The contract with whatever renders the shell is built HTML with pairs of comments ``<!--wp:NAME-->...<!--/wp:NAME-->`` in it.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from generator.headers import source_hash
from generator.urls import ROOT, localise

SLOTS = ("head", "styles", "topic", "search", "languages", "body", "footer", "scripts")
_MARKERS = re.compile(r"<!--wp:(\w+)-->(.*?)<!--/wp:\1-->", re.DOTALL)
_KEEPING = re.compile(r"(<(?:script|style|pre|textarea)\b.*?</(?:script|style|pre|textarea)>)", re.DOTALL)
_BREAK = re.compile(r"\s*\n\s*")
_ADDRESS = re.compile(r'(?<=[\s])(href|src|action)="([^"]*)"')
_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
_TAB = re.compile(r'<li class="md-tabs__item(?: md-tabs__item--active)?">\s*<a href="([^"]*)"')


class FrameError(Exception):
    """A built page lacks what a frame needs."""


class Frame(msgspec.Struct, frozen=True):
    """``pieces`` and ``slots`` alternate, beginning and ending with a piece; ``filled`` is what the page had in its slots;
    ``scripts`` are the CSP hashes of its inline scripts; ``key`` identifies all of it."""

    pieces: tuple[str, ...]
    slots: tuple[str, ...]
    filled: Mapping[str, str]
    scripts: tuple[str, ...]
    key: str

    def ready(self, common: Mapping[str, str], up: str) -> Ready:
        """The frame for all pages that have these slots in common and the same way ``up`` to the root of the tree."""
        pieces, slots = [self.pieces[0]], []
        for slot, piece in zip(self.slots, self.pieces[1:], strict=True):
            if slot in common:
                pieces[-1] += common[slot] + piece
            else:
                pieces.append(piece)
                slots.append((slot, self.filled[slot]))
        return Ready(tuple(piece.replace(ROOT, up).encode() for piece in pieces), tuple(slots), up)


class Ready(msgspec.Struct, frozen=True):
    """A frame of which as much is done as many pages share: finished pieces, and slots with what they had."""

    pieces: tuple[bytes, ...]
    slots: tuple[tuple[str, str], ...]
    up: str

    def pour(self, fillings: Mapping[str, str]) -> bytes:
        """The page with its slots filled; a slot that is not named keeps what it had."""
        parts, root, up = [self.pieces[0]], ROOT.encode(), self.up.encode()
        for (slot, had), piece in zip(self.slots, self.pieces[1:], strict=True):
            parts.append(_encoded(fillings.get(slot, had)).replace(root, up))  # far faster in bytes than in a text
            parts.append(piece)
        return b"".join(parts)


def _encoded(text: str) -> bytes:
    """A text in UTF-8. That costs next to nothing for ASCII, beside which most English pages have only the marks at headings."""
    return text.encode() if text.isascii() else "¶".encode().join([part.encode() for part in text.split("¶")])


def cut(html: str) -> Frame:
    """The frame in a page whose links already begin with ROOT; raises FrameError where a marker is missing."""
    pieces, slots, filled, end = [], [], {}, 0
    for match in _MARKERS.finditer(html):
        pieces.append(_squeezed(html[end:match.start()]))
        slots.append(match[1])
        filled[match[1]] = match[2]
        end = match.end()
    pieces.append(_squeezed(html[end:]))
    if missing := set(SLOTS) - set(slots):
        raise FrameError(f"the theme's pages lack the markers {', '.join(sorted(missing))}")
    kept = [filled[slot] for slot in slots if slot not in SLOTS]  # no page fills them
    scripts = tuple(_script_hashes("".join([*pieces, *kept])))  # the theme's; none that stands in a text runs
    digest = hashlib.blake2b("\0".join([*pieces, *slots, *scripts, *kept]).encode(), digest_size=16).hexdigest()
    return Frame(tuple(pieces), tuple(slots), filled, scripts, digest)


def _squeezed(html: str) -> str:
    """HTML with one line break for white space that holds any, outside of what keeps it. It stands on every page."""
    parts = _KEEPING.split(html)
    return "".join(part if at % 2 else _BREAK.sub("\n", part) for at, part in enumerate(parts))


def _script_hashes(html: str) -> list[str]:
    """CSP source expressions of inline scripts; data blocks need none."""
    found: dict[str, None] = {}
    for match in _SCRIPT.finditer(html):
        attributes = match["attributes"]
        if "src=" not in attributes and "type=" not in attributes:
            found[source_hash(match["code"])] = None
    return list(found)


def root_links(html: str, page: str, language: str, default: str) -> str:
    """A built page with every link inside the site made to begin with ROOT.

    ``page`` is the page's path in its own build. Root-absolute links (``/kb/``) lead into the same language's tree.
    """
    folder = posixpath.dirname(page)

    def rewrite(match: re.Match[str]) -> str:
        return f'{match[1]}="{root_link(match[2], folder, language, default)}"'

    html = _ADDRESS.sub(rewrite, html)
    html = re.sub(r'"base": "[^"]*"', f'"base": "{ROOT}"', html, count=1)
    html = re.sub(r'"search": "[^"]*"', '"search": ""', html, count=1)
    html = html.replace('<a class="headerlink"', '<a class="headerlink" data-pagefind-ignore')
    return html.replace(' autocomplete="off"', "")


def root_link(address: str, folder: str, language: str, default: str) -> str:
    """One address as a link that begins with ROOT, where it stays inside the site; else as it is."""
    if not address or address.startswith(("#", "//", ROOT)) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
        return address
    path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", address, re.DOTALL).groups()  # type: ignore[union-attr]
    joined = path[1:] if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))
    joined = "" if joined == "." else joined
    if (path.endswith("/") and joined and not joined.endswith("/")) or (path in {".", ".."} and joined):
        joined += "/"
    return ROOT + localise(joined.lstrip("/"), language, default) + mark + rest


def activate_tab(html: str, address: str) -> str:
    """The page with the header tab of this link marked as the current one, and no other."""

    def mark(match: re.Match[str]) -> str:
        active = " md-tabs__item--active" if unquote(match[1]) == unquote(address) else ""
        return f'<li class="md-tabs__item{active}"><a href="{match[1]}"'

    return _TAB.sub(mark, html)
