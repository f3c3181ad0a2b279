"""Styles and scripts under content-hashed names."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

import msgspec

_IMPORT = re.compile(r'((?:from|import|new URL)\s*\(?\s*")\./([\w-]+\.js)(")')
# Whole lines of comment, a fifth of what browsers would load. None of our template literals has a line that begins so.
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)
_TYPE = re.compile(r'import\("\./[\w-]+\.js"\)\.(?=[A-Z])')  # in a comment, which imports nothing


class Assets(msgspec.Struct, frozen=True):
    """Paths of the style sheet and the main script in the tree, and all files by path."""

    style: str
    script: str
    icon: str
    files: dict[str, bytes]


def make_assets() -> Assets:
    """Our own assets; a module's hash covers what it imports."""
    theme = files("theme")
    named: dict[str, tuple[str, bytes]] = {}
    sources = {entry.name: _TYPE.sub("", _COMMENT.sub("", entry.read_text(encoding="utf-8")))
               for entry in theme.joinpath("assets").iterdir()
               if entry.name.endswith(".js")}
    for name in sorted(sources):
        _module(name, sources, named)
    style = _hashed("waypost.css", theme.joinpath("material", "assets", "waypost.css").read_bytes())
    icon = _hashed("icon.svg", theme.joinpath("assets", "icon.svg").read_bytes())
    collected = dict([style, icon, *named.values()])
    return Assets(style[0], named["waypost.js"][0], icon[0], collected)


def _module(name: str, sources: dict[str, str], named: dict[str, tuple[str, bytes]]) -> str:
    """Hashed file name of a module, after those that it imports."""
    if name not in named:
        def rename(match: re.Match[str]) -> str:
            return f"{match[1]}./{_module(match[2], sources, named)}{match[3]}"

        named[name] = _hashed(name, _IMPORT.sub(rename, sources[name]).encode())
    return named[name][0].removeprefix("assets/")


def _hashed(name: str, data: bytes) -> tuple[str, bytes]:
    stem, _dot, suffix = name.rpartition(".")
    return f"assets/{stem}.{hashlib.sha256(data).hexdigest()[:10]}.{suffix}", data
