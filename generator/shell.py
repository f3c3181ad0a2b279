"""The shell: MkDocs renders the editorial pages and, from one empty page, the frame that all other pages are poured into.

MkDocs runs once a language over a copy of ``pages/``. What comes out is taken as *built HTML with markers in it*
(``generator.frames``) and nothing else, so that another generator of the same ``mkdocs.yml`` can take its place.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from html import unescape
from importlib.resources import as_file, files
from pathlib import Path

import msgspec

from generator.concealed import Unseen, concealed_pages
from generator.frames import Frame, FrameError, activate_tab, cut, root_links
from generator.guide_parts import Guides, guides_for, stray_marks
from generator.i18n import Speaker, catalogue_bytes
from generator.kept import keep, read_kept
from generator.mkdocs_config import mkdocs_configuration, mkdocs_file, named_files
from generator.policy_pages import SOURCE as POLICY
from generator.policy_pages import OwnPage, markdown_of, marker_findings, own_pages, read_guides
from generator.urls import ROOT, language_root, localise
from kb.findings import Finding, SourceError, errors, shorten
from kb.policy import Policy
from kb.portal import Portal
from kb.source import Value, check_syntax, line_with, parse_yaml, read_text
from kb.walk import walk

FRAME_PAGE = "waypost-frame"
_RENDERERS = ("mkdocs", "mkdocs-material", "markdown", "pymdown-extensions", "pygments", "jinja2")


class Guide(msgspec.Struct, frozen=True):
    """An editorial page: ``place`` its address below a language's root, ``key`` that of its frame, ``body`` its HTML."""

    key: str
    place: str
    language: str
    text_language: str
    title: str
    description: str
    body: str
    source: str


class Shell(msgspec.Struct, frozen=True):
    """``frames`` by language (the general one) and by a guide's key; ``files`` are what the theme and the pages bring along."""

    frames: Mapping[str, Frame]
    guides: tuple[Guide, ...]
    files: Mapping[str, bytes]

    @property
    def scripts(self) -> frozenset[str]:
        """Hashes of all inline scripts of the theme."""
        return frozenset(script for frame in self.frames.values() for script in frame.scripts)

    def frame(self, language: str, key: str, tab: str) -> Frame:
        """The frame of a guide, or the general one with a header tab marked."""
        return self.frames[key or f"{language}:{tab}"]


class _Collector(logging.Handler):
    """Keeps the warnings of MkDocs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def check_pages(root: Path, findings: list[Finding]) -> list[str]:
    """Paths of the site's editorial files; what is wrong with their front matter goes into ``findings``."""
    paths = list(walk(root, "pages", findings))
    for path in paths:
        if not path.endswith(".md"):
            continue
        try:
            text = read_text(root, path)
            end = text.find("\n---", 3)
            if text.startswith("---\n") and end < 0:
                findings.append(Finding(path, 1, "", "", "has front matter without an end", "close it with a line '---'"))
            elif text.startswith("---\n"):
                findings += _front_matter_findings(parse_yaml(text[4 : end + 1], path, 2), path)
        except SourceError as error:
            findings.append(error.finding)
    if configuration := mkdocs_file(root):
        try:
            check_syntax(read_text(configuration.parent, configuration.name), configuration.name)
        except SourceError as error:
            findings.append(error.finding)
    return paths


def _front_matter_findings(value: Value, path: str) -> Iterator[Finding]:
    if not isinstance(value.data, dict):
        yield Finding(path, 2, "", "", "has front matter that is no mapping", "write 'title: ...'")
    elif (title := value.data.get("title")) and "<" in str(title.data):  # the theme puts it into every page as it is
        yield Finding(path, title.line, "title", shorten(str(title.data)), "holds markup", "write &lt; for <, and no HTML")


def make_shell(root: Path, portal: Portal, policy: Policy | None, unseen: Unseen,
               cache: Path | None) -> tuple[Shell | None, list[Finding]]:
    """The shell of a site without what a build does not show, from the cache where nothing that it depends on has changed; None
    where it cannot be made. Its audiences share it where they see the same."""
    findings: list[Finding] = []
    guides = guides_for(root, portal, check_pages(root, findings), unseen.audience, findings)
    paths, texts = guides.paths, concealed_pages(root, guides.paths, guides.texts, unseen, findings)
    authored = read_guides(root, portal, paths, guides.texts)
    doubts = list(marker_findings(policy, authored))
    if errors(findings) or errors(doubts):
        return None, [*findings, *doubts]
    pages = own_pages(policy, portal, authored)
    guides = msgspec.structs.replace(guides, texts=texts)
    key = _cache_key(root, portal, guides, pages)
    data = read_kept(cache, "shell", key)
    if data is not None:
        with suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(data, type=Shell), [*findings, *doubts]
    wrong: list[Finding] = []
    shell = _render(root, portal, guides, pages, wrong)
    if shell and not wrong:
        keep(cache, "shell", key, msgspec.msgpack.encode(shell))
    return shell, [*findings, *doubts, *wrong]


