"""The export for OpenSearch, and the one page that may ask a search engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator import bulk_files
from generator.cli import main
from tests.generator.support import AT, SITE, article, build_site, edit, page, pages_of, report, tree, write, write_site

NOW = f"{AT:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site")


def export(site: Path, out: Path, *options: str) -> Result:
    arguments = ["export", "opensearch", "--site", str(site), "--out", str(out), "--at", NOW, *options]
    return CliRunner().invoke(main, arguments, prog_name="waypost")


def documents(*files: Path) -> dict[str, Any]:
    """The documents of bulk files by their id."""
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert all(file.read_bytes().endswith(b"\n") for file in files)
    assert all(set(action) == {"index"} for action in lines[::2])
    return dict(zip((action["index"]["_id"] for action in lines[::2]), lines[1::2], strict=True))


def exported(site: Path, out: Path, *options: str) -> dict[str, Any]:
    assert export(site, out, *options).exit_code == 0
    return documents(*sorted(out.glob("bulk-*.ndjson")))


def test_every_record_is_a_document(site: Path, tmp_path: Path) -> None:
    result = export(site, tmp_path / "out")
    size = (tmp_path / "out" / "bulk-00001.ndjson").stat().st_size
    assert result.stdout == f"6 documents for the index waypost in 1 file, {size / 1e6:.1f} MB: {tmp_path / 'out'}\n"
    assert sorted(tree(tmp_path / "out")) == ["bulk-00001.ndjson", "index.json"]
    found = documents(tmp_path / "out" / "bulk-00001.ndjson")
    assert sorted(found) == ["100001", "KB10001", "KB10002", "SA-2026-0001", "SN-2026-0001", "TB-2026-0001"]
    assert found["100001"] == {
        "id": "100001", "kind": "report", "names": ["100001"], "language": "en", "languages": ["en"], "path": "pr/100001/",
        "url": "https://support.example.com/pr/100001/", "products": ["box"], "platforms": ["bx1"], "component": "web",
        "severity": "medium", "status": "fixed", "affects": ["1.0.0", "box/1.0.0"], "fixed": ["1.0.1", "box/1.0.1"],
        "created": "2026-01-22T00:00:00Z", "updated": "2026-02-10T00:00:00Z", "published": "2026-01-22T00:00:00Z",
        "title": {"en": "The box hums"}, "summary": {"en": "The box hums"}, "text": {"en": "It hums."}}
    assert found["KB10001"]["title"] == {"en": "Restart a box", "ru": "Перезапуск"}
    assert found["KB10001"]["text"]["ru"] == "Нажмите кнопку."
    assert found["SA-2026-0001"]["published"] == "2026-02-10T16:00:00Z"


def test_names_are_searchable_and_other_languages_kept(site: Path, tmp_path: Path) -> None:
    write(site, "articles/KB10003.md", article("KB10003", aliases="[TN 77, PR 42]", language="es", keywords="[uno, dos]"))
    edit(site, "advisories/SA-2026-0001.md", "summary: No", "cves: [CVE-2026-12345]\nsummary: No")
    found = exported(site, tmp_path / "out")
    assert found["KB10003"]["names"] == ["KB10003", "TN77", "42"]
    assert found["SA-2026-0001"]["names"] == ["SA-2026-0001", "CVE-2026-12345"]
    assert (found["KB10003"]["language"], found["KB10003"]["title"]) == ("es", {"other": "Article KB10003"})
    assert found["KB10003"]["keywords"] == {"other": ["uno", "dos"]}


def mapped(properties: dict[str, Any], start: str = "") -> Iterator[str]:
    for name, field in properties.items():
        yield from mapped(field["properties"], f"{start}{name}.") if "properties" in field else [start + name]


def named(document: dict[str, Any], start: str = "") -> Iterator[str]:
    for name, value in document.items():
        yield from named(value, f"{start}{name}.") if isinstance(value, dict) else [start + name]


def test_the_mapping_knows_every_field_and_every_analyser(site: Path, tmp_path: Path) -> None:
    """It is strict: a document with another field would be refused."""
    write(site, "articles/KB10003.md", article("KB10003", language="es", keywords="[uno]", body="## Workaround\n\nWait.\n"))
    found = exported(site, tmp_path / "out")
    settings = json.loads((tmp_path / "out" / "index.json").read_text(encoding="utf-8"))
    assert set(settings) == {"settings", "mappings"} and settings["mappings"]["dynamic"] == "strict"
    properties = settings["mappings"]["properties"]
    fields = set(mapped(properties))
    assert {name for document in found.values() for name in named(document)} <= fields
    assert {name for name in fields if name.startswith("title.")} == {"title.en", "title.ru", "title.other"}
    assert [properties["title"]["properties"][name]["analyzer"] for name in ("en", "ru", "other")] == [
        "english", "russian_and_english", "standard"]
    own = settings["settings"]["index"]["analysis"]
    used = set(re.findall(r'"(?:analyzer|normalizer)": "(\w+)"', json.dumps(settings)))
    assert used <= {"english", "standard", *own["analyzer"], *own["normalizer"]}
    for part in (*own["analyzer"].values(), *own["normalizer"].values()):
        assert set(part["filter"]) <= {"lowercase", *own["filter"]} and set(part["char_filter"]) <= set(own["char_filter"])
    for name in ("id", "kind", "names", "products", "platforms", "component", "severity", "status", "affects", "fixed"):
        assert properties[name]["type"] == "keyword"
    assert {properties[name]["type"] for name in ("created", "updated", "published")} == {"date"}


def test_nothing_of_what_is_hidden(site: Path, tmp_path: Path) -> None:
    secrets = {"700001": {"status": "draft"}, "700002": {"publish_at": "2026-12-01T00:00:00Z"}, "700003": {"audience": "partner"}}
    for record_id, fields in secrets.items():
        write(site, f"reports/{record_id}.md", report(record_id, f"## Problem\n\nSecret{record_id}.\n", **fields))
    edit(site, "articles/KB10002.md", "Use a brush.", "Use [[700003|a brush]] or [[700001]], [soap](700002).")
    exported(site, tmp_path / "out")
    data = b"".join(tree(tmp_path / "out").values())
    assert not re.search(rb"70000[123]|Secret", data)
    assert set(exported(site, tmp_path / "partner", "--audience", "partner")) & set(secrets) == {"700003"}
    assert set(exported(site, tmp_path / "later", "--at", "2026-12-02")) & set(secrets) == {"700002"}


def test_two_exports_are_equal_and_the_second_takes_the_place_of_the_first(
        site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported(site, tmp_path / "one")
    monkeypatch.setattr(bulk_files, "PART_DOCUMENTS", 2)
    exported(site, tmp_path / "two")
    assert sorted(tree(tmp_path / "two")) == ["bulk-00001.ndjson", "bulk-00002.ndjson", "bulk-00003.ndjson", "index.json"]
    monkeypatch.undo()
    exported(site, tmp_path / "two")
    assert tree(tmp_path / "two") == tree(tmp_path / "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "site", "two"], "nothing stays beside it"


@pytest.mark.parametrize(("most", "files"), [(1, 6), (10**6, 1), (1200, 0)])
def test_parts_are_bounded_by_bytes(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, files: int) -> None:
    monkeypatch.setattr(bulk_files, "PART_BYTES", most)
    assert len(exported(site, tmp_path / "out")) == 6
    parts = sorted((tmp_path / "out").glob("*.ndjson"))
    assert len(parts) == files or not files
    for part in parts:
        assert part.stat().st_size <= most or len(documents(part)) == 1


def test_one_file(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_files, "PART_DOCUMENTS", 2)
    result = export(site, tmp_path / "new" / "all.ndjson", "--index", "support-2026", "--json")
    file = tmp_path / "new" / "all.ndjson"
    assert json.loads(result.stdout) == {
        "index": "support-2026", "documents": 6, "bytes": file.stat().st_size, "files": [str(file)]}
    assert sorted(tree(tmp_path / "new")) == ["all.index.json", "all.ndjson"]
    assert len(documents(file)) == 6
    assert b'{"index":{"_index":"support-2026","_id":"100001"}}\n' in file.read_bytes()


def test_a_site_without_records(site: Path, tmp_path: Path) -> None:
    for folder in ("articles", "reports", "advisories", "notices", "bulletins"):
        for file in (site / folder).iterdir():
            file.unlink()
    (site / "redirects.yml").unlink()
    assert exported(site, tmp_path / "out") == {}
    assert sorted(tree(tmp_path / "out")) == ["index.json"]


def test_a_folder_of_others_is_refused(site: Path, tmp_path: Path) -> None:
    write(tmp_path, "out/mine.txt", "mine")
    result = export(site, tmp_path / "out")
    assert (result.exit_code, result.stderr) == (
        1, f"{tmp_path / 'out'} holds files that no export made; name a new folder with --out\n")
    assert tree(tmp_path / "out") == {"mine.txt": b"mine"}
    (tmp_path / "all.ndjson").mkdir()
    assert export(site, tmp_path / "all.ndjson").exit_code == 1


@pytest.mark.parametrize("name", ["Support", "_support", "a b", "a,b", "", "../x", "x" * 256])
def test_a_name_that_no_index_can_have(site: Path, tmp_path: Path, name: str) -> None:
    result = export(site, tmp_path / "out", "--index", name)
    assert result.exit_code == 2
    assert "is no index name; use lower case letters" in " ".join(result.stderr.split())


def test_a_broken_site_ends_with_1(site: Path, tmp_path: Path) -> None:
    edit(site, "reports/100001.md", "status: fixed", "status: mended")
    result = export(site, tmp_path / "out")
    assert result.exit_code == 1 and "status: 'mended' is not allowed here" in result.stderr
    assert not (tmp_path / "out").exists()
    assert "'friends' is not an audience" in export(site, tmp_path / "out", "--audience", "friends").stderr


# -- the page that asks ------------------------------------------------------------------------------------------------


def policies(out: Path) -> dict[str, str]:
    """What each page may connect to."""
    found = {}
    for path in pages_of(out):
        meta = page(out, path).css_first("meta[http-equiv=Content-Security-Policy]")
        policy = str(meta.attributes["content"])
        assert policy.count("connect-src ") == 1
        found[path] = policy.split("connect-src ")[1].split(";")[0]
    return found


def test_only_the_search_page_may_ask_the_engine(tmp_path: Path, quick_shell: None) -> None:
    endpoint = "https://search.example.com:9243/support/_search"
    root = write_site(tmp_path / "source", {"portal.yml": SITE["portal.yml"] + f"search: {{opensearch: '{endpoint}'}}\n"})
    build_site(root, tmp_path / "site")
    found = policies(tmp_path / "site")
    searching = {path for path in found if path.endswith("search/index.html")}
    assert searching == {"search/index.html", "ru/search/index.html"}
    assert {found[path] for path in searching} == {"'self' https://search.example.com:9243"}
    assert {policy for path, policy in found.items() if path not in searching} == {"'self'"}
    results = page(tmp_path / "site", "ru/search/").css_first("[data-wp-results]")
    assert (results.attributes["data-endpoint"], results.attributes["data-fields"]) == (endpoint, "en ru other")
    named = [path for path, data in tree(tmp_path / "site").items() if b"search.example.com" in data]
    assert set(named) == searching | {"_headers", "headers/nginx.conf", "headers/caddy.conf"}


def test_a_path_of_the_same_host_needs_no_exception(tmp_path: Path, quick_shell: None) -> None:
    root = write_site(tmp_path / "source", {"portal.yml": SITE["portal.yml"] + "search: {opensearch: /engine/_search}\n"})
    build_site(root, tmp_path / "site")
    assert set(policies(tmp_path / "site").values()) == {"'self'"}
    assert page(tmp_path / "site", "search/").css_first("[data-wp-results]").attributes["data-endpoint"] == "/engine/_search"


def test_without_a_setting_no_page_names_an_engine(tmp_path: Path, quick_shell: None) -> None:
    build_site(write_site(tmp_path / "source"), tmp_path / "site")
    assert set(policies(tmp_path / "site").values()) == {"'self'"}
    assert not [path for path, data in tree(tmp_path / "site").items() if path.endswith(".html") and b"data-endpoint" in data]
