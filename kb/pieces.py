"""Pieces: what files and JSON lines say, each read and packed by itself, so that workers can share the reading."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import msgspec

from kb.findings import Finding, SourceError
from kb.heads import Head, TextLink, head_of, text_links, told_of_text
from kb.parse import Context, check_file_name, parse_file, parse_line_record, parse_translation
from kb.portal import Portal
from kb.products import Catalogue
from kb.records import AnyRecord, Kind, Section
from kb.restricted_parts import FIELD, Left, Parts, Restrictions, has_parts
from kb.source import Document, decode, json_object, parse_document, read_bytes

_ENCODER = msgspec.msgpack.Encoder()
_ESCAPED = re.compile(rb"\\u00(?:3[cC]|21|2[dD])")  # signs of a comment's beginning, as JSON may hold them


class Job(msgspec.Struct, frozen=True, gc=False):
    """Something to read: a file, or the line that begins at byte ``start`` of one. ``language`` and ``original`` (an id) are
    those of a translation, ``restrictions`` those of its original. ``digest`` is that of what stood there before, if
    anything did."""

    path: str
    kind: Kind
    language: str = ""
    original: str = ""
    digest: bytes = b""
    restrictions: Restrictions = ()
    line: int = 0
    start: int = 0
    size: int = 0


class Read(msgspec.Struct, frozen=True, array_like=True):
    """What was read for a job: the packed record or text, empty where there is none; its head or, of a translation, its links.
    ``same`` where the digest is still that of before, and nothing was parsed. Where parts are ``restricted`` to some audiences,
    ``variants`` are what those get who are not in all of them: each ``hides`` the parts of some."""

    digest: bytes = b""
    packed: bytes = b""
    head: Head | None = None
    links: tuple[TextLink, ...] = ()
    workaround: bool = False
    told: bytes = b""
    findings: tuple[Finding, ...] = ()
    same: bool = False
    restricted: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    variants: tuple[Read, ...] = ()
    restrictions: Restrictions = ()


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
        text = decode(data, job.path)
        document = parse_document(text, job.path)
        if not (job.restrictions or has_parts(document.fields, text)):
            return self._parsed(job, digest, document, None, self._context())
        findings: list[Finding] = []
        inherited = job.restrictions if job.language else None
        parts = Parts(document.fields, document, job.path, 1, self._portal, findings, inherited)

        def parse(left: Left, context: Context) -> Read:
            shown = msgspec.structs.replace(document, fields=left.fields)
            return self._parsed(job, left.digest if left.hides else digest, shown, left.sections, context)

        return self._in_variants(parts, findings, job.path, parse)

    def _parsed(self, job: Job, digest: bytes, document: Document, sections: tuple[Section, ...] | None,
                context: Context) -> Read:
        """The record or the translation in a Markdown file."""
        if job.language:
            text = parse_translation(document, job.language, job.path, job.original, context, sections)
            if text is None:
                return Read(digest, findings=tuple(context.findings))
            return Read(digest, _ENCODER.encode(text), None, tuple(text_links(text)), text.section("workaround") is not None,
                        told_of_text(text))
        record = parse_file(document, job.kind, job.path, context, sections)
        if record is None:
            return Read(digest, findings=tuple(context.findings))
        check_file_name(record, job.path.rpartition("/")[2].removesuffix(".md"), document.fields["id"].line, context.findings)
        return self._packed(digest, record, context)

    def _line(self, job: Job, raw: bytes) -> Read:
        values = json_object(raw, job.path, job.line)
        if isinstance(values, Finding):
            return Read(findings=(values,))
        digest = piece_digest(raw, job.kind)

        def parse(left: Left, context: Context) -> Read:
            record = parse_line_record(left.fields, job.kind, job.path, job.line, context)
            if record is None:
                return Read(findings=tuple(context.findings))
            return self._packed(left.digest if left.hides else digest, record, context)

        if not (FIELD in values or b"<!--" in raw or (b"\\u00" in raw and _ESCAPED.search(raw))):
            return parse(Left((), values, None, digest), self._context())
        findings: list[Finding] = []
        return self._in_variants(Parts(values, None, job.path, job.line, self._portal, findings), findings, job.path, parse)

    def _packed(self, digest: bytes, record: AnyRecord, context: Context) -> Read:
        return Read(digest, _ENCODER.encode(record), head_of(record, self._catalogue), findings=tuple(context.findings))

    def _in_variants(self, parts: Parts, findings: list[Finding], path: str, parse: Callable[[Left, Context], Read]) -> Read:
        """What was read of a source with restricted parts, once for each set of audiences that some reader is not in."""
        if findings:
            return Read(findings=tuple(findings))
        own = parts.audiences
        found: list[Read] = []
        for hides in parts.hidden_sets():
            left = parts.left(hides)
            context = Context(self._portal, self._catalogue, [], len(hides) < len(own))
            read = parse(left, context)
            if found:  # what is wrong with the whole has been told
                findings += [_lacking(finding, hides, parts.line) for finding in read.findings]
            else:
                findings += read.findings
            found.append(msgspec.structs.replace(read, findings=(), hides=hides, restricted=own))
            if findings:
                return Read(found[0].digest, findings=tuple(dict.fromkeys(findings)))
        return msgspec.structs.replace(found[0], variants=tuple(found[1:]), restrictions=parts.restrictions)

    def _context(self) -> Context:
        return Context(self._portal, self._catalogue, [])


def _lacking(finding: Finding, hides: Collection[str], line: int) -> Finding:
    """What is wrong with the rest of a record, told of its restrictions."""
    return Finding(finding.path, line, FIELD, ", ".join(hides), f"leaves others with a record of which {finding.field} "
                   f"{finding.reason}", "leave that to all who see the record, or restrict it as a whole with 'audience: ...'")


def piece_digest(data: bytes, kind: Kind) -> bytes:
    """16 bytes that are others for other bytes and, as what these say depends on it, for another kind."""
    return hashlib.blake2b(data, digest_size=16, person=kind.encode()).digest()
