"""Records that are like others: which, why, stable, never from what the audience may not see, and after edits as if made anew."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from generator import similar
from generator.similar import MOST, Likeness, Similar
from kb.library import Library, Relation, View
from kb.load import load
from kb.records import AnyRecord, Report
from kb.resolve import resolve
from tests.benchmarks.reports import library as generated
from tests.generator.support import AT, article, build_site, differences, page, report, write, write_site

RECORDS: Mapping[str, str] = {
    "reports/200001.md": report("200001", title="The fan tray alarm is raised by warm air", component="web"),
    "reports/200002.md": report("200002", title="A fan tray alarm stays after the tray is replaced", component="web"),
    "reports/200003.md": report("200003", title="Fan tray alarm in empty slots", status="duplicate", duplicate_of="200001"),
    "reports/200004.md": report("200004", "## Problem\n\nIt says `WEB_SOCKET_LOST`.\n", title="Pages are empty"),
    "reports/200005.md": report("200005", "## Problem\n\nThe log has WEB_SOCKET_LOST once a day.\n", title="Nobody can log in"),
    "articles/KB20001.md": article("KB20001", "Like CVE-2026-990001.\n", title="Lock the door", summary="Keys."),
    "articles/KB20002.md": article("KB20002", "CVE-2026-990001 lets anybody in.\n", title="Open windows", summary="Air."),
    "articles/KB20003.md": article("KB20003", "See [[100001]].\n", title="Silence", summary="Calm."),
    "articles/KB20004.md": article("KB20004", "Not [[100001]].\n", title="Noise", summary="Loud."),
}


def alike(out: Path, address: str) -> dict[str, str]:
    """Reasons by the ids of the records that a page says its own is like."""
    return {item.css_first(".wp-id").text(): item.css_first("small").text().split(" · ")[1]
            for item in page(out, address).css(".wp-alike li")}


@pytest.mark.usefixtures("quick_shell")
def test_pages_say_why_records_are_alike_in_the_language_of_the_page(tmp_path: Path) -> None:
    build_site(write_site(tmp_path / "site", RECORDS), tmp_path / "out")
    out = tmp_path / "out"
    assert alike(out, "pr/200002/") == {"200001": "same component and symptom"}
    assert alike(out, "ru/pr/200002/") == {"200001": "те же компонент и симптом"}
    assert alike(out, "pr/200003/") == {"200002": "same product and symptom"}  # what it duplicates is linked
    assert alike(out, "pr/200005/") == {"200004": "quotes the same message"}
    assert alike(out, "kb/KB20001/") == {"KB20002": "same vulnerability"}
    assert alike(out, "kb/KB20003/")["KB20004"] == "also linked with 100001"
    assert alike(out, "ru/kb/KB20003/")["KB20004"] == "тоже связана с 100001"


@pytest.mark.usefixtures("quick_shell")
def test_what_the_audience_may_not_see_leaves_no_trace(tmp_path: Path) -> None:
    hidden = {
        "reports/200011.md": report("200011", title="Fan tray alarm of another kind", component="web", audience="internal"),
        "reports/200012.md": report("200012", title="Fan tray alarm of a later kind", publish_at="2027-01-01T00:00:00Z"),
        "articles/KB20011.md": article("KB20011", "See [[100001]], WEB_SOCKET_LOST, CVE-2026-990001.\n", title="Fan tray alarm",
                                       status="draft"),
    }
    for name, records in (("one", RECORDS), ("two", {**RECORDS, **hidden})):
        build_site(write_site(tmp_path / name, records), tmp_path / f"{name}-out")
    assert differences(tmp_path / "one-out", tmp_path / "two-out") == []
    build_site(tmp_path / "two", tmp_path / "inside", audience="internal")
    assert "200011" in alike(tmp_path / "inside", "pr/200001/")


@pytest.mark.usefixtures("quick_shell")
def test_there_are_five_at_most_with_those_that_are_linked(tmp_path: Path) -> None:
    many = {f"reports/{number}.md": report(str(number), title=f"Fan tray alarm {number}", component="web",
                                           **({"related": "[200101]"} if number > 200106 else {})) for number in range(200100, 200110)}
    build_site(write_site(tmp_path / "site", many), tmp_path / "out")
    assert len(alike(tmp_path / "out", "pr/200100/")) == 5
    assert len(alike(tmp_path / "out", "pr/200101/")) == 2  # three others name it
    assert not {"200107", "200108", "200109"} & alike(tmp_path / "out", "pr/200101/").keys()


def known(records: Mapping[str, AnyRecord], relations: Mapping[str, tuple[Relation, ...]], like: Library) -> Library:
    return msgspec.structs.replace(like, records=records, relations=relations)


def lists(found: Similar, keys: list[str]) -> dict[str, list[tuple[str, int]]]:
    return {key: [(one.key, one.shared) for one in found.to(key)] for key in keys}


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edits_the_lists_are_as_if_made_anew(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "COMMON", 6)  # so that terms become common and rare again
    monkeypatch.setattr(similar, "LEAST", 5)
    choose, start = random.Random(seed), generated(150, seed)
    records, relations = dict(start.records), {}
    before, kept = list(known(records, {}, start).heads), Similar(known(records, {}, start)).kept()
    shown = lists(Similar(known(records, {}, start)), before)
    for _step in range(8):
        were, linked = dict(records), dict(relations)
        for key in choose.sample(sorted(records), choose.choice((0, 1, 1, 2, 20))):
            _edit(records, relations, key, choose)
        changed = {key for key in records.keys() | were.keys() if records.get(key) != were.get(key)}
        changed |= {key for key in relations.keys() | linked.keys() if relations.get(key) != linked.get(key)}
        library = known(records, dict(relations), start)
        found, anew = Similar(library), Similar(library)
        touched = found.update(kept, before, changed)
        assert touched is not None
        assert found.kept() == anew.kept()
        now = lists(found, list(library.heads))
        assert {key for key, names in now.items() if key in shown and names != shown[key]} <= touched | changed
        assert {key for key, names in now.items() if {name for name, _shared in names} & changed} <= touched | changed
        before, kept, shown = list(library.heads), found.kept(), now


def _edit(records: dict[str, AnyRecord], relations: dict[str, tuple[Relation, ...]], key: str, choose: random.Random) -> None:
    record = records[key]
    assert isinstance(record, Report)
    match choose.randrange(6):
        case 0:
            other = records[choose.choice(sorted(records))].text
            records[key] = msgspec.structs.replace(record, texts=(msgspec.structs.replace(record.text, title=other.title),))
        case 1:
            records[key] = msgspec.structs.replace(record, status=choose.choice(("duplicate", "open")))
        case 2:
            records[key] = msgspec.structs.replace(record, component=choose.choice(("component-1", "component-2", "")))
        case 3:
            relations[key] = (Relation(choose.choice(sorted(records)), "refers"),)
        case 4:
            new = str(choose.randrange(1_000_000, 1_900_000))
            records[new] = msgspec.structs.replace(record, id=new)
        case 5:
            del records[key]
            relations.pop(key, None)
            for other, links in list(relations.items()):
                if links[0].id == key:
                    del relations[other]
                    records[other] = msgspec.structs.replace(records[other])


def test_what_does_not_fit_is_not_taken_over() -> None:
    library = generated(20)
    assert Similar(library).update(Likeness(), [], set()) is None
    assert Similar(library).update(Similar(library).kept(), ["1"], set()) is None


def test_workers_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "_BATCH", 20)
    library = generated(200)
    assert Similar(library).kept() == Similar(library, jobs=2).kept()


def test_lists_are_in_order_and_hold_each_record_once() -> None:
    found, library = Similar(generated(400)), generated(400)
    for key in library.heads:
        keys = [one.key for one in found.to(key)]
        assert len(keys) == len(set(keys)) <= MOST and key not in keys
        assert all(library.heads[other].status not in similar.POOR for other in keys)


def test_texts_alone_are_those_of_the_whole_record(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    write(root, "reports/all.jsonl", '{"id": "300001", "status": "open", "title": "A line", "affected": [{"product": "box", '
                                     '"ranges": ["1.0"]}], "created": "2026-01-01", "updated": "2026-01-01", "problem": "It fails."}\n')
    library, _findings = resolve(load(root, ("en", "ru")), View(AT))
    assert library
    assert {head.kind for head in library.heads.values()} == {"article", "report", "advisory", "notice", "bulletin"}
    for key, record in library.records.items():
        told = [msgspec.structs.replace(text, place=record.place) for text in library.texts_of(key)]
        assert told == [msgspec.structs.replace(text, place=record.place) for text in record.texts]

