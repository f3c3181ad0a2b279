"""Random damage to a site: what discs, editors, merges and attackers do to its files."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

Damage = Callable[[Random, Path], None]

_PIECES = (b"\0", b"\x1b[31m", b"\xff", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\r", b"\t", b"'", b'"', b"{", b"}", b"[", b"]", b": ", b"- ",
           b"---\n", b"&a ", b"*a", b"!!python/object ", b"|\n", b"<script>", b"[[KB10001]]", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"%", b"\\",
           b"9" * 400, b"1e999999", b"-1", b"null", b"~", b"true", b"2026-99-99", b"0001-01-01", b"9999-12-31T23:59:59-23:59", b"\n\n",
           b"[" * 40, b"1-9999999999", b"all", b"Infinity", b"NaN", "İıſK".encode(), "é".encode(), "é".encode(),
           b"../../etc/passwd", b"javascript:alert(1)", b"{{7*7}}", b"\xf3\xa0\x81\x81")
_SCALAR = re.compile(rb"(?m)(?<=: )[^\n{}\[\]]+$")


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and ".waypost" not in path.parts)


def _changed(random: Random, root: Path, change: Callable[[bytes], bytes]) -> None:
    if files := _files(root):
        file = random.choice(files)
        file.write_bytes(change(file.read_bytes()))


def flip_bytes(random: Random, root: Path) -> None:
    def change(data: bytes) -> bytes:
        found = bytearray(data)
        for _ in range(random.choice((1, 1, 2, 8)) if found else 0):
            found[random.randrange(len(found))] ^= 1 << random.randrange(8)
        return bytes(found)

    _changed(random, root, change)


def cut_off(random: Random, root: Path) -> None:
    _changed(random, root, lambda data: data[: random.randrange(len(data) + 1)])


def insert(random: Random, root: Path) -> None:
    def change(data: bytes) -> bytes:
        place = random.randrange(len(data) + 1)
        return data[:place] + random.choice(_PIECES) + data[place:]

    _changed(random, root, change)


def replace_value(random: Random, root: Path) -> None:
    """Another type or an impossible value where a field has one."""
    def change(data: bytes) -> bytes:
        places = list(_SCALAR.finditer(data))
        if not places:
            return data
        place = random.choice(places)
        return data[: place.start()] + random.choice((*_PIECES, b"[1, [2]]", b"{a: {b: c}}", b"", b"yes", b"3.14")) + data[place.end():]

    _changed(random, root, change)


def copy_value(random: Random, root: Path) -> None:
    """The value of another field, such as an id that is given twice."""
    def change(data: bytes) -> bytes:
        places = list(_SCALAR.finditer(data))
        if not places:
            return data
        one, other = random.choice(places), random.choice(places)
        return data[: one.start()] + other[0] + data[one.end():]

    _changed(random, root, change)


def move_line(random: Random, root: Path) -> None:
    """Drops, repeats or indents a line."""
    def change(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        if not lines:
            return data
        at = random.randrange(len(lines))
        lines[at : at + 1] = random.choice(([], [lines[at]] * 2, [b"  " + lines[at]], [lines[at].lstrip()], [lines[at], random.choice(lines)]))
        return b"".join(lines)

    _changed(random, root, change)


def swap(random: Random, root: Path) -> None:
    """Two files have each other's content."""
    one, other = random.choice(_files(root)), random.choice(_files(root))
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


def delete(random: Random, root: Path) -> None:
    random.choice(_files(root)).unlink()


def rename(random: Random, root: Path) -> None:
    file = random.choice(_files(root))
    names = (f"x{file.name}", file.name.upper(), file.stem, f"{file.stem}.xx{file.suffix}", f"{file.stem}\n{file.suffix}", f"\u202e{file.name}",
             "<img src=x onerror=alert(1)>.md", "a" * 200 + file.suffix, "CON.md", f"{file.stem}.ru.md", "KB10001.md", "[x](y).md", "&#x26;.md")
    file.rename(file.with_name(random.choice(names)))


def copy(random: Random, root: Path) -> None:
    """A record stands twice."""
    file = random.choice(_files(root))
    folder = random.choice(sorted({path.parent for path in _files(root)}))
    target = folder / random.choice((file.name, f"copy-{file.name}"))
    if target != file:
        shutil.copyfile(file, target)


def link(random: Random, root: Path) -> None:
    """A file is a symbolic link, mostly to somewhere else."""
    file = random.choice(_files(root))
    file.unlink()
    file.symlink_to(random.choice(("/etc/passwd", "/", str(root / "portal.yml"), "nowhere", file.name, "../../..")))


def other_kind(random: Random, root: Path) -> None:
    """A folder or a pipe where a file is expected."""
    file = random.choice(_files(root))
    file.unlink()
    if random.random() < 0.7:
        file.mkdir()
    else:
        os.mkfifo(file)


def empty_folder(random: Random, root: Path) -> None:
    folders = sorted({path.parent for path in _files(root)} - {root})
    if folders:
        shutil.rmtree(random.choice(folders))


DAMAGES: tuple[Damage, ...] = (flip_bytes, cut_off, insert, replace_value, copy_value, move_line, swap, delete, rename, copy, link,
                               other_kind, empty_folder)
_WEIGHTS = (4, 3, 6, 8, 4, 4, 1, 2, 2, 1, 1, 1, 0.3)


def damage(random: Random, root: Path) -> list[str]:
    """Does one to three things to the site, and tells which."""
    done = random.choices(DAMAGES, _WEIGHTS, k=random.choice((1, 1, 1, 2, 3)))
    for one in done:
        if _files(root):
            one(random, root)
    return [one.__name__ for one in done]
