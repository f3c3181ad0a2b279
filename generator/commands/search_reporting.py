"""search-report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from generator.commands.asking import open_library
from generator.commands.options import at_option, count, fail, json_option, site_option
from generator.search_report import Asked, Searches, SearchReport
from kb.library import Library


@click.command("search-report")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Queries in each list.")
@site_option
@at_option
@json_option
def search_report(logs: tuple[str, ...], limit: int, site: Path, at: datetime, as_json: bool) -> None:
    """Tell what readers searched for, from access logs (also .gz, - is standard input): the most frequent queries, those without
    results, and those after which nobody opened a record."""
    from generator.access_logs import AccessLog

    library = open_library(site, at)
    log = AccessLog()
    report = Searches(library.portal).report(log.requests(logs))
    for file in log.broken:
        click.echo(f"{file}: is damaged or not at its end yet; read as far as possible", err=True)
    if log.unreadable:
        click.echo(f"{count(log.unreadable, 'line')} of {log.lines:,} could not be read", err=True)
    if log.lines and not report.requests:
        fail("no line is a request in a format that is known; write combined (nginx, Apache), Caddy's JSON or W3C extended logs")
    lists = {"queries": report.queries[:limit], "without_click": report.without_click()[:limit],
             "without_results": report.without_results(_finder(library), limit)}
    if as_json:
        told = _told(report, log.unreadable, lists)
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    period = f" from {_time(report.first)} to {_time(report.last)}" if report.requests else ""
    counted = f"{report.robots:,} of them by programs; {report.searches:,} searches"
    click.echo(f"{count(report.requests, 'request')}{period}, {counted}")
    _print("asked most", lists["queries"], lambda asked: asked.searches)
    _print("without results", lists["without_results"], lambda asked: asked.searches)
    _print("without a click", lists["without_click"], lambda asked: asked.without_click)


def _finder(library: Library) -> Callable[[str], bool]:
    """Whether the records of the portal hold a query; one that cannot be understood finds nothing."""
    from prsearch.memory import MemoryIndex
    from prsearch.query import QueryError, parse_query

    index: list[MemoryIndex] = []  # made when the first is asked

    def finds(query: str) -> bool:
        if not index:
            index.append(MemoryIndex(library))
        try:
            return bool(index[0].search(parse_query(query), "relevance").hits)
        except QueryError:
            return False

    return finds


def _told(report: SearchReport, unreadable: int, lists: dict[str, list[Asked]]) -> dict[str, Any]:
    return {"from": _time(report.first) if report.requests else None, "to": _time(report.last) if report.requests else None,
            "requests": report.requests, "unreadable": unreadable, "robots": report.robots, "searches": report.searches,
            **{name: [{"query": asked.query, "searches": asked.searches, "without_click": asked.without_click} for asked in found]
               for name, found in lists.items()}}


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"


def _print(title: str, found: Iterable[Asked], number: Callable[[Asked], int]) -> None:
    click.echo(f"\n{title}:")
    for asked in found:
        click.echo(f"  {number(asked):>7,}  {asked.query}")
