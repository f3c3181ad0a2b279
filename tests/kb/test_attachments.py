"""Pictures and attachments: found beside the record, measured, or refused with the line of the link."""

from __future__ import annotations

import hashlib
import struct
import tempfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kb.attachments import FILES, MAX_BYTES, Attachment, attachment_path, load_attachments
from kb.findings import Finding
from tests.kb.checking import library_of, messages
from tests.sites.make import ARTICLE, changed, make_site

ARTICLE_FILE = "articles/KB10001.md"


def picture(kind: str, width: int = 3, height: int = 2) -> bytes:
    data = BytesIO()
    Image.new("RGB", (width, height)).save(data, kind)
    return data.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """The head of a PNG file that claims a size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def linking(markdown: str) -> dict[str, str]:
    return changed(ARTICLE_FILE, "Run the command.", markdown)


@pytest.mark.parametrize(("target", "path", "data", "stem", "size"), [
    ("front.png", "front.png", picture("PNG"), "front", (3, 2)),
    ("front.JPG", "front.JPG", picture("JPEG"), "front", (3, 2)),
    ("pictures/front.gif", "pictures/front.gif", picture("GIF"), "front", (3, 2)),
    ("./pictures/../front.webp#x", "front.webp", picture("WEBP"), "front", (3, 2)),
    ("rpd.log", "rpd.log", b"line\n", "rpd", (0, 0)),
    ("<my file.log>", "my file.log", b"", "my-file", (0, 0)),
    ("my%20file.log", "my file.log", b"", "my-file", (0, 0)),
    ("журнал.txt", "журнал.txt", b"x", "------", (0, 0)),
    (f"{'x' * 80}.conf", f"{'x' * 80}.conf", b"x", "x" * 60, (0, 0)),
    ("a.tar.gz", "a.tar.gz", b"x", "a-tar", (0, 0)),
])
def test_a_linked_file_is_an_attachment(tmp_path: Path, target: str, path: str, data: bytes, stem: str,
                                        size: tuple[int, int]) -> None:
    make_site(tmp_path, {**linking(f"[It]({target})"), f"articles/{path}": data})
    suffix = PurePosixPath(path).suffix.lower()
    assert library_of(tmp_path).attachments == {
        f"articles/{path}": Attachment(f"articles/{path}", f"{stem}.{digest(data)}{suffix}", len(data), *size)}


def test_attachments_of_all_texts_each_once(tmp_path: Path) -> None:
    make_site(tmp_path, {
        **linking("[one](a.log) ![two](b.png) [three](a.log)\n\n<img src=\"c.png\"> [four][d]\n\n[d]: d.log"),
        "articles/KB10001.ru.md": "---\ntitle: Т\n---\n[e](e.log)",
        "reports/all.jsonl": '{"id": 5, "title": "T", "status": "draft", "affected": [{"product": "exos"}], '
                             '"created": "2026-01-01", "updated": "2026-01-01", "problem": "[f](f.log)"}\n',
        "articles/a.log": b"a", "articles/b.png": picture("PNG"), "articles/c.png": picture("PNG"), "articles/d.log": b"d",
        "articles/e.log": b"e", "reports/f.log": b"f", "articles/not-linked.log": b"x"})
    assert sorted(library_of(tmp_path).attachments) == [
        "articles/a.log", "articles/b.png", "articles/c.png", "articles/d.log", "articles/e.log", "reports/f.log"]


def test_what_leads_elsewhere_is_no_attachment(tmp_path: Path) -> None:
    make_site(tmp_path, linking("[a](https://example.com/a.log) [b](//example.com/b.log) [c](#solution) [d](/guide/d.log) "
                                "[e](mailto:x@example.com) [f](KB10001) [g](pr1700001#problem) [h](/kb/KB10001/)"))
    assert library_of(tmp_path).attachments == {}


HERE = "is neither a record nor a file here; write a record's id, or put the file beside the record"
FOLDER = "leads to no file in the record's folder; put the file beside the record and link it by its name"
KIND = f"is a kind of file that is not published; use one of {', '.join(sorted(FILES))}"
PICTURE = "is no readable picture; save it as PNG, JPEG or WebP"

REFUSED: list[tuple[str, str, bytes | None, str]] = [
    ("rpd.log", "articles/other.log", b"x", f"'rpd.log' {HERE}"),
    ("KB10O01", "articles/other.log", b"x", f"'KB10O01' {HERE}"),
    ("folder.log", "articles/folder.log/x", b"x", f"'folder.log' {HERE}"),
    ("%00.log", "articles/other.log", b"x", f"'\ufffd.log' {HERE}"),
    (f"{'x' * 300}.log", "articles/other.log", b"x", f"'{'x' * 79}…' {HERE}"),
    ("rpd.log/", "articles/other.log", b"x", f"'rpd.log/' {HERE}"),
    ("../reports/x.log", "reports/x.log", b"x", f"'../reports/x.log' {FOLDER}"),
    ("../portal.yml", "other", b"x", f"'../portal.yml' {FOLDER}"),
    ("../../x.log", "other", b"x", f"'../../x.log' {FOLDER}"),
    ("..%2f..%2fx.log", "other", b"x", f"'../../x.log' {FOLDER}"),
    ("../articles-evil/x.log", "articles-evil/x.log", b"x", f"'../articles-evil/x.log' {FOLDER}"),
    ("a\\\\b.log", "articles/b.log", b"x", f"'a\\b.log' {FOLDER}"),
    ("?x", "other", b"x", f"'?x' {FOLDER}"),
    ("KB10001.md", "other", b"x", "'KB10001.md' is the file of a record; link the record by its id: KB10001"),
    ("run.exe", "articles/run.exe", b"x", f"'run.exe' {KIND}"),
    ("page.svg", "articles/page.svg", b"<svg>", f"'page.svg' {KIND}"),
    ("LICENSE", "articles/LICENSE", b"x", f"'LICENSE' {KIND}"),
    ("a.png", "articles/a.png", b"", f"'a.png' {PICTURE}"),
    ("a.png", "articles/a.png", b"<html>", f"'a.png' {PICTURE}"),
    ("a.png", "articles/a.png", b"\x89PNG\r\n\x1a\n", f"'a.png' {PICTURE}"),
    ("a.png", "articles/a.png", png_of_size(0, 5), f"'a.png' {PICTURE}"),
    ("a.png", "articles/a.png", picture("TIFF"), f"'a.png' {PICTURE}"),
    ("a.png", "articles/a.png", png_of_size(2**31 - 1, 2**31 - 1), f"'a.png' {PICTURE}"),
]


@pytest.mark.parametrize(("target", "path", "data", "message"), REFUSED)
def test_a_link_to_no_attachment_is_refused(tmp_path: Path, target: str, path: str, data: bytes, message: str) -> None:
    make_site(tmp_path, {**linking(f"Run it.\n\nSee [it]({target})."), path: data})
    assert messages(tmp_path) == [f"{ARTICLE_FILE}:16: link: {message}"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    make_site(tmp_path, {**linking("[a](a.log) [b](in/b.log) [c](c.log)"), "articles/real/b.log": b"x"})
    (tmp_path / "outside.log").write_text("secret")
    (tmp_path / "articles/a.log").symlink_to("../outside.log")
    (tmp_path / "articles/in").symlink_to("real")
    (tmp_path / "articles/c.log").symlink_to("c.log")
    assert messages(tmp_path) == [
        *(f"{ARTICLE_FILE}:14: link: '{name}' {HERE}" for name in ("a.log", "c.log", "in/b.log")),
        *(f"articles/{name}: is a symbolic link; put the file itself here" for name in ("a.log", "c.log", "in"))]


def test_a_large_attachment_is_refused(tmp_path: Path) -> None:
    make_site(tmp_path, linking("[a](a.zip) [b](b.zip)"))
    for name, size in (("a.zip", MAX_BYTES), ("b.zip", MAX_BYTES + 1)):
        with (tmp_path / "articles" / name).open("wb") as file:
            file.truncate(size)
    assert messages(tmp_path) == [f"{ARTICLE_FILE}:14: link: 'b.zip' has 50,000,001 bytes; attach at most 50,000,000 bytes"]


def test_lines_of_dangling_links(tmp_path: Path) -> None:
    """Of the link itself in a text file, of the record in a JSON file."""
    make_site(tmp_path, {
        ARTICLE_FILE: ARTICLE.replace("Collect the logs at once.", "\n\nCollect\n[the](a.log) logs.").replace(
            "Run the command.", "```\n[x](b.log)\n```\n\n- Run\n  [the](c.log) command."),
        "articles/KB10001.ru.md": "---\ntitle: Т\n---\n\n## Решение\n\n\n[x](d.log)",
        "reports/all.jsonl": '\n{"id": 5, "title": "T", "status": "open", "affected": [{"product": "exos"}], '
                             '"created": "2026-01-01", "updated": "2026-01-01", "body": "x\\n\\n## Cause\\n\\n[x](e.log)"}\n'})
    assert messages(tmp_path) == [
        f"{ARTICLE_FILE}:13: link: 'a.log' {HERE}", f"{ARTICLE_FILE}:22: link: 'c.log' {HERE}",
        f"articles/KB10001.ru.md:8: link: 'd.log' {HERE}", f"reports/all.jsonl:2: link: 'e.log' {HERE}"]


@given(st.text(st.sampled_from(list("./\\%2ef:#?ax~ \x00")), max_size=20) | st.text(max_size=20))
def test_a_path_never_leaves_the_folder(target: str) -> None:
    path = attachment_path("articles/in/KB10001.md", target)
    assert path is None or (path.startswith("articles/in") and ".." not in path.split("/"))


@given(st.text(max_size=30), st.binary(max_size=60))
def test_no_link_and_no_file_raises(target: str, data: bytes) -> None:
    heads = [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"\0\0\0\x20ftypavif",
             b"BM", b"II*\0", b"P6 "]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "articles").mkdir()
        links = [(ARTICLE_FILE, 5, target)]
        for number, head in enumerate(heads):
            (Path(folder) / f"articles/{number}.png").write_bytes(head + data)
            links.append((ARTICLE_FILE, 5, f"{number}.png"))
        findings: list[Finding] = []
        found = load_attachments(Path(folder), links, findings)
        assert all(attachment.width > 0 < attachment.height for attachment in found.values())
        assert {finding.line for finding in findings} <= {5}


@pytest.mark.parametrize(("text", "reason"), [
    ("<config><name>x</name></config>", ""), ('<?xml version="1.0" encoding="UTF-8"?><a/>', ""),
    ('<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>', "is XML that browsers run as a page"),
    ('<!DOCTYPE a [<!ENTITY n "http://www.w3.org/1999/xhtml">]><a xmlns="&n;"/>', "is XML that browsers run as a page"),
    ('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "is XML that browsers run as a page"),
    ('<?xml-stylesheet type="text/xsl" href="x.xsl"?><a/>', "is XML that browsers run as a page"), ("<a>", "is no well-formed XML"),
    ('<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><a>&b;</a>', "")])
def test_xml_that_a_browser_would_run_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "x.xml").write_text(text, encoding="utf-8")
    findings: list[Finding] = []
    load_attachments(tmp_path, [("articles/KB10001.md", 3, "x.xml")], findings)
    assert [finding.reason for finding in findings] == ([reason] if reason else [])
