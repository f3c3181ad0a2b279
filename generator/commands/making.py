"""build, merge, check, serve."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from generator.building import BuildFailed, Options, Shard, Summary
from generator.commands.options import (
    Command,
    Share,
    as_dict,
    at_option,
    cache_folder,
    count,
    fail,
    json_option,
    locate,
    one_audience,
    print_findings,
    site_option,
)
from kb.audiences import ALL
from kb.findings import Finding, errors

if TYPE_CHECKING:
    from generator.profiling import Profile

Built = TypeVar("Built")


def making_options(command: Command) -> Command:
    """The options of commands that write a portal."""
    options = (
        site_option,
        click.option("--out", type=click.Path(path_type=Path), help="Folder to write.  [default: site, in the --site folder]"),
        at_option,
        click.option("--audience", default="", help="Audience of portal.yml to build for; 'all' builds each into a folder "
                     "of its name in --out.  [default: the first]"),
        click.option("--cache", type=click.Path(path_type=Path, file_okay=False),
                     help="Folder for what the next build can reuse.  [default: .waypost/cache beside portal.yml]"),
        click.option("--jobs", type=click.IntRange(1, 64), default=lambda: min(8, os.cpu_count() or 1),
                     help="Number of workers.  [default: one a processor]"),
        click.option("--quiet", is_flag=True, help="Print nothing but findings."))
    for option in reversed(options):
        command = option(command)
    return command


def published_option(command: Command) -> Command:
    return click.option("--published", type=click.Path(path_type=Path, dir_okay=False),
                        help="The api/v1/bulletins.json of the public portal, where --out is not that portal.")(command)


def rewrite_option(command: Command) -> Command:
    return click.option("--allow-rewrite", "rewrites", multiple=True, metavar="ID",
                        help="Bulletin that may change without a new revision, or vanish; 'all' for every one.")(command)


def skip_option(command: Command) -> Command:
    return click.option("--skip-bad-rows", is_flag=True,
                        help="Leave out rows of private tables that are wrong, and list them, instead of failing.")(command)


@click.command()
@making_options
@published_option
@rewrite_option
@skip_option
@click.option("--shard", "shard", type=Share(), help="Make only this share of the pages, such as 2/4, for 'waypost merge'.")
@click.option("--profile", type=click.Path(path_type=Path, dir_okay=False, writable=True),
              help="Write where the time goes to this file, for speedscope; with one worker, so that all is seen.")
@json_option
def build(site: Path, out: Path | None, at: datetime, audience: str, cache: Path | None, jobs: int, quiet: bool,
          shard: Shard | None, profile: Path | None, published: Path | None, rewrites: tuple[str, ...], skip_bad_rows: bool,
          as_json: bool) -> None:
    """Build the portal."""
    root = locate(site)
    recording = _start_profile(profile)
    options = Options(root, (out or site / "site").absolute(), at, audience, cache=cache_folder(root, cache),
                      jobs=1 if recording else jobs, shard=shard, published=published, rewrites=rewrites, now=datetime.now(UTC),
                      skip_bad_rows=skip_bad_rows)
    if audience == ALL:
        if shard or recording:
            raise click.UsageError("--shard and --profile make the portal of one audience; name it with --audience")
        _tell_all(options, _run_all(options, quiet or as_json), quiet, as_json)
        return
    summary = _run(options, quiet or as_json, anew=recording is not None)
    if recording and profile:
        recording.write(profile, summary.seconds)
    _tell(options, summary, quiet, as_json)


@click.command()
@click.argument("parts", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False, exists=True))
@making_options
@published_option
@rewrite_option
@skip_option
@json_option
def merge(parts: tuple[Path, ...], site: Path, out: Path | None, at: datetime, audience: str, cache: Path | None, jobs: int,
          quiet: bool, published: Path | None, rewrites: tuple[str, ...], skip_bad_rows: bool, as_json: bool) -> None:
    """Merge PARTS, each made by 'waypost build --shard', into one portal."""
    root = locate(site)
    one_audience(audience)
    options = Options(root, (out or site / "site").absolute(), at, audience, cache=cache_folder(root, cache), jobs=jobs,
                      parts=parts, published=published, rewrites=rewrites, now=datetime.now(UTC), skip_bad_rows=skip_bad_rows)
    _tell(options, _run(options, quiet or as_json, anew=True), quiet, as_json)


def _run(options: Options, quiet: bool, anew: bool) -> Summary:
    """Builds, unless nothing has changed; ends the program where that fails."""

    def build() -> Summary:
        from generator.unchanged import last_build

        summary = None if anew else last_build(options)
        if summary is None:
            from generator.build import build as build_portal
            from generator.progress import progress

            with progress(quiet) as report:
                summary = build_portal(options, report)
        return summary

    return _ending(build)


def _run_all(options: Options, quiet: bool) -> dict[str, Summary]:
    """The same for all audiences."""

    def build() -> dict[str, Summary]:
        from generator.audiences import last_builds

        summaries = last_builds(options)
        if summaries is None:
            from generator.build import build_all
            from generator.progress import progress

            with progress(quiet) as report:
                summaries = build_all(options, report)
        return summaries

    return _ending(build)


def _ending(build: Callable[[], Built]) -> Built:
    """What a build gives; ends the program where that fails."""
    from generator.output_folder import OutputError
    from kb.workers import WorkerLost, collect_seldom

    os.umask(0o022)  # a web server reads the portal, whatever the umask here; what is private has modes of its own
    collect_seldom()
    try:
        return build()
    except BuildFailed as failed:
        print_findings(failed.findings)
        fail(f"{count(len(errors(failed.findings)), 'error')}: nothing was written")
    except (OutputError, WorkerLost) as error:
        fail(str(error))


def _tell_all(options: Options, summaries: Mapping[str, Summary], quiet: bool, as_json: bool) -> None:
    from generator.commands.outcome import as_lines, for_programs

    print_findings({note for summary in summaries.values() for note in summary.notes})
    if as_json:
        told = {name: {"out": str(options.out / name), **for_programs(summary)} for name, summary in summaries.items()}
        click.echo(json.dumps({"audiences": told}))
    for name, summary in summaries.items() if not (quiet or as_json) else ():
        click.echo(f"{name}:")
        click.echo("\n".join(f"  {line}" for line in as_lines(summary)))
        click.echo(f"  {'updated' if summary.changed else 'unchanged'}: {options.out / name}")


def _tell(options: Options, summary: Summary, quiet: bool, as_json: bool) -> None:
    from generator.commands.outcome import as_lines, for_programs

    print_findings(summary.notes)
    if as_json:
        click.echo(json.dumps({"out": str(options.out), **for_programs(summary)}))
    elif not quiet:
        click.echo("\n".join([*as_lines(summary), f"{'updated' if summary.changed else 'unchanged'}: {options.out}"]))


def _start_profile(file: Path | None) -> Profile | None:
    """Begins to record where there is a file for it; ends the program with exit code 2 where that cannot be."""
    from generator.profiling import Profile, ProfilerMissing

    if file is None:
        return None
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"--profile: the folder {file.absolute().parent} does not exist")
    try:
        return Profile()
    except ProfilerMissing as error:
        raise click.UsageError(str(error)) from None


@click.command()
@site_option
@at_option
@click.option("--audience", default="", help="Audience of portal.yml to check for; 'all' checks each.  [default: the first]")
@published_option
@skip_option
@json_option
def check(site: Path, at: datetime, audience: str, published: Path | None, skip_bad_rows: bool, as_json: bool) -> None:
    """Validate everything without building."""
    from generator.build import check as check_site

    root = locate(site)
    try:
        findings: list[Finding] = list(check_site(Options(
            root, Path(), at, audience, cache=cache_folder(root, None), published=published, now=datetime.now(UTC),
            skip_bad_rows=skip_bad_rows)))
    except BuildFailed as failed:
        findings = failed.findings
    wrong = len(errors(findings))
    if as_json:
        click.echo(json.dumps([as_dict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        print_findings(findings)
        click.echo(f"{count(wrong, 'error')}, {count(len(findings) - wrong, 'note')}")
    sys.exit(1 if wrong else 0)


@click.command()
@site_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8000, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--audience", default="", help="Audience of portal.yml to show.  [default: the first]")
def serve(site: Path, host: str, port: int, audience: str) -> None:
    """Preview with live reload; drafts and embargoed records are shown, marked as such."""
    from generator.serve import ServeError
    from generator.serve import serve as serve_site

    root = locate(site)
    one_audience(audience)
    try:
        serve_site(root, host, port, audience, cache_folder(root, None), lambda text: click.echo(text, err=False))
    except ServeError as error:
        fail(str(error))
