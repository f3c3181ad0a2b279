"""Sealed tables of a portal: their sources are looked at with everything else that is loaded, and put into the next version of
the portal when all the rest is in order. A table whose sources have not changed costs nothing."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from generator.building import Options
from generator.output import Tree
from generator.output_folder import state_file
from generator.seal.format import salt_of
from generator.seal.master_keys import MasterKeys
from generator.seal.rows import Rows
from generator.seal.spool import Spool
from generator.seal.table_files import TableFiles
from kb.findings import Finding, SourceError
from kb.key_space import KeySpace, guesses_per_hour, rounded
from kb.library import Library
from kb.portal import Portal
from kb.private_tables import row_reader
from kb.program import program_digest
from kb.reporting import Report, quiet
from kb.seal_key import SealKey, read_seal_key
from kb.seal_settings import TableSettings
from kb.sealed import read_sealed, write_sealed
from kb.source import read_yaml
from kb.table_rows import Faults, stamp_of

_SMALL = 1_000_000  # core-hours below which trying all keys of a table is cheap: some days of one graphics card
_RACE = 2_000_000_000  # nanoseconds: a file changed so shortly before it was looked at may have changed since at the same time
_EXAMPLES = (".example", "example.com", "example.net", "example.org", "localhost", "127.0.0.1")


class _Put(msgspec.Struct, frozen=True):
    """A table as the last build put it: ``inputs`` stand for all that it depends on, ``files`` are paths and their keys."""

    inputs: bytes
    notes: tuple[Finding, ...]
    files: tuple[tuple[str, str], ...]


class Sealing(msgspec.Struct, frozen=True):
    """The sealed tables of a portal before they are put: what was read of each, or what the last build put of it."""

    portal: Portal
    secret: bytes
    rows: Mapping[str, Rows]
    standing: Mapping[str, _Put]
    inputs: Mapping[str, bytes]
    findings: tuple[Finding, ...]
    notes: Mapping[str, tuple[Finding, ...]]


NOTHING_SEALED = Sealing(Portal("", "", (), ()), b"", {}, {}, {}, (), {})


def sources_of(site: Path) -> list[Path]:
    """The files that sealed tables come from, and that of their secret, as far as ``portal.yml`` can be made out."""
    found: list[Path] = []
    try:
        value = read_yaml(site, "portal.yml")
    except SourceError:
        return []
    sealed = value.data.get("sealed") if isinstance(value.data, dict) else None
    for setting in (sealed.data.values() if sealed and isinstance(sealed.data, dict) else ()):
        source = setting.data.get("source") if isinstance(setting.data, dict) else setting
        texts = source.data if source and isinstance(source.data, list) else [source]
        found += [site / text.data for text in texts if text and isinstance(text.data, str)]
    return found


def read_sealing(library: Library, options: Options, shared: Sealing | None = None) -> Sealing:
    """Reads and checks the tables that have changed since the last build; findings say what is wrong. What was read for another
    tree of the same build is ``shared``."""
    portal, site = library.portal, options.site
    if not portal.sealed.tables or options.shard:
        return NOTHING_SEALED
    try:
        key = read_seal_key(site, portal.sealed.key)
    except SourceError as error:
        key, findings = SealKey(bytes(32)), [error.finding]
    else:
        findings = _doubts(key, portal, site)
    before = _load(options)
    rows: dict[str, Rows] = {}
    standing: dict[str, _Put] = {}
    inputs: dict[str, bytes] = {}
    notes: dict[str, tuple[Finding, ...]] = {}
    for settings in portal.sealed.tables:
        inputs[settings.name] = _inputs(settings, key, library, options)
        last = before.get(settings.name)
        if last and last.inputs == inputs[settings.name] != b"":
            standing[settings.name] = last
            found: list[Finding] = list(last.notes)
        elif shared and settings.name in shared.rows:
            rows[settings.name], found = shared.rows[settings.name], list(shared.notes[settings.name])
        else:
            rows[settings.name], found = _read(settings, key.secret, library, options)
        findings += found
        notes[settings.name] = tuple(finding for finding in found if finding.level == "note")
    return Sealing(portal, key.secret, rows, standing, inputs, tuple(findings), notes)


def _doubts(key: SealKey, portal: Portal, site: Path) -> list[Finding]:
    if not key.example:
        if (site / portal.sealed.key).stat().st_mode & 0o004 == 0:
            return []
        return [Finding(portal.sealed.key, 0, "", "", "can be read by every user of this machine",
                        "keep it to its owner with 'chmod 600'", "note")]
    host = portal.url.partition("//")[2].partition("/")[0].partition(":")[0]
    if host.endswith(_EXAMPLES):
        return []
    return [Finding(portal.sealed.key, 0, "example", "", "marks a secret that everybody knows",
                    "make your own with 'waypost seal --replace'", "note")]


def _inputs(settings: TableSettings, key: SealKey, library: Library, options: Options) -> bytes:
    """What stands for all that a table depends on; empty where its sources changed only just now."""
    seen = time.time_ns()
    stamps = [stamp_of(options.site / source) for source in settings.sources]
    if any(stamp is None or max(stamp.modified, stamp.changed) > seen - _RACE for stamp in stamps):
        return b""
    plain = msgspec.structs.replace(settings, line=0)
    told = (plain, stamps, library.catalogue, library.policy, options.skip_bad_rows)
    program = program_digest(("kb", "generator.seal"), ("cryptography", "msgspec"))
    return hashlib.blake2b(program + msgspec.msgpack.encode(told), digest_size=32, key=key.secret).digest()


def _read(settings: TableSettings, secret: bytes, library: Library, options: Options) -> tuple[Rows, list[Finding]]:
    faults = Faults(options.skip_bad_rows)
    rows = Rows(settings, Spool(options.cache), _keys(settings, secret, options).name_of)
    spaces = {name: KeySpace() for lookup in settings.lookups for name in lookup}
    rows.read(options.site, row_reader(settings, library.catalogue, library.policy), faults, spaces)
    return rows, [*faults.findings, *_cheap(settings, spaces, library.portal)]


def _keys(settings: TableSettings, secret: bytes, options: Options) -> MasterKeys:
    return MasterKeys(options.cache, secret, settings.name, salt_of(secret, settings.name), settings.iterations)


def _cheap(settings: TableSettings, spaces: Mapping[str, KeySpace], portal: Portal) -> list[Finding]:
    """A note where one of the lookups has too few keys for what each of them costs."""
    counts = [(math.prod(spaces[name].values for name in lookup), lookup) for lookup in settings.lookups]
    values, lookup = min(((count, lookup) for count, lookup in counts if count), default=(math.inf, ()))
    rate = guesses_per_hour(settings.iterations)
    if values / rate >= _SMALL:
        return []
    hours = f"{rounded(values / rate)} hours" if values >= 2 * rate else "less than two hours"
    remedy = ("add contract or order to keys, or raise iterations" if lookup == ("serial",) else
              "give longer codes that nobody can guess, or raise iterations" if "code" in lookup else "raise iterations")
    return [Finding(
        portal.place.path, settings.line, f"sealed.{settings.name}", "",
        f"is opened by {' and '.join(lookup)}, of which there may be about {rounded(values)}: one processor core tries them all "
        f"in {hours}, {rounded(rate)} an hour at {settings.iterations:,} iterations",
        f"{remedy}; see docs/sealed-tables.md", "note")]


def put_sealed(tree: Tree, sealing: Sealing, library: Library, options: Options, report: Report = quiet) -> None:
    """Adds all files of all tables; what the live tree has is neither made nor read. Raises OutputError and WorkerLost."""
    put: dict[str, _Put] = {}
    for settings in sealing.portal.sealed.tables:
        last = sealing.standing.get(settings.name)
        if last and all(tree.holds(path, key) for path, key in last.files):
            tree.keep_all(dict(last.files))
            put[settings.name] = last
            continue
        rows = sealing.rows.get(settings.name) or _read(settings, sealing.secret, library, options)[0]
        masters = _keys(settings, sealing.secret, options)
        files = TableFiles(settings, sealing.secret, rows, masters, options.jobs, report).put(tree)
        put[settings.name] = _Put(sealing.inputs[settings.name], sealing.notes[settings.name], tuple(files))
    file = _file(options)
    if file and put:
        write_sealed(file, msgspec.msgpack.encode(put))
        file.chmod(0o600)


def _file(options: Options) -> Path | None:
    return state_file(options.cache, options.out, "sealed")


def _load(options: Options) -> dict[str, _Put]:
    file = _file(options)
    try:
        return msgspec.msgpack.decode(read_sealed(file), type=dict[str, _Put]) if file else {}
    except (OSError, ValueError, msgspec.DecodeError):
        return {}
