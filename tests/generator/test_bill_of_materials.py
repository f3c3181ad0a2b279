"""The bill of materials names the code that pages run: all of it, with its hashes and licences, as CycloneDX 1.6 wants it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from generator.bill_of_materials import PATH

CODE = {".js", ".css", ".pagefind", ".wasm"}


def parts(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from parts(component.get("components", []))


@pytest.fixture
def bill(built: tuple[Path, Path]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((built[1] / PATH).read_bytes())
    return told


def test_it_is_what_the_standard_says(built: tuple[Path, Path]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str((built[1] / PATH).read_text(encoding="utf-8")) is None


def test_every_file_of_code_is_in_it_with_its_hash(built: tuple[Path, Path], bill: dict[str, Any]) -> None:
    told = {part["name"]: part["hashes"][0]["content"] for part in parts(bill["components"]) if part["type"] == "file"}
    there = {path.relative_to(built[1]).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
             for path in built[1].rglob("*") if path.suffix in CODE}
    assert len(there) > 50
    assert {name: digest for name, digest in told.items() if Path(name).suffix in CODE} == there
    for name, digest in told.items():
        assert hashlib.sha256((built[1] / name).read_bytes()).hexdigest() == digest


def test_every_component_has_a_version_or_stands_in_one_and_a_licence(bill: dict[str, Any]) -> None:
    assert [part["name"] for part in bill["components"]] == ["waypost", "mkdocs-material", "pagefind"]
    for part in bill["components"]:
        assert part["version"][0].isdigit()
    libraries = [part for part in parts(bill["components"]) if part["type"] == "library"]
    assert {"rxjs", "clipboard", "escape-html"} < {part["name"] for part in libraries}
    for part in libraries:
        assert part["licenses"][0]["license"]["id"], f"{part['name']}: a licence is missing in generator/bill_of_materials.py"


def test_notices_that_must_travel_along_do(bill: dict[str, Any]) -> None:
    texts = {part["name"]: part["licenses"][0]["license"].get("text", {}).get("content", "") for part in bill["components"]}
    for name, holder in {"mkdocs-material": "Martin Donath", "pagefind": "CloudCannon"}.items():
        assert "Copyright" in texts[name]
        assert holder in texts[name]
        assert "shall be included in" in " ".join(texts[name].split())