def _cache_key(root: Path, portal: Portal, guides: Guides, pages: Mapping[str, OwnPage]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in (*(importlib.metadata.version(name) for name in _RENDERERS), repr(portal.languages), portal.url,
                 repr(portal.texts)):
        digest.update(part.encode() + b"\0")
    for language in portal.languages:
        digest.update(catalogue_bytes(language))
    digest.update(repr((sorted(guides.texts.items()), sorted(guides.hidden), pages)).encode())
    configuration = mkdocs_file(root)
    named = named_files(configuration) if configuration else []
    ours = [Path(str(files("generator").joinpath(name)))
            for name in ("frames.py", "mkdocs_config.py", "policy_pages.py", "shell.py", "urls.py", "starter/mkdocs.yml")]
    with as_file(files("theme").joinpath("material")) as theme:
        themed = sorted(path for path in theme.rglob("*") if path.is_file())
        for file in (*ours, *named, *themed, *(root / path for path in guides.paths if path not in guides.texts)):
            digest.update(f"{file}\0".encode() + hashlib.blake2b(file.read_bytes()).digest())
    return digest.hexdigest()


def _render(root: Path, portal: Portal, given: Guides, pages: Mapping[str, OwnPage], findings: list[Finding]) -> Shell | None:
    frames: dict[str, Frame] = {}
    guides: list[Guide] = []
    collected: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="waypost-") as name, as_file(files("theme").joinpath("material")) as theme:
        for language in portal.languages:
            work = Path(name) / language
            sources = _copy_pages(root, work / "docs", portal, language, given)
            sources |= _write_pages(work / "docs", language, pages)
            built = _run_mkdocs(root, work, theme, portal, language, sources, given.hidden, findings)
            if built is None:
                return None
            try:
                _take(built, portal, language, sources, frames, guides, collected)
            except FrameError as error:
                findings.append(Finding("mkdocs.yml", 0, "theme", "", str(error), "use Waypost's own overrides of Material"))
                return None
    findings += [_stray(root, guide.source) for guide in guides if stray_marks(guide.body)]
    return Shell(frames, tuple(guides), collected)


def _stray(root: Path, path: str) -> Finding:
    return Finding(path, line_with(root, path, "<!-- audience"), "audience", "", "restricts nothing here",
                   "write <!-- audience: NAME --> and <!-- /audience --> on lines of their own, outside of code")


def _copy_pages(root: Path, docs: Path, portal: Portal, language: str, guides: Guides) -> dict[str, tuple[str, str]]:
    """Copies the pages of one language, with the default language's where there is no translation.

    Gives {path in docs: (path in the site, language of its text)}.
    """
    others = tuple(f"pages/{other}/" for other in portal.languages if other != portal.language)
    sources = {path.removeprefix("pages/"): (path, portal.language) for path in guides.paths if not path.startswith(others)}
    if language != portal.language:
        prefix = f"pages/{language}/"
        sources |= {path.removeprefix(prefix): (path, language) for path in guides.paths if path.startswith(prefix)}
    for target, (path, _language) in sources.items():
        file = docs / target
        file.parent.mkdir(parents=True, exist_ok=True)
        if path in guides.texts:
            file.write_text(guides.texts[path], encoding="utf-8")
        else:
            shutil.copyfile(root / path, file)
    docs.mkdir(parents=True, exist_ok=True)
    if "index.md" not in sources:
        (docs / "index.md").write_text(f"# {portal.text_in(language).name}\n", encoding="utf-8")
    (docs / f"{FRAME_PAGE}.md").write_text("---\nhide: [navigation, toc]\n---\n", encoding="utf-8")
    return sources


def _write_pages(docs: Path, language: str, pages: Mapping[str, OwnPage]) -> dict[str, tuple[str, str]]:
    """Writes the pages that show what of the policy no other page does; gives the same as ``_copy_pages``."""
    for place, page in pages.items():
        file = docs / f"{place}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(markdown_of(page, Speaker(language)), encoding="utf-8")
    return {f"{place}.md": (POLICY, language) for place in pages}


