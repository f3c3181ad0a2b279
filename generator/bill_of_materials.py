"""What code a portal's pages run and by whom it is: a software bill of materials (CycloneDX 1.6, ECMA-424) in the tree.

It is told from the files that are really there: our own scripts and style, those of the theme with what its bundle was made of
(which its source map names), and Pagefind. Texts of licences that want to travel with the code are in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.resources import files
from typing import Any, Final

import msgspec

from generator.output import Tree

PATH: Final = "api/v1/front-end.cdx.json"
_CODE = (".js", ".css", ".pagefind", ".wasm", ".svg", ".woff2")
_OURS, _THEME, _SEARCH = "waypost", "mkdocs-material", "pagefind_bin"
_INDEX: Final = "pagefind"
_SOURCE = re.compile(r"(?:^|/)node_modules/((?:@[^/]+/)?[^/]+)/")
# SPDX ids of what Material's bundle and icons are made of; source maps name packages, not their licences.
_LICENCES: Final = {"clipboard": "MIT", "escape-html": "MIT", "focus-visible": "W3C-20150513", "material-design-color": "MIT",
                    "rxjs": "Apache-2.0", "tslib": "0BSD", "@mdi/svg": "Apache-2.0"}


def put_bill(tree: Tree, theirs: Collection[str]) -> None:
    """Adds the bill to a tree that holds all code already; ``theirs`` are the files of the theme, what else is code is ours."""
    parts: dict[str, list[str]] = {_OURS: [], _THEME: [], _INDEX: []}
    for path in sorted(path for path in tree.paths if path.endswith(_CODE) and not path.startswith("attachments/")):
        parts[_THEME if path in theirs else _INDEX if path.startswith("pagefind/") else _OURS].append(path)
    digests = {path: tree.digest_of(path) for paths in parts.values() for path in paths}
    facts = ([_version(name) for name in (_OURS, _THEME, _SEARCH)], _LICENCES, parts, sorted(digests.items()))
    key = hashlib.blake2b(msgspec.json.encode(facts), digest_size=16).hexdigest()
    if not tree.keep(PATH, key):
        tree.put(PATH, bill(parts, digests), key)


def bill(parts: Mapping[str, Collection[str]], digests: Mapping[str, str]) -> bytes:
    """The bill of these files by component; ``digests`` has the SHA-256 of each file in hex."""
    ours, theme, search = (_version(name) for name in (_OURS, _THEME, _SEARCH))
    about = {
        _OURS: (ours, "Apache-2.0", "", f"pkg:pypi/{_OURS}@{ours}", []),
        _THEME: (theme, "MIT", _own_licence(_THEME), f"pkg:pypi/{_THEME}@{theme}", _bundled()),
        _INDEX: (search, "MIT", _carried(_INDEX), f"pkg:npm/{_INDEX}@{search}", [])}
    components = []
    for name, paths in parts.items():
        release, licence, text, purl, inner = about[name]
        held = [*inner, *(_file(path, digests[path]) for path in paths)]
        components.append({"type": "library", "bom-ref": purl, "name": name, "version": release, "purl": purl,
                           "licenses": [_licence(licence, text)], "components": held})
    tools = {"components": [{"type": "application", "name": _OURS, "version": ours}]}
    portal = {"type": "application", "bom-ref": "front-end", "name": "front-end"}
    whole = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
             "version": 1, "metadata": {"tools": tools, "component": portal}, "components": components,
             "dependencies": [{"ref": "front-end", "dependsOn": [part["bom-ref"] for part in components]}]}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def _file(path: str, digest: str) -> dict[str, Any]:
    return {"type": "file", "bom-ref": path, "name": path, "hashes": [{"alg": "SHA-256", "content": digest}]}


def _licence(spdx: str, text: str = "") -> dict[str, Any]:
    return {"license": {"id": spdx, **({"text": {"content": text}} if text else {})}}


@cache
def _bundled() -> list[dict[str, Any]]:
    """Packages whose code the theme's bundles hold, and its icons; their versions are not told anywhere."""
    found = {"@mdi/svg"}
    for folder in ("javascripts", "stylesheets"):
        for entry in files("material").joinpath("templates", "assets", folder).iterdir():
            if entry.name.endswith(".map"):
                told = msgspec.json.decode(entry.read_bytes())
                found.update(match[1] for source in told.get("sources", ()) if (match := _SOURCE.search(source)))
    return [{"type": "library", "bom-ref": f"{_THEME}/{name}", "name": name, "purl": f"pkg:npm/{name.replace('@', '%40')}",
             **({"licenses": [_licence(_LICENCES[name])]} if name in _LICENCES else {})} for name in sorted(found)]


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


@cache
def _own_licence(package: str) -> str:
    """The text of the licence that a distribution brings along, or nothing."""
    found = [file for file in distribution(package).files or () if ".dist-info" in str(file) and file.name.startswith("LICENSE")]
    return found[0].read_text() if found else ""


def _carried(name: str) -> str:
    """The text of a licence that its distribution leaves out."""
    return files("theme").joinpath("licences", f"{name}.txt").read_text(encoding="utf-8")
