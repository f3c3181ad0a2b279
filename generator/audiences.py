"""The trees of a build: one for an audience, or one for each of them, ``DIR/<audience>``, built together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from generator.building import Options, Summary
from generator.tree_state import read_marker
from generator.unchanged import inputs_of, last_build
from kb.audiences import ALL, parse_audiences
from kb.fields import Fields, parse_language
from kb.findings import Finding, SourceError
from kb.source import Value, read_yaml


def targets(options: Options) -> list[Options]:
    """What each tree of a build is asked for, without reading more than ``portal.yml``; none where that cannot be understood."""
    if options.audience != ALL:
        return [options]
    try:
        value = read_yaml(options.site, "portal.yml")
    except SourceError:
        return []
    if not isinstance(value.data, dict):
        return []
    findings: list[Finding] = []
    found = parse_audiences(Fields(value.data, "portal.yml", value.line, findings), _languages(value.data))
    return [] if findings else [target(options, audience.id) for audience in found]


def target(options: Options, audience: str) -> Options:
    """What the tree of one audience is asked for where all are built together."""
    return msgspec.structs.replace(options, audience=audience, out=options.out / audience)


def _languages(fields: dict[str, Value]) -> tuple[str, ...]:
    return Fields(fields, "portal.yml", 1, []).many("languages", parse_language) or ("en",)


def last_builds(options: Options) -> dict[str, Summary] | None:
    """What the last build of each tree told, where none of them would be made anew; else None. Raises OutputError."""
    inputs = cache(inputs_of)
    found: dict[str, Summary] = {}
    for own in targets(options):
        summary = last_build(own, inputs)
        if summary is None:
            return None
        found[own.audience] = summary
    return found or None


def strangers(options: Options, found: Sequence[Options]) -> Iterator[Finding]:
    """Notes for trees beside those of a build whose audiences are no more: somebody may still serve them."""
    known = {one.out for one in found}
    for folder in sorted(options.out.iterdir()) if options.out.is_dir() else ():
        if folder.is_dir() and folder not in known and not folder.name.startswith(".") and read_marker(folder):
            yield Finding(str(folder), 0, "", folder.name, "is the tree of an audience that portal.yml does not have",
                          "remove the folder, if nobody needs it", "note")
