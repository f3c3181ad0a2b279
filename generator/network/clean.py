"""Texts of others, made fit for a terminal and for XML."""

from __future__ import annotations


def clean(text: str) -> str:
    """One line, in which what a terminal could obey or XML refuses becomes U+FFFD."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(letter if letter.isprintable() else "\ufffd" for letter in line)
