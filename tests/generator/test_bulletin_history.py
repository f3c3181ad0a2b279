"""Invariant 6 for bulletins: what is published changes by a new revision only, and does not vanish."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.build import BuildFailed, Options, build
from generator.bulletin_history import PATH, digest_of, history_of, without_targets
from kb.records import SecurityBulletin
from tests.generator.support import AT, differences, edit, page, write, write_site
from tests.kb.checking import library_of

pytestmark = pytest.mark.usefixtures("quick_shell")

FILE = "advisories/SA-2026-0001.md"
ENTRY = '  - {number: "1", date: 2026-02-10, text: First publication.}\n'
WAY_OUT = ", or build with --allow-rewrite SA-2026-0001"
CHANGED = f"{FILE}:10: revisions: '1' is published already, and the bulletin has changed since; add an entry that says what changed{WAY_OUT}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site whose portal is live in ``tmp_path / "out"``."""
    root = write_site(tmp_path / "site")
    publish(root)
    return root


def publish(root: Path, at: datetime = AT, **options: object) -> None:
    build(Options(root, root.parent / "out", at, cache=root.parent / "cache", **options))  # type: ignore[arg-type]


def refused(root: Path, at: datetime = AT, **options: object) -> list[str]:
    """Why a build is refused, after which the portal is as it was."""
    before = (root.parent / "out").stat().st_ino
    with pytest.raises(BuildFailed) as failed:
        publish(root, at, **options)
    assert (root.parent / "out").stat().st_ino == before
    return [str(finding) for finding in failed.value.findings if finding.level == "error"]


@pytest.mark.parametrize(("old", "new"), [
    ("title: The box opens to everybody", "title: The box opens to nobody"),
    ("summary: No key is needed.", "summary: A key is needed."),
    ("It opens.", "It opens by night."),
    ("It opens.", "It opens.\n\n## Workaround\n\nStand before it."),
    ("status: final", "status: interim"),
    ("status: final", "status: withdrawn"),
    ("C:H", "C:L"),
    ("1.0 before 1.0.1", "1.0.0"),
    ("fixed: [1.0.1]", "fixed: [1.0.1], platforms: [bx1]"),
    ("First publication.", "The first publication."),
    ("status: final", "status: final\ncves: [CVE-2026-10001]"),
    ("status: final", "status: final\ntlp: GREEN"),
    ("status: final", "status: final\nkeywords: [lock]"),
    ("status: final", "status: final\nreferences: [{title: Locks, url: 'https://www.example.com/'}]"),
])
def test_a_change_takes_a_new_revision(root: Path, old: str, new: str) -> None:
    edit(root, FILE, old, new)
    (found,) = refused(root)
    assert found.partition(" ")[2] == CHANGED.partition(" ")[2]
    edit(root, FILE, "\n---\n\n## Problem", '\n  - {number: "2", date: 2026-03-01, text: Corrected.}\n---\n\n## Problem')
    publish(root)
    assert "Corrected." in (root.parent / "out" / "advisories/SA-2026-0001/index.html").read_text(encoding="utf-8")


def test_a_second_revision_on_a_day_takes_a_time(root: Path) -> None:
    """Lists of changes tell programs the time of a document; one that stays as it was would hide the new revision."""
    edit(root, FILE, "It opens.", "It shuts.")
    edit(root, FILE, ENTRY, ENTRY + '  - {number: "2", date: 2026-02-10, text: Corrected.}\n')
    assert refused(root) == [
        f"{FILE}:10: revisions: '2' is not later than the state that is published (2026-02-10T16:00:00Z), so programs that ask for "
        f"changes would miss it; give its date a time, such as 2026-11-22T12:00:00Z{WAY_OUT}"]
    edit(root, FILE, "date: 2026-02-10, text: Corrected", "date: 2026-02-10T19:00:01+03:00, text: Corrected")
    publish(root)
    assert "2026-02-10T16:00:01Z" in (root.parent / "out" / ".well-known/csaf/white/changes.csv").read_text(encoding="utf-8")


def test_a_revision_of_a_day_to_come_is_refused(root: Path) -> None:
    edit(root, FILE, ENTRY, ENTRY + '  - {number: "2", date: 2026-12-10, text: Corrected.}\n')
    assert refused(root, now=AT) == [f"{FILE}:10: revisions: '2026-12-10' is a day to come; write the day on which the revision "
                                     "is published"]
    publish(root, AT + timedelta(days=18), now=AT)  # a preview of that day
    edit(root, FILE, "2026-12-10", "2026-11-23T02:00:00+14:00")
    publish(root, AT, now=AT, rewrites=("all",))


