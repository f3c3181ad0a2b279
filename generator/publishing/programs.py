"""rsync and ssh, run without a shell on this machine."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence

from generator.publishing.failure import PublishError
from kb.printable import printable

_UNREACHED = frozenset({255, 5, 10, 12, 30, 35})  # of ssh(1), and what rsync(1) says of connections


def remote_shell() -> list[str]:
    """The command that reaches another host: ssh, or what RSYNC_RSH says (rsync(1)). It never asks for a password."""
    return shlex.split(os.environ.get("RSYNC_RSH", "")) or ["ssh", "-oBatchMode=yes", "-oConnectTimeout=20"]


def run(command: Sequence[str], data: bytes = b"", fine: Sequence[int] = (0,)) -> tuple[int, bytes]:
    """Exit code, one of ``fine``, and output of a program; raises PublishError with what it has said."""
    try:
        done = subprocess.run(command, input=data, capture_output=True, check=False)
    except FileNotFoundError:
        raise PublishError(f"{command[0]} is not installed; install it to publish to this target") from None
    if done.returncode not in fine:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        words = printable("; ".join(said[-3:])) or f"exit code {done.returncode}"
        way = "host, keys and network" if done.returncode in _UNREACHED else "the target, its permissions and the free space"
        raise PublishError(f"{command[0]}: {words}; check {way}")
    return done.returncode, done.stdout


def rsync(source: str, target: str, paths: Sequence[str], *options: str) -> None:
    """Copies files below the source, compared by checksum, to the target. Raises PublishError."""
    names = b"".join(path.encode() + b"\0" for path in paths)
    run(["rsync", "--secluded-args", "--checksum", "--from0", "--files-from=-", *options, "--", f"{source}/", f"{target}/"],
        names)
