"""Editorial pages as an audience sees them: pages with ``audience:`` in their front matter, what stands between marks, and the
files that only these link are for those alone who may read them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import msgspec

from kb.findings import Finding, SourceError, shorten
from kb.portal import Portal
from kb.restricted_text import audience_problem, find_cuts, may_hold_marks, shown_lines
from kb.source import parse_yaml, read_text
from kb.text import links

_LINK = re.compile(r'(!?)\[([^\[\]]*)\]\([ \t]*<?([^\s()<>]*)>?(?:[ \t]+"[^"\n]*")?[ \t]*\)')
_MARK = re.compile(r"<!--\s*/?\s*audience\b", re.IGNORECASE)


class Guides(msgspec.Struct, frozen=True):
    """``paths`` of the files below ``pages/`` that an audience gets; ``texts`` of those that do not stand as they are; ``hidden``
    are the others, as their languages see them (``help/index.md``)."""

    paths: tuple[str, ...]
    texts: Mapping[str, str] = {}
    hidden: frozenset[str] = frozenset()


class _Page(msgspec.Struct):
    """A page: its header, its text, and what of the text is shown; ``audience`` empty where it is for all."""

    header: str
    body: str
    shown: str
    audience: str


def guides_for(root: Path, portal: Portal, paths: Sequence[str], audience: str, findings: list[Finding]) -> Guides:
    """What an audience gets; what is wrong with marks goes into ``findings``."""
    pages = {path: page for path in paths if path.endswith(".md") and (page := _read(root, path, portal, audience, findings))}
    hidden = {path for path in pages if not _may_see(portal, audience, path, pages)}
    if not hidden and all(page.shown == page.body for page in pages.values()):
        return Guides(tuple(paths))
    hidden |= _files_of(portal, paths, pages, hidden)
    places = {_in_docs(path, portal) for path in hidden}
    texts = {}
    for path, page in pages.items():
        shown = page.shown if path in hidden else _without_links(path, page, portal, hidden, places, findings)
        if shown != page.body and path not in hidden:
            texts[path] = page.header + shown
    still = {_in_docs(path, portal) for path in paths if path not in hidden}
    return Guides(tuple(path for path in paths if path not in hidden), texts, frozenset(places - still))


def stray_marks(html: str) -> bool:
    """Whether a page as it was built holds a mark that restricted nothing."""
    return _MARK.search(html) is not None


def _read(root: Path, path: str, portal: Portal, audience: str, findings: list[Finding]) -> _Page | None:
    try:
        text = read_text(root, path)
        end = text.find("\n---", 3) if text.startswith("---\n") else -1
        end = text.find("\n", end + 1) + 1 if end >= 0 else 0
        header, body = (text[:end], text[end:]) if end else ("", text)
        own = _audience(header, path, portal, findings) if "audience" in header else ""
    except SourceError:
        return None  # check_pages has told it
    first = header.count("\n") + 1

    def wrong(line: int, value: str, reason: str, remedy: str) -> None:
        findings.append(Finding(path, first + line, "audience", shorten(value), reason, remedy))

    cuts = find_cuts(body, portal, wrong)
    hides = {cut.audience for cut in cuts if not portal.may_see(audience or portal.public, cut.audience)}
    return _Page(header, body, "\n".join(shown_lines(body, cuts, hides)[0]) if may_hold_marks(body) else body, own)


def _audience(header: str, path: str, portal: Portal, findings: list[Finding]) -> str:
    value = parse_yaml(header[4 : header.rfind("\n---") + 1], path, 2).data
    found = value.get("audience") if isinstance(value, dict) else None
    if found is None or found.data == portal.public:
        return ""
    name = found.data if isinstance(found.data, str) else ""
    if problem := audience_problem(name, portal):
        findings.append(Finding(path, found.line, "audience", shorten(name), *problem))
    return name


def _may_see(portal: Portal, audience: str, path: str, pages: Mapping[str, _Page]) -> bool:
    """Whether an audience sees a page; a translation is for nobody who does not see its original."""
    original = pages.get(f"pages/{_in_docs(path, portal)}")
    wanted = {page.audience for page in (pages[path], original) if page and page.audience}
    return all(portal.may_see(audience or portal.public, name) for name in wanted)


def _in_docs(path: str, portal: Portal) -> str:
    """A file as pages of its language know it: ``help/index.md`` for ``pages/ru/help/index.md``."""
    inner = path.removeprefix("pages/")
    language, _slash, rest = inner.partition("/")
    return rest if rest and language in portal.languages[1:] else inner


def _files_of(portal: Portal, paths: Sequence[str], pages: Mapping[str, _Page], hidden: Collection[str]) -> set[str]:
    """The files that hidden texts link or name and shown ones do not link."""
    shown = {name for path, page in pages.items() if path not in hidden for name in _linked(path, page.shown, portal)}
    told = "\n".join(page.body for path, page in pages.items() if path in hidden or page.shown != page.body)
    secret = {name for path, page in pages.items() for name in _linked(path, page.body, portal)}
    return {path for path in paths if not path.endswith(".md") and (name := _in_docs(path, portal)) not in shown
            and (name in secret or posixpath.basename(name) in told)}


def _linked(path: str, text: str, portal: Portal) -> Iterator[str]:
    for link in links(text):
        if found := _resolved(path, link.target, portal):
            yield found


def _resolved(path: str, target: str, portal: Portal) -> str:
    """The file that a relative link leads to, as pages know it; empty where it leads elsewhere."""
    target = unquote(target.partition("#")[0].partition("?")[0])
    if not target or target.startswith("/") or ":" in target.partition("/")[0]:
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(_in_docs(path, portal)), target))


def _without_links(path: str, page: _Page, portal: Portal, hidden: Collection[str], places: Collection[str],
                   findings: list[Finding]) -> str:
    """The text without links to pages that are hidden; their words stay."""
    addresses = {f"/{_address(name)}" for name in places}
    addresses |= {f"/{language}{address}" for language in portal.languages[1:] for address in addresses}
    first = page.header.count("\n") + 1

    def replace(match: re.Match[str]) -> str:
        name = match[3].partition("#")[0]
        if _resolved(path, match[3], portal) not in places and f"{name.rstrip('/')}/" not in addresses:
            return match[0]
        findings.append(Finding(path, first + page.shown.count("\n", 0, match.start()), "link", shorten(match[3]),
                                "is not shown in this build (for another audience)", "the link is left out", "note"))
        return "" if match[1] else match[2]

    return _LINK.sub(replace, page.shown) if hidden else page.shown


def _address(name: str) -> str:
    stem = name.removesuffix(".md")
    head, _slash, tail = stem.rpartition("/")
    return (f"{head}/" if head else "") if tail in {"index", "README"} else f"{stem}/"
