"""init, new, import."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from generator.commands.options import as_dict, at_option, count, fail, json_option, locate, print_findings, site_option
from kb.findings import errors


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
def init(directory: Path) -> None:
    """Write a minimal, well-commented site into DIRECTORY."""
    from generator.scaffold import ScaffoldError, init_site

    try:
        written = init_site(directory)
    except ScaffoldError as error:
        fail(str(error))
    click.echo(f"wrote {count(len(written), 'file')} into {directory}\nnext: waypost serve --site {directory}")


@click.command()
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


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(["cve", "csaf", "osv", "kcs", "known-issues", "jsonl", "csv"]))
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--into", "site", type=click.Path(path_type=Path, file_okay=False), default=Path(),
              help="Site to import into.  [default: current folder]")
@click.option("--force", is_flag=True, help="Overwrite records that were edited by hand.")
@click.option("--product", default="", help="Product of records that name none.")
@click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN",
              help="Which column of a CSV or JSON Lines file is a field.")
@click.option("--language", default="en", show_default=True, help="Language of records that name none.")
@click.option("--date", default="", help="Day (2026-11-22) of records that have none.  [default: that of their file]")
@json_option
def import_(form: str, source: Path, site: Path, force: bool, product: str, columns: tuple[str, ...], language: str, date: str,
            as_json: bool) -> None:
    """Fill a site from exports: FORMAT is cve, csaf, osv, kcs, known-issues, jsonl or csv."""
    from kb.importers import run_import

    mapping = {}
    for item in columns:
        name, equals, column = item.partition("=")
        if not (name and equals and column):
            raise click.UsageError(f"--map {item}: write FIELD=COLUMN")
        mapping[name] = column
    try:
        report = run_import(form, source, locate(site), force=force, columns=mapping, product=product, language=language,
                            date=date)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        click.echo(json.dumps({"written": report.written, "unchanged": report.unchanged, "kept": report.kept,
                               "rejected": report.rejected,
                               "findings": [as_dict(finding) for finding in report.findings]}, ensure_ascii=False, indent=1))
    else:
        print_findings(report.findings)
        click.echo(f"{report.written:,} written, {report.unchanged:,} unchanged, {report.kept:,} kept as edited by hand, "
                   f"{count(report.rejected, 'input')} rejected")
    sys.exit(1 if errors(report.findings) else 0)
