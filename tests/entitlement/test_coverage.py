"""Coverage and warranty: worked cases, boundary days and zones, the same in Python and in the browser."""

from __future__ import annotations

import json
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.coverage import Coverage, Entitlement, Terms, after, coverage, terms_of, today_in, warranty_start
from kb.findings import Finding
from kb.policy import parse_policy
from kb.policy_values import Duration
from kb.source import read_yaml
from tests.browser_modules import Node

VECTORS = json.loads(Path(__file__).with_name("coverage_vectors.json").read_text(encoding="utf-8"))
TERMS = msgspec.convert(VECTORS["terms"], Terms)
ZONES = ["UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London", "Asia/Tehran",
         "Australia/Lord_Howe", "America/Sao_Paulo"]
DAY = timedelta(1)


def told(found: Coverage) -> dict[str, Any]:
    """As JSON, without what is not known, like the browser's answers."""
    return {name: value for name, value in json.loads(msgspec.json.encode(found)).items() if value is not None}


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["why"])
def test_worked_cases(node: Node, case: dict[str, Any]) -> None:
    found = told(coverage(msgspec.convert(case["row"], Entitlement), TERMS, date.fromisoformat(case["today"])))
    assert {name: found[name] for name in case["expected"]} == case["expected"]
    assert node.call("coverage", case["row"], VECTORS["terms"], case["today"]) == found


def test_the_example_policy_gives_the_terms(example_warranty: Any) -> None:
    assert terms_of(example_warranty) == msgspec.structs.replace(TERMS, register=example_warranty.register_products)
    assert terms_of(None) == Terms()


@pytest.fixture
def example_warranty() -> Any:
    findings: list[Finding] = []
    policy = parse_policy(read_yaml(Path(__file__).resolve().parents[2] / "content", "policy.yml"), "policy.yml", findings)
    assert policy, findings
    return policy.warranty


DAYS = st.dates(date(1999, 1, 1), date(2101, 1, 1)) | st.sampled_from([date(2024, 2, 29), date(2023, 12, 31), date.max, date(1, 1, 1)])
NEAR = st.sampled_from([timedelta(days) for days in (0, 1, 89, 90, 91, 364, 365, 366)])
DURATIONS = st.builds(Duration, st.integers(1, 9999), st.sampled_from(["day", "week", "month"]))
TERMS_ANY = st.builds(Terms, st.none() | DURATIONS, st.none() | DURATIONS, st.sampled_from([(), ("fw60",), ("exos", "x")])) | st.just(TERMS)


@st.composite
def rows(draw: st.DrawFn) -> Entitlement:
    """Rows whose days lie around each other's boundaries."""
    first = draw(st.none() | st.dates(date(1999, 1, 1), date(2101, 1, 1)))
    shipped = draw(st.none() | st.dates(date(1999, 1, 1), date(2101, 1, 1)))
    return Entitlement(
        product=draw(st.sampled_from(["", "exos"])), platform=draw(st.sampled_from(["", "fw60"])), support_start=first,
        support_end=draw(st.none() | DAYS) if first is None else first + draw(NEAR), shipped=shipped,
        resold=draw(st.none() | DAYS) if shipped is None else shipped + draw(NEAR), registered=draw(st.none() | st.booleans()))


@settings(max_examples=120, deadline=None)
@given(row=rows(), terms=TERMS_ANY)
def test_every_boundary_day_is_answered_alike(node: Node, row: Entitlement, terms: Terms) -> None:
    start, _reason = warranty_start(row, terms)
    edges = [row.support_start, row.support_end, row.shipped, row.resold, start, after(start, terms.term) if start and terms.term else None]
    plain = {name: value for name, value in msgspec.to_builtins(row).items() if value is not None and value != ""}
    for edge in {day for day in edges if day}:
        days = [edge - DAY if edge > date.min else edge, edge, edge + DAY if edge < date.max else edge]
        answers = node.call("coverages", plain, msgspec.to_builtins(terms), [day.isoformat() for day in days])
        for today, answer in zip(days, answers, strict=True):
            found = coverage(row, terms, today)
            assert answer == told(found)
            holds = bool(row.support_start or row.support_end) and (row.support_start or date.min) <= today <= (row.support_end or date.max)
            assert (found.reason == "contract") == holds
            if found.warranty_start and found.warranty_end:
                assert row.shipped and terms.term
                assert row.shipped <= found.warranty_start <= (after(row.shipped, terms.delay) if terms.delay else row.shipped)
                assert (found.warranty == "active") == (found.warranty_start <= today <= found.warranty_end)
                assert found.warranty_start in {row.shipped, row.resold, terms.delay and after(row.shipped, terms.delay)}
            assert (found.state == "active") == (holds or (found.warranty == "active" and not found.must_register))
            assert found.steps


@settings(max_examples=300, deadline=None)
@given(day=DAYS, duration=DURATIONS)
def test_periods_end_on_the_same_day_or_the_last_of_the_month(node: Node, day: date, duration: Duration) -> None:
    end = after(day, duration)
    assert node.call("after", day.isoformat(), msgspec.to_builtins(duration)) == end.isoformat()
    if duration.unit == "month" and end != date.max:
        months = (end.year - day.year) * 12 + end.month - day.month
        assert months == duration.count
        assert end.day == min(day.day, monthrange(end.year, end.month)[1])
    elif duration.unit != "month" and end != date.max:
        assert (end - day).days == duration.count * (7 if duration.unit == "week" else 1)


@settings(max_examples=200, deadline=None)
@given(day=st.dates(date(1999, 1, 1), date(2037, 12, 31)), zone=st.sampled_from(ZONES), seconds=st.sampled_from([-1, 0, 1, 3_600]))
def test_today_begins_at_midnight_in_the_vendors_zone(node: Node, day: date, zone: str, seconds: int) -> None:
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    moment = midnight + timedelta(seconds=seconds)
    assert node.call("today", zone, moment.isoformat()) == today_in(zone, moment).isoformat()
    if seconds == 0:
        assert today_in(zone, moment) == day


def test_a_day_on_one_side_of_the_world_is_not_that_of_the_other(node: Node) -> None:
    moment = datetime(2026, 12, 31, 10, 30, tzinfo=UTC)
    assert [node.call("today", zone, moment.isoformat()) for zone in ("Pacific/Pago_Pago", "UTC", "Pacific/Kiritimati")] == [
        "2026-12-30", "2026-12-31", "2027-01-01"]
