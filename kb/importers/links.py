"""Links in imported Markdown: found, rewritten, and made harmless where they lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import msgspec

from kb.text import lines_outside_code, links

_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_TARGET = r"\(\s*(?:<([^<>\n]*)>|((?:[^\s()<>]|\([^\s()<>]*\))*))(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?\s*\)"
_ATTRIBUTES = r"(?:\{[^{}\n]*\})?"  # {target="_blank"}, {width="300"} of other Markdown dialects
_PICTURE = re.compile(rf"!\[((?:\\.|[^\[\]\\\n])*)\]{_TARGET}{_ATTRIBUTES}")
_LINK = re.compile(rf"(?<!!)\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]{_TARGET}{_ATTRIBUTES}")
# Code spans are hidden as numbers between NULs while prose is changed; kb.text sees nothing in their place.
_DEFINITION = re.compile(r"((?:\x00\d+\x00)* {0,3}(?:\x00\d+\x00)*)(\[[^\]\n]+\]:\s*<?([^\s<>]+)>?)")
_MARKS = re.compile(r"\]\(|\[\[|\]:|<[a-zA-Z]")
_WIKI = re.compile(r"\[\[([^\[\]|\n]{1,80})(?:\|([^\[\]\n]*))?\]\]")
_LEFT = re.compile(r"\](?=\(\s*(?:<([^<>\n]*)>|([^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)))")


class Target(msgspec.Struct, frozen=True):
    """A link as it was written: what it leads to, its label (a picture's alternative text), whether it is a picture."""

    address: str
    label: str
    picture: bool = False


Change = Callable[[Target], str]


def map_prose(markdown: str, change: Callable[[str], str]) -> str:
    """The text with ``change`` applied to what is outside fenced code and code spans."""
    chunks: list[str] = []
    prose: list[str] = []

    def flush() -> None:
        if prose:
            chunks.append(_outside_spans("\n".join(prose), change))
            prose.clear()

    for _, line, plain in lines_outside_code(markdown):
        if plain:
            prose.append(line)
        else:
            flush()
            chunks.append(line)
    flush()
    return "\n".join(chunks)


def _outside_spans(text: str, change: Callable[[str], str]) -> str:
    spans: list[str] = []

    def hide(match: re.Match[str]) -> str:
        spans.append(match[0])
        return f"\x00{len(spans) - 1}\x00"

    changed = change(_CODE_SPAN.sub(hide, text.replace("\x00", "")))
    return re.sub("\x00(\\d+)\x00", lambda match: spans[int(match[1])], changed)


def rewrite_links(markdown: str, change: Change) -> str:
    """The text with each inline link and picture replaced by what ``change`` makes of it."""

    def rewrite(text: str) -> str:
        text = _PICTURE.sub(lambda match: change(Target(_address(match), match[1], True)), text)
        return _LINK.sub(lambda match: change(Target(_address(match), match[1])), text)

    return map_prose(markdown, rewrite)


def _address(match: re.Match[str]) -> str:
    return (match[2] if match[2] is not None else match[3] or "").strip()


def link(label: str, address: str, picture: bool = False) -> str:
    """Markdown of a link; the address in angle brackets where it needs them."""
    if re.search(r"[\s()<>]", address):
        address = "<" + address.replace("<", "%3C").replace(">", "%3E").replace("\n", "") + ">"
    return f"{'!' if picture else ''}[{label}]({address})"


def plain_label(target: Target) -> str:
    """What is left of a link that leads nowhere: its words, those of a picture in italics."""
    words = " ".join(target.label.split())
    if not target.picture:
        return target.label
    return f"*{words}*" if words and not re.search(r"[*_]", words) else words


def is_address(address: str) -> bool:
    """Whether an address leads somewhere on the web, or is a mail address."""
    return bool(re.match(r"(?:https?://[^\s/?#]+\S*|mailto:\S+@\S+|tel:\+?[\d-]+)$", address, re.IGNORECASE))


def neutralise(markdown: str, keep: Callable[[str], bool]) -> str:
    """The text with every link that is neither a web address nor kept turned into its words."""
    if not _MARKS.search(markdown):
        return markdown

    def good(address: str) -> bool:
        return is_address(address) or keep(unquote(address))

    def change(target: Target) -> str:
        address = "https:" + target.address if target.address.startswith("//") else target.address
        return link(target.label, address, target.picture) if good(address) else plain_label(target)

    text = map_prose(rewrite_links(markdown, change), lambda prose: _without_definitions(prose, good))
    if _is_harmless(text, good):
        return text
    text = map_prose(text, lambda prose: _disarm_links(prose, good))
    return text if _is_harmless(text, good) else _disarm_everything(text)


def _is_harmless(text: str, good: Callable[[str], bool]) -> bool:
    return all(good(found.target) for found in links(text))


def _without_definitions(prose: str, good: Callable[[str], bool]) -> str:
    """Definitions of links that lead nowhere, which a page would not show, as text."""

    def define(line: str) -> str:
        match = _DEFINITION.match(line)
        return f"{match[1]}\\{line[match.end(1):]}" if match and not good(match[3]) else line

    return "\n".join(define(line) for line in prose.split("\n")) if "]:" in prose else prose


def _disarm_links(prose: str, good: Callable[[str], bool]) -> str:
    """Escapes what may still be read as a link that leads nowhere: odd inline links, double brackets, tags."""
    prose = _LEFT.sub(lambda match: "]" if good(match[1] or match[2]) else "]\\", prose)
    prose = _WIKI.sub(lambda match: match[0] if good(match[1].strip()) else "[\\" + match[0][1:], prose)
    return re.sub(r"(?<!\\)<(?=[aAiI])|(?<!\\)<(?=[A-Za-z][\w.+-]*:(?!//))", "&lt;", prose)


def _disarm_everything(text: str) -> str:
    """The last resort, for what is no good Markdown: no bracket means anything, not even in code."""
    return re.sub(r"(?<!\\)([\[\]])", r"\\\1", text).replace("<", "&lt;")
