"""Priority levels, the times promised for them, and the ways by which the vendor is reached."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from typing import Final, Literal

import msgspec

from kb.fields import Fields, Wrong, parse_language, parse_url
from kb.policy_calendars import Region
from kb.policy_values import (
    UNREAD,
    Duration,
    Phrase,
    Texts,
    check_circles,
    ids_of,
    known,
    parse_duration,
    parse_email,
    parse_phone,
    phone_uri,
    read,
    with_ids,
)

ChannelKind = Literal["web", "phone", "email", "chat", "other"]
Clock = Literal["received", "registered"]
Clocked = Literal["response", "update", "start", "temporary", "permanent"]
Role = Literal["support", "care", "duty", "logistics", "sales"]

CHANNELS: Final[tuple[ChannelKind, ...]] = ("web", "phone", "email", "chat", "other")
CLOCKS: Final[tuple[Clock, ...]] = ("received", "registered")
CLOCKED: Final[tuple[Clocked, ...]] = ("response", "update", "start", "temporary", "permanent")
ROLES: Final[tuple[Role, ...]] = ("support", "care", "duty", "logistics", "sales")
PREFILLED: Final = ("product", "platform", "release", "serial", "title", "description", "level", "name", "email", "phone",
                    "region", "reference", "text")
"""What the address of a form may ask of a prepared case; ``text`` is all of it."""


class Channel(msgspec.Struct, frozen=True):
    """A way to the vendor. ``opens``: new cases come in by it; ``updates``: what is added to a case does.

    ``clock`` says when the promised times begin: once the case was received, or once somebody registered it. ``prefill`` is the
    address of a form with ``{names}`` (PREFILLED) in place of what a prepared case says.
    """

    kind: ChannelKind
    name: Phrase
    note: Phrase
    url: str = ""
    opens: bool = False
    updates: bool = False
    clock: Clock = "received"
    prefill: str = ""


class Lowering(msgspec.Struct, frozen=True):
    """The level that a case gets for the time being when the customer cannot be reached for so long."""

    after: Duration
    level: str


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """A priority. ``number`` is its place from 1, the most urgent.

    ``channels`` open a case of this level: any of them, or with ``every_channel`` all together. ``calendar`` is when it
    is worked on; without one these are the local business hours of the customer's region. ``question`` is answered by yes
    where a case has this level.
    """

    id: str
    number: int
    name: Phrase
    definition: Phrase
    vendor_duty: Phrase
    customer_duty: Phrase
    examples: tuple[Phrase, ...]
    channels: tuple[ChannelKind, ...]
    every_channel: bool = False
    calendar: str = ""
    unreachable: Lowering | None = None
    with_workaround: str = ""
    question: Phrase = Phrase()


class Times(msgspec.Struct, frozen=True):
    """What is promised for a level under a plan, or under all plans that have no times of their own."""

    level: str
    plan: str
    response: Duration
    update: Duration | None = None
    start: Duration | None = None
    temporary: Duration | None = None
    permanent: Duration | None = None


class Waiting(msgspec.Struct, frozen=True):
    """The rule that time spent waiting for the customer does not count; ``extends`` names the times it lengthens."""

    rule: Phrase
    extends: tuple[Clocked, ...]
    awaited: tuple[Phrase, ...] = ()


class Phone(msgspec.Struct, frozen=True):
    number: str
    label: Phrase
    toll_free: bool = False

    @property
    def uri(self) -> str:
        return phone_uri(self.number)


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers. No ``regions``: for all of them; no ``levels``: for cases of each. ``calendar`` is when. ``escalates_to`` is
    the contact that is next in line."""

    id: str
    role: Role
    name: Phrase
    note: Phrase
    calendar: str
    regions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    email: str = ""
    handles: tuple[Phrase, ...] = ()
    escalates_to: str = ""


def parse_channels(fields: Fields) -> tuple[Channel, ...]:
    found: list[Channel] = []
    for item in fields.mappings("channels", required=True):
        texts = Texts(item)
        kind = item.one("kind", known("kind of channel", CHANNELS), required=True) or "other"
        if any(channel.kind == kind for channel in found):
            item.wrong("kind", "is given twice", "keep one", kind)
        clock = item.one("clock", known("start of the clock", CLOCKS)) or "received"
        found.append(Channel(kind, texts.line("name", required=True), texts.line("note"),
                             item.one("url", parse_url) or "", item.flag("opens"), item.flag("updates"), clock,
                             item.one("prefill", parse_prefill) or ""))
        texts.finish()
    return tuple(found)


def parse_prefill(text: str) -> str:
    """An address with names from PREFILLED in braces; raises Wrong."""
    for name in re.findall(r"\{([^{}]*)\}", text):
        if name not in PREFILLED:
            raise Wrong(f"has the unknown name {{{name}}}", f"use names out of {', '.join(PREFILLED)}")
    address = re.sub(r"\{[^{}]*\}", "x", text)
    if not re.search(r"\{", text) or re.search(r"[{}]", address):
        raise Wrong("names nothing that a case says", "write an address such as https://example.com/new?title={title}")
    parse_url(address)
    if "{" in text.partition("?")[0]:
        raise Wrong("has a name before its query", "write names after the question mark only")
    return text


