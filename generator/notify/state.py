"""What earlier runs have told: an SQLite file, in which each step of a message is on disk before the next one is taken.

A message is ``waiting``; ``handed`` from just before its last byte leaves until the answer is read; then ``sent``, ``refused``
(given up), or ``waiting`` again. One that is still ``handed`` when a run ends or the next one begins may have arrived: it becomes
``doubtful``. It holds no addresses: subscribers go by digests of theirs.
"""

from __future__ import annotations

import fcntl
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

import msgspec

from generator.notify.topics import Notice
from generator.record_lists import FileEntry, Listed
from kb.records import normal_id

_KEPT = timedelta(days=90)  # that messages are remembered once they are through; what was told is remembered for ever
_TABLES = """
create table if not exists facts (name text primary key, value text not null);
create table if not exists files (path text primary key, sha256 text not null);
create table if not exists records (id text primary key, status text not null, severity text not null);
create table if not exists told (id text, mark blob, primary key (id, mark)) without rowid;
create table if not exists changes (number integer primary key, mark blob not null, notice blob not null);
create table if not exists messages (
  id text primary key, subscriber text not null, at text not null, changes text not null, state text not null,
  runs integer not null default 0, reason text not null default '');
create index if not exists unfinished on messages (state) where state in ('waiting', 'handed', 'doubtful');
create table if not exists feeds (path text primary key, sha256 text not null, stamp text not null);
"""


class StateError(Exception):
    """The state cannot be used; the message says why and what to do."""


class Message(msgspec.Struct, frozen=True):
    """One message to one subscriber: ``id`` depends on both alone, ``at`` is when it was first due, ``changes`` are numbers."""

    id: str
    subscriber: str
    at: datetime
    changes: tuple[int, ...]
    runs: int = 0


def mark_of(record: Listed) -> bytes:
    """What makes a change of a record one to tell of: its date, status, severity, or another line of its history."""
    change = record.change
    told = (record.updated, record.status, record.severity, change.date if change else None, change.number if change else "")
    return hashlib.blake2b(msgspec.msgpack.encode(told), digest_size=16).digest()


