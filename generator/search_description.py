"""The search description, by which browsers add the portal's search to theirs (OpenSearch 1.1, draft 6).

It has nothing to do with OpenSearch, the search engine, that ``generator.opensearch`` writes documents for.
"""

from __future__ import annotations

from functools import partial

from lxml import etree

from generator.edition import Edition, _
from generator.keys import Keys
from generator.plan import Derived

PATH = "opensearch.xml"  # below a language's root
TYPE = "application/opensearchdescription+xml"
NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
_SHORT, _LONG, _DESCRIBED = 16, 48, 1024  # characters that the specification allows


def search_description(edition: Edition, keys: Keys, icon: str) -> Derived:
    """The description of an edition's search; ``icon`` is the path of the portal's icon."""
    return Derived(edition.root + PATH, keys.of(("search description", icon)), partial(_document, edition, icon))


def _document(edition: Edition, icon: str) -> bytes:
    text = edition.portal.text_in(edition.language)
    home = (edition.portal.url + edition.root).replace("{", "%7B").replace("}", "%7D")  # braces stand for parameters
    root = etree.Element(f"{{{NAMESPACE}}}OpenSearchDescription", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # stubs

    def add(name: str, content: str = "", **attributes: str) -> None:
        etree.SubElement(root, f"{{{NAMESPACE}}}{name}", attributes).text = content or None

    add("ShortName", shortened(text.name, _SHORT))
    add("LongName", shortened(text.name, _LONG))
    add("Description", shortened(text.summary or edition.say(_("Search records and guides")), _DESCRIBED))
    add("Image", edition.portal.url + icon, width="16", height="16", type="image/svg+xml")
    add("Url", type="text/html", template=f"{home}search/?q={{searchTerms}}")
    add("Url", type=TYPE, rel="self", template=home + PATH)
    add("Language", edition.language)
    add("InputEncoding", "UTF-8")
    add("OutputEncoding", "UTF-8")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def shortened(text: str, most: int) -> str:
    """As many whole words as fit, or else what fits of the first."""
    if len(text) <= most:
        return text
    return text[: most + 1].rpartition(" ")[0].rstrip(" ,:;-") or text[:most]
