"""Texts of records: known sections, splitting Markdown at its headings, the links that it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from kb.records import Section

# key -> heading by language; the order is that of a page built from JSON Lines.
HEADINGS: Mapping[str, Mapping[str, str]] = {
    "problem": {"en": "Problem", "ru": "Проблема"},
    "symptoms": {"en": "Symptoms", "ru": "Симптомы"},
    "environment": {"en": "Environment", "ru": "Окружение"},
    "configuration": {"en": "Required configuration", "ru": "Необходимая конфигурация"},
    "trigger": {"en": "Trigger", "ru": "Условия возникновения"},
    "impact": {"en": "Impact", "ru": "Последствия"},
    "exploitation": {"en": "Exploitation", "ru": "Эксплуатация уязвимости"},
    "cause": {"en": "Cause", "ru": "Причина"},
    "workaround": {"en": "Workaround", "ru": "Обходное решение"},
    "mitigation": {"en": "Mitigation", "ru": "Снижение риска"},
    "restoration": {"en": "Restoration", "ru": "Восстановление"},
    "solution": {"en": "Solution", "ru": "Решение"},
    "action": {"en": "Required action", "ru": "Необходимые действия"},
    "upgrade": {"en": "Upgrade advice", "ru": "Рекомендации по обновлению"},
    "verification": {"en": "Verification", "ru": "Проверка"},
    "notes": {"en": "Notes", "ru": "Примечания"},
}

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}##[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_HEADING_ID = re.compile(r"\s*\{#[\w.-]+\}\s*$")


@cache
def _keys() -> dict[str, str]:
    return {heading.casefold(): key for key, names in HEADINGS.items() for heading in names.values()}


def heading_key(title: str) -> str:
    """Key of a known section's heading in any language, else an empty string."""
    return _keys().get(title.strip().rstrip(":").casefold(), "")


def lines_outside_code(markdown: str) -> Iterator[tuple[int, str, bool]]:
    """Yields (line number from 0, line, whether it is outside fenced code)."""
    fence = ""
    for number, line in enumerate(markdown.split("\n")):
        match = _FENCE.match(line)
        if not fence and match:
            fence = match[1]
            yield number, line, False
        elif fence:
            if match and match[1][0] == fence[0] and len(match[1]) >= len(fence) and not line[match.end():].strip():
                fence = ""
            yield number, line, False
        else:
            yield number, line, True


def split_sections(markdown: str, first_line: int) -> tuple[Section, ...]:
    """The text cut at its second-level headings; what comes before the first is a section without title."""
    sections: list[Section] = []
    key, title, start = "", "", first_line
    lines: list[str] = []

    def close() -> None:
        text = "\n".join(lines).strip("\n")
        if text.strip() or title:
            sections.append(Section(key, title, text, start))

    for number, line, plain in lines_outside_code(markdown):
        if plain and (match := _HEADING.fullmatch(line)):
            close()
            title = _HEADING_ID.sub("", match[1]).strip()
            key, start, lines = heading_key(title), first_line + number + 1, []
        else:
            lines.append(line)
    close()
    return tuple(sections)


class Link(msgspec.Struct, frozen=True):
    """A link in Markdown: its target as written, the line from 0, and whether it is written ``[[...]]``."""

    target: str
    line: int
    wiki: bool


_INLINE_CODE = re.compile(r"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_WIKI = re.compile(r"\[\[([^\[\]|\n]{1,80})(?:\|[^\[\]\n]*)?\]\]")
_INLINE = re.compile(r"\]\(\s*(?:<([^<>\n]*)>|([^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*))")
_DEFINITION = re.compile(r" {0,3}\[[^\]\n]+\]:\s*<?([^\s<>]+)>?")


def links(markdown: str) -> Iterator[Link]:
    """Links and pictures of a text, outside code."""
    if "](" not in markdown and "[[" not in markdown and "]:" not in markdown:
        return
    for number, line, plain in lines_outside_code(markdown):
        if not plain or "[" not in line:
            continue
        line = _INLINE_CODE.sub("", line)
        for match in _WIKI.finditer(line):
            yield Link(match[1].strip(), number, True)
        for match in _INLINE.finditer(line):
            yield Link(match[1] if match[1] is not None else match[2], number, False)
        if definition := _DEFINITION.match(line):
            yield Link(definition[1], number, False)
