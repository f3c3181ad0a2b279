"""Python and the browser count alike: any calendar, any zone, around changes of clocks and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.deadlines import after, due_day
from kb.fields import instant
from kb.policy import Policy, parse_policy
from kb.policy_values import Duration, parse_duration
from kb.source import parse_yaml
from kb.working_time import FAR, NeverOpen, Span, WorkingTime
from tests.browser_modules import Node
from tests.deadlines.support import browser_policy, in_python

# Clocks change at midnight in Santiago and Beirut, by half an hour on Lord Howe, by a quarter of an hour's zone on Chatham.
ZONES = ["UTC", "Europe/London", "Europe/Moscow", "America/Los_Angeles", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe",
         "Pacific/Chatham", "Asia/Kolkata", "America/St_Johns", "Africa/Cairo"]
WEEKS = ["mon-fri 09:00-18:00", "mon-sun 00:00-24:00", "[mon-thu 09:00-12:30, mon-thu 13:30-18:00, fri 09:00-16:00]",
         "sun-thu 08:00-17:00", "mon-sun 01:30-03:00", "[sat 22:00-24:00, sun 00:00-06:00]", "[mon-sun 00:00-02:30, mon-sun 02:45-05:00]"]
DURATIONS = st.one_of(
    st.builds(Duration, st.integers(1, 400), st.sampled_from(["minute", "hour"]), st.booleans()),
    st.builds(Duration, st.integers(1, 40), st.just("day"), st.booleans()),
    st.builds(Duration, st.integers(1, 9), st.sampled_from(["week", "month"])))
DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))


def changes(zone: str) -> list[datetime]:
    """Moments between 2025 and 2028 at which the clocks of a zone change, to the hour."""
    place, start = ZoneInfo(zone), datetime(2025, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=number) for number in range(3 * 8766)]
    return [later for before, later in pairwise(hours)
            if before.astimezone(place).utcoffset() != later.astimezone(place).utcoffset()]


CHANGES = {zone: changes(zone) or [datetime(2026, 1, 1, tzinfo=UTC)] for zone in ZONES}


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """Any minute, most of them within two days of a change of the zone's clocks."""
    near = draw(st.sampled_from(CHANGES[zone])) + timedelta(minutes=draw(st.integers(-2880, 2880)))
    anywhere = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 1_000_000)))
    return near if draw(st.integers(0, 3)) else anywhere


@st.composite
def holidays(draw: st.DrawFn) -> str:
    found = []
    day = draw(st.dates(date(2025, 1, 1), date(2028, 6, 1)))
    for number in range(draw(st.integers(0, 4))):
        last = day + timedelta(days=draw(st.integers(0, 5)))
        hours = draw(st.sampled_from(["", ", hours: 10:00-14:00", ", hours: [00:30-02:30, 23:00-24:00]"]))
        found.append(f"{{date: {day}, until: {last}, name: Day {number}{hours}}}")
        day = last + timedelta(days=draw(st.integers(1, 200)))
    return f"[{', '.join(found)}]"


@st.composite
def policies(draw: st.DrawFn) -> tuple[Policy, str]:
    """A policy of two levels with any calendars and times, and the zone of its region."""
    zone, times = draw(st.sampled_from(ZONES)), []
    for level in ("top", "low"):
        kinds = {kind: draw(st.one_of(st.none(), DURATIONS)) for kind in ("update", "start", "temporary", "permanent")}
        promised = {"response": draw(DURATIONS)} | {kind: value for kind, value in kinds.items() if value}
        times.append(f"{{level: {level}, {', '.join(f'{kind}: {value}' for kind, value in promised.items())}}}")
    own = draw(st.sampled_from(["", ", calendar: always", ", calendar: other"]))
    extends = draw(st.lists(st.sampled_from(["response", "update", "start", "temporary", "permanent"]), min_size=1, unique=True))
    text = f"""
calendars:
  - {{id: always, name: A, zone: UTC, hours: mon-sun 00:00-24:00}}
  - {{id: local, name: L, zone: {zone}, hours: {draw(st.sampled_from(WEEKS))}, holidays: {draw(holidays())}}}
  - {{id: other, name: O, zone: {draw(st.sampled_from(ZONES))}, hours: {draw(st.sampled_from(WEEKS))}}}
regions: [{{id: here, name: Here, calendar: local}}]
channels:
  - {{kind: web, name: Web, opens: true}}
  - {{kind: other, name: Other, opens: true, clock: registered}}
levels:
  - {{id: top, name: T, definition: T, channels: [web]{own}, unreachable: {{after: {draw(DURATIONS)}, level: low}}, with_workaround: low}}
  - {{id: low, name: L, definition: L, channels: [web]}}
times: [{', '.join(times)}]
waiting: {{rule: Waiting., extends: [{', '.join(extends)}]}}
contacts: [{{id: desk, role: support, name: Desk, calendar: local, email: a@example.com}}]
"""
    found: list[Any] = []
    policy = parse_policy(parse_yaml(text, "policy.yml"), "policy.yml", found)
    assert policy, found
    return policy, zone


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, dict[str, Any]]:
    policy, zone = draw(policies())
    opened = draw(moments(zone))

    def later() -> str:
        return instant(opened + timedelta(minutes=draw(st.integers(0, 20_000))))

    question: dict[str, Any] = {"level": draw(st.sampled_from(["top", "low"])), "region": "here", "opened": instant(opened)}
    for name in ("registered", "updated", "unreachable", "workaround"):
        if draw(st.booleans()):
            question[name] = later()
    question["channel"] = draw(st.sampled_from(["web", "other"]))
    question["waits"] = [[later(), later()] for _ in range(draw(st.integers(0, 3)))]
    return policy, question


