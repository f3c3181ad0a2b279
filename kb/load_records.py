"""Loads the records of a site: what has changed since the last time is read, by workers where there is much of it."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from kb.blocks import Block, Cutter, changed_middle
from kb.findings import Finding, SourceError
from kb.heads import Head, told_with
from kb.pieces import DECODER, Job, PieceReader, Read, piece_digest
from kb.portal import Portal
from kb.products import Catalogue
from kb.program import program_digest
from kb.records import FOLDERS, Kind, normal_id
from kb.reporting import Report
from kb.restricted_parts import Restrictions
from kb.source import all_lines
from kb.store import Piece, Records, Row, Source, Store
from kb.walk import Entry, walk_entries
from kb.workers import done

_TRANSLATION = re.compile(r"(?P<stem>.+)\.(?P<language>[a-z]{2,3}(-[A-Z]{2})?)")
_BATCH = 200  # files or lines that a worker reads at once
_RACE = 2_000_000_000  # nanoseconds: a file changed so shortly before it was read may have changed since at the same time


class _File(msgspec.Struct, frozen=True, gc=False):
    """A file of a kind; ``stem`` and ``language`` where its name is that of a translation."""

    path: str
    kind: Kind
    stamp: tuple[int, int, int, int]
    stem: str = ""
    language: str = ""


def load_records(root: Path, portal: Portal, catalogue: Catalogue, findings: list[Finding], cache: Path | None, jobs: int,
                 report: Report) -> Records:
    """All records in the order of their kinds and files."""
    store = Store(cache, _scheme(portal, catalogue))
    loader = _Loader(root, portal, PieceReader(root, portal, catalogue), store, findings, jobs, report)
    files = {kind: _files(root, folder, kind, findings) for folder, kind in FOLDERS.items()}
    loader.read([file for found in files.values() for file in found if not file.language])
    ids = {kind: {piece.head.key for file in found if not file.language for piece in loader.pieces(file.path) if piece.head}
           for kind, found in files.items()}
    translations = [file for found in files.values() for file in found if file.language]
    if translations:
        loader.share_restrictions(file for found in files.values() for file in found)
    loader.read([file for file in translations if loader.has_original(file, ids[file.kind])])
    store.save(loader.kept, loader.started, loader.anew)
    rows = [row for found in files.values() for row in loader.rows(found)]
    return Records(rows, store.data(), store.index)


def _scheme(portal: Portal, catalogue: Catalogue) -> str:
    """Identifies what all pieces depend on."""
    digest = hashlib.blake2b(program_digest(("kb",), ("comrak", "cvss", "msgspec", "pyyaml")), digest_size=16)
    audiences = [(audience.id, audience.sees) for audience in portal.audiences]
    digest.update(msgspec.msgpack.encode((portal.language, audiences, catalogue)))
    return digest.hexdigest()


def _files(root: Path, folder: str, kind: Kind, findings: list[Finding]) -> list[_File]:
    found = [(path, entry) for path, entry in walk_entries(root, folder, findings) if path.endswith((".md", ".jsonl"))]
    originals = {path.removesuffix(".md") for path, _entry in found}
    files = []
    for path, entry in found:
        match = _TRANSLATION.fullmatch(path.removesuffix(".md")) if path.count(".") > 1 and path.endswith(".md") else None
        if match and (match["stem"] in originals or kind in {"article", "report"}):  # their ids hold no dot
            files.append(_File(path, kind, _stamp(entry), match["stem"], match["language"]))
        else:
            files.append(_File(path, kind, _stamp(entry)))
    return files


def _stamp(entry: Entry) -> tuple[int, int, int, int]:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:  # it has just vanished; reading it says so
        return 0, 0, 0, 0
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


class _Loader:
    """The reading of a site's files. ``sources`` are those of this time, ``kept`` those of them without findings."""

    def __init__(self, root: Path, portal: Portal, reader: PieceReader, store: Store, findings: list[Finding], jobs: int,
                 report: Report) -> None:
        self._root, self._portal, self._reader, self._store, self._findings = root, portal, reader, store, findings
        self._jobs, self._report = jobs, report
        self.started = time.time_ns()
        self.sources: dict[str, Source] = {}
        self.kept: dict[str, Source] = {}
        self.anew = False
        self._shared: dict[tuple[Kind, str], Restrictions] = {}

    def pieces(self, path: str) -> tuple[Piece, ...]:
        source = self.sources.get(path)
        return source.pieces if source else ()

    def read(self, files: Sequence[_File]) -> None:
        """Reads those of the files that have changed."""
        changed: list[_File] = []
        for file in files:
            before = self._before(file)
            if (before and before.stamp == file.stamp and max(before.stamp[:2]) < self._store.read_at - _RACE
                    and (not file.language or self._is_under_same(file, before))):
                self.sources[file.path] = self.kept[file.path] = before
            else:
                changed.append(file)
        self.anew = self.anew or bool(changed)
        documents = [file for file in changed if file.path.endswith(".md")]
        work = [Job(file.path, file.kind, file.language, Path(file.stem).name, self._digest(file), self._restrictions(file))
                for file in documents]
        for file, read in zip(documents, self._read_all(work), strict=True):
            piece = self._piece(read, self._before(file), self._restrictions(file))
            self._take(file, Source(file.stamp, (piece,), (1,)) if piece else Source(file.stamp, (), ()), read.findings)
        for file in changed:
            if file.path.endswith(".jsonl"):
                self._lines(file)

    def _before(self, file: _File) -> Source | None:
        """What a file was before, if it was read as the same; files beside it decide whether it is a translation."""
        before = self._store.sources.get(file.path)
        return before if before and all((piece.head is None) == (file.language != "") for piece in before.pieces[:1]) else None

    def _digest(self, file: _File) -> bytes:
        before = self._before(file)
        is_same = before and len(before.pieces) == 1 and (not file.language or self._is_under_same(file, before))
        return before.pieces[0].digest if before and is_same else b""

    def _restrictions(self, file: _File) -> Restrictions:
        """Those of the original of a translation."""
        return self._shared.get((file.kind, normal_id(Path(file.stem).name)), ()) if file.language and self._shared else ()

    def _is_under_same(self, file: _File, before: Source) -> bool:
        return all(piece.under == self._restrictions(file) for piece in before.pieces)

    def _read_all(self, work: Sequence[Job]) -> Iterator[Read]:
        batches = [work[start : start + _BATCH] for start in range(0, len(work), _BATCH)]
        count = 0
        for data in done([partial(self._reader.read, list(batch)) for batch in batches], self._jobs, 3, 1):
            found = DECODER.decode(data)
            count += len(found)
            self._report("load", count, len(work))
            yield from found

    def _piece(self, read: Read, before: Source | None, under: Restrictions = ()) -> Piece | None:
        """What was read, put into the store; None where the file holds no record."""
        if read.same and before:
            return before.pieces[0]
        if not read.packed:
            return None
        span = self._store.add(read.packed)
        if not (read.restricted or under):
            return Piece(read.digest, span, read.head, read.links, read.workaround, read.told)
        variants = tuple(piece for variant in read.variants if (piece := self._piece(variant, None)))
        return Piece(read.digest, span, read.head, read.links, read.workaround, read.told, read.restricted, read.hides, variants,
                     read.restrictions, under)

    def _take(self, file: _File, source: Source, findings: Sequence[Finding]) -> None:
        self.sources[file.path] = source
        if not findings:
            self.kept[file.path] = source
        self._findings += findings

    def _lines(self, file: _File) -> None:
        """Reads the lines of a JSON Lines file that it did not have before."""
        before = self._store.sources.get(file.path) or Source((0, 0, 0, 0), (), ())
        path, known = self._root / file.path, {piece.digest: piece for piece in before.pieces}
        middle = changed_middle(path, before.blocks)
        front, back = before.blocks[: middle.front], before.blocks[len(before.blocks) - middle.back :]
        first, last = sum(block.pieces for block in front), len(before.pieces) - sum(block.pieces for block in back)
        places: list[tuple[int, Piece | int]] = []  # (line, its piece or the number of its job)
        work: list[Job] = []
        findings: list[Finding] = []
        cutter = Cutter()
        try:
            for line, start, raw in all_lines(self._root, file.path, middle.start, middle.end, middle.number):
                is_piece = bool(raw.strip())
                cutter.add(raw, is_piece)
                if is_piece:
                    piece = known.get(piece_digest(raw, file.kind))
                    places.append((line, piece or len(work)))
                    if piece is None:
                        work.append(Job(file.path, file.kind, line=line, start=start, size=len(raw)))
        except SourceError as error:
            findings.append(error.finding)
        cutter.close()
        reads = []
        for read in self._read_all(work):
            reads.append(self._piece(read, None))
            findings += read.findings
        found = [(line, reads[piece] if isinstance(piece, int) else piece) for line, piece in places]
        shift = middle.number + _lines_in((*cutter.blocks, *back)) - _lines_in(before.blocks)
        pieces = (*before.pieces[:first], *(piece for _line, piece in found if piece), *before.pieces[last:])
        lines = (*before.lines[:first], *(line for line, piece in found if piece),
                 *([line + shift for line in before.lines[last:]] if shift else before.lines[last:]))
        self._take(file, Source(file.stamp, pieces, lines, (*front, *cutter.blocks, *back)), findings)

    def share_restrictions(self, files: Iterable[_File]) -> None:
        """Notes what originals restrict, for their translations."""
        self._shared = {(file.kind, piece.head.key): piece.restrictions for file in files if not file.language
                        for piece in self.pieces(file.path) if piece.restrictions and piece.head}

    def has_original(self, file: _File, ids: set[str]) -> bool:
        """Whether there is a record that a file can be the translation of; a finding where there is none."""
        stem = Path(file.stem).name
        if normal_id(stem) in ids:
            return True
        if _TRANSLATION.fullmatch(file.stem) or not (self._root / f"{file.stem}.md").exists():  # else that file has findings
            self._findings.append(Finding(file.path, 0, "", stem, "has a translation but no original",
                                          f"write {stem}.md beside it"))
        return False

    def rows(self, files: Sequence[_File]) -> Iterator[Row]:
        """The records of a kind with their translations."""
        translations: dict[str, list[_File]] = {}
        for file in files:
            if file.language:
                translations.setdefault(normal_id(Path(file.stem).name), []).append(file)
        for file in files:
            source = None if file.language else self.sources.get(file.path)
            for piece, line in zip(source.pieces, source.lines, strict=True) if source else ():
                assert piece.head
                own = self._translations(piece.head, file.path, translations.pop(piece.head.key, ()))
                yield self._row(file.path, line, piece, own)

    def _translations(self, head: Head, path: str, files: Iterable[_File]) -> list[tuple[_File, Piece]]:
        """The translations of a record, one a language."""
        places, found = dict(zip(head.languages, (path,), strict=True)), []
        for file in files:
            if other := places.get(file.language):
                self._findings.append(Finding(file.path, 0, "language", file.language, f"is already the language of {other}",
                                              "remove one of them"))
                continue
            for piece in self.pieces(file.path):
                places[file.language] = file.path
                found.append((file, piece))
        return found

    def _row(self, path: str, line: int, piece: Piece, translations: Sequence[tuple[_File, Piece]]) -> Row:
        """A record, with what each audience gets that does not see all of it."""
        whole = _joined(path, line, piece, translations)
        if not (piece.restricted or any(text.restricted for _file, text in translations)):
            return whole
        others = {}
        for audience in self._portal.audiences:
            texts = [(file, text.seen_by(audience)) for file, text in translations]
            own = piece.seen_by(audience)
            if own is not piece or any(one is not text for (_, one), (_, text) in zip(texts, translations, strict=True)):
                others[audience.id] = _joined(path, line, own, texts)
        return msgspec.structs.replace(whole, others=others)


