"""Invariant 6 against the manifest of what is published: one published portal plus one change."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.history_rules import Known
from generator.publishing.guard import objections
from generator.publishing.manifest import Manifest, PortalFacts
from tests.generator.publishing_support import NOW, is_whole, manifest_of, publish
from tests.generator.support import build_site, edit, plain_shell, write_site

FORCE = ", or publish with --force {} --reason TEXT"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A site and the target where its portal is; only for reading."""
    folder = tmp_path_factory.mktemp("published")
    root = write_site(folder / "site")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("generator.build.make_shell", plain_shell)
        build_site(root, folder / "out", folder / "cache")
    publish(folder / "out", folder / "portal")
    return root, folder / "portal"


@pytest.fixture(scope="module")
def manifest(published: tuple[Path, Path]) -> Manifest:
    return manifest_of(published[1])


def told(before: Manifest, after: PortalFacts, gone: tuple[str, ...] = ()) -> list[str]:
    """Findings with the item that lets each through."""
    files = before.files.keys() - {*gone}
    return [f"[{found.item}] {found.finding}" for found in objections(before, {"": after}, files, NOW)]


def with_record(manifest: Manifest, record_id: str, **changes: object) -> PortalFacts:
    """The portal with one record changed; None takes it out."""
    facts = manifest.portals[""]
    records = tuple(msgspec.structs.replace(record, **changes) if record.id == record_id else record for record in facts.records
                    if changes or record.id != record_id)
    return msgspec.structs.replace(facts, records=records)


def test_what_has_not_changed_is_fine(manifest: Manifest) -> None:
    assert told(manifest, manifest.portals[""]) == []


DAY = datetime(2026, 1, 1, tzinfo=UTC)
OTHER = {"titles": ("Fans turn backwards",), "products": ("tower",)}


@pytest.mark.parametrize(("record_id", "changes", "finding"), [
    ("KB10001", {}, "kb/KB10001/: id: 'KB10001' has been published and may not vanish; write 'status: retired', which keeps its page"),
    ("100001", {}, "pr/100001/: id: '100001' has been published and may not vanish; restore its file; a closed one keeps its page"),
    ("SA-2026-0001", {}, "advisories/SA-2026-0001/: id: 'SA-2026-0001' has been published and may not vanish; write 'status: withdrawn', which keeps its page"),
    ("KB10001", {"published": DAY}, "kb/KB10001/: created: '2026-01-01T00:00:00Z' is not when it was first published; write 2026-01-20T00:00:00Z"),
    ("SA-2026-0001", {"published": DAY}, "advisories/SA-2026-0001/: publish_at: '2026-01-01T00:00:00Z' is not when it was first published; write 2026-02-10T16:00:00Z"),
    ("KB10001", {"kind": "report"}, "kb/KB10001/: id: 'KB10001' has been published as article; give this one another id and supersede the old one"),
    ("KB10001", OTHER, "kb/KB10001/: id: 'KB10001' has been published as 'Restart a box' and now names 'Fans turn backwards', for other products; give this record an id of its own"),
    ("KB10001", {"entries": {"": "tag:support.example.com,2026:en/article/KB1"}}, "kb/KB10001/: feeds: 'tag:support.example.com,2026:en/article/KB1' is not the id of its feed entry: tag:support.example.com,2026:en/article/KB10001 has been published, and readers would see the record again; keep url and id as they were"),
    ("SA-2026-0001", {"digest": "0"}, "advisories/SA-2026-0001/: revisions: '1' is published already, and the bulletin has changed since; add an entry that says what changed"),
    ("SA-2026-0001", {"revision": "0.9"}, "advisories/SA-2026-0001/: revisions: '0.9' goes back: revision 1 has been published; restore its entry and add one"),
    ("SA-2026-0001", {"document": "0.9"}, "advisories/SA-2026-0001/: csaf: '0.9' goes back: its CSAF document has been published as version 1; restore its revisions and add one"),
    ("SA-2026-0001", {"revision": "2", "digest": "0"}, "advisories/SA-2026-0001/: revisions: '2' is not later than the state that is published (2026-02-10T16:00:00Z), so programs that ask for changes would miss it; give its date a time, such as 2026-11-22T12:00:00Z"),
])
def test_what_is_published_stays(manifest: Manifest, record_id: str, changes: dict[str, object], finding: str) -> None:
    assert told(manifest, with_record(manifest, record_id, **changes)) == [f"[{record_id}] {finding}{FORCE.format(record_id)}"]