@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_deadlines_and_reasons(node: Node, case: tuple[Policy, dict[str, Any]]) -> None:
    policy, question = case
    assert node.call("deadlines", browser_policy(policy), question) == in_python(policy, question)


@settings(max_examples=150, deadline=None)
@given(policy=policies(), duration=DURATIONS, day=DAYS)
def test_days(node: Node, policy: tuple[Policy, str], duration: Duration, day: date) -> None:
    calendar = policy[0].calendar("local")
    told = {"count": duration.count, "unit": duration.unit, "business": duration.business}
    assert node.call("dueDay", told, str(day), browser_policy(policy[0])["calendars"]["local"]) == str(due_day(duration, day, calendar))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_walls_and_moments(node: Node, data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    at = data.draw(moments(zone))
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert node.call("wall", zone, instant(at)) == f"{wall.isoformat()}Z"
    wall += timedelta(minutes=data.draw(st.integers(-300, 300)))  # perhaps into a time that the clocks leave out
    assert node.call("moment", zone, f"{wall.isoformat()}Z") == instant(wall.replace(tzinfo=ZoneInfo(zone)))


@settings(max_examples=150, deadline=None)
@given(policy=policies(), data=st.data())
def test_open_now(node: Node, policy: tuple[Policy, str], data: st.DataObject) -> None:
    """Open or closed, and until when: as the spans of working time say that are written out for a fortnight."""
    at, working = data.draw(moments(policy[1])), WorkingTime(policy[0].calendar("local"))
    is_open, change = node.call("open", browser_policy(policy[0])["calendars"]["local"], instant(at))
    assert is_open == working.is_open(at)
    if change:
        moment = datetime.fromisoformat(change)
        assert working.is_open(moment) != is_open
        assert working.between(at, moment) == (moment - at if is_open else timedelta())


@settings(max_examples=100, deadline=None)
@given(policy=policies(), data=st.data(), minutes=st.integers(1, 20_000))
def test_working_time_laws(policy: tuple[Policy, str], data: st.DataObject, minutes: int) -> None:
    """Exactly as much working time lies before the end as was added, the end is no earlier than it must be, and sums add up."""
    at, working = data.draw(moments(policy[1])), WorkingTime(policy[0].calendar("local"))
    length = timedelta(minutes=minutes)
    end = working.add(at, length)
    assert working.between(at, end) == length
    assert working.between(at, end - timedelta(minutes=1)) < length
    middle = working.add(at, length / 2)
    assert working.add(middle, length - length / 2) == end
    days = working.day(working.local(at).date())
    assert all(one.start < one.end for one in days)
    assert all(one.end <= other.start for one, other in pairwise(days))


@given(policy=policies(), data=st.data(), duration=DURATIONS)
def test_a_later_start_never_ends_earlier(policy: tuple[Policy, str], data: st.DataObject, duration: Duration) -> None:
    working = WorkingTime(policy[0].calendar("local"))
    one, other = sorted([data.draw(moments(policy[1])), data.draw(moments(policy[1]))])
    if duration.unit in {"minute", "hour"}:
        assert after(duration, one, working) <= after(duration, other, working)
    assert after(duration, one, working) >= one


def test_a_calendar_that_never_opens_again(node: Node) -> None:
    text = """
calendars: [{id: gone, name: Gone, zone: UTC, hours: mon 09:00-10:00, holidays: [{date: 2027-01-01, until: 2099-12-31, name: Closed}]}]
regions: [{id: here, name: Here, calendar: gone}]
channels: [{kind: web, name: Web, opens: true}]
levels: [{id: one, name: One, definition: One., channels: [web]}]
times: [{level: one, response: 2 business hours}]
contacts: [{id: desk, role: support, name: Desk, calendar: gone, email: a@example.com}]
"""
    policy = parse_policy(parse_yaml(text, "policy.yml"), "policy.yml", [])
    assert policy
    question = {"level": "one", "region": "here", "opened": "2026-12-28T09:30:00Z"}
    assert in_python(policy, question) == "never open"
    assert node.call("deadlines", browser_policy(policy), question) == "never open"
    with pytest.raises(NeverOpen):
        due_day(parse_duration("1 business day"), date(2027, 1, 1), policy.calendars[0])
    assert FAR > 365 * 50


def test_waits_merge(node: Node) -> None:
    from kb.deadlines import merged

    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [(3, 5), (1, 2), (2, 3), (7, 7), (9, 8), (10, 12), (11, 11)]
    spans = [Span(start + timedelta(hours=first), start + timedelta(hours=last)) for first, last in hours]
    found = [[int((moment - start).total_seconds() // 3600) for moment in span] for span in merged(spans)]
    assert found == [[1, 5], [10, 12]]
    assert node.call("merged", [{"start": first, "end": last} for first, last in hours]) == [
        {"start": first, "end": last} for first, last in found]
