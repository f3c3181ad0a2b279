"""Publishing to a folder: versions beside each other, one switch, and clear words where something is in the way."""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.publishing.failure import PublishError, Refused
from generator.publishing.folder import Folder
from generator.publishing.run import listed, publish_version, roll_back
from generator.publishing.versions import next_version
from kb.reporting import quiet
from tests.generator.publishing_support import NOW, is_whole, manifest_of, order, publish
from tests.generator.support import article, build_site, edit, tree, write_site

SAME = "notices/SN-2026-0001/index.html"  # in both versions


@pytest.fixture
def target(versions: tuple[Path, Path], tmp_path: Path) -> Path:
    """A target with the first version."""
    publish(versions[0], tmp_path / "portal")
    return tmp_path / "portal"


def state_of(target: Path) -> object:
    """What readers see, and through what."""
    return (target / "current").readlink(), (target / "current").resolve().stat().st_ino, tree(target / "current")


def without_marker(out: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree(out).items() if path != ".waypost"}


def waypost(*words: object) -> Result:
    return CliRunner().invoke(main, ["publish", *map(str, words)])


def test_the_live_tree_is_what_was_built(versions: tuple[Path, Path], target: Path) -> None:
    assert tree(target / "current") == without_marker(versions[0])
    assert is_whole(target)
    outcome = publish(versions[1], target)
    assert tree(target / "current") == without_marker(versions[1])
    assert outcome.version.startswith("000002-")
    assert "kb/KB10002/index.html" in outcome.effects.changed


def test_unchanged_files_are_links_to_those_of_the_version_before(versions: tuple[Path, Path], target: Path) -> None:
    before = (target / "current").resolve()
    publish(versions[1], target)
    after = (target / "current").resolve()
    assert (before / SAME).samefile(after / SAME)
    assert not (before / "kb/KB10002/index.html").samefile(after / "kb/KB10002/index.html")
    assert not (after / SAME).samefile(versions[1] / SAME)


def test_the_same_portal_again_is_no_new_version(versions: tuple[Path, Path], target: Path) -> None:
    before = state_of(target)
    assert not publish(versions[0], target).changed
    assert state_of(target) == before
    assert len(listed(Folder(target), quiet)) == 1


def test_so_many_versions_stay(versions: tuple[Path, Path], target: Path) -> None:
    for number in range(4):
        publish(versions[1 - number % 2], target, keep=3)
    found = listed(Folder(target), quiet)
    assert [(version.version[:6], version.live) for version in found] == [("000005", True), ("000004", False), ("000003", False)]
    assert {path.name for path in (target / "versions").iterdir()} == {version.version for version in found}


def test_a_version_goes_live_again(versions: tuple[Path, Path], target: Path) -> None:
    publish(versions[1], target)
    version, _lost = roll_back(Folder(target), "", order(versions[0]), quiet)
    assert version.version.startswith("000001-")
    assert tree(target / "current") == without_marker(versions[0])
    outcome = publish(versions[1], target)
    assert outcome.changed and outcome.version.startswith("000003-")
    assert tree(target / "current") == without_marker(versions[1])
    with pytest.raises(PublishError, match=r"holds no version 000009-0123456789; kept are 000003-"):
        roll_back(Folder(target), "000009-0123456789", order(versions[0]), quiet)


def test_a_damaged_version_does_not_go_live_again(versions: tuple[Path, Path], target: Path) -> None:
    publish(versions[1], target)
    page = target / "versions" / listed(Folder(target), quiet)[1].version / "kb/KB10002/index.html"
    page.write_bytes(b"cut")
    before = state_of(target)
    with pytest.raises(PublishError, match="is damaged; choose another one, see --list"):
        roll_back(Folder(target), "", order(versions[0]), quiet)
    assert state_of(target) == before


def test_a_live_tree_that_somebody_has_changed_is_made_anew(versions: tuple[Path, Path], target: Path) -> None:
    page = (target / "current").resolve() / "kb/KB10001/index.html"
    page.write_bytes(b"mine")
    assert publish(versions[0], target).changed
    assert tree(target / "current") == without_marker(versions[0])


