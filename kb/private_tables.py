"""What the private tables of a site say, row by row: entitlements, and cases with their returns (docs/sealed-tables.md).

Findings name a row's line and field, never what stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from kb.fields import Wrong, instant, parse_date, parse_instant, parse_line
from kb.key_values import key_string, normal_key
from kb.policy import Policy
from kb.policy_values import known
from kb.products import Catalogue
from kb.seal_settings import TableSettings
from kb.table_rows import Cells, Faults, table_rows

Values = dict[str, str | bool]

_ENCODER = msgspec.json.Encoder()
_REMEMBERED = 20_000  # texts of a column whose values are remembered: dates and ids come again and again
_MOST = 200  # characters of a text
_SHOWN = 4  # last characters of a contract's number


class Sealed(NamedTuple):
    """A row as it is sealed: ``identity`` is a key string that no other row may have, ``keys`` are the key strings that open it,
    each with the number of its lookup, ``told`` is what they open: JSON."""

    identity: str
    keys: tuple[tuple[int, str], ...]
    told: bytes


class RowReader(Protocol):
    """How the rows of a table are read: ``columns`` say which of them a file must have, ``row`` gives the values of one or None
    where something is wrong with it, and ``sealed`` what it becomes."""

    @property
    def columns(self) -> Mapping[str, bool]: ...

    def row(self, cells: Cells, wrong: Callable[[str, str, str], None]) -> Values | None: ...

    def sealed(self, row: Values) -> Sealed: ...


class _Column(dict[str, str | bool | Wrong]):
    """Reads the texts of a column, each once."""

    def __init__(self, parser: Callable[[str], str | bool]) -> None:
        super().__init__()
        self._parser = parser

    def __missing__(self, text: str) -> str | bool | Wrong:
        value: str | bool | Wrong
        try:
            value = self._parser(text)
        except Wrong as wrong:
            value = wrong
        if len(self) < _REMEMBERED:
            self[text] = value
        return value


class _Columns:
    """Reads rows by column. ``needed`` are columns that must not be empty."""

    def __init__(self, parsers: Mapping[str, Callable[[str], str | bool]], needed: Sequence[str]) -> None:
        self._parsers = [(name, _Column(parser), name in needed) for name, parser in parsers.items()]

    def row(self, cells: Cells, wrong: Callable[[str, str, str], None]) -> Values | None:
        found: Values = {}
        faults = 0
        for (name, column, needed), cell in zip(self._parsers, cells, strict=True):
            if not cell or not (text := cell.strip()):
                if needed:
                    faults += 1
                    wrong(name, "is empty", "every row needs it")
                continue
            found[name] = value = column[text]  # type: ignore[assignment]  # with a fault the row is not given
            if type(value) is Wrong:
                faults += 1
                wrong(name, value.reason, value.remedy)
        return None if faults else found


def _text(text: str) -> str:
    if len(text) > _MOST:
        raise Wrong(f"has {len(text)} characters", f"shorten it to {_MOST}")
    return text if text.isalnum() else parse_line(text)


def _day(text: str) -> str:
    return parse_date(text).isoformat()


def _moment(text: str) -> str:
    return instant(parse_instant(text))


def _flag(text: str) -> bool:
    if text.casefold() in {"true", "false"}:
        return text.casefold() == "true"
    raise Wrong("is neither true nor false", "write true or false")


def _key(text: str) -> str:
    """A key field, as it is shown; that it has a normal form is seen here."""
    normal_key(text)
    return _text(text)


def masked(number: str) -> str:
    """A contract's number without all but its end, and without that where it is short."""
    return number and "••••" + (number[-_SHOWN:] if len(number) >= 2 * _SHOWN else "")


class Entitlements:
    """Serial numbers with what they are entitled to."""

    def __init__(self, settings: TableSettings, catalogue: Catalogue, policy: Policy | None) -> None:
        self._keys = settings.lookups[0]
        service = policy.service if policy else None
        plans = tuple(plan.id for plan in service.plans) if service else ()
        variants = tuple(variant.id for variant in service.replacement.variants) if service and service.replacement else ()
        self._products = {product.id: product for product in catalogue.products}
        needed = (*self._keys, "product")
        others = {name: _key if name in self._keys else _text for name in ("contract", "order")}
        parsers: dict[str, Callable[[str], str | bool]] = {
            "serial": _key, **others, "product": catalogue.parse, "platform": _text,
            "plan": known("service level", plans), "replacement": known("replacement option", variants),
            "support_start": _day, "support_end": _day, "shipped": _day, "resold": _day, "registered": _flag}
        self.columns = {name: name in needed for name in parsers}
        self._columns = _Columns(parsers, needed)

    def row(self, cells: Cells, wrong: Callable[[str, str, str], None]) -> Values | None:
        row = self._columns.row(cells, wrong)
        if row is None:
            return None
        for first, last in (("support_start", "support_end"), ("shipped", "resold")):
            if last in row and first in row and str(row[first]) > str(row[last]):
                wrong(last, f"is before {first}", "correct one of them")
                return None
        if "platform" in row:
            platform = self._products[str(row["product"])].platform(str(row["platform"]))
            if platform is None:
                wrong("platform", "is no platform of the product", "correct one of them")
                return None
            row["platform"] = platform.id
        return row

    def sealed(self, row: Values) -> Sealed:
        key = key_string("entitlements", self._keys, [normal_key(row[name]) for name in self._keys])  # type: ignore[arg-type]
        told = row.copy()
        del told["serial"]
        told.pop("order", None)
        if "contract" in told:
            told["contract"] = masked(str(told["contract"]))
        return Sealed(key, ((0, key),), _ENCODER.encode(told))


