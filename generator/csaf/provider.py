"""The files that make a folder of CSAF documents a CSAF provider (CSAF 2.0, section 7.1): metadata, ROLIE feeds and lists.

Both ways of distribution are served for each TLP label, and all times come from the documents, never from the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from generator.csaf.document import CSAF_SCHEMA, CSAF_VERSION
from generator.csaf.paths import FOLDER, METADATA, csaf_path, label_folder
from kb.fields import instant
from kb.portal import Portal

Json = dict[str, Any]


class Listed(msgspec.Struct, frozen=True):
    """What lists tell of a document. ``updated`` is its current release date."""

    id: str
    tlp: str
    title: str
    summary: str
    published: datetime
    updated: datetime

    @property
    def path(self) -> str:
        return csaf_path(self)


def newest_first(documents: Sequence[Listed]) -> list[Listed]:
    return sorted(documents, key=lambda item: (-item.updated.timestamp(), item.path))


def encoded(value: Json) -> bytes:
    """JSON as it is served."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def role(signed: bool) -> str:
    """The role of the standard (section 7.2) that the tree fulfils."""
    return "csaf_trusted_provider" if signed else "csaf_provider"


def metadata(portal: Portal, publisher: Json, labels: Sequence[str], updated: datetime, fingerprint: str,
             is_public: bool = True) -> Json:
    """``provider-metadata.json`` (requirement 7). ``fingerprint`` is that of the key, empty where documents are not signed.
    Aggregators can read a public portal only."""
    root = portal.url
    keys = [{"fingerprint": fingerprint, "url": root + key_path(fingerprint)}] if fingerprint else []
    feeds = [{"summary": f"All TLP:{label} documents of {portal.vendor}.", "tlp_label": label, "url": root + feed_path(label)}
             for label in labels]
    rolie = {"feeds": feeds, "categories": [root + category_path(label) for label in labels], "services": [root + SERVICE]}
    return {
        "canonical_url": root + METADATA, "distributions": [
            {"rolie": rolie}, *({"directory_url": root + label_folder(label)} for label in labels)],
        "last_updated": instant(updated), "list_on_CSAF_aggregators": is_public and portal.csaf.list_on_aggregators,
        "metadata_version": CSAF_VERSION, "mirror_on_CSAF_aggregators": is_public and portal.csaf.mirror_on_aggregators,
        "public_openpgp_keys": keys, "publisher": publisher, "role": role(bool(fingerprint))}


SERVICE = f"{FOLDER}service.json"


def key_path(fingerprint: str) -> str:
    return f"{FOLDER}openpgp/{fingerprint}.asc"


def feed_path(label: str) -> str:
    return f"{label_folder(label)}csaf-feed-tlp-{label.lower()}.json"


def category_path(label: str) -> str:
    return f"{label_folder(label)}category-tlp-{label.lower()}.json"


def feed(portal: Portal, label: str, documents: Sequence[Listed], updated: datetime, signed: bool) -> Json:
    """The ROLIE feed of a label (requirement 15; RFC 8322)."""
    name = f"csaf-feed-tlp-{label.lower()}"
    return {"feed": {
        "id": name, "title": f"{portal.vendor}: CSAF documents, TLP:{label}",
        "link": [{"rel": "self", "href": portal.url + feed_path(label)}, {"rel": "service", "href": portal.url + SERVICE}],
        "category": [{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}],
        "updated": instant(max((item.updated for item in documents), default=updated)),
        "entry": [_entry(portal, item, signed) for item in newest_first(documents)]}}


def _entry(portal: Portal, item: Listed, signed: bool) -> Json:
    address = portal.url + item.path
    links = [{"rel": "self", "href": address}, {"rel": "hash", "href": f"{address}.sha256"},
             {"rel": "hash", "href": f"{address}.sha512"}]
    if signed:
        links.append({"rel": "signature", "href": f"{address}.asc"})
    return {"id": item.id, "title": item.title, "link": links,
            "published": instant(item.published), "updated": instant(item.updated),
            "summary": {"content": item.summary}, "content": {"type": "application/json", "src": address},
            "format": {"schema": CSAF_SCHEMA, "version": CSAF_VERSION}}


def service(portal: Portal, labels: Sequence[str]) -> Json:
    """The ROLIE service document (requirement 16)."""
    categories = {"category": [{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}]}
    return {"service": {"workspace": [{"title": f"{portal.vendor}: CSAF documents", "collection": [
        {"title": f"CSAF documents, TLP:{label}", "href": portal.url + feed_path(label), "categories": categories}
        for label in labels]}]}}


def categories(portal: Portal, products: Sequence[str]) -> Json:
    """The ROLIE category document (requirement 17): what the entries of a feed are about."""
    return {"categories": {"category": [{"term": name} for name in [portal.vendor, *products]]}}


def index_txt(label: str, documents: Sequence[Listed]) -> bytes:
    """All documents of a label, relative to its folder (requirement 12)."""
    return "".join(f"{name}\n" for name in sorted(_relative(label, item) for item in documents)).encode()


def changes_csv(label: str, documents: Sequence[Listed]) -> bytes:
    """The same with the times of their last changes, newest first (requirement 13)."""
    return "".join(f'"{_relative(label, item)}","{instant(item.updated)}"\n' for item in newest_first(documents)).encode()


def _relative(label: str, item: Listed) -> str:
    return item.path.removeprefix(label_folder(label))
