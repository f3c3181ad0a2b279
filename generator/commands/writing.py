"""init, new, import."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.commands.options import Command, as_dict, at_option, count, fail, json_option, locate, print_findings, site_option
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


def bulletin_options(command: Command) -> Command:
    """The options that only advisories and notices have."""
    options = (
        click.option("--summary", default="", help="Summary of a bulletin."),
        click.option("--status", default="", help="draft, interim or final.  [default: draft]"),
        click.option("--publish-at", default="", help="First publication of a bulletin, with a zone: 2026-11-22T16:00:00Z."),
        click.option("--tlp", default="", help="TLP label: WHITE or GREEN.  [default: WHITE]"),
        click.option("--affected", multiple=True, metavar="PRODUCT: RANGE",
                     help="Affected releases: 'exos: 21.4 before 21.4R3-S5'."),
        click.option("--fixed", multiple=True, metavar="PRODUCT: RELEASES", help="Fixed releases: 'exos: 21.4R3-S5, 22.2R3'."),
        click.option("--cve", "cves", multiple=True, help="CVE id."),
        click.option("--cvss", multiple=True, help="CVSS 3.1 or 4.0 vector; the score is computed."),
        click.option("--cwe", multiple=True, help="CWE id."),
        click.option("--credit", "credits", multiple=True, help="Whom to thank."),
        click.option("--reference", "references", multiple=True, metavar="URL TITLE", help="Address and title of a reference."))
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("kind", type=click.Choice(["article", "report", "advisory", "notice", "bulletin"]))
@site_option
@click.option("--title", default="", help="Title of the draft.")
@click.option("--product", "products", multiple=True,
              help="Product id; advisories and notices may have several.  [default: the first of products.yml]")
@click.option("--id", "record_id", default="", help="Id.  [default: the next free one]")
@bulletin_options
@at_option
def new(kind: str, site: Path, title: str, products: tuple[str, ...], record_id: str, at: datetime, **answers: Any) -> None:
    """Write a valid draft with the next id; for an advisory or a notice, ask where nothing is given."""
    from generator.bulletin_draft import Given
    from generator.scaffold import ScaffoldError, new_bulletin, new_record

    root = locate(site)
    given = any(answers.values())
    asks = not (given or title or products) and sys.stdin.isatty()
    try:
        if kind in {"advisory", "notice"} and (given or asks or len(products) > 1):
            options = None if asks else Given(title=title, products=products, **answers)
            path = new_bulletin(root, "advisory" if kind == "advisory" else "notice", options, _Terminal(), record_id, at)
        elif given or len(products) > 1:
            raise click.UsageError(f"an option is of no use for {kind}; --title, --product and --id are")
        else:
            path = new_record(root, kind, title, "".join(products), record_id, at)
    except ScaffoldError as error:
        fail(str(error))
    click.echo(path)


class _Terminal:
    def ask(self, question: str) -> str:
        return str(click.prompt(question, default="", show_default=False))

    def tell(self, message: str) -> None:
        click.echo(message, err=True)


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


@click.command()
@site_option
@click.option("--replace", is_flag=True, help="Write a new secret over the one that is there.")
def seal(site: Path, replace: bool) -> None:
    """Write the secret of sealed tables (entitlements, cases) into the site: seal.key.

    Builds need it to seal private tables, see docs/sealed-tables.md. Keep it out of public places and keep a copy. With another
    secret every row of every table is sealed anew, which takes as long as the first build.
    """
    from kb.seal_key import write_seal_key

    file = locate(site) / "seal.key"
    try:
        write_seal_key(file, replace)
    except FileExistsError:
        fail(f"{file} is there already; --replace writes a new secret, and all rows are then sealed anew")
    click.echo(f"wrote {file}\nnext: keep a copy of it where nobody else can read it, and name the tables in portal.yml")
