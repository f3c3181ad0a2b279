"""Which blocks of the policy there are, where guides show them, and the pages that show them where no guide does.

A guide shows a block where its Markdown has a line ``<!-- policy: levels -->``. Blocks that no guide of the portal's first
language shows stand on pages of their own, at fixed addresses; what the policy does not tell has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from generator.i18n import Speaker
from kb.findings import Finding, SourceError, nearest, shorten
from kb.policy import Policy
from kb.portal import Portal
from kb.source import read_text

SOURCE: Final = "policy.yml"
_MARKER = re.compile(r"<!--\s*policy:\s*([^\s>]*)\s*-->")


def _(message: str) -> str:
    """Marks a text for the catalogues."""
    return message


class Block(NamedTuple):
    """``part`` is what the policy must have for it, as authors write it; ``title`` heads it on a page of its own."""

    title: str
    part: str
    present: Callable[[Policy], object]


BLOCKS: Final[Mapping[str, Block]] = {
    "levels": Block("", "levels", lambda policy: policy.levels),
    "times": Block(_("Response and update times"), "times", lambda policy: policy.times),
    "deadlines": Block(_("When will I hear from you?"), "times", lambda policy: policy.times),
    "calendars": Block(_("Business hours and holidays"), "calendars", lambda policy: policy.calendars),
    "phones": Block("", "contacts with phones", lambda policy: any(contact.phones for contact in policy.contacts)),
    "contacts": Block(_("Who answers"), "contacts", lambda policy: policy.contacts),
    "channels": Block(_("Ways to reach us"), "channels", lambda policy: policy.channels),
    "kinds": Block(_("What a case may be about"), "case_kinds", lambda policy: policy.case_kinds),
    "checklist": Block(_("What to have at hand"), "checklist", lambda policy: policy.checklist),
    "numbers": Block(_("Numbers and formats"), "numbers", lambda policy: policy.numbers),
    "escalation": Block("", "escalation", lambda policy: policy.escalation),
    "returns": Block("", "returns", lambda policy: policy.returns),
    "return-dates": Block(_("Work out your dates"), "returns", lambda policy: policy.returns),
    "warranty": Block("", "warranty", lambda policy: policy.warranty),
    "plans": Block("", "service", lambda policy: policy.service),
    "replacement": Block(_("Hardware replacement"), "service.replacement",
                         lambda policy: policy.service and policy.service.replacement),
    "accounts": Block("", "accounts", lambda policy: policy.accounts),
    "account-types": Block(_("What each account sees"), "accounts", lambda policy: policy.accounts),
    "security": Block("", "security", lambda policy: policy.security),
    "disclosure": Block("", "security.promises or security.disclosure",
                        lambda policy: policy.security and (policy.security.promises or policy.security.disclosure)),
}


class OwnPage(NamedTuple):
    title: str
    description: str
    blocks: tuple[str, ...]


OWN_PAGES: Final[Mapping[str, OwnPage]] = {
    "help/priorities": OwnPage(
        _("Priorities and response times"), _("How urgent a case is, what each side does, and how soon you hear."),
        ("levels", "times", "deadlines", "calendars")),
    "help/contacts": OwnPage(
        _("Contacts"), _("Whom to call or write to, and when somebody answers."), ("phones", "contacts", "channels")),
    "help/open-a-case": OwnPage(
        _("Open a case"), _("What to have at hand, and how cases are numbered."), ("kinds", "checklist", "numbers")),
    "help/escalation": OwnPage(_("Escalate a case"), _("Reasons, who acts, and what to say by phone."), ("escalation",)),
    "help/service-levels": OwnPage(_("Service levels"), _("What each plan includes."), ("plans", "replacement")),
    "help/returns": OwnPage(_("Returns (RMA)"), _("How a defective part goes back, and by when."), ("returns", "return-dates")),
    "help/warranty": OwnPage(_("Warranty"), _("When it starts, what it gives and what it leaves out."), ("warranty",)),
    "help/accounts": OwnPage(
        _("Accounts"), _("How to register, and what each type of account sees."), ("accounts", "account-types")),
    "help/report-a-vulnerability": OwnPage(
        _("Report a vulnerability"), _("How to reach the security response team."), ("security",)),
    "help/disclosure": OwnPage(
        _("Vulnerability disclosure policy"), _("What reporters of vulnerabilities can expect, and what is asked of them."),
        ("disclosure",)),
}


def markers(text: str) -> list[str]:
    """Names of the blocks that a text shows, in its order."""
    return _MARKER.findall(text)


def cut_at_markers(html: str) -> Iterator[tuple[str, str]]:
    """(HTML, name of the block that follows it or empty)."""
    parts = _MARKER.split(html)
    yield from zip(parts[::2], [*parts[1::2], ""], strict=True)


def shows(policy: Policy | None, block: str) -> bool:
    """Whether the policy tells what a block shows."""
    return policy is not None and block in BLOCKS and bool(BLOCKS[block].present(policy))


class GuideText(msgspec.Struct, frozen=True):
    """An author's page: its ``path`` in the site, that of the same page in the portal's first language, and its text."""

    path: str
    original: str
    text: str


def read_guides(root: Path, portal: Portal, paths: Iterable[str], texts: Mapping[str, str]) -> list[GuideText]:
    """The pages that can be read; others are told of elsewhere. ``texts`` stand in place of files."""
    found = []
    prefixes = tuple(f"pages/{language}/" for language in portal.languages if language != portal.language)
    for path in paths:
        if path.endswith(".md"):
            prefix = next((prefix for prefix in prefixes if path.startswith(prefix)), "pages/")
            try:
                text = texts.get(path) or read_text(root, path)
                found.append(GuideText(path, path.removeprefix(prefix).removesuffix(".md"), text))
            except SourceError:
                continue
    return found


def own_pages(policy: Policy | None, portal: Portal, guides: Collection[GuideText]) -> Mapping[str, OwnPage]:
    """The pages, by address without the last slash, that show what no guide of the first language does, with their blocks."""
    originals = {guide.original: guide for guide in guides if guide.path == f"pages/{guide.original}.md"}
    shown = {block for guide in originals.values() for block in markers(guide.text)}
    found = {}
    for place, page in OWN_PAGES.items():
        blocks = tuple(block for block in page.blocks if shows(policy, block) and block not in shown)
        if blocks and place not in originals and f"{place}/index" not in originals:
            found[place] = page._replace(blocks=blocks)
    return found


def markdown_of(page: OwnPage, speaker: Speaker) -> str:
    """The page's source in one language."""
    say = speaker.text
    lines = ["---", f"description: {say(page.description)}", "---", f"# {say(page.title)}", ""]
    for block in page.blocks:
        if BLOCKS[block].title and len(page.blocks) > 1:
            lines += [f"## {say(BLOCKS[block].title)}", ""]
        lines += [f"<!-- policy: {block} -->", ""]
    return "\n".join(lines)


