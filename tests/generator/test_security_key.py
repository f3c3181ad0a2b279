"""The key of the security team: published from its file, named by security.txt and by the page, never a private one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from generator.build import check, prepare
from generator.building import BuildFailed, Options
from kb.openpgp_signatures import Standing
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


BARE = "448EC19B7C0673EE2ED9E171AB00D898FDC0EEEE"
RENEW = f"prolong it with 'gpg --quick-set-expire {BARE} 1y', then export it to this file again"
END = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ending(monkeypatch: pytest.MonkeyPatch, expires: datetime | None, is_revoked: bool = False) -> None:
    """Lets the key in the file have another end."""
    monkeypatch.setattr("kb.openpgp_key.standing", lambda _packets, _fingerprint: Standing(expires, is_revoked))


@pytest.mark.usefixtures("quick_shell")
@pytest.mark.parametrize(("days", "notes", "errors"), [
    (-31, [], []),
    (-30, [f"team.asc:1: holds a key that expires at 2026-03-01T12:00:00Z; {RENEW}"], []),
    (0, [], [f"team.asc:1: holds a key that expired at 2026-03-01T12:00:00Z; {RENEW}"]),
])
def test_a_key_that_ends(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, notes: list[str],
                         errors: list[str]) -> None:
    ending(monkeypatch, END)
    told = []
    try:
        found = check(Options(site, tmp_path / "out", END + timedelta(days=days)))
    except BuildFailed as failed:
        found, told = (), [str(one) for one in failed.findings if one.level == "error"]
    assert ([str(one) for one in found if one.path == "team.asc"], told) == (notes, errors)


@pytest.mark.usefixtures("quick_shell")
def test_a_revoked_key(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, None, is_revoked=True)
    with pytest.raises(BuildFailed) as failed:
        check(Options(site, tmp_path / "out", END))
    assert [str(one) for one in failed.value.findings if one.level == "error"] == [
        "team.asc:1: holds a key that has been revoked; export the key to this file that is used now"]


@pytest.mark.usefixtures("quick_shell")
def test_a_build_that_changes_nothing_sees_the_end(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the last build told holds until there is more to be told."""
    ending(monkeypatch, END)
    prepared = [prepare(Options(site, tmp_path / "out", END - timedelta(days=days))) for days in (40, 10)]
    assert [one.until for one in prepared] == [END - timedelta(days=30), END]


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
