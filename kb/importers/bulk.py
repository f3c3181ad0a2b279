"""Problem reports in bulk: JSON Lines or CSV into one sorted ``.jsonl`` file. Memory grows with the ids, not with the texts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO

import msgspec

from kb.findings import Finding
from kb.importers.bulk_csv import csv_records
from kb.importers.bulk_merge import merge
from kb.importers.bulk_records import FIELDS, record_fields, record_number
from kb.importers.drafts import keeper, reject
from kb.importers.job import Job
from kb.importers.links import neutralise
from kb.importers.names import derived_number, slug
from kb.importers.report import Tally
from kb.importers.sources import SourceFile, clean, json_lines, source_files
from kb.library import sort_key
from kb.parse import Context, parse_line_record
from kb.products import Catalogue
from kb.records import Place, normal_id
from kb.source import MAX_LINE_BYTES, from_json
from kb.text import HEADINGS

Reader = Callable[[SourceFile, Tally], Iterator[tuple[int, dict[str, object]]]]
_TEXTS = ("body", *HEADINGS)


class _Spot(msgspec.Struct, frozen=True, gc=False):
    """Where a record lies in the spool, and the line of the source that it came from."""

    offset: int
    length: int
    line: int


class _Batch:
    """The records of one source file on their way: normalised in a temporary file, found by id."""

    def __init__(self, file: SourceFile, spool: IO[bytes]) -> None:
        self.file, self.spool = file, spool
        self.spots: dict[str, _Spot] = {}
        self.path = f"reports/{slug(file.stem)}.jsonl"

    def read(self, record_id: str) -> dict[str, object]:
        spot = self.spots[record_id]
        self.spool.seek(spot.offset)
        found = msgspec.json.decode(self.spool.read(spot.length))
        assert isinstance(found, dict)
        return found

    def place(self, record_id: str) -> Place:
        return self.file.place(self.spots[record_id].line)


def import_jsonl(job: Job) -> None:
    """JSON Lines with one problem report a line."""
    _import(job, json_lines, (".jsonl", ".ndjson"))


def import_csv(job: Job) -> None:
    """CSV with one problem report a row."""
    _import(job, csv_records, (".csv", ".tsv"))


def _import(job: Job, reader: Reader, endings: tuple[str, ...]) -> None:
    if unknown := [name for name in job.options.columns if name not in FIELDS]:
        job.tally.note(job.place, "is no field of a problem report", f"map fields such as {', '.join(FIELDS[:8])}", "columns",
                       ", ".join(unknown), "error")
        return
    batches: list[_Batch] = []
    names: set[str] = set()
    with tempfile.TemporaryFile() as spool:
        for file in source_files(job.source, endings, job.tally):
            batch = _Batch(file, spool)
            if first := next((other for other in batches if other.path == batch.path), None):
                job.tally.reject(file.place(), f"would be written to the same file as {first.file.shown}", "rename one of them")
                continue
            _collect(batch, names, reader, job)
            batches.append(batch)
        job.book.settle()
        job.book.add_versions_as_releases()
        if any(batch.spots for batch in batches):
            _write(batches, names, job.book.write(job.place), job)


def _collect(batch: _Batch, names: set[str], reader: Reader, job: Job) -> None:
    """First pass: each record to our fields, into the spool."""
    ours: dict[str, str] = {}
    for line, given in reader(batch.file, job.tally):
        for column in given:
            if column not in ours:
                ours[column] = _field_of(column, job.options.columns)
        fields = {ours[column]: value for column, value in given.items()}
        record = record_fields(fields, batch.file.place(line), job)
        record_id = _id(record, batch, line, job)
        if record_id:
            offset = batch.spool.seek(0, 2)
            data = msgspec.json.encode({**record, "id": record_id})
            batch.spool.write(data)
            batch.spots[record_id] = _Spot(offset, len(data), line)
            aliases = record.get("aliases")
            names.update(normal_id(str(alias)) for alias in (aliases if isinstance(aliases, list) else ()))
    if ignored := [clean(column) for column, name in ours.items() if not name]:
        job.tally.note(batch.file.place(1), "are no fields of a problem report, so they are left out",
                       "map them to fields, if they are any", "columns", ", ".join(ignored))


def _field_of(column: str, columns: Mapping[str, str]) -> str:
    """Our name of a column: as the caller maps it, else where the names agree but for case and spaces; or empty."""
    theirs = {theirs: name for name, theirs in columns.items()}
    plain = "_".join(column.casefold().replace("-", " ").split())
    name = theirs.get(column, plain if plain not in columns else "")
    return name if name in FIELDS else ""


def _id(record: dict[str, object], batch: _Batch, line: int, job: Job) -> str:
    """The record's number: its own, or one derived from an id that is none, which becomes an alias. Empty: rejected."""
    given = str(record.get("id", ""))
    place = batch.file.place(line)
    if not given:
        job.tally.reject(place, "is missing", "give each record an id", "id")
        return ""
    number = record_number(given)
    if not number:
        number = derived_number(f"record:{given}")
        aliases = record.get("aliases")
        record["aliases"] = [given, *(aliases if isinstance(aliases, list) else [])]
    if number in batch.spots:
        job.tally.reject(place, f"has the id of line {batch.spots[number].line}", "keep one", "id", given)
        return ""
    if job.site.ids.get(number, batch.path) != batch.path:
        job.tally.reject(place, f"is already the id of {job.site.ids[number]}", "rename or remove one of them", "id", given)
        return ""
    return number