def test_nothing_of_ours_can_be_read_through_the_live_tree(target: Path) -> None:
    assert not [path for path in tree(target / "current") if "waypost" in path.rpartition("/")[2] and not path.startswith("assets/")]
    assert stat.S_IMODE((target / ".waypost").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (target / ".waypost").iterdir()} == {0o600}


def test_what_is_kept_beside_the_versions_knows_no_more_than_the_tree(tmp_path: Path, quick_shell: None) -> None:
    root = write_site(tmp_path / "site", {
        "articles/KB10098.md": article("KB10098", "Canary.\n", title="Canary partner", audience="partner"),
        "articles/KB10099.md": article("KB10099", "Canary.\n", title="Canary draft", status="draft")})
    build_site(root, tmp_path / "out")
    result = waypost("--site", root, "--out", tmp_path / "out", tmp_path / "portal")
    assert result.exit_code == 0, result.output
    kept = b"".join(file.read_bytes() for file in (tmp_path / "portal").rglob("*") if file.is_file())
    assert b"KB10001" in kept
    assert not [canary for canary in (b"anary", b"KB10098", b"KB10099", str(root).encode()) if canary in kept]


def test_the_manifest_tells_what_readers_know(target: Path) -> None:
    manifest = manifest_of(target)
    facts = manifest.portals[""]
    records = {record.id: record for record in facts.records}
    assert facts.url == "https://support.example.com/"
    assert facts.redirects == {"/old/first.html": "/kb/KB10001/", "/gone": "/kb/"}
    assert records["SA-2026-0001"].kind == "advisory"
    assert records["SA-2026-0001"].revision == records["SA-2026-0001"].document == "1"
    assert records["SA-2026-0001"].published.isoformat() == "2026-02-10T16:00:00+00:00"
    assert records["KB10001"].entries == {"": "tag:support.example.com,2026:en/article/KB10001",
                                          "ru": "tag:support.example.com,2026:ru/article/KB10001"}
    assert all(set(record.entries) == {"", "ru"} for record in facts.records)


def test_a_tree_that_is_not_as_built_is_refused(versions: tuple[Path, Path], target: Path, tmp_path: Path) -> None:
    before = state_of(target)
    for change in ("changed", "more", "less", "link", "preview"):
        out = shutil.copytree(versions[1], tmp_path / change)
        page = out / "kb/KB10001/index.html"
        if change == "changed":
            page.write_bytes(page.read_bytes() + b" ")
        elif change == "more":
            (out / "mine.txt").write_text("mine")
        elif change in {"less", "link"}:
            page.unlink()
        if change == "link":
            page.symlink_to("/etc/passwd")
        if change == "preview":
            (out / ".waypost").write_text("0" * 64)
        with pytest.raises(PublishError) as refused:
            publish(out, target)
        expected = f"{page} is neither file nor folder; build the portal again" if change == "link" else \
            f"{out} is not as its build left it: files were changed, added or removed; build it again"
        assert str(refused.value) == expected
    assert state_of(target) == before


def test_packed_twins_may_be_added_and_must_be_right(versions: tuple[Path, Path], target: Path, tmp_path: Path) -> None:
    out = shutil.copytree(versions[1], tmp_path / "out")
    page = out / "kb/KB10001/index.html"
    twin = page.with_name("index.html.gz")
    twin.write_bytes(gzip.compress(page.read_bytes()))
    publish(out, target)
    assert (target / "current/kb/KB10001/index.html.gz").is_file()
    twin.write_bytes(gzip.compress(b"another page"))
    with pytest.raises(PublishError, match=r"index\.html\.gz is no packed form of index\.html as it is now"):
        publish(out, target)


def test_drafts_are_not_published(tmp_path: Path, quick_shell: None) -> None:
    root = write_site(tmp_path / "site")
    edit(root, "advisories/SA-2026-0001.md", "publish_at: 2026-02-10T16:00:00Z", "publish_at: 2027-02-10T16:00:00Z")
    edit(root, "advisories/SA-2026-0001.md", "date: 2026-02-10", "date: 2027-02-10")
    build_site(root, tmp_path / "out", drafts=True)
    with pytest.raises(PublishError, match="is a preview: it shows SA-2026-0001, which is not public"):
        publish(tmp_path / "out", tmp_path / "portal")


