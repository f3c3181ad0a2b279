"""The key of the security team: published from its file, named by security.txt and by the page, never a private one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.build import BuildFailed
from tests.generator.support import build_site, differences, write, write_site

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "content" / "sirt.asc").read_text(encoding="ascii")
ADDRESS = "pgp_key: https://www.example.com/key.asc"
FINGERPRINT = "448E C19B 7C06 73EE 2ED9 E171 AB00 D898 FDC0 EEEE"
KEYLESS = (ROOT / "tests" / "golden" / "source" / "policy.yml").read_text(encoding="utf-8")
POLICY = re.sub(r"  fingerprint: .*\n", "", KEYLESS)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    assert POLICY.count(ADDRESS) == 1 and "fingerprint" not in POLICY
    write_site(tmp_path / "site", {"policy.yml": POLICY.replace(ADDRESS, "pgp_key_file: team.asc")})
    write(tmp_path / "site", "team.asc", EXAMPLE)
    return tmp_path / "site"


def test_the_key_is_published_and_named(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_site(site, out)
    assert (out / ".well-known" / "pgp-key.asc").read_text(encoding="ascii") == EXAMPLE
    lines = (out / ".well-known" / "security.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("Encryption")] == ["Encryption: https://support.example.com/.well-known/pgp-key.asc"]
    for page in (path for path in (out / "help").rglob("*.html") if 'id="policy-security"' in path.read_text(encoding="utf-8")):
        html = page.read_text(encoding="utf-8")
        assert FINGERPRINT in html and '/.well-known/pgp-key.asc"' in html
        break
    else:
        raise AssertionError("no page shows the team")


def test_another_key_and_none(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_site(site, out)
    write(site, "policy.yml", KEYLESS)
    build_site(site, out)
    assert not (out / ".well-known" / "pgp-key.asc").exists()
    assert "Encryption: https://www.example.com/key.asc" in (out / ".well-known" / "security.txt").read_text(encoding="utf-8")
    build_site(site, tmp_path / "clean")
    assert differences(out, tmp_path / "clean") == []


@pytest.mark.parametrize(("file", "line", "message"), [
    (EXAMPLE.replace("PUBLIC", "PRIVATE"), "", "team.asc:1: holds a private key, which must not be published; "
     "write there what 'gpg --armor --export FINGERPRINT' prints; if others could read the file, revoke the key and make another"),
    ("no key", "", "team.asc:1: does not hold one armored public key; write there what 'gpg --armor --export FINGERPRINT' prints"),
    (None, "", "team.asc: cannot be read (No such file or directory); check that it exists and its permissions"),
    (EXAMPLE, "fingerprint: " + "0" * 40, "security.fingerprint: '0000 0000 0000 0000 0000 0000 0000 0000 0000 0000' is not that of the key in "
     f"team.asc, {FINGERPRINT}; remove it: the key tells its own"),
])
def test_what_is_wrong_stops_the_build(site: Path, tmp_path: Path, file: str | None, line: str, message: str) -> None:
    if file is None:
        (site / "team.asc").unlink()
    else:
        write(site, "team.asc", file)
    if line:
        text = (site / "policy.yml").read_text(encoding="utf-8")
        write(site, "policy.yml", text.replace("pgp_key_file: team.asc", f"pgp_key_file: team.asc\n  {line}"))
    with pytest.raises(BuildFailed) as failed:
        build_site(site, tmp_path / "out")
    (found,) = failed.value.findings
    assert str(found).endswith(message) and found.path in {"team.asc", "policy.yml"}
    assert not (tmp_path / "out").exists()
