"""``waypost match``: from a published portal and from a site, whatever the log holds, in bounded memory."""

from __future__ import annotations

import gzip
import json
import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.commands import matching
from prsearch import logs
from tests.generator.support import article, build_site, plain_shell, report, write_site

MESSAGE = "hummd[77]: HUMMD_RESONANCE_STALE: fan 3 keeps humming after removal of tray 9"
LOG = ("Feb  2 10:11:12 box1 kernel: BoxOS: 1.0.0\nFeb  2 10:11:13 box1 hummd[1]: HUMMD_RESONANCE_STALE: fan 17 keeps humming after removal of tray 1\n"
       "Feb  2 10:11:14 box1 init: a quiet day\n")
SITE = {
    "reports/100001.md": report("100001", f"## Problem\n\nIt hums.\n\n```\n{MESSAGE}\n```\n", severity="high",
                                affected="[{product: box, platforms: [bx1], ranges: [1.0 before 1.0.1], fixed: [1.0.1]}]"),
    "reports/100002.md": report("100002", "## Problem\n\nSee `hummd: HUMMD_RESONANCE_STALE: fan keeps humming`.\n", affected="[{product: box, ranges: [1.0.1]}]"),
    "articles/KB10003.md": article("KB10003", "## Solution\n\n```\n(root) CMD run-parts of another kind altogether\n```\n"),
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The source of a small portal and the portal."""
    folder = tmp_path_factory.mktemp("match")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.build.make_shell", plain_shell)
        site = write_site(folder / "site", SITE)
        build_site(site, folder / "out")
    return site, folder / "out"


def run(*arguments: str | Path, log: bytes = LOG.encode()) -> Result:
    return CliRunner().invoke(main, ["match", *map(str, arguments)], input=log)


def found(*arguments: str | Path, log: bytes = LOG.encode()) -> Any:
    result = run(*arguments, "--json", log=log)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_records_that_quote_a_log(portal: tuple[Path, Path]) -> None:
    result = run("-", "--portal", portal[1])
    assert result.output.splitlines()[:6] == [
        "3 lines, 3 different messages, 3 looked up", "device: product box, release 1.0.0", "2 found, suggested priority 2",
        "  100001             report    Report 100001", "    1.0.0 is affected: on bx1: in train 1.0, before 1.0.1; fixed in 1.0.1",
        "    line 2: Feb 2 10:11:13 box1 hummd[1]: HUMMD_RESONANCE_STALE: fan 17 keeps humming after removal of tray 1"]


def test_a_portal_and_its_source_answer_alike(portal: tuple[Path, Path]) -> None:
    site, out = portal
    for more in ([], ["--release", "1.0.1"], ["--platform", "bx1"], ["--product", "BoxOS", "--release", "1.0.0", "--platform", "Box 1"]):
        published = found("-", "--portal", out, *more)
        assert published == found("-", "--site", site, "--at", "2026-11-22T12:00:00Z", *more)
        assert [one["id"] for one in published["results"]][:2] == ["100001", "100002"]
    assert [one["standing"] for one in found("-", "--portal", out, "--release", "1.0.1")["results"]][:2] == ["fixed", "affected"]
    assert found("-", "--portal", out, "--platform", "bx1")["results"][0]["why"] == "in train 1.0, before 1.0.1"


def test_files_of_all_kinds(portal: tuple[Path, Path], tmp_path: Path) -> None:
    out, packed = portal[1], gzip.compress(LOG.encode() * 500)
    expected = [one["id"] for one in found("-", "--portal", out)["results"]]
    for name, data in (("a.log", LOG.encode()), ("a.log.gz", packed), ("two.gz", packed + gzip.compress(b"x\n") + bytes(9)), ("a.bin", bytes(range(256)) * 50 + b"\n" + LOG.encode()), ("a.utf16", LOG.encode("utf-16"))):
        (tmp_path / name).write_bytes(data)
        assert [one["id"] for one in found(tmp_path / name, "--portal", out)["results"]] == expected, name
    (tmp_path / "cut.gz").write_bytes(packed[:-9])
    result = run(tmp_path / "cut.gz", "--portal", out)
    assert result.exit_code == 0 and "the gzip file ends early or is damaged; what could be read was used" in result.stderr and "100001" in result.stdout
    assert found("-", "--portal", out, log=b"")["results"] == []


def test_nothing_steers_the_terminal(portal: tuple[Path, Path]) -> None:
    log = b"\x1b]0;owned\x07 (root) CMD run-parts of another kind altogether \xc2\x9b31m \xe2\x80\xae\n"
    for more in ([], ["--json"]):
        result = run("-", "--portal", portal[1], *more, log=log)
        assert "KB10003" in result.output and result.output.replace("\n", "").isprintable()


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "name the portal: either --portal with its folder or address, or --site with its source"),
    (["--portal", "{out}", "--release", "9.9.9"], "'9.9.9' is not a known release; write one of 1.0.0, 1.0.1"),
    (["--portal", "{out}", "--product", "boks"], "'boks' is not a product of this portal; write one of box"),
    (["--portal", "{out}", "--platform", "by1"], "'by1' is not a known platform; did you mean bx1?"),
    (["--portal", "ftp://x"], "--portal: ftp://x is neither a folder nor a web address; write a path or https://host/path"),
])
def test_wrong_usage(portal: tuple[Path, Path], arguments: list[str], message: str) -> None:
    result = run("-", *(argument.format(out=portal[1]) for argument in arguments))
    assert result.exit_code == 2 and result.output.splitlines()[-1] == f"Error: {message}"


def test_a_file_that_is_not_there(portal: tuple[Path, Path], tmp_path: Path) -> None:
    result = run(tmp_path / "none.log", "--portal", portal[1])
    assert result.exit_code == 2 and result.output.splitlines()[-1] == f"Error: {tmp_path}/none.log: No such file or directory; name a file that can be read"


def test_a_damaged_portal_gives_one_line(portal: tuple[Path, Path], tmp_path: Path) -> None:
    random = Random(4)
    for number in range(40):
        copy = tmp_path / str(number)
        shutil.copytree(portal[1] / "prsearch", copy / "prsearch")
        shutil.copytree(portal[1] / "api", copy / "api")
        files = sorted(file for folder in ("prsearch/t", "prsearch/c", "api/v1/affected/box") for file in (copy / folder).iterdir())
        file = random.choice([*files, copy / "prsearch" / "root.json", copy / "prsearch" / "options.json"])
        data = bytearray(gzip.decompress(file.read_bytes()) if file.suffix == ".bin" else file.read_bytes())
        for _ in range(4):
            data[random.randrange(len(data))] = random.randrange(256)
        file.write_bytes(data[: random.randrange(len(data))] if number % 3 == 0 else data)
        result = run("-", "--portal", copy)
        assert "internal error" not in result.output and result.exception.__class__ in (type(None), SystemExit), (file, result.output)
        assert result.exit_code in (0, 1, 2) and (result.exit_code == 0 or len(result.stderr.splitlines()) <= 4), (file, result.output)


def test_a_log_takes_no_more_memory_the_longer_it_is(portal: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With so little kept that a short log fills the room; ``python -m tests.benchmarks.logs`` measures 50 MB with all that is kept."""
    monkeypatch.setattr(logs, "MOST_MESSAGES", 200)
    monkeypatch.setattr(logs, "_MOST_KNOWN", 400)
    monkeypatch.setattr(matching, "_CHUNK", 1 << 14)
    random, peaks = Random(1), []
    words = ["".join(random.choices("bcdfghklmnprst", k=6)) for _ in range(500)]
    different = [" ".join(["box1 hummd[1]:", random.choice(("failed", "done")), *random.choices(words, k=12)]) for _ in range(1_000)]
    for lines in (1_000, 1_000, 4_000):  # the first time, words are learnt that are remembered
        log = tmp_path / f"{lines}.log"
        log.write_text(LOG + "\n".join(f"{different[number % 1_000]} {number % 10}" for number in range(lines)), encoding="utf-8")
        tracemalloc.start()
        assert found(log, "--portal", portal[1])["results"][0]["id"] == "100001"
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert log.stat().st_size > 400_000 and peaks[2] - peaks[1] < 100_000, peaks
