"""Options and ways of ending that commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from generator.building import Shard
from kb.audiences import ALL
from kb.fields import Wrong, parse_moment
from kb.findings import Finding
from kb.load import SiteNotFound, find_site

Command = TypeVar("Command", bound=Callable[..., Any])


class Moment(click.ParamType[datetime]):
    """A day or a time with a zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_moment(str(value))
        except Wrong as wrong:
            self.fail(f"'{value}' {wrong.reason}; {wrong.remedy}", param, ctx)


class Share(click.ParamType[Shard]):
    """A share of a whole: ``2/4``."""

    name = "i/n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        found = value if isinstance(value, Shard) else Shard.parse(str(value))
        return found or self.fail(f"'{value}' is no share; write its number and how many there are, such as 2/4", param, ctx)


def site_option(command: Command) -> Command:
    return click.option("--site", "site", type=click.Path(path_type=Path, file_okay=False), default=Path(),
                        help="Folder with portal.yml (or with content/portal.yml).  [default: current folder]")(command)


def at_option(command: Command) -> Command:
    return click.option("--at", type=Moment(), default=lambda: datetime.now(UTC).replace(microsecond=0),
                        help="Show the portal as of this time (2026-11-22T16:00:00Z).  [default: now]")(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def locate(site: Path) -> Path:
    """The folder with portal.yml; ends the program with exit code 2 where there is none."""
    try:
        return find_site(site)
    except SiteNotFound as error:
        raise click.UsageError(str(error)) from None


def one_audience(audience: str) -> None:
    """Ends the program with exit code 2 where all audiences are named and one is wanted."""
    if audience == ALL:
        raise click.UsageError(f"--audience {ALL} is for build, check and diff; name one audience of portal.yml")


def print_findings(findings: Iterable[Finding]) -> None:
    """One line a finding on standard error, errors last."""
    for finding in sorted(findings, key=lambda item: (item.level == "error", item)):
        prefix = "" if finding.level == "error" else "note: "
        click.echo(f"{prefix}{finding}", err=True)


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def fail(message: str) -> NoReturn:
    """Prints a message and ends the program with exit code 1."""
    click.echo(message, err=True)
    sys.exit(1)


def cache_folder(root: Path, cache: Path | None) -> Path | None:
    """The cache folder, made where needed for its owner alone, since it holds what is not published yet; None where it cannot
    be written."""
    folder = (cache or root / ".waypost" / "cache").absolute()
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError:
        return None
    return folder


def as_dict(finding: Finding) -> dict[str, str | int]:
    return {"path": finding.path, "line": finding.line, "field": finding.field, "value": finding.value,
            "reason": finding.reason, "remedy": finding.remedy, "level": finding.level}
