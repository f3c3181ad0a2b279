"""What a message says: as mail in text and HTML, as JSON, as bodies for Slack and Teams."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from jinja2 import Template

from generator.edition import KIND_LABELS, SEVERITY_LABELS, STATUS_LABELS
from generator.i18n import Speaker
from generator.notify.state import Message
from generator.notify.subscribers import Subscriber
from generator.notify.topics import Notice
from generator.record_lists import Name, RecordIndex
from generator.templates import environment, template_digest
from generator.urls import ROOT, language_root, link
from kb.fields import instant
from kb.printable import printable

MOST = 100  # changes that a mail lists; the page of what is new has all
MOST_IN_CHAT = 20
_SUBJECT, _TITLE = 150, 300  # characters
_POLICY = SMTP.clone(cte_type="7bit")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
Json = dict[str, Any]


class Item(msgspec.Struct, frozen=True):
    """A change as a reader sees it; ``language`` is that of title and summary where it is another one than the message's."""

    address: str
    id: str
    title: str
    summary: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    change: str
    is_new: bool
    severity: str
    language: str


class Letter(msgspec.Struct, frozen=True, dict=True):
    """A message ready to be written. ``ending`` is where the subscription is ended, or empty."""

    index: RecordIndex
    message: Message
    subscriber: Subscriber
    notices: tuple[Notice, ...]
    ending: str

    @property
    def language(self) -> str:
        return self.subscriber.language if self.subscriber.language in self.index.names else next(iter(self.index.names))

    @cached_property
    def speaker(self) -> Speaker:
        return Speaker(self.language, self.index.timezone)

    @property
    def portal(self) -> str:
        return self.index.names[self.language]

    def address(self, path: str) -> str:
        """A page of the portal in the reader's language."""
        return link(language_root(self.language, next(iter(self.index.names))) + path).replace(ROOT, self.index.url)

    @cached_property
    def subject(self) -> str:
        """One line: what it is about."""
        say, first = self.speaker.text, self.notices[0]
        if len(self.notices) > 1:
            text = self.speaker.plural("{count} change", "{count} changes", len(self.notices))
        elif first.effect == "new":
            text = say("New: {title}", title=self._title(first))
        else:
            text = say("Updated: {title}", title=self._title(first))
        return _line(f"{self.portal}: {text}", _SUBJECT)

    def _title(self, notice: Notice) -> str:
        record = notice.record
        label = f" [{self.speaker.text(SEVERITY_LABELS[record.severity])}]" if record.severity else ""  # type: ignore[index]
        return f"{record.id}{label} {_in(record.titles, self.language, record.language)}"

    def items(self, most: int) -> list[Item]:
        return [self._item(notice) for notice in self.notices[:most]]

    def _item(self, notice: Notice) -> Item:
        record, say = notice.record, self.speaker.text
        language = self.language if self.language in record.titles else record.language
        title, summary = (_line(_in(texts, self.language, record.language), _TITLE)
                          for texts in (record.titles, record.summaries))
        change = _line(record.change.text, _TITLE) if record.change and notice.effect == "update" else ""
        return Item(self.address(record.path), _line(record.id, _TITLE), title, summary if summary != title else "",
                    say(KIND_LABELS.get(record.kind, record.kind)), tuple(self._facts(notice)), change,  # type: ignore[call-overload]
                    notice.effect == "new", record.severity, language if language != self.language else "")

    def _facts(self, notice: Notice) -> Iterator[tuple[str, str]]:
        record, say, before = notice.record, self.speaker.text, notice.before
        for term, name, now, labels in ((say("Severity"), "severity", record.severity, SEVERITY_LABELS),
                                        (say("Status"), "status", record.status, STATUS_LABELS)):
            known: Mapping[str, str] = labels  # type: ignore[assignment]
            text = say(known.get(now, now))
            if before.get(name, now) != now:
                yield term, f"{say(known.get(before[name], before[name]))} → {text}"
            elif now:
                yield term, text
        if record.products:
            yield say("Products"), ", ".join(self._names(record.products))
        if record.change and record.change.number and notice.effect == "update":
            yield say("Revision"), record.change.number
        yield ((say("Published"), self.speaker.day(record.published)) if notice.effect == "new" else
               (say("Updated"), self.speaker.day(record.updated)))

    def _names(self, ids: Sequence[str]) -> list[str]:
        known: dict[str, Name] = {product.id: product for product in self.index.products}
        return [known[item].names.get(self.language, item) if item in known else item for item in ids]

    @property
    def footer(self) -> str:
        return self.speaker.text("You receive this because you have subscribed to notices of {name}.", name=self.portal)

    def more(self, most: int) -> str:
        """Says how many changes are not listed, if there are more."""
        left = len(self.notices) - most
        return self.speaker.plural("{count} more change", "{count} more changes", left) if left > 0 else ""


