"""Texts of records: sections, code, links; what is found is what a page makes of the same Markdown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.markdown import Target, Words
from generator.markdown import to_html as page_html
from generator.urls import ROOT
from kb.text import HEADINGS, heading_key, lines_outside_code, links, split_sections, to_html

HERE = Path(__file__).resolve().parents[2]


def test_the_known_headings_are_the_documented_ones() -> None:
    reference = (HERE / "docs/records.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|`]+) \| ([^|`]*[а-я][^|`]*) \|$", reference, re.MULTILINE)
    assert {key: {"en": english, "ru": russian} for key, english, russian in rows} == HEADINGS


@pytest.mark.parametrize(("title", "key"), [
    ("Symptoms", "symptoms"), ("симптомы", "symptoms"), (" UPGRADE advice: ", "upgrade"), ("Обходное решение", "workaround"),
    ("Symptom", ""), ("Next steps", ""), ("", "")])
def test_headings_are_known_in_every_language_and_case(title: str, key: str) -> None:
    assert heading_key(title) == key


# -- sections --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("markdown", "sections"), [
    ("", []),
    ("\n\n", []),
    ("\nIntro.\n\nMore.\n", [("", "", "Intro.\n\nMore.", 12)]),
    ("## Cause\n\nBecause.\n\n## Notes\nNone.", [("cause", "Cause", "Because.", 13), ("notes", "Notes", "None.", 16)]),
    ("Intro.\n## Next steps\n\n### Deeper\n\nx", [("", "", "Intro.", 11), ("", "Next steps", "### Deeper\n\nx", 14)]),
    ("## Cause\n## Notes\n", [("cause", "Cause", "", 12), ("notes", "Notes", "", 13)]),
    ("## Cause ##\n\nx", [("cause", "Cause", "x", 13)]),
    ("## Cause {#why}\n\nx", [("cause", "Cause", "x", 13)]),
    ("## C# and F# \n\nx", [("", "C# and F#", "x", 13)]),
    ("   ## Cause\n\nx", [("cause", "Cause", "x", 13)]),
    ("##\tCause:\nx", [("cause", "Cause:", "x", 12)]),
    ("    ## Cause\n", [("", "", "    ## Cause", 11)]),
    ("##Cause\n# Cause\n### Cause", [("", "", "##Cause\n# Cause\n### Cause", 11)]),
    ("```\n## Cause\n```\n## Notes\nx", [("", "", "```\n## Cause\n```", 11), ("notes", "Notes", "x", 15)]),
    ("~~~ text\n## Cause\n```\n~~~\n## Notes\nx", [("", "", "~~~ text\n## Cause\n```\n~~~", 11), ("notes", "Notes", "x", 16)]),
    ("````\n```\n## Cause\n````\n## Notes\nx", [("", "", "````\n```\n## Cause\n````", 11), ("notes", "Notes", "x", 16)]),
    ("```never closed\n## Cause\n", [("", "", "```never closed\n## Cause", 11)]),
    ("```code``` in a line\n\n## Cause\nx", [("", "", "```code``` in a line", 11), ("cause", "Cause", "x", 14)]),
    ("1. Run\n\n   ```\n   ## no heading\n   ```\n\n## Cause\nx",
     [("", "", "1. Run\n\n   ```\n   ## no heading\n   ```", 11), ("cause", "Cause", "x", 18)]),
    ("- a\n\n      ```\n      x\n\n## Cause\nx", [("", "", "- a\n\n      ```\n      x", 11), ("cause", "Cause", "x", 17)]),
    ("- ```sh\n  ## comment\n  ```\n## Cause\nx", [("", "", "- ```sh\n  ## comment\n  ```", 11), ("cause", "Cause", "x", 15)]),
    ("- item\n  ## in it\n\n## Cause\nx", [("", "", "- item\n  ## in it", 11), ("cause", "Cause", "x", 15)]),
    ("> ```\n> ## quoted\n\n## Cause\nx", [("", "", "> ```\n> ## quoted", 11), ("cause", "Cause", "x", 15)]),
    ("    ```\n\n## Cause\nx", [("", "", "    ```", 11), ("cause", "Cause", "x", 14)]),
])
def test_a_text_is_cut_at_its_second_level_headings(markdown: str, sections: list[tuple[str, str, str, int]]) -> None:
    found = split_sections(markdown, 11)
    assert [(section.key, section.title, section.markdown, section.line) for section in found] == sections


blocks = st.lists(st.sampled_from([
    "## A", "text", "", "", "- item", "  more", "```", "~~~", "    code", "   ```bash", "> quote", "> ```", "> ## q", "1. item",
    "     ```", "  ```", "```sh", "    ```", "- ```", "  ## in", "~~~~", "```` `x`", "      deep", "> - x", ">   ```", "`a`"]),
    max_size=10).map("\n".join)


@given(blocks)
def test_headings_of_sections_are_those_of_a_page(markdown: str) -> None:
    depth, headings = 0, 0
    for tag in re.finditer(r"<(/?)(ul|ol|blockquote|h2)>", to_html(markdown)):
        if tag[2] != "h2":
            depth += -1 if tag[1] else 1
        elif not tag[1]:
            headings += depth == 0
    assert sum(bool(section.title) for section in split_sections(markdown, 1)) == headings


at_margin = st.sampled_from(["## a", "## b {#c}", "##", "## ", "##x", "```", "```text", "````", "~~~", "``` a`b", "- a", "1. b", "x", "", "# t"])


@given(st.lists(at_margin, max_size=9).map("\n".join))
def test_headings_at_the_margin_are_those_that_looking_at_each_line_finds(markdown: str) -> None:
    careful = split_sections(markdown + "\n\n> ```", 1)  # a fence within something
    assert [section.title for section in split_sections(markdown, 1)] == [
        section.title for section in careful if section.title or section.markdown != "> ```"]


@given(blocks | st.text(st.sampled_from(list("#` \n~->1.*xЖ")), max_size=60), st.integers(1, 9))
def test_sections_hold_the_text_and_know_their_lines(markdown: str, first: int) -> None:
    lines = ["", *[""] * (first - 1), *markdown.split("\n")]
    for section in split_sections(markdown, first):
        held = section.markdown.split("\n")
        assert not section.markdown or lines[section.line:section.line + len(held)] == held
    assert "".join(line for _, line, _ in lines_outside_code(markdown)) == markdown.replace("\n", "")


@pytest.mark.parametrize("markdown", [
    "## " + " " * 50_000 + "x", "## " + " #" * 50_000 + "x", "## a" + "\u00a0" * 50_000 + "x", "## " + "{#a" * 50_000,
    "`" * 200_000, "> " * 50_000, "- " * 50_000, "1. " * 50_000 + "```",
    "\n".join(" " * (number % 40) + "- ```" for number in range(20_000))])
def test_hostile_lines_take_no_time(markdown: str) -> None:
    """Each took minutes where a pattern went back and forth; a test that hangs fails too."""
    assert "".join(section.title + section.markdown for section in split_sections(markdown, 1))


# -- links -----------------------------------------------------------------------------------------


def found(markdown: str) -> list[tuple[str, int]]:
    return [(f"[[{link.target}]]" if link.wiki else link.target, link.line) for link in links(markdown)]


@pytest.mark.parametrize(("markdown", "expected"), [
    ("No links, just [brackets] and (parentheses).", []),
    ("See [[KB10001]],\n[[KB10002|words]] and [words](KB10003).", [("[[KB10001]]", 0), ("[[KB10002]]", 1), ("KB10003", 1)]),
    ("![Front](front.png)\n\n[![Front](front.png)](KB10001)", [("front.png", 0), ("KB10001", 2), ("front.png", 2)]),
    ("[a](<my file.log>) [b](my%20file.log) [c](файл.log \"title\")",
     [("my%20file.log", 0), ("my%20file.log", 0), ("%D1%84%D0%B0%D0%B9%D0%BB.log", 0)]),
    ("[a](b(c).log) [d](\nKB10001)", [("b(c).log", 0), ("KB10001", 0)]),
    ("[a][ref] and [ref]\n\n[ref]: KB10001", [("KB10001", 0), ("KB10001", 0)]),
    ("[ref]: KB10001", []),
    ("[a]\n\n> 1. [a]: KB10001", [("KB10001", 0)]),
    ("[a]\n\n[a\nb]: KB10001\n\n- [a]: KB10002", [("KB10002", 0)]),
    ("rpd[1500]: see me\n\n[a]:x", []),
    ("[[Leaky Bucket]]", [("[[Leaky%20Bucket]]", 0)]),
    ("[a](KB10001) <https://example.com/>", [("KB10001", 0), ("https://example.com/", 0)]),
    ("a\n\nb <a href=\"KB10001\">x</a>\nc <img src='x.png'> <A HREF=KB10002>y</A>",
     [("KB10001", 2), ("x.png", 3), ("KB10002", 3)]),
    ("<div>\n\n</div>\n\n<p>\n<a href=\"KB10001\">x</a>\n</p>", [("KB10001", 5)]),
    ("<a data-href=\"KB10009\" href=\"KB10001\">x</a> <a href=\"#x\" href=KB10002?b>y</a>", [("KB10001", 0), ("KB10002?b", 0)]),
    ("[a](KB10001?b=c&d=e#f)", [("KB10001?b=c&d=e#f", 0)]),
    ("`[a](KB10001)` ``[[KB10002]] ` `` \\[[KB10003]] [x\\](KB10004)", []),
    ("`code over\n[two](KB10001) lines`", []),
    ("```\n[[KB10001]]\n```\n\n    [[KB10002]]\n", []),
    ("- a\n\n  ```bash\n  [[ -f x ]] && y\n  ```\n\n  [[KB10001]]", [("[[KB10001]]", 6)]),
    ("1. a\n    - b\n\n        ```\n        [[ x ]]\n        ```\n        [b](KB10001)", [("KB10001", 6)]),
    ("> [a](KB10001)\n> ```\n> [[x]]\n\n| a | b |\n|---|---|\n| [[KB10002]] | [c](KB10003) |",
     [("KB10001", 0), ("[[KB10002]]", 6), ("KB10003", 6)]),
    ("a `lone tick [[KB10001]]", [("[[KB10001]]", 0)]),
])
def test_links_are_found_where_a_page_has_them(markdown: str, expected: list[tuple[str, int]]) -> None:
    assert found(markdown) == expected


linkish = st.lists(st.sampled_from([
    "[[KB1]]", "[[KB2|w]]", "[a](KB3)", "![p](x.png)", "[r]", "[r]: KB4\n", "`", "``", "\n", "\n\n", "    ", "```\n", "- ", "> ",
    "\\", "[", "](", ")", "]]", "| a | b |\n|--|--|\n", "*", "<a href=\"KB5\">q</a>", "<b>", "<KB6", "x", " ", "(", "<a ", "[^1]",
    "[^1]: KB7\n"]), max_size=14).map("".join)


@given(linkish | st.text(st.sampled_from(list("[]()|`\\<>! \nxK1:\"=")), max_size=40))
def test_every_address_that_a_page_asks_for_is_a_link(markdown: str) -> None:
    asked: set[str] = set()

    def resolve(address: str) -> Target:
        asked.add(address)
        return Target("")

    page_html(markdown, resolve, Words("Table"), set())
    assert asked <= {link.target for link in links(markdown)}


@given(st.text(max_size=80) | linkish)
def test_lines_of_links_are_lines_of_the_text(markdown: str) -> None:
    assert all(0 <= link.line <= markdown.count("\n") for link in links(markdown))


@pytest.mark.parametrize("markdown", [
    "[[" + "`" * 100_000, "[" * 100_000 + "](", "[[a|" * 20_000, "[a](" * 20_000, "<a " * 50_000, "[[" + "*a_" * 30_000,
    "<a href=\"x\">" * 10_000 + "\n" * 5000, "- " * 10_000 + "[[", "<img src=" * 20_000, "[[x]]<a href=q>\n" * 5000,
    "<p data-sourcepos=\"" + "9" * 5000 + ":1-1:1\"><a href=x>"])
def test_hostile_links_take_no_time(markdown: str) -> None:
    assert all(link.target for link in links(markdown))


def shown(markdown: str, target: Target) -> str:
    return page_html(markdown, lambda address: target, Words("Table"), set()).strip()


def test_a_bare_link_by_a_name_of_two_words_vanishes_with_its_record() -> None:
    assert shown("See [[Leaky Bucket]].", Target("")) == "<p>See .</p>"


@pytest.mark.parametrize("link", ["<a href='KB10001'>it</a>", "<a class=\"x\" href=\"KB10001\">it</a>", "<A HREF=KB10001>it</A>"])
def test_links_in_raw_html_lead_to_the_record(link: str) -> None:
    assert f'href="{ROOT}kb/KB10001/"' in shown(link, Target(f"{ROOT}kb/KB10001/"))
