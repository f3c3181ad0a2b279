"""Products, platforms, components, trains and releases: the valid example and each rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kb.fields import Wrong
from kb.findings import Finding
from kb.products import Catalogue, Named, Product, ReleaseInfo, Train, parse_products
from kb.records import Place
from kb.source import parse_yaml
from tests.kb.checking import load_messages, loaded
from tests.sites.make import make_site

DIGEST = "0f" * 32

FULL = f"""\
products:
  - id: exos
    name: ExOS
    aliases: [Ex OS, Classic]
    scheme: junos
    summary: Network operating system.
    translations: {{ru: {{summary: Сетевая система.}}}}
    platforms:
      - id: ar900
        name: AR900 edge routers
        aliases: [AR900]
        translations: {{ru: {{name: Маршрутизаторы AR900}}}}
      - {{id: fw60, name: FW60 firewalls}}
    components:
      - {{id: bgp, name: BGP}}
    trains:
      - {{id: "21.4", released: 2021-12-20, end_of_engineering: 2024-12-20, end_of_support: 2025-06-20}}
    releases:
      - id: 21.4R3-S5
        date: 2023-09-14
        recommended: true
        download: https://downloads.example.com/exos/21.4R3-S5/
        sha256: {DIGEST}
      - id: 21.4R1
        date: 2021-12-20
        end_of_support: 2023-01-01
      - id: 22.2R1
  - id: exlinux
    name: Exemplar Linux
    scheme: dotted
