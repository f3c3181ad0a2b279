"""Writes an export for OpenSearch: parts that one bulk request can carry, and the index's settings beside them."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec

from generator.opensearch import bulk, index_settings
from generator.output_folder import OutputError
from generator.spare import exchange
from kb.atomic import atomic_file
from kb.library import Library

PART_BYTES = 50_000_000  # half of what a node takes at once (http.max_content_length)
PART_DOCUMENTS = 10_000
SETTINGS = "index.json"
_OURS = re.compile(r"index\.json|bulk-\d{5}\.ndjson")


class Written(msgspec.Struct, frozen=True):
    """An export: its documents, the files that hold them, their size in bytes."""

    documents: int
    files: tuple[Path, ...]
    bytes: int


def write_export(library: Library, out: Path, index: str) -> Written:
    """Writes everything that a library shows to ``out``: a folder of parts, or one file where the name ends in ``.ndjson``.

    The folder takes the place of an earlier export as a whole, so no part of that stays. Raises OutputError where ``out`` holds
    anything else.
    """
    settings = (json.dumps(index_settings(library.portal), ensure_ascii=False, indent=1) + "\n").encode()
    documents = bulk(library, index)
    return _write_file(out, settings, documents) if out.suffix == ".ndjson" else _write_folder(out, settings, documents)


def _write_file(out: Path, settings: bytes, documents: Iterable[bytes]) -> Written:
    if out.is_dir():
        raise OutputError(f"{out} is a folder; choose another --out")
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(out) as file:
        count, size = _write(file, documents)
    out.with_suffix(f".{SETTINGS}").write_bytes(settings)
    return Written(count, (out,), size)


def _write_folder(out: Path, settings: bytes, documents: Iterator[bytes]) -> Written:
    if out.exists() and not (out.is_dir() and all(_OURS.fullmatch(file.name) for file in out.iterdir())):
        raise OutputError(f"{out} holds files that no export made; name a new folder with --out")
    staging = out.with_name(f".{out.name}.staging-{os.getpid()}")
    try:
        staging.mkdir(parents=True)
        (staging / SETTINGS).write_bytes(settings)
        count, size, names = 0, 0, []
        for number, part in enumerate(_parts(documents), 1):
            names.append(f"bulk-{number:05}.ndjson")
            with (staging / names[-1]).open("wb") as file:
                added, length = _write(file, part)
            count, size = count + added, size + length
        exchange(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Written(count, tuple(out / name for name in names), size)


def _write(file: BinaryIO, documents: Iterable[bytes]) -> tuple[int, int]:
    """Writes documents one after the other; gives their number and their bytes."""
    count = size = 0
    for lines in documents:
        count, size = count + 1, size + file.write(lines)
    return count, size


def _parts(documents: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
    """The documents in parts that are read one after the other; each holds at least one, and none is held in memory."""
    ahead: list[bytes] = []

    def part(first: bytes) -> Iterator[bytes]:
        count, size = 1, len(first)
        yield first
        for lines in documents:
            count, size = count + 1, size + len(lines)
            if count > PART_DOCUMENTS or size > PART_BYTES:
                ahead.append(lines)
                return
            yield lines

    while (first := next(chain(ahead[:1], documents), None)) is not None:
        ahead.clear()
        yield part(first)
