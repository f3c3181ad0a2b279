"""Restricted parts of records: who sees what, where it stands in the file, and each rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.library import Library
from kb.records import AnyRecord, SecurityBulletin
from tests.kb.checking import library_of, messages
from tests.sites.make import changed, make_site

FILE = "articles/KB10001.md"
MARKED = "<!-- audience: partners -->\nFor partners.\n<!-- /audience -->\n"
TEXT = "Collect the logs at once.\n"


def site(tmp_path: Path, *edits: tuple[str, str, str]) -> Path:
    """The small site after edits of some files."""
    changes: dict[str, str | None] = {}
    for path, old, new in edits:
        changes.update(changed(path, old, new) if path not in changes else {path: str(changes[path]).replace(old, new, 1)})
    return make_site(tmp_path, changes)


def record(library: Library, key: str = "KB10001") -> AnyRecord:
    return library.records[key]


def texts(library: Library, key: str = "KB10001") -> list[str]:
    return [section.markdown for section in record(library, key).text.sections]


def test_what_stands_between_marks(tmp_path: Path) -> None:
    root = site(tmp_path, (FILE, TEXT, f"One.\n{MARKED}Two.\n"))
    assert texts(library_of(root))[0] == "One.\nTwo."
    assert texts(library_of(root, audience="partners"))[0] == "One.\nFor partners.\nTwo."


@pytest.mark.parametrize("mark", ["<!--audience:partners-->", "  <!-- audience: partners -->  ", "<!--  AUDIENCE :  partners  -->"])
def test_ways_to_write_a_mark(tmp_path: Path, mark: str) -> None:
    root = site(tmp_path, (FILE, TEXT, f"One.\n\n{mark}\nSecret.\n<!-- /Audience -->\n"))
    assert "Secret" not in str(texts(library_of(root)))


@pytest.mark.parametrize("code", ["```\n{}\n```", "~~~ html\n{}\n~~~", "> ```\n> {}\n> ```"])
def test_a_mark_in_code_is_text(tmp_path: Path, code: str) -> None:
    root = site(tmp_path, (FILE, TEXT, code.format("<!-- audience: partners -->") + "\n"))
    assert messages(root) == [] and "<!-- audience: partners -->" in texts(library_of(root))[0]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """A note about a link after a restricted part names its line."""
    root = site(tmp_path, (FILE, TEXT, f"One.\n{MARKED}Two [[1700001]].\n"), ("reports/1700001.md", "status: open", "status: draft"))
    line = (root / FILE).read_text(encoding="utf-8").split("\n").index("Two [[1700001]].") + 1
    for audience in ("", "partners"):
        assert any(f"{FILE}:{line}: link" in message for message in messages(root, audience=audience)), messages(root)


def test_fields_sections_and_files(tmp_path: Path) -> None:
    root = site(tmp_path, (FILE, "products: [exos]\n", "products: [exos]\naliases: [X-1]\nkeywords: [rare]\n"
                           "restricted: {partners: [aliases, keywords, solution, rpd.log]}\n"),
                (FILE, TEXT, "See [the log](rpd.log) and ![](rpd.log).\n"))
    (root / "articles/rpd.log").write_text("log")
    low, high = library_of(root), library_of(root, audience="partners")
    assert (record(low).aliases, record(low).text.keywords, texts(low)) == ((), (), ["See the log and ."])
    assert (record(high).aliases, record(high).text.keywords) == (("X-1",), ("rare",))
    assert len(texts(high)) == 2 and "[the log](rpd.log)" in texts(high)[0]
    assert low.find("X-1") is None and high.find("X-1") is not None
    assert set(high.attachments) - set(low.attachments) == {"articles/rpd.log"}


def test_a_translation_is_restricted_as_its_original(tmp_path: Path) -> None:
    root = site(tmp_path, (FILE, "products: [exos]\n", "products: [exos]\nrestricted: {partners: [solution]}\n"))
    (root / "articles/KB10001.ru.md").write_text(f"---\ntitle: Журналы\n---\n\nА.\n\n## Решение\n\nБ.\n\n## Примечания\n\nВ.\n{MARKED}", encoding="utf-8")
    low, high = (record(library_of(root, audience=name)).text_in("ru") for name in ("", "partners"))
    assert [section.key for section in low.sections] == ["", "notes"] and "For partners" not in str(low)
    assert [section.key for section in high.sections] == ["", "solution", "notes"] and "For partners." in str(high)


def test_a_json_line(tmp_path: Path) -> None:
    line = {"id": "1700009", "title": "T", "status": "open", "affected": [{"product": "exos"}], "created": "2026-01-01",
            "updated": "2026-01-01", "problem": f"One.\n{MARKED}", "notes": "N.", "summary": "S.", "restricted": {"partners": ["notes", "summary"]}}
    root = site(tmp_path)
    (root / "reports/more.jsonl").write_text(json.dumps(line).replace("<", "\\u003c") + "\n", encoding="utf-8")
    low, high = library_of(root), library_of(root, audience="partners")
    assert texts(low, "1700009") == ["One.\n"[:-1]] and record(low, "1700009").text.summary == "T"
    assert texts(high, "1700009") == ["One.\nFor partners.", "N."]


def test_digests_of_others_do_not_change_with_a_restricted_part(tmp_path: Path) -> None:
    root = site(tmp_path, (FILE, TEXT, f"One.\n{MARKED}Two.\n"))
    before, high = library_of(root).digest_of("KB10001"), library_of(root, audience="partners").digest_of("KB10001")
    path = root / FILE
    path.write_text(path.read_text(encoding="utf-8").replace("For partners.", "For\nmany more\npartners."), encoding="utf-8")
    assert library_of(root).digest_of("KB10001") == before
    assert library_of(root, audience="partners").digest_of("KB10001") != high


def test_a_bulletin_with_restricted_parts_says_that_not_all_may_share_it(tmp_path: Path) -> None:
    path = "advisories/EXSA-2026-0001.md"
    root = site(tmp_path)
    text = (root / path).read_text(encoding="utf-8")
    (root / path).write_text(text + f"\n{MARKED}", encoding="utf-8")
    labels = []
    for audience in ("", "partners"):
        found = record(library_of(root, audience=audience), "EXSA-2026-0001")
        assert isinstance(found, SecurityBulletin)
        labels.append(found.tlp)
    assert labels == ["WHITE", "AMBER"]


@pytest.mark.parametrize(("old", "new", "message"), [
    (TEXT, "<!-- audience: partners -->\nx\n", "10: audience: 'partners' begins a restricted part without an end; end it with a line "
     "<!-- /audience -->"),
    (TEXT, "x\n<!-- /audience -->\n", "11: audience: '/audience' ends no restricted part; remove it, or begin the part with "
     "<!-- audience: NAME -->"),
    (TEXT, f"<!-- audience: partners -->\n{MARKED}<!-- /audience -->\n", "11: audience: 'partners' stands inside the restricted part of "
     "line 1 of this text; end that one first with <!-- /audience -->"),
    (TEXT, MARKED.replace("partners", "partner", 1), "10: audience: 'partner' is not an audience of this portal; did you mean partners?"),
    (TEXT, MARKED.replace("partners", "public", 1), "10: audience: 'public' is everybody; write one of partners"),
    (TEXT, "A <!-- audience: partners --> secret\n", "10: audience: 'audience' restricts nothing here; write <!-- audience: NAME --> and "
     "<!-- /audience --> on lines of their own"),
    (TEXT, "<!--audience partners-->\nsecret\n", "10: audience: 'audience' restricts nothing here; write <!-- audience: NAME --> and "
     "<!-- /audience --> on lines of their own"),
    ("products: [exos]\n", "products: [exos]\nrestricted: {partners: [summary]}\n", "7: restricted: 'partners' leaves others with a record "
     "of which summary is missing; leave that to all who see the record, or restrict it as a whole with 'audience: ...'"),
    ("products: [exos]\n", "products: [exos]\nrestricted: {partners: [status]}\n", "7: restricted.partners: 'status' decides who sees the "
     "record, or what it is; restrict the record as a whole with 'audience: ...', or leave it visible"),
    ("products: [exos]\n", "products: [exos]\nrestricted: {partners: [workaround]}\n", "7: restricted.partners: 'workaround' is no field, "
     "section or linked file of this record; write a name that stands in this file"),
    ("products: [exos]\n", "products: [exos]\nrestricted: {friends: [solution]}\n", "7: restricted: 'friends' is not an audience of this "
     "portal; write one of partners, or add it to portal.yml"),
    ("products: [exos]\n", "products: [exos]\nrestricted: [solution]\n", "7: restricted: is not a mapping; write {AUDIENCE: [FIELD, ...]}"),
])
def test_findings(tmp_path: Path, old: str, new: str, message: str) -> None:
    root = site(tmp_path, (FILE, old, new))
    assert f"{FILE}:{message}" in messages(root)


def test_a_file_that_the_text_names_besides(tmp_path: Path) -> None:
    root = site(tmp_path, (FILE, "products: [exos]\n", "products: [exos]\nrestricted: {partners: [rpd.log]}\n"),
                (FILE, TEXT, "See [it](rpd.log).\nThen rpd.log again.\n"))
    (root / "articles/rpd.log").write_text("log")
    assert messages(root) == [f"{FILE}:12: restricted: 'rpd.log' names a file that is restricted; link it as [words](file), or restrict "
                              "this text too"]


def test_a_link_by_a_restricted_name_vanishes(tmp_path: Path) -> None:
    root = site(tmp_path, (FILE, "products: [exos]\n", "products: [exos]\naliases: [XQ-17]\nrestricted: {partners: [aliases]}\n"))
    report = root / "reports/1700001.md"
    report.write_text(report.read_text(encoding="utf-8") + "\nSee [[XQ-17]].\n", encoding="utf-8")
    assert ["is not shown in this build" in message for message in messages(root)] == [True]
    assert messages(root, audience="partners") == []
    report.write_text(report.read_text(encoding="utf-8") + "\nXQ-17 says more.\n", encoding="utf-8")
    assert any("'XQ-17' names a record that this build does not show" in message for message in messages(root))
