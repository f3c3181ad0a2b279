"""Who is told what: ``subscribers.yml``, or a CSV export with a row for each topic."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from generator.notify.topics import RATED, Topic, fold
from generator.record_lists import Name, RecordIndex
from kb.fields import Fields, Wrong, parse_line, parse_url
from kb.findings import Finding, SourceError, nearest
from kb.records import SECTIONS, normal_id
from kb.source import Value, parse_yaml, read_text

Form = Literal["mail", "json", "slack", "teams"]
HOOKS = ("json", "slack", "teams")
_LISTS = frozenset({"kinds", "products", "platforms", "components", "trains", "ids"})
_TOPIC = frozenset(Topic.__struct_fields__)
_OWN = frozenset({"mail", "webhook", "form", "language", "immediate", "unsubscribe"})
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST = 254  # characters of a mail address (RFC 5321, section 4.5.3.1.3)


class Subscriber(msgspec.Struct, frozen=True):
    """``address`` is that of a mailbox or a hook. ``immediate`` is the least severity of bulletins that go out in a message each,
    empty for none; ``unsubscribe`` an address of the subscriber's own to end it."""

    form: Form
    address: str
    language: str
    topics: tuple[Topic, ...]
    immediate: str = ""
    unsubscribe: str = ""

    @property
    def key(self) -> str:
        """By which the state knows the subscriber without the address."""
        address = self.address.casefold() if self.form == "mail" else self.address
        return hashlib.sha256(f"{self.form}:{address}".encode()).hexdigest()[:32]


class Subscribers(msgspec.Struct, frozen=True):
    """Those whose entries are right, and what is wrong with others."""

    known: tuple[Subscriber, ...]
    findings: tuple[Finding, ...]


def masked(address: str) -> str:
    """An address as reports show it: ``n…@example.org``, ``https://hooks.example.org/…``."""
    if "://" in address:
        return f"{address.split('://')[0]}://{urlsplit(address).hostname or ''}/…"
    local, _at, host = address.rpartition("@")
    return f"{local[:1]}…@{host}"


def parse_mail(text: str) -> str:
    """A mail address, its host in ASCII; raises Wrong."""
    local, _at, host = text.rpartition("@")
    try:
        ascii_host = host.encode("idna").decode("ascii").lower() if host else ""
    except UnicodeError:
        ascii_host = ""
    if not (_LOCAL.fullmatch(local) and _HOST.fullmatch(ascii_host)) or len(text) > _LONGEST or len(local) > 64:
        raise Wrong("is not a mail address", "write it alone, without a name, such as noc@example.org")
    return f"{local}@{ascii_host}"


def parse_hook(text: str) -> str:
    """The address of a hook: https, or http on this machine; raises Wrong."""
    parts = urlsplit(parse_url(text))
    try:
        _port = parts.port
    except ValueError:
        raise Wrong("has no valid port", "write https://host/path") from None
    if not text.isascii() or "@" in parts.netloc or (parts.scheme != "https" and parts.hostname not in _LOOPBACK):
        raise Wrong("is no address for a hook", "write https://host/path in ASCII, without a name or password")
    return text


def parse_ending(text: str) -> str:
    """Where a subscription is ended: an https or mailto address; raises Wrong."""
    if re.fullmatch(r"(https://|mailto:)[!-;=?-~]+", text):
        return text
    raise Wrong("is neither an https nor a mailto address", "write https://host/path or mailto:address")


def read_subscribers(file: Path, index: RecordIndex) -> Subscribers:
    """The subscribers of a file; personal data in what is wrong is masked."""
    findings: list[Finding] = []
    try:
        text = read_text(file.absolute().parent, file.name)
        entries = [*_rows(text, str(file))] if file.suffix.lower() == ".csv" else [*_entries(text, str(file), findings)]
    except SourceError as error:
        return Subscribers((), (msgspec.structs.replace(error.finding, path=str(file)),))
    reader = _Reader(str(file), index, findings)
    found = [(line, subscriber) for line, entry in entries if (subscriber := reader.subscriber(line, entry))]
    return Subscribers(tuple(reader.joined(found, file.suffix.lower() == ".csv")),
                       tuple(msgspec.structs.replace(item, value=_hidden(item.value)) for item in findings))


def _hidden(value: str) -> str:
    return masked(value) if "@" in value or "://" in value else value


def _entries(text: str, path: str, findings: list[Finding]) -> Iterator[tuple[int, dict[str, Value]]]:
    value = parse_yaml(text, path)
    fields = Fields(value.data if isinstance(value.data, dict) else {}, path, value.line, findings)
    for item in fields.values("subscribers", required=True):
        if isinstance(item.data, dict):
            yield item.line, item.data
        else:
            findings.append(Finding(path, item.line, "subscribers", "", "is no mapping", "write 'mail: ...' and 'topics: ...'"))
    fields.finish()


