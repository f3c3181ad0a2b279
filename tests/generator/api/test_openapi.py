"""Every file below ``api/v1/`` is what ``openapi.json`` says of it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

UNDESCRIBED = {"api/v1/openapi.json", "api/v1/case.schema.json", "api/v1/front-end.cdx.json"}  # descriptions themselves


def strict(schema: Any) -> Any:
    """The schema, where objects with known properties have no others."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(value) for name, value in schema.items()}
    return {**found, "additionalProperties": False} if "properties" in found and "additionalProperties" not in found else found


def templates(document: dict[str, Any]) -> list[tuple[re.Pattern[str], str]]:
    """What each address of the description stands for, as a pattern; the longest first."""
    found = [(re.compile(re.sub(r"\\{[a-z]+\\}", "[^/]+", re.escape(path.lstrip("/")))), path) for path in document["paths"]]
    return sorted(found, key=lambda item: -len(item[1]))


@pytest.fixture(scope="module")
def document(example_site: Path) -> dict[str, Any]:
    return json.loads((example_site / "api/v1/openapi.json").read_bytes())


def test_the_description_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_file_is_as_described(example_site: Path, document: dict[str, Any]) -> None:
    described = templates(document)
    seen: set[str] = set()
    for file in sorted((example_site / "api/v1").rglob("*")):
        path = file.relative_to(example_site).as_posix()
        if file.is_dir() or path in UNDESCRIBED:
            continue
        name = next((name for pattern, name in described if pattern.fullmatch(path)), None)
        assert name, f"{path} is not described"
        seen.add(name)
        content = document["paths"][name]["get"]["responses"]["200"]["content"]
        if file.suffix != ".json":
            assert "application/octet-stream" in content and gzip.decompress(file.read_bytes()), path
            continue
        schema = content["application/json"]["schema"]
        whole = strict({**schema, "components": document["components"]})
        errors = [error.message[:200] for error in Draft202012Validator(whole).iter_errors(json.loads(file.read_bytes()))]
        assert not errors, (path, errors[:3])
    assert seen == set(document["paths"])


def test_what_files_lead_to_is_there(example_site: Path) -> None:
    index = json.loads((example_site / "api/v1/affected.json").read_bytes())
    listed = {entry["path"] for entry in index["files"]}
    there = {file.relative_to(example_site).as_posix() for file in (example_site / "api/v1/affected").rglob("*.json")}
    assert listed == there
    products = json.loads((example_site / "api/v1/releases.json").read_bytes())["products"]
    for product in products:
        told = json.loads((example_site / product["path"]).read_bytes())
        assert {train["affected"] for train in told["trains"]} <= there
        assert json.loads(gzip.decompress((example_site / product["path"]).with_suffix(".bin").read_bytes())) == told
        assert all((example_site / release["path"] / "index.html").is_file() for release in told["releases"])
    feeds = json.loads((example_site / "api/v1/feeds.json").read_bytes())
    for feed in feeds["feeds"]:
        for root in feeds["roots"].values():
            for path in (*feed["updates"].values(), *feed["new"].values()):
                assert (example_site / root / path).is_file(), path


def test_counts_are_those_of_the_sets(example_site: Path) -> None:
    """What releases count is what the affected sets list."""
    for product in json.loads((example_site / "api/v1/releases.json").read_bytes())["products"]:
        told = json.loads((example_site / product["path"]).read_bytes())
        sets = {train["id"]: json.loads((example_site / train["affected"]).read_bytes()) for train in told["trains"]}
        for release in told["releases"]:
            found = sets[release["train"]]
            place = found["releases"].index(release["id"])
            counts: dict[str, list[int]] = {}
            for kind, case in zip(found["records"]["kinds"], found["records"]["cases"], strict=True):
                rows = found["cases"][case]
                rows = [row for row in rows if len(row) > 3 and found["sets"][row[3]] is None] or rows
                if any(first <= place < end for first, end, *_rest in rows):
                    name, severity = found["kinds"][kind]
                    counts.setdefault(name, [0] * len(told["severities"]))[told["severities"].index(severity)] += 1
            assert counts == {kind: list(numbers) for kind, numbers in release.get("affected", {}).items()}, release["id"]