def test_the_finding_names_the_line_and_two_ways_out(root: Path) -> None:
    edit(root, FILE, "It opens.", "It shuts.")
    assert refused(root) == [CHANGED]
    publish(root, rewrites=("sa-2026-0001",))


@pytest.mark.parametrize(("path", "text"), [
    ("advisories/SA-2026-0001.ru.md", "---\ntitle: Все открыто\nsummary: Всем.\n---\n\n## Проблема\n\nОткрыто.\n")])
def test_a_translation_is_a_change_too(root: Path, path: str, text: str) -> None:
    write(root, path, text)
    assert refused(root) == [CHANGED]


@pytest.mark.parametrize(("old", "new"), [
    ("status: final", "status: final\nrelated: [KB10001]"),
    ("It opens.", "It opens.[[KB10001]]"),
    ("title: The box opens to everybody\nsummary: No key is needed.\nstatus: final", ""),
])
def test_what_is_no_change(root: Path, old: str, new: str) -> None:
    if not new:
        edit(root, FILE, "status: final\ntitle: The box opens to everybody\n", "title: The box opens to everybody\nstatus: final\n")
    else:
        edit(root, FILE, old, new)
    publish(root)


@pytest.mark.parametrize(("changes", "found"), [
    ([(ENTRY, '  - {number: "2", date: 2026-02-10, text: First publication.}\n'), (ENTRY.replace('"1"', '"2"'), ENTRY)],
     f"{FILE}:10: revisions: '1' goes back: revision 2 has been published; restore its entry and add one{WAY_OUT}"),
    ([("", ""), ("publish_at: 2026-02-10T16:00:00Z", "publish_at: 2026-02-09T16:00:00Z")],
     f"{FILE}:6: publish_at: '2026-02-09T16:00:00Z' is not when it was first published; write 2026-02-10T16:00:00Z{WAY_OUT}"),
    ([("", ""), ("status: final", "status: draft")],
     f"{FILE}:3: status: 'SA-2026-0001' has been published and may not vanish; write 'status: withdrawn', which keeps its page{WAY_OUT}"),
    ([("", ""), ("status: final", "status: final\naudience: partner")],
     f"{FILE}:4: audience: 'SA-2026-0001' has been published and may not vanish; write 'status: withdrawn', which keeps its page{WAY_OUT}"),
])
def test_what_is_published_stays(tmp_path: Path, changes: list[tuple[str, str]], found: str) -> None:
    root = write_site(tmp_path / "site")
    for number, (old, new) in enumerate(changes):
        if old:
            edit(root, FILE, old, new)
        if number == 0:
            publish(root)
    assert refused(root) == [found]


def test_a_bulletin_may_not_vanish(root: Path) -> None:
    (root / FILE).unlink()
    assert refused(root) == [f"{PATH}: id: 'SA-2026-0001' has been published and may not vanish; "
                             f"write 'status: withdrawn', which keeps its page{WAY_OUT}"]


def test_another_kind_is_another_address(root: Path) -> None:
    (root / FILE).rename(root / "notices/SA-2026-0001.md")
    assert refused(root) == [f"notices/SA-2026-0001.md:2: id: 'SA-2026-0001' has been published as advisory; "
                             f"give this one another id and supersede the old one{WAY_OUT}"]


def test_a_preview_of_the_past_does_not_take_the_portals_place(root: Path) -> None:
    at = datetime(2026, 2, 10, 15, 59, 59, tzinfo=UTC)
    found = refused(root, at)
    assert [message.partition(": ")[2].partition(",")[0] for message in found] == [
        "publish_at: 'SA-2026-0001' is public since 2026-02-10T16:00:00Z", "publish_at: 'SN-2026-0001' is public since 2026-02-10T16:00:00Z"]
    build(Options(root, root.parent / "preview", at, cache=root.parent / "cache"))
    assert not (root.parent / "preview/advisories/SA-2026-0001").exists()
    assert (root.parent / "out/advisories/SA-2026-0001").exists()


