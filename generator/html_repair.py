"""Repairs of HTML that authors' raw tags can break, in time linear to its length."""

from __future__ import annotations

import re
from collections.abc import Callable

_INLINE = frozenset({"b", "i", "em", "strong", "u", "s", "small", "sub", "sup", "mark", "q", "cite", "kbd", "samp", "var", "dfn",
                     "abbr", "code", "span"})
_BLOCKS = frozenset({"p", "div", "pre", "ul", "ol", "dl", "table", "blockquote", "details", "figure", "hr", "h3", "h4", "h5",
                     "h6"})
_RAW_INLINE = re.compile(rf"</?(?:{'|'.join(sorted(_INLINE))})\b", re.IGNORECASE)
_RAW_TAG = re.compile(r"</?[A-Za-z!?]")
_PIECES = re.compile(r"(<[^<>]*>)")
_ANY_TAG = re.compile(r"<(/?)([a-z0-9]+)[^<>]*>")

MAX_RAW_TAGS = 3_000  # of a text; more is no writing but an attempt to nest parsers to a standstill


def replaced(pattern: re.Pattern[str], closing: str, replace: Callable[[re.Match[str]], str], html: str) -> str:
    """The HTML with a pattern replaced that ends in a closing tag.

    Past the last such tag nothing can match, and is not tried: tags that are opened and never closed cost nothing.
    """
    end = html.rfind(closing) + len(closing)
    return pattern.sub(replace, html[:end]) + html[end:] if end >= len(closing) else html


def too_many_tags(markdown: str) -> bool:
    """Whether a text holds more tags typed by hand than anybody writes; they are then shown as they were typed."""
    return markdown.count("<") > MAX_RAW_TAGS and sum(1 for _match in _RAW_TAG.finditer(markdown)) > MAX_RAW_TAGS


def without_wide_inline(html: str, markdown: str) -> str:
    """Sanitised HTML without the inline elements (``<b>`` typed by hand and closed late) that hold blocks, which HTML forbids."""
    if not _RAW_INLINE.search(markdown):
        return html
    pieces = _PIECES.split(html)
    open_tags: list[int] = []  # positions in ``pieces`` of inline elements that are open
    wide: set[int] = set()
    for position, piece in enumerate(pieces):
        match = _ANY_TAG.fullmatch(piece) if piece.startswith("<") else None
        if match is None:
            continue
        if match[2] in _INLINE and not match[1]:
            open_tags.append(position)
        elif match[2] in _INLINE and open_tags:
            start = open_tags.pop()
            if start in wide:
                pieces[start] = pieces[position] = ""
        elif match[2] in _BLOCKS:
            wide.update(open_tags)
    return "".join(pieces)
