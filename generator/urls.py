"""Addresses inside the portal. Links in pages are relative, so that a built tree works under any path of any host."""

from __future__ import annotations

import re
from urllib.parse import quote

# Stands for the way from a page to the root of the tree until the page is written; no input can hold it (kb.source), and as a
# character reference it is taken out of texts (generator.markdown). It is ASCII, since one other character would double or
# quadruple the memory that a page of ASCII takes on its way.
ROOT = "\x7f"

_PLAIN = re.compile(r"[A-Za-z0-9/._~-]*")

# Parts of the tree that exist once, not once a language.
SHARED = ("assets/", "attachments/", "pagefind/", "osv/", ".well-known/", "api/", "robots.txt", "sitemap.xml")


def language_root(language: str, default: str) -> str:
    """Path of a language's tree below the root: empty for the default language, else ``ru/``."""
    return "" if language == default else f"{language}/"


def link(path: str) -> str:
    """A path of the tree as a link that any page can hold until it is written."""
    return ROOT + (path if _PLAIN.fullmatch(path) else quote(path, safe="/#?=&+,:@!$()*;~-._%"))


def localise(path: str, language: str, default: str) -> str:
    """A path as authors write it (``kb/KB10042/``) in the tree of a language."""
    shared = path.startswith(SHARED) or path.startswith(tuple(f"{lang}/" for lang in (language,) if lang != default))
    return path if shared else language_root(language, default) + path


def way_up(path: str) -> str:
    """The way from a page to the root of the tree, as its links begin."""
    return "../" * path.count("/") or "./"


def file_of(path: str) -> str:
    """The file behind an address: ``kb/`` is ``kb/index.html``."""
    return f"{path}index.html" if path.endswith("/") or not path else path


def slug(text: str) -> str:
    """A text as a path segment: words of letters and digits (of any script) in lower case, joined by hyphens."""
    return "-".join(re.findall(r"[^\W_]+", text.casefold())) or "x"
