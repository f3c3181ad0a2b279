"""Invariant 2 for edits that once left something of the old portal behind, or a mistake unnoticed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.build import BuildFailed
from tests.generator.bench import Bench
from tests.generator.edits import become_an_advisory, change_body
from tests.generator.support import SITE, article, build_site, edit

pytestmark = pytest.mark.usefixtures("quick_shell")

TRANSLATION = "---\ntitle: Винты\n---\n\nНичего.\n"


def test_a_notice_that_becomes_an_advisory_is_found_as_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    for _ in range(3):
        become_an_advisory(bench)
        bench.build()
        bench.compare()


def test_a_translation_whose_original_went_is_told_as_in_a_clean_build(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    bench.write("bulletins/TB-2026-0001.ru.md", TRANSLATION)
    bench.build()
    (bench.root / "bulletins/TB-2026-0001.md").unlink()
    for cache in (bench.cache, None):
        with pytest.raises(BuildFailed) as failed:
            build_site(bench.root, bench.out, cache)
        assert {finding.path for finding in failed.value.findings} == {"bulletins/TB-2026-0001.ru.md"}


def test_a_record_that_turns_out_to_be_a_translation(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    text = SITE["bulletins/TB-2026-0001.md"]
    bench.write("bulletins/TB.1.ru.md", text.replace("TB-2026-0001", "TB.1.ru"))
    bench.build()
    bench.write("bulletins/TB.1.md", text.replace("TB-2026-0001", "TB.1"))
    for cache in (bench.cache, None):
        with pytest.raises(BuildFailed) as failed:
            build_site(bench.root, bench.out, cache)
        assert {finding.path for finding in failed.value.findings} == {"bulletins/TB.1.ru.md"}


def test_a_wrong_link_is_told_where_its_record_is_now(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    bench.write("articles/KB10008.md", article("KB10008", "See [the web](/components/web/).\n"))
    bench.build()
    (bench.root / "articles/new").mkdir()
    (bench.root / "articles/KB10008.md").rename(bench.root / "articles/new/KB10008.md")
    bench.build()
    (bench.root / "reports/many.jsonl").unlink()
    edit(bench.root, "reports/100001.md", "component: web\n", "")
    with pytest.raises(BuildFailed) as failed:
        bench.build()
    assert [(finding.path, finding.line) for finding in failed.value.findings] == [("articles/new/KB10008.md", 11)]


def damaged(data: bytes, damage: str) -> bytes:
    middle = len(data) // 2
    return {"cut": data[:middle], "noise": bytes(255 - byte for byte in data), "zeros": bytes(len(data)), "nothing": b"",
            "no text": data[:middle] + bytes(255 if 32 <= byte < 127 else byte for byte in data[middle:])}[damage]


@pytest.mark.parametrize("damage", ["cut", "noise", "zeros", "nothing", "no text"])
def test_damaged_files_of_the_cache_are_made_anew(tmp_path: Path, damage: str) -> None:
    bench = Bench(tmp_path, 0)
    bench.build()
    arrays = [] if damage == "no text" else ["*-postings.npy", "*-places.npy", "*-place-starts.npy"]  # not read as a whole
    for pattern in ("records.msgpack", "tree-*.msgpack", "pages-*.msgpack", "*/kept.msgpack", *(f"*/{name}" for name in arrays)):
        [file] = bench.cache.glob(pattern)
        change_body(bench)
        file.write_bytes(damaged(file.read_bytes(), damage))
        bench.build()
        bench.compare()


@pytest.mark.parametrize("damage", ["noise", "zeros", "no text"])
def test_damaged_records_are_no_pages(tmp_path: Path, damage: str) -> None:
    bench = Bench(tmp_path, 0)
    bench.build()
    [file] = bench.cache.glob("records-*.bin")
    file.write_bytes(damaged(file.read_bytes(), damage))
    shutil.rmtree(bench.out)
    with pytest.raises(OSError, match="is damaged and no longer used; build again"):
        build_site(bench.root, bench.out, bench.cache)
    assert not bench.out.exists()
    bench.build()
    bench.compare()


def test_a_remedy_that_names_a_record_follows_its_title(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    edit(bench.root, "advisories/SA-2026-0001.md", "revisions:", "remediations:\n  - {category: workaround, text: \"See [[KB10001]].\"}\nrevisions:")
    bench.build()
    edit(bench.root, "articles/KB10001.md", "title: Restart a box", "title: Start a box again")
    bench.build()
    bench.compare()


@pytest.mark.parametrize("few", [0, 100])
def test_the_index_is_brought_up_to_date_beside_the_pages_or_after_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr("generator.index_files.FEW", few)
    bench = Bench(tmp_path, 0)
    bench.build()
    for _ in range(2):
        change_body(bench)
        bench.build()
        bench.compare()
    change_body(bench)
    (bench.out / "prsearch/options.json").unlink()
    for file in (bench.out / "prsearch/t").iterdir():
        file.unlink()
    bench.build()
    bench.compare()


def test_a_record_that_comes_or_goes_or_moves_leaves_other_pages_right(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 0)
    bench.write("articles/KB10008.md", article("KB10008", "See [[KB10002]] and [[100001]].\n"))
    bench.build()
    (bench.root / "articles/new").mkdir()
    (bench.root / "articles/KB10008.md").rename(bench.root / "articles/new/KB10008.md")
    bench.build()
    bench.compare()
    edit(bench.root, "articles/new/KB10008.md", "See [[KB10002]] and [[100001]].", "See [[KB10002]].")
    bench.build()
    bench.compare()
    (bench.root / "articles/new/KB10008.md").unlink()
    (bench.out / "kb/KB10001/index.html").unlink()
    bench.build()
    bench.compare()
