"""One run of ``waypost notify``: read, compare, plan, send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from generator.notify.delivery import PAUSES, Delivered, deliver
from generator.notify.letters import Letter, as_body, as_mail, ending_of
from generator.notify.planning import plan
from generator.notify.published import Portal
from generator.notify.smtp import MailServer, SettingsError
from generator.notify.state import Message, State, opened
from generator.notify.subscribers import Subscriber, read_subscribers
from generator.notify.topics import Notice
from generator.notify.websub import Pings, ping_hubs
from generator.record_lists import Listed, RecordIndex
from kb.findings import Finding, SourceError, errors
from kb.reporting import Report, quiet


class Order(msgspec.Struct, frozen=True):
    """What a run is asked to do. ``now`` is the time of the run, ``variables`` the environment, ``unsubscribe`` a template,
    ``hubs`` are told of changed feeds in place of the one that the portal names."""

    portal: str
    subscribers: Path
    state: Path
    now: datetime
    variables: Mapping[str, str]
    since: datetime | None = None
    dry_run: Path | None = None
    unsubscribe: str = ""
    hubs: tuple[str, ...] = ()
    connections: int = 4
    skip_bad: bool = False
    allow_older: bool = False
    resend: bool = False
    pauses: tuple[float, ...] = PAUSES


class Summary(msgspec.Struct, frozen=True):
    """What came of it. ``first``: only looked, since there was no run before; ``left``: messages that a killed run left in doubt;
    ``dropped``: messages to those who are no subscribers any more."""

    first: bool
    new: int
    updates: int
    subscribers: int
    messages: int
    delivered: Delivered
    pings: Pings
    left: int
    dropped: int
    notes: tuple[Finding, ...]

    @property
    def is_fine(self) -> bool:
        return not (self.delivered.troubles or self.pings.troubles or self.left or errors(self.notes))


class NotifyFailed(Exception):
    """Nothing was sent; the findings say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = list(findings)


class _DryRun(Exception):
    """Takes back what was planned."""


def notify(order: Order, report: Report = quiet) -> Summary:
    """Raises NotifyFailed, SettingsError and StateError; then nothing was sent."""
    portal = Portal(order.portal)
    try:
        index = portal.index()
        found = read_subscribers(order.subscribers, index)
        if errors(found.findings) and not order.skip_bad:
            raise NotifyFailed(found.findings)
        server = _server(order, index, found.known)
        with opened(order.state) as state:
            return _Run(order, portal, index, found.known, found.findings, server, state, report).run()
    except SourceError as error:
        raise NotifyFailed([error.finding]) from None


def _server(order: Order, index: RecordIndex, subscribers: Sequence[Subscriber]) -> MailServer | None:
    """None where there is nobody to write to; raises SettingsError."""
    key = order.variables.get("WAYPOST_UNSUBSCRIBE_KEY", "")
    if "{token}" in order.unsubscribe and not key:
        raise SettingsError("WAYPOST_UNSUBSCRIBE_KEY is not set; tokens in --unsubscribe are made with it")
    if not any(subscriber.form == "mail" for subscriber in subscribers):
        return None
    try:
        return MailServer.of(order.variables)
    except SettingsError:
        if order.dry_run is None:
            raise
        host = urlsplit(index.url).hostname or "localhost"
        return MailServer("localhost", 25, "none", "", "", next(iter(index.names.values())), f"noreply@{host}")


class _Run:
    def __init__(self, order: Order, portal: Portal, index: RecordIndex, subscribers: Sequence[Subscriber],
                 notes: tuple[Finding, ...], server: MailServer | None, state: State, report: Report) -> None:
        self._order, self._portal, self._index, self._state, self._report = order, portal, index, state, report
        self._subscribers, self._notes, self._server = subscribers, notes, server
        self._dropped = 0

    def run(self) -> Summary:
        state, order = self._state, self._order
        changed = state.changed(self._index.files)
        self._refuse_older()
        self._report("read", 0, 0)
        records = self._portal.records(changed)
        first = not state.fact("begun")
        left, delivered, pings, letters = 0, Delivered(0, ()), Pings(0), []
        news: list[tuple[bytes, Notice]] = []
        with suppress(_DryRun), state.together():
            left = state.doubt()
            if order.resend:
                state.wait_again()
                left = 0
            news = self._news(records, first)
            plan(state, news, self._subscribers, order.now)
            self._keep(records)
            letters = self._letters(state.waiting())
            if order.dry_run:
                self._write(letters, order.dry_run)
                raise _DryRun
            state.clear(order.now)
        if not order.dry_run:
            delivered = deliver(state, letters, self._server, order.connections, order.pauses,
                                report=lambda done, total: self._report("send", done, total))
            hubs = order.hubs or tuple(filter(None, (self._index.hub,)))
            if hubs and self._portal.folder:
                pings = ping_hubs(state, self._portal.folder, self._index.names, self._index.url, hubs, order.connections)
        fresh = sum(notice.effect == "new" for _mark, notice in news)
        return Summary(first, fresh, len(news) - fresh, len(self._subscribers), len(letters), delivered, pings, left,
                       self._dropped, self._notes)

    def _refuse_older(self) -> None:
        """Raises NotifyFailed where the portal is older than what has been told of."""
        last = self._state.fact("updated")
        now = self._index.updated.isoformat() if self._index.updated else ""
        if last > now and not self._order.allow_older:
            raise NotifyFailed([Finding(
                self._portal.where, 0, "updated", now, f"is before {last}, which an earlier run has told of: the portal is older",
                "publish the current portal, or give --allow-older to take this one for it; nothing is told twice")])

    def _news(self, records: Sequence[Listed], first: bool) -> list[tuple[bytes, Notice]]:
        news, since = [*self._state.news(records)], self._order.since
        if not first:
            return news
        return [(mark, notice if notice.record.published >= since else msgspec.structs.replace(notice, effect="update"))
                for mark, notice in news if since and max(notice.record.published, notice.record.updated) >= since]

    def _keep(self, records: Sequence[Listed]) -> None:
        self._state.keep_records(records)
        self._state.keep_files(self._index.files)
        self._state.keep_fact("updated", self._index.updated.isoformat() if self._index.updated else "")
        self._state.keep_fact("begun", "yes")

    def _letters(self, messages: Sequence[Message]) -> list[Letter]:
        """The messages as letters. Those to nobody are dropped, unless entries are left out that may be theirs."""
        known = {subscriber.key: subscriber for subscriber in self._subscribers}
        lost = [message for message in messages if message.subscriber not in known]
        if lost and not errors(self._notes):
            self._state.drop(lost)
            self._dropped = len(lost)
        key, notices = self._order.variables.get("WAYPOST_UNSUBSCRIBE_KEY", ""), self._state.notices(messages)
        return [Letter(self._index, message, subscriber, tuple(notices[number] for number in message.changes),
                       ending_of(self._order.unsubscribe, subscriber, key))
                for message in messages if (subscriber := known.get(message.subscriber))]

    def _write(self, letters: Sequence[Letter], folder: Path) -> None:
        """Writes the messages as files."""
        folder.mkdir(parents=True, exist_ok=True)
        sender = self._server.author if self._server else Address()
        for number, letter in enumerate(letters, 1):
            is_mail = letter.subscriber.form == "mail"
            file = folder / f"{number:05}-{letter.message.id[:12]}.{'eml' if is_mail else 'json'}"
            file.write_bytes(as_mail(letter, sender) if is_mail else as_body(letter) + b"\n")
