"""Invariant 5: a record that this build does not show leaves no trace in any byte of any file."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from generator.build import BuildFailed
from generator.shell import make_shell
from kb.records import FOLDERS
from tests.generator.support import (
    AT,
    PNG,
    SITE,
    all_bytes,
    build_site,
    differences,
    edit,
    fragments,
    plain_shell,
    tree,
    write,
    write_site,
)

pytestmark = pytest.mark.usefixtures("quick_shell")

HIDDEN = {
    "draft": "status: draft", "embargo": f"publish_at: {AT + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}",
    "partner": "audience: partner", "internal": "audience: internal",
}
STATUS = {"article": "published", "report": "open", "advisory": "final", "notice": "interim", "bulletin": "published"}
IDS = {"article": "KB70001", "report": "700001", "advisory": "SA-2026-7001", "notice": "SN-2026-7001", "bulletin": "TB-2026-7001"}
CASES = [(kind, why) for kind in FOLDERS.values() for why in HIDDEN]


def canary(field: str) -> str:
    """A word that stands nowhere else, for one field."""
    return f"qzword{field}"


def record(kind: str, why: str) -> str:
    """A record of a kind with a canary in every field, hidden for one reason."""
    lines = {
        "id": IDS[kind], "status": STATUS[kind], "title": canary("title"), "summary": canary("summary"),
        "keywords": f"[{canary('keyword')}]", "aliases": f"[{canary('alias')}-1]", "related": "[KB10001]",
    }
    affected = "[{product: box, platforms: [bx1], ranges: [97.31 before 97.31.9], fixed: [97.31.9]}]"
    history = f"[{{date: 2026-10-01, text: '{canary('event')} with [[KB10001]]'}}]"
    dates = {"created": "2026-10-01", "updated": "2026-10-02"}
    revisions = f'[{{number: "1", date: {"2026-11-22" if why == "embargo" else "2026-10-01"}, text: {canary("event")}}}]'
    lines |= {
        "article": {"products": "[box]", "applies_to": f"[{canary('applies')}]", "releases": '["97.32"]', **dates},
        "report": {"affected": affected, "component": "lid", "history": history, **dates},
        "advisory": {
            "cves": "[CVE-2026-70707, CVE-2026-70708]", "cwe": "[CWE-1287, CWE-1288]", "tlp": "GREEN",
            "cvss": '["CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N/E:U/U:Amber"]',
            "affected": affected, "credits": f"[{canary('credit')}]", "publish_at": "2026-10-01T00:00:00Z",
            "revisions": revisions,
            "vulnerabilities": f"[{{id: CVE-2026-70708, title: {canary('vulnerability')}, cwe: [CWE-1288]}}]",
            "remediations": f"[{{category: vendor_fix, text: '{canary('remedy')} with [[KB10001]]'}}]",
            "source": f"{{name: {canary('source')}, contact: {canary('contact')}}}",
            "references": f"[{{title: {canary('reference')}, url: 'https://www.example.com/{canary('url')}'}}]"},
        "notice": {"products": "[box]", "publish_at": "2026-10-01T00:00:00Z", "revisions": revisions},
        "bulletin": {"products": "[box]", "type": "software", **dates},
    }[kind]
    name, _colon, value = HIDDEN[why].partition(": ")
    lines[name] = value
    body = (f"{canary('introduction')} ![{canary('alt')}]({canary('picture')}.png)\n\n## {canary('heading')}\n\n"
            f"{canary('section')} [{canary('label')}]({canary('file')}.log)\n\n```\n{canary('code')}\n```\n")
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in lines.items()) + f"---\n\n{body}"


def translation() -> str:
    return (f"---\ntitle: {canary('russiantitle')}\nsummary: {canary('russiansummary')}\nkeywords: [{canary('russiankeyword')}]\n"
            f"---\n\n{canary('russianbody')}\n")


def hide_in(root: Path, kind: str, why: str) -> None:
    """Adds the hidden record, its translation and attachments, and links to it from everywhere that may name it."""
    folder = next(folder for folder, name in FOLDERS.items() if name == kind)
    write(root, f"{folder}/{IDS[kind]}.md", record(kind, why))
    write(root, f"{folder}/{IDS[kind]}.ru.md", translation())
    write(root, f"{folder}/{canary('file')}.log", canary("attachment"))
    (root / folder / f"{canary('picture')}.png").write_bytes(PNG + canary("pixels").encode())
    edit(root, "articles/KB10002.md", "updated: 2026-02-21\n", f"updated: 2026-02-21\nrelated: [{IDS[kind]}]\n")
    edit(root, "articles/KB10002.md", "Use a brush.", f"Use [a brush]({IDS[kind]}).[[{IDS[kind]}]]")
    edit(root, "advisories/SA-2026-0001.md", "status: final\n", f"status: final\nrelated: [{IDS[kind]}]\n")
    edit(root, "advisories/SA-2026-0001.md", "It opens.", f"It [opens]({IDS[kind]}).[[{IDS[kind]}]]")
    edit(root, "redirects.yml", "/gone: /kb/\n", f"/gone: /kb/\n/early: {IDS[kind]}\n/word: /{section(kind)}/{IDS[kind]}/\n")
    write(root, "portal.yml", (root / "portal.yml").read_text(encoding="utf-8") + f"popular: [{IDS[kind]}]\n")
    edit(root, "products.yml", "- {id: web, name: Web}", "- {id: web, name: Web}\n      - {id: lid, name: Lid}")


def section(kind: str) -> str:
    return {"article": "kb", "report": "pr", "advisory": "advisories", "notice": "notices", "bulletin": "bulletins"}[kind]


def traces(out: Path, kind: str) -> set[str]:
    """What the bytes and names of the tree tell of the hidden record."""
    words = re.compile(rf"qzword[a-z]+|{IDS[kind]}|CVE-2026-7070[78]|CWE-128[78]|AV:P|97\.3[12]|(?<=/)(?:early|word)\b", re.IGNORECASE)
    found: set[str] = set()
    for path, data in tree(out).items():
        text = all_bytes(path, data).decode("utf-8", errors="replace")
        found.update(match[0].lower() for match in words.finditer(f"/{path}\n{text}"))
    return found


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal of a site that never had anything to hide."""
    folder = tmp_path_factory.mktemp("without")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.build.make_shell", plain_shell)
        build_site(write_site(folder / "site"), folder / "out", None)
    return folder / "out"


