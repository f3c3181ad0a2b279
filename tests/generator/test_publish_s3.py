"""Publishing to S3-compatible storage: order, checksums, resuming, the lock, the manifest. The storage is moto's server."""

from __future__ import annotations

import builtins
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.publishing import s3 as module
from generator.publishing.failure import PublishError
from generator.publishing.manifest import Manifest, decoded
from generator.publishing.ordered import publish_files
from generator.publishing.roles import Role, role_of
from generator.publishing.run import Outcome
from generator.publishing.s3 import Bucket, client
from generator.publishing.source import opened
from generator.publishing.state_store import StateFolder
from kb.reporting import quiet
from tests.generator.moto_server import objects, storage
from tests.generator.publishing_support import killed_after, order, seed_of
from tests.generator.support import tree

KILLS = 6


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with storage() as address:
        yield address


class Portal:
    """A bucket, the folder with the state of publishing to it, and ways to publish."""

    def __init__(self, endpoint: str, folder: Path, name: str) -> None:
        self.endpoint, self.name, self.state = endpoint, name, folder / "state"
        self.s3 = client(endpoint)
        self.s3.create_bucket(Bucket=name)

    def publish(self, out: Path, s3: Any = None, **changes: object) -> Outcome:
        local = StateFolder(self.state)
        bucket = Bucket(s3 or self.s3, self.name, "portal", local, False)
        return publish_files(bucket, local, local, order(out, **changes), quiet)

    def files(self) -> dict[str, bytes]:
        return {key.removeprefix("portal/"): data for key, data in objects(self.s3, self.name).items()}

    def manifest(self) -> Manifest:
        return decoded((self.state / "manifest.json").read_bytes(), "")

    def command(self, out: Path, *words: str) -> Result:
        return CliRunner().invoke(main, ["publish", "--out", str(out), "--endpoint", self.endpoint, "--state", str(self.state), *words,
                                         f"s3://{self.name}/portal"])


@pytest.fixture
def portal(endpoint: str, tmp_path: Path, request: pytest.FixtureRequest) -> Portal:
    return Portal(endpoint, tmp_path, f"b{abs(hash(request.node.nodeid)) % 10**12}")


def contents(out: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree(out).items() if path != ".waypost"}


def recorded(endpoint: str) -> tuple[Any, list[tuple[str, str]]]:
    """A client, and what it is asked for: (operation, path)."""
    s3, calls = client(endpoint), []  # type: ignore[var-annotated]

    def note(params: dict[str, Any], model: Any, **_more: object) -> None:
        if model.name == "DeleteObjects":
            calls.extend(("delete", item["Key"].removeprefix("portal/")) for item in params["Delete"]["Objects"])
        elif model.name == "PutObject":
            calls.append(("put", params["Key"].removeprefix("portal/")))

    s3.meta.events.register("provide-client-params.s3.*", note)
    return s3, calls


def test_objects_are_the_portal_and_nothing_else(small_versions: tuple[Path, Path], portal: Portal) -> None:
    outcome = portal.publish(small_versions[0])
    assert outcome.changed
    assert portal.files() == contents(small_versions[0])
    assert not portal.publish(small_versions[0]).changed
    head = portal.s3.head_object(Bucket=portal.name, Key="portal/.well-known/csaf/provider-metadata.json")
    assert head["ContentType"] == "application/json"
    assert head["CacheControl"] == "public, max-age=60"
    assert head["Metadata"]["sha256"] == portal.manifest().files[".well-known/csaf/provider-metadata.json"].sha256


class Storage:
    """A storage that answers as it is told."""

    def __init__(self, answer: dict[str, str]) -> None:
        self._answer = answer

    def put_object(self, **_given: object) -> dict[str, str]:
        return self._answer