def _rows(text: str, path: str) -> Iterator[tuple[int, dict[str, Value]]]:
    """Rows as the entries of a YAML file with one topic each; several values in a cell are parted by ';'."""
    rows = csv.reader(text.splitlines(), strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        for name in names:
            if name not in _OWN | _TOPIC or names.count(name) > 1:
                reason = "is given twice" if name in _OWN | _TOPIC else "is not a known column"
                raise SourceError(Finding(path, 1, name, "", reason, f"known columns: {', '.join(sorted(_OWN | _TOPIC))}"))
        for cells in rows:
            line = rows.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(names):
                raise SourceError(Finding(path, line, "", "", "has more cells than the first row",
                                          "quote cells that hold commas"))
            entry: dict[str, Value] = {}
            topic: dict[str, Value] = {}
            for name, cell in zip(names, cells, strict=False):
                if cell.strip():
                    data = [Value(line, part.strip()) for part in cell.split(";") if part.strip()] if name in _LISTS else cell
                    (topic if name in _TOPIC else entry)[name] = Value(line, data)
            entry["topics"] = Value(line, [Value(line, topic)] if topic else "all")
            yield line, entry
    except csv.Error as error:
        finding = Finding(path, rows.line_num, "", "", f"is no CSV: {error}", "write commas, and quotes in pairs")
        raise SourceError(finding) from None


class _Reader:
    """Reads entries; adds a finding for each that is wrong."""

    def __init__(self, path: str, index: RecordIndex, findings: list[Finding]) -> None:
        self._path, self._index, self._findings = path, index, findings
        self._products = _by_name(index.products)
        self._platforms = _by_name(item for product in index.products for item in product.platforms)
        self._components = _by_name(item for product in index.products for item in product.components)
        self._trains = {fold(train): fold(train) for product in index.products for train in product.trains}

    def subscriber(self, line: int, entry: dict[str, Value]) -> Subscriber | None:
        before = sum(item.level == "error" for item in self._findings)
        fields = Fields(entry, self._path, line, self._findings)
        mail, hook = fields.one("mail", parse_mail), fields.one("webhook", parse_hook)
        if ("mail" in fields) == ("webhook" in fields):
            fields.wrong("mail", "or webhook: exactly one is needed", "write 'mail: noc@example.org' or 'webhook: https://...'")
        form = fields.choice("form", HOOKS) or "json"
        if "form" in fields and "mail" in fields:
            fields.wrong("form", "is for webhooks", "remove it")
        languages = tuple(self._index.names)
        language = fields.choice("language", languages) or languages[0]
        immediate = fields.choice("immediate", RATED)
        ending = fields.one("unsubscribe", parse_ending) or ""
        topics = self._topics(fields)
        fields.finish()
        if sum(item.level == "error" for item in self._findings) > before or not (mail or hook):
            return None
        return Subscriber("mail" if mail else form, mail or hook or "", language, topics, immediate, ending)  # type: ignore[arg-type]

    def joined(self, found: Iterable[tuple[int, Subscriber]], by_row: bool) -> Iterator[Subscriber]:
        """Each once: rows of a CSV file for one address are its topics, entries of a YAML file for one are a mistake."""
        known: dict[str, Subscriber] = {}
        for line, item in found:
            first = known.setdefault(item.key, item)
            if first is item:
                continue
            if not by_row or msgspec.structs.replace(item, topics=first.topics, address=first.address) != first:
                reason = "differs from that of another row" if by_row else "has an entry already"
                remedy = "give all rows of an address the same language, immediate and unsubscribe" if by_row else (
                    "write all its topics in one entry")
                self._findings.append(Finding(self._path, line, "mail" if item.form == "mail" else "webhook",
                                              item.address, reason, remedy))
            else:
                known[item.key] = msgspec.structs.replace(first, topics=tuple(dict.fromkeys((*first.topics, *item.topics))))
        yield from known.values()

    def _topics(self, fields: Fields) -> tuple[Topic, ...]:
        values = fields.values("topics", required=True)
        if len(values) == 1 and values[0].data == "all":
            return (Topic(),)
        found = []
        for value in values:
            if isinstance(value.data, dict) and value.data:
                found.append(self._topic(fields.inner("topics", value)))
            else:
                fields.wrong("topics", "is neither 'all' nor a list of mappings", "write 'products: [...]' and the like", "",
                             value.line)
        if not values:
            fields.wrong("topics", "is missing or empty", "write 'topics: all' or a list")
        return tuple(dict.fromkeys(found))

    def _topic(self, fields: Fields) -> Topic:
        topic = Topic(
            kinds=fields.many("kinds", _one_of({name: name for name in SECTIONS})),
            products=fields.many("products", _one_of(self._products)),
            platforms=fields.many("platforms", _one_of(self._platforms)),
            components=self._maybe(fields, "components", self._components),
            severity=fields.choice("severity", RATED),
            trains=self._maybe(fields, "trains", self._trains),
            ids=fields.many("ids", lambda text: normal_id(parse_line(text))),
            tell=fields.choice("tell", ("new", "updates", "all")))
        fields.finish()
        return msgspec.structs.replace(topic, tell="") if topic.tell == "all" else topic

    def _maybe(self, fields: Fields, name: str, known: Mapping[str, str]) -> tuple[str, ...]:
        """Names of which others may come into use later: a note, no error."""
        found = fields.many(name, lambda text: fold(parse_line(text)))
        for item in found:
            if item not in known:
                guess = nearest(item, known)
                self._findings.append(Finding(
                    self._path, fields.line_of(name), f"topics.{name}", item, "is not known to the portal so far",
                    f"did you mean {guess}?" if guess else "check it, or leave it for what is to come", "note"))
        return tuple(known.get(item, item) for item in found)


def _by_name(items: Iterable[Name]) -> dict[str, str]:
    """Folded id by each folded name."""
    found: dict[str, str] = {}
    for item in items:
        for name in (item.id, *item.aliases, *item.names.values()):
            found.setdefault(fold(name), fold(item.id))
    return found


def _one_of(known: Mapping[str, str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        name = fold(text)
        if name in known:
            return known[name]
        guess = nearest(name, known)
        raise Wrong("is not known to the portal", f"did you mean {guess}?" if guess else (
            f"write one of {', '.join(sorted(set(known.values()))[:20])}"))

    return parse
