"""What an import does to a site that people work on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.importers import FORMATS, run_import
from kb.importers.sources import clean
from kb.source import decode

ARTICLE = """\
---
title: How to collect logs
description: Learn how to collect logs.
product: ExOS
article-created-date: 6/11/2024 12:16:51 PM
article-published-date: 6/12/2024 12:23:15 PM
article-number: KA-02700
---
# How to collect logs

## Resolution

Run the command.
"""
PATH = "articles/KB02700.md"
Tree = Callable[[], dict[str, bytes]]


def test_the_second_import_changes_nothing(source: Any, tree: Tree) -> None:
    source.write("KA-02700.md", ARTICLE)
    first = source.run("kcs")
    before = tree()
    second = source.run("kcs")
    assert (first.written, first.unchanged, first.paths) == (1, 0, (PATH,))
    assert (second.written, second.unchanged, second.kept, second.paths) == (0, 1, 0, ())
    assert tree() == before


def test_a_changed_source_is_written_again(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    source.run("kcs")
    source.write("KA-02700.md", ARTICLE.replace("Run the", "Run this"))
    assert source.run("kcs").written == 1
    assert "Run this command." in source.read(PATH)


def test_what_was_edited_by_hand_stays(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    source.run("kcs")
    edited = source.read(PATH).replace("Run the command.", "Run the new command.")
    (source.site / PATH).write_text(edited, encoding="utf-8")
    source.write("KA-02700.md", ARTICLE.replace("Run the", "Run this"))
    report = source.run("kcs")
    assert (report.written, report.kept) == (0, 1)
    assert source.messages(report, "note") == [
        "KA-02700.md:1: 'articles/KB02700.md' was edited by hand and stays as it is; import with force to overwrite it"]
    assert source.read(PATH) == edited
    assert source.run("kcs", force=True).written == 1
    assert "Run this command." in source.read(PATH)


def test_what_was_deleted_by_hand_stays_away(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    source.run("kcs")
    (source.site / PATH).unlink()
    report = source.run("kcs")
    assert source.messages(report, "note") == [
        "KA-02700.md:1: 'articles/KB02700.md' was deleted from the site by hand and stays so; import with force to have it back"]
    assert not (source.site / PATH).exists()
    source.run("kcs", force=True)
    assert (source.site / PATH).exists()


def test_a_record_that_no_import_wrote_stays(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    (source.site / "articles").mkdir()
    (source.site / PATH).write_text("---\nid: KB02700\n---\n", encoding="utf-8")
    assert source.messages(source.run("kcs"), "note") == [
        "KA-02700.md:1: 'articles/KB02700.md' was not written by an import and stays as it is; import with force to overwrite it"]


def test_without_the_ledger_equal_files_are_known_again(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    source.run("kcs")
    (source.site / ".waypost" / "imports.json").unlink()
    assert source.run("kcs").unchanged == 1
    source.write("KA-02700.md", ARTICLE.replace("Run the", "Run this"))
    assert source.run("kcs").written == 1


def test_a_damaged_ledger_is_a_note(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    source.run("kcs")
    (source.site / ".waypost" / "imports.json").write_text("{", encoding="utf-8")
    assert source.messages(source.run("kcs"), "note") == [
        ".waypost/imports.json: cannot be read, so every existing file counts as edited by hand; "
        "restore it, or import with force"]


def test_an_id_elsewhere_in_the_site_is_taken(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    folder = source.site / "articles" / "logs"
    folder.mkdir(parents=True)
    (folder / "KB02700.md").write_text("---\nid: KB02700\n---\n", encoding="utf-8")
    report = source.run("kcs")
    assert (report.written, report.rejected) == (0, 1)
    assert source.messages(report) == [
        "KA-02700.md:1: id: 'KB02700' is already the id of articles/logs/KB02700.md; rename or remove one of them"]


def test_nothing_is_written_through_a_link(source: Any, tmp_path: Path) -> None:
    source.write("KA-02700.md", ARTICLE)
    (tmp_path / "elsewhere").mkdir()
    (source.site / "articles").symlink_to(tmp_path / "elsewhere")
    assert source.messages(source.run("kcs")) == [
        "KA-02700.md:1: 'articles/KB02700.md' lies behind a symbolic link; put a folder or file in its place"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_bad_sources_are_findings(source: Any, tmp_path: Path) -> None:
    source.write("KA-00001.md", b"---\ntitle: a\n---\n\xff\n")
    source.write("KA-00002.md", "no front matter")
    source.write("KA-00003.md", "x" * 5_000_001)
    (source.root / "KA-00004.md").symlink_to(source.root / "KA-00001.md")
    source.write("KA-02700.md", ARTICLE)
    report = source.run("kcs")
    assert (report.written, report.rejected) == (1, 3)
    assert source.messages(report) == [
        "KA-00004.md: is a symbolic link; put the file itself here",
        "KA-00001.md:4: 'byte 0xff' is not UTF-8; save the file in UTF-8",
        "KA-00002.md:1: has no front matter; begin the file with a line '---', fields, and another '---'",
        "KA-00003.md: has 5,000,001 bytes; split it: a text file has at most 5,000,000 bytes",
    ]


def test_a_missing_or_empty_source_is_a_finding(source: Any, tmp_path: Path) -> None:
    assert source.messages(source.run("kcs")) == ["SOURCE: holds no .md or .markdown file; name another folder or format"]
    report = run_import("kcs", tmp_path / "nowhere", source.site)
    assert [finding.reason for finding in report.findings] == ["does not exist"]


def test_a_broken_site_is_left_alone(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    (source.site / "products.yml").write_text("products: [{id: x}]\n", encoding="utf-8")
    report = source.run("kcs")
    assert report.written == 0
    assert [finding.path for finding in report.findings] == ["products.yml"] * 2
    (source.site / "portal.yml").unlink()
    assert [finding.path for finding in source.run("kcs").findings] == ["portal.yml"]


def test_wrong_options_are_refused(source: Any) -> None:
    with pytest.raises(ValueError, match="'rss' is no format; choose from cve, csaf, osv, kcs, known-issues, jsonl, csv"):
        source.run("rss")
    with pytest.raises(ValueError, match="is not a date; write YYYY-MM-DD"):
        source.run("kcs", date="yesterday")
    assert FORMATS == ("cve", "csaf", "osv", "kcs", "known-issues", "jsonl", "csv")


def test_no_unwanted_character_survives() -> None:
    """Whatever ``clean`` lets through, ``kb.source`` reads."""
    everything = "".join(map(chr, range(0x11000)))
    assert decode(clean(everything).encode(), "x") == clean(everything)
    assert clean("a\r\nb\u2028c\x00\ufeffd") == "a\nb\ncd"


def test_the_ledger_is_stable_json(source: Any) -> None:
    source.write("KA-02700.md", ARTICLE)
    source.run("kcs")
    ledger = json.loads(source.read(".waypost/imports.json"))
    assert ledger["version"] == 1
    assert ledger["units"][PATH]["sources"] == ["KA-02700"]
    assert len(ledger["units"][PATH]["sha256"]) == 64


def test_the_language_is_named_where_the_portal_speaks_another(source: Any, records: Any) -> None:
    (source.site / "portal.yml").write_text(
        "name: Test\nvendor: Example\nurl: https://support.example.com/\nlanguages: [ru, en]\n", encoding="utf-8")
    source.write("KA-02700.md", ARTICLE)
    source.run("kcs")
    assert records()["KB02700"].text.language == "en"
