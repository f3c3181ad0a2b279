"""Puts the tree of a CSAF provider into the next version of a portal. What has not changed is neither made nor signed again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from generator.building import Provider
from generator.csaf.document import document_bytes, edition_for, publisher
from generator.csaf.listing import listings
from generator.csaf.paths import FOLDER, METADATA, csaf_path, label_folder, provided
from generator.csaf.provider import (
    SERVICE,
    Listed,
    categories,
    category_path,
    changes_csv,
    encoded,
    feed,
    feed_path,
    index_txt,
    key_path,
    metadata,
    role,
    service,
)
from generator.csaf.signing import SigningKey, public_key, sign, verifies
from generator.edition import Edition
from generator.keys import Keys, record_key
from generator.output import FileState, Tree, Writer
from kb.heads import Head
from kb.library import Library
from kb.records import SecurityBulletin
from kb.sealed import read_sealed, write_sealed
from kb.workers import done

CHUNK = 16  # documents handed to a worker at once
PARALLEL_FROM = 8  # chunks
_LABELS = ("WHITE", "GREEN", "AMBER")  # all that a portal publishes, the public one first


class _Made(NamedTuple):
    """A document whose bytes a worker has seen to."""

    path: str
    state: FileState
    written: bool


def put_csaf(tree: Tree, editions: Sequence[Edition], keys: Mapping[str, Keys], key: SigningKey | None, kept: Path | None,
             jobs: int) -> Provider | None:
    """Adds all files; ``kept`` is where signatures stay for the next build. None where there is nothing to publish. Raises
    SigningError, OutputError and WorkerLost."""
    heads = provided(editions[0].library)
    if not heads:
        return None
    before = set(tree.paths)
    _put_documents(tree, editions, keys, heads, jobs)
    for head in heads:
        _put_hashes(tree, csaf_path(head))
    if key:
        _put_signatures(tree, key, heads, kept, jobs)
        tree.put(key_path(key.fingerprint), public_key(key))
    _put_lists(tree, editions[0], keys[editions[0].language], heads, key)
    ours = [path for path in tree.paths if path.startswith(FOLDER) and path not in before]
    for path, data in listings(editions[0], FOLDER, ours).items():
        tree.put(path, data)
    return Provider(len(heads), role(key is not None))


def _put_documents(tree: Tree, editions: Sequence[Edition], keys: Mapping[str, Keys], heads: Iterable[Head], jobs: int) -> None:
    missing = []
    who = publisher(editions[0].library)
    for head in heads:
        edition = edition_for(editions, head.languages[0])
        shared = keys[edition.language]
        own = shared.of((record_key(edition, shared, head), who))
        if not tree.keep(csaf_path(head), own):
            missing.append((edition, head, own))
    chunks = [partial(_documents, tree.writer, missing[start : start + CHUNK]) for start in range(0, len(missing), CHUNK)]
    for made in (made for chunk in done(chunks, jobs, PARALLEL_FROM, 1) for made in chunk):
        tree.accept(*made)


def _documents(writer: Writer, wanted: Iterable[tuple[Edition, Head, str]]) -> list[_Made]:
    found = []
    for edition, head, own in wanted:
        path, data = csaf_path(head), document_bytes(edition, _bulletin(edition.library, head))
        found.append(_Made(path, *writer.write(path, data, own)))
    return found


def _bulletin(library: Library, head: Head) -> SecurityBulletin:
    record = library.records[head.key]
    assert isinstance(record, SecurityBulletin)
    return record


def _put_hashes(tree: Tree, path: str) -> None:
    """Digest and name, as ``sha256sum --check`` reads them."""
    digest, name = tree.digest_of(path), path.rpartition("/")[2]
    if not tree.keep(f"{path}.sha256", digest):
        tree.put(f"{path}.sha256", f"{digest}  {name}\n".encode(), digest)
    if not tree.keep(f"{path}.sha512", digest):
        longer = hashlib.sha512(tree.staged(path).read_bytes()).hexdigest()
        tree.put(f"{path}.sha512", f"{longer}  {name}\n".encode(), digest)


def _put_signatures(tree: Tree, key: SigningKey, heads: Iterable[Head], kept: Path | None, jobs: int) -> None:
    known = _kept(kept)
    names = {head: f"{key.signer} {tree.digest_of(csaf_path(head))}" for head in heads}
    missing = [head for head, name in names.items() if not tree.keep(f"{csaf_path(head)}.asc", name)]
    work: list[Callable[[], bytes]] = [partial(_signature, tree, key, head, known.get(names[head])) for head in missing]
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for head, signature in zip(missing, pool.map(_called, work), strict=True):
            tree.put(f"{csaf_path(head)}.asc", signature, names[head])
            known[names[head]] = signature
    current = {name: known[name] for name in names.values() if name in known}
    if kept and (missing or current.keys() != known.keys()):
        write_sealed(kept, msgspec.msgpack.encode(current))


def _called(work: Callable[[], bytes]) -> bytes:
    return work()


def _signature(tree: Tree, key: SigningKey, head: Head, known: bytes | None) -> bytes:
    """The signature that is kept, else the one in the live tree if it is good, else a new one."""
    if known:
        return known
    path = csaf_path(head)
    data, live = tree.staged(path).read_bytes(), tree.out / f"{path}.asc"
    if live.is_file() and not live.is_symlink() and verifies(key, live, data):
        return live.read_bytes()
    return sign(key, data, head.updated)


def _kept(file: Path | None) -> dict[str, bytes]:
    try:
        return msgspec.msgpack.decode(read_sealed(file), type=dict[str, bytes]) if file else {}
    except (OSError, ValueError, msgspec.DecodeError):
        return {}


def _put_lists(tree: Tree, edition: Edition, keys: Keys, heads: Sequence[Head], key: SigningKey | None) -> None:
    library, portal = edition.library, edition.portal
    labels = [label for label in _LABELS if label == _LABELS[0] or any(head.tlp == label for head in heads)]
    updated = max(head.updated for head in heads)
    is_public = library.view.audience in {"", portal.public}
    about = metadata(portal, publisher(library), labels, updated, key.fingerprint if key else "", is_public)
    tree.put(METADATA, encoded(about))
    tree.put(SERVICE, encoded(service(portal, labels)))
    names = [product.name for product in library.catalogue.products]
    for label in labels:
        own = [head for head in heads if head.tlp == label]
        listed = [Listed(head.id, label, "", "", head.published, head.updated) for head in own]
        tree.put(f"{label_folder(label)}index.txt", index_txt(label, listed))
        tree.put(f"{label_folder(label)}changes.csv", changes_csv(label, listed))
        tree.put(category_path(label), encoded(categories(portal, names)))
        told = keys.of((feed_path(label), key is not None, updated), (head.key for head in own))
        if not tree.keep(feed_path(label), told):
            entries = [*_entries(library, own)]
            tree.put(feed_path(label), encoded(feed(portal, label, entries, updated, key is not None)), told)


def _entries(library: Library, heads: Iterable[Head]) -> Iterator[Listed]:
    for head in heads:
        text = library.records[head.key].text
        yield Listed(head.id, head.tlp, text.title, text.summary or text.title, head.published, head.updated)
