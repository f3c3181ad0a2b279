"""Markdown of records to safe HTML: CommonMark with tables, highlighted code, links to records, pictures with their size."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from html import escape, unescape
from urllib.parse import unquote

import comrak
import msgspec
import nh3
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from generator.html_repair import replaced, too_many_tags, without_wide_inline
from generator.urls import ROOT, slug
from kb.text import extensions

_LINK = re.compile(r"<a\b([^<>]*)>(.*?)</a>", re.DOTALL | re.IGNORECASE)
_LINK_END = re.compile(r"</a\s*>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w-])(href|src|alt|title)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_CODE = re.compile(r'<pre><code(?: class="language-([^"]*)")?>(.*?)</code></pre>', re.DOTALL)
_TASK = re.compile(r'(?<=<li>)<input type="checkbox"[^>]*>')
_HEADINGS = {level: re.compile(rf"<h{level}>(.*?)</h{level}>", re.DOTALL) for level in range(1, 7)}
_PRE = re.compile(r"<pre(?=>)(?:>((?:<span></span>)?<code))?")
_TABLE = re.compile(r"<table>(.*?</table>)", re.DOTALL)
_ALIGN = re.compile(r'<(t[hd]) align="(left|right|center)">')
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"#|//|(?:https?|mailto|tel):", re.IGNORECASE)
_PICTURELESS = re.compile(r"<img(?![^<>]* src=)[^<>]*>")
_FORGED = re.compile(rf"{ROOT}|&#(?:0*{ord(ROOT)}(?![0-9])|x0*{ord(ROOT):x}(?![0-9a-f]));?", re.IGNORECASE)
_HOST = re.compile(r"(?:https?:)?//(?:\[[0-9a-fA-F:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)(?::\d{1,5})?(?:[/?#]|$)")

_CLASS = re.compile(r"[a-z][a-z0-9]{0,2}|highlight|wp-(?:id|left|right|center|missing)")
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div",
    "dl", "dt", "em", "figcaption", "figure", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p",
    "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul", "var",
}
_ATTRIBUTES = {
    "a": {"href", "title", "class", "download"}, "abbr": {"title"}, "code": {"class"}, "col": {"span"}, "colgroup": {"span"},
    "details": {"open"}, "div": {"class"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"},
    "img": {"src", "alt", "title", "width", "height", "loading", "decoding"}, "ol": {"start", "reversed"},
    "span": {"class", "lang"}, "td": {"class", "colspan", "rowspan"}, "th": {"class", "colspan", "rowspan", "scope"},
}

# Tags as comrak and we write them that a cleaner leaves as they are, and all that it would change in text among such tags.
_NAMES = ("blockquote", "code", "del", "div", "em", "li", "ol", "p", "pre", "span", "strong", "ul")
_CLEAN_TAGS = frozenset(
    [f"<{name}>" for name in _NAMES] + [f"</{name}>" for name in _NAMES] + ['<div class="highlight">']
    + [f'<span class="{name}">' for name in STANDARD_TYPES.values() if _CLASS.fullmatch(name)])
_UNCLEAN = re.compile("[\0\r\xa0]")


class Target(msgspec.Struct, frozen=True):
    """Where a link leads: ``href`` empty where the target is not shown; ``label`` HTML for a link without words."""

    href: str
    label: str = ""
    width: int = 0
    height: int = 0
    download: bool = False


class Words(msgspec.Struct, frozen=True):
    """Words that the HTML itself needs, in the page's language."""

    table: str


Resolver = Callable[[str], Target | None]


def to_html(markdown: str, resolve: Resolver, words: Words, used_ids: set[str]) -> str:
    """HTML of a section's Markdown. ``resolve`` gives the target of an address inside the site, None for one that leads out.
    Heading ids are unique in ``used_ids``."""
    rendering = _rendering(too_many_tags(markdown))
    html = str(comrak.render_markdown(markdown, extension_options=extensions("[[" in markdown), render_options=rendering))
    if "&#" in markdown:  # nothing else can make a ROOT that is not ours
        html = _FORGED.sub("\ufffd", html)
    if "<a" in html or "<A" in html:
        html = replaced(_LINK, "</a>", lambda match: _link(match, resolve), _LINK_END.sub("</a>", html))
    if "<img" in html or "<IMG" in html or "<Img" in html:
        html = _IMAGE.sub(lambda match: _image(match, resolve), html)
    if "<pre>" in html:
        html = replaced(_CODE, "</code></pre>", _code, html)
    if "<input" in html:
        html = _TASK.sub(lambda match: "☑" if "checked" in match[0] else "☐", html)
    if "</h" in html:
        for level, pattern in _HEADINGS.items():
            html = replaced(pattern, f"</h{level}>", partial(_heading, level, used_ids), html)
    if ' align="' in html:
        html = _ALIGN.sub(r'<\1 class="wp-\2">', html)
    html = _as_cleaned(html) if "<" not in markdown and _is_plain(html) else str(_cleaner().clean(html))
    if "<img" in html:
        html = _PICTURELESS.sub("", html)
    if "<" in markdown:
        html = without_wide_inline(html, markdown)
    return scrollable(html, words.table)


