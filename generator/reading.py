"""What a reader finds on a record's page: facts and sections as plain lines, without the frame around them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from lxml import html

_BLOCKS = frozenset({
    "p", "li", "tr", "pre", "dt", "dd", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "thead", "tbody",
    "section", "blockquote", "details", "summary", "br"})
_SILENT = frozenset({"script", "style", "template", "button", "form", "noscript", "svg"})


class Read(msgspec.Struct, frozen=True):
    """A record's page: ``facts`` by term, ``sections`` by heading, that before the first heading under an empty one; ``banners``
    are kinds of states that a reader must not miss."""

    title: str
    facts: dict[str, str]
    sections: dict[str, list[str]]
    banners: frozenset[str]


def read_record(page: bytes) -> Read | None:
    """The record on a page; None where it shows none."""
    root = html.document_fromstring(page.decode("utf-8", "replace"))
    article = next((item for item in root.iter("article") if "wp-record" in item.get("class", "").split()), None)
    if article is None:
        return None
    facts = {_words(item[0]): _words(item[1]) for item in article.iterfind(".//aside//dl/div") if len(item) == 2}
    sections: dict[str, list[str]] = {}
    _collect(article, sections, "")
    banners = {name.removeprefix("wp-banner--") for item in article.iter("div") for name in item.get("class", "").split()
               if name.startswith("wp-banner--")}
    title = article.find(".//h1")
    return Read("" if title is None else _words(title), facts, {name: lines for name, lines in sections.items() if lines},
                frozenset(banners))


def _collect(element: html.HtmlElement, sections: dict[str, list[str]], name: str) -> None:
    """Puts the lines of an element under its heading, those of sections within it under theirs."""
    own = element.find("h2")
    name = _words(own) if own is not None else name
    for child in element:
        if child.tag in {"aside", "header", "h2"} or child.tag in _SILENT or "wp-related" in child.get("class", ""):
            continue  # what other records say of themselves
        if child.tag == "section" or (child.tag == "div" and child.find(".//section") is not None):
            _collect(child, sections, name)
        else:
            sections.setdefault(name, []).extend(_lines(child))


def _words(element: html.HtmlElement) -> str:
    return " ".join("".join(_texts(element)).split())


def _lines(element: html.HtmlElement) -> Iterator[str]:
    for line in "".join(_texts(element)).split("\n"):
        words = " ".join(line.split())
        if words:
            yield words


def _texts(element: html.HtmlElement, as_written: bool = False) -> Iterator[str]:
    """The texts of an element, with line breaks where blocks begin and end, and where code has them."""
    if not isinstance(element.tag, str) or element.tag in _SILENT or "headerlink" in element.get("class", ""):
        return
    as_written = as_written or element.tag == "pre"
    is_cell = element.tag in {"td", "th"} and element.getprevious() is not None
    yield "\n" if element.tag in _BLOCKS else " | " if is_cell else ""
    yield _text(element.text, as_written)
    for child in element:
        yield from _texts(child, as_written)
        yield _text(child.tail, as_written)
    if element.tag in _BLOCKS:
        yield "\n"


def _text(text: str | None, as_written: bool) -> str:
    return (text or "") if as_written else (text or "").replace("\n", " ")
