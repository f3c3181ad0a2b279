"""Numbers as they are typed: forms of policy.yml, what does not fit, what was meant; lists that are pasted or read from files."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.policy_cases import NumberFormat, parse_pattern
from kb.policy_values import Phrase
from tests.browser_modules import Node

PATTERNS = ["'AR'N'A'NNNNNNNN", "YYYY-MMDD-NNNN", "RNNNNN", "RNNNNN-n", "n/NN", "'SX40'-????"]


NEVER = "01ILOU"


def form(pattern: str, example: str = "") -> dict[str, Any]:
    parts = parse_pattern(pattern)
    return {"name": "Number", "pattern": pattern, "parts": [[part.kind, part.text] for part in parts], "never": NEVER, "example": example}


@pytest.mark.parametrize(("text", "fits", "at", "letter", "guess"), [
    ("AR9A04170032", "whole", 12, "", ""), ("ar9a-0417 0032", "whole", 12, "", ""), ("AR9A0417", "begins", 8, "", ""),
    ("AR9AO417OO32", "no", 5, "O", "AR9A04170032"), ("AR9A0417OOI", "no", 9, "O", "AR9A0417001"), ("AX9A", "no", 2, "X", ""),
    ("AR9A041700321", "no", 13, "1", ""), ("AR9404170032", "no", 4, "4", ""), ("8R9A", "no", 1, "8", ""), ("O", "no", 1, "O", ""),
])
def test_what_does_not_fit_is_told_while_typing(node: Node, text: str, fits: str, at: int, letter: str, guess: str) -> None:
    found = node.call("fit", text, [form(PATTERNS[0])])
    assert (found["fits"], found["at"], found["letter"], found["guess"]) == (fits, at, letter, guess)


def test_letters_that_look_like_others_never_occur(node: Node) -> None:
    found = node.call("fit", "sx40-a2o", [form(PATTERNS[-1])])
    assert (found["fits"], found["at"], found["letter"], found["guess"]) == ("no", 7, "O", "")
    assert node.call("fit", "5X4O-A2", [form(PATTERNS[-1])])["guess"] == "SX40A2"
    assert node.call("fit", "SX40-A2B9", [form(PATTERNS[-1])])["fits"] == "whole"


def test_days_in_numbers_must_exist(node: Node) -> None:
    assert node.call("fit", "2008-0101-0123", [form(PATTERNS[1])])["fits"] == "whole"
    assert node.call("fit", "20080229 0123", [form(PATTERNS[1])])["fits"] == "whole"
    assert node.call("fit", "2009-0229-0123", [form(PATTERNS[1])])["fits"] == "no"
    assert node.call("fit", "2009-1301-0123", [form(PATTERNS[1])])["fits"] == "no"


def test_of_several_forms_the_nearest_speaks(node: Node) -> None:
    forms = [form(PATTERNS[2]), form(PATTERNS[3])]
    assert node.call("fit", "R12345", forms)["form"]["pattern"] == "RNNNNN"
    assert node.call("fit", "R12345-17", forms)["form"]["pattern"] == "RNNNNN-n"
    assert node.call("fit", " ", forms) is None
    assert node.call("fit", "anything", []) is None


@settings(max_examples=200, deadline=None)
@given(data=st.data(), pattern=st.sampled_from(PATTERNS))
def test_python_and_browser_know_the_same_numbers(node: Node, data: st.DataObject, pattern: str) -> None:
    """Where hyphens stand as the pattern has them, which alone Python accepts."""
    parts = parse_pattern(pattern)
    known = NumberFormat("x", Phrase("x"), pattern, parts, Phrase(), (), never=NEVER)
    pieces = {"year": st.sampled_from(["2008", "2009", "0000"]), "month": st.sampled_from(["02", "13", "12"]),
              "day": st.sampled_from(["29", "30", "31", "01", "00"]), "number": st.sampled_from(["1", "0", "12", "012", "x", ""])}
    text = "".join(data.draw(
        st.sampled_from([part.text, part.text.lower()]) if part.kind == "text" else
        st.text("0123O", min_size=len(part.text), max_size=len(part.text)) if part.kind == "digits" else
        st.text("29AZaz0OIU-", min_size=len(part.text), max_size=len(part.text)) if part.kind == "characters" else
        pieces[part.kind]) for part in parts)
    assert (node.call("fit", text, [form(pattern)])["fits"] == "whole") == known.matches(text)


def test_numbers_are_written_as_their_form_has_them(node: Node) -> None:
    forms = [form(pattern) for pattern in PATTERNS]
    assert [node.call("asWritten", text, forms) for text in ("sx40a2b9", "r12345 17", "200801010123", "x-1", "7/12")] == [
        "SX40-A2B9", "R12345-17", "2008-0101-0123", "X1", "7/12"]


def test_other_readings(node: Node) -> None:
    assert node.call("readings", "ar9a-o4i7") == ["AR9A0417"]
    assert node.call("readings", "A01") == ["AO1", "A0I"]
    assert node.call("readings", "A23") == []


def test_lists(node: Node) -> None:
    text = '\ufeffSerial number;note\r\n\r\n ar9a-1 ;first\r\n"AR9A2",x\n\nAR9A1\tagain\rAR9A3'
    assert node.call("readList", text, 1, ["Serial number"]) == {
        "asked": [{"written": "ar9a-1", "values": ["ar9a-1"]}, {"written": "AR9A2", "values": ["AR9A2"]},
                  {"written": "AR9A3", "values": ["AR9A3"]}], "twice": 1, "unreadable": []}
    found = node.call("readList", "A1,C1\nA1;C2\nA2\n---,C3", 2, ["serial"])
    assert [one["values"] for one in found["asked"]] == [["A1", "C1"], ["A1", "C2"]]
    assert found["unreadable"] == ["A2", "---,C3"]


def test_formulas_in_files_are_words(node: Node) -> None:
    assert node.call("csv", [["=1+1", "+7", "-x", "@a", "A1"]]) == "\ufeff'=1+1,'+7,'-x,'@a,A1\r\n"