@pytest.mark.parametrize(("kind", "why"), CASES)
def test_a_hidden_record_leaves_no_trace(without: Path, tmp_path: Path, kind: str, why: str) -> None:
    """Not in counts, facets, dates of feeds or the order of lists either: not a byte differs."""
    root = write_site(tmp_path / "site")
    hide_in(root, kind, why)
    build_site(root, tmp_path / "out", None)
    assert traces(tmp_path / "out", kind) == set()
    assert differences(tmp_path / "out", without) == []


def every_word(kind: str) -> set[str]:
    """The canaries that must turn up once the record is shown; keywords serve the search of problem reports only."""
    fields = ["title", "summary", "alias", "introduction", "alt", "picture", "heading", "section", "label", "file", "code",
              "attachment", "pixels", "russiantitle", "russiansummary", "russianbody"]
    fields += {"article": ["applies"], "report": ["event"], "advisory": ["event", "credit", "reference", "url"],
               "notice": ["event"], "bulletin": []}[kind]
    return {canary(field) for field in fields} | {IDS[kind].lower(), "early", "word"}


@pytest.mark.parametrize(("kind", "why", "at", "audience", "drafts"), [
    ("article", "draft", AT, "", True), ("report", "embargo", AT + timedelta(seconds=1), "", False),
    ("advisory", "partner", AT, "partner", False), ("notice", "internal", AT, "internal", False),
    ("bulletin", "embargo", AT, "", True), ("advisory", "embargo", AT + timedelta(seconds=1), "", False),
    ("report", "partner", AT, "internal", False),
])
def test_the_search_for_traces_finds_what_is_shown(tmp_path: Path, kind: str, why: str, at: datetime, audience: str,
                                                   drafts: bool) -> None:
    root = write_site(tmp_path / "site")
    hide_in(root, kind, why)
    build_site(root, tmp_path / "out", None, at, audience, drafts)
    found = traces(tmp_path / "out", kind)
    assert every_word(kind) - found == set()
    if kind != "report":  # reports are not in the prose index
        texts = json.dumps(fragments(tree(tmp_path / "out")))
        assert canary("section") in texts