"""


def catalogue_of(*files: tuple[str, str]) -> tuple[Catalogue, list[str]]:
    findings: list[Finding] = []
    catalogue = parse_products([(path, parse_yaml(text, path)) for path, text in files], findings)
    return catalogue, [str(finding) for finding in findings]


def test_every_field() -> None:
    exos = Product(
        id="exos", name="ExOS", scheme="junos", place=Place("products.yml", 2), aliases=("Ex OS", "Classic"),
        summary="Network operating system.", translations=(("ru", "", "Сетевая система."),),
        platforms=(Named("ar900", "AR900 edge routers", ("AR900",), (("ru", "Маршрутизаторы AR900"),)),
                   Named("fw60", "FW60 firewalls")),
        components=(Named("bgp", "BGP"),),
        trains=(Train("21.4", date(2021, 12, 20), date(2024, 12, 20), date(2025, 6, 20)),),
        releases=(
            ReleaseInfo("21.4R1", "21.4", date(2021, 12, 20), date(2024, 12, 20), date(2023, 1, 1)),
            ReleaseInfo("21.4R3-S5", "21.4", date(2023, 9, 14), date(2024, 12, 20), date(2025, 6, 20), True,
                        "https://downloads.example.com/exos/21.4R3-S5/", DIGEST),
            ReleaseInfo("22.2R1", "22.2")))
    exlinux = Product("exlinux", "Exemplar Linux", "dotted", Place("products.yml", 28))
    assert catalogue_of(("products.yml", FULL)) == (Catalogue((exos, exlinux)), [])


def test_products_are_found_by_id_name_and_alias_in_any_case() -> None:
    catalogue, _ = catalogue_of(("products.yml", FULL))
    assert [product.id if (product := catalogue.find(name)) else None
            for name in ("exos", "EXOS", "ex os", "classic", "Exemplar LINUX", "junk")] == [
        "exos", "exos", "exos", "exos", "exlinux", None]
    assert catalogue.parse("Ex OS") == "exos"


@pytest.mark.parametrize(("name", "remedy"), [("exoss", "did you mean exos?"), ("quux", "add it to products.yml")])
def test_an_unknown_product(name: str, remedy: str) -> None:
    catalogue, _ = catalogue_of(("products.yml", FULL))
    with pytest.raises(Wrong) as error:
        catalogue.parse(name)
    assert (error.value.reason, error.value.remedy) == ("is not a known product", remedy)


def test_parts_of_a_product_by_name_and_in_a_language() -> None:
    (exos, exlinux), _ = catalogue_of(("products.yml", FULL))[0].products, None
    assert exos.platform("ar900") == exos.platform("AR900 Edge Routers") == exos.platforms[0]
    assert exos.component("Bgp") == exos.components[0]
    assert exos.release("21.4R1") == exos.releases[0]
    assert (exos.platform("sx40"), exos.component("ospf"), exos.release("21.4r1")) == (None, None, None)
    assert (exos.platforms[0].name_in("ru"), exos.platforms[1].name_in("ru")) == ("Маршрутизаторы AR900", "FW60 firewalls")
    assert (exos.name_in("ru"), exos.summary_in("ru"), exos.summary_in("en")) == (
        "ExOS", "Сетевая система.", "Network operating system.")
    assert exlinux.summary_in("ru") == ""


CHANGES = [
    ("  - id: exos\n    name", "  - name", "2: products[1].id: is missing; add a line 'id: ...'"),
    ("id: exos\n", "id: ExOS\n", "2: products[1].id: 'ExOS' is no id; use lower case letters, digits and single hyphens"),
    ("id: exos\n", "id: ex--os\n", "2: products[1].id: 'ex--os' is no id; use lower case letters, digits and single hyphens"),
    ("id: exos\n", "id: ../exos\n", "2: products[1].id: '../exos' is no id; use lower case letters, digits and single hyphens"),
    ("    name: ExOS\n", "", "2: products[1].name: is missing; add a line 'name: ...'"),
    ("scheme: junos", "scheme: juno", "5: products[1].scheme: 'juno' is not allowed here; write junos?"),
    ("    scheme: dotted\n", "", "28: products[2].scheme: is missing; add a line 'scheme: ...'"),
    ("aliases: [Ex OS, Classic]", "aliases: {a: b}", "4: products[1].aliases: is a mapping, not one value; write one value"),
    ("{ru: {summary: Сетевая система.}}", "ru", "7: products[1].translations: is not a mapping; "
     "write 'translations:' and below it 'name:' with indented fields"),
    ("{ru: {summary: Сетевая", "{ru: {text: Сетевая",
     "7: products[1].translations.ru.text: is not a known field; known fields: name, summary"),
    ("      - id: ar900\n        name", "      - name", "9: products[1].platforms[1].id: is missing; add a line 'id: ...'"),
    ("{id: fw60, name: FW60 firewalls}", "{id: ar900, name: FW60}",
     "13: products[1].platforms[2].id: 'ar900' is given twice; keep one"),
    ("{id: fw60, name: FW60 firewalls}", "{id: fw60}", "13: products[1].platforms[2].name: is missing; add a line 'name: ...'"),
    ("{id: fw60, name: FW60 firewalls}", "fw60", "13: products[1].platforms: is not a mapping; write 'field: value' pairs"),
    ("    components:\n      - {id: bgp, name: BGP}\n", "    components: bgp\n",
     "14: products[1].components: is not a list; write 'components:' and below it items that begin with '-'"),
    ("{id: bgp, name: BGP}", "{id: bgp, name: BGP, nmae: x}",
     "15: products[1].components[1].nmae: is not a known field; did you mean name?"),
    ('id: "21.4", ', "", "17: products[1].trains[1].id: is missing; add a line 'id: ...'"),
    ('id: "21.4", ', "id: 21.4R1, ", "17: products[1].trains[1].id: '21.4R1' is a release, not a train; "
     "write it like 21.4, 21.4-EVO or 15.1X49"),
    ('id: "21.4", ', "id: new, ", "17: products[1].trains[1].id: 'new' is not a train; write it like 21.4, 21.4-EVO or 15.1X49"),
    ("    releases:\n      - id: 21.4R3-S5\n", '      - {id: "21.4"}\n    releases:\n      - id: 21.4R3-S5\n',
     "18: products[1].trains[2].id: '21.4' is given twice; keep one"),
    ("released: 2021-12-20", "released: 2021-12-32",
     "17: products[1].trains[1].released: '2021-12-32' is not a date; write YYYY-MM-DD, such as 2026-11-22"),
    ("end_of_engineering: 2024-12-20", "end_of_engineering: 2021-12-19",
     "17: products[1].trains[1].end_of_engineering: '2021-12-19' is before released 2021-12-20; put the dates in order"),
    ("end_of_engineering: 2024-12-20, end_of_support: 2025-06-20", "announced: 2024-06-03",
     "17: products[1].trains[1].announced: '2024-06-03' stands without an end date; add end_of_engineering or end_of_support, or remove it"),
    ("end_of_engineering: 2024-12-20,", "announced: soon,",
     "17: products[1].trains[1].announced: 'soon' is not a date; write YYYY-MM-DD, such as 2026-11-22"),
    ("end_of_support: 2025-06-20", "end_of_support: 2024-12-19",
     "17: products[1].trains[1].end_of_support: '2024-12-19' is before end_of_engineering 2024-12-20; put the dates in order"),
    ("end_of_support: 2023-01-01", "end_of_support: 2021-01-01",
     "26: products[1].releases[2].end_of_support: '2021-01-01' is before date 2021-12-20; put the dates in order"),
    ("      - id: 22.2R1\n", "      - date: 2022-01-01\n", "27: products[1].releases[3].id: is missing; add a line 'id: ...'"),
    ("- id: 22.2R1\n", "- id: 22.2\n", "27: products[1].releases[3].id: '22.2' is a train, not a release; "
     "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240"),
    ("- id: 22.2R1\n", "- id: newest\n", "27: products[1].releases[3].id: 'newest' is not a release; "
     "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240"),
    ("- id: 22.2R1\n", "- id: 21.4r1\n", "27: products[1].releases[3].id: '21.4r1' is the same release as 21.4R1; keep one"),
    ("recommended: true", "recommended: yes",
     "21: products[1].releases[1].recommended: 'yes' is neither true nor false; write true or false"),
    ("https://downloads.example.com/exos/21.4R3-S5/", "exos.tgz",
     "22: products[1].releases[1].download: 'exos.tgz' is not a web address; write https://host/path"),
    (DIGEST, DIGEST.upper(), f"23: products[1].releases[1].sha256: '{DIGEST.upper()}' is no SHA-256 digest; "
     "write 64 hexadecimal digits in lower case"),
    ("date: 2023-09-14", "data: 2023-09-14", "20: products[1].releases[1].data: is not a known field; did you mean date?"),
    ("    summary: Network", "    sumary: Network", "6: products[1].sumary: is not a known field; did you mean summary?"),
    ("products:\n", "product: x\nproducts:\n", "1: product: is not a known field; did you mean products?"),
    ("name: Exemplar Linux", "name: classic", "29: products[2].name: 'classic' also names exos (products.yml:2); "
     "a name leads to one product"),
    ("name: Exemplar Linux\n", "name: Exemplar Linux\n    aliases: [EX OS]\n",
     "30: products[2].aliases: 'EX OS' also names exos (products.yml:2); a name leads to one product"),
    ("id: exlinux", "id: classic", "28: products[2].id: 'classic' also names exos (products.yml:2); a name leads to one product"),
    ("id: exlinux", "id: exos", "28: products[2].id: 'exos' is also defined in products.yml:2; keep one"),
]


@pytest.mark.parametrize(("old", "new", "message"), CHANGES)
def test_one_change_makes_one_finding(old: str, new: str, message: str) -> None:
    assert FULL.count(old) == 1
    assert catalogue_of(("products.yml", FULL.replace(old, new)))[1] == [f"products.yml:{message}"]


@pytest.mark.parametrize(("text", "message"), [
    ("- id: exos", "1: is no mapping; write 'products:' with a list below it"),
    ("products: exos", "1: products: is not a list; write 'products:' and below it items that begin with '-'"),
    ("products: []", "1: products: is an empty list; name at least one"),
    ("products:", "1: products: is missing; add a line 'products: ...'"),
    ("# nothing\nproducts:\n  - exos", "3: products: is not a mapping; write 'field: value' pairs"),
])
def test_a_product_file_lists_products(text: str, message: str) -> None:
    assert catalogue_of(("products.yml", text)) == (Catalogue(()), [f"products.yml:{message}"])


def test_a_file_in_the_folder_holds_one_product() -> None:
    catalogue, found = catalogue_of(("products.yml", FULL), ("products/box.yml", "id: box\nname: Box\nscheme: semver\n"))
    assert found == []
    assert [product.id for product in catalogue.products] == ["exos", "exlinux", "box"]


def test_products_are_unique_over_all_files() -> None:
    _, found = catalogue_of(("products.yml", FULL), ("products/exos.yml", "name: Box\nid: exos\nscheme: semver\n"),
                            ("products/box.yml", "id: box\nname: exos\nscheme: semver\n"))
    assert found == ["products/exos.yml:2: id: 'exos' is also defined in products.yml:2; keep one",
                     "products/box.yml:2: name: 'exos' also names exos (products.yml:2); a name leads to one product"]


@pytest.mark.parametrize(("files", "found"), [
    ({"products.yml": None}, ["products.yml: is missing; write 'products:' with at least one product"]),
    ({"products.yml": b"\xff"}, ["products.yml:1: 'byte 0xff' is not UTF-8; save the file in UTF-8"]),
    ({"products/a.yml": "- x"}, ["products/a.yml:1: is no mapping; write 'products:' with a list below it"]),
])
def test_product_files_of_a_site(tmp_path: Path, files: dict[str, str | bytes | None], found: list[str]) -> None:
    make_site(tmp_path, {"articles/KB10001.md": None, "reports/1700001.md": None, "advisories/EXSA-2026-0001.md": None,
                         "notices/EXSN-2026-0001.md": None, "bulletins/EXTB-2026-0001.md": None, **files})
    assert load_messages(tmp_path) == found


def test_a_product_file_may_be_the_only_one(tmp_path: Path) -> None:
    make_site(tmp_path, {"products.yml": None, "products/exos.yaml": "id: exos\nname: ExOS\nscheme: junos\n",
                         "products/README.md": "no product", "articles/KB10001.md": None, "reports/1700001.md": None,
                         "advisories/EXSA-2026-0001.md": None})
    assert [product.id for product in loaded(tmp_path).catalogue.products] == ["exos"]
    assert load_messages(tmp_path) == []


def test_a_link_to_nowhere_is_no_product_file(tmp_path: Path) -> None:
    make_site(tmp_path, {"products.yml": None})
    (tmp_path / "products.yml").symlink_to("nowhere.yml")
    assert "products.yml: is a symbolic link; put the file itself here" in load_messages(tmp_path)


def test_templates_of_what_devices_print() -> None:
    catalogue, found = catalogue_of(("products.yml", """\
