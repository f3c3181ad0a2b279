"""The store: records as they were read, packed one after the other in a file, with their heads in memory.

In a cache folder it lasts from build to build: ``records-*.bin`` only grows (until most of it is of no use any more), and
``records.msgpack`` tells what stands where. Both may be deleted at any time; what does not fit together counts as nothing.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast, overload
from zlib import crc32

import msgspec

from kb.audiences import Audience
from kb.blocks import Block
from kb.heads import Head, TextLink
from kb.range_syntax import Affected
from kb.records import AnyRecord, Article, Bulletin, Place, Report, SecurityBulletin, Text
from kb.restricted_parts import Restrictions
from kb.sealed import read_sealed, write_sealed

INDEX = "records.msgpack"
_WASTE, _LEAST_WASTE = 0.5, 1_000_000  # part of a data file of more bytes that may be of no use; then it is written anew
_DECODERS = {kind: msgspec.msgpack.Decoder(type_) for kind, type_ in (
    ("article", Article), ("report", Report), ("advisory", SecurityBulletin), ("notice", SecurityBulletin),
    ("bulletin", Bulletin))}
_TEXT = msgspec.msgpack.Decoder(Text)
_CACHED = 256  # records that stay decoded


class _Texts(msgspec.Struct, frozen=True, array_like=True):
    """The beginning of a packed record (``kb.records.Record``), which is decoded where nothing but its texts is wanted."""

    id: msgspec.Raw
    kind: msgspec.Raw
    status: msgspec.Raw
    audience: msgspec.Raw
    place: msgspec.Raw
    texts: tuple[Text, ...]


_TEXTS = msgspec.msgpack.Decoder(_Texts)


def _up_to_affected(type_: type[Report | SecurityBulletin]) -> msgspec.msgpack.Decoder[Any]:
    """Decodes the affected releases of a packed record, and nothing before them."""
    names = type_.__struct_fields__[: type_.__struct_fields__.index("affected")]
    fields = [*((name, msgspec.Raw) for name in names), ("affected", tuple[Affected, ...])]
    return msgspec.msgpack.Decoder(msgspec.defstruct("Beginning", fields, array_like=True, frozen=True))


_AFFECTED = {kind: _up_to_affected(type_) for kind, type_ in (
    ("report", Report), ("advisory", SecurityBulletin), ("notice", SecurityBulletin))}

Span = tuple[int, int, int]  # first byte and end in the data file, and the CRC-32 of what is between


class Piece(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A record or a translation as one file or line has it. ``digest`` is that of its bytes; ``head`` is None for a translation;
    what it adds to that of its original then stands here.

    Where parts are ``restricted`` to some audiences, ``variants`` are what those get who are not in all of them, each without the
    parts that it ``hides``. ``restrictions`` are those that translations share; a translation was read ``under`` them."""

    digest: bytes
    span: Span
    head: Head | None = None
    links: tuple[TextLink, ...] = ()
    workaround: bool = False
    told: bytes = b""
    restricted: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    variants: tuple[Piece, ...] = ()
    restrictions: Restrictions = ()
    under: Restrictions = ()

    def seen_by(self, audience: Audience) -> Piece:
        """What an audience gets."""
        hides = tuple(name for name in self.restricted if name not in audience.sees)
        return next((variant for variant in self.variants if variant.hides == hides), self)


