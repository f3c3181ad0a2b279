"""The YAML that importers write is read back as the same texts."""

from hypothesis import given
from hypothesis import strategies as st

from kb.findings import Finding
from kb.importers.emit import emit_document, emit_fields, scalar
from kb.importers.product_file import product_yaml
from kb.importers.sources import clean
from kb.products import parse_products
from kb.source import Value, parse_yaml

TEXTS = st.text(max_size=40).map(clean) | st.sampled_from(
    ["", "null", "~", "yes", "1.20", "a: b", "a:b", "a #b", "- a", "'", '"', "[a]", "{a}", "&a", "*a", "!a", "%a", "@a", "`a",
     "a,b", " a", "a ", "a:", "#", "?", "|", ">", "é", "\u00a0", "a\nb", "\ta", "\\", "2026-11-22",
     "https://example.com/?a=b#c", "---"])


def plain(value: Value) -> object:
    if isinstance(value.data, dict):
        return {name: plain(item) for name, item in value.data.items()}
    return [plain(item) for item in value.data] if isinstance(value.data, list) else value.data


@given(TEXTS, st.booleans())
def test_a_scalar_reads_as_the_same_text(text: str, flow: bool) -> None:
    written = scalar(text, flow)
    value = plain(parse_yaml(f"x: [a, {written}, b]\n" if flow else f"x: {written}\n", "x.yml"))
    assert isinstance(value, dict)
    found = value["x"][1] if flow else value["x"]
    assert (found or "") == text


@given(st.dictionaries(st.sampled_from(["title", "summary", "keywords", "affected"]), TEXTS.filter(bool)
                       | st.lists(TEXTS.filter(bool), min_size=1, max_size=3)
                       | st.lists(st.dictionaries(st.sampled_from(["product", "ranges", "url"]), TEXTS.filter(bool), min_size=1),
                                  min_size=1, max_size=3), max_size=3))
def test_fields_read_as_they_were(fields: dict[str, object]) -> None:
    text = emit_fields(fields)  # type: ignore[arg-type]
    assert (plain(parse_yaml(text, "x.yml")) or {}) == fields


def test_little_is_quoted_and_the_order_is_that_of_the_reference() -> None:
    text = emit_document({"status": "open", "affected": [{"product": "exos", "ranges": ["22.2 before 22.2R2, 22.2R3"],
                                                          "fixed": ["22.2R2"]}], "id": "12", "title": "BGP: no, yes",
                          "keywords": ["a", "b c"], "related": []}, "Text\n")
    assert text == """\
---
id: 12
title: "BGP: no, yes"
keywords: [a, b c]
status: open
affected:
  - product: exos
    ranges:
      - 22.2 before 22.2R2, 22.2R3
    fixed: [22.2R2]
---
Text
"""


def test_a_product_file_reads_as_the_same_product() -> None:
    text = """\
id: exos
name: "ExOS: the system"
aliases: [Ex OS]
scheme: junos
summary: An operating system.
translations: {ru: {name: ЭксОС, summary: Система}}
platforms:
  - {id: ar900, name: AR900, aliases: ["A, R"], translations: {ru: {name: АР900}}}
components:
  - {id: bgp, name: BGP}
trains:
  - {id: "21.4", released: 2021-12-20, end_of_engineering: 2024-12-20, end_of_support: 2025-06-20}
releases:
  - {id: 21.4R1, date: 2021-12-20, recommended: true, download: "https://example.com/x", sha256: %s}
  - {id: 21.4R2, end_of_support: 2026-01-01}
""" % ("0" * 64)
    findings: list[Finding] = []
    before = parse_products([("products/exos.yml", parse_yaml(text, "x"))], findings).products
    again = parse_products([("products/exos.yml", parse_yaml(product_yaml(before[0]), "x"))], findings).products
    assert findings == [] and again == before
