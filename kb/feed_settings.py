"""Settings of feeds: ``feeds`` in ``portal.yml``."""

from __future__ import annotations

from typing import Final

import msgspec

from kb.fields import Fields, parse_url

RECORDS: Final = ("open", "all", "none")
ARCHIVES: Final = ("all", "everything", "none")


class FeedSettings(msgspec.Struct, frozen=True):
    """``hub`` is the address of a WebSub hub, empty without one; ``records`` says which problem reports and advisories have a
    feed of their own, ``archives`` which topics keep older entries in archive documents: all, the one that has everything, or
    none; empty: as the size of the portal suggests (generator.feed_windows)."""

    hub: str = ""
    records: str = "open"
    archives: str = ""

    def has_own(self, kind: str, status: str) -> bool:
        """Whether a record of this kind and status has a feed of its own, however old it is."""
        report = kind == "report" and (self.records == "all" or status == "open")
        return self.records != "none" and (report or kind == "advisory")


def parse_feeds(fields: Fields) -> FeedSettings:
    """The settings, with findings for what is wrong."""
    settings = FeedSettings(fields.one("hub", parse_url) or "", fields.choice("records", RECORDS) or "open",
                            fields.choice("archives", ARCHIVES))
    fields.finish()
    return settings
