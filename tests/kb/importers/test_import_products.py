"""Products that an import meets."""

from typing import Any

from kb.importers.names import derived_number, key, slug, without_abbreviation

REPORT = '{"id": "1700001", "title": "It fails", "created": "2024-01-02", %s}\n'


def test_names() -> None:
    assert slug("Pricing & Promotions (CMS)") == "pricing-promotions-cms"
    assert slug("Ёлка").startswith("x") and slug("Café") == "cafe"
    assert key("SRX 5000 Series") == key("SRX5000 series")
    assert without_abbreviation("Cloud Native Router (CNR)") == ("Cloud Native Router", "CNR")
    assert derived_number("a") == derived_number("a") != derived_number("b")
    assert all(len(derived_number("a", attempt)) == 9 for attempt in range(50))


def test_an_unknown_product_becomes_a_file(source: Any, records: Any) -> None:
    source.write("x.jsonl", REPORT % '"product": "Cloud Router (CR)", "platforms": "CR 100; CR100", "component": "Web UI",'
                                     ' "affects": "4.1.0-4.1.3; 4.2.0 before 4.2.2", "fixed": "4.1.4"')
    source.run("jsonl")
    assert source.read("products/cloud-router.yml") == """\
id: cloud-router
name: Cloud Router
aliases: [CR, Cloud Router (CR)]
scheme: dotted
platforms:
  - {id: cr-100, name: CR 100, aliases: [CR100]}
components:
  - {id: web-ui, name: Web UI}
trains:
  - {id: 4.1}
  - {id: 4.2}
releases:
  - {id: 4.1.0}
  - {id: 4.1.3}
  - {id: 4.1.4}
  - {id: 4.2.0}
  - {id: 4.2.2}
"""
    report = records()["1700001"]
    assert (report.products, report.platforms, report.component) == (("cloud-router",), ("cr-100",), "web-ui")


def test_a_file_of_the_import_is_completed(source: Any) -> None:
    source.write("x.jsonl", REPORT % '"product": "Insight", "fixed": "1.4.0-rc.1"')
    source.run("jsonl")
    source.write("x.jsonl", REPORT % '"product": "insight", "fixed": "1.4.1", "platforms": ["Cloud"]')
    source.run("jsonl")
    text = source.read("products/insight.yml")
    assert "scheme: semver" in text and "  - {id: 1.4.0-rc.1}\n  - {id: 1.4.1}\n" in text and "{id: cloud, name: Cloud}" in text


def test_a_product_of_the_site_is_used_and_never_touched(source: Any, records: Any) -> None:
    before = source.read("products.yml")
    source.write("x.jsonl", REPORT % '"product": "ex os", "platforms": ["AR900"], "affects": "21.4 before 21.4R3-S5"')
    report = source.run("jsonl")
    assert report.findings == ()
    assert records()["1700001"].platforms == ("ar900",)
    assert source.read("products.yml") == before and not (source.site / "products").exists()


def test_what_a_product_of_the_site_lacks_is_told(source: Any, records: Any) -> None:
    source.write("x.jsonl", REPORT % '"product": "exos", "platforms": ["AR900", "AR7"], "component": "mpls",'
                                     ' "affects": "21.4 before 21.4R3-S9"')
    report = source.run("jsonl")
    assert source.messages(report, "note") == [
        "SOURCE: platforms: are no platforms of product exos (AR7); add them to products.yml, then import again",
        "SOURCE: components: are no components of product exos (mpls); add them to products.yml, then import again",
        "SOURCE: releases: are no releases of product exos (21.4R3-S9); add them to products.yml, then import again",
    ]
    found = records()["1700001"]
    assert (found.platforms, found.component) == ((), "")  # rather all platforms than too few


def test_a_product_file_edited_by_hand_is_never_touched(source: Any) -> None:
    source.write("x.jsonl", REPORT % '"product": "Insight", "fixed": "1.4.0-rc.1"')
    source.run("jsonl")
    edited = source.read("products/insight.yml") + "summary: By hand.\n"
    (source.site / "products/insight.yml").write_text(edited, encoding="utf-8")
    source.write("x.jsonl", REPORT % '"product": "Insight", "fixed": "1.5.0"')
    report = source.run("jsonl")
    assert source.read("products/insight.yml") == edited
    assert [finding.field for finding in report.findings] == ["releases"]
    source.run("jsonl", force=True)
    text = source.read("products/insight.yml")
    assert "summary: By hand." in text and "1.5.0" in text
