"""The golden site: the output for every kind of page, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.update import EXPECTED, HERE, golden


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return golden(tmp_path_factory.mktemp("golden"))


def test_the_set_of_files_is_the_expected_one(found: dict[str, str]) -> None:
    assert sorted(found) == sorted(file.name for file in EXPECTED.iterdir()), "run python -m tests.golden.update"


@pytest.mark.parametrize("file", sorted(EXPECTED.iterdir()), ids=lambda file: file.name)
def test_output_is_as_expected(found: dict[str, str], file: Path) -> None:
    expected = file.read_text(encoding="utf-8").splitlines()
    assert found[file.name].splitlines() == expected, "if this is meant: python -m tests.golden.update, then read the diff"
    assert found[file.name].encode() == file.read_bytes()


def test_the_golden_site_stays_small() -> None:
    files = [path for path in HERE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert len(files) < 40
