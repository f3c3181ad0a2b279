"""The page on which readers prepare a case: what it asks and offers comes from the support policy."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from generator.contexts.cases import CaseChannel, CaseContact, CaseItem, CaseLevel, CasePage, CaseProduct
from generator.contexts.pieces import Link
from generator.edition import Edition, _
from generator.pages.entitlement import PLACE as ENTITLEMENT
from generator.pages.entitlement import TABLE, entitlement_facts, is_asked
from generator.pages.reports import index_labels
from generator.plan import Page
from generator.policy_data import policy_json
from generator.policy_words import duration_text
from kb.policy import Policy
from kb.policy_levels import Contact

PLACE = "help/case/"
STEPS = {"product": _("Product"), "problem": _("Problem"), "priority": _("Priority"), "serial": _("Serial number"),
         "checklist": _("Checklist"), "contact": _("Contact"), "send": _("Sending")}


def opens_cases(edition: Edition) -> bool:
    """Whether the portal has the page: where its policy has a way to open cases."""
    policy = edition.library.policy
    return policy is not None and policy.opens_cases


def case_page(edition: Edition, guides: Collection[str]) -> Iterator[Page]:
    """The page, where the portal has it; ``guides`` are the places of the language's guides."""
    policy = edition.library.policy
    if policy is None or not opens_cases(edition):
        return
    say, language, products = edition.say, edition.language, edition.library.catalogue.products
    introduction = say("Step by step to a complete case. Nothing leaves this page until you send it yourself.")
    by_serial = is_asked(edition) or any(item.field in {"serial", "contract"} for item in policy.checklist)
    context = CasePage(
        crumbs=(edition.home,), title=say("Prepare a case"), by_serial=by_serial,
        steps=tuple((name, say(title)) for name, title in STEPS.items() if by_serial or name != "serial"),
        introduction=introduction, portal=edition.portal.url, vendor=edition.portal.vendor, reports_href=edition.href("pr/"),
        products=tuple(CaseProduct(id=product.id, name=product.name_in(language), platforms=tuple(
            (platform.id, platform.name_in(language)) for platform in product.platforms)) for product in products),
        kinds=tuple((kind.id, kind.name.text_in(language), kind.note.text_in(language)) for kind in policy.case_kinds),
        levels=tuple(_levels(edition, policy)), items=tuple(_items(policy, language)),
        channels=tuple(CaseChannel(kind=channel.kind, name=channel.name.text_in(language), note=channel.note.text_in(language),
                                   url=channel.url, prefill=channel.prefill, opens=channel.opens) for channel in policy.channels),
        regions=tuple((region.id, region.name.text_in(language)) for region in policy.regions),
        contacts=tuple(_contact(policy, contact, language) for contact in policy.contacts if contact.role == "support"),
        labels=tuple(index_labels(edition)),
        entitlement=edition.to(say("Check entitlement"), ENTITLEMENT) if is_asked(edition) else None,
        policy_html=policy_json(policy, edition.speaker, {"deadlines"}), facts_html=_entitlements(edition, guides))
    yield Page(path=edition.root + PLACE, place=PLACE, language=language, template="case.html", context=context,
               description=introduction, tab="help/")


def _entitlements(edition: Edition, guides: Collection[str]) -> str:
    """What the script needs to look serial numbers up; empty without a table, or where its key is not asked for here."""
    table = edition.portal.sealed.table(TABLE)
    fields = table.lookups[0] if table else ()
    return entitlement_facts(edition, fields, guides) if fields and set(fields) <= {"serial", "contract"} else ""


def _levels(edition: Edition, policy: Policy) -> Iterator[CaseLevel]:
    language = edition.language
    for level in policy.levels:
        yield CaseLevel(
            id=level.id, number=level.number, name=level.name.text_in(language), definition=level.definition.text_in(language),
            question=level.question.text_in(language), vendor_duty=level.vendor_duty.text_in(language),
            customer_duty=level.customer_duty.text_in(language),
            examples=tuple(example.text_in(language) for example in level.examples),
            promises=tuple(_promises(edition, policy, level.id)), channels=level.channels,
            every_channel=level.every_channel, with_workaround=level.with_workaround)


def _promises(edition: Edition, policy: Policy, level: str) -> Iterator[str]:
    """When somebody answers at a level, for each plan that has times of its own."""
    plans = {plan.id: plan.name.text_in(edition.language) for plan in policy.service.plans} if policy.service else {}
    for times in policy.times:
        if times.level == level:
            time = duration_text(edition.speaker, times.response)
            yield (edition.say("First answer: {time} ({plan})", time=time, plan=plans[times.plan]) if times.plan
                   else edition.say("First answer: {time}", time=time))


def _items(policy: Policy, language: str) -> Iterator[CaseItem]:
    for item in policy.checklist:
        yield CaseItem(id=item.id, name=item.name.text_in(language), note=item.note.text_in(language),
                       needs=tuple((level.id, item.need_for(level.id)) for level in policy.levels),
                       commands=tuple((commands.product, commands.run) for commands in item.collect), field=item.field)


def _contact(policy: Policy, contact: Contact, language: str) -> CaseContact:
    return CaseContact(
        name=contact.name.text_in(language), note=contact.note.text_in(language),
        hours=policy.calendar(contact.calendar).name.text_in(language), regions=contact.regions, levels=contact.levels,
        email=contact.email,
        phones=tuple(Link(title=phone.number, href=phone.uri, id=phone.label.text_in(language)) for phone in contact.phones))
