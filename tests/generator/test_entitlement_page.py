"""The entitlement page: there where a table is, with facts of policy and products, and none of the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.generator.support import build_site, edit, page, pages_of, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")
ROWS = "serial,contract,product\nBX-0001,CONTRACT-4711,box\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = write_site(tmp_path / "site", {"entitlements.csv": ROWS, "seal.key": f"secret: {'ab' * 32}\n"})
    edit(root, "portal.yml", "audiences:", "timezone: Asia/Tokyo\nsealed: {entitlements: {source: entitlements.csv, iterations: 1000}}\naudiences:")
    return root


def facts(out: Path, address: str) -> Any:
    node = page(out, address).css_first("[data-wp-facts]")
    assert node
    return json.loads(node.text())


def test_without_a_table_there_is_neither_page_nor_door(tmp_path: Path) -> None:
    build_site(write_site(tmp_path / "site"), tmp_path / "out")
    assert not [path for path in pages_of(tmp_path / "out") if "entitlement" in path]
    assert "entitlement" not in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_with_a_table_both_are_there_in_each_language(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "out")
    for root in ("", "ru/"):
        assert facts(tmp_path / "out", f"{root}entitlement/")["fields"] == ["serial"]
        doors = [node.attributes["href"] for node in page(tmp_path / "out", root).css(".wp-doors a")]
        assert str(doors[-1]).endswith(f"{root}entitlement/")


def test_facts_come_from_products_and_settings(site: Path, tmp_path: Path) -> None:
    edit(site, "products.yml", "    releases:", "    trains:\n      - {id: '1.0', end_of_support: 2028-01-31}\n    releases:")
    edit(site, "products.yml", "name: BoxOS", "name: Box</script>OS")
    build_site(site, tmp_path / "out")
    found = facts(tmp_path / "out", "entitlement/")
    assert (found["zone"], found["ends"], found["warranty"]) == ("Asia/Tokyo", {"box": [["1.0", "2028-01-31"]]}, None)
    assert found["products"]["box"] == ["Box</script>OS", "../products/box/"]
    assert found["platforms"] == {"bx1": ["Box 1", "../products/box/bx1/"]}
    assert found["terms"] == {"delay": None, "term": None, "register": []}
    assert found["steps"]["open"] == [["Open a case", ""]], "there is no such guide"


def test_nothing_of_the_table_is_in_the_page(site: Path, tmp_path: Path) -> None:
    build_site(site, tmp_path / "out", tmp_path / "cache")
    html = (tmp_path / "out" / "entitlement" / "index.html").read_bytes()
    assert b"4711" not in html and b"BX-0001" not in html
    write(site, "entitlements.csv", ROWS + "BX-0002,,box\n")
    build_site(site, tmp_path / "out", tmp_path / "cache")
    assert (tmp_path / "out" / "entitlement" / "index.html").read_bytes() == html


def test_a_second_field_is_asked_for_where_the_table_has_one(site: Path, tmp_path: Path) -> None:
    edit(site, "portal.yml", "source: entitlements.csv", "source: entitlements.csv, keys: [serial, contract]")
    build_site(site, tmp_path / "out")
    found = page(tmp_path / "out", "entitlement/")
    assert [node.attributes["name"] for node in found.css("[data-wp-one] input")] == ["serial", "contract"]
    assert facts(tmp_path / "out", "entitlement/")["fields"] == ["serial", "contract"]
