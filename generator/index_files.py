"""The index of PR Search in the tree, and what is kept of it for the next build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from generator.building import Options
from generator.output import Tree
from generator.output_folder import kept_folder
from kb.library import Library
from prsearch.kept import Kept, adopt
from prsearch.static import make_index, updated_index

FEW = 100  # changed documents for which the index is brought up to date beside the pages; more would take much memory there


class IndexFiles(NamedTuple):
    """The SHA-256 of each file of an index by path, and the bytes of those that the live tree lacks."""

    digests: Mapping[str, str]
    data: Mapping[str, bytes]


def put_index(tree: Tree, library: Library, options: Options, updated: Callable[[], IndexFiles | None],
              base: Options | None = None) -> None:
    """Adds the index of PR Search: what the last build kept of it, ``updated``, as long as the live tree has those files. Where
    nothing was kept, it begins as that of ``base``, another tree of this build."""
    found, folder = updated(), _index_folder(options)
    if found is None or not _is_whole(tree, found):
        kept = next((kept for one in (folder, _index_folder(base) if base else None)
                     if one and found is None and (kept := Kept.load(one))), None)
        index = make_index(library, options.jobs, kept)
        if not _is_whole(tree, IndexFiles(index.digests, index.data)):
            index = make_index(library, options.jobs)
        found = IndexFiles(index.digests, index.data)
        if folder:
            index.kept.stage(folder)
    if folder:
        adopt(folder)
    for path, data in found.data.items():
        if not tree.has(f"prsearch/{path}"):
            tree.put(f"prsearch/{path}", data, found.digests[path])


def _is_whole(tree: Tree, index: IndexFiles) -> bool:
    """Whether the live tree has all files of an index that it takes for granted; they are taken over."""
    return all(path in index.data or tree.has(f"prsearch/{path}") or tree.keep(f"prsearch/{path}", digest)
               for path, digest in index.digests.items())


def updated_files(library: Library, options: Options) -> IndexFiles | None:
    """What has to be written for the index that was kept to be that of a library; None where there is none or much is new."""
    folder = _index_folder(options)
    kept = Kept.load(folder) if folder else None
    index = updated_index(library, kept, most=FEW) if kept else None
    if index is None or kept is None or folder is None:
        return None
    index.kept.stage(folder)
    return IndexFiles(index.digests, index.data)


def _index_folder(options: Options) -> Path | None:
    return kept_folder(options.cache, options.out, "index") if options.shard is None else None