class Source(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file that was read: what the file system said of it, and its pieces with the lines (from 1) on which they begin.
    ``blocks`` are those of a JSON Lines file."""

    stamp: tuple[int, int, int, int]
    pieces: tuple[Piece, ...]
    lines: tuple[int, ...]
    blocks: tuple[Block, ...] = ()


class Row(msgspec.Struct, frozen=True, gc=False):
    """Where a record is: its file and line, and the spans of its original and of its translations with their files.

    Of a record with restricted parts this is the whole; ``others`` are what audiences get that do not see all of it.
    ``parts_for`` are the audiences for whom parts of it are that not all see who see the record."""

    head: Head
    path: str
    line: int
    digest: bytes
    spans: tuple[Span, ...]
    paths: tuple[str, ...] = ()
    others: Mapping[str, Row] = {}
    parts_for: tuple[str, ...] = ()

    @property
    def shows_parts(self) -> bool:
        return bool(self.parts_for)

    @property
    def place(self) -> Place:
        return Place(self.path, self.line)


class Records(Sequence[AnyRecord]):
    """The records of a site in the order in which they were loaded; each is decoded when it is asked for."""

    def __init__(self, rows: Sequence[Row], data: bytes | mmap.mmap, index: Path | None = None) -> None:
        self.rows, self._data, self._index = rows, data, index

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, number: int) -> AnyRecord: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[AnyRecord]: ...
    def __getitem__(self, number: int | slice) -> AnyRecord | Sequence[AnyRecord]:
        return [*map(self.decoded, self.rows[number])] if isinstance(number, slice) else self.decoded(self.rows[number])

    def __iter__(self) -> Iterator[AnyRecord]:
        return map(self.decoded, self.rows)

    def seen_by(self, audience: str) -> Records:
        """The same as an audience gets them, without the parts that it does not see."""
        if not any(row.others for row in self.rows):
            return self
        return Records([row.others.get(audience, row) if row.others else row for row in self.rows], self._data, self._index)

    def packed(self, row: Row) -> Iterator[bytes]:
        """The bytes in which all its texts stand as UTF-8."""
        return (self._data[start:end] for start, end, _sum in row.spans)

    def _whole(self, row: Row) -> Iterator[bytes]:
        """As ``packed``; raises OSError where they are not what was written, and then the next build reads all files again."""
        for data, (_start, _end, known) in zip(self.packed(row), row.spans, strict=True):
            if crc32(data) != known:
                if self._index:
                    self._index.unlink(missing_ok=True)
                raise OSError(errno.EIO, "is damaged and no longer used; build again", str(self._index or ""))
            yield data

    def texts(self, row: Row) -> tuple[Text, ...]:
        """The texts of a record, the original first; their places are those of their parsing."""
        original, *translations = self._whole(row)
        return (*_TEXTS.decode(original).texts, *map(_TEXT.decode, translations))

    def affected(self, row: Row) -> tuple[Affected, ...]:
        """The affected products of a record."""
        decoder = _AFFECTED.get(row.head.kind)
        found: tuple[Affected, ...] = decoder.decode(next(self._whole(row))).affected if decoder else ()
        return found

    def decoded(self, row: Row) -> AnyRecord:
        original, *translations = self._whole(row)
        record = cast(AnyRecord, _DECODERS[row.head.kind].decode(original))
        texts = [*record.texts, *(_TEXT.decode(data) for data in translations)]
        if row.path.endswith(".jsonl"):  # its lines shift
            texts = [msgspec.structs.replace(text, place=Place(path, row.line if path == row.path else 1))
                     for text, path in zip(texts, (row.path, *row.paths), strict=True)]
            return msgspec.structs.replace(record, place=row.place, texts=tuple(texts))
        return msgspec.structs.replace(record, texts=tuple(texts)) if translations else record


class Shown(Mapping[str, AnyRecord]):
    """Some of the records by key; the last ones asked for stay decoded."""

    def __init__(self, records: Records, rows: Mapping[str, Row]) -> None:
        self.rows, self._records = rows, records
        self._decoded: dict[str, AnyRecord] = {}

    def __getitem__(self, key: str) -> AnyRecord:
        found = self._decoded.get(key)
        if found is None:
            found = self._records.decoded(self.rows[key])
            if len(self._decoded) >= _CACHED:
                self._decoded.clear()
            self._decoded[key] = found
        return found

    def texts(self, key: str) -> tuple[Text, ...]:
        """The texts of a record; it does not stay decoded."""
        return self._records.texts(self.rows[key])

    def affected(self, key: str) -> tuple[Affected, ...]:
        """The affected products of a record; it does not stay decoded."""
        return self._records.affected(self.rows[key])

    def __contains__(self, key: object) -> bool:
        return key in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class _Index(msgspec.Struct, frozen=True):
    """``scheme`` stands for all that parsing depends on besides the files, ``data`` is the name of the data file and ``size`` its
    bytes, ``read_at`` the time in nanoseconds before which every file had been looked at."""

    scheme: str
    data: str
    size: int
    read_at: int
    sources: dict[str, Source]


class Store:
    """What was read before (``sources`` by path), and a place for what is read now. Builds that share a folder take turns."""

    def __init__(self, folder: Path | None, scheme: str) -> None:
        self.sources: Mapping[str, Source] = {}
        self.read_at = self._size = 0
        self._folder, self._scheme, self._name, self._grown = folder, scheme, "", False
        self._lock: IO[str] | None = None
        try:
            self._file = self._opened(folder) if folder else _nameless()
        except OSError:  # a cache that cannot be used is no cache
            self._folder, self._file = None, _nameless()

    def _opened(self, folder: Path) -> IO[bytes]:
        """The data file that goes on: what was kept, where it fits together, else a new one."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "records.lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        with suppress(OSError, ValueError, msgspec.DecodeError):
            index = msgspec.msgpack.decode(read_sealed(folder / INDEX), type=_Index)
            if index.scheme == self._scheme and index.data == Path(index.data).name:
                file = (folder / index.data).open("r+b")
                self._size = file.seek(0, os.SEEK_END)
                if self._size >= index.size:
                    self._name, self.sources, self.read_at = index.data, index.sources, index.read_at
                    return self._lean(folder, file)
                file.close()
        self.sources, self.read_at = {}, 0
        return self._new(folder)

    def _lean(self, folder: Path, file: IO[bytes]) -> IO[bytes]:
        """The data file, or another one without what is of no use where that is most of it."""
        used = sum(one.span[1] - one.span[0] for source in self.sources.values() for piece in source.pieces
                   for one in (piece, *piece.variants))
        if self._size <= _LEAST_WASTE or used >= self._size * (1 - _WASTE):
            return file
        before, self._file = file, self._new(folder)
        self.sources = {path: self._moved(source, before) for path, source in self.sources.items()}
        before.close()
        return self._file

    def _moved(self, source: Source, file: IO[bytes]) -> Source:
        return msgspec.structs.replace(source, pieces=tuple(self._moved_piece(piece, file) for piece in source.pieces))

    def _moved_piece(self, piece: Piece, file: IO[bytes]) -> Piece:
        first, end, known = piece.span
        file.seek(first)
        data = file.read(end - first)
        if crc32(data) != known:
            raise ValueError(f"{self._name} is damaged")
        variants = tuple(self._moved_piece(variant, file) for variant in piece.variants)
        return msgspec.structs.replace(piece, span=self.add(data), variants=variants)

    def _new(self, folder: Path) -> IO[bytes]:
        """A data file of its own for what comes; those of before go when it is saved."""
        self._name, self._size = f"records-{os.getpid()}-{os.urandom(4).hex()}.bin", 0
        return (folder / self._name).open("w+b")

    def add(self, data: bytes) -> Span:
        """Appends a packed record or text; gives its place."""
        start = self._size
        self._file.write(data)
        self._size += len(data)
        self._grown = True
        return start, self._size, crc32(data)

    @property
    def index(self) -> Path | None:
        return self._folder / INDEX if self._folder else None

    def data(self) -> bytes | mmap.mmap:
        """All that was added, to be sliced by spans."""
        self._file.flush()
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) if self._size else b""

    def save(self, sources: Mapping[str, Source], read_at: int, anew: bool) -> None:
        """Keeps all of this for the next build, where something was read ``anew`` or is there no more, and lets others in.
        Whoever reads it finds it whole or not at all."""
        try:
            if self._folder and (anew or self._grown or sources != self.sources):
                self._file.flush()
                _write(self._folder, _Index(self._scheme, self._name, self._size, read_at, dict(sources)))
        except OSError:
            pass  # the next build reads all files again
        finally:
            if self._lock:
                self._lock.close()


def _nameless() -> IO[bytes]:
    return cast(IO[bytes], tempfile.TemporaryFile())


def _write(folder: Path, index: _Index) -> None:
    write_sealed(folder / INDEX, msgspec.msgpack.encode(index))
    for old in folder.glob("records-*.bin"):
        if old.name != index.data:
            old.unlink(missing_ok=True)