def marker_findings(policy: Policy | None, guides: Collection[GuideText]) -> Iterator[Finding]:
    """What is wrong with the marks that authors set; notes where a translation shows less than its original."""
    originals = {guide.original: guide for guide in guides if guide.path == f"pages/{guide.original}.md"}
    for guide in guides:
        for number, line in enumerate(guide.text.splitlines(), 1):
            for name in markers(line):
                if wrong := _wrong(policy, guide, name):
                    yield Finding(guide.path, number, "policy", shorten(name), *wrong)
        original = originals.get(guide.original, guide)
        if lacking := sorted(set(markers(original.text)) - set(markers(guide.text))):
            yield Finding(guide.path, 0, "policy", ", ".join(lacking), f"is shown by {original.path} and not here",
                          f"add the line <!-- policy: {lacking[0]} -->", "note")


def _wrong(policy: Policy | None, guide: GuideText, name: str) -> tuple[str, str] | None:
    if name not in BLOCKS:
        guess = nearest(name, BLOCKS)
        return "is no block of the policy", f"did you mean {guess}?" if guess else f"write one of {', '.join(BLOCKS)}"
    if guide.original == "index":
        return "cannot stand on the home page", "move it to another page"
    if policy is None:
        return "needs a policy", "add policy.yml, or remove this line"
    if not shows(policy, name):
        return "shows a part that policy.yml does not have", f"add {BLOCKS[name].part} there, or remove this line"
    return None
