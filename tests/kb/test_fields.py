"""Values and fields: what each parser reads, and the words with which it refuses the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.fields import (
    MAX_TITLE,
    Fields,
    Wrong,
    parse_date,
    parse_flag,
    parse_instant,
    parse_language,
    parse_line,
    parse_moment,
    parse_title,
    parse_url,
    parse_zone,
    pattern,
    whole_number,
)
from kb.findings import Finding
from kb.source import Value, parse_yaml

NOT_A_TIME = "is not a time; write it as 2026-11-22T16:00:00Z or with an offset such as +03:00"
NOT_A_DATE = "is not a date; write YYYY-MM-DD, such as 2026-11-22"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(("parse", "text", "expected"), [
    (parse_date, "2024-02-29", date(2024, 2, 29)),
    (parse_date, "0001-01-01", date(1, 1, 1)),
    (parse_instant, "2026-11-22T16:00:00Z", utc(2026, 11, 22, 16)),
    (parse_instant, "2026-11-22t16:00z", utc(2026, 11, 22, 16)),
    (parse_instant, "2026-11-22 16:00:59.999999999Z", utc(2026, 11, 22, 16, 0, 59)),
    (parse_instant, "2026-11-22T01:00:00+03:00", utc(2026, 11, 21, 22)),
    (parse_instant, "2026-12-31T23:30:00-00:30", utc(2027, 1, 1)),
    (parse_moment, "2026-11-22", utc(2026, 11, 22)),
    (parse_moment, "2026-11-22T00:00:00-01:00", utc(2026, 11, 22, 1)),
    (parse_flag, "true", True),
    (parse_flag, "false", False),
    (parse_line, " a \n\t b ", "a b"),
    (parse_line, "5\u00a0%", "5\u00a0%"),
    (parse_title, "x" * MAX_TITLE, "x" * MAX_TITLE),
    (parse_url, "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
    (parse_url, "http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
    (parse_zone, "Europe/Berlin", "Europe/Berlin"),
    (parse_language, "pt-BR", "pt-BR"),
    (whole_number(1, 20), "20", 20),
    (whole_number(0, 20), "007", 7),
])
def test_values_that_are_read(parse: Callable[[str], object], text: str, expected: object) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(("parse", "text", "message"), [
    (parse_date, "2026-02-29", NOT_A_DATE),
    (parse_date, "2026-13-01", NOT_A_DATE),
    (parse_date, "2026-11-31", NOT_A_DATE),
    (parse_date, "0000-01-01", NOT_A_DATE),
    (parse_date, "2026-1-1", NOT_A_DATE),
    (parse_date, "20261122", NOT_A_DATE),
    (parse_date, "22.11.2026", NOT_A_DATE),
    (parse_date, "2026-W47-7", NOT_A_DATE),
    (parse_date, "٢٠٢٦-١١-٢٢", NOT_A_DATE),
    (parse_date, "", NOT_A_DATE),
    (parse_instant, "2026-11-22T16:00:00", "has no zone; add Z for UTC or an offset: 2026-11-22T16:00:00Z"),
    (parse_instant, "2026-11-22 16:00", "has no zone; add Z for UTC or an offset: 2026-11-22 16:00Z"),
    (parse_instant, "2026-02-30T16:00:00", NOT_A_TIME),
    (parse_instant, "2026-11-22", NOT_A_TIME),
    (parse_instant, "2026-02-30T16:00:00Z", NOT_A_TIME),
    (parse_instant, "2026-11-22T24:00:00Z", NOT_A_TIME),
    (parse_instant, "2026-11-22T16:60:00Z", NOT_A_TIME),
    (parse_instant, "2026-11-22T16:00:00+24:00", NOT_A_TIME),
    (parse_instant, "2026-11-22T16:00:00+0300", NOT_A_TIME),
    (parse_instant, "2026-11-22T16:00:00 MSK", NOT_A_TIME),
    (parse_instant, "9999-12-31T23:59:59-01:00", NOT_A_TIME),
    (parse_instant, "0001-01-01T00:00:00+01:00", NOT_A_TIME),
    (parse_instant, "1795363200", NOT_A_TIME),
    (parse_moment, "2026-02-30", NOT_A_DATE),
    (parse_moment, "2026-11-22T16:00", "has no zone; add Z for UTC or an offset: 2026-11-22T16:00Z"),
    (parse_moment, "soon", NOT_A_TIME),
    (parse_flag, "yes", "is neither true nor false; write true or false"),
    (parse_flag, "True", "is neither true nor false; write true or false"),
    (parse_line, " \n ", "is empty; write a text or leave the field out"),
    (parse_line, "\u00a0", "is empty; write a text or leave the field out"),
    (parse_title, "x" * 251, "has 251 characters; shorten it to 250; details belong in the text"),
    (parse_url, "ftp://example.com/", "is not a web address; write https://host/path"),
    (parse_url, "https://", "is not a web address; write https://host/path"),
    (parse_url, "https:///path", "is not a web address; write https://host/path"),
    (parse_url, "example.com", "is not a web address; write https://host/path"),
    (parse_url, "https://exa mple.com/", "is not a web address; write https://host/path"),
    (parse_url, "https://example.com/\"onload=", "is not a web address; write https://host/path"),
    (parse_url, "https://[::1", "is not a web address; write https://host/path"),
    (parse_url, "javascript:alert(1)", "is not a web address; write https://host/path"),
    (parse_zone, "", "is no time zone; write a name such as UTC or Europe/Berlin"),
    (parse_zone, "Europe", "is no time zone; write a name such as UTC or Europe/Berlin"),
    (parse_zone, "Mars/Olympus", "is no time zone; write a name such as UTC or Europe/Berlin"),
    (parse_zone, "../../../etc/passwd", "is no time zone; write a name such as UTC or Europe/Berlin"),
    (parse_zone, "/etc/localtime", "is no time zone; write a name such as UTC or Europe/Berlin"),
    (parse_zone, "a" * 5000, "is no time zone; write a name such as UTC or Europe/Berlin"),
    (parse_language, "English", "is no language tag; write a tag such as en or ru"),
    (parse_language, "EN", "is no language tag; write a tag such as en or ru"),
    (parse_language, "../ru", "is no language tag; write a tag such as en or ru"),
    (whole_number(1, 20), "0", "is not a whole number in range; write a number from 1 to 20"),
    (whole_number(1, 20), "21", "is not a whole number in range; write a number from 1 to 20"),
    (whole_number(1, 20), "1.5", "is not a whole number in range; write a number from 1 to 20"),
    (whole_number(1, 20), "-1", "is not a whole number in range; write a number from 1 to 20"),
    (whole_number(1, 20), "٣", "is not a whole number in range; write a number from 1 to 20"),
    (whole_number(1, 20), "9" * 100_000, "is not a whole number in range; write a number from 1 to 20"),
    (pattern(r"\d\w", "code", "write 1a"), "٣a", "is no code; write 1a"),
    (pattern(r"\d\w", "code", "write 1a"), "1a\n", "is no code; write 1a"),
])
def test_values_that_are_refused(parse: Callable[[str], object], text: str, message: str) -> None:
    with pytest.raises(Wrong) as error:
        parse(text)
    assert f"{error.value.reason}; {error.value.remedy}" == message


PARSERS: tuple[Callable[[str], object], ...] = (
    parse_date, parse_flag, parse_instant, parse_language, parse_line, parse_moment, parse_title, parse_url, parse_zone,
    whole_number(1, 9))


timelike = st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([Zz]|[+-]\d\d:\d\d)?", fullmatch=True)


@given(st.sampled_from(PARSERS), st.text(max_size=40) | timelike)
def test_any_text_is_a_value_or_wrong(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except Wrong as wrong:
        assert wrong.reason and wrong.remedy


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-1439, 1439))
def test_moments_come_back_in_utc(moment: datetime, minutes: int) -> None:
    there = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_moment(there.isoformat()) == there
    assert parse_moment(there.isoformat()).tzinfo is UTC
    assert parse_date(moment.date().isoformat()) == moment.date()


# -- fields ----------------------------------------------------------------------------------------


def fields_of(text: str, findings: list[Finding], prefix: str = "") -> Fields:
    data = parse_yaml(text, "a.yml").data
    assert isinstance(data, dict)
    return Fields(data, "a.yml", 1, findings, prefix)


VALID = """\
name: Box
date: 2026-11-22
flag: true
word: open
list:
  - a
  - b
