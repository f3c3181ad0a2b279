"""Keys of pages that are not planned yet: cheap to make, and another one whenever something changes that the page may show."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache

import msgspec

from generator.assets import Assets
from generator.edition import Edition
from generator.i18n import catalogue_bytes
from generator.pages.related import suggestions
from generator.shell import Shell
from generator.templates import template_digest
from kb.attachments import attachment_path, leads_elsewhere
from kb.heads import Head, TextLink
from kb.library import Library
from kb.program import program_digest
from kb.resolve import record_target

_DISTRIBUTIONS = ("babel", "comrak", "cvss", "icalendar", "jinja2", "lxml", "markupsafe", "msgspec", "nh3", "pillow", "pygal",
                  "pygments")
_ENCODER = msgspec.msgpack.Encoder()


class Keys:
    """The keys of an edition's pages. All of them change with the settings, products, theme, frames or this program."""

    def __init__(self, edition: Edition, shell: Shell, assets: Assets) -> None:
        view, library = edition.library.view, edition.library
        frames = sorted((name, frame.key) for name, frame in shell.frames.items() if name.startswith(f"{edition.language}:"))
        told = (edition.language, library.portal, library.catalogue, frames, assets.style, assets.script, assets.icon,
                view.drafts)
        digest = hashlib.blake2b(_program() + catalogue_bytes(edition.language), digest_size=16)
        digest.update(_ENCODER.encode(told))
        self._base, self._library = digest, library

    def of(self, facts: object, records: Iterable[str] = ()) -> str:
        """The key of a page that lists these records (by key) and else depends on ``facts``, which msgspec can pack."""
        digest = self._base.copy()
        digest.update(_ENCODER.encode(facts))
        digest.update(self._library.told(self._library.heads[key] for key in records))
        return digest.hexdigest()

    @property
    def base(self) -> str:
        """What all keys depend on, as a digest."""
        return self._base.hexdigest()


def make_keys(editions: Iterable[Edition], shell: Shell, assets: Assets) -> dict[str, Keys]:
    """The keys of each edition, by language."""
    return {edition.language: Keys(edition, shell, assets) for edition in editions}


def leads_to(library: Library, head: Head, link: TextLink) -> tuple[str, str]:
    """(file, key of a record or name of an attachment) of a link in a text: other records may take over a name, and what is wrong
    with a link is told of its file."""
    file = link.path or library.place_of(head.key).path
    key = record_target(link.target, library.records, library.names)
    if key or leads_elsewhere(link.target):
        return file, key or ""
    path = attachment_path(file, link.target)
    attachment = library.attachments.get(path) if path else None
    return file, attachment.name if attachment else ""


def record_key(edition: Edition, keys: Keys, head: Head, language: str = "") -> str:
    """The key of a record's page: it shows titles and states of the records that it is related to or like, and its attachments.
    ``language`` is that of a page of its own for one text."""
    library = edition.library
    related = library.relations.get(head.key, ())
    links = [leads_to(library, head, link) for link in head.links if link.reason == "refers"] if head.links else ()
    alike = suggestions(library, edition.similar, head.key)
    return keys.of((head.key, language, library.digest_of(head.key), links, [relation.reason for relation in related], alike),
                   (head.key, *(relation.id for relation in related), *(one.key for one in alike)))


@cache
def _program() -> bytes:
    packages = ("kb", "generator", "generator.api", "generator.contexts", "generator.csaf", "generator.pages", "prsearch")
    return program_digest(packages, _DISTRIBUTIONS) + template_digest().encode()
