"""Problem reports in bulk: JSON Lines and CSV."""

import json
from typing import Any

import pytest

from kb.records import Report


def line(**fields: Any) -> str:
    return json.dumps({"id": "1700001", "title": "It fails", "product": "exos", "created": "2024-01-02", **fields}) + "\n"


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(item) for item in text.splitlines()]


def test_a_line_in_our_fields_and_a_flat_one(source: Any, records: Any) -> None:
    source.write("old export.jsonl", line(
        id="PR1700002", affects="21.4 before 21.4R3-S5; 22.2 before 22.2R2, 22.2R3", fixed="21.4R3-S5; 22.2R3", severity="High",
        keywords="a; b", problem="Text [x](y.html).\n\nMore", updated="2024/02/03", platforms="AR900", extra=1)
        + line(affected=[{"product": "Ex OS", "ranges": [{"from": "21.4", "before": "21.4R3-S5"}]}], status="duplicate",
               duplicate_of="1700002", related=["PR1700002"], history=[{"date": "2024-01-03", "text": "Found"}]))
    report = source.run("jsonl")
    assert (report.written, report.paths) == (2, ("reports/old-export.jsonl",))
    assert source.messages(report, "note") == [
        "old export.jsonl:1: columns: 'extra' are no fields of a problem report, so they are left out; "
        "map them to fields, if they are any",
        "SOURCE: releases: are no releases of product exos (22.2R2, 22.2R3); add them to products.yml, then import again"]
    assert lines(source.read("reports/old-export.jsonl")) == [
        {"id": "1700001", "title": "It fails", "related": ["1700002"], "status": "duplicate", "duplicate_of": "1700002",
         "affected": [{"product": "exos", "ranges": [{"from": "21.4", "before": "21.4R3-S5"}]}], "created": "2024-01-02",
         "updated": "2024-01-02", "history": [{"date": "2024-01-03", "text": "Found"}]},
        {"id": "1700002", "title": "It fails", "keywords": ["a", "b"], "status": "fixed", "severity": "high",
         "affected": [{"product": "exos", "platforms": ["ar900"],
                       "ranges": ["21.4 before 21.4R3-S5", "22.2 before 22.2R2, 22.2R3"], "fixed": ["21.4R3-S5", "22.2R3"]}],
         "created": "2024-01-02", "updated": "2024-02-03",
         "problem": "Text x.\n\nMore"}]
    found = records()["1700002"]
    assert isinstance(found, Report) and found.affected[0].fixed == ("21.4R3-S5", "22.2R3")


def test_lines_are_sorted_and_the_second_import_changes_nothing(source: Any, tree: Any) -> None:
    source.write("x.jsonl", "".join(line(id=str(number)) for number in (300, 20, 1000)))
    source.run("jsonl")
    assert [item["id"] for item in lines(source.read("reports/x.jsonl"))] == ["20", "300", "1000"]
    before = tree()
    report = source.run("jsonl")
    assert (report.written, report.unchanged) == (0, 3) and tree() == before


def test_lines_edited_added_or_deleted_by_hand_stay(source: Any) -> None:
    source.write("x.jsonl", "".join(line(id=str(number)) for number in (1, 2, 3, 4)))
    source.run("jsonl")
    kept = lines(source.read("reports/x.jsonl"))
    kept[0]["title"] = "By hand"
    text = "".join(json.dumps(item) + "\n" for item in (kept[0], kept[2], kept[3], {**kept[3], "id": "5"}))
    (source.site / "reports/x.jsonl").write_text(text, encoding="utf-8")
    source.write("x.jsonl", "".join(line(id=str(number), title="New") for number in (1, 2, 4)))
    report = source.run("jsonl")
    assert [(item["id"], item["title"]) for item in lines(source.read("reports/x.jsonl"))] == [
        ("1", "By hand"), ("3", "It fails"), ("4", "It fails"), ("5", "It fails")]
    assert (report.written, report.kept) == (0, 3)
    assert source.messages(report, "note") == [
        "x.jsonl: 'reports/x.jsonl' were edited by hand and stay as they are (1, 4); import with force to overwrite them",
        "x.jsonl: 'reports/x.jsonl' were deleted by hand and stay so (2); import with force to have them back"]
    source.run("jsonl", force=True)
    assert [(item["id"], item["title"]) for item in lines(source.read("reports/x.jsonl"))] == [
        ("1", "New"), ("2", "New"), ("3", "It fails"), ("4", "New"), ("5", "It fails")]


