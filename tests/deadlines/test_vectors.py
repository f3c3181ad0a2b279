"""Deadlines worked out by hand, which Python and the browser must both give, with the same reasons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser_modules import Node
from tests.deadlines.support import SITES, browser_policy, in_python, policy_of

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
EACH = pytest.mark.parametrize("vector", VECTORS, ids=[vector["rule"] for vector in VECTORS])


@EACH
def test_python(vector: dict[str, Any]) -> None:
    found = in_python(policy_of(vector["policy"]), vector["question"])
    assert {promise["kind"]: promise["due"] for promise in found} == vector["due"]


@EACH
def test_browser(node: Node, vector: dict[str, Any]) -> None:
    policy = policy_of(vector["policy"])
    found = node.call("deadlines", browser_policy(policy, SITES[vector["policy"]][1]), vector["question"])
    assert {promise["kind"]: promise["due"] for promise in found} == vector["due"]
    assert found == in_python(policy, vector["question"])


def test_reasons_line_by_line() -> None:
    question = {"level": "partial", "region": "west", "plan": "standard", "opened": "2026-12-30T16:00:00Z",
                "waits": [["2027-01-11T06:00:00Z", "2027-01-11T08:00:00Z"]]}
    [temporary] = [promise for promise in in_python(policy_of("software"), question) if promise["kind"] == "temporary"]
    assert temporary == {"kind": "temporary", "level": "partial", "due": "2027-01-12T08:00:00Z", "reasons": [
        ["received", "2026-12-30T16:00:00Z", "", ""],
        ["opens", "2027-01-11T06:00:00Z", "", ""],
        ["lasts", None, "1 business day", ""],
        ["holiday", None, "Новогодние каникулы", "2026-12-31/2027-01-08"],
        ["waited", "2027-01-11T06:00:00Z", "120", ""]]}