def _write(batches: list[_Batch], names: set[str], catalogue: Catalogue, job: Job) -> None:
    """Second pass: records that do not load are rejected, the others get their links settled and are merged in by id."""
    taken: set[str] = set()
    for batch in batches:
        for record_id in list(batch.spots):
            if record_id in taken or not _loads(batch, record_id, catalogue, job):
                if record_id in taken:
                    job.tally.reject(batch.place(record_id), "is the id of a record in another file", "keep one", "id", record_id)
                del batch.spots[record_id]
        taken |= batch.spots.keys()
    known = frozenset(taken | names | job.site.ids.keys())
    for batch in batches:
        ordered = sorted(batch.spots, key=sort_key)
        lines = ((record_id, _line(batch, record_id, known, job), batch.place(record_id)) for record_id in ordered)
        merge(batch.path, lines, job.site, batch.file.place())


def _loads(batch: _Batch, record_id: str, catalogue: Catalogue, job: Job) -> bool:
    findings: list[Finding] = []
    record = batch.read(record_id)
    place = batch.place(record_id)
    data = msgspec.json.encode(record)
    if len(data) > MAX_LINE_BYTES - 1000:
        job.tally.reject(place, f"makes a line longer than {MAX_LINE_BYTES:,} bytes", "shorten its texts", "id", record_id)
        return False
    value = from_json(data.decode(), batch.path, place.line).data
    assert isinstance(value, dict)
    parse_line_record(value, "report", batch.path, place.line, Context(job.site.portal, catalogue, findings))
    reject(findings, place, job.site)
    return not findings


def _line(batch: _Batch, record_id: str, known: frozenset[str], job: Job) -> bytes:
    """The line as it goes into the site."""
    record = batch.read(record_id)
    place = batch.place(record_id)

    def is_known(name: str) -> bool:
        return normal_id(name) in known or normal_id(name) in job.site.aliases

    keep = keeper(known, {}, job.site, batch.path)
    for name in _TEXTS:
        if text := record.get(name):
            record[name] = neutralise(str(text), lambda target: keep(target) or is_known(target.split("#")[0]))
    related = [str(item) for item in record.get("related") or [] if normal_id(str(item)) != record_id]  # type: ignore[attr-defined]
    for lost in [item for item in related if not is_known(item)]:
        job.tally.note(place, "is not a record of this site, so it is left out", "import it too, then this again", "related",
                       lost)
    record["related"] = [record_number(item) or item for item in related if is_known(item)]
    successor = str(record.get("duplicate_of") or "")
    if successor and not is_known(successor):
        job.tally.note(place, "is not a record of this site, so the report counts as closed", "import it too, then this again",
                       "duplicate_of", successor)
        record |= {"duplicate_of": "", "status": "closed"}
    record["aliases"] = [alias for alias in record.get("aliases") or [] if normal_id(alias) not in batch.spots]  # type: ignore[attr-defined]
    return msgspec.json.encode({name: value for name, value in record.items() if value}) + b"\n"

