"""Deadlines of both implementations in one form, and the policies that they are asked about."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from generator.i18n import Speaker
from generator.policy_data import policy_data
from kb.deadlines import Question, deadlines
from kb.fields import instant
from kb.policy import Policy, parse_policy
from kb.source import read_yaml
from kb.working_time import NeverOpen

ROOT = Path(__file__).resolve().parents[2]
SITES = {"networks": (ROOT / "content", "en"), "software": (ROOT / "tests" / "sites" / "software-vendor", "ru")}


@cache
def policy_of(site: str) -> Policy:
    policy = parse_policy(read_yaml(SITES[site][0], "policy.yml"), "policy.yml", [])
    assert policy
    return policy


def browser_policy(policy: Policy, language: str = "en") -> Any:
    """What the page hands to its script, in a language that has no translations of the policy."""
    return policy_data(policy, Speaker(language))


def in_python(policy: Policy, question: dict[str, Any]) -> Any:
    """The answer to a question in the form of the vectors."""
    try:
        found = deadlines(policy, msgspec.convert(question, Question))
    except NeverOpen:
        return "never open"
    return [{"kind": promise.kind, "due": instant(promise.due), "level": promise.level,
             "reasons": [[reason.code, reason.at and instant(reason.at), reason.text, reason.days] for reason in promise.reasons]}
            for promise in found]