text: |
  one
  two
inner:
  name: In
items:
  - name: First
  - name: Second
named:
  x:
    name: X
"""


def read(text: str) -> tuple[list[Any], list[str]]:
    """Everything in the valid fields, and what is found."""
    findings: list[Finding] = []
    fields = fields_of(text, findings)
    values: list[Any] = [fields.text("name", required=True), fields.one("date", parse_date), fields.flag("flag"),
                         fields.choice("word", ("open", "closed")), fields.texts("list", required=True), fields.block("text")]
    inner = fields.mapping("inner")
    nested = [inner] if inner else []
    nested += fields.mappings("items")
    named = fields.named("named")
    for item in [*nested, *(item for _, item in named)]:
        values.append(item.text("name", required=True))
        item.finish()
    fields.finish()
    return values + [name for name, _ in named], [str(finding) for finding in findings]


def test_valid_fields() -> None:
    assert read(VALID) == (["Box", date(2026, 11, 22), True, "open", ("a", "b"), "one\ntwo", "In", "First", "Second", "X", "x"],
                           [])


@pytest.mark.parametrize(("old", "new", "message"), [
    ("name: Box\n", "", "a.yml:1: name: is missing; add a line 'name: ...'"),
    ("name: Box\n", "name:\n", "a.yml:1: name: is missing; add a line 'name: ...'"),
    ("name: Box\n", "name: ''\n", "a.yml:1: name: is empty; write a text or leave the field out"),
    ("name: Box\n", "name: [Box]\n", "a.yml:1: name: is a list, not one value; write one value"),
    ("name: Box\n", "name: {a: b}\n", "a.yml:1: name: is a mapping, not one value; write one value"),
    ("name: Box\n", "name:\n- Box\n", "a.yml:1: name: is a list, not one value; write one value"),
    ("2026-11-22", "2026-11-33", f"a.yml:2: date: '2026-11-33' {NOT_A_DATE}"),
    ("flag: true", "flag: maybe", "a.yml:3: flag: 'maybe' is neither true nor false; write true or false"),
    ("word: open", "word: opne", "a.yml:4: word: 'opne' is not allowed here; write open?"),
    ("word: open", "word: Open", "a.yml:4: word: 'Open' is not allowed here; write open?"),
    ("word: open", "word: zzz", "a.yml:4: word: 'zzz' is not allowed here; write one of open, closed"),
    ("  - a\n  - b\n", "  []\n", "a.yml:5: list: is an empty list; name at least one"),
    ("  - b\n", "  - [b]\n", "a.yml:7: list: is a list, not one value; write one value"),
    ("  - b\n", "  -\n", "a.yml:7: list: is empty, not one value; write one value"),
    ("list:\n  - a\n  - b\n", "list:\n  a: b\n", "a.yml:5: list: is a mapping, not one value; write one value"),
    ("inner:\n  name: In\n", "inner: In\n", "a.yml:11: inner: is not a mapping; write 'field: value' pairs"),
    ("inner:\n  name: In\n", "inner:\n  - In\n", "a.yml:11: inner: is not a mapping; write 'field: value' pairs"),
    ("  name: In\n", "  nam: In\n", "a.yml:11: inner.name: is missing; add a line 'name: ...'\n"
                                    "a.yml:12: inner.nam: is not a known field; did you mean name?"),
    ("  - name: First\n", "  - First\n", "a.yml:14: items: is not a mapping; write 'field: value' pairs"),
    ("  - name: Second\n", "  - name: Second\n    age: 1\n", "a.yml:16: items[2].age: is not a known field; known fields: name"),
    ("items:\n  - name: First\n  - name: Second\n", "items: First\n",
     "a.yml:13: items: is not a list; write 'items:' and below it items that begin with '-'"),
    ("  x:\n    name: X\n", "  x: X\n", "a.yml:17: named: is not a mapping; write 'field: value' pairs"),
    ("    name: X\n", "    name: []\n", "a.yml:18: named.x.name: is a list, not one value; write one value"),
    ("named:\n  x:\n    name: X\n", "named: [x]\n",
     "a.yml:16: named: is not a mapping; write 'named:' and below it 'name:' with indented fields"),
    ("name: Box\n", "name: Box\nnaem: Box\n", "a.yml:2: naem: is not a known field; did you mean name?"),
    ("name: Box\n", "name: Box\nzzz:\n  - a\n",
     "a.yml:2: zzz: is not a known field; known fields: name, date, flag, word, list, text, inner, items, named"),
    ("name: Box\n", f"name: Box\n? {'z' * 5000}\n: x\n",
     f"a.yml:2: {'z' * 79}…: is not a known field; "
     "known fields: name, date, flag, word, list, text, inner, items, named"),
])
def test_one_change_makes_one_finding(old: str, new: str, message: str) -> None:
    assert VALID.count(old) == 1
    assert "\n".join(read(VALID.replace(old, new))[1]) == message


def test_one_value_counts_as_a_list_of_one() -> None:
    findings: list[Finding] = []
    fields = fields_of("list: a\nnumbers: [1, x, 3]", findings)
    assert fields.texts("list") == ("a",)
    assert fields.many("numbers", whole_number(1, 9)) == (1, 3)
    assert [str(finding) for finding in findings] == [
        "a.yml:2: numbers: 'x' is not a whole number in range; write a number from 1 to 9"]


@pytest.mark.parametrize(("text", "block"), [
    ("\r\n\n    indented code\n\ntext\n\n", "    indented code\n\ntext"), (" \n \t\n", ""), ("\n  - item", "  - item"),
])
def test_a_block_loses_only_the_newlines_around_it(text: str, block: str) -> None:
    assert Fields({"text": Value(1, text)}, "a.yml", 1, []).block("text") == block


def test_absent_and_empty_fields_are_the_same() -> None:
    findings: list[Finding] = []
    fields = fields_of("list:\ntext: ~\nflag: null", findings)
    assert (fields.texts("list"), fields.text("text"), fields.flag("flag")) == ((), "", False)
    assert fields.one("date", parse_date) is None
    assert (fields.values("list"), fields.mappings("list"), fields.named("list")) == ([], [], [])
    assert "list" not in fields and fields.mapping("list") is None
    fields.finish()
    assert findings == []


def test_all_findings_at_once_and_under_the_prefix() -> None:
    findings: list[Finding] = []
    fields = fields_of("a: x\nb: y\nc: z", findings, prefix="box.")
    fields.one("a", parse_date)
    fields.one("b", parse_flag)
    fields.text("d", required=True)
    fields.finish()
    assert [(finding.line, finding.field, finding.value) for finding in findings] == [
        (1, "box.a", "x"), (2, "box.b", "y"), (1, "box.d", ""), (3, "box.c", "")]


def test_a_reason_stays_short() -> None:
    findings: list[Finding] = []
    Fields({}, "a.yml", 3, findings).wrong("a", "holds '" + "x " * 500_000 + "'", "write it anew", "y" * 500_000)
    assert len(str(findings[0])) < 500
    assert findings[0].line == 3


def test_values_as_they_are() -> None:
    fields = fields_of("a: [x, {b: c}]\nd: e", [])
    assert [type(value.data) for value in fields.values("a")] == [str, dict]
    assert fields.values("d") == [Value(2, "e")]
