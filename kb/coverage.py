"""Coverage and warranty: what a product is entitled to on a day, from its dates and the terms of the policy.

A day is one of the calendar in the vendor's zone; spans include their first and their last day. A period of months ends with the
day of the same number, or the last of a shorter month (Regulation (EEC, Euratom) No 1182/71, Article 3). The browser has the same
rules in ``theme/assets/coverage.js``; ``tests/kb/coverage_vectors.json`` holds both to them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from kb.policy_terms import Warranty
from kb.policy_values import Duration

Span = Literal["active", "later", "expired", "none"]
State = Literal["active", "expired", "none"]
Start = Literal["shipped", "resold", "capped", "unknown"]
Reason = Literal["contract", "warranty", "register", "later", "contract-ended", "warranty-ended", "nothing"]
Step = Literal["open", "return", "register", "renew", "buy", "ask"]

_STEPS: Mapping[Reason, tuple[Step, ...]] = {
    "contract": ("open", "return"), "warranty": ("return", "buy"), "register": ("register", "buy"), "later": ("ask",),
    "contract-ended": ("renew",), "warranty-ended": ("buy",), "nothing": ("buy", "ask"),
}


class Entitlement(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table of entitlements. ``product`` and ``platform`` are ids of products.yml, ``plan`` and ``replacement``
    those of the policy's plans and variants; None and empty texts are unknown."""

    product: str = ""
    platform: str = ""
    contract: str = ""
    plan: str = ""
    replacement: str = ""
    support_start: date | None = None
    support_end: date | None = None
    shipped: date | None = None
    resold: date | None = None
    registered: bool | None = None


class Terms(msgspec.Struct, frozen=True):
    """The numbers of the warranty: how much later it may start for resold goods, and how long it runs; None where there is
    none. ``register`` are the products and platforms that must be registered first, empty for all."""

    delay: Duration | None = None
    term: Duration | None = None
    register: tuple[str, ...] = ()


class Coverage(msgspec.Struct, frozen=True):
    """What holds on a day: ``reason`` says by what, ``support`` and ``warranty`` how each of them stands. ``start`` says from
    what the first day of the warranty was taken, ``steps`` what to do next."""

    state: State
    reason: Reason
    support: Span
    warranty: Span
    warranty_start: date | None
    warranty_end: date | None
    start: Start
    must_register: bool
    steps: tuple[Step, ...]


def terms_of(warranty: Warranty | None) -> Terms:
    """The numbers in a policy's warranty."""
    if warranty is None:
        return Terms()
    return Terms(warranty.reseller_delay, warranty.recent, warranty.register_products)


def today_in(zone: str, moment: datetime) -> date:
    """The day that a moment falls on in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def coverage(row: Entitlement, terms: Terms, today: date) -> Coverage:
    """How a product is covered on a day."""
    start, reason = warranty_start(row, terms)
    end = after(start, terms.term) if start and terms.term else None
    support = _span(row.support_start, row.support_end, today)
    warranty = _span(start, end, today) if end else "none"
    listed = not terms.register or row.product in terms.register or row.platform in terms.register
    must_register = row.registered is False and listed
    why = _reason(support, warranty, must_register)
    state: State = "active" if why in {"contract", "warranty"} else "expired" if why.endswith("-ended") else "none"
    return Coverage(state, why, support, warranty, start if end else None, end, reason if end else "unknown", must_register,
                    _STEPS[why])


def warranty_start(row: Entitlement, terms: Terms) -> tuple[date | None, Start]:
    """The first day of the warranty: that of shipment from manufacture or, when resold, of the sale, but at most the policy's
    delay after shipment."""
    if row.shipped is None:
        return None, "unknown"
    if row.resold is None or row.resold <= row.shipped or terms.delay is None:
        return row.shipped, "shipped"
    latest = after(row.shipped, terms.delay)
    return (row.resold, "resold") if row.resold <= latest else (latest, "capped")


def _span(first: date | None, last: date | None, today: date) -> Span:
    if first is None and last is None:
        return "none"
    if last is not None and today > last:
        return "expired"
    return "later" if first is not None and today < first else "active"


def _reason(support: Span, warranty: Span, must_register: bool) -> Reason:
    if support == "active":
        return "contract"
    if warranty == "active":
        return "register" if must_register else "warranty"
    if "later" in {support, warranty}:
        return "later"
    if support == "expired":
        return "contract-ended"
    return "warranty-ended" if warranty == "expired" else "nothing"


def after(day: date, duration: Duration) -> date:
    """The day at the end of a duration of days, weeks or months; the last of the calendar where it lies beyond."""
    if duration.unit == "month":
        years, month = divmod(day.month - 1 + duration.count, 12)
        year = day.year + years
        return date.max if year > date.max.year else date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    days = duration.count * (7 if duration.unit == "week" else 1)
    return date.max if days > (date.max - day).days else day + timedelta(days)
