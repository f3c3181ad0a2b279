"""Words that mean the same to readers of a site, ``synonyms.yml``: what the search finds besides what is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from kb.fields import Fields, Wrong
from kb.findings import Finding
from kb.source import Value

MOST_WORDS, MOST_CHARACTERS = 3, 60  # of one term, as theme/assets/search-words.js looks for them

_WORD = re.compile(r"[^\W_]+")


class Synonyms(msgspec.Struct, frozen=True):
    """``same`` are groups in which each term finds all others, of any language; ``also`` says what else a term finds, and not the
    other way round."""

    same: tuple[tuple[str, ...], ...] = ()
    also: Mapping[str, tuple[str, ...]] = {}


def parse_synonyms(value: Value, path: str, findings: list[Finding]) -> Synonyms:
    """The synonyms of a site, with a finding for each that is wrong."""
    if not isinstance(value.data, dict):
        findings.append(Finding(path, value.line, "", "", "is no mapping", "write 'same:' with lists of terms, or 'also:'"))
        return Synonyms()
    fields = Fields(value.data, path, value.line, findings)
    same = tuple(_group(fields, group) for group in fields.values("same"))
    inner = fields.mapping("also")
    also = dict(_one_way(inner, value.data["also"])) if inner else {}
    fields.finish()
    return Synonyms(same, also)


def _one_way(fields: Fields, value: Value) -> Iterator[tuple[str, tuple[str, ...]]]:
    assert isinstance(value.data, dict)
    for name in value.data:
        try:
            yield _term(name), fields.many(name, _term, required=True)
        except Wrong as wrong:
            fields.wrong(name, wrong.reason, wrong.remedy, name)


def _group(fields: Fields, group: Value) -> tuple[str, ...]:
    """The terms of one group."""
    items = group.data if isinstance(group.data, list) else []
    terms = [term for item in items if (term := fields.parse("same", item, _term)) is not None]
    if len(items) < 2:
        fields.wrong("same", "has a group of fewer than two terms", "write lists such as [RMA, return]", line=group.line)
    elif len({term.casefold() for term in terms}) < len(terms):
        fields.wrong("same", "names a term twice in one group", "keep one", ", ".join(terms), group.line)
    return tuple(terms)


def _term(text: str) -> str:
    """A term as it is shown; raises Wrong."""
    term = " ".join(text.split())
    words = _WORD.findall(term)
    if not words:
        raise Wrong("holds no word", "write a word or a few")
    if len(words) > MOST_WORDS or len(term) > MOST_CHARACTERS:
        raise Wrong("is too long for a term", f"write at most {MOST_WORDS} words and {MOST_CHARACTERS} characters")
    return term
