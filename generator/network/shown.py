"""A report for people, as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from io import StringIO
from itertools import islice

from rich.console import Console
from rich.table import Table
from rich.text import Text

from generator.network.report import Answer, Report, Reported
from kb.printable import printable_line
from kb.records import SEVERITIES

MOST = 50  # devices and records that are shown; --json has all
WIDTH = 120
_WHOLE = ("Release", "End of support", "Record", "Updated")  # columns that are not broken
_NAMES = tuple(severity or "unrated" for severity in SEVERITIES)


def lines(report: Report, today: date, width: int = WIDTH) -> Iterator[str]:
    """The report line by line; support that has ended before ``today`` is marked."""
    totals = report.totals
    records = sum(sum(found.values()) for found in totals.records.values())
    yield (f"{totals.devices:,} devices, {totals.checked:,} checked, {totals.affected:,} affected; "
           f"{records:,} records affect them")
    for kind, found in totals.records.items():
        yield f"  {kind}: " + ", ".join(f"{number:,} {severity}" for severity, number in found.items())
    devices = sorted((device for device in report.devices if device.answer is not None), key=lambda one: _weight(report, one))
    if devices:
        yield ""
        yield from _printed(_devices(report, devices[:MOST], today), width)
        yield from _more(len(devices), "devices")
    if report.records:
        yield ""
        yield from _printed(_records(report), width)
        yield from _more(records, "records")


def _more(number: int, what: str) -> Iterator[str]:
    if number > MOST:
        yield f"... and {number - MOST:,} more {what}; --json lists them"


def _by_severity(answer: Answer) -> list[int]:
    return [sum(found.get(name, 0) for found in answer.affected.values()) for name in _NAMES]


def _weight(report: Report, device: Reported) -> tuple[object, ...]:
    assert device.answer is not None
    return [-number for number in _by_severity(report.answers[device.answer])], device.name.lower()


def _devices(report: Report, devices: Iterable[Reported], today: date) -> Table:
    table = _table("Device", "Site", "Release", *(name.capitalize() for name in _NAMES[:4]), "Other", "End of support", "Upgrade")
    for device in devices:
        assert device.answer is not None
        answer = report.answers[device.answer]
        numbers = _by_severity(answer)
        told = [str(number) if number else "" for number in (*numbers[:4], sum(numbers[4:]))]
        release = f"{device.product} {device.release}"
        table.add_row(*_cells(device.name, device.site, release, *told, _end(answer, today), _upgrade(answer)))
    return table


def _end(answer: Answer, today: date) -> str:
    end = answer.end_of_support
    return "" if end is None else f"{end}, ended" if end < today else str(end)


def _upgrade(answer: Answer) -> str:
    if not (upgrade := answer.upgrade):
        return ""
    return f"{upgrade.to}: fixes {upgrade.fixed}, introduces {upgrade.introduced}"


def _records(report: Report) -> Table:
    table = _table("Record", "Kind", "Severity", "Updated", "Devices", "Title")
    for record_id, told in islice(report.records.items(), MOST):
        table.add_row(*_cells(record_id, told.kind, told.severity, str(told.updated), f"{told.devices:,}", told.title))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for name in columns:
        is_number = name.lower() in (*_NAMES, "other", "devices")
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number or name in _WHOLE)
    return table


def _cells(*texts: str) -> list[Text]:
    return [Text(printable_line(text)) for text in texts]


def _printed(table: Table, width: int) -> Iterator[str]:
    out = StringIO()
    Console(file=out, width=width, color_system=None, force_terminal=False, markup=False, emoji=False).print(table)
    yield from (line.rstrip() for line in out.getvalue().splitlines())
