"""Public keys in files: what a key's fingerprint is, and that nothing else than one public key passes."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kb.findings import SourceError
from kb.openpgp_key import PublicKey, read_public_key
from kb.openpgp_signatures import standing

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


OWN = bytes(range(20))
DAY = 86_400


def signed(kind: int, made: int, lasts: int | None = None, issuer: bytes = OWN, version: int = 4) -> tuple[int, bytes]:
    """A signature packet without what makes it one."""
    def sub(number: int, body: bytes) -> bytes:
        return bytes([len(body) + 1, number]) + body

    width = 2 if version == 4 else 4
    hashed = sub(2, made.to_bytes(4)) + (sub(9, lasts.to_bytes(4)) if lasts is not None else b"")
    other = sub(33, bytes([version]) + issuer)
    return 2, bytes([version, kind, 22, 8]) + len(hashed).to_bytes(width) + hashed + len(other).to_bytes(width) + other


USER = (13, b"T")
SUBKEY = (14, b"")


@pytest.mark.parametrize(("packets", "days", "revoked"), [
    ([USER, signed(0x13, 1)], None, False),
    ([USER, signed(0x13, 1, 9 * DAY)], 9, False),
    ([USER, signed(0x13, 1, 9 * DAY), signed(0x13, 2, 0)], None, False),
    ([USER, signed(0x13, 2, 9 * DAY), signed(0x10, 1, 5 * DAY)], 9, False),
    ([USER, signed(0x13, 1, 9 * DAY), signed(0x13, 2, 5 * DAY, b"x" * 20)], 9, False),
    ([USER, signed(0x13, 1, 9 * DAY), USER, signed(0x13, 2, 5 * DAY), signed(0x30, 3)], 9, False),
    ([USER, signed(0x13, 1, 9 * DAY), SUBKEY, signed(0x18, 2, 5 * DAY)], 9, False),
    ([signed(0x1F, 1, 7 * DAY), USER, signed(0x13, 2, 9 * DAY)], 7, False),
    ([signed(0x1F, 1, 7 * DAY, version=6), USER], 7, False),
    ([signed(0x20, 1), USER, signed(0x13, 1)], None, True),
    ([signed(0x20, 1, issuer=b"x" * 20), USER, SUBKEY, signed(0x28, 1)], None, False),
    ([(2, b"\x03\x05\x20"), USER], None, False),
])
def test_what_signatures_say(packets: list[tuple[int, bytes]], days: int | None, revoked: bool) -> None:
    found = standing([(6, b"\x04" + DAY.to_bytes(4)), *packets], OWN.hex())
    assert found == (None if days is None else datetime(1970, 1, 2 + days, tzinfo=UTC), revoked)


def test_a_signature_that_is_cut_off() -> None:
    tag, body = signed(0x13, 1, 9)
    for length in range(1, len(body)):
        with pytest.raises(ValueError, match="cut off"):
            standing([(6, bytes(6)), USER, (tag, body[:length])], OWN.hex())


@pytest.fixture
def gpg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    command = shutil.which("gpg")
    if not command:
        pytest.skip("needs GnuPG")
    home = tmp_path_factory.mktemp("g")
    home.chmod(0o700)
    yield command, {**os.environ, "GNUPGHOME": str(home)}
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


def test_the_end_and_a_revocation_agree_with_gnupg(tmp_path: Path, gpg: tuple[str, dict[str, str]]) -> None:
    """Also where the key was prolonged, so that both ends stand in the file, and where others have certified it."""
    command, environment = gpg

    def run(*arguments: str, day: str = "20260105") -> bytes:
        line = [command, "--batch", "--yes", "--quiet", "--passphrase", "", "--faked-system-time", f"{day}T000000!", *arguments]
        return subprocess.run(line, capture_output=True, check=True, env=environment).stdout

    def agree(at: str) -> PublicKey:
        shown = next(line.split(":") for line in run("--with-colons", "--list-keys", name).decode().splitlines() if line.startswith("pub"))
        (tmp_path / "key.asc").write_bytes(run("--armor", "--export", name))
        key = read_public_key(tmp_path, "key.asc")
        assert (int(key.expires.timestamp()) if key.expires else "") == (int(shown[6]) if shown[6] else "")
        assert (key.expires.date().isoformat() if key.expires else "") == at
        return key

    name = "t@example.com"
    run("--quick-gen-key", f"T <{name}>", "ed25519", "sign", "2027-01-01", day="20260101")
    run("--quick-gen-key", "O <o@example.com>", "ed25519", "cert", "2026-02-01", day="20260101")
    assert not agree("2027-01-01").is_revoked
    fingerprint = agree("2027-01-01").fingerprint
    run("--quick-add-uid", name, "T <other@example.com>", day="20260102")
    run("--quick-set-expire", fingerprint, "2028-01-01", day="20260103")
    run("--default-key", "o@example.com", "--quick-sign-key", fingerprint, day="20260104")
    agree("2028-01-01")
    run("--quick-set-expire", fingerprint, "0", day="20260105")
    agree("")
    revocation = (Path(environment["GNUPGHOME"]) / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text(encoding="utf-8")
    (tmp_path / "revoked").write_text(revocation.replace(":-----BEGIN", "-----BEGIN"), encoding="utf-8")
    run("--import", str(tmp_path / "revoked"))
    assert agree("").is_revoked


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
