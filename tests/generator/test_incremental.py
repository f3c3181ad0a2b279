"""Invariant 2: whatever was edited since, and however builds ended, the next build gives what a clean one gives."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from generator import output
from generator.build import BuildFailed
from generator.spare import Spare
from tests.generator.support import AT, SITE, article, build_site, differences, edit, report, tree, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")


class Bench:
    """A site under random edits, its portal, and the clean build to compare with."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.root, self.out, self.cache = write_site(folder / "site"), folder / "out", folder / "cache"
        self._clean, self.random, self.at, self.audience, self._number = folder / "clean", random.Random(seed), AT, "", 0
        self.root.joinpath("portal.yml").write_text(SITE["portal.yml"] + "popular: [KB10001]\n", encoding="utf-8")

    def number(self) -> int:
        self._number += 1
        return self._number

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.root.glob(pattern))

    def pick(self, pattern: str) -> Path:
        return self.random.choice(self.files(pattern))

    def build(self) -> None:
        """Builds on top of what is there; where the content is wrong, the portal must stay as it was."""
        before = tree(self.out) if self.out.exists() else {}
        try:
            build_site(self.root, self.out, self.cache, self.at, self.audience)
        except BuildFailed:
            assert (tree(self.out) if self.out.exists() else {}) == before
            raise

    def compare(self) -> None:
        shutil.rmtree(self._clean, ignore_errors=True)
        build_site(self.root, self._clean, None, self.at, self.audience)
        assert differences(self.out, self._clean) == []


def add_article(bench: Bench) -> None:
    target = bench.random.choice([path.name.split(".")[0] for path in bench.files("articles/**/*.md")])
    number = 20000 + bench.number()
    write(bench.root, f"articles/KB{number}.md", article(f"KB{number}", f"See [[{target}]].\n", releases='["1.0"]'))


def add_report(bench: Bench) -> None:
    number = 300000 + bench.number()
    release = bench.random.choice(["1.0", "1.0 before 1.0.1", "1.0.0"])
    component = bench.random.choice(["web", "Web"])
    write(bench.root, f"reports/{number}.md", report(
        str(number), affected=f'[{{product: box, ranges: ["{release}"]}}]', component=component,
        severity=bench.random.choice(["high", "low"]), related=bench.random.choice(["[KB10001]", "[]"])))


def change_body(bench: Bench) -> None:
    file = bench.pick("articles/**/*.md")
    file.write_text(file.read_text(encoding="utf-8") + f"\nOne more line {bench.number()}.\n", encoding="utf-8")


