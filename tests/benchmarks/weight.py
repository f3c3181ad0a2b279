"""What a reader's browser loads for a record page, packed as a server does it."""

from __future__ import annotations

import gzip
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lxml import html

from tests.benchmarks.edits import some

_PAGES = 200
_IMPORT = re.compile(r"""(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{][^"'();]*?from\s*)?["'](\./[^"']+)["']""")


class Weight(NamedTuple):
    """Bytes by gzip at level 6: of the median record page, of the styles and scripts that a record page loads with it."""

    page: int
    styles: int
    scripts: int


def weight(tree: Path, section: str, names: Sequence[str]) -> Weight:
    """The weight of the pages of records in a built tree; files that scripts import at their start count as loaded."""
    pages = [tree / section / name / "index.html" for name in some(list(names), min(_PAGES, len(names)))]
    document = html.document_fromstring(pages[0].read_text(encoding="utf-8"))
    styles = [element.get("href") for element in document.iterfind(".//link[@rel='stylesheet']")]
    scripts = [element.get("src") for element in document.iterfind(".//script[@src]")]
    return Weight(round(statistics.median(_packed(page) for page in pages)),
                  sum(map(_packed, {_file(tree, pages[0], link) for link in styles if link})),
                  sum(map(_packed, _imported([_file(tree, pages[0], link) for link in scripts if link]))))


def _imported(files: list[Path]) -> set[Path]:
    """Scripts and all that they import, at any depth; ``import()`` while running is not in it."""
    found = list(dict.fromkeys(files))
    for file in found:
        found += [target for link in _IMPORT.findall(file.read_text(encoding="utf-8"))
                  if (target := (file.parent / link).resolve()) not in found]
    return set(found)


def _file(tree: Path, page: Path, link: str) -> Path:
    return tree.resolve() / link.lstrip("/") if link.startswith("/") else (page.parent / link).resolve()


def _packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 6))