def _in(texts: Mapping[str, str], language: str, original: str) -> str:
    return texts.get(language) or texts.get(original) or next(iter(texts.values()), "")


def _line(text: str, most: int) -> str:
    """One line of printable characters, cut to so many."""
    line = " ".join(printable(text, " ").split())
    return line if len(line) <= most else line[: most - 1] + "…"


def ending_of(template: str, subscriber: Subscriber, key: str) -> str:
    """Where a subscriber ends the subscription: an address of his own, else the template with ``{token}`` and ``{address}`` put
    in. The token is an HMAC of the address under ``key``, so that nobody can make that of another."""
    if subscriber.unsubscribe or not template:
        return subscriber.unsubscribe
    token = hmac.new(key.encode(), subscriber.address.casefold().encode(), hashlib.sha256).hexdigest()
    return template.replace("{token}", token).replace("{address}", quote(subscriber.address, safe=""))


# -- mail ---------------------------------------------------------------------------------------------


def as_mail(letter: Letter, sender: Address) -> bytes:
    """The message as it goes over the wire (RFC 5322), always the same bytes."""
    mail = EmailMessage(policy=_POLICY)
    host = urlsplit(letter.index.url).hostname or "localhost"
    mail["From"] = sender
    mail["To"] = Address(addr_spec=letter.subscriber.address)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.message.at)
    mail["Message-ID"] = f"<{letter.message.id}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
    mail.set_content(as_text(letter))
    mail.add_alternative(as_html(letter), subtype="html")
    mail.set_boundary(f"=_{letter.message.id}")
    mail["Content-Language"] = letter.language
    return b"".join(_list_headers(letter.ending)) + mail.as_bytes()


def _list_headers(ending: str) -> Iterator[bytes]:
    """RFC 2369 and RFC 8058; written here, since the library would encode a long address as if it were words."""
    if ending:
        yield f"List-Unsubscribe: <{ending}>\r\n".encode("ascii")
        if ending.startswith("https://"):
            yield b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def as_text(letter: Letter) -> str:
    """Plain text."""
    say, lines = letter.speaker.text, []
    for is_new, title in ((True, say("New")), (False, say("Updates"))):
        items = [item for item in letter.items(MOST) if item.is_new == is_new]
        lines += [title, "=" * len(title), ""] if items else []
        for item in items:
            lines += [f"{item.kind} {item.id}: {item.title}"]
            lines += [item.summary] if item.summary else []
            lines += [f"{term}: {text}" for term, text in item.facts]
            lines += [item.change] if item.change else []
            lines += [item.address, ""]
    if more := letter.more(MOST):
        lines += [f"{more}: {letter.address('new/')}", ""]
    lines += ["-- ", letter.footer]
    lines += [f"{say('Unsubscribe')}: {letter.ending}"] if letter.ending else []
    return "\n".join(lines) + "\n"


