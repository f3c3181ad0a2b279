"""The command line: each command reads its options, calls one function, prints, sets the exit code.

Exit codes: 0 fine, 1 the content or a policy is wrong, 2 wrong usage.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from kb.fields import Wrong, parse_moment
from kb.findings import Finding, errors
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


class _Commands(click.Group):
    """Ends with one line where a command fails in a way that nobody foresaw."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:
            fail(f"{error.filename or 'system'}: {error.strerror or error}; check the path, its permissions and the free space")
        except Exception as error:
            if os.environ.get("WAYPOST_DEBUG"):
                raise
            fail(f"internal error: {type(error).__name__}: {error}; please report it (WAYPOST_DEBUG=1 shows where)")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="waypost")
def main() -> None:
    """Waypost turns a folder of support content into a complete static self-service portal."""


@main.command()
@site_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write.  [default: site, in the --site folder]")
@at_option
@click.option("--audience", default="", help="Audience of portal.yml to build for.  [default: the first]")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for what the next build can reuse.  [default: .waypost/cache beside portal.yml]")
@click.option("--quiet", is_flag=True, help="Print nothing but findings.")
@json_option
def build(site: Path, out: Path | None, at: datetime, audience: str, cache: Path | None, quiet: bool, as_json: bool) -> None:
    """Build the portal."""
    from generator.build import BuildFailed, Options
    from generator.build import build as build_portal
    from generator.output import OutputError
    from generator.progress import progress

    root = locate(site)
    target = (out or site / "site").absolute()
    try:
        with progress(quiet or as_json) as report:
            summary = build_portal(Options(root, target, at, audience, cache=cache_folder(root, cache)), report)
    except BuildFailed as failed:
        print_findings(failed.findings)
        fail(f"{count(len(errors(failed.findings)), 'error')}: nothing was written")
    except OutputError as error:
        fail(str(error))
    print_findings(summary.notes)
    if as_json:
        click.echo(json.dumps({"out": str(target), "records": summary.records, "pages": summary.pages,
                               "rendered": summary.rendered, "files": summary.files, "bytes": summary.bytes,
                               "changed": summary.changed, "seconds": {name: round(value, 3) for name, value in summary.seconds.items()}}))
    elif not quiet:
        stages = ", ".join(f"{name} {value:.1f}" for name, value in summary.seconds.items())
        state = "updated" if summary.changed else "unchanged"
        click.echo(f"{count(summary.records, 'record')}, {count(summary.pages, 'page')} ({summary.rendered:,} rendered), "
                   f"{count(summary.files, 'file')}, {summary.bytes / 1e6:.1f} MB; "
                   f"{sum(summary.seconds.values()):.1f} s ({stages})\n{state}: {target}")


def cache_folder(root: Path, cache: Path | None) -> Path | None:
    """The cache folder, made where needed; None where it cannot be written."""
    folder = (cache or root / ".waypost" / "cache").absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError:
        return None
    return folder


@main.command()
@site_option
@at_option
@click.option("--audience", default="", help="Audience of portal.yml to check for.  [default: the first]")
@json_option
def check(site: Path, at: datetime, audience: str, as_json: bool) -> None:
    """Validate everything without building."""
    from generator.build import BuildFailed, Options, prepare

    root = locate(site)
    try:
        findings: list[Finding] = list(prepare(Options(root, Path(), at, audience, cache=cache_folder(root, None))).notes)
    except BuildFailed as failed:
        findings = failed.findings
    wrong = len(errors(findings))
    if as_json:
        click.echo(json.dumps([as_dict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        print_findings(findings)
        click.echo(f"{count(wrong, 'error')}, {count(len(findings) - wrong, 'note')}")
    sys.exit(1 if wrong else 0)


def as_dict(finding: Finding) -> dict[str, str | int]:
    return {"path": finding.path, "line": finding.line, "field": finding.field, "value": finding.value,
            "reason": finding.reason, "remedy": finding.remedy, "level": finding.level}


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
def init(directory: Path) -> None:
    """Write a minimal, well-commented site into DIRECTORY."""
    from generator.scaffold import ScaffoldError, init_site

    try:
        written = init_site(directory)
    except ScaffoldError as error:
        fail(str(error))
    click.echo(f"wrote {count(len(written), 'file')} into {directory}\nnext: waypost serve --site {directory}")


@main.command()
@click.argument("kind", type=click.Choice(["article", "report", "advisory", "notice", "bulletin"]))
@site_option
@click.option("--title", default="", help="Title of the draft.")
@click.option("--product", default="", help="Product id.  [default: the first of products.yml]")
@click.option("--id", "record_id", default="", help="Id.  [default: the next free one]")
@at_option
def new(kind: str, site: Path, title: str, product: str, record_id: str, at: datetime) -> None:
    """Write a valid draft with the next id."""
    from generator.scaffold import ScaffoldError, new_record

    root = locate(site)
    try:
        path = new_record(root, kind, title, product, record_id, at)
    except ScaffoldError as error:
        fail(str(error))
    click.echo(path)


@main.command()
@site_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8000, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--audience", default="", help="Audience of portal.yml to show.  [default: the first]")
def serve(site: Path, host: str, port: int, audience: str) -> None:
    """Preview with live reload; drafts and embargoed records are shown, marked as such."""
    from generator.serve import ServeError
    from generator.serve import serve as serve_site

    root = locate(site)
    try:
        serve_site(root, host, port, audience, cache_folder(root, None), lambda text: click.echo(text, err=False))
    except ServeError as error:
        fail(str(error))


@main.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(["cve", "kcs", "known-issues", "jsonl", "csv"]))
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--into", "site", type=click.Path(path_type=Path, file_okay=False), default=Path(),
              help="Site to import into.  [default: current folder]")
@click.option("--force", is_flag=True, help="Overwrite records that were edited by hand.")
@click.option("--product", default="", help="Product of records that name none.")
@click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN",
              help="Which column of a CSV or JSON Lines file is a field.")
@json_option
def import_(form: str, source: Path, site: Path, force: bool, product: str, columns: tuple[str, ...], as_json: bool) -> None:
    """Fill a site from exports: FORMAT is cve, kcs, known-issues, jsonl or csv."""
    from kb.importers import run_import

    mapping = {}
    for item in columns:
        name, equals, column = item.partition("=")
        if not (name and equals and column):
            raise click.UsageError(f"--map {item}: write FIELD=COLUMN")
        mapping[name] = column
    report = run_import(form, source, locate(site), force=force, columns=mapping, product=product)
    if as_json:
        click.echo(json.dumps({"written": report.written, "unchanged": report.unchanged, "kept": report.kept,
                               "findings": [as_dict(finding) for finding in report.findings]}, ensure_ascii=False, indent=1))
    else:
        print_findings(report.findings)
        click.echo(f"{report.written:,} written, {report.unchanged:,} unchanged, {report.kept:,} kept as edited by hand, "
                   f"{count(len(errors(report.findings)), 'input')} rejected")
    sys.exit(1 if errors(report.findings) else 0)
