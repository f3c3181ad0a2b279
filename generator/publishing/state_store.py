"""Where the manifest of a target without versions is kept: a folder of this machine, or a private prefix of a bucket."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from generator.publishing.failure import PublishError
from kb.atomic import write_atomically


class Store(Protocol):
    """Small files by name; all methods raise PublishError and OSError."""

    where: str

    def read(self, name: str) -> bytes | None: ...
    def write(self, name: str, data: bytes) -> None:
        """In one step."""
    def remove(self, name: str) -> None: ...


def default_folder(site: Path | None, target: str) -> Path:
    """A folder for a target beside ``portal.yml``, else in the current folder. Unlike the cache it must be kept."""
    return (site or Path()).absolute() / ".waypost" / "published" / hashlib.sha256(target.encode()).hexdigest()[:16]


class StateFolder:
    """Implements ``Store``; its lock keeps two publishers of this machine apart."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.where = folder, str(folder)

    @contextmanager
    def locked(self, target: str, owner: str) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                handle.seek(0)
                holder = handle.read().strip() or "somebody else"
                raise PublishError(f"{target} is being published to by {holder}; wait for it to end") from None
            handle.truncate(0)
            handle.write(f"{owner}\n")
            handle.flush()
            yield

    def read(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        write_atomically(self.folder / name, data, durable=True)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
