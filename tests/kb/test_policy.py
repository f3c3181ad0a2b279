"""The policy: two real ones carry the figures they should, and each rule speaks up word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from kb.findings import Finding
from kb.load import load
from kb.policy import Policy, parse_policy
from kb.policy_cases import parse_pattern
from kb.policy_values import Duration, Phrase, parse_duration
from kb.source import Value, parse_yaml, read_yaml

ROOT = Path(__file__).parents[2]
NETWORKS = ROOT / "content"
SOFTWARE = ROOT / "tests" / "sites" / "software-vendor"

VALID = """\
effective: 2026-01-01
calendars:
  - {id: always, name: Around the clock, zone: UTC, hours: mon-sun 00:00-24:00}
  - id: office
    name: Office hours
    zone: Europe/London
    hours: [mon-thu 09:00-12:30, mon-thu 13:30-18:00, fri 09:00-16:00]
    holidays:
      - {date: 2026-12-24, name: Christmas Eve, hours: 09:00-12:00}
      - {date: 2026-12-25, until: 2026-12-28, name: Christmas}
  - id: gulf
    name: Gulf
    based_on: office
    zone: Asia/Dubai
    hours: sun-thu 08:00-17:00
    holidays: [{date: 2026-12-28, name: Long night, hours: 10:00-12:00}]
  - {id: oman, name: Oman, based_on: gulf, zone: Asia/Muscat}
regions:
  - {id: north, name: North, calendar: office, translations: {ru: {name: Север}}}
  - {id: south, name: South, calendar: gulf}
channels:
  - {kind: phone, name: Phone, opens: true}
  - {kind: email, name: E-mail, updates: true, clock: registered, note: Updates only}
levels:
  - id: urgent
    name: Urgent
    definition: Nothing works.
    examples: [No light, No water]
    channels: [phone]
    calendar: always
    unreachable: {after: 1 hour, level: normal}
    translations: {ru: {name: Срочный, examples: [Нет света, Нет воды]}}
  - id: normal
    name: Normal
    definition: Something works.
    channels: [phone]
times:
  - {level: urgent, plan: gold, response: 30 minutes}
  - {level: urgent, plan: basic, response: 1 hour}
  - {level: normal, response: 8 business hours, update: 1 week}
waiting: {rule: Waiting does not count., extends: [permanent]}
contacts:
  - id: desk
    role: support
    name: Desk
    calendar: office
    languages: [en]
    phones: [{number: +1 (555) 010-00, label: Free, toll_free: true}]
    email: desk@example.com
  - {id: night, role: duty, name: Night, calendar: always, levels: [urgent], regions: [north], note: On request}
checklist:
  - {id: sketch, name: Sketch, need: optional, levels: {urgent: recommended}}
numbers:
  - {id: case, name: Case number, pattern: YYYY-MMDD-NNNN, examples: [2008-0229-0123], keypad: {omit: "-", end: "#"}}
escalation:
  actor: Duty manager
  calendar: always
  reasons: [{id: other, name: Other}]
service:
  plans:
    - {id: basic, name: Basic}
    - {id: gold, name: Gold, needs: basic}
  features:
    - {id: access, name: Access, plans: {basic: included, gold: extra-cost}}
  replacement:
    plan: basic
    variants: [{id: slow, name: Slow}]
    services: [{id: ship, name: Ship, variants: [slow]}]
warranty: {start: At shipment., repair: 20 business days}
returns: {within: 10 business days}
accounts:
  tools: [{id: kb, name: Articles}]
  types: [{id: partner, name: Partner, sees: all}]
security: {name: SIRT, email: sirt@example.com, pgp_key: https://www.example.com/key.asc, phone: +1 555 0199}
"""


def parse(text: str) -> tuple[Policy | None, list[str]]:
    """The policy in a text, and what was found wrong."""
    findings: list[Finding] = []
    policy = parse_policy(parse_yaml(text, "policy.yml"), "policy.yml", findings)
    return policy, [str(finding) for finding in findings]


def valid() -> Policy:
    policy, findings = parse(VALID)
    assert findings == []
    assert policy
    return policy


def shipped(site: Path) -> Policy:
    findings: list[Finding] = []
    policy = parse_policy(read_yaml(site, "policy.yml"), "policy.yml", findings)
    assert findings == []
    assert policy
    return policy
