"""What has not changed keeps its bytes and its signature; what is embargoed leaves no trace."""

from __future__ import annotations

import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from generator import unchanged
from generator.build import BuildFailed, Options, build, check
from generator.building import Provider
from generator.unchanged import last_build
from kb.findings import errors
from tests.generator.csaf.conftest import Keyring
from tests.generator.csaf.sites import BULLETINS
from tests.generator.csaf.test_signing import settings
from tests.generator.support import AT, SITE, build_site, edit, tree, write, write_site

CSAF = ".well-known/csaf/"
ADVISORY = f"{CSAF}white/2026/sa-2026-0001.json"
PUBLICATION = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)

EMBARGOED = SITE["advisories/SA-2026-0001.md"].replace("SA-2026-0001", "SA-2026-0009").replace("2026-02-10T16:00:00Z", "2026-12-01T12:30:00+03:00").replace(
    "title: The box opens to everybody", "title: The quagga box\ntlp: GREEN\ncves: [CVE-2026-990777]").replace("number: \"1\", date: 2026-02-10", "number: \"1\", date: 2026-12-01")

pytestmark = pytest.mark.usefixtures("plain_builds")


@pytest.fixture
def root(tmp_path: Path, gnupg: Keyring, fingerprint: str) -> Path:
    return write_site(tmp_path / "source", {**BULLETINS, "portal.yml": settings(fingerprint)})


def provided(out: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree(out).items() if path.startswith(CSAF)}


def made(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[bytes]]:
    """Ids of documents and bytes of signatures as they are made from now on."""
    from generator.csaf import publishing

    documents: list[str] = []
    signatures: list[bytes] = []
    document_bytes, sign = publishing.document_bytes, publishing.sign

    def note_document(edition, record):  # type: ignore[no-untyped-def]
        documents.append(record.id)
        return document_bytes(edition, record)

    def note_signature(key, data, moment):  # type: ignore[no-untyped-def]
        signatures.append(data)
        return sign(key, data, moment)

    monkeypatch.setattr(publishing, "document_bytes", note_document)
    monkeypatch.setattr(publishing, "sign", note_signature)
    return documents, signatures


