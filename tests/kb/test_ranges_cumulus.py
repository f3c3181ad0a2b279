"""Verdicts on the issues of real release notes: lists of ranges with both ends included, in Affects and in Fixed."""

import json
from pathlib import Path

import pytest

from kb.ranges import Affected, contradictions, parse_fixed, parse_range, verdict

PRODUCT = "cumulus"


def _issues(folder: Path) -> list[dict[str, str]]:
    lines = (folder / "cumulus-issues" / "issues.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def _entry(issue: dict[str, str]) -> Affected:
    fixed = parse_fixed(issue["fixed"], "dotted") if issue["fixed"] else ()
    return Affected(product=PRODUCT, ranges=parse_range(issue["affects_raw"], "dotted"), fixed=fixed)


def _status(issue: dict[str, str], release: str) -> str:
    return verdict([_entry(issue)], PRODUCT, release, "dotted").status


def _stretches(text: str) -> list[tuple[str, str]]:
    """First and last of each stretch, cut without the help of the parser under test."""
    parts = [part.strip().split("-") for part in text.split(",") if part.strip()]
    return [(part[0], part[-1]) for part in parts]


def _before(release: str) -> str:
    numbers = [int(part) for part in release.split(".")]
    while numbers[-1] == 0:
        numbers.pop()
    numbers[-1] -= 1
    return ".".join(map(str, [*numbers, 99, 99][:max(3, len(numbers))]))


def test_every_issue_at_its_ends(shared_data: Path) -> None:
    issues = _issues(shared_data)
    assert len(issues) == 44
    for issue in issues:
        for first, last in _stretches(issue["affects_raw"]):
            assert _status(issue, first) == _status(issue, last) == "affected", issue["id"]
            assert _status(issue, _before(first)) != "affected", issue["id"]
            for later in (last + ".1", last[:last.rindex(".") + 1] + str(int(last.split(".")[-1]) + 1)):
                assert _status(issue, later) in ("not_affected", "fixed"), issue["id"]
        for first, last in _stretches(issue["fixed"]):
            assert _status(issue, first) == _status(issue, last) == _status(issue, last + ".1") == "fixed", issue["id"]


def test_no_issue_contradicts_itself(shared_data: Path) -> None:
    assert [issue["id"] for issue in _issues(shared_data) if contradictions(_entry(issue), "dotted")] == []


@pytest.mark.parametrize(("issue_id", "affected", "fixed", "unaffected"), [
    ("4531825", "5.11.1 5.11.2 5.11.3", "5.9.4 5.9.5 5.12.0 5.12.1 5.13.1 5.14.0 5.14.1", "5.11.0 5.9.3 5.11.4 5.15.0"),
    ("4558846", "5.11.0 5.11.3", "5.12.0 5.13.0 5.14.0", "5.10.1 5.9.4"),
    ("4475111", "5.11.2 5.11.3 5.12.0 5.14.0", "5.9.4", "5.11.1 5.9.3 5.14.1"),
    ("4531104", "5.6.0 5.9.4 5.10.0 5.13.1", "5.14.0 5.14.2", "5.5.1 5.13.2"),
    ("2951114", "3.7.14.2 3.7.15 4.3.0 4.4.0 4.4.2 5.0.0 5.0.1", "", "3.7.14 3.7.14.1 3.7.16 4.2.1 4.4.3 5.0.2 5.1.0"),
    ("2951110", "3.7.15 4.1.1 4.2.0 5.0.0", "", "3.7.14.2 3.7.15.1 4.1.0 4.0.0"),
    ("2959309", "4.4.0 4.4.2 5.0.1", "", "5.0.0 4.3.0 5.0.2"),
    ("2940063", "3.7.12 3.7.14.2 4.0.0 4.4.2", "5.0.0 5.0.1 5.0.2", "3.7.11 5.1.0"),
    ("2904239", "4.4.2", "", "4.4.1 4.4.3 4.4.2.1"),
])
def test_issue(issue_id: str, affected: str, fixed: str, unaffected: str, shared_data: Path) -> None:
    issue = next(issue for issue in _issues(shared_data) if str(issue["id"]) == issue_id)
    assert {release: _status(issue, release) for release in f"{affected} {fixed} {unaffected}".split()} == {
        **dict.fromkeys(affected.split(), "affected"), **dict.fromkeys(fixed.split(), "fixed"),
        **dict.fromkeys(unaffected.split(), "not_affected")}
