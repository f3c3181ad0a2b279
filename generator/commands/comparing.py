"""diff."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from generator.building import BuildFailed, Options
from generator.commands.making import making_options, published_option, rewrite_option
from generator.commands.options import as_dict, cache_folder, count, fail, json_option, locate, print_findings
from kb.audiences import ALL
from kb.fields import instant
from kb.findings import errors

if TYPE_CHECKING:
    from generator.differences import Differences, FeedChange, RecordChange


@click.command()
@making_options
@published_option
@rewrite_option
@json_option
def diff(site: Path, out: Path | None, at: datetime, audience: str, cache: Path | None, jobs: int, quiet: bool,
         published: Path | None, rewrites: tuple[str, ...], as_json: bool) -> None:
    """Tell what readers and subscribers would see change; the portal in --out stays as it is."""
    from generator.audiences import targets
    from generator.output_folder import OutputError
    from generator.preview import preview
    from generator.progress import progress
    from kb.workers import WorkerLost

    root = locate(site)
    options = Options(root, (out or site / "site").absolute(), at, audience, cache=cache_folder(root, cache), jobs=jobs,
                      published=published, rewrites=rewrites, now=datetime.now(UTC))
    wanted = targets(options)
    try:
        with progress(quiet or as_json) as report:
            previews = [(own, *preview(own, report)) for own in wanted or [msgspec.structs.replace(options, audience="")]]
    except BuildFailed as failed:
        print_findings(failed.findings)
        fail(f"{count(len(errors(failed.findings)), 'error')}: there is nothing to compare")
    except (OutputError, WorkerLost) as error:
        fail(str(error))
    print_findings({finding for _own, _found, refused in previews for finding in refused})
    if as_json:
        told = {own.audience: {**msgspec.to_builtins(found), "findings": [as_dict(finding) for finding in refused]}
                for own, found, refused in previews}
        click.echo(json.dumps({"audiences": told} if audience == ALL else told[audience], ensure_ascii=False, indent=1))
    else:
        for own, found, _refused in previews:
            click.echo("\n".join([*([f"{own.audience}:"] if audience == ALL else []), *_lines(found)]))
    sys.exit(1 if any(refused for _own, _found, refused in previews) else 0)


def _lines(found: Differences) -> Iterator[str]:
    for record in found.records:
        yield from _record(record)
    yield (f"pages: {found.pages.new:,} new, {found.pages.changed:,} changed, {found.pages.removed:,} removed; "
           f"{count(found.same, 'page')} of records read as before")
    for feed in found.feeds:
        yield from _feed(feed)
    for file in found.files:
        yield f"{file.effect}: {file.path}"
    for held in found.held:
        yield f"{held.id}: held until {instant(held.until)}"


def _record(record: RecordChange) -> Iterator[str]:
    language = f" ({record.language})" if record.language else ""
    yield f"{record.effect}: {record.id}{language}  {record.title}"
    for fact in record.facts:
        yield f"  {fact.field}: {fact.before or '-'} -> {fact.after or '-'}"
    for section in record.sections:
        yield f"  {section.section or 'Introduction'}:"
        yield from (f"    {line}" for line in section.lines)


def _feed(feed: FeedChange) -> Iterator[str]:
    for words, titles in (("appears", feed.appear), ("is updated", feed.update), ("leaves", feed.leave)):
        yield from (f"{feed.path}: {title} {words}" for title in titles)
