"""CVE records of advisories, as a CNA submits them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from generator.build import make_editions
from generator.cli import main
from generator.cve_record import cve_containers
from kb.records import SecurityBulletin
from tests.generator.support import write_site
from tests.generator.test_osv import ADVISORY, LIBRARY
from tests.kb.checking import library_of

CONTENT = Path(__file__).resolve().parents[2] / "content"
ORGANISATION = {"orgId": "00000000-0000-4000-9000-000000000000"}


@pytest.fixture(scope="module")
def validator() -> Any:
    """For the container of a CNA, out of the package cvelib."""
    found = json.loads(files("cvelib").joinpath("schemas/CVE_JSON_cnaPublishedContainer_5.1.1.json").read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(found, format_checker=jsonschema.FormatChecker())


def test_containers_of_the_example_portal_are_valid(validator: Any) -> None:
    library = library_of(CONTENT)
    edition, seen = make_editions(library)[0], 0
    for head in library.of_kind("advisory"):
        record = library.records[head.key]
        assert isinstance(record, SecurityBulletin)
        for body in cve_containers(edition, record).values():
            assert [error.message for error in validator.iter_errors({**body["cnaContainer"], "providerMetadata": ORGANISATION})] == [], record.id
            seen += 1
    assert seen > 10


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", {"advisories/SA-2026-0005.md": ADVISORY.replace("[[KB70001]], [words](KB70001), ", ""), "products/boxlib.yml": LIBRARY})


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(arguments))
    return done.exit_code, done.output


def test_each_cve_id_has_what_is_said_of_it(site: Path, tmp_path: Path, validator: Any) -> None:
    code, output = run("export", "cve", "SA-2026-0005", "--site", str(site), "--out", str(tmp_path / "out"), "--at", "2026-11-22T12:00:00Z")
    assert (code, output) == (0, f"2 CVE records of SA-2026-0005: {tmp_path / 'out'}\n")
    one, two = (json.loads((tmp_path / "out" / f"CVE-2026-99000{number}.json").read_text(encoding="utf-8"))["cnaContainer"] for number in (1, 2))
    for container in (one, two):
        validator.validate({**container, "providerMetadata": ORGANISATION})
    assert (one["title"], two["title"]) == ("The box opens", "The box and the library open")
    assert [list(metric)[2] for metric in (*one["metrics"], *two["metrics"])] == ["cvssV3_1", "cvssV4_0"]
    assert [item["product"] for item in one["affected"]] == ["BoxOS"]
    assert [item["product"] for item in two["affected"]] == ["BoxOS", "Box library"]
    assert one["affected"][0] == {"vendor": "Box Networks", "product": "BoxOS", "defaultStatus": "unaffected", "versions": [
        {"version": "1.0.0", "status": "affected"}, {"version": "1.0.1", "status": "unaffected"}]}
    assert one["solutions"] == [{"lang": "en", "value": "Update, as [[KB10001]] says."}]
    assert one["credits"] == [{"lang": "en", "value": "A. Tester", "type": "reporter"}, {"lang": "en", "value": "Somebody"}]
    assert one["references"][0] == {"url": "https://support.example.com/advisories/SA-2026-0005/", "name": "The box and the library open", "tags": ["vendor-advisory"]}


def test_under_embargo_it_is_shown_at_its_time_only(site: Path, tmp_path: Path) -> None:
    before = run("export", "cve", "SA-2026-0005", "--site", str(site), "--out", str(tmp_path / "out"), "--at", "2026-02-11T15:59:59Z")
    assert before == (1, "SA-2026-0005 is no advisory with a CVE id that this audience sees at this time; for one under embargo give --at\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [("cve",), ("opensearch", "SA-2026-0005")])
def test_only_cve_takes_an_id(arguments: tuple[str, ...], site: Path, tmp_path: Path) -> None:
    code, output = run("export", *arguments, "--site", str(site), "--out", str(tmp_path / "out"))
    assert code == 2 and "cve needs the id of an advisory, opensearch takes none" in output


def test_a_folder_that_cannot_be_made_is_told(site: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, output = run("export", "cve", "SA-2026-0005", "--site", str(site), "--out", str(tmp_path / "file" / "out"), "--at", "2026-11-22T12:00:00Z")
    assert code == 1 and "cannot be written" in output and "Traceback" not in output
