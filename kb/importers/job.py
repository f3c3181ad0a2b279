"""A job: all that one run of an import works with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from kb.importers.catalogue import ProductBook
from kb.importers.names import derived_number
from kb.importers.report import Tally
from kb.importers.site import Site
from kb.records import Place, normal_id

NO_COLUMNS: Mapping[str, str] = MappingProxyType({})


class Options(msgspec.Struct, frozen=True):
    """What the caller may choose.

    ``columns`` maps our field names to those of the source; ``product`` is for records that name none; ``language`` is that
    of the source; ``date`` (``2026-11-22``) is for records without dates.
    """

    columns: Mapping[str, str] = NO_COLUMNS
    product: str = ""
    language: str = "en"
    date: str = ""


class Job(msgspec.Struct, frozen=True):
    """A source, the site to import into, and the products met on the way."""

    source: Path
    site: Site
    book: ProductBook
    options: Options

    @property
    def tally(self) -> Tally:
        return self.site.tally

    @property
    def place(self) -> Place:
        return Place(str(self.source), 0)

    def language_field(self, language: str = "") -> str:
        """The ``language`` of a record in that language: empty where the portal takes it for granted."""
        given = language or self.options.language
        return "" if given == self.site.portal.language else given


class Numbers:
    """Gives problem reports their numbers: their own where it is one and free, else a derived one; always the same again."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._given: dict[str, str] = {}

    def give(self, wanted: str, source: str, alias: str) -> str:
        """The number of the source record ``source``, which is also known as ``alias``."""
        number = self._before(source)
        own = normal_id(wanted)
        choices = ([number] if number else []) + ([own] if is_number(own) else [])
        chosen = next((item for item in choices if self._may_have(item, source, alias)), "") or self._derived(source, alias)
        self._given[chosen] = source
        return chosen

    def _before(self, source: str) -> str:
        """The number that an earlier import gave, for ids are forever."""
        path = self._site.held.get(source, "")
        stem = path.rpartition("/")[2].removesuffix(".md")
        return stem if path.startswith("reports/") and is_number(stem) else ""

    def _derived(self, source: str, alias: str) -> str:
        attempt = 0
        while not self._may_have(derived_number(source, attempt), source, alias):
            attempt += 1
        return derived_number(source, attempt)

    def _may_have(self, number: str, source: str, alias: str) -> bool:
        if number in self._given:
            return self._given[number] == source
        path = self._site.ids.get(number)
        if path is None:
            return True
        unit = self._site.ledger.get(path)
        if unit is not None:
            return source in unit.sources
        document = self._site.document(path)  # without the ledger, a record is known by its alias
        field = document.fields.get("aliases") if document else None
        items = field.data if field and isinstance(field.data, list) else []
        return alias in {item.data for item in items}


def is_number(text: str) -> bool:
    """Whether it can be the id of a problem report."""
    return text.isascii() and text.isdigit() and len(text) < 10 and not text.startswith("0")
