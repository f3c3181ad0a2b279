"""Signing with GnuPG, in a throwaway keyring."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.build import BuildFailed, Options, build, check
from generator.csaf.signing import SigningError, find_key, public_key, sign, verifies
from kb.findings import errors
from tests.generator.csaf.conftest import Keyring
from tests.generator.csaf.sites import BULLETINS
from tests.generator.support import AT, SITE, write_site
from tests.kb.checking import messages

WHEN = datetime(2026, 2, 10, 16, tzinfo=UTC)


def settings(fingerprint: str, more: str = "") -> str:
    return SITE["portal.yml"] + f"csaf:\n  signing_key: {fingerprint}\n{more}"


@pytest.mark.parametrize("kind", ["ed25519", "rsa2048"])
def test_the_same_document_has_the_same_signature(gnupg: Keyring, kind: str) -> None:
    key = find_key(gnupg.new_key(kind), AT)
    assert sign(key, b"document", WHEN) == sign(key, b"document", WHEN) != sign(key, b"another", WHEN)
    assert public_key(key) == public_key(key)


def test_a_signature_holds_for_its_document_and_key(gnupg: Keyring, fingerprint: str, tmp_path: Path) -> None:
    key, other = find_key(fingerprint, AT), find_key(gnupg.new_key(expires="20y"), AT)
    file = tmp_path / "document.asc"
    file.write_bytes(sign(key, b"document", WHEN))
    assert verifies(key, file, b"document")
    assert not verifies(key, file, b"Document")
    assert not verifies(other, file, b"document")
    file.write_bytes(b"damaged")
    assert not verifies(key, file, b"document")


def test_a_document_older_than_the_key_is_signed_all_the_same(gnupg: Keyring, fingerprint: str, tmp_path: Path) -> None:
    key = find_key(fingerprint, AT)
    (tmp_path / "x.asc").write_bytes(sign(key, b"old", datetime(2001, 1, 1, tzinfo=UTC)))
    assert verifies(key, tmp_path / "x.asc", b"old")


def test_a_subkey_may_sign(gnupg: Keyring, tmp_path: Path) -> None:
    primary = gnupg.new_key()
    assert gnupg.run("--passphrase", "", "--quick-add-key", primary, "ed25519", "sign", "2y").returncode == 0
    key = find_key(primary, AT)
    assert key.fingerprint == primary != key.signer
    (tmp_path / "x.asc").write_bytes(sign(key, b"x", WHEN))
    assert verifies(key, tmp_path / "x.asc", b"x")
    with pytest.raises(SigningError, match="is the fingerprint of a subkey"):
        find_key(key.signer, AT)


def test_keys_that_cannot_sign_are_refused(gnupg: Keyring) -> None:
    expiring = gnupg.new_key(expires="2026-11-20", when="20250101T000000")
    for name, reason in (("A" * 40, "is no secret key of this keyring"), (expiring, "is a key that expired on 2026-11-20")):
        with pytest.raises(SigningError, match=reason):
            find_key(name, AT)


def test_without_gnupg_the_message_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("gpg") is None
    with pytest.raises(SigningError, match="needs GnuPG"):
        find_key("A" * 40, AT)


def test_a_bad_key_stops_a_build_before_anything_is_written(
        gnupg: Keyring, tmp_path: Path, quick_shell: None) -> None:
    expired = gnupg.new_key(expires="2026-11-20", when="20250101T000000")
    for key, said in (
            ("A" * 40, "is no secret key of this keyring; import it with 'gpg --import', or set GNUPGHOME to its folder"),
            (expired, "is a key that expired on 2026-11-20; extend it with 'gpg --quick-set-expire' or name another key")):
        root = write_site(tmp_path / "source", {**BULLETINS, "portal.yml": settings(key)})
        options = Options(root, tmp_path / "out", AT)
        for make in (build, check):
            with pytest.raises(BuildFailed) as failed:
                make(options)
            assert [str(finding) for finding in errors(failed.value.findings)] == [f"portal.yml:8: csaf.signing_key: '{key}' {said}"]
        assert not (tmp_path / "out").exists()


def test_a_key_that_vanishes_during_a_build_changes_nothing(
        gnupg: Keyring, fingerprint: str, tmp_path: Path, quick_shell: None, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_site(tmp_path / "source", {**BULLETINS, "portal.yml": settings(fingerprint)})

    def fail(*_arguments: object) -> bytes:
        raise SigningError("cannot sign: No secret key", "see that its agent runs and knows the passphrase")

    monkeypatch.setattr("generator.csaf.publishing.sign", fail)
    with pytest.raises(BuildFailed) as failed:
        build(Options(root, tmp_path / "out", AT, jobs=2))
    assert "cannot sign: No secret key; see that its agent runs" in str(errors(failed.value.findings)[0])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("written", "said"), [
    ("signing_key: 0x12", "portal.yml:8: csaf.signing_key: '0x12' is no fingerprint of an OpenPGP key; write the 40 hexadecimal digits that "
     "'gpg --list-secret-keys --with-fingerprint' prints"),
    ("category: shop", "portal.yml:8: csaf.category: 'shop' is not allowed here; write one of vendor, coordinator, discoverer, user, other"),
    ("namespace: box", "portal.yml:8: csaf.namespace: 'box' is not a web address; write https://host/path"),
    ("key: A", "portal.yml:8: csaf.key: is not a known field; known fields: signing_key, category, namespace, contact_details, "
     "issuing_authority, list_on_aggregators, mirror_on_aggregators, disclaimer"),
    ("list_on_aggregators: maybe", "portal.yml:8: csaf.list_on_aggregators: 'maybe' is neither true nor false; write true or false"),
])
def test_settings_are_checked(tmp_path: Path, written: str, said: str) -> None:
    root = write_site(tmp_path, {"portal.yml": SITE["portal.yml"] + f"csaf:\n  {written}\n"})
    assert [line for line in messages(root) if "csaf" in line] == [said]


def test_csaf_wants_https(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"portal.yml": SITE["portal.yml"].replace("https:", "http:") + "csaf: {category: vendor}\n"})
    assert [line for line in messages(root) if "CSAF" in line] == [
        "portal.yml:3: url: 'http://support.example.com/' does not begin with https://, which CSAF demands; write https://... or remove csaf"]
