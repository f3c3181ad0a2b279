"""notify."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.commands.options import Moment, as_dict, count, fail, json_option, print_findings
from kb.findings import errors

if TYPE_CHECKING:
    from generator.notify.run import Summary

_SAID = {"waiting": "tried again by the next run", "refused": "given up", "doubtful": "may have arrived; not sent again"}


@click.command()
@click.option("--portal", required=True, help="Folder or https address of the built portal.")
@click.option("--subscribers", "subscribers", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=True,
              help="Who wants to hear of what: a YAML or CSV file.")
@click.option("--state", "state", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder that remembers what has been told; keep it from run to run.")
@click.option("--since", type=Moment(), help="On the first run tell of changes since this day.  [default: tell of nothing]")
@click.option("--dry-run", type=click.Path(path_type=Path, file_okay=False),
              help="Write the messages into this folder and send nothing.")
@click.option("--unsubscribe", default="", help="Where a subscription is ended: https://... or mailto:..., with {token} or "
              "{address}.")
@click.option("--hub", "hubs", multiple=True, help="WebSub hub to tell of changed feeds, in place of the one in portal.yml.")
@click.option("--connections", type=click.IntRange(1, 32), default=4, show_default=True, help="Connections at a time.")
@click.option("--skip-bad", is_flag=True, help="Leave out subscribers whose entries are wrong, instead of sending nothing.")
@click.option("--allow-older", is_flag=True, help="Take a portal that is older than the last one.")
@click.option("--resend", is_flag=True, help="Send messages again that may have arrived, under the same Message-ID.")
@click.option("--verbose", is_flag=True, help="Show whole addresses of messages that failed.")
@click.option("--quiet", is_flag=True, help="Print nothing but what failed.")
@json_option
def notify(portal: str, subscribers: Path, state: Path, since: datetime | None, dry_run: Path | None, unsubscribe: str,
           hubs: tuple[str, ...], connections: int, skip_bad: bool, allow_older: bool, resend: bool, verbose: bool, quiet: bool,
           as_json: bool) -> None:
    """Tell subscribers what has changed in a published portal, by mail or webhook, each change once."""
    from generator.notify import delivery
    from generator.notify.run import NotifyFailed, Order
    from generator.notify.run import notify as run
    from generator.notify.smtp import SettingsError
    from generator.notify.state import StateError
    from generator.progress import progress

    _check(portal, dry_run, unsubscribe, hubs)
    order = Order(portal, subscribers, state, datetime.now(UTC).replace(microsecond=0), os.environ, since, dry_run, unsubscribe,
                  hubs, connections, skip_bad, allow_older, resend, delivery.PAUSES)
    try:
        with progress(quiet or as_json) as report:
            summary = run(order, report)
    except NotifyFailed as failed:
        if as_json:
            click.echo(json.dumps({"findings": [as_dict(finding) for finding in failed.findings]}, ensure_ascii=False, indent=1))
        print_findings(failed.findings)
        fail(f"{count(len(errors(failed.findings)), 'error')}: nothing was sent")
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    except StateError as error:
        fail(str(error))
    if as_json:
        click.echo(json.dumps(_for_programs(summary, verbose), ensure_ascii=False, indent=1))
    else:
        print_findings(summary.notes)
        for line in _troubles(summary, verbose):
            click.echo(line, err=True)
        if not quiet:
            click.echo("\n".join(_lines(summary, dry_run)))
    sys.exit(0 if summary.is_fine else 1)


def _check(portal: str, dry_run: Path | None, unsubscribe: str, hubs: tuple[str, ...]) -> None:
    """Raises UsageError for options that cannot be meant."""
    from generator.notify.subscribers import parse_ending, parse_hook
    from kb.fields import Wrong

    is_address = "://" in portal
    for name, parse, values in (("--portal", parse_hook, (portal,) if is_address else ()), ("--hub", parse_hook, hubs),
                                ("--unsubscribe", parse_ending, (unsubscribe.replace("{token}", "t").replace("{address}", "a"),)
                                 if unsubscribe else ())):
        for value in values:
            try:
                parse(value)
            except Wrong as wrong:
                raise click.UsageError(f"{name} {wrong.reason}; {wrong.remedy}") from None
    if hubs and is_address:
        raise click.UsageError("--hub needs the folder of the portal in --portal, where feeds can be compared")
    if dry_run and dry_run.is_dir() and any(dry_run.iterdir()):
        raise click.UsageError(f"--dry-run: {dry_run} is not empty; name another folder")


def _lines(summary: Summary, dry_run: Path | None) -> Iterator[str]:
    if summary.first and not summary.messages:
        yield "first run: what is published now is known; the next run tells what changes"
    else:
        yield f"{summary.new:,} new, {count(summary.updates, 'update')}; {count(summary.subscribers, 'subscriber')}"
    if dry_run:
        yield f"{count(summary.messages, 'message')} written, nothing sent: {dry_run}"
    else:
        yield f"{summary.delivered.sent:,} of {count(summary.messages, 'message')} sent"
    if summary.dropped:
        yield f"{count(summary.dropped, 'message')} dropped: no subscribers any more"
    if summary.pings.told:
        yield f"hubs told of {count(summary.pings.told, 'feed')}"


def _troubles(summary: Summary, verbose: bool) -> Iterator[str]:
    if summary.left:
        yield (f"{count(summary.left, 'message')} of a run that was killed may have arrived and will not be sent again; "
               "--resend sends such messages under the same Message-ID")
    for trouble in _told(summary, verbose):
        yield f"{trouble['to']}: {trouble['reason']} ({_SAID[trouble['state']]})"
    yield from summary.pings.troubles


def _told(summary: Summary, verbose: bool) -> list[dict[str, Any]]:
    from generator.notify.subscribers import masked

    return [{"to": item.letter.subscriber.address if verbose else masked(item.letter.subscriber.address),
             "message": item.letter.message.id, "state": item.state, "permanent": item.permanent, "reason": item.reason}
            for item in summary.delivered.troubles]


def _for_programs(summary: Summary, verbose: bool) -> dict[str, Any]:
    return {
        "first": summary.first, "new": summary.new, "updates": summary.updates, "subscribers": summary.subscribers,
        "messages": summary.messages, "sent": summary.delivered.sent, "doubtful": summary.left, "dropped": summary.dropped,
        "failed": _told(summary, verbose), "feeds": summary.pings.told, "hubs": list(summary.pings.troubles),
        "findings": [as_dict(finding) for finding in summary.notes]}
