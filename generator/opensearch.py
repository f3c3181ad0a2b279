"""What a portal shows as documents for OpenSearch, with the mappings that they need. docs/opensearch.md describes both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from kb.fields import instant
from kb.library import Library
from kb.portal import Portal
from kb.records import AnyRecord, Report, Text, normal_id, severity_of
from prsearch.documents import UNRATED, facets, plain

OTHER = "other"  # holds the texts in languages that the portal does not have
_ANALYSERS = {"en": "english", "ru": "russian_and_english", OTHER: "standard"}
_TEXTS = ("title", "summary", "keywords", "text")
Json = dict[str, Any]


def index_settings(portal: Portal) -> Json:
    """The body of OpenSearch's create-index request: analysers and the mapping of every field."""
    languages = text_fields(portal)
    words: Json = {language: {"type": "text", "analyzer": _ANALYSERS.get(language, "standard")} for language in languages}
    keyword, folded, day = {"type": "keyword"}, {"type": "keyword", "normalizer": "folded"}, {"type": "date"}
    shown: Json = {"type": "keyword", "index": False, "doc_values": False}
    properties: Json = {
        "id": keyword, "kind": keyword, "names": folded | {"fields": words}, "language": keyword, "languages": keyword,
        "path": shown, "url": shown, "products": folded, "platforms": folded, "component": folded, "severity": keyword,
        "status": keyword, "has": keyword, "affects": folded, "fixed": folded, "created": day, "updated": day, "published": day,
    }
    properties |= {name: {"properties": words} for name in _TEXTS}
    # With offsets the engine marks words without reading long texts again.
    properties["text"] = {"properties": {language: field | {"index_options": "offsets"} for language, field in words.items()}}
    return {"settings": {"index": {"analysis": _analysis()}}, "mappings": {"dynamic": "strict", "properties": properties}}


def text_fields(portal: Portal) -> tuple[str, ...]:
    """The languages that texts are kept by: those of the portal, and OTHER."""
    return (*portal.languages, OTHER)


def _analysis() -> Json:
    """Russian texts are full of English terms, so both languages are stemmed there; each stemmer knows only its letters."""
    return {
        "char_filter": {"yo": {"type": "mapping", "mappings": ["ё => е", "Ё => Е"]}},
        "filter": {
            "english_stop": {"type": "stop", "stopwords": "_english_"},
            "russian_stop": {"type": "stop", "stopwords": "_russian_"},
            "english_stemmer": {"type": "stemmer", "language": "english"},
            "russian_stemmer": {"type": "stemmer", "language": "russian"},
        },
        "analyzer": {"russian_and_english": {
            "type": "custom", "char_filter": ["yo"], "tokenizer": "standard",
            "filter": ["lowercase", "russian_stop", "english_stop", "russian_stemmer", "english_stemmer"]}},
        "normalizer": {"folded": {"type": "custom", "char_filter": ["yo"], "filter": ["lowercase"]}},
    }


def bulk(library: Library, index: str) -> Iterator[bytes]:
    """For each record that the library shows the two lines of OpenSearch's bulk format, in the order of their ids."""

    def is_shown(name: str) -> bool:
        return library.find(name) is not None

    for key, record in library.records.items():
        yield (msgspec.json.encode({"index": {"_index": index, "_id": key}}) + b"\n"
               + msgspec.json.encode(document(library, record, is_shown)) + b"\n")


def document(library: Library, record: AnyRecord, is_shown: Callable[[str], bool]) -> Json:
    """A record as one document; a field without a value is left out. ``is_shown`` says whether the portal shows a record."""
    found = facets(library, record)
    releases = [*found.plain, *found.depending]
    texts = [(text.language if text.language in library.portal.languages else OTHER, text) for text in record.texts]
    fields: Json = {
        "id": record.id, "kind": record.kind, "names": _names(record), "language": record.text.language,
        "languages": [text.language for text in record.texts], "path": record.path, "url": library.portal.url + record.path,
        "products": record.products, "platforms": record.platforms,
        "component": record.component if isinstance(record, Report) else "", "severity": severity_of(record) or UNRATED,
        "status": record.status, "has": ["workaround"] if "=has:workaround" in releases else [],
        "affects": _releases(releases, "=affects:"), "fixed": _releases(releases, "=fixed:"),
        "created": instant(record.created), "updated": instant(record.updated), "published": instant(record.published),
        "title": _by_language((language, text.title) for language, text in texts),
        "summary": _by_language((language, text.summary) for language, text in texts),
        "keywords": _by_language((language, word) for language, text in texts for word in text.keywords),
        "text": _by_language((language, _plain(text, is_shown)) for language, text in texts),
    }
    return {name: value for name, value in fields.items() if value}


def _names(record: AnyRecord) -> list[str]:
    """Everything that a record is called, each once: id, aliases, CVE ids."""
    return list(dict.fromkeys(normal_id(name) for name in (record.id, *record.aliases, *getattr(record, "cves", ()))))


def _releases(keys: Sequence[str], start: str) -> list[str]:
    """Releases out of facet keys, both with their product (``exos/21.4r3-s5``) and without."""
    named = [key.removeprefix(start) for key in keys if key.startswith(start) and "@" not in key]
    return sorted({name for full in named for name in (full, full.split("/", 1)[1])})


def _by_language(parts: Iterator[tuple[str, str]]) -> Json:
    """Texts by language; a list where there are several of one."""
    found: dict[str, list[str]] = {}
    for language, text in parts:
        if text:
            found.setdefault(language, []).append(text)
    return {language: texts[0] if len(texts) == 1 else texts for language, texts in found.items()}


def _plain(text: Text, is_shown: Callable[[str], bool]) -> str:
    """The words of all sections, a line a section."""
    parts = (f"{section.title if not section.key else ''} {plain(section.markdown, is_shown)}" for section in text.sections)
    return "\n".join(part for part in (part.strip() for part in parts) if part)
