"""Whether there is anything to do at all: a build whose inputs are those of the last one, at a time that makes no difference,
ends here. Files are compared by what the file system says of them, not read."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path

import msgspec

from generator.building import Options, Provider, Summary
from generator.changes import Changes, Tally
from generator.output_folder import OutputError, check_target, locked, state_file
from generator.tree_state import load_state, present, read_marker
from kb.findings import Finding
from kb.records import FOLDERS
from kb.sealed import read_sealed, write_sealed
from kb.workers import beside

_RACE = 2_000_000_000  # nanoseconds: a file changed so shortly before it was looked at may have changed since at the same time
_OURS = ("kb", "generator", "prsearch", "theme")


class Inputs(msgspec.Struct, frozen=True):
    """All files that a build reads, as a digest; ``newest`` is when one of them changed last, ``seen`` when they were looked at,
    in nanoseconds."""

    digest: bytes
    newest: int
    seen: int

    @property
    def settled(self) -> bool:
        return self.newest < self.seen - _RACE


class Signing(msgspec.Struct, frozen=True):
    """The key that a build had to sign with: its fingerprint, and a digest of what GnuPG said of it."""

    fingerprint: str
    digest: bytes


class _Last(msgspec.Struct, frozen=True):
    """The last build of an output folder. It holds from its own time up to ``until``; ``watched`` are files outside the site."""

    inputs: Inputs
    audience: str
    at: datetime
    until: datetime
    tree: str
    watched: tuple[str, ...]
    records: int
    pages: int
    notes: tuple[Finding, ...]
    csaf: Provider | None = None
    signing: Signing | None = None
    skip_bad_rows: bool = False


def inputs_of(site: Path, watched: Iterable[str]) -> Inputs:
    """What a site's build depends on, besides its options."""
    seen, newest = time.time_ns(), 0
    digest = hashlib.blake2b("\0".join([sys.version, str(site), *watched]).encode(), digest_size=16)
    for path, stat in _stamps(site, watched):
        stamp = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
        digest.update(f"{path}\0{stamp}\n".encode("utf-8", "replace"))
        newest = max(newest, *stamp[:2])
    return Inputs(digest.digest(), newest, seen)


def _stamps(site: Path, watched: Iterable[str]) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(site) as entries:
        yield from ((entry.name, entry.stat(follow_symlinks=False)) for entry in entries if entry.is_file(follow_symlinks=False))
    for folder in (*FOLDERS, "products", "pages"):
        yield from _below(str(site / folder))
    for package in _OURS:
        yield from _below(str(files(package)))
    for path in (*watched, str(Path(msgspec.__file__).parent.parent)):  # installing a package changes its folder
        try:
            yield path, os.lstat(path)
        except OSError:
            continue


def _below(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        yield from _below(entry.path)
                else:
                    yield entry.path, entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return


def last_build(options: Options, inputs: Callable[[Path, tuple[str, ...]], Inputs] | None = None) -> Summary | None:
    """What the last build told, where this one would make the same tree; else None. Raises OutputError. ``inputs`` is given to
    several builds that share them."""
    start = time.perf_counter()
    file = _file(options)
    special = options.drafts or options.shard or options.parts or options.published
    last = _load(file) if file and not special else None
    if last is None or (last.audience, last.skip_bad_rows) != (options.audience, options.skip_bad_rows):
        return None
    if not last.at <= options.at < last.until or not last.inputs.settled:
        return None
    check_target(options.out)
    with locked(options.out), beside(partial(_whole_tree, options, last.tree)) as tree:
        if (inputs or inputs_of)(options.site, last.watched).digest != last.inputs.digest:
            return None
        if last.signing and _signing(last.signing.fingerprint, options.at) != last.signing:
            return None
        files, size = tree()
    if not files:
        return None
    return Summary(last.records, last.pages, 0, files, 0, size, False, {"compare": time.perf_counter() - start}, last.notes,
                   Changes(Tally(), Tally(), Tally()), last.csaf)


def _whole_tree(options: Options, digest: str) -> tuple[int, int]:
    """(files, bytes) of the live tree; nothing where it is not the one with this digest, or not whole."""
    state = load_state(state_file(options.cache, options.out), read_marker(options.out))
    if state is None or state.digest != digest or len(present(options.out, state.files)) < len(state.files):
        return 0, 0
    return len(state.files), sum(file.size for file in state.files.values())


def _signing(fingerprint: str, at: datetime) -> Signing | None:
    """The state of a key, which may expire or leave the keyring while no file of the site changes; None where it cannot sign."""
    from generator.csaf.signing import SigningError, find_key, public_key

    try:
        key = find_key(fingerprint, at)
        return Signing(fingerprint, hashlib.sha256(key.signer.encode() + public_key(key)).digest())
    except SigningError:
        return None


def remember(options: Options, inputs: Inputs, watched: Iterable[str], until: datetime | None, tree: str, summary: Summary,
             fingerprint: str = "") -> None:
    """Keeps what a build that has just ended tells, for ``last_build``. ``until`` is when an embargo ends next, ``fingerprint``
    that of the key with which it signed."""
    file = _file(options)
    signing = _signing(fingerprint, options.at) if fingerprint and file else None
    if file is None or options.drafts or (fingerprint and signing is None):
        return
    midnight = (options.at.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    last = _Last(inputs, options.audience, options.at, min(until or midnight, midnight), tree, tuple(watched), summary.records,
                 summary.pages, summary.notes, summary.csaf, signing, options.skip_bad_rows)
    try:
        write_sealed(file, msgspec.msgpack.encode(last))
    except OSError as error:
        raise OutputError(f"cannot write the cache: {error.strerror}; choose another --cache") from None


def _file(options: Options) -> Path | None:
    return state_file(options.cache, options.out, "last")


def _load(file: Path) -> _Last | None:
    try:
        return msgspec.msgpack.decode(read_sealed(file), type=_Last)
    except (OSError, ValueError, msgspec.DecodeError):
        return None
