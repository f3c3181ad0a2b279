"""Texts of records: known sections, splitting Markdown at its headings, the links that it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import unescape

import comrak
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

# Fenced code may stand in quotations and lists. What follows three backticks holds none, else it is a code span.
_FENCE = re.compile(r"((?:[ \t]*(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t])))*[ \t]*)(`{3,}(?=[^`]*\Z)|~{3,})")
_FENCE_END = re.compile(r"((?:[ \t]*>)*)([ \t]*)(`{3,}|~{3,})[ \t]*")
_ITEM = re.compile(r"[ \t]*(?:[-+*]|[0-9]{1,9}[.)])[ \t]")
_HEADING_ID = re.compile(r"\{#[\w.-]+\}\Z")


@cache
def _keys() -> dict[str, str]:
    return {heading.casefold(): key for key, names in HEADINGS.items() for heading in names.values()}


def heading_key(title: str) -> str:
    """Key of a known section's heading in any language, else an empty string."""
    return _keys().get(title.strip().rstrip(":").casefold(), "")


class _Fence(msgspec.Struct, frozen=True):
    """An open code fence: its marks, whether it stands in a quotation, and the column of the list item that holds it, else 0."""

    marks: str
    quoted: bool
    item: int

    def ends_before(self, line: str) -> bool:
        """Whether the quotation or list item around it has ended with the line above."""
        if self.quoted:
            return not line.lstrip(" \t").startswith(">")
        return line.strip(" \t") != "" and _column(line) < self.item

    def ends_with(self, line: str) -> bool:
        match = _FENCE_END.fullmatch(line)
        return (match is not None and match[3].startswith(self.marks) and bool(match[1]) == self.quoted
                and (self.quoted or len(match[2].expandtabs(4)) <= self.item + 3))


class _Line(msgspec.Struct, frozen=True):
    """A line of Markdown: whether it is outside fenced code, and the column of the outermost list item around it, else 0."""

    text: str
    plain: bool
    item: int


def _column(line: str) -> int:
    """Columns of white space before the first word."""
    return len((line[:-len(rest)] if (rest := line.lstrip(" \t")) else line).expandtabs(4))


def _lines(markdown: str) -> Iterator[_Line]:
    fence: _Fence | None = None
    item, prose = 0, False
    for line in markdown.split("\n"):
        if fence and fence.ends_before(line):
            fence = None
        if fence:
            yield _Line(line, False, item)
            if fence.ends_with(line):
                fence = None
            continue
        words = line.strip(" \t")
        if words and _column(line) < (item or 1):
            start = _ITEM.match(line)
            if start:
                item = len(start[0].expandtabs(4))
            elif not prose or words[0] in "#>" or _opening(line, 0):  # else the paragraph above goes on, and its item with it
                item = 0
        fence = _opening(line, item)
        prose = fence is None and words != "" and words[0] != "#"
        yield _Line(line, fence is None, item)


def _opening(line: str, item: int) -> _Fence | None:
    """The fence that a line opens, if it does; four columns of indentation make plain code of it."""
    match = _FENCE.match(line) if "```" in line or "~~~" in line else None
    if not match or (not match[1].strip(" \t") and not item and len(match[1].expandtabs(4)) > 3):
        return None
    return _Fence(match[2], ">" in match[1], item)


def lines_outside_code(markdown: str) -> Iterator[tuple[int, str, bool]]:
    """Yields (line number from 0, line, whether it is outside fenced code)."""
    for number, line in enumerate(_lines(markdown)):
        yield number, line.text, line.plain


# Fences within something and indented headings, for which the lines around them have to be known.
_INSET = (" ```", "\t```", ">```", " ~~~", "\t~~~", ">~~~", "\n ##", "\n  ##", "\n   ##")


def split_sections(markdown: str, first_line: int) -> tuple[Section, ...]:
    """The text cut at its second-level headings; what comes before the first is a section without title."""
    lines = markdown.split("\n")
    inset = markdown.startswith(" ") or any(mark in markdown for mark in _INSET)
    headings = [*(_headings(markdown) if inset else _headings_at_margin(lines)), (len(lines), "")]
    sections: list[Section] = []
    title, start = "", 0
    for number, heading in headings:
        text = "\n".join(lines[start:number])
        words = text.lstrip("\n")
        if title or (words and not words.isspace()):
            line = first_line + start + len(text) - len(words)
            sections.append(Section(heading_key(title), title, words.rstrip("\n"), line))
        title, start = heading, number + 1
    return tuple(sections)


