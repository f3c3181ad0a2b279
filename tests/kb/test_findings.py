"""Findings: how they read, how they are ordered, and what a message shows of a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.findings import Finding, SourceError, errors, nearest, shorten


@pytest.mark.parametrize(("finding", "text"), [
    (Finding("a.md", 3, "date", "2026-13-01", "is not a date", "write YYYY-MM-DD"),
     "a.md:3: date: '2026-13-01' is not a date; write YYYY-MM-DD"),
    (Finding("a.md", 0, "date", "", "is missing", "add it"), "a.md: date: is missing; add it"),
    (Finding("a.md", 3, "", "x", "is twice here", ""), "a.md:3: 'x' is twice here"),
])
def test_a_finding_reads_as_a_sentence(finding: Finding, text: str) -> None:
    assert str(finding) == text
    assert str(SourceError(finding)) == text


def test_only_errors_stop_a_build_each_once_in_order_of_place() -> None:
    first, second = Finding("a.md", 2, "", "", "x", ""), Finding("a.md", 10, "", "", "x", "")
    other, note = Finding("b.md", 1, "", "", "x", ""), Finding("a.md", 1, "", "", "x", "", "note")
    assert errors([other, second, note, first, second]) == [first, second, other]


@pytest.mark.parametrize(("value", "shown"), [
    ("two\n  lines\t here ", "two lines here"),
    ("x" * 80, "x" * 80),
    ("x" * 81, "x" * 79 + "…"),
    ("red\x1b[31m \u202eterces", "red\ufffd[31m \ufffdterces"),
    ("Ж😀", "Ж😀"),
])
def test_values_are_shown_on_one_line(value: str, shown: str) -> None:
    assert shorten(value) == shown


@given(st.text(max_size=300))
def test_what_is_shown_is_short_and_safe_to_print(value: str) -> None:
    assert len(shorten(value)) <= 80
    assert shorten(value).isprintable()


@pytest.mark.parametrize(("value", "known", "expected"), [
    ("statsu", ["status", "state"], "status"),
    ("STATUS", ["Status"], "Status"),
    ("zzz", ["status"], ""),
    ("KB10O42", ["KB10042", "KB20099"], "KB10042"),
    ("status" * 20, ["status" * 20], ""),
    ("x", [], ""),
])
def test_the_nearest_word_is_offered(value: str, known: list[str], expected: str) -> None:
    assert nearest(value, known) == expected
