"""Editorial pages and settings without what this build does not show: links to hidden records go, and their names may not stand
there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from kb.findings import Finding, SourceError, shorten
from kb.library import Library
from kb.mentions import Names
from kb.source import line_with, read_text
from kb.store import Row

_LINK = re.compile(r'\[([^\[\]]*)\]\(\s*<?(/[^\s()<>]*)>?(?:\s+"[^"\n]*")?\s*\)')


class Unseen(NamedTuple):
    """What a build for an ``audience`` does not show: addresses of hidden records, in small letters and without the last slash,
    and names of records, also those in restricted parts of others."""

    audience: str = ""
    places: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


def unseen_in(rows: Iterable[Row], library: Library) -> Unseen:
    """What a library does not show of the records of its site."""
    places, names = set(), set[str]()
    for row in rows:
        head = library.heads.get(row.head.key)
        if head is None:
            places.add(row.head.path.rstrip("/").casefold())
            names.update((row.head.id, *row.head.names))
        elif row.others:
            names.update(set(row.head.names) - set(head.names))
    return Unseen(library.view.audience, frozenset(places), frozenset(names))


def concealed_pages(root: Path, paths: Iterable[str], texts: Mapping[str, str], unseen: Unseen,
                    findings: list[Finding]) -> Mapping[str, str]:
    """New text by path of those pages that link to hidden records, besides ``texts``, which stand in place of files. A link that
    went is a note, a name that stays an error."""
    if not unseen.names:
        return texts
    names = Names(sorted(unseen.names))
    found = dict(texts)
    for path in paths:
        try:
            text = (texts.get(path) or read_text(root, path)) if path.endswith(".md") else ""
        except SourceError:
            continue  # check_pages has told it
        shown = _without_links(path, text, unseen.places, findings) if "](" in text else text
        if shown != text:
            found[path] = shown
        for position, name in names.find(shown):
            findings.append(Finding(path, shown.count("\n", 0, position) + 1, "text", shorten(name),
                                    "names a record that this build does not show", "link it by its address or leave it out"))
    return found


def _without_links(path: str, text: str, places: Collection[str], findings: list[Finding]) -> str:
    def replace(match: re.Match[str]) -> str:
        target = match[2].split("#")[0].strip("/").casefold()
        if target not in places and target.partition("/")[2] not in places:
            return match[0]
        findings.append(Finding(path, text.count("\n", 0, match.start()) + 1, "link", shorten(match[2]),
                                "is not shown in this build (draft, embargoed or for another audience)",
                                "the link is left out", "note"))
        return match[1]

    return _LINK.sub(replace, text)


_COMMENT = re.compile(r"(?m)(?:^|\s)#.*$")


def named_in_settings(root: Path, library: Library, configuration: Path | None, unseen: Unseen) -> Iterator[Finding]:
    """Findings for names of hidden records in what settings say to readers."""
    if not unseen.names:
        return
    names = Names(sorted(unseen.names))
    for path, words in _settings(root, library, configuration):
        for _position, name in names.find(words):
            yield Finding(path, line_with(root, path, name), "", shorten(name), "names a record that this build does not show",
                          "leave it out until the record is shown")


def _settings(root: Path, library: Library, configuration: Path | None) -> Iterator[tuple[str, str]]:
    """(path, words) of the settings that pages print."""
    for text in library.portal.texts:
        yield library.portal.place.path, "\n".join((text.name, text.summary, *text.examples))
    for product in library.catalogue.products:
        parts = [product.name, product.summary, *product.aliases, *(word for entry in product.translations for word in entry[1:])]
        for item in (*product.platforms, *product.components):
            parts += [item.name, *item.aliases, *(name for _language, name in item.names)]
        yield product.place.path, "\n".join(parts)
    for redirect in library.redirects:
        yield redirect.place.path, redirect.old
    others = [(name, root / name) for name in ("policy.yml", "synonyms.yml")]
    for name, file in (("mkdocs.yml", configuration), *others):
        if file and file.is_file():
            yield name, _COMMENT.sub("", file.read_text(encoding="utf-8", errors="replace"))