@pytest.mark.parametrize(("record_id", "changes"), [
    ("KB10001", {"status": "retired", "titles": ("Restart it",), "updated": NOW}),
    ("KB10001", {"titles": ("Fans turn backwards",)}),
    ("SA-2026-0001", {"revision": "2", "digest": "0", "updated": NOW, "document": "2"}),
    ("SA-2026-0001", {"revision": "2", "digest": "0", "updated": NOW, "status": "withdrawn"}),
])
def test_what_may_change(manifest: Manifest, record_id: str, changes: dict[str, object]) -> None:
    assert told(manifest, with_record(manifest, record_id, **changes)) == []


def test_a_record_that_became_part_of_another_has_not_vanished(manifest: Manifest) -> None:
    facts = with_record(manifest, "KB10001")
    merged = msgspec.structs.replace(facts, records=tuple(
        msgspec.structs.replace(record, aliases=(*record.aliases, "kb10001")) if record.id == "KB10002" else record
        for record in facts.records))
    assert told(manifest, merged) == []


def test_pages_feeds_and_documents_keep_their_addresses(manifest: Manifest) -> None:
    facts = manifest.portals[""]
    gone = ("kb/KB10001/index.html", "feeds/all.atom", ".well-known/csaf/white/2026/sa-2026-0001.json", "gone/index.html")
    assert told(manifest, facts, gone) == [
        f"[/{path}] {path}: '/{path}' has been published and leads nowhere now; lead it on in redirects.yml{FORCE.format(f'/{path}')}"
        for path in (".well-known/csaf/white/2026/sa-2026-0001.json", "feeds/all.atom", "kb/KB10001/")]
    led = msgspec.structs.replace(facts, redirects={"/kb/KB10001": "/kb/", "/feeds/all.atom": "/feeds/new.atom", **facts.redirects})
    assert len(told(manifest, led, gone)) == 1


def test_a_redirect_that_goes_is_an_address_that_goes(manifest: Manifest) -> None:
    facts = msgspec.structs.replace(manifest.portals[""], redirects={})
    assert [item.partition(" ")[0] for item in told(manifest, facts, ("gone/index.html",))] == ["[/gone/]"]


def test_what_is_named_by_its_content_may_go(manifest: Manifest) -> None:
    passing = tuple(path for path in manifest.files if path.startswith(("assets/", "pagefind/", "prsearch/", "feeds/archive/")))
    assert passing
    assert told(manifest, manifest.portals[""], passing) == []


def test_a_folder_that_goes_is_one_finding(manifest: Manifest) -> None:
    gone = tuple(path for path in manifest.files if path.startswith("ru/"))
    (found,) = told(manifest, manifest.portals[""], gone)
    assert found.startswith("[/ru/*] ru/: '/ru/*' is the beginning of ")
    assert "published addresses, none of which leads anywhere now" in found


def test_another_host_is_one_finding(manifest: Manifest) -> None:
    def moved(record: Known) -> Known:
        entries = {language: name.replace("support.example.com", "help.example.com") for language, name in record.entries.items()}
        return msgspec.structs.replace(record, entries=entries)

    facts = manifest.portals[""]
    after = msgspec.structs.replace(facts, records=tuple(map(moved, facts.records)))
    assert told(manifest, after) == [
        "[tag:support.example.com,2026:] /: feeds: 'tag:support.example.com,2026:' began the ids of 12 published feed entries, which "
        "begin otherwise now: readers would see all of them again; keep the host of url in portal.yml"
        + FORCE.format("tag:support.example.com,2026:")]


def test_what_a_preview_of_the_future_showed_may_go(manifest: Manifest) -> None:
    assert [found.item for found in objections(manifest, {"": with_record(manifest, "SA-2026-0001")}, manifest.files,
                                               datetime(2026, 2, 1, tzinfo=UTC))] == []


# --- through the command line -------------------------------------------------------------------------------------------------------


