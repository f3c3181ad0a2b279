"""The prose index: Pagefind over the pages that hold text, kept as long as none of them changes."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from pagefind_bin import get_executable

from generator.kept import keep, read_kept

_KEPT = re.compile(r"pagefind(-worker)?\.js|pagefind-entry\.json|wasm\..*|.*\.pf_meta|(index|fragment)/.*")


class ProseIndexError(Exception):
    """Pagefind failed; the message is its own."""


def prose_key(pages: Mapping[str, str]) -> str:
    """Identifies the index of pages, given as {path: hash of content}."""
    digest = hashlib.blake2b(importlib.metadata.version("pagefind-bin").encode(), digest_size=16)
    for path in sorted(pages):
        digest.update(f"{path}\0{pages[path]}\0".encode())
    return digest.hexdigest()


def index_prose(staged: Callable[[str], Path], pages: Mapping[str, str], cache: Path | None) -> dict[str, bytes]:
    """The files of the index over these pages, by path; ``staged`` tells where one can be read. Raises ProseIndexError."""
    if not pages:
        return {}
    key = prose_key(pages)
    if (kept := _kept(cache, key)) is not None:
        return kept
    with tempfile.TemporaryDirectory(prefix="waypost-") as name:
        source, target = Path(name) / "pages", Path(name) / "index"
        for path in pages:
            file = source / path
            file.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(staged(path), file)
        _run(source, target)
        found = _collect(target)
    keep(cache, "prose", key, msgspec.msgpack.encode(found))
    return found


def _kept(cache: Path | None, key: str) -> dict[str, bytes] | None:
    data = read_kept(cache, "prose", key)
    try:
        return msgspec.msgpack.decode(data, type=dict[str, bytes]) if data is not None else None
    except msgspec.DecodeError:
        return None


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _run(source: Path, target: Path) -> None:
    command = [str(get_executable()), "--site", str(source), "--output-path", str(target), "--silent"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProseIndexError((done.stderr or done.stdout).strip()[-400:])


def _collect(folder: Path) -> dict[str, bytes]:
    found = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        path = file.relative_to(folder).as_posix()
        if _KEPT.fullmatch(path):
            data = file.read_bytes()
            found[f"pagefind/{path}"] = _ordered(data) if path == "pagefind-entry.json" else data
    return found


def _ordered(data: bytes) -> bytes:
    """Pagefind lists languages in random order."""
    entry = json.loads(data)
    entry["languages"] = dict(sorted(entry["languages"].items()))
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
