"""Texts of others, made fit for a message, a terminal and XML."""

from __future__ import annotations


def printable(text: str, instead: str = "\ufffd") -> str:
    """The text with another character for each that a terminal could obey or XML refuses, line ends among them."""
    return text if text.isprintable() else "".join(character if character.isprintable() else instead for character in text)


def printable_line(text: str) -> str:
    """The text on one line, printable."""
    return printable(" ".join(text.split()))