_STATUSES = ("open", "closed")
_CASE = ("case", "status", "site", "site_id", "contact", "modified", "platform", "priority")
_RETURN = ("rma", "status", "part", "serial", "case", "issued")


class Cases:
    """Cases, and the lines of returns, which are the rows with a number in ``rma``."""

    def __init__(self, settings: TableSettings, catalogue: Catalogue, policy: Policy | None) -> None:
        self._lookups = settings.lookups
        self._whole = [form for form in policy.numbers if form.id == "rma"] if policy else []
        levels = tuple(level.id for level in policy.levels) if policy else ()
        parsers: dict[str, Callable[[str], str | bool]] = {
            "case": _number(policy, "case", ("case",)), "rma": _number(policy, "RMA", ("rma", "rma-item")), "reference": _key,
            "code": _key, "status": known("status", _STATUSES), "site": _text, "site_id": _text, "contact": _text,
            "modified": _moment, "platform": _platform_in(catalogue), "priority": known("priority level", levels), "part": _text,
            "serial": _text, "issued": _moment}
        needed = ("code", "status")
        self.columns = {name: name in needed for name in parsers}
        self._columns = _Columns(parsers, needed)

    def row(self, cells: Cells, wrong: Callable[[str, str, str], None]) -> Values | None:
        row = self._columns.row(cells, wrong)
        if row is None:
            return None
        needed = ("rma", "issued") if "rma" in row else ("case", "modified")
        for name in needed:
            if name not in row:
                wrong(name, "is empty", "a case needs case and modified, a return rma and issued")
                return None
        return row

    def sealed(self, row: Values) -> Sealed:
        is_return = "rma" in row
        number = str(row["rma" if is_return else "case"])
        code = normal_key(str(row["code"]))
        values = (str(row.get("case", "")),), self._rma_numbers(number) if is_return else (), (str(row.get("reference", "")),)
        asked = tuple((lookup, key_string("cases", self._lookups[lookup], (normal_key(value), code)))
                      for lookup, wanted in enumerate(values) for value in wanted if value)
        told = {name: row[name] for name in (_RETURN if is_return else _CASE) if name in row}
        identity = key_string("cases", ("rma" if is_return else "case",), (normal_key(number),))
        return Sealed(identity, asked, (b"r" if is_return else b"c") + _ENCODER.encode(told))

    def _rma_numbers(self, number: str) -> tuple[str, ...]:
        """The number, and that of the whole return where it is the number of a line."""
        whole = number.rpartition("-")[0]
        return (number, whole) if any(form.matches(whole) for form in self._whole) else (number,)


def _number(policy: Policy | None, what: str, forms: Sequence[str]) -> Callable[[str], str]:
    """A parser of numbers in the forms that a policy gives under these ids; of any, where it gives none."""
    found = [form for form in policy.numbers if form.id in forms] if policy else []
    patterns = " or ".join(form.pattern for form in found)

    def parse(text: str) -> str:
        if found and not any(form.matches(text) for form in found):
            raise Wrong(f"is no {what} number", f"write it as {patterns}")
        return _key(text).upper()

    return parse


def _platform_in(catalogue: Catalogue) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for product in catalogue.products:
            if platform := product.platform(text):
                return platform.id
        raise Wrong("is no known platform", "write the id of a platform in products.yml")

    return parse


def row_reader(settings: TableSettings, catalogue: Catalogue, policy: Policy | None) -> RowReader:
    """How the rows of a table are read."""
    kind = Entitlements if settings.name == "entitlements" else Cases
    return kind(settings, catalogue, policy)


def read_table(root: Path, settings: TableSettings, reader: RowReader, faults: Faults) -> Iterator[tuple[str, int, Values]]:
    """Yields (path, line, values) of each good row of a table's sources; what is wrong goes into ``faults``."""
    for path in settings.sources:
        for line, cells in table_rows(root, path, reader.columns, faults):
            row = reader.row(cells, partial(faults.row, path, line))
            if row is not None:
                yield path, line, row
