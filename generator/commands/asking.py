"""affected, compare, search."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from generator.commands.options import Command, at_option, json_option, locate, print_findings, site_option
from kb.findings import errors, nearest
from kb.library import Library, View
from kb.products import Product
from kb.records import AnyRecord
from kb.releases import ReleaseError, parse_release
from prsearch import releases


def product_option(command: Command) -> Command:
    return click.option("--product", "product_name", required=True, help="Product id, name or alias.")(command)


def platform_option(command: Command) -> Command:
    return click.option("--platform", "platform_name", default="", help="Only this platform.  [default: any]")(command)


@click.command()
@click.argument("release")
@product_option
@platform_option
@site_option
@at_option
@json_option
def affected(release: str, product_name: str, platform_name: str, site: Path, at: datetime, as_json: bool) -> None:
    """List the records that affect RELEASE, and why."""
    library = open_library(site, at)
    product, platform, release = read_question(library, product_name, platform_name, release)
    hits = releases.affected(library, product, release, platform)
    groups = {"reports": [hit for hit in hits if hit.record.kind == "report"],
              "advisories": [hit for hit in hits if hit.record.kind != "report"]}
    if as_json:
        told = {name: [{"id": hit.record.id, "aliases": names_of(hit.record), "why": str(hit.verdict.reason)} for hit in found]
                for name, found in groups.items()}
        click.echo(json.dumps({"release": release, "product": product.id, **told}, ensure_ascii=False, indent=1))
        return
    for name, found in groups.items():
        click.echo(f"{name} that affect {product.name} {release}: {len(found)}")
        for hit in found:
            click.echo(f"  {hit.record.id}  {hit.record.text.title}\n    {hit.verdict.reason}")


@click.command()
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@product_option
@platform_option
@site_option
@at_option
@json_option
def compare(start: str, end: str, product_name: str, platform_name: str, site: Path, at: datetime, as_json: bool) -> None:
    """Tell what an upgrade FROM one release TO another fixes, introduces and leaves open."""
    library = open_library(site, at)
    product, platform, start = read_question(library, product_name, platform_name, start)
    _product, _platform, end = read_question(library, product_name, platform_name, end)
    found = releases.compare(library, product, start, end, platform)
    groups = {"fixed": found.fixed, "introduced": found.introduced, "remaining": found.remaining}
    if as_json:
        told = {name: [{"id": record.id, "kind": record.kind, "title": record.text.title} for record in records]
                for name, records in groups.items()}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for name, records in groups.items():
        click.echo(f"{name}: {len(records)}")
        for record in records:
            click.echo(f"  {record.id}  {record.text.title}")


@click.command()
@click.argument("query")
@click.option("--kind", default="", help="Only these kinds: article, report, advisory, notice, bulletin.")
@click.option("--product", "product_name", default="", help="Only this product.")
@click.option("--platform", "platform_name", default="", help="Only this platform.")
@click.option("--component", default="", help="Only this component.")
@click.option("--severity", default="", help="Only these severities: critical, high, medium, low.")
@click.option("--status", default="", help="Only these states: open, fixed, closed ...")
@click.option("--affects", default="", help="Only what affects this release.")
@click.option("--fixed", default="", help="Only what is fixed in this release.")
@click.option("--since", default="", help="Only what changed on or after this day.")
@click.option("--order", type=click.Choice(["relevance", "number", "severity", "updated"]), default="relevance",
              show_default=True, help="What comes first.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Results to print.")
@site_option
@at_option
@json_option
def search(query: str, site: Path, at: datetime, order: str, limit: int, as_json: bool, product_name: str, platform_name: str,
           **filters: str) -> None:
    """Find records: words, "phrases", -exclusions and filters such as affects:21.4R3-S5 severity:critical."""
    from prsearch.memory import NAMED, Hit, MemoryIndex
    from prsearch.names import LookedUp
    from prsearch.query import Query, QueryError, make_filter, parse_query

    library = open_library(site, at)
    try:
        asked = parse_query(query)
        options = filters | {"product": product_name, "platform": platform_name}
        more = tuple(make_filter(name, value) for name, value in options.items() if value)
        index = MemoryIndex(library)
        found = index.search(Query(asked.words, asked.filters + more), order)
        looked = index.look_up(query) if not (asked.filters + more) and order == "relevance" else LookedUp([])
    except QueryError as error:
        raise click.UsageError(str(error)) from None
    scores = {hit.record.id: hit.score for hit in found.hits}
    named = [index.record(target.ordinal) for target in looked.found if not target.release]
    first = [Hit(record, scores.get(record.id, NAMED)) for record in named]
    hits = [*first, *(hit for hit in found.hits if hit.record not in named)]
    opened = [(target.release, "release", f"{product.name} {target.release}", f"releases/{product.id}/{target.release}/", NAMED)
              for target in looked.found if target.release and (product := library.catalogue.find(target.product))]
    rows = [*opened, *((hit.record.id, hit.record.kind, hit.record.text.title, hit.record.path, hit.score) for hit in hits)]
    if as_json:
        results = [{"id": name, "kind": kind, "title": title, "url": f"/{path}", "score": score}
                   for name, kind, title, path, score in rows[:limit]]
        click.echo(json.dumps({"total": len(rows), "results": results}, ensure_ascii=False, indent=1))
        return
    for wrong, right in found.corrections:
        click.echo(f"'{wrong}' occurs nowhere; searched '{right}'", err=True)
    click.echo(f"{len(rows)} found")
    if looked.unknown:
        near = ", ".join(target.release or index.record(target.ordinal).id for target in looked.near)
        click.echo(f"nothing is called {query.strip()}" + (f"; the nearest are {near}" if near else ""), err=True)
    for name, kind, title, _path, _score in rows[:limit]:
        click.echo(f"  {name:<18} {kind:<9} {title}")


def names_of(record: AnyRecord) -> list[str]:
    """Other ids of a record: CVE ids first."""
    return [*getattr(record, "cves", ()), *record.aliases]


def open_library(site: Path, at: datetime, audience: str = "") -> Library:
    """What an audience, by default the public, sees at this time; ends the program with exit code 1 where there are errors."""
    from generator.i18n import ui_languages
    from kb.load import load
    from kb.resolve import resolve

    library, findings = resolve(load(locate(site), ui_languages()), View(at, audience))
    if library is None:
        print_findings(errors(findings))
        sys.exit(1)
    return library


def read_question(library: Library, product_name: str, platform_name: str, release: str) -> tuple[Product, str | None, str]:
    """Product, platform id and release as printed; ends the program with exit code 2 for what cannot be read."""
    product = library.catalogue.find(product_name)
    if product is None:
        names = [item.id for item in library.catalogue.products]
        guess = nearest(product_name, names)
        raise click.UsageError(f"'{product_name}' is not a known product; " + (
            f"did you mean {guess}?" if guess else f"write one of {', '.join(names)}"))
    platform = product.platform(platform_name) if platform_name else None
    if platform_name and platform is None:
        raise click.UsageError(f"'{platform_name}' is not a platform of {product.id}; "
                               f"write one of {', '.join(item.id for item in product.platforms)}")
    try:
        return product, platform.id if platform else None, parse_release(release, product.scheme).text
    except ReleaseError as error:
        raise click.UsageError(f"'{release}' {error}; {error.remedy}") from None

