"""Walking folders: the plain files below one in a stable order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kb.findings import Finding, shorten

MAX_DEPTH = 32


Entry = os.DirEntry[str]


def walk(root: Path, folder: str, findings: list[Finding]) -> Iterator[str]:
    """Paths of all plain files below a folder, in a stable order; links are refused, hidden files passed over."""
    return (path for path, _entry in walk_entries(root, folder, findings))


def walk_entries(root: Path, folder: str, findings: list[Finding]) -> Iterator[tuple[str, Entry]]:
    """As ``walk``, with what the file system tells of each."""
    start = root / folder
    if not os.path.lexists(start):
        return
    if start.is_symlink():
        findings.append(Finding(folder, 0, "", "", "is a symbolic link", "put the folder itself here"))
        return
    if folder.count("/") > MAX_DEPTH:
        findings.append(Finding(folder, 0, "", "", "is nested too deeply", f"use at most {MAX_DEPTH} folders in each other"))
        return
    try:
        with os.scandir(start) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        findings.append(Finding(folder, 0, "", "", f"cannot be read as a folder ({error.strerror})",
                                "check what it is and its permissions"))
        return
    for entry in ordered:
        path = f"{folder}/{entry.name}"
        if entry.name.startswith("."):
            continue
        if not _printable(entry.name):
            findings.append(Finding(folder, 0, "", shorten(ascii(entry.name)[1:-1]),
                                    "is a file name that is not UTF-8 or holds invisible characters", "rename the file"))
        elif entry.is_symlink():
            findings.append(Finding(path, 0, "", "", "is a symbolic link", "put the file itself here"))
        elif entry.is_dir():
            yield from walk_entries(root, path, findings)
        elif entry.is_file():
            yield path, entry
        else:
            findings.append(Finding(path, 0, "", "", "is no plain file", "remove it"))


def _printable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return name.isprintable()