def retitle(bench: Bench) -> None:
    file = bench.pick("[ar]*/**/*.md")
    lines = file.read_text(encoding="utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("title: "))
    lines[at] = f"title: Another title {bench.number()}"
    file.write_text("\n".join(lines), encoding="utf-8")


def delete(bench: Bench) -> None:
    """Deletes a record; where others link to it, the build must fail, and the file comes back."""
    file = bench.pick("*/**/*.md")
    text = file.read_text(encoding="utf-8")
    file.unlink()
    try:
        bench.build()
    except BuildFailed:
        file.write_text(text, encoding="utf-8")


def move(bench: Bench) -> None:
    """Another folder is no other address."""
    file = bench.pick("reports/**/*.md")
    write(bench.root, f"reports/moved-{bench.number()}/{file.name}", file.read_text(encoding="utf-8"))
    file.unlink()


def rename(bench: Bench) -> None:
    """Another id is another address."""
    found = bench.files("reports/**/30*.md")
    if found:
        file, number = bench.random.choice(found), 400000 + bench.number()
        file.with_name(f"{number}.md").write_text(
            file.read_text(encoding="utf-8").replace(f"id: {file.stem}", f"id: {number}"), encoding="utf-8")
        file.unlink()


def hide_or_show(bench: Bench) -> None:
    file = bench.pick("articles/**/KB*[0-9].md")
    text = file.read_text(encoding="utf-8")
    old, new = ("published", "draft") if "status: published" in text else ("draft", "published")
    file.write_text(text.replace(f"status: {old}", f"status: {new}"), encoding="utf-8")


def embargo(bench: Bench) -> None:
    number = 500000 + bench.number()
    until = bench.at + timedelta(hours=bench.random.randrange(1, 40))
    write(bench.root, f"reports/{number}.md", report(str(number), publish_at=until.strftime("%Y-%m-%dT%H:%M:%SZ")))


def let_time_pass(bench: Bench) -> None:
    bench.at += timedelta(hours=bench.random.randrange(1, 60))


def change_audience(bench: Bench) -> None:
    bench.audience = bench.random.choice(["", "partner", "internal"])
    write(bench.root, "reports/600001.md", report("600001", audience=bench.random.choice(["partner", "internal"])))


def translate(bench: Bench) -> None:
    write(bench.root, "articles/KB10002.ru.md", f"---\ntitle: Чистка {bench.number()}\n---\n\n## Решение\n\nЩетка.\n")


def drop_translation(bench: Bench) -> None:
    (bench.root / "articles/KB10002.ru.md").unlink(missing_ok=True)


def change_products(bench: Bench) -> None:
    number = bench.number()
    edit(bench.root, "products.yml", "    releases:\n", f"    releases:\n      - {{id: 1.1.{number}, date: 2026-05-05}}\n")


def rename_product(bench: Bench) -> None:
    text = (bench.root / "products.yml").read_text(encoding="utf-8")
    old = next(line for line in text.split("\n") if line.startswith("    name: "))
    write(bench.root, "products.yml", text.replace(old, f"    name: BoxOS {bench.number()}"))


def change_portal(bench: Bench) -> None:
    popular = bench.random.choice(["KB10001", "KB10002"])
    text = SITE["portal.yml"].replace("All about boxes", f"All {bench.number()}")
    write(bench.root, "portal.yml", f"{text}popular: [{popular}]\n")


def change_redirects(bench: Bench) -> None:
    write(bench.root, "redirects.yml", f"/old/first.html: KB10001\n/old/{bench.number()}: /pr/\n")


def change_attachment(bench: Bench) -> None:
    write(bench.root, "articles/box.log", f"box[1]: line {bench.number()}\n")


def delete_cache(bench: Bench) -> None:
    shutil.rmtree(bench.cache, ignore_errors=True)


def spoil_cache(bench: Bench) -> None:
    for file in sorted(bench.cache.glob("*.msgpack")):
        file.write_bytes(file.read_bytes()[: bench.random.randrange(60)])


def delete_live_file(bench: Bench) -> None:
    files = sorted(path for path in bench.out.rglob("*") if path.is_file() and path.name != output.MARKER)
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


def interrupt(bench: Bench) -> None:
    """A build is killed at a random point."""
    change_body(bench)
    add_report(bench)
    killed_build(bench, bench.random.choice(["staging", "staging", "before", "after"]), bench.random.randrange(1, 90))


EDITS: list[Callable[[Bench], None]] = [
    add_article, add_report, change_body, retitle, delete, move, rename, hide_or_show, embargo, let_time_pass, change_audience,
    translate, drop_translation, change_products, rename_product, change_portal, change_redirects, change_attachment,
    delete_cache, spoil_cache, delete_live_file, spoil_live_file, delete_portal, interrupt,
]


def killed_build(bench: Bench, when: str, count: int) -> None:
    """Builds in another process that is killed: at the ``count``th file, or before or after the trees change places."""
    process = multiprocessing.get_context("fork").Process(target=_die, args=(bench, when, count))
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}, "the build ended in another way"


def _die(bench: Bench, when: str, count: int) -> None:
    left = [count]
    real_write, real_exchange = Spare.write, output.exchange

    def write(self: Spare, path: str, data: bytes) -> None:
        left[0] -= 1
        if left[0] == 0 and when == "staging":
            os.kill(os.getpid(), signal.SIGKILL)
        real_write(self, path, data)

    def exchange(spare: Path, out: Path) -> None:
        if when == "after":
            real_exchange(spare, out)
        os.kill(os.getpid(), signal.SIGKILL)

    Spare.write = write  # type: ignore[method-assign]
    if when != "staging":
        output.exchange = exchange
    try:
        bench.build()
    except BuildFailed:
        pass
    finally:
        os._exit(0)


def build_or_undo(bench: Bench, step: Callable[[Bench], None]) -> None:
    """One edit and a build; an edit that breaks the content is taken back."""
    saved = bench.root.with_name("saved")
    shutil.rmtree(saved, ignore_errors=True)
    shutil.copytree(bench.root, saved)
    step(bench)
    try:
        bench.build()
    except BuildFailed:
        shutil.rmtree(bench.root)
        saved.rename(bench.root)
        bench.build()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_incremental_equals_clean_after_random_edits(tmp_path: Path, seed: int) -> None:
    bench = Bench(tmp_path, seed)
    steps = bench.random.sample(EDITS, len(EDITS))
    bench.build()
    for number, step in enumerate(steps):
        build_or_undo(bench, step)
        if number % 6 == 5:
            bench.compare()


@pytest.mark.parametrize("step", EDITS, ids=lambda step: step.__name__)
def test_incremental_equals_clean_after_each_edit(tmp_path: Path, step: Callable[[Bench], None]) -> None:
    bench = Bench(tmp_path, 7)
    bench.build()
    build_or_undo(bench, step)
    bench.compare()


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    bench.build()
    before = bench.out.stat().st_ino
    summary = build_site(bench.root, bench.out, bench.cache)
    assert (summary.changed, summary.written, summary.rendered) == (False, 0, 0)
    assert bench.out.stat().st_ino == before


def test_a_killed_build_leaves_no_litter_behind_the_next(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    bench.build()
    before = tree(bench.out)
    change_body(bench)
    killed_build(bench, "staging", 5)
    assert tree(bench.out) == before
    assert (tmp_path / ".out.spare.log").read_bytes().count(b"\0") == 4
    bench.build()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.spare", "cache", "out", "site"]