def test_an_unchanged_document_is_neither_made_nor_signed_again(
        root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    build_site(root, out, cache)
    before = provided(out)
    documents, signatures = made(monkeypatch)
    edit(root, "articles/KB10002.md", "Use a brush.", "Use a broom.")
    build_site(root, out, cache)
    assert (provided(out), documents, signatures) == (before, [], [])
    edit(root, "advisories/SA-2026-0001.md", "It opens.", "It opens at night.")
    build_site(root, out, cache)
    assert "SA-2026-0001" in documents
    assert len(signatures) == 1
    changed = {path for path, data in provided(out).items() if before.get(path) != data}
    assert changed == {ADVISORY, f"{ADVISORY}.asc", f"{ADVISORY}.sha256", f"{ADVISORY}.sha512"}


@pytest.mark.parametrize("lost", ["cache", "tree", "both"])
def test_signatures_outlive_the_cache_and_the_tree(
        root: Path, tmp_path: Path, lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    build_site(root, out, cache)
    before = tree(out)
    for folder in {"cache": [cache], "tree": [out], "both": [cache, out]}[lost]:
        shutil.rmtree(folder)
    _documents, signatures = made(monkeypatch)
    build_site(root, out, cache)
    assert tree(out) == before
    assert len(signatures) == (4 if lost == "both" else 0)


def test_a_damaged_signature_is_not_taken_over(root: Path, tmp_path: Path) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    build_site(root, out, cache)
    before = tree(out)
    (out / f"{ADVISORY}.asc").write_bytes(before[f"{CSAF}white/2026/sn-2026-0001.json.asc"])
    shutil.rmtree(cache)
    build_site(root, out, cache)
    assert tree(out) == before


def test_another_key_changes_signatures_and_no_document(root: Path, tmp_path: Path, gnupg: Keyring) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    build_site(root, out, cache)
    before = provided(out)
    write(root, "portal.yml", settings(gnupg.new_key()))
    build_site(root, out, cache)
    after = provided(out)
    same = {path for path in before if before[path] == after.get(path)}
    assert {path for path in before if "/20" in path and path.endswith((".json", ".sha256", ".sha512"))} <= same
    assert not {path for path in same if path.endswith(".asc")}
    assert len([path for path in after if "/openpgp/" in path and path.endswith(".asc")]) == 1
    assert after == provided_anew(root, tmp_path)


def provided_anew(root: Path, tmp_path: Path) -> dict[str, bytes]:
    build_site(root, tmp_path / "anew")
    return provided(tmp_path / "anew")


def test_without_a_key_it_is_a_provider(root: Path, tmp_path: Path) -> None:
    write(root, "portal.yml", SITE["portal.yml"])
    summary = build_site(root, tmp_path / "out")
    found = provided(tmp_path / "out")
    assert summary.csaf == Provider(4, "csaf_provider")
    assert not [path for path in found if path.endswith(".asc")]
    assert b'"role": "csaf_provider"' in found[f"{CSAF}provider-metadata.json"]
    assert b'"signature"' not in found[f"{CSAF}white/csaf-feed-tlp-white.json"]


def test_a_portal_without_bulletins_is_no_provider(root: Path, tmp_path: Path) -> None:
    for file in (*root.glob("advisories/*"), *root.glob("notices/*")):
        file.unlink()
    assert build_site(root, tmp_path / "out").csaf is None
    assert provided(tmp_path / "out") == {}


def test_workers_make_no_difference(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.csaf.publishing.CHUNK", 1)
    monkeypatch.setattr("generator.csaf.publishing.PARALLEL_FROM", 1)
    build_site(root, tmp_path / "one", jobs=1)
    build_site(root, tmp_path / "three", jobs=3)
    assert tree(tmp_path / "one") == tree(tmp_path / "three")


def test_an_embargoed_bulletin_leaves_no_trace(root: Path, tmp_path: Path) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    build_site(root, out, cache)
    without = provided(out)
    write(root, "advisories/SA-2026-0009.md", EMBARGOED)
    build_site(root, out, cache, PUBLICATION - timedelta(seconds=1))
    assert provided(out) == without
    for word in (b"0009", b"quagga", b"990777"):
        assert not [path for path, data in provided(out).items() if word in data or word.decode() in path]
    build_site(root, out, cache, PUBLICATION)
    found = provided(out)
    listed = f"{CSAF}green/2026/sa-2026-0009.json"
    assert listed in found
    for path in (f"{CSAF}green/index.txt", f"{CSAF}green/changes.csv", f"{CSAF}green/csaf-feed-tlp-green.json", f"{CSAF}green/2026/index.html"):
        assert b"sa-2026-0009" in found[path], path
    assert b"2026-12-01T09:30:00Z" in found[f"{CSAF}provider-metadata.json"]
    assert found == provided_at(root, tmp_path, PUBLICATION)


def provided_at(root: Path, tmp_path: Path, at: datetime) -> dict[str, bytes]:
    build_site(root, tmp_path / "anew", at=at)
    return provided(tmp_path / "anew")


def test_a_preview_signs_nothing(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.csaf.signing._run", lambda *_arguments: pytest.fail("asked GnuPG"))
    write(root, "advisories/SA-2026-0010.md", "---\nid: SA-2026-0010\nstatus: draft\ntitle: Draft\nsummary: Short.\n---\n\nText.\n")
    build_site(root, tmp_path / "out", drafts=True)
    assert not [path for path in provided(tmp_path / "out") if path.endswith(".asc") or "0010" in path]


def test_digests_are_as_the_usual_tools_read_them(root: Path, tmp_path: Path) -> None:
    build_site(root, tmp_path / "out")
    folder = tmp_path / "out" / CSAF / "white" / "2026"
    for algorithm in ("sha256", "sha512"):
        done = subprocess.run([f"{algorithm}sum", "--check", "--strict", f"sa-2026-0001.json.{algorithm}"], cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_what_the_build_tells(root: Path, tmp_path: Path) -> None:
    from generator.commands.outcome import as_lines, for_programs

    signed = build_site(root, tmp_path / "out")
    assert "CSAF: 4 documents, signed: a trusted provider" in list(as_lines(signed))
    assert for_programs(signed)["csaf"] == {"documents": 4, "role": "csaf_trusted_provider"}
    write(root, "portal.yml", SITE["portal.yml"])
    assert "CSAF: 4 documents, not signed: a provider, not a trusted one; name csaf.signing_key in portal.yml" in list(
        as_lines(build_site(root, tmp_path / "out")))


def test_a_key_that_changes_is_seen_although_no_file_did(
        root: Path, tmp_path: Path, gnupg: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "_RACE", 0)
    key = gnupg.new_key("rsa2048", expires="20y")
    write(root, "portal.yml", settings(key))
    options = Options(root, tmp_path / "out", AT, cache=tmp_path / "cache", rewrites=("all",))
    build(options)
    assert last_build(options)
    gnupg.run("--quick-set-expire", key, "30y")  # the portal offers the public key with it
    assert last_build(options) is None
    build(options)
    assert last_build(options)
    elsewhere = tmp_path / "gnupg"
    elsewhere.mkdir(mode=0o700)
    with monkeypatch.context() as patch:
        patch.setenv("GNUPGHOME", str(elsewhere))
        assert last_build(options) is None
    gnupg.run("--quick-set-expire", key, "seconds=1")
    time.sleep(2.1)  # GnuPG counts whole seconds, the last one included
    assert last_build(options) is None
    with pytest.raises(BuildFailed, match="1 error"):
        build(options)


def test_two_ids_of_one_file_name_are_refused(root: Path, tmp_path: Path) -> None:
    text = SITE["advisories/SA-2026-0001.md"]
    for name in ("SA-2026-0001.a", "SA-2026-0001_a"):
        write(root, f"advisories/{name}.md", text.replace("SA-2026-0001", name))
    with pytest.raises(BuildFailed) as failed:
        check(Options(root, tmp_path / "out", AT))
    assert [str(finding) for finding in errors(failed.value.findings)] == [
        "advisories/SA-2026-0001_a.md:2: id: 'SA-2026-0001_a' differs from SA-2026-0001.a (advisories/SA-2026-0001.a.md) in signs that "
        "become '_' in the name of a CSAF document; give one of them another id"]
