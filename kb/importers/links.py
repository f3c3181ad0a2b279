"""Links in imported Markdown: found, rewritten, and made harmless where they lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from kb.text import lines_outside_code, links

_CODE_SPAN = re.compile(r"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_TARGET = r"\(\s*(?:<([^<>\n]*)>|((?:[^\s()<>]|\([^\s()<>]*\))*))(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?\s*\)"
_ATTRIBUTES = r"(?:\{[^{}\n]*\})?"  # {target="_blank"}, {width="300"} of other Markdown dialects
_PICTURE = re.compile(rf"!\[((?:\\.|[^\[\]\\\n])*)\]{_TARGET}{_ATTRIBUTES}")
_LINK = re.compile(rf"(?<!!)\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]{_TARGET}{_ATTRIBUTES}")
# Code spans are hidden as numbers between NULs while prose is changed; kb.text sees nothing in their place.
_DEFINITION = re.compile(r"((?:\x00\d+\x00)* {0,3}(?:\x00\d+\x00)*)(\[[^\]\n]+\]:\s*<?([^\s<>]+)>?)")
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
    if "](" not in markdown and "[[" not in markdown and "]:" not in markdown:
        return markdown

    def change(target: Target) -> str:
        if target.address.startswith("//") and is_address("https:" + target.address):
            return link(target.label, "https:" + target.address, target.picture)
        if is_address(target.address) or keep(target.address):
            return link(target.label, target.address, target.picture)
        return plain_label(target)

    rewritten = rewrite_links(markdown, change)
    if all(is_address(found.target) or keep(found.target) for found in links(rewritten)):
        return rewritten
    return _disarm(rewritten, keep)


def _disarm(markdown: str, keep: Callable[[str], bool]) -> str:
    """Escapes what could still be read as a link: half-written ones, definitions, double brackets."""

    def good(address: str | None) -> bool:
        return bool(address) and (is_address(address or "") or keep(address or ""))

    def define(line: str) -> str:
        match = _DEFINITION.match(line)
        return f"{match[1]}\\{line[match.end(1):]}" if match and not good(match[3]) else line

    def change(text: str) -> str:
        text = _LEFT.sub(lambda match: "]" if good(match[1] or match[2]) else "]\\", text)
        text = _WIKI.sub(lambda match: match[0] if keep(match[1].strip()) else "[\\" + match[0][1:], text)
        return "\n".join(define(line) for line in text.split("\n"))

    return map_prose(markdown, change)
