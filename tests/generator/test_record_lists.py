"""The list of all records for programs: what it says, and that one record changes one of its files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zlib import crc32

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import record_lists
from generator.buckets import buckets, even_buckets
from generator.markdown import Target, Words, plain_text, to_html
from generator.record_lists import INDEX, Listed, RecordFile, RecordIndex
from tests.generator.support import build_site, differences, edit, report, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")


def index_of(out: Path) -> RecordIndex:
    return msgspec.json.decode((out / INDEX).read_bytes(), type=RecordIndex)


def records_of(out: Path) -> dict[str, Listed]:
    files = [(entry, (out / entry.path).read_bytes()) for entry in index_of(out).files]
    assert all(hashlib.sha256(data).hexdigest() == entry.sha256 for entry, data in files)
    found = [record for _entry, data in files for record in msgspec.json.decode(data, type=RecordFile).records]
    assert sum(entry.records for entry, _data in files) == len(found)
    return {record.id: record for record in found}


def test_what_is_said_of_a_record(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    edit(root, "reports/100001.md", "created: 2026-01-22", 'history:\n  - {date: 2026-02-09, text: "See [[KB10001]], *[this](KB10002)*."}\ncreated: 2026-01-22')
    build_site(root, tmp_path / "out")
    found = records_of(tmp_path / "out")
    assert set(found) == {"100001", "KB10001", "KB10002", "SA-2026-0001", "SN-2026-0001", "TB-2026-0001"}
    hums, opens = found["100001"], found["SA-2026-0001"]
    assert (hums.kind, hums.path, hums.status, hums.severity, hums.products, hums.platforms, hums.components, hums.trains) == (
        "report", "pr/100001/", "fixed", "medium", ("box",), ("bx1",), ("web",), {"box": ("1.0",)})
    assert (hums.change and hums.change.text == "See KB10001 , this .") or hums.change.text == "See KB10001, this."
    assert opens.change and (opens.change.number, opens.change.text) == ("1", "First publication.")
    assert found["KB10001"].titles == {"en": "Restart a box", "ru": "Перезапуск"}
    index = index_of(tmp_path / "out")
    assert (index.names, index.vendor, index.url) == ({"en": "Box Support", "ru": "Box Support"}, "Box Networks", "https://support.example.com/")
    assert index.updated == max(record.updated for record in found.values())
    assert [(product.id, [item.id for item in product.components], product.trains) for product in index.products] == [
        ("box", ["web"], ("1.0",))]


def test_a_changed_record_changes_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_lists, "MOST", 4)
    root = write_site(tmp_path / "site")
    for number in range(200001, 200030):
        write(root, f"reports/{number}.md", report(str(number)))
    build_site(root, tmp_path / "before")
    build_site(root, tmp_path / "after", tmp_path / "cache")
    made: list[bytes] = []
    really = record_lists._records
    monkeypatch.setattr(record_lists, "_records", lambda *arguments: made.append(really(*arguments)) or made[-1])
    edit(root, "reports/200007.md", "It fails.", "It fails often.")
    build_site(root, tmp_path / "after", tmp_path / "cache")
    listed = [path for path in differences(tmp_path / "before", tmp_path / "after") if path.startswith("api/")]
    assert len(listed) == 2 and INDEX in listed
    assert len(made) == 1, "the others are neither made nor read"
    one, other = (records_of(tmp_path / name) for name in ("before", "after"))
    assert [name for name in one if one[name] != other[name]] == ["200007"]
    assert msgspec.structs.replace(one["200007"], digest="") == msgspec.structs.replace(other["200007"], digest="")


@given(st.text(alphabet="aB1 .,;:/()-2w&_*#", max_size=14))
def test_a_line_that_is_plain_reads_as_it_stands(line: str) -> None:
    if record_lists._PLAIN.fullmatch(line):
        assert plain_text(to_html(line, lambda address: Target(""), Words(table=""), set())) == line


@given(st.sets(st.text(max_size=5)), st.integers(1, 9))
def test_quick_buckets_are_the_same_as_others(names: set[str], most: int) -> None:
    found = even_buckets(sorted(names), most)
    assert {bits: sorted(own) for bits, own in found.items()} == buckets(names, lambda own: len(own) <= most)
    assert all(f"{crc32(name.encode()):032b}".startswith(bits) for bits, own in found.items() for name in own)