@pytest.mark.parametrize("answer", [{"ETag": '"0"'}, {"ETag": '"0"', "ChecksumSHA256": "AAAA"}])
def test_what_arrives_damaged_is_told(small_versions: tuple[Path, Path], tmp_path: Path, answer: dict[str, str]) -> None:
    bucket = Bucket(Storage(answer), "b", "", StateFolder(tmp_path), False)
    with opened(small_versions[0], quiet) as source, pytest.raises(PublishError) as failed:
        bucket._put(source, "index.html", Role.entry)
    assert str(failed.value) == "s3://b: index.html arrived damaged; publish again"


def test_only_what_changed_is_sent_in_the_order_of_roles(small_versions: tuple[Path, Path], portal: Portal) -> None:
    s3, calls = recorded(portal.endpoint)
    portal.publish(small_versions[0], s3)
    role = role_of(portal.manifest().portals[""])
    roles = [role(path) for operation, path in calls if operation == "put" and path != ".waypost/lock"]
    assert roles == sorted(roles) and {*roles} == {*Role}
    calls.clear()
    portal.publish(small_versions[1], s3, grace=0)
    sent = [path for operation, path in calls if operation == "put" and path != ".waypost/lock"]
    one, two = contents(small_versions[0]), contents(small_versions[1])
    assert sorted(sent) == sorted(path for path in two if one.get(path) != two[path])
    deleted = [path for operation, path in calls if operation == "delete"]
    assert sorted(deleted) == sorted(one.keys() - two.keys())
    assert calls.index(("delete", deleted[0])) > calls.index(("put", sent[-1]))
    assert portal.files() == two


def test_what_earlier_pages_load_stays_for_the_grace(small_versions: tuple[Path, Path], portal: Portal) -> None:
    portal.publish(small_versions[0])
    gone = contents(small_versions[0]).keys() - contents(small_versions[1]).keys()
    pictures = {path for path in gone if path.startswith("attachments/")}
    assert pictures
    portal.publish(small_versions[1])
    assert portal.files().keys() - contents(small_versions[1]).keys() == portal.manifest().leaving.keys() >= pictures
    portal.publish(small_versions[1], grace=0)
    assert portal.files() == contents(small_versions[1])
    assert portal.manifest().leaving == {}


def test_an_object_that_somebody_changed_is_sent_again(small_versions: tuple[Path, Path], portal: Portal) -> None:
    portal.publish(small_versions[0])
    portal.s3.put_object(Bucket=portal.name, Key="portal/kb/KB10001/index.html", Body=b"mine")
    portal.s3.delete_object(Bucket=portal.name, Key="portal/index.html")
    portal.publish(small_versions[0])
    assert portal.files() == contents(small_versions[0])


def test_without_its_journal_nothing_is_sent_twice(small_versions: tuple[Path, Path], portal: Portal) -> None:
    portal.publish(small_versions[0])
    (portal.state / "journal.jsonl").unlink()
    s3, calls = recorded(portal.endpoint)
    assert not portal.publish(small_versions[0], s3).changed
    assert [path for operation, path in calls if operation == "put"] == [".waypost/lock"]


def test_a_killed_publisher_is_carried_on(small_versions: tuple[Path, Path], portal: Portal) -> None:
    """At any time each page that is there has what it loads, and the next run sends the rest."""
    numbers, killed = seed_of("s3"), 0
    for number in range(KILLS):
        killed += killed_after(lambda: portal.publish(small_versions[0], client(portal.endpoint)), numbers.uniform(0.1, 1.0))
        there = portal.files()
        role = role_of(decoded((portal.state / "next.json").read_bytes(), "").portals[""]) if (portal.state / "next.json").exists() else None
        sent = {role(path) for path in there if path != ".waypost/lock"} if role else set()
        if sent:  # of all roles before the last one that has begun, everything is there
            assert {path for path in contents(small_versions[0]) if role and role(path) < max(sent)} <= there.keys(), number
    before = len(portal.files())
    s3, calls = recorded(portal.endpoint)
    portal.publish(small_versions[0], s3)
    assert portal.files() == contents(small_versions[0])
    assert len([path for operation, path in calls if operation == "put" and path != ".waypost/lock"]) <= len(contents(small_versions[0])) - before + 10
    print(f"{killed} of {KILLS} killed; {before} objects were there")
    assert killed


