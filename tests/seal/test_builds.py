"""Builds one after the other: what is kept, what is made again, and what a build that was stopped leaves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.building import BuildFailed
from generator.seal import master_keys
from generator.seal.master_keys import MasterKeys
from generator.seal.rows import Rows
from generator.unchanged import last_build
from kb.reporting import quiet
from tests.generator.support import differences, edit, tree, write
from tests.seal.reader import open_in
from tests.seal.support import BOTH, ENTITLEMENTS, HEADER, ROW, built, options_for, private_site, rows, save, serials

RACE = ("generator.seal.tables._RACE", "generator.unchanged._RACE")


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled as soon as they are written."""
    for name in RACE:
        monkeypatch.setattr(name, -(10**12))


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The key strings that were derived."""
    found: list[str] = []
    real = master_keys.derive_master

    def derive(key: str, salt: bytes, iterations: int) -> bytes:
        found.append(key)
        return real(key, salt, iterations)

    monkeypatch.setattr(master_keys, "derive_master", derive)
    yield found


def clean(root: Path, folder: str = "again") -> Path:
    """The site built from nothing elsewhere."""
    target = root.parent / folder / "site"
    shutil.copytree(root, target)
    built(target)
    return target.parent / "out"


def test_only_new_rows_cost_time_and_the_tree_is_that_of_a_clean_build(tmp_path: Path, derived: list[str]) -> None:
    root = private_site(tmp_path / "site", entitlements=rows(120))
    built(root)
    assert len(derived) == 120
    derived.clear()
    text = rows(120).replace(f"{serials(120)[7]},ZK00007-WQ,box,base", f"{serials(120)[7]},ZK00007-WQ,box,") + ROW
    save(root, "entitlements.csv", text)
    summary = built(root)
    assert derived == ["waypost-seal-1\nentitlements\nserial=BX7K4Q0001"]
    assert 0 < summary.written <= 2
    assert differences(tmp_path / "out", clean(root)) == []


@pytest.mark.usefixtures("settled")
def test_a_table_that_has_not_changed_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = private_site(tmp_path / "site", BOTH)
    built(root)
    monkeypatch.setattr(Rows, "read", lambda *_: pytest.fail("read"))
    edit(root, "articles/KB10002.md", "Use a brush.", "Use a cloth.")
    assert built(root).changed
    monkeypatch.undo()
    assert differences(tmp_path / "out", clean(root)) == []


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(("path", "old", "new"), [
    ("entitlements.csv", "2026-12-31", "2026-12-30"), ("seal.key", "5a5a", "5b5b"), ("portal.yml", "iterations: 1000", "iterations: 1001"),
    ("portal.yml", "iterations: 1000", "epoch: a, iterations: 1000"), ("portal.yml", "iterations: 1000", "capacity: 60, iterations: 1000"),
    ("products.yml", "name: BoxOS", "name: BoxOS, aliases: [b]"), ("policy.yml", "{id: base, name: Base}", "{id: base, name: Basis}")])
def test_whatever_a_table_depends_on_is_looked_at(tmp_path: Path, path: str, old: str, new: str) -> None:
    root = private_site(tmp_path / "site")
    built(root)
    text = (root / path).read_text(encoding="utf-8")
    write(root, path, text.replace(old, new, 1).replace("name: BoxOS, aliases: [b]", "name: BoxOS\n    aliases: [b]"))
    built(root)
    assert differences(tmp_path / "out", clean(root)) == []


@pytest.mark.usefixtures("settled")
def test_nothing_changed_is_seen_at_once_and_a_changed_source_too(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site", ENTITLEMENTS.replace("entitlements.csv", "../private/entitlements.csv"))
    write(tmp_path, "private/entitlements.csv", HEADER + ROW)
    built(root)
    options = options_for(root)
    assert last_build(options) is not None
    assert last_build(options_for(root, skip_bad_rows=True)) is None
    write(tmp_path, "private/entitlements.csv", HEADER + ROW.replace("true", "false"))
    assert last_build(options) is None
    built(root)
    assert open_in(tmp_path / "out", "entitlements", serial="BX7K4Q0001")["registered"] is False


@pytest.mark.usefixtures("settled")
def test_files_that_vanish_from_the_live_tree_come_back(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    built(root)
    before = tree(tmp_path / "out")
    (tmp_path / "out" / "sealed" / "entitlements" / "0.bin").unlink()
    built(root)
    assert tree(tmp_path / "out") == before


def test_a_table_that_is_taken_out_vanishes(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site", BOTH)
    built(root)
    edit(root, "portal.yml", BOTH.removeprefix(ENTITLEMENTS), "")
    built(root)
    assert {path.split("/")[1] for path in tree(tmp_path / "out") if path.startswith("sealed/")} == {"entitlements"}


def test_a_build_that_is_stopped_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, derived: list[str]) -> None:
    monkeypatch.setattr(master_keys, "_ITERATIONS", 10_000)  # so that a wave has 20 keys
    root = private_site(tmp_path / "site", entitlements=rows(100))
    told: list[tuple[int, int]] = []

    def stop(stage: str, done: int, total: int) -> None:
        if stage == master_keys.STAGE:
            told.append((done, total))
            if done == 40:
                raise KeyboardInterrupt

    from generator.build import build

    (tmp_path / "cache").mkdir()
    with pytest.raises(KeyboardInterrupt):
        build(options_for(root), stop)
    assert told == [(20, 100), (40, 100)]
    assert not (tmp_path / "out").exists()
    derived.clear()
    built(root)
    assert len(derived) == 60
    assert differences(tmp_path / "out", clean(root)) == []


def masters(folder: Path, secret: bytes = bytes(32)) -> MasterKeys:
    return MasterKeys(folder, secret, "entitlements", bytes(16), 1_000)


def names(kept: MasterKeys, *keys: str) -> list[bytes]:
    return [kept.name_of(key) for key in keys]


@pytest.mark.parametrize("damage", ["cut", "bit", "length"])
def test_a_damaged_cache_loses_only_what_comes_after(tmp_path: Path, damage: str) -> None:
    kept = masters(tmp_path)
    wanted = names(kept, "a", "b")
    kept.derive(wanted[:1], lambda at: "a", 1, quiet)
    (file,) = tmp_path.glob("*.keys")
    first = file.stat().st_size
    kept.derive(wanted[1:], lambda at: "b", 1, quiet)
    data = bytearray(file.read_bytes())
    if damage == "cut":
        del data[-3:]
    else:
        data[first + (20 if damage == "bit" else 0)] ^= 1
    file.write_bytes(bytes(data))
    again = masters(tmp_path)
    again.load()
    assert again.missing(wanted) == [1]
    assert file.stat().st_size == first
    again.derive(wanted[1:], lambda at: "b", 1, quiet)
    last = masters(tmp_path)
    last.load()
    assert last.missing(wanted) == []
    assert [last[name] for name in wanted] == [kept[name] for name in wanted]


def test_keys_of_another_secret_are_of_no_use(tmp_path: Path) -> None:
    kept = masters(tmp_path)
    kept.derive(names(kept, "a"), lambda at: "a", 1, quiet)
    (file,) = tmp_path.glob("*.keys")
    other = masters(tmp_path, b"\1" * 32)
    shutil.copy(file, tmp_path / other._file.name)  # type: ignore[union-attr]
    other.load()
    assert other.missing(names(kept, "a")) == [0]
    assert other.name_of("a") != kept.name_of("a")


def test_keys_of_rows_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    kept = masters(tmp_path)
    wanted = names(kept, *"abcdefgh")
    kept.derive(wanted, lambda at: "abcdefgh"[at], 2, quiet)
    (file,) = tmp_path.glob("*.keys")
    size = file.stat().st_size
    kept.forget_others(wanted[:7])
    assert file.stat().st_size == size  # few are gone
    kept.forget_others(wanted[:4])
    again = masters(tmp_path)
    again.load()
    assert again.missing(wanted) == [4, 5, 6, 7]
    assert file.stat().st_size < size
    assert file.stat().st_mode & 0o077 == 0


def test_without_a_cache_everything_is_derived_and_the_tree_is_the_same(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site", BOTH)
    built(root)
    copy = tmp_path / "bare" / "site"
    shutil.copytree(root, copy)
    from generator.build import build

    build(options_for(copy).__class__(copy, tmp_path / "bare" / "out", options_for(copy).at))
    assert differences(tmp_path / "out", tmp_path / "bare" / "out") == []


def test_parts_hold_no_tables_and_their_merger_does(tmp_path: Path) -> None:
    from generator.building import Shard

    root = private_site(tmp_path / "site")
    options = options_for(root)
    from generator.build import build

    parts = [tmp_path / f"part{number}" for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        build(options.__class__(root, part, options.at, shard=Shard(number, 2)))
        assert not (part / "sealed").exists()
    build(options.__class__(root, tmp_path / "merged", options.at, parts=tuple(parts)))
    built(root)
    assert differences(tmp_path / "merged", tmp_path / "out") == []


def test_a_bad_row_leaves_the_live_portal_alone_or_is_skipped(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    built(root)
    before = tree(tmp_path / "out")
    save(root, "entitlements.csv", HEADER + ROW + "BX2,,nobox,,,,,,,\n")
    with pytest.raises(BuildFailed):
        built(root)
    assert tree(tmp_path / "out") == before
    summary = built(root, skip_bad_rows=True)
    assert [str(note) for note in summary.notes if note.path == "entitlements.csv"] == [
        "entitlements.csv:3: product: is not a known product, so the row is left out; did you mean box?"]
    assert open_in(tmp_path / "out", "entitlements", serial="BX7K4Q0001") is not None
    assert open_in(tmp_path / "out", "entitlements", serial="BX2") is None


def test_previews_have_the_tables_too(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site")
    built(root, drafts=True)
    assert open_in(tmp_path / "out", "entitlements", serial="BX7K4Q0001") is not None


def test_a_source_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    """Its stamp is too young to be trusted, so the next build reads it once more."""
    root = private_site(tmp_path / "site")
    built(root)
    file = root / "entitlements.csv"
    stat = file.stat()
    file.write_text((HEADER + ROW).replace("2026-12-31", "2026-12-30"), encoding="utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    built(root)
    assert open_in(tmp_path / "out", "entitlements", serial="BX7K4Q0001")["support_end"] == "2026-12-30"
