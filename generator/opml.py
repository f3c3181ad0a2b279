"""The list of all feeds of a language for feed readers (OPML 2.0)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from lxml import etree

from generator.edition import Edition
from generator.end_dates import FEED as END_DATES
from generator.end_dates import LIFECYCLE
from generator.feed_entries import address
from generator.topics import GROUPS, Topic


def opml(edition: Edition, topics: Iterable[Topic]) -> bytes:
    """The updates of each topic, under headings, then the end dates of releases."""
    root = etree.Element("opml", version="2.0")
    name = edition.portal.text_in(edition.language).name
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = edition.say("Feeds of {portal}", portal=name)
    for group, found in groupby(topics, key=lambda topic: topic.group):
        title = edition.say(GROUPS[group])
        outline = etree.SubElement(body, "outline", text=title, title=title)
        for topic in found:
            own = f"{name}: {topic.full_title}"
            etree.SubElement(outline, "outline", type="rss", text=own, title=own, language=edition.language,
                             xmlUrl=address(edition, f"feeds/{topic.id}.atom"), htmlUrl=address(edition, topic.place))
    own, title = f"{name}: {edition.say('End dates')}", edition.say("Life cycle")
    outline = etree.SubElement(body, "outline", text=title, title=title)
    etree.SubElement(outline, "outline", type="rss", text=own, title=own, language=edition.language,
                     xmlUrl=address(edition, f"{END_DATES}.atom"), htmlUrl=address(edition, LIFECYCLE))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))
