"""The page that tells the state of cases and returns, for portals with a sealed table of cases.

Its script opens rows of the table (docs/sealed-tables.md) and reads all else from JSON in the page:

    {"table": name, "zone": the vendor's zone, "forms": {"case", "rma": [forms of numbers]},
     "platforms": {id: [name, address]}, "priorities": {id: [place, name]}}

All of it comes from policy.yml and products.yml, none from the table.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from generator.contexts.cases import CasesPage
from generator.edition import Edition, _
from generator.pages.entitlement import form_facts
from generator.plan import Page
from kb.policy_cases import NumberFormat

TABLE: Final = "cases"
PLACE = "cases/"
_TAB = "help/"
_GUIDES = {
    "help/open-a-case/": _("Open a case"), "help/escalation/": _("Escalate a case"), "help/returns/": _("How returns work"),
}
_FORMS = {"case": ("case",), "rma": ("rma", "rma-item")}
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
CASE_COLUMNS = {
    "status": _("Status"), "case": _("Case"), "site": _("Site"), "contact": _("Contact"), "modified": _("Last modified"),
    "platform": _("Platform"), "priority": _("Priority"),
}
RETURN_COLUMNS = {
    "status": _("Status"), "rma": _("Return"), "part": _("Part number"), "serial": _("Serial number"), "case": _("Case"),
    "issued": _("Issued"),
}


def has_cases(edition: Edition) -> bool:
    """Whether the portal has a table of cases, and so the page."""
    return edition.portal.sealed.table(TABLE) is not None


def cases_pages(edition: Edition, guides: Collection[str]) -> Iterator[Page]:
    """The page, where there is a table; ``guides`` are the places of the language's guides."""
    if not has_cases(edition):
        return
    say = edition.say
    introduction = say("See how your cases and returns stand: type the number of one, or your own reference, and the access code "
                       "of your account.")
    links = tuple(edition.to(say(title), place) for place, title in _GUIDES.items() if place in guides)
    context = CasesPage(
        crumbs=(edition.home,), title=say("Case and return status"), introduction=introduction, guides=links,
        secure_href=f"{edition.portal.url}{edition.root}{PLACE}", hint=_hint(edition),
        case_columns=tuple((name, say(title)) for name, title in CASE_COLUMNS.items()),
        return_columns=tuple((name, say(title)) for name, title in RETURN_COLUMNS.items()), facts_html=_facts(edition))
    yield Page(path=edition.root + PLACE, place=PLACE, language=edition.language, template="cases.html", context=context,
               description=introduction, tab=_TAB)


def _forms(edition: Edition, kinds: Sequence[str]) -> list[NumberFormat]:
    numbers = edition.library.policy.numbers if edition.library.policy else ()
    return [form for form in numbers if form.id in kinds]


def _hint(edition: Edition) -> str:
    """Examples of the numbers, and that they may be typed as on a telephone."""
    forms = [form for kinds in _FORMS.values() for form in _forms(edition, kinds)]
    examples = [example for form in forms for example in _examples(form)]
    said = [edition.say("For example {example}.", example=", ".join(examples))] if examples else []
    return " ".join([*said, edition.say("Case, spaces and hyphens do not matter.")])


def _examples(form: NumberFormat) -> list[str]:
    first = form.examples[0]
    typed = form.typed(first).removesuffix(form.keypad.end) if form.keypad else first
    return [first] if typed == first else [first, typed]


def _facts(edition: Edition) -> str:
    """The JSON for the script, safe inside a script element."""
    language, policy = edition.language, edition.library.policy
    levels = policy.levels if policy else ()
    facts: dict[str, Any] = {
        "table": TABLE, "zone": edition.portal.timezone,
        "forms": {kind: [form_facts(edition, form) for form in _forms(edition, kinds)] for kind, kinds in _FORMS.items()},
        "platforms": {platform.id: [platform.name_in(language), edition.href(f"products/{product.id}/{platform.id}/")]
                      for product in edition.library.catalogue.products for platform in product.platforms},
        "priorities": {level.id: [place, level.name.text_in(language)] for place, level in enumerate(levels, 1)},
    }
    return _ENCODER.encode(facts).replace("<", "\\u003c")
