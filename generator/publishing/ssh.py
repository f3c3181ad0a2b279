"""A folder of another host as a place for versions, reached by ssh and rsync. It needs a POSIX shell, rsync and sha256sum there.

Paths that commands name are quoted, and were checked before (generator.publishing.targets, .source); lists of files go through
standard input.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from shlex import quote

from generator.publishing.failure import PublishError
from generator.publishing.manifest import FileFact
from generator.publishing.programs import remote_shell, rsync, run
from generator.publishing.source import Source
from generator.publishing.versions import CURRENT, OWN, VERSIONS, is_version
from kb.reporting import Report

_MISSING, _TAKEN, _FOREIGN, _LOST = 44, 45, 46, 47  # exit codes of our own commands
_LOCK = f"{OWN}/lock"
_HOLDER = re.compile(r"process (\d+) on (\S+) since .*")
_MANY = 500  # files between two signs of life


class Remote:
    """Implements ``versions.Place``."""

    def __init__(self, host: str, path: str) -> None:
        path = path.removeprefix("~/")  # where ssh and rsync begin anyway
        self._host, self._root, self.where = host, quote(path), f"{host}:{path}"
        self._owner = ""

    def _run(self, script: str, data: bytes = b"", fine: Sequence[int] = (0,)) -> tuple[int, bytes]:
        return run([*remote_shell(), "--", self._host, f"root={self._root}; {script}"], data, fine)

    @contextmanager
    def locked(self, owner: str, break_lock: bool) -> Iterator[None]:
        """Holds the target's lock, a folder with the owner's name. One of a process of this machine that is dead is taken."""
        holder = self._take(owner)
        if holder is not None and (break_lock or _is_dead(holder)):
            self._run(f'mv "$root/{_LOCK}" "$root/{_LOCK}.{os.getpid()}" && rm -rf "$root/{_LOCK}.{os.getpid()}"')
            holder = self._take(owner)
        if holder is not None:
            raise PublishError(f"{self.where} is being published to by {holder or 'somebody else'}; wait for it to end, or "
                               "take its lock with --break-lock if you know that it is dead")
        self._owner = owner
        try:
            yield
        finally:
            with suppress(PublishError):
                self._run(f'[ "$(cat "$root/{_LOCK}/owner")" = {quote(owner)} ] && rm -rf "$root/{_LOCK}"')

    def _take(self, owner: str) -> str | None:
        """None where the lock is ours now, else who has it and for how long."""
        code, said = self._run(
            f'mkdir -p "$root/{VERSIONS}" && if [ -f "$root/{OWN}" ]; then exit {_FOREIGN}; fi && umask 077 && '
            f'mkdir -p "$root/{OWN}" && if mkdir "$root/{_LOCK}" 2>/dev/null; then cat > "$root/{_LOCK}/owner"; '
            f'elif [ -d "$root/{_LOCK}" ]; then cat "$root/{_LOCK}/owner"; then=$(stat -c %Y "$root/{_LOCK}" 2>/dev/null || '
            f'stat -f %m "$root/{_LOCK}"); echo " ($(( ($(date +%s) - then) / 60 )) minutes ago)"; exit {_TAKEN}; '
            f'else mkdir "$root/{_LOCK}"; fi', owner.encode(), (0, _TAKEN, _FOREIGN))
        if code == _FOREIGN:
            raise PublishError(f"{self.where} is what a build wrote; publish into another folder")
        return said.decode(errors="replace").strip() if code == _TAKEN else None

    def read(self, path: str) -> bytes | None:
        code, data = self._run(f'if [ -f "$root"/{quote(path)} ]; then cat "$root"/{quote(path)}; else exit {_MISSING}; fi',
                               fine=(0, _MISSING))
        return None if code == _MISSING else data

    def write(self, path: str, data: bytes) -> None:
        file = f'"$root"/{quote(path)}'
        self._run(f"umask 077; cat > {file}.new && sync && mv {file}.new {file}", data)

    def names(self, folder: str) -> list[str]:
        place = f'"$root"/{quote(folder)}'
        return sorted(self._run(f"if [ -d {place} ]; then ls -1A {place}; fi")[1].decode(errors="replace").splitlines())

    def current(self) -> str:
        link = f'"$root/{CURRENT}"'
        code, said = self._run(f"if [ -L {link} ]; then readlink {link}; elif [ -e {link} ]; then exit {_FOREIGN}; fi",
                               fine=(0, _FOREIGN))
        folder, _slash, name = said.decode(errors="replace").strip().rpartition("/")
        if code == _FOREIGN or (name and (folder != VERSIONS or not is_version(name))):
            raise PublishError(f"{self.where}/{CURRENT} is no link to a version; move it away or choose another target")
        return name

    def fill(self, folder: str, source: Source, before: str, same: Mapping[str, FileFact], report: Report) -> None:
        options = [*_through(), *([f"--link-dest=../{before}"] if before else [])]
        paths = list(source.files)
        for start in range(0, len(paths), _MANY):
            report("upload", start, len(paths))
            rsync(str(source.folder), f"{self.where}/{folder}", paths[start : start + _MANY], *options)

    def wrong(self, folder: str, files: Mapping[str, FileFact], report: Report) -> list[str]:
        report("verify", 0, 0)
        _code, said = self._run(f'cd "$root"/{quote(folder)} && command -v sha256sum >/dev/null || '
                                f'{{ echo "sha256sum is missing there" >&2; exit 1; }}; '
                                "find . -type f -exec sha256sum {} + && find . ! -type f ! -type d -exec echo '-  {}' \\;")
        found = {path.removeprefix("./"): digest for line in said.decode(errors="replace").splitlines()
                 for digest, _space, path in [line.partition("  ")]}
        return sorted(path for path in files.keys() | found.keys()
                      if path not in files or files[path].sha256 != found.get(path))

    def put(self, folder: str, source: Source, paths: Sequence[str]) -> None:
        extra = b"".join(path.encode() + b"\0" for path in paths)
        self._run(f'cd "$root"/{quote(folder)} && xargs -0 rm -f --', extra)
        rsync(str(source.folder), f"{self.where}/{folder}", [path for path in paths if path in source.files], *_through())

    def move(self, old: str, new: str) -> None:
        self._run(f'mv "$root"/{quote(old)} "$root"/{quote(new)}')

    def remove(self, path: str) -> None:
        self._run(f'rm -rf "$root"/{quote(path)}')

    def settle(self) -> None:
        self._run("sync")

    def switch(self, version: str) -> None:
        """GNU and busybox replace a link with ``mv -T``, BSD with ``mv -h``."""
        code, _said = self._run(
            f'cd "$root" && if [ "$(cat {_LOCK}/owner 2>/dev/null)" != {quote(self._owner)} ]; then exit {_LOST}; fi; '
            f"rm -f .{CURRENT}.new && ln -s {VERSIONS}/{quote(version)} .{CURRENT}.new && "
            f"{{ mv -T .{CURRENT}.new {CURRENT} 2>/dev/null || mv -hf .{CURRENT}.new {CURRENT}; }} && sync", fine=(0, _LOST))
        if code == _LOST:
            raise PublishError(f"{self.where}: somebody else has taken the lock; what is live has not been switched")


def _through() -> list[str]:
    """How rsync reaches the host."""
    return ["--rsh", shlex.join(remote_shell())]


def _is_dead(holder: str) -> bool:
    """Whether the lock is that of a process of this machine that has ended."""
    match = _HOLDER.match(holder)
    if not match or match[2] != socket.gethostname():
        return False
    try:
        os.kill(int(match[1]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
