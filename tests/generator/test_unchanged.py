"""A build that finds nothing changed ends at once, and only then."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator import unchanged
from generator.build import Options, build
from generator.cli import main
from generator.unchanged import last_build
from tests.generator.support import AT, edit, tree, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """The options of a build that has just ended; files count as settled at once."""
    monkeypatch.setattr(unchanged, "_RACE", 0)
    root = write_site(tmp_path / "above" / "site")
    write(root, "notices/SN-2026-0009.md", """\
---
id: SN-2026-0009
status: final
title: Something is to come
summary: Later.
publish_at: 2026-11-22T15:00:00Z
products: [box]
revisions:
  - {number: "1", date: 2026-11-22, text: First publication.}
---

Soon.
""")
    found = Options(root, tmp_path / "out", AT, cache=tmp_path / "cache")
    build(found)
    return found


def at(options: Options, **later: int) -> Options:
    return Options(options.site, options.out, options.at + timedelta(**later), cache=options.cache)


def test_it_tells_what_the_last_build_told(options: Options) -> None:
    before = tree(options.out)
    built = build(options)
    found = last_build(at(options, minutes=5))
    assert found
    assert (found.records, found.pages, found.files, found.bytes, found.notes) == (
        built.records, built.pages, built.files, built.bytes, built.notes)
    assert (found.rendered, found.written, found.changed) == (0, 0, False)
    assert tree(options.out) == before


CHANGES: dict[str, Callable[[Options], object]] = {
    "text": lambda options: edit(options.site, "articles/KB10002.md", "Use a brush.", "Use a soft brush."),
    "same size": lambda options: edit(options.site, "articles/KB10002.md", "Use a brush.", "Use a brusk."),
    "product": lambda options: edit(options.site, "products.yml", "BoxOS", "Box OS"),
    "guide": lambda options: write(options.site, "pages/help/more.md", "# More\n"),
    "attachment": lambda options: write(options.site, "articles/box.log", "box[2]: restarted\n"),
    "new record": lambda options: write(options.site, "articles/KB10009.md", (
        options.site / "articles/KB10002.md").read_text(encoding="utf-8").replace("KB10002", "KB10009")),
    "deleted": lambda options: (options.site / "articles/KB10001.ru.md").unlink(),
    "moved": lambda options: (options.site / "reports/100001.md").rename(options.site / "reports/moved.md"),
    "policy": lambda options: write(options.site, "policy.yml", "{}\n"),
    "live file gone": lambda options: (options.out / "kb/KB10001/index.html").unlink(),
    "live file cut": lambda options: (options.out / "kb/KB10001/index.html").write_bytes(b""),
    "live tree gone": lambda options: options.out.rename(options.out.with_name("away")),
    "cache damaged": lambda options: [file.write_bytes(b"\x93") for file in (options.cache or Path()).glob("last-*")],
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changed_is_seen(options: Options, change: str) -> None:
    assert last_build(options)
    CHANGES[change](options)
    assert last_build(options) is None


def test_a_change_with_the_old_times_is_seen(options: Options) -> None:
    file = options.site / "articles/KB10002.md"
    before = file.stat()
    edit(options.site, "articles/KB10002.md", "Use a brush.", "Use a brusk.")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert last_build(options) is None


def test_a_time_that_makes_a_difference_is_seen(options: Options) -> None:
    assert last_build(at(options, hours=2, minutes=59))
    assert last_build(at(options, hours=3)) is None  # the notice is due
    assert last_build(at(options, days=1)) is None  # support may have ended
    assert last_build(at(options, seconds=-1)) is None


def test_other_questions_are_seen(options: Options) -> None:
    assert last_build(Options(options.site, options.out, AT, "partner", cache=options.cache)) is None
    assert last_build(Options(options.site, options.out, AT, drafts=True, cache=options.cache)) is None
    assert last_build(Options(options.site, options.out.with_name("other"), AT, cache=options.cache)) is None
    assert last_build(Options(options.site, options.out, AT)) is None


def test_a_file_changed_a_moment_before_is_not_trusted(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have changed again since, at what the file system calls the same time."""
    monkeypatch.setattr(unchanged, "_RACE", 10**15)
    assert last_build(options) is None


def test_a_failed_build_is_not_remembered(options: Options) -> None:
    edit(options.site, "articles/KB10002.md", "status: published", "status: lost")
    arguments = ["build", "--site", str(options.site), "--out", str(options.out), "--cache", str(options.cache), "--json"]
    for _ in range(2):
        assert CliRunner().invoke(main, [*arguments, "--at", AT.isoformat()]).exit_code == 1


def test_the_command_says_that_nothing_changed(options: Options) -> None:
    arguments = ["build", "--site", str(options.site), "--out", str(options.out), "--cache", str(options.cache), "--at", AT.isoformat()]
    told = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)
    assert (told["changed"], told["rendered"], list(told["seconds"])) == (False, 0, ["compare"])
    assert f"unchanged: {options.out}" in CliRunner().invoke(main, arguments).stdout
