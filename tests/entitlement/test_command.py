"""``waypost entitlement``: the answers of the page, from the source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from tests.browser_modules import Node
from tests.generator.support import edit, write, write_site

CONTENT = Path(__file__).resolve().parents[2] / "content"
HEADER = "serial,contract,product,plan,support_start,support_end,shipped,resold,registered\n"
ROWS = HEADER + """\
BX-0001,CONTRACT-4711,box,,2026-01-01,2026-12-31,,,
BX-0002,,box,,,,2026-01-02,2026-06-01,false
BX-0003,,box,,,,,,
"""


def run(*arguments: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["entitlement", *map(str, arguments)], prog_name="waypost", input=given)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = write_site(tmp_path / "site", {"entitlements.csv": ROWS})
    edit(root, "portal.yml", "audiences:", "timezone: America/Los_Angeles\nsealed: {entitlements: {source: entitlements.csv}}\naudiences:")
    return root


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_one_serial_number_for_programs(site: Path) -> None:
    result = run("bx0001", "--site", site, "--at", "2026-12-31", "--json")
    assert result.exit_code == 0, result.output
    assert told(result) == {
        "serial": "BX-0001", "day": "2026-12-31", "state": "active", "reason": "contract", "why": "covered by a contract",
        "product": "box", "platform": None, "contract": "••••4711", "plan": None, "includes": [], "replacement": None,
        "replacement_includes": [], "support": {"state": "active", "start": "2026-01-01", "end": "2026-12-31"},
        "warranty": {"state": "none", "start": None, "end": None, "counted_from": "unknown", "shipped": None, "resold": None},
        "registered": None, "must_register": False, "end_of_support": {}, "next": ["open", "return"]}


@pytest.mark.parametrize(("at", "state"), [
    ("2026-12-31", "active"), ("2027-01-01", "expired"), ("2027-01-01T07:59:59Z", "active"), ("2027-01-01T08:00:00Z", "expired"),
    ("2027-01-01t00:00:00-08:00", "expired"),
])
def test_a_day_is_one_in_the_vendors_zone(site: Path, at: str, state: str) -> None:
    assert told(run("BX-0001", "--site", site, "--at", at, "--json"))["state"] == state


def test_for_people(site: Path) -> None:
    result = run("BX 0001", "bx-0003", "--site", site, "--at", "2026-11-22")
    assert result.stdout == (
        "BX-0001          active   covered by a contract; box; contract ••••4711; support 2026-01-01 to 2026-12-31; next: open, return\n"
        "BX-0003          none     neither a contract nor a warranty is known; box; next: buy, ask\n")
    assert result.exit_code == 0


def test_an_unknown_number_ends_with_1(site: Path) -> None:
    result = run("BX-0001", "BX-9", "--site", site, "--at", "2026-11-22", "--json")
    assert result.exit_code == 1
    assert [one["state"] for one in told(result)["results"]] == ["active", "unknown"]
    assert run("BX-9", "--site", site).stdout.split() == ["BX-9", "unknown", "not", "in", "the", "table"]


def test_many_from_a_file(site: Path, tmp_path: Path) -> None:
    write(tmp_path, "list.csv", "\ufeffSerial;place\nbx0003;hall\n\n\"BX-0001\"\nBX 0003\n")
    found = told(run("--file", tmp_path / "list.csv", "--site", site, "--json"))
    assert [one["serial"] for one in found["results"]] == ["BX-0003", "BX-0001"]
    assert told(run("--file", "-", "--site", site, "--json", given="BX-0003\n"))["results"][0]["reason"] == "nothing"


def test_another_table(site: Path, tmp_path: Path) -> None:
    write(tmp_path, "other.jsonl", '{"serial": "Z1", "product": "box", "support_end": "2030-01-01"}\n')
    result = run("Z-1", "--table", tmp_path / "other.jsonl", "--site", site, "--at", "2026-11-22", "--json")
    assert (told(result)["state"], told(result)["support"]["end"]) == ("active", "2030-01-01")


def test_bad_rows_are_told_and_the_others_answer(site: Path) -> None:
    write(site, "entitlements.csv", ROWS + "BX-0004,,hat,,,,,,\n")
    result = run("BX-0001", "--site", site, "--at", "2026-11-22")
    assert result.exit_code == 0
    assert "note: entitlements.csv:5: product: is not a known product" in result.stderr


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "give at least one serial number, or --file with one a line"), (["--", "--"], "'--' is empty; write a serial number"),
    (["A" * 101], "is too long for a key"), (["A1", "--at", "soon"], "'soon' is not a time"), (["A1", "--table", "none.csv"], "does not exist"),
])
def test_wrong_usage_ends_with_2(site: Path, arguments: list[str], message: str) -> None:
    result = run("--site", site, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_portal_without_a_table_says_so(tmp_path: Path) -> None:
    result = run("A1", "--site", write_site(tmp_path / "site"))
    assert result.exit_code == 1
    assert result.stderr == "portal.yml names no table of entitlements; name one with sealed, or give --table\n"


def test_a_missing_source_ends_with_1(site: Path) -> None:
    (site / "entitlements.csv").unlink()
    result = run("A1", "--site", site)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "entitlements.csv: cannot be read" in result.stderr


def test_the_example_has_every_answer(node: Node) -> None:
    """And the browser gives the same for each row."""
    serials = [line.split(",")[0] for line in (CONTENT / "entitlements.csv").read_text(encoding="utf-8").splitlines()[1:]]
    found = told(run(*serials, "--site", CONTENT, "--at", "2026-11-22", "--json"))["results"]
    assert {one["reason"] for one in found} == {
        "contract", "warranty", "register", "contract-ended", "warranty-ended", "nothing"}
    assert {one["warranty"]["counted_from"] for one in found} == {"shipped", "resold", "capped", "unknown"}
    terms = {"delay": {"count": 90, "unit": "day"}, "term": {"count": 12, "unit": "month"}, "register": ["fw60", "insight"]}
    for one in found:
        row = {"product": one["product"], "platform": one["platform"], "support_start": one["support"]["start"],
               "support_end": one["support"]["end"], "shipped": one["warranty"]["shipped"], "resold": one["warranty"]["resold"],
               "registered": one["registered"]}
        answer = node.call("coverage", {name: value for name, value in row.items() if value is not None}, terms, "2026-11-22")
        assert [answer[name] for name in ("state", "reason", "must_register", "steps", "start")] == [
            one["state"], one["reason"], one["must_register"], one["next"], one["warranty"]["counted_from"]]
