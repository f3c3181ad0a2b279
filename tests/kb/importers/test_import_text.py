"""Plain text and other people's Markdown made into ours."""

import html
import re

import comrak
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.importers.issue_list import markdown_from_wiki
from kb.importers.kcs_sections import sections_of
from kb.importers.markdown import tidy_markdown
from kb.importers.plain import escape, markdown_from_plain
from kb.importers.sources import clean
from kb.importers.words import first_sentence, plain_text, shortened


@settings(max_examples=400)
@given(st.text(st.sampled_from("ab1 #*_`]<>()!-+.~|&;:\\\"'=") | st.characters(codec="utf-8", exclude_categories=["Cc"]),
               max_size=60))
def test_escaped_prose_shows_as_it_was(text: str) -> None:
    line = " ".join(clean(text).replace("[", "{").split())  # statements in brackets become code
    shown = html.unescape(re.sub(r"</?(p|a|code)( href=\"[^\"]*\")?>", "", comrak.render_markdown(escape(line))))
    assert shown.split() == line.split()


@pytest.mark.parametrize(("given", "expected"), [
    ("One.\n\n\n\nTwo.", "One.\n\nTwo."),
    ("This affects:\n\n\n  *  21.2 versions before 21.2R3,\n  *  21.4 versions from\n\n21.4R1\n\n before 21.4R3.",
     "This affects:\n\n- 21.2 versions before 21.2R3,\n- 21.4 versions from 21.4R1 before 21.4R3."),
    ("Junos OS\nAll versions prior to 19.3R3;\n20.1 versions prior to 20.1R3;",
     "Junos OS\n\n- All versions prior to 19.3R3;\n- 20.1 versions prior to 20.1R3;"),
    ("Configure:\n\n[ protocols bgp group <group-name>\n\n packets ]\nor\n  [ snmp v3 ... ]",
     "Configure:\n\n```\n[ protocols bgp group <group-name> packets ]\n```\n\nor\n\n```\n[ snmp v3 ... ]\n```"),
    ("[protocols evpn]To be exposed configure this.", "```\n[protocols evpn]\n```\n\nTo be exposed configure this."),
    ("Check:\n\nuser@host> show x | match y\nSIP : Enabled\n\nThen go on.",
     "Check:\n\n```\nuser@host> show x | match y\nSIP : Enabled\n```\n\nThen go on."),
    ("A log:\n\n  <date> <host> rpd[<pid>]: error", "A log:\n\n```\n<date> <host> rpd[<pid>]: error\n```"),
    ("Under [edit system], see https://example.com/a_b.", "Under `[edit system]`, see <https://example.com/a_b>."),
    ("Fixed in 22.2R3* (> 5%).", "Fixed in 22.2R3\\* (\\> 5%)."),
    ("1. One\n2. Two", "1. One\n2. Two"),
    ("# no heading\n- no dash list", "\\# no heading\n\n- no dash list"),
])
def test_markdown_from_plain(given: str, expected: str) -> None:
    assert markdown_from_plain(given) == expected


@pytest.mark.parametrize(("given", "expected"), [
    ("Run {{nv set <id>}} twice.", "Run `nv set <id>` twice."),
    ("Either:<ul><li>this {{a`b}}</li>\n<li>that</li></ul>End", "Either:\n\n- this ``a`b``\n- that\n\nEnd"),
    ("in _Paused_ mode, &lt;b&gt;", "in *Paused* mode, \\<b\\>"),
    ("<p>a<br/>b</p><b>c</b>", "a\\\nb\n\n**c**"),
])
def test_markdown_from_wiki(given: str, expected: str) -> None:
    assert markdown_from_wiki(given) == expected


@pytest.mark.parametrize(("given", "expected"), [
    ("## Description {#description}", "## Description"),
    ("a <hostname> b <b>bold</b>", "a \\<hostname> b **bold**"),
    ("<b>Note: </b>text<b> </b>", "**Note:** text"),
    (">[!NOTE]\n>\n>Take care", "> **Note**\n>\n>Take care"),
    (">[!VIDEO](https://example.com/v)", "[Video](https://example.com/v)"),
    ("Click [!UICONTROL Save] in [!DNL Target]", "Click Save in Target"),
    ("a <!-- internal\nremark --> b", "a  b"),
    ("`[` domain`]` x", "\\[domain\\] x"),
    ("##\n\ntext\n\n\n\nmore", "text\n\nmore"),
    ("<a href=\"https://example.com/\" target=\"_blank\">there</a>", "[there](https://example.com/)"),
    ("```\n<tag>\n\n\n##\n```", "```\n<tag>\n\n\n##\n```"),
    ("text\n\n    <code here>\n", "text\n\n    <code here>"),
    ("<table><tr><td>x</td></tr></table>", "<table><tr><td>x</td></tr></table>"),
    ("<video controls><source src=\"//example.com/v.mp4\"></video>", "[Video](//example.com/v.mp4)"),
])
def test_tidy_markdown(given: str, expected: str) -> None:
    assert tidy_markdown(given) == expected


def test_sections_of_articles() -> None:
    text = ("Intro\n## Description\n### Environment\nE\n### Issue/Symtoms\nS\n### <b>Cause</b>\nC\n"
            "## Resolution\n**Solution**\nR\n### Details\nD\n**Important:**\n```\n## code\n```")
    assert sections_of(text) == [
        ("", "Intro"), ("problem", ""), ("environment", "E"), ("symptoms", "S"), ("cause", "C"), ("solution", ""),
        ("solution", "R\n### Details\nD\n**Important:**\n```\n## code\n```")]


def test_words() -> None:
    assert first_sentence("It fails, e.g. Twice. Then more.") == "It fails, e.g. Twice."
    assert first_sentence("Juniper Networks, Inc. Junos OS fails. More") == "Juniper Networks, Inc. Junos OS fails."
    assert shortened("one two three", 9) == "one two…"
    assert plain_text("**Bold** [link](x) `<code>` <b>b</b> a\\_b\n\n- item") == "Bold link <code>  b  a_b\n\n item"
