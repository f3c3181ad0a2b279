"""The page that tells what serial numbers are entitled to, for portals with a sealed table of entitlements.

Its script opens rows of the table (docs/sealed-tables.md) and reads all else from JSON in the page:

    {"table": name, "fields": [key fields], "zone": the vendor's zone,
     "terms": {"delay", "term": {"count", "unit"}, "register": [ids]},
     "warranty": {"includes", "excludes": [texts], "note": text}, "products": {id: [name, address]},
     "platforms": {id: [name, address]}, "ends": {product: [[train, day], ...]},
     "plans": {id: {"name", "included": [names], "extra": [names]}}, "replacements": {id: {"name", "services": [names]}},
     "steps": {step of kb.coverage: [[text, address], ...]}, "forms": [[form of a number, ...] for each key field],
     "headings": [names of a list's first line]}

All of it comes from policy.yml, products.yml and the guides, none from the table.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any, Final

from generator.contexts.cases import AskedField, EntitlementPage
from generator.contexts.pieces import Link
from generator.edition import Edition, _
from generator.plan import Page
from kb.coverage import terms_of
from kb.policy_cases import NumberFormat
from kb.policy_terms import Cover, Plan, Service, Warranty
from kb.policy_values import Duration

TABLE: Final = "entitlements"
PLACE = "entitlement/"
GUIDE = "help/entitlement/"
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_FIELDS = {"serial": _("Serial number"), "contract": _("Contract number"), "order": _("Purchase order number")}
COLUMNS = {
    "serial": _("Serial number"), "product": _("Product"), "state": _("Coverage"), "until": _("Covered until"),
    "plan": _("Service level"), "replacement": _("Replacement"), "next": _("What to do next"), "contract": _("Contract"),
    "support_start": _("Support from"), "support_end": _("Support until"), "warranty_start": _("Warranty from"),
    "warranty_end": _("Warranty until"), "registration": _("Registration"), "end_of_support": _("End of software support"),
}


def is_asked(edition: Edition) -> bool:
    """Whether the portal has a table of entitlements, and so the page."""
    return edition.portal.sealed.table(TABLE) is not None


def entitlement_pages(edition: Edition, guides: Collection[str]) -> Iterator[Page]:
    """The page, where there is a table; ``guides`` are the places of the language's guides."""
    table = edition.portal.sealed.table(TABLE)
    if table is None:
        return
    say, (fields,) = edition.say, table.lookups
    introduction = say("Type a serial number to learn whether the product is entitled to support today, until when, and what "
                       "that includes.")
    context = EntitlementPage(
        crumbs=(edition.home,), title=say("Check entitlement"), introduction=introduction,
        guide=edition.to(say("Where to find the serial number"), GUIDE) if GUIDE in guides else None,
        care=tuple(Link(title=text, href=href) for text, href in _steps(edition, guides)["ask"] if href),
        secure_href=f"{edition.portal.url}{edition.root}{PLACE}",
        fields=tuple(AskedField(name=field, title=say(_FIELDS[field]), hint=_hint(edition, field)) for field in fields),
        columns=tuple((name, say(title)) for name, title in COLUMNS.items()),
        facts_html=entitlement_facts(edition, fields, guides))
    yield Page(path=edition.root + PLACE, place=PLACE, language=edition.language, template="entitlement.html", context=context,
               description=introduction, tab=PLACE)


def _hint(edition: Edition, field: str) -> str:
    forms = _forms(edition, field)
    example = edition.say("For example {example}.", example=forms[0].examples[0]) if forms else ""
    silent = edition.say("Case, spaces and hyphens do not matter.")
    return f"{example} {silent}".strip()


def _forms(edition: Edition, field: str) -> list[NumberFormat]:
    """The forms of a field's numbers: ``serial`` and, where there are several, ``serial-router`` and the like."""
    numbers = edition.library.policy.numbers if edition.library.policy else ()
    return [form for form in numbers if form.id == field or form.id.startswith(f"{field}-")]


