"""The cache: one file a result, written in one step, so that builds at the same time never see half of one."""

from __future__ import annotations

from pathlib import Path

from kb.sealed import read_sealed, write_sealed

_MOST = 12  # results of a family; builds for several audiences or previews share a cache


def read_kept(folder: Path | None, family: str, key: str) -> memoryview | None:
    """What was kept under a key, or None."""
    try:
        return read_sealed(_file(folder, family, key)) if folder else None
    except (OSError, ValueError):
        return None


def keep(folder: Path | None, family: str, key: str, data: bytes) -> None:
    """Keeps a result and drops the oldest ones of its family."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_sealed(_file(folder, family, key), data)
    for old in sorted(folder.glob(f"{family}-*.msgpack"), key=_age)[_MOST:]:
        old.unlink(missing_ok=True)


def _file(folder: Path, family: str, key: str) -> Path:
    return folder / f"{family}-{key}.msgpack"


def _age(file: Path) -> float:
    """Seconds before now in which it was written, as far as order goes; what has just vanished counts as old."""
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0
