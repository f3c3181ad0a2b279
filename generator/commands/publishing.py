"""publish."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from generator.commands.options import as_dict, cache_folder, count, fail, json_option, print_findings, site_option
from kb.fields import Wrong, instant
from kb.load import SiteNotFound, find_site
from kb.publish_settings import KEPT, TargetSettings

if TYPE_CHECKING:
    from generator.publishing.guard import Objection
    from generator.publishing.run import Order, Outcome
    from generator.publishing.targets import Target
    from generator.publishing.versions import Place
    from kb.findings import Finding
    from kb.reporting import Report

_VERSION = re.compile(r"\d{6,}-[0-9a-f]{10}")
_BEFORE = "the one before"


@click.command()
@click.argument("target", required=False)
@site_option
@click.option("--out", type=click.Path(path_type=Path), help="Built portal, or folder of portals for several audiences.  "
              "[default: site, in the --site folder]")
@click.option("--keep", type=click.IntRange(1, 1000), help=f"Versions that stay to go back to.  [default: {KEPT}]")
@click.option("--rollback", is_flag=False, flag_value=_BEFORE, metavar="[VERSION]",
              help="Let the version before, or this one, go live again.")
@click.option("--list", "lists", is_flag=True, help="List the versions that can go live.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and write nothing.")
@click.option("--force", "items", multiple=True, metavar="ITEM", help="Publish although this record or address breaks what is "
              "published, as a finding names it; with --reason and --by.")
@click.option("--reason", "reasons", multiple=True, metavar="TEXT", help="Why, for each --force in its order; kept for good.")
@click.option("--by", default="", metavar="NAME", help="Who forces it; kept for good.")
@click.option("--break-lock", is_flag=True, help="Take the lock of a publisher that is known to be dead.")
@click.option("--endpoint", default="", metavar="URL", help="S3: address of a storage other than Amazon's.")
@click.option("--state", default="", metavar="PLACE", help="S3 and rsync modules: where the manifest is kept, a folder or "
              "s3://bucket/prefix that nobody else can read.  [default: .waypost/published beside portal.yml]")
@click.option("--private", is_flag=True, help="S3: tell caches that others share to keep nothing.")
@click.option("--grace", type=click.IntRange(0), default=3600, show_default=True, metavar="SECONDS",
              help="S3 and rsync modules: how long files stay that only pages of earlier versions use.")
@click.option("--quiet", is_flag=True, help="Print nothing but findings.")
@json_option
def publish(target: str | None, site: Path, out: Path | None, keep: int | None, rollback: str | None, lists: bool, dry_run: bool,
            items: tuple[str, ...], reasons: tuple[str, ...], by: str, break_lock: bool, endpoint: str, state: str, private: bool,
            grace: int, quiet: bool, as_json: bool) -> None:
    """Publish what was built to TARGET: a name from portal.yml, a folder, host:/path, rsync://host/module or s3://bucket/prefix."""
    from generator.progress import progress
    from generator.publishing.failure import PublishError, Refused
    from generator.publishing.run import Order

    if target is None and rollback and not _VERSION.fullmatch(rollback) and rollback != _BEFORE:
        target, rollback = rollback, _BEFORE  # publish --rollback TARGET
    root = _root(site)
    settings, aim = _target(target, root)
    given = msgspec.structs.replace(settings, endpoint=endpoint or settings.endpoint, state=state or settings.state,
                                    keep=keep or settings.keep, private=private or settings.private)
    source = (out or (root / settings.out if root and settings.out else site / "site")).absolute()
    order = Order(source, datetime.now(UTC).replace(microsecond=0), _owner(), _forced(items, reasons, by), by, given.keep,
                  break_lock, dry_run, grace)
    try:
        with progress(quiet or as_json) as report:
            if lists or rollback:
                _versions(aim, order, rollback, report, as_json, quiet)
            else:
                _tell(_published(aim, given, order, root, report), aim, order, quiet, as_json)
    except Refused as refused:
        findings = _where(refused.objections, root, order.now)
        if as_json:
            click.echo(json.dumps({"findings": [as_dict(finding) for finding in findings],
                                   "items": list(dict.fromkeys(objection.item for objection in refused.objections))},
                                  ensure_ascii=False, indent=1))
        print_findings(findings)
        fail(f"{count(len(findings), 'error')}: nothing was published")
    except PublishError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or aim.where}: {error.strerror or error}; what is live has not changed; check the path, its "
             "permissions and the free space")


def _root(site: Path) -> Path | None:
    """The site, where there is one; a tree alone can be published too."""
    try:
        return find_site(site)
    except SiteNotFound as error:
        if site != Path():
            raise click.UsageError(str(error)) from None
        return None


def _target(text: str | None, root: Path | None) -> tuple[TargetSettings, Target]:
    """Settings of a target and the target; ends the program with exit code 2 where there is none."""
    from generator.publishing.targets import parse_target

    named = _named(root) if root else {}
    if text is None:
        raise click.UsageError("name a target" + (f": {', '.join(named)}, or a place" if named else
                                                  ": a folder, host:/path, rsync://host/module or s3://bucket/prefix"))
    settings = named.get(text) or TargetSettings("", text)
    base = root if root and text in named else Path()
    try:
        return settings, parse_target(settings.to, base)
    except Wrong as wrong:
        known = f"; portal.yml names {', '.join(named)}" if named else ""
        raise click.UsageError(f"TARGET '{settings.to}' {wrong.reason}; {wrong.remedy}{known}") from None


def _named(root: Path) -> dict[str, TargetSettings]:
    """The targets of portal.yml; ends the program with exit code 1 where it is wrong."""
    from kb.publish_settings import load_publish

    named, findings = load_publish(root)
    if findings:
        print_findings(findings)
        fail(f"{count(len(findings), 'error')}: nothing was published")
    return named


