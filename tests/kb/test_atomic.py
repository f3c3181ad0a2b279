"""Files that are replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb.atomic import atomic_file, write_atomically


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_is_made_and_replaced(tmp_path: Path, durable: bool) -> None:
    file = tmp_path / "a.txt"
    for data in (b"one", b"two"):
        write_atomically(file, data, durable=durable)
        assert file.read_bytes() == data
    assert [*tmp_path.iterdir()] == [file]


def test_readers_see_the_old_one_until_the_end(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"old")
    with atomic_file(file) as handle:
        handle.write(b"new")
        handle.flush()
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"


def test_what_fails_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), atomic_file(file) as handle:
        handle.write(b"half")
        raise KeyboardInterrupt
    assert file.read_bytes() == b"old" and [*tmp_path.iterdir()] == [file]
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path, b"x")
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "none" / "a.txt", b"x")
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))


def test_a_link_where_the_new_file_is_written_leads_nowhere(tmp_path: Path) -> None:
    """What a process of the same number left, as in containers, does not stand in the way."""
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / f".a.txt.{os.getpid()}.new").symlink_to("victim")
    write_atomically(tmp_path / "a.txt", b"x")
    assert (tmp_path / "victim").read_bytes() == b"mine" and not (tmp_path / "a.txt").is_symlink()


def test_the_mode(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"x", 0o600)
    write_atomically(tmp_path / "b", b"x")
    (tmp_path / "c").write_bytes(b"x")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "b").stat().st_mode == (tmp_path / "c").stat().st_mode
