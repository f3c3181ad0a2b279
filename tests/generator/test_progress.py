"""What a build tells while it works and when it is done, and its profile."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from generator.build import STAGES, Clock, Options, build
from generator.changes import Changes, Tally, changes
from generator.cli import main
from generator.output import FileState
from generator.progress import bar, lines, progress
from tests.generator.support import AT, article, edit, write, write_site

NOW = f"{AT:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def site(tmp_path: Path, quick_shell: None) -> Path:
    return write_site(tmp_path / "site")


def run_build(site: Path, *options: str | Path) -> Result:
    arguments = ["build", "--site", str(site), "--at", NOW, *map(str, options)]
    return CliRunner().invoke(main, arguments, prog_name="waypost")


# -- while it works ----------------------------------------------------------------------------------------------------


def times(*moments: float) -> Iterator[float]:
    yield from moments


def test_lines_come_now_and_then() -> None:
    stream, moments = io.StringIO(), times(100, 100, 104, 109.9, 110, 115, 121, 125, 300)
    report = lines(stream, lambda: next(moments))
    for told in (("load", 0, 0), ("resolve", 0, 0), ("pages", 0, 0), ("pages", 24, 24000), ("pages", 48, 24000),
                 ("pages", 12000, 24000), ("index", 0, 0), ("publish", 0, 0)):
        report(*told)
    assert stream.getvalue() == "10 s: pages, 24 of 24,000, 240/s\n21 s: pages, 12,000 of 24,000, 1,081/s\n200 s: publish\n"


def test_a_count_without_time_has_no_rate() -> None:
    stream, moments = io.StringIO(), times(0, 20, 20, 31, 31)
    report = lines(stream, lambda: next(moments))
    for told in (("pages", 0, 0), ("pages", 5, 10), ("pages", 0, 0), ("pages", 0, 10)):
        report(*told)
    assert stream.getvalue() == "20 s: pages\n31 s: pages\n"


def test_a_bar_shows_the_stage_with_count_rate_and_time() -> None:
    stream = io.StringIO()
    with bar(Console(file=stream, force_terminal=True, width=100, color_system=None)) as report:
        report("pages", 0, 0)
        for done in (100, 600, 1234):
            report("pages", done, 2000)
    assert re.search(r"pages .*1234/2000.* [\d,.]+/s .*\d:\d\d:\d\d", shown_last(stream.getvalue()))


def test_a_bar_of_a_stage_without_a_count_has_none() -> None:
    stream = io.StringIO()
    with bar(Console(file=stream, force_terminal=True, width=100, color_system=None)) as report:
        report("pages", 900, 1000)
        report("index", 0, 0)
    assert re.search(r" index [^/]* \d:\d\d:\d\d", shown_last(stream.getvalue()))


def shown_last(text: str) -> str:
    return [line for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\n", text).replace("\r", "\n").split("\n") if line.strip()][-1]


def test_quiet_says_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("generator.progress.EVERY", 0)
    with progress(True) as report:
        report("pages", 3, 10)
    assert capsys.readouterr() == ("", "")
    with progress(False) as report:
        report("pages", 3, 10)
    assert re.fullmatch(r"0 s: pages, 3 of 10(, [\d,.]+/s)?\n", capsys.readouterr().err)


def test_a_build_tells_every_stage_as_it_begins(site: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    summary = build(Options(site, tmp_path / "out", AT), lambda *words: told.append(words))
    assert [stage for stage, _, total in told if not total] == list(STAGES) == list(summary.seconds)
    counted = [words for words in told if words[2]]
    assert counted and {stage for stage, _, _ in counted} == {"load", "pages"}
    assert all(0 <= done <= total for _, done, total in counted)


def test_a_clock_adds_up() -> None:
    clock = Clock()
    clock.stage("load")
    clock.stage("resolve")
    assert list(clock.seconds) == ["load", "resolve"] and all(value >= 0 for value in clock.seconds.values())


def test_no_line_of_a_short_build_and_none_in_json(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_build(site).stderr == ""
    monkeypatch.setattr("generator.progress.EVERY", 0)
    assert run_build(site, "--json").stderr == run_build(site, "--quiet").stderr == ""
    told = run_build(site).stderr.splitlines()
    assert [line.split(": ")[1].split(",")[0] for line in told if " of " not in line] == list(STAGES)


def test_a_terminal_sees_a_bar(tmp_path: Path) -> None:
    """With the real theme, in a process of its own."""
    site = write_site(tmp_path / "site")
    master, slave = pty.openpty()
    command = [sys.executable, "-c", "from generator.cli import main; main()", "build", "--site", str(site), "--at", NOW]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"})
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other side has closed
            break
        if not part:
            break
        shown += part
    output, _ = process.communicate(timeout=60)
    os.close(master)
    assert process.returncode == 0
    assert b"shell" in shown and b"\x1b[" in shown
    assert output.startswith(b"6 records, ") and b"\x1b" not in output


# -- when it is done ---------------------------------------------------------------------------------------------------


def test_the_summary_tells_what_changed_and_where_the_time_went(site: Path) -> None:
    first = run_build(site).stdout.splitlines()
    assert re.fullmatch(r"6 records, (\d+) pages \(\1 rendered\), \d+ files, \d\.\d MB", first[0])
    assert re.fullmatch(r"records 6 new, 0 changed, 0 removed; pages \d+ new, 0 changed, 0 removed; "
                        r"files \d+ new, 0 changed, 0 removed", first[1])
    provider = "CSAF: 2 documents, not signed: a provider, not a trusted one; name csaf.signing_key in portal.yml"
    assert first[2] == provider
    assert re.fullmatch(r"\d+\.\d s: " + ", ".join(rf"{stage} \d+\.\d" for stage in STAGES), first[3])
    assert first[4:] == [f"updated: {site / 'site'}"]
    unchanged = run_build(site).stdout.splitlines()
    assert len(unchanged) == 4 and unchanged[1:] == [provider, unchanged[2], f"unchanged: {site / 'site'}"]
    write(site, "articles/KB10003.md", article("KB10003"))
    (site / "reports" / "100001.md").unlink()
    edit(site, "articles/KB10001.ru.md", "Нажмите кнопку.", "Нажмите красную кнопку.")
    edited = run_build(site).stdout.splitlines()
    assert edited[1].startswith("records 1 new, 1 changed, 1 removed; pages ")


def test_the_summary_for_programs(site: Path) -> None:
    first, second = (json.loads(run_build(site, "--json").stdout) for _ in range(2))
    none = {"new": 0, "changed": 0, "removed": 0}
    assert first["changes"]["records"] == none | {"new": 6}
    assert first["changes"]["pages"] == none | {"new": first["pages"]}
    assert first["changes"]["files"] == none | {"new": first["files"]}
    assert second["changes"] == {"records": none, "pages": none, "files": none}
    assert (first["written"], second["written"]) == (first["files"], 0)


def test_without_a_cache_nothing_is_said_of_the_tree_before(site: Path, tmp_path: Path) -> None:
    first = build(Options(site, tmp_path / "out", AT))
    edit(site, "articles/KB10002.md", "Use a brush.", "Use soap.")
    second = build(Options(site, tmp_path / "out", AT))
    assert first.changes and first.changes.records == Tally(new=6)
    assert second.changed and second.changes is None
    edit(site, "articles/KB10002.md", "Use soap.", "Use a brush.")
    write(site, "file", "")
    result = run_build(site, "--out", tmp_path / "out", "--cache", site / "file" / "cache")
    assert re.fullmatch(r"\d+ files written; nothing is known of the tree before", result.stdout.splitlines()[1])


def state(digest: str) -> FileState:
    return FileState("key", digest, 1)


def test_changes_of_trees() -> None:
    before = {"kb/KB1/index.html": "a", "ru/kb/KB1/index.html": "b", "kb/KB2/index.html": "c", "ru/kb/KB2/index.html": "d",
              "pr/7/index.html": "e", "pr/index.html": "f", "pr/status/open/index.html": "g", "robots.txt": "h"}
    after = {"kb/KB1/index.html": "a", "ru/kb/KB1/index.html": "b2", "pr/7/index.html": "e", "es/pr/7/index.html": "e2",
             "pr/index.html": "f2", "advisories/SA-1/index.html": "i", "ru/advisories/SA-1/index.html": "j", "robots.txt": "h"}
    written = [path for path in after if before.get(path) != after[path]]
    old, new = ({path: state(digest) for path, digest in tree.items()} for tree in (before, after))
    expected = Changes(Tally(new=1, changed=2, removed=1), Tally(new=3, changed=2, removed=3), Tally(new=3, changed=2, removed=3))
    assert changes(old, new, written) == expected
    assert changes(old, new, [*written, "robots.txt"]) == expected, "written again with the same bytes"
    assert changes(new, new, []) == Changes(Tally(), Tally(), Tally())


# -- profile -----------------------------------------------------------------------------------------------------------


def calls(profile: dict[str, Any]) -> Iterator[tuple[float, str, int]]:
    for event in profile["events"]:
        yield event["at"], event["type"], event["frame"]


def test_a_profile_holds_calls_and_stages(site: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyinstrument")
    file = tmp_path / "build.speedscope.json"
    result = run_build(site, "--profile", file, "--json")
    assert result.exit_code == 0
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = [frame["name"] for frame in told["shared"]["frames"]]
    assert [profile["name"] for profile in told["profiles"]] == ["calls", "stages"]
    for profile in told["profiles"]:
        assert (profile["type"], profile["unit"]) == ("evented", "seconds")
        moments = [at for at, _, _ in calls(profile)]
        assert moments == sorted(moments) and moments[-1] <= profile["endValue"] + 0.001
        opened: list[int] = []
        for _, kind, frame in calls(profile):
            if kind == "O":
                opened.append(frame)
            else:
                assert opened.pop() == frame
        assert opened == []
    stages = [frames[frame] for _, kind, frame in calls(told["profiles"][1]) if kind == "O"]
    assert stages == list(STAGES)
    assert told["profiles"][1]["endValue"] == pytest.approx(sum(json.loads(result.stdout)["seconds"].values()), abs=0.01)
    assert {"build", "prepare"} & {frames[frame] for _, _, frame in calls(told["profiles"][0])}


def test_a_profile_without_its_package_is_explained(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyinstrument", None)
    result = run_build(site, "--profile", tmp_path / "build.json")
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: --profile needs pyinstrument; install it with: pip install 'waypost[profile]'\n")
    assert not (site / "site").exists() and not (tmp_path / "build.json").exists()
    assert run_build(site).exit_code == 0


def test_a_profile_needs_a_folder(site: Path, tmp_path: Path) -> None:
    result = run_build(site, "--profile", tmp_path / "no" / "build.json")
    assert result.exit_code == 2 and f"--profile: the folder {tmp_path / 'no'} does not exist" in result.stderr
    assert run_build(site, "--profile", tmp_path).exit_code == 2
    assert not (site / "site").exists()
