"""Keeps the catalogues in ``theme/locale`` in step with the texts in code and templates: ``python -m generator.messages``."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from kb.verdicts import REASONS

_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "say": None, "gettext": None, "text": None, "ngettext": (1, 2), "plural": (1, 2),
}

_UNSTABLE = ('"POT-Creation', '"PO-Revision', '"Last-Translator', '"Generated-By', '"Language-Team', '"Report-Msgid')
Message = str | tuple[str, ...]


def used_messages() -> Iterator[Message]:
    """Every text that needs a translation: English, or (singular, plural)."""
    yield from REASONS
    package = Path(str(files("generator")))
    for path in sorted(package.rglob("*.py")):
        yield from _extracted("python", path)
    for path in sorted(Path(str(files("theme").joinpath("templates"))).rglob("*.html")):
        yield from _extracted("jinja2.ext:babel_extract", path)


def _extracted(method: str, path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        for _line, message, _comments, _context in extract(method, file, _KEYWORDS, options={"silent": "false"}):
            yield message if isinstance(message, str) else tuple(message)


def update(language: str) -> tuple[int, int]:
    """Rewrites a language's catalogue with the messages in use, keeping their translations: (messages, untranslated)."""
    path = Path(str(files("theme").joinpath("locale", language, "waypost.po")))
    before = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.is_file() else Catalog(locale=language)
    after = Catalog(locale=language, project="Waypost", fuzzy=False, header_comment=f"# Waypost: {language}")
    for message in sorted(set(used_messages()), key=lambda item: item if isinstance(item, str) else item[0]):
        kept = before.get(message if isinstance(message, str) else message[0])
        after.add(message, kept.string if kept else None)
    buffer = io.BytesIO()
    write_po(buffer, after, width=120, omit_header=False, sort_output=True)
    text = "\n".join(line for line in buffer.getvalue().decode().split("\n")
                     if not line.startswith(_UNSTABLE))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return len(after), sum(not _translated(item.string) for item in after if item.id)


def _translated(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    for folder in files("theme").joinpath("locale").iterdir():
        used, untranslated = update(folder.name)
        print(f"{folder.name}: {used} messages, {untranslated} untranslated")