def entitlement_facts(edition: Edition, fields: Collection[str], guides: Collection[str]) -> str:
    """The JSON for scripts, safe inside a script element."""
    policy, language = edition.library.policy, edition.language
    products = edition.library.catalogue.products
    terms = terms_of(policy.warranty if policy else None)
    facts = {
        "table": TABLE, "fields": fields, "zone": edition.portal.timezone,
        "terms": {"delay": _duration(terms.delay), "term": _duration(terms.term), "register": terms.register},
        "warranty": _warranty(edition, policy.warranty if policy else None),
        "products": {product.id: [product.name_in(language), edition.product_link(product).href] for product in products},
        "platforms": {platform.id: [platform.name_in(language), edition.href(f"products/{product.id}/{platform.id}/")]
                      for product in products for platform in product.platforms},
        "ends": {product.id: [[train.id, train.end_of_support.isoformat()] for train in product.trains if train.end_of_support]
                 for product in products},
        **_service(edition, policy.service if policy else None), "steps": _steps(edition, guides),
        "forms": [[form_facts(edition, form) for form in _forms(edition, field)] for field in fields],
        "headings": [*fields, *(edition.say(_FIELDS[field]) for field in fields), *(_FIELDS[field] for field in fields)],
    }
    return _ENCODER.encode(facts).replace("<", "\\u003c")


def _duration(duration: Duration | None) -> dict[str, Any] | None:
    return {"count": duration.count, "unit": duration.unit} if duration else None


def form_facts(edition: Edition, form: NumberFormat) -> dict[str, Any]:
    """The form of a number, as theme/assets/numbers.js reads it."""
    return {"name": form.name.text_in(edition.language), "pattern": form.pattern, "never": form.never,
            "example": form.examples[0], "parts": [[part.kind, part.text] for part in form.parts]}


def _warranty(edition: Edition, warranty: Warranty | None) -> dict[str, Any] | None:
    if warranty is None:
        return None
    language = edition.language
    repair = edition.say("Repair or replacement within {time}", time=in_words(edition, warranty.repair))
    return {"includes": [*(text.text_in(language) for text in warranty.includes), repair],
            "excludes": [text.text_in(language) for text in warranty.excludes], "note": warranty.note.text_in(language)}


def _service(edition: Edition, service: Service | None) -> dict[str, Any]:
    """Service levels with their services, and variants of hardware replacement with what they promise."""
    if service is None:
        return {"plans": {}, "replacements": {}}
    language, replacement = edition.language, service.replacement

    def covered(plan: Plan, cover: Cover) -> list[str]:
        return [feature.name.text_in(language) for feature in service.features if feature.cover(plan.id) == cover]

    plans = {plan.id: {"name": plan.name.text_in(language), "included": covered(plan, "included"),
                       "extra": covered(plan, "extra-cost")} for plan in service.plans}
    replacements = {variant.id: {"name": variant.name.text_in(language), "services": [
        one.name.text_in(language) for one in replacement.services if variant.id in one.variants]}
        for variant in replacement.variants} if replacement else {}
    return {"plans": plans, "replacements": replacements}


def _steps(edition: Edition, guides: Collection[str]) -> dict[str, list[list[str]]]:
    """What to do next, each with the address of a page that exists, of another site or of a mailbox, or with none."""
    say, policy = edition.say, edition.library.policy
    care = _guide(edition, guides, "help/accounts/") or _mailbox(edition, "care")
    sales = _mailbox(edition, "sales") or care
    return {
        "open": [[say("Open a case"), edition.href("help/case/") if policy and policy.opens_cases else _case_manager(edition)]],
        "return": [[say("Ask for a return"), _guide(edition, guides, "help/returns/") or _case_manager(edition)]],
        "register": [[say("Register the product with customer care"), care]],
        "renew": [[say("Renew the contract with your partner or with sales"), sales]],
        "buy": [[say("Buy a support contract from your partner or from sales"), sales]],
        "ask": [[say("Ask customer care"), care]],
        "check": [[say("Compare the number with the label: 0 and O, 1 and I look alike"),
                   _guide(edition, guides, GUIDE)]],
    }


def _guide(edition: Edition, guides: Collection[str], place: str) -> str:
    return edition.href(place) if place in guides else ""


def _mailbox(edition: Edition, role: str) -> str:
    contacts = edition.library.policy.contacts if edition.library.policy else ()
    return next((f"mailto:{contact.email}" for contact in contacts if contact.role == role and contact.email), "")


def _case_manager(edition: Edition) -> str:
    """The web site on which cases are opened."""
    channels = edition.library.policy.channels if edition.library.policy else ()
    return next((channel.url for channel in channels if channel.kind == "web" and channel.opens), "")


def in_words(edition: Edition, duration: Duration) -> str:
    """A duration in the edition's language: 20 business days."""
    if duration.business and duration.unit == "day":
        return edition.speaker.plural("{count} business day", "{count} business days", duration.count)
    words = edition.speaker.duration(duration.count, duration.unit)
    return edition.say("{time} of working time", time=words) if duration.business else words
