"""The support policy of a vendor, ``policy.yml``: what is promised to whom, how soon, by which way, on which terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from kb.fields import Fields, parse_date
from kb.findings import Finding
from kb.policy_calendars import Calendar, Region, parse_calendars, parse_regions
from kb.policy_cases import (
    ChecklistItem,
    Escalation,
    NumberFormat,
    parse_checklist,
    parse_escalation,
    parse_numbers,
)
from kb.policy_levels import (
    Channel,
    ChannelKind,
    Contact,
    Level,
    Role,
    Times,
    Waiting,
    parse_channels,
    parse_contacts,
    parse_levels,
    parse_times,
    parse_waiting,
)
from kb.policy_security import Security, parse_security
from kb.policy_terms import (
    Accounts,
    Returns,
    Service,
    Warranty,
    parse_accounts,
    parse_returns,
    parse_service,
    parse_warranty,
)
from kb.policy_values import Entry, Phrase, Texts, parse_entries
from kb.products import parse_id
from kb.records import Place
from kb.source import Value

Found = TypeVar("Found", Calendar, Region, Level, NumberFormat, Contact)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Every id that one part names is defined in another; ``levels`` begin with the most urgent.

    What looks something up by id raises KeyError where there is none.
    """

    calendars: tuple[Calendar, ...]
    regions: tuple[Region, ...]
    channels: tuple[Channel, ...]
    levels: tuple[Level, ...]
    times: tuple[Times, ...]
    contacts: tuple[Contact, ...]
    times_note: Phrase = Phrase()
    effective: date | None = None
    waiting: Waiting | None = None
    case_kinds: tuple[Entry, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    numbers: tuple[NumberFormat, ...] = ()
    escalation: Escalation | None = None
    service: Service | None = None
    warranty: Warranty | None = None
    returns: Returns | None = None
    accounts: Accounts | None = None
    security: Security | None = None
    place: Place = Place("policy.yml", 1)

    @property
    def opens_cases(self) -> bool:
        """Whether there is a way to open a case."""
        return any(channel.opens for channel in self.channels)

    def calendar(self, calendar_id: str) -> Calendar:
        return _by_id(self.calendars, calendar_id)

    def region(self, region_id: str) -> Region:
        return _by_id(self.regions, region_id)

    def level(self, level_id: str) -> Level:
        return _by_id(self.levels, level_id)

    def contact(self, contact_id: str) -> Contact:
        return _by_id(self.contacts, contact_id)

    def number(self, number_id: str) -> NumberFormat:
        """The form of numbers with this id, such as ``case``."""
        return _by_id(self.numbers, number_id)

    def channel(self, kind: ChannelKind) -> Channel:
        return {channel.kind: channel for channel in self.channels}[kind]

    def times_for(self, level_id: str, plan_id: str = "") -> Times:
        """What is promised for a level under a plan; raises KeyError where only single plans have any."""
        promised = {(times.level, times.plan): times for times in self.times}
        return promised.get((level_id, plan_id)) or promised[level_id, ""]

    def contacts_for(self, region_id: str, role: Role = "support", level_id: str = "") -> tuple[Contact, ...]:
        """Who answers people in a region, all or those that take cases of a level."""
        return tuple(contact for contact in self.contacts
                     if contact.role == role and (not contact.regions or region_id in contact.regions)
                     and (not level_id or not contact.levels or level_id in contact.levels))


def _by_id(items: Iterable[Found], item_id: str) -> Found:
    return {item.id: item for item in items}[item_id]


def parse_policy(value: Value, path: str, findings: list[Finding],
                 parse_product: Callable[[str], str] = parse_id, audiences: Sequence[str] = ()) -> Policy | None:
    """The policy, or None with findings for all that is wrong in it; ``parse_product`` reads names of products, ``audiences`` are
    those of the portal."""
    if not isinstance(value.data, dict):
        findings.append(Finding(path, value.line, "", "", "is no mapping", "write 'levels:', 'times:' and so on"))
        return None
    before = len(findings)
    policy = _policy(Fields(value.data, path, value.line, findings), Place(path, value.line), parse_product, audiences)
    return policy if len(findings) == before else None


def _policy(fields: Fields, place: Place, parse_product: Callable[[str], str], audiences: Sequence[str]) -> Policy:
    """What the fields say, in the order in which parts refer to each other; not whole where something is wrong."""
    texts = Texts(fields)
    calendars = parse_calendars(fields)
    calendar_ids = tuple(calendar.id for calendar in calendars if calendar.id)
    regions = parse_regions(fields, calendar_ids)
    channels = parse_channels(fields)
    service = parse_service(fields)
    levels = parse_levels(fields, channels, calendar_ids)
    level_ids = tuple(level.id for level, _ in levels if level.id)
    plan_ids = tuple(plan.id for plan in service.plans if plan.id) if service else ()
    policy = Policy(
        calendars=calendars, regions=tuple(region for region, _ in regions), channels=channels,
        levels=tuple(level for level, _ in levels), times=parse_times(fields, levels, plan_ids),
        contacts=parse_contacts(fields, regions, level_ids, calendar_ids), times_note=texts.line("times_note"),
        effective=fields.one("effective", parse_date), waiting=parse_waiting(fields),
        case_kinds=parse_entries(fields, "case_kinds"), checklist=parse_checklist(fields, level_ids, parse_product),
        numbers=parse_numbers(fields), escalation=parse_escalation(fields, calendar_ids), service=service,
        warranty=parse_warranty(fields, parse_product), returns=parse_returns(fields),
        accounts=parse_accounts(fields, audiences), security=parse_security(fields), place=place)
    texts.finish()
    return policy
