"""Pieces: what files and JSON lines say, each read and packed by itself, so that workers can share the reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kb.findings import Finding, SourceError
from kb.heads import Head, TextLink, head_of, text_links, told_of_text
from kb.parse import Context, check_file_name, parse_file, parse_line_record, parse_translation
from kb.portal import Portal
from kb.products import Catalogue
from kb.records import Kind
from kb.source import decode, json_object, parse_document, read_bytes

_ENCODER = msgspec.msgpack.Encoder()


class Job(msgspec.Struct, frozen=True, gc=False):
    """Something to read: a file, or the line that begins at byte ``start`` of one. ``language`` and ``original`` (an id) are those
    of a translation. ``digest`` is that of what stood there before, if anything did."""

    path: str
    kind: Kind
    language: str = ""
    original: str = ""
    digest: bytes = b""
    line: int = 0
    start: int = 0
    size: int = 0


class Read(msgspec.Struct, frozen=True, array_like=True):
    """What was read for a job: the packed record or text, empty where there is none; its head or, of a translation, its links.
    ``same`` where the digest is still that of before, and nothing was parsed."""

    digest: bytes = b""
    packed: bytes = b""
    head: Head | None = None
    links: tuple[TextLink, ...] = ()
    workaround: bool = False
    told: bytes = b""
    findings: tuple[Finding, ...] = ()
    same: bool = False


DECODER = msgspec.msgpack.Decoder(list[Read])


class PieceReader:
    """Reads jobs of a site with these settings."""

    def __init__(self, root: Path, portal: Portal, catalogue: Catalogue) -> None:
        self._root, self._portal, self._catalogue = root, portal, catalogue

    def read(self, jobs: list[Job]) -> bytes:
        """A list of ``Read``, packed for the way between processes."""
        return _ENCODER.encode(list(self._read_all(jobs)))

    def _read_all(self, jobs: list[Job]) -> Iterator[Read]:
        if jobs and jobs[0].line:
            with (self._root / jobs[0].path).open("rb") as file:
                for job in jobs:
                    file.seek(job.start)
                    yield self._line(job, file.read(job.size))
            return
        for job in jobs:
            try:
                yield self._file(job)
            except SourceError as error:
                yield Read(findings=(error.finding,))

    def _file(self, job: Job) -> Read:
        data = read_bytes(self._root, job.path)
        digest = piece_digest(data, job.kind)
        if digest == job.digest:
            return Read(digest, same=True)
        document = parse_document(decode(data, job.path), job.path)
        context = Context(self._portal, self._catalogue, [])
        if job.language:
            text = parse_translation(document, job.language, job.path, job.original, context)
            if text is None:
                return Read(digest, findings=tuple(context.findings))
            return Read(digest, _ENCODER.encode(text), None, tuple(text_links(text)), text.section("workaround") is not None,
                        told_of_text(text))
        record = parse_file(document, job.kind, job.path, context)
        if record is None:
            return Read(digest, findings=tuple(context.findings))
        check_file_name(record, Path(job.path).stem, document.fields["id"].line, context.findings)
        return Read(digest, _ENCODER.encode(record), head_of(record, self._catalogue), findings=tuple(context.findings))

    def _line(self, job: Job, raw: bytes) -> Read:
        values = json_object(raw, job.path, job.line)
        if isinstance(values, Finding):
            return Read(findings=(values,))
        context = Context(self._portal, self._catalogue, [])
        record = parse_line_record(values, job.kind, job.path, job.line, context)
        if record is None:
            return Read(findings=tuple(context.findings))
        return Read(piece_digest(raw, job.kind), _ENCODER.encode(record), head_of(record, self._catalogue),
                    findings=tuple(context.findings))


def piece_digest(data: bytes, kind: Kind) -> bytes:
    """16 bytes that are others for other bytes and, as what these say depends on it, for another kind."""
    return hashlib.blake2b(data, digest_size=16, person=kind.encode()).digest()