def as_html(letter: Letter) -> str:
    """HTML that loads nothing."""
    say, items = letter.speaker.text, letter.items(MOST)
    groups = [(title, [item for item in items if item.is_new == is_new]) for is_new, title in (
        (True, say("New")), (False, say("Updates")))]
    return _template(letter.language).render(
        language=letter.language, subject=letter.subject, portal=letter.portal, home=letter.address(""),
        groups=[(title, found) for title, found in groups if found], more=letter.more(MOST), all=letter.address("new/"),
        footer=letter.footer, ending=letter.ending)


@cache
def _template(language: str) -> Template:
    return environment(language, template_digest()).get_template("mail/notice.html")


# -- hooks --------------------------------------------------------------------------------------------


def as_body(letter: Letter) -> bytes:
    """The body for a hook, in the form that it wants."""
    forms: dict[str, Callable[[Letter], Json]] = {"json": _plain, "slack": _slack, "teams": _teams}
    return json.dumps(forms[letter.subscriber.form](letter), ensure_ascii=False).encode()


def _plain(letter: Letter) -> Json:
    return {
        "format": 1, "id": letter.message.id, "at": instant(letter.message.at), "language": letter.language,
        "portal": {"name": letter.portal, "url": letter.index.url}, "subject": letter.subject,
        "changes": [_change(letter, notice) for notice in letter.notices]}


def _change(letter: Letter, notice: Notice) -> Json:
    record = notice.record
    return {
        "change": notice.effect, "id": record.id, "kind": record.kind, "url": letter.address(record.path),
        "title": _in(record.titles, letter.language, record.language),
        "summary": _in(record.summaries, letter.language, record.language), "status": record.status,
        "severity": record.severity, "products": record.products, "platforms": record.platforms,
        "components": record.components, "trains": record.trains, "aliases": record.aliases,
        "published": instant(record.published), "updated": instant(record.updated), "before": notice.before,
        "what_changed": record.change.text if record.change else "", "revision": record.change.number if record.change else ""}


def _slack(letter: Letter) -> Json:
    """An incoming webhook's message with blocks (at most 50, of at most 3,000 characters)."""
    blocks: list[Json] = [_section(f"*{_slack_text(letter.subject)}*")]
    for item in letter.items(MOST_IN_CHAT):
        facts = " · ".join(f"{term}: {text}" for term, text in item.facts)
        lines = [f"<{item.address}|{_slack_text(f'{item.id}: {item.title}')}>", _slack_text(item.summary), _slack_text(facts),
                 _slack_text(item.change)]
        blocks.append(_section("\n".join(line for line in lines if line)))
    if more := letter.more(MOST_IN_CHAT):
        blocks.append(_section(f"<{letter.address('new/')}|{_slack_text(more)}>"))
    return {"text": _slack_text(letter.subject), "blocks": blocks}


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}


def _slack_text(text: str) -> str:
    """Text in which nothing is a mention or a link (api.slack.com, "Escaping text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "¦")


def _teams(letter: Letter) -> Json:
    """A message with an Adaptive Card 1.4, as Workflows for Teams take it."""
    body: list[Json] = [_block(letter.subject, weight="Bolder", size="Medium")]
    for item in letter.items(MOST_IN_CHAT):
        body.append(_block(f"[{_teams_text(f'{item.id}: {item.title}')}]({item.address})", escaped=True, separator=True))
        body += [_block(text) for text in (item.summary, item.change) if text]
        body.append({"type": "FactSet", "facts": [{"title": _teams_text(term), "value": _teams_text(text)}
                                                  for term, text in item.facts]})
    if more := letter.more(MOST_IN_CHAT):
        body.append(_block(f"[{_teams_text(more)}]({letter.address('new/')})", escaped=True))
    card = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
            "body": body}
    return {"type": "message", "attachments": [
        {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}]}


def _block(text: str, escaped: bool = False, **more: object) -> Json:
    return {"type": "TextBlock", "text": text if escaped else _teams_text(text), "wrap": True, **more}


def _teams_text(text: str) -> str:
    """Text without Markdown."""
    return _MARKDOWN.sub(r"\\\1", text)
