"""What a built portal with private tables shows and does not show."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path

import pytest

from generator.output_folder import state_file
from kb.key_values import normal_key
from tests.generator.support import tree
from tests.seal.reader import open_in
from tests.seal.support import BOTH, built, options_for, private_site, rows, serials
from tests.seal.test_format import CHI_SQUARE, chi_square

COUNT = 400


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = private_site(tmp_path_factory.mktemp("sealed") / "site", BOTH, entitlements=rows(COUNT))
    built(root, jobs=2)
    return root


def test_rows_open_with_their_keys_and_with_no_others(site: Path) -> None:
    out = site.parent / "out"
    told = {"product": "box", "plan": "base", "replacement": "next-day", "contract": "••••5-WQ", "support_start": "2026-01-01",
            "support_end": "2026-12-31"}
    assert all(open_in(out, "entitlements", serial=serial) == told | {"contract": f"••••{f'{number:05}'[-1]}-WQ"}
               for number, serial in enumerate(serials(20)))
    assert open_in(out, "entitlements", serial="qx 07919-vj") is not None
    assert open_in(out, "entitlements", serial="QX07919VK") is None


def test_cases_and_returns_are_found_by_each_of_their_numbers(site: Path) -> None:
    out = site.parent / "out"
    first = {"case": "2026-1102-0007", "status": "open", "site": "Harbour office", "site_id": "S-1", "contact": "Desk",
             "modified": "2026-11-20T08:15:00Z", "platform": "bx1", "priority": "high"}
    part = {"rma": "R48211-1", "status": "open", "part": "PSU", "serial": "PS-1", "case": "2026-1102-0007",
            "issued": "2026-11-03T10:00:00Z"}
    other = {"rma": "R48211-2", "status": "open", "part": "FAN", "issued": "2026-11-03T10:00:00Z"}
    code = "k7qx m29d"
    assert open_in(out, "cases", case="202611020007", code=code) == {"cases": [first], "returns": [part]}
    assert open_in(out, "cases", rma="r48211-1", code=code) == {"cases": [], "returns": [part]}
    assert open_in(out, "cases", rma="R48211", code=code) == {"cases": [], "returns": [other, part]}
    by_reference = open_in(out, "cases", reference="net-44", code=code)
    assert [case["case"] for case in by_reference["cases"]] == ["2026-1102-0007", "2026-0914-0112"]
    assert open_in(out, "cases", case="202611020007", code="K7QX-M29E") is None


def test_neither_keys_nor_texts_stand_in_the_output_or_the_cache(site: Path) -> None:
    words = [*serials(COUNT), *(f"ZK{number:05}" for number in range(COUNT)), "2026-1102-0007", "202611020007", "K7QX-M29D",
             "K7QXM29D", "NET 44", "R48211", "Harbour office", "5a" * 32]
    forms = {form.encode(encoding) for word in words for form in (word, normal_key(word), word.lower()) for encoding in ("utf-8", "utf-16-le")}
    forms.add(b"\x5a" * 32)
    for folder in ("out", "cache"):
        files = tree(site.parent / folder)
        assert files
        for path, data in files.items():
            plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
            found = [form for form in forms if form in plain]
            assert not found, (path, found[:3])


def test_the_cache_is_for_its_owner(site: Path) -> None:
    files = [*(site.parent / "cache").glob("seal-*"), *(site.parent / "cache").glob("sealed-*")]
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_shards_are_of_one_size_and_as_full_as_chance_has_it(site: Path) -> None:
    folder = site.parent / "out" / "sealed" / "entitlements"
    about = json.loads((folder / "table.json").read_text(encoding="utf-8"))
    shards = sorted(folder.glob("*.bin"))
    assert (about["bits"], len(shards)) == (3, 8)
    assert {shard.stat().st_size for shard in shards} == {about["rows"] * about["size"]}
    data = b"".join(shard.read_bytes() for shard in shards)
    assert chi_square(data[1:]) < CHI_SQUARE
    for number, shard in enumerate(shards):
        content = shard.read_bytes()
        locators = [content[start : start + 16] for start in range(0, len(content), about["size"])]
        assert locators == sorted(set(locators))
        assert {locator[0] >> 5 for locator in locators} == {number}


def test_shards_are_balanced(site: Path) -> None:
    from tests.seal.reader import keys

    about = json.loads((site.parent / "out" / "sealed" / "entitlements" / "table.json").read_text(encoding="utf-8"))
    counts = [0] * 8
    for serial in serials(COUNT):
        counts[keys(about, ["serial"], {"serial": serial})[0] >> 5] += 1
    assert sum((count - COUNT / 8) ** 2 / (COUNT / 8) for count in counts) < 40.5  # 7 degrees of freedom, once in a million


def test_workers_make_no_difference(site: Path, tmp_path: Path) -> None:
    root = private_site(tmp_path / "site", BOTH, entitlements=rows(COUNT))
    built(root, jobs=1)
    sealed = [{path: data for path, data in tree(folder / "out").items() if path.startswith("sealed/")}
              for folder in (site.parent, tmp_path)]
    assert len(sealed[0]) == 11
    assert sealed[0] == sealed[1]


def test_a_table_without_rows_looks_like_one_with_some(tmp_path: Path) -> None:
    root = private_site(tmp_path / "site", entitlements=rows(0))
    built(root)
    assert (tmp_path / "out" / "sealed" / "entitlements" / "0.bin").stat().st_size == 96 * 256
    assert open_in(tmp_path / "out", "entitlements", serial="X") is None


def test_the_state_of_a_build_tells_nothing(site: Path) -> None:
    file = state_file(site.parent / "cache", site.parent / "out", "sealed")
    assert file is not None and file.is_file()
    assert options_for(site).skip_bad_rows is False
