"""Texts of others on one line."""

from __future__ import annotations

import pytest

from kb.printable import printable, printable_line


@pytest.mark.parametrize(("text", "shown"), [
    ("plain", "plain"), ("  two\n lines\t", "two lines"), ("\x1b[31mred", "\ufffd[31mred"), ("a\x00b\u202ec", "a\ufffdb\ufffdc"),
    ("\x85a\u2028b", "a b"), ("", ""),
])
def test_one_line(text: str, shown: str) -> None:
    assert printable_line(text) == shown


def test_another_character_instead() -> None:
    assert printable("a\x1b\nb", " ") == "a  b"
