"""What goes wrong around builds: they are killed or fail, and somebody deletes or damages what they keep."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from generator.output import MARKER
from generator.output_folder import OutputError, locked
from generator.spare import Spare
from tests.generator.bench import Bench, killed_build
from tests.generator.edits import add_report, change_body


def interrupt(bench: Bench) -> None:
    """A build is killed at a random point."""
    change_body(bench)
    add_report(bench)
    killed_build(bench, bench.random.choice(["staging", "staging", "before", "after"]), bench.random.randrange(1, 90))


def fail(bench: Bench) -> None:
    """A build ends because the disk is full or somebody has pressed Ctrl-C."""
    change_body(bench)
    where = bench.random.choice(["generator.index_files.make_index", "generator.build.save_known", "generator.output.write_marker",
                                 "generator.output.save_state", "generator.spare.Spare.write"])
    error = bench.random.choice([OSError(28, "No space left on device"), KeyboardInterrupt()])
    try:
        with patch(where, side_effect=error):
            bench.build()
    except (OSError, KeyboardInterrupt):
        pass


def fail_late(bench: Bench) -> None:
    """The disk is full when some files are written."""
    change_body(bench)
    left, real = [bench.random.randrange(1, 30)], Spare.write

    def write(self: Spare, path: str, data: bytes) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        real(self, path, data)

    try:
        with patch.object(Spare, "write", write):
            bench.build()
    except OSError:
        pass


def build_twice_at_once(bench: Bench) -> None:
    """A build is refused while another one holds the lock of the output folder."""
    change_body(bench)
    with locked(bench.out), pytest.raises(OutputError, match="another build is writing"):
        bench.build()


def build_elsewhere(bench: Bench) -> None:
    """Another portal is made with the same cache."""
    bench.build_elsewhere()


def kept_files(bench: Bench) -> list[Path]:
    return sorted(path for path in bench.cache.rglob("*") if path.is_file())


def delete_cache(bench: Bench) -> None:
    shutil.rmtree(bench.cache, ignore_errors=True)


def delete_kept_file(bench: Bench) -> None:
    if files := kept_files(bench):
        bench.random.choice(files).unlink()


def cut_kept_file(bench: Bench) -> None:
    if files := kept_files(bench):
        file = bench.random.choice(files)
        data = file.read_bytes()
        file.write_bytes(data[: bench.random.randrange(len(data) + 1)])


def overwrite_kept_file(bench: Bench) -> None:
    if files := kept_files(bench):
        file = bench.random.choice(files)
        file.write_bytes(bench.random.randbytes(max(1, file.stat().st_size)))


def delete_live_file(bench: Bench) -> None:
    files = sorted(path for path in bench.out.rglob("*") if path.is_file() and path.name != MARKER)
    if files:
        bench.random.choice(files).unlink()


def spoil_live_file(bench: Bench) -> None:
    files = sorted(bench.out.rglob("*.html"))
    if files:
        file = bench.random.choice(files)
        file.unlink()
        file.write_text("cut short", encoding="utf-8")


def delete_portal(bench: Bench) -> None:
    shutil.rmtree(bench.out, ignore_errors=True)


def delete_spare(bench: Bench) -> None:
    shutil.rmtree(bench.out.with_name(".out.spare"), ignore_errors=True)


def spoil_spare(bench: Bench) -> None:
    """Somebody has put a file of his own into the spare tree and taken one away."""
    files = sorted(path for path in bench.out.with_name(".out.spare").rglob("*.html"))
    if files:
        file = bench.random.choice(files)
        file.with_name("mine.txt").write_text("mine", encoding="utf-8")
        file.unlink()


MISHAPS: list[Callable[[Bench], None]] = [
    interrupt, fail, fail_late, build_twice_at_once, build_elsewhere, delete_cache, delete_kept_file, cut_kept_file,
    overwrite_kept_file, delete_live_file, spoil_live_file, delete_portal, delete_spare, spoil_spare,
]