@contextmanager
def opened(folder: Path) -> Iterator[State]:
    """The state in a folder, made where there is none, for one run at a time. Raises StateError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise StateError(f"another run is at work with {folder}; wait for it to end") from None
            state = State(folder / "state.sqlite")
            try:
                yield state
            finally:
                state.close()
    except OSError as error:
        raise StateError(f"{folder} cannot be used ({error.strerror}); name a folder that can be written") from None
    except sqlite3.Error as error:
        raise StateError(f"{folder}/state.sqlite cannot be used ({error}); restore it from a copy, or begin with another folder, "
                         "which tells of nothing before") from None


class State:
    """The open state; its methods may be called by several threads."""

    def __init__(self, file: Path) -> None:
        self._lock = Lock()
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        file.chmod(0o600)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written within it is written, or nothing."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def fact(self, name: str) -> str:
        found = self._db.execute("select value from facts where name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def keep_fact(self, name: str, value: str) -> None:
        self._db.execute("insert or replace into facts values (?, ?)", (name, value))

    # -- what was published ------------------------------------------------------------------------

    def changed(self, files: Iterable[FileEntry]) -> list[FileEntry]:
        """The files that the last run did not see as they are."""
        known = dict(self._db.execute("select path, sha256 from files"))
        return [file for file in files if known.get(file.path) != file.sha256]

    def keep_files(self, files: Iterable[FileEntry]) -> None:
        self._db.execute("delete from files")
        self._db.executemany("insert into files values (?, ?)", [(file.path, file.sha256) for file in files])

    def news(self, records: Sequence[Listed]) -> Iterator[tuple[bytes, Notice]]:
        """What no run has told of or seen before, each with its mark."""
        for record in records:
            key, mark = normal_id(record.id), mark_of(record)
            if self._db.execute("select 1 from told where id = ? and mark = ?", (key, mark)).fetchone():
                continue
            found = self._db.execute("select status, severity from records where id = ?", (key,)).fetchone()
            yield mark, Notice("update" if found else "new", record, dict(zip(("status", "severity"), found or (), strict=False)))

    def keep_records(self, records: Iterable[Listed]) -> None:
        rows = [(normal_id(record.id), record.status, record.severity, mark_of(record)) for record in records]
        self._db.executemany("insert or replace into records values (?, ?, ?)", [row[:3] for row in rows])
        self._db.executemany("insert or ignore into told values (?, ?)", [(row[0], row[3]) for row in rows])

    def keep_changes(self, news: Iterable[tuple[bytes, Notice]]) -> list[int]:
        """The numbers of changes that messages can name."""
        insert = "insert into changes (mark, notice) values (?, ?)"
        return [self._db.execute(insert, (mark, msgspec.json.encode(notice))).lastrowid or 0 for mark, notice in news]

    def notices(self, messages: Iterable[Message]) -> dict[int, Notice]:
        """The changes that messages name."""
        wanted = {number for message in messages for number in message.changes}
        return {number: msgspec.json.decode(data, type=Notice)
                for number, data in self._db.execute("select number, notice from changes") if number in wanted}

    # -- messages -------------------------------------------------------------------------------

    def keep_messages(self, messages: Iterable[Message]) -> None:
        """Adds messages; one that is known already is not sent again."""
        self._db.executemany(
            "insert or ignore into messages (id, subscriber, at, changes, state) values (?, ?, ?, ?, 'waiting')",
            [(item.id, item.subscriber, item.at.isoformat(), ",".join(map(str, item.changes))) for item in messages])

    def waiting(self) -> list[Message]:
        """The messages to send, oldest first."""
        rows = self._db.execute("select id, subscriber, at, changes, runs from messages where state = 'waiting' order by rowid")
        return [Message(name, subscriber, datetime.fromisoformat(at), tuple(map(int, changes.split(","))), runs)
                for name, subscriber, at, changes, runs in rows]

    def count(self, state: str) -> int:
        return int(self._db.execute("select count(*) from messages where state = ?", (state,)).fetchone()[0])

    def doubt(self) -> int:
        """Marks what a run left without an answer; gives the number."""
        return int(self._db.execute("update messages set state = 'doubtful' where state = 'handed'").rowcount)

    def wait_again(self) -> int:
        """Has doubtful messages sent again; gives the number."""
        return int(self._db.execute("update messages set state = 'waiting' where state = 'doubtful'").rowcount)

    def hand(self, message: Message) -> None:
        """Says, on disk when it returns, that the last byte of a message is about to leave."""
        self._set(message.id, "handed", "full")

    def settle(self, message: Message, state: str, reason: str = "") -> None:
        """Says what became of a message. What a killed process has said so stands; what a power cut takes back is doubted."""
        self._set(message.id, state, "normal", reason)

    def _set(self, name: str, state: str, synchronous: str, reason: str = "") -> None:
        with self._lock:
            self._db.execute(f"pragma synchronous = {synchronous}")
            self._db.execute("update messages set state = ?, reason = ? where id = ?", (state, reason, name))

    def count_run(self, messages: Iterable[Message]) -> None:
        """Adds a run that did not get these messages through."""
        with self.together():
            self._db.executemany("update messages set runs = runs + 1 where id = ?", [(message.id,) for message in messages])

    def drop(self, messages: Iterable[Message]) -> None:
        """Forgets messages to those who are no subscribers any more."""
        self._db.executemany("delete from messages where id = ?", [(message.id,) for message in messages])

    def clear(self, now: datetime) -> None:
        """Forgets messages that have long been through, and changes that none names."""
        through = "state in ('sent', 'refused', 'doubtful')"
        self._db.execute(f"delete from messages where {through} and at < ?", ((now - _KEPT).isoformat(),))
        used = {int(number) for (row,) in self._db.execute("select distinct changes from messages") for number in row.split(",")}
        unused = [row for row in self._db.execute("select number from changes") if row[0] not in used]
        self._db.executemany("delete from changes where number = ?", unused)

    # -- feeds --------------------------------------------------------------------------------------

    def feeds(self) -> dict[str, tuple[str, str]]:
        """(SHA-256, stamp) of the feeds that hubs know of, by path."""
        return {path: (sha256, stamp) for path, sha256, stamp in self._db.execute("select path, sha256, stamp from feeds")}

    def keep_feeds(self, feeds: Mapping[str, tuple[str, str]], gone: Iterable[str] = ()) -> None:
        with self.together():
            self._db.executemany("delete from feeds where path = ?", [(path,) for path in gone])
            rows = [(path, *facts) for path, facts in feeds.items()]
            self._db.executemany("insert or replace into feeds values (?, ?, ?)", rows)
