"""The prose index: Pagefind over the pages that hold text, in segments of which only those with a changed page are made anew.

``pagefind/<language>-<kind>/`` holds the pages of one kind, ``pagefind/<language>-<kind>-<bits>/`` a share of them where they are
many. The browser (theme/assets/prose.js) finds them in ``pagefind/segments.json``: ``{language: [[name, tag, pages]]}``.
The first of each language is a bundle of its own, the others are merged into it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
from pagefind_bin import get_executable

from generator.buckets import buckets
from generator.output import FileState, Tree

MOST = 1000  # pages a segment; fewer are indexed faster after a change, but each one more is asked in every search
_CHUNK = "1000"  # word positions a file of the index, a twentieth of the default, for a search loads one a word and segment

_TAGGED = "2"  # changes with what is handed to Pagefind besides the page, and with what is made of its files

# Pages do not let WebAssembly in, only the worker may run it. One that starts slowly, over a slow line, is waited for.
_PATIENCE = (b'"Worker initialization timeout")),5e3)', b'"Worker initialization timeout")),6e4)')

_OF = " of "  # a file's key in the tree is its segment's and the number of the segment's files

_INDEX = re.compile(r"pagefind-entry\.json|.*\.pf_meta|(index|fragment)/.*")
_HTML = re.compile(rb"<html\b[^<>]*>")


class ProseIndexError(Exception):
    """Pagefind failed; the message is its own."""


class ProsePage(NamedTuple):
    """A page of text: its file, the language of its interface, the hash of its bytes, the kind of its record or ``guide``."""

    path: str
    language: str
    digest: str
    kind: str


class Segment(NamedTuple):
    """Pages indexed together. ``key`` identifies the files made of them; ``engine`` names programs of Pagefind among these."""

    name: str
    language: str
    key: str
    pages: tuple[str, ...]
    engine: tuple[str, ...]

    @property
    def tag(self) -> str:
        """Its language tag with a private part (BCP 47), with which Pagefind begins the ids of its pages in results."""
        _, kind, *bits = self.name.removeprefix(self.language).split("-")
        return f"{self.language}-x-{kind}" + "".join(f"-{int(f'1{one}', 2):x}" for one in bits)


def segments(pages: Iterable[ProsePage]) -> list[Segment]:
    """The pages in segments by language and kind, the first of each language before its others."""
    sections: dict[tuple[str, str], dict[str, ProsePage]] = {}
    for page in pages:
        sections.setdefault((page.language, page.kind), {})[page.path] = page
    found: list[Segment] = []
    for (language, kind), known in sorted(sections.items()):
        for bits, paths in buckets(known, lambda group: len(group) <= MOST).items():
            name = f"{language}-{kind}-{bits}" if bits else f"{language}-{kind}"
            first = not found or found[-1].language != language
            engine = () if not first else ("worker",) if found else ("worker", "library")
            found.append(Segment(name, language, _key(name, engine, [known[path] for path in paths]), tuple(paths), engine))
    return found


def _key(name: str, engine: Sequence[str], pages: Iterable[ProsePage]) -> str:
    start = (importlib.metadata.version("pagefind-bin"), _CHUNK, _TAGGED, name, *engine)
    digest = hashlib.blake2b("\0".join(start).encode(), digest_size=16)
    for page in pages:
        digest.update(f"\0{page.path}\0{page.digest}".encode())
    return f"prose-{digest.hexdigest()}"


class ProseIndex:
    """The index in the making: segments that no tree has among the files that are ``held`` are begun in the background;
    ``put_into`` ends with all of them.

    Each segment is one run of Pagefind, ``jobs`` at most at a time. ``where`` tells where the bytes of a page can be read.
    """

    def __init__(self, pages: Iterable[ProsePage], where: Callable[[str], Path],
                 held: Iterable[Mapping[str, FileState]], jobs: int) -> None:
        self._segments, self._where = segments(pages), where
        self._kept = {key: files for one in held for key, files in _complete(one).items()}
        self._pool = ThreadPoolExecutor(max(1, jobs), "prose")
        self._under_way: dict[str, Future[dict[str, bytes]]] = {}
        for segment in self._segments:
            if segment.key not in self._kept:
                self._result(segment)

    def _result(self, segment: Segment) -> Future[dict[str, bytes]]:
        if segment.key not in self._under_way:
            self._under_way[segment.key] = self._pool.submit(_indexed, segment, self._where)
        return self._under_way[segment.key]

    def put_into(self, tree: Tree) -> None:
        """Waits for the segments and adds their files to the tree; raises ProseIndexError."""
        for segment in self._segments:
            if not self._keep(tree, segment):
                files = self._result(segment).result()
                for path, data in files.items():
                    if not tree.has(path):
                        tree.put(path, data, f"{segment.key}{_OF}{len(files)}")
        names: dict[str, list[tuple[str, str, int]]] = {}
        for segment in self._segments:
            names.setdefault(segment.language, []).append((segment.name, segment.tag, len(segment.pages)))
        tree.put("pagefind/segments.json", msgspec.json.encode(names))

    def _keep(self, tree: Tree, segment: Segment) -> bool:
        kept = self._kept.get(segment.key, {})
        return bool(kept) and sum(tree.keep(path, key) for path, key in kept.items()) == len(kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)


def _complete(live: Mapping[str, FileState]) -> dict[str, dict[str, str]]:
    """{segment's key: {path: file's key}} of the segments of which the live tree has all files."""
    found: dict[str, dict[str, str]] = {}
    for path, state in live.items():
        if path.startswith("pagefind/"):
            found.setdefault(state.key.partition(_OF)[0], {})[path] = state.key
    return {key: files for key, files in found.items() if set(files.values()) == {f"{key}{_OF}{len(files)}"}}


def _indexed(segment: Segment, where: Callable[[str], Path]) -> dict[str, bytes]:
    """The files of a segment by their path in the tree."""
    with tempfile.TemporaryDirectory(prefix="waypost-") as name:
        source, target = Path(name) / "pages", Path(name) / "index"
        for path in segment.pages:
            file = source / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_text_of(where(path).read_bytes(), segment.tag))
        _run(source, target)
        return dict(_collect(target, segment))


def _text_of(page: bytes, tag: str) -> bytes:
    """What Pagefind reads of a page; header, navigation and footer would cost a quarter of its time to be passed over."""
    html, mark = _HTML.search(page), page.find(b" data-pagefind-body")
    start = page.rfind(b"<", 0, mark)
    element = re.match(rb"<(\w+)[^<>]*$", page[start:mark]) if html and mark > 0 else None
    if not html or not element:
        return page
    end = b"</%b>" % element[1]
    return b'<!doctype html><html lang="%b"><body>%b%b</body></html>' % (tag.encode(), page[start : page.rfind(end)], end)


def _run(source: Path, target: Path) -> None:
    command = [str(get_executable()), "--site", str(source), "--output-path", str(target), "--silent"]
    environment = os.environ | {"PAGEFIND_UNSTABLE_INDEX_CHUNK_SIZE": _CHUNK}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise ProseIndexError((done.stderr or done.stdout).strip()[-400:])


def _collect(folder: Path, segment: Segment) -> Iterator[tuple[str, bytes]]:
    entry = json.loads((folder / "pagefind-entry.json").read_bytes())
    engine = {"pagefind-worker.js", *(f"wasm.{found['wasm'] or 'unknown'}.pagefind" for found in entry["languages"].values())}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        path = file.relative_to(folder).as_posix()
        if path == "pagefind.js" and "library" in segment.engine:
            yield "pagefind/pagefind.js", file.read_bytes().replace(*_PATIENCE)
        elif _INDEX.fullmatch(path) or ("worker" in segment.engine and path in engine):
            data = file.read_bytes()
            yield f"pagefind/{segment.name}/{path}", _ordered(entry) if path == "pagefind-entry.json" else data


def _ordered(entry: dict[str, Any]) -> bytes:
    """Pagefind lists languages in random order."""
    entry["languages"] = dict(sorted(entry["languages"].items()))
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
