"""The search description for browsers: OpenSearch 1.1, draft 6, a language."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from generator.search_description import NAMESPACE, PATH, TYPE, shortened
from tests.generator.support import build_site, edit, page, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")


def described(file: Path) -> dict[str, list[etree._Element]]:
    """Elements by name; whatever stands outside of the namespace fails."""
    data = file.read_bytes()
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    root = etree.fromstring(data)
    assert root.tag == f"{{{NAMESPACE}}}OpenSearchDescription"
    found: dict[str, list[etree._Element]] = {}
    for element in root:
        name = etree.QName(element)
        assert name.namespace == NAMESPACE
        found.setdefault(name.localname, []).append(element)
    return found


def test_browsers_can_add_the_search_of_each_language(tmp_path: Path) -> None:
    root, out = write_site(tmp_path / "site"), tmp_path / "out"
    edit(root, "portal.yml", "name: Box Support", "name: Box & Cable Support Centre\ntranslations: {ru: {name: Поддержка коробок и кабелей}}")
    build_site(root, out)
    for language, folder, short in (("en", "", "Box & Cable"), ("ru", "ru/", "Поддержка")):
        found = described(out / folder / PATH)
        assert [element.text for element in found["ShortName"]] == [short]
        assert all(len(element.text or "") <= 48 for element in found["LongName"])
        assert [element.text for element in found["Language"]] == [language]
        assert [element.text for element in found["InputEncoding"]] == ["UTF-8"]
        urls = {element.get("type"): element.get("template") for element in found["Url"]}
        assert urls == {"text/html": f"https://support.example.com/{folder}search/?q={{searchTerms}}",
                        TYPE: f"https://support.example.com/{folder}{PATH}"}
        assert (out / folder / "search" / "index.html").exists()
        icon = found["Image"][0].text or ""
        assert (out / icon.removeprefix("https://support.example.com/")).exists()


@pytest.mark.parametrize(("address", "target"), [("", "./opensearch.xml"), ("kb/KB10001/", "../../opensearch.xml"),
                                                 ("ru/kb/KB10001/", "../../../ru/opensearch.xml")])
def test_every_page_names_the_description_of_its_language(tmp_path: Path, address: str, target: str) -> None:
    build_site(write_site(tmp_path / "site"), tmp_path / "out")
    links = page(tmp_path / "out", address).css("head link[rel=search]")
    assert [(link.attributes["type"], link.attributes["href"], link.attributes["title"]) for link in links] == [
        (TYPE, target, "Box Support")]


@pytest.mark.parametrize(("text", "short"), [
    ("Exemplar Support", "Exemplar Support"), ("Exemplar Support Centre", "Exemplar Support"), ("Support: Boxes, cables", "Support: Boxes"),
    ("Unternehmensunterstützung", "Unternehmensunte")])
def test_long_names_are_cut_at_words(text: str, short: str) -> None:
    assert shortened(text, 16) == short
