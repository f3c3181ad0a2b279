"""entitlement."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from generator.commands.options import fail, json_option, locate, print_findings, site_option
from kb.coverage import Coverage, Entitlement, Reason
from kb.fields import Wrong, parse_date, parse_moment
from kb.findings import errors, shorten
from kb.policy import Policy
from kb.portal import Portal
from kb.products import Catalogue

_MOST = 1_000_000  # numbers in a file
_HEADINGS = ("serial", "serial number")  # of a file
_BREAK = re.compile("[,;\t]")
_REASONS: dict[Reason, str] = {
    "contract": "covered by a contract", "warranty": "under warranty", "register": "under warranty once it is registered",
    "later": "not covered yet", "contract-ended": "the contract has ended", "warranty-ended": "the warranty has ended",
    "nothing": "neither a contract nor a warranty is known",
}


class Day(click.ParamType[str]):
    """A day, or a time with a zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parse_moment(str(value))
        except Wrong as wrong:
            self.fail(f"'{value}' {wrong.reason}; {wrong.remedy}", param, ctx)
        return str(value)


@click.command()
@click.argument("serials", metavar="[SERIAL]...", nargs=-1)
@click.option("--file", "file", type=click.File(encoding="utf-8-sig", errors="replace"),
              help="Look up the numbers in this file too, one a line ('-': standard input).")