def _owner() -> str:
    """What somebody is told who finds the target taken."""
    return f"process {os.getpid()} on {socket.gethostname()} since {instant(datetime.now(UTC).replace(microsecond=0))}"


def _forced(items: Sequence[str], reasons: Sequence[str], by: str) -> dict[str, str]:
    """Reasons by item; ends the program with exit code 2 where one is missing."""
    if not items and (reasons or by):
        raise click.UsageError("--reason and --by tell of --force; name the ITEM")
    if len(items) != len(reasons):
        raise click.UsageError("--force takes one --reason for each ITEM, in the same order")
    if items and not by.strip():
        raise click.UsageError("--force takes --by NAME, which is kept with the reason")
    if any(not reason.strip() or not reason.isprintable() for reason in reasons) or not by.isprintable():
        raise click.UsageError("--reason and --by are one line of words each")
    return dict(zip(items, reasons, strict=True))


def _published(aim: Target, settings: TargetSettings, order: Order, root: Path | None, report: Report) -> Outcome:
    from generator.publishing.ordered import publish_files
    from generator.publishing.rsync_module import Module
    from generator.publishing.run import publish_version
    from generator.publishing.s3 import Bucket, BucketStore, client
    from generator.publishing.state_store import StateFolder, Store, default_folder

    if aim.kind in {"folder", "ssh"}:
        if aim.kind == "folder":
            _apart(Path(aim.path), order.out)
        return publish_version(_place(aim), order, report)
    kept = _state(settings.state)
    folder = Path(kept.path) if kept and kept.kind == "folder" else default_folder(root, aim.where)
    local = StateFolder(folder)
    s3 = client(settings.endpoint) if "s3" in {aim.kind, kept.kind if kept else ""} else None
    store: Store = BucketStore(s3, kept.host, kept.path) if kept and kept.kind == "s3" else local
    to = Bucket(s3, aim.host, aim.path, local, settings.private) if aim.kind == "s3" else Module(aim.path)
    return publish_files(to, store, local, order, report)


def _state(text: str) -> Target | None:
    """Where the manifest is kept; ends the program with exit code 2 where that is no place for it."""
    from generator.publishing.targets import parse_target

    if not text:
        return None
    try:
        found = parse_target(text if "/" in text else f"./{text}", Path())
    except Wrong as wrong:
        raise click.UsageError(f"--state '{text}' {wrong.reason}; {wrong.remedy}") from None
    if found.kind not in {"folder", "s3"}:
        raise click.UsageError(f"--state '{text}' can keep no manifest; name a folder or s3://bucket/prefix")
    return found


def _place(aim: Target) -> Place:
    """Where a target keeps versions."""
    from generator.publishing.folder import Folder
    from generator.publishing.ssh import Remote

    return Remote(aim.host, aim.path) if aim.kind == "ssh" else Folder(Path(aim.path))


def _apart(target: Path, out: Path) -> None:
    one, other = target.resolve(), out.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise click.UsageError(f"TARGET {target} and --out {out} are one inside the other; choose a folder beside it")


def _versions(aim: Target, order: Order, rollback: str | None, report: Report, as_json: bool, quiet: bool) -> None:
    """--list and --rollback."""
    from generator.publishing.run import listed, roll_back

    if aim.kind not in {"folder", "ssh"}:
        raise click.UsageError(f"{aim.where} keeps no versions; build the one that you want and publish it")
    place = _place(aim)
    if rollback:
        version, lost = roll_back(place, "" if rollback == _BEFORE else rollback, order, report)
        found = [version]
        for objection in lost:
            click.echo(f"note: {objection.item}: {objection.finding.reason}", err=True)
    else:
        found = listed(place, report)
    if as_json:
        click.echo(json.dumps([msgspec.to_builtins(version) for version in found], indent=1))
    elif not quiet:
        for version in found:
            click.echo(f"{version.version}  {instant(version.published)}  {count(version.files, 'file')}, "
                       f"{version.bytes / 1e6:.1f} MB{'  live' if version.live else ''}")


def _where(objections: Sequence[Objection], root: Path | None, now: datetime) -> list[Finding]:
    from generator.history_rules import Terms
    from generator.publishing.locate import located

    return located(objections, root, cache_folder(root, None) if root else None, Terms(now, now))


def _tell(outcome: Outcome, aim: Target, order: Order, quiet: bool, as_json: bool) -> None:
    for note in outcome.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps(_for_programs(outcome, aim, order), ensure_ascii=False, indent=1))
    elif not quiet:
        click.echo("\n".join(_lines(outcome, aim, order)))


def _for_programs(outcome: Outcome, aim: Target, order: Order) -> dict[str, Any]:
    return {"target": aim.where, "kind": aim.kind, "dry_run": order.dry_run, **msgspec.to_builtins(outcome)}


def _lines(outcome: Outcome, aim: Target, order: Order) -> Iterator[str]:
    from generator.publishing.targets import GUARANTEES

    found = outcome.effects
    if order.dry_run:
        for word, paths in (("new", found.new), ("changed", found.changed), ("gone", found.gone)):
            yield from (f"{word}: {path}" for path in paths)
    for forced in outcome.forced:
        yield f"forced: {forced.item}: {forced.reason} ({forced.by})"
    yield (f"{count(outcome.files, 'file')}, {outcome.bytes / 1e6:.1f} MB: {len(found.new):,} new, "
           f"{len(found.changed):,} changed, {len(found.gone):,} gone")
    word = "would be published" if order.dry_run else "published" if outcome.changed else "unchanged"
    yield f"{word}: {aim.where} {outcome.version} ({GUARANTEES[aim.kind]})"