def test_a_record_that_is_withdrawn_from_an_incremental_portal_leaves_no_trace(tmp_path: Path) -> None:
    root, out, cache = write_site(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    hide_in(root, "article", "partner")
    build_site(root, out, cache, AT, "partner")
    assert traces(out, "article")
    build_site(root, out, cache, AT)
    assert traces(out, "article") == set()


def test_a_hidden_line_of_a_list_file_leaves_no_trace(tmp_path: Path) -> None:
    common = {"affected": [{"product": "box"}], "created": "2026-10-01", "updated": "2026-10-01"}
    lines = [{"id": "700001", "status": "draft", "title": canary("title"), "problem": canary("section"),
              "notes": f"[{canary('label')}]({canary('file')}.txt)", **common},
             {"id": "700002", "status": "open", "title": "Shown", **common}]
    root = write_site(tmp_path / "site")
    write(root, "reports/all.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    write(root, f"reports/{canary('file')}.txt", canary("attachment"))
    build_site(root, tmp_path / "out", None)
    assert traces(tmp_path / "out", "report") == set()
    assert (tmp_path / "out/pr/700002/index.html").is_file()


def test_an_attachment_that_a_shown_record_links_too_is_published_without_the_hidden_one(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    hide_in(root, "article", "draft")
    edit(root, "articles/KB70001.md", f"({canary('file')}.log)", "(box.log)")
    build_site(root, tmp_path / "out", None)
    assert [path for path in tree(tmp_path / "out") if path.startswith("attachments/")] == [
        path for path in tree(tmp_path / "out") if re.fullmatch(r"attachments/box\.[0-9a-f]{12}\.(log|png)", path)]
    assert traces(tmp_path / "out", "article") == set()


@pytest.mark.parametrize("target", ["/kb/KB70001/", "/ru/kb/KB70001/", "/kb/KB70001/#solution"])
def test_a_link_by_address_to_a_hidden_record_vanishes_or_stops_the_build(tmp_path: Path, target: str) -> None:
    root = write_site(tmp_path / "site")
    hide_in(root, "article", "draft")
    edit(root, "articles/KB10001.md", "Press the button", f"Press [the button]({target})")
    try:
        build_site(root, tmp_path / "out", None)
    except BuildFailed as failed:
        assert {finding.path for finding in failed.findings if finding.level == "error"} == {"articles/KB10001.md"}
    else:
        assert traces(tmp_path / "out", "article") == set()


@pytest.mark.parametrize("change", [
    ("articles/KB10002.md", "Use a brush.", "Use a brush, see KB70001."),
    ("articles/KB10002.md", "title: Clean a box", "title: Clean a box as kb70001 says"),
    ("articles/KB10002.md", "summary: How to clean a box.", "summary: As in KB70001."),
    ("articles/KB10001.ru.md", "Нажмите кнопку.", "Нажмите кнопку (KB70001)."),
])
def test_a_text_that_names_a_hidden_record_stops_the_build(tmp_path: Path, change: tuple[str, str, str]) -> None:
    root = write_site(tmp_path / "site")
    hide_in(root, "article", "draft")
    write(root, "articles/KB10002.md", SITE["articles/KB10002.md"])
    edit(root, *change)
    with pytest.raises(BuildFailed) as failed:
        build_site(root, tmp_path / "out", None)
    assert [(finding.path, finding.reason) for finding in failed.value.findings if finding.level == "error"] == [
        (change[0], "names a record that this build does not show")]
    assert not (tmp_path / "out").exists()


# -- editorial pages, which MkDocs renders ------------------------------------------------------------------------------


@pytest.fixture
def real_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undoes the plain frames of this module."""
    monkeypatch.setattr("generator.build.make_shell", make_shell)


@pytest.mark.parametrize("link", ["/kb/KB70001/", "/kb/KB70001", "/kb/kb70001/#solution", "/ru/kb/KB70001/"])
def test_a_guide_loses_its_links_to_a_hidden_record(tmp_path: Path, real_shell: None, link: str) -> None:
    root = write_site(tmp_path / "site")
    hide_in(root, "article", "draft")
    edit(root, "pages/help/index.md", "Call us.", f"Call [the hotline]({link} \"Its title\").")
    summary = build_site(root, tmp_path / "out", None)
    assert ("pages/help/index.md", "link", "note") in {(note.path, note.field, note.level) for note in summary.notes}
    assert traces(tmp_path / "out", "article") == set()
    assert "Call the hotline." in (tmp_path / "out/help/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [
    "As KB70001 says.", "See kb70001.", "[x][1]\n\n[1]: /kb/KB70001/", "<a href='/kb/KB70001/'>x</a>", "![x](/kb/KB70001/x.png)",
    f"See {canary('alias')}-1.", "`KB70001`",
])
def test_a_guide_that_names_a_hidden_record_stops_the_build(tmp_path: Path, real_shell: None, text: str) -> None:
    root = write_site(tmp_path / "site")
    hide_in(root, "article", "draft")
    edit(root, "pages/help/index.md", "Call us.", text)
    with pytest.raises(BuildFailed) as failed:
        build_site(root, tmp_path / "out", None)
    assert {finding.path for finding in failed.value.findings if finding.level == "error"} == {"pages/help/index.md"}


@pytest.mark.parametrize(("path", "old", "new"), [
    ("mkdocs.yml", "{Articles: /kb/}", "{Articles: /kb/}, {Soon: /kb/KB70001/}"),
    ("mkdocs.yml", "site_name: Box Support", "site_name: Box Support\ncopyright: See KB70001"),
    ("portal.yml", "summary: All about boxes.", "summary: All about boxes and KB70001."),
    ("portal.yml", "summary: All about boxes.", "summary: All about boxes.\nexamples: [KB70001]"),
    ("products.yml", "    name: BoxOS\n", "    name: BoxOS\n    summary: Of KB70001 fame.\n"),
    ("redirects.yml", "/gone: /kb/\n", "/gone: /kb/\n/KB70001.html: /kb/\n"),
])
def test_a_setting_that_names_a_hidden_record_stops_the_build(tmp_path: Path, path: str, old: str, new: str) -> None:
    root = write_site(tmp_path / "site")
    hide_in(root, "article", "draft")
    edit(root, path, old, new)
    with pytest.raises(BuildFailed) as failed:
        build_site(root, tmp_path / "out", None)
    assert [(finding.path, finding.value, finding.reason) for finding in failed.value.findings if finding.level == "error"] == [
        (path, "KB70001", "names a record that this build does not show")]


def test_a_comment_may_name_a_hidden_record(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    hide_in(root, "article", "draft")
    for path in ("mkdocs.yml", "portal.yml", "products.yml", "redirects.yml"):
        write(root, path, "# Waits for KB70001.\n" + (root / path).read_text(encoding="utf-8") + "# KB70001\n")
    build_site(root, tmp_path / "out", None)
    assert traces(tmp_path / "out", "article") == set()


@pytest.mark.parametrize("why", ["embargo", "partner"])
def test_a_phrase_of_a_hidden_record_is_in_no_index_file(tmp_path: Path, why: str) -> None:
    """Each word begins unlike all others: indexes leave out what a word shares with the one before it."""
    phrase = ("xylophonist", "jqvortexplane", "щъмюонноядерный")
    root = write_site(tmp_path / "site")
    hide_in(root, "article", why)
    edit(root, "articles/KB70001.md", canary("section"), " ".join(phrase))
    build_site(root, tmp_path / "out", None)
    build_site(root, tmp_path / "shown", None, AT, "internal", True)

    def found(out: Path) -> set[str]:
        files = {path: all_bytes(path, data) for path, data in tree(out).items() if path.startswith(("pagefind/", "prsearch/", "search/"))}
        assert {path.split("/")[0] for path in files} == {"pagefind", "prsearch", "search"}
        return {word for word in phrase for data in files.values() if word[2:-4].encode() in data}

    assert found(tmp_path / "shown") == set(phrase)
    assert found(tmp_path / "out") == set()
