"""The prose index: Pagefind over the pages that hold text, kept as long as none of them changes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pagefind_bin import get_executable

_KEPT = re.compile(r"pagefind(-worker)?\.js|pagefind-entry\.json|wasm\..*|.*\.pf_meta|(index|fragment)/.*")


class ProseIndexError(Exception):
    """Pagefind failed; the message is its own."""


def prose_key(pages: Mapping[str, str]) -> str:
    """Identifies the index of pages, given as {path: hash of content}."""
    digest = hashlib.blake2b(b"1", digest_size=16)
    for path in sorted(pages):
        digest.update(f"{path}\0{pages[path]}\0".encode())
    return digest.hexdigest()


def index_prose(staging: Path, pages: Mapping[str, str], cache: Path | None) -> dict[str, bytes]:
    """The files of the index over these pages of the staged tree, by path; raises ProseIndexError."""
    if not pages:
        return {}
    kept = cache / f"prose-{prose_key(pages)}" if cache else None
    if kept and kept.is_dir():
        return _collect(kept)
    with tempfile.TemporaryDirectory(prefix="waypost-") as name:
        source, target = Path(name) / "pages", Path(name) / "index"
        for path in pages:
            file = source / path
            file.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(staging / path, file)
        _run(source, target)
        found = _collect(target)
    if kept:
        _keep(kept, found)
    return found


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
            found[f"pagefind/{path}"] = file.read_bytes()
    return found


def _keep(kept: Path, found: Mapping[str, bytes]) -> None:
    for old in kept.parent.glob("prose-*"):
        shutil.rmtree(old, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix="new-", dir=kept.parent))
    for path, data in found.items():
        file = temporary / path.removeprefix("pagefind/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    try:
        temporary.rename(kept)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)  # another build was first