def test_changed_lines_are_replaced(source: Any) -> None:
    source.write("x.jsonl", line(id="1") + line(id="2"))
    source.run("jsonl")
    source.write("x.jsonl", line(id="2", title="New"))
    assert source.run("jsonl").written == 1
    assert [(item["id"], item["title"]) for item in lines(source.read("reports/x.jsonl"))] == [("1", "It fails"), ("2", "New")]


@pytest.mark.parametrize(("text", "message"), [
    (line(id=""), "id: is missing; give each record an id"),
    (line(id="1700009"), "id: '1700009' is already the id of reports/1700009.md; rename or remove one of them"),
    (line(created=""), "created: is missing; add a line 'created: ...'"),
    (line(created="soon"), "created: 'soon' is not a time; write it as 2026-11-22T16:00:00Z or with an offset such as +03:00"),
    (line(status="waiting"), "status: 'waiting' is not allowed here; write one of draft, open, fixed, closed, duplicate"),
    (line(affects="21.4R"), "affected[1].ranges: '21.4R' holds '21.4R', which is neither a release nor a train; "
                            "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240, or a train: 21.4, 21.4-EVO or 15.1X49"),
    (line(title=""), "title: is missing; add a line 'title: ...'"),
    (line(product=""), "affected: is missing; add a line 'affected: ...'"),
    (line(affected=["exos"]), "affected: is not a mapping; write 'field: value' pairs"),
    (line(affected=[{"product": "exos", "fixed": {"a": 1}}]), "affected[1].fixed: is a mapping, not one value; write one value"),
    (line(problem="x" * 999_900), "id: '1700001' makes a line longer than 1,000,000 bytes; shorten its texts"),
    ("[1]\n", "is no JSON object; write {\"id\": ..., \"title\": ...} on one line"),
    ("{\n", "is not valid JSON: Expecting property name enclosed in double quotes: line 2 column 1 (char 2); "
            "write one JSON object a line"),
    ("[" * 100_000 + "\n", "is nested too deeply; write one flat JSON object a line"),
    ("x" * 1_000_001 + "\n", "is longer than 1,000,000 bytes; split the record"),
])
def test_a_bad_line_is_rejected_and_the_rest_imported(text: str, message: str, source: Any, records: Any) -> None:
    (source.site / "reports").mkdir()
    (source.site / "reports/1700009.md").write_text(
        "---\nid: 1700009\ntitle: x\nstatus: open\naffected: [{product: exos}]\ncreated: 2024-01-01\nupdated: 2024-01-01\n---\n",
        encoding="utf-8")
    source.write("x.jsonl", line(id="7") + text + line(id="8"))
    report = source.run("jsonl")
    errors = source.messages(report)
    assert errors[0].startswith("x.jsonl:2: ") and f"x.jsonl:2: {message}" in errors
    assert report.rejected == 1
    assert set(records()) == {"7", "8", "1700009"}


def test_bytes_that_are_not_utf8_and_control_characters(source: Any, records: Any) -> None:
    source.write("x.jsonl", b'{"id": "1", "title": "\xff"}\n' + line(id="2", title="a\u0001b\ud800").encode())
    report = source.run("jsonl")
    assert source.messages(report) == ["x.jsonl:1: 'byte 0xff' is not UTF-8; save the file in UTF-8"]
    assert records()["2"].text.title == "ab"


def test_one_id_twice(source: Any) -> None:
    source.write("x.jsonl", line() + line())
    source.write("y.jsonl", line())
    assert source.messages(source.run("jsonl")) == [
        "x.jsonl:2: id: '1700001' has the id of line 1; keep one",
        "y.jsonl:1: id: '1700001' is the id of a record in another file; keep one"]