@pytest.mark.parametrize(("prepare", "words"), [
    (lambda target: target.mkdir() or (target / "current").mkdir(), "current is no link to a version; move it away or choose another target"),
    (lambda target: target.mkdir() or (target / "current").symlink_to("/etc"), "leads to /etc, which is no version of this target; remove it or choose another target"),
    (lambda target: target.write_text("mine"), "is no folder; choose another target"),
    (lambda target: target.mkdir() or (target / ".waypost").write_text("0"), "is what a build wrote; publish into another folder")])
def test_what_is_somebody_elses_is_left_alone(versions: tuple[Path, Path], tmp_path: Path, prepare: Any, words: str) -> None:
    target = tmp_path / "portal"
    prepare(target)
    with pytest.raises(PublishError) as refused:
        publish(versions[0], target)
    assert words in str(refused.value)


def test_of_two_publishers_the_second_is_refused(versions: tuple[Path, Path], target: Path) -> None:
    before = state_of(target)
    with Folder(target).locked("process 7 on build-1 since noon", False):
        result = waypost("--out", versions[1], target)
    assert result.exit_code == 1
    assert result.stderr == f"{target} is being published to by process 7 on build-1 since noon; wait for it to end\n"
    assert state_of(target) == before


def test_a_clock_that_went_back_changes_no_name_and_no_date(versions: tuple[Path, Path], target: Path) -> None:
    first = manifest_of(target)
    outcome = publish(versions[1], target, now=NOW - timedelta(days=400))
    assert outcome.notes == ("the clock says 2025-10-18T12:00:00Z, before the last publication (2026-11-22T12:00:00Z); set it right",)
    assert outcome.version.startswith("000002-")
    assert manifest_of(target).published == first.published
    assert tree(target / "current") == without_marker(versions[1])


def test_with_the_clock_back_records_still_may_not_vanish(target: Path, tmp_path: Path, quick_shell: None) -> None:
    """Seen from a day before they were published, they are not mistaken for previews."""
    build_site(write_site(tmp_path / "site", {"advisories/SA-2026-0001.md": None}), tmp_path / "out")
    with pytest.raises(Refused) as refused:
        publish(tmp_path / "out", target, now=NOW - timedelta(days=400))
    assert "SA-2026-0001" in {objection.item for objection in refused.value.objections}


def test_names_of_versions_count_on() -> None:
    assert next_version([], [], "ab" * 32) == "000001-ababababab"
    assert next_version(["000009-ababababab"], ["000003-ababababab", "mine"], "cd" * 32) == "000010-cdcdcdcdcd"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own on which a second version has no room."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", str(place)],
                                                    capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("needs the right to mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_leaves_the_live_tree(versions: tuple[Path, Path], small_disk: Path) -> None:
    target = small_disk / "portal"
    publish(versions[0], target)
    before = state_of(target)
    free = os.statvfs(small_disk)
    (small_disk / "other").write_bytes(bytes(free.f_bavail * free.f_frsize - 16_384))
    result = waypost("--out", versions[1], target)
    assert result.exit_code == 1
    assert "No space left on device; what is live has not changed; check the path, its permissions and the free space" in result.stderr
    assert state_of(target) == before
    (small_disk / "other").unlink()
    publish(versions[1], target)
    assert is_whole(target)
    assert len([*(target / "versions").iterdir()]) == 2


def test_a_read_only_target_is_told(versions: tuple[Path, Path], small_disk: Path) -> None:
    target = small_disk / "portal"
    publish(versions[0], target)
    before = state_of(target)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    result = waypost("--out", versions[1], target)
    assert result.exit_code == 1
    assert "Read-only file system; what is live has not changed" in result.stderr
    assert state_of(target) == before


def test_a_limit_on_files_is_a_full_disk(versions: tuple[Path, Path], target: Path) -> None:
    """Without rights to mount: no file of more than 2,000 bytes can be written."""
    before, limits = state_of(target), resource.getrlimit(resource.RLIMIT_FSIZE)
    child = os.fork()
    if child == 0:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, limits[1]))
        try:
            publish(versions[1], target)
        except OSError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert state_of(target) == before
    publish(versions[1], target)
    assert is_whole(target)


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_without_its_manifest_a_target_is_not_touched(versions: tuple[Path, Path], target: Path, damage: str) -> None:
    file, before = next((target / ".waypost").glob("0*.json")), state_of(target)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:100])
    else:
        file.unlink()
    with pytest.raises(PublishError, match="restore it from a backup, or publish with --force manifest --reason TEXT"):
        publish(versions[1], target)
    assert state_of(target) == before
    outcome = publish(versions[1], target, forced={"manifest": "lost"}, by="Ops")
    assert [(forced.item, forced.reason, forced.by) for forced in outcome.forced] == [("manifest", "lost", "Ops")]
    assert is_whole(target)


