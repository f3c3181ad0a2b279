"""Public keys in files: what a key's fingerprint is, and that nothing else than one public key passes."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.findings import SourceError
from kb.openpgp_key import read_public_key

EXAMPLE = Path(__file__).resolve().parents[2] / "content" / "sirt.asc"
EXPORT = "write there what 'gpg --armor --export FINGERPRINT' prints"
REPLACE = f"{EXPORT}; if others could read the file, revoke the key and make another"


def finding(folder: Path, text: str | bytes) -> str:
    (folder / "key.asc").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SourceError) as error:
        read_public_key(folder, "key.asc")
    return str(error.value.finding)


def armored(data: bytes, kind: str = "PUBLIC") -> str:
    return f"-----BEGIN PGP {kind} KEY BLOCK-----\n\n{base64.b64encode(data).decode()}\n-----END PGP {kind} KEY BLOCK-----\n"


def bare() -> bytes:
    lines = EXAMPLE.read_text("ascii").split("\n")
    return base64.b64decode("".join(line for line in lines[2:] if line and not line.startswith(("=", "-"))))


def test_the_example(tmp_path: Path) -> None:
    key = read_public_key(EXAMPLE.parent, EXAMPLE.name)
    assert key.fingerprint == "448EC19B7C0673EE2ED9E171AB00D898FDC0EEEE"
    assert key.armored == EXAMPLE.read_bytes()
    (tmp_path / "key.asc").write_bytes(b"Our key:\r\n" + EXAMPLE.read_bytes().replace(b"\n", b" \r\n") + b"Bye\r\n")
    assert read_public_key(tmp_path, "key.asc") == key, "words around the key are not published"


@pytest.mark.parametrize(("text", "expected"), [
    ("", f"key.asc:1: does not hold one armored public key; {EXPORT}"),
    (EXAMPLE.read_text() * 2, f"key.asc:1: does not hold one armored public key; {EXPORT}"),
    ("\nx\n" + EXAMPLE.read_text().replace("mDME", "mDM!"), f"key.asc:3: holds a public key that cannot be read; {EXPORT}"),
    (EXAMPLE.read_text().replace("\n\n", "\n"), f"key.asc:1: holds a public key that cannot be read; {EXPORT}"),
    (armored(bare()[:-9]), f"key.asc:1: holds a public key that cannot be read; {EXPORT}"),
    (armored(b"\xc6\xe1abc"), f"key.asc:1: holds a public key that cannot be read; {EXPORT}"),
    (armored(b"\x9b"), f"key.asc:1: holds a public key that cannot be read; {EXPORT}"),
    (armored(b""), f"key.asc:1: does not hold one public key of version 4 or 6; {EXPORT}"),
    (armored(b"\xc6\x03\x03ab"), f"key.asc:1: does not hold one public key of version 4 or 6; {EXPORT}"),
    (armored(bare() * 2), f"key.asc:1: does not hold one public key of version 4 or 6; {EXPORT}"),
    (armored(b"\xc5\x01\x04"), f"key.asc:1: holds a private key, which must not be published; {REPLACE}"),
    (armored(bare() + b"\xc7\x01\x04"), f"key.asc:1: holds a private key, which must not be published; {REPLACE}"),
    (EXAMPLE.read_text() + armored(b"x", "PRIVATE"), f"key.asc:{EXAMPLE.read_text().count(chr(10)) + 1}: holds a private key, which must not be published; {REPLACE}"),
])
def test_what_is_no_public_key(tmp_path: Path, text: str, expected: str) -> None:
    assert finding(tmp_path, text) == expected


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    assert finding(tmp_path, bare()).startswith("key.asc:")
    with pytest.raises(SourceError, match="cannot be read"):
        read_public_key(tmp_path, "missing.asc")


@pytest.fixture
def gpg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    command = shutil.which("gpg")
    if not command:
        pytest.skip("needs GnuPG")
    home = tmp_path_factory.mktemp("g")
    home.chmod(0o700)
    yield command, {**os.environ, "GNUPGHOME": str(home)}
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


@pytest.mark.parametrize("algorithm", ["ed25519", "rsa2048", "nistp256"])
def test_agrees_with_gnupg(tmp_path: Path, gpg: tuple[str, dict[str, str]], algorithm: str) -> None:
    command, environment = gpg

    def run(*arguments: str) -> bytes:
        done = subprocess.run([command, "--batch", "--quiet", "--passphrase", "", *arguments], capture_output=True, check=True, env=environment)
        return done.stdout

    run("--quick-gen-key", "T <t@example.com>", algorithm, "sign", "never")
    shown = run("--with-colons", "--list-keys").decode().splitlines()
    (tmp_path / "key.asc").write_bytes(run("--armor", "--export"))
    assert read_public_key(tmp_path, "key.asc").fingerprint == next(line.split(":")[9] for line in shown if line.startswith("fpr"))
    assert finding(tmp_path, run("--armor", "--export-secret-keys")) == f"key.asc:1: holds a private key, which must not be published; {REPLACE}"
