"""One record of the general bulk form: flat or nested fields of others as those of our problem reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb.importers.catalogue import ProductBook
from kb.importers.dates import day
from kb.importers.job import Job, is_number
from kb.importers.names import STATUSES
from kb.importers.sources import clean
from kb.importers.words import one_line, title
from kb.records import Place, normal_id
from kb.text import HEADINGS

_SECTIONS = ("body", *HEADINGS)
_LISTS = ("aliases", "keywords", "related")
_LINES = ("id", "title", "summary", "language", "audience", "publish_at", "status", "duplicate_of", "severity", "component",
          "created", "updated")
_ENTRY_LISTS = ("platforms", "ranges", "fixed", "unaffected")
_FLAT = ("product", "platforms", "affects", "fixed", "unaffected", "introduced")
FIELDS = tuple(dict.fromkeys((*_LINES, *_LISTS, "affected", *_FLAT, "history", *_SECTIONS)))
"""Every field that a source may have, the flat ones for a single product included."""

# The order of docs/records.md.
_ORDER = ("id", "title", "summary", "language", "audience", "aliases", "keywords", "related", "publish_at", "status",
          "duplicate_of", "severity", "component", "affected", "created", "updated", "history", *_SECTIONS)
_SEVERITIES = {"moderate": "medium", "important": "high", "minor": "low", "major": "high"}
Json = object


def record_fields(given: Mapping[str, Json], place: Place, job: Job) -> dict[str, Json]:
    """The fields of a problem report, in order; products, platforms and components that are new go into the book."""
    found: dict[str, Json] = {name: _line(given.get(name)) for name in _LINES}
    found |= {name: _list(given.get(name)) for name in _LISTS}
    found |= {name: _text(given[name]).strip("\n") if name in given else "" for name in _SECTIONS}
    found["history"] = _deep(given.get("history") or [])
    found["affected"] = _affected(given, job)
    _fill(found, job)
    _shorten(found)
    return {name: found[name] for name in _ORDER if found[name]}


def _fill(found: dict[str, Json], job: Job) -> None:
    """Gives fields their usual values where the source leaves them out."""
    affected = found["affected"]
    fixed = isinstance(affected, list) and any(isinstance(entry, dict) and entry.get("fixed") for entry in affected)
    status = str(found["status"]).casefold()
    found["status"] = STATUSES.get(status, status) or ("duplicate" if found["duplicate_of"] else "fixed" if fixed else "open")
    severity = str(found["severity"]).casefold()
    found["severity"] = _SEVERITIES.get(severity, severity)
    for name in ("created", "updated"):
        found[name] = day(str(found[name])) or found[name]
    found["created"] = found["created"] or job.options.date or found["updated"]
    found["updated"] = found["updated"] or found["created"]
    found["language"] = found["language"] or job.language_field()
    found["component"] = _component(str(found["component"]), affected, job.book)


def _component(name: str, affected: Json, book: ProductBook) -> str:
    first = affected[0] if isinstance(affected, list) and affected else {}
    product = first.get("product", "") if isinstance(first, dict) else ""
    return book.component(product, name) if name and product else name


def _shorten(found: dict[str, Json]) -> None:
    """A title that is too long; in full it stays as the summary."""
    full = str(found["title"])
    found["title"] = title(full)
    if found["title"] != full and not found["summary"]:
        found["summary"] = full


def _affected(given: Mapping[str, Json], job: Job) -> Json:
    """The affected products: nested as our records have them, or out of the flat fields."""
    nested = given.get("affected")
    if isinstance(nested, list):
        return [_entry(entry, job.book) if isinstance(entry, dict) else _deep(entry) for entry in nested]
    if nested:
        return _deep(nested)
    flat: dict[str, Json] = {"platforms": given.get("platforms"), "ranges": given.get("affects"), "fixed": given.get("fixed"),
                             "unaffected": given.get("unaffected"), "introduced": given.get("introduced")}
    products = _list(given.get("product")) or ([job.options.product] if job.options.product else [])
    return [_entry({"product": name, **flat}, job.book) for name in products]


def _entry(given: Mapping[str, Json], book: ProductBook) -> dict[str, Json]:
    """An entry with ids for names. Where a platform is not known, the entry is about all, lest it say too little."""
    name = _line(given.get("product"))
    entry: dict[str, Json] = {**{key: _deep(value) for key, value in given.items() if value}, "product": name}
    for key in _ENTRY_LISTS:
        if key in entry:
            entry[key] = [_line(item) if isinstance(item, str) else item for item in _items(entry[key])]
    if "introduced" in entry:
        entry["introduced"] = _line(entry["introduced"])
    if not name:
        return entry
    product = book.product(name)
    platforms = [book.platform(product, item) for item in _list(given.get("platforms"))]
    entry |= {"product": product, "platforms": [] if "" in platforms else list(dict.fromkeys(platforms))}
    book.add_versions(product, versions(entry))
    return {key: value for key, value in entry.items() if value}


def versions(entry: Mapping[str, Json]) -> Iterable[str]:
    """Every word of an entry that looks like a release."""
    for key in ("ranges", "fixed", "unaffected", "introduced"):
        for item in _items(entry.get(key)):
            texts = item.values() if isinstance(item, dict) else [item]
            for text in texts:
                yield from _words(text) if isinstance(text, str) else ()


def _words(text: str) -> Iterable[str]:
    for word in text.replace(",", " ").replace(";", " ").split():
        first, dash, last = word.partition("-")
        parts = (first, last) if dash and last[:1].isdigit() else (word,)
        yield from (part.strip("*.-") for part in parts if part[:1].isdigit())


def _items(value: Json) -> list[Json]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return value if isinstance(value, list) else [] if value is None else [value]


def _deep(value: Json, depth: int = 0) -> Json:
    """A value with all its texts cleaned; what is nested deeper than any record is left out."""
    if depth > 6:
        return ""
    if isinstance(value, dict):
        return {clean(str(key)): _deep(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_deep(item, depth + 1) for item in value]
    return _text(value)


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(value) if isinstance(value, str) else ""


def _line(value: Json) -> str:
    return one_line(_text(value)) if value else ""


def _list(value: Json) -> list[str]:
    return list(dict.fromkeys(line for item in _items(value) if (line := _line(item))))


def record_number(given: str) -> str:
    """The id of a report where the source's is one, else an empty string."""
    number = normal_id(given)
    return number if is_number(number) else ""
