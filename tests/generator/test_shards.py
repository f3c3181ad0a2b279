"""Shards: several builds of a share each, merged, are one build."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.building import Shard
from generator.cli import main
from tests.generator.support import AT, build_site, edit, pages_of, tree, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")


class Machines:
    """A site on several machines."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, write_site(folder / "site")

    def run(self, *arguments: str, at: datetime = AT) -> Result:
        return CliRunner().invoke(main, [*arguments, "--site", str(self.root), "--at", at.isoformat(), "--json"])

    def parts(self, of: int) -> list[str]:
        """Builds all parts."""
        found = []
        for number in range(1, of + 1):
            out = str(self.folder / f"part{number}")
            done = self.run("build", "--shard", f"{number}/{of}", "--out", out, "--cache", str(self.folder / f"cache{number}"))
            assert done.exit_code == 0, done.output
            found.append(out)
        return found

    def merge(self, *parts: str) -> Result:
        return self.run("merge", *parts, "--out", str(self.folder / "merged"), "--cache", str(self.folder / "cache"))

    def single(self) -> dict[str, bytes]:
        build_site(self.root, self.folder / "single", None)
        return tree(self.folder / "single")


@pytest.fixture
def machines(tmp_path: Path) -> Machines:
    return Machines(tmp_path)


@pytest.mark.parametrize("of", [1, 4])
def test_merged_parts_equal_a_single_build(machines: Machines, of: int, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = machines.parts(of)
    single = machines.single()
    pages = pages_of(machines.folder / "single")
    made = [path for part in parts for path in tree(Path(part)) if path.endswith(".html")]
    assert sorted(made) == sorted(pages)

    rendered: list[str] = []
    monkeypatch.setattr("generator.render.Renderer.render", lambda self, page: rendered.append(page.path) or b"?")
    done = machines.merge(*reversed(parts))
    assert done.exit_code == 0, done.output
    merged = tree(machines.folder / "merged")
    assert merged.keys() == single.keys()
    assert {path for path in single if merged[path] != single[path]} <= {
        f"{path}index.html" if not path.endswith(".html") else path for path in rendered} | {
        ".waypost"} | {path for path in single if path.startswith("pagefind/")}
    assert not any("KB1" in path or "pr/1" in path for path in rendered)  # these came from the parts


def test_merging_is_a_build_like_any_other(machines: Machines) -> None:
    """Damaged, stale and lost pages are made anew."""
    parts = machines.parts(4)
    pages = [file for part in parts for file in Path(part).rglob("*.html")]
    pages[0].write_bytes(b"cut")
    pages[1].unlink()
    edit(machines.root, "articles/KB10002.md", "Use a brush.", "Use a broom.")
    assert machines.merge(*parts).exit_code == 0
    assert tree(machines.folder / "merged") == machines.single()
    edit(machines.root, "articles/KB10002.md", "Use a broom.", "Use a brush.")
    build_site(machines.root, machines.folder / "merged", machines.folder / "cache")
    assert tree(machines.folder / "merged") == machines.single()


def test_what_is_no_whole_is_refused(machines: Machines) -> None:
    parts = machines.parts(3)
    two = machines.merge(*parts[:2])
    assert (two.exit_code, "part 3/3 is missing; build it with --shard 3/3" in two.output) == (1, True)
    twice = machines.merge(*parts, parts[0])
    assert (twice.exit_code, "is part 1/3, and so is" in twice.output) == (1, True)
    (machines.folder / "other").mkdir()
    foreign = machines.merge(str(machines.folder / "other"))
    assert (foreign.exit_code, "is no part; make it with 'waypost build --shard" in foreign.output) == (1, True)
    shutil.rmtree(parts[2])
    done = machines.run("build", "--shard", "1/2", "--out", parts[2], "--cache", str(machines.folder / "cache9"))
    assert done.exit_code == 0
    mixed = machines.merge(*parts)
    assert (mixed.exit_code, "the parts are of different cuts: 1/2, 1/3, 2/3" in mixed.output) == (1, True)
    assert not (machines.folder / "merged").exists()


@pytest.mark.parametrize("text", ["", "1", "0/4", "5/4", "1/0", "a/b", "1/4/2", "-1/4", "1/99999"])
def test_a_share_is_a_number_of_how_many(machines: Machines, text: str) -> None:
    assert Shard.parse(text) is None
    assert machines.run("build", "--shard", text).exit_code == 2
