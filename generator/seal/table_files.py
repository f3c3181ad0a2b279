"""Makes the files of a sealed table from its rows. What the live tree holds is neither made nor read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial

from generator.output import FileState, Tree, Writer
from generator.seal.format import Keys, derive_keys, form_for, seal_row, shard_bytes, table_json
from generator.seal.master_keys import MasterKeys
from generator.seal.rows import Rows
from kb.reporting import Report
from kb.seal_settings import TableSettings
from kb.workers import done

_CHUNK = 64  # shards that a worker is handed at once
_LOCATED = 4_096  # keys that are
_PARALLEL_FROM = 4  # chunks

_Shard = list[tuple[bytes, int]]  # locators, each with the number of its key


class TableFiles:
    """The files of a table that was read. Deriving the keys of new rows takes some milliseconds each."""

    def __init__(self, settings: TableSettings, secret: bytes, rows: Rows, masters: MasterKeys, jobs: int,
                 report: Report) -> None:
        self._secret, self._rows, self._masters, self._jobs = secret, rows, masters, jobs
        self._names, self._told = rows.names(), rows.digests()
        self._form = form_for(settings, secret, len(rows), rows.longest())
        self._derive(report)

    def _derive(self, report: Report) -> None:
        self._masters.load()
        missing = self._masters.missing(self._names)
        self._masters.derive([self._names[at] for at in missing], lambda at: self._rows.key(missing[at]), self._jobs, report)
        self._masters.forget_others(self._names)

    def put(self, tree: Tree) -> list[tuple[str, str]]:
        """Adds all files and gives their paths and keys. Raises OutputError and WorkerLost."""
        shards = self._shards()
        while any(len(shard) > self._form.rows for shard in shards):
            self._form = self._form.wider()
            shards = self._shards()
        about = table_json(self._form)
        shared = hashlib.blake2b(about, digest_size=16, key=self._secret)
        keys = [self._key_of(shared, shard) for shard in shards]
        paths = [self._form.shard_path(number) for number in range(len(shards))]
        missing = [number for number, shard in enumerate(shards) if not tree.keep(paths[number], keys[number])]
        wanted = [(number, shards[number], keys[number]) for number in missing]
        work = [partial(self._made, tree.writer, wanted[start : start + _CHUNK]) for start in range(0, len(wanted), _CHUNK)]
        for chunk in done(work, self._jobs, _PARALLEL_FROM, 1):
            for path, state, written in chunk:
                tree.accept(path, state, written)
        path, key = f"sealed/{self._form.table}/table.json", shared.hexdigest()
        if not tree.keep(path, key):
            tree.put(path, about, key)
        return [*zip(paths, keys, strict=True), (path, key)]

    def _shards(self) -> list[_Shard]:
        """The rows of each shard."""
        count = len(self._names)
        work = [partial(self._located, start, min(count, start + _LOCATED)) for start in range(0, count, _LOCATED)]
        shards: list[_Shard] = [[] for _ in range(self._form.shards)]
        number = 0
        for chunk in done(work, self._jobs, _PARALLEL_FROM, 1):
            for locator in chunk:
                shards[self._form.shard_of(locator)].append((locator, number))
                number += 1
        return shards

    def _located(self, start: int, end: int) -> list[bytes]:
        return [self._row_keys(number).locator for number in range(start, end)]

    def _row_keys(self, number: int) -> Keys:
        return derive_keys(self._masters[self._names[number]], self._form.info)

    def _key_of(self, shared: hashlib.blake2b, shard: _Shard) -> str:
        digest = shared.copy()
        for locator, number in sorted(shard):
            digest.update(locator + self._told[number])
        return digest.hexdigest()

    def _made(self, writer: Writer, wanted: Sequence[tuple[int, _Shard, str]]) -> list[tuple[str, FileState, bool]]:
        found = []
        for number, shard, key in wanted:
            rows = [seal_row(self._form, self._row_keys(row), self._rows.told(row)) for _, row in shard]
            path = self._form.shard_path(number)
            found.append((path, *writer.write(path, shard_bytes(self._form, self._secret, number, rows), key)))
        return found
