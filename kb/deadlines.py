"""When a promise of the policy falls due, with the reasons. ``theme/assets/deadlines.js`` does the same in browsers; the rules
are told in docs/policy.md, "How times are counted", and ``tests/deadlines/vectors.json`` holds both to them."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from kb.policy import Policy
from kb.policy_calendars import Calendar
from kb.policy_levels import CLOCKED, ChannelKind, Clocked
from kb.policy_values import Duration
from kb.working_time import Span, WorkingTime

Code = Literal["received", "registered", "answered", "updated", "unreachable", "workaround", "opens", "lasts", "holiday",
               "waited"]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a case; moments have a zone.

    ``registered`` is when support entered it, which is when times begin for channels whose clock says so. ``waits`` are the times
    spent waiting for the customer, ``updated`` when the customer last heard, ``unreachable`` since when the customer could not be
    reached, ``workaround`` when one was in place.
    """

    level: str
    region: str
    opened: datetime
    plan: str = ""
    channel: ChannelKind | None = None
    registered: datetime | None = None
    updated: datetime | None = None
    unreachable: datetime | None = None
    workaround: datetime | None = None
    waits: tuple[Span, ...] = ()


class Reason(msgspec.Struct, frozen=True):
    """One line of an explanation. ``text`` is the id of a level (``unreachable``, ``workaround``), a duration (``lasts``), the
    name of a holiday or a number of minutes (``waited``); ``days`` are those of a holiday, ``2026-12-25/2026-12-28``."""

    code: Code
    at: datetime | None = None
    text: str = ""
    days: str = ""


class Promise(msgspec.Struct, frozen=True):
    """What is due, when, and why."""

    kind: Clocked
    due: datetime
    level: str
    reasons: tuple[Reason, ...]


class Lowered(msgspec.Struct, frozen=True):
    """A level that holds from a moment on, and why."""

    at: datetime
    level: str
    why: Literal["unreachable", "workaround"]


def counting_calendar(policy: Policy, level_id: str, region_id: str) -> Calendar:
    """The calendar whose hours, days and zone count: the level's; where the level has none or never closes, the region's."""
    level = policy.level(level_id)
    own = policy.calendar(level.calendar) if level.calendar else None
    return own if own and not own.around_the_clock else policy.calendar(policy.region(region_id).calendar)


def deadlines(policy: Policy, question: Question) -> tuple[Promise, ...]:
    """All that is promised for a case, in the order of CLOCKED. Raises KeyError for what the policy does not know, NeverOpen
    where a calendar has no working time left."""
    start = _start(policy, question)
    lowered = lowerings(policy, question)
    found: list[Promise] = []
    for kind in CLOCKED:
        begin = start
        if kind == "update":
            begin = Reason("updated", question.updated) if question.updated else Reason("answered", found[0].due)
        if promise := _promise(policy, question, kind, begin, lowered):
            found.append(promise)
    return tuple(found)


def _start(policy: Policy, question: Question) -> Reason:
    waits_for_entry = question.channel and policy.channel(question.channel).clock == "registered"
    if waits_for_entry and question.registered:
        return Reason("registered", question.registered)
    return Reason("received", question.opened)


def lowerings(policy: Policy, question: Question) -> list[Lowered]:
    """The levels that a case gets for the time being, in their order."""
    unreachable, workaround, level = question.unreachable, question.workaround, policy.level(question.level)
    found: list[Lowered] = []
    while True:
        options: list[Lowered] = []
        if unreachable and level.unreachable:
            counted = WorkingTime(counting_calendar(policy, level.id, question.region))
            options.append(Lowered(after(level.unreachable.after, unreachable, counted), level.unreachable.level, "unreachable"))
        if workaround and level.with_workaround:
            options.append(Lowered(workaround, level.with_workaround, "workaround"))
        if not options:
            return found
        chosen = min(options, key=lambda option: (option.at, option.why))
        unreachable = None if chosen.why == "unreachable" else unreachable
        workaround = None if chosen.why == "workaround" else workaround
        at = max(chosen.at, found[-1].at if found else question.opened)
        found.append(msgspec.structs.replace(chosen, at=at))
        level = policy.level(chosen.level)


