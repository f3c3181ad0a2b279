"""The policy as the browser's calculators read it, in the language of the page.

    {"calendars": {id: {"id", "name", "zone", "week": [[[first minute, end], ...] for each day from Monday],
                        "holidays": [{"first", "last", "name", "hours"}]}},
     "regions": [{"id", "name", "calendar"}],
     "levels": [{"id", "number", "name", "calendar", "unreachable": {"after": DURATION, "level"} or null, "with_workaround"}],
     "plans": [{"id", "name"}], "times": [{"level", "plan", "response": DURATION, "update": DURATION or null, ...}],
     "channels": [{"kind", "name", "clock", "opens"}], "extends": [names of times that waiting for the customer makes longer],
     "returns": [{"id", "title", "within": DURATION, "begin": "sent" or "arrived"}]}

    DURATION is {"count", "unit", "business", "text"}. ``theme/assets/deadlines.js`` counts with it as kb.deadlines does.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from generator.i18n import Speaker
from generator.policy_words import duration_text
from kb.policy import Policy
from kb.policy_calendars import Calendar, Hours
from kb.policy_levels import CLOCKED, Level, Times
from kb.policy_values import Duration

_OPEN: Final = ("calendars",)
USES: Final[Mapping[str, tuple[str, ...]]] = {
    "deadlines": ("calendars", "regions", "levels", "plans", "times", "channels", "extends"),
    "return-dates": ("calendars", "regions", "returns"),
    "calendars": _OPEN, "phones": _OPEN, "contacts": _OPEN, "escalation": _OPEN,
}
"""What the scripts of each block read."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def policy_json(policy: Policy, speaker: Speaker, blocks: Collection[str]) -> str:
    """What the scripts of some blocks need, as JSON that is safe inside a script element; empty where they need nothing."""
    wanted = {name for block in blocks for name in USES.get(block, ())}
    data = {name: value for name, value in policy_data(policy, speaker).items() if name in wanted}
    return _ENCODER.encode(data).replace("<", "\\u003c") if data else ""


def policy_data(policy: Policy, speaker: Speaker) -> dict[str, Any]:
    language = speaker.language
    plans = policy.service.plans if policy.service else ()
    return {
        "calendars": {calendar.id: _calendar(calendar, language) for calendar in policy.calendars},
        "regions": [{"id": region.id, "name": region.name.text_in(language), "calendar": region.calendar}
                    for region in policy.regions],
        "levels": [_level(level, speaker) for level in policy.levels],
        "plans": [{"id": plan.id, "name": plan.name.text_in(language)} for plan in plans],
        "times": [_times(times, speaker) for times in policy.times],
        "channels": [{"kind": channel.kind, "name": channel.name.text_in(language), "clock": channel.clock,
                      "opens": channel.opens} for channel in policy.channels],
        "extends": list(policy.waiting.extends) if policy.waiting else [],
        "returns": _returns(policy, speaker),
    }


def _calendar(calendar: Calendar, language: str) -> dict[str, Any]:
    def minutes(hours: tuple[Hours, ...]) -> list[list[int]]:
        return [[span.start, span.end] for span in hours]

    holidays = [{"first": str(holiday.first), "last": str(holiday.last), "name": holiday.name.text_in(language),
                 "hours": minutes(holiday.hours)} for holiday in calendar.holidays]
    return {"id": calendar.id, "name": calendar.name.text_in(language), "zone": calendar.zone,
            "week": [minutes(day) for day in calendar.week], "holidays": holidays}


def _duration(duration: Duration | None, speaker: Speaker) -> dict[str, Any] | None:
    return None if duration is None else {"count": duration.count, "unit": duration.unit, "business": duration.business,
                                          "text": duration_text(speaker, duration)}


def _level(level: Level, speaker: Speaker) -> dict[str, Any]:
    lowering = level.unreachable
    return {"id": level.id, "number": level.number, "name": level.name.text_in(speaker.language), "calendar": level.calendar,
            "unreachable": lowering and {"after": _duration(lowering.after, speaker), "level": lowering.level},
            "with_workaround": level.with_workaround}


def _times(times: Times, speaker: Speaker) -> dict[str, Any]:
    return {"level": times.level, "plan": times.plan} | {kind: _duration(getattr(times, kind), speaker) for kind in CLOCKED}


def _returns(policy: Policy, speaker: Speaker) -> list[dict[str, Any]]:
    """The dates that a return has: from the day that the RMA counts from, and from the arrival of the part."""
    if policy.returns is None:
        return []
    dates = [("part", speaker.text("Defective part due back"), policy.returns.within, "sent")]
    dates += [(analysis.id, analysis.name.text_in(speaker.language), analysis.within, "arrived")
              for analysis in policy.returns.analyses]
    if policy.warranty:
        repaired = speaker.text("Repair or replacement under warranty, at the latest")
        dates.append(("repair", repaired, policy.warranty.repair, "arrived"))
    return [{"id": name, "title": title, "within": _duration(within, speaker), "begin": begin}
            for name, title, within, begin in dates]