products:
  - id: exos
    name: ExOS
    scheme: junos
    show_version: ["Hostname:  {name}", "Exos {any} v{release},"]
  - id: bad
    name: Bad
    scheme: junos
    show_version:
      - "Model: {modl}"
      - "Model: {platform"
      - "{name}"
      - "Model: AR900"
      - "{name} is {name}"
      - "Модель: {platform}"
"""))
    assert catalogue.products[0].show_version == ("Hostname: {name}", "Exos {any} v{release},")
    assert found == [
        "products.yml:10: products[2].show_version: 'Model: {modl}' has an unknown placeholder {modl}; use {name}, {platform}, {release}, {serial} or {any}",
        "products.yml:11: products[2].show_version: 'Model: {platform' has a word with stray braces or two placeholders; write one placeholder a word, such as {release}",
        "products.yml:12: products[2].show_version: '{name}' has no words of its own, so every line would do; add the words that stand around the value",
        "products.yml:13: products[2].show_version: 'Model: AR900' has no placeholder; put {name}, {platform}, {release} or {serial} where the value stands",
        "products.yml:14: products[2].show_version: '{name} is {name}' has a placeholder twice; use {any} for words that are not read",
        "products.yml:15: products[2].show_version: 'Модель: {platform}' is no line of a device; write at most 200 ASCII characters"]
