"""Vulnerabilities of an advisory that tells of each what differs: scores, products, texts, remediations, references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from generator.csaf.paths import as_uri
from generator.csaf.plain_text import to_plain_text
from generator.csaf.product_tree import GROUPS, ProductTree, Stated
from generator.csaf.scores import score_json
from generator.edition import Edition
from kb.fields import instant
from kb.product_status import product_statuses
from kb.records import Reference, Remediation, Score, SecurityBulletin, Vulnerability
from kb.text import lines_outside_code

Json = dict[str, Any]
_HEADING = re.compile(r" {0,3}###\s+(\S+?)(?::?\s.*|:?)")


class Told(msgspec.Struct, frozen=True):
    """What holds for one vulnerability. ``open`` gives ids of affected products by the ``ref`` of entries (none: all of them)."""

    vulnerability: Vulnerability
    stated: tuple[Stated, ...]
    open: Callable[[tuple[str, ...]], tuple[str, ...]]


def told(edition: Edition, record: SecurityBulletin, tree: ProductTree) -> Iterator[Told]:
    """Each vulnerability with the status of the products that it affects."""

    @cache
    def stated(refs: frozenset[str]) -> tuple[Stated, ...]:
        entries = tuple(entry for entry in record.affected if not refs or entry.ref in refs)
        limited = msgspec.structs.replace(record, affected=entries)
        return tuple(tree.state(status, entries) for status in product_statuses(limited, edition.library.catalogue))

    for vulnerability in record.vulnerabilities:
        own = frozenset(vulnerability.affects)

        def open_ids(refs: tuple[str, ...], own: frozenset[str] = own) -> tuple[str, ...]:
            wanted = frozenset(refs) & own if refs and own else frozenset(refs) or own
            if refs and not wanted:
                return ()
            return tuple(dict.fromkeys(item for status in stated(wanted) for item in status.open()))

        yield Told(vulnerability, stated(own), open_ids)


def product_status(stated: Iterable[Stated]) -> Json:
    """What is stated of all product lines, by group."""
    found: dict[str, dict[str, None]] = {}
    for status in stated:
        for group, items in status.groups.items():
            found.setdefault(group, {}).update(dict.fromkeys(items))
    return {group: list(found[group]) for group in GROUPS if group in found}


def scores(item: Told) -> tuple[list[Json], list[Score]]:
    """``scores``, in which no product has two (test 6.1.7), and the scores without a place there: CSAF 2.0 knows no CVSS 4.0."""
    found: list[Json] = []
    others: list[Score] = []
    taken: set[str] = set()
    for given in sorted(item.vulnerability.scores, key=lambda given: given.score.version, reverse=True):
        products = [name for name in item.open(given.affects) if name not in taken]
        if given.score.version.startswith("3.") and products:
            taken.update(products)
            found.append({"cvss_v3": score_json(given.score), "products": products})
        else:
            others.append(given.score)
    return found, others


def remediations(edition: Edition, record: SecurityBulletin, item: Told) -> Iterator[Json]:
    for remediation in record.remediations:
        if remediation.vulnerabilities and item.vulnerability.id not in remediation.vulnerabilities:
            continue
        if products := item.open(remediation.affects):
            yield _remediation(edition, record, remediation, products)


def _remediation(edition: Edition, record: SecurityBulletin, remediation: Remediation, products: Sequence[str]) -> Json:
    found: Json = {
        "category": remediation.category, "product_ids": list(products),
        "details": to_plain_text(edition.html(record.text, remediation.text, set()), edition.portal.url) or remediation.category}
    if remediation.url:
        found["url"] = as_uri(remediation.url)
    if remediation.date:
        found["date"] = instant(remediation.date)
    return found


def references(given: Iterable[Reference]) -> list[Json]:
    return [{"category": "external", "summary": reference.title, "url": as_uri(reference.url)} for reference in given]


def sections_apart(edition: Edition, record: SecurityBulletin) -> Mapping[str, Mapping[str, str]]:
    """Texts of known sections by the vulnerability under whose id, as a third-level heading, they stand; under an empty id what
    stands under none."""
    names = {item.id for item in record.vulnerabilities}
    found: dict[str, dict[str, str]] = {"": {}, **{name: {} for name in names}}
    for section in record.text.sections:
        for name, markdown in _apart(section.markdown, names) if section.key else ():
            text = to_plain_text(edition.html(record.text, markdown, set()), edition.portal.url)
            if text:
                before = found[name].get(section.key)
                found[name][section.key] = f"{before}\n\n{text}" if before else text
    return found


def _apart(markdown: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(id or empty, Markdown) of the parts of a section."""
    name, lines = "", list[str]()
    for _, line, plain in lines_outside_code(markdown):
        match = _HEADING.fullmatch(line) if plain and line.lstrip().startswith("###") else None
        if match and match[1] in names:
            yield name, "\n".join(lines)
            name, lines = match[1], []
        else:
            lines.append(line)
    yield name, "\n".join(lines)
