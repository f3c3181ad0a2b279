"""``waypost new advisory`` and ``notice``: from options or from answers to questions, complete and valid."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.scaffold import ScaffoldError, new_bulletin
from kb.records import SecurityBulletin
from tests.kb.checking import messages, only_record
from tests.sites.make import make_site

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
V31, V40 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N/E:A"
FULL = ["--title", 'ExOS: "quoted" # title', "--summary", "In short: it stops.", "--status", "final", "--publish-at", "2026-12-01T19:00:00+03:00",
        "--product", "exos", "--product", "exlinux", "--affected", "exos: 21.4 before 21.4R3-S5", "--affected", "exlinux: 5.1 before 5.1.1",
        "--fixed", "exos: 21.4R3-S5", "--fixed", "exlinux: 5.1.1", "--cve", "CVE-2026-10101", "--cve", "CVE-2026-10102", "--cvss", V31, "--cvss", V40,
        "--cwe", "CWE-787", "--credit", "A university, in 2026", "--reference", "https://www.example.com/x The notes: part 1", "--tlp", "GREEN"]


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["new", *map(str, arguments), "--at", AT.isoformat()])
    return result.exit_code, result.stdout, result.stderr


def test_from_options(tmp_path: Path) -> None:
    root = make_site(tmp_path)
    code, out, _err = run("advisory", "--site", root, *FULL)
    assert code == 0
    path = Path(out.strip())
    assert path == root / "advisories/EXSA-2026-0002.md"
    record = only_record(root, "EXSA-2026-0002")
    assert isinstance(record, SecurityBulletin)
    assert (record.text.title, record.text.summary, record.status, record.tlp) == ('ExOS: "quoted" # title', "In short: it stops.", "final", "GREEN")
    assert record.publish_at == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert (record.cves, record.cwe) == (("CVE-2026-10101", "CVE-2026-10102"), ("CWE-787",))
    assert [(score.vector, score.severity) for score in record.scores] == [(V31, "high"), (V40, "high")]
    assert [(entry.product, entry.fixed) for entry in record.affected] == [("exos", ("21.4R3-S5",)), ("exlinux", ("5.1.1",))]
    assert record.credits == ("A university, in 2026",)
    assert [(item.title, item.url) for item in record.references] == [("The notes: part 1", "https://www.example.com/x")]
    assert [(event.number, event.date.date().isoformat()) for event in record.revisions] == [("1", "2026-12-01")]
    assert {section.key for section in record.text.sections} == {"problem", "exploitation", "workaround", "solution"}
    assert [message for message in messages(root) if not message.startswith("note")] == []


def test_a_notice(tmp_path: Path) -> None:
    root = make_site(tmp_path)
    assert run("notice", "--site", root, "--title", "Phishing", "--product", "exos", "--product", "exlinux")[0] == 0
    record = only_record(root, "EXSN-2026-0002")
    assert record.products == ("exos", "exlinux")
    assert record.status == "draft"


@pytest.mark.parametrize(("options", "message"), [
    (["--cvss", "CVSS:3.1/AV:N"], "'CVSS:3.1/AV:N' is no valid CVSS vector (Missing mandatory metrics"),
    (["--cve", "CVE-1"], "'CVE-1' is no CVE id; write CVE-2026-12345"),
    (["--cwe", "CWE-7877"], "'CWE-7877' is not in the CWE catalogue; did you mean CWE-787 (Out-of-bounds Write)?"),
    (["--publish-at", "2026-12-01T10:00:00"], "'2026-12-01T10:00:00' has no zone; add Z for UTC or an offset: 2026-12-01T10:00:00Z"),
    (["--affected", "exos: 21.4R3 before 21.4R1"], "'21.4R3 before 21.4R1' ends with 21.4R1, which does not come after its start 21.4R3"),
    (["--affected", "exsos: 21.4"], "'exsos' is not a known product; did you mean exos?"),
    (["--affected", "21.4 before 21.4R3-S5", "--fixed", "21.4R3-S4"], "'21.4R3-S4' is fixed, yet the ranges call it affected"),
    (["--product", "exsos"], "'exsos' is not a known product; write one of exos, exlinux"),
    (["--product", "exsos", "--cve", "CVE-2026-10000"], "'exsos' is not a known product; did you mean exos?"),
    (["--status", "published"], "'published' is not allowed here; write one of draft, interim, final"),
    (["--tlp", "RED"], "'RED' is not allowed here; write one of WHITE, GREEN"),
    (["--reference", "www.example.com"], "is not a web address; write https://host/path"),
    (["--status", "final"], "a bulletin that is no draft needs --title, --summary and --publish-at"),
    (["--status", "final", "--title", "T", "--summary", "S", "--publish-at", "2026-12-01T10:00:00Z"], "cvss: is missing; add a line 'cvss: ...'"),
    (["--cve", "CVE-2029-10000"], "'CVE-2029-10000' is later than this bulletin, which ends in 2026"),
])
def test_what_a_parser_refuses_is_said_and_nothing_is_written(tmp_path: Path, options: list[str], message: str) -> None:
    root = make_site(tmp_path)
    before = sorted(root.rglob("*.md"))
    code, _out, err = run("advisory", "--site", root, *options)
    assert code == 1
    assert message in err
    assert sorted(root.rglob("*.md")) == before


def test_options_that_other_kinds_lack(tmp_path: Path) -> None:
    code, _out, err = run("article", "--site", make_site(tmp_path), "--cve", "CVE-2026-10001")
    assert code == 2
    assert "an option is of no use for article" in err


class Author:
    """Answers one after the other, and remembers what was asked and said."""

    def __init__(self, answers: Iterable[str]) -> None:
        self.answers, self.asked, self.told = iter(answers), list[str](), list[str]()

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return next(self.answers)

    def tell(self, message: str) -> None:
        self.told.append(message)


def test_from_answers(tmp_path: Path) -> None:
    root = make_site(tmp_path)
    author = Author([
        "", "A title", "", "exso", "exos", "21.4R3 before 21.4R1", "21.4 before 21.4R3-S5", "", "21.4R3-S4", "", "21.4R3-S5", "", "",
        "CVE", "CVE-2026-10101", "", V40, "", "CWE-79", "", "2026-12-01", "2026-12-01T16:00:00Z", "A reader", "", "https://www.example.com/ Notes", ""])
    path = new_bulletin(root, "advisory", None, author, "", AT)
    assert next(author.answers, None) is None
    assert author.told == [
        "'' is empty; write a text or leave the field out", "'exso' is not a known product; did you mean exos?",
        "'21.4R3 before 21.4R1' ends with 21.4R1, which does not come after its start 21.4R3; put the earlier release first",
        "'21.4R3-S4' is fixed, yet the ranges call it affected; end the range before it, or leave the release out",
        "'CVE' is no CVE id; write CVE-2026-12345",
        "'2026-12-01' is not a time; write it as 2026-11-22T16:00:00Z or with an offset such as +03:00"]
    record = only_record(root, path.stem)
    assert isinstance(record, SecurityBulletin)
    assert (record.text.title, record.status, record.cves, record.affected[0].fixed) == ("A title", "draft", ("CVE-2026-10101",), ("21.4R3-S5",))


def test_an_id_that_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError, match="EXSA-2026-0001 exists already"):
        new_bulletin(make_site(tmp_path), "advisory", None, Author(["T", "", "exos", "", "", "", "", "", "", "", "", ""]), "EXSA-2026-0001", AT)


def test_questions_on_a_terminal(tmp_path: Path) -> None:
    """A pseudo-terminal asks; without one, the same words write the usual draft."""
    root = make_site(tmp_path)
    ours, theirs = pty.openpty()
    os.write(ours, b"A title\n\nexos\n\n\n\n\n\n\n\n\n\n")
    command = [sys.executable, "-c", "from generator.cli import main; main()", "new", "notice", "--site", str(root), "--at", AT.isoformat()]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, timeout=60, check=False)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "Title" in done.stdout
    assert only_record(root, "EXSN-2026-0002").text.title == "A title"
