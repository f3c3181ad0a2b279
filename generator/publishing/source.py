"""What is to be published: a built tree, or a folder of trees with one for each audience, read and compared with its marker."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from generator.output_folder import OutputError, locked
from generator.publishing.facts import read_facts
from generator.publishing.failure import PublishError
from generator.publishing.manifest import FileFact, PortalFacts
from generator.tree_state import MARKER, FileState, read_marker, tree_digest
from kb.reporting import Report

TWINS = (".gz", ".br", ".zst")  # packed forms of the file whose name stands before
_THREADS = 4
_CHUNK = 1 << 20


class Source(msgspec.Struct, frozen=True):
    """The files below ``folder`` with the facts of each portal, by its folder; ``digest`` is that of all of them."""

    folder: Path
    digest: str
    built: datetime
    portals: dict[str, PortalFacts]
    files: dict[str, FileFact]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    def read(self, path: str) -> bytes:
        """A file's content; raises PublishError where it is not what was read before."""
        handle = os.open(self.folder / path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != self.files[path].sha256:
            raise PublishError(f"{self.folder / path} has changed while it was published; let builds end, then publish again")
        return data


@contextmanager
def opened(out: Path, report: Report) -> Iterator[Source]:
    """The source at a folder; no build can change it meanwhile. Raises PublishError where it is no built portal."""
    trees = _trees(out)
    with ExitStack() as stack:
        for folder in trees.values():
            _hold(folder, stack)
        files: dict[str, FileFact] = {}
        portals = {}
        for name, folder in trees.items():
            found = _whole(folder, report)
            prefix = f"{name}/" if name else ""
            files |= {prefix + path: fact for path, fact in found.items()}
            portals[name] = read_facts(folder, found)
        built = max((folder / MARKER).stat().st_mtime for folder in trees.values())
        yield Source(out, digest_of(files), datetime.fromtimestamp(int(built), UTC), portals, files)


def digest_of(files: Mapping[str, FileFact]) -> str:
    return tree_digest({path: FileState("", fact.sha256, fact.size) for path, fact in files.items()})


def _trees(out: Path) -> dict[str, Path]:
    """Built trees by name: "" for ``out`` itself, else those of the folders in it."""
    if not out.is_dir():
        raise PublishError(f"{out} does not exist; run waypost build, or name what it wrote with --out")
    if read_marker(out):
        return {"": out}
    found = {folder.name: folder for folder in sorted(out.iterdir())
             if not folder.name.startswith(".") and not folder.is_symlink() and read_marker(folder)}
    if not found:
        raise PublishError(f"{out} holds no portal that a build has finished; run waypost build, or choose another --out")
    return found


def _hold(folder: Path, stack: ExitStack) -> None:
    """Keeps builds away; where nothing can be written beside the tree, none can run."""
    try:
        stack.enter_context(locked(folder))
    except OutputError as error:
        if "cannot write" not in str(error):
            raise PublishError(f"{folder} is in use by a build or another publisher; wait for it to end") from None


def _whole(folder: Path, report: Report) -> dict[str, FileFact]:
    """The files of a tree, all as its build left them, and packed twins of them."""
    report("read", 0, 0)
    paths = list_files(folder)
    paths.remove(MARKER)
    facts = hashed(folder, paths, report)
    twins = {path for path in facts if path.endswith(TWINS) and path.rpartition(".")[0] in facts}
    if digest_of(facts) != read_marker(folder):
        if digest_of({path: fact for path, fact in facts.items() if path not in twins}) != read_marker(folder):
            raise PublishError(f"{folder} is not as its build left it: files were changed, added or removed; build it again")
        for path in sorted(twins):
            _check_twin(folder, path)
    return facts


def _check_twin(folder: Path, path: str) -> None:
    file = folder / path
    plain = file.with_suffix("")
    try:
        is_right = gzip.decompress(file.read_bytes()) == plain.read_bytes() if path.endswith(".gz") \
            else file.stat().st_mtime >= plain.stat().st_mtime
    except (OSError, EOFError, zlib.error):
        is_right = False
    if not is_right:
        raise PublishError(f"{file} is no packed form of {plain.name} as it is now; make it anew or remove it")


def list_files(folder: Path) -> list[str]:
    """Paths of all files below a folder; raises PublishError for anything else than files and folders."""
    found, left = [], [""]
    while left:
        inner = left.pop()
        with os.scandir(folder / inner) as entries:
            for entry in entries:
                path = f"{inner}/{entry.name}" if inner else entry.name
                if not entry.name.isprintable() or "\\" in entry.name:
                    raise PublishError(f"{folder}: the name {path!r} cannot be published; build the portal again")
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode):
                    left.append(path)
                elif stat.S_ISREG(mode):
                    found.append(path)
                else:
                    raise PublishError(f"{folder / path} is neither file nor folder; build the portal again")
    return sorted(found)


def hashed(folder: Path, paths: list[str], report: Report, stage: str = "read") -> dict[str, FileFact]:
    """Digests and sizes of files by path."""
    found: dict[str, FileFact] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        for path, fact in zip(paths, pool.map(lambda path: fact_of(folder / path), paths, chunksize=64), strict=True):
            found[path] = fact
            if len(found) % 100 == 0:
                report(stage, len(found), len(paths))
    return found


def fact_of(file: Path) -> FileFact:
    """Digest and size of a file; raises OSError, for a link too."""
    digest, size = hashlib.sha256(), 0
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        while data := os.read(handle, _CHUNK):
            digest.update(data)
            size += len(data)
    finally:
        os.close(handle)
    return FileFact(digest.hexdigest(), size)
