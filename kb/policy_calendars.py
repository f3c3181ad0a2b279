"""Business calendars and the regions that keep them, as ``policy.yml`` tells them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from kb.fields import Fields, Wrong, parse_date, parse_zone
from kb.policy_values import Phrase, Texts, check_circles, ids_of, known, read, with_ids

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 24 * 60
_SPAN = re.compile(r"([0-9]{2}):([0-5][0-9])-([0-9]{2}):([0-5][0-9])")


class Hours(msgspec.Struct, frozen=True, order=True):
    """A span of a day, in minutes after midnight; ``end`` is no part of it and at most 1440."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"


class Holiday(msgspec.Struct, frozen=True):
    """Days, both ends included, with other hours than their weekday's: none unless ``hours`` says so."""

    first: date
    last: date
    name: Phrase
    hours: tuple[Hours, ...] = ()


class Calendar(msgspec.Struct, frozen=True):
    """When people work. ``week`` has the hours of each day from Monday; of two holidays on a day the first counts."""

    id: str
    name: Phrase
    zone: str
    week: tuple[tuple[Hours, ...], ...]
    holidays: tuple[Holiday, ...] = ()

    @property
    def around_the_clock(self) -> bool:
        return not self.holidays and set(self.week) == {(Hours(0, _DAY),)}

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """The working hours of a day in the calendar's zone, ordered; none on a free day."""
        special = (holiday.hours for holiday in self.holidays if holiday.first <= day <= holiday.last)
        return next(special, self.week[day.weekday()])


class Region(msgspec.Struct, frozen=True):
    """A part of the world; ``calendar`` holds the local business hours of its customers."""

    id: str
    name: Phrase
    calendar: str


def parse_span(text: str) -> Hours:
    """``09:00-18:00``; raises Wrong."""
    match = _SPAN.fullmatch(text)
    if not match:
        raise Wrong("is no span of time", "write 09:00-18:00")
    hours = Hours(int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4]))
    if hours.end > _DAY:
        raise Wrong("ends after the day", "write 24:00 for its end")
    if hours.start >= hours.end:
        raise Wrong("ends before it starts", "split it at midnight: mon 22:00-24:00 and tue 00:00-06:00")
    return hours


class _Week:
    """Collects working hours by weekday."""

    def __init__(self) -> None:
        self.days: list[list[Hours]] = [[] for _ in WEEKDAYS]

    def read_week(self, text: str) -> Hours:
        """Adds ``mon-fri 09:00-18:00``; raises Wrong where it cannot be read or overlaps what was read before."""
        days, _, span = text.partition(" ")
        first, dash, last = days.partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise Wrong("does not begin with weekdays", "write mon to sun, such as mon-fri 09:00-18:00")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        return self.add(((start + step) % 7 for step in range((end - start) % 7 + 1)), span.strip())

    def read_day(self, text: str) -> Hours:
        """Adds a span to one day."""
        return self.add([0], text)

    def add(self, days: Iterable[int], span: str) -> Hours:
        hours = parse_span(span)
        for day in days:
            for other in self.days[day]:
                if other.start < hours.end and hours.start < other.end:
                    raise Wrong(f"overlaps {other}", "let one end before the other starts")
            self.days[day].append(hours)
        return hours


def parse_calendars(fields: Fields) -> tuple[Calendar, ...]:
    """The calendars with all that they take over from each other by ``based_on``."""
    items = with_ids(fields, "calendars", required=True)
    parse_base = known("calendar", ids_of(items))
    bases = {item_id: base for item_id, item in items if (base := item.one("based_on", parse_base)) and item_id}
    found = {item_id: _calendar(item_id, item, texts) for item_id, item, texts in read(items)}
    if not check_circles(bases, dict(items), "based_on"):
        bases = {}
    return tuple(_complete(calendar, found, bases) for calendar in found.values())


def _calendar(calendar_id: str, item: Fields, texts: Texts) -> Calendar:
    week = _Week()
    name, zone = texts.line("name", required=True), item.one("zone", parse_zone, required=True) or ""
    item.many("hours", week.read_week, required="based_on" not in item)
    return Calendar(calendar_id, name, zone, tuple(tuple(sorted(day)) for day in week.days), _holidays(item))


def _holidays(fields: Fields) -> tuple[Holiday, ...]:
    found: list[Holiday] = []
    for item in fields.mappings("holidays"):
        texts, hours = Texts(item), _Week()
        name = texts.line("name", required=True)
        first, last = item.one("date", parse_date, required=True), item.one("until", parse_date)
        item.many("hours", hours.read_day)
        texts.finish()
        if first is None:
            continue
        if last and last < first:
            item.wrong("until", f"is before {first}", "put the dates in order", str(last))
        holiday = Holiday(first, last or first, name, tuple(sorted(hours.days[0])))
        if other := next((other for other in found if other.first <= holiday.last and first <= other.last), None):
            item.wrong("date", f"is in another holiday, {other.name.text}", "keep one", str(first))
        found.append(holiday)
    return tuple(sorted(found, key=lambda holiday: holiday.first))


def _complete(calendar: Calendar, found: Mapping[str, Calendar], bases: Mapping[str, str]) -> Calendar:
    """The calendar with the hours, where it has none of its own, and with the further holidays of its base."""
    if calendar.id not in bases:
        return calendar
    base = _complete(found[bases[calendar.id]], found, bases)
    return msgspec.structs.replace(calendar, week=calendar.week if any(calendar.week) else base.week,
                                   holidays=calendar.holidays + base.holidays)


def parse_regions(fields: Fields, calendars: tuple[str, ...]) -> list[tuple[Region, Fields]]:
    """The regions, each with its fields for what is later found wrong with it."""
    parse_calendar = known("calendar", calendars)
    found = []
    for region_id, item, texts in read(with_ids(fields, "regions", required=True)):
        name, calendar = texts.line("name", required=True), item.one("calendar", parse_calendar, required=True)
        found.append((Region(region_id, name, calendar or ""), item))
    return found
