"""Policies with one thing wrong: each rule speaks up, word for word, and nothing that is written goes unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
import pytest

from kb.findings import Finding
from kb.policy import Policy, parse_policy
from kb.policy_cases import parse_pattern
from kb.policy_values import Duration, parse_duration
from kb.source import Value, parse_yaml

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
  - {id: night, role: duty, name: Night, calendar: always, levels: [urgent], regions: [north], note: On request, escalates_to: boss}
  - {id: boss, role: duty, name: Boss, calendar: always, note: Ask for her}
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
security: {name: SIRT, email: sirt@example.com, pgp_key: https://www.example.com/key.asc, phone: +1 555 0199,
           fingerprint: 0123 4567 89ab cdef 0123  4567 89ab cdef 0123 4567,
           disclosure: {scope: [Devices], excluded: [Toys], asks: [Wait], acknowledge: 2 business days, publish: 90 days}}
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


def test_calendars_take_over_from_each_other() -> None:
    gulf, oman = valid().calendar("gulf"), valid().calendar("oman")
    assert [str(hours) for hours in oman.hours_on(date(2026, 12, 6))] == ["08:00-17:00"]  # a Sunday, by way of gulf
    assert oman.hours_on(date(2026, 12, 4)) == ()
    assert oman.hours_on(date(2026, 12, 27)) == ()  # Christmas, by way of office
    assert [str(hours) for hours in gulf.hours_on(date(2026, 12, 28))] == ["10:00-12:00"]  # its own holiday wins
    assert [str(hours) for hours in valid().calendar("office").hours_on(date(2026, 12, 24))] == ["09:00-12:00"]


@pytest.mark.parametrize(("text", "duration"), [
    ("30 minutes", Duration(30, "minute")), ("1 hour", Duration(1, "hour")), ("30 calendar days", Duration(30, "day")),
    ("8 business hours", Duration(8, "hour", business=True)), ("1 week", Duration(1, "week")),
])
def test_durations(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration
    assert parse_duration(str(duration)) == duration


def test_patterns_have_parts_for_programs() -> None:
    assert [(part.kind, part.text) for part in parse_pattern("'DD'NN-YYYY.n")] == [
        ("text", "DD"), ("digits", "NN"), ("text", "-"), ("year", "YYYY"), ("text", "."), ("number", "n")]


BAD = [
    ("effective: 2026-01-01", "effective: soon",
     "1: effective: 'soon' is not a date; write YYYY-MM-DD, such as 2026-11-22"),
    ("effective: 2026-01-01", "servce: {}", "1: servce: is not a known field; did you mean service?"),
    ("effective: 2026-01-01", "translations: {Russian: {}}",
     "1: translations: 'Russian' is no language tag; write a tag such as en or ru"),
    # texts
    ("{ru: {name: Север}}", "{ru: {nam: Север}}",
     "19: regions[1].translations.ru.nam: is not a known field; did you mean name?"),
    ("Нет света, Нет воды", "Нет света",
     "32: levels[1].translations.ru.examples: has 1 where the original has 2; translate each, in the same order"),
    ("{ru: {name: Срочный,", "{ru: {vendor_duty: Работает, name: Срочный,",
     "32: levels[1].translations.ru.vendor_duty: translates a text that is not there; "
     "add 'vendor_duty' above, or remove this"),
    # calendars and regions
    ("zone: Europe/London", "zone: Europe/Londres",
     "6: calendars[2].zone: 'Europe/Londres' is no time zone; write a name such as UTC or Europe/Berlin"),
    ("zone: UTC, hours: mon-sun 00:00-24:00", "zone: UTC",
     "3: calendars[1].hours: is missing; add a line 'hours: ...'"),
    ("mon-thu 13:30-18:00", "thu 12:00-18:00",
     "7: calendars[2].hours: 'thu 12:00-18:00' overlaps 09:00-12:30; let one end before the other starts"),
    ("fri 09:00-16:00", "friday 09:00-16:00",
     "7: calendars[2].hours: 'friday 09:00-16:00' does not begin with weekdays; "
     "write mon to sun, such as mon-fri 09:00-18:00"),
    ("fri 09:00-16:00", "fri 9-16", "7: calendars[2].hours: 'fri 9-16' is no span of time; write 09:00-18:00"),
    ("fri 09:00-16:00", "fri 22:00-06:00",
     "7: calendars[2].hours: 'fri 22:00-06:00' ends before it starts; "
     "split it at midnight: mon 22:00-24:00 and tue 00:00-06:00"),
    ("fri 09:00-16:00", "fri 09:00-24:30",
     "7: calendars[2].hours: 'fri 09:00-24:30' ends after the day; write 24:00 for its end"),
    ("hours: 09:00-12:00}", "hours: [09:00-12:00, 11:00-13:00]}",
     "9: calendars[2].holidays[1].hours: '11:00-13:00' overlaps 09:00-12:00; let one end before the other starts"),
    ("until: 2026-12-28", "until: 2026-12-01",
     "10: calendars[2].holidays[2].until: '2026-12-01' is before 2026-12-25; put the dates in order"),
    ("{date: 2026-12-25, until", "{date: 2026-12-24, until",
     "10: calendars[2].holidays[2].date: '2026-12-24' is in another holiday, Christmas Eve; keep one"),
    ("id: oman", "id: gulf", "17: calendars[4].id: 'gulf' is given twice; keep one (the first is on line 11)"),
    ("based_on: office", "based_on: ofice",
     "13: calendars[3].based_on: 'ofice' is no known calendar; did you mean office?"),
    ("based_on: office", "based_on: oman",
     "13: calendars[3].based_on: 'oman' leads back to itself (gulf > oman > gulf); take one of them out"),
    ("name: South, calendar: gulf", "name: South, calendar: lunar",
     "20: regions[2].calendar: 'lunar' is no known calendar; write one of always, office, gulf, oman"),
    ("id: south", "id: South",
     "20: regions[2].id: 'South' is no id; use lower case letters, digits and single hyphens"),
    # channels and levels
    ("kind: email", "kind: phone", "23: channels[2].kind: 'phone' is given twice; keep one"),
    ("kind: email", "kind: mail", "23: channels[2].kind: 'mail' is no known kind of channel; did you mean email?"),
    ("clock: registered", "clock: later",
     "23: channels[2].clock: 'later' is no known start of the clock; write one of received, registered"),
    ("note: Updates only", "prefill: 'https://example.com/new'",
     "23: channels[2].prefill: 'https://example.com/new' names nothing that a case says; "
     "write an address such as https://example.com/new?title={title}"),
    ("note: Updates only", "prefill: 'https://example.com/?t={titel}'",
     "23: channels[2].prefill: 'https://example.com/?t={titel}' has the unknown name {titel}; use names out of product, platform, "
     "release, serial, title, description, level, name, email, phone, region, reference, text"),
    ("note: Updates only", "prefill: 'https://example.com/{title}?a=1'",
     "23: channels[2].prefill: 'https://example.com/{title}?a=1' has a name before its query; "
     "write names after the question mark only"),
    ("note: Updates only", "prefill: 'javascript:{title}'",
     "23: channels[2].prefill: 'javascript:{title}' is not a web address; write https://host/path"),
    ("need: optional, levels", "field: serials, need: optional, levels",
     "53: checklist[1].field: 'serials' is not allowed here; write serial?"),
    ("need: optional, levels", "collect: [{product: box}], need: optional, levels",
     "53: checklist[1].collect[1].run: is missing; add a line 'run: ...'"),
    ("works.\n    channels: [phone]", "works.\n    channels: [email]",
     "36: levels[2].channels: 'email' opens no cases; give that channel 'opens: true', or name another"),
    ("works.\n    channels: [phone]", "works.\n    channels: [web]",
     "36: levels[2].channels: 'web' is no known channel; write one of phone, email"),
    ("works.\n    channels: [phone]", "works.\n    channels: [phone, phone]",
     "36: levels[2].channels: 'phone, phone' names a channel twice; keep one"),
    ("    definition: Something works.", "    with_workaround: urgent\n    definition: Something works.",
     "35: levels[2].with_workaround: 'urgent' is no level below normal; leave it out"),
    ("{after: 1 hour, level: normal}", "{after: 1 hour, level: urgent}",
     "31: levels[1].unreachable.level: 'urgent' is no level below urgent; write one of normal"),
    ("    definition: Something works.\n", "", "33: levels[2].definition: is missing; add a line 'definition: ...'"),
    # times
    ("8 business hours", "8h",
     "40: times[3].response: '8h' is no duration; "
     "write a number and a unit, such as 30 minutes, 3 business days or 1 week"),
    ("8 business hours", "8 business weeks",
     "40: times[3].response: '8 business weeks' counts business time in a unit that has none; "
     "write business minutes, hours or days"),
    ("8 business hours", "8 calendar hours",
     "40: times[3].response: '8 calendar hours' counts calendar time in a unit shorter than a day; "
     "leave out 'calendar'"),
    ("{level: normal, response: 8 business hours, update", "{level: normal, update",
     "40: times[3].response: is missing; add a line 'response: ...'"),
    ("{level: normal, response", "{level: norml, response",
     "40: times[3].level: 'norml' is no known level; did you mean normal?"),
    ("{level: normal, response", "{level: urgent, response",
     "33: levels[2].id: 'normal' has no response time; add '- {level: normal, response: 8 hours}' to times"),
    ("  - {level: urgent, plan: basic, response: 1 hour}\n", "",
     "25: levels[1].id: 'urgent' has no response time under plan basic; "
     "add '- {level: urgent, response: 8 hours}' to times"),
    ("plan: basic, response: 1 hour}", "response: 1 hour}\n  - {level: urgent, response: 2 hours}",
     "40: times[3].level: 'urgent' has times already; keep one entry"),
    ("plan: gold, response", "plan: silver, response",
     "38: times[1].plan: 'silver' is no known plan; write one of basic, gold"),
    ("extends: [permanent]", "extends: [solution]",
     "41: waiting.extends: 'solution' is no known time; write one of response, update, start, temporary, permanent"),
    # contacts
    ("+1 (555) 010-00", "555 0100",
     "48: contacts[1].phones[1].number: '555 0100' is no telephone number; "
     "write + and the country code, then digits, spaces, - or (): +1 555 0100"),
    ("+1 (555) 010-00", "+1 (555 010-00",
     "48: contacts[1].phones[1].number: '+1 (555 010-00' is no telephone number; "
     "write + and the country code, then digits, spaces, - or (): +1 555 0100"),
    ("desk@example.com", "desk at example.com",
     "49: contacts[1].email: 'desk at example.com' is no e-mail address; write name@host"),
    ("languages: [en]", "languages: [English]",
     "47: contacts[1].languages: 'English' is no language tag; write a tag such as en or ru"),
    ("languages: [en]", "regions: [north]",
     "20: regions[2].id: 'south' has no contact with role support; name the region in one, or add one"),
    ("role: support", "role: supprt", "44: contacts[1].role: 'supprt' is no known role; did you mean support?"),
    ("levels: [urgent], ", "levels: [urgend], ",
     "50: contacts[2].levels: 'urgend' is no known level; did you mean urgent?"),
    ("regions: [north]", "regions: [nord]", "50: contacts[2].regions: 'nord' is no known region; did you mean north?"),
    (", note: On request", "",
     "50: contacts[2].phones: is missing, and so are email and note; tell at least one way to the contact"),
    ("escalates_to: boss", "escalates_to: bos", "50: contacts[2].escalates_to: 'bos' is no known contact; did you mean boss?"),
    ("note: Ask for her", "note: Ask for her, escalates_to: night",
     "50: contacts[2].escalates_to: 'boss' leads back to itself (night > boss > night); take one of them out"),
    ("note: Ask for her", "note: Ask for her, escalates_to: boss",
     "51: contacts[3].escalates_to: 'boss' leads back to itself (boss > boss); take one of them out"),
    # cases
    ("{urgent: recommended}", "{urgnt: recommended}",
     "53: checklist[1].levels.urgnt: is not a known field; did you mean urgent?"),
    ("need: optional", "need: maybe",
     "53: checklist[1].need: 'maybe' is no known need; write one of required, recommended, if-needed, optional"),
    ("YYYY-MMDD-NNNN", "YYYY-YYYY-NNNN",
     "55: numbers[1].pattern: 'YYYY-YYYY-NNNN' holds a part of a date twice; "
     "write letters that stand for themselves as 'DD'NNNN"),
    ("YYYY-MMDD-NNNN", "\"'INC-NNNN\"",
     "55: numbers[1].pattern: ''INC-NNNN' has a quote without its twin; "
     "write letters that stand for themselves as 'INC'NNNN"),
    ("pattern: YYYY-MMDD-NNNN", "never: o0, pattern: YYYY-MMDD-NNNN",
     "55: numbers[1].never: 'o0' holds more than capital letters and digits; write them without spaces, such as 01IO"),
    ("YYYY-MMDD-NNNN", "YYYY-MMDD",
     "55: numbers[1].pattern: 'YYYY-MMDD' holds no number; write N for each digit, such as RNNNNN"),
    ("2008-0229-0123", "2009-0229-0123",
     "55: numbers[1].examples: '2009-0229-0123' does not have the form YYYY-MMDD-NNNN; "
     "write a number that could be a real one"),
    ('{omit: "-", end', '{omit: "#", end',
     "55: numbers[1].keypad.omit: '#' leaves -, which no keypad has; add it to omit"),
    ("reasons: [{id: other, name: Other}]", "reasons: []",
     "59: escalation.reasons: is an empty list; name at least one"),
    ("  actor: Duty manager\n", "", "56: escalation.actor: is missing; add a line 'actor: ...'"),
    # terms
    ("{id: basic, name: Basic}", "{id: basic, name: Basic, needs: gold}",
     "62: service.plans[1].needs: 'gold' leads back to itself (basic > gold > basic); take one of them out"),
    ("gold: extra-cost", "gold: extra",
     "65: service.features[1].plans.gold: 'extra' is no known cover; did you mean extra-cost?"),
    (", gold: extra-cost", "", "65: service.features[1].plans.gold: is missing; add a line 'gold: ...'"),
    ("variants: [slow]", "variants: [fast]",
     "69: service.replacement.services[1].variants: 'fast' is no known variant; write one of slow"),
    ("repair: 20", "reseller_delay: 9 business days, repair: 20",
     "70: warranty.reseller_delay: '9 business days' is not counted in days of the calendar; write days, weeks or months, such as 90 days"),
    ("repair: 20", "recent: 9 hours, repair: 20",
     "70: warranty.recent: '9 hours' is not counted in days of the calendar; write days, weeks or months, such as 90 days"),
    ("repair: 20", "register_products: [FW], repair: 20",
     "70: warranty.register_products: 'FW' is no id; use lower case letters, digits and single hyphens"),
    (", repair: 20 business days", "", "70: warranty.repair: is missing; add a line 'repair: ...'"),
    ("within: 10 business days", "within: 0 days",
     "71: returns.within: '0 days' is no duration; "
     "write a number and a unit, such as 30 minutes, 3 business days or 1 week"),
    ("sees: all", "sees: [kb, faq]", "74: accounts.types[1].sees: 'faq' is no known tool; write one of all, kb"),
    ("https://www.example.com/key.asc", "key.asc",
     "75: security.pgp_key: 'key.asc' is not a web address; write https://host/path"),
    ("phone: +1 555 0199", "phone: 0199",
     "75: security.phone: '0199' is no telephone number; "
     "write + and the country code, then digits, spaces, - or (): +1 555 0100"),
    ("0123 4567 89ab", "0123 4567 89a",
     "76: security.fingerprint: '0123 4567 89a cdef 0123 4567 89ab cdef 0123 4567' is no fingerprint of a key; "
     "write its 40 or 64 hexadecimal digits, as gpg --fingerprint shows them"),
    ("publish: 90 days", "publish: soon",
     "77: security.disclosure.publish: 'soon' is no duration; "
     "write a number and a unit, such as 30 minutes, 3 business days or 1 week"),
    ("phone: +1 555 0199", "pgp_key_file: key.asc",
     "75: security.pgp_key_file: is given beside pgp_key; keep pgp_key_file, which is published, or the address of the key"),
    ("pgp_key: https://www.example.com/key.asc", "pgp_key_file: ../key.asc",
     "75: security.pgp_key_file: '../key.asc' is no name of a file here; write the name of a file beside policy.yml: security-team.asc"),
    ("asks: [Wait]", "ask: [Wait]", "77: security.disclosure.ask: is not a known field; did you mean asks?"),
]


@pytest.mark.parametrize(("old", "new", "message"), BAD)
def test_one_wrong_value_gives_one_message(old: str, new: str, message: str) -> None:
    assert VALID.count(old) == 1
    assert parse(VALID.replace(old, new)) == (None, [f"policy.yml:{message}"])


def test_missing_parts_are_named() -> None:
    assert parse("{}")[1] == [
        f"policy.yml:1: {name}: is missing; add a line '{name}: ...'"
        for name in ("calendars", "regions", "channels", "levels", "times", "contacts")]


def test_no_mapping() -> None:
    assert parse("- levels") == (None, ["policy.yml:1: is no mapping; write 'levels:', 'times:' and so on"])


def replaced(value: Value, new: str | list[Value] | dict[str, Value] | None) -> Iterator[Value]:
    """The tree with one value after the other replaced."""
    yield Value(value.line, new)
    if isinstance(value.data, list):
        for number, item in enumerate(value.data):
            for other in replaced(item, new):
                yield Value(value.line, [*value.data[:number], other, *value.data[number + 1:]])
    elif isinstance(value.data, dict):
        for name, item in value.data.items():
            for other in replaced(item, new):
                yield Value(value.line, {**value.data, name: other})


@pytest.mark.parametrize("new", [None, "?", [], {}], ids=["nothing", "text", "list", "mapping"])
def test_whatever_is_written_is_a_policy_or_a_finding(new: str | list[Value] | dict[str, Value] | None) -> None:
    for value in replaced(parse_yaml(VALID, "policy.yml"), new):
        findings: list[Finding] = []
        policy = parse_policy(value, "policy.yml", findings)
        assert (policy is None) == bool(findings)
        assert policy is None or msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy
