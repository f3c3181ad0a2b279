"""How often a message finds the record that quotes it: ``python -m tests.benchmarks.messages [FOLDER WITH KCS ARTICLES]``.

Every line of code of the example portal's records and of real articles is asked with its numbers, times, paths and addresses
altered; again after a syslog header of another host, and again without one of its words. Prints a table for the README.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from generator.i18n import ui_languages
from generator.scaffold import init_site
from kb.importers import run_import
from kb.library import Library, View
from kb.load import load
from kb.records import AnyRecord
from kb.resolve import resolve
from prsearch.memory import MemoryIndex
from prsearch.messages import asked, is_message

CONTENT = Path(__file__).resolve().parents[2] / "content"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "kcs-articles"
FIRST = 5
WORDS = 3  # of three letters or more: what has fewer is a bracket, a path or a number

_FENCED = re.compile(r"^ *(```+|~~~+)[^\n]*\n(.*?)^ *\1", re.DOTALL | re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_PATH = re.compile(r"(?<!\w)(?:[A-Za-z]:)?(?:[/\\][\w.~*$-]+){2,}")
_MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
_NUMBER = re.compile(r"[0-9]+")


class Line(NamedTuple):
    """A line that a record quotes."""

    record: str
    text: str


class Recall(NamedTuple):
    """Of so many lines, the shares that find their record first and among the first five, and that the search box takes for messages."""

    lines: int
    first: float
    among: float
    taken: float


def code_lines(record: AnyRecord) -> Iterator[str]:
    """Lines of fenced code that hold some words."""
    for text in record.texts:
        for section in text.sections:
            for block in _FENCED.finditer(section.markdown):
                yield from (line.strip() for line in block[2].split("\n") if len(_WORD.findall(line)) >= WORDS)


def altered(line: str, random: Random) -> str:
    """A line with other numbers, times, addresses and paths."""
    line = _PATH.sub(lambda _match: f"/opt/{random.choice('abcdefgh') * 3}/x{random.randrange(99)}", line)
    line = _MONTH.sub(lambda _match: random.choice(("Jan", "Mar", "Oct", "Dec")), line)
    return _NUMBER.sub(lambda match: "".join(random.choice("0123456789") for _ in match[0]), line)


def with_header(line: str, random: Random) -> str:
    return f"Nov {random.randrange(1, 29):2} 10:{random.randrange(60):02}:12 host{random.randrange(99)} {altered(line, random)}"


def _without_a_word(line: str, random: Random) -> str:
    words = altered(line, random).split()
    del words[random.randrange(len(words))]
    return " ".join(words)


WAYS: Mapping[str, Callable[[str, Random], str]] = {
    "altered": altered, "with a header": with_header, "without a word": _without_a_word}


def lines_of(library: Library) -> list[Line]:
    return list(dict.fromkeys(Line(record.id, line) for record in library.records.values() for line in code_lines(record)))


def holders_of(lines: Iterable[Line]) -> dict[str, set[str]]:
    """The records that quote a line, by what is left of it."""
    found: dict[str, set[str]] = {}
    for line in lines:
        found.setdefault(bare(line.text), set()).add(line.record)
    return found


def recall(library: Library, index: MemoryIndex, way: Callable[[str, Random], str], seed: int = 1) -> Recall:
    """How the lines of a library's records fare; a line that several records quote may find any of them."""
    random, lines = Random(seed), lines_of(library)
    holders = holders_of(lines)
    first = among = taken = 0
    for line in lines:
        query, wanted = way(line.text, random), holders[bare(line.text)]
        found = [index.record(ordinal).id for _score, ordinal in index.quoting(asked(query))[:FIRST]]
        first += bool(wanted & set(found[:1]))
        among += bool(wanted & set(found))
        taken += is_message(query)
    count = max(1, len(lines))
    return Recall(len(lines), first / count, among / count, taken / count)


def bare(line: str) -> str:
    return _NUMBER.sub("0", " ".join(line.split()))


def library_at(site: Path) -> Library:
    found, findings = resolve(load(site, ui_languages()), View(datetime(2026, 11, 22, tzinfo=UTC)))
    if found is None:
        raise SystemExit("\n".join(map(str, findings)))
    return found


def articles(source: Path, folder: Path) -> Library:
    """A portal of the articles in a folder."""
    init_site(folder)
    run_import("kcs", source, folder)
    return library_at(folder)


def libraries(source: Path) -> Iterator[tuple[str, Library]]:
    """What is measured by its title: the example portal, and the articles in a folder where it is there."""
    yield "example portal", library_at(CONTENT)
    if source.is_dir():
        with tempfile.TemporaryDirectory(prefix="waypost-bench-") as name:
            yield "KCS articles", articles(source, Path(name) / "site")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path, nargs="?", default=SHARED)
    given = parser.parse_args()
    print("| messages | lines | recall@1 | recall@5 | taken for messages |\n| --- | --- | --- | --- | --- |")
    for title, library in libraries(given.articles):
        index = MemoryIndex(library)
        for way, change in WAYS.items():
            found = recall(library, index, change)
            print(f"| {title}, {way} | {found.lines:,} | {found.first:.3f} | {found.among:.3f} | {found.taken:.3f} |", flush=True)


if __name__ == "__main__":
    main()