def _lines_in(blocks: Iterable[Block]) -> int:
    return sum(block.lines for block in blocks)


def _joined(path: str, line: int, piece: Piece, translations: Sequence[tuple[_File, Piece]]) -> Row:
    """The record of an original and its translations."""
    assert piece.head
    pieces = [piece, *(text for _file, text in translations)]
    parts_for = tuple(sorted({name for one in pieces for name in one.restricted if name not in one.hides}))
    if not translations and not parts_for:
        return Row(piece.head, path, line, piece.digest, (piece.span,))
    head, digest = piece.head, hashlib.blake2b(piece.digest, digest_size=16)
    for file, text in translations:
        digest.update(file.language.encode() + b"\0" + text.digest)
        head = _with_text(head, file.language, text)
    for name in parts_for:  # the page names them
        digest.update(b"\0" + name.encode())
    return Row(head, path, line, digest.digest(), tuple(one.span for one in pieces),
               tuple(file.path for file, _text in translations), parts_for=parts_for)


def _with_text(head: Head, language: str, piece: Piece) -> Head:
    """A head with what a translation adds; its links stand with those in texts, before those in histories."""
    in_texts = sum(link.field not in {"history", "revisions", "remediations"} for link in head.links)
    return msgspec.structs.replace(
        head, languages=(*head.languages, language), workaround=head.workaround or piece.workaround,
        told=told_with(head.told, piece.told), links=(*head.links[:in_texts], *piece.links, *head.links[in_texts:]))
