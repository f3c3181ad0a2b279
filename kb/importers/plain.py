"""Plain text of bulletins made into Markdown: paragraphs, lists, statements and console output as code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_BULLET = re.compile(r"\s*[*•·-]\s+(?=\S)")
_NUMBERED = re.compile(r"\s{0,8}(\d{1,2})[.)]\s+(?=\S)")
_RANGE_LINE = re.compile(r"(?:all|\d+\.\d+\S*)\s(?:.*\s)?(?:versions?|before|prior|earlier|from)\b.*[;,.]?$", re.IGNORECASE)
_STATEMENT = re.compile(r"\[\s?(?:(?:edit|set)\s)?[a-z][^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]?;?[ \t]*;?")
_PROMPT = re.compile(r"(?:[\w.-]+@[\w.-]+\s?[>#%$]|>\s(?:show|request|clear|monitor)\s)\s*\S")
_OPEN_END = re.compile(r"(?:\bfrom|\bbefore|\bversions?|-EVO|\bto|\bbe|\d)\s*$|^\W*\d[\w.-]*\s*$")
_HANGING = re.compile(r"(?:\S+\s+){3,}(?:the|an?|in|of|to|and|be|for|with|by|on|via)\s*")
_CONTINUES = re.compile(r"(?:\d+\.\d+|versions?\b|before\b|prior\b|from\b|[a-z])")
_LEADING = re.compile(r"^[ \xa0]+")
_DOC_TAG = re.compile(r"</?(?:codeph|codeblock|cmdname|filepath|userinput|systemoutput)>", re.IGNORECASE)
_CODE_LINE = re.compile(r"^[ \xa0]*<codeph>([^<>\n]*)</codeph>[ \xa0]*$", re.MULTILINE | re.IGNORECASE)
_GLUED = re.compile(r"^([ \xa0]*\[[^\[\]\n]+\])(?=[A-Z][a-z]+ [a-z])", re.MULTILINE)
_COMMAND = re.compile(r"(?:set|delete|deactivate|request|show|clear)(?: [\w./<>-]+){2,}")
_ADDRESS = re.compile(r"https?://[^\s<>\"'“”]+[^\s<>\"'“”.,;:!?)\]]")
_INLINE_STATEMENT = re.compile(r"\[\s?[a-z][a-z-]*(?:[ ][\w<>.|/*{}()-]+)*\s?\]")
_SPECIAL = re.compile(r"([\\`*\[\]<>~|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)|!(?=\[))")
_LINE_START = re.compile(r"(\s*)([#+-]|=+$|\d{1,9}(?=[.)](?:\s|$)))")


class _Block(msgspec.Struct):
    """Lines of one kind: ``text``, ``bullet``, ``number`` or ``code``."""

    kind: str
    lines: list[str]


def markdown_from_plain(text: str) -> str:
    """Markdown that shows the text as it was meant; every sign that Markdown would read otherwise is escaped."""
    blocks = list(_merged(_blocks(_mended(text))))
    parts: list[str] = []
    previous = ""
    for block in blocks:
        glue = "\n" if block.kind == previous and block.kind in {"bullet", "number"} else "\n\n"
        parts.append((glue if parts else "") + _render(block))
        previous = block.kind
    return "".join(parts)


def _render(block: _Block) -> str:
    if block.kind == "code":
        return code_block("\n".join(block.lines))
    if block.kind == "bullet":
        return "- " + escape(block.lines[0])
    if block.kind == "number":
        number, words = block.lines[0].split(" ", 1)
        return f"{number}. {escape(words)}"
    return "\\\n".join(escape(line) for line in block.lines)


def code_block(text: str) -> str:
    """A fenced block, indented no more than needed."""
    lines = text.strip("\n").split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return "\n".join([fence, *(line[margin:].rstrip() for line in lines), fence])


def escape(line: str) -> str:
    """One line of prose; addresses become links, statements in brackets become code."""
    line = " ".join(_DOC_TAG.sub("", line).split(" ")).strip()
    line = re.sub(r"[ \t]+", " ", line)
    parts: list[str] = []
    at = 0
    for match in re.finditer(f"{_ADDRESS.pattern}|{_INLINE_STATEMENT.pattern}", line):
        parts += [_SPECIAL.sub(r"\\\1", line[at:match.start()]), _verbatim(match[0])]
        at = match.end()
        parts += [" "] * line[at:at + 1].isalnum()
    escaped = "".join(parts) + _SPECIAL.sub(r"\\\1", line[at:])
    escaped = escaped.replace("](", "]\\(")
    return _LINE_START.sub(_escape_start, escaped, count=1) if _LINE_START.match(escaped) else escaped


def _verbatim(text: str) -> str:
    return f"<{text}>" if text.startswith("http") else f"`{text}`"


def _escape_start(match: re.Match[str]) -> str:
    """A sign at the beginning of a line that would make it a heading or a list."""
    return f"{match[1]}{match[2]}\\" if match[2].isdigit() else f"{match[1]}\\{match[2]}"


def _mended(text: str) -> list[str]:
    """The lines, with list items and bracketed statements that blank lines tore apart put together again."""
    text = _GLUED.sub(r"\1\n\n", _CODE_LINE.sub(r"  \1", text.expandtabs(4)))
    lines = [_LEADING.sub(lambda match: " " * len(match[0]), _DOC_TAG.sub("", line)).rstrip()
             for line in text.split("\n")]
    mended: list[str] = []
    for line in lines:
        last = next((number for number in range(len(mended) - 1, -1, -1) if mended[number].strip()), -1)
        if line.strip() and last >= 0 and _is_torn(mended[last], line):
            del mended[last + 1:]
            mended[last] += " " + line.strip()
        else:
            mended.append(line)
    return mended


def _is_torn(before: str, line: str) -> bool:
    """Whether a line continues the item or statement before it."""
    if _BULLET.match(line) or _NUMBERED.match(line) or _PROMPT.match(line.strip()):
        return False
    words, item = line.strip(), bool(_BULLET.match(before))
    if before.lstrip().startswith("[") and before.count("[") > before.count("]"):
        return len(before) < 300
    if _STATEMENT.fullmatch(words) or before.rstrip().endswith((",", ";", ".", ":")):
        return False
    return bool(_HANGING.fullmatch(before)) or (item and bool(_OPEN_END.search(before) and _CONTINUES.match(words)))


def _blocks(lines: list[str]) -> Iterator[_Block]:
    """Blocks as they come; a blank line ends one."""
    paragraph: list[str] = []
    output = False
    for line in [*lines, ""]:
        words = line.strip()
        kind = _kind(line, output)
        output = kind == "code" and bool(words) and (output or (bool(_PROMPT.match(words)) and not line.startswith("  ")))
        if kind == "text" and words:
            paragraph.append(words)
            continue
        if paragraph:
            yield from _paragraph(paragraph)
            paragraph = []
        if kind == "code":
            yield _Block("code", [line])
        elif kind == "bullet":
            yield _Block("bullet", [_BULLET.sub("", line, count=1).strip()])
        elif kind == "number":
            match = _NUMBERED.match(line)
            assert match
            yield _Block("number", [f"{match[1]} {line[match.end():].strip()}"])
        else:
            yield _Block("blank", [""])


def _kind(line: str, output: bool) -> str:
    words = line.strip()
    if not words:
        return "text"
    if output or _PROMPT.match(words) or _STATEMENT.fullmatch(words) or _COMMAND.fullmatch(words):
        return "code"
    if _BULLET.match(line):
        return "bullet"
    if _NUMBERED.match(line):
        return "number"
    return "code" if line.startswith("  ") and not _RANGE_LINE.match(words) and not _is_sentence(words) else "text"


def _is_sentence(words: str) -> bool:
    """Whether an indented line is prose after all."""
    return words[:1].isupper() and words.endswith((".", ":")) and words.count(" ") >= 4


def _paragraph(lines: list[str]) -> Iterator[_Block]:
    """A paragraph; its lines that each name a range of releases become a list."""
    text: list[str] = []
    ranges = sum(bool(_RANGE_LINE.match(line)) for line in lines)
    for line in lines:
        if ranges > 1 and _RANGE_LINE.match(line):
            if text:
                yield _Block("text", text)
                text = []
            yield _Block("bullet", [line])
        else:
            text.append(line)
    if text:
        yield _Block("text", text)


def _merged(blocks: Iterator[_Block]) -> Iterator[_Block]:
    """Code lines joined to blocks, also over single blank lines; blanks dropped."""
    code: list[str] = []
    blanks = 0
    for block in blocks:
        if block.kind == "code":
            code += [""] * min(blanks, 1) * bool(code) + block.lines
            blanks = 0
        elif block.kind == "blank":
            blanks += 1
        else:
            if code:
                yield _Block("code", code)
                code = []
            blanks = 0
            yield block
    if code:
        yield _Block("code", code)
