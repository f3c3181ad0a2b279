"""Invariant 3: the same content at the same time gives the same bytes, whoever builds it, wherever, with however many workers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.generator.support import differences
from tests.golden.update import SOURCE

BUILD = """\
import sys
import generator.work
from generator.cli import main
generator.work.PARALLEL_FROM = 0  # else so small a site keeps no second worker busy
main(sys.argv[1:])
"""


def start(root: Path, out: Path, jobs: int, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILD, "build", "--site", str(root), "--out", str(out), "--at", "2026-11-22",
               "--jobs", str(jobs)]
    return subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def copy_backwards(target: Path) -> Path:
    """The golden site in another folder, its files made in another order at another time."""
    for file in sorted((path for path in SOURCE.rglob("*") if path.is_file()), reverse=True):
        copy = target / file.relative_to(SOURCE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        os.utime(copy, (946684800, 946684800))
    return target


def test_two_clean_builds_are_equal(tmp_path: Path) -> None:
    one = shutil.copytree(SOURCE, tmp_path / "one")
    other = copy_backwards(tmp_path / "in" / "another folder")
    builds = [start(one, tmp_path / "out-1", 1, PYTHONHASHSEED="1", TZ="UTC", LANG="C", LC_ALL="C"),
              start(other, tmp_path / "deep" / "out-2", 2, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LANG="C.UTF-8", LC_ALL="C.UTF-8")]
    said = [build.communicate()[0] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], said
    assert len(list((tmp_path / "out-1").rglob("*.html"))) > 80
    assert differences(tmp_path / "out-1", tmp_path / "deep" / "out-2") == []