@click.option("--table", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Look in this .csv or .jsonl file instead of the sources in portal.yml.")
@site_option
@click.option("--at", "at", type=Day(), help="Tell of this day in the vendor's zone, or of this time.  [default: now]")
@json_option
def entitlement(serials: tuple[str, ...], file: Any, table: Path | None, site: Path, at: str | None, as_json: bool) -> None:
    """Tell what each SERIAL is entitled to, as the portal's page does, from the table that is sealed for it.

    Case, spaces and hyphens do not matter. Exit code 1 says that a number is not in the table.
    """
    from generator.i18n import ui_languages
    from kb.load import load_terms

    asked = _asked(serials, file)
    if not asked:
        raise click.UsageError("give at least one serial number, or --file with one a line")
    root = locate(site)
    findings: list[Any] = []
    portal, catalogue, policy = load_terms(root, ui_languages(), findings)
    if portal is None or errors(findings):
        print_findings(errors(findings))
        sys.exit(1)
    today = _day(at, portal)
    found = _found(root, table, portal, catalogue, policy, asked)
    answers = [answer for number in asked for answer in _answers(asked[number], found[number], catalogue, policy, today)]
    if as_json:
        told: Any = answers[0] if len(answers) == 1 and file is None else {"day": today.isoformat(), "results": answers}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for answer in answers:
            click.echo(_line(answer))
    sys.exit(1 if any(answer["state"] == "unknown" for answer in answers) else 0)


def _asked(serials: Sequence[str], file: Any) -> dict[str, str]:
    """The numbers as they were typed by their normal form, each once. What stands after a comma, semicolon or tab in a line of
    the file is not read, nor is a heading."""
    from kb.key_values import normal_key

    cells = [_BREAK.split(line)[0].strip().strip('"').strip() for line in islice(file, _MOST)] if file else []
    if cells and cells[0].casefold() in _HEADINGS:
        cells[0] = ""
    found: dict[str, str] = {}
    for text in (*serials, *filter(None, cells)):
        try:
            found.setdefault(normal_key(text), text)
        except Wrong as wrong:
            raise click.UsageError(f"'{shorten(text)}' {wrong.reason}; write a serial number") from None
    return found


def _day(at: str | None, portal: Portal) -> date:
    """The day to tell of: one that is given stands as it is, a time falls on a day in the vendor's zone."""
    from kb.coverage import today_in

    if at and "T" not in at.upper() and ":" not in at:
        return parse_date(at)
    return today_in(portal.timezone, parse_moment(at) if at else datetime.now(UTC))


def _found(root: Path, table: Path | None, portal: Portal, catalogue: Catalogue, policy: Policy | None,
           asked: Mapping[str, str]) -> dict[str, list[Mapping[str, Any]]]:
    """The rows of each number. What is wrong with rows is told on standard error; ends the program with exit code 1 where a
    source cannot be read at all."""
    from kb.key_values import normal_key
    from kb.private_tables import read_table, row_reader
    from kb.seal_settings import TableSettings
    from kb.table_rows import Faults

    settings = portal.sealed.table("entitlements")
    if table:
        root, settings = table.parent, TableSettings("entitlements", (table.name,), (("serial",),))
    if settings is None:
        fail("portal.yml names no table of entitlements; name one with sealed, or give --table")
    faults = Faults(skip=True)
    found: dict[str, list[Mapping[str, Any]]] = {number: [] for number in asked}
    for _path, _line_number, row in read_table(root, settings, row_reader(settings, catalogue, policy), faults):
        number = normal_key(str(row["serial"]))
        if number in found:
            found[number].append(row)
    print_findings(faults.findings)
    if errors(faults.findings):
        sys.exit(1)
    return found


def _answers(number: str, rows: Sequence[Mapping[str, Any]], catalogue: Catalogue, policy: Policy | None,
             today: date) -> Iterator[dict[str, Any]]:
    """What is known of a number: an answer for each of its rows, or one that nothing is."""
    from msgspec import convert

    from kb.coverage import coverage, terms_of

    if not rows:
        yield {"serial": number, "state": "unknown", "reason": "unknown", "why": "not in the table", "next": ["check", "ask"]}
    for row in rows:
        held = convert({name: value for name, value in row.items() if name in Entitlement.__struct_fields__}, Entitlement)
        answer = coverage(held, terms_of(policy.warranty if policy else None), today)
        yield _told(str(row["serial"]), held, answer, catalogue, policy, today)


def _told(serial: str, held: Entitlement, answer: Coverage, catalogue: Catalogue, policy: Policy | None,
          today: date) -> dict[str, Any]:
    """The answer for programs; what is not known is null."""
    from kb.private_tables import masked

    product = catalogue.find(held.product)
    ends = {train.id: _iso(train.end_of_support) for train in product.trains if train.end_of_support} if product else {}
    return {
        "serial": serial, "day": today.isoformat(), "state": answer.state, "reason": answer.reason,
        "why": _REASONS[answer.reason], "product": held.product or None, "platform": held.platform or None,
        "contract": masked(held.contract) or None, "plan": held.plan or None, "includes": _includes(held, policy),
        "replacement": held.replacement or None, "replacement_includes": _promises(held, policy),
        "support": {"state": answer.support, "start": _iso(held.support_start), "end": _iso(held.support_end)},
        "warranty": {"state": answer.warranty, "start": _iso(answer.warranty_start), "end": _iso(answer.warranty_end),
                     "counted_from": answer.start, "shipped": _iso(held.shipped), "resold": _iso(held.resold)},
        "registered": held.registered, "must_register": answer.must_register, "end_of_support": ends, "next": list(answer.steps)}


def _includes(held: Entitlement, policy: Policy | None) -> list[str]:
    """Ids of the services that the service level includes."""
    if policy is None or policy.service is None or not held.plan:
        return []
    return [feature.id for feature in policy.service.features if feature.cover(held.plan) == "included"]


def _promises(held: Entitlement, policy: Policy | None) -> list[str]:
    replacement = policy.service.replacement if policy and policy.service else None
    return [service.id for service in replacement.services if held.replacement in service.variants] if replacement else []


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _line(answer: Mapping[str, Any]) -> str:
    """The answer for people, on one line."""
    if answer["state"] == "unknown":
        return f"{answer['serial']:<16} {'unknown':<8} {answer['why']}"
    support, warranty = answer["support"], answer["warranty"]
    facts = [answer["why"], " ".join(filter(None, (answer["product"], answer["platform"]))),
             ", ".join(filter(None, (answer["plan"], answer["replacement"]))),
             f"contract {answer['contract']}" if answer["contract"] else "",
             _span("support", support["start"], support["end"]), _span("warranty", warranty["start"], warranty["end"]),
             "must be registered" if answer["must_register"] else "", f"next: {', '.join(answer['next'])}"]
    return f"{answer['serial']:<16} {answer['state']:<8} {'; '.join(filter(None, facts))}"


def _span(name: str, first: str | None, last: str | None) -> str:
    return f"{name} {first or '...'} to {last or '...'}" if first or last else ""
