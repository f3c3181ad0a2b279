"""Ranges: the shorthand and the mapping form, the rules that decide, verdicts over platforms, and what they say."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import ranges
from kb.range_groups import compile_group, covering
from kb.range_rules import Rule, compile_rule
from kb.range_trains import Trains
from kb.ranges import (
    REASONS,
    Affected,
    Compiled,
    Reason,
    Verdict,
    VersionRange,
    affected_from_cve,
    affected_releases,
    compile_affected,
    contradictions,
    fixed_releases,
    in_range,
    is_fixed_by,
    parse_fixed,
    parse_range,
    range_from_mapping,
    verdict,
    verdicts,
)
from kb.releases import Key, ReleaseError, parse_release, release_order

KNOWN = [f"{year}.{quarter}R{number}{service}" for year in (20, 21, 22) for quarter in (1, 2, 4) for number in (1, 2, 3)
         for service in ("", "-S1", "-S2", "-S2.7", "-S3")] + ["15.1R7", "15.1X49-D230", "15.1X49-D240", "15.1X53-D9"]


def entry(*written: str, scheme: str = "junos", **more: object) -> Affected:
    """An entry for the product exos with these ranges."""
    base = Affected(product="exos", ranges=tuple(item for text in written for item in parse_range(text, scheme)))
    return msgspec.structs.replace(base, **more)


def status(entries: Affected | list[Affected], release: str, scheme: str = "junos", platform: str | None = None) -> str:
    return verdict(entries if isinstance(entries, list) else [entries], "exos", release, scheme, platform).status


def statuses(entries: Affected | list[Affected], releases: str, scheme: str = "junos",
             platform: str | None = None) -> str:
    """The first letters of the verdicts: a(ffected), f(ixed), n(ot affected), u(nknown)."""
    return "".join(status(entries, release, scheme, platform)[0] for release in releases.split())


def why(entries: Affected | list[Affected], release: str, scheme: str = "junos", platform: str | None = None) -> str:
    return str(verdict(entries if isinstance(entries, list) else [entries], "exos", release, scheme, platform).reason)


# The shorthand

@pytest.mark.parametrize(("text", "found"), [
    ("21.4", VersionRange("21.4")),
    ("21.4R3", VersionRange("21.4R3")),
    ("21.4 before 21.4R3-S5", VersionRange("21.4", ("21.4R3-S5",))),
    ("22.2 before 22.2R2-S2, 22.2R3", VersionRange("22.2", ("22.2R2-S2", "22.2R3"))),
    ("22.2 before 22.2R2-S2 22.2R3", VersionRange("22.2", ("22.2R2-S2", "22.2R3"))),
    ("21.4R1 before 21.4R3", VersionRange("21.4R1", ("21.4R3",))),
    ("all before 21.2R3-S8", VersionRange("", ("21.2R3-S8",))),
    ("21.4R1 through 21.4R3-S2", VersionRange("21.4R1", (), "21.4R3-S2")),
    ("21.4R1-21.4R3-S2", VersionRange("21.4R1", (), "21.4R3-S2")),
    ("21.4R1-EVO - 21.4R3-S2-EVO", VersionRange("21.4R1-EVO", (), "21.4R3-S2-EVO")),
    ("15.1X49-D100-15.1X49-D240", VersionRange("15.1X49-D100", (), "15.1X49-D240")),
    ("21.1*", VersionRange("21.1*")),
    ("21.1*-EVO", VersionRange("21.1*-EVO")),
    ("21.1R1 before 21.1*", VersionRange("21.1R1", (), "21.1*")),
    ("21.4R3-S5", VersionRange("21.4R3-S5")),
    ("all", VersionRange()),
    ("ALL BEFORE 21.2R3-S8", VersionRange("", ("21.2R3-S8",))),
])
def test_shorthand(text: str, found: VersionRange) -> None:
    assert [msgspec.structs.replace(item, text="") for item in parse_range(text, "junos")] == [found]


@pytest.mark.parametrize(("text", "found"), [
    ("5.9.4-5.14.0", [("5.9.4", "5.14.0")]),
    ("3.7.14.2-3.7.15, 4.3.0-4.4.2,", [("3.7.14.2", "3.7.15"), ("4.3.0", "4.4.2")]),
    ("3.7.15, 4.1.1 – 4.4.2, 5.0.0-5.0.1", [("3.7.15", ""), ("4.1.1", "4.4.2"), ("5.0.0", "5.0.1")]),
])
def test_lists_of_ranges(text: str, found: list[tuple[str, str]]) -> None:
    assert [(item.start, item.through) for item in parse_range(text, "dotted")] == found


def test_a_list_may_hold_every_form() -> None:
    found = parse_range("21.4 before 21.4R2-S5, 21.4R3, 22.2 before 22.2R3, 22.4R1-22.4R2", "junos")
    assert [item.text for item in found] == ["21.4 before 21.4R2-S5, 21.4R3", "22.2 before 22.2R3", "22.4R1-22.4R2"]


def test_a_dash_of_a_semantic_version_is_no_span() -> None:
    assert parse_range("1.4.0-1", "semver") == (VersionRange("1.4.0-1", text="1.4.0-1"),)
    assert parse_range("1.4.0-rc.1-1.5.0", "semver")[0].through == "1.5.0"


def test_the_forms_of_the_record_reference_parse() -> None:
    lines = (Path(__file__).resolve().parents[2] / "docs" / "records.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("### Ranges") + 1
    end = next(at for at in range(start, len(lines)) if lines[at].startswith("#"))
    rows = [line.split("|")[1] for line in lines[start:end] if line.startswith("| `")]
    written = [form for row in rows for form in row.split("`")[1::2]]
    assert len(written) >= 9
    for form in written:
        assert any(_parses(form, scheme) for scheme in ("junos", "dotted")), form


def _parses(text: str, scheme: str) -> bool:
    try:
        return bool(parse_range(text, scheme))
    except ReleaseError:
        return False


@pytest.mark.parametrize(("text", "reason", "remedy"), [
    ("", "is an empty range", "write it like '21.4', '21.4 before 21.4R3-S5', '21.4R1 through 21.4R3' or 'all'"),
    ("21.4 before 21.4R3-SX", "holds '21.4R3-SX', which is neither a release nor a train",
     "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240, or a train: 21.4, 21.4-EVO or 15.1X49"),
    ("21.4 until 21.4R3", "holds '21.4 until 21.4R3', which is not a range",
     "write it like '21.4', '21.4 before 21.4R3-S5', '21.4R1 through 21.4R3' or 'all'"),
    ("21.4R3 before 21.4R2", "ends with 21.4R2, which does not come after its start 21.4R3",
     "put the earlier release first"),
    ("21.4R3 before 21.4R3", "ends with 21.4R3, which does not come after its start 21.4R3",
     "put the earlier release first"),
    ("22.2 before 21.4R3-S5", "ends with 21.4R3-S5, which does not come after its start 22.2",
     "put the earlier release first"),
    ("21.4R3-21.4R1", "ends with 21.4R1, which does not come after its start 21.4R3", "put the earlier release first"),
    ("21.4 before 21.4R3, 22.2", "holds '22.2' after a comma, which could be a fix or another range",
     "write each range on a line of its own"),
    ("21.4 before 21.4*, 21.4R3", "mixes a wildcard with fixed releases", "keep one of them"),
    ("21.4 before ,", "holds '21.4 before', which is not a range",
     "write it like '21.4', '21.4 before 21.4R3-S5', '21.4R1 through 21.4R3' or 'all'"),
])
def test_messages_of_the_shorthand(text: str, reason: str, remedy: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        parse_range(text, "junos")
    assert (str(caught.value), caught.value.remedy) == (reason, remedy)


@given(st.text(max_size=40) | st.from_regex(r"((21|all|5)[.0-9RSXDEVO*, -]{0,12}(before|through|-| )){0,3}[0-9.RS-]*",
                                            fullmatch=True), st.sampled_from(("junos", "dotted", "semver")))
def test_any_text_is_ranges_or_an_error(text: str, scheme: str) -> None:
    for parse in (parse_range, parse_fixed):
        try:
            parse(text, scheme)
        except ReleaseError as error:
            assert str(error) and error.remedy


@pytest.mark.parametrize("text", ["21.4 before " + "21.4R3," * 5_000, "21.4-" * 20_000, " " * 100_000 + "x",
                                  "a " * 50_000 + "before", "21.4 before" + " " * 100_000, "- " * 50_000])
def test_hostile_texts_end_soon(text: str) -> None:
    assert isinstance(_parses(text, "junos"), bool)


# The mapping form

@pytest.mark.parametrize(("mapping", "found"), [
    ({"from": "22.4", "before": "22.4R2-S2, 22.4R3"},
     VersionRange("22.4", ("22.4R2-S2", "22.4R3"), text="22.4 before 22.4R2-S2, 22.4R3")),
    ({"from": "22.4", "before": ["22.4R2-S2", "22.4R3"]},
     VersionRange("22.4", ("22.4R2-S2", "22.4R3"), text="22.4 before 22.4R2-S2, 22.4R3")),
    ({"before": "22.4R3"}, VersionRange("", ("22.4R3",), text="all before 22.4R3")),
    ({"from": "0", "through": "22.4*", "status": "unaffected"},
     VersionRange("", (), "22.4*", "unaffected", text="all through 22.4*")),
    ({"from": "22.4", "before": "22.4*", "changes": [{"at": "22.4R2", "status": "unaffected"}]},
     VersionRange("22.4", (), "22.4*", changes=(("22.4R2", "unaffected"),), text="22.4 through 22.4*")),
    ({"from": "22.4"}, VersionRange("22.4", text="22.4")),
])
def test_mapping(mapping: object, found: VersionRange) -> None:
    assert range_from_mapping(mapping, "junos") == found


@pytest.mark.parametrize(("mapping", "reason", "remedy"), [
    ({}, "is not a range", "write a mapping such as {from: 21.4, before: 21.4R3-S5}"),
    ({"form": "22.4"}, "holds 'form', which is no field of a range", "use from, before, through, status and changes"),
    ({"from": 22.4}, "has '22.4' in from, which is not text", "put it in quotes"),
    ({"from": "22.4", "before": "22.4R3", "through": "22.4R2"}, "has both before and through", "keep one of them"),
    ({"from": "22.4", "before": " , "}, "has an empty end", "name the fixed releases after before"),
    ({"from": "22.4", "status": "broken"}, "has the status 'broken'", "write one of affected, unaffected, unknown"),
    ({"from": "22.4", "changes": "22.4R2"}, "has changes that are no list", "write [{at: 5.2.1, status: unaffected}]"),
    ({"from": "22.4", "changes": [{"at": "22.4R2"}]}, "has the change '{'at': '22.4R2'}'",
     "write {at: 5.2.1, status: unaffected}"),
])
def test_messages_of_the_mapping(mapping: object, reason: str, remedy: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        range_from_mapping(mapping, "junos")
    assert (str(caught.value), caught.value.remedy) == (reason, remedy)


# The rule of fixes

numbers = st.tuples(st.integers(1, 4), st.integers(0, 4))


def _name(number: tuple[int, int]) -> str:
    return f"22.4R{number[0]}" + (f"-S{number[1]}" if number[1] else "")


@given(st.lists(numbers, min_size=1, max_size=4), numbers)
def test_a_release_is_fixed_by_its_own_r_or_above_the_highest(fixes: list[tuple[int, int]],
                                                              asked: tuple[int, int]) -> None:
    expected = any(r == asked[0] and asked[1] >= s for r, s in fixes) or asked[0] > max(r for r, _ in fixes)
    names = [_name(fix) for fix in fixes]
    assert is_fixed_by(_name(asked), names, "junos") == expected
    record = entry("22.4 before " + ", ".join(names))
    assert status(record, _name(asked)) == ("fixed" if expected else "affected")


@given(st.lists(numbers, min_size=1, max_size=4), numbers, st.randoms())
def test_order_commas_suffixes_and_repetition_of_fixes_do_not_matter(
        fixes: list[tuple[int, int]], asked: tuple[int, int], random: object) -> None:
    names = [_name(fix) for fix in fixes]
    plain = status(entry("22.4 before " + ", ".join(names)), _name(asked))
    for written in (" ".join(names), ", ".join(names) + ",", ", ".join(reversed(names)), ", ".join([*names, *names]),
                    ", ".join(f"{name}-EVO" for name in names)):
        assert status(entry(f"22.4 before {written}"), _name(asked)) == plain
        assert status(entry(f"22.4-EVO before {written}"), _name(asked) + "-EVO") == plain


@given(st.lists(numbers, min_size=1, max_size=4), numbers, st.integers(0, 3))
def test_a_later_service_release_keeps_the_fix(fixes: list[tuple[int, int]], asked: tuple[int, int], more: int) -> None:
    names = [_name(fix) for fix in fixes]
    if is_fixed_by(_name(asked), names, "junos"):
        assert is_fixed_by(_name((asked[0], asked[1] + more)), names, "junos")


@pytest.mark.parametrize(("written", "releases", "expected"), [
    ("22.4 before 22.4R2-S2, 22.4R3", "22.4R1 22.4R1-S9 22.4R2 22.4R2-S1 22.4R2-S2 22.4R2-S3 22.4R3", "aaaafff"),
    ("18.4 before 18.4R1-S8, 18.4R2-S7, 18.4R3-S7", "18.4R1-S8 18.4R2 18.4R2-S7 18.4R3 18.4R3-S7 18.4R4", "fafaff"),
    ("20.2 before 20.2R2, 20.2R2-S1, 20.2R3", "20.2R1-S9 20.2R2 20.2R2-S1 20.2R3", "afff"),
    ("22.2 before 22.2R3-S4.11", "22.2R3-S4 22.2R3-S4.9 22.2R3-S4.11 22.2R3-S4.12 22.2R3-S5", "aafff"),
    ("22.2 before 22.2R3-S4", "22.2R3-S3.9 22.2R3-S4.1", "af"),
    ("21.4R3-S5", "21.4R3-S4 21.4R3-S5 21.4R3-S5.4 21.4R3-S6", "naan"),
    ("21.4R3", "21.4R3 21.4R3.9 21.4R3-S1", "aan"),
    ("21.4R1 through 21.4R3-S2", "21.4R1 21.4R3-S2 21.4R3-S2.8 21.4R3-S3", "aaan"),
    ("21.4", "21.3R3 21.4R1 21.4R3-S9 22.1R1", "naan"),
    ("21.1R2 before 21.1*", "21.1R1 21.1R2 21.1R3-S9 21.2R1", "naan"),
    ("21.1 through 21.1*-EVO", "21.1R1-EVO 21.1R3-EVO 21.2R1-EVO", "aan"),
    ("21.*", "20.4R3 21.1R1 21.4R3 22.1R1", "naan"),
    ("21.2 through 21.*", "21.1R3 21.2R1 21.4R3 22.1R1", "naan"),
    ("21.2 through *", "21.1R3 21.2R1 25.4R3", "naa"),
    ("all", "12.3X48-D101 25.4R1", "aa"),
    ("all before 21.2R3-S8", "15.1X49-D240 20.4R3 21.2R3-S7 21.2R3-S8 21.2R3-S9 21.3R1", "aaaffn"),
    ("all before 21.4", "21.3R3 21.4R1", "af"),
    ("21.1 before 21.2R3-S8", "20.4R3 21.1R3-S9 21.2R3-S7 21.2R3-S8 21.3R1", "naafn"),
    ("all before 20.4R3-S1, 21.2R3", "19.1R1 20.4R3 20.4R3-S1 20.4R4 21.1R1 21.2R2 21.2R3 21.3R1", "aaffaafn"),
    ("15.1X49 before 15.1X49-D240", "15.1R7 15.1X49-D239 15.1X49-D240 15.1X49-D250 15.1X53-D9", "naffn"),
    ("15.1", "15.1R7 15.1X49-D240", "an"),
])
def test_ranges_decide(written: str, releases: str, expected: str) -> None:
    assert statuses(entry(written), releases) == expected


def test_in_range() -> None:
    item = range_from_mapping({"from": "22.4", "before": "22.4R2-S2, 22.4R3"}, "junos")
    assert in_range("22.4R2-S1", item, "junos") and not in_range("22.4R2-S2", item, "junos")


@pytest.mark.parametrize(("written", "releases", "expected"), [
    ("3.7.14.2-3.7.15, 4.3.0-4.4.2", "3.7.14 3.7.14.2 3.7.14.3 3.7.15 3.7.15.1 4.2.9 4.3.0 4.4.2 4.4.3", "naaannaan"),
    ("5.11 before 5.11.3", "5.10.9 5.11.0 5.11.2 5.11.3 5.11.4 5.12.0", "naaffn"),
    ("5.11.1 before 5.12.2", "5.11.0 5.11.9 5.12.1 5.12.2 5.13.0", "naafn"),
    ("5.0", "4.9.9 5.0.0 5.0.9 5.1.0", "naan"),
    ("5.1 through 5.3", "5.0.9 5.1.0 5.3.9 5.4.0", "naan"),
    ("5.*", "4.9.9 5.0.0 5.14.2 6.0.0", "naan"),
])
def test_ranges_decide_for_dotted_releases(written: str, releases: str, expected: str) -> None:
    assert statuses(entry(written, scheme="dotted"), releases, "dotted") == expected


@pytest.mark.parametrize(("written", "releases", "expected"), [
    ("all before 1.4.2", "1.3.9 1.4.2-rc.1 1.4.2 1.4.3 1.5.0", "aaffn"),
    ("1.4", "1.3.9 1.4.0-alpha 1.4.0 1.4.9 1.5.0-alpha", "naaan"),
    ("1.4.0-rc.1 through 1.4.0", "1.4.0-beta 1.4.0-rc.1 1.4.0-rc.1.1 1.4.0 1.4.0+build.9 1.4.1", "naaaan"),
    ("1.4.0-rc through 1.4.0-rc", "1.4.0-rc 1.4.0-rc.1 1.4.0-rca", "ann"),
])
def test_ranges_decide_for_semantic_versions(written: str, releases: str, expected: str) -> None:
    assert statuses(entry(written, scheme="semver"), releases, "semver") == expected


# Several ranges

def test_a_train_between_two_ranges_is_not_affected() -> None:
    assert statuses(entry("all before 20.4R3-S9", "21.2 before 21.2R3-S7"), "20.4R3 21.1R3 21.2R3 21.3R1") == "anan"


def test_a_range_over_all_trains_leaves_a_train_to_its_own_range() -> None:
    record = entry("all before 17.3R3-S10", "15.1X49 before 15.1X49-D240", "16.1R2 before 16.1R4")
    assert statuses(record, "15.1X49-D230 15.1X49-D240 15.1X53-D9 15.1R7 16.1R1 16.1R3 16.1R4") == "afaanaf"


def test_a_problem_may_return() -> None:
    record = entry("all before 22.1R2-S2", "22.1R3 before 22.1R3-S5")
    assert statuses(record, "21.4R3 22.1R2-S1 22.1R2-S2 22.1R2-S9 22.1R3 22.1R3-S4 22.1R3-S5") == "aaffaaf"
    assert why(record, "22.1R3-S5") == "fixed in 22.1R3-S5"


def test_exceptions_win_where_they_are_more_specific() -> None:
    record = entry("all before 22.2R3", unaffected=parse_range("20.4, 21.2R1 before 21.2R2", "junos"))
    assert statuses(record, "20.3R1 20.4R1 20.4R3 21.1R1 21.2R1-S5 21.2R2 22.2R2 22.2R3") == "annanaaf"


def test_a_range_wins_over_a_wider_exception() -> None:
    record = entry("21.2R2 before 21.2R3", unaffected=parse_range("21.2, all before 21.1R1", "junos"))
    assert statuses(record, "20.4R1 21.2R1 21.2R2 21.2R2-S1 21.2R3") == "nnaan"


def test_an_exception_may_stand_among_the_ranges() -> None:
    exception = range_from_mapping({"from": "21.4", "before": "21.4R2", "status": "unaffected"}, "junos")
    whole = parse_range("21.4 before 21.4R3-S5", "junos")
    assert statuses(Affected(product="exos", ranges=(*whole, exception)), "21.4R1 21.4R2 21.4R3-S5") == "naf"


def test_everything_is_affected_by_default_when_so_said() -> None:
    record = entry("21.4 before 21.4R3-S5", default_status="affected",
                   unaffected=parse_range("22.2R3 through 22.2*", "junos"))
    assert statuses(record, "20.1R1 21.4R1 21.4R3-S5 22.2R2 22.2R3 22.2R3-S1 23.1R1") == "aafanna"
    assert why(record, "20.1R1") == "every release counts as affected unless it is listed otherwise"


# Changes

def changing(changes: str, **mapping: object) -> Affected:
    """An entry of one range with changes written as at=status."""
    listed = [{"at": part.split("=")[0], "status": part.split("=")[1]} for part in changes.split()]
    return Affected(product="exos", ranges=(range_from_mapping({**mapping, "changes": listed}, "dotted"),))


def test_changes_flip_the_status_and_flip_it_back() -> None:
    record = changing("5.2.1=unaffected 5.3.0=affected", **{"from": "5.1", "through": "5.3.4"})
    assert statuses(record, "5.0.9 5.1.0 5.2.0 5.2.1 5.2.9 5.3.0 5.3.4 5.3.5", "dotted") == "naaffaan"
    assert why(record, "5.2.9", "dotted") == "holds the fix of 5.2.1"
    assert why(record, "5.3.2", "dotted") == "from 5.3.0 on"


def test_changes_may_come_in_any_order_and_begin_unaffected() -> None:
    record = changing("5.3.2=unaffected 5.2.0=affected", **{"from": "5.1", "before": "5.4", "status": "unaffected"})
    assert statuses(record, "5.1.0 5.1.9 5.2.0 5.3.1 5.3.2 5.3.9 5.4.0", "dotted") == "nnaaffn"


def test_consecutive_fixes_among_changes_follow_the_rule_of_trains() -> None:
    listed = [{"at": at, "status": "unaffected"} for at in ("22.4R1-S8", "22.4R2-S7", "22.4R3")]
    item = range_from_mapping({"from": "22.4", "through": "22.4*", "changes": listed}, "junos")
    record = Affected(product="exos", ranges=(item,))
    assert statuses(record, "22.4R1 22.4R1-S8 22.4R2 22.4R2-S6 22.4R2-S7 22.4R3") == "afaaff"


def test_a_change_that_changes_nothing() -> None:
    item = range_from_mapping({"from": "21.2", "before": "21.2*",
                               "changes": [{"at": "21.2R1-EVO", "status": "affected"}]}, "junos")
    assert statuses(Affected(product="exos", ranges=(item,)), "21.1R3-EVO 21.2R1-EVO 21.2R3-EVO 21.3R1-EVO") == "naan"


# Fixed releases

def test_listed_fixes() -> None:
    record = entry("21.4 before 21.4R3-S5", "22.2 before 22.2R2-S2, 22.2R3",
                   fixed=("21.4R3-S5", "22.2R2-S2", "22.2R3", "22.4R1"))
    assert statuses(record, "21.4R3-S4 21.4R3-S5 21.4R3-S6 22.2R2-S3 22.4R1 22.4R2 23.2R1 22.3R1") == "afffffnn"


def test_fixes_end_a_whole_train() -> None:
    record = entry("21.4", fixed=("21.4R3-S5",))
    assert statuses(record, "21.4R3-S4 21.4R3-S5 21.4R3-S6 21.4R4") == "afff"


def test_a_fix_before_the_problem_returned_is_no_fix() -> None:
    record = entry("5.11.0-5.11.1, 5.11.3-5.14.0", scheme="dotted", fixed=("5.11.2",))
    assert statuses(record, "5.11.1 5.11.2 5.11.3 5.11.4", "dotted") == "afaa"


def test_spans_of_fixed_releases() -> None:
    record = entry("5.11.1-5.11.3", scheme="dotted", fixed=("5.9.4", "5.12.0-5.14.0"))
    assert statuses(record, "5.9.3 5.9.4 5.9.5 5.11.1 5.12.0 5.13.7 5.14.0 5.14.1 5.15.0", "dotted") == "nffaffffn"
    assert why(record, "5.13.7", "dotted") == "fixed in 5.12.0 through 5.14.0"


def test_without_ranges_nothing_is_known_but_the_fixes() -> None:
    record = entry(fixed=("21.4R3-S5",), unaffected=parse_range("20.4", "junos"))
    assert statuses(record, "21.4R3-S4 21.4R3-S5 21.4R3-S6 20.4R1 22.1R1") == "uffnu"
    assert why(record, "22.1R1") == "the record does not say which releases are affected"


def test_parse_fixed() -> None:
    assert parse_fixed("5.9.4, 5.12.0 - 5.14.0,", "dotted") == ("5.9.4", "5.12.0-5.14.0")
    assert parse_fixed("5.12", "dotted") == ("5.12",)


@pytest.mark.parametrize(("text", "reason", "remedy"), [
    ("21.4", "is a train, not a release", "write it like 21.4R3-S5, 21.4R3-S5-EVO or 15.1X49-D240"),
    ("21.4R3-21.4R1", "ends with 21.4R1, which precedes its start 21.4R3", "put the earlier release first"),
    (" , ", "names no release", "write a release or two with a dash between"),
])
def test_messages_of_fixed_releases(text: str, reason: str, remedy: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        parse_fixed(text, "junos")
    assert (str(caught.value), caught.value.remedy) == (reason, remedy)


def test_contradictions_are_fixed_releases_that_ranges_call_affected() -> None:
    record = entry("21.4 before 21.4R3-S5", "22.2", fixed=("21.4R3-S4", "21.4R3-S5", "22.2R3", "23.2R1"))
    assert contradictions(record, "junos") == ["21.4R3-S4", "22.2R3"]
    assert contradictions(entry("5.11.1-5.12.0", scheme="dotted", fixed=("5.12.0-5.14.0",)), "dotted") == ["5.12.0"]
    assert contradictions(entry("21.4 before 21.4R3-S5", fixed=("21.4R3-S5",)), "junos") == []


# Platforms and products

def test_other_products_do_not_count() -> None:
    found = verdict([entry("21.4")], "exos-evolved", "21.4R1-EVO", "junos")
    assert (found.status, str(found.reason)) == ("not_affected", "the record does not list this product")


def test_a_verdict_may_differ_by_platform() -> None:
    record = [entry("21.4 before 21.4R3", platforms=("ar900", "fw60")),
              entry("21.4 before 21.4R2", platforms=("sx40",))]
    assert [status(record, "21.4R2", platform=name) for name in ("ar900", "fw60", "sx40", "ar200", None)] == [
        "affected", "affected", "fixed", "not_affected", "affected"]
    assert why(record, "21.4R2") == "on ar900 and fw60: in train 21.4, before 21.4R3"
    assert why(record, "21.4R3") == "on ar900, fw60 and sx40: fixed in 21.4R3"
    assert why(record, "21.4R2", platform="ar200") == "listed only for ar900, fw60 and sx40"
    assert why(record, "22.1R1") == "in none of the affected ranges"


def test_a_platform_may_be_better_off() -> None:
    record = [entry("21.4 before 21.4R3"), entry("all before 20.1R1", platforms=("sx40",),
                                                 unaffected=parse_range("21.4R2", "junos"))]
    assert why(record, "21.4R2") == "except on sx40: in train 21.4, before 21.4R3"
    assert why(record, "21.4R1") == "in train 21.4, before 21.4R3"


def test_platform_names_ignore_case_and_spaces() -> None:
    assert status(entry("21.4", platforms=("SRX 5000 Series",)), "21.4R1", platform="SRX5000 series") == "affected"


def test_an_x_train_with_a_range_of_its_own_needs_no_platform() -> None:
    record = [entry("all before 17.3R3-S10"), entry("15.1X49 before 15.1X49-D240", platforms=("srx",))]
    assert statuses(record, "15.1X49-D230 15.1X49-D240 15.1X53-D9") == "afa"
    assert statuses(record, "15.1X49-D230 15.1X49-D240 15.1X53-D9", platform="srx") == "afa"
    assert statuses(record, "15.1X49-D240", platform="mx") == "a"


# CVE items

def test_a_cve_item() -> None:
    found = affected_from_cve({"product": "Junos OS", "platforms": ["SRX Series, MX Series with SPC3"], "versions": [
        {"version": "unspecified", "lessThan": "18.2R3", "status": "affected", "versionType": "custom"},
        {"version": "22.1", "status": "unaffected"},
        {"version": "21.1R1-EVO", "lessThan": "21.1*-EVO", "status": "affected"}]}, "exos", "junos")
    assert found == Affected(
        product="exos", platforms=("SRX Series", "MX Series with SPC3"),
        ranges=(VersionRange("", ("18.2R3",), text="unspecified before 18.2R3"),
                VersionRange("21.1R1-EVO", (), "21.1*-EVO", text="21.1R1-EVO before 21.1*-EVO")),
        unaffected=(VersionRange("22.1", status="unaffected", text="22.1"),))


@pytest.mark.parametrize(("versions", "default", "releases", "expected"), [
    ([{"version": "21.4R2", "lessThan": "unspecified", "status": "affected"}], None, "21.4R1 21.4R2 25.2R1", "naa"),
    ([{"version": "21.4R2", "lessThan": "*", "status": "affected"}], None, "21.4R1 21.4R2 25.2R1", "naa"),
    ([{"version": "21.1", "lessThanOrEqual": "21.*", "status": "affected"}], None, "20.4R3 21.1R1 21.4R3 22.1R1",
     "naan"),
    ([{"version": "0", "lessThanOrEqual": "21.1*-EVO", "status": "affected"}], None, "20.4R3 21.1R3 21.2R1", "aan"),
    ([{"version": "0", "lessThan": "22.4R3", "status": "unaffected"}], "affected", "21.1R1 22.4R2 22.4R3 23.2R1",
     "nnaa"),
    ([{"version": "22.4R3", "status": "unaffected"}], "affected", "22.4R2 22.4R3 22.4R3-S1", "ana"),
    ([{"version": "22.4R3", "status": "unknown"}], "unaffected", "22.4R2 22.4R3", "nu"),
    ([{"version": "22.4R3", "status": "affected"}], "unknown", "22.4R2 22.4R3", "ua"),
    ([], "unaffected", "22.4R2", "n"), ([], "affected", "22.4R2", "a"), ([], None, "22.4R2", "u"),
])
def test_statuses_of_cve_items(versions: list[object], default: str | None, releases: str, expected: str) -> None:
    item = {"versions": versions, **({"defaultStatus": default} if default else {})}
    assert statuses(affected_from_cve(item, "exos", "junos"), releases) == expected


@pytest.mark.parametrize(("version", "reason"), [
    ({"version": "n/a", "status": "affected"}, "holds 'n/a', which is neither a release nor a train"),
    ({"version": "21.4", "lessThan": "21.4R3-SX", "status": "affected"},
     "holds '21.4R3-SX', which is neither a release nor a train"),
    ({"version": "21.4R3", "lessThan": "21.4R2", "status": "affected"},
     "ends with 21.4R2, which does not come after its start 21.4R3"),
    ({"version": "21.4", "lessThan": "21.4R3", "lessThanOrEqual": "21.4R3", "status": "affected"},
     "has two ends, '21.4R3' and '21.4R3'"),
    ({"version": "21.4", "lessThan": "21.4R3", "status": "affected", "changes": [{"at": "x", "status": "unaffected"}]},
     "holds 'x', which is neither a release nor a train"),
    ({"version": "21.4", "status": "broken"},
     "cannot be read: Invalid enum value 'broken' - at `$.versions[0].status`"),
])
def test_messages_of_cve_items(version: object, reason: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        affected_from_cve({"versions": [version]}, "exos", "junos")
    assert str(caught.value) == reason and caught.value.remedy


@pytest.mark.parametrize("broken", [
    Affected(product="exos", ranges=(VersionRange("21.4RX"),)), Affected(product="exos", fixed=("21.4RX",)),
    Affected(product="exos", unaffected=(VersionRange("21.4", ("21.4RX",)),)),
    Affected(product="exos", introduced="21.4RX"),
    Affected(product="exos", ranges=(VersionRange("21.4", changes=(("21.4RX", "unaffected"),)),)),
])
def test_what_cannot_be_read_is_never_silently_unaffected(broken: Affected) -> None:
    for release in ("21.4R1", "25.2R1"):
        with pytest.raises(ReleaseError):
            verdict([broken], "exos", release, "junos")
    with pytest.raises(ReleaseError):
        verdict([entry("21.4")], "exos", "21.4RX", "junos")


# All known releases at once

trains = st.sampled_from(("15.1", "15.1X49", "20.4", "21.2", "21.4", "22.1"))
fixes = st.sampled_from(("R1-S1", "R2", "R2-S2", "R2-S2.7", "R3", "R3-S1"))


@st.composite
def shorthand(draw: st.DrawFn) -> VersionRange:
    train = draw(trains.filter(lambda name: "X" not in name))
    written = draw(st.sampled_from((f"{train}", f"{train}R2", f"{train}*", "all before 15.1X49-D240", "all before {0}",
                                    f"{train} before {{0}}", f"{train} before {{0}}, {{1}}", f"{train}R2 through {{0}}",
                                    f"{train} through 22.1", "15.1X49 before 15.1X49-D240", "all",
                                    f"20.1 through {train}")))
    later = [train + draw(fixes), train + draw(fixes)]
    try:
        found = parse_range(written.format(*later), "junos")[0]
    except ReleaseError:
        found = parse_range(train, "junos")[0]
    changes = draw(st.lists(st.tuples(fixes.map(lambda fix: train + fix), st.sampled_from(("affected", "unaffected"))),
                            max_size=3))
    status = draw(st.sampled_from(("affected", "affected", "unaffected", "unknown")))
    return msgspec.structs.replace(found, status=status, changes=tuple(changes))


@st.composite
def entries(draw: st.DrawFn) -> Affected:
    listed = draw(st.lists(st.tuples(trains.filter(lambda name: "X" not in name), fixes).map("".join), max_size=3))
    spans = ["20.4R2-21.2R1", "15.1R3-15.1X49-D235"] if draw(st.integers(0, 4)) == 0 else []
    return Affected(product="exos", platforms=draw(st.sampled_from(((), (), ("ar900",), ("ar900", "fw60")))),
                    ranges=tuple(draw(st.lists(shorthand(), max_size=4))), fixed=(*listed, *spans),
                    unaffected=tuple(draw(st.lists(shorthand(), max_size=2))),
                    default_status=draw(st.sampled_from(("unaffected", "unaffected", "affected", "unknown"))))


@given(st.lists(entries(), max_size=3), st.sampled_from((None, "ar900", "sx40")))
def test_all_at_once_is_the_same_as_one_by_one(listed: list[Affected], platform: str | None) -> None:
    compiled = compile_affected(listed, "exos", "junos")
    found = verdicts(listed, "exos", KNOWN, "junos", platform)
    assert found == {release: compiled.verdict(release, platform) for release in KNOWN}
    assert list(found) == sorted(KNOWN, key=lambda name: parse_release(name, "junos"))
    assert affected_releases(listed, "exos", KNOWN, "junos", platform) == [
        release for release, one in found.items() if one.status == "affected"]
    for one in found.values():
        assert one.reason.msgid in REASONS and "{" not in str(one.reason)


@st.composite
def within_trains(draw: st.DrawFn) -> Affected:
    """Entries as most reports have them: nothing reaches over two trains."""
    inside = shorthand().filter(lambda item: len(compile_rule(item, item.status, "junos").trains) == 1)
    fixed = st.tuples(trains.filter(lambda name: "X" not in name), fixes).map("".join)
    return Affected("exos", (), tuple(draw(st.lists(inside, max_size=4))), tuple(draw(st.lists(fixed, max_size=3))),
                    tuple(draw(st.lists(inside, max_size=1))), "", draw(st.sampled_from(("unaffected", "unknown"))))


@given(st.lists(entries() | within_trains(), min_size=1, max_size=3) | st.tuples(within_trains()))
def test_train_by_train_is_the_same_as_all_at_once(listed: list[Affected]) -> None:
    order = release_order(KNOWN, "junos")
    outcomes = Trains(order, "junos").outcomes(listed)
    if outcomes is None:
        return
    affected = {name for outcome in outcomes for first, end in outcome.affected for name in order.names[first:end]}
    assert affected == set(affected_releases(listed, "exos", KNOWN, "junos"))
    fixed = {order.names[at] for outcome in outcomes for at in outcome.fixed}
    assert fixed == set(fixed_releases(listed, "exos", order, "junos")) - affected


def test_what_lies_within_trains_is_asked_train_by_train() -> None:
    said = Trains(release_order(KNOWN, "junos"), "junos")
    assert said.outcomes([entry("21.2 before 21.2R3-S7", "21.4 before 21.4R2-S5, 21.4R3-S5")]) is not None
    assert said.outcomes([entry("all before 20.4R3-S9")]) is None


@given(st.lists(entries(), min_size=1, max_size=3))
def test_no_platform_is_affected_without_the_whole_being_affected(listed: list[Affected]) -> None:
    compiled = compile_affected(listed, "exos", "junos")
    for release in (name for name in KNOWN if "X" not in name):
        single = {compiled.verdict(release, platform).status for platform in ("ar900", "fw60", "elsewhere")}
        assert (compiled.verdict(release).status == "affected") == ("affected" in single)


@given(st.lists(entries(), max_size=3), st.sampled_from(KNOWN))
def test_verdicts_repeat_and_do_not_depend_on_the_order_of_entries(listed: list[Affected], release: str) -> None:
    first = verdict(listed, "exos", release, "junos")
    assert first == verdict(listed, "exos", release, "junos")
    assert first.status == verdict(listed[::-1], "exos", release, "junos").status


def test_the_cost_hardly_grows_with_the_number_of_known_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    real = Compiled.verdict

    def counting(self: Compiled, release: object, platform: str | None = None) -> Verdict:
        asked.append(release)
        return real(self, release, platform)  # type: ignore[arg-type]

    monkeypatch.setattr(ranges.Compiled, "verdict", counting)
    known = [f"{year}.{quarter}R{number}-S{service}" for year in range(15, 26) for quarter in range(1, 5)
             for number in range(1, 4) for service in range(1, 9)]
    record = entry("all before 20.4R3-S9", "21.2 before 21.2R3-S7", "21.4 before 21.4R2-S5, 21.4R3-S5",
                   "22.2 before 22.2R3-S3", "22.4 before 22.4R2-S2, 22.4R3")
    assert len(verdicts([record], "exos", known, "junos")) == 1056
    assert len(asked) < 45


@st.composite
def dotted(draw: st.DrawFn) -> Affected:
    """Ranges of all shapes over few releases, so that many overlap."""
    number = st.integers(1, 4).map(str)
    release = st.tuples(number, number, number).map(".".join)
    bound = release | st.tuples(number, number).map(".".join) | number.map("{}.*".format)
    change = st.tuples(release, st.sampled_from(("affected", "unaffected", "unknown")))
    item = st.builds(VersionRange, start=st.just("") | bound, before=st.lists(release, max_size=3).map(tuple),
                     status=st.sampled_from(("affected", "affected", "unaffected", "unknown")),
                     changes=st.lists(change, max_size=2).map(tuple)) | st.builds(VersionRange, start=bound, through=bound)
    return Affected(product="exos", ranges=tuple(draw(st.lists(item, max_size=6))),
                    unaffected=tuple(draw(st.lists(item, max_size=2))))


DOTTED = tuple(f"{one}.{two}.{three}" for one in range(1, 5) for two in range(1, 5) for three in range(5))


def contradictions_one_by_one(entry: Affected, scheme: str) -> list[str]:
    """The plain way: every range is asked about every release."""
    group = compile_group((), [entry], scheme)
    releases = [parse_release(text, scheme) for text in entry.fixed]
    rules = [(release, covering(group.trains.get(release.key[:group.family], group.others), release.key)) for release in releases]
    return [release.text for release, rule in rules if rule and rule.at(release.key)[0].status == "affected"]


@given(entries().map(lambda found: (msgspec.structs.replace(found, fixed=tuple(KNOWN)), "junos"))
       | dotted().map(lambda found: (msgspec.structs.replace(found, fixed=DOTTED), "dotted")))
@settings(max_examples=300)
def test_contradictions_are_those_that_asking_each_range_gives(asked: tuple[Affected, str]) -> None:
    assert contradictions(*asked) == contradictions_one_by_one(*asked)


def test_the_cost_of_contradictions_is_that_of_ranges_and_fixed_releases_added(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Key] = []
    real = Rule.covers

    def counting(self: Rule, key: Key) -> bool:
        asked.append(key)
        return real(self, key)

    listed = entry(*(f"{train}.1.1 before {train}.1.9" for train in range(500)),
                   *(f"1.1.{at} before 5.1.{at}" for at in range(500)), scheme="dotted",
                   fixed=tuple(f"{train}.1.{at}" for train in range(100) for at in (5, 9)))
    expected = contradictions_one_by_one(listed, "dotted")
    monkeypatch.setattr(Rule, "covers", counting)
    assert contradictions(listed, "dotted") == expected
    assert len(expected) == 102
    assert len(asked) < 8_000


# Reasons

@pytest.mark.parametrize(("written", "release", "reason"), [
    ("22.4 before 22.4R2-S2, 22.4R3", "22.4R1", "in train 22.4, before 22.4R2-S2 and 22.4R3"),
    ("22.4 before 22.4R1-S8, 22.4R2-S7, 22.4R3", "22.4R2", "in train 22.4, before 22.4R1-S8, 22.4R2-S7 and 22.4R3"),
    ("22.4 before 22.4R3-EVO", "22.4R1-EVO", "in train 22.4-EVO, before 22.4R3-EVO"),
    ("all before 21.2R3-S8", "20.1R1", "before 21.2R3-S8"),
    ("21.4R3 before 21.4R3-S5", "21.4R3-S1", "from 21.4R3 on, before 21.4R3-S5"),
    ("21.4R3 before 21.4R3-S5", "21.4R2", "earlier than 21.4R3, the first affected release of its train"),
    ("21.4R1 through 21.4R2", "21.4R1-S1", "from 21.4R1 through 21.4R2"),
    ("21.4R1 through 21.4R2", "21.4R3", "later than 21.4R2, the last affected release of its train"),
    ("all through 21.4R2", "21.4R1", "not later than 21.4R2"),
    ("21.4R2 through 21.4*", "21.4R3", "from 21.4R2 on"),
    ("21.4", "21.4R3", "every release of 21.4 is listed as affected"),
    ("21.4*", "21.4R3", "every release of 21.4 is listed as affected"),
    ("21.4R3", "21.4R3.4", "21.4R3 is listed as affected"),
    ("all", "21.4R3", "every release is listed as affected"),
    ("21.4 before 21.4R3", "21.4R3", "fixed in 21.4R3"),
    ("21.4 before 21.4R3", "21.4R3-S1", "holds the fix of 21.4R3"),
    ("21.4 before 21.4R3", "22.1R1", "in none of the affected ranges"),
])
def test_reasons(written: str, release: str, reason: str) -> None:
    assert why(entry(written), release) == reason


def test_a_reason_speaks_the_language_of_its_reader() -> None:
    catalogue = {"on {platforms}: {reason}": "{platforms}: {reason}",
                 "in train {train}, before {fixes}": "в линейке {train} до {fixes}"}
    reason = verdict([entry("22.4 before 22.4R2-S2, 22.4R3", platforms=("ar900",))], "exos", "22.4R1", "junos").reason
    assert reason.render(catalogue.__getitem__, " и ".join) == "ar900: в линейке 22.4 до 22.4R2-S2 и 22.4R3"
    assert isinstance(reason.params["reason"], Reason)


def test_no_reason_is_listed_twice() -> None:
    assert len(set(REASONS)) == len(REASONS)