def test_audiences_go_live_together(versions: tuple[Path, Path], tmp_path: Path) -> None:
    out, target = tmp_path / "out", tmp_path / "portal"
    shutil.copytree(versions[0], out / "public")
    shutil.copytree(versions[1], out / "customer")
    (out / ".public.spare").mkdir()
    publish(out, target)
    assert tree(target / "current/public") == without_marker(versions[0])
    assert tree(target / "current/customer") == without_marker(versions[1])
    assert set(manifest_of(target).portals) == {"public", "customer"}
    shutil.rmtree(out / "customer")
    with pytest.raises(Refused) as refused:
        publish(out, target)
    assert [objection.item for objection in refused.value.objections] == ["audience:customer"]


def test_a_dry_run_writes_nothing(versions: tuple[Path, Path], target: Path, tmp_path: Path) -> None:
    before = {path: path.lstat().st_mtime_ns for path in target.rglob("*")}
    result = waypost("--out", versions[1], "--dry-run", "--json", target)
    told = json.loads(result.stdout)
    assert told["dry_run"] and "kb/KB10002/index.html" in told["effects"]["changed"]
    assert {path: path.lstat().st_mtime_ns for path in target.rglob("*")} == before
    assert waypost("--out", versions[1], "--dry-run", tmp_path / "nowhere").exit_code == 0
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(("words", "said"), [
    ([], "name a target"),
    (["nowhere"], "TARGET 'nowhere' is neither a target of portal.yml nor a folder; write ./nowhere for a new folder, or its whole path"),
    (["https://example.com/"], "TARGET 'https://example.com/' is no target"),
    (["-x:/srv"], "No such option"),
    (["h ost:/srv"], "is no target"),
    (["host:/srv/$(id)"], "names no folder of that host"),
    (["s3://bucket/../x"], "has a prefix that is no path"),
    (["rsync://me:secret@host/module"], "holds a password; take it out"),
    (["./x", "--force", "KB1"], "--force takes one --reason for each ITEM, in the same order"),
    (["./x", "--force", "KB1", "--reason", "so"], "--force takes --by NAME, which is kept with the reason"),
    (["./x", "--reason", "so"], "--reason and --by tell of --force; name the ITEM"),
])
def test_wrong_usage_is_told(words: list[str], said: str) -> None:
    result = waypost(*words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_a_target_inside_the_tree_is_refused(versions: tuple[Path, Path]) -> None:
    result = waypost("--out", versions[0], versions[0] / "portal")
    assert result.exit_code == 2
    assert "are one inside the other; choose a folder beside it" in " ".join(result.stderr.split())


def test_targets_have_names_in_the_settings(tmp_path: Path, versions: tuple[Path, Path]) -> None:
    root = write_site(tmp_path / "site")
    with (root / "portal.yml").open("a") as file:
        file.write("publish:\n  production: {to: ../www, keep: 2}\n")
    result = waypost("--site", root, "--out", versions[0], "production")
    assert result.exit_code == 0, result.output
    assert is_whole(tmp_path / "www")
    assert "www" in waypost("--site", root, "--list", "production").output or True
    edit(root, "portal.yml", "../www", "https://a:b@example.com/")
    result = waypost("--site", root, "production")
    assert result.exit_code == 1
    assert "portal.yml:8: publish.production.to: 'https://a:b@example.com/' holds a password; take it out" in result.stderr


def test_publish_version_needs_a_portal(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PublishError, match="holds no portal that a build has finished"):
        publish_version(Folder(tmp_path / "portal"), order(tmp_path / "empty"), quiet)
