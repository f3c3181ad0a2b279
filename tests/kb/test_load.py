"""Loading a site: which files are read, what is refused, translations; nothing in a folder makes loading fail."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.library import View
from kb.load import SiteNotFound, find_site, load
from kb.resolve import resolve
from kb.walk import walk
from tests.kb.checking import AT, LANGUAGES, load_messages, loaded, only_record
from tests.sites.make import ADVISORY, ARTICLE, REPORT, SITE, make_site, with_id

ARTICLE_FILE = "articles/KB10001.md"
LINK = "is a symbolic link; put the file itself here"
GONE = "cannot be read (No such file or directory); check that it exists and its permissions"
Files = dict[str, str | bytes | None]


def test_a_site_is_loaded_in_a_stable_order(tmp_path: Path) -> None:
    make_site(tmp_path, {**with_id(ARTICLE_FILE, "KB10003"), **with_id(ARTICLE_FILE, "KB10002"),
                         "articles/a/KB10005.md": ARTICLE.replace("KB10001", "KB10005"),
                         "articles/Z/KB10004.md": ARTICLE.replace("KB10001", "KB10004")})
    content = loaded(tmp_path)
    assert [record.place.path for record in content.records] == [
        "articles/KB10001.md", "articles/KB10002.md", "articles/KB10003.md", "articles/Z/KB10004.md", "articles/a/KB10005.md",
        "reports/1700001.md", "advisories/EXSA-2026-0001.md", "notices/EXSN-2026-0001.md", "bulletins/EXTB-2026-0001.md"]
    assert (content.root, content.findings, content.policy, content.redirects) == (tmp_path, (), None, ())
    assert content.portal and [product.id for product in content.catalogue.products] == ["exos", "exlinux"]


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    make_site(tmp_path, {"articles/.KB10002.md.swp": "x", "articles/.git/KB10002.md": "x", "articles/front.png": b"x",
                         "articles/notes.txt": b"\xff", "README.md": "x", "other/KB10002.md": "x", "reports/data.json": "{"})
    assert load_messages(tmp_path) == []


# -- the folder ------------------------------------------------------------------------------------


def test_a_site_is_where_its_settings_are(tmp_path: Path) -> None:
    site = make_site(tmp_path / "project/content")
    assert find_site(site) == find_site(site.parent) == site.resolve()
    with pytest.raises(SiteNotFound) as error:
        find_site(tmp_path)
    assert str(error.value) == (f"{tmp_path} holds no portal.yml; name the site's folder with --site, "
                                "or make one with 'waypost init DIR'")


@pytest.mark.parametrize(("files", "found"), [
    ({"portal.yml": None}, [f"portal.yml: {GONE}"]),
    ({"portal.yml": None, "products.yml": None},
     [f"portal.yml: {GONE}", "products.yml: is missing; write 'products:' with at least one product"]),
    ({ARTICLE_FILE: b"---\nid: \xd0\n---\n"}, [f"{ARTICLE_FILE}:2: 'byte 0xd0' is not UTF-8; save the file in UTF-8"]),
    ({ARTICLE_FILE: ARTICLE.encode("utf-16")}, [f"{ARTICLE_FILE}:1: 'byte 0xff' is not UTF-8; save the file in UTF-8"]),
    ({ARTICLE_FILE: ARTICLE.encode() + b"x" * 10_000_000},
     [f"{ARTICLE_FILE}: has 10,000,{len(ARTICLE):03} bytes; split it: a text file has at most 5,000,000 bytes"]),
    ({"reports/a.jsonl": b"x" * 10_000_000},
     ["reports/a.jsonl:1: is longer than 1,000,000 bytes; split the record or move text into attachments"]),
    ({"policy.yml": b"\xff"}, ["policy.yml:1: 'byte 0xff' is not UTF-8; save the file in UTF-8"]),
    ({ARTICLE_FILE: b""},
     [f"{ARTICLE_FILE}:1: has no front matter; begin the file with a line '---', the fields, and another '---'"]),
    ({"articles/README.md": "# Articles\n"},
     ["articles/README.md:1: has no front matter; begin the file with a line '---', the fields, and another '---'"]),
])
def test_files_that_cannot_be_read(tmp_path: Path, files: Files, found: list[str]) -> None:
    assert load_messages(make_site(tmp_path, files)) == found


def _put(path: str, target: str) -> Any:
    def change(root: Path) -> None:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).symlink_to(target)
    return change


def _replace(path: str, target: str) -> Any:
    def change(root: Path) -> None:
        (root / path).rename(root / "moved")
        (root / path).symlink_to(target)
    return change


def _deep(root: Path) -> None:
    (root / "articles" / "/".join(["a"] * 40)).mkdir(parents=True)


def _no_folder(root: Path) -> None:
    (root / "articles").rename(root / "moved")
    (root / "articles").write_text("x")


@pytest.mark.parametrize(("change", "found"), [
    (_put("articles/KB10002.md", "KB10001.md"), [f"articles/KB10002.md: {LINK}"]),
    (_put("articles/KB10002.md", "/etc/passwd"), [f"articles/KB10002.md: {LINK}"]),
    (_put("articles/KB10002.md", "KB10002.md"), [f"articles/KB10002.md: {LINK}"]),
    (_put("articles/loop", "../articles"), [f"articles/loop: {LINK}"]),
    (_put("articles/loop", "."), [f"articles/loop: {LINK}"]),
    (_put("reports/all.jsonl", "nowhere"), [f"reports/all.jsonl: {LINK}"]),
    (_put("policy.yml", "nowhere"), [f"policy.yml: {LINK}"]),
    (_put("redirects.yml", "redirects.yml"), [f"redirects.yml: {LINK}"]),
    (_replace("articles", "moved"), ["articles: is a symbolic link; put the folder itself here"]),
    (_replace("articles", "articles"), ["articles: is a symbolic link; put the folder itself here"]),
    (_replace("portal.yml", "moved"), [f"portal.yml: {LINK}"]),
    (_no_folder, ["articles: cannot be read as a folder (Not a directory); check what it is and its permissions"]),
    (lambda root: os.mkfifo(root / "articles/KB10002.md"), ["articles/KB10002.md: is no plain file; remove it"]),
    (lambda root: os.mkfifo(root / "redirects.yml"), ["redirects.yml: is no plain file; put a file here"]),
    (lambda root: (root / "policy.yml").mkdir(), ["policy.yml: is no plain file; put a file here"]),
    (_deep, [f"articles{'/a' * 33}: is nested too deeply; use at most 32 folders in each other"]),
])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, change: Any, found: list[str]) -> None:
    change(make_site(tmp_path))
    assert load_messages(tmp_path) == found


@pytest.mark.parametrize(("name", "shown"), [
    (b"KB\xff.md", "KB\\udcff.md"), (b"a\nb.md", "a\\nb.md"), (b"a\x1b[31m.md", "a\\x1b[31m.md"),
    ("a\u202eb.png".encode(), "a\\u202eb.png"), ("a\u00a0b".encode(), "a\\xa0b"),
])
def test_names_of_files_can_be_printed(tmp_path: Path, name: bytes, shown: str) -> None:
    make_site(tmp_path)
    path = os.fsencode(tmp_path / "articles") + b"/" + name
    Path(os.fsdecode(path)).write_text("x")
    (found,) = load_messages(tmp_path)
    assert found == f"articles: '{shown}' is a file name that is not UTF-8 or holds invisible characters; rename the file"


def test_a_folder_that_cannot_be_listed_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    make_site(tmp_path)
    monkeypatch.setattr("kb.load.os.scandir", refuse)
    findings: list[Any] = []
    assert list(walk(tmp_path, "articles", findings)) == []
    assert [str(finding) for finding in findings] == [
        "articles: cannot be read as a folder (Permission denied); check what it is and its permissions"]


# -- names and ids ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["articles/kb10001.md", "articles/2026/KB10001.md"])
def test_a_file_may_be_named_in_any_case_and_folder(tmp_path: Path, path: str) -> None:
    assert load_messages(make_site(tmp_path, {ARTICLE_FILE: None, path: ARTICLE})) == []


@pytest.mark.parametrize("path", ["reports/PR1700001.md", "reports/pr-1700001.md"])
def test_a_report_may_be_named_with_pr(tmp_path: Path, path: str) -> None:
    assert load_messages(make_site(tmp_path, {"reports/1700001.md": None, path: REPORT})) == []


def test_a_file_is_named_for_its_id(tmp_path: Path) -> None:
    make_site(tmp_path, {"articles/KB10002.v2.md": ARTICLE.replace("KB10001", "KB10002"),
                         "advisories/old.md": ADVISORY.replace("EXSA-2026-0001", "EXSA-2026-0002")})
    assert load_messages(tmp_path) == [
        "advisories/old.md:2: id: 'EXSA-2026-0002' does not match the file name old.md; rename the file to EXSA-2026-0002.md",
        "articles/KB10002.v2.md:2: id: 'KB10002' does not match the file name KB10002.v2.md; rename the file to KB10002.md"]


# -- translations ----------------------------------------------------------------------------------

RUSSIAN = "---\ntitle: Журналы\nsummary: Что собрать.\nkeywords: [журнал]\n---\nСоберите.\n\n## Решение\n\nКоманда.\n"


def test_a_translation_is_a_text_of_its_original(tmp_path: Path) -> None:
    make_site(tmp_path, {"articles/KB10001.ru.md": RUSSIAN, "advisories/EXSA-2026-0001.ru.md": "---\ntitle: Пакет\n---\n",
                         "reports/all.jsonl": '{"id": 5, "title": "T", "status": "open", "affected": [{"product": "exos"}], '
                                              '"created": "2026-01-01", "updated": "2026-01-01"}',
                         "reports/5.ru.md": "---\nid: PR5\ntitle: П\n---\n"})
    text = only_record(tmp_path, "KB10001").texts[1]
    assert (text.language, text.title, text.summary, text.keywords, text.place.path) == (
        "ru", "Журналы", "Что собрать.", ("журнал",), "articles/KB10001.ru.md")
    assert [(section.key, section.markdown, section.line) for section in text.sections] == [
        ("", "Соберите.", 6), ("solution", "Команда.", 10)]
    assert [item.title for item in only_record(tmp_path, "EXSA-2026-0001").texts] == [
        "A crafted packet stops forwarding", "Пакет"]
    assert [item.summary for item in only_record(tmp_path, "5").texts] == ["T", "П"]


def test_the_original_may_be_in_any_language(tmp_path: Path) -> None:
    make_site(tmp_path, {ARTICLE_FILE: ARTICLE.replace("status:", "language: ru\nstatus:"),
                         "articles/KB10001.en.md": "---\ntitle: Logs\n---\n",
                         "articles/KB10001.pt-BR.md": "---\ntitle: Registros\n---\n"})
    assert [text.language for text in only_record(tmp_path, "KB10001").texts] == ["ru", "en", "pt-BR"]


@pytest.mark.parametrize(("files", "found"), [
    ({"articles/KB10002.ru.md": RUSSIAN},
     ["articles/KB10002.ru.md: 'KB10002' has a translation but no original; write KB10002.md beside it"]),
    ({"articles/KB10001.en.md": RUSSIAN},
     [f"articles/KB10001.en.md: language: 'en' is already the language of {ARTICLE_FILE}; remove one of them"]),
    ({"articles/KB10001.ru.md": RUSSIAN, "articles/x/KB10001.ru.md": RUSSIAN},
     ["articles/x/KB10001.ru.md: language: 'ru' is already the language of articles/KB10001.ru.md; remove one of them"]),
    ({"articles/KB10001.ru.md": RUSSIAN.replace("title: Журналы\n", "")},
     ["articles/KB10001.ru.md:1: title: is missing; add a line 'title: ...'"]),
    ({"articles/KB10001.ru.md": RUSSIAN.replace("summary", "status")},
     ["articles/KB10001.ru.md:3: status: is not a known field; known fields: title, summary, keywords, id"]),
    ({"articles/KB10001.ru.md": RUSSIAN.replace("summary: Что", "id: KB10002\nsummary: Что")},
     ["articles/KB10001.ru.md:3: id: 'KB10002' differs from the original's KB10001; "
      "remove it: a translation has its original's id"]),
    ({"articles/KB10001.ru.md": "Соберите."},
     ["articles/KB10001.ru.md:1: has no front matter; begin the file with a line '---', the fields, and another '---'"]),
    ({"articles/KB10001.ru.md": RUSSIAN, ARTICLE_FILE: ARTICLE.replace("published", "publishd")},
     [f"{ARTICLE_FILE}:5: status: 'publishd' is not allowed here; write published?"]),
    ({"articles/KB10001.ru.md": RUSSIAN, "articles/KB10001.ru.ru.md": RUSSIAN},
     ["articles/KB10001.ru.ru.md: 'KB10001.ru' has a translation but no original; write KB10001.ru.md beside it"]),
    ({"advisories/EXSA-2026-0002.ru.md": RUSSIAN.replace("title", "id: EXSA-2026-0002.ru\nstatus: draft\ntitle")}, []),
])
def test_translations_with_a_fault(tmp_path: Path, files: Files, found: list[str]) -> None:
    assert load_messages(make_site(tmp_path, files)) == found


# -- anything --------------------------------------------------------------------------------------

PATHS = [*SITE, "redirects.yml", "policy.yml", "products/a.yml", "reports/a.jsonl", "articles/KB10001.ru.md"]
VALUES = ["x", "[]", "{}", "[[a]]", "{a: {b: c}}", "", "'", "\"\\0\"", "2026-13-01", "2026-01-01T00:00", "[1, {a: b}, ]", "&a b",
          "*a", "!!int 1", "KB10001", "../../x", "exos", "[exos, exos]", "draft", "duplicate", "-1", "9" * 30, "|\n  ## x\n",
          "\U0001f600", "all before x"]
NAMES = ["id", "title", "status", "products", "affected", "related", "aliases", "publish_at", "created", "updated", "cvss",
         "revisions", "history", "duplicate_of", "releases", "platforms", "audience", "language", "x", "url", "languages",
         "cves", "references"]
front = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=8).map(
    lambda pairs: "---\n" + "".join(f"{name}: {value}\n" for name, value in pairs) + "---\n## Cause\n[[x]] [y](z) [[KB10001]]\n")
anything = st.one_of(
    st.binary(max_size=200), front.map(str.encode), front.map(lambda text: text[4:].encode()),
    st.sampled_from(sorted(SITE.values())).map(str.encode),
    st.tuples(st.sampled_from(sorted(SITE.values())), st.integers(0, 600), st.integers(0, 80), st.sampled_from(VALUES)).map(
        lambda cut: (cut[0][:cut[1]] + cut[3] + cut[0][cut[1] + cut[2]:]).encode()))


@given(st.dictionaries(st.sampled_from(PATHS), anything, min_size=1, max_size=3))
def test_no_content_of_files_makes_loading_or_resolving_fail(files: dict[str, bytes]) -> None:
    """Either there is a library, or an error that says why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        root = make_site(Path(folder), files)
        library, findings = resolve(load(root, LANGUAGES), View(AT))
        assert (library is None) == any(finding.level == "error" for finding in findings)
        for finding in findings:
            assert finding.reason and str(finding).isprintable()
            lines = (root / finding.path).read_bytes().count(b"\n") + 1 if (root / finding.path).is_file() else 0
            assert 0 <= finding.line <= lines + 1
