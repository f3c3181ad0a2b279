"""Sites that hold other people's advisories: they are checked, built, and told of to programs as those of the portal."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kb.importers import run_import
from tests.generator.support import build_site, tree
from tests.generator.test_osv import documents, schema  # noqa: F401
from tests.kb.checking import library_of, messages

PORTAL = "name: T\nvendor: T\nurl: https://support.example.com/\nlanguages: [en]\n"


def made_site(root: Path) -> Path:
    root.mkdir()
    (root / "portal.yml").write_text(PORTAL, encoding="utf-8")
    return root


@pytest.mark.usefixtures("quick_shell")
def test_a_site_of_some_is_built_and_shows_what_they_say(shared_data: Path, tmp_path: Path) -> None:
    root, source = made_site(tmp_path / "site"), tmp_path / "csaf"
    source.mkdir()
    for file in [shared_data / "csaf-cisa" / name for name in ("icsa-17-054-03.json", "icsa-19-339-02.json")]:
        (source / file.name).write_bytes(file.read_bytes())
    osv = sorted((shared_data / "osv-go").glob("*.json"))[0]
    assert run_import("csaf", source, root).rejected == run_import("osv", osv, root).rejected == 0
    assert messages(root) == []
    build_site(root, tmp_path / "out", cache=tmp_path / "cache")
    files = tree(tmp_path / "out")
    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", files["advisories/ICSA-17-054-03/index.html"].decode())).split())
    for words in ("Set up a firewall blocking all remote/external access to Port 502", "M340 CPUs with firmware: prior to v2.9", "Source ¶ CISA",
                  "CVE-2017-6017 : 7.5 CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H , CWE-400"):
        assert words in page, words
    assert json.loads(files[".well-known/csaf/white/2017/icsa-17-054-03.json"])["document"]["tracking"]["id"] == "ICSA-17-054-03"
    assert json.loads(files["osv/ICSA-17-054-03.json"])["aliases"] == ["CVE-2017-6017"]
    assert [item["id"] for item in json.loads(files["osv/all.json"])][-1] == "ICSA-17-054-03"
    build_site(root, tmp_path / "out", cache=tmp_path / "cache")
    assert tree(tmp_path / "out") == files


@pytest.mark.slow
def test_all_of_the_go_database_come_and_go_as_they_are(shared_data: Path, tmp_path: Path, schema: dict[str, Any]) -> None:  # noqa: F811
    root = made_site(tmp_path / "site")
    report = run_import("osv", shared_data / "osv-go", root, date="2026-10-01")
    assert (report.rejected, {finding.level for finding in report.findings}) == (0, {"note"})
    assert run_import("osv", shared_data / "osv-go", root, date="2026-10-01").written == 0
    assert messages(root) == []
    ours = documents(library_of(root))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    theirs = [json.loads(file.read_bytes()) for file in sorted((shared_data / "osv-go").glob("*.json"))]
    assert len(theirs) == len(ours) == 208
    for document in theirs:
        own = ours[document["id"]]
        assert [error.message for error in validator.iter_errors(own)] == []
        assert own["summary"] == " ".join(document["summary"].split())
        assert set(own.get("aliases", ())) | set(own.get("related", ())) >= set(document.get("aliases", ()))
        assert {item["url"] for item in own["references"]} >= {item["url"] for item in document["references"]}
        assert {item["package"]["name"] for item in own["affected"]} == {item["package"]["name"] for item in document["affected"]}
        assert [item["name"] for item in own.get("credits", ())] == [" ".join(item["name"].split()) for item in document.get("credits", ())]
        assert events(own) == events(document), document["id"]


def events(document: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    """(begin, end) of each affected stretch, by package."""
    found: dict[str, set[tuple[str, str]]] = {}
    for item in document["affected"]:
        stretches, start = found.setdefault(item["package"]["name"], set()), None
        for event in (event for part in item.get("ranges", ()) for event in [*part["events"], {}]):
            if start is not None:
                stretches.add((start, event.get("fixed", "")))
            start = event.get("introduced")
    return found
