"""Synonyms of a site: the valid example and each rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.findings import Finding
from kb.source import parse_yaml
from kb.synonyms import Synonyms, parse_synonyms
from tests.kb.checking import load_messages
from tests.sites.make import make_site

FULL = """\
same:
  - [RMA, return, возврат]
  - [power supply, PSU]
also:
  box: [router, switch]
"""


def synonyms_of(text: str) -> tuple[Synonyms, list[str]]:
    findings: list[Finding] = []
    return parse_synonyms(parse_yaml(text, "synonyms.yml"), "synonyms.yml", findings), [str(finding) for finding in findings]


def test_every_field() -> None:
    assert synonyms_of(FULL) == (Synonyms((("RMA", "return", "возврат"), ("power supply", "PSU")), {"box": ("router", "switch")}), [])


@pytest.mark.parametrize(("text", "message"), [
    ("- a\n", "synonyms.yml:1: is no mapping; write 'same:' with lists of terms, or 'also:'"),
    ("same:\n  - [RMA]\n", "synonyms.yml:2: same: has a group of fewer than two terms; write lists such as [RMA, return]"),
    ("same:\n  - RMA\n", "synonyms.yml:2: same: has a group of fewer than two terms; write lists such as [RMA, return]"),
    ("same:\n  - [RMA, rma]\n", "synonyms.yml:2: same: 'RMA, rma' names a term twice in one group; keep one"),
    ("same:\n  - [RMA, '...']\n", "synonyms.yml:2: same: '...' holds no word; write a word or a few"),
    ("same:\n  - [RMA, return of broken goods]\n",
     "synonyms.yml:2: same: 'return of broken goods' is too long for a term; write at most 3 words and 60 characters"),
    ("also: [box]\n", "synonyms.yml:1: also: is not a mapping; write 'field: value' pairs"),
    ("also:\n  box: []\n", "synonyms.yml:2: also.box: is an empty list; name at least one"),
    ("also:\n  '!': [router]\n", "synonyms.yml:2: also.!: '!' holds no word; write a word or a few"),
    ("sames:\n  - [a, b]\n", "synonyms.yml:1: sames: is not a known field; did you mean same?"),
])
def test_what_is_wrong_is_told(text: str, message: str) -> None:
    assert synonyms_of(text)[1] == [message]


def test_they_belong_to_the_site(tmp_path: Path) -> None:
    make_site(tmp_path / "site")
    (tmp_path / "site" / "synonyms.yml").write_text("same: {}\n", encoding="utf-8")
    assert [message for message in load_messages(tmp_path / "site") if "synonyms" in message] == [
        "synonyms.yml:1: same: has a group of fewer than two terms; write lists such as [RMA, return]"]
