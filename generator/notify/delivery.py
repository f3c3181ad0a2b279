"""Sends many messages over a few connections; one that fails keeps no other back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock

import msgspec

from generator.notify.hooks import post
from generator.notify.letters import Letter, as_body, as_mail
from generator.notify.sending import Doubtful, Hand, Refused, Unreachable
from generator.notify.smtp import Mailer, MailServer
from generator.notify.state import State

PAUSES = (2.0, 10.0)  # seconds before messages that failed for now are tried again in the same run
MOST_RUNS = 10  # that try a message that was refused for now
MOST_REFUSALS = 3  # runs that try one that was refused for good: who reads the report may mend what is wrong


class Trouble(msgspec.Struct, frozen=True):
    """A message that did not get through: its state, and why."""

    letter: Letter
    state: str
    reason: str
    permanent: bool = False


class Delivered(msgspec.Struct, frozen=True):
    """How many got through, and what did not."""

    sent: int
    troubles: tuple[Trouble, ...]


def deliver(state: State, letters: Sequence[Letter], server: MailServer | None, connections: int,
            pauses: Sequence[float] = PAUSES, sleep: Callable[[float], None] = time.sleep,
            report: Callable[[int, int], None] = lambda done, total: None) -> Delivered:
    """Sends all, in rounds: what failed for now is tried again after a pause."""
    sent, final, pending = 0, [], list(letters)
    for number in range(len(pauses) + 1):
        troubles = _Round(state, server, connections, report).send(pending)
        sent += len(pending) - len(troubles)
        again = [trouble for trouble in troubles if trouble.state == "waiting" and not trouble.permanent]
        final += [trouble for trouble in troubles if trouble.state != "waiting" or trouble.permanent]
        pending = [trouble.letter for trouble in again]
        if not pending or number == len(pauses):
            final += again
            break
        sleep(pauses[number])
    state.count_run([trouble.letter.message for trouble in final if trouble.state == "waiting"])
    return Delivered(sent, tuple(_given_up(state, final)))


def _given_up(state: State, troubles: Sequence[Trouble]) -> Iterator[Trouble]:
    """The same, where those that have been tried often enough are refused."""
    for trouble in troubles:
        most = MOST_REFUSALS if trouble.permanent else MOST_RUNS
        if trouble.state == "waiting" and trouble.letter.message.runs + 1 >= most:
            state.settle(trouble.letter.message, "refused", trouble.reason)
            yield msgspec.structs.replace(trouble, state="refused")
        else:
            yield trouble


class _Round:
    """Tries each message once."""

    def __init__(self, state: State, server: MailServer | None, connections: int, report: Callable[[int, int], None]) -> None:
        self._state, self._server, self._connections, self._report = state, server, connections, report
        self._lock, self._down, self._done, self._total = Lock(), "", 0, 0

    def send(self, letters: Sequence[Letter]) -> list[Trouble]:
        self._total = len(letters)
        mails = iter([letter for letter in letters if letter.subscriber.form == "mail"])
        hooks = iter([letter for letter in letters if letter.subscriber.form != "mail"])
        with ThreadPoolExecutor(2 * self._connections) as pool:
            jobs = [pool.submit(work, queue) for work, queue in ((self._mail, mails), (self._post, hooks))
                    for _ in range(self._connections)]
            return [trouble for job in jobs for trouble in job.result()]

    def _taken(self, queue: Iterator[Letter]) -> Iterator[Letter]:
        """What is left of a queue that other threads take from too."""
        while True:
            with self._lock:
                letter = next(queue, None)
            if letter is None:
                return
            yield letter
            with self._lock:
                self._done += 1
                self._report(self._done, self._total)

    def _mail(self, queue: Iterator[Letter]) -> list[Trouble]:
        mailer = Mailer(self._server) if self._server else None
        troubles = []
        for letter in self._taken(queue):
            if self._down or mailer is None or self._server is None:
                troubles.append(Trouble(letter, "waiting", self._down or "no mail server is set"))
                continue
            try:
                data = as_mail(letter, self._server.author)
                troubles += self._try(letter, partial(mailer.send, letter.subscriber.address, data))
            except Unreachable as error:
                self._down = error.reason
                troubles.append(Trouble(letter, "waiting", error.reason))
        if mailer:
            mailer.quit()
        return troubles

    def _post(self, queue: Iterator[Letter]) -> list[Trouble]:
        troubles = []
        for letter in self._taken(queue):
            troubles += self._try(letter, partial(post, letter.subscriber.address, as_body(letter), letter.message.id))
        return troubles

    def _try(self, letter: Letter, send: Callable[[Hand], None]) -> list[Trouble]:
        """Sends a message and keeps what became of it."""
        message = letter.message
        try:
            send(lambda: self._state.hand(message))
        except Refused as refusal:
            self._state.settle(message, "waiting", refusal.reason)
            return [Trouble(letter, "waiting", refusal.reason, refusal.permanent)]
        except Doubtful as doubt:
            self._state.settle(message, "doubtful", doubt.reason)
            return [Trouble(letter, "doubtful", doubt.reason)]
        self._state.settle(message, "sent")
        return []
