"""A report as SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format): a rule for each record, a result for each device
that it affects."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from urllib.parse import quote

import msgspec

from generator.network.report import Report, Told
from kb.printable import printable_line

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "deviceAndRecord/v1"
_LEVELS: Mapping[str, str] = {"critical": "error", "high": "error", "medium": "warning"}
_LANGUAGE = re.compile("[a-z]{2}(-[A-Z]{2})?")
_SPECIAL = re.compile(r"[\\\[\]]")


def sarif(report: Report, inventory: str) -> Iterator[bytes]:
    """The document in parts. ``inventory`` is the name of the inventory's file as results give it."""
    rules = [_rule(record_id, told) for record_id, told in report.records.items()]
    driver = {"name": "Waypost", "version": version("waypost"), "informationUri": report.portal, "rules": rules}
    run = {"tool": {"driver": driver}, "automationDetails": {"id": "waypost/inventory/"},
           **({"language": report.language} if _LANGUAGE.fullmatch(report.language) else {}), "results": []}
    yield msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}).removesuffix(b"]}]}")
    places = {record_id: place for place, record_id in enumerate(report.records)}
    before = b"\n"
    for result in _results(report, quote(inventory), places):
        yield before + msgspec.json.encode(result)
        before = b",\n"
    yield b"\n]}]}\n"


def _rule(record_id: str, told: Told) -> dict[str, object]:
    return {
        "id": record_id, "shortDescription": {"text": _text(told.title)}, "helpUri": told.url,
        "defaultConfiguration": {"level": _level(told)},
        "properties": {"tags": [told.kind, told.severity or "unrated"], "status": told.status, "updated": told.updated}}


def _results(report: Report, uri: str, places: Mapping[str, int]) -> Iterator[dict[str, object]]:
    for key, device, line in report.hits():
        told = report.records[line.id]
        place: dict[str, object] = {"artifactLocation": {"uri": uri}}
        if device.line:
            place["region"] = {"startLine": device.line}
        name, site = printable_line(device.name), printable_line(device.site)
        said = f"{line.id} affects {device.name} ({device.product} {device.written}): {line.why}"
        where = {"name": name, "fullyQualifiedName": f"{site}/{name}" if device.site else name, "kind": "resource"}
        yield {
            "ruleId": line.id, "ruleIndex": places[line.id], "level": _level(told), "message": {"text": _text(said)},
            "locations": [{"physicalLocation": place, "logicalLocations": [where]}],
            "partialFingerprints": {FINGERPRINT: hashlib.sha256(f"{key}\n{line.id}".encode()).hexdigest()}}


def _level(told: Told) -> str:
    return _LEVELS.get(told.severity, "note")


def _text(text: str) -> str:
    """A plain text message: brackets would make links and braces stand for arguments (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    return _SPECIAL.sub(r"\\\g<0>", printable_line(text)).replace("{", "{{").replace("}", "}}")