def test_what_only_a_preview_of_the_future_has_shown_may_still_change(root: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    edit(root, FILE, "It opens.", "It shuts.")
    publish(root, now=now)
    publish(root, now, now=now)
    assert not (root.parent / "out/advisories/SA-2026-0001").exists()
    publish(root, AT, now=AT)
    edit(root, FILE, "It shuts.", "It opens.")
    assert refused(root, now=AT) == [CHANGED]


def test_a_list_from_elsewhere_is_as_good(root: Path) -> None:
    """For hosts that build into an empty folder."""
    published = root.parent / "bulletins.json"
    published.write_bytes((root.parent / "out" / PATH).read_bytes())
    fresh = root.parent / "fresh"
    edit(root, FILE, "It opens.", "It shuts.")
    build(Options(root, fresh, AT))
    assert PATH in differences(fresh, root.parent / "out")
    with pytest.raises(BuildFailed) as failed:
        build(Options(root, root.parent / "other", AT, published=published))
    assert [str(finding) for finding in failed.value.findings] == [CHANGED]
    assert not (root.parent / "other").exists()


@pytest.mark.parametrize(("data", "reason"), [
    (None, "does not exist; name the bulletins.json of the published portal"),
    (b"[]", "is no list of published bulletins; fetch it anew from the published portal; changes cannot be checked without it"),
    (b"\xff", "is no list of published bulletins; fetch it anew from the published portal; changes cannot be checked without it")])
def test_a_list_that_cannot_be_read(root: Path, data: bytes | None, reason: str) -> None:
    file = root.parent / "list.json"
    if data is not None:
        file.write_bytes(data)
    assert refused(root, published=file) == [f"{file}: {reason}"]


def test_the_list_of_a_tree(root: Path) -> None:
    found = json.loads((root.parent / "out" / PATH).read_bytes())
    assert [(one["id"], one["kind"], one["status"], one["published"], one["updated"], one["revision"]) for one in found["bulletins"]] == [
        ("SA-2026-0001", "advisory", "final", "2026-02-10T16:00:00Z", "2026-02-10T16:00:00Z", "1"),
        ("SN-2026-0001", "notice", "final", "2026-02-10T16:00:00Z", "2026-02-10T16:00:00Z", "1")]
    assert found["format"] == 1


def test_digests_are_those_of_the_first_version(tmp_path: Path) -> None:
    """Other ones would ask for a new revision of every published bulletin, unless FORMAT grows."""
    library = library_of(write_site(tmp_path / "site"), AT)
    assert [bulletin.digest for bulletin in history_of(library).bulletins] == [
        "80c050bce9b4ea375de243a747a42df296352d1981dd7b41d6d492ba2893bc9b", "8ade721577ddc8c3edf3c765d44accd005f52abb5eb5e587c2baf48744420e74"]


def test_fields_that_come_later_change_no_digest(tmp_path: Path) -> None:
    record = library_of(write_site(tmp_path / "site"), AT).records["SA-2026-0001"]
    assert isinstance(record, SecurityBulletin)

    class Later(SecurityBulletin, frozen=True, kw_only=True):
        acknowledged: tuple[str, ...] = ()

    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    assert digest_of(Later(**fields)) == digest_of(record)
    assert digest_of(Later(**fields, acknowledged=("x",))) != digest_of(record)
    assert digest_of(msgspec.structs.replace(record, cwe=("CWE-79",))) != digest_of(record)


@pytest.mark.parametrize(("markdown", "expected"), [
    ("a [[KB1]] b [[KB2|c d]]", "a  b c d"), ("[x](KB1) [y](/kb/KB1/#a \"t\") ![z](a.png)", "x y ![z]()"),
    ("[x](https://e.com/a) <https://e.com>", "[x](https://e.com/a) <https://e.com>"), ("[x][1]\n\n[1]: KB1", "[x][1]\n\n[1]: "),
    ("<a href='KB1'>x</a>", "<a href=''>x</a>"),
])
def test_links_count_by_their_words(markdown: str, expected: str) -> None:
    assert without_targets(markdown) == expected


@given(st.text("[]()|# :KB1a/.\n", max_size=40))
def test_any_text_has_a_form_without_targets(markdown: str) -> None:
    assert len(without_targets(markdown)) <= len(markdown)


def test_a_later_build_is_not_held_back(root: Path) -> None:
    publish(root, AT + timedelta(days=400))
    publish(root, AT)
    assert page(root.parent / "out", "advisories/SA-2026-0001/").css_first("h1")