def test_ids_that_are_no_numbers_become_aliases(source: Any, records: Any) -> None:
    source.write("x.jsonl", line(id="BUG-17"))
    source.run("jsonl")
    (number,) = records()
    assert len(number) == 9 and records()[number].aliases == ("BUG-17",)


def test_references_to_nothing_are_left_out(source: Any, records: Any) -> None:
    (source.site / "articles").mkdir()
    (source.site / "articles/KB10001.md").write_text(
        "---\nid: KB10001\ntitle: x\nsummary: x\nstatus: published\nproducts: [exos]\naliases: [KB7]\ncreated: 2024-01-01\n"
        "updated: 2024-01-01\n---\n", encoding="utf-8")
    source.write("x.jsonl", line(id="1", related="KB7; KB10001; 99", duplicate_of="98",
                                 problem="[a](KB7) [b](KB10001) [c](KB99)"))
    report = source.run("jsonl")
    assert source.messages(report, "note") == [
        "x.jsonl:1: related: '99' is not a record of this site, so it is left out; import it too, then this again",
        "x.jsonl:1: duplicate_of: '98' is not a record of this site, so the report counts as closed; "
        "import it too, then this again"]
    found = records()["1"]
    assert (found.related, found.status) == (("KB7", "KB10001"), "closed")
    assert found.text.section("problem").markdown == "[a](KB7) [b](KB10001) c"


CSV = '''\
Number;Headline;Product;Created;Affects;Fixed;Problem;Owner
1700001;It fails;ExOS;2024-01-02;"21.4 before 21.4R3-S5; 22.2";21.4R3-S5;"One, two

three";someone
1700002;"It ""fails""";ExOS;2024-01-02;;;;
'''


def test_csv_with_mapped_columns(source: Any, records: Any) -> None:
    source.write("x.csv", "\ufeff" + CSV)
    report = source.run("csv", columns={"id": "Number", "title": "Headline"})
    assert report.written == 2 and [finding.value for finding in report.findings if finding.field == "columns"] == ["Owner"]
    found = records()
    assert found["1700001"].text.section("problem").markdown == "One, two\n\nthree"
    assert found["1700001"].affected[0].fixed == ("21.4R3-S5",)
    assert (found["1700002"].text.title, found["1700002"].status) == ('It "fails"', "open")


def test_bad_rows(source: Any, records: Any) -> None:
    source.write("x.csv", b'id,title,product,created\n1,One,exos,2024-01-02\n2,a,b,c,d\n3,\xff,exos,2024-01-02\n\n,,,\n'
                          b'4,"x" y,exos,2024-01-02\n5,Five,exos,2024-01-02\n6,"open,exos\n7,Seven\n')
    report = source.run("csv")
    assert source.messages(report) == [
        "x.csv:3: has 5 cells, the header 4; put cells with commas in quotes",
        "x.csv:4: 'byte 0xff' is not UTF-8; save the file in UTF-8",
        "x.csv:7: is a broken row, up to line 7: ',' expected after '\"'; check its quotes",
        "x.csv:9: is a broken row, up to line 10: unexpected end of data; check its quotes"]
    assert set(records()) == {"1", "5"}


def test_a_csv_without_a_header(source: Any) -> None:
    source.write("x.csv", "a,a\n1,2\n")
    source.write("y.csv", "")
    assert source.messages(source.run("csv")) == ["x.csv:1: 'a,a' is no header; begin with a line of different column names",
                                                  "y.csv:1: is no header; begin with a line of different column names"]


def test_a_field_that_cannot_be_mapped(source: Any) -> None:
    source.write("x.csv", CSV)
    assert source.messages(source.run("csv", columns={"number": "Number"})) == [
        "SOURCE: columns: 'number' is no field of a problem report; map fields such as id, title, summary, language, audience, "
        "publish_at, status, duplicate_of"]
