"""A real ssh server on loopback, for one user and one key, and what clients need to reach it."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("ssh", "ssh-keygen", "rsync", "sha256sum")


def sshd() -> str:
    """Where the server's program is; "" where something that the tests need is missing."""
    found = shutil.which("sshd", path="/usr/sbin:/sbin:/usr/local/sbin:/usr/bin") or ""
    return found if all(map(shutil.which, NEEDED)) else ""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Gives the value of RSYNC_RSH with which the host ``target`` is reached."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    shutil.copyfile(folder / "user.pub", folder / "authorized")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    Path("/run/sshd").mkdir(exist_ok=True)
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\nStrictModes no\n"
        f"PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nPidFile {folder}/pid\nPermitRootLogin yes\n"
        "MaxStartups 100\n")
    (folder / "config").write_text(
        f"Host target\n HostName 127.0.0.1\n Port {port}\n User {getpass.getuser()}\n IdentityFile {folder}/user\n"
        f" ControlMaster auto\n ControlPath {folder}/%C\n ControlPersist 5\n IdentitiesOnly yes\n StrictHostKeyChecking no\n UserKnownHostsFile {folder}/known\n BatchMode yes\n LogLevel ERROR\n")
    server = subprocess.Popen([sshd(), "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"ssh -F {folder}/config"
    finally:
        server.terminate()
        server.wait()
