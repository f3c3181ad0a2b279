"""What identifies this program: results that are kept between builds are of no use to another version of it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files


@cache
def program_digest(packages: tuple[str, ...], distributions: tuple[str, ...]) -> bytes:
    """16 bytes for the Python files and tables of packages and the versions of distributions."""
    digest = hashlib.blake2b(digest_size=16)
    for package in packages:
        for file in sorted(files(package).iterdir(), key=lambda item: item.name):
            if file.name.endswith((".py", ".tsv")):
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    digest.update("\0".join(f"{name} {version(name)}" for name in distributions).encode())
    return digest.digest()
