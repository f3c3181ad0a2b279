"""Listings of folders for tools that follow links, and for readers (CSAF 2.0, requirement 14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote

from generator.edition import Edition, _
from generator.headers import plain_policy, source_hash

_STYLE = ("body{font:1rem/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.4rem}"
          "body{background:#fff;color:#1d1d21}a{color:#1b4fa8}"
          "@media(prefers-color-scheme:dark){body{background:#17181c;color:#e4e4e8}a{color:#a3c0ff}}")


def style_hashes() -> list[str]:
    """What a policy has to allow for the style of these pages."""
    return [source_hash(_STYLE)]


def listings(edition: Edition, root: str, paths: Iterable[str]) -> Mapping[str, bytes]:
    """``index.html`` of each folder from ``root`` down, by path; ``paths`` are the files in them."""
    folders: dict[str, set[str]] = {root: set()}
    for path in paths:
        folder, name = path.rpartition("/")[0] + "/", path.rpartition("/")[2]
        folders.setdefault(folder, set()).add(name)
        while folder != root:
            parent, own = folder.rstrip("/").rpartition("/")[0] + "/", folder.rstrip("/").rpartition("/")[2]
            folders.setdefault(parent, set()).add(f"{own}/")
            folder = parent
    return {f"{folder}index.html": _page(edition, folder, folder.removeprefix(root), names) for folder, names in folders.items()}


def _page(edition: Edition, folder: str, place: str, names: Iterable[str]) -> bytes:
    """Plain HTML without anything to load. Folders come first, then the newest names."""
    title = edition.say(_("CSAF documents of {vendor}"), vendor=edition.portal.vendor)
    words = escape(f"{title}: /{place}" if place else title)
    up = ["../"] if place else []
    ordered = [*up, *sorted((name for name in names if name.endswith("/")), reverse=True),
               *sorted(name for name in names if not name.endswith("/"))]
    items = "\n".join(f'<li><a href="{quote(name)}">{escape(name)}</a></li>' for name in ordered)
    home = "../" * folder.count("/")
    return (f'<!doctype html>\n<html lang="{edition.language}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{plain_policy(style_hashes())}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
            f'<meta name="description" content="{words}">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f"<title>{words}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{words}</h1>\n"
            f'<p><a href="{home}">{escape(edition.portal.text_in(edition.language).name)}</a></p>\n'
            f"<ul>\n{items}\n</ul>\n</main>\n</body>\n</html>\n").encode()
