"""Titles and summaries out of longer texts."""

from __future__ import annotations

import re

from kb.fields import MAX_TITLE
from kb.importers.sources import clean

MAX_SUMMARY = 300

# A sentence ends with . ! or ? before a capital, not after an initial or a usual abbreviation.
_SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bInc)(?<!\bLtd)(?<!\bCo)[.!?:]"
                           r"(?=\s+[\"'(]?[A-ZÀ-ÞА-Я])")
_CODE_OR_ESCAPE = re.compile(r"(?<!`)(`+)(?!`)([^\n]*?)(?<!`)\1(?!`)|\\([!-/:-@\[-`{-~])")
_NOT_WORDS = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>|^[ \t]{0,3}(?:#+|>|[-*+]|\d+[.)])[ \t]+|^[ \t]*\|[ \t|:-]+$",
                        re.DOTALL | re.MULTILINE)


def one_line(text: str) -> str:
    """The text on one line, without characters that a record must not hold."""
    return " ".join(clean(text).split())


def shortened(text: str, limit: int) -> str:
    """The text on one line, cut between words to at most ``limit`` characters with an ellipsis."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    head = cut.rpartition(" ")[0] if " " in cut[limit // 2:] else cut
    return head.rstrip(" ,;:-–(") + "…"


def title(text: str) -> str:
    return shortened(text, MAX_TITLE)


def first_sentence(text: str, limit: int = MAX_SUMMARY) -> str:
    """The first sentence of the first paragraph, at most ``limit`` characters; with a colon only where no full stop comes."""
    paragraph = next((part for part in re.split(r"\n\s*\n", text) if part.strip()), "")
    line = one_line(paragraph)
    for match in _SENTENCE_END.finditer(line):
        if match[0] != ":" or match.end() > limit // 2:
            return shortened(line[: match.end()].rstrip(":"), limit)
    return shortened(line.rstrip(":"), limit)


def plain_text(markdown: str) -> str:
    """The words of Markdown, without its signs, pictures, tags and code fences; paragraphs stay apart."""
    text = re.sub(r"^ {0,3}(```|~~~).*?^ {0,3}\1[ \t]*$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    spans: list[str] = []

    def hide(match: re.Match[str]) -> str:
        spans.append(match[3] or match[2].strip())
        return f"\x00{len(spans) - 1}\x00"

    text = _CODE_OR_ESCAPE.sub(hide, text.replace("\x00", ""))
    text = re.sub(r"!\[[^\]]*\](?:\([^)]*\))?", "", text)
    text = re.sub(r"\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)", r"\1", text)
    text = _NOT_WORDS.sub(" ", text)
    text = re.sub(r"(?<![\w*\\])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![\w*])|\\$", "", text, flags=re.MULTILINE)
    return re.sub("\x00(\\d+)\x00", lambda match: spans[int(match[1])], text).strip()