class Site:
    """A site whose portal is published; ``publish`` builds what is there now and publishes it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.out, self.target, self.cache = folder / "site", folder / "out", folder / "portal", folder / "cache"
        write_site(self.root)
        self.build()
        publish(self.out, self.target)

    def build(self) -> None:
        build_site(self.root, self.out, self.cache)

    def publish(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["publish", "--site", str(self.root), "--out", str(self.out), *words, str(self.target)])


@pytest.fixture
def site(tmp_path: Path, quick_shell: None) -> Site:
    return Site(tmp_path)


def test_a_forced_item_is_published_and_remembered(site: Site) -> None:
    edit(site.root, "advisories/SA-2026-0001.md", "status: final", "status: draft")
    (site.root / "articles/KB10002.md").unlink()
    edit(site.root, "articles/KB10001.md", "Read [[KB10002]] too.\n\n", "")
    site.build()
    before = manifest_of(site.target)
    refused = site.publish()
    assert refused.exit_code == 1
    lines = refused.stderr.splitlines()
    assert lines[-1] == f"{len(lines) - 1} errors: nothing was published"
    assert ("advisories/SA-2026-0001.md:3: status: 'SA-2026-0001' has been published and may not vanish; write 'status: withdrawn', "
            f"which keeps its page{FORCE.format('SA-2026-0001')}") in lines
    assert manifest_of(site.target) == before
    told = json.loads(site.publish("--json").stdout)
    assert {"KB10002", "SA-2026-0001", "/kb/KB10002/", "/advisories/SA-2026-0001/"} <= {*told["items"]}
    words = [word for item in told["items"] for word in ("--force", item, "--reason", f"Why {item}")]
    fewer = site.publish(*words[4:], "--by", "Release manager")
    assert fewer.exit_code == 1 and fewer.stderr.splitlines()[-1].endswith("nothing was published")
    done = site.publish(*words, "--by", "Release manager")
    assert done.exit_code == 0, done.output
    assert "forced: KB10002: Why KB10002 (Release manager)" in done.stdout
    assert is_whole(site.target)
    forced = manifest_of(site.target).forced
    assert {(item.item, item.reason, item.by) for item in forced} == {(item, f"Why {item}", "Release manager") for item in told["items"]}
    again = site.publish(*words[:4], "--by", "Release manager")
    assert again.exit_code == 0 and "nothing was in its way" in again.stderr
    edit(site.root, "articles/KB10001.md", "Press the button", "Push the button")
    site.build()
    assert site.publish().exit_code == 0
    assert manifest_of(site.target).forced == forced


def test_after_a_rollback_the_newest_version_still_counts(site: Site) -> None:
    edit(site.root, "articles/KB10001.md", "Press the button", "Push the button")
    edit(site.root, "articles/KB10002.md", "id: KB10002", "id: KB10003")
    (site.root / "articles/KB10002.md").rename(site.root / "articles/KB10003.md")
    (site.root / "articles/KB10002.md").write_text((site.root / "articles/KB10003.md").read_text().replace("KB10003", "KB10002"))
    site.build()
    assert site.publish().exit_code == 0
    back = site.publish("--rollback")
    assert back.exit_code == 0
    assert "note: KB10003: has been published and may not vanish" in back.stderr
    (site.root / "articles/KB10003.md").unlink()
    site.build()
    refused = site.publish()
    assert refused.exit_code == 1
    assert "'KB10003' has been published and may not vanish" in refused.stderr


def test_check_asks_the_same_rules_of_a_manifest(site: Site) -> None:
    file = next((site.target / ".waypost").glob("0*.json"))
    words = ["check", "--site", str(site.root), "--published", str(file), "--at", "2026-11-22T12:00:00Z"]
    fine = CliRunner().invoke(main, words)
    assert fine.exit_code == 0, fine.output
    edit(site.root, "articles/KB10002.md", "created: 2026-01-20", "created: 2026-01-21")
    edit(site.root, "advisories/SA-2026-0001.md", "It opens.", "It shuts.")
    edit(site.root, "bulletins/TB-2026-0001.md", "status: published", "status: draft")
    found = CliRunner().invoke(main, words)
    assert found.exit_code == 1
    assert [line.partition(", or build")[0] for line in found.stderr.splitlines()] == [
        "advisories/SA-2026-0001.md:10: revisions: '1' is published already, and the bulletin has changed since; add an entry that says what changed",
        "articles/KB10002.md:7: created: '2026-01-21T00:00:00Z' is not when it was first published; write 2026-01-20T00:00:00Z",
        "bulletins/TB-2026-0001.md:3: status: 'TB-2026-0001' has been published and may not vanish; write 'status: withdrawn', which keeps its page"]