def _headings(markdown: str) -> Iterator[tuple[int, str]]:
    """The second-level headings outside code and lists: (line from 0, words)."""
    for number, line in enumerate(_lines(markdown)):
        if line.plain and (not line.item or _column(line.text) < line.item):
            heading = _heading(line.text)
            if heading is not None:
                yield number, heading


def _headings_at_margin(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The same where all of them and all fences stand at the left margin: no list or quotation holds any."""
    fence: _Fence | None = None
    for number, line in enumerate(lines):
        if not line.startswith(("##", "```", "~~~")):
            continue
        if fence:
            fence = None if fence.ends_with(line) else fence
        elif line.startswith("##"):
            heading = _heading(line)
            if heading is not None:
                yield number, heading
        else:
            fence = _opening(line, 0)


def _heading(line: str) -> str | None:
    """Words of a second-level heading, without marks at its end and an ``{#id}``; None where the line is none."""
    marked = line.lstrip(" ")
    if len(line) - len(marked) > 3 or not marked.startswith(("## ", "##\t")):
        return None
    title = marked[2:].strip(" \t")
    bare = title.rstrip("#")
    if not bare or bare[-1] in " \t":  # the marks at the end
        title = bare.rstrip(" \t")
    match = _HEADING_ID.search(title)
    return (title[:match.start()] if match else title).strip()


class Link(msgspec.Struct, frozen=True):
    """A link or picture in Markdown: its target as it stands in HTML (spaces and the like as ``%20``), the line from 0, and
    whether it is written ``[[...]]``."""

    target: str
    line: int
    wiki: bool


_RAW = re.compile("<(?:a|img)", re.IGNORECASE)
_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]*)\b([^<>]*)>")
_LINK = re.compile(r"<(a|img)\b([^<>]*)>", re.IGNORECASE)
_POSITION = re.compile(r'\bdata-sourcepos="([0-9]{1,9}):')
_ADDRESS = re.compile(r"""(?<![\w-])(href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ADDRESSES = ("://", "www.", "@")
_MARGIN = " \t>*+.):~-0123456789"  # what may stand before the text in quotations and lists
_NEAR = 200  # lines that are searched for a link in raw HTML, which comes without its position


@cache
def extensions(wiki_links: bool) -> comrak.ExtensionOptions:
    """What our Markdown has beyond CommonMark; pages must have the links that are checked here, so they use the same.

    Looking for ``[[...]]`` costs a quarter of the time, also where there is none.
    """
    options = comrak.ExtensionOptions()
    options.table = options.strikethrough = options.autolink = options.footnotes = True
    options.tasklist = options.description_lists = True
    options.wikilinks_title_after_pipe = wiki_links
    return options


def to_html(markdown: str, positions: bool = False) -> str:
    """HTML as CommonMark with our extensions has it, not yet safe to show; on request each element with its lines."""
    rendering = comrak.RenderOptions()
    rendering.unsafe_, rendering.sourcepos = True, positions
    return str(comrak.render_markdown(markdown, extension_options=extensions("[[" in markdown), render_options=rendering))


def _may_define(markdown: str) -> bool:
    """Whether ``[name]: address`` may begin on a line, in quotations and lists too, or an address may be a link by itself; logs
    are full of ``rpd[1500]: restarted``, which is neither."""
    return (any(address in markdown for address in _ADDRESSES)
            or any(line.lstrip(_MARGIN).startswith("[") for line in markdown.splitlines()))


def links(markdown: str) -> Iterator[Link]:
    """Links and pictures of a text as a page has them: outside code, also in raw HTML, in reading order."""
    if not ("](" in markdown or "[[" in markdown or ("]:" in markdown and _may_define(markdown))
            or ("<" in markdown and _RAW.search(markdown))):
        return
    lines, line = markdown.split("\n"), 0
    html = to_html(markdown, positions=True)
    tags = _LINK.findall(html)
    if not all(_POSITION.search(attributes) for _name, attributes in tags):  # raw HTML, whose place the tags before it tell
        tags = _TAG.findall(html)
    for name, attributes in tags:
        position = _POSITION.search(attributes)
        if position:
            line = min(int(position[1]), len(lines)) - 1
        target = _address(name, attributes)
        if target is not None:
            if not position:
                line = next((at for at in range(line, min(line + _NEAR, len(lines))) if target in lines[at]), line)
            yield Link(target, line, 'data-wikilink="true"' in attributes)


def _address(element: str, attributes: str) -> str | None:
    """Where a link or picture leads, as on pages: of attributes given twice the last counts. None for other elements."""
    wanted = {"a": "href", "img": "src"}.get(element.lower())
    if wanted is None:
        return None
    found = [double or single or bare for name, double, single, bare in _ADDRESS.findall(attributes) if name.lower() == wanted]
    return unescape(found[-1]) if found else None
