"""inventory."""

from __future__ import annotations

import json
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.commands.options import Moment, as_dict, count, fail, json_option, print_findings
from kb.atomic import atomic_file
from kb.fields import Wrong
from kb.findings import Finding, SourceError, errors

if TYPE_CHECKING:
    from generator.network.report import Report

_LEVELS = ("critical", "high", "medium", "low", "any")
_MOST_FINDINGS = 100  # that are printed
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")  # by terminals, though JSON lets them stand


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True))
@click.option("--portal", required=True, help="Folder or https address of the published portal.")
@click.option("--fail-on", type=click.Choice(_LEVELS), help="End with exit code 1 where a record of this severity or a worse one "
              "affects a device; any: of whatever severity.")
@click.option("--since", type=Moment(), help="Only records that were updated on or after this day.")
@click.option("--sarif", "sarif_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the matches as SARIF 2.1.0.")
@click.option("--feed", "feed_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Keep an Atom feed of the matches in this file.")
@click.option("--language", default="", help="Language of titles and reasons.  [default: the portal's first]")
@click.option("--strict", is_flag=True, help="End with exit code 1 where anything in the inventory is wrong.")
@json_option
def inventory(file: Path, portal: str, fail_on: str | None, since: datetime | None, sarif_file: Path | None,
              feed_file: Path | None, language: str, strict: bool, as_json: bool) -> None:
    """Tell what affects the devices in FILE (CSV, JSON, or output of show version; - for standard input)."""
    from generator.network.own_feed import update_feed
    from generator.network.portal_files import PortalFiles
    from generator.network.report import report_on, updated_since
    from generator.network.sarif import sarif
    from generator.network.shown import MOST
    from generator.network.source import Source
    from kb.inventory import read_inventory

    data, name = _read(file)
    try:
        files = PortalFiles(Source(portal))
        language = _language(language, files.languages)
        devices, findings = read_inventory(data, name, files.known)
        whole = report_on(devices, files, language, None if as_json or since or sarif_file or feed_file else MOST)
        report = updated_since(whole, since.date()) if since else whole
        wrong_ones = errors(findings)
        is_refused = bool(wrong_ones) and (strict or not report.totals.checked)
        change = update_feed(feed_file, whole, report) if feed_file and not is_refused else None
    except Wrong as wrong:
        raise click.UsageError(f"--portal {wrong.reason}; {wrong.remedy}") from None
    except SourceError as error:
        fail(str(error))
    if sarif_file and not is_refused:
        with atomic_file(sarif_file, durable=True) as handle:
            handle.writelines(sarif(report, name))
    if as_json:
        click.echo(_as_json(report, findings))
    else:
        _print(report, findings)
        if change:
            click.echo(f"{feed_file}: {change.new:,} new {'entry' if change.new == 1 else 'entries'}")
    if is_refused:
        fail(f"{count(len(wrong_ones), 'error')} in the inventory, {report.totals.checked:,} of "
             f"{count(report.totals.devices, 'device')} checked")
    if fail_on and (number := _hit(report, fail_on)):
        fail(f"--fail-on {fail_on}: {count(number, 'record')} of that severity or a worse one" if fail_on != "any" else
             f"--fail-on any: {count(number, 'record')}")


def _read(file: Path) -> tuple[bytes, str]:
    """The bytes of the inventory, no more than one too many, and the name that findings give it."""
    from kb.inventory_rows import MOST_BYTES

    if str(file) == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1), "stdin"
    with file.open("rb") as handle:
        return handle.read(MOST_BYTES + 1), file.name if file.is_absolute() else file.as_posix()


def _language(wanted: str, known: tuple[str, ...]) -> str:
    if wanted and wanted not in known:
        raise click.UsageError(f"--language: the portal does not speak '{wanted}'; write {' or '.join(known)}")
    return wanted or (known[0] if known else "en")


def _hit(report: Report, level: str) -> int:
    """How many records are so severe, or worse."""
    from generator.network.report import rank

    return sum(number for found in report.totals.records.values() for severity, number in found.items()
               if level == "any" or rank(severity) <= rank(level))


def _as_json(report: Report, findings: list[Finding]) -> str:
    import msgspec

    told = {**msgspec.to_builtins(report), "findings": [as_dict(finding) for finding in findings]}
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(told, ensure_ascii=False, indent=1))


def _print(report: Report, findings: list[Finding]) -> None:
    from generator.network.shown import WIDTH, lines

    width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    for line in lines(report, datetime.now(UTC).date(), max(width, 80)):
        click.echo(line)
    print_findings(findings[:_MOST_FINDINGS])
    if len(findings) > _MOST_FINDINGS:
        click.echo(f"... and {len(findings) - _MOST_FINDINGS:,} more findings; --json lists them", err=True)
