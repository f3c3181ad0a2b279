"""The blocks of the policy on terms: service levels, warranty, returns, accounts, security response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from generator.contexts.pieces import Fact, Link
from generator.contexts.policy import Cell, FactsPiece, Piece, TextPiece
from generator.pages.policy_pieces import Telling, cell, items, table
from generator.security_txt import KEY
from generator.urls import link
from kb.policy_terms import Cover


def _(message: str) -> str:
    """Marks a text for the catalogues."""
    return message


_COVERS: Final[Mapping[Cover, tuple[str, str]]] = {
    "included": (_("Included"), "yes"), "extra-cost": (_("At extra cost"), "extra"),
    "not-applicable": (_("Not applicable"), "no"),
}


def plans(tell: Telling) -> Iterator[Piece | None]:
    service, say = tell.policy.service, tell.say
    if service is None:
        return
    yield tell.paragraph(service.note)
    for plan in service.plans:
        if plan.needs:
            needed = next(tell.text(other.name) for other in service.plans if other.id == plan.needs)
            yield TextPiece(kind="text", text=say("{plan} needs: {needed}.", plan=tell.text(plan.name), needed=needed))
    covers = {cover: Cell(text=say(words), mark=mark) for cover, (words, mark) in _COVERS.items()}
    rows = [(cell(tell.text(feature.name), tell.text(feature.note)), *(covers[feature.cover(plan.id)] for plan in service.plans))
            for feature in service.features]
    yield table(tell, say("Service levels"), (say("Service"), *(tell.text(plan.name) for plan in service.plans)), rows,
                say("Tick what you need, and see which plan has it."))
    if service.term:
        yield TextPiece(kind="text", text=say("Normal term of a contract: {time}.", time=tell.duration(service.term)))


def replacement(tell: Telling) -> Iterator[Piece | None]:
    service, say = tell.policy.service, tell.say
    if service is None or service.replacement is None:
        return
    offered = service.replacement
    plan = next(tell.text(plan.name) for plan in service.plans if plan.id == offered.plan)
    rows = [(cell(tell.text(part.name)), *(tell.yes(variant.id in part.variants) for variant in offered.variants))
            for part in offered.services]
    yield TextPiece(kind="text", text=say("Variants under: {plan}.", plan=plan))
    columns = (say("Service"), *(tell.text(variant.name) for variant in offered.variants))
    yield table(tell, say("Hardware replacement"), columns, rows, say("Tick what you need, and see which variant has it."))
    yield items("", [f"{tell.text(variant.name)}: {tell.text(variant.note)}" for variant in offered.variants if variant.note])


def warranty(tell: Telling) -> Iterator[Piece | None]:
    terms, say = tell.policy.warranty, tell.say
    if terms is None:
        return
    facts = [Fact(term=say("Start"), text=tell.text(terms.start)),
             Fact(term=say("Repair or replacement, at the latest"), text=tell.duration(terms.repair))]
    if terms.reseller_delay:
        facts.insert(1, Fact(term=say("Later start for goods of a reseller, at most"), text=tell.duration(terms.reseller_delay)))
    if terms.recent:
        facts.append(Fact(term=say("Bought without a contract: may be covered up to"), text=tell.duration(terms.recent)))
    yield tell.paragraph(terms.note, important=True)
    yield FactsPiece(kind="facts", facts=tuple(facts))
    yield items(say("What you get"), tell.texts(terms.includes))
    yield items(say("What it leaves out"), tell.texts(terms.excludes))
    yield items(say("Register before use"), tell.texts(terms.register_first))


def returns(tell: Telling) -> Iterator[Piece | None]:
    terms, say = tell.policy.returns, tell.say
    if terms is None:
        return
    rows = [(cell(say("Defective part due back")), cell(tell.duration(terms.within)), Cell())]
    rows += [(cell(tell.text(analysis.name), tell.text(analysis.note)), cell(tell.duration(analysis.within)),
              cell(say("Preliminary result") if analysis.preliminary else say("Result"))) for analysis in terms.analyses]
    yield table(tell, say("Time limits"), (say("What"), say("Time"), say("Then you have")), rows)
    yield items(say("Rules"), tell.texts(terms.rules))


def accounts(tell: Telling) -> Iterator[Piece | None]:
    terms, say = tell.policy.accounts, tell.say
    if terms is None:
        return
    yield items(say("How to register"), tell.texts(terms.steps), ordered=True)
    if terms.confirmation:
        yield TextPiece(kind="text", text=say("The confirmation arrives within: {time}.", time=tell.duration(terms.confirmation)))
    if terms.url:
        yield TextPiece(kind="text", text="", links=(Link(title=say("Register"), href=terms.url),))
    yield items(say("Rules"), tell.texts(terms.rules))


def account_types(tell: Telling) -> Iterator[Piece | None]:
    terms, say = tell.policy.accounts, tell.say
    if terms is None:
        return
    rows = [(cell(tell.text(tool.name), tell.text(tool.note)), *(tell.yes(tool.id in kind.sees) for kind in terms.types))
            for tool in terms.tools]
    rows.append((cell(say("Opens technical cases")), *(tell.yes(kind.opens_cases) for kind in terms.types)))
    if any(kind.audience for kind in terms.types):
        rows.append((cell(say("Parts of the portal")), *(cell(_parts(tell, kind.audience)) for kind in terms.types)))
    yield table(tell, say("What each account sees"), (say("Tool"), *(tell.text(kind.name) for kind in terms.types)), rows)
    yield items("", [f"{tell.text(kind.name)}: {tell.text(kind.note)}" for kind in terms.types if kind.note])


def _parts(tell: Telling, name: str) -> str:
    """The audiences whose content an account of one of them sees."""
    audience = tell.edition.portal.audience(name)
    assert audience
    return ", ".join(map(tell.edition.audience_name, audience.sees))


def security(tell: Telling) -> Iterator[Piece | None]:
    team, say = tell.policy.security, tell.say
    if team is None:
        return
    facts = [Fact(term=say("Team"), text=tell.text(team.name)),
             Fact(term=say("E-mail"), links=(Link(title=team.email, href=f"mailto:{team.email}"),))]
    if team.phone:
        facts.append(Fact(term=say("Phone"), links=(Link(title=team.phone, href=team.phone_uri),)))
    if address := link(KEY) if team.key else team.pgp_key:
        facts.append(Fact(term=say("PGP key"), links=(Link(title=say("Public key"), href=address),)))
    if team.fingerprint:
        facts.append(Fact(term=say("Fingerprint"), text=team.fingerprint))
    if team.languages:
        facts.append(Fact(term=say("Languages"), text=", ".join(map(tell.speaker.language_name, team.languages))))
    facts.append(Fact(term=say("For programs"), links=(Link(title="security.txt", href=link(".well-known/security.txt")),)))
    yield tell.paragraph(team.note, important=True)
    yield FactsPiece(kind="facts", facts=tuple(facts))
    if policy := tell.to("disclosure", say("Vulnerability disclosure policy")):
        yield TextPiece(kind="text", text="", links=(policy,))


def disclosure(tell: Telling) -> Iterator[Piece | None]:
    team, say = tell.policy.security, tell.say
    if team is None:
        return
    terms = team.disclosure
    if terms and (terms.acknowledge or terms.publish):
        named = ((say("A person confirms your report within"), terms.acknowledge),
                 (say("Published after the report, at the latest"), terms.publish))
        yield FactsPiece(kind="facts", facts=tuple(Fact(term=term, text=tell.duration(time)) for term, time in named if time))
    yield items(say("What we promise"), tell.texts(team.promises), ordered=True)
    if terms:
        yield items(say("What we ask of you"), tell.texts(terms.asks))
        yield items(say("What this covers"), tell.texts(terms.scope))
        yield items(say("What it does not cover"), tell.texts(terms.excluded))
        yield tell.paragraph(terms.safe_harbour, important=True)
    if team_link := tell.to("security", say("How to reach the team")):
        yield TextPiece(kind="text", text="", links=(team_link,))