def parse_levels(fields: Fields, channels: tuple[Channel, ...],
                 calendars: tuple[str, ...]) -> list[tuple[Level, Fields]]:
    """The levels in file order, each with its fields for what is later found wrong with it."""
    items = with_ids(fields, "levels", required=True)
    parse_calendar = known("calendar", calendars)
    found: list[tuple[Level, Fields]] = []
    for level_id, item, texts in read(items):
        number = len(found) + 1
        parse_lower = _lower_than(level_id, ids_of(items[number:]))
        level = Level(
            id=level_id, number=number, name=texts.line("name", required=True),
            definition=texts.line("definition", required=True), vendor_duty=texts.line("vendor_duty"),
            customer_duty=texts.line("customer_duty"), examples=texts.lines("examples"),
            channels=item.many("channels", _opening(channels), required=True), every_channel=item.flag("every_channel"),
            calendar=item.one("calendar", parse_calendar) or "", unreachable=_lowering(item, parse_lower),
            with_workaround=item.one("with_workaround", parse_lower) or "", question=texts.line("question"))
        if len(set(level.channels)) != len(level.channels):
            item.wrong("channels", "names a channel twice", "keep one", ", ".join(level.channels))
        found.append((level, item))
    return found


def _opening(channels: tuple[Channel, ...]) -> Callable[[str], ChannelKind]:
    parse_kind = known("channel", [channel.kind for channel in channels])

    def parse(text: str) -> ChannelKind:
        kind = parse_kind(text)
        if not any(channel.opens for channel in channels if channel.kind == kind):
            raise Wrong("opens no cases", "give that channel 'opens: true', or name another")
        return kind

    return parse


def _lower_than(level: str, lower: tuple[str, ...]) -> Callable[[str], str]:
    """A parser of less urgent levels, so that no level can lead back to itself."""

    def parse(text: str) -> str:
        if text in lower:
            return text
        raise Wrong(f"is no level below {level}", f"write one of {', '.join(lower)}" if lower else "leave it out")

    return parse


def _lowering(item: Fields, lower: Callable[[str], str]) -> Lowering | None:
    inner = item.mapping("unreachable")
    if inner is None:
        return None
    after, level = inner.one("after", parse_duration, required=True), inner.one("level", lower, required=True)
    inner.finish()
    return Lowering(after or UNREAD, level or "")


def parse_times(fields: Fields, levels: Sequence[tuple[Level, Fields]], plans: tuple[str, ...]) -> tuple[Times, ...]:
    """The promised times; each level must have them under every plan."""
    level_ids = tuple(level.id for level, _ in levels if level.id)
    found: dict[tuple[str, str], Times] = {}
    for item in fields.mappings("times", required=True):
        level = item.one("level", known("level", level_ids), required=True) or ""
        plan = item.one("plan", known("plan", plans)) or ""
        response = item.one("response", parse_duration, required=True) or UNREAD
        times = Times(level, plan, response, *(item.one(name, parse_duration) for name in CLOCKED[1:]))
        item.finish()
        if level and (level, plan) in found:
            item.wrong("level", f"has times{f' under plan {plan}' if plan else ''} already", "keep one entry", level)
        found[level, plan] = times
    if all(level for level, _ in found):
        _check_all_timed(levels, plans, found.keys())
    return tuple(found.values())


def _check_all_timed(levels: Sequence[tuple[Level, Fields]], plans: tuple[str, ...],
                     timed: Set[tuple[str, str]]) -> None:
    for level, item in levels:
        lacking = [plan for plan in plans or ("",) if not {(level.id, plan), (level.id, "")} & timed]
        if level.id and lacking:
            under = f" under plan {', '.join(lacking)}" if len(lacking) < len(plans) else ""
            item.wrong("id", f"has no response time{under}",
                       f"add '- {{level: {level.id}, response: 8 hours}}' to times", level.id)


def parse_waiting(fields: Fields) -> Waiting | None:
    item = fields.mapping("waiting")
    if item is None:
        return None
    texts = Texts(item)
    waiting = Waiting(texts.line("rule", required=True), item.many("extends", known("time", CLOCKED), required=True),
                      texts.lines("awaited"))
    texts.finish()
    return waiting


def parse_contacts(fields: Fields, regions: Sequence[tuple[Region, Fields]], levels: tuple[str, ...],
                   calendars: tuple[str, ...]) -> tuple[Contact, ...]:
    """The contacts; each region must have one that supports it."""
    region_ids = tuple(region.id for region, _ in regions if region.id)
    found = []
    items = with_ids(fields, "contacts", required=True)
    parse_contact = known("contact", ids_of(items))
    for item_id, item, texts in read(items):
        contact = Contact(
            id=item_id, role=item.one("role", known("role", ROLES), required=True) or "support",
            name=texts.line("name", required=True), note=texts.line("note"),
            calendar=item.one("calendar", known("calendar", calendars), required=True) or "",
            regions=item.many("regions", known("region", region_ids)),
            levels=item.many("levels", known("level", levels)),
            languages=item.many("languages", parse_language), phones=_phones(item),
            email=item.one("email", parse_email) or "", handles=texts.lines("handles"),
            escalates_to=item.one("escalates_to", parse_contact) or "")
        if not ("phones" in item or "email" in item or contact.note):
            item.wrong("phones", "is missing, and so are email and note", "tell at least one way to the contact")
        found.append(contact)
    check_circles({contact.id: contact.escalates_to for contact in found if contact.id and contact.escalates_to}, dict(items),
                  "escalates_to")
    for region, item in regions:
        if region.id and not any(contact.role == "support" and (not contact.regions or region.id in contact.regions)
                                 for contact in found):
            item.wrong("id", "has no contact with role support", "name the region in one, or add one", region.id)
    return tuple(found)


def _phones(fields: Fields) -> tuple[Phone, ...]:
    found = []
    for item in fields.mappings("phones"):
        texts = Texts(item)
        number = item.one("number", parse_phone, required=True) or ""
        found.append(Phone(number, texts.line("label"), item.flag("toll_free")))
        texts.finish()
    return tuple(found)