def test_what_a_killed_publisher_may_have_shown_counts(small_versions: tuple[Path, Path], portal: Portal) -> None:
    portal.publish(small_versions[0])
    manifest = json.loads((portal.state / "manifest.json").read_bytes())
    manifest["portals"][""]["records"].append(
        {**next(record for record in manifest["portals"][""]["records"] if record["id"] == "KB10001"), "id": "KB10009", "aliases": []})
    (portal.state / "next.json").write_text(json.dumps(manifest))
    result = portal.command(small_versions[0])
    assert result.exit_code == 1
    assert "'KB10009' has been published and may not vanish" in result.stderr


def test_of_two_publishers_the_second_is_refused(small_versions: tuple[Path, Path], portal: Portal, tmp_path: Path) -> None:
    portal.publish(small_versions[0])
    other = Bucket(portal.s3, portal.name, "portal", StateFolder(tmp_path), False)
    tmp_path.mkdir(exist_ok=True)
    with other.locked("somebody", False):
        before = portal.files()
        assert b"somebody" not in before[".waypost/lock"]
        refused = portal.command(small_versions[1])
        assert refused.exit_code == 1
        assert refused.stderr == (f"s3://{portal.name}/portal is being published to by somebody else, whose lock is 0 minutes old and holds for 15; "
                                  "wait for it to end, or take the lock with --break-lock if you know that it is dead\n")
        assert portal.files() == before
        assert portal.command(small_versions[1], "--break-lock").exit_code == 0
        with pytest.raises(PublishError, match="somebody else has taken the lock"):
            other._renew()


def test_a_lock_expires(small_versions: tuple[Path, Path], portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Bucket(portal.s3, portal.name, "portal", StateFolder(tmp_path), False)
    held._take(False)
    monkeypatch.setattr(module, "_EXPIRES", -1)
    portal.publish(small_versions[0])
    assert portal.files() == contents(small_versions[0])


def test_a_bucket_with_files_of_unknown_origin_is_left_alone(small_versions: tuple[Path, Path], portal: Portal) -> None:
    portal.s3.put_object(Bucket=portal.name, Key="portal/mine.txt", Body=b"mine")
    refused = portal.command(small_versions[0])
    assert refused.exit_code == 1
    assert f"s3://{portal.name}/portal holds files, and {portal.state} no manifest of them" in refused.stderr
    forced = portal.command(small_versions[0], "--force", "manifest", "--reason", "first time", "--by", "Ops")
    assert forced.exit_code == 0, forced.output
    assert portal.files() == {**contents(small_versions[0]), "mine.txt": b"mine"}


def test_the_manifest_may_be_in_a_private_bucket(small_versions: tuple[Path, Path], portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    private = f"{portal.name}-private"
    portal.s3.create_bucket(Bucket=private)
    words = ["--state", f"s3://{private}/portal"]
    assert portal.command(small_versions[0], *words).exit_code == 0
    assert list(objects(portal.s3, private)) == ["portal/manifest.json"]
    shutil.rmtree(tmp_path / ".waypost")  # another machine
    assert portal.command(small_versions[0], *words).stdout.splitlines()[-1].startswith("unchanged")
    assert portal.files() == contents(small_versions[0])


def test_failures_are_told_in_a_line(small_versions: tuple[Path, Path], portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = CliRunner().invoke(main, ["publish", "--out", str(small_versions[0]), "--endpoint", portal.endpoint, "--state", str(portal.state), "s3://no-such-bucket-here"])
    assert missing.exit_code == 1
    assert missing.stderr == "s3://no-such-bucket-here: The specified bucket does not exist; check bucket, rights and endpoint\n"
    real = builtins.__import__

    def without_boto3(name: str, *rest: Any) -> Any:
        if name == "boto3":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_boto3)
    result = portal.command(small_versions[0])
    assert result.exit_code == 1
    assert result.stderr == "publishing to s3:// needs boto3; install it with: pip install 'waypost[s3]'\n"
