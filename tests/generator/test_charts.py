"""Charts: shapes alone, the same bytes each time, each value where it belongs."""

from __future__ import annotations

import re

from lxml import etree

from generator.charts import FILLS, WIDTH, lines, patterns, stacked_bars, svg, swatch

BARS = tuple((f"wp-fill wp-fill--{at}", values) for at, values in enumerate([(1, 2, 0), (0, 4, 0), (3, 0, 0)]))
LABELS = ("1.2", "1.1", "1.0")


def parsed(html: str) -> etree._Element:
    return etree.fromstring(html)


def test_a_chart_holds_shapes_and_words_only() -> None:
    for drawing in (stacked_bars(LABELS, BARS), lines(LABELS, BARS)):
        root = parsed(svg("x", drawing, "A <title>", 'A "text"'))
        assert {etree.QName(node).localname for node in root.iter()} <= {"svg", "title", "desc", "g", "path", "text", "rect"}
        assert not [node for node in root.iter() if {"style", "onload", "id"} & set(node.attrib) and node.tag not in {"title", "desc"}]
        assert (root.get("role"), root.get("aria-labelledby"), root.findtext("title")) == ("img", "x-t", "A <title>")
        assert not re.search(r"20\d\d|pygal", drawing.shapes), "neither a date nor the name of a program"


def test_the_same_values_give_the_same_bytes() -> None:
    first = stacked_bars(LABELS, BARS), lines(LABELS, BARS)
    stacked_bars.cache_clear()
    lines.cache_clear()
    assert (stacked_bars(LABELS, BARS), lines(LABELS, BARS)) == first


def test_bars_are_as_long_as_their_values() -> None:
    root = parsed(svg("x", stacked_bars(LABELS, BARS), "", ""))
    found = sorted((float(bar.get("y")), float(bar.get("x")), bar.get("class")[-1], float(bar.get("width"))) for bar in root.iter("rect"))
    rows = sorted({y for y, *_rest in found})
    assert [(rows.index(y), kind) for y, _x, kind, _width in found] == [(0, "0"), (0, "2"), (1, "0"), (1, "1")]
    unit = found[0][3]
    assert [round(width / unit) for *_rest, width in found] == [1, 3, 2, 4]
    assert [text.text for text in root.iter("text") if text.text in LABELS] == list(reversed(LABELS))
    assert max(x + width for _y, x, _kind, width in found) < WIDTH


def test_fills_differ_without_colour() -> None:
    assert len(set(FILLS[:5])) == 5
    known = set(re.findall(r'id="([^"]+)"', patterns()))
    for place, fill in enumerate(FILLS):
        assert fill in {"currentColor", "none"} or fill.removeprefix("url(#").removesuffix(")") in known
        assert f'fill="{fill}"' in swatch(place)


def test_few_months_are_named_of_many() -> None:
    months = tuple(f"2025-{month:02d}" for month in range(1, 13))
    drawing = lines(months, (("wp-line wp-line--opened", tuple(range(12))),))
    assert re.findall(r">(2025-\d\d)<", drawing.shapes) == ["2025-01", "2025-04", "2025-07", "2025-10"]
    assert lines(("2025-01",), (("wp-line wp-line--opened", (3,)),)).shapes.count("<circle") == 1
