"""Charts as SVG for the page that they stand in, laid out by pygal.

Of pygal's drawing the shapes are kept: styles, scripts, tooltips and the date of the drawing are left out, coordinates are
rounded, and classes name what is drawn, so that the portal's style sheet gives colours for light and dark. Series differ by
dashes or hatching too, never by colour alone. Labels are the same in all languages; words stand in title, description and table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from lxml import etree

WIDTH = 400  # units of the view box
_LINES_HEIGHT, _BAR_HEIGHT, _AROUND = 190, 26, 26
_LABELS = 5  # on the axis of time
_LABEL_SIZE = 13
_NUMBER = re.compile(r"-?\d+\.\d+")
# What fills bars, from the most severe on: solid, wide and narrow stripes, dots, and twice nothing but an outline.
_PATTERNS = ('<path class="wp-hatch" d="M-2 2l4-4M0 8l8-8M6 10l4-4"/>', '<path class="wp-hatch" d="M0 2h8M0 6h8"/>',
             '<circle cx="2" cy="2" r="1.2"/><circle cx="6" cy="6" r="1.2"/>')
FILLS = ("currentColor", *(f"url(#wp-fill-{place})" for place in range(1, len(_PATTERNS) + 1)), "none", "none")

Series = tuple[tuple[str, tuple[int, ...]], ...]  # class, values


class Drawing(NamedTuple):
    """Shapes without words in a view box of WIDTH."""

    height: int
    shapes: str


@lru_cache(maxsize=256)
def lines(labels: tuple[str, ...], series: Series) -> Drawing:
    """A line for each series over time."""
    every = -(-len(labels) // _LABELS)
    chart = _chart("Line", _LINES_HEIGHT, show_dots=len(labels) == 1, dots_size=3, show_minor_x_labels=False, include_x_axis=True)
    chart.x_labels, chart.x_labels_major = labels, labels[::every]
    return _drawn(chart, _LINES_HEIGHT, series, "y")


@lru_cache(maxsize=256)
def stacked_bars(labels: tuple[str, ...], series: Series) -> Drawing:
    """A bar for each label, the first on top, made up of all series; the class of each ends with its place in FILLS."""
    height = _AROUND + _BAR_HEIGHT * len(labels)
    chart = _chart("HorizontalStackedBar", height)
    chart.x_labels = labels[::-1]
    return _drawn(chart, height, tuple((name, values[::-1]) for name, values in series), "x")


def svg(identifier: str, drawing: Drawing, title: str, description: str) -> str:
    """A drawing with its words, for an HTML page in which ``identifier`` is unique."""
    return (f'<svg class="wp-chart" role="img" aria-labelledby="{identifier}-t" aria-describedby="{identifier}-d" '
            f'viewBox="0 0 {WIDTH} {drawing.height}"><title id="{identifier}-t">{escape(title)}</title>'
            f'<desc id="{identifier}-d">{escape(description)}</desc>{drawing.shapes}</svg>')


def patterns() -> str:
    """What FILLS refer to, once for a page; the class of each gives its colour."""
    made = (f'<pattern id="wp-fill-{place}" class="wp-fill wp-fill--{place}" width="8" height="8" '
            f'patternUnits="userSpaceOnUse">{pattern}</pattern>' for place, pattern in enumerate(_PATTERNS, 1))
    return f'<svg class="wp-defs" aria-hidden="true"><defs>{"".join(made)}</defs></svg>'


def swatch(place: int) -> str:
    """A small square with the fill of this place, for a legend."""
    return (f'<svg class="wp-swatch" aria-hidden="true" viewBox="0 0 16 16"><rect class="wp-fill wp-fill--{place}" x="1" y="1" '
            f'width="14" height="14" fill="{FILLS[place]}"/></svg>')


def _chart(kind: str, height: int, **options: Any) -> Any:
    """A chart of pygal without its styles and scripts."""
    import pygal  # takes long to load, and only where a chart is new
    from pygal.style import Style

    return getattr(pygal, kind)(
        js=[], css=[], show_legend=False, truncate_label=-1, width=WIDTH, height=height, margin=6, spacing=4,
        min_scale=2, max_scale=6, value_formatter=_whole,
        style=Style(label_font_size=_LABEL_SIZE, major_label_font_size=_LABEL_SIZE), **options)


def _whole(value: float) -> str:
    """Reports come in whole numbers; half of one has no label."""
    return f"{value:.0f}" if value == int(value) else ""


def _drawn(chart: Any, height: int, series: Series, scale: str) -> Drawing:
    """The shapes of a chart; ``scale`` is the axis of numbers, of which guides are drawn."""
    for name, values in series:
        chart.add(name, values)
    root = chart.render_tree()
    plot = next(group for group in root.iter("{*}g") if group.get("class") == "plot")
    found = [*_axis(plot, "x", scale), *_axis(plot, "y", scale)]
    for place, (name, _values) in enumerate(series):
        for group in root.iterfind(f".//{{*}}g[@class='series serie-{place} color-{place}']"):  # dots lie apart, in an overlay
            found += [_shape(item, name) for item in group.iter("{*}path", "{*}rect", "{*}circle")
                      if item.get("width") or not item.tag.endswith("rect")]  # a bar of nothing has no width
    return Drawing(height, f'<g transform="{_rounded(plot.get("transform"))}">{"".join(found)}</g>')


def _axis(plot: etree._Element, axis: str, scale: str) -> Iterator[str]:
    """The labels of an axis; where it is that of numbers, each with a guide."""
    for group in plot.iterfind("{*}g"):
        if (group.get("class") or "").split()[:2] == ["axis", axis]:
            yield f'<g class="wp-chart__{axis}">'
            for guide in group.iter("{*}g"):
                text, path = guide.find("{*}text"), guide.find("{*}path")
                if guide is group or text is None or not text.text:
                    continue
                if axis == scale and path is not None:
                    yield f'<path class="wp-chart__guide" d="{_rounded(path.get("d"))}"/>'
                x, y = (_rounded(str(text.get(name))) for name in ("x", "y"))
                yield f'<text x="{x}" y="{y}">{escape(text.text)}</text>'
            yield "</g>"


def _shape(item: etree._Element, name: str) -> str:
    kind = etree.QName(item).localname
    fill = f' fill="{FILLS[int(name[-1])]}"' if kind == "rect" else ""
    values = "".join(f' {key}="{_rounded(item.get(key))}"' for key in ("d", "x", "y", "width", "height", "cx", "cy", "r")
                     if item.get(key))
    return f'<{kind} class="{name}"{values}{fill}/>'


def _rounded(text: str | None) -> str:
    """Coordinates with one digit after the point, which is finer than any screen."""
    return _NUMBER.sub(lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), text or "")
