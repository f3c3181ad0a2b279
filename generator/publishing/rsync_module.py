"""A module of an rsync server, where no command can be run: files are sent role by role, each role's changing together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from generator.publishing.programs import rsync, run
from generator.publishing.roles import Role
from generator.publishing.source import Source
from kb.reporting import Report

_MANY = 2_000  # files between two signs of life


class Module:
    """Implements ``ordered.Target``. The lock is that of the state's folder alone: a module cannot be locked."""

    def __init__(self, address: str) -> None:
        self.where = address

    @contextmanager
    def locked(self, owner: str, break_lock: bool) -> Iterator[None]:
        yield

    def is_empty(self) -> bool:
        code, said = run(["rsync", "--list-only", "--", f"{self.where}/"], fine=(0, 23))  # 23: the folder is not there yet
        return code != 0 or not [line for line in said.splitlines() if not line.endswith(b" .")]

    def missing(self, source: Source, roles: Mapping[str, Role]) -> list[str]:
        """What rsync would send; it compares checksums."""
        names = b"".join(path.encode() + b"\0" for path in source.files)
        _code, said = run(["rsync", "--secluded-args", "--checksum", "--8-bit-output", "--dry-run", "--mkpath", "--from0",
                           "--files-from=-", "--out-format=%n", "--", f"{source.folder}/", f"{self.where}/"], names)
        return sorted(source.files.keys() & said.decode(errors="replace").splitlines())

    def send(self, source: Source, paths: Sequence[str], roles: Mapping[str, Role], report: Report) -> None:
        for start in range(0, len(paths), _MANY):
            report(f"send {roles[paths[0]].name}", start, len(paths))
            rsync(str(source.folder), self.where, paths[start : start + _MANY], "--delay-updates", "--mkpath")

    def delete(self, paths: Sequence[str]) -> None:
        with TemporaryDirectory() as nothing:
            rsync(nothing, self.where, paths, "--delete-missing-args")
