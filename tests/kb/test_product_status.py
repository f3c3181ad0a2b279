"""Product status: what machines are told of releases is what ``waypost affected`` says, for any ranges."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.product_status import PlatformStatus, product_statuses, range_text
from kb.products import Catalogue
from kb.ranges import Affected, compile_affected, in_range, parse_range
from kb.releases import parse_release
from prsearch.releases import affected
from tests.kb.any_ranges import ENTRIES, EXOS, KNOWN, PLATFORMS, library, report
from tests.kb.checking import library_of


@given(ENTRIES)
def test_releases_are_affected_as_the_command_says(entries: list[Affected]) -> None:
    found = library(entries)
    (status,) = product_statuses(report(entries), found.catalogue)
    for release in (*KNOWN, *status.releases.named):
        asked = bool(affected(found, EXOS, release))
        assert (release in status.releases.affected) == asked, release
        for part in status.parts:
            for platform in part.platforms or [name for name in PLATFORMS if all(name not in other.platforms for other in status.parts)]:
                assert (release in part.releases.affected) == bool(affected(found, EXOS, release, platform)), (release, platform)


@given(ENTRIES)
def test_each_release_has_one_status(entries: list[Affected]) -> None:
    (status,) = product_statuses(report(entries), Catalogue((EXOS,)))
    compiled = compile_affected(entries, "exos", "junos")
    for releases in (status.releases, *(part.releases for part in status.parts)):
        groups = (releases.affected, releases.fixed, releases.not_affected, releases.unknown)
        names = [name for group in groups for name in group]
        assert len(set(names)) == len(names) == len(KNOWN) + len(releases.named)
        assert all(list(group) == sorted(group, key=lambda name: parse_release(name, "junos").key) for group in groups)
    assert all(compiled.verdict(name).status == "fixed" for name in status.releases.fixed)
    assert all(set(part.first_fixed) <= set(part.releases.fixed) for part in status.parts)


def part_of(*written: str, **more: object) -> PlatformStatus:
    ranges = tuple(item for text in written for item in parse_range(text, "junos"))
    (status,) = product_statuses(report([Affected("exos", ranges=ranges, **more)]), Catalogue((EXOS,)))  # type: ignore[arg-type]
    (part,) = status.parts
    return part


def test_a_named_release_counts_though_no_catalogue_has_it() -> None:
    part = part_of("20.1 before 20.1R3-S3", fixed=("20.1R3-S3",))
    assert part.releases.named == part.first_fixed == ("20.1R3-S3",)
    assert part.releases.fixed == ("20.1R3-S3", "20.1R3-S4")
    assert part.releases.trains == ("20.1",)


def test_without_ranges_nothing_is_known() -> None:
    part = part_of()
    assert part.otherwise == "unknown"
    assert (part.releases.affected, len(part.releases.unknown)) == ((), len(KNOWN))


def test_exceptions_and_fixes_are_told_apart() -> None:
    part = part_of("20.1", unaffected=parse_range("20.1R1", "junos"))
    assert [range_text(item, "junos") for item in part.ranges] == ["vers:generic/>=20.1|<20.1X1"]
    assert [range_text(item, "junos") for item in part.exceptions] == ["vers:generic/20.1R1"]
    assert "20.1R1" in part.releases.not_affected


@pytest.mark.parametrize(("written", "scheme", "text"), [
    ("all", "junos", "vers:all/*"),
    ("21.4", "junos", "vers:generic/>=21.4|<21.4X1"),
    ("15.1X49", "junos", "vers:generic/>=15.1X49|<15.1X50"),
    ("21.4-EVO", "junos", "vers:generic/>=21.4-EVO|<21.4X1-EVO"),
    ("5.11", "dotted", "vers:generic/>=5.11|<5.12"),
    ("1.4", "semver", "vers:semver/>=1.4.0-0|<1.5.0-0"),
    ("21.4R2 through 21.4*", "junos", "vers:generic/>=21.4R2|<21.4X1"),
    ("21.4R2 through *", "junos", "vers:generic/>=21.4R2"),
    ("21.2 through 21.*", "junos", "21.2 through 21.*"),
    ("21.4R3", "junos", "vers:generic/21.4R3"),
    ("21.4 before 21.4R3-S5", "junos", "vers:generic/>=21.4|<21.4R3-S5"),
    ("all before 21.2R3-S8", "junos", "vers:generic/<21.2R3-S8"),
    ("22.2 before 22.2R2-S2, 22.2R3", "junos", "vers:generic/>=22.2|<22.2R2-S2"),
    ("22.2 before 22.2R1-S2, 22.2R3-S1", "junos", "vers:generic/>=22.2|<22.2R1-S2|>=22.2R2|<22.2R3-S1"),
    ("15.1X49 before 15.1X49-D100, 15.1X49-D120", "junos", "vers:generic/>=15.1X49|<15.1X49-D100|>=15.1X49-D101|<15.1X49-D120"),
    ("22.2-EVO before 22.2R2-S2-EVO, 22.2R4-EVO", "junos", "vers:generic/>=22.2-EVO|<22.2R2-S2-EVO|>=22.2R3-EVO|<22.2R4-EVO"),
    ("22.2 before 22.2R2-S2, 22.4R1", "junos", "22.2 before 22.2R2-S2, 22.4R1"),
    ("22.2R2 before 22.2R1-S3, 22.2R3", "junos", "22.2R2 before 22.2R1-S3, 22.2R3"),
    ("5.9 before 5.9.2, 5.9.4.1", "dotted", "vers:generic/>=5.9|<5.9.2|>=5.9.3|<5.9.4.1"),
    ("21.4R1 through 21.4R3-S2", "junos", "vers:generic/>=21.4R1|<=21.4R3-S2"),
    ("21.1*", "junos", "vers:generic/>=21.1|<21.1X1"),
    ("5.9 before 5.11.1", "dotted", "vers:generic/>=5.9|<5.11.1"),
    ("1.2.0 before 1.4.0-rc.1", "semver", "vers:semver/>=1.2.0|<1.4.0-rc.1"),
    ("all before 2.0", "semver", "vers:semver/<2.0.0-0"),
])
def test_ranges_in_words(written: str, scheme: str, text: str) -> None:
    (item,) = parse_range(written, scheme)
    assert range_text(item, scheme) == text


_scheme = st.sampled_from(["junos", "dotted"])
_fix_numbers = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=1, max_size=3, unique=True)


def _named(scheme: str, number: int, service: int) -> str:
    if scheme == "junos":
        return f"20.1R{number}" + (f"-S{service}" if service else "")
    return f"5.9.{number}.{service}"


@given(_scheme, _fix_numbers)
def test_constraints_say_what_the_rule_of_trains_says(scheme: str, numbers: list[tuple[int, int]]) -> None:
    train = {"junos": "20.1", "dotted": "5.9"}[scheme]
    (item,) = parse_range(f"{train} before {', '.join(_named(scheme, *pair) for pair in numbers)}", scheme)
    said = range_text(item, scheme).removeprefix("vers:generic/").split("|")
    for release in (parse_release(_named(scheme, number, service), scheme) for number in range(1, 7) for service in range(5)):
        inside = False
        for constraint in said[1:]:  # the first is the start of the train
            comparator, bound = constraint[:2].rstrip("0123456789"), constraint.lstrip("<>=")
            key = parse_release(bound, scheme).key
            if comparator == "<" and release.key < key:
                inside = True
                break
            if comparator == ">=" and release.key < key:
                break
        assert inside == in_range(release.text, item, scheme), (release.text, said)


def test_statuses_of_the_example_portal_have_all_that_is_affected() -> None:
    found = library_of(Path(__file__).resolve().parents[2] / "content")
    for record in found.records.values():
        for status in product_statuses(record, found.catalogue):
            compiled = compile_affected(record.affected, status.product.id, status.product.scheme)  # type: ignore[union-attr]
            said = [name for name in status.product.release_order.names if compiled.verdict(name).status == "affected"]
            assert [name for name in status.releases.affected if name not in status.releases.named] == said
