"""Audiences: who may read what. Each sees all that those see whom it includes; everybody sees what is for the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from kb.fields import Fields, parse_url_root, pattern
from kb.findings import nearest
from kb.source import Value

ALL = "all"  # in place of an audience: each of them
parse_audience = pattern(r"[a-z][a-z0-9-]{0,30}", "audience name", "use lower case letters, digits and hyphens")


class Audience(msgspec.Struct, frozen=True):
    """``sees`` are the ids of the audiences that it includes, however far, itself among them; ``names`` by language, the
    portal's first one first; ``url`` is where its portal stands, empty where that is the portal's own address."""

    id: str
    sees: tuple[str, ...]
    names: tuple[tuple[str, str], ...] = ()
    url: str = ""

    def name_in(self, language: str) -> str:
        """Its name for readers; empty where it has none."""
        names = dict(self.names)
        return names.get(language) or next(iter(names.values()), "")


PUBLIC = (Audience("public", ("public",)),)


class _Entry(msgspec.Struct):
    """An audience as it is written; ``line`` where."""

    id: str
    line: int
    includes: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    url: str = ""


def parse_audiences(fields: Fields, languages: Sequence[str]) -> tuple[Audience, ...]:
    """The audiences of ``portal.yml``: a list, of which each includes those before it, or a mapping that says what each includes.
    Not whole where something is wrong."""
    values = fields.values("audiences")
    if len(values) == 1 and isinstance(values[0].data, dict):
        entries = _checked(fields, [*_mapped(fields, values[0].data, languages)])
    else:
        entries = [*_listed(fields, values)]
    names = [entry.id for entry in entries]
    if len(set(names)) != len(names):
        fields.wrong("audiences", "names an audience twice", "keep one", ", ".join(names))
        return PUBLIC
    if ALL in names:
        fields.wrong("audiences", "means all audiences and can be none", "choose another name", ALL)
    sees = _closures({entry.id: entry.includes for entry in entries})
    return tuple(Audience(entry.id, tuple(name for name in names if name in sees[entry.id]), entry.names, entry.url)
                 for entry in entries) or PUBLIC


def _listed(fields: Fields, values: Iterable[Value]) -> Iterator[_Entry]:
    before: tuple[str, ...] = ()
    for value in values:
        name = fields.parse("audiences", value, parse_audience)
        if name is not None:
            yield _Entry(name, value.line, before)
            before = (*before, name)


def _mapped(fields: Fields, values: Mapping[str, Value], languages: Sequence[str]) -> Iterator[_Entry]:
    for key, value in values.items():
        name = fields.parse("audiences", Value(value.line, key), parse_audience)
        if name is None:
            continue
        if value.data is not None and not isinstance(value.data, dict):
            fields.wrong(f"audiences.{name}", "is not a mapping", "write {includes: ..., name: ...} or {}", line=value.line)
            continue
        inner = fields.inner(f"audiences.{name}", Value(value.line, value.data or {}))
        includes = inner.many("includes", parse_audience)
        if len(set(includes)) != len(includes):
            inner.wrong("includes", "names an audience twice", "keep one", ", ".join(includes))
        titles = {languages[0]: inner.text("name")}
        for language, words in inner.named("translations"):
            if language not in languages:
                inner.wrong("translations", "is not a language of this portal", "add it to languages or remove it", language,
                            words.line)
            titles[language] = words.text("name")
            words.finish()
        yield _Entry(name, value.line, includes, tuple((at, title) for at, title in titles.items() if title),
                     inner.one("url", parse_url_root) or "")
        inner.finish()


def _checked(fields: Fields, entries: Sequence[_Entry]) -> list[_Entry]:
    """The same, each with what includes the first; findings for what is unknown or goes in a circle."""
    known = {entry.id: entry for entry in entries}
    for number, entry in enumerate(entries):
        field = f"audiences.{entry.id}.includes"
        if number == 0 and entry.includes:
            fields.wrong(field, "stands at the first audience, which everybody is in", "remove it", ", ".join(entry.includes),
                         entry.line)
        for name in entry.includes:
            if name not in known:
                guess = nearest(name, known)
                fields.wrong(field, "is not an audience of this portal", f"did you mean {guess}?" if guess else
                             f"write one of {', '.join(known)}", name, entry.line)
        entry.includes = tuple(name for name in entry.includes if name in known)
        if number:
            entry.includes = (entries[0].id, *(name for name in entry.includes if name != entries[0].id))
        else:
            entry.includes = ()
    closures = _closures({entry.id: entry.includes for entry in entries})
    for entry in entries:
        back = [name for name in entry.includes if entry.id in closures[name]]
        if back:
            fields.wrong(f"audiences.{entry.id}.includes", "leads back to this audience", "let one of them include the other",
                         back[0], entry.line)
    return list(entries)


def _closures(includes: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """What each leads to, itself among it; circles do no harm."""
    found: dict[str, set[str]] = {}
    for start in includes:
        seen, waiting = {start}, [start]
        while waiting:
            new = [name for name in includes[waiting.pop()] if name not in seen]
            seen.update(new)
            waiting += new
        found[start] = seen
    return found