def scrollable(html: str, label: str) -> str:
    """HTML in which the keyboard can scroll code and tables; each table without a class gets a box of its own."""
    if "<pre" in html:
        html = _PRE.sub(lambda match: f'<pre>{match[1]} tabindex="0"' if match[1] else '<pre tabindex="0"', html)
    if "<table>" in html:
        box = f'<div class="wp-scroll" tabindex="0" role="group" aria-label="{escape(label)}">'
        html = _TABLE.sub(lambda match: f'{box}<table class="wp-table">{match[1]}</div>', html)
    return html


def plain_text(html: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(unescape(_TAG.sub(" ", html)).split())


@cache
def _rendering(escaped: bool) -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.unsafe_, options.escape = not escaped, escaped  # raw HTML goes on to the sanitiser
    return options


def _link(match: re.Match[str], resolve: Resolver) -> str:
    found, inner = _attributes(match[1]), match[2]
    address, wiki = found.get("href", ""), "data-wikilink" in match[1]
    target = resolve(address) if address else None
    if target is None:
        return match[0] if not address.startswith(("http:", "https:", "//")) or _HOST.match(address) else inner
    bare = wiki and unescape(_TAG.sub("", inner)) in {address, unquote(address)}
    if not target.href:
        return "" if bare else inner
    if bare or not inner.strip():
        inner = target.label or escape(address)
    download = " download" if target.download else ""
    title = f' title="{escape(found["title"])}"' if found.get("title") else ""
    return f'<a href="{escape(target.href)}"{download}{title}>{inner}</a>'


def _attributes(written: str) -> dict[str, str]:
    """The attributes of a tag that matter here, by name; quoted in any way or not at all."""
    return {name.lower(): unescape(double or single or bare) for name, double, single, bare in _ATTRIBUTE.findall(written)}


def _image(match: re.Match[str], resolve: Resolver) -> str:
    """A picture of the site with its size; one from elsewhere becomes a link, since pages load nothing from other hosts."""
    found = _attributes(match[1])
    address, alt = found.get("src", ""), found.get("alt", "")
    target = resolve(address) if address else None
    if target is None:
        return f'<a href="{escape(address)}">{escape(alt or address)}</a>' if address else escape(alt)
    if not target.width:
        return f'<span class="wp-missing">{escape(alt)}</span>'
    title = f' title="{escape(found["title"])}"' if found.get("title") else ""
    return (f'<img src="{escape(target.href)}" alt="{escape(alt)}"{title} width="{target.width}" height="{target.height}" '
            'loading="lazy" decoding="async">')


@cache
def _lexer(name: str) -> Lexer | None:
    try:
        return get_lexer_by_name(name)
    except (ClassNotFound, ValueError):
        return None


@cache
def _formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True)


def _code(match: re.Match[str]) -> str:
    language, body = unescape(match[1] or "").split(" ")[0].lower(), match[2]
    lexer = _lexer(language) if language and len(body) < 100_000 else None
    if lexer is not None and lexer.name != "Text only":
        body = highlight(unescape(body), lexer, _formatter())
    return f'<div class="highlight"><pre><code>{body}</code></pre></div>'


def _heading(written: int, used_ids: set[str], match: re.Match[str]) -> str:
    """Headings inside a section begin at level 3; their ids are unique on the page."""
    level, inner = max(3, written), match[1]
    return f'<h{level} id="{ROOT}{unique_id(plain_text(inner), used_ids)}">{inner}</h{level}>'


def unique_id(title: str, used_ids: set[str]) -> str:
    """A fragment for a heading, not yet in ``used_ids``, and now in it."""
    base = slug(title)[:60]
    name, number = base, 2
    while name in used_ids:
        name, number = f"{base}-{number}", number + 1
    used_ids.add(name)
    return name


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split() if _CLASS.fullmatch(word)) or None
    if tag == "img" and name == "src":
        return value if value.startswith(ROOT) else None
    if name == "id":  # only those made here: what an author types could be the id of something else on the page
        return value.removeprefix(ROOT) if value.startswith(ROOT) else None
    if name == "href":  # what was typed as HTML and is no address of its own leads nowhere
        return value if value.startswith(ROOT) or _ADDRESS.match(value) else None
    return value


def _is_plain(html: str) -> bool:
    """Whether HTML that was made of Markdown without HTML, so that all tags are closed in their order, is nothing to clean.

    The cleaner takes a third of the time of a page's text, and most texts are paragraphs, lists and code.
    """
    return html.startswith("<") and _CLEAN_TAGS.issuperset(_TAG.findall(html)) and not _UNCLEAN.search(html)


def _as_cleaned(html: str) -> str:
    """Plain HTML with its quotation marks written as the cleaner writes them. None is in a tag: see ``_CLEAN_TAGS``."""
    return html.replace("&quot;", '"').replace("&#39;", "'") if "&" in html else html


@cache
def _cleaner() -> nh3.Cleaner:
    attributes: Mapping[str, set[str]] = _ATTRIBUTES
    return nh3.Cleaner(tags=_TAGS, attributes=dict(attributes), attribute_filter=_attribute,
                       url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer")
