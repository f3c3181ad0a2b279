"""Links in imported Markdown: what leads nowhere becomes words, whatever it looks like."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.importers.links import is_address, link, neutralise
from kb.text import links

PIECES = st.sampled_from([
    "[", "](", ")", "![", "a", "b c", "[[x]]", "[[x|y]]", "<", ">", "(", "`", "``", "\n", "\n\n", "```\n",
    "https://example.com/x", "mailto:a@b", "//example.com/p", "/p", "#f", "x.md", ": ", "[r]: x\n", "\n[r]: y", "\\", '"t"',
    " ", "{#a}", "KB12345", "data:image/png;base64,AAA", "javascript:alert(1)", "]",
    '<a href="x">', "<img src=y>", "    ", "- ", "\n> "])


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_link_is_left_that_leads_nowhere(text: str) -> None:
    out = neutralise(text, lambda target: target == "KB12345")
    assert [found.target for found in links(out) if not is_address(found.target) and found.target != "KB12345"] == []


@pytest.mark.parametrize(("given", "expected"), [
    ("[the guide](https://example.com/guide)", "[the guide](https://example.com/guide)"),
    ("[the guide](../guide.md)", "the guide"),
    ("[the guide](/en/guide 'Guide'){target=\"_blank\"}", "the guide"),
    ("[**the** `guide`](guide.html#top)", "**the** `guide`"),
    ("![The panel](panel.png)", "*The panel*"),
    ("![](panel.png) and so on", " and so on"),
    ("[![The panel](panel.png)](big.html)", "*The panel*"),
    ("[here](//example.com/x)", "[here](https://example.com/x)"),
    ("[run](javascript:alert)", "run"),
    ("[other](KB12345)", "[other](KB12345)"),
    ("[[KB99999]] and [[KB12345]]", "[\\[KB99999]] and [[KB12345]]"),
    ("`[x](y)` and\n```\n[x](y)\n```", "`[x](y)` and\n```\n[x](y)\n```"),
    ("[a](b c) is no link", "[a](b c) is no link"),
    ("[a]( <b c> )", "a"),
    ("<a href=\"x.html\">here</a>", "&lt;a href=\"x.html\">here</a>"),
    ("[label]: target", "\\[label]: target"),
    ("[jump](#top)", "jump"),
])
def test_neutralise(given: str, expected: str) -> None:
    assert neutralise(given, lambda target: target == "KB12345") == expected


def test_an_address_with_signs_stands_in_angle_brackets() -> None:
    assert link("a", "https://example.com/x(1)") == "[a](<https://example.com/x(1)>)"
