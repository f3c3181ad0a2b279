"""Resolving: one id for each record, every link known, relations in both directions, and only what a view may see."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kb import crosslinks
from kb.findings import errors
from kb.library import View
from kb.resolve import resolve
from tests.kb.checking import AT, library_of, loaded, messages
from tests.sites.make import ADVISORY, ARTICLE, changed, make_site, with_id

ARTICLE_FILE, REPORT_FILE, ADVISORY_FILE = "articles/KB10001.md", "reports/1700001.md", "advisories/EXSA-2026-0001.md"
NOTICE_FILE, BULLETIN_FILE = "notices/EXSN-2026-0001.md", "bulletins/EXTB-2026-0001.md"
KNOWN = "is not a known id"
HERE = "is neither a record nor a file here; write a record's id, or put the file beside the record"
LEFT_OUT = "is not shown in this build (draft, embargoed or for another audience); the link is left out"
DATES = ADVISORY[ADVISORY.index("publish_at") : ADVISORY.index(", text: First")]
Files = dict[str, str | bytes | None]


def line_of(**fields: object) -> str:
    """A report as a JSON line."""
    return json.dumps({"title": "T", "status": "open", "affected": [{"product": "exos"}], "created": "2026-01-01",
                       "updated": "2026-01-01", **fields}) + "\n"


def test_the_site_resolves_without_findings(tmp_path: Path) -> None:
    assert messages(make_site(tmp_path)) == []


# -- ids and other names ---------------------------------------------------------------------------


@pytest.mark.parametrize(("files", "found"), [
    ({"articles/more/KB10001.md": ARTICLE},
     ["articles/more/KB10001.md:2: id: 'KB10001' is already the id of articles/KB10001.md:2; give it another id"]),
    ({"articles/more/kb10001.md": ARTICLE.replace("id: KB10001\n", "").replace("status", "id: kb10001\nstatus")},
     ["articles/more/kb10001.md:4: id: 'KB10001' is already the id of articles/KB10001.md:2; give it another id"]),
    ({"reports/a.jsonl": line_of(id="5") + line_of(id="PR1700001") + line_of(id=5)},
     ["reports/a.jsonl:2: id: '1700001' is already the id of reports/1700001.md:2; give it another id",
      "reports/a.jsonl:3: id: '5' is already the id of reports/a.jsonl:1; give it another id"]),
    ({"notices/exsa-2026-0001.md": ADVISORY.replace("EXSA-2026-0001", "exsa-2026-0001").split("cvss")[0]
      + "products: [exos]\nrevisions" + ADVISORY.split("revisions")[1]},
     ["notices/exsa-2026-0001.md:2: id: 'exsa-2026-0001' is already the id of advisories/EXSA-2026-0001.md:2; "
      "give it another id"]),
    (with_id(BULLETIN_FILE, "PR1700001"),
     ["bulletins/PR1700001.md:2: id: 'PR1700001' is already the id of reports/1700001.md:2; give it another id"]),
    (with_id(BULLETIN_FILE, "KB10001"),
     ["bulletins/KB10001.md:2: id: 'KB10001' is already the id of articles/KB10001.md:2; give it another id"]),
    (with_id(ARTICLE_FILE, "KB10002", aliases="\n  - TN5\n  - pr 1700001"),
     ["articles/KB10002.md:11: aliases: 'pr 1700001' is the id of reports/1700001.md:2; "
      "remove it, or give that record another id"]),
    ({**with_id(NOTICE_FILE, "CVE-2026-10001")},
     ["advisories/EXSA-2026-0001.md:7: cves: 'CVE-2026-10001' is the id of notices/CVE-2026-10001.md:2; "
      "remove it, or give that record another id"]),
    (with_id(ARTICLE_FILE, "KB10002", aliases="[kb10002]"), []),
])
def test_an_id_is_the_name_of_one_record(tmp_path: Path, files: Files, found: list[str]) -> None:
    assert messages(make_site(tmp_path, files)) == found


def test_records_are_found_by_every_name(tmp_path: Path) -> None:
    library = library_of(make_site(tmp_path, with_id(ARTICLE_FILE, "KB10002", aliases="[TN 5, Лист 7]")))
    names = {"kb10001": "KB10001", "PR1700001": "1700001", "pr-1700001": "1700001", "tn5": "KB10002", "лист 7": "KB10002",
             "cve-2026-10001": "EXSA-2026-0001", " exsa-2026-0001 ": "EXSA-2026-0001", "KB99999": None, "": None}
    assert {name: record.id if (record := library.find(name)) else None for name in names} == names


def test_of_records_with_one_name_those_that_show_come_first(tmp_path: Path) -> None:
    make_site(tmp_path, {
        **with_id(ADVISORY_FILE, "EXSA-2026-0000", cves="[CVE-2026-10001]", status="draft"),
        **with_id(ADVISORY_FILE, "EXSA-2026-0003", cves="[CVE-2026-10001]"),
        **changed(ARTICLE_FILE, "Run the command.", "See [[CVE-2026-10001]].")})
    library = library_of(tmp_path)
    assert library.names == {"CVE-2026-10001": ("EXSA-2026-0001", "EXSA-2026-0003")}
    assert related(tmp_path, "KB10001") == [("EXSA-2026-0001", "refers")]


def test_lists_begin_with_the_newest_change_and_end_with_a_tie_break(tmp_path: Path) -> None:
    make_site(tmp_path, {"reports/a.jsonl": line_of(id="20") + line_of(id="3") + line_of(id="100", updated="2026-05-01")})
    library = library_of(tmp_path)
    assert [record.id for record in library.of_kind("report", "bulletin")] == [
        "100", "EXTB-2026-0001", "1700001", "3", "20"]
    assert list(library.records)[:4] == ["3", "20", "100", "1700001"]


# -- links that lead nowhere -----------------------------------------------------------------------

BODY = "Run the command.\n"


@pytest.mark.parametrize(("files", "found"), [
    (changed(ARTICLE_FILE, BODY, "\nSee [[KB10002]].\n"),
     [f"{ARTICLE_FILE}:15: link: 'KB10002' {KNOWN}; did you mean KB10001?"]),
    (changed(ARTICLE_FILE, BODY, "See [[QQQQQ|the other\u00a0one]].\n"),
     [f"{ARTICLE_FILE}:14: link: 'QQQQQ' {KNOWN}; write the id of a record of this site"]),
    (changed(ARTICLE_FILE, BODY, "See [[Leaky Bucket]].\n"),
     [f"{ARTICLE_FILE}:14: link: 'Leaky Bucket' {KNOWN}; write the id of a record of this site"]),
    (changed(ARTICLE_FILE, BODY, "See [it](KB10002).\n"), [f"{ARTICLE_FILE}:14: link: 'KB10002' {HERE}"]),
    (changed(ARTICLE_FILE, BODY, "See [it][1].\n\n[1]: KB10002\n"), [f"{ARTICLE_FILE}:14: link: 'KB10002' {HERE}"]),
    (changed(ARTICLE_FILE, BODY, "See <a href=\"KB10002\">it</a>.\n"), [f"{ARTICLE_FILE}:14: link: 'KB10002' {HERE}"]),
    (changed(ARTICLE_FILE, BODY, "See [it](/kb/KB10002/).\n"),
     [f"{ARTICLE_FILE}:14: link: '/kb/KB10002/' {KNOWN}; did you mean KB10001?"]),
    (changed(ARTICLE_FILE, BODY, "See [it](/advisories/EXSA-2026-0099/#cause).\n"),
     [f"{ARTICLE_FILE}:14: link: '/advisories/EXSA-2026-0099/#cause' {KNOWN}; did you mean EXSA-2026-0001?"]),
    (changed(ARTICLE_FILE, "status: published\n", "status: published\nrelated:\n  - 1700001\n  - KB10009\n"),
     [f"{ARTICLE_FILE}:8: related: 'KB10009' {KNOWN}; did you mean KB10001?"]),
    (changed(ARTICLE_FILE, "status: published\n", "status: published\nrelated: [PR1700009]\n"),
     [f"{ARTICLE_FILE}:6: related: '1700009' {KNOWN}; did you mean 1700001?"]),
    (changed(ARTICLE_FILE, "status: published\n", "status: retired\nreplaced_by: KB10009\n"),
     [f"{ARTICLE_FILE}:6: replaced_by: 'KB10009' {KNOWN}; did you mean KB10001?"]),
    (changed(REPORT_FILE, "status: open\n", "status: duplicate\nduplicate_of: 9\n"),
     [f"{REPORT_FILE}:5: duplicate_of: '9' {KNOWN}; write the id of a record of this site"]),
    (changed(ADVISORY_FILE, "status: final\n", "status: superseded\nsuperseded_by: EXSA-2027-0001\n"),
     [f"{ADVISORY_FILE}:6: superseded_by: 'EXSA-2027-0001' {KNOWN}; did you mean EXSA-2026-0001?"]),
    (changed(REPORT_FILE, "---\n##", "history:\n  - {date: 2026-01-11, text: ok}\n"
                                     "  - {date: 2026-01-12, text: 'See [[KB10009]]'}\n---\n##"),
     [f"{REPORT_FILE}:15: history: 'KB10009' {KNOWN}; did you mean KB10001?"]),
    (changed(ADVISORY_FILE, "First publication.", "'See [the log](a.log).'"),
     [f"{ADVISORY_FILE}:13: revisions: 'a.log' {KNOWN}; write the id of a record of this site"]),
    ({"articles/KB10001.ru.md": "---\ntitle: Т\n---\n\n[[KB10009]]"},
     [f"articles/KB10001.ru.md:5: link: 'KB10009' {KNOWN}; did you mean KB10001?"]),
    ({"reports/a.jsonl": "\n" + line_of(id=5, related=["KB10009"], problem="a\n\n[[KB10008]]")},
     [f"reports/a.jsonl:2: link: 'KB10008' {KNOWN}; did you mean KB10001?",
      f"reports/a.jsonl:2: related: 'KB10009' {KNOWN}; did you mean KB10001?"]),
    (changed(ARTICLE_FILE, BODY, "```\n[[KB10002]]\n```\n`[a](KB10003)` [b](https://example.com/KB10004) [c](#d)\n"), []),
])
def test_a_link_that_leads_nowhere(tmp_path: Path, files: Files, found: list[str]) -> None:
    assert messages(make_site(tmp_path, files)) == found


@pytest.mark.parametrize("link", [
    "[[kb10001]]", "[[KB10001|words]]", "[it](pr1700001)", "[it](KB10001#solution)", "[it](/advisories/EXSA-2026-0001/)",
    "[it](/pr/1700001)", "[[CVE-2026-10001]]", "[it](cve-2026-10001)", "[[EXTB-2026-0001]]", "<a href=\"KB10001\">it</a>",
    "[[TN 12]]", "[it](TN%2012)", "[it](<TN 12>)"])
def test_links_that_lead_to_a_record(tmp_path: Path, link: str) -> None:
    make_site(tmp_path, {**with_id(ARTICLE_FILE, "KB10002", aliases="[TN 12]"),
                         **changed(NOTICE_FILE, "the label.", f"it: {link}")})
    assert messages(tmp_path) == []
    assert len(related(tmp_path, "EXSN-2026-0001")) == 1


@pytest.mark.parametrize(("files", "found"), [
    (changed(ARTICLE_FILE, "status: published\n", "status: published\nrelated: [kb10001]\n"),
     [f"{ARTICLE_FILE}:6: related: 'KB10001' is the record itself; remove it"]),
    (changed(ADVISORY_FILE, "status: final\n", "status: final\nrelated: [CVE-2026-10001]\n"),
     [f"{ADVISORY_FILE}:6: related: 'CVE-2026-10001' is the record itself; remove it"]),
    (changed(REPORT_FILE, "status: open\n", "status: duplicate\nduplicate_of: 1700001\n"),
     [f"{REPORT_FILE}:5: duplicate_of: '1700001' is the record itself; remove it"]),
    (changed(ARTICLE_FILE, BODY, "This is [[KB10001]].\n"), []),
])
def test_a_record_is_not_related_to_itself(tmp_path: Path, files: Files, found: list[str]) -> None:
    assert messages(make_site(tmp_path, files)) == found


def test_a_link_to_a_record_with_faults_of_its_own_is_not_found_too(tmp_path: Path) -> None:
    make_site(tmp_path, {**changed(ARTICLE_FILE, "status: published", "status: new"),
                         **changed(NOTICE_FILE, "the label.", "[[KB10001]], [it](KB10001#x), [it](/kb/KB10001/)."),
                         **with_id(REPORT_FILE, "1700002", related="[KB10001]", status="open")})
    assert messages(tmp_path) == [
        f"{ARTICLE_FILE}:5: status: 'new' is not allowed here; write one of draft, published, retired"]


def test_only_some_of_many_dangling_links_are_compared_with_all_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def compare(value: str, known: object) -> str:
        compared.append(value)
        return ""

    monkeypatch.setattr(crosslinks, "nearest", compare)
    lines = [line_of(id=number, related=[str(number + 5000)]) for number in range(1, 500)]
    make_site(tmp_path, {"reports/a.jsonl": "".join(lines)})
    assert len(messages(tmp_path)) == 499
    assert len(compared) == 20


# -- successors ------------------------------------------------------------------------------------


def test_a_successor_may_be_of_some_kinds_only(tmp_path: Path) -> None:
    make_site(tmp_path, {
        **changed(ARTICLE_FILE, "status: published\n", "status: retired\nreplaced_by: 1700001\n"),
        **changed(REPORT_FILE, "status: open\n", "status: duplicate\nduplicate_of: EXSA-2026-0001\n"),
        **changed(ADVISORY_FILE, "status: final\n", "status: superseded\nsuperseded_by: KB10003\n"),
        **with_id(ARTICLE_FILE, "KB10003"),
        **changed(NOTICE_FILE, "status: interim\n", "status: superseded\nsuperseded_by: EXTB-2026-0001\n")})
    assert messages(tmp_path) == [
        f"{ADVISORY_FILE}:6: superseded_by: 'KB10003' is the id of an article; write the id of an advisory",
        f"{ARTICLE_FILE}:6: replaced_by: '1700001' is the id of a report; write the id of an article",
        f"{REPORT_FILE}:5: duplicate_of: 'EXSA-2026-0001' is the id of an advisory; write the id of a report"]


def duplicates(*pairs: tuple[int, int]) -> str:
    return "".join(line_of(id=report, status="duplicate", duplicate_of=str(of)) for report, of in pairs)


def test_successors_do_not_go_in_circles(tmp_path: Path) -> None:
    make_site(tmp_path, {"reports/a.jsonl": duplicates((1, 2), (2, 3), (3, 2), (4, 5), (5, 1700001), (6, 4))})
    assert messages(tmp_path) == [
        "reports/a.jsonl:2: duplicate_of: '3' leads back to this record; name the record that stays",
        "reports/a.jsonl:3: duplicate_of: '2' leads back to this record; name the record that stays"]


def test_a_long_chain_of_duplicates_is_no_circle(tmp_path: Path) -> None:
    make_site(tmp_path, {"reports/a.jsonl": duplicates(*((number, number + 1) for number in range(1, 3000))) + line_of(id=3000)})
    assert messages(tmp_path) == []


# -- relations -------------------------------------------------------------------------------------


def related(root: Path, record_id: str, at: datetime = AT, audience: str = "") -> list[tuple[str, str]]:
    library = library_of(root, at, audience)
    record = library.find(record_id)
    assert record
    return [(other.id, reason) for other, reason in library.related(record)]


def test_links_have_a_reason_in_both_directions(tmp_path: Path) -> None:
    make_site(tmp_path, {
        **with_id(ARTICLE_FILE, "KB10002", related="[1700001]"),
        **with_id(ARTICLE_FILE, "KB10003", status="retired", replaced_by="KB10001"),
        **changed(REPORT_FILE, "The session flaps.", "See [[KB10001]] and [[EXSA-2026-0001]]."),
        **changed(NOTICE_FILE, "products: [exos]", "products: [exos]\nrelated: [pr1700001, kb10001]")})
    assert related(tmp_path, "1700001") == [
        ("EXSN-2026-0001", "related"), ("KB10002", "related"), ("EXSA-2026-0001", "refers"), ("KB10001", "refers")]
    assert related(tmp_path, "KB10001") == [("KB10003", "predecessor"), ("EXSN-2026-0001", "related"), ("1700001", "referred")]
    assert related(tmp_path, "KB10002") == [("1700001", "related")]
    assert related(tmp_path, "KB10003") == [("KB10001", "successor")]
    assert related(tmp_path, "EXSA-2026-0001") == [("1700001", "referred")]
    assert related(tmp_path, "EXSN-2026-0001") == [("1700001", "related"), ("KB10001", "related")]
    assert related(tmp_path, "EXTB-2026-0001") == []


def test_the_strongest_reason_counts_and_numbers_come_in_their_order(tmp_path: Path) -> None:
    lines = [line_of(id=100, related=["20", "3"], problem="[[3]] [[1700001]] [[1700001]] [[KB10001]] [[100]]"), line_of(id=20),
             line_of(id=3, problem="[[100]]"),
             line_of(id=7, status="duplicate", duplicate_of="100", related=["100"], problem="[[100]]")]
    make_site(tmp_path, {"reports/a.jsonl": "".join(lines)})
    assert related(tmp_path, "100") == [("7", "predecessor"), ("3", "related"), ("20", "related"), ("1700001", "refers"),
                                        ("KB10001", "refers")]
    assert related(tmp_path, "7") == [("100", "successor")]
    assert related(tmp_path, "3") == [("100", "related")]


def test_a_mutual_link_in_texts_refers(tmp_path: Path) -> None:
    make_site(tmp_path, {"reports/a.jsonl": line_of(id=1, problem="[[2]]") + line_of(id=2, problem="[[1]]")})
    assert related(tmp_path, "1") == [("2", "refers")]
    assert related(tmp_path, "2") == [("1", "refers")]


# -- what shows ------------------------------------------------------------------------------------


def visible(root: Path, at: datetime = AT, audience: str = "", drafts: bool = False) -> set[str]:
    return set(library_of(root, at, audience, drafts).records)


@pytest.mark.parametrize(("path", "old", "new"), [
    (ARTICLE_FILE, "status: published", "status: draft"),
    (REPORT_FILE, "status: open", "status: draft"),
    (ADVISORY_FILE, "status: final", "status: draft"),
    (NOTICE_FILE, "status: interim", "status: draft"),
    (BULLETIN_FILE, "status: published", "status: draft"),
    (ARTICLE_FILE, "status: published", "status: published\npublish_at: 2026-11-22T15:00:01+03:00"),
    (REPORT_FILE, "status: open", "status: open\npublish_at: 2026-11-23T00:00:00Z"),
    (ADVISORY_FILE, DATES, DATES.replace("2026", "2027").replace("CVE-2027", "CVE-2026")),
    (BULLETIN_FILE, "status: published", "status: published\naudience: partners"),
])
def test_hidden_records(tmp_path: Path, path: str, old: str, new: str) -> None:
    make_site(tmp_path, changed(path, old, new))
    record_id = path.split("/")[1].removesuffix(".md")
    everything = {"KB10001", "1700001", "EXSA-2026-0001", "EXSN-2026-0001", "EXTB-2026-0001"}
    assert visible(tmp_path) == everything - {record_id}
    assert visible(tmp_path, audience="partners", drafts=True) == everything
    assert visible(tmp_path, drafts=True) == everything - ({record_id} if "audience" in new else set())
    later = AT + timedelta(days=200)
    assert visible(tmp_path, later, "partners") == everything - ({record_id} if "draft" in new else set())


@pytest.mark.parametrize(("second", "shown"), [(-1, False), (0, True), (1, True)])
def test_an_embargo_ends_on_the_second(tmp_path: Path, second: int, shown: bool) -> None:
    root = make_site(tmp_path, changed(ADVISORY_FILE, "at: 2026-03-01T16:00:00Z", "at: 2026-03-01T19:00:00+03:00"))
    at = datetime(2026, 3, 1, 16, tzinfo=UTC) + timedelta(seconds=second)
    assert ("EXSA-2026-0001" in visible(root, at)) is shown
    library = library_of(root, at)
    assert (library.find("CVE-2026-10001") is not None) is shown
    assert library.view == View(at)


@pytest.mark.parametrize("status", ["interim", "final", "withdrawn", "superseded"])
def test_what_was_published_stays(tmp_path: Path, status: str) -> None:
    successor = "\nsuperseded_by: EXSN-2026-0001" if status == "superseded" else ""
    make_site(tmp_path, changed(ADVISORY_FILE, "status: final", f"status: {status}{successor}"))
    assert "EXSA-2026-0001" in visible(tmp_path)


def test_an_unknown_audience(tmp_path: Path) -> None:
    assert messages(make_site(tmp_path), audience="staff") == [
        "portal.yml: audiences: 'staff' is not an audience of this portal; build for one of public, partners"]


@pytest.mark.parametrize(("label", "audience", "words"), [
    ("AMBER", "public", "must not enter a public portal; give it another audience, or lower the TLP label"),
    ("RED", "public", "must not enter a portal; publish it elsewhere, or lower the TLP label"),
    ("RED", "partners", "must not enter a portal; publish it elsewhere, or lower the TLP label"),
])
def test_what_is_not_for_sharing_stops_a_build(tmp_path: Path, label: str, audience: str, words: str) -> None:
    make_site(tmp_path, changed(ADVISORY_FILE, "status: final\n", f"status: final\naudience: {audience}\ntlp: {label}\n"))
    assert messages(tmp_path) == messages(tmp_path, audience="partners") == [f"{ADVISORY_FILE}:7: tlp: '{label}' {words}"]


def test_what_organisations_may_share_is_for_their_audience(tmp_path: Path) -> None:
    make_site(tmp_path, changed(ADVISORY_FILE, "status: final\n", "status: final\naudience: partners\ntlp: AMBER\n"))
    assert messages(tmp_path) == messages(tmp_path, audience="partners") == []
    assert "EXSA-2026-0001" not in visible(tmp_path)
    assert "EXSA-2026-0001" in visible(tmp_path, audience="partners")


@pytest.mark.parametrize("label", ["WHITE", "GREEN"])
def test_what_is_for_sharing_is_shown(tmp_path: Path, label: str) -> None:
    make_site(tmp_path, changed(ADVISORY_FILE, "status: final\n", f"status: final\ntlp: {label}\n"))
    assert messages(tmp_path) == []


# -- links to what does not show -------------------------------------------------------------------

HIDDEN = {
    "draft": with_id(ARTICLE_FILE, "KB10002", status="draft"),
    "embargo": with_id(ARTICLE_FILE, "KB10002", publish_at="2026-11-22T12:00:01Z"),
    "audience": with_id(ARTICLE_FILE, "KB10002", audience="partners"),
}


@pytest.mark.parametrize("why", HIDDEN)
@pytest.mark.parametrize(("change", "place"), [
    (changed(NOTICE_FILE, "the label.", "[[KB10002]], [it](kb10002) and [[KB10002|it]]."),
     [(f"{NOTICE_FILE}:11: link", "KB10002"), (f"{NOTICE_FILE}:11: link", "kb10002")]),
    (changed(NOTICE_FILE, "the label.", "[it](/kb/KB10002/)"), [(f"{NOTICE_FILE}:11: link", "/kb/KB10002/")]),
    (changed(NOTICE_FILE, "products: [exos]", "products: [exos]\nrelated: [KB10002]"),
     [(f"{NOTICE_FILE}:8: related", "KB10002")]),
    (changed(ARTICLE_FILE, "status: published", "status: retired\nreplaced_by: KB10002"),
     [(f"{ARTICLE_FILE}:6: replaced_by", "KB10002")]),
    (changed(ADVISORY_FILE, "First publication.", "'[it](KB10002)'"), [(f"{ADVISORY_FILE}:13: revisions", "KB10002")]),
])
def test_a_link_to_a_hidden_record_is_left_out(tmp_path: Path, why: str, change: Files, place: list[tuple[str, str]]) -> None:
    make_site(tmp_path, {**HIDDEN[why], **change})
    assert messages(tmp_path) == [f"note: {where}: '{target}' {LEFT_OUT}" for where, target in place]
    library = library_of(tmp_path)
    assert "KB10002" not in library.records
    assert all(relation.id != "KB10002" for relations in library.relations.values() for relation in relations)
    if why != "draft":
        assert messages(tmp_path, AT + timedelta(seconds=1), "partners") == []


def test_links_of_hidden_records_leave_no_trace(tmp_path: Path) -> None:
    make_site(tmp_path, {**with_id(ARTICLE_FILE, "KB10002", status="draft", related="[KB10001]"),
                         **with_id(ARTICLE_FILE, "KB10003", status="draft", related="[KB10002]")})
    assert messages(tmp_path) == []
    assert related(tmp_path, "KB10001") == []


def test_a_dangling_link_of_a_hidden_record_is_found_before_it_shows(tmp_path: Path) -> None:
    make_site(tmp_path, with_id(ARTICLE_FILE, "KB10002", status="draft", related="[KB20000]"))
    assert messages(tmp_path) == [f"articles/KB10002.md:9: related: 'KB20000' {KNOWN}; did you mean KB10002?"]


# -- mentions of what does not show ----------------------------------------------------------------

NAMES = "names a record that this build does not show"
SECRET = {
    **{path: text.replace("date: 2026-03", "date: 2027-03") for path, text in with_id(
        ADVISORY_FILE, "EXSA-2026-0002", cves="[CVE-2026-20002]", aliases="[Leaky Bucket, ABC_9]",
        publish_at="2027-01-01T00:00:00Z").items()},
    **with_id(REPORT_FILE, "1700002", status="draft", component="bgp"), **with_id(REPORT_FILE, "77", status="draft"),
}


def mention(path: str, line: int, field: str, name: str, linkable: bool = True) -> str:
    remedy = f"link it as [[{name}]], which vanishes with it, or leave it out" if linkable else "leave it out"
    return f"{path}:{line}: {field}: '{name}' {NAMES}; {remedy}"


@pytest.mark.parametrize(("words", "name", "line"), [
    ("See EXSA-2026-0002.", "EXSA-2026-0002", 11),
    ("x\n\ny\nsee (exsa-2026-0002)", "exsa-2026-0002", 14),
    ("See *EXSA-2026-0002*, fixed.", "EXSA-2026-0002", 11),
    ("See _EXSA-2026-0002_, fixed.", "EXSA-2026-0002", 11),
    ("CVE-2026-20002: what now?", "CVE-2026-20002", 11),
    ("The leaky bucket fault", "leaky bucket", 11),
    ("The ABC\\_9 fault", "ABC_9", 11),
    ("Report 1700002", "1700002", 11),
    ("Report PR1700002", "1700002", 11),
    ("Report PR-1700002", "1700002", 11),
    ("Report PR 77", "77", 11),
    ("Report pr77", "77", 11),
    ("Report PR#77", "77", 11),
    ("See [EXSA-2026-0002](EXSA-2026-0002).", "EXSA-2026-0002", 11),
    ("See [[EXSA-2026-0002|what EXSA-2026-0002 says]].", "EXSA-2026-0002", 11),
    ("See [it](https://support.example.com/advisories/EXSA-2026-0002/).", "EXSA-2026-0002", 11),
    ("See [it](/ru/advisories/EXSA-2026-0002/).", "EXSA-2026-0002", 11),
    ("See `[[EXSA-2026-0002]]`.", "EXSA-2026-0002", 11),
    ("x\n\n```\na\nEXSA-2026-0002\n```\n", "EXSA-2026-0002", 15),
    ("x\n\n    a\n    [[EXSA-2026-0002]]\n", "EXSA-2026-0002", 14),
    ("| a |\n|---|\n| b |\n| EXSA-2026-0002 |\n", "EXSA-2026-0002", 14),
    ("x\n\n<!-- until EXSA-2026-0002 -->\n", "EXSA-2026-0002", 13),
    ("![EXSA-2026-0002](https://example.com/x.png)", "EXSA-2026-0002", 11),
])
def test_a_text_that_names_a_hidden_record(tmp_path: Path, words: str, name: str, line: int) -> None:
    make_site(tmp_path, {**SECRET, **changed(NOTICE_FILE, "Look at the label.", words)})
    found = [message for message in messages(tmp_path) if not message.startswith("note")]
    assert found == [mention(NOTICE_FILE, line, "text", name)]
    assert messages(tmp_path, datetime(2027, 2, 1, tzinfo=UTC), drafts=True) == []


@pytest.mark.parametrize("words", [
    "See [[EXSA-2026-0002]], [it](exsa-2026-0002), [it](/advisories/EXSA-2026-0002/#x), [[Leaky Bucket]] and [x][1].\n\n"
    "[1]: EXSA-2026-0002",
    "EXSA-2026-00021, XEXSA-2026-0002, EXSA-2026-0002-1, OTHER-EXSA-2026-0002, 11700002, 17000021, 77, A77, PR771, Leaky Buckets",
])
def test_what_is_no_mention(tmp_path: Path, words: str) -> None:
    make_site(tmp_path, {**SECRET, **changed(NOTICE_FILE, "Look at the label.", words)})
    assert [message for message in messages(tmp_path) if not message.startswith("note")] == []


@pytest.mark.parametrize(("change", "found"), [
    (changed(ARTICLE_FILE, "title: Collect", "title: PR1700002 collect"), mention(ARTICLE_FILE, 3, "title", "1700002", False)),
    (changed(ARTICLE_FILE, "summary: What", "summary: >\n  What\n  EXSA-2026-0002"),
     mention(ARTICLE_FILE, 4, "summary", "EXSA-2026-0002", False)),
    (changed(ARTICLE_FILE, "status: published", "status: published\nkeywords:\n  - a\n  - CVE-2026-20002"),
     mention(ARTICLE_FILE, 8, "keywords", "CVE-2026-20002", False)),
    (changed(ARTICLE_FILE, "status: published", "status: published\naliases: [Fix of EXSA-2026-0002]"),
     mention(ARTICLE_FILE, 6, "aliases", "EXSA-2026-0002", False)),
    (changed(ARTICLE_FILE, "status: published", "status: published\napplies_to: [All before CVE-2026-20002]"),
     mention(ARTICLE_FILE, 6, "applies_to", "CVE-2026-20002", False)),
    (changed(REPORT_FILE, "---\n##", "history:\n  - {date: 2026-01-01, text: Found}\n  - date: 2026-01-02\n"
                                     "    text: See EXSA-2026-0002\n---\n##"),
     mention(REPORT_FILE, 16, "history", "EXSA-2026-0002")),
    (changed(ADVISORY_FILE, "First publication.", "As EXSA-2026-0002."), mention(ADVISORY_FILE, 13, "revisions", "EXSA-2026-0002")),
    (changed(ADVISORY_FILE, "status: final", "status: final\ncredits: [Finders of EXSA-2026-0002]"),
     mention(ADVISORY_FILE, 6, "credits", "EXSA-2026-0002", False)),
    (changed(ADVISORY_FILE, "status: final", "status: final\nreferences:\n  - title: x\n"
                                             "    url: https://example.com/EXSA-2026-0002"),
     mention(ADVISORY_FILE, 8, "references", "EXSA-2026-0002", False)),
    ({"articles/KB10001.ru.md": "---\ntitle: Т\nsummary: См. CVE-2026-20002\n---\n"},
     mention("articles/KB10001.ru.md", 3, "summary", "CVE-2026-20002", False)),
    ({"articles/KB10001.ru.md": "---\ntitle: Т\n---\n\n## Решение\n\nСм. EXSA-2026-0002"},
     mention("articles/KB10001.ru.md", 7, "text", "EXSA-2026-0002")),
    ({"reports/a.jsonl": "\n\n" + line_of(id=5, problem="a\n\nb\n\nEXSA-2026-0002")},
     mention("reports/a.jsonl", 3, "text", "EXSA-2026-0002")),
])
def test_a_field_that_names_a_hidden_record(tmp_path: Path, change: Files, found: str) -> None:
    assert messages(make_site(tmp_path, {**SECRET, **change})) == [found]


def test_a_name_that_a_shown_record_has_too_is_no_secret(tmp_path: Path) -> None:
    make_site(tmp_path, {**with_id(ADVISORY_FILE, "EXSA-2026-0002", status="draft"),
                         **changed(NOTICE_FILE, "the label.", "CVE-2026-10001.")})
    assert messages(tmp_path) == []


def test_every_mention_is_found(tmp_path: Path) -> None:
    words = "EXSA-2026-0002\nPR77\nEXSA-2026-0002 1700002"
    make_site(tmp_path, {**SECRET, **changed(NOTICE_FILE, "Look at the label.", words)})
    assert messages(tmp_path) == [
        mention(NOTICE_FILE, 11, "text", "EXSA-2026-0002"), mention(NOTICE_FILE, 12, "text", "77"),
        mention(NOTICE_FILE, 13, "text", "1700002"), mention(NOTICE_FILE, 13, "text", "EXSA-2026-0002")]


def test_nothing_is_resolved_with_an_error(tmp_path: Path) -> None:
    make_site(tmp_path, {**changed(ARTICLE_FILE, "status: published", "status: new"), **changed(
        BULLETIN_FILE, "Nothing needs", "[[EXTB-2026-0009]] needs")})
    library, findings = resolve(loaded(tmp_path), View(AT))
    assert library is None
    assert len(errors(findings)) == 2
