"""The page My network: there where releases are, with an example that the portal knows, and nothing that ends its JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from generator.build import make_editions
from generator.pages.network import network_page
from kb.library import View
from kb.load import load
from kb.resolve import resolve
from tests.generator.support import build_site, edit, page, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")
CONTENT = Path(__file__).resolve().parents[2] / "content"


def facts(out: Path, address: str) -> Any:
    node = page(out, address).css_first("[data-wp-facts]")
    assert node
    return json.loads(node.text())


def test_each_language_has_the_page_and_a_door_to_it(tmp_path: Path) -> None:
    build_site(write_site(tmp_path / "site"), tmp_path / "out")
    for root in ("", "ru/"):
        found = facts(tmp_path / "out", f"{root}network/")
        assert found["compare"].endswith(f"/{root}compare/") and found["entitlement"] is None
        assert {device["product"] for device in found["example"]} == {"box"}
        assert [node for node in page(tmp_path / "out", root).css(".wp-doors a") if str(node.attributes["href"]).endswith(f"{root}network/")]


def test_serial_numbers_are_looked_up_where_a_table_has_them(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {"entitlements.csv": "serial,contract,product\nBX-0001,CONTRACT-4711,box\n", "seal.key": f"secret: {'ab' * 32}\n"})
    edit(root, "portal.yml", "audiences:", "sealed: {entitlements: {source: entitlements.csv, iterations: 1000}}\naudiences:")
    edit(root, "products.yml", "name: BoxOS", "name: Box</script>OS")
    build_site(root, tmp_path / "out")
    assert facts(tmp_path / "out", "network/")["entitlement"]["fields"] == ["serial"]
    html = (tmp_path / "out/network/index.html").read_text(encoding="utf-8")
    assert "4711" not in html and "BX-0001" not in html


def test_the_example_names_what_the_portal_has() -> None:
    library, findings = resolve(load(CONTENT, ("en", "ru")), View(datetime(2026, 11, 22, tzinfo=UTC)))
    assert library is not None, findings
    for edition in make_editions(library):
        (found,) = network_page(edition, ())
        devices = json.loads(found.context.facts_html)["example"]  # type: ignore[attr-defined]
        known = {(product.id, release.id) for product in library.catalogue.products for release in product.releases}
        assert len(devices) == 24 and {(device["product"], device["release"]) for device in devices} <= known
        assert any(device["serial"] for device in devices) and all(device["site"] for device in devices)
