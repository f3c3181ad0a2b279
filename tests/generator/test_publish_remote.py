"""Publishing by rsync: to a real ssh server and to a real rsync server, both on loopback."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.publishing.failure import PublishError
from generator.publishing.run import Outcome, listed, publish_version, roll_back
from generator.publishing.ssh import Remote
from kb.reporting import quiet
from tests.generator.publishing_support import is_whole, killed_after, manifest_of, order, seed_of
from tests.generator.sshd import served, sshd
from tests.generator.support import tree

pytestmark = pytest.mark.slow
SAME = ".well-known/csaf/white/2026/sa-2026-0001.json"  # in both versions


def contents(out: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree(out).items() if path != ".waypost"}


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if not sshd():
        pytest.skip("needs sshd, ssh and rsync (tests/system-packages)")
    with served(tmp_path_factory.mktemp("sshd")) as command, pytest.MonkeyPatch.context() as patched:
        patched.setenv("RSYNC_RSH", command)
        yield


@pytest.fixture
def target(tmp_path: Path, ssh: None) -> Path:
    """A folder that is published to through ssh."""
    return tmp_path / "it's a portal"


def publish(out: Path, target: Path, **changes: object) -> Outcome:
    return publish_version(Remote("target", str(target)), order(out, **changes), quiet)


def test_versions_are_made_and_switched_over_ssh(small_versions: tuple[Path, Path], target: Path) -> None:
    publish(small_versions[0], target)
    assert tree(target / "current") == contents(small_versions[0])
    assert is_whole(target)
    before = (target / "current").resolve()
    assert publish(small_versions[1], target).changed
    assert tree(target / "current") == contents(small_versions[1])
    assert not (before / "kb/KB10001/index.html").samefile(target / "current/kb/KB10001/index.html")
    assert (before / SAME).samefile(target / "current" / SAME)
    assert not publish(small_versions[1], target).changed
    assert [version.live for version in listed(Remote("target", str(target)), quiet)] == [True, False]
    roll_back(Remote("target", str(target)), "", order(small_versions[0]), quiet)
    assert tree(target / "current") == contents(small_versions[0])
    assert not (target / ".waypost/lock").exists()


def test_a_damaged_file_of_the_version_before_is_sent_anew(small_versions: tuple[Path, Path], target: Path) -> None:
    publish(small_versions[0], target)
    same = target / "current" / SAME
    same.write_bytes(b"x" * same.stat().st_size)
    publish(small_versions[1], target)
    assert tree(target / "current") == contents(small_versions[1])


def test_the_lock_of_somebody_else_is_respected(small_versions: tuple[Path, Path], target: Path) -> None:
    publish(small_versions[0], target)
    live = (target / "current").readlink()
    with Remote("target", str(target)).locked("process 7 on build-1 since noon", False):
        with pytest.raises(PublishError) as refused:
            publish(small_versions[1], target)
        assert str(refused.value) == (f"target:{target} is being published to by process 7 on build-1 since noon (0 minutes ago); wait for it to "
                                      "end, or take its lock with --break-lock if you know that it is dead")
        assert (target / "current").readlink() == live
        publish(small_versions[1], target, break_lock=True)
    assert is_whole(target)
    assert tree(target / "current") == contents(small_versions[1])


def test_a_publisher_whose_lock_was_taken_does_not_switch(small_versions: tuple[Path, Path], target: Path) -> None:
    publish(small_versions[0], target)
    place = Remote("target", str(target))
    with place.locked("one", False):
        (target / ".waypost/lock/owner").write_text("another")
        with pytest.raises(PublishError, match="somebody else has taken the lock; what is live has not been switched"):
            place.switch((target / "current").readlink().name)
    assert (target / ".waypost/lock/owner").read_text() == "another"


def test_killed_publishers_leave_one_whole_version(small_versions: tuple[Path, Path], target: Path) -> None:
    """Their locks are those of dead processes of this machine, and are taken."""
    begun, numbers, killed = time.perf_counter(), seed_of("ssh"), 0
    publish(small_versions[0], target)
    seconds = time.perf_counter() - begun

    def work() -> None:
        publish(small_versions[1], target, owner=f"process {os.getpid()} on {socket.gethostname()} since now")

    for _number in range(5):
        killed += killed_after(work, numbers.uniform(0, seconds))
        time.sleep(0.2)  # the other host's last command may still run
        assert is_whole(target)
    publish(small_versions[1], target)
    assert is_whole(target) and tree(target / "current") == contents(small_versions[1])
    assert not [path.name for path in (target / "versions").iterdir() if path.name.startswith(".")]
    print(f"{killed} of 5 killed")


def test_a_host_that_does_not_answer_is_told(small_versions: tuple[Path, Path], ssh: None) -> None:
    result = CliRunner().invoke(main, ["publish", "--out", str(small_versions[0]), "nowhere.invalid:/srv/portal"])
    assert result.exit_code == 1
    assert "Could not resolve hostname nowhere.invalid" in result.stderr
    assert result.stderr.endswith("; check host, keys and network\n")


# --- rsync servers ----------------------------------------------------------------------------------------------------------------


class Server:
    """An rsync server with a module ``portal``."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.state, self.address = folder / "served", folder / "state", f"rsync://127.0.0.1:{port}/portal"

    def publish(self, out: Path, *words: str) -> Result:
        return CliRunner().invoke(main, ["publish", "--out", str(out), "--state", str(self.state), *words, f"{self.address}/www"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not shutil.which("rsync"):
        pytest.skip("needs rsync")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found = Server(tmp_path, probe.getsockname()[1])
        port = probe.getsockname()[1]
    found.folder.mkdir()
    (tmp_path / "rsyncd.conf").write_text(f"use chroot = no\nuid = {os.getuid()}\ngid = {os.getgid()}\n[portal]\npath = {found.folder}\nread only = no\n")
    process = subprocess.Popen(["rsync", "--daemon", "--no-detach", f"--config={tmp_path}/rsyncd.conf", f"--port={port}", "--address=127.0.0.1"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _attempt in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield found
    process.terminate()
    process.wait()


def test_a_module_gets_the_portal_and_loses_what_is_gone(small_versions: tuple[Path, Path], server: Server) -> None:
    first = server.publish(small_versions[0])
    assert first.exit_code == 0, first.output
    assert tree(server.folder / "www") == contents(small_versions[0])
    (server.folder / "www/mine.txt").write_text("mine")
    assert server.publish(small_versions[0]).stdout.splitlines()[-1].startswith("unchanged")
    second = server.publish(small_versions[1])
    assert second.exit_code == 0, second.output
    pictures = {path for path in contents(small_versions[0]) if path.startswith("attachments/") and path not in contents(small_versions[1])}
    assert tree(server.folder / "www").keys() - contents(small_versions[1]).keys() >= pictures > set()
    server.publish(small_versions[1], "--grace", "0")
    assert tree(server.folder / "www") == {**contents(small_versions[1]), "mine.txt": b"mine"}
    assert manifest_is_private(server)


def manifest_is_private(server: Server) -> bool:
    """Whether the manifest is in the state's folder alone."""
    return (server.state / "manifest.json").is_file() and not [path for path in tree(server.folder) if ".waypost" in path]


def test_a_module_with_files_of_unknown_origin_is_left_alone(small_versions: tuple[Path, Path], server: Server) -> None:
    (server.folder / "www").mkdir()
    (server.folder / "www/mine.txt").write_text("mine")
    refused = server.publish(small_versions[0])
    assert refused.exit_code == 1
    assert "holds files, and" in refused.stderr
    assert tree(server.folder / "www") == {"mine.txt": b"mine"}


def test_a_dry_run_sends_nothing(small_versions: tuple[Path, Path], server: Server) -> None:
    told = json.loads(server.publish(small_versions[0], "--dry-run", "--json").stdout)
    assert told["kind"] == "rsync" and len(told["effects"]["new"]) == len(contents(small_versions[0]))
    assert tree(server.folder) == {} and not (server.state / "manifest.json").exists()


def test_manifests_of_versions_are_told_apart(small_versions: tuple[Path, Path], target: Path) -> None:
    publish(small_versions[0], target)
    assert manifest_of(target).version == (target / "current").readlink().name
