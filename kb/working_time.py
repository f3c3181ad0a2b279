"""The working time of a calendar: when it is open, and how much of it passes between two moments.

All moments are in UTC. A time of day that a change of clocks leaves out is moved behind the change, one that comes twice is the
first of both (PEP 495 with fold 0; "compatible" in ECMAScript's Temporal). ``theme/assets/working-time.js`` does the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from kb.policy_calendars import Calendar, Holiday

FAR: Final = 20_000  # days after which a calendar that has not opened counts as closed for good
_DAY: Final = timedelta(days=1)


class NeverOpen(ValueError):
    """A calendar has not the working time that was asked for."""


class Span(NamedTuple):
    """From ``start`` up to ``end``, which is no part of it."""

    start: datetime
    end: datetime


class WorkingTime:
    """What a calendar says of moments."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar, self.zone = calendar, ZoneInfo(calendar.zone)

    def local(self, at: datetime) -> datetime:
        """Date and time of day on the wall, without a zone."""
        return at.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def moment(self, wall: datetime) -> datetime:
        """The moment at which the wall shows a date and time."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def day(self, day: date) -> list[Span]:
        """The working time of a day, ordered; spans neither overlap nor are empty, whatever the clocks do."""
        midnight, found = datetime.combine(day, time()), list[Span]()
        for hours in self.calendar.hours_on(day):
            start, end = (self.moment(midnight + timedelta(minutes=minute)) for minute in (hours.start, hours.end))
            start = max(start, found[-1].end) if found else start
            if start < end:
                found.append(Span(start, end))
        return found

    def spans(self, since: datetime) -> Iterator[Span]:
        """The working time from a moment on, at most for FAR days; raises NeverOpen after them."""
        today = self.local(since).date()
        for number in range(FAR):
            for span in self.day(today + number * _DAY):
                if span.end > since:
                    yield Span(max(span.start, since), span.end)
        raise NeverOpen(self.calendar.id)

    def opening(self, at: datetime) -> datetime:
        """The moment itself where it is working time, else the next opening; raises NeverOpen."""
        return next(self.spans(at)).start

    def is_open(self, at: datetime) -> bool:
        return any(span.start <= at < span.end for span in self.day(self.local(at).date()))

    def add(self, at: datetime, length: timedelta) -> datetime:
        """The first moment at which so much working time has passed; raises NeverOpen."""
        if length <= timedelta():
            return at
        for span in self.spans(at):
            if span.end - span.start >= length:
                return span.start + length
            length -= span.end - span.start
        raise NeverOpen(self.calendar.id)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time passes between two moments."""
        today, last = self.local(start).date(), self.local(end).date()
        days = (self.day(today + number * _DAY) for number in range((last - today).days + 1))
        passed = (min(span.end, end) - max(span.start, start) for day in days for span in day)
        return sum((length for length in passed if length > timedelta()), timedelta())

    def day_after(self, day: date, count: int) -> date:
        """The business day that is the ``count``-th after a day; raises NeverOpen."""
        for number in range(1, FAR):
            count -= bool(self.day(day + number * _DAY))
            if not count:
                return day + number * _DAY
        raise NeverOpen(self.calendar.id)

    def within(self, day: date, clock: time) -> datetime:
        """The last working moment of a business day up to a time of day; its opening where there is none."""
        at, spans = self.moment(datetime.combine(day, clock)), self.day(day)
        begun = [span for span in spans if span.start <= at]
        return min(begun[-1].end, at) if begun else spans[0].start

    def holidays(self, start: datetime, end: datetime) -> tuple[Holiday, ...]:
        """The holidays from the day of one moment to that of another, in their order."""
        first, last = self.local(start).date(), self.local(end).date()
        return tuple(sorted((holiday for holiday in self.calendar.holidays if holiday.first <= last and first <= holiday.last),
                            key=lambda holiday: holiday.first))
