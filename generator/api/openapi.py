"""``api/v1/openapi.json``: the files below ``api/v1/`` in OpenAPI 3.1, described by the types that are written."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import msgspec

from generator.api import affected_sets, feeds, releases
from generator.bulletin_history import PATH as BULLETINS
from generator.bulletin_history import History
from generator.record_lists import FOLDER as RECORDS
from generator.record_lists import INDEX as RECORD_INDEX
from generator.record_lists import RecordFile, RecordIndex
from kb.portal import Portal

PATH = "api/v1/openapi.json"
VERSION = "1"

_FILES: tuple[tuple[str, str, type[msgspec.Struct], str], ...] = (
    (RECORD_INDEX, "recordIndex", RecordIndex, "The portal, its products and the files with its records"),
    (f"{RECORDS}{{part}}.json", "records", RecordFile, "At most 256 records"),
    (releases.INDEX, "releaseIndex", releases.ReleaseIndex, "Products with their platforms"),
    (f"{releases.FOLDER}{{product}}.json", "releases", releases.ProductReleases, "Trains and releases of a product"),
    (affected_sets.INDEX, "affectedIndex", affected_sets.AffectedIndex, "The affected sets that there are"),
    (f"{affected_sets.FOLDER}{{product}}/{{train}}.json", "affected", affected_sets.AffectedSet,
     "Which records affect the releases of a train, on which platforms, and why"),
    (feeds.INDEX, "feedIndex", feeds.FeedIndex, "The feeds of the portal"),
    (BULLETINS, "bulletins", History, "Security bulletins with their revisions and digests"),
)
_PACKED = (
    (f"{releases.FOLDER}{{product}}.bin", "packedReleases", "Trains and releases of a product: the JSON in gzip"),
    (f"{affected_sets.FOLDER}{{product}}/{{train}}.bin", "packedAffected", "An affected set in few bytes (docs/api.md)"),
)


def openapi(portal: Portal) -> bytes:
    """The description of the portal's files. Addresses are relative to the portal's own."""
    _schemas, components = msgspec.json.schema_components([type_ for _path, _id, type_, _about in _FILES],
                                                          ref_template="#/components/schemas/{name}")
    document = {
        "openapi": "3.1.0",
        "info": {"title": f"{portal.text_in(portal.language).name}: API", "version": VERSION,
                 "description": "Static files: every address answers GET and HEAD, a file that does not change keeps its bytes.",
                 "x-generator": f"Waypost {version('waypost')}"},
        "servers": [{"url": portal.url}],
        "paths": {f"/{path}": operation for path, operation in _operations()},
        "components": {"schemas": components},
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, name, type_, about in _FILES:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{type_.__name__}"}}}
        yield path, _operation(path, name, about, inspect.cleandoc(type_.__doc__ or about), content)
    for path, name, about in _PACKED:
        yield path, _operation(path, name, about, about, {"application/octet-stream": {}})


def _operation(path: str, name: str, about: str, description: str, content: dict[str, Any]) -> dict[str, Any]:
    parameters = [{"name": part.partition("}")[0], "in": "path", "required": True, "schema": {"type": "string"}}
                  for part in path.split("{")[1:]]
    responses = {"200": {"description": " ".join(description.split()), "content": content}}
    if parameters:
        responses["404"] = {"description": "There is no such file."}
    operation: dict[str, Any] = {"operationId": name, "summary": about, "responses": responses}
    return {"get": {**operation, "parameters": parameters} if parameters else operation}
