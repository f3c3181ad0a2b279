"""The blocks of the policy that guides show, as pieces for templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from generator.contexts.pieces import Fact, Link
from generator.contexts.policy import (
    Cell,
    ContactPiece,
    DeadlinePiece,
    LevelPiece,
    ListPiece,
    Piece,
    ReturnsPiece,
    TextPiece,
)
from generator.edition import Edition
from generator.pages import policy_terms_blocks as terms
from generator.pages.policy_pieces import Telling, cell, items, table
from generator.policy_words import holiday_days, hours_text, week_text
from kb.policy_cases import Need
from kb.policy_levels import CLOCKED, ChannelKind, Clocked, Contact, Level, Role


def _(message: str) -> str:
    """Marks a text for the catalogues."""
    return message


TIMES: Final[Mapping[Clocked, str]] = {
    "response": _("First answer"), "update": _("Updates"), "start": _("Work begins"), "temporary": _("Temporary solution"),
    "permanent": _("Permanent solution"),
}
ROLES: Final[Mapping[Role, str]] = {
    "support": _("Technical support"), "care": _("Customer care"), "duty": _("On duty"),
    "logistics": _("Logistics"), "sales": _("Sales"),
}
NEEDS: Final[Mapping[Need, str]] = {
    "required": _("Required"), "recommended": _("Strongly wanted"), "if-needed": _("Where needed"), "optional": _("Optional"),
}


def pieces_of(edition: Edition, block: str, places: Mapping[str, str]) -> tuple[Piece, ...]:
    """What a block shows; ``places`` are the addresses of the guides that show blocks, by block. None where the policy has
    nothing to show."""
    telling = Telling(edition, places)
    return tuple(piece for piece in _MAKERS[block](telling) if piece)


def _levels(tell: Telling) -> Iterator[Piece]:
    for level in tell.policy.levels:
        yield LevelPiece(
            kind="level", id=f"level-{level.id}", name=level_name(tell, level), definition=tell.text(level.definition),
            facts=tuple(_level_facts(tell, level)), examples=tell.texts(level.examples))


def level_name(tell: Telling, level: Level) -> str:
    return f"{level.number} {tell.text(level.name)}"


def _level_facts(tell: Telling, level: Level) -> Iterator[Fact]:
    say, policy = tell.say, tell.policy
    if level.vendor_duty:
        yield Fact(term=say("The support centre"), text=tell.text(level.vendor_duty))
    if level.customer_duty:
        yield Fact(term=say("You"), text=tell.text(level.customer_duty))
    yield Fact(term=say("How to open it"), text=_ways(tell, level.channels, level.every_channel))
    calendar = policy.calendar(level.calendar) if level.calendar else None
    hours = week_text(tell.speaker, calendar) if calendar else say("Local business hours of your region")
    yield Fact(term=say("Worked on"), text=hours)
    if level.unreachable:
        lower, time = level_name(tell, policy.level(level.unreachable.level)), tell.duration(level.unreachable.after)
        yield Fact(term=say("You cannot be reached"), text=say(
            "For the time being the level becomes {level} (after: {time}).", level=lower, time=time))
    if level.with_workaround:
        yield Fact(term=say("A workaround is in place"), text=say(
            "The level becomes {level}.", level=level_name(tell, policy.level(level.with_workaround))))


def _ways(tell: Telling, kinds: Iterable[ChannelKind], together: bool) -> str:
    names = [tell.text(tell.policy.channel(kind).name) for kind in kinds]
    if len(names) == 1:
        return tell.say("{channel} only", channel=names[0])
    return " + ".join(names) if together else " / ".join(names)


def _times(tell: Telling) -> Iterator[Piece | None]:
    policy = tell.policy
    shown = [kind for kind in CLOCKED if any(getattr(times, kind) for times in policy.times)]
    plans = policy.service.plans if policy.service and any(times.plan for times in policy.times) else ()
    rows = []
    for level in policy.levels:
        by_plan = {plan: policy.times_for(level.id, plan) for plan in ([plan.id for plan in plans] or [""])}
        same = len({tuple(getattr(times, kind) for kind in shown) for times in by_plan.values()}) == 1
        for plan_id, times in [*by_plan.items()][: 1 if same else None]:
            plan = next((tell.text(plan.name) for plan in plans if plan.id == plan_id), "")
            rows.append((cell(level_name(tell, level), "" if same else plan),
                         *(cell(tell.duration(value) if (value := getattr(times, kind)) else "–") for kind in shown)))
    columns = (tell.say("Level"), *(tell.say(TIMES[kind]) for kind in shown))
    yield table(tell, tell.say("Response and update times"), columns, rows)
    yield tell.paragraph(policy.times_note)
    if policy.waiting:
        yield tell.paragraph(policy.waiting.rule)
        yield items(tell.say("What we may wait for"), tell.texts(policy.waiting.awaited))


def _deadlines(tell: Telling) -> Iterator[Piece]:
    policy = tell.policy
    plans = policy.service.plans if policy.service and any(times.plan for times in policy.times) else ()
    registered = any(channel.clock == "registered" and channel.opens for channel in policy.channels)
    yield DeadlinePiece(
        kind="deadlines", levels=tuple((level.id, level_name(tell, level)) for level in policy.levels),
        plans=tuple((plan.id, tell.text(plan.name)) for plan in plans), regions=_regions(tell),
        channels=tuple((channel.kind, tell.text(channel.name)) for channel in policy.channels if channel.opens and registered),
        kinds=tuple((kind, tell.say(TIMES[kind])) for kind in CLOCKED if any(getattr(times, kind) for times in policy.times)),
        waiting=tell.text(policy.waiting.rule) if policy.waiting else "",
        unreachable=any(level.unreachable for level in policy.levels),
        workaround=any(level.with_workaround for level in policy.levels))


def _regions(tell: Telling) -> tuple[tuple[str, str], ...]:
    return tuple((region.id, tell.text(region.name)) for region in tell.policy.regions)


def _calendars(tell: Telling) -> Iterator[Piece | None]:
    policy, say = tell.policy, tell.say
    used = dict.fromkeys(region.calendar for region in policy.regions)
    rows = []
    for calendar_id in used:
        names = [tell.text(region.name) for region in policy.regions if region.calendar == calendar_id]
        rows.append((cell(", ".join(names)), tell.clock_cell(calendar_id)))
    yield table(tell, say("Business hours"), (say("Region"), say("Business hours")), rows)
    for calendar_id in used:
        calendar = policy.calendar(calendar_id)
        holidays = tuple(
            cell(f"{holiday_days(tell.speaker, holiday)}: {tell.text(holiday.name)}"
                 + (f", {hours_text(holiday.hours)}" if holiday.hours else ""))
            for holiday in sorted(calendar.holidays, key=lambda holiday: holiday.first))
        if holidays:
            yield ListPiece(kind="folded", title=say("Holidays: {calendar}", calendar=tell.text(calendar.name)), items=holidays)


def _phones(tell: Telling) -> Iterator[Piece | None]:
    policy, say = tell.policy, tell.say
    rows = []
    for region in policy.regions:
        for contact in policy.contacts_for(region.id):
            if contact.phones:
                numbers = Cell(links=tell.phones(contact.phones))
                rows.append((cell(tell.text(region.name)), numbers, tell.clock_cell(contact.calendar)))
    yield table(tell, say("Phone numbers of technical support"), (say("Region"), say("Number"), say("Hours")), rows)


def _contacts(tell: Telling) -> Iterator[Piece]:
    for contact in tell.policy.contacts:
        yield ContactPiece(
            kind="contact", id=f"contact-{contact.id}", name=tell.text(contact.name), facts=tuple(_contact_facts(tell, contact)),
            phones=tell.phones(contact.phones), email=contact.email, clock=tell.clock(contact.calendar),
            note=tell.text(contact.note), handles=tell.texts(contact.handles))


def _contact_facts(tell: Telling, contact: Contact) -> Iterator[Fact]:
    policy, say = tell.policy, tell.say
    role = say(ROLES[contact.role])
    if role != tell.text(contact.name):
        yield Fact(term=say("Role"), text=role)
    if contact.regions:
        yield Fact(term=say("For"), text="; ".join(tell.text(policy.region(region).name) for region in contact.regions))
    if contact.levels:
        yield Fact(term=say("Levels"), text=", ".join(level_name(tell, policy.level(level)) for level in contact.levels))
    if contact.languages:
        yield Fact(term=say("Languages"), text=", ".join(tell.speaker.language_name(language) for language in contact.languages))
    if contact.escalates_to:
        following = policy.contact(contact.escalates_to)
        yield Fact(term=say("Escalates to"), links=(Link(title=tell.text(following.name), href=f"#contact-{following.id}"),))


def _channels(tell: Telling) -> Iterator[Piece | None]:
    say, rows = tell.say, []
    clocks = {channel.clock for channel in tell.policy.channels if channel.opens}
    for channel in tell.policy.channels:
        name, note = tell.text(channel.name), tell.text(channel.note)
        way = Cell(links=(Link(title=name, href=channel.url),), note=note) if channel.url else cell(name, note)
        begins = say("When the case arrives") if channel.clock == "received" else say("When support has registered the case")
        rows.append((way, tell.yes(channel.opens), tell.yes(channel.updates),
                     cell(begins if channel.opens else "–") if len(clocks) > 1 else Cell()))
    yield table(tell, say("Ways to reach us"), (say("Way"), say("New cases"), say("Updates of a case"), say("Times begin")), rows)


def _kinds(tell: Telling) -> Iterator[Piece | None]:
    kinds = tuple(cell(tell.text(kind.name), tell.text(kind.note)) for kind in tell.policy.case_kinds)
    yield ListPiece(kind="list", title="", items=kinds)


def _checklist(tell: Telling) -> Iterator[Piece | None]:
    say, rows = tell.say, []
    for item in tell.policy.checklist:
        differing = [f"{level_name(tell, level)}: {say(NEEDS[item.need_for(level.id)])}" for level in tell.policy.levels
                     if item.need_for(level.id) != item.need]
        rows.append((cell(tell.text(item.name)), cell(say(NEEDS[item.need]), "; ".join(differing)), cell(tell.text(item.note))))
    yield table(tell, say("What to have at hand"), (say("What"), say("Need"), say("Hint")), rows)


def _numbers(tell: Telling) -> Iterator[Piece | None]:
    say, rows = tell.say, []
    for form in tell.policy.numbers:
        typed = say("on a phone: {number}", number=form.typed(form.examples[0])) if form.keypad else ""
        rows.append((cell(tell.text(form.name)), cell(form.pattern), cell(form.examples[0], typed),
                     cell(tell.text(form.meaning))))
    yield table(tell, say("Numbers and formats"), (say("Number"), say("Form"), say("Example"), say("Meaning")), rows)


def _escalation(tell: Telling) -> Iterator[Piece | None]:
    escalation, say = tell.policy.escalation, tell.say
    if escalation is None:
        return
    yield table(tell, say("Who acts"), (say("Who acts"), say("Hours")),
                [(cell(tell.text(escalation.actor)), tell.clock_cell(escalation.calendar))])
    yield table(tell, say("Reasons"), (say("Reason"), say("What to say")),
                [(cell(tell.text(reason.name)), cell(tell.text(reason.note))) for reason in escalation.reasons])
    if escalation.explanation:
        yield TextPiece(kind="text", text=say("Every reason asks for an explanation in your own words."))
    yield items(say("By phone"), tell.texts(escalation.by_phone), ordered=True)
    if escalation.by_phone and (phones := tell.to("phones", say("Phone numbers"))):
        yield TextPiece(kind="text", text="", links=(phones,))
    yield items(say("Have ready"), tell.texts(escalation.have_ready))
    keyed = [form for form in tell.policy.numbers if form.keypad]
    if escalation.by_phone and keyed:
        yield TextPiece(kind="text", text=" ".join(
            say("{name} on the keypad: {number} is typed {keys}.", name=tell.text(form.name), number=form.examples[-1],
                keys=form.typed(form.examples[-1])) for form in keyed))


def _return_dates(tell: Telling) -> Iterator[Piece]:
    returns = tell.policy.returns
    yield ReturnsPiece(kind="return-dates", regions=_regions(tell),
                       has_arrival=bool(returns and (returns.analyses or tell.policy.warranty)))


_MAKERS: Final[Mapping[str, Callable[[Telling], Iterator[Piece | None]]]] = {
    "levels": _levels, "times": _times, "deadlines": _deadlines, "calendars": _calendars, "phones": _phones,
    "contacts": _contacts, "channels": _channels, "kinds": _kinds, "checklist": _checklist, "numbers": _numbers,
    "escalation": _escalation, "returns": terms.returns, "return-dates": _return_dates, "warranty": terms.warranty,
    "plans": terms.plans, "replacement": terms.replacement, "accounts": terms.accounts, "account-types": terms.account_types,
    "security": terms.security, "disclosure": terms.disclosure,
}
