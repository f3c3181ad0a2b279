"""Two real policies, of the example portal and of a vendor of software: they carry the figures that they should."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from kb.findings import Finding
from kb.load import load
from kb.policy import Policy, parse_policy
from kb.policy_values import Duration, Phrase
from kb.source import Value, read_yaml

ROOT = Path(__file__).parents[2]
NETWORKS = ROOT / "content"
SOFTWARE = ROOT / "tests" / "sites" / "software-vendor"

def shipped(site: Path) -> Policy:
    findings: list[Finding] = []
    policy = parse_policy(read_yaml(site, "policy.yml"), "policy.yml", findings)
    assert findings == []
    assert policy
    return policy


def phrases(value: object) -> Iterator[Phrase]:
    """All texts of a policy that are there."""
    if isinstance(value, Phrase):
        yield from [value] if value else []
    elif isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            yield from phrases(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from phrases(item)


class TestNetworks:
    """Policy of the example portal: facts A3 to A14."""

    def test_levels(self) -> None:
        levels = shipped(NETWORKS).levels
        assert [(level.number, level.name.text, level.name.text_in("ru")) for level in levels] == [
            (1, "Critical", "Критический"), (2, "High", "Высокий"), (3, "Medium", "Средний"), (4, "Low", "Низкий")]
        assert [len(level.examples) for level in levels] == [3, 3, 5, 4]
        assert [level.channels for level in levels] == [("phone",)] + [("web", "phone")] * 3
        assert [level.calendar for level in levels] == ["always", "", "", ""]
        lowered = levels[0].unreachable
        assert lowered and (str(lowered.after), lowered.level) == ("1 hour", "high")
        assert [level.with_workaround for level in levels] == ["medium", "medium", "", ""]

    def test_times(self) -> None:
        policy = shipped(NETWORKS)
        promised = [policy.times_for(level.id, "plus") for level in policy.levels]
        assert [(str(times.response), str(times.update)) for times in promised] == [
            ("1 hour", "4 hours"), ("1 hour", "1 business day"), ("8 hours", "3 business days"), ("24 hours", "1 week")]
        assert all(times.start is times.temporary is times.permanent is None for times in promised)

    def test_no_new_cases_by_mail(self) -> None:
        channels = {channel.kind: (channel.opens, channel.updates) for channel in shipped(NETWORKS).channels}
        assert channels == {"web": (True, True), "phone": (True, True), "email": (False, True)}

    def test_contacts(self) -> None:
        policy = shipped(NETWORKS)
        numbers = {region.id: [phone.number for contact in policy.contacts_for(region.id) for phone in contact.phones]
                   for region in policy.regions}
        assert numbers == {"americas": ["+1 555 0100"], "emea": ["+44 20 7946 0100"], "apac": ["+44 20 7946 0100"],
                           "russia": ["+7 495 000-00-10"]}
        assert all(policy.calendar(contact.calendar).around_the_clock for contact in policy.contacts)
        [care] = policy.contacts_for("russia", "care")
        assert len(care.handles) == 17
        assert care.phones[0].uri == "tel:+15550100"

    def test_business_hours(self) -> None:
        policy = shipped(NETWORKS)
        russia = policy.calendar(policy.region("russia").calendar)
        assert (russia.id, russia.zone) == ("russia", "Europe/Moscow")
        assert [str(hours) for hours in russia.hours_on(date(2026, 11, 23))] == ["09:00-18:00"]
        assert russia.hours_on(date(2026, 11, 22)) == ()  # a Sunday
        assert russia.hours_on(date(2027, 1, 8)) == ()
        assert policy.calendar(policy.level("critical").calendar).around_the_clock
        assert [str(hours) for hours in policy.calendar("americas").hours_on(date(2026, 11, 23))] == ["08:00-17:00"]
        assert all(policy.calendar(region.calendar).hours_on(date(2027, 1, 1)) == () for region in policy.regions)

    def test_numbers(self) -> None:
        policy = shipped(NETWORKS)
        case = policy.number("case")
        assert (case.pattern, case.examples[0]) == ("YYYY-MMDD-NNNN", "2008-0101-0123")
        assert case.typed("2006-0811-0120") == "200608110120#"
        assert case.matches("2008-0101-0123")
        assert not case.matches("2008-0231-0123")
        assert policy.number("rma").matches("R12345")
        assert policy.number("rma-item").matches("r12345-1")
        assert not policy.number("rma-item").matches("R12345-0")

    def test_case_and_escalation(self) -> None:
        policy = shipped(NETWORKS)
        assert [kind.id for kind in policy.case_kinds] == ["defect", "rma", "configuration", "diagnosis"]
        assert [item.id for item in policy.checklist] == [
            "serial", "description", "priority", "version", "data", "topology", "access"]
        topology = policy.checklist[5]
        assert [topology.need_for(level.id) for level in policy.levels] == [
            "recommended", "recommended", "optional", "optional"]
        escalation = policy.escalation
        assert escalation and escalation.explanation
        assert [reason.id for reason in escalation.reasons] == [
            "speed", "status", "contact", "reassign", "rma-status", "other"]
        assert policy.calendar(escalation.calendar).around_the_clock
        assert escalation.by_phone[1].text == "Press 2 for customer care."

    def test_service_levels(self) -> None:
        service = shipped(NETWORKS).service
        assert service and service.replacement
        covers = [feature.cover("base") + "/" + feature.cover("plus") for feature in service.features]
        assert covers == (["included/included"] * 6 + ["not-applicable/included"] * 5 + ["extra-cost/extra-cost"] * 2
                          + ["not-applicable/extra-cost"])
        assert [(plan.id, plan.needs) for plan in service.plans] == [("base", ""), ("plus", "base")]
        variants = [variant.id for variant in service.replacement.variants]
        rows = ["".join("x" if variant in row.variants else "-" for variant in variants)
                for row in service.replacement.services]
        assert rows == ["xxxxxxx", "-x-----", "--x----", "---xx--", "-----xx", "----x-x"]

    def test_warranty_and_returns(self) -> None:
        policy = shipped(NETWORKS)
        warranty, returns = policy.warranty, policy.returns
        assert warranty and returns
        assert (warranty.reseller_delay, warranty.recent) == (Duration(90, "day"), Duration(12, "month"))
        assert warranty.repair == Duration(20, "day", business=True)
        assert len(warranty.register_first) == 5
        assert returns.within == Duration(10, "day", business=True)
        assert [(analysis.within, analysis.preliminary) for analysis in returns.analyses] == [
            (Duration(30, "day"), False), (Duration(15, "day"), True)]

    def test_accounts_and_security(self) -> None:
        policy = shipped(NETWORKS)
        accounts, security = policy.accounts, policy.security
        assert accounts and security
        assert (len(accounts.steps), accounts.confirmation) == (4, Duration(15, "minute"))
        seen = {kind.id: kind.sees for kind in accounts.types}
        assert seen["direct-partner"] == tuple(tool.id for tool in accounts.tools)
        assert seen["indirect-reseller"] == ("knowledge-base", "technical-descriptions", "documentation")
        assert [kind.id for kind in accounts.types if kind.opens_cases] == ["customer", "direct-partner"]
        assert (security.email, security.phone_uri) == ("sirt@example.com", "tel:+15550199")

    def test_no_figure_of_it_is_kept_by_hand_in_the_help_pages(self) -> None:
        """Numbers, addresses and times come from the policy; no page repeats them."""
        policy = shipped(NETWORKS)
        pages = [page.read_text("utf-8") for page in sorted((NETWORKS / "pages").rglob("help/*.md"))]
        assert len(pages) > 20
        assert policy.security and policy.returns and policy.warranty
        told = {phone.number for contact in policy.contacts for phone in contact.phones} | {policy.security.phone}
        told |= {contact.email for contact in policy.contacts if contact.email} | {policy.security.email}
        promised = [policy.returns.within, policy.warranty.repair, *(analysis.within for analysis in policy.returns.analyses)]
        promised += [time for times in policy.times for time in (times.response, times.update) if time]
        told |= {str(time) for time in promised} | {f"{time.count} calendar {time.unit}s" for time in promised if time.unit == "day"}
        found = {text for text in told if any(text in page for page in pages)}
        assert found == set()


class TestSoftware:
    """Policy of the second site: facts B."""

    def test_site_loads(self) -> None:
        content = load(SOFTWARE, ("en", "ru"))
        assert [str(finding) for finding in content.findings] == []
        assert content.portal and content.portal.languages == ("ru", "en")
        assert {record.id for record in content.records} == {"4093", "4127", "4188", "KB20001", "KB20002", "KB20003"}
        assert content.policy == shipped(SOFTWARE)

    def test_levels_and_ways(self) -> None:
        policy = shipped(SOFTWARE)
        assert [(level.id, level.channels, level.every_channel) for level in policy.levels] == [
            ("outage", ("email", "phone"), True), ("partial", ("email", "phone"), True), ("other", ("email",), False)]
        assert "10" in policy.levels[1].definition.text
        assert policy.channel("other").clock == "registered"
        [on_call] = policy.contacts_for("west", "duty", "partial")
        assert policy.calendar(on_call.calendar).around_the_clock
        assert policy.contacts_for("west", "duty", "other") == ()
        assert [phone.toll_free for phone in policy.contacts_for("east")[0].phones] == [False, True]

    def test_times_depend_on_level_and_contract(self) -> None:
        policy = shipped(SOFTWARE)
        times = policy.times_for("outage", "extended")
        assert [str(time) for time in (times.response, times.start, times.temporary, times.permanent)] == [
            "15 minutes", "30 minutes", "4 hours", "5 business days"]
        assert policy.times_for("other", "extended") == policy.times_for("other")
        with pytest.raises(KeyError):
            policy.times_for("outage")
        assert policy.waiting and policy.waiting.extends == ("temporary", "permanent")

    def test_working_time(self) -> None:
        policy = shipped(SOFTWARE)
        for calendar, zone in (("office", "Europe/Moscow"), ("office-east", "Asia/Novosibirsk")):
            hours = policy.calendar(calendar)
            assert hours.zone == zone
            assert [str(span) for span in hours.hours_on(date(2026, 11, 23))] == ["09:00-18:00"]
            assert [str(span) for span in hours.hours_on(date(2027, 2, 22))] == ["09:00-17:00"]
            assert hours.hours_on(date(2027, 2, 23)) == ()

    def test_terms(self) -> None:
        policy = shipped(SOFTWARE)
        assert policy.service and policy.service.term == Duration(12, "month")
        assert [item.id for item in policy.checklist] == ["logs", "infrastructure", "steps", "known", "version"]
        assert policy.number("case").pattern == "EID-YYYY-NNNNN"
        assert (policy.warranty, policy.returns, policy.escalation) == (None, None, None)


@pytest.mark.parametrize(("site", "language"), [(NETWORKS, "ru"), (SOFTWARE, "en")], ids=["networks", "software"])
def test_every_text_is_translated(site: Path, language: str) -> None:
    lacking = [phrase.text for phrase in phrases(shipped(site)) if language not in dict(phrase.translations)]
    assert lacking == []


@pytest.mark.parametrize("site", [NETWORKS, SOFTWARE], ids=["networks", "software"])
def test_programs_can_read_it_as_json(site: Path) -> None:
    policy = shipped(site)
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy


def field_names(value: Value) -> Iterator[str]:
    """Names of all fields in a tree, without the languages of translations and the ids that tables are keyed by."""
    if isinstance(value.data, list):
        for item in value.data:
            yield from field_names(item)
    elif isinstance(value.data, dict):
        for name, item in value.data.items():
            yield name
            if name != "translations" and not (name in {"plans", "levels"} and isinstance(item.data, dict)):
                yield from field_names(item)


def test_every_field_is_documented() -> None:
    reference = (ROOT / "docs" / "policy.md").read_text("utf-8")
    written = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`]+`|^    .+$", reference, re.MULTILINE))))
    files = [read_yaml(site, "policy.yml") for site in (NETWORKS, SOFTWARE)]
    assert {name for file in files for name in field_names(file)} - written == set()


def test_serial_numbers_hold_no_letters_that_look_like_others() -> None:
    number = shipped(NETWORKS).number("serial-ar900")
    assert number.matches("ar90-4vtn6kvc")
    for other in ("AR90-4VTN6KVO", "AR90-4VTN6KV", "AR90-4VTN6KVCC", "AR91-4VTN6KVC", "AR90-4VTN6KV-"):
        assert not number.matches(other)
