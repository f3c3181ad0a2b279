"""Lists of records: what they offer beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from generator.pages.listings import OFFERED
from tests.generator.support import SITE, build_site, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")
PRODUCTS = [f"box{number:02}" for number in range(OFFERED + 10)]


def facet(page: Path) -> Mapping[str, tuple[str, str]]:
    """(address, count) by the names that a list offers."""
    items = LexborHTMLParser(page.read_bytes()).css(".wp-facets li")
    return {item.css("a")[0].text(): (item.css("a")[0].attributes["href"] or "", item.text().rpartition(" ")[2]) for item in items}


def test_many_products_are_offered_by_their_number_of_records(tmp_path: Path) -> None:
    """Each list shows the same few, its own one, and the way to all, so that lists do not grow with the square of products."""
    article = SITE["articles/KB10002.md"]
    often = PRODUCTS[5:15]
    files = {f"articles/KB2{number:04}.md": article.replace("KB10002", f"KB2{number:04}").replace(
        "[box]", f"[{', '.join([product, *(often if number == 0 else ())])}]") for number, product in enumerate(PRODUCTS)}
    files["products.yml"] = SITE["products.yml"] + "".join(f"  - {{id: {name}, name: {name}, scheme: dotted}}\n" for name in PRODUCTS)
    out = tmp_path / "out"
    build_site(write_site(tmp_path / "site", files), out)
    everywhere = facet(out / "kb/index.html")
    assert len(everywhere) == OFFERED + 1 and everywhere.keys() >= {*often}
    assert everywhere["box05"] == ("../kb/product/box05/", "2") and everywhere["All products"][0] == "../releases/"
    assert PRODUCTS[-1] not in everywhere
    own = facet(out / f"kb/product/{PRODUCTS[-1]}/index.html")
    assert own.keys() == {*everywhere, PRODUCTS[-1]}


def test_few_products_are_all_offered(tmp_path: Path) -> None:
    files = {"products.yml": SITE["products.yml"] + "  - {id: other, name: Other, scheme: dotted}\n",
             "articles/KB10002.md": SITE["articles/KB10002.md"].replace("[box]", "[other]")}
    build_site(write_site(tmp_path / "site", files), tmp_path / "out")
    assert facet(tmp_path / "out/kb/index.html").keys() == {"BoxOS", "Other"}
