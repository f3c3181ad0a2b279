"""Terms: service levels, warranty, returns and accounts, as ``policy.yml`` tells them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec

from kb.audiences import parse_audience
from kb.fields import Fields, parse_url
from kb.policy_values import (
    UNREAD,
    Duration,
    Entry,
    Phrase,
    Texts,
    check_circles,
    ids_of,
    known,
    parse_days,
    parse_duration,
    parse_entries,
    read,
    with_ids,
)
from kb.products import parse_id

Cover = Literal["included", "extra-cost", "not-applicable"]

COVERS: Final[tuple[Cover, ...]] = ("included", "extra-cost", "not-applicable")


class Plan(msgspec.Struct, frozen=True):
    """A service level; ``needs`` is the plan that must be bought with it."""

    id: str
    name: Phrase
    note: Phrase
    needs: str = ""


class Feature(msgspec.Struct, frozen=True):
    """A service, and how each plan covers it."""

    id: str
    name: Phrase
    note: Phrase
    plans: tuple[tuple[str, Cover], ...]

    def cover(self, plan: str) -> Cover:
        return dict(self.plans)[plan]


class ReplacementService(msgspec.Struct, frozen=True):
    """A part of hardware replacement and the variants that have it."""

    id: str
    name: Phrase
    variants: tuple[str, ...]


class Replacement(msgspec.Struct, frozen=True):
    """Hardware replacement under a plan: the variants in which it is sold and what each of them has."""

    plan: str
    variants: tuple[Entry, ...]
    services: tuple[ReplacementService, ...]


class Service(msgspec.Struct, frozen=True):
    """Service levels. ``term`` is how long a contract normally runs."""

    plans: tuple[Plan, ...]
    features: tuple[Feature, ...]
    replacement: Replacement | None = None
    term: Duration | None = None
    note: Phrase = Phrase()


class Warranty(msgspec.Struct, frozen=True, kw_only=True):
    """``start`` says when it begins, for resold goods at most ``reseller_delay`` later.

    ``recent`` is how old a purchase without a contract may be, and so how long the warranty runs; ``repair`` is the longest time
    to repair or replacement. ``register_products`` are ids of products and platforms that must be registered first, empty for
    all.
    """

    start: Phrase
    reseller_delay: Duration | None
    recent: Duration | None
    repair: Duration
    includes: tuple[Phrase, ...]
    excludes: tuple[Phrase, ...]
    register_first: tuple[Phrase, ...]
    register_products: tuple[str, ...] = ()
    note: Phrase


class Analysis(msgspec.Struct, frozen=True):
    """An examination of returned goods; its result comes ``within`` this time of their arrival."""

    id: str
    name: Phrase
    note: Phrase
    within: Duration
    preliminary: bool = False


class Returns(msgspec.Struct, frozen=True):
    """How defective parts go back: due ``within`` this time."""

    within: Duration
    rules: tuple[Phrase, ...]
    analyses: tuple[Analysis, ...]


class AccountType(msgspec.Struct, frozen=True):
    """Who holds an account, the tools that they see, and whether they may open technical cases; ``audience`` is the one of
    ``portal.yml`` that they are in, empty where nothing is said of that."""

    id: str
    name: Phrase
    note: Phrase
    sees: tuple[str, ...]
    opens_cases: bool = False
    audience: str = ""


class Accounts(msgspec.Struct, frozen=True):
    """How to register (``confirmation`` arrives within this time) and what each type of account sees."""

    url: str
    steps: tuple[Phrase, ...]
    rules: tuple[Phrase, ...]
    confirmation: Duration | None
    tools: tuple[Entry, ...]
    types: tuple[AccountType, ...]


def parse_service(fields: Fields) -> Service | None:
    item = fields.mapping("service")
    if item is None:
        return None
    texts = Texts(item)
    plans = _plans(item)
    plan_ids = tuple(plan.id for plan in plans if plan.id)
    service = Service(plans, _features(item, plan_ids), _replacement(item, plan_ids), item.one("term", parse_duration),
                      texts.line("note"))
    texts.finish()
    return service


def _plans(fields: Fields) -> tuple[Plan, ...]:
    items = with_ids(fields, "plans", required=True)
    parse_plan = known("plan", ids_of(items))
    found = tuple(
        Plan(plan_id, texts.line("name", required=True), texts.line("note"), item.one("needs", parse_plan) or "")
        for plan_id, item, texts in read(items))
    check_circles({plan.id: plan.needs for plan in found if plan.id and plan.needs}, dict(items), "needs")
    return found


def _features(fields: Fields, plans: tuple[str, ...]) -> tuple[Feature, ...]:
    return tuple(Feature(feature_id, texts.line("name", required=True), texts.line("note"), _covers(item, plans))
                 for feature_id, item, texts in read(with_ids(fields, "features", required=True)))


def _covers(item: Fields, plans: tuple[str, ...]) -> tuple[tuple[str, Cover], ...]:
    inner = item.mapping("plans", required=True)
    if inner is None:
        return ()
    found = tuple((plan, inner.one(plan, known("cover", COVERS), required=True) or "included") for plan in plans)
    inner.finish()
    return found


def _replacement(fields: Fields, plans: tuple[str, ...]) -> Replacement | None:
    item = fields.mapping("replacement")
    if item is None:
        return None
    plan = item.one("plan", known("plan", plans), required=True) or ""
    variants = parse_entries(item, "variants", required=True)
    parse_variant = known("variant", [variant.id for variant in variants if variant.id])
    services = tuple(
        ReplacementService(service_id, texts.line("name", required=True),
                           inner.many("variants", parse_variant, required=True))
        for service_id, inner, texts in read(with_ids(item, "services", required=True)))
    item.finish()
    return Replacement(plan, variants, services)


def parse_warranty(fields: Fields, parse_product: Callable[[str], str] = parse_id) -> Warranty | None:
    """The warranty; ``parse_product`` reads names of products."""
    item = fields.mapping("warranty")
    if item is None:
        return None
    texts = Texts(item)
    warranty = Warranty(
        start=texts.line("start", required=True), reseller_delay=item.one("reseller_delay", parse_days),
        recent=item.one("recent", parse_days), repair=item.one("repair", parse_duration, required=True) or UNREAD,
        includes=texts.lines("includes"), excludes=texts.lines("excludes"),
        register_first=texts.lines("register_first"), note=texts.line("note"),
        register_products=item.many("register_products", parse_product))
    texts.finish()
    return warranty


def parse_returns(fields: Fields) -> Returns | None:
    item = fields.mapping("returns")
    if item is None:
        return None
    texts = Texts(item)
    within = item.one("within", parse_duration, required=True) or UNREAD
    returns = Returns(within, texts.lines("rules"), _analyses(item))
    texts.finish()
    return returns


def _analyses(fields: Fields) -> tuple[Analysis, ...]:
    return tuple(
        Analysis(item_id, texts.line("name", required=True), texts.line("note"),
                 item.one("within", parse_duration, required=True) or UNREAD, item.flag("preliminary"))
        for item_id, item, texts in read(with_ids(fields, "analyses")))


def parse_accounts(fields: Fields, audiences: Sequence[str] = ()) -> Accounts | None:
    """The accounts; ``audiences`` are the known ones, empty where they do not matter."""
    item = fields.mapping("accounts")
    if item is None:
        return None
    texts = Texts(item)
    tools = parse_entries(item, "tools", required=True)
    tool_ids = [tool.id for tool in tools if tool.id]
    accounts = Accounts(item.one("url", parse_url) or "", texts.lines("steps"), texts.lines("rules"),
                        item.one("confirmation", parse_duration), tools, _types(item, tool_ids, audiences))
    texts.finish()
    return accounts


def _types(fields: Fields, tools: Sequence[str], audiences: Sequence[str]) -> tuple[AccountType, ...]:
    parse_own: Callable[[str], str] = known("audience", audiences) if audiences else parse_audience
    found = []
    for type_id, item, texts in read(with_ids(fields, "types", required=True)):
        sees = item.many("sees", known("tool", ("all", *tools)), required=True)
        found.append(AccountType(type_id, texts.line("name", required=True), texts.line("note"),
                                 tuple(tools) if "all" in sees else sees, item.flag("opens_cases"),
                                 item.one("audience", parse_own) or ""))
    return tuple(found)
