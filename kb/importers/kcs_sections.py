"""The sections of KCS articles (Description, Environment, Issue/Symptoms, Resolution) as those of our records."""

from __future__ import annotations

import re

from kb.importers.words import plain_text
from kb.text import lines_outside_code

_HEADING = re.compile(r" {0,3}(#{2,6})[ \t]+(.+?)[ \t]*#*")
_BOLD_LINE = re.compile(r"\s*(?:<b>|\*\*)\s*([^<>*]{3,40}?)\s*(?:</b>|\*\*)\s*:?\s*(?:<br\s*/?>)?\\?")
_KEYS = (
    ("environment", re.compile(r"environ(?:men(?:ts?)?)?")),
    ("symptoms", re.compile(r"(?:issues?|symptoms?|problem)(?:\s*(?:/|and|&)\s*s[a-z()]*)?(?:\(s\))?")),
    ("cause", re.compile(r"(?:root )?causes?|reason")),
    ("workaround", re.compile(r"work-?arounds?")),
    ("solution", re.compile(r"resolutions?|solutions?|steps to resolve(?:\s*/\s*workaround)?|fix")),
    ("problem", re.compile(r"description")),
    ("notes", re.compile(r"notes?|additional information")),
)


def sections_of(markdown: str) -> list[tuple[str, str]]:
    """(key or heading, text) pairs in the order of the text; what comes before the first heading has an empty key.

    Second-level headings begin a section. Within Description and Resolution, a lower heading or a bold line that names a known
    section begins that section; every other heading stays in the text.
    """
    found: list[tuple[str, list[str]]] = [("", [])]
    for _, line, plain in lines_outside_code(markdown):
        level, words = _heading(line) if plain else (0, "")
        key = _key(words) if words else ""
        if level == 2:
            found.append((key or words, []))
        elif key and _begins(key, level):
            found.append((key, []))
        elif words and 2 < level < 7:
            found[-1][1].append(f"{'#' * level} {words}")
        else:
            found[-1][1].append(line)
    return [(key, "\n".join(lines).strip("\n")) for key, lines in found]


def _heading(line: str) -> tuple[int, str]:
    """Level and words of a heading; level 7 for a line in bold that may be one; 0 for other lines."""
    if match := _HEADING.fullmatch(line):
        return len(match[1]), re.sub(r"</?[a-z][^<>]*>|\*\*", "", match[2]).strip()
    if match := _BOLD_LINE.fullmatch(line):
        return 7, match[1]
    return 0, ""


def _key(words: str) -> str:
    """Key of the section that a heading names, else an empty string."""
    name = " ".join(plain_text(words).casefold().replace("\xa0", " ").split()).rstrip(": ")
    return next((key for key, pattern in _KEYS if pattern.fullmatch(name)), "")


def _begins(key: str, level: int) -> bool:
    """Whether a lower heading begins a section."""
    if key == "notes" or (level == 7 and key == "workaround"):
        return False  # words such as Note: introduce a paragraph
    return level in {3, 7}
