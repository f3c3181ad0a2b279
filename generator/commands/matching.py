"""match: a log against a published portal."""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from generator.commands.asking import open_library
from generator.commands.options import at_option, fail, json_option
from kb.fields import Wrong
from kb.findings import SourceError, nearest
from kb.printable import printable_line

if TYPE_CHECKING:
    from generator.network.incidents import Affecting, Incident, Matched
    from kb.records import Kind
    from prsearch.log_device import Device
    from prsearch.logs import Log
    from prsearch.published import NamedOption, ProductOption, PublishedIndex

_CHUNK = 1 << 18  # bytes
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")  # by terminals, though JSON lets them stand
_LINES = 5  # of a log shown for each record


@click.command()
@click.argument("logfile", metavar="LOGFILE", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--portal", default="", metavar="DIR_OR_URL", help="Folder or https address of a built portal.")
@click.option("--site", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Folder with portal.yml instead, if the portal is not built.")
@at_option
@click.option("--product", default="", help="Product id, name or alias.  [default: what the log says]")
@click.option("--release", default="", help="Release that the device runs.  [default: what the log says]")
@click.option("--platform", default="", help="Platform of the device.  [default: what the log says]")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="Records to print.")
@json_option
def match(logfile: str, portal: str, site: Path | None, at: datetime, product: str, release: str, platform: str, limit: int,
          as_json: bool) -> None:
    """Find the records that quote the messages of LOGFILE (- for standard input; .gz is unpacked), whatever their numbers,
    addresses and times, and tell whether they affect the release."""
    from generator.network.incidents import match_log

    if bool(portal) == (site is not None):
        raise click.UsageError("name the portal: either --portal with its folder or address, or --site with its source")
    try:
        index, affecting = _of_site(site, at) if site else _published(portal)
        given = _given(index.options.products, product, release, platform)
        log = _read(logfile)
        found = match_log(index, affecting, log, given, limit)
    except Wrong as wrong:
        named = printable_line(portal) if "@" not in portal else "the address"  # which may hold a password
        raise click.UsageError(f"--portal: {named} {wrong.reason}; {wrong.remedy}") from None
    except SourceError as error:
        fail(printable_line(str(error)))
    if as_json:
        text = json.dumps(_for_programs(log, found), ensure_ascii=False, indent=1)
        click.echo(_OBEYED.sub(lambda letter: f"\\u{ord(letter[0]):04x}", text))
        return
    for line in _as_lines(log, found):
        click.echo(line)


def _published(portal: str) -> tuple[PublishedIndex, Affecting]:
    from generator.network.incidents import affecting_in
    from generator.network.source import Source
    from prsearch.published import PublishedIndex

    source = Source(portal)
    index = PublishedIndex(source.read, source.where)
    return index, affecting_in(source, index)


def _of_site(site: Path, at: datetime) -> tuple[PublishedIndex, Affecting]:
    from generator.network.incidents import affecting_of
    from prsearch.published import FOLDER, PublishedIndex
    from prsearch.static import index_files

    library = open_library(site, at)
    files = index_files(library)
    return PublishedIndex(lambda path, _generation: files[path.removeprefix(FOLDER)], str(site)), affecting_of(library)


def _given(products: Sequence[ProductOption], product: str, release: str, platform: str) -> Device:
    """What the options say of the device, as ids; ends the program with exit code 2 for what the portal does not know."""
    from prsearch.log_device import Device

    if not (product or release or platform):
        return Device()
    wanted = [one for one in products if not product or _is(product, one)]
    if not wanted:
        raise click.UsageError(_unknown(product, "a product of this portal", [one.id for one in products]))
    if release:
        having = [one for one in wanted if any(own.id.lower() == release.lower() for own in one.releases)]
        if not having:
            raise click.UsageError(_unknown(release, "a known release", [own.id for one in wanted for own in one.releases]))
        if len(having) > 1:
            raise click.UsageError(f"'{release}' is a release of several products; add --product {having[0].id} or another")
        wanted = having
        release = next(own.id for own in wanted[0].releases if own.id.lower() == release.lower())
    if platform:
        named = [(one, own.id) for one in wanted for own in one.platforms if _is(platform, own)]
        if not named:
            raise click.UsageError(_unknown(platform, "a known platform", [own.id for one in wanted for own in one.platforms]))
        wanted, platform = [named[0][0]], named[0][1]
    return Device(wanted[0].id if len(wanted) == 1 else "", release, platform)


def _is(name: str, one: NamedOption) -> bool:
    return name.casefold() in {own.casefold() for own in (one.id, one.name, *one.names.values(), *one.aliases)}


def _unknown(value: str, what: str, known: list[str]) -> str:
    guess = nearest(value, known)
    return f"'{value}' is not {what}; " + (f"did you mean {guess}?" if guess else f"write one of {', '.join(known[-20:])}")


def _read(logfile: str) -> Log:
    from prsearch.logs import read_log

    if logfile == "-":
        return read_log(_chunks(BufferedReader(cast("RawIOBase", sys.stdin.buffer)), "standard input"))
    try:
        with Path(logfile).open("rb") as file:
            return read_log(_chunks(file, logfile))
    except OSError as error:
        raise click.UsageError(f"{logfile}: {error.strerror or error}; name a file that can be read") from None


def _chunks(file: BufferedReader, name: str) -> Iterator[bytes]:
    """The bytes of a log in pieces, unpacked where it is a gzip file; of a damaged one, what can be read."""
    if file.peek(2)[:2] != b"\x1f\x8b":
        while chunk := file.read(_CHUNK):
            yield chunk
        return
    try:
        yield from _unpacked(file)
    except (EOFError, zlib.error):
        click.echo(f"note: {printable_line(name)}: the gzip file ends early or is damaged; what could be read was used", err=True)


def _unpacked(file: BufferedReader) -> Iterator[bytes]:
    """What gzip streams, one after the other, hold (RFC 1952), to the last readable byte. Raises EOFError and zlib.error."""
    stream, begun = zlib.decompressobj(zlib.MAX_WBITS | 16), False
    while data := file.read(_CHUNK):
        while data:
            yield stream.decompress(data, _CHUNK)
            data = stream.unconsumed_tail
            begun = not stream.eof
            if stream.eof:
                data = stream.unused_data.lstrip(b"\0")
                stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    if begun:
        raise EOFError


def _for_programs(log: Log, found: Matched) -> dict[str, Any]:
    return {
        "lines": log.lines, "messages": len(log.messages), "asked": found.asked, "complete": not log.full,
        "device": {"product": found.device.product, "release": found.device.release, "platform": found.device.platform,
                   "serial": found.device.serial},
        "priority": found.priority, "results": [_result(one) for one in found.incidents]}


def _result(one: Incident) -> dict[str, Any]:
    record_id, kind, severity, status, _updated, products, fixed, _texts = one.card
    return {
        "id": record_id, "kind": kind, "title": _title(one), "url": f"/{_path(one)}", "severity": severity, "status": status,
        "products": products, "score": one.quoting.score, "standing": one.standing, "why": one.why, "fixed": fixed,
        "messages": [{"line": message.line, "count": message.count, "level": message.level, "text": message.text}
                     for message in one.quoting.messages]}


def _as_lines(log: Log, found: Matched) -> Iterator[str]:
    device = found.device
    known = ", ".join(f"{name} {value}" for name, value in (
        ("product", device.product), ("release", device.release), ("platform", device.platform), ("serial number", device.serial))
        if value)
    yield f"{log.lines:,} lines, {len(log.messages):,} different messages, {found.asked:,} looked up"
    if log.full:
        yield "the log has more different messages than are kept; the first were read"
    yield f"device: {printable_line(known) or 'unknown; add --product and --release to see what affects it'}"
    yield f"{len(found.incidents)} found" + (f", suggested priority {found.priority}" if found.incidents else "")
    for one in found.incidents:
        yield f"  {printable_line(one.card[0]):<18} {printable_line(one.card[1]):<9} {printable_line(_title(one))}"
        if text := _standing(one, device.release):
            yield f"    {printable_line(text)}"
        for message in one.quoting.messages[:_LINES]:
            times = f" ({message.count:,} times)" if message.count > 1 else ""
            yield f"    line {message.line:,}{times}: {printable_line(message.text)}"
        if len(one.quoting.messages) > _LINES:
            yield f"    and {len(one.quoting.messages) - _LINES:,} more"


def _standing(one: Incident, release: str) -> str:
    fixes = f"; fixed in {', '.join(one.card[6])}" if one.card[6] else ""
    return {"affected": f"{release} is affected: {one.why}{fixes}", "fixed": f"fixed in {release}",
            "not listed": f"{release} is not listed as affected{fixes}", "": fixes.removeprefix("; ")}[one.standing]


def _title(one: Incident) -> str:
    return next(iter(one.card[7].values()), ("", ""))[0]


def _path(one: Incident) -> str:
    from kb.records import SECTIONS

    return f"{SECTIONS.get(cast('Kind', one.card[1]), '')}/{one.card[0]}/"