def _promise(policy: Policy, question: Question, kind: Clocked, begin: Reason, lowered: Sequence[Lowered]) -> Promise | None:
    """A promise under the level that holds when it is due; a lower level counts from the moment it was given."""
    assert begin.at
    at, level = begin.at, question.level
    reasons: tuple[Reason, ...] = (begin,)
    found = _counted(policy, question, kind, level, at, reasons)
    for lower in lowered:
        if found and found.due <= lower.at:
            break
        at, level = max(at, lower.at), lower.level
        reasons = (*reasons, Reason(lower.why, lower.at, lower.level))
        found = _counted(policy, question, kind, level, at, reasons)
    return found


def _counted(policy: Policy, question: Question, kind: Clocked, level: str, at: datetime,
             reasons: tuple[Reason, ...]) -> Promise | None:
    duration: Duration | None = getattr(policy.times_for(level, question.plan), kind)
    if duration is None:
        return None
    working = WorkingTime(counting_calendar(policy, level, question.region))
    more = []
    if duration.business and (opening := working.opening(at)) != at:
        more.append(Reason("opens", opening))
    more.append(Reason("lasts", text=str(duration)))
    due = after(duration, at, working)
    waited: list[Reason] = []
    if policy.waiting and kind in policy.waiting.extends:
        due, waited = _extended(due, at, question.waits, duration.business, working)
    if duration.business:
        more += [Reason("holiday", text=holiday.name.text, days=f"{holiday.first}/{holiday.last}")
                 for holiday in working.holidays(at, due)]
    return Promise(kind, due, level, (*reasons, *more, *waited))


def after(duration: Duration, start: datetime, working: WorkingTime) -> datetime:
    """The end of a duration. Minutes and hours are real ones, or working ones. Days, weeks and months keep the time of day in the
    calendar's zone; business days do too, as far as the day has it, and begin with the next opening."""
    if duration.unit in {"minute", "hour"}:
        length = timedelta(minutes=duration.count * (60 if duration.unit == "hour" else 1))
        return working.add(start, length) if duration.business else start + length
    if duration.business:
        wall = working.local(working.opening(start))
        return working.within(working.day_after(wall.date(), duration.count), wall.time())
    wall = working.local(start)
    return working.moment(datetime.combine(_later(duration, wall.date()), wall.time()))


def _later(duration: Duration, day: date) -> date:
    """A day so many days, weeks or months later; the last of its month where the month has no such day."""
    if duration.unit != "month":
        return day + timedelta(days=duration.count * (7 if duration.unit == "week" else 1))
    number = day.year * 12 + day.month - 1 + duration.count
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _extended(due: datetime, start: datetime, waits: Iterable[Span], business: bool,
              working: WorkingTime) -> tuple[datetime, list[Reason]]:
    """The deadline put off by the time waited before it."""
    reasons = []
    for wait in merged(waits):
        if wait.start >= due:
            break
        begin = max(wait.start, start)
        if wait.end <= begin:
            continue
        length = working.between(begin, wait.end) if business else wait.end - begin
        due = working.add(due, length) if business else due + length
        reasons.append(Reason("waited", wait.start, str(int(length.total_seconds()) // 60)))
    return due, reasons


def merged(waits: Iterable[Span]) -> list[Span]:
    """The same time in spans that are ordered and do not touch."""
    found: list[Span] = []
    for wait in sorted(wait for wait in waits if wait.start < wait.end):
        if found and wait.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, wait.end))
        else:
            found.append(wait)
    return found


def due_day(duration: Duration, day: date, calendar: Calendar) -> date:
    """The last day of a time that began on a day, which itself does not count. Raises NeverOpen."""
    working = WorkingTime(calendar)
    if duration.unit in {"minute", "hour"}:
        end = working.moment(datetime.combine(day + timedelta(days=1), datetime.min.time()))
        return working.local(after(duration, end, working) - timedelta(minutes=1)).date()
    return working.day_after(day, duration.count) if duration.business else _later(duration, day)