def _run_mkdocs(root: Path, work: Path, theme: Path, portal: Portal, language: str,
                sources: Mapping[str, tuple[str, str]], hidden: Collection[str], findings: list[Finding]) -> Path | None:
    """Builds one language and gives the folder, or None with findings."""
    from mkdocs.commands.build import build
    from mkdocs.exceptions import Abort, MkDocsException

    collector, logger = _Collector(), logging.getLogger("mkdocs")
    logger.addHandler(collector)
    propagate, logger.propagate = logger.propagate, False
    try:
        config = mkdocs_configuration(root, work, theme, portal, language, sources, hidden)
        build(config)
    except (MkDocsException, Abort) as error:
        findings.append(Finding("mkdocs.yml", 0, "", "", f"cannot be used ({shorten(str(error))})",
                                "run 'mkdocs build' for details"))
        return None
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagate
    findings += [_mkdocs_finding(root, message, sources) for message in collector.messages]
    return work / "site"


_DOC_FILE = re.compile(r"Doc file '([^']+)' contains (?:an unrecognized relative link|a link|an absolute link) '([^']*)'")


def _mkdocs_finding(root: Path, message: str, sources: Mapping[str, tuple[str, str]]) -> Finding:
    if match := _DOC_FILE.match(message):
        path, _language = sources.get(match[1], (match[1], ""))
        return Finding(path, line_with(root, path, match[2]), "link", shorten(match[2]), "leads to no page or heading",
                       "link another page by its file name, and records as /kb/KB10042/")
    return Finding("mkdocs.yml", 0, "", "", shorten(message)[:200], "correct it; 'mkdocs build' shows the same")


_DROPPED = re.compile(
    r"sitemap\.xml(\.gz)?|404\.html|search/.*|assets/javascripts/(lunr|workers)/.*|.*\.map|assets/waypost\.css|objects\.inv")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_H1 = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_DESCRIPTION = re.compile(r'<meta name="description" content="([^"]*)">')
_SOURCE_MAP = re.compile(rb"\n?(//# sourceMappingURL=\S+|/\*# sourceMappingURL=[^*]+\*/)\s*$")


def _take(built: Path, portal: Portal, language: str, sources: Mapping[str, tuple[str, str]], frames: dict[str, Frame],
          guides: list[Guide], collected: dict[str, bytes]) -> None:
    """Cuts the pages of one language and collects the files beside them."""
    places = {_place(path): path for path in sources if path.endswith(".md")}
    for path in _built_files(built):
        if path.endswith("index.html"):
            html = root_links((built / path).read_text(encoding="utf-8"), path, language, portal.language)
            place = path.removesuffix("index.html")
            if place == f"{FRAME_PAGE}/":
                for tab, variant in _tabbed(html, language, portal.language):
                    frames[f"{language}:{tab}"] = cut(variant)
            else:
                source, text_language = sources.get(places.get(place, ""), ("", language))
                guides.append(_guide(html, place, language, text_language, source, frames))
        elif language == portal.language or not path.startswith("assets/"):
            data = _mended(path, (built / path).read_bytes())
            collected[language_root(language, portal.language) * (not path.startswith("assets/")) + path] = data


def _mended(path: str, data: bytes) -> bytes:
    """A file of the theme without what a portal must not do: ask for source maps that are not published, and fetch a sitemap for
    each alternate link (Material takes them for other builds of the same pages)."""
    if not path.startswith("assets/") or not path.endswith((".js", ".css")):
        return data
    return _SOURCE_MAP.sub(b"", data).replace(b'"link[rel=alternate]"', b'"link[rel=none]"')


def _built_files(built: Path) -> Iterator[str]:
    for file in sorted(path for path in built.rglob("*") if path.is_file()):
        path = file.relative_to(built).as_posix()
        if not _DROPPED.fullmatch(path):
            yield path


def _place(source: str) -> str:
    """Address of a page, as MkDocs makes it from a file name."""
    stem = source.removesuffix(".md")
    head, _slash, tail = stem.rpartition("/")
    return (f"{head}/" if head else "") if tail in {"index", "README"} else f"{stem}/"


TABS = ("", "kb/", "pr/", "advisories/", "bulletins/", "releases/", "new/", "entitlement/", "help/")


def _tabbed(html: str, language: str, default: str) -> Iterator[tuple[str, str]]:
    """The general page once for each header tab that record pages belong to."""
    for tab in TABS:
        yield tab, activate_tab(html, ROOT + localise(tab, language, default))


def _guide(html: str, place: str, language: str, text_language: str, source: str, frames: dict[str, Frame]) -> Guide:
    frame = cut(html)
    key = f"{language}/{place}"
    frames[key] = msgspec.structs.replace(frame, filled=dict.fromkeys(frame.filled, ""))
    head, body = frame.filled["head"], frame.filled["body"].strip()
    heading, described = _H1.search(body), _DESCRIPTION.search(head)
    title = heading[1] if heading else _TITLE.search(head)[1]  # type: ignore[index]
    title = unescape(re.sub(r'<a class="headerlink".*?</a>|<[^>]+>', "", title)).strip()
    return Guide(key, place, language, text_language, title, unescape(described[1]) if described else "", body, source)
