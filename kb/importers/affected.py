"""Affected products of records in the making: fixes gathered, contradictions taken out, written as YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from kb.importers.emit import Yaml
from kb.ranges import Affected, VersionRange, compile_affected, contradictions, parse_range
from kb.releases import ReleaseError, parse_release

_RELEASE = re.compile(r"\d+(?:\.\d+)+(?:[\w.-]*\w)?")
_TOKEN = re.compile(r"\s+|[^\s,;:()*]+|[,;:()*]")


SchemeOf = Callable[[str], str]
"""Gives the release scheme of the product with an id."""


def affected_yaml(entries: Iterable[Affected], scheme_of: SchemeOf) -> list[Yaml]:
    """The entries as a record file has them."""
    return [_entry_yaml(entry, scheme_of(entry.product)) for entry in entries]


def _entry_yaml(entry: Affected, scheme: str) -> Yaml:
    fields: dict[str, Yaml] = {
        "product": entry.product, "ref": entry.ref, "name": entry.name, "versions": entry.versions, "models": entry.models,
        "platforms": entry.platforms,
        "ranges": [_range_yaml(item, scheme) for item in entry.ranges], "fixed": entry.fixed,
        "unaffected": [_range_yaml(item, scheme) for item in entry.unaffected], "introduced": entry.introduced,
        "default_status": "affected" if entry.default_status == "affected" else "",
    }
    return {name: value for name, value in fields.items() if value}


def _range_yaml(item: VersionRange, scheme: str) -> Yaml:
    """The shorthand of a range where it says the same, else the mapping."""
    start = item.start or "all"
    short = start + (f" before {', '.join(item.before)}" if item.before else "")
    short += f" through {item.through}" if item.through else ""
    try:
        again = parse_range(short, scheme)
    except ReleaseError:
        again = ()
    plain = msgspec.structs.replace(item, text="", status="affected")
    same = len(again) == 1 and msgspec.structs.replace(again[0], text="") == plain
    return short if same and item.status != "unknown" else _mapping(item)


def _mapping(item: VersionRange) -> Yaml:
    fields: dict[str, Yaml] = {
        "from": item.start or "0", "before": ", ".join(item.before), "through": item.through,
        "status": item.status if item.status != "affected" else "",
        "changes": [{"at": at, "status": status} for at, status in item.changes],
    }
    return {name: value for name, value in fields.items() if value}


def fixes_in_text(text: str, products: Mapping[str, str]) -> dict[str, list[str]]:
    """Releases that a text of solutions lists, by product id; ``products`` maps names in the text to ids.

    A release counts where it follows the product's name, the first colon or another release of a list; so "prior to 17.3R3"
    does not. What no name introduces stands under an empty id.
    """
    names = sorted(products, key=len, reverse=True)
    pattern = re.compile("|".join([rf"\b{re.escape(name)}(?!\w)" for name in names]) or r"(?!)", re.IGNORECASE)
    folded = {name.casefold(): product for name, product in products.items()}
    found: dict[str, list[str]] = {}
    at, product, listing = 0, "", False
    while at < len(text):
        if name := pattern.match(text, at):
            at, product, listing = name.end(), folded[name[0].casefold()], True
            continue
        token = _TOKEN.match(text, at)
        assert token
        at = token.end()
        word = token[0].strip().rstrip(".")
        if listing and _RELEASE.fullmatch(word):
            found.setdefault(product, []).append(word)
        elif word == ":":
            listing = listing or not found
        elif word.strip(",;*") and word.casefold() != "and":
            listing = False
    return found


def with_fixes(entries: Sequence[Affected], scheme: str, listed: Iterable[str]) -> list[Affected]:
    """The entries of one product with the fixes that their ranges end with and that a text lists, in release order.

    A listed release goes to the entries that name its train, else to those for all platforms, else to all.
    """
    fixes: list[set[str]] = [{fix for item in entry.ranges if item.status == "affected" for fix in item.before
                              if is_release(fix, scheme)} for entry in entries]
    trains = [_trains(entry, scheme) for entry in entries]
    everywhere = [number for number, entry in enumerate(entries) if not entry.platforms]
    for fix in listed:
        if not is_release(fix, scheme):
            continue
        release = parse_release(fix, scheme)
        train = release.train.removesuffix("-EVO")
        named = [number for number, known in enumerate(trains) if train in known]
        for number in named or everywhere or range(len(entries)):
            fixes[number].add(release.text)
    return [msgspec.structs.replace(entry, fixed=_ordered(found, scheme))
            for entry, found in zip(entries, fixes, strict=True)]


def _trains(entry: Affected, scheme: str) -> set[str]:
    texts = {text for item in entry.ranges for text in (item.start, item.through, *item.before) if text}
    found = {text.split("*")[0].removesuffix("-EVO") for text in texts}
    return found | {parse_release(text, scheme).train.removesuffix("-EVO") for text in texts if is_release(text, scheme)}


def is_release(text: str, scheme: str) -> bool:
    try:
        parse_release(text, scheme)
    except ReleaseError:
        return False
    return True


def _ordered(fixes: Iterable[str], scheme: str) -> tuple[str, ...]:
    """Fixes from old to new, each once: 21.4R3 and 21.4R3-EVO are one, and the longer name stands."""
    names: dict[tuple[int, ...], str] = {}
    for fix in sorted(fixes, key=lambda text: (len(text), text)):
        names[parse_release(fix, scheme).key] = fix
    return tuple(names[key] for key in sorted(names))


def without_contradictions(entry: Affected, scheme: str, others: Sequence[Affected] = ()) -> tuple[Affected, list[str]]:
    """The entry without fixed releases that its own ranges, or those of ``others``, call affected; and these releases."""
    wrong = set(contradictions(entry, scheme))
    bare = [msgspec.structs.replace(other, fixed=()) for other in others if other.product == entry.product]
    if bare:
        compiled = compile_affected(bare, entry.product, scheme)
        wrong |= {fix for fix in entry.fixed if compiled.verdict(fix).status == "affected"}
    kept = tuple(fix for fix in entry.fixed if fix not in wrong)
    return msgspec.structs.replace(entry, fixed=kept), [fix for fix in entry.fixed if fix in wrong]


def merged(groups: Sequence[Sequence[Affected]], scheme_of: SchemeOf) -> list[Affected]:
    """The entries of several vulnerabilities as those of one record: a release is fixed when it is so for all of them."""
    found: dict[Affected, None] = {}
    for number, group in enumerate(groups):
        others = [entry for at, other in enumerate(groups) if at != number for entry in other]
        for entry in group:
            found[without_contradictions(entry, scheme_of(entry.product), others)[0]] = None
    return list(found)
