"""Checks that all pages have addresses of their own, and that links lead to pages of this build."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from generator.shell import Shell
from generator.urls import file_of
from generator.work import Made
from kb.findings import Finding
from kb.library import Library
from kb.source import line_with

_MADE_LATER = re.compile(
    r"(.*/)?feeds/([^/]+/)*[^/]+\.(atom|rss|json|opml|css)|(assets|attachments|\.well-known/csaf)/.*|(.*/)?search/releases\.json"
    r"|osv/[^/]+\.json|sitemap\.xml|robots\.txt|\.well-known/security\.txt")


def check_addresses(pages: Collection[Made], library: Library) -> Iterator[Finding]:
    """Findings for addresses that two pages claim, in whatever case."""
    taken: set[str] = set()
    if len({page.path.casefold().removesuffix("index.html") for page in pages}) == len(pages):
        return
    for page in pages:
        name = file_of(page.path).casefold()
        if name in taken:
            yield _collision(page.path, library)
        taken.add(name)


def _collision(path: str, library: Library) -> Finding:
    for redirect in library.redirects:
        if redirect.old.strip("/").casefold() == path.strip("/").casefold():
            return Finding(redirect.place.path, redirect.place.line, "", redirect.old, "is the address of a page",
                           "remove the redirect or choose another old address")
    return Finding("", 0, "", f"/{path}", "is the address of two pages", "rename one of the files that make it")


def check_links(pages: Sequence[Made], shell: Shell, root: Path) -> Iterator[Finding]:
    """Findings for links that authors wrote and that lead to no page of this build."""
    known = {page.path for page in pages} | shell.files.keys()
    others = {target for page in pages for target in page.targets if target not in known}
    files = {file_of(path) for path in known} if others else set()
    lost = {target for target in others if file_of(unquote(target)) not in files and not _MADE_LATER.fullmatch(target)
            and not target.endswith(".md")}
    for page in pages if lost else ():
        for target in page.targets:
            if target in lost:
                written = target.removeprefix(f"{page.language}/")  # authors leave the language out
                yield Finding(page.source, line_with(root, page.source, unquote(written)), "link", f"/{written}",
                              "leads to no page", "write the address of a page, such as /kb/ or /kb/KB10042/")
