"""What devices print about themselves, read by templates of lines that products.yml gives: ``ExOS: {release}``.

A template is words, of which any may hold one placeholder: ``{name}``, ``{platform}``, ``{release}``, ``{serial}``, or ``{any}``
for what is not read. Its words must be those that a line begins with, in any case; a placeholder stands for at least one
character of its word. ``theme/assets/inventory-text.js`` reads alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from kb.fields import Wrong
from kb.findings import nearest

FIELDS = ("name", "platform", "release", "serial")
ANY = "any"
MOST_LETTERS = 200  # of a template

BLANK = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space and control characters, as a regular expression has them within brackets."""

BLANKS = re.compile(f"[{BLANK}]+")
LINES = re.compile(r"\r\n|\r|\n")
_WORD = re.compile(r"([^{}]*)(?:\{([a-z]*)\}([^{}]*))?", re.ASCII)
_PROMPT = re.compile(r"[^@]+@([^@:>#%$]+)")
_PROMPT_ENDS = (">", "#", "%", "$")
_ASKED = "version"  # in the command that a prompt is followed by

Template = tuple[tuple[str, str, str], ...]
"""(beginning, placeholder, end) of each word, lower case."""


class Printed(msgspec.Struct):
    """What one device printed: the line where that begins, its name in the prompt, and its values by product and field."""

    line: int
    name: str = ""
    values: dict[str, dict[str, str]] = {}


def parse_template(text: str) -> str:
    """A template as it is written; raises Wrong."""
    words = text.split()
    if len(text) > MOST_LETTERS or not text.isascii() or not text.isprintable():
        raise Wrong("is no line of a device", f"write at most {MOST_LETTERS} ASCII characters")
    found: list[str] = []
    for word in words:
        match = _WORD.fullmatch(word)
        if not match:
            raise Wrong("has a word with stray braces or two placeholders", "write one placeholder a word, such as {release}")
        name = match[2]
        if name is not None and name not in (*FIELDS, ANY):
            guess = nearest(name, FIELDS)
            raise Wrong(f"has an unknown placeholder {{{name}}}",
                        f"did you mean {{{guess}}}?" if guess else "use {name}, {platform}, {release}, {serial} or {any}")
        found += [name] if name in FIELDS else []
    if not found:
        raise Wrong("has no placeholder", "put {name}, {platform}, {release} or {serial} where the value stands")
    if len(set(found)) != len(found):
        raise Wrong("has a placeholder twice", "use {any} for words that are not read")
    if not any(letter.isalnum() for word in words for letter in _around(word)):
        raise Wrong("has no words of its own, so every line would do", "add the words that stand around the value")
    return " ".join(words)


def _around(word: str) -> str:
    return re.sub(r"\{.*\}", "", word)


def template_of(text: str) -> Template:
    """A template that ``parse_template`` lets through, ready for matching. Others may come from a portal: one that is none
    matches nothing."""
    words = [_WORD.fullmatch(word) for word in BLANKS.split(text.lower().strip(" "))]
    return tuple((match[1], match[2] or "", match[3] or "") for match in words if match) if all(words) else (("\n", "", ""),)


def printed(lines: Iterable[str], templates: Mapping[str, Sequence[Template]]) -> Iterator[Printed]:
    """The devices whose output a text holds. ``templates`` are those of products. A device begins at a prompt with a command that
    names the version, where a product's first template matches, and where a value comes again."""
    by_word: dict[str, list[tuple[str, int, Template]]] = {}
    for product, own in templates.items():
        for place, template in enumerate(own):
            by_word.setdefault("" if template[0][1] else template[0][0], []).append((product, place, template))
    device: Printed | None = None
    for line, text in enumerate(lines, 1):
        words = BLANKS.sub(" ", text).strip(" ").split(" ")
        if not words[0]:
            continue
        prompt = _PROMPT.match(words[0]) if words[0].endswith(_PROMPT_ENDS) else None
        if prompt and _ASKED in (word.lower() for word in words[1:]):
            if device:
                yield device
            device = Printed(line, prompt[1])
            continue
        found = _values(words, (*by_word.get(words[0].lower(), ()), *by_word.get("", ())))
        if device and any(own and (is_first or own.keys() & values.keys())
                          for product, (is_first, values) in found.items() for own in [device.values.get(product)]):
            yield device
            device = None
        for product, (_is_first, values) in found.items():
            device = device or Printed(line)
            device.values.setdefault(product, {}).update(values)
    if device:
        yield device


def _values(words: Sequence[str], templates: Iterable[tuple[str, int, Template]]) -> dict[str, tuple[bool, dict[str, str]]]:
    """The values in a line by product, as its first template that matches has them; and whether that is the first of all."""
    found: dict[str, tuple[bool, dict[str, str]]] = {}
    for product, place, template in templates:
        values = None if product in found else _matched(template, words)
        if values is not None:
            found[product] = place == 0, values
    return found


def _matched(template: Template, words: Sequence[str]) -> dict[str, str] | None:
    """The values by field, where a line of these words is the template's."""
    if len(words) < len(template):
        return None
    found: dict[str, str] = {}
    for (start, name, end), word in zip(template, words, strict=False):
        if not name:
            if word.lower() != start:
                return None
            continue
        rest = len(word) - len(end)
        if rest <= len(start) or word[:len(start)].lower() != start or word[rest:].lower() != end:
            return None
        if name != ANY:
            found[name] = word[len(start):rest]
    return found
