"""Audiences of ``portal.yml``: who includes whom, and each rule."""

from __future__ import annotations

import pytest

from kb.audiences import Audience
from kb.findings import Finding
from kb.portal import Portal, parse_portal
from kb.source import parse_yaml
from tests.kb.checking import LANGUAGES

START = "name: A\nvendor: B\nurl: https://support.example.com/\nlanguages: [en, ru]\n"
FULL = """\
audiences:
  public: {}
  customer: {includes: public, name: Customers, translations: {ru: {name: Заказчики}}, url: https://customers.example.com/help}
  partner:
  staff: {includes: [customer, partner]}
"""


def portal_of(text: str) -> tuple[Portal | None, list[str]]:
    findings: list[Finding] = []
    portal = parse_portal(parse_yaml(START + text, "portal.yml"), "portal.yml", LANGUAGES, findings)
    return portal, [str(finding) for finding in findings]


def test_each_says_what_it_includes() -> None:
    portal, found = portal_of(FULL)
    assert found == [] and portal
    assert portal.audiences == (
        Audience("public", ("public",)),
        Audience("customer", ("public", "customer"), (("en", "Customers"), ("ru", "Заказчики")), "https://customers.example.com/help/"),
        Audience("partner", ("public", "partner")), Audience("staff", ("public", "customer", "partner", "staff")))
    assert [audience.name_in("ru") for audience in portal.audiences] == ["", "Заказчики", "", ""]
    assert not portal.may_see("customer", "partner") and portal.may_see("staff", "partner") and not portal.may_see("x", "public")


def test_a_portal_stands_at_the_address_of_its_audience() -> None:
    portal, _ = portal_of(FULL)
    assert portal
    assert [portal.seen_by(name).url for name in ("", "public", "customer", "staff")] == [
        "https://support.example.com/", "https://support.example.com/", "https://customers.example.com/help/",
        "https://support.example.com/"]


def test_a_list_is_a_line_of_audiences() -> None:
    listed, _ = portal_of("audiences: [public, partner, staff]\n")
    mapped, _ = portal_of("audiences: {public: , partner: {includes: public}, staff: {includes: partner}}\n")
    assert listed and mapped and listed.audiences == mapped.audiences


@pytest.mark.parametrize(("old", "new", "message"), [
    ("includes: public", "includes: publik", "7: audiences.customer.includes: 'publik' is not an audience of this portal; did you mean public?"),
    ("[customer, partner]", "[customer, customer]", "9: audiences.staff.includes: 'customer, customer' names an audience twice; keep one"),
    ("  partner:\n", "  partner: {includes: staff}\n",
     "9: audiences.staff.includes: 'partner' leads back to this audience; let one of them include the other"),
    ("[customer, partner]", "staff", "9: audiences.staff.includes: 'staff' leads back to this audience; let one of them include the other"),
    ("public: {}", "public: {includes: partner}",
     "6: audiences.public.includes: 'partner' stands at the first audience, which everybody is in; remove it"),
    ("  partner:\n", "  all:\n", "5: audiences: 'all' means all audiences and can be none; choose another name"),
    ("  partner:\n", "  Partner: {}\n", "8: audiences: 'Partner' is no audience name; use lower case letters, digits and hyphens"),
    ("  partner:\n", "  partner: public\n", "8: audiences.partner: is not a mapping; write {includes: ..., name: ...} or {}"),
    ("name: Customers", "title: Customers", "7: audiences.customer.title: is not a known field; known fields: includes, name, "
     "translations, url"),
    ("ru: {name: Зак", "de: {name: Зак", "7: audiences.customer.translations: 'de' is not a language of this portal; add it to languages "
     "or remove it"),
    ("https://customers.example.com/help", "customers.example.com", "7: audiences.customer.url: 'customers.example.com' is not a web "
     "address; write https://host/path"),
])
def test_findings(old: str, new: str, message: str) -> None:
    assert old in FULL
    portal, found = portal_of(FULL.replace(old, new))
    assert portal is None and f"portal.yml:{message}" in found


def test_csaf_demands_https_of_each() -> None:
    _, found = portal_of(FULL.replace("https://customers", "http://customers") + "csaf: {namespace: 'https://example.com/', contact_details: x}\n")
    assert any("'http://customers.example.com/help/' does not begin with https://" in message for message in found)
