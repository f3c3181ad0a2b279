"""A throwaway keyring, the validator of CSAF documents, and a small site with bulletins of all sorts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.generator.support import plain_shell

VALIDATOR = Path(__file__).resolve().parents[2] / "node_modules" / "@secvisogram" / "csaf-validator-lib"


class Keyring:
    """A keyring of its own, with keys that have no passphrase."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "GNUPGHOME": str(home), "LC_ALL": "C"}

    def run(self, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["gpg", "--batch", "--no-tty", *arguments], input=data, capture_output=True, env=self.environment,
                              check=False)

    def new_key(self, kind: str = "ed25519", expires: str = "never", when: str = "20200101T000000") -> str:
        """The fingerprint of a new key that signs, made in the past."""
        done = self.run("--yes", "--faked-system-time", when, "--passphrase", "", "--status-fd", "1", "--quick-gen-key",
                        f"Box Networks <{kind}-{expires}@example.com>", kind, "sign", expires)
        assert done.returncode == 0, done.stderr.decode()
        return next(line.split()[-1] for line in done.stdout.decode().splitlines() if "KEY_CREATED" in line)


@pytest.fixture(scope="session")
def keyring() -> Iterator[Keyring]:
    if shutil.which("gpg") is None:
        pytest.skip("needs gpg: apt-get install gnupg")
    home = Path(tempfile.mkdtemp(prefix="wp-gpg-"))  # the path of an agent's socket must be short
    found = Keyring(home)
    yield found
    subprocess.run(["gpgconf", "--kill", "all"], env=found.environment, capture_output=True, check=False)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def fingerprint(keyring: Keyring) -> str:
    return keyring.new_key()


@pytest.fixture
def gnupg(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """The keyring as that of the program."""
    monkeypatch.setenv("GNUPGHOME", str(keyring.home))
    return keyring


@pytest.fixture(scope="module")
def plain_builds() -> Iterator[None]:
    """Builds of a whole module without MkDocs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.build.make_shell", plain_shell)
        yield


@pytest.fixture(scope="session")
def validate() -> Callable[[list[Path]], dict[str, dict[str, list[str]]]]:
    """What the validator finds: ``errors`` and ``warnings`` by file name."""
    if shutil.which("node") is None:
        pytest.skip("needs node (Node.js), which runs the validator")
    if not VALIDATOR.is_dir():
        pytest.skip("needs the CSAF validator: npm install --prefix tests")

    def run(files: list[Path]) -> dict[str, dict[str, list[str]]]:
        done = subprocess.run(["node", str(Path(__file__).with_name("validate.mjs"))], input=json.dumps([str(file) for file in files]),
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return {Path(found["file"]).name: found for found in map(json.loads, done.stdout.splitlines())}

    return run
