"""HTML of records as plain text, which CSAF wants: paragraphs, lists, code and tables as one would type them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html
from lxml.etree import _Comment, _ProcessingInstruction

from generator.urls import ROOT

_BLOCKS = frozenset({"address", "article", "blockquote", "caption", "dd", "details", "div", "dl", "dt", "figcaption", "figure",
                     "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "summary", "table", "ul"})
_SILENT = frozenset({"script", "style"})
_SPACES = re.compile(r"[ \t\n]+")


def to_plain_text(markup: str, url: str) -> str:
    """The text of safe HTML; ``url`` is the portal's address, to which links within it lead."""
    if not markup.strip():
        return ""
    root = html.fragment_fromstring(markup, create_parent="div")
    return "\n\n".join(_blocks(root, url)).strip()


def _blocks(element: html.HtmlElement, url: str) -> Iterator[str]:
    """The blocks of an element, each without a line feed at its ends."""
    words = [element.text or ""]
    for child in element:
        if child.tag in _BLOCKS:
            yield from _paragraph("".join(words))
            words = []
            yield from _block(child, url)
        else:
            words.append(_inline(child, url))
        words.append(child.tail or "")
    yield from _paragraph("".join(words))


def _paragraph(words: str) -> Iterator[str]:
    text = "\n".join(_SPACES.sub(" ", line).strip(" ") for line in words.replace("\n", " ").split("\v"))
    if text.strip():
        yield text.strip("\n")


def _block(element: html.HtmlElement, url: str) -> Iterator[str]:
    if element.tag == "pre":
        if text := element.text_content().strip("\n"):
            yield _indented(text, "    ", "    ")
    elif element.tag in {"ul", "ol"}:
        if items := [*_items(element, url)]:
            yield "\n".join(items)
    elif element.tag == "table":
        if rows := [*_rows(element, url)]:
            yield "\n".join(rows)
    elif element.tag == "blockquote":
        if text := "\n\n".join(_blocks(element, url)):
            yield _indented(text, "> ", "> ")
    elif element.tag == "hr":
        yield "---"
    else:
        yield from _blocks(element, url)


def _items(element: html.HtmlElement, url: str) -> Iterator[str]:
    number = int(start) if (start := element.get("start") or "").isdecimal() and len(start) < 9 else 1
    for item in element.iterchildren("li"):
        mark = "- " if element.tag == "ul" else f"{number}. "
        number += 1
        yield _indented("\n".join(_blocks(item, url)), mark, " " * len(mark))


def _rows(element: html.HtmlElement, url: str) -> Iterator[str]:
    for row in element.iter("tr"):
        cells = (" ".join(_blocks(cell, url)).replace("\n", " ") for cell in row.iterchildren("td", "th"))
        yield " | ".join(cells)


def _inline(element: html.HtmlElement, url: str) -> str:
    if isinstance(element, _Comment | _ProcessingInstruction) or element.tag in _SILENT:
        return ""
    if element.tag == "br":
        return "\v"
    if element.tag == "img":
        return element.get("alt") or ""
    inner = (element.text or "") + "".join(
        (" ".join(_block(child, url)) if child.tag in _BLOCKS else _inline(child, url)) + (child.tail or "") for child in element)
    if inner.startswith("↩"):  # the way back from a footnote
        return ""
    address = _address(element.get("href") or "", url) if element.tag == "a" else ""
    return f"{inner} ({address})" if address and _bare(address) != _bare(inner.strip()) else inner


def _bare(address: str) -> str:
    """An address without what makes a link of it: www.example.com, info@example.com."""
    return re.sub(r"^(?:https?://|mailto:|tel:)", "", address).rstrip("/")


def _address(href: str, url: str) -> str:
    """A link as it is written out: none for what is on the same page, nothing but the address for mail and telephone."""
    if href.startswith(ROOT):
        return url + href.removeprefix(ROOT)
    return "" if href.startswith("#") else href.removeprefix("mailto:").removeprefix("tel:")


def _indented(text: str, first: str, other: str) -> str:
    lines = text.split("\n")
    return "\n".join((first if number == 0 else other if line else other.rstrip()) + line for number, line in enumerate(lines))
