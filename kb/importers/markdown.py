"""Other people's Markdown made into ours: their dialects translated, tags that would vanish shown as text."""

from __future__ import annotations

import re

from kb.importers.links import map_prose
from kb.text import lines_outside_code

_KEPT_TAGS = ("b|strong|i|em|u|s|del|ins|sub|sup|br|hr|p|div|span|code|pre|kbd|blockquote|ul|ol|li|dl|dt|dd|table|thead|tbody"
              "|tfoot|tr|td|th|caption|colgroup|col|details|summary")
_TAG = re.compile(rf"</?(?:{_KEPT_TAGS})(?:\s[^<>]*)?/?>|<(?:https?://|mailto:)[^\s<>]+>", re.IGNORECASE)
_OPENING = re.compile(r"(?<!\\)<(?=[A-Za-z/!?])")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ANCHOR = re.compile(r"<a\s[^<>]*?href\s*=\s*([\"'])([^\"'<>]*)\1[^<>]*>([^<>]*)</a>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\s([^<>]*?)/?>", re.IGNORECASE)
_VIDEO = re.compile(r"<(video|iframe)\b[^<>]*>(?:(?!</\1>).)*?</\1>|<iframe\b[^<>]*>", re.IGNORECASE | re.DOTALL)
_SOURCE = re.compile(r"\bsrc\s*=\s*[\"']?([^\"'\s<>]+)", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*([\"'])([^\"'<>]*)\1", re.IGNORECASE)
_BOLD = re.compile(r"<(b|strong)>([^<>*\n]*)</\1>", re.IGNORECASE)
_ADMONITION = re.compile(r"^([ \t]*)>[ \t]*\[!([A-Za-z]+)\](.*)$", re.MULTILINE)
_VARIABLE = re.compile(r"\[!(?:DNL|UICONTROL|BADGE|PRERELEASE)\s+([^\[\]\n]+?)\s*\]")
_HEADING_ID = re.compile(r"^( {0,3}#{1,6}[^\n]*?)[ \t]*\{[#.:][^{}\n]*\}[ \t]*$", re.MULTILINE)
_EMPTY_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]*#*[ \t]*$", re.MULTILINE)
_SIGN_AS_CODE = re.compile(r"(?<!`)`(?:([\[<{])`(?!`) ?|([\]>}])`(?!`))")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")


def tidy_markdown(text: str) -> str:
    """CommonMark that shows what the author meant: no comments, no dialect, no tag that a sanitiser would swallow."""
    text = _unquoted_signs(text)
    return squeeze(map_prose(text, _tidy_prose))


def squeeze(text: str) -> str:
    """The text without spaces at line ends (two of them stay, as a line break) and with single blank lines outside code."""
    lines: list[str] = []
    blank = True
    for _, line, plain in lines_outside_code(text.strip("\n")):
        if plain:
            line = line.rstrip() + ("  " if line.endswith("  ") and line.strip() else "")
            if not line and blank:
                continue
        blank = not line and plain
        lines.append(line)
    return re.sub(r"  \n(?=\n|$)", "\n", "\n".join(lines).rstrip() + "\n").strip("\n")


def _unquoted_signs(text: str) -> str:
    """Single brackets in code marks, which some exporters write for an escape, as escaped signs."""
    return "\n".join(_SIGN_AS_CODE.sub(r"\\\1\2", line) if plain and "`" in line else line
                     for _, line, plain in lines_outside_code(text))


def _tidy_prose(text: str) -> str:
    text = _COMMENT.sub("", text)
    text = _VARIABLE.sub(r"\1", _ADMONITION.sub(_admonition, text))
    text = _EMPTY_HEADING.sub("", _HEADING_ID.sub(r"\1", text))
    text = _IMAGE.sub(_image, _VIDEO.sub(_video, _ANCHOR.sub(r"[\3](\2)", text)))
    return _escape_tags(_BOLD.sub(_bold, text))


def _admonition(match: re.Match[str]) -> str:
    kind, rest = match[2].upper(), match[3].strip()
    if kind == "VIDEO":
        return f"{match[1]}[Video]{rest}" if rest.startswith("(") else match[1] + rest
    if kind in {"BEGINSHADEBOX", "ENDSHADEBOX", "TABS", "CONTEXTUALHELP"}:
        return match[1]
    label = "See also" if kind == "MORELIKETHIS" else kind.capitalize()
    return f"{match[1]}> **{label}**" + (f" {rest}" if rest else "")


def _image(match: re.Match[str]) -> str:
    source, words = _SOURCE.search(match[1]), _ALT.search(match[1])
    return f"![{words[2] if words else ''}]({source[1]})" if source else ""


def _video(match: re.Match[str]) -> str:
    source = _SOURCE.search(match[0])
    return f"[Video]({source[1]})" if source else ""


def _bold(match: re.Match[str]) -> str:
    """Bold in stars where CommonMark would read them so, with the spaces outside; a lone space instead of empty bold."""
    words = match[2].strip()
    if not words:
        return " " if match[2] else ""
    before, after = match.string[: match.start()][-1:], match.string[match.end():][:1]
    start, end = match[2][: match[2].index(words[0])], match[2][len(match[2].rstrip()):]
    opens = bool(start) or not before or before.isspace() or (words[0].isalnum() and not before.isalnum() and before != "*")
    closes = bool(end) or not after or after.isspace() or (words[-1].isalnum() and not after.isalnum() and after != "*")
    return f"{start}**{words}**{end}" if opens and closes and "\\" not in words else match[0]


def _escape_tags(text: str) -> str:
    """Tags of no meaning here, such as ``<hostname>``, as text. Indented code is code already."""
    lines: list[str] = []
    blank, in_list, in_code = True, False, False
    for line in text.split("\n"):
        indented = line.startswith(("    ", "\t"))
        in_code = indented and not in_list and (blank or in_code)
        if line.strip():
            if _LIST_ITEM.match(line):
                in_list = True
            elif blank and not line.startswith((" ", "\t")):
                in_list = False
        blank = not line.strip()
        lines.append(line if in_code or "<" not in line else _escape_line(line))
    return "\n".join(lines)


def _escape_line(line: str) -> str:
    parts: list[str] = []
    at = 0
    for tag in _TAG.finditer(line):
        parts += [_OPENING.sub(r"\\<", line[at:tag.start()]), tag[0]]
        at = tag.end()
    return "".join(parts) + _OPENING.sub(r"\\<", line[at:])
