"""What policies say in figures, in words of one language: durations, working time, days."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from babel import Locale
from babel.dates import get_day_names

from generator.i18n import Speaker
from kb.policy_calendars import Calendar, Holiday, Hours
from kb.policy_values import Duration


def duration_text(speaker: Speaker, duration: Duration) -> str:
    """``8 business hours``, ``1 рабочий день``."""
    count, plural = duration.count, speaker.plural
    if duration.business:
        if duration.unit == "minute":
            return plural("{count} business minute", "{count} business minutes", count)
        if duration.unit == "hour":
            return plural("{count} business hour", "{count} business hours", count)
        return plural("{count} business day", "{count} business days", count)
    if duration.unit == "minute":
        return plural("{count} minute", "{count} minutes", count)
    if duration.unit == "hour":
        return plural("{count} hour", "{count} hours", count)
    if duration.unit == "day":
        return plural("{count} calendar day", "{count} calendar days", count)
    if duration.unit == "week":
        return plural("{count} week", "{count} weeks", count)
    return plural("{count} month", "{count} months", count)


def week_text(speaker: Speaker, calendar: Calendar) -> str:
    """``Mon-Thu 09:00-12:30, 13:30-18:00; Fri 09:00-16:00``, with dashes."""
    if calendar.around_the_clock:
        return speaker.text("24 hours a day, 7 days a week")
    names = get_day_names("abbreviated", "stand-alone", Locale.parse(speaker.language, sep="-"))
    runs = [[day for day, _ in group] for _, group in groupby(enumerate(calendar.week), key=lambda entry: entry[1])]
    parts = [f"{names[run[0]]}{f'–{names[run[-1]]}' if len(run) > 1 else ''} {hours_text(calendar.week[run[0]])}"
             for run in runs if calendar.week[run[0]]]
    return "; ".join(parts)


def hours_text(hours: Sequence[Hours]) -> str:
    return ", ".join(str(span).replace("-", "–") for span in hours)


def holiday_days(speaker: Speaker, holiday: Holiday) -> str:
    """Its day, or its first and last."""
    return speaker.day(holiday.first) + (f" – {speaker.day(holiday.last)}" if holiday.last != holiday.first else "")
